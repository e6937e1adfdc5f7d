//! `parallel`: branches at once, and what each of them means for the others.

use jiff::SignedDuration;
use runbook::engine::action::{Action, ActionId, Ending};
use runbook::engine::input::{Begin, Command, Data, Event, FailureKind};
use runbook::engine::telling::Telling;
use runbook::value::{Value, Verdict};

use crate::support::play::{Play, program};

pub(crate) fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

const TWO: &str = r##"
    step both, "Both" do
      undo none, because: "test"
      parallel do
        branch eu, "Europe" do
          sh "deploy eu", as: first
          sh read: "check eu", timeout: 1.min, as: second
        end
        branch us, "America" do
          sh "deploy us", as: other
        end
      end
    end
    note "#{trim(second.out)} #{trim(other.out)}"
"##;

const EU: &str = "both/parallel.1/eu";
const US: &str = "both/parallel.1/us";

pub(crate) fn told_notes(play: &Play) -> Vec<String> {
    let tellings = play.tellings().into_iter();
    tellings
        .filter_map(|telling| if let Telling::Noted { text, .. } = telling { Some(text.text) } else { None })
        .collect()
}

fn cancelled(play: &Play) -> Vec<String> {
    let cancels = play.actions.iter();
    cancels.filter_map(|action| if let Action::Cancel(id) = action { Some(id.0.clone()) } else { None }).collect()
}

#[test]
fn branches_run_at_once_and_their_names_are_there_afterwards() {
    let mut play = Play::of(TWO);
    assert_eq!(play.waits(), [format!("{EU}/sh.1#1"), format!("{US}/sh.1#1")]);
    play.done(&format!("{US}/sh.1#1"), "u");
    assert_eq!(play.ending(), None, "the other branch still runs");
    play.done(&format!("{EU}/sh.1#1"), "");
    play.at += seconds(7);
    play.done(&format!("{EU}/sh.2#1"), "e");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    assert_eq!(told_notes(&play), ["e u"]);
    let steps: Vec<(String, Verdict, Option<SignedDuration>)> =
        play.view().steps.into_iter().map(|step| (step.key, step.state, step.took)).collect();
    let found: Vec<&str> = steps.iter().map(|(key, ..)| key.as_str()).collect();
    let in_order = ["both#1", "both/parallel.1#1", "both/parallel.1/eu#1", "both/parallel.1/eu/sh.1#1"];
    assert_eq!(found[..4], in_order, "one branch after the other, whatever came first");
    assert_eq!(found[4..7], ["both/parallel.1/eu/sh.2#1", "both/parallel.1/us#1", "both/parallel.1/us/sh.1#1"]);
    assert_eq!(steps[1].1, Verdict::Pass);
    assert_eq!(steps[1].2, Some(seconds(7)), "as long as its longest branch");
    assert_eq!(steps[5].2, Some(seconds(0)));
    play.replays();
}

#[test]
fn what_happens_in_a_branch_says_so() {
    let mut play = Play::of(TWO);
    play.fails(&format!("{US}/sh.1#1"), FailureKind::Failed, "exit 1");
    play.tell(Event::NobodyThere { id: ActionId(format!("{US}/sh.1!failed#1")) });
    let branches: Vec<String> = play
        .tellings()
        .into_iter()
        .filter_map(|telling| match telling {
            Telling::InBranch { branch, telling } => Some((branch, telling)),
            _alone => None,
        })
        .filter(|(_, telling)| {
            matches!(**telling, Telling::EffectBegan { .. } | Telling::EffectEnded { .. } | Telling::Unattended { .. })
        })
        .map(|(branch, _)| branch)
        .collect();
    assert_eq!(branches, ["eu", "us", "us", "us"]);
    play.choose(&format!("{US}/sh.1!failed#1"), "retry").done(&format!("{US}/sh.1#1~2"), "");
    play.done(&format!("{EU}/sh.1#1"), "").done(&format!("{EU}/sh.2#1"), "");
    assert!(matches!(play.tellings().last(), Some(Telling::Ended { .. })), "and what comes after does not");
}

#[test]
fn a_failing_branch_opens_its_menu_while_the_others_go_on() {
    let mut play = Play::of(TWO);
    play.fails(&format!("{US}/sh.1#1"), FailureKind::Failed, "exit 1");
    assert_eq!(play.waits(), [format!("{EU}/sh.1#1"), format!("{US}/sh.1!failed#1")]);
    play.done(&format!("{EU}/sh.1#1"), "");
    play.done(&format!("{EU}/sh.2#1"), "e");
    assert_eq!(play.waits(), [format!("{US}/sh.1!failed#1")], "the `parallel` waits for the decision");
    play.choose(&format!("{US}/sh.1!failed#1"), "retry");
    play.done(&format!("{US}/sh.1#1~2"), "u");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    play.replays();
}

#[test]
fn a_skipped_statement_of_a_branch_is_the_worst_of_the_parallel() {
    let mut play = Play::of(
        r##"parallel key: rollout do
             branch eu, "Europe" do
               sh "deploy eu"
             end
             branch us, "America" do
               sh "deploy us"
             end
           end
           note "#{rollout.verdict} #{eu.verdict} #{us.verdict}""##,
    );
    play.done("rollout/eu/sh.1#1", "");
    play.fails("rollout/us/sh.1#1", FailureKind::Failed, "exit 1");
    play.choose("rollout/us/sh.1!failed#1", "skip");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    assert_eq!(told_notes(&play), ["skipped pass skipped"]);
}

#[test]
fn abort_in_one_branch_stops_the_others() {
    let mut play = Play::of(TWO);
    play.fails(&format!("{US}/sh.1#1"), FailureKind::Failed, "exit 1");
    play.choose(&format!("{US}/sh.1!failed#1"), "abort");
    assert_eq!(cancelled(&play), [format!("{EU}/sh.1#1")]);
    assert_eq!(play.ending(), Some(Ending::Aborted));
    play.replays();
}

#[test]
fn suspend_in_one_branch_leaves_all_and_a_resume_goes_on_with_all() {
    let mut play = Play::of(
        r#"parallel do
             branch a, "A" do
               confirm "go on with A?"
               suspend because: "tomorrow"
               sh read: "one", timeout: 1.min
             end
             branch b, "B" do
               ask word, string, "a word"
             end
           end"#,
    );
    play.answer("parallel.1/a/confirm.1#1", Value::Bool(true));
    assert_eq!(play.ending(), Some(Ending::Suspended));
    let running = std::collections::BTreeSet::new();
    play.tell(Event::Resumed { executor: "op".to_owned(), running, changed: None });
    assert_eq!(play.waits(), ["parallel.1/a/sh.1#1", "parallel.1/b/word#1"]);
    play.done("parallel.1/a/sh.1#1", "");
    play.answer("parallel.1/b/word#1", Value::Text("w".to_owned()));
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

const UNDOS: &str = r#"
    parallel do
      branch eu, "Europe" do
        step first, "First" do
          undo sh: "undo first", half: run
          sh "first"
        end
        step third, "Third" do
          undo sh: "undo third", half: run
          sh "third"
        end
      end
      branch us, "America" do
        step second, "Second" do
          sh "second"
          undo sh: "undo second", half: run
          sh "more"
        end
      end
    end
    rollback do
      sh "the rest"
    end
"#;

#[test]
fn undos_run_newest_first_over_all_branches() {
    let mut play = Play::of(UNDOS);
    play.done("parallel.1/us/second/sh.1#1", "");
    play.done("parallel.1/eu/first/sh.1#1", "");
    play.fails("parallel.1/us/second/sh.2#1", FailureKind::Failed, "exit 1");
    play.choose("parallel.1/us/second/sh.2!failed#1", "rollback");
    play.answer("run!rollback#1", Value::Bool(true));
    assert_eq!(cancelled(&play), ["parallel.1/eu/third/sh.1#1"], "the write of the other branch is stopped");
    assert!(play.waits().contains(&"parallel.1/eu/third/sh.1#1".to_owned()), "and it is waited for");
    play.fails("parallel.1/eu/third/sh.1#1", FailureKind::Interrupted, "stopped");
    let mut undone = Vec::new();
    while let Some(id) = play.waits().first().cloned() {
        undone.push(play.command(&id));
        play.done(&id, "");
    }
    assert_eq!(undone, ["undo third", "undo second", "undo first", "the rest"]);
    assert_eq!(play.ending(), Some(Ending::RolledBack));
    play.replays();
}

#[test]
fn a_try_around_sees_the_failure_when_all_branches_have_ended() {
    let mut play = Play::of(
        r#"try 2 do
             parallel do
               branch a, "A" do
                 sh "one"
               end
               branch b, "B" do
                 sh "two"
                 sh "three"
               end
             end
             repair do
               note "repaired"
             end
           end"#,
    );
    play.fails("parallel.1/a/sh.1#1", FailureKind::Failed, "exit 1");
    assert_eq!(play.waits(), ["parallel.1/b/sh.1#1"], "no menu: the `try` catches it, when the other is done");
    play.done("parallel.1/b/sh.1#1", "").done("parallel.1/b/sh.2#1", "");
    assert_eq!(told_notes(&play), ["repaired"]);
    assert_eq!(play.waits(), ["parallel.1/a/sh.1#2", "parallel.1/b/sh.1#2"]);
    play.done("parallel.1/a/sh.1#2", "").done("parallel.1/b/sh.1#2", "").done("parallel.1/b/sh.2#2", "");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    play.replays();
}

#[test]
fn in_a_verify_the_branches_read_at_once() {
    let mut play = Play::of(
        r#"verify ready, "Ready" do
             parallel title: "both" do
               branch eu, "Europe" do
                 sh read: "check eu", timeout: 1.min, parse: int, as: eu_nodes
                 assert eu_nodes.value == 3, "three"
               end
               branch us, "America" do
                 sh read: "check us", timeout: 1.min
               end
             end
             assert eu_nodes.value < 9, "few"
           end"#,
    );
    assert_eq!(play.waits(), ["ready/parallel.1/eu/sh.1#1", "ready/parallel.1/us/sh.1#1"]);
    play.fails("ready/parallel.1/us/sh.1#1", FailureKind::Failed, "exit 1");
    let value = Some(Value::Int(3));
    let (out, err) = Default::default();
    play.outcome("ready/parallel.1/eu/sh.1#1", None, Data::Shell { code: Some(0), out, err, value });
    assert_eq!(play.waits(), ["ready!failed#1"], "its one menu, after all checks");
    let rows = play.tellings().into_iter().find_map(|telling| match telling {
        Telling::CheckTable { rows, .. } => Some(rows),
        _other => None,
    });
    let rows: Vec<(String, Verdict)> = rows.unwrap().into_iter().map(|(title, state, _)| (title.text, state)).collect();
    assert_eq!(rows, [("both".to_owned(), Verdict::Fail), ("few".to_owned(), Verdict::Pass)]);
}

#[test]
fn a_branch_whose_condition_is_false_does_not_apply() {
    let mut play = Play::of(
        r#"param wide, bool, default: false
           parallel do
             branch a, "A" do
               sh "one"
             end
             branch b, "B", if: wide do
               sh "two"
             end
           end"#,
    );
    assert_eq!(play.waits(), ["parallel.1/a/sh.1#1"]);
    play.done("parallel.1/a/sh.1#1", "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    let steps = play.view().steps;
    assert!(steps.iter().any(|step| step.key == "parallel.1/b#1" && step.state == Verdict::NotApplicable));
}

#[test]
fn the_item_of_a_loop_around_is_in_the_keys_of_a_branch() {
    let mut play = Play::of(
        r#"each node, in: ["n1", "n2"] do
             parallel do
               branch a, "A" do
                 each disk, in: ["x"] do
                   sh "one #{node} #{disk}"
                 end
               end
               branch b, "B" do
                 parallel do
                   branch c, "C" do
                     sh "two #{node}"
                   end
                   branch d, "D" do
                     sh "three #{node}"
                   end
                 end
               end
             end
           end"#,
    );
    let first = [
        "node[n1]/parallel.1/a/disk[x]/sh.1#1",
        "node[n1]/parallel.1/b/parallel.1/c/sh.1#1",
        "node[n1]/parallel.1/b/parallel.1/d/sh.1#1",
    ];
    assert_eq!(play.waits(), first);
    for id in first {
        play.done(id, "");
    }
    assert_eq!(play.waits()[0], "node[n2]/parallel.1/a/disk[x]/sh.1#1");
    play.replays();
}

#[test]
fn ctrl_c_stops_the_commands_of_all_branches() {
    let mut play = Play::of(TWO);
    play.tell(Event::Interrupt);
    assert_eq!(cancelled(&play), [format!("{EU}/sh.1#1"), format!("{US}/sh.1#1")]);
    play.fails(&format!("{EU}/sh.1#1"), FailureKind::Interrupted, "stopped");
    play.fails(&format!("{US}/sh.1#1"), FailureKind::Interrupted, "stopped");
    assert_eq!(play.waits(), [format!("{EU}/sh.1!failed#1"), format!("{US}/sh.1!failed#1")], "each asks for itself");
}

#[test]
fn guards_are_looked_at_before_the_write_of_each_branch() {
    let mut play = Play::of(&format!("guard cluster, sh: \"where\", is: \"here\"\n{TWO}"));
    assert_eq!(play.waits(), ["guard/cluster#1", "guard/cluster#2"]);
    play.done("guard/cluster#2", "here");
    assert_eq!(play.waits(), [format!("{US}/sh.1#1"), "guard/cluster#1".to_owned()]);
    play.done("guard/cluster#1", "elsewhere");
    assert!(play.waits().iter().any(|id| id.ends_with("!failed#1")), "{:?}", play.waits());
    assert!(!play.waits().contains(&format!("{EU}/sh.1#1")));
}

#[test]
fn nothing_jumps_into_a_branch() {
    let body = r#"
        step before, "Before" do
          confirm "there?"
        end
        parallel key: wide do
          branch a, "A" do
            step inner, "Inner" do
              sh read: "one", timeout: 1.min
            end
          end
          branch b, "B" do
            sh read: "two", timeout: 1.min
          end
        end"#;
    let mut play = Play::of(body);
    play.command_of_person(Command::Jump { key: "wide/a/inner".to_owned() });
    let warned = play.tellings().into_iter().find_map(|telling| match telling {
        Telling::Warning { text } => Some(text.en),
        _other => None,
    });
    assert!(warned.unwrap().contains("stands inside a `branch`"));
    play.command_of_person(Command::Jump { key: "wide".to_owned() });
    assert_eq!(play.waits(), ["wide/a/inner/sh.1#1", "wide/b/sh.1#1"]);

    let begin = Begin { from: Some("wide/a/inner".to_owned()), ..Begin::default() };
    let play = Play::begin(program(&format!("runbook t, \"T\" do\n{body}\nend\n")), begin);
    assert_eq!(play.ending(), Some(Ending::Refused));
    let reasons = play.view().reasons;
    let why = reasons[0].said(runbook::text::Lang::En);
    assert!(why.contains("stands inside a `branch`"), "{why}");
}

#[test]
fn a_jump_out_of_an_observation_ends_it_and_all_that_it_set_off() {
    let mut play = Play::of(
        r#"source prod, scrape: "http://prod/metrics"
           step first, "First" do
             sample prod, every: 1.min, count: 30, as: series do
               at 1 do
                 confirm "Is it well?"
               end
             end
           end
           step last, "Last" do
             confirm "Over?", key: over
           end"#,
    );
    play.scraped("first/series#1/scrape.0", "a_total 1\n");
    play.pass(seconds(60));
    play.scraped("first/series#1/sample.1", "a_total 1\n");
    play.pass(seconds(60));
    assert_eq!(play.waits(), ["first/series#1/sample.2", "first/series/at.1/confirm.1#1"]);
    play.command_of_person(Command::Jump { key: "last".to_owned() });
    play.fails("first/series#1/sample.2", FailureKind::Interrupted, "stopped");
    assert_eq!(play.waits(), ["last/over#1"], "nobody waits for what it would still show");
    play.pass(seconds(600));
    assert_eq!(play.waits(), ["last/over#1"]);
    play.replays();
}

#[test]
fn a_jump_out_of_a_parallel_takes_its_branches_back() {
    let mut play = Play::of(
        r#"parallel do
             branch a, "A" do
               sh read: "one", timeout: 1.min
             end
             branch b, "B" do
               confirm "two?"
             end
           end
           step after, "After" do
             sh read: "three", timeout: 1.min
           end"#,
    );
    play.command_of_person(Command::Jump { key: "after".to_owned() });
    assert_eq!(cancelled(&play), ["parallel.1/a/sh.1#1"]);
    play.fails("parallel.1/a/sh.1#1", FailureKind::Interrupted, "stopped");
    assert_eq!(play.waits(), ["after/sh.1#1"]);
    play.done("after/sh.1#1", "");
    assert_eq!(play.ending(), Some(Ending::NotPassed), "a jump leaves something out");
    play.replays();
}

#[test]
fn a_rollback_shows_the_commands_of_each_branch_before_it_begins() {
    let mut play = Play::of(
        r#"step deploy, "Deploy" do
             undo half: run do
               parallel do
                 branch eu, "Europe" do
                   sh "undo eu"
                 end
                 branch us, "America" do
                   sh "undo us"
                 end
               end
             end
             sh "deploy"
           end
           confirm "stay?", else: run(back)
           scenario back, "Back" do
             rollback because: "no"
           end"#,
    );
    play.done("deploy/sh.1#1", "");
    play.answer("confirm.1#1", Value::Bool(false));
    let runbook::engine::action::PromptKind::Rollback { plan, .. } = play.prompt("run!rollback#1").kind else {
        panic!()
    };
    let plan: Vec<String> = plan.into_iter().map(|line| line.text).collect();
    assert_eq!(plan, ["deploy#1: [eu] undo eu; [us] undo us"]);
    play.answer("run!rollback#1", Value::Bool(true));
    let undo = "deploy/undo.1/parallel.1";
    assert_eq!(play.waits(), [format!("{undo}/eu/sh.1#1"), format!("{undo}/us/sh.1#1")], "at once");
    play.done(&format!("{undo}/us/sh.1#1"), "").done(&format!("{undo}/eu/sh.1#1"), "");
    assert_eq!(play.ending(), Some(Ending::RolledBack));
    play.replays();
}
