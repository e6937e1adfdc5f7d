//! Values that a run does not have.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

/// A value that is not there. Everything of it is not there either; it prints as "no data", is false and empty.
#[derive(Debug)]
pub(super) struct Missing {
    pub(super) word: &'static str,
}

impl Missing {
    pub(super) fn value(word: &'static str) -> Value {
        Value::from_object(Missing { word })
    }

    /// Is it one?
    pub(super) fn is(value: &Value) -> bool {
        value.is_none() || value.is_undefined() || value.downcast_object_ref::<Missing>().is_some()
    }
}

impl Object for Missing {
    /// An empty list to `for` and `in`: a map would hold every key that it is asked for.
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, _key: &Value) -> Option<Value> {
        Some(Missing::value(self.word))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

/// The last path into a value that led nowhere: what a template's error is about, which the template engine does not say.
#[derive(Clone, Debug, Default)]
pub(super) struct Missed(Arc<Mutex<String>>);

impl Missed {
    /// The path, where one was missed.
    pub(super) fn path(&self) -> Option<String> {
        self.0.lock().ok().map(|path| path.clone()).filter(|path| !path.is_empty())
    }

    fn note(&self, path: String) {
        if let Ok(mut last) = self.0.lock() {
            *last = path;
        }
    }
}

/// A part of a value that has parts itself, with the path to it.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) path: String,
    pub(super) held: Held,
    pub(super) missed: Missed,
}

/// What a part holds.
#[derive(Debug)]
pub(super) enum Held {
    Fields(BTreeMap<String, Value>),
    Items(Vec<Value>),
}

impl Object for Part {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.held {
            Held::Fields(_) => ObjectRepr::Map,
            Held::Items(_) => ObjectRepr::Seq,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let found = match &self.held {
            Held::Fields(fields) => key.as_str().and_then(|key| fields.get(key)),
            Held::Items(items) => key.as_usize().and_then(|index| items.get(index)),
        };
        if found.is_none() {
            self.missed.note(match key.as_str() {
                Some(key) => format!("{}.{key}", self.path),
                None => format!("{}[{key}]", self.path),
            });
        }
        found.cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.held {
            Held::Fields(fields) => Enumerator::Values(fields.keys().map(|key| Value::from(key.as_str())).collect()),
            Held::Items(items) => Enumerator::Seq(items.len()),
        }
    }
}

/// Things by name. What an unknown name gives depends on who asks: a run says "no data", the check says "unknown".
#[derive(Debug)]
pub(super) struct Names {
    pub(super) known: BTreeMap<String, Value>,
    /// The word for what is missing; none: an unknown name is undefined.
    pub(super) missing: Option<&'static str>,
}

impl Object for Names {
    /// To `for` and `in` it is its keys: a map would hold every key that it is asked for.
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let found = key.as_str().and_then(|key| self.known.get(key)).cloned();
        found.or_else(|| self.missing.map(Missing::value))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.known.keys().map(|key| Value::from(key.as_str())).collect())
    }
}
