//! Diagnostics for programs: `{"schema":1,"diagnostics":[…]}`. Lines and columns are counted from 1, columns in
//! characters; the end is the place after the last character. Words are English: what programs read depends on no language.

use serde::Serialize;

use super::{Diagnostic, Severity};

/// Number of the form; it grows when a field changes its meaning or goes.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    diagnostics: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    file: &'a str,
    /// None where it is about no place of a file.
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    help: Option<&'a str>,
}

/// Diagnostics about several files: name, source text, what was found.
pub fn render(files: &[(&str, &str, &[Diagnostic])]) -> String {
    let rows = files.iter().flat_map(|(file, source, found)| {
        let lines = LineStarts::of(source);
        found.iter().map(move |diagnostic| row(file, source, &lines, diagnostic)).collect::<Vec<_>>()
    });
    let document = Document { schema: SCHEMA, diagnostics: rows.collect() };
    // Text, numbers and nulls always have a JSON form.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn row<'a>(file: &'a str, source: &str, lines: &LineStarts, diagnostic: &'a Diagnostic) -> Row<'a> {
    let span = (!diagnostic.labels.is_empty()).then(|| diagnostic.span());
    let from = span.map(|span| lines.place(source, span.start as usize));
    let to = span.map(|span| lines.place(source, span.end as usize));
    Row {
        code: diagnostic.code.as_str(),
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &diagnostic.message.en,
        file,
        line: from.map(|place| place.0),
        column: from.map(|place| place.1),
        end_line: to.map(|place| place.0),
        end_column: to.map(|place| place.1),
        help: diagnostic.help.as_ref().map(|help| help.en.as_str()),
    }
}

/// Where the lines of a text begin.
pub struct LineStarts(Vec<usize>);

impl LineStarts {
    /// Those of `source`.
    pub fn of(source: &str) -> Self {
        Self(std::iter::once(0).chain(memchr::memchr_iter(b'\n', source.as_bytes()).map(|at| at + 1)).collect())
    }

    /// Line and column of a byte, from 1.
    pub fn place(&self, source: &str, byte: usize) -> (usize, usize) {
        let byte = byte.min(source.len());
        let line = self.0.partition_point(|start| *start <= byte).max(1);
        let start = self.0.get(line - 1).copied().unwrap_or(0);
        let before = source.as_bytes().get(start..byte).unwrap_or_default();
        (line, String::from_utf8_lossy(before).chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Span};
    use super::*;
    use crate::text::Text;

    #[test]
    fn columns_are_characters_from_one() {
        let source = "一\n目录 x\n";
        let found =
            [Diagnostic::error(Code::RB0001, Span::new(11, 12), Text::verbatim("what")).help(Text::verbatim("do"))];
        let json: serde_json::Value = serde_json::from_str(&render(&[("a.rb", source, &found)])).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"schema": 1, "diagnostics": [{
                "code": "RB0001", "severity": "error", "message": "what", "file": "a.rb",
                "line": 2, "column": 4, "end_line": 2, "end_column": 5, "help": "do"
            }]})
        );
    }

    #[test]
    fn what_has_no_place_has_no_line() {
        let found = [Diagnostic {
            labels: vec![],
            ..Diagnostic::warning(Code::RB0864, Span::default(), Text::verbatim("env"))
        }];
        let json: serde_json::Value = serde_json::from_str(&render(&[("a.rb", "x", &found)])).unwrap();
        assert_eq!(json["diagnostics"][0]["line"], serde_json::Value::Null);
        assert_eq!(json["diagnostics"][0]["severity"], "warning");
    }

    #[test]
    fn places_at_the_end_and_beyond_are_the_last() {
        let lines = LineStarts::of("a\nb");
        assert_eq!(lines.place("a\nb", 3), (2, 2));
        assert_eq!(lines.place("a\nb", 99), (2, 2));
        assert_eq!(LineStarts::of("").place("", 0), (1, 1));
    }
}
