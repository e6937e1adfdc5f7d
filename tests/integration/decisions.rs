//! What a person decides about a failure or a doubt, and what it leads to.

use runbook::engine::action::Ending;
use runbook::engine::input::{Command, FailureKind};
use runbook::value::Value;

use crate::support::play::Play;

fn choices(play: &Play, id: &str) -> Vec<String> {
    play.prompt(id).choices.into_iter().map(|choice| choice.key).collect()
}

fn rolled_back(play: &mut Play) {
    play.command_of_person(Command::Rollback { because: "bad".to_owned() });
    play.answer("run!rollback#1", Value::Bool(true));
}

#[test]
fn an_undo_of_a_required_step_can_be_skipped_and_the_rest_still_runs() {
    let mut play = Play::of(
        r#"
        step a, "A" do
          sh "one", timeout: 5.s
          undo do
            sh "remove a", timeout: 5.s
          end
        end
        step b, "B", required: true do
          sh "two", timeout: 5.s
          undo do
            sh "remove b", timeout: 5.s
          end
          undo manual: "look at b"
        end
        confirm "well?", key: well
        rollback do
          sh "tell", timeout: 5.s
          step last, "Last", required: true do
            sh "count", timeout: 5.s
          end
        end
        "#,
    );
    play.done("a/sh.1#1", "").done("b/sh.1#1", "");
    rolled_back(&mut play);
    let by_hand = play.waits()[0].clone();
    play.choose(&by_hand, "failed");
    let menu = play.waits()[0].clone();
    assert_eq!(choices(&play, &menu), ["retry", "skip", "suspend", "abort"]);
    play.choose(&menu, "skip");
    let undo = play.waits()[0].clone();
    assert_eq!(play.command(&undo), "remove b");
    play.fails(&undo, FailureKind::Failed, "exit code 1");
    let menu = play.waits()[0].clone();
    assert_eq!(choices(&play, &menu), ["retry", "skip", "suspend", "abort"]);
    play.choose(&menu, "skip");
    let undo = play.waits()[0].clone();
    assert_eq!(play.command(&undo), "remove a");
    play.done(&undo, "");
    let tell = play.waits()[0].clone();
    assert_eq!(play.command(&tell), "tell");
    play.fails(&tell, FailureKind::Failed, "exit code 1");
    let menu = play.waits()[0].clone();
    play.choose(&menu, "skip");
    let count = play.waits()[0].clone();
    assert_eq!(play.command(&count), "count");
    play.fails(&count, FailureKind::Failed, "exit code 1");
    let menu = play.waits()[0].clone();
    assert_eq!(choices(&play, &menu), ["retry", "suspend", "abort"], "what the rollback itself requires");
    play.choose(&menu, "retry");
    let count = play.waits()[0].clone();
    play.done(&count, "");
    assert_eq!(play.ending(), Some(Ending::RolledBack));
    play.replays();
}

#[test]
fn a_retried_loop_goes_on_with_what_did_not_succeed() {
    let mut play = Play::of(
        r#"
        each n, in: ["a", "b", "c"], key: put, stop_after: none do
          sh "put #{n}", timeout: 5.s
        end
        "#,
    );
    play.done("put[a]/sh.1#1", "").fails("put[b]/sh.1#1", FailureKind::Failed, "no").done("put[c]/sh.1#1", "");
    play.choose("put!failed#1", "retry");
    assert_eq!(play.waits(), ["put[b]/sh.1#2"], "a and c are done");
    play.fails("put[b]/sh.1#2", FailureKind::Failed, "no").choose("put!failed#2", "retry");
    play.done("put[b]/sh.1#3", "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();

    let mut play = Play::of(
        r#"
        each n, in: ["a", "b"], key: put, pause: ask_between do
          sh "put #{n}", timeout: 5.s
        end
        "#,
    );
    play.done("put[a]/sh.1#1", "").answer("put!next#1", Value::Bool(false)).choose("put!failed#1", "retry");
    assert_eq!(play.waits(), ["put!next#2"], "it was the question that did not succeed");
    play.answer("put!next#2", Value::Bool(true)).done("put[b]/sh.1#1", "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn a_statement_without_a_title_is_named_in_the_menu_when_its_arguments_fail() {
    let mut play = Play::of("let n = 0\nstep a, \"A\" do\n sh read: \"echo #{10 / n}\", timeout: 5.s\nend");
    let menu = play.open()[0].clone();
    assert_eq!(menu.title.text, "a/sh.1");
    play.choose(&menu.id.0, "skip");
    assert_eq!(play.view().reasons[0].text.split('：').next(), Some("a/sh.1#1"));
}
