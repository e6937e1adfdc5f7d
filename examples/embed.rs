//! Embeds the interpreter: a runbook with drivers of one's own. This world runs commands, answers "yes" to what is asked,
//! and refuses everything else; the journal is in memory.
//!
//! `cargo run --example embed`
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "an example reaches the world to show how")]

use std::collections::VecDeque;
use std::process::{Command, ExitCode};

use jiff::{SignedDuration, Timestamp};
use runbook::check::{NoTemplates, check};
use runbook::engine::action::{ActionId, Effect, Ending, Start};
use runbook::engine::input::{Answer, Data, Failure, FailureKind, Outcome, Output, Via};
use runbook::engine::telling::Telling;
use runbook::engine::view::RunView;
use runbook::engine::world::{Happening, ViewRequest, World};
use runbook::journal::memory_store::MemoryStore;
use runbook::journal::store::Claimant;
use runbook::run::start::{begin, header, prepare};
use runbook::value::Value;

/// What runs.
pub const RUNBOOK: &str = r#"
runbook hello, "Hello" do
  step greet, "Greet" do
    sh read: "echo 42", parse: int, as: answer
    assert answer.value == 42, "the answer is #{answer.value}"
    confirm "Is it the answer?", key: sure
  end
end
"#;

/// A world: what is begun here is ready at once.
#[derive(Default)]
struct Small(VecDeque<Happening>);

impl World for Small {
    fn now(&mut self) -> Timestamp {
        Timestamp::now()
    }

    fn start(&mut self, start: &Start) {
        let id = start.id.clone();
        let happening = match &start.effect {
            Effect::Shell(shell) => {
                let done = Command::new("bash").args(["-euo", "pipefail", "-c", &shell.command]).output();
                let text = done.map(|done| String::from_utf8_lossy(&done.stdout).into_owned()).unwrap_or_default();
                let value = shell.parse.and_then(|parse| parse.parse(&text).ok());
                let out = Output { bytes: text.len() as u64, text, artifact: None };
                let data = Data::Shell { code: Some(0), out, err: Output::default(), value };
                Happening::Outcome { id, outcome: outcome(None, data) }
            }
            Effect::Ask(_) => {
                println!("{} yes", start.title.text);
                let (value, by, via) = (Value::Bool(true), "me".to_owned(), Via::Terminal);
                Happening::Answered { id, answer: Answer { value, by, told_by: None, via, note: None, evidence: None } }
            }
            // Whatever a runbook of yours needs, one arm each.
            Effect::Http(_)
            | Effect::Scrape(_)
            | Effect::Alerts(_)
            | Effect::Notify(_)
            | Effect::Copy { .. }
            | Effect::Update(_)
            | Effect::Report(_)
            | Effect::Append { .. }
            | Effect::Restore { .. }
            | Effect::Lock { .. }
            | Effect::Unlock { .. } => {
                let failure = Failure {
                    kind: FailureKind::NotStarted,
                    message: runbook::text!("not in this world", "不在这个世界中"),
                };
                Happening::Outcome { id, outcome: outcome(Some(failure), Data::None) }
            }
        };
        self.0.push_back(happening);
    }

    fn cancel(&mut self, _: &ActionId) {}
    fn withdraw(&mut self, _: &ActionId) {}

    fn next(&mut self, _: Option<Timestamp>) -> Happening {
        self.0.pop_front().unwrap_or(Happening::Idle)
    }

    fn tell(&mut self, _: Timestamp, telling: &Telling, _: &dyn Fn() -> RunView) {
        if let Telling::Checked { title, verdict, .. } = telling {
            println!("{}: {}", title.text, verdict.as_str());
        }
    }

    fn show(&mut self, _: &ViewRequest, _: &RunView) {}
}

fn outcome(failure: Option<Failure>, data: Data) -> Outcome {
    Outcome { started_at: Timestamp::now(), took: SignedDuration::ZERO, failure, data }
}

/// Runs it from its beginning to its end.
pub fn run(source: &str) -> Result<Ending, String> {
    let program = check(source, &NoTemplates).program.ok_or("the runbook has errors")?;
    let (mut store, mut world) = (MemoryStore::default(), Small::default());
    let at = Timestamp::now();
    let who = Claimant { user: "me".into(), hostname: "here".into(), pid: std::process::id(), since: at };
    prepare(&mut store, "hello-1", &who, &[]).map_err(|error| error.to_string())?;
    let begun = begin(&program, &mut store, &mut world, header("hello-1", &program, &who));
    let ended = begun.and_then(|(mut run, over)| over.map_or_else(|| run.drive(), Ok));
    ended.map_err(|stopped| format!("{stopped:?}"))
}

fn main() -> ExitCode {
    println!("{:?}", run(RUNBOOK));
    ExitCode::SUCCESS
}
