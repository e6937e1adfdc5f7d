//! The firing alerts of an Alertmanager, by version 2 of its API.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::fetch::Ask;
use super::http::{Done, Shared};
use crate::drivers::redact::Redactor;
use crate::drivers::reply::failure;
use crate::engine::action;
use crate::engine::input::{Alert, Data, Failure, FailureKind};
use crate::text;
use crate::text::Text;

/// Most bytes of the list: ten thousand alerts, beyond what anybody can act on.
const MAX_LIST_BYTES: u64 = 16 * 1024 * 1024;

/// Performs it.
pub(super) async fn perform(shared: Arc<Shared>, alerts: action::Alerts) -> Done {
    Done::of(firing(&shared, &alerts).await)
}

async fn firing(shared: &Shared, alerts: &action::Alerts) -> Result<Data, Failure> {
    let mut ask = Ask::get(&alerts.url, MAX_LIST_BYTES)?;
    let path = format!("{}/api/v2/alerts", ask.url.path().trim_end_matches('/'));
    ask.url.set_path(&path);
    {
        let mut query = ask.url.query_pairs_mut();
        query.append_pair("active", "true").append_pair("silenced", "false").append_pair("inhibited", "false");
        for (name, value) in &alerts.matchers {
            query.append_pair("filter", &format!("{name}=\"{}\"", escaped(value)));
        }
    }
    shared.admit(&alerts.access, &mut ask)?;
    let place = shared.fetcher.place(&ask.url);
    let said = |kind, reason: Text| failure(kind, text!("{}: {}", "{}：{}", place, reason));
    let mut body = Vec::new();
    let answered =
        shared.fetcher.fetch(ask, &mut |piece| body.extend_from_slice(piece)).await.map_err(|none| none.failure)?;
    let status = answered.status;
    if !status.is_success() {
        let kind = if matches!(status.as_u16(), 401 | 403) { FailureKind::Denied } else { FailureKind::Failed };
        return Err(said(kind, text!("status {status}", "状态码 {status}")));
    }
    let too_large = || text!("the list is larger than {MAX_LIST_BYTES} bytes", "列表超过 {MAX_LIST_BYTES} 字节");
    answered.end.whole(too_large).map_err(|(kind, reason)| said(kind, reason))?;
    let list: Vec<Listed> = serde_json::from_slice(&body).map_err(|error| {
        said(FailureKind::BadAnswer, text!("not a list of alerts: {error}", "不是告警列表：{error}"))
    })?;
    let redactor = shared.setting.secrets.redactor();
    let mut firing: Vec<Alert> = list
        .into_iter()
        .filter(|listed| listed.status.state != "suppressed")
        .map(|listed| listed.masked(&redactor))
        .collect();
    firing.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
    Ok(Data::Alerts(firing))
}

/// As it stands between the quotes of a matcher.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// What of an alert of the API is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    fingerprint: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    starts_at: Timestamp,
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    state: String,
}

impl Listed {
    fn masked(self, redactor: &Redactor) -> Alert {
        let masked = |texts: BTreeMap<String, String>| {
            texts.into_iter().map(|(name, text)| (name, redactor.text(&text))).collect()
        };
        Alert {
            fingerprint: self.fingerprint,
            labels: masked(self.labels),
            annotations: masked(self.annotations),
            starts_at: self.starts_at,
        }
    }
}
