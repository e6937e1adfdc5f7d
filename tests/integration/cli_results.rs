//! What is left of a run: numbers explained, the report as a page, evidence that is verified and packed. Each is asked of
//! simulated go-lives through the program.

use std::path::PathBuf;

use crate::support::program::{Place, ended, json, stderr, stdout};

/// A place with a go-live behind it.
fn after(scenario: &str, exit_code: i32) -> Place {
    let place = Place::new();
    let runbooks = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks");
    let runbook = format!("{runbooks}/phase5.rb");
    let answers = format!("{runbooks}/phase5.sim/{scenario}.answers.toml");
    ended(&place.run(&["exec", &runbook, "--sim", scenario, "--answers", &answers]), exit_code);
    place
}

/// The folder of its one run.
fn folder(place: &Place) -> PathBuf {
    let mut runs = std::fs::read_dir(place.path("state/runs")).unwrap();
    runs.next().unwrap().unwrap().path()
}

#[test]
fn a_number_is_explained_down_to_its_lines() {
    let mut place = after("healthy", 0);
    let said = place.run(&["metrics", "explain", "last", "http_success"]);
    ended(&said, 0);
    let text = stdout(&said);
    for part in [
        "http_success  HTTP 成功率  the whole observation",
        "SIMULATED",
        "ratio bad: 'http_requests_total{status=~\"5..\"}', total: 'http_requests_total'",
        "(total − bad) ÷ total = (",
        "✅ target met",
        "target ≥ 98% · alert level < 95% · no_data fail",
        "#0    2025-11-18 09:00:00  sha256 ",
        "#0 line 5      http_requests_total{method=\"GET\",status=\"500\"} ",
        "#12 line 5     http_requests_total{method=\"GET\",status=\"500\"} ",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    assert!(!text.contains("WARNING"), "what is computed again is what was recorded:\n{text}");

    let found = place.json(&["metrics", "explain", "last", "p99", "--format", "json"]);
    assert_eq!((&found["schema"], &found["agrees"], &found["simulated"]), (&1.into(), &true.into(), &true.into()));
    assert_eq!(found["value"], place.report()["slos"][1]["whole"]);
    assert_eq!(found["scrapes"].as_array().unwrap().len(), 13);
    let buckets = found["buckets"].as_array().unwrap();
    assert_eq!(buckets.last().unwrap()["le"], "inf");
    let series = &found["inputs"][0]["series"][0];
    assert!(series["from"]["text"].as_str().unwrap().starts_with("http_server_requests_seconds_bucket{"));

    let one = place.json(&["metrics", "explain", "last", "http_success", "--sample", "4", "--format", "json"]);
    assert_eq!((&one["sample"], &one["agrees"]), (&4.into(), &true.into()));
    assert_eq!(one["scrapes"].as_array().unwrap().len(), 2, "from the scrape before to its own");

    place.env("LANG", "zh_CN.UTF-8");
    let text = stdout(&place.run(&["metrics", "explain", "last", "http_success"]));
    assert!(text.contains("整个观察期") && text.contains("✅ 达标") && text.contains("第 5 行"), "{text}");
}

#[test]
fn a_restart_is_part_of_the_explanation() {
    let place = after("restart", 0);
    let text = stdout(&place.run(&["metrics", "explain", "last", "http_success"]));
    assert!(text.contains("the process was started again: counts from 0"), "{text}");
    let found = place.json(&["metrics", "explain", "last", "http_success", "--format", "json"]);
    assert_eq!(found["agrees"], true);
    let all: Vec<&serde_json::Value> = found["inputs"].as_array().unwrap().iter().collect();
    for side in all {
        let series = side["series"].as_array().unwrap();
        let sum: f64 = series.iter().map(|one| one["growth"].as_f64().unwrap()).sum();
        assert_eq!(side["growth"].as_f64().unwrap().to_bits(), sum.to_bits());
        assert!(series.iter().all(|one| one["resets"].as_array().unwrap().len() == 1), "each began again once");
    }
}

#[test]
fn what_cannot_be_explained_says_why() {
    let place = after("healthy", 0);
    for (args, wanted) in [
        (["last", "http_sucess"].as_slice(), "did you mean `http_success`?"),
        (["last", "http_success", "--sample", "13"].as_slice(), "there is no sample 13"),
        (["last", "http_success", "--series", "other"].as_slice(), "nothing has observed `http_success`"),
        (["nope", "http_success"].as_slice(), "there is no run nope"),
    ] {
        let said = place.run(&[["metrics", "explain"].as_slice(), args].concat());
        ended(&said, 2);
        assert!(stderr(&said).contains(wanted), "{}", stderr(&said));
    }
    std::fs::remove_file(folder(&place).join("scrapes/observe%2Fbaseline#1%2Fsample.7.1.gz")).unwrap();
    let said = place.run(&["metrics", "explain", "last", "http_success"]);
    ended(&said, 2);
    assert!(stderr(&said).contains("RB0909") && stderr(&said).contains("sample.7.1.gz"), "{}", stderr(&said));
    assert!(json(&place.run(&["runs", "--format", "json"]))["runs"].is_array(), "nothing else is hurt");
}
