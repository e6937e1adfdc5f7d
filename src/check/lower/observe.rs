//! Observations: samples, and what happens beside them.

use crate::check::args::Args;
use crate::check::context::{Checker, NOWHERE};
use crate::check::lower::{Head, Made};
use crate::check::program::{Expr, NodeId, NodeKind, Sample, SourceKind, Title, Trigger, Until, VarId};
use crate::check::signature::{Named, Place};
use crate::check::types;
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{self, ExprKind};
use crate::text;
use crate::text::{Both, Text};
use crate::value::Value;
use crate::value::nearest::nearest;

/// A sample is a record of the journal and a scrape on the disk: a week of one a minute has ten thousand.
pub(super) const MAX_SAMPLES: i64 = 100_000;

/// The events and what they take.
const EVENTS: &[(&str, Both)] = &[
    ("breach", Both("breach(any)   or   breach(slo)", "breach(any)   或   breach(slo)")),
    ("alert_level", Both("alert_level(any)   or   alert_level(slo)", "alert_level(any)   或   alert_level(slo)")),
    ("recovered", Both("recovered(any)   or   recovered(slo)", "recovered(any)   或   recovered(slo)")),
    ("no_data", Both("no_data(any)   or   no_data(slo)", "no_data(any)   或   no_data(slo)")),
    ("unreachable", Both::verbatim("unreachable(source)")),
    ("alert", Both::verbatim("alert(source)")),
    ("reset", Both::verbatim("reset(source)")),
    ("missed", Both::verbatim("missed")),
];

impl Checker<'_> {
    /// A word of the group: `sample` and `watch`; `at` and `on` are read by them.
    pub(super) fn observation(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        match args.word.name {
            "sample" | "watch" => self.sample(head, args),
            "at" => self.at(head, args),
            _ => self.on(head, args),
        }
    }

    fn sample(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        if self.in_handler {
            self.say(
                Diagnostic::error(
                    Code::RB0302,
                    args.head(),
                    text!("an observation cannot begin in a handler of another", "观察不能在另一个观察的处理块中开始"),
                )
                .help(text!("`extend` takes more samples", "`extend` 可以追加样本")),
            );
        }
        let source = args.arg("source").and_then(|source| self.named(source, Named::Source));
        if let Some(index) = source
            && matches!(self.source_at(index).map(|source| &source.kind), Some(SourceKind::Alertmanager { .. }))
        {
            self.say(
                Diagnostic::error(
                    Code::RB0653,
                    args.head(),
                    text!("an Alertmanager has no metrics to sample", "Alertmanager 没有可采样的指标"),
                )
                .help(text!(
                    "sample the service; its alerts come by `on alert(source)`",
                    "请对服务采样；其告警由 `on alert(source)` 触发"
                )),
            );
        }
        let since = args.take("since").and_then(|option| self.since(&option.value, source));
        let every = self.required(args, "every");
        let count = (args.word.name == "sample").then(|| self.required(args, "count"));
        let count_known = match count.as_ref().and_then(Expr::known) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        };
        if let Some(count) = &count
            && count_known.is_some_and(|count| !(1..=MAX_SAMPLES).contains(&count))
        {
            let message =
                text!("an observation has from 1 to {MAX_SAMPLES} samples", "一次观察有 1 至 {MAX_SAMPLES} 个样本");
            self.say(Diagnostic::error(Code::RB0212, count.span, message));
        }
        let objectives = self.chosen(args, source);
        self.ranges_hold_samples(&objectives, &every);
        if let Some(count) = count_known {
            self.enough_samples(&objectives, count);
        }
        let log = self.option_of(args, "log");
        // `as:` was taken with the head; a series without a name cannot be read, and the table asks for it.
        let stmts = args.stmt.body.as_ref().map(|body| body.stmts.as_slice()).unwrap_or_default();
        self.keys.enter(&head.key);
        let outer = std::mem::replace(&mut self.in_handler, true);
        let observed = Observed { source, objectives: objectives.clone(), count: count_known };
        let outer_observed = self.observed.replace(observed);
        let is_rule = |stmt: &&ast::Stmt| count.is_some() || matches!(stmt.word.node.as_str(), "at" | "on");
        let handlers = self.block(stmts.iter().filter(is_rule), Place::Sample);
        self.observed = outer_observed;
        self.in_handler = outer;
        let until = match count {
            Some(count) => Until::Count(count),
            None => Until::Steps(self.block(stmts.iter().filter(|stmt| !is_rule(stmt)), Place::Flow)),
        };
        self.keys.leave();
        if matches!(&until, Until::Steps(steps) if steps.is_empty()) {
            self.say(
                Diagnostic::error(
                    Code::RB0302,
                    args.head(),
                    text!(
                        "a `watch` observes while its steps run, and has none",
                        "`watch` 在其步骤运行期间观察，而此处没有步骤"
                    ),
                )
                .help(text!("`sample` takes a number of samples", "`sample` 的样本数是一个数")),
            );
        }
        let mut alert_sources: Vec<usize> = Vec::new();
        for id in &handlers {
            if let Some(NodeKind::On { event: Trigger::Alert(source), .. }) = self.node(*id).map(|node| &node.kind)
                && !alert_sources.contains(source)
            {
                alert_sources.push(*source);
            }
        }
        let sample = Sample {
            source: source.unwrap_or(0),
            since,
            every,
            until,
            objectives,
            log,
            handlers: handlers.clone(),
            alert_sources,
        };
        let inside: Vec<NodeId> = handlers.iter().chain(sample.steps()).copied().collect();
        self.made(NodeKind::Sample(Box::new(sample)), &inside)
    }

    /// Objectives that want more samples than there will be.
    fn enough_samples(&mut self, objectives: &[usize], count: i64) {
        for index in objectives {
            let Some(objective) = self.objective_at(*index).filter(|o| i64::from(o.min_samples) > count) else {
                continue;
            };
            let (wanted, span) = (objective.min_samples, objective.span);
            let message = text!(
                "{wanted} samples are the least, and an observation of it has {count}: it is no data",
                "至少需要 {wanted} 个样本，而一次观察只有 {count} 个：结果为无数据"
            );
            self.say(
                Diagnostic::warning(Code::RB0653, span, message)
                    .help(text!("unless the observation is extended", "除非追加样本")),
            );
        }
    }

    /// The scrape from which the first sample is measured: a `query` of the same source.
    fn since(&mut self, e: &ast::Expr, source: Option<usize>) -> Option<VarId> {
        let (var, _) = self.named_var(e, Named::Scrape)?;
        let query = self.nodes.iter().flatten().find(|node| node.bind == Some(var)).map(|node| &node.kind);
        let wrong = match query {
            Some(NodeKind::Query(query)) if query.increase.is_none() => match source {
                Some(source) if query.source != source => {
                    text!("this is a scrape of another source", "这是另一个来源的抓取")
                }
                Some(_) | None => return Some(var),
            },
            _ => text!("this is no scrape that was taken before", "这不是先前所做的抓取"),
        };
        self.say(Diagnostic::error(Code::RB0110, e.span, wrong).help(text!(
            "query prod, as: zero   and then   since: zero",
            "先写 query prod, as: zero   再写   since: zero"
        )));
        None
    }

    /// `slos: all` or a list.
    fn chosen(&mut self, args: &mut Args<'_>, source: Option<usize>) -> Vec<usize> {
        let of_source = |index: &usize| self.objective_at(*index).is_some_and(|own| Some(own.source) == source);
        let mut all: Vec<usize> = self.names.objectives.values().copied().filter(of_source).collect();
        all.sort_unstable();
        let Some(option) = args.take("slos") else { return all };
        if types::word(&option.value).as_deref() == Some("all") {
            return all;
        }
        let items: Vec<&ast::Expr> = match &*option.value.kind {
            ExprKind::List(items) => items.iter().collect(),
            _ => vec![&option.value],
        };
        let mut chosen = Vec::new();
        for item in items {
            let Some(index) = self.named(item, Named::Objective) else { continue };
            if source.is_some() && !all.contains(&index) && self.objective_at(index).is_some() {
                self.say(Diagnostic::error(
                    Code::RB0653,
                    item.span,
                    text!("this objective reads another source", "此目标读取另一个来源"),
                ));
            }
            chosen.push(index);
        }
        chosen
    }

    /// The key of a handler: `at.4`, `on.breach`.
    pub(super) fn handler_key(args: &Args<'_>) -> String {
        let first = if args.word.name == "at" { args.arg("sample") } else { args.arg("event") };
        let what = first.and_then(|expr| match &*expr.kind {
            ExprKind::Int(number) => Some(number.to_string()),
            ExprKind::Call(name, _, _) => Some(name.node.clone()),
            ExprKind::Name(name) => Some(name.clone()),
            _ => None,
        });
        match what {
            Some(what) => format!("{}.{what}", args.word.name),
            None => args.word.name.to_owned(),
        }
    }

    /// The body of a handler, which has names of its own.
    fn handler(&mut self, head: &Head, args: &Args<'_>) -> Vec<NodeId> {
        let outer = self.scope;
        self.scope = self.names.scope_of(args.stmt.span.start).unwrap_or(outer);
        let body = self.inside(head, args);
        self.scope = outer;
        body
    }

    fn at(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        let mut samples: Vec<u32> = Vec::new();
        let count = self.observed.as_ref().and_then(|observed| observed.count);
        for number in args.all("sample") {
            let Some(sample) = self.int_of(number, &"`at`", 1, MAX_SAMPLES) else { continue };
            if count.is_some_and(|count| sample > count) {
                self.say(
                    Diagnostic::warning(
                        Code::RB0506,
                        number.span,
                        text!(
                            "there is no sample {sample}, unless it is extended",
                            "没有第 {sample} 个样本，除非追加样本"
                        ),
                    )
                    .help(text!("`count:` is {}", "`count:` 为 {}", count.unwrap_or_default())),
                );
            }
            let sample = u32::try_from(sample).unwrap_or(u32::MAX);
            if samples.contains(&sample) {
                self.say(Diagnostic::error(
                    Code::RB0306,
                    number.span,
                    text!("sample {sample} stands twice", "样本 {sample} 重复出现"),
                ));
            }
            samples.push(sample);
        }
        samples.sort_unstable();
        let body = self.handler(head, args);
        self.made(NodeKind::At { samples, body: body.clone() }, &body)
    }

    fn on(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        let event = args.arg("event").and_then(|event| self.event(event));
        let for_ = self.const_int(args, "for", 1, MAX_SAMPLES).and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
        let of = self.const_int(args, "of", 1, MAX_SAMPLES).and_then(|count| u32::try_from(count).ok()).unwrap_or(for_);
        if of < for_ {
            self.say(
                Diagnostic::error(
                    Code::RB0506,
                    args.head(),
                    text!("{for_} of the last {of} samples can never be", "最近 {of} 个样本中不可能有 {for_} 个"),
                )
                .help(text!("`of:` is at least as large as `for:`", "`of:` 至少与 `for:` 一样大")),
            );
        }
        let counted = !matches!(event, Some(Trigger::Recovered(_) | Trigger::Alert(_)));
        if !counted && (for_ > 1 || of > 1) {
            self.say(
                Diagnostic::error(
                    Code::RB0313,
                    args.head(),
                    text!("this event is not counted over samples", "此事件不按样本计数"),
                )
                .help(text!(
                    "of an objective: `fails 2, of: 3, recovers: 2`",
                    "在目标中写：`fails 2, of: 3, recovers: 2`"
                )),
            );
        }
        let body = self.handler(head, args);
        self.made(NodeKind::On { event: event.unwrap_or(Trigger::Missed), for_, of, body: body.clone() }, &body)
    }

    fn event(&mut self, e: &ast::Expr) -> Option<Trigger> {
        let (name, args, span) = match &*e.kind {
            ExprKind::Name(name) => (name.as_str(), None, e.span),
            ExprKind::Call(name, args, options) => {
                if let Some(option) = options.first() {
                    self.say(Diagnostic::error(
                        Code::RB0208,
                        option.span,
                        text!("an event takes no options in its parentheses", "事件的括号中没有选项"),
                    ));
                }
                (name.node.as_str(), Some(args.as_slice()), name.span)
            }
            ExprKind::Error => return None,
            _ => {
                self.say(
                    Diagnostic::error(Code::RB0311, e.span, text!("an event is needed here", "此处需要一个事件"))
                        .help(Text::verbatim("on breach(any) do … end")),
                );
                return None;
            }
        };
        let Some((_, form)) = EVENTS.iter().find(|(known, _)| *known == name) else {
            let diagnostic =
                Diagnostic::error(Code::RB0311, span, text!("there is no event `{name}`", "没有事件 `{name}`"));
            let names: Vec<&str> = EVENTS.iter().map(|(name, _)| *name).collect();
            self.say(match nearest(name, names.iter().copied()) {
                Some(near) => diagnostic.did_you_mean(near),
                None => diagnostic.help(text!("events: {}", "事件有：{}", names.join(" "))),
            });
            return None;
        };
        match (name, args) {
            ("missed", None) => Some(Trigger::Missed),
            ("breach", Some(args)) => self.of_objectives(args, e).map(Trigger::Breach),
            ("alert_level", Some(args)) => {
                let chosen = self.of_objectives(args, e)?;
                let levels = |index: &usize| self.objective_at(*index).is_none_or(|slo| slo.alert.is_some());
                if !chosen.is_empty() && !chosen.iter().any(levels) {
                    self.say(
                        Diagnostic::error(
                            Code::RB0506,
                            e.span,
                            text!(
                                "none of these objectives has an alert level: this never fires",
                                "这些目标都没有告警水平：此事件永远不会发生"
                            ),
                        )
                        .help(text!("alert < 95.pct, in the `slo`", "在 `slo` 中写 `alert < 95.pct`")),
                    );
                }
                Some(Trigger::AlertLevel(chosen))
            }
            ("recovered", Some(args)) => self.of_objectives(args, e).map(Trigger::Recovered),
            ("no_data", Some(args)) => self.of_objectives(args, e).map(Trigger::NoData),
            ("unreachable", Some([source])) => {
                let source = self.named(source, Named::Source)?;
                self.of_this_source(source, e);
                Some(Trigger::Unreachable(source))
            }
            ("reset", Some([source])) => {
                let source = self.named(source, Named::Source)?;
                self.of_this_source(source, e);
                if self.is_server(source) {
                    self.say(
                        Diagnostic::error(
                            Code::RB0506,
                            e.span,
                            text!(
                                "a Prometheus server does not tell restarts: this never fires",
                                "Prometheus 服务器不报告重启：此事件永远不会发生"
                            ),
                        )
                        .help(text!(
                            "an objective can: promql 'resets(process_cpu_seconds_total[$__range])'",
                            "目标可以：promql 'resets(process_cpu_seconds_total[$__range])'"
                        )),
                    );
                }
                Some(Trigger::Reset(source))
            }
            ("alert", Some([source])) => {
                let source = self.named(source, Named::Source)?;
                if matches!(
                    self.source_at(source).map(|source| &source.kind),
                    Some(SourceKind::Scrape { .. } | SourceKind::Prometheus { .. })
                ) {
                    self.say(
                        Diagnostic::error(
                            Code::RB0506,
                            e.span,
                            text!(
                                "alerts come from an Alertmanager, and this source has metrics",
                                "告警来自 Alertmanager，而此来源提供的是指标"
                            ),
                        )
                        .help(Text::verbatim("source alerts, alertmanager: URL")),
                    );
                }
                Some(Trigger::Alert(source))
            }
            _ => {
                self.say(
                    Diagnostic::error(
                        Code::RB0311,
                        e.span,
                        text!("`{name}` is written otherwise", "`{name}` 的写法不同"),
                    )
                    .help(*form),
                );
                None
            }
        }
    }

    /// `any`, or some objectives of this observation.
    fn of_objectives(&mut self, args: &[ast::Expr], e: &ast::Expr) -> Option<Vec<usize>> {
        let observed = self.observed.as_ref().map(|observed| observed.objectives.clone()).unwrap_or_default();
        if args.is_empty() {
            self.say(
                Diagnostic::error(Code::RB0311, e.span, text!("of which objectives?", "是哪些目标？"))
                    .help(text!("any, or their keys", "any，或目标的键")),
            );
            return None;
        }
        if let [only] = args
            && types::word(only).as_deref() == Some("any")
        {
            let known = self.observed.as_ref().is_some_and(|observed| observed.source.is_some());
            if known && observed.is_empty() && !self.parts.lost_objective {
                self.say(
                    Diagnostic::error(
                        Code::RB0506,
                        e.span,
                        text!(
                            "this observation has no objectives: this never fires",
                            "此观察没有目标：此事件永远不会发生"
                        ),
                    )
                    .help(text!("declare a `slo … from:` this source", "请为此来源声明 `slo … from:`")),
                );
            }
            return Some(observed);
        }
        let mut chosen = Vec::new();
        for arg in args {
            let index = self.named(arg, Named::Objective)?;
            if !observed.contains(&index) {
                self.say(
                    Diagnostic::error(
                        Code::RB0506,
                        arg.span,
                        text!(
                            "this objective is not in this observation: this never fires",
                            "此目标不在本观察中：此事件永远不会发生"
                        ),
                    )
                    .help(text!("`slos:` of the `sample` names them", "`sample` 的 `slos:` 列出目标")),
                );
            }
            chosen.push(index);
        }
        Some(chosen)
    }

    fn of_this_source(&mut self, source: usize, e: &ast::Expr) {
        let sampled = self.observed.as_ref().and_then(|observed| observed.source);
        if sampled.is_some_and(|sampled| sampled != source) {
            self.say(Diagnostic::error(
                Code::RB0506,
                e.span,
                text!(
                    "this observation samples another source: this never fires",
                    "此观察对另一个来源采样：此事件永远不会发生"
                ),
            ));
        }
    }

    /// `stop series, because: "…"`
    pub(super) fn stop(&mut self, args: &mut Args<'_>, because: Option<Title>) -> Made {
        let watch = args.arg("series").and_then(|series| self.named_node(series, Named::Series));
        if let Some(watch) = watch
            && !self.names.watches.contains(&watch)
        {
            self.say(
                Diagnostic::error(
                    Code::RB0653,
                    args.head(),
                    text!(
                        "`stop` ends the steps of a `watch`; this is a `sample`",
                        "`stop` 结束 `watch` 的步骤；这里是 `sample`"
                    ),
                )
                .help(text!(
                    "`rollback`, `suspend` and `abort` end the run",
                    "`rollback`、`suspend` 和 `abort` 结束运行"
                )),
            );
        }
        Made::pure(NodeKind::Stop { watch: watch.unwrap_or(NOWHERE), because })
    }

    /// `extend series, by: n`
    pub(super) fn extend(&mut self, args: &mut Args<'_>) -> Made {
        let sample = args.arg("series").and_then(|series| self.named_node(series, Named::Series));
        if sample.is_some_and(|sample| self.names.watches.contains(&sample)) {
            self.say(Diagnostic::error(
                Code::RB0653,
                args.head(),
                text!(
                    "a `watch` is as long as its steps: it cannot be extended",
                    "`watch` 的长度由其步骤决定：不能追加样本"
                ),
            ));
        }
        let by: Expr = self.required(args, "by");
        if let Some(Value::Int(count)) = by.known()
            && *count < 1
        {
            self.say(Diagnostic::error(
                Code::RB0212,
                by.span,
                text!("an observation is extended by one sample at least", "观察至少追加一个样本"),
            ));
        }
        Made::pure(NodeKind::Extend { sample: sample.unwrap_or(NOWHERE), by })
    }
}

/// The observation whose handlers are being read.
#[derive(Debug)]
pub(in crate::check) struct Observed {
    pub source: Option<usize>,
    pub objectives: Vec<usize>,
    pub count: Option<i64>,
}
