//! An explanation for people and for programs.

use serde_json::{Value as Json, json};

use super::{Explanation, Point, Side, Trail};
use crate::check::program::{Objective, OnMissing};
use crate::engine::view::{ObjectiveView, ObservationView, RunView, SampleView};
use crate::metrics::indicator::Indicator;
use crate::metrics::objective::{Form, Reading};
use crate::report::model::SCHEMA;
use crate::report::page::Page;
use crate::report::words;
use crate::text::Lang;
use crate::value::{Verdict, human as people};

/// What is explained, as the run has it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The run.
    pub run: &'a RunView,
    /// Its observation.
    pub observation: &'a ObservationView,
    /// The objective as it is declared.
    pub declared: &'a Objective,
    /// And as it stands.
    pub objective: &'a ObjectiveView,
    /// The sample; none: the whole observation.
    pub sample: Option<&'a SampleView>,
    /// Where the number comes from.
    pub explanation: &'a Explanation,
}

impl Told<'_> {
    /// What the run recorded: value, verdict, why there is no value.
    fn recorded(&self, lang: Lang) -> (Option<f64>, Verdict, String) {
        let Some(sample) = self.sample else {
            let ObjectiveView { whole, verdict, why, .. } = self.objective;
            return (*whole, *verdict, why.said(lang).to_owned());
        };
        match sample.values.iter().find(|value| value.objective == self.declared.key) {
            Some(value) => (value.value, value.verdict, value.why.said(lang).to_owned()),
            None => (None, Verdict::NoData, sample.why.get(lang).to_owned()),
        }
    }

    /// Is the number that was computed again the recorded one? Unknown where there was nothing to compute it from.
    fn agrees(&self) -> Option<bool> {
        let again = self.explanation.reading.as_ref()?.value();
        // Over the whole there may be another reason to give no number: too few samples, several instances.
        let few = self.objective.used < self.declared.min_samples;
        if self.sample.is_none() && (few || self.objective.verdict == Verdict::Error) {
            return None;
        }
        let recorded = self.recorded(Lang::En).0;
        Some(again.map(f64::to_bits) == recorded.map(f64::to_bits))
    }
}

/// For programs.
pub fn json(told: &Told<'_>) -> Json {
    let Told { run, observation, declared, objective, sample, explanation } = told;
    let (value, verdict, why) = told.recorded(Lang::En);
    let shown = &objective.shown;
    json!({
        "schema": SCHEMA,
        "run": run.run,
        "simulated": run.simulated,
        "observation": observation.key,
        "slo": declared.key,
        "title": shown.title.text,
        "sample": sample.map(|sample| sample.n),
        "form": form(&declared.indicator),
        "query": explanation.query,
        "unit": words::unit(shown.unit),
        "value": value,
        "verdict": verdict.as_str(),
        "why": why,
        "computed": explanation.reading.as_ref().and_then(Reading::value),
        "agrees": told.agrees(),
        "arithmetic": arithmetic(told),
        "rule": {
            "target": shown.target_bound.limit,
            "target_op": shown.target_bound.compare.to_string(),
            "alert": shown.alert_bound.map(|alert| alert.limit),
            "alert_op": shown.alert_bound.map(|alert| alert.compare.to_string()),
            "no_data": missing(&declared.no_data),
            "on_error": missing(&declared.on_error),
            "min_samples": declared.min_samples,
            "fails": declared.gate.fails,
            "of": declared.gate.of,
            "recovers": declared.gate.recovers,
        },
        "samples": { "used": objective.used, "breaches": objective.breaches, "no_data": objective.no_data,
                     "errors": objective.errors, "missed": objective.missed },
        "scrapes": explanation.scrapes.iter().map(|scrape| json!({
            "n": scrape.n,
            "at": scrape.at.to_string(),
            "odd": scrape.odd.iter().map(|odd| odd.en.clone()).collect::<Vec<_>>(),
            "bodies": scrape.bodies.iter()
                .map(|kept| json!({ "path": kept.path, "sha256": kept.sha256, "bytes": kept.bytes })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "inputs": explanation.sides.iter().map(|side| json!({
            "role": side.role,
            "selector": side.selector.to_string(),
            "growth": (counted(declared) && side.role != "buckets").then(|| side.growth()),
            "series": side.series.iter().map(|((instance, name), trail)| series(*instance, name, trail)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "buckets": explanation.buckets.iter()
            .map(|(le, count)| json!({ "le": le.to_string(), "count": count })).collect::<Vec<_>>(),
    })
}

/// Growth is what the exact forms count; an expression reads the values themselves.
fn counted(declared: &Objective) -> bool {
    matches!(declared.indicator, Indicator::Exact(_))
}

fn series(instance: usize, name: &str, trail: &Trail) -> Json {
    let point = |point: &Point| json!({ "scrape": point.scrape, "line": point.line, "text": point.text, "value": point.value.to_string() });
    json!({
        "instance": instance,
        "series": name,
        "from": trail.from.as_ref().map(point),
        "to": point(&trail.to),
        "growth": trail.growth,
        "resets": trail.restarts.iter().map(|restart| json!({
            "before": point(&restart.before), "after": point(&restart.after), "process": restart.process,
        })).collect::<Vec<_>>(),
    })
}

/// The form as it is written in a runbook.
fn form(indicator: &Indicator) -> String {
    let all = |selectors: &[crate::metrics::selector::Selector]| {
        let written: Vec<String> = selectors.iter().map(|selector| format!("'{selector}'")).collect();
        match written.as_slice() {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        }
    };
    match indicator {
        Indicator::Exact(Form::Ratio { part, total }) => format!("ratio part: {}, total: {}", all(part), all(total)),
        Indicator::Exact(Form::RatioBad { bad, total }) => format!("ratio bad: {}, total: {}", all(bad), all(total)),
        Indicator::Exact(Form::Quantile { q, of }) => format!("quantile {q}, of: '{of}'"),
        Indicator::Promql(promql) => format!("promql '{}', series: {}", promql.text, promql.series.as_str()),
    }
}

fn missing(policy: &OnMissing) -> &'static str {
    match policy {
        OnMissing::Fail => "fail",
        OnMissing::Ask(_) => "ask",
        OnMissing::Ignore => "ignore",
        OnMissing::Inconclusive => "inconclusive",
    }
}

/// The number in one line of arithmetic; none for an expression.
fn arithmetic(told: &Told<'_>) -> Option<String> {
    let Explanation { sides, reading, buckets, .. } = told.explanation;
    let reading = reading.as_ref()?;
    let sum = |role: &str| sides.iter().filter(|side| side.role == role).map(Side::growth).sum::<f64>();
    let result = match reading {
        Reading::Value(value) => value.to_string(),
        Reading::NoData(reason) => reason.to_string(),
        Reading::Error(fault) => fault.to_string(),
    };
    match &told.declared.indicator {
        Indicator::Exact(Form::Ratio { .. }) => {
            let (part, total) = (sum("part"), sum("total"));
            Some(format!("part ÷ total = {part} ÷ {total} = {result}"))
        }
        Indicator::Exact(Form::RatioBad { .. }) => {
            let (bad, total) = (sum("bad"), sum("total"));
            Some(format!("(total − bad) ÷ total = ({total} − {bad}) ÷ {total} = {result}"))
        }
        Indicator::Exact(Form::Quantile { q, .. }) => {
            let total = buckets.last().map_or(0.0, |(_, count)| *count);
            let rank = q * total;
            let at = buckets.iter().position(|(_, count)| *count >= rank)?;
            let (upper, count) = buckets.get(at)?;
            let (lower, below) = at.checked_sub(1).and_then(|at| buckets.get(at)).copied().unwrap_or((0.0, 0.0));
            Some(format!(
                "rank {q} × {total} = {rank} lies between {below} (le {lower}) and {count} (le {upper}): {result}"
            ))
        }
        Indicator::Promql(_) => None,
    }
}

/// For people.
pub fn human(told: &Told<'_>, page: &Page) -> String {
    let Told { run, declared, objective, sample, explanation, .. } = told;
    let shown = &objective.shown;
    let (value, verdict, why) = told.recorded(page.lang);
    let simulated = if run.simulated { "  SIMULATED" } else { "" };
    let which = sample.map_or_else(
        || page.pick("the whole observation", "整个观察期").to_owned(),
        |sample| page.lang.pick(format!("sample {}", sample.n), format!("样本 {}", sample.n)),
    );
    let mut out = vec![format!("{}  {}  {which}  {}{simulated}", declared.key, shown.title.said(page.lang), run.run)];
    let mut fact = |en: &str, zh: &str, text: String| {
        let name = page.pick(en, zh);
        let gap = " ".repeat(10_usize.saturating_sub(unicode_width::UnicodeWidthStr::width(name)));
        out.push(format!("  {name}{gap}{text}"));
    };
    let reason = if why.is_empty() { String::new() } else { format!("  {why}") };
    let exact = value.map(|value| format!("  ({value})")).unwrap_or_default();
    fact(
        "value",
        "数值",
        format!("{}{exact}  {}{reason}", words::number(value, objective, page), words::met(verdict, page.lang)),
    );
    fact("form", "算式", form(&declared.indicator));
    if let Some(query) = &explanation.query {
        fact("query", "查询", query.clone());
    }
    if let Some(arithmetic) = arithmetic(told) {
        fact("is", "等于", arithmetic);
    }
    fact("rule", "规则", rule(told, page));
    if told.agrees() == Some(false) {
        let again = explanation.reading.as_ref().and_then(Reading::value);
        let again = again.map_or_else(|| page.no_data().to_owned(), |value| value.to_string());
        fact(
            "WARNING",
            "警告",
            page.lang.pick(
                format!("computed again from the scrapes it is {again}: not what was recorded"),
                format!("由抓取内容重新计算得到 {again}，与记录不符"),
            ),
        );
    }
    out.push(String::new());
    out.push(page.pick("Scrapes", "抓取").to_owned());
    for scrape in &explanation.scrapes {
        for kept in &scrape.bodies {
            let time = people::moment(scrape.at, &page.zone);
            out.push(format!("  #{:<4} {time}  sha256 {}  {}", scrape.n, kept.sha256, kept.path));
        }
        out.extend(scrape.odd.iter().map(|odd| format!("        {}", odd.get(page.lang))));
    }
    for side in &explanation.sides {
        out.extend(told_side(side, counted(declared), explanation, page));
    }
    if !explanation.buckets.is_empty() {
        out.push(String::new());
        out.push(page.pick("Buckets, all series summed", "桶（所有序列之和）").to_owned());
        out.extend(explanation.buckets.iter().map(|(le, count)| format!("  le {le:<8} {count}")));
    }
    out.push(String::new());
    out.iter().map(|line| clean(line)).collect::<Vec<_>>().join("\n")
}

fn rule(told: &Told<'_>, page: &Page) -> String {
    let Told { declared, objective, .. } = told;
    let shown = &objective.shown;
    let mut parts = vec![format!("{} {}", page.pick("target", "目标"), words::target(shown))];
    if let Some(alert) = &shown.alert_bound {
        parts.push(format!("{} {}", page.pick("alert level", "告警线"), words::bound(alert, shown.unit)));
    }
    parts.push(format!("no_data {}", missing(&declared.no_data)));
    parts.push(format!("on_error {}", missing(&declared.on_error)));
    if declared.min_samples > 0 {
        parts.push(format!("min_samples {}", declared.min_samples));
    }
    parts.push(declared.gate.to_string());
    let samples = objective.used + objective.no_data + objective.errors + objective.missed;
    let k = objective.breaches;
    parts.push(
        page.lang
            .pick(format!("{k} of {samples} samples missed the target"), format!("{samples} 个样本中 {k} 个未达标")),
    );
    parts.join(" · ")
}

/// A selector and its series: those that moved with their lines, the others by number.
pub(super) fn told_side(side: &Side, counted: bool, explanation: &Explanation, page: &Page) -> Vec<String> {
    let still =
        side.series.values().filter(|trail| counted && trail.growth == 0.0 && trail.restarts.is_empty()).count();
    // Cumulative counts of different bounds have no sum.
    let growth = if counted && side.role != "buckets" { format!("  +{}", side.growth()) } else { String::new() };
    let mut out = vec![String::new(), format!("{}  {}{growth}", side.role, side.selector)];
    if side.series.is_empty() {
        let text = page.pick("no series matches it", "没有匹配到任何序列");
        out.push(format!("  {text}"));
    }
    let several = explanation.scrapes.iter().any(|scrape| scrape.bodies.len() > 1);
    for ((instance, name), trail) in &side.series {
        if counted && trail.growth == 0.0 && trail.restarts.is_empty() {
            continue;
        }
        let growth = if counted { format!("  +{}", trail.growth) } else { String::new() };
        let instance = if several { format!("  [{instance}]") } else { String::new() };
        out.push(format!("  {name}{instance}{growth}"));
        // A line that one reset and the next share, or a reset and an end, stands once.
        let mut shown = trail.from.clone();
        let unless_shown = |point: &Point, shown: &mut Option<Point>| {
            let again = shown.as_ref() == Some(point);
            *shown = Some(point.clone());
            (!again).then(|| line(point, page))
        };
        match &trail.from {
            Some(from) => out.push(line(from, page)),
            None => out.push(format!(
                "    {}",
                page.pick("not there at the begin: counts from 0", "开始时还不存在：从 0 算起")
            )),
        }
        for restart in &trail.restarts {
            let why = if restart.process {
                page.pick("the process was started again: counts from 0", "进程重启：从 0 算起")
            } else {
                page.pick("it went down: counts from 0", "数值回落：从 0 算起")
            };
            out.extend(unless_shown(&restart.before, &mut shown));
            out.push(format!("{}  ← {why}", line(&restart.after, page)));
            shown = Some(restart.after.clone());
        }
        out.extend(unless_shown(&trail.to, &mut shown));
    }
    if still > 0 {
        out.push(format!(
            "  {}",
            page.lang.pick(format!("{still} more series did not grow"), format!("另有 {still} 个序列没有增长"))
        ));
    }
    out
}

fn line(point: &Point, page: &Page) -> String {
    let (n, line) = (point.scrape, point.line);
    let place = page.lang.pick(format!("#{n} line {line}"), format!("#{n} 第 {line} 行"));
    format!("    {place:<14} {}", point.text)
}

/// A scraped line is text from outside: it must not move the cursor.
fn clean(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
