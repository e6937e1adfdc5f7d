//! Expressions to values: pure, total but for a failure with a message.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::action::Words;
use super::observe::{series, spoken};
use super::state::{ScopeId, State};
use crate::check::program::{Expr, ExprKind, Pattern, Program, TextPart, Title, VarId, VarKind};
use crate::text::{Lang, Text};
use crate::value::function::{self, Function};
use crate::value::types::Type;
use crate::value::{Value, Verdict, human, ops, text};

/// Why an expression has no value. The statement that holds it fails with this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EvalError(pub(crate) Text);

impl From<crate::value::ValueError> for EvalError {
    fn from(error: crate::value::ValueError) -> Self {
        EvalError(error.message)
    }
}

type Result<T> = std::result::Result<T, EvalError>;

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub(crate) struct Env<'a> {
    pub(crate) program: &'a Program,
    pub(crate) state: &'a State,
    pub(crate) scope: ScopeId,
}

impl Env<'_> {
    /// The value of `expr`.
    pub(crate) fn eval(&self, expr: &Expr) -> Result<Value> {
        Ok(match &*expr.kind {
            ExprKind::Const(value) => value.clone(),
            ExprKind::Text(parts) => Value::Text(self.parts(parts)?),
            ExprKind::Var(var) => self.var(*var)?,
            ExprKind::Assigned(var) => Value::Bool(!matches!(self.peek(*var), None | Some(Value::Null))),
            ExprKind::List(items) => Value::List(items.iter().map(|item| self.eval(item)).collect::<Result<_>>()?),
            ExprKind::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.eval(value)?)))
                    .collect::<Result<BTreeMap<_, _>>>()?,
            ),
            ExprKind::Field(of, name) => self.field(of, name)?,
            ExprKind::Index(of, index) => self.index(of, index)?,
            ExprKind::Not(inner) => Value::Bool(!self.bool(inner)?),
            ExprKind::Neg(inner) => ops::negate(&self.eval(inner)?)?,
            ExprKind::And(left, right) => Value::Bool(self.bool(left)? && self.bool(right)?),
            ExprKind::Or(left, right) => Value::Bool(self.bool(left)? || self.bool(right)?),
            ExprKind::Compare(comparison, left, right) => {
                Value::Bool(ops::compare(*comparison, &self.eval(left)?, &self.eval(right)?)?)
            }
            ExprKind::Arith(op, left, right) => ops::arith(*op, &self.eval(left)?, &self.eval(right)?)?,
            ExprKind::Match(of, pattern, negated) => {
                let subject = self.text(of)?;
                Value::Bool(is_match(pattern, &subject)? != *negated)
            }
            ExprKind::Default(of, otherwise) => match self.eval(of) {
                Ok(Value::Null) => self.eval(otherwise)?,
                Err(_) if self.leads_nowhere(of) => self.eval(otherwise)?,
                Err(error) => return Err(error),
                // An objective without a value reads as its verdict; where a number is wanted, it is not there.
                Ok(Value::Verdict(Verdict::NoData)) if of.ty != Type::Verdict => self.eval(otherwise)?,
                Ok(value) => value,
            },
            // Only the chosen side counts: the other one may have no value at all.
            ExprKind::Call(Function::Choose, args) if let [cond, yes, no] = args.as_slice() => {
                self.eval(if self.bool(cond)? { yes } else { no })?
            }
            ExprKind::Call(called, args) => {
                let args = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>>>()?;
                let zone = zone(self.program);
                function::call(*called, &args, function::Context { zone: &zone })?
            }
            ExprKind::Reported(sample, name) => {
                let name = self.text(name)?;
                let observation = self.state.observations.get(sample);
                Value::Bool(observation.is_some_and(|observation| observation.reported.contains(&name)))
            }
        })
    }

    /// A path in an expression has no value, or null: that is why the whole has none. A text that is no number, or a
    /// division by zero, is an error of its own.
    fn leads_nowhere(&self, expr: &Expr) -> bool {
        match &*expr.kind {
            ExprKind::Var(_) | ExprKind::Field(..) | ExprKind::Index(..) => {
                matches!(self.eval(expr), Ok(Value::Null | Value::Verdict(Verdict::NoData)) | Err(_))
            }
            // What its path leads to is replaced already.
            ExprKind::Default(_, otherwise) => self.leads_nowhere(otherwise),
            // Only the chosen side was looked at.
            ExprKind::Call(Function::Choose, args) if let [cond, yes, no] = args.as_slice() => match self.bool(cond) {
                Ok(chosen) => self.leads_nowhere(if chosen { yes } else { no }),
                Err(_) => self.leads_nowhere(cond),
            },
            _other => {
                let mut nowhere = false;
                expr.parts(&mut |part| nowhere |= self.leads_nowhere(part));
                nowhere
            }
        }
    }

    /// The value of an expression of type bool.
    pub(crate) fn bool(&self, expr: &Expr) -> Result<bool> {
        match self.eval(expr)? {
            Value::Bool(value) => Ok(value),
            other => Err(EvalError(crate::text!(
                "expected true or false, found {}",
                "应为 true 或 false，实际为{}",
                describe(&other)
            ))),
        }
    }

    /// The canonical text of an expression.
    pub(crate) fn text(&self, expr: &Expr) -> Result<String> {
        Ok(text::text(&self.eval(expr)?))
    }

    /// The canonical text, `null` as none.
    pub(crate) fn text_opt(&self, expr: &Expr) -> Result<Option<String>> {
        match self.eval(expr)? {
            Value::Null => Ok(None),
            other => Ok(Some(text::text(&other))),
        }
    }

    /// A span of time.
    pub(crate) fn duration(&self, expr: &Expr) -> Result<jiff::SignedDuration> {
        match self.eval(expr)? {
            Value::Duration(value) => Ok(value),
            other => {
                Err(EvalError(crate::text!("expected a duration, found {}", "应为时长，实际为{}", describe(&other))))
            }
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&self, expr: &Expr) -> Result<u32> {
        match self.eval(expr)? {
            Value::Int(value) => u32::try_from(value).map_err(|_| {
                EvalError(crate::text!(
                    "expected a count of 0 or more, found {value}",
                    "应为不小于 0 的整数，实际为 {value}"
                ))
            }),
            other => Err(EvalError(crate::text!(
                "expected a whole number, found {}",
                "应为整数，实际为{}",
                describe(&other)
            ))),
        }
    }

    /// Text for people: values in it are brief, where commands and paths have them whole.
    pub(crate) fn words(&self, title: &Title) -> Result<Words> {
        let text = self.said(&title.text, Lang::Zh)?;
        let en = title.en.as_ref().map(|en| self.said(en, Lang::En)).transpose()?;
        let zh = self.with_spans(&title.text, &text);
        Ok(Words { zh, ..Words::own(text, en) })
    }

    /// A Chinese text whose spans of time are said as everything around it says them: `每 10 分` and not `每 10m`. None: it
    /// has none.
    fn with_spans(&self, expr: &Expr, text: &str) -> Option<String> {
        let ExprKind::Text(parts) = &*expr.kind else { return None };
        let is_span = |part: &TextPart| matches!(part, TextPart::Value(value) if value.ty == Type::Duration);
        if text.is_ascii() || !parts.iter().any(is_span) {
            return None;
        }
        let said = parts.iter().map(|part| match part {
            TextPart::Text(text) => text.clone(),
            TextPart::Value(value) => match self.eval(value) {
                Ok(Value::Duration(span)) => human::span(span, Lang::Zh),
                Ok(_) | Err(_) => self.said(value, Lang::Zh).unwrap_or_else(|_| "…".to_owned()),
            },
        });
        Some(said.collect())
    }

    /// `lang`: whether titles that are part of it stand in English or in the runbook's own language.
    fn said(&self, expr: &Expr, lang: Lang) -> Result<String> {
        let value = |expr: &Expr| match spoken::of_series(self, expr, lang) {
            Some(text) => Ok(text),
            None => Ok(text::text(&brief(self.eval(expr)?))),
        };
        let ExprKind::Text(parts) = &*expr.kind else { return value(expr) };
        let mut out = String::new();
        for part in parts {
            match part {
                TextPart::Text(text) => out.push_str(text),
                TextPart::Value(inner) => out.push_str(&value(inner)?),
            }
        }
        Ok(out)
    }

    /// Text for people that must never fail: names without a value stand as `…`.
    pub(crate) fn words_lossy(&self, title: &Title) -> Words {
        let en = title.en.as_ref().map(|en| self.lossy(en, Lang::En));
        let text = self.lossy(&title.text, Lang::Zh);
        let zh = self.with_spans(&title.text, &text);
        Words { zh, ..Words::own(text, en) }
    }

    fn lossy(&self, expr: &Expr, lang: Lang) -> String {
        if let ExprKind::Text(parts) = &*expr.kind {
            parts
                .iter()
                .map(|part| match part {
                    TextPart::Text(text) => text.clone(),
                    TextPart::Value(value) => self.said(value, lang).unwrap_or_else(|_| "…".to_owned()),
                })
                .collect()
        } else {
            self.said(expr, lang).unwrap_or_else(|_| "…".to_owned())
        }
    }

    fn parts(&self, parts: &[TextPart]) -> Result<String> {
        let mut out = String::new();
        for part in parts {
            match part {
                TextPart::Text(text) => out.push_str(text),
                TextPart::Value(value) => out.push_str(&self.text(value)?),
            }
        }
        Ok(out)
    }

    /// The value of a name, if it has one.
    pub(crate) fn peek(&self, var: VarId) -> Option<Value> {
        let info = self.program.var(var);
        match info.kind {
            VarKind::Fixed => self.state.fixed.get(&var).cloned(),
            VarKind::Bound => self.state.lookup(self.scope, var).cloned(),
            VarKind::Collect(index) => self.state.collected.get(index).map(|entries| Value::List(entries.clone())),
            VarKind::Series(node) => self
                .state
                .observations
                .get(&node)
                .map(|observation| series::record(self.program, self.state, observation)),
            VarKind::Step(node) => Some(super::record::of_step(self.state, self.scope, node)),
            VarKind::Source(index) => Some(series::source(self.state, index)),
            VarKind::Objective(index) => self.program.objectives.get(index).map(|o| series::objective(self, o)),
            VarKind::Run => Some(super::record::of_run(self.state)),
            VarKind::Rollback => Some(super::record::of_rollback(self.state)),
            VarKind::Executor => Some(Value::Text(self.state.begin.executor.clone())),
            VarKind::Owner => self.state.owner.clone().map(Value::Text),
            VarKind::AllObjectives => {
                Some(Value::List(self.program.objectives.iter().map(|o| series::objective(self, o)).collect()))
            }
        }
    }

    fn var(&self, var: VarId) -> Result<Value> {
        self.peek(var).ok_or_else(|| {
            EvalError(crate::text!(
                "`{}` has no value: what assigns it was skipped or did not end",
                "`{}` 没有值：为它赋值的语句被跳过或尚未结束",
                self.program.var(var).name
            ))
        })
    }

    fn field(&self, of: &Expr, name: &str) -> Result<Value> {
        match self.eval(of)? {
            Value::Map(mut map) => map.remove(name).ok_or_else(|| match &*of.kind {
                ExprKind::Var(var) if self.state.lost.contains_key(var) => self.was_lost(*var, name),
                _other => no_field(self.program, of, name),
            }),
            other => Err(EvalError(crate::text!(
                "{} is {}, so it has no field `{}`",
                "`{}` 为{}，因此没有字段 `{}`",
                path(self.program, of),
                describe(&other),
                name
            ))),
        }
    }

    fn was_lost(&self, var: VarId, field: &str) -> EvalError {
        let name = format!("{}.{field}", self.program.var(var).name);
        let how = self.state.lost.get(&var).cloned().unwrap_or_default();
        EvalError(crate::text!(
            "`{name}` is not known: {how}, and its outcome was lost; `set {name} = …` gives it, then retry",
            "`{name}` 未知：{how}，但结果已丢失；用 `set {name} = …` 给出它的值，然后重试",
            name = name,
            how = how
        ))
    }

    fn index(&self, of: &Expr, index: &Expr) -> Result<Value> {
        match (self.eval(of)?, self.eval(index)?) {
            (Value::List(items), Value::Int(at)) => {
                let length = items.len();
                // Negative indices count from the end, as authors expect of a language that looks like this one.
                let position = if at < 0 { i64::try_from(length).unwrap_or(i64::MAX) + at } else { at };
                usize::try_from(position).ok().and_then(|at| items.into_iter().nth(at)).ok_or_else(|| {
                    EvalError(crate::text!(
                        "{}[{}] is not there: the list has {} items",
                        "`{}[{}]` 不存在：列表只有 {} 项",
                        path(self.program, of),
                        at,
                        length
                    ))
                })
            }
            (Value::Map(mut map), Value::Text(key)) => map.remove(&key).ok_or_else(|| no_field(self.program, of, &key)),
            (other, _) => Err(EvalError(crate::text!(
                "{} is {}, not a list",
                "`{}` 为{}，不是列表",
                path(self.program, of),
                describe(&other)
            ))),
        }
    }
}

/// A value as people want to read it: a ratio to a ten-thousandth of a percent, downwards, and a span to the millisecond,
/// upwards, so that no number is shown on the better side of a limit that it missed.
fn brief(value: Value) -> Value {
    const PARTS: f64 = 1e6;
    const NANOS: i128 = 1_000_000;
    match value {
        Value::Percent(ratio) => {
            let scaled = ratio * PARTS;
            let nearest = scaled.round();
            let whole = if (scaled - nearest).abs() < 1e-6 { nearest } else { scaled.floor() };
            Value::Percent(whole / PARTS)
        }
        Value::Duration(span) if span.as_nanos() > NANOS => {
            let millis = (span.as_nanos() + NANOS - 1) / NANOS;
            Value::Duration(i64::try_from(millis).map_or(span, jiff::SignedDuration::from_millis))
        }
        Value::List(items) => Value::List(items.into_iter().map(brief).collect()),
        Value::Map(fields) => Value::Map(fields.into_iter().map(|(name, value)| (name, brief(value))).collect()),
        other => other,
    }
}

fn is_match(pattern: &Pattern, subject: &str) -> Result<bool> {
    regex::RegexBuilder::new(&pattern.source)
        .case_insensitive(pattern.ignore_case)
        .build()
        .map(|regex| regex.is_match(subject))
        .map_err(|error| {
            let source = &pattern.source;
            EvalError(crate::text!(
                "/{source}/ is not a regular expression: {error}",
                "/{source}/ 不是正则表达式：{error}"
            ))
        })
}

/// The runbook's zone; the check has proved that it exists.
pub(crate) fn zone(program: &Program) -> TimeZone {
    TimeZone::get(&program.timezone).unwrap_or(TimeZone::UTC)
}

fn describe(value: &Value) -> Text {
    let shown = text::text(value);
    let short: String = shown.chars().take(60).collect();
    crate::text!("{} `{}`", "{} `{}`", value.type_name(), short)
}

fn no_field(program: &Program, of: &Expr, name: &str) -> EvalError {
    EvalError(crate::text!("{} has no field `{}`", "`{}` 没有字段 `{}`", path(program, of), name))
}

/// How an expression reads as a path: `live.value.status`.
pub(crate) fn path(program: &Program, expr: &Expr) -> Text {
    match &*expr.kind {
        ExprKind::Var(var) => Text::verbatim(program.var(*var).name.clone()),
        ExprKind::Field(of, name) => crate::text!("{}.{}", "{}.{}", path(program, of), name),
        ExprKind::Index(of, index) => match &*index.kind {
            ExprKind::Const(value) => crate::text!("{}[{}]", "{}[{}]", path(program, of), text::text(value)),
            ExprKind::Text(_)
            | ExprKind::Var(_)
            | ExprKind::Assigned(_)
            | ExprKind::List(_)
            | ExprKind::Map(_)
            | ExprKind::Field(..)
            | ExprKind::Index(..)
            | ExprKind::Not(_)
            | ExprKind::Neg(_)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Compare(..)
            | ExprKind::Arith(..)
            | ExprKind::Match(..)
            | ExprKind::Default(..)
            | ExprKind::Call(..)
            | ExprKind::Reported(..) => crate::text!("{}[…]", "{}[…]", path(program, of)),
        },
        ExprKind::Const(_)
        | ExprKind::Text(_)
        | ExprKind::Assigned(_)
        | ExprKind::List(_)
        | ExprKind::Map(_)
        | ExprKind::Not(_)
        | ExprKind::Neg(_)
        | ExprKind::And(..)
        | ExprKind::Or(..)
        | ExprKind::Compare(..)
        | ExprKind::Arith(..)
        | ExprKind::Match(..)
        | ExprKind::Default(..)
        | ExprKind::Call(..)
        | ExprKind::Reported(..) => crate::text!("the value", "该值"),
    }
}
