use jiff::tz::TimeZone;

use super::*;
use crate::engine::view::sample::run;
use crate::text::Lang;

fn style(lang: Lang) -> Style {
    Style { width: 110, ..Style::plain(lang, TimeZone::get("Asia/Shanghai").unwrap()) }
}

#[test]
fn the_status_fits_on_a_screen() {
    assert_eq!(
        status(&run(), &style(Lang::En)).join("\n"),
        "\
20251118-0900-phase5-k3f9  Phase 5 production baseline  production  SIMULATED
status          waiting for an answer
executor        li · owner 王伟
started         2025-11-18 08:30:02 (1 h 1 min)
at              持续监控  observe#1
next due        09:40:00 (in 8 min 30 s)
not configured  prod_alerts

Observation
  ✗  HTTP 成功率     97.996%  ≥ 98%  █·▁  target missed
  ✓  P99 延迟        0.600 s  ≤ 2 s  ▁·▂
  ?  插件重载成功率  no data  ≥ 95%
  2 of 3 samples taken, 1 missed, 0 in error

Waiting
  Decision  by 值班 (wang, zhao)
    since 09:30:01
    runbook answer 20251118-0900-phase5-k3f9 'metrics_bad/slo_decision#1' go_on   # or terminate

Deviations
  08:31:10  skipped prechecks/alerting/mail: relay is down (li)

Why it is not passed
  mail: skipped"
    );
}

#[test]
fn metrics_show_the_summary_and_every_sample() {
    assert_eq!(
        metrics(&run(), &Style { width: 130, ..style(Lang::Zh) }).join("\n"),
        "\
持续监控
指标            目标    最小值   最大值   平均值     整体  达标
HTTP 成功率     ≥ 98%  97.996%   99.20%   98.60%  97.996%  ✗ 未达标  3 个样本中 1 个未达标
P99 延迟        ≤ 2 s  0.412 s  0.600 s  0.506 s  0.600 s  ✓ 通过
插件重载成功率  ≥ 95%   无数据   无数据   无数据   无数据  ? 无数据  \
2 个无数据；区间内没有发生任何事件（0 ÷ 0）
已采集 2/3 个样本，遗漏 1 个，出错 0 个

#  时间      HTTP 成功率  P99 延迟  插件重载成功率
1  09:10:00       99.20%   0.412 s          无数据
2  09:20:00       无数据    无数据          无数据  遗漏
3  09:30:00      97.996%   0.600 s          无数据  此前计数器已归零；覆盖 2 个区间"
    );
}

#[test]
fn a_question_is_answered_by_the_name_of_its_pass() {
    let mut run = run();
    let mut second = run.waiting[0].clone();
    let (first, other) = (second.id.clone(), second.id.replace("#1", "#2"));
    second.id.clone_from(&other);
    run.waiting.push(second);
    assert_ne!(first, other);
    for lines in [ways_on(&run, &style(Lang::En)).join("\n"), status(&run, &style(Lang::En)).join("\n")] {
        for id in [&first, &other] {
            assert!(lines.contains(&format!("runbook answer {} '{id}' ", run.run)), "{lines}");
        }
    }
}

#[test]
fn keys_are_quoted_for_the_shell() {
    let mut run = run();
    run.waiting[0].id = "observe/it's!failed#1".to_owned();
    let lines = ways_on(&run, &style(Lang::En)).join("\n");
    assert!(lines.contains(r"runbook answer 20251118-0900-phase5-k3f9 'observe/it'\''s!failed#1' go_on"), "{lines}");
}

#[test]
fn vars_log_why_and_source() {
    let style = style(Lang::En);
    assert_eq!(vars(&run(), &style), ["interval      10 min", "scrape_token  (secret)"]);
    assert_eq!(log(&run(), &style)[1], "08:31:00      ↷  邮件通知  1.2 s  exit code 1".replace("↷  ", "↷ "));
    let why = why(&run(), "prechecks/alerting/mail!failed", &style).join("\n");
    assert!(why.contains("事前检查") && why.contains("not passed before it"), "{why}");
    assert_eq!(source("a\nb\nc\n", 2, &style), [" 2 │ b", " 3 │ c"]);
}

#[test]
fn the_json_has_what_programs_rely_on() {
    let model = json::model(&run(), false, &[]);
    assert_eq!(model["schema"], 1);
    assert_eq!(model["status"], "waiting");
    let waiting = &model["waiting"][0];
    assert_eq!(waiting["key"], "metrics_bad/slo_decision");
    assert_eq!(waiting["kind"], "decide");
    assert_eq!(waiting["options"], serde_json::json!(["go_on", "terminate"]));
    assert_eq!(waiting["since"], "2025-11-18T01:30:01Z");
    assert_eq!(waiting["deadline"], serde_json::Value::Null);
    assert_eq!(json::model(&run(), true, &[])["status"], "interrupted");
    let mut over = run();
    over.status = "passed".to_owned();
    assert_eq!(json::model(&over, true, &[])["status"], "passed", "a run that is over is not interrupted");
}

#[test]
fn a_run_is_at_one_place_in_each_branch() {
    let mut run = run();
    let like = run.steps[0].clone();
    let step = |word: &str, depth: u32, title: &str, state: Verdict| StepView {
        word: word.to_owned(),
        depth,
        title: crate::engine::action::Words { text: title.to_owned(), ..crate::engine::action::Words::default() },
        state,
        ..like.clone()
    };
    run.steps = vec![
        step("step", 0, "Both", Verdict::Pending),
        step("parallel", 1, "At once", Verdict::Pending),
        step("branch", 2, "Europe", Verdict::Pending),
        step("sh", 3, "Deploy Europe", Verdict::Pass),
        step("sample", 3, "Watch Europe", Verdict::Pending),
        step("branch", 2, "Asia", Verdict::Pass),
        step("branch", 2, "America", Verdict::Pending),
    ];
    let at = under_way(&run).into_iter().map(|step| step.title.text.as_str()).collect::<Vec<_>>();
    assert_eq!(at, ["Watch Europe", "America"]);
    run.steps = vec![
        step("step", 0, "Roll out", Verdict::Pending),
        step("each", 1, "Each host", Verdict::Pending),
        step("step", 2, "web-1", Verdict::Pending),
        step("sh", 3, "Restart web-1", Verdict::Pending),
        step("step", 2, "web-2", Verdict::Pass),
        step("step", 2, "web-3", Verdict::Pending),
    ];
    let at = under_way(&run).into_iter().map(|step| step.title.text.as_str()).collect::<Vec<_>>();
    assert_eq!(at, ["Restart web-1", "web-3"]);
}

#[test]
fn a_terminal_that_is_gone_is_said_with_the_way_back() {
    let mut run = run();
    run.detached = run.started_at;
    let line = |lang| status(&run, &style(lang)).into_iter().nth(3).unwrap();
    assert_eq!(
        line(Lang::En),
        "terminal        nobody is there since 08:30:02: questions wait, `runbook attach 20251118-0900-phase5-k3f9` comes back"
    );
    assert!(line(Lang::Zh).starts_with("终端            自 08:30:02 起无人在场"), "{}", line(Lang::Zh));
    assert_eq!(json::model(&run, false, &[])["detached_since"], "2025-11-18T00:30:02Z");
    assert_eq!(json::model(&run, true, &[])["detached_since"], serde_json::Value::Null);
}

#[test]
fn what_was_posted_is_shown_cleaned() {
    let command = Command::Abort { because: "wrong\u{1b}[2J cluster".to_owned() };
    let at = run().started_at.unwrap();
    let posts = [Posted { at, post: Post::Command { by: "ann".to_owned(), command } }];
    assert_eq!(posted(&[], &run(), &style(Lang::En)), Vec::<String>::new());
    assert_eq!(
        posted(&posts, &run(), &style(Lang::En)),
        [
            "",
            "Posted, taken by whoever executes the run",
            "  08:30:02  abort: wrong cluster  — ann",
            "  runbook resume 20251118-0900-phase5-k3f9"
        ]
    );
    assert_eq!(posted(&posts, &run(), &style(Lang::Zh))[1], "已提交，等待执行者接收");
}
