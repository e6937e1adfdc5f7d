//! Journals of every released form are read, reported and resumed for ever: each folder of `tests/journals/vN` is a run as
//! a version of that form left it. A change that makes one of these tests fail strands the runs that wait in the field.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::support::background::{status, waits_for};
use crate::support::program::{Place, ended, json, repository, stderr, stdout};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::write(&to, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// A state folder with the runs of one form.
fn of_form(form: &str) -> Place {
    let place = Place::new();
    let kept = repository().join("tests/journals").join(form);
    copy(&kept, &place.path("state/runs"));
    for run in fs::read_dir(kept).unwrap() {
        // Folders that were empty, which a repository does not keep.
        let run = place.path("state/runs").join(run.unwrap().file_name());
        fs::create_dir_all(run.join("inbox/taken")).unwrap();
        fs::create_dir_all(run.join("artifacts")).unwrap();
    }
    place
}

/// A statement of the report that is there once.
#[track_caller]
fn step<'a>(report: &'a Json, key: &str) -> &'a Json {
    let mut steps = report["steps"].as_array().unwrap().iter();
    steps.find(|step| step["id"] == key).unwrap_or_else(|| panic!("{key}: {}", report["steps"]))
}

#[test]
fn a_run_of_form_1_is_read_and_reported() {
    let place = of_form("v1");
    let shown = status(&place);
    assert_eq!((&shown["run"], &shown["status"]), (&"20261126-0730-kept-4rvw".into(), &"suspended".into()));
    assert!(waits_for(&shown, "done"), "{shown}");
    let log = place.run(&["log", "last"]);
    ended(&log, 0);
    assert!(stdout(&log).contains("echo changed \"\"2s\"\""), "{}", stdout(&log));
    let report = json(&place.run(&["report", "last", "--format", "json"]));
    assert_eq!(report["started_at"], "2026-11-25T23:30:57.690898151Z");
    let objective = &report["slos"][0];
    assert!((objective["whole"].as_f64().unwrap() - 100.0 / 101.0).abs() < 1e-9, "{objective}");
    assert_eq!((&objective["used"], &objective["missed"]), (&3.into(), &0.into()));
    let samples: Vec<&Json> = report["samples"].as_array().unwrap().iter().map(|sample| &sample["state"]).collect();
    assert_eq!(samples, ["taken", "taken", "taken"]);
    assert_eq!((&report["answers"][0]["key"], &report["answers"][0]["note"]), (&"observe".into(), &"看过了".into()));
    assert_eq!(step(&report, "flaky/fails#1")["state"], "fail");
}

#[test]
fn a_run_of_form_1_is_answered_and_resumed_to_its_end() {
    let place = of_form("v1");
    for (key, value, code) in [("done", "yes", 4), ("state", "pass", 0)] {
        ended(&place.run(&["answer", "20261126", key, value]), 0);
        let resumed = place.run(&["resume", "last"]);
        assert_eq!(resumed.status.code(), Some(code), "{}", stderr(&resumed));
    }
    let report = json(&place.run(&["report", "last", "--format", "json"]));
    assert_eq!((&report["status"], &report["exit_code"]), (&"passed".into(), &0.into()));
    assert_eq!(step(&report, "last/write#1")["state"], "pass");
}
