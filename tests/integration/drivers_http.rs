//! Real requests to real sockets: good answers, and each way in which an answer is none.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use runbook::check::program::{BodyFormat, Class};
use runbook::drivers::Http as _;
use runbook::drivers::real::http::{HttpClient, Reach, Setting};
use runbook::engine::action::{self, Access, ActionId, Alerts, Effect, Input, Notify, Scrape};
use runbook::engine::input::{Alert, Data, FailureKind, Outcome, Output, ScrapeData};
use runbook::value::Value;
use runbook::value::parse::Parse;

use crate::drivers_bench::{Bench, eventually, failed, start};
use crate::drivers_server::{Server, hold, response, say};

const TEXT: &str = "text/plain; version=0.0.4";

const METRICS: &str = "# TYPE http_requests_total counter\nhttp_requests_total{status=\"200\"} 7\n\
                       # TYPE other gauge\nother 1\n# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 5\n";

pub(crate) fn client(bench: &Bench) -> HttpClient {
    client_with(bench, Reach::Anywhere { proxy: None })
}

fn client_with(bench: &Bench, reach: Reach) -> HttpClient {
    let setting = Setting {
        clock: Arc::clone(&bench.clock),
        secrets: bench.secrets.clone(),
        artifacts: Arc::clone(&bench.artifacts),
        reach,
        dir: bench.dir(),
    };
    HttpClient::new(setting)
}

fn get(url: impl Into<String>) -> action::Http {
    action::Http {
        method: "GET".into(),
        url: Input::Text(url.into()),
        bearer: None,
        headers: Vec::new(),
        body: None,
        content_type: None,
        expect_status: Some(vec![200]),
        expect_format: None,
        parse: None,
    }
}

fn request_with(bench: &Bench, client: &mut HttpClient, http: &action::Http, timeout: Option<Duration>) -> Outcome {
    let class = if matches!(http.method.as_str(), "GET" | "HEAD") { Class::Read } else { Class::Write };
    let start = start("http.1#1", class, timeout, Effect::Http(http.clone()));
    client.request(&start, http, bench.reply("http.1#1"));
    bench.until_done("http.1#1").outcome
}

fn request(http: &action::Http) -> Outcome {
    let bench = Bench::new("t-http");
    request_with(&bench, &mut client(&bench), http, None)
}

fn answer(outcome: &Outcome) -> (Option<u16>, &Output, Option<&Value>) {
    let Data::Http { status, body, value } = &outcome.data else { panic!("{:?}", outcome.data) };
    (*status, body, value.as_ref())
}

/// An address at which nothing listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/metrics", listener.local_addr().unwrap())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn a_read_gives_status_body_and_value() {
    let server = Server::says(response("200 OK", "application/json", r#"{"ready": 3}"#));
    let outcome = request(&action::Http { parse: Some(Parse::Json), ..get(server.url("/state?x=1")) });
    assert_eq!(outcome.failure, None);
    let (status, body, value) = answer(&outcome);
    assert_eq!((status, body.text.as_str()), (Some(200), r#"{"ready": 3}"#));
    assert_eq!(value, Some(&Value::Map(BTreeMap::from([("ready".into(), Value::Int(3))]))));
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "GET /state?x=1 HTTP/1.1");
    assert_eq!(asked.header("host"), Some(server.address.to_string().as_str()));
    assert_eq!(asked.header("authorization"), None);
}

#[test]
fn a_write_sends_its_body_and_secrets_where_they_belong() {
    let bench = Bench::new("t-http-post");
    assert!(bench.secrets.insert("token", "s3cr3t-value".into()));
    let server = Server::says(response("201 Created", "text/plain", "made with s3cr3t-value"));
    let post = action::Http {
        method: "POST".into(),
        bearer: Some(Input::Secret("token".into())),
        headers: vec![("X-Change".into(), Input::Text("42".into()))],
        body: Some(Input::Text("{}".into())),
        content_type: Some("application/json".into()),
        expect_status: Some(vec![201]),
        ..get(server.url("/deploy"))
    };
    let outcome = request_with(&bench, &mut client(&bench), &post, None);
    assert_eq!(outcome.failure, None);
    assert_eq!(answer(&outcome).1.text, "made with (secret token)");
    let asked = &server.asked()[0];
    assert_eq!((asked.line.as_str(), asked.body.as_str()), ("POST /deploy HTTP/1.1", "{}"));
    assert_eq!(asked.header("authorization"), Some("Bearer s3cr3t-value"));
    assert_eq!(asked.header("x-change"), Some("42"));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    let missing = action::Http { bearer: Some(Input::Secret("no_such".into())), ..get(server.url("/")) };
    assert_eq!(failed(&request(&missing)), (FailureKind::NotStarted, "the secret no_such is not set"));
}

#[test]
fn a_status_that_was_not_expected_fails_with_its_words() {
    let says = |status: &str, body: &str| Server::says(response(status, "text/plain", body));
    let outcome = request(&get(says("500 Internal Server Error", "\nboom\nmore\n").url("/x?token=abc")));
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::Failed);
    assert!(message.ends_with(": status 500 Internal Server Error: boom"), "{message}");
    assert!(!message.contains("token"), "{message}");
    assert_eq!(answer(&outcome).0, Some(500), "the answer is there all the same");
    assert_eq!(failed(&request(&get(says("401 Unauthorized", "").url("/")))).0, FailureKind::Denied);
    assert_eq!(failed(&request(&get(says("403 Forbidden", "").url("/")))).0, FailureKind::Denied);
    let any = action::Http { expect_status: None, ..get(says("503 Service Unavailable", "").url("/")) };
    assert_eq!(request(&any).failure, None);
}

#[test]
fn who_does_not_answer_is_unreachable() {
    let outcome = request(&get(nobody()));
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::Unreachable);
    assert!(message.ends_with(": connection refused"), "{message}");
    let outcome = request(&get("http://no-such-host.invalid/metrics?token=abc"));
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::Unreachable);
    assert!(message.starts_with("no-such-host.invalid: "), "{message}");
    assert!(!message.contains("token"), "{message}");
    // It hangs up instead of an answer.
    let server = Server::new(|_, _| {});
    assert_eq!(failed(&request(&get(server.url("/")))).0, FailureKind::Unreachable);
    // It does not speak TLS.
    let plain = Server::says("HTTP/1.1 400 Bad Request\r\n\r\n");
    let outcome = request(&get(plain.url("/").replace("http:", "https:")));
    assert_eq!(failed(&outcome).0, FailureKind::Unreachable);
    for url in ["not a url", "ftp://example.com/x", "http://"] {
        assert_eq!(failed(&request(&get(url))).0, FailureKind::NotStarted, "{url}");
    }
}

#[test]
fn no_answer_in_time_is_a_time_out_however_much_drips() {
    let bench = Bench::new("t-http-slow");
    let limit = Some(Duration::from_millis(300));
    let silent = Server::new(|_, stream| hold(stream));
    let outcome = request_with(&bench, &mut client(&bench), &get(silent.url("/")), limit);
    assert_eq!(failed(&outcome), (FailureKind::TimedOut, "no answer within 300ms"));
    let drips = Server::new(|_, stream| {
        say(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while std::io::Write::write_all(stream, b".").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let outcome = request_with(&bench, &mut client(&bench), &get(drips.url("/")), limit);
    assert_eq!(failed(&outcome).0, FailureKind::TimedOut);
}

#[test]
fn an_endless_answer_is_cut_at_its_limit_and_refused() {
    let endless = Server::new(|_, stream| {
        say(stream, b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
        let block = vec![b'x'; 1 << 20];
        while std::io::Write::write_all(stream, &block).is_ok() {}
    });
    let outcome = request(&get(endless.url("/")));
    assert_eq!(failed(&outcome).0, FailureKind::TooLarge);
    let (status, body, _) = answer(&outcome);
    assert_eq!((status, body.bytes), (Some(200), 64 << 20));
}

#[test]
fn an_answer_cut_off_is_no_answer() {
    let short = Server::says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    assert_eq!(failed(&request(&get(short.url("/")))).0, FailureKind::BadAnswer);
    let chunk = Server::says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    let outcome = request(&get(chunk.url("/")));
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::BadAnswer);
    assert!(message.contains("was cut off"), "{message}");
    let garbage = Server::says("SSH-2.0-OpenSSH_9.2\r\n");
    assert_eq!(failed(&request(&get(garbage.url("/")))).0, FailureKind::Unreachable);
}

#[test]
fn a_format_that_was_not_expected_fails() {
    let page = || Server::says(response("200 OK", "text/html", "<html><title>Sign in</title>"));
    let json = action::Http { expect_format: Some(BodyFormat::Json), ..get(page().url("/")) };
    let outcome = request(&json);
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::BadAnswer);
    assert!(message.contains("is not JSON") && message.contains("Sign in"), "{message}");
    let metrics = action::Http { expect_format: Some(BodyFormat::Prometheus), ..get(page().url("/")) };
    assert_eq!(failed(&request(&metrics)).0, FailureKind::BadAnswer);
    let server = Server::says(response("200 OK", TEXT, METRICS));
    let metrics = action::Http { expect_format: Some(BodyFormat::Prometheus), ..get(server.url("/")) };
    assert_eq!(request(&metrics).failure, None);
    assert!(server.asked()[0].header("accept").unwrap().starts_with("application/openmetrics-text"));
}

#[test]
fn redirects_are_followed_on_the_same_host_alone() {
    let elsewhere = Server::says(response("200 OK", "text/plain", "elsewhere"));
    let away = elsewhere.url("/?token=abc");
    let server = Server::new(move |asked, stream| {
        let to = |place: &str| format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n");
        let path = asked.line.split(' ').nth(1).unwrap();
        match path {
            "/old" => say(stream, to("/new").as_bytes()),
            "/circle" => say(stream, to("/circle").as_bytes()),
            "/away" => say(stream, to(&away).as_bytes()),
            _ => say(stream, &response("200 OK", "text/plain", "here")),
        }
    });
    assert_eq!(answer(&request(&get(server.url("/old")))).1.text, "here");
    assert_eq!(failed(&request(&get(server.url("/circle")))).0, FailureKind::BadAnswer);
    let outcome = request(&get(server.url("/away")));
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::BadAnswer);
    assert!(message.contains("sent on to another place") && !message.contains("token"), "{message}");
    assert!(elsewhere.asked().is_empty());
    // A write is never sent twice.
    let post = action::Http { method: "POST".into(), ..get(server.url("/old")) };
    assert_eq!(answer(&request(&post)).0, Some(302));
}

#[test]
fn a_write_whose_answer_is_lost_is_in_doubt() {
    let bench = Bench::new("t-http-doubt");
    let post = |url: String| action::Http { method: "POST".into(), ..get(url) };
    let hangs_up = Server::new(|_, _| {});
    let outcome = request_with(&bench, &mut client(&bench), &post(hangs_up.url("/")), None);
    assert_eq!(failed(&outcome).0, FailureKind::InDoubt);
    assert_eq!(hangs_up.asked().len(), 1, "it is not sent again");
    let silent = Server::new(|_, stream| hold(stream));
    let limit = Some(Duration::from_millis(300));
    let outcome = request_with(&bench, &mut client(&bench), &post(silent.url("/")), limit);
    assert_eq!(failed(&outcome).0, FailureKind::InDoubt);
    // One that was refused certainly did not happen.
    let outcome = request_with(&bench, &mut client(&bench), &post(nobody()), None);
    assert_eq!(failed(&outcome).0, FailureKind::Unreachable);
}

#[test]
fn a_request_is_stopped_when_asked() {
    let bench = Bench::new("t-http-cancel");
    let mut client = client(&bench);
    let silent = Server::new(|_, stream| hold(stream));
    let http = get(silent.url("/"));
    let start = start("http.1#1", Class::Read, None, Effect::Http(http.clone()));
    client.request(&start, &http, bench.reply("http.1#1"));
    eventually("it is asked", || silent.asked().len() == 1);
    client.cancel(&ActionId("another#1".into()));
    client.cancel(&ActionId("http.1#1".into()));
    assert_eq!(failed(&bench.until_done("http.1#1").outcome), (FailureKind::Interrupted, "stopped"));
    client.cancel(&ActionId("http.1#1".into()));
}

#[test]
fn names_of_a_simulation_lead_to_its_server_and_nowhere_else() {
    let bench = Bench::new("t-http-sim");
    let server = Server::new(|asked, stream| match asked.line.as_str() {
        "GET /old HTTP/1.1" => {
            say(stream, b"HTTP/1.1 302 Found\r\nLocation: http://metasheet.sim:4000/new\r\nContent-Length: 0\r\n\r\n");
        }
        _ => say(stream, &response("200 OK", "text/plain", "simulated")),
    });
    let hosts = BTreeMap::from([(("metasheet.sim".to_owned(), 4000), server.address)]);
    let mut client = client_with(&bench, Reach::Only(Arc::new(hosts)));
    let outcome = request_with(&bench, &mut client, &get("http://metasheet.sim:4000/old"), None);
    assert_eq!(answer(&outcome).1.text, "simulated");
    assert_eq!(server.asked()[0].header("host"), Some("metasheet.sim:4000"));
    let other = Server::says(response("200 OK", "text/plain", "real"));
    for url in [other.url("/"), "http://metasheet.sim/".into(), "http://localhost:4000/".into()] {
        let outcome = request_with(&bench, &mut client, &get(url), None);
        let (kind, message) = failed(&outcome);
        assert_eq!(kind, FailureKind::Unreachable);
        assert!(message.contains("is not part of the simulation"), "{message}");
    }
    assert!(other.asked().is_empty());
}

fn bearer() -> Access {
    Access { bearer: Some(Input::Secret("token".into())), ..Access::default() }
}

pub(crate) fn scrape_of(urls: Vec<String>) -> Scrape {
    Scrape {
        source: "prod".into(),
        urls,
        access: Access::default(),
        max_bytes: 100_000,
        families: ["http_requests_total".to_owned()].into(),
        keep: true,
        compare: false,
        queries: None,
    }
}

pub(crate) fn scrape_with(bench: &Bench, scrape: &Scrape) -> Outcome {
    let start = start("sample.1#1", Class::Read, None, Effect::Scrape(scrape.clone()));
    let mut client = client(bench);
    client.scrape(&start, scrape, bench.reply("sample.1#1"));
    bench.until_done("sample.1#1").outcome
}

fn scrape(server: &Server) -> Outcome {
    scrape_with(&Bench::new("t-scrape"), &scrape_of(vec![server.url("/metrics/prom")]))
}

pub(crate) fn scraped(outcome: &Outcome) -> &ScrapeData {
    let Data::Scrape(data) = &outcome.data else { panic!("{outcome:?}") };
    data
}

#[test]
fn a_scrape_keeps_what_is_named_and_the_raw_body() {
    let bench = Bench::new("t-scrape-good");
    assert!(bench.secrets.insert("token", "s3cr3t-value".into()));
    let packed = gzip(METRICS.as_bytes());
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {TEXT}\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    let server = Server::says([head.as_bytes(), &packed].concat());
    let scrape = Scrape { access: bearer(), ..scrape_of(vec![server.url("/m")]) };
    let outcome = scrape_with(&bench, &scrape);
    assert_eq!(outcome.failure, None);
    let data = scraped(&outcome);
    let names: Vec<_> = data.scrapes[0].families.keys().cloned().collect();
    assert_eq!(names, ["http_requests_total", "process_start_time_seconds"]);
    assert!(data.reported.contains("other"), "what is not kept is still known to be reported");
    let requests = data.scrapes[0].samples("http_requests_total").next().unwrap();
    assert_eq!(requests.value.to_string(), "7");
    let raw = runbook::journal::kept::body(&*bench.artifacts, &data.kept[0], 100_000).unwrap();
    assert_eq!(raw, METRICS.as_bytes());
    assert!(data.kept[0].path.starts_with("scrapes/"));
    let asked = &server.asked()[0];
    assert_eq!(asked.header("authorization"), Some("Bearer s3cr3t-value"));
    assert!(asked.header("accept").unwrap().starts_with("application/openmetrics-text"));
    assert!(asked.header("accept-encoding").unwrap().contains("gzip"));
    let probe = scrape_with(&bench, &Scrape { keep: false, ..scrape });
    assert_eq!(scraped(&probe).kept, []);
}

#[test]
fn all_instances_of_a_source_answer_or_the_scrape_failed() {
    let bench = Bench::new("t-scrape-many");
    let one = Server::says(response("200 OK", TEXT, "http_requests_total 1\n"));
    let two = Server::says(response("200 OK", TEXT, "http_requests_total 2\n"));
    let outcome = scrape_with(&bench, &scrape_of(vec![one.url("/"), two.url("/")]));
    let values: Vec<_> =
        scraped(&outcome).scrapes.iter().map(|scrape| scrape.series().next().unwrap().value.to_string()).collect();
    assert_eq!(values, ["1", "2"], "in the order of the URLs");
    assert_eq!(scraped(&outcome).kept.len(), 2);
    let gone = nobody();
    let outcome = scrape_with(&bench, &scrape_of(vec![one.url("/"), gone.clone()]));
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::Unreachable);
    assert!(gone.contains(message.split(": ").next().unwrap()), "{message}");
}

#[test]
fn what_is_no_scrape_is_an_error_of_its_own_kind() {
    let ways: [(Vec<u8>, FailureKind, &str); 9] = [
        (response("401 Unauthorized", "application/json", "{}"), FailureKind::Denied, "status 401"),
        (response("404 Not Found", "text/plain", "no"), FailureKind::Failed, "status 404"),
        (response("500 Internal Server Error", "text/plain", ""), FailureKind::Failed, "status 500"),
        (response("200 OK", "text/html", "<html>Sign in"), FailureKind::BadAnswer, "a web page came"),
        (response("200 OK", "application/json", "{}"), FailureKind::BadAnswer, "JSON came"),
        (response("200 OK", TEXT, "Error 502\n"), FailureKind::BadAnswer, "none of the metrics"),
        (response("200 OK", TEXT, "http_requests_total x\n"), FailureKind::BadAnswer, ""),
        (response("200 OK", TEXT, "x 1\n".repeat(50_000)), FailureKind::TooLarge, "larger than 100000 bytes"),
        (
            format!("HTTP/1.1 200 OK\r\nContent-Type: {TEXT}\r\nContent-Length: 900\r\n\r\n{METRICS}").into(),
            FailureKind::BadAnswer,
            "cut off",
        ),
    ];
    for (bytes, kind, words) in ways {
        let outcome = scrape(&Server::says(bytes));
        let (found, message) = failed(&outcome);
        assert_eq!(found, kind, "{message}");
        assert!(message.contains(words), "{message}");
        assert_eq!(outcome.data, Data::None, "a scrape that failed is never an empty one");
    }
    // A small body that unpacks into a large one.
    let packed = gzip(&vec![b'#'; 50 << 20]);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len());
    let outcome = scrape(&Server::says([head.as_bytes(), &packed].concat()));
    assert_eq!(failed(&outcome).0, FailureKind::TooLarge);
    // A packed body that ends in its middle.
    let packed = &gzip(METRICS.as_bytes())[..40];
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len());
    let outcome = scrape(&Server::says([head.as_bytes(), packed].concat()));
    assert_eq!(failed(&outcome).0, FailureKind::BadAnswer);
}

fn alerts_of(server: &Server) -> Outcome {
    let bench = Bench::new("t-alerts");
    assert!(bench.secrets.insert("token", "s3cr3t-value".into()));
    let alerts = Alerts {
        source: "prod_alerts".into(),
        url: server.url("/am/"),
        access: bearer(),
        matchers: BTreeMap::from([("service".to_owned(), "meta\"sheet".to_owned())]),
    };
    let start = start("alerts.1#1", Class::Read, None, Effect::Alerts(alerts.clone()));
    let mut client = client(&bench);
    client.alerts(&start, &alerts, bench.reply("alerts.1#1"));
    bench.until_done("alerts.1#1").outcome
}

#[test]
fn firing_alerts_come_in_order_of_fingerprint() {
    let list = r#"[
        {"fingerprint":"b2","labels":{"alertname":"HighLatency"},"annotations":{},"startsAt":"2025-11-18T09:40:00.5+08:00",
         "endsAt":"2025-11-18T10:00:00Z","status":{"state":"active","silencedBy":[],"inhibitedBy":[]},"receivers":[]},
        {"fingerprint":"c3","labels":{"alertname":"Silenced"},"annotations":{},"startsAt":"2025-11-18T01:40:00Z",
         "status":{"state":"suppressed"}},
        {"fingerprint":"a1","labels":{"alertname":"Down"},"annotations":{"summary":"with s3cr3t-value"},
         "startsAt":"2025-11-18T01:41:00Z","status":{"state":"unprocessed"}}]"#;
    let server = Server::says(response("200 OK", "application/json", list));
    let outcome = alerts_of(&server);
    let Data::Alerts(alerts) = &outcome.data else { panic!("{outcome:?}") };
    let one = |fingerprint: &str, name: &str, summary: Option<&str>, at: &str| Alert {
        fingerprint: fingerprint.into(),
        labels: BTreeMap::from([("alertname".into(), name.into())]),
        annotations: summary.map(|summary| ("summary".into(), summary.into())).into_iter().collect(),
        starts_at: at.parse().unwrap(),
    };
    let down = one("a1", "Down", Some("with (secret token)"), "2025-11-18T01:41:00Z");
    assert_eq!(*alerts, [down, one("b2", "HighLatency", None, "2025-11-18T01:40:00.5Z")]);
    let asked = &server.asked()[0];
    assert_eq!(
        asked.line,
        "GET /am/api/v2/alerts?active=true&silenced=false&inhibited=false&filter=service%3D%22meta%5C%22sheet%22 HTTP/1.1"
    );
    assert_eq!(asked.header("authorization"), Some("Bearer s3cr3t-value"));
}

#[test]
fn a_list_of_alerts_that_is_none_is_an_error_not_silence() {
    for (bytes, kind) in [
        (response("200 OK", "text/html", "<html>Sign in"), FailureKind::BadAnswer),
        (response("200 OK", "application/json", "{}"), FailureKind::BadAnswer),
        (response("401 Unauthorized", "text/plain", ""), FailureKind::Denied),
        (response("503 Service Unavailable", "text/plain", ""), FailureKind::Failed),
    ] {
        assert_eq!(failed(&alerts_of(&Server::says(bytes))).0, kind);
    }
}

fn notify(webhook: Option<&str>) -> Outcome {
    let bench = Bench::new("t-notify");
    if let Some(webhook) = webhook {
        assert!(bench.secrets.insert("slack_webhook", webhook.to_owned()));
    }
    let notify = Notify {
        channel: "ops".into(),
        webhook: webhook.map(|_| Input::Secret("slack_webhook".into())),
        text: "观察开始 \"now\"".into(),
    };
    let start = start("notify.1#1", Class::Record, None, Effect::Notify(notify.clone()));
    let mut client = client(&bench);
    client.notify(&start, &notify, bench.reply("notify.1#1"));
    bench.until_done("notify.1#1").outcome
}

#[test]
fn a_message_reaches_its_channel() {
    let server = Server::says(response("200 OK", "text/plain", "ok"));
    assert_eq!(notify(Some(&server.url("/services/T0/B0/x"))).failure, None);
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /services/T0/B0/x HTTP/1.1");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&asked.body).unwrap()["text"], "观察开始 \"now\"");
}

#[test]
fn a_channel_without_webhook_is_absent_and_no_failure_names_the_webhook() {
    assert_eq!(failed(&notify(None)), (FailureKind::Absent, "channel ops: not configured"));
    let server = Server::says(response("404 Not Found", "text/plain", "no_service"));
    let outcome = notify(Some(&server.url("/services/T0/B0/x")));
    assert_eq!(failed(&outcome), (FailureKind::Failed, "channel ops: status 404 Not Found: no_service"));
    assert_eq!(failed(&notify(Some(&nobody()))), (FailureKind::Unreachable, "channel ops: connection refused"));
    assert_eq!(failed(&notify(Some("hooks.slack.com/T0"))).0, FailureKind::NotStarted);
}
