//! Addresses of metrics and documents that are wrong in every way, through the program itself: the run says what is the matter
//! and waits for a person; nothing is taken for what it is not, and nothing is lost.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::support::program::{Place, ended, json, stderr};

const RUNBOOK: &str = r#"
runbook look, "Look" do
  param url, url
  source prod, scrape: url, timeout: 1.s, max_size: 1.MB
  slo ok, "Success", from: prod do
    value ratio bad: 'req{status="500"}', total: 'req'
    unit percent
    target >= 99.pct
    no_data fail
  end
  query prod, as: zero
  sample prod, since: zero, every: 1.s, count: 1, as: baseline, slos: all
end
"#;

/// A server that answers each request with what `answer` writes, and then closes.
fn server(answer: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || {
                let mut request = [0; 4096];
                let read = stream.read(&mut request);
                if read.is_ok_and(|read| read > 0) {
                    answer(stream);
                }
            });
        }
    });
    url
}

/// A whole answer.
fn says(status: &'static str, kind: &'static str, length: Option<usize>, body: &'static str) -> String {
    server(move |mut stream| {
        let length = length.unwrap_or(body.len());
        // A peer that has gone away is its own business.
        drop(write!(stream, "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"));
    })
}

/// What the run says about this address: it waits at the failure.
#[track_caller]
fn refused(url: &str, words: &[&str]) {
    let place = Place::new();
    place.write("look.rb", RUNBOOK);
    let run = place.run(&["exec", "look.rb", "--param", &format!("url={url}")]);
    ended(&run, 4);
    let said = stderr(&run);
    for word in words {
        assert!(said.contains(word), "{url}: {word:?} is missing:\n{said}");
    }
    let status = json(&place.run(&["status", "last", "--format", "json"]));
    assert_eq!(status["status"], "suspended", "{status}");
    assert_eq!(status["waiting"][0]["key"], "query.1!failed", "{status}");
}

const TEXT: &str = "text/plain; version=0.0.4";

#[test]
fn nobody_listens_or_the_name_is_unknown() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    refused(&format!("http://{closed}/metrics"), &["connection refused"]);
    refused("http://no-such-host.invalid/metrics", &["no-such-host.invalid"]);
}

#[test]
fn answers_that_are_no_metrics() {
    refused(&says("404 Not Found", TEXT, None, "gone\n"), &["404"]);
    refused(&says("500 Oops", TEXT, None, "req 1\n"), &["500"]);
    refused(&says("401 Unauthorized", TEXT, None, ""), &["401"]);
    refused(&says("200 OK", "text/html", None, "<html>Log in</html>"), &["a web page came, not metrics"]);
    refused(&says("200 OK", "application/json", None, "{}"), &["JSON came, not metrics"]);
    refused(
        &says("200 OK", TEXT, None, "Error 502\n"),
        &["none of the metrics that the runbook names is there (req), but Error is"],
    );
}

#[test]
fn answers_that_do_not_end_as_they_should() {
    refused(
        &says("200 OK", TEXT, Some(10_000), "# TYPE req counter\nreq{status=\"200\"} 1\n"),
        &["the answer was cut off"],
    );
    let silent = server(|stream| {
        thread::sleep(Duration::from_secs(20));
        drop(stream);
    });
    refused(&silent, &["1s"]);
    let endless = server(|mut stream| {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n"));
        while stream.write_all(&[b'#'; 4096]).is_ok() {}
    });
    refused(&endless, &["larger than 1000000 bytes"]);
}

#[test]
fn documents_without_the_heading_or_with_it_twice_stay_as_they_were() {
    let update = r###"
runbook note, "Note" do
  step write, "Write" do
    update file: "PLAN.md", under: "## Phase 5", text: "done"
  end
end
"###;
    for (plan, words) in
        [("# Plan\n", ["## Phase 5", "PLAN.md"]), ("# Plan\n\n## Phase 5\n\n## Phase 5\n", ["## Phase 5", "PLAN.md"])]
    {
        let place = Place::new();
        place.write("note.rb", update);
        let file = place.write("PLAN.md", plan);
        let run = place.run(&["exec", "note.rb"]);
        ended(&run, 4);
        let said = stderr(&run);
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), plan);
        // Mended by hand, it goes on where it stopped.
        std::fs::write(&file, "# Plan\n\n## Phase 5\n\n").unwrap();
        ended(&place.run(&["answer", "last", "update.1!failed", "retry"]), 0);
        ended(&place.run(&["resume", "last"]), 0);
        assert_eq!(std::fs::read_to_string(&file).unwrap().matches("done").count(), 1);
    }
}
