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
    ("branch", Rule::branch, Body::Always),
    ("channel", Rule::channel, Body::Never),
    ("chart", Rule::chart, Body::Never),
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
    ("parallel", Rule::parallel, Body::Always),
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
    ("stop", Rule::stop, Body::Never),
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
    ("watch", Rule::watch, Body::Always),
    ("window", Rule::window, Body::Never),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::lines::split;

    const GRAMMAR: &str = include_str!("../../grammar/runbook.pest");

    /// The names between the braces of a rule.
    fn alternatives(rule: &str) -> Vec<String> {
        let from = GRAMMAR.find(&format!("\n{rule} = ")).unwrap() + 1;
        let body = &GRAMMAR[from..][..GRAMMAR[from..].find("\n}").unwrap()];
        let body = &body[body.find('{').unwrap()..];
        let names = body.split(['{', '(', '|', ')']).map(|name| name.trim().trim_matches('"').to_owned());
        names.filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')).collect()
    }

    #[test]
    fn the_table_of_words_is_the_grammars() {
        let words: Vec<&str> = WORDS.iter().map(|(word, ..)| *word).collect();
        assert!(words.is_sorted(), "the table is searched by halves");
        for (word, rule, _) in WORDS {
            assert_eq!(format!("{rule:?}").trim_start_matches("r#"), *word);
        }
        let mut statements = alternatives("statement");
        statements.retain(|name| name != "unknown");
        statements.sort();
        assert_eq!(statements, words);
        let mut all = alternatives("word");
        all.retain(|word| !matches!(word.as_str(), "else" | "elsif" | "end"));
        all.sort();
        assert_eq!(all, words);
    }

    #[test]
    fn a_word_has_the_block_that_the_table_says() {
        for (word, rule, body) in WORDS {
            let arguments = match *word {
                "let" => "a = 1",
                "value" => "promql 'a'",
                "target" | "alert" => ">= 1",
                _ => "a",
            };
            let reads = |text: String| parse(*rule, &text).is_ok_and(|pairs| pairs.as_str() == text);
            let (plain, block) = (reads(format!("{word} {arguments}")), reads(format!("{word} {arguments} do")));
            match body {
                // `if` has its block without `do`.
                Body::Always if *word == "if" => assert!(plain && !block),
                Body::Always => assert!(!plain && block, "{word}"),
                Body::Maybe => assert!(plain && block, "{word}"),
                Body::Never => assert!(plain && !block, "{word}"),
            }
        }
    }

    /// The rule for whole files, which says the layout in the grammar's own words, finds the lines that are read.
    #[test]
    fn the_rule_for_files_finds_the_lines_that_are_read() {
        let layout = "\n# first\nsh <<~A, b: 1 # c\n  a\n A\n  # between\nlet x = [1, # one\n\n  2\n]\n\nnote \"a\",\n  # c\n  \
                      as: b\nif a &&\n  b\nelse\n  on f(a) do run b end\nend # last";
        let marked = "\u{feff}note 1";
        for text in [include_str!("../../runbooks/phase5.rb"), layout, &layout.replace('\n', "\r\n"), marked] {
            let file = parse(Rule::file, text).unwrap_or_else(|stopped| panic!("{stopped}"));
            let found: Vec<(usize, &str)> = file
                .flat_map(pest::iterators::Pair::into_inner)
                .filter(|pair| !matches!(pair.as_rule(), Rule::comment | Rule::EOI | Rule::newline))
                .map(|pair| (pair.as_span().start(), pair.as_str().trim_end()))
                .collect();
            let lines = split(text).lines;
            let read: Vec<(usize, &str)> = lines.iter().map(|line| (line.start, &text[line.start..line.end])).collect();
            assert_eq!(found, read);
        }
    }

    #[test]
    fn a_heredoc_that_was_never_begun_does_not_panic() {
        // `PEEK` on an empty stack would.
        assert!(parse(Rule::heredoc_body, "\n a\nA\n").is_err());
        assert!(parse(Rule::heredoc_end, "A").is_err());
    }
}
