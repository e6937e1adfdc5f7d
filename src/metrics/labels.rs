//! The label set of a series.

use std::fmt;
use std::sync::Arc;

/// Name of the label that holds a metric's name in PromQL; a [`Labels`] never contains it.
pub const METRIC_NAME: &str = "__name__";

/// Sorted label pairs without the metric's name. A label with an empty value is the same as no label, as in Prometheus,
/// and is not kept. Cheap to clone; equal sets compare, order and hash alike.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Arc<[(Arc<str>, Arc<str>)]>);

impl Labels {
    /// The set of `pairs`, in any order. Of two pairs with one name the first stays; a parser refuses them before.
    pub fn new<N: Into<Arc<str>>, V: Into<Arc<str>>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut pairs: Vec<(Arc<str>, Arc<str>)> = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|b, a| a.0 == b.0);
        Self(pairs.into())
    }

    /// The value of `name`, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.binary_search_by(|(own, _)| own.as_ref().cmp(name)).ok()?;
        self.0.get(found).map(|(_, value)| value.as_ref())
    }

    /// The value of `name`, empty if it is not there: what a PromQL matcher sees.
    pub fn value(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Name and value, sorted by name.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> + ExactSizeIterator + Clone {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The same set without the labels for which `drop` says yes.
    #[must_use]
    pub fn without(&self, drop: impl Fn(&str) -> bool) -> Self {
        if !self.0.iter().any(|(name, _)| drop(name)) {
            return self.clone();
        }
        Self(self.0.iter().filter(|(name, _)| !drop(name)).cloned().collect())
    }

    /// The same set with `name` at `value`; an empty value takes the label away.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut pairs: Vec<(Arc<str>, Arc<str>)> =
            self.0.iter().filter(|(own, _)| own.as_ref() != name).cloned().collect();
        if !value.is_empty() {
            let at = pairs.partition_point(|(own, _)| own.as_ref() < name);
            pairs.insert(at, (name.into(), value.into()));
        }
        Self(pairs.into())
    }

    /// How many labels.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// No label at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self(Arc::new([]))
    }
}

impl<N: Into<Arc<str>>, V: Into<Arc<str>>> FromIterator<(N, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self::new(pairs)
    }
}

/// `{a="b",c="d"}` with the escapes of exposition text; nothing for an empty set.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return Ok(());
        }
        f.write_str("{")?;
        for (number, (name, value)) in self.iter().enumerate() {
            if number > 0 {
                f.write_str(",")?;
            }
            write_name(f, name)?;
            f.write_str("=")?;
            write_quoted(f, value)?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Labels{{{self}}}")
    }
}

/// A label's name: bare where its letters allow it, else quoted.
pub(crate) fn write_name(f: &mut impl fmt::Write, name: &str) -> fmt::Result {
    let bare = name
        .bytes()
        .enumerate()
        .all(|(at, byte)| byte == b'_' || byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit()))
        && !name.is_empty();
    if bare { f.write_str(name) } else { write_quoted(f, name) }
}

/// `"text"` with backslash, quote and newline escaped, the three escapes of exposition text.
pub(crate) fn write_quoted(f: &mut impl fmt::Write, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '\\' => f.write_str("\\\\")?,
            '"' => f.write_str("\\\"")?,
            '\n' => f.write_str("\\n")?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_empty_values_do_not_matter() {
        let one = Labels::new([("b", "2"), ("a", "1"), ("gone", "")]);
        let other = Labels::new([("a", "1"), ("b", "2")]);
        assert_eq!(one, other);
        assert_eq!(one.get("gone"), None);
        assert_eq!(one.value("gone"), "");
        assert_eq!(one.to_string(), r#"{a="1",b="2"}"#);
    }

    #[test]
    fn with_and_without_keep_the_order() {
        let labels = Labels::new([("a", "1"), ("c", "3")]);
        assert_eq!(labels.with("b", "2").to_string(), r#"{a="1",b="2",c="3"}"#);
        assert_eq!(labels.with("a", "").to_string(), r#"{c="3"}"#);
        assert_eq!(labels.without(|name| name == "c").to_string(), r#"{a="1"}"#);
        assert_eq!(labels.without(|_| true).to_string(), "");
    }

    #[test]
    fn names_and_values_are_quoted_where_they_must_be() {
        let labels = Labels::new([("a.b", "x\"y\\z\n"), ("路径", "值")]);
        assert_eq!(labels.to_string(), "{\"a.b\"=\"x\\\"y\\\\z\\n\",\"路径\"=\"值\"}");
    }
}
