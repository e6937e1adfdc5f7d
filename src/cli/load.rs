//! A runbook file, read and checked with the templates beside it; or one that a run was made from.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::inputs;
use super::refusal::Refusal;
use crate::check::program::{ExprKind, Program};
use crate::check::{Templates, check};
use crate::diagnostic::Diagnostic;
use crate::drivers::real::terminal::Source;
use crate::journal::canonical::sha256_hex;
use crate::journal::problem::Problem;
use crate::journal::record::SourceFile;
use crate::journal::store::{SourceText, Store};
use crate::report::template;
use crate::syntax;
use crate::value::text::text;

/// A runbook that can run.
pub(super) struct Loaded {
    /// As it was named.
    pub(super) name: String,
    /// From the root.
    pub(super) path: PathBuf,
    /// Its text.
    pub(super) source: String,
    /// What was found; no errors.
    pub(super) warnings: Vec<Diagnostic>,
    /// The program.
    pub(super) program: Program,
    /// It and its templates, as they were read.
    pub(super) files: Vec<SourceText>,
}

impl Loaded {
    /// Its title, where that is plain text; else its name.
    pub(super) fn title(&self) -> String {
        if let ExprKind::Const(value) = &*self.program.title.text.kind {
            text(value)
        } else {
            self.program.name.clone()
        }
    }

    /// Its text with the line of each statement, for `source` at a prompt.
    pub(super) fn source_lines(&self) -> Source {
        let lines = self.program.nodes.iter().map(|node| (node.key.clone(), node.line)).collect();
        Source { text: self.source.clone(), lines }
    }

    /// What was copied to the run's folder.
    pub(super) fn sources(&self) -> Vec<SourceFile> {
        let digest = |file: &SourceText| SourceFile { path: file.path.clone(), sha256: sha256_hex(&file.bytes) };
        self.files.iter().map(digest).collect()
    }
}

/// Everything that was found in a runbook file, whether it can run or not.
pub(super) struct Read {
    /// Its text.
    pub(super) source: String,
    /// What was found.
    pub(super) found: Vec<Diagnostic>,
    /// What only `--strict` asks for.
    pub(super) strict: Vec<Diagnostic>,
    program: Option<Program>,
    files: Vec<SourceText>,
}

/// Reads and checks a runbook file.
pub(super) fn read(path: &Path) -> Result<Read, Problem> {
    let bytes = inputs::read(path)?;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let beside = Beside { folder: path.parent().unwrap_or(Path::new("")).to_path_buf(), seen: RefCell::default() };
    Ok(judge(name, bytes, &beside, || beside.seen.take()))
}

/// Reads and checks the runbook that a run was made from.
pub(super) fn read_kept(store: &dyn Store, run: &str, folder: &str, name: &str) -> Result<Read, Refusal> {
    let bytes = store.source(run, folder, name)?;
    let kept = Kept { store, run, folder };
    Ok(judge(name.to_owned(), bytes, &kept, BTreeMap::new))
}

fn judge(
    name: String,
    bytes: Vec<u8>,
    templates: &dyn Templates,
    seen: impl FnOnce() -> BTreeMap<String, Vec<u8>>,
) -> Read {
    let source = match syntax::decode(&bytes) {
        Ok(source) => source,
        Err(diagnostic) => {
            let source = String::from_utf8_lossy(&bytes).into_owned();
            return Read { source, found: vec![diagnostic], strict: Vec::new(), program: None, files: Vec::new() };
        }
    };
    let mut checked = check(&source, templates);
    let wrong = checked.program.as_ref().map(|program| template::diagnostics(program, |path| templates.text(path)));
    if let Some(wrong) = wrong.filter(|wrong| !wrong.is_empty()) {
        checked.diagnostics.extend(wrong);
        checked.program = None;
    }
    let mut files = vec![SourceText { path: name, bytes }];
    files.extend(seen().into_iter().map(|(path, bytes)| SourceText { path, bytes }));
    Read { source, found: checked.diagnostics, strict: checked.strict, program: checked.program, files }
}

impl Read {
    /// The templates that it names, as they are beside it.
    pub(super) fn templates(&self) -> &[SourceText] {
        self.files.get(1..).unwrap_or_default()
    }

    /// The program, or why it cannot run.
    pub(super) fn runnable(self, path: &Path) -> Result<Loaded, Refusal> {
        let name = path.display().to_string();
        match self.program {
            Some(program) => Ok(Loaded {
                path: inputs::absolute(path),
                source: self.source,
                warnings: self.found,
                program,
                files: self.files,
                name,
            }),
            None => Err(Refusal::Diagnostics { name, source: self.source, found: self.found }),
        }
    }
}

/// Templates beside a runbook file; remembers what was read.
struct Beside {
    folder: PathBuf,
    seen: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Templates for Beside {
    fn text(&self, path: &str) -> Option<String> {
        let bytes = inputs::read(&self.folder.join(path)).ok()?;
        let text = String::from_utf8(bytes.clone()).ok()?;
        self.seen.borrow_mut().insert(path.to_owned(), bytes);
        Some(text)
    }
}

/// Templates in the folder of a run.
struct Kept<'a> {
    store: &'a dyn Store,
    run: &'a str,
    folder: &'a str,
}

impl Templates for Kept<'_> {
    fn text(&self, path: &str) -> Option<String> {
        String::from_utf8(self.store.source(self.run, self.folder, path).ok()?).ok()
    }
}
