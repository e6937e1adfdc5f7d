//! What is declared and plays no part.

use std::collections::BTreeSet;

use crate::check::Templates;
use crate::check::program::{Expr, NodeId, NodeKind, Program, SourceKind, Title, Trigger, VarId, Who};
use crate::check::{settle, visit};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;
use crate::text::Both;

/// Looks at all declarations: scenarios that nothing runs and objectives that nothing measures (`RB0508`), and names that
/// nothing reads, templates included (`RB0112`).
pub(super) fn check(program: &Program, files: &dyn Templates) -> Vec<Diagnostic> {
    let templates: Vec<String> = program.templates.iter().filter_map(|path| files.text(path)).collect();
    let named_in_templates: BTreeSet<&str> = templates.iter().flat_map(|text| words(text)).collect();
    let used = Used::of(program);
    let mut found = Vec::new();
    for id in &program.scenarios {
        let node = program.node(*id);
        if !used.scenarios.contains(id) {
            found.push(
                Diagnostic::warning(
                    Code::RB0508,
                    node.span,
                    text!("nothing runs the scenario `{}`", "没有任何语句执行场景 `{}`", node.key),
                )
                .help(text!(
                    "on EVENT do run SCENARIO end, else: run(SCENARIO), or run SCENARIO",
                    "on EVENT do run SCENARIO end，else: run(SCENARIO)，或 run SCENARIO"
                )),
            );
        }
    }
    for (index, objective) in program.objectives.iter().enumerate() {
        if !used.objectives.contains(&index) {
            let message = text!("nothing measures the objective `{}`", "没有任何语句评估目标 `{}`", objective.key);
            found.push(Diagnostic::warning(Code::RB0508, objective.span, message).help(text!(
                "a `sample` of its source does, unless its `slos:` leaves it out",
                "对其来源的 `sample` 会评估它，除非 `slos:` 把它排除"
            )));
        }
    }
    let mut unused = |what: Both, name: &str, span: Span| {
        if !named_in_templates.contains(name) {
            found.push(Diagnostic::warning(
                Code::RB0112,
                span,
                text!("nothing reads the {what} `{name}`", "没有语句读取{what} `{name}`", what = what),
            ));
        }
    };
    for param in program.params.iter().filter(|param| !used.vars.contains(&param.var)) {
        unused(Both("parameter", "参数"), &param.name, param.span);
    }
    for secret in program.secrets.iter().filter(|secret| !used.vars.contains(&secret.var)) {
        unused(Both("secret", "密钥"), &secret.name, secret.span);
    }
    for binding in program.lets.iter().filter(|binding| !used.vars.contains(&binding.var)) {
        let var = program.var(binding.var);
        unused(Both("name", "名称"), &var.name, var.span);
    }
    for (index, source) in program.sources.iter().enumerate() {
        if !used.sources.contains(&index) && !used.vars.contains(&source.var) {
            unused(Both("source", "来源"), &source.name, program.var(source.var).span);
        }
    }
    for (index, collect) in program.collects.iter().enumerate() {
        if !used.collects.contains(&index) && !used.vars.contains(&collect.var) {
            unused(Both("collection", "收集列表"), &collect.name, program.var(collect.var).span);
        }
    }
    for (index, role) in program.roles.iter().enumerate() {
        if !used.roles.contains(&index) {
            unused(Both("role", "角色"), &role.key, role.title.text.span);
        }
    }
    for (index, channel) in program.channels.iter().enumerate() {
        if !used.channels.contains(&index) {
            unused(Both("channel", "频道"), &channel.name, channel.webhook.span);
        }
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
}

#[derive(Default)]
struct Used {
    vars: BTreeSet<VarId>,
    scenarios: BTreeSet<NodeId>,
    objectives: BTreeSet<usize>,
    sources: BTreeSet<usize>,
    collects: BTreeSet<usize>,
    roles: BTreeSet<usize>,
    channels: BTreeSet<usize>,
}

impl Used {
    fn of(program: &Program) -> Self {
        let mut used = Self::default();
        used.declarations(program);
        for node in &program.nodes {
            used.vars.extend(&node.needs);
            visit::all_exprs(node, &mut |expr| assigned(expr, &mut used.vars));
            used.scenarios.extend(settle::scenarios_run(node));
            if let Some(Who::Role(role)) = node.kind.people().and_then(|people| people.by) {
                used.roles.insert(role);
            }
            match &node.kind {
                NodeKind::Sample(sample) => {
                    used.objectives.extend(&sample.objectives);
                    used.sources.insert(sample.source);
                    used.sources.extend(&sample.alert_sources);
                }
                NodeKind::Query(query) => {
                    used.sources.insert(query.source);
                }
                NodeKind::On { event: Trigger::Unreachable(source) | Trigger::Reset(source), .. } => {
                    used.sources.insert(*source);
                }
                NodeKind::Add { collect, .. } => {
                    used.collects.insert(*collect);
                }
                NodeKind::Notify { channel, .. } => {
                    used.channels.insert(*channel);
                }
                _ => {}
            }
        }
        for objective in used.objectives.clone() {
            used.sources.extend(program.objectives.get(objective).map(|objective| objective.source));
        }
        used
    }

    fn declarations(&mut self, program: &Program) {
        let mut exprs: Vec<&Expr> = Vec::new();
        let title = |title: &Title| [Some(title.text.clone()), title.en.clone()].into_iter().flatten();
        exprs.extend(program.lets.iter().map(|binding| &binding.value));
        exprs.extend(program.locks.iter().map(|lock| &lock.target));
        exprs.extend(program.roles.iter().filter_map(|role| role.people.as_ref()));
        exprs.extend(program.channels.iter().map(|channel| &channel.webhook));
        exprs.extend(program.owner.iter().filter_map(|owner| owner.name.as_ref()));
        for guard in &program.guards {
            exprs.push(&guard.is);
            visit::shell(&guard.shell, &mut |expr| exprs.push(expr));
        }
        for source in &program.sources {
            exprs.extend(source.access.exprs().chain([&source.timeout, &source.max_bytes]));
            match &source.kind {
                SourceKind::Scrape { url, alive } | SourceKind::Prometheus { url, alive } => {
                    exprs.extend([url].into_iter().chain(alive));
                }
                SourceKind::Alertmanager { url, matchers, every } => {
                    exprs.extend([url, every].into_iter().chain(matchers.iter().map(|(_, value)| value)));
                }
            }
        }
        let titles: Vec<Expr> = program.notes.iter().chain([&program.title]).flat_map(title).collect();
        for expr in exprs.into_iter().chain(&titles) {
            visit::names(expr, &mut |var, _, _| {
                self.vars.insert(var);
            });
            assigned(expr, &mut self.vars);
        }
    }
}

/// Names of which only `assigned(x)` is asked.
fn assigned(expr: &Expr, found: &mut BTreeSet<VarId>) {
    let facts = crate::check::narrow::facts(expr);
    found.extend(facts.when_true.into_iter().chain(facts.when_false));
}
