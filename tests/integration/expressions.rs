//! Objectives in `PromQL` over the whole way: `runbook exec --sim`, and real services: one that is scraped, and the Prometheus
//! that scrapes it.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value as Json;

use crate::drivers_server::{Asked, Server};
use crate::promql::server::start_scraping;
use crate::support::program::{Place, ended, json, repository, stderr};
use crate::support::simulated::Book;

#[test]
fn every_scenario_gives_its_verdicts_by_scrapes_and_by_a_server() {
    let place = Place::new();
    for book in ["expressions", "server"] {
        let runbook = repository().join(format!("tests/runbooks/{book}.rb"));
        let book = Book::of("tests/runbooks", book);
        for scenario in book.scenarios() {
            let expected = book.scenario(&scenario).expect.unwrap();
            let run = place.run(&["exec", runbook.to_str().unwrap(), "--sim", &scenario]);
            ended(&run, i32::from(expected.exit));
            let report = place.run(&["report", "last", "--format", "json"]);
            ended(&report, 0);
            let report = json(&report);
            let found = report["slos"].as_array().unwrap();
            assert_eq!(found.len(), expected.slos.len());
            for slo in found {
                let expected = expected.slos.get(slo["key"].as_str().unwrap()).map(String::as_str);
                assert_eq!(slo["verdict"].as_str(), expected, "{scenario}: {slo}");
            }
        }
    }
}

#[test]
fn a_number_of_a_server_is_explained_by_what_it_answered() {
    let place = Place::new();
    let runbook = repository().join("tests/runbooks/server.rb");
    ended(&place.run(&["exec", runbook.to_str().unwrap(), "--sim", "steady"]), 1);
    let report = json(&place.run(&["report", "last", "--format", "json"]));
    let slo = |key: &str| report["slos"].as_array().unwrap().iter().find(|slo| slo["key"] == key).unwrap().clone();
    let explained = place.run(&["metrics", "explain", "last", "success", "--format", "json"]);
    ended(&explained, 0);
    let explained = json(&explained).to_string();
    assert!(explained.contains("rate(http_requests_total[4m])"), "{explained}");
    assert!(explained.contains(&slo("success")["whole"].to_string()), "{explained}");
    ended(&place.run(&["metrics", "explain", "last", "never"]), 0);
    ended(&place.run(&["metrics", "explain", "last", "slowest_scraped"]), 0);
}

/// A service that has three errors in a hundred requests, and a counter that is declared and never counted.
fn service() -> Server {
    let ticks = AtomicU64::new(0);
    Server::new(move |_: &Asked, stream: &mut TcpStream| {
        let tick = ticks.fetch_add(1, Ordering::Relaxed);
        let body = format!(
            "# TYPE req counter\nreq_total{{status=\"200\"}} {}\nreq_total{{status=\"500\"}} {}\n# TYPE rare counter\n\
             # TYPE queue gauge\nqueue{{name=\"a\"}} 3\nqueue{{name=\"b\"}} 7\n# EOF\n",
            1000 + tick * 97,
            1000 + tick * 3
        );
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/openmetrics-text; version=1.0.0";
        // Who asked may have gone.
        drop(write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    })
}

const OBJECTIVES: &str = r#"
  slo failed, "Errors", from: SOURCE do
    value promql 'sum(rate(req_total{status="500"}[3s])) / sum(rate(req_total[3s]))'
    unit percent
    target <= 2.pct
  end
  slo rare, "Declared and never counted", from: SOURCE do
    value promql 'sum(rate(rare_total[3s])) or vector(0)'
    unit none
    target < 1
  end
  slo queue, "Queues", from: SOURCE do
    value promql 'max by (name) (queue)', series: all
    unit none
    target <= 7
  end
  slo several, "Two series", from: SOURCE do
    value promql 'queue'
    unit none
    target <= 7
  end
  slo matching, "Many to one", from: SOURCE do
    value promql 'sum by (x) (queue * on () group_left queue)'
    unit none
    target <= 7
  end
  slo typo, "A wrong name", from: SOURCE do
    value promql 'sum(rate(erq_total[3s])) or vector(0)'
    unit none
    target < 1
  end
  sample SOURCE, every: 1.s, count: 4, as: base
"#;

/// Value and verdict of each objective, of a run with this source.
fn observed(source: &str) -> Vec<(String, String, Option<f64>)> {
    let place = Place::new();
    let objectives = OBJECTIVES.replace("SOURCE", "prod");
    place.write("a.rb", &format!("runbook a, \"A\" do\n  source prod, {source}\n{objectives}end\n"));
    let run = place.run(&["exec", "a.rb"]);
    ended(&run, 1);
    let report = json(&place.run(&["report", "last", "--format", "json"]));
    assert_eq!(report["samples"].as_array().map(Vec::len), Some(4), "{}", stderr(&run));
    let slos = report["slos"].as_array().unwrap().iter();
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    slos.map(|slo| (text(&slo["key"]), text(&slo["verdict"]), slo["whole"].as_f64())).collect()
}

#[test]
fn a_scrape_and_a_real_server_give_the_same_verdicts() {
    let service = service();
    let Some(server) = start_scraping(service.address, 500) else { return };
    // A range of the first sample holds enough of the server's own scrapes.
    std::thread::sleep(Duration::from_secs(4));
    let scraped = observed(&format!("scrape: \"http://{}/metrics\"", service.address));
    let asked = observed(&format!("prometheus: \"http://127.0.0.1:{}\"", server.port));
    let verdicts = |slos: &[(String, String, Option<f64>)]| -> Vec<(String, String)> {
        slos.iter().map(|(key, verdict, _)| (key.clone(), verdict.clone())).collect()
    };
    assert_eq!(verdicts(&scraped), verdicts(&asked));
    let expected = [
        ("failed", "breach"),
        ("rare", "pass"),
        ("queue", "pass"),
        ("several", "error"),
        ("matching", "error"),
        ("typo", "no_data"),
    ];
    assert_eq!(verdicts(&asked), expected.map(|(key, verdict)| (key.to_owned(), verdict.to_owned())));
    for ((key, _, ours), (_, _, theirs)) in scraped.iter().zip(&asked) {
        assert!(
            ours.zip(*theirs).is_none_or(|(ours, theirs)| (ours - theirs).abs() < 1e-9),
            "{key}: {ours:?} {theirs:?}"
        );
    }
}
