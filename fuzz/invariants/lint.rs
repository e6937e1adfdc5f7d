//! `metrics lint`: each finding names a line of the text, in order, and says something in both languages.

use runbook::metrics::exposition::{Limits, parse};
use runbook::metrics::lint::{MAX_FINDINGS, lint};
use runbook::metrics::scrape::Format;
use runbook::text::Lang;

pub(crate) fn holds(bytes: &[u8]) {
    for format in [Format::Text, Format::OpenMetrics] {
        let Ok(parsed) = parse(bytes, format, &Limits::default()) else { continue };
        let findings = lint(&parsed);
        let lines = bytes.split(|byte| *byte == b'\n').count();
        assert!(findings.found.len() <= MAX_FINDINGS);
        assert!(findings.beyond == 0 || findings.found.len() == MAX_FINDINGS, "left out without need");
        assert!(findings.found.is_sorted_by_key(|finding| finding.line), "in order of line");
        for finding in &findings.found {
            assert!((1..=lines).contains(&finding.line), "{finding}: of {lines} lines");
            assert!(!finding.text(Lang::En).is_empty() && !finding.text(Lang::Zh).is_empty());
        }
    }
}
