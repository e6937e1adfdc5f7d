//! `wait 5.min`, `wait until: "11:10"`.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | its end is computed once; a time already past goes on at once | waiting |
//! | waiting | the time has come, or a person skips it (`skip: true`) | the guards, one after another |
//! | guarding | a guard holds | the next guard, then done |

use jiff::Timestamp;

use crate::check::program::{NodeKind, WaitFor};
use crate::engine::action::Words;
use crate::engine::eval::EvalError;
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::state::{FiberId, Frame, Return};
use crate::engine::telling::Telling;
use crate::text;
use crate::text::Text;
use crate::value::{Value, Verdict};

/// How far a wait is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wait {
    /// Not begun.
    Fresh,
    /// Until then.
    Until(Timestamp),
    /// Over; the guard with this index is checked.
    Guarding(usize),
}

/// A wait that a person may end.
struct Skippable {
    fiber: FiberId,
    /// The key of its instance without the number of its pass.
    stem: String,
    /// Which one it is: its stem, or with its pass where another one has the same.
    key: String,
    title: Words,
}

impl Skippable {
    fn is_called(&self, named: &str) -> bool {
        let ending = self.stem.strip_suffix(named);
        self.key == named || ending.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    }
}

impl Machine<'_> {
    /// Runs a wait.
    pub(crate) fn wait(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Kind::Wait(phase) = frame.kind.clone() else { return Flow::Block };
        match phase {
            Wait::Fresh => match self.wait_end(frame) {
                Ok(until) => {
                    self.open_record(frame, format!("wait until {until}"));
                    frame.kind = Kind::Wait(Wait::Until(until));
                    self.tell_waiting(frame, until);
                    Flow::Again
                }
                Err(error) => {
                    self.open_record(frame, String::new());
                    self.fail(fiber, frame, error.0, String::new())
                }
            },
            Wait::Until(until) => {
                if self.state.now < until {
                    self.sleep_until(fiber, until);
                    return Flow::Block;
                }
                self.close_record(frame, Verdict::Pass, Text::default());
                self.guard_after_wait(frame, 0)
            }
            Wait::Guarding(index) => match returned {
                Some(Return::Failed(message)) => self.fail(fiber, frame, message, String::new()),
                Some(Return::Done(_)) => self.guard_after_wait(frame, index + 1),
                Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) | None => {
                    Flow::Push(Box::new(self.guard_frame(index, frame)))
                }
            },
        }
    }

    /// Says until when it waits, where it does.
    pub(crate) fn tell_waiting(&mut self, frame: &Frame, until: Timestamp) {
        if until > self.state.now {
            let (depth, title, skip) = (frame.depth, self.title_of(frame), self.skippable(frame));
            self.tell(Telling::Waiting { depth, title, until, skip });
        }
    }

    fn guard_after_wait(&mut self, frame: &mut Frame, index: usize) -> Flow {
        if index < self.program.guards.len() {
            frame.kind = Kind::Wait(Wait::Guarding(index));
            return Flow::Push(Box::new(self.guard_frame(index, frame)));
        }
        Flow::done(Verdict::Pass)
    }

    fn wait_end(&self, frame: &Frame) -> Result<Timestamp, EvalError> {
        let Some(NodeKind::Wait { what, .. }) = frame.node.map(|id| &self.program.node(id).kind) else {
            return Ok(self.state.now);
        };
        let env = self.env(frame.scope);
        match what {
            WaitFor::Span(span) => {
                let span = env.duration(span)?;
                self.state
                    .now
                    .checked_add(span)
                    .map_err(|_| EvalError(text!("the wait would never end", "等待永远不会结束")))
            }
            WaitFor::TimeOfDay(time) => {
                let zone = crate::engine::eval::zone(self.program);
                let zoned = self.day().to_datetime(*time).to_zoned_datetime(zone);
                zoned.map(|zoned| zoned.timestamp()).map_err(|error| EvalError(Text::verbatim(error.to_string())))
            }
            WaitFor::Time(time) => match env.eval(time)? {
                Value::Time(time) => Ok(time),
                other => Err(EvalError(text!(
                    "expected a time, found `{}`",
                    "应为时间，实际为 `{}`",
                    crate::value::text::text(&other)
                ))),
            },
        }
    }

    fn skippable(&self, frame: &Frame) -> bool {
        matches!(frame.node.map(|id| &self.program.node(id).kind), Some(NodeKind::Wait { skip: true, .. }))
    }

    /// A person ends a wait now: the one that is named, or the one that there is. Which of several is meant is not guessed.
    pub(crate) fn skip_wait(&mut self, by: &str, named: Option<&str>, because: &str) {
        let open = self.skippable_waits();
        let meant: Vec<&Skippable> =
            open.iter().filter(|wait| named.is_none_or(|named| wait.is_called(named))).collect();
        match (meant.as_slice(), named) {
            ([Skippable { fiber, key, .. }], _) => {
                self.end_wait(*fiber);
                self.deviate(
                    by,
                    match because {
                        "" => text!("ended the wait {key} early", "提前结束了等待 {key}"),
                        because => text!("ended the wait {key} early: {because}", "提前结束了等待 {key}：{because}"),
                    },
                );
            }
            ([], _) if open.is_empty() => {
                self.warn(text!("there is no wait that may be skipped now", "现在没有可跳过的等待"));
            }
            ([], Some(named)) => {
                let waits = one_by_one(&open.iter().collect::<Vec<_>>());
                self.warn(text!(
                    "there is no wait `{named}` that may be skipped now, but: {}",
                    "现在没有可跳过的等待 `{named}`；可跳过的有：{}",
                    waits
                ));
            }
            (several, _) => {
                let example = several.first().map(|wait| wait.key.as_str()).unwrap_or_default();
                let count = several.len();
                self.warn(text!(
                    "{count} waits may be skipped now: {}; name one: `skip {example} because …`",
                    "现在有 {count} 处等待可以跳过：{}；请指明一处：`skip {example} because …`",
                    one_by_one(several)
                ));
            }
        }
    }

    /// The waits that a person may end.
    fn skippable_waits(&self) -> Vec<Skippable> {
        let open = self.state.fibers.iter().filter_map(|(id, fiber)| {
            let frame = fiber.frames.last()?;
            let waits = matches!(frame.kind, Kind::Wait(Wait::Until(_))) && frame.trouble.is_none();
            (waits && self.skippable(frame)).then_some((*id, frame))
        });
        let open: Vec<(FiberId, &Frame)> = open.collect();
        let alone = |frame: &Frame| open.iter().filter(|(_, other)| other.stem() == frame.stem()).count() == 1;
        let called = |(fiber, frame): &(FiberId, &Frame)| {
            let stem = frame.stem().to_owned();
            let key = if alone(frame) { stem.clone() } else { frame.key.clone() };
            Skippable { fiber: *fiber, stem, key, title: self.title_of(frame) }
        };
        open.iter().map(called).collect()
    }

    fn end_wait(&mut self, fiber: FiberId) {
        let now = self.state.now;
        let Some(fiber) = self.state.fibers.get_mut(&fiber) else { return };
        if let Some(frame) = fiber.frames.last_mut() {
            frame.kind = Kind::Wait(Wait::Until(now));
        }
        fiber.ready = true;
        fiber.until = None;
    }
}

/// `eu/rest (Let EU settle), us/rest`
fn one_by_one(waits: &[&Skippable]) -> Text {
    let one = |Skippable { key, title, .. }: &Skippable| {
        if title.is_empty() { Text::verbatim(key.as_str()) } else { text!("{key} ({})", "{key}（{}）", title) }
    };
    Text::join(&waits.iter().map(|wait| one(wait)).collect::<Vec<_>>(), &text!(", ", "，"))
}
