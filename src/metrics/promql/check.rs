//! What an expression must keep to beside its grammar: types, arguments, labels, ranges. All findings together.

use super::super::labels::METRIC_NAME;
use super::super::pattern::Pattern;
use super::error::PromqlError;
use super::outline::{Chain, Core, Grouping, MatcherText, Matching, Operand, Operator, Selector, Suffix};
use super::signature::{Aggregation, Arity, Function, Type, nearest, unsupported};
use crate::diagnostic::{Code, Span, Spanned};
use crate::text;
use crate::text::{Both, Text};

/// Everything that is wrong with `chain`, in the order of the text.
pub(super) fn check(chain: &Chain) -> Vec<PromqlError> {
    let mut checker = Checker { errors: Vec::new() };
    checker.chain(chain);
    checker.errors.sort_by_key(|error| error.span);
    checker.errors
}

struct Checker {
    errors: Vec<PromqlError>,
}

impl Checker {
    fn error(&mut self, code: Code, span: Span, message: impl Into<Text>) {
        self.errors.push(PromqlError::new(code, span, message));
    }

    fn error_with_help(&mut self, code: Code, span: Span, message: impl Into<Text>, help: impl Into<Text>) {
        self.errors.push(PromqlError::new(code, span, message).help(help));
    }

    /// The type of a chain; nothing where something in it is wrong, which was said already.
    fn chain(&mut self, chain: &Chain) -> Option<Type> {
        let types: Vec<Option<Type>> = chain.operands.iter().map(|operand| self.operand(operand)).collect();
        if let [only] = types.as_slice() {
            return *only;
        }
        for (operand, kind) in chain.operands.iter().zip(&types) {
            let Some(kind @ (Type::Matrix | Type::Text)) = kind else { continue };
            let message = text!("{kind} cannot stand beside an operator", "{kind}不能与运算符连用", kind = *kind);
            match kind {
                Type::Matrix => self.error_with_help(
                    Code::RB0703,
                    operand.span,
                    message,
                    text!(
                        "a function such as rate or max_over_time makes an instant vector of it",
                        "rate、max_over_time 等函数可由它得到瞬时向量"
                    ),
                ),
                Type::Scalar | Type::Vector | Type::Text => self.error(Code::RB0703, operand.span, message),
            }
        }
        for operator in &chain.operators {
            self.operator(operator);
        }
        if let ([left, right], [operator]) = (types.as_slice(), chain.operators.as_slice()) {
            self.scalars(operator, *left, *right);
        }
        if types.iter().all(|kind| *kind == Some(Type::Scalar)) {
            Some(Type::Scalar)
        } else if types.iter().all(Option::is_some) {
            Some(Type::Vector)
        } else {
            None
        }
    }

    /// What an operator says about itself.
    fn operator(&mut self, operator: &Operator) {
        let sign = operator.op.as_str();
        if let Some(span) = operator.boolean
            && !operator.op.is_comparison()
        {
            self.error(
                Code::RB0705,
                span,
                text!("bool belongs to a comparison, and {sign} is none", "bool 只用于比较，而 {sign} 不是比较"),
            );
        }
        let Some(Matching { on, labels, group, .. }) = &operator.matching else { return };
        self.labels(labels);
        let Some(group) = group else { return };
        self.labels(&group.include);
        if operator.op.is_set() {
            let message = text!("{sign} compares sets of labels and cannot group", "{sign} 比较标签集合，不能分组");
            self.error_with_help(
                Code::RB0705,
                group.span,
                message,
                text!("leave group_left or group_right out", "请去掉 group_left 或 group_right"),
            );
        }
        for label in &group.include {
            if *on && labels.iter().any(|other| other.node == label.node) {
                let message = text!(
                    "the label {} is in on (…) already, so both sides have it",
                    "标签 {} 已在 on (…) 中，两侧都有它",
                    label.node
                );
                self.error(Code::RB0705, label.span, message);
            }
        }
    }

    /// Rules for an operator whose two sides are known. In a longer chain precedence decides what the sides are; there
    /// the same rules come from the parser.
    fn scalars(&mut self, operator: &Operator, left: Option<Type>, right: Option<Type>) {
        let (Some(left), Some(right)) = (left, right) else { return };
        let (sign, span) = (operator.op.as_str(), operator.span);
        let scalar = left == Type::Scalar || right == Type::Scalar;
        if operator.op.is_set() && scalar {
            self.error(
                Code::RB0703,
                span,
                text!(
                    "{sign} joins instant vectors, and one side is a scalar",
                    "{sign} 连接瞬时向量，而其中一侧是标量"
                ),
            );
        } else if operator.op.is_comparison()
            && left == Type::Scalar
            && right == Type::Scalar
            && operator.boolean.is_none()
        {
            let help = text!("{sign} bool gives 0 or 1", "{sign} bool 的结果是 0 或 1");
            self.error_with_help(
                Code::RB0705,
                span,
                text!("two scalars are compared with bool", "两个标量比较须用 bool"),
                help,
            );
        }
        if let Some(matching) = &operator.matching
            && scalar
            && !matching.labels.is_empty()
        {
            let message = text!(
                "labels can be matched between instant vectors only, and one side is a scalar",
                "只有瞬时向量之间才能匹配标签，而其中一侧是标量"
            );
            self.error(Code::RB0705, matching.span, message);
        }
    }

    fn labels(&mut self, labels: &[Spanned<String>]) {
        for label in labels.iter().filter(|label| label.node.is_empty()) {
            self.error(Code::RB0705, label.span, text!("a label's name cannot be empty", "标签名不能为空"));
        }
    }

    fn operand(&mut self, operand: &Operand) -> Option<Type> {
        let core = self.core(&operand.core);
        let kind = self.suffixes(operand, core);
        if let Some(kind @ (Type::Matrix | Type::Text)) = kind
            && !operand.signs.is_empty()
        {
            self.error(Code::RB0703, operand.span, text!("{kind} has no sign", "{kind}没有正负号", kind = kind));
            return None;
        }
        kind
    }

    fn core(&mut self, core: &Spanned<Core>) -> Option<Type> {
        match &core.node {
            Core::Number(_) => Some(Type::Scalar),
            Core::Text(_) => Some(Type::Text),
            Core::Selector(selector) => {
                self.selector(selector, core.span);
                Some(Type::Vector)
            }
            Core::Call { name, arguments } => self.call(name, arguments, core.span),
            Core::Aggregate { aggregation, grouping, arguments } => {
                self.aggregate(aggregation, grouping.as_ref(), arguments, core.span);
                Some(Type::Vector)
            }
            Core::Parens(inner) => self.chain(inner),
        }
    }

    fn suffixes(&mut self, operand: &Operand, core: Option<Type>) -> Option<Type> {
        let mut kind = core;
        // What offset and @ may follow: a selector or a range of one, or a subquery.
        let mut selects = matches!(operand.core.node, Core::Selector(_));
        let (mut offset, mut at) = (false, false);
        for suffix in &operand.suffixes {
            match suffix.node {
                Suffix::Range(_) => {
                    if !selects || kind == Some(Type::Matrix) {
                        let message = text!("a range follows a selector", "范围写在选择器之后");
                        self.error_with_help(
                            Code::RB0706,
                            suffix.span,
                            message,
                            text!(
                                "a subquery takes any instant vector and has a colon: (…)[5m:1m]",
                                "子查询可用于任何瞬时向量，带冒号：(…)[5m:1m]"
                            ),
                        );
                        return None;
                    }
                    if offset || at {
                        let message = text!("offset and @ come after the range", "offset 和 @ 写在范围之后");
                        self.error_with_help(
                            Code::RB0706,
                            suffix.span,
                            message,
                            Text::verbatim("metric[5m] offset 1h"),
                        );
                        return None;
                    }
                    kind = Some(Type::Matrix);
                }
                Suffix::Subquery(_, step) => {
                    if let Some(kind @ (Type::Scalar | Type::Matrix | Type::Text)) = kind {
                        let message = text!(
                            "a subquery is taken of an instant vector, and this is {kind}",
                            "子查询用于瞬时向量，而这里是{kind}",
                            kind = kind
                        );
                        self.error(Code::RB0706, suffix.span, message);
                        return None;
                    }
                    if step.is_some_and(|step| step < NS_PER_MS) {
                        self.error(
                            Code::RB0708,
                            suffix.span,
                            text!("the step of a subquery is at least 1ms", "子查询的步长至少为 1ms"),
                        );
                    }
                    kind = kind.map(|_| Type::Matrix);
                    (selects, offset, at) = (true, false, false);
                }
                Suffix::Offset(_) | Suffix::At(_) | Suffix::AtBound => {
                    let (word, seen) = match suffix.node {
                        Suffix::Offset(_) => ("offset", &mut offset),
                        Suffix::At(_) | Suffix::AtBound | Suffix::Range(_) | Suffix::Subquery(..) => ("@", &mut at),
                    };
                    if std::mem::replace(seen, true) {
                        self.error(
                            Code::RB0706,
                            suffix.span,
                            text!("{word} stands here for the second time", "{word} 在此处重复出现"),
                        );
                        return None;
                    }
                    if !selects {
                        let message = text!(
                            "{word} follows a selector, a range or a subquery",
                            "{word} 写在选择器、范围或子查询之后"
                        );
                        self.error_with_help(
                            Code::RB0706,
                            suffix.span,
                            message,
                            text!("put {word} behind the selector inside", "请把 {word} 写在里面的选择器之后"),
                        );
                        return None;
                    }
                }
            }
        }
        kind
    }

    fn selector(&mut self, selector: &Selector, span: Span) {
        let mut selective = selector.name.is_some();
        let mut broken = false;
        for matcher in &selector.matchers {
            match rejects_absence(&matcher.node) {
                Ok(rejects) => selective |= rejects,
                Err(reason) => {
                    broken = true;
                    let message =
                        text!("the pattern /{}/ is not valid: {}", "模式 /{}/ 无效：{}", matcher.node.value, reason);
                    self.error(Code::RB0707, matcher.span, message);
                }
            }
            if let Some(name) = &selector.name
                && matcher.node.label == METRIC_NAME
            {
                let message = text!("the metric is named already: {}", "指标名称已经写明：{}", name.node);
                self.error(Code::RB0707, matcher.span, message);
            }
        }
        if !selective && !broken {
            self.error_with_help(
                Code::RB0707,
                span,
                text!("this selects every series there is", "这会选中所有序列"),
                text!(
                    "name a metric, or match a label with something that is not empty",
                    "请写明指标名称，或用非空的值匹配某个标签"
                ),
            );
        }
    }

    fn call(&mut self, name: &Spanned<String>, arguments: &[Chain], span: Span) -> Option<Type> {
        let types: Vec<Option<Type>> = arguments.iter().map(|argument| self.chain(argument)).collect();
        let Some(function) = Function::named(&name.node) else {
            self.unknown(name);
            return None;
        };
        let signature = function.signature();
        let most = signature.takes.len();
        let least = if signature.arity == Arity::Exact { most } else { most.saturating_sub(1) };
        let given = arguments.len();
        if given < least || (given > most && signature.arity != Arity::LastRepeated) {
            let takes = match (signature.arity, most) {
                (Arity::Exact, 0) => text!("no arguments", "没有参数"),
                (Arity::Exact, 1) => text!("one argument", "一个参数"),
                (Arity::Exact, most) => text!("{most} arguments", "{most} 个参数"),
                (Arity::LastOptional, most) => text!("{least} or {most} arguments", "{least} 个或 {most} 个参数"),
                (Arity::LastRepeated, _) => text!("at least {least} arguments", "至少 {least} 个参数"),
            };
            let message = arguments_taken(&name.node, &takes, given);
            let list = signature.takes;
            let help = if list.is_empty() { Text::verbatim(format!("{}()", name.node)) } else { in_order(list) };
            self.error_with_help(Code::RB0704, span, message, help);
            // Which argument is meant for which place is not known now.
            return Some(signature.gives);
        }
        let repeated = signature.takes.last();
        for (number, (argument, kind)) in arguments.iter().zip(&types).enumerate() {
            if let (Some(wanted), Some(kind)) = (signature.takes.get(number).or(repeated), kind) {
                self.argument(&name.node, argument, *wanted, *kind);
            }
        }
        self.texts(function, arguments);
        Some(signature.gives)
    }

    fn unknown(&mut self, name: &Spanned<String>) {
        if let Some(reason) = unsupported(&name.node) {
            self.error(Code::RB0702, name.span, text!("{} {}", "{} {}", name.node, reason));
            return;
        }
        let mut error =
            PromqlError::new(Code::RB0701, name.span, text!("there is no function {}", "没有函数 {}", name.node));
        if let Some(near) = nearest(&name.node) {
            error = error.help(text!("{near}, perhaps", "可能是 {near}"));
        }
        self.errors.push(error);
    }

    fn argument(&mut self, name: &str, argument: &Chain, wanted: Type, kind: Type) {
        if wanted == kind {
            return;
        }
        let message = text!("{} takes {} here, and this is {}", "{} 在此处需要{}，而这里是{}", name, wanted, kind);
        let help = match (wanted, kind) {
            (Type::Matrix, Type::Vector) if is_selector(argument) => {
                text!("write a range behind the selector: metric[5m]", "请在选择器之后写范围：metric[5m]")
            }
            (Type::Matrix, Type::Vector) => {
                text!("a subquery makes a range of it: (…)[5m:1m]", "用子查询可得到范围：(…)[5m:1m]")
            }
            (Type::Vector, Type::Matrix) => text!(
                "a function such as rate or max_over_time makes an instant vector of it",
                "rate、max_over_time 等函数可由它得到瞬时向量"
            ),
            (Type::Vector, Type::Scalar) => {
                text!("vector(…) makes an instant vector of a scalar", "vector(…) 可由标量得到瞬时向量")
            }
            (Type::Scalar, Type::Vector) => text!(
                "scalar(…) makes a scalar of a vector with one series",
                "scalar(…) 可由只有一个序列的向量得到标量"
            ),
            _ => return self.error(Code::RB0703, argument.span, message),
        };
        self.error_with_help(Code::RB0703, argument.span, message, help);
    }

    /// Texts that a function reads as something: known before anything runs.
    fn texts(&mut self, function: Function, arguments: &[Chain]) {
        if !matches!(function, Function::LabelReplace | Function::LabelJoin) {
            return;
        }
        self.label_names(arguments.get(1..2).unwrap_or_default());
        if function == Function::LabelJoin {
            self.label_names(arguments.get(3..).unwrap_or_default());
        } else if let Some(argument) = arguments.get(4)
            && let Some(pattern) = text_of(argument)
            && let Err(reason) = Pattern::new(pattern)
        {
            self.error(
                Code::RB0707,
                argument.span,
                text!("the pattern /{}/ is not valid: {}", "模式 /{}/ 无效：{}", pattern, reason),
            );
        }
    }

    fn label_names(&mut self, arguments: &[Chain]) {
        for argument in arguments {
            if text_of(argument).is_some_and(str::is_empty) {
                self.error(Code::RB0705, argument.span, text!("a label's name cannot be empty", "标签名不能为空"));
            }
        }
    }

    fn aggregate(&mut self, name: &Spanned<String>, grouping: Option<&Grouping>, arguments: &[Chain], span: Span) {
        let types: Vec<Option<Type>> = arguments.iter().map(|argument| self.chain(argument)).collect();
        if let Some(grouping) = grouping {
            self.labels(&grouping.labels);
        }
        let Some(aggregation) = Aggregation::named(&name.node) else {
            let lower = Spanned::new(name.node.to_ascii_lowercase(), name.span);
            return self.unknown(&lower);
        };
        let wanted: Vec<Type> = aggregation.parameter().into_iter().chain([Type::Vector]).collect();
        if arguments.len() != wanted.len() {
            let takes = match wanted.len() {
                1 => text!("one argument", "一个参数"),
                _ => text!("two arguments", "两个参数"),
            };
            let message = arguments_taken(aggregation.name(), &takes, arguments.len());
            return self.error_with_help(Code::RB0704, span, message, in_order(&wanted));
        }
        for ((argument, kind), wanted) in arguments.iter().zip(&types).zip(wanted) {
            if let Some(kind) = kind {
                self.argument(aggregation.name(), argument, wanted, *kind);
            }
        }
        if aggregation == Aggregation::CountValues {
            self.label_names(arguments.get(..1).unwrap_or_default());
        }
    }
}

/// So many arguments where others are taken.
fn arguments_taken(name: &str, takes: &Text, given: usize) -> Text {
    let are = Both(if given == 1 { "is" } else { "are" }, "");
    text!("{} takes {}, and {} {} given", "{} 需要{}，给出了 {} 个{}", name, takes, given, are)
}

/// The types of arguments, in their order.
fn in_order(takes: &[Type]) -> Text {
    let takes: Vec<Text> = takes.iter().map(|wanted| Text::from(wanted.named())).collect();
    text!("in order: {}", "依次为：{}", Text::join(&takes, &text!(", ", "、")))
}

/// Nanoseconds in the smallest step that an evaluation can take.
const NS_PER_MS: i64 = 1_000_000;

/// Does the matcher refuse a series that has no such label?
fn rejects_absence(matcher: &MatcherText) -> Result<bool, Text> {
    Ok(match matcher.op {
        "=" => !matcher.value.is_empty(),
        "!=" => matcher.value.is_empty(),
        "=~" => !Pattern::new(&matcher.value)?.is_match(""),
        _ => Pattern::new(&matcher.value)?.is_match(""),
    })
}

fn is_selector(chain: &Chain) -> bool {
    matches!(chain.operands.as_slice(), [Operand { core, suffixes, .. }]
        if suffixes.is_empty() && matches!(core.node, Core::Selector(_)))
}

/// The text that an argument is.
fn text_of(chain: &Chain) -> Option<&str> {
    let [Operand { core, .. }] = chain.operands.as_slice() else { return None };
    match &core.node {
        Core::Text(text) => Some(text),
        Core::Parens(inner) => text_of(inner),
        Core::Number(_) | Core::Selector(_) | Core::Call { .. } | Core::Aggregate { .. } => None,
    }
}
