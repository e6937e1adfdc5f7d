//! The tables of objectives and samples, as Markdown: for `report table:`, for the report, and inside templates.

use std::collections::BTreeMap;

use super::document::{Block, Text};
use super::markdown;
use super::page::Page;
use super::words::{met, number, objective_met, target};
use crate::check::program::Column;
use crate::engine::view::{ObjectiveView, ObservationView, SampleView};
use crate::engine::words::samples_taken;
use crate::value::{Verdict, human};

/// The columns of the plan's table.
pub const PLAN_COLUMNS: &[Column] = &[Column::Target, Column::Min, Column::Max, Column::Mean, Column::Verdict];

/// All columns.
pub const ALL_COLUMNS: &[Column] =
    &[Column::Target, Column::Min, Column::Max, Column::Mean, Column::Last, Column::Whole, Column::Verdict];

/// The column of this name.
pub fn column(name: &str) -> Option<Column> {
    ALL_COLUMNS.iter().copied().find(|column| column_name(*column) == name)
}

/// As it is written after `columns:`.
pub fn column_name(column: Column) -> &'static str {
    match column {
        Column::Target => "target",
        Column::Min => "min",
        Column::Max => "max",
        Column::Mean => "mean",
        Column::Last => "last",
        Column::Whole => "whole",
        Column::Verdict => "verdict",
    }
}

fn heading(column: Column, page: &Page) -> String {
    let (en, zh) = match column {
        Column::Target => ("Target", "目标"),
        Column::Min => ("Min", "最小值"),
        Column::Max => ("Max", "最大值"),
        Column::Mean => ("Mean", "平均值"),
        Column::Last => ("Last", "最近值"),
        Column::Whole => ("Whole", "整体"),
        Column::Verdict => ("Verdict", "达标"),
    };
    page.pick(en, zh).to_owned()
}

/// The objectives of an observation as Markdown, with how many samples stand behind the numbers.
pub fn objectives(observation: &ObservationView, columns: &[Column], page: &Page) -> String {
    markdown::blocks(&objective_blocks(observation, columns, page))
}

/// The same as parts of a document.
pub(super) fn objective_blocks(observation: &ObservationView, columns: &[Column], page: &Page) -> Vec<Block> {
    let mut head = vec![Text::ours(page.pick("Objective", "指标"))];
    head.extend(columns.iter().map(|column| Text::Ours(heading(*column, page))));
    let rows = observation.objectives.iter().map(|objective| {
        let mut row = vec![Text::outside(objective.shown.title.said(page.lang))];
        row.extend(columns.iter().map(|column| {
            Text::Ours(match column {
                Column::Target => target(&objective.shown),
                Column::Min => number(objective.min, objective, page),
                Column::Max => number(objective.max, objective, page),
                Column::Mean => number(objective.mean, objective, page),
                Column::Last => number(objective.last, objective, page),
                Column::Whole => number(objective.whole, objective, page),
                Column::Verdict => objective_met(objective, page.lang),
            })
        }));
        row
    });
    let mut remarks = Vec::new();
    if observation.objectives.iter().any(|objective| objective.verdict != Verdict::Pass) {
        remarks.push(Text::Ours(verdicts(observation, page)));
    }
    // Why one passed stands beside its verdict.
    let remarked = |objective: &&ObjectiveView| objective.verdict != Verdict::Pass && !objective.why.is_empty();
    for objective in observation.objectives.iter().filter(remarked) {
        let (title, why) = (objective.shown.title.said(page.lang), objective.why.said(page.lang));
        remarks.push(Text::Outside(format!("{title}{}{why}", page.pick(": ", "："))));
    }
    for objective in observation.objectives.iter().filter(|objective| objective.breaches > 0) {
        let samples = objective.used + objective.no_data + objective.errors + objective.missed;
        let (title, k) = (objective.shown.title.said(page.lang), objective.breaches);
        remarks.push(Text::Outside(page.lang.pick(
            format!("{title}: {k} of {samples} samples missed the target"),
            format!("{title}：{samples} 个样本中有 {k} 个未达标"),
        )));
    }
    let counts = Text::Ours(samples_taken(observation, page.lang));
    vec![Block::Table { head, rows: rows.collect() }, Block::Says(counts), Block::List(remarks)]
}

/// How many objectives have which verdict: they add up to all of them, so that one without data is never counted as met.
fn verdicts(observation: &ObservationView, page: &Page) -> String {
    let mut counts: BTreeMap<&str, (usize, Verdict)> = BTreeMap::new();
    for objective in &observation.objectives {
        counts.entry(objective.verdict.as_str()).or_insert((0, objective.verdict)).0 += 1;
    }
    let counts: Vec<String> = counts.values().map(|(n, verdict)| format!("{n} {}", met(*verdict, page.lang))).collect();
    let (all, counts) = (observation.objectives.len(), counts.join(" · "));
    page.lang.pick(format!("{all} objectives: {counts}"), format!("{all} 项指标：{counts}"))
}

/// All samples of an observation as Markdown, one a row.
pub fn samples(observation: &ObservationView, page: &Page) -> String {
    markdown::blocks(&[sample_block(observation, page)])
}

/// The same as a part of a document.
pub(super) fn sample_block(observation: &ObservationView, page: &Page) -> Block {
    let mut head = vec![Text::ours("#"), Text::ours(page.pick("At", "时间"))];
    head.extend(observation.objectives.iter().map(|objective| Text::outside(objective.shown.title.said(page.lang))));
    head.push(Text::ours(page.pick("Remarks", "说明")));
    let row = |sample: &SampleView| {
        let time = human::clock(sample.at.unwrap_or(sample.due), &page.zone);
        let mut row = vec![Text::ours(sample.n.to_string()), Text::Ours(time)];
        for objective in &observation.objectives {
            let found = sample.values.iter().find(|value| value.objective == objective.shown.key);
            let shown = number(found.and_then(|value| value.value), objective, page);
            row.push(Text::Ours(match found.map(|value| value.verdict) {
                Some(Verdict::Breach) => format!("❌ {shown}"),
                Some(_) | None => shown,
            }));
        }
        row.push(Text::Outside(remarks(sample, page)));
        row
    };
    Block::Table { head, rows: observation.samples.iter().map(row).collect() }
}

/// What is not usual about a sample.
pub fn remarks(sample: &SampleView, page: &Page) -> String {
    let mut out = Vec::new();
    match sample.state.as_str() {
        "missed" => out.push(page.pick("missed: nothing ran when it was due", "遗漏：到期时没有执行者").to_owned()),
        "error" => out.push(format!("{}{}", page.pick("could not be read: ", "无法读取："), sample.why.get(page.lang))),
        _ => {}
    }
    let remark = sample.remark();
    if !remark.is_empty() {
        out.push(remark.get(page.lang).to_owned());
    }
    if sample.spans > 1 {
        let spans = sample.spans;
        out.push(page.lang.pick(format!("covers {spans} intervals"), format!("覆盖 {spans} 个区间")));
    }
    let alert = sample.values.iter().filter(|value| value.alert).map(|value| value.objective.as_str());
    let alert: Vec<&str> = alert.collect();
    if !alert.is_empty() {
        out.push(format!("{}{}", page.pick("alert level: ", "达到告警阈值："), alert.join(", ")));
    }
    out.join(page.pick("; ", "；"))
}
