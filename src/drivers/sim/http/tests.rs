use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use super::super::clock::SimClock;
use super::*;
use crate::check::program::Class;
use crate::drivers::real::http::{HttpClient, Reach, Setting};
use crate::drivers::reply::Message;
use crate::engine::action::{Effect, Input, Words};
use crate::journal::memory_store::MemoryStore;
use crate::journal::store::Store;

const START: Timestamp = Scenario::DEFAULT_START;

/// The driver of a scenario, so many minutes after its start.
fn http(scenario: &str, minutes: i64) -> SimHttp {
    let scenario = Arc::new(Scenario::parse(scenario).unwrap());
    let clock: Arc<dyn Clock> = Arc::new(SimClock::new(START + SignedDuration::from_mins(minutes), None));
    let hosts = Arc::new(Hosts::new(Arc::clone(&scenario), START));
    let server = Server::start(Arc::clone(&hosts), Arc::clone(&clock)).unwrap();
    let mut store = MemoryStore::default();
    store.create("1").unwrap();
    let setting = Setting {
        clock: Arc::clone(&clock),
        secrets: Secrets::default(),
        artifacts: store.artifacts("1"),
        reach: Reach::Only(server.route()),
        dir: PathBuf::new(),
    };
    let real = Box::new(HttpClient::new(setting));
    SimHttp { real, server, hosts, scenario, secrets: Secrets::default(), clock }
}

fn start(effect: Effect, class: Class) -> Start {
    Start {
        id: ActionId("x#1".to_owned()),
        key: "x".to_owned(),
        title: Words::default(),
        class,
        timeout: Some(SignedDuration::from_secs(10)),
        effect,
    }
}

fn scrape() -> action::Scrape {
    action::Scrape {
        source: "prod".to_owned(),
        urls: vec!["http://metasheet.sim:4000/metrics/prom".to_owned()],
        access: action::Access::default(),
        max_bytes: 1_000_000,
        families: ["http_requests_total".to_owned()].into(),
        keep: false,
        compare: false,
        queries: None,
    }
}

fn get(url: &str) -> action::Http {
    action::Http {
        method: "GET".to_owned(),
        url: Input::Text(url.to_owned()),
        bearer: None,
        headers: Vec::new(),
        body: None,
        content_type: None,
        expect_status: Some(vec![200]),
        expect_format: None,
        parse: None,
    }
}

/// Its outcome, and how long after its beginning it is foretold.
fn outcome(begin: impl FnOnce(Reply)) -> (SignedDuration, Outcome) {
    let (sending, inbox) = channel_of_news();
    begin(sending.reply(&ActionId("x#1".to_owned())));
    let messages: Vec<Message> = inbox.try_iter().collect();
    let [Message { at: Some(at), news: News::Happened(Happening::Outcome { outcome, .. }) }] = messages.as_slice()
    else {
        panic!("{messages:?}")
    };
    (at.duration_since(outcome.started_at), outcome.clone())
}

fn scraped(http: &mut SimHttp) -> (SignedDuration, Outcome) {
    let start = start(Effect::Scrape(scrape()), Class::Read);
    outcome(|reply| http.scrape(&start, &scrape(), reply))
}

fn failed(scenario: &str) -> (FailureKind, String) {
    let failure = scraped(&mut http(scenario, 0)).1.failure.unwrap();
    (failure.kind, failure.message.en)
}

#[test]
fn a_scrape_comes_after_its_virtual_time() {
    let mut http = http("[service]\ntakes = \"2s\"\n", 10);
    let (took, outcome) = scraped(&mut http);
    let two_seconds = SignedDuration::from_secs(2);
    assert_eq!((took, outcome.took, outcome.failure), (two_seconds, two_seconds, None));
    assert_eq!(outcome.started_at, START + SignedDuration::from_mins(10));
    let Data::Scrape(data) = outcome.data else { panic!("{:?}", outcome.data) };
    assert!(data.scrapes[0].samples("http_requests_total").count() > 1);
    assert_eq!(data.scrapes[0].start_time(), Some(1_767_690_000.0 - 72.0 * 3600.0));
}

#[test]
fn every_misbehaviour_is_told_from_the_others() {
    use FailureKind::{BadAnswer, Denied, Failed, TimedOut, Unreachable};
    let of = |answer: &str| failed(&format!("[service]\nanswer = {answer}\n"));
    let kinds: Vec<_> =
        ["\"refused\"", "\"reset\"", "\"cut\"", "\"html\"", "\"json\"", "\"denied\"", "503", "\"hang\"", "\"slow\""]
            .map(|answer| of(answer).0)
            .into();
    let wanted = [Unreachable, Unreachable, BadAnswer, BadAnswer, BadAnswer, Denied, Failed, TimedOut, TimedOut];
    assert_eq!(kinds, wanted, "{:?}", ["\"refused\"", "\"reset\"", "\"cut\"", "\"html\"", "503"].map(of));
}

#[test]
fn what_never_answers_is_over_with_its_time_limit_and_without_a_wait() {
    let limit = SignedDuration::from_secs(10);
    for scenario in ["[service]\nanswer = \"hang\"\n", "[service]\ntakes = \"11s\"\n"] {
        let (took, outcome) = scraped(&mut http(scenario, 0));
        assert_eq!((took, outcome.took), (limit, limit));
        assert_eq!(outcome.failure.unwrap().message.en, "no answer within 10s");
    }
    let mut http = http("[[http]]\nurl = \"http://api.sim/deploy\"\nanswer = \"hang\"\n", 0);
    let request = action::Http { method: "POST".to_owned(), ..get("http://api.sim/deploy") };
    let start = start(Effect::Http(request.clone()), Class::Write);
    let (_, outcome) = outcome(|reply| http.request(&start, &request, reply));
    assert_eq!(outcome.failure.unwrap().kind, FailureKind::InDoubt);
}

#[test]
fn nobody_else_is_connected_to() {
    let mut http = http("[service]", 0);
    for url in ["http://127.0.0.1:9/", "http://example.com/", "http://metasheet.sim/"] {
        let start = start(Effect::Http(get(url)), Class::Read);
        let failure = outcome(|reply| http.request(&start, &get(url), reply)).1.failure.unwrap();
        assert_eq!(failure.kind, FailureKind::Unreachable);
        assert!(failure.message.en.contains("not part of the simulation"), "{failure:?}");
    }
}

#[test]
fn alerts_and_messages_find_their_hosts() {
    let scenario =
        "[slack]\n[alertmanager]\n[[alertmanager.alert]]\nafter = \"5m\"\nlabels = { alertname = \"Errors\" }\n";
    let mut http = http(scenario, 6);
    let alerts = action::Alerts {
        source: "alerts".to_owned(),
        url: "http://alertmanager.sim:9093".to_owned(),
        access: action::Access::default(),
        matchers: BTreeMap::from([("alertname".to_owned(), "Errors".to_owned())]),
    };
    let begun = start(Effect::Alerts(alerts.clone()), Class::Read);
    let (_, firing) = outcome(|reply| http.alerts(&begun, &alerts, reply));
    let Data::Alerts(firing) = firing.data else { panic!("{firing:?}") };
    assert_eq!(firing[0].starts_at, START + SignedDuration::from_mins(5));
    let notify = action::Notify {
        channel: "ops".to_owned(),
        webhook: Some(Input::Text("http://slack.sim/services/x".to_owned())),
        text: "hello".to_owned(),
    };
    let begun = start(Effect::Notify(notify.clone()), Class::Record);
    let (_, sent) = outcome(|reply| http.notify(&begun, &notify, reply));
    assert_eq!(sent.failure, None);
    let texts: Vec<String> = http.hosts.messages().into_iter().map(|message| message.text).collect();
    assert!(texts.len() == 1 && texts[0].contains("hello"), "{texts:?}");
}

#[test]
fn a_sure_fault_strikes() {
    let (kind, message) = failed("[service]\n[faults]\nrequests = \"100%\"\n");
    assert_eq!((kind, message.as_str()), (FailureKind::Unreachable, "connection refused: a fault of the simulation"));
}
