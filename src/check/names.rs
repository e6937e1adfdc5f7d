//! Names and where they are seen. Section and step do not hide names: what they bind is seen in the whole runbook (that
//! it is assigned is `flow`'s). Handlers, scenarios, loops, undos and the endings have names of their own.

mod collect;

use std::collections::{BTreeMap, BTreeSet};

use crate::check::program::{NodeId, Var, VarId, VarKind};
use crate::diagnostic::Span;
use crate::text::Text;
use crate::value::types::Type;

pub(super) use collect::{RESERVED, collect};

/// Index into the scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScopeId(usize);

/// The scope of the runbook.
pub(super) const ROOT: ScopeId = ScopeId(0);

/// Names of one instance: of the run, of a handler, of a pass.
#[derive(Debug)]
struct Scope {
    parent: Option<ScopeId>,
    /// What it belongs to, for messages: "`at`", "the scenario `drain`".
    of: Text,
    names: BTreeMap<String, VarId>,
}

/// A scenario as its callers see it.
#[derive(Clone, Debug)]
pub(super) struct ScenarioName {
    /// Its statement.
    pub node: NodeId,
    /// Where its key stands.
    pub span: Span,
    /// Its parameters in order.
    pub params: Vec<(String, VarId)>,
    /// Names bound inside, and whether they are bound on every path through it.
    pub fields: Vec<(String, VarId, bool)>,
}

/// All names of a runbook.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// In order of declaration.
    pub vars: Vec<Var>,
    scopes: Vec<Scope>,
    /// The scope inside a statement, by the statement's first byte (for `elsif` arms: that of the `if`).
    scope_of: BTreeMap<u32, ScopeId>,
    /// The variable declared at this byte.
    var_at: BTreeMap<u32, VarId>,
    /// The reserved id of a statement, by its first byte.
    node_at: BTreeMap<u32, NodeId>,
    /// How many ids are reserved.
    pub reserved: u32,
    /// Blocks by key: names as well, unless two have the same key.
    blocks: BTreeMap<String, Vec<VarId>>,
    /// Declared things by name; the index is that of the program's list.
    pub sources: BTreeMap<String, usize>,
    /// See `sources`.
    pub channels: BTreeMap<String, usize>,
    /// See `sources`.
    pub roles: BTreeMap<String, usize>,
    /// See `sources`.
    pub collects: BTreeMap<String, usize>,
    /// See `sources`.
    pub objectives: BTreeMap<String, usize>,
    /// Scenarios.
    pub scenarios: BTreeMap<String, ScenarioName>,
    /// Of each loop with `as:`, by where its statement begins, the names bound in its body.
    pub results: BTreeMap<u32, Vec<VarId>>,
    /// Observations that are as long as their steps.
    pub watches: BTreeSet<NodeId>,
    /// Names in statements whose word is unknown: they may be declared there.
    pub perhaps: BTreeSet<String>,
    /// `owner` is declared.
    pub has_owner: bool,
    /// Values of `--env`.
    pub environments: Vec<String>,
}

/// What a name means at a place.
pub(super) enum Found {
    /// This.
    Var(VarId),
    /// Several blocks have it as their key.
    Several(Vec<VarId>),
    /// It is known in another scope only; what that scope belongs to.
    Elsewhere(VarId, Text),
    /// Nothing.
    Nothing,
}

impl Names {
    /// What `name` means in `scope`.
    pub(super) fn find(&self, scope: ScopeId, name: &str) -> Found {
        if let Some(var) = self.seen(scope, name) {
            return Found::Var(var);
        }
        match self.blocks.get(name).map(Vec::as_slice) {
            Some([one]) => return Found::Var(*one),
            Some(several) if !several.is_empty() => return Found::Several(several.to_vec()),
            Some(_) | None => {}
        }
        for other in &self.scopes {
            if let Some(var) = other.names.get(name) {
                return Found::Elsewhere(*var, other.of.clone());
            }
        }
        Found::Nothing
    }

    /// The variable that is seen as `name`; keys of blocks do not count.
    fn seen(&self, scope: ScopeId, name: &str) -> Option<VarId> {
        let mut at = Some(scope);
        while let Some(scope) = at.and_then(|id| self.scopes.get(id.0)) {
            if let Some(var) = scope.names.get(name) {
                return Some(*var);
            }
            at = scope.parent;
        }
        None
    }

    /// The variable of this name that is bound in this very scope.
    pub(super) fn bound_in(&self, scope: ScopeId, name: &str) -> Option<VarId> {
        self.scopes.get(scope.0)?.names.get(name).copied()
    }

    /// All names that are seen, for near misses.
    pub(super) fn candidates(&self, scope: ScopeId) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let mut at = Some(scope);
        while let Some(scope) = at.and_then(|id| self.scopes.get(id.0)) {
            names.extend(scope.names.keys().map(String::as_str));
            at = scope.parent;
        }
        names.extend(self.blocks.keys().map(String::as_str));
        names
    }

    /// The scope inside a statement.
    pub(super) fn scope_of(&self, start: u32) -> Option<ScopeId> {
        self.scope_of.get(&start).copied()
    }

    /// The variable that is declared at this byte.
    pub(super) fn var_at(&self, start: u32) -> Option<VarId> {
        self.var_at.get(&start).copied()
    }

    /// The id that is reserved for a statement.
    pub(super) fn node_at(&self, start: u32) -> Option<NodeId> {
        self.node_at.get(&start).copied()
    }

    /// The variable.
    pub(super) fn var(&self, id: VarId) -> Option<&Var> {
        self.vars.get(id.0 as usize)
    }

    /// Sets a type that is known later than the name.
    pub(super) fn set_type(&mut self, id: VarId, ty: Type) {
        if let Some(var) = self.vars.get_mut(id.0 as usize) {
            var.ty = ty;
        }
    }

    /// A new scope.
    fn scope(&mut self, parent: ScopeId, of: Text, start: u32) -> ScopeId {
        let id = ScopeId(self.scopes.len());
        self.scopes.push(Scope { parent: Some(parent), of, names: BTreeMap::new() });
        self.scope_of.insert(start, id);
        id
    }

    /// A new variable, not yet in a scope.
    fn var_new(&mut self, name: &str, ty: Type, kind: VarKind, span: Span) -> VarId {
        let id = VarId(u32::try_from(self.vars.len()).unwrap_or(u32::MAX));
        self.vars.push(Var { name: name.to_owned(), ty, kind, span });
        self.var_at.insert(span.start, id);
        id
    }

    /// Puts a variable into a scope; the one that is there already, where the name is taken.
    fn bind(&mut self, scope: ScopeId, name: &str, var: VarId) -> Option<VarId> {
        if let Some(taken) = self.seen(scope, name) {
            return Some(taken);
        }
        if let Some(scope) = self.scopes.get_mut(scope.0) {
            scope.names.insert(name.to_owned(), var);
        }
        None
    }

    /// An id for a statement that others name before it is read.
    fn reserve(&mut self, start: u32) -> NodeId {
        let id = NodeId(self.reserved);
        self.reserved += 1;
        self.node_at.insert(start, id);
        id
    }
}
