//! `try 3, every: 10.s do … repair do … end end`.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | its body | trying |
//! | trying | it ended | done |
//! | trying | it failed, attempts left | repairing |
//! | repairing | the repair ended | pausing |
//! | pausing | the time has come | trying, next attempt |
//! | trying | it failed, none left; or the repair failed | trouble |

use jiff::{SignedDuration, Timestamp};

use super::effect::grown;
use crate::check::program::NodeKind;
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::state::{FiberId, Frame, Return};
use crate::engine::telling::{Attempt, Telling};
use crate::text;
use crate::value::Verdict;

/// How far a `try` is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Try {
    /// Not begun.
    #[default]
    Fresh,
    /// The body runs for this time, from 1.
    Trying(u32),
    /// The repair after this attempt runs.
    Repairing(u32),
    /// Waiting for the next attempt.
    Pausing(u32, Timestamp),
}

impl Machine<'_> {
    /// Runs a `try`.
    pub(crate) fn attempt(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let NodeKind::Try { times, every, backoff, body, repair } = &self.node(id).kind else {
            return Flow::done(Verdict::Pass);
        };
        let Kind::Try(phase) = frame.kind.clone() else { return Flow::Block };
        let inside = frame.depth + 1;
        match phase {
            Try::Fresh => {
                if frame.record.is_none() {
                    self.open_record(frame, String::new());
                }
                frame.kind = Kind::Try(Try::Trying(1));
                Flow::Push(Box::new(self.list(body, frame.scope, inside)))
            }
            Try::Trying(count) => match returned {
                Some(Return::Done(verdict)) => {
                    let detail = text!("attempt {count} of {times}", "第 {count} 次尝试，共 {times} 次");
                    self.close_record(frame, verdict, detail);
                    Flow::done(verdict)
                }
                Some(Return::Failed(message)) if count >= *times => {
                    let why = text!(
                        "all {} attempts failed; the last one: {}",
                        "{} 次尝试均失败；最后一次：{}",
                        times,
                        message
                    );
                    self.fail(fiber, frame, why, String::new())
                }
                Some(Return::Failed(_)) => {
                    frame.kind = Kind::Try(Try::Repairing(count));
                    Flow::Push(Box::new(self.list(repair, frame.scope, inside)))
                }
                Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) | None => Flow::Block,
            },
            Try::Repairing(count) => match returned {
                Some(Return::Failed(message)) => {
                    self.fail(fiber, frame, text!("the repair failed: {}", "修复失败：{}", message), String::new())
                }
                Some(Return::Done(_)) => {
                    let pause = match every {
                        Some(every) => match self.env(frame.scope).duration(every) {
                            Ok(pause) => grown(pause, *backoff, count),
                            Err(error) => return self.fail(fiber, frame, error.0, String::new()),
                        },
                        None => SignedDuration::ZERO,
                    };
                    let next = self.state.now.saturating_add(pause).unwrap_or(Timestamp::MAX);
                    if next > self.state.now {
                        self.tell_attempt(frame, count + 1, *times, Some(next));
                    }
                    frame.kind = Kind::Try(Try::Pausing(count, next));
                    Flow::Again
                }
                Some(Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) | None => Flow::Block,
            },
            Try::Pausing(count, next) => {
                if self.state.now < next {
                    self.sleep_until(fiber, next);
                    return Flow::Block;
                }
                self.forgive(frame);
                self.tell_attempt(frame, count + 1, *times, None);
                frame.kind = Kind::Try(Try::Trying(count + 1));
                Flow::Push(Box::new(self.list(body, frame.scope, inside)))
            }
        }
    }

    fn tell_attempt(&mut self, frame: &Frame, n: u32, of: u32, at: Option<Timestamp>) {
        let (depth, title) = (frame.depth, self.title_of(frame));
        self.tell(Telling::Attempt { depth, title, attempt: Attempt { n, of }, at });
    }
}
