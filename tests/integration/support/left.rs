//! What a run of the go-live must leave for people: its report, the JSON beside it, the lines on the screen.

use jiff::tz::TimeZone;
use runbook::report::markdown::markdown;
use runbook::report::model::{Beside, model};
use runbook::report::page::{Page, cell};
use runbook::report::words;
use runbook::text::Lang;
use serde_json::Value as Json;

use super::simulated::Played;

fn page() -> Page {
    Page { lang: Lang::Zh, zone: TimeZone::get("Asia/Shanghai").unwrap() }
}

/// The line of a text that begins so.
fn line<'a>(text: &'a str, begin: &str) -> &'a str {
    text.lines().find(|line| line.starts_with(begin)).unwrap_or_else(|| panic!("{begin} is not in\n{text}"))
}

/// The numbers and verdicts of the report are those of the JSON.
fn tells_the_same(text: &str, model: &Json, name: &str) {
    let slos = model["slos"].as_array().unwrap();
    assert_eq!(slos.len(), 5);
    for slo in slos {
        let row = line(text, &format!("| {} |", slo["title"].as_str().unwrap()));
        let passed = slo["verdict"] == "pass";
        assert_eq!(row.contains('✅'), passed, "{name}: {row}");
        assert_eq!(row.contains("❌"), slo["verdict"] == "breach", "{name}: {row}");
        let numbers = ["min", "max", "mean"].map(|column| slo[column].as_f64());
        assert_eq!(row.matches("无数据 |").count() >= 3, numbers.iter().all(Option::is_none), "{name}: {row}");
    }
}

/// How the report of a scenario says in one sentence how it went.
const SUMMARIES: &[(&str, &str)] = &[
    ("healthy", "Phase 5 生产基线观察已**成功**完成。"),
    ("terminate", "Phase 5 生产基线观察**失败**：2025-11-18 09:33:31 因“SLO 未达标”已回滚。"),
    ("breach-p99", "Phase 5 生产基线观察已完成，但**未达标**。"),
    ("blip", "Phase 5 生产基线观察已**部分成功**完成：有样本遗漏、出错，或有指标没有数据、没有正常上报。"),
    ("token", "Phase 5 生产基线观察**未开始**。"),
];

/// Lines that the operator of `terminate` saw.
const SEEN: &[&str] = &[
    "08:30:00  ▶  Phase 5 生产基线上线  production  模拟运行 SIMULATED",
    "08:31:00  ━━ 事前检查  计划 08:30–09:00  晚 1 分",
    "08:31:00  ≡  环境配置：6 项通过",
    "09:30:00  ●  样本 3/12  baseline",
    "             ✗  HTTP 成功率       90.40%  ≥ 98%  ██▁  达到告警阈值",
    "             ✓  P99 延迟         0.894 s  ≤ 2 s  ▁▁▁",
    "             下一个样本 09:40:00（10 分后）",
    "09:33:01  ◆  决策：终止并回滚  — zhao.lei",
    "09:33:31  ↺  回滚：SLO 未达标",
    "09:33:31    →  kubectl -n default rollout undo deployment/metasheet --to-revision=41",
    "09:38:01  ↺  Phase 5 生产基线上线：已回滚  模拟运行 SIMULATED",
    "             SLO HTTP 成功率：未达标",
];

/// The completion report says what the run says; so do the JSON, the report of the program itself, and the
/// screen.
pub(crate) fn for_people(played: &Played, name: &str) {
    let text = played.written("results/phase5-20251118/report.md").unwrap();
    assert!(text.starts_with("# Phase 5 生产基线观察报告（模拟运行 SIMULATED）\n"), "{name}");
    let beside = Beside { exit_code: Some(0), ..Beside::default() };
    let model = model(&played.view, &beside);
    if !played.view.observations.is_empty() {
        tells_the_same(&text, &model, name);
    }
    let whole = markdown(&played.view, &beside, &page());
    for answer in &played.view.answers {
        let shown = answer.title.text.lines().next().unwrap_or_default();
        assert!(whole.contains(&cell(shown)), "{name}: {shown} is not in the report");
    }
    let verdict = played.view.verdict.unwrap();
    assert_eq!(model["verdict"], verdict.as_str());
    assert!(whole.contains(&format!("| {} |", words::verdict(verdict, Lang::Zh))), "{name}");
    if let Some((_, sentence)) = SUMMARIES.iter().find(|(of, _)| *of == name) {
        assert!(text.lines().any(|line| line == *sentence), "{name}:\n{text}");
    }
    if name == "terminate" {
        for shown in SEEN {
            assert!(played.screen.iter().any(|line| line == shown), "{shown} is not in\n{}", played.screen.join("\n"));
        }
    }
}
