//! The API of a Prometheus server, over real sockets: what it is asked, what is kept, and each way in which it gives no answer.

use jiff::SignedDuration;
use runbook::engine::action::{Queries, Scrape};
use runbook::engine::input::{FailureKind, Outcome};

use crate::drivers_bench::{Bench, failed};
use crate::drivers_http::{scrape_of, scrape_with, scraped};
use crate::drivers_server::{Server, response, say};

/// A Prometheus server that says the same to everything.
fn asked(bench: &Bench, server: &Server, names: &[&str], texts: &[&str]) -> Outcome {
    let at = "2025-11-18T01:00:00.250Z".parse().unwrap();
    let queries = Queries {
        at,
        since: "2025-11-18T00:55:00Z".parse().unwrap(),
        lookback: SignedDuration::from_mins(20),
        texts: texts.iter().map(ToString::to_string).collect(),
    };
    let families = names.iter().map(ToString::to_string).collect();
    scrape_with(bench, &Scrape { families, queries: Some(queries), ..scrape_of(vec![server.url("/prom/")]) })
}

#[test]
fn a_server_is_asked_at_the_time_of_the_sample_and_its_answers_are_kept() {
    let bench = Bench::new("t-prometheus");
    let server = Server::new(|asked, stream| {
        let path = asked.line.split(['?', ' ']).nth(1).unwrap().to_owned();
        let data = match path.as_str() {
            "/prom/api/v1/query" => {
                r#"{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1763427600.25,"NaN"]}]}"#
            }
            "/prom/api/v1/label/__name__/values" => r#"["up"]"#,
            _ => r#"{"rare":[{"type":"counter","help":"","unit":""}]}"#,
        };
        let body = format!(r#"{{"status":"success","data":{data}}}"#);
        say(stream, &response("200 OK", "application/json", &body));
    });
    let outcome = asked(&bench, &server, &["up", "rare_total", "gone"], &["sum(up)"]);
    assert_eq!(outcome.failure, None);
    let data = scraped(&outcome);
    let answers = data.answers.as_ref().unwrap();
    assert_eq!(answers.known, ["rare_total".to_owned(), "up".to_owned()].into());
    let value = answers.results["sum(up)"].as_ref().unwrap();
    assert!(value.to_json().contains(r#""value":[1763427600.250,"NaN"]"#), "{}", value.to_json());
    let lines: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    assert!(lines[0].contains("start=1763427300.000&end=1763427600.250"), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("query=sum%28up%29&time=1763427600.250&lookback_delta=1200000ms")));
    let kept = runbook::journal::kept::body(&*bench.artifacts, &data.kept[0], 100_000).unwrap();
    assert!(String::from_utf8(kept).unwrap().contains("sum(up)"));
}

#[test]
fn what_is_no_answer_of_a_server_is_an_error_of_its_own_kind() {
    let json = "application/json";
    let error = |kind: &str| format!(r#"{{"status":"error","errorType":"{kind}","error":"words"}}"#);
    let ways: [(Vec<u8>, FailureKind, &str); 7] = [
        (response("401 Unauthorized", json, "{}"), FailureKind::Denied, "status 401"),
        (response("502 Bad Gateway", "text/html", "<html>"), FailureKind::Failed, "status 502"),
        (response("200 OK", "text/html", "<html>Sign in"), FailureKind::BadAnswer, "it is no JSON"),
        (response("200 OK", json, r#"{"a":1}"#), FailureKind::BadAnswer, "it has no status"),
        (response("503 Service Unavailable", json, error("unavailable")), FailureKind::Failed, "unavailable: words"),
        (response("200 OK", json, "x".repeat(200_000)), FailureKind::TooLarge, "larger than 100000 bytes"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"status\":".to_vec(), FailureKind::BadAnswer, "cut off"),
    ];
    for (bytes, kind, words) in ways {
        let outcome = asked(&Bench::new("t-prometheus-bad"), &Server::says(bytes), &[], &["up"]);
        let (found, message) = failed(&outcome);
        assert_eq!(found, kind, "{message}");
        assert!(message.contains(words), "{message}");
    }
    // A query that is at fault spoils itself alone.
    let server = Server::says(response("422 Unprocessable Entity", json, error("execution")));
    let outcome = asked(&Bench::new("t-prometheus-query"), &server, &[], &["a + b"]);
    assert_eq!(scraped(&outcome).answers.as_ref().unwrap().results["a + b"], Err("words".to_owned()));
}
