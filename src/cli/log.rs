//! `runbook log RUN`

use std::cell::RefCell;

use super::args::Log;
use super::exit_code::ExitCode;
use super::refusal::Refusal;
use super::session::Session;
use super::{history, inputs, output};
use crate::console::telling;

pub(super) fn run(session: &Session, args: &Log) -> Result<ExitCode, Refusal> {
    let mut shown = 0;
    loop {
        let past = history::open(session, &args.run)?;
        let style = session.style(&past.outline.header.zone);
        let lines = RefCell::new(Vec::new());
        let replayed = past.replayed(&mut |at, told, view| {
            lines.borrow_mut().extend(telling::lines(at, told, view, &style));
        })?;
        let lines = lines.into_inner();
        if let Some(fresh) = lines.get(shown..).filter(|fresh| !fresh.is_empty()) {
            output::lines(fresh);
        }
        shown = lines.len();
        let (_, interrupted) = past.view(&replayed, replayed.at)?;
        if !args.follow || replayed.ended.is_some() || interrupted {
            return Ok(ExitCode::Passed);
        }
        inputs::pause();
    }
}
