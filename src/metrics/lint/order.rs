//! What stands where: comments before samples, a family in one piece, each series once, names that do not collide.

use std::collections::BTreeMap;

use super::{LabelMap, Report, series};
use crate::diagnostic::Code;
use crate::metrics::exposition::{FamilyInfo, Keyword, Sample};
use crate::metrics::scrape::{FamilyKind, Format, candidates};

/// Of one family.
#[derive(Clone, Default)]
struct Seen {
    words: Vec<Keyword>,
    sampled: bool,
    first_line: usize,
    /// Was already told to be in pieces.
    in_pieces: bool,
}

pub(super) struct Order<'a> {
    format: Format,
    families: &'a [FamilyInfo<'a>],
    seen: Vec<Seen>,
    current: Option<usize>,
    /// The last time of each series.
    series: BTreeMap<String, Option<i64>>,
}

impl<'a> Order<'a> {
    pub(super) fn new(format: Format, families: &'a [FamilyInfo<'a>]) -> Self {
        let seen = vec![Seen::default(); families.len()];
        Self { format, families, seen, current: None, series: BTreeMap::new() }
    }

    pub(super) fn meta(&mut self, report: &mut Report, line: usize, id: usize, family: &str, word: Keyword) {
        let Some(seen) = self.seen.get_mut(id) else { return };
        if seen.first_line == 0 {
            seen.first_line = line;
        }
        let about = || format!("# {} {family}", word.as_str());
        if seen.words.contains(&word) {
            report.add(line, Code::RB0750, about());
        } else if seen.sampled {
            report.add(line, Code::RB0751, about());
        }
        seen.words.push(word);
        self.current = Some(id);
    }

    pub(super) fn sample(
        &mut self,
        report: &mut Report,
        line: usize,
        id: usize,
        sample: &Sample<'_>,
        labels: &LabelMap<'_>,
    ) {
        let Some(seen) = self.seen.get_mut(id) else { return };
        if seen.first_line == 0 {
            seen.first_line = line;
        }
        if seen.sampled && self.current != Some(id) && !seen.in_pieces {
            seen.in_pieces = true;
            report.add(line, Code::RB0752, sample.name.to_owned());
        }
        seen.sampled = true;
        self.current = Some(id);

        let name = series(sample.name, labels);
        let Some(last) = self.series.get_mut(&name) else {
            self.series.insert(name, sample.timestamp_ms);
            return;
        };
        // OpenMetrics takes several points of a series, if their times go forward; the text format takes one.
        match (self.format, &last, sample.timestamp_ms) {
            (Format::OpenMetrics, Some(before), Some(time)) if *before != time => {
                if *before > time {
                    report.add(line, Code::RB0764, format!("{name}: {before} → {time}"));
                }
            }
            (Format::OpenMetrics, Some(before), None) => {
                report.add(line, Code::RB0764, format!("{name}: {before} → —"));
            }
            (Format::OpenMetrics, None, Some(time)) => report.add(line, Code::RB0764, format!("{name}: — → {time}")),
            (Format::OpenMetrics | Format::Text, _, _) => report.add(line, Code::RB0753, name.clone()),
        }
        *last = sample.timestamp_ms;
    }

    /// Names that two families claim.
    pub(super) fn end(&self, report: &mut Report) {
        let kinds: BTreeMap<&str, FamilyKind> = self.families.iter().map(|family| (family.name, family.kind)).collect();
        for (family, seen) in self.families.iter().zip(&self.seen) {
            let other = candidates(family.name)
                .filter(|(_, suffix)| !suffix.is_empty())
                .find(|(base, suffix)| kinds.get(base).is_some_and(|kind| kind.suffixes(self.format).contains(suffix)));
            if let Some((base, suffix)) = other {
                report.add(seen.first_line, Code::RB0755, format!("{} = {base} + {suffix}", family.name));
            }
        }
    }
}
