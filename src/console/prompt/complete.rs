//! What the tab key offers at a prompt.

use super::Asked;
use super::words::Word;
use crate::text::Lang;
use crate::value::types::Type;

/// Names that commands take.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Of values, for `set`.
    pub vars: Vec<String>,
    /// Of statements, for `jump`, `why`, `source`.
    pub keys: Vec<String>,
    /// Of lists that are filled, for `add`.
    pub collects: Vec<String>,
}

/// The place at which the completed word begins, in bytes, and what may stand there.
pub fn complete(line: &str, asked: Option<Asked<'_>>, known: &Known, lang: Lang) -> (usize, Vec<String>) {
    let marked = line.trim_start().starts_with([':', '：']);
    let begin = line.len() - line.trim_start().trim_start_matches([':', '：']).trim_start().len();
    let typed = line.get(begin..).unwrap_or_default();
    if let Some((word, _)) = Word::first_of(typed)
        && let Some(space) = typed.find(char::is_whitespace)
    {
        let names: &[String] = match word {
            Word::Set => &known.vars,
            Word::Jump | Word::Skip | Word::Why | Word::Source => &known.keys,
            Word::Add => &known.collects,
            Word::Status
            | Word::Vars
            | Word::Metrics
            | Word::Log
            | Word::Note
            | Word::Sh
            | Word::Retry
            | Word::Rollback
            | Word::Suspend
            | Word::Abort
            | Word::Answer
            | Word::Help => &[],
        };
        let start = begin + space + 1;
        let part = line.get(start..).unwrap_or_default();
        return (start, names.iter().filter(|name| name.starts_with(part)).cloned().collect());
    }
    let mut offers: Vec<String> = Vec::new();
    if let Some(asked) = asked.filter(|_| !marked) {
        offers.extend(asked.choices.iter().filter(|choice| choice.refused.is_none()).map(|choice| choice.key.clone()));
        offers.extend(asked.spec.typed.clone());
        if asked.choices.is_empty() {
            match &asked.spec.ty {
                Type::Bool if asked.spec.typed.is_none() => offers.extend(["yes".to_owned(), "no".to_owned()]),
                Type::OneOf(members) | Type::ManyOf(members) => offers.extend(members.iter().cloned()),
                Type::Bool
                | Type::Null
                | Type::Int
                | Type::Float
                | Type::Percent
                | Type::Duration
                | Type::Bytes
                | Type::Time
                | Type::String
                | Type::Text
                | Type::Url
                | Type::Path
                | Type::Secret
                | Type::Verdict
                | Type::List(_)
                | Type::Map(_)
                | Type::Json
                | Type::Record(_)
                | Type::Optional(_)
                | Type::Unknown => {}
            }
        }
    }
    if marked || !asked.is_some_and(|asked| asked.takes_any_text()) {
        offers.extend(Word::ALL.iter().map(|word| lang.pick(word.names().0, word.names().1).to_owned()));
        if lang == Lang::Zh {
            offers.extend(Word::ALL.iter().map(|word| word.names().0.to_owned()));
        }
    }
    let mut fitting: Vec<String> = Vec::new();
    for offer in offers {
        if offer.starts_with(typed) && !fitting.contains(&offer) {
            fitting.push(offer);
        }
    }
    (begin, fitting)
}
