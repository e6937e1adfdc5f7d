//! What ends a run from one branch, while others are under way.

use runbook::engine::action::{Ending, PromptKind};
use runbook::engine::input::{Command, FailureKind};
use runbook::engine::telling::Telling;
use runbook::value::Value;

use crate::support::play::Play;

const ENOUGH: &str = r#"
    parallel do
      branch a, "A" do
        confirm "enough?", key: enough
        finish because: "enough"
      end
      branch b, "B" do
        step change, "Change" do
          undo none, because: "test"
          sh "change"
        end
      end
    end
"#;

#[test]
fn a_run_that_is_finished_beside_a_write_has_not_passed() {
    for finally in ["", "finally do\nnote \"over\"\nend"] {
        let mut play = Play::of(&format!("{ENOUGH}{finally}"));
        play.answer("parallel.1/a/enough#1", Value::Bool(true));
        assert_eq!(play.ending(), Some(Ending::NotPassed), "the write was stopped half-way");
        play.replays();
    }
}

#[test]
fn a_run_that_is_finished_beside_an_undecided_failure_has_not_passed() {
    let mut play = Play::of(ENOUGH);
    play.fails("parallel.1/b/change/sh.1#1", FailureKind::Failed, "exit 1");
    play.answer("parallel.1/a/enough#1", Value::Bool(true));
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    let reasons: Vec<String> = play.view().reasons.into_iter().filter_map(|reason| reason.en).collect();
    assert_eq!(reasons, ["parallel.1/b/change/sh.1#1: exit 1"]);
    let mut play = Play::of(ENOUGH);
    play.done("parallel.1/b/change/sh.1#1", "");
    play.answer("parallel.1/a/enough#1", Value::Bool(true));
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
}

#[test]
fn a_run_that_ends_beside_a_command_of_a_person_has_not_passed() {
    let mut play = Play::of("confirm \"go on?\", key: go");
    play.command_of_person(Command::Shell { command: "repair".to_owned() });
    play.answer("go#1", Value::Bool(true));
    assert_eq!(play.ending(), Some(Ending::NotPassed));
}

#[test]
fn what_was_armed_while_a_rollback_was_asked_for_is_shown_before_it_runs() {
    let mut play = Play::of(
        r#"parallel do
             branch a, "A" do
               step one, "One" do
                 sh "change a"
                 undo sh: "undo a"
                 sh "go on with a"
               end
             end
             branch b, "B" do
               step two, "Two" do
                 sh "change b"
                 undo sh: "undo b"
                 confirm "is b well?"
               end
             end
           end"#,
    );
    let plan = |play: &Play, id: &str| -> Vec<String> {
        let PromptKind::Rollback { plan, .. } = play.prompt(id).kind else { panic!("{id}") };
        plan.into_iter().map(|line| line.text).collect()
    };
    play.done("parallel.1/a/one/sh.1#1", "");
    play.fails("parallel.1/a/one/sh.2#1", FailureKind::Failed, "exit 1");
    play.choose("parallel.1/a/one/sh.2!failed#1", "rollback");
    assert_eq!(plan(&play, "run!rollback#1"), ["parallel.1/a/one#1: undo a"]);
    play.done("parallel.1/b/two/sh.1#1", "");
    play.answer("run!rollback#1", Value::Bool(true));
    let shown = ["parallel.1/b/two#1: undo b", "parallel.1/a/one#1: undo a"];
    assert_eq!(plan(&play, "run!rollback#2"), shown, "who agreed has not seen all of it");
    play.answer("run!rollback#2", Value::Bool(true));
    assert_eq!(play.ending(), None);
    assert!(play.tellings().iter().any(|told| matches!(told.within(), Telling::RollbackBegan { .. })));
    play.replays();
}

#[test]
fn a_rollback_that_was_asked_for_before_a_point_of_no_return_is_refused_behind_it() {
    let mut play = Play::of(
        r#"step one, "One" do
             sh "change"
             undo sh: "undo"
           end
           no_return "Gone", key: gone
           confirm "is it well?", key: well"#,
    );
    play.done("one/sh.1#1", "");
    play.command_of_person(Command::Rollback { because: "no".to_owned() });
    play.answer("gone#1", Value::Bool(true));
    play.answer("run!rollback#1", Value::Bool(true));
    assert_eq!(play.waits(), ["well#1"], "there is no way back any more");
    play.answer("well#1", Value::Bool(true));
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
}
