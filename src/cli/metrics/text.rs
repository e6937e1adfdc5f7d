//! Exposition text from a file or a URL.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use flate2::read::GzDecoder;
use jiff::Timestamp;

use crate::cli::inputs;
use crate::cli::refusal::Refusal;
use crate::diagnostic::Code;
use crate::drivers::real::once::{self, Fetched};
use crate::journal::problem::Problem;
use crate::metrics::exposition::{Exposition, Limits, ParseError, parse};
use crate::metrics::response::{Response, ResponseError, read};
use crate::metrics::scrape::Format;

/// Largest text that is read: what one target sends is some megabytes, and this still fits into any machine's memory.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// How long a URL may take: three times as long as a scrape of a run.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The first bytes of what gzip wrote.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// How a token for URLs is given.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Access {
    /// The variable of the environment that holds the token of `Authorization: Bearer`, for URLs
    #[arg(long, value_name = "VARIABLE")]
    bearer_env: Option<String>,
}

/// A text, not read yet.
pub(super) struct Text {
    /// The file or URL, as it was named.
    pub(super) name: String,
    /// When it was scraped: a file when it was written.
    pub(super) at: Timestamp,
    from: From,
}

/// Where it is from.
enum From {
    /// A file, unpacked.
    File(Vec<u8>),
    /// A URL.
    Url(Fetched),
}

/// What it is not.
pub(super) enum Wrong {
    /// A line cannot be read.
    Parse(ParseError),
    /// What the URL answered is no scrape.
    Response(ResponseError),
}

/// Is it a URL? All else is a path.
pub(super) fn is_url(name: &str) -> bool {
    name.starts_with("http://") || name.starts_with("https://")
}

/// Gets the text of a file or URL; what gzip wrote is unpacked.
pub(super) fn get(name: &str, access: &Access) -> Result<Text, Refusal> {
    if is_url(name) {
        let token = access.bearer_env.as_ref().map(|variable| {
            let problem = || {
                let message = crate::text!(
                    "--bearer-env {variable}: ${variable} is not set",
                    "--bearer-env {variable}：未设置 ${variable}"
                );
                Problem::new(Code::RB0867, message)
            };
            inputs::variable(variable).ok_or_else(problem)
        });
        let token = token.transpose()?;
        let request = once::Request {
            url: name,
            bearer: token.as_deref(),
            proxy: inputs::proxy()?,
            max_bytes: MAX_BYTES,
            limit: TIMEOUT,
        };
        let fetched = once::exposition(request).map_err(|failure| Problem::new(Code::RB0851, failure.message))?;
        return Ok(Text { name: name.to_owned(), at: inputs::now(), from: From::Url(fetched) });
    }
    let path = Path::new(name);
    let bytes = inputs::read_up_to(path, MAX_BYTES as u64)?;
    let bytes = if bytes.starts_with(GZIP) { unpacked(name, &bytes)? } else { bytes };
    Ok(Text { name: name.to_owned(), at: inputs::modified(path)?, from: From::File(bytes) })
}

fn unpacked(name: &str, packed: &[u8]) -> Result<Vec<u8>, Refusal> {
    let wrong = |what| Problem::new(Code::RB0851, crate::text!("{}: {}", "{}：{}", name, what));
    let mut bytes = Vec::new();
    let read = GzDecoder::new(packed).take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| wrong(crate::text!("it cannot be unpacked: {error}", "无法解压：{error}")))?;
    if bytes.len() > MAX_BYTES {
        return Err(
            wrong(crate::text!("unpacked it is larger than {MAX_BYTES} bytes", "解压后超过 {MAX_BYTES} 字节")).into()
        );
    }
    Ok(bytes)
}

impl Text {
    /// Reads it.
    pub(super) fn parse(&self) -> Result<Exposition<'_>, Wrong> {
        match &self.from {
            From::File(bytes) => parse(bytes, format_of(&self.name, bytes), &Limits::default()).map_err(Wrong::Parse),
            From::Url(Fetched { status, content_type, retry_after, body }) => {
                let response = Response {
                    status: *status,
                    content_type: content_type.as_deref(),
                    retry_after: retry_after.as_deref(),
                    length: None,
                    complete: true,
                    body,
                };
                read(&response, &BTreeSet::new(), &Limits::default()).map_err(|error| {
                    if let ResponseError::Text(error) = error { Wrong::Parse(error) } else { Wrong::Response(error) }
                })
            }
        }
    }

    /// The error for whoever needs it whole.
    pub(super) fn refused(&self, wrong: &Wrong) -> Refusal {
        Problem::new(Code::RB0851, crate::text!("{}: {}", "{}：{}", shown(&self.name), wrong.text())).into()
    }
}

impl Wrong {
    /// In one sentence.
    pub(super) fn text(&self) -> crate::text::Text {
        match self {
            Wrong::Parse(error) => error.text(),
            Wrong::Response(error) => error.text(),
        }
    }
}

/// A name for messages: of a URL without what may be a token.
pub(super) fn shown(name: &str) -> &str {
    if is_url(name) { name.split(['?', '#']).next().unwrap_or(name) } else { name }
}

/// A file says by its end, or by its name, that it is `OpenMetrics`: there times are seconds.
fn format_of(name: &str, bytes: &[u8]) -> Format {
    let named = [".om", ".openmetrics"].iter().any(|end| name.strip_suffix(".gz").unwrap_or(name).ends_with(end));
    if named || bytes.trim_ascii_end().ends_with(b"\n# EOF") || bytes.trim_ascii() == b"# EOF" {
        Format::OpenMetrics
    } else {
        Format::Text
    }
}
