//! `runbook metrics show FILE|URL`

use super::text::{Access, get};
use crate::cli::args::Format;
use crate::cli::exit_code::ExitCode;
use crate::cli::output;
use crate::cli::refusal::Refusal;
use crate::metrics::render::{sample_json, sample_line};

/// `metrics show`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file, or a URL that begins with http:// or https://
    #[arg(value_name = "FILE|URL")]
    source: String,
    #[command(flatten)]
    access: Access,
    /// For people: as exposition text, times in milliseconds; or for programs: an object a line
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Refusal> {
    let text = get(&args.source, &args.access)?;
    let parsed = text.parse().map_err(|wrong| text.refused(&wrong))?;
    let format = parsed.format();
    output::each(parsed.samples().map(|sample| match args.format {
        Format::Human => sample_line(&sample),
        Format::Json => sample_json(&sample, format),
    }));
    Ok(ExitCode::Passed)
}
