//! Collects what the lines say: families, names, and one small row a sample.

use std::collections::BTreeMap;

use super::error::Problem;
use super::line::{Fail, Line, Parsed, is_metric_start, unescape};
use crate::metrics::scrape::{FamilyKind, candidates};

/// A sample: where it stands, which name it has, its value. Labels stay in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Start of the sample in the text.
    pub(super) at: u32,
    /// Index of its name.
    pub(super) name: u32,
    pub(super) value: f64,
}

/// A distinct sample name.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: String,
    /// Index of its family.
    pub(super) family: u32,
}

/// What the comment lines say about a family.
#[derive(Clone, Debug, Default)]
pub(super) struct Meta {
    pub(super) name: String,
    pub(super) kind: Option<FamilyKind>,
    /// Where the texts stand.
    pub(super) help: Option<(usize, usize)>,
    pub(super) unit: Option<(usize, usize)>,
}

/// A comment line that says something about a family.
#[derive(Clone, Copy, Debug)]
pub(super) struct MetaLine {
    /// Start of the line in the text.
    pub(super) at: u32,
    /// Index of the family.
    pub(super) family: u32,
    pub(super) word: Keyword,
}

/// What a comment line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keyword {
    Help,
    Type,
    Unit,
}

impl Keyword {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Help => "HELP",
            Self::Type => "TYPE",
            Self::Unit => "UNIT",
        }
    }
}

#[derive(Default)]
pub(super) struct Builder {
    pub(super) rows: Vec<Row>,
    /// Row and time of the samples that have one.
    pub(super) times: Vec<(u32, i64)>,
    pub(super) names: Vec<Name>,
    pub(super) families: Vec<Meta>,
    pub(super) metas: Vec<MetaLine>,
    /// Names as written in the text, escapes and all.
    name_ids: BTreeMap<Box<[u8]>, u32>,
    family_ids: BTreeMap<String, u32>,
    /// Name of the last sample, as written.
    last: Vec<u8>,
    last_id: u32,
    max_samples: usize,
}

impl Builder {
    pub(super) fn new(max_samples: usize, lines: usize) -> Self {
        Self { rows: Vec::with_capacity(lines.min(max_samples)), max_samples, ..Self::default() }
    }

    /// If the sample at `line` has the name of the one before, steps over it and returns it; else nothing.
    pub(super) fn same_name<'a>(&self, line: &mut Line<'a>) -> &'a [u8] {
        let end = line.at + self.last.len();
        if !self.last.is_empty()
            && line.rest().starts_with(&self.last)
            && !line.text.get(end).is_some_and(|byte| is_metric_start(*byte) || byte.is_ascii_digit())
        {
            let name = line.text.get(line.at..end).unwrap_or_default();
            line.at = end;
            return name;
        }
        b""
    }

    pub(super) fn sample(&mut self, at: usize, name: &[u8], value: f64, time: Option<i64>) -> Parsed<()> {
        if self.rows.len() == self.max_samples {
            return Err(Fail { at, problem: Problem::TooManySamples(self.max_samples) });
        }
        let name = self.name(name);
        if let Some(time) = time {
            self.times.push((offset(self.rows.len()), time));
        }
        self.rows.push(Row { at: offset(at), name, value });
        Ok(())
    }

    /// A `# HELP` or `# UNIT` at `at`, whose text stands at `text`.
    pub(super) fn text(&mut self, at: usize, word: Keyword, family: &[u8], text: (usize, usize)) {
        self.note(at, word, family, |meta| {
            *(if word == Keyword::Unit { &mut meta.unit } else { &mut meta.help }) = Some(text);
        });
    }

    /// A `# TYPE` at `at`.
    pub(super) fn kind(&mut self, at: usize, family: &[u8], kind: FamilyKind) {
        self.note(at, Keyword::Type, family, |meta| meta.kind = Some(kind));
    }

    fn name(&mut self, name: &[u8]) -> u32 {
        if !self.last.is_empty() && name == self.last {
            return self.last_id;
        }
        let known = self.name_ids.get(name).copied();
        let id = known.unwrap_or_else(|| {
            let id = offset(self.names.len());
            self.names.push(Name { text: decode(name), family: 0 });
            self.name_ids.insert(name.into(), id);
            id
        });
        self.last.clear();
        // A name that must be quoted is never met at the beginning of a line.
        if name.first().is_some_and(|byte| is_metric_start(*byte))
            && name.iter().all(|byte| is_metric_start(*byte) || byte.is_ascii_digit())
        {
            self.last.extend_from_slice(name);
            self.last_id = id;
        }
        id
    }

    fn note(&mut self, at: usize, word: Keyword, family: &[u8], note: impl FnOnce(&mut Meta)) {
        let id = self.family_id(decode(family));
        self.metas.push(MetaLine { at: offset(at), family: id, word });
        if let Some(meta) = self.families.get_mut(id as usize) {
            note(meta);
        }
    }

    fn family_id(&mut self, name: String) -> u32 {
        if let Some(id) = self.family_ids.get(&name) {
            return *id;
        }
        let id = offset(self.families.len());
        self.families.push(Meta { name: name.clone(), ..Meta::default() });
        self.family_ids.insert(name, id);
        id
    }

    /// Gives each name its family, now that every `# TYPE` is known wherever it stood: the family of this very name, or
    /// the one whose kind allows the name's ending, or one of its own.
    pub(super) fn resolve(&mut self, suffixes: impl Fn(FamilyKind) -> &'static [&'static str]) {
        let mut names = std::mem::take(&mut self.names);
        for name in &mut names {
            let declared = candidates(&name.text).find_map(|(base, suffix)| {
                let id = *self.family_ids.get(base)?;
                let kind = self.families.get(id as usize)?.kind.unwrap_or_default();
                (suffix.is_empty() || suffixes(kind).contains(&suffix)).then_some(id)
            });
            name.family = declared.unwrap_or_else(|| self.family_id(name.text.clone()));
        }
        self.names = names;
        self.rows.shrink_to_fit();
    }
}

/// Offsets fit: the text's size is limited below 4 GiB before the first line is read.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A name as written in the text, which is UTF-8.
fn decode(name: &[u8]) -> String {
    unescape(&String::from_utf8_lossy(name), true).into_owned()
}
