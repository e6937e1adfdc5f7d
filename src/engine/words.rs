//! Words for what the engine names by a bare key, in both languages: they are shown, never journaled, so that another wording
//! in a later version changes no run that waits.

use super::view::ObservationView;
use crate::text::Lang;

/// The status of a run, as [`super::view::RunView::status`] names it, and `interrupted`.
pub fn status(status: &str, lang: Lang) -> &str {
    let (en, zh) = match status {
        "running" => ("running", "运行中"),
        "waiting" => ("waiting for an answer", "等待答复"),
        "suspended" => ("suspended", "已挂起"),
        "interrupted" => ("interrupted: no executor is alive", "已中断：没有存活的执行者"),
        "passed" => ("completed and passed", "已完成，通过"),
        "not_passed" => ("completed, not passed", "已完成，未通过"),
        "rolled_back" => ("rolled back", "已回滚"),
        "aborted" => ("aborted", "已中止"),
        "refused" => ("nothing ran", "未执行任何操作"),
        other => return other,
    };
    lang.pick(en, zh)
}

/// `12 of 12 samples taken, 0 missed, 0 in error`
pub fn samples_taken(observation: &ObservationView, lang: Lang) -> String {
    let ObservationView { taken, count, missed, errors, .. } = observation;
    let of = |between: &str| count.map_or_else(String::new, |count| format!("{between}{count}"));
    lang.pick(
        format!("{taken}{} samples taken, {missed} missed, {errors} in error", of(" of ")),
        format!("已采集 {taken}{} 个样本，遗漏 {missed} 个，出错 {errors} 个", of("/")),
    )
}

/// A built-in choice, as it is told when it was made.
pub fn chosen(key: &str, lang: Lang) -> &str {
    let (en, zh) = match key {
        "yes" => ("yes", "是"),
        "no" => ("no", "否"),
        "retry" => ("try again", "重试"),
        "skip" => ("skip it", "跳过"),
        "rollback" => ("roll back", "回滚"),
        "suspend" => ("suspend", "挂起"),
        "abort" => ("abort without rollback", "中止，不回滚"),
        "ran" => ("it ran; go on", "已经执行，继续"),
        "run_again" => ("run it again", "再执行一次"),
        "go_on" => ("go on", "继续"),
        "run" => ("run it", "执行"),
        "done" => ("done", "已完成"),
        "failed" => ("failed", "失败"),
        "not_applicable" => ("not applicable", "不适用"),
        "fail" => ("counts as not passed", "记为未通过"),
        other => return other,
    };
    lang.pick(en, zh)
}

/// Its title in a menu, which also says what is still to be typed, or comes of it.
pub fn choice(key: &str, lang: Lang) -> String {
    let (en, zh) = match key {
        "skip" | "rollback" | "abort" | "not_applicable" => (", with a reason", "（须说明原因）"),
        "suspend" => ("; `resume` goes on", "，之后用 resume 继续"),
        _ => ("", ""),
    };
    format!("{}{}", chosen(key, lang), lang.pick(en, zh))
}
