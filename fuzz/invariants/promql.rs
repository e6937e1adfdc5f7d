//! `PromQL`: a text is refused at places inside it, or has a value or a reason; and the samples that are kept for a query are
//! enough for it.

use runbook::metrics::exposition::{Limits, parse};
use runbook::metrics::promql::{self, History, Needs, Vars};
use runbook::metrics::scrape::{Format, Scrape};

/// Scrapes of one service: counters with a reset and a gap, a gauge, a histogram, special values.
const SCRAPES: [&str; 4] = [
    "# TYPE a_total counter\na_total{x=\"1\"} 1\na_total{x=\"2\"} 10\n# TYPE g gauge\ng{x=\"1\",y=\"a\"} -1.5\ng{x=\"2\",y=\"b\"} NaN\n\
     # TYPE h histogram\nh_bucket{le=\"0.1\"} 1\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum 4.5\nh_count 3\n",
    "# TYPE a_total counter\na_total{x=\"1\"} 5\n# TYPE g gauge\ng{x=\"1\",y=\"a\"} +Inf\ng{x=\"2\",y=\"b\"} 2\n\
     # TYPE h histogram\nh_bucket{le=\"0.1\"} 3\nh_bucket{le=\"1\"} 5\nh_bucket{le=\"+Inf\"} 5\nh_sum 5\nh_count 5\n",
    "# TYPE a_total counter\na_total{x=\"1\"} 2\na_total{x=\"2\"} 30\n# TYPE g gauge\ng{x=\"1\",y=\"a\"} 0\n",
    "# TYPE a_total counter\na_total{x=\"1\"} 9\na_total{x=\"2\"} 31\n# TYPE g gauge\ng{x=\"1\",y=\"a\"} 4\ng{x=\"2\",y=\"b\"} -0\n\
     # TYPE h histogram\nh_bucket{le=\"0.1\"} 4\nh_bucket{le=\"1\"} 9\nh_bucket{le=\"+Inf\"} 10\nh_sum 50\nh_count 10\n",
];
const INTERVAL_MS: i64 = 60_000;
const START_MS: i64 = 1_763_427_600_000;

pub(crate) fn holds(bytes: &[u8]) {
    thread_local! {
        static READ: Vec<Scrape> = SCRAPES
            .iter()
            .map(|text| parse(text.as_bytes(), Format::Text, &Limits::default()).expect("a valid text").scrape())
            .collect();
        static ALL: History = history(Needs::all());
    }
    fn history(needs: Needs) -> History {
        let mut history = History::new(needs);
        READ.with(|scrapes| {
            for (number, scrape) in (0..).zip(scrapes) {
                history.append(START_MS + number * INTERVAL_MS, scrape);
            }
        });
        history
    }
    let text = String::from_utf8_lossy(bytes);
    match promql::parse(&text, &Vars { range_ms: 3 * INTERVAL_MS, interval_ms: INTERVAL_MS }) {
        Ok(query) => {
            let lookback_ms = promql::lookback_ms(INTERVAL_MS);
            for lint in query.lints(INTERVAL_MS) {
                assert!(is_place(&text, &lint), "{lint} is not inside {text:?}");
            }
            let at_ms = START_MS + 3 * INTERVAL_MS;
            let of = |history: &History| query.eval(history, at_ms, lookback_ms).map(|value| value.to_json());
            let from_all = ALL.with(of);
            assert_eq!(of(&history(query.needs(lookback_ms))), from_all, "{text}: what is kept is not enough");
        }
        Err(errors) => {
            assert!(!errors.is_empty(), "{text:?} is refused without a word");
            for error in errors {
                assert!(is_place(&text, &error), "{error} is not inside {text:?}");
                assert_ne!(error.message.en, "the two readings of this expression disagree", "{text}");
            }
        }
    }
}

fn is_place(text: &str, error: &promql::PromqlError) -> bool {
    text.get(error.span.start as usize..error.span.end as usize).is_some()
}
