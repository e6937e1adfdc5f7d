use super::complete::{Known, complete};
use super::*;
use crate::engine::view::sample::{choosing, prompt};

fn meant(line: &str, prompt: &Prompt) -> Interpreted {
    interpret(line, Asked::of(prompt, "s/k"), Lang::En, &TimeZone::UTC)
}

fn value(value: Value) -> Interpreted {
    Interpreted::Answer { value, note: None }
}

fn again(line: &str, prompt: &Prompt) -> String {
    let understood = meant(line, prompt);
    let Interpreted::Again(lines) = understood else { panic!("{line:?} was taken as {understood:?}") };
    lines.join("\n")
}

fn confirm() -> Prompt {
    prompt(PromptKind::Confirm { typed: None, refused: Vec::new() }, Type::Bool)
}

fn failed() -> Prompt {
    let kind = PromptKind::Failed { message: crate::text!("exit code 1", "退出码 1"), output: String::new() };
    choosing(kind, &[("retry", ""), ("skip", ""), ("rollback", ""), ("suspend", ""), ("abort", "")])
}

#[test]
fn a_slip_is_asked_again_and_is_no_no() {
    for slip in ["ye", "yse", "mo", "nein", "ok?", "0", ""] {
        assert!(matches!(meant(slip, &confirm()), Interpreted::Again(_)), "{slip:?}");
    }
    assert_eq!(meant("y", &confirm()), value(Value::Bool(true)));
    assert_eq!(meant("否", &confirm()), value(Value::Bool(false)));
    assert_eq!(again("yse", &confirm()), "“yse” is neither yes nor no; did you mean “yes”?");
    assert_eq!(again("stauts", &confirm()), "“stauts” is neither yes nor no\nor the command `status`?");
}

#[test]
fn a_choice_is_meant_by_key_number_or_title_and_may_have_a_reason() {
    let decide = choosing(PromptKind::Decide, &[("go_on", "继续观察"), ("terminate", "终止并回滚")]);
    let terminate = || Value::Text("terminate".to_owned());
    for line in ["terminate", "2", "终止并回滚", "Terminate"] {
        assert_eq!(meant(line, &decide), value(terminate()), "{line}");
    }
    let because = Interpreted::Answer { value: terminate(), note: Some("P99 is 3 s".to_owned()) };
    assert_eq!(meant("terminate because P99 is 3 s", &decide), because);
    assert_eq!(meant("2 因为P99 is 3 s", &decide), because);
    assert!(again("terminte", &decide).contains("did you mean “terminate”?"));
    assert!(again("3", &decide).contains("none of go_on, terminate"));
    let mut signoff = choosing(PromptKind::Signoff, &[("pass", "通过"), ("fail", "未通过")]);
    signoff.choices[0].refused = Some(crate::text!("baseline is breach", "baseline 未达标"));
    assert_eq!(again("pass", &signoff), "pass is not possible: baseline is breach");
    assert_eq!(again("1", &signoff), "pass is not possible: baseline is breach");
}

#[test]
fn the_menu_of_a_failure_comes_before_the_commands_of_the_same_name() {
    let skip = Interpreted::Answer { value: Value::Text("skip".to_owned()), note: Some("known".to_owned()) };
    assert_eq!(meant("skip because known", &failed()), skip);
    assert_eq!(meant("跳过 因为known", &failed()), skip);
    assert_eq!(meant("跳过，因为known", &failed()), skip);
    assert_eq!(meant("abort", &failed()), value(Value::Text("abort".to_owned())));
    assert!(failed().kind.needs_reason(&Value::Text("skip".to_owned())));
    assert!(!failed().kind.needs_reason(&Value::Text("retry".to_owned())));
    assert_eq!(meant("status", &failed()), Interpreted::View(ViewRequest::Status));
    assert!(again("skip", &confirm()).contains("cannot be skipped"));
    assert!(again("skip waiting", &confirm()).contains("cannot be skipped"));
    let wait = Command::Skip { key: Some("eu/rest".to_owned()), because: "calm".to_owned() };
    assert_eq!(meant("skip wait eu/rest because calm", &confirm()), Interpreted::Command(wait));
    assert!(again("retry", &confirm()).contains("menu of a failure"));
}

#[test]
fn commands_are_understood_in_both_languages() {
    let abort = |because: &str| Interpreted::Command(Command::Abort { because: because.to_owned() });
    assert_eq!(meant("abort because wrong cluster", &confirm()), abort("wrong cluster"));
    assert_eq!(meant("中止 因为集群不对", &confirm()), abort("集群不对"));
    assert_eq!(meant("中止因为集群不对", &confirm()), abort("集群不对"));
    assert_eq!(meant("abort wrong cluster", &confirm()), abort("wrong cluster"));
    assert!(matches!(meant("abort", &confirm()), Interpreted::Command(command) if lacks_reason(&command)));
    let set = Command::Set { name: "interval".to_owned(), value: "5m".to_owned() };
    assert_eq!(meant("set interval = 5m", &confirm()), Interpreted::Command(set));
    let lost = Command::Set { name: "created.out".to_owned(), value: "vol-7".to_owned() };
    assert_eq!(meant("set created.out = vol-7", &confirm()), Interpreted::Command(lost));
    assert!(again("set interval 5m", &confirm()).starts_with("set NAME = VALUE"));
    assert!(again("sh", &confirm()).starts_with("sh COMMAND"));
    let shell = Command::Shell { command: "kubectl get pods".to_owned() };
    assert_eq!(meant("sh kubectl get pods", &confirm()), Interpreted::Command(shell));
    assert_eq!(meant("why", &confirm()), Interpreted::View(ViewRequest::Why("s/k".to_owned())));
    assert_eq!(meant("状态", &confirm()), Interpreted::View(ViewRequest::Status));
    assert!(again("help", &confirm()).contains("rollback because REASON"));
    assert!(again("?", &confirm()).contains("suspend"));
    let mut early = confirm();
    early.can_rollback = false;
    assert!(again("rollback because x", &early).contains("nothing can be rolled back here"));
}

#[test]
fn where_any_text_fits_only_a_clear_command_is_one() {
    let text = prompt(PromptKind::Ask, Type::String);
    let words = |line: &str| value(Value::Text(line.to_owned()));
    assert_eq!(meant("note that P99 was high", &text), words("note that P99 was high"));
    assert_eq!(meant("status looks fine", &text), words("status looks fine"));
    assert_eq!(meant("abort the old job first", &text), words("abort the old job first"));
    assert_eq!(meant("skip", &text), words("skip"));
    assert_eq!(meant("status", &text), Interpreted::View(ViewRequest::Status));
    assert!(matches!(meant("abort", &text), Interpreted::Command(Command::Abort { .. })));
    assert!(matches!(meant("abort because x", &text), Interpreted::Command(Command::Abort { .. })));
    assert_eq!(meant(":answer abort", &text), words("abort"));
    let note = Command::Note { text: "P99 was high".to_owned() };
    assert_eq!(meant(":note P99 was high", &text), Interpreted::Command(note));
    assert_eq!(again(":stauts", &text), "“stauts” is no command; did you mean `status`?");
}

#[test]
fn what_must_be_typed_and_what_is_refused() {
    let mut typed = confirm();
    typed.answer.typed = Some("metasheet-prod".to_owned());
    assert_eq!(meant("metasheet-prod", &typed), value(Value::Bool(true)));
    assert_eq!(again("yes", &typed), "type exactly “metasheet-prod”, or no");
    let unclean = prompt(PromptKind::Confirm { typed: None, refused: vec!["alerting/mail_ok".to_owned()] }, Type::Bool);
    assert!(again("yes", &unclean).contains("alerting/mail_ok"));
    assert_eq!(meant("no", &unclean), value(Value::Bool(false)));
}

#[test]
fn an_empty_line_takes_the_default_or_leaves_it_empty() {
    let mut revision = prompt(PromptKind::Ask, Type::Int);
    assert_eq!(again("", &revision), "an answer is needed");
    revision.default = Some(Value::Int(6));
    assert_eq!(meant("", &revision), value(Value::Int(6)));
    revision.default = None;
    revision.answer.optional = true;
    assert_eq!(meant("", &revision), value(Value::Null));
}

#[test]
fn nothing_asked_takes_only_commands() {
    let meant = |line| interpret_unasked(line, true, Lang::Zh, &TimeZone::UTC);
    let skip = |key: Option<&str>, because: &str| {
        Interpreted::Command(Command::Skip { key: key.map(str::to_owned), because: because.to_owned() })
    };
    assert_eq!(meant("skip"), skip(None, ""));
    assert_eq!(meant("skip wait"), skip(None, ""));
    assert_eq!(meant("skip because all is calm"), skip(None, "all is calm"));
    assert_eq!(meant("skip eu/rest because all is calm"), skip(Some("eu/rest"), "all is calm"));
    assert_eq!(meant("跳过 eu/rest，因为一切正常"), skip(Some("eu/rest"), "一切正常"));
    assert_eq!(meant("跳过 等待 因为一切正常"), skip(None, "一切正常"));
    assert!(matches!(meant("skip all of it"), Interpreted::Again(_)));
    assert_eq!(meant(""), Interpreted::Again(Vec::new()));
    assert_eq!(meant("yes"), Interpreted::Again(vec!["没有“yes”这个命令；输入 help 查看全部命令".to_owned()]));
    assert_eq!(meant("add findings"), Interpreted::Command(Command::Add { collect: "findings".to_owned() }));
}

#[test]
fn the_tab_key_offers_what_may_stand_there() {
    let known =
        Known { vars: vec!["interval".to_owned()], keys: vec!["observe/baseline".to_owned()], ..Known::default() };
    let failed = failed();
    let offers = |line: &str| complete(line, Some(Asked::of(&failed, "k")), &known, Lang::En);
    assert_eq!(
        offers("s"),
        (0, vec!["skip", "suspend", "status", "source", "sh", "set"].into_iter().map(str::to_owned).collect())
    );
    assert_eq!(offers("set in"), (4, vec!["interval".to_owned()]));
    assert_eq!(offers(":jump "), (6, vec!["observe/baseline".to_owned()]));
    let text = prompt(PromptKind::Ask, Type::String);
    let free = |line: &str| complete(line, Some(Asked::of(&text, "k")), &known, Lang::En).1;
    assert_eq!(free("st"), Vec::<String>::new());
    assert_eq!(free(":st"), ["status"]);
}
