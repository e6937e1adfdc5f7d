//! What is said about queries that are wrong: `tests/promql/errors.txt` has them with what is drawn under them.
//! `PROMQL_ERRORS=write` draws again.

use std::fmt::Write;

use runbook::metrics::promql::{self, PromqlError, Vars};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/promql/errors.txt");

/// Queries that `promql-parser` takes (or panics on) and Prometheus 3.5 refuses, one of each kind.
const TAKEN_BY_THE_CRATE: &[&str] = &[
    r#"{a="1" or b="2"}"#,
    "alpha + on (x) fill (0) beta",
    "start()",
    "range()",
    "max_of(1, 2)",
    "first_over_time(edge_total[5m])",
    "mad_over_time(edge_total[5m])",
    "sort_by_label(edge_total, 'a')",
    "info(edge_total)",
    "limitk(1, edge_total)",
    "exp(NaN)",
    "ln(-1)",
    "+edge_total[5m]",
    "+'a'",
    "1e400",
    "edge_total[0]",
    "edge_total[294y]",
    "edge_total @ 1e30",
    "edge_total[1e30]",
    "edge_total offset 1e30",
];

fn draw(query: &str, errors: &[PromqlError]) -> String {
    let mut out = format!("{query}\n");
    for error in errors {
        let (start, end) = (error.span.start as usize, error.span.end as usize);
        // A query is one line here; places are bytes, columns are letters.
        let before = query[..start].chars().count();
        let length = query[start..end].chars().count().max(1);
        writeln!(out, "{}{} {} {}", " ".repeat(before), "^".repeat(length), error.code, error.message.en).unwrap();
        if let Some(help) = &error.help {
            writeln!(out, "{}help: {}", " ".repeat(before), help.en).unwrap();
        }
    }
    out
}

#[test]
fn errors_are_drawn_where_they_are() {
    let text = std::fs::read_to_string(FILE).unwrap();
    let (head, blocks) = text.split_once("\n\n").unwrap();
    let mut drawn = format!("{head}\n");
    for block in blocks.split("\n\n") {
        let query = block.lines().next().unwrap();
        let errors = promql::parse(query, &Vars::of_interval(600_000)).expect_err(query);
        assert!(!errors.is_empty());
        for text in errors.iter().flat_map(|error| std::iter::once(&error.message).chain(&error.help)) {
            assert!(crate::corpus::has_chinese(text), "{query}: {text:?}");
        }
        write!(drawn, "\n{}", draw(query, &errors)).unwrap();
    }
    if std::env::var_os("PROMQL_ERRORS").is_some_and(|value| value == "write") {
        std::fs::write(FILE, &drawn).unwrap();
        return;
    }
    similar(&text, &drawn);
}

fn similar(expected: &str, got: &str) {
    let differs = expected.lines().zip(got.lines()).find(|(expected, got)| expected != got);
    if let Some((expected, got)) = differs {
        panic!("expected\n{expected}\ngot\n{got}");
    }
    assert_eq!(expected.lines().count(), got.lines().count());
}

#[test]
fn what_the_crate_takes_and_prometheus_refuses_is_refused() {
    for query in TAKEN_BY_THE_CRATE {
        // Two of them make it panic, which is no refusal either.
        let taken = std::panic::catch_unwind(|| promql_parser::parser::parse(query).is_ok()).unwrap_or(true);
        assert!(taken, "{query}: the crate has learnt to refuse it; take it out of this list");
        assert!(promql::parse(query, &Vars::of_interval(600_000)).is_err(), "{query}");
    }
}

#[test]
fn limits_hold() {
    let refused = |query: &str| promql::parse(query, &Vars::of_interval(1)).unwrap_err()[0].code.to_string();
    assert_eq!(refused(&"(".repeat(10_000)), "RB0709");
    assert_eq!(refused(&format!("{}a{}", "abs(".repeat(65), ")".repeat(65))), "RB0709");
    assert_eq!(refused(&format!("a{}", "+a".repeat(300))), "RB0709");
    assert_eq!(refused(&format!("{}a", "-".repeat(1000))), "RB0709");
    assert_eq!(refused(&format!("a{}", "[1m:1m]".repeat(1000))), "RB0709");
    assert_eq!(refused(&format!("a{{b=\"{}\"}}", "x".repeat(20_000))), "RB0709");
    let deep = format!("{}a{}", "(".repeat(60), ")".repeat(60));
    assert!(promql::parse(&deep, &Vars::of_interval(1)).is_ok());
    let long = format!("a{}", "^a".repeat(250));
    assert!(promql::parse(&long, &Vars::of_interval(1)).is_ok());
}
