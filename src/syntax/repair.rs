//! A line that the grammar refuses: why, and what can be kept of it.
//!
//! Its arguments are read one by one, so that a wrong one takes nothing with it, and several wrong ones are told
//! together. What its tokens had wrong was told when they were read; then nothing more is said of the line.

use super::ast::{Block, Opt, Stmt};
use super::explain::{Stopped, explain, shown, tokens};
use super::expression::{Reader, error};
use super::grammar::{Body, Rule, body_of, parse};
use super::lex::{Kind, Token};
use super::lines::{Line, Shape};
use super::ruby;
use super::statement::{Read, first_word, take};
use crate::diagnostic::{Code, Diagnostic, Span, Spanned};
use crate::text;
use crate::text::Text;
use crate::value::nearest::nearest;

/// Reads what can be read of `line`, which the grammar refused at `stopped` (or whose tokens were wrong).
pub(super) fn salvage(text: &str, line: &Line, stopped: Option<&Stopped>) -> Read {
    let source = text.get(line.start..line.head_end).unwrap_or_default();
    let base = line.start;
    let tokens = tokens(source);
    let mut word = first_word(source, base);
    let name = word.node.clone();
    if let Some(meant) = intended_word(source) {
        meant.clone_into(&mut word.node);
    }
    let mut stmt = Stmt {
        head: word.span,
        word,
        args: Vec::new(),
        options: Vec::new(),
        body: None,
        arms: Vec::new(),
        span: Span::new(base, line.end),
        broken: true,
    };
    let mut salvage =
        Salvage { source, base, tokens: &tokens, problems: Vec::new(), quiet: !line.sound, out_of_order: None };
    if !salvage.quiet {
        salvage.problems.extend(ruby::line(source, &tokens, base));
        salvage.whole_line(line, &name);
        salvage.quiet = !salvage.problems.is_empty();
    }
    salvage.arguments(&mut stmt, &name);
    if let Some(problem) = salvage.out_of_order.take()
        && salvage.problems.is_empty()
    {
        salvage.say(problem);
    }
    salvage.block(&mut stmt, line, &name);
    if salvage.problems.is_empty() && line.sound {
        let span = Span::new(base, base + source.len());
        let problem = match stopped {
            Some(stopped) => explain(source, base, stopped),
            None => {
                Diagnostic::error(Code::RB0001, span, text!("this cannot be read as a statement", "无法识别为语句"))
            }
        };
        salvage.problems.push(problem);
    }
    Read { stmt, problems: salvage.problems }
}

/// The word of the language that a damaged line began with: behind a stray character, or with one in it.
fn intended_word(source: &str) -> Option<&'static str> {
    let line = source.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let mut word = line.split([' ', '\t']).next().unwrap_or_default().to_owned();
    word.retain(|c| c.is_ascii_alphanumeric() || c == '_');
    super::words().find(|known| *known == word)
}

struct Salvage<'s> {
    /// The line, its heredoc's text aside.
    source: &'s str,
    base: usize,
    tokens: &'s [Token],
    problems: Vec<Diagnostic>,
    /// Something was said of this line already: that is enough.
    quiet: bool,
    /// The first argument that stands behind an option: told where nothing else is wrong with the line.
    out_of_order: Option<Diagnostic>,
}

impl<'s> Salvage<'s> {
    fn text(&self, token: Token) -> &'s str {
        self.source.get(token.start..token.end).unwrap_or_default()
    }

    fn span(&self, token: Token) -> Span {
        Span::new(self.base + token.start, self.base + token.end)
    }

    fn say(&mut self, problem: Diagnostic) {
        if !self.quiet {
            self.problems.push(problem);
        }
    }

    /// What is wrong with the line as a whole.
    fn whole_line(&mut self, line: &Line, word: &str) {
        if !self.problems.is_empty() {
            return;
        }
        let Some(first) = self.tokens.first().copied() else { return };
        let second = self.tokens.get(1).copied();
        if first.kind != Kind::Word {
            let found = shown(self.text(first));
            let problem = ruby::token(self.source, self.tokens, 0, self.base).unwrap_or_else(|| {
                Diagnostic::error(
                    Code::RB0001,
                    self.span(first),
                    text!(
                        "a statement begins with a word, not with `{found}`",
                        "语句以语句词开头，不能以 `{found}` 开头"
                    ),
                )
                .help(text!(
                    "`word NAME, \"title\", option: value`; a line goes on after a comma, an operator or inside \
                    brackets",
                    "`word NAME, \"title\", option: value`；在逗号、运算符之后或括号之内可以续行"
                ))
            });
            self.problems.push(problem);
            return;
        }
        if line.shape == Shape::End && word != "end" {
            let span = Span::new(self.base, self.base + self.source.len());
            let message =
                text!("`{}` is no statement; is `end` meant?", "`{}` 不是语句；是否想写 `end`？", shown(self.source));
            self.problems.push(Diagnostic::error(Code::RB0001, span, message).help(text!("write `end`", "请写 `end`")));
            return;
        }
        if word == "do" {
            self.problems.push(
                Diagnostic::error(
                    Code::RB0021,
                    self.span(first),
                    text!("`do` stands at the end of its statement's line", "`do` 写在其语句所在行的行尾"),
                )
                .help(text!("write it there, or take it out", "请写到那里，或删去")),
            );
            return;
        }
        let Some(second) = second else { return };
        let found = self.text(second);
        if line.shape == Shape::Else && found == "if" {
            let span = self.span(first).to(self.span(second));
            self.problems.push(
                Diagnostic::error(
                    Code::RB0023,
                    span,
                    text!("`else if` is written `elsif`", "`else if` 应写作 `elsif`"),
                )
                .help(text!("write `elsif COND`", "请写 `elsif COND`")),
            );
        } else if matches!(line.shape, Shape::Else | Shape::End) {
            let span = Span::new(self.base + second.start, self.base + self.source.len());
            self.problems.push(
                Diagnostic::error(
                    Code::RB0027,
                    span,
                    text!("nothing follows `{word}` on its line", "`{word}` 所在行之后不能再有内容"),
                )
                .help(text!("one statement a line", "一行一个语句")),
            );
        } else if found == "(" && second.start == first.end {
            self.problems.push(
                Diagnostic::error(
                    Code::RB0042,
                    self.span(second),
                    text!("`{word}` takes its arguments without parentheses", "`{word}` 的参数不加括号"),
                )
                .help(text!(
                    "write `{word} …`, without the outer `(` and `)`",
                    "请写 `{word} …`，去掉最外层的 `(` 和 `)`"
                )),
            );
        } else if second.kind == Kind::Comma {
            self.problems.push(
                Diagnostic::error(
                    Code::RB0001,
                    self.span(second),
                    text!("no comma follows the word `{word}`", "语句词 `{word}` 之后没有逗号"),
                )
                .help(text!(
                    "write `{word} …`; commas stand between the arguments",
                    "请写 `{word} …`；逗号写在参数之间"
                )),
            );
        } else if second.kind == Kind::Operator
            && super::words().all(|known| known != word)
            && let Some(near) = nearest(word, super::words())
        {
            let message = text!("`{word}` is no word of the language", "语言中没有 `{word}` 这个语句词");
            let problem = Diagnostic::error(Code::RB0301, self.span(first), message);
            self.problems.push(problem.did_you_mean(near));
        } else if let Some(problem) = self.form(word, second) {
            self.problems.push(problem);
        } else if word.starts_with(|c: char| c.is_ascii_uppercase())
            || matches!(found, "." | "::") && second.start == first.end
        {
            let problem = ruby::token(self.source, self.tokens, 0, self.base).unwrap_or_else(|| {
                Diagnostic::error(
                    Code::RB0001,
                    self.span(second),
                    text!("`{word}{found}…` is no statement", "`{word}{found}…` 不是语句"),
                )
                .help(text!("a statement begins with a word and a blank", "语句以语句词和空格开头"))
            });
            self.problems.push(problem);
        }
    }

    /// The statements with a form of their own, written without it.
    fn form(&self, word: &str, second: Token) -> Option<Diagnostic> {
        let third = self.tokens.get(2).map(|token| self.text(*token));
        let (message, help) = match word {
            "let" if second.kind == Kind::Word && third != Some("=") => (
                text!("`let` needs `=` and a value", "`let` 需要 `=` 和值"),
                text!("write `let {} = …`", "请写 `let {} = …`", self.text(second)),
            ),
            "target" | "alert" if !matches!(self.text(second), "<" | "<=" | ">" | ">=" | "==" | "!=") => (
                text!("`{word}` needs a comparison", "`{word}` 需要一个比较"),
                Text::verbatim(format!("`{word} >= 98.pct`, `{word} < 2.s`")),
            ),
            "value" if second.kind != Kind::Word || third.is_none() => (
                text!("`value` needs a form and what it is made of", "`value` 需要指明形式及其组成"),
                Text::verbatim(
                    "`value ratio part: …, total: …`, `value ratio bad: …, total: …`, `value quantile 0.99, of: …`, `value promql …`",
                ),
            ),
            _ => return None,
        };
        Some(Diagnostic::error(Code::RB0001, self.span(second), message).help(help))
    }

    /// The arguments, one by one.
    fn arguments(&mut self, stmt: &mut Stmt, word: &str) {
        if matches!(word, "value" | "target" | "alert" | "let" | "if" | "elsif" | "else" | "end") {
            // Their arguments have a form of their own: all or nothing.
            stmt.args.push(error(Span::new(self.base + word.len(), self.base + self.source.len())));
            stmt.head = Span::new(self.base, self.base + self.source.len());
            return;
        }
        let mut depth = 0_usize;
        let mut from = 1;
        let mut last_option: Option<Span> = None;
        for at in 1..=self.tokens.len() {
            let token = self.tokens.get(at).copied();
            let kind = token.map(|token| token.kind);
            match kind {
                Some(Kind::Open) => depth += 1,
                Some(Kind::Close) => depth = depth.saturating_sub(1),
                _ => {}
            }
            let block = depth == 0
                && token.is_some_and(|token| kind == Some(Kind::Word) && self.text(token) == "do")
                && self.tokens.get(at - 1).is_none_or(|before| before.kind != Kind::Dot);
            let ends = token.is_none() || block || depth == 0 && kind == Some(Kind::Comma);
            if !ends {
                continue;
            }
            let end_of_arguments = token.is_none() || block;
            if from < at {
                self.argument(stmt, from, at, &mut last_option);
            } else if !end_of_arguments || from > 1 {
                let comma = self.tokens.get(from - 1).copied();
                if let Some(comma) = comma.filter(|_| end_of_arguments) {
                    self.say(
                        Diagnostic::error(
                            Code::RB0015,
                            self.span(comma),
                            text!("no argument follows this comma", "此逗号之后没有参数"),
                        )
                        .help(text!("take it out, or write the argument", "请删去逗号，或补上参数")),
                    );
                } else if let Some(place) = token {
                    self.say(
                        Diagnostic::error(
                            Code::RB0041,
                            self.span(place),
                            text!("an argument is missing before this comma", "此逗号之前缺少参数"),
                        )
                        .help(text!("write it, or take the comma out", "请补上参数，或删去逗号")),
                    );
                }
            }
            from = at + 1;
            if end_of_arguments {
                return;
            }
        }
    }

    /// The argument that the tokens `from..to` make.
    fn argument(&mut self, stmt: &mut Stmt, from: usize, to: usize, last_option: &mut Option<Span>) {
        let (Some(first), Some(last)) = (self.tokens.get(from).copied(), self.tokens.get(to - 1).copied()) else {
            return;
        };
        let text = self.source.get(first.start..last.end).unwrap_or_default();
        let at = self.base + first.start;
        let span = Span::new(at, at + text.len());
        stmt.head = stmt.head.to(span);
        let label = (first.kind == Kind::Label).then(|| {
            let name = self.text(first).trim_end_matches(':').to_owned();
            let end = first.start + name.len();
            Spanned::new(name, Span::new(self.base + first.start, self.base + end))
        });
        if label.is_some() {
            *last_option = Some(span);
        } else if let Some(option) = *last_option {
            self.out_of_order = self.out_of_order.take().or_else(|| {
                Some(
                    Diagnostic::error(
                        Code::RB0017,
                        span,
                        text!("an argument without a name stands after an option", "无名参数写在了选项之后"),
                    )
                    .label(option, text!("the option before it", "前面的选项"))
                    .help(text!(
                        "options come last: move it to the front, or give it its name",
                        "选项写在最后：请把参数移到前面，或写出它的名称"
                    )),
                )
            });
        }
        match parse(Rule::argument, text) {
            Ok(pairs) => {
                let mut reader = Reader::new(at, None);
                for part in pairs.flat_map(pest::iterators::Pair::into_inner) {
                    take(&mut reader, stmt, part);
                }
                if !self.quiet {
                    self.problems.append(&mut reader.problems);
                }
            }
            Err(stopped) => {
                self.say(explain(text, at, &stopped));
                match label {
                    Some(name) => {
                        let value = error(Span { start: name.span.end + 1, end: span.end });
                        stmt.options.push(Opt { name, value, span });
                    }
                    None => stmt.args.push(error(span)),
                }
            }
        }
    }

    /// Whether a block is missing, or too much.
    fn block(&mut self, stmt: &mut Stmt, line: &Line, word: &str) {
        let needs = body_of(word);
        let depth_zero_do = self.tokens.iter().position(|token| token.kind == Kind::Word && self.text(*token) == "do");
        if line.opens > 0 && line.closes > 0 {
            // `do … end` on one line: its statement is not kept.
            stmt.body = Some(Block::default());
        }
        let quiet = self.quiet || !self.problems.is_empty();
        if quiet || line.shape != Shape::Statement || word == "if" {
            return;
        }
        match depth_zero_do.and_then(|at| self.tokens.get(at).copied().map(|token| (at, token))) {
            None if needs == Body::Always => {
                let end = self.base + self.source.len();
                let tail = self.tokens.last().map_or(Span::new(self.base, end), |token| self.span(*token));
                self.problems.push(
                    Diagnostic::error(
                        Code::RB0021,
                        tail,
                        text!("`{word}` needs a block: its `do` is missing", "`{word}` 需要语句块：缺少 `do`"),
                    )
                    .help(text!("`{word} … do`, its statements, `end`", "`{word} … do`，块内语句，`end`")),
                );
            }
            Some((_, token)) if needs == Body::Never => {
                self.problems.push(
                    Diagnostic::error(
                        Code::RB0022,
                        self.span(token),
                        text!("`{word}` has no block", "`{word}` 不带语句块"),
                    )
                    .help(text!("take the `do` out, and its `end`", "请删去 `do` 及其 `end`")),
                );
            }
            Some((at, _)) => {
                if let Some(next) = self.tokens.get(at + 1).copied() {
                    let span = Span::new(self.base + next.start, self.base + self.source.len());
                    if line.opens > line.closes {
                        self.problems.push(
                            Diagnostic::error(
                                Code::RB0027,
                                span,
                                text!("a block begins on the next line", "语句块从下一行开始"),
                            )
                            .help(text!(
                                "one statement a line; a block of one statement may stand on one line with its `end`",
                                "一行一个语句；只有一个语句的块可以连同 `end` 写在一行"
                            )),
                        );
                    } else if line.closes == 0 {
                        self.problems.push(
                            Diagnostic::error(
                                Code::RB0018,
                                self.span(self.tokens.get(at).copied().unwrap_or(next)),
                                text!("the block on this line has no `end`", "本行的语句块没有 `end`"),
                            )
                            .help(text!(
                                "`{word} … do STATEMENT end`, or its statements on lines of their own",
                                "写作 `{word} … do STATEMENT end`，或将块内语句各写一行"
                            )),
                        );
                    }
                }
            }
            None if line.do_missing => {
                self.problems.push(missing_do(word, Span::new(self.base, self.base + self.source.len())));
            }
            None => {}
        }
    }
}

/// A block follows this line, and its `do` is not there.
pub(super) fn missing_do(word: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        Code::RB0021,
        at,
        text!("a block follows, and this `{word}` has no `do`", "后面有语句块，但 `{word}` 缺少 `do`"),
    )
    .help(text!("`{word} … do`, its statements, `end`", "`{word} … do`，块内语句，`end`"))
}
