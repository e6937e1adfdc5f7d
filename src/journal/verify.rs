//! Is the evidence of a run as it was written? The journal's chain of hashes, and each file that its records name.
//!
//! A chain shows every change but one: whole records that were cut off its end. So the hash of the last record is told, to
//! be compared with what was noted elsewhere.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};

use sha2::{Digest as _, Sha256};

use super::canonical::hex;
use super::codec::{DecodeError, decode};
use super::problem::Problem;
use super::record::Record;
use crate::diagnostic::Code;
use crate::text;
use crate::text::Text;

/// Name of the journal in the folder of its run.
pub const JOURNAL: &str = "journal.jsonl";

/// How much of a file is in memory at once.
const READ_AT_ONCE_BYTES: usize = 64 * 1024;

/// SHA-256 and size of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// In hex.
    pub sha256: String,
    /// Its size; none: nobody wrote it down.
    pub bytes: Option<u64>,
}

impl Digest {
    /// That of all that `from` gives.
    pub fn of(from: &mut dyn Read) -> io::Result<Self> {
        Hashing::new(from).rest()
    }

    /// Why `found` is not this one.
    fn differs(&self, found: &Self) -> Option<Text> {
        match (self.bytes, found.bytes) {
            (Some(wanted), Some(bytes)) if wanted != bytes => {
                Some(text!("it has {bytes} bytes instead of {wanted}", "有 {bytes} 字节，应为 {wanted} 字节"))
            }
            _ if self.sha256 != found.sha256 => Some(text!(
                "it is not as it was written: expected SHA-256 {}, found {}",
                "与写入时不一致：应为 SHA-256 {}，实际为 {}",
                self.sha256,
                found.sha256
            )),
            _ => None,
        }
    }
}

/// A reader that makes the digest of what passes through it.
pub struct Hashing<'r> {
    from: &'r mut dyn Read,
    hash: Sha256,
    bytes: u64,
}

impl<'r> Hashing<'r> {
    /// Nothing has passed yet.
    pub fn new(from: &'r mut dyn Read) -> Self {
        Self { from, hash: Sha256::new(), bytes: 0 }
    }

    /// The digest of everything, also of what nobody has read yet.
    pub fn rest(mut self) -> io::Result<Digest> {
        let mut buffer = vec![0; READ_AT_ONCE_BYTES];
        while self.read(&mut buffer)? > 0 {}
        Ok(Digest { sha256: hex(&self.hash.finalize()), bytes: Some(self.bytes) })
    }
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}

/// What a journal says.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The run that it belongs to.
    pub run: Option<String>,
    /// Whole records.
    pub records: u64,
    /// Hash of the last one, in hex.
    pub hash: String,
    /// Bytes behind it that an interrupted write left.
    pub torn_bytes: u64,
    /// Its last record says that the run is over, or over for now.
    pub ended: bool,
    /// Files that it names.
    pub files: BTreeMap<String, Digest>,
    /// Why no more of it could be read.
    pub damage: Option<Problem>,
}

/// Reads a journal, verifying each record.
pub fn said(journal: &mut dyn BufRead) -> io::Result<Said> {
    let mut said = Said::default();
    let mut first_source = None;
    let read =
        decode(journal, &mut |entry| {
            said.ended = matches!(entry.record, Record::End(_));
            match entry.record {
                Record::Header(header) => {
                    said.run = Some(header.run);
                    first_source = header.sources.first().map(|file| file.path.clone());
                    said.files.extend(
                        header
                            .sources
                            .into_iter()
                            .map(|file| (format!("source/{}", file.path), Digest { sha256: file.sha256, bytes: None })),
                    );
                }
                Record::Takeover(takeover) => {
                    let runbook = first_source.as_deref().unwrap_or_default();
                    let name = format!("{}/{runbook}", takeover.source);
                    said.files.insert(name, Digest { sha256: takeover.digest, bytes: None });
                }
                Record::Outcome(outcome) => {
                    said.files.extend(outcome.data.artifacts().into_iter().map(|file| {
                        (file.path.clone(), Digest { sha256: file.sha256.clone(), bytes: Some(file.bytes) })
                    }));
                }
                Record::Intent(_) | Record::Started(_) | Record::Input(_) | Record::End(_) => {}
            }
            said.records = entry.n;
            Ok(())
        });
    match read {
        Ok(tail) => {
            said.hash = hex(&tail.head.hash);
            said.torn_bytes = tail.torn_bytes;
        }
        Err(DecodeError::Problem(problem)) => said.damage = Some(problem),
        Err(DecodeError::Io(error)) => return Err(error),
    }
    Ok(said)
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its code.
    pub code: Code,
    /// The file, relative to the folder of the run.
    pub file: String,
    /// One sentence.
    pub message: Text,
}

/// Compares what a journal says with the files that are there.
pub fn findings(said: &Said, digest: &mut dyn FnMut(&str) -> io::Result<Option<Digest>>) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut found = |code, file: &str, message: Text| findings.push(Finding { code, file: file.to_owned(), message });
    if let Some(problem) = &said.damage {
        found(problem.code, JOURNAL, problem.message.clone());
    } else if said.records == 0 {
        found(Code::RB0905, JOURNAL, text!("nothing was recorded", "没有任何记录"));
    } else if said.torn_bytes > 0 {
        let (bytes, records) = (said.torn_bytes, said.records);
        found(
            Code::RB0901,
            JOURNAL,
            text!(
                "{bytes} bytes behind record {records} are no whole record",
                "第 {records} 条记录之后的 {bytes} 字节不是完整记录"
            ),
        );
    }
    for (file, wanted) in &said.files {
        match digest(file)? {
            None => found(Code::RB0909, file, text!("it is missing", "缺失")),
            Some(digest) => {
                if let Some(message) = wanted.differs(&digest) {
                    found(Code::RB0909, file, message);
                }
            }
        }
    }
    Ok(findings)
}

/// The list of files in a bundle as `sha256sum` writes and checks it.
pub fn manifest<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    files.into_iter().map(|(name, sha256)| format!("{sha256}  {name}\n")).collect::<Vec<_>>().concat()
}

/// Compares the list of a bundle with what is in it.
pub fn against_manifest(manifest: &str, files: &BTreeMap<String, Digest>) -> Vec<Finding> {
    let finding = |file: &str, message: Text| Finding { code: Code::RB0909, file: file.to_owned(), message };
    let mut findings = Vec::new();
    let mut listed = BTreeMap::new();
    for (number, line) in (1_u32..).zip(manifest.split_terminator('\n')) {
        match line.split_once("  ") {
            Some((sha256, name)) => drop(listed.insert(name, sha256)),
            None => findings.push(finding(
                MANIFEST,
                text!("line {number} is not as it was written", "第 {number} 行与写入时不一致"),
            )),
        }
    }
    for (name, sha256) in &listed {
        match files.get(*name) {
            None => findings.push(finding(
                name,
                text!("it is in {MANIFEST} and not in the bundle", "列在 {MANIFEST} 中，但不在证据包内"),
            )),
            Some(found) => {
                let wanted = Digest { sha256: (*sha256).to_owned(), bytes: None };
                findings.extend(wanted.differs(found).map(|message| finding(name, message)));
            }
        }
    }
    for name in files.keys().filter(|name| !listed.contains_key(name.as_str())) {
        findings.push(finding(
            name,
            text!("it is in the bundle and not in {MANIFEST}", "在证据包内，但未列在 {MANIFEST} 中"),
        ));
    }
    findings
}

/// Name of the list of files in a bundle.
pub const MANIFEST: &str = "MANIFEST.sha256";
