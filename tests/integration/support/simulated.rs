//! Runs of a simulation through the library: the real loop, engine and drivers, with a journal in memory.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use runbook::check;
use runbook::check::program::Program;
use runbook::console::style::Style;
use runbook::console::telling::lines;
use runbook::drivers::Screen;
use runbook::drivers::answers::Answers;
use runbook::drivers::compose::Surroundings;
use runbook::drivers::history::History;
use runbook::drivers::locks::StoreLocks;
use runbook::drivers::real::files::Places;
use runbook::drivers::reply::channel_of_news;
use runbook::drivers::secrets::Secrets;
use runbook::drivers::sim::clock::SimClock;
use runbook::drivers::sim::hosts::Hosts;
use runbook::drivers::sim::load::load;
use runbook::drivers::sim::scenario::Scenario;
use runbook::drivers::sim::tree::Tree;
use runbook::drivers::sim::world::{Setting, Simulation, simulate};
use runbook::drivers::texts::Templates;
use runbook::engine::action::{ActionId, Ending};
use runbook::engine::telling::Telling;
use runbook::engine::view::RunView;
use runbook::engine::world::ViewRequest;
use runbook::journal::memory_store::MemoryStore;
use runbook::journal::record::{FORMAT, Header, Simulation as Of};
use runbook::journal::store::{Claimant, Holder, Store};
use runbook::journal::stored_value::StoredValue;
use runbook::report::page::Page;
use runbook::run::params::{Given, resolve};
use runbook::run::start;
use runbook::text::{Lang, Text};

/// Templates as they lie beside the runbook.
struct Beside(PathBuf);

impl check::Templates for Beside {
    fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.0.join(path)).ok()
    }
}

/// What the run told, with its time, and as an operator saw it.
#[derive(Clone, Default)]
pub(crate) struct Told(Rc<RefCell<Vec<(Timestamp, Telling)>>>, Rc<RefCell<Vec<String>>>);

impl Told {
    pub(crate) fn all(&self) -> Vec<(Timestamp, Telling)> {
        self.0.borrow().clone()
    }

    /// The lines on the screen, in Chinese.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.1.borrow().clone()
    }
}

impl Screen for Told {
    fn tell(&mut self, at: Timestamp, telling: &Telling, view: &dyn Fn() -> RunView) {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let style = Style { width: 110, ..Style::plain(Lang::Zh, zone) };
        self.1.borrow_mut().extend(lines(at, telling, view, &style));
        self.0.borrow_mut().push((at, telling.clone()));
    }

    fn show(&mut self, _: &ViewRequest, _: &RunView) {}

    fn output(&mut self, _: &ActionId, _: &str) {}
}

/// A runbook of `runbooks/` with its scenarios.
pub(crate) struct Book {
    pub(crate) program: Program,
    folder: PathBuf,
    name: String,
}

/// A run that is over, or over for now.
pub(crate) struct Played {
    pub(crate) ending: Ending,
    pub(crate) view: RunView,
    /// As it stood on the screen.
    pub(crate) screen: Vec<String>,
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: MemoryStore,
}

impl Played {
    /// The text of a file that it wrote, by its path as the runbook writes it.
    pub(crate) fn written(&self, path: &str) -> Option<String> {
        fs::read_to_string(Tree::new(self.folder.path(), self.folder.path().join("sim")).to_write(path)).ok()
    }
}

/// The id of every run here.
pub(crate) const RUN: &str = "20251118-0830-phase5-sim0";

impl Book {
    /// `runbooks/NAME.rb`
    pub(crate) fn open(name: &str) -> Self {
        Self::of("runbooks", name)
    }

    /// `FOLDER/NAME.rb`, in the repository.
    pub(crate) fn of(folder: &str, name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let source = fs::read_to_string(folder.join(format!("{name}.rb"))).unwrap();
        let checked = check::check(&source, &Beside(folder.clone()));
        let program = checked.program.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
        Self { program, folder: folder.join(format!("{name}.sim")), name: name.to_owned() }
    }

    /// Names of its scenarios, in order.
    pub(crate) fn scenarios(&self) -> Vec<String> {
        let name = |file: fs::DirEntry| {
            let name = file.file_name().into_string().unwrap();
            name.strip_suffix(".toml").filter(|name| !name.ends_with(".answers")).map(str::to_owned)
        };
        let files = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<String> = files.filter_map(|file| name(file.unwrap())).collect();
        names.sort();
        names
    }

    pub(crate) fn scenario(&self, name: &str) -> Scenario {
        let file = self.folder.join(format!("{name}.toml"));
        let mut read = |file: &str| fs::read_to_string(file).map_err(|error| Text::verbatim(error.to_string()));
        load(file.to_str().unwrap(), &mut read).unwrap_or_else(|wrong| panic!("{}: {:?}", wrong.file, wrong.diagnostic))
    }

    pub(crate) fn answers(&self, name: &str) -> Answers {
        let file = self.folder.join(format!("{name}.answers.toml"));
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Answers::parse(&text).unwrap_or_else(|error| panic!("{}: {error:?}", file.display())).of(&self.program)
    }

    /// Plays a scenario with its answers to its end.
    pub(crate) fn play(&self, name: &str) -> Played {
        self.run(&Arc::new(self.scenario(name)), self.answers(name))
    }

    pub(crate) fn run(&self, scenario: &Arc<Scenario>, answers: Answers) -> Played {
        let folder = tempfile::tempdir().unwrap();
        let mut store = MemoryStore::default();
        let start = self.start(scenario);
        let header = self.header(scenario, start);
        let told = Told::default();
        let mut simulation = self.world(scenario, answers, &store, folder.path(), (start, start), &told);
        start::prepare(&mut store, RUN, &who(start), &[]).unwrap();
        let (ending, view) = {
            let world = &mut simulation.world;
            let (mut run, over) = start::begin(&self.program, &mut store, world, header).unwrap();
            let ending = over.map_or_else(|| run.drive(), Ok).unwrap();
            let at = told.all().last().map_or(start, |(at, _)| *at);
            (ending, runbook::engine::view(&self.program, run.state(), at))
        };
        Played { ending, view, screen: told.lines(), hosts: simulation.hosts, folder, store }
    }

    fn templates(&self) -> Templates {
        let beside = self.folder.parent().unwrap();
        let text = |path: &String| (path.clone(), fs::read_to_string(beside.join(path)).unwrap());
        let zone = TimeZone::get(&self.program.timezone).unwrap();
        Templates { sources: self.program.templates.iter().map(text).collect(), page: Page { lang: Lang::Zh, zone } }
    }

    pub(crate) fn start(&self, scenario: &Scenario) -> Timestamp {
        let opens = self.program.window.as_ref().map(|window| window.opens);
        scenario.start.or(opens).unwrap_or(Scenario::DEFAULT_START)
    }

    /// A world that stands at the second of two times; the run began at the first.
    pub(crate) fn world(
        &self,
        scenario: &Arc<Scenario>,
        answers: Answers,
        store: &MemoryStore,
        folder: &Path,
        (start, now): (Timestamp, Timestamp),
        told: &Told,
    ) -> Simulation {
        self.world_after(History::default(), scenario, answers, store, folder, (start, now), told)
    }

    #[expect(clippy::too_many_arguments, reason = "a world is made of many things")]
    pub(crate) fn world_after(
        &self,
        history: History,
        scenario: &Arc<Scenario>,
        answers: Answers,
        store: &MemoryStore,
        folder: &Path,
        (start, now): (Timestamp, Timestamp),
        told: &Told,
    ) -> Simulation {
        let holder =
            Holder { run: RUN.into(), user: scenario.executor().into(), hostname: "ops1".into(), since: start };
        let setting = Setting {
            scenario: Arc::clone(scenario),
            file: format!("runbooks/{}.sim", self.name),
            start,
            clock: Arc::new(SimClock::new(now, None)),
            below: folder.join("sim"),
            history,
            terminal: None,
            around: Surroundings {
                dir: folder.to_owned(),
                answers,
                zone: TimeZone::get(&self.program.timezone).unwrap(),
                lang: Lang::Zh,
                secrets: Secrets::default(),
                artifacts: store.artifacts(RUN),
                texts: Box::new(self.templates()),
                locks: Box::new(StoreLocks::new(store.targets(), holder, true)),
                screen: Box::new(told.clone()),
                channel: channel_of_news(),
            },
        };
        simulate(setting).unwrap()
    }

    pub(crate) fn header(&self, scenario: &Scenario, start: Timestamp) -> Header {
        let zone = TimeZone::get(&self.program.timezone).unwrap();
        let given = Given {
            flags: &[],
            alerts: None,
            file: &scenario.params,
            env: &|_| None,
            environment: scenario.env.as_deref(),
            zone: &zone,
        };
        let params = resolve(&self.program.params, &given).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
        Header {
            format: FORMAT,
            tool: "0.1.0".into(),
            run: RUN.into(),
            digest: self.program.digest.clone(),
            runbook: self.program.name.clone(),
            title: String::new(),
            file: format!("runbooks/{}.rb", self.name),
            sources: Vec::new(),
            params: params.iter().map(|(name, value)| (name.clone(), StoredValue(value.clone()))).collect(),
            secrets: scenario.secrets.keys().cloned().collect(),
            environment: scenario.env.clone(),
            zone: self.program.timezone.clone(),
            language: "zh".into(),
            working_dir: ".".into(),
            simulation: Some(Of { scenario: "test".into(), digest: String::new() }),
            started_at: start,
            executor: scenario.executor().into(),
            hostname: "ops1".into(),
            from: None,
            step: false,
        }
    }
}

pub(crate) fn who(since: Timestamp) -> Claimant {
    Claimant { user: "li.na".into(), hostname: "ops1".into(), pid: 1, since }
}
