//! `poll every: for: do READS… done_when COND end`.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | its limits, once | reading |
//! | reading | the reads ended and the condition is true | done |
//! | reading | false, or a read failed: not there yet | pausing |
//! | pausing | the time has come | reading |
//! | pausing | the whole time is over | trouble: timed out |

use jiff::{SignedDuration, Timestamp};

use crate::check::program::NodeKind;
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::state::{FiberId, Frame, Return};
use crate::text;
use crate::text::Text;
use crate::value::Verdict;

/// Shortest pause between rounds: a poll is no busy loop, whatever its author wrote.
const MIN_PAUSE: SignedDuration = SignedDuration::from_millis(10);

/// How far a poll is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Poll {
    /// Not begun.
    Fresh,
    /// The reads run.
    Reading { every: SignedDuration, end: Timestamp, began: Timestamp },
    /// Waiting for the next round.
    Pausing { every: SignedDuration, end: Timestamp, next: Timestamp, why: Text },
}

impl Machine<'_> {
    /// Runs a poll.
    pub(crate) fn poll(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let NodeKind::Poll { every, within, body, done_when } = &self.node(id).kind else {
            return Flow::done(Verdict::Pass);
        };
        let Kind::Poll(phase) = frame.kind.clone() else { return Flow::Block };
        match phase {
            Poll::Fresh => {
                if frame.record.is_none() {
                    self.open_record(frame, String::new());
                }
                let env = self.env(frame.scope);
                let limits = env.duration(every).and_then(|every| Ok((every, env.duration(within)?)));
                match limits {
                    Ok((every, within)) => {
                        let end = self.state.now.saturating_add(within).unwrap_or(Timestamp::MAX);
                        self.round(frame, body, every.max(MIN_PAUSE), end)
                    }
                    Err(error) => self.fail(fiber, frame, error.0, String::new()),
                }
            }
            Poll::Reading { every, end, began } => {
                let why = match returned {
                    None => return Flow::Block,
                    Some(Return::Failed(message)) => message,
                    Some(Return::Done(_) | Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) => {
                        match self.env(frame.scope).bool(done_when) {
                            Ok(true) => {
                                self.forgive(frame);
                                self.close_record(frame, Verdict::Pass, Text::default());
                                return Flow::done(Verdict::Pass);
                            }
                            Ok(false) => text!("the condition was not true", "条件不成立"),
                            Err(error) => error.0,
                        }
                    }
                };
                // The rounds keep their beat: a slow read does not shift the ones after it.
                let next = began.saturating_add(every).unwrap_or(Timestamp::MAX).max(self.state.now);
                frame.kind = Kind::Poll(Poll::Pausing { every, end, next, why });
                Flow::Again
            }
            Poll::Pausing { every, end, next, why } => {
                if next > end {
                    let why = text!("it did not come about in time: {}", "未在限定时间内达成：{}", why);
                    return self.fail(fiber, frame, why, String::new());
                }
                if self.state.now < next {
                    self.sleep_until(fiber, next);
                    return Flow::Block;
                }
                self.round(frame, body, every, end)
            }
        }
    }

    fn round(
        &mut self,
        frame: &mut Frame,
        body: &[crate::check::program::NodeId],
        every: SignedDuration,
        end: Timestamp,
    ) -> Flow {
        frame.kind = Kind::Poll(Poll::Reading { every, end, began: self.state.now });
        Flow::Push(Box::new(self.list(body, frame.scope, frame.depth + 1)))
    }
}
