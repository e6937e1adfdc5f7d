//! A world of drivers that only note what they are told, on a clock that jumps.

use std::sync::Mutex;
use std::sync::mpsc::Receiver;

use super::*;
use crate::check::program::Class;
use crate::drivers::reply::{Reply, channel_of_news, failure};
use crate::engine::action::{self, Prompt, PromptKind, Urgency, Words};
use crate::engine::input::{Answer, Artifact, Outcome, Via};
use crate::text::Text;
use crate::value::Value;
use crate::value::answer::AnswerSpec;
use crate::value::types::Type;
use jiff::SignedDuration;

#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Vec<String>>>);

impl Noted {
    fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Jumping(Mutex<Timestamp>);

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn monotonic(&self) -> SignedDuration {
        self.now().duration_since(Timestamp::UNIX_EPOCH)
    }

    fn wait(&self, inbox: &Receiver<Message>, until: Option<Timestamp>, busy: Busy) -> Option<Message> {
        if busy != Busy::default() {
            return Some(inbox.recv().unwrap());
        }
        *self.0.lock().unwrap() = until.unwrap();
        None
    }
}

/// Commands `A takes N` end after N virtual seconds; others end when the test says so.
struct Fake {
    noted: Noted,
    clock: Arc<Jumping>,
    open: Arc<Mutex<Vec<Reply>>>,
}

fn outcome(clock: &dyn Clock) -> Outcome {
    Stopwatch::start(clock).outcome(clock, None, Data::None)
}

impl Shell for Fake {
    fn run(&mut self, _: &Start, shell: &action::Shell, reply: Reply) {
        if let Some((_, seconds)) = shell.command.split_once(" takes ") {
            let at = self.clock.now() + SignedDuration::from_secs(seconds.parse().unwrap());
            reply.done_at(at, outcome(&*self.clock));
        } else {
            reply.output(format!("{} prints", shell.command));
            self.open.lock().unwrap().push(reply);
        }
    }

    fn cancel(&mut self, id: &ActionId) {
        self.noted.add(format!("cancel {id}"));
    }

    fn wait_for_cancelled(&mut self) {
        self.noted.add("wait for cancelled");
    }

    fn survivors(&mut self, _: &ActionId, _: Process) -> Vec<Survivor> {
        Vec::new()
    }

    fn adopt(&mut self, _: Process, _: Option<SignedDuration>, reply: Reply) {
        self.open.lock().unwrap().push(reply);
    }
}

impl Http for Fake {
    fn request(&mut self, _: &Start, _: &action::Http, _: Reply) {}
    fn scrape(&mut self, _: &Start, _: &action::Scrape, _: Reply) {}
    fn alerts(&mut self, _: &Start, _: &action::Alerts, _: Reply) {}
    fn notify(&mut self, _: &Start, _: &action::Notify, _: Reply) {}
    fn cancel(&mut self, _: &ActionId) {}
}

impl Files for Fake {
    fn copy(&mut self, from: &str, _: &str) -> Result<FileData, Failure> {
        Err(failure(FailureKind::Failed, Text::verbatim(from)))
    }

    fn update(&mut self, _: &action::Update) -> Result<FileData, Failure> {
        Err(failure(FailureKind::Failed, Text::default()))
    }

    fn report(&mut self, _: &action::Report) -> Result<FileData, Failure> {
        Err(failure(FailureKind::Failed, Text::default()))
    }

    fn append(&mut self, path: &str, _: &str) -> Result<FileData, Failure> {
        let before: Option<Artifact> = None;
        Ok(FileData { path: path.to_owned(), sha256: String::new(), bytes: 1, changed: true, before, kept: None })
    }

    fn restore(&mut self, _: &str, _: &FileData) -> Result<FileData, Failure> {
        Err(failure(FailureKind::Failed, Text::default()))
    }

    fn lies_at(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

impl Locks for Fake {
    fn lock(&mut self, target: &str) -> Result<(), Failure> {
        self.noted.add(format!("lock {target}"));
        Ok(())
    }

    fn unlock(&mut self, _: &str) -> Result<(), Failure> {
        Ok(())
    }
}

impl People for Fake {
    fn ask(&mut self, start: &Start, _: &Prompt, reply: Reply) {
        reply.delivered();
        if let Some((_, seconds)) = start.key.split_once(" takes ") {
            let at = self.clock.now() + SignedDuration::from_secs(seconds.parse().unwrap());
            reply.answered_at(at, answer());
        } else {
            self.open.lock().unwrap().push(reply);
        }
    }

    fn withdraw(&mut self, id: &ActionId) {
        self.noted.add(format!("withdraw {id}"));
    }
}

impl Screen for Fake {
    fn tell(&mut self, _: Timestamp, _: &Telling, _: &dyn Fn() -> RunView) {}
    fn show(&mut self, _: &ViewRequest, _: &RunView) {}
    fn output(&mut self, id: &ActionId, text: &str) {
        self.noted.add(format!("{id}: {text}"));
    }
}

fn answer() -> Answer {
    Answer { value: Value::Bool(true), by: "li".into(), told_by: None, via: Via::Terminal, note: None, evidence: None }
}

fn start(key: &str, effect: Effect) -> Start {
    Start {
        id: ActionId(format!("{key}#1")),
        key: key.into(),
        title: Words::default(),
        class: Class::Write,
        timeout: None,
        effect,
    }
}

fn shell(command: &str) -> Start {
    let effect = action::Shell {
        command: command.into(),
        ok: None,
        parse: None,
        env: BTreeMap::new(),
        stdin: None,
        dir: None,
        tty: false,
        save: None,
        max_bytes: None,
    };
    start(command, Effect::Shell(effect))
}

fn ask(key: &str) -> Start {
    let spec = AnswerSpec { ty: Type::Bool, optional: false, min: None, max: None, matches: None, typed: None };
    let prompt = Prompt {
        kind: PromptKind::Ask,
        answer: spec,
        default: None,
        choices: Vec::new(),
        show: Vec::new(),
        by: None,
        not_executor: false,
        evidence: None,
        within: None,
        remind: None,
        never_auto: false,
        urgency: Urgency::Other,
        can_rollback: false,
    };
    start(key, Effect::Ask(Box::new(prompt)))
}

struct Bench {
    world: Drivers,
    noted: Noted,
    open: Arc<Mutex<Vec<Reply>>>,
    clock: Arc<Jumping>,
    sending: Sending,
}

fn bench() -> Bench {
    let noted = Noted::default();
    let open = Arc::new(Mutex::new(Vec::new()));
    let clock = Arc::new(Jumping(Mutex::new(Timestamp::UNIX_EPOCH)));
    let fake = || Fake { noted: noted.clone(), clock: Arc::clone(&clock), open: Arc::clone(&open) };
    let parts = Parts {
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        shell: Box::new(fake()),
        http: Box::new(fake()),
        files: Box::new(fake()),
        locks: Box::new(fake()),
        people: Box::new(fake()),
        screen: Box::new(fake()),
    };
    let (sending, inbox) = channel_of_news();
    Bench { world: Drivers::new(parts, sending.clone(), inbox), noted, open, clock, sending }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// `outcome KEY`, `answered KEY`, … and the second at which it came.
fn next(bench: &mut Bench, due: Option<i64>) -> (String, i64) {
    let happening = bench.world.next(due.map(at));
    let text = match &happening {
        Happening::Outcome { id, outcome } => match &outcome.failure {
            None => format!("outcome {id}"),
            Some(failure) => format!("{:?} {id}", failure.kind),
        },
        Happening::Answered { id, .. } => format!("answered {id}"),
        Happening::Delivered { id } => format!("delivered {id}"),
        Happening::NobodyThere { id } => format!("nobody {id}"),
        Happening::Due => "Due".to_owned(),
        Happening::Interrupt => "Interrupt".to_owned(),
        Happening::Detached => "Detached".to_owned(),
        Happening::Idle => "Idle".to_owned(),
        Happening::Started { .. } | Happening::Command { .. } | Happening::View(_) | Happening::Terminate => {
            panic!("{happening:?}")
        }
    };
    (text, bench.clock.now().as_second())
}

#[test]
fn the_clock_jumps_to_what_comes_first() {
    let mut bench = bench();
    bench.world.start(&shell("long takes 90"));
    bench.world.start(&shell("short takes 20"));
    bench.world.start(&ask("start_ok takes 30"));
    assert_eq!(next(&mut bench, Some(60)), ("delivered start_ok takes 30#1".into(), 0));
    assert_eq!(next(&mut bench, Some(60)), ("outcome short takes 20#1".into(), 20));
    assert_eq!(next(&mut bench, Some(60)), ("answered start_ok takes 30#1".into(), 30));
    assert_eq!(next(&mut bench, Some(60)), ("Due".into(), 60));
    assert_eq!(next(&mut bench, None), ("outcome long takes 90#1".into(), 90));
    assert_eq!(next(&mut bench, None), ("Idle".into(), 90));
}

#[test]
fn what_is_foretold_for_the_same_moment_comes_before_due() {
    let mut bench = bench();
    bench.world.start(&shell("a takes 60"));
    assert_eq!(next(&mut bench, Some(60)).0, "outcome a takes 60#1");
    assert_eq!(next(&mut bench, Some(60)).0, "Due");
}

#[test]
fn the_clock_stands_while_an_effect_or_a_person_is_waited_for() {
    let mut bench = bench();
    bench.world.start(&shell("real"));
    bench.world.start(&ask("question"));
    assert_eq!(next(&mut bench, Some(60)).0, "delivered question#1");
    let replies = std::mem::take(&mut *bench.open.lock().unwrap());
    let done = outcome(&*bench.clock);
    replies[1].answered(answer());
    replies[1].answered(answer());
    replies[0].clone().done(done.clone());
    replies[0].clone().done(done);
    assert_eq!(next(&mut bench, Some(60)), ("answered question#1".into(), 0));
    assert_eq!(next(&mut bench, Some(60)), ("outcome real#1".into(), 0));
    assert_eq!(next(&mut bench, Some(60)), ("Due".into(), 60), "a second answer or outcome goes nowhere");
    let noted = ["real#1: real prints", "withdraw question#1"];
    assert_eq!(bench.noted.taken(), noted, "whoever else was asked is told that it is answered");
}

#[test]
fn a_prompt_that_nobody_can_answer_does_not_hold_the_clock_and_may_be_answered_later() {
    let mut bench = bench();
    bench.world.start(&ask("question"));
    assert_eq!(next(&mut bench, None).0, "delivered question#1");
    bench.open.lock().unwrap()[0].nobody_there();
    assert_eq!(next(&mut bench, Some(5)).0, "nobody question#1");
    assert_eq!(next(&mut bench, Some(5)), ("Due".into(), 5));
    assert_eq!(next(&mut bench, None).0, "Idle");
    bench.open.lock().unwrap()[0].answered(answer());
    assert_eq!(next(&mut bench, None).0, "answered question#1");
}

#[test]
fn a_prompt_that_was_taken_back_is_not_answered() {
    let mut bench = bench();
    bench.world.start(&ask("scripted takes 30"));
    bench.world.start(&ask("open"));
    bench.world.withdraw(&ActionId("scripted takes 30#1".into()));
    bench.world.withdraw(&ActionId("open#1".into()));
    bench.open.lock().unwrap()[0].answered(answer());
    assert_eq!(next(&mut bench, Some(60)), ("Due".into(), 60));
    assert_eq!(bench.noted.taken(), ["withdraw scripted takes 30#1", "withdraw open#1"]);
}

#[test]
fn a_foretold_outcome_is_cut_short_by_cancel() {
    let mut bench = bench();
    bench.world.start(&shell("a takes 60"));
    bench.world.cancel(&ActionId("a takes 60#1".into()));
    bench.world.cancel(&ActionId("never begun#1".into()));
    assert_eq!(next(&mut bench, None), ("Interrupted a takes 60#1".into(), 0));
    assert_eq!(next(&mut bench, None).0, "Idle");
    assert_eq!(bench.noted.taken(), ["cancel a takes 60#1"]);
}

#[test]
fn files_and_locks_are_answered_at_once() {
    let mut bench = bench();
    bench.world.start(&start("copy.1", Effect::Copy { from: "a".into(), to: "b".into() }));
    bench.world.start(&start("append.1", Effect::Append { path: "log.txt".into(), line: "x".into() }));
    bench.world.start(&start("lock.1", Effect::Lock { target: "cluster/a".into() }));
    assert_eq!(next(&mut bench, None).0, "Failed copy.1#1");
    assert_eq!(next(&mut bench, None).0, "outcome append.1#1");
    assert_eq!(next(&mut bench, None).0, "outcome lock.1#1");
    assert_eq!(bench.noted.taken(), ["lock cluster/a"]);
}

#[test]
fn signals_pass_at_any_time() {
    let mut bench = bench();
    bench.world.start(&shell("real"));
    bench.sending.happened(Happening::Interrupt);
    assert_eq!(next(&mut bench, None).0, "Interrupt");
}

#[test]
fn a_process_taken_over_is_waited_for() {
    let mut bench = bench();
    let id = ActionId("old#1".into());
    bench.world.adopt(&id, Process { pid: 1, start_ticks: 1 }, None);
    let reply = bench.open.lock().unwrap().remove(0);
    reply.done(outcome(&*bench.clock));
    assert_eq!(next(&mut bench, None).0, "outcome old#1");
}
