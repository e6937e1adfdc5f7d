//! A crash at every record of a simulated run, and the run taken up again: it ends the same, and no write that happened
//! happens again unasked.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use runbook::check::program::Class;
use runbook::drivers::Screen;
use runbook::drivers::answers::Answers;
use runbook::drivers::history::History;
use runbook::drivers::sim::scenario::Scenario;
use runbook::engine::action::{ActionId, Effect, Ending, Start};
use runbook::engine::telling::Telling;
use runbook::engine::view::{ObservationView, RunView};
use runbook::engine::world::{Happening, ViewRequest, World};
use runbook::journal::memory_store::MemoryStore;
use runbook::journal::record::Takeover;
use runbook::run::{replay, resume, start};

use crate::support::simulated::{Book, RUN, Told, who};
use crate::support::tree::files;

/// What a crash leaves: the journal, and the files of the run.
struct Left {
    journal: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
}

/// A world that keeps what a crash at each moment would leave: before an effect on files is performed, and whenever it
/// waits, which is when all that was begun has been performed and no outcome of it is known.
struct Watched<'a> {
    inner: &'a mut dyn World,
    store: MemoryStore,
    folder: &'a Path,
    left: RefCell<Vec<Left>>,
}

impl Watched<'_> {
    fn keep(&self) {
        let journal = self.store.journal(RUN).unwrap();
        self.left.borrow_mut().push(Left { journal, files: files(self.folder) });
    }
}

impl World for Watched<'_> {
    fn now(&mut self) -> Timestamp {
        self.inner.now()
    }

    fn start(&mut self, start: &Start) {
        if matches!(start.effect, Effect::Copy { .. } | Effect::Update(_) | Effect::Report(_) | Effect::Append { .. }) {
            self.keep();
        }
        self.inner.start(start);
    }

    fn cancel(&mut self, id: &ActionId) {
        self.inner.cancel(id);
    }

    fn withdraw(&mut self, id: &ActionId) {
        self.inner.withdraw(id);
    }

    fn next(&mut self, due: Option<Timestamp>) -> Happening {
        self.keep();
        self.inner.next(due)
    }

    fn tell(&mut self, at: Timestamp, telling: &Telling, view: &dyn Fn() -> RunView) {
        self.inner.tell(at, telling, view);
    }

    fn show(&mut self, what: &ViewRequest, view: &RunView) {
        self.inner.show(what, view);
    }
}

fn lay(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// What must be the same, however often the run was interrupted.
#[derive(Debug, PartialEq)]
struct Result {
    ending: Ending,
    /// With each sample, and the numbers of each objective.
    observations: Vec<ObservationView>,
    answered: BTreeSet<String>,
    /// Each with its content.
    files: BTreeMap<String, String>,
}

impl Result {
    /// What is not as in the run that nothing interrupted, a line each, but for moments that had to come `later`.
    fn differs_from(&self, whole: &Self, later: Later) -> Vec<String> {
        let mut lines = Vec::new();
        let same = |now: Option<&&str>, then: Option<&&str>| {
            now == then || now.map(|line| later.without(line)) == then.map(|line| later.without(line))
        };
        let mut compare = |what: &str, now: &str, then: &str| {
            let (now, then): (Vec<&str>, Vec<&str>) = (now.lines().collect(), then.lines().collect());
            for n in 0..now.len().max(then.len()) {
                let (now, then) = (now.get(n), then.get(n));
                let is_begin = |line: Option<&&str>| line.is_some_and(|line| line.contains("\"started_at\""));
                if !(same(now, then) || is_begin(now) && is_begin(then)) {
                    lines.push(format!("{what}, line {}: {now:?} instead of {then:?}", n + 1));
                }
            }
        };
        compare("ending", &format!("{:?}", self.ending), &format!("{:?}", whole.ending));
        compare("observations", &format!("{:#?}", self.observations), &format!("{:#?}", whole.observations));
        compare("answered", &format!("{:#?}", self.answered), &format!("{:#?}", whole.answered));
        for name in self.files.keys().chain(whole.files.keys()).collect::<BTreeSet<_>>() {
            let text =
                |files: &BTreeMap<String, String>| files.get(name).cloned().unwrap_or_else(|| "(no file)".into());
            compare(name, &text(&self.files), &text(&whole.files));
        }
        lines
    }
}

/// What comes later than in the run that nothing interrupted, since it was under way and is done again.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Later {
    /// Nothing.
    Nothing,
    /// A scrape, by parts of a second.
    Scrape,
    /// An answer: its time begins again when the question is put again.
    Answer,
}

impl Later {
    fn of(open: &BTreeMap<ActionId, Start>) -> Self {
        let any = |is: fn(&Effect) -> bool| open.values().any(|start| is(&start.effect));
        if any(|effect| matches!(effect, Effect::Ask(_))) {
            Later::Answer
        } else if any(|effect| matches!(effect, Effect::Scrape(_))) {
            Later::Scrape
        } else {
            Later::Nothing
        }
    }

    /// The line without what it may change in it: of `01:10:00.06` the part of a second; or the whole time of day, and how
    /// long something took.
    fn without(self, line: &str) -> String {
        let cut = match self {
            Later::Nothing => return line.to_owned(),
            Later::Scrape => r"(\d\d:\d\d:\d\d)\.\d+",
            Later::Answer => r"()(?:\d\d:\d\d:\d\d(?:\.\d+)?|\d+(?:\.\d+)? (?:小时|分|秒))",
        };
        regex::Regex::new(cut).unwrap().replace_all(line, "$1").into_owned()
    }
}

fn result(ending: Ending, view: &RunView, folder: &Path) -> Result {
    // What was under way is done again, which takes its time again: scrape 0 is that much later.
    let whenever = |observation: &ObservationView| ObservationView { started_at: None, ..observation.clone() };
    Result {
        ending,
        observations: view.observations.iter().map(whenever).collect(),
        answered: view
            .answers
            .iter()
            .map(|answer| answer.static_key.clone())
            .filter(|key| !key.contains('!'))
            .collect(),
        files: files(folder).into_iter().map(|(name, bytes)| (name, content(&bytes))).collect(),
    }
}

/// As text, or its length where it is none.
fn content(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| format!("{} bytes", bytes.len()))
}

/// Writes that were begun, each with how often.
fn writes(told: &Told) -> BTreeMap<String, usize> {
    let mut writes = BTreeMap::new();
    for (_, telling) in told.all() {
        if let Telling::EffectBegan { what, class: Class::Write | Class::Destroy, .. } = telling.within() {
            *writes.entry(what.clone()).or_default() += 1;
        }
    }
    writes
}

/// Runs a scenario once, then from every moment of it again; gives the number of moments.
fn survives(book: &Book, scenario: Scenario, answers: &str) -> usize {
    let scenario = Arc::new(scenario);
    let answers = || Answers::parse(answers).unwrap();
    let begun = book.start(&scenario);
    let folder = tempfile::tempdir().unwrap();
    let mut store = MemoryStore::default();
    start::prepare(&mut store, RUN, &who(begun), &[]).unwrap();
    let told = Told::default();
    let mut simulation = book.world(&scenario, answers(), &store, folder.path(), (begun, begun), &told);
    let (whole, left) = {
        let shared = store.clone();
        let (inner, left) = (&mut simulation.world, RefCell::default());
        let mut world = Watched { inner, store: shared, folder: folder.path(), left };
        let header = book.header(&scenario, begun);
        let (mut run, over) = start::begin(&book.program, &mut store, &mut world, header).unwrap();
        let ending = over.map_or_else(|| run.drive(), Ok).unwrap();
        let view = runbook::engine::view(&book.program, run.state(), begun);
        drop(run);
        (result(ending, &view, folder.path()), world.left.into_inner())
    };
    drop(simulation);
    // The executor is gone; what it wrote stays.
    let store = {
        let kept = store.clone();
        drop(store);
        kept
    };
    let written = writes(&told);

    let moments = tried(&left);
    for (number, left) in &moments {
        let folder = tempfile::tempdir().unwrap();
        lay(folder.path(), &left.files);
        store.set_journal(RUN, left.journal.clone());
        // What the executor before had done: the replay tells it.
        let mut history = History::default();
        let before = Told::default();
        let mut listen = |at: Timestamp, telling: &Telling, view: &dyn Fn() -> RunView| {
            history.hear(at, telling);
            before.clone().tell(at, telling, view);
        };
        replay::replay(&store, RUN, &book.program, &mut listen).unwrap();
        let mut executor = store.clone();
        let replayed = resume::claim(&mut executor, RUN, &who(begun), &book.program, &mut replay::Unseen).unwrap();
        let in_doubt = writes_without_outcome(&replayed.open);
        let later = Later::of(&replayed.open);
        let told = Told::default();
        let times = (begun, replayed.at);
        let mut simulation = book.world_after(history, &scenario, answers(), &store, folder.path(), times, &told);
        let takeover = Takeover {
            tool: "0.1.0".into(),
            executor: "li.na".into(),
            hostname: "ops1".into(),
            digest: book.program.digest.clone(),
            source: "source".into(),
        };
        let world = &mut simulation.world;
        let (mut run, over) =
            resume::go_on(&book.program, &mut executor, world, replayed, takeover, BTreeSet::new(), None).unwrap();
        let ending = over.map_or_else(|| run.drive(), Ok).unwrap();
        let view = runbook::engine::view(&book.program, run.state(), begun);
        let waiting: Vec<&str> = view.waiting.iter().map(|waiting| waiting.id.as_str()).collect();
        let now = result(ending, &view, folder.path());
        let different = now.differs_from(&whole, later);
        assert!(different.is_empty(), "after moment {number}, waiting for {waiting:?}:\n{}", different.join("\n"));
        let mut again = writes(&before);
        for (what, times) in writes(&told) {
            *again.entry(what).or_default() += times;
        }
        for what in in_doubt {
            // It was begun twice on purpose: it is safe, or a person said so.
            again.entry(what.clone()).and_modify(|times| *times = (*times).min(written[&what]));
        }
        assert_eq!(again, written, "after moment {number}");
    }
    moments.len()
}

/// Of the moments between two samples, in which the source is only asked whether it is there and what fires, one in so
/// many is tried: there are hundreds, and they differ in nothing but the time.
const IDLE_MOMENTS: usize = 25;

/// So few moments are all tried.
const FEW_MOMENTS: usize = 100;

/// The moments that are tried, by number: all where the variable `RUNBOOK_TEST_EVERY_RECORD` is set.
fn tried(left: &[Left]) -> Vec<(usize, &Left)> {
    let all = std::env::var_os("RUNBOOK_TEST_EVERY_RECORD").is_some() || left.len() <= FEW_MOMENTS;
    let mut idle = 0;
    let mut before: &[u8] = &[];
    let mut tried = Vec::new();
    for (number, left) in left.iter().enumerate() {
        let new = left.journal.get(before.len()..).unwrap_or_default();
        // Without a new record it is the moment before, with what was done since.
        let as_before = new.is_empty() && idle == 0;
        idle = if is_idle(new) && !as_before { idle + 1 } else { 0 };
        if all || idle % IDLE_MOMENTS == 0 {
            tried.push((number, left));
        }
        before = &left.journal;
    }
    tried
}

/// Records of nothing but the questions that an observation asks of itself.
fn is_idle(records: &[u8]) -> bool {
    let records = String::from_utf8_lossy(records);
    let is_idle = |line: &str| ["!alive#", "!alerts.", r#""input":"due""#].iter().any(|mark| line.contains(mark));
    records.lines().all(is_idle)
}

/// Commands and documents that were begun and of which no outcome is known.
fn writes_without_outcome(open: &BTreeMap<ActionId, Start>) -> Vec<String> {
    let what = |start: &Start| match &start.effect {
        Effect::Shell(shell) => Some(shell.command.clone()),
        Effect::Update(update) => Some(match &update.under {
            Some(under) => format!("update {} under {under}", update.file),
            None => format!("update {}", update.file),
        }),
        _ => None,
    };
    open.values().filter(|start| start.class >= Class::Write).filter_map(what).collect()
}

/// A scenario of the go-live, and what people say in it.
fn scenario(book: &Book, name: &str) -> (Scenario, String) {
    let file = format!("{}/runbooks/phase5.sim/{name}.answers.toml", env!("CARGO_MANIFEST_DIR"));
    // What a person says about a write of which nobody knows whether it happened.
    let doubts = "\"update.1!in_doubt\" = \"run_again\"\n\"update.2!in_doubt\" = \"run_again\"\n\
                  \"rollback/sh.1!in_doubt\" = \"ran\"\n";
    (book.scenario(name), format!("{}{doubts}", fs::read_to_string(file).unwrap()))
}

#[test]
fn a_crash_at_every_record_of_a_quiet_run_changes_nothing() {
    let book = Book::open("phase5");
    let (scenario, answers) = scenario(&book, "healthy");
    assert!(survives(&book, scenario, &answers) > 80, "every record is a moment");
}

#[test]
fn a_crash_at_every_record_of_a_rollback_changes_nothing() {
    let book = Book::open("phase5");
    let (scenario, answers) = scenario(&book, "terminate");
    assert!(survives(&book, scenario, &answers) > 50, "every record is a moment");
}

#[test]
fn a_crash_at_every_record_of_an_observation_in_promql_changes_no_number() {
    for (book, scenario) in [("expressions", "steady"), ("expressions", "broken"), ("server", "away")] {
        let book = Book::of("tests/runbooks", book);
        assert!(survives(&book, book.scenario(scenario), "[answers]\n") > 20, "every record is a moment");
    }
}

#[test]
fn a_crash_at_every_record_of_branches_at_once_changes_nothing() {
    let book = Book::of("tests/runbooks", "branches");
    for (scenario, least) in [("breach", 40), ("back", 40)] {
        let file = format!("{}/tests/runbooks/branches.sim/{scenario}.answers.toml", env!("CARGO_MANIFEST_DIR"));
        let answers = fs::read_to_string(file).unwrap();
        let moments = survives(&book, book.scenario(scenario), &answers);
        assert!(moments > least, "every record is a moment: {moments}");
    }
}

#[test]
fn a_crash_at_every_record_of_passes_at_once_gives_each_item_its_own_answers() {
    let book = Book::of("tests/runbooks", "passes");
    for scenario in ["kept", "back"] {
        let file = format!("{}/tests/runbooks/passes.sim/{scenario}.answers.toml", env!("CARGO_MANIFEST_DIR"));
        let answers = fs::read_to_string(file).unwrap();
        let moments = survives(&book, book.scenario(scenario), &answers);
        assert!(moments > 30, "every record is a moment: {moments}");
    }
}
