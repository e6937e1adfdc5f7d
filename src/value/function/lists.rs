//! Functions of lists, and of texts where they are taken as lists of characters.

use std::cmp::Ordering;

use super::records::{Path, at};
use super::{Args, wrong};
use crate::text;
use crate::text::Both;
use crate::value::error::ValueError;
use crate::value::ops::{self, Comparison};
use crate::value::text::interpolate;
use crate::value::{Value, ops::said};

pub(super) fn count(args: Args<'_>) -> Result<Value, ValueError> {
    let value = args.get(0)?;
    let count = if let Value::List(items) = value {
        items.len()
    } else if let Value::Map(fields) = value {
        fields.len()
    } else if let Value::Text(text) = value {
        text.chars().count()
    } else {
        return Err(wrong(value, Both("a list, map or text", "列表、映射或文本")));
    };
    whole(count)
}

fn whole(count: usize) -> Result<Value, ValueError> {
    i64::try_from(count).map(Value::Int).map_err(|_| ValueError::new(text!("too many to count", "数量过大")))
}

pub(super) fn first(args: Args<'_>) -> Result<Value, ValueError> {
    args.list(0)?.first().cloned().ok_or_else(|| ValueError::new(text!("the list is empty", "列表为空")))
}

pub(super) fn last(args: Args<'_>) -> Result<Value, ValueError> {
    args.list(0)?.last().cloned().ok_or_else(|| ValueError::new(text!("the list is empty", "列表为空")))
}

/// Nothing came before the first member, which is no error: it is what the first of several passes finds.
pub(super) fn previous(args: Args<'_>) -> Result<Value, ValueError> {
    Ok(args.list(0)?.iter().rev().nth(1).cloned().unwrap_or(Value::Null))
}

/// Places count from 0, negative ones from the end; what is out of range is cut.
pub(super) fn slice(args: Args<'_>) -> Result<Value, ValueError> {
    let value = args.get(0)?;
    let end = if args.len() > 2 { Some(args.int(2)?) } else { None };
    if let Value::List(items) = value {
        let (from, to) = range(args.int(1)?, end, items.len());
        Ok(Value::List(items.iter().take(to).skip(from).cloned().collect()))
    } else {
        let text = args.text(0)?;
        let (from, to) = range(args.int(1)?, end, text.chars().count());
        Ok(Value::Text(text.chars().take(to).skip(from).collect()))
    }
}

fn range(from: i64, to: Option<i64>, length: usize) -> (usize, usize) {
    let place = |n: i64| {
        let magnitude = usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX);
        if n < 0 { length.saturating_sub(magnitude) } else { magnitude.min(length) }
    };
    (place(from), to.map_or(length, place))
}

/// The first of equal members stays. Members of different types are an error.
pub(super) fn unique(args: Args<'_>) -> Result<Value, ValueError> {
    let mut kept: Vec<Value> = Vec::new();
    for item in args.list(0)? {
        let mut known = false;
        for other in &kept {
            known |= ops::compare(Comparison::Eq, other, item)?;
        }
        if !known {
            kept.push(item.clone());
        }
    }
    Ok(Value::List(kept))
}

/// Stable. Texts are in the order of their characters' numbers, so that the same list sorts alike everywhere.
pub(super) fn sort(args: Args<'_>) -> Result<Value, ValueError> {
    let items = args.list(0)?;
    let mut keyed: Vec<(&Value, &Value)> = Vec::with_capacity(items.len());
    if args.len() > 1 {
        let path = Path::of(args.get(1)?)?;
        for item in items {
            keyed.push((at(item, &path)?, item));
        }
    } else {
        keyed.extend(items.iter().map(|item| (item, item)));
    }
    // The order of each pair that meets is judged; the first that has none ends the sorting.
    let mut failure = None;
    keyed.sort_by(|(a, _), (b, _)| {
        order(a, b).unwrap_or_else(|error| {
            failure.get_or_insert(error);
            Ordering::Equal
        })
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(Value::List(keyed.into_iter().map(|(_, item)| item.clone()).collect())),
    }
}

fn order(a: &Value, b: &Value) -> Result<Ordering, ValueError> {
    if let (Value::Text(a), Value::Text(b)) = (a, b) { Ok(a.cmp(b)) } else { ops::order(Comparison::Lt, a, b) }
}

pub(super) fn contains(args: Args<'_>) -> Result<Value, ValueError> {
    let value = args.get(0)?;
    if let Value::List(items) = value {
        let wanted = args.get(1)?;
        let mut found = false;
        for item in items {
            found |= ops::compare(Comparison::Eq, item, wanted)?;
        }
        Ok(Value::Bool(found))
    } else {
        let text = args.text(0)?;
        let part = args.text(1)?;
        if part.is_empty() {
            return Err(ValueError::new(text!(
                "every text contains \"\"; {} was asked",
                "任何文本都包含 \"\"；查询的是 {}",
                said(value)
            )));
        }
        Ok(Value::Bool(text.contains(part)))
    }
}

pub(super) fn join(args: Args<'_>) -> Result<Value, ValueError> {
    let between = if args.len() > 1 { args.text(1)? } else { ", " };
    let texts = args.list(0)?.iter().map(interpolate).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::Text(texts.join(between)))
}
