//! What follows from another error is not said: one broken line brings one message. Whoever mends the line sees what is left.
//!
//! - In one statement a wrong number of arguments, an unknown option or a lacking argument says why other things in it do not fit.
//! - A name that occurs in a line with an error may be declared by it: nothing is said about such a name elsewhere.
//! - What a block holds is not seen where its word is not known: names bound in it, ways that lead through it.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Severity, Span};
use crate::syntax::ast::{File, Stmt};

/// Errors in one statement that follow from another one in it.
const WITHIN: &[(Code, &[Code])] = &[
    // The unknown option is the one that is missing.
    (
        Code::RB0305,
        &[
            Code::RB0209,
            Code::RB0303,
            Code::RB0307,
            Code::RB0308,
            Code::RB0313,
            Code::RB0316,
            Code::RB0410,
            Code::RB0412,
            Code::RB0503,
            Code::RB0651,
        ],
    ),
    // A comma too many moves what stands behind it.
    (
        Code::RB0304,
        &[
            Code::RB0101,
            Code::RB0105,
            Code::RB0107,
            Code::RB0110,
            Code::RB0201,
            Code::RB0202,
            Code::RB0203,
            Code::RB0207,
            Code::RB0208,
            Code::RB0211,
            Code::RB0305,
            Code::RB0307,
            Code::RB0308,
            Code::RB0311,
            Code::RB0316,
            Code::RB0651,
        ],
    ),
    // It ends too early.
    (
        Code::RB0303,
        &[
            Code::RB0101,
            Code::RB0105,
            Code::RB0110,
            Code::RB0207,
            Code::RB0211,
            Code::RB0307,
            Code::RB0308,
            Code::RB0311,
        ],
    ),
    (Code::RB0307, &[Code::RB0101, Code::RB0105, Code::RB0110, Code::RB0308, Code::RB0312]),
    (Code::RB0208, &[Code::RB0101, Code::RB0105, Code::RB0106, Code::RB0201]),
    (Code::RB0207, &[Code::RB0106]),
    (Code::RB0211, &[Code::RB0101, Code::RB0207]),
    (Code::RB0201, &[Code::RB0410, Code::RB0412]),
    (Code::RB0105, &[Code::RB0103]),
    (Code::RB0101, &[Code::RB0106]),
];

/// Errors that leave open what a statement declares: its word, its name or its type.
const TORN: &[Code] = &[Code::RB0301, Code::RB0303, Code::RB0304, Code::RB0211];

/// Errors about a name that is not there, or not there yet.
const OF_NAMES: &[Code] =
    &[Code::RB0101, Code::RB0103, Code::RB0105, Code::RB0107, Code::RB0110, Code::RB0111, Code::RB0502];

/// Without the errors that follow from others. The first `by_syntax` are those of the syntax.
pub(super) fn left_out(source: &str, tree: &File, found: Vec<Diagnostic>, by_syntax: usize) -> Vec<Diagnostic> {
    let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
    if errors < 2 {
        return found;
    }
    let heads = Heads::of(tree);
    let mut follows = vec![false; found.len()];
    within(&found, &heads, &mut follows);

    let mut damage = Damage::default();
    for (number, one) in found.iter().enumerate() {
        if one.severity == Severity::Error && follows.get(number) != Some(&true) {
            damage.take(source, tree, one, &heads, number < by_syntax);
        }
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (one, follows) in found.iter().zip(&mut follows).skip(by_syntax) {
        *follows |= match one.code {
            _ if of_names(one) && damage.explains(source, one) => true,
            // In two places of the language it is looked for as two things.
            Code::RB0101 | Code::RB0110 if one.message.en.starts_with("there is no ") => {
                !told.insert(text(source, one.span()))
            }
            Code::RB0108 => damage.leads_to(one.span(), &tree.body),
            Code::RB0302 | Code::RB0315 | Code::RB0412 => damage.beside(one.span(), &heads),
            _ => false,
        };
    }
    let mut follows = follows.into_iter();
    found.into_iter().filter(|_| follows.next() != Some(true)).collect()
}

fn of_names(one: &Diagnostic) -> bool {
    OF_NAMES.contains(&one.code)
}

/// The statements in order of place, each with the number of the one around it.
struct Heads<'a>(Vec<(&'a Stmt, Option<usize>)>);

impl<'a> Heads<'a> {
    fn of(tree: &'a File) -> Self {
        let mut heads = Self(Vec::new());
        tree.body.iter().for_each(|stmt| heads.list(stmt, None));
        heads
    }

    fn list(&mut self, stmt: &'a Stmt, around: Option<usize>) {
        let own = self.0.len();
        self.0.push((stmt, around));
        let arms = stmt.arms.iter().map(|arm| &arm.body);
        stmt.body.iter().chain(arms).flat_map(|block| &block.stmts).for_each(|stmt| self.list(stmt, Some(own)));
    }

    /// The last one that begins at or before a byte.
    fn last(&self, byte: u32) -> Option<usize> {
        self.0.partition_point(|(stmt, _)| stmt.span.start <= byte).checked_sub(1)
    }

    /// The statement in whose head a place lies.
    fn at(&self, place: Span) -> Option<&'a Stmt> {
        let (stmt, _) = self.0.get(self.last(place.start)?)?;
        (place.start <= stmt.head.end).then_some(stmt)
    }

    /// The statement around the one at a place; the runbook itself is too wide to be one.
    fn around(&self, place: Span) -> Option<u32> {
        let mut at = self.last(place.start)?;
        loop {
            let (stmt, around) = self.0.get(at)?;
            if stmt.span.start < place.start && place.end <= stmt.span.end {
                return (stmt.word.node != "runbook").then_some(stmt.span.start);
            }
            at = (*around)?;
        }
    }
}

/// As many errors of one statement are looked at as causes of the others: nobody reads more of one line.
const MAX_CAUSES: usize = 50;

/// Marks what follows from another error in the same statement, and what says the same of it again.
fn within(found: &[Diagnostic], heads: &Heads<'_>, follows: &mut [bool]) {
    let at = |one: &Diagnostic| heads.at(one.span()).map(|stmt| stmt.head.start);
    let mut placed: Vec<(Option<u32>, usize)> = found.iter().map(at).zip(0..).collect();
    placed.retain(|(at, number)| at.is_some() && found.get(*number).is_some_and(|one| one.severity == Severity::Error));
    placed.sort_by_key(|(at, _)| *at);
    for group in placed.chunk_by(|(left, _), (right, _)| left == right) {
        let own: Vec<(usize, &Diagnostic)> =
            group.iter().filter_map(|(_, number)| Some((*number, found.get(*number)?))).collect();
        for (place, (number, one)) in own.iter().enumerate() {
            let caused = own.iter().take(MAX_CAUSES).any(|(_, other)| {
                // `re,ad: "…"`, `[app,_log]`: the comma tears a word in two.
                let touch = |left: Span, right: Span| left.end + 1 == right.start;
                let torn = (other.code == Code::RB0305 && touch(one.span(), other.span()))
                    || (of_names(one) && of_names(other) && touch(other.span(), one.span()));
                torn || WITHIN.iter().any(|(cause, caused)| *cause == other.code && caused.contains(&one.code))
            });
            let again = own
                .iter()
                .take(place.min(MAX_CAUSES))
                .any(|(_, other)| other.code == one.code && other.message == one.message);
            if let Some(follows) = follows.get_mut(*number) {
                *follows |= caused || again;
            }
        }
    }
}

/// What is damaged: lines with an error that says why.
#[derive(Default)]
struct Damage {
    /// Words of the damaged lines.
    words: BTreeSet<String>,
    /// All their letters, with no sign between them: a name may be torn.
    letters: String,
    /// Statements that could not be read, or whose name is not known, by their first byte.
    statements: BTreeMap<u32, Span>,
    /// First bytes of these and of the statements around them.
    blocks: BTreeSet<u32>,
    /// The words of all comments are taken.
    all_comments: bool,
}

/// As many letters are kept: a torn name is looked for where little is broken.
const MAX_LETTERS: usize = 64 * 1024;

/// A name of so few letters would be found in any text.
const SHORT: usize = 2;

impl Damage {
    /// Takes what an error may have damaged.
    fn take(&mut self, source: &str, tree: &File, one: &Diagnostic, heads: &Heads<'_>, by_syntax: bool) {
        let stmt = heads.at(one.span());
        let row = row(source, stmt.map_or(one.span(), |stmt| stmt.head.to(one.span())));
        if by_syntax || TORN.contains(&one.code) {
            self.words_of(text(source, row));
            if self.letters.len() < MAX_LETTERS {
                self.letters.extend(text(source, row).chars().filter(|c| of_word(*c)));
            }
            let whole = stmt.map_or(one.span(), |stmt| stmt.span);
            self.statements.insert(whole.start, whole);
            self.blocks.insert(whole.start);
            self.blocks.extend(heads.around(whole));
        }
        if one.code == Code::RB0301 {
            self.words_of(one.help.as_ref().map(|help| help.en.as_str()).unwrap_or_default());
        }
        if one.code == Code::RB0305 {
            // `sa: found` was meant to bind it.
            let behind = source.get(one.span().end as usize..).unwrap_or_default();
            self.words_of(behind.split([',', '\n']).next().unwrap_or_default());
        }
        // A stray `#` makes a comment of what was meant, also of a line that opens a block.
        if matches!(one.code, Code::RB0018 | Code::RB0019) && !std::mem::replace(&mut self.all_comments, true) {
            tree.comments.iter().for_each(|comment| self.words_of(&comment.node));
        }
        let first = tree.comments.partition_point(|comment| comment.span.start < row.start);
        for comment in tree.comments.iter().skip(first).take_while(|comment| comment.span.start < row.end) {
            self.words_of(&comment.node);
        }
    }

    fn words_of(&mut self, text: &str) {
        self.words.extend(text.split(|c| !of_word(c)).filter(|word| !word.is_empty()).map(str::to_owned));
    }

    /// Does an error about a name follow from it?
    fn explains(&self, source: &str, one: &Diagnostic) -> bool {
        // The place is the name or a path that ends with it; a further place is where it is bound.
        let at_fault = path(source, one.span());
        let and_here = super::context::and_here();
        let bound = one.labels.iter().skip(1).filter(|label| label.text != and_here).map(|label| label.span);
        bound.clone().any(|bound| {
            self.statements.range(..=bound.start).any(|(_, stmt)| stmt.start <= bound.start && bound.end <= stmt.end)
        }) || at_fault
            .split(|c| !of_word(c))
            .chain(bound.map(|bound| text(source, bound)))
            .any(|name| self.words.contains(name) || (name.len() > SHORT && self.letters.contains(name)))
    }

    /// Is the statement around this place damaged, or another one directly in it?
    fn beside(&self, place: Span, heads: &Heads<'_>) -> bool {
        heads.around(place).is_some_and(|around| self.blocks.contains(&around))
    }

    /// Does a way lead to this place through a statement that could not be read?
    fn leads_to(&self, place: Span, body: &[Stmt]) -> bool {
        for stmt in body {
            if stmt.span.start >= place.start {
                return false;
            }
            if self.statements.range(stmt.span.start..stmt.span.end.min(place.start)).next().is_some() {
                return true;
            }
            if place.start < stmt.span.end {
                let arms = stmt.arms.iter().map(|arm| &arm.body);
                return stmt.body.iter().chain(arms).any(|block| self.leads_to(place, &block.stmts));
            }
        }
        false
    }
}

/// The lines of a place.
fn row(source: &str, place: Span) -> Span {
    let before = source.get(..place.start as usize).unwrap_or_default();
    let after = source.get(place.end as usize..).unwrap_or_default();
    let end = after.find('\n').map_or(source.len(), |at| place.end as usize + at);
    Span::new(before.rfind('\n').map_or(0, |at| at + 1), end)
}

fn of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn text(source: &str, place: Span) -> &str {
    source.get(place.start as usize..place.end as usize).unwrap_or_default()
}

/// The place, and what it is a part of: `target.value` where it is `value`.
fn path(source: &str, place: Span) -> &str {
    let before = source.get(..place.start as usize).unwrap_or_default();
    let start = before.trim_end_matches(|c| of_word(c) || c == '.').len();
    source.get(start..place.end as usize).unwrap_or_default()
}
