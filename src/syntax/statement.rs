//! One logical line as a statement, by the rule of its first word.

use pest::iterators::Pair;

use super::ast::{Block, ExprKind, Ident, Stmt};
use super::expression::{Reader, expr};
use super::grammar::{Rule, parse, rule_of};
use super::lines::{Line, Shape};
use super::repair;
use super::ruby;
use super::strings::Heredoc;
use crate::diagnostic::{Diagnostic, Span, Spanned};

/// A line, read.
pub(super) struct Read {
    /// The statement, without the block that follows it.
    pub(super) stmt: Stmt,
    /// What is wrong with it.
    pub(super) problems: Vec<Diagnostic>,
}

/// Reads `line` of `text`; what its tokens already had wrong was said before.
pub(super) fn read(text: &str, line: &Line) -> Read {
    let source = text.get(line.start..line.end).unwrap_or_default();
    let word = text.get(line.start..line.word_end).unwrap_or_default();
    let rule = match line.shape {
        Shape::Else => Rule::r#else,
        Shape::Elsif => Rule::elsif,
        Shape::End => Rule::end,
        Shape::Statement => rule_of(word),
    };
    if !line.sound {
        return repair::salvage(text, line, None);
    }
    match parse(rule, source) {
        Ok(mut pairs) => match pairs.next() {
            Some(pair) if pair.as_span().end() == source.len() => {
                let mut read = build(pair, line.start);
                if line.do_missing && read.problems.is_empty() {
                    read.problems.push(repair::missing_do(word, read.stmt.head));
                    read.stmt.broken = true;
                }
                read
            }
            _ => repair::salvage(text, line, None),
        },
        Err(stopped) => repair::salvage(text, line, Some(&stopped)),
    }
}

/// The statement that `pair` is; its text begins at byte `base` of the file.
fn build(pair: Pair<'_, Rule>, base: usize) -> Read {
    let heredoc = find_heredoc(&pair, base);
    let span = Span::new(base, base + pair.as_span().end());
    let unknown = pair.as_rule() == Rule::unknown;
    let mut reader = Reader::new(base, heredoc);
    let mut stmt = statement(&mut reader, pair);
    // Its heredoc's text is a part of it.
    stmt.span = span;
    stmt.broken = !reader.problems.is_empty();
    if unknown && let Some(habit) = ruby::word(&stmt.word) {
        stmt.broken = true;
        reader.problems.push(habit);
    }
    Read { stmt, problems: reader.problems }
}

/// The body of the statement's heredoc: among the parts of its line, or behind its `do`.
fn find_heredoc<'s>(pair: &Pair<'s, Rule>, base: usize) -> Option<Heredoc<'s>> {
    for shape in pair.clone().into_inner() {
        for part in shape.into_inner() {
            let found = if part.as_rule() == Rule::heredoc_body {
                Some(part)
            } else if part.as_rule() == Rule::block {
                part.into_inner().find(|inner| inner.as_rule() == Rule::heredoc_body)
            } else {
                None
            };
            if let Some(body) = found {
                let text = body.into_inner().find(|inner| inner.as_rule() == Rule::heredoc_text)?;
                return Some(Heredoc { text: text.as_str(), start: base + text.as_span().start() });
            }
        }
    }
    None
}

/// The first word of a text.
pub(super) fn first_word(text: &str, base: usize) -> Ident {
    let len = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let word = text.get(..len).unwrap_or_default();
    Spanned::new(word.to_owned(), Span::new(base, base + len))
}

fn statement<'s>(reader: &mut Reader<'s>, pair: Pair<'s, Rule>) -> Stmt {
    let span = reader.span(&pair);
    let word = first_word(pair.as_str(), reader.base + pair.as_span().start());
    let mut stmt = Stmt {
        head: word.span,
        word,
        args: Vec::new(),
        options: Vec::new(),
        body: None,
        arms: Vec::new(),
        span,
        broken: false,
    };
    for shape in pair.into_inner() {
        // The name of an unknown statement is no argument of it.
        if shape.as_rule() != Rule::name {
            for part in shape.into_inner() {
                take(reader, &mut stmt, part);
            }
        }
    }
    if stmt.body.is_none() {
        stmt.span.end = stmt.head.end;
    }
    stmt
}

/// Puts one part of a line into its statement.
pub(super) fn take<'s>(reader: &mut Reader<'s>, stmt: &mut Stmt, part: Pair<'s, Rule>) {
    let rule = part.as_rule();
    if rule == Rule::named {
        if let Some(option) = reader.named(part) {
            stmt.head = stmt.head.to(option.span);
            stmt.options.push(option);
        }
        return;
    }
    if rule == Rule::block {
        block(reader, stmt, part);
        return;
    }
    let arg = if rule == Rule::expression {
        reader.expression(part)
    } else if matches!(rule, Rule::heredoc | Rule::raw_heredoc) {
        reader.heredoc(part)
    } else if rule == Rule::bound {
        reader.bound(part)
    } else if rule == Rule::name {
        let name = reader.ident(&part, 0);
        reader.check_name(&name);
        expr(ExprKind::Name(name.node), name.span)
    } else {
        return;
    };
    stmt.head = stmt.head.to(arg.span);
    stmt.args.push(arg);
}

/// `do`, or `do STATEMENT end`.
fn block<'s>(reader: &mut Reader<'s>, stmt: &mut Stmt, pair: Pair<'s, Rule>) {
    let mut body = Block { stmts: Vec::new(), span: reader.span(&pair) };
    for part in pair.into_inner() {
        let span = reader.span(&part);
        if part.as_rule() == Rule::r#do {
            body.span.start = span.end;
        } else if part.as_rule() == Rule::close {
            body.span.end = span.start;
            stmt.span.end = span.end;
        } else if part.as_rule() != Rule::heredoc_body {
            let inner = statement(reader, part);
            body.stmts.push(inner);
        }
    }
    stmt.body = Some(body);
}
