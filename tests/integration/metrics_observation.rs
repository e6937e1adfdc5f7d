//! Whole observations, from exposition text to verdicts.

use std::collections::BTreeSet;

use runbook::metrics::exposition::{Limits, parse};
use runbook::metrics::form::evaluate;
use runbook::metrics::increase::{Increases, Reset, Tracker};
use runbook::metrics::objective::{Bound, Compare, Form, NoData, Reading, Verdict, alert_level, judge};
use runbook::metrics::scrape::{Format, Scrape};
use runbook::metrics::selector::Selector;

pub(crate) fn select(texts: &[&str]) -> Vec<Selector> {
    texts.iter().map(|text| Selector::parse(text).unwrap()).collect()
}

pub(crate) fn at_least(limit: f64) -> Bound {
    Bound { compare: Compare::AtLeast, limit }
}

pub(crate) fn http_success() -> Form {
    Form::RatioBad { bad: select(&[r#"http_requests_total{status=~"5.."}"#]), total: select(&["http_requests_total"]) }
}

fn p99() -> Form {
    Form::Quantile { q: 0.99, of: Selector::parse("http_server_requests_seconds").unwrap() }
}

pub(crate) fn fallback() -> Form {
    Form::Ratio { part: select(&["metasheet_fallback_effective_total"]), total: select(&["http_requests_total"]) }
}

pub(crate) fn plugin_reload() -> Form {
    Form::Ratio {
        part: select(&[r#"metasheet_plugin_reload_total{result="success"}"#]),
        total: select(&["metasheet_plugin_reload_total"]),
    }
}

pub(crate) fn snapshot() -> Form {
    Form::Ratio {
        part: select(&[
            r#"metasheet_snapshot_create_total{result="success"}"#,
            r#"metasheet_snapshot_restore_total{result="success"}"#,
        ]),
        total: select(&["metasheet_snapshot_create_total", "metasheet_snapshot_restore_total"]),
    }
}

/// Everything that the service declares from its first moment on; series come behind it.
const DECLARED: &str = "\
# HELP http_requests_total Requests.
# TYPE http_requests_total counter
# HELP http_server_requests_seconds Durations.
# TYPE http_server_requests_seconds histogram
# HELP metasheet_fallback_effective_total Fallbacks.
# TYPE metasheet_fallback_effective_total counter
# HELP metasheet_plugin_reload_total Reloads.
# TYPE metasheet_plugin_reload_total counter
# HELP metasheet_snapshot_create_total Snapshots taken.
# TYPE metasheet_snapshot_create_total counter
# HELP metasheet_snapshot_restore_total Snapshots restored.
# TYPE metasheet_snapshot_restore_total counter
# HELP process_start_time_seconds Start of the process.
# TYPE process_start_time_seconds gauge
";

/// A scrape of a process started at `start`, with these lines, reduced to what the objectives name.
pub(crate) fn scrape(start: f64, lines: &str) -> Scrape {
    let text = format!("{DECLARED}process_start_time_seconds {start}\n{lines}\n");
    let forms = [http_success(), p99(), fallback(), plugin_reload(), snapshot()];
    let names: BTreeSet<String> = forms.iter().flat_map(Form::names).collect();
    parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap().keep(&names)
}

pub(crate) fn requests(ok: u64, failed: u64) -> String {
    format!(
        "http_requests_total{{method=\"GET\",status=\"200\"}} {ok}\nhttp_requests_total{{method=\"GET\",status=\"500\"}} {failed}"
    )
}

/// The growth between two scrapes of one process.
pub(crate) fn grown(before: &str, after: &str) -> Increases {
    Increases::between(&scrape(1000.0, before), &scrape(1000.0, after)).unwrap()
}

#[test]
fn exactly_at_each_target() {
    let increases = grown(&requests(500, 10), &requests(598, 12));
    assert_eq!(evaluate(&http_success(), &increases), Reading::Value(0.98));
    assert_eq!(judge(&Reading::Value(0.98), &at_least(0.98)), Verdict::Pass);
    assert!(!alert_level(&Reading::Value(0.95), Some(&Bound { compare: Compare::Below, limit: 0.95 })));

    let tenth = format!("{}\nmetasheet_fallback_effective_total{{reason=\"http_timeout\"}} 10", requests(100, 0));
    let reading = evaluate(&fallback(), &grown(&requests(0, 0), &tenth));
    assert_eq!(reading, Reading::Value(0.1));
    let strictly = Bound { compare: Compare::Below, limit: 0.1 };
    assert_eq!(judge(&reading, &strictly), Verdict::Breach, "strictly below 10 %");

    let buckets = "http_server_requests_seconds_bucket{le=\"1\",route=\"/\"} 900\n\
                   http_server_requests_seconds_bucket{le=\"2\",route=\"/\"} 1089\n\
                   http_server_requests_seconds_bucket{le=\"5\",route=\"/\"} 1100\n\
                   http_server_requests_seconds_bucket{le=\"+Inf\",route=\"/\"} 1100";
    let reading = evaluate(&p99(), &grown("", buckets));
    assert_eq!(reading, Reading::Value(2.0), "0.99 × 1100 is 1089 and not a hair more");
    assert_eq!(judge(&reading, &Bound { compare: Compare::AtMost, limit: 2.0 }), Verdict::Pass);
}

#[test]
fn twelve_samples_with_a_restart_in_the_middle() {
    // What the clients really did, in each interval: good and failed requests.
    let truth: [(u64, u64); 12] =
        [(100, 1), (90, 0), (0, 0), (120, 7), (80, 2), (60, 0), (5, 5), (110, 1), (100, 0), (95, 3), (0, 1), (130, 2)];
    let restart = 6;
    let (mut ok, mut failed, mut start) = (10_000, 40, 1000.0);
    let mut tracker = Tracker::new(&scrape(start, &requests(ok, failed)));
    let mut whole = Increases::default();
    for (number, (good, bad)) in truth.iter().enumerate() {
        if number == restart {
            (ok, failed, start) = (0, 0, 2000.0);
        }
        (ok, failed) = (ok + good, failed + bad);
        let interval = tracker.observe(&scrape(start, &requests(ok, failed))).unwrap();
        let expected = match good + bad {
            0 => Reading::NoData(NoData::NothingHappened),
            all => Reading::Value(*good as f64 / all as f64),
        };
        assert_eq!(evaluate(&http_success(), &interval), expected, "sample {}", number + 1);
        let resets = if number == restart { vec![Reset::Restart { from: 1000.0, to: 2000.0 }] } else { vec![] };
        assert_eq!(interval.resets, resets, "sample {}", number + 1);
        whole.add(&interval);
    }
    let (good, bad) = truth.iter().fold((0, 0), |(good, bad), interval| (good + interval.0, bad + interval.1));
    assert_eq!(evaluate(&http_success(), &whole), Reading::Value(good as f64 / (good + bad) as f64));
    assert_eq!(whole.resets.len(), 1);
}

#[test]
fn the_first_request_comes_only_after_sample_3() {
    let mut tracker = Tracker::new(&scrape(1000.0, ""));
    let mut whole = Increases::default();
    let mut readings = Vec::new();
    for lines in [String::new(), String::new(), String::new(), requests(99, 1), requests(99, 1)] {
        let interval = tracker.observe(&scrape(1000.0, &lines)).unwrap();
        readings.push(evaluate(&http_success(), &interval));
        whole.add(&interval);
    }
    let nothing = Reading::NoData(NoData::NothingHappened);
    assert_eq!(readings, [nothing.clone(), nothing.clone(), nothing.clone(), Reading::Value(0.99), nothing]);
    assert_eq!(evaluate(&http_success(), &whole), Reading::Value(0.99));
}

#[test]
fn a_scrape_that_failed_is_covered_by_the_next_one() {
    let mut tracker = Tracker::new(&scrape(1000.0, &requests(0, 0)));
    let one = tracker.observe(&scrape(1000.0, &requests(100, 0))).unwrap();
    // The second scrape failed: nothing is observed.
    let three = tracker.observe(&scrape(1000.0, &requests(180, 20))).unwrap();
    assert_eq!(evaluate(&http_success(), &three), Reading::Value(0.8));
    let mut whole = one;
    whole.add(&three);
    assert_eq!(evaluate(&http_success(), &whole), Reading::Value(0.9));
}

#[test]
fn two_instances_behind_one_url_are_an_error_and_not_a_reset() {
    let mut tracker = Tracker::new(&scrape(1000.0, &requests(5000, 0)));
    let answers = [(2000.0, 70), (1000.0, 5010), (2000.0, 75), (1000.0, 5020)]
        .map(|(start, ok)| tracker.observe(&scrape(start, &requests(ok, 0))).map_err(|error| error.to_string()));
    assert!(answers[0].is_ok(), "once it cannot be told from a restart");
    let words = "several instances behind one URL (start times 2000 and 1000 alternate)";
    assert_eq!(answers[1], Err(words.to_owned()));
    assert_eq!(answers[3], Err(words.to_owned()));
    assert!(tracker.several().is_some(), "so that the whole is not trusted either");
}

#[test]
fn a_target_may_change_its_format_between_two_scrapes() {
    let text = "# TYPE http_requests_total counter\nhttp_requests_total{status=\"200\"} 10\n\
                # TYPE http_server_requests_seconds histogram\nhttp_server_requests_seconds_bucket{le=\"1\"} 10\n\
                http_server_requests_seconds_bucket{le=\"+Inf\"} 10\n";
    let open = "# TYPE http_requests counter\nhttp_requests_total{status=\"200\"} 30\n\
                # TYPE http_server_requests_seconds histogram\nhttp_server_requests_seconds_bucket{le=\"1.0\"} 20\n\
                http_server_requests_seconds_bucket{le=\"+Inf\"} 20\n# EOF\n";
    let limits = Limits::default();
    let before = parse(text.as_bytes(), Format::Text, &limits).unwrap().scrape();
    let after = parse(open.as_bytes(), Format::OpenMetrics, &limits).unwrap().scrape();
    let increases = Increases::between(&before, &after).unwrap();
    assert_eq!(evaluate(&http_success(), &increases), Reading::Value(1.0));
    let total: f64 = increases.matching(&select(&["http_requests_total"])[0]).map(|(_, growth)| growth).sum();
    assert!((total - 20.0).abs() < f64::EPSILON);
    assert_eq!(evaluate(&p99(), &increases), Reading::Value(0.99), "10 new observations in the bucket up to 1.0");
}
