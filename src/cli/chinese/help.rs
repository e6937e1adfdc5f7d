//! The help of a command in Chinese. clap breaks lines at blanks alone, of which Chinese has none, and has its headings
//! built in: so the page is drawn here, from what clap knows of the command.

use std::ffi::OsString;

use clap::builder::PossibleValue;
use clap::{Arg, Command};

use super::{translated, words};
use crate::console::width::{pad, width, wrap};

/// Widest page: longer lines are hard to follow with the eye.
const WIDEST: usize = 100;

/// Columns before a name, and between the longest name and what it is for.
const GAP: usize = 2;

/// Fewest columns in which a text beside its name can still be read; where there are less it stands below.
const NARROWEST_TEXT: usize = 30;

/// Columns before a text that stands below its name.
const BELOW: usize = 10;

/// The help that is asked for by `line`. Which one that is, clap finds out: it is given the pages of all commands.
pub(super) fn asked(mut command: Command, line: Vec<OsString>, width: usize) -> Option<String> {
    // What clap adds of its own, `help`, is there from here on.
    command.build();
    let drawn = translated(command.clone());
    let error = with_pages(command, &drawn, width.min(WIDEST)).try_get_matches_from(line).err()?;
    Some(error.render().to_string())
}

fn with_pages(command: Command, drawn: &Command, width: usize) -> Command {
    command.override_help(page(drawn, width)).mut_subcommands(|below| match drawn.find_subcommand(below.get_name()) {
        Some(drawn) => with_pages(below, drawn, width),
        None => below,
    })
}

/// A name, and what it is for.
struct Row {
    name: String,
    text: String,
    /// Its default and its values.
    notes: Vec<String>,
}

/// The page of a command that [`translated`] gave.
pub(super) fn page(command: &Command, width: usize) -> String {
    let mut lines = Vec::new();
    if let Some(about) = command.get_about() {
        lines.extend(wrap(&about.to_string(), width));
        lines.push(String::new());
    }
    lines.extend(wrap(&usage(&command.clone().render_usage().to_string()), width));
    let commands = command.get_subcommands().filter(|below| !below.is_hide_set()).map(|below| Row {
        name: below.get_name().to_owned(),
        text: below.get_about().map(ToString::to_string).unwrap_or_default(),
        notes: Vec::new(),
    });
    section(words::COMMANDS, commands.collect(), width, &mut lines);
    let mut arguments: Vec<&Arg> = command.get_arguments().filter(|arg| !arg.is_hide_set()).collect();
    arguments.sort_by_key(|arg| arg.get_display_order());
    let mut take = |heading: &str, wanted: &dyn Fn(&Arg) -> bool| {
        let rows = arguments.iter().copied().filter(|arg| wanted(arg)).map(row).collect();
        section(heading, rows, width, &mut lines);
    };
    let everywhere = |arg: &Arg| arg.get_help_heading().is_some();
    take(words::ARGUMENTS_HEADING, &|arg| arg.is_positional());
    take(words::OPTIONS, &|arg| !arg.is_positional() && !everywhere(arg));
    take(words::EVERYWHERE, &everywhere);
    if let Some(after) = command.get_after_help() {
        lines.push(String::new());
        lines.extend(wrap(&after.to_string(), width));
    }
    lines.join("\n")
}

/// A usage line of clap's in Chinese.
pub(super) fn usage(line: &str) -> String {
    let form = line.strip_prefix("Usage: ").unwrap_or(line);
    let form = form.trim_end().replace("[OPTIONS]", "[选项]");
    // At its end stands the name of a command; elsewhere the same word would be an argument.
    match (form.strip_suffix("<COMMAND>"), form.strip_suffix("[COMMAND]")) {
        (Some(before), _) => format!("用法：{before}<{}>", words::COMMAND),
        (None, Some(before)) => format!("用法：{before}[{}]", words::COMMAND),
        (None, None) => format!("用法：{form}"),
    }
}

/// What an argument is called and is for, with its default and its values.
fn row(arg: &Arg) -> Row {
    let name = match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(_)) => format!("-{short}, {arg}"),
        (None, Some(_)) => format!("    {arg}"),
        (Some(_) | None, None) => arg.to_string(),
    };
    let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut notes = Vec::new();
    if arg.get_action().takes_values() {
        let defaults = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect::<Vec<_>>();
        if !defaults.is_empty() {
            notes.push(format!("[默认：{}]", defaults.join(" ")));
        }
        let values = arg.get_possible_values();
        if !values.is_empty() {
            let value = |value: &PossibleValue| match value.get_help() {
                Some(help) => format!("{}（{help}）", value.get_name()),
                None => value.get_name().to_owned(),
            };
            notes.push(format!("[可选值：{}]", values.iter().map(value).collect::<Vec<_>>().join("、")));
        }
    }
    Row { name, text, notes }
}

/// What a row says in lines of at most `columns`: a note is not broken where a line has room for it.
fn said(row: &Row, columns: usize) -> Vec<String> {
    let mut lines = wrap(&row.text, columns);
    for note in &row.notes {
        match lines.last_mut() {
            Some(last) if width(last) + 1 + width(note) <= columns => {
                last.push(' ');
                last.push_str(note);
            }
            Some(_) | None => lines.extend(wrap(note, columns)),
        }
    }
    lines
}

fn section(heading: &str, rows: Vec<Row>, columns: usize, lines: &mut Vec<String>) {
    if rows.is_empty() {
        return;
    }
    lines.extend([String::new(), format!("{heading}：")]);
    let indent = " ".repeat(GAP);
    let beside = 2 * GAP + rows.iter().map(|row| width(&row.name)).max().unwrap_or_default();
    if columns < beside + NARROWEST_TEXT {
        for row in rows {
            lines.push(format!("{indent}{}", row.name));
            let text = said(&row, columns.saturating_sub(BELOW));
            lines.extend(text.into_iter().map(|line| format!("{}{line}", " ".repeat(BELOW))));
        }
        return;
    }
    for row in rows {
        for (at, line) in said(&row, columns - beside).into_iter().enumerate() {
            let name = if at == 0 { row.name.as_str() } else { "" };
            lines.push(format!("{}{line}", pad(&format!("{indent}{name}"), beside)).trim_end().to_owned());
        }
    }
}
