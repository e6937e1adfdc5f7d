//! `runbook sim list`

use crate::support::program::{Place, ended, json, stderr, stdout};

#[test]
fn scenarios_beside_a_runbook_are_listed() {
    let mut place = Place::new();
    place.write("a.rb", "runbook a, \"A\" do\nend\n");
    place.write("a.sim/healthy.toml", "title = \"一切正常\"\nen = \"All is well\"\n[expect]\nexit = 0\n");
    place.write("a.sim/healthy.answers.toml", "[answers]\n");
    place.write("a.sim/breach.toml", "like = \"healthy\"\ntitle = \"未达标\"\n");
    place.write("b.rb", "runbook b, \"B\" do\nend\n");
    let list = place.run(&["sim", "list", "a.rb"]);
    ended(&list, 0);
    let text = stdout(&list);
    assert_eq!(text.lines().count(), 2, "answers are no scenarios: {text}");
    assert!(text.contains("healthy  All is well") && text.contains("breach   未达标  (no answers file"), "{text}");
    assert!(stderr(&list).contains("runbook exec a.rb --sim breach"), "{}", stderr(&list));

    let list = place.run(&["sim", "list", "--format", "json"]);
    ended(&list, 0);
    let found = json(&list);
    assert_eq!(found["schema"], 1);
    let healthy = &found["scenarios"][1];
    assert_eq!((&healthy["name"], &healthy["runbook"]), (&"healthy".into(), &"a.rb".into()));
    assert_eq!((&healthy["answers"], &healthy["expected_exit_code"]), (&true.into(), &0.into()));

    let none = place.run(&["sim", "list", "b.rb"]);
    ended(&none, 2);
    assert!(stderr(&none).contains("RB0869") && stderr(&none).contains("b.sim"), "{}", stderr(&none));
    let missing = place.run(&["sim", "list", "c.rb"]);
    ended(&missing, 2);
    assert!(stderr(&missing).contains("RB0868"), "{}", stderr(&missing));

    place.env("LANG", "zh_CN.UTF-8");
    assert!(stdout(&place.run(&["sim", "list", "a.rb"])).contains("healthy  一切正常"));
}

#[test]
fn a_scenario_that_cannot_be_used_says_why() {
    let place = Place::new();
    place.write("a.rb", "runbook a, \"A\" do\nend\n");
    place.write("a.sim/wrong.toml", "sed = 1\n");
    let list = place.run(&["sim", "list", "a.rb"]);
    ended(&list, 2);
    assert!(stdout(&list).contains("unknown key `sed`"), "{}", stdout(&list));
}

#[test]
fn what_a_simulation_writes_is_told_where_it_lies() {
    let place = Place::new();
    place.write("notes.rb", "runbook notes, \"N\" do\n  copy \"a.md\", to: \"out/b.md\"\nend\n");
    place.write("notes.sim/well.toml", "");
    place.write("a.md", "text");
    let run = place.run(&["exec", "notes.rb", "--sim", "well"]);
    ended(&run, 0);
    let said = stderr(&run);
    let told = said
        .lines()
        .find_map(|line| line.find('/').and_then(|at| line[at..].contains("SIMULATED-").then(|| &line[at..])));
    let told = told.unwrap_or_else(|| panic!("{said}"));
    assert_eq!(std::fs::read_to_string(told).unwrap(), "text", "{told}");
    assert!(!place.path("out/b.md").exists());
}
