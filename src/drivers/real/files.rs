//! Files of the operator: copied, changed, written. Each is either as it was or as it is to be, also when the machine
//! stops in the middle: it is written beside and put in its place.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::document::{Edit, edit};
use crate::drivers::Files;
use crate::drivers::reply::failure;
use crate::engine::action::{self, Content, ReportContent};
use crate::engine::input::{Artifact, Failure, FailureKind, FileData};
use crate::engine::view::RunView;
use crate::journal::canonical::{hex, sha256_hex};
use crate::journal::store::{ARTIFACTS, Artifacts};
use crate::text;
use crate::text::Text;

/// Largest document that is changed: a book. All of it is in memory twice.
const MAX_DOCUMENT_BYTES: u64 = 16 * 1024 * 1024;

/// How much of a file is in memory at once.
const COPIED_AT_ONCE_BYTES: usize = 64 * 1024;

/// Which file a path of the runbook means.
pub trait Places {
    /// Where it is read.
    fn to_read(&self, path: &str) -> PathBuf;

    /// Where it is written.
    fn to_write(&self, path: &str) -> PathBuf;
}

/// Files where they are: paths are relative to this folder.
pub struct WorkingDir(pub PathBuf);

impl Places for WorkingDir {
    fn to_read(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    fn to_write(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }
}

/// Makes texts from the run as it stands. An error is one sentence, with the place where there is one.
pub trait Texts {
    /// A template filled in; `path` as written in the runbook.
    fn template(&self, path: &str, view: &RunView) -> Result<String, Text>;

    /// A report.
    fn report(&self, content: &ReportContent, view: &RunView) -> Result<String, Text>;
}

/// Changes files.
pub struct FilesHere {
    places: Box<dyn Places>,
    texts: Box<dyn Texts>,
    artifacts: Arc<dyn Artifacts>,
}

impl FilesHere {
    /// `artifacts`: where a file that is changed is kept as it was.
    pub fn new(places: Box<dyn Places>, texts: Box<dyn Texts>, artifacts: Arc<dyn Artifacts>) -> FilesHere {
        FilesHere { places, texts, artifacts }
    }

    /// Puts all that `from` gives in the place of `path`, and keeps what was there.
    fn put(&self, path: &str, from: &mut dyn Read, permissions: Option<Permissions>) -> Result<FileData, Failure> {
        let said = |error: io::Error| failed(path, &told(&error));
        let to = self.places.to_write(path);
        let staged = Staged::new(&to, from, permissions).map_err(said)?;
        let old = self.places.to_read(path);
        let before = match File::open(&old) {
            Ok(mut file) => {
                let same = to.exists() && digest(&mut file).map_err(said)?.0 == staged.sha256;
                if same {
                    return Ok(staged.data(path, false, None));
                }
                Some(self.keep(path, &mut file).map_err(said)?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(said(error)),
        };
        let data = staged.data(path, true, before);
        staged.put().map_err(said)?;
        Ok(data)
    }

    /// Keeps a file as it was.
    fn keep(&self, path: &str, file: &mut File) -> io::Result<Artifact> {
        file.rewind()?;
        self.keep_as(&format!("{path}.before"), file)
    }

    fn keep_as(&self, name: &str, from: &mut dyn Read) -> io::Result<Artifact> {
        let mut writer = self.artifacts.create(ARTIFACTS, name)?;
        io::copy(from, &mut writer)?;
        writer.finish()
    }

    fn content(&self, path: &str, content: &Content) -> Result<String, Failure> {
        match content {
            Content::Text(text) => Ok(text.clone()),
            Content::Template { path: template, view } => {
                self.texts.template(template, view).map_err(|reason| failed(path, &reason))
            }
        }
    }
}

/// One file under both names, also through a link.
fn same_file(one: &Path, other: &Path) -> bool {
    let which = |path: &Path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    which(one).is_some_and(|file| which(other) == Some(file))
}

impl Files for FilesHere {
    fn copy(&mut self, from: &str, to: &str) -> Result<FileData, Failure> {
        let source = self.places.to_read(from);
        if same_file(&source, &self.places.to_read(to)) {
            let reason = text!("it is the same file as {to}", "与 {to} 是同一个文件");
            return Err(failed(from, &reason));
        }
        let opened = open(&source).and_then(|file| Ok((file.metadata()?.permissions(), file)));
        let (permissions, mut file) = opened.map_err(|error| failed(from, &told(&error)))?;
        self.put(to, &mut file, Some(permissions))
    }

    fn update(&mut self, update: &action::Update) -> Result<FileData, Failure> {
        let path = &update.file;
        let text = self.content(path, &update.text)?;
        let source = self.places.to_read(path);
        let bytes = read_whole(&source).map_err(|error| failed(path, &told(&error)))?;
        let document = match std::str::from_utf8(&bytes) {
            Ok(document) if !document.contains('\0') => document,
            Ok(_) | Err(_) => return Err(failed(path, &text!("it is not a text in UTF-8", "不是 UTF-8 文本"))),
        };
        let permissions = fs::metadata(&source).map_err(|error| failed(path, &told(&error)))?.permissions();
        if permissions.readonly() {
            return Err(failed(path, &text!("it may only be read", "文件为只读")));
        }
        let change = Edit {
            under: update.under.as_deref(),
            replace: update.replace.as_ref().map(|(pattern, ignore_case)| (pattern.as_str(), *ignore_case)),
            text: &text,
            once: update.once.as_deref(),
        };
        match edit(document, &change).map_err(|reason| failed(path, &reason))? {
            Some(changed) => self.put(path, &mut changed.as_bytes(), Some(permissions)),
            None => {
                let (sha256, length) = (sha256_hex(&bytes), bytes.len() as u64);
                Ok(FileData { path: path.clone(), sha256, bytes: length, changed: false, before: None, kept: None })
            }
        }
    }

    fn report(&mut self, report: &action::Report) -> Result<FileData, Failure> {
        let to = &report.to;
        let text = self.texts.report(&report.content, &report.view).map_err(|reason| failed(to, &reason))?;
        let permissions = fs::metadata(self.places.to_write(to)).ok().map(|before| before.permissions());
        let name = self.places.to_write(to).file_name().map(|name| Path::new(to).with_file_name(name));
        let name = name.map_or_else(|| to.clone(), |name| name.to_string_lossy().into_owned());
        let kept = self.keep_as(&name, &mut text.as_bytes()).map_err(|error| failed(to, &told(&error)))?;
        let data = self.put(to, &mut text.as_bytes(), permissions)?;
        Ok(FileData { kept: Some(kept), ..data })
    }

    fn append(&mut self, path: &str, line: &str) -> Result<FileData, Failure> {
        let (from, to) = (self.places.to_read(path), self.places.to_write(path));
        let appended = (|| {
            if from != to && !to.exists() && from.exists() {
                Staged::new(&to, &mut open(&from)?, None)?.put()?;
            }
            append(&to, line)
        })();
        let (sha256, bytes, changed) = appended.map_err(|error| failed(path, &told(&error)))?;
        Ok(FileData { path: path.to_owned(), sha256, bytes, changed, before: None, kept: None })
    }

    fn restore(&mut self, path: &str, written: &FileData) -> Result<FileData, Failure> {
        let source = self.places.to_read(path);
        let now = read_whole(&source).map_err(|error| failed(path, &told(&error)))?;
        let sha256 = sha256_hex(&now);
        let data = |sha256, bytes, changed| FileData {
            path: path.to_owned(),
            sha256,
            bytes,
            changed,
            before: None,
            kept: None,
        };
        if !written.changed {
            return Ok(data(sha256, now.len() as u64, false));
        }
        let Some(before) = &written.before else {
            return Err(failed(path, &text!("what was there before was not kept", "未保存原有内容")));
        };
        if sha256 == before.sha256 {
            return Ok(data(sha256, now.len() as u64, false));
        }
        if sha256 != written.sha256 {
            return Err(failed(path, &text!("it was changed since: it is left as it is", "此后已被修改，保持原样")));
        }
        let said = |error: io::Error| failed(path, &told(&error));
        let bytes = self.artifacts.read(before).map_err(said)?;
        let permissions = fs::metadata(&source).map_err(said)?.permissions();
        let to = self.places.to_write(path);
        Staged::new(&to, &mut bytes.as_slice(), Some(permissions)).and_then(Staged::put).map_err(said)?;
        Ok(data(before.sha256.clone(), before.bytes, true))
    }

    fn lies_at(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

fn failed(path: &str, reason: &Text) -> Failure {
    failure(FailureKind::Failed, text!("{}: {}", "{}：{}", path, reason))
}

/// What we say ourselves where the system says its own errors.
#[derive(Debug)]
struct Said(Text);

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for Said {}

fn told(error: &io::Error) -> Text {
    let ours = error.get_ref().and_then(|inner| inner.downcast_ref::<Said>());
    ours.map_or_else(|| Text::verbatim(error.to_string()), |said| said.0.clone())
}

/// Opens a file; a folder, a pipe and the like are none.
fn open(path: &Path) -> io::Result<File> {
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other(Said(text!("it is not a file", "不是普通文件"))));
    }
    File::open(path)
}

/// All bytes of a document.
fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(MAX_DOCUMENT_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
        return Err(io::Error::other(Said(text!(
            "it is larger than {MAX_DOCUMENT_BYTES} bytes",
            "超过 {MAX_DOCUMENT_BYTES} 字节"
        ))));
    }
    Ok(bytes)
}

/// SHA-256 and size of what is read.
fn digest(from: &mut dyn Read) -> io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; COPIED_AT_ONCE_BYTES];
    let mut bytes = 0;
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex(&hash.finalize()), bytes));
        }
        hash.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}

/// A file that is whole and durable, beside the place that it will take.
struct Staged {
    file: NamedTempFile,
    to: PathBuf,
    folder: PathBuf,
    sha256: String,
    bytes: u64,
}

impl Staged {
    /// Writes it. `permissions`: those of the file that it replaces or copies, else as any program would make it. A link
    /// is followed: the file that it names is replaced, not the link.
    fn new(to: &Path, from: &mut dyn Read, permissions: Option<Permissions>) -> io::Result<Staged> {
        let to = fs::canonicalize(to).unwrap_or_else(|_| to.to_owned());
        if to.is_dir() {
            return Err(io::Error::other(Said(text!("it is a folder", "是文件夹"))));
        }
        let folder =
            to.parent().ok_or_else(|| io::Error::other(Said(text!("it has no folder", "没有所在文件夹"))))?.to_owned();
        fs::create_dir_all(&folder)?;
        // The user's mask is taken off these.
        let any = Permissions::from_mode(0o666);
        let mut file = tempfile::Builder::new().permissions(any).tempfile_in(&folder)?;
        io::copy(from, &mut file)?;
        if let Some(permissions) = permissions {
            file.as_file().set_permissions(permissions)?;
        }
        file.as_file().sync_all()?;
        file.rewind()?;
        let (sha256, bytes) = digest(&mut file)?;
        Ok(Staged { file, to, folder, sha256, bytes })
    }

    fn data(&self, path: &str, changed: bool, before: Option<Artifact>) -> FileData {
        FileData { path: path.to_owned(), sha256: self.sha256.clone(), bytes: self.bytes, changed, before, kept: None }
    }

    /// Puts it in its place.
    fn put(self) -> io::Result<()> {
        self.file.persist(&self.to).map_err(|error| error.error)?;
        File::open(&self.folder)?.sync_all()
    }
}

/// Adds a line by one write, so that two writers never mix within a line; gives digest and size of the whole, and
/// whether it was added: a line that is the last already was added before a crash, and is not added again; one that was
/// cut off by it is completed.
fn append(to: &Path, line: &str) -> io::Result<(String, u64, bool)> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(to)?;
    let line = format!("{line}\n");
    let end = file.seek(SeekFrom::End(0))?;
    // The line itself, and the newline before it.
    let from = end.saturating_sub(line.len() as u64 + 1);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    Read::by_ref(&mut file).take(end - from).read_to_end(&mut tail)?;
    let is_there = match tail.strip_suffix(line.as_bytes()) {
        Some(before) => before.is_empty() || before == b"\n",
        None => false,
    };
    if !is_there {
        let unfinished = tail.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let rest = match line.as_bytes().strip_prefix(unfinished) {
            Some(rest) => rest.to_vec(),
            None => [b"\n", line.as_bytes()].concat(),
        };
        file.write_all(&rest)?;
        file.sync_data()?;
    }
    file.rewind()?;
    let (sha256, bytes) = digest(&mut file)?;
    Ok((sha256, bytes, !is_there))
}
