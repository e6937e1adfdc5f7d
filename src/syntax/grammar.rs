//! The parser that `grammar/runbook.pest` describes, and the words of the language with their rules.

use std::num::NonZeroUsize;
use std::sync::Once;

use pest::Parser;
use pest::iterators::Pairs;

pub(super) use generated::Rule;

mod generated {
    /// See `grammar/runbook.pest`.
    #[derive(pest_derive::Parser)]
    #[grammar = "../grammar/runbook.pest"]
    pub(super) struct Runbook;
}

/// Whether a word has a block of statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// `do … end` belongs to it.
    Always,
    /// With or without.
    Maybe,
    /// It is one line.
    Never,
}

/// What one statement may cost. A rule is entered some twenty times for a byte; this is 60 times the longest statement
/// ([`super::MAX_STATEMENT_BYTES`]), and half a second of work: a grammar that backtracks without end stops there.
const CALL_LIMIT: NonZeroUsize = NonZeroUsize::new(60 * super::MAX_STATEMENT_BYTES).unwrap();

/// Reads `text` by `rule`.
pub(super) fn parse(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Box<pest::error::Error<Rule>>> {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| pest::set_call_limit(Some(CALL_LIMIT)));
    generated::Runbook::parse(rule, text).map_err(Box::new)
}

/// The rule of a statement's first word.
pub(super) fn rule_of(word: &str) -> Rule {
    WORDS.binary_search_by_key(&word, |entry| entry.0).ok().and_then(|at| WORDS.get(at)).map_or(Rule::unknown, |e| e.1)
}

/// Whether a statement with this first word has a block.
pub(super) fn body_of(word: &str) -> Body {
    WORDS.binary_search_by_key(&word, |entry| entry.0).ok().and_then(|at| WORDS.get(at)).map_or(Body::Maybe, |e| e.2)
}

/// Whether the language has this word.
pub(super) fn is_word(word: &str) -> bool {
    WORDS.binary_search_by_key(&word, |entry| entry.0).is_ok()
}

/// The words of statements, sorted; `else`, `elsif` and `end` belong to other statements and are not among them.
pub(super) const WORDS: &[(&str, Rule, Body)] = &[
    ("abort", Rule::abort, Body::Never),
    ("add", Rule::add, Body::Never),
    ("alert", Rule::alert, Body::Never),
    ("ask", Rule::ask, Body::Never),
    ("assert", Rule::assert, Body::Never),
    ("at", Rule::at, Body::Always),
    ("channel", Rule::channel, Body::Never),
    ("checklist", Rule::checklist, Body::Always),
    ("collect", Rule::collect, Body::Always),
    ("confirm", Rule::confirm, Body::Never),
    ("copy", Rule::copy, Body::Never),
    ("decide", Rule::decide, Body::Always),
    ("delay", Rule::delay, Body::Never),
    ("done_when", Rule::done_when, Body::Never),
    ("each", Rule::each, Body::Always),
    ("environments", Rule::environments, Body::Never),
    ("extend", Rule::extend, Body::Never),
    ("fails", Rule::fails, Body::Never),
    ("finally", Rule::finally, Body::Always),
    ("finish", Rule::finish, Body::Never),
    ("guard", Rule::guard, Body::Never),
    ("http", Rule::http, Body::Never),
    ("if", Rule::r#if, Body::Always),
    ("item", Rule::item, Body::Never),
    ("language", Rule::language, Body::Never),
    ("let", Rule::r#let, Body::Never),
    ("link", Rule::link, Body::Never),
    ("lock", Rule::lock, Body::Never),
    ("manual", Rule::manual, Body::Never),
    ("no_data", Rule::no_data, Body::Never),
    ("no_return", Rule::no_return, Body::Never),
    ("note", Rule::note, Body::Never),
    ("notify", Rule::notify, Body::Never),
    ("on", Rule::on, Body::Always),
    ("on_error", Rule::on_error, Body::Never),
    ("option", Rule::option, Body::Maybe),
    ("owner", Rule::owner, Body::Never),
    ("param", Rule::param, Body::Never),
    ("poll", Rule::poll, Body::Always),
    ("precheck", Rule::precheck, Body::Always),
    ("probe", Rule::probe, Body::Always),
    ("query", Rule::query, Body::Never),
    ("repair", Rule::repair, Body::Always),
    ("report", Rule::report, Body::Never),
    ("role", Rule::role, Body::Never),
    ("rollback", Rule::rollback, Body::Maybe),
    ("run", Rule::run, Body::Never),
    ("runbook", Rule::runbook, Body::Always),
    ("sample", Rule::sample, Body::Maybe),
    ("scenario", Rule::scenario, Body::Always),
    ("secret", Rule::secret, Body::Never),
    ("section", Rule::section, Body::Always),
    ("settles", Rule::settles, Body::Never),
    ("sh", Rule::sh, Body::Never),
    ("signoff", Rule::signoff, Body::Never),
    ("slo", Rule::slo, Body::Always),
    ("source", Rule::source, Body::Never),
    ("step", Rule::step, Body::Always),
    ("suspend", Rule::suspend, Body::Never),
    ("target", Rule::target, Body::Never),
    ("timezone", Rule::timezone, Body::Never),
    ("try", Rule::r#try, Body::Always),
    ("undo", Rule::undo, Body::Maybe),
    ("unit", Rule::unit, Body::Never),
    ("update", Rule::update, Body::Never),
    ("value", Rule::value, Body::Never),
    ("verify", Rule::verify, Body::Always),
    ("wait", Rule::wait, Body::Never),
    ("window", Rule::window, Body::Never),
];
