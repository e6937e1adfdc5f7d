//! Where a program is.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use nix::unistd::{AccessFlags, access};

/// Where programs are looked for when there is no `PATH`, as `execvp` does it.
const PATH_WITHOUT_ONE: &str = "/bin:/usr/bin";

/// A program on the `PATH` of this process. Once found it stays: all commands of a run are read by the same bash, whatever
/// a statement gives them as `PATH`.
pub(super) struct Program {
    name: &'static str,
    found: OnceLock<PathBuf>,
}

impl Program {
    pub(super) fn named(name: &'static str) -> Program {
        Program { name, found: OnceLock::new() }
    }

    /// Its absolute path. What is not there yet is looked for again the next time.
    pub(super) fn path(&self) -> Option<&Path> {
        if self.found.get().is_none() {
            let path = on_path(&env::var_os("PATH").unwrap_or_else(|| PATH_WITHOUT_ONE.into()), self.name)?;
            self.found.get_or_init(|| path);
        }
        self.found.get().map(PathBuf::as_path)
    }
}

fn on_path(path: &OsString, name: &str) -> Option<PathBuf> {
    // A folder without a leading `/` is one of where this process is, not of where a command is to run.
    let candidates = env::split_paths(path).filter_map(|folder| std::path::absolute(folder.join(name)).ok());
    candidates.into_iter().find(|file| file.is_file() && access(file.as_path(), AccessFlags::X_OK).is_ok())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_first_that_can_be_executed_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let file = |inside: &str, mode| {
            let path = folder.path().join(inside);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            path
        };
        file("plain/tool", 0o644);
        fs::create_dir_all(folder.path().join("folder/tool")).unwrap();
        let first = file("first/tool", 0o755);
        file("second/tool", 0o755);
        let path_of = |names: &[&str]| env::join_paths(names.iter().map(|name| folder.path().join(name))).unwrap();
        assert_eq!(on_path(&path_of(&["none", "plain", "folder", "first", "second"]), "tool"), Some(first));
        assert_eq!(on_path(&path_of(&["none", "plain", "folder"]), "tool"), None);
        assert!(on_path(&"src:.".into(), "Cargo.toml").is_none(), "it is there and cannot be executed");
    }
}
