//! The tree as it was written: one uniform shape for statements, a small one for expressions. It knows no meaning:
//! which words exist and what they take is the table of `check::signature`.

use crate::diagnostic::{Span, Spanned};

/// A name as written.
pub type Ident = Spanned<String>;

/// A whole file: the statements at its top (a sound file has exactly one, `runbook`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// In order.
    pub body: Vec<Stmt>,
    /// All comments, for the formatter, in order of place, `#` included.
    pub comments: Vec<Spanned<String>>,
    /// The source of what could not be read, in order of place. A name that occurs in here may have been bound or used
    /// by it: nothing is said about such a name elsewhere.
    pub unread: Vec<Spanned<String>>,
}

impl File {
    /// Whether `span` lies in text that could not be read: a diagnostic was given, and nothing more is said of it.
    pub fn is_unread(&self, span: Span) -> bool {
        // Pieces do not overlap and stand in order.
        let at = self.unread.partition_point(|piece| piece.span.end < span.end);
        self.unread.get(at).is_some_and(|piece| piece.span.start <= span.start)
    }

    /// Whether text that could not be read may have bound or used `name`: it occurs there, perhaps with a stray
    /// character in it (`met'rics_bad`).
    pub fn may_name(&self, name: &str) -> bool {
        let of_word = |c: char| c.is_alphanumeric() || c == '_';
        self.unread.iter().any(|piece| {
            if piece.node.split(|c| !of_word(c)).any(|word| word == name) {
                return true;
            }
            let mut squeezed = piece.node.clone();
            squeezed.retain(of_word);
            // A short name would be found in any text.
            name.len() > 2 && squeezed.contains(name)
        })
    }
}

/// `word POSITIONAL…, option: value, … do … end`.
///
/// Forms that Ruby lets read better are put into the same shape: `value ratio part: a, total: b` has the positional
/// name `ratio` and the options `part`, `total`; `target >= 98.pct` has one positional [`ExprKind::Bound`];
/// `on breach(any), for: 2 do` has one positional call; `at 4, 7 do` has two positional integers.
/// `let results = "…"` has two positionals, the name and the value.
/// `if` has its condition as the one positional and its further arms in `arms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// The first word of the line.
    pub word: Ident,
    /// Arguments without a name, in order.
    pub args: Vec<Expr>,
    /// `name: value`, in order as written.
    pub options: Vec<Opt>,
    /// What stands between `do` (or `if …`) and `end`.
    pub body: Option<Block>,
    /// `elsif COND` (with a condition) and `else` (without), in order; only for `if`.
    pub arms: Vec<Arm>,
    /// From the word to the end of the statement, `end` included.
    pub span: Span,
    /// From the word to the end of its last argument, `do` not included: what a message underlines.
    pub head: Span,
    /// Its line could not be read as it stands, and a diagnostic says why: word, arguments and options are what could
    /// be made of it, and nothing further is to be said about what seems wrong or missing there.
    pub broken: bool,
}

/// A further arm of an `if`.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// None for `else`.
    pub cond: Option<Expr>,
    /// What runs.
    pub body: Block,
    /// The whole arm.
    pub span: Span,
}

/// Statements between `do` and `end`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// In order.
    pub stmts: Vec<Stmt>,
    /// From after `do` to before `end`.
    pub span: Span,
}

/// One option.
#[derive(Clone, Debug, PartialEq)]
pub struct Opt {
    /// Its name, without the colon.
    pub name: Ident,
    /// Its value.
    pub value: Expr,
    /// Name and value.
    pub span: Span,
}

/// An expression with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// Where it stands.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `12`, `1_000`
    Int(i64),
    /// `0.95`
    Float(f64),
    /// `30.s`, `98.pct`, `20.MB`: the number as written (underscores removed) and its unit, which the check knows.
    Unit(String, Ident),
    /// A string or heredoc.
    Str(Str),
    /// `/re/i`: pattern and whether case counts not.
    Regex(String, bool),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ key: v, "odd.key": v }`
    Map(Vec<(Ident, Expr)>),
    /// A bare name.
    Name(String),
    /// `x.name`
    Field(Expr, Ident),
    /// `x[i]`
    Index(Expr, Expr),
    /// `f(a, b)`; also `run(key)`, `breach(any)`, `one_of(a, b)`. Options inside the parentheses are kept.
    Call(Ident, Vec<Expr>, Vec<Opt>),
    /// `-x`, `!x`
    Unary(UnaryOp, Expr),
    /// `a + b`; chained comparison is a syntax error.
    Binary(BinaryOp, Expr, Expr),
    /// `>= 98.pct` in `target >= 98.pct`.
    Bound(BinaryOp, Expr),
    /// Text that could not be read; a diagnostic was already given, so nothing further is said about it.
    Error,
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `!`
    Not,
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum BinaryOp {
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Match,
    NotMatch,
    Add,
    Sub,
    Mul,
    Div,
}

/// A string in any of its written forms.
#[derive(Clone, Debug, PartialEq)]
pub struct Str {
    /// Which quotes.
    pub style: StrStyle,
    /// Its pieces in order. Text next to text is possible: each escape and each row of a heredoc is a piece of its own.
    pub parts: Vec<StrPart>,
}

impl Str {
    /// The text, where nothing is interpolated into it.
    pub fn literal(&self) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                StrPart::Text(text, _) => out.push_str(text),
                StrPart::Interp(..) => return None,
            }
        }
        Some(out)
    }
}

/// How a string was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StrStyle {
    /// `"…"`
    Double,
    /// `'…'`
    Single,
    /// `<<~TAG`
    Heredoc(String),
    /// `<<~'TAG'`
    RawHeredoc(String),
}

/// A piece of a string.
#[derive(Clone, Debug, PartialEq)]
pub enum StrPart {
    /// Text with its escapes decoded and heredocs dedented; the span covers the source it came from. Where the text is
    /// as long as its span, the two are the same bytes.
    Text(String, Span),
    /// `#{expr}`; the span covers the braces.
    Interp(Expr, Span),
}
