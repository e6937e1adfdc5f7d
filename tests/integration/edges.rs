//! Verdicts of the go-live at the edges: exactly at a target, without traffic, with traffic that begins late, with two
//! processes behind one address. Over real HTTP, through the whole runbook.

use std::sync::Arc;

use runbook::drivers::sim::service::Service;
use runbook::engine::action::Ending;
use runbook::value::Verdict;

use crate::support::simulated::{Book, Played};

/// Plays the quiet scenario with another service, and answers of another scenario.
fn with(service: &str, answers: &str) -> Played {
    let book = Book::open("phase5");
    let mut scenario = book.scenario("healthy");
    let token = scenario.service.as_ref().and_then(|service| service.token.clone());
    scenario.service = Some(Service { token, ..toml::from_str(service).unwrap() });
    book.run(&Arc::new(scenario), book.answers(answers))
}

fn objective(played: &Played, key: &str) -> (Verdict, Option<f64>) {
    let objectives = &played.view.observations[0].objectives;
    let found = objectives.iter().find(|objective| objective.shown.key == key).unwrap();
    (found.verdict, found.whole)
}

/// Counts that make exact ratios: no jitter, and steps of a whole interval.
const EXACT: &str = "jitter = \"0%\"\ngrain = \"10m\"\nclient_errors = \"0%\"\n";

fn ratio(verdict: Verdict, whole: f64) -> impl Fn((Verdict, Option<f64>)) {
    move |(found, value)| {
        assert_eq!(found, verdict);
        assert!((value.unwrap() - whole).abs() < 1e-9, "{value:?} is not {whole}");
    }
}

#[test]
fn exactly_the_target_is_met_where_the_target_may_be_reached() {
    let played = with(&format!("{EXACT}errors = \"2%\"\nlatency = \"80ms\"\n"), "healthy");
    assert_eq!(played.ending, Ending::Passed, "at least 98 %, and it is 98 %");
    ratio(Verdict::Pass, 0.98)(objective(&played, "http_success"));
    let latency = "[{ takes = \"80ms\", share = \"90%\" }, { takes = \"1500ms\", share = \"9%\" }, { takes = \"3s\", share = \"1%\" }]";
    let played = with(&format!("{EXACT}errors = \"0%\"\nlatency = {latency}\n"), "healthy");
    assert_eq!(played.ending, Ending::Passed, "at most 2 s, and it is 2 s");
    ratio(Verdict::Pass, 2.0)(objective(&played, "p99"));
}

#[test]
fn exactly_the_target_is_missed_where_it_must_be_below() {
    let played = with(&format!("{EXACT}errors = \"0%\"\nlatency = \"80ms\"\nfallbacks = \"10%\"\n"), "breach-fallback");
    assert_eq!(played.ending, Ending::NotPassed, "below 10 %, and it is 10 %");
    ratio(Verdict::Breach, 0.1)(objective(&played, "fallback"));
}

#[test]
fn without_traffic_there_is_no_number_and_no_pass() {
    let played = with("[[at]]\nafter = \"0s\"\nrequests_per_min = 0\n", "breach");
    assert_eq!(played.ending, Ending::NotPassed);
    for key in ["http_success", "p99", "fallback"] {
        assert_eq!(objective(&played, key), (Verdict::NoData, None), "{key}");
    }
    let report = played.written("results/phase5-20251118/report.md").unwrap();
    assert!(report.contains("- HTTP 成功率: 无数据"), "{report}");
}

#[test]
fn traffic_that_begins_after_the_third_sample_is_counted_from_nothing() {
    // 09:35: a fresh process whose families are declared and have no series until then.
    let late = "up_for = \"0s\"\nrequests_per_min = 0\n[[at]]\nafter = \"65m\"\nrequests_per_min = 1200\n";
    let played = with(late, "healthy");
    assert_eq!(played.ending, Ending::Passed);
    let observation = &played.view.observations[0];
    let first: Vec<Verdict> = observation.samples.iter().map(|sample| sample.values[0].verdict).collect();
    let wanted = [[Verdict::NoData; 3].as_slice(), &[Verdict::Pass; 9]].concat();
    assert_eq!(first, wanted);
    assert!(objective(&played, "http_success").1.unwrap() > 0.99, "no 5xx series is no error, not 0 %");
}

#[test]
fn two_processes_behind_one_address_are_never_a_pass() {
    // From the beginning: the precheck says so, before anything is written.
    let played = with("instances = 2\n", "proxy");
    assert_ne!(played.ending, Ending::Passed);
    assert!(played.view.observations.is_empty());
    let check = played.view.steps.iter().find(|step| step.static_key == "prechecks/environment/one_process").unwrap();
    assert!(check.state == Verdict::Fail && check.detail.en.contains("several instances behind one URL"), "{check:?}");
    // Later, when it was checked already: no number is made of it.
    let played = with("[[at]]\nafter = \"29m\"\ninstances = 2\n", "proxy");
    assert_ne!(played.ending, Ending::Passed);
    for key in ["http_success", "p99", "fallback", "plugin_reload", "snapshot"] {
        assert_eq!(objective(&played, key), (Verdict::Error, None), "{key}");
    }
}
