//! `poll every: for: do READS… done_when COND end`.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | its limits, once | reading |
//! | reading | the reads ended and the condition is true | done |
//! | reading | false, or a read failed: not there yet | pausing |
//! | reading | the same, and a person stopped the read | trouble: a person is asked |
//! | pausing | the time has come | reading |
//! | pausing | the whole time is over | trouble: timed out |

use jiff::{SignedDuration, Timestamp};

use crate::check::program::NodeKind;
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::state::{FiberId, Frame, Return};
use crate::engine::telling::Telling;
use crate::text;
use crate::text::Text;
use crate::value::Verdict;

/// Shortest pause between rounds: a poll is no busy loop, whatever its author wrote.
const MIN_PAUSE: SignedDuration = SignedDuration::from_millis(10);

/// Its limits, and how far it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rounds {
    pub(crate) every: SignedDuration,
    pub(crate) began: Timestamp,
    pub(crate) end: Timestamp,
    /// Why it was not there yet, as it was told last.
    pub(crate) told: Option<Text>,
    /// Rounds that have begun.
    pub(crate) count: u32,
}

/// How far a poll is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Poll {
    /// Not begun.
    Fresh,
    /// The reads run; `stopped`: a person stopped one of them.
    Reading { rounds: Rounds, began: Timestamp, stopped: bool },
    /// Waiting for the next round.
    Pausing { rounds: Rounds, next: Timestamp, why: Text },
}

/// A read of the innermost poll among these frames is stopped by a person.
pub(crate) fn stop_innermost(frames: &mut [Frame]) {
    let poll = frames.iter_mut().rev().find_map(|frame| match &mut frame.kind {
        Kind::Poll(poll) => Some(poll),
        _other => None,
    });
    if let Some(Poll::Reading { stopped, .. }) = poll {
        *stopped = true;
    }
}

/// `1 read`, `12 reads`
pub(crate) fn reads(count: u32) -> Text {
    if count == 1 { text!("1 read", "读取 1 次") } else { text!("{count} reads", "读取 {count} 次") }
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
                        let (began, every) = (self.state.now, every.max(MIN_PAUSE));
                        let end = began.saturating_add(within).unwrap_or(Timestamp::MAX);
                        let (depth, title) = (frame.depth, self.title_of(frame));
                        self.tell(Telling::Polling { depth, title, every, until: end });
                        self.round(frame, body, Rounds { every, began, end, told: None, count: 0 })
                    }
                    Err(error) => self.fail(fiber, frame, error.0, String::new()),
                }
            }
            Poll::Reading { mut rounds, began, stopped } => {
                let mut seen = Vec::new();
                let why = match returned {
                    None => return Flow::Block,
                    Some(Return::Failed(message)) => message,
                    Some(Return::Done(_) | Return::Outcome(_) | Return::Answer(_) | Return::TimedOut) => {
                        match self.env(frame.scope).bool(done_when) {
                            Ok(true) => {
                                self.forgive(frame);
                                self.tell_polled(frame, &rounds, Verdict::Pass);
                                self.close_record(frame, Verdict::Pass, reads(rounds.count));
                                return Flow::done(Verdict::Pass);
                            }
                            Ok(false) => {
                                seen = crate::engine::explain::values(&self.env(frame.scope), done_when);
                                text!("the condition was not true", "条件不成立")
                            }
                            Err(error) => error.0,
                        }
                    }
                };
                if stopped {
                    let why = text!("stopped in read {}: {}", "在第 {} 次读取时被中断：{}", rounds.count, why);
                    return self.fail_stopped(fiber, frame, why, String::new());
                }
                // The same again is no news.
                let told = if seen.is_empty() { why.clone() } else { Text::join(&seen, &text!(", ", "，")) };
                if rounds.told.as_ref() != Some(&told) {
                    self.tell(Telling::NotYet { depth: frame.depth, why: told.clone() });
                    rounds.told = Some(told);
                }
                // The rounds keep their beat: a slow read does not shift the ones after it.
                let next = began.saturating_add(rounds.every).unwrap_or(Timestamp::MAX).max(self.state.now);
                frame.kind = Kind::Poll(Poll::Pausing { rounds, next, why });
                Flow::Again
            }
            Poll::Pausing { rounds, next, why } => {
                if next > rounds.end {
                    self.tell_polled(frame, &rounds, Verdict::Fail);
                    let why = text!("it did not come about in time: {}", "未在限定时间内达成：{}", why);
                    return self.fail(fiber, frame, why, String::new());
                }
                if self.state.now < next {
                    self.sleep_until(fiber, next);
                    return Flow::Block;
                }
                self.round(frame, body, rounds)
            }
        }
    }

    fn tell_polled(&mut self, frame: &Frame, rounds: &Rounds, verdict: Verdict) {
        let (depth, title, reads) = (frame.depth, self.title_of(frame), rounds.count);
        self.tell(Telling::Polled { depth, title, verdict, reads, took: self.state.elapsed_since(rounds.began) });
    }

    fn round(&mut self, frame: &mut Frame, body: &[crate::check::program::NodeId], rounds: Rounds) -> Flow {
        let rounds = Rounds { count: rounds.count + 1, ..rounds };
        frame.kind = Kind::Poll(Poll::Reading { rounds, began: self.state.now, stopped: false });
        Flow::Push(Box::new(self.list(body, frame.scope, frame.depth + 1)))
    }
}
