//! `query SOURCE, promql: '…'`: over what a run has scraped, by a server, and against a real Prometheus.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use runbook::engine::action::{Effect, Ending};
use runbook::engine::input::{Data, FailureKind, ScrapeData};
use runbook::engine::telling::Telling;
use runbook::metrics::labels::Labels;
use runbook::metrics::promql::{Metric, Sample, Value as Result};
use runbook::metrics::server::Answers;
use runbook::text::Lang;

use crate::drivers_server::{Asked, Server};
use crate::promql::server::start_scraping;
use crate::support::play::Play;
use crate::support::program::{Place, ended, json, stderr};

const PROD: &str = "source prod, scrape: \"http://a.example/metrics\", timeout: 5.s\n";

fn text(good: u32, bad: u32) -> String {
    format!("# TYPE req counter\nreq{{code=\"200\"}} {good}\nreq{{code=\"500\"}} {bad}\n# TYPE rare counter\n")
}

fn notes(play: &Play) -> Vec<String> {
    let tellings = play.tellings().into_iter();
    tellings
        .filter_map(|telling| if let Telling::Noted { text, .. } = telling { Some(text.text) } else { None })
        .collect()
}

#[test]
fn a_question_goes_over_all_scrapes_of_the_run_and_its_own() {
    let mut play = Play::of(&format!(
        r##"{PROD}
            slo ok, "OK", from: prod do
              value ratio bad: 'req{{code="500"}}', total: 'req'
              unit percent
              target >= 10.pct
            end
            query prod, as: zero
            sample prod, since: zero, every: 1.min, count: 2, as: base
            query prod, promql: 'sum(increase(req[2m30s]))', as: grown
            query prod, promql: 'sum(req{{code="500"}}) / sum(req)', unit: percent, as: failing
            query prod, promql: 'req', by: [code], as: all_of_them
            note "#{{grown.value}} #{{failing.value}} #{{count(all_of_them.value)}} #{{all_of_them.value[1].code}}"
            assert failing.value < 50.pct, "few"
        "##
    ));
    play.scraped("query.1#1", &text(100, 0));
    play.scraped("base#1/sample.1", &text(200, 10));
    play.pass(SignedDuration::from_mins(1));
    play.scraped("base#1/sample.2", &text(300, 20));
    play.at += SignedDuration::from_mins(1);
    play.scraped("query.2#1", &text(380, 40));
    play.at += SignedDuration::from_secs(1);
    play.scraped("query.3#1", &text(400, 100));
    play.scraped("query.4#1", &text(400, 100));
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    // 280 good ones in two minutes, a quarter more for the half minute before them, and 40 bad ones since they were none.
    assert_eq!(notes(&play), ["390 20% 2 500"]);
    let step = play.view().steps.into_iter().find(|step| step.key == "query.3#1").unwrap();
    assert_eq!(
        (step.what.text.as_str(), step.detail.en.as_str()),
        ("scrape http://a.example/metrics: sum(req{code=\"500\"}) / sum(req)", "20.00%")
    );
    let told = play.tellings().into_iter().find_map(|telling| match telling {
        Telling::EffectEnded { id, title, .. } if id.0 == "query.3#1" => Some(title),
        _other => None,
    });
    let told = told.unwrap();
    assert!(told.text.ends_with(": 20%"), "whole for programs");
    assert!(told.said(Lang::En).ends_with(": 20.00%"), "rounded for people");
    assert!(told.said(Lang::Zh).starts_with("抓取 ") && told.said(Lang::Zh).ends_with("：20.00%"));
    play.replays();
}

#[test]
fn what_is_not_there_is_no_data_and_tried_again_and_never_a_zero() {
    for (promql, message) in [
        ("sum(req{code=\"404\"})", "no data: the expression gives no series"),
        ("sum(rate(req[5m]))", "no data: the expression gives no series"),
        ("sum(reqs) or vector(0)", "no data: never seen: reqs"),
        ("sum(rare) / sum(rare)", "no data: the expression gives no series"),
        ("sum(req) * (0 / 0)", "no data"),
        ("req", "the expression gives 2 series instead of one"),
    ] {
        let mut play = Play::of(&format!(
            "{PROD} query prod, promql: '{promql}', retry: 1, every: 10.s, as: x\nnote \"#{{x.value}}\""
        ));
        play.scraped("query.1#1", &text(10, 5));
        assert_eq!(play.waits(), Vec::<String>::new(), "{promql}: it is tried again");
        play.at += SignedDuration::from_secs(10);
        play.tell(runbook::engine::input::Event::Due);
        if promql.contains("rate") {
            play.scraped("query.1#1~2", &text(20, 5));
            assert_eq!(play.ending(), Some(Ending::Passed), "with two scrapes there is a rate");
            continue;
        }
        play.scraped("query.1#1~2", &text(10, 5));
        let runbook::engine::action::PromptKind::Failed { message: said, .. } = play.prompt("query.1!failed#1").kind
        else {
            panic!("{promql}");
        };
        assert!(said.en.starts_with(message), "{promql}: {said:?}");
        play.choose("query.1!failed#1", "skip");
        play.replays();
    }
}

#[test]
fn it_is_a_read_among_checks_and_in_a_poll() {
    let mut play = Play::of(&format!(
        r#"{PROD}
            poll every: 10.s, for: 1.min do
              query prod, promql: 'sum(req)', as: total
              done_when total.value >= 100
            end
            verify ready, "Ready" do
              query prod, promql: 'sum(req)', title: "Requests", as: again
              assert again.value >= 100, "many"
            end
        "#
    ));
    play.scraped("query.1#1", &text(10, 5));
    play.pass(SignedDuration::from_secs(10));
    play.fails("query.1#2", FailureKind::Unreachable, "refused");
    play.pass(SignedDuration::from_secs(10));
    play.scraped("query.1#3", &text(100, 5));
    play.scraped("ready/query.1#1", &text(100, 5));
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
}

#[test]
fn a_server_is_asked_its_range_and_its_words_are_kept() {
    let mut play = Play::of(
        "source prom, prometheus: \"http://p.example\", timeout: 5.s\nwait 10.min\n\
         query prom, promql: 'sum by (zone) (rate(req_total[$__range]))', by: [zone], as: rates\n\
         note \"#{rates.value[0].zone} #{rates.value[0].value}\"",
    );
    play.pass(SignedDuration::from_mins(10));
    let open = play.open();
    let Effect::Scrape(scrape) = &open[0].effect else { panic!() };
    let queries = scrape.queries.as_ref().unwrap();
    assert_eq!(queries.texts, ["sum by (zone) (rate(req_total[10m]))"]);
    assert_eq!(queries.at, play.at);
    assert_eq!(queries.since, play.at - SignedDuration::from_mins(10));
    assert!(scrape.families.contains("req_total"));
    let sample = Sample { metric: Metric { name: None, labels: Labels::new([("zone", "eu")]) }, value: 2.5 };
    let value = Result::Vector { at_ms: 0, samples: vec![sample] };
    let answers = Answers {
        at_ms: play.at.as_millisecond(),
        known: ["req_total".to_owned()].into(),
        results: [(queries.texts[0].clone(), Ok(value))].into(),
    };
    play.outcome("query.1#1", None, Data::Scrape(ScrapeData { answers: Some(answers), ..ScrapeData::default() }));
    assert_eq!(notes(&play), ["eu 2.5"]);
    play.replays();
}

/// A service with three errors in a hundred requests.
fn service() -> Server {
    let ticks = AtomicU64::new(0);
    Server::new(move |_: &Asked, stream: &mut TcpStream| {
        let tick = ticks.fetch_add(1, Ordering::Relaxed);
        let body = format!(
            "# TYPE req counter\nreq_total{{code=\"200\"}} {}\nreq_total{{code=\"500\"}} {}\n# TYPE rare counter\n\
             # TYPE lag gauge\nlag 0.25\n# EOF\n",
            1000 + tick * 97,
            30 + tick * 3
        );
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/openmetrics-text; version=1.0.0";
        // Who asked may have gone.
        drop(write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    })
}

const QUESTIONS: &str = r##"
  sample prod, every: 1.s, count: 3, as: base
  query prod, promql: 'sum(rate(req_total{code="500"}[4s])) / sum(rate(req_total[4s]))', unit: percent, as: failing
  query prod, promql: 'avg(lag)', unit: s, as: lag
  query prod, promql: 'sum by (code) (req_total) > bool 0', by: [code], as: there
  verify seen, "Seen" do
    query prod, promql: 'sum(req_total)', title: "Requests", as: total
    assert total.value > 1000, "many"
  end
  query prod, promql: 'sum(rare_total)', severity: warn, as: rare
  query prod, promql: 'sum(reqs_total) or vector(0)', severity: warn, as: typo
  note "#{failing.value} #{lag.value} #{there.value[0].code} #{there.value[1].code} #{count(there.value)}"
  assert failing.value > 2.pct && failing.value < 4.pct && lag.value == 250.ms, "as it is served"
"##;

/// The notes and the reasons of failed questions, of a run with this source.
fn answered(source: &str) -> (Vec<String>, Vec<String>) {
    let place = Place::new();
    place.write("a.rb", &format!("runbook a, \"A\" do\n  source prod, {source}\n{QUESTIONS}end\n"));
    let run = place.run(&["exec", "a.rb"]);
    ended(&run, 0);
    ended(&place.run(&["verify", "last"]), 0);
    let report = json(&place.run(&["report", "last", "--format", "json"]));
    let said = stderr(&run);
    let note = said.lines().filter_map(|line| line.split_once("✎ ")).map(|(_, note)| note.trim().to_owned()).collect();
    let steps = report["steps"].as_array().unwrap().iter();
    let failed = steps.filter(|step| step["state"] == "fail").map(|step| step["key"].as_str().unwrap().to_owned());
    (note, failed.collect())
}

#[test]
fn scrapes_and_a_real_server_give_the_same_answers() {
    let service = service();
    let scraped = answered(&format!("scrape: \"http://{}/metrics\"", service.address));
    assert_eq!(scraped.1, ["query.4", "query.5"], "{scraped:?}");
    assert!(scraped.0[0].ends_with("250ms 200 500 2"), "{scraped:?}");
    let Some(server) = start_scraping(service.address, 500) else { return };
    // A range of the first question holds enough of the server's own scrapes.
    std::thread::sleep(Duration::from_secs(5));
    let asked = answered(&format!("prometheus: \"http://127.0.0.1:{}\"", server.port));
    assert_eq!(scraped, asked);
}
