//! Files beside the journal: hashed while they are written, durable before an outcome names them.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::disk::{TO_READ, cannot, create_beside, sync_dir};
use crate::diagnostic::Code;
use crate::engine::input::Artifact;
use crate::journal::canonical::{hex, sha256_hex};
use crate::journal::names::file_name;
use crate::journal::problem::Problem;
use crate::journal::store::{ArtifactWriter, Artifacts};
use crate::text;

/// How often another name is tried: an effect that is run again after a crash meets the file of its first time.
const MAX_SAME_NAMES: u32 = 10_000;

pub(super) struct FileArtifacts {
    run: PathBuf,
}

impl FileArtifacts {
    pub(super) fn new(run: PathBuf) -> Self {
        Self { run }
    }
}

impl Artifacts for FileArtifacts {
    fn create(&self, folder: &str, name: &str) -> io::Result<Box<dyn ArtifactWriter>> {
        let name = file_name(name);
        for number in 1..=MAX_SAME_NAMES {
            let tried = if number == 1 { name.clone() } else { format!("{number}.{name}") };
            let path = format!("{folder}/{tried}");
            match create_beside(&self.run.join(&path)) {
                Ok(file) => {
                    return Ok(Box::new(FileArtifact {
                        run: self.run.clone(),
                        folder: folder.to_owned(),
                        path,
                        file: BufWriter::new(file),
                        hash: Sha256::new(),
                        bytes: 0,
                        finished: false,
                    }));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(ErrorKind::AlreadyExists, format!("{name} is there {MAX_SAME_NAMES} times")))
    }

    fn read(&self, artifact: &Artifact) -> io::Result<Vec<u8>> {
        let path = self.run.join(&artifact.path);
        let bytes = fs::read(&path)
            .map_err(|error| invalid(Problem { code: Code::RB0909, ..cannot(TO_READ, &path, &error) }))?;
        let found = sha256_hex(&bytes);
        if found == artifact.sha256 {
            Ok(bytes)
        } else {
            let (path, expected) = (path.display(), &artifact.sha256);
            let message = text!(
                "{path} is not as it was written: expected SHA-256 {expected}, found {found}",
                "{path} 与写入时不一致：应为 SHA-256 {expected}，实际为 {found}"
            );
            Err(invalid(Problem::new(Code::RB0909, message)))
        }
    }
}

fn invalid(problem: Problem) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, problem)
}

struct FileArtifact {
    run: PathBuf,
    folder: String,
    path: String,
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
    finished: bool,
}

impl Write for FileArtifact {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        let (taken, _) = bytes.split_at_checked(written).unwrap_or((bytes, &[]));
        self.hash.update(taken);
        self.bytes += taken.len() as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl ArtifactWriter for FileArtifact {
    fn finish(mut self: Box<Self>) -> io::Result<Artifact> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        sync_dir(&self.run.join(&self.folder))?;
        self.finished = true;
        let sha256 = hex(&std::mem::take(&mut self.hash).finalize());
        Ok(Artifact { path: std::mem::take(&mut self.path), sha256, bytes: self.bytes })
    }
}

impl Drop for FileArtifact {
    fn drop(&mut self) {
        if !self.finished {
            // No outcome names it; that it could not be removed harms nobody.
            let _ = fs::remove_file(self.run.join(&self.path));
        }
    }
}
