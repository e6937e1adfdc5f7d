//! `runbook metrics show | lint | query`

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use serde_json::json;

use crate::support::program::{Place, ended, json, stderr, stdout};

const TEXT: &str = "# TYPE http_requests_total counter\n\
    http_requests_total{status=\"200\"} 90 1700000000000\n\
    http_requests_total{status=\"500\"} 1e+21\n\
    # TYPE odd gauge\nodd NaN\nodd{x=\"a\\\"b\"} +Inf\n";

/// Answers every request with this, and tells what was asked.
fn serve(answers: Vec<String>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let head: Vec<String> = BufReader::new(stream.try_clone().unwrap())
                .lines()
                .map(|line| line.unwrap())
                .take_while(|line| !line.is_empty())
                .collect();
            asked.push(head.join("\n"));
            stream.write_all(answer.as_bytes()).unwrap();
        }
        asked
    });
    (format!("http://{address}"), thread)
}

fn answer(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

#[test]
fn samples_are_shown_one_a_line() {
    let place = Place::new();
    place.write("a.prom", TEXT);
    let show = place.run(&["metrics", "show", "a.prom"]);
    ended(&show, 0);
    assert_eq!(
        stdout(&show),
        "http_requests_total{status=\"200\"} 90 1700000000000\n\
         http_requests_total{status=\"500\"} 1e+21\nodd NaN\nodd{x=\"a\\\"b\"} +Inf\n"
    );
    let show = place.run(&["metrics", "show", "a.prom", "--format", "json"]);
    ended(&show, 0);
    let rows: Vec<serde_json::Value> = stdout(&show).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        rows[0],
        json!({"name": "http_requests_total", "labels": {"status": "200"}, "value": "90",
               "timestamp_ms": 1_700_000_000_000_i64, "type": "counter"})
    );
    assert_eq!(
        rows[3],
        json!({"name": "odd", "labels": {"x": "a\"b"}, "value": "+Inf", "timestamp_ms": null, "type": "gauge"})
    );
}

#[test]
fn openmetrics_is_known_by_its_end_or_its_name() {
    let place = Place::new();
    let text = "# TYPE a counter\na_total 1 1700000000\n";
    place.write("whole", &format!("{text}# EOF\n"));
    place.write("cut.om", text);
    let show = place.run(&["metrics", "show", "whole", "--format", "json"]);
    ended(&show, 0);
    assert!(stdout(&show).contains("\"timestamp_ms\":1700000000000"), "seconds: {}", stdout(&show));
    let cut = place.run(&["metrics", "show", "cut.om"]);
    ended(&cut, 2);
    assert!(stderr(&cut).contains("# EOF is missing"), "{}", stderr(&cut));
}

#[test]
fn kept_scrapes_are_unpacked() {
    let place = Place::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(TEXT.as_bytes()).unwrap();
    std::fs::write(place.path("kept.gz"), packed.finish().unwrap()).unwrap();
    place.write("plain", TEXT);
    let show = place.run(&["metrics", "show", "kept.gz"]);
    ended(&show, 0);
    assert_eq!(stdout(&show), stdout(&place.run(&["metrics", "show", "plain"])));
    std::fs::write(place.path("cut.gz"), b"\x1f\x8b\x08\x00").unwrap();
    let cut = place.run(&["metrics", "show", "cut.gz"]);
    ended(&cut, 2);
    assert!(stderr(&cut).contains("RB0851"), "{}", stderr(&cut));
}

#[test]
fn what_is_no_scrape_is_an_error_with_its_place() {
    let place = Place::new();
    place.write("a.prom", "ok 1\nbroken{x=} 2\n");
    for command in ["show", "query"] {
        let args = match command {
            "show" => vec!["metrics", "show", "a.prom"],
            _ => vec!["metrics", "query", "ok", "a.prom"],
        };
        let wrong = place.run(&args);
        ended(&wrong, 2);
        assert!(
            stderr(&wrong).contains("RB0851") && stderr(&wrong).contains("line 2, column 10"),
            "{}",
            stderr(&wrong)
        );
        assert!(stdout(&wrong).is_empty(), "nothing of it is shown: {}", stdout(&wrong));
    }
    let missing = place.run(&["metrics", "show", "none.prom"]);
    ended(&missing, 2);
    assert!(stderr(&missing).contains("RB0868"), "{}", stderr(&missing));
}

#[test]
fn a_url_is_asked_as_a_scrape_is() {
    let mut place = Place::new();
    place.env("TOKEN", "t0ken");
    let whole = answer("200 OK", "text/plain; version=0.0.4", "up 1\n");
    let page = answer("200 OK", "text/html", "<html>login</html>");
    let down = answer("503 Service Unavailable", "text/plain", "draining");
    let (url, thread) = serve(vec![whole, page, down]);
    let url = format!("{url}/metrics?token=hidden");
    let show = place.run(&["metrics", "show", &url, "--bearer-env", "TOKEN"]);
    ended(&show, 0);
    assert_eq!(stdout(&show), "up 1\n");
    for words in ["web page", "503"] {
        let wrong = place.run(&["metrics", "show", &url]);
        ended(&wrong, 2);
        let said = stderr(&wrong);
        assert!(said.contains("RB0851") && said.contains(words), "{said}");
        assert!(!said.contains("hidden"), "a token in a URL is not printed: {said}");
    }
    let asked = thread.join().unwrap();
    assert!(asked[0].to_lowercase().contains("authorization: bearer t0ken"), "{}", asked[0]);
    assert!(asked[0].to_lowercase().contains("accept: application/openmetrics-text"), "{}", asked[0]);
    assert!(!asked[1].to_lowercase().contains("authorization"), "{}", asked[1]);

    let gone = place.run(&["metrics", "show", &url]);
    ended(&gone, 2);
    assert!(stderr(&gone).contains("connection refused") && !stderr(&gone).contains("hidden"), "{}", stderr(&gone));
    let unset = place.run(&["metrics", "show", &url, "--bearer-env", "NOTHING"]);
    ended(&unset, 2);
    assert!(stderr(&unset).contains("RB0867"), "{}", stderr(&unset));
}

#[test]
fn lint_lists_findings_with_their_lines() {
    let place = Place::new();
    place.write("clean.prom", "# HELP a_total A.\n# TYPE a_total counter\na_total 1\n");
    let clean = place.run(&["metrics", "lint", "clean.prom"]);
    ended(&clean, 0);
    assert!(stdout(&clean).is_empty());
    place.write("twice.prom", "a_total 1\na_total 2\n# TYPE a_total counter\n");
    let twice = place.run(&["metrics", "lint", "twice.prom"]);
    ended(&twice, 1);
    let list = stdout(&twice);
    assert!(list.contains("twice.prom: line 2: RB0753") && list.contains("line 3: RB0751"), "{list}");
    let twice = place.run(&["metrics", "lint", "twice.prom", "--format", "json"]);
    ended(&twice, 1);
    let found = json(&twice);
    assert_eq!(found["schema"], 1);
    assert!(found["findings"].as_array().unwrap().iter().any(|row| row["line"] == 2 && row["code"] == "RB0753"));
    place.write("broken.prom", "a{ 1\n");
    let broken = place.run(&["metrics", "lint", "broken.prom"]);
    ended(&broken, 1);
    assert!(stdout(&broken).contains("broken.prom: line 1, column"), "{}", stdout(&broken));
    ended(&place.run(&["metrics", "lint", "none.prom"]), 2);
}

#[test]
fn queries_are_evaluated_over_the_files_in_their_order() {
    let place = Place::new();
    for (file, value) in [("a", 10), ("b", 70), ("c", 130)] {
        place.write(file, &format!("# TYPE x_total counter\nx_total{{s=\"1\"}} {value}\n"));
    }
    let query = |args: &[&str]| {
        let mut all = vec!["metrics", "query"];
        all.extend(args);
        place.run(&all)
    };
    let at = ["--at", "1700000000", "1700000060", "2023-11-14T22:15:20Z"];
    let increase = query(&[&["increase(x_total[2m1s])", "a", "b", "c"], &at[..]].concat());
    ended(&increase, 0);
    // Two intervals of 60 in 120 s, stretched over the range of 121 s: the first sample is no older than the range.
    assert_eq!(stdout(&increase), "{s=\"1\"} 121\n");
    let last = query(&["x_total", "a", "b", "c", "--at", "1700000000,1700000060,1700000120", "--format", "json"]);
    ended(&last, 0);
    assert_eq!(
        json(&last),
        json!({"resultType": "vector",
               "result": [{"metric": {"__name__": "x_total", "s": "1"}, "value": [1_700_000_120, "130"]}]})
    );
    let early = query(&[&["x_total", "a", "b", "c", "--eval", "1700000059.999"], &at[..]].concat());
    assert_eq!(stdout(&early), "x_total{s=\"1\"} 10\n");
    let stale = query(&["x_total", "a", "--at", "1700000000", "--eval", "1700000301"]);
    assert_eq!((stdout(&stale).as_str(), stale.status.code()), ("", Some(0)), "five minutes, as in Prometheus");
    let kept = query(&["x_total", "a", "--at", "1700000000", "--eval", "1700000301", "--lookback", "10m"]);
    assert_eq!(stdout(&kept), "x_total{s=\"1\"} 10\n");
    let range = query(&[&["x_total[1m]", "a", "b", "c", "--eval", "1700000061"], &at[..]].concat());
    assert_eq!(stdout(&range), "x_total{s=\"1\"}\n  2023-11-14T22:14:20Z 70\n");
    let scalar = query(&["1 / 0", "a", "--format", "json", "--eval", "-5", "--at", "-5"]);
    assert_eq!(json(&scalar), json!({"resultType": "scalar", "result": [-5, "+Inf"]}));
    let whole = query(&[&["increase(x_total[$__range])", "a", "b", "c"], &at[..]].concat());
    ended(&whole, 0);
    assert!(stdout(&whole).starts_with("{s=\"1\"} "), "{}", stdout(&whole));
}

#[test]
fn the_time_of_a_file_is_the_time_of_its_scrape() {
    let place = Place::new();
    for (file, seconds) in [("a", 1_700_000_000), ("b", 1_700_000_060)] {
        let path = place.write(file, "x 1\n");
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }
    let query = place.run(&["metrics", "query", "timestamp(x)", "a", "b"]);
    ended(&query, 0);
    assert_eq!(stdout(&query), "{} 1700000060\n");
    let back = place.run(&["metrics", "query", "x", "b", "a"]);
    ended(&back, 2);
    assert!(stderr(&back).contains("RB0867") && stderr(&back).contains("--at"), "{}", stderr(&back));
}

#[test]
fn what_is_wrong_with_a_query_is_drawn_under_it() {
    let place = Place::new();
    place.write("a", "x 1\n");
    let wrong = place.run(&["metrics", "query", "rte(x[5m])", "a"]);
    ended(&wrong, 2);
    let said = stderr(&wrong);
    assert!(said.contains("RB0701") && said.contains("rate") && said.contains("rte(x[5m])"), "{said}");
    let unknown = place.run(&["metrics", "query", "y", "a"]);
    ended(&unknown, 0);
    assert!(stderr(&unknown).contains("no scrape has a metric y"), "{}", stderr(&unknown));
    for (args, words) in [
        (&["x", "a", "--at", "yesterday"][..], "is no time"),
        (&["x", "a", "--at", "1", "2"], "2 times, and there are 1 scrapes"),
        (&["x", "a", "a", "--at", "2", "2"], "not after the one before"),
        (&["x", "a", "--lookback", "5"], "no span of time"),
    ] {
        let wrong = place.run(&[&["metrics", "query"], args].concat());
        ended(&wrong, 2);
        assert!(stderr(&wrong).contains("RB0867") && stderr(&wrong).contains(words), "{args:?}: {}", stderr(&wrong));
    }
}

#[test]
fn a_run_without_objectives_has_none_to_explain() {
    let place = Place::new();
    place.write("short.rb", "runbook short, \"Short\" do\n  sh read: \"true\", timeout: 9.s\nend\n");
    ended(&place.run(&["exec", "short.rb"]), 0);
    let refused = place.run(&["metrics", "explain", "last", "p99"]);
    ended(&refused, 2);
    assert!(stderr(&refused).contains("it has none"), "{}", stderr(&refused));
}
