//! The watched service as a scenario describes it: what it is at each moment of the simulation.

use jiff::SignedDuration;
use serde::Deserialize;

use super::fields::{Latency, Manner, Rate, Share, Span};

/// The embedded service: its counters as Prometheus text.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Service {
    /// Its symbolic host and port.
    pub host: String,
    /// Where the metrics are; every other path is 404.
    pub path: String,
    /// The token that a scrape must bring; without it none is needed.
    pub token: Option<String>,
    /// How old its process is when the run begins; `"0s"`: it has served nothing yet.
    pub up_for: Span,
    /// Processes behind the one address: each has counters of its own, and requests go to them in turn.
    pub instances: u8,
    /// By so much a minute's traffic differs from the mean, up and down, as the seed decides.
    pub jitter: Share,
    /// Counters move in steps of so much time.
    pub grain: Span,
    /// How long an answer takes.
    pub takes: Span,
    /// How it answers.
    pub answer: Manner,
    /// Requests from its users.
    pub requests_per_min: Rate,
    /// The share of requests answered with a 5xx.
    pub errors: Share,
    /// The share of requests answered with a 4xx.
    pub client_errors: Share,
    /// How long its users' requests take.
    pub latency: Latency,
    /// The share of requests that fell back (effective ones).
    pub fallbacks: Share,
    /// Plugin reloads.
    pub reloads_per_hour: Rate,
    /// The share of them that failed.
    pub reload_failures: Share,
    /// Snapshots created.
    pub snapshots_per_hour: Rate,
    /// Snapshots restored.
    pub restores_per_hour: Rate,
    /// The share of both that failed.
    pub snapshot_failures: Share,
    /// Cleanups of snapshots.
    pub cleanups_per_hour: Rate,
    /// What becomes different, and when.
    pub at: Vec<Change>,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            host: "metasheet.sim:4000".to_owned(),
            path: "/metrics/prom".to_owned(),
            token: None,
            up_for: Span(SignedDuration::from_hours(72)),
            instances: 1,
            jitter: Share(0.2),
            grain: Span::millis(1000),
            takes: Span::millis(20),
            answer: Manner::Ok,
            requests_per_min: Rate(1200.0),
            errors: Share(0.002),
            client_errors: Share(0.01),
            latency: Latency::Smooth { p50: Span::millis(80), p99: Span::millis(800) },
            fallbacks: Share(0.015),
            reloads_per_hour: Rate(6.0),
            reload_failures: Share(0.0),
            snapshots_per_hour: Rate(30.0),
            restores_per_hour: Rate(6.0),
            snapshot_failures: Share(0.0),
            cleanups_per_hour: Rate(4.0),
            at: Vec::new(),
        }
    }
}

/// A change of the service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// When, after the start of the run.
    pub after: Span,
    /// For how long; without it for good.
    #[serde(default, rename = "for")]
    pub lasts: Option<Span>,
    /// The process is a new one: its counters begin at 0. With `for` it starts when that time is over.
    #[serde(default)]
    pub restart: bool,
    /// See [`Service::token`].
    pub token: Option<String>,
    /// See [`Service::instances`].
    pub instances: Option<u8>,
    /// See [`Service::takes`].
    pub takes: Option<Span>,
    /// See [`Service::answer`].
    pub answer: Option<Manner>,
    /// See [`Service::requests_per_min`].
    pub requests_per_min: Option<Rate>,
    /// See [`Service::errors`].
    pub errors: Option<Share>,
    /// See [`Service::client_errors`].
    pub client_errors: Option<Share>,
    /// See [`Service::latency`].
    pub latency: Option<Latency>,
    /// See [`Service::fallbacks`].
    pub fallbacks: Option<Share>,
    /// See [`Service::reloads_per_hour`].
    pub reloads_per_hour: Option<Rate>,
    /// See [`Service::reload_failures`].
    pub reload_failures: Option<Share>,
    /// See [`Service::snapshots_per_hour`].
    pub snapshots_per_hour: Option<Rate>,
    /// See [`Service::restores_per_hour`].
    pub restores_per_hour: Option<Rate>,
    /// See [`Service::snapshot_failures`].
    pub snapshot_failures: Option<Share>,
    /// See [`Service::cleanups_per_hour`].
    pub cleanups_per_hour: Option<Rate>,
}

impl Change {
    /// Does it hold `after` the start of the run?
    fn holds(&self, after: SignedDuration) -> bool {
        self.after.0 <= after && self.end().is_none_or(|end| after < end)
    }

    /// When it ends.
    fn end(&self) -> Option<SignedDuration> {
        self.lasts.map(|lasts| self.after.0.saturating_add(lasts.0))
    }

    fn apply(&self, service: &mut Service) {
        fn set<T: Clone>(place: &mut T, new: Option<&T>) {
            if let Some(new) = new {
                place.clone_from(new);
            }
        }
        if self.token.is_some() {
            service.token.clone_from(&self.token);
        }
        set(&mut service.instances, self.instances.as_ref());
        set(&mut service.takes, self.takes.as_ref());
        set(&mut service.answer, self.answer.as_ref());
        set(&mut service.requests_per_min, self.requests_per_min.as_ref());
        set(&mut service.errors, self.errors.as_ref());
        set(&mut service.client_errors, self.client_errors.as_ref());
        set(&mut service.latency, self.latency.as_ref());
        set(&mut service.fallbacks, self.fallbacks.as_ref());
        set(&mut service.reloads_per_hour, self.reloads_per_hour.as_ref());
        set(&mut service.reload_failures, self.reload_failures.as_ref());
        set(&mut service.snapshots_per_hour, self.snapshots_per_hour.as_ref());
        set(&mut service.restores_per_hour, self.restores_per_hour.as_ref());
        set(&mut service.snapshot_failures, self.snapshot_failures.as_ref());
        set(&mut service.cleanups_per_hour, self.cleanups_per_hour.as_ref());
    }
}

impl Service {
    /// The service as it is `after` the start of the run: the changes that hold then, in the order of the file.
    #[must_use]
    pub fn now(&self, after: SignedDuration) -> Self {
        let mut now = Self { at: Vec::new(), ..self.clone() };
        for change in self.at.iter().filter(|change| change.holds(after)) {
            change.apply(&mut now);
        }
        now
    }

    /// When the process that is there `after` the start of the run was started, relative to the start of the run.
    /// Instances behind one address were started a while apart.
    pub fn started(&self, instance: u8, after: SignedDuration) -> SignedDuration {
        /// A deployment starts its processes one after the other.
        const APART: SignedDuration = SignedDuration::from_mins(7);
        let first = SignedDuration::ZERO.saturating_sub(self.up_for.0).saturating_sub(APART * i32::from(instance));
        let restarts = self.at.iter().filter(|change| change.restart);
        restarts
            .map(|change| change.end().unwrap_or(change.after.0))
            .filter(|start| *start <= after)
            .fold(first, Ord::max)
    }

    /// The moments in `from..to` at which the service becomes another, in order.
    pub fn turns(&self, from: SignedDuration, to: SignedDuration) -> Vec<SignedDuration> {
        let starts = self.at.iter().map(|change| change.after.0);
        let ends = self.at.iter().filter_map(Change::end);
        let mut turns: Vec<_> =
            starts.chain(ends).chain([SignedDuration::ZERO]).filter(|turn| from < *turn && *turn < to).collect();
        turns.sort_unstable();
        turns.dedup();
        turns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(text: &str) -> Service {
        toml::from_str(text).unwrap()
    }

    fn min(minutes: i64) -> SignedDuration {
        SignedDuration::from_mins(minutes)
    }

    #[test]
    fn changes_hold_for_their_time_and_later_ones_win() {
        let service = service(
            "errors = \"1%\"\n[[at]]\nafter = \"10m\"\nerrors = \"5%\"\n\
             [[at]]\nafter = \"20m\"\nfor = \"5m\"\nerrors = \"9%\"\nanswer = \"refused\"\n",
        );
        let errors = |minutes| service.now(min(minutes)).errors;
        assert_eq!([errors(9), errors(10), errors(20), errors(25)], [0.01, 0.05, 0.09, 0.05].map(Share));
        assert_eq!(service.now(min(24)).answer, Manner::Refused);
        assert_eq!(service.turns(min(-5), min(25)), [min(0), min(10), min(20)]);
    }

    #[test]
    fn a_restart_gives_a_new_process() {
        let service = service(
            "up_for = \"1h\"\n[[at]]\nafter = \"10m\"\nrestart = true\n\
             [[at]]\nafter = \"20m\"\nfor = \"2m\"\nanswer = \"refused\"\nrestart = true\n",
        );
        let started = |minutes| service.started(0, min(minutes));
        assert_eq!([started(0), started(10), started(21), started(22)], [min(-60), min(10), min(10), min(22)]);
        assert_eq!(service.started(1, min(0)), min(-67));
    }
}
