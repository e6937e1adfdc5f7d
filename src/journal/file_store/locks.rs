//! Locks on targets: one file a target, named by its digest, which says whose it is. It outlives the process on purpose:
//! a run that is suspended, or whose executor crashed, still has the target half changed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::disk::{TO_READ, TO_WRITE, cannot, place, sync_dir};
use crate::journal::canonical::sha256_hex;
use crate::journal::store::{Holder, Locked, StoreError, Targets};

#[derive(Serialize, Deserialize)]
struct LockFile {
    target: String,
    holder: Holder,
}

pub(super) fn path(root: &Path, target: &str) -> PathBuf {
    root.join("locks").join(sha256_hex(target.as_bytes()))
}

/// The locks of one state folder.
pub(super) struct FileTargets {
    root: PathBuf,
}

impl FileTargets {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }
}

impl Targets for FileTargets {
    fn lock(&self, target: &str, holder: &Holder) -> Result<Locked, StoreError> {
        let path = path(&self.root, target);
        let failed = |error: &std::io::Error| StoreError::Unavailable(cannot(TO_WRITE, &path, error));
        let file = LockFile { target: target.to_owned(), holder: holder.clone() };
        let text = serde_json::to_vec(&file).map_err(|error| failed(&error.into()))?;
        loop {
            if place(&path, &text).map_err(|error| failed(&error))? {
                return Ok(Locked::Yes);
            }
            match read(&path) {
                Ok(Some(there)) if there.holder.run == holder.run => return Ok(Locked::Yes),
                Ok(Some(there)) => return Ok(Locked::Busy(there.holder)),
                // It was given back in between.
                Ok(None) => {}
                Err(error) => return Err(StoreError::Unavailable(cannot(TO_READ, &path, &error))),
            }
        }
    }

    fn unlock(&self, target: &str, run: &str) -> Result<(), StoreError> {
        let path = path(&self.root, target);
        let failed = |error: &std::io::Error| StoreError::Unavailable(cannot(TO_WRITE, &path, error));
        match read(&path).map_err(|error| failed(&error))? {
            Some(there) if there.holder.run == run => fs::remove_file(&path)
                .and_then(|()| sync_dir(path.parent().unwrap_or(&self.root)))
                .map_err(|error| failed(&error)),
            Some(_) | None => Ok(()),
        }
    }
}

fn read(path: &Path) -> std::io::Result<Option<LockFile>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
