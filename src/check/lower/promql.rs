//! `promql '…'` of an objective: what is wrong inside the expression, at its place in the runbook's string.

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::program::{Asks, Expr, ExprKind as Lowered, Unit, VarKind};
use crate::diagnostic::{Code, Diagnostic, Severity, Span};
use crate::metrics::indicator::{Indicator, Promql, Which};
use crate::metrics::promql::{self, PromqlError, Query, Type, Vars};
use crate::metrics::question::Question;
use crate::syntax::ast::{self, ExprKind, StrPart};
use crate::text;
use crate::text::{Both, Text};
use crate::value::Value;

/// An interval to read expressions with before that of an observation is known: what is wrong with one does not depend on
/// it.
const ANY_INTERVAL_MS: i64 = 60_000;

/// Where the bytes of a text stand in the runbook.
#[derive(Clone, Debug)]
pub(in crate::check) struct Written {
    /// The whole string.
    whole: Span,
    /// From which byte of the text on, how many, and where; in order.
    pieces: Vec<(usize, usize, Span)>,
}

impl Written {
    fn of(e: &ast::Expr, text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut from = 0;
        if let ExprKind::Str(written) = &*e.kind
            && written.literal().as_deref() == Some(text)
        {
            for part in &written.parts {
                let StrPart::Text(piece, span) = part else { continue };
                pieces.push((from, piece.len(), *span));
                from += piece.len();
            }
        }
        Self { whole: e.span, pieces }
    }

    /// The place of some bytes of the text.
    fn place(&self, inside: Span) -> Span {
        let (start, end) = (inside.start as usize, inside.end as usize);
        let place = |byte: usize, last: bool| {
            let holds = |(from, len, _): &&(usize, usize, Span)| {
                if last { *from < byte && byte <= from + len } else { *from <= byte && byte < from + len }
            };
            let (from, len, span) = self.pieces.iter().find(holds)?;
            // Where the text is as long as its span, the two are the same bytes; else it is an escape.
            let same = *len == (span.end - span.start) as usize;
            Some(match (same, last) {
                (true, _) => span.start as usize + byte - from,
                (false, false) => span.start as usize,
                (false, true) => span.end as usize,
            })
        };
        match (place(start, false), place(end, true)) {
            (Some(start), Some(end)) if start < end => Span::new(start, end),
            // Behind the last byte something is missing: the quote there is pointed at.
            (None, _) if !self.pieces.is_empty() => {
                Span::new(self.whole.end.saturating_sub(1) as usize, self.whole.end as usize)
            }
            _ => self.whole,
        }
    }
}

impl Checker<'_> {
    /// `value promql '…', series: all`
    pub(super) fn promql(&mut self, args: &mut Args<'_>) -> Option<Indicator> {
        let series =
            args.take("series").map(|option| self.one_of(&option.value, &["all", "any", "worst"], &"`series:`"));
        let series = match series.as_ref().map(Option::as_deref) {
            None => Which::One,
            Some(Some("all")) => Which::All,
            Some(Some("any")) => Which::Any,
            Some(Some(_)) => Which::Worst,
            Some(None) => return None,
        };
        let Some(e) = args.arg("argument") else {
            self.say(
                Diagnostic::error(
                    Code::RB0651,
                    args.head(),
                    text!("`promql` needs its expression", "`promql` 缺少表达式"),
                )
                .help(Text::verbatim("value promql 'sum(rate(http_requests_total[$__rate_interval]))'")),
            );
            return None;
        };
        let (text, span) = self.text_of(e, &Both("a PromQL expression", "PromQL 表达式"))?;
        let written = Written::of(e, &text);
        self.one_value(&text, &written, span, series)?;
        self.written = Some(written);
        Some(Indicator::Promql(Promql { text, series }))
    }

    /// `promql: '…', by: [label], unit: s` of a `query`.
    pub(super) fn asks(&mut self, args: &mut Args<'_>, e: &ast::Expr, by: Option<Vec<String>>) -> Option<Asks> {
        let unit = Unit::of_word(self.word_option(args, "unit").as_deref());
        let (text, span) = self.text_of(e, &Both("a PromQL expression", "PromQL 表达式"))?;
        let written = Written::of(e, &text);
        for name in ["$__interval", "$__rate_interval"] {
            if let Some(at) = text.find(name) {
                let place = written.place(Span::new(at, at + name.len()));
                let message = text!("a `query` has no sampling interval", "`query` 没有采样间隔");
                self.say(Diagnostic::error(Code::RB0701, place, message).help(text!(
                    "write the range: `[10m]`; `$__range` is the run so far",
                    "请写出范围：`[10m]`；`$__range` 表示运行至今"
                )));
                return None;
            }
        }
        let query = self.one_value(&text, &written, span, Which::One)?;
        if by.is_some() && query.kind() == Type::Scalar {
            let message = text!(
                "this gives one number, and `by:` tells several series apart",
                "结果是一个数，而 `by:` 用于区分多个序列"
            );
            self.say(Diagnostic::error(Code::RB0651, span, message).help(text!("leave `by:` out", "请去掉 `by:`")));
            return None;
        }
        Some(Asks { question: Question { text, by }, unit })
    }

    /// An expression that can be the value of an objective; what is wrong in its text is said there.
    fn one_value(&mut self, text: &str, written: &Written, span: Span, series: Which) -> Option<Query> {
        let query = match promql::parse(text, &Vars::of_interval(ANY_INTERVAL_MS)) {
            Ok(query) => query,
            Err(errors) => {
                for error in errors {
                    self.say(said(error, written, Severity::Error));
                }
                return None;
            }
        };
        let (message, help) = match query.kind() {
            Type::Matrix => (
                text!(
                    "this gives the samples of a range, and a value is one number",
                    "结果是一个范围内的样本，而取值应为一个数"
                ),
                text!("put it into a function: rate(…)", "请放入函数：rate(…)"),
            ),
            Type::Text => (
                text!("this gives a text, and a value is a number", "结果是文本，而取值应为一个数"),
                Text::verbatim("sum(rate(http_requests_total[10m]))"),
            ),
            Type::Scalar if series != Which::One => (
                text!(
                    "this gives one number, and `series:` chooses among several",
                    "结果是一个数，而 `series:` 用于在多个序列中取值"
                ),
                text!("leave `series:` out", "请去掉 `series:`"),
            ),
            Type::Vector | Type::Scalar if query.needs(0).names.is_none() => (
                text!("each selector names its metric", "每个选择器都须写明指标名称"),
                text!(
                    "a scrape keeps only the metrics that are named, and one that was never seen can be told",
                    "抓取只保留写明名称的指标，这样从未出现过的指标也能报告"
                ),
            ),
            Type::Vector | Type::Scalar if query.families().is_empty() => (
                text!(
                    "this looks at no metric: it is the same at every sample",
                    "没有读取任何指标：每个样本的结果都一样"
                ),
                Text::verbatim("sum(rate(http_requests_total[10m]))"),
            ),
            Type::Vector | Type::Scalar => return Some(query),
        };
        let code = if matches!(query.kind(), Type::Matrix | Type::Text) { Code::RB0703 } else { Code::RB0651 };
        self.say(Diagnostic::error(code, span, message).help(help));
        None
    }

    /// Ranges of the objectives' expressions that hold too few samples of an observation with this interval.
    pub(super) fn ranges_hold_samples(&mut self, objectives: &[usize], every: &Expr) {
        let Some(interval_ms) = self.interval_ms(every) else { return };
        let mut found = Vec::new();
        for index in objectives {
            let Some(objective) = self.objective_at(*index) else { continue };
            let Indicator::Promql(promql) = &objective.indicator else { continue };
            let Some(written) = self.parts.written.get(&objective.key) else { continue };
            // `$__range` grows with the observation: only the first sample is too early for it.
            let vars = Vars { range_ms: i64::MAX / 1_000_000, interval_ms };
            let lints = promql::parse(&promql.text, &vars).map(|query| query.lints(interval_ms)).unwrap_or_default();
            found.extend(lints.into_iter().map(|lint| said(lint, written, Severity::Warning)));
        }
        for lint in found {
            self.say(lint);
        }
    }

    /// The interval as far as it is known before the run: written, or the default of a parameter.
    fn interval_ms(&self, every: &Expr) -> Option<i64> {
        let value = match &*every.kind {
            Lowered::Const(value) => Some(value),
            Lowered::Var(var) if self.names.vars.get(var.0 as usize).is_some_and(|var| var.kind == VarKind::Fixed) => {
                self.parts.params.iter().find(|param| param.var == *var)?.default.as_ref()
            }
            _ => None,
        };
        match value {
            Some(Value::Duration(every)) => i64::try_from(every.as_millis()).ok().filter(|ms| *ms > 0),
            _ => None,
        }
    }
}

fn said(error: PromqlError, written: &Written, severity: Severity) -> Diagnostic {
    let place = written.place(error.span);
    let said = match severity {
        Severity::Warning => Diagnostic::warning(error.code, place, error.message),
        Severity::Error => Diagnostic::error(error.code, place, error.message),
    };
    said.help_where(error.help)
}
