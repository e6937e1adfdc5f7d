//! How a run left off, said to the operator and to whoever called the program.

use super::exit_code::ExitCode;
use super::output;
use super::session::Session;
use crate::engine::action::Ending;
use crate::journal::store::Store;
use crate::run::Stopped;

/// Says how to go on, where that can be done, and gives the exit code.
pub(super) fn report(session: &Session, store: &dyn Store, run: &str, ended: Result<Ending, Stopped>) -> ExitCode {
    match ended {
        // The account of the run has said how it goes on.
        Ok(ending) => ending.into(),
        Err(Stopped::Store(problem)) => {
            let lang = session.lang;
            output::problem(&problem, lang);
            let recorded = store.read(run, &mut |_| Ok(())).is_ok_and(|tail| tail.head.n > 0);
            if !recorded {
                output::say(lang.pick("nothing ran", "没有执行任何操作"));
                return ExitCode::Refused;
            }
            output::say(&lang.pick(
                format!("nothing more was begun, and what ran was stopped; to go on: runbook resume {run}"),
                format!("没有再开始任何操作，正在执行的已停止；继续执行：runbook resume {run}"),
            ));
            ExitCode::Suspended
        }
        Err(Stopped::Stuck) => {
            output::say("internal error: the run waits for nothing; please report it with the folder of the run");
            ExitCode::Internal
        }
    }
}
