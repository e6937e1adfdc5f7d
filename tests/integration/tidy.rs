//! The house rules that a compiler does not hold: levels of modules, sizes of files, banned words.

use std::fs;
use std::path::{Path, PathBuf};

/// Level of each top module: it imports from lower levels only, never sideways.
const LEVELS: &[(&str, u32)] = &[
    ("text", 0),
    ("diagnostic", 1),
    ("value", 1),
    ("syntax", 2),
    ("metrics", 2),
    ("check", 3),
    ("engine", 4),
    ("journal", 5),
    ("console", 6),
    ("report", 6),
    ("drivers", 7),
    ("run", 8),
    ("rehearse", 9),
    ("lsp", 9),
    ("cli", 10),
];

/// Where our Rust is.
const FOLDERS: [&str; 4] = ["src", "tests", "benches", "fuzz"];

/// Longest file without an entry in [`LONG_FILES`].
const MAX_LINES: usize = 600;

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Words that do not enter the source, with what to write instead.
const BANNED: &[(&str, &str)] = &[
    ("todo!(", "write it, or leave the form out of the grammar"),
    ("unimplemented!(", "write it, or leave the form out of the grammar"),
    ("#[allow(", "#[expect(…, reason = …)]"),
    ("#[ignore", "a test runs or is not there"),
    ("FIXME", "an issue"),
    ("XXX", "an issue"),
];

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
}

fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    if root.join(folder).is_dir() {
        rust_files(&root.join(folder), &mut paths);
    }
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn level(module: &str) -> Option<u32> {
    LEVELS.iter().find(|(name, _)| *name == module).map(|(_, level)| *level)
}

/// The top module of a file: a folder, or a file alone.
fn module_of(file: &str) -> Option<&str> {
    file.strip_prefix("src/")?.split('/').next().map(|module| module.trim_end_matches(".rs"))
}

#[test]
fn modules_import_only_from_lower_levels() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let Some(own) = module_of(&file).filter(|module| level(module).is_some()) else { continue };
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            for part in code.split("crate::").skip(1) {
                let module: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if module != own && level(&module).is_some_and(|other| Some(other) >= level(own)) {
                    wrong.push(format!("{file}:{}: {own} imports {module}", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the levels of docs/architecture.md:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_has_a_level() {
    for (file, _) in sources("src") {
        let module = module_of(&file).unwrap_or_default();
        assert!(matches!(module, "lib" | "main") || level(module).is_some(), "{module} has no level in the table");
    }
}

#[test]
fn files_are_one_idea_long() {
    let mut long = Vec::new();
    for folder in FOLDERS {
        for (file, text) in sources(folder) {
            let lines = text.lines().count();
            let excused = LONG_FILES.iter().any(|(name, _)| *name == file);
            if lines > MAX_LINES && !excused {
                long.push(format!("{file}: {lines} lines: which second idea lives there?"));
            }
            assert!(!excused || lines > MAX_LINES, "{file} is short enough now: take it out of LONG_FILES");
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn banned_words_stay_out() {
    let mut found = Vec::new();
    for folder in FOLDERS {
        for (file, text) in sources(folder) {
            if file == "tests/integration/tidy.rs" {
                continue;
            }
            for (number, line) in text.lines().enumerate() {
                for (word, instead) in BANNED {
                    if line.contains(word) {
                        found.push(format!("{file}:{}: {word} — instead: {instead}", number + 1));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
