//! `runbook report RUN`: rebuilt from the journal, at any later time.

use super::args::{Report, ReportFormat};
use super::exit_code::ExitCode;
use super::refusal::Refusal;
use super::session::Session;
use super::{history, inputs, output};
use crate::report::html::html;
use crate::report::markdown::markdown;
use crate::report::model::{Beside, model};
use crate::report::page::Page;
use crate::run::find::artifacts;
use crate::run::replay::Unseen;

pub(super) fn run(session: &Session, args: &Report) -> Result<ExitCode, Refusal> {
    let past = history::open(session, &args.run)?;
    let replayed = past.replayed(&mut Unseen)?;
    let (view, interrupted) = past.view(&replayed, inputs::now())?;
    let beside = Beside {
        exit_code: replayed.ended.map(|ending| ExitCode::from(ending) as u8),
        interrupted,
        artifacts: artifacts(&past.store, &past.run)?,
    };
    let zone = session.style(&view.timezone).zone;
    let text = match args.format {
        ReportFormat::Md => markdown(&view, &beside, &Page { lang: session.lang, zone }),
        ReportFormat::Html => html(&view, &beside, &Page { lang: session.lang, zone }),
        ReportFormat::Json => format!("{:#}\n", model(&view, &beside)),
    };
    match &args.out {
        Some(path) => output::file(path, &text)?,
        None => output::result(&text),
    }
    Ok(ExitCode::Passed)
}
