//! A run as it stands, for people and programs: owned, plain, ordered data. Console, status, reports and templates see
//! the engine only through it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::action::{ObjectiveShown, Prompt, Words};
use crate::text;
use crate::text::Text;
use crate::value::{Value, Verdict};

/// The whole run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// Its id.
    pub run: String,
    /// Name of the runbook.
    pub runbook: String,
    /// Title of the runbook.
    pub title: Words,
    /// Digest of the runbook.
    pub digest: String,
    /// `--env`
    pub environment: Option<String>,
    /// A simulation.
    pub simulated: bool,
    /// Zone of the runbook.
    pub timezone: String,
    /// The user who runs it.
    pub executor: String,
    /// The owner's name.
    pub owner: Option<String>,
    /// `running waiting suspended passed not_passed rolled_back aborted`
    pub status: String,
    /// Since when nobody is at the terminal of its executor, though somebody was; none where nobody executes it.
    pub detached: Option<Timestamp>,
    /// Planned window.
    pub window: Option<(Timestamp, Timestamp)>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The time of this view.
    pub at: Option<Timestamp>,
    /// Verdict of the run so far.
    pub verdict: Option<Verdict>,
    /// Why it is not passed: one line each.
    pub reasons: Vec<Words>,
    /// Names and values that are assigned, in order of name; secrets as `(secret)`.
    pub vars: Vec<(String, Value)>,
    /// Blocks and effects that began, in order.
    pub steps: Vec<StepView>,
    /// All objectives of the runbook, observed or not.
    pub objectives: Vec<ObjectiveShown>,
    /// Observations.
    pub observations: Vec<ObservationView>,
    /// Prompts that wait, most urgent first.
    pub waiting: Vec<WaitingView>,
    /// Handlers that were suspended alone: they go on after the next resume.
    pub parked: Vec<ParkedView>,
    /// Answers, in order.
    pub answers: Vec<AnswerView>,
    /// What was not as written, in order.
    pub deviations: Vec<DeviationView>,
    /// Notes, in order.
    pub notes: Vec<(Timestamp, Words)>,
    /// Entries of `collect`s, in order: name of the collect, the entry.
    pub problems: Vec<(String, Value)>,
    /// Checklists and `manual … later`: key, title, state.
    pub items: Vec<ItemView>,
    /// Alerts that fired: source, alert name, since, until.
    pub alerts: Vec<AlertView>,
    /// Undos that are armed, newest first, each as it would be shown.
    pub undos: Vec<Words>,
    /// The rollback, where there was one.
    pub rollback: Option<RollbackView>,
    /// Sign-off: chosen key, title, who, when.
    pub signoff: Option<AnswerView>,
    /// Roles, sources and channels that are absent because their optional parameter is not set.
    pub absent: Vec<String>,
    /// The next thing that is due.
    pub next_due: Option<Timestamp>,
}

/// A block, an effect or a check that began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepView {
    /// Instance key.
    pub key: String,
    /// Static key.
    pub static_key: String,
    /// Its word.
    pub word: String,
    /// Nesting, from 0.
    pub depth: u32,
    /// Its title.
    pub title: Words,
    /// Its full command or request; empty for a block.
    pub what: Words,
    /// The script that a command is given, without secrets.
    pub stdin: Option<String>,
    /// How it is.
    pub state: Verdict,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: Option<SignedDuration>,
    /// Attempts.
    pub attempts: u32,
    /// Why it failed, was skipped or does not apply; the values of a check.
    pub detail: Text,
}

/// A handler that was suspended while the run went on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParkedView {
    /// Instance key of the statement that suspended it.
    pub key: String,
    /// What it handles.
    pub title: Words,
    /// Why.
    pub because: Words,
    /// Since when.
    pub since: Timestamp,
}

/// An observation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservationView {
    /// Its key.
    pub key: String,
    /// Name of its series.
    pub name: String,
    /// Its title.
    pub title: Words,
    /// Time between samples.
    pub every: SignedDuration,
    /// Samples wanted; none: as many as fall due while its steps run.
    pub count: Option<u32>,
    /// It ended: `complete`, `stopped`, or none yet.
    pub ended: Option<String>,
    /// Verdict over all objectives.
    pub verdict: Verdict,
    /// When scrape 0 was taken.
    pub started_at: Option<Timestamp>,
    /// When the next sample is due.
    pub next: Option<Timestamp>,
    /// Samples taken, missed, in error.
    pub taken: u32,
    /// Samples that fell due while nothing ran.
    pub missed: u32,
    /// Samples that could not be read.
    pub errors: u32,
    /// Objectives.
    pub objectives: Vec<ObjectiveView>,
    /// Samples in order.
    pub samples: Vec<SampleView>,
}

/// An objective of an observation. Numbers are in base units: a ratio is 0..1, times are seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectiveView {
    /// Target, alert level, title, unit.
    pub shown: ObjectiveShown,
    /// Verdict of `whole` (with a person's ruling where there was one).
    pub verdict: Verdict,
    /// Why it has no value, or who ruled.
    pub why: Words,
    /// Smallest of the samples.
    pub min: Option<f64>,
    /// Largest of the samples.
    pub max: Option<f64>,
    /// Mean of the samples.
    pub mean: Option<f64>,
    /// Value of the last sample.
    pub last: Option<f64>,
    /// Value over the whole observation.
    pub whole: Option<f64>,
    /// Samples with a value.
    pub used: u32,
    /// Samples that missed the target.
    pub breaches: u32,
    /// Samples without data.
    pub no_data: u32,
    /// Samples in error.
    pub errors: u32,
    /// Samples missed.
    pub missed: u32,
}

impl ObjectiveView {
    /// One that no observation has measured.
    pub fn unobserved(shown: ObjectiveShown) -> Self {
        Self {
            shown,
            verdict: Verdict::Pending,
            why: Words::own("没有观察过", Some("it was never observed".to_owned())),
            min: None,
            max: None,
            mean: None,
            last: None,
            whole: None,
            used: 0,
            breaches: 0,
            no_data: 0,
            errors: 0,
            missed: 0,
        }
    }
}

impl RunView {
    /// The objectives that no observation has measured: a report names them too.
    pub fn unobserved(&self) -> Vec<ObjectiveView> {
        let observed = |key: &str| {
            self.observations.iter().flat_map(|observation| &observation.objectives).any(|one| one.shown.key == key)
        };
        let shown = self.objectives.iter().filter(|shown| !observed(&shown.key));
        // Of a run that is over none will be any more.
        let verdict = if self.finished_at.is_some() { Verdict::NoData } else { Verdict::Pending };
        shown.map(|shown| ObjectiveView { verdict, ..ObjectiveView::unobserved(shown.clone()) }).collect()
    }
}

/// A sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleView {
    /// From 1.
    pub n: u32,
    /// When it was due.
    pub due: Timestamp,
    /// When it was taken.
    pub at: Option<Timestamp>,
    /// `taken missed error`
    pub state: String,
    /// Why it is missed or in error; of one that was taken: what is odd about its scrape.
    pub why: Text,
    /// Counters went back before it.
    pub reset: bool,
    /// It covers more than one interval, since the ones before it were missed or failed.
    pub spans: u32,
    /// Key of the objective, value in base units, verdict, why there is none.
    pub values: Vec<SampleValue>,
}

impl SampleView {
    /// What is odd about the scrape of a sample that was taken: counters that went back, times that do not fit the clock.
    pub fn remark(&self) -> Text {
        let why = if self.state == "taken" { self.why.clone() } else { Text::default() };
        if !self.reset {
            return why;
        }
        let reset = text!("counters were reset before it", "此前计数器已归零");
        if why.is_empty() { reset } else { text!("{reset}: {why}", "{reset}：{why}", reset = reset, why = why) }
    }
}

/// A value of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleValue {
    /// Key of the objective.
    pub objective: String,
    /// Value in base units.
    pub value: Option<f64>,
    /// Verdict of the sample.
    pub verdict: Verdict,
    /// The alert level is crossed.
    pub alert: bool,
    /// Why there is no value.
    pub why: Words,
}

/// A prompt that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitingView {
    /// `KEY#PASS`
    pub id: String,
    /// Static key.
    pub key: String,
    /// Its title.
    pub title: Words,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub deadline: Option<Timestamp>,
    /// Keys of the branches of a `parallel` that it is asked in, outermost first: `eu`, `eu/db`.
    #[serde(default)]
    pub branch: Option<String>,
    /// The question itself.
    pub prompt: Prompt,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerView {
    /// Instance key.
    pub key: String,
    /// Static key.
    pub static_key: String,
    /// Its title.
    pub title: Words,
    /// The answer; for a choice its key.
    pub value: Value,
    /// Title of the choice.
    pub choice: Option<Words>,
    /// Who.
    pub by: String,
    /// The executor who typed it for `by`.
    pub told_by: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Words with it.
    pub note: Option<String>,
    /// Path or link given as evidence.
    pub evidence: Option<String>,
}

/// Something that was not as written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviationView {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What.
    pub what: Text,
}

/// An item of a checklist, or a `manual … later`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemView {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Words,
    /// How it is; `Pending`: open.
    pub state: Verdict,
    /// Who.
    pub by: Option<String>,
}

/// An alert that fired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertView {
    /// Name of the source.
    pub source: String,
    /// Its `alertname`, else its fingerprint.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// When it was no longer there.
    pub until: Option<Timestamp>,
}

/// A rollback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RollbackView {
    /// Why.
    pub because: Words,
    /// When it began.
    pub at: Timestamp,
    /// It ran to its end.
    pub done: bool,
    /// What it did, in order.
    pub plan: Vec<Words>,
}

#[cfg(test)]
pub(crate) mod sample;
