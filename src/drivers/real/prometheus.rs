//! A Prometheus server, asked by its HTTP API: instant queries at the time of a sample, and which metrics it has.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::fetch::Ask;
use super::http::Shared;
use crate::drivers::reply::failure;
use crate::engine::action::{self, ActionId, Queries};
use crate::engine::input::{Failure, FailureKind, ScrapeData};
use crate::journal::kept;
use crate::metrics::scrape::{FamilyKind, Format, candidates};
use crate::metrics::server::{Answers, Unusable, data};
use crate::text;
use crate::text::Text;

/// Asks all that is wanted, one question after the other, so that a server is asked no harder than by a page of Grafana.
pub(super) async fn ask(
    shared: Arc<Shared>,
    scrape: &action::Scrape,
    queries: &Queries,
    id: &ActionId,
) -> Result<ScrapeData, Failure> {
    let url = scrape.urls.first().map(String::as_str).unwrap_or_default();
    let mut server = Server { shared: &shared, scrape, url, left: u64::try_from(scrape.max_bytes).unwrap_or_default() };
    let known = server.known(queries).await?;
    let mut answers = Vec::new();
    for text in &queries.texts {
        let pairs = [
            ("query", text.clone()),
            ("time", seconds(queries.at)),
            ("lookback_delta", format!("{}ms", queries.lookback.as_millis())),
        ];
        answers.push((text.clone(), server.get("api/v1/query", &pairs).await?));
    }
    let document = Answers::document(queries.at.as_millisecond(), &known, &answers);
    let answers = Answers::read(&document).map_err(|unusable| server.unusable(&unusable))?;
    let mut all = ScrapeData::default();
    kept::add_answers(&mut all, answers);
    if scrape.keep {
        let artifact = kept::keep(&*shared.setting.artifacts, &format!("{id}.1"), document.to_string().as_bytes());
        let artifact = artifact.map_err(|error| {
            server.said(FailureKind::Failed, &text!("the answer could not be kept: {error}", "无法保存响应：{error}"))
        })?;
        all.kept.push(artifact);
    }
    Ok(all)
}

struct Server<'a> {
    shared: &'a Shared,
    scrape: &'a action::Scrape,
    url: &'a str,
    /// Bytes that the answers together may still have.
    left: u64,
}

impl Server<'_> {
    /// Which of the metrics it has had since the observation began, or is declared by a target of it.
    async fn known(&mut self, queries: &Queries) -> Result<BTreeSet<String>, Failure> {
        let wanted = &self.scrape.families;
        if wanted.is_empty() {
            // Nothing is wanted but to know whether it is there.
            let answer = self.get("api/v1/query", &[("query", "1".to_owned())]).await?;
            return data(&answer).map(|_| BTreeSet::new()).map_err(|unusable| self.unusable(&unusable));
        }
        let mut pairs = vec![("start", seconds(queries.since)), ("end", seconds(queries.at))];
        pairs.extend(wanted.iter().map(|name| ("match[]", format!("{{__name__={}}}", Json::from(name.as_str())))));
        let answer = self.get("api/v1/label/__name__/values", &pairs).await?;
        let mut known: BTreeSet<String> = self
            .listed(&answer)?
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect();
        for name in wanted.clone() {
            if !known.contains(&name) && self.declared(&name).await? {
                known.insert(name);
            }
        }
        Ok(known)
    }

    /// A labelled counter has no series before its first increment, and is declared all the same: by its own name, or by
    /// that of its family.
    async fn declared(&mut self, name: &str) -> Result<bool, Failure> {
        for (family, suffix) in candidates(name) {
            let pairs = [("metric", family.to_owned()), ("limit", "1".to_owned())];
            let answer = self.get("api/v1/metadata", &pairs).await?;
            let kinds = self.listed(&answer)?.get(family).and_then(Json::as_array);
            let declares = |kind: &Json| {
                let word = kind.get("type").and_then(Json::as_str).unwrap_or_default();
                suffix.is_empty() || FamilyKind::of_word(word).suffixes(Format::OpenMetrics).contains(&suffix)
            };
            if kinds.is_some_and(|kinds| kinds.iter().any(declares)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn listed<'j>(&self, answer: &'j Json) -> Result<&'j Json, Failure> {
        match data(answer) {
            Ok(Ok(data)) => Ok(data),
            Ok(Err(words)) => Err(self.unusable(&Unusable::Failed(words))),
            Err(unusable) => Err(self.unusable(&unusable)),
        }
    }

    async fn get(&mut self, path: &str, pairs: &[(&str, String)]) -> Result<Json, Failure> {
        let mut ask = Ask::get(self.url, self.left)?;
        let path = format!("{}/{path}", ask.url.path().trim_end_matches('/'));
        ask.url.set_path(&path);
        ask.url.query_pairs_mut().extend_pairs(pairs);
        self.shared.admit(&self.scrape.access, &mut ask)?;
        let mut body = Vec::new();
        let answered = self
            .shared
            .fetcher
            .fetch(ask, &mut |piece| body.extend_from_slice(piece))
            .await
            .map_err(|none| none.failure)?;
        let most = self.scrape.max_bytes;
        let too_large = || text!("the answers together are larger than {most} bytes", "响应合计超过 {most} 字节");
        answered.end.whole(too_large).map_err(|(kind, reason)| self.said(kind, &reason))?;
        self.left = self.left.saturating_sub(body.len() as u64);
        if matches!(answered.status.as_u16(), 401 | 403) {
            return Err(self.said(FailureKind::Denied, &text!("status {}", "状态码 {}", answered.status)));
        }
        // A query that is at fault has an answer with a status of its own.
        serde_json::from_slice(&body).map_err(|_| {
            if answered.status.is_success() {
                let message = text!("not an answer of Prometheus: it is no JSON", "不是 Prometheus 的响应：不是 JSON");
                self.said(FailureKind::BadAnswer, &message)
            } else {
                self.said(FailureKind::Failed, &text!("status {}", "状态码 {}", answered.status))
            }
        })
    }

    fn unusable(&self, unusable: &Unusable) -> Failure {
        match unusable {
            Unusable::Foreign(_) => self.said(FailureKind::BadAnswer, &unusable.text()),
            Unusable::Failed(_) => self.said(FailureKind::Failed, &unusable.text()),
        }
    }

    fn said(&self, kind: FailureKind, reason: &Text) -> Failure {
        let redactor = self.shared.setting.secrets.redactor();
        failure(kind, text!("{}: {}", "{}：{}", self.place(), reason).map(|said| redactor.text(&said)))
    }

    fn place(&self) -> Text {
        let url = reqwest::Url::parse(self.url);
        url.map_or_else(|_| text!("the server", "服务器"), |url| Text::verbatim(self.shared.fetcher.place(&url)))
    }
}

/// Unix seconds with milliseconds, as the API reads them.
fn seconds(at: Timestamp) -> String {
    let ms = at.as_millisecond();
    format!("{}.{:03}", ms.div_euclid(1000), ms.rem_euclid(1000))
}
