use jiff::SignedDuration;

use super::*;
use crate::check::program::{Pattern, VarId};
use crate::value::types::Type;

fn param(name: &str, ty: Type) -> Param {
    Param {
        name: name.into(),
        var: VarId(0),
        title: None,
        ty,
        env: Some(name.to_uppercase()),
        from_label: None,
        default: None,
        per_env: BTreeMap::new(),
        optional: false,
        min: None,
        max: None,
        matches: None,
        not_host: BTreeMap::new(),
        unit: None,
        span: Span::new(3, 9),
    }
}

/// `flags`, `file` and `env` as `name=text`.
fn resolved(
    params: &[Param],
    flags: &[&str],
    file: &[&str],
    env: &[&str],
) -> Result<BTreeMap<String, Value>, Vec<Diagnostic>> {
    let pair = |text: &&str| text.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())).unwrap();
    let flags: Vec<(String, String)> = flags.iter().map(pair).collect();
    let file = file.iter().map(pair).collect();
    let variables: BTreeMap<String, String> = env.iter().map(pair).collect();
    let given = Given {
        flags: &flags,
        file: &file,
        alerts: None,
        env: &|name| variables.get(name).cloned(),
        environment: Some("production"),
        zone: &TimeZone::UTC,
    };
    resolve(params, &given)
}

fn only(result: Result<BTreeMap<String, Value>, Vec<Diagnostic>>) -> Diagnostic {
    let [diagnostic] = result.unwrap_err().try_into().unwrap();
    diagnostic
}

#[test]
fn the_command_line_goes_before_file_environment_and_defaults() {
    let mut n = param("n", Type::Int);
    let value = |param: &Param, flags: &[&str], file: &[&str], env: &[&str]| {
        resolved(std::slice::from_ref(param), flags, file, env).unwrap()["n"].clone()
    };
    n.default = Some(Value::Int(5));
    assert_eq!(value(&n, &[], &[], &[]), Value::Int(5));
    n.per_env = [("production".to_owned(), Value::Int(4)), ("rehearsal".to_owned(), Value::Int(9))].into();
    assert_eq!(value(&n, &[], &[], &[]), Value::Int(4));
    assert_eq!(value(&n, &[], &[], &["N=3"]), Value::Int(3));
    assert_eq!(value(&n, &[], &["n=2"], &["N=3"]), Value::Int(2));
    assert_eq!(value(&n, &["n=1"], &["n=2"], &["N=3"]), Value::Int(1));
    assert_eq!(value(&n, &[], &[], &["N="]), Value::Int(4), "a variable that is empty is not set");
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let params = [param("a", Type::Int), param("b", Type::Url), param("c", Type::Int)];
    let wrong = resolved(&params, &["b=nonsense", "d=1"], &[], &["A=1"]).unwrap_err();
    let said: Vec<(Code, &str)> = wrong.iter().map(|d| (d.code, d.message.en.as_str())).collect();
    assert_eq!(
        said,
        [
            (Code::RB0860, "there is no parameter `d`"),
            (Code::RB0862, "--param b: \"nonsense\" is no URL; one reads `https://host:port/path`"),
            (Code::RB0863, "the parameter `c` has no value"),
        ]
    );
    assert_eq!(wrong[2].help.as_ref().map(|help| help.en.as_str()), Some("set $C, or give --param c=VALUE"));
    assert_eq!(wrong[2].span(), Span::new(3, 9), "the place is the declaration");
}

#[test]
fn a_name_that_is_nearly_right_is_suggested_and_one_given_twice_refused() {
    let params = [param("metrics_url", Type::String)];
    let wrong = resolved(&params, &["metrics_ulr=x", "metrics_url=a", "metrics_url=b"], &[], &[]).unwrap_err();
    assert_eq!(wrong[0].message.en, "--param metrics_url is given twice");
    assert_eq!(wrong[1].help.as_ref().map(|help| help.en.as_str()), Some("did you mean `metrics_url`?"));
}

#[test]
fn limits_patterns_units_and_hosts_hold() {
    let mut interval = param("interval", Type::Duration);
    interval.unit = Some("s".into());
    interval.min = Some(Value::Duration(SignedDuration::from_secs(1)));
    let params = [interval];
    assert_eq!(
        resolved(&params, &[], &[], &["INTERVAL=600"]).unwrap()["interval"],
        Value::Duration(SignedDuration::from_secs(600))
    );
    assert_eq!(only(resolved(&params, &["interval=500ms"], &[], &[])).code, Code::RB0862);

    let mut name = param("name", Type::String);
    name.matches = Some(Pattern { source: "^deployment/".into(), ignore_case: false });
    assert_eq!(only(resolved(&[name], &["name=metasheet"], &[], &[])).code, Code::RB0862);

    let mut url = param("url", Type::Url);
    url.not_host = [("production".to_owned(), vec!["localhost".to_owned()])].into();
    let params = [url];
    assert!(resolved(&params, &["url=http://prod:4000/metrics"], &[], &[]).is_ok());
    let refused = only(resolved(&params, &["url=http://localhost:4000/metrics"], &[], &[]));
    assert!(refused.message.en.contains("its host is localhost"), "{}", refused.message.en);
}

#[test]
fn an_optional_one_may_be_missing_or_empty() {
    let mut prom = param("prom", Type::Url);
    prom.optional = true;
    let params = [prom];
    assert_eq!(resolved(&params, &[], &[], &[]).unwrap()["prom"], Value::Null);
    assert_eq!(resolved(&params, &["prom="], &[], &["PROM=http://x"]).unwrap()["prom"], Value::Null);
}

#[test]
fn a_file_holds_values_as_they_would_be_typed() {
    let text = "url = \"http://a\"\nn = 12\nquick = true\npeople = [\"a\", \"b\"]\n";
    let File::Values(texts) = file(text).unwrap() else { panic!("it is no alert") };
    let list = param("people", Type::List(Box::new(Type::String)));
    let values = resolved(&[list], &[], &[&format!("people={}", texts["people"])], &[]).unwrap();
    assert_eq!(values["people"], Value::List(vec![Value::Text("a".into()), Value::Text("b".into())]));
    assert_eq!((texts["n"].as_str(), texts["quick"].as_str()), ("12", "true"));
    let wrong = file("n = 12\nn = 13\n").unwrap_err();
    assert_eq!((wrong.code, wrong.span()), (Code::RB0866, Span::new(7, 8)));
}

#[test]
fn an_alert_gives_its_labels_behind_what_is_said_outright_and_before_the_environment() {
    let mut node = param("node", Type::String);
    node.from_label = Some("instance".into());
    let alert = r#"{"alerts": [{"labels": {"instance": "web-1", "zone": ""}}]}"#;
    let two = r#"[{"labels": {"instance": "web-1"}}, {"labels": {"instance": "web-2"}}]"#;
    let with = |node: &Param, json: &str, flags: &[(String, String)]| {
        let File::Alerts(alerts) = file(json).unwrap() else { panic!("it is an alert") };
        let env = |_: &str| Some("from-env".to_owned());
        let file = BTreeMap::new();
        let given =
            Given { flags, file: &file, alerts: Some(&alerts), env: &env, environment: None, zone: &TimeZone::UTC };
        resolve(std::slice::from_ref(node), &given)
    };
    let flag = [("node".to_owned(), "web-9".to_owned())];
    assert_eq!(with(&node, alert, &[]).unwrap()["node"], Value::Text("web-1".into()));
    assert_eq!(with(&node, alert, &flag).unwrap()["node"], Value::Text("web-9".into()));
    let differ = only(with(&node, two, &[]));
    assert_eq!(differ.code, Code::RB0862);
    assert!(differ.message.en.contains("web-1, web-2"), "{}", differ.message.en);
    assert_eq!(with(&node, two, &flag).unwrap()["node"], Value::Text("web-9".into()), "what is said outright holds");
    let one_of_two = r#"[{"labels": {"instance": "web-1"}}, {"labels": {"zone": "a"}}]"#;
    let differ = only(with(&node, one_of_two, &[])).message.en;
    assert!(differ.ends_with("web-1, and none in some of them"), "{differ}");
    node.from_label = Some("zone".into());
    assert_eq!(with(&node, alert, &[]).unwrap()["node"], Value::Text("from-env".into()), "an empty label is none");
    node.env = None;
    let given = Given {
        flags: &[],
        file: &BTreeMap::new(),
        alerts: None,
        env: &|_| None,
        environment: None,
        zone: &TimeZone::UTC,
    };
    let missing = only(resolve(std::slice::from_ref(&node), &given));
    let help = "give --params with an alert that has the label `zone`, or give --param node=VALUE";
    assert_eq!(missing.help.map(|help| help.en).as_deref(), Some(help));
    node.from_label = None;
    assert_eq!(only(with(&node, alert, &flag)).code, Code::RB0860, "nothing is taken and ignored");
}

#[test]
fn json_that_is_no_alert_says_where_it_is_wrong() {
    let wrong = file("{\"alerts\": [\n  {\"labels\": }\n]}").unwrap_err();
    assert_eq!((wrong.code, wrong.span().start), (Code::RB0866, 26));
    assert_eq!(file("{\"node\": \"a\"}").unwrap_err().code, Code::RB0866);
}

#[test]
fn an_empty_text_is_a_value_where_the_runbook_itself_gives_one() {
    let empty = Value::Text(String::new());
    for ty in [Type::String, Type::Text] {
        let plain = param("note", ty.clone());
        assert_eq!(only(resolved(std::slice::from_ref(&plain), &["note="], &[], &[])).code, Code::RB0862);
        let given = Param { default: Some(empty.clone()), ..plain.clone() };
        assert_eq!(resolved(std::slice::from_ref(&given), &[], &[], &[]).unwrap()["note"], empty);
        assert_eq!(resolved(std::slice::from_ref(&given), &["note="], &[], &[]).unwrap()["note"], empty);
        let here = Param { per_env: BTreeMap::from([("production".to_owned(), empty.clone())]), ..plain.clone() };
        assert_eq!(resolved(&[here], &[], &[], &[]).unwrap()["note"], empty);
        let forbidden = Param { matches: Some(Pattern { source: "^.".into(), ignore_case: false }), ..given };
        assert_eq!(only(resolved(&[forbidden], &[], &[], &[])).code, Code::RB0862);
        let optional = Param { optional: true, default: Some(empty.clone()), ..plain };
        assert_eq!(resolved(std::slice::from_ref(&optional), &[], &[], &[]).unwrap()["note"], empty);
        assert_eq!(resolved(&[optional], &["note="], &[], &[]).unwrap()["note"], Value::Null);
    }
}
