use jiff::SignedDuration;

use super::*;
use crate::metrics::indicator::{Promql, Which};
use crate::metrics::objective::Compare;
use crate::metrics::observed::Grid;

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

fn bad_ratio() -> Indicator {
    let (bad, total) = (vec![selector("req{status=~\"5..\"}")], vec![selector("req")]);
    Indicator::Exact(Form::RatioBad { bad, total })
}

fn evidence(indicator: &Indicator) -> Evidence {
    let start: Timestamp = "2025-11-18T01:00:00Z".parse().unwrap();
    let every = SignedDuration::from_mins(10);
    let mut families: BTreeSet<String> = indicator.names();
    families.insert("process_start_time_seconds".to_owned());
    Evidence {
        instance: "base#1".to_owned(),
        zero_key: "zero".to_owned(),
        suffix: String::new(),
        zero_at: start,
        first: start + every,
        every,
        urls: vec!["http://a.example/metrics".to_owned()],
        max_bytes: 1_000_000,
        families,
        grid: Some(Grid { zero_ms: start.as_millisecond(), every_ms: 600_000 }),
    }
}

fn explained(indicator: &Indicator, window: (u32, u32), scrapes: &[&str]) -> Explanation {
    let evidence = evidence(indicator);
    let target = Bound { compare: Compare::AtLeast, limit: 0.98 };
    let mut explainer = Explainer::new(indicator, target, &evidence, window);
    for (n, text) in (0..).zip(scrapes) {
        let at = evidence.zero_at + evidence.every * i32::try_from(n).unwrap();
        let kept = Artifact { path: format!("scrapes/{n}.gz"), sha256: "00".to_owned(), bytes: 1 };
        explainer.take(n, at, &[Body { format: Format::Text, bytes: text.as_bytes(), kept: &kept }]).unwrap();
    }
    explainer.explanation()
}

fn scrape(start: u32, good: u32, bad: Option<u32>) -> String {
    let bad = bad.map(|bad| format!("req{{status=\"500\"}} {bad}\n")).unwrap_or_default();
    format!(
        "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {start}\n# TYPE req counter\n\
         req{{status=\"200\"}} {good}\n{bad}"
    )
}

#[test]
fn a_number_comes_from_lines_and_a_late_series_counts_from_nothing() {
    let scrapes = [scrape(1, 100, None), scrape(1, 190, Some(2)), scrape(1, 288, Some(2))];
    let scrapes: Vec<&str> = scrapes.iter().map(String::as_str).collect();
    let found = explained(&bad_ratio(), (0, u32::MAX), &scrapes);
    assert_eq!(found.reading, Some(Reading::Value(188.0 / 190.0)));
    assert_eq!(found.sides[0].growth().to_bits(), 2.0_f64.to_bits());
    let late = &found.sides[0].series[&(0, "req{status=\"500\"}".to_owned())];
    assert_eq!((late.from.as_ref(), late.to.line, late.to.scrape), (None, 5, 2));
    let good = &found.sides[1].series[&(0, "req{status=\"200\"}".to_owned())];
    let from = good.from.as_ref().unwrap();
    assert_eq!((from.scrape, from.line, from.text.as_str()), (0, 4, "req{status=\"200\"} 100"));
    assert_eq!(good.growth.to_bits(), 188.0_f64.to_bits());
    assert_eq!(found.scrapes.len(), 3);
}

#[test]
fn the_interval_of_one_sample_begins_at_the_scrape_before_it() {
    let scrapes = [scrape(1, 100, Some(0)), scrape(1, 190, Some(10)), scrape(1, 280, Some(10))];
    let scrapes: Vec<&str> = scrapes.iter().map(String::as_str).collect();
    let found = explained(&bad_ratio(), (1, 2), &scrapes);
    assert_eq!(found.reading, Some(Reading::Value(1.0)));
    assert_eq!(found.scrapes.iter().map(|scrape| scrape.n).collect::<Vec<_>>(), [1, 2]);
    let good = &found.sides[1].series[&(0, "req{status=\"200\"}".to_owned())];
    assert_eq!((good.from.as_ref().unwrap().value, good.to.value, good.growth), (190.0, 280.0, 90.0));
}

#[test]
fn a_restart_is_told_for_every_series_also_one_that_comes_back_higher() {
    let scrapes = [scrape(1, 100, Some(3)), scrape(9, 50, None), scrape(9, 60, Some(7))];
    let scrapes: Vec<&str> = scrapes.iter().map(String::as_str).collect();
    let found = explained(&bad_ratio(), (0, u32::MAX), &scrapes);
    let good = &found.sides[1].series[&(0, "req{status=\"200\"}".to_owned())];
    assert_eq!((good.growth, good.restarts.len(), good.restarts[0].process), (60.0, 1, true));
    assert_eq!((good.restarts[0].before.value, good.restarts[0].after.value), (100.0, 50.0));
    let bad = &found.sides[0].series[&(0, "req{status=\"500\"}".to_owned())];
    assert_eq!((bad.growth, bad.restarts[0].before.scrape, bad.restarts[0].after.scrape), (7.0, 0, 2));
    assert_eq!(found.reading, Some(Reading::Value(60.0 / 67.0)));
}

#[test]
fn a_quantile_has_its_buckets_and_an_expression_its_query() {
    let histogram = |small: u32, all: u32| {
        format!(
            "# TYPE lat histogram\nlat_bucket{{le=\"1\"}} {small}\nlat_bucket{{le=\"+Inf\"}} {all}\nlat_sum 1\nlat_count {all}\n"
        )
    };
    let scrapes = [histogram(0, 0), histogram(99, 100)];
    let scrapes: Vec<&str> = scrapes.iter().map(String::as_str).collect();
    let quantile = Indicator::Exact(Form::Quantile { q: 0.5, of: selector("lat") });
    let found = explained(&quantile, (0, u32::MAX), &scrapes);
    assert_eq!(found.buckets, [(1.0, 99.0), (f64::INFINITY, 100.0)]);
    assert_eq!(found.sides[0].series.len(), 2);
    let rate = Indicator::Promql(Promql { text: "sum(increase(lat_count[$__range]))".to_owned(), series: Which::One });
    let found = explained(&rate, (0, u32::MAX), &scrapes);
    assert!(found.query.unwrap().contains("[10m]"));
    assert_eq!(found.sides[0].series[&(0, "lat_count".to_owned())].to.line, 5);
}

#[test]
fn an_expression_has_the_series_that_its_matchers_select() {
    let scrapes = [scrape(1, 100, Some(3)), scrape(1, 190, Some(10))];
    let scrapes: Vec<&str> = scrapes.iter().map(String::as_str).collect();
    let text = "increase(req{status=~\"5..\"}[$__range]) or req{status=\"500\"} or req{status=~\"5..\"}";
    let rate = Indicator::Promql(Promql { text: text.to_owned(), series: Which::One });
    let found = explained(&rate, (0, u32::MAX), &scrapes);
    let sides: Vec<(String, Vec<&str>)> = found
        .sides
        .iter()
        .map(|side| (side.selector.to_string(), side.series.keys().map(|(_, name)| name.as_str()).collect()))
        .collect();
    let only = vec!["req{status=\"500\"}"];
    let written = ["req{status=~\"5..\"}", "req{status=\"500\"}"].map(|one| (one.to_owned(), only.clone()));
    assert_eq!(sides, written, "each selector once");
}

#[test]
fn a_scrape_says_which_of_its_times_do_not_fit() {
    let odd = "req{status=\"200\"} 5 1763341200000\nprocess_start_time_seconds 1763600400\n";
    let found = explained(&bad_ratio(), (0, u32::MAX), &[odd, "req{status=\"200\"} 6\n"]);
    let told: Vec<Vec<&str>> =
        found.scrapes.iter().map(|scrape| scrape.odd.iter().map(|odd| odd.en.as_str()).collect()).collect();
    assert_eq!(
        told[0],
        [
            "req{status=\"200\"} carries a time 1 d behind the clock of this machine: it may be an old value",
            "the process says that it starts 2 d from now: the clock of the target or of this machine is wrong"
        ]
    );
    assert!(told[1].is_empty());
}

#[test]
fn a_line_that_a_reset_shares_with_the_begin_or_the_end_stands_once() {
    let scrapes = [scrape(1, 100, None), scrape(1, 50, None)];
    let scrapes: Vec<&str> = scrapes.iter().map(String::as_str).collect();
    let found = explained(&bad_ratio(), (0, u32::MAX), &scrapes);
    let page = crate::report::page::Page { lang: crate::text::Lang::En, zone: jiff::tz::TimeZone::UTC };
    let lines = told::told_side(&found.sides[1], true, &found, &page);
    assert_eq!(
        lines[2..],
        [
            "  req{status=\"200\"}  +50",
            "    #0 line 4      req{status=\"200\"} 100",
            "    #1 line 4      req{status=\"200\"} 50  ← it went down: counts from 0",
        ]
    );
}
