//! What the engine tells people while it goes: the console turns it into lines, `runbook log` does so again from a
//! replay. Nothing depends on it.

use jiff::civil;
use jiff::{SignedDuration, Timestamp};

use super::action::{ActionId, Ending, Words};
use super::input::{Alert, Failure, Output};
use super::view::SampleView;
use crate::check::program::Class;
use crate::text::Text;
use crate::value::{Value, Verdict};

/// Which attempt of how many. People may ask for more than were planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// From 1.
    pub n: u32,
    /// Planned, 1 at least.
    pub of: u32,
}

impl Attempt {
    /// The only one that there is.
    pub const ONLY: Attempt = Attempt { n: 1, of: 1 };
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Telling {
    /// The run began, or was taken up again.
    Began {
        /// Again.
        resumed: bool,
    },
    /// Something happened in a branch of a `parallel`, beside others.
    InBranch {
        /// Keys of the branches around it, outermost first: `eu`, `eu/db`.
        branch: String,
        /// What happened.
        telling: Box<Telling>,
    },
    /// A section, step, precheck, verify, checklist began.
    BlockBegan {
        /// Its word.
        word: &'static str,
        /// Its key.
        key: String,
        /// Nesting, from 0.
        depth: u32,
        /// Its title.
        title: Words,
        /// Planned begin and end.
        planned: Option<(civil::Time, Option<civil::Time>)>,
        /// How late it is, in whole seconds (negative: early).
        late_s: Option<i64>,
    },
    /// It ended.
    BlockEnded {
        /// Its word.
        word: &'static str,
        /// Its key.
        key: String,
        /// Nesting, from 0.
        depth: u32,
        /// Its title.
        title: Words,
        /// How.
        verdict: Verdict,
        /// How long it took, in milliseconds.
        took_ms: i64,
    },
    /// An effect began.
    EffectBegan {
        /// Its name.
        id: ActionId,
        /// Nesting.
        depth: u32,
        /// Its title, or its command.
        title: Words,
        /// Its full command or request, without secrets.
        what: String,
        /// The script that a command is given, without secrets.
        stdin: Option<String>,
        /// What it does to the world.
        class: Class,
        /// Which attempt.
        attempt: Attempt,
        /// It is a read of a `poll`, which tells itself how far it is.
        polled: bool,
    },
    /// It ended.
    EffectEnded {
        /// Its name.
        id: ActionId,
        /// Nesting.
        depth: u32,
        /// Its title, or its command.
        title: Words,
        /// None: it succeeded.
        failure: Option<Failure>,
        /// What it printed.
        output: Output,
        /// How long it took, in milliseconds.
        took_ms: i64,
        /// Another attempt follows at this time.
        retry_at: Option<Timestamp>,
        /// Which attempt.
        attempt: Attempt,
        /// It is a read of a `poll`, which tells itself how far it is.
        polled: bool,
    },
    /// A guard is looked at: what it prints is no news.
    GuardBegan {
        /// Its name.
        id: ActionId,
    },
    /// A guard holds.
    GuardHeld {
        /// Its name.
        id: ActionId,
        /// Nesting.
        depth: u32,
        /// Its key.
        key: String,
        /// What it must be, and is.
        found: String,
    },
    /// A further attempt of a `try` begins, or will.
    Attempt {
        /// Nesting.
        depth: u32,
        /// Title of the `try`.
        title: Words,
        /// Which one.
        attempt: Attempt,
        /// It begins then; none: now.
        at: Option<Timestamp>,
    },
    /// A `poll` began.
    Polling {
        /// Nesting.
        depth: u32,
        /// Its title.
        title: Words,
        /// Pause between its reads.
        every: SignedDuration,
        /// Until when it may last.
        until: Timestamp,
    },
    /// What a `poll` waits for is not there yet.
    NotYet {
        /// Nesting.
        depth: u32,
        /// What its condition saw, or why it could not be read.
        why: Text,
    },
    /// A `poll` ended.
    Polled {
        /// Nesting.
        depth: u32,
        /// Its title.
        title: Words,
        /// How.
        verdict: Verdict,
        /// How often it was read.
        reads: u32,
        /// How long it took.
        took: SignedDuration,
    },
    /// A check was evaluated.
    Checked {
        /// Nesting.
        depth: u32,
        /// Its title or the expression as written.
        title: Words,
        /// How.
        verdict: Verdict,
        /// The values behind it, or why it could not be evaluated.
        detail: Text,
    },
    /// A table of a precheck or verify: all its checks.
    CheckTable {
        /// Its title.
        title: Words,
        /// Each check: title, verdict, detail.
        rows: Vec<(Words, Verdict, Text)>,
    },
    /// A wait began.
    Waiting {
        /// Nesting.
        depth: u32,
        /// Its title.
        title: Words,
        /// Until when.
        until: Timestamp,
        /// It may be skipped.
        skip: bool,
    },
    /// A prompt is open and nobody is there to answer it, while the run goes on: it can be answered from elsewhere.
    Unattended {
        /// Which.
        id: ActionId,
    },
    /// The terminal of the executor is gone; the run goes on.
    Detached,
    /// A sample was taken, failed or missed.
    Sampled {
        /// Key of the observation.
        key: String,
        /// Its title.
        title: Words,
        /// The sample.
        sample: SampleView,
        /// How many there will be, where that is known.
        count: Option<u32>,
        /// When the next one is due.
        next: Option<Timestamp>,
    },
    /// A rule fired, or an event was attached to a handler that is open already.
    Fired {
        /// Key of the observation.
        key: String,
        /// `breach(http_success)`, `unreachable(prod)`, …
        event: Text,
        /// It was attached to a handler that is open already.
        attached: bool,
    },
    /// Firing alerts of a source changed.
    AlertsChanged {
        /// Name of the source.
        source: String,
        /// What fires now.
        firing: Vec<Alert>,
    },
    /// An observation ended.
    ObservationEnded {
        /// Its key.
        key: String,
        /// How.
        verdict: Verdict,
    },
    /// A note of the author or a person.
    Noted {
        /// Nesting.
        depth: u32,
        /// The words.
        text: Words,
    },
    /// A prompt was answered.
    Answered {
        /// Its key.
        key: String,
        /// Its title.
        title: Words,
        /// The answer.
        value: Value,
        /// Title of the choice, where it is one; empty for built-in ones.
        choice: Option<Words>,
        /// Who.
        by: String,
    },
    /// The deadline of a prompt passed.
    TimedOut {
        /// Its key.
        key: String,
        /// Its title.
        title: Words,
    },
    /// A person did something that is not in the runbook.
    Deviation {
        /// Who.
        by: String,
        /// What.
        what: Text,
    },
    /// Something a person should know.
    Warning {
        /// What.
        text: Text,
    },
    /// The rollback begins.
    RollbackBegan {
        /// Why.
        because: Words,
        /// What it will do, in order.
        plan: Vec<Words>,
    },
    /// The `finally` begins.
    FinallyBegan,
    /// The run is over, or over for now.
    Ended {
        /// How.
        ending: Ending,
        /// Why it is not passed: one line each.
        reasons: Vec<Words>,
    },
}

impl Telling {
    /// The same, where the output was seen as it came.
    #[must_use]
    pub fn without_output(mut self) -> Self {
        let mut at = &mut self;
        while let Telling::InBranch { telling, .. } = at {
            at = &mut **telling;
        }
        if let Telling::EffectEnded { output, .. } = at {
            *output = Output::default();
        }
        self
    }

    /// What happened, in whichever branch.
    pub fn within(&self) -> &Telling {
        match self {
            Telling::InBranch { telling, .. } => telling.within(),
            other => other,
        }
    }
}
