use jiff::tz::TimeZone;

use super::*;
use crate::engine::action::Words;
use crate::engine::input::Artifact;
use crate::engine::view::RollbackView;
use crate::engine::view::sample::{at, run};
use crate::text::Lang;

fn page(lang: Lang) -> Page {
    Page { lang, zone: TimeZone::get("Asia/Shanghai").unwrap() }
}

#[test]
fn the_report_in_chinese_as_it_was_read() {
    let mut run = run();
    run.steps[1].what.text = "swaks --to ops@example.com".to_owned();
    run.rollback = Some(RollbackView {
        because: Words::own("SLO breach", None),
        at: at("09:32:00"),
        done: true,
        plan: vec![Words::own("kubectl rollout undo", None)],
    });
    let artifacts = vec![Artifact { path: "artifacts/sh.1".to_owned(), sha256: "ab12".to_owned(), bytes: 70_000 }];
    let beside = Beside { exit_code: Some(3), interrupted: false, artifacts };
    assert_eq!(
        markdown(&run, &beside, &page(Lang::Zh)),
        "\
# Phase 5 生产基线上线 — production（模拟运行 SIMULATED）

> 本报告来自模拟运行：没有在任何环境中实际执行。

| 项目 | 内容 |
|---|---|
| 状态 | 等待答复 |
| 结论 | ⏳ 未完成 |
| 环境 | production |
| 运行编号 | `20251118-0900-phase5-k3f9` |
| Runbook | `phase5` `d1` |
| 执行者 | li |
| 负责人 | 王伟 |
| 上线窗口 | 2025-11-18 09:00:00 – 2025-11-18 12:00:00 |
| 开始于 | 2025-11-18 08:30:02 |
| 结束于 | 无数据 |
| 历时 | 无数据 |
| 时区 | Asia/Shanghai |
| 退出码 | 3 |
| 未配置 | prod\\_alerts |

## 未通过的原因

- 邮件通知：已跳过

## SLO 指标：持续监控

| 指标 | 目标 | 最小值 | 最大值 | 平均值 | 最近值 | 整体 | 达标 |
|---|---|---|---|---|---|---|---|
| HTTP 成功率 | ≥ 98% | 97.996% | 99.20% | 98.60% | 97.996% | 97.996% | ❌ 未达标 |
| P99 延迟 | ≤ 2 s | 0.412 s | 0.600 s | 0.506 s | 0.600 s | 0.600 s | ✅ 达标 |
| 插件重载成功率 | ≥ 95% | 无数据 | 无数据 | 无数据 | 无数据 | 无数据 | ⚠️ 无数据 |

已采集 2/3 个样本，遗漏 1 个，出错 0 个

- 3 项指标：1 ❌ 未达标 · 1 ⚠️ 无数据 · 1 ✅ 达标
- 插件重载成功率：区间内没有发生任何事件（0 ÷ 0）
- HTTP 成功率：3 个样本中有 1 个未达标

## 样本：持续监控

| # | 时间 | HTTP 成功率 | P99 延迟 | 插件重载成功率 | 说明 |
|---|---|---|---|---|---|
| 1 | 09:10:00 | 99.20% | 0.412 s | 无数据 |  |
| 2 | 09:20:00 | 无数据 | 无数据 | 无数据 | 遗漏：到期时没有执行者 |
| 3 | 09:30:00 | ❌ 97.996% | 0.600 s | 无数据 | 此前计数器已归零；覆盖 2 个区间 |

## 问题清单

1. `findings`
   - advice：未填写
   - impact：low
   - problem：邮件中继不可用

## 回滚

原因：SLO breach（2025-11-18 09:32:00，已完成）

1. `kubectl rollout undo`

## 偏离

| 时间 | 人员 | 内容 |
|---|---|---|
| 2025-11-18 08:31:10 | li | 跳过 prechecks/alerting/mail：relay is down |

## 答复记录

| 时间 | 问题 | 答复 | 人员 | 备注与证据 |
|---|---|---|---|---|
| 2025-11-18 08:40:00 | 上一个稳定版本标识 | v2.4.1 | 王伟（由 li 代为输入） |  |

## 备注

- 2025-11-18 09:12:00 基线值：HTTP 99.2%

## 执行记录

| 时间 | 内容 | 状态 | 历时 | 说明 |
|---|---|---|---|---|
| 08:31:00 | 事前检查 | ✅ 通过 | 1.2 秒 |  |
| 08:31:00 | &emsp;&emsp;邮件通知 | ⏭️ 已跳过 | 1.2 秒 | 退出码 1 |
| 08:31:00 | 持续监控 | ⏳ 未完成 | 1.2 秒 |  |

### 命令与请求

`prechecks/alerting/mail#1`

```text
swaks --to ops@example.com
```

## 证据文件

| 文件 | 字节 | SHA-256 |
|---|---|---|
| `artifacts/sh.1` | 70000 | `ab12` |
"
    );
}

#[test]
fn a_run_that_is_real_does_not_say_that_it_is_simulated() {
    let mut run = run();
    run.simulated = false;
    run.environment = None;
    let text = markdown(&run, &Beside::default(), &page(Lang::En));
    assert!(text.starts_with("# Phase 5 production baseline\n\n| Fact | Value |\n"), "{text}");
    assert!(!text.contains("SIMULATED"));
    assert!(text.contains("| Environment | none |"));
    assert!(text.contains("| Finished | no data |"));
}
