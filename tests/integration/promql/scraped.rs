//! The rules by which scrapes become series, against a Prometheus that scrapes the same target: what goes stale and when,
//! samples with a time of their own, series that come twice, scrapes that fail.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use runbook::metrics::exposition::{self, Limits};
use runbook::metrics::promql::History;
use runbook::metrics::scrape::Format;

use super::{compare, ours, server};

/// Short, so that the test is; long enough for a busy machine.
const INTERVAL_MS: u64 = 500;

/// What the target answers, scrape by scrape; nothing where it fails. `{now}` is the time of the answer in milliseconds.
const ANSWERS: &[Option<&str>] = &[
    Some("# TYPE m_c counter\nm_c{s=\"a\"} 1\nm_c{s=\"b\"} 10\nm_g 1\nm_own 5 {now}\n"),
    Some("# TYPE m_c counter\nm_c{s=\"a\"} 3\nm_c{s=\"b\"} 12\nm_g NaN\nm_own 6 {now}\n"),
    Some("# TYPE m_c counter\nm_c{s=\"a\"} 4\nm_g +Inf\n"),
    Some("# TYPE m_c counter\nm_c{s=\"a\"} 0\nm_c{s=\"b\"} 2\nm_c{s=\"c\"} 1\nm_g -1\nm_own 7 {now}\n"),
    None,
    Some("# TYPE m_c counter\nm_c{s=\"c\"} 4\nm_c{s=\"b\"} 5\nm_c{s=\"b\"} 6\nm_g 2\n"),
    Some("# TYPE m_h histogram\nm_h_bucket{le=\"1\"} 1\nm_h_bucket{le=\"+Inf\"} 2\nm_h_sum 3\nm_h_count 2\nm_g 3\n"),
    Some("m_g 4\nm_own 8 1000\n"),
];

const EXPRESSIONS: &[&str] = &[
    "m_c",
    "m_g",
    "m_own",
    "m_h_bucket",
    "{__name__=~\"m_.*\"}",
    "count({__name__=~\"m_.*\"})",
    "count_over_time({__name__=\"m_c\"}[1m])",
    "count_over_time(m_g[1m])",
    "m_c[1m]",
    "m_g[1m]",
    "increase(m_c[1m])",
    "rate(m_c[1200ms])",
    "resets(m_c[1m])",
    "last_over_time(m_c[1m])",
    "m_h_bucket{le=\"1.0\"}",
    "m_h_bucket{le=\"1\"}",
    "histogram_quantile(0.5, m_h_bucket)",
    "sum(m_c) or vector(-1)",
    "absent(m_c)",
    "m_c offset 500ms",
    "timestamp(m_g)",
    "changes(m_g[1m])",
    "avg_over_time(m_c[2s])",
    "max_over_time(m_c[2s:100ms])",
];

#[test]
fn scrapes_become_series_as_in_a_scraping_prometheus() {
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = target.local_addr().unwrap();
    let Some(server) = server::start_scraping(address, INTERVAL_MS) else { return };
    let served: Vec<Option<String>> = ANSWERS.iter().map(|answer| serve(&target, *answer)).collect();
    drop(target);
    // One more scrape, which nobody answers, and the last answer is surely stored.
    let scrapes = loop {
        let now_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        let up = server.answer("up[1m]", now_ms);
        let scrapes = up["data"]["result"][0]["values"].as_array().cloned().unwrap_or_default();
        if scrapes.len() > ANSWERS.len() {
            break scrapes;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let mut history = History::default();
    let mut times = Vec::new();
    for (number, scrape) in scrapes.iter().enumerate() {
        let at_ms = (scrape[0].as_f64().unwrap() * 1000.0).round();
        let at_ms: i64 = format!("{at_ms}").parse().unwrap();
        // On a busy machine a scrape may fail that was answered.
        let body = served.get(number).and_then(Option::as_ref).filter(|_| scrape[1] == "1");
        match body {
            Some(text) => {
                let parsed = exposition::parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap();
                history.append(at_ms, &parsed.scrape());
            }
            None => history.append_failure(at_ms),
        }
        times.extend([at_ms, at_ms + 1, at_ms + 250]);
    }
    let last_ms = times[times.len() - 3];
    let mut wrong = Vec::new();
    for at_ms in times.into_iter().filter(|at_ms| *at_ms <= last_ms) {
        for expression in EXPRESSIONS {
            let (ours, theirs) = (ours(&history, expression, at_ms), server.answer(expression, at_ms));
            if let Err(difference) = compare::answers(&ours, &theirs, false) {
                wrong.push(format!("{expression} at {at_ms}: {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Answers one request, and returns the body.
fn serve(target: &TcpListener, answer: Option<&str>) -> Option<String> {
    let (mut stream, _) = target.accept().unwrap();
    let mut request: Vec<u8> = Vec::new();
    let mut buffer = [0; 1024];
    while !request.windows(4).any(|four| four == b"\r\n\r\n") {
        let length = stream.read(&mut buffer).unwrap();
        assert!(length > 0, "a request ends with an empty line");
        request.extend(&buffer[..length]);
    }
    let Some(body) = answer else {
        write!(stream, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        return None;
    };
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let body = body.replace("{now}", &now_ms.to_string());
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {length}");
    write!(stream, "{head}\r\nConnection: close\r\n\r\n{body}").unwrap();
    Some(body)
}
