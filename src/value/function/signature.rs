//! What each function takes and gives. One table for the check's typing, the reference's tables, completion and hover.

use super::Function;
use crate::text;
use crate::text::{Both, Text};
use crate::value::ops::{Comparison, comparable};
use crate::value::types::Type;

/// A function's entry.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// How it may be called; the first form that fits counts.
    pub forms: &'static [Form],
    /// What it does, in one line.
    pub what: Both,
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
    /// The same, or null.
    MemberOrNull(usize),
    /// That of the members of the first list and of the start behind it.
    Total,
}

/// Why a call does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The argument that does not fit; none where their number is wrong.
    pub argument: Option<usize>,
    /// One sentence.
    pub message: Text,
}

const fn form(usage: &'static str, takes: &'static [Takes], optional: usize, gives: Gives) -> Form {
    Form { usage, takes, optional, repeats: false, gives }
}

impl Function {
    /// Its entry of the table.
    pub fn signature(self) -> Signature {
        use Takes::{Any, Bool, Int, Like, List, ListOf, Map, Number, Path, Pattern, Quantity, Text};
        let (forms, what): (&'static [Form], Both) = match self {
            Function::Count => (
                &const { [form("count(list)", &[Takes::Countable], 0, Gives::Int)] },
                Both("number of members of a list or map, of characters of a text", "列表或映射的成员数，文本的字符数"),
            ),
            Function::First => (
                &const { [form("first(list)", &[List], 0, Gives::Member(0))] },
                Both("first member; an empty list is an error", "第一个成员；列表为空则出错"),
            ),
            Function::Last => (
                &const { [form("last(list)", &[List], 0, Gives::Member(0))] },
                Both("last member; an empty list is an error", "最后一个成员；列表为空则出错"),
            ),
            Function::Previous => (
                &const { [form("previous(list)", &[List], 0, Gives::MemberOrNull(0))] },
                Both("the member before the last; null where there is none", "倒数第二个成员；没有则为 null"),
            ),
            Function::Slice => (
                &const {
                    [
                        form("slice(list, from, to)", &[List, Int, Int], 1, Gives::Same(0)),
                        form("slice(text, from, to)", &[Text, Int, Int], 1, Gives::Text),
                    ]
                },
                Both(
                    "from one place (from 0, negative: from the end) to before another",
                    "从一个位置（从 0 起；负数从末尾数）到另一个位置之前",
                ),
            ),
            Function::Unique => (
                &const { [form("unique(list)", &[List], 0, Gives::Same(0))] },
                Both("each member once, in order of first appearance", "每个成员一次，按首次出现的顺序"),
            ),
            Function::Sort => (
                &const {
                    [
                        form("sort(list)", &[ListOf(Members::Sortable)], 0, Gives::Same(0)),
                        form("sort(list, path)", &[ListOf(Members::Records), Path], 0, Gives::Same(0)),
                    ]
                },
                Both("smallest first; records by what stands at the path", "从小到大；记录按路径处的值排序"),
            ),
            Function::Contains => (
                &const {
                    [
                        form("contains(text, part)", &[Text, Text], 0, Gives::Bool),
                        form("contains(list, member)", &[List, Takes::MemberOf(0)], 0, Gives::Bool),
                    ]
                },
                Both("is the part in the text, the member in the list", "文本是否包含该部分，列表是否包含该成员"),
            ),
            Function::Join => (
                &const { [form("join(list, between)", &[List, Text], 1, Gives::Text)] },
                Both("the members' text, with `, ` or another text between", "各成员的文本，以 `, ` 或另一文本连接"),
            ),
            Function::Pluck => (
                &const { [form("pluck(list, path, missing)", &[ListOf(Members::Records), Path, Any], 1, Gives::Jsons)] },
                Both("what stands at the path in each record", "每条记录中路径处的值"),
            ),
            Function::Where => (
                &const { records("where(list, path, value)", "where(list, path, \"op\", value, missing)", Gives::Same(0)) },
                Both(
                    "the records that fit; `op` is one of == != < <= > >= =~ !~, `missing` stands for a path that is not there",
                    "符合的记录；`op` 为 == != < <= > >= =~ !~ 之一，`missing` 代替不存在的路径",
                ),
            ),
            Function::Find => (
                &const { records("find(list, path, value)", "find(list, path, \"op\", value, missing)", Gives::Member(0)) },
                Both("the first record that fits; none is an error", "第一条符合的记录；没有则出错"),
            ),
            Function::Any => (
                &const { truths("any(list)", "any(list, path, value)", "any(list, path, \"op\", value, missing)") },
                Both("is one true, does one record fit", "是否有一个为真，是否有一条记录符合"),
            ),
            Function::All => (
                &const { truths("all(list)", "all(list, path, value)", "all(list, path, \"op\", value, missing)") },
                Both(
                    "are all true, do all records fit; an empty list is an error",
                    "是否全部为真，是否所有记录都符合；列表为空则出错",
                ),
            ),
            Function::Has => (
                &const { [form("has(map, path)", &[Map, Path], 0, Gives::Bool)] },
                Both("is there something other than null at the path", "路径处是否有非 null 的值"),
            ),
            Function::Keys => (
                &const { [form("keys(map)", &[Map], 0, Gives::Texts)] },
                Both("the keys of a map, in order", "映射的键，按顺序"),
            ),
            Function::Min => (
                &const { extremes("min(list)", "min(a, b, …)") },
                Both("the smallest; an empty list is an error", "最小值；列表为空则出错"),
            ),
            Function::Max => (
                &const { extremes("max(list)", "max(a, b, …)") },
                Both("the largest; an empty list is an error", "最大值；列表为空则出错"),
            ),
            Function::Sum => (
                &const { [form("sum(list, start)", &[ListOf(Members::Quantity), Takes::MemberOf(0)], 1, Gives::Total)] },
                Both("all together; an empty list needs the start", "总和；空列表需要初值"),
            ),
            Function::Abs => {
                (&const { [form("abs(x)", &[Quantity], 0, Gives::Same(0))] }, Both("without its sign", "去掉符号"))
            }
            Function::Round => (
                &const {
                    [
                        form("round(x)", &[Number], 0, Gives::Int),
                        form("round(x, decimals)", &[Number, Int], 0, Gives::Float),
                        form("round(percent, decimals)", &[Takes::Percent, Int], 1, Gives::Percent),
                        form("round(duration, step)", &[Takes::Duration, Takes::Duration], 1, Gives::Duration),
                    ]
                },
                Both(
                    "to the nearest, halves away from zero; a duration to whole seconds or steps",
                    "取最近的值，一半时远离零；时长取整到秒或步长",
                ),
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
                Both(
                    "as a bare number; a percent as a ratio, a duration or size in the unit",
                    "不带单位的数；百分比为比例，时长或大小按给定单位",
                ),
            ),
            Function::Percent => (
                &const {
                    [
                        form("percent(text)", &[Text], 0, Gives::Percent),
                        form("percent(part, total)", &[Quantity, Like(0)], 0, Gives::Percent),
                    ]
                },
                Both("`98%` as a percent; how much a part is of the total", "`98%` 作为百分比；部分占总数的多少"),
            ),
            Function::Duration => (
                &const {
                    [
                        form("duration(text)", &[Text], 0, Gives::Duration),
                        form("duration(number, \"unit\")", &[Number, Text], 0, Gives::Duration),
                    ]
                },
                Both("`10m` as a duration; a number with its unit", "`10m` 作为时长；带单位的数"),
            ),
            Function::Bytes => (
                &const {
                    [
                        form("bytes(text)", &[Text], 0, Gives::Bytes),
                        form("bytes(number, \"unit\")", &[Number, Text], 0, Gives::Bytes),
                    ]
                },
                Both("`20MB` as a size; a number with its unit", "`20MB` 作为大小；带单位的数"),
            ),
            Function::Time => (
                &const { [form("time(text)", &[Text], 0, Gives::Time)] },
                Both(
                    "a time as programs write it: RFC 3339, or `@` and seconds since 1970",
                    "程序写出的时间：RFC 3339，或 `@` 加 1970 年以来的秒数",
                ),
            ),
            Function::Date => (
                &const { [form("date(time, \"%Y%m%d\")", &[Takes::Time, Text], 1, Gives::Text)] },
                Both(
                    "a time as text in the runbook's zone, by the letters of strftime",
                    "按 runbook 时区把时间写成文本，使用 strftime 的字母",
                ),
            ),
            Function::Text => {
                (&const { [form("text(x)", &[Any], 0, Gives::Text)] }, Both("its canonical text", "规范的文本形式"))
            }
            Function::Split => (
                &const { [form("split(text, separator)", &[Text, Text], 1, Gives::Texts)] },
                Both("its parts, by the separator or at white space", "按分隔符或空白切分的各部分"),
            ),
            Function::Trim => (
                &const { [form("trim(text)", &[Text], 0, Gives::Text)] },
                Both("without white space around it", "去掉首尾空白"),
            ),
            Function::Lower => {
                (&const { [form("lower(text)", &[Text], 0, Gives::Text)] }, Both("in small letters", "转为小写"))
            }
            Function::Upper => {
                (&const { [form("upper(text)", &[Text], 0, Gives::Text)] }, Both("in capital letters", "转为大写"))
            }
            Function::Replace => (
                &const { [form("replace(text, from, to)", &[Text, Text, Text], 0, Gives::Text)] },
                Both("each place of one text by another", "把一个文本的每一处替换为另一个"),
            ),
            Function::StartsWith => (
                &const { [form("starts_with(text, part)", &[Text, Text], 0, Gives::Bool)] },
                Both("does it begin so", "是否以此开头"),
            ),
            Function::EndsWith => (
                &const { [form("ends_with(text, part)", &[Text, Text], 0, Gives::Bool)] },
                Both("does it end so", "是否以此结尾"),
            ),
            Function::Capture => (
                &const { [form("capture(text, /re/, otherwise)", &[Text, Pattern, Text], 1, Gives::Text)] },
                Both(
                    "the first group of the first match, or the match; none is an error without `otherwise`",
                    "首个匹配的第一个分组，或整个匹配；没有匹配而又没有 `otherwise` 则出错",
                ),
            ),
            Function::Host => (
                &const { [form("host(url)", &[Text], 0, Gives::Text)] },
                Both("the host of a URL, without its port", "URL 的主机，不含端口"),
            ),
            Function::Choose => (
                &const { [form("choose(condition, a, b)", &[Bool, Any, Like(1)], 0, Gives::Same(1))] },
                Both(
                    "a where the condition holds, else b; the other one is not evaluated",
                    "条件成立时取 a，否则取 b；另一个不求值",
                ),
            ),
        };
        Signature { forms, what }
    }

    /// Type of the result of a call with arguments of these types.
    pub fn result_type(self, args: &[Type]) -> Result<Type, Mismatch> {
        let forms = self.signature().forms;
        let mut nearest: Option<(usize, &Form)> = None;
        for form in forms {
            if !form.counts(args.len()) {
                continue;
            }
            match form.misfit(args) {
                None => return Ok(form.result(args)),
                // The form that fits furthest is probably meant.
                Some(misfit) if nearest.is_none_or(|(best, _)| best < misfit) => nearest = Some((misfit, form)),
                Some(_) => {}
            }
        }
        if let Some((misfit, form)) = nearest {
            return Err(self.misfit(form, args, misfit));
        }
        let usages: Vec<String> = forms.iter().map(|form| format!("`{}`", form.usage)).collect();
        Err(Mismatch {
            argument: None,
            message: text!(
                "{} arguments; it is {}",
                "有 {} 个参数；写法是 {}",
                args.len(),
                Text { en: usages.join(" or "), zh: usages.join(" 或 ") }
            ),
        })
    }

    fn misfit(self, form: &Form, args: &[Type], index: usize) -> Mismatch {
        let given = args.get(index).map(Type::named).unwrap_or_default();
        let wanted = form.wanted(index).map(|takes| takes.describe(args)).unwrap_or_default();
        Mismatch {
            argument: Some(index),
            message: text!(
                "argument {} of `{}` is {}, not {}",
                "`{1}` 的第 {0} 个参数是{2}，应为{3}",
                index + 1,
                self.name(),
                given,
                wanted
            ),
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
            Gives::MemberOrNull(index) => args.get(index).map_or(Type::Unknown, member).or_null(),
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
    pub fn describe(self, args: &[Type]) -> Text {
        let what = match self {
            Takes::Any => Both("a value that is there", "非空的值"),
            Takes::Bool => Both("bool", "布尔值"),
            Takes::Int => Both("int", "整数"),
            Takes::Number => Both("a number", "数字"),
            Takes::Quantity => Both("a number, percent, duration or bytes", "数字、百分比、时长或大小"),
            Takes::Ordered => Both("a number, percent, duration, bytes or time", "数字、百分比、时长、大小或时间"),
            Takes::Percent => Both("percent", "百分比"),
            Takes::Duration => Both("duration", "时长"),
            Takes::Measure => Both("duration or bytes", "时长或大小"),
            Takes::Time => Both("time", "时间"),
            Takes::Text => Both("text", "文本"),
            Takes::Pattern => Both("a pattern such as /re/", "模式，例如 /re/"),
            Takes::Path => Both("a path such as \"metadata.name\"", "路径，例如 \"metadata.name\""),
            Takes::List => Both("a list", "列表"),
            Takes::ListOf(Members::Bool) => Both("a list of bool", "布尔值列表"),
            Takes::ListOf(Members::Quantity) => Both("a list of numbers or quantities", "数字或数量的列表"),
            Takes::ListOf(Members::Ordered) => Both("a list of numbers, quantities or times", "数字、数量或时间的列表"),
            Takes::ListOf(Members::Sortable) => {
                Both("a list of numbers, quantities, times or texts", "数字、数量、时间或文本的列表")
            }
            Takes::ListOf(Members::Records) => Both("a list of maps", "映射的列表"),
            Takes::Map => Both("a map", "映射"),
            Takes::Countable => Both("a list, map or text", "列表、映射或文本"),
            Takes::Like(index) => {
                return args
                    .get(index)
                    .map(|ty| text!("{}, as before", "{}，与前面相同", ty.named()))
                    .unwrap_or_default();
            }
            Takes::MemberOf(index) => {
                return args
                    .get(index)
                    .map(|ty| text!("{}, as in the list", "{}，与列表相同", member(ty).named()))
                    .unwrap_or_default();
            }
        };
        Text::from(what)
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
