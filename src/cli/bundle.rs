//! `runbook bundle RUN --out FILE`: the evidence of a run in one file.

use super::args::Bundle;
use super::exit_code::ExitCode;
use super::history::{self, Past};
use super::refusal::Refusal;
use super::session::Session;
use super::{output, verify};
use crate::diagnostic::Code;
use crate::journal::file_store::evidence;
use crate::journal::problem::Problem;
use crate::journal::store::Store as _;
use crate::report::html::html;
use crate::report::markdown::markdown;
use crate::report::model::{Beside, model};
use crate::report::page::Page;
use crate::run::find::artifacts;
use crate::run::replay::Unseen;
use crate::text;
use crate::text::Lang;

pub(super) fn run(session: &Session, args: &Bundle) -> Result<ExitCode, Refusal> {
    let past = history::open_or_records(session, &args.run)?;
    let (store, run) = match &past {
        Ok(past) => (&past.store, &past.run),
        Err(records) => (&records.store, &records.run),
    };
    if store.executor(run)?.is_some() {
        let problem = Problem::new(Code::RB0906, text!("{} is being executed", "{} 正在执行", run));
        return Err(problem
            .help(text!(
                "pack it once it has ended or is suspended: until then it grows",
                "请在其结束或挂起后打包：在此之前内容还会增加"
            ))
            .into());
    }
    let folder = store.folder(run);
    let looked = verify::folder(&folder)?;
    if let Some(first) = looked.findings.first() {
        let problem = Problem::new(first.code, text!("{}: {}", "{}：{}", first.file, first.message));
        return Err(problem
            .help(text!(
                "`runbook verify {}` lists all that is not as it was written",
                "`runbook verify {}` 会列出所有与写入时不一致之处",
                run
            ))
            .into());
    }
    let reports = match &past {
        Ok(past) => reports(session, past)?,
        Err(records) => {
            output::say(records.why.message.get(session.lang));
            output::say(session.lang.pick("it is packed without its reports", "打包时不含报告"));
            Vec::new()
        }
    };
    let out = &args.out;
    let bytes = evidence::pack(&folder, run, &reports, out).map_err(|error| {
        let problem = Problem::new(Code::RB0908, text!("cannot write {}: {}", "无法写入 {}：{}", out.display(), error));
        Refusal::from(problem.help(text!("a bundle takes the place of no other file", "证据包不会覆盖已有文件")))
    })?;
    let out = out.display();
    output::say(&session.lang.pick(
        format!("{run}: {bytes} bytes in {out}; `runbook verify {out}` checks it anywhere"),
        format!("{run}：已打包到 {out}（{bytes} 字节）；可在任何地方用 `runbook verify {out}` 校验"),
    ));
    Ok(ExitCode::Passed)
}

/// The report in all its forms, each with its name.
fn reports(session: &Session, past: &Past) -> Result<Vec<(&'static str, String)>, Refusal> {
    let replayed = past.replayed(&mut Unseen)?;
    let (view, interrupted) = past.view(&replayed, replayed.at)?;
    let beside = Beside {
        exit_code: replayed.ended.map(|ending| ExitCode::from(ending) as u8),
        interrupted,
        artifacts: artifacts(&past.store, &past.run)?,
    };
    // In the language of the run, so that whoever packs it gets the same bytes.
    let lang = Lang::of_locale(&past.outline.header.language);
    let page = Page { lang, zone: session.style(&view.timezone).zone };
    Ok(vec![
        ("report.html", html(&view, &beside, &page)),
        ("report.json", format!("{:#}\n", model(&view, &beside))),
        ("report.md", markdown(&view, &beside, &page)),
    ])
}
