//! State folders that cannot be written, disks that are full: nothing begins that cannot be recorded, and nothing is lost.

use std::fs;

use crate::support::background::status;
use crate::support::program::{Place, ended, json, stderr};

const MANY: &str = r#"
runbook many, "Many" do
  step write, "Write" do
    each n, in: ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] do
      sh "echo #{n} >> writes", key: one
    end
    undo none, because: "a list of letters"
  end
end
"#;

/// The runs that there are.
fn runs(place: &Place) -> usize {
    json(&place.run(&["runs", "--format", "json"]))["runs"].as_array().unwrap().len()
}

#[test]
fn a_state_folder_that_cannot_be_written_is_named_before_anything_runs() {
    let place = Place::new();
    place.write("many.rb", MANY);
    place.write("file", "");
    for folder in ["file", "file/below"] {
        let output = place.run(&["--state-dir", folder, "exec", "many.rb"]);
        ended(&output, 2);
        let said = stderr(&output);
        assert!(said.contains("RB0908") && said.contains("--state-dir"), "{folder}: {said}");
    }
    assert!(!place.path("writes").exists());
}

#[test]
fn on_a_disk_that_is_full_nothing_begins() {
    let place = Place::new();
    place.write("many.rb", MANY);
    let output = place.on_full_disk(0, &["exec", "many.rb"]);
    ended(&output, 2);
    let said = stderr(&output);
    assert!(said.contains("RB0908") && said.contains("many"), "{said}");
    assert!(!place.path("writes").exists());
    assert_eq!(runs(&place), 0, "nothing is left of it");
    ended(&place.run(&["exec", "many.rb"]), 0);
}

#[test]
fn a_disk_that_fills_up_suspends_the_run_and_loses_nothing() {
    let mut stopped = 0;
    for kib in [2, 3, 4, 6, 8] {
        let place = Place::new();
        place.write("many.rb", MANY);
        let output = place.on_full_disk(kib, &["exec", "many.rb"]);
        if output.status.code() == Some(2) {
            assert_eq!((runs(&place), place.path("writes").exists()), (0, false), "{}", stderr(&output));
            continue;
        }
        ended(&output, 4);
        stopped += 1;
        let said = stderr(&output);
        assert!(said.contains("RB0908") && said.contains("to go on: runbook resume"), "{said}");
        assert_eq!(status(&place)["status"], "interrupted");
        // On the full disk it does not go on either, and does no harm.
        let before = fs::read_to_string(place.path("writes")).unwrap_or_default();
        ended(&place.on_full_disk(1, &["resume", "last"]), 4);
        assert_eq!(fs::read_to_string(place.path("writes")).unwrap_or_default(), before);
        let mut ended_at = place.run(&["resume", "last"]);
        if ended_at.status.code() == Some(4) {
            let waiting = &status(&place)["waiting"][0];
            let key = waiting["key"].as_str().unwrap();
            assert_eq!(key, "write/n/one!in_doubt", "{waiting}");
            let title = waiting["title"].as_str().unwrap();
            let letter = title.split_whitespace().nth(1).unwrap();
            let ran = fs::read_to_string(place.path("writes")).unwrap_or_default().lines().any(|line| line == letter);
            ended(&place.run(&["answer", "last", key, if ran { "ran" } else { "run_again" }]), 0);
            ended_at = place.run(&["resume", "last"]);
        }
        ended(&ended_at, 0);
        assert_eq!(fs::read_to_string(place.path("writes")).unwrap(), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", "{kib} KiB");
    }
    assert!(stopped >= 3, "the disk fills up in the middle of a run");
}
