//! What all rules share: the names, what was said, the nodes, and where in the tree the check stands.

use std::collections::BTreeMap;

use jiff::civil;
use jiff::tz::TimeZone;

use crate::check::Templates;
use crate::check::keys::Keys;
use crate::check::names::{Names, ROOT, ScopeId};
use crate::check::program::{
    Channel, Collect, Guard, Let, Lock, Node, NodeId, Objective, Owner, Param, Role, Secret, Source, Title, VarId,
    Window,
};
use crate::check::signature::Place;
use crate::diagnostic::{Diagnostic, Label, Span};
use crate::syntax::ast::{File, Stmt};
use crate::text;
use crate::text::Text;

/// Near misses are looked for this often: each compares a name with all names, and after so many errors nobody reads on.
const MAX_SUGGESTIONS: usize = 200;

/// Further places of one mistake that are shown with it: enough to see the pattern.
const MAX_PLACES: usize = 5;

/// Stands for a statement that could not be found; something was said about it.
pub(super) const NOWHERE: NodeId = NodeId(u32::MAX);

/// Stands for a name that could not be found; something was said about it.
pub(super) const NOBODY: VarId = VarId(u32::MAX);

/// Stands at the further places of one mistake.
pub(super) fn and_here() -> Text {
    text!("and here", "此处同样")
}

/// The check of one runbook.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing about the place where the check stands")]
pub(super) struct Checker<'a> {
    /// The text.
    pub source: &'a str,
    /// Texts beside the runbook.
    pub files: &'a dyn Templates,
    /// What was said so far.
    pub diagnostics: Vec<Diagnostic>,
    /// All names.
    pub names: Names,
    /// The statements, by id; empty while one is being read.
    pub nodes: Vec<Option<Node>>,
    /// Digests of what was declared, by name: a node that names one has it in its own digest.
    pub declared: BTreeMap<String, String>,
    /// What the declarations gave.
    pub parts: Parts,
    /// First bytes of the lines.
    lines: Vec<u32>,
    /// The tree, for what could not be read of it.
    tree: &'a File,
    /// Names that are not there, and the diagnostic that says so.
    missing: BTreeMap<String, usize>,
    /// What stands here belongs to a statement that could not be told: where it stands is no mistake of its own.
    pub lenient: bool,
    /// Near misses left.
    pub suggestions: usize,

    // Where the check stands.
    /// Whose names are seen.
    pub scope: ScopeId,
    /// What may stand here.
    pub place: Place,
    /// First byte of the first statement that is done.
    pub flow_begins: u32,
    /// The statement around.
    pub parent: Option<NodeId>,
    /// Keys of the blocks around.
    pub keys: Keys,
    /// Names whose "may be null" was looked at on this path.
    pub narrowed: Vec<VarId>,
    /// The text is for people: a value that is not there is shown as such.
    pub for_people: bool,
    /// In the first argument of a `default`, so that a path may lead over what is null.
    pub replaced: bool,
    /// What may stand in the branches of the `parallel` that is read.
    pub in_branch: Place,
    /// Steps around.
    pub steps: u32,
    /// In a handler of an observation.
    pub in_handler: bool,
    /// The observation whose handlers are read.
    pub observed: Option<crate::check::lower::Observed>,
    /// Where the expression of the objective stands that is being read.
    pub written: Option<crate::check::lower::Written>,
    /// In an undo, a rollback or a `finally`: what is done here takes back or ends, and needs no undo itself.
    pub in_ending: bool,
}

/// What declarations give to the program.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub timezone: Option<(String, TimeZone)>,
    pub window: Option<Window>,
    pub owner: Option<Owner>,
    pub params: Vec<Param>,
    pub secrets: Vec<Secret>,
    pub lets: Vec<Let>,
    pub roles: Vec<Role>,
    pub sources: Vec<Source>,
    pub channels: Vec<Channel>,
    pub guards: Vec<Guard>,
    pub locks: Vec<Lock>,
    /// An objective was declared that could not be made; something was said about it.
    pub lost_objective: bool,
    pub objectives: Vec<Objective>,
    /// Where the expressions of objectives stand, by key.
    pub written: BTreeMap<String, crate::check::lower::Written>,
    pub collects: Vec<Collect>,
    pub notes: Vec<Title>,
    pub templates: Vec<String>,
    pub rollback: Option<NodeId>,
    pub finally: Option<NodeId>,
    pub scenarios: Vec<NodeId>,
    /// Planned times of the sections, in order.
    pub planned: Vec<Planned>,
}

/// Planned times of a section.
#[derive(Debug)]
pub(super) struct Planned {
    pub at: Option<(civil::Time, Span)>,
    pub until: Option<(civil::Time, Span)>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        source: &'a str,
        tree: &'a File,
        files: &'a dyn Templates,
        names: Names,
        diagnostics: Vec<Diagnostic>,
    ) -> Self {
        let newlines = memchr::memchr_iter(b'\n', source.as_bytes());
        let lines = std::iter::once(0).chain(newlines.map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX))).collect();
        let mut nodes = Vec::new();
        nodes.resize_with(names.reserved as usize, || None);
        Self {
            source,
            files,
            diagnostics,
            names,
            nodes,
            declared: BTreeMap::new(),
            parts: Parts::default(),
            lines,
            tree,
            missing: BTreeMap::new(),
            lenient: false,
            suggestions: MAX_SUGGESTIONS,
            scope: ROOT,
            place: Place::Runbook,
            flow_begins: u32::MAX,
            parent: None,
            keys: Keys::default(),
            narrowed: Vec::new(),
            for_people: false,
            replaced: false,
            in_branch: Place::Flow,
            steps: 0,
            in_handler: false,
            observed: None,
            written: None,
            in_ending: false,
        }
    }

    /// Says something.
    pub(super) fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, byte: u32) -> u32 {
        u32::try_from(self.lines.partition_point(|start| *start <= byte)).unwrap_or(u32::MAX)
    }

    /// Does a line that could not be read, or whose word is unknown, hold this name? Then it may be declared there.
    pub(super) fn in_broken_text(&self, name: &str) -> bool {
        self.tree.may_name(name) || self.names.perhaps.contains(name)
    }

    /// Says that something is not there; where the same was said before, the place is added to it.
    pub(super) fn say_once(&mut self, what: String, diagnostic: Diagnostic) {
        let Some(first) = self.missing.get(&what).copied() else {
            self.missing.insert(what, self.diagnostics.len());
            self.diagnostics.push(diagnostic);
            return;
        };
        if let Some(first) = self.diagnostics.get_mut(first)
            && first.labels.len() <= MAX_PLACES
        {
            first.labels.push(Label { span: diagnostic.span(), text: and_here() });
        }
    }

    /// The text of a place.
    pub(super) fn source_of(&self, span: Span) -> &'a str {
        self.source.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Everything that was said; what is said about a line that the syntax could not read (the first so many) follows
    /// from that only.
    pub(super) fn found(self, by_syntax: usize) -> Vec<Diagnostic> {
        let mut found = self.diagnostics;
        let mut number = 0;
        found.retain(|diagnostic| {
            number += 1;
            number <= by_syntax || !self.tree.is_unread(diagnostic.span())
        });
        found
    }

    /// Does a declaration like `note` stand before everything that is done?
    pub(super) fn is_declaration(&self, stmt: &Stmt) -> bool {
        stmt.span.start < self.flow_begins
    }

    /// A declared source; none where something was wrong with it. (`parts` holds only what was right.)
    pub(super) fn source_at(&self, index: usize) -> Option<&Source> {
        let name = name_of(&self.names.sources, index)?;
        self.parts.sources.iter().find(|source| source.name == name)
    }

    /// A declared objective, as [`Checker::source_at`].
    pub(super) fn objective_at(&self, index: usize) -> Option<&Objective> {
        let key = name_of(&self.names.objectives, index)?;
        self.parts.objectives.iter().find(|objective| objective.key == key)
    }

    /// A declared role, as [`Checker::source_at`].
    pub(super) fn role_at(&self, index: usize) -> Option<&Role> {
        let key = name_of(&self.names.roles, index)?;
        self.parts.roles.iter().find(|role| role.key == key)
    }

    /// A new id.
    pub(super) fn new_id(&mut self) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(None);
        id
    }

    /// A statement that was read.
    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize).and_then(Option::as_ref)
    }
}

/// The name that was declared as the one of this number.
fn name_of(list: &BTreeMap<String, usize>, index: usize) -> Option<&str> {
    list.iter().find(|(_, at)| **at == index).map(|(name, _)| name.as_str())
}
