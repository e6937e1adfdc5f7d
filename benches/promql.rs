//! PromQL over 10,000 series of 12 samples: ours beside a Prometheus server and promtool on the same data.
//!
//! `cargo bench --bench promql` prints the best of some rounds in milliseconds. Where Prometheus cannot be had, ours stand
//! alone.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that cannot go on should stop")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use runbook::metrics::exposition::{Limits, parse};
use runbook::metrics::promql::{self, History, Needs, Vars, lookback_ms};
use runbook::metrics::scrape::{Format, Scrape};

#[path = "../tests/integration/promql/server.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod server;

const ROUTES: usize = 200;
const INSTANCES: usize = 50;
const SAMPLES: i64 = 12;
const INTERVAL_MS: i64 = 600_000;
const START_MS: i64 = 1_763_427_600_000;
const ROUNDS: usize = 15;

const QUERIES: &[&str] = &[
    "sum by (route) (rate(requests_total[2h]))",
    "sum(rate(requests_total[2h]))",
    "topk(5, sum by (instance) (increase(requests_total[30m])))",
    "sum by (route) (requests_total{instance=~\"i1.\"}) / on () group_left sum(requests_total)",
    "max_over_time(sum by (route) (rate(requests_total[20m]))[1h:10m])",
];

/// The text of one scrape.
fn scrape(number: i64) -> Scrape {
    let mut text = String::from("# TYPE requests_total counter\n");
    lines(&mut text, number, "");
    parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap().scrape()
}

fn lines(text: &mut String, number: i64, time: &str) {
    for series in 0..ROUTES * INSTANCES {
        let (route, instance) = (series / INSTANCES, series % INSTANCES);
        let value = number * i64::try_from(series % 97 + 1).unwrap();
        writeln!(text, "requests_total{{route=\"/r{route}\",instance=\"i{instance}\"}} {value}{time}").unwrap();
    }
}

/// The same as `OpenMetrics` with times; the samples of one series must stand in order, not side by side.
fn open_metrics() -> String {
    let mut text = String::from("# TYPE requests counter\n");
    for number in 0..SAMPLES {
        lines(&mut text, number, &format!(" {}", (START_MS + number * INTERVAL_MS) / 1000));
    }
    text.push_str("# EOF\n");
    text
}

fn best(mut run: impl FnMut()) -> Duration {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn main() {
    let scrapes: Vec<Scrape> = (0..SAMPLES).map(scrape).collect();
    let fill = || {
        let mut history = History::new(Needs::all());
        for (number, scrape) in (0..).zip(&scrapes) {
            history.append(START_MS + number * INTERVAL_MS, scrape);
        }
        history
    };
    println!("fill the history with {SAMPLES} scrapes: {:.1} ms", ms(best(|| drop(black_box(fill())))));
    let history = fill();
    println!("{} series, {} points", history.series(), history.points());
    let at_ms = START_MS + (SAMPLES - 1) * INTERVAL_MS;
    let lookback_ms = lookback_ms(INTERVAL_MS);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("samples.om");
    std::fs::write(&file, open_metrics()).unwrap();
    let server = server::start(&file);
    for text in QUERIES.iter().copied() {
        let vars = Vars::of_interval(INTERVAL_MS);
        let ours = best(|| {
            let query = promql::parse(black_box(text), &vars).unwrap();
            black_box(query.eval(&history, at_ms, lookback_ms).unwrap());
        });
        print!("{text}: ours {:.2} ms", ms(ours));
        if let Some(server) = &server {
            let asked = best(|| drop(black_box(server.answer(text, at_ms))));
            let programs = server::programs().unwrap();
            let time = (at_ms / 1000).to_string();
            let promtool = best(|| {
                let url = format!("http://127.0.0.1:{}", server.port);
                let output = Command::new(programs.join("promtool"))
                    .args(["query", "instant", "--time", &time, &url, text])
                    .output()
                    .unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            });
            // What the server itself says, without the network.
            let form = [("query", text), ("time", time.as_str()), ("stats", "all")];
            let inside = (0..ROUNDS)
                .map(|_| server.post("/api/v1/query", &form)["data"]["stats"]["timings"]["execTotalTime"].clone())
                .fold(f64::INFINITY, |least, time| least.min(time.as_f64().unwrap()));
            print!(
                "; Prometheus {:.2} ms, asked over HTTP {:.2} ms; promtool query instant {:.2} ms",
                inside * 1000.0,
                ms(asked),
                ms(promtool)
            );
        }
        println!();
    }
}
