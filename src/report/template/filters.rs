//! Filters: numbers and texts for people. Each says "no data" of what is not there.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value};

use super::missing::Missing;
use crate::report::page::{Page, cell, code};
use crate::report::words;
use crate::text;
use crate::text::Lang;
use crate::value::Verdict;
use crate::value::human::{self, Unit};

/// Adds them, and the printing of values: never a blank for what is not there, `是`/`否` for a truth.
pub(super) fn add(environment: &mut Environment<'_>, page: &Page) {
    let lang = page.lang;
    let no_data = page.no_data();
    environment.set_formatter(move |out, _state, value| {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        out.write_str(&printed(value, lang, no_data)).map_err(Error::from)
    });
    let measured = move |unit: Unit| {
        move |value: Value, options: Kwargs| -> Result<String, Error> {
            options.assert_all_used()?;
            Ok(match numeric(&value)? {
                Some(number) => human::measured(number, unit, None),
                None => no_data.to_owned(),
            })
        }
    };
    environment.add_filter("percent", measured(Unit::Percent));
    environment.add_filter("seconds", measured(Unit::Seconds));
    environment.add_filter("bytes", measured(Unit::Bytes));
    environment.add_filter("number", measured(Unit::None));
    environment.add_filter("duration", move |value: Value| -> Result<String, Error> {
        let Some(seconds) = numeric(&value)? else { return Ok(no_data.to_owned()) };
        let span = jiff::SignedDuration::try_from_secs_f64(seconds)
            .map_err(|_| super::invalid(text!("{seconds} s is no duration", "{seconds} s 不是时长")))?;
        Ok(human::span(span, lang))
    });
    // The times of the context are texts `2025-11-18 09:40:00`; these take their parts.
    environment.add_filter("date", move |value: Value| part(&value, 0, no_data));
    environment.add_filter("time", move |value: Value| part(&value, 1, no_data));
    environment.add_filter("word", move |value: Value| named(&value, no_data, |verdict| verdict.word(lang).to_owned()));
    environment.add_filter("mark", move |value: Value| {
        named(&value, words::mark(Verdict::NoData), |verdict| words::mark(verdict).to_owned())
    });
    environment.add_filter("box", |value: Value| if value.is_true() { "[x]" } else { "[ ]" });
    environment.add_filter("cell", move |value: Value| cell(&printed(&value, lang, no_data)));
    environment.add_filter("code", move |value: Value| code(&printed(&value, lang, no_data)));
}

/// As it stands in the text.
fn printed(value: &Value, lang: Lang, no_data: &str) -> String {
    if Missing::is(value) {
        return no_data.to_owned();
    }
    if value.kind() == ValueKind::Bool {
        return human::yes_or_no(value.is_true(), lang).to_owned();
    }
    if value.kind() == ValueKind::Seq
        && let Ok(items) = value.try_iter()
    {
        let items: Vec<String> = items.map(|item| printed(&item, lang, no_data)).collect();
        return if items.is_empty() { lang.pick("none", "无").to_owned() } else { items.join(lang.pick(", ", "、")) };
    }
    value.to_string()
}

fn numeric(value: &Value) -> Result<Option<f64>, Error> {
    if Missing::is(value) {
        return Ok(None);
    }
    let wrong = || {
        super::invalid(text!(
            "{value} is no number; texts for people have no filter",
            "{value} 不是数字；给人看的文本不能用过滤器"
        ))
    };
    f64::try_from(value.clone()).map(Some).map_err(|_| wrong())
}

fn part(value: &Value, index: usize, no_data: &str) -> Result<String, Error> {
    if Missing::is(value) {
        return Ok(no_data.to_owned());
    }
    let whole = value.to_string();
    let found = whole.split(' ').nth(index).filter(|part| !part.is_empty());
    found.map(str::to_owned).ok_or_else(|| super::invalid(text!("{whole:?} is no time", "{whole:?} 不是时间")))
}

/// A verdict by its name.
fn named(value: &Value, missing: &str, say: impl Fn(Verdict) -> String) -> Result<String, Error> {
    if Missing::is(value) {
        return Ok(missing.to_owned());
    }
    let found = value.as_str().and_then(|name| Verdict::ALL.iter().copied().find(|verdict| verdict.as_str() == name));
    found.map(say).ok_or_else(|| super::invalid(text!("{value} is no verdict", "{value} 不是结论")))
}
