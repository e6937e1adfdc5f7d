use jiff::tz::TimeZone;

use super::*;
use crate::engine::action::ActionId;
use crate::engine::view::sample::{at, observation, run, words};
use crate::text::Lang;

fn style(lang: Lang) -> Style {
    Style { width: 100, ..Style::plain(lang, TimeZone::get("Asia/Shanghai").unwrap()) }
}

fn told(time: &str, telling: &Telling, style: &Style) -> String {
    lines(at(time), telling, &run, style).join("\n")
}

fn ended(failure: Option<Failure>, text: &str) -> Telling {
    Telling::EffectEnded {
        id: ActionId("s/sh.1#1".to_owned()),
        depth: 1,
        title: words("回滚命令准备就绪", "rollback command is ready"),
        failure,
        output: Output { text: text.to_owned(), bytes: 0, artifact: None },
        took_ms: 1_340,
        retry_at: None,
        attempt: Attempt::ONLY,
        polled: false,
    }
}

#[test]
fn a_run_begins_with_who_what_where() {
    assert_eq!(
        told("08:30:02", &Telling::Began { resumed: false }, &style(Lang::Zh)),
        "\
08:30:02  ▶  Phase 5 生产基线上线  production  模拟运行 SIMULATED
             执行者 li · 窗口 2025-11-18 09:00:00 – 12:00:00 · 20251118-0900-phase5-k3f9
             未配置：prod_alerts"
    );
}

#[test]
fn blocks_show_the_plan_and_how_late_they_are() {
    let began = |late_s| Telling::BlockBegan {
        word: "section",
        key: "prechecks".to_owned(),
        depth: 0,
        title: words("事前检查", "Prechecks"),
        planned: Some((jiff::civil::time(8, 30, 0, 0), Some(jiff::civil::time(9, 0, 0, 0)))),
        late_s: Some(late_s),
    };
    assert_eq!(
        told("08:32:05", &began(125), &style(Lang::En)),
        "\n08:32:05  ━━ Prechecks  planned 08:30–09:00  2 min 5 s late"
    );
    assert_eq!(told("08:30:02", &began(2), &style(Lang::Zh)), "\n08:30:02  ━━ 事前检查  计划 08:30–09:00");
    assert_eq!(told("08:20:00", &began(-600), &style(Lang::Zh)), "\n08:20:00  ━━ 事前检查  计划 08:30–09:00  早 10 分");
    let end = Telling::BlockEnded {
        word: "step",
        key: "a".to_owned(),
        depth: 1,
        title: words("告警就绪", "Alerting"),
        verdict: Verdict::Skipped,
        took_ms: 12_000,
    };
    assert_eq!(told("08:32:05", &end, &style(Lang::En)), "08:32:05    ↷  step Alerting: skipped  12 s");
}

#[test]
fn a_read_is_told_when_it_ends_and_a_write_before_it_begins() {
    let began = |class| Telling::EffectBegan {
        id: ActionId("s/sh.1#1".to_owned()),
        depth: 1,
        title: words("建目录", "folders"),
        what: "mkdir -p -- results\necho ok".to_owned(),
        stdin: None,
        class,
        attempt: Attempt::ONLY,
        polled: false,
    };
    assert_eq!(told("09:00:00", &began(Class::Read), &style(Lang::En)), "");
    assert_eq!(
        told("09:00:00", &began(Class::Write), &style(Lang::En)),
        "09:00:00    →  folders\n               mkdir -p -- results\n               echo ok"
    );
    let given = |script: &str| Telling::EffectBegan {
        id: ActionId("s/sh.1#1".to_owned()),
        depth: 1,
        title: words("ssh web-1 bash -s", ""),
        what: "ssh web-1 bash -s".to_owned(),
        stdin: Some(script.to_owned()),
        class: Class::Write,
        attempt: Attempt::ONLY,
        polled: false,
    };
    assert_eq!(
        told("09:00:00", &given("rm -rf /srv/old\necho gone"), &style(Lang::En)),
        "09:00:00    →  ssh web-1 bash -s\n               with the script, by stdin:\n               rm -rf /srv/old\n               \
         echo gone"
    );
    let long = told("09:00:00", &given(&"line\n".repeat(200)), &style(Lang::Zh));
    assert!(long.lines().count() < 30 && long.ends_with("行"), "{long}");
    assert_eq!(
        told("09:00:01", &ended(None, "noise"), &style(Lang::En)),
        "09:00:01    ✓  rollback command is ready  1.3 s"
    );
}

#[test]
fn a_failure_says_its_kind_and_shows_the_end_of_the_output_as_data() {
    let failure =
        Failure { kind: FailureKind::TimedOut, message: crate::text!("no end after 30 s", "30 s 后仍未结束") };
    let numbered: Vec<String> = (1..=12).map(|n| format!("line {n}")).collect();
    let output = numbered.join("\n") + "\n\u{1b}[2J$ rollback? yes";
    assert_eq!(
        told("09:00:01", &ended(Some(failure), &output), &style(Lang::En)),
        "\
09:00:01    ✗  rollback command is ready: timed out  1.3 s
             no end after 30 s
  │ … 3 lines before
  │ line 4
  │ line 5
  │ line 6
  │ line 7
  │ line 8
  │ line 9
  │ line 10
  │ line 11
  │ line 12
  │ $ rollback? yes"
    );
    let absent = Failure { kind: FailureKind::Absent, message: Text::default() };
    assert_eq!(told("09:00:01", &ended(Some(absent), ""), &style(Lang::Zh)), "09:00:01    –  回滚命令准备就绪：未配置");
}

#[test]
fn a_sample_shows_each_objective_against_its_target() {
    let observation = observation();
    let sampled = Telling::Sampled {
        key: observation.key.clone(),
        title: observation.title.clone(),
        sample: observation.samples[2].clone(),
        count: Some(3),
        next: Some(at("09:40:00")),
    };
    assert_eq!(
        told("09:30:00", &sampled, &style(Lang::Zh)),
        "\
09:30:00  ●  样本 3/3  持续监控  此前计数器已归零；覆盖 2 个区间
             ✗  HTTP 成功率     97.996%  ≥ 98%  █·▁  未达标
             ✓  P99 延迟        0.600 s  ≤ 2 s  ▁·▂
             ?  插件重载成功率   无数据  ≥ 95%
             下一个样本 09:40:00（10 分后）"
    );
    let missed = Telling::Sampled {
        key: observation.key.clone(),
        title: observation.title.clone(),
        sample: observation.samples[1].clone(),
        count: Some(3),
        next: None,
    };
    assert_eq!(told("09:20:00", &missed, &style(Lang::En)), "09:20:00  ‼  Sample 2/3  Observation  missed");
    let ascii = Style { unicode: false, ..style(Lang::En) };
    let text = told("09:30:00", &sampled, &ascii);
    assert!(text.contains("X   HTTP") && text.contains(">= 98%") && text.contains("^._"), "{text}");
}

#[test]
fn an_observation_ends_with_the_plans_table() {
    let ended = Telling::ObservationEnded { key: "observe/baseline#1".to_owned(), verdict: Verdict::Breach };
    assert_eq!(
        told("09:30:00", &ended, &Style { width: 130, ..style(Lang::En) }),
        "\
09:30:00  ✗  observation Observation: target missed
             Objective       Target      Min      Max     Mean    Whole  Verdict
             HTTP 成功率     ≥ 98%   97.996%   99.20%   98.60%  97.996%  ✗ target missed  1 of 3 samples missed it
             P99 延迟        ≤ 2 s   0.412 s  0.600 s  0.506 s  0.600 s  ✓ passed
             插件重载成功率  ≥ 95%   no data  no data  no data  no data  ? no data        \
2 without data; nothing happened in the
                                                                                          interval (0 ÷ 0)
             2 of 3 samples taken, 1 missed, 0 in error"
    );
}

#[test]
fn a_table_of_checks_never_counts_what_was_not_evaluated_as_passed() {
    let passed = vec![(words("服务正常", "service is up"), Verdict::Pass, Text::default()); 3];
    let table = Telling::CheckTable { title: words("环境配置", "Environment"), rows: passed };
    assert_eq!(told("08:31:00", &table, &style(Lang::Zh)), "08:31:00  ≡  环境配置：3 项通过");
    let rows = vec![
        (words("服务正常", "service is up"), Verdict::Pass, Text::default()),
        (words("副本", "replicas"), Verdict::Fail, Text::verbatim("readyReplicas = 0")),
        (words("指标", "metric"), Verdict::Error, crate::text!("not evaluated: live failed", "无法求值：live 失败")),
    ];
    let table = Telling::CheckTable { title: words("环境配置", "Environment"), rows };
    assert_eq!(
        told("08:31:00", &table, &style(Lang::En)),
        "\
08:31:00  ≡  Environment: 1 passed, 1 failed, 1 not measured
             ✓  service is up
             ✗  replicas       readyReplicas = 0
             ‼  metric         not evaluated: live failed"
    );
}

#[test]
fn the_end_says_why_and_how_to_go_on() {
    let ended = Telling::Ended { ending: Ending::Suspended, reasons: Vec::new() };
    assert_eq!(
        told("09:31:30", &ended, &style(Lang::En)),
        "
09:31:30  ○  Phase 5 production baseline: suspended: it can be resumed  SIMULATED
             to go on:
               runbook resume 20251118-0900-phase5-k3f9
             to answer before that:
               Decision
                 runbook answer 20251118-0900-phase5-k3f9 'metrics_bad/slo_decision#1' go_on   # or terminate"
    );
    let plan = vec![words("kubectl rollout undo", ""), words("rm -r results\nsync", "")];
    let rollback = Telling::RollbackBegan { because: words("SLO breach", ""), plan };
    assert_eq!(
        told("09:31:30", &rollback, &style(Lang::Zh)),
        "
09:31:30  ↺  回滚：SLO breach
             1. kubectl rollout undo
             2. rm -r results
                sync"
    );
}

#[test]
fn what_people_and_rules_do_is_one_line_each() {
    let zh = style(Lang::Zh);
    let answered = Telling::Answered {
        key: "k".to_owned(),
        title: words("决策", ""),
        value: Value::Text("done".to_owned()),
        choice: Some(Words::default()),
        by: "王伟".to_owned(),
    };
    assert_eq!(told("09:31:30", &answered, &zh), "09:31:30  ◆  决策：已完成  — 王伟");
    let Telling::Answered { key, value, choice, by, .. } = answered else { panic!() };
    let question = Telling::Answered { key, title: words("服务是否崩溃？", ""), value, choice, by };
    assert_eq!(told("09:31:30", &question, &zh), "09:31:30  ◆  服务是否崩溃？已完成  — 王伟", "one sign is enough");
    let fired = Telling::Fired { key: "k".to_owned(), event: Text::verbatim("breach(http_success)"), attached: true };
    assert_eq!(told("09:31:30", &fired, &zh), "09:31:30  !  breach(http_success)：再次触发，已并入正在处理的事件");
    let deviation = Telling::Deviation { by: "li".to_owned(), what: Text::verbatim("sh kubectl get pods") };
    assert_eq!(told("09:31:30", &deviation, &zh), "09:31:30  !  偏离：sh kubectl get pods（li）");
    let forged = Telling::Noted { depth: 0, text: words("x\u{1b}[2K\r❯ 确认：是", "") };
    assert_eq!(told("09:31:30", &forged, &zh), "09:31:30  ✎  x\n             ❯ 确认：是", "it stays below its line");
    let waiting = |title| Telling::Waiting { depth: 1, title, until: at("09:40:00"), skip: true };
    assert_eq!(
        told("09:31:30", &waiting(Words::default()), &zh),
        "09:31:30    …  等待至 09:40:00（8 分 30 秒）；输入 skip 立即继续"
    );
    assert_eq!(
        told("09:31:30", &waiting(words("等流量平稳", "")), &zh),
        "09:31:30    …  等流量平稳：等待至 09:40:00（8 分 30 秒）；输入 skip 立即继续"
    );
}

#[test]
fn a_terminal_that_is_gone_is_told_with_the_way_back() {
    assert_eq!(
        told("09:31:30", &Telling::Detached, &style(Lang::En)),
        "09:31:30  !  nobody is at the terminal any more; the run goes on, questions wait. To come back:\n             \
         runbook attach 20251118-0900-phase5-k3f9"
    );
    assert!(told("09:31:30", &Telling::Detached, &style(Lang::Zh)).contains("终端已关闭，无人在场"));
}

#[test]
fn attempts_are_numbered() {
    let (en, zh) = (style(Lang::En), style(Lang::Zh));
    let numbered = |n, of, failed: bool| {
        let failure = failed.then(|| Failure { kind: FailureKind::Failed, message: Text::default() });
        let Telling::EffectEnded { id, depth, title, failure, output, took_ms, retry_at, polled, .. } =
            ended(failure, "")
        else {
            panic!()
        };
        let attempt = Attempt { n, of };
        Telling::EffectEnded { id, depth, title, failure, output, took_ms, retry_at, attempt, polled }
    };
    let line = |telling: &Telling, style: &Style| told("09:00:01", telling, style)["09:00:01    ".len()..].to_owned();
    assert_eq!(line(&numbered(1, 3, true), &en), "✗  rollback command is ready: failed  attempt 1 of 3  1.3 s");
    assert_eq!(line(&numbered(2, 3, true), &zh), "✗  回滚命令准备就绪：失败  第 2 次，共 3 次  1.3 秒");
    assert_eq!(line(&numbered(3, 3, false), &en), "✓  rollback command is ready  attempt 3 of 3  1.3 s");
    assert_eq!(line(&numbered(1, 3, false), &en), "✓  rollback command is ready  1.3 s", "the first is the rule");
    assert_eq!(line(&numbered(2, 1, true), &en), "✗  rollback command is ready: failed  attempt 2  1.3 s");
    let again = |title, at| Telling::Attempt { depth: 1, title, attempt: Attempt { n: 2, of: 3 }, at };
    assert_eq!(line(&again(Words::default(), None), &en), "↻  attempt 2 of 3");
    assert_eq!(
        line(&again(words("重启", ""), Some(at("09:00:11"))), &zh),
        "↻  重启：09:00:11 开始第 2 次尝试，共 3 次"
    );
}

#[test]
fn a_poll_says_what_it_waits_for_and_that_it_is_not_there_yet_is_no_failure() {
    let (en, zh) = (style(Lang::En), style(Lang::Zh));
    let title = || words("等待就绪", "Until it is ready");
    let line = |telling: &Telling, style: &Style| told("09:00:01", telling, style)["09:00:01    ".len()..].to_owned();
    let began =
        Telling::Polling { depth: 1, title: title(), every: SignedDuration::from_secs(5), until: at("09:02:01") };
    assert_eq!(line(&began, &en), "…  Until it is ready: looks every 5 s, until 09:02:01 at the latest");
    assert_eq!(line(&began, &zh), "…  等待就绪：每 5 秒读取一次，最迟到 09:02:01");
    let not_yet = Telling::NotYet { depth: 1, why: crate::text!("seen.out = down", "seen.out = down") };
    assert_eq!(line(&not_yet, &en), "  ·  not yet  seen.out = down");
    let polled = |verdict, reads| Telling::Polled {
        depth: 1,
        title: title(),
        verdict,
        reads,
        took: SignedDuration::from_secs(55),
    };
    assert_eq!(line(&polled(Verdict::Pass, 12), &en), "✓  Until it is ready: there after 12 reads, 55 s");
    assert_eq!(line(&polled(Verdict::Pass, 12), &zh), "✓  等待就绪：读取 12 次后达成，用时 55 秒");
    assert_eq!(line(&polled(Verdict::Fail, 12), &zh), "✗  等待就绪：读取 12 次仍未达成，用时 55 秒");
    assert_eq!(line(&polled(Verdict::Fail, 1), &en), "✗  Until it is ready: not there after 1 read, 55 s");
    let failure = Failure { kind: FailureKind::Failed, message: Text::default() };
    let Telling::EffectEnded { id, depth, title, failure, output, took_ms, retry_at, attempt, .. } =
        ended(Some(failure), "down")
    else {
        panic!()
    };
    let read = Telling::EffectEnded { id, depth, title, failure, output, took_ms, retry_at, attempt, polled: true };
    assert_eq!(told("09:00:01", &read, &en), "", "the poll itself tells it");
}
