//! `runbooks/phase5.md`: every item of the plan has its statements, and every step and prompt of the runbook its item.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use runbook::check::program::{NodeKind, Program};

use crate::support::simulated::Book;

/// Items of the plan with their keys.
fn items() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks/phase5.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let keys = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    rows.filter(|(item, _)| *item != "计划条目").map(|(item, cell)| (item.to_owned(), keys(cell))).collect()
}

/// What stands at the top of the runbook, as the page writes it.
fn declared(program: &Program) -> BTreeSet<String> {
    let mut declared: BTreeSet<String> = BTreeSet::new();
    let mut add = |word: &str, name: &str| {
        declared.insert(format!("{word} {name}"));
    };
    program.params.iter().for_each(|param| add("param", &param.name));
    program.secrets.iter().for_each(|secret| add("secret", &secret.name));
    program.lets.iter().for_each(|own| add("let", &program.var(own.var).name));
    program.roles.iter().for_each(|role| add("role", &role.key));
    program.sources.iter().for_each(|source| add("source", &source.name));
    program.channels.iter().for_each(|channel| add("channel", &channel.name));
    program.guards.iter().for_each(|guard| add("guard", &guard.key));
    program.objectives.iter().for_each(|objective| add("slo", &objective.key));
    program.collects.iter().for_each(|collect| add("collect", &collect.name));
    let once = [
        ("window", program.window.is_some()),
        ("owner", program.owner.is_some()),
        ("note", !program.notes.is_empty()),
        ("environments", !program.environments.is_empty()),
        ("lock", !program.locks.is_empty()),
    ];
    declared.extend(once.into_iter().filter(|(_, there)| *there).map(|(word, _)| word.to_owned()));
    declared
}

/// Keys of what people and the plan see: blocks, prompts, checks, effects. What only joins them has no item of its own.
fn visible(program: &Program) -> Vec<&str> {
    let joins = |kind: &NodeKind| matches!(kind, NodeKind::Run { .. } | NodeKind::If { .. } | NodeKind::Undo { .. });
    program.nodes.iter().filter(|node| !joins(&node.kind)).map(|node| node.key.as_str()).collect()
}

#[test]
fn every_item_of_the_plan_has_statements_that_are_there() {
    let program = Book::open("phase5").program;
    let declared = declared(&program);
    let keys: BTreeSet<&str> = program.nodes.iter().map(|node| node.key.as_str()).collect();
    let items = items();
    assert_eq!(items.len(), 93, "the plan has neither lost nor got an item");
    for (item, named) in items {
        assert!(!named.is_empty(), "{item}: no key");
        for key in named {
            assert!(keys.contains(key.as_str()) || declared.contains(&key), "{item}: `{key}` is not in the runbook");
        }
    }
}

#[test]
fn every_step_and_prompt_of_the_runbook_has_its_item() {
    let program = Book::open("phase5").program;
    let named: BTreeSet<String> = items().into_iter().flat_map(|(_, keys)| keys).collect();
    let missing: Vec<&str> = visible(&program).into_iter().filter(|key| !named.contains(*key)).collect();
    assert_eq!(missing, Vec::<&str>::new());
    let undeclared: Vec<String> = declared(&program)
        .into_iter()
        .filter(|word| word.starts_with("slo ") || word.starts_with("role ") || word.starts_with("source "))
        .filter(|word| !named.contains(word))
        .collect();
    assert_eq!(undeclared, Vec::<String>::new());
}
