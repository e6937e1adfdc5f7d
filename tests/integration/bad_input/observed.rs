//! Targets that answer, and whose numbers must not be taken at their word: each scrape goes over a real socket, the clock
//! is the test's.

use std::sync::Mutex;

use jiff::SignedDuration;
use runbook::engine::action::Effect;
use runbook::engine::telling::Telling;
use runbook::engine::view::SampleView;
use runbook::report::page::Page;
use runbook::report::table::samples;
use runbook::text::Lang;
use runbook::value::Verdict;

use super::{GOOD, OPEN, TEXT};
use crate::drivers_bench::Bench;
use crate::drivers_http::scrape_with;
use crate::drivers_server::{Server, response, say};
use crate::support::play::Play;
use crate::support::program::{Place, ended, stderr, stdout};

/// When every play begins, unix milliseconds.
const BEGIN_MS: i64 = 1_763_427_600_000;
const EVERY_MS: i64 = 600_000;

pub(crate) const RATIO: &str =
    "value ratio bad: 'req_total{status=~\"5..\"}', total: 'req_total'\n unit percent\n target >= 98.pct";

/// An observation of a server that answers its scrapes with these texts, one after the other.
fn observed(objective: &str, texts: &[String]) -> Play {
    answered(objective, texts.iter().map(|text| response("200 OK", TEXT, text)).collect())
}

/// An observation of a server that says these bytes, one answer after the other.
pub(crate) fn answered(objective: &str, answers: Vec<Vec<u8>>) -> Play {
    let count = answers.len();
    let left: Mutex<Vec<Vec<u8>>> = Mutex::new(answers.into_iter().rev().collect());
    let server = Server::new(move |_, stream| {
        let next = left.lock().unwrap().pop();
        say(stream, &next.expect("it is scraped no more often"));
    });
    let mut play = Play::of(&format!(
        "source prod, scrape: \"{}\", timeout: 5.s\nslo ok, \"OK\", from: prod do\n {objective}\n no_data fail\nend\n\
         sample prod, every: 10.min, count: {}, as: base, slos: all",
        server.url("/m"),
        count - 1
    ));
    for _ in 0..count {
        let open = play.open();
        let [start] = open.as_slice() else { panic!("{:?}", play.waits()) };
        let Effect::Scrape(scrape) = &start.effect else { panic!("{start:?}") };
        let outcome = scrape_with(&Bench::new("t-observed"), scrape);
        play.outcome(&start.id.0, outcome.failure, outcome.data);
        play.pass(SignedDuration::from_millis(EVERY_MS));
    }
    assert!(play.ending().is_some(), "{:?}", play.waits());
    play.replays();
    play
}

pub(crate) fn scrape(start: i64, lines: &str) -> String {
    format!(
        "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {start}\n# TYPE req_total counter\n{lines}"
    )
}

pub(crate) fn requests(ok: u32, bad: u32) -> String {
    format!("req_total{{status=\"200\"}} {ok}\nreq_total{{status=\"500\"}} {bad}\n")
}

pub(crate) fn sample(play: &Play, n: usize) -> SampleView {
    play.view().observations[0].samples[n - 1].clone()
}

/// Value, verdict and reason of a sample.
pub(crate) fn value(play: &Play, n: usize) -> (Option<f64>, Verdict, String) {
    let value = &sample(play, n).values[0];
    (value.value, value.verdict, value.why.said(Lang::En).to_owned())
}

pub(crate) fn whole(play: &Play) -> (Option<f64>, Verdict, String) {
    let objective = &play.view().observations[0].objectives[0];
    (objective.whole, objective.verdict, objective.why.said(Lang::En).to_owned())
}

fn warnings(play: &Play) -> Vec<String> {
    let tellings = play.tellings().into_iter();
    tellings
        .filter_map(|telling| match telling {
            Telling::Warning { text } => Some(text.en),
            _telling => None,
        })
        .collect()
}

/// The samples as the report has them.
fn reported(play: &Play, lang: Lang) -> String {
    let page = Page { lang, zone: jiff::tz::TimeZone::UTC };
    samples(&play.view().observations[0], &page)
}

#[test]
fn a_counter_that_goes_down_without_a_restart_is_told_apart_from_one_with() {
    let play = observed(
        RATIO,
        &[
            scrape(1, &requests(100, 0)),
            scrape(1, &requests(50, 0)),
            scrape(2, &requests(40, 0)),
            scrape(2, &requests(140, 0)),
        ],
    );
    let remarks: Vec<String> = (1..=3).map(|n| sample(&play, n).remark().en).collect();
    assert_eq!(
        remarks,
        [
            "counters were reset before it: req_total{status=\"200\"} went down from 100 to 50 although its process was \
             not started again: counted from 0",
            "counters were reset before it: the process was started again (start time 1 → 2)",
            ""
        ]
    );
    let report = reported(&play, Lang::Zh);
    assert!(report.contains("由 100 降为 50，而其进程并未重启"), "{report}");
    assert!(report.contains("进程已重启（启动时间 1 → 2）"), "{report}");
    assert_eq!(whole(&play).0, Some(1.0));
}

#[test]
fn a_series_that_stands_twice_gives_no_number() {
    let twice = scrape(1, "req_total{status=\"200\"} 10\nreq_total{status=\"200\"} 20\n");
    let play = observed(RATIO, &[scrape(1, &requests(0, 0)), twice]);
    let (found, verdict, why) = value(&play, 1);
    assert_eq!((found, verdict), (None, Verdict::Error), "{why}");
    assert!(why.contains("req_total{status=\"200\"}") && why.contains("twice"), "{why}");
    assert_eq!(whole(&play).1, Verdict::Error);
}

#[test]
fn times_far_from_now_are_told_once_aloud_and_beside_each_sample() {
    let at = |offset_ms: i64| {
        (0..3).map(move |n| {
            scrape(1, &format!("req_total{{status=\"200\"}} {n} {}\n", BEGIN_MS + n * EVERY_MS + offset_ms))
        })
    };
    for (offset_ms, words) in [
        (7_200_000, "req_total{status=\"200\"} carries a time 2 h ahead of the clock of this machine"),
        (
            -86_400_000,
            "req_total{status=\"200\"} carries a time 1 d behind the clock of this machine: it may be an old value",
        ),
    ] {
        let play = observed(RATIO, &at(offset_ms).collect::<Vec<_>>());
        let warned = warnings(&play);
        assert_eq!(warned.iter().filter(|text| **text == format!("prod: {words}")).count(), 1, "{warned:?}");
        assert_eq!((1..=2).map(|n| sample(&play, n).remark().en).collect::<Vec<_>>(), [words, words]);
        assert!(reported(&play, Lang::En).contains("of this machine"));
    }
    let near = observed(RATIO, &at(-30_000).collect::<Vec<_>>());
    assert!(!warnings(&near).iter().any(|text| text.contains("clock")), "{:?}", warnings(&near));
}

#[test]
fn a_target_whose_clock_is_wrong_is_told() {
    let start = BEGIN_MS / 1000 + 86_400;
    let play = observed(RATIO, &[scrape(start, &requests(0, 0)), scrape(start, &requests(10, 0))]);
    let words =
        "prod: the process says that it starts 1 d from now: the clock of the target or of this machine is wrong";
    assert_eq!(warnings(&play).iter().filter(|text| *text == words).count(), 1, "{:?}", warnings(&play));
    assert!(sample(&play, 1).remark().en.contains("the clock of the target or of this machine is wrong"));
    assert_eq!(whole(&play).0, Some(1.0), "the number itself does not rest on the clock");
}

#[test]
fn nan_everywhere_is_no_data_and_never_a_number() {
    let nan = || scrape(1, "req_total{status=\"200\"} NaN\nreq_total{status=\"500\"} NaN\n");
    for objective in [RATIO, "value promql 'sum(req_total)'\n unit none\n target >= 0"] {
        let play = observed(objective, &[nan(), nan(), nan()]);
        for found in [value(&play, 1), value(&play, 2), whole(&play)] {
            assert_eq!((found.0, found.1), (None, Verdict::NoData), "{found:?}");
            assert!(found.2.contains("NaN") || found.2.contains("not a number"), "{found:?}");
        }
    }
}

#[test]
fn a_family_that_is_renamed_stays_gone_until_it_returns() {
    let renamed = || scrape(1, "").replace("req_total", "reqs_total") + "reqs_total{status=\"200\"} 30\n";
    let play = observed(
        RATIO,
        &[scrape(1, &requests(10, 0)), scrape(1, &requests(20, 0)), renamed(), renamed(), scrape(1, &requests(60, 0))],
    );
    let seen: Vec<(Verdict, String)> = (1..=4).map(|n| (value(&play, n).1, value(&play, n).2)).collect();
    assert_eq!(seen[0].0, Verdict::Pass);
    for gone in &seen[1..3] {
        assert_eq!(*gone, (Verdict::NoData, "gone: req_total is not in the last scrape any more".to_owned()));
    }
    assert_eq!(seen[3].0, Verdict::Pass);
    assert_eq!(whole(&play).0, Some(1.0));
    let play = observed(RATIO, &[scrape(1, &requests(10, 0)), scrape(1, &requests(20, 0)), renamed()]);
    assert_eq!(whole(&play).1, Verdict::NoData);
}

#[test]
fn divisions_that_give_no_number_say_which_one_it_was() {
    let text = scrape(1, &format!("{}zero 0\none{{a=\"1\"}} 1\none{{a=\"2\"}} 1\n", requests(5, 0)));
    let rule = |expression: &str| format!("value promql '{expression}'\n unit none\n target >= 0");
    let found = |expression: &str| value(&observed(&rule(expression), &[text.clone(), text.clone()]), 1);
    let ratio = observed(RATIO, &[text.clone(), text.clone()]);
    assert_eq!(value(&ratio, 1), (None, Verdict::NoData, "nothing happened in the interval (0 ÷ 0)".to_owned()));
    // 5 ÷ 0, 0 ÷ 0, by a metric that is not there, by a series that is not there, by two at once.
    for (expression, verdict, words) in [
        ("sum(req_total) / sum(zero)", Verdict::NoData, "the expression is infinite: is it divided by 0?"),
        ("sum(zero) / sum(zero)", Verdict::NoData, "the expression gives no number (NaN)"),
        ("sum(req_total) / sum(nothing)", Verdict::NoData, "never seen: nothing"),
        ("sum(req_total) / sum(zero{a=\"b\"})", Verdict::NoData, "the expression gives no series"),
        ("sum by (a) (one) / one", Verdict::Error, "2 series instead of one"),
        ("sum(req_total) / on () one", Verdict::Error, "two series have the labels {}"),
    ] {
        let (number, seen, why) = found(expression);
        assert_eq!((number, seen), (None, verdict), "{expression}: {why}");
        assert!(why.contains(words), "{expression}: {why}");
    }
}

#[test]
fn a_url_is_linted_and_queried_with_its_times_and_divisions() {
    let now = jiff::Timestamp::now().as_millisecond();
    let body = format!(
        "# TYPE req_total counter\nreq_total{{s=\"1\"}} 5 {}\nreq_total{{s=\"2\"}} 5\nzero 0\n",
        now + 7_200_000
    );
    let server = Server::says(response("200 OK", TEXT, body));
    let place = Place::new();
    let lint = place.run(&["metrics", "lint", &server.url("/m")]);
    ended(&lint, 1);
    assert!(
        stdout(&lint).contains("line 2: RB0765 a time that does not fit the clock: req_total{s=\"1\"}: +7"),
        "{}",
        stdout(&lint)
    );
    let server =
        Server::says(response("200 OK", OPEN, format!("{}# EOF\n", GOOD.replace("_total counter", " counter"))));
    let query = |text: &str| place.run(&["metrics", "query", text, &server.url("/m")]);
    assert_eq!(stdout(&query("sum(http_requests_total) / 0")), "{} +Inf\n");
    assert_eq!(stdout(&query("0 / 0")), "NaN\n");
    let none = query("sum(http_requests_total) / nothing");
    assert_eq!(stdout(&none), "");
    assert!(stderr(&none).contains("no scrape has a metric nothing"), "{}", stderr(&none));
}
