//! Is an HTTP response a scrape? A response that is none is an error with its own words, never an empty scrape.

use std::collections::BTreeSet;
use std::fmt;

use super::exposition::{Exposition, Limits, ParseError, parse};
use super::scrape::{Format, START_TIME};
use crate::text;
use crate::text::{Both, Text};

/// What a scrape asks for: OpenMetrics first, then the text format, names as they are and not with their dots replaced,
/// then anything.
pub const ACCEPT: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.9,\
                          text/plain;version=1.0.0;escaping=allow-utf-8;q=0.7,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/// Longest beginning of a strange body that is shown, in characters: a line of a terminal.
const MAX_SHOWN_CHARS: usize = 80;

/// A response as it came over the wire, its content encoding undone.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// Status code.
    pub status: u16,
    /// Header `Content-Type`.
    pub content_type: Option<&'a str>,
    /// Header `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// Header `Content-Length` beside the number of bytes that came, both before decoding; none where it was not sent.
    pub length: Option<(u64, u64)>,
    /// Did the transfer come to its end: the last chunk, the end of the compressed stream?
    pub complete: bool,
    /// The decoded body.
    pub body: &'a [u8],
}

/// Why a response is no scrape.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
    /// A status other than 2xx.
    Status {
        /// The status.
        status: u16,
        /// How long it asks to wait, as it goes after the status; empty: it does not.
        wait: Text,
        /// The beginning of the body.
        beginning: String,
    },
    /// A content type that says that it is no text: a download, an image, an archive.
    ContentType {
        /// As the header says.
        found: String,
    },
    /// A web page: a proxy, a login, a wrong path.
    Html {
        /// The beginning of the body.
        beginning: String,
    },
    /// JSON: an error of an API, or a wrong path.
    Json {
        /// The beginning of the body.
        beginning: String,
    },
    /// Protocol buffers, which were not asked for.
    Protobuf,
    /// Nothing, or nothing but comments about no metric.
    Empty,
    /// Fewer or more bytes than `Content-Length` says.
    Length {
        /// As the header says.
        expected: u64,
        /// As came.
        received: u64,
    },
    /// The transfer ended in its middle.
    Cut,
    /// The text does not parse.
    Text(ParseError),
    /// It parses, and none of the metrics that the runbook names is in it.
    NoneNamed {
        /// A metric that was looked for.
        wanted: String,
        /// A metric that is there.
        found: String,
    },
}

/// Reads the response: its format is that of its content type. `named` are the metrics that the runbook names, a
/// response without any of them is an error; none named, nothing is asked of it but that there are metrics at all.
pub fn read<'a>(
    response: &Response<'a>,
    named: &BTreeSet<String>,
    limits: &Limits,
) -> Result<Exposition<'a>, ResponseError> {
    let body = response.body;
    if !(200..300).contains(&response.status) {
        let wait = wait(response.retry_after);
        return Err(ResponseError::Status { status: response.status, wait, beginning: beginning(body) });
    }
    if !response.complete {
        return Err(ResponseError::Cut);
    }
    if let Some((expected, received)) = response.length.filter(|(expected, received)| expected != received) {
        return Err(ResponseError::Length { expected, received });
    }
    let format = match media_type(response.content_type).as_str() {
        "application/openmetrics-text" => Format::OpenMetrics,
        "text/html" | "application/xhtml+xml" => return Err(ResponseError::Html { beginning: beginning(body) }),
        "application/vnd.google.protobuf" => return Err(ResponseError::Protobuf),
        json if json == "application/json" || json.ends_with("+json") => {
            return Err(ResponseError::Json { beginning: beginning(body) });
        }
        // Old exporters name none, and `text/plain` without its version.
        text if text.is_empty() || text.starts_with("text/") => Format::Text,
        other => return Err(ResponseError::ContentType { found: shortened(other) }),
    };
    let parsed = parse(body, format, limits).map_err(|error| match body.trim_ascii_start().first() {
        // A page or an API's answer under a wrong type is told as what it is. A text within the limits only: one that
        // is too large says so.
        Some(b'<') if !error.problem.is_limit() => ResponseError::Html { beginning: beginning(body) },
        Some(b'{' | b'[') if is_json(body) => ResponseError::Json { beginning: beginning(body) },
        _ => ResponseError::Text(error),
    })?;
    let Some(found) = parsed.families().next().map(|family| family.name.to_owned()) else {
        return Err(ResponseError::Empty);
    };
    // The one that says most: the start of the process is named for every source.
    let wanted = named.iter().find(|name| *name != START_TIME).or(named.first());
    match wanted {
        Some(wanted) if !parsed.knows_any(named) => Err(ResponseError::NoneNamed { wanted: wanted.clone(), found }),
        Some(_) | None => Ok(parsed),
    }
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

/// `text/plain; version=0.0.4` → `text/plain`, in lower case.
fn media_type(header: Option<&str>) -> String {
    let kind = header.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// The first line with something on it, in one line and bounded: it goes into a message.
fn beginning(body: &[u8]) -> String {
    // Enough bytes for the characters that are shown, whatever their length.
    let text = String::from_utf8_lossy(body.get(..MAX_SHOWN_CHARS * 8).unwrap_or(body)).into_owned();
    shortened(text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default())
}

/// What comes from outside, as it may stand in a message.
fn shortened(line: &str) -> String {
    let mut out: String = line.chars().filter(|letter| !letter.is_control()).take(MAX_SHOWN_CHARS).collect();
    if line.chars().count() > MAX_SHOWN_CHARS {
        out.push('…');
    }
    out
}

/// `Retry-After`, a number of seconds or a date: how long it asks to wait, as it goes after a status. Empty without it.
pub fn wait(retry_after: Option<&str>) -> Text {
    let Some(header) = retry_after.map(str::trim) else { return Text::default() };
    match header.parse::<u64>() {
        Ok(seconds) => {
            text!(", it asks to wait {seconds} s (Retry-After)", "，对方要求等待 {seconds} 秒（Retry-After）")
        }
        Err(_) => {
            let until = shortened(header);
            text!(", it asks to wait until {until} (Retry-After)", "，对方要求等到 {until}（Retry-After）")
        }
    }
}

impl ResponseError {
    /// For people.
    pub fn text(&self) -> Text {
        match self {
            Self::Status { status, wait, beginning } => {
                let hint = match status {
                    401 | 403 => Both(": the scrape needs credentials", "：抓取需要凭证"),
                    404 => Both(": nothing is at this path", "：路径不存在"),
                    429 => Both(": too many requests", "：请求过于频繁"),
                    _ => Both("", ""),
                };
                let shown = match beginning.as_str() {
                    "" => Text::default(),
                    beginning => text!(" ({beginning})", "（{beginning}）"),
                };
                text!("status {}{}{}{}", "状态码 {}{}{}{}", status, hint, wait, shown)
            }
            Self::ContentType { found } => text!(
                "the content type is {found}, not that of metrics (text/plain or application/openmetrics-text)",
                "Content-Type 为 {found}，不是指标文本（text/plain 或 application/openmetrics-text）"
            ),
            Self::Html { beginning } => {
                text!("a web page came, not metrics: {beginning}", "返回的是网页，不是指标：{beginning}")
            }
            Self::Json { beginning } => {
                text!("JSON came, not metrics: {beginning}", "返回的是 JSON，不是指标：{beginning}")
            }
            Self::Protobuf => text!("protocol buffers came, text was asked for", "返回的是 protobuf，而请求的是文本"),
            Self::Empty => text!("there are no metrics in the response", "响应中没有任何指标"),
            Self::Length { expected, received } => text!(
                "Content-Length says {expected} bytes, {received} came",
                "Content-Length 为 {expected} 字节，实际收到 {received} 字节"
            ),
            Self::Cut => text!("the transfer ended in its middle", "传输中途断开，响应不完整"),
            Self::Text(error) => error.text(),
            Self::NoneNamed { wanted, found } => text!(
                "none of the metrics that the runbook names is there ({wanted}), but {found} is: is it the right \
                address?",
                "响应中没有 runbook 所需的任何指标（例如 {wanted}），而有 {found}：地址是否正确？"
            ),
        }
    }
}

/// In English; see [`ResponseError::text`].
impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for ResponseError {}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# TYPE http_requests_total counter\nhttp_requests_total{status=\"200\"} 5\n";

    fn response(status: u16, content_type: &'static str, body: &'static str) -> Response<'static> {
        Response {
            status,
            content_type: Some(content_type),
            retry_after: None,
            length: None,
            complete: true,
            body: body.as_bytes(),
        }
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn refused(response: Response<'_>) -> String {
        read(&response, &names(&["http_requests_total"]), &Limits::default()).unwrap_err().to_string()
    }

    #[test]
    fn a_scrape_is_read_in_the_format_of_its_type() {
        let text = response(200, "text/plain; version=0.0.4; charset=utf-8", GOOD);
        assert_eq!(read(&text, &names(&["http_requests_total"]), &Limits::default()).unwrap().len(), 1);
        let open =
            response(200, "Application/OpenMetrics-Text; version=1.0.0", "# TYPE http_requests counter\n# EOF\n");
        let parsed = read(&open, &names(&["http_requests_total"]), &Limits::default()).unwrap();
        assert_eq!(parsed.format(), Format::OpenMetrics, "declared without a series is there");
        let untyped = Response { content_type: None, ..text };
        assert!(read(&untyped, &BTreeSet::new(), &Limits::default()).is_ok());
    }

    #[test]
    fn every_response_that_is_no_scrape_has_its_own_words() {
        assert_eq!(
            refused(response(401, "application/json", "{\"error\":\"Unauthorized\"}")),
            "status 401: the scrape needs credentials ({\"error\":\"Unauthorized\"})"
        );
        assert_eq!(
            refused(response(404, "text/plain", GOOD)).split(" (").next(),
            Some("status 404: nothing is at this path")
        );
        assert_eq!(refused(response(500, "text/plain", "")), "status 500");
        assert_eq!(refused(response(204, "text/plain", "")), "there are no metrics in the response");
        let page = "<!DOCTYPE html>\n<title>Sign in</title>";
        assert_eq!(refused(response(200, "text/html", page)), "a web page came, not metrics: <!DOCTYPE html>");
        assert_eq!(refused(response(200, "text/plain", page)), "a web page came, not metrics: <!DOCTYPE html>");
        assert_eq!(refused(response(200, "text/html", GOOD)).split(':').next(), Some("a web page came, not metrics"));
        let json = "{\"status\": \"ok\"}";
        assert_eq!(refused(response(200, "application/problem+json", json)), format!("JSON came, not metrics: {json}"));
        assert_eq!(refused(response(200, "text/plain", json)), format!("JSON came, not metrics: {json}"));
        assert_eq!(refused(response(200, "text/plain", "# just a comment\n")), "there are no metrics in the response");
        assert!(refused(response(200, "application/vnd.google.protobuf", "x")).contains("protocol buffers"));
        assert_eq!(
            refused(response(200, "text/plain", "Error 502\n")),
            "none of the metrics that the runbook names is there (http_requests_total), but Error is: is it the right address?",
            "valid by accident"
        );
        let busy = Response { retry_after: Some("17"), ..response(429, "text/plain", "slow down") };
        assert_eq!(refused(busy), "status 429: too many requests, it asks to wait 17 s (Retry-After) (slow down)");
        let later = Response { retry_after: Some("Wed, 21 Oct 2026 07:28:00 GMT"), ..response(503, "text/plain", "") };
        assert_eq!(refused(later), "status 503, it asks to wait until Wed, 21 Oct 2026 07:28:00 GMT (Retry-After)");
        assert_eq!(
            refused(response(200, "application/octet-stream", GOOD)),
            "the content type is application/octet-stream, not that of metrics (text/plain or application/openmetrics-text)"
        );
        let cut = Response { complete: false, ..response(200, "text/plain", GOOD) };
        assert_eq!(refused(cut), "the transfer ended in its middle");
        let short = Response { length: Some((100, 71)), ..response(200, "text/plain", GOOD) };
        assert_eq!(refused(short), "Content-Length says 100 bytes, 71 came");
        assert_eq!(
            refused(response(
                200,
                "application/openmetrics-text",
                "# TYPE http_requests counter\nhttp_requests_total 5\n"
            )),
            "line 3, column 1: # EOF is missing at the end: the response may have been cut"
        );
        assert_eq!(refused(response(200, "text/plain", "a b c\n")), "line 1, column 3: \"b\" is not a number");
    }

    #[test]
    fn what_is_shown_of_a_body_is_one_short_clean_line() {
        let body = format!("\n\n  \u{1b}[2J{}\n more", "字".repeat(200));
        let text = beginning(body.as_bytes());
        assert!(text.starts_with("[2J字") && text.ends_with('…') && text.chars().count() == 81, "{text}");
    }
}
