//! A tree becomes a closed, typed [`program::Program`], or all its errors at once.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place of the language takes a few forms of the tree or a few types, and every other one is the same mistake"
)]

mod args;
mod blanks;
mod branches;
mod context;
mod digest;
mod expr;
mod flow;
mod follow;
mod keys;
mod lower;
mod names;
mod narrow;
pub mod program;
mod settle;
pub mod shape;
mod shell;
pub mod signature;
mod strict;
mod types;
mod undo;
mod unused;
mod visit;

use crate::diagnostic::{Code, Diagnostic, Severity};
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
    if let Some(program) = &checked.program {
        checked.strict = strict::check(program);
        let unused = unused::check(program, files);
        for diagnostic in unused {
            // What nobody runs or measures is a slip; a name too many is none.
            let list = if diagnostic.code == Code::RB0508 { &mut checked.diagnostics } else { &mut checked.strict };
            list.push(diagnostic);
        }
        checked.diagnostics.sort_by_key(|diagnostic| (diagnostic.span(), diagnostic.code));
        checked.strict.sort_by_key(Diagnostic::span);
    }
    checked
}

#[cfg(test)]
mod tests;
