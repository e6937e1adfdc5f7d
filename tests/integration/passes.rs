//! `each … at_once:`: passes that run beside each other, how many, what holds them up; and what `as:` binds.

use std::collections::BTreeSet;

use runbook::engine::action::{Ending, PromptKind};
use runbook::engine::input::{Command, Event, FailureKind};
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
fn how_many_may_fail_may_be_a_parameter_and_is_at_least_one() {
    let with = |count: &str| {
        Play::of(&format!(
            r#"
            param allowed, int, default: {count}
            each n, in: ["a", "b", "c"], key: put, stop_after: allowed + 0 do
              sh read: "put #{{n}}", timeout: 5.s
            end
            "#
        ))
    };
    let mut play = with("2");
    for item in ["a", "b"] {
        play.fails(&format!("put[{item}]/sh.1#1"), FailureKind::Failed, "exit 1");
    }
    let PromptKind::Failed { message, .. } = play.prompt("put!failed#1").kind else { panic!("no menu") };
    assert!(message.en.starts_with("2 of 3 passes failed"), "{}", message.en);
    play.replays();
    let mut play = with("1");
    play.fails("put[a]/sh.1#1", FailureKind::Failed, "exit 1");
    assert_eq!(play.waits(), ["put[a]/sh.1!failed#1"], "as without the word");
    for (count, words) in [("0", "`stop_after:` is 0: write `none`"), ("-1", "expected a count of 0 or more, found -1")]
    {
        let PromptKind::Failed { message, .. } = with(count).prompt("put!failed#1").kind else { panic!("no menu") };
        assert!(message.en.contains(words), "{}", message.en);
    }
}

#[test]
fn while_a_failed_pass_waits_for_a_person_no_other_begins() {
    let mut play = put("at_once: 2");
    play.fails(&sh("a"), FailureKind::Failed, "exit 1").done(&sh("b"), "");
    assert_eq!(play.waits(), ["all/put[a]/sh.1!failed#1"], "c waits for the decision");
    play.choose("all/put[a]/sh.1!failed#1", "retry");
    assert_eq!(play.waits(), ["all/put[a]/sh.1#1~2".to_owned(), sh("c")], "it is decided");
    play.done("all/put[a]/sh.1#1~2", "").done(&sh("c"), "").done(&sh("d"), "").done(&sh("e"), "");
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
fn the_question_between_passes_says_what_ended_and_what_comes() {
    let mut play = put("pause: ask_between, stop_after: 2");
    let title = |play: &Play| {
        let waiting = play.view().waiting;
        let one = waiting.iter().find(|one| one.id.contains("!next")).unwrap();
        (one.title.text.clone(), one.title.told())
    };
    play.done(&sh("a"), "");
    let (text, told) = title(&play);
    assert_eq!(text, "", "what is journaled is the title of the loop");
    assert_eq!(told.en, "a: passed. Go on with b?");
    play.answer("all/put!next#1", Value::Bool(true)).fails(&sh("b"), FailureKind::Failed, "exit 1");
    let told = title(&play).1;
    assert_eq!(told.en, "b: failed (1 so far; 2 end the loop). Go on with c?");
    assert_eq!(told.zh, "b：失败（共 1 次，满 2 次即停止）。是否继续 c？");
    play.replays();
    let mut play = put("at_once: 2, pause: ask_between, title: \"Put\"");
    play.done(&sh("b"), "").done(&sh("a"), "");
    let (text, told) = title(&play);
    assert_eq!((text.as_str(), told.en.as_str()), ("Put", "Put: a: passed, b: passed. Go on with c, d?"));
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

#[test]
fn passes_in_branches_in_passes_have_keys_of_their_own() {
    let mut play = Play::of(
        r#"
        each n, in: ["a", "b"], key: outer, at_once: all do
          parallel key: both do
            branch eu, "Europe" do
              each m, in: ["x", "y"], key: inner, at_once: all do
                sh read: "eu #{n} #{m}", timeout: 5.s
              end
            end
            branch us, "America" do
              sh read: "us #{n}", timeout: 5.s
            end
          end
        end
        "#,
    );
    let inside = |item: &str| {
        let both = format!("outer[{item}]/both");
        [format!("{both}/eu/inner[x]/sh.1#1"), format!("{both}/eu/inner[y]/sh.1#1"), format!("{both}/us/sh.1#1")]
    };
    assert_eq!(play.waits(), [inside("a"), inside("b")].concat());
    for id in inside("b").into_iter().chain(inside("a")) {
        play.done(&id, "");
    }
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    let effects = play.view().steps.into_iter().map(|step| step.key).filter(|key| key.contains("/sh.1"));
    assert_eq!(effects.collect::<Vec<_>>(), [inside("a"), inside("b")].concat(), "one pass after the other");
    play.replays();
}

#[test]
fn after_a_crash_no_pass_begins_while_the_write_of_another_is_in_doubt() {
    let mut play = put("at_once: 2");
    play.tell(Event::Resumed { executor: "op".to_owned(), running: BTreeSet::new(), changed: None });
    play.choose("all/put[a]/sh.1!in_doubt#1", "ran");
    assert!(!play.waits().contains(&sh("c")), "{:?}", play.waits());
    play.choose("all/put[b]/sh.1!in_doubt#1", "ran");
    assert_eq!(play.waits(), [sh("c"), sh("d")]);
    play.replays();
}

#[test]
fn a_rollback_waits_for_the_writes_of_the_other_passes_and_asks_about_each_half() {
    let mut play = Play::of(
        r#"
        each n, in: ["a#1", "b/]c", "中 文"], at_once: all do
          step add, "Add" do
            undo sh: "remove #{n}", half: ask
            sh "add #{n}"
          end
        end
        "#,
    );
    play.done("n[中 文]/add/sh.1#1", "");
    play.fails("n[a#1]/add/sh.1#1", FailureKind::Failed, "no").choose("n[a#1]/add/sh.1!failed#1", "rollback");
    play.answer("run!rollback#1", Value::Bool(true));
    assert_eq!(play.waits(), ["n[b/]c]/add/sh.1#1"], "nothing is undone beside a write that runs");
    play.fails("n[b/]c]/add/sh.1#1", FailureKind::Interrupted, "stopped");
    let mut undone = Vec::new();
    while let Some(id) = play.waits().first().cloned() {
        if id.contains("!half") {
            undone.push(id.clone());
            play.choose(&id, "run");
        } else {
            undone.push(play.command(&id));
            play.done(&id, "");
        }
    }
    let asked = ["n[b/]c]/add!half#1", "remove 'b/]c'", "n[a#1]/add!half#1", "remove 'a#1'"];
    assert_eq!(undone, [["remove '中 文'"].as_slice(), &asked].concat());
    assert_eq!(play.ending(), Some(Ending::RolledBack));
    play.replays();
}

#[test]
fn what_failed_in_a_scenario_of_a_pass_is_forgiven_when_the_loop_is_tried_again() {
    for at_once in ["1", "all"] {
        let mut play = Play::of(&format!(
            r#"
            scenario look, "Look" do
              sh read: "look", timeout: 5.s
            end
            each n, in: ["a", "b"], key: put, at_once: {at_once}, stop_after: none do
              run look
            end
            "#,
        ));
        play.fails("look/sh.1#1", FailureKind::Failed, "exit 1").done("look/sh.1#2", "");
        play.choose("put!failed#1", "retry").done("look/sh.1#3", "");
        assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    }
}

#[test]
fn a_name_that_is_set_is_that_of_the_pass_that_asks() {
    let mut play = Play::of(
        r#"
        each n, in: ["a", "b"], key: put, at_once: all do
          sh read: "first #{n}", timeout: 5.s
          ask size, int, "Size of #{n}"
          sh read: "go #{n} #{size}", timeout: 5.s
        end
        "#,
    );
    play.done("put[b]/sh.1#1", "").answer("put[b]/size#1", Value::Int(2));
    play.fails("put[a]/sh.1#1", FailureKind::Failed, "exit 1");
    play.command_of_person(Command::Set { name: "size".to_owned(), value: "9".to_owned() });
    play.fails("put[b]/sh.2#1", FailureKind::Failed, "exit 1").choose("put[b]/sh.2!failed#1", "retry");
    assert_eq!(play.command("put[b]/sh.2#1~2"), "go b 2", "a was asked about, though it has no size yet");
}

#[test]
fn a_required_step_in_a_loop_is_passed_when_all_passes_are() {
    for at_once in ["1", "2"] {
        let mut play = Play::of(&format!(
            r#"
            each n, in: ["a", "b", "c"], key: put, at_once: {at_once}, pause: ask_between do
              step must, "Must", required: true do
                sh read: "go #{{n}}", timeout: 5.s
              end
            end
            confirm "over?", key: over
            "#,
        ));
        while let Some(id) = play.waits().into_iter().find(|id| id.contains("/sh.1")) {
            play.done(&id, "");
        }
        play.command_of_person(Command::Jump { key: "over".to_owned() });
        assert_eq!(play.waits(), ["put!next#1"], "c was not done: its step cannot be jumped over");
    }
}

#[test]
fn a_watch_that_is_stopped_takes_its_passes_back() {
    let mut play = Play::of(
        r#"
        source prod, scrape: "http://prod/metrics"
        slo up, "Up", from: prod do
          unit none
          value promql 'up'
          target >= 1
        end
        watch prod, every: 1.min, as: series do
          each n, in: ["a", "b", "c"], key: put, at_once: 2 do
            step go, "Go" do
              undo sh: "back #{n}"
              sh "go #{n}"
            end
          end
          on breach(any) do
            stop series, because: "breach"
          end
        end
        "#,
    );
    play.scraped("series#1/scrape.0", "up 1\n");
    play.at += seconds(61);
    play.tell(Event::Due).scraped("series#1/sample.1", "up 0\n");
    let writes = ["a", "b"].map(|item| format!("series/put[{item}]/go/sh.1#1"));
    assert_eq!(play.waits(), writes, "what they still do must not meet another write");
    for id in &writes {
        play.fails(id, FailureKind::Interrupted, "stopped");
    }
    assert_eq!(play.waits(), ["series!failed#1"]);
    play.replays();
}
