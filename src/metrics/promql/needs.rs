//! What a query needs of the scrapes: which metrics, how far back, how many samples in a range.

use std::collections::BTreeSet;

use super::error::PromqlError;
use super::eval::whole_ms;
use super::expr::{At, BinaryOp, Expr, Selector, When, plain};
use super::history::Needs;
use super::number::duration_text;
use super::outline::{Chain, Core, Suffix};
use super::signature::Function;
use crate::diagnostic::{Code, Span};
use crate::text;
use crate::text::Both;

/// Calls `visit` with each selector of `expr` and how far before the time of the query it looks, in milliseconds; nothing
/// where it looks at a fixed time.
fn selectors<'e>(
    expr: &'e Expr,
    reach_ms: Option<i64>,
    lookback_ms: i64,
    visit: &mut impl FnMut(&'e Selector, Option<i64>),
) {
    let back = |when: When, ms: i64| match when.at {
        Some(At::Time(_)) => None,
        // Counted from the time of the query itself, whatever stands around it: no more than without it.
        None | Some(At::Query) => {
            reach_ms.map(|reach| reach.saturating_add(whole_ms(when.offset_ns)).saturating_add(ms))
        }
    };
    match expr {
        Expr::Number(_) | Expr::Text(_) => {}
        Expr::Selector(selector) => visit(selector, back(selector.when, lookback_ms)),
        Expr::Range(selector, range_ns) => visit(selector, back(selector.when, whole_ms(*range_ns))),
        Expr::Subquery(subquery) => {
            let reach_ms = back(subquery.when, whole_ms(subquery.range_ns));
            selectors(&subquery.inner, reach_ms, lookback_ms, visit);
        }
        Expr::Negate(inner) => selectors(inner, reach_ms, lookback_ms, visit),
        Expr::Binary(binary) => {
            selectors(&binary.left, reach_ms, lookback_ms, visit);
            selectors(&binary.right, reach_ms, lookback_ms, visit);
        }
        Expr::Aggregate(aggregate) => {
            if let Some(parameter) = &aggregate.parameter {
                selectors(parameter, reach_ms, lookback_ms, visit);
            }
            selectors(&aggregate.vector, reach_ms, lookback_ms, visit);
        }
        Expr::Call(_, arguments) => {
            for argument in arguments {
                selectors(argument, reach_ms, lookback_ms, visit);
            }
        }
    }
}

/// The metrics that are named literally.
pub(super) fn names(expr: &Expr) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    selectors(expr, Some(0), 0, &mut |selector, _| names.extend(selector.name.as_deref()));
    names
}

/// The selectors of metrics that are named literally, in the order of the text, each once.
pub(super) fn named(expr: &Expr) -> Vec<super::super::selector::Selector> {
    let mut found = Vec::new();
    selectors(expr, Some(0), 0, &mut |selector, _| {
        let one = plain(selector);
        if selector.name.is_some() && !found.contains(&one) {
            found.push(one);
        }
    });
    found
}

/// Which metrics, and how far back.
pub(super) fn needs(expr: &Expr, lookback_ms: i64) -> Needs {
    let mut needs = Needs::none();
    selectors(expr, Some(0), lookback_ms, &mut |selector, reach_ms| {
        let names = selector.name.as_ref().map(|name| BTreeSet::from([name.to_string()]));
        // A selector that looks ahead needs no more than the present.
        let reach_ms = reach_ms.map(|reach| reach.max(0));
        needs = std::mem::take(&mut needs).with(Needs { names, reach_ms });
    });
    needs
}

/// The selectors on which the value of `expr` rests and of which `there` says no, in the order of the text. Where one side
/// of `or` is there the other may be missing, unless the first is a constant: `misspelt or vector(0)` rests on the misspelt
/// name. What `absent` asks for may be missing.
pub(super) fn missing<'e>(expr: &'e Expr, there: &dyn Fn(&Selector) -> bool) -> Vec<&'e Selector> {
    let all = |exprs: &mut dyn Iterator<Item = &'e Expr>| exprs.flat_map(|expr| missing(expr, there)).collect();
    match expr {
        Expr::Number(_) | Expr::Text(_) | Expr::Call(Function::Absent | Function::AbsentOverTime, _) => Vec::new(),
        Expr::Selector(selector) | Expr::Range(selector, _) => {
            if there(selector) {
                Vec::new()
            } else {
                vec![selector]
            }
        }
        Expr::Subquery(subquery) => missing(&subquery.inner, there),
        Expr::Negate(inner) => missing(inner, there),
        Expr::Binary(binary) => {
            let (left, right) = (missing(&binary.left, there), missing(&binary.right, there));
            let reads = |expr: &Expr| {
                let mut any = false;
                selectors(expr, None, 0, &mut |_, _| any = true);
                any
            };
            let either = binary.op == BinaryOp::Or && reads(&binary.left) && reads(&binary.right);
            if either && (left.is_empty() || right.is_empty()) { Vec::new() } else { [left, right].concat() }
        }
        Expr::Aggregate(aggregate) => all(&mut aggregate.parameter.iter().chain([&aggregate.vector])),
        Expr::Call(_, arguments) => all(&mut arguments.iter()),
    }
}

/// A range in a function that needs two samples at least.
#[derive(Clone, Debug)]
pub(super) struct RangeUse {
    function: &'static str,
    span: Span,
    range_ns: i64,
}

impl RangeUse {
    /// What is to be said about it when a sample is taken every `interval_ms`.
    pub(super) fn lint(&self, interval_ms: i64) -> Option<PromqlError> {
        let every_ns = interval_ms.saturating_mul(1_000_000);
        if self.range_ns >= every_ns.saturating_mul(2) {
            return None;
        }
        let (range, every) = (duration_text(self.range_ns), duration_text(every_ns));
        // A range does not contain its left edge.
        let holds = if self.range_ns <= every_ns {
            Both("one sample, so it gives nothing", "只有一个样本，因而没有结果")
        } else {
            Both("two samples at best", "最多有两个样本")
        };
        let message = text!(
            "{} over {} with a sample every {} sees {}",
            "{} 的范围为 {}，而每 {} 采样一次，其中{}",
            self.function,
            range,
            every,
            holds
        );
        Some(
            PromqlError::new(Code::RB0710, self.span, message)
                .help(text!("[$__rate_interval] holds four samples", "[$__rate_interval] 中有四个样本")),
        )
    }
}

/// The ranges of functions that need two samples.
pub(super) fn ranges(chain: &Chain) -> Vec<RangeUse> {
    let mut found = Vec::new();
    collect(chain, None, &mut found);
    found
}

fn collect(chain: &Chain, function: Option<Function>, found: &mut Vec<RangeUse>) {
    for operand in &chain.operands {
        for suffix in &operand.suffixes {
            if let (Suffix::Range(range_ns), Some(function)) = (&suffix.node, function) {
                found.push(RangeUse { function: function.name(), span: suffix.span, range_ns: *range_ns });
            }
        }
        match &operand.core.node {
            Core::Number(_) | Core::Text(_) | Core::Selector(_) => {}
            Core::Parens(inner) => collect(inner, function, found),
            Core::Call { name, arguments } => {
                let function = Function::named(&name.node).filter(|function| takes_two(*function));
                for argument in arguments {
                    collect(argument, function, found);
                }
            }
            Core::Aggregate { arguments, .. } => {
                for argument in arguments {
                    collect(argument, None, found);
                }
            }
        }
    }
}

/// Has the function no value for one sample?
fn takes_two(function: Function) -> bool {
    matches!(
        function,
        Function::Rate
            | Function::Increase
            | Function::Delta
            | Function::Irate
            | Function::Idelta
            | Function::Deriv
            | Function::PredictLinear
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Vars, parse};

    fn needed(text: &str) -> (Vec<String>, Option<i64>) {
        let needs = parse(text, &Vars::of_interval(60_000)).unwrap().needs(300_000);
        (needs.names.map(|names| names.into_iter().collect()).unwrap_or_default(), needs.reach_ms)
    }

    #[test]
    fn reach_adds_up_over_ranges_offsets_and_subqueries() {
        let names = |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
        assert_eq!(needed("a"), (names(&["a"]), Some(300_000)));
        assert_eq!(needed("rate(a[10m]) + b"), (names(&["a", "b"]), Some(600_000)));
        assert_eq!(needed("a offset 1h"), (names(&["a"]), Some(3_900_000)));
        assert_eq!(needed("max_over_time(rate(a[10m])[1h:] offset 1m)"), (names(&["a"]), Some(4_260_000)));
        assert_eq!(needed("a @ 5"), (names(&["a"]), None));
        assert_eq!(needed("a offset -1h"), (names(&["a"]), Some(0)));
        assert_eq!(needed("{x='1'}"), (names(&[]), Some(300_000)));
        assert_eq!(needed("1 + time()"), (names(&[]), Some(0)));
        assert_eq!(needed("topk(scalar(a), {'b.c'})"), (names(&["a", "b.c"]), Some(300_000)));
    }

    #[test]
    fn a_value_rests_on_all_metrics_but_those_with_a_stand_in() {
        let rests_on = |text: &str| -> Vec<String> {
            let query = parse(text, &Vars::of_interval(60_000)).unwrap();
            query.never_seen(|name| name.starts_with("known")).into_iter().map(str::to_owned).collect()
        };
        assert_eq!(rests_on("sum(rate(known[5m])) / sum(known_too)"), [""; 0]);
        assert_eq!(rests_on("sum(rate(typo[5m])) or vector(0)"), ["typo"], "a constant is no other name of the metric");
        assert_eq!(rests_on("vector(0) or typo"), ["typo"]);
        assert_eq!(rests_on("sum(known_new) or sum(old)"), [""; 0]);
        assert_eq!(rests_on("new or known_old"), [""; 0]);
        assert_eq!(rests_on("new or old"), ["new", "old"]);
        assert_eq!(rests_on("known unless typo"), ["typo"]);
        assert_eq!(rests_on("absent(typo) + absent_over_time(typo[5m])"), [""; 0]);
        assert_eq!(rests_on("topk(scalar(one), max_over_time(two[5m:1m]))"), ["one", "two"]);
    }

    #[test]
    fn a_range_without_two_samples_is_told() {
        let lints = |text: &str, interval_ms: i64| -> Vec<(u32, String)> {
            let query = parse(text, &Vars::of_interval(interval_ms)).unwrap();
            query.lints(interval_ms).into_iter().map(|lint| (lint.span.start, lint.message.en)).collect()
        };
        assert_eq!(
            lints("sum(rate(a[5m]))", 600_000),
            [(10, "rate over 5m with a sample every 10m sees one sample, so it gives nothing".to_owned())]
        );
        assert_eq!(
            lints("rate((a[15m]))", 600_000),
            [(7, "rate over 15m with a sample every 10m sees two samples at best".to_owned())]
        );
        assert_eq!(lints("rate(a[20m]) + avg_over_time(a[1m]) + rate(a[$__rate_interval])", 600_000), []);
    }
}
