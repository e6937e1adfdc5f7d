//! The closed set of functions of the language: pure, and total but for a failure with a message. What each takes and gives
//! stands in [`signature`]; the check, the reference and the editor read it there.

mod lists;
mod numbers;
mod records;
pub mod signature;
mod texts;

pub use texts::compile;

use jiff::tz::TimeZone;

use super::Value;
use super::error::ValueError;
use super::ops::said;
use crate::text;
use crate::text::Both;

/// Declares the functions with their names.
macro_rules! functions {
    ($($variant:ident $name:literal)*) => {
        /// A function. `default`, `assigned` and `reported` are forms of their own (they do not evaluate their argument
        /// plainly), and so is `choose` where it is evaluated: only the chosen side counts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the names are the functions; what they do stands in `signature`")]
        pub enum Function {
            $($variant,)*
        }

        impl Function {
            /// All of them, in the order of the reference.
            pub const ALL: &[Function] = &[$(Function::$variant,)*];

            /// As it is written.
            pub fn name(self) -> &'static str {
                match self { $(Function::$variant => $name,)* }
            }
        }
    };
}

functions! {
    Count "count"
    First "first"
    Last "last"
    Previous "previous"
    Slice "slice"
    Unique "unique"
    Sort "sort"
    Contains "contains"
    Join "join"
    Pluck "pluck"
    Where "where"
    Find "find"
    Any "any"
    All "all"
    Has "has"
    Keys "keys"
    Min "min"
    Max "max"
    Sum "sum"
    Abs "abs"
    Round "round"
    Number "number"
    Percent "percent"
    Duration "duration"
    Bytes "bytes"
    Time "time"
    Date "date"
    Text "text"
    Split "split"
    Trim "trim"
    Lower "lower"
    Upper "upper"
    Replace "replace"
    StartsWith "starts_with"
    EndsWith "ends_with"
    Capture "capture"
    Host "host"
    Choose "choose"
}

impl Function {
    /// The function of this name.
    pub fn of_name(name: &str) -> Option<Function> {
        Function::ALL.iter().copied().find(|function| function.name() == name)
    }
}

/// What functions know besides their arguments.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Zone of the runbook, for dates.
    pub zone: &'a TimeZone,
}

/// Evaluates `function(args)`. The check has looked at the types; values out of JSON are judged here, and one of a wrong
/// type fails with it in the message.
pub fn call(function: Function, args: &[Value], context: Context<'_>) -> Result<Value, ValueError> {
    evaluate(function, args, context)
        .map_err(|error| ValueError::new(text!("{}: {}", "{}：{}", function.name(), error.message)))
}

fn evaluate(function: Function, args: &[Value], context: Context<'_>) -> Result<Value, ValueError> {
    let args = Args(args);
    match function {
        Function::Count => lists::count(args),
        Function::First => lists::first(args),
        Function::Last => lists::last(args),
        Function::Previous => lists::previous(args),
        Function::Slice => lists::slice(args),
        Function::Unique => lists::unique(args),
        Function::Sort => lists::sort(args),
        Function::Contains => lists::contains(args),
        Function::Join => lists::join(args),
        Function::Pluck => records::pluck(args),
        Function::Where => records::keep(args),
        Function::Find => records::find(args),
        Function::Any => records::any(args),
        Function::All => records::all(args),
        Function::Has => records::has(args),
        Function::Keys => records::keys(args),
        Function::Min => numbers::extreme(args, std::cmp::Ordering::Less),
        Function::Max => numbers::extreme(args, std::cmp::Ordering::Greater),
        Function::Sum => numbers::sum(args),
        Function::Abs => numbers::abs(args),
        Function::Round => numbers::round(args),
        Function::Number => numbers::number(args),
        Function::Percent => numbers::percent(args),
        Function::Duration => numbers::with_unit(args, "s"),
        Function::Bytes => numbers::with_unit(args, "B"),
        Function::Time => texts::time(args),
        Function::Date => texts::date(args, context),
        Function::Text => super::text::interpolate(args.get(0)?).map(Value::Text),
        Function::Split => texts::split(args),
        Function::Trim => args.text(0).map(|text| Value::Text(text.trim().to_owned())),
        Function::Lower => args.text(0).map(|text| Value::Text(text.to_lowercase())),
        Function::Upper => args.text(0).map(|text| Value::Text(text.to_uppercase())),
        Function::Replace => texts::replace(args),
        Function::StartsWith => Ok(Value::Bool(args.text(0)?.starts_with(args.text(1)?))),
        Function::EndsWith => Ok(Value::Bool(args.text(0)?.ends_with(args.text(1)?))),
        Function::Capture => texts::capture(args),
        Function::Host => texts::host(args),
        Function::Choose => Ok(if args.bool(0)? { args.get(1)? } else { args.get(2)? }.clone()),
    }
}

/// The arguments of a call.
#[derive(Clone, Copy)]
struct Args<'a>(&'a [Value]);

impl<'a> Args<'a> {
    fn len(self) -> usize {
        self.0.len()
    }

    fn get(self, index: usize) -> Result<&'a Value, ValueError> {
        self.0.get(index).ok_or_else(|| ValueError::new(text!("argument {} is missing", "缺少第 {} 个参数", index + 1)))
    }

    fn text(self, index: usize) -> Result<&'a str, ValueError> {
        let value = self.get(index)?;
        if let Value::Text(text) = value { Ok(text) } else { Err(wrong(value, Both("text", "文本"))) }
    }

    fn list(self, index: usize) -> Result<&'a [Value], ValueError> {
        let value = self.get(index)?;
        if let Value::List(items) = value { Ok(items) } else { Err(wrong(value, Both("a list", "列表"))) }
    }

    fn int(self, index: usize) -> Result<i64, ValueError> {
        let value = self.get(index)?;
        if let Value::Int(number) = value { Ok(*number) } else { Err(wrong(value, Both("an int", "整数"))) }
    }

    fn bool(self, index: usize) -> Result<bool, ValueError> {
        let value = self.get(index)?;
        if let Value::Bool(truth) = value {
            Ok(*truth)
        } else {
            Err(wrong(value, Both("true or false", "true 或 false")))
        }
    }
}

fn wrong(value: &Value, wanted: Both) -> ValueError {
    ValueError::new(text!("{} ({}) is not {}", "{}（{}）不是{}", said(value), value.type_name(), wanted))
}

#[cfg(test)]
mod tests;
