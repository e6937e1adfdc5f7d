//! The examples in `docs/metrics.md` and in the pages of the codes of PromQL: what they show is what happens.

use std::collections::BTreeSet;

use runbook::diagnostic::Code;
use runbook::metrics::exposition::{self, Limits};
use runbook::metrics::promql::{self, History, Value, Vars, format_value, lookback_ms};
use runbook::metrics::scrape::Format;

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md"));

/// The interval of the page's scrapes, and of the examples of RB0710.
const INTERVAL_MS: i64 = 600_000;

/// The blocks of `text` that are marked with `word`.
fn blocks(text: &str, word: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut block: Option<Vec<&str>> = None;
    for line in text.lines() {
        match &mut block {
            None if line == format!("```{word}") => block = Some(Vec::new()),
            Some(_) if line == "```" => out.push(block.take().unwrap().join("\n")),
            Some(lines) => lines.push(line),
            None => {}
        }
    }
    out
}

fn only(text: &str, word: &str) -> String {
    let blocks = blocks(text, word);
    assert_eq!(blocks.len(), 1, "one block of {word}");
    blocks.into_iter().next().unwrap()
}

/// A result as the page writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Vector { samples, .. } if samples.is_empty() => "nothing".to_owned(),
        Value::Vector { samples, .. } => {
            let samples: Vec<String> =
                samples.iter().map(|sample| format!("{} {}", sample.metric, format_value(sample.value))).collect();
            samples.join(", ")
        }
        other @ (Value::Scalar(_) | Value::Matrix(_) | Value::Text { .. }) => other.to_json(),
    }
}

#[test]
fn examples_give_what_the_page_says() {
    let mut history = History::default();
    let mut at_ms = 0;
    for text in only(PAGE, "scrapes").split("---\n") {
        at_ms += INTERVAL_MS;
        let scrape = exposition::parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap().scrape();
        history.append(at_ms, &scrape);
    }
    let examples = only(PAGE, "promql");
    assert!(examples.lines().count() >= 10);
    for line in examples.lines() {
        let (query, expected) = line.split_once("#=> ").unwrap();
        let query = promql::parse(query, &Vars::of_interval(INTERVAL_MS)).unwrap();
        let value = query.eval(&history, at_ms, lookback_ms(INTERVAL_MS)).unwrap();
        assert_eq!(written(&value), expected, "{line}");
    }
}

#[test]
fn the_page_lists_what_is_there_and_what_is_not() {
    let listed = only(PAGE, "functions");
    let listed: BTreeSet<&str> = listed.split_whitespace().collect();
    assert_eq!(listed, promql::functions().collect());
    for name in only(PAGE, "unsupported").split_whitespace() {
        let errors = promql::parse(&format!("{name}(a)"), &Vars::of_interval(1)).unwrap_err();
        assert_eq!(errors[0].code, Code::RB0702, "{name}");
    }
}

#[test]
fn pages_of_codes_show_the_mistake_and_the_way_out() {
    let vars = Vars::of_interval(INTERVAL_MS);
    for code in Code::ALL.iter().filter(|code| ("RB0700".."RB0709").contains(&code.as_str())) {
        let blocks = blocks(code.written(), "promql");
        let (wrong, right) = (blocks.first().unwrap(), blocks.last().unwrap());
        assert!(blocks.len() >= 2, "{code} shows no way out");
        for query in wrong.lines() {
            let errors = promql::parse(query, &vars).expect_err(query);
            assert!(errors.iter().all(|error| error.code == *code), "{code}: {query}: {errors:?}");
        }
        for query in right.lines() {
            assert!(promql::parse(query, &vars).is_ok(), "{code}: {query}");
        }
    }
    let blocks = blocks(Code::RB0710.written(), "promql");
    let lints = |query: &str| promql::parse(query, &vars).unwrap().lints(INTERVAL_MS).len();
    assert_eq!((lints(&blocks[0]), lints(blocks.last().unwrap())), (1, 0));
}
