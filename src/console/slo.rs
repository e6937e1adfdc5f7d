//! Objectives and samples of an observation: the compact table under a sample, the summary at its end, sparklines.

use super::lang::column;
use super::style::{Paint, Style, paint_of};
use super::table::{Align, Table};
use crate::engine::view::{ObjectiveView, ObservationView, SampleView};
use crate::engine::words::samples_taken;
use crate::metrics::objective::Bound;
use crate::value::human::{Unit, limit, measured};
use crate::value::{Verdict, human};

/// Samples that a sparkline shows: the last ones, as many as fit beside the numbers on 80 columns.
const SPARK_SAMPLES: usize = 24;

/// A target or alert level: `≥ 98%`.
pub fn bound(bound: &Bound, unit: Unit, style: &Style) -> String {
    let sign = if style.unicode { bound.compare.sign().to_owned() } else { bound.compare.to_string() };
    format!("{sign} {}", limit(bound.limit, unit))
}

/// A number of an objective; a missing one is said to be missing.
pub fn number(value: Option<f64>, objective: &ObjectiveView, style: &Style) -> String {
    match value {
        Some(value) => measured(value, objective.shown.unit, Some(objective.shown.target_bound.limit)),
        None => style.paint(Paint::Dim, style.pick("no data", "无数据")),
    }
}

/// The objectives of one sample, each with its way so far.
pub fn sample_lines(observation: &ObservationView, sample: &SampleView, style: &Style) -> Vec<String> {
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Left, Align::Left, Align::Left]);
    for objective in &observation.objectives {
        let key = &objective.shown.key;
        let found = sample.values.iter().find(|value| value.objective == *key);
        let verdict = found.map_or(Verdict::NoData, |value| value.verdict);
        let mut note = if verdict == Verdict::Pass { String::new() } else { style.word(verdict) };
        if found.is_some_and(|value| value.alert) {
            note = style.paint(Paint::Bad, style.pick("alert level", "达到告警阈值"));
        }
        if let Some(why) = found.map(|value| value.why.said(style.lang)).filter(|why| !why.is_empty()) {
            // That there is no number stands where the number would be.
            let told = verdict == Verdict::NoData || note.is_empty();
            note = if told { why.to_owned() } else { format!("{note}: {why}") };
        } else if verdict == Verdict::NoData {
            note = String::new();
        }
        table.row(vec![
            style.mark(verdict),
            objective.shown.title.said(style.lang).to_owned(),
            number(found.and_then(|value| value.value), objective, style),
            style.paint(Paint::Dim, &bound(&objective.shown.target_bound, objective.shown.unit, style)),
            spark(observation, objective, style),
            note,
        ]);
    }
    table.lines(style.width)
}

/// The summary of an observation: what the plan's table asks for.
pub fn summary_lines(observation: &ObservationView, style: &Style) -> Vec<String> {
    let mut table = Table::new(&[
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Left,
        Align::Left,
    ]);
    let heading = |name: &str| style.paint(Paint::Dim, column(name, style.lang));
    table.row(["objective", "target", "min", "max", "mean", "whole", "verdict", ""].map(heading).to_vec());
    for objective in &observation.objectives {
        table.row(vec![
            objective.shown.title.said(style.lang).to_owned(),
            bound(&objective.shown.target_bound, objective.shown.unit, style),
            number(objective.min, objective, style),
            number(objective.max, objective, style),
            number(objective.mean, objective, style),
            number(objective.whole, objective, style),
            format!("{} {}", style.mark(objective.verdict), style.word(objective.verdict)),
            style.paint(Paint::Dim, &remarks(objective, style)),
        ]);
    }
    let mut lines = table.lines(style.width);
    lines.push(counts(observation, style));
    lines
}

/// Samples of an objective that are no pass, by kind; why it has no value, or who ruled.
fn remarks(objective: &ObjectiveView, style: &Style) -> String {
    let samples = objective.used + objective.no_data + objective.errors + objective.missed;
    let mut parts = Vec::new();
    if objective.breaches > 0 {
        let (k, n) = (objective.breaches, samples);
        parts.push(style.lang.pick(format!("{k} of {n} samples missed it"), format!("{n} 个样本中 {k} 个未达标")));
    }
    if objective.no_data > 0 {
        let k = objective.no_data;
        parts.push(style.lang.pick(format!("{k} without data"), format!("{k} 个无数据")));
    }
    if !objective.why.is_empty() {
        parts.push(objective.why.said(style.lang).to_owned());
    }
    parts.join(style.pick("; ", "；"))
}

/// How many samples were taken, and how many were not.
pub fn counts(observation: &ObservationView, style: &Style) -> String {
    let paint = if observation.missed > 0 || observation.errors > 0 { Paint::Care } else { Paint::Dim };
    style.paint(paint, &samples_taken(observation, style.lang))
}

/// The values so far, between lowest and highest, the target among them; `·` where a sample is missing, has no data or could not be read.
fn spark(observation: &ObservationView, objective: &ObjectiveView, style: &Style) -> String {
    const UNICODE: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    const ASCII: [&str; 8] = ["_", "_", ".", ".", "-", "-", "^", "^"];
    let from = observation.samples.len().saturating_sub(SPARK_SAMPLES);
    let shown = observation.samples.get(from..).unwrap_or_default();
    let value = |sample: &SampleView| {
        let found = sample.values.iter().find(|value| value.objective == objective.shown.key)?;
        Some((found.value?, found.verdict))
    };
    if !shown.iter().any(|sample| value(sample).is_some()) {
        return String::new();
    }
    let numbers = || shown.iter().filter_map(value).map(|(number, _)| number).filter(|number| number.is_finite());
    // The target belongs to the scale: what stays well on its side looks calm, however little it moves.
    let limit = objective.shown.target_bound.limit;
    let least = numbers().fold(limit, f64::min);
    let most = numbers().fold(limit, f64::max);
    let steps = if style.unicode { UNICODE } else { ASCII };
    let one = |sample: &SampleView| match value(sample) {
        None => style.sign("·", ".").to_owned(),
        Some((number, verdict)) => {
            let height = if most > least { ((number - least) / (most - least)).clamp(0.0, 1.0) * 7.0 } else { 3.0 };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 7 by the line above")]
            let step = steps.get(height.round() as usize).copied().unwrap_or_default();
            if verdict == Verdict::Pass { step.to_owned() } else { style.paint(paint_of(verdict), step) }
        }
    };
    shown.iter().map(one).collect()
}

/// All samples of an observation, one a line, for `metrics`.
pub fn all_samples(observation: &ObservationView, style: &Style) -> Vec<String> {
    let mut aligns = vec![Align::Right, Align::Left];
    aligns.extend(observation.objectives.iter().map(|_| Align::Right));
    aligns.push(Align::Left);
    let mut table = Table::new(&aligns);
    let mut heading = vec!["#".to_owned(), style.pick("at", "时间").to_owned()];
    heading.extend(observation.objectives.iter().map(|o| o.shown.title.said(style.lang).to_owned()));
    table.row(heading.iter().map(|cell| style.paint(Paint::Dim, cell)).collect());
    for sample in &observation.samples {
        let mut row = vec![sample.n.to_string(), human::clock(sample.at.unwrap_or(sample.due), &style.zone)];
        for objective in &observation.objectives {
            let found = sample.values.iter().find(|value| value.objective == objective.shown.key);
            let verdict = found.map_or(Verdict::NoData, |value| value.verdict);
            row.push(style.paint(paint_of(verdict), &number(found.and_then(|value| value.value), objective, style)));
        }
        row.push(sample_note(sample, style));
        table.row(row);
    }
    table.lines(style.width)
}

/// What is not usual about a sample: missed, in error, after a reset, over more than one interval.
pub fn sample_note(sample: &SampleView, style: &Style) -> String {
    let mut notes = Vec::new();
    match sample.state.as_str() {
        "missed" => notes.push(style.paint(Paint::Care, style.pick("missed", "遗漏"))),
        "error" => {
            let word = style.pick("could not be read", "无法读取");
            notes.push(style.paint(Paint::Bad, &format!("{word}{}{}", style.colon(), sample.why.get(style.lang))));
        }
        _ => {}
    }
    let remark = sample.remark();
    if !remark.is_empty() {
        notes.push(style.paint(Paint::Care, remark.get(style.lang)));
    }
    if sample.spans > 1 {
        let spans = sample.spans;
        let text = style.lang.pick(format!("covers {spans} intervals"), format!("覆盖 {spans} 个区间"));
        notes.push(style.paint(Paint::Care, &text));
    }
    notes.join(style.pick("; ", "；"))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::console::width::width;
    use crate::engine::view::sample::{observation, words};
    use crate::text::Lang;

    fn style(lang: Lang) -> Style {
        Style { width: 100, ..Style::plain(lang, TimeZone::get("Asia/Shanghai").unwrap()) }
    }

    #[test]
    fn the_columns_of_a_sample_stand_below_each_other_with_chinese_titles_too() {
        let mut seen = observation();
        seen.samples[2].values[2].why = words("区间内没有发生任何事件", "nothing happened");
        for (lang, why) in [(Lang::En, "nothing happened"), (Lang::Zh, "区间内没有发生任何事件")] {
            let lines = sample_lines(&seen, &seen.samples[2], &style(lang));
            let place = |line: &str| line.find('≥').or(line.find('≤')).map(|at| width(&line[..at]));
            let places: Vec<_> = lines.iter().map(|line| place(line)).collect();
            assert!(places.iter().all(|at| at.is_some() && *at == places[0]), "{lines:#?}");
            assert!(lines[2].ends_with(why) && !lines[2].contains(&format!(": {why}")), "said once: {lines:#?}");
        }
    }

    #[test]
    fn a_sparkline_has_a_point_where_there_is_no_number_and_stands_an_infinite_one() {
        let mut seen = observation();
        let style = style(Lang::En);
        assert_eq!(spark(&seen, &seen.objectives[0], &style), "█·▁");
        assert_eq!(spark(&seen, &seen.objectives[2], &style), "");
        seen.samples[2].values[1].value = Some(f64::INFINITY);
        assert_eq!(spark(&seen, &seen.objectives[1], &style), "▁·█");
    }
}
