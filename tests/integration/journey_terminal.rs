//! The program at a real terminal: what is shown is complete, signals and typed keys do what they promise.

use nix::sys::signal::Signal;

use crate::drivers_bench::eventually;
use crate::support::background::Background;
use crate::support::program::{Place, ended, json, repository, stdout};
use crate::support::terminal::Terminal;

const QUESTION: &str = r#"
runbook asks, "Asks" do
  step look, "Look" do
    sh read: "echo seen", timeout: 10.s
  end
  confirm "Go on?", key: go
  confirm "Really?", key: really
end
"#;

fn status(place: &Place) -> serde_json::Value {
    json(&place.run(&["status", "last", "--format", "json"]))
}

#[test]
fn a_signal_to_end_at_a_question_suspends_and_says_all_of_how_to_go_on() {
    let place = Place::new();
    place.write("asks.rb", QUESTION);
    let mut terminal = Terminal::open(&place, &["exec", "asks.rb"]);
    terminal.asked("Go on?");
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.ends(), 4);
    let (screen, status) = (terminal.screen(), status(&place));
    assert_eq!(status["status"], "suspended");
    let run = status["run"].as_str().unwrap();
    assert!(screen.contains(&format!("runbook resume {run}\n")), "{screen}");
    assert!(screen.ends_with(&format!("runbook answer {run} 'go#1' yes   # or no")), "{screen}");
}

#[test]
fn no_line_is_lost_where_a_question_comes_and_goes() {
    let place = Place::new();
    place.write("asks.rb", QUESTION);
    let mut terminal = Terminal::open(&place, &["exec", "asks.rb"]);
    terminal.asked("Go on?");
    ended(&place.run(&["answer", "last", "go", "yes"]), 0);
    terminal.asked("Really?");
    ended(&place.run(&["answer", "last", "really", "yes"]), 0);
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    for line in ["Look", "echo seen", "step Look: passed", "Go on? yes", "Really? yes", "Asks: completed and passed"] {
        assert!(screen.contains(line), "{line:?} is missing:\n{screen}");
    }
    assert!(!screen.lines().any(|line| line.trim() == "❯"), "a prompt that nobody typed at is left:\n{screen}");
}

#[test]
fn ctrl_c_at_a_question_pauses_the_run_and_a_choice_is_typed() {
    let place = Place::new();
    place.write("asks.rb", QUESTION);
    let mut terminal = Terminal::open(&place, &["exec", "asks.rb"]);
    terminal.asked("Go on?");
    terminal.types("\u{3}");
    terminal.asked("Paused by Ctrl-C");
    terminal.types("go_on\r");
    terminal.asked("Go on?");
    terminal.types("yes\r");
    terminal.asked("Really?");
    terminal.types("suspend\r");
    assert_eq!(terminal.ends(), 4);
    assert_eq!(status(&place)["waiting"][0]["key"], "really");
}

/// One answer at the terminal; with `by`, the persona of a simulation is asked as well.
fn replies(terminal: &mut Terminal, title: &str, typed: &str, by: Option<&str>) {
    terminal.sees(title);
    terminal.sees("输入 help 查看命令");
    terminal.sees("❯");
    terminal.types(&format!("{typed}\r"));
    if let Some(by) = by {
        terminal.sees("由谁答复？");
        terminal.sees("❯");
        terminal.types(&format!("{by}\r"));
    }
}

#[test]
fn a_go_live_is_led_in_chinese_through_a_breach_to_its_rollback() {
    let mut place = Place::new();
    place.env("LANG", "zh_CN.UTF-8");
    let runbook = repository().join("runbooks/phase5.rb");
    let mut terminal = Terminal::open(&place, &["exec", runbook.to_str().unwrap(), "--sim", "terminate"]);
    terminal.sees("Phase 5 生产基线上线");
    terminal.sees("模拟运行 SIMULATED");
    replies(&mut terminal, "填写：负责人", "王芳", None);
    // A typo is asked again and is no answer.
    replies(&mut terminal, "确认：五项 SLO 目标与告警阈值正确", "shi", None);
    terminal.sees("“shi”既不是“是”(y)，也不是“否”(n)");
    terminal.sees("❯");
    terminal.types("是\r");
    terminal.sees("由谁答复？");
    terminal.sees("❯");
    terminal.types("王芳\r");
    replies(&mut terminal, "填写：Slack 通知配置", "是", None);
    replies(&mut terminal, "填写：PagerDuty 集成", "", None);
    replies(&mut terminal, "填写：邮件通知", "y", None);
    replies(&mut terminal, "填写：上一个稳定版本标识", "v2.4.1", None);
    replies(&mut terminal, "填写：对应的 rollout revision", "41", None);
    replies(&mut terminal, "填写：回滚联系人", "赵磊", None);
    replies(&mut terminal, "确认：回滚联系人 赵磊 已确认在线", "是", Some(""));
    replies(&mut terminal, "确认：全部事前检查通过，开始观察", "是", Some("王芳"));
    replies(&mut terminal, "确认：第一个样本数据收集成功", "是", None);
    terminal.sees("达到告警阈值");
    terminal.sees("场景 1：指标不达标");
    replies(&mut terminal, "❯ 决策", "3", Some("zhao.lei"));
    terminal.sees("确认回滚？");
    terminal.sees("kubectl -n default rollout undo deployment/metasheet --to-revision=41");
    replies(&mut terminal, "kubectl -n default rollout status deployment/metasheet", "是", None);
    terminal.sees("successfully rolled out");
    terminal.sees("记录：事件详情：为什么回滚");
    terminal.sees("是否记录？(y/n) ❯");
    terminal.types("是\r");
    for (field, typed) in [("问题描述", "请求大量失败"), ("影响", "high"), ("建议", "修复后重新安排上线")]
    {
        terminal.sees(field);
        terminal.sees("❯");
        terminal.types(&format!("{typed}\r"));
        if field != "影响" {
            // A text goes on until an empty line.
            terminal.sees("… ❯");
            terminal.types("\r");
        }
    }
    terminal.sees("是否再记录一条？");
    terminal.sees("❯");
    terminal.types("否\r");
    assert_eq!(terminal.ends(), 3);
    let screen = terminal.screen();
    assert!(screen.contains("Phase 5 生产基线上线：已回滚  模拟运行 SIMULATED"), "{screen}");
    assert!(screen.contains("✗  HTTP 成功率       90.40%  ≥ 98%  ██▁  达到告警阈值"), "{screen}");
    let report = json(&place.run(&["report", "last", "--format", "json"]));
    assert_eq!((&report["status"], &report["exit_code"]), (&"rolled_back".into(), &3.into()));
    let answers = report["answers"].as_array().unwrap();
    let of = |key: &str| answers.iter().find(|answer| answer["key"].as_str().unwrap().ends_with(key)).unwrap();
    assert_eq!((&of("slo_decision")["value"], &of("slo_decision")["by"]), (&"terminate".into(), &"zhao.lei".into()));
    assert_eq!(of("start_ok")["by"], "王芳");
    assert_eq!(report["problems"][0]["entry"]["problem"], "请求大量失败", "{}", report["problems"]);
}

#[test]
fn a_terminal_that_hangs_up_leaves_the_run_going_and_another_one_attaches_to_it() {
    let place = Place::new();
    place.write(
        "goes_on.rb",
        r#"
runbook goes_on, "Goes on" do
  sh read: "until [ -e go ]; do sleep 0.05; done", timeout: 5.min, key: wait
  confirm "Well?", key: well
  sh read: "until [ -e end ]; do sleep 0.05; done", timeout: 5.min, key: end_of_it
end
"#,
    );
    let mut first = Terminal::open(&place, &["exec", "goes_on.rb"]);
    // Where nothing is asked, commands can be typed.
    first.sees("Goes on");
    first.sees("❯");
    first.signal(Signal::SIGHUP);
    let mut second = Terminal::open(&place, &["attach", "last"]);
    second.sees("running");
    std::fs::write(place.path("go"), "").unwrap();
    // Nothing but a question is left, and nobody is at the terminal of the executor: it suspends. Whoever attached sees it.
    second.sees("suspended");
    assert_eq!((first.ends(), second.ends()), (4, 4));
    let mut third = Terminal::open(&place, &["resume", "last"]);
    third.asked("Well?");
    let mut fourth = Terminal::open(&place, &["attach", "last"]);
    fourth.asked("Well?");
    fourth.types("yes\r");
    fourth.sees("Well? yes");
    third.sees("Well? yes");
    std::fs::write(place.path("end"), "").unwrap();
    assert_eq!((third.ends(), fourth.ends()), (0, 0));
}

#[test]
fn end_of_input_suspends_and_is_no_answer() {
    let place = Place::new();
    place.write("asks.rb", QUESTION);
    let mut terminal = Terminal::open(&place, &["exec", "asks.rb"]);
    terminal.asked("Go on?");
    terminal.types("\u{4}");
    terminal.sees("once more leaves the terminal");
    terminal.asked("Go on?");
    terminal.types("\u{4}");
    assert_eq!(terminal.ends(), 4);
    assert_eq!(status(&place)["waiting"][0]["key"], "go");
    // A pipe is nobody, whatever comes out of it.
    let mut piped = place.command(&["resume", "last"]).stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut piped.stdin.take().unwrap(), b"yes\nyes\n").unwrap();
    assert_eq!(piped.wait().unwrap().code(), Some(4));
    assert_eq!(status(&place)["waiting"][0]["key"], "go");
}

#[test]
fn a_command_that_outlived_its_executor_ends_while_somebody_waits_at_the_terminal() {
    let place = Place::new();
    place.write(
        "slow.rb",
        r#"
runbook slow, "Slow" do
  step change, "Change" do
    undo none, because: "a list of words"
    sh "touch begun; until [ -e go ]; do sleep 0.05; done", key: big, timeout: 5.min
  end
end
"#,
    );
    let run = Background::start(&place, &["exec", "slow.rb"]);
    eventually("the write runs", || place.path("begun").exists());
    run.kill();
    let mut terminal = Terminal::open(&place, &["resume", "last"]);
    terminal.sees("still runs:");
    terminal.sees("it is waited for");
    std::fs::write(place.path("go"), "").unwrap();
    terminal.asked("In doubt: did it run?");
    terminal.types("ran\r");
    assert_eq!(terminal.ends(), 0, "{}", terminal.shown);
}

#[test]
fn a_slip_in_the_name_of_the_environment_is_asked_again() {
    let place = Place::new();
    place.write(
        "env.rb",
        &QUESTION
            .replace("runbook asks, \"Asks\" do", "runbook asks, \"Asks\" do\n  environments production, rehearsal"),
    );
    let mut terminal = Terminal::open(&place, &["exec", "env.rb"]);
    terminal.sees("environment (production, rehearsal): ");
    terminal.types("prodction\r");
    terminal.sees("there is no environment `prodction`; did you mean `production`?");
    terminal.sees("environment (production, rehearsal): ");
    terminal.types("\r");
    terminal.sees("environment (production, rehearsal): ");
    terminal.types("rehearsal\r");
    terminal.asked("Go on?");
    terminal.types("suspend\r");
    assert_eq!(terminal.ends(), 4);
    assert_eq!(status(&place)["environment"], "rehearsal");

    let mut terminal = Terminal::open(&place, &["exec", "env.rb"]);
    terminal.sees("environment (production, rehearsal): ");
    terminal.types("\u{4}");
    assert_eq!(terminal.ends(), 2);
    assert!(terminal.shown.contains("RB0864"), "{}", terminal.shown);
}

#[test]
fn a_terminal_that_is_closed_is_said_by_status_and_log() {
    let place = Place::new();
    place.write("waits.rb", "runbook waits, \"Waits\" do\n  wait 10.min, title: \"Let it settle\"\nend\n");
    let mut terminal = Terminal::open(&place, &["exec", "waits.rb"]);
    terminal.sees("Let it settle");
    assert_eq!(status(&place)["detached_since"], serde_json::Value::Null);
    terminal.signal(Signal::SIGHUP);
    eventually("it is said", || status(&place)["detached_since"].is_string());
    let run = status(&place)["run"].as_str().unwrap().to_owned();
    for (command, said) in [("status", "nobody is there since "), ("log", "nobody is at the terminal any more")] {
        let output = place.run(&[command, "last"]);
        ended(&output, 0);
        let shown = stdout(&output);
        assert!(shown.contains(said) && shown.contains(&format!("runbook attach {run}")), "{shown}");
    }
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.ends(), 4);
    assert_eq!(status(&place)["detached_since"], serde_json::Value::Null);
}
