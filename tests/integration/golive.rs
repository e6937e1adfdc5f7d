//! The Phase 5 runbook without a simulation: a real HTTP server, a stand-in for kubectl, twelve samples one second apart,
//! a restart of the service in the middle. Every number is compared with what the test computes by itself from the texts
//! that its server sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use crate::support::http::{Response, serve};
use crate::support::program::{OtherUser, Place, repository, stderr};

/// The counters of the service after a number of scrapes, since its last start.
#[derive(Clone, Default)]
struct Service {
    started: u64,
    ok: f64,
    bad: f64,
    fallbacks: f64,
    reload_ok: f64,
    reload_bad: f64,
    snapshot_ok: f64,
    /// Cumulative buckets of two routes.
    buckets: [[f64; 4]; 2],
}

const LE: [&str; 4] = ["0.25", "1", "2", "+Inf"];

impl Service {
    fn work(&mut self, round: u32) {
        let r = f64::from(round);
        self.ok += 190.0 + 3.0 * r;
        self.bad += f64::from(round % 3);
        self.fallbacks += f64::from(round % 4);
        self.reload_ok += 40.0;
        self.reload_bad += f64::from(u32::from(round == 9));
        self.snapshot_ok += 2.0;
        for (route, factor) in [(0, 1.0), (1, 2.0)] {
            let counts = [600.0 + 5.0 * r, 20.0, 7.0, 1.0];
            let mut sum = 0.0;
            for (bucket, count) in counts.iter().enumerate() {
                sum += count * factor;
                self.buckets[route][bucket] += sum;
            }
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let Self { started, ok, bad, fallbacks, reload_ok, reload_bad, snapshot_ok, buckets } = self;
        let _ = writeln!(out, "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {started}");
        let _ = writeln!(out, "# TYPE http_requests_total counter");
        for (status, value) in [("200", ok), ("500", bad)] {
            if *value > 0.0 {
                let _ = writeln!(out, "http_requests_total{{method=\"GET\",status=\"{status}\"}} {value}");
            }
        }
        let _ = writeln!(out, "# TYPE metasheet_fallback_effective_total counter");
        if *fallbacks > 0.0 {
            let _ = writeln!(out, "metasheet_fallback_effective_total{{reason=\"http_timeout\"}} {fallbacks}");
        }
        let _ = writeln!(out, "# TYPE metasheet_plugin_reload_total counter");
        for (result, value) in [("success", reload_ok), ("failure", reload_bad)] {
            if *value > 0.0 {
                let _ = writeln!(out, "metasheet_plugin_reload_total{{plugin_name=\"a\",result=\"{result}\"}} {value}");
            }
        }
        let _ = writeln!(out, "# TYPE metasheet_plugin_reload_duration_seconds histogram");
        let _ = writeln!(out, "metasheet_plugin_reload_duration_seconds_bucket{{le=\"+Inf\"}} {reload_ok}");
        let _ = writeln!(out, "metasheet_plugin_reload_duration_seconds_sum {reload_ok}");
        let _ = writeln!(out, "metasheet_plugin_reload_duration_seconds_count {reload_ok}");
        for name in ["create", "restore", "cleanup"] {
            let _ = writeln!(out, "# TYPE metasheet_snapshot_{name}_total counter");
            let _ = writeln!(out, "metasheet_snapshot_{name}_total{{result=\"success\"}} {snapshot_ok}");
        }
        let _ = writeln!(out, "# TYPE http_server_requests_seconds histogram");
        for (route, values) in buckets.iter().enumerate() {
            for (le, value) in LE.iter().zip(values) {
                let _ = writeln!(
                    out,
                    "http_server_requests_seconds_bucket{{le=\"{le}\",route=\"/r{route}\",method=\"GET\",status=\"200\"}} {value}"
                );
            }
            let count = values[3];
            let labels = format!("route=\"/r{route}\",method=\"GET\",status=\"200\"");
            let _ = writeln!(out, "http_server_requests_seconds_sum{{{labels}}} {count}");
            let _ = writeln!(out, "http_server_requests_seconds_count{{{labels}}} {count}");
        }
        out
    }
}

/// What grew between two states of the service; after a restart everything counts from 0.
fn grown(before: &Service, after: &Service) -> Service {
    let base = if before.started == after.started { before.clone() } else { Service::default() };
    let mut buckets = after.buckets;
    for (row, old) in buckets.iter_mut().zip(base.buckets) {
        for (value, old) in row.iter_mut().zip(old) {
            *value -= old;
        }
    }
    Service {
        started: after.started,
        ok: after.ok - base.ok,
        bad: after.bad - base.bad,
        fallbacks: after.fallbacks - base.fallbacks,
        reload_ok: after.reload_ok - base.reload_ok,
        reload_bad: after.reload_bad - base.reload_bad,
        snapshot_ok: after.snapshot_ok - base.snapshot_ok,
        buckets,
    }
}

fn sum(left: &Service, right: &Service) -> Service {
    let mut buckets = left.buckets;
    for (row, more) in buckets.iter_mut().zip(right.buckets) {
        for (value, more) in row.iter_mut().zip(more) {
            *value += more;
        }
    }
    Service {
        started: right.started,
        ok: left.ok + right.ok,
        bad: left.bad + right.bad,
        fallbacks: left.fallbacks + right.fallbacks,
        reload_ok: left.reload_ok + right.reload_ok,
        reload_bad: left.reload_bad + right.reload_bad,
        snapshot_ok: left.snapshot_ok + right.snapshot_ok,
        buckets,
    }
}

/// The objectives of an interval, written out by hand.
fn objectives(grown: &Service) -> BTreeMap<&'static str, f64> {
    let total = grown.ok + grown.bad;
    let mut cumulative = [0.0; 4];
    for row in grown.buckets {
        for (sum, value) in cumulative.iter_mut().zip(row) {
            *sum += value;
        }
    }
    let rank = 0.99 * cumulative[3];
    let edges = [0.0, 0.25, 1.0, 2.0];
    let p99 = match cumulative.iter().position(|count| *count >= rank).unwrap() {
        3 => 2.0,
        bucket => {
            let below = if bucket == 0 { 0.0 } else { cumulative[bucket - 1] };
            edges[bucket] + (edges[bucket + 1] - edges[bucket]) * (rank - below) / (cumulative[bucket] - below)
        }
    };
    BTreeMap::from([
        ("http_success", (total - grown.bad) / total),
        ("p99", p99),
        ("fallback", grown.fallbacks / total),
        ("plugin_reload", grown.reload_ok / (grown.reload_ok + grown.reload_bad)),
        ("snapshot", 1.0),
    ])
}

fn close(found: &serde_json::Value, expected: f64, what: &str) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{what}: {found} is no number"));
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{what}: {found} instead of {expected}");
}

const KUBECTL: &str = r#"#!/bin/bash
case "$*" in
  "config view"*) printf %s "$KUBE_ANSWER" ;;
  *"get deployment"*) echo '{"status":{"readyReplicas":2}}' ;;
  *"rollout history"*"--revision"*) echo '{"spec":{"template":{"spec":{"containers":[{"image":"metasheet:v2.4.1"}]}}}}' ;;
  *"rollout history"*) echo 'REVISION  CHANGE'; echo '7  v2.4.1' ;;
  *"rollout undo"*"--dry-run"*) echo 'would be rolled back' ;;
  *"logs"*) echo 'INFO all well' ;;
  *) echo "kubectl stand-in: no answer for: $*" >&2; exit 1 ;;
esac
"#;

#[test]
fn twelve_samples_over_real_http_give_the_numbers_that_the_texts_hold() {
    let states = Arc::new(Mutex::new((Service { started: 1_700_000_000, ..Service::default() }, Vec::new())));
    let shared = Arc::clone(&states);
    let server = serve(move |request| {
        if !request.path.starts_with("/metrics/prom") {
            return Response { status: 200, content_type: "text/plain", body: "ok".to_owned() };
        }
        let mut held = shared.lock().unwrap();
        let round = u32::try_from(held.1.len()).unwrap();
        // Scrapes: the precheck, the starting one, then the samples: a restart before sample 6.
        if round == 7 {
            held.0 = Service { started: 1_700_009_000, ..Service::default() };
        }
        held.0.work(round);
        let state = held.0.clone();
        held.1.push(state.clone());
        Response::metrics(state.text())
    });

    let mut place = Place::new();
    place.stand_in("kubectl", KUBECTL);
    place.env("METRICS_URL", &format!("{}/metrics/prom", server.url));
    place.env("METRICS_SCRAPE_TOKEN", "s3cret-token");
    place.env("SLACK_WEBHOOK", &format!("{}/hook", server.url));
    place.env("KUBE_SERVER", "https://cluster.example:6443");
    place.env("KUBE_ANSWER", "https://cluster.example:6443");
    place.env("GRAFANA_URL", "http://grafana.example/d/1");
    place.write("ROADMAP_V2.md", "# Roadmap\n\n## Milestone: Phase 5 Production Baseline\n\nplanned\n");
    place.write("MAP_FEATURE_TO_CODE.md", "# Map\n\n## Phase 4 Observability\n\n**状态**: 🚀 ready\n");
    let runbook = repository().join("runbooks/phase5.rb");
    // The people of the simulation, who take no time here.
    let answers = std::fs::read_to_string(repository().join("runbooks/phase5.sim/healthy.answers.toml")).unwrap();
    let answers = regex::Regex::new(r#", after = "\w+""#).unwrap().replace_all(&answers, "").into_owned();
    let answers = place.write("answers.toml", &answers);
    let other = place.other_user();
    let mut args = vec!["exec", runbook.to_str().unwrap(), "--env", "rehearsal", "--param", "interval=1s"];
    args.extend(["--answers", answers.to_str().unwrap()]);
    if other.is_some() {
        args.extend(["--share-group", OtherUser::GROUP]);
    }
    let run = place.run(&args);
    // The executor's file cannot sign in the approver's place: the run waits for that, with all its numbers.
    assert_eq!(run.status.code(), Some(4), "{}", stderr(&run));
    let status = place.run(&["status", "last", "--format", "json"]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["waiting"][0]["key"], "reporting/phase5_status", "{}", stderr(&run));

    // And at his own terminal he cannot sign either.
    let refused = place.run(&["answer", "last", "phase5_status", "pass"]);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("not answered by the executor"), "{}", stderr(&refused));

    let requests = server.requests.lock().unwrap().clone();
    for request in requests.iter().filter(|request| request.path.starts_with("/metrics/prom")) {
        assert!(
            request.headers.contains(&("authorization".to_owned(), "Bearer s3cret-token".to_owned())),
            "{request:?}"
        );
    }
    let messages: Vec<&str> =
        requests.iter().filter(|request| request.path == "/hook").map(|request| request.body.as_str()).collect();
    assert_eq!(messages.len(), 2, "the test of the channel and the start: {messages:?}");
    assert!(messages[1].contains("12"), "{messages:?}");

    let report = place.report();
    let held = states.lock().unwrap();
    // The scrape that the samples are measured from is the one before the first sample.
    let samples = report["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 12, "{report:#}");
    let first = held.1.len() - 13;
    let kept: Vec<Service> = held.1[first..].to_vec();
    let mut whole = Service::default();
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (n, pair) in kept.windows(2).enumerate() {
        let interval = grown(&pair[0], &pair[1]);
        whole = sum(&whole, &interval);
        assert_eq!(samples[n]["state"], "taken");
        for (key, expected) in objectives(&interval) {
            close(&samples[n]["values"][key]["value"], expected, &format!("sample {} of {key}", n + 1));
            values.entry(key).or_default().push(expected);
        }
    }
    for slo in report["slos"].as_array().unwrap() {
        let key = slo["key"].as_str().unwrap();
        let values = &values[key];
        close(&slo["whole"], objectives(&whole)[key], &format!("whole of {key}"));
        close(&slo["min"], values.iter().copied().fold(f64::INFINITY, f64::min), &format!("min of {key}"));
        close(&slo["max"], values.iter().copied().fold(f64::NEG_INFINITY, f64::max), &format!("max of {key}"));
        let count = f64::from(u32::try_from(values.len()).unwrap());
        close(&slo["mean"], values.iter().sum::<f64>() / count, &format!("mean of {key}"));
    }
    drop(held);
    if let Some(other) = other {
        signed(&place, &other);
    }
}

/// The approver signs under his own user, and the run goes on to its end.
fn signed(place: &Place, other: &OtherUser) {
    let run = place.json(&["runs", "--format", "json"])["runs"][0]["run"].as_str().unwrap().to_owned();
    let forged = other.run(&["answer", &run, "phase5_status", "perhaps"]);
    assert_eq!(forged.status.code(), Some(2), "{}", stderr(&forged));
    let answer = other.run(&["answer", &run, "phase5_status", "pass", "--note", "all seen"]);
    assert_eq!(answer.status.code(), Some(0), "{}", stderr(&answer));
    // What other runs hold is not for the group.
    assert!(!OtherUser::reads(&place.path("state/locks")));

    let run = place.run(&["resume", "last"]);
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let report = place.report();
    assert_eq!(report["status"], "passed", "{report:#}");
    let answers = report["answers"].as_array().unwrap();
    let signature = answers.iter().find(|answer| answer["key"] == "reporting/phase5_status").unwrap();
    assert_eq!(signature["by"], OtherUser::NAME);
    let roadmap = std::fs::read_to_string(place.path("ROADMAP_V2.md")).unwrap();
    assert!(!roadmap.contains("### 实测结果"), "a rehearsal says nothing of production: {roadmap}");
    let map = std::fs::read_to_string(place.path("MAP_FEATURE_TO_CODE.md")).unwrap();
    assert!(!map.contains("Verified"), "{map}");
    let results = std::fs::read_dir(place.path("results")).unwrap().next().unwrap().unwrap().path();
    let written = std::fs::read_to_string(results.join("report.md")).unwrap();
    assert!(written.starts_with("# Phase 5 生产基线观察报告（rehearsal 环境，不是生产）\n"), "{written}");
}
