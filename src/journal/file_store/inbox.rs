//! The inbox of a run: one file a post, which appears whole; the first of a name wins, also after it was taken.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::geteuid;

use super::disk::{TO_READ, TO_WRITE, cannot, place, sync_dir};
use super::share::user_name;
use crate::journal::posts;
use crate::journal::problem::Problem;
use crate::journal::store::{Delivery, Inbox, Posted, StoreError};

const TAKEN: &str = "taken";

/// The largest post: an answer is a line or a few pages of text, and others may write into a shared inbox.
const POST_BYTES: u64 = 1024 * 1024;

pub(super) fn post(run: &Path, posted: &Posted) -> Result<Delivery, StoreError> {
    let inbox = run.join("inbox");
    let name = posts::name(&posted.post);
    let (path, taken) = (inbox.join(&name), inbox.join(TAKEN).join(&name));
    let failed = |error: &std::io::Error| StoreError::Unavailable(cannot(TO_WRITE, &path, error));
    let text = posts::encode(posted).map_err(|error| failed(&error.into()))?;
    loop {
        // An answer is given once, also after it was taken; a command may come again.
        if let Some(there) = read(&taken)?.filter(|there| posts::is_same_question(there, posted)) {
            return Ok(Delivery::Already(there));
        }
        if place(&path, &text).map_err(|error| failed(&error))? {
            return Ok(Delivery::Done);
        }
        match read(&path)? {
            // It answers what was asked under this key before: nobody asks that any more.
            Some(there) if posts::is_other_question(&there, posted) => {
                fs::remove_file(&path).map_err(|error| failed(&error))?;
            }
            Some(there) => return Ok(Delivery::Already(there)),
            // It was taken in between.
            None => {}
        }
    }
}

fn read(path: &Path) -> Result<Option<Posted>, StoreError> {
    match read_post(path) {
        Ok(posted) => Ok(Some(posted)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::Unavailable(cannot(TO_READ, path, &error))),
    }
}

/// A post as it lies in a folder that others may write into: nothing but a file of its own is one, and it is from whoever
/// owns that file, whatever it says.
fn read_post(path: &Path) -> io::Result<Posted> {
    let at_once = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
    let file = OpenOptions::new().read(true).custom_flags(at_once).open(path)?;
    let there = file.metadata()?;
    if !there.is_file() || there.len() > POST_BYTES {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    file.take(POST_BYTES).read_to_end(&mut bytes)?;
    let mut posted = posts::decode(&bytes)?;
    if there.uid() != geteuid().as_raw() {
        posted.is_from(&user_name(there.uid()));
    }
    Ok(posted)
}

/// Takes out of the inbox of one run.
pub(super) struct FileInbox {
    folder: PathBuf,
    /// What was given under each name: a later post may take the place of an earlier one.
    given: BTreeMap<String, Posted>,
}

impl FileInbox {
    pub(super) fn new(run: &Path) -> Self {
        Self { folder: run.join("inbox"), given: BTreeMap::new() }
    }

    fn failed(&self, error: &std::io::Error) -> StoreError {
        StoreError::Unavailable(cannot(TO_READ, &self.folder, error))
    }
}

impl Inbox for FileInbox {
    fn take(&mut self) -> Result<Vec<(String, Posted)>, StoreError> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(|error| self.failed(&error))? {
            let name = entry.map_err(|error| self.failed(&error))?.file_name();
            let Some(name) = name.to_str() else { continue };
            // Files that begin with a dot are being written.
            if name == TAKEN || name.starts_with('.') {
                continue;
            }
            // What is no post must not hold up those that are; whoever posts under that name is told.
            if let Ok(Some(posted)) = read(&self.folder.join(name))
                && self.given.get(name) != Some(&posted)
            {
                self.given.insert(name.to_owned(), posted.clone());
                found.push((name.to_owned(), posted));
            }
        }
        found.sort_by(|a: &(String, Posted), b| (a.1.at, &a.0).cmp(&(b.1.at, &b.0)));
        Ok(found)
    }

    fn settle(&mut self, name: &str) -> Result<(), StoreError> {
        let to = self.folder.join(TAKEN).join(name);
        fs::rename(self.folder.join(name), &to)
            .and_then(|()| sync_dir(&self.folder.join(TAKEN)))
            .and_then(|()| sync_dir(&self.folder))
            .map_err(|error| StoreError::Unavailable(Problem { ..cannot(TO_WRITE, &to, &error) }))?;
        self.given.remove(name);
        Ok(())
    }
}
