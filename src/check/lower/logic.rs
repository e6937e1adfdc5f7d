//! Conditions, repetition, scenarios.

use crate::check::args::Args;
use crate::check::context::{Checker, NOBODY, NOWHERE};
use crate::check::lower::{Head, MAX_ATTEMPTS, Made};
use crate::check::narrow;
use crate::check::program::{Each, Expr, MAX_AT_ONCE, NodeId, NodeKind, Passes, VarId};
use crate::check::signature::{Kind, Named, Place, inner};
use crate::check::{shape, types};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{self, Stmt};
use crate::text;
use crate::text::{Both, Text};
use crate::value::Value;
use crate::value::types::Type;

impl Checker<'_> {
    /// A word of the group.
    pub(super) fn logic_of(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        match args.word.name {
            "assert" => {
                let cond = self.argument(args, "condition");
                Made::pure(NodeKind::Assert { cond })
            }
            "if" => self.if_(args),
            "each" => self.each(head, args),
            "try" => self.try_(args),
            "parallel" => self.parallel(head, args),
            "branch" => {
                let body = self.inside(head, args);
                self.made(NodeKind::Branch { body: body.clone() }, &body)
            }
            "scenario" => self.scenario(head, args),
            "run" => self.run(args),
            // `repair` is read by its `try`.
            _ => {
                self.say(
                    Diagnostic::error(
                        Code::RB0507,
                        args.head(),
                        text!("`repair` is the last part of a `try`", "`repair` 是 `try` 的最后部分"),
                    )
                    .help(Text::verbatim("try 3 do … repair do … end end")),
                );
                let body = self.body_of(args);
                self.made(NodeKind::If { arms: Vec::new(), otherwise: body.clone() }, &body)
            }
        }
    }

    fn if_(&mut self, args: &Args<'_>) -> Made {
        let known = self.narrowed.len();
        let mut arms = Vec::new();
        let mut otherwise = Vec::new();
        let mut all = Vec::new();
        let cond = self.argument(args, "condition");
        let facts = narrow::facts(&cond);
        self.narrowed.extend(facts.when_true);
        let body = self.body_of(args);
        self.narrowed.truncate(known);
        self.narrowed.extend(facts.when_false);
        all.extend(body.iter().copied());
        arms.push((cond, body));
        for arm in &args.stmt.arms {
            let place = self.place;
            if let Some(cond) = &arm.cond {
                let cond = self.expr_of(cond, Kind::Bool, &"`elsif`");
                let facts = narrow::facts(&cond);
                let outer = self.narrowed.len();
                self.narrowed.extend(facts.when_true);
                let body = self.block(&arm.body.stmts, place);
                self.narrowed.truncate(outer);
                self.narrowed.extend(facts.when_false);
                all.extend(body.iter().copied());
                arms.push((cond, body));
            } else {
                otherwise = self.block(&arm.body.stmts, place);
                all.extend(otherwise.iter().copied());
            }
        }
        self.narrowed.truncate(known);
        self.made(NodeKind::If { arms, otherwise }, &all)
    }

    fn each(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        let list = self.required(args, "in");
        let item_ty = match inner(&list.ty) {
            Type::List(item) => (**item).clone(),
            Type::ManyOf(members) => Type::OneOf(members.clone()),
            Type::Json => Type::Json,
            _ => Type::Unknown,
        };
        let item = args.arg("name").and_then(|name| self.names.var_at(name.span.start));
        if let Some(item) = item {
            self.names.set_type(item, item_ty.clone());
        }
        let outer = self.scope;
        self.scope = self.names.scope_of(args.stmt.span.start).unwrap_or(outer);
        let key_by = self.option_of(args, "key_by");
        if key_by.is_none() && matches!(item_ty, Type::Json | Type::Record(_) | Type::Map(_) | Type::List(_)) {
            self.say(
                Diagnostic::error(
                    Code::RB0307,
                    args.head(),
                    text!(
                        "the items are no texts or numbers, so the passes need `key_by:`",
                        "元素不是文本或数字，因此各轮需要 `key_by:`"
                    ),
                )
                .help(text!(
                    "key_by: pod.metadata.name: each pass is named by it in the journal, never by its place in the \
                    list",
                    "key_by: pod.metadata.name：日志中每一轮以它命名，而不按它在列表中的位置"
                )),
            );
        }
        let max = self.option_of(args, "max");
        let stop_after = self.passes(args, "stop_after", "none", MAX_ATTEMPTS);
        let at_once = self.passes(args, "at_once", "all", i64::from(MAX_AT_ONCE));
        let ask_between = self.word_option(args, "pause").is_some();
        let body = self.inside(head, args);
        self.scope = outer;
        let results = self.names.results.get(&args.stmt.span.start).cloned().unwrap_or_default();
        if let Some(bind) = head.bind {
            let bound = results.iter().filter_map(|var| self.names.var(*var));
            let ty = shape::passes(item_ty, bound.map(|var| (var.name.clone(), var.ty.clone())));
            self.names.set_type(bind, ty);
        }
        let each = Each {
            item: item.unwrap_or(NOBODY),
            list,
            key_by,
            max,
            stop_after,
            at_once,
            ask_between,
            results,
            body: body.clone(),
        };
        self.made(NodeKind::Each(Box::new(each)), &body)
    }

    /// A number of passes from 1 to `most`, or the `word` that stands for all of them.
    fn passes(&mut self, args: &mut Args<'_>, name: &str, word: &str, most: i64) -> Passes {
        let Some(option) = args.take(name) else { return Passes::One };
        if types::word(&option.value).as_deref() == Some(word) {
            return Passes::All;
        }
        let what = format!("`{name}:`");
        let count = self.expr_of(&option.value, Kind::Int, &what);
        match count.known() {
            Some(Value::Int(1)) => Passes::One,
            Some(Value::Int(number)) if !(1..=most).contains(number) => {
                let message = text!(
                    "{what} is a number from 1 to {most}, or `{word}`",
                    "{what} 是 1 至 {most} 的数，或 `{word}`"
                );
                self.say(Diagnostic::error(Code::RB0212, option.value.span, message));
                Passes::One
            }
            _ => Passes::Count(count),
        }
    }

    fn try_(&mut self, args: &mut Args<'_>) -> Made {
        let times = args.arg("times").and_then(|times| self.int_of(times, &"`try`", 1, MAX_ATTEMPTS));
        let every = self.option_of(args, "every");
        let backoff = self.backoff(args);
        let stmts = args.stmt.body.as_ref().map(|body| body.stmts.as_slice()).unwrap_or_default();
        let (last, tried) = match stmts.split_last() {
            Some((last, tried)) if last.word.node == "repair" => (Some(last), tried),
            _ => (None, stmts),
        };
        let body = self.block(tried, Place::Flow);
        let repair = last.map(|last| self.repair(last)).unwrap_or_default();
        let all: Vec<NodeId> = body.iter().chain(&repair).copied().collect();
        let times = times.and_then(|times| u32::try_from(times).ok()).unwrap_or(1);
        self.made(NodeKind::Try { times, every, backoff, body, repair }, &all)
    }

    fn repair(&mut self, stmt: &Stmt) -> Vec<NodeId> {
        let Some(word) = self.word_in(stmt, Place::Flow) else { return Vec::new() };
        let args = Args::new(stmt, word, false, &mut self.diagnostics);
        let body = self.body_of(&args);
        args.finish(&mut self.diagnostics);
        body
    }

    fn parallel(&mut self, head: &Head, args: &Args<'_>) -> Made {
        let inside = if self.place == Place::Checks { Place::Checks } else { Place::Flow };
        let outer = std::mem::replace(&mut self.in_branch, inside);
        let branches = self.inside(head, args);
        self.in_branch = outer;
        if let [_] = branches.as_slice() {
            let message = text!(
                "a `parallel` with one branch runs nothing at once",
                "只有一个分支的 `parallel` 没有同时执行任何操作"
            );
            self.say(Diagnostic::warning(Code::RB0316, args.head(), message));
        }
        self.made(NodeKind::Parallel { branches: branches.clone() }, &branches)
    }

    fn scenario(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        let mut params = Vec::new();
        if let Some(option) = args.take("params") {
            match &*option.value.kind {
                ast::ExprKind::Map(entries) => {
                    for (name, ty) in entries {
                        if let Err(wrong) = types::read(ty) {
                            self.say(wrong);
                        }
                        params.extend(self.names.var_at(name.span.start));
                    }
                }
                _ => self.say(
                    Diagnostic::error(
                        Code::RB0201,
                        option.value.span,
                        text!("`params:` is a map from names to types", "`params:` 是从名称到类型的映射"),
                    )
                    .help(Text::verbatim("params: { node: string }")),
                ),
            }
        }
        let outer = self.scope;
        self.scope = self.names.scope_of(args.stmt.span.start).unwrap_or(outer);
        let body = self.inside(head, args);
        self.scope = outer;
        self.parts.scenarios.push(head.id);
        self.made(NodeKind::Scenario { params, body: body.clone() }, &body)
    }

    /// The scenario of this name.
    pub(super) fn scenario_named(&mut self, e: &ast::Expr) -> Option<crate::check::names::ScenarioName> {
        let name = self.bare_name(e, &Both("a scenario", "场景"))?;
        let found = self.names.scenarios.get(&name).cloned();
        if found.is_none() {
            let known: Vec<String> = self.names.scenarios.keys().cloned().collect();
            self.not_declared(&name, e.span, Named::Scenario, &known);
        }
        found
    }

    fn run(&mut self, args: &mut Args<'_>) -> Made {
        let scenario = args.arg("scenario").and_then(|scenario| self.scenario_named(scenario));
        let given = args.rest();
        let Some(scenario) = scenario else {
            for option in given {
                self.expr(&option.value);
            }
            return Made::pure(NodeKind::Run { scenario: NOWHERE, args: Vec::new() });
        };
        let mut values: Vec<(VarId, Expr)> = Vec::new();
        for option in given {
            let name = option.name.node.as_str();
            let Some((_, var)) = scenario.params.iter().find(|(known, _)| known == name) else {
                let message = text!("the scenario has no parameter `{name}`", "场景没有参数 `{name}`");
                let known: Vec<&str> = scenario.params.iter().map(|(name, _)| name.as_str()).collect();
                let help = if known.is_empty() {
                    text!("it has none", "它没有参数")
                } else {
                    text!("it has {}", "它的参数有 {}", known.join(", "))
                };
                self.say(
                    Diagnostic::error(Code::RB0305, option.name.span, message)
                        .label(scenario.span, text!("declared here", "在此处声明"))
                        .help(help),
                );
                self.expr(&option.value);
                continue;
            };
            let ty = self.names.var(*var).map_or(Type::Unknown, |var| var.ty.clone());
            let value = self.value_of(&option.value, &ty, &format!("`{name}:`"));
            values.push((*var, value));
        }
        for (name, var) in &scenario.params {
            if !values.iter().any(|(given, _)| given == var) {
                let message = text!("the scenario needs `{name}:`", "场景需要 `{name}:`");
                self.say(
                    Diagnostic::error(Code::RB0307, args.head(), message)
                        .label(scenario.span, text!("declared here", "在此处声明")),
                );
            }
        }
        // Its class is that of the scenario, which may stand further down: `flow` puts it in.
        Made::pure(NodeKind::Run { scenario: scenario.node, args: values })
    }
}
