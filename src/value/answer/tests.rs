use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::text::Lang;

fn read(spec: &AnswerSpec, typed: &str) -> Result<Value, AnswerError> {
    spec.read(typed, &TimeZone::UTC)
}

fn refused(spec: &AnswerSpec, typed: &str) -> String {
    read(spec, typed).unwrap_err().text(Lang::En)
}

fn one_of(members: &[&str]) -> AnswerSpec {
    AnswerSpec::of(Type::OneOf(members.iter().map(|&member| member.to_owned()).collect()))
}

#[test]
fn yes_and_no_in_two_languages_and_a_typo_is_neither() {
    let spec = AnswerSpec::of(Type::Bool);
    for yes in ["yes", "Y", " y ", "YES", "是"] {
        assert_eq!(read(&spec, yes).unwrap(), Value::Bool(true), "{yes}");
    }
    for no in ["no", "N", "否", "false"] {
        assert_eq!(read(&spec, no).unwrap(), Value::Bool(false), "{no}");
    }
    assert_eq!(refused(&spec, "yse"), "“yse” is neither yes nor no; did you mean “yes”?");
    assert_eq!(refused(&spec, "nno"), "“nno” is neither yes nor no; did you mean “no”?");
    assert_eq!(refused(&spec, "maybe"), "“maybe” is neither yes nor no");
    assert_eq!(refused(&spec, ""), "an answer is needed");
    assert_eq!(read(&spec, "yse").unwrap_err().text(Lang::Zh), "“yse”既不是“是”(y)，也不是“否”(n)；是否想写“yes”？");
}

#[test]
fn choices_suggest_the_near_miss() {
    let spec = one_of(&["go_on", "prolong", "terminate"]);
    assert_eq!(read(&spec, "Terminate").unwrap(), Value::Text("terminate".to_owned()));
    assert_eq!(
        refused(&spec, "terminte"),
        "“terminte” is none of go_on, prolong, terminate; did you mean “terminate”?"
    );
    let several = AnswerSpec::of(Type::ManyOf(vec!["stable".to_owned(), "optimise".to_owned()]));
    let both = Value::List(vec![Value::Text("optimise".to_owned()), Value::Text("stable".to_owned())]);
    assert_eq!(read(&several, "optimise, stable").unwrap(), both);
    assert_eq!(read(&several, "optimise、stable optimise").unwrap(), both, "each once");
    assert_eq!(read(&several, "none").unwrap(), Value::List(Vec::new()));
    assert!(refused(&several, "stabel").contains("did you mean “stable”?"));
}

#[test]
fn what_must_be_typed_is_typed_exactly() {
    let spec = AnswerSpec { typed: Some("metasheet-prod".to_owned()), ..AnswerSpec::of(Type::Bool) };
    assert_eq!(read(&spec, "metasheet-prod").unwrap(), Value::Bool(true));
    assert_eq!(read(&spec, "no").unwrap(), Value::Bool(false));
    for wrong in ["metasheet-prd", "Metasheet-Prod", "yes", ""] {
        assert_eq!(refused(&spec, wrong), "type exactly “metasheet-prod”, or no", "{wrong:?}");
    }
    let spec_no = AnswerSpec { typed: Some("no".to_owned()), ..AnswerSpec::of(Type::Bool) };
    assert_eq!(read(&spec_no, "no").unwrap(), Value::Bool(true), "what must be typed comes before what it would mean");
    assert!(spec.fit(&Value::Bool(true), &TimeZone::UTC).is_err(), "a file gives the text too");
}

#[test]
fn limits_and_patterns() {
    let revision = AnswerSpec { min: Some(Value::Int(1)), max: Some(Value::Int(9)), ..AnswerSpec::of(Type::Int) };
    assert_eq!(read(&revision, "7").unwrap(), Value::Int(7));
    assert_eq!(refused(&revision, "0"), "0 does not fit: at least 1");
    assert_eq!(refused(&revision, "10"), "10 does not fit: at most 9");
    assert_eq!(refused(&revision, "7a"), "“7a” is no whole number; for example 12");
    let version = AnswerSpec { matches: Some((r"^v\d+\.\d+\.\d+$".to_owned(), false)), ..AnswerSpec::of(Type::String) };
    assert_eq!(read(&version, " v1.2.3 ").unwrap(), Value::Text("v1.2.3".to_owned()));
    assert_eq!(refused(&version, "1.2.3"), r"“1.2.3” does not have the form /^v\d+\.\d+\.\d+$/");
    let note = AnswerSpec { min: Some(Value::Int(3)), ..AnswerSpec::of(Type::Text) };
    assert_eq!(refused(&note, "观察"), "it has 2 characters; at least 3 are wanted");
    assert!(matches!(read(&note, &"x".repeat(MAX_ANSWER_BYTES + 1)), Err(AnswerError::TooLong { .. })));
    let wait =
        AnswerSpec { max: Some(Value::Duration(SignedDuration::from_hours(1))), ..AnswerSpec::of(Type::Duration) };
    assert_eq!(refused(&wait, "90m"), "1h30m does not fit: at most 1h");
    assert_eq!(refused(&wait, "90"), "“90” is no duration; for example 10m, 1h30m");
}

#[test]
fn typed_values_of_a_file_fit_or_are_refused() {
    let zone = TimeZone::UTC;
    let percent = AnswerSpec::of(Type::Percent);
    assert_eq!(percent.fit(&Value::Text("98%".to_owned()), &zone).unwrap(), Value::Percent(0.98));
    assert!(percent.fit(&Value::Int(98), &zone).is_err(), "a bare number has no unit");
    assert_eq!(AnswerSpec::of(Type::Float).fit(&Value::Int(2), &zone).unwrap(), Value::Float(2.0));
    assert_eq!(AnswerSpec::of(Type::Bool).fit(&Value::Bool(false), &zone).unwrap(), Value::Bool(false));
    assert!(AnswerSpec::of(Type::Bool).fit(&Value::Int(1), &zone).is_err());
    assert!(AnswerSpec::of(Type::Int).fit(&Value::Null, &zone).is_err());
    let optional = AnswerSpec { optional: true, ..AnswerSpec::of(Type::Text) };
    assert_eq!(optional.fit(&Value::Null, &zone).unwrap(), Value::Null);
    assert_eq!(read(&optional, " ").unwrap(), Value::Null);
    let several = AnswerSpec::of(Type::ManyOf(vec!["a".to_owned(), "b".to_owned()]));
    let given = Value::List(vec![Value::Text("b".to_owned())]);
    assert_eq!(several.fit(&given, &zone).unwrap(), given);
    assert!(several.fit(&Value::List(vec![Value::Int(1)]), &zone).is_err());
}

proptest! {
    /// What is taken is of the type, within its limits; every refusal has words in both languages.
    #[test]
    fn an_answer_fits_or_is_refused_with_words(typed in any::<String>(), which in 0..8_usize) {
        let members = vec!["go_on".to_owned(), "stop".to_owned()];
        let ty = [Type::Bool, Type::Int, Type::Percent, Type::Duration, Type::Text, Type::String,
            Type::OneOf(members.clone()), Type::ManyOf(members)][which].clone();
        let spec = AnswerSpec::of(ty.clone());
        match read(&spec, &typed) {
            Ok(value) => prop_assert!(ty.holds(&value)),
            Err(error) => {
                prop_assert!(!error.text(Lang::En).is_empty());
                prop_assert!(!error.text(Lang::Zh).is_empty());
            }
        }
    }
}
