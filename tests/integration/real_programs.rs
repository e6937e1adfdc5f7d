//! The programs that runbooks speak with, themselves: Alertmanager's API, and the metrics that Prometheus, Alertmanager,
//! Pushgateway and `node_exporter` give. Where they cannot be had this is said loudly, and in CI it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use runbook::check::program::Class;
use runbook::drivers::Http as _;
use runbook::engine::action::{Access, Alerts, Effect};
use runbook::engine::input::{Alert, Data};
use runbook::metrics::exposition::{Limits, parse};
use runbook::metrics::lint;
use runbook::metrics::response::ACCEPT;
use runbook::metrics::scrape::Format;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::drivers_bench::{Bench, HANG};
use crate::drivers_http::client;
use crate::promql::server::{programs, start_scraping};

/// A program that listens; it ends with this value.
pub(crate) struct Running {
    process: Child,
    pub(crate) port: u16,
    _folder: TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Starts a program in a folder with these files. It says in its log on which port it listens.
pub(crate) fn run(program: &Path, arguments: &[&str], files: &[(&str, &str)]) -> Running {
    let name = program.display();
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut process = Command::new(program)
        .args(arguments)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap());
    let (mut port, mut seen) = (None, String::new());
    while port.is_none() {
        let mut line = String::new();
        let read = log.read_line(&mut line).unwrap();
        assert!(read > 0, "{name} ended before it listened:\n{seen}");
        if line.contains("Listening on") {
            port = line.rsplit(':').next().and_then(|number| number.trim().trim_end_matches('"').parse().ok());
        }
        seen.push_str(&line);
    }
    // What it says later must be read, or it would stop at a full pipe.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    Running { process, port: port.expect("the log names the port"), _folder: folder }
}

/// Sends a request, and gives status, head and body of the answer; HTTP/1.0, so that it ends with the connection.
pub(crate) fn ask(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let headers: String = headers.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat()).collect();
    let head = format!("{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {}\r\n{headers}", body.len());
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
}

fn post(port: u16, path: &str, body: &Json) -> Json {
    let (head, answer) = ask(port, "POST", path, &[("Content-Type", "application/json")], body.to_string().as_bytes());
    assert!(head.contains(" 200 "), "{head}\n{}", String::from_utf8_lossy(&answer));
    serde_json::from_slice(&answer).unwrap_or(Json::Null)
}

const ALERTMANAGER: &str = "route: { receiver: nobody, group_wait: 1s }\nreceivers: [{ name: nobody }]\n\
    inhibit_rules:\n- source_matchers: [severity=critical]\n  target_matchers: [severity=warning]\n  equal: [service]\n";

/// The Alertmanagers that can be had: that of the system's package, and the newer one beside Prometheus 3, which needs the
/// templates of that package, too. None: said loudly, and a failure in CI.
#[expect(clippy::print_stderr, reason = "what a test leaves out has to be seen")]
fn alertmanagers() -> Vec<PathBuf> {
    const TEMPLATES: &str = "/usr/share/prometheus/alertmanager/default.tmpl";
    let own = PathBuf::from("/usr/bin/prometheus-alertmanager");
    if !own.exists() || !Path::new(TEMPLATES).exists() {
        let reason = "install the package prometheus-alertmanager";
        assert!(std::env::var_os("CI").is_none(), "Alertmanager is not here, and in CI it must be: {reason}");
        eprintln!("NOT TESTED against a real Alertmanager, which is not here: {reason}");
        return Vec::new();
    }
    let newer = programs().map(|programs| programs.join("prometheus-alertmanager"));
    std::iter::once(own).chain(newer).collect()
}

fn alertmanager(program: &Path) -> Running {
    let arguments = [
        "--config.file=alertmanager.yml",
        "--storage.path=data",
        "--web.listen-address=127.0.0.1:0",
        "--cluster.listen-address=",
    ];
    run(program, &arguments, &[("alertmanager.yml", ALERTMANAGER)])
}

/// The alerts of `service` that the driver finds.
fn firing(port: u16, service: &str) -> Vec<Alert> {
    let bench = Bench::new("t-real-alerts");
    let alerts = Alerts {
        source: "alerts".into(),
        url: format!("http://127.0.0.1:{port}"),
        access: Access::default(),
        matchers: BTreeMap::from([("service".to_owned(), service.to_owned())]),
    };
    let begun = crate::drivers_bench::start("alerts.1#1", Class::Read, None, Effect::Alerts(alerts.clone()));
    let mut client = client(&bench);
    client.alerts(&begun, &alerts, bench.reply("alerts.1#1"));
    let outcome = bench.until_done("alerts.1#1").outcome;
    match outcome.data {
        Data::Alerts(alerts) => alerts,
        _none => panic!("{:?}", outcome.failure),
    }
}

/// The names of them, once they are these.
fn until(port: u16, service: &str, expected: &[&str]) -> Vec<Alert> {
    let begun = Instant::now();
    loop {
        let alerts = firing(port, service);
        let names: Vec<&str> = alerts.iter().map(|alert| alert.labels["alertname"].as_str()).collect();
        if names.iter().copied().collect::<BTreeSet<_>>() == expected.iter().copied().collect() {
            return alerts;
        }
        assert!(begun.elapsed() < HANG, "{names:?} instead of {expected:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn fire(port: u16, name: &str, labels: &Json, begun: Timestamp, ended: Option<Timestamp>) {
    let mut labels = labels.clone();
    labels["alertname"] = name.into();
    let mut alert = json!({ "labels": labels, "annotations": { "summary": "摘要" }, "startsAt": begun.to_string() });
    if let Some(ended) = ended {
        alert["endsAt"] = ended.to_string().into();
    }
    post(port, "/api/v2/alerts", &json!([alert]));
}

#[test]
fn a_real_alertmanager_tells_what_fires_and_not_what_is_silenced_or_inhibited() {
    for program in alertmanagers() {
        let alertmanager = alertmanager(&program);
        tells_what_fires(alertmanager.port);
    }
}

fn tells_what_fires(port: u16) {
    assert_eq!(firing(port, "web"), []);
    let now = Timestamp::now();
    let ago = |seconds: i64| now.saturating_sub(SignedDuration::from_secs(seconds)).unwrap();
    let odd = r#"we"b\ 服务"#;
    let silence = json!({
        "matchers": [{ "name": "alertname", "value": "Noise", "isRegex": false, "isEqual": true }],
        "startsAt": ago(1).to_string(), "endsAt": ago(-600).to_string(), "createdBy": "test", "comment": "quiet",
    });
    post(port, "/api/v2/silences", &silence);
    fire(port, "Noise", &json!({ "service": odd }), ago(60), None);
    fire(port, "Slow", &json!({ "service": odd, "severity": "warning" }), ago(50), None);
    fire(port, "Elsewhere", &json!({ "service": "other" }), ago(50), None);
    until(port, odd, &["Slow"]);
    let down = json!({ "service": odd, "severity": "critical" });
    fire(port, "Down", &down, ago(40), None);
    let first = until(port, odd, &["Down"]);
    assert_eq!(first[0].annotations["summary"], "摘要");
    assert_eq!(first[0].starts_at.as_millisecond(), ago(40).as_millisecond());
    // It resolves, so that what it inhibited is told again; then it fires once more, as another one.
    fire(port, "Down", &down, ago(40), Some(ago(1)));
    until(port, odd, &["Slow"]);
    fire(port, "Down", &down, ago(-1), None);
    let again = until(port, odd, &["Down"]);
    assert_eq!(again[0].fingerprint, first[0].fingerprint);
    assert!(again[0].starts_at > first[0].starts_at, "{again:?}");
    until(port, "other", &["Elsewhere"]);
}

/// Reads and lints what a program gives under `/metrics`, asked for either format.
fn is_clean(program: &str, port: u16, knows: &str) {
    for accept in [ACCEPT, "text/plain;version=0.0.4"] {
        let (head, body) = ask(port, "GET", "/metrics", &[("Accept", accept)], b"");
        assert!(head.contains(" 200 "), "{program}: {head}");
        // Some of them have the older format alone.
        let open = head.to_lowercase().contains("application/openmetrics-text");
        let format = if open { Format::OpenMetrics } else { Format::Text };
        let parsed = parse(&body, format, &Limits::default()).unwrap_or_else(|error| panic!("{program}: {error:?}"));
        let scrape = parsed.scrape();
        assert!(scrape.samples(knows).next().is_some(), "{program} has no {knows}");
        assert!(scrape.start_time().is_some(), "{program} does not say when it was started");
        let findings = lint::lint(&parsed);
        assert!(findings.found.is_empty(), "{program} ({format:?}): {:#?}", findings.found);
    }
}

#[test]
fn what_real_programs_give_is_read_and_has_nothing_to_find() {
    for program in alertmanagers() {
        let alertmanager = alertmanager(&program);
        post(alertmanager.port, "/api/v2/alerts", &json!([{ "labels": { "alertname": "A \"quoted\" \\ 名" } }]));
        is_clean("Alertmanager", alertmanager.port, "alertmanager_alerts");
    }
    let Some(programs) = programs() else { return };
    let start = |program: &str| run(&programs.join(program), &["--web.listen-address=127.0.0.1:0"], &[]);
    let node = start("prometheus-node-exporter");
    is_clean("node_exporter", node.port, "node_cpu_seconds_total");
    let gateway = start("prometheus-pushgateway");
    let pushed = "# TYPE jobs_total counter\n# HELP jobs_total Jobs \\\\ done.\njobs_total{name=\"a\\\"b\\\\c\\nd 名\"} 3\n\
                  # TYPE spread histogram\nspread_bucket{le=\"1\"} 1\nspread_bucket{le=\"+Inf\"} 2\nspread_sum 3\nspread_count 2\n";
    let (head, body) = ask(gateway.port, "PUT", "/metrics/job/nightly/zone/%E4%B8%AD", &[], pushed.as_bytes());
    assert!(head.contains(" 200 "), "{head}\n{}", String::from_utf8_lossy(&body));
    is_clean("Pushgateway", gateway.port, "jobs_total");
    let target = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let prometheus = start_scraping(target.local_addr().unwrap(), 60_000).unwrap();
    is_clean("Prometheus", prometheus.port, "prometheus_build_info");
}
