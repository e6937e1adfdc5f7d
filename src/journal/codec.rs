//! Records to lines and back.
//!
//! ```text
//! {"n":12,"at":"2025-11-18T01:10:00Z","left":1,"record":{"outcome":{…}},"prev":"HASH","hash":"HASH"}
//! ```
//!
//! `hash` is the SHA-256 of the very bytes of the line before `,"hash"`, which hold the hash of the line before: it is
//! checksum and chain in one, over bytes and not over their meaning. `left` is the number of records that still belong to
//! the same batch, so that a batch is there whole or not at all.
//!
//! A batch without its end, at the end of the file, is what an interrupted write leaves: it was never relied on, and is
//! cut. Anything else that does not verify is an error.

use std::io::{self, BufRead, Read};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::canonical::hex;
use super::problem::Problem;
use super::record::{FORMAT, Record};
use crate::diagnostic::Code;
use crate::text;
use crate::text::Text;

/// Longest line that is read: outputs stand in a record up to 64 KiB each, but a parsed value may be as large as the
/// command's output was allowed to be.
pub const MAX_LINE_BYTES: u64 = 64 * 1024 * 1024;

/// Where a journal ends: the fence of the next append.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Number of the last record; 0: there is none.
    pub n: u64,
    /// Its hash; zeros where there is none.
    pub hash: [u8; 32],
    /// Bytes of the journal up to here.
    pub bytes: u64,
}

/// A record that is to be written, with the time at which it became known.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamped {
    /// When.
    pub at: Timestamp,
    /// What.
    pub record: Record,
}

/// A record that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number, from 1.
    pub n: u64,
    /// When it became known.
    pub at: Timestamp,
    /// What.
    pub record: Record,
}

/// How the reading of a journal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The end of its last whole batch.
    pub head: Head,
    /// Bytes after it that an interrupted write left.
    pub torn_bytes: u64,
}

#[derive(Serialize)]
struct LineOut<'a> {
    n: u64,
    at: Timestamp,
    left: usize,
    record: &'a Record,
    prev: String,
}

#[derive(Deserialize)]
struct LineIn {
    n: u64,
    at: Timestamp,
    left: usize,
    record: Record,
    prev: String,
}

/// The bytes of a batch that follows `head`, and the head after it.
pub fn encode(head: Head, batch: &[Stamped]) -> Result<(Vec<u8>, Head), Problem> {
    let mut bytes = Vec::new();
    let mut head = head;
    for (index, stamped) in batch.iter().enumerate() {
        let n = head.n + 1;
        let line = LineOut {
            n,
            at: stamped.at,
            left: batch.len() - index - 1,
            record: &stamped.record,
            prev: hex(&head.hash),
        };
        let mut text = serde_json::to_vec(&line).map_err(|error| {
            Problem::new(Code::RB0903, text!("record {n} cannot be written: {error}", "无法写入第 {n} 条记录：{error}"))
        })?;
        text.pop();
        let hash: [u8; 32] = Sha256::digest(&text).into();
        text.extend_from_slice(HASH_HEAD);
        text.extend_from_slice(hex(&hash).as_bytes());
        text.extend_from_slice(b"\"}\n");
        head = Head { n, hash, bytes: head.bytes + text.len() as u64 };
        bytes.append(&mut text);
    }
    Ok((bytes, head))
}

const HASH_HEAD: &[u8] = b",\"hash\":\"";
/// `,"hash":"`, 64 digits, `"}`.
const HASH_BYTES: usize = HASH_HEAD.len() + 64 + 2;

/// Reads a journal from its beginning and gives its records in order, each batch once it is whole.
pub fn decode(
    journal: &mut dyn BufRead,
    give: &mut dyn FnMut(Entry) -> Result<(), Problem>,
) -> Result<Tail, DecodeError> {
    let mut head = Head::default();
    let mut reached = head;
    let mut batch: Vec<Entry> = Vec::new();
    let mut expected_left = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = journal.take(MAX_LINE_BYTES).read_until(b'\n', &mut line).map_err(DecodeError::Io)?;
        if line.last() != Some(&b'\n') {
            if read as u64 == MAX_LINE_BYTES {
                let what = text!("is longer than {MAX_LINE_BYTES} bytes", "超过 {MAX_LINE_BYTES} 字节");
                return Err(damaged(Code::RB0901, reached, &what).into());
            }
            // A written line whose newline was changed is not an interrupted write. Zeros may be one: a file system can
            // leave them where bytes did not arrive.
            if let Some((changed, whole)) = line.split_last()
                && *changed != 0
                && parse(whole).is_ok()
            {
                let what = text!(
                    "ends with byte {changed:#04x} (expected a line feed)",
                    "以字节 {changed:#04x} 结尾（应为换行）"
                );
                return Err(damaged(Code::RB0901, reached, &what).into());
            }
            let torn_bytes = reached.bytes - head.bytes + read as u64;
            return Ok(Tail { head, torn_bytes });
        }
        line.pop();
        let (parsed, hash) = parse(&line).map_err(|(code, what)| damaged(code, reached, &what))?;
        if parsed.n != reached.n + 1 || parsed.prev != hex(&reached.hash) {
            let what = text!(
                "does not follow the one before: expected number {} after hash {}, found number {} after hash {}",
                "与上一条不衔接：应为哈希 {1} 之后的第 {0} 条，实际为哈希 {3} 之后的第 {2} 条",
                reached.n + 1,
                hex(&reached.hash),
                parsed.n,
                parsed.prev
            );
            return Err(damaged(Code::RB0902, reached, &what).into());
        }
        if expected_left.is_some_and(|left| left != parsed.left) {
            let what = text!("is not the next of its batch: {} left", "不是所在批次的下一条：还剩 {} 条", parsed.left);
            return Err(damaged(Code::RB0902, reached, &what).into());
        }
        reached = Head { n: parsed.n, hash, bytes: reached.bytes + read as u64 };
        check_format(&parsed)?;
        expected_left = parsed.left.checked_sub(1);
        batch.push(Entry { n: parsed.n, at: parsed.at, record: parsed.record });
        if expected_left.is_none() {
            head = reached;
            for entry in batch.drain(..) {
                give(entry)?;
            }
        }
    }
}

/// The first record alone.
pub fn first(journal: &mut dyn BufRead) -> Result<Entry, DecodeError> {
    let mut line = Vec::new();
    journal.take(MAX_LINE_BYTES).read_until(b'\n', &mut line).map_err(DecodeError::Io)?;
    if line.pop() != Some(b'\n') {
        return Err(damaged(Code::RB0901, Head::default(), &text!("is not whole", "不完整")).into());
    }
    let (parsed, _) = parse(&line).map_err(|(code, what)| damaged(code, Head::default(), &what))?;
    check_format(&parsed)?;
    Ok(Entry { n: parsed.n, at: parsed.at, record: parsed.record })
}

/// The last record of a journal's end; none: `end` does not hold all of it. `whole`: `end` is the whole journal.
pub fn last(end: &[u8], whole: bool) -> Option<Result<Entry, Problem>> {
    let lines = end.iter().rposition(|byte| *byte == b'\n').and_then(|newline| end.get(..newline))?;
    let line = match lines.iter().rposition(|byte| *byte == b'\n') {
        Some(before) => lines.get(before + 1..)?,
        None if whole => lines,
        None => return None,
    };
    Some(match parse(line) {
        Ok((parsed, _)) => Ok(Entry { n: parsed.n, at: parsed.at, record: parsed.record }),
        Err((code, what)) => Err(Problem::new(code, text!("the last record {}", "最后一条记录{}", what))),
    })
}

/// Why a journal could not be read.
#[derive(Debug)]
pub enum DecodeError {
    /// The bytes could not be had.
    Io(io::Error),
    /// They are not as they were written.
    Problem(Problem),
}

impl From<Problem> for DecodeError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Verifies and parses one line without its newline; the error is a code and what the record does.
fn parse(line: &[u8]) -> Result<(LineIn, [u8; 32]), (Code, Text)> {
    let no_hash = || (Code::RB0901, text!("has no hash at its end", "末尾没有哈希"));
    let (head, tail) = line.split_at_checked(line.len().wrapping_sub(HASH_BYTES)).ok_or_else(no_hash)?;
    let written = tail.strip_prefix(HASH_HEAD).and_then(|tail| tail.strip_suffix(b"\"}")).ok_or_else(no_hash)?;
    let hash: [u8; 32] = Sha256::digest(head).into();
    if hex(&hash).as_bytes() != written {
        let (expected, found) = (hex(&hash), String::from_utf8_lossy(written));
        let what = text!(
            "does not verify: expected hash {expected}, found {found}",
            "校验不符：应为哈希 {expected}，实际为 {found}"
        );
        return Err((Code::RB0901, what));
    }
    let mut whole = head.to_vec();
    whole.push(b'}');
    match serde_json::from_slice(&whole) {
        Ok(parsed) => Ok((parsed, hash)),
        Err(error) => Err((
            Code::RB0903,
            text!("is of a form that this version does not know: {error}", "的格式是本版本不认识的：{error}"),
        )),
    }
}

fn check_format(line: &LineIn) -> Result<(), Problem> {
    match &line.record {
        Record::Header(header) if header.format != FORMAT => Err(Problem::new(
            Code::RB0903,
            text!(
                "the journal has format {} (this version reads format {})",
                "日志格式为 {}（本版本读取格式 {}）",
                header.format,
                FORMAT
            ),
        )
        .help(text!(
            "it was written by runbook {}: use that version or a later one",
            "它由 runbook {} 写入：请使用该版本或更新的版本",
            header.tool
        ))),
        Record::Header(_) if line.n == 1 => Ok(()),
        Record::Header(_) => {
            Err(Problem::new(Code::RB0902, text!("record {}: a second header", "第 {} 条记录：出现了第二个头", line.n)))
        }
        Record::Intent(_)
        | Record::Started(_)
        | Record::Outcome(_)
        | Record::Input(_)
        | Record::Takeover(_)
        | Record::End(_) => {
            if line.n == 1 {
                Err(Problem::new(
                    Code::RB0902,
                    text!(
                        "record 1: expected a header, found {}",
                        "第 1 条记录：应为 header，实际为 {}",
                        line.record.kind()
                    ),
                ))
            } else {
                Ok(())
            }
        }
    }
}

fn damaged(code: Code, before: Head, what: &Text) -> Problem {
    let n = before.n + 1;
    let message =
        text!("record {} (byte {} of the journal) {}", "第 {} 条记录（日志第 {} 字节）{}", n, before.bytes, what);
    Problem::new(code, message).help(text!(
        "nothing was changed: keep a copy of the folder of the run, and restore the journal from a backup if there is one",
        "未作任何改动：请保留该次运行的文件夹副本；如有备份，请用备份恢复日志"
    ))
}

#[cfg(test)]
mod tests;
