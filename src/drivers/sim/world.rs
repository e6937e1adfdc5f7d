//! A whole simulated world: the same drivers' traits as outside, all of them on one virtual clock.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::clock::SimClock;
use super::files::SimFiles;
use super::hosts::Hosts;
use super::http::SimHttp;
use super::locks::SimLocks;
use super::people::SimPeople;
use super::scenario::Scenario;
use super::script::Scripts;
use super::server::Server;
use super::shell::SimShell;
use super::tree::Tree;
use crate::drivers::answers::Answers;
use crate::drivers::compose::{Drivers, Parts, Surroundings};
use crate::drivers::history::History;
use crate::drivers::real::http::{HttpClient, Reach, Setting as HttpSetting};
use crate::drivers::{Clock, People};

/// What a simulated world is made from.
#[expect(missing_docs, reason = "the traits say what each of these is")]
pub struct Setting {
    pub scenario: Arc<Scenario>,
    /// Its file, as messages name it.
    pub file: String,
    /// When the run began, in virtual time.
    pub start: Timestamp,
    /// The virtual clock; it stands at `start`, or where a run that is taken up again left off.
    pub clock: Arc<SimClock>,
    /// Where all writes go; what is read falls through to the working directory.
    pub below: PathBuf,
    /// What happened before this executor took the run up.
    pub history: History,
    /// Whoever answers what the answers file does not cover.
    pub terminal: Option<Box<dyn People>>,
    pub around: Surroundings,
}

/// A simulated world, and what can be looked at from outside.
pub struct Simulation {
    /// The world.
    pub world: Drivers,
    /// Its hosts: the messages that the webhook was given.
    pub hosts: Arc<Hosts>,
}

/// Makes it; the only thing that can fail is the world below it: a socket on loopback, the folder of the run.
pub fn simulate(setting: Setting) -> io::Result<Simulation> {
    let Setting { scenario, file, start, clock, below, history, terminal, around } = setting;
    let Surroundings { dir, answers, zone, lang, secrets, artifacts, texts, locks, screen, channel } = around;
    let (mut answers, clock): (Answers, Arc<dyn Clock>) = (answers, clock);
    // A single-word secret of a scenario may be too short to be masked: nothing is lost with it.
    for (name, text) in &scenario.secrets {
        let _maskable = secrets.insert(name, text.clone());
    }
    let tree = Tree::new(dir.clone(), below);
    let hosts = Arc::new(Hosts::new(Arc::clone(&scenario), start));
    let server = Server::start(Arc::clone(&hosts), Arc::clone(&clock))?;
    let real = HttpClient::new(HttpSetting {
        clock: Arc::clone(&clock),
        secrets: secrets.clone(),
        artifacts: Arc::clone(&artifacts),
        reach: Reach::Only(server.route()),
        dir,
    });
    let http = SimHttp {
        real: Box::new(real),
        server,
        hosts: Arc::clone(&hosts),
        scenario: Arc::clone(&scenario),
        secrets: secrets.clone(),
        clock: Arc::clone(&clock),
    };
    let mut scripts = Scripts::new(Arc::clone(&scenario));
    history.apply(&mut scripts, start);
    history.pass_over(&mut answers);
    let files = SimFiles::new(Arc::clone(&scenario), tree.clone(), texts, Arc::clone(&artifacts))?;
    let shell = SimShell {
        scripts,
        scenario: Arc::clone(&scenario),
        file,
        start,
        clock: Arc::clone(&clock),
        secrets,
        artifacts,
        tree,
    };
    let people =
        SimPeople { scenario: Arc::clone(&scenario), answers, terminal, clock: Arc::clone(&clock), zone, lang };
    let parts = Parts {
        clock,
        shell: Box::new(shell),
        http: Box::new(http),
        files: Box::new(files),
        locks: Box::new(SimLocks { own: locks, scenario }),
        people: Box::new(people),
        screen,
    };
    let (sending, inbox) = channel;
    Ok(Simulation { world: Drivers::new(parts, sending, inbox), hosts })
}
