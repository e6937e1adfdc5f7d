//! What the reader makes of each form of the language, as a short notation: `word(args) {options} [block]`.

use std::fmt::Write as _;

use runbook::syntax::ast::{BinaryOp, Block, Expr, ExprKind, Stmt, StrPart, StrStyle, UnaryOp};
use runbook::syntax::parse;

/// The tree of a text that reads without a word.
fn tree(text: &str) -> String {
    let (file, problems) = parse(text);
    assert!(problems.is_empty(), "{text}\n{problems:?}");
    file.body.iter().map(stmt).collect::<Vec<_>>().join("; ")
}

/// The tree of one expression.
fn value(text: &str) -> String {
    let source = format!("assert {text}");
    let (file, problems) = parse(&source);
    assert!(problems.is_empty(), "{text}\n{problems:?}");
    assert_eq!(file.body[0].args.len(), 1, "{text}");
    let arg = &file.body[0].args[0];
    assert_eq!(&source[arg.span.start as usize..arg.span.end as usize], text.trim(), "its place");
    expr(arg)
}

fn stmt(stmt: &Stmt) -> String {
    let args: Vec<String> = stmt.args.iter().map(expr).collect();
    let mut out = format!("{}({})", stmt.word.node, args.join(", "));
    if !stmt.options.is_empty() {
        let options: Vec<String> =
            stmt.options.iter().map(|option| format!("{}: {}", option.name.node, expr(&option.value))).collect();
        write!(out, " {{{}}}", options.join(", ")).unwrap();
    }
    if let Some(body) = &stmt.body {
        write!(out, " {}", block(body)).unwrap();
    }
    for arm in &stmt.arms {
        let cond = arm.cond.as_ref().map_or_else(|| "else".to_owned(), |cond| format!("elsif({})", expr(cond)));
        write!(out, " {cond} {}", block(&arm.body)).unwrap();
    }
    out
}

fn block(block: &Block) -> String {
    format!("[{}]", block.stmts.iter().map(stmt).collect::<Vec<_>>().join("; "))
}

fn expr(expr: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(self::expr).collect::<Vec<_>>().join(", ");
    match &*expr.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(number) => number.to_string(),
        ExprKind::Float(number) => format!("{number:?}"),
        ExprKind::Unit(amount, unit) => format!("{amount}·{}", unit.node),
        ExprKind::Str(text) => {
            let mut out = match &text.style {
                StrStyle::Double => "\"".to_owned(),
                StrStyle::Single => "'".to_owned(),
                StrStyle::Heredoc(tag) => format!("<{tag} "),
                StrStyle::RawHeredoc(tag) => format!("<'{tag}' "),
            };
            for part in &text.parts {
                match part {
                    StrPart::Text(text, _) => out += &text.replace('\n', "⏎"),
                    StrPart::Interp(inner, _) => write!(out, "#{{{}}}", self::expr(inner)).unwrap(),
                }
            }
            out
        }
        ExprKind::Regex(pattern, ignore_case) => format!("/{pattern}/{}", if *ignore_case { "i" } else { "" }),
        ExprKind::List(items) => format!("[{}]", list(items)),
        ExprKind::Map(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}: {}", key.node, self::expr(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        ExprKind::Name(name) => name.clone(),
        ExprKind::Field(inner, name) => format!("{}.{}", self::expr(inner), name.node),
        ExprKind::Index(inner, index) => format!("{}[{}]", self::expr(inner), self::expr(index)),
        ExprKind::Call(name, args, options) => {
            let options: Vec<String> =
                options.iter().map(|option| format!("{}: {}", option.name.node, self::expr(&option.value))).collect();
            let args = args.iter().map(self::expr).chain(options).collect::<Vec<_>>().join(", ");
            format!("{}({args})", name.node)
        }
        ExprKind::Unary(UnaryOp::Neg, inner) => format!("(-{})", self::expr(inner)),
        ExprKind::Unary(UnaryOp::Not, inner) => format!("(!{})", self::expr(inner)),
        ExprKind::Binary(op, left, right) => format!("({} {} {})", self::expr(left), sign(*op), self::expr(right)),
        ExprKind::Bound(op, inner) => format!("{} {}", sign(*op), self::expr(inner)),
        ExprKind::Error => "ERROR".to_owned(),
    }
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "||",
        BinaryOp::And => "&&",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Match => "=~",
        BinaryOp::NotMatch => "!~",
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
    }
}

#[test]
fn operators_bind_as_the_language_says() {
    for (text, expected) in [
        ("a || b && c", "(a || (b && c))"),
        ("a && b || c", "((a && b) || c)"),
        ("!a && b", "((!a) && b)"),
        ("!a == b", "(!(a == b))"),
        ("!a == b && c", "((!(a == b)) && c)"),
        ("!!a", "(!(!a))"),
        ("a == !b", "(a == (!b))"),
        ("a + b * c - d / e", "((a + (b * c)) - (d / e))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b / c", "((a / b) / c)"),
        ("(a + b) * c", "((a + b) * c)"),
        ("-a * b", "((-a) * b)"),
        ("-a.b[0]", "(-a.b[0])"),
        ("a < b + 1", "(a < (b + 1))"),
        ("(a < b) == c", "((a < b) == c)"),
        ("a =~ /x/ || b !~ /y/i", "((a =~ /x/) || (b !~ /y/i))"),
        ("a/b", "(a / b)"),
        ("a -b", "(a - b)"),
        ("-1 - -1", "((-1) - (-1))"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn literals_and_calls() {
    for (text, expected) in [
        ("12", "12"),
        ("1_000", "1000"),
        ("0.95", "0.95"),
        ("1_000.5", "1000.5"),
        ("30.s", "30·s"),
        ("1.5.h", "1.5·h"),
        ("98.pct", "98·pct"),
        ("512.MiB", "512·MiB"),
        ("30.s.x", "30·s.x"),
        ("true", "true"),
        ("null", "null"),
        ("nullable", "nullable"),
        ("[]", "[]"),
        ("[1, [a], \"b\",]", "[1, [a], \"b]"),
        ("[\n  1,\n\n  # two\n  2\n]", "[1, 2]"),
        ("{}", "{}"),
        ("{ a: 1, \"b.c\": 2, 'd': [x], If: 3, end: 4 }", "{a: 1, b.c: 2, d: [x], If: 3, end: 4}"),
        ("x.value.Items[0].end.metadata", "x.value.Items[0].end.metadata"),
        ("f()", "f()"),
        ("f(a, \"b\", c: 1, in: 2)", "f(a, \"b, c: 1, in: 2)"),
        ("f(\n  a,\n  b\n)", "f(a, b)"),
        ("max(a[count(b) - 1], 0).x", "max(a[(count(b) - 1)], 0).x"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn strings() {
    for (text, expected) in [
        (r#""""#, "\""),
        (r#""a \t \" \\ \# \u{4e2d}""#, "\"a \t \" \\ # 中"),
        (r##""#{a}#{b.c} # {x} #x $HOME""##, "\"#{a}#{b.c} # {x} #x $HOME"),
        (r##""#{f("}", { a: "{" })}""##, "\"#{f(\"}, {a: \"{})}"),
        (r#""a #{"b #{c + "d"}"}""#, "\"a #{\"b #{(c + \"d)}}"),
        (r"'a \n #{b} \\ ${c}'", r"'a \n #{b} \\ ${c}"),
        ("'全角，「」'", "'全角，「」"),
        (r"/^a\/[b\]]+$/i", r"/^a\/[b\]]+$/i"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn heredocs() {
    let text = "sh <<~GO, timeout: 1.s # now\n    a #{b} \\n\n\n      c \"d\n   \n    e\n  GO\nnote 1";
    assert_eq!(tree(text), "sh(<GO a #{b} \\n⏎⏎  c \"d⏎⏎e⏎) {timeout: 1·s}; note(1)");
    let raw = "undo sh: <<~'GO'\n  a #{b\n  \t'c'\n  GO\n";
    assert_eq!(tree(raw), "undo() {sh: <'GO' a #{b⏎\t'c'⏎}");
    assert_eq!(tree("let x = <<~A\nA"), "let(x, <A )");
    assert_eq!(tree("step a, <<~A do\n  b\nA\n  note 1\nend"), "step(a, <A b⏎) [note(1)]");
    // A tab reaches the next multiple of eight, as in Ruby.
    assert_eq!(tree("sh <<~A\n\tb\n        c\nA"), "sh(<A b⏎c⏎)");
}

#[test]
fn statements() {
    for (text, expected) in [
        ("language 1", "language(1)"),
        ("abort", "abort()"),
        ("role a, \"b\", not: executor", "role(a, \"b) {not: executor}"),
        ("let x = a + 1, en: \"b\"", "let(x, (a + 1)) {en: \"b}"),
        ("value ratio part: 'a', total: ['b', 'c']", "value(ratio) {part: 'a, total: ['b, 'c]}"),
        ("value quantile 0.99, of: 'a'", "value(quantile, 0.99) {of: 'a}"),
        ("value promql 'a'", "value(promql, 'a)"),
        ("target >= 98.pct", "target(>= 98·pct)"),
        ("alert < -5.pp, for: 2", "alert(< (-5·pp)) {for: 2}"),
        ("on breach(any), for: 2 do run bad, node: n end", "on(breach(any)) {for: 2} [run(bad) {node: n}]"),
        ("at 4, 7 do\nend", "at(4, 7) []"),
        ("option x, \"y\"", "option(x, \"y)"),
        ("option x, \"y\" do rollback because: \"z\" end", "option(x, \"y) [rollback() {because: \"z}]"),
        ("on a do each b, in: c do note b end end", "on(a) [each(b) {in: c} [note(b)]]"),
        ("if a\n  note 1\nelsif b\n  note 2\nelse\n  note 3\nend", "if(a) [note(1)] elsif(b) [note(2)] else [note(3)]"),
        ("if a &&\n  b\nend", "if((a && b)) []"),
        ("sh \"a\",\n   # why\n   timeout: 1.s", "sh(\"a) {timeout: 1·s}"),
        ("sh \"a\", \\\n  timeout: 1.s", "sh(\"a) {timeout: 1·s}"),
        ("assert /a/ =~ b, \"c\"", "assert((/a/ =~ b), \"c)"),
        ("screenshot a, \"b\", url: c do\nend", "screenshot(a, \"b) {url: c} []"),
        ("run k8s.drain, node: x", "run(k8s.drain) {node: x}"),
        ("step a do\n\tnote 1\nend # b", "step(a) [note(1)]"),
    ] {
        assert_eq!(tree(text), expected, "{text}");
    }
}

#[test]
fn heads_and_bodies_have_their_places() {
    let text = "step a, \"b\", if: c   do # d\n  note 1\nend\nnext_one";
    let (file, _) = parse(text);
    let at = |span: runbook::diagnostic::Span| &text[span.start as usize..span.end as usize];
    assert_eq!(at(file.body[0].head), "step a, \"b\", if: c");
    assert_eq!(at(file.body[0].span), "step a, \"b\", if: c   do # d\n  note 1\nend");
    assert_eq!(at(file.body[0].body.as_ref().unwrap().span), " # d\n  note 1\n");
    assert_eq!(at(file.body[0].options[0].span), "if: c");
    assert_eq!(at(file.body[1].span), "next_one");
}
