//! Masks secrets in output, at capture: what is masked here never reaches journal, artifact or terminal.
//!
//! A secret is recognised as it is, percent-encoded (any choice of encoded letters), as base64 (both alphabets, all three
//! alignments, wrapped lines too) and inside a JSON string, also when it arrives in pieces. Of a secret with several
//! lines each long line counts by itself, short ones (`{`, `-----`) only as part of the whole.

use std::sync::Arc;

use zeroize::Zeroizing;

/// Shortest secret that is masked. Masking a shorter one would hit ordinary words and digits everywhere, and so destroy
/// the evidence without hiding anything.
pub const MIN_SECRET_BYTES: usize = 4;

/// Shortest line of a secret with several lines that is masked alone: long enough not to be a brace, a rule or a keyword.
const MIN_LINE_BYTES: usize = 12;

/// Shortest base64 form that is masked: of fewer letters, chance finds them in any other base64 text.
const MIN_BASE64_LETTERS: usize = 6;

/// What is to be masked; cheap to clone.
#[derive(Clone)]
pub struct Redactor {
    patterns: Arc<[Pattern]>,
    /// Is there a pattern that begins with this byte?
    begins: Arc<[bool; 256]>,
}

struct Pattern {
    /// What stands in its place.
    mask: Arc<str>,
    text: Zeroizing<Vec<u8>>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Each byte as it is, a newline also as `\r\n`.
    Exact,
    /// Each byte as it is or as `%XX`, a space also as `+`.
    Percent,
    /// Letters, `-` and `_` also for `+` and `/`, perhaps with line ends between them.
    Base64,
}

/// How a pattern fits at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    No,
    /// As far as the bytes go.
    SoFar,
    /// This many bytes are the secret.
    Yes(usize),
}

impl Redactor {
    /// Masks the given secrets, each a name and its text. Those shorter than [`MIN_SECRET_BYTES`] are left out.
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a str)>) -> Redactor {
        let mut patterns = Vec::new();
        for (name, text) in secrets {
            let mask: Arc<str> = format!("(secret {name})").into();
            let mut add = |text: Vec<u8>, form| {
                patterns.push(Pattern { mask: Arc::clone(&mask), text: Zeroizing::new(text), form });
            };
            for part in parts(text) {
                add(part.as_bytes().to_vec(), Form::Percent);
                if part.contains('%') {
                    add(part.as_bytes().to_vec(), Form::Exact);
                }
                let quoted = in_json(part);
                if quoted.as_str() != part {
                    add(quoted.as_bytes().to_vec(), Form::Exact);
                }
                for alignment in 0..3 {
                    let letters = base64_core(part.as_bytes(), alignment);
                    if letters.len() >= MIN_BASE64_LETTERS {
                        add(letters, Form::Base64);
                    }
                }
            }
        }
        let mut begins = [false; 256];
        for (byte, begins) in (0..=u8::MAX).zip(begins.iter_mut()) {
            *begins = patterns.iter().any(|pattern| pattern.fit(&[byte]) != Fit::No);
        }
        Redactor { patterns: patterns.into(), begins: Arc::new(begins) }
    }

    /// Masks a whole text.
    pub fn text(&self, text: &str) -> String {
        let mut out = Vec::new();
        let mut stream = self.stream();
        stream.feed(text.as_bytes(), &mut out);
        stream.finish(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Masks a stream that comes in pieces.
    pub fn stream(&self) -> Stream {
        Stream { redactor: self.clone(), held: Zeroizing::new(Vec::new()) }
    }

    /// Finds what is to be masked in `bytes` from `from` on: its place and mask. `Err(place)`: from there on, more bytes
    /// decide. At the end of all bytes nothing is undecided.
    fn find(&self, bytes: &[u8], from: usize, end: bool) -> Result<Option<(usize, usize, &str)>, usize> {
        let mut at = from;
        while let Some(place) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| self.may_begin(*byte))) {
            at += place;
            let Some((mut to, mask)) = self.fit(bytes, at, end)? else {
                at += 1;
                continue;
            };
            // Another one that begins inside and reaches further would show its end.
            let mut inside = at + 1;
            while inside < to {
                match self.fit(bytes, inside, end) {
                    Ok(Some((further, _))) => to = to.max(further),
                    Ok(None) => {}
                    Err(_) => return Err(at),
                }
                inside += 1;
            }
            return Ok(Some((at, to, mask)));
        }
        Ok(None)
    }

    fn may_begin(&self, byte: u8) -> bool {
        self.begins.get(usize::from(byte)).copied().unwrap_or_default()
    }

    /// The longest secret that begins at `at`: its end and mask.
    fn fit(&self, bytes: &[u8], at: usize, end: bool) -> Result<Option<(usize, &str)>, usize> {
        let rest = bytes.get(at..).unwrap_or_default();
        let mut longest = None;
        for pattern in self.patterns.iter() {
            match pattern.fit(rest) {
                Fit::Yes(length) if longest.is_none_or(|(to, _)| at + length > to) => {
                    longest = Some((at + length, &*pattern.mask));
                }
                Fit::SoFar if !end => return Err(at),
                Fit::No | Fit::SoFar | Fit::Yes(_) => {}
            }
        }
        Ok(longest)
    }
}

impl Pattern {
    fn fit(&self, bytes: &[u8]) -> Fit {
        let mut rest = bytes;
        for (number, wanted) in self.text.iter().enumerate() {
            let step = match self.form {
                Form::Exact => exact_step(*wanted, rest),
                Form::Percent => percent_step(*wanted, rest),
                Form::Base64 => base64_step(*wanted, rest, number > 0),
            };
            match step {
                Fit::Yes(length) => rest = rest.get(length..).unwrap_or_default(),
                Fit::No | Fit::SoFar => return step,
            }
        }
        Fit::Yes(bytes.len() - rest.len())
    }
}

/// One byte of a secret that stands there as it is.
fn exact_step(wanted: u8, rest: &[u8]) -> Fit {
    match (rest, wanted) {
        ([], _) | ([b'\r'], b'\n') => Fit::SoFar,
        ([first, ..], _) if *first == wanted => Fit::Yes(1),
        ([b'\r', b'\n', ..], b'\n') => Fit::Yes(2),
        _ => Fit::No,
    }
}

/// One byte of a secret, perhaps percent-encoded. A `%` of the secret is taken as encoded where it can be.
fn percent_step(wanted: u8, rest: &[u8]) -> Fit {
    let digit = |letter: u8| char::from(letter).to_digit(16);
    let (high, low) = (Some(u32::from(wanted >> 4)), Some(u32::from(wanted & 15)));
    match (rest, wanted) {
        ([b'%'], _) => Fit::SoFar,
        ([b'%', first], _) if digit(*first) == high => Fit::SoFar,
        ([b'%', first, second, ..], _) if digit(*first) == high && digit(*second) == low => Fit::Yes(3),
        ([b'+', ..], b' ') => Fit::Yes(1),
        _ => exact_step(wanted, rest),
    }
}

/// One letter of base64, perhaps percent-encoded, with a line end before it where it is not the first.
fn base64_step(wanted: u8, rest: &[u8], inside: bool) -> Fit {
    let break_bytes = match rest {
        [b'\n', ..] if inside => 1,
        [b'\r'] if inside => return Fit::SoFar,
        [b'\r', b'\n', ..] if inside => 2,
        _ => 0,
    };
    let rest = rest.get(break_bytes..).unwrap_or_default();
    let fit = match (rest, wanted) {
        ([b'-', ..], b'+') | ([b'_', ..], b'/') => Fit::Yes(1),
        _ => percent_step(wanted, rest),
    };
    match fit {
        Fit::Yes(length) => Fit::Yes(break_bytes + length),
        Fit::No | Fit::SoFar => fit,
    }
}

/// The whole text without the line end that a file adds, and its long lines where there are several.
fn parts(text: &str) -> Vec<&str> {
    let whole = text.trim_end_matches(['\r', '\n']);
    let mut parts = vec![whole];
    if whole.contains('\n') {
        parts.extend(whole.lines().filter(|line| line.len() >= MIN_LINE_BYTES));
    }
    parts.retain(|part| part.len() >= MIN_SECRET_BYTES);
    parts
}

/// As it stands between the quotes of a JSON string.
fn in_json(text: &str) -> Zeroizing<String> {
    let quoted = serde_json::Value::from(text).to_string();
    Zeroizing::new(quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned())
}

/// The letters of base64 that depend on `bytes` alone, where `alignment` other bytes stand before it.
fn base64_core(bytes: &[u8], alignment: usize) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |at: usize| -> usize {
        let byte = bytes.get(at / 8).copied().unwrap_or_default();
        usize::from(byte >> (7 - at % 8) & 1)
    };
    // Bits of the first letter that belong to the bytes before it.
    let skipped = [0, 4, 2].get(alignment).copied().unwrap_or_default();
    (0..(bytes.len() * 8).saturating_sub(skipped) / 6)
        .map(|letter| (0..6).fold(0, |value, at| value << 1 | bit(skipped + letter * 6 + at)))
        .filter_map(|value| LETTERS.get(value).copied())
        .collect()
}

/// Masks one stream. It holds back only what may be the beginning of a secret.
pub struct Stream {
    redactor: Redactor,
    held: Zeroizing<Vec<u8>>,
}

impl Stream {
    /// Takes the next piece; what is decided goes to the end of `out`.
    pub fn feed(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        if self.redactor.patterns.is_empty() {
            out.extend_from_slice(piece);
            return;
        }
        self.held.extend_from_slice(piece);
        self.pass_on(false, out);
    }

    /// The stream is over: all of it is decided.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.pass_on(true, out);
    }

    fn pass_on(&mut self, end: bool, out: &mut Vec<u8>) {
        let mut done = 0;
        let undecided = loop {
            match self.redactor.find(&self.held, done, end) {
                Ok(Some((from, to, mask))) => {
                    out.extend_from_slice(self.held.get(done..from).unwrap_or_default());
                    out.extend_from_slice(mask.as_bytes());
                    done = to;
                }
                Ok(None) => break self.held.len(),
                Err(place) => break place,
            }
        };
        out.extend_from_slice(self.held.get(done..undecided).unwrap_or_default());
        self.held.drain(..undecided);
    }
}

#[cfg(test)]
mod tests;
