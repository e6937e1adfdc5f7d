//! What went wrong when people ran the Phase 5 plan by hand, and does not any more: a test for each of the nineteen, which
//! carries its number.

use std::fs;

use jiff::SignedDuration;
use runbook::check::check;
use runbook::engine::action::Ending;
use runbook::engine::input::{Command, Event};
use runbook::metrics::form::{evaluate, unmatched};
use runbook::metrics::increase::Tracker;
use runbook::metrics::objective::{Form, NoData, Reading, judge};
use runbook::metrics::scrape::reported;
use runbook::report::page::Page;
use runbook::report::table::{ALL_COLUMNS, objectives, samples};
use runbook::text::Lang;
use runbook::value::{Value, Verdict};

use crate::bad_input::observed::{RATIO, answered, requests, sample, scrape, value, whole};
use crate::drivers_bench::eventually;
use crate::drivers_server::{Server, response, say};
use crate::metrics_observation::{
    at_least, fallback, grown, http_success, plugin_reload, requests as service_requests, scrape as service_scrape,
    select, snapshot,
};
use crate::support::background::{Background, status};
use crate::support::play::{AnyTemplate, Play};
use crate::support::program::{Place, ended, repository, stderr, stdout};
use crate::support::tree::files;

const TEXT: &str = "text/plain; version=0.0.4";

fn good(text: &str) -> Vec<u8> {
    response("200 OK", TEXT, text)
}

fn page() -> Page {
    Page { lang: Lang::En, zone: jiff::tz::TimeZone::UTC }
}

/// The codes that `check` finds in the body of a runbook.
fn codes(body: &str) -> Vec<&'static str> {
    let checked = check(&format!("runbook t, \"T\" do\n{body}\nend\n"), &AnyTemplate);
    checked.diagnostics.iter().map(|found| found.code.as_str()).collect()
}

fn phase5() -> String {
    repository().join("runbooks/phase5.rb").display().to_string()
}

/// A place with a simulated go-live behind it.
fn after(scenario: &str, exit_code: i32) -> Place {
    let place = Place::new();
    let answers = repository().join(format!("runbooks/phase5.sim/{scenario}.answers.toml"));
    ended(&place.run(&["exec", &phase5(), "--sim", scenario, "--answers", answers.to_str().unwrap()]), exit_code);
    place
}

#[test]
fn n01_an_endpoint_that_answers_404_gives_no_number_and_no_go() {
    let gone = || response("404 Not Found", "text/plain", "Cannot GET /metrics/prom");
    let play = answered(RATIO, vec![good(&scrape(1, &requests(10, 0))), gone(), gone()]);
    for n in [1, 2] {
        let sample = sample(&play, n);
        assert_eq!((sample.state.as_str(), sample.values.len()), ("error", 0));
        assert!(
            sample.why.en.ends_with("status 404: nothing is at this path (Cannot GET /metrics/prom)"),
            "{}",
            sample.why.en
        );
    }
    let objective = &play.view().observations[0].objectives[0];
    assert_eq!((objective.verdict, objective.whole, objective.mean, objective.used), (Verdict::Error, None, None, 0));
    assert_eq!(play.ending(), Some(Ending::NotPassed));
}

#[test]
fn n02_no_5xx_series_is_100_percent() {
    let only_good = |n: u32| good(&scrape(1, &format!("req_total{{status=\"200\"}} {n}\n")));
    let play = answered(RATIO, vec![only_good(0), only_good(250)]);
    assert_eq!((value(&play, 1).0, whole(&play).1), (Some(1.0), Verdict::Pass));
}

#[test]
fn n03_nothing_of_nothing_is_no_data() {
    let idle = grown("", &service_requests(3, 0));
    for form in [plugin_reload(), snapshot()] {
        let reading = evaluate(&form, &idle);
        assert_eq!(reading, Reading::NoData(NoData::NothingHappened));
        let never = runbook::metrics::objective::Verdict::NoData;
        assert_eq!(judge(&reading, &at_least(0.0)), never, "not even a target that all numbers meet");
    }
    assert_eq!(evaluate(&fallback(), &idle), Reading::Value(0.0), "declared, no fallback yet");
    let failures = "metasheet_snapshot_create_total{result=\"failure\"} 2";
    assert_eq!(evaluate(&snapshot(), &grown("", failures)), Reading::Value(0.0), "only failures so far");
    let play = answered(RATIO, vec![good(&scrape(1, &requests(7, 0))), good(&scrape(1, &requests(7, 0)))]);
    assert_eq!(value(&play, 1), (None, Verdict::NoData, "nothing happened in the interval (0 ÷ 0)".to_owned()));
    assert_eq!(play.ending(), Some(Ending::NotPassed));
}

#[test]
fn n04_verdicts_are_counted_by_what_they_are_and_add_up() {
    let place = after("idle", 0);
    let report = place.report();
    let verdicts: Vec<&str> =
        report["slos"].as_array().unwrap().iter().map(|slo| slo["verdict"].as_str().unwrap()).collect();
    let met = verdicts.iter().filter(|verdict| **verdict == "pass").count();
    assert!(met < verdicts.len(), "{verdicts:?}");
    let page = stdout(&place.run(&["report", "last"]));
    let line = page.lines().find(|line| line.contains("5 objectives: ")).unwrap_or_else(|| panic!("{page}"));
    let counts = line.split(": ").nth(1).unwrap().split(" · ").map(|part| part.split(' ').next().unwrap());
    assert_eq!(counts.map(|count| count.parse::<usize>().unwrap()).sum::<usize>(), 5, "{line}");
    assert_eq!(line.contains("target met"), met > 0, "{line}");
}

#[test]
fn n05_help_text_is_not_a_report() {
    let scrapes =
        [service_scrape(1000.0, ""), service_scrape(1000.0, "metasheet_snapshot_create_total{result=\"success\"} 1")];
    assert!(!reported(&scrapes, "metasheet_plugin_reload_total"));
    assert!(reported(&scrapes, "metasheet_snapshot_create_total"));
}

#[test]
fn n06_a_restart_gives_neither_negative_nor_frozen_rates() {
    let mut tracker = Tracker::new(&service_scrape(1000.0, &service_requests(9000, 90)));
    let after = tracker.observe(&service_scrape(2000.0, &service_requests(40, 10))).unwrap();
    assert_eq!(evaluate(&http_success(), &after), Reading::Value(0.8));
    let next = tracker.observe(&service_scrape(2000.0, &service_requests(140, 10))).unwrap();
    assert_eq!(evaluate(&http_success(), &next), Reading::Value(1.0));
}

#[test]
fn n07_all_label_sets_count() {
    let lines = "http_requests_total{method=\"GET\",status=\"200\"} 900\n\
                 http_requests_total{method=\"PUT\",status=\"200\"} 50\n\
                 http_requests_total{method=\"GET\",status=\"502\"} 20\n\
                 http_requests_total{method=\"PUT\",status=\"503\"} 30";
    assert_eq!(evaluate(&http_success(), &grown("", lines)), Reading::Value(0.95));
}

#[test]
fn n08_a_wrong_name_is_never_zero() {
    let form = Form::RatioBad { bad: select(&["http_request_errors"]), total: select(&["http_requests_total"]) };
    let reading = evaluate(&form, &grown("", &service_requests(10, 0)));
    assert_eq!(reading, Reading::NoData(NoData::NeverSeen { name: "http_request_errors".to_owned() }));
    let misspelt = Form::RatioBad {
        bad: select(&[r#"http_requests_total{code=~"5.."}"#]),
        total: select(&["http_requests_total"]),
    };
    let silent = unmatched(&misspelt, &grown("", &service_requests(10, 0)));
    assert_eq!(silent, select(&[r#"http_requests_total{code=~"5.."}"#]), "a label that does not exist is told");
}

#[test]
fn n09_one_unit_is_not_compared_with_another() {
    let slo = |unit: &str, target: &str| {
        codes(&format!(
            "source prod, scrape: \"http://a.example/m\"\nslo ok, \"OK\", from: prod do\n value ratio bad: 'a', total: 'b'\n \
             unit {unit}\n target {target}\n no_data fail\nend\nsample prod, every: 1.min, count: 1, slos: all"
        ))
    };
    assert!(slo("percent", "<= 30.MB").contains(&"RB0652"), "{:?}", slo("percent", "<= 30.MB"));
    let sound = slo("percent", ">= 98.pct");
    assert!(!sound.contains(&"RB0652"), "{sound:?}");
    assert!(codes("assert 78.MB > 30.s, \"smaller\"").contains(&"RB0202"));
    // Of one kind, they are compared as what they are.
    let play = Play::of("assert 78.MB > 30.KB, \"larger\"\nassert 12.min < 2.h, \"shorter\"");
    assert_eq!(play.ending(), Some(Ending::Passed));
}

#[test]
fn n10_a_run_says_what_it_was_and_how_long_it_took() {
    let mut place = Place::new();
    for (name, value) in [("KUBE_SERVER", "https://c.example"), ("GRAFANA_URL", "http://g.example/d")] {
        place.env(name, value);
    }
    place.env("METRICS_URL", "http://localhost:4000/metrics/prom");
    let refused = place.run(&["exec", &phase5(), "--env", "production"]);
    ended(&refused, 2);
    assert!(stderr(&refused).contains("metrics_url") && stderr(&refused).contains("localhost"), "{}", stderr(&refused));
    let place = after("healthy", 0);
    let report = stdout(&place.run(&["report", "last"]));
    assert!(report.lines().next().unwrap().contains("SIMULATED"), "{report}");
    // One that ends early tells of how many samples it had, and not that the target was met.
    let body = "source prod, scrape: \"http://a.example/m\", timeout: 5.s\nslo ok, \"OK\", from: prod do\n \
                value ratio bad: 'req_total{status=\"500\"}', total: 'req_total'\n unit percent\n target >= 98.pct\n no_data fail\nend\n\
                step w, \"W\" do\n sh \"w\", timeout: 5.s\n undo none, because: \"nothing\"\nend\n\
                sample prod, every: 10.min, count: 12, as: base, slos: all\nrollback do\n note \"back\"\nend";
    let mut play = Play::of(body);
    play.done("w/sh.1#1", "").scraped("base#1/scrape.0", &scrape(1, &requests(10, 0)));
    play.pass(SignedDuration::from_mins(10)).scraped("base#1/sample.1", &scrape(1, &requests(20, 0)));
    play.command_of_person(Command::Rollback { because: "bad".to_owned() });
    play.answer("run!rollback#1", Value::Bool(true));
    let table = objectives(&play.view().observations[0], ALL_COLUMNS, &page());
    assert!(table.contains("stopped after 1 of 12 samples"), "{table}");
}

#[test]
fn n11_samples_that_are_missing_are_noticed() {
    let body = "source prod, scrape: \"http://a.example/m\", timeout: 5.s\nslo ok, \"OK\", from: prod do\n \
                value ratio bad: 'req_total{status=\"500\"}', total: 'req_total'\n unit percent\n target >= 98.pct\n \
                no_data fail, min_samples: 2\nend\nsample prod, every: 10.min, count: 3, as: base, slos: all";
    let mut play = Play::of(body);
    play.scraped("base#1/scrape.0", &scrape(1, &requests(10, 0)));
    play.pass(SignedDuration::from_mins(10)).scraped("base#1/sample.1", &scrape(1, &requests(20, 0)));
    // Nobody executes it while the second one falls due.
    play.at = play.at.checked_add(SignedDuration::from_mins(15)).unwrap();
    play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
    play.pass(SignedDuration::from_mins(5));
    play.fails("base#1/sample.3", runbook::engine::input::FailureKind::Unreachable, "connection refused");
    let observation = &play.view().observations[0];
    assert_eq!((observation.taken, observation.missed, observation.errors), (1, 1, 1));
    let table = samples(observation, &page());
    assert!(table.contains("missed: nothing ran when it was due") && table.contains("could not be read"), "{table}");
    let table = objectives(observation, ALL_COLUMNS, &page());
    assert!(table.contains("1 samples have a value, and 2 are the least"), "{table}");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
}

#[test]
fn n12_a_run_has_one_writer_and_its_log_a_line_a_sample() {
    let server = Server::new(|_, stream| say(stream, &good(&scrape(1, &requests(10, 0)))));
    let place = Place::new();
    place.write(
        "a.rb",
        &format!(
            "runbook a, \"A\" do\n  source prod, scrape: \"{}\", timeout: 5.s\n  slo ok, \"OK\", from: prod do\n    {RATIO}\n    \
             no_data ignore\n  end\n  step held, \"Held\" do\n    sh read: \"until [ -e go ]; do sleep 0.05; done\", timeout: 1.min\n  end\n  \
             sample prod, every: 1.s, count: 3, as: base, slos: all, log: \"log.txt\"\nend\n",
            server.url("/m")
        ),
    );
    let first = Background::start(&place, &["exec", "a.rb"]);
    eventually("it runs", || status(&place)["status"] == "running");
    let second = place.run(&["resume", "last"]);
    ended(&second, 2);
    assert!(stderr(&second).contains("RB0906"), "{}", stderr(&second));
    place.write("go", "");
    let code = first.ends();
    assert!(code == 0 || code == 1, "{code}");
    let log = fs::read_to_string(place.path("log.txt")).unwrap();
    let numbers: Vec<&str> =
        log.lines().map(|line| line.split_whitespace().find(|word| word.starts_with("sample=")).unwrap()).collect();
    assert_eq!(numbers, ["sample=1", "sample=2", "sample=3"], "{log}");
}

#[test]
fn n13_a_failed_scrape_is_an_error_and_its_bad_rows_are_not_lost() {
    let bad_gateway = response("200 OK", "text/html", "<html><body>Bad gateway</body></html>");
    let at = |ok, bad| good(&scrape(1, &requests(ok, bad)));
    let play = answered(RATIO, vec![at(0, 0), at(100, 0), bad_gateway, at(180, 20)]);
    let failed = sample(&play, 2);
    assert_eq!((failed.state.as_str(), failed.values.len()), ("error", 0));
    assert!(
        failed.why.en.ends_with("a web page came, not metrics: <html><body>Bad gateway</body></html>"),
        "{}",
        failed.why.en
    );
    assert!(failed.why.zh.contains("返回的是网页，不是指标"), "{}", failed.why.zh);
    assert_eq!(
        (value(&play, 3).0, sample(&play, 3).spans),
        (Some(0.8), 2),
        "what happened meanwhile is in the next one"
    );
    assert_eq!((whole(&play).0, whole(&play).1), (Some(0.9), Verdict::Breach));
}

#[test]
fn n14_a_token_is_never_printed_not_even_in_part() {
    const TOKEN: &str = "tk9Qz7Xw4Lm2Rv8";
    let server = Server::new(|asked, stream| {
        let sent = asked.header("authorization").unwrap_or_default();
        say(stream, &response("401 Unauthorized", "text/plain", format!("not a good one: {sent}")));
    });
    let mut place = Place::new();
    place.env("TOKEN", TOKEN);
    place.write(
        "a.rb",
        &format!(
            "runbook a, \"A\" do\n  secret token, env: \"TOKEN\"\n  step one, \"One\" do\n    \
             http get: \"{0}\", bearer: token, timeout: 5.s\n  end\n  step two, \"Two\" do\n    \
             sh read: \"echo $T\", env: {{ T: token }}, timeout: 5.s\n  end\nend\n",
            server.url("/m")
        ),
    );
    let exec = place.run(&["exec", "a.rb"]);
    assert_eq!(
        server.asked()[0].header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str()),
        "{}",
        stderr(&exec)
    );
    let mut said = vec![stdout(&exec), stderr(&exec)];
    for args in [["status", "last"], ["report", "last"], ["log", "last"]] {
        let shown = place.run(&args);
        said.extend([stdout(&shown), stderr(&shown)]);
    }
    said.extend(files(&place.path("state")).into_values().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    for part in TOKEN.as_bytes().windows(6).map(|part| std::str::from_utf8(part).unwrap()) {
        assert!(!said.iter().any(|text| text.contains(part)), "{part} in {}", said.join("\n"));
    }
    assert!(said[1].contains("(secret token)"), "that there was one is shown: {}", said[1]);
}

#[test]
fn n15_a_command_that_follows_forever_is_refused() {
    assert!(codes("sh read: \"kubectl logs -f deployment/app | grep ERROR\"").contains(&"RB0405"));
    assert!(!codes("sh read: \"kubectl logs -f deployment/app\", timeout: 1.min").contains(&"RB0405"));
}

#[test]
fn n16_grep_that_finds_nothing_is_the_good_state_where_it_is_meant() {
    assert!(codes("sh read: \"grep -c ERROR log\", timeout: 5.s").contains(&"RB0409"));
    let place = Place::new();
    place.write("log", "all well\n");
    place.write(
        "a.rb",
        "runbook a, \"A\" do\n  step one, \"One\" do\n    sh read: \"grep -c ERROR log\", ok: [0, 1], timeout: 5.s, parse: int, as: \
         errors\n    assert errors.value == 0, \"no errors\"\n  end\nend\n",
    );
    ended(&place.run(&["exec", "a.rb"]), 0);
    place.write("log", "ERROR\n");
    assert_ne!(place.run(&["exec", "a.rb"]).status.code(), Some(0), "and what is found is no success");
}

#[test]
fn n17_head_at_the_end_of_a_pipeline_is_refused_and_its_replacement_runs() {
    assert!(codes("sh read: \"curl -s http://a.example/m | head -20\", timeout: 5.s").contains(&"RB0406"));
    let place = Place::new();
    place.write(
        "a.rb",
        "runbook a, \"A\" do\n  step one, \"One\" do\n    sh read: \"seq 1 100000 | sed -n 1,20p\", timeout: 5.s, as: lines\n    \
         assert contains(lines.out, \"20\"), \"twenty\"\n  end\nend\n",
    );
    ended(&place.run(&["exec", "a.rb"]), 0);
}

#[test]
fn n18_a_folder_named_by_date_stays_the_same_after_midnight_and_a_resume() {
    let mut play = Play::of(
        "timezone \"Asia/Shanghai\"\nlet results = \"results/#{date(run.started_at, \"%Y%m%d\")}\"\n\
         step one, \"One\" do\n sh \"mkdir -p -- #{results}\", again: safe, timeout: 5.s\n undo none, because: \"kept\"\nend\n\
         confirm \"Go on?\", key: go\n\
         step two, \"Two\" do\n sh \"touch -- #{results}/done\", again: safe, timeout: 5.s\n undo none, because: \"kept\"\nend",
    );
    let first = play.command("one/sh.1#1");
    assert!(first.contains("results/20251118"), "{first}");
    play.done("one/sh.1#1", "");
    play.at = play.at.checked_add(SignedDuration::from_hours(24)).unwrap();
    play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
    let waits = play.waits();
    play.answer(&waits[0], Value::Bool(true));
    let second = play.command("two/sh.1#1");
    assert!(second.contains("results/20251118/done"), "{second}");
    // And a date of the command's own is found.
    assert!(codes("sh \"mkdir -p results/$(date +%Y%m%d)\", timeout: 5.s").contains(&"RB0414"));
}

#[test]
fn n19_blanks_are_refused_and_the_rollback_is_shown_before_it_is_needed() {
    for blank in ["deploy metasheet-xxx", "deploy --to ____"] {
        assert!(codes(&format!("sh \"{blank}\", timeout: 5.s")).contains(&"RB0606"), "{blank}");
    }
    let mut place = Place::new();
    for (name, value) in [
        ("METRICS_URL", "http://a.example/metrics/prom"),
        ("KUBE_SERVER", "https://c.example"),
        ("GRAFANA_URL", "http://g.example/d"),
    ] {
        place.env(name, value);
    }
    let plan = place.run(&["plan", &phase5(), "--env", "production"]);
    ended(&plan, 0);
    let shown = stdout(&plan);
    assert!(
        shown.contains("rollout undo") && shown.contains("ROLLBACK") | shown.to_lowercase().contains("rollback"),
        "{shown}"
    );
}
