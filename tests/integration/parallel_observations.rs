//! Several observations at once, in the branches of a `parallel`: grids, rules, questions and verdicts of their own.

use runbook::engine::action::{Effect, Ending, Urgency};
use runbook::engine::input::{Data, Event, FailureKind};
use runbook::value::Value;

use crate::drivers_bench::eventually;
use crate::drivers_server::{Server, response, say};
use crate::parallel::{seconds, told_notes};
use crate::support::background::{Background, status, waits_for};
use crate::support::play::Play;
use crate::support::program::{Place, ended, json, repository};
use crate::support::simulated::Book;

fn text(total: u32, bad: u32) -> String {
    format!("# TYPE req counter\nreq{{status=\"200\"}} {}\nreq{{status=\"500\"}} {bad}\n", total - bad)
}

const OBSERVED: &str = r##"
    source eu, scrape: "http://eu.example/metrics", timeout: 5.s
    source us, scrape: "http://us.example/metrics", timeout: 5.s
    source pager, alertmanager: "http://alerts.example", every: 20.s
    slo eu_ok, "EU", from: eu do
      value ratio bad: 'req{status="500"}', total: 'req'
      unit percent
      target >= 98.pct
    end
    slo us_ok, "US", from: us do
      value ratio bad: 'req{status="500"}', total: 'req'
      unit percent
      target >= 98.pct
    end
    parallel do
      branch europe, "Europe" do
        sample eu, every: 30.s, count: 2, as: eu_series do
          at 1 do
            confirm "EU as it should be?"
          end
          on breach(any) do
            decide eu_way, "EU?" do
              option longer, "Longer" do
                extend eu_series, by: 1
              end
              option on_with_it, "Go on"
            end
          end
          on alert(pager) do
            confirm "EU alert seen?"
          end
        end
      end
      branch america, "America" do
        sample us, every: 45.s, count: 2, as: us_series do
          on breach(any) do
            confirm "US breach seen?"
          end
          on unreachable(us) do
            confirm "US gone?"
          end
          on alert(pager) do
            confirm "US alert seen?"
          end
        end
      end
    end
    note "#{eu_series.taken} #{us_series.taken} #{eu_series.verdict} #{us_series.verdict}"
"##;

const EU_SERIES: &str = "parallel.1/europe/eu_series";
const US_SERIES: &str = "parallel.1/america/us_series";

/// Both observations have begun, at 01:00:00 and 01:00:10; nobody fires an alert.
fn observed() -> Play {
    let mut play = Play::of(OBSERVED);
    assert_eq!(play.waits(), [format!("{US_SERIES}#1/scrape.0"), format!("{EU_SERIES}#1/scrape.0")]);
    play.scraped(&format!("{EU_SERIES}#1/scrape.0"), &text(1000, 0));
    quiet(&mut play);
    play.at += seconds(10);
    play.scraped(&format!("{US_SERIES}#1/scrape.0"), &text(5000, 0));
    quiet(&mut play);
    play
}

/// Whoever asks for alerts gets none.
fn quiet(play: &mut Play) {
    alerts(play, &[]);
}

fn alerts(play: &mut Play, firing: &[runbook::engine::input::Alert]) {
    for id in play.waits().into_iter().filter(|id| id.contains("!alerts.")) {
        play.outcome(&id, None, Data::Alerts(firing.to_vec()));
    }
}

/// Lets time pass until then; alert questions are answered with silence.
fn until(play: &mut Play, time: &str) {
    let end: jiff::Timestamp = format!("2025-11-18T{time}Z").parse().unwrap();
    while let Some(due) = runbook::engine::next_due(&play.state).filter(|due| *due <= end) {
        play.at = play.at.max(due);
        play.tell(Event::Due);
        quiet(play);
        if play.open().iter().any(|start| !matches!(start.effect, Effect::Ask(_))) {
            return;
        }
    }
    play.at = end;
}

#[test]
fn two_observations_at_once_have_grids_rules_and_verdicts_of_their_own() {
    let mut play = observed();
    until(&mut play, "01:00:30");
    assert_eq!(play.waits(), [format!("{EU_SERIES}#1/sample.1")]);
    play.scraped(&format!("{EU_SERIES}#1/sample.1"), &text(1100, 50));
    // The breach is asked about before the checkpoint.
    assert_eq!(
        play.view().waiting.iter().map(|w| w.prompt.urgency).collect::<Vec<_>>(),
        [Urgency::Breach, Urgency::Other]
    );
    until(&mut play, "01:00:55");
    assert_eq!(play.waits().iter().find(|id| id.contains("sample")), Some(&format!("{US_SERIES}#1/sample.1")));
    play.scraped(&format!("{US_SERIES}#1/sample.1"), &text(5200, 100));
    let waiting: Vec<String> = play.view().waiting.into_iter().map(|waiting| waiting.key).collect();
    assert_eq!(
        waiting,
        [
            format!("{EU_SERIES}/on.breach/eu_way"),
            format!("{US_SERIES}/on.breach/confirm.1"),
            format!("{EU_SERIES}/at.1/confirm.1"),
        ],
        "by urgency, then in order of arrival, over both"
    );
    play.choose(&format!("{EU_SERIES}/on.breach/eu_way#1"), "longer");
    until(&mut play, "01:01:00");
    play.scraped(&format!("{EU_SERIES}#1/sample.2"), &text(2100, 50));
    until(&mut play, "01:01:30");
    assert!(play.waits().contains(&format!("{EU_SERIES}#1/sample.3")), "one is longer: {:?}", play.waits());
    play.scraped(&format!("{EU_SERIES}#1/sample.3"), &text(9000, 50));
    until(&mut play, "01:01:40");
    play.scraped(&format!("{US_SERIES}#1/sample.2"), &text(5400, 150));
    assert_eq!(play.ending(), None, "prompts of both are open");
    play.answer(&format!("{US_SERIES}/on.breach/confirm.1#1"), Value::Bool(true));
    assert_eq!(play.ending(), None, "the other branch is not over");
    play.answer(&format!("{EU_SERIES}/at.1/confirm.1#1"), Value::Bool(true));
    assert_eq!(play.ending(), Some(Ending::NotPassed), "one of the two missed its target");
    assert_eq!(told_notes(&play), ["3 2 pass breach"]);
    let view = play.view();
    let counts: Vec<(String, usize)> = view.observations.iter().map(|o| (o.key.clone(), o.samples.len())).collect();
    assert_eq!(counts, [(EU_SERIES.to_owned(), 3), (US_SERIES.to_owned(), 2)]);
    play.replays();
}

#[test]
fn an_alert_is_one_of_both_observations() {
    let mut play = observed();
    let firing = [runbook::engine::input::Alert {
        fingerprint: "f".to_owned(),
        labels: [("alertname".to_owned(), "Down".to_owned())].into(),
        starts_at: play.at,
        annotations: std::collections::BTreeMap::new(),
    }];
    // Each asks on its own grid: every 20 s from its own beginning.
    for time in ["01:00:20", "01:00:30"] {
        play.at = format!("2025-11-18T{time}Z").parse().unwrap();
        play.tell(Event::Due);
        alerts(&mut play, &firing);
    }
    let asked: Vec<String> = play.waits().into_iter().filter(|id| id.contains("on.alert")).collect();
    let of = |series: &str| format!("{series}/on.alert/confirm.1#1");
    assert_eq!(asked, [of(US_SERIES), of(EU_SERIES)], "that the one has heard of it does not keep it from the other");
    assert_eq!(play.view().alerts.len(), 1, "it is one alert all the same");
    play.replays();
}

#[test]
fn what_stops_a_watch_around_stops_the_branches_and_their_observations() {
    let mut play = Play::of(
        r#"
        source prod, scrape: "http://a.example/metrics", timeout: 5.s
        slo ok, "OK", from: prod do
          value ratio bad: 'req{status="500"}', total: 'req'
          unit percent
          target >= 98.pct
        end
        watch prod, every: 30.s, as: rollout do
          on breach(any) do
            stop rollout, because: "errors"
          end
          parallel do
            branch a, "A" do
              sample prod, every: 20.s, count: 9, slos: [], as: inner do
                at 1 do
                  confirm "inner?"
                end
              end
            end
            branch b, "B" do
              sh "deploy"
            end
          end
        end"#,
    );
    let watch = "rollout";
    play.scraped(&format!("{watch}#1/scrape.0"), &text(1000, 0));
    play.scraped(&format!("{watch}/parallel.1/a/inner#1/scrape.0"), &text(1000, 0));
    play.at += seconds(20);
    play.tell(Event::Due);
    play.scraped(&format!("{watch}/parallel.1/a/inner#1/sample.1"), &text(1010, 0));
    assert!(play.waits().contains(&format!("{watch}/parallel.1/a/inner/at.1/confirm.1#1")));
    play.at += seconds(10);
    play.tell(Event::Due);
    play.scraped(&format!("{watch}#1/sample.1"), &text(1100, 50));
    assert_eq!(play.waits(), [format!("{watch}/parallel.1/b/sh.1#1")], "the stopped write is waited for");
    play.fails(&format!("{watch}/parallel.1/b/sh.1#1"), FailureKind::Interrupted, "stopped");
    assert_eq!(play.waits(), [format!("{watch}!failed#1")]);
    play.choose(&format!("{watch}!failed#1"), "abort");
    assert_eq!(play.ending(), Some(Ending::Aborted));
    play.replays();
}

#[test]
fn observations_and_a_deployment_at_once_end_as_the_scenarios_say() {
    let place = Place::new();
    let file = |name: &str| repository().join("tests/runbooks").join(name).to_string_lossy().into_owned();
    let book = Book::of("tests/runbooks", "branches");
    for scenario in book.scenarios() {
        let expected = book.scenario(&scenario).expect.unwrap();
        let answers = file(&format!("branches.sim/{scenario}.answers.toml"));
        let run = place.run(&["exec", &file("branches.rb"), "--sim", &scenario, "--answers", &answers]);
        ended(&run, i32::from(expected.exit));
        let report = json(&place.run(&["report", "last", "--format", "json"]));
        assert_eq!(report["status"], expected.status.unwrap().as_str(), "{scenario}");
        let verdicts: Vec<(&str, &str)> = report["slos"]
            .as_array()
            .unwrap()
            .iter()
            .map(|slo| (slo["key"].as_str().unwrap(), slo["verdict"].as_str().unwrap()))
            .collect();
        assert_eq!(verdicts, [("scraped", "breach"), ("asked", "breach")]);
        ended(&place.run(&["verify", "last"]), 0);
        ended(&place.run(&["metrics", "explain", "last", "scraped"]), 0);
        ended(&place.run(&["metrics", "explain", "last", "asked"]), 0);
    }
}

/// A service whose counters are a function of the number of the scrape.
fn service(bad: u32) -> Server {
    let asked = std::sync::atomic::AtomicU32::new(0);
    Server::new(move |_, stream| {
        let n = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        say(stream, &response("200 OK", "text/plain; version=0.0.4", text(100 * (n + 1), bad * (n + 1))));
    })
}

const LIVE: &str = r##"
runbook live, "Live" do
  param eu_url, url
  param us_url, url
  source eu, scrape: eu_url
  source us, scrape: us_url
  slo eu_ok, "EU", from: eu do
    value ratio bad: 'req{status="500"}', total: 'req'
    unit percent
    target >= 98.pct
  end
  slo us_ok, "US", from: us do
    value ratio bad: 'req{status="500"}', total: 'req'
    unit percent
    target >= 98.pct
  end
  parallel do
    branch europe, "Europe" do
      sh "echo eu >> writes", key: write, timeout: 1.min
      sample eu, every: 1.s, count: 5, as: eu_series do
        on breach(any) do
          confirm "EU: go on?", key: eu_way
        end
      end
    end
    branch america, "America" do
      sh "echo us >> writes; until [ -e go ]; do sleep 0.05; done; echo us ended >> writes", key: write, timeout: 5.min
      probe do
        sh read: "cat writes", timeout: 10.s, as: written
        done_when contains(written.out, "us ended")
      end
      sample us, every: 1.s, count: 3, as: us_series
      query us, promql: 'max(increase(req[1m]))', as: grown
    end
  end
  note "#{eu_series.taken + eu_series.missed} #{us_series.taken} #{grown.value > 0}"
end
"##;

fn samples(place: &Place, key: &str) -> usize {
    let view = place.json(&["report", "last", "--format", "json"]);
    let samples = view["samples"].as_array().cloned().unwrap_or_default();
    samples.iter().filter(|sample| sample["values"].get(key).is_some() && sample["state"] == "taken").count()
}

#[test]
fn a_live_run_with_two_observations_is_killed_twice_and_repeats_no_write() {
    let (eu, us) = (service(10), service(0));
    let place = Place::new();
    place.write("live.rb", LIVE);
    let urls = [format!("eu_url={}", eu.url("/metrics")), format!("us_url={}", us.url("/metrics"))];
    let run = Background::start(&place, &["exec", "live.rb", "--param", &urls[0], "--param", &urls[1]]);
    let writes = || std::fs::read_to_string(place.path("writes")).unwrap_or_default();

    // First: one branch observes and waits for a person, the other is in the middle of a write, whose process goes on.
    let asked = "parallel.1/europe/eu_series/on.breach/eu_way";
    eventually("the breach is asked about beside the write", || {
        waits_for(&status(&place), asked) && writes().contains("us\n") && samples(&place, "eu_ok") >= 2
    });
    run.kill();
    std::fs::write(place.path("go"), "").unwrap();
    eventually("the orphan ends", || writes().contains("us ended"));

    // Second: both observe.
    let run = Background::start(&place, &["resume", "last"]);
    eventually("the other branch observes", || samples(&place, "us_ok") >= 1);
    run.kill();
    ended(&place.run(&["answer", "last", asked, "yes"]), 0);
    let run = Background::start(&place, &["resume", "last"]);
    assert_eq!(run.ends(), 1, "Europe missed its target");

    let mut lines: Vec<String> = writes().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["eu", "us", "us ended"], "no write is repeated");
    let report = place.json(&["report", "last", "--format", "json"]);
    let verdict = |key: &str| {
        let slos = report["slos"].as_array().unwrap().iter();
        slos.clone().find(|slo| slo["key"] == key).unwrap()["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!((verdict("eu_ok"), verdict("us_ok")), ("breach".to_owned(), "pass".to_owned()));
    let note = report["notes"].as_array().map(|notes| notes.iter().any(|note| note.to_string().contains("5 ")));
    assert_ne!(note, Some(false), "{report}");
    ended(&place.run(&["verify", "last"]), 0);
}
