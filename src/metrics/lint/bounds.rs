//! Buckets and quantiles: each with its bound, in order, and not in contradiction with each other.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{LabelMap, Report, series};
use crate::diagnostic::Code;
use crate::metrics::exposition::Sample;
use crate::metrics::render::number;
use crate::metrics::scrape::FamilyKind;

/// The buckets or quantiles of one label set at one time, and its count.
struct Group {
    histogram: bool,
    first_line: usize,
    /// Bound as a number, value, line.
    bounds: Vec<(f64, f64, usize)>,
    count: Option<f64>,
}

/// By the series without its bound, and its time.
#[derive(Default)]
pub(super) struct Bounds(BTreeMap<(String, Option<i64>), Group>);

impl Bounds {
    pub(super) fn sample(
        &mut self,
        report: &mut Report,
        line: usize,
        kind: FamilyKind,
        suffix: &str,
        sample: &Sample<'_>,
        mut labels: LabelMap<'_>,
    ) {
        let (label, bounded) = match (kind, suffix) {
            (FamilyKind::Histogram | FamilyKind::GaugeHistogram, "_bucket") => ("le", true),
            (FamilyKind::Summary, "") => ("quantile", true),
            (FamilyKind::Histogram, "_count") | (FamilyKind::GaugeHistogram, "_gcount") => ("le", false),
            (
                FamilyKind::Unknown
                | FamilyKind::Counter
                | FamilyKind::Gauge
                | FamilyKind::Histogram
                | FamilyKind::Summary
                | FamilyKind::GaugeHistogram
                | FamilyKind::Info
                | FamilyKind::StateSet,
                _,
            ) => return,
        };
        let written: Option<Cow<'_, str>> = if bounded { labels.remove(label) } else { None };
        let bound = written.as_ref().and_then(|text| text.parse::<f64>().ok()).filter(|bound| !bound.is_nan());
        let base = series(sample.name.strip_suffix(suffix).unwrap_or(sample.name), &labels);
        if bounded && bound.is_none_or(|bound| label == "quantile" && !(0.0..=1.0).contains(&bound)) {
            report.add(line, Code::RB0756, format!("{base}: {label}=\"{}\"", written.unwrap_or_default()));
            return;
        }
        let group = self.0.entry((base, sample.timestamp_ms)).or_insert_with(|| Group {
            histogram: label == "le",
            first_line: line,
            bounds: Vec::new(),
            count: None,
        });
        match bound {
            Some(bound) => group.bounds.push((bound, sample.value, line)),
            None => group.count = Some(sample.value),
        }
    }

    pub(super) fn end(&self, report: &mut Report) {
        for ((base, _), group) in &self.0 {
            for pair in group.bounds.windows(2) {
                let [(before, less, _), (bound, more, line)] = pair else { continue };
                if before >= bound {
                    report.add(*line, Code::RB0757, format!("{base}: {} → {}", number(*before), number(*bound)));
                } else if group.histogram && less > more {
                    let step = format!(
                        "{base}: ≤ {}: {} > ≤ {}: {}",
                        number(*before),
                        number(*less),
                        number(*bound),
                        number(*more)
                    );
                    report.add(*line, Code::RB0757, step);
                }
            }
            if !group.histogram {
                continue;
            }
            let Some((_, total, line)) = group.bounds.iter().find(|(bound, _, _)| *bound == f64::INFINITY) else {
                report.add(group.first_line, Code::RB0757, format!("{base}: le=\"+Inf\" ?"));
                continue;
            };
            if let Some(count) = group.count.filter(|count| count.to_bits() != total.to_bits()) {
                report.add(*line, Code::RB0757, format!("{base}: le=\"+Inf\" {} ≠ {}", number(*total), number(count)));
            }
        }
    }
}
