//! Exposition text: ours beside the `prometheus-parse` crate, on one core, over texts of the shapes that targets send.
//!
//! `cargo bench --bench exposition` prints MB/s (the best of some rounds) and the bytes of memory for each byte of input,
//! the input included.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time and memory")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use runbook::metrics::exposition::{Limits, parse};
use runbook::metrics::scrape::Format;

/// Resident memory in bytes: the kernel's own count (0 where there is none).
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kib: usize = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    kib * 1024
}

/// Size of each text: far larger than the caches.
const TEXT_BYTES: usize = 32 << 20;
/// Room for the last piece of a text, so that it never moves and leaves a hole behind.
const SLACK: usize = 1 << 20;
const ROUNDS: usize = 7;

/// Histograms with several labels, as a service with a few hundred routes sends them.
fn histograms() -> String {
    let mut text = String::with_capacity(TEXT_BYTES + SLACK);
    text.push_str(
        "# HELP http_server_requests_seconds Duration of requests.\n# TYPE http_server_requests_seconds histogram\n",
    );
    let mut route = 0_u64;
    while text.len() < TEXT_BYTES {
        let labels = format!("route=\"/api/v1/tables/{route}/rows\",method=\"GET\",status=\"200\"");
        for (number, le) in ["0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2", "5", "+Inf"].iter().enumerate() {
            let count = route * 17 % 1000 * (number as u64 + 1);
            let _ = writeln!(text, "http_server_requests_seconds_bucket{{le=\"{le}\",{labels}}} {count}");
        }
        let _ = writeln!(text, "http_server_requests_seconds_sum{{{labels}}} {}", route as f64 * 0.123_456_7);
        let _ = writeln!(text, "http_server_requests_seconds_count{{{labels}}} {}", route * 17 % 1000 * 10);
        route += 1;
    }
    text
}

/// Short lines of many families, each with its comments, as `node_exporter` sends them.
fn node() -> String {
    let mut text = String::with_capacity(TEXT_BYTES + SLACK);
    let mut family = 0_u32;
    while text.len() < TEXT_BYTES {
        let name = format!("node_subsystem{family}_value_bytes");
        let _ = write!(text, "# HELP {name} Some value of a subsystem.\n# TYPE {name} gauge\n");
        for cpu in 0..128 {
            let value = f64::from(family * 128 + cpu) * 1.618_033e3;
            let _ = writeln!(text, "{name}{{cpu=\"{cpu}\"}} {value:e}");
        }
        family += 1;
    }
    text
}

/// Long label sets with a time behind each value, as cAdvisor sends them.
fn pods() -> String {
    let mut text = String::with_capacity(TEXT_BYTES + SLACK);
    text.push_str(
        "# HELP container_cpu_usage_seconds_total CPU time.\n# TYPE container_cpu_usage_seconds_total counter\n",
    );
    let mut pod = 0_u32;
    while text.len() < TEXT_BYTES {
        let _ = writeln!(
            text,
            "container_cpu_usage_seconds_total{{container=\"metasheet\",cpu=\"total\",\
             id=\"/kubepods.slice/kubepods-pod{pod}.slice\",image=\"registry.local/metasheet:v2.4.1\",\
             namespace=\"default\",pod=\"metasheet-{pod}\"}} {} {}",
            f64::from(pod) * 0.731,
            1_763_427_600_000_u64 + u64::from(pod % 1000),
        );
        pod += 1;
    }
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

fn main() {
    let limits = Limits::default();
    let texts = [("histograms", histograms()), ("node", node()), ("pods", pods())];
    // Memory first: what the other parser leaves behind would be used again, and not be seen.
    let memory = texts.each_ref().map(|(_, text)| {
        let before = resident();
        let parsed = parse(text.as_bytes(), Format::Text, &limits);
        let bytes = resident().saturating_sub(before) + text.len();
        (parsed.map(|parsed| parsed.len()).unwrap_or_default(), bytes as f64 / text.len() as f64)
    });
    let names = BTreeSet::from(["process_start_time_seconds".to_owned()]);
    for ((name, text), (samples, memory)) in texts.iter().zip(memory) {
        let rate = |time: Duration| text.len() as f64 / 1e6 / time.as_secs_f64();
        let ours = best(|| {
            black_box(parse(black_box(text.as_bytes()), Format::Text, &limits).is_ok());
        });
        let kept = best(|| {
            let parsed = parse(black_box(text.as_bytes()), Format::Text, &limits);
            black_box(parsed.map(|parsed| parsed.keep(&names)).is_ok());
        });
        let theirs = best(|| {
            let lines = black_box(text).lines().map(|line| Ok(line.to_owned()));
            black_box(prometheus_parse::Scrape::parse(lines).is_ok());
        });
        println!(
            "{name}: {samples} samples; ours {:.0} MB/s, with keep {:.0} MB/s, {memory:.2} bytes a byte; prometheus-parse {:.0} MB/s",
            rate(ours),
            rate(kept),
            rate(theirs),
        );
    }
}
