//! `set`: a person gives a name another value.

use runbook::engine::input::{Begin, Command, FailureKind};
use runbook::engine::telling::Telling;
use runbook::value::Value;

use crate::support::play::{Play, program};

/// Sets it; gives why not.
fn set(play: &mut Play, name: &str, value: &str) -> Option<String> {
    let before = play.actions.len();
    play.command_of_person(Command::Set { name: name.to_owned(), value: value.to_owned() });
    let told = play.actions.split_off(before);
    let refused = told.iter().find_map(|action| match action {
        runbook::engine::action::Action::Tell(telling) => match &**telling {
            Telling::Warning { text } => Some(text.en.clone()),
            _telling => None,
        },
        _action => None,
    });
    play.actions.extend(told);
    refused
}

#[test]
fn a_parameter_keeps_its_limits() {
    let body = r#"
        param metrics_url, url, default: "http://web.example/metrics", matches: /metrics$/, not_host: ["localhost"]
        param samples, int, default: 3, min: 1, max: 100
        param tag, string, default: "v1", matches: /^v/
        param pause, duration, default: 5.min, unit: min
        confirm "Go?", key: go
    "#;
    let mut play = Play::begin(program(&format!("runbook t, \"T\" do\n{body}\nend\n")), Begin::default());
    let wrong = [
        ("metrics_url", "http://localhost/metrics", "its host is localhost"),
        ("metrics_url", "http://web.example/", "metrics"),
        ("samples", "-5", "-5"),
        ("samples", "101", "101"),
        ("tag", "1", "/^v/"),
    ];
    for (name, value, why) in wrong {
        let said = set(&mut play, name, value).unwrap_or_else(|| panic!("{name} = {value} was taken"));
        assert!(said.contains(why) && said.contains(name), "{said}");
    }
    assert!(play.view().deviations.is_empty());
    assert_eq!(set(&mut play, "samples", "5"), None);
    assert_eq!(set(&mut play, "pause", "7"), None, "a bare number is in the parameter's unit");
    let vars = play.view().vars;
    let value = |name: &str| vars.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
    assert_eq!(value("samples"), Some(Value::Int(5)));
    assert_eq!(value("pause"), Some(Value::Duration(jiff::SignedDuration::from_mins(7))));
    play.replays();
}

#[test]
fn an_answer_keeps_the_limits_of_its_question() {
    let mut play = Play::of("ask size, int, \"Size?\", min: 1, max: 9\nconfirm \"Go?\", key: go");
    play.answer("size#1", Value::Int(3));
    assert!(set(&mut play, "size", "10").is_some());
    assert_eq!(set(&mut play, "size", "9"), None);
    play.replays();
}

#[test]
fn a_name_of_a_scenario_is_set_where_it_lives() {
    let mut play = Play::of(
        r#"
        confirm "Go?", key: go
        run grow, size: 1
        scenario grow, "Grow", params: { size: int } do
          sh "resize #{size}", timeout: 5.s
        end
        "#,
    );
    let refused = set(&mut play, "size", "99").expect("nothing has this name yet");
    assert!(refused.contains("`size`"), "{refused}");
    play.answer("go#1", Value::Bool(true)).fails("grow/sh.1#1", FailureKind::Failed, "no");
    assert_eq!(set(&mut play, "size", "99"), None);
    play.choose("grow/sh.1!failed#1", "retry");
    assert_eq!(play.command("grow/sh.1#1~2"), "resize 99");
    assert!(play.view().deviations[0].what.en.contains("(before: 1)"), "{:?}", play.view().deviations);
    play.replays();
}

#[test]
fn what_cannot_be_set_is_told_with_what_can() {
    let mut play =
        Play::of("param samples, int, default: 3\nsh read: \"look\", as: seen, timeout: 5.s\nconfirm \"Go?\", key: go");
    play.done("sh.1#1", "out");
    let field = set(&mut play, "seen.out", "else").expect("it has its outcome");
    assert!(field.contains("what an effect gave") && field.contains("what can be set: samples"), "{field}");
    let record = set(&mut play, "seen", "else").expect("a record is none");
    assert!(record.contains("the run itself makes") && record.contains("samples"), "{record}");
    let none = set(&mut play, "sample", "4").expect("there is none");
    assert!(none.contains("no such name") && none.contains("samples"), "{none}");
    play.replays();
}
