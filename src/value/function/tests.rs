use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::value::json::read_json;
use crate::value::types::Type;

fn run(function: Function, args: &[Value]) -> Result<Value, String> {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    call(function, args, Context { zone: &zone }).map_err(|error| error.message.en)
}

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

fn json(source: &str) -> Value {
    read_json(source).unwrap()
}

fn pods() -> Value {
    json(
        r#"[{"metadata": {"name": "a", "labels": {"app.io/x": "1"}}, "status": {"phase": "Running", "restarts": 0}},
            {"metadata": {"name": "b", "labels": {}}, "status": {"phase": "Pending", "restarts": 7}},
            {"metadata": {"name": "c", "labels": {}}, "status": {"phase": "Running"}}]"#,
    )
}

fn names(value: Result<Value, String>) -> Vec<String> {
    let Value::List(items) = run(Function::Pluck, &[value.unwrap(), text("metadata.name")]).unwrap() else {
        panic!("no list")
    };
    items.iter().map(crate::value::text::text).collect()
}

#[test]
fn records_are_asked_by_path_operator_and_value() {
    assert_eq!(names(run(Function::Where, &[pods(), text("status.phase"), text("Running")])), ["a", "c"]);
    assert_eq!(names(run(Function::Where, &[pods(), text("status.phase"), text("!="), text("Running")])), ["b"]);
    assert_eq!(names(run(Function::Where, &[pods(), text("metadata.name"), text("=~"), text("^[bc]$")])), ["b", "c"]);
    let restarts = [pods(), text("status.restarts"), text(">="), Value::Int(1)];
    assert_eq!(run(Function::Where, &restarts).unwrap_err(), "where: [2].status.restarts is not there");
    let with_missing = [&restarts[..], &[Value::Int(0)]].concat();
    assert_eq!(names(run(Function::Where, &with_missing)), ["b"]);
    let phase = run(Function::Find, &[pods(), text("metadata.name"), text("b")]).unwrap();
    assert_eq!(run(Function::Has, &[phase, text("status.phase")]).unwrap(), Value::Bool(true));
    let none = [pods(), text("metadata.name"), text("z")];
    assert_eq!(run(Function::Find, &none).unwrap_err(), "find: none of the 3 records fits");
    assert_eq!(run(Function::Any, &none).unwrap(), Value::Bool(false));
}

#[test]
fn what_came_before_the_last_may_not_be_there() {
    let of = |items: &[i64]| {
        run(Function::Previous, &[Value::List(items.iter().map(|item| Value::Int(*item)).collect())]).unwrap()
    };
    assert_eq!(
        [of(&[]), of(&[1]), of(&[1, 2]), of(&[1, 2, 3])],
        [Value::Null, Value::Null, Value::Int(1), Value::Int(2)]
    );
}

#[test]
fn a_key_with_a_dot_and_a_place_in_a_list_are_reached() {
    let pods = pods();
    let Value::List(items) = &pods else { panic!("no list") };
    let path = Value::List(vec![text("metadata"), text("labels"), text("app.io/x")]);
    assert_eq!(run(Function::Has, &[items[0].clone(), path.clone()]).unwrap(), Value::Bool(true));
    assert_eq!(run(Function::Has, &[items[1].clone(), path]).unwrap(), Value::Bool(false));
    let deep = json(r#"[{"c": [{"image": "v1"}, {"image": "v2"}]}]"#);
    assert_eq!(run(Function::Pluck, &[deep.clone(), text("c[1].image")]).unwrap(), json(r#"["v2"]"#));
    assert_eq!(run(Function::Pluck, &[deep, text("c.2.image")]).unwrap_err(), "pluck: [0].c.2.image is not there");
}

#[test]
fn decimals_are_rounded_as_they_are_written() {
    let round = |value, places| run(Function::Round, &[value, Value::Int(places)]).unwrap();
    assert_eq!(round(Value::Float(2.675), 2), Value::Float(2.68));
    assert_eq!(round(Value::Float(-1.005), 2), Value::Float(-1.01));
    assert_eq!(round(Value::Float(1e300), 2), Value::Float(1e300));
    assert_eq!(round(Value::Float(1e-300), 2), Value::Float(0.0));
    assert_eq!(round(Value::Percent(0.98345), 2), Value::Percent(0.9835));
    assert_eq!(round(Value::Percent(0.983_45), 0), Value::Percent(0.98));
}

#[test]
fn a_wrong_type_inside_json_names_its_place() {
    let error = run(Function::Where, &[pods(), text("status.phase"), text(">"), Value::Int(0)]).unwrap_err();
    assert_eq!(error, "where: at [0].status.phase: \"Running\" > 0: text against int");
    assert_eq!(run(Function::Count, &[Value::Null]).unwrap_err(), "count: null (null) is not a list, map or text");
    assert_eq!(run(Function::Sum, &[json("[1, \"2\"]")]).unwrap_err(), "sum: \"2\" (text) is not a quantity");
}

#[test]
fn nothing_at_all_is_never_all() {
    let empty = Value::List(Vec::new());
    assert!(run(Function::All, std::slice::from_ref(&empty)).unwrap_err().contains("nothing to judge"));
    assert!(run(Function::All, &[empty.clone(), text("x"), Value::Int(1)]).unwrap_err().contains("nothing to judge"));
    assert_eq!(run(Function::Any, std::slice::from_ref(&empty)).unwrap(), Value::Bool(false));
    assert!(run(Function::First, std::slice::from_ref(&empty)).unwrap_err().contains("empty"));
    assert!(run(Function::Min, std::slice::from_ref(&empty)).unwrap_err().contains("empty"));
    assert!(run(Function::Sum, std::slice::from_ref(&empty)).unwrap_err().contains("start"));
    assert!(run(Function::Sum, &[empty.clone(), Value::Null]).is_err(), "a start that is no quantity");
    assert_eq!(run(Function::Sum, &[empty, Value::Int(0)]).unwrap(), Value::Int(0));
    let ints = Type::List(Box::new(Type::Int));
    assert_eq!(Function::Sum.result_type(&[ints.clone(), Type::Float]).unwrap(), Type::Float);
    assert_eq!(Function::Sum.result_type(&[ints, Type::Json]).unwrap(), Type::Json);
}

#[test]
fn lists_and_texts() {
    let list = json(r#"["b", "a", "b", "c"]"#);
    assert_eq!(run(Function::Unique, std::slice::from_ref(&list)).unwrap(), json(r#"["b", "a", "c"]"#));
    assert_eq!(run(Function::Sort, std::slice::from_ref(&list)).unwrap(), json(r#"["a", "b", "b", "c"]"#));
    assert_eq!(run(Function::Slice, &[list.clone(), Value::Int(-2)]).unwrap(), json(r#"["b", "c"]"#));
    assert_eq!(run(Function::Slice, &[list.clone(), Value::Int(1), Value::Int(3)]).unwrap(), json(r#"["a", "b"]"#));
    assert_eq!(run(Function::Slice, &[text("观察期"), Value::Int(0), Value::Int(2)]).unwrap(), text("观察"));
    assert_eq!(run(Function::Join, &[list, text("/")]).unwrap(), text("b/a/b/c"));
    assert_eq!(run(Function::Sort, &[json("[3, 1.5, 2]")]).unwrap(), json("[1.5, 2, 3]"));
    assert!(run(Function::Sort, &[json(r#"[1, "a"]"#)]).unwrap_err().contains("text against int"));
    let by_name = [json(r#"[{"n": "z"}, {"n": "a"}]"#), text("n")];
    assert_eq!(run(Function::Sort, &by_name).unwrap(), json(r#"[{"n": "a"}, {"n": "z"}]"#));
    assert_eq!(run(Function::Split, &[text(" a  b ")]).unwrap(), json(r#"["a", "b"]"#));
    assert_eq!(run(Function::Split, &[text("a,,b"), text(",")]).unwrap(), json(r#"["a", "", "b"]"#));
    assert_eq!(run(Function::Contains, &[text("image:v1.2.3"), text("v1.2.3")]).unwrap(), Value::Bool(true));
    assert!(
        run(Function::Contains, &[text("image"), text("")]).is_err(),
        "an empty part would be contained everywhere"
    );
    assert_eq!(run(Function::Capture, &[text("rev 42 ok"), text(r"rev (\d+)")]).unwrap(), text("42"));
    assert!(run(Function::Capture, &[text("none"), text(r"rev (\d+)")]).unwrap_err().contains("does not match"));
    assert_eq!(run(Function::Capture, &[text("none"), text("x"), text("-")]).unwrap(), text("-"));
    assert!(run(Function::Capture, &[text("a"), text("(")]).unwrap_err().contains("unclosed group"));
    assert!(run(Function::Capture, &[text("a"), text(r"(?:\w{1000}){1000}")]).unwrap_err().contains("size limit"));
    assert_eq!(run(Function::Host, &[text("http://metasheet.sim:4000/metrics/prom")]).unwrap(), text("metasheet.sim"));
}

#[test]
fn quantities() {
    let seconds = |s: f64| Value::Duration(SignedDuration::from_secs_f64(s));
    assert_eq!(run(Function::Percent, &[Value::Int(1), Value::Int(4)]).unwrap(), Value::Percent(0.25));
    assert_eq!(run(Function::Percent, &[seconds(1.0), seconds(4.0)]).unwrap(), Value::Percent(0.25));
    assert!(run(Function::Percent, &[Value::Int(0), Value::Int(0)]).unwrap_err().contains("division by zero"));
    assert!(run(Function::Percent, &[Value::Int(98)]).is_err(), "98 alone could be 98 % or 9800 %");
    assert_eq!(run(Function::Round, &[Value::Percent(0.98346), Value::Int(1)]).unwrap(), Value::Percent(0.983));
    assert_eq!(run(Function::Round, &[Value::Float(2.5)]).unwrap(), Value::Int(3));
    assert_eq!(run(Function::Round, &[Value::Float(2.71499), Value::Int(2)]).unwrap(), Value::Float(2.71));
    assert_eq!(run(Function::Round, &[seconds(1.6)]).unwrap(), seconds(2.0));
    assert_eq!(run(Function::Number, &[seconds(90.0), text("min")]).unwrap(), Value::Float(1.5));
    assert!(run(Function::Number, &[seconds(90.0)]).unwrap_err().contains("needs a unit"));
    assert!(run(Function::Number, &[seconds(90.0), text("MB")]).unwrap_err().contains("duration against bytes"));
    assert_eq!(run(Function::Duration, &[Value::Int(90), text("s")]).unwrap(), seconds(90.0));
    assert!(run(Function::Duration, &[Value::Int(90), text("MB")]).unwrap_err().contains("a unit of bytes"));
    assert_eq!(run(Function::Max, &[Value::Int(1), Value::Float(2.5), Value::Int(2)]).unwrap(), Value::Float(2.5));
    assert_eq!(run(Function::Abs, &[Value::Percent(-0.01)]).unwrap(), Value::Percent(0.01));
}

#[test]
fn dates_are_in_the_runbooks_zone() {
    let late = Value::Time("2025-11-17T16:30:00Z".parse().unwrap());
    assert_eq!(run(Function::Date, &[late.clone(), text("%Y%m%d")]).unwrap(), text("20251118"));
    assert_eq!(run(Function::Date, std::slice::from_ref(&late)).unwrap(), text("2025-11-18"));
    assert!(run(Function::Date, &[late, text("%")]).unwrap_err().contains("no form of a date"));
}

fn any_value() -> impl Strategy<Value = (Type, Value)> {
    let list = |ty: Type| Type::List(Box::new(ty));
    prop_oneof![
        (-9_i64..99).prop_map(|n| (Type::Int, Value::Int(n))),
        (-9.0..99.0_f64).prop_map(|n| (Type::Float, Value::Float(n))),
        (-1.0..2.0_f64).prop_map(|n| (Type::Percent, Value::Percent(n))),
        (-99_i64..999).prop_map(|n| (Type::Duration, Value::Duration(SignedDuration::from_millis(n)))),
        (0_i64..999).prop_map(|n| (Type::Bytes, Value::Bytes(n))),
        any::<bool>().prop_map(|b| (Type::Bool, Value::Bool(b))),
        prop_oneof![Just("a.b"), Just("10m"), Just("=="), Just("s"), Just("http://h/"), Just("")]
            .prop_map(|s| (Type::Text, text(s))),
        (0..2_000_000_000_i64).prop_map(|s| (Type::Time, Value::Time(jiff::Timestamp::from_second(s).unwrap()))),
        prop::collection::vec(-9_i64..9, 0..4)
            .prop_map(move |v| (list(Type::Int), Value::List(v.into_iter().map(Value::Int).collect()))),
        prop::collection::vec(any::<bool>(), 0..4)
            .prop_map(move |v| (list(Type::Bool), Value::List(v.into_iter().map(Value::Bool).collect()))),
        Just((list(Type::Json), json(r#"[{"a": {"b": 1}}, {"a": {"b": null}}, 3]"#))),
        Just((Type::Map(Box::new(Type::Json)), json(r#"{"a": {"b": 1}}"#))),
        Just((Type::Json, Value::Null)),
        Just((Type::Optional(Box::new(Type::Int)), Value::Null)),
        Just((Type::Secret, Value::Secret("token".to_owned()))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// No call panics, and a result is of the type that the table promises. Of arguments that the table refuses nothing is
    /// promised.
    #[test]
    fn results_are_of_the_promised_type(
        index in 0..Function::ALL.len(),
        args in prop::collection::vec(any_value(), 0..5),
    ) {
        let function = Function::ALL[index];
        let (types, values): (Vec<Type>, Vec<Value>) = args.into_iter().unzip();
        let result = run(function, &values);
        match function.result_type(&types) {
            Ok(ty) => if let Ok(value) = result { prop_assert!(ty.holds(&value), "{}: {ty} and {value:?}", function.name()) },
            Err(misfit) => prop_assert!(!misfit.message.en.is_empty()),
        }
    }
}

#[test]
fn a_call_that_does_not_fit_says_which_argument() {
    let wrong = |function: Function, args: &[Type]| function.result_type(args).unwrap_err();
    let texts = Type::List(Box::new(Type::Text));
    assert_eq!(
        wrong(Function::Count, &[Type::Int]).message.en,
        "argument 1 of `count` is int, not a list, map or text"
    );
    assert_eq!(wrong(Function::Percent, &[Type::Duration, Type::Bytes]).argument, Some(1));
    assert_eq!(
        wrong(Function::Percent, &[Type::Duration, Type::Bytes]).message.en,
        "argument 2 of `percent` is bytes, not duration, as before"
    );
    assert_eq!(wrong(Function::Sum, std::slice::from_ref(&texts)).argument, Some(0));
    assert_eq!(wrong(Function::Trim, &[]).message.en, "0 arguments; it is `trim(text)`");
    assert_eq!(wrong(Function::Text, &[Type::Secret]).argument, Some(0));
    assert_eq!(Function::First.result_type(&[texts]).unwrap(), Type::Text);
    assert_eq!(Function::Max.result_type(&[Type::Int, Type::Float]).unwrap(), Type::Float);
    assert_eq!(Function::Choose.result_type(&[Type::Bool, Type::Int, Type::Float]).unwrap(), Type::Float);
    let perhaps = Type::Optional(Box::new(Type::Int));
    assert_eq!(Function::Choose.result_type(&[Type::Bool, Type::Int, perhaps]).unwrap_err().argument, Some(2));
    for function in Function::ALL {
        let signature = function.signature();
        assert!(signature.forms.iter().all(|form| form.usage.starts_with(function.name())), "{}", function.name());
        assert_eq!(Function::of_name(function.name()), Some(*function));
    }
}
