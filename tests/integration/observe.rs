//! Observations in the engine alone: the grid, what samples set off, what is missed, how they end.

use jiff::SignedDuration;
use runbook::engine::action::{Ending, PromptKind, Urgency};
use runbook::engine::input::{Begin, Command, Event, FailureKind};
use runbook::engine::telling::Telling;
use runbook::value::{Value, Verdict};

use crate::support::play::{Play, program};

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Exposition text of a service: requests, of which errors; the start of its process.
fn text(total: u32, bad: u32, started: u32) -> String {
    format!(
        "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {started}\n# TYPE req counter\n\
         req{{status=\"200\"}} {}\nreq{{status=\"500\"}} {bad}\n# TYPE rare counter\n",
        total - bad
    )
}

const RUNBOOK: &str = r#"
    source prod, scrape: "http://a.example/metrics", timeout: 5.s
    slo ok, "OK", from: prod do
      value ratio bad: 'req{status="500"}', total: 'req'
      unit percent
      target >= 98.pct
      alert < 90.pct
    end
    query prod, as: zero, key: zero
    sample prod, since: zero, every: 10.min, count: 3, as: base, slos: all do
      at 2 do
        confirm "second?"
      end
      on alert_level(any) do
        run bad
      end
      on breach(any) do
        run bad
      end
      on unreachable(prod) do
        run down
      end
    end
    scenario bad, "Bad" do
      decide what, "What?" do
        option go_on, "Go on"
        option more, "More" do
          extend base, by: 2
        end
      end
    end
    scenario down, "Down" do
      confirm "still there?"
    end
"#;

/// A run whose scrape 0 is taken.
fn observed() -> Play {
    let mut play = Play::of(RUNBOOK);
    play.scraped("zero#1", &text(1000, 0, 1));
    assert_eq!(play.waits(), ["base#1/sample.1"], "sample 1 follows a scrape that is there at once");
    play
}

#[test]
fn exactly_98_of_100_passes_and_the_whole_decides() {
    let mut play = observed();
    play.scraped("base#1/sample.1", &text(1100, 2, 1)).pass(minutes(10));
    play.scraped("base#1/sample.2", &text(1200, 4, 1));
    assert!(play.waits().contains(&"base/at.2/confirm.1#1".to_owned()), "{:?}", play.waits());
    play.pass(minutes(10));
    play.scraped("base#1/sample.3", &text(1300, 6, 1));
    assert_eq!(play.ending(), None, "it ends when its handlers have ended, too");
    play.answer("base/at.2/confirm.1#1", Value::Bool(true));
    assert_eq!(play.ending(), Some(Ending::Passed), "{:#?}", play.view().reasons);
    let view = play.view();
    let slo = &view.observations[0].objectives[0];
    assert_eq!((slo.verdict, slo.whole, slo.min, slo.used), (Verdict::Pass, Some(0.98), Some(0.98), 3));
    play.replays();
}

#[test]
fn sampling_goes_on_while_a_person_is_asked_and_a_second_event_is_attached() {
    let mut play = observed();
    play.scraped("base#1/sample.1", &text(1100, 50, 1));
    let fired: Vec<(runbook::text::Text, bool)> = play
        .tellings()
        .into_iter()
        .filter_map(|telling| match telling {
            Telling::Fired { event, attached, .. } => Some((event, attached)),
            _ => None,
        })
        .collect();
    let said: Vec<(&str, &str, bool)> =
        fired.iter().map(|(event, attached)| (event.en.as_str(), event.zh.as_str(), *attached)).collect();
    assert_eq!(said, [("alert_level(ok)", "OK 越过告警阈值", false), ("breach(ok)", "OK 未达标", true)]);
    assert_eq!(play.waits(), ["bad/what#1"]);
    assert_eq!(play.prompt("bad/what#1").urgency, Urgency::AlertLevel);
    play.pass(minutes(10));
    assert!(play.waits().contains(&"base#1/sample.2".to_owned()), "{:?}", play.waits());
    play.scraped("base#1/sample.2", &text(1200, 50, 1)).pass(minutes(10));
    play.choose("bad/what#1", "more");
    play.scraped("base#1/sample.3", &text(1300, 50, 1));
    assert_eq!(play.view().observations[0].count, Some(5));
    play.answer("base/at.2/confirm.1#1", Value::Bool(true)).pass(minutes(10));
    play.scraped("base#1/sample.4", &text(1400, 50, 1)).pass(minutes(10));
    play.scraped("base#1/sample.5", &text(1500, 50, 1));
    assert_eq!(play.ending(), Some(Ending::NotPassed), "450 of 500 over the whole misses the target");
    play.replays();
}

#[test]
fn a_rule_fires_once_a_crossing_and_is_armed_again_by_a_pass() {
    let mut play = observed();
    play.scraped("base#1/sample.1", &text(1100, 3, 1));
    play.choose("bad/what#1", "more").pass(minutes(10));
    play.scraped("base#1/sample.2", &text(1200, 6, 1));
    play.answer("base/at.2/confirm.1#1", Value::Bool(true));
    assert!(play.waits().is_empty(), "still the same crossing: {:?}", play.waits());
    play.pass(minutes(10)).scraped("base#1/sample.3", &text(1300, 6, 1)).pass(minutes(10));
    play.scraped("base#1/sample.4", &text(1400, 9, 1));
    assert_eq!(play.waits(), ["bad/what#2"]);
    play.replays();
}

#[test]
fn a_sample_that_fell_due_while_nothing_ran_is_missed_and_the_next_covers_its_time() {
    let mut play = observed();
    play.scraped("base#1/sample.1", &text(1100, 0, 1));
    play.at = play.at.checked_add(minutes(15)).unwrap();
    play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
    play.answer("base/at.2/confirm.1#1", Value::Bool(true)).pass(minutes(5));
    play.scraped("base#1/sample.3", &text(1300, 0, 1));
    let view = play.view();
    let states: Vec<(&str, u32)> = view.observations[0].samples.iter().map(|s| (s.state.as_str(), s.spans)).collect();
    assert_eq!(states, [("taken", 1), ("missed", 0), ("taken", 2)]);
    assert_eq!(view.observations[0].samples[2].due.duration_since(view.observations[0].samples[0].due), minutes(20));
    play.replays();
}

#[test]
fn a_scrape_that_fails_is_an_event_and_no_number() {
    let mut play = observed();
    play.fails("base#1/sample.1", FailureKind::Unreachable, "connection refused");
    assert_eq!(play.waits(), ["down/confirm.1#1"]);
    play.answer("down/confirm.1#1", Value::Bool(true)).pass(minutes(10));
    play.scraped("base#1/sample.2", &text(1200, 0, 1)).answer("base/at.2/confirm.1#1", Value::Bool(true));
    play.pass(minutes(10)).scraped("base#1/sample.3", &text(1300, 0, 1));
    let slo = &play.view().observations[0].objectives[0];
    assert_eq!((slo.used, slo.errors, slo.whole), (2, 1, Some(1.0)));
    play.replays();
}

#[test]
fn all_samples_in_error_is_never_a_success() {
    let mut play = observed();
    for n in 1..=3 {
        play.fails(&format!("base#1/sample.{n}"), FailureKind::BadAnswer, "an HTML page");
        for id in play.waits() {
            play.answer(&id, Value::Bool(true));
        }
        play.pass(minutes(10));
    }
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    assert_eq!(play.view().observations[0].objectives[0].verdict, Verdict::Error);
}

#[test]
fn a_restart_counts_from_nothing_and_is_marked() {
    let mut play = observed();
    play.scraped("base#1/sample.1", &text(1100, 0, 1)).pass(minutes(10));
    play.scraped("base#1/sample.2", &text(100, 1, 2)).answer("base/at.2/confirm.1#1", Value::Bool(true));
    play.pass(minutes(10)).scraped("base#1/sample.3", &text(200, 1, 2));
    let view = play.view();
    let resets: Vec<bool> = view.observations[0].samples.iter().map(|sample| sample.reset).collect();
    assert_eq!(resets, [false, true, false]);
    assert_eq!(view.observations[0].objectives[0].whole, Some(299.0 / 300.0));
    play.replays();
}

#[test]
fn two_instances_behind_one_url_give_an_error_and_no_number() {
    let mut play = observed();
    play.scraped("base#1/sample.1", &text(1100, 0, 2)).pass(minutes(10));
    play.scraped("base#1/sample.2", &text(1200, 0, 1));
    assert!(
        play.view().observations[0].samples[1].why.en.contains("several instances"),
        "{:?}",
        play.view().observations[0].samples[1]
    );
    for id in play.waits() {
        play.answer(&id, Value::Bool(true));
    }
    play.pass(minutes(10)).scraped("base#1/sample.3", &text(1300, 0, 2));
    for id in play.waits() {
        play.answer(&id, Value::Bool(true));
    }
    assert_eq!(play.ending(), Some(Ending::NotPassed), "{:?}", play.waits());
    assert_eq!(play.view().observations[0].objectives[0].verdict, Verdict::Error);
}

#[test]
fn no_data_over_the_whole_is_ruled_by_a_person_and_never_by_silence() {
    let body = r#"
        source prod, scrape: "http://a.example/metrics", timeout: 5.s
        slo rare, "Rare", from: prod do
          value ratio part: 'rare{result="success"}', total: 'rare'
          unit percent
          target >= 95.pct
          no_data ask, "nothing happened"
        end
        sample prod, every: 1.min, count: 1, as: base, slos: all
    "#;
    for (choice, ending, verdict) in
        [("not_applicable", Ending::Passed, Verdict::NotApplicable), ("fail", Ending::NotPassed, Verdict::NoData)]
    {
        let mut play = Play::of(body);
        play.scraped("base#1/scrape.0", &text(10, 0, 1));
        assert!(play.waits().is_empty(), "without `since:` sample 1 follows one interval later");
        play.pass(minutes(1)).scraped("base#1/sample.1", &text(20, 0, 1));
        assert_eq!(play.waits(), ["base!no_data.rare#1"]);
        assert!(matches!(play.prompt("base!no_data.rare#1").kind, PromptKind::NoData { words: Some(_), .. }));
        play.choose("base!no_data.rare#1", choice);
        assert_eq!(play.ending(), Some(ending));
        assert_eq!(play.view().observations[0].objectives[0].verdict, verdict);
        play.replays();
    }
}

/// An objective in `PromQL` beside an exact one, and the events of both.
const EXPRESSIONS: &str = r#"
    source prod, scrape: "http://a.example/metrics", timeout: 5.s
    slo rate, "Rate", from: prod do
      value promql 'sum(rate(req{status="500"}[$__rate_interval])) / sum(rate(req[$__rate_interval]))'
      unit percent
      target <= 2.pct
      alert > 20.pct
    end
    slo growth, "Growth", from: prod do
      value promql 'sum(increase(req[$__range]))'
      unit none
      target >= 10
      no_data ignore
    end
    sample prod, every: 10.min, count: 3, as: base, slos: all do
      on breach(rate) do
        note "too many"
      end
      on no_data(rate) do
        note "none"
      end
    end
"#;

fn values(play: &Play, objective: &str) -> Vec<(Option<f64>, Verdict, String)> {
    let view = play.view();
    let samples = view.observations[0].samples.iter();
    let values = samples.filter_map(|sample| sample.values.iter().find(|value| value.objective == objective));
    values.map(|value| (value.value, value.verdict, value.why.en.clone().unwrap_or_default())).collect()
}

#[test]
fn an_expression_is_evaluated_at_the_time_of_its_sample_and_the_last_one_is_the_whole() {
    let mut play = Play::of(EXPRESSIONS);
    play.scraped("base#1/scrape.0", &text(1000, 100, 1)).pass(minutes(10));
    play.scraped("base#1/sample.1", &text(1100, 102, 1)).pass(minutes(10));
    play.scraped("base#1/sample.2", &text(1200, 104, 1)).pass(minutes(10));
    play.scraped("base#1/sample.3", &text(1300, 105, 1));
    let rate: Vec<f64> = values(&play, "rate").into_iter().filter_map(|value| value.0).collect();
    let expected = [0.02, 0.02, 5.0 / 300.0];
    assert_eq!(rate.len(), 3);
    assert!(rate.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-12), "{rate:?}");
    // A range does not contain its left edge: at the first sample it holds that sample alone.
    let growth: Vec<Option<f64>> = values(&play, "growth").into_iter().map(|value| value.0).collect();
    assert_eq!(growth, [None, Some(200.0), Some(300.0)]);
    let slo = &play.view().observations[0].objectives[0];
    assert_eq!((slo.verdict, slo.whole), (Verdict::Pass, Some(*rate.last().unwrap())));
    assert_eq!(play.ending(), Some(Ending::Passed), "{:#?}", play.view().reasons);
    play.replays();
}

#[test]
fn a_wrong_name_in_an_expression_is_loud_and_never_a_number() {
    let runbook = EXPRESSIONS
        .replace("req{status=\"500\"}[$__rate_interval])", "erq{status=\"500\"}[$__rate_interval]) or vector(0)");
    let mut play = Play::of(&runbook);
    play.scraped("base#1/scrape.0", &text(1000, 100, 1)).pass(minutes(10));
    play.scraped("base#1/sample.1", &text(1100, 102, 1));
    assert_eq!(values(&play, "rate"), [(None, Verdict::NoData, "never seen: erq".to_owned())]);
    let warned = play
        .tellings()
        .into_iter()
        .any(|telling| matches!(telling, Telling::Warning { text } if text.en.contains("erq")));
    assert!(warned);
    assert_eq!(play.view().notes.len(), 1, "on no_data");
    play.replays();
}

#[test]
fn a_failed_scrape_leaves_an_expression_without_its_instant_and_a_missed_sample_does_not() {
    let runbook = EXPRESSIONS.replace("sum(increase(req[$__range]))", "sum(req)");
    let mut play = Play::of(&runbook);
    play.scraped("base#1/scrape.0", &text(1000, 100, 1)).pass(minutes(10));
    play.fails("base#1/sample.1", FailureKind::Unreachable, "refused").pass(minutes(10));
    play.scraped("base#1/sample.2", &text(1200, 104, 1)).pass(minutes(10));
    play.fails("base#1/sample.3", FailureKind::Unreachable, "refused");
    assert_eq!(values(&play, "growth"), [(Some(1200.0), Verdict::Pass, String::new())]);
    // The rate still sees scrape 0 behind the gap.
    let rate = values(&play, "rate");
    assert!((rate[0].0.unwrap() - 0.02).abs() < 1e-12, "{rate:?}");
    let slo = &play.view().observations[0].objectives[1];
    assert_eq!((slo.whole, slo.errors), (Some(1200.0), 2), "the last sample that was taken, and how many were not");
    play.replays();
}

#[test]
fn several_series_are_an_error_unless_the_author_says_what_is_made_of_them() {
    let runbook = EXPRESSIONS.replace("sum(increase(req[$__range]))'", "req'");
    let mut play = Play::of(&runbook);
    play.scraped("base#1/scrape.0", &text(1000, 100, 1)).pass(minutes(10));
    play.scraped("base#1/sample.1", &text(1100, 102, 1));
    let (value, verdict, why) = values(&play, "growth").remove(0);
    assert_eq!((value, verdict), (None, Verdict::Error));
    assert!(why.starts_with("the expression gives 2 series instead of one"), "{why}");

    for (series, expected) in [("all", 102.0), ("worst", 102.0), ("any", 998.0)] {
        let mut play =
            Play::of(&EXPRESSIONS.replace("sum(increase(req[$__range]))'", &format!("req', series: {series}")));
        play.scraped("base#1/scrape.0", &text(1000, 100, 1)).pass(minutes(10));
        play.scraped("base#1/sample.1", &text(1100, 102, 1));
        assert_eq!(values(&play, "growth")[0].0, Some(expected), "{series}");
    }
}

#[test]
fn a_text_for_people_says_a_sample_as_a_line() {
    let mut play = Play::of(
        r##"
        source prod, scrape: "http://a.example/metrics", timeout: 5.s
        slo ok, "成功率", en: "Success", from: prod do
          value ratio bad: 'req{status="500"}', total: 'req'
          unit percent
          target >= 98.pct
          alert < 90.pct
        end
        slo rarely, "Rare", from: prod do
          value ratio part: 'rare{result="ok"}', total: 'rare'
          unit percent
          target >= 95.pct
          no_data ignore
        end
        query prod, as: zero, key: zero
        sample prod, since: zero, every: 10.min, count: 2, as: base, slos: all do
          on breach(any) do
            note "坏：#{base.last}", en: "bad: #{base.last}"
          end
        end
        note "#{base.slos}"
        note "#{base.ok}"
        note "#{base.table}"
    "##,
    );
    play.scraped("zero#1", &text(1000, 0, 1));
    play.scraped("base#1/sample.1", &text(1100, 13, 1));
    let bad = &play.view().notes[0].1;
    let (number, rest) = bad.text.split_once(" · ").unwrap();
    assert!(number.starts_with("坏：#1 ") && number.ends_with(":00"), "{number}");
    assert_eq!(rest, "✗ 成功率 87.00% (>= 98%, alert < 90%) · – Rare no_data");
    assert_eq!(bad.en.as_deref().unwrap(), bad.text.replace("坏：", "bad: ").replace("成功率", "Success"));
    play.pass(minutes(10));
    play.fails("base#1/sample.2", FailureKind::Unreachable, "refused");
    let notes: Vec<String> = play.view().notes.iter().skip(1).map(|(_, words)| words.text.clone()).collect();
    assert_eq!(notes[0], "✗ 成功率 87.00% (>= 98%)\n– Rare not_applicable");
    assert_eq!(notes[1], "✗ 成功率 87.00% (>= 98%)");
    assert_eq!(notes.len(), 3, "{notes:#?}");
    assert!(notes[2].lines().nth(1).unwrap().contains(" · ✗ error: "), "{}", notes[2]);
}

#[test]
fn a_scenario_that_is_open_is_joined_by_a_checkpoint_that_leads_to_it_too() {
    let mut play = Play::of(&RUNBOOK.replace("confirm \"second?\"", "confirm \"second?\", else: run(bad)"));
    play.scraped("zero#1", &text(1000, 0, 1));
    play.scraped("base#1/sample.1", &text(1100, 50, 1)).pass(minutes(10));
    play.scraped("base#1/sample.2", &text(1200, 50, 1));
    play.answer("base/at.2/confirm.1#1", Value::Bool(false));
    assert_eq!(play.waits(), ["bad/what#1"], "it is open already");
    let joined = play.tellings().into_iter().any(
        |telling| matches!(telling, Telling::Fired { event, attached: true, .. } if event.en.contains("base/at.2/confirm.1")),
    );
    assert!(joined, "the second event is shown");
    play.pass(minutes(10)).scraped("base#1/sample.3", &text(1300, 50, 1));
    play.choose("bad/what#1", "go_on");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    play.replays();

    let mut play = Play::of(&RUNBOOK.replace("confirm \"second?\"", "confirm \"second?\", else: run(bad)"));
    play.scraped("zero#1", &text(1000, 0, 1));
    play.scraped("base#1/sample.1", &text(1100, 0, 1)).pass(minutes(10));
    play.scraped("base#1/sample.2", &text(1200, 0, 1));
    play.answer("base/at.2/confirm.1#1", Value::Bool(false));
    assert_eq!(play.waits(), ["bad/what#1"]);
    play.pass(minutes(10)).scraped("base#1/sample.3", &text(1300, 50, 1));
    assert_eq!(play.waits(), ["bad/what#1"], "nor does a rule start it again");
    play.replays();
}

#[test]
fn an_observation_that_a_rollback_stops_says_so() {
    let mut play = Play::of(
        &RUNBOOK
            .replace(
                "query prod",
                "step w, \"W\" do\n sh \"w\", timeout: 5.s\n undo none, because: \"nothing\"\n    end\n    query prod",
            )
            .replace("    scenario bad", "    rollback do\n note \"back\"\n    end\n    scenario bad"),
    );
    play.done("w/sh.1#1", "").scraped("zero#1", &text(1000, 0, 1));
    play.scraped("base#1/sample.1", &text(1100, 0, 1));
    play.command_of_person(Command::Rollback { because: "bad".to_owned() });
    play.answer("run!rollback#1", Value::Bool(true));
    assert_eq!(play.ending(), Some(Ending::RolledBack));
    let view = play.view();
    let observation = &view.observations[0];
    assert_eq!((observation.ended.as_deref(), observation.objectives[0].verdict), (Some("stopped"), Verdict::Pass));
    assert_eq!(observation.objectives[0].why.en.as_deref(), Some("stopped after 1 of 3 samples"));
    play.replays();
}

#[test]
fn a_source_that_is_not_configured_for_a_while_is_asked_again() {
    let body = RUNBOOK
        .replace("\"http://a.example/metrics\", timeout: 5.s", "url, timeout: 5.s, alive: 2.min")
        .replace("source prod", "param url, url, optional: true\n source prod");
    let params = [("url".to_owned(), Value::Text("http://a.example/metrics".to_owned()))].into();
    let mut play =
        Play::begin(program(&format!("runbook t, \"T\" do\n{body}\nend\n")), Begin { params, ..Begin::default() });
    play.scraped("zero#1", &text(1000, 0, 1)).scraped("base#1/sample.1", &text(1100, 0, 1));
    let set = |play: &mut Play, value: &str| {
        play.command_of_person(Command::Set { name: "url".to_owned(), value: value.to_owned() });
    };
    set(&mut play, "");
    play.pass(minutes(3));
    assert!(play.waits().contains(&"down/confirm.1#1".to_owned()), "nobody answers there: {:?}", play.waits());
    set(&mut play, "http://b.example/metrics");
    play.pass(minutes(2));
    assert!(play.waits().contains(&"base!alive#1".to_owned()), "{:?}", play.waits());
    play.replays();
}
