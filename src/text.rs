//! What people are told, in both languages that they are spoken to in. A sentence is made in both at the place that
//! knows the facts, and whoever shows it picks one: so nothing between has to know the language, and what lies in a
//! journal can be read in either. Commands, journal positions and JSON never depend on the language.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese, simplified.
    Zh,
}

impl Lang {
    /// From `LC_ALL`, `LC_MESSAGES` or `LANG`, whichever is the first that is set and not empty: `zh_CN.UTF-8` is Chinese,
    /// all else English.
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") { Lang::Zh } else { Lang::En }
    }

    /// The one of two wordings that is in this language.
    pub fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }
}

/// A sentence in both languages. Made by [`text!`](crate::text!). It has no `Display` on purpose: a sentence inside
/// another must be in the language of the other, and the compiler finds who forgets.
///
/// For programs it is its English: so it is serialised, and no digest and no JSON knows that there is a translation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Text {
    /// What is the same in both: a name, a command, a number, words of another program.
    pub fn verbatim(words: impl Into<String>) -> Self {
        let en = words.into();
        Self { zh: en.clone(), en }
    }

    /// In this language.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.en, &self.zh)
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty()
    }

    /// Each wording made into another by the same rule.
    #[must_use]
    pub fn map(self, mut change: impl FnMut(String) -> String) -> Self {
        Self { en: change(self.en), zh: change(self.zh) }
    }

    /// Several, one after the other: `between` is put where two meet.
    pub fn join<'a>(parts: impl IntoIterator<Item = &'a Text>, between: &Text) -> Text {
        let mut whole = Text::default();
        for (n, part) in parts.into_iter().enumerate() {
            if n > 0 {
                whole.en.push_str(&between.en);
                whole.zh.push_str(&between.zh);
            }
            whole.en.push_str(&part.en);
            whole.zh.push_str(&part.zh);
        }
        whole
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.en)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::verbatim)
    }
}

/// What can stand in a sentence of either language.
pub trait Say {
    /// Writes it in `lang`.
    ///
    /// # Errors
    /// Those of the formatter.
    fn say(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T: fmt::Display + ?Sized> Say for T {
    fn say(&self, _: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt(f)
    }
}

impl Say for Text {
    fn say(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.get(lang))
    }
}

impl Say for &Text {
    fn say(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (*self).say(lang, f)
    }
}

impl Say for &dyn Say {
    fn say(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (*self).say(lang, f)
    }
}

/// Words that are known beforehand, in English and in Chinese: they cost nothing until a sentence is made with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Both(pub &'static str, pub &'static str);

impl Both {
    /// What is the same in both: a form, a piece of code.
    pub const fn verbatim(words: &'static str) -> Self {
        Self(words, words)
    }
}

impl Say for Both {
    fn say(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(lang.pick(self.0, self.1))
    }
}

impl From<Both> for Text {
    fn from(words: Both) -> Self {
        Self { en: words.0.to_owned(), zh: words.1.to_owned() }
    }
}

/// What begins a sentence of which the Chinese goes on with a Chinese word: behind a Latin word or a piece of code there is
/// a blank, behind a Chinese word there is none.
pub struct Spaced<'a>(pub &'a dyn Say);

impl Say for Spaced<'_> {
    fn say(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = In(lang, self.0).to_string();
        f.write_str(&words)?;
        match lang {
            Lang::Zh if words.ends_with(|last: char| last.is_ascii()) => f.write_str(" "),
            Lang::Zh | Lang::En => Ok(()),
        }
    }
}

/// Something as it stands in a sentence of one language.
pub struct In<'a, T: ?Sized>(pub Lang, pub &'a T);

impl<T: Say + ?Sized> fmt::Display for In<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1.say(self.0, f)
    }
}

/// A sentence in both languages: `text!("cannot read {path}: {cause}", "无法读取 {path}：{cause}", cause = error)`.
/// Names in scope are taken from there; what is given after the two sentences may be a [`Text`](crate::text::Text)
/// itself. Either all of it is named, or all of it is positional.
#[macro_export]
macro_rules! text {
    ($en:literal, $zh:literal $(,)?) => {
        $crate::text::Text { en: ::std::format!($en), zh: ::std::format!($zh) }
    };
    ($en:literal, $zh:literal, $($name:ident = $arg:expr),+ $(,)?) => {
        $crate::text::Text {
            en: ::std::format!($en, $($name = $crate::text::In($crate::text::Lang::En, &$arg)),+),
            zh: ::std::format!($zh, $($name = $crate::text::In($crate::text::Lang::Zh, &$arg)),+),
        }
    };
    ($en:literal, $zh:literal, $($arg:expr),+ $(,)?) => {
        $crate::text::Text {
            en: ::std::format!($en, $($crate::text::In($crate::text::Lang::En, &$arg)),+),
            zh: ::std::format!($zh, $($crate::text::In($crate::text::Lang::Zh, &$arg)),+),
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_its_language() {
        assert_eq!(Lang::of_locale("zh_CN.UTF-8"), Lang::Zh);
        assert_eq!(Lang::of_locale("zh"), Lang::Zh);
        assert_eq!(Lang::of_locale("en_US.UTF-8"), Lang::En);
        assert_eq!(Lang::of_locale("C"), Lang::En);
        assert_eq!(Lang::of_locale("zha_CN"), Lang::En, "another language whose code begins alike");
    }

    #[test]
    fn a_sentence_inside_another_is_in_its_language() {
        let path = "a.rb";
        let cause = text!("it is empty", "内容为空");
        let named = text!("cannot read {path}: {why}", "无法读取 {path}：{why}", why = cause);
        assert_eq!(named.get(Lang::En), "cannot read a.rb: it is empty");
        assert_eq!(named.get(Lang::Zh), "无法读取 a.rb：内容为空");
        let placed = text!("{} of {}: {}", "{1} 中的 {0}：{2}", 1, 2, &cause);
        assert_eq!(placed.en, "1 of 2: it is empty");
        assert_eq!(placed.zh, "2 中的 1：内容为空");
    }

    #[test]
    fn words_of_either_kind_begin_a_sentence() {
        let of = |what: &dyn Say| text!("{what} must be known", "{what}必须已知", what = Spaced(what));
        assert_eq!(of(&"`max:`"), text!("`max:` must be known", "`max:` 必须已知"));
        assert_eq!(of(&Both("a role", "角色")), text!("a role must be known", "角色必须已知"));
    }

    #[test]
    fn several_are_joined_in_each_language() {
        let all = [text!("one", "一"), text!("two", "二")];
        assert_eq!(Text::join(&all, &text!(", ", "、")), text!("one, two", "一、二"));
        assert_eq!(Text::join(&[], &text!(", ", "、")), Text::default());
    }
}
