//! The examples of the reference are checked without a finding, and run in the engine to the end that they name.
//!
//! A block that is marked `ruby` is a runbook, or what stands in one. What the world answers is written in comments behind a
//! statement: `# prints 3`, `# fails` (a command); `# answers v2.4.1` (a person). Nothing written: a command prints nothing, a
//! person agrees, or takes the default or the first choice. A comment `# the run ends: rolled back` names the end; it is
//! `passed` where none is named.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use runbook::check::program::Program;
use runbook::check::{Templates, check};
use runbook::engine::action::{Effect, Ending, Prompt, PromptKind, Scrape, Start};
use runbook::engine::input::{Begin, Data, FailureKind, FileData, Output, ScrapeData};
use runbook::engine::next_due;
use runbook::metrics::promql::{Point, Value as Number};
use runbook::metrics::server::Answers;
use runbook::value::Value;
use runbook::value::types::Type;

use super::read;
use crate::pages::ruby_blocks;
use crate::support::play::Play;

/// More happenings than any example has; one that goes in a circle is found by it.
const MOST_STEPS: usize = 2_000;

struct AnyTemplate;

impl Templates for AnyTemplate {
    fn text(&self, _: &str) -> Option<String> {
        Some(String::new())
    }
}

/// An example as a runbook.
fn whole(block: &str) -> String {
    if block.trim_start().starts_with("runbook ") || block.contains("\nrunbook ") {
        block.to_owned()
    } else {
        format!("runbook example, \"Example\" do\n{block}end\n")
    }
}

/// Its program, where nothing at all is found in it.
fn program(source: &str) -> Result<Program, String> {
    let checked = check(source, &AnyTemplate);
    let said = |found: &runbook::diagnostic::Diagnostic| {
        let place = &source[found.span().start as usize..found.span().end as usize];
        format!("{} {} [{place}] {}", found.code, found.message.en, found.help.as_ref().map_or("", |help| &help.en))
    };
    match checked.program {
        Some(program) if checked.diagnostics.is_empty() => Ok(program),
        Some(_) | None => Err(checked.diagnostics.iter().map(said).collect::<Vec<_>>().join("\n")),
    }
}

#[test]
fn every_example_is_right_and_runs_to_its_end() {
    let examples = ruby_blocks(&read("language.md"));
    assert!(examples.len() > 30, "the examples were not found");
    let mut wrong = Vec::new();
    for (at, block) in examples.iter().enumerate() {
        let source = whole(block);
        let wanted =
            source.lines().find_map(|line| line.split_once("# the run ends: ")).map_or("passed", |(_, end)| end);
        let ended = program(&source).and_then(|program| World::new(&source, program).run()).map(word);
        if ended.as_deref() != Ok(wanted.trim()) {
            wrong.push(format!("example {}: {ended:?} instead of {wanted}\n{source}", at + 1));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn word(ending: Ending) -> String {
    match ending {
        Ending::Passed => "passed",
        Ending::NotPassed => "not passed",
        Ending::RolledBack => "rolled back",
        Ending::Suspended => "suspended",
        Ending::Aborted => "aborted",
        Ending::Refused => "refused",
    }
    .to_owned()
}

/// A world that does what the comments of an example say.
struct World {
    /// The comment behind a line, by its number.
    comments: BTreeMap<u32, String>,
    /// That behind a guard, by its key.
    guards: BTreeMap<String, String>,
    /// How often a question was answered.
    answered: BTreeMap<String, usize>,
    play: Play,
    scrapes: u32,
}

impl World {
    fn new(source: &str, program: Program) -> Self {
        let comment = |(at, line): (usize, &str)| {
            let (_, comment) = line.rsplit_once(" # ")?;
            Some((u32::try_from(at + 1).unwrap(), comment.trim().to_owned()))
        };
        let comments = source.lines().enumerate().filter_map(comment).collect();
        let guard = |line: &str| {
            let (key, rest) = line.strip_prefix("guard ")?.split_once(',')?;
            Some((key.to_owned(), rest.rsplit_once(" # ")?.1.to_owned()))
        };
        let guards = source.lines().filter_map(guard).collect();
        let params = program.params.iter().map(|param| {
            let own = param.per_env.values().next().or(param.default.as_ref()).cloned();
            (param.name.clone(), own.unwrap_or_else(|| if param.optional { Value::Null } else { sample(&param.ty) }))
        });
        let begin = Begin {
            params: params.collect(),
            environment: program.environments.first().cloned(),
            secrets: program.secrets.iter().map(|secret| secret.name.clone()).collect(),
            ..Begin::default()
        };
        Self { comments, guards, answered: BTreeMap::new(), play: Play::begin(program, begin), scrapes: 0 }
    }

    fn run(mut self) -> Result<Ending, String> {
        for _ in 0..MOST_STEPS {
            if let Some(ending) = self.play.ending() {
                self.play.replays();
                return Ok(ending);
            }
            let open = self.play.open();
            match open.first() {
                Some(start) => self.answer(start),
                None => {
                    let due = next_due(&self.play.state).ok_or("it stands still")?;
                    let span = due.duration_since(self.play.at).max(SignedDuration::ZERO);
                    self.play.pass(span);
                }
            }
        }
        let failed = self.play.view().steps.into_iter().filter(|step| !step.detail.is_empty());
        let failed: Vec<String> = failed.map(|step| format!("{}: {}", step.key, step.detail.en)).collect();
        Err(format!("it goes in a circle: {:?}\n{}", self.play.waits(), failed.join("\n")))
    }

    /// The comment behind the statement, or the guard, of an effect.
    fn comment(&self, start: &Start) -> Option<&str> {
        if let Some(guard) = self.play.program.guards.iter().find(|guard| start.key.ends_with(&guard.key)) {
            return self.guards.get(&guard.key).map(String::as_str);
        }
        let node = self.play.program.nodes.iter().find(|node| node.key == start.key)?;
        self.comments.get(&node.line).map(String::as_str)
    }

    fn answer(&mut self, start: &Start) {
        let id = start.id.0.clone();
        let comment = self.comment(start).unwrap_or_default().to_owned();
        // Nothing is done in no time.
        self.play.at = self.play.at.checked_add(SignedDuration::from_millis(5)).unwrap();
        if comment == "fails" {
            self.play.fails(&id, FailureKind::Failed, "exit code 1");
            return;
        }
        let data = match &start.effect {
            Effect::Ask(prompt) => {
                let value = reply(prompt, comment.strip_prefix("answers "));
                // Another person each time: a quorum needs several.
                let times = self.answered.entry(id.clone()).or_default();
                let people = prompt.by.as_ref().map(|role| role.people.clone()).filter(|people| !people.is_empty());
                let people = people.unwrap_or_else(|| vec!["op".to_owned(), "li.na".to_owned(), "zhao.lei".to_owned()]);
                let by = people[*times % people.len()].clone();
                *times += 1;
                self.play.deliver(&id).answer_as(&id, value, &by);
                return;
            }
            Effect::Scrape(Scrape { queries: Some(queries), families, .. }) => {
                // Whatever a server is asked, it is well.
                let result = |text: &String| (text.clone(), Ok(Number::Scalar(Point { t_ms: 0, value: 0.99 })));
                let results = queries.texts.iter().map(result).collect();
                let answers = Some(Answers { at_ms: 0, known: families.clone(), results });
                Data::Scrape(ScrapeData { answers, ..ScrapeData::default() })
            }
            Effect::Scrape(scrape) => {
                self.scrapes += 1;
                let text = exposition(self.scrapes);
                assert!(scrape.families.iter().all(|name| known(name)), "no family for {:?}", scrape.families);
                self.play.scraped(&id, &text);
                return;
            }
            Effect::Shell(shell) => {
                let out = printed(&comment);
                let value = shell.parse.map(|parse| parse.parse(&out).unwrap());
                Data::Shell { code: Some(0), out: output(&out), err: Output::default(), value }
            }
            Effect::Http(http) => {
                let out = printed(&comment);
                let value = http.parse.map(|parse| parse.parse(&out).unwrap());
                Data::Http { status: Some(200), body: output(&out), value }
            }
            Effect::Alerts(_) => Data::Alerts(Vec::new()),
            Effect::Notify(_) | Effect::Append { .. } | Effect::Lock { .. } | Effect::Unlock { .. } => Data::None,
            Effect::Copy { to, .. } => file(to),
            Effect::Update(update) => file(&update.file),
            Effect::Report(report) => file(&report.to),
            Effect::Restore { path, .. } => file(path),
        };
        self.play.outcome(&id, None, data);
    }
}

/// What a command prints.
fn printed(comment: &str) -> String {
    comment.strip_prefix("prints ").map(|text| format!("{}\n", text.replace("\\n", "\n"))).unwrap_or_default()
}

fn output(text: &str) -> Output {
    Output { text: text.to_owned(), bytes: text.len() as u64, artifact: None }
}

fn file(path: &str) -> Data {
    let (sha256, path) = (String::new(), path.to_owned());
    Data::File(FileData { path, sha256, bytes: 0, changed: true, before: None, kept: None })
}

/// What a person answers.
fn reply(prompt: &Prompt, written: Option<&str>) -> Value {
    if let Some(written) = written {
        return prompt.answer.read(written, &TimeZone::UTC).unwrap_or_else(|error| panic!("{written}: {error:?}"));
    }
    if let Some(default) = &prompt.default {
        return default.clone();
    }
    match &prompt.kind {
        PromptKind::Collect { .. } => Value::List(Vec::new()),
        _other => match prompt.choices.first() {
            Some(first) => Value::Text(first.key.clone()),
            None if prompt.answer.optional => Value::Null,
            None => prompt.answer.min.clone().unwrap_or_else(|| sample(&prompt.answer.ty)),
        },
    }
}

/// A value of a type.
fn sample(ty: &Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(true),
        Type::Int => Value::Int(1),
        Type::Float => Value::Float(1.0),
        Type::Percent => Value::Percent(0.5),
        Type::Duration => Value::Duration(SignedDuration::from_mins(1)),
        Type::Bytes => Value::Bytes(1_000),
        Type::Url => Value::Text("http://service:4000/metrics/prom".to_owned()),
        Type::List(item) => Value::List(vec![sample(item)]),
        Type::OneOf(members) => Value::Text(members[0].clone()),
        Type::ManyOf(members) => Value::List(vec![Value::Text(members[0].clone())]),
        Type::Map(_) => Value::Map(BTreeMap::new()),
        _other => Value::Text("text".to_owned()),
    }
}

/// Families of the service that the examples watch.
const FAMILIES: &[&str] = &["http_requests_total", "http_server_requests_seconds", "process_start_time_seconds"];

fn known(name: &str) -> bool {
    FAMILIES.iter().any(|family| name.starts_with(family))
}

/// The service at its `n`-th scrape: it is well.
fn exposition(n: u32) -> String {
    let all = n * 1_000;
    let (bad, slow) = (n, n * 2);
    format!(
        "# TYPE http_requests_total counter\n\
         http_requests_total{{status=\"200\"}} {}\nhttp_requests_total{{status=\"500\"}} {bad}\n\
         # TYPE http_server_requests_seconds histogram\n\
         http_server_requests_seconds_bucket{{le=\"0.5\"}} {}\n\
         http_server_requests_seconds_bucket{{le=\"2\"}} {all}\n\
         http_server_requests_seconds_bucket{{le=\"+Inf\"}} {all}\n\
         http_server_requests_seconds_sum {n}\nhttp_server_requests_seconds_count {all}\n\
         # TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 1700000000\n",
        all - bad,
        all - slow,
    )
}

#[test]
fn the_comments_of_an_example_drive_it() {
    let source = whole(
        "sh read: \"x\", parse: int, as: x # prints 3\nassert x.value == 3\nask y, int, \"Y\" # answers 4\nassert y == 4\n",
    );
    assert_eq!(World::new(&source, program(&source).unwrap()).run(), Ok(Ending::Passed));
    let source = whole("step a, \"A\" do\n  sh \"x\", title: \"X\" # fails\n  undo sh: \"y\"\nend\n");
    // The failure menu's first choice is to try again, which fails again.
    let mut world = World::new(&source, program(&source).unwrap());
    let id = world.play.waits()[0].clone();
    assert_eq!(world.comment(&world.play.open()[0].clone()), Some("fails"));
    world.play.fails(&id, FailureKind::Failed, "no");
    assert_eq!(world.play.waits(), ["a/sh.1!failed#1"]);
    let kept: BTreeSet<&str> = world.comments.values().map(String::as_str).collect();
    assert_eq!(kept, BTreeSet::from(["fails"]));
}
