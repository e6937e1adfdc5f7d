//! All that is asked over HTTP: one client, on a thread of its own that begins with the first request.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};

use super::fetch::{Ask, Fetcher};
use super::proxy::Proxy;
use super::{alertmanager, notify, request, scrape};
use crate::check::program::Class;
use crate::drivers::reply::{Reply, Stopwatch, failure};
use crate::drivers::secrets::Secrets;
use crate::drivers::{Clock, Http, Route};
use crate::engine::action::{self, ActionId, Input, Start};
use crate::engine::input::{Data, Failure, FailureKind};
use crate::journal::store::Artifacts;
use crate::text;

/// Whole time of a request that names none: longer than any proxy in between waits, short enough that a run does not
/// hang for ever on a silent peer.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_mins(2);

/// With whom the client speaks.
#[derive(Clone)]
pub enum Reach {
    /// With anybody.
    Anywhere {
        /// By way of this proxy, where it is one.
        proxy: Option<Arc<Proxy>>,
    },
    /// With those alone to whom this leads. All else is refused.
    Only(Arc<dyn Route>),
}

/// What the client is given.
pub struct Setting {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What is masked in answers, and what requests may carry.
    pub secrets: Secrets,
    /// Where large answers and the raw bodies of scrapes go.
    pub artifacts: Arc<dyn Artifacts>,
    /// With whom it speaks.
    pub reach: Reach,
    /// Working directory of the run: where files of certificates are looked for.
    pub dir: PathBuf,
}

/// The one HTTP client of a run.
pub struct HttpClient {
    shared: Arc<Shared>,
    background: Option<Background>,
    stops: BTreeMap<ActionId, Arc<Notify>>,
}

/// What all requests share.
pub(super) struct Shared {
    pub(super) setting: Setting,
    pub(super) fetcher: Fetcher,
}

/// The thread that all requests run on.
struct Background {
    handle: Handle,
    /// Dropped, it ends.
    until: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl HttpClient {
    /// A client; it connects to nothing yet.
    pub fn new(setting: Setting) -> HttpClient {
        let fetcher = Fetcher::new(setting.reach.clone());
        HttpClient { shared: Arc::new(Shared { setting, fetcher }), background: None, stops: BTreeMap::new() }
    }

    /// Runs one effect within its time, or until it is cancelled.
    fn begin<W, F>(&mut self, start: &Start, reply: Reply, work: W)
    where
        W: FnOnce(Arc<Shared>) -> F,
        F: Future<Output = Done> + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let watch = Stopwatch::start(&*shared.setting.clock);
        let background = match &self.background {
            Some(background) => background,
            None => match Background::begin() {
                Ok(background) => self.background.insert(background),
                Err(error) => {
                    let message = text!("the request could not be begun: {error}", "无法开始请求：{error}");
                    return reply.done(watch.failed(&*shared.setting.clock, FailureKind::NotStarted, message));
                }
            },
        };
        let stop = Arc::new(Notify::new());
        // Those that are over are held by this map alone.
        self.stops.retain(|_, stop| Arc::strong_count(stop) > 1);
        self.stops.insert(start.id.clone(), Arc::clone(&stop));
        let limit = start.timeout.map_or(DEFAULT_TIMEOUT, SignedDuration::unsigned_abs);
        let writes = is_write(start.class);
        let work = work(Arc::clone(&shared));
        background.handle.spawn(async move {
            let done = tokio::select! {
                done = work => done,
                () = stop.notified() => Done::failed(stopped(writes)),
                () = tokio::time::sleep(limit) => {
                    let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
                    Done::failed(no_answer(writes, limit))
                }
            };
            reply.done(watch.outcome(&*shared.setting.clock, done.failure, done.data));
        });
    }
}

/// What came of a request.
pub(super) struct Done {
    pub(super) failure: Option<Failure>,
    pub(super) data: Data,
}

impl Done {
    pub(super) fn failed(failure: Failure) -> Done {
        Done { failure: Some(failure), data: Data::None }
    }

    pub(super) fn of(result: Result<Data, Failure>) -> Done {
        match result {
            Ok(data) => Done { failure: None, data },
            Err(failure) => Done::failed(failure),
        }
    }
}

impl Shared {
    /// Shows a source who asks, and says whose certificates are trusted.
    pub(super) fn admit(&self, access: &action::Access, ask: &mut Ask) -> Result<(), Failure> {
        if let Some(bearer) = &access.bearer {
            ask.bearer(&self.resolve(bearer)?)?;
        }
        if let Some((user, password)) = &access.basic {
            ask.basic = Some((user.clone(), self.resolve(password)?));
        }
        ask.ca = access.ca.as_ref().map(|path| self.setting.dir.join(path));
        Ok(())
    }

    /// The text of a secret or the text itself.
    pub(super) fn resolve(&self, input: &Input) -> Result<zeroize::Zeroizing<String>, Failure> {
        self.setting.secrets.resolve(input).ok_or_else(|| match input {
            Input::Secret(name) => {
                failure(FailureKind::NotStarted, text!("the secret {name} is not set", "未设置密钥 {name}"))
            }
            Input::Text(_) => failure(FailureKind::NotStarted, text!("its text is not there", "它的内容不存在")),
        })
    }
}

/// Does it change something, so that it matters whether it happened?
pub(in crate::drivers) fn is_write(class: Class) -> bool {
    match class {
        Class::Write | Class::Destroy => true,
        Class::Pure | Class::Read | Class::Record => false,
    }
}

fn stopped(writes: bool) -> Failure {
    if writes {
        let message = text!("stopped before an answer came: it may have happened", "收到响应前被停止：可能已经执行");
        failure(FailureKind::InDoubt, message)
    } else {
        failure(FailureKind::Interrupted, text!("stopped", "已停止"))
    }
}

/// An answer that does not come; `writes`: it matters whether it happened.
pub(in crate::drivers) fn no_answer(writes: bool, limit: SignedDuration) -> Failure {
    let limit = format!("{limit:#}");
    if writes {
        let message = text!("no answer within {limit}: it may have happened", "{limit} 内没有响应：可能已经执行");
        failure(FailureKind::InDoubt, message)
    } else {
        failure(FailureKind::TimedOut, text!("no answer within {limit}", "{limit} 内没有响应"))
    }
}

impl Http for HttpClient {
    fn request(&mut self, start: &Start, request: &action::Http, reply: Reply) {
        let (request, id, writes) = (request.clone(), start.id.clone(), is_write(start.class));
        self.begin(start, reply, |shared| request::perform(shared, request, id, writes));
    }

    fn scrape(&mut self, start: &Start, scrape: &action::Scrape, reply: Reply) {
        let (scrape, id) = (scrape.clone(), start.id.clone());
        self.begin(start, reply, |shared| scrape::perform(shared, scrape, id));
    }

    fn alerts(&mut self, start: &Start, alerts: &action::Alerts, reply: Reply) {
        let alerts = alerts.clone();
        self.begin(start, reply, |shared| alertmanager::perform(shared, alerts));
    }

    fn notify(&mut self, start: &Start, notify: &action::Notify, reply: Reply) {
        let notify = notify.clone();
        self.begin(start, reply, |shared| notify::perform(shared, notify));
    }

    fn cancel(&mut self, id: &ActionId) {
        if let Some(stop) = self.stops.get(id) {
            stop.notify_one();
        }
    }
}

impl Background {
    fn begin() -> std::io::Result<Background> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (until, end) = oneshot::channel();
        let thread = std::thread::Builder::new().name("http".to_owned()).spawn(move || {
            // It ends when the sender is dropped, which is an error by its own words only.
            drop(runtime.block_on(end));
            // A lookup of a name cannot be stopped: it is left to itself.
            runtime.shutdown_background();
        })?;
        Ok(Background { handle, until: Some(until), thread: Some(thread) })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.until.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has been reported by its own hook.
            drop(thread.join());
        }
    }
}
