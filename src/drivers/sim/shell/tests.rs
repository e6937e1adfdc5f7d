use std::collections::BTreeMap;

use super::super::clock::SimClock;
use super::*;
use crate::check::program::Class;
use crate::drivers::reply::{Message, News, channel_of_news};
use crate::engine::action::{Effect, Words};
use crate::engine::world::Happening;
use crate::journal::memory_store::MemoryStore;
use crate::journal::store::Store;
use crate::value::Value;
use crate::value::parse::Parse;

const START: Timestamp = Scenario::DEFAULT_START;

fn shell(scenario: &str) -> SimShell {
    let scenario = Arc::new(Scenario::parse(scenario).unwrap());
    let mut store = MemoryStore::default();
    store.create("1").unwrap();
    let secrets = Secrets::default();
    assert!(secrets.insert("token", "hunter2hunter2".to_owned()));
    SimShell {
        scripts: Scripts::new(Arc::clone(&scenario)),
        scenario,
        file: "healthy.toml".to_owned(),
        start: START,
        clock: Arc::new(SimClock::new(START, None)),
        secrets,
        artifacts: store.artifacts("1"),
        tree: Tree::new("/nowhere", "/nowhere"),
    }
}

fn command(text: &str) -> action::Shell {
    action::Shell {
        command: text.to_owned(),
        ok: Some(vec![0]),
        parse: None,
        env: BTreeMap::new(),
        stdin: None,
        dir: None,
        tty: false,
        save: None,
        max_bytes: None,
    }
}

/// How it ends, and how long after the start of the run.
fn run(shell: &mut SimShell, command: &action::Shell, timeout: Option<SignedDuration>) -> (SignedDuration, Outcome) {
    let start = Start {
        id: ActionId("check/sh.1#1".to_owned()),
        key: "check/sh.1".to_owned(),
        title: Words::default(),
        class: Class::Read,
        timeout,
        effect: Effect::Shell(command.clone()),
    };
    let (sending, inbox) = channel_of_news();
    shell.run(&start, command, sending.reply(&start.id));
    let ended = inbox.try_iter().find_map(|message| match message {
        Message { at: Some(at), news: News::Happened(Happening::Outcome { outcome, .. }) } => Some((at, outcome)),
        _ => None,
    });
    let (at, outcome) = ended.unwrap();
    (at.duration_since(START), outcome)
}

fn failed(outcome: &Outcome) -> (FailureKind, &str) {
    let failure = outcome.failure.as_ref().unwrap();
    (failure.kind, &failure.message.en)
}

#[test]
fn a_command_without_a_script_names_itself_and_the_file() {
    let (_, outcome) = run(&mut shell(""), &command("rm -rf /\n"), None);
    let (kind, message) = failed(&outcome);
    assert_eq!(kind, FailureKind::NotStarted);
    assert!(
        message.contains("healthy.toml") && message.contains("check/sh.1") && message.ends_with("rm -rf /"),
        "{message}"
    );
}

#[test]
fn a_script_gives_output_value_and_time() {
    let mut shell = shell("[[command]]\nrun = \"count\"\nout = \"3\\n\"\ntakes = \"90s\"\n");
    let counting = action::Shell { parse: Some(Parse::Int), ..command("count") };
    let (after, outcome) = run(&mut shell, &counting, None);
    assert_eq!(
        (after, outcome.took, outcome.started_at),
        (SignedDuration::from_secs(90), SignedDuration::from_secs(90), START)
    );
    assert_eq!(outcome.failure, None);
    let Data::Shell { code, out, value, .. } = outcome.data else { panic!("{outcome:?}") };
    assert_eq!((code, out.text.as_str(), value), (Some(0), "3\n", Some(Value::Int(3))));
}

#[test]
fn an_exit_code_that_is_not_ok_fails_with_the_last_words() {
    let mut shell = shell("[[command]]\nkey = \"sh.1\"\nexit = 2\nerr = \"one\\nnot found\\n\"\n");
    let (_, outcome) = run(&mut shell, &command("x"), None);
    assert_eq!(failed(&outcome), (FailureKind::Failed, "exit 2: not found"));
    let any = action::Shell { ok: None, ..command("x") };
    assert_eq!(run(&mut shell, &any, None).1.failure, None);
}

#[test]
fn what_does_not_parse_is_a_bad_answer() {
    let mut shell = shell("[[command]]\nkey = \"sh.1\"\nout = \"many\"\n");
    let (_, outcome) = run(&mut shell, &action::Shell { parse: Some(Parse::Int), ..command("x") }, None);
    assert_eq!(failed(&outcome).0, FailureKind::BadAnswer);
}

#[test]
fn a_hang_ends_with_the_limit_without_a_wait() {
    let mut shell = shell("[[command]]\nrun = \"hang\"\nhang = true\n[[command]]\nrun = \"slow\"\ntakes = \"10m\"\n");
    let minute = Some(SignedDuration::from_mins(1));
    for text in ["hang", "slow"] {
        let (after, outcome) = run(&mut shell, &command(text), minute);
        assert_eq!((after, failed(&outcome).0), (SignedDuration::from_mins(1), FailureKind::TimedOut), "{text}");
    }
    let (after, outcome) = run(&mut shell, &command("hang"), None);
    assert_eq!(after, FOR_EVER);
    assert!(failed(&outcome).1.contains("timeout:"));
}

#[test]
fn secrets_are_masked_and_large_outputs_are_artifacts() {
    let long = "x".repeat(MAX_INLINE_BYTES + 1);
    let mut shell = shell(&format!(
        "[[command]]\nrun = \"env\"\nout = \"TOKEN=hunter2hunter2\"\n[[command]]\nrun = \"long\"\nout = \"{long}\"\n"
    ));
    let out = |outcome: Outcome| {
        let Data::Shell { out, .. } = outcome.data else { panic!("{outcome:?}") };
        out
    };
    assert_eq!(out(run(&mut shell, &command("env"), None).1).text, "TOKEN=(secret token)");
    let large = out(run(&mut shell, &command("long"), None).1);
    assert_eq!((large.text.len(), large.bytes), (MAX_INLINE_BYTES, MAX_INLINE_BYTES as u64 + 1));
    assert_eq!(shell.artifacts.read(&large.artifact.unwrap()).unwrap().len(), MAX_INLINE_BYTES + 1);
}

#[test]
fn a_sure_fault_strikes() {
    let mut shell = shell("[faults]\ncommands = \"100%\"\n[[command]]\nkey = \"sh.1\"\nout = \"fine\"\n");
    assert_eq!(
        failed(&run(&mut shell, &command("x"), None).1),
        (FailureKind::Failed, "exit 1: a fault of the simulation")
    );
}
