//! A run of the pure engine, input by input: the test is the world.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use runbook::check::program::Program;
use runbook::check::{Templates, check};
use runbook::engine::action::{Action, ActionId, Effect, Ending, Prompt, Start};
use runbook::engine::input::{
    Answer, Begin, Command, Data, Event, Failure, FailureKind, Input, Outcome, Output, ScrapeData, Via,
};
use runbook::engine::telling::Telling;
use runbook::engine::view::RunView;
use runbook::engine::{self, State};
use runbook::metrics::exposition;
use runbook::text::Text;
use runbook::value::Value;

/// Any template is there and empty.
pub(crate) struct AnyTemplate;

impl Templates for AnyTemplate {
    fn text(&self, _: &str) -> Option<String> {
        Some(String::new())
    }
}

/// The program of a runbook that must be sound.
pub(crate) fn program(source: &str) -> Program {
    let checked = check(source, &AnyTemplate);
    let errors: Vec<String> = checked
        .diagnostics
        .iter()
        .map(|d| {
            format!("{} {} in `{}`", d.code, d.message.en, &source[d.span().start as usize..d.span().end as usize])
        })
        .collect();
    checked.program.unwrap_or_else(|| panic!("{}", errors.join("\n")))
}

/// A run under way.
pub(crate) struct Play {
    pub(crate) program: Program,
    pub(crate) state: State,
    pub(crate) at: Timestamp,
    /// All actions so far.
    pub(crate) actions: Vec<Action>,
    /// All inputs so far.
    pub(crate) inputs: Vec<Input>,
}

impl Play {
    /// Begins a run of `body` inside a runbook of the name `t`.
    pub(crate) fn of(body: &str) -> Self {
        Self::begin(program(&format!("runbook t, \"T\" do\n{body}\nend\n")), Begin::default())
    }

    /// Begins a run.
    pub(crate) fn begin(program: Program, begin: Begin) -> Self {
        let at: Timestamp = "2025-11-18T01:00:00Z".parse().unwrap();
        let state = State::new(&program);
        let mut params = begin.params.clone();
        for param in &program.params {
            let default = param.default.clone().unwrap_or(Value::Null);
            params.entry(param.name.clone()).or_insert(default);
        }
        let mut play = Self { program, state, at, actions: Vec::new(), inputs: Vec::new() };
        play.tell(Event::Begin(Begin { run: "r".to_owned(), executor: "op".to_owned(), params, ..begin }));
        play
    }

    /// Gives an input now.
    pub(crate) fn tell(&mut self, event: Event) -> &mut Self {
        let input = Input { at: self.at, event };
        self.inputs.push(input.clone());
        let actions = engine::step(&self.program, &mut self.state, input);
        self.actions.extend(actions);
        self
    }

    /// Lets time pass, and tells the engine each time that it wants to know.
    pub(crate) fn pass(&mut self, span: SignedDuration) -> &mut Self {
        let end = self.at.checked_add(span).unwrap();
        while let Some(due) = engine::next_due(&self.state).filter(|due| *due <= end) {
            self.at = self.at.max(due);
            self.tell(Event::Due);
            if self.open().iter().any(|start| !matches!(start.effect, Effect::Ask(_))) {
                break;
            }
        }
        if self.open().iter().all(|start| matches!(start.effect, Effect::Ask(_))) {
            self.at = end;
        }
        self
    }

    /// Effects and prompts that wait, in order of name.
    pub(crate) fn open(&self) -> Vec<Start> {
        self.state.open_starts().cloned().collect()
    }

    /// Their names.
    pub(crate) fn waits(&self) -> Vec<String> {
        self.open().into_iter().map(|start| start.id.0).collect()
    }

    /// The prompt with this name.
    pub(crate) fn prompt(&self, id: &str) -> Prompt {
        let open = self.open();
        let start = open.iter().find(|start| start.id.0 == id).unwrap_or_else(|| panic!("{id}: {:?}", self.waits()));
        match &start.effect {
            Effect::Ask(prompt) => (**prompt).clone(),
            _effect => panic!("{id} is no prompt"),
        }
    }

    /// The command with this name, as bash gets it.
    pub(crate) fn command(&self, id: &str) -> String {
        let found = self.actions.iter().rev().find_map(|action| match action {
            Action::Start(start) if start.id.0 == id => match &start.effect {
                Effect::Shell(shell) => Some(shell.command.clone()),
                _effect => None,
            },
            _action => None,
        });
        found.unwrap_or_else(|| panic!("{id}: {:?}", self.waits()))
    }

    /// An effect succeeds with this output.
    pub(crate) fn done(&mut self, id: &str, out: &str) -> &mut Self {
        let value = Some(Value::Text(out.trim().to_owned()));
        let out = Output { text: out.to_owned(), bytes: 0, artifact: None };
        self.outcome(id, None, Data::Shell { code: Some(0), out, err: Output::default(), value })
    }

    /// An effect fails.
    pub(crate) fn fails(&mut self, id: &str, kind: FailureKind, message: &str) -> &mut Self {
        self.outcome(id, Some(Failure { kind, message: Text::verbatim(message) }), Data::None)
    }

    /// A scrape gives this text.
    pub(crate) fn scraped(&mut self, id: &str, text: &str) -> &mut Self {
        let format = runbook::metrics::scrape::Format::Text;
        let parsed = exposition::parse(text.as_bytes(), format, &exposition::Limits::default())
            .unwrap_or_else(|error| panic!("{error:?}"));
        let scrape = parsed.scrape();
        let reported: BTreeSet<String> = scrape.series().map(|series| series.name.to_string()).collect();
        self.outcome(
            id,
            None,
            Data::Scrape(ScrapeData { scrapes: vec![std::sync::Arc::new(scrape)], reported, ..ScrapeData::default() }),
        )
    }

    /// An effect ends.
    pub(crate) fn outcome(&mut self, id: &str, failure: Option<Failure>, data: Data) -> &mut Self {
        assert!(self.waits().contains(&id.to_owned()), "{id} is not among {:?}", self.waits());
        let outcome = Outcome { started_at: self.at, took: SignedDuration::from_millis(5), failure, data };
        self.tell(Event::Outcome { id: ActionId(id.to_owned()), outcome })
    }

    /// A person answers.
    pub(crate) fn answer(&mut self, id: &str, value: Value) -> &mut Self {
        self.answer_as(id, value, "op")
    }

    /// This person answers.
    pub(crate) fn answer_as(&mut self, id: &str, value: Value, by: &str) -> &mut Self {
        assert!(self.waits().contains(&id.to_owned()), "{id} is not among {:?}", self.waits());
        let answer = Answer {
            value,
            by: by.to_owned(),
            told_by: None,
            via: Via::Terminal,
            note: Some("because".to_owned()),
            evidence: None,
        };
        self.tell(Event::Answered { id: ActionId(id.to_owned()), answer })
    }

    /// A person chooses.
    pub(crate) fn choose(&mut self, id: &str, key: &str) -> &mut Self {
        self.answer(id, Value::Text(key.to_owned()))
    }

    /// A prompt is in front of a person.
    pub(crate) fn deliver(&mut self, id: &str) -> &mut Self {
        self.tell(Event::Delivered { id: ActionId(id.to_owned()) })
    }

    /// A person commands.
    pub(crate) fn command_of_person(&mut self, command: Command) -> &mut Self {
        self.tell(Event::Command { by: "op".to_owned(), command })
    }

    /// How it ended.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.state.ending()
    }

    /// The view now.
    pub(crate) fn view(&self) -> RunView {
        engine::view(&self.program, &self.state, self.at)
    }

    /// What was told.
    pub(crate) fn tellings(&self) -> Vec<Telling> {
        self.actions
            .iter()
            .filter_map(|action| match action {
                Action::Tell(telling) => Some((**telling).clone()),
                _action => None,
            })
            .collect()
    }

    /// The same inputs to a fresh state give the same state and the same actions.
    pub(crate) fn replays(&self) {
        let mut state = State::new(&self.program);
        let mut actions = Vec::new();
        for input in &self.inputs {
            actions.extend(engine::step(&self.program, &mut state, input.clone()));
        }
        // A counter that is NaN does not equal itself.
        let same = state == self.state || format!("{state:?}") == format!("{:?}", self.state);
        assert!(same, "a replay gives another state");
        assert!(actions == self.actions, "a replay gives other actions");
    }
}
