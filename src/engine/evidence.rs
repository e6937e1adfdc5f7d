//! What the number of an objective rests on, beside what the view of a run says: which scrapes were its own, and with what
//! its expression was asked.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::State;
use super::eval::Env;
use crate::check::program::{NodeKind, Program};
use crate::metrics::observed::Grid;

/// The ground of an observation's numbers.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Its name in the run: scrape `n` is the effect `INSTANCE/sample.N`.
    pub instance: String,
    /// Static key of the statement that took scrape 0.
    pub zero_key: String,
    /// What the names of its scrapes end with, where its statement was tried again.
    pub suffix: String,
    /// When scrape 0 was taken.
    pub zero_at: Timestamp,
    /// When sample 1 was due.
    pub first: Timestamp,
    /// Time between samples.
    pub every: SignedDuration,
    /// One an instance.
    pub urls: Vec<String>,
    /// Largest body of a scrape, in bytes.
    pub max_bytes: u64,
    /// Families that a scrape keeps.
    pub families: BTreeSet<String>,
    /// Times of the expressions of its objectives, where it has any.
    pub grid: Option<Grid>,
}

/// That of the observation with this static key, once it has begun.
pub fn evidence(program: &Program, state: &State, key: &str) -> Option<Evidence> {
    let observation = state.observations.values().find(|one| program.node(one.node).key == key)?;
    let node = program.node(observation.node);
    let NodeKind::Sample(sample) = &node.kind else { return None };
    let env = Env { program, state, scope: observation.scope };
    let (scrape, _) = env.scrape(sample.source, true).ok()?;
    let since = sample.since.and_then(|var| program.nodes.iter().find(|node| node.bind == Some(var)));
    Some(Evidence {
        instance: observation.key.clone(),
        suffix: observation.suffix(),
        zero_key: since.map_or_else(|| format!("{}/scrape", node.key), |query| query.key.clone()),
        zero_at: observation.zero_at,
        first: observation.first,
        every: observation.every,
        urls: scrape.urls,
        max_bytes: u64::try_from(scrape.max_bytes).unwrap_or(0),
        families: scrape.families,
        grid: observation.observed.as_ref().map(crate::metrics::observed::Observed::grid),
    })
}

/// The name of an instance of several: host and port of its url, as the label `instance` of a server has them.
pub(crate) fn host_and_port(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_owned()
}
