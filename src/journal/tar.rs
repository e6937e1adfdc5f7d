//! Archives as `tar` reads them (ustar, with the pax form for long names), written in one way only: the same files give the
//! same bytes. So a reader can check every byte that is no content, too: it must be what would be written.

use std::io::{self, Read, Write};

use crate::text;
use crate::text::{Both, Text};

/// Bytes of a block.
const BLOCK: usize = 512;

/// Longest name that stands in a header itself.
const NAME_BYTES: usize = 100;

/// Longest name that is read: a path of a file system is no longer.
const MAX_NAME_BYTES: u64 = 4096;

/// Blocks of zeros at the end.
static END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// Writes an archive.
pub struct Writer<W: Write> {
    to: W,
}

impl<W: Write> Writer<W> {
    /// An empty one.
    pub fn new(to: W) -> Self {
        Self { to }
    }

    /// Adds a file of exactly `bytes` bytes. Names are relative and have no `..`.
    pub fn add(&mut self, name: &str, bytes: u64, content: &mut dyn Read) -> io::Result<()> {
        self.to.write_all(&head(name, bytes)?)?;
        let written = io::copy(&mut content.take(bytes), &mut self.to)?;
        if written != bytes {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("{name} became shorter while it was packed"),
            ));
        }
        self.to.write_all(filling(bytes))
    }

    /// Ends it.
    pub fn finish(mut self) -> io::Result<W> {
        self.to.write_all(&END)?;
        Ok(self.to)
    }
}

/// Zeros behind a content of so many bytes.
fn padding(bytes: u64) -> usize {
    let over = usize::try_from(bytes % BLOCK as u64).unwrap_or(0);
    (BLOCK - over) % BLOCK
}

/// These zeros.
fn filling(bytes: u64) -> &'static [u8] {
    END.get(..padding(bytes)).unwrap_or_default()
}

/// All blocks before a content.
fn head(name: &str, bytes: u64) -> io::Result<Vec<u8>> {
    if name.len() <= NAME_BYTES {
        return Ok(header(name, bytes, b'0')?.to_vec());
    }
    let record = pax("path", name);
    let mut out = header("PaxHeader", record.len() as u64, b'x')?.to_vec();
    out.extend_from_slice(record.as_bytes());
    out.extend_from_slice(filling(record.len() as u64));
    let cut = (0..=NAME_BYTES).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    out.extend_from_slice(&header(name.get(..cut).unwrap_or_default(), bytes, b'0')?);
    Ok(out)
}

/// `LENGTH KEY=VALUE\n`, where the length counts its own digits.
fn pax(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

fn header(name: &str, bytes: u64, kind: u8) -> io::Result<[u8; BLOCK]> {
    let mut block = [0_u8; BLOCK];
    let mut put = |at: usize, text: &str| {
        if let Some(field) = block.get_mut(at..at + text.len()) {
            field.copy_from_slice(text.as_bytes());
        }
    };
    // Eleven octal digits: 8 GiB.
    if bytes >= 1 << 33 {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("{name} is larger than the 8 GiB of an archive"),
        ));
    }
    put(0, name);
    put(100, "0000600\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{bytes:011o}\0"));
    put(136, "00000000000\0");
    put(148, "        ");
    put(257, "ustar\0");
    put(263, "00");
    block[156] = kind;
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    if let Some(field) = block.get_mut(148..156) {
        field.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    Ok(block)
}

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Where its content begins, in bytes.
    pub at: u64,
    /// How long it is.
    pub bytes: u64,
}

/// Why an archive is none that [`Writer`] wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where, in bytes from the begin.
    pub at: u64,
    /// What is wrong: one sentence.
    pub message: Text,
}

/// Something else stands where a file begins.
const NO_HEADER: Both = Both("what stands here is no header of a file", "此处不是文件头");

/// The files of an archive; `each` sees every content as it passes. Everything else in it but the names is checked to the
/// byte.
pub fn read(
    archive: &mut dyn Read,
    each: &mut dyn FnMut(&Member, &mut dyn Read) -> io::Result<()>,
) -> io::Result<Result<Vec<Member>, Damage>> {
    let mut members: Vec<Member> = Vec::new();
    let mut at = 0_u64;
    let damage = |at, message: Text| Ok(Err(Damage { at, message }));
    loop {
        let begin = at;
        let mut block = [0_u8; BLOCK];
        if let Err(error) = archive.read_exact(&mut block) {
            return if error.kind() == io::ErrorKind::UnexpectedEof {
                damage(begin, text!("the archive ends without its end", "归档没有结尾就中断了"))
            } else {
                Err(error)
            };
        }
        at += BLOCK as u64;
        if block == END[..BLOCK] {
            let mut rest = Vec::new();
            archive.take(BLOCK as u64 + 1).read_to_end(&mut rest)?;
            return if rest == END[BLOCK..] {
                Ok(Ok(members))
            } else {
                damage(begin, text!("the end of the archive is not as it was written", "归档结尾与写入时不一致"))
            };
        }
        let broken = |what: Both| damage(begin, after(&members, what));
        let Some((mut bytes, kind)) = size_and_kind(&block) else { return broken(NO_HEADER) };
        let mut found = block.to_vec();
        let mut name = short_name(&block);
        if kind == b'x' {
            if bytes > MAX_NAME_BYTES {
                return broken(Both("the name of the next file is too long", "下一个文件的名称过长"));
            }
            let mut record = vec![0; usize::try_from(bytes).unwrap_or(0) + padding(bytes) + BLOCK];
            if archive.read_exact(&mut record).is_err() {
                return broken(Both("the archive ends within a header", "归档在文件头内中断"));
            }
            at += record.len() as u64;
            found.extend_from_slice(&record);
            name = record.get(..usize::try_from(bytes).unwrap_or(0)).and_then(long_name);
            let own = record
                .split_at(record.len() - BLOCK)
                .1
                .try_into()
                .ok()
                .and_then(|own: &[u8; BLOCK]| size_and_kind(own));
            match own {
                Some((own, b'0')) => bytes = own,
                Some(_) | None => return broken(NO_HEADER),
            }
        }
        let Some(name) = name.filter(|name| head(name, bytes).is_ok_and(|head| head == found)) else {
            return broken(Both(
                "the header of the next file is not as it was written",
                "下一个文件的文件头与写入时不一致",
            ));
        };
        let member = Member { name, at, bytes };
        let mut content = archive.take(bytes);
        each(&member, &mut content)?;
        io::copy(&mut content, &mut io::sink())?;
        if content.limit() > 0 {
            return damage(at, text!("the archive ends within {}", "归档在 {} 内中断", member.name));
        }
        let mut gap = vec![0; padding(bytes)];
        if archive.read_exact(&mut gap).is_err() || gap.iter().any(|byte| *byte != 0) {
            return damage(
                at + bytes,
                text!(
                    "what fills the block behind {} is not as it was written",
                    "{} 之后的填充与写入时不一致",
                    member.name
                ),
            );
        }
        at += bytes + gap.len() as u64;
        members.push(member);
    }
}

fn after(members: &[Member], what: Both) -> Text {
    match members.last() {
        Some(last) => text!("{} (behind {})", "{}（在 {} 之后）", what, last.name),
        None => what.into(),
    }
}

fn size_and_kind(block: &[u8; BLOCK]) -> Option<(u64, u8)> {
    let digits = std::str::from_utf8(block.get(124..135)?).ok()?;
    let kind = block[156];
    matches!(kind, b'0' | b'x').then_some((u64::from_str_radix(digits, 8).ok()?, kind))
}

fn short_name(block: &[u8; BLOCK]) -> Option<String> {
    let field = block.get(..NAME_BYTES)?;
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(NAME_BYTES);
    String::from_utf8(field.get(..end)?.to_vec()).ok()
}

fn long_name(record: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(record).ok()?;
    let (_, rest) = text.split_once(" path=")?;
    Some(rest.strip_suffix('\n')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        for (name, content) in files {
            writer.add(name, content.len() as u64, &mut &**content).unwrap();
        }
        writer.finish().unwrap()
    }

    fn unpacked(archive: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Damage> {
        let mut files = Vec::new();
        let members = read(&mut &*archive, &mut |member, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            files.push((member.name.clone(), bytes));
            Ok(())
        });
        members.unwrap().map(|members| {
            assert_eq!(members.len(), files.len());
            files
        })
    }

    #[test]
    fn what_is_packed_is_read_again() {
        let long = format!("run/artifacts/{}", "节".repeat(60));
        let block = [7_u8; 512];
        let files: [(&str, &[u8]); 4] =
            [("run/a", b"one"), ("run/empty", b""), (&long, b"two\n"), ("run/block", &block)];
        let archive = packed(&files);
        assert_eq!(archive.len() % 512, 0);
        let found = unpacked(&archive).unwrap();
        let wanted: Vec<(String, Vec<u8>)> =
            files.iter().map(|(name, own)| ((*name).to_owned(), own.to_vec())).collect();
        assert_eq!(found, wanted);
        assert_eq!(archive, packed(&files), "the same files give the same bytes");
    }

    #[test]
    fn every_changed_byte_that_is_no_content_is_found() {
        let long = format!("run/{}", "x".repeat(120));
        let archive = packed(&[("run/a", b"one"), (&long, b"two")]);
        let contents = [512..515, 512 * 5..512 * 5 + 3];
        for at in 0..archive.len() {
            for flip in [0x01, 0x80] {
                let mut changed = archive.clone();
                changed[at] ^= flip;
                let found = unpacked(&changed);
                if contents.iter().any(|content| content.contains(&at)) {
                    assert!(found.is_ok(), "contents have digests of their own");
                } else {
                    // The end of a long name stands there once: whoever has a list of files sees another name.
                    let renamed = found.is_ok_and(|files| files[1].0 != long);
                    assert!(unpacked(&changed).is_err() || renamed, "byte {at} was changed and not noticed");
                }
            }
        }
        for end in 0..archive.len() {
            assert!(unpacked(&archive[..end]).is_err(), "cut at {end}");
        }
        assert!(unpacked(&[archive, vec![0]].concat()).is_err(), "something stands behind the end");
    }
}
