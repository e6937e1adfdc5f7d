//! The command line as it is written.

use std::fmt;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::given::Parameters;
use crate::text::Both;

/// Executes production runbooks, with a journal that survives a crash.
#[derive(Debug, Parser)]
#[command(name = "runbook", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(super) struct CommandLine {
    /// Folder of the journals
    #[arg(long, global = true, value_name = "DIR", long_help = STATE_DIR, help_heading = EVERYWHERE)]
    pub(super) state_dir: Option<PathBuf>,
    /// Colours; `auto` is at a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value = "auto", help_heading = EVERYWHERE)]
    pub(super) color: Color,
    /// What to do
    #[command(subcommand)]
    pub(super) command: Command,
}

const EVERYWHERE: &str = "Options of every command";

const STATE_DIR: &str = "Folder of the journals [default: $RUNBOOK_STATE_DIR, else $XDG_STATE_HOME/runbook, else \
                         ~/.local/state/runbook]";

const EXIT_CODES: &str = "Exit codes: 0 completed and passed, 1 completed and not passed, 2 nothing ran (the runbook or \
                          the command line is wrong), 3 rolled back, 4 suspended (can be resumed), 5 aborted, 70 internal \
                          error";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start a run
    Exec(Exec),
    /// Go on with a run after a crash, a suspension, a reboot
    Resume(Resume),
    /// List the runs
    Runs(Listing),
    /// Show where a run stands and what it waits for
    Status(OfRun),
    /// Show what happened in a run
    Log(Log),
    /// Answer a waiting prompt from another terminal
    Answer(Answer),
    /// Join a run that another process executes: see it, answer it
    Attach(Named),
    /// Suspend a run from another terminal
    Suspend(Named),
    /// Abort a run from another terminal
    Abort(Abort),
    /// Report a run, rebuilt from its journal
    Report(Report),
    /// Check that the evidence of a run is as it was written
    Verify(Verify),
    /// Pack the evidence of a run into one file
    Bundle(Bundle),
    /// Find all errors of runbooks
    Check(Check),
    /// Show what a runbook would do: every path, each command, prompts, times, rollback. Runs nothing
    Plan(super::plan::Args),
    /// Look at metrics: show, lint, query, explain
    Metrics(super::metrics::Args),
    /// Look at the simulations of runbooks
    Sim(super::sim::Args),
    /// Explain a code such as RB0101
    Explain(Explain),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print the manual page, of the program or of a command
    Man(Man),
}

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// `exec`
#[derive(Debug, Args)]
pub(super) struct Exec {
    /// The runbook
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) given: Parameters,
    /// A TOML file with answers by prompt key; what it does not cover suspends
    #[arg(long, value_name = "FILE")]
    pub(super) answers: Option<PathBuf>,
    /// Simulate: the name of a scenario beside the runbook, or the path of one
    #[arg(long, value_name = "SCENARIO")]
    pub(super) sim: Option<String>,
    /// In a simulation, let waits pass N times as fast as the clock instead of at once
    #[arg(long, value_name = "N", requires = "sim", value_parser = pace)]
    pub(super) speed: Option<f64>,
    /// Begin at the statement with this key: a deviation, and only where all that it needs is assigned
    #[arg(long, value_name = "KEY")]
    pub(super) from: Option<String>,
    /// Ask before each effect that leaves a trace
    #[arg(long)]
    pub(super) step: bool,
    /// Let the users of this group see the run and answer it
    #[arg(long, value_name = "GROUP")]
    pub(super) share_group: Option<String>,
}

/// How many times as fast as the clock.
fn pace(typed: &str) -> Result<f64, Unfit> {
    match typed.parse::<f64>() {
        Ok(pace) if pace > 0.0 && pace.is_finite() => Ok(pace),
        Ok(_) | Err(_) => Err(Unfit(Both("a number greater than 0", "大于 0 的数"))),
    }
}

/// A value does not fit: what would.
#[derive(Debug)]
pub(super) struct Unfit(pub(super) Both);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.0)
    }
}

impl std::error::Error for Unfit {}

/// `resume`
#[derive(Debug, Args)]
pub(super) struct Resume {
    /// Id of the run, a beginning of it, or `last`
    pub(super) run: String,
    /// A TOML file with answers by prompt key
    #[arg(long, value_name = "FILE")]
    pub(super) answers: Option<PathBuf>,
    /// Go on with the runbook as it was executed so far, though its file has changed
    #[arg(long)]
    pub(super) as_executed: bool,
    /// In a simulation, let waits pass N times as fast as the clock instead of at once
    #[arg(long, value_name = "N", value_parser = pace)]
    pub(super) speed: Option<f64>,
}

/// For people, or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
}

/// `runs`
#[derive(Debug, Args)]
pub(super) struct Listing {
    /// For people, or for programs
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

/// `status`
#[derive(Debug, Args)]
pub(super) struct OfRun {
    /// Id of the run, a beginning of it, or `last`
    pub(super) run: String,
    /// For people, or for programs
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

/// `suspend`
#[derive(Debug, Args)]
pub(super) struct Named {
    /// Id of the run, a beginning of it, or `last`
    pub(super) run: String,
}

/// `log`
#[derive(Debug, Args)]
pub(super) struct Log {
    /// Id of the run, a beginning of it, or `last`
    pub(super) run: String,
    /// Go on showing what happens, until the run ends
    #[arg(long, short)]
    pub(super) follow: bool,
}

/// `answer`
#[derive(Debug, Args)]
pub(super) struct Answer {
    /// Id of the run, a beginning of it, or `last`
    pub(super) run: String,
    /// Key of the prompt, as `status` prints it, or its unique ending
    pub(super) key: String,
    /// The answer, as it would be typed
    #[arg(allow_hyphen_values = true)]
    pub(super) value: String,
    /// Words with it: a reason, a remark
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
    /// A path or link given as evidence
    #[arg(long, value_name = "LINK")]
    pub(super) evidence: Option<String>,
}

/// `abort`
#[derive(Debug, Args)]
pub(super) struct Abort {
    /// Id of the run, a beginning of it, or `last`
    pub(super) run: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(super) because: String,
}

/// `verify`
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Id of the run, a beginning of it, or `last`; or a file that `bundle` wrote
    #[arg(value_name = "RUN|BUNDLE")]
    pub(super) what: String,
    /// For people, or for programs
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

/// `bundle`
#[derive(Debug, Args)]
pub(super) struct Bundle {
    /// Id of the run, a beginning of it, or `last`
    pub(super) run: String,
    /// The new file
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// Markdown
    Md,
    /// One HTML file with the charts in it
    Html,
    /// For programs
    Json,
}

/// `report`
#[derive(Debug, Args)]
pub(super) struct Report {
    /// Id of the run, a beginning of it, or `last`
    pub(super) run: String,
    /// How it is written
    #[arg(long, value_enum, default_value = "md")]
    pub(super) format: ReportFormat,
    /// The file that it goes to, instead of standard output
    #[arg(long, value_name = "PATH")]
    pub(super) out: Option<PathBuf>,
}

/// How findings are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    Human,
    Json,
    Sarif,
}

/// `check`
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The runbooks
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Exit 1 where there are warnings
    #[arg(long)]
    pub(super) strict: bool,
    /// For people, for programs, or for forges and editors (SARIF 2.1.0)
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: CheckFormat,
}

/// `explain`
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The code; without one, all of them are listed
    pub(super) code: Option<String>,
}

/// `man`
#[derive(Debug, Args)]
pub(super) struct Man {
    /// The command: `plan`, `metrics query`
    pub(super) command: Vec<String>,
}

/// `completions`
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}
