//! Questions, and who answers them.

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::lower::{Head, Made};
use crate::check::program::{AnswerType, Choice, Expr, NodeId, NodeKind, Otherwise, People, SignChoice, Title, Who};
use crate::check::signature::{Kind, Named, Place};
use crate::check::types;
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast;
use crate::text;
use crate::text::{Both, Text};
use crate::value::Value;
use crate::value::types::Type;

/// More people than any team has on one decision.
const MAX_QUORUM: i64 = 20;

impl Checker<'_> {
    /// A word of the group.
    pub(super) fn prompt(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        match args.word.name {
            "ask" => self.ask(args),
            "confirm" => {
                let typed = self.option_of(args, "type");
                let after_clean = self.word_option(args, "after").is_some();
                let people = Box::new(self.people(args));
                Made::pure(NodeKind::Confirm { typed, after_clean, people })
            }
            "manual" => {
                let links = args.take("links").map(|option| self.links(&option.value)).unwrap_or_default();
                let later = self.flag(args, "later").unwrap_or(false);
                let people = Box::new(self.people(args));
                Made::pure(NodeKind::Manual { links, later, people })
            }
            "checklist" => {
                let items = self.inside(head, args);
                Made::pure(NodeKind::Checklist { items })
            }
            "item" => {
                let is = self.option_of(args, "is");
                let people = Box::new(self.people(args));
                Made::pure(NodeKind::Item { is, people })
            }
            "add" => {
                let collect = args.arg("collect").and_then(|collect| self.named(collect, Named::Collect));
                let people = Box::new(self.people(args));
                if people.quorum > 1 {
                    self.say(
                        Diagnostic::error(
                            Code::RB0313,
                            args.head(),
                            text!("`quorum:` is for answers that can agree", "`quorum:` 只用于可以一致的答复"),
                        )
                        .help(text!(
                            "entries are of one person each: have them confirmed, `confirm \"…\", quorum: {}`",
                            "条目由一人填写：请让多人确认，`confirm \"…\", quorum: {}`",
                            people.quorum
                        )),
                    );
                }
                Made::pure(NodeKind::Add { collect: collect.unwrap_or(0), people })
            }
            "decide" => self.decide(head, args),
            // `option` is read by its `decide`.
            _ => self.signoff(args),
        }
    }

    fn ask(&mut self, args: &mut Args<'_>) -> Made {
        let head = args.head();
        let ty = self.type_arg(args);
        let mut value =
            |name: &str| args.take(name).map(|option| self.value_of(&option.value, &ty, &format!("`{name}:`")));
        let (default, min, max) = (value("default"), value("min"), value("max"));
        let known = |expr: &Option<Expr>| expr.as_ref().and_then(|expr| expr.known().cloned());
        self.limits(head, &ty, known(&min).as_ref(), known(&max).as_ref(), known(&default).as_ref());
        let matches = self.matches_option(args, &ty);
        self.default_matches(head, matches.as_ref(), known(&default).as_ref());
        let must = self.flag(args, "must").unwrap_or(false);
        if must && !matches!(ty, Type::Bool | Type::Unknown) {
            self.say(
                Diagnostic::error(Code::RB0313, head, text!("`must:` is for a bool", "`must:` 只用于 bool")).help(
                    text!(
                        "what other answers must be, `matches:`, `min:` and `max:` say",
                        "其他答复的要求用 `matches:`、`min:` 和 `max:` 说明"
                    ),
                ),
            );
        }
        let optional = self.flag(args, "optional").unwrap_or(false);
        if optional && default.is_some() {
            self.say(
                Diagnostic::error(
                    Code::RB0313,
                    head,
                    text!(
                        "with a `default:` an empty line is the default, never null",
                        "有 `default:` 时空行即取默认值，永远不会为 null"
                    ),
                )
                .help(text!("leave one of `default:` and `optional:` out", "`default:` 与 `optional:` 只写一个")),
            );
        }
        let people = Box::new(self.people(args));
        Made::pure(NodeKind::Ask {
            answer: Box::new(AnswerType { ty, optional, default, min, max, matches, must }),
            people,
        })
    }

    fn links(&mut self, e: &ast::Expr) -> Vec<Expr> {
        match &*e.kind {
            ast::ExprKind::List(items) => {
                items.iter().map(|item| self.expr_of(item, Kind::Text, &Both("a link", "链接"))).collect()
            }
            _ => vec![self.expr_of(e, Kind::Text, &"`links:`")],
        }
    }

    fn decide(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        let people = Box::new(self.people(args));
        let mut options: Vec<Choice> = Vec::new();
        let mut all: Vec<NodeId> = Vec::new();
        self.keys.enter(&head.key);
        for stmt in args.stmt.body.iter().flat_map(|body| &body.stmts) {
            let Some(word) = self.word_in(stmt, Place::Decide) else { continue };
            let mut option = Args::new(stmt, word, false, &mut self.diagnostics);
            let key = option
                .arg("key")
                .and_then(|key| Some((self.bare_name(key, &Both("an option's key", "选项的键"))?, key.span)));
            let title = self.title(&mut option, "title");
            let Some((key, span)) = key else { continue };
            let (full, twice) = self.keys.keyed(&key, span);
            self.diagnostics.extend(twice);
            self.keys.enter(&full);
            let body = self.body_of(&option);
            self.keys.leave();
            option.finish(&mut self.diagnostics);
            all.extend(body.iter().copied());
            if let Some(title) = title {
                options.push(Choice { key, title, body });
            }
        }
        self.keys.leave();
        if options.is_empty() {
            self.say(
                Diagnostic::error(
                    Code::RB0316,
                    args.head(),
                    text!("a decision needs its options", "`decide` 需要选项"),
                )
                .help(Text::verbatim("option go_on, \"Go on\"")),
            );
        }
        self.made(NodeKind::Decide { options, people }, &all)
    }

    fn signoff(&mut self, args: &mut Args<'_>) -> Made {
        let mut options: Vec<SignChoice> = Vec::new();
        if let Some(option) = args.take("options") {
            match &*option.value.kind {
                ast::ExprKind::Map(entries) => {
                    for (key, title) in entries {
                        let text = self.people_text(title);
                        let title = Title { text, en: None };
                        options.push(SignChoice { key: key.node.clone(), title, requires: None });
                    }
                }
                _ => self.say(
                    Diagnostic::error(
                        Code::RB0201,
                        option.value.span,
                        text!("`options:` is a map from keys to titles", "`options:` 是从键到标题的映射"),
                    )
                    .help(Text::verbatim("options: { pass: \"Passed\", fail: \"Not passed\" }")),
                ),
            }
        }
        if let Some(option) = args.take("requires") {
            match &*option.value.kind {
                ast::ExprKind::Map(entries) => {
                    for (key, cond) in entries {
                        let cond = self.expr_of(cond, Kind::Bool, &"`requires:`");
                        match options.iter_mut().find(|choice| choice.key == key.node) {
                            Some(choice) => choice.requires = Some(cond),
                            None => self.say(Diagnostic::error(
                                Code::RB0209,
                                key.span,
                                text!("`{}` is none of the options", "`{}` 不是选项之一", key.node),
                            )),
                        }
                    }
                }
                _ => self.say(
                    Diagnostic::error(
                        Code::RB0201,
                        option.value.span,
                        text!("`requires:` is a map from keys to conditions", "`requires:` 是从键到条件的映射"),
                    )
                    .help(Text::verbatim("requires: { pass: baseline.verdict == pass }")),
                ),
            }
        }
        let people = Box::new(self.people(args));
        Made::pure(NodeKind::Signoff { options, people })
    }

    /// The options that every prompt takes.
    pub(super) fn people(&mut self, args: &mut Args<'_>) -> People {
        let by = args.take("by").and_then(|option| self.who(&option.value));
        let not_executor = self.word_option(args, "not").is_some();
        if not_executor && by == Some(Who::Executor) {
            self.say(Diagnostic::error(
                Code::RB0503,
                args.head(),
                text!(
                    "nobody can answer: by the executor, who does not count",
                    "无人能答复：只能由执行者答复，而执行者不算"
                ),
            ));
        }
        let quorum = self.const_int(args, "quorum", 1, MAX_QUORUM).and_then(|count| u32::try_from(count).ok());
        if quorum.is_some_and(|count| count > 1) && matches!(by, Some(Who::Owner | Who::Executor)) {
            self.say(Diagnostic::error(
                Code::RB0503,
                args.head(),
                text!("one person cannot be a quorum of several", "一个人不能构成多人的法定人数"),
            ));
        }
        self.quorum_of_role(args, by, quorum);
        let show = args.take("show").map(|option| self.shown(&option.value)).unwrap_or_default();
        let evidence = args.take("evidence").map(|option| {
            let text = self.people_text(&option.value);
            Title { text, en: None }
        });
        let within = self.option_of(args, "within");
        let remind = self.option_of(args, "remind");
        let has_else = args.has("else");
        let otherwise = args.take("else").map(|option| self.otherwise(&option.value)).unwrap_or_default();
        if let (Some(within), false) = (&within, has_else) {
            self.say(
                Diagnostic::error(Code::RB0503, within.span, text!("the deadline leads nowhere", "有时限却没有出路"))
                    .help(text!(
                        "say what silence means: `else: suspend`, `else: abort`, `else: run(scenario)`, or \
                        `else: fail` for the failure menu",
                        "请写明无人答复时怎么办：`else: suspend`、`else: abort`、`else: run(scenario)`，或用 \
                        `else: fail` 进入失败菜单"
                    )),
            );
        }
        if let (Some(Some(Value::Duration(remind))), Some(Some(Value::Duration(within)))) =
            (remind.as_ref().map(Expr::known), within.as_ref().map(Expr::known))
            && remind >= within
        {
            self.say(Diagnostic::error(
                Code::RB0506,
                args.head(),
                text!("the reminder would come after the deadline", "提醒会在时限之后才发出"),
            ));
        }
        let never_auto = self.flag(args, "auto") == Some(false);
        let quorum = quorum.unwrap_or(1);
        People { by, quorum, not_executor, show, evidence, within, remind, otherwise, never_auto }
    }

    /// A role with fewer people than must agree.
    fn quorum_of_role(&mut self, args: &Args<'_>, by: Option<Who>, quorum: Option<u32>) {
        let (Some(Who::Role(role)), Some(quorum)) = (by, quorum) else { return };
        let people = self.role_at(role).and_then(|role| role.people.as_ref()).and_then(Expr::known);
        if let Some(Value::List(people)) = people
            && people.len() < quorum as usize
        {
            let message = text!(
                "{quorum} must agree, and the role has {}",
                "须有 {quorum} 人同意，而该角色只有 {} 人",
                people.len()
            );
            self.say(Diagnostic::error(Code::RB0503, args.head(), message));
        }
    }

    fn who(&mut self, e: &ast::Expr) -> Option<Who> {
        match types::word(e).as_deref() {
            Some("executor") => Some(Who::Executor),
            Some("owner") if self.names.has_owner => Some(Who::Owner),
            Some("owner") => {
                self.say_once(
                    "owner".to_owned(),
                    Diagnostic::error(Code::RB0110, e.span, text!("there is no owner", "没有负责人")).help(text!(
                        "declare one: owner \"Owner\", ask: true",
                        "请声明负责人：owner \"Owner\", ask: true"
                    )),
                );
                None
            }
            _ => self.named(e, Named::Role).map(Who::Role),
        }
    }

    /// `show: x` or `show: [x, y]`; what is not there yet is shown as not there.
    pub(super) fn shown(&mut self, e: &ast::Expr) -> Vec<Expr> {
        let items: Vec<&ast::Expr> = match &*e.kind {
            ast::ExprKind::List(items) => items.iter().collect(),
            _ => vec![e],
        };
        let mut shown = Vec::new();
        for item in items {
            let outer = std::mem::replace(&mut self.for_people, true);
            let expr = self.expr(item);
            self.for_people = outer;
            self.must_fit(&expr, Kind::Any, &"`show:`");
            shown.push(expr);
        }
        shown
    }

    /// `else: run(key) | suspend | abort | fail`
    fn otherwise(&mut self, e: &ast::Expr) -> Otherwise {
        match &*e.kind {
            ast::ExprKind::Name(name) => match name.as_str() {
                "suspend" => return Otherwise::Suspend,
                "abort" => return Otherwise::Abort,
                "fail" => return Otherwise::Fail,
                _ => {}
            },
            ast::ExprKind::Call(name, args, options) if name.node == "run" => {
                if let ([scenario], []) = (args.as_slice(), options.as_slice()) {
                    let Some(scenario) = self.scenario_named(scenario) else { return Otherwise::Fail };
                    if !scenario.params.is_empty() {
                        self.say(
                            Diagnostic::error(
                                Code::RB0303,
                                e.span,
                                text!(
                                    "a scenario with parameters cannot be the way out of a question",
                                    "带参数的场景不能作为问题的出路"
                                ),
                            )
                            .label(scenario.span, text!("declared here", "在此处声明")),
                        );
                    }
                    return Otherwise::Run(scenario.node);
                }
            }
            ast::ExprKind::Error => return Otherwise::Fail,
            _ => {}
        }
        self.say(Diagnostic::error(
            Code::RB0311,
            e.span,
            text!(
                "`else:` takes run(SCENARIO), suspend, abort or fail",
                "`else:` 可以是 run(SCENARIO)、suspend、abort 或 fail"
            ),
        ));
        Otherwise::Fail
    }
}
