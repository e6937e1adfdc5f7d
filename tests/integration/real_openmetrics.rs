//! OpenMetrics as a real program writes it: the client library of Python, asked for by every service that is written in it.
//! Where it cannot be had this is said loudly, and in CI it fails.

use std::path::{Path, PathBuf};

use runbook::metrics::exposition::{Limits, parse};
use runbook::metrics::lint;
use runbook::metrics::response::ACCEPT;
use runbook::metrics::scrape::{Format, Scrape};

use crate::real_programs::{ask, run};

/// One metric of each kind, with exemplars, units, an escaped label and a value that is none.
const SERVICE: &str = r#"
import sys
from wsgiref.simple_server import make_server
from prometheus_client import Counter, Enum, Gauge, Histogram, Info, Summary, make_wsgi_app
jobs = Counter('jobs', 'Jobs "done" \\ 完成.', ['name'])
jobs.labels('a"b\\c\nd 名').inc(3, exemplar={'trace_id': 'KOO5S4vxi0o'})
size = Histogram('size', 'Sizes.', unit='bytes', buckets=[1, 2.5, 1e6])
for value in [0.5, 2, 2, 5e7]:
    size.observe(value, exemplar={'trace_id': 'x"y'})
Gauge('depth', 'Depth.').set(float('nan'))
Summary('took', 'Time.', unit='seconds').observe(1.25)
Info('build', 'Build.').info({'version': '1.2.3'})
Enum('state', 'State.', states=['up', 'down']).state('down')
server = make_server('127.0.0.1', 0, make_wsgi_app())
print('Listening on 127.0.0.1:%d' % server.server_port, file=sys.stderr, flush=True)
server.serve_forever()
"#;

/// The Python that has the library; none: said loudly, and a failure in CI.
#[expect(clippy::print_stderr, reason = "what a test leaves out has to be seen")]
fn python() -> Option<PathBuf> {
    let python = PathBuf::from("/usr/bin/python3");
    if python.exists() && Path::new("/usr/lib/python3/dist-packages/prometheus_client").exists() {
        return Some(python);
    }
    let reason = "install the package python3-prometheus-client";
    assert!(std::env::var_os("CI").is_none(), "Python's client library is not here, and in CI it must be: {reason}");
    eprintln!("NOT TESTED against OpenMetrics of Python's client library, which is not here: {reason}");
    None
}

fn number(scrape: &Scrape, name: &str, label: &str, value: &str) -> f64 {
    let mut found = scrape.samples(name).filter(|series| series.labels.value(label) == value);
    found.next().unwrap_or_else(|| panic!("no {name} with {label}={value:?}: {scrape:#?}")).value
}

#[test]
fn openmetrics_with_exemplars_is_read_and_its_values_are_those_of_the_other_format() {
    let Some(python) = python() else { return };
    let service = run(&python, &["-u", "service.py"], &[("service.py", SERVICE)]);
    let mut read = Vec::new();
    for (accept, format) in [(ACCEPT, Format::OpenMetrics), ("text/plain;version=0.0.4", Format::Text)] {
        let (head, body) = ask(service.port, "GET", "/metrics", &[("Accept", accept)], b"");
        assert!(head.contains(" 200 "), "{head}");
        let open = head.to_lowercase().contains("application/openmetrics-text");
        assert_eq!(open, format == Format::OpenMetrics, "{head}");
        let exemplars = body.windows(3).filter(|three| *three == b" # ").count();
        assert_eq!(exemplars > 0, open, "{}", String::from_utf8_lossy(&body));
        let parsed = parse(&body, format, &Limits::default()).unwrap_or_else(|error| panic!("{error:?}"));
        let findings = lint::lint(&parsed);
        assert!(findings.found.is_empty(), "{format:?}: {:#?}\n{}", findings.found, String::from_utf8_lossy(&body));
        read.push(parsed.scrape());
    }
    for scrape in &read {
        let values = [
            number(scrape, "jobs_total", "name", "a\"b\\c\nd 名"),
            number(scrape, "size_bytes_bucket", "le", "1.0"),
            number(scrape, "size_bytes_bucket", "le", "2.5"),
            number(scrape, "size_bytes_bucket", "le", "1e+06"),
            number(scrape, "size_bytes_bucket", "le", "+Inf"),
            number(scrape, "size_bytes_sum", "", ""),
            number(scrape, "took_seconds_sum", "", ""),
            number(scrape, "took_seconds_count", "", ""),
            number(scrape, "build_info", "version", "1.2.3"),
            number(scrape, "state", "state", "up"),
            number(scrape, "state", "state", "down"),
        ];
        assert_eq!(values.map(|value| value.to_string()).join(" "), "3 1 3 3 4 50000004.5 1.25 1 1 0 1");
        assert!(number(scrape, "depth", "", "").is_nan());
        assert!(scrape.start_time().is_some());
    }
    // Every counter of one is a counter of the other, with the same value.
    for series in read[0].series().filter(|series| series.name.ends_with("_bucket") || &*series.name == "jobs_total") {
        let other = read[1].samples(&series.name).find(|other| other.labels == series.labels);
        assert_eq!(other.map(|other| other.value.to_bits()), Some(series.value.to_bits()), "{series:?}");
    }
}
