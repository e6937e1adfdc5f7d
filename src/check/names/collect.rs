//! The first pass: all names of a file with their types, so that a scenario can read what is bound further down.

use std::collections::BTreeMap;

use super::{Names, ROOT, ScenarioName, Scope, ScopeId};
use crate::check::program::{Unit, VarId, VarKind};
use crate::check::{shape, signature, types};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast::{Expr, ExprKind, Ident, Stmt};
use crate::text;
use crate::text::{Both, Say};
use crate::value::parse::Parse;
use crate::value::types::Type;

/// Names that the language keeps for itself.
pub(in crate::check) const RESERVED: &[&str] =
    &["run", "executor", "owner", "rollback", "slos", "all", "any", "pass", "fail", "true", "false", "null"];

/// Collects the names of a runbook's body.
pub(in crate::check) fn collect(source: &str, body: &[Stmt], say: &mut Vec<Diagnostic>) -> Names {
    let mut names = Names::default();
    names.scopes.push(Scope { parent: None, of: text!("the runbook", " runbook"), names: BTreeMap::new() });
    let mut collector = Collector {
        source,
        names,
        say,
        runs: Vec::new(),
        series: Vec::new(),
        units: Vec::new(),
        shell_records: Vec::new(),
        block_record: shape::block(),
        fields: None,
    };
    collector.declared_first(body);
    collector.block(body, ROOT, true);
    collector.types_known_late();
    collector.names
}

struct Collector<'a> {
    source: &'a str,
    names: Names,
    say: &'a mut Vec<Diagnostic>,
    /// Records of `run … as:` and the scenario they come from.
    runs: Vec<(VarId, String)>,
    /// Series, the source of each, and the objectives that they name (none: all of that source).
    series: Vec<(VarId, Option<String>, Option<Vec<String>>)>,
    /// Objectives: key, source, unit.
    units: Vec<(String, Option<String>, Unit)>,
    /// Records of commands, by how they parse and whether they are sure: built once each.
    shell_records: Vec<((Option<Parse>, bool), Type)>,
    /// The record of a block.
    block_record: Type,
    /// Names bound in the scenario that is being read.
    fields: Option<Vec<(String, VarId, bool)>>,
}

impl Collector<'_> {
    /// What later types need: environments, the owner, built-in names.
    fn declared_first(&mut self, body: &[Stmt]) {
        for stmt in body {
            match stmt.word.node.as_str() {
                "environments" => self.names.environments.extend(stmt.args.iter().filter_map(types::word)),
                "owner" => self.names.has_owner = true,
                _ => {}
            }
        }
        let built_in = [
            ("run", shape::run(&self.names.environments), VarKind::Run),
            ("rollback", shape::rollback(), VarKind::Rollback),
            ("executor", Type::String, VarKind::Executor),
            ("slos", shape::all_objectives(), VarKind::AllObjectives),
        ];
        for (name, ty, kind) in built_in {
            let var = self.names.var_new(name, ty, kind, Span::default());
            self.names.bind(ROOT, name, var);
        }
        if self.names.has_owner {
            let var = self.names.var_new("owner", Type::String, VarKind::Owner, Span::default());
            self.names.bind(ROOT, "owner", var);
        }
        self.names.var_at.remove(&0);
    }

    /// The statements of a block. `sure`: the block is run on every path through its scope.
    fn block(&mut self, body: &[Stmt], scope: ScopeId, sure: bool) {
        for stmt in body {
            self.stmt(stmt, scope, sure);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, scope: ScopeId, sure: bool) {
        let sure = sure && option(stmt, "if").is_none();
        match stmt.word.node.as_str() {
            "param" => {
                let ty = stmt.args.get(1).map_or(Type::Unknown, read_type);
                self.declare_arg(stmt, scope, maybe_optional(stmt, ty), VarKind::Fixed, sure);
            }
            "secret" => self.declare_arg(stmt, scope, maybe_optional(stmt, Type::Secret), VarKind::Fixed, sure),
            "let" => self.declare_arg(stmt, scope, Type::Unknown, VarKind::Fixed, sure),
            "source" => {
                let index = self.names.sources.len();
                if self.register(stmt, &Both("source", "来源"), |names| &mut names.sources) {
                    self.declare_arg(stmt, scope, shape::source(), VarKind::Source(index), sure);
                }
            }
            "channel" => {
                self.register(stmt, &Both("channel", "频道"), |names| &mut names.channels);
            }
            "role" => {
                self.register(stmt, &Both("role", "角色"), |names| &mut names.roles);
            }
            "slo" => {
                let index = self.names.objectives.len();
                if self.register(stmt, &Both("slo", "目标"), |names| &mut names.objectives)
                    && let Some(key) = first_name(stmt)
                {
                    let source = option(stmt, "from").and_then(types::word);
                    self.units.push((key.node.clone(), source, unit_of(stmt)));
                    self.declare_arg(stmt, scope, shape::objective(), VarKind::Objective(index), sure);
                }
            }
            "collect" => {
                let index = self.names.collects.len();
                if self.register(stmt, &Both("collect", "收集列表"), |names| &mut names.collects) {
                    let fields = stmt.body.iter().flat_map(|body| &body.stmts).filter_map(|ask| {
                        let name = first_name(ask)?.node;
                        Some((name, maybe_optional(ask, ask.args.get(1).map_or(Type::Unknown, read_type))))
                    });
                    let ty = Type::List(Box::new(Type::record(fields.collect())));
                    self.declare_arg(stmt, scope, ty, VarKind::Collect(index), sure);
                }
            }
            "ask" => {
                let ty = stmt.args.get(1).map_or(Type::Unknown, read_type);
                // With a way out at the deadline, the name may stay without a value.
                let answered = !leaves_by_run(stmt);
                self.declare_arg(stmt, scope, maybe_optional(stmt, ty), VarKind::Bound, sure && answered);
            }
            "sh" => {
                let ty = self.shell_record(parse_of(stmt), is_sure(stmt));
                self.declare_as(stmt, scope, ty, VarKind::Bound, sure);
            }
            "http" => self.declare_as(stmt, scope, shape::http(parse_of(stmt), is_sure(stmt)), VarKind::Bound, sure),
            "query" => {
                let by = option(stmt, "by").map(words_of);
                let asked = match (option(stmt, "promql"), option(stmt, "increase")) {
                    (Some(_), _) => shape::Asked::Promql(by.as_deref(), unit_named(option(stmt, "unit"))),
                    (None, Some(_)) => shape::Asked::Increase(by.as_deref().unwrap_or_default()),
                    (None, None) => shape::Asked::Nothing,
                };
                self.declare_as(stmt, scope, shape::query(&asked, is_sure(stmt)), VarKind::Bound, sure);
            }
            "run" => {
                if let Some(var) = self.declare_as_var(stmt, scope, Type::Unknown, VarKind::Bound, sure)
                    && let Some(scenario) = first_name(stmt)
                {
                    self.runs.push((var, scenario.node));
                }
            }
            "signoff" => {
                let members = option(stmt, "options").map(keys_of).unwrap_or_default();
                self.declare_as(stmt, scope, Type::OneOf(members), VarKind::Bound, sure);
            }
            "decide" => self.decide(stmt, scope, sure),
            "sample" | "watch" => self.sample(stmt, scope, sure),
            "scenario" => self.scenario(stmt),
            "each" => {
                let inner = self.names.scope(scope, text!("a loop", "循环"), stmt.span.start);
                self.without_fields(|this| this.declare_arg(stmt, inner, Type::Unknown, VarKind::Bound, false));
                let fields = self.fields_of(|this| this.bodies(stmt, inner, false));
                if self.declare_as_var(stmt, scope, Type::Unknown, VarKind::Bound, sure).is_some() {
                    self.results(stmt, inner, fields);
                }
            }
            "undo" => {
                let inner = self.names.scope(scope, text!("an undo", " undo"), stmt.span.start);
                self.without_fields(|this| this.bodies(stmt, inner, false));
            }
            "rollback" | "finally" => {
                let of = text!("`{}`", " `{}`", stmt.word.node);
                let inner = self.names.scope(scope, of, stmt.span.start);
                self.bodies(stmt, inner, true);
            }
            "section" | "step" | "precheck" | "verify" | "checklist" | "parallel" | "branch" => {
                let node = self.names.reserve(stmt.span.start);
                // A `parallel` has its name by `key:`.
                let key = if stmt.word.node == "parallel" {
                    option(stmt, "key").and_then(as_ident)
                } else {
                    first_name(stmt)
                };
                if let Some(key) = key {
                    let var = self.names.var_new(&key.node, self.block_record.clone(), VarKind::Step(node), key.span);
                    self.names.blocks.entry(key.node).or_default().push(var);
                }
                self.bodies(stmt, scope, sure);
            }
            "if" | "try" => self.bodies(stmt, scope, false),
            word => {
                if signature::find(word, stmt.body.is_some()).is_none() {
                    let head = self.source.get(stmt.head.start as usize..stmt.head.end as usize).unwrap_or_default();
                    let words = head.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
                    self.names.perhaps.extend(words.map(str::to_owned));
                }
                self.declare_as(stmt, scope, Type::Unknown, VarKind::Bound, false);
                self.bodies(stmt, scope, sure);
            }
        }
    }

    fn shell_record(&mut self, parse: Option<Parse>, sure: bool) -> Type {
        if let Some((_, ty)) = self.shell_records.iter().find(|(key, _)| *key == (parse, sure)) {
            return ty.clone();
        }
        let ty = shape::shell(parse, sure);
        self.shell_records.push(((parse, sure), ty.clone()));
        ty
    }

    fn bodies(&mut self, stmt: &Stmt, scope: ScopeId, sure: bool) {
        if let Some(body) = &stmt.body {
            self.block(&body.stmts, scope, sure);
        }
        for arm in &stmt.arms {
            self.block(&arm.body.stmts, scope, false);
        }
    }

    fn decide(&mut self, stmt: &Stmt, scope: ScopeId, sure: bool) {
        let options = stmt.body.iter().flat_map(|body| &body.stmts);
        let members = options.filter_map(|option| Some(first_name(option)?.node)).collect();
        self.declare_as(stmt, scope, Type::OneOf(members), VarKind::Bound, sure && !leaves_by_run(stmt));
        self.bodies(stmt, scope, false);
    }

    fn sample(&mut self, stmt: &Stmt, scope: ScopeId, sure: bool) {
        let node = self.names.reserve(stmt.span.start);
        if let Some(var) = self.declare_as_var(stmt, scope, Type::Unknown, VarKind::Series(node), sure) {
            let named = option(stmt, "slos").filter(|slos| types::word(slos).as_deref() != Some("all")).map(words_of);
            self.series.push((var, stmt.args.first().and_then(types::word), named));
        }
        let watch = stmt.word.node == "watch";
        if watch {
            self.names.watches.insert(node);
        }
        let inside = stmt.body.iter().flat_map(|body| &body.stmts);
        let (handlers, steps): (Vec<_>, Vec<_>) =
            inside.partition(|stmt| !watch || matches!(stmt.word.node.as_str(), "at" | "on"));
        for step in steps {
            self.stmt(step, scope, sure);
        }
        for handler in handlers {
            let inner = self.names.scope(scope, text!("`{}`", " `{}`", handler.word.node), handler.span.start);
            self.without_fields(|this| this.bodies(handler, inner, true));
        }
    }

    fn scenario(&mut self, stmt: &Stmt) {
        let node = self.names.reserve(stmt.span.start);
        let key = first_name(stmt);
        let of = key
            .as_ref()
            .map_or_else(|| text!("a scenario", "场景"), |key| text!("the scenario `{}`", "场景 `{}`", key.node));
        let inner = self.names.scope(ROOT, of, stmt.span.start);
        let mut params = Vec::new();
        if let Some(ExprKind::Map(entries)) = option(stmt, "params").map(|map| &*map.kind) {
            for (name, ty) in entries {
                if let Some(var) = self.declare(name, inner, read_type(ty), VarKind::Bound, false) {
                    params.push((name.node.clone(), var));
                }
            }
        }
        let fields = self.fields_of(|this| this.bodies(stmt, inner, true));
        let Some(key) = key else { return };
        if let Some(first) = self.names.scenarios.get(&key.node) {
            self.say.push(twice(&key, &Both("scenario", "场景"), first.span));
        } else {
            self.names.scenarios.insert(key.node, ScenarioName { node, span: key.span, params, fields });
        }
    }

    /// The names that the results of a loop have as fields. The results themselves are bound behind the loop, and may not be
    /// called as something in it.
    fn results(&mut self, stmt: &Stmt, inner: ScopeId, fields: Vec<(String, VarId, bool)>) {
        let own = option(stmt, "as").and_then(as_ident);
        if let Some(own) = own
            && let Some(first) = self.names.bound_in(inner, &own.node).and_then(|var| self.names.var(var))
        {
            self.say.push(twice(&own, &Both("name", "名称"), first.span));
        }
        for (name, var, _) in fields {
            if !shape::PASS_FIELDS.contains(&name.as_str()) {
                self.names.results.entry(stmt.span.start).or_default().push(var);
                continue;
            }
            let at = self.names.var(var).map(|var| var.span).unwrap_or_default();
            let message = text!(
                "each result of the loop has a field `{name}` of its own",
                "循环的每条结果已有自己的字段 `{name}`"
            );
            let help = text!("take another name", "请换一个名称");
            self.say.push(Diagnostic::error(Code::RB0102, at, message).help(help));
        }
    }

    /// Names bound in here, as the fields of what is around it.
    fn fields_of(&mut self, read: impl FnOnce(&mut Self)) -> Vec<(String, VarId, bool)> {
        let outer = self.fields.replace(Vec::new());
        read(self);
        std::mem::replace(&mut self.fields, outer).unwrap_or_default()
    }

    /// Names bound in here are no fields of the scenario around it.
    fn without_fields(&mut self, read: impl FnOnce(&mut Self)) {
        let outer = self.fields.take();
        read(self);
        self.fields = outer;
    }

    fn declare_arg(&mut self, stmt: &Stmt, scope: ScopeId, ty: Type, kind: VarKind, sure: bool) {
        if let Some(name) = first_name(stmt) {
            self.declare(&name, scope, ty, kind, sure);
        }
    }

    fn declare_as(&mut self, stmt: &Stmt, scope: ScopeId, ty: Type, kind: VarKind, sure: bool) {
        self.declare_as_var(stmt, scope, ty, kind, sure);
    }

    fn declare_as_var(&mut self, stmt: &Stmt, scope: ScopeId, ty: Type, kind: VarKind, sure: bool) -> Option<VarId> {
        let name = option(stmt, "as").and_then(as_ident)?;
        // An option that is not known, or a way to parse, may have said what it is.
        let word = signature::find(&stmt.word.node, stmt.body.is_some());
        let known = |name: &str| word.is_none_or(|word| word.option(name).is_some());
        let parsed = option(stmt, "parse").is_none() || parse_of(stmt).is_some();
        let known = parsed && stmt.options.iter().all(|option| known(&option.name.node));
        let ty = if known { ty } else { Type::Unknown };
        self.declare(&name, scope, ty, kind, sure)
    }

    fn declare(&mut self, name: &Ident, scope: ScopeId, ty: Type, kind: VarKind, sure: bool) -> Option<VarId> {
        if RESERVED.contains(&name.node.as_str()) {
            let message = text!("`{}` belongs to the language", "`{}` 是语言保留的名称", name.node);
            self.say.push(
                Diagnostic::error(Code::RB0104, name.span, message).help(text!("take another name", "请换一个名称")),
            );
            return None;
        }
        let var = self.names.var_new(&name.node, ty, kind, name.span);
        if let Some(taken) = self.names.bind(scope, &name.node, var) {
            let first = self.names.var(taken).map(|var| var.span).unwrap_or_default();
            self.say.push(twice(name, &Both("name", "名称"), first));
        }
        if let Some(fields) = &mut self.fields {
            fields.push((name.node.clone(), var, sure));
        }
        Some(var)
    }

    /// Enters a declared thing into its list; false where it has no name or the name is taken.
    fn register(
        &mut self,
        stmt: &Stmt,
        what: &dyn Say,
        list: impl FnOnce(&mut Names) -> &mut BTreeMap<String, usize>,
    ) -> bool {
        let Some(name) = first_name(stmt) else { return false };
        let list = list(&mut self.names);
        if list.contains_key(&name.node) {
            let message = text!("the {} `{}` is declared twice", "{} `{}` 重复声明", what, name.node);
            self.say.push(Diagnostic::error(Code::RB0102, name.span, message));
            return false;
        }
        list.insert(name.node, list.len());
        true
    }

    /// Types that depend on what stands further down: series on objectives, results of scenarios on their names.
    fn types_known_late(&mut self) {
        for (var, source, named) in std::mem::take(&mut self.series) {
            let chosen: Vec<(String, Unit)> = self
                .units
                .iter()
                .filter(|(key, from, _)| {
                    // An objective whose source could not be read may be of any.
                    let open = from.as_ref().is_none_or(|from| !self.names.sources.contains_key(from));
                    named.as_ref().map_or(open || *from == source, |named| named.contains(key))
                })
                .map(|(key, _, unit)| (key.clone(), *unit))
                .collect();
            self.names.set_type(var, shape::series(&chosen));
        }
        // A scenario that runs another may have its record as a field: as often as they can be nested without a circle.
        for _ in 0..=self.names.scenarios.len() {
            let mut changed = false;
            for (var, scenario) in &self.runs {
                let Some(scenario) = self.names.scenarios.get(scenario) else { continue };
                let fields = scenario.fields.iter().map(|(name, field, sure)| {
                    let ty = self.names.var(*field).map_or(Type::Unknown, |var| var.ty.clone());
                    (name.clone(), if *sure { ty } else { ty.or_null() })
                });
                let ty = Type::record(fields.collect());
                if self.names.var(*var).is_some_and(|var| var.ty != ty) {
                    self.names.set_type(*var, ty);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
    }
}

fn twice(name: &Ident, what: &dyn Say, first: Span) -> Diagnostic {
    Diagnostic::error(
        Code::RB0102,
        name.span,
        text!("the {} `{}` is declared twice", "{} `{}` 重复声明", what, name.node),
    )
    .label(first, text!("first here", "首次出现于此"))
    .help(text!("a name is bound at one place; take another one", "一个名称只在一处绑定；请换一个名称"))
}

fn option<'a>(stmt: &'a Stmt, name: &str) -> Option<&'a Expr> {
    stmt.options.iter().find(|option| option.name.node == name).map(|option| &option.value)
}

fn as_ident(expr: &Expr) -> Option<Ident> {
    match &*expr.kind {
        ExprKind::Name(name) => Some(Ident::new(name.clone(), expr.span)),
        _ => None,
    }
}

fn first_name(stmt: &Stmt) -> Option<Ident> {
    stmt.args.first().and_then(as_ident)
}

fn read_type(expr: &Expr) -> Type {
    types::read(expr).unwrap_or(Type::Unknown)
}

fn maybe_optional(stmt: &Stmt, ty: Type) -> Type {
    let optional = option(stmt, "optional").is_some_and(|value| matches!(*value.kind, ExprKind::Bool(true)));
    let defaulted = option(stmt, "default").is_some() || option(stmt, "per_env").is_some();
    if optional && !defaulted && ty != Type::Unknown { Type::Optional(Box::new(ty)) } else { ty }
}

fn parse_of(stmt: &Stmt) -> Option<Parse> {
    let word = option(stmt, "parse").and_then(types::word)?;
    Parse::ALL.iter().copied().find(|parse| parse.as_str() == word)
}

/// A failure does not go on.
fn is_sure(stmt: &Stmt) -> bool {
    option(stmt, "severity").and_then(types::word).is_none_or(|word| word == "fail")
}

/// `else: run(…)`: the flow goes on without an answer.
fn leaves_by_run(stmt: &Stmt) -> bool {
    option(stmt, "else").is_some_and(|value| matches!(&*value.kind, ExprKind::Call(name, _, _) if name.node == "run"))
}

fn words_of(expr: &Expr) -> Vec<String> {
    match &*expr.kind {
        ExprKind::List(items) => items.iter().filter_map(types::word).collect(),
        _ => types::word(expr).into_iter().collect(),
    }
}

fn keys_of(expr: &Expr) -> Vec<String> {
    match &*expr.kind {
        ExprKind::Map(entries) => entries.iter().map(|(key, _)| key.node.clone()).collect(),
        _ => Vec::new(),
    }
}

fn unit_of(stmt: &Stmt) -> Unit {
    let mut inside = stmt.body.iter().flat_map(|body| &body.stmts);
    unit_named(inside.find(|stmt| stmt.word.node == "unit").and_then(|stmt| stmt.args.first()))
}

fn unit_named(unit: Option<&Expr>) -> Unit {
    Unit::of_word(unit.and_then(types::word).as_deref())
}
