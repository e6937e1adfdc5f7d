//! Trend charts: the samples of an observation as SVG, one panel an objective over one axis of time. A pure function of the
//! run's view.
//!
//! It is one file that needs no other, reads well on paper and on a dark page, and says in words (`title`, `desc`, a `title`
//! for each mark) what it shows. Nothing is told by colour alone: each mark has its own shape.

mod panel;
mod scale;

use jiff::{SignedDuration, Timestamp};

use super::markup::{escape, fitted, text_width};
use super::page::Page;
use super::words;
use crate::engine::action::Words;
use crate::engine::view::{ObjectiveView, ObservationView, RunView, SampleView};
use crate::engine::words::samples_taken;
use crate::value::human;
use scale::{Scale, since, times};

/// The classes of all charts.
pub const STYLE: &str = include_str!("chart/style.css");

/// Whole width in pixels: a page of A4 at the usual 96 a inch, with its margins, holds some 700 and browsers shrink it.
const WIDTH: f64 = 880.0;

/// Left edge of the plots: before it are the labels of values.
const LEFT: f64 = 76.0;

/// Right edge of the plots: behind it are the labels of target and alert level.
const RIGHT_EDGE: f64 = 770.0;

/// Between the edges of a plot and its first and last time: a mark there is whole.
const INSET: f64 = 10.0;

/// Height of a plot.
const PLOT_HEIGHT: f64 = 104.0;

/// From one panel to the next.
const PANEL_HEIGHT: f64 = PLOT_HEIGHT + 46.0;

/// Where the heading of the first panel stands.
const FIRST_PANEL: f64 = 112.0;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    /// Of which run.
    pub run: &'a RunView,
    /// Its observation.
    pub observation: &'a ObservationView,
    /// Keys of what is drawn, in this order; none: all objectives.
    pub objectives: Option<&'a [String]>,
    /// What stands above it; none: the title of the observation.
    pub title: Option<&'a Words>,
}

/// The axis of time that all panels share.
struct Axis<'a> {
    from: Timestamp,
    every: SignedDuration,
    scale: Scale,
    samples: &'a [SampleView],
    /// Where a time is written, and how.
    times: Vec<(f64, String)>,
}

impl<'a> Axis<'a> {
    /// From the scrape before the first sample to the last one; while it goes on, to the last one that is planned.
    fn new(observation: &'a ObservationView, page: &Page) -> Self {
        let ObservationView { every, samples, .. } = observation;
        let first = samples.first().map(|sample| sample.due.checked_sub(*every).unwrap_or(sample.due));
        let begun = observation.started_at.or(first).or(observation.next).unwrap_or(Timestamp::UNIX_EPOCH);
        let from = first.map_or(begun, |first| first.min(begun));
        let last = samples.iter().map(|sample| sample.at.unwrap_or(sample.due).max(sample.due)).max().unwrap_or(from);
        let taken = u32::try_from(samples.len()).unwrap_or(u32::MAX);
        let open =
            if observation.ended.is_none() { observation.count.unwrap_or(taken).saturating_sub(taken) } else { 0 };
        let planned = i32::try_from(open).ok().and_then(|open| every.checked_mul(open));
        let to = planned.and_then(|more| last.checked_add(more).ok()).unwrap_or(last);
        let length = since(from, to).max(1.0);
        let scale = Scale::new((0.0, length), (LEFT + INSET, RIGHT_EDGE - INSET));
        let (at, format) = if samples.is_empty() { (Vec::new(), "") } else { times(from, to, &page.zone) };
        let said = |time: Timestamp| {
            let local = time.to_zoned_datetime(page.zone.clone());
            let text = jiff::fmt::strtime::format(format, &local).unwrap_or_else(|_| time.to_string());
            (scale.place(since(from, time)), text)
        };
        Self { from, every: *every, scale, samples, times: at.into_iter().map(said).collect() }
    }
}

/// The chart as a file of its own.
pub fn file(chart: &Chart<'_>, page: &Page) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", svg(chart, page, "chart", Some(STYLE)))
}

/// The chart inside a document that has [`STYLE`]. `id` is unique there.
pub fn inline(chart: &Chart<'_>, page: &Page, id: &str) -> String {
    svg(chart, page, id, None)
}

fn svg(chart: &Chart<'_>, page: &Page, id: &str, style: Option<&str>) -> String {
    let observation = chart.observation;
    let drawn: Vec<&ObjectiveView> = match chart.objectives {
        None => observation.objectives.iter().collect(),
        Some(keys) => keys
            .iter()
            .filter_map(|key| observation.objectives.iter().find(|objective| objective.shown.key == *key))
            .collect(),
    };
    let axis = Axis::new(observation, page);
    let mut body = String::new();
    let mut y = FIRST_PANEL;
    for objective in &drawn {
        body.push_str(&panel::panel(objective, &axis, page, y));
        y += PANEL_HEIGHT;
    }
    let height = y - 8.0;
    let labels = axis.times.iter().map(|(x, text)| {
        let y = y - PANEL_HEIGHT + PLOT_HEIGHT + 25.0;
        format!("<text class=\"rb-muted rb-small\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>\n")
    });
    body.extend(labels);
    let lang = page.pick("en", "zh-CN");
    let style = style.map(|style| format!("<style>\n{style}</style>\n")).unwrap_or_default();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"rb-chart\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" lang=\"{lang}\" aria-labelledby=\"{id}-title {id}-desc\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n{style}\
         <rect class=\"rb-paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n{}{}{body}</svg>\n",
        escape(&title(chart, page)),
        escape(&described(chart, &drawn, page)),
        head(chart, &axis, page),
        legend(&drawn, &axis, page),
    )
}

/// Its title, which says what a simulation is.
fn title(chart: &Chart<'_>, page: &Page) -> String {
    let own = chart.title.filter(|title| !title.is_empty()).unwrap_or(&chart.observation.title).said(page.lang);
    let simulated = if chart.run.simulated { page.pick(" (SIMULATED)", "（模拟运行 SIMULATED）") } else { "" };
    format!("{own}{simulated}")
}

/// What the picture shows, for those who cannot see it.
fn described(chart: &Chart<'_>, drawn: &[&ObjectiveView], page: &Page) -> String {
    let mut lines = vec![samples_taken(chart.observation, page.lang)];
    lines.extend(drawn.iter().map(|objective| {
        let shown = &objective.shown;
        let number = |value| words::number(value, objective, page);
        let (name, target, word) =
            (shown.title.said(page.lang), words::target(shown), panel::objective_word(objective, page));
        let (min, max, whole, k) =
            (number(objective.min), number(objective.max), number(objective.whole), objective.breaches);
        page.lang.pick(
            format!(
                "{name}: {word}; target {target}, whole {whole}, from {min} to {max}, {k} samples missed the target"
            ),
            format!("{name}：{word}；目标 {target}，整体 {whole}，最小 {min}，最大 {max}，{k} 个样本未达标"),
        )
    }));
    lines.join("\n")
}

/// Title, run, and times.
fn head(chart: &Chart<'_>, axis: &Axis<'_>, page: &Page) -> String {
    const BADGE: f64 = 96.0;
    let run = chart.run;
    let own = chart.title.filter(|title| !title.is_empty()).unwrap_or(&chart.observation.title).said(page.lang);
    let badge = if run.simulated {
        let x = WIDTH - BADGE - 14.0;
        format!(
            "<rect class=\"rb-badge\" x=\"{x}\" y=\"14\" width=\"{BADGE}\" height=\"22\" rx=\"3\"/>\
             <text class=\"rb-on-badge\" text-anchor=\"middle\" x=\"{}\" y=\"29\">SIMULATED</text>\n",
            x + BADGE / 2.0
        )
    } else {
        String::new()
    };
    let until = axis.samples.last().map(|sample| sample.at.unwrap_or(sample.due));
    let span = until.map(|until| {
        let same_day = human::day(axis.from, &page.zone) == human::day(until, &page.zone);
        let until = if same_day { human::clock(until, &page.zone) } else { page.moment(until) };
        format!("{} – {until}", page.moment(axis.from))
    });
    let facts: Vec<&str> = [
        Some(run.title.said(page.lang)),
        run.environment.as_deref(),
        Some(run.run.as_str()),
        span.as_deref(),
        Some(run.timezone.as_str()),
    ]
    .into_iter()
    .flatten()
    .filter(|fact| !fact.is_empty())
    .collect();
    format!(
        "{badge}<text class=\"rb-title\" x=\"20\" y=\"32\">{}</text>\n<text class=\"rb-muted\" x=\"20\" y=\"53\">{}</text>\n",
        escape(&fitted(own, WIDTH - BADGE - 60.0, 18.0)),
        escape(&fitted(&facts.join(" · "), WIDTH - 40.0, 12.0)),
    )
}

/// What the marks mean, of those that are there.
fn legend(drawn: &[&ObjectiveView], axis: &Axis<'_>, page: &Page) -> String {
    let keys: Vec<&str> = drawn.iter().map(|objective| objective.shown.key.as_str()).collect();
    let values = || {
        let all = axis.samples.iter().flat_map(|sample| &sample.values);
        all.filter(|value| keys.contains(&value.objective.as_str()))
    };
    let state = |wanted: &str| axis.samples.iter().any(|sample| sample.state == wanted);
    let mark = |shape: &str| shape.to_owned();
    let line = |class: &str| format!("<line class=\"{class}\" x1=\"0\" x2=\"18\" y1=\"0\" y2=\"0\"/>");
    let band = |class: &str| format!("<rect class=\"{class}\" x=\"2\" y=\"-6\" width=\"14\" height=\"12\"/>");
    let entries = [
        (
            values().any(|value| value.value.is_some()),
            format!("{}<circle class=\"rb-dot\" cx=\"9\" cy=\"0\" r=\"3\"/>", line("rb-line")),
            page.pick("sample", "样本"),
        ),
        (!drawn.is_empty(), line("rb-target"), page.pick("target", "目标")),
        (drawn.iter().any(|one| one.shown.alert_bound.is_some()), line("rb-alert"), page.pick("alert level", "告警线")),
        (
            values().any(|value| value.verdict == crate::value::Verdict::Breach && !value.alert),
            mark("<circle class=\"rb-breach\" cx=\"9\" cy=\"0\" r=\"4.5\"/>"),
            page.pick("target missed", "未达标"),
        ),
        (
            values().any(|value| value.alert),
            mark("<path class=\"rb-crossed\" d=\"M9 -6l6 6l-6 6l-6 -6z\"/>"),
            page.pick("alert level crossed", "越过告警线"),
        ),
        (state("missed"), band("rb-missed"), page.pick("missed", "遗漏")),
        (state("error"), band("rb-error"), page.pick("could not be read", "无法读取")),
        (
            values().any(|value| value.value.is_none()),
            mark("<rect class=\"rb-none\" x=\"6\" y=\"-2.5\" width=\"5\" height=\"5\"/>"),
            page.pick("no data", "无数据"),
        ),
        (
            axis.samples.iter().any(|sample| sample.reset),
            mark("<path class=\"rb-flag\" d=\"M9 4l-5 -8h10z\"/>"),
            page.pick("counters reset", "计数器归零"),
        ),
    ];
    let mut out = String::new();
    let mut x = 20.0;
    for (_, shape, word) in entries.iter().filter(|(there, ..)| *there) {
        out.extend([format!(
            "<g transform=\"translate({x:.1} 76)\">{shape}<text class=\"rb-small\" x=\"24\" y=\"4\">{word}</text></g>\n"
        )]);
        x += 24.0 + text_width(word, 11.0) + 16.0;
    }
    out
}

#[cfg(test)]
mod tests;
