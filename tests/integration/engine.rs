//! The engine alone: what it wants after each input, and that a replay wants the same.

use jiff::SignedDuration;
use runbook::engine::action::{Effect, Ending, PromptKind};
use runbook::engine::input::{Begin, Command, Data, Event, FailureKind};
use runbook::engine::telling::Telling;
use runbook::text::Lang;
use runbook::value::{Value, Verdict};

use crate::support::play::{Play, program};

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

#[test]
fn statements_run_one_after_another_and_a_value_is_quoted_for_the_shell() {
    let mut play = Play::of(
        r#"
        step a, "A" do
          sh read: "echo it", timeout: 5.s, as: first
          sh read: "echo #{first.out} '#{first.out}'", timeout: 5.s
        end
        "#,
    );
    assert_eq!(play.waits(), ["a/sh.1#1"]);
    play.done("a/sh.1#1", "it's $HOME");
    assert_eq!(play.command("a/sh.2#1"), r"echo 'it'\''s $HOME' '''it'\''s $HOME'''");
    play.done("a/sh.2#1", "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn a_value_behind_an_ssh_is_quoted_for_both_shells() {
    let mut play = Play::of(
        r#"
        param hosts, list, default: ["web 1", "web2"]
        sh read: "echo it", timeout: 5.s, as: first
        sh read: "ssh #{first.out} -p #{22} ls -- /srv/#{first.out} #{hosts} >#{first.out} 2>&1; ls #{first.out}", timeout: 5.s
        "#,
    );
    play.done("sh.1#1", "it's");
    assert_eq!(
        play.command("sh.2#1"),
        r"ssh 'it'\''s' -p 22 ls -- /srv/''\''it'\''\'\'''\''s'\''' ''\''web 1'\''' web2 >'it'\''s' 2>&1; ls 'it'\''s'"
    );
    play.done("sh.2#1", "");
    play.replays();
}

#[test]
fn the_side_that_is_not_chosen_is_not_evaluated() {
    let play = Play::of(
        r##"
        let zero = 0
        sh read: "true", timeout: 2.s, if: zero > 0, as: found
        assert choose(zero == 0, 1, 10 / zero) == 1, "#{choose(zero != 0, 10 / zero, 1) + 1}"
        note "#{choose(assigned(found), found.out, "nothing")}"
        "##,
    );
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn a_failure_asks_a_person_and_a_skip_spoils_the_verdict() {
    let mut play = Play::of("step a, \"A\" do\n sh read: \"false\", timeout: 5.s\nend");
    play.fails("a/sh.1#1", FailureKind::Failed, "exit code 1");
    assert_eq!(play.waits(), ["a/sh.1!failed#1"]);
    let keys: Vec<String> = play.prompt("a/sh.1!failed#1").choices.into_iter().map(|choice| choice.key).collect();
    assert_eq!(keys, ["retry", "skip", "suspend", "abort"], "before the first write there is nothing to roll back");
    play.choose("a/sh.1!failed#1", "retry");
    play.fails("a/sh.1#1~2", FailureKind::Failed, "exit code 1");
    play.choose("a/sh.1!failed#2", "skip");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    assert_eq!(play.view().steps[0].state, Verdict::Skipped);
    play.replays();
}

#[test]
fn retries_end_and_are_never_taken_for_success() {
    let mut play = Play::of("step a, \"A\" do\n sh read: \"x\", timeout: 5.s, retry: 2, every: 10.s\nend");
    play.fails("a/sh.1#1", FailureKind::Failed, "1").pass(SignedDuration::from_secs(10));
    play.fails("a/sh.1#1~2", FailureKind::Failed, "2").pass(SignedDuration::from_secs(10));
    play.fails("a/sh.1#1~3", FailureKind::Failed, "3");
    assert_eq!(play.waits(), ["a/sh.1!failed#1"]);
    play.replays();
}

#[test]
fn one_retry_fails_after_two_attempts() {
    let mut play = Play::of("step a, \"A\" do\n sh read: \"x\", timeout: 5.s, retry: 1\nend");
    play.fails("a/sh.1#1", FailureKind::Failed, "1").pass(SignedDuration::ZERO);
    play.fails("a/sh.1#1~2", FailureKind::Failed, "2");
    assert_eq!(play.waits(), ["a/sh.1!failed#1"]);
}

#[test]
fn a_precheck_runs_all_of_its_reads_and_shows_one_table() {
    let mut play = Play::of(
        r#"
        precheck p, "P" do
          sh read: "a", timeout: 5.s, as: a
          assert a.out == "x", "a is x"
          sh read: "b", timeout: 5.s
        end
        "#,
    );
    play.fails("p/sh.1#1", FailureKind::Failed, "exit code 1");
    play.done("p/sh.2#1", "");
    let table = play.tellings().into_iter().find_map(|telling| match telling {
        Telling::CheckTable { rows, .. } => Some(rows),
        _telling => None,
    });
    let verdicts: Vec<Verdict> = table.unwrap().into_iter().map(|(_, verdict, _)| verdict).collect();
    assert_eq!(verdicts, [Verdict::Fail, Verdict::Fail, Verdict::Pass], "a check without its input is not passed");
    assert_eq!(play.waits(), ["p!failed#1"]);
    play.choose("p!failed#1", "retry");
    play.done("p/sh.1#2", "x").done("p/sh.2#2", "");
    assert_eq!(play.ending(), Some(Ending::Passed), "what was mended is not held against the run");
    play.replays();
}

#[test]
fn a_clear_no_goes_where_else_says_and_silence_is_no_answer() {
    let mut play = Play::of(
        r#"
        confirm "Go?", key: go, within: 5.min, else: run(stop)
        scenario stop, "Stop" do
          note "stopped"
        end
        "#,
    );
    play.pass(minutes(60));
    assert_eq!(play.waits(), ["go#1"], "the time counts from the delivery");
    play.deliver("go#1").pass(minutes(4));
    assert_eq!(play.waits(), ["go#1"]);
    play.pass(minutes(2));
    assert!(play.tellings().iter().any(|t| matches!(t, Telling::TimedOut { .. })));
    assert_eq!(play.view().notes.len(), 1, "the scenario of else: ran: {:#?}", play.view().steps);
    assert_eq!(play.ending(), Some(Ending::NotPassed), "a passed deadline is never a yes");
    play.replays();
}

#[test]
fn a_late_answer_finds_nothing() {
    let mut play = Play::of("confirm \"Go?\", key: go, within: 5.min, else: abort\nstep a, \"A\" do\n note \"x\"\nend");
    play.deliver("go#1").pass(minutes(6));
    assert_eq!(play.ending(), Some(Ending::Aborted));
    let before = play.actions.len();
    play.tell(Event::Answered {
        id: runbook::engine::action::ActionId("go#1".to_owned()),
        answer: runbook::engine::input::Answer {
            value: Value::Bool(true),
            by: "op".to_owned(),
            told_by: None,
            via: runbook::engine::input::Via::Inbox,
            note: None,
            evidence: None,
        },
    });
    assert_eq!(play.actions.len(), before);
}

#[test]
fn nobody_there_suspends_and_a_resume_asks_again() {
    let mut play = Play::of("confirm \"Go?\", key: go\nstep a, \"A\" do\n note \"x\"\nend");
    play.tell(Event::NobodyThere { id: runbook::engine::action::ActionId("go#1".to_owned()) });
    assert_eq!(play.ending(), Some(Ending::Suspended));
    play.tell(Event::Resumed { executor: "other".to_owned(), running: [].into(), changed: None });
    assert_eq!(play.ending(), None);
    play.answer("go#1", Value::Bool(true));
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

const WRITES: &str = r##"
    step a, "A" do
      sh "create a", timeout: 1.min
      undo do
        sh "remove a", timeout: 1.min
      end
    end
    step b, "B" do
      sh "create b", timeout: 1.min
      undo do
        sh "remove b", timeout: 1.min
      end
    end
    step c, "C" do
      confirm "well?"
    end
    rollback do
      sh "tell", timeout: 1.min
    end
    finally do
      note "#{run.verdict}"
    end
"##;

#[test]
fn a_rollback_runs_the_undos_newest_first_then_its_block_then_finally() {
    let mut play = Play::of(WRITES);
    play.done("a/sh.1#1", "").done("b/sh.1#1", "");
    play.command_of_person(Command::Rollback { because: "bad".to_owned() });
    let plan = match play.prompt("run!rollback#1").kind {
        PromptKind::Rollback { plan, .. } => plan,
        other => panic!("{other:?}"),
    };
    let plan: Vec<&str> = plan.iter().map(|line| line.said(Lang::En)).collect();
    assert_eq!(plan, ["b#1: remove b", "a#1: remove a", "tell"]);
    play.answer("run!rollback#1", Value::Bool(true));
    assert_eq!(play.open().len(), 1, "{:?}", play.waits());
    assert_eq!(play.command(&play.waits()[0]), "remove b");
    let first = play.waits()[0].clone();
    play.done(&first, "");
    assert_eq!(play.command(&play.waits()[0]), "remove a");
    let second = play.waits()[0].clone();
    play.fails(&second, FailureKind::Failed, "exit code 1");
    let menu = play.waits()[0].clone();
    play.choose(&menu, "skip");
    assert_eq!(play.command(&play.waits()[0]), "tell", "a failing undo does not keep the rest from running");
    let third = play.waits()[0].clone();
    play.done(&third, "");
    assert_eq!(play.ending(), Some(Ending::RolledBack));
    assert_eq!(play.view().notes[0].1.text, "rolled_back");
    play.replays();
}

#[test]
fn a_declined_rollback_changes_nothing() {
    let mut play = Play::of(WRITES);
    play.done("a/sh.1#1", "").done("b/sh.1#1", "");
    play.command_of_person(Command::Rollback { because: "bad".to_owned() });
    play.answer("run!rollback#1", Value::Bool(false));
    assert_eq!(play.waits(), ["c/confirm.1#1"]);
    play.replays();
}

#[test]
fn before_the_first_write_there_is_nothing_to_roll_back() {
    let mut play = Play::of("confirm \"Go?\", key: go\nrollback do\n sh \"x\", timeout: 5.s\nend");
    play.command_of_person(Command::Rollback { because: "bad".to_owned() });
    assert_eq!(play.waits(), ["go#1"]);
    assert!(play.tellings().iter().any(|t| matches!(t, Telling::Warning { .. })));
}

#[test]
fn a_write_in_doubt_is_never_guessed_and_a_read_runs_again() {
    let mut play = Play::of("step a, \"A\" do\n sh read: \"r\", timeout: 5.s\n sh \"w\", timeout: 5.s\nend");
    play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
    let started = |play: &Play, id: &str| {
        play.actions
            .iter()
            .filter(|action| matches!(action, runbook::engine::action::Action::Start(s) if s.id.0 == id))
            .count()
    };
    assert_eq!(started(&play, "a/sh.1#1"), 2);
    play.done("a/sh.1#1", "");
    play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
    assert_eq!(started(&play, "a/sh.2#1"), 1, "a write does not run a second time unasked");
    assert!(play.waits().contains(&"a/sh.2!in_doubt#1".to_owned()), "{:?}", play.waits());
    play.choose("a/sh.2!in_doubt#1", "ran");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

fn resumed() -> Event {
    Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None }
}

#[test]
fn a_write_that_may_run_again_does_so_behind_its_guards() {
    let mut play = Play::of(
        "guard cluster, sh: \"which\", is: \"prod\"\n\
         step a, \"A\" do\n sh \"w\", timeout: 5.s, again: safe\n undo none, because: \"x\"\nend",
    );
    play.done("guard/cluster#1", "prod\n");
    assert_eq!(play.waits(), ["a/sh.1#1"]);
    play.tell(resumed());
    assert_eq!(play.waits(), ["guard/cluster#2"], "the world may be another one now");
    play.done("guard/cluster#2", "prod\n");
    assert_eq!(play.waits(), ["a/sh.1#1~2"]);
    play.done("a/sh.1#1~2", "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn no_write_goes_on_before_the_target_is_locked_again() {
    let mut play = Play::of(
        "lock \"cluster/prod\"\n\
         step a, \"A\" do\n sh \"w\", timeout: 5.s, again: safe\n undo none, because: \"x\"\nend",
    );
    play.outcome(&play.waits()[0].clone(), None, Data::None);
    assert_eq!(play.waits(), ["a/sh.1#1"]);
    play.tell(resumed());
    let waits = play.waits();
    assert!(waits.len() == 1 && waits[0].starts_with("lock cluster/prod"), "{waits:?}");
    play.outcome(&waits[0], None, Data::None);
    assert_eq!(play.waits(), ["a/sh.1#1~2"]);
    play.replays();
}

#[test]
fn after_a_wait_the_guards_are_looked_at_again() {
    let mut play = Play::of(
        "guard cluster, sh: \"which\", is: \"prod\"\nwait 1.min, key: pause\nsh read: \"r\", timeout: 5.s, key: look",
    );
    play.pass(SignedDuration::from_mins(1));
    assert_eq!(play.waits(), ["guard/cluster#1"], "the target may be another one after a wait");
    play.done("guard/cluster#1", "staging\n");
    assert!(!play.waits().contains(&"look#1".to_owned()), "{:?}", play.waits());
    play.replays();
}

#[test]
fn while_a_run_is_paused_no_write_begins() {
    let mut play = Play::of(
        "confirm \"Go?\", key: go\nstep a, \"A\" do\n undo none, because: \"x\"\n sh \"w\", timeout: 5.s\nend",
    );
    play.tell(Event::Interrupt);
    play.answer("go#1", Value::Bool(true));
    assert_eq!(play.waits(), ["run!paused#1"], "an answer from elsewhere does not end the pause");
    play.choose("run!paused#1", "go_on");
    assert_eq!(play.waits(), ["a/sh.1#1"]);
    play.replays();
}

#[test]
fn after_a_jump_no_write_begins_before_the_stopped_one_has_ended() {
    let mut play = Play::of(
        "no_return \"From here\", key: point\n\
         step a, \"A\" do\n sh \"one\", timeout: 5.s\nend\n\
         note \"between\"\n\
         step b, \"B\" do\n sh \"two\", timeout: 5.s\nend",
    );
    play.answer("point#1", Value::Bool(true));
    play.command_of_person(Command::Jump { key: "b".to_owned() });
    assert_eq!(play.waits(), ["a/sh.1#1"], "it was asked to stop, and has not ended");
    play.fails("a/sh.1#1", FailureKind::Interrupted, "stopped");
    assert_eq!(play.waits(), ["b/sh.1#1"]);
    play.replays();
}

#[test]
fn an_interrupt_at_a_question_about_a_write_in_doubt_opens_the_pause() {
    let mut play = Play::of("step a, \"A\" do\n sh \"w\", timeout: 5.s\n undo none, because: \"x\"\nend");
    play.tell(resumed());
    assert!(play.waits().contains(&"a/sh.1!in_doubt#1".to_owned()), "{:?}", play.waits());
    play.tell(Event::Interrupt);
    assert!(play.waits().contains(&"run!paused#1".to_owned()), "{:?}", play.waits());
}

#[test]
fn a_probe_decides_whether_a_write_happened() {
    let body = r#"
    step a, "A" do
      sh "w", timeout: 5.s, key: w
      probe do
        sh read: "look", timeout: 5.s, as: seen
        done_when seen.out == "yes"
      end
    end
    "#;
    for (seen, again) in [("yes", false), ("no", true)] {
        let mut play = Play::of(body);
        play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
        let look = play.waits().into_iter().find(|id| id.contains("sh.")).unwrap();
        play.done(&look, seen);
        assert_eq!(play.waits().iter().any(|id| id == "a/w#1~2"), again, "{seen}: {:?}", play.waits());
        play.replays();
    }
}

#[test]
fn each_pass_is_keyed_by_its_item() {
    let mut play = Play::of(
        r#"
        each node, in: ["n1", "n2"], key: drain do
          sh "drain #{node}", timeout: 5.s
        end
        "#,
    );
    assert_eq!(play.waits(), ["drain[n1]/sh.1#1"]);
    play.done("drain[n1]/sh.1#1", "");
    assert_eq!(play.command("drain[n2]/sh.1#1"), "drain n2");
    play.done("drain[n2]/sh.1#1", "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn a_guard_is_looked_at_before_each_write_and_cannot_be_skipped() {
    let mut play = Play::of(
        r#"
        guard cluster, sh: "which", is: "prod"
        step a, "A" do
          sh "w", timeout: 5.s
        end
        "#,
    );
    assert_eq!(play.waits(), ["guard/cluster#1"]);
    play.done("guard/cluster#1", "staging\n");
    let menu = play.waits()[0].clone();
    let keys: Vec<String> = play.prompt(&menu).choices.into_iter().map(|choice| choice.key).collect();
    assert!(!keys.contains(&"skip".to_owned()));
    play.choose(&menu, "retry");
    play.done("guard/cluster#2", "prod\n");
    assert_eq!(play.waits(), ["a/sh.1#1"]);
    play.replays();
}

#[test]
fn ctrl_c_stops_the_command_then_its_menu_opens() {
    let mut play = Play::of("step a, \"A\" do\n sh \"w\", timeout: 5.s\nend");
    play.tell(Event::Interrupt);
    assert!(
        play.actions.iter().any(|a| matches!(a, runbook::engine::action::Action::Cancel(id) if id.0 == "a/sh.1#1"))
    );
    play.fails("a/sh.1#1", FailureKind::Interrupted, "stopped");
    assert_eq!(play.waits(), ["a/sh.1!failed#1"]);
    play.replays();
}

#[test]
fn someone_else_has_to_answer_where_the_executor_may_not() {
    let mut play = Play::of(
        r#"
        param people, list, default: ["ann"]
        role approver, "A", people: people, not: executor
        confirm "Go?", key: go, by: approver
        "#,
    );
    play.answer("go#1", Value::Bool(true));
    assert_eq!(play.waits(), ["go#1"], "the executor's own yes does not count");
    play.answer_as("go#1", Value::Bool(true), "bob");
    assert_eq!(play.waits(), ["go#1"], "nor does that of a stranger");
    play.answer_as("go#1", Value::Bool(true), "ann");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn an_abort_runs_finally_and_no_undo() {
    let mut play = Play::of(WRITES);
    play.done("a/sh.1#1", "").done("b/sh.1#1", "");
    play.command_of_person(Command::Abort { because: "enough".to_owned() });
    assert_eq!(play.ending(), Some(Ending::Aborted));
    assert_eq!(play.view().notes[0].1.text, "aborted");
    assert!(play.open().iter().all(|start| !matches!(start.effect, Effect::Shell(_))));
    play.replays();
}

const STEPS: &str = r#"
    precheck ready, "Ready" do
      sh read: "look", timeout: 5.s
    end
    step a, "A" do
      sh "one", timeout: 5.s
    end
    section s, "S" do
      step b, "B" do
        sh "two", timeout: 5.s
      end
      step c, "C" do
        sh "three", timeout: 5.s
      end
    end
"#;

fn of(body: &str, begin: Begin) -> Play {
    Play::begin(program(&format!("runbook t, \"T\" do\n{body}\nend\n")), begin)
}

#[test]
fn from_begins_at_a_statement_and_never_behind_a_check() {
    let behind = of(STEPS, Begin { from: Some("s/c".to_owned()), ..Begin::default() });
    assert_eq!(behind.ending(), Some(Ending::Refused), "the precheck would be passed over");
    let without = STEPS.replace("precheck ready", "step ready");
    let mut play = of(&without, Begin { from: Some("s/c".to_owned()), ..Begin::default() });
    assert_eq!(play.waits(), ["s/c/sh.1#1"]);
    assert_eq!(play.view().deviations.len(), 1);
    play.done("s/c/sh.1#1", "");
    assert_eq!(play.ending(), Some(Ending::NotPassed), "what was left out was not done");
    play.replays();
}

#[test]
fn a_jump_goes_on_elsewhere_and_is_a_deviation() {
    let mut play = Play::of(STEPS);
    play.command_of_person(Command::Jump { key: "s/b".to_owned() });
    assert_eq!(play.waits(), ["ready/sh.1#1"], "the precheck is not passed yet: {:?}", play.waits());
    play.done("ready/sh.1#1", "");
    play.fails("a/sh.1#1", FailureKind::Failed, "no");
    play.command_of_person(Command::Jump { key: "s/b".to_owned() });
    assert_eq!(play.waits(), ["s/b/sh.1#1"]);
    play.done("s/b/sh.1#1", "").done("s/c/sh.1#1", "");
    assert_eq!(play.ending(), Some(Ending::NotPassed), "the failed step was left behind");
    play.replays();
}

#[test]
fn step_by_step_asks_before_each_effect_that_leaves_a_trace() {
    let mut play = of(STEPS, Begin { step: true, ..Begin::default() });
    play.done("ready/sh.1#1", "");
    assert_eq!(play.waits(), ["a/sh.1!step#1"]);
    assert!(matches!(play.prompt("a/sh.1!step#1").kind, PromptKind::Step { what } if what == "one"));
    play.choose("a/sh.1!step#1", "go_on").done("a/sh.1#1", "");
    play.choose("s/b/sh.1!step#1", "skip");
    play.choose("s/c/sh.1!step#1", "go_on").done("s/c/sh.1#1", "");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    play.replays();
}

#[test]
fn a_question_is_remembered_and_a_section_that_takes_too_long_is_noted() {
    let mut play = Play::of("section s, \"S\", budget: 10.min do\n confirm \"Go?\", key: go, remind: 5.min\nend");
    play.deliver("s/go#1").pass(minutes(16));
    let reminded = play.tellings().iter().filter(|telling| matches!(telling, Telling::Warning { .. })).count();
    assert_eq!(reminded, 3);
    play.answer("s/go#1", Value::Bool(true));
    assert!(play.view().notes.iter().any(|(_, words)| words.text.contains("16m")), "{:?}", play.view().notes);
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn what_failed_in_a_try_or_a_poll_is_not_held_against_the_run_that_went_on() {
    let mut play = Play::of(
        "try 2 do\n sh \"x\"\n run inner\n end\n\
         poll every: 5.s, for: 1.min do\n sh read: \"y\", timeout: 5.s, as: y\n done_when y.status == 0\n end\n\
         scenario inner, \"Inner\" do\n sh \"z\"\n end",
    );
    play.done("sh.1#1", "");
    play.fails("inner/sh.1#1", FailureKind::Failed, "exit 1");
    play.done("sh.1#2", "");
    play.done("inner/sh.1#2", "");
    play.fails("sh.2#1", FailureKind::Failed, "exit 1");
    play.pass(SignedDuration::from_secs(5));
    play.done("sh.2#2", "");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    play.replays();
}
