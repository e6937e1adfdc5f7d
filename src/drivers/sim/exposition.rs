//! The counters of the watched service as the text of its `/metrics/prom`, in the shape of the real service: HELP and
//! TYPE of every family from the first moment on, a series only from its first increment, `le` as the first label (so the
//! order of labels is the service's, not that of [`crate::metrics::render::text`], which sorts them).

use std::fmt::Write;

use super::fields::Latency;
use super::traffic::{
    Counts, FALLBACKS, Histogram, PLUGINS, RELOAD_BOUNDS, REQUEST_BOUNDS, RESULTS, ROUTES, SNAPSHOT_BOUNDS, STATUSES,
};
use crate::metrics::labels::write_quoted;
use crate::metrics::render;

/// Content type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Quantiles of the summary.
const QUANTILES: [f64; 3] = [0.5, 0.9, 0.99];

/// The text as it grows.
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _infallible = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.0.push_str(name);
        for (n, (label, text)) in labels.iter().enumerate() {
            let _infallible = write!(self.0, "{}{label}=", if n == 0 { '{' } else { ',' });
            let _infallible = write_quoted(&mut self.0, text);
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _infallible = writeln!(self.0, "{end} {}", render::number(value));
    }

    /// A labelled counter: nothing before its first increment.
    fn counter(&mut self, name: &str, labels: &[(&str, &str)], count: u64) {
        if count > 0 {
            self.sample(name, labels, number(count));
        }
    }

    fn histogram<const N: usize>(
        &mut self,
        name: &str,
        labels: &[(&str, &str)],
        bounds: [f64; N],
        histogram: &Histogram<N>,
    ) {
        let count = histogram.count();
        if count == 0 {
            return;
        }
        let bucket = format!("{name}_bucket");
        let mut cumulated = 0;
        for (bound, in_bucket) in bounds.iter().zip(histogram.bounds) {
            cumulated += in_bucket;
            let bound = bound.to_string();
            self.sample(&bucket, &with("le", &bound, labels), number(cumulated));
        }
        self.sample(&bucket, &with("le", "+Inf", labels), number(count));
        self.sample(&format!("{name}_sum"), labels, sum_seconds(bounds, histogram));
        self.sample(&format!("{name}_count"), labels, number(count));
    }
}

/// Counts of a simulation are far below 2^53.
fn number(count: u64) -> f64 {
    count as f64
}

/// One label in front of others.
fn with<'a>(name: &'a str, value: &'a str, labels: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    std::iter::once((name, value)).chain(labels.iter().copied()).collect()
}

/// The sum of all times: each as the middle of its bucket, those beyond the last bound as twice that.
fn sum_seconds<const N: usize>(bounds: [f64; N], histogram: &Histogram<N>) -> f64 {
    let mut below = 0.0;
    let mut sum = 0.0;
    for (bound, count) in bounds.iter().zip(histogram.bounds) {
        sum += f64::midpoint(below, *bound) * number(count);
        below = *bound;
    }
    sum + 2.0 * below * number(histogram.beyond)
}

/// The text of one process, started at `started_s` (unix seconds), whose users see `latency` at the moment.
pub fn text(counts: &Counts, latency: &Latency, started_s: f64) -> String {
    let mut page = Page(String::new());

    page.family("http_requests_total", "counter", "Total number of HTTP requests");
    for method in ["GET", "POST"] {
        for (n, status) in STATUSES.iter().enumerate() {
            let routes = counts.requests.iter().zip(ROUTES).filter(|(_, (_, own, _))| *own == method);
            let count = routes.filter_map(|(by_status, _)| by_status.get(n)).map(Histogram::count).sum();
            page.counter("http_requests_total", &[("method", method), ("status", status)], count);
        }
    }

    let name = "http_server_requests_seconds";
    page.family(name, "histogram", "Duration of HTTP requests in seconds");
    for (by_status, (route, method, _)) in counts.requests.iter().zip(ROUTES) {
        for (histogram, status) in by_status.iter().zip(STATUSES) {
            let labels = [("route", route), ("method", method), ("status", status)];
            page.histogram(name, &labels, REQUEST_BOUNDS, histogram);
        }
    }

    let name = "http_server_requests_seconds_summary";
    page.family(name, "summary", "Duration of HTTP requests in seconds, as quantiles");
    for (by_status, (route, method, _)) in counts.requests.iter().zip(ROUTES) {
        for (histogram, status) in by_status.iter().zip(STATUSES).filter(|(histogram, _)| histogram.count() > 0) {
            let labels = [("route", route), ("method", method), ("status", status)];
            for quantile in QUANTILES {
                let written = quantile.to_string();
                page.sample(name, &with("quantile", &written, &labels), latency.quantile(quantile));
            }
            page.sample(&format!("{name}_sum"), &labels, sum_seconds(REQUEST_BOUNDS, histogram));
            page.sample(&format!("{name}_count"), &labels, number(histogram.count()));
        }
    }

    page.family("metasheet_fallback_total", "counter", "Fallbacks by reason");
    for ((reason, _), count) in FALLBACKS.iter().zip(counts.fallbacks) {
        page.counter("metasheet_fallback_total", &[("reason", reason)], count);
    }
    page.counter("metasheet_fallback_total", &[("reason", "cache_miss")], counts.cache_misses);
    page.family("metasheet_fallback_effective_total", "counter", "Fallbacks by reason, cache misses left out");
    for ((reason, _), count) in FALLBACKS.iter().zip(counts.fallbacks) {
        page.counter("metasheet_fallback_effective_total", &[("reason", reason)], count);
    }

    page.family("metasheet_plugin_reload_total", "counter", "Plugin reloads by result");
    for (plugin, by_result) in PLUGINS.iter().zip(counts.reloads) {
        for (result, count) in RESULTS.iter().zip(by_result) {
            page.counter("metasheet_plugin_reload_total", &[("plugin_name", plugin), ("result", result)], count);
        }
    }
    let name = "metasheet_plugin_reload_duration_seconds";
    page.family(name, "histogram", "Duration of plugin reloads in seconds");
    for (plugin, histogram) in PLUGINS.iter().zip(&counts.reload_seconds) {
        page.histogram(name, &[("plugin_name", plugin)], RELOAD_BOUNDS, histogram);
    }

    for (name, help, by_result) in [
        ("metasheet_snapshot_create_total", "Snapshots created by result", counts.creates),
        ("metasheet_snapshot_restore_total", "Snapshots restored by result", counts.restores),
        ("metasheet_snapshot_cleanup_total", "Cleanups of snapshots by result", counts.cleanups),
    ] {
        page.family(name, "counter", help);
        for (result, count) in RESULTS.iter().zip(by_result) {
            page.counter(name, &[("result", result)], count);
        }
    }
    let name = "metasheet_snapshot_operation_duration_seconds";
    page.family(name, "histogram", "Duration of snapshot operations in seconds");
    for (operation, histogram) in ["create", "restore"].iter().zip(&counts.snapshot_seconds) {
        page.histogram(name, &[("operation", operation)], SNAPSHOT_BOUNDS, histogram);
    }

    page.family("process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds");
    page.sample("process_start_time_seconds", &[], started_s);
    page.0
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::service::Service;
    use super::super::traffic::counts;
    use super::*;
    use crate::metrics::exposition::{Limits, parse};
    use crate::metrics::lint::{Findings, lint};
    use crate::metrics::scrape::Format;

    fn page(service: &str, after_s: i64) -> String {
        let service: Service = toml::from_str(service).unwrap();
        let counts = counts(&service, 1, 0, SignedDuration::from_secs(after_s));
        text(&counts, &service.latency, 1_763_425_800.5)
    }

    #[test]
    fn a_fresh_process_declares_all_and_has_counted_nothing() {
        let text = page("up_for = \"0s\"", 0);
        let samples: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(samples, ["process_start_time_seconds 1763425800.5"]);
        for family in ["http_requests_total counter", "metasheet_fallback_effective_total counter"] {
            assert!(text.contains(&format!("# TYPE {family}\n")), "{family}");
        }
        assert_eq!(text.matches("# HELP ").count(), 12);
    }

    #[test]
    fn the_first_label_of_a_bucket_is_le() {
        let text = page("jitter = \"0%\"\nup_for = \"0s\"\nlatency = \"80ms\"", 600);
        let wanted = "http_server_requests_seconds_bucket{le=\"0.1\",route=\"/api/sheets\",method=\"GET\",status=\"200\"} 5928\n";
        assert!(text.contains(wanted), "{text}");
        assert!(text.contains("{le=\"+Inf\",route=\"/api/sheets\",method=\"GET\",status=\"200\"} 5928\n"));
        assert!(text.contains(
            "http_server_requests_seconds_bucket{le=\"0.05\",route=\"/api/sheets\",method=\"GET\",status=\"200\"} 0\n"
        ));
        assert!(
            text.contains("_summary{quantile=\"0.99\",route=\"/api/sheets\",method=\"GET\",status=\"200\"} 0.08\n")
        );
    }

    #[test]
    fn without_errors_there_is_no_series_of_errors() {
        let text = page("errors = \"0%\"\nfallbacks = \"0%\"", 600);
        assert!(!text.contains("status=\"500\""));
        assert!(!text.contains("metasheet_fallback_effective_total{"));
        assert!(text.contains("metasheet_fallback_total{reason=\"cache_miss\"}"));
    }

    #[test]
    fn the_strictest_reader_has_nothing_to_say() {
        for service in ["up_for = \"0s\"", "", "errors = \"3%\"\nreload_failures = \"10%\"\nsnapshot_failures = \"5%\""]
        {
            let text = page(service, 4000);
            let parsed = parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap();
            assert_eq!(lint(&parsed), Findings::default(), "{service}");
        }
    }
}
