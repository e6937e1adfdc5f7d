//! One request and its answer, bounded in size, with failures in words that never hold the URL: it may hold a token.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Method, Response, StatusCode, Url};
use zeroize::Zeroizing;

use super::http::Reach;
use super::proxy::Proxy;
use crate::drivers::reply::failure;
use crate::engine::input::{Failure, FailureKind};
use crate::text;
use crate::text::{Both, Text};

/// How long a connection may take: a packet lost three times still gets through.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often an answer may send a read on to another path. More is a circle.
const MAX_REDIRECTS: usize = 5;

/// The clients that requests go by.
pub(super) struct Fetcher {
    reach: Reach,
    /// For `http://`: without certificates, which take longer to read than a scrape.
    plain: OnceLock<Result<Client, Text>>,
    /// For `https://`, trusting whom the system trusts.
    secure: OnceLock<Result<Client, Text>>,
}

/// A request.
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    /// Name and password of `Authorization: Basic`.
    pub(super) basic: Option<(String, Zeroizing<String>)>,
    /// A file of certificates that are trusted instead of those of the system.
    pub(super) ca: Option<PathBuf>,
    pub(super) body: Option<Vec<u8>>,
    /// Most bytes of the answer's body, unpacked.
    pub(super) max_bytes: u64,
}

/// An answer whose body has been passed on.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<String>,
    /// Header `Retry-After`.
    pub(super) retry_after: Option<String>,
    pub(super) end: End,
}

/// How the body ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    /// The transfer broke off, because …
    Cut(Text),
    /// It is larger than allowed.
    TooLarge,
}

impl End {
    /// Why the body is not whole; `too_large` says that it is larger than allowed.
    pub(super) fn whole(self, too_large: impl FnOnce() -> Text) -> Result<(), (FailureKind, Text)> {
        match self {
            End::Whole => Ok(()),
            End::Cut(reason) => {
                Err((FailureKind::BadAnswer, text!("the answer was cut off: {}", "响应中断：{}", reason)))
            }
            End::TooLarge => Err((FailureKind::TooLarge, too_large())),
        }
    }
}

/// Why there is no answer.
pub(super) struct NoAnswer {
    pub(super) failure: Failure,
    /// The request went out, or may have.
    pub(super) sent: bool,
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> NoAnswer {
        NoAnswer { failure, sent: false }
    }
}

impl Ask {
    /// A read of `url`.
    pub(super) fn get(url: &str, max_bytes: u64) -> Result<Ask, Failure> {
        Ask::new("GET", url, max_bytes)
    }

    pub(super) fn new(method: &str, url: &str, max_bytes: u64) -> Result<Ask, Failure> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| {
            failure(FailureKind::NotStarted, text!("{method} is no method of HTTP", "{method} 不是 HTTP 方法"))
        })?;
        let url = Url::parse(url)
            .map_err(|error| failure(FailureKind::NotStarted, text!("not a URL: {error}", "不是网址：{error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            let message = text!("{}: only http and https are asked", "{}：只支持 http 和 https", url.scheme());
            return Err(failure(FailureKind::NotStarted, message));
        }
        Ok(Ask { method, url, headers: HeaderMap::new(), basic: None, ca: None, body: None, max_bytes })
    }

    pub(super) fn bearer(&mut self, token: &str) -> Result<(), Failure> {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// Adds a header; its value is never shown.
    pub(super) fn header(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let wrong = |what: Both| {
            let message = text!("{} of the header {} cannot be sent", "无法发送请求头 {1} 的{0}", what, name);
            failure(FailureKind::NotStarted, message)
        };
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong(Both("the name", "名称")))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| wrong(Both("the value", "值")))?;
        value.set_sensitive(true);
        self.headers.append(key, value);
        Ok(())
    }
}

/// Host and port of a URL, for messages.
pub(super) fn place_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl Fetcher {
    pub(super) fn new(reach: Reach) -> Fetcher {
        Fetcher { reach, plain: OnceLock::new(), secure: OnceLock::new() }
    }

    /// Host and port of a URL, and the proxy by way of which it is asked, for messages.
    pub(super) fn place(&self, url: &Url) -> String {
        let place = place_of(url);
        match self.proxy().filter(|proxy| proxy.to(url).is_some()) {
            Some(proxy) => format!("{place} (proxy {})", proxy.place()),
            None => place,
        }
    }

    fn proxy(&self) -> Option<&Arc<Proxy>> {
        match &self.reach {
            Reach::Anywhere { proxy } => proxy.as_ref(),
            Reach::Only(_) => None,
        }
    }

    /// Asks, and passes the body on in pieces. A read follows redirects on its host.
    pub(super) async fn fetch(&self, ask: Ask, pass_on: &mut (dyn FnMut(&[u8]) + Send)) -> Result<Answered, NoAnswer> {
        let reads = matches!(ask.method, Method::GET | Method::HEAD);
        let mut url = ask.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(&ask, &url).await?;
            if !(reads && is_redirect(response.status())) {
                return Ok(take_body(response, ask.max_bytes, pass_on).await);
            }
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let Some(next) = location.and_then(|location| url.join(location).ok()) else {
                return Ok(take_body(response, ask.max_bytes, pass_on).await);
            };
            if !may_follow(&url, &next) {
                let message = text!(
                    "{} sent on to another place, {}, which is not asked instead",
                    "{} 重定向到了另一处 {}，不予跟随",
                    self.place(&url),
                    place_of(&next)
                );
                return Err(failure(FailureKind::BadAnswer, message).into());
            }
            url = next;
        }
        let message = text!("{} sent on {} times", "{} 重定向了 {} 次", self.place(&url), MAX_REDIRECTS);
        Err(failure(FailureKind::BadAnswer, message).into())
    }

    async fn send(&self, ask: &Ask, url: &Url) -> Result<Response, NoAnswer> {
        let place = self.place(url);
        let mut headers = ask.headers.clone();
        let mut target = url.clone();
        if let Reach::Only(route) = &self.reach {
            let port = url.port_or_known_default().unwrap_or_default();
            let Some(address) = route.address(url.host_str().unwrap_or_default(), port) else {
                let message = text!(
                    "{place} is not part of the simulation: nothing else is connected to",
                    "{place} 不属于本次模拟，模拟不会连接其他地址"
                );
                return Err(failure(FailureKind::Unreachable, message).into());
            };
            let own_name = HeaderValue::from_str(&place_of(url))
                .map_err(|_| failure(FailureKind::NotStarted, text!("{place} is no host", "{place} 不是主机")))?;
            headers.insert(HOST, own_name);
            let moved = target.set_ip_host(address.ip()).and_then(|()| target.set_port(Some(address.port())));
            moved.map_err(|()| {
                failure(FailureKind::NotStarted, text!("{place} cannot be asked", "无法向 {place} 发出请求"))
            })?;
        }
        let own = match &ask.ca {
            Some(path) if url.scheme() == "https" => Some(self.trusting(path)?),
            Some(_) | None => None,
        };
        let client = match &own {
            Some(own) => own,
            None => self.client(url.scheme()).map_err(|message| failure(FailureKind::NotStarted, message))?,
        };
        let mut request = client.request(ask.method.clone(), target).headers(headers);
        if let Some((user, password)) = &ask.basic {
            request = request.basic_auth(user, Some(password.as_str()));
        }
        if let Some(body) = &ask.body {
            request = request.body(body.clone());
        }
        request.send().await.map_err(|error| no_answer(&place, &error))
    }

    fn client(&self, scheme: &str) -> Result<&Client, Text> {
        let (slot, secure) = if scheme == "https" { (&self.secure, true) } else { (&self.plain, false) };
        slot.get_or_init(|| self.build(secure).map_err(|error| reason(&error))).as_ref().map_err(Text::clone)
    }

    /// A client that trusts the certificates of a file alone. It is read each time: one that was renewed is taken.
    fn trusting(&self, path: &Path) -> Result<Client, Failure> {
        let said = |reason: Text| failure(FailureKind::NotStarted, text!("{}: {}", "{}：{}", path.display(), reason));
        let pem = std::fs::read(path).map_err(|error| said(Text::verbatim(error.to_string())))?;
        let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| said(reason(&error)))?;
        if certificates.is_empty() {
            return Err(said(text!("there is no certificate in it", "其中没有证书")));
        }
        self.builder().tls_certs_only(certificates).build().map_err(|error| said(reason(&error)))
    }

    fn build(&self, secure: bool) -> reqwest::Result<Client> {
        let mut builder = self.builder();
        if !secure {
            builder = builder.tls_certs_only([]);
        }
        builder.build()
    }

    fn builder(&self) -> ClientBuilder {
        // Another one may have been installed by whoever embeds this; it serves as well.
        drop(rustls::crypto::ring::default_provider().install_default());
        let builder = Client::builder()
            .user_agent(concat!("runbook/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            // Requests are minutes apart, and a connection that the other side has closed meanwhile would make it
            // unclear whether a request was taken.
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_TIMEOUT)
            // Else it looks for proxies in the environment by itself.
            .no_proxy();
        match self.proxy().cloned() {
            Some(proxy) => builder.proxy(reqwest::Proxy::custom(move |url| proxy.to(url).cloned())),
            None => builder,
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// On the same host, and from `http` to `https` but not back.
fn may_follow(from: &Url, to: &Url) -> bool {
    let same_port = from.port_or_known_default() == to.port_or_known_default();
    let upgrade = from.scheme() == "http" && to.scheme() == "https";
    from.host() == to.host() && (from.scheme() == to.scheme() && same_port || upgrade)
}

async fn take_body(mut response: Response, max_bytes: u64, pass_on: &mut (dyn FnMut(&[u8]) + Send)) -> Answered {
    let status = response.status();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (content_type, retry_after) = (header(CONTENT_TYPE), header(RETRY_AFTER));
    let mut left = max_bytes;
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let bytes = usize::try_from(left).map_or(chunk.len(), |left| left.min(chunk.len()));
                pass_on(chunk.get(..bytes).unwrap_or_default());
                left -= bytes as u64;
                if bytes < chunk.len() {
                    break End::TooLarge;
                }
            }
            Ok(None) => break End::Whole,
            Err(error) => break End::Cut(reason(&error)),
        }
    };
    Answered { status, content_type, retry_after, end }
}

fn no_answer(place: &str, error: &reqwest::Error) -> NoAnswer {
    let (kind, sent) = if error.is_builder() {
        (FailureKind::NotStarted, false)
    } else if error.is_connect() && error.is_timeout() {
        let seconds = CONNECT_TIMEOUT.as_secs();
        let message = text!("{place}: no connection within {seconds} s", "{place}：{seconds} 秒内未能建立连接");
        return failure(FailureKind::Unreachable, message).into();
    } else {
        (FailureKind::Unreachable, !error.is_connect())
    };
    NoAnswer { failure: failure(kind, text!("{}: {}", "{}：{}", place, reason(error))), sent }
}

/// The innermost cause: the outer ones only say that there was one, and name the URL.
fn reason(error: &(dyn Error + 'static)) -> Text {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let known = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    if known == Some(io::ErrorKind::ConnectionRefused) {
        text!("connection refused", "连接被拒绝")
    } else if known == Some(io::ErrorKind::ConnectionReset) {
        text!("connection reset", "连接被重置")
    } else if let Some(error) = cause.downcast_ref::<reqwest::Error>() {
        // It has no cause of its own: its kind is all there is to say without the URL.
        if error.is_timeout() { text!("timed out", "超时") } else { text!("the request failed", "请求失败") }
    } else {
        Text::verbatim(cause.to_string())
    }
}
