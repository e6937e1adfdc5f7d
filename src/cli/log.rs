//! `runbook log RUN`

use jiff::Timestamp;

use super::args::Log;
use super::exit_code::ExitCode;
use super::history::Records;
use super::refusal::Refusal;
use super::session::Session;
use super::{history, inputs, output};
use crate::console::style::Style;
use crate::console::{records, telling};
use crate::engine::telling::Telling;
use crate::engine::view::RunView;
use crate::journal::record::Record;
use crate::journal::store::Store as _;
use crate::run::replay::Witness;

/// Prints what was told; a journal that is followed is read again and again, and what was printed is passed over.
struct Printer<'a> {
    style: &'a Style,
    passed: usize,
    printed: usize,
}

impl Witness for Printer<'_> {
    fn told(&mut self, at: Timestamp, told: &Telling, view: &dyn Fn() -> RunView) {
        self.passed += 1;
        if self.passed > self.printed {
            self.printed = self.passed;
            output::lines(&telling::lines(at, told, view, self.style));
        }
    }
}

/// Prints the records themselves.
fn records(session: &Session, records: &Records, follow: bool) -> Result<ExitCode, Refusal> {
    let Records { store, run, outline, why } = records;
    output::say(why.message.get(session.lang));
    let style = session.style(&outline.header.zone);
    let mut printed = 0;
    loop {
        let mut ended = false;
        store.read(run, &mut |entry| {
            if entry.n > printed {
                printed = entry.n;
                output::lines(&records::line(&entry, &style).into_iter().collect::<Vec<_>>());
            }
            ended = matches!(entry.record, Record::End(_));
            Ok(())
        })?;
        if !follow || ended || store.executor(run)?.is_none() {
            return Ok(ExitCode::Passed);
        }
        inputs::pause();
    }
}

pub(super) fn run(session: &Session, args: &Log) -> Result<ExitCode, Refusal> {
    let past = match history::open_or_records(session, &args.run)? {
        Ok(past) => past,
        Err(past) => return records(session, &past, args.follow),
    };
    let style = session.style(&past.outline.header.zone);
    let mut printer = Printer { style: &style, passed: 0, printed: 0 };
    loop {
        // A run may be taken up with a changed runbook while it is followed.
        let past = history::open(session, &past.run)?;
        printer.passed = 0;
        let replayed = past.replayed(&mut printer)?;
        let (_, interrupted) = past.view(&replayed, replayed.at)?;
        if !args.follow || replayed.ended.is_some() || interrupted {
            return Ok(ExitCode::Passed);
        }
        inputs::pause();
    }
}
