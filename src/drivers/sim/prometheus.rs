//! The Prometheus server of a simulation: it has scraped the watched service since before the run, and answers queries over
//! what it saw.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::fields::{Manner, Span};
use super::hosts::{Answer, Request};
use crate::metrics::exposition::{Limits, parse};
use crate::metrics::promql::{self, History, Needs, Vars};
use crate::metrics::scrape::{Format, Scrape};

/// How long before the run it began to scrape: longer than the ranges that a go-live asks for.
const SINCE: SignedDuration = SignedDuration::from_hours(6);

/// How long the last sample of a series speaks for it where a query does not say: Prometheus' own default.
const LOOKBACK_MS: i64 = 300_000;

/// A Prometheus server.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prometheus {
    /// Its symbolic host and port.
    pub host: String,
    /// How often it scrapes the service.
    pub scrape_interval: Span,
    /// How long an answer takes.
    pub takes: Span,
    /// How it answers.
    pub answer: Manner,
}

impl Default for Prometheus {
    fn default() -> Self {
        Self {
            host: "prometheus.sim:9090".to_owned(),
            scrape_interval: Span::millis(15_000),
            takes: Span::millis(15),
            answer: Manner::Ok,
        }
    }
}

/// What the service is to its Prometheus.
pub(super) struct Target<'a> {
    /// Host and port: the label `instance`.
    pub(super) instance: &'a str,
    /// What it answers at a time; none: not as it must.
    pub(super) text: &'a dyn Fn(Timestamp) -> Option<String>,
}

/// One question.
struct Question<'a> {
    server: &'a Prometheus,
    target: &'a Target<'a>,
    start: Timestamp,
    pairs: &'a [(String, String)],
}

/// What the server answers to a request whose query has these pairs.
pub(super) fn answer(
    server: &Prometheus,
    target: &Target<'_>,
    start: Timestamp,
    (request, path, pairs): (&Request, &str, &[(String, String)]),
) -> Answer {
    let question = Question { server, target, start, pairs };
    let answered = match path {
        "/api/v1/query" => question.query(),
        "/api/v1/label/__name__/values" => Ok(json!(question.names())),
        "/api/v1/metadata" => Ok(question.metadata()),
        other => {
            return Answer::text(
                404,
                format!("{} {other}: the simulated Prometheus has no such page\n", request.method),
            );
        }
    };
    match answered {
        Ok(data) => Answer::json(200, &json!({ "status": "success", "data": data })),
        Err((status, kind, error)) => {
            Answer::json(status, &json!({ "status": "error", "errorType": kind, "error": error }))
        }
    }
}

impl Question<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn time_ms(&self, name: &str) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "times of this century")]
        let ms = |seconds: f64| (seconds * 1000.0).round() as i64;
        self.get(name).and_then(|time| time.parse().ok()).map(ms)
    }

    fn query(&self) -> Result<Json, (u16, &'static str, String)> {
        let bad = |error: String| (400, "bad_data", error);
        let text = self.get("query").unwrap_or_default();
        let query = promql::parse(text, &Vars::of_interval(1)).map_err(|errors| {
            let first = errors.first().map(ToString::to_string).unwrap_or_default();
            bad(format!("invalid parameter \"query\": {first}"))
        })?;
        let begun_ms = self.start.as_millisecond();
        let at_ms = self.time_ms("time").unwrap_or(begun_ms);
        let lookback_ms = match self.get("lookback_delta") {
            None => LOOKBACK_MS,
            Some(written) => written
                .strip_suffix("ms")
                .and_then(|ms| ms.parse().ok())
                .ok_or_else(|| bad(format!("error parsing lookback delta duration: {written}")))?,
        };
        let history = self.history(&query.needs(lookback_ms), at_ms);
        let value = query.eval(&history, at_ms, lookback_ms).map_err(|error| (422, "execution", error.to_string()))?;
        Ok(serde_json::from_str(&value.to_json()).unwrap_or_default())
    }

    /// What it has scraped, as far as a query needs it.
    fn history(&self, needs: &Needs, at_ms: i64) -> History {
        let mut history = History::new(needs.clone());
        let first_ms = self.start.saturating_sub(SINCE).unwrap_or(self.start).as_millisecond();
        let every_ms = i64::try_from(self.server.scrape_interval.0.as_millis()).unwrap_or(i64::MAX).max(1);
        let from_ms = needs.reach_ms.map_or(first_ms, |reach| at_ms.saturating_sub(reach).max(first_ms));
        // One more at the beginning, so that the first one that is reached is no first one.
        let mut time_ms = from_ms.div_euclid(every_ms).saturating_mul(every_ms);
        while time_ms <= at_ms {
            match self.scrape(time_ms) {
                Some(scrape) => history.append(time_ms, &scrape),
                None => history.append_failure(time_ms),
            }
            time_ms = time_ms.saturating_add(every_ms);
        }
        history
    }

    fn scrape(&self, time_ms: i64) -> Option<Scrape> {
        let text = (self.target.text)(Timestamp::from_millisecond(time_ms).ok()?)?;
        let parsed = parse(text.as_bytes(), Format::Text, &Limits::default()).ok()?;
        let mut scrape = parsed.scrape();
        for series in scrape.families.values_mut().flat_map(|family| &mut family.series) {
            series.labels = series.labels.with("instance", self.target.instance).with("job", "service");
        }
        Some(scrape)
    }

    fn names(&self) -> BTreeSet<String> {
        let wanted: BTreeSet<&str> = self
            .pairs
            .iter()
            .filter(|(name, _)| name == "match[]")
            .filter_map(|(_, matcher)| matcher.strip_prefix("{__name__=\"")?.strip_suffix("\"}"))
            .collect();
        let times = ["start", "end"].into_iter().filter_map(|name| self.time_ms(name));
        let scrapes = times.filter_map(|time_ms| self.scrape(time_ms));
        let names =
            scrapes.flat_map(|scrape| scrape.series().map(|series| series.name.to_string()).collect::<Vec<_>>());
        names.filter(|name| wanted.contains(name.as_str())).collect()
    }

    fn metadata(&self) -> Json {
        let metric = self.get("metric").unwrap_or_default();
        let now = self.scrape(self.start.as_millisecond());
        let family = now.as_ref().and_then(|scrape| scrape.families.get(metric));
        match family {
            Some(family) => {
                json!({ metric: [{ "type": family.kind.word(Format::Text), "help": family.help, "unit": "" }] })
            }
            None => json!({}),
        }
    }
}
