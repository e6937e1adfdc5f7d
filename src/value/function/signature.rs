//! What each function takes and gives. One table for the check's typing, the reference's tables, completion and hover.

use super::Function;
use crate::value::ops::{Comparison, comparable};
use crate::value::types::Type;

/// A function's entry.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// How it may be called; the first form that fits counts.
    pub forms: &'static [Form],
    /// What it does, in one line.
    pub what: &'static str,
}

/// One way to call a function.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// As it is written: `where(list, path, value)`.
    pub usage: &'static str,
    /// The arguments in order.
    pub takes: &'static [Takes],
    /// So many of the last may be left out.
    pub optional: usize,
    /// The last may be repeated.
    pub repeats: bool,
    /// Type of the result.
    pub gives: Gives,
}

/// What may stand as an argument. A value out of JSON may stand everywhere; the run judges it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any type but a secret.
    Any,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `int`, `float`
    Number,
    /// A number, `percent`, `duration`, `bytes`
    Quantity,
    /// A quantity or a `time`.
    Ordered,
    /// `percent`
    Percent,
    /// `duration`
    Duration,
    /// `duration`, `bytes`
    Measure,
    /// `time`
    Time,
    /// Text of any kind.
    Text,
    /// A pattern: `/re/`, which reaches the function as text, `(?i)` before it for `/re/i`.
    Pattern,
    /// A path into records: text, or a list of texts.
    Path,
    /// A list of anything.
    List,
    /// A list whose members are …
    ListOf(Members),
    /// A map or record.
    Map,
    /// A list, map or text.
    Countable,
    /// What can be compared with the argument of this index.
    Like(usize),
    /// What can be compared with the members of the list at this index.
    MemberOf(usize),
}

/// Members of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Members {
    /// `bool`
    Bool,
    /// See [`Takes::Quantity`].
    Quantity,
    /// See [`Takes::Ordered`].
    Ordered,
    /// Ordered or text.
    Sortable,
    /// Maps or records.
    Records,
}

/// Type of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "most names are the types")]
pub enum Gives {
    Bool,
    Int,
    Float,
    Percent,
    Duration,
    Bytes,
    Time,
    Text,
    Texts,
    /// A list of what is known only when it is there.
    Jsons,
    /// That of the argument of this index.
    Same(usize),
    /// That of the members of the list at this index.
    Member(usize),
    /// That of the members of the first list and of the start behind it.
    Total,
}

/// Why a call does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The argument that does not fit; none where their number is wrong.
    pub argument: Option<usize>,
    /// One sentence.
    pub message: String,
}

const fn form(usage: &'static str, takes: &'static [Takes], optional: usize, gives: Gives) -> Form {
    Form { usage, takes, optional, repeats: false, gives }
}

impl Function {
    /// Its entry of the table.
    pub fn signature(self) -> Signature {
        use Takes::{Any, Bool, Int, Like, List, ListOf, Map, Number, Path, Pattern, Quantity, Text};
        let (forms, what): (&'static [Form], &'static str) = match self {
            Function::Count => (
                &const { [form("count(list)", &[Takes::Countable], 0, Gives::Int)] },
                "number of members of a list or map, of characters of a text",
            ),
            Function::First => (
                &const { [form("first(list)", &[List], 0, Gives::Member(0))] },
                "first member; an empty list is an error",
            ),
            Function::Last => (
                &const { [form("last(list)", &[List], 0, Gives::Member(0))] },
                "last member; an empty list is an error",
            ),
            Function::Slice => (
                &const {
                    [
                        form("slice(list, from, to)", &[List, Int, Int], 1, Gives::Same(0)),
                        form("slice(text, from, to)", &[Text, Int, Int], 1, Gives::Text),
                    ]
                },
                "from one place (from 0, negative: from the end) to before another",
            ),
            Function::Unique => (
                &const { [form("unique(list)", &[List], 0, Gives::Same(0))] },
                "each member once, in order of first appearance",
            ),
            Function::Sort => (
                &const {
                    [
                        form("sort(list)", &[ListOf(Members::Sortable)], 0, Gives::Same(0)),
                        form("sort(list, path)", &[ListOf(Members::Records), Path], 0, Gives::Same(0)),
                    ]
                },
                "smallest first; records by what stands at the path",
            ),
            Function::Contains => (
                &const {
                    [
                        form("contains(text, part)", &[Text, Text], 0, Gives::Bool),
                        form("contains(list, member)", &[List, Takes::MemberOf(0)], 0, Gives::Bool),
                    ]
                },
                "is the part in the text, the member in the list",
            ),
            Function::Join => (
                &const { [form("join(list, between)", &[List, Text], 1, Gives::Text)] },
                "the members' text, with `, ` or another text between",
            ),
            Function::Pluck => (
                &const { [form("pluck(list, path, missing)", &[ListOf(Members::Records), Path, Any], 1, Gives::Jsons)] },
                "what stands at the path in each record",
            ),
            Function::Where => (
                &const { records("where(list, path, value)", "where(list, path, \"op\", value, missing)", Gives::Same(0)) },
                "the records that fit; `op` is one of == != < <= > >= =~ !~, `missing` stands for a path that is not there",
            ),
            Function::Find => (
                &const { records("find(list, path, value)", "find(list, path, \"op\", value, missing)", Gives::Member(0)) },
                "the first record that fits; none is an error",
            ),
            Function::Any => (
                &const { truths("any(list)", "any(list, path, value)", "any(list, path, \"op\", value, missing)") },
                "is one true, does one record fit",
            ),
            Function::All => (
                &const { truths("all(list)", "all(list, path, value)", "all(list, path, \"op\", value, missing)") },
                "are all true, do all records fit; an empty list is an error",
            ),
            Function::Has => (
                &const { [form("has(map, path)", &[Map, Path], 0, Gives::Bool)] },
                "is there something other than null at the path",
            ),
            Function::Keys => (&const { [form("keys(map)", &[Map], 0, Gives::Texts)] }, "the keys of a map, in order"),
            Function::Min => {
                (&const { extremes("min(list)", "min(a, b, …)") }, "the smallest; an empty list is an error")
            }
            Function::Max => {
                (&const { extremes("max(list)", "max(a, b, …)") }, "the largest; an empty list is an error")
            }
            Function::Sum => (
                &const { [form("sum(list, start)", &[ListOf(Members::Quantity), Takes::MemberOf(0)], 1, Gives::Total)] },
                "all together; an empty list needs the start",
            ),
            Function::Abs => (&const { [form("abs(x)", &[Quantity], 0, Gives::Same(0))] }, "without its sign"),
            Function::Round => (
                &const {
                    [
                        form("round(x)", &[Number], 0, Gives::Int),
                        form("round(x, decimals)", &[Number, Int], 0, Gives::Float),
                        form("round(percent, decimals)", &[Takes::Percent, Int], 1, Gives::Percent),
                        form("round(duration, step)", &[Takes::Duration, Takes::Duration], 1, Gives::Duration),
                    ]
                },
                "to the nearest, halves away from zero; a duration to whole seconds or steps",
            ),
            Function::Number => (
                &const {
                    [
                        form("number(text)", &[Text], 0, Gives::Float),
                        form("number(x)", &[Number], 0, Gives::Float),
                        form("number(percent)", &[Takes::Percent], 0, Gives::Float),
                        form("number(duration, \"unit\")", &[Takes::Measure, Text], 0, Gives::Float),
                    ]
                },
                "as a bare number; a percent as a ratio, a duration or size in the unit",
            ),
            Function::Percent => (
                &const {
                    [
                        form("percent(text)", &[Text], 0, Gives::Percent),
                        form("percent(part, total)", &[Quantity, Like(0)], 0, Gives::Percent),
                    ]
                },
                "`98%` as a percent; how much a part is of the total",
            ),
            Function::Duration => (
                &const {
                    [
                        form("duration(text)", &[Text], 0, Gives::Duration),
                        form("duration(number, \"unit\")", &[Number, Text], 0, Gives::Duration),
                    ]
                },
                "`10m` as a duration; a number with its unit",
            ),
            Function::Bytes => (
                &const {
                    [
                        form("bytes(text)", &[Text], 0, Gives::Bytes),
                        form("bytes(number, \"unit\")", &[Number, Text], 0, Gives::Bytes),
                    ]
                },
                "`20MB` as a size; a number with its unit",
            ),
            Function::Time => (
                &const { [form("time(text)", &[Text], 0, Gives::Time)] },
                "a time as programs write it: RFC 3339, or `@` and seconds since 1970",
            ),
            Function::Date => (
                &const { [form("date(time, \"%Y%m%d\")", &[Takes::Time, Text], 1, Gives::Text)] },
                "a time as text in the runbook's zone, by the letters of strftime",
            ),
            Function::Text => (&const { [form("text(x)", &[Any], 0, Gives::Text)] }, "its canonical text"),
            Function::Split => (
                &const { [form("split(text, separator)", &[Text, Text], 1, Gives::Texts)] },
                "its parts, by the separator or at white space",
            ),
            Function::Trim => {
                (&const { [form("trim(text)", &[Text], 0, Gives::Text)] }, "without white space around it")
            }
            Function::Lower => (&const { [form("lower(text)", &[Text], 0, Gives::Text)] }, "in small letters"),
            Function::Upper => (&const { [form("upper(text)", &[Text], 0, Gives::Text)] }, "in capital letters"),
            Function::Replace => (
                &const { [form("replace(text, from, to)", &[Text, Text, Text], 0, Gives::Text)] },
                "each place of one text by another",
            ),
            Function::StartsWith => {
                (&const { [form("starts_with(text, part)", &[Text, Text], 0, Gives::Bool)] }, "does it begin so")
            }
            Function::EndsWith => {
                (&const { [form("ends_with(text, part)", &[Text, Text], 0, Gives::Bool)] }, "does it end so")
            }
            Function::Capture => (
                &const { [form("capture(text, /re/, otherwise)", &[Text, Pattern, Text], 1, Gives::Text)] },
                "the first group of the first match, or the match; none is an error without `otherwise`",
            ),
            Function::Host => {
                (&const { [form("host(url)", &[Text], 0, Gives::Text)] }, "the host of a URL, without its port")
            }
            Function::Choose => (
                &const { [form("choose(condition, a, b)", &[Bool, Any, Like(1)], 0, Gives::Same(1))] },
                "a where the condition holds, else b; the other one is not evaluated",
            ),
        };
        Signature { forms, what }
    }

    /// Type of the result of a call with arguments of these types.
    pub fn result_type(self, args: &[Type]) -> Result<Type, Mismatch> {
        let forms = self.signature().forms;
        let mut nearest: Option<Mismatch> = None;
        for form in forms {
            if !form.counts(args.len()) {
                continue;
            }
            match form.misfit(args) {
                None => return Ok(form.result(args)),
                // The form that fits furthest is probably meant.
                Some(misfit) if nearest.as_ref().is_none_or(|best| best.argument < Some(misfit)) => {
                    nearest = Some(self.misfit(form, args, misfit));
                }
                Some(_) => {}
            }
        }
        let usages: Vec<String> = forms.iter().map(|form| format!("`{}`", form.usage)).collect();
        Err(nearest.unwrap_or_else(|| Mismatch {
            argument: None,
            message: format!("{} arguments; it is {}", args.len(), usages.join(" or ")),
        }))
    }

    fn misfit(self, form: &Form, args: &[Type], index: usize) -> Mismatch {
        let given = args.get(index).map(ToString::to_string).unwrap_or_default();
        let wanted = form.wanted(index).map(|takes| takes.describe(args)).unwrap_or_default();
        Mismatch {
            argument: Some(index),
            message: format!("argument {} of `{}` is {given}, not {wanted}", index + 1, self.name()),
        }
    }
}

const fn records(equal: &'static str, tested: &'static str, gives: Gives) -> [Form; 2] {
    [
        form(equal, &[Takes::ListOf(Members::Records), Takes::Path, Takes::Any], 0, gives),
        form(tested, &[Takes::ListOf(Members::Records), Takes::Path, Takes::Text, Takes::Any, Takes::Any], 1, gives),
    ]
}

const fn truths(plain: &'static str, equal: &'static str, tested: &'static str) -> [Form; 3] {
    let [equal, tested] = records(equal, tested, Gives::Bool);
    [form(plain, &[Takes::ListOf(Members::Bool)], 0, Gives::Bool), equal, tested]
}

const fn extremes(list: &'static str, several: &'static str) -> [Form; 2] {
    [
        form(list, &[Takes::ListOf(Members::Ordered)], 0, Gives::Member(0)),
        Form {
            usage: several,
            takes: &[Takes::Ordered, Takes::Like(0)],
            optional: 0,
            repeats: true,
            gives: Gives::Same(0),
        },
    ]
}

impl Form {
    fn counts(&self, given: usize) -> bool {
        let least = self.takes.len() - self.optional;
        given >= least && (self.repeats || given <= self.takes.len())
    }

    fn wanted(&self, index: usize) -> Option<Takes> {
        self.takes.get(index).or_else(|| self.takes.last().filter(|_| self.repeats)).copied()
    }

    /// The first argument that does not fit.
    fn misfit(&self, args: &[Type]) -> Option<usize> {
        args.iter().enumerate().position(|(index, ty)| self.wanted(index).is_none_or(|takes| !takes.fits(ty, args)))
    }

    fn result(&self, args: &[Type]) -> Type {
        let texts = || Type::List(Box::new(Type::Text));
        match self.gives {
            Gives::Bool => Type::Bool,
            Gives::Int => Type::Int,
            Gives::Float => Type::Float,
            Gives::Percent => Type::Percent,
            Gives::Duration => Type::Duration,
            Gives::Bytes => Type::Bytes,
            Gives::Time => Type::Time,
            Gives::Text => Type::Text,
            Gives::Texts => texts(),
            Gives::Jsons => Type::List(Box::new(Type::Json)),
            Gives::Same(index) => joined(args, index),
            Gives::Member(index) => args.get(index).map_or(Type::Unknown, member),
            Gives::Total => {
                let parts: Vec<Type> = args.first().map(member).into_iter().chain(args.get(1).cloned()).collect();
                joined(&parts, 0)
            }
        }
    }
}

/// The type of the arguments from `index` on, which can be compared with one another: of int and float it is float.
fn joined(args: &[Type], index: usize) -> Type {
    let like = args.get(index).cloned().unwrap_or(Type::Unknown);
    let others = args.get(index + 1..).unwrap_or_default();
    if like == Type::Int && others.contains(&Type::Float) {
        Type::Float
    } else if like.is_text() && others.iter().any(|other| other.is_text() && *other != like) {
        Type::Text
    } else if others.iter().any(Type::is_open) && !(index == 0 && matches!(like, Type::List(_))) {
        // What follows a list that is worked on are its places and paths; two sides of a choice are alike.
        Type::Json
    } else {
        like
    }
}

/// Type of the members of a list.
fn member(ty: &Type) -> Type {
    if let Type::List(inner) = ty {
        (**inner).clone()
    } else if let Type::ManyOf(members) = ty {
        Type::OneOf(members.clone())
    } else {
        Type::Json
    }
}

impl Takes {
    fn fits(self, ty: &Type, args: &[Type]) -> bool {
        let quantity = |ty: &Type| matches!(ty, Type::Int | Type::Float | Type::Percent | Type::Duration | Type::Bytes);
        let listed = |ty: &Type| matches!(ty, Type::List(_) | Type::ManyOf(_));
        if *ty == Type::Secret {
            return false;
        }
        if ty.is_open() {
            return true;
        }
        match self {
            Takes::Any => !matches!(ty, Type::Optional(_)),
            Takes::Bool => *ty == Type::Bool,
            Takes::Int => *ty == Type::Int,
            Takes::Number => matches!(ty, Type::Int | Type::Float),
            Takes::Quantity => quantity(ty),
            Takes::Ordered => quantity(ty) || *ty == Type::Time,
            Takes::Percent => *ty == Type::Percent,
            Takes::Duration => *ty == Type::Duration,
            Takes::Measure => matches!(ty, Type::Duration | Type::Bytes),
            Takes::Time => *ty == Type::Time,
            Takes::Text | Takes::Pattern => ty.is_text(),
            Takes::Path => ty.is_text() || matches!(ty, Type::List(inner) if inner.is_text()),
            Takes::List => listed(ty),
            Takes::ListOf(members) => listed(ty) && members.fit(&member(ty)),
            Takes::Map => matches!(ty, Type::Map(_) | Type::Record(_)),
            Takes::Countable => listed(ty) || ty.is_text() || matches!(ty, Type::Map(_) | Type::Record(_)),
            // A value that may be missing is none, as elsewhere: the result would be one, too.
            Takes::Like(_) if matches!(ty, Type::Optional(_)) => false,
            Takes::Like(index) => args.get(index).is_none_or(|other| comparable(Comparison::Eq, ty, other)),
            Takes::MemberOf(index) => args.get(index).is_none_or(|list| comparable(Comparison::Eq, ty, &member(list))),
        }
    }

    /// For messages.
    pub fn describe(self, args: &[Type]) -> String {
        let what = match self {
            Takes::Any => "a value that is there",
            Takes::Bool => "bool",
            Takes::Int => "int",
            Takes::Number => "a number",
            Takes::Quantity => "a number, percent, duration or bytes",
            Takes::Ordered => "a number, percent, duration, bytes or time",
            Takes::Percent => "percent",
            Takes::Duration => "duration",
            Takes::Measure => "duration or bytes",
            Takes::Time => "time",
            Takes::Text => "text",
            Takes::Pattern => "a pattern such as /re/",
            Takes::Path => "a path such as \"metadata.name\"",
            Takes::List => "a list",
            Takes::ListOf(Members::Bool) => "a list of bool",
            Takes::ListOf(Members::Quantity) => "a list of numbers or quantities",
            Takes::ListOf(Members::Ordered) => "a list of numbers, quantities or times",
            Takes::ListOf(Members::Sortable) => "a list of numbers, quantities, times or texts",
            Takes::ListOf(Members::Records) => "a list of maps",
            Takes::Map => "a map",
            Takes::Countable => "a list, map or text",
            Takes::Like(index) => return args.get(index).map(|ty| format!("{ty}, as before")).unwrap_or_default(),
            Takes::MemberOf(index) => {
                return args.get(index).map(|ty| format!("{}, as in the list", member(ty))).unwrap_or_default();
            }
        };
        what.to_owned()
    }
}

impl Members {
    fn fit(self, ty: &Type) -> bool {
        if ty.is_open() {
            return true;
        }
        match self {
            Members::Bool => *ty == Type::Bool,
            Members::Quantity => Takes::Quantity.fits(ty, &[]),
            Members::Ordered => Takes::Ordered.fits(ty, &[]),
            Members::Sortable => Takes::Ordered.fits(ty, &[]) || ty.is_text(),
            Members::Records => matches!(ty, Type::Map(_) | Type::Record(_)),
        }
    }
}
