//! A request of a runbook, and whether its answer is what was expected.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::capture::{Capture, Captured};
use super::fetch::{Answered, Ask, End};
use super::http::{Done, Shared};
use crate::check::program::BodyFormat;
use crate::drivers::reply::failure;
use crate::engine::action::{self, ActionId};
use crate::engine::input::{Data, Failure, FailureKind};
use crate::metrics::exposition::Limits;
use crate::metrics::response::{self, Response};
use crate::text;
use crate::text::Text;

/// Most bytes of an answer's body: a download belongs into a command.
const MAX_BODY_BYTES: u64 = 64 * 1024 * 1024;

/// Performs it. `writes`: it matters whether it happened.
pub(super) async fn perform(shared: Arc<Shared>, request: action::Http, id: ActionId, writes: bool) -> Done {
    let ask = match ask(&shared, &request) {
        Ok(ask) => ask,
        Err(failure) => return Done::failed(failure),
    };
    let place = shared.fetcher.place(&ask.url);
    let whole = request.parse.is_some() || request.expect_format.is_some();
    let secrets = shared.setting.secrets.redactor();
    let artifacts = Arc::clone(&shared.setting.artifacts);
    let mut body = Capture::new(secrets.stream(), artifacts, format!("{id}.body"), whole, None);
    let answered = shared.fetcher.fetch(ask, &mut |piece| body.take(piece, None)).await;
    let body = body.finish(None);
    let answered = match answered {
        Ok(answered) => answered,
        Err(none) if writes && none.sent => {
            let message = text!(
                "{} after the request was sent: it may have happened",
                "请求发出后出错，可能已经执行：{}",
                none.failure.message
            );
            return Done::failed(failure(FailureKind::InDoubt, message));
        }
        Err(none) => return Done::failed(none.failure),
    };
    let mut value = None;
    let mut failed = unexpected(&request, &place, &answered, &body);
    if let (None, Some(parse)) = (&failed, request.parse) {
        match super::parse::parse(parse, &body.kept, body.output.bytes) {
            Ok(parsed) => value = Some(parsed),
            Err(reason) => failed = Some(reason),
        }
    }
    let status = Some(answered.status.as_u16());
    Done { failure: failed, data: Data::Http { status, body: body.output, value } }
}

fn ask(shared: &Shared, request: &action::Http) -> Result<Ask, Failure> {
    let url = shared.resolve(&request.url)?;
    let mut ask = Ask::new(&request.method, &url, MAX_BODY_BYTES)?;
    if let Some(bearer) = &request.bearer {
        ask.bearer(&shared.resolve(bearer)?)?;
    }
    if request.expect_format == Some(BodyFormat::Prometheus) {
        ask.header("accept", response::ACCEPT)?;
    }
    for (name, value) in &request.headers {
        ask.header(name, &shared.resolve(value)?)?;
    }
    if let Some(content_type) = &request.content_type {
        ask.header("content-type", content_type)?;
    }
    ask.body = match &request.body {
        Some(body) => Some(shared.resolve(body)?.as_bytes().to_vec()),
        None => None,
    };
    Ok(ask)
}

/// Why it is not what was expected.
fn unexpected(request: &action::Http, place: &str, answered: &Answered, body: &Captured) -> Option<Failure> {
    let status = answered.status.as_u16();
    if let Some(expected) = &request.expect_status
        && !expected.contains(&status)
    {
        let kind = if matches!(status, 401 | 403) { FailureKind::Denied } else { FailureKind::Failed };
        let wait = response::wait(answered.retry_after.as_deref());
        let status = answered.status;
        let message = text!("{}: status {}{}{}", "{}：状态码 {}{}{}", place, status, wait, first_words(body));
        return Some(failure(kind, message));
    }
    match &answered.end {
        End::Whole => {}
        End::Cut(reason) => {
            let message = text!(
                "{}: the answer (status {}) was cut off: {}",
                "{}：响应（状态码 {}）中断：{}",
                place,
                status,
                reason
            );
            return Some(failure(FailureKind::BadAnswer, message));
        }
        End::TooLarge => {
            let message = text!(
                "{place}: the answer is larger than {MAX_BODY_BYTES} bytes",
                "{place}：响应超过 {MAX_BODY_BYTES} 字节"
            );
            return Some(failure(FailureKind::TooLarge, message));
        }
    }
    if let Some(problem) = &body.problem {
        return Some(failure(
            FailureKind::Failed,
            text!("{place}: the answer could not be kept: {problem}", "{place}：无法保存响应：{problem}"),
        ));
    }
    let bad = |reason: Text| Some(failure(FailureKind::BadAnswer, text!("{}: {}", "{}：{}", place, reason)));
    match request.expect_format? {
        BodyFormat::Json => match serde_json::from_slice::<serde::de::IgnoredAny>(&body.kept) {
            Ok(_) => None,
            Err(error) => {
                bad(text!("the answer is not JSON ({}){}", "响应不是 JSON（{}）{}", error, first_words(body)))
            }
        },
        BodyFormat::Prometheus => {
            let answer = Response {
                status,
                content_type: answered.content_type.as_deref(),
                retry_after: answered.retry_after.as_deref(),
                length: None,
                complete: true,
                body: &body.kept,
            };
            match response::read(&answer, &BTreeSet::new(), &Limits::default()) {
                Ok(_) => None,
                Err(error) => bad(error.text()),
            }
        }
    }
}

/// The beginning of a body that explains itself.
fn first_words(body: &Captured) -> Text {
    /// A line of a terminal.
    const MAX_CHARS: usize = 120;
    let line = body.output.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let words: String = line.chars().filter(|letter| !letter.is_control()).take(MAX_CHARS).collect();
    if words.is_empty() { Text::default() } else { text!(": {words}", "：{words}") }
}
