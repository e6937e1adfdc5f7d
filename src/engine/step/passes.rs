//! Passes of an `each` that run at once: fibers beside each other, like the branches of a `parallel`.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fewer run than may | the next item | one more runs |
//! | fewer run than may, `pause: ask_between` | the last of them ends | the question for as many as may run at once |
//! | a pass has failed, or is in doubt after a crash, and asks how it goes on | it is decided | none begins until then |
//! | a pass ended | how it ended is kept | fewer run |
//!
//! What ends the run, from whichever fiber, ends all of them.

use crate::check::program::{self, NodeId, NodeKind};
use crate::engine::action::Words;
use crate::engine::machine::{Kind, Machine};
use crate::engine::state::{FiberId, Frame, Role};
use crate::engine::step::each::{Each, Now};
use crate::engine::step::effect::Phase;
use crate::text;
use crate::text::{Lang, Text};

impl Each {
    /// The keys of the items that begin next.
    pub(super) fn next_keys(&self) -> String {
        let keys: Vec<&str> = self.ahead().take(self.at_once.unwrap_or(1)).collect();
        keys.join(", ")
    }

    /// How the pass of an item ended; none: it has not.
    fn how(&self, index: usize) -> Option<Text> {
        let (key, _) = self.item(index)?;
        let said = if let Some(verdict) = self.ended.get(&index) {
            Text { en: verdict.word(Lang::En).to_owned(), zh: verdict.word(Lang::Zh).to_owned() }
        } else {
            self.failed.get(&index)?;
            let failed = self.failed.len();
            match self.stop_after {
                Some(most) => {
                    text!("failed ({failed} so far; {most} end the loop)", "失败（共 {failed} 次，满 {most} 次即停止）")
                }
                None => text!("failed ({failed} so far)", "失败（共 {failed} 次）"),
            }
        };
        Some(text!("{}: {}", "{}：{}", key, said))
    }
}

impl Machine<'_> {
    /// What the question between passes says: what ended, and what comes. What is journaled of it is the title of the loop,
    /// as it always was.
    pub(super) fn between(&self, frame: &Frame, each: &Each, next: usize) -> Words {
        let title = self.title_of(frame);
        let ended = (0..next).rev().filter_map(|index| each.how(index)).take(each.at_once.unwrap_or(1));
        let mut ended: Vec<Text> = ended.collect();
        ended.reverse();
        let ended = Text::join(&ended, &text!(", ", "，"));
        let keys = each.next_keys();
        let asks = text!("{}. Go on with {}?", "{}。是否继续 {}？", ended, keys);
        let asks = if title.is_empty() { asks } else { text!("{}: {}", "{}：{}", title, asks) };
        Words { text: title.text, en: Some(asks.en), zh: Some(asks.zh) }
    }

    /// May another pass begin now? With a question between them, they begin together when none runs any more. While one
    /// has failed and a person has not decided how it goes on, nothing else is touched.
    pub(super) fn may_begin(&self, node: &program::Each, each: &Each) -> bool {
        let most = if node.ask_between { 1 } else { each.at_once.unwrap_or(1) };
        each.running.len() < most && !self.is_undecided(each)
    }

    /// Begins passes until as many run as may.
    pub(super) fn begin_passes(&mut self, fiber: FiberId, frame: &Frame, node: &program::Each, each: &mut Each) {
        let Some(branch) = frame.node else { return };
        let urgency = self.urgency(fiber);
        while each.running.len() < each.at_once.unwrap_or(1)
            && let Some(index) = each.skip_ended()
        {
            let item = each.item(index).map(|(key, _)| key.clone());
            let Some(scope) = self.pass_scope(frame, node, each, index) else { return };
            each.next = index + 1;
            let body = self.list(&node.body, scope, frame.depth + 1);
            let own = self.spawn(Role::Branch { of: fiber, branch, item }, urgency, vec![body]);
            if let Some(record) = frame.record {
                self.state.lanes.entry(record).or_default().push(own);
            }
            each.running.insert(own, index);
        }
        each.now = Now::Between;
    }

    /// A failure in a fiber was decided: the loops around it that it held back look whether another pass may begin.
    pub(crate) fn go_on_with_loops(&mut self, fiber: FiberId) {
        let loops: Vec<FiberId> = self.state.line(fiber).filter_map(|(_, own)| loop_of(&own.role)).collect();
        for around in loops {
            if let Some(fiber) = self.state.fibers.get_mut(&around) {
                fiber.ready = true;
            }
        }
    }

    /// Something in a pass, or in a branch inside it, has failed or is in doubt, and waits for a decision.
    fn is_undecided(&self, each: &Each) -> bool {
        let waits = |frame: &Frame| frame.trouble.is_some() || matches!(frame.kind, Kind::Effect(Phase::InDoubt(..)));
        let mut undecided = self.state.fibers.iter().filter(|(_, fiber)| fiber.frames.iter().any(waits));
        undecided.any(|(id, _)| self.state.line(*id).any(|(around, _)| each.running.contains_key(&around)))
    }

    /// A `precheck` or `verify` is around a statement.
    pub(super) fn in_checks(&self, id: NodeId) -> bool {
        self.program.around(id).any(|block| matches!(block.kind, NodeKind::Checks { .. }))
    }
}

/// The fiber of the loop whose pass a fiber is.
fn loop_of(role: &Role) -> Option<FiberId> {
    match role {
        Role::Branch { of, item: Some(_), .. } => Some(*of),
        Role::Branch { .. } | Role::Main | Role::Handler { .. } | Role::Rollback | Role::Finally | Role::Person => None,
    }
}
