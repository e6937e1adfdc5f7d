//! Texts of every kind: what is no text, what is damaged, what is random. Nothing makes the reader panic, and every
//! place it names lies in the text.

use proptest::prelude::*;
use runbook::diagnostic::{Code, Span};
use runbook::syntax::ast::{ExprKind, File};
use runbook::syntax::{MAX_SOURCE_BYTES, decode, parse};

use crate::fuzz_corpus::invariants::check::{is_read as read, sound};

const PHASE5: &str = include_str!("../../runbooks/phase5.rb");

#[test]
fn phase5_reads_without_a_word() {
    let (file, problems) = parse(PHASE5);
    assert_eq!(problems, []);
    assert_eq!(file.body.len(), 1);
    assert_eq!(file.body[0].word.node, "runbook");
    assert!(file.unread.is_empty());
    sound(PHASE5, &file, &problems);
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let told = |bytes: &[u8]| {
        let problem = decode(bytes).unwrap_err();
        (problem.code, problem.span(), problem.message.en)
    };
    let (code, span, message) = told(b"runbook x do\nnote \"\xd6\xd0\"\nend\n");
    assert_eq!((code, span), (Code::RB0002, Span::new(19, 20)));
    assert_eq!(message, "the file is not UTF-8: line 2 holds the byte 0xD6");
    assert_eq!(told(b"\xff\xfer\0u\0n\0").0, Code::RB0002);
    assert_eq!(told(b"\xfe\xff\0r\0u\0n").0, Code::RB0002);
    assert_eq!(told(b"\x7fELF\x02\x01\x01\0\0\0").0, Code::RB0003);
    assert_eq!(told(b"note \"x\"\nnote \"\0\"").1, Span::new(15, 16));
    // Cut in the middle of a character.
    assert_eq!(told("值".as_bytes().get(..2).unwrap()).1, Span::new(0, 2));
    assert_eq!(decode("note \"值\"".as_bytes()).unwrap(), "note \"值\"");
}

#[test]
fn a_file_that_is_too_large_is_told() {
    let problem = decode(&vec![b'#'; MAX_SOURCE_BYTES + 1]).unwrap_err();
    assert_eq!(problem.code, Code::RB0004);
    let (file, problems) = parse(&"#".repeat(MAX_SOURCE_BYTES + 1));
    assert_eq!((file.body.len(), problems[0].code), (0, Code::RB0004));
    let (file, problems) = parse(&"a\n".repeat(200_001));
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::RB0004]);
    assert_eq!(file.body.len(), 200_000);
}

#[test]
fn a_statement_that_is_too_long_is_told() {
    let list = "\"a host\", ".repeat(30_000);
    let (_, problems) = parse(&format!("let hosts = [{list}]\nnote \"read\"\n"));
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::RB0026]);
    // The text of a heredoc does not count.
    let text = "  one more line of a long text\n".repeat(30_000);
    let (file, problems) = parse(&format!("note <<~TEXT\n{text}TEXT\nnote \"read\"\n"));
    assert_eq!((file.body.len(), problems), (2, vec![]));
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_taken() {
    let text =
        "runbook x, \"X\" do\n  sh <<~GO, timeout: 1.s # now\n    a\n\n      b\n  GO\n  note \"b\",\n    as: c\nend\n";
    let (plain, problems) = parse(text);
    assert_eq!(problems, []);
    let dos = text.replace('\n', "\r\n");
    let (file, problems) = parse(&dos);
    assert_eq!(problems, []);
    sound(&dos, &file, &problems);
    let heredoc = |file: &File| {
        let kind = &file.body[0].body.as_ref().unwrap().stmts[0].args[0].kind;
        let ExprKind::Str(text) = &**kind else { panic!("{kind:?}") };
        text.literal().unwrap()
    };
    assert_eq!(heredoc(&file), "a\n\n  b\n");
    assert_eq!(heredoc(&file), heredoc(&plain));
    assert_eq!(file.comments[0].node, "# now");
    let marked = format!("\u{feff}{text}");
    assert_eq!(decode(marked.as_bytes()).unwrap(), text);
    let (file, problems) = parse(&marked);
    assert_eq!(problems, []);
    assert_eq!(file.body[0].span, Span::new(3, marked.len() - 1));
}

#[test]
fn a_broken_line_keeps_what_could_be_read_of_it() {
    let (file, problems) = parse("ask version string, matches: :v, default: \"v1\"\nnote \"next\"\n");
    let codes: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [Code::RB0016, Code::RB0032]);
    let ask = &file.body[0];
    assert!(ask.broken);
    assert_eq!(ask.options.iter().map(|option| option.name.node.as_str()).collect::<Vec<_>>(), ["matches", "default"]);
    assert_eq!(*ask.options[0].value.kind, ExprKind::Error);
    assert!(matches!(&*ask.options[1].value.kind, ExprKind::Str(text) if text.literal().unwrap() == "v1"));
    assert_eq!(file.unread[0].node, "ask version string, matches: :v, default: \"v1\"");
    assert!(!file.body[1].broken);
}

#[test]
fn errors_are_bounded() {
    let (_, problems) = parse(&"note 'x\n".repeat(5_000));
    assert_eq!(problems.len(), 1_000);
}

/// What a keyboard, an editor or a disk can do to phase5.rb, at places all over it. (That nothing panics at *any* place
/// is walked in the module itself, line by line.)
#[test]
fn damaged_runbooks_are_read() {
    let places = (0..PHASE5.len()).step_by(997).filter(|at| PHASE5.is_char_boundary(*at));
    for at in places {
        let (before, after) = PHASE5.split_at(at);
        read(before);
        let mut rest = after.chars();
        rest.next();
        read(&format!("{before}{}", rest.as_str()));
        for sign in ["\0", "\n", ",", "'", "#", "{", ")", "\"", "#{", "<<~A", " do ", "\nend\n"] {
            read(&format!("{before}{sign}{after}"));
        }
    }
}

/// Pieces of the language and of its neighbours, in any order.
const PIECES: &[&str] = &[
    "runbook", "step", "sh", "if", "elsif", "else", "end", "do", "each", "slo", "value", "target", "let", "note", "a",
    "b.c", "f(", "x:", " ", " ", " ", "\n", "\n", "\n  ", "\n    ", ",", "(", ")", "[", "]", "{", "}", "#{", "\"", "'",
    "/", "\\", "<<~A", "<<~'A'", "\nA\n", "#", "# c\n", "1", "1.s", "98.pct", "0x1", "+", "-", "!", "==", "=", "=~",
    "&&", "||", "<", ">=", "|", ":", "::", ";", "?", "%", "%w[", "$X", "@y", "`", "->", "=>", "unless", "case", "when",
    "begin", "rescue", "and", "not", "值", "，", "“", "\u{202e}", "\0", "\r\n", "\t", "…", "🚀", "as:", "in:", "true",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_pieces_is_read(pieces in prop::collection::vec(0..PIECES.len(), 0..80)) {
        let text: String = pieces.into_iter().map(|at| PIECES[at]).collect();
        read(&text);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(text) = decode(&bytes) {
            read(&text);
        }
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_characters_are_read(text in "(\\PC|\n){0,120}") {
        read(&text);
    }
}

/// Shapes that make a careless reader slow or its stack overflow.
#[test]
fn extreme_texts_are_read() {
    let n = 20_000;
    for text in [
        "(".repeat(n),
        format!("let x = {}", "(".repeat(n)),
        format!("let x = {}1{}", "[".repeat(39), "]".repeat(39)),
        format!("let x = {}1", "-".repeat(n)),
        format!("let x = {}1", "!".repeat(n)),
        format!("let x = {}1", "!-".repeat(n)),
        format!("let x = 1{}", " + 1".repeat(n)),
        format!("let x = 1{}", " < 1".repeat(n)),
        format!("let x = a{}", ".b".repeat(n)),
        format!("let x = a{}", "[0]".repeat(n)),
        format!("let x = {}", "f(".repeat(n)),
        format!("let x = \"{}", "#{\"".repeat(n)),
        format!("note \"{}\"", "#{a}".repeat(n)),
        "a do ".repeat(n),
        "a do\n".repeat(n),
        "end\n".repeat(n),
        "if a\n".repeat(n),
        "else\n".repeat(n),
        "sh <<~A\n".repeat(n),
        format!("sh {}", "<<~A ".repeat(n)),
        format!("let x = [\n{}", "\n".repeat(n)),
        format!("let x = [\n{}", "# c\n".repeat(n)),
        "note \"x\n".repeat(n),
        "note 'x\n".repeat(n),
        "note \"#{\n".repeat(n),
        "'".repeat(n),
        "\"\\".repeat(n),
        "{\n".repeat(n),
        "step x {\n".repeat(n),
        "}\n".repeat(n),
        ",\n".repeat(n),
        "a: \n".repeat(n),
        "\\\n".repeat(n),
        "sh a,\n".repeat(n),
        "/".repeat(n),
        "値".repeat(n),
    ] {
        read(&text);
    }
}
