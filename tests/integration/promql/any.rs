//! Whatever the text: no panic, places inside it, and one reading of it.

use proptest::prelude::*;
use runbook::metrics::promql::{self, History, Vars};
use runbook::metrics::scrape::Scrape;

use super::{LOOKBACK_MS, history, samples};

/// Words that expressions are made of, right ones and wrong ones.
const WORDS: &[&str] = &[
    "alpha",
    "beta",
    "edge_total",
    "http_requests_total",
    "sum",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "bool",
    "offset",
    "rate",
    "abs",
    "topk",
    "time",
    "start",
    "nosuch",
    "and",
    "or",
    "unless",
    "atan2",
    "label_replace",
    "histogram_quantile",
    "max_over_time",
    "scalar",
    "vector",
    "inf",
    "nan",
    "(",
    ")",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "==",
    "!=",
    ">",
    "<=",
    "=",
    "=~",
    "!~",
    "@",
    "1",
    "0",
    "2.5",
    "1e400",
    "0x1f",
    "5m",
    "1h",
    "1ms",
    "294y",
    "1_0",
    "\"x\"",
    "'.*'",
    "`(`",
    "\"\\q\"",
    "\"",
    "#",
    "\n",
    " ",
    "版本",
    "$__range",
    "$x",
    "（",
];

/// Well-formed expressions over the samples of the comparison, of any type.
fn vector() -> impl Strategy<Value = String> {
    let selector = prop::sample::select(vec![
        "alpha",
        "beta{x=\"1\"}",
        "edge_total",
        "node_cpu",
        "temperature_celsius offset 1m",
        "{__name__=~\"alpha|beta\"}",
        "alpha @ end()",
    ]);
    selector.prop_map(str::to_owned).prop_recursive(4, 32, 3, |inner| {
        let functions =
            prop::sample::select(vec!["abs", "-", "sum", "sort", "timestamp", "absent", "hour", "sgn", "avg"]);
        let ranges = prop::sample::select(vec!["rate", "max_over_time", "last_over_time", "delta", "absent_over_time"]);
        let operators =
            prop::sample::select(vec!["+", "-", "*", "/", "^", "==", "> bool", "and", "or", "unless", "atan2"]);
        let scalars = prop::sample::select(vec!["1", "-2", "time()", "NaN", "scalar(alpha)", "5m", "1 + 2 ^ 3"]);
        prop_oneof![
            (functions, inner.clone()).prop_map(|(function, inner)| format!("{function}({inner})")),
            (ranges, inner.clone()).prop_map(|(function, inner)| format!("{function}(({inner})[10m:2m])")),
            (inner.clone(), operators.clone(), inner.clone())
                .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            (inner.clone(), prop::sample::select(vec!["+", "*", "< bool", "%"]), scalars.clone())
                .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            (scalars, inner.clone()).prop_map(|(count, inner)| format!("quantile by (x) ({count}, {inner})")),
            inner.prop_map(|inner| format!("({inner})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn any_words_are_read_or_refused_at_a_place(words in prop::collection::vec(prop::sample::select(WORDS), 0..16)) {
        let text = words.join(" ");
        for text in [text.replace(' ', ""), text] {
            if let Err(errors) = promql::parse(&text, &Vars::of_interval(60_000)) {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    let place = text.get(error.span.start as usize..error.span.end as usize);
                    prop_assert!(place.is_some(), "{error} is not inside {text:?}");
                    prop_assert!(!error.message.en.contains("disagree"), "{text}");
                }
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = promql::parse(&text, &Vars::of_interval(60_000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn any_expression_has_a_value_or_a_reason(text in vector()) {
        thread_local! {
            static SAMPLES: Scrape = samples();
            static HISTORY: History = history();
        }
        let query = promql::parse(&text, &Vars::of_interval(60_000));
        prop_assert!(query.is_ok(), "{text}: {query:?}");
        let query = query.unwrap();
        let at_ms = super::expressions::BASE_S * 1000 + 1_800_000;
        let from_all = HISTORY.with(|history| query.eval(history, at_ms, LOOKBACK_MS)).map(|value| value.to_json());
        // What is kept for it is enough for it.
        let mut kept = History::new(query.needs(LOOKBACK_MS));
        SAMPLES.with(|samples| kept.append(at_ms, samples));
        let from_kept = query.eval(&kept, at_ms, LOOKBACK_MS).map(|value| value.to_json());
        prop_assert_eq!(from_kept, from_all, "{}", text);
    }
}
