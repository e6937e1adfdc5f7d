//! `runbook explain RB0101`

use jiff::tz::TimeZone;

use super::args::Explain;
use super::exit_code::ExitCode;
use super::output;
use super::refusal::Refusal;
use super::session::Session;
use crate::console::page;
use crate::diagnostic::Code;
use crate::journal::problem::Problem;
use crate::text;
use crate::value::nearest::nearest;

pub(super) fn run(session: &Session, args: &Explain) -> Result<ExitCode, Refusal> {
    let style = session.style_in(TimeZone::UTC);
    let Some(written) = &args.code else {
        let title = |code: &Code| session.lang.pick(code.title(), code.title_zh());
        output::each(Code::ALL.iter().map(|code| format!("{code}  {}", title(code))));
        return Ok(ExitCode::Passed);
    };
    let Some(code) = find(written) else { return Err(unknown(written).into()) };
    output::lines(&page::lines(code, &style));
    Ok(ExitCode::Passed)
}

/// A code as people write it: `RB0101`, `rb101`, `101`, `error[RB0101]`.
fn find(written: &str) -> Option<Code> {
    let inside = written.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or(written, |(code, _)| code);
    let upper = inside.trim().to_ascii_uppercase();
    let digits = upper.strip_prefix("RB").unwrap_or(&upper);
    let number: u32 = digits.parse().ok()?;
    let wanted = format!("RB{number:04}");
    Code::ALL.iter().copied().find(|code| code.as_str() == wanted)
}

fn unknown(written: &str) -> Problem {
    let problem = Problem::new(Code::RB0852, text!("there is no code {written}", "没有编号 {written}"));
    let wanted = written.to_ascii_uppercase();
    match nearest(&wanted, Code::ALL.iter().map(|code| code.as_str())) {
        Some(near) => problem.help(text!("did you mean {near}?", "是否想写 {near}？")),
        None => problem.help(text!(
            "a code reads RB0101, as in a message; `runbook explain` lists all of them",
            "编号形如 RB0101，见于各条报错信息；`runbook explain` 会列出全部"
        )),
    }
}
