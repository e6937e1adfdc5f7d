//! The files of a simulated run: every write goes below the run's own `sim` folder, every read falls through to the real
//! tree where nothing was written.
//!
//! A file that is written there says in its name what it is, so that a copy of it is never taken for a real one.

#![expect(clippy::disallowed_methods, reason = "whether a file was written decides where it is read")]

use std::path::{Component, Path, PathBuf};

use crate::drivers::real::files::Places;

/// Put before the name of every file that a simulation writes.
pub const MARK: &str = "SIMULATED-";

/// Where what lies outside the working directory goes.
const OUTSIDE: &str = "outside";

/// Which file a path of the runbook means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    dir: PathBuf,
    below: PathBuf,
}

impl Tree {
    /// Paths are relative to `dir`; writes go below `below`.
    pub fn new(dir: impl Into<PathBuf>, below: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), below: below.into() }
    }

    /// Where `path` is written.
    pub fn written(&self, path: &str) -> PathBuf {
        let whole = resolved(&self.dir.join(path));
        let inside = if let Ok(inside) = whole.strip_prefix(resolved(&self.dir)) {
            inside.to_owned()
        } else {
            let parts = whole.components().filter(|part| matches!(part, Component::Normal(_)));
            Path::new(OUTSIDE).join(parts.collect::<PathBuf>())
        };
        let name =
            inside.file_name().map_or_else(|| MARK.to_owned(), |name| format!("{MARK}{}", name.to_string_lossy()));
        self.below.join(inside.with_file_name(name))
    }
}

impl Places for Tree {
    fn to_read(&self, path: &str) -> PathBuf {
        let written = self.written(path);
        if written.exists() { written } else { self.dir.join(path) }
    }

    fn to_write(&self, path: &str) -> PathBuf {
        self.written(path)
    }
}

/// Without `.` and `..`, by the letters of the path alone: a link in the middle must not lead out of the simulation.
fn resolved(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => whole.push(part),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &str) -> String {
        Tree::new("/srv/plan", "/state/runs/1/sim").written(path).to_string_lossy().into_owned()
    }

    #[test]
    fn every_write_goes_below_the_folder_of_the_run() {
        assert_eq!(written("results/report.md"), "/state/runs/1/sim/results/SIMULATED-report.md");
        assert_eq!(written("./a/../report.md"), "/state/runs/1/sim/SIMULATED-report.md");
        assert_eq!(written("/srv/plan/report.md"), "/state/runs/1/sim/SIMULATED-report.md");
        assert_eq!(written("../other/report.md"), "/state/runs/1/sim/outside/srv/other/SIMULATED-report.md");
        assert_eq!(written("/etc/passwd"), "/state/runs/1/sim/outside/etc/SIMULATED-passwd");
        assert_eq!(written("../../../../../etc/x"), "/state/runs/1/sim/outside/etc/SIMULATED-x");
        assert_eq!(written("SIMULATED-report.md"), "/state/runs/1/sim/SIMULATED-SIMULATED-report.md");
    }
}
