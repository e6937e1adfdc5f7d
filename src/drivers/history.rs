//! What happened in a run before its executor took it up: how often each script of a simulation was called, and which
//! passes of the answers file are over. Told by a replay of the journal.

use jiff::Timestamp;

use super::answers::Answers;
use super::sim::script::Scripts;
use crate::engine::action::{ActionId, stem_of};
use crate::engine::telling::Telling;

/// Calls and passes, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// When an effect began, its static key and its full command or request.
    effects: Vec<(Timestamp, String, String)>,
    /// Prompts that were answered or whose time was over.
    prompts: Vec<ActionId>,
}

impl History {
    /// Hears what a replay tells.
    pub fn hear(&mut self, at: Timestamp, telling: &Telling) {
        let telling = telling.within();
        if let Telling::EffectBegan { id, what, .. } = telling {
            self.effects.push((at, static_key(&id.0), what.clone()));
        } else if let Telling::Answered { key, .. } | Telling::TimedOut { key, .. } = telling {
            self.prompts.push(ActionId(key.clone()));
        }
    }

    /// Puts scripts where they were. `start` is when the run began.
    pub fn apply(&self, scripts: &mut Scripts, start: Timestamp) {
        for (at, key, what) in &self.effects {
            // A request has no script: nothing is called then.
            drop(scripts.call(key, what, at.duration_since(start)));
        }
    }

    /// Puts an answers file where it was: the answer to a pass that is over is not the one to the next.
    pub fn pass_over(&self, answers: &mut Answers) {
        for id in &self.prompts {
            answers.pass_over(id);
        }
    }
}

/// `drain[node-7]/sh.1#1~2` → `drain/sh.1`.
fn static_key(id: &str) -> String {
    let mut key = String::new();
    let mut depth = 0_u32;
    for letter in stem_of(id).chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            letter if depth == 0 => key.push(letter),
            _inside => {}
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::TimeZone;

    use super::super::sim::scenario::Scenario;
    use super::*;
    use crate::check::program::Class;
    use crate::engine::action::Words;
    use crate::value::Value;

    #[test]
    fn an_instance_has_the_key_of_its_statement() {
        assert_eq!(static_key("drain[node-7]/sh.1#1~2"), "drain/sh.1");
        assert_eq!(static_key("a/b!failed#2"), "a/b!failed");
        assert_eq!(static_key("each[a[0]]/ask#1"), "each/ask");
    }

    #[test]
    fn scripts_and_answers_go_on_where_they_were() {
        let text = "[[command]]\nkey = \"pod/sh.1\"\nanswers = [{ out = \"1\" }, { out = \"2\" }, { out = \"3\" }]\n";
        let mut scripts = Scripts::new(Arc::new(Scenario::parse(text).unwrap()));
        let mut answers = Answers::parse("[answers]\nnote = [\"a\", \"b\"]\n").unwrap();
        let at = Scenario::DEFAULT_START;
        let began = |id: &str| Telling::EffectBegan {
            id: ActionId(id.to_owned()),
            depth: 0,
            title: Words::default(),
            what: "kubectl".to_owned(),
            stdin: None,
            class: Class::Read,
            attempt: crate::engine::telling::Attempt::ONLY,
            polled: false,
        };
        let mut history = History::default();
        history.hear(at, &began("pod[a]/sh.1#1"));
        history.hear(at, &began("pod[b]/sh.1#1"));
        history.hear(
            at,
            &Telling::Answered {
                key: "at/note#1".to_owned(),
                title: Words::default(),
                value: Value::Null,
                choice: None,
                by: "li.na".to_owned(),
            },
        );
        history.apply(&mut scripts, at);
        history.pass_over(&mut answers);
        let third = scripts.call("pod/sh.1", "kubectl", jiff::SignedDuration::ZERO).unwrap();
        assert_eq!(third.out, "3");
        let prompt = crate::drivers::sim::people::tests::prompt("owner");
        let prompt = crate::engine::action::Prompt {
            answer: crate::value::answer::AnswerSpec::of(crate::value::types::Type::Text),
            ..prompt
        };
        let id = ActionId("at/note#2".to_owned());
        let ready = answers.take("at/note", &id, &prompt, &TimeZone::UTC);
        assert_eq!(ready.unwrap().unwrap().value, Value::Text("b".to_owned()));
    }
}
