//! `wait 5.min`, `wait until: "11:10"`.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | its end is computed once; a time already past goes on at once | waiting |
//! | waiting | the time has come, or a person skips it (`skip: true`) | the guards, one after another |
//! | guarding | a guard holds | the next guard, then done |

use jiff::Timestamp;

use crate::check::program::{NodeKind, WaitFor};
use crate::engine::eval::EvalError;
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::state::{FiberId, Frame, Return};
use crate::engine::telling::Telling;
use crate::text::Text;
use crate::value::{Value, Verdict, text};

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

impl Machine<'_> {
    /// Runs a wait.
    pub(crate) fn wait(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Kind::Wait(phase) = frame.kind.clone() else { return Flow::Block };
        match phase {
            Wait::Fresh => match self.wait_end(frame) {
                Ok(until) => {
                    let depth = frame.depth;
                    self.open_record(frame, format!("wait until {until}"));
                    frame.kind = Kind::Wait(Wait::Until(until));
                    if until > self.state.now {
                        let skip = self.skippable(frame);
                        self.tell(Telling::Waiting { depth, until, skip });
                    }
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
                    .map_err(|_| EvalError(crate::text!("the wait would never end", "等待永远不会结束")))
            }
            WaitFor::TimeOfDay(time) => {
                let zone = crate::engine::eval::zone(self.program);
                let zoned = self.day().to_datetime(*time).to_zoned_datetime(zone);
                zoned.map(|zoned| zoned.timestamp()).map_err(|error| EvalError(Text::verbatim(error.to_string())))
            }
            WaitFor::Time(time) => match env.eval(time)? {
                Value::Time(time) => Ok(time),
                other => Err(EvalError(crate::text!(
                    "expected a time, found `{}`",
                    "应为时间，实际为 `{}`",
                    text::text(&other)
                ))),
            },
        }
    }

    fn skippable(&self, frame: &Frame) -> bool {
        matches!(frame.node.map(|id| &self.program.node(id).kind), Some(NodeKind::Wait { skip: true, .. }))
    }

    /// A person ends a wait now. False: there is none that may be skipped.
    pub(crate) fn skip_wait(&mut self) -> bool {
        let now = self.state.now;
        let waiting = self.state.fibers.iter().find_map(|(id, fiber)| {
            let frame = fiber.frames.last()?;
            let waits = matches!(frame.kind, Kind::Wait(Wait::Until(_))) && frame.trouble.is_none();
            (waits && self.skippable(frame)).then_some(*id)
        });
        let Some(fiber) = waiting.and_then(|id| self.state.fibers.get_mut(&id)) else { return false };
        if let Some(frame) = fiber.frames.last_mut() {
            frame.kind = Kind::Wait(Wait::Until(now));
        }
        fiber.ready = true;
        fiber.until = None;
        true
    }
}
