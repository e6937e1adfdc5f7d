//! The list of expressions, and the file with Prometheus' answers to them.

use std::path::Path;

use serde_json::Value as Json;

/// The time of the first sample, unix seconds: 2025-11-18T01:00:00Z.
pub(crate) const BASE_S: i64 = 1_763_427_600;

const LIST: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/promql/expressions.txt"));

/// One expression at one time.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) expression: String,
    /// Seconds after [`BASE_S`], as written.
    pub(crate) after_s: String,
    /// Is it in the list as one that both refuse?
    pub(crate) refused: bool,
}

impl Case {
    pub(crate) fn at_ms(&self) -> i64 {
        let (seconds, fraction) = self.after_s.split_once('.').unwrap_or((&self.after_s, "0"));
        let ms: i64 = format!("{fraction:0<3}").parse().unwrap();
        (BASE_S + seconds.parse::<i64>().unwrap()) * 1000 + ms
    }

    pub(crate) fn key(&self) -> String {
        format!("{} @ {}", self.expression, self.after_s)
    }
}

/// Each expression of the list at each of its times.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut times: Vec<&str> = Vec::new();
    let mut lines = LIST.lines().peekable();
    while let Some(line) = lines.next() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(list) = line.strip_prefix("@ ") {
            times = list.split(' ').collect();
            continue;
        }
        let refused = line.strip_prefix("! ");
        let mut expression = refused.unwrap_or(line).to_owned();
        // An expression may go on in lines that are indented by two.
        while let Some(more) = lines.next_if(|next| next.starts_with("  ")) {
            expression = format!("{expression}\n{more}");
        }
        for time in &times {
            let after_s = (*time).to_owned();
            cases.push(Case { expression: expression.clone(), after_s, refused: refused.is_some() });
        }
    }
    cases
}

/// Writes the answers, one a line, so that a change of one is a change of one line.
pub(crate) fn write_golden(path: &Path, answers: impl Iterator<Item = (String, Json)>) {
    let lines: Vec<String> = answers.map(|(key, answer)| format!("{}: {answer}", Json::from(key))).collect();
    std::fs::write(path, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
}
