//! Requests of a simulation: the real HTTP driver, over real sockets of loopback, in virtual time.
//!
//! Each request is performed at once, at the moment at which it begins, and its outcome is foretold for the virtual time
//! that the scenario gives it. So a run is the same each time, however fast the machine is. What would only be waited for
//! (a host that hangs, an answer of one byte a second) is not: its outcome is foretold for the end of its time limit.

use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::Url;

use super::faults::strikes;
use super::fields::{Manner, Share};
use super::hosts::{Conduct, Hosts};
use super::scenario::Scenario;
use super::server::Server;
use crate::drivers::real::http::{DEFAULT_TIMEOUT, is_write, no_answer};
use crate::drivers::reply::{News, Reply, channel_of_news, failure};
use crate::drivers::secrets::Secrets;
use crate::drivers::{Clock, Http};
use crate::engine::action::{self, ActionId, Start};
use crate::engine::input::{Data, FailureKind, Outcome};
use crate::engine::world::Happening;
use crate::text;

/// Below the base URL of an Alertmanager: what the driver asks.
const ALERTS: &str = "/api/v2/alerts";

/// Below the base URL of a Prometheus server: what the driver asks.
const QUERY: &str = "/api/v1/query";

/// The HTTP driver of a simulation.
pub struct SimHttp {
    /// The real one, whose way leads to [`SimHttp::server`].
    pub real: Box<dyn Http>,
    /// The sockets.
    pub server: Server,
    /// Who answers, and how.
    pub hosts: Arc<Hosts>,
    /// For its faults and seed.
    pub scenario: Arc<Scenario>,
    /// Texts of URLs that are secrets.
    pub secrets: Secrets,
    /// The virtual clock.
    pub clock: Arc<dyn Clock>,
}

/// What a request is, as far as its time and its failures depend on it.
struct Shape<'a> {
    method: &'a str,
    urls: Vec<String>,
    fault: &'static str,
    chance: Share,
}

impl SimHttp {
    /// How all hosts of a request take it: the longest time of theirs, and whether one of them would never answer.
    fn conduct(&self, shape: &Shape<'_>) -> Conduct {
        let now = self.clock.now();
        let mut whole = Conduct { manner: Manner::Ok, takes: super::fields::Span::default() };
        for url in &shape.urls {
            // What is no URL, or nobody's, is the real driver's to refuse.
            let Ok(url) = Url::parse(url) else { continue };
            let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { continue };
            let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
            let Some(own) = self.hosts.conduct(shape.method, &format!("{host}:{port}"), &target, now) else { continue };
            whole.takes = whole.takes.max(own.takes);
            if matches!(own.manner, Manner::Hang | Manner::Slow) {
                whole.manner = own.manner;
            }
        }
        whole
    }

    /// Performs a request now, and foretells its outcome.
    fn perform(&mut self, start: &Start, shape: &Shape<'_>, reply: Reply, go: impl FnOnce(&mut dyn Http, Reply)) {
        let began = self.clock.now();
        let limit = start.timeout.unwrap_or(SignedDuration::try_from(DEFAULT_TIMEOUT).unwrap_or_default());
        let conduct = self.conduct(shape);
        let (takes, failure, data) = if strikes(self.scenario.seed, shape.fault, &start.id.0, shape.chance) {
            let message = text!("connection refused: a fault of the simulation", "连接被拒绝（模拟的故障）");
            (SignedDuration::ZERO, Some(failure(FailureKind::Unreachable, message)), Data::None)
        } else if matches!(conduct.manner, Manner::Hang | Manner::Slow) || conduct.takes.0 > limit {
            (limit, Some(no_answer(is_write(start.class), limit)), Data::None)
        } else {
            let (sending, inbox) = channel_of_news();
            go(&mut *self.real, sending.reply(&start.id));
            drop(sending);
            let mut ended = None;
            for message in &inbox {
                match message.news {
                    News::Output { text, .. } => reply.output(text),
                    News::Happened(Happening::Outcome { outcome, .. }) => {
                        ended = Some((outcome.failure, outcome.data));
                        break;
                    }
                    News::Happened(_) => {}
                }
            }
            let without_an_end = || {
                (Some(failure(FailureKind::Failed, text!("the request gave no outcome", "请求没有结果"))), Data::None)
            };
            let (failure, data) = ended.unwrap_or_else(without_an_end);
            (conduct.takes.0, failure, data)
        };
        let at = began.saturating_add(takes).unwrap_or(began);
        reply.done_at(at, Outcome { started_at: began, took: takes, failure, data });
    }

    fn text(&self, input: &action::Input) -> Vec<String> {
        self.secrets.resolve(input).map(|text| text.to_string()).into_iter().collect()
    }
}

impl Http for SimHttp {
    fn request(&mut self, start: &Start, request: &action::Http, reply: Reply) {
        let urls = self.text(&request.url);
        let shape = Shape { method: &request.method, urls, fault: "requests", chance: self.scenario.faults.requests };
        self.perform(start, &shape, reply, |real, reply| real.request(start, request, reply));
    }

    fn scrape(&mut self, start: &Start, scrape: &action::Scrape, reply: Reply) {
        let page = |url: &String| match &scrape.queries {
            Some(_) => format!("{}{QUERY}", url.trim_end_matches('/')),
            None => url.clone(),
        };
        let urls = scrape.urls.iter().map(page).collect();
        let shape = Shape { method: "GET", urls, fault: "requests", chance: self.scenario.faults.requests };
        self.perform(start, &shape, reply, |real, reply| real.scrape(start, scrape, reply));
    }

    fn alerts(&mut self, start: &Start, alerts: &action::Alerts, reply: Reply) {
        let urls = vec![format!("{}{ALERTS}", alerts.url.trim_end_matches('/'))];
        let shape = Shape { method: "GET", urls, fault: "requests", chance: self.scenario.faults.requests };
        self.perform(start, &shape, reply, |real, reply| real.alerts(start, alerts, reply));
    }

    fn notify(&mut self, start: &Start, notify: &action::Notify, reply: Reply) {
        let urls = notify.webhook.iter().flat_map(|webhook| self.text(webhook)).collect();
        let shape = Shape { method: "POST", urls, fault: "messages", chance: self.scenario.faults.messages };
        self.perform(start, &shape, reply, |real, reply| real.notify(start, notify, reply));
    }

    /// All requests are over when they have begun; an outcome that was foretold is the world's to take back.
    fn cancel(&mut self, _: &ActionId) {}
}

#[cfg(test)]
mod tests;
