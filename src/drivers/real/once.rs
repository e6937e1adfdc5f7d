//! One text asked for over HTTP, outside any run: for the commands that look at metrics.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::ACCEPT;

use super::fetch::{Ask, Fetcher};
use super::http::Reach;
use super::proxy::Proxy;
use crate::drivers::reply::failure;
use crate::engine::input::{Failure, FailureKind};
use crate::metrics::response;
use crate::text;
use crate::text::Text;

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Status code.
    pub status: u16,
    /// Header `Content-Type`.
    pub content_type: Option<String>,
    /// Header `Retry-After`.
    pub retry_after: Option<String>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Who is asked, and how much is waited for.
pub struct Request<'a> {
    /// Where the text is.
    pub url: &'a str,
    /// Token of `Authorization: Bearer`.
    pub bearer: Option<&'a str>,
    /// By way of whom.
    pub proxy: Option<Arc<Proxy>>,
    /// Most bytes of the body, unpacked.
    pub max_bytes: usize,
    /// Most time for all of it.
    pub limit: Duration,
}

/// Asks for exposition text, and waits for all of it. A failure's message never holds the URL.
pub fn exposition(request: Request<'_>) -> Result<Fetched, Failure> {
    let Request { url, bearer, proxy, max_bytes, limit } = request;
    let mut ask = Ask::get(url, max_bytes as u64)?;
    ask.header(ACCEPT.as_str(), response::ACCEPT)?;
    if let Some(token) = bearer {
        ask.bearer(token)?;
    }
    let fetcher = Fetcher::new(Reach::Anywhere { proxy });
    let place = fetcher.place(&ask.url);
    let said = |kind, reason: Text| failure(kind, text!("{}: {}", "{}：{}", place, reason));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| said(FailureKind::NotStarted, Text::verbatim(error.to_string())))?;
    let mut body = Vec::new();
    let mut pass_on = |piece: &[u8]| body.extend_from_slice(piece);
    let work = fetcher.fetch(ask, &mut pass_on);
    let answered = runtime
        .block_on(async { tokio::time::timeout(limit, work).await })
        .map_err(|_| said(FailureKind::TimedOut, text!("no answer within {} s", "{} 秒内没有响应", limit.as_secs())))?
        .map_err(|none| none.failure)?;
    let too_large = || text!("the answer is larger than {max_bytes} bytes", "响应超过 {max_bytes} 字节");
    answered.end.whole(too_large).map_err(|(kind, reason)| said(kind, reason))?;
    Ok(Fetched {
        status: answered.status.as_u16(),
        content_type: answered.content_type,
        retry_after: answered.retry_after,
        body,
    })
}
