//! A message to a channel: an incoming webhook as Slack, Mattermost and others have it.

use std::sync::Arc;

use super::fetch::Ask;
use super::http::{Done, Shared};
use crate::drivers::reply::failure;
use crate::engine::action;
use crate::engine::input::{Data, Failure, FailureKind};
use crate::text;
use crate::text::Text;

/// Most bytes of the answer: a word, or a sentence that says what is wrong.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// Longest part of the answer that is repeated.
const MAX_QUOTED_CHARS: usize = 120;

/// Performs it. Not even the host of the webhook is named in a failure: who knows the URL can write to the channel.
pub(super) async fn perform(shared: Arc<Shared>, notify: action::Notify) -> Done {
    Done::of(send(&shared, &notify).await)
}

async fn send(shared: &Shared, notify: &action::Notify) -> Result<Data, Failure> {
    let channel = &notify.channel;
    let said = |kind, reason: &Text| failure(kind, text!("channel {}: {}", "通道 {}：{}", channel, reason));
    let Some(webhook) = &notify.webhook else {
        return Err(said(FailureKind::Absent, &text!("not configured", "未配置")));
    };
    let mut ask = Ask::new("POST", &shared.resolve(webhook)?, MAX_ANSWER_BYTES)
        .map_err(|failure| said(failure.kind, &failure.message))?;
    let host = super::fetch::place_of(&ask.url);
    ask.header("content-type", "application/json; charset=utf-8")?;
    ask.body = Some(serde_json::json!({ "text": notify.text }).to_string().into_bytes());
    // What is left of the place is the proxy.
    let hidden = |said: String| said.replacen(&host, "", 1).trim_start_matches([':', '：', ' ']).to_owned();
    let mut body = Vec::new();
    let answered = shared
        .fetcher
        .fetch(ask, &mut |piece| body.extend_from_slice(piece))
        .await
        .map_err(|none| said(none.failure.kind, &none.failure.message.map(hidden)))?;
    let status = answered.status;
    if status.is_success() {
        return Ok(Data::None);
    }
    let words = shared.setting.secrets.redactor().text(&String::from_utf8_lossy(&body));
    let words: String = words.chars().filter(|letter| !letter.is_control()).take(MAX_QUOTED_CHARS).collect();
    let kind = if matches!(status.as_u16(), 401 | 403) { FailureKind::Denied } else { FailureKind::Failed };
    let mut reason = text!("status {status}", "状态码 {status}");
    if !words.trim().is_empty() {
        reason = text!("{}: {}", "{}：{}", reason, words);
    }
    Err(said(kind, &reason))
}
