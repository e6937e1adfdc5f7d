//! Habits of Ruby (and of other languages) that the language does not have, each with the form that it has instead.

use super::ast::Ident;
use super::lex::{Kind, Token};
use crate::diagnostic::{Code, Diagnostic, Span, Spanned};
use crate::text;
use crate::text::Text;

/// A token's text, or nothing past the end.
fn text_of<'s>(text: &'s str, tokens: &[Token], at: usize) -> &'s str {
    tokens.get(at).and_then(|token| text.get(token.start..token.end)).unwrap_or_default()
}

fn problem(code: Code, base: usize, token: Token, message: impl Into<Text>) -> Diagnostic {
    Diagnostic::error(code, Span::new(base + token.start, base + token.end), message)
}

/// What a whole line says in Ruby and not here. `text` is the line, `tokens` are its tokens, `base` its place.
pub(super) fn line(text: &str, tokens: &[Token], base: usize) -> Option<Diagnostic> {
    let first = *tokens.first()?;
    let word = text_of(text, tokens, 0);
    if matches!(word, "end" | "else") {
        return None;
    }
    if first.kind == Kind::Word {
        let span = Span::new(base + first.start, base + first.end);
        if text_of(text, tokens, 1) != "="
            && let Some(found) = self::word(&Spanned::new(word.to_owned(), span))
        {
            return Some(found);
        }
        let second = *tokens.get(1).unwrap_or(&first);
        match text_of(text, tokens, 1) {
            "=" if word != "let" => {
                return Some(
                    problem(
                        Code::RB0030,
                        base,
                        second,
                        text!("`{word}` is not assigned with `=`", "`{word}` 不能用 `=` 赋值"),
                    )
                    .help(text!(
                        "a name is given once, with `let {word} = …`; a result is named with `as: {word}`",
                        "名称只赋值一次，写 `let {word} = …`；结果用 `as: {word}` 命名"
                    )),
                );
            }
            "+=" | "-=" | "*=" | "/=" | "%=" | "||=" | "&&=" | "**=" => {
                return Some(
                    problem(
                        Code::RB0030,
                        base,
                        second,
                        text!("a name keeps its value: nothing is assigned again", "名称的值不变：不能再次赋值"),
                    )
                    .help(text!(
                        "count with `count(…)`, collect with `collect` and `add`",
                        "计数用 `count(…)`，收集用 `collect` 和 `add`"
                    )),
                );
            }
            _ => {}
        }
    }
    let last = tokens.len().saturating_sub(1);
    if matches!(word, "if" | "elsif") && text_of(text, tokens, last) == "do" {
        return Some(
            problem(Code::RB0033, base, *tokens.last()?, text!("`{word}` has no `do`", "`{word}` 后面没有 `do`"))
                .help(text!("`{word} COND`, its statements, and `end`", "写 `{word} 条件`、其下的语句和 `end`")),
        );
    }
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(1) {
        let piece = text_of(text, tokens, at);
        let before = tokens.get(at - 1).copied().unwrap_or(first);
        if token.kind == Kind::Open {
            let value_before = matches!(before.kind, Kind::Text | Kind::Number | Kind::Close)
                || before.kind == Kind::Word && before.end < token.start && text_of(text, tokens, at - 1) != "do";
            if piece == "{" && depth == 0 && value_before {
                return Some(braces(base, *token));
            }
            depth += 1;
        } else if token.kind == Kind::Close {
            depth = depth.saturating_sub(1);
        } else if piece == "|" && text_of(text, tokens, at - 1) == "do" {
            return Some(
                problem(Code::RB0033, base, *token, text!("a block has no parameters", "语句块没有参数")).help(text!(
                    "`each NAME, in: LIST do` names the item before the block",
                    "`each NAME, in: LIST do` 在块之前为元素命名"
                )),
            );
        }
        let modifier = token.kind == Kind::Word
            && before.kind != Kind::Dot
            && depth == 0
            && matches!(piece, "if" | "unless" | "while" | "until")
            && !matches!(word, "if" | "elsif" | "else");
        if modifier {
            let cond = if piece == "if" { "if: COND" } else { "if: !COND" };
            return Some(
                problem(
                    Code::RB0037,
                    base,
                    *token,
                    text!("`{piece}` does not stand behind a statement", "`{piece}` 不能写在语句之后"),
                )
                .help(text!("the condition is an option: `{word} …, {cond}`", "条件写成选项：`{word} …, {cond}`")),
            );
        }
    }
    None
}

/// What the first word of a statement, none of the language's, says in Ruby.
pub(super) fn word(word: &Ident) -> Option<Diagnostic> {
    let name = word.node.as_str();
    if let Some(instead) = control(name) {
        return Some(
            Diagnostic::error(Code::RB0029, word.span, text!("there is no `{name}` here", "此处没有 `{name}`"))
                .help(instead),
        );
    }
    let instead = method(name)?;
    let message = text!(
        "`{name}` is Ruby; nothing of Ruby runs in a runbook",
        "`{name}` 是 Ruby 的写法；runbook 中不运行任何 Ruby 代码"
    );
    Some(Diagnostic::error(Code::RB0036, word.span, message).help(instead))
}

/// Ruby's control words at the start of a line.
fn control(word: &str) -> Option<Text> {
    Some(match word {
        "unless" => text!("`if !COND` … `end`, or the option `if: !COND`", "`if !COND` … `end`，或选项 `if: !COND`"),
        "while" | "until" => {
            text!(
                "`poll every: 5.s, for: 2.min do` … `done_when COND` `end` waits; `try 3 do` … `end` repeats",
                "等待用 `poll every: 5.s, for: 2.min do` … `done_when COND` `end`；重复用 `try 3 do` … `end`"
            )
        }
        "for" => Text::verbatim("`each NAME, in: LIST do` … `end`"),
        "loop" => text!(
            "`each` goes over a list, `poll` waits for a condition, `try` repeats: each of them ends",
            "`each` 遍历列表，`poll` 等待条件，`try` 重试：每一种都会结束"
        ),
        "case" => text!(
            "`if COND` … `elsif COND` … `else` … `end`; a person's choice is `decide`",
            "`if COND` … `elsif COND` … `else` … `end`；由人选择则用 `decide`"
        ),
        "when" => text!("`elsif COND`, or an `option` of a `decide`", "`elsif COND`，或 `decide` 的 `option`"),
        "begin" => text!(
            "a failure opens a menu; `try 3 do` … `repair do` … `end` `end` repairs and tries again",
            "失败时会打开菜单；`try 3 do` … `repair do` … `end` `end` 修复后重试"
        ),
        "rescue" => Text::verbatim("`try 3 do` … `repair do` … `end` `end`"),
        "ensure" => {
            text!("`finally do` … `end` runs at the end of every run", "`finally do` … `end` 在每次运行结束时执行")
        }
        "then" => text!(
            "the line ends after the condition; what is to be done stands on the next",
            "条件之后即行尾；要执行的内容写在下一行"
        ),
        "def" | "lambda" | "proc" => {
            text!(
                "`scenario KEY, \"title\", params: {{ name: string }} do` … `end`, run by `run KEY, name: …`",
                "`scenario KEY, \"title\", params: {{ name: string }} do` … `end`，由 `run KEY, name: …` 执行"
            )
        }
        "class" | "module" => text!(
            "there are no classes; steps that are used twice are a `scenario`",
            "没有类；需要多次使用的步骤写成 `scenario`"
        ),
        "return" | "break" | "next" | "redo" => {
            text!(
                "`finish because: \"…\"` ends the run well, `abort because: \"…\"` ends it badly",
                "`finish because: \"…\"` 正常结束运行，`abort because: \"…\"` 异常结束"
            )
        }
        _ => return None,
    })
}

/// Methods that people write out of habit.
fn method(word: &str) -> Option<Text> {
    Some(match word {
        "puts" | "print" | "p" | "pp" | "printf" => {
            text!(
                "`note \"…\"` shows and records, `notify CHANNEL, \"…\"` tells others",
                "`note \"…\"` 显示并记录，`notify CHANNEL, \"…\"` 通知他人"
            )
        }
        "system" | "exec" => text!(
            "`sh \"…\"` runs a command, `sh read: \"…\"` one that changes nothing",
            "`sh \"…\"` 执行命令，`sh read: \"…\"` 执行只读命令"
        ),
        "sleep" => text!("`wait 5.min`, or `poll` for a condition", "`wait 5.min`，或用 `poll` 等待条件"),
        "require" | "require_relative" | "load" | "include" => {
            text!("a runbook is one file and needs nothing", "一个 runbook 就是一个文件，不依赖其他文件")
        }
        "raise" | "throw" | "fail" => text!(
            "`assert COND, \"…\"` fails, `abort because: \"…\"` ends the run",
            "`assert COND, \"…\"` 判为失败，`abort because: \"…\"` 结束运行"
        ),
        "exit" | "exit!" => text!(
            "`finish because: \"…\"` ends the run well, `abort because: \"…\"` ends it badly",
            "`finish because: \"…\"` 正常结束运行，`abort because: \"…\"` 异常结束"
        ),
        "gets" => text!(
            "`ask NAME, TYPE, \"…\"` asks a person; `sh read: \"…\", as: NAME` takes a command's output",
            "`ask NAME, TYPE, \"…\"` 向人提问；`sh read: \"…\", as: NAME` 取命令的输出"
        ),
        _ => return None,
    })
}

/// What the token at `at`, where the grammar stopped, says in Ruby and not here.
pub(super) fn token(text: &str, tokens: &[Token], at: usize, base: usize) -> Option<Diagnostic> {
    let token = *tokens.get(at)?;
    let piece = text_of(text, tokens, at);
    let before = at.checked_sub(1).and_then(|at| tokens.get(at)).copied();
    let next = tokens.get(at + 1).copied();
    let touches_before = before.is_some_and(|before| before.end == token.start);
    let say = |code, message: Text| problem(code, base, token, message);
    if let Some(not) = before
        && text_of(text, tokens, at - 1) == "not"
        && not.kind == Kind::Word
    {
        return Some(written_not(base, not));
    }
    Some(match (token.kind, piece) {
        (Kind::Word, "and") => say(Code::RB0031, text!("`and` is written `&&`", "`and` 应写作 `&&`"))
            .help(text!("write `&&`", "请写 `&&`")),
        (Kind::Word, "or") => {
            say(Code::RB0031, text!("`or` is written `||`", "`or` 应写作 `||`")).help(text!("write `||`", "请写 `||`"))
        }
        (Kind::Word, "not") => written_not(base, token),
        (Kind::Word, "then") => word(&Spanned::new(piece.to_owned(), Span::new(base + token.start, base + token.end)))?,
        (Kind::Other, "?") if touches_before && before.is_some_and(|before| before.kind == Kind::Word) => {
            say(Code::RB0039, text!("a name has no `?`", "名称中不能有 `?`"))
                .help(text!("compare: `x == null`, `count(x) == 0`", "用比较：`x == null`、`count(x) == 0`"))
        }
        (Kind::Other, "?") => say(Code::RB0035, text!("there is no `? :` here", "此处没有 `? :`")).help(text!(
            "`choose(COND, A, B)` is A where COND holds, and B where not",
            "`choose(COND, A, B)` 在 COND 成立时取 A，否则取 B"
        )),
        (Kind::Other, "%") if touches_before && before.is_some_and(|before| before.kind == Kind::Number) => {
            let digits = text_of(text, tokens, at - 1);
            say(Code::RB0014, text!("`{digits}%`: a percent is written as a unit", "`{digits}%`：百分比写成单位"))
                .help(text!("write `{digits}.pct`", "请写 `{digits}.pct`"))
        }
        (Kind::Other, "%") => say(Code::RB0035, text!("there is no `%` here", "此处没有 `%`")).help(text!(
            "text is put together with `#{{…}}`; a share is written `5.pct`",
            "拼接文本用 `#{{…}}`；比例写作 `5.pct`"
        )),
        (Kind::Other, "->") => say(Code::RB0034, text!("there are no lambdas here", "此处没有 lambda")).help(text!(
            "functions such as `where`, `sort` and `find` take their condition as it is",
            "`where`、`sort`、`find` 等函数直接写条件"
        )),
        (Kind::Other, "=>") => {
            let key =
                at.checked_sub(1).map(|at| text_of(text, tokens, at)).unwrap_or_default().trim_matches(['"', '\'']);
            let key = if key.is_empty() { "key" } else { key };
            say(Code::RB0032, text!("`=>` is not used here", "此处不用 `=>`"))
                .help(text!("write `{key}: …`", "请写 `{key}: …`"))
        }
        (Kind::Other, "===") => say(Code::RB0035, text!("there is no `===` here", "此处没有 `===`"))
            .help(text!("`==` compares, `=~` matches", "`==` 比较相等，`=~` 匹配模式")),
        (Kind::Other, "**" | "<=>" | "<<" | ">>" | "..." | ".." | "::" | "&." | "|" | "&" | "^" | "~") => {
            say(Code::RB0035, text!("there is no operator `{piece}` here", "此处没有运算符 `{piece}`"))
                .help(operator_help(piece))
        }
        (Kind::Other, "+=" | "-=" | "*=" | "/=" | "%=" | "||=" | "&&=" | "**=") => {
            say(Code::RB0030, text!("there is no `{piece}` here", "此处没有 `{piece}`"))
                .help(text!("a name is given once, with `let NAME = …`", "名称只赋值一次，写 `let NAME = …`"))
        }
        (Kind::Operator, "=") => {
            say(Code::RB0030, text!("`=` compares nothing", "`=` 不是比较")).help(text!("write `==`", "请写 `==`"))
        }
        (Kind::Other, ":") => match next.filter(|next| next.start == token.end && next.kind == Kind::Word) {
            Some(name) => {
                let name_text = text.get(name.start..name.end).unwrap_or_default();
                Diagnostic::error(
                    Code::RB0032,
                    Span::new(base + token.start, base + name.end),
                    text!("`:{name_text}` is a symbol of Ruby", "`:{name_text}` 是 Ruby 的符号"),
                )
                .help(if text_of(text, tokens, at + 2) == "=>" {
                    text!("write `{name_text}: …`", "请写 `{name_text}: …`")
                } else {
                    text!("write `{name_text}`, without the colon", "请写 `{name_text}`，不带冒号")
                })
            }
            None => return None,
        },
        (Kind::Other, ";") => say(Code::RB0027, text!("`;` does not separate statements", "`;` 不能分隔语句"))
            .help(text!("one statement a line", "一行一个语句")),
        (Kind::Other, "@" | "$") => {
            let name = next.map_or("name", |next| text.get(next.start..next.end).unwrap_or("name"));
            let help = if piece == "$" {
                text!(
                    "`param {}, string, env: \"{name}\"` reads a variable of the environment",
                    "`param {}, string, env: \"{name}\"` 读取环境变量",
                    name.to_lowercase()
                )
            } else {
                text!("write `{name}`", "请写 `{name}`")
            };
            say(Code::RB0039, text!("a name does not begin with `{piece}`", "名称不能以 `{piece}` 开头")).help(help)
        }
        (Kind::Other, _) if piece.starts_with('`') => {
            say(Code::RB0036, text!("no command runs inside an expression", "表达式中不能执行命令")).help(text!(
                "`sh read: \"…\", as: NAME` runs it; its output is `NAME.out`",
                "`sh read: \"…\", as: NAME` 执行命令，其输出为 `NAME.out`"
            ))
        }
        (Kind::Other, _) if piece.starts_with('%') => {
            say(Code::RB0034, text!("`{piece}` is Ruby's shorthand", "`{piece}` 是 Ruby 的简写")).help(text!(
                "a list is written `[\"a\", \"b\"]`, a string `\"…\"`",
                "列表写作 `[\"a\", \"b\"]`，字符串写作 `\"…\"`"
            ))
        }
        (Kind::Word, _)
            if piece.starts_with(|c: char| c.is_ascii_uppercase())
                && !matches!(text_of(text, tokens, at + 1), "." | "::" | "[") =>
        {
            say(Code::RB0039, text!("`{piece}`: a name begins with a small letter", "`{piece}`：名称以小写字母开头"))
                .help(text!(
                    "text stands between quotes, `\"{piece}\"`; a name would be `{}`",
                    "文本写在引号之间：`\"{piece}\"`；作为名称则为 `{}`",
                    piece.to_lowercase()
                ))
        }
        (Kind::Word, _) if piece.starts_with(|c: char| c.is_ascii_uppercase()) => {
            let help = if piece == "ENV" || piece == "ARGV" {
                text!(
                    "`param name, string, env: \"NAME\"` reads a variable of the environment",
                    "`param name, string, env: \"NAME\"` 读取环境变量"
                )
            } else {
                text!(
                    "nothing of Ruby runs in a runbook: there are no classes and no methods",
                    "runbook 中不运行任何 Ruby 代码：没有类，也没有方法"
                )
            };
            say(Code::RB0039, text!("`{piece}` is a constant of Ruby", "`{piece}` 是 Ruby 的常量")).help(help)
        }
        (Kind::Number, _) => number(piece, &say)?,
        (Kind::Dot, _) if next.is_some_and(|next| next.kind == Kind::Number && next.start == token.end) => {
            say(Code::RB0014, text!("a number begins with a digit", "数字以数字字符开头"))
                .help(text!("write `0.5`", "请写 `0.5`"))
        }
        (Kind::Open, "(") => {
            let named = before.filter(|before| before.kind == Kind::Word)?;
            let name = text.get(named.start..named.end).unwrap_or_default();
            if !touches_before {
                say(Code::RB0042, text!("no blank stands between `{name}` and its `(`", "`{name}` 与 `(` 之间没有空格"))
                    .help(text!("write `{name}(…)`", "请写 `{name}(…)`"))
            } else if at >= 2 && text_of(text, tokens, at - 2) == "." {
                say(
                    Code::RB0042,
                    text!(
                        "`.{name}` takes no arguments: there are no methods here",
                        "`.{name}` 不带参数：此处没有方法"
                    ),
                )
                .help(text!("functions stand before their values: `{name}(x, …)`", "函数写在值之前：`{name}(x, …)`"))
            } else {
                return None;
            }
        }
        (Kind::Open, "{") => braces(base, token),
        _ => return None,
    })
}

fn written_not(base: usize, token: Token) -> Diagnostic {
    problem(Code::RB0031, base, token, text!("`not` is written `!`", "`not` 应写作 `!`"))
        .help(text!("write `!`", "请写 `!`"))
}

fn braces(base: usize, token: Token) -> Diagnostic {
    problem(Code::RB0033, base, token, text!("a block is not written with braces", "语句块不用花括号")).help(text!(
        "`… do`, its statements on lines of their own, and `end`",
        "写 `… do`，块内语句各占一行，再写 `end`"
    ))
}

fn operator_help(operator: &str) -> Text {
    match operator {
        "|" => text!("`||` is or", "`||` 表示“或”"),
        "&" | "&." => text!("`&&` is and; a field is read with `.`", "`&&` 表示“与”；字段用 `.` 读取"),
        ".." | "..." => text!("two comparisons: `x >= 1 && x <= 5`", "写成两个比较：`x >= 1 && x <= 5`"),
        "<<" => text!(
            "`add NAME` adds to a `collect`; a heredoc is written `<<~TEXT`",
            "`add NAME` 向 `collect` 添加；heredoc 写作 `<<~TEXT`"
        ),
        "::" => text!("a field is read with `.`", "字段用 `.` 读取"),
        _ => text!("there are + - * /, comparisons, && || !", "可用的有 + - * /、比较运算符、&& || !"),
    }
}

fn number(piece: &str, say: &dyn Fn(Code, Text) -> Diagnostic) -> Option<Diagnostic> {
    let digits_end = piece.find(|c: char| !c.is_ascii_digit() && c != '_' && c != '.').unwrap_or(piece.len());
    let (digits, letters) = piece.split_at_checked(digits_end)?;
    if letters.is_empty() {
        return (piece.ends_with('_') || piece.contains("__")).then(|| {
            say(Code::RB0014, text!("`{piece}` is no number", "`{piece}` 不是数字"))
                .help(text!("one `_` stands between digits: `1_000`", "数字之间只写一个 `_`：`1_000`"))
        });
    }
    let unit = match letters {
        "h" | "d" | "s" | "min" | "ms" | "us" | "pct" | "pp" | "B" | "KB" | "MB" | "GB" | "TB" | "KiB" | "MiB"
        | "GiB" | "TiB" => letters,
        "m" | "minutes" | "minute" | "mins" => "min",
        "sec" | "secs" | "seconds" => "s",
        "hours" | "hour" | "hr" => "h",
        "days" | "day" => "d",
        "e3" | "e6" | "e9" => {
            return Some(
                say(Code::RB0014, text!("`{piece}`: numbers have no exponent", "`{piece}`：数字不用指数写法"))
                    .help(text!("write the digits: `1_000`", "请写出全部数字：`1_000`")),
            );
        }
        other if other.starts_with('x') || other.starts_with('b') && digits == "0" => {
            return Some(
                say(Code::RB0014, text!("`{piece}`: numbers are decimal", "`{piece}`：数字只用十进制"))
                    .help(text!("write it in decimal digits", "请用十进制书写")),
            );
        }
        _ => {
            return Some(
                say(Code::RB0039, text!("`{piece}` is neither a number nor a name", "`{piece}` 既不是数字也不是名称"))
                    .help(text!(
                        "a name begins with a letter; a number has its unit behind a dot, `10.min`",
                        "名称以字母开头；数字的单位写在点之后：`10.min`"
                    )),
            );
        }
    };
    Some(
        say(
            Code::RB0014,
            text!("`{piece}`: a dot stands between a number and its unit", "`{piece}`：数字与单位之间有一个点"),
        )
        .help(text!("write `{digits}.{unit}`", "请写 `{digits}.{unit}`")),
    )
}
