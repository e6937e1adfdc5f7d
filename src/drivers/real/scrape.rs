//! One scrape of a source: all its instances at once, since their counters are summed and should be of one moment.

use std::sync::Arc;

use reqwest::header::ACCEPT;

use super::fetch::Ask;
use super::http::{Done, Shared};
use super::prometheus;
use crate::drivers::reply::failure;
use crate::engine::action::{self, ActionId};
use crate::engine::input::{Data, Failure, FailureKind, ScrapeData};
use crate::journal::kept;
use crate::metrics::exposition::Limits;
use crate::metrics::instances::one_process;
use crate::metrics::response::{self, Response, ResponseError};
use crate::text;
use crate::text::Text;

/// Scrapes that are compared: two instances that answer in turn are found for sure, two at random in fifteen of sixteen cases.
const COMPARED: usize = 5;

/// Performs it. One instance without a good answer fails the whole: a sum without it would be wrong.
pub(super) async fn perform(shared: Arc<Shared>, scrape: action::Scrape, id: ActionId) -> Done {
    if let Some(queries) = &scrape.queries {
        return Done::of(prometheus::ask(shared, &scrape, queries, &id).await.map(Data::Scrape));
    }
    let scrape = Arc::new(scrape);
    let instances: Vec<_> = (0..scrape.urls.len())
        .map(|number| {
            tokio::spawn(instance(Arc::clone(&shared), Arc::clone(&scrape), format!("{id}.{}", number + 1), number))
        })
        .collect();
    let mut data = ScrapeData::default();
    let mut failed = None;
    for instance in instances {
        match instance.await {
            Ok(Ok(one)) => {
                data.scrapes.extend(one.scrapes);
                data.reported.extend(one.reported);
                data.kept.extend(one.kept);
            }
            Ok(Err(failure)) => failed = failed.or(Some(failure)),
            Err(error) => {
                let message = text!("the scrape broke: {error}", "抓取中断：{error}");
                failed = failed.or(Some(failure(FailureKind::Failed, message)));
            }
        }
    }
    match failed {
        Some(failure) => Done::failed(failure),
        None => Done { failure: None, data: Data::Scrape(data) },
    }
}

/// One instance; where that is asked for, several times in a row, which must have come from one process.
async fn instance(
    shared: Arc<Shared>,
    scrape: Arc<action::Scrape>,
    name: String,
    number: usize,
) -> Result<ScrapeData, Failure> {
    let mut starts = Vec::new();
    for _ in 1..if scrape.compare { COMPARED } else { 1 } {
        let one = once(&shared, &scrape, None, number).await?;
        starts.push(one.scrapes.first().and_then(|scrape| scrape.start_time()));
    }
    let last = once(&shared, &scrape, Some(&name), number).await?;
    starts.push(last.scrapes.first().and_then(|scrape| scrape.start_time()));
    match one_process(starts) {
        Ok(()) => Ok(last),
        Err(several) => {
            let url = scrape.urls.get(number).and_then(|url| reqwest::Url::parse(url).ok());
            let place = url.as_ref().map(|url| shared.fetcher.place(url)).unwrap_or_default();
            let told = several.text();
            Err(failure(FailureKind::BadAnswer, text!("{}: {}", "{}：{}", place, told)))
        }
    }
}

/// One answer; with a name it is kept, if the scrape is.
async fn once(
    shared: &Shared,
    scrape: &action::Scrape,
    name: Option<&str>,
    number: usize,
) -> Result<ScrapeData, Failure> {
    let url = scrape.urls.get(number).map(String::as_str).unwrap_or_default();
    let max_bytes = usize::try_from(scrape.max_bytes).unwrap_or_default().min(Limits::MAX_BYTES);
    let mut ask = Ask::get(url, max_bytes as u64)?;
    ask.header(ACCEPT.as_str(), response::ACCEPT)?;
    shared.admit(&scrape.access, &mut ask)?;
    let place = shared.fetcher.place(&ask.url);
    let mut body = Vec::new();
    let answered =
        shared.fetcher.fetch(ask, &mut |piece| body.extend_from_slice(piece)).await.map_err(|none| none.failure)?;
    let status = answered.status.as_u16();
    let said = |kind, reason: Text| failure(kind, text!("{}: {}", "{}：{}", place, reason));
    if answered.status.is_success() {
        let too_large = || text!("the answer is larger than {max_bytes} bytes", "响应超过 {max_bytes} 字节");
        answered.end.whole(too_large).map_err(|(kind, reason)| said(kind, reason))?;
    }
    let response = Response {
        status,
        content_type: answered.content_type.as_deref(),
        retry_after: answered.retry_after.as_deref(),
        length: None,
        complete: true,
        body: &body,
    };
    let secrets = &shared.setting.secrets;
    let exposition = response::read(&response, &scrape.families, &Limits::default()).map_err(|error| {
        let told = error.text();
        said(kind_of(&error), told.map(|told| secrets.redactor().text(&told)))
    })?;
    let mut data = ScrapeData::default();
    kept::add_instance(&mut data, &exposition, &scrape.families);
    if let Some(name) = name.filter(|_| scrape.keep) {
        let artifact = kept::keep(&*shared.setting.artifacts, name, &body);
        let artifact = artifact.map_err(|error| {
            said(FailureKind::Failed, text!("the answer could not be kept: {error}", "无法保存响应：{error}"))
        })?;
        data.kept.push(artifact);
    }
    Ok(data)
}

fn kind_of(error: &ResponseError) -> FailureKind {
    match error {
        ResponseError::Status { status: 401 | 403, .. } => FailureKind::Denied,
        ResponseError::Status { .. } => FailureKind::Failed,
        ResponseError::Text(error) if error.problem.is_limit() => FailureKind::TooLarge,
        ResponseError::ContentType { .. }
        | ResponseError::Html { .. }
        | ResponseError::Json { .. }
        | ResponseError::Protobuf
        | ResponseError::Empty
        | ResponseError::Length { .. }
        | ResponseError::Cut
        | ResponseError::Text(_)
        | ResponseError::NoneNamed { .. } => FailureKind::BadAnswer,
    }
}
