//! `watch`: samples as long as steps run, and rules that stop them.

use jiff::SignedDuration;
use runbook::engine::action::{Action, ActionId, Ending};
use runbook::engine::input::{Event, FailureKind};
use runbook::engine::telling::Telling;
use runbook::value::{Value, Verdict};

use crate::support::play::Play;

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

fn text(total: u32, bad: u32) -> String {
    format!("# TYPE req counter\nreq{{status=\"200\"}} {}\nreq{{status=\"500\"}} {bad}\n", total - bad)
}

const RUNBOOK: &str = r##"
    source prod, scrape: "http://a.example/metrics", timeout: 5.s
    slo ok, "OK", from: prod do
      value ratio bad: 'req{status="500"}', total: 'req'
      unit percent
      target >= 98.pct
    end
    step deploy, "Deploy" do
      undo sh: "kubectl rollout undo deployment/web"
      watch prod, every: 30.s, as: rollout do
        on breach(any) do
          stop rollout, because: "errors while it rolls out"
        end
        sh "kubectl rollout restart deployment/web"
        sh read: "kubectl rollout status deployment/web", as: status, timeout: 10.min
      end
    end
    note "#{rollout.taken} samples"
"##;

const WATCH: &str = "deploy/rollout";

fn begun() -> Play {
    let mut play = Play::of(RUNBOOK);
    play.scraped(&format!("{WATCH}#1/scrape.0"), &text(1000, 0));
    assert_eq!(play.waits(), [format!("{WATCH}/sh.1#1")], "the first step; sample 1 follows one interval later");
    play
}

#[test]
fn samples_are_taken_while_the_steps_run_and_once_more_at_their_end() {
    let mut play = begun();
    play.pass(seconds(30));
    play.scraped(&format!("{WATCH}#1/sample.1"), &text(1100, 1));
    play.done(&format!("{WATCH}/sh.1#1"), "");
    play.pass(seconds(30));
    play.scraped(&format!("{WATCH}#1/sample.2"), &text(1200, 2));
    play.at += seconds(7);
    play.done(&format!("{WATCH}/sh.2#1"), "");
    assert_eq!(play.waits(), [format!("{WATCH}#1/sample.3")], "what the steps did last is seen too");
    play.scraped(&format!("{WATCH}#1/sample.3"), &text(1250, 3));
    assert_eq!(play.ending(), Some(Ending::Passed), "{:#?}", play.view().reasons);
    let view = play.view();
    let observation = &view.observations[0];
    assert_eq!((observation.taken, observation.count, observation.verdict), (3, Some(3), Verdict::Pass));
    let spans: Vec<i64> = observation
        .samples
        .windows(2)
        .map(|pair| pair[1].at.unwrap().duration_since(pair[0].at.unwrap()).as_secs())
        .collect();
    assert_eq!(spans, [30, 7]);
    play.replays();
}

#[test]
fn a_rule_stops_the_command_that_runs_and_the_watch_has_failed() {
    let mut play = begun();
    play.pass(seconds(30));
    play.scraped(&format!("{WATCH}#1/sample.1"), &text(1100, 50));
    let cancelled =
        play.actions.iter().any(|action| matches!(action, Action::Cancel(id) if id.0 == format!("{WATCH}/sh.1#1")));
    assert!(cancelled, "the command that runs is stopped");
    assert!(!play.waits().iter().any(|id| id.contains("!failed")), "no menu while a write still ends");
    play.fails(&format!("{WATCH}/sh.1#1"), FailureKind::Interrupted, "stopped");
    let menu = format!("{WATCH}!failed#1");
    assert!(play.waits().contains(&menu), "{:?}", play.waits());
    play.choose(&menu, "rollback");
    play.answer("run!rollback#1", Value::Bool(true));
    assert_eq!(play.waits(), ["deploy!half#1"], "the step is half done: whether its undo runs is asked");
    play.replays();
}

#[test]
fn a_watch_that_is_tried_again_begins_anew() {
    let mut play = begun();
    play.pass(seconds(30));
    play.scraped(&format!("{WATCH}#1/sample.1"), &text(1100, 50));
    play.fails(&format!("{WATCH}/sh.1#1"), FailureKind::Interrupted, "stopped");
    play.choose(&format!("{WATCH}!failed#1"), "retry");
    play.scraped(&format!("{WATCH}#1/scrape.0~2"), &text(2000, 50));
    play.done(&format!("{WATCH}/sh.1#2"), "");
    play.pass(seconds(30));
    play.scraped(&format!("{WATCH}#1/sample.1~2"), &text(2100, 50));
    play.done(&format!("{WATCH}/sh.2#1"), "");
    play.scraped(&format!("{WATCH}#1/sample.2~2"), &text(2200, 50));
    assert_eq!(play.ending(), Some(Ending::Passed), "{:#?}", play.view().reasons);
}

#[test]
fn a_question_of_the_steps_is_taken_back_when_they_are_stopped() {
    let mut play = Play::of(
        r#"
        source prod, scrape: "http://a.example/metrics", timeout: 5.s
        watch prod, every: 30.s, as: rollout do
          on unreachable(prod) do stop rollout, because: "gone" end
          confirm "goes well?", key: well
          note "yes"
        end
        "#,
    );
    play.scraped("rollout#1/scrape.0", &text(1000, 0));
    assert!(play.waits().contains(&"rollout/well#1".to_owned()), "{:?}", play.waits());
    play.pass(seconds(30));
    play.fails("rollout#1/sample.1", FailureKind::Unreachable, "refused");
    let waits = play.waits();
    assert!(
        waits.contains(&"rollout!failed#1".to_owned()) && !waits.contains(&"rollout/well#1".to_owned()),
        "{waits:?}"
    );
    play.tell(Event::Terminate);
    assert_eq!(play.ending(), Some(Ending::Suspended));
}

/// A `watch` whose only step is a question, with or without a rule.
fn asks(rule: &str) -> Play {
    let mut play = Play::of(&format!(
        r#"
        source prod, scrape: "http://a.example/metrics", timeout: 5.s
        slo ok, "OK", from: prod do
          value ratio bad: 'req{{status="500"}}', total: 'req'
          unit percent
          target >= 98.pct
        end
        watch prod, every: 30.s, as: w do
          {rule}
          confirm "Fine?", key: fine
        end
        "#
    ));
    play.scraped("w#1/scrape.0", &text(1000, 0));
    play
}

#[test]
fn a_watch_without_a_rule_is_no_reason_to_go_on_where_nobody_answers() {
    let mut play = asks("");
    play.tell(Event::NobodyThere { id: ActionId("w/fine#1".to_owned()) });
    assert_eq!(play.ending(), Some(Ending::Suspended), "{:?}", play.waits());
    play.replays();

    // Also where a sample is under way.
    let mut play = asks("");
    play.pass(seconds(30));
    play.tell(Event::NobodyThere { id: ActionId("w/fine#1".to_owned()) });
    assert_eq!(play.ending(), Some(Ending::Suspended), "{:?}", play.waits());
}

#[test]
fn a_watch_with_a_rule_goes_on_where_nobody_answers_and_says_what_it_waits_for() {
    let mut play = asks("on breach(any) do note \"bad\" end");
    let fine = ActionId("w/fine#1".to_owned());
    play.tell(Event::NobodyThere { id: fine.clone() });
    assert_eq!(play.ending(), None);
    let told = play.tellings().into_iter().filter(|told| *told == Telling::Unattended { id: fine.clone() }).count();
    assert_eq!(told, 1);
    play.pass(seconds(30));
    play.scraped("w#1/sample.1", &text(1100, 50));
    assert_eq!(play.view().notes.len(), 1, "its rule has fired");
    play.answer("w/fine#1", Value::Bool(true));
    play.replays();
}
