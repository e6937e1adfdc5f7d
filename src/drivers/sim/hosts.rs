//! Who is reachable in a simulation under which name, and what each answers: the watched service, the Alertmanager, the
//! webhook, other pages. A function of the scenario and the virtual time; the sockets are [`super::server`]'s.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::faults::{hash, mix};
use super::fields::{Manner, Span};
use super::prometheus::{self, Prometheus};
use super::scenario::{FiringAlert, Page, Scenario};
use super::{exposition, traffic};

/// Messages that are remembered; beyond it the oldest are forgotten. A run that says more than this is a test of its own.
const MAX_MESSAGES: usize = 10_000;

/// A request, as far as an answer depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, …
    pub method: String,
    /// Host, and port where one was written.
    pub host: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: Vec<u8>,
}

/// What is sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Content type.
    pub content_type: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type: content_type.to_owned(), body: body.into() }
    }

    pub(super) fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }
}

/// How a host takes a request, before it is asked what it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conduct {
    /// How it answers.
    pub manner: Manner,
    /// How long that takes, in virtual time.
    pub takes: Span,
}

/// A message that the webhook was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub at: Timestamp,
    /// Its text.
    pub text: String,
}

/// All hosts of a scenario.
#[derive(Debug)]
pub struct Hosts {
    scenario: Arc<Scenario>,
    start: Timestamp,
    /// Scrapes of one moment, counted: instances behind one address answer in turn.
    turn: Mutex<(Timestamp, u32)>,
    messages: Mutex<Vec<Message>>,
}

/// Which of them a request is for.
enum Who<'a> {
    Service(&'a super::service::Service),
    Prometheus(&'a Prometheus),
    Alertmanager(&'a super::scenario::Alertmanager),
    Slack(&'a super::scenario::Slack),
    Page(&'a Page),
    /// The host has pages, but not this one.
    NoPage,
}

impl Hosts {
    /// The hosts of `scenario`, whose run begins at `start`.
    pub fn new(scenario: Arc<Scenario>, start: Timestamp) -> Self {
        Self { scenario, start, turn: Mutex::new((start, 0)), messages: Mutex::new(Vec::new()) }
    }

    /// The names under which somebody is reachable, in order.
    pub fn names(&self) -> Vec<String> {
        let scenario = &self.scenario;
        let service = scenario.service.iter().map(|service| service.host.clone());
        let prometheus = scenario.prometheus.iter().map(|server| server.host.clone());
        let alertmanager = scenario.alertmanager.iter().map(|alertmanager| alertmanager.host.clone());
        let slack = scenario.slack.iter().map(|slack| slack.host.clone());
        let pages = scenario.http.iter().map(|page| split_url(&page.url).0.to_owned());
        let mut names: Vec<_> = service.chain(prometheus).chain(alertmanager).chain(slack).chain(pages).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Does a process listen under this host and port at `now`? None: there is no such host.
    pub fn listens(&self, host: &str, now: Timestamp) -> Option<bool> {
        // Which page is asked for is not known yet; a host with pages listens, whatever one of them does.
        self.conduct("GET", host, "/", now).map(|conduct| conduct.manner != Manner::Refused)
    }

    /// How the host takes the request at `now`; none: there is nobody of that name.
    pub fn conduct(&self, method: &str, host: &str, target: &str, now: Timestamp) -> Option<Conduct> {
        let after = self.after(now);
        Some(match self.who(method, host, target, after)? {
            Who::Service(service) => {
                let service = service.now(after);
                Conduct { manner: service.answer, takes: service.takes }
            }
            Who::Prometheus(server) => Conduct { manner: server.answer, takes: server.takes },
            Who::Alertmanager(alertmanager) => Conduct { manner: alertmanager.answer, takes: alertmanager.takes },
            Who::Slack(slack) => Conduct { manner: slack.answer, takes: slack.takes },
            Who::Page(page) => Conduct { manner: page.answer, takes: page.takes },
            Who::NoPage => Conduct { manner: Manner::Ok, takes: Span::default() },
        })
    }

    /// What the host answers at `now`.
    pub fn answer(&self, request: &Request, now: Timestamp) -> Option<Answer> {
        let Conduct { manner, .. } = self.conduct(&request.method, &request.host, &request.target, now)?;
        match manner {
            Manner::Html => return Some(proxy_page()),
            Manner::Json => return Some(Answer::json(200, &json!({ "status": "ok" }))),
            Manner::Denied => return Some(denied()),
            Manner::Status(status) => return Some(Answer::text(status, format!("status {status}\n"))),
            // The first bytes of the same answer, or none of them: the socket's matter.
            Manner::Ok | Manner::Refused | Manner::Hang | Manner::Slow | Manner::Reset | Manner::Cut => {}
        }
        let after = self.after(now);
        Some(match self.who(&request.method, &request.host, &request.target, after)? {
            Who::Service(service) => self.metrics(service, request, now),
            Who::Prometheus(server) => self.queried(server, request),
            Who::Alertmanager(alertmanager) => alerts(&alertmanager.alert, self.start, now, request),
            Who::Slack(_) => self.message(request, now),
            Who::Page(page) => Answer::new(page.status, &page.content_type, page.body.as_bytes()),
            Who::NoPage => Answer::text(404, format!("Cannot {} {}\n", request.method, request.target)),
        })
    }

    /// The messages that the webhook was given, in order.
    pub fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn after(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.start)
    }

    fn who(&self, method: &str, host: &str, target: &str, after: SignedDuration) -> Option<Who<'_>> {
        let scenario = &self.scenario;
        let named = |name: &str| same_host(name, host);
        let fits = |page: &&Page| {
            let (own_host, own_target) = split_url(&page.url);
            let target_fits = match own_target.strip_suffix('*') {
                Some(begin) => target.starts_with(begin),
                None => target == own_target,
            };
            named(own_host)
                && target_fits
                && page.method.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(method))
                && page.after.is_none_or(|from| from.0 <= after)
                && page.until.is_none_or(|to| after < to.0)
        };
        if let Some(page) = scenario.http.iter().find(fits) {
            return Some(Who::Page(page));
        }
        if let Some(service) = scenario.service.as_ref().filter(|service| named(&service.host)) {
            return Some(Who::Service(service));
        }
        if let Some(server) = scenario.prometheus.as_ref().filter(|server| named(&server.host)) {
            return Some(Who::Prometheus(server));
        }
        if let Some(alertmanager) = scenario.alertmanager.as_ref().filter(|alertmanager| named(&alertmanager.host)) {
            return Some(Who::Alertmanager(alertmanager));
        }
        if let Some(slack) = scenario.slack.as_ref().filter(|slack| named(&slack.host)) {
            return Some(Who::Slack(slack));
        }
        scenario.http.iter().any(|page| named(split_url(&page.url).0)).then_some(Who::NoPage)
    }

    fn metrics(&self, service: &super::service::Service, request: &Request, now: Timestamp) -> Answer {
        let after = self.after(now);
        let current = service.now(after);
        if path(&request.target) != current.path {
            return Answer::text(404, format!("Cannot {} {}\n", request.method, path(&request.target)));
        }
        if let Some(token) = &current.token {
            let bearer = request.headers.get("authorization").and_then(|header| header.strip_prefix("Bearer "));
            let own = request.headers.get("x-metrics-token").map(String::as_str);
            if bearer.or(own) != Some(token) {
                return denied();
            }
        }
        let instance = self.instance(current.instances, now);
        Answer::new(200, exposition::CONTENT_TYPE, self.exposition(service, instance, now))
    }

    /// The metrics of one instance of the service.
    fn exposition(&self, service: &super::service::Service, instance: u8, now: Timestamp) -> String {
        let after = self.after(now);
        let counts = traffic::counts(service, self.scenario.seed, instance, after);
        let started = self.start.saturating_add(service.started(instance, after)).unwrap_or(self.start);
        let started_s = started.as_millisecond() as f64 / 1000.0;
        exposition::text(&counts, &service.now(after).latency, started_s)
    }

    /// What the Prometheus server answers, which scrapes the service by itself.
    fn queried(&self, server: &Prometheus, request: &Request) -> Answer {
        let text = |at: Timestamp| {
            let service = self.scenario.service.as_ref()?;
            let answers = service.now(self.after(at)).answer == Manner::Ok;
            answers.then(|| self.exposition(service, 0, at))
        };
        let instance = self.scenario.service.as_ref().map(|service| service.host.as_str()).unwrap_or_default();
        let target = prometheus::Target { instance, text: &text };
        prometheus::answer(server, &target, self.start, (request, path(&request.target), &pairs(&request.target)))
    }

    /// Which of `instances` answers: chance decides for a moment, and within it they take turns.
    fn instance(&self, instances: u8, now: Timestamp) -> u8 {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        *turn = if turn.0 == now { (now, turn.1 + 1) } else { (now, 0) };
        let first = mix(self.scenario.seed, now.as_millisecond().cast_unsigned()) * f64::from(instances);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the number of instances")]
        let first = first as u32;
        u8::try_from((first + turn.1) % u32::from(instances.max(1))).unwrap_or_default()
    }

    fn message(&self, request: &Request, now: Timestamp) -> Answer {
        if !request.method.eq_ignore_ascii_case("POST") {
            return Answer::text(405, "method_not_allowed");
        }
        let text = serde_json::from_slice::<serde_json::Value>(&request.body)
            .ok()
            .and_then(|body| body.get("text").and_then(|text| text.as_str().map(str::to_owned)));
        let Some(text) = text else { return Answer::text(400, "invalid_payload") };
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        if messages.len() == MAX_MESSAGES {
            messages.remove(0);
        }
        messages.push(Message { at: now, text });
        Answer::text(200, "ok")
    }
}

/// `http://host:port/path` → `host:port` and `/path`.
fn split_url(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    }
}

/// The port may be left out where it is that of `http`.
fn same_host(a: &str, b: &str) -> bool {
    let bare = |name: &str| name.strip_suffix(":80").unwrap_or(name).to_ascii_lowercase();
    bare(a) == bare(b)
}

fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or(target)
}

/// The pairs of a query, decoded.
fn pairs(target: &str) -> Vec<(String, String)> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (unescape(name), unescape(value))).collect()
}

fn denied() -> Answer {
    Answer::json(401, &json!({ "error": "unauthorized" }))
}

/// What a reverse proxy says when it has nobody to ask, and says it with status 200.
fn proxy_page() -> Answer {
    let page = "<!DOCTYPE html>\n<html><head><title>Service is being updated</title></head>\n\
                <body><h1>We will be back soon</h1><p>Error 502</p></body></html>\n";
    Answer::new(200, "text/html; charset=utf-8", page)
}

/// `GET /api/v2/alerts` of an Alertmanager.
fn alerts(alerts: &[FiringAlert], start: Timestamp, now: Timestamp, request: &Request) -> Answer {
    if path(&request.target) != "/api/v2/alerts" {
        return Answer::text(404, "page not found\n");
    }
    let pairs = pairs(&request.target);
    let off = |name: &str| pairs.iter().any(|(own, value)| own == name && value == "false");
    let mut matchers = Vec::new();
    for (_, written) in pairs.iter().filter(|(name, _)| name == "filter") {
        match Matcher::read(written) {
            Some(matcher) => matchers.push(matcher),
            None => return Answer::json(400, &json!(format!("bad matcher format: {written}"))),
        }
    }
    let after = now.duration_since(start);
    let mut firing: Vec<serde_json::Value> = Vec::new();
    for alert in alerts {
        let fires = alert.after.0 <= after && alert.lasts.is_none_or(|lasts| after < alert.after.0 + lasts.0);
        let hidden = if alert.silenced { off("silenced") } else { off("active") };
        if !fires || hidden || !matchers.iter().all(|matcher| matcher.fits(&alert.labels)) {
            continue;
        }
        let began = start.saturating_add(alert.after.0).unwrap_or(now);
        firing.push(json!({
            "annotations": alert.annotations,
            "endsAt": now.saturating_add(SignedDuration::from_mins(4)).unwrap_or(now).to_string(),
            "fingerprint": fingerprint(&alert.labels),
            "receivers": [{ "name": "default" }],
            "startsAt": began.to_string(),
            "status": {
                "inhibitedBy": [],
                "silencedBy": if alert.silenced { vec!["a-silence"] } else { Vec::new() },
                "state": if alert.silenced { "suppressed" } else { "active" },
            },
            "updatedAt": now.to_string(),
            "generatorURL": "http://prometheus.sim/graph",
            "labels": alert.labels,
        }));
    }
    Answer::json(200, &serde_json::Value::from(firing))
}

fn fingerprint(labels: &BTreeMap<String, String>) -> String {
    let text: String = labels.iter().flat_map(|(name, value)| [name, "\u{ff}", value, "\u{ff}"]).collect();
    format!("{:016x}", hash(&text))
}

/// `name="value"`, also with `!=`, `=~`, `!~`.
struct Matcher {
    name: String,
    value: String,
    regex: Option<regex::Regex>,
    negated: bool,
}

impl Matcher {
    fn read(text: &str) -> Option<Self> {
        let place = text.find(['=', '!'])?;
        let (name, rest) = text.split_at(place);
        let (operator, value) = ["!=", "=~", "!~", "="].iter().find_map(|op| Some((*op, rest.strip_prefix(op)?)))?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        let value = value.replace("\\\"", "\"").replace("\\\\", "\\");
        let regex =
            if operator.ends_with('~') { Some(regex::Regex::new(&format!("^(?:{value})$")).ok()?) } else { None };
        Some(Self { name: name.trim().to_owned(), value, regex, negated: operator.starts_with('!') })
    }

    fn fits(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.name).map_or("", String::as_str);
        let fits = self.regex.as_ref().map_or(value == self.value, |regex| regex.is_match(value));
        fits != self.negated
    }
}

/// Percent-encoding undone.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let code = match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let code = digit(high).zip(digit(low)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                if code.is_some() {
                    rest = after;
                }
                code
            }
            _ => None,
        };
        bytes.push(match (code, first) {
            (Some(code), _) => code,
            (None, b'+') => b' ',
            (None, byte) => *byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;
