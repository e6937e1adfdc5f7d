//! `runbook metrics lint FILE|URL`

use serde_json::json;

use super::text::{Access, Wrong, get, shown};
use crate::cli::args::Format;
use crate::cli::exit_code::ExitCode;
use crate::cli::output;
use crate::cli::refusal::Refusal;
use crate::cli::session::Session;
use crate::metrics::lint::lint_at;

/// `metrics lint`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file, or a URL that begins with http:// or https://
    #[arg(value_name = "FILE|URL")]
    source: String,
    #[command(flatten)]
    access: Access,
    /// For people, or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<ExitCode, Refusal> {
    let text = get(&args.source, &args.access)?;
    let lang = session.lang;
    let name = shown(&text.name);
    let (rows, lines, beyond) = match text.parse() {
        // Nothing but what is wrong first can be said of a text that does not parse.
        Err(Wrong::Parse(error)) => {
            let message = error.problem.text().get(lang).to_owned();
            let row = json!({"line": error.line, "column": error.column, "code": null, "message": message});
            (vec![row], vec![format!("{name}: {}", Wrong::Parse(error).text().get(lang))], 0)
        }
        Err(wrong @ Wrong::Response(_)) => return Err(text.refused(&wrong)),
        Ok(parsed) => {
            let findings = lint_at(&parsed, text.at.as_millisecond());
            let row = |finding: &crate::metrics::lint::Finding| {
                let title = lang.pick(finding.code.title(), finding.code.title_zh());
                let message = format!("{title}: {}", finding.about);
                json!({"line": finding.line, "column": null, "code": finding.code.as_str(), "message": message})
            };
            let rows = findings.found.iter().map(row).collect();
            let lines = findings.found.iter().map(|finding| format!("{name}: {}", finding.text(lang))).collect();
            (rows, lines, findings.beyond)
        }
    };
    let clean = rows.is_empty();
    match args.format {
        Format::Json => {
            output::result(&json!({"schema": 1, "source": name, "findings": rows, "beyond": beyond}).to_string());
        }
        Format::Human => {
            output::each(lines.into_iter());
            if beyond > 0 {
                output::say(&lang.pick(format!("… and {beyond} more"), format!("… 另有 {beyond} 处")));
            }
        }
    }
    Ok(if clean { ExitCode::Passed } else { ExitCode::NotPassed })
}
