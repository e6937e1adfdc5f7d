//! `runbook suspend RUN`, `runbook abort RUN`: what a person wants of a run from another terminal. Its executor takes it
//! from the inbox and journals it.

use super::exit_code::ExitCode;
use super::refusal::Refusal;
use super::session::Session;
use super::{inputs, output};
use crate::diagnostic::Code;
use crate::engine::input::Command;
use crate::journal::problem::Problem;
use crate::journal::record::Ending;
use crate::journal::store::{Delivery, Post, Posted, Store};
use crate::run::find::find;
use crate::text;

pub(super) fn run(session: &Session, wanted: &str, command: Command) -> Result<ExitCode, Refusal> {
    let store = session.store()?;
    let run = find(&store, wanted)?;
    let glance = store.glance(&run)?;
    let over = match glance.ending {
        None => false,
        Some(Ending::Suspended) => command == Command::Suspend,
        Some(Ending::Passed | Ending::NotPassed | Ending::RolledBack | Ending::Aborted | Ending::Refused) => true,
    };
    if over {
        return Err(Problem::new(Code::RB0911, text!("run {run} does not run any more", "运行 {run} 已经结束")).into());
    }
    let posted = Posted { at: inputs::now(), post: Post::Command { by: inputs::user(), command } };
    if let Delivery::Already(first) = store.post(&run, &posted)? {
        let said = session.lang.pick("it was asked for already, at", "已经请求过，时间");
        output::say(&format!("{said} {}", first.at));
    }
    let said = match glance.executor {
        Some(executor) => session.lang.pick(
            format!("run {run}: passed on to its executor ({} on {})", executor.user, executor.hostname),
            format!("运行 {run}：已转交执行者（{}，{}）", executor.user, executor.hostname),
        ),
        None => session.lang.pick(
            format!("run {run} has no executor: it will be done at `runbook resume {run}`"),
            format!("运行 {run} 没有执行者：将在 `runbook resume {run}` 时处理"),
        ),
    };
    output::say(&said);
    Ok(ExitCode::Passed)
}
