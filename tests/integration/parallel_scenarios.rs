//! One scenario that two branches run at once: neither is taken for the other.

use jiff::SignedDuration;
use runbook::engine::action::PromptKind;
use runbook::engine::input::FailureKind;
use runbook::engine::telling::Telling;
use runbook::value::{Value, Verdict};

use crate::support::play::Play;

/// Both branches run `scenario`, whose parameter is `place`.
fn in_both(name: &str, scenario: &str) -> Play {
    Play::of(&format!(
        r#"scenario {name}, "Scenario", params: {{ place: string }} do
             {scenario}
           end
           parallel do
             branch eu, "Europe" do
               run {name}, place: "eu"
             end
             branch us, "America" do
               run {name}, place: "us"
             end
           end"#
    ))
}

#[test]
fn a_failed_check_is_one_though_the_same_one_holds_in_another_branch() {
    let mut play = in_both(
        "health",
        r#"verify checks, "Checks" do
              sh read: "check #{place}", timeout: 1.min
            end"#,
    );
    play.done("health/checks/sh.1#2", "");
    play.fails("health/checks/sh.1#1", FailureKind::Failed, "exit 1");
    let tables: Vec<Vec<(String, Verdict)>> = play
        .tellings()
        .into_iter()
        .filter_map(|telling| match telling.within() {
            Telling::CheckTable { rows, .. } => {
                Some(rows.iter().map(|(title, verdict, _)| (title.text.clone(), *verdict)).collect())
            }
            _other => None,
        })
        .collect();
    let row = |title: &str, verdict| vec![(title.to_owned(), verdict)];
    assert_eq!(tables, [row("check us", Verdict::Pass), row("check eu", Verdict::Fail)]);
    let PromptKind::Failed { message, .. } = play.prompt("health/checks!failed#1").kind else { panic!() };
    assert_eq!(message.en, "1 of its checks failed: check eu");
}

#[test]
fn the_passes_of_a_loop_are_rows_of_its_own_branch_alone() {
    let mut play = in_both(
        "health",
        r#"verify checks, "Checks" do
              each node, in: ["1", "2"] do
                sh read: "check #{place} #{node}", timeout: 1.min
              end
            end"#,
    );
    for id in ["health/checks/node[1]/sh.1#1", "health/checks/node[1]/sh.1#2"] {
        play.done(id, "");
    }
    for id in ["health/checks/node[2]/sh.1#1", "health/checks/node[2]/sh.1#2"] {
        play.done(id, "");
    }
    let tables: Vec<Vec<String>> = play
        .tellings()
        .into_iter()
        .filter_map(|telling| match telling.within() {
            Telling::CheckTable { rows, .. } => Some(rows.iter().map(|(title, ..)| title.text.clone()).collect()),
            _other => None,
        })
        .collect();
    assert_eq!(tables, [["check eu 1", "check eu 2"], ["check us 1", "check us 2"]]);
}

#[test]
fn an_undo_belongs_to_the_step_of_its_own_branch() {
    let mut play = in_both(
        "deploy",
        r#"step out, "Roll out" do
              sh "prepare #{place}"
              undo sh: "undo #{place}", half: skip
              sh "deploy #{place}"
            end"#,
    );
    for id in ["deploy/out/sh.1#1", "deploy/out/sh.1#2", "deploy/out/sh.2#1"] {
        play.done(id, "");
    }
    play.fails("deploy/out/sh.2#2", FailureKind::Failed, "exit 1");
    play.choose("deploy/out/sh.2!failed#1", "rollback");
    play.answer("run!rollback#1", Value::Bool(true));
    let undos: Vec<String> = play.waits().iter().map(|id| play.command(id)).collect();
    assert_eq!(undos, ["undo eu"], "the step of us did not finish, that of eu did");
}

#[test]
fn a_step_is_read_as_it_was_in_its_own_branch() {
    let mut play = in_both(
        "health",
        r##"step look, "Look" do
              sh read: "look #{place}", timeout: 1.min
            end
            note "#{place}: #{look.verdict} #{look.took}""##,
    );
    play.fails("health/look/sh.1#1", FailureKind::Failed, "exit 1");
    play.choose("health/look/sh.1!failed#1", "skip");
    play.at += SignedDuration::from_secs(7);
    play.done("health/look/sh.1#2", "");
    let notes: Vec<String> = play.view().notes.into_iter().map(|(_, words)| words.text).collect();
    assert_eq!(notes, ["eu: skipped 0s", "us: pass 7s"]);
}
