//! What an effect does, as a line for people. Its English is what programs, keys and digests have.

use super::resolve::shown;
use crate::engine::action::{Effect, Report, ReportContent, Shell};
use crate::text;
use crate::text::Text;

/// The full command or request.
pub(crate) fn describe(effect: &Effect) -> Text {
    match effect {
        Effect::Shell(shell) => Text::verbatim(&shell.command),
        Effect::Http(http) => Text::verbatim(format!("{} {}", http.method, shown(&http.url))),
        Effect::Scrape(scrape) if scrape.queries.is_some() => {
            let urls = scrape.urls.join(", ");
            text!("ask {urls}", "查询 {urls}")
        }
        Effect::Scrape(scrape) => {
            let urls = scrape.urls.join(", ");
            text!("scrape {urls}", "抓取 {urls}")
        }
        Effect::Alerts(alerts) => text!("alerts of {}", "{} 的告警", alerts.url),
        Effect::Notify(notify) => text!("notify {}: {}", "通知 {}：{}", notify.channel, notify.text),
        Effect::Copy { from, to } => text!("copy {from} to {to}", "复制 {from} 到 {to}"),
        Effect::Update(update) => match &update.under {
            Some(under) => text!("update {} under {under}", "更新 {} 中的 {under}", update.file),
            None => text!("update {}", "更新 {}", update.file),
        },
        Effect::Report(Report { content: ReportContent::Chart { .. }, to, .. }) => {
            text!("chart to {to}", "绘制图表到 {to}")
        }
        Effect::Report(report) => text!("report to {}", "写报告到 {}", report.to),
        Effect::Append { path, .. } => text!("append to {path}", "追加到 {path}"),
        Effect::Restore { path, .. } => text!("restore {path} as it was before", "把 {path} 恢复为之前的内容"),
        Effect::Lock { target } => text!("lock {target}", "锁定 {target}"),
        Effect::Unlock { target } => text!("unlock {target}", "解锁 {target}"),
        Effect::Ask(_) => Text::default(),
    }
}

/// The script that a command is given: `ssh web-1 bash -s` alone does not say what will happen. A secret is named.
pub(crate) fn stdin(effect: &Effect) -> Option<String> {
    let Effect::Shell(Shell { stdin: Some(stdin), .. }) = effect else { return None };
    Some(shown(stdin).trim_end().to_owned()).filter(|stdin| !stdin.is_empty())
}
