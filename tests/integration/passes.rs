//! `each … at_once:`: passes that run beside each other, how many, what holds them up; and what `as:` binds.

use runbook::engine::action::{Ending, PromptKind};
use runbook::engine::input::FailureKind;
use runbook::engine::telling::Telling;
use runbook::value::{Value, Verdict};

use crate::parallel::{seconds, told_notes};
use crate::support::play::Play;

fn put(options: &str) -> Play {
    Play::of(&format!(
        r#"
        step all, "All" do
          undo none, because: "test"
          each n, in: ["a", "b", "c", "d", "e"], key: put, {options} do
            sh "put #{{n}}", timeout: 5.s
          end
        end
        "#
    ))
}

fn sh(item: &str) -> String {
    format!("all/put[{item}]/sh.1#1")
}

#[test]
fn so_many_passes_run_at_once_and_each_that_ends_lets_the_next_begin() {
    let mut play = put("at_once: 2");
    assert_eq!(play.waits(), [sh("a"), sh("b")]);
    play.done(&sh("b"), "");
    assert_eq!(play.waits(), [sh("a"), sh("c")]);
    play.done(&sh("c"), "").done(&sh("d"), "");
    play.at += seconds(9);
    play.done(&sh("a"), "");
    assert_eq!(play.waits(), [sh("e")]);
    play.done(&sh("e"), "");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    let keys: Vec<String> = play.view().steps.into_iter().map(|step| step.key).collect();
    assert_eq!(keys[1..4], ["all/put#1".to_owned(), sh("a"), sh("b")], "in the order of the list");
    play.replays();
}

#[test]
fn all_run_at_once_and_one_is_as_without_the_word() {
    let play = put("at_once: all");
    assert_eq!(play.waits(), ["a", "b", "c", "d", "e"].map(sh));
    let play = put("at_once: 1");
    assert_eq!(play.waits(), [sh("a")]);
}

#[test]
fn how_many_may_be_a_parameter_and_no_number_of_passes_is_too_few_or_too_many() {
    let with = |count: &str| {
        Play::of(&format!(
            r#"
            param many, int, default: {count}
            each n, in: ["a", "b"], key: put, at_once: many do
              sh read: "put #{{n}}", timeout: 5.s
            end
            "#
        ))
    };
    assert_eq!(with("2").waits().len(), 2);
    for (count, words) in [("0", "`at_once:` is 0: no pass could begin"), ("101", "more than the 100 allowed")] {
        let play = with(count);
        let PromptKind::Failed { message, .. } = play.prompt("put!failed#1").kind else { panic!("no menu") };
        assert!(message.en.contains(words), "{}", message.en);
    }
}

#[test]
fn while_a_failed_pass_waits_for_a_person_no_other_begins() {
    let mut play = put("at_once: 2");
    play.fails(&sh("a"), FailureKind::Failed, "exit 1").done(&sh("b"), "");
    assert_eq!(play.waits(), ["all/put[a]/sh.1!failed#1"], "c waits for the decision");
    play.choose("all/put[a]/sh.1!failed#1", "retry");
    assert_eq!(play.waits(), ["all/put[a]/sh.1#1~2"]);
    play.done("all/put[a]/sh.1#1~2", "");
    assert_eq!(play.waits(), [sh("c"), sh("d")]);
    play.done(&sh("c"), "").done(&sh("d"), "").done(&sh("e"), "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn a_skipped_pass_lets_the_next_begin_and_keeps_the_run_from_passing() {
    let mut play = put("at_once: 2");
    play.fails(&sh("a"), FailureKind::Failed, "exit 1");
    play.choose("all/put[a]/sh.1!failed#1", "skip");
    assert_eq!(play.waits(), [sh("b"), sh("c")]);
    for item in ["b", "c", "d", "e"] {
        play.done(&sh(item), "");
    }
    assert_eq!(play.ending(), Some(Ending::NotPassed));
}

#[test]
fn failures_up_to_the_last_one_allowed_begin_no_more_and_those_that_run_end_first() {
    let mut play = put("at_once: 2, stop_after: 2");
    play.fails(&sh("a"), FailureKind::Failed, "exit 1");
    assert_eq!(play.waits(), [sh("b"), sh("c")], "one failure is allowed");
    play.fails(&sh("b"), FailureKind::Failed, "exit 2");
    assert_eq!(play.waits(), [sh("c")], "no other begins");
    play.done(&sh("c"), "");
    let PromptKind::Failed { message, .. } = play.prompt("all/put!failed#1").kind else { panic!("no menu") };
    assert!(message.en.starts_with("2 of 5 passes failed: a: ") && message.en.contains("; b: "), "{}", message.en);
    play.choose("all/put!failed#1", "retry");
    assert_eq!(play.waits(), ["all/put[a]/sh.1#2", "all/put[b]/sh.1#2"], "c is done");
    play.done("all/put[a]/sh.1#2", "").done("all/put[b]/sh.1#2", "").done(&sh("d"), "").done(&sh("e"), "");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    play.replays();
}

#[test]
fn with_a_question_between_they_go_in_batches() {
    let mut play = put("at_once: 2, pause: ask_between");
    assert_eq!(play.waits(), [sh("a"), sh("b")]);
    play.done(&sh("a"), "");
    assert_eq!(play.waits(), [sh("b")], "nobody is asked while one runs");
    play.done(&sh("b"), "");
    let PromptKind::NextPass { item } = play.prompt("all/put!next#1").kind else { panic!("no question") };
    assert_eq!(item, "c, d");
    play.answer("all/put!next#1", Value::Bool(true));
    play.done(&sh("c"), "").done(&sh("d"), "");
    let PromptKind::NextPass { item } = play.prompt("all/put!next#2").kind else { panic!("no question") };
    assert_eq!(item, "e");
    play.answer("all/put!next#2", Value::Bool(true)).done(&sh("e"), "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn what_happens_in_a_pass_says_which() {
    let play = put("at_once: 2");
    let passes: Vec<String> = play
        .tellings()
        .into_iter()
        .filter_map(|telling| if let Telling::InBranch { branch, .. } = telling { Some(branch) } else { None })
        .collect();
    assert_eq!(passes, ["a", "b"]);
}

#[test]
fn the_undos_of_passes_run_newest_first_whichever_pass_armed_them() {
    let mut play = Play::of(
        r#"
        each n, in: ["a", "b"], at_once: all do
          step add, "Add" do
            undo sh: "remove #{n}"
            sh "add #{n}"
          end
        end
        sh read: "after", timeout: 5.s
        "#,
    );
    play.done("n[b]/add/sh.1#1", "").done("n[a]/add/sh.1#1", "");
    play.fails("sh.1#1", FailureKind::Failed, "no").choose("sh.1!failed#1", "rollback");
    play.answer("run!rollback#1", Value::Bool(true));
    let first = play.waits()[0].clone();
    assert_eq!(play.command(&first), "remove b");
    play.done(&first, "");
    let second = play.waits()[0].clone();
    assert_eq!(play.command(&second), "remove a");
    play.done(&second, "");
    assert_eq!(play.ending(), Some(Ending::RolledBack));
    play.replays();
}

#[test]
fn suspension_and_a_resume_go_on_with_all_passes() {
    let mut play = Play::of(
        r##"
        each n, in: ["a", "b", "c"], key: each_one, at_once: 2 do
          ask size, int, "Size of #{n}"
          assert size > 0, "#{n} has #{size}"
        end
        "##,
    );
    play.answer("each_one[a]/size#1", Value::Int(3));
    assert_eq!(play.waits(), ["each_one[b]/size#1", "each_one[c]/size#1"]);
    play.answer("each_one[c]/size#1", Value::Int(1)).answer("each_one[b]/size#1", Value::Int(2));
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn the_results_of_a_loop_are_a_record_for_each_item() {
    let source = |options: &str| {
        format!(
            r##"
            each n, in: ["a", "b", "c"], key: put, {options} as: results do
              sh read: "count #{{n}}", timeout: 5.s, parse: int, as: found
            end
            note "#{{count(where(results, "verdict", pass))}} of #{{count(results)}}"
            each r, in: results, key_by: r.key do
              note "#{{r.item}}: #{{r.verdict}} #{{default(r.found.out, "unknown")}}"
            end
            "##
        )
    };
    for options in ["", "at_once: all,"] {
        let mut play = Play::of(&source(&format!("{options} stop_after: none,")));
        play.done("put[a]/sh.1#1", "3");
        play.fails("put[b]/sh.1#1", FailureKind::Failed, "exit 1").done("put[c]/sh.1#1", "5");
        play.choose("put!failed#1", "skip");
        assert_eq!(play.ending(), Some(Ending::NotPassed));
        assert_eq!(told_notes(&play), ["2 of 3", "a: pass 3", "b: fail unknown", "c: pass 5"], "{options}");
        play.replays();
    }
}

#[test]
fn a_loop_inside_a_try_stops_where_it_says() {
    let mut play = Play::of(
        r#"
        try 2 do
          each n, in: ["a", "b"], key: put do
            sh "put #{n}", timeout: 5.s
          end
        end
        "#,
    );
    play.fails("put[a]/sh.1#1", FailureKind::Failed, "exit 1");
    assert_eq!(play.waits(), ["put[a]/sh.1#2"], "b is not touched: the next attempt begins");
}

#[test]
fn a_loop_of_checks_asks_all_of_them_and_tells_them_in_the_order_of_the_list() {
    let mut play = Play::of(
        r#"
        verify v, "V" do
          each n, in: ["a", "b", "c"], key: one, at_once: all do
            sh read: "look #{n}", timeout: 5.s
          end
        end
        "#,
    );
    let look = |item: &str| format!("v/one[{item}]/sh.1#1");
    play.fails(&look("c"), FailureKind::Failed, "no").fails(&look("a"), FailureKind::Failed, "no");
    play.done(&look("b"), "");
    let rows = play.tellings().into_iter().find_map(|telling| match telling {
        Telling::CheckTable { rows, .. } => Some(rows),
        _other => None,
    });
    let rows: Vec<(String, Verdict)> =
        rows.unwrap().into_iter().map(|(title, verdict, _)| (title.text, verdict)).collect();
    let expected = [("look a", Verdict::Fail), ("look b", Verdict::Pass), ("look c", Verdict::Fail)];
    assert_eq!(rows, expected.map(|(title, verdict)| (title.to_owned(), verdict)));
}
