//! `runbook status RUN`

use super::args::{Format, OfRun};
use super::exit_code::ExitCode;
use super::refusal::Refusal;
use super::session::Session;
use super::{history, inputs, output};
use crate::console::status;
use crate::journal::store::{Posted, Store};
use crate::run::replay::Unseen;

pub(super) fn run(session: &Session, args: &OfRun) -> Result<ExitCode, Refusal> {
    let past = history::open(session, &args.run)?;
    let replayed = past.replayed(&mut Unseen)?;
    let (mut view, interrupted) = past.view(&replayed, inputs::now())?;
    // Nobody has taken these: whoever executes the run takes them at once.
    let posted: Vec<Posted> = past.store.inbox(&past.run).take()?.into_iter().map(|(_, posted)| posted).collect();
    match args.format {
        Format::Json => output::result(&format!("{:#}", status::json::model(&view, interrupted, &posted))),
        Format::Human => {
            if interrupted {
                "interrupted".clone_into(&mut view.status);
                view.detached = None;
            }
            let style = session.style(&view.timezone);
            let mut lines = status::status(&view, &style);
            lines.extend(status::posted(&posted, &view, &style));
            if interrupted || view.status == "suspended" {
                lines.push(String::new());
                lines.extend(status::resumes(&view, &style));
            }
            output::lines(&lines);
        }
    }
    Ok(ExitCode::Passed)
}
