//! What a person decides about a failure or a doubt, and what it leads to.

use runbook::engine::action::{Ending, PromptKind};
use runbook::engine::input::{Command, Event, FailureKind};
use runbook::value::Value;

use crate::support::play::Play;

fn choices(play: &Play, id: &str) -> Vec<String> {
    play.prompt(id).choices.into_iter().map(|choice| choice.key).collect()
}

fn rolled_back(play: &mut Play) {
    play.command_of_person(Command::Rollback { because: "bad".to_owned() });
    play.answer("run!rollback#1", Value::Bool(true));
}

fn killed(play: &mut Play) {
    play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
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
fn what_is_said_to_have_run_names_the_output_that_nobody_has_and_takes_it_from_a_person() {
    let body = r#"
        step a, "A" do
          sh "count", timeout: 5.s, key: w, as: x, parse: int
        end
        step b, "B" do
          sh "use #{x.value}", timeout: 5.s
        end
    "#;
    let mut play = Play::of(body);
    killed(&mut play);
    play.choose("a/w!in_doubt#1", "ran");
    let PromptKind::Failed { message, .. } = play.prompt("b/sh.1!failed#1").kind else { panic!("no menu") };
    assert_eq!(
        message.en,
        "`x.value` is not known: op said after a crash that `a/w` ran, and its outcome was lost; `set x.value = …` gives \
         it, then retry"
    );
    play.command_of_person(Command::Set { name: "x.value".to_owned(), value: "many".to_owned() });
    play.choose("b/sh.1!failed#1", "retry");
    assert_eq!(play.waits(), ["b/sh.1!failed#2"], "that is no int");
    play.command_of_person(Command::Set { name: "x.value".to_owned(), value: "7".to_owned() });
    assert_eq!(play.view().deviations.len(), 1);
    play.choose("b/sh.1!failed#2", "retry");
    assert_eq!(play.command(&play.waits()[0]), "use 7");
    play.replays();

    let mut play = Play::of(&body.replace(
        "parse: int\n",
        "parse: int\n probe do\n sh read: \"look\", timeout: 5.s, as: seen\n done_when seen.out == \"yes\"\n end\n",
    ));
    killed(&mut play);
    let look = play.waits().into_iter().find(|id| id.contains("sh.")).unwrap();
    play.done(&look, "yes");
    let PromptKind::Failed { message, .. } = play.prompt("b/sh.1!failed#1").kind else { panic!("no menu") };
    assert!(message.en.contains("the probe found after a crash that `a/w` ran"), "{message:?}");
    play.replays();
}

#[test]
fn an_update_that_is_said_to_have_run_is_undone_by_hand() {
    let mut play = Play::of(
        r##"
        step a, "A" do
          update file: "notes.md", under: "# Log", text: "- done", key: w
        end
        confirm "well?", key: well
        "##,
    );
    play.fails("a/w#1", FailureKind::InDoubt, "stopped");
    play.choose("a/w!in_doubt#1", "ran");
    assert_eq!(play.waits(), ["well#1"]);
    rolled_back(&mut play);
    let by_hand = play.waits()[0].clone();
    assert!(matches!(play.prompt(&by_hand).kind, PromptKind::Manual { .. }));
    let title = play.open()[0].title.clone();
    assert!(title.text.contains("notes.md") && title.en.is_some_and(|en| en.contains("notes.md")));
    play.choose(&by_hand, "done");
    assert_eq!(play.ending(), Some(Ending::RolledBack));
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
