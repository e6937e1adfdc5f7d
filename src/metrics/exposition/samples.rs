//! One sample of a parsed text, its labels decoded on demand.

use std::borrow::Cow;

use super::builder::Row;
use super::line::{is_label_start, is_metric_start, unescape};
use crate::metrics::scrape::FamilyKind;

/// One sample, borrowed from the text.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    text: &'a str,
    /// The sample's name.
    pub name: &'a str,
    /// Kind of its family.
    pub kind: FamilyKind,
    /// Its value.
    pub value: f64,
    /// The time beside it, unix milliseconds.
    pub timestamp_ms: Option<i64>,
    /// Where it stands in the text, in bytes.
    pub offset: usize,
}

impl<'a> Sample<'a> {
    pub(super) fn new(text: &'a str, row: &Row, name: &'a str, kind: FamilyKind, timestamp_ms: Option<i64>) -> Self {
        Self { text, name, kind, value: row.value, timestamp_ms, offset: row.at as usize }
    }

    /// Name and value of each label as written, escapes decoded, in the order of the text; empty values too.
    pub fn labels(&self) -> LabelIter<'a> {
        let sample = self.text.get(self.offset..).unwrap_or_default();
        let name = sample.bytes().take_while(|byte| is_metric_start(*byte) || byte.is_ascii_digit()).count();
        let rest = sample.get(name..).unwrap_or_default().trim_start_matches([' ', '\t']);
        LabelIter { rest: rest.strip_prefix('{').unwrap_or_default() }
    }
}

/// The labels of a sample whose text was checked before.
#[derive(Clone, Debug)]
pub struct LabelIter<'a> {
    /// After `{` or after a label; empty when there are none left.
    rest: &'a str,
}

impl<'a> Iterator for LabelIter<'a> {
    type Item = (Cow<'a, str>, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', ',']);
            let name = match self.rest.bytes().next()? {
                b'"' => quoted(&mut self.rest)?,
                byte if is_label_start(byte) => {
                    let rest = self.rest;
                    let end = rest.bytes().take_while(|byte| is_label_start(*byte) || byte.is_ascii_digit()).count();
                    self.rest = rest.get(end..)?;
                    Cow::Borrowed(rest.get(..end)?)
                }
                _ => return None,
            };
            let rest = self.rest.trim_start_matches([' ', '\t']);
            // Without a value it was the metric's own name, quoted.
            let Some(rest) = rest.strip_prefix('=') else { continue };
            self.rest = rest.trim_start_matches([' ', '\t']);
            return Some((name, quoted(&mut self.rest)?));
        }
    }
}

/// Takes a quoted text from the beginning of `rest`.
fn quoted<'a>(rest: &mut &'a str) -> Option<Cow<'a, str>> {
    let text = rest.strip_prefix('"')?;
    let mut at = 0;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', text.as_bytes().get(at..)?)?;
        if text.as_bytes().get(found) == Some(&b'"') {
            *rest = text.get(found + 1..)?;
            return Some(unescape(text.get(..found)?, true));
        }
        at = found + 2;
    }
}
