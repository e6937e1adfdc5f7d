//! Statements that deal with failures themselves, and answers that are a clear no: what is held against the run.

use jiff::SignedDuration;
use runbook::engine::action::{Ending, PromptKind};
use runbook::engine::input::FailureKind;
use runbook::engine::telling::Telling;
use runbook::value::{Value, Verdict};

use crate::support::play::Play;

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

#[test]
fn a_try_that_succeeds_after_all_is_passed() {
    let mut play = Play::of(
        r#"
        try 3, every: 10.s do
          sh read: "look", timeout: 5.s
          repair do
            sh read: "mend", timeout: 5.s
          end
        end
        "#,
    );
    let waits = play.waits();
    play.fails(&waits[0], FailureKind::Failed, "exit 1");
    let repair = play.waits();
    assert_eq!(repair.len(), 1);
    play.done(&repair[0], "").pass(seconds(10));
    let again = play.waits();
    assert_ne!(again, waits, "another pass of the body");
    play.done(&again[0], "");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    play.replays();
}

#[test]
fn a_try_that_never_succeeds_asks_and_a_skip_spoils_the_verdict() {
    let mut play = Play::of("try 2, every: 1.s do\n sh read: \"look\", timeout: 5.s\nend");
    for _ in 0..2 {
        let waits = play.waits();
        play.fails(&waits[0], FailureKind::Failed, "exit 1").pass(seconds(1));
    }
    let menu = play.waits();
    assert!(menu[0].ends_with("!failed#1"), "{menu:?}");
    let PromptKind::Failed { message, .. } = play.prompt(&menu[0]).kind else { panic!("{menu:?}") };
    assert!(message.en.contains("all 2 attempts failed"), "{message:?}");
    play.choose(&menu[0], "skip");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    play.replays();
}

#[test]
fn a_poll_whose_condition_comes_true_is_passed_whatever_its_reads_gave_before() {
    let mut play = Play::of(
        r#"
        poll every: 5.s, for: 1.min do
          sh read: "look", timeout: 5.s, as: seen
          done_when seen.out == "up"
        end
        "#,
    );
    let first = play.waits();
    play.fails(&first[0], FailureKind::Failed, "exit 1").pass(seconds(5));
    let second = play.waits();
    play.done(&second[0], "down").pass(seconds(5));
    let third = play.waits();
    play.done(&third[0], "up");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    play.replays();
}

#[test]
fn attempts_and_reads_are_told_as_what_they_are() {
    let mut play = Play::of(
        r#"
        try 3, every: 10.s, key: up, title: "Bring it up" do
          sh read: "look", timeout: 5.s, retry: 1, every: 2.s
        end
        poll every: 5.s, for: 1.min, title: "Until it is up" do
          sh read: "look", timeout: 5.s, as: seen
          done_when seen.out == "up"
        end
        "#,
    );
    for _ in 0..2 {
        let waits = play.waits();
        play.fails(&waits[0], FailureKind::Failed, "exit 1").pass(seconds(10));
    }
    let waits = play.waits();
    play.done(&waits[0], "");
    for seen in ["down", "down", "starting", "up"] {
        let waits = play.waits();
        play.done(&waits[0], seen).pass(seconds(5));
    }
    assert_eq!(play.ending(), Some(Ending::Passed));
    let told: Vec<String> = play
        .tellings()
        .into_iter()
        .filter_map(|telling| match telling {
            Telling::EffectEnded { failure, attempt, polled, .. } => {
                Some(format!("read {} of {}, failed {}, polled {polled}", attempt.n, attempt.of, failure.is_some()))
            }
            Telling::Attempt { title, attempt, at, .. } => {
                Some(format!("{}: {} of {}, waits {}", title.text, attempt.n, attempt.of, at.is_some()))
            }
            Telling::Polling { title, .. } => Some(format!("polls {}", title.text)),
            Telling::NotYet { why, .. } => Some(format!("not yet: {}", why.en)),
            Telling::Polled { title, reads, took, .. } => Some(format!("{}: {reads} reads, {took:#}", title.text)),
            _other => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            "read 1 of 2, failed true, polled false",
            "read 2 of 2, failed true, polled false",
            "Bring it up: 2 of 3, waits true",
            "Bring it up: 2 of 3, waits false",
            "read 1 of 2, failed false, polled false",
            "polls Until it is up",
            "read 1 of 1, failed false, polled true",
            "not yet: seen.out = down",
            "read 1 of 1, failed false, polled true",
            "read 1 of 1, failed false, polled true",
            "not yet: seen.out = starting",
            "read 1 of 1, failed false, polled true",
            "Until it is up: 4 reads, 15s",
        ]
    );
    let steps = play.view().steps;
    let detail = |word: &str| steps.iter().find(|step| step.word == word).unwrap().detail.en.clone();
    assert_eq!((detail("try"), detail("poll")), ("attempt 2 of 3".to_owned(), "4 reads".to_owned()));
    play.replays();
}

#[test]
fn a_poll_that_runs_out_of_time_asks() {
    let mut play = Play::of(
        "poll every: 5.s, for: 8.s do\n sh read: \"look\", timeout: 5.s, as: seen\n done_when seen.out == \"up\"\nend",
    );
    let first = play.waits();
    play.done(&first[0], "down").pass(seconds(5));
    let second = play.waits();
    play.done(&second[0], "down").pass(seconds(5));
    let menu = play.waits();
    assert!(menu[0].ends_with("!failed#1"), "{menu:?}");
    let PromptKind::Failed { message, .. } = play.prompt(&menu[0]).kind else { panic!("{menu:?}") };
    assert!(message.en.contains("did not come about in time"), "{message:?}");
    play.replays();
}

#[test]
fn a_try_forgives_only_what_failed_in_itself() {
    let mut play = Play::of(
        r#"
        each item, in: ["a", "b"] do
          try 2 do
            sh read: "look #{item}", timeout: 5.s
          end
        end
        "#,
    );
    for _ in 0..2 {
        let waits = play.waits();
        play.fails(&waits[0], FailureKind::Failed, "exit 1").pass(seconds(0));
    }
    let menu = play.waits();
    play.choose(&menu[0], "skip");
    // The second item fails once and succeeds then.
    let waits = play.waits();
    play.fails(&waits[0], FailureKind::Failed, "exit 1").pass(seconds(0));
    let waits = play.waits();
    play.done(&waits[0], "");
    assert_eq!(play.ending(), Some(Ending::NotPassed), "what was skipped for the first item stays so");
    play.replays();
}

#[test]
fn what_is_known_of_a_tolerated_failure_can_be_read() {
    let mut play = Play::of(
        r#"
        sh read: "look", timeout: 5.s, severity: warn, as: seen
        note "verdict #{seen.verdict}"
        sh read: "three", timeout: 5.s, if: seen.status == 3
        "#,
    );
    let exit_3 = runbook::engine::input::Data::Shell {
        code: Some(3),
        out: runbook::engine::input::Output::default(),
        err: runbook::engine::input::Output::default(),
        value: None,
    };
    let failure =
        runbook::engine::input::Failure { kind: FailureKind::Failed, message: runbook::text::Text::verbatim("exit 3") };
    play.outcome("sh.1#1", Some(failure), exit_3);
    assert_eq!(play.waits(), ["sh.2#1"], "{:?}", play.view().notes);
    play.done("sh.2#1", "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();

    // Nothing ran, so there is no exit code: the condition is false, not an error.
    let mut play = Play::of(
        "sh read: \"look\", timeout: 5.s, severity: warn, as: seen\nsh read: \"three\", timeout: 5.s, if: seen.status == 3",
    );
    play.fails("sh.1#1", FailureKind::NotStarted, "no bash");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.waits());
}

#[test]
fn a_clear_no_goes_where_else_says_and_rolls_nothing_back() {
    let mut play = Play::of(
        r#"
        step one, "One" do
          sh "write", timeout: 5.s
          undo sh: "unwrite"
        end
        confirm "Go on?", key: go, else: run(stop)
        scenario stop, "Stop" do
          sh read: "stopping", timeout: 5.s
        end
        "#,
    );
    play.done("one/sh.1#1", "");
    play.answer("go#1", Value::Bool(false));
    assert_eq!(play.waits(), ["stop/sh.1#1"], "the scenario runs, and no undo does");
    play.done("stop/sh.1#1", "");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    play.replays();

    // Without `else:` the menu opens: it is a person who decides about a rollback.
    let mut play = Play::of(
        "step one, \"One\" do\nsh \"write\", timeout: 5.s\nundo sh: \"unwrite\"\nend\nconfirm \"Go on?\", key: go",
    );
    play.done("one/sh.1#1", "").answer("go#1", Value::Bool(false));
    assert_eq!(play.waits(), ["go!failed#1"]);
}

#[test]
fn a_quorum_needs_that_many_people_and_one_no_is_enough() {
    let body = "role approver, \"Approver\", people: [\"wang\", \"zhao\", \"li\"]\n\
                confirm \"Go?\", key: go, by: approver, quorum: 2";
    let mut play = Play::of(body);
    play.answer_as("go#1", Value::Bool(true), "wang");
    assert_eq!(play.ending(), None, "one of two");
    let waits = play.waits();
    play.answer_as(&waits[0], Value::Bool(true), "wang");
    assert_eq!(play.ending(), None, "the same person counts once");
    let waits = play.waits();
    play.answer_as(&waits[0], Value::Bool(true), "zhao");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();

    let mut play = Play::of(body);
    play.answer_as("go#1", Value::Bool(true), "wang");
    let waits = play.waits();
    play.answer_as(&waits[0], Value::Bool(false), "zhao");
    assert_eq!(play.waits(), ["go!failed#1"], "a no of one is a no");
}

#[test]
fn a_quorum_holds_for_every_question() {
    // A choice is taken when so many people made the same one; who changes his mind counts for what he said last.
    let mut play = Play::of(
        "decide way, \"Way\", quorum: 2 do\noption left, \"Left\"\noption right, \"Right\"\nend\n\
         signoff state, \"State\", options: { pass: \"good\", fail: \"bad\" }, quorum: 2",
    );
    for (who, choice) in [("wang", "left"), ("zhao", "right"), ("wang", "left"), ("wang", "right")] {
        let waits = play.waits();
        assert_eq!(waits, ["way#1"], "before {who} says {choice}");
        play.answer_as(&waits[0], Value::Text(choice.to_owned()), who);
    }
    for who in ["wang", "zhao"] {
        let waits = play.waits();
        assert_eq!(waits, ["state#1"]);
        play.answer_as(&waits[0], Value::Text("pass".to_owned()), who);
    }
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();

    // That it is done takes as many; that it failed, one.
    let body = "manual \"Move the cable\", key: cable, quorum: 2\nask revision, int, \"Revision\", quorum: 2";
    let mut play = Play::of(body);
    for who in ["wang", "zhao"] {
        let waits = play.waits();
        assert_eq!(waits, ["cable#1"]);
        play.answer_as(&waits[0], Value::Text("done".to_owned()), who);
    }
    for (who, revision) in [("wang", 41), ("zhao", 42), ("li", 41)] {
        let waits = play.waits();
        assert_eq!(waits, ["revision#1"]);
        play.answer_as(&waits[0], Value::Int(revision), who);
    }
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
    let mut play = Play::of(body);
    play.answer_as("cable#1", Value::Text("failed".to_owned()), "wang");
    // The menu is nobody's quorum.
    play.choose("cable!failed#1", "retry");
    assert_eq!(play.waits(), ["cable#1~2"]);
}

#[test]
fn a_rollback_shows_the_script_that_a_command_is_given() {
    let mut play = Play::of(
        r#"
        step one, "One" do
          undo do
            sh "ssh web-1 bash -s -- app", stdin: "systemctl start \"$1\"\nrm /tmp/lock\n", timeout: 5.s
          end
          sh "write one", timeout: 5.s
        end
        rollback because: "test"
        "#,
    );
    play.done("one/sh.1#1", "");
    let waits = play.waits();
    let PromptKind::Rollback { plan, .. } = play.prompt(&waits[0]).kind else { panic!("{waits:?}") };
    let about = plan.iter().map(|line| line.told().en).collect::<Vec<_>>().join("\n");
    assert!(about.contains("one#1: ssh web-1 bash -s -- app, stdin: systemctl start \"$1\" ⏎ rm /tmp/lock"), "{about}");
}

#[test]
fn where_nothing_is_to_be_undone_a_rollback_asks_nobody_about_half_a_step() {
    let mut play = Play::of(
        r#"
        step one, "One" do
          undo sh: "unwrite one"
          sh "write one", timeout: 5.s
        end
        step two, "Two" do
          undo none, because: "it goes with one"
          sh "write two", timeout: 5.s
          rollback because: "test"
        end
        "#,
    );
    play.done("one/sh.1#1", "").done("two/sh.1#1", "");
    let confirm = play.waits();
    play.answer(&confirm[0], Value::Bool(true));
    assert_eq!(play.waits(), ["one/undo.1/sh.1#1"]);
}

#[test]
fn an_undo_that_was_settled_does_not_run() {
    let mut play = Play::of(
        r#"
        step one, "One" do
          sh "write one", timeout: 5.s
          undo sh: "unwrite one"
        end
        step two, "Two" do
          sh "write two", timeout: 5.s
          undo sh: "unwrite two"
          settles one
        end
        rollback because: "test"
        "#,
    );
    play.done("one/sh.1#1", "").done("two/sh.1#1", "");
    let confirm = play.waits();
    let PromptKind::Rollback { plan, .. } = play.prompt(&confirm[0]).kind else { panic!("{confirm:?}") };
    assert_eq!(plan.len(), 1, "{plan:?}");
    assert!(format!("{plan:?}").contains("unwrite two"), "{plan:?}");
    play.answer(&confirm[0], Value::Bool(true));
    let undo = play.waits();
    assert_eq!(play.command(&undo[0]), "unwrite two");
    play.done(&undo[0], "");
    assert_eq!(play.ending(), Some(Ending::RolledBack));
    play.replays();
}

#[test]
fn a_run_that_finishes_early_leaves_the_rest_out_and_its_finally_in() {
    let mut play = Play::of(
        r#"
        sh read: "look", timeout: 5.s, as: seen
        if seen.out == "done"
          finish because: "nothing to do"
        end
        sh read: "more", timeout: 5.s
        finally do
          sh read: "last", timeout: 5.s
        end
        "#,
    );
    play.done("sh.1#1", "done");
    let last = play.waits();
    assert_eq!(play.command(&last[0]), "last");
    play.done(&last[0], "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    assert!(play.view().steps.iter().all(|step| step.state != Verdict::Fail));
    play.replays();
}
