//! A run rebuilt from its journal: the recorded inputs go into a fresh engine, whose intents must be the recorded ones, in
//! the same order. Nothing is performed. `status`, `log` and `report` read a run in this way, and `resume` goes on from it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::intent::Statements;
use crate::check::program::Program;
use crate::diagnostic::Code;
use crate::engine::action::{Action, ActionId, Effect, Ending, Start};
use crate::engine::input::{Answer, Event, Input, ScrapeData};
use crate::engine::telling::Telling;
use crate::engine::view::RunView;
use crate::engine::world::Process;
use crate::engine::{self, State};
use crate::journal::codec::{Entry, Head};
use crate::journal::problem::Problem;
use crate::journal::record::{self, Header, Record};
use crate::journal::store::{Artifacts, Store, StoreError};
use crate::journal::{convert, kept};
use crate::text;
use crate::text::Text;

/// A run as its journal leaves it.
pub struct Replayed {
    /// With what it began.
    pub header: Header,
    /// The engine after its last input.
    pub state: State,
    /// The end of the journal.
    pub head: Head,
    /// The time of its last record.
    pub at: Timestamp,
    /// What has begun and has neither outcome nor answer.
    pub open: BTreeMap<ActionId, Start>,
    /// Prompts that were put and not answered, also those that were taken back when the run was suspended: the engine
    /// puts them again, and says in its view which of them wait.
    pub asked: BTreeMap<ActionId, Start>,
    /// Processes of commands among them.
    pub started: BTreeMap<ActionId, Process>,
    /// How it left off; none: it is running, or its executor is gone.
    pub ended: Option<Ending>,
}

/// Sees a run pass by again.
pub trait Witness {
    /// What was told, as [`crate::engine::world::World::tell`] hears it in a live run.
    fn told(&mut self, _: Timestamp, _: &Telling, _: &dyn Fn() -> RunView) {}

    /// An effect or prompt was begun.
    fn began(&mut self, _: Timestamp, _: &Start) {}

    /// A prompt was answered.
    fn answered(&mut self, _: &Start, _: &Answer) {}
}

/// A function hears what was told.
impl<F: FnMut(Timestamp, &Telling, &dyn Fn() -> RunView)> Witness for F {
    fn told(&mut self, at: Timestamp, telling: &Telling, view: &dyn Fn() -> RunView) {
        self(at, telling, view);
    }
}

/// Looks at nothing.
pub struct Unseen;

impl Witness for Unseen {}

/// Rebuilds a run.
pub fn replay(
    store: &dyn Store,
    run: &str,
    program: &Program,
    witness: &mut dyn Witness,
) -> Result<Replayed, StoreError> {
    let mut replay = Replay::new(store, run, program, witness);
    let tail = store.read(run, &mut |entry| replay.take(entry))?;
    replay.finish(tail.head).map_err(StoreError::Fatal)
}

/// What would have begun instead of what did.
pub struct Instead {
    /// Key of what a program wants.
    pub wanted: String,
    /// Key of what began.
    pub found: String,
}

/// Can a run be rebuilt with another program than its own? None: it can.
pub fn instead(store: &dyn Store, run: &str, program: &Program) -> Result<Option<Instead>, StoreError> {
    let mut unseen = Unseen;
    let mut replay = Replay::new(store, run, program, &mut unseen);
    let read = store.read(run, &mut |entry| replay.take(entry));
    if let Some(instead) = replay.instead.take() {
        return Ok(Some(instead));
    }
    replay.finish(read?.head).map(|_| None).map_err(StoreError::Fatal)
}

struct Replay<'a> {
    program: &'a Program,
    statements: Statements<'a>,
    artifacts: Arc<dyn Artifacts>,
    witness: &'a mut dyn Witness,
    state: State,
    header: Option<Header>,
    at: Timestamp,
    /// What the engine wanted and the journal must have next.
    wanted: VecDeque<Start>,
    /// The end that the engine said and the journal must have next.
    ending: Option<Ending>,
    open: BTreeMap<ActionId, Start>,
    asked: BTreeMap<ActionId, Start>,
    started: BTreeMap<ActionId, Process>,
    ended: Option<Ending>,
    /// Why the intents are not the recorded ones, where that is what went wrong.
    instead: Option<Instead>,
}

impl<'a> Replay<'a> {
    fn new(store: &dyn Store, run: &str, program: &'a Program, witness: &'a mut dyn Witness) -> Self {
        Self {
            program,
            statements: Statements::of(program),
            artifacts: store.artifacts(run),
            witness,
            state: State::new(program),
            header: None,
            at: Timestamp::UNIX_EPOCH,
            wanted: VecDeque::new(),
            ending: None,
            open: BTreeMap::new(),
            asked: BTreeMap::new(),
            started: BTreeMap::new(),
            ended: None,
            instead: None,
        }
    }

    fn take(&mut self, entry: Entry) -> Result<(), Problem> {
        let Entry { n, at, record } = entry;
        self.at = at;
        if let Record::Intent(found) = &record {
            return self.intent(n, at, found);
        }
        if let Some(wanted) = self.wanted.front() {
            return Err(diverged(n, &self.described(wanted), &of_kind(&record)));
        }
        if let Record::End(found) = &record {
            return self.end(n, convert::ending_back(found.ending));
        }
        if let Some(ending) = self.ending {
            return Err(diverged(n, &the_end(ending), &of_kind(&record)));
        }
        match record {
            Record::Header(header) => {
                let begin = convert::begin(&header);
                self.header = Some(*header);
                self.learn(at, Event::Begin(begin));
            }
            Record::Started(started) => {
                let (id, process) = convert::started_back(&started);
                self.started.insert(id, process);
            }
            Record::Outcome(found) => {
                let id = ActionId(found.id.clone());
                let Some(start) = self.open.remove(&id) else {
                    return Err(diverged(
                        n,
                        &text!("no outcome of an effect that has not begun", "没有尚未开始的操作的结果"),
                        &text!("that of {id}", "{id} 的结果"),
                    ));
                };
                self.started.remove(&id);
                let outcome = convert::outcome_back(&found, |kept| self.scrape(&start, kept))?;
                self.learn(at, Event::Outcome { id, outcome });
            }
            Record::Input(input) => {
                let event = convert::event(&input);
                if let Event::Answered { id, answer } = &event
                    && let Some(start) = self.asked.remove(id)
                {
                    self.open.remove(id);
                    self.witness.answered(&start, answer);
                }
                if let Event::Resumed { running, .. } = &event {
                    self.ended = None;
                    // The others are gone; these may still be there after another crash.
                    self.started.retain(|id, _| running.contains(id));
                }
                self.learn(at, event);
            }
            Record::Takeover(_) | Record::Intent(_) | Record::End(_) => {}
        }
        Ok(())
    }

    fn learn(&mut self, at: Timestamp, event: Event) {
        for action in engine::step(self.program, &mut self.state, Input { at, event }) {
            match action {
                Action::Start(start) => self.wanted.push_back(*start),
                Action::Withdraw(id) => drop(self.open.remove(&id)),
                Action::Tell(telling) => {
                    let (program, state) = (self.program, &self.state);
                    self.witness.told(at, &telling, &|| engine::view(program, state, at));
                }
                Action::End(ending) => self.ending = Some(ending),
                Action::Cancel(_) => {}
            }
        }
    }

    fn intent(&mut self, n: u64, at: Timestamp, found: &record::Intent) -> Result<(), Problem> {
        let described = the_intent(found);
        let Some(wanted) = self.wanted.pop_front() else {
            let expected = self.ending.map_or_else(|| text!("no intent", "没有意图记录"), the_end);
            return Err(diverged(n, &expected, &described));
        };
        let own = self.statements.intent(&wanted);
        if own.id != found.id || own.digest != found.digest || own.class != found.class {
            self.instead = Some(Instead { wanted: wanted.key.clone(), found: found.key.clone() });
            return Err(diverged(n, &self.described(&wanted), &described));
        }
        self.witness.began(at, &wanted);
        if matches!(wanted.effect, Effect::Ask(_)) {
            self.asked.insert(wanted.id.clone(), wanted.clone());
        }
        self.open.insert(wanted.id.clone(), wanted);
        Ok(())
    }

    fn end(&mut self, n: u64, found: Ending) -> Result<(), Problem> {
        match self.ending.take() {
            Some(ending) if ending == found => {
                // Locks are given back at the very end: no outcome of that comes.
                self.open.retain(|_, start| !matches!(start.effect, Effect::Unlock { .. }));
                self.ended = Some(found);
                Ok(())
            }
            Some(ending) => Err(diverged(n, &the_end(ending), &the_end(found))),
            None => Err(diverged(n, &text!("no end", "尚未结束"), &the_end(found))),
        }
    }

    fn described(&self, wanted: &Start) -> Text {
        the_intent(&self.statements.intent(wanted))
    }

    fn scrape(&self, start: &Start, kept: &[record::Kept]) -> Result<ScrapeData, Problem> {
        let Effect::Scrape(scrape) = &start.effect else {
            let message =
                text!("{} has the outcome of a scrape and is none", "{} 有抓取的结果，但它不是抓取", start.id);
            return Err(Problem::new(Code::RB0904, message));
        };
        let max_bytes = u64::try_from(scrape.max_bytes).unwrap_or(0);
        kept::scrape(&*self.artifacts, kept, &scrape.families, max_bytes)
    }

    fn finish(self, head: Head) -> Result<Replayed, Problem> {
        if let Some(wanted) = self.wanted.front() {
            return Err(diverged(head.n + 1, &self.described(wanted), &text!("the end of the journal", "日志结尾")));
        }
        if let Some(ending) = self.ending {
            return Err(diverged(head.n + 1, &the_end(ending), &text!("the end of the journal", "日志结尾")));
        }
        let Some(header) = self.header else {
            return Err(Problem::new(
                Code::RB0905,
                text!("nothing of this run was recorded: it had not begun", "该次运行没有任何记录：它尚未开始"),
            ));
        };
        let Self { state, at, open, asked, started, ended, .. } = self;
        Ok(Replayed { header, state, head, at, open, asked, started, ended })
    }
}

fn diverged(n: u64, expected: &Text, found: &Text) -> Problem {
    let message = text!("record {}: expected {}, found {}", "第 {} 条记录：应为{}，实际为{}", n, expected, found);
    Problem::new(Code::RB0904, message).help(text!(
        "nothing ran: compare the runbook with the one in source/ of the folder of the run",
        "未执行任何操作：请将 runbook 与该次运行文件夹中 source/ 里的对照"
    ))
}

fn of_kind(record: &Record) -> Text {
    text!("a record of kind {}", " {} 类记录", record.kind())
}

fn the_end(ending: Ending) -> Text {
    text!("the end {ending:?}", "结束记录 {ending:?}")
}

fn the_intent(intent: &record::Intent) -> Text {
    text!("the intent of {} (digest {})", " {} 的意图记录（摘要 {}）", intent.id, intent.digest)
}
