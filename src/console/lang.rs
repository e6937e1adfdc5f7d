//! The words of the console that no runbook gives, each in both languages at one place.

use crate::engine::action::{Ending, PromptKind};
use crate::engine::input::FailureKind;
use crate::text::Lang;

/// A kind of failure. Different ones never share a word.
pub fn failure(kind: FailureKind, lang: Lang) -> &'static str {
    let (en, zh) = match kind {
        FailureKind::Failed => ("failed", "失败"),
        FailureKind::NotStarted => ("could not be started", "无法启动"),
        FailureKind::TimedOut => ("timed out", "超时"),
        FailureKind::Interrupted => ("stopped", "已中断"),
        FailureKind::Unreachable => ("unreachable", "无法访问"),
        FailureKind::BadAnswer => ("wrong answer", "响应无效"),
        FailureKind::Denied => ("access denied", "拒绝访问"),
        FailureKind::TooLarge => ("too much output", "输出过大"),
        FailureKind::InDoubt => ("in doubt: it may have happened", "结果不明：可能已经执行"),
        FailureKind::Absent => ("not configured", "未配置"),
    };
    lang.pick(en, zh)
}

/// How a run left off.
pub fn ending(ending: Ending, lang: Lang) -> &'static str {
    let (en, zh) = match ending {
        Ending::Passed => ("completed and passed", "已完成，通过"),
        Ending::NotPassed => ("completed, not passed", "已完成，未通过"),
        Ending::RolledBack => ("rolled back", "已回滚"),
        Ending::Suspended => ("suspended: it can be resumed", "已挂起，可以继续"),
        Ending::Aborted => ("aborted", "已中止"),
        Ending::Refused => ("nothing ran", "未执行任何操作"),
    };
    lang.pick(en, zh)
}

/// The name of a kind of prompt, for programs.
pub fn kind(kind: &PromptKind) -> &'static str {
    match kind {
        PromptKind::Ask => "ask",
        PromptKind::Confirm { .. } => "confirm",
        PromptKind::Manual { .. } => "manual",
        PromptKind::Item => "item",
        PromptKind::Collect { .. } => "collect",
        PromptKind::Decide => "decide",
        PromptKind::Signoff => "signoff",
        PromptKind::Accept { .. } => "accept",
        PromptKind::Failed { .. } => "failed",
        PromptKind::Paused => "paused",
        PromptKind::Step { .. } => "step",
        PromptKind::InDoubt { .. } => "in_doubt",
        PromptKind::Window { .. } => "window",
        PromptKind::NoData { .. } => "no_data",
        PromptKind::Rollback { .. } => "rollback",
        PromptKind::HalfUndo { .. } => "half_undo",
        PromptKind::NoReturn { .. } => "no_return",
        PromptKind::NextPass { .. } => "next_pass",
    }
}

/// What kind of question it is, for people; stands before its title.
pub fn kind_label(kind: &PromptKind, lang: Lang) -> &'static str {
    let (en, zh) = match kind {
        PromptKind::Ask => ("Question", "填写"),
        PromptKind::Confirm { .. } => ("Confirm", "确认"),
        PromptKind::Manual { .. } => ("To be done by hand", "人工操作"),
        PromptKind::Item => ("Check", "检查项"),
        PromptKind::Collect { .. } => ("To be recorded", "记录"),
        PromptKind::Decide => ("Decision", "决策"),
        PromptKind::Signoff => ("Sign-off", "签字"),
        PromptKind::Accept { .. } => ("Not as it should be: accept it?", "不符合预期：是否接受？"),
        PromptKind::Failed { .. } => ("Failed", "失败"),
        PromptKind::Paused => ("Paused by Ctrl-C", "已按 Ctrl-C 暂停"),
        PromptKind::Step { .. } => ("Next step: go on?", "下一步：是否执行？"),
        PromptKind::InDoubt { .. } => ("In doubt: did it run?", "结果不明：是否已经执行？"),
        PromptKind::Window { .. } => ("Outside the window: go on?", "不在上线窗口内：是否继续？"),
        PromptKind::NoData { .. } => ("No data over the whole observation", "整个观察期没有数据"),
        PromptKind::Rollback { .. } => ("Roll back?", "确认回滚？"),
        PromptKind::HalfUndo { .. } => ("The step failed half-way: undo it?", "步骤中途失败：是否执行其回退？"),
        PromptKind::NoReturn { .. } => ("Point of no return", "不可回退点"),
        PromptKind::NextPass { .. } => ("Go on with the next?", "是否继续下一个？"),
    };
    lang.pick(en, zh)
}

/// A heading of an objectives' table.
pub fn column(name: &str, lang: Lang) -> &str {
    let (en, zh) = match name {
        "objective" => ("Objective", "指标"),
        "target" => ("Target", "目标"),
        "alert" => ("Alert", "告警"),
        "min" => ("Min", "最小值"),
        "max" => ("Max", "最大值"),
        "mean" => ("Mean", "平均值"),
        "last" => ("Last", "最近值"),
        "whole" => ("Whole", "整体"),
        "verdict" => ("Verdict", "达标"),
        "breaches" => ("Breaches", "未达标样本"),
        other => return other,
    };
    lang.pick(en, zh)
}

/// The word of a block.
pub fn block(word: &str, lang: Lang) -> &str {
    let (en, zh) = match word {
        "section" => ("section", "阶段"),
        "step" => ("step", "步骤"),
        "precheck" => ("precheck", "事前检查"),
        "verify" => ("verify", "验证"),
        "checklist" => ("checklist", "清单"),
        "parallel" => ("at once", "同时执行"),
        "branch" => ("branch", "分支"),
        "scenario" => ("scenario", "场景"),
        other => return other,
    };
    lang.pick(en, zh)
}

/// The mark of a run that is none.
pub fn simulated(lang: Lang) -> &'static str {
    lang.pick("SIMULATED", "模拟运行 SIMULATED")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_failures_have_different_words() {
        let kinds = [
            FailureKind::Failed,
            FailureKind::NotStarted,
            FailureKind::TimedOut,
            FailureKind::Interrupted,
            FailureKind::Unreachable,
            FailureKind::BadAnswer,
            FailureKind::Denied,
            FailureKind::TooLarge,
            FailureKind::InDoubt,
            FailureKind::Absent,
        ];
        for lang in [Lang::En, Lang::Zh] {
            let mut words: Vec<&str> = kinds.iter().map(|kind| failure(*kind, lang)).collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), kinds.len());
        }
    }
}
