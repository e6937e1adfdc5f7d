//! Exposition text: what is read can be walked, printed and read again as the same; what is refused has a place in it.

use runbook::metrics::exposition::{Limits, parse};
use runbook::metrics::render;
use runbook::metrics::scrape::Format;

pub(crate) fn holds(bytes: &[u8]) {
    let limits = Limits::default();
    for format in [Format::Text, Format::OpenMetrics] {
        match parse(bytes, format, &limits) {
            Ok(parsed) => {
                let lines: Vec<String> = parsed.samples().map(|sample| render::sample_json(&sample, format)).collect();
                let scrape = parsed.scrape();
                assert_eq!(scrape.series().count(), lines.len(), "no sample is lost");
                let printed = render::text(&scrape);
                match parse(printed.as_bytes(), format, &limits) {
                    Ok(again) => assert_eq!(render::text(&again.scrape()), printed, "printed again"),
                    Err(error) => panic!("{printed:?}: {error}"),
                }
            }
            Err(error) => {
                assert!(error.offset <= bytes.len() && error.line > 0 && error.column > 0, "{error}");
            }
        }
    }
}
