//! Real runs of the program that are killed, and go on: nothing is done twice, nothing is guessed, and what is measured is
//! what an undisturbed run measures.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::signal::Signal;
use serde_json::Value as Json;

use crate::drivers_bench::eventually;
use crate::drivers_server::{Server, response, say};
use crate::support::background::{Background, status, waits_for};
use crate::support::program::{Place, ended, json, stderr, stdout};

/// A service whose counters are a function of the number of the scrape, so that the values of a run do not depend on when
/// it takes its samples.
fn service() -> Server {
    let asked = AtomicU32::new(0);
    Server::new(move |_, stream| {
        let n = asked.fetch_add(1, Ordering::SeqCst);
        let (good, bad) = counters(n);
        let text = format!(
            "# TYPE req counter\nreq{{status=\"200\"}} {good}\nreq{{status=\"500\"}} {bad}\n\
             # TYPE up_to gauge\nup_to {n}\n"
        );
        say(stream, &response("200 OK", "text/plain; version=0.0.4", text));
    })
}

/// Good and bad requests at scrape `n`: between any two scrapes the rate is another one.
fn counters(n: u32) -> (u32, u32) {
    (1_000 * (n + 1), 3 * n * n + n)
}

/// The success rate between two scrapes.
fn rate(from: u32, to: u32) -> f64 {
    let ((good, bad), (good_then, bad_then)) = (counters(to), counters(from));
    let (good, bad) = (f64::from(good - good_then), f64::from(bad - bad_then));
    1.0 - bad / (good + bad)
}

const GO_LIVE: &str = r#"
runbook live, "Go live" do
  param url, url
  source prod, scrape: url, timeout: 10.s
  slo ok, "Success", from: prod do
    value ratio bad: 'req{status="500"}', total: 'req'
    unit percent
    target >= 90.pct
    no_data fail
  end
  step prepare, "Prepare" do
    sh "echo first >> writes", key: first, timeout: 1.min
    sh "echo slow >> writes; until [ -e go ]; do sleep 0.05; done; echo slow done >> writes", key: slow, timeout: 5.min
    probe do
      sh read: "cat writes", timeout: 10.s, as: written
      done_when contains(written.out, "slow done")
    end
    undo none, because: "a list of words"
  end
  confirm "Observe?", key: observe
  query prod, as: zero
  sample prod, since: zero, every: 1.s, count: 9, as: baseline, slos: all do
  end
  confirm "Go on?", key: go
  step finish, "Finish" do
    sh "echo last >> writes", key: last, again: never
    undo none, because: "a list of words"
  end
end
"#;

fn writes(place: &Place) -> String {
    fs::read_to_string(place.path("writes")).unwrap_or_default()
}

fn report(place: &Place) -> Json {
    json(&place.run(&["report", "last", "--format", "json"]))
}

fn samples_taken(place: &Place) -> usize {
    let report = report(place);
    report["samples"].as_array().unwrap().iter().filter(|sample| sample["state"] == "taken").count()
}

#[test]
fn a_run_that_is_killed_three_times_repeats_no_write_and_marks_what_it_missed() {
    let server = service();
    let place = Place::new();
    place.write("live.rb", GO_LIVE);
    let url = format!("url={}", server.url("/metrics"));
    let run = Background::start(&place, &["exec", "live.rb", "--param", &url]);

    // First: in the middle of a write, whose process goes on.
    eventually("the slow write runs", || writes(&place).contains("slow\n"));
    run.kill();
    assert_eq!(status(&place)["status"], "interrupted");
    fs::write(place.path("go"), "").unwrap();
    eventually("the orphan ends", || writes(&place).contains("slow done"));

    // At a prompt it is suspended.
    let run = Background::start(&place, &["resume", "last"]);
    assert_eq!(run.ends(), 4, "nobody is there to answer");
    assert!(waits_for(&status(&place), "observe"), "the probe has found the write done: {}", status(&place));
    assert_eq!(writes(&place), "first\nslow\nslow done\n");

    // Second: between samples.
    ended(&place.run(&["answer", "last", "observe", "yes"]), 0);
    let run = Background::start(&place, &["resume", "last"]);
    eventually("two samples are taken", || samples_taken(&place) >= 2);
    run.kill();
    let before = report(&place);
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    // Third: once more, after another sample.
    let taken = samples_taken(&place);
    let run = Background::start(&place, &["resume", "last"]);
    eventually("another sample is taken", || samples_taken(&place) > taken);
    run.kill();
    let run = Background::start(&place, &["resume", "last"]);
    assert_eq!(run.ends(), 4);
    ended(&place.run(&["answer", "last", "go", "yes"]), 0);
    let run = Background::start(&place, &["resume", "last"]);
    assert_eq!(run.ends(), 0);

    assert_eq!(writes(&place), "first\nslow\nslow done\nlast\n", "no write is repeated");
    let report = report(&place);
    let states: Vec<&str> =
        report["samples"].as_array().unwrap().iter().map(|sample| sample["state"].as_str().unwrap()).collect();
    assert_eq!(states.len(), 9);
    assert!(states.contains(&"missed"), "{states:?}");
    assert_eq!(&states[..2], ["taken", "taken"]);
    let missed = states.iter().filter(|state| **state == "missed").count();
    assert_eq!(report["slos"][0]["missed"], missed);
    // The schedule is not shifted: each sample is due a second after the one before.
    let due: Vec<jiff::Timestamp> = report["samples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sample| sample["due"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(due.windows(2).all(|pair| pair[1].duration_since(pair[0]).as_secs() == 1), "{due:?}");
    // What was measured before the kill is what it was.
    let kept = before["samples"].as_array().unwrap().len();
    assert_eq!(report["samples"].as_array().unwrap()[..kept], before["samples"].as_array().unwrap()[..]);
    // Each value is the one between the scrape of the sample before and its own. A scrape that was under way at a kill was
    // answered and never seen: the next one that was seen follows after it.
    let mut last = 0;
    for sample in report["samples"].as_array().unwrap().iter().filter(|sample| sample["state"] == "taken") {
        let value = sample["values"]["ok"]["value"].as_f64().unwrap();
        let fits = (last + 1..=last + 3).find(|n| (value - rate(last, *n)).abs() < 1e-9);
        last = fits.unwrap_or_else(|| panic!("after scrape {last}: {sample}"));
    }
    let whole = report["slos"][0]["whole"].as_f64().unwrap();
    assert!((whole - rate(0, last)).abs() < 1e-9, "{whole} over scrapes 0 to {last}");
    ended(&place.run(&["log", "last"]), 0);
}

const SLOW: &str = r#"
runbook slow, "Slow" do
  step change, "Change" do
    sh "echo begun >> writes; until [ -e go ]; do sleep 0.05; done; echo ended >> writes", key: big, timeout: 5.min
    undo none, because: "a list of words"
  end
end
"#;

#[test]
fn a_command_that_outlived_its_executor_is_found_and_waited_for_also_after_a_second_crash() {
    let place = Place::new();
    place.write("slow.rb", SLOW);
    let run = Background::start(&place, &["exec", "slow.rb"]);
    eventually("the write runs", || writes(&place) == "begun\n");
    run.kill();
    for _ in 0..2 {
        let run = Background::start(&place, &["resume", "last"]);
        eventually("the command is found", || run.shown().contains("change/big#1 still runs:"));
        eventually("it is waited for", || status(&place)["status"] == "running");
        run.kill();
    }
    let run = Background::start(&place, &["resume", "last"]);
    eventually("the command is found", || run.shown().contains("change/big#1 still runs:"));
    fs::write(place.path("go"), "").unwrap();
    assert_eq!(run.ends(), 4, "what became of it is asked, and nobody is there");
    assert_eq!(writes(&place), "begun\nended\n");
    let status = status(&place);
    assert!(waits_for(&status, "change/big!in_doubt"), "{status}");
    let title = status["waiting"][0]["title"].as_str().unwrap();
    assert!(title.contains("echo begun >> writes"), "it says what is in doubt: {status}");
    ended(&place.run(&["answer", "last", "big!in_doubt", "ran"]), 0);
    ended(&place.run(&["resume", "last"]), 0);
    assert_eq!(writes(&place), "begun\nended\n");
}

#[test]
fn a_command_that_outlived_its_executor_is_stopped_with_the_run_that_waits_for_it() {
    let place = Place::new();
    place.write("slow.rb", SLOW);
    let run = Background::start(&place, &["exec", "slow.rb"]);
    eventually("the write runs", || writes(&place) == "begun\n");
    run.kill();
    let run = Background::start(&place, &["resume", "last"]);
    eventually("it is waited for", || run.shown().contains("still runs:") && status(&place)["status"] == "running");
    // Twice: once is given time to end.
    run.signal(Signal::SIGTERM);
    eventually("it says so", || run.shown().contains("about to suspend"));
    run.signal(Signal::SIGTERM);
    assert_eq!(run.ends(), 4);
    fs::write(place.path("go"), "").unwrap();
    ended(&place.run(&["resume", "last"]), 4);
    assert!(waits_for(&status(&place), "change/big!in_doubt"));
    assert_eq!(writes(&place), "begun\n", "nothing of it is left that could go on");
}

#[test]
fn a_signal_to_end_gives_a_write_time_and_its_outcome_is_known_at_the_resume() {
    let place = Place::new();
    place.write("slow.rb", SLOW);
    let run = Background::start(&place, &["exec", "slow.rb"]);
    eventually("the write runs", || writes(&place) == "begun\n");
    run.signal(Signal::SIGTERM);
    eventually("it says so", || run.shown().contains("about to suspend"));
    fs::write(place.path("go"), "").unwrap();
    assert_eq!(run.ends(), 4);
    ended(&place.run(&["resume", "last"]), 0);
    assert_eq!(writes(&place), "begun\nended\n");
}

const TWO: &str = r#"
runbook two, "Two" do
  lock "cluster/a"
  step change, "Change" do
    sh "echo once >> writes", key: once
    undo none, because: "a list of words"
  end
  confirm "Go on?", key: go
end
"#;

/// At a pipe that stays open nobody is there, and the run suspends; so a run is held by a command.
const HELD: &str = r#"
runbook held, "Held" do
  lock "cluster/a"
  sh read: "until [ -e go ]; do sleep 0.05; done", timeout: 5.min
end
"#;

#[test]
fn a_run_has_one_executor_and_a_target_one_run() {
    let place = Place::new();
    place.write("two.rb", TWO);
    place.write("held.rb", HELD);
    let run = Background::start(&place, &["exec", "held.rb"]);
    eventually("it runs", || status(&place)["status"] == "running");
    let id = status(&place)["run"].as_str().unwrap().to_owned();
    let second = place.run(&["resume", &id]);
    ended(&second, 2);
    let said = stderr(&second);
    assert!(said.contains("RB0906") && said.contains("is executed by") && said.contains("runbook attach"), "{said}");
    let other = place.run(&["exec", "two.rb"]);
    ended(&other, 2);
    let said = stderr(&other);
    assert!(said.contains("cluster/a is locked by run") && said.contains(&id), "{said}");
    assert_eq!(writes(&place), "", "nothing of it ran");
    // A run that was killed holds its target: half of a change may be there.
    run.kill();
    ended(&place.run(&["exec", "two.rb"]), 2);
    fs::write(place.path("go"), "").unwrap();
    ended(&place.run(&["resume", &id]), 0);
    ended(&place.run(&["exec", "two.rb"]), 4);
    assert_eq!(writes(&place), "once\n");
}

#[test]
fn a_run_that_is_refused_gives_back_what_it_took_and_is_not_the_last_one() {
    let place = Place::new();
    place.write("two.rb", TWO);
    place.write("held.rb", &HELD.replace("lock \"cluster/a\"", "lock \"cluster/b\""));
    place.write("both.rb", &TWO.replace("lock \"cluster/a\"", "lock \"cluster/b\"\n  lock \"cluster/a\""));
    fs::write(place.path("go"), "").unwrap();
    ended(&place.run(&["exec", "two.rb"]), 4);
    let id = status(&place)["run"].clone();
    // It has b before it is refused a.
    ended(&place.run(&["exec", "both.rb"]), 2);
    assert_eq!(status(&place)["run"], id, "a refused run is no run to go on with");
    ended(&place.run(&["exec", "held.rb"]), 0);

    place.write(
        "from.rb",
        "runbook from, \"From\" do\n  lock \"cluster/b\"\n  precheck ready, \"Ready\" do\n    sh read: \"true\", timeout: 5.s\n  end\n  \
         step go, \"Go\" do\n    sh \"true\", timeout: 5.s\n    undo none, because: \"nothing\"\n  end\nend\n",
    );
    ended(&place.run(&["exec", "from.rb", "--from", "go"]), 2);
    ended(&place.run(&["exec", "from.rb"]), 0);
}

#[test]
fn a_suspended_run_keeps_its_target_or_gives_it_back_as_the_runbook_says() {
    let place = Place::new();
    place.write("two.rb", TWO);
    place.write("held.rb", HELD);
    fs::write(place.path("go"), "").unwrap();
    ended(&place.run(&["exec", "two.rb"]), 4);
    let id = status(&place)["run"].as_str().unwrap().to_owned();
    let kept = place.run(&["exec", "held.rb"]);
    ended(&kept, 2);
    assert!(stderr(&kept).contains("cluster/a is locked by run"), "{}", stderr(&kept));
    ended(&place.run(&["answer", &id, "go", "yes"]), 0);
    ended(&place.run(&["resume", &id]), 0);

    place.write("two.rb", &TWO.replace("lock \"cluster/a\"", "lock \"cluster/a\", suspended: release"));
    ended(&place.run(&["exec", "two.rb"]), 4);
    let id = status(&place)["run"].as_str().unwrap().to_owned();
    ended(&place.run(&["exec", "held.rb"]), 0);
    // Somebody works on the target: the run does not go on beside him.
    fs::remove_file(place.path("go")).unwrap();
    let other = Background::start(&place, &["exec", "held.rb"]);
    eventually("it runs", || status(&place)["status"] == "running");
    ended(&place.run(&["answer", &id, "go", "yes"]), 0);
    let refused = place.run(&["resume", &id]);
    ended(&refused, 4);
    assert!(stderr(&refused).contains("cluster/a is locked by run"), "{}", stderr(&refused));
    fs::write(place.path("go"), "").unwrap();
    assert_eq!(other.ends(), 0);
    ended(&place.run(&["resume", &id]), 0);
    ended(&place.run(&["exec", "held.rb"]), 0);
}

#[test]
fn a_target_is_given_back_when_nothing_of_the_run_works_on_it_any_more() {
    let place = Place::new();
    place.write("held.rb", HELD);
    place.write(
        "slow.rb",
        r#"
runbook slow, "Slow" do
  lock "cluster/a"
  step change, "Change" do
    undo none, because: "a list of words"
    sh <<~'BASH', timeout: 1.min
      trap 'sleep 0.5; ls "$RUNBOOK_STATE_DIR/locks" | wc -l > held; exit 1' INT
      touch begun
      sleep 50
    BASH
  end
end
"#,
    );
    let run = Background::start(&place, &["exec", "slow.rb"]);
    eventually("it runs", || place.path("begun").exists());
    ended(&place.run(&["abort", "last", "--because", "no longer wanted"]), 0);
    assert_eq!(run.ends(), 5);
    let held = fs::read_to_string(place.path("held")).unwrap();
    assert_eq!(held.trim(), "1", "while its command was being ended the run held its target");
    fs::write(place.path("go"), "").unwrap();
    ended(&place.run(&["exec", "held.rb"]), 0);
}

#[test]
fn a_run_is_answered_watched_suspended_and_aborted_from_elsewhere() {
    let place = Place::new();
    place.write(
        "asks.rb",
        r#"
runbook asks, "Asks" do
  confirm "First?", key: first
  sh read: "until [ -e go ]; do sleep 0.05; done", timeout: 5.min, key: wait
  confirm "Second?", key: second
end
"#,
    );
    ended(&place.run(&["exec", "asks.rb"]), 4);
    ended(&place.run(&["answer", "last", "first", "maybe"]), 2);
    ended(&place.run(&["answer", "last", "third", "yes"]), 2);
    ended(&place.run(&["answer", "last", "first", "yes", "--note", "seen"]), 0);
    let twice = place.run(&["answer", "last", "first", "no"]);
    ended(&twice, 2);
    assert!(stderr(&twice).contains("answered already: yes"), "{}", stderr(&twice));
    let run = Background::start(&place, &["resume", "last"]);
    eventually("the command runs", || status(&place)["status"] == "running");
    let log = Background::start(&place, &["log", "last", "--follow"]);
    fs::write(place.path("go"), "").unwrap();
    assert_eq!(run.ends(), 4);
    assert_eq!(log.ends(), 0, "who follows sees the end");
    ended(&place.run(&["abort", "last", "--because", "no longer wanted"]), 0);
    ended(&place.run(&["resume", "last"]), 5);
    let report = report(&place);
    assert_eq!((&report["status"], &report["exit_code"]), (&Json::from("aborted"), &Json::from(5)));
    assert!(report["reasons"].to_string().contains("no longer wanted"), "{}", report["reasons"]);
    assert_eq!(report["answers"][0]["note"], "seen");
    ended(&place.run(&["resume", "last"]), 2);
    ended(&place.run(&["answer", "last", "second", "yes"]), 2);
}

#[test]
fn who_confirms_a_rollback_from_elsewhere_sees_what_it_would_do() {
    let place = Place::new();
    place.write(
        "undone.rb",
        r#"
runbook undone, "Undone" do
  step one, "One" do
    sh "echo one >> writes", timeout: 5.s
    undo sh: "echo undo-one >> writes"
  end
  sh read: "exit 7", timeout: 5.s, key: look
end
"#,
    );
    ended(&place.run(&["exec", "undone.rb"]), 4);
    ended(&place.run(&["answer", "last", "look!failed", "rollback", "--note", "it is broken"]), 0);
    let asked = place.run(&["resume", "last"]);
    ended(&asked, 4);
    for (said, what) in [(stderr(&asked), "suspension"), (stdout(&place.run(&["status", "last"])), "status")] {
        assert!(said.contains(": echo undo-one >> writes"), "{what}: {said}");
        assert!(said.contains("it is broken") && said.contains("Roll back?"), "{what}: {said}");
    }
    let about = status(&place)["waiting"][0]["about"].to_string();
    assert!(about.contains("echo undo-one >> writes"), "{about}");
    ended(&place.run(&["answer", "last", "run!rollback", "yes"]), 0);
    ended(&place.run(&["resume", "last"]), 3);
    assert_eq!(writes(&place), "one\nundo-one\n");
}

#[test]
fn what_leaves_something_out_is_answered_with_a_reason_only() {
    let place = Place::new();
    place.write("fails.rb", "runbook fails, \"F\" do\n  sh read: \"exit 7\", timeout: 5.s, key: look\nend\n");
    let answers = place.write("bare.toml", "[answers]\n\"look!failed\" = \"skip\"\n");
    let bare = place.run(&["exec", "fails.rb", "--answers", answers.to_str().unwrap()]);
    ended(&bare, 4);
    assert!(stderr(&bare).contains("it needs a reason"), "{}", stderr(&bare));
    let refused = place.run(&["answer", "last", "look!failed", "skip"]);
    ended(&refused, 2);
    assert!(stderr(&refused).contains("RB0842") && stderr(&refused).contains("--note"), "{}", stderr(&refused));
    ended(&place.run(&["answer", "last", "look!failed", "skip", "--note", "known since May"]), 0);
    ended(&place.run(&["resume", "last"]), 1);
    assert!(report(&place)["reasons"].to_string().contains("known since May"), "{}", report(&place)["reasons"]);

    let given = place.write("given.toml", "[answers]\n\"look!failed\" = { value = \"skip\", note = \"known\" }\n");
    ended(&place.run(&["exec", "fails.rb", "--answers", given.to_str().unwrap()]), 1);
}

#[test]
fn a_run_that_was_suspended_from_elsewhere_goes_on_at_the_resume() {
    let place = Place::new();
    place.write("slow.rb", SLOW);
    let run = Background::start(&place, &["exec", "slow.rb"]);
    eventually("the write runs", || writes(&place) == "begun\n");
    ended(&place.run(&["suspend", "last"]), 0);
    eventually("it says so", || run.shown().contains("about to suspend"));
    fs::write(place.path("go"), "").unwrap();
    assert_eq!(run.ends(), 4);
    ended(&place.run(&["resume", "last"]), 0);
    assert_eq!(writes(&place), "begun\nended\n");
}

#[test]
fn an_abort_that_came_while_nobody_executed_the_run_begins_nothing_first() {
    let place = Place::new();
    let safe = SLOW.replace("key: big,", "key: big, again: safe,");
    place.write("slow.rb", &safe);
    let run = Background::start(&place, &["exec", "slow.rb"]);
    eventually("the write runs", || writes(&place) == "begun\n");
    run.kill();
    fs::write(place.path("go"), "").unwrap();
    eventually("the command has ended", || writes(&place) == "begun\nended\n");
    ended(&place.run(&["abort", "last", "--because", "no longer wanted"]), 0);
    ended(&place.run(&["resume", "last"]), 5);
    assert_eq!(writes(&place), "begun\nended\n", "nothing was begun again");
    assert_eq!(report(&place)["status"], "aborted");
}

#[test]
fn a_handler_that_was_suspended_alone_is_shown_and_goes_on_after_the_resume() {
    let server = service();
    let place = Place::new();
    place.write(
        "parked.rb",
        r#"
runbook parked, "Parked" do
  param url, url
  source prod, scrape: url, timeout: 10.s
  slo ok, "Success", from: prod do
    value ratio bad: 'req{status="500"}', total: 'req'
    unit percent
    target >= 99.99.pct
    no_data fail
  end
  query prod, as: zero
  sample prod, since: zero, every: 1.s, count: 2, as: baseline, slos: all do
    on breach(any) do
      suspend because: "somebody has to look"
      note "it was looked at"
    end
  end
end
"#,
    );
    let url = format!("url={}", server.url("/metrics"));
    ended(&place.run(&["exec", "parked.rb", "--param", &url]), 4);
    let shown = status(&place);
    assert_eq!((&shown["status"], &shown["waiting"]), (&Json::from("suspended"), &serde_json::json!([])));
    assert_eq!(shown["parked"][0]["because"], "somebody has to look", "{shown}");
    assert_eq!(shown["parked"].as_array().unwrap().len(), 1);
    let human = stdout(&place.run(&["status", "last"]));
    assert!(human.contains("breach of ok: somebody has to look"), "{human}");
    let resumed = place.run(&["resume", "last"]);
    ended(&resumed, 1);
    assert!(stderr(&resumed).contains("it was looked at"), "{}", stderr(&resumed));
    assert_eq!(status(&place)["parked"], serde_json::json!([]));
}
