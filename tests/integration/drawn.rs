//! A runbook full of mistakes as an operator who works in Chinese sees it: the words, and the places under wide letters.
//! `UPDATE_DRAWN=1 cargo test drawn` draws it anew, for review.

use std::fs;
use std::path::Path;

use runbook::check::{NoTemplates, check};
use runbook::diagnostic::terminal::{Look, render};
use runbook::text::Lang;

#[test]
fn a_broken_runbook_is_drawn_in_chinese() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drawn");
    let source = fs::read_to_string(folder.join("broken.rb")).unwrap();
    let found = check(&source, &NoTemplates).diagnostics;
    let drawn = render("broken.rb", &source, &found, Look { lang: Lang::Zh, ..Look::default() });
    let expected = folder.join("broken.zh.txt");
    if std::env::var_os("UPDATE_DRAWN").is_some() {
        fs::write(&expected, &drawn).unwrap();
    }
    assert_eq!(fs::read_to_string(expected).unwrap(), drawn);
}
