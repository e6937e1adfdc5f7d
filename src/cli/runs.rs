//! `runbook runs`

use serde_json::json;

use super::args::{Format, Listing};
use super::exit_code::ExitCode;
use super::output;
use super::refusal::Refusal;
use super::session::Session;
use crate::console::lang;
use crate::console::table::{Align, Table};
use crate::engine::words;
use crate::journal::record::Ending;
use crate::journal::store::{Glance, Store};

/// Number of the form of the JSON; it grows when a field changes its meaning or goes.
const SCHEMA: u32 = 1;

pub(super) fn run(session: &Session, args: &Listing) -> Result<ExitCode, Refusal> {
    let store = session.store()?;
    let mut runs = Vec::new();
    for run in store.runs()? {
        match store.glance(&run) {
            Ok(glance) => runs.push(glance),
            // One that cannot be read does not hide the others.
            Err(error) => output::say(&format!("{run}: {error}")),
        }
    }
    match args.format {
        Format::Json => {
            let rows: Vec<serde_json::Value> = runs.iter().map(row).collect();
            output::result(&format!("{:#}", json!({ "schema": SCHEMA, "runs": rows })));
        }
        Format::Human if runs.is_empty() => {
            output::say(session.lang.pick("no runs yet", "还没有运行"));
        }
        Format::Human => output::lines(&table(session, &runs)),
    }
    Ok(ExitCode::Passed)
}

/// `running` stands for waiting as well: that needs the whole journal, which `status` reads.
fn status(glance: &Glance) -> &'static str {
    match glance.ending {
        Some(Ending::Passed) => "passed",
        Some(Ending::NotPassed) => "not_passed",
        Some(Ending::RolledBack) => "rolled_back",
        Some(Ending::Suspended) => "suspended",
        Some(Ending::Aborted) => "aborted",
        Some(Ending::Refused) => "refused",
        None if glance.executor.is_some() => "running",
        None => "interrupted",
    }
}

fn row(glance: &Glance) -> serde_json::Value {
    json!({
        "run": glance.header.run,
        "runbook": glance.header.runbook,
        "title": glance.header.title,
        "environment": glance.header.environment,
        "simulated": glance.header.simulation.is_some(),
        "status": status(glance),
        "executor": glance.header.executor,
        "started_at": glance.header.started_at.to_string(),
        "last_at": glance.last_at.to_string(),
    })
}

fn table(session: &Session, runs: &[Glance]) -> Vec<String> {
    let style = session.style("UTC");
    let mut table = Table::new(&[Align::Left; 5]);
    for glance in runs.iter().rev() {
        let header = &glance.header;
        let simulated = header.simulation.as_ref().map(|_| lang::simulated(session.lang).to_owned());
        let place: Vec<String> = header.environment.clone().into_iter().chain(simulated).collect();
        table.row(vec![
            header.run.clone(),
            words::status(status(glance), session.lang).to_owned(),
            place.join(" "),
            header.executor.clone(),
            header.title.clone(),
        ]);
    }
    table.lines(style.width)
}
