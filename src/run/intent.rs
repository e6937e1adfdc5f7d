//! What an effect that is to begin becomes in the journal.

use std::collections::BTreeMap;

use crate::check::program::{Again, Program};
use crate::engine::action::Start;
use crate::journal::{canonical, convert, record};

/// Digest and repeatability of each statement, by its key: an intent tells whether a changed runbook file still holds what
/// was done.
pub struct Statements<'a>(BTreeMap<&'a str, (&'a str, &'a Again)>);

impl<'a> Statements<'a> {
    /// Those of a program.
    pub fn of(program: &'a Program) -> Self {
        Self(program.nodes.iter().map(|node| (node.key.as_str(), (node.digest.as_str(), &node.again))).collect())
    }

    /// The digest of the statement with this key; none: there is no such statement.
    pub fn digest(&self, key: &str) -> Option<&'a str> {
        self.0.get(key).map(|(digest, _)| *digest)
    }

    /// The intent of an effect.
    pub fn intent(&self, start: &Start) -> record::Intent {
        let effect = canonical::effect(&start.effect);
        let statement = self.0.get(start.key.as_str());
        record::Intent {
            id: start.id.0.clone(),
            key: start.key.clone(),
            title: start.title.text.clone(),
            node: statement.map(|(digest, _)| (*digest).to_owned()),
            class: convert::class(start.class).to_owned(),
            again: statement.map(|(_, again)| convert::again(again).to_owned()),
            digest: canonical::digest(&effect),
            effect,
        }
    }
}
