//! From words to the outline: the strict grammar of Prometheus 3.5.
//!
//! It refuses what `promql-parser` takes from later versions, and it is what can say where a query goes wrong: the crate's
//! tree has no places, and its errors have none either.

use super::error::PromqlError;
use super::expr::BinaryOp;
use super::numeric;
use super::outline::{Chain, Core, Group, Grouping, MatcherText, Matching, Operand, Operator, Selector, Suffix};
use super::signature::Aggregation;
use super::tokens::{Kind, Token};
use crate::diagnostic::{Code, Span, Spanned};
use crate::text;
use crate::text::Both;

/// Deepest nesting of brackets and calls. People stay below ten; the tree is walked by recursion.
const MAX_NESTING: usize = 64;

/// Most operands that one chain of operators may have, for the same reason.
const MAX_OPERANDS: usize = 256;

/// Reads all of `tokens`.
pub(super) fn read(tokens: &[Token]) -> Result<Chain, PromqlError> {
    let mut reader = Reader { tokens, at: 0, depth: 0 };
    if reader.peek().kind == Kind::End {
        return Err(PromqlError::new(
            Code::RB0700,
            reader.peek().span,
            text!("there is no expression here", "此处没有表达式"),
        ));
    }
    let chain = reader.chain()?;
    if reader.peek().kind != Kind::End {
        return Err(reader.unexpected(Both("an operator or the end of the expression", "运算符或表达式的结尾")));
    }
    Ok(chain)
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

/// Stands for the end of the text where a caller hands over no tokens at all.
static END: Token = Token { kind: Kind::End, span: Span { start: 0, end: 0 } };

impl<'t> Reader<'t> {
    fn peek(&self) -> &'t Token {
        self.tokens.get(self.at).or(self.tokens.last()).unwrap_or(&END)
    }

    fn bump(&mut self) -> &'t Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn is(&self, sign: &str) -> bool {
        self.peek().is(sign)
    }

    fn eat(&mut self, sign: &str) -> Option<Span> {
        self.is(sign).then(|| self.bump().span)
    }

    fn expect(&mut self, sign: &str, expected: Both) -> Result<Span, PromqlError> {
        self.eat(sign).ok_or_else(|| self.unexpected(expected))
    }

    /// Is the next token this word, in any case?
    fn keyword(&self) -> Option<Keyword> {
        match &self.peek().kind {
            Kind::Name(name) => Keyword::of(name),
            Kind::Number(_) | Kind::Duration(_) | Kind::Text(_) | Kind::Sign(_) | Kind::End => None,
        }
    }

    fn eat_keyword(&mut self, keyword: Keyword) -> Option<Span> {
        (self.keyword() == Some(keyword)).then(|| self.bump().span)
    }

    /// The end of what was read last.
    fn last_end(&self) -> u32 {
        self.tokens.get(self.at.saturating_sub(1)).map_or(0, |token| token.span.end)
    }

    /// The next token is not what may stand here.
    fn unexpected(&self, expected: Both) -> PromqlError {
        let token = self.peek();
        let found = match &token.kind {
            Kind::Name(name) => text!("\"{name}\"", "“{name}”"),
            Kind::Number(_) => text!("a number", "数字"),
            Kind::Duration(_) => text!("a duration", "时长"),
            Kind::Text(_) => text!("a string", "字符串"),
            Kind::Sign(sign) => text!("\"{sign}\"", "“{sign}”"),
            Kind::End => {
                let last = self.tokens.get(self.at.saturating_sub(1)).map_or(token.span, |last| last.span);
                return PromqlError::new(
                    Code::RB0700,
                    last,
                    text!(
                        "the expression ends where {expected} should follow",
                        "表达式过早结束，之后应为{expected}",
                        expected = expected
                    ),
                );
            }
        };
        PromqlError::new(
            Code::RB0700,
            token.span,
            text!("{} stands where {} should be", "此处应为{1}，却是{0}", found, expected),
        )
    }

    fn chain(&mut self) -> Result<Chain, PromqlError> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            let message =
                text!("the expression is nested more than {MAX_NESTING} deep", "表达式嵌套超过 {MAX_NESTING} 层");
            return Err(PromqlError::new(Code::RB0709, self.peek().span, message));
        }
        let first = self.operand()?;
        let mut chain = Chain { span: first.span, operands: vec![first], operators: Vec::new() };
        while let Some(operator) = self.operator()? {
            let operand = self.operand()?;
            chain.span.end = operand.span.end;
            chain.operators.push(operator);
            chain.operands.push(operand);
            if chain.operands.len() > MAX_OPERANDS {
                let message = text!(
                    "the expression joins more than {MAX_OPERANDS} operands",
                    "表达式连接的操作数超过 {MAX_OPERANDS} 个"
                );
                return Err(PromqlError::new(Code::RB0709, chain.span, message));
            }
        }
        self.depth -= 1;
        Ok(chain)
    }

    fn operator(&mut self) -> Result<Option<Operator>, PromqlError> {
        let token = self.peek();
        let op = match &token.kind {
            Kind::Sign(sign) => BinaryOp::of_sign(sign),
            Kind::Name(name) => BinaryOp::of_word(name),
            Kind::Number(_) | Kind::Duration(_) | Kind::Text(_) | Kind::End => None,
        };
        let Some(op) = op else {
            if self.is("=") {
                let error = self.unexpected(Both("an operator", "运算符"));
                return Err(error.help(text!("equality is written ==", "相等写作 ==")));
            }
            return Ok(None);
        };
        let span = self.bump().span;
        let boolean = self.eat_keyword(Keyword::Bool);
        let matching = match self.keyword() {
            Some(word @ (Keyword::On | Keyword::Ignoring)) => Some(self.matching(word == Keyword::On)?),
            Some(Keyword::GroupLeft | Keyword::GroupRight) => {
                let error = self.unexpected(Both("an operand", "操作数"));
                return Err(error.help(text!(
                    "on (…) or ignoring (…) comes first, and says which labels must agree",
                    "on (…) 或 ignoring (…) 写在前面，说明哪些标签必须一致"
                )));
            }
            Some(_) | None => None,
        };
        if let Kind::Name(word) = &self.peek().kind
            && matches!(word.as_str(), "fill" | "fill_left" | "fill_right")
            && self.tokens.get(self.at + 1).is_some_and(|next| next.is("("))
        {
            let message = text!(
                "{word} is not in Prometheus 3.5, whose language is spoken here",
                "{word} 不在 Prometheus 3.5 中，而此处使用 3.5 的语言"
            );
            return Err(PromqlError::new(Code::RB0702, self.peek().span, message));
        }
        Ok(Some(Operator { op, span, boolean, matching }))
    }

    fn matching(&mut self, on: bool) -> Result<Matching, PromqlError> {
        let start = self.bump().span;
        let labels = self.labels()?;
        let group = match self.keyword() {
            Some(word @ (Keyword::GroupLeft | Keyword::GroupRight)) => {
                let start = self.bump().span;
                let include = if self.is("(") { self.labels()? } else { Vec::new() };
                let span = Span { start: start.start, end: self.last_end() };
                Some(Group { span, left: word == Keyword::GroupLeft, include })
            }
            Some(_) | None => None,
        };
        Ok(Matching { span: Span { start: start.start, end: self.last_end() }, on, labels, group })
    }

    /// `(a, b)`
    fn labels(&mut self) -> Result<Vec<Spanned<String>>, PromqlError> {
        self.expect("(", Both("a list of labels in parentheses", "括号中的标签列表"))?;
        let mut labels = Vec::new();
        while !self.is(")") {
            let token = self.peek();
            let label = match &token.kind {
                Kind::Name(name) => name.clone(),
                Kind::Text(text) => text.clone(),
                Kind::Number(_) | Kind::Duration(_) | Kind::Sign(_) | Kind::End => {
                    return Err(self.unexpected(Both("a label", "标签")));
                }
            };
            self.bump();
            labels.push(Spanned::new(label, token.span));
            if self.eat(",").is_none() && !self.is(")") {
                return Err(self.unexpected(Both("\",\" or \")\"", "“,”或“)”")));
            }
        }
        self.bump();
        Ok(labels)
    }

    fn operand(&mut self) -> Result<Operand, PromqlError> {
        let start = self.peek().span.start;
        let mut signs = Vec::new();
        while self.is("+") || self.is("-") {
            signs.push(self.bump().is("-"));
            if signs.len() > MAX_NESTING {
                let message =
                    text!("there are more than {MAX_NESTING} signs in a row", "连续的符号多于 {MAX_NESTING} 个");
                return Err(PromqlError::new(Code::RB0709, self.peek().span, message));
            }
        }
        let from = self.peek().span.start;
        let core = self.core()?;
        let core = Spanned::new(core, Span { start: from, end: self.last_end() });
        let mut suffixes = Vec::new();
        while let Some(suffix) = self.suffix()? {
            suffixes.push(suffix);
            if suffixes.len() > MAX_NESTING {
                let message = text!(
                    "there are more than {MAX_NESTING} ranges and offsets in a row",
                    "连续的范围和 offset 多于 {MAX_NESTING} 个"
                );
                return Err(PromqlError::new(Code::RB0709, self.peek().span, message));
            }
        }
        Ok(Operand { span: Span { start, end: self.last_end() }, signs, core, suffixes })
    }

    fn core(&mut self) -> Result<Core, PromqlError> {
        let token = self.peek();
        match &token.kind {
            Kind::Number(value) => {
                self.bump();
                Ok(Core::Number(*value))
            }
            Kind::Duration(ns) => {
                self.bump();
                Ok(Core::Number(*ns as f64 / 1e9))
            }
            Kind::Text(text) => {
                self.bump();
                Ok(Core::Text(text.clone()))
            }
            Kind::Sign("(") => {
                self.bump();
                let chain = self.chain()?;
                self.expect(")", Both("\")\"", "“)”"))?;
                Ok(Core::Parens(Box::new(chain)))
            }
            Kind::Sign("{") => Ok(Core::Selector(Selector { name: None, matchers: self.matchers()? })),
            Kind::Name(name) => self.named(&Spanned::new(name.clone(), token.span)),
            Kind::Sign(_) | Kind::End => Err(self.unexpected(Both("an operand", "操作数"))),
        }
    }

    /// A selector, a function call or an aggregation.
    fn named(&mut self, name: &Spanned<String>) -> Result<Core, PromqlError> {
        let word = Keyword::of(&name.node);
        if word.is_some_and(|word| !word.may_name_a_metric()) {
            return Err(self.unexpected(Both("an operand", "操作数")));
        }
        self.bump();
        let grouped = matches!(self.keyword(), Some(Keyword::By | Keyword::Without));
        if word == Some(Keyword::Aggregation) && (self.is("(") || grouped) {
            return self.aggregate(name.clone());
        }
        if self.is("(") {
            if word.is_some() || name.node.contains(':') {
                let message = text!("\"{}\" is no function", "“{}”不是函数", name.node);
                return Err(PromqlError::new(Code::RB0700, name.span, message));
            }
            let arguments = self.arguments()?;
            return Ok(Core::Call { name: name.clone(), arguments });
        }
        let matchers = if self.is("{") { self.matchers()? } else { Vec::new() };
        Ok(Core::Selector(Selector { name: Some(name.clone()), matchers }))
    }

    fn aggregate(&mut self, aggregation: Spanned<String>) -> Result<Core, PromqlError> {
        let mut grouping = self.grouping()?;
        let arguments = self.arguments()?;
        if grouping.is_none() {
            grouping = self.grouping()?;
        }
        Ok(Core::Aggregate { aggregation, grouping, arguments })
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, PromqlError> {
        match self.keyword() {
            Some(word @ (Keyword::By | Keyword::Without)) => {
                self.bump();
                Ok(Some(Grouping { without: word == Keyword::Without, labels: self.labels()? }))
            }
            Some(_) | None => Ok(None),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Chain>, PromqlError> {
        self.expect("(", Both("the arguments in parentheses", "括号中的参数"))?;
        let mut arguments = Vec::new();
        if self.eat(")").is_some() {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.chain()?);
            if self.eat(")").is_some() {
                return Ok(arguments);
            }
            self.expect(",", Both("an operator, \",\" or \")\"", "运算符、“,”或“)”"))?;
        }
    }

    /// `{a="b", "name"}`
    fn matchers(&mut self) -> Result<Vec<Spanned<MatcherText>>, PromqlError> {
        self.expect("{", Both("\"{\"", "“{”"))?;
        let mut matchers = Vec::new();
        while !self.is("}") {
            matchers.push(self.matcher()?);
            if self.eat(",").is_none() && !self.is("}") {
                let error = self.unexpected(Both("\",\" or \"}\"", "“,”或“}”"));
                let alternative = self.keyword() == Some(Keyword::Set);
                return Err(if alternative {
                    error.help(text!(
                        "one label: a=~\"b|c\"; several: two selectors with or",
                        "一个标签：a=~\"b|c\"；多个标签：用 or 连接两个选择器"
                    ))
                } else {
                    error
                });
            }
        }
        self.bump();
        Ok(matchers)
    }

    fn matcher(&mut self) -> Result<Spanned<MatcherText>, PromqlError> {
        let token = self.peek();
        let (label, quoted) = match &token.kind {
            Kind::Name(name) => (name.clone(), false),
            Kind::Text(text) => (text.clone(), true),
            Kind::Number(_) | Kind::Duration(_) | Kind::Sign(_) | Kind::End => {
                return Err(self.unexpected(Both("a label", "标签")));
            }
        };
        self.bump();
        let op = match self.peek().kind {
            Kind::Sign(op @ ("=" | "!=" | "=~" | "!~")) => op,
            Kind::Sign("," | "}") if quoted => {
                let matcher = MatcherText { label: "__name__".to_owned(), op: "=", value: label };
                return Ok(Spanned::new(matcher, token.span));
            }
            Kind::Sign(_) | Kind::Name(_) | Kind::Number(_) | Kind::Duration(_) | Kind::Text(_) | Kind::End => {
                return Err(self.unexpected(Both("=, !=, =~ or !~", "=、!=、=~ 或 !~")));
            }
        };
        self.bump();
        let Kind::Text(value) = &self.peek().kind else {
            return Err(self.unexpected(Both("the label's value in quotes", "引号中的标签值")));
        };
        let span = token.span.to(self.bump().span);
        Ok(Spanned::new(MatcherText { label, op, value: value.clone() }, span))
    }

    fn suffix(&mut self) -> Result<Option<Spanned<Suffix>>, PromqlError> {
        let start = self.peek().span;
        let suffix = if self.eat("[").is_some() {
            self.range()?
        } else if self.eat_keyword(Keyword::Offset).is_some() {
            Suffix::Offset(self.duration(Both("a duration", "时长"))?.node)
        } else if self.eat("@").is_some() {
            self.time()?
        } else {
            return Ok(None);
        };
        Ok(Some(Spanned::new(suffix, Span { start: start.start, end: self.last_end() })))
    }

    fn range(&mut self) -> Result<Suffix, PromqlError> {
        let range = self.positive_duration()?;
        if self.eat("]").is_some() {
            return Ok(Suffix::Range(range));
        }
        self.expect(":", Both("\"]\" or \":\"", "“]”或“:”"))?;
        let step = if self.is("]") { None } else { Some(self.positive_duration()?) };
        self.expect("]", Both("\"]\"", "“]”"))?;
        Ok(Suffix::Subquery(range, step))
    }

    fn positive_duration(&mut self) -> Result<i64, PromqlError> {
        let duration = self.duration(Both("a duration such as 5m", "时长，例如 5m"))?;
        if duration.node <= 0 {
            return Err(PromqlError::new(
                Code::RB0708,
                duration.span,
                text!("a range must be longer than nothing", "范围必须大于零"),
            ));
        }
        if let Kind::Sign("+" | "-" | "*" | "/" | "%" | "^") = self.peek().kind {
            return Err(self.unexpected(Both("the end of the duration", "时长的结尾")).help(text!(
                "arithmetic on durations is experimental in Prometheus 3: write the result",
                "对时长的运算在 Prometheus 3 中属于实验功能：请直接写出结果"
            )));
        }
        Ok(duration.node)
    }

    /// A duration, or a number of seconds, in nanoseconds; signs before it count.
    fn duration(&mut self, expected: Both) -> Result<Spanned<i64>, PromqlError> {
        let (negative, start) = self.signs();
        let token = self.peek();
        let ns = match token.kind {
            Kind::Duration(ns) => Some(ns),
            Kind::Number(seconds) => whole_ns(seconds),
            Kind::Name(_) | Kind::Text(_) | Kind::Sign(_) | Kind::End => return Err(self.unexpected(expected)),
        };
        self.bump();
        let span = start.to(token.span);
        match ns {
            Some(ns) => Ok(Spanned::new(if negative { -ns } else { ns }, span)),
            None => Err(PromqlError::new(
                Code::RB0708,
                span,
                text!("this is longer than a duration can be", "超出时长的上限"),
            )),
        }
    }

    /// Passes over signs: do they make what follows negative, and where do they begin?
    fn signs(&mut self) -> (bool, Span) {
        let start = self.peek().span;
        let mut negative = false;
        while self.is("+") || self.is("-") {
            negative ^= self.bump().is("-");
        }
        (negative, start)
    }

    /// What stands after `@`.
    fn time(&mut self) -> Result<Suffix, PromqlError> {
        if self.eat_keyword(Keyword::Bound).is_some() {
            self.expect("(", Both("\"()\"", "“()”"))?;
            self.expect(")", Both("\")\"", "“)”"))?;
            return Ok(Suffix::AtBound);
        }
        let (negative, start) = self.signs();
        let token = self.peek();
        let seconds = match token.kind {
            Kind::Duration(ns) => ns as f64 / 1e9,
            Kind::Number(seconds) => seconds,
            Kind::Name(_) | Kind::Text(_) | Kind::Sign(_) | Kind::End => {
                return Err(
                    self.unexpected(Both("a time in unix seconds, start() or end()", "unix 秒、start() 或 end()"))
                );
            }
        };
        self.bump();
        let signed = if negative { -seconds } else { seconds };
        match numeric::whole((signed * 1000.0).round()) {
            Some(ms) => Ok(Suffix::At(ms)),
            None => Err(PromqlError::new(Code::RB0708, start.to(token.span), text!("this is no time", "这不是时间"))),
        }
    }
}

/// Seconds in nanoseconds, if they fit.
fn whole_ns(seconds: f64) -> Option<i64> {
    numeric::whole((seconds * 1e9).round())
}

/// Words with a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keyword {
    Aggregation,
    /// `and`, `or`, `unless`
    Set,
    Atan2,
    Offset,
    By,
    Without,
    On,
    Ignoring,
    GroupLeft,
    GroupRight,
    Bool,
    /// `start`, `end`
    Bound,
}

impl Keyword {
    fn of(name: &str) -> Option<Self> {
        let small = name.to_ascii_lowercase();
        Some(match small.as_str() {
            "and" | "or" | "unless" => Self::Set,
            "atan2" => Self::Atan2,
            "offset" => Self::Offset,
            "by" => Self::By,
            "without" => Self::Without,
            "on" => Self::On,
            "ignoring" => Self::Ignoring,
            "group_left" => Self::GroupLeft,
            "group_right" => Self::GroupRight,
            "bool" => Self::Bool,
            "start" | "end" => Self::Bound,
            "limitk" | "limit_ratio" => Self::Aggregation,
            other if Aggregation::named(other).is_some() => Self::Aggregation,
            _ => return None,
        })
    }

    /// Some keywords are names where an operand is expected.
    fn may_name_a_metric(self) -> bool {
        match self {
            Self::Aggregation | Self::Set | Self::Offset | Self::By | Self::Without | Self::Bound => true,
            Self::Atan2 | Self::On | Self::Ignoring | Self::GroupLeft | Self::GroupRight | Self::Bool => false,
        }
    }
}
