//! What the program is given: environment, files, the user, the machine. Read here and nowhere else.
#![expect(clippy::disallowed_methods, reason = "the one place at which inputs of the program are read")]

use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::diagnostic::Code;
use crate::drivers::real::proxy::Proxy;
use crate::journal::file_store::share::user_name;
use crate::journal::problem::Problem;
use crate::journal::store::Claimant;
use crate::text;
use crate::text::{Both, Lang, Text};
use crate::value::nearest::nearest;

/// Longest file that is read whole: a runbook may have 4 MiB, and what is longer is refused by whoever reads its text.
const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// Most files of a folder that are looked at for one of nearly the same name: enough for a folder of runbooks.
const MAX_NEIGHBOURS: usize = 1000;

/// A variable of the environment; one that is not text counts as not set.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The arguments of the program.
pub(super) fn arguments() -> Vec<std::ffi::OsString> {
    std::env::args_os().collect()
}

/// The language in which people are spoken to.
pub(super) fn language() -> Lang {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    Lang::of_locale(&["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).unwrap_or_default())
}

/// By way of whom others are asked over HTTP. Proxies that the environment names for all programs are left alone: one is
/// used only where it is named for this one. It does not apply to the hosts of `NO_PROXY`.
pub(super) fn proxy() -> Result<Option<Arc<Proxy>>, Problem> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let Some(url) = set("RUNBOOK_PROXY") else { return Ok(None) };
    let except = set("NO_PROXY").or_else(|| set("no_proxy")).unwrap_or_default();
    let proxy = Proxy::new(&url, &except).map_err(|why| {
        Problem::new(Code::RB0867, text!("$RUNBOOK_PROXY: {why}", "$RUNBOOK_PROXY：{why}", why = why)).help(text!(
            "RUNBOOK_PROXY=http://proxy.example:3128, or unset it: then everybody is asked directly",
            "应为 RUNBOOK_PROXY=http://proxy.example:3128；不设置则一律直连"
        ))
    })?;
    Ok(Some(Arc::new(proxy)))
}

/// The folder of the journals.
pub(super) fn state_dir(given: Option<PathBuf>) -> Result<PathBuf, Problem> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    given
        .or_else(|| set("RUNBOOK_STATE_DIR"))
        .or_else(|| Some(set("XDG_STATE_HOME")?.join("runbook")))
        .or_else(|| Some(set("HOME")?.join(".local/state/runbook")))
        .map(|path| absolute(&path))
        .ok_or_else(|| {
            let message = text!("there is no state folder: $HOME is not set", "没有状态文件夹：未设置 $HOME");
            Problem::new(Code::RB0908, message).help(text!(
                "name one with --state-dir or $RUNBOOK_STATE_DIR",
                "请用 --state-dir 或 $RUNBOOK_STATE_DIR 指定"
            ))
        })
}

/// The folder in which the program was called.
pub(super) fn working_dir() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
}

/// A path from the root, without looking at what is there.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Goes to the folder in which a run was begun.
pub(super) fn enter(folder: &Path) -> Result<(), Problem> {
    std::env::set_current_dir(folder).map_err(|error| cannot_read(folder, &error))
}

/// Is this a file?
pub(super) fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    read_up_to(path, MAX_FILE_BYTES)
}

/// The bytes of a file that has at most `max_bytes`.
pub(super) fn read_up_to(path: &Path, max_bytes: u64) -> Result<Vec<u8>, Problem> {
    let file = File::open(path).map_err(|error| cannot_read(path, &error))?;
    let mut bytes = Vec::new();
    // What a device or a pipe has is known only when it is read.
    let mut file = file.take(max_bytes.saturating_add(1));
    file.read_to_end(&mut bytes).map_err(|error| cannot_read(path, &error))?;
    if bytes.len() as u64 > max_bytes {
        let message = text!(
            "{} has more than {} bytes, which is more than is read",
            "{} 超过 {} 字节，超出可读取的大小",
            path.display(),
            max_bytes
        );
        return Err(Problem::new(Code::RB0004, message).help(text!("is it the right file?", "是否选错了文件？")));
    }
    Ok(bytes)
}

/// When a file was last written.
pub(super) fn modified(path: &Path) -> Result<Timestamp, Problem> {
    let time = std::fs::metadata(path).and_then(|metadata| metadata.modified());
    let time = time.map_err(|error| cannot_read(path, &error))?;
    // Times beyond the year 9999 are no times of files.
    Ok(Timestamp::try_from(time).unwrap_or(Timestamp::MAX))
}

/// A file as text.
pub(super) fn read_text(path: &Path) -> Result<String, Problem> {
    String::from_utf8(read(path)?).map_err(|_| {
        let message = text!("cannot read {}: it is not UTF-8 text", "无法读取 {}：不是 UTF-8 文本", path.display());
        Problem::new(Code::RB0868, message).help(text!("save it as UTF-8", "请另存为 UTF-8"))
    })
}

/// Names of the files in a folder that end with `.EXTENSION`, without it, in order.
pub(super) fn names(folder: &Path, extension: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Problem {
    let shown = path.display();
    let known = [
        (ErrorKind::NotFound, Both("it is not there", "文件不存在")),
        (ErrorKind::IsADirectory, Both("it is a folder", "它是文件夹")),
        (ErrorKind::PermissionDenied, Both("it may not be read", "没有读取权限")),
        (ErrorKind::NotADirectory, Both("a part of the path is no folder", "路径中有一段不是文件夹")),
    ];
    let why = known.iter().find(|(kind, _)| *kind == error.kind());
    let why = why.map_or_else(|| Text::verbatim(error.to_string()), |(_, why)| Text::from(*why));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let help = if error.kind() == ErrorKind::NotFound {
        match near(path, folder) {
            Some(near) => text!("did you mean `{}`?", "是否想写 `{}`？", near.display()),
            None => text!("it is looked for in {}", "在 {} 中查找", absolute(folder).display()),
        }
    } else if error.kind() == ErrorKind::IsADirectory {
        text!("name a file in it", "请指定其中的文件")
    } else {
        text!("`ls -ld {shown}` says more", "`ls -ld {shown}` 可查看详情")
    };
    Problem::new(Code::RB0868, text!("cannot read {}: {}", "无法读取 {}：{}", shown, why)).help(help)
}

/// The file of a folder whose name is nearly that of the path.
fn near(path: &Path, folder: &Path) -> Option<PathBuf> {
    let wanted = path.file_name()?.to_str()?;
    let entries = std::fs::read_dir(folder).ok()?.take(MAX_NEIGHBOURS);
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Some(path.with_file_name(nearest(wanted, names.iter().map(String::as_str))?))
}

/// The operating system's user, by name.
pub(super) fn user() -> String {
    user_name(nix::unistd::getuid().as_raw())
}

/// The name of the machine.
pub(super) fn hostname() -> String {
    nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_else(|| "unknown".to_owned())
}

/// The time by the clock of the machine.
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// This process as the executor of a run.
pub(super) fn claimant() -> Claimant {
    Claimant { user: user(), hostname: hostname(), pid: std::process::id(), since: now() }
}

/// Bits of chance from the system, for ids.
pub(super) fn chance() -> u32 {
    // Without a source of chance two runs of the same minute are told apart by their process.
    random_bytes().ok().and_then(|bytes| bytes.first_chunk().copied()).map_or_else(std::process::id, u32::from_ne_bytes)
}

/// Bytes that nobody can guess.
pub(super) fn random_bytes() -> Result<[u8; 64], Text> {
    let mut bytes = [0; 64];
    match File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(text!("there is no source of chance: {error}", "没有随机数来源：{error}")),
    }
}

/// What a command prints that gives a secret. It has no terminal and no input; what it says besides goes to standard
/// error. It runs before the run begins, so its time is the operator's: Ctrl-C ends it.
pub(super) fn printed_by(command: &str) -> Result<String, Text> {
    let output = duct::cmd("bash", ["-euo", "pipefail", "-c", command])
        .stdin_null()
        .stdout_capture()
        .unchecked()
        .run()
        .map_err(|error| text!("the command cannot be begun: {error}", "无法启动命令：{error}"))?;
    if !output.status.success() {
        return Err(text!("the command failed: {}", "命令失败：{}", output.status));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| text!("the command prints bytes that are not text", "命令的输出不是文本"))
}

/// Asks for a line.
pub(super) fn ask(prompt: &str) -> Result<String, String> {
    let mut err = std::io::stderr();
    err.write_all(prompt.as_bytes()).and_then(|()| err.flush()).map_err(|error| error.to_string())?;
    let mut line = String::new();
    if std::io::stdin().read_line(&mut line).map_err(|error| error.to_string())? == 0 {
        return Err("end of input".to_owned());
    }
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Is somebody at standard input?
pub(super) fn stdin_is_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// Is standard output seen on a terminal?
pub(super) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Is standard error seen on a terminal?
pub(super) fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Columns of the terminal on which standard output is seen; `$COLUMNS` goes before it.
pub(super) fn stdout_width() -> Option<usize> {
    width_set().or_else(|| columns(terminal_size::terminal_size_of(std::io::stdout())))
}

/// The same of standard error.
pub(super) fn stderr_width() -> Option<usize> {
    width_set().or_else(|| columns(terminal_size::terminal_size_of(std::io::stderr())))
}

fn columns(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    size.map(|(width, _)| usize::from(width.0))
}

fn width_set() -> Option<usize> {
    variable("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0)
}

/// How often a journal is looked at while it is followed: soon enough for a person, and nothing for a disk.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(500);

/// Waits before the next look.
pub(super) fn pause() {
    std::thread::sleep(LOOK_AGAIN);
}
