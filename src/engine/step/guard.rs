//! Guards: before each write and after each wait it is looked again whether the target is the right one.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | its read | running |
//! | running | the output is what it must be | done |
//! | running | anything else | trouble, without a way to skip it |

use crate::check::program::Class;
use crate::engine::action::{ActionId, Effect, Start};
use crate::engine::input::Data;
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::record::plain;
use crate::engine::state::{FiberId, Frame, Owner, Return};
use crate::engine::telling::{Attempt, Telling};
use crate::text;
use crate::value::Verdict;

impl Machine<'_> {
    /// The frame of the guard with this index, above `around`.
    pub(crate) fn guard_frame(&self, index: usize, around: &Frame) -> Frame {
        self.bare(Kind::Guard { index, running: None }, around.scope, around.depth)
    }

    /// Runs a guard.
    pub(crate) fn guard(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Kind::Guard { index, running } = frame.kind.clone() else { return Flow::done(Verdict::Pass) };
        let Some(guard) = self.program.guards.get(index) else { return Flow::done(Verdict::Pass) };
        let Some(_) = running else {
            let resolved = self
                .env(frame.scope)
                .shell(&guard.shell)
                .and_then(|shell| Ok((shell, self.env(frame.scope).duration(&guard.timeout)?)));
            let (shell, timeout) = match resolved {
                Ok(resolved) => resolved,
                Err(error) => return self.fail(fiber, frame, error.0, String::new()),
            };
            let key = format!("guard/{}", guard.key);
            let pass = self.state.next_pass(&key);
            let id = ActionId(format!("{key}#{pass}"));
            frame.key.clone_from(&id.0);
            frame.kind = Kind::Guard { index, running: Some(id.clone()) };
            let title =
                guard.title.as_ref().map_or_else(|| plain(&guard.key), |t| self.env(frame.scope).words_lossy(t));
            self.tell(Telling::GuardBegan { id: id.clone() });
            let (class, timeout) = (Class::Read, Some(timeout));
            self.open(
                Owner::Fiber(fiber),
                None,
                Start { id, key, title, class, timeout, effect: Effect::Shell(shell) },
            );
            return Flow::Block;
        };
        let Some(Return::Outcome(outcome)) = returned else { return Flow::Block };
        let output = super::effect::shown_output(&outcome);
        if let Some(failure) = outcome.failure {
            // Why it cannot be looked at is mostly in what it printed.
            self.tell(Telling::EffectEnded {
                id: ActionId(frame.key.clone()),
                depth: frame.depth,
                title: text!("guard {}", "目标核对 {}", guard.key).into(),
                failure: Some(failure.clone()),
                output,
                took_ms: i64::try_from(outcome.took.as_millis()).unwrap_or(i64::MAX),
                retry_at: None,
                attempt: Attempt::ONLY,
                polled: false,
            });
            let message =
                text!("guard `{}` could not be checked: {}", "无法检查 guard `{}`：{}", guard.key, failure.message);
            return self.fail(fiber, frame, message, String::new());
        }
        let found = match &outcome.data {
            Data::Shell { out, .. } => out.text.trim().to_owned(),
            Data::None | Data::Http { .. } | Data::Scrape(_) | Data::Alerts(_) | Data::File(_) => String::new(),
        };
        match self.env(frame.scope).text(&guard.is) {
            Ok(expected) if expected == found => {
                let id = ActionId(frame.key.clone());
                self.tell(Telling::GuardHeld { id, depth: frame.depth, key: guard.key.clone(), found });
                Flow::done(Verdict::Pass)
            }
            Ok(expected) => {
                let key = &guard.key;
                let message = text!(
                    "guard `{key}`: this must be `{expected}`, but it is `{found}`",
                    "guard `{key}`：应为 `{expected}`，实际为 `{found}`"
                );
                self.fail(fiber, frame, message, String::new())
            }
            Err(error) => self.fail(fiber, frame, error.0, String::new()),
        }
    }
}
