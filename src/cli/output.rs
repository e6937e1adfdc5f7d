//! What the program prints: results on standard output, everything else on standard error.

use std::io::{self, Write};
use std::path::Path;

use super::refusal::Refusal;
use crate::diagnostic::terminal::{self, Look};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::journal::problem::Problem;
use crate::text;
use crate::text::Lang;

/// A result.
pub(super) fn result(text: &str) {
    put(&mut io::stdout().lock(), text);
}

/// Lines of a result.
pub(super) fn lines(lines: &[String]) {
    if !lines.is_empty() {
        result(&format!("{}\n", lines.join("\n")));
    }
}

/// Many lines of a result, each written as it comes.
pub(super) fn each(lines: impl Iterator<Item = String>) {
    let mut to = io::BufWriter::new(io::stdout().lock());
    for line in lines {
        // A reader that has gone away needs no more of them.
        if writeln!(to, "{line}").is_err() {
            return;
        }
    }
    drop(to.flush());
}

/// Anything that is no result.
pub(super) fn say(text: &str) {
    put(&mut io::stderr().lock(), text);
}

/// A reader that has gone away (`| head`) is no reason to fail.
fn put(to: &mut dyn Write, text: &str) {
    let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    drop(to.write_all(text.as_bytes()).and_then(|()| to.write_all(newline.as_bytes())).and_then(|()| to.flush()));
}

/// Why nothing ran.
pub(super) fn refuse(refusal: &Refusal, look: Look) {
    match refusal {
        Refusal::Problem(problem) => self::problem(problem, look.lang),
        Refusal::Diagnostics { name, source, found } => diagnostics(name, source, found, look),
        Refusal::All(refusals) => refusals.iter().for_each(|refusal| refuse(refusal, look)),
    }
}

/// One thing that is wrong outside any runbook.
pub(super) fn problem(problem: &Problem, lang: Lang) {
    let (colon, help_is) = lang.pick((": ", "help: "), ("：", "提示："));
    say(&format!("error[{}]{colon}{}", problem.code, problem.message.get(lang)));
    if let Some(help) = &problem.help {
        say(&format!("  {help_is}{}", help.get(lang)));
    }
}

/// Findings about a file, and how many there are.
pub(super) fn diagnostics(name: &str, source: &str, found: &[Diagnostic], look: Look) {
    if found.is_empty() {
        return;
    }
    say(&terminal::render(name, source, found, look));
    let count = |severity| found.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let plural = |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
    let counted = look.lang.pick(
        format!("{name}: {}, {}", plural(errors, "error"), plural(warnings, "warning")),
        format!("{name}：{errors} 个错误，{warnings} 个警告"),
    );
    say(&counted);
}

/// Writes a result into a file, which is there whole or not at all.
pub(super) fn file(path: &Path, text: &str) -> Result<(), Problem> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        std::fs::File::set_permissions(file.as_file(), std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map(drop).map_err(|error| {
        Problem::new(Code::RB0868, text!("cannot write {}: {}", "无法写入 {}：{}", path.display(), error))
    })
}
