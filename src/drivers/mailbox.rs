//! The inbox of a run: what comes from other terminals becomes what happens here. It stands before whoever else answers
//! prompts, and is looked into all the time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::People;
use super::reply::{Reply, Sending};
use crate::engine::action::{ActionId, Prompt, Start};
use crate::engine::world::Happening;
use crate::journal::canonical::question_digest;
use crate::journal::store::{Inbox, Post, Posted};

/// How often the inbox is looked into: an answer from elsewhere is there before its giver looks up, and a folder is cheap
/// to list.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// People who answer here, and those who answer from elsewhere.
pub struct Mailbox {
    here: Box<dyn People>,
    shared: Arc<Mutex<Shared>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    inbox: Box<dyn Inbox>,
    sending: Sending,
    /// Open prompts, with the digest of each question.
    open: BTreeMap<ActionId, (String, Reply)>,
    /// Posts that were taken and are not yet known to be journaled.
    taken: Vec<(String, Posted)>,
}

impl Mailbox {
    /// Puts the inbox before `here`, and begins to look into it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(inbox: Box<dyn Inbox>, here: Box<dyn People>, sending: Sending) -> std::io::Result<Self> {
        let mut shared = Shared { inbox, sending, open: BTreeMap::new(), taken: Vec::new() };
        // What came while nobody executed the run is known before it goes on.
        shared.look();
        let shared = Arc::new(Mutex::new(shared));
        let stop = Arc::new(AtomicBool::new(false));
        let (looked_at, stopped) = (Arc::clone(&shared), Arc::clone(&stop));
        let thread = std::thread::Builder::new().name("inbox".to_owned()).spawn(move || {
            while !stopped.load(Ordering::Acquire) {
                lock(&looked_at).look();
                std::thread::park_timeout(LOOK_AGAIN);
            }
        })?;
        Ok(Self { here, shared, stop, thread: Some(thread) })
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A thread that panicked has been reported by its own hook.
            drop(thread.join());
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Takes what has come. What cannot be read now is looked at again by the next executor; an answer to a question that
    /// is not asked yet waits.
    fn look(&mut self) {
        let Ok(found) = self.inbox.take() else { return };
        for (name, posted) in found {
            if let Post::Command { by, command } = &posted.post {
                self.sending.happened(Happening::Command { by: by.clone(), command: command.clone() });
            }
            self.taken.push((name, posted));
        }
        let Self { open, taken, .. } = self;
        open.retain(|prompt, (question, reply)| {
            let answer = taken.iter().find_map(|(_, posted)| posted.answer_to(prompt, question));
            if let Some(answer) = answer {
                reply.answered(answer.clone());
            }
            answer.is_none()
        });
    }

    fn settle(&mut self, is_it: impl Fn(&Post) -> bool) {
        let Some(index) = self.taken.iter().position(|(_, posted)| is_it(&posted.post)) else { return };
        let (name, _) = self.taken.remove(index);
        // Where it cannot be moved, the next executor finds it again: an answer whose question is no longer open, or a
        // command whose effect a person sees.
        drop(self.inbox.settle(&name));
    }
}

impl People for Mailbox {
    fn ask(&mut self, start: &Start, prompt: &Prompt, reply: Reply) {
        let mut shared = lock(&self.shared);
        let question = question_digest(start);
        shared.look();
        let before = shared.taken.iter().find_map(|(_, posted)| posted.answer_to(&start.id, &question).cloned());
        if let Some(answer) = before {
            // It was answered before it was asked here: while nobody executed the run.
            drop(shared);
            reply.delivered();
            return reply.answered(answer);
        }
        shared.open.insert(start.id.clone(), (question, reply.clone()));
        drop(shared);
        self.here.ask(start, prompt, reply);
    }

    fn withdraw(&mut self, id: &ActionId) {
        lock(&self.shared).open.remove(id);
        self.here.withdraw(id);
    }

    fn journaled(&mut self, happening: &Happening) {
        let mut shared = lock(&self.shared);
        if let Happening::Answered { id, answer } = happening {
            shared.settle(
                |post| matches!(post, Post::Answer { prompt, answer: posted, .. } if prompt == id && posted == answer),
            );
        }
        if let Happening::Command { by, command } = happening {
            shared.settle(
                |post| matches!(post, Post::Command { by: who, command: what } if who == by && what == command),
            );
        }
        drop(shared);
        self.here.journaled(happening);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Receiver;

    use jiff::Timestamp;

    use super::*;
    use crate::drivers::reply::{Message, News, channel_of_news};
    use crate::engine::action::{Effect, PromptKind, Urgency, Words};
    use crate::engine::input::{Answer, Command, Via};
    use crate::journal::memory_store::MemoryStore;
    use crate::journal::store::{Delivery, Store};
    use crate::value::Value;
    use crate::value::answer::AnswerSpec;
    use crate::value::types::Type;

    /// Nobody is here.
    struct Away;

    impl People for Away {
        fn ask(&mut self, _: &Start, _: &Prompt, reply: Reply) {
            reply.delivered();
        }

        fn withdraw(&mut self, _: &ActionId) {}
    }

    /// Must not be asked.
    struct Nobody;

    impl People for Nobody {
        fn ask(&mut self, start: &Start, _: &Prompt, _: Reply) {
            panic!("asked {start:?}");
        }

        fn withdraw(&mut self, _: &ActionId) {}
    }

    fn prompt() -> Prompt {
        Prompt {
            kind: PromptKind::Ask,
            answer: AnswerSpec::of(Type::String),
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
        }
    }

    fn start(title: &str) -> Start {
        Start {
            id: ActionId("a/ask#1".into()),
            key: "a/ask".into(),
            title: Words::own(title, None),
            class: crate::check::program::Class::Pure,
            timeout: None,
            effect: Effect::Ask(Box::new(prompt())),
        }
    }

    fn answer(text: &str) -> Answer {
        let (value, via) = (Value::Text(text.into()), Via::Inbox);
        Answer { value, by: "bob".into(), told_by: None, via, note: None, evidence: None }
    }

    fn posted(post: Post) -> Posted {
        Posted { at: Timestamp::UNIX_EPOCH, post }
    }

    fn next(news: &Receiver<Message>) -> Happening {
        loop {
            if let News::Happened(happening) = news.recv().unwrap().news
                && !matches!(happening, Happening::Delivered { .. })
            {
                return happening;
            }
        }
    }

    #[test]
    fn an_answer_from_elsewhere_reaches_the_question_that_it_answers() {
        let mut store = MemoryStore::default();
        store.create("run").unwrap();
        let (sending, news) = channel_of_news();
        let mut mailbox = Mailbox::start(store.inbox("run"), Box::new(Away), sending.clone()).unwrap();
        let post = |title: &str, text: &str| {
            let question = question_digest(&start(title));
            posted(Post::Answer { prompt: start(title).id, question, answer: answer(text) })
        };
        // Before it is asked, and to another question of the same key: nothing comes of it.
        store.post("run", &post("another question", "never")).unwrap();
        let asked = start("who?");
        mailbox.ask(&asked, &prompt(), sending.reply(&asked.id));
        let right = post("who?", "me");
        assert_eq!(store.post("run", &right).unwrap(), Delivery::Done);
        let happened = next(&news);
        assert_eq!(happened, Happening::Answered { id: asked.id.clone(), answer: answer("me") });
        assert_eq!(store.inbox("run").take().unwrap().len(), 1, "until it is journaled it is not given away");
        mailbox.journaled(&happened);
        assert!(store.inbox("run").take().unwrap().is_empty());
        assert_eq!(store.post("run", &right).unwrap(), Delivery::Already(right));
    }

    #[test]
    fn an_answer_that_came_before_the_question_is_put_here_is_taken_before_anybody_is_asked() {
        let mut store = MemoryStore::default();
        store.create("run").unwrap();
        let asked = start("who?");
        let question = question_digest(&asked);
        let post = Post::Answer { prompt: asked.id.clone(), question, answer: answer("me") };
        store.post("run", &posted(post)).unwrap();
        let (sending, news) = channel_of_news();
        let mut mailbox = Mailbox::start(store.inbox("run"), Box::new(Nobody), sending.clone()).unwrap();
        mailbox.ask(&asked, &prompt(), sending.reply(&asked.id));
        assert_eq!(next(&news), Happening::Answered { id: asked.id, answer: answer("me") });
    }

    #[test]
    fn a_command_from_elsewhere_happens_and_is_settled_once_it_is_journaled() {
        let mut store = MemoryStore::default();
        store.create("run").unwrap();
        let (sending, news) = channel_of_news();
        let mut mailbox = Mailbox::start(store.inbox("run"), Box::new(Away), sending).unwrap();
        store.post("run", &posted(Post::Command { by: "bob".into(), command: Command::Suspend })).unwrap();
        let happened = next(&news);
        assert_eq!(happened, Happening::Command { by: "bob".into(), command: Command::Suspend });
        mailbox.journaled(&happened);
        assert!(store.inbox("run").take().unwrap().is_empty());
    }
}
