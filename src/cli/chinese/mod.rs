//! The command line for whoever reads Chinese: its help, its manual, and what is wrong with what was typed. The English of
//! all this is made by clap from the declarations of the commands; the Chinese is a table beside them, which is looked at
//! only where somebody asks for help or typed something wrong.

mod help;
mod words;
mod wrong;

use std::ffi::OsString;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Arg, Command};

use self::words::Path;

/// What clap says, in Chinese. `line` is the command line that it is about, and `command` what reads it.
pub(super) fn said(error: &clap::Error, command: Command, line: Vec<OsString>, width: usize) -> String {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
    let said = if asked { help::asked(command, line, width) } else { wrong::said(error) };
    said.unwrap_or_else(|| error.render().to_string())
}

/// A command with everything below it, described in Chinese. It is there to be shown: it reads no command line.
pub(super) fn translated(mut command: Command) -> Command {
    command.build();
    let root = command
        .after_help(words::EXIT_CODES)
        .subcommand_help_heading(words::COMMANDS)
        .subcommand_value_name(words::COMMAND);
    described(root, &Path::default())
}

/// The same for one that is at `path`.
fn described(command: Command, path: &Path) -> Command {
    let command = match words::about(path) {
        Some(about) => command.about(about),
        None => command,
    };
    let command = command.mut_args(|arg| explained(arg, path));
    command.mut_subcommands(|below| {
        let path = path.to(below.get_name());
        described(below, &path)
    })
}

fn explained(arg: Arg, path: &Path) -> Arg {
    let heading = arg.get_help_heading().map(|_| words::EVERYWHERE);
    let id = arg.get_id().to_string();
    let values = arg.get_possible_values();
    let explains = values.iter().any(|value| value.get_help().is_some());
    let arg = match words::argument(path, &id) {
        Some(text) => arg.help(text).long_help(text),
        None => arg,
    };
    let arg = match heading {
        Some(heading) => arg.help_heading(heading),
        None => arg,
    };
    if !explains {
        return arg;
    }
    let values = values.into_iter().map(|value| match words::value(path, &id, value.get_name()) {
        Some(text) => value.help(text),
        None => value,
    });
    arg.value_parser(PossibleValuesParser::new(values))
}

/// A page of the manual: what clap writes of its own into one, in Chinese.
pub(super) fn manual(page: &str) -> String {
    let row = |row: &str| match row.strip_prefix(".SH ") {
        Some(heading) => {
            format!(".SH {}\n", words::MANUAL.iter().find(|(en, _)| *en == heading).map_or(heading, |(_, zh)| zh))
        }
        None => format!("{}\n", row.replace("Possible values:", "可选值：").replace("[default: ", "[默认：")),
    };
    page.lines().map(row).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::CommandLine;

    /// Every command with its path, those that show the help of others left out.
    fn each(command: &Command, path: &Path, see: &mut dyn FnMut(&Command, &Path)) {
        see(command, path);
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            each(below, &path.to(below.get_name()), see);
        }
    }

    fn built() -> Command {
        let mut command = CommandLine::command();
        command.build();
        command
    }

    #[test]
    fn each_command_argument_and_value_has_its_chinese_and_no_entry_is_stale() {
        let mut used = BTreeSet::new();
        let mut missing = Vec::new();
        each(&built(), &Path::default(), &mut |command, path| {
            let mut needs = |key: Option<String>, what: String| match key {
                Some(key) => drop(used.insert(key)),
                None => missing.push(what),
            };
            let name = path.to_string();
            needs(words::about(path).map(|_| format!("about {name}")), format!("the command `{name}`"));
            for arg in command.get_arguments() {
                let id = arg.get_id().as_str();
                needs(
                    words::entry(path, id).map(|(command, id, _)| format!("{command} {id}")),
                    format!("`{id}` of `{name}`"),
                );
                for value in arg.get_possible_values().iter().filter(|value| value.get_help().is_some()) {
                    let value = value.get_name();
                    let key = words::value(path, id, value).map(|_| format!("{name} {id}={value}"));
                    needs(key, format!("the value {value} of `{id}` of `{name}`"));
                }
            }
        });
        assert!(missing.is_empty(), "no Chinese for {missing:#?}");
        let help = "about help".to_owned();
        let stale: Vec<String> = words::all().filter(|key| *key != help && !used.contains(key)).collect();
        assert!(stale.is_empty(), "nothing is called so any more: {stale:#?}");
    }

    #[test]
    fn a_page_fits_the_terminal_and_has_no_english_sentence() {
        for width in [60, 100] {
            each(&translated(CommandLine::command()), &Path::default(), &mut |command, path| {
                let page = help::page(command, width);
                for line in page.lines() {
                    assert!(crate::console::width::width(line) <= width, "`{path}` in {width} columns: {line}");
                }
                for english in
                    ["Usage", "OPTIONS", "<COMMAND>", "Options", "Print", "default", "possible", " the ", "For "]
                {
                    assert!(!page.contains(english), "`{path}` says {english}:\n{page}");
                }
            });
        }
    }

    #[test]
    fn the_texts_are_chinese() {
        for (key, text) in words::texts() {
            let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            assert!(text == "Markdown" || text.contains(chinese), "{key}: {text}");
            let pairs = text.chars().zip(text.chars().skip(1));
            let narrow =
                |(a, b): (char, char)| (chinese(a) && ",;:!?()".contains(b)) || (",;:!?()".contains(a) && chinese(b));
            assert!(!pairs.into_iter().any(narrow), "{key}: narrow punctuation in {text}");
        }
    }
}
