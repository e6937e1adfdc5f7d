use proptest::prelude::*;

use super::*;
use crate::value::{Verdict, unit};

fn secs(seconds: i64) -> Value {
    Value::Duration(SignedDuration::from_secs(seconds))
}

fn message(op: Arith, left: &Value, right: &Value) -> String {
    arith(op, left, right).unwrap_err().message.en
}

#[test]
fn units_are_kept_by_arithmetic() {
    let pct = |n: f64| Value::Percent(n);
    for (op, left, right, result) in [
        (Arith::Mul, secs(600), Value::Int(12), secs(7200)),
        (Arith::Mul, Value::Int(12), secs(600), secs(7200)),
        (Arith::Div, secs(7200), secs(600), Value::Float(12.0)),
        (Arith::Div, secs(3), Value::Int(2), Value::Duration(SignedDuration::from_millis(1500))),
        (Arith::Mul, secs(10), pct(0.25), Value::Duration(SignedDuration::from_millis(2500))),
        (Arith::Sub, pct(0.75), pct(0.5), pct(0.25)),
        (Arith::Mul, pct(0.5), Value::Int(3), pct(1.5)),
        (Arith::Div, pct(0.5), pct(0.25), Value::Float(2.0)),
        (Arith::Add, Value::Bytes(1), Value::Bytes(2), Value::Bytes(3)),
        (Arith::Div, Value::Bytes(3), Value::Int(2), Value::Bytes(2)),
        (Arith::Div, Value::Int(7), Value::Int(2), Value::Float(3.5)),
        (Arith::Add, Value::Int(1), Value::Float(0.5), Value::Float(1.5)),
        (Arith::Add, Value::Text("a".into()), Value::Text("b".into()), Value::Text("ab".into())),
    ] {
        assert_eq!(arith(op, &left, &right).unwrap(), result, "{left:?} {} {right:?}", op.as_str());
    }
    let nine: Timestamp = "2025-11-18T09:00:00Z".parse().unwrap();
    let ten: Timestamp = "2025-11-18T10:00:00Z".parse().unwrap();
    assert_eq!(arith(Arith::Sub, &Value::Time(ten), &Value::Time(nine)).unwrap(), secs(3600));
    assert_eq!(arith(Arith::Add, &secs(3600), &Value::Time(nine)).unwrap(), Value::Time(ten));
    assert_eq!(arith(Arith::Sub, &Value::Time(ten), &secs(3600)).unwrap(), Value::Time(nine));
}

#[test]
fn numbers_compute_as_the_decimals_that_they_are_written_as() {
    let pct = |written: &str| unit::read_percent(written).unwrap();
    let span = |written: &str| unit::read_duration(written).unwrap();
    let float = |written: &str| Value::Float(written.parse().unwrap());
    for (op, left, right, result) in [
        (Arith::Sub, pct("98%"), pct("95%"), pct("3%")),
        (Arith::Add, pct("95%"), pct("2.1%"), pct("97.1%")),
        (Arith::Mul, pct("7%"), Value::Int(3), pct("21%")),
        (Arith::Div, pct("0.3%"), pct("0.1%"), float("3")),
        (Arith::Add, float("0.1"), float("0.2"), float("0.3")),
        (Arith::Sub, Value::Int(1), float("0.07"), float("0.93")),
        (Arith::Mul, float("1.1"), float("1.1"), float("1.21")),
        (Arith::Mul, float("0.1"), Value::Int(3), float("0.3")),
        (Arith::Div, float("0.3"), float("0.1"), float("3")),
        (Arith::Div, Value::Int(1), Value::Int(3), float("0.3333333333333333")),
        (Arith::Mul, Value::Int(9_007_199_254_740_993), float("0.1"), float("900719925474099.3")),
        (Arith::Add, span("0.1s"), span("0.2s"), span("0.3s")),
        (Arith::Mul, span("2562047h"), float("1.1"), span("2818251h42m")),
        (Arith::Div, span("2562047h"), float("0.7"), span("3660067h8m34.285714286s")),
        (Arith::Mul, Value::Bytes(9_007_199_254_740_993), float("0.1"), Value::Bytes(900_719_925_474_099)),
        (Arith::Mul, Value::Bytes(9_007_199_254_740_995), float("0.1"), Value::Bytes(900_719_925_474_100)),
    ] {
        assert_eq!(arith(op, &left, &right).unwrap(), result, "{left:?} {} {right:?}", op.as_str());
    }
}

#[test]
fn what_has_no_result_says_both_sides() {
    assert_eq!(message(Arith::Add, &Value::Int(i64::MAX), &Value::Int(1)), "9223372036854775807 + 1 is out of range");
    assert_eq!(message(Arith::Div, &Value::Int(1), &Value::Int(0)), "1 / 0: a division by zero");
    assert_eq!(message(Arith::Div, &secs(1), &secs(0)), "1s / 0: a division by zero");
    assert_eq!(message(Arith::Div, &Value::Text("a".into()), &Value::Int(0)), "\"a\" / 0: text against int");
    assert_eq!(message(Arith::Add, &secs(1), &Value::Bytes(1)), "1s + 1B: duration against bytes");
    assert_eq!(message(Arith::Add, &Value::Percent(0.98), &Value::Int(1)), "98% + 1: percent against int");
    assert_eq!(message(Arith::Mul, &Value::Null, &Value::Int(1)), "null * 1: null against int");
    assert_eq!(message(Arith::Mul, &Value::Float(1e308), &Value::Int(10)), "1e308 * 10 is out of range");
    assert_eq!(message(Arith::Div, &Value::Int(1), &secs(1)), "1 / 1s: int against duration");
    assert_eq!(negate(&Value::Bytes(1)).unwrap_err().message.en, "-1B: it has no negative");
}

#[test]
fn a_comparison_is_never_false_for_a_wrong_type() {
    let wrong = |op, left: &Value, right: &Value| compare(op, left, right).unwrap_err().message.en;
    assert_eq!(wrong(Comparison::Gt, &Value::Null, &Value::Int(0)), "null > 0: null against int");
    assert_eq!(wrong(Comparison::Eq, &Value::Text("1".into()), &Value::Int(1)), "\"1\" == 1: text against int");
    assert_eq!(wrong(Comparison::Lt, &secs(2), &Value::Int(2)), "2s < 2: duration against int");
    assert_eq!(wrong(Comparison::Ge, &Value::Percent(0.98), &Value::Int(98)), "98% >= 98: percent against int");
    assert!(wrong(Comparison::Lt, &Value::Text("v1.10".into()), &Value::Text("v1.9".into())).contains("no order"));
    let verdict = Value::Verdict(Verdict::Pass);
    assert_eq!(wrong(Comparison::Eq, &verdict, &Value::Text("pass".into())), "pass == \"pass\": verdict against text");
    assert!(wrong(Comparison::Eq, &Value::Secret("a".into()), &Value::Text("b".into())).contains("secret"));
    assert!(!compare(Comparison::Eq, &Value::Null, &Value::Int(0)).unwrap());
    assert!(compare(Comparison::Eq, &Value::Null, &Value::Null).unwrap());
}

#[test]
fn whole_numbers_and_floats_compare_exactly() {
    let past = 9_007_199_254_740_993; // 2^53 + 1: no float is equal to it
    let float = Value::Float(9_007_199_254_740_992.0);
    assert!(compare(Comparison::Gt, &Value::Int(past), &float).unwrap());
    assert!(compare(Comparison::Eq, &Value::Int(12), &Value::Float(12.0)).unwrap());
    assert!(compare(Comparison::Lt, &Value::Int(-1), &Value::Float(-0.5)).unwrap());
    assert!(compare(Comparison::Gt, &Value::Int(i64::MIN), &Value::Float(-1e300)).unwrap());
    assert!(compare(Comparison::Lt, &Value::Int(i64::MAX), &Value::Float(9.3e18)).unwrap());
}

fn simple() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        (-1000_i64..1000).prop_map(Value::Int),
        (-1e6..1e6_f64).prop_map(Value::Float),
        (-2.0..2.0_f64).prop_map(Value::Percent),
        any::<i64>().prop_map(|nanos| Value::Duration(SignedDuration::from_nanos(nanos))),
        (0..i64::MAX).prop_map(Value::Bytes),
        (0..4_000_000_000_i64).prop_map(|s| Value::Time(Timestamp::from_second(s).unwrap())),
        "[a-z]{0,3}".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
        prop::collection::vec(any::<i64>().prop_map(Value::Int), 0..3).prop_map(Value::List),
    ]
}

fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Float(_) => Type::Float,
        Value::Percent(_) => Type::Percent,
        Value::Duration(_) => Type::Duration,
        Value::Bytes(_) => Type::Bytes,
        Value::Time(_) => Type::Time,
        Value::Text(_) => Type::Text,
        Value::List(_) => Type::List(Box::new(Type::Int)),
        Value::Map(_) => Type::Map(Box::new(Type::Int)),
        Value::Secret(_) => Type::Secret,
        Value::Verdict(_) => Type::Verdict,
    }
}

fn operators() -> impl Strategy<Value = Arith> {
    prop_oneof![Just(Arith::Add), Just(Arith::Sub), Just(Arith::Mul), Just(Arith::Div)]
}

fn comparisons() -> impl Strategy<Value = Comparison> {
    prop_oneof![Just(Comparison::Eq), Just(Comparison::Lt), Just(Comparison::Le), Just(Comparison::Ge)]
}

proptest! {
    #[test]
    fn the_static_type_is_the_type_of_the_result(op in operators(), a in simple(), b in simple()) {
        let result = arith(op, &a, &b);
        match arith_type(op, &type_of(&a), &type_of(&b)) {
            Some(ty) => if let Ok(value) = result { prop_assert!(ty.holds(&value), "{ty} does not hold {value:?}") },
            None => prop_assert!(result.is_err(), "{a:?} {} {b:?} has no type but a value", op.as_str()),
        }
    }

    #[test]
    fn what_is_comparable_compares(op in comparisons(), a in simple(), b in simple()) {
        if comparable(op, &type_of(&a), &type_of(&b)) {
            prop_assert!(compare(op, &a, &b).is_ok());
        } else if a != Value::Null && b != Value::Null {
            prop_assert!(compare(op, &a, &b).is_err());
        }
    }

    #[test]
    fn sums_commute_and_go_back(a in simple(), b in simple()) {
        if let Ok(sum) = arith(Arith::Add, &a, &b) {
            if !matches!(a, Value::Text(_) | Value::List(_)) {
                prop_assert_eq!(&sum, &arith(Arith::Add, &b, &a).unwrap());
            }
            if matches!((&a, &b), (Value::Int(_), Value::Int(_)) | (Value::Duration(_) | Value::Time(_), Value::Duration(_))) {
                prop_assert_eq!(arith(Arith::Sub, &sum, &b).unwrap(), a);
            }
        }
    }

    #[test]
    fn decimals_of_few_digits_are_exact(a in -10_000_000_i64..10_000_000, b in -10_000_000_i64..10_000_000, places in 0_u32..9) {
        let float = |digits: i64, places| Value::Float(format!("{digits}e-{places}").parse().unwrap());
        let (x, y) = (float(a, places), float(b, places));
        prop_assert_eq!(arith(Arith::Add, &x, &y).unwrap(), float(a + b, places));
        prop_assert_eq!(arith(Arith::Sub, &x, &y).unwrap(), float(a - b, places));
        let product = arith(Arith::Mul, &x, &y).unwrap();
        prop_assert_eq!(&product, &float(a * b, 2 * places));
        if b != 0 {
            prop_assert_eq!(arith(Arith::Div, &product, &y).unwrap(), x);
        }
    }

    #[test]
    fn decimals_are_near_what_the_processor_makes(op in operators(), a in any::<f64>(), b in any::<f64>()) {
        let made = match op {
            Arith::Add => a + b,
            Arith::Sub => a - b,
            Arith::Mul => a * b,
            Arith::Div => a / b,
        };
        let sound = |number: f64| number == 0.0 || number.is_normal();
        prop_assume!(sound(a) && sound(b) && sound(made));
        let Value::Float(exact) = arith(op, &Value::Float(a), &Value::Float(b)).unwrap() else { panic!("no float") };
        // The operands are decimals within half a unit of their last place; what a sum cancels out is of their size.
        let scale = if matches!(op, Arith::Add | Arith::Sub) { a.abs().max(b.abs()) } else { made.abs() };
        prop_assert!((exact - made).abs() <= scale * 4.0 * f64::EPSILON, "{a:e} {} {b:e}: {exact:e}, {made:e}", op.as_str());
    }

    #[test]
    fn a_product_divides_back(span in -1_000_000_000_i64..1_000_000_000, by in 1_i64..1000) {
        let value = Value::Duration(SignedDuration::from_millis(span));
        let product = arith(Arith::Mul, &value, &Value::Int(by)).unwrap();
        prop_assert_eq!(arith(Arith::Div, &product, &Value::Int(by)).unwrap(), value);
    }

    #[test]
    fn order_is_total_within_a_unit(a in any::<i64>(), b in any::<f64>().prop_filter("no value is NaN", |b| b.is_finite())) {
        let (a, b) = (Value::Int(a), Value::Float(b));
        let holds = |op| compare(op, &a, &b).unwrap();
        prop_assert_eq!(holds(Comparison::Lt), !holds(Comparison::Ge));
        prop_assert_eq!(holds(Comparison::Gt), !holds(Comparison::Le));
        prop_assert_eq!(holds(Comparison::Eq), holds(Comparison::Le) && holds(Comparison::Ge));
    }
}
