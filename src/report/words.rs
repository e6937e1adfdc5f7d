//! The words and signs of reports.

use super::page::Page;
use crate::engine::action::ObjectiveShown;
use crate::engine::view::{AnswerView, ObjectiveView};
use crate::engine::words::chosen;
use crate::metrics::objective::Bound;
use crate::text::Lang;
use crate::value::human::{self, Unit};
use crate::value::{Value, Verdict};

/// The sign of a verdict. Only what passed has the green one.
pub fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✅",
        Verdict::Fail | Verdict::Breach => "❌",
        Verdict::NoData | Verdict::Error => "⚠️",
        Verdict::Skipped => "⏭️",
        Verdict::NotApplicable => "➖",
        Verdict::Pending => "⏳",
        Verdict::RolledBack => "↩️",
        Verdict::Aborted => "🛑",
        Verdict::CutOff => "⏹️",
    }
}

/// Sign and word of a verdict.
pub fn verdict(verdict: Verdict, lang: Lang) -> String {
    format!("{} {}", mark(verdict), verdict.word(lang))
}

/// Sign and word of an objective's verdict, in the plan's words: `✅ 达标`.
pub fn met(verdict: Verdict, lang: Lang) -> String {
    let word = if verdict == Verdict::Pass { lang.pick("target met", "达标") } else { verdict.word(lang) };
    format!("{} {word}", mark(verdict))
}

/// [`met`] of an objective. One that was met only until its observation was stopped says so.
pub fn objective_met(objective: &ObjectiveView, lang: Lang) -> String {
    let word = met(objective.verdict, lang);
    if objective.verdict != Verdict::Pass || objective.why.is_empty() {
        return word;
    }
    let why = objective.why.said(lang);
    lang.pick(format!("{word} ({why})"), format!("{word}（{why}）"))
}

/// `≥ 98%`
pub fn bound(bound: &Bound, unit: Unit) -> String {
    format!("{} {}", bound.compare.sign(), human::limit(bound.limit, unit))
}

/// The target of an objective.
pub fn target(objective: &ObjectiveShown) -> String {
    bound(&objective.target_bound, objective.unit)
}

/// A number of an objective, or that there is none.
pub fn number(value: Option<f64>, objective: &ObjectiveView, page: &Page) -> String {
    let limit = objective.shown.target_bound.limit;
    value.map_or_else(|| page.no_data().to_owned(), |value| human::measured(value, objective.shown.unit, Some(limit)))
}

/// The name of a unit, for programs.
pub fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent => "percent",
        Unit::Seconds => "seconds",
        Unit::Bytes => "bytes",
        Unit::None => "none",
    }
}

/// An answer for people: the title of a choice, else the value.
pub fn answer(answer: &AnswerView, page: &Page) -> String {
    match (&answer.choice, &answer.value) {
        (Some(choice), _) if !choice.is_empty() => choice.said(page.lang).to_owned(),
        (Some(_), Value::Text(key)) => chosen(key, page.lang).to_owned(),
        (_, Value::Null) => page.pick("left empty", "未填写").to_owned(),
        (_, value) => human::value(value, &page.zone, page.lang),
    }
}

/// Who answered: `王伟`, `王伟, as told by li`.
pub fn by(answer: &AnswerView, lang: Lang) -> String {
    match &answer.told_by {
        Some(told_by) => {
            let by = &answer.by;
            lang.pick(format!("{by}, as told by {told_by}"), format!("{by}（由 {told_by} 代为输入）"))
        }
        None => answer.by.clone(),
    }
}
