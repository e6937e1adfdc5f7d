//! `runbook attach RUN`: a run that another process executes, seen and answered from here.

use jiff::tz::TimeZone;

use super::args::Named;
use super::exit_code::ExitCode;
use super::refusal::Refusal;
use super::session::Session;
use super::{history, inputs, output};
use crate::console::prompt::dialogue::Context;
use crate::diagnostic::Code;
use crate::drivers::real::clock::SystemClock;
use crate::drivers::real::terminal;
use crate::drivers::reply::channel_of_news;
use crate::drivers::secrets::Secrets;
use crate::journal::problem::Problem;
use crate::run::attach::{Attachment, Left};
use crate::text;

pub(super) fn run(session: &Session, args: &Named) -> Result<ExitCode, Refusal> {
    let past = history::open(session, &args.run)?;
    let header = &past.outline.header;
    let zone = TimeZone::get(&header.zone).unwrap_or(TimeZone::UTC);
    let style = session.style_of_account(&zone);
    let (sending, news) = channel_of_news();
    let not_begun = |error: std::io::Error| {
        Problem::new(Code::RB0908, text!("the terminal cannot be used: {error}", "无法使用终端：{error}"))
    };
    let (at, screen) = terminal::open(terminal::Setting {
        context: Context {
            run: past.run.clone(),
            executor: inputs::user(),
            simulated: header.simulation.is_some(),
            style: style.clone(),
        },
        style,
        sending: sending.clone(),
        secrets: Secrets::default(),
        history: session.history(),
        source: past.runbook.source_lines(),
    })
    .map_err(not_begun)?;
    terminal::listen(sending.clone(), Some(&at)).map_err(not_begun)?;
    let clock = SystemClock::default();
    let attachment = Attachment {
        store: &past.store,
        run: past.run.clone(),
        program: &past.runbook.program,
        user: inputs::user(),
        people: Box::new(at),
        screen: Box::new(screen),
        clock: &clock,
        channel: (sending, news),
    };
    match attachment.follow()? {
        Left::Ended(ending) => Ok(ending.into()),
        Left::Detached => {
            let run = &past.run;
            let lang = session.lang;
            output::say(&lang.pick(format!("left run {run}; it goes on"), format!("已离开运行 {run}，它仍在继续")));
            Ok(ExitCode::Passed)
        }
    }
}
