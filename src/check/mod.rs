//! A tree becomes a closed, typed [`program::Program`], or all its errors at once.

mod args;
mod blanks;
mod context;
mod digest;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
mod expr;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
mod flow;
mod keys;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
mod lower;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
mod names;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
mod narrow;
pub mod program;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
mod settle;
pub mod shape;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
mod shell;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
pub mod signature;
mod strict;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
mod types;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
mod undo;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]
mod visit;

use crate::diagnostic::{Diagnostic, Severity};
use crate::syntax;

/// The files beside a runbook that it names: its templates.
pub trait Templates {
    /// The text of a template, by its path as written in the runbook; none where there is no such file.
    fn text(&self, path: &str) -> Option<String>;
}

/// A runbook alone: every template is missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTemplates;

impl Templates for NoTemplates {
    fn text(&self, _: &str) -> Option<String> {
        None
    }
}

/// What the check found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The program, if there is no error.
    pub program: Option<program::Program>,
    /// Everything that was found, in order of place.
    pub diagnostics: Vec<Diagnostic>,
    /// Warnings that only `--strict` asks for, in order of place.
    pub strict: Vec<Diagnostic>,
}

impl Checked {
    /// Are there errors?
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Checks the text of a runbook: all errors of it, of the syntax too, come together.
pub fn check(source: &str, files: &dyn Templates) -> Checked {
    let (file, diagnostics) = syntax::parse(source);
    let mut checked = lower::file(source, &file, files, diagnostics);
    checked.diagnostics.sort_by_key(|diagnostic| (diagnostic.span(), diagnostic.code));
    checked.diagnostics.dedup();
    if checked.has_errors() {
        checked.program = None;
    }
    checked.strict = checked.program.as_ref().map(strict::check).unwrap_or_default();
    checked.strict.sort_by_key(Diagnostic::span);
    checked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    struct AnyTemplate;

    impl Templates for AnyTemplate {
        fn text(&self, _: &str) -> Option<String> {
            Some(String::new())
        }
    }

    #[test]
    fn the_go_live_checks_clean() {
        let checked = check(include_str!("../../runbooks/phase5.rb"), &AnyTemplate);
        assert_eq!(checked.diagnostics, []);
        let program = checked.program.unwrap();
        let keys: Vec<&str> = program.nodes.iter().map(|node| node.key.as_str()).collect();
        for key in
            ["prechecks/environment", "observe/baseline/at.4/checkpoint", "metrics_bad/slo_decision/prolong/extra"]
        {
            assert!(keys.contains(&key), "{key} is not among {keys:#?}");
        }
    }

    /// One template, whatever its path.
    struct One(Option<&'static str>);

    impl Templates for One {
        fn text(&self, _: &str) -> Option<String> {
            self.0.map(str::to_owned)
        }
    }

    #[test]
    fn a_template_must_be_there_and_be_readable() {
        let source = "runbook x, \"X\" do\n  report template: \"a.j2\", to: \"a\"\nend\n";
        let codes = |template| check(source, &One(template)).diagnostics.iter().map(|d| d.code).collect::<Vec<_>>();
        assert_eq!(codes(None), [Code::RB0801]);
        assert_eq!(codes(Some("{% if x %}")), [Code::RB0802]);
        assert_eq!(codes(Some("{{ run.id }}")), []);
    }

    #[test]
    fn digests_do_not_see_layout_and_see_what_is_named() {
        let digest = |source: &str| {
            let checked = check(source, &NoTemplates);
            assert_eq!(checked.diagnostics, []);
            let nodes = checked.program.unwrap().nodes;
            nodes.into_iter().map(|node| (node.key, node.digest)).collect::<std::collections::BTreeMap<_, _>>()
        };
        let one =
            digest("runbook x, \"X\" do\n  sh read: \"a\", timeout: 1.s, key: a\n  sh read: \"b\", key: b\nend\n");
        let two = digest(
            "runbook x, \"X\" do # moved\n\n  sh key: a,\n    timeout: 1.s, read: \"a\"\n  sh read: \"c\", key: b\nend\n",
        );
        assert_eq!(one["a"], two["a"]);
        assert_ne!(one["b"], two["b"]);
        let with = |target: &str| {
            digest(&format!(
                "runbook x, \"X\" do\n  param u, url\n  source p, scrape: u\n  slo s, \"S\", from: p do\n    \
                 value ratio part: 'a', total: 'b'\n    unit percent\n    target >= {target}\n  end\n  \
                 sample p, every: 1.min, count: 3, as: series_of\nend\n"
            ))["series_of"]
                .clone()
        };
        assert_ne!(with("98.pct"), with("97.pct"), "another target is another observation");
    }
}
