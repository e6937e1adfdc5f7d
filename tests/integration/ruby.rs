//! Every runbook is syntactically valid Ruby, so that any editor colours, indents and folds it: Ruby itself says so.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{corpus, pages};

/// Compiles every file without running it, and prints what Ruby says of those that it refuses.
const SCRIPT: &str = "ARGV.each { |file| begin; RubyVM::InstructionSequence.compile(File.read(file, encoding: 'utf-8'), file); \
                      rescue SyntaxError => error; puts error.message; end }";

#[test]
fn every_valid_runbook_is_ruby() {
    let found = Command::new("ruby").arg("-v").output();
    if found.is_err() {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "ruby is not installed: CI needs it for this test"
        );
        eprintln!("SKIPPED every_valid_runbook_is_ruby: ruby is not installed");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join("runbooks")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ext| ext == "rb") {
            files.push(path);
        }
    }
    let clean =
        corpus::cases().into_iter().filter(corpus::Case::is_clean).map(|case| (case.name.clone(), case.source()));
    for (name, text) in clean.chain(pages::valid_examples()) {
        let path = folder.path().join(name.replace(['/', ':'], "_"));
        fs::write(&path, text).unwrap();
        files.push(path);
    }
    assert!(files.len() > 10, "the runbooks were not found");
    let said = Command::new("ruby").arg("-W0").arg("-e").arg(SCRIPT).args(&files).output().unwrap();
    let refused = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(refused.is_empty(), "no Ruby:\n{refused}");
}
