//! What targets do wrong, each over a real socket and each told in words of its own: answers that are no scrape, and
//! scrapes whose numbers must not be taken at their word.

pub(crate) mod observed;

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use runbook::drivers::Http as _;
use runbook::engine::action::{Effect, Scrape};
use runbook::engine::input::{Data, FailureKind};

use crate::drivers_bench::{Bench, failed, start};
use crate::drivers_http::{client, scrape_of, scrape_with, scraped};
use crate::drivers_server::{Server, response, say};
use crate::support::program::{Place, ended, stderr, stdout};

const TEXT: &str = "text/plain; version=0.0.4";
const OPEN: &str = "application/openmetrics-text; version=1.0.0";
const GOOD: &str = "# TYPE http_requests_total counter\nhttp_requests_total{status=\"200\"} 5\n";

/// The head of an answer that goes on until the connection is closed.
const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n";

fn with_head(head: &str, body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", head.as_bytes(), b"\r\n\r\n", body].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    with_head(&format!("Content-Encoding: gzip\r\nContent-Length: {}", bytes.len()), bytes)
}

/// A server that says this, and what is said of it: kind, and words.
type Case = (&'static str, Server, FailureKind, &'static str);

fn cases() -> Vec<Case> {
    use FailureKind::{BadAnswer, Denied, Failed, TooLarge};
    let says = Server::says;
    let elsewhere = "HTTP/1.1 302 Found\r\nLocation: http://localhost:1/x?token=hidden\r\nContent-Length: 0\r\n\r\n";
    let busy = "HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain\r\nRetry-After: 17\r\nContent-Length: 9\r\n\r\nslow down";
    let away =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: Wed, 18 Nov 2026 02:00:00 GMT\r\nContent-Length: 0\r\n\r\n";
    let whole = "http_requests_total 1\n";
    let chunk = format!("{:x}\r\n{whole}\r\n", whole.len());
    vec![
        (
            "HTML with 200",
            says(response("200 OK", "text/html", "<html>Sign in")),
            BadAnswer,
            "a web page came, not metrics: <html>Sign in",
        ),
        (
            "HTML as text",
            says(response("200 OK", TEXT, "<html>Sign in")),
            BadAnswer,
            "a web page came, not metrics: <html>Sign in",
        ),
        ("JSON with 200", says(response("200 OK", "application/json", "{}")), BadAnswer, "JSON came, not metrics: {}"),
        (
            "length beyond the body",
            says(with_head("Content-Length: 900", GOOD.as_bytes())),
            BadAnswer,
            "the answer was cut off",
        ),
        (
            "chunks without an end",
            says(with_head("Transfer-Encoding: chunked", chunk.as_bytes())),
            BadAnswer,
            "the answer was cut off",
        ),
        ("gzip that is cut", says(zipped(&gzip(GOOD.as_bytes())[..40])), BadAnswer, "the answer was cut off"),
        ("gzip bomb", says(zipped(&gzip(&vec![b'#'; 64 << 20]))), TooLarge, "the answer is larger than 100000 bytes"),
        (
            "no EOF",
            says(response("200 OK", OPEN, "# TYPE http_requests counter\nhttp_requests_total 5\n")),
            BadAnswer,
            "line 3, column 1: # EOF is missing at the end: the response may have been cut",
        ),
        (
            "a redirect to another host",
            says(elsewhere.into()),
            BadAnswer,
            "sent on to another place, localhost:1, which is not asked instead",
        ),
        (
            "429",
            says(busy.into()),
            Failed,
            "status 429: too many requests, it asks to wait 17 s (Retry-After) (slow down)",
        ),
        (
            "503 until",
            says(away.into()),
            Failed,
            "status 503, it asks to wait until Wed, 18 Nov 2026 02:00:00 GMT (Retry-After)",
        ),
        (
            "401",
            says(response("401 Unauthorized", "application/json", "{}")),
            Denied,
            "status 401: the scrape needs credentials",
        ),
        (
            "a download",
            says(response("200 OK", "application/octet-stream", GOOD)),
            BadAnswer,
            "the content type is application/octet-stream, not that of metrics (text/plain or application/openmetrics-text)",
        ),
        (
            "nothing named",
            says(response("200 OK", TEXT, "Error 502\n")),
            BadAnswer,
            "none of the metrics that the runbook names is there",
        ),
        (
            "a line break in a label",
            says(response("200 OK", TEXT, "http_requests_total{a=\"b\n c d")),
            BadAnswer,
            "line 1, column",
        ),
    ]
}

#[test]
fn what_is_no_scrape_is_told_in_its_own_words() {
    for (name, server, kind, words) in cases() {
        let outcome = scrape_with(&Bench::new("t-bad"), &scrape_of(vec![server.url("/m?token=hidden")]));
        let (found, message) = failed(&outcome);
        assert!(message.contains(words), "{name}: {message}");
        assert!(message.starts_with(&server.address.to_string()), "{name}: {message}");
        assert!(!message.contains("hidden"), "{name}: {message}");
        assert_eq!(found, kind, "{name}: {message}");
        assert_eq!(outcome.data, Data::None, "{name}");
    }
}

#[test]
fn the_same_is_said_of_a_url_that_a_person_looks_at() {
    for (name, server, _, words) in cases() {
        // Nothing is named here, and a person may look at more.
        if matches!(name, "nothing named" | "gzip bomb") {
            continue;
        }
        let show = Place::new().run(&["metrics", "show", &server.url("/m?token=hidden")]);
        ended(&show, 2);
        let said = stderr(&show).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("RB0851") && said.contains(words), "{name}: {said}");
        assert!(stdout(&show).is_empty() && !said.contains("hidden"), "{name}: {said}");
    }
}

#[test]
fn one_byte_a_second_does_not_get_round_the_limit_of_time() {
    let bench = Bench::new("t-drip");
    let drips = Server::new(|_, stream| {
        say(stream, b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n");
        while stream.write_all(b"#").is_ok() {
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    let scrape = scrape_of(vec![drips.url("/m")]);
    let start = start(
        "sample.1#1",
        runbook::check::program::Class::Read,
        Some(Duration::from_millis(300)),
        Effect::Scrape(scrape.clone()),
    );
    let mut client = client(&bench);
    client.scrape(&start, &scrape, bench.reply("sample.1#1"));
    let outcome = bench.until_done("sample.1#1").outcome;
    assert_eq!(failed(&outcome), (FailureKind::TimedOut, "no answer within 300ms"));
}

/// Writes until the other side has enough, and counts what it took.
fn endless(piece: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static, most: usize) -> (Server, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let server = Server::new(move |_, stream: &mut TcpStream| {
        say(stream, ENDLESS);
        for number in 0..most {
            let bytes = piece(number);
            if stream.write_all(&bytes).is_err() {
                break;
            }
            counted.fetch_add(bytes.len(), Ordering::SeqCst);
        }
    });
    (server, taken)
}

/// A megabyte of what is no sample.
fn comment(_: usize) -> Vec<u8> {
    b"# HELP http_requests_total yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n".repeat(16_384)
}

/// Ten thousand series of ten million.
fn ten_thousand(name: &'static str) -> impl Fn(usize) -> Vec<u8> + Send + Sync {
    move |number| {
        let mut out = Vec::new();
        for i in 0..10_000 {
            writeln!(out, "{name}{{i=\"{}\"}} 1", number * 10_000 + i).unwrap();
        }
        out
    }
}

#[test]
fn too_much_is_refused_at_its_limit_and_read_no_further() {
    // 1 GB, and ten million series.
    for (name, (server, taken)) in
        [("1 GB", endless(comment, 1024)), ("series", endless(ten_thousand("http_requests_total"), 1000))]
    {
        let limit = 2 << 20;
        let scrape = Scrape { max_bytes: limit, ..scrape_of(vec![server.url("/m")]) };
        let outcome = scrape_with(&Bench::new("t-much"), &scrape);
        let (kind, message) = failed(&outcome);
        assert_eq!(kind, FailureKind::TooLarge, "{name}: {message}");
        assert!(message.ends_with("the answer is larger than 2097152 bytes"), "{name}: {message}");
        // What lies in the buffers of the sockets was not read.
        assert!(taken.load(Ordering::SeqCst) < 64 << 20, "{name}: {taken:?}");
    }
}

#[test]
fn a_program_that_is_given_too_much_says_so_within_its_memory() {
    // Short lines: so many series fit into the limit of bytes, and have one of their own.
    for (server, words) in [
        (endless(ten_thousand("x"), 1000).0, "more than the limit of 2000000 samples"),
        (endless(comment, 1024).0, "the answer is larger than 268435456 bytes"),
    ] {
        let place = Place::new();
        let program = place.command(&["metrics", "show", &server.url("/m")]);
        let mut bash = std::process::Command::new("bash");
        // In KiB: four times the limit of an answer.
        bash.arg("-c").arg("ulimit -v 1048576; exec \"$@\"").arg("bash");
        bash.arg(program.get_program()).args(program.get_args()).env_clear();
        bash.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let show = bash.output().unwrap();
        ended(&show, 2);
        assert!(stderr(&show).contains(words), "{}", stderr(&show));
    }
}

#[test]
fn a_line_of_10_mb_is_told_with_its_place() {
    let body = format!("{GOOD}http_requests_total{{status=\"500\",x=\"{}\"}} 1\n", "a".repeat(10_000_000));
    let server = Server::says(response("200 OK", TEXT, body));
    let scrape = Scrape { max_bytes: 64 << 20, ..scrape_of(vec![server.url("/m")]) };
    let outcome = scrape_with(&Bench::new("t-line"), &scrape);
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::TooLarge);
    assert!(message.ends_with("line 3, column 1: the line is longer than the limit of 1048576 bytes"), "{message}");
}

#[test]
fn strange_labels_come_through_unchanged() {
    let value = format!("a\\nb\\\"c\\\\中文{}", "x".repeat(65_536));
    let body = format!("{GOOD}http_requests_total{{status=\"500\",path=\"{value}\"}} 1\n");
    let server = Server::says(response("200 OK", TEXT, body));
    let outcome = scrape_with(&Bench::new("t-labels"), &scrape_of(vec![server.url("/m")]));
    let series: Vec<_> = scraped(&outcome).scrapes[0].samples("http_requests_total").cloned().collect();
    assert_eq!(series[1].labels.value("path"), format!("a\nb\"c\\中文{}", "x".repeat(65_536)));
    // And a person sees one line.
    let show = Place::new().run(&["metrics", "show", &server.url("/m")]);
    ended(&show, 0);
    assert_eq!(stdout(&show).lines().count(), 2);
    assert!(stdout(&show).contains(&format!("path=\"{value}\"")));
}
