//! A trend chart of 1,000 samples and 5 objectives, some of them in breach, without data or missed.
//!
//! `cargo bench --bench chart` prints the best of some rounds in milliseconds, and the size of the file.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use runbook::engine::action::{ObjectiveShown, Words};
use runbook::engine::view::{ObjectiveView, ObservationView, RunView, SampleValue, SampleView};
use runbook::metrics::objective::{Bound, Compare};
use runbook::report::chart::{self, Chart};
use runbook::report::page::Page;
use runbook::text::Lang;
use runbook::value::Verdict;
use runbook::value::human::Unit;

const SAMPLES: u32 = 1_000;
const OBJECTIVES: usize = 5;
const EVERY: SignedDuration = SignedDuration::from_mins(10);
const ROUNDS: usize = 15;

fn words(text: &str) -> Words {
    Words { text: text.to_owned(), en: None, zh: None }
}

fn objective(number: usize) -> ObjectiveView {
    ObjectiveView::unobserved(ObjectiveShown {
        key: format!("slo_{number}"),
        title: words("HTTP 成功率"),
        target: ">= 98%".to_owned(),
        target_bound: Bound { compare: Compare::AtLeast, limit: 0.98 },
        alert: Some("< 95%".to_owned()),
        alert_bound: Some(Bound { compare: Compare::Below, limit: 0.95 }),
        unit: Unit::Percent,
    })
}

/// Sample `n`: a value that wanders about its target, no data now and then, and some samples missed.
fn sample(n: u32, start: Timestamp) -> SampleView {
    let due = start + EVERY * i32::try_from(n).unwrap_or_default();
    let missed = n.is_multiple_of(97);
    let value = |number: usize| {
        let wave = (f64::from(n) * 0.07 + number as f64).sin() * 0.03;
        let value = (!n.is_multiple_of(53)).then_some(0.97 + wave);
        let held = value.map_or(Verdict::NoData, |value| if value < 0.98 { Verdict::Breach } else { Verdict::Pass });
        let alert = value.is_some_and(|value| value < 0.95);
        SampleValue { objective: format!("slo_{number}"), value, verdict: held, alert, why: words("") }
    };
    SampleView {
        n,
        due,
        at: (!missed).then_some(due),
        state: if missed { "missed" } else { "taken" }.to_owned(),
        why: runbook::text::Text::default(),
        reset: n.is_multiple_of(211),
        spans: 1,
        values: if missed { Vec::new() } else { (0..OBJECTIVES).map(value).collect() },
    }
}

fn main() {
    let start = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(489_000);
    let observation = ObservationView {
        key: "golive".to_owned(),
        name: "observed".to_owned(),
        title: words("上线观察"),
        every: EVERY,
        count: Some(SAMPLES),
        ended: Some("all its samples were taken".to_owned()),
        verdict: Verdict::Breach,
        started_at: Some(start),
        next: None,
        taken: SAMPLES,
        missed: SAMPLES / 97,
        errors: 0,
        objectives: (0..OBJECTIVES).map(objective).collect(),
        samples: (1..=SAMPLES).map(|n| sample(n, start)).collect(),
    };
    let run = RunView { run: "20261126-bench".to_owned(), title: words("Bench"), ..RunView::default() };
    let page = Page { lang: Lang::En, zone: TimeZone::UTC };
    let chart = Chart { run: &run, observation: &observation, objectives: None, title: None };
    let drawn = || chart::file(black_box(&chart), &page);
    let best = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            black_box(drawn());
            begun.elapsed()
        })
        .min()
        .unwrap_or(Duration::MAX);
    println!(
        "chart of {SAMPLES} samples x {OBJECTIVES} objectives: {:.2} ms, {} KiB",
        best.as_secs_f64() * 1000.0,
        drawn().len() / 1024
    );
}
