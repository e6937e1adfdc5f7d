//! People of a simulation: the answers file first, then whoever sits at the terminal in the part of the persona.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::scenario::Scenario;
use crate::drivers::answers::{Answers, Ready};
use crate::drivers::reply::Reply;
use crate::drivers::{Clock, People};
use crate::engine::action::{ActionId, Prompt, Start};
use crate::engine::input::{Answer, Via};
use crate::engine::world::Happening;
use crate::text::Lang;

/// The people.
pub struct SimPeople {
    /// Who answers for which role.
    pub scenario: Arc<Scenario>,
    /// The answers file.
    pub answers: Answers,
    /// The terminal, where there is one.
    pub terminal: Option<Box<dyn People>>,
    /// The virtual clock.
    pub clock: Arc<dyn Clock>,
    /// Zone of times without an offset.
    pub zone: TimeZone,
    /// Language of the operator.
    pub lang: Lang,
}

impl SimPeople {
    /// The prompt as the terminal is to ask it: of the people of a role the persona comes first.
    fn with_persona(&self, prompt: &Prompt) -> Prompt {
        let mut prompt = prompt.clone();
        if let Some(role) = &mut prompt.by
            && let Some(persona) = self.scenario.people.get(&role.key)
        {
            role.people.retain(|name| name != persona);
            role.people.insert(0, persona.clone());
        }
        prompt
    }
}

impl People for SimPeople {
    fn ask(&mut self, start: &Start, prompt: &Prompt, reply: Reply) {
        match self.answers.take(&start.key, &start.id, prompt, &self.zone) {
            Some(Ok(Ready { value, by, note, evidence, after })) => {
                let role = prompt.by.as_ref().map(|role| role.key.as_str());
                let by = by.unwrap_or_else(|| self.scenario.persona(role).to_owned());
                let now = self.clock.now();
                reply.delivered();
                let answer = Answer { value, by, told_by: None, via: Via::File, note, evidence };
                return reply.answered_at(now.saturating_add(after).unwrap_or(now), answer);
            }
            Some(Err(misfit)) => reply.output(format!("{}: {}\n", start.key, misfit.get(self.lang))),
            None => {}
        }
        let prompt = self.with_persona(prompt);
        if let Some(terminal) = &mut self.terminal {
            terminal.ask(start, &prompt, reply);
        } else {
            reply.delivered();
            reply.nobody_there();
        }
    }

    fn withdraw(&mut self, id: &ActionId) {
        if let Some(terminal) = &mut self.terminal {
            terminal.withdraw(id);
        }
    }

    fn journaled(&mut self, happening: &Happening) {
        // Put again, it was not settled by that: a quorum wants another answer, of somebody else.
        if let Happening::Answered { id, .. } = happening {
            self.answers.used(id);
        }
        if let Some(terminal) = &mut self.terminal {
            terminal.journaled(happening);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Mutex;

    use jiff::{SignedDuration, Timestamp};

    use super::super::clock::SimClock;
    use super::*;
    use crate::check::program::Class;
    use crate::drivers::reply::{Message, News, channel_of_news};
    use crate::engine::action::{Effect, PromptKind, Role, Urgency, Words};
    use crate::value::Value;
    use crate::value::answer::AnswerSpec;
    use crate::value::types::Type;

    const START: Timestamp = Scenario::DEFAULT_START;

    fn people(answers: &str) -> SimPeople {
        let scenario = "[people]\nexecutor = \"li.na\"\noncall = \"zhao.lei\"\n";
        SimPeople {
            scenario: Arc::new(Scenario::parse(scenario).unwrap()),
            answers: Answers::parse(answers).unwrap(),
            terminal: None,
            clock: Arc::new(SimClock::new(START, None)),
            zone: TimeZone::UTC,
            lang: Lang::En,
        }
    }

    pub(crate) fn prompt(role: &str) -> Prompt {
        Prompt {
            kind: PromptKind::Item,
            answer: AnswerSpec::of(Type::Bool),
            default: None,
            choices: Vec::new(),
            show: Vec::new(),
            by: Some(Role { key: role.to_owned(), title: Words::default(), people: Vec::new() }),
            not_executor: false,
            evidence: None,
            within: None,
            remind: None,
            never_auto: false,
            urgency: Urgency::Other,
            can_rollback: false,
        }
    }

    fn asked(people: &mut SimPeople, prompt: &Prompt) -> Vec<Message> {
        let start = Start {
            id: ActionId("ready/ok#1".to_owned()),
            key: "ready/ok".to_owned(),
            title: Words::default(),
            class: Class::Pure,
            timeout: None,
            effect: Effect::Ask(Box::new(prompt.clone())),
        };
        let (sending, inbox) = channel_of_news();
        people.ask(&start, prompt, sending.reply(&start.id));
        inbox.try_iter().collect()
    }

    #[test]
    fn an_answer_comes_after_its_time_from_whoever_has_the_role() {
        let mut people = people("[answers]\nok = { value = true, after = \"90s\", note = \"called\" }\n");
        let messages = asked(&mut people, &prompt("oncall"));
        let [delivered, answered] = messages.as_slice() else { panic!("{messages:?}") };
        assert!(matches!(delivered.news, News::Happened(Happening::Delivered { .. })));
        assert_eq!(answered.at, Some(START + SignedDuration::from_secs(90)));
        let News::Happened(Happening::Answered { answer, .. }) = &answered.news else { panic!("{answered:?}") };
        assert_eq!((&answer.value, answer.by.as_str(), answer.via), (&Value::Bool(true), "zhao.lei", Via::File));
        assert_eq!(answer.note.as_deref(), Some("called"));
    }

    #[test]
    fn a_quorum_hears_one_after_another_and_nobody_twice() {
        let by = |messages: &[Message]| match messages.last().map(|last| &last.news) {
            Some(News::Happened(Happening::Answered { answer, .. })) => answer.by.clone(),
            Some(News::Happened(Happening::NobodyThere { .. })) => "nobody".to_owned(),
            other => panic!("{other:?}"),
        };
        let mut people = people("[answers]\nok = [true, { value = true, by = \"sun.yan\" }]\n");
        let mut heard = Vec::new();
        for again in [false, true, true, true] {
            let messages = asked(&mut people, &prompt("oncall"));
            heard.push(by(&messages));
            if again && let Some(News::Happened(answered)) = messages.last().map(|last| &last.news) {
                people.journaled(answered);
            }
        }
        assert_eq!(heard, ["zhao.lei", "zhao.lei", "sun.yan", "nobody"], "what was withdrawn is not used");
    }

    /// A terminal that notes whom it would ask, and what it hears.
    #[derive(Clone, Default)]
    struct Noting(Arc<Mutex<Vec<String>>>);

    impl Noting {
        fn add(&self, line: String) {
            self.0.lock().unwrap().push(line);
        }
    }

    impl People for Noting {
        fn ask(&mut self, _: &Start, prompt: &Prompt, _: Reply) {
            self.add(prompt.by.as_ref().unwrap().people.join(","));
        }

        fn withdraw(&mut self, id: &ActionId) {
            self.add(format!("withdraw {id}"));
        }

        fn journaled(&mut self, happening: &Happening) {
            self.add(format!("journaled {happening:?}"));
        }
    }

    #[test]
    fn whoever_is_at_the_terminal_plays_the_persona() {
        let noted = Noting::default();
        let mut people = people("");
        people.terminal = Some(Box::new(noted.clone()));
        let mut asked_of = prompt("oncall");
        asked_of.by.as_mut().unwrap().people = vec!["sun.yan".to_owned(), "zhao.lei".to_owned()];
        assert!(asked(&mut people, &asked_of).is_empty());
        people.withdraw(&ActionId("ready/ok#1".to_owned()));
        people.journaled(&Happening::Interrupt);
        assert_eq!(*noted.0.lock().unwrap(), ["zhao.lei,sun.yan", "withdraw ready/ok#1", "journaled Interrupt"]);
    }

    #[test]
    fn what_the_file_does_not_cover_finds_nobody_there() {
        let nobody = |messages: &[Message]| {
            matches!(messages.last().map(|last| &last.news), Some(News::Happened(Happening::NobodyThere { .. })))
        };
        assert!(nobody(&asked(&mut people("[answers]\nother = true\n"), &prompt("owner"))));
        let misfit = asked(&mut people("[answers]\nok = \"maybe\"\n"), &prompt("owner"));
        assert!(matches!(&misfit[0].news, News::Output { text, .. } if text.contains("maybe")), "{misfit:?}");
        assert!(nobody(&misfit));
    }
}
