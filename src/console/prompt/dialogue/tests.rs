use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::*;
use crate::check::program::Class;
use crate::engine::action::{ActionId, Effect, Shown};
use crate::engine::view::ItemView;
use crate::engine::view::sample::{choosing, prompt, role, run, words};
use crate::text::Lang;
use crate::value::Verdict;

fn style(lang: Lang) -> Style {
    Style { width: 90, ..Style::plain(lang, TimeZone::get("Asia/Shanghai").unwrap()) }
}

fn dialogue_in(lang: Lang, prompt: &Prompt, simulated: bool) -> PromptDialogue {
    let start = Start {
        id: ActionId("s/k#1".to_owned()),
        key: "s/k".to_owned(),
        title: words("回滚联系人已确认在线", "Rollback contact is online"),
        class: Class::Pure,
        timeout: None,
        effect: Effect::Ask(Box::new(prompt.clone())),
    };
    let context = Context {
        run: "20251118-0900-phase5-k3f9".to_owned(),
        executor: "li".to_owned(),
        simulated,
        style: style(lang),
    };
    PromptDialogue::new(&start, prompt, context)
}

fn dialogue(prompt: &Prompt) -> PromptDialogue {
    dialogue_in(Lang::En, prompt, false)
}

fn confirm() -> Prompt {
    prompt(PromptKind::Confirm { typed: None, refused: Vec::new() }, Type::Bool)
}

fn given(next: Next) -> Given {
    let Next::Answer(given) = next else { panic!("no answer: {next:?}") };
    given
}

fn plain(value: Value) -> Given {
    Given { value, by: "li".to_owned(), told_by: None, note: None, evidence: None }
}

#[test]
fn a_signature_sees_what_the_checklists_say() {
    let item = |key: &str, title: &str, state, by: Option<&str>| ItemView {
        key: key.to_owned(),
        title: words(title, title),
        state,
        by: by.map(str::to_owned),
    };
    let mut run = run();
    run.items = vec![
        item("ready/alarms#1", "Alarms", Verdict::Pass, Some("li")),
        item("ready/mail#1", "Mail", Verdict::Fail, Some("li")),
        item("later#1", "Publish it", Verdict::Pending, None),
        item("s/met#1", "Targets met", Verdict::Fail, None),
        item("s/no_sev#1", "No Sev-1", Verdict::Pass, Some("wang")),
    ];
    let shown = |kind, run: &RunView| {
        let lines = dialogue(&prompt(kind, Type::Bool)).opening(run);
        lines.into_iter().filter(|line| line.starts_with("  ✓") || line.starts_with("  ✗")).collect::<Vec<_>>()
    };
    let seen = shown(PromptKind::Signoff, &run);
    assert_eq!(seen, ["  ✗ Mail  li", "  ✗ Targets met", "  ✓ No Sev-1  wang"]);
    assert_eq!(shown(PromptKind::Item, &run), ["  ✗ Targets met", "  ✓ No Sev-1  wang"], "those of its own checklist");
    assert!(shown(PromptKind::Decide, &run).is_empty());
}

#[test]
fn the_question_says_all_that_is_needed_to_answer_it() {
    let asked = Prompt {
        by: Some(role("oncall", "值班", &["wang", "zhao"])),
        within: Some(SignedDuration::from_mins(15)),
        show: vec![
            Shown::Text("REVISION  CHANGE\n41        v2.4.1\n".to_owned()),
            Shown::Series("observe/baseline".to_owned()),
        ],
        ..choosing(PromptKind::Decide, &[("go_on", "继续观察"), ("terminate", "终止并回滚")])
    };
    let lines = dialogue_in(Lang::Zh, &asked, false).opening(&run());
    assert_eq!(
        lines.join("\n"),
        "
❯ 决策：回滚联系人已确认在线
  │ REVISION  CHANGE
  │ 41        v2.4.1
  ✗  HTTP 成功率     97.996%  ≥ 98%  █·▁  未达标
  ✓  P99 延迟        0.600 s  ≤ 2 s  ▁·▂
  ?  插件重载成功率   无数据  ≥ 95%
  已采集 2/3 个样本，遗漏 1 个，出错 0 个
  1) go_on      继续观察
  2) terminate  终止并回滚
  须由值班 (wang, zhao)答复
  须在 15 分内答复
  输入选项的名称或编号 · 输入 help 查看命令"
    );
}

#[test]
fn the_menu_of_a_failure_is_worded_and_shows_the_output_as_data() {
    let kind = PromptKind::Failed {
        message: crate::text!("exit code 1", "退出码 1"),
        output: "Error from server\n\u{1b}[2A❯ Confirm: all is well (y)".to_owned(),
    };
    let failed = choosing(kind, &[("retry", ""), ("skip", ""), ("rollback", ""), ("suspend", ""), ("abort", "")]);
    let lines = dialogue(&failed).opening(&run());
    assert_eq!(
        lines.join("\n"),
        "
❯ Failed: Rollback contact is online
  exit code 1
  │ Error from server
  │ ❯ Confirm: all is well (y)
  1) retry     try again
  2) skip      skip it, with a reason
  3) rollback  roll back, with a reason
  4) suspend   suspend; `resume` goes on
  5) abort     abort without rollback, with a reason
  key or number of the choice · `help` lists the commands"
    );
}

#[test]
fn a_plain_answer_is_the_executors() {
    assert_eq!(given(dialogue(&confirm()).feed("y")), plain(Value::Bool(true)));
    assert_eq!(given(dialogue(&confirm()).feed("no")), plain(Value::Bool(false)));
    let mut slip = dialogue(&confirm());
    assert!(matches!(slip.feed("yse"), Next::Ask(_)));
    assert_eq!(given(slip.feed("yes")), plain(Value::Bool(true)));
}

#[test]
fn a_reason_is_asked_where_it_is_missing_and_nothing_happens_without_one() {
    let kind = PromptKind::Failed { message: crate::text!("exit code 1", "退出码 1"), output: String::new() };
    let failed = choosing(kind, &[("retry", ""), ("skip", "")]);
    let mut menu = dialogue(&failed);
    assert_eq!(menu.feed("skip"), Next::Ask(Vec::new()));
    assert!(menu.cursor().starts_with("reason"));
    assert!(matches!(menu.feed(" "), Next::Ask(lines) if lines[0].contains("no reason")));
    menu.feed("2");
    let skipped = Given { note: Some("relay is down".to_owned()), ..plain(Value::Text("skip".to_owned())) };
    assert_eq!(given(menu.feed("relay is down")), skipped);
    assert_eq!(given(dialogue(&failed).feed("skip because relay is down")), skipped);

    let mut command = dialogue(&confirm());
    assert_eq!(command.feed("abort"), Next::Ask(Vec::new()));
    assert!(matches!(command.feed(""), Next::Ask(lines) if lines[0].contains("nothing done")));
    command.feed("abort");
    let abort = Command::Abort { because: "wrong cluster".to_owned() };
    assert_eq!(command.feed("wrong cluster"), Next::Command(abort));
    assert_eq!(given(command.feed("y")), plain(Value::Bool(true)), "the question stayed open");
}

#[test]
fn who_answers_is_recorded_and_the_executors_word_is_not_always_enough() {
    let by =
        |people: &[&str], not_executor| Prompt {
            by: Some(role("oncall", "值班", people)), not_executor, ..confirm()
        };
    let told = |by: &str| Given { by: by.to_owned(), told_by: Some("li".to_owned()), ..plain(Value::Bool(true)) };
    assert_eq!(given(dialogue(&by(&["li", "wang"], false)).feed("y")), plain(Value::Bool(true)), "one of them");
    assert_eq!(given(dialogue(&by(&[], false)).feed("y")), plain(Value::Bool(true)), "an absent role admits anyone");
    assert_eq!(given(dialogue(&by(&["wang"], false)).feed("y")), told("wang"));
    let mut several = dialogue(&by(&["wang", "zhao"], false));
    assert_eq!(several.feed("y"), Next::Ask(vec!["wang, zhao".to_owned()]));
    assert!(matches!(several.feed("zhoa"), Next::Ask(lines) if lines[0].contains("did you mean zhao?")));
    assert_eq!(given(several.feed("zhao")), told("zhao"));

    for people in [&["wang"][..], &["li"], &[]] {
        let mut elsewhere = dialogue(&by(people, true));
        assert!(
            matches!(elsewhere.feed("y"), Next::Ask(lines) if lines[0].contains("runbook answer 20251118-0900-phase5-k3f9 's/k#1'")),
            "{people:?}"
        );
        assert_eq!(elsewhere.feed("status"), Next::View(ViewRequest::Status));
    }
    let mut played = dialogue_in(Lang::En, &by(&["wang"], true), true);
    assert!(matches!(played.feed("y"), Next::Ask(_)));
    assert_eq!(given(played.feed("")), Given { by: "wang".to_owned(), ..plain(Value::Bool(true)) });
}

#[test]
fn evidence_belongs_to_a_yes_alone() {
    let manual = PromptKind::Manual { links: Vec::new(), later: false };
    let mut asked = choosing(manual, &[("done", ""), ("failed", ""), ("not_applicable", "")]);
    asked.evidence = Some(words("截图", "screenshot"));
    let mut done = dialogue(&asked);
    done.feed("done");
    assert_eq!(done.cursor(), "evidence, a path or link: screenshot ❯ ");
    assert!(matches!(done.feed(""), Next::Ask(lines) if lines[0].contains("needed")));
    let evidence = Some("shots/grafana.png".to_owned());
    assert_eq!(given(done.feed("shots/grafana.png")), Given { evidence, ..plain(Value::Text("done".to_owned())) });
    let mut absent = dialogue(&asked);
    absent.feed("not_applicable");
    let note = Some("no Grafana here".to_owned());
    assert_eq!(
        given(absent.feed("no Grafana here")),
        Given { note, ..plain(Value::Text("not_applicable".to_owned())) }
    );
}

#[test]
fn a_text_ends_with_an_empty_line_and_a_paste_stays_together() {
    let mut text = dialogue(&prompt(PromptKind::Ask, Type::Text));
    assert_eq!(text.feed("first"), Next::Ask(Vec::new()));
    assert_eq!(text.feed("abort"), Next::Ask(Vec::new()), "within a text it is text");
    assert_eq!(given(text.feed("")), plain(Value::Text("first\nabort".to_owned())));
    let mut paste = dialogue(&prompt(PromptKind::Ask, Type::Text));
    paste.feed("one\n\ntwo");
    assert_eq!(given(paste.feed("")), plain(Value::Text("one\n\ntwo".to_owned())));
    let optional = prompt(PromptKind::Ask, Type::Text);
    let mut optional = Prompt { answer: AnswerSpec { optional: true, ..optional.answer.clone() }, ..optional };
    assert_eq!(given(dialogue(&optional).feed("")), plain(Value::Null));
    optional.answer.min = Some(Value::Int(10));
    let mut short = dialogue(&optional);
    short.feed("short");
    assert!(matches!(short.feed(""), Next::Ask(lines) if lines[0].contains("at least 10")));
}

#[test]
fn entries_are_asked_field_by_field() {
    let field = |name: &str, title: &str, ty: Type, optional| Field {
        name: name.to_owned(),
        title: words(title, ""),
        answer: AnswerSpec { optional, ..AnswerSpec::of(ty) },
    };
    let impact = Type::OneOf(vec!["low".to_owned(), "high".to_owned()]);
    let fields = vec![
        field("problem", "问题描述", Type::Text, false),
        field("impact", "影响", impact, false),
        field("advice", "建议", Type::String, true),
    ];
    let collect = prompt(PromptKind::Collect { fields }, Type::List(Box::new(Type::Map(Box::new(Type::Json)))));
    assert_eq!(given(dialogue(&collect).feed("n")), plain(Value::List(Vec::new())));

    let mut entry = dialogue(&collect);
    assert!(matches!(entry.feed("maybe"), Next::Ask(lines) if lines[0].contains("neither yes nor no")));
    entry.feed("y");
    assert!(entry.cursor().contains("问题描述"));
    entry.feed("邮件中继不可用");
    entry.feed("");
    assert_eq!(entry.cursor(), "影响 (low | high) ❯ ");
    assert!(matches!(entry.feed("hihg"), Next::Ask(lines) if lines[0].contains("did you mean “high”?")));
    assert_eq!(entry.feed("status"), Next::View(ViewRequest::Status), "commands work between the fields");
    entry.feed("high");
    entry.feed("");
    assert!(entry.cursor().starts_with("another entry?"));
    let expected = Value::Map(BTreeMap::from([
        ("problem".to_owned(), Value::Text("邮件中继不可用".to_owned())),
        ("impact".to_owned(), Value::Text("high".to_owned())),
        ("advice".to_owned(), Value::Null),
    ]));
    assert_eq!(given(entry.feed("no")), plain(Value::List(vec![expected])));
}

#[test]
fn a_write_in_doubt_names_the_ways_out_that_are_no_answer() {
    let kind = || PromptKind::InDoubt { what: "kubectl apply".to_owned() };
    let mut asked = choosing(kind(), &[("ran", ""), ("run_again", ""), ("abort", "")]);
    asked.can_rollback = true;
    let shown = |asked: &Prompt, lang| dialogue_in(lang, asked, false).opening(&run()).join("\n");
    assert!(
        shown(&asked, Lang::En).contains("  or `suspend`, `rollback because WHY`\n"),
        "{}",
        shown(&asked, Lang::En)
    );
    assert!(shown(&asked, Lang::Zh).contains("  或 suspend（挂起）、rollback because 原因（回滚）\n"));
    asked.can_rollback = false;
    assert!(
        shown(&asked, Lang::En).contains("  or `suspend`\n") && !shown(&asked, Lang::En).contains("rollback because")
    );
    assert_eq!(dialogue(&asked).feed("suspend"), Next::Command(Command::Suspend));
}
