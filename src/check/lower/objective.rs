//! Objectives: how a value is read, and what it must reach.

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::expr::said;
use crate::check::lower::observe::MAX_SAMPLES;
use crate::check::program::{Expr, Objective, OnMissing, SourceKind, Unit};
use crate::check::shape;
use crate::check::signature::{self, Named, Place};
use crate::check::types;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::metrics::gate;
use crate::metrics::indicator::Indicator;
use crate::metrics::objective::{Bound, Compare, Form};
use crate::metrics::selector::Selector;
use crate::syntax::ast::{self, BinaryOp, ExprKind};
use crate::text;
use crate::text::{Both, Text};
use crate::value::Value;
use crate::value::types::Type;

/// Samples that a gate remembers: a week of one every ten minutes, and short enough to be looked through each time.
const MAX_FAILS: i64 = 1_000;

/// What the body of a `slo` says.
#[derive(Default)]
struct Draft {
    indicator: Option<(Indicator, Span)>,
    /// Its words, right or wrong.
    seen: Vec<&'static str>,
    /// Something in it could not be read.
    unsure: bool,
    unit: Option<(Unit, Span)>,
    target: Option<(BinaryOp, Expr, Span)>,
    alert: Option<(BinaryOp, Expr, Span)>,
    no_data: Option<OnMissing>,
    on_error: Option<OnMissing>,
    min_samples: Option<i64>,
    gate: Option<gate::Rule>,
    delay: Option<Expr>,
}

impl Checker<'_> {
    /// `slo KEY, "title", from: SOURCE do … end`
    pub(super) fn objective(&mut self, args: &mut Args<'_>) {
        let head = args.head();
        let key = args.arg("key").and_then(|key| Some((self.bare_name(key, &Both("an objective", "目标"))?, key.span)));
        let title = self.title(args, "title");
        let source = args.take("from").and_then(|option| self.named(&option.value, Named::Source));
        if let Some(index) = source
            && matches!(self.source_at(index).map(|source| &source.kind), Some(SourceKind::Alertmanager { .. }))
        {
            self.say(Diagnostic::error(
                Code::RB0653,
                head,
                text!("an Alertmanager has no metrics to judge", "Alertmanager 没有可评估的指标"),
            ));
        }
        if let Some((key, span)) = &key
            && shape::SERIES_FIELDS.contains(&key.as_str())
        {
            self.say(
                Diagnostic::error(
                    Code::RB0104,
                    *span,
                    text!("`{key}` is a field of every series", "`{key}` 是每个序列都有的字段"),
                )
                .help(text!(
                    "an objective is read as `baseline.KEY`; take another key",
                    "目标用 `baseline.KEY` 读取；请换一个键"
                )),
            );
        }
        let of_server = source.is_some_and(|index| self.is_server(index));
        let mut draft = Draft::default();
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for stmt in args.stmt.body.iter().flat_map(|body| &body.stmts) {
            // What it was meant to be is not missing.
            draft.unsure |= stmt.broken || signature::find(&stmt.word.node, stmt.body.is_some()).is_none();
            let Some(word) = self.word_in(stmt, Place::Slo) else { continue };
            if let Some((_, first)) = seen.iter().find(|(name, _)| *name == word.name) {
                self.say(
                    Diagnostic::error(Code::RB0315, stmt.head, text!("`{}` stands twice", "`{}` 重复出现", word.name))
                        .label(*first, text!("first here", "首次出现于此")),
                );
            }
            seen.push((word.name, stmt.head));
            draft.seen.push(word.name);
            let mut args = Args::new(stmt, word, false, &mut self.diagnostics);
            self.line_of_objective(&mut args, &mut draft);
            args.finish(&mut self.diagnostics);
        }
        if let (true, Some((Indicator::Exact(form), span))) = (of_server, &draft.indicator) {
            let word = match form {
                Form::Ratio { .. } | Form::RatioBad { .. } => "ratio",
                Form::Quantile { .. } => "quantile",
            };
            let message = text!(
                "`{word}` counts over scrapes, and a Prometheus server is asked in PromQL",
                "`{word}` 按抓取计数，而 Prometheus 服务器用 PromQL 查询"
            );
            self.say(Diagnostic::error(Code::RB0653, *span, message).help(Text::verbatim(
                "value promql 'sum(increase(a_total[$__range])) / sum(increase(b_total[$__range]))'",
            )));
        }
        self.finish_objective(head, key, title, source, draft);
    }

    /// Is the source a Prometheus server?
    pub(in crate::check) fn is_server(&self, source: usize) -> bool {
        matches!(self.source_at(source).map(|source| &source.kind), Some(SourceKind::Prometheus { .. }))
    }

    fn line_of_objective(&mut self, args: &mut Args<'_>, draft: &mut Draft) {
        match args.word.name {
            "value" => {
                draft.indicator = self.indicator(args).map(|indicator| (indicator, args.head()));
            }
            "unit" => {
                let unit = args.arg("unit").and_then(|unit| {
                    let word = self.one_of(unit, Unit::WORDS, &"`unit`")?;
                    Some((Unit::of_word(Some(&word)), unit.span))
                });
                draft.unit = unit;
            }
            "target" => draft.target = self.bound(args),
            "alert" => draft.alert = self.bound(args),
            "no_data" => {
                draft.min_samples = self.const_int(args, "min_samples", 1, MAX_SAMPLES);
                draft.no_data = self.policy(args);
            }
            "on_error" => draft.on_error = self.policy(args),
            "fails" => {
                draft.gate = Some(self.gate(args));
            }
            _ => {
                let delay = self.argument(args, "time");
                self.known_at_start(&delay);
                draft.delay = Some(delay);
            }
        }
    }

    /// `fails 2, of: 3, recovers: 2`
    fn gate(&mut self, args: &mut Args<'_>) -> gate::Rule {
        let count = |count: Option<i64>| count.and_then(|count| u32::try_from(count).ok());
        let fails = args.arg("samples").and_then(|fails| self.int_of(fails, &"`fails`", 1, MAX_FAILS));
        let fails = count(fails).unwrap_or(1);
        let of = count(self.const_int(args, "of", 1, MAX_FAILS)).unwrap_or(fails);
        let recovers = count(self.const_int(args, "recovers", 1, MAX_FAILS)).unwrap_or(1);
        if of < fails {
            self.say(
                Diagnostic::error(
                    Code::RB0653,
                    args.head(),
                    text!("{fails} of the last {of} samples can never be", "最近 {of} 个样本中不可能有 {fails} 个"),
                )
                .help(text!("`of:` is at least as large as `fails`", "`of:` 至少与 `fails` 一样大")),
            );
        }
        gate::Rule { fails, of, recovers }
    }

    fn finish_objective(
        &mut self,
        head: Span,
        key: Option<(String, Span)>,
        title: Option<crate::check::program::Title>,
        source: Option<usize>,
        draft: Draft,
    ) {
        for what in ["value ratio part: '…', total: '…'", "unit percent", "target >= 98.pct"] {
            let word = what.split(' ').next().unwrap_or_default();
            if !draft.unsure && !draft.seen.contains(&word) {
                self.say(
                    Diagnostic::error(
                        Code::RB0654,
                        head,
                        text!("an objective needs its `{word}`", "目标缺少 `{word}`"),
                    )
                    .help(Text::verbatim(what)),
                );
            }
        }
        let mut unit_fits = draft.unit.is_some();
        if let (Some((Indicator::Exact(form), form_span)), Some((unit, unit_span))) = (&draft.indicator, draft.unit) {
            let fits = match form {
                Form::Ratio { .. } | Form::RatioBad { .. } => unit == Unit::Percent,
                Form::Quantile { .. } => unit != Unit::Percent,
            };
            if !fits {
                unit_fits = false;
                let (what, help) = match form {
                    Form::Ratio { .. } | Form::RatioBad { .. } => {
                        (text!("a ratio is a percent", "ratio 的值是百分比"), Text::verbatim("unit percent"))
                    }
                    Form::Quantile { .. } => (
                        text!("a quantile has the unit of its histogram", "quantile 的单位与其直方图相同"),
                        text!("unit s, unit bytes or unit none", "unit s、unit bytes 或 unit none"),
                    ),
                };
                self.say(
                    Diagnostic::error(Code::RB0652, unit_span, what)
                        .label(*form_span, text!("the value", "取值方式"))
                        .help(help),
                );
            }
        }
        let unit = draft.unit.map_or(Unit::None, |(unit, _)| unit);
        // Against a unit that is wrong itself, no bound is.
        let target = draft.target.filter(|_| unit_fits).and_then(|bound| self.limit(bound, unit));
        let alert = draft.alert.filter(|_| unit_fits).and_then(|bound| self.limit(bound, unit));
        if let (Some((target, target_span)), Some((alert, alert_span))) = (&target, &alert) {
            self.agree(target, *target_span, alert, *alert_span);
        }
        let written = self.written.take();
        let (Some((key, _)), Some(title), Some(source), Some((indicator, _)), Some((target, _))) =
            (key, title, source, draft.indicator, target)
        else {
            self.parts.lost_objective = true;
            return;
        };
        if let Some(written) = written {
            self.parts.written.insert(key.clone(), written);
        }
        self.parts.objectives.push(Objective {
            key,
            title,
            source,
            indicator,
            unit,
            target,
            alert: alert.map(|(alert, _)| alert),
            no_data: draft.no_data.unwrap_or(OnMissing::Fail),
            on_error: draft.on_error.unwrap_or(OnMissing::Fail),
            min_samples: draft.min_samples.and_then(|samples| u32::try_from(samples).ok()).unwrap_or(0),
            gate: draft.gate.unwrap_or_default(),
            delay: draft.delay,
            span: head,
        });
    }

    /// `promql '…'`, or an exact form.
    fn indicator(&mut self, args: &mut Args<'_>) -> Option<Indicator> {
        if args.arg("form").and_then(types::word).as_deref() == Some("promql") {
            return self.promql(args);
        }
        self.form(args).map(Indicator::Exact)
    }

    /// `ratio part: …, total: …` · `ratio bad: …, total: …` · `quantile 0.99, of: …`
    fn form(&mut self, args: &mut Args<'_>) -> Option<Form> {
        let form = args.arg("form")?;
        match types::word(form).as_deref() {
            Some("ratio") => {
                if let Some(extra) = args.arg("argument") {
                    self.say(Diagnostic::error(
                        Code::RB0304,
                        extra.span,
                        text!(
                            "`ratio` takes `part:` or `bad:`, and `total:`",
                            "`ratio` 的选项是 `part:` 或 `bad:`，以及 `total:`"
                        ),
                    ));
                }
                let total = args.take("total").map(|option| self.selectors(&option.value));
                let part = args.take("part").map(|option| self.selectors(&option.value));
                let bad = args.take("bad").map(|option| self.selectors(&option.value));
                match (part, bad, total) {
                    (Some(part), None, Some(total)) => Some(Form::Ratio { part: part?, total: total? }),
                    (None, Some(bad), Some(total)) => Some(Form::RatioBad { bad: bad?, total: total? }),
                    _ => {
                        self.say(
                            Diagnostic::error(
                                Code::RB0651,
                                args.head(),
                                text!(
                                    "a ratio is a `part:` or what is `bad:`, of a `total:`",
                                    "ratio 是 `total:` 中的一部分（`part:`）或其中坏的部分（`bad:`）"
                                ),
                            )
                            .help(Text::verbatim(
                                "value ratio bad: 'http_requests_total{status=~\"5..\"}', total: 'http_requests_total'",
                            )),
                        );
                        None
                    }
                }
            }
            Some("quantile") => {
                let q = args.arg("argument").map(|argument| self.expr(argument));
                let of = args.take("of").map(|option| self.selector(&option.value));
                let q = match q.as_ref().map(Expr::known) {
                    Some(Some(Value::Int(q @ (0 | 1)))) => Some(*q as f64),
                    Some(Some(Value::Float(q) | Value::Percent(q))) if (0.0..=1.0).contains(q) => Some(*q),
                    Some(_) => {
                        let span = q.as_ref().map_or(args.head(), |q| q.span);
                        self.say(
                            Diagnostic::error(
                                Code::RB0651,
                                span,
                                text!("a quantile is a number from 0 to 1", "分位数是 0 到 1 之间的数"),
                            )
                            .help(Text::verbatim("value quantile 0.99, of: '…'")),
                        );
                        return None;
                    }
                    None => None,
                };
                if let (Some(q), Some(of)) = (q, of) {
                    Some(Form::Quantile { q, of: of? })
                } else {
                    self.say(
                        Diagnostic::error(
                            Code::RB0651,
                            args.head(),
                            text!(
                                "a quantile needs its number, and `of:` a histogram",
                                "quantile 需要一个数，以及用 `of:` 给出的直方图"
                            ),
                        )
                        .help(Text::verbatim("value quantile 0.99, of: 'http_server_requests_seconds'")),
                    );
                    None
                }
            }
            _ => {
                for name in ["part", "bad", "total", "of", "series"] {
                    args.take(name);
                }
                if !matches!(*form.kind, ExprKind::Error) {
                    self.say(
                        Diagnostic::error(
                            Code::RB0311,
                            form.span,
                            text!(
                                "a value is a `ratio`, a `quantile` or `promql`",
                                "取值方式是 `ratio`、`quantile` 或 `promql`"
                            ),
                        )
                        .help(text!(
                            "value ratio part: '…', total: '…'   or   value quantile 0.99, of: '…'",
                            "value ratio part: '…', total: '…'   或   value quantile 0.99, of: '…'"
                        )),
                    );
                }
                None
            }
        }
    }

    fn selectors(&mut self, e: &ast::Expr) -> Option<Vec<Selector>> {
        match &*e.kind {
            ExprKind::List(items) => {
                if items.is_empty() {
                    self.say(Diagnostic::error(
                        Code::RB0651,
                        e.span,
                        text!("an empty list counts nothing", "空列表不计任何内容"),
                    ));
                    return None;
                }
                // All of them are looked at, so that all errors come together.
                let read: Vec<Option<Selector>> = items.iter().map(|item| self.selector(item)).collect();
                read.into_iter().collect()
            }
            _ => self.selector(e).map(|selector| vec![selector]),
        }
    }

    fn bound(&mut self, args: &Args<'_>) -> Option<(BinaryOp, Expr, Span)> {
        let bound = args.arg("bound")?;
        match &*bound.kind {
            ExprKind::Bound(op, value) => {
                let value = self.expr(value);
                Some((*op, value, bound.span))
            }
            ExprKind::Error => None,
            _ => {
                self.say(
                    Diagnostic::error(
                        Code::RB0652,
                        bound.span,
                        text!("`{}` takes a comparison and a value", "`{}` 需要比较符和值", args.word.name),
                    )
                    .help(Text::verbatim(args.word.form)),
                );
                None
            }
        }
    }

    /// A bound in base units.
    fn limit(&mut self, (op, value, span): (BinaryOp, Expr, Span), unit: Unit) -> Option<(Bound, Span)> {
        let compare = match op {
            BinaryOp::Ge => Compare::AtLeast,
            BinaryOp::Gt => Compare::Above,
            BinaryOp::Le => Compare::AtMost,
            BinaryOp::Lt => Compare::Below,
            BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Or
            | BinaryOp::And
            | BinaryOp::Match
            | BinaryOp::NotMatch
            | BinaryOp::Add
            | BinaryOp::Sub
            | BinaryOp::Mul
            | BinaryOp::Div => {
                self.say(Diagnostic::error(
                    Code::RB0652,
                    span,
                    text!("a bound is one of >= > <= <", "界限用 >= > <= < 之一"),
                ));
                return None;
            }
        };
        if value.ty == Type::Unknown {
            return None;
        }
        let Some(known) = value.known() else {
            self.must_be_known(&value, &Both("a bound", "界限"));
            return None;
        };
        let limit = match (known, unit) {
            (Value::Percent(ratio), Unit::Percent) => *ratio,
            (Value::Duration(span), Unit::Seconds) => span.as_secs_f64(),
            (Value::Bytes(bytes), Unit::Bytes) => *bytes as f64,
            (Value::Int(number), Unit::None) => *number as f64,
            (Value::Float(number), Unit::None) => *number,
            _ => {
                let (wanted, example) = match unit {
                    Unit::Percent => (Both("a percent", "百分比"), "98.pct"),
                    Unit::Seconds => (Both("a duration", "时长"), "2.s"),
                    Unit::Bytes => (Both("bytes", "大小"), "20.MB"),
                    Unit::None => (Both("a bare number", "不带单位的数"), "12"),
                };
                let message = text!("the value is {}, this is {}", "该值应为{}，这里是{}", wanted, said(&value.ty));
                self.say(
                    Diagnostic::error(Code::RB0652, value.span, message)
                        .help(text!("write it as `{example}`", "请写成 `{example}`")),
                );
                return None;
            }
        };
        Some((Bound { compare, limit }, span))
    }

    /// The alert level lies beyond the target, on its bad side.
    fn agree(&mut self, target: &Bound, target_span: Span, alert: &Bound, alert_span: Span) {
        let low = |bound: &Bound| matches!(bound.compare, Compare::Below | Compare::AtMost);
        let wrong = if low(target) == low(alert) {
            Some(Both("the alert level lies on the good side of the target", "告警水平位于目标的达标一侧"))
        } else if (low(alert) && alert.limit > target.limit) || (!low(alert) && alert.limit < target.limit) {
            Some(Both("the alert level comes before the target is missed", "告警水平在未达标之前就会达到"))
        } else {
            None
        };
        if let Some(message) = wrong {
            self.say(
                Diagnostic::error(Code::RB0653, alert_span, message)
                    .label(target_span, text!("the target", "目标"))
                    .help(Text::verbatim("target >= 98.pct, alert < 95.pct")),
            );
        }
    }

    fn policy(&mut self, args: &mut Args<'_>) -> Option<OnMissing> {
        let title = self.title(args, "title");
        let policy = args.arg("policy")?;
        let word = self.one_of(policy, &["fail", "ask", "ignore", "inconclusive"], &format!("`{}`", args.word.name))?;
        if let (Some(title), true) = (&title, word != "ask") {
            self.say(Diagnostic::error(
                Code::RB0313,
                title.text.span,
                text!("a title is shown only with `ask`", "标题只在 `ask` 时显示"),
            ));
        }
        Some(match word.as_str() {
            "ask" => OnMissing::Ask(title),
            "ignore" => OnMissing::Ignore,
            "inconclusive" => OnMissing::Inconclusive,
            _ => OnMissing::Fail,
        })
    }
}
