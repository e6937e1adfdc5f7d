//! `runbook sim list [FILE]`

use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::Format;
use super::exit_code::ExitCode;
use super::refusal::Refusal;
use super::session::Session;
use super::{inputs, output};
use crate::console::style::Paint;
use crate::console::table::{Align, Table};
use crate::diagnostic::Code;
use crate::drivers::sim::load::load;
use crate::journal::problem::Problem;
use crate::text;
use crate::text::{Lang, Text};

/// `sim`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List the scenarios beside a runbook, or beside all runbooks of this folder
    List(List),
}

/// `sim list`
#[derive(Debug, clap::Args)]
struct List {
    /// The runbook
    file: Option<PathBuf>,
    /// For people, or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// One scenario file.
struct Found {
    runbook: String,
    name: String,
    title: String,
    env: Option<String>,
    answers: bool,
    exit: Option<u8>,
    /// Why it cannot be used.
    wrong: Option<Text>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<ExitCode, Refusal> {
    let What::List(args) = &args.what;
    let runbooks = match &args.file {
        Some(file) if !inputs::is_file(file) => {
            // The error of reading it says why.
            inputs::read(file)?;
            Vec::new()
        }
        Some(file) => vec![file.clone()],
        None => runbooks_here(),
    };
    let found: Vec<Found> = runbooks.iter().flat_map(|runbook| scenarios(runbook, session.lang)).collect();
    let broken = found.iter().any(|found| found.wrong.is_some());
    match args.format {
        Format::Json => output::result(&json(&found)),
        Format::Human if found.is_empty() => {
            let folder = runbooks.first().map(|runbook| folder_of(runbook).display().to_string());
            let message = match folder {
                Some(folder) => text!("there are no scenarios: {folder} has none", "没有场景：{folder} 中没有"),
                None => text!("there are no scenarios in this folder", "该文件夹中没有场景"),
            };
            let help = text!(
                "a scenario is a TOML file beside its runbook: phase5.sim/healthy.toml for phase5.rb",
                "场景是 runbook 旁的 TOML 文件：phase5.rb 对应 phase5.sim/healthy.toml"
            );
            return Err(Problem::new(Code::RB0869, message).help(help).into());
        }
        Format::Human => human(session, &found),
    }
    Ok(if broken { ExitCode::Refused } else { ExitCode::Passed })
}

/// Runbooks of the working folder that have scenarios.
fn runbooks_here() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = ["rb", "runbook"]
        .iter()
        .flat_map(|extension| {
            inputs::names(Path::new("."), extension).into_iter().map(move |name| format!("{name}.{extension}"))
        })
        .map(PathBuf::from)
        .collect();
    files.sort();
    files
}

/// `phase5.rb` → `phase5.sim`
fn folder_of(runbook: &Path) -> PathBuf {
    runbook.with_extension("sim")
}

fn scenarios(runbook: &Path, lang: Lang) -> Vec<Found> {
    let folder = folder_of(runbook);
    let names = inputs::names(&folder, "toml");
    let scenario = |name: &String| {
        let file = folder.join(format!("{name}.toml"));
        let mut read = |path: &str| {
            let bytes = inputs::read(Path::new(path)).map_err(|problem| problem.message)?;
            String::from_utf8(bytes).map_err(|_| text!("it is not UTF-8 text", "不是 UTF-8 文本"))
        };
        let mut found = Found {
            runbook: runbook.display().to_string(),
            name: name.clone(),
            title: String::new(),
            env: None,
            answers: names.contains(&format!("{name}.answers")),
            exit: None,
            wrong: None,
        };
        match load(&file.to_string_lossy(), &mut read) {
            Ok(scenario) => {
                found.title = match (lang, scenario.en) {
                    (Lang::En, Some(en)) => en,
                    (Lang::En, None) | (Lang::Zh, _) => scenario.title,
                };
                found.env = scenario.env;
                found.exit = scenario.expect.map(|expect| expect.exit);
            }
            Err(wrong) => found.wrong = Some(wrong.diagnostic.message),
        }
        found
    };
    names.iter().filter(|name| !name.ends_with(".answers")).map(scenario).collect()
}

fn json(found: &[Found]) -> String {
    let row = |found: &Found| {
        json!({
            "runbook": found.runbook, "name": found.name, "title": found.title, "environment": found.env,
            "answers": found.answers, "expected_exit_code": found.exit, "problem": found.wrong.as_ref().map(|wrong| &wrong.en),
        })
    };
    let rows: Vec<serde_json::Value> = found.iter().map(row).collect();
    let document = json!({"schema": 1, "scenarios": rows});
    // Text, numbers and nulls always have a JSON form.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn human(session: &Session, found: &[Found]) {
    let style = session.style("UTC");
    let mut table = Table::new(&[Align::Left, Align::Left]);
    for found in found {
        let title = match &found.wrong {
            Some(wrong) => style.paint(Paint::Bad, wrong.get(style.lang)),
            None if found.answers => found.title.clone(),
            None => {
                let note = style.pick("no answers file: a person answers", "没有答复文件：由人答复");
                format!("{}  {}", found.title, style.paint(Paint::Dim, &format!("({note})")))
            }
        };
        table.row(vec![style.paint(Paint::Bold, &found.name), title]);
    }
    output::lines(&table.lines(style.width));
    if let Some(first) = found.first() {
        let text = format!("runbook exec {} --sim {}", first.runbook, first.name);
        output::say(&style.lang.pick(format!("to run one: {text}"), format!("执行其中一个：{text}")));
    }
}
