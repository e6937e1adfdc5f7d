//! Files and folders that only their owner reads, and that are there after a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::share::{READ, is_shared};
use crate::diagnostic::Code;
use crate::journal::problem::Problem;
use crate::text;
use crate::text::Both;

/// Makes a folder with mode 0700, with those above it; false: it was there.
pub(super) fn create_private_dir(path: &Path) -> io::Result<bool> {
    if path.is_dir() {
        return Ok(false);
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty() && !above.is_dir()) {
        create_private_dir(above)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => Ok(true),
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(false),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(ErrorKind::NotADirectory.into()),
        Err(error) => Err(error),
    }
}

/// Opens for reading and writing, made with mode 0600 where it is not there.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Opens a new file with mode 0600; it is an error when it is there.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Opens a new file as private as its folder: in one that is shared with a group the group reads it.
pub(super) fn create_beside(path: &Path) -> io::Result<File> {
    let file = create_private(path)?;
    let_group_read(&file, path.parent().unwrap_or(Path::new(".")))?;
    Ok(file)
}

fn let_group_read(file: &File, folder: &Path) -> io::Result<()> {
    // Set outright: a mask of the process must not take it away again.
    let shared = is_shared(fs::metadata(folder)?.mode());
    if shared { file.set_permissions(Permissions::from_mode(READ)) } else { Ok(()) }
}

/// A new file with these bytes, durable but for its name in the folder.
pub(super) fn new_whole_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A file with these bytes that appears whole or not at all, and that the folder's group reads where the folder is shared
/// with it; false: one of this name is there already and stays.
pub(super) fn place(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    let_group_read(file.as_file(), folder)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => sync_dir(folder).map(|()| true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// Writes one of a run's sources and makes it durable, with the folders between `root` and it.
pub(super) fn write_source(root: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(root);
    create_private_dir(folder)?;
    new_whole_file(path, bytes)?;
    let mut above = Some(folder);
    while let Some(folder) = above.filter(|folder| folder.starts_with(root)) {
        sync_dir(folder)?;
        above = folder.parent();
    }
    Ok(())
}

/// Makes the names in a folder durable.
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// What could not be done with a file of the state folder.
pub(super) const TO_READ: Both = Both("read", "读取");
/// See [`TO_READ`].
pub(super) const TO_WRITE: Both = Both("write", "写入");
/// See [`TO_READ`].
pub(super) const TO_SHARE: Both = Both("share", "共享");

/// What is said when a file of the state folder cannot be read or written.
pub(super) fn cannot(what: Both, path: &Path, error: &io::Error) -> Problem {
    let message = text!("cannot {} {}: {}", "无法{} {}：{}", what, path.display(), error);
    let problem = Problem::new(Code::RB0908, message);
    if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        problem.help(text!(
            "make room there, or name another folder with --state-dir or $RUNBOOK_STATE_DIR",
            "请腾出空间，或用 --state-dir 或 $RUNBOOK_STATE_DIR 指定另一文件夹"
        ))
    } else if matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory
    ) {
        problem.help(text!(
            "name a folder that can be written with --state-dir or $RUNBOOK_STATE_DIR",
            "请用 --state-dir 或 $RUNBOOK_STATE_DIR 指定一个可写的文件夹"
        ))
    } else {
        problem
    }
}
