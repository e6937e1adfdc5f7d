//! What the engine says of a run that is not over, and how it leaves one: the verdict while it is open, the time that a
//! running write is given.

use jiff::SignedDuration;
use runbook::engine::action::{Action, Ending};
use runbook::engine::input::{Command, Event, FailureKind};
use runbook::engine::telling::Telling;
use runbook::value::{Value, Verdict};

use crate::support::play::Play;

const SIGNED: &str = r#"
    step a, "A" do
      sh read: "look", timeout: 5.s
    end
    signoff state, "State", options: { pass: "passed", fail: "not passed" }
"#;

#[test]
fn a_run_that_goes_on_has_no_verdict_until_something_speaks_against_it() {
    let mut play = Play::of(SIGNED);
    let verdict = |play: &Play| (play.view().verdict, play.view().reasons.len());
    assert_eq!(verdict(&play), (Some(Verdict::Pending), 0), "a command runs");
    play.done("a/sh.1#1", "");
    assert_eq!(verdict(&play), (Some(Verdict::Pending), 0), "the sign-off is open");
    play.tell(Event::Terminate);
    assert_eq!(play.ending(), Some(Ending::Suspended));
    assert_eq!(verdict(&play), (Some(Verdict::Pending), 0), "suspended");

    let mut play = Play::of(SIGNED);
    play.fails("a/sh.1#1", FailureKind::Failed, "exit code 1");
    assert_eq!(verdict(&play), (Some(Verdict::Pending), 0), "the menu is open, it may be mended");
    play.choose("a/sh.1!failed#1", "skip");
    assert_eq!(verdict(&play), (Some(Verdict::Fail), 1), "what was skipped stays so");

    let mut play = Play::of(SIGNED);
    play.done("a/sh.1#1", "").choose("state#1", "fail");
    assert_eq!(verdict(&play), (Some(Verdict::Fail), 1));
    assert_eq!(play.ending(), Some(Ending::NotPassed));

    let mut play = Play::of(SIGNED);
    play.done("a/sh.1#1", "").choose("state#1", "pass");
    assert_eq!(verdict(&play), (Some(Verdict::Pass), 0));
}

const WRITE: &str = r#"
    step a, "A" do
      sh "change", timeout: 1.min
      sh "change more", timeout: 1.min
    end
"#;

fn cancelled(play: &Play) -> Vec<String> {
    let ids = play.actions.iter().filter_map(|action| match action {
        Action::Cancel(id) => Some(id.0.clone()),
        _action => None,
    });
    ids.collect()
}

#[test]
fn a_running_write_is_given_time_to_end_before_the_run_is_suspended() {
    for event in [Event::Terminate, Event::Command { by: "op".to_owned(), command: Command::Suspend }] {
        let mut play = Play::of(WRITE);
        play.tell(event);
        assert_eq!((play.ending(), cancelled(&play).len()), (None, 0), "the write goes on");
        play.done("a/sh.1#1", "");
        assert_eq!(play.ending(), Some(Ending::Suspended));
        assert_eq!(play.waits(), Vec::<String>::new(), "what comes after it has not begun");
        play.replays();
        let resumed = Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None };
        play.tell(resumed);
        assert_eq!(play.waits(), ["a/sh.2#1"], "what it gave is known: nothing is in doubt");
        play.replays();
    }
}

#[test]
fn a_write_that_does_not_end_is_stopped_and_in_doubt() {
    let mut play = Play::of(WRITE);
    play.tell(Event::Terminate).pass(SignedDuration::from_mins(1));
    assert_eq!((play.ending(), cancelled(&play)), (Some(Ending::Suspended), vec!["a/sh.1#1".to_owned()]));
    play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
    assert_eq!(play.waits(), ["a/sh.1!in_doubt#1", "a/sh.1#1"]);
    play.replays();
}

#[test]
fn whoever_asks_a_second_time_is_not_kept_waiting() {
    let mut play = Play::of(WRITE);
    play.tell(Event::Terminate).tell(Event::Terminate);
    assert_eq!((play.ending(), cancelled(&play).len()), (Some(Ending::Suspended), 1));
    play.replays();
}

#[test]
fn a_read_is_stopped_at_once_and_nothing_new_begins_while_a_write_ends() {
    let mut play = Play::of("step a, \"A\" do\n sh read: \"look\", timeout: 1.min\nend");
    play.tell(Event::Terminate);
    assert_eq!((play.ending(), cancelled(&play).len()), (Some(Ending::Suspended), 1));

    let mut play = Play::of(WRITE);
    play.tell(Event::Terminate);
    play.tell(Event::Command { by: "op".to_owned(), command: Command::Shell { command: "date".to_owned() } });
    assert_eq!(play.waits(), ["a/sh.1#1"]);
    play.tell(Event::Interrupt);
    assert_eq!(cancelled(&play), ["a/sh.1#1"], "Ctrl-C ends the wait");
    play.fails("a/sh.1#1", FailureKind::Interrupted, "stopped");
    assert_eq!(play.ending(), Some(Ending::Suspended));
    play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
    play.answer("a/sh.1!failed#1", Value::Text("retry".to_owned()));
    play.replays();
}

#[test]
fn a_write_that_is_stopped_by_the_end_of_its_run_is_kept_in_sight() {
    let mut play = Play::of(WRITE);
    play.command_of_person(Command::Abort { because: "wrong cluster".to_owned() });
    assert_eq!((play.ending(), cancelled(&play)), (Some(Ending::Aborted), vec!["a/sh.1#1".to_owned()]));
    let view = play.view();
    let reasons: Vec<&str> = view.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_eq!(reasons[0], "wrong cluster");
    assert!(
        reasons[1].starts_with("change") && reasons[1].contains("what it did until then is not known"),
        "{reasons:?}"
    );
    let write = view.steps.iter().find(|step| step.key == "a/sh.1#1").unwrap();
    assert_eq!(write.state, Verdict::Aborted);
    play.replays();

    let mut play = Play::of("step a, \"A\" do\n sh read: \"look\", timeout: 1.min\nend");
    play.command_of_person(Command::Abort { because: "enough".to_owned() });
    assert_eq!(play.view().reasons.len(), 1, "a read leaves nothing half done");
}

#[test]
fn a_rollback_that_is_not_done_has_no_verdict_and_a_second_one_is_told_so() {
    let mut play = Play::of(
        r#"
        step a, "A" do
          sh "change", timeout: 1.min
          undo do
            sh "change back", timeout: 1.min
          end
        end
        confirm "well?", key: well
        signoff state, "State", options: { pass: "passed", fail: "not passed" }
        "#,
    );
    play.done("a/sh.1#1", "").command_of_person(Command::Rollback { because: "it crashed".to_owned() });
    play.answer("run!rollback#1", Value::Bool(true));
    let undo = play.waits()[0].clone();
    assert_eq!(play.view().verdict, Some(Verdict::Pending));
    play.command_of_person(Command::Rollback { because: "again".to_owned() });
    let said = play.tellings().into_iter().rev().find_map(|telling| match telling {
        Telling::Warning { text } => Some(text),
        _telling => None,
    });
    assert!(said.is_some_and(|text| text.en.contains("rolling back already")));
    play.done(&undo, "");
    assert_eq!((play.ending(), play.view().verdict), (Some(Ending::RolledBack), Some(Verdict::RolledBack)));
    assert_eq!(play.view().reasons[0].en.as_deref(), Some("rolled back: it crashed"));
    let told = play.tellings().into_iter().find_map(|telling| match telling {
        Telling::Ended { reasons, .. } => Some(reasons),
        _telling => None,
    });
    assert_eq!(told.unwrap()[0].en.as_deref(), Some("rolled back: it crashed"));
    play.replays();
}

/// How each record stands, and why.
fn steps(play: &Play) -> Vec<(String, Verdict, String)> {
    play.view().steps.into_iter().map(|step| (step.static_key, step.state, step.detail.en)).collect()
}

#[test]
fn nothing_of_a_run_that_is_over_is_open() {
    const BODY: &str = r#"
        section s, "S" do
          step a, "A" do
            sh "change", timeout: 1.min
            undo do
              sh "change back", timeout: 1.min
            end
            confirm "well?", key: well
          end
        end
        finally do
          step tidy, "Tidy" do
            sh "tidy", timeout: 1.min
          end
        end
    "#;
    let open = |play: &Play| steps(play).into_iter().filter(|(_, state, _)| *state == Verdict::Pending).count();
    let mut play = Play::of(BODY);
    play.done("s/a/sh.1#1", "").command_of_person(Command::Rollback { because: "it crashed".to_owned() });
    assert_eq!(open(&play), 3, "nobody has agreed to it yet");
    play.answer("run!rollback#1", Value::Bool(true));
    let cut = |key: &str, by: &str| (key.to_owned(), Verdict::CutOff, by.to_owned());
    let by = "by the rollback";
    let begun = [cut("s", by), cut("s/a", by), cut("s/a/well", by)];
    let cut_off =
        |play: &Play| -> Vec<_> { steps(play).into_iter().filter(|(_, state, _)| *state == Verdict::CutOff).collect() };
    assert_eq!(cut_off(&play), begun, "as soon as it begins");
    let undo = play.waits()[0].clone();
    play.done(&undo, "");
    assert_eq!(open(&play), 3, "`finally` runs: {:?}", steps(&play));
    play.command_of_person(Command::Abort { because: "enough".to_owned() });
    assert_eq!((play.ending(), open(&play)), (Some(Ending::Aborted), 0));
    assert_eq!(cut_off(&play)[..3], begun);
    assert_eq!(cut_off(&play)[3].2, "by the abort");
    play.replays();

    let mut play = Play::of("step a, \"A\" do\n sh read: \"look\", timeout: 1.min\nfinish\nend");
    play.done("a/sh.1#1", "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    assert_eq!(cut_off(&play), [cut("a", "by the end of the run")]);

    let mut play = Play::of(
        "step a, \"A\" do\n sh \"change\", timeout: 1.min\nundo do\n sh \"back\", timeout: 1.min\nend\nrollback because: \"no\"\nend",
    );
    play.done("a/sh.1#1", "").answer("run!rollback#1", Value::Bool(true));
    assert_eq!(cut_off(&play), [cut("a", by)], "the statement itself is done");
}
