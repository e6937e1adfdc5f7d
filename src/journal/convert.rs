//! Between the running types and the records. Every match is whole, so the compiler names the places that a change of
//! either side touches.

use jiff::SignedDuration;

use super::record as rec;
use super::stored_value::StoredValue;
use crate::check::program::{Again, Class};
use crate::engine::action::{ActionId, Ending};
use crate::engine::input::{self as eng, Begin, Data, Event, Failure, FailureKind, Outcome, Output};
use crate::engine::world::Process;
use crate::text;
use crate::text::Text;
use crate::value::Value;

/// What an event becomes in the journal; [`Event::Begin`] is the header, an outcome a record of its own kind.
pub fn input(event: &Event) -> Option<rec::Input> {
    Some(match event {
        Event::Begin(_) | Event::Outcome { .. } => return None,
        Event::Due => rec::Input::Due,
        Event::Delivered { id } => rec::Input::Delivered { id: id.0.clone() },
        Event::Answered { id, answer: given } => rec::Input::Answered { id: id.0.clone(), answer: answer(given) },
        Event::Command { by, command: wanted } => rec::Input::Command { by: by.clone(), command: command(wanted) },
        Event::Interrupt => rec::Input::Interrupt,
        Event::Terminate => rec::Input::Terminate,
        Event::NobodyThere { id } => rec::Input::NobodyThere { id: id.0.clone() },
        Event::Detached => rec::Input::Detached,
        Event::Resumed { executor, running, changed } => rec::Input::Resumed {
            executor: executor.clone(),
            running: running.iter().map(|id| id.0.clone()).collect(),
            changed: changed.clone(),
        },
    })
}

/// The event that a record of an input stands for.
pub fn event(input: &rec::Input) -> Event {
    let id = |id: &String| ActionId(id.clone());
    match input {
        rec::Input::Due => Event::Due,
        rec::Input::Delivered { id: prompt } => Event::Delivered { id: id(prompt) },
        rec::Input::Answered { id: prompt, answer } => Event::Answered { id: id(prompt), answer: answer_back(answer) },
        rec::Input::Command { by, command } => Event::Command { by: by.clone(), command: command_back(command) },
        rec::Input::Interrupt => Event::Interrupt,
        rec::Input::Terminate => Event::Terminate,
        rec::Input::NobodyThere { id: prompt } => Event::NobodyThere { id: id(prompt) },
        rec::Input::Detached => Event::Detached,
        rec::Input::Resumed { executor, running, changed } => Event::Resumed {
            executor: executor.clone(),
            running: running.iter().map(id).collect(),
            changed: changed.clone(),
        },
    }
}

/// With what the run of this header begins.
pub fn begin(header: &rec::Header) -> Begin {
    Begin {
        run: header.run.clone(),
        environment: header.environment.clone(),
        executor: header.executor.clone(),
        params: header.params.iter().map(|(name, value)| (name.clone(), value.0.clone())).collect(),
        secrets: header.secrets.clone(),
        simulated: header.simulation.is_some(),
        from: header.from.clone(),
        step: header.step,
    }
}

/// An answer as it stands in the journal and in an inbox.
pub fn answer(answer: &eng::Answer) -> rec::Answer {
    rec::Answer {
        value: StoredValue(answer.value.clone()),
        by: answer.by.clone(),
        told_by: answer.told_by.clone(),
        via: match answer.via {
            eng::Via::Terminal => rec::Via::Terminal,
            eng::Via::File => rec::Via::File,
            eng::Via::Inbox => rec::Via::Inbox,
        },
        note: answer.note.clone(),
        evidence: answer.evidence.clone(),
    }
}

/// See [`answer`].
pub fn answer_back(answer: &rec::Answer) -> eng::Answer {
    eng::Answer {
        value: answer.value.0.clone(),
        by: answer.by.clone(),
        told_by: answer.told_by.clone(),
        via: match answer.via {
            rec::Via::Terminal => eng::Via::Terminal,
            rec::Via::File => eng::Via::File,
            rec::Via::Inbox => eng::Via::Inbox,
        },
        note: answer.note.clone(),
        evidence: answer.evidence.clone(),
    }
}

/// A command as it stands in the journal and in an inbox.
pub fn command(command: &eng::Command) -> rec::Command {
    match command.clone() {
        eng::Command::Suspend => rec::Command::Suspend,
        eng::Command::Abort { because } => rec::Command::Abort { because },
        eng::Command::Rollback { because } => rec::Command::Rollback { because },
        eng::Command::Note { text } => rec::Command::Note { text },
        eng::Command::Set { name, value } => rec::Command::Set { name, value },
        eng::Command::Shell { command } => rec::Command::Shell { command },
        eng::Command::Jump { key } => rec::Command::Jump { key },
        eng::Command::Skip { key: None, because } if because.is_empty() => rec::Command::SkipWait,
        eng::Command::Skip { key, because } => rec::Command::Skip { key, because },
        eng::Command::Add { collect } => rec::Command::Add { collect },
    }
}

/// See [`command`].
pub fn command_back(command: &rec::Command) -> eng::Command {
    match command.clone() {
        rec::Command::Suspend => eng::Command::Suspend,
        rec::Command::Abort { because } => eng::Command::Abort { because },
        rec::Command::Rollback { because } => eng::Command::Rollback { because },
        rec::Command::Note { text } => eng::Command::Note { text },
        rec::Command::Set { name, value } => eng::Command::Set { name, value },
        rec::Command::Shell { command } => eng::Command::Shell { command },
        rec::Command::Jump { key } => eng::Command::Jump { key },
        rec::Command::SkipWait => eng::Command::Skip { key: None, because: String::new() },
        rec::Command::Skip { key, because } => eng::Command::Skip { key, because },
        rec::Command::Add { collect } => eng::Command::Add { collect },
    }
}

/// A process that was started for an effect.
pub fn started(id: &ActionId, process: Process) -> rec::Started {
    rec::Started { id: id.0.clone(), pid: process.pid, start_ticks: process.start_ticks }
}

/// See [`started`].
pub fn started_back(started: &rec::Started) -> (ActionId, Process) {
    (ActionId(started.id.clone()), Process { pid: started.pid, start_ticks: started.start_ticks })
}

/// How a run left off.
pub fn ending(ending: Ending) -> rec::Ending {
    match ending {
        Ending::Passed => rec::Ending::Passed,
        Ending::NotPassed => rec::Ending::NotPassed,
        Ending::RolledBack => rec::Ending::RolledBack,
        Ending::Suspended => rec::Ending::Suspended,
        Ending::Aborted => rec::Ending::Aborted,
        Ending::Refused => rec::Ending::Refused,
    }
}

/// See [`ending`].
pub fn ending_back(ending: rec::Ending) -> Ending {
    match ending {
        rec::Ending::Passed => Ending::Passed,
        rec::Ending::NotPassed => Ending::NotPassed,
        rec::Ending::RolledBack => Ending::RolledBack,
        rec::Ending::Suspended => Ending::Suspended,
        rec::Ending::Aborted => Ending::Aborted,
        rec::Ending::Refused => Ending::Refused,
    }
}

/// The name of a class of effect.
pub fn class(class: Class) -> &'static str {
    match class {
        Class::Pure => "pure",
        Class::Read => "read",
        Class::Record => "record",
        Class::Write => "write",
        Class::Destroy => "destroy",
    }
}

/// The name of what a crash in the middle of an effect means.
pub fn again(again: &Again) -> &'static str {
    match again {
        Again::Safe => "safe",
        Again::Ask => "ask",
        Again::Never => "never",
        Again::Probe { .. } => "probe",
    }
}

/// Deepest nesting of a parsed value that goes into a journal: reading a line back refuses more than 128 levels, of which
/// a record itself takes six. No real document comes near it.
const MAX_DEPTH: usize = 100;

/// What the engine is given of an outcome, so that a replay, which has only the record, gives it the same: the series of
/// a scrape that is not kept are dropped, and a value nested too deeply to be read back is a failure of its effect.
pub fn settled(mut outcome: Outcome) -> Outcome {
    let value = match &mut outcome.data {
        Data::Shell { value, .. } | Data::Http { value, .. } => value,
        Data::Scrape(data) => {
            if data.kept.is_empty() {
                data.scrapes.clear();
                data.reported.clear();
                data.answers = None;
            }
            return outcome;
        }
        Data::None | Data::Alerts(_) | Data::File(_) => return outcome,
    };
    if value.as_ref().is_some_and(|value| deeper_than(value, MAX_DEPTH)) {
        *value = None;
        let message =
            text!("the parsed output is nested deeper than {MAX_DEPTH} levels", "解析后的输出嵌套超过 {MAX_DEPTH} 层");
        outcome.failure.get_or_insert(Failure { kind: FailureKind::TooLarge, message });
    }
    outcome
}

fn deeper_than(value: &Value, levels: usize) -> bool {
    let Some(levels) = levels.checked_sub(1) else { return true };
    match value {
        Value::List(items) => items.iter().any(|item| deeper_than(item, levels)),
        Value::Map(members) => members.values().any(|member| deeper_than(member, levels)),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Percent(_)
        | Value::Duration(_)
        | Value::Bytes(_)
        | Value::Time(_)
        | Value::Text(_)
        | Value::Secret(_)
        | Value::Verdict(_) => false,
    }
}

/// An outcome as it stands in the journal. Call [`settled`] first.
pub fn outcome(id: &ActionId, outcome: &Outcome) -> rec::Outcome {
    rec::Outcome {
        id: id.0.clone(),
        started_at: outcome.started_at,
        // 292 years fit; a clock that says more is broken, and the largest span is as good as any.
        took_ns: i64::try_from(outcome.took.as_nanos()).unwrap_or(i64::MAX),
        failure: outcome.failure.as_ref().map(failure),
        data: data(&outcome.data),
    }
}

fn data(data: &Data) -> rec::Data {
    let stored = |value: &Option<Value>| value.clone().map(StoredValue);
    match data {
        Data::None => rec::Data::None,
        Data::Shell { code, out, err, value } => {
            rec::Data::Shell { code: *code, out: output(out), err: output(err), value: stored(value) }
        }
        Data::Http { status, body, value } => {
            rec::Data::Http { status: *status, body: output(body), value: stored(value) }
        }
        Data::Scrape(eng::ScrapeData { answers: Some(_), kept: bodies, .. }) => {
            let kept = |kept| rec::Kept { format: super::kept::SERVER.to_owned(), artifact: artifact(kept) };
            rec::Data::Scrape { kept: bodies.iter().map(kept).collect() }
        }
        Data::Scrape(data) => rec::Data::Scrape {
            kept: data
                .kept
                .iter()
                .zip(&data.scrapes)
                .map(|(kept, scrape)| rec::Kept {
                    format: super::kept::format_name(scrape.format).to_owned(),
                    artifact: artifact(kept),
                })
                .collect(),
        },
        Data::Alerts(firing) => rec::Data::Alerts { firing: firing.iter().map(alert).collect() },
        Data::File(file) => rec::Data::File {
            path: file.path.clone(),
            sha256: file.sha256.clone(),
            bytes: file.bytes,
            changed: file.changed,
            before: file.before.as_ref().map(artifact),
            kept: file.kept.as_ref().map(artifact),
        },
    }
}

/// The outcome that a record stands for; `scrape` reads and parses the kept bodies of a scrape.
pub fn outcome_back<E>(
    outcome: &rec::Outcome,
    scrape: impl FnOnce(&[rec::Kept]) -> Result<eng::ScrapeData, E>,
) -> Result<Outcome, E> {
    let value = |value: &Option<StoredValue>| value.as_ref().map(|value| value.0.clone());
    let data = match &outcome.data {
        rec::Data::None => Data::None,
        rec::Data::Shell { code, out, err, value: parsed } => {
            Data::Shell { code: *code, out: output_back(out), err: output_back(err), value: value(parsed) }
        }
        rec::Data::Http { status, body, value: parsed } => {
            Data::Http { status: *status, body: output_back(body), value: value(parsed) }
        }
        rec::Data::Scrape { kept } => Data::Scrape(scrape(kept)?),
        rec::Data::Alerts { firing } => Data::Alerts(firing.iter().map(alert_back).collect()),
        rec::Data::File { path, sha256, bytes, changed, before, kept } => Data::File(eng::FileData {
            path: path.clone(),
            sha256: sha256.clone(),
            bytes: *bytes,
            changed: *changed,
            before: before.as_ref().map(artifact_back),
            kept: kept.as_ref().map(artifact_back),
        }),
    };
    Ok(Outcome {
        started_at: outcome.started_at,
        took: SignedDuration::from_nanos(outcome.took_ns),
        failure: outcome.failure.as_ref().map(failure_back),
        data,
    })
}

fn failure(failure: &Failure) -> rec::Failure {
    let Text { en, zh } = failure.message.clone();
    let message_zh = (zh != en).then_some(zh);
    rec::Failure { kind: failure_kind(failure.kind), message: en, message_zh }
}

fn failure_back(failure: &rec::Failure) -> Failure {
    let en = failure.message.clone();
    let zh = failure.message_zh.clone().unwrap_or_else(|| en.clone());
    Failure { kind: failure_kind_back(failure.kind), message: Text { en, zh } }
}

fn failure_kind(kind: FailureKind) -> rec::FailureKind {
    match kind {
        FailureKind::Failed => rec::FailureKind::Failed,
        FailureKind::NotStarted => rec::FailureKind::NotStarted,
        FailureKind::TimedOut => rec::FailureKind::TimedOut,
        FailureKind::Interrupted => rec::FailureKind::Interrupted,
        FailureKind::Unreachable => rec::FailureKind::Unreachable,
        FailureKind::BadAnswer => rec::FailureKind::BadAnswer,
        FailureKind::Denied => rec::FailureKind::Denied,
        FailureKind::TooLarge => rec::FailureKind::TooLarge,
        FailureKind::InDoubt => rec::FailureKind::InDoubt,
        FailureKind::Absent => rec::FailureKind::Absent,
    }
}

fn failure_kind_back(kind: rec::FailureKind) -> FailureKind {
    match kind {
        rec::FailureKind::Failed => FailureKind::Failed,
        rec::FailureKind::NotStarted => FailureKind::NotStarted,
        rec::FailureKind::TimedOut => FailureKind::TimedOut,
        rec::FailureKind::Interrupted => FailureKind::Interrupted,
        rec::FailureKind::Unreachable => FailureKind::Unreachable,
        rec::FailureKind::BadAnswer => FailureKind::BadAnswer,
        rec::FailureKind::Denied => FailureKind::Denied,
        rec::FailureKind::TooLarge => FailureKind::TooLarge,
        rec::FailureKind::InDoubt => FailureKind::InDoubt,
        rec::FailureKind::Absent => FailureKind::Absent,
    }
}

fn output(output: &Output) -> rec::Output {
    rec::Output { text: output.text.clone(), bytes: output.bytes, artifact: output.artifact.as_ref().map(artifact) }
}

fn output_back(output: &rec::Output) -> Output {
    Output { text: output.text.clone(), bytes: output.bytes, artifact: output.artifact.as_ref().map(artifact_back) }
}

/// A file beside the journal.
pub fn artifact(artifact: &eng::Artifact) -> rec::Artifact {
    rec::Artifact { path: artifact.path.clone(), sha256: artifact.sha256.clone(), bytes: artifact.bytes }
}

/// See [`artifact`].
pub fn artifact_back(artifact: &rec::Artifact) -> eng::Artifact {
    eng::Artifact { path: artifact.path.clone(), sha256: artifact.sha256.clone(), bytes: artifact.bytes }
}

fn alert(alert: &eng::Alert) -> rec::Alert {
    rec::Alert {
        fingerprint: alert.fingerprint.clone(),
        labels: alert.labels.clone(),
        annotations: alert.annotations.clone(),
        starts_at: alert.starts_at,
    }
}

fn alert_back(alert: &rec::Alert) -> eng::Alert {
    eng::Alert {
        fingerprint: alert.fingerprint.clone(),
        labels: alert.labels.clone(),
        annotations: alert.annotations.clone(),
        starts_at: alert.starts_at,
    }
}
