//! The prompts that wait for the person at the terminal, the most urgent first: pure.

use crate::console::prompt::dialogue::PromptDialogue;
use crate::drivers::reply::Reply;
use crate::engine::action::{ActionId, Urgency};

/// One that waits.
pub(super) struct Waiting {
    pub(super) dialogue: PromptDialogue,
    pub(super) reply: Reply,
    urgency: Urgency,
    /// What was typed before a more urgent one put it aside.
    pub(super) draft: String,
    /// It has been in front of the person.
    pub(super) delivered: bool,
}

/// All of them, in order of arrival.
#[derive(Default)]
pub(super) struct Queue(Vec<Waiting>);

impl Queue {
    pub(super) fn push(&mut self, dialogue: PromptDialogue, urgency: Urgency, reply: Reply) {
        self.0.push(Waiting { dialogue, reply, urgency, draft: String::new(), delivered: false });
    }

    /// The one that is in front now: the most urgent, of these the one that came first.
    pub(super) fn first(&self) -> Option<&ActionId> {
        // `min_by_key` gives the first of several that are equal.
        self.0.iter().min_by_key(|waiting| waiting.urgency).map(|waiting| waiting.reply.id())
    }

    pub(super) fn get(&mut self, id: &ActionId) -> Option<&mut Waiting> {
        self.0.iter_mut().find(|waiting| waiting.reply.id() == id)
    }

    pub(super) fn take(&mut self, id: &ActionId) -> Option<Waiting> {
        let index = self.0.iter().position(|waiting| waiting.reply.id() == id)?;
        Some(self.0.remove(index))
    }

    /// Nobody is there any more for any of them.
    pub(super) fn desert(&mut self) {
        for waiting in &mut self.0 {
            waiting.delivered = false;
            waiting.reply.nobody_there();
        }
    }
}
