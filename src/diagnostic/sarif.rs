//! Diagnostics as SARIF 2.1.0, which forges and editors show beside the lines of a change.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::json::LineStarts;
use super::{Code, Diagnostic, Severity, Span};
use crate::text::Lang;

/// The version of the standard.
const VERSION: &str = "2.1.0";

/// Diagnostics about several files: name, source text, what was found.
pub fn render(files: &[(&str, &str, &[Diagnostic])]) -> String {
    let codes: BTreeSet<Code> = files.iter().flat_map(|(.., found)| found.iter().map(|one| one.code)).collect();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code)).collect();
    let results = files.iter().flat_map(|(file, source, found)| {
        let lines = LineStarts::of(source);
        found.iter().map(move |diagnostic| result(file, source, &lines, diagnostic)).collect::<Vec<_>>()
    });
    let document = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
        "version": VERSION,
        "runs": [{
            "tool": {"driver": {"name": "runbook", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    // Text, numbers and nulls always have a JSON form.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn rule(code: Code) -> Value {
    json!({"id": code.as_str(), "shortDescription": {"text": code.title()}, "help": {"text": code.page(Lang::En)}})
}

fn result(file: &str, source: &str, lines: &LineStarts, diagnostic: &Diagnostic) -> Value {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let text = match &diagnostic.help {
        Some(help) => format!("{}\n{}", diagnostic.message.en, help.en),
        None => diagnostic.message.en.clone(),
    };
    let place = |span: Option<Span>, text: &str| {
        let mut place = json!({"physicalLocation": {"artifactLocation": {"uri": uri(file)}}});
        if let (Some(span), Some(physical)) = (span, place.get_mut("physicalLocation")) {
            let (line, column) = lines.place(source, span.start as usize);
            let (end_line, end_column) = lines.place(source, span.end as usize);
            let region = json!({
                "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
            });
            physical.as_object_mut().into_iter().for_each(|physical| {
                physical.insert("region".to_owned(), region.clone());
            });
        }
        if let (false, Some(place)) = (text.is_empty(), place.as_object_mut()) {
            place.insert("message".to_owned(), json!({"text": text}));
        }
        place
    };
    let (first, others) = match diagnostic.labels.split_first() {
        Some((first, others)) => (place(Some(first.span), &first.text.en), others),
        None => (place(None, ""), diagnostic.labels.as_slice()),
    };
    let related: Vec<Value> = others.iter().map(|label| place(Some(label.span), &label.text.en)).collect();
    json!({
        "ruleId": diagnostic.code.as_str(), "level": level, "message": {"text": text},
        "locations": [first], "relatedLocations": related,
    })
}

/// A path as the reference of a URI.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].into_iter().filter_map(|digit| char::from_digit(u32::from(digit), 16)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    #[test]
    fn places_are_lines_and_characters_and_what_has_no_place_names_its_file() {
        let source = "一\n目录 x\n";
        let found = [
            Diagnostic::error(Code::RB0102, Span::new(11, 12), Text::verbatim("twice"))
                .help(Text::verbatim("rename"))
                .label(Span::new(0, 3), Text::verbatim("first")),
            Diagnostic {
                labels: vec![],
                ..Diagnostic::warning(Code::RB0868, Span::default(), Text::verbatim("not there"))
            },
        ];
        let document: Value = serde_json::from_str(&render(&[("my books/a.rb", source, &found)])).unwrap();
        let run = &document["runs"][0];
        assert_eq!(document["version"], "2.1.0");
        let rules: Vec<&str> = run["tool"]["driver"]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule["id"].as_str().unwrap())
            .collect();
        assert_eq!(rules, ["RB0102", "RB0868"]);
        let first = &run["results"][0];
        assert_eq!((&first["level"], &first["message"]["text"]), (&"error".into(), &"twice\nrename".into()));
        let place = &first["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20books/a.rb");
        assert_eq!(place["region"], json!({"startLine": 2, "startColumn": 4, "endLine": 2, "endColumn": 5}));
        assert_eq!(first["relatedLocations"][0]["message"]["text"], "first");
        assert_eq!(run["results"][1]["locations"][0]["physicalLocation"].get("region"), None);
    }
}
