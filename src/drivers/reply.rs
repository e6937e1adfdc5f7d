//! The one way from drivers to the loop: a channel of what happened. Any thread may send.

use std::sync::mpsc::{Receiver, Sender, channel};

use jiff::{SignedDuration, Timestamp};

use super::Clock;
use crate::engine::action::ActionId;
use crate::engine::input::{Answer, Data, Failure, FailureKind, Outcome};
use crate::engine::world::{Happening, Process};
use crate::text::Text;

/// One message on the channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// It happens then, not before; none: it has happened. Only simulated drivers know the future.
    pub at: Option<Timestamp>,
    /// What happens.
    pub news: News,
}

/// What a message says.
#[expect(clippy::large_enum_variant, reason = "messages are moved a few times a second and not kept")]
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// Something for the engine.
    Happened(Happening),
    /// A command printed this: shown, not journaled.
    Output {
        /// Which.
        id: ActionId,
        /// Part of its output, secrets masked.
        text: String,
    },
}

/// The sending end, for what belongs to no effect: signals, and what people want unasked.
#[derive(Clone, Debug)]
pub struct Sending(Sender<Message>);

/// A channel: give [`Sending`] to the drivers, both to [`super::compose::Drivers`].
pub fn channel_of_news() -> (Sending, Receiver<Message>) {
    let (sender, receiver) = channel();
    (Sending(sender), receiver)
}

impl Sending {
    /// Says that something happened. After the end of the run nobody listens, and it is dropped.
    pub fn happened(&self, happening: Happening) {
        self.send(None, News::Happened(happening));
    }

    /// What an effect or prompt answers with.
    pub fn reply(&self, id: &ActionId) -> Reply {
        Reply { id: id.clone(), to: self.clone() }
    }

    fn send(&self, at: Option<Timestamp>, news: News) {
        // The receiver lives as long as the run: a message after its end has no reader, and needs none.
        drop(self.0.send(Message { at, news }));
    }
}

/// What an effect or prompt answers with.
#[derive(Clone, Debug)]
pub struct Reply {
    id: ActionId,
    to: Sending,
}

impl Reply {
    /// The effect or prompt that it answers for.
    pub fn id(&self) -> &ActionId {
        &self.id
    }

    /// A process was started.
    pub fn started(&self, process: Process) {
        self.to.happened(Happening::Started { id: self.id.clone(), process });
    }

    /// It printed this.
    pub fn output(&self, text: String) {
        self.to.send(None, News::Output { id: self.id.clone(), text });
    }

    /// It ended.
    pub fn done(self, outcome: Outcome) {
        let id = self.id.clone();
        self.to.happened(Happening::Outcome { id, outcome });
    }

    /// It will end at `at`, in this way (a simulation).
    pub fn done_at(self, at: Timestamp, outcome: Outcome) {
        let id = self.id.clone();
        self.to.send(Some(at), News::Happened(Happening::Outcome { id, outcome }));
    }

    /// The prompt is in front of a person.
    pub fn delivered(&self) {
        self.to.happened(Happening::Delivered { id: self.id.clone() });
    }

    /// Nobody is there to answer it.
    pub fn nobody_there(&self) {
        self.to.happened(Happening::NobodyThere { id: self.id.clone() });
    }

    /// It was answered.
    pub fn answered(&self, answer: Answer) {
        self.to.happened(Happening::Answered { id: self.id.clone(), answer });
    }

    /// It will be answered at `at`, in this way (a simulation).
    pub fn answered_at(&self, at: Timestamp, answer: Answer) {
        self.to.send(Some(at), News::Happened(Happening::Answered { id: self.id.clone(), answer }));
    }
}

/// Measures an effect, so that every driver fills [`Outcome`] in the same way.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    started_at: Timestamp,
    started: SignedDuration,
}

impl Stopwatch {
    /// The effect begins.
    pub fn start(clock: &dyn Clock) -> Stopwatch {
        Stopwatch { started_at: clock.now(), started: clock.monotonic() }
    }

    /// When it began.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// It ended now.
    pub fn outcome(&self, clock: &dyn Clock, failure: Option<Failure>, data: Data) -> Outcome {
        let took = clock.monotonic() - self.started;
        Outcome { started_at: self.started_at, took, failure, data }
    }

    /// It failed now, without data.
    pub fn failed(&self, clock: &dyn Clock, kind: FailureKind, message: impl Into<Text>) -> Outcome {
        self.outcome(clock, Some(failure(kind, message)), Data::None)
    }
}

/// A failure of a kind, in one sentence.
pub fn failure(kind: FailureKind, message: impl Into<Text>) -> Failure {
    Failure { kind, message: message.into() }
}
