//! What a report of a run says, section by section.

use super::document::{Block, Document, Text};
use super::model::{Beside, status};
use super::page::Page;
use super::table::{ALL_COLUMNS, objective_blocks, sample_block};
use super::words;
use crate::engine::view::{RunView, StepView};
use crate::engine::words::status as status_word;
use crate::value::{Value, human};

/// All of it.
pub fn document(run: &RunView, beside: &Beside, page: &Page) -> Document {
    let simulated = if run.simulated { page.pick(" (SIMULATED)", "（模拟运行 SIMULATED）") } else { "" };
    let environment = run.environment.as_ref().map(|name| format!(" — {name}")).unwrap_or_default();
    let warning = page.pick(
        "This is a simulation: nothing of it happened in any environment.",
        "本报告来自模拟运行：没有在任何环境中实际执行。",
    );
    let mut out = Document {
        title: Text::Outside(format!("{}{environment}{simulated}", run.title.said(page.lang))),
        warning: run.simulated.then(|| warning.to_owned()),
        facts: facts(run, beside, page),
        sections: Vec::new(),
    };
    let reasons = run.reasons.iter().map(|reason| Text::outside(reason.said(page.lang))).collect();
    out.section(page.pick("Why it is not passed", "未通过的原因"), vec![Block::List(reasons)], None);
    for (index, observation) in run.observations.iter().enumerate() {
        let title = observation.title.said(page.lang);
        let heading = page.lang.pick(format!("Objectives: {title}"), format!("SLO 指标：{title}"));
        out.section(&heading, objective_blocks(observation, ALL_COLUMNS, page), Some(index));
        let heading = page.lang.pick(format!("Samples: {title}"), format!("样本：{title}"));
        out.section(&heading, vec![sample_block(observation, page)], None);
    }
    out.section(page.pick("Problems", "问题清单"), problems(run, page), None);
    out.section(page.pick("Alerts", "告警"), alerts(run, page), None);
    out.section(page.pick("Rollback", "回滚"), rollback(run, page), None);
    out.section(page.pick("Deviations", "偏离"), deviations(run, page), None);
    out.section(page.pick("Checklist and open work", "清单与待办"), items(run, page), None);
    out.section(page.pick("Answers", "答复记录"), answers(run, page), None);
    out.section(page.pick("Notes", "备注"), notes(run, page), None);
    out.section(page.pick("What ran", "执行记录"), steps(run, page), None);
    out.section(page.pick("Evidence", "证据文件"), artifacts(beside, page), None);
    out
}

fn facts(run: &RunView, beside: &Beside, page: &Page) -> Block {
    let mut rows: Vec<Vec<Text>> = Vec::new();
    let mut fact = |en: &str, zh: &str, value: Option<Text>| {
        rows.push(vec![Text::ours(page.pick(en, zh)), value.unwrap_or_else(|| Text::ours(page.no_data()))]);
    };
    fact("Status", "状态", Some(Text::ours(status_word(status(run, beside), page.lang))));
    fact("Verdict", "结论", run.verdict.map(|verdict| Text::ours(words::verdict(verdict, page.lang))));
    if let Some(signoff) = &run.signoff {
        let by = words::by(signoff, page.lang);
        fact("Sign-off", "签字", Some(Text::Outside(format!("{} — {by}", words::answer(signoff, page)))));
    }
    let none = Text::ours(page.pick("none", "未指定"));
    fact("Environment", "环境", Some(run.environment.as_deref().map_or(none, Text::outside)));
    fact("Run", "运行编号", Some(Text::code(&run.run)));
    fact("Runbook", "Runbook", Some(Text::Spaced(vec![Text::code(&run.runbook), Text::code(&run.digest)])));
    fact("Executor", "执行者", Some(Text::outside(&run.executor)));
    fact("Owner", "负责人", run.owner.as_deref().map(Text::outside));
    if let Some((from, to)) = run.window {
        fact("Window", "上线窗口", Some(Text::ours(format!("{} – {}", page.moment(from), page.moment(to)))));
    }
    fact("Started", "开始于", run.started_at.map(|time| Text::ours(page.moment(time))));
    fact("Finished", "结束于", run.finished_at.map(|time| Text::ours(page.moment(time))));
    let took = run.started_at.zip(run.finished_at).map(|(from, to)| human::span(to.duration_since(from), page.lang));
    fact("Took", "历时", took.map(Text::Ours));
    fact("Time zone", "时区", Some(Text::outside(&run.timezone)));
    if let Some(exit_code) = beside.exit_code {
        fact("Exit code", "退出码", Some(Text::ours(exit_code.to_string())));
    }
    if !run.absent.is_empty() {
        fact("Not configured", "未配置", Some(Text::Outside(run.absent.join(", "))));
    }
    Block::Table { head: heads(page, &[("Fact", "项目"), ("Value", "内容")]), rows }
}

fn heads(page: &Page, names: &[(&str, &str)]) -> Vec<Text> {
    names.iter().map(|(en, zh)| Text::ours(page.pick(en, zh))).collect()
}

/// Rows under their headings; nothing without rows.
fn rows(page: &Page, names: &[(&str, &str)], rows: Vec<Vec<Text>>) -> Vec<Block> {
    if rows.is_empty() { Vec::new() } else { vec![Block::Table { head: heads(page, names), rows }] }
}

fn problems(run: &RunView, page: &Page) -> Vec<Block> {
    let field = |(name, value): (&String, &Value)| {
        let value = if *value == Value::Null {
            page.pick("left empty", "未填写").to_owned()
        } else {
            human::value(value, &page.zone, page.lang)
        };
        Text::Outside(format!("{name}{}{value}", page.pick(": ", "：")))
    };
    let entry = |(list, entry): &(String, Value)| {
        let fields = if let Value::Map(fields) = entry { fields.iter().map(field).collect() } else { Vec::new() };
        (Text::code(list), fields)
    };
    vec![Block::Numbered(run.problems.iter().map(entry).collect())]
}

fn alerts(run: &RunView, page: &Page) -> Vec<Block> {
    let still = page.pick("still firing", "仍在触发");
    let all: Vec<Vec<Text>> = run
        .alerts
        .iter()
        .map(|alert| {
            let until = alert.until.map_or_else(|| still.to_owned(), |until| page.moment(until));
            let since = Text::ours(page.moment(alert.since));
            vec![Text::outside(&alert.name), Text::outside(&alert.source), since, Text::Ours(until)]
        })
        .collect();
    rows(page, &[("Alert", "告警"), ("Source", "来源"), ("Since", "始于"), ("Until", "至")], all)
}

fn rollback(run: &RunView, page: &Page) -> Vec<Block> {
    let Some(rollback) = &run.rollback else { return Vec::new() };
    let done = if rollback.done { page.pick("done", "已完成") } else { page.pick("not finished", "未完成") };
    let (because, at) = (&rollback.because, page.moment(rollback.at));
    let says = crate::text!("Because: {} ({}, {})", "原因：{}（{}，{}）", because, at, done);
    let plan = rollback.plan.iter().map(|line| (Text::code(line.said(page.lang)), Vec::new())).collect();
    vec![Block::Says(Text::outside(says.get(page.lang))), Block::Numbered(plan)]
}

fn deviations(run: &RunView, page: &Page) -> Vec<Block> {
    let all: Vec<Vec<Text>> = run
        .deviations
        .iter()
        .map(|one| {
            vec![Text::ours(page.moment(one.at)), Text::outside(&one.by), Text::outside(one.what.get(page.lang))]
        })
        .collect();
    rows(page, &[("At", "时间"), ("Who", "人员"), ("What", "内容")], all)
}

fn items(run: &RunView, page: &Page) -> Vec<Block> {
    let all: Vec<Vec<Text>> = run
        .items
        .iter()
        .map(|item| {
            let by = Text::outside(item.by.as_deref().unwrap_or_default());
            vec![Text::outside(item.title.said(page.lang)), Text::ours(words::verdict(item.state, page.lang)), by]
        })
        .collect();
    rows(page, &[("Item", "事项"), ("State", "状态"), ("By", "人员")], all)
}

fn answers(run: &RunView, page: &Page) -> Vec<Block> {
    let all: Vec<Vec<Text>> = run
        .answers
        .iter()
        .map(|answer| {
            let said: Vec<&str> = [&answer.note, &answer.evidence].into_iter().flatten().map(String::as_str).collect();
            let title = answer.title.said(page.lang);
            vec![
                Text::ours(page.moment(answer.at)),
                if title.is_empty() { Text::code(&answer.static_key) } else { Text::outside(title) },
                Text::Outside(words::answer(answer, page)),
                Text::Outside(words::by(answer, page.lang)),
                Text::Outside(said.join("\n")),
            ]
        })
        .collect();
    let names =
        [("At", "时间"), ("Question", "问题"), ("Answer", "答复"), ("By", "人员"), ("Note, evidence", "备注与证据")];
    rows(page, &names, all)
}

fn notes(run: &RunView, page: &Page) -> Vec<Block> {
    let note = |(at, text): &(jiff::Timestamp, crate::engine::action::Words)| {
        Text::Spaced(vec![Text::ours(page.moment(*at)), Text::outside(text.said(page.lang))])
    };
    vec![Block::List(run.notes.iter().map(note).collect())]
}

fn steps(run: &RunView, page: &Page) -> Vec<Block> {
    let row = |step: &StepView| {
        let title = step.title.said(page.lang);
        let title = if title.is_empty() { Text::code(&step.static_key) } else { Text::outside(title) };
        let mut detail: Vec<String> = Vec::new();
        if step.attempts > 1 {
            let attempts = step.attempts;
            detail.push(page.lang.pick(format!("{attempts} attempts"), format!("共 {attempts} 次尝试")));
        }
        detail.extend((!step.detail.is_empty()).then(|| step.detail.get(page.lang).to_owned()));
        vec![
            Text::Ours(human::clock(step.started_at, &page.zone)),
            Text::Indented(step.depth, Box::new(title)),
            Text::Ours(words::verdict(step.state, page.lang)),
            Text::Ours(step.took.map(|took| human::span(took, page.lang)).unwrap_or_default()),
            Text::Outside(detail.join("\n")),
        ]
    };
    let all: Vec<Vec<Text>> = run.steps.iter().map(row).collect();
    let mut out =
        rows(page, &[("At", "时间"), ("What", "内容"), ("State", "状态"), ("Took", "历时"), ("Detail", "说明")], all);
    let commands = run.steps.iter().filter(|step| !step.what.is_empty());
    let commands: Vec<(String, String)> = commands.map(|step| (step.key.clone(), command(step, page))).collect();
    if !commands.is_empty() {
        let heading = page.pick("Commands and requests", "命令与请求").to_owned();
        out.push(Block::Commands { heading, all: commands });
    }
    out
}

/// What ran, and below it the script that it was given.
fn command(step: &StepView, page: &Page) -> String {
    let what = step.what.said(page.lang);
    match &step.stdin {
        Some(stdin) => {
            format!("{what}\n{}\n{stdin}", page.pick("with the script, by stdin:", "由标准输入给出的脚本："))
        }
        None => what.to_owned(),
    }
}

fn artifacts(beside: &Beside, page: &Page) -> Vec<Block> {
    let all: Vec<Vec<Text>> = beside
        .artifacts
        .iter()
        .map(|file| vec![Text::code(&file.path), Text::ours(file.bytes.to_string()), Text::code(&file.sha256)])
        .collect();
    rows(page, &[("File", "文件"), ("Bytes", "字节"), ("SHA-256", "SHA-256")], all)
}
