//! Commands that misbehave, through the whole program (a stand-in for kubectl that is not there, fails, hangs, floods, or
//! writes what is no text), and commands of the program itself from another terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value as Json;

use crate::drivers_bench::{eventually, is_alive};
use crate::support::background::{status, waits_for};
use crate::support::program::{Place, ended, json, stderr, stdout};

/// One write by kubectl, which fails soon where it does not end.
const ROLLOUT: &str = r#"
runbook rollout, "Rollout" do
  step restart, "Restart" do
    sh "kubectl rollout restart deployment/web", key: kubectl, timeout: 2.s, max: 1.MB
    undo none, because: "an example"
  end
end
"#;

fn place(kubectl: Option<&str>) -> Place {
    let place = Place::new();
    place.write("rollout.rb", ROLLOUT);
    if let Some(script) = kubectl {
        let path = place.write("bin/kubectl", &format!("#!/bin/bash\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    place
}

/// Runs it with nobody there: the menu waits. What was said, and how `status` and the report tell it.
fn failed(place: &Place) -> (String, Json) {
    let output = place.run(&["exec", "rollout.rb"]);
    ended(&output, 4);
    let shown = status(place);
    assert!(waits_for(&shown, "restart/kubectl!failed"), "{shown}");
    let report = json(&place.run(&["report", "last", "--format", "json"]));
    let step =
        report["steps"].as_array().unwrap().iter().find(|step| step["key"] == "restart/kubectl").unwrap().clone();
    assert_eq!(step["state"], "fail", "{step}");
    (stderr(&output), step)
}

#[test]
fn one_that_is_not_on_path_is_named() {
    let place = place(None);
    place.write("rollout.rb", &ROLLOUT.replace("kubectl rollout", "kubectl-of-nobody rollout"));
    let (said, step) = failed(&place);
    assert!(step["detail"].as_str().unwrap().contains("kubectl-of-nobody"), "{step}");
    assert!(said.contains("kubectl-of-nobody: command not found"), "{said}");
}

#[test]
fn one_that_fails_says_its_code_and_its_last_words() {
    let (said, step) = failed(&place(Some("echo 'error: the server is not there' >&2; exit 7")));
    assert!(step["detail"].as_str().unwrap().contains('7'), "{step}");
    assert!(said.contains("error: the server is not there"), "{said}");
}

#[test]
fn one_that_hangs_is_ended_with_all_that_it_started() {
    let script = "setsid sleep 1000 & echo $! > pids; sleep 1000 & echo $! >> pids; echo $$ >> pids; wait";
    let place = place(Some(script));
    let (_, step) = failed(&place);
    assert!(step["detail"].as_str().unwrap().contains("not finished within 2s"), "{step}");
    let pids = fs::read_to_string(place.path("pids")).unwrap();
    let pids: Vec<i32> = pids.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(pids.len(), 3);
    eventually("nothing of it is left", || pids.iter().all(|pid| !is_alive(*pid)));
}

#[test]
fn one_that_writes_for_ever_is_ended_at_its_limit() {
    let place = place(Some("trap '' PIPE; while :; do echo 'a line of words that never ends'; done"));
    let (said, step) = failed(&place);
    assert!(step["detail"].as_str().unwrap().contains("more than 1000000 bytes"), "{step}");
    assert!(said.len() < 200_000, "{} bytes are shown", said.len());
}

#[test]
fn bytes_that_are_no_text_and_control_sequences_do_no_harm() {
    let place = place(Some(r"printf 'before \xff\xfe \033[2J\033]0;title\007 \303\251 after\n'"));
    let output = place.run(&["exec", "rollout.rb"]);
    ended(&output, 0);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("before \u{fffd}\u{fffd}") && said.contains("é after"), "{said}");
    assert!(!said.contains('\u{1b}') && !said.contains('\u{7}'), "{said:?}");
    ended(&place.run(&["log", "last"]), 0);
    ended(&place.run(&["report", "last"]), 0);
}

#[test]
fn what_failed_is_tried_again_when_a_person_says_so() {
    let place = place(Some("if [ -e fixed ]; then echo restarted; else exit 1; fi"));
    failed(&place);
    fs::write(place.path("fixed"), "").unwrap();
    ended(&place.run(&["answer", "last", "kubectl!failed", "retry"]), 0);
    ended(&place.run(&["resume", "last"]), 0);
}

#[test]
fn what_was_posted_to_a_suspended_run_is_said_until_somebody_takes_it_up() {
    let place = Place::new();
    place.write("asks.rb", "runbook asks, \"Asks\" do\n  confirm \"Go on?\", key: go\nend\n");
    ended(&place.run(&["exec", "asks.rb"]), 4);
    assert_eq!(status(&place)["posted"], serde_json::json!([]));
    ended(&place.run(&["abort", "last", "--because", "wrong cluster"]), 0);
    let posted = status(&place)["posted"].clone();
    assert_eq!((&posted[0]["what"], &posted[0]["because"]), (&"abort".into(), &"wrong cluster".into()), "{posted}");
    let shown = stdout(&place.run(&["status", "last"]));
    let run = status(&place)["run"].as_str().unwrap().to_owned();
    for part in ["abort: wrong cluster", "taken by whoever executes the run", &format!("runbook resume {run}")] {
        assert!(shown.contains(part), "{shown}");
    }
    ended(&place.run(&["resume", "last"]), 5);
    assert_eq!(status(&place)["posted"], serde_json::json!([]));
    assert_eq!(status(&place)["status"], "aborted");
}

#[test]
fn a_run_that_was_refused_has_a_status_of_the_list() {
    let place = Place::new();
    let locks = "  lock \"cluster/a\"\n  confirm \"Go on?\", key: go\nend\n";
    place.write("one.rb", &format!("runbook one, \"One\" do\n{locks}"));
    place.write("two.rb", &format!("runbook two, \"Two\" do\n{locks}"));
    ended(&place.run(&["exec", "one.rb"]), 4);
    let one = status(&place)["run"].as_str().unwrap().to_owned();
    let refused = place.run(&["exec", "two.rb"]);
    ended(&refused, 2);
    let said = stderr(&refused);
    assert!(
        said.contains(&format!("runbook resume {one}")) && said.contains(&format!("runbook status {one}")),
        "{said}"
    );
    let runs = json(&place.run(&["runs", "--format", "json"]))["runs"].clone();
    let two = runs.as_array().unwrap().iter().find(|run| run["runbook"] == "two").unwrap()["run"].as_str().unwrap();
    let shown = json(&place.run(&["status", two, "--format", "json"]));
    assert_eq!((&shown["status"], &shown["refused"]), (&"aborted".into(), &true.into()), "{shown}");
    assert!(stdout(&place.run(&["status", two])).contains("nothing ran"));
}
