//! What people read of a run beside the sentences of the tool's own: an author's titles and reasons, and what stands where
//! one of these could.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{Lang, Say, Text};

/// Text for people in the runbook's language, and in English where the author gave it; or a sentence of the tool's own
/// where the author could have given one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// The runbook's own language. This is what expressions read, and what stands in digests and JSON.
    pub text: String,
    /// English, where `text` is not.
    pub en: Option<String>,
    /// Chinese, where `text` is not, as in a sentence of the tool's own: for people alone, in no digest.
    #[serde(skip)]
    pub zh: Option<String>,
}

impl Words {
    /// Those of an author, or the same in all languages.
    pub fn own(text: impl Into<String>, en: Option<String>) -> Self {
        Self { text: text.into(), en, zh: None }
    }

    /// A sentence of the tool's own of which programs have always read the Chinese.
    pub(super) fn zh_first(told: Text) -> Self {
        Self::own(told.zh, Some(told.en))
    }

    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// In a language: English where the author gave it, else their own.
    pub fn said(&self, lang: Lang) -> &str {
        let other = match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        };
        other.as_ref().unwrap_or(&self.text)
    }

    /// Each language's own.
    pub fn told(&self) -> Text {
        Text { en: self.said(Lang::En).to_owned(), zh: self.said(Lang::Zh).to_owned() }
    }
}

/// A sentence of the tool's own: its English is what programs see.
impl From<Text> for Words {
    fn from(told: Text) -> Self {
        let zh = (told.zh != told.en).then_some(told.zh);
        Self { text: told.en, en: None, zh }
    }
}

impl Say for Words {
    fn say(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.said(lang))
    }
}

impl Say for &Words {
    fn say(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (*self).say(lang, f)
    }
}

/// Words of which a digest holds `text` alone.
pub(super) mod line {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Words;

    pub(in crate::engine) fn serialize<S: Serializer>(words: &Words, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&words.text)
    }

    pub(in crate::engine) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
        String::deserialize(deserializer).map(|text| Words::own(text, None))
    }
}

/// See [`line`].
pub(super) mod lines {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Words;

    pub(in crate::engine) fn serialize<S: Serializer>(lines: &[Words], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(lines.iter().map(|words| &words.text))
    }

    pub(in crate::engine) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Words>, D::Error> {
        let lines = Vec::<String>::deserialize(deserializer)?;
        Ok(lines.into_iter().map(|text| Words::own(text, None)).collect())
    }
}
