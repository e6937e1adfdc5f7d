//! `default(x, y)`: what is not there has something in its place; what is wrong is said.

use runbook::engine::action::Ending;
use runbook::engine::input::{Data, Output};
use runbook::value::json;

use crate::support::play::Play;

/// How a run ends that asserts that the expression is 7; none: it asks about a failure.
fn seven(expr: &str) -> Option<Ending> {
    let mut play = Play::of(&format!(
        r#"
        sh read: "look", timeout: 5.s, parse: json, as: live
        assert {expr} == 7, "is seven"
        "#
    ));
    let value = serde_json::json!({ "there": 7, "nothing": null, "text": "x", "inside": { "list": [] } });
    let (out, err, value) = (Output::default(), Output::default(), Some(json::from_json(value)));
    play.outcome("sh.1#1", None, Data::Shell { code: Some(0), out, err, value });
    play.ending()
}

#[test]
fn a_path_that_leads_nowhere_is_replaced() {
    for expr in ["live.value.there", "default(live.value.there, 1)", "default(live.value.nothing, 7)"] {
        assert_eq!(seven(expr), Some(Ending::Passed), "{expr}");
    }
    for expr in ["live.value.missing.deeper", "live.value.inside.list[0]", "number(live.value.missing)"] {
        assert_eq!(seven(&format!("default({expr}, 7)")), Some(Ending::Passed), "{expr}");
    }
}

#[test]
fn what_is_wrong_is_not_taken_for_missing() {
    for expr in [
        "number(live.value.text)",
        "10 / (live.value.there - 7)",
        "number(default(live.value.missing, \"none\"))",
        "choose(live.value.there > 9, live.value.missing, number(live.value.text))",
    ] {
        assert_eq!(seven(&format!("default({expr}, 7)")), None, "{expr}");
    }
}

#[test]
fn a_path_leads_over_what_may_be_null_where_something_stands_in_its_place() {
    let mut play = Play::of(
        r##"
        each n, in: ["a"], key: put, stop_after: none, as: results do
          sh read: "count #{n}", timeout: 5.s, as: found
        end
        assert default(first(results).found.out, "nothing") == "nothing", "nothing was found"
        note "#{first(results).found.out}"
        "##,
    );
    play.fails("put[a]/sh.1#1", runbook::engine::input::FailureKind::Failed, "exit 1");
    play.choose("put!failed#1", "skip");
    assert_eq!(play.ending(), Some(Ending::NotPassed), "{:?}", play.waits());
    assert_eq!(crate::parallel::told_notes(&play), ["—"]);
}
