//! The report for people, as Markdown.

use super::model::{Beside, status};
use super::page::{Page, block, cell, code, table};
use super::table::{ALL_COLUMNS, objectives, samples};
use super::words;
use crate::engine::view::{RunView, StepView};
use crate::engine::words::status as status_word;
use crate::value::{Value, human};

/// All of it.
pub fn markdown(run: &RunView, beside: &Beside, page: &Page) -> String {
    let mut out = String::new();
    let simulated = if run.simulated { page.pick(" (SIMULATED)", "（模拟运行 SIMULATED）") } else { "" };
    let environment = run.environment.as_ref().map(|name| format!(" — {}", cell(name))).unwrap_or_default();
    out.extend([format!("# {}{environment}{simulated}\n\n", cell(run.title.said(page.lang)))]);
    if run.simulated {
        let text = page.pick(
            "> This is a simulation: nothing of it happened in any environment.",
            "> 本报告来自模拟运行：没有在任何环境中实际执行。",
        );
        out.extend([format!("{text}\n\n")]);
    }
    out.push_str(&facts(run, beside, page));
    let reasons = run.reasons.iter().map(|reason| format!("- {}\n", cell(reason.said(page.lang)))).collect::<Vec<_>>();
    section(&mut out, page.pick("Why it is not passed", "未通过的原因"), &reasons.concat());
    for observation in &run.observations {
        let title = cell(observation.title.said(page.lang));
        let heading = page.lang.pick(format!("Objectives: {title}"), format!("SLO 指标：{title}"));
        section(&mut out, &heading, &objectives(observation, ALL_COLUMNS, page));
        let heading = page.lang.pick(format!("Samples: {title}"), format!("样本：{title}"));
        section(&mut out, &heading, &samples(observation, page));
    }
    section(&mut out, page.pick("Problems", "问题清单"), &problems(run, page));
    section(&mut out, page.pick("Alerts", "告警"), &alerts(run, page));
    section(&mut out, page.pick("Rollback", "回滚"), &rollback(run, page));
    section(&mut out, page.pick("Deviations", "偏离"), &deviations(run, page));
    section(&mut out, page.pick("Checklist and open work", "清单与待办"), &items(run, page));
    section(&mut out, page.pick("Answers", "答复记录"), &answers(run, page));
    section(&mut out, page.pick("Notes", "备注"), &notes(run, page));
    section(&mut out, page.pick("What ran", "执行记录"), &steps(run, page));
    section(&mut out, page.pick("Evidence", "证据文件"), &artifacts(beside, page));
    out
}

/// A part with its heading; an empty one is left out.
fn section(out: &mut String, heading: &str, body: &str) {
    if !body.is_empty() {
        out.extend([format!("\n## {heading}\n\n{body}")]);
    }
}

fn facts(run: &RunView, beside: &Beside, page: &Page) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut fact = |en: &str, zh: &str, value: Option<String>| {
        rows.push(vec![page.pick(en, zh).to_owned(), value.unwrap_or_else(|| page.no_data().to_owned())]);
    };
    fact("Status", "状态", Some(status_word(status(run, beside), page.lang).to_owned()));
    fact("Verdict", "结论", run.verdict.map(|verdict| words::verdict(verdict, page.lang)));
    if let Some(signoff) = &run.signoff {
        let by = words::by(signoff, page.lang);
        fact("Sign-off", "签字", Some(format!("{} — {}", cell(&words::answer(signoff, page)), cell(&by))));
    }
    let none = page.pick("none", "未指定").to_owned();
    fact("Environment", "环境", Some(run.environment.as_deref().map_or(none, cell)));
    fact("Run", "运行编号", Some(code(&run.run)));
    fact("Runbook", "Runbook", Some(format!("{} {}", code(&run.runbook), code(&run.digest))));
    fact("Executor", "执行者", Some(cell(&run.executor)));
    fact("Owner", "负责人", run.owner.as_deref().map(cell));
    if let Some((from, to)) = run.window {
        fact("Window", "上线窗口", Some(format!("{} – {}", page.moment(from), page.moment(to))));
    }
    fact("Started", "开始于", run.started_at.map(|time| page.moment(time)));
    fact("Finished", "结束于", run.finished_at.map(|time| page.moment(time)));
    let took = run.started_at.zip(run.finished_at).map(|(from, to)| human::span(to.duration_since(from), page.lang));
    fact("Took", "历时", took);
    fact("Time zone", "时区", Some(cell(&run.timezone)));
    if let Some(exit_code) = beside.exit_code {
        fact("Exit code", "退出码", Some(exit_code.to_string()));
    }
    if !run.absent.is_empty() {
        fact("Not configured", "未配置", Some(cell(&run.absent.join(", "))));
    }
    let heading = [page.pick("Fact", "项目").to_owned(), page.pick("Value", "内容").to_owned()];
    table(&heading, &rows)
}

fn heads(page: &Page, names: &[(&str, &str)]) -> Vec<String> {
    names.iter().map(|(en, zh)| page.pick(en, zh).to_owned()).collect()
}

/// Rows under their headings; nothing without rows.
fn rows(page: &Page, names: &[(&str, &str)], rows: &[Vec<String>]) -> String {
    if rows.is_empty() { String::new() } else { table(&heads(page, names), rows) }
}

fn problems(run: &RunView, page: &Page) -> String {
    let mut out = String::new();
    for (index, (list, entry)) in run.problems.iter().enumerate() {
        out.extend([format!("{}. {}\n", index + 1, code(list))]);
        if let Value::Map(fields) = entry {
            for (name, value) in fields {
                let value = if *value == Value::Null {
                    page.pick("left empty", "未填写").to_owned()
                } else {
                    cell(&human::value(value, &page.zone, page.lang))
                };
                out.extend([format!("   - {}{}{value}\n", cell(name), page.pick(": ", "："))]);
            }
        }
    }
    out
}

fn alerts(run: &RunView, page: &Page) -> String {
    let still = page.pick("still firing", "仍在触发");
    let all: Vec<Vec<String>> = run
        .alerts
        .iter()
        .map(|alert| {
            let until = alert.until.map_or_else(|| still.to_owned(), |until| page.moment(until));
            vec![cell(&alert.name), cell(&alert.source), page.moment(alert.since), until]
        })
        .collect();
    rows(page, &[("Alert", "告警"), ("Source", "来源"), ("Since", "始于"), ("Until", "至")], &all)
}

fn rollback(run: &RunView, page: &Page) -> String {
    let Some(rollback) = &run.rollback else { return String::new() };
    let done = if rollback.done { page.pick("done", "已完成") } else { page.pick("not finished", "未完成") };
    let at = page.moment(rollback.at);
    let mut out = page.lang.pick(
        format!("Because: {} ({at}, {done})\n\n", cell(&rollback.because)),
        format!("原因：{}（{at}，{done}）\n\n", cell(&rollback.because)),
    );
    for (index, line) in rollback.plan.iter().enumerate() {
        out.extend([format!("{}. {}\n", index + 1, code(line))]);
    }
    out
}

fn deviations(run: &RunView, page: &Page) -> String {
    let all: Vec<Vec<String>> =
        run.deviations.iter().map(|one| vec![page.moment(one.at), cell(&one.by), cell(&one.what)]).collect();
    rows(page, &[("At", "时间"), ("Who", "人员"), ("What", "内容")], &all)
}

fn items(run: &RunView, page: &Page) -> String {
    let all: Vec<Vec<String>> = run
        .items
        .iter()
        .map(|item| {
            let by = item.by.as_deref().map(cell).unwrap_or_default();
            vec![cell(item.title.said(page.lang)), words::verdict(item.state, page.lang), by]
        })
        .collect();
    rows(page, &[("Item", "事项"), ("State", "状态"), ("By", "人员")], &all)
}

fn answers(run: &RunView, page: &Page) -> String {
    let all: Vec<Vec<String>> = run
        .answers
        .iter()
        .map(|answer| {
            let said: Vec<String> =
                [&answer.note, &answer.evidence].into_iter().flatten().map(|text| cell(text)).collect();
            let title = answer.title.said(page.lang);
            vec![
                page.moment(answer.at),
                if title.is_empty() { code(&answer.static_key) } else { cell(title) },
                cell(&words::answer(answer, page)),
                cell(&words::by(answer, page.lang)),
                said.join("<br>"),
            ]
        })
        .collect();
    let names =
        [("At", "时间"), ("Question", "问题"), ("Answer", "答复"), ("By", "人员"), ("Note, evidence", "备注与证据")];
    rows(page, &names, &all)
}

fn notes(run: &RunView, page: &Page) -> String {
    run.notes
        .iter()
        .map(|(at, text)| format!("- {} {}\n", page.moment(*at), cell(text.said(page.lang))))
        .collect::<Vec<_>>()
        .concat()
}

fn steps(run: &RunView, page: &Page) -> String {
    let row = |step: &StepView| {
        let title = step.title.said(page.lang);
        let title = if title.is_empty() { code(&step.static_key) } else { cell(title) };
        let mut detail: Vec<String> = Vec::new();
        if step.attempts > 1 {
            let attempts = step.attempts;
            detail.push(page.lang.pick(format!("{attempts} attempts"), format!("共 {attempts} 次尝试")));
        }
        detail.extend((!step.detail.is_empty()).then(|| cell(&step.detail)));
        let indent = "&emsp;".repeat(step.depth as usize);
        vec![
            human::clock(step.started_at, &page.zone),
            format!("{indent}{title}"),
            words::verdict(step.state, page.lang),
            step.took.map(|took| human::span(took, page.lang)).unwrap_or_default(),
            detail.join("<br>"),
        ]
    };
    let all: Vec<Vec<String>> = run.steps.iter().map(row).collect();
    let mut out =
        rows(page, &[("At", "时间"), ("What", "内容"), ("State", "状态"), ("Took", "历时"), ("Detail", "说明")], &all);
    let commands: Vec<&StepView> = run.steps.iter().filter(|step| !step.what.is_empty()).collect();
    if !commands.is_empty() {
        out.extend([format!("\n### {}\n", page.pick("Commands and requests", "命令与请求"))]);
    }
    for step in commands {
        out.extend([format!("\n{}\n\n{}", code(&step.key), block(&step.what))]);
    }
    out
}

fn artifacts(beside: &Beside, page: &Page) -> String {
    let all: Vec<Vec<String>> = beside
        .artifacts
        .iter()
        .map(|file| vec![code(&file.path), file.bytes.to_string(), code(&file.sha256)])
        .collect();
    rows(page, &[("File", "文件"), ("Bytes", "字节"), ("SHA-256", "SHA-256")], &all)
}

#[cfg(test)]
mod tests;
