//! Gates and events of an observation: how many samples make a crossing, what a missed one says, what no data and errors do.

use jiff::SignedDuration;
use runbook::engine::action::{Ending, PromptKind};
use runbook::engine::input::{Alert, Data, Event, FailureKind};
use runbook::engine::telling::Telling;
use runbook::value::Verdict;

use crate::support::play::Play;

/// What a sample's interval shows.
#[derive(Clone, Copy)]
enum Shows {
    /// Errors among a hundred requests.
    Bad(u32),
    /// No request at all.
    Nothing,
    /// The scrape fails.
    Fails,
    /// The process is a new one, and without errors.
    Restart,
    /// Nothing runs when it is due.
    Missed,
}

use Shows::{Bad, Fails, Missed, Nothing, Restart};

/// An observation of as many samples as there are shows, one a minute; `slo` stands in the objective `ok`, `on` in the
/// observation. Tells which events fired, each with its sample.
fn fired(slo: &str, on: &str, shows: &[Shows]) -> (Play, Vec<(usize, String)>) {
    let count = shows.len();
    let mut play = Play::of(&format!(
        "source prod, scrape: \"http://a.example/metrics\"\n\
         slo ok, \"OK\", from: prod do\n  value ratio bad: 'req{{status=\"500\"}}', total: 'req'\n  unit percent\n  target >= 98.pct\n\
         alert < 50.pct\n{slo}\nend\n\
         slo many, \"Many\", from: prod do\n  value promql 'sum(increase(req[2m]))'\n  unit none\n  target >= 1\n  no_data ignore\nend\n\
         sample prod, every: 1.min, count: {count}, as: base, slos: all do\n{on}\nend\n"
    ));
    let (mut good, mut bad, mut start) = (1000, 0, 1);
    let text = |good: u32, bad: u32, start: u32| {
        format!(
            "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {start}\n# TYPE req counter\n\
             req{{status=\"200\"}} {good}\nreq{{status=\"500\"}} {bad}\n"
        )
    };
    play.scraped("base#1/scrape.0", &text(good, bad, start));
    let mut events = Vec::new();
    let mut told = 0;
    for (number, show) in shows.iter().enumerate() {
        let n = number + 1;
        let id = format!("base#1/sample.{n}");
        if matches!(show, Missed) {
            // The executor is away for two minutes.
            play.at = play.at.checked_add(SignedDuration::from_secs(119)).unwrap();
            play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
            play.at = play.at.checked_sub(SignedDuration::from_secs(59)).unwrap();
        } else {
            play.pass(SignedDuration::from_mins(1));
        }
        match show {
            Missed => {}
            Bad(errors) => (good, bad) = (good + 100 - errors, bad + errors),
            Nothing | Fails => {}
            Restart => (good, bad, start) = (100, 0, start + 1),
        }
        match show {
            Missed => {}
            Fails => {
                play.fails(&id, FailureKind::Unreachable, "connection refused");
            }
            Bad(_) | Nothing | Restart => {
                play.scraped(&id, &text(good, bad, start));
            }
        }
        let all = play.tellings();
        for telling in &all[told..] {
            if let Telling::Fired { event, .. } = telling {
                events.push((n, event.en.clone()));
            }
        }
        told = all.len();
    }
    (play, events)
}

fn events(slo: &str, on: &str, shows: &[Shows]) -> Vec<String> {
    let (play, fired) = fired(slo, on, shows);
    play.replays();
    fired.into_iter().map(|(n, event)| format!("{n} {event}")).collect()
}

const BREACH: &str = "on breach(ok) do note \"b\" end\non recovered(ok) do note \"r\" end";

#[test]
fn a_breach_is_as_many_samples_as_the_objective_says_and_over_after_as_many_good_ones() {
    let shows = [Bad(3), Bad(0), Bad(3), Bad(3), Bad(0), Bad(0), Bad(3)];
    assert_eq!(
        events("", BREACH, &shows),
        ["1 breach(ok)", "2 recovered(ok)", "3 breach(ok)", "5 recovered(ok)", "7 breach(ok)"]
    );
    assert_eq!(events("fails 2", BREACH, &shows), ["4 breach(ok)", "5 recovered(ok)"]);
    assert_eq!(events("fails 2, of: 3, recovers: 2", BREACH, &shows), ["3 breach(ok)", "6 recovered(ok)"]);
}

#[test]
fn what_could_not_be_judged_neither_fails_nor_recovers() {
    let shows = [Bad(3), Nothing, Bad(3), Fails, Bad(3), Missed, Bad(0)];
    assert_eq!(events("", BREACH, &shows), ["1 breach(ok)", "7 recovered(ok)"]);
    assert_eq!(events("fails 3", BREACH, &shows), ["5 breach(ok)", "7 recovered(ok)"]);
}

#[test]
fn each_objective_has_its_own_crossing() {
    let any = "on breach(any) do note \"b\" end";
    let shows = [Bad(3), Nothing, Nothing, Bad(3)];
    // `many` holds no more while `ok` is still missed; no data is no end of that.
    assert_eq!(events("", any, &shows), ["1 breach(ok)", "2 breach(many)"]);
}

#[test]
fn the_alert_level_is_told_at_once_and_once() {
    let on = "on alert_level(any) do note \"a\" end\non breach(ok) do note \"b\" end";
    let shows = [Bad(60), Bad(60), Bad(3), Bad(60)];
    assert_eq!(
        events("fails 2, recovers: 2", on, &shows),
        ["1 alert_level(ok)", "2 breach(ok)"],
        "one sample above the level is no end of it"
    );
    assert_eq!(events("fails 2", on, &shows), ["1 alert_level(ok)", "2 breach(ok)", "4 alert_level(ok)"]);
}

#[test]
fn samples_within_the_delay_count_for_no_event() {
    let on = "on breach(ok) do note \"b\" end\non no_data(ok) do note \"n\" end";
    assert_eq!(events("delay 150.s\nfails 2", on, &[Bad(9), Bad(9), Bad(9), Bad(9)]), ["4 breach(ok)"]);
    assert_eq!(events("delay 90.s", on, &[Nothing, Nothing, Bad(0)]), ["2 no_data(ok)"]);
}

#[test]
fn a_rule_counts_over_samples() {
    let on = "on no_data(ok), for: 2 do note \"n\" end";
    assert_eq!(events("", on, &[Nothing, Bad(0), Nothing, Nothing, Nothing]), ["4 no_data(ok)"]);
    let on = "on breach(ok), for: 2, of: 3 do note \"b\" end";
    assert_eq!(events("", on, &[Bad(3), Bad(0), Bad(3), Bad(3)]), ["3 breach(ok)"]);
    let on = "on unreachable(prod), for: 2 do note \"u\" end";
    assert_eq!(events("", on, &[Fails, Bad(0), Fails, Fails, Fails]), ["4 unreachable(prod)"]);
}

#[test]
fn resets_and_missed_samples_are_events_too() {
    let on = "on reset(prod) do note \"r\" end\non missed do note \"m\" end";
    assert_eq!(
        events("", on, &[Restart, Restart, Bad(0), Missed, Missed, Bad(0), Missed]),
        ["1 reset(prod)", "2 reset(prod)", "4 missed(sample 4)", "7 missed(sample 7)"],
        "each restart is one; samples missed in a row are one absence"
    );
    let on = "on reset(prod), for: 2, of: 4 do note \"crash loop\" end\non missed, for: 2 do note \"m\" end";
    assert_eq!(
        events("", on, &[Restart, Bad(0), Restart, Bad(0), Missed, Missed]),
        ["3 reset(prod)", "6 missed(sample 6)"]
    );
}

fn verdict(play: &Play) -> (Verdict, String) {
    let slo = &play.view().observations[0].objectives[0];
    (slo.verdict, slo.why.en.clone().unwrap_or_default())
}

#[test]
fn too_few_samples_are_no_data_and_pending_as_long_as_more_may_come() {
    let (play, _) = fired("no_data fail, min_samples: 3", "", &[Bad(0), Nothing, Fails, Bad(0)]);
    assert_eq!(verdict(&play), (Verdict::NoData, "2 samples have a value, and 3 are the least".to_owned()));
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    let (play, _) = fired("no_data fail, min_samples: 3", "", &[Bad(0), Bad(0), Bad(0)]);
    assert_eq!((verdict(&play).0, play.ending()), (Verdict::Pass, Some(Ending::Passed)));

    let mut play = Play::of(
        "source prod, scrape: \"http://a.example/metrics\"\nslo ok, \"OK\", from: prod do\n  value promql 'req'\n  unit none\n\
         target >= 1\n  no_data fail, min_samples: 2\nend\nsample prod, every: 1.min, count: 2, as: base",
    );
    play.scraped("base#1/scrape.0", "req 1\n").pass(SignedDuration::from_mins(1));
    play.scraped("base#1/sample.1", "req 2\n");
    assert_eq!(verdict(&play).0, Verdict::Pending);
    play.replays();
}

#[test]
fn a_policy_says_what_no_data_means() {
    let nothing = [Nothing];
    let (play, _) = fired("no_data ignore", "", &nothing);
    assert_eq!(verdict(&play).0, Verdict::NotApplicable);
    let against = |play: &Play| play.view().reasons.iter().any(|reason| reason.text.starts_with("SLO OK"));
    assert!(!against(&play), "{:?}", play.view().reasons);
    let (play, _) = fired("no_data inconclusive", "", &nothing);
    let (found, why) = verdict(&play);
    assert_eq!((found, play.ending()), (Verdict::NoData, Some(Ending::NotPassed)));
    assert!(against(&play));
    assert_eq!(why, "nothing happened in the interval (0 ÷ 0); nothing can be concluded");
    let (play, _) = fired("no_data fail", "", &nothing);
    assert_eq!((verdict(&play).0, play.ending()), (Verdict::NoData, Some(Ending::NotPassed)));
}

#[test]
fn a_policy_says_what_an_error_means_and_a_ruling_is_no_pass() {
    let (play, _) = fired("on_error ignore", "", &[Fails, Fails]);
    assert_eq!(verdict(&play).0, Verdict::NotApplicable);
    assert_eq!(play.ending(), Some(Ending::NotPassed), "`many` was not read either");

    let (mut play, _) = fired("on_error ask, \"Does it matter?\"", "", &[Fails, Fails]);
    let prompt = play.prompt("base!no_data.ok#1");
    assert!(matches!(prompt.kind, PromptKind::NoData { objective, .. } if objective == "ok"));
    play.choose("base!no_data.ok#1", "fail");
    assert_eq!(verdict(&play).0, Verdict::Error, "an error that a person lets stand is still an error");
    play.replays();
}

#[test]
fn an_alert_that_resolves_and_fires_again_is_another_one() {
    let mut play = Play::of(
        "source prod, scrape: \"http://a.example/metrics\"\nsource alerts, alertmanager: \"http://b.example\", every: 10.s\n\
         sample prod, every: 10.min, count: 2, as: base do\n  on alert(alerts) do note \"alert\" end\nend",
    );
    play.scraped("base#1/scrape.0", "up 1\n");
    let alert = |fingerprint: &str, since: &str| Alert {
        fingerprint: fingerprint.to_owned(),
        labels: [("alertname".to_owned(), "Down".to_owned())].into(),
        annotations: [].into(),
        starts_at: since.parse().unwrap(),
    };
    let (first, other) = ("2025-11-18T01:00:01Z", "2025-11-18T01:00:02Z");
    let again = "2025-11-18T01:00:40Z";
    let asked: [&[Alert]; 6] = [
        &[alert("a", first)],
        &[alert("a", first), alert("b", other)],
        // One is over; the other of the same name is not.
        &[alert("b", other)],
        &[alert("a", again), alert("b", other)],
        &[alert("a", again), alert("b", other)],
        &[],
    ];
    for firing in asked {
        play.pass(SignedDuration::from_secs(10));
        let id = play.waits().into_iter().find(|id| id.contains("!alerts.alerts")).unwrap();
        play.outcome(&id, None, Data::Alerts(firing.to_vec()));
    }
    let fired = play.tellings().into_iter().filter(|telling| matches!(telling, Telling::Fired { .. })).count();
    assert_eq!(fired, 3, "a, b, and a once more");
    let alerts = play.view().alerts;
    let lived: Vec<(String, bool)> =
        alerts.iter().map(|alert| (alert.since.to_string(), alert.until.is_some())).collect();
    assert_eq!(lived, [(first, true), (other, true), (again, true)].map(|(since, over)| (since.to_owned(), over)));
    assert!(alerts[0].until.unwrap() < alerts[1].until.unwrap());
    play.replays();
}

#[test]
fn an_alertmanager_that_does_not_answer_is_told_once() {
    let mut play = Play::of(
        "source prod, scrape: \"http://a.example/metrics\"\nsource alerts, alertmanager: \"http://b.example\", every: 10.s\n\
         sample prod, every: 10.min, count: 2, as: base do\n  on alert(alerts) do note \"alert\" end\nend",
    );
    play.scraped("base#1/scrape.0", "up 1\n");
    for answers in [false, false, true, false] {
        play.pass(SignedDuration::from_secs(10));
        let id = play.waits().into_iter().find(|id| id.contains("!alerts.alerts")).unwrap();
        if answers {
            play.outcome(&id, None, Data::Alerts(Vec::new()));
        } else {
            play.fails(&id, FailureKind::Unreachable, "connection refused");
        }
    }
    let warned = play.tellings().into_iter().filter(|telling| matches!(telling, Telling::Warning { .. })).count();
    assert_eq!(warned, 2);
    play.replays();
}
