//! An observation of many samples of a 5 MB target over HTTP: the largest memory of the whole program, whose objectives are exact
//! forms and `PromQL`, also over the whole observation.
//!
//! `cargo bench --bench observation` takes 1,000 samples (another number: `-- --samples N`), as fast as they come.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures a program in the world")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const BODY_BYTES: usize = 5_000_000;
/// Series of the counter that the objectives read: a service with two hundred routes.
const ROUTES: usize = 200;
const STATUSES: [&str; 5] = ["200", "204", "400", "404", "500"];
const BOUNDS: [&str; 11] = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "+Inf"];
/// From one sample to the next: no more than a sample costs, so that none is missed on a machine that is not busy.
const EVERY_MS: u64 = 250;

/// What the objectives do not read: it fills the body.
fn others() -> String {
    let mut text = String::with_capacity(BODY_BYTES + 4096);
    let mut family = 0;
    while text.len() < BODY_BYTES {
        let _ = write!(text, "# HELP other_{family}_bytes Something else.\n# TYPE other_{family}_bytes gauge\n");
        for series in 0..100 {
            let value = f64::from(family * 100 + series) * 1.618e3;
            let _ =
                writeln!(text, "other_{family}_bytes{{shard=\"{series}\",zone=\"eu-west-{}\"}} {value:e}", series % 3);
        }
        family += 1;
    }
    text
}

/// What they read, after so many rounds.
fn read(round: u64) -> String {
    let mut text = String::from("# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 1700000000\n");
    text.push_str("# TYPE requests_total counter\n");
    for route in 0..ROUTES {
        for (weight, status) in [900, 50, 30, 15, 5].into_iter().zip(STATUSES) {
            let _ = writeln!(text, "requests_total{{route=\"/r{route}\",status=\"{status}\"}} {}", round * weight);
        }
    }
    text.push_str("# TYPE latency_seconds histogram\n");
    for (number, bound) in (1..).zip(BOUNDS) {
        let _ = writeln!(text, "latency_seconds_bucket{{le=\"{bound}\"}} {}", round * number * 10);
    }
    let _ = write!(text, "latency_seconds_sum {}\nlatency_seconds_count {}\n", round * 7, round * 110);
    text
}

fn answer(stream: TcpStream, others: &str, rounds: &AtomicU64) {
    let mut requests = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut stream = stream;
    loop {
        let mut any = false;
        while let Some(Ok(line)) = requests.next() {
            any = true;
            if line.is_empty() {
                break;
            }
        }
        if !any {
            return;
        }
        let own = read(rounds.fetch_add(1, Ordering::Relaxed) + 1);
        let length = own.len() + others.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {length}\r\n\r\n");
        let sent =
            [head.as_bytes(), own.as_bytes(), others.as_bytes()].iter().try_for_each(|part| stream.write_all(part));
        if sent.is_err() {
            return;
        }
    }
}

/// Serves the target, and counts how often; it ends with this process.
fn serve(rounds: &'static AtomicU64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let others: &'static str = others().leak();
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream, others, rounds));
        }
    });
    port
}

fn runbook(port: u16, samples: u32) -> String {
    format!(
        r#"runbook bench, "Bench" do
  source prod, scrape: "http://127.0.0.1:{port}/metrics", timeout: 30.s
  slo success, "Success", from: prod do
    value ratio bad: 'requests_total{{status=~"5.."}}', total: 'requests_total'
    unit percent
    target >= 98.pct
    no_data fail
  end
  slo p99, "P99", from: prod do
    value quantile 0.99, of: 'latency_seconds'
    unit s
    target <= 10.s
    no_data fail
  end
  slo by_route, "Errors by route", from: prod do
    value promql 'max(sum by (route) (rate(requests_total{{status=~"5.."}}[$__rate_interval])))'
    unit none
    target < 1000000
    no_data fail
  end
  slo overall, "Over all of it", from: prod do
    value promql 'sum(increase(requests_total{{status="500"}}[$__range])) / sum(increase(requests_total[$__range]))'
    unit percent
    target < 2.pct
    no_data fail
  end
  sample prod, every: {EVERY_MS}.ms, count: {samples}, as: seen, slos: all do
  end
end
"#
    )
}

/// Largest resident memory so far, in MiB.
fn peak_mib(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kib| kib / 1024.0)
}

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--samples").skip(1);
    let samples = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.rb");
    let rounds: &'static AtomicU64 = Box::leak(Box::default());
    fs::write(&file, runbook(serve(rounds), samples)).unwrap();
    let begun = Instant::now();
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_runbook"))
        .args(["exec", "bench.rb", "--state-dir", "state"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut peak = 0.0_f64;
    let status = loop {
        peak = peak_mib(child.id()).unwrap_or_default().max(peak);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let said = fs::read_to_string(folder.path().join("log")).unwrap();
    // On a machine that is busy samples are missed, and an objective may have no data: that is another thing than a failure.
    assert!(matches!(status.code(), Some(0 | 1)), "{said}");
    println!(
        "observation of {samples} samples ({} scrapes) of {:.1} MB: {peak:.1} MiB at most, {:.0} s",
        rounds.load(Ordering::Relaxed),
        (others().len() + read(0).len()) as f64 / 1e6,
        begun.elapsed().as_secs_f64()
    );
}
