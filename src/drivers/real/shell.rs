//! Commands: what is given to bash, and how it is judged. `supervise` runs it and sees to its end.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use tempfile::NamedTempFile;

use super::capture::Captured;
use super::crew::Crew;
use super::process::{self, Family, MARK};
use super::program::Program;
use super::spawn::{self, Beginning, Child, Input};
use super::supervise::{Ended, KILL_PATIENCE, LOOK_EVERY, Pipes, READ_BYTES, Stop, Supervised, Why, supervise};
use crate::drivers::reply::{Reply, Stopwatch, failure};
use crate::drivers::secrets::Secrets;
use crate::drivers::{Clock, Shell, Survivor};
use crate::engine::action::{self, ActionId, Start};
use crate::engine::input::{Data, Failure, FailureKind, Outcome};
use crate::engine::world::Process;
use crate::journal::store::Artifacts;
use crate::text;
use crate::text::Text;

/// How long a command that is to end is given at each step.
#[derive(Clone, Copy, Debug)]
pub struct Grace {
    /// After SIGINT, the polite way: tools like kubectl and terraform tidy up and say what they did.
    pub after_int: Duration,
    /// After SIGTERM, which also reaches `&` children, that ignore SIGINT. Then SIGKILL.
    pub after_term: Duration,
    /// For what a command leaves behind when it ends by itself, such as the `tee` of a process substitution that still
    /// writes. Then SIGTERM.
    pub linger: Duration,
}

impl Default for Grace {
    fn default() -> Grace {
        Grace { after_int: Duration::from_secs(10), after_term: Duration::from_secs(5), linger: Duration::from_secs(1) }
    }
}

/// Most output of a command that names no `max:`. A command that writes more is not going to end; less would refuse the
/// dump of a database.
const MAX_OUTPUT_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Longest sentence of a command that is repeated in ours.
const MAX_QUOTED_CHARS: usize = 200;

/// Runs commands under `bash -euo pipefail`, each in a session of its own.
pub struct Bash {
    shared: Arc<Shared>,
    crew: Crew,
    stops: BTreeMap<ActionId, Stop>,
}

/// What each command is run with.
struct Shared {
    setting: Setting,
    bash: Program,
}

/// What all commands of a run share.
pub struct Setting {
    /// Id of the run: marks its processes, so that they are found after a crash.
    pub run: String,
    /// Working directory of the run.
    pub dir: PathBuf,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What is masked in output, and what commands may be given.
    pub secrets: Secrets,
    /// Where large outputs go.
    pub artifacts: Arc<dyn Artifacts>,
    /// How long commands are given to end.
    pub grace: Grace,
}

impl Bash {
    /// From now on this process is the one to which orphans of its commands fall. Fails where the system does not know
    /// that (before Linux 3.4).
    pub fn new(setting: Setting) -> io::Result<Bash> {
        process::adopt_orphans()?;
        let shared = Arc::new(Shared { setting, bash: Program::named("bash") });
        Ok(Bash { shared, crew: Crew::new(READ_BYTES), stops: BTreeMap::new() })
    }

    fn family(&self, id: &ActionId, process: Process) -> Family {
        Family::of_earlier(process, self.shared.setting.mark(id))
    }
}

/// No command outlives the run, also where that ends in a way that nobody has foreseen.
impl Drop for Bash {
    fn drop(&mut self) {
        self.stops.values().for_each(Stop::ask);
        self.wait_for_cancelled();
    }
}

impl Shell for Bash {
    fn run(&mut self, start: &Start, shell: &action::Shell, reply: Reply) {
        let shared = Arc::clone(&self.shared);
        let clock = Arc::clone(&shared.setting.clock);
        let watch = Stopwatch::start(&*clock);
        let stop = match Stop::new() {
            Ok(stop) => stop,
            Err(error) => {
                let message = no_start(&error);
                return reply.done(watch.failed(&*clock, FailureKind::NotStarted, message));
            }
        };
        self.stops.retain(|_, stop| !stop.is_over());
        self.stops.insert(start.id.clone(), stop.clone());
        let timeout = start.timeout.map(SignedDuration::unsigned_abs);
        let shell = shell.clone();
        let spare = reply.clone();
        let job = move |room: &mut [u8]| {
            let outcome = shared.run(&shell, timeout, &stop, &reply, watch, room);
            stop.end();
            reply.done(outcome);
        };
        if let Err(error) = self.crew.give(job) {
            self.stops.remove(&start.id);
            let message = no_start(&error);
            spare.done(watch.failed(&*clock, FailureKind::NotStarted, message));
        }
    }

    fn cancel(&mut self, id: &ActionId) {
        if let Some(stop) = self.stops.get(id) {
            stop.ask();
        }
    }

    fn wait_for_cancelled(&mut self) {
        let Grace { after_int, after_term, linger } = self.shared.setting.grace;
        let end = Instant::now() + after_int + after_term + linger + KILL_PATIENCE;
        while self.stops.values().any(Stop::is_ending) && Instant::now() < end {
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn survivors(&mut self, id: &ActionId, process: Process) -> Vec<Survivor> {
        let alive = self.family(id, process).alive();
        alive.iter().map(|entry| Survivor { pid: entry.pid, command: process::command_line(entry.pid) }).collect()
    }

    fn adopt(&mut self, process: Process, timeout: Option<SignedDuration>, reply: Reply) {
        let mut family = self.family(reply.id(), process);
        let shared = Arc::clone(&self.shared);
        let watch = Stopwatch::start(&*shared.setting.clock);
        let stop = match Stop::new() {
            Ok(stop) => stop,
            Err(error) => {
                let message = text!("it could not be waited for: {error}", "无法等待它结束：{error}");
                return reply.done(watch.failed(&*shared.setting.clock, FailureKind::InDoubt, message));
            }
        };
        self.stops.insert(reply.id().clone(), stop.clone());
        let limit = timeout.map(SignedDuration::unsigned_abs);
        std::thread::spawn(move || {
            let why = super::supervise::wait_for_earlier(&mut family, &stop, limit, shared.setting.grace);
            stop.end();
            let (kind, message) = match why {
                Some(Why::TimedOut) => (
                    FailureKind::TimedOut,
                    text!(
                        "ended by its time-out; what it did until then is not known",
                        "超时被终止；此前做到了哪一步不明"
                    ),
                ),
                Some(Why::Asked | Why::TooLarge) => (
                    FailureKind::Interrupted,
                    text!("stopped; what it did until then is not known", "已停止；此前做到了哪一步不明"),
                ),
                None => (
                    FailureKind::InDoubt,
                    text!(
                        "it ran to its end without an executor: its exit code and output went to nobody",
                        "它在没有执行者时运行结束：退出码和输出无人接收"
                    ),
                ),
            };
            reply.done(watch.failed(&*shared.setting.clock, kind, message));
        });
    }
}

impl Setting {
    fn mark(&self, id: &ActionId) -> String {
        format!("{}/{id}", self.run)
    }
}

impl Shared {
    /// Runs a command from its beginning to its end.
    fn run(
        &self,
        shell: &action::Shell,
        timeout: Option<Duration>,
        stop: &Stop,
        reply: &Reply,
        watch: Stopwatch,
        room: &mut [u8],
    ) -> Outcome {
        let Setting { dir, clock, secrets, artifacts, grace, run: _ } = &self.setting;
        let save = match shell.save.as_ref().map(|path| Save::begin(&dir.join(path))).transpose() {
            Ok(save) => save,
            Err(failure) => return watch.outcome(&**clock, Some(failure), Data::None),
        };
        let (pipes, child, family) = match self.begin(shell, self.setting.mark(reply.id())) {
            Ok(begun) => begun,
            Err(failure) => return watch.outcome(&**clock, Some(failure), Data::None),
        };
        reply.started(family.process());
        let save_to = match save.as_ref().map(Save::writer).transpose() {
            Ok(writer) => writer,
            Err(error) => {
                return watch.failed(&**clock, FailureKind::NotStarted, Text::verbatim(error.to_string()));
            }
        };
        let max_bytes = shell.max_bytes.and_then(|max| u64::try_from(max).ok()).unwrap_or(MAX_OUTPUT_BYTES);
        let supervised = Supervised {
            pipes,
            child,
            family,
            timeout,
            max_bytes,
            parsed: shell.parse.is_some(),
            save: save_to,
            grace: *grace,
        };
        let ended = supervise(supervised, stop, reply, &secrets.redactor(), artifacts, room);
        let (mut failure, data) = judge(shell, timeout, max_bytes, ended);
        if let (None, Some(save)) = (&failure, save) {
            failure = save.finish().err();
        }
        watch.outcome(&**clock, failure, data)
    }

    /// Starts bash.
    fn begin(&self, shell: &action::Shell, mark: String) -> Result<(Pipes, Child, Family), Failure> {
        let not_started = |message: Text| failure(FailureKind::NotStarted, message);
        let Setting { dir, secrets, .. } = &self.setting;
        let dir = shell.dir.as_ref().map_or_else(|| dir.clone(), |inner| dir.join(inner));
        if !dir.is_dir() {
            return Err(not_started(text!("the folder {} is not there", "文件夹 {} 不存在", dir.display())));
        }
        let resolve = |input: &action::Input| {
            secrets.resolve(input).ok_or_else(|| match input {
                action::Input::Secret(name) => not_started(text!("the secret {name} is not set", "未设置密钥 {name}")),
                action::Input::Text(_) => not_started(text!("its input is not there", "它的输入不存在")),
            })
        };
        let stdin = shell.stdin.as_ref().map(resolve).transpose()?;
        let program = self.bash.path().ok_or_else(|| not_started(text!("bash is not on PATH", "PATH 中没有 bash")))?;
        // The last word is `$0`, with which bash begins what it has to say.
        let words = ["bash", "-euo", "pipefail", "-c", shell.command.as_str(), "bash"];
        let mut environment: BTreeMap<_, _> = env::vars_os().collect();
        // What these hold would run before the command, or change how bash reads it.
        for name in ["BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS"] {
            environment.remove(OsStr::new(name));
        }
        for (name, value) in &shell.env {
            environment.insert(name.into(), resolve(value)?.as_str().into());
        }
        environment.insert(MARK.into(), (&mark).into());
        let broken = |error: io::Error| not_started(no_start(&error));
        let stdin = stdin.as_ref().map(|text| text.as_bytes());
        let ends = if shell.tty { on_terminal(stdin) } else { on_pipes(stdin) };
        let Ends { pipes, input, outputs } = ends.map_err(broken)?;
        let beginning = Beginning { program, words: &words, environment, folder: &dir, input, outputs };
        let started = Family::start(mark, || spawn::begin(&beginning));
        let (child, family) = started.map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                not_started(text!(
                    "{} or the folder {} is not there any more",
                    "{} 或文件夹 {} 已不存在",
                    program.display(),
                    dir.display()
                ))
            } else if error.kind() == io::ErrorKind::ArgumentListTooLong {
                let bytes = shell.command.len();
                not_started(text!(
                    "the command is too long to be started ({bytes} bytes): give its data by `stdin:`",
                    "命令过长，无法启动（{bytes} 字节）：请用 `stdin:` 传入数据"
                ))
            } else {
                broken(error)
            }
        })?;
        Ok((pipes, child, family))
    }
}

fn no_start(error: &io::Error) -> Text {
    text!("the command could not be started: {error}", "无法启动命令：{error}")
}

/// The two ends of what a command reads and writes.
struct Ends {
    /// Ours.
    pipes: Pipes,
    /// The command's.
    input: Input,
    outputs: [OwnedFd; 2],
}

/// Standard output and error are pipes, standard input is a text or nothing.
fn on_pipes(stdin: Option<&[u8]>) -> io::Result<Ends> {
    let (out, out_writer) = io::pipe()?;
    let (err, err_writer) = io::pipe()?;
    let input = match stdin {
        Some(text) => {
            // In memory alone, since it may be a secret; a file, so that nobody has to feed it.
            let mut file = File::from(memfd_create(c"stdin", MFdFlags::MFD_CLOEXEC)?);
            file.write_all(text)?;
            file.rewind()?;
            Input::File(file.into())
        }
        None => Input::Nothing,
    };
    let pipes = Pipes { out: out.into(), err: Some(err.into()), typed: Vec::new() };
    Ok(Ends { pipes, input, outputs: [out_writer.into(), err_writer.into()] })
}

/// All three are a terminal of its own, on which `stdin` is typed, without an echo, followed by an end of input.
fn on_terminal(stdin: Option<&[u8]>) -> io::Result<Ends> {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let path = ptsname_r(&master)?;
    // As the terminal of this process it would take its signals from there.
    let no_terminal_of_ours = OFlag::O_NOCTTY.bits();
    let slave = fs::OpenOptions::new().read(true).write(true).custom_flags(no_terminal_of_ours).open(&path)?;
    let mut settings = tcgetattr(&slave)?;
    settings.local_flags.remove(LocalFlags::ECHO);
    tcsetattr(&slave, SetArg::TCSANOW, &settings)?;
    let end_of_input = 4;
    let mut typed = stdin.unwrap_or_default().to_vec();
    if typed.last().is_some_and(|last| *last != b'\n') {
        // In the middle of a line the first end of input only ends the line.
        typed.push(end_of_input);
    }
    typed.push(end_of_input);
    let outputs = [slave.try_clone()?.into(), slave.into()];
    let pipes = Pipes { out: master.as_fd().try_clone_to_owned()?, err: None, typed };
    Ok(Ends { pipes, input: Input::Terminal(path.into()), outputs })
}

/// A file that a command's output is also written to: as a whole when the command succeeded, else not at all, so that a
/// failed dump never takes the place of a good one.
struct Save {
    file: NamedTempFile,
    to: PathBuf,
}

impl Save {
    fn begin(to: &Path) -> Result<Save, Failure> {
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .and_then(|()| NamedTempFile::new_in(folder))
            .map(|file| Save { file, to: to.to_owned() })
            .map_err(|error| failure(FailureKind::NotStarted, text!("{}: {}", "{}：{}", to.display(), error)))
    }

    fn writer(&self) -> io::Result<Box<dyn Write + Send>> {
        Ok(Box::new(self.file.as_file().try_clone()?))
    }

    fn finish(self) -> Result<(), Failure> {
        let Save { file, to } = self;
        let kept = fs::metadata(&to).ok().map(|before| before.permissions());
        file.as_file()
            .sync_all()
            .and_then(|()| kept.map_or(Ok(()), |kept| file.as_file().set_permissions(kept)))
            .and_then(|()| file.persist(&to).map(drop).map_err(|error| error.error))
            .map_err(|error| {
                failure(
                    FailureKind::Failed,
                    text!("its output could not be saved to {}: {}", "无法将输出保存到 {}：{}", to.display(), error),
                )
            })
    }
}

/// What a command's end means.
fn judge(shell: &action::Shell, timeout: Option<Duration>, max_bytes: u64, ended: Ended) -> (Option<Failure>, Data) {
    let Ended { status, why, out, err, last_signal, survivors } = ended;
    let code = status.and_then(|status| status.code());
    let how = last_signal.map_or_else(Text::default, |signal| text!(", ended with {signal}", "，以 {signal} 终止"));
    let mut value = None;
    let mut failed = match why {
        Some(Why::TimedOut) => {
            let limit = timeout.map(SignedDuration::try_from).and_then(Result::ok).unwrap_or_default();
            let limit = format!("{limit:#}");
            Some(failure(FailureKind::TimedOut, text!("not finished within {}{}", "未在 {} 内结束{}", limit, how)))
        }
        Some(Why::Asked) => Some(failure(FailureKind::Interrupted, text!("stopped{}", "已停止{}", how))),
        Some(Why::TooLarge) => {
            let message = text!("more than {} bytes of output{}", "输出超过 {} 字节{}", max_bytes, how);
            Some(failure(FailureKind::TooLarge, message))
        }
        None => judge_status(shell, status, &out, &err),
    };
    let problem = out.problem.as_ref().or(err.problem.as_ref());
    if let (None, Some(problem)) = (&failed, problem) {
        let message =
            text!("it ran, but its output could not be kept: {problem}", "已经执行，但无法保存其输出：{problem}");
        failed = Some(failure(FailureKind::Failed, message));
    }
    if let (None, Some(parse)) = (&failed, shell.parse) {
        match super::parse::parse(parse, &out.kept, out.output.bytes) {
            Ok(parsed) => value = Some(parsed),
            Err(reason) => failed = Some(reason),
        }
    }
    if let (Some(failure), [first, ..]) = (&mut failed, survivors.as_slice()) {
        failure.message = text!(
            "{}; {} of its processes could not be ended: {}",
            "{}；有 {} 个进程未能终止：{}",
            failure.message,
            survivors.len(),
            first
        );
    }
    (failed, Data::Shell { code, out: out.output, err: err.output, value })
}

fn judge_status(
    shell: &action::Shell,
    status: Option<std::process::ExitStatus>,
    out: &Captured,
    err: &Captured,
) -> Option<Failure> {
    use std::os::unix::process::ExitStatusExt;
    let failed = |message: Text| Some(failure(FailureKind::Failed, message));
    let Some(status) = status else { return failed(text!("its exit code is not known", "退出码不明")) };
    let said = if err.last_line.is_empty() { &out.last_line } else { &err.last_line };
    let said: String = said.chars().filter(|letter| !letter.is_control()).take(MAX_QUOTED_CHARS).collect();
    let with = |fact: Text| failed(if said.is_empty() { fact } else { text!("{}: {}", "{}：{}", fact, said) });
    if let Some(signal) = status.signal() {
        return with(text!("ended by {}", "被 {} 终止", process::signal_name(signal)));
    }
    let code = status.code()?;
    if shell.ok.as_ref().is_none_or(|ok| ok.contains(&code)) {
        return None;
    }
    match code {
        126 => with(text!("exit 126, a command could not be executed", "退出码 126，有命令无法执行")),
        127 => with(text!("exit 127, a command was not found", "退出码 127，有命令未找到")),
        129..=192 => {
            let signal = process::signal_name(code - 128);
            with(text!("exit {code}, a command was ended by {signal}", "退出码 {code}，有命令被 {signal} 终止"))
        }
        _ => with(text!("exit {code}", "退出码 {code}")),
    }
}
