//! PromQL against Prometheus 3: the same expressions over the same samples.
//!
//! `tests/promql/golden.json` holds what a real server answered. `PROMQL_GOLDEN=write cargo test promql` asks the server
//! again and rewrites it; the test beside it asks it anyway, where it can be had.

#![expect(clippy::indexing_slicing, reason = "an answer that is shaped otherwise should stop the test")]
#![expect(clippy::print_stderr, reason = "a comparison that could not be made is said loudly")]

mod any;
mod compare;
mod errors;
mod expressions;
mod pages;
mod published;
mod scraped;
pub(crate) mod server;

use runbook::metrics::exposition::{self, Limits};
use runbook::metrics::promql::{self, History, Vars};
use runbook::metrics::scrape::{Format, Scrape};
use serde_json::{Value as Json, json};

use expressions::{BASE_S, Case, cases};

/// Prometheus' own default, with which the server runs.
const LOOKBACK_MS: i64 = 300_000;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/promql/samples.om");
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/promql/golden.json");

/// The samples with their own times, so without markers of staleness: what `promtool` puts into blocks.
fn samples() -> Scrape {
    let text = std::fs::read(SAMPLES).unwrap();
    exposition::parse(&text, Format::OpenMetrics, &Limits::default()).unwrap().scrape()
}

fn history() -> History {
    let mut history = History::default();
    history.append(0, &samples());
    history
}

/// Our answer in the form of the HTTP API: `{"data": …}` or `{"error": …}`.
fn ours(history: &History, expression: &str, at_ms: i64) -> Json {
    let query = match promql::parse(expression, &Vars::of_interval(60_000)) {
        Ok(query) => query,
        Err(errors) => {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            return json!({ "error": errors.join("; ") });
        }
    };
    match query.eval(history, at_ms, LOOKBACK_MS) {
        Ok(value) => json!({ "data": serde_json::from_str::<Json>(&value.to_json()).unwrap() }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

/// Compares our answers with `theirs`, and says what differs.
fn differences(theirs: impl Fn(&Case) -> Json) -> Vec<String> {
    let history = history();
    let mut wrong = Vec::new();
    for case in cases() {
        let (ours, theirs) = (ours(&history, &case.expression, case.at_ms()), theirs(&case));
        let place = format!("{} at {} s", case.expression, case.after_s);
        if case.refused != theirs.get("error").is_some() {
            wrong.push(format!("{place}: the list says refused = {}, Prometheus says {theirs}", case.refused));
        }
        if let Err(difference) = compare::answers(&ours, &theirs, compare::is_ordered(&case.expression)) {
            wrong.push(format!("{place}: {difference}"));
        }
    }
    wrong
}

#[test]
fn answers_are_those_that_prometheus_gave() {
    let golden: Json = serde_json::from_str(&std::fs::read_to_string(GOLDEN).unwrap()).unwrap();
    let wrong = differences(|case| golden.get(case.key()).cloned().unwrap_or(Json::Null));
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(golden.as_object().unwrap().len(), cases().len(), "golden.json holds other expressions than the list");
}

#[test]
fn answers_are_those_of_a_running_prometheus() {
    let Some(server) = server::start(SAMPLES.as_ref()) else { return };
    let all: Vec<Case> = cases();
    if std::env::var_os("PROMQL_GOLDEN").is_some_and(|value| value == "write") {
        expressions::write_golden(
            GOLDEN.as_ref(),
            all.iter().map(|case| (case.key(), server.answer(&case.expression, case.at_ms()))),
        );
    }
    let wrong = differences(|case| server.answer(&case.expression, case.at_ms()));
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn there_are_as_many_expressions_as_were_promised() {
    let distinct: std::collections::BTreeSet<String> =
        cases().into_iter().filter(|case| !case.refused).map(|case| case.expression).collect();
    assert!(distinct.len() >= 400, "{}", distinct.len());
    for function in promql::functions() {
        let call = format!("{function}(");
        assert!(distinct.iter().any(|expression| expression.contains(&call)), "{function} is not compared");
    }
    assert!(cases().iter().all(|case| case.at_ms() > BASE_S * 1000));
}
