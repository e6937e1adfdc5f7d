//! The world as the loop of `run` sees it, composed of drivers: routes what is to begin to its driver, and puts what
//! they say into one order.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::answers::Answers;
use super::real::files::Texts;
use super::reply::{Message, News, Sending, Stopwatch};
use super::secrets::Secrets;
use super::{Artifacts, Busy, Clock, Files, Http, Locks, People, Screen, Shell, Survivor};
use crate::engine::action::{ActionId, Effect, Start};
use crate::engine::input::{Command, Data, Failure, FailureKind, FileData};
use crate::engine::telling::Telling;
use crate::engine::view::RunView;
use crate::engine::world::{Happening, Process, ViewRequest, World};
use crate::text;
use crate::text::Lang;

/// The drivers.
#[expect(missing_docs, reason = "each is described at its trait")]
pub struct Parts {
    pub clock: Arc<dyn Clock>,
    pub shell: Box<dyn Shell>,
    pub http: Box<dyn Http>,
    pub files: Box<dyn Files>,
    pub locks: Box<dyn Locks>,
    pub people: Box<dyn People>,
    pub screen: Box<dyn Screen>,
}

/// What a live and a simulated world are both made from.
#[expect(missing_docs, reason = "the types say what each of these is")]
pub struct Surroundings {
    /// Working directory of the run.
    pub dir: PathBuf,
    pub answers: Answers,
    /// Zone of times without an offset.
    pub zone: TimeZone,
    /// Language of the operator.
    pub lang: Lang,
    pub secrets: Secrets,
    pub artifacts: Arc<dyn Artifacts>,
    pub texts: Box<dyn Texts>,
    pub locks: Box<dyn Locks>,
    pub screen: Box<dyn Screen>,
    /// The two ends of the channel of news.
    pub channel: (Sending, Receiver<Message>),
}

/// A world made of drivers.
pub struct Drivers {
    parts: Parts,
    sending: Sending,
    inbox: Receiver<Message>,
    /// Effects that have begun and have no outcome.
    running: BTreeMap<ActionId, Running>,
    /// Prompts that are open.
    prompts: BTreeMap<ActionId, Asked>,
    /// What has happened, in order.
    ready: VecDeque<Happening>,
    /// An answer or command that was passed on: whoever starts or asks for the next thing has journaled it.
    passed_on: Option<Happening>,
    /// What will happen, by time and then by order of arrival.
    later: BTreeMap<(Timestamp, u64), Happening>,
    arrivals: u64,
}

/// Who cancels an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Shell,
    Http,
    /// It ends within the call that begins it.
    Nobody,
}

struct Running {
    by: By,
    watch: Stopwatch,
    /// Its outcome lies in `later`.
    foretold: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Somebody is there.
    Waiting,
    /// Its answer lies in `later`.
    Foretold,
    /// Nobody is there; an answer may still come from elsewhere.
    NobodyThere,
}

impl Drivers {
    /// Composes a world. `sending` and `inbox` are the two ends of the channel that the drivers were given.
    pub fn new(parts: Parts, sending: Sending, inbox: Receiver<Message>) -> Drivers {
        Drivers {
            parts,
            sending,
            inbox,
            running: BTreeMap::new(),
            prompts: BTreeMap::new(),
            ready: VecDeque::new(),
            passed_on: None,
            later: BTreeMap::new(),
            arrivals: 0,
        }
    }

    /// What is still alive of the process that an earlier executor started for an effect.
    pub fn survivors(&mut self, id: &ActionId, process: Process) -> Vec<Survivor> {
        self.parts.shell.survivors(id, process)
    }

    /// Takes such a process over: its outcome comes when nothing of it is alive any more.
    pub fn adopt(&mut self, id: &ActionId, process: Process, timeout: Option<SignedDuration>) {
        self.begin(id, By::Shell);
        self.parts.shell.adopt(process, timeout, self.sending.reply(id));
    }

    fn begin(&mut self, id: &ActionId, by: By) -> Stopwatch {
        let watch = Stopwatch::start(&*self.parts.clock);
        self.running.insert(id.clone(), Running { by, watch, foretold: false });
        watch
    }

    /// An effect that ends within the call that begins it.
    fn at_once(&mut self, id: &ActionId, act: impl FnOnce(&mut Parts) -> Result<Data, Failure>) {
        let watch = self.begin(id, By::Nobody);
        let (failure, data) = match act(&mut self.parts) {
            Ok(data) => (None, data),
            Err(failure) => (Some(failure), Data::None),
        };
        let outcome = watch.outcome(&*self.parts.clock, failure, data);
        self.ready.push_back(Happening::Outcome { id: id.clone(), outcome });
    }

    fn file(&mut self, id: &ActionId, act: impl FnOnce(&mut dyn Files) -> Result<FileData, Failure>) {
        self.at_once(id, |parts| act(&mut *parts.files).map(Data::File));
    }

    /// A file that a person will look for: said where it lies, when that is not where the runbook writes it.
    fn document(&mut self, id: &ActionId, act: impl FnOnce(&mut dyn Files) -> Result<FileData, Failure>) {
        self.at_once(id, |parts| {
            let written = act(&mut *parts.files)?;
            if let Some(place) = parts.files.lies_at(&written.path) {
                parts.screen.output(id, &format!("{}\n", place.display()));
            }
            Ok(Data::File(written))
        });
    }

    /// Sorts in what has arrived.
    fn collect(&mut self) {
        while let Ok(message) = self.inbox.try_recv() {
            self.take(message);
        }
    }

    /// Sorts a message in; output goes to the screen at once.
    fn take(&mut self, message: Message) {
        match (message.news, message.at) {
            (News::Output { id, text }, _) => self.parts.screen.output(&id, &text),
            (News::Happened(happening), None) => self.ready.push_back(happening),
            (News::Happened(happening), Some(at)) => {
                match &happening {
                    Happening::Outcome { id, .. } => {
                        if let Some(running) = self.running.get_mut(id) {
                            running.foretold = true;
                        }
                    }
                    Happening::Answered { id, .. } => {
                        if let Some(asked) = self.prompts.get_mut(id) {
                            *asked = Asked::Foretold;
                        }
                    }
                    Happening::Due
                    | Happening::Started { .. }
                    | Happening::Delivered { .. }
                    | Happening::NobodyThere { .. }
                    | Happening::Detached
                    | Happening::Command { .. }
                    | Happening::View(_)
                    | Happening::Interrupt
                    | Happening::Terminate
                    | Happening::Idle => {}
                }
                self.arrivals += 1;
                self.later.insert((at, self.arrivals), happening);
            }
        }
    }

    /// Passes on what concerns something that is still open: a second outcome, an answer to a prompt that was taken
    /// back and the like end here.
    fn admit(&mut self, happening: Happening) -> Option<Happening> {
        let open = match &happening {
            Happening::Outcome { id, .. } => self.running.remove(id).is_some(),
            Happening::Started { id, .. } => self.running.contains_key(id),
            Happening::Answered { id, .. } => {
                let open = self.prompts.remove(id).is_some();
                if open {
                    // It may have been asked in several places, and one of them has answered.
                    self.parts.people.withdraw(id);
                }
                open
            }
            Happening::Delivered { id } => self.now_asked(id, Asked::Waiting),
            Happening::NobodyThere { id } => self.now_asked(id, Asked::NobodyThere),
            Happening::Due
            | Happening::Detached
            | Happening::Command { .. }
            | Happening::View(_)
            | Happening::Interrupt
            | Happening::Terminate
            | Happening::Idle => true,
        };
        open.then_some(happening)
    }

    fn now_asked(&mut self, id: &ActionId, state: Asked) -> bool {
        let Some(asked) = self.prompts.get_mut(id) else { return false };
        if *asked != Asked::Foretold {
            *asked = state;
        }
        true
    }

    fn busy(&self) -> Busy {
        Busy {
            effects: self.running.values().filter(|running| !running.foretold).count(),
            people: self.prompts.values().filter(|asked| **asked == Asked::Waiting).count(),
        }
    }

    /// What was passed on last is in the journal by now: nothing is started, and nothing waited for, before it is.
    fn journaled(&mut self) {
        if let Some(happening) = self.passed_on.take() {
            self.parts.people.journaled(&happening);
        }
    }

    fn wait(&mut self, due: Option<Timestamp>) -> Happening {
        loop {
            self.collect();
            if let Some(happening) = self.ready.pop_front() {
                if let Some(happening) = self.admit(happening) {
                    return happening;
                }
                continue;
            }
            let now = self.parts.clock.now();
            let reached = due.filter(|due| *due <= now);
            if let Some(happening) = self.foretold(reached.unwrap_or(now)) {
                self.ready.push_back(happening);
                continue;
            }
            if reached.is_some() {
                return Happening::Due;
            }
            let foretold = self.later.keys().next().map(|(at, _)| *at);
            let until = due.into_iter().chain(foretold).min();
            let busy = self.busy();
            if until.is_none() && busy == Busy::default() {
                return Happening::Idle;
            }
            if let Some(message) = self.parts.clock.wait(&self.inbox, until, busy) {
                self.take(message);
            }
        }
    }

    fn foretold(&mut self, by: Timestamp) -> Option<Happening> {
        let entry = self.later.first_entry()?;
        (entry.key().0 <= by).then(|| entry.remove())
    }
}

impl World for Drivers {
    fn now(&mut self) -> Timestamp {
        self.parts.clock.now()
    }

    fn start(&mut self, start: &Start) {
        self.journaled();
        let id = &start.id;
        let reply = self.sending.reply(id);
        match &start.effect {
            Effect::Shell(shell) => {
                self.begin(id, By::Shell);
                self.parts.shell.run(start, shell, reply);
            }
            Effect::Http(request) => {
                self.begin(id, By::Http);
                self.parts.http.request(start, request, reply);
            }
            Effect::Scrape(scrape) => {
                self.begin(id, By::Http);
                self.parts.http.scrape(start, scrape, reply);
            }
            Effect::Alerts(alerts) => {
                self.begin(id, By::Http);
                self.parts.http.alerts(start, alerts, reply);
            }
            Effect::Notify(notify) => {
                self.begin(id, By::Http);
                self.parts.http.notify(start, notify, reply);
            }
            Effect::Copy { from, to } => self.document(id, |files| files.copy(from, to)),
            Effect::Update(update) => self.document(id, |files| files.update(update)),
            Effect::Report(report) => self.document(id, |files| files.report(report)),
            Effect::Append { path, line } => self.file(id, |files| files.append(path, line)),
            Effect::Restore { path, written } => self.file(id, |files| files.restore(path, written)),
            Effect::Lock { target } => self.at_once(id, |parts| parts.locks.lock(target).map(|()| Data::None)),
            Effect::Unlock { target } => {
                // Whoever takes the target next must not meet a command of this run that is still being ended.
                self.parts.shell.wait_for_cancelled();
                self.at_once(id, |parts| parts.locks.unlock(target).map(|()| Data::None));
            }
            Effect::Ask(prompt) => {
                self.prompts.insert(id.clone(), Asked::Waiting);
                self.parts.people.ask(start, prompt, reply);
            }
        }
    }

    fn cancel(&mut self, id: &ActionId) {
        self.collect();
        let Some(running) = self.running.get(id) else { return };
        let (by, watch) = (running.by, running.watch);
        if running.foretold {
            self.later.retain(|_, happening| !matches!(happening, Happening::Outcome { id: other, .. } if other == id));
            let outcome = watch.failed(&*self.parts.clock, FailureKind::Interrupted, text!("stopped", "已停止"));
            self.ready.push_back(Happening::Outcome { id: id.clone(), outcome });
        }
        match by {
            By::Shell => self.parts.shell.cancel(id),
            By::Http => self.parts.http.cancel(id),
            By::Nobody => {}
        }
    }

    fn withdraw(&mut self, id: &ActionId) {
        self.collect();
        if self.prompts.remove(id).is_some() {
            self.later
                .retain(|_, happening| !matches!(happening, Happening::Answered { id: other, .. } if other == id));
            self.parts.people.withdraw(id);
        }
    }

    fn next(&mut self, due: Option<Timestamp>) -> Happening {
        self.journaled();
        let happening = self.wait(due);
        if matches!(happening, Happening::Answered { .. } | Happening::Command { .. }) {
            self.passed_on = Some(happening.clone());
        }
        happening
    }

    fn leaving(&mut self) -> Option<(String, Command)> {
        self.collect();
        let found = self.ready.iter().enumerate().find_map(|(at, happening)| {
            let Happening::Command { by, command } = happening else { return None };
            matches!(command, Command::Suspend | Command::Abort { .. }).then(|| (at, by.clone(), command.clone()))
        });
        let (at, by, command) = found?;
        self.passed_on = self.ready.remove(at);
        Some((by, command))
    }

    fn ended(&mut self) {
        self.journaled();
    }

    fn tell(&mut self, at: Timestamp, telling: &Telling, view: &dyn Fn() -> RunView) {
        self.parts.screen.tell(at, telling, view);
    }

    fn show(&mut self, what: &ViewRequest, view: &RunView) {
        self.parts.screen.show(what, view);
    }
}

#[cfg(test)]
mod tests;
