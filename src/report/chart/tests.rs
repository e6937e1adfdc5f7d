use jiff::tz::TimeZone;

use super::*;
use crate::engine::view::SampleValue;
use crate::engine::view::sample::{observation, run, words};
use crate::metrics::objective::{Bound, Compare};
use crate::text::{Lang, Text};
use crate::value::Verdict;

fn page(lang: Lang) -> Page {
    Page { lang, zone: TimeZone::get("Asia/Shanghai").unwrap() }
}

fn drawn(run: &RunView, observation: &ObservationView, lang: Lang) -> String {
    file(&Chart { run, observation, objectives: None, title: None }, &page(lang))
}

/// One objective with a target of 98 % and an alert level of 95 %; `None`: no data.
fn series(values: &[Option<f64>]) -> ObservationView {
    let mut seen = observation();
    seen.objectives.truncate(1);
    seen.objectives[0].shown.alert_bound = Some(Bound { compare: Compare::Below, limit: 0.95 });
    seen.count = Some(u32::try_from(values.len()).unwrap());
    let start = seen.started_at.unwrap();
    seen.samples = values
        .iter()
        .zip(1..)
        .map(|(value, n): (_, u32)| {
            let due = start + seen.every * i32::try_from(n).unwrap();
            let held =
                value.map_or(Verdict::NoData, |value| if value < 0.98 { Verdict::Breach } else { Verdict::Pass });
            let alert = value.is_some_and(|value| value < 0.95);
            let objective = "http_success".to_owned();
            let value = SampleValue { objective, value: *value, verdict: held, alert, why: Words::default() };
            let state = "taken".to_owned();
            SampleView {
                n,
                due,
                at: Some(due),
                state,
                why: Text::default(),
                reset: false,
                spans: 1,
                values: vec![value],
            }
        })
        .collect();
    seen
}

fn count(svg: &str, what: &str) -> usize {
    let body = svg.split("</style>").nth(1).unwrap();
    // The legend shows each mark once more.
    body.matches(what).count()
}

/// Reads it as XML: every element is closed, in order, and nothing stands beside the one root.
fn well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    while let Some(at) = rest.find('<') {
        let end = at + rest[at..].find('>').unwrap();
        let tag = &rest[at + 1..end];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && rest.trim().is_empty());
}

#[test]
fn what_happened_has_its_mark() {
    let run = run();
    let svg = drawn(&run, &run.observations[0], Lang::En);
    well_formed(&svg);
    assert_eq!(count(&svg, "class=\"rb-breach\""), 1 + 1, "in the legend and at 97.996 %");
    assert_eq!(count(&svg, "class=\"rb-missed\""), 1 + 3, "a gap in each panel");
    assert_eq!(count(&svg, "class=\"rb-flag\""), 1 + 3, "the reset in each panel");
    assert_eq!(count(&svg, "class=\"rb-none\""), 1 + 2, "no plugin was reloaded");
    assert_eq!(count(&svg, "class=\"rb-target\""), 1 + 3);
    assert_eq!(count(&svg, "<polyline"), 0, "nothing is drawn across the gap");
    assert!(svg.contains("#3 · 09:30:00: 97.996%</title>"), "the number is on its side of the target");
    assert!(svg.contains("target ≥ 98%") && svg.contains("✗ target missed"));
    assert!(svg.contains("SIMULATED"));
}

#[test]
fn it_speaks_the_language_of_the_run() {
    let run = run();
    let svg = drawn(&run, &run.observations[0], Lang::Zh);
    for said in ["持续监控（模拟运行 SIMULATED）", "HTTP 成功率", "目标 ≥ 98%", "遗漏", "未达标", "lang=\"zh-CN\""]
    {
        assert!(svg.contains(said), "{said}");
    }
    let svg = drawn(&run, &run.observations[0], Lang::En);
    assert!(svg.contains("Observation (SIMULATED)") && svg.contains("Asia/Shanghai"));
}

#[test]
fn the_line_has_a_gap_where_there_is_no_value() {
    let run = run();
    let seen = series(&[Some(0.99), Some(0.985), None, Some(0.99), None, Some(0.94), Some(0.99), Some(1.0)]);
    let svg = drawn(&run, &seen, Lang::En);
    well_formed(&svg);
    let lines: Vec<usize> = svg
        .split("<polyline class=\"rb-line\" points=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().split(' ').count())
        .collect();
    assert_eq!(lines, [2, 3]);
    assert_eq!(count(&svg, "class=\"rb-crossed\""), 1 + 1);
    assert_eq!(count(&svg, "class=\"rb-none\""), 1 + 2);
}

#[test]
fn many_samples_are_a_line_with_the_ones_that_matter() {
    let run = run();
    let values: Vec<Option<f64>> = (0..1000).map(|n| Some(if n % 100 == 50 { 0.97 } else { 0.99 })).collect();
    let svg = drawn(&run, &series(&values), Lang::En);
    well_formed(&svg);
    assert_eq!(count(&svg, "class=\"rb-breach\""), 1 + 10);
    assert_eq!(count(&svg, "class=\"rb-dot\""), 1, "only in the legend");
    assert_eq!(count(&svg, "<polyline"), 1);
}

#[test]
fn one_sample_and_none_are_charts_too() {
    let run = run();
    let svg = drawn(&run, &series(&[Some(0.99)]), Lang::En);
    well_formed(&svg);
    assert_eq!(count(&svg, "class=\"rb-dot\""), 1 + 1);
    let mut none = series(&[]);
    none.started_at = None;
    let svg = drawn(&run, &none, Lang::Zh);
    well_formed(&svg);
    assert!(svg.contains("还没有样本") && svg.contains("目标 ≥ 98%"));
}

#[test]
fn only_what_was_chosen_is_drawn_in_its_order() {
    let run = run();
    let chosen = ["p99".to_owned(), "http_success".to_owned()];
    let title = words("关键指标趋势图", "Trend of the key figures");
    let chart = Chart { run: &run, observation: &run.observations[0], objectives: Some(&chosen), title: Some(&title) };
    let svg = file(&chart, &page(Lang::Zh));
    assert!(svg.find("P99 延迟</text>").unwrap() < svg.find("HTTP 成功率</text>").unwrap());
    assert!(!svg.contains("插件重载成功率"));
    assert!(svg.contains("<title id=\"chart-title\">关键指标趋势图（模拟运行 SIMULATED）</title>"));
}

#[test]
fn text_from_outside_is_no_markup() {
    let mut run = run();
    let hostile = "</title><script>alert(1)</script>\u{202e}&\0";
    run.title = words(hostile, "");
    let mut seen = run.observations[0].clone();
    seen.title = words(hostile, "");
    seen.objectives[0].shown.title = words(hostile, "");
    seen.samples[1].state = "error".to_owned();
    seen.samples[1].why = Text::verbatim(hostile);
    let svg = drawn(&run, &seen, Lang::Zh);
    well_formed(&svg);
    assert!(!svg.contains("<script") && !svg.contains('\u{202e}') && !svg.contains('\0'));
}

#[test]
fn inside_a_document_it_has_names_of_its_own_and_no_style() {
    let run = run();
    let chart = Chart { run: &run, observation: &run.observations[0], objectives: None, title: None };
    let svg = inline(&chart, &page(Lang::En), "chart-2");
    assert!(svg.starts_with("<svg ") && svg.contains("aria-labelledby=\"chart-2-title chart-2-desc\""));
    assert!(!svg.contains("<style>"));
}
