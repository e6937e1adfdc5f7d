use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::drivers::Busy;
use crate::drivers::reply::{Reply, channel_of_news};
use crate::engine::action::Prompt;
use crate::engine::telling::Telling;
use crate::journal::memory_store::MemoryStore;
use crate::run::tests::Script;
use crate::run::tests::{RUN, at, exec, prefixes, program, take_up};
use crate::value::Value;

struct Stands;

impl Clock for Stands {
    fn now(&self) -> Timestamp {
        at(100)
    }

    fn monotonic(&self) -> SignedDuration {
        SignedDuration::ZERO
    }

    fn wait(&self, _: &Receiver<Message>, _: Option<Timestamp>, _: Busy) -> Option<Message> {
        None
    }
}

/// Notes what it is asked and shown, and does with a question what the test wants.
#[derive(Clone)]
struct Noted {
    lines: Arc<Mutex<Vec<String>>>,
    asked: Arc<dyn Fn(&Reply)>,
}

impl Noted {
    fn new(asked: impl Fn(&Reply) + 'static) -> Noted {
        Noted { lines: Arc::default(), asked: Arc::new(asked) }
    }

    fn add(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }
}

impl People for Noted {
    fn ask(&mut self, _: &Start, _: &Prompt, reply: Reply) {
        self.add(format!("asked {}", reply.id()));
        (self.asked)(&reply);
    }

    fn withdraw(&mut self, id: &ActionId) {
        self.add(format!("withdrawn {id}"));
    }
}

impl Screen for Noted {
    fn tell(&mut self, _: Timestamp, telling: &Telling, _: &dyn Fn() -> RunView) {
        if let Telling::Ended { ending, .. } = telling {
            self.add(format!("told {ending:?}"));
        }
    }

    fn show(&mut self, what: &ViewRequest, view: &RunView) {
        self.add(format!("shown {what:?} of {}", view.run));
    }

    fn output(&mut self, _: &ActionId, text: &str) {
        self.add(text.to_owned());
    }
}

/// A program, its whole journal, and the journal as it is while a question is open.
fn waiting() -> (Program, MemoryStore, Vec<u8>) {
    let program = program(&["one"]);
    let (mut store, mut world) = (MemoryStore::default(), Script::default());
    exec(&program, &mut store, &mut world).unwrap();
    let (all, _) = prefixes(&store);
    let mut crashed = MemoryStore::default();
    crashed.set_journal(RUN, all[0].clone());
    take_up(&program, &mut crashed, &mut Script::default()).unwrap();
    let whole = crashed.journal(RUN).unwrap();
    let open = prefixes(&crashed).0.into_iter().find(|prefix| {
        let store = MemoryStore::default();
        store.set_journal(RUN, prefix.clone());
        let replayed = replay(&store, RUN, &program, &mut crate::run::replay::Unseen).unwrap();
        replayed.open.values().any(|start| matches!(start.effect, Effect::Ask(_)))
    });
    let store = MemoryStore::default();
    store.set_journal(RUN, open.expect("the write in doubt is asked about"));
    (program, store, whole)
}

fn attach(program: &Program, store: &MemoryStore, noted: &Noted) -> Result<Left, StoreError> {
    attach_with(program, store, noted, channel_of_news())
}

fn attach_with(
    program: &Program,
    store: &MemoryStore,
    noted: &Noted,
    channel: (Sending, Receiver<Message>),
) -> Result<Left, StoreError> {
    let attachment = Attachment {
        store,
        run: RUN.to_owned(),
        program,
        user: "carol".to_owned(),
        people: Box::new(noted.clone()),
        screen: Box::new(noted.clone()),
        clock: &Stands,
        channel,
    };
    attachment.follow()
}

fn answer() -> Answer {
    let value = Value::Text("ran".into());
    Answer { value, by: "carol".into(), told_by: None, via: Via::Terminal, note: None, evidence: None }
}

#[test]
fn an_answer_goes_into_the_inbox_and_whoever_leaves_changes_nothing() {
    let (program, store, _) = waiting();
    let (sending, news) = channel_of_news();
    let leave = sending.clone();
    let noted = Noted::new(move |reply| {
        reply.answered(answer());
        leave.happened(Happening::Interrupt);
    });
    assert_eq!(attach_with(&program, &store, &noted, (sending, news)), Ok(Left::Detached));
    let lines = noted.lines.lock().unwrap().clone();
    assert_eq!(lines, [format!("shown Status of {RUN}"), "asked one!in_doubt#1".to_owned()]);
    let posts = store.inbox(RUN).take().unwrap();
    let [(_, Posted { at: posted_at, post: Post::Answer { prompt, answer, .. } })] = posts.as_slice() else {
        panic!("{posts:?}")
    };
    assert_eq!((*posted_at, prompt.0.as_str(), answer.via), (at(100), "one!in_doubt#1", Via::Inbox));
}

#[test]
fn a_second_answer_is_told_who_was_first() {
    let (program, store, _) = waiting();
    let (sending, news) = channel_of_news();
    let leave = sending.clone();
    let noted = Noted::new(move |reply| {
        reply.answered(answer());
        reply.answered(Answer { by: "dave".into(), value: Value::Text("run_again".into()), ..answer() });
        leave.happened(Happening::Interrupt);
    });
    assert_eq!(attach_with(&program, &store, &noted, (sending, news)), Ok(Left::Detached));
    let lines = noted.lines.lock().unwrap().clone();
    assert_eq!(lines.last().unwrap(), "one!in_doubt#1 was answered before, by carol\n");
}

#[test]
fn what_the_executor_does_is_shown_until_the_end() {
    let (program, store, whole) = waiting();
    let journal = store.clone();
    // The executor was answered elsewhere, and goes on.
    let noted = Noted::new(move |_| journal.set_journal(RUN, whole.clone()));
    assert_eq!(attach(&program, &store, &noted), Ok(Left::Ended(Ending::Passed)));
    let lines = noted.lines.lock().unwrap().clone();
    assert_eq!(lines.last().unwrap(), "withdrawn one!in_doubt#1");
    assert!(lines.contains(&"told Passed".to_owned()), "{lines:?}");
}
