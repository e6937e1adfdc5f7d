//! `docs/language.md` and `docs/cli.md` say what is built: their tables are made from the tables of the program, their
//! examples are checked and run.
//!
//! `UPDATE_DOCS=1 cargo test --test integration docs` writes the tables anew.

mod cli;
mod examples;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use runbook::check::signature::{PLANNED, words};
use runbook::diagnostic::Code;

use crate::support::program::repository;

fn path(name: &str) -> PathBuf {
    repository().join("docs").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

/// The text with each block between `<!-- NAME -->` and `<!-- end -->` as `block` makes it.
fn filled(text: &str, block: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        let marker = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
        match marker {
            Some("end") => {
                assert!(inside, "an end without its beginning");
                inside = false;
            }
            Some(name) => {
                assert!(!inside, "`{name}` begins within another");
                out.push_str(line);
                out.push('\n');
                out.push_str(&block(name));
                inside = true;
                continue;
            }
            None if inside => continue,
            None => {}
        }
        out.push_str(line);
        out.push('\n');
    }
    assert!(!inside, "the last block has no end");
    out
}

#[test]
fn the_tables_are_those_of_the_program() {
    let text = read("language.md");
    let made = filled(&text, &tables::block);
    if text == made {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path("language.md"), made).unwrap();
        return;
    }
    let first = text.lines().zip(made.lines()).find(|(old, new)| old != new);
    panic!("docs/language.md is not what the program says: run with UPDATE_DOCS=1\n{first:#?}");
}

#[test]
fn every_word_has_its_place_in_the_reference() {
    let text = read("language.md");
    let told: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("<!-- word ")?.strip_suffix(" -->")).collect();
    let known: BTreeSet<String> = words().map(tables::id).collect();
    let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    assert_eq!(told, known);
    for word in PLANNED {
        assert!(!text.contains(&format!("### `{word}`")), "`{word}` is not built");
    }
}

#[test]
fn every_code_that_is_named_exists() {
    for file in ["language.md", "cli.md"] {
        let text = read(file);
        for (at, _) in text.match_indices("RB0") {
            let code: String = text[at..].chars().take(6).collect();
            assert!(Code::ALL.iter().any(|known| known.as_str() == code), "{file}: there is no code {code}");
        }
    }
}
