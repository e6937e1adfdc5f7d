//! A run that is resumed after its runbook, a template or its kept source was changed; one that begins in the middle.

use std::fs;

use serde_json::Value as Json;

use crate::support::background::{status, waits_for};
use crate::support::program::{Place, ended, json, stderr};

const STEPS: &str = r#"
runbook steps, "Steps" do
  step one, "One" do
    sh "echo one >> writes", key: write
    report template: "page.md.j2", to: "one.md", key: page
    undo none, because: "a list of words"
  end
  confirm "Go on?", key: go
  step two, "Two" do
    sh "echo two >> writes", key: write
    report template: "page.md.j2", to: "two.md", key: page
    undo none, because: "a list of words"
  end
end
"#;

/// A run that waits between its two steps.
fn waiting() -> Place {
    let place = Place::new();
    place.write("steps.rb", STEPS);
    place.write("page.md.j2", "run {{ run.id }}\n");
    ended(&place.run(&["exec", "steps.rb"]), 4);
    ended(&place.run(&["answer", "last", "go", "yes"]), 0);
    place
}

fn text(place: &Place, path: &str) -> String {
    fs::read_to_string(place.path(path)).unwrap()
}

fn deviations(place: &Place) -> String {
    json(&place.run(&["report", "last", "--format", "json"]))["deviations"].to_string()
}

#[test]
fn a_change_of_what_has_not_run_is_shown_recorded_and_used() {
    let place = waiting();
    place.write("steps.rb", &STEPS.replace("echo two", "echo zwei"));
    let output = place.run(&["resume", "last"]);
    ended(&output, 0);
    let said = stderr(&output);
    assert!(said.contains("- 10:     sh \"echo two") && said.contains("+ 10:     sh \"echo zwei"), "{said}");
    assert_eq!(text(&place, "writes"), "one\nzwei\n");
    assert!(deviations(&place).contains("echo zwei"), "{}", deviations(&place));
    ended(&place.run(&["log", "last"]), 0);
}

#[test]
fn a_change_of_what_ran_is_refused_and_the_run_can_be_finished_as_it_was() {
    let place = waiting();
    for (changed, why) in [
        (STEPS.replace("echo one", "echo eins"), "one/write ran already and was changed"),
        (STEPS.replace("step one,", "step first,"), "one/write ran already and is not there any more"),
    ] {
        place.write("steps.rb", &changed);
        let output = place.run(&["resume", "last"]);
        ended(&output, 2);
        let said = stderr(&output);
        assert!(said.contains("RB0910") && said.contains(why) && said.contains("--as-executed"), "{said}");
    }
    place.write("steps.rb", "runbook steps, \"Steps\" do\n  oops\nend\n");
    ended(&place.run(&["resume", "last"]), 2);
    assert_eq!(text(&place, "writes"), "one\n", "nothing ran");
    ended(&place.run(&["resume", "last", "--as-executed"]), 0);
    assert_eq!(text(&place, "writes"), "one\ntwo\n");
    assert_eq!(deviations(&place), "[]");
}

/// Nothing in it has a key of its own but the step and the question.
const KEYLESS: &str = r#"
runbook keyless, "Keyless" do
  step one, "One" do
    sh "echo one >> writes"
    sh "echo two >> writes"
    confirm "Go on?", key: go
    sh "echo three >> writes"
    undo none, because: "a list of words"
  end
end
"#;

#[test]
fn statements_without_keys_are_the_same_where_those_before_them_are() {
    let asked = || {
        let place = Place::new();
        place.write("keyless.rb", KEYLESS);
        ended(&place.run(&["exec", "keyless.rb"]), 4);
        ended(&place.run(&["answer", "last", "go", "yes"]), 0);
        place
    };
    for (was, is, writes) in [
        ("\"One\"", "\"The first\"", "one\ntwo\nthree\n"),
        ("echo three", "echo drei", "one\ntwo\ndrei\n"),
        ("    undo", "    sh \"echo four >> writes\"\n    undo", "one\ntwo\nthree\nfour\n"),
        // With a key of its own it counts for none of the others.
        ("    sh \"echo one", "    sh read: \"true\", key: new, timeout: 5.s\n    sh \"echo one", ""),
    ] {
        let place = asked();
        place.write("keyless.rb", &KEYLESS.replace(was, is));
        let resumed = place.run(&["resume", "last"]);
        if writes.is_empty() {
            // It changes none of them; but the run would have had to begin with it.
            ended(&resumed, 2);
            let said = stderr(&resumed);
            let why = "one/new was put in before one/sh.1, which ran already";
            assert!(said.contains("RB0910") && said.contains(why) && said.contains("--as-executed"), "{said}");
            ended(&place.run(&["resume", "last", "--as-executed"]), 0);
            continue;
        }
        ended(&resumed, 0);
        assert_eq!(text(&place, "writes"), writes, "{is}");
        ended(&place.run(&["verify", "last"]), 0);
        ended(&place.run(&["log", "last"]), 0);
    }

    let place = asked();
    let id = status(&place)["run"].as_str().unwrap().to_owned();
    for (was, is, why) in [
        (
            "    sh \"echo one",
            "    sh \"echo zero >> writes\"\n    sh \"echo one",
            "one/sh.1 ran already and is one/sh.2 now",
        ),
        ("    sh \"echo one >> writes\"\n", "", "one/sh.2 ran already and is one/sh.1 now"),
        ("    sh \"echo one >> writes\"\n", "", "one/sh.1 ran already and is not there any more"),
        // Twins: which of them ran is not known any more.
        (
            "    sh \"echo one >> writes\"\n    sh \"echo two >> writes\"\n",
            "    sh \"echo two >> writes\"\n    sh \"echo two >> writes\"\n",
            "one/sh.2 ran already and may be another one now: one/sh.1 reads the same",
        ),
        ("echo one", "echo eins", "one/sh.1 ran already and was changed"),
        ("echo two", "echo zwei", "one/sh.2 ran already and was changed"),
    ] {
        place.write("keyless.rb", &KEYLESS.replace(was, is));
        let refused = place.run(&["resume", "last"]);
        ended(&refused, 2);
        let said = stderr(&refused);
        assert!(said.contains(why) && said.contains(&format!("runbook resume {id} --as-executed")), "{said}");
        assert!(!said.contains("has no key of its own"), "{said}");
    }
    assert_eq!(text(&place, "writes"), "one\ntwo\n");
}

#[test]
fn a_changed_template_is_shown_and_recorded_like_a_changed_runbook() {
    let place = waiting();
    place.write("page.md.j2", "changed {{ run.id }}\n");
    let output = place.run(&["resume", "last"]);
    ended(&output, 0);
    assert!(stderr(&output).contains("+ 1: changed {{ run.id }}"), "{}", stderr(&output));
    assert!(text(&place, "one.md").starts_with("run ") && text(&place, "two.md").starts_with("changed "));
    assert!(deviations(&place).contains("page.md.j2"), "{}", deviations(&place));
}

#[test]
fn files_that_are_gone_are_not_missed_since_the_run_has_its_own() {
    let place = waiting();
    fs::remove_file(place.path("page.md.j2")).unwrap();
    fs::remove_file(place.path("steps.rb")).unwrap();
    ended(&place.run(&["resume", "last"]), 0);
    assert!(text(&place, "two.md").starts_with("run "));
}

#[test]
fn a_kept_source_that_was_changed_or_lost_is_told_and_nothing_runs() {
    let place = waiting();
    let id = status(&place)["run"].as_str().unwrap().to_owned();
    for (name, changed) in [("steps.rb", STEPS.replace("two >>", "evil >>")), ("page.md.j2", "evil\n".to_owned())] {
        let kept = place.path(&format!("state/runs/{id}/source/{name}"));
        let before = fs::read(&kept).unwrap();
        fs::write(&kept, &changed).unwrap();
        let output = place.run(&["resume", "last"]);
        ended(&output, 2);
        let said = stderr(&output);
        assert!(said.contains("RB0909") && said.contains(name), "{said}");
        fs::remove_file(&kept).unwrap();
        let output = place.run(&["resume", "last"]);
        ended(&output, 2);
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
        fs::write(&kept, before).unwrap();
    }
    assert_eq!(text(&place, "writes"), "one\n");
    ended(&place.run(&["resume", "last"]), 0);
}

const MIDDLE: &str = r#"
runbook middle, "Middle" do
  step one, "One" do
    sh "echo one >> writes", key: write
    undo none, because: "a list of words"
  end
  step two, "Two" do
    sh "echo two >> writes", key: write
    undo none, because: "a list of words"
  end
end
"#;

#[test]
fn a_run_that_begins_in_the_middle_is_a_deviation() {
    let place = Place::new();
    place.write("middle.rb", MIDDLE);
    let wrong = place.run(&["exec", "middle.rb", "--from", "three"]);
    ended(&wrong, 2);
    assert!(stderr(&wrong).contains("three"), "{}", stderr(&wrong));
    assert!(!place.path("writes").exists());
    let past_an_undo = place.run(&["exec", "middle.rb", "--from", "two"]);
    ended(&past_an_undo, 2);
    assert!(stderr(&past_an_undo).contains("cannot be jumped over"), "{}", stderr(&past_an_undo));
    assert!(!place.path("writes").exists());
    let looks = MIDDLE.replacen("sh \"echo one >> writes\"", "sh read: \"echo one\", timeout: 10.s", 1);
    let looks = looks.replacen("    undo none, because: \"a list of words\"\n", "", 1);
    place.write("middle.rb", &looks);
    ended(&place.run(&["exec", "middle.rb", "--from", "two"]), 1);
    assert_eq!(text(&place, "writes"), "two\n");
    assert!(deviations(&place).contains("two"), "{}", deviations(&place));
}

#[test]
fn step_by_step_each_write_is_asked_about() {
    let place = Place::new();
    place.write("middle.rb", MIDDLE);
    ended(&place.run(&["exec", "middle.rb", "--step"]), 4);
    for key in ["one/write!step", "two/write!step"] {
        let shown = status(&place);
        assert!(waits_for(&shown, key), "{shown}");
        assert_eq!(shown["waiting"][0]["options"], serde_json::json!(["go_on", "skip", "suspend", "abort"]), "{shown}");
        ended(&place.run(&["answer", "last", key, "go_on"]), 0);
        let resumed = place.run(&["resume", "last"]);
        assert_eq!(resumed.status.code(), Some(if key.starts_with("two") { 0 } else { 4 }), "{}", stderr(&resumed));
    }
    assert_eq!(text(&place, "writes"), "one\ntwo\n");
    assert_eq!(status(&place)["verdict"], Json::from("pass"));
}
