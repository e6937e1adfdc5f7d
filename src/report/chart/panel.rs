//! One objective of a chart: its axis, its limits, its samples and what happened to them.

use super::scale::{Scale, domain, since, values};
use super::{Axis, LEFT, PLOT_HEIGHT, RIGHT_EDGE, WIDTH};
use crate::engine::view::{ObjectiveView, SampleValue, SampleView};
use crate::report::markup::{escape, fitted, text_width};
use crate::report::page::Page;
use crate::report::words;
use crate::value::{Verdict, human};

/// Beyond this many samples a dot for each would hide the line.
const MAX_DOTS: usize = 200;

/// Two labels at the edge are at least so far apart.
const LABEL_HEIGHT: f64 = 13.0;

/// Room for the labels of limits, right of the plot.
const LABEL_WIDTH: f64 = WIDTH - RIGHT_EDGE - 10.0;

/// A panel whose heading stands at `y`.
pub(super) fn panel(objective: &ObjectiveView, axis: &Axis<'_>, page: &Page, y: f64) -> String {
    let mut out = heading(objective, page, y);
    let (top, bottom) = (y + 9.0, y + 9.0 + PLOT_HEIGHT);
    let shown = &objective.shown;
    let found: Vec<(&SampleView, Option<&SampleValue>)> = axis
        .samples
        .iter()
        .map(|sample| (sample, sample.values.iter().find(|value| value.objective == shown.key)))
        .collect();
    let measured = found.iter().filter_map(|(_, value)| value.and_then(|value| value.value));
    let limits = [Some(shown.target_bound.limit), shown.alert_bound.map(|alert| alert.limit)];
    let reach = domain(measured.chain(limits.into_iter().flatten()), shown.unit);
    let scale = Scale::new(reach, (bottom, top));
    out.push_str(&axis.bands(top, bottom, page));
    for value in values(reach) {
        let y = scale.place(value);
        out.extend([format!(
            "<line class=\"rb-grid\" x1=\"{LEFT}\" x2=\"{RIGHT_EDGE}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"rb-muted rb-small\" text-anchor=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            LEFT - 7.0,
            y + 4.0,
            human::limit(value, shown.unit)
        )]);
    }
    out.push_str(&axis.lines(top, bottom));
    out.extend([format!(
        "<rect class=\"rb-plot\" x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{PLOT_HEIGHT}\"/>\n",
        RIGHT_EDGE - LEFT
    )]);
    out.push_str(&limit_lines(objective, &scale, page, (top, bottom)));
    out.push_str(&axis.resets(top, bottom, page));
    out.push_str(&line(&found, axis, &scale));
    out.push_str(&marks(&found, axis, &scale, objective, page, bottom));
    if axis.samples.is_empty() {
        let text = page.pick("no samples yet", "还没有样本");
        out.extend([format!(
            "<text class=\"rb-muted\" text-anchor=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{text}</text>\n",
            f64::midpoint(LEFT, RIGHT_EDGE),
            f64::midpoint(top, bottom) + 4.0
        )]);
    }
    out
}

/// The title, and what the whole observation is worth.
fn heading(objective: &ObjectiveView, page: &Page, y: f64) -> String {
    let title = objective.shown.title.said(page.lang);
    let whole = words::number(objective.whole, objective, page);
    let word = objective_word(objective, page);
    let (class, sign) = match objective.verdict {
        Verdict::Pass => ("rb-good", "✓ "),
        Verdict::Fail | Verdict::Breach | Verdict::Error | Verdict::NoData => ("rb-bad", "✗ "),
        Verdict::Skipped
        | Verdict::NotApplicable
        | Verdict::Pending
        | Verdict::RolledBack
        | Verdict::Aborted
        | Verdict::CutOff => ("rb-muted", ""),
    };
    let parts = [("min", "最小", objective.min), ("mean", "平均", objective.mean), ("max", "最大", objective.max)];
    let range = if objective.used > 0 {
        let said =
            parts.map(|(en, zh, value)| format!("{} {}", page.pick(en, zh), words::number(value, objective, page)));
        format!("{} · ", said.join(" · "))
    } else {
        String::new()
    };
    let whole = match objective.whole {
        Some(_) => format!("{} {whole}", page.pick("whole", "整体")),
        None if objective.verdict == Verdict::NoData => String::new(),
        None => page.no_data().to_owned(),
    };
    let right = format!("{sign}{word}");
    let right_at = RIGHT_EDGE;
    let detail_at = right_at - text_width(&right, 12.0) - 10.0;
    let room = detail_at - text_width(&range, 11.0) - text_width(&whole, 11.0) - LEFT - 16.0;
    format!(
        "<text class=\"rb-name\" x=\"{LEFT}\" y=\"{y:.1}\">{}</text>\
         <text class=\"rb-muted rb-small\" text-anchor=\"end\" x=\"{detail_at:.1}\" y=\"{y:.1}\">{}</text>\
         <text class=\"{class}\" text-anchor=\"end\" x=\"{right_at:.1}\" y=\"{y:.1}\">{}</text>\n",
        escape(&fitted(title, room, 13.0)),
        escape(&format!("{range}{whole}")),
        escape(&right),
    )
}

/// The word of an objective's verdict.
pub(super) fn objective_word(objective: &ObjectiveView, page: &Page) -> &'static str {
    if objective.verdict == Verdict::Pass && !objective.why.is_empty() {
        page.pick("met until stopped", "停止前达标")
    } else if objective.verdict == Verdict::Pass {
        page.pick("target met", "达标")
    } else {
        objective.verdict.word(page.lang)
    }
}

/// Target and alert level, each with its label at the edge.
fn limit_lines(objective: &ObjectiveView, scale: &Scale, page: &Page, (top, bottom): (f64, f64)) -> String {
    let shown = &objective.shown;
    let mut out = String::new();
    let mut lines = vec![("rb-target", "rb-good", page.pick("target", "目标"), &shown.target_bound)];
    lines.extend(shown.alert_bound.as_ref().map(|alert| ("rb-alert", "rb-bad", page.pick("alert", "告警"), alert)));
    let places: Vec<f64> = lines.iter().map(|(.., bound)| scale.place(bound.limit)).collect();
    for (index, (class, ink, word, bound)) in lines.into_iter().enumerate() {
        let Some(&y) = places.get(index) else { continue };
        let label = match places.first() {
            // The second label gives way to the first.
            Some(&first) if index > 0 && (y - first).abs() < LABEL_HEIGHT => {
                let below = y >= first;
                let moved = if below { first + LABEL_HEIGHT } else { first - LABEL_HEIGHT };
                if moved < top {
                    first + LABEL_HEIGHT
                } else if moved > bottom {
                    first - LABEL_HEIGHT
                } else {
                    moved
                }
            }
            Some(_) | None => y,
        };
        let text = format!("{word} {}", words::bound(bound, shown.unit));
        out.extend([format!(
            "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{RIGHT_EDGE}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"{ink} rb-small\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            RIGHT_EDGE + 7.0,
            label + 4.0,
            escape(&fitted(&text, LABEL_WIDTH, 11.0))
        )]);
    }
    out
}

/// The line through the samples, broken where there is no value.
fn line(found: &[(&SampleView, Option<&SampleValue>)], axis: &Axis<'_>, scale: &Scale) -> String {
    let mut out = String::new();
    for run in found.split(|(_, value)| value.and_then(|value| value.value).is_none()) {
        if run.len() < 2 {
            continue;
        }
        let points = run.iter().filter_map(|(sample, value)| {
            let y = scale.place((*value)?.value?);
            Some(format!("{:.1},{y:.1}", axis.x(sample)))
        });
        let points: Vec<String> = points.collect();
        out.extend([format!("<polyline class=\"rb-line\" points=\"{}\"/>\n", points.join(" "))]);
    }
    out
}

/// The samples themselves: each where they are few, else those that are not as they should be, and those that stand alone.
fn marks(
    found: &[(&SampleView, Option<&SampleValue>)],
    axis: &Axis<'_>,
    scale: &Scale,
    objective: &ObjectiveView,
    page: &Page,
    bottom: f64,
) -> String {
    let has = |index: Option<usize>| {
        let at = index.and_then(|index| found.get(index));
        at.is_some_and(|(_, value)| value.is_some_and(|value| value.value.is_some()))
    };
    let mut out = String::new();
    for (index, (sample, value)) in found.iter().enumerate() {
        let Some(value) = value else { continue };
        let x = axis.x(sample);
        let said = |text: &str| escape(&format!("{}: {text}", name_of(sample, page)));
        let Some(number) = value.value else {
            let why = said(&format!("{} {}", page.no_data(), value.why.said(page.lang)));
            let y = bottom - 8.0;
            out.extend([format!(
                "<rect class=\"rb-none\" x=\"{:.1}\" y=\"{y:.1}\" width=\"5\" height=\"5\"><title>{}</title></rect>\n",
                x - 2.5,
                why.trim_end()
            )]);
            continue;
        };
        let y = scale.place(number);
        let title = said(&words::number(Some(number), objective, page));
        if value.alert {
            out.extend([format!(
                "<path class=\"rb-crossed\" d=\"M{x:.1} {:.1}l6 6l-6 6l-6 -6z\"><title>{title}</title></path>\n",
                y - 6.0
            )]);
        } else if value.verdict == Verdict::Breach {
            out.extend([circle("rb-breach", x, y, 4.5, &title)]);
        } else if found.len() <= MAX_DOTS || !(has(index.checked_sub(1)) || has(Some(index + 1))) {
            out.extend([circle("rb-dot", x, y, 3.0, &title)]);
        }
    }
    out
}

fn circle(class: &str, x: f64, y: f64, r: f64, title: &str) -> String {
    format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\"><title>{title}</title></circle>\n")
}

/// `#4 · 09:40:00`
fn name_of(sample: &SampleView, page: &Page) -> String {
    format!("#{} · {}", sample.n, human::clock(sample.at.unwrap_or(sample.due), &page.zone))
}

impl Axis<'_> {
    /// Where a sample stands: when it was taken, else when it was due.
    pub(super) fn x(&self, sample: &SampleView) -> f64 {
        self.scale.place(since(self.from, sample.at.unwrap_or(sample.due)))
    }

    /// What was missed and what could not be read, over the whole height.
    fn bands(&self, top: f64, bottom: f64, page: &Page) -> String {
        let mut out = String::new();
        let half = self.every.as_secs_f64() / 2.0;
        for sample in self.samples {
            let (class, word) = match sample.state.as_str() {
                "missed" => ("rb-missed", page.pick("missed", "遗漏").to_owned()),
                "error" => (
                    "rb-error",
                    format!("{}{}", page.pick("could not be read: ", "无法读取："), sample.why.get(page.lang)),
                ),
                _ => continue,
            };
            let due = since(self.from, sample.due);
            let (left, right) = (self.scale.place(due - half), self.scale.place(due + half));
            out.extend([format!(
                "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}</title></rect>\n",
                (right - left).max(1.0),
                bottom - top,
                escape(&format!("{}: {word}", name_of(sample, page)))
            )]);
        }
        out
    }

    /// The lines of the times.
    fn lines(&self, top: f64, bottom: f64) -> String {
        let line = |x: &f64| {
            format!("<line class=\"rb-grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top:.1}\" y2=\"{bottom:.1}\"/>\n")
        };
        self.times.iter().map(|(x, _)| line(x)).collect()
    }

    /// Where counters went back to zero: just before the sample that saw it.
    fn resets(&self, top: f64, bottom: f64, page: &Page) -> String {
        let mut out = String::new();
        let half = self.every.as_secs_f64() / 2.0;
        for sample in self.samples.iter().filter(|sample| sample.reset) {
            let at = since(self.from, sample.at.unwrap_or(sample.due)) - half;
            let x = self.scale.place(at);
            let title = format!("{}: {}", name_of(sample, page), page.pick("counters were reset", "计数器归零"));
            out.extend([format!(
                "<line class=\"rb-reset\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top:.1}\" y2=\"{bottom:.1}\"/>\
                 <path class=\"rb-flag\" d=\"M{x:.1} {:.1}l-5 -8h10z\"><title>{}</title></path>\n",
                top + 8.0,
                escape(&title)
            )]);
        }
        out
    }
}
