//! `docs/cli.md` names every command and every option, and none that is not there.

use std::collections::{BTreeMap, BTreeSet};

use super::read;
use crate::support::program::{Place, ended, stdout};

/// Options that every command has.
const GLOBAL: &[&str] = &["--help", "--version", "--color", "--state-dir"];

/// `--name` and what it is written with, of a text.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| word.starts_with("--") && word.chars().any(char::is_alphabetic)).map(str::to_owned).collect()
}

/// The commands of a help text.
fn commands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let name = |line: &str| line.trim_start().split(' ').next().unwrap().to_owned();
    let rows = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    rows.map(name).filter(|name| name != "help").collect()
}

/// Sections of the page: `### runbook plan` and what stands below it.
fn sections(page: &str) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut name = None;
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            name = Some(
                heading
                    .trim_matches('`')
                    .split(' ')
                    .take_while(|word| !is_argument(word))
                    .collect::<Vec<_>>()
                    .join(" "),
            );
        } else if line.starts_with("## ") {
            name = None;
        }
        if let Some(name) = &name {
            found.entry(name.clone()).or_default().extend([line, "\n"]);
        }
    }
    found
}

fn is_argument(word: &str) -> bool {
    word.starts_with(['-', '[', '<', '\'']) || word.chars().next().is_some_and(|c| c.is_ascii_uppercase())
}

#[test]
fn every_command_and_option_is_in_the_page() {
    let place = Place::new();
    let page = read("cli.md");
    let sections = sections(&page);
    let mut open: Vec<Vec<String>> =
        commands(&stdout(&place.run(&["--help"]))).into_iter().map(|name| vec![name]).collect();
    assert!(open.len() > 8, "{open:?}");
    for option in GLOBAL {
        assert!(page.contains(option), "{option}");
    }
    while let Some(path) = open.pop() {
        let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
        args.push("--help");
        let help = place.run(&args);
        ended(&help, 0);
        let help = stdout(&help);
        let inner = commands(&help);
        if !inner.is_empty() {
            open.extend(inner.into_iter().map(|name| [path.clone(), vec![name]].concat()));
            continue;
        }
        let name = format!("runbook {}", path.join(" "));
        let section = sections.get(&name).unwrap_or_else(|| panic!("docs/cli.md says nothing of `{name}`"));
        let (known, told) = (options(&help), options(section));
        let own = |options: &BTreeSet<String>| -> BTreeSet<String> {
            options.iter().filter(|option| !GLOBAL.contains(&option.as_str())).cloned().collect()
        };
        assert_eq!(own(&told), own(&known), "`{name}`");
    }
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let help = stdout(&Place::new().run(&["--help"]));
    let page = read("cli.md");
    for code in [0, 1, 2, 3, 4, 5, 70] {
        assert!(page.contains(&format!("| {code} |")), "{code}");
        assert!(help.contains(&format!("{code} ")), "{code}");
    }
}
