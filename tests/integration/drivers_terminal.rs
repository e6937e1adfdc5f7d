//! A real pseudo-terminal with keys typed by the test. What is tested runs in a process of its own, since it needs a
//! terminal of its own: this test binary again, with [`SCENE`] set.

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use expectrl::session::OsSession;
use expectrl::{Expect as _, Session};
use jiff::tz::TimeZone;
use nix::fcntl::OFlag;
use nix::libc;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use runbook::check::program::Class;
use runbook::console::prompt::dialogue::Context;
use runbook::console::style::Style;
use runbook::drivers::real::terminal::{self, AtTerminal, OnScreen, Setting, Source, ask_hidden};
use runbook::drivers::reply::{Message, News, Sending, channel_of_news};
use runbook::drivers::secrets::Secrets;
use runbook::drivers::{People as _, Screen as _};
use runbook::engine::action::{ActionId, Effect, Prompt, PromptKind, Start, Urgency, Words};
use runbook::engine::telling::Telling;
use runbook::engine::view::RunView;
use runbook::engine::world::Happening;
use runbook::text::{Lang, Text};
use runbook::value::Value;
use runbook::value::answer::AnswerSpec;
use runbook::value::types::Type;
use tempfile::TempDir;

use crate::drivers_bench::{HANG, NO_RUNAWAY, eventually};

const SCENE: &str = "RUNBOOK_TEST_SCENE";
const FOLDER: &str = "RUNBOOK_TEST_FOLDER";
const LANGUAGE: &str = "RUNBOOK_TEST_LANGUAGE";

/// Longer than the time for which a line that was meant for the question before is not taken, with room for a machine
/// that is busy and shows the question late.
const READ_IT: Duration = Duration::from_secs(3);

// ---- the process at the terminal

/// The process that the tests below start. Without a scene it is none of them.
#[test]
fn other_side() {
    let Ok(scene) = std::env::var(SCENE) else { return };
    let side = Side::open();
    match scene.as_str() {
        "answers" => side.answers(),
        "urgent" => side.urgent(),
        "lines" => side.lines(),
        "withdraw" => side.withdraw(),
        "open" => side.open_question(),
        "idle" => side.idle(),
        "hidden" => {
            let typed = ask_hidden("token: ");
            side.note(&format!("typed {typed:?}"));
        }
        other => panic!("{other} is no scene"),
    }
}

struct Side {
    folder: PathBuf,
    people: AtTerminal,
    screen: OnScreen,
    sending: Sending,
    inbox: Receiver<Message>,
}

impl Side {
    fn open() -> Side {
        let folder = PathBuf::from(std::env::var(FOLDER).unwrap());
        let lang = if std::env::var(LANGUAGE).as_deref() == Ok("zh") { Lang::Zh } else { Lang::En };
        let (sending, inbox) = channel_of_news();
        let style = Style::plain(lang, TimeZone::UTC);
        let secrets = Secrets::default();
        assert!(secrets.insert("token", "s3cr3t-value".into()));
        let setting = Setting {
            context: Context { run: "r1".into(), executor: "li.na".into(), simulated: false, style: style.clone() },
            style,
            sending: sending.clone(),
            secrets,
            history: Some(folder.join("history")),
            source: Source::default(),
        };
        let (people, screen) = terminal::open(setting).unwrap();
        terminal::listen(sending.clone(), Some(&people)).unwrap();
        Side { folder, people, screen, sending, inbox }
    }

    /// Tells the test something.
    fn note(&self, line: &str) {
        use std::io::Write;
        let mut notes = fs::OpenOptions::new().append(true).create(true).open(self.folder.join("notes")).unwrap();
        writeln!(notes, "{line}").unwrap();
    }

    fn wait_for(&self, name: &str) {
        eventually(name, || self.folder.join(name).exists());
    }

    fn ask(&mut self, key: &str, title: &str, ty: Type, urgency: Urgency) {
        let prompt = Prompt {
            kind: PromptKind::Ask,
            answer: AnswerSpec::of(ty),
            default: None,
            choices: Vec::new(),
            show: Vec::new(),
            by: None,
            not_executor: false,
            evidence: None,
            within: None,
            remind: None,
            never_auto: false,
            urgency,
            can_rollback: false,
        };
        let start = Start {
            id: ActionId(format!("{key}#1")),
            key: key.into(),
            title: Words::own(title, None),
            class: Class::Pure,
            timeout: None,
            effect: Effect::Ask(Box::new(prompt.clone())),
        };
        self.people.ask(&start, &prompt, self.sending.reply(&start.id));
    }

    fn say(&mut self, text: &str) {
        let telling = Telling::Warning { text: Text::verbatim(text) };
        self.screen.tell(jiff::Timestamp::UNIX_EPOCH, &telling, &RunView::default);
    }

    /// As the loop of `run` does, until something for the engine has come; it is noted.
    fn next(&mut self) {
        loop {
            let News::Happened(happening) = self.inbox.recv_timeout(HANG).unwrap().news else { continue };
            let line = match happening {
                Happening::View(what) => {
                    self.screen.show(&what, &RunView { run: "r1".into(), ..RunView::default() });
                    if matches!(what, runbook::engine::world::ViewRequest::Question(_)) {
                        continue;
                    }
                    format!("view {what:?}")
                }
                Happening::Delivered { id } => format!("delivered {id}"),
                Happening::Answered { id, answer } => match answer.value {
                    Value::Text(text) => format!("answered {id} {text} by {}", answer.by),
                    other => format!("answered {id} {other:?} by {}", answer.by),
                },
                Happening::NobodyThere { id } => format!("nobody {id}"),
                Happening::Command { by, command } => format!("command {command:?} by {by}"),
                Happening::Interrupt => "interrupt".to_owned(),
                Happening::Detached => "detached".to_owned(),
                Happening::Terminate => "terminate".to_owned(),
                Happening::Due | Happening::Idle | Happening::Outcome { .. } | Happening::Started { .. } => {
                    panic!("{happening:?}")
                }
            };
            return self.note(&line);
        }
    }

    fn answers(mut self) {
        self.ask("ok", "全部检查通过？ All fine?", Type::Bool, Urgency::Other);
        self.next();
        self.next();
        self.ask("words", "What did you see?", Type::String, Urgency::Other);
        self.next();
        self.next();
    }

    fn urgent(mut self) {
        self.ask("first", "First question", Type::String, Urgency::Other);
        self.next();
        self.wait_for("go");
        self.ask("urgent", "Urgent question", Type::Bool, Urgency::Breach);
        self.next();
        self.next();
        self.next();
    }

    fn lines(mut self) {
        self.ask("ok", "Question", Type::String, Urgency::Other);
        self.next();
        self.wait_for("go");
        for number in 0..200 {
            self.say(&format!("line {number} of many"));
        }
        self.note("said");
        self.next();
    }

    fn withdraw(mut self) {
        self.ask("ok", "Question", Type::Bool, Urgency::Other);
        self.next();
        self.wait_for("go");
        self.people.withdraw(&ActionId("ok#1".into()));
        self.say("withdrawn it is");
        self.next();
    }

    /// A question that stays open, until nobody is there.
    fn open_question(mut self) {
        self.ask("ok", "Question", Type::Bool, Urgency::Other);
        self.next();
        self.next();
        self.note("end");
        self.wait_for("go");
        self.note("went on");
    }

    fn idle(mut self) {
        self.say("idle now");
        self.next();
        self.next();
    }
}

// ---- the test at the other end

struct Terminal {
    session: OsSession,
    folder: TempDir,
}

fn other_side_of(scene: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "drivers_terminal::other_side", "--nocapture", "--test-threads=1"])
        .env(SCENE, scene)
        .env(FOLDER, folder)
        .env("TERM", "xterm")
        .env(NO_RUNAWAY.0, NO_RUNAWAY.1);
    command
}

impl Terminal {
    fn open(scene: &str) -> Terminal {
        Terminal::open_with(scene, |_| {})
    }

    fn open_with(scene: &str, change: impl FnOnce(&mut Command)) -> Terminal {
        let folder = TempDir::new().unwrap();
        let mut command = other_side_of(scene, folder.path());
        change(&mut command);
        let mut session = Session::spawn(command).unwrap();
        session.set_expect_timeout(Some(HANG));
        Terminal { session, folder }
    }

    /// Waits until the terminal shows `text`; gives all that it showed until then.
    fn sees(&mut self, text: &str) -> String {
        let found = self.session.expect(text);
        let found = found.unwrap_or_else(|error| panic!("{text:?} is not shown: {error}; so far {:?}", self.notes()));
        String::from_utf8_lossy(found.before()).into_owned()
    }

    /// Waits until the question is there, down to the cursor.
    fn asked(&mut self, title: &str) {
        self.sees(title);
        self.sees("help");
        self.sees("❯");
    }

    fn types(&mut self, keys: &str) {
        self.session.send(keys).unwrap();
    }

    fn go(&self) {
        fs::write(self.folder.path().join("go"), "").unwrap();
    }

    fn notes(&self) -> Vec<String> {
        notes(self.folder.path())
    }

    /// Waits until the process has noted `line`.
    fn noted(&self, line: &str) {
        eventually(line, || self.notes().iter().any(|noted| noted == line));
    }
}

fn notes(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("notes")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_question_is_asked_until_it_is_answered() {
    let mut terminal = Terminal::open("answers");
    terminal.asked("全部检查通过？ All fine?");
    terminal.types("maybe\r");
    terminal.sees("yes");
    terminal.types("yes\r");
    terminal.asked("What did you see?");
    terminal.types("指标正常，ok\r");
    terminal.noted("answered words#1 指标正常，ok by li.na");
    assert_eq!(
        terminal.notes(),
        [
            "delivered ok#1",
            "answered ok#1 Bool(true) by li.na",
            "delivered words#1",
            "answered words#1 指标正常，ok by li.na"
        ]
    );
}

#[test]
fn keys_are_edited_and_remembered() {
    let mut terminal = Terminal::open("answers");
    terminal.asked("All fine?");
    terminal.types("ys\u{1b}[De\r");
    terminal.noted("answered ok#1 Bool(true) by li.na");
    terminal.asked("What did you see?");
    // Up: what was typed before.
    terminal.types("\u{1b}[A!\r");
    terminal.noted("answered words#1 yes! by li.na");
    assert_eq!(fs::read_to_string(terminal.folder.path().join("history")).unwrap(), "yes\nyes!\n");
}

#[test]
fn chinese_words_stand_around_the_question() {
    let mut terminal = Terminal::open_with("answers", |command| {
        command.env(LANGUAGE, "zh");
    });
    terminal.sees("全部检查通过？");
    terminal.asked("是 (y) 或 否 (n)");
    terminal.types("是\r");
    terminal.noted("answered ok#1 Bool(true) by li.na");
}

#[test]
fn a_more_urgent_question_goes_first_and_gives_the_draft_back() {
    let mut terminal = Terminal::open("urgent");
    terminal.asked("First question");
    terminal.types("half a no");
    terminal.sees("half a no");
    terminal.go();
    terminal.asked("Urgent question");
    std::thread::sleep(READ_IT);
    terminal.types("no\r");
    terminal.sees("First question");
    terminal.sees("half a no");
    terminal.types("te\r");
    terminal.noted("answered first#1 half a note by li.na");
    assert_eq!(
        terminal.notes(),
        [
            "delivered first#1",
            "delivered urgent#1",
            "answered urgent#1 Bool(false) by li.na",
            "answered first#1 half a note by li.na"
        ]
    );
}

#[test]
fn a_question_that_took_the_place_of_another_takes_no_answer_at_once() {
    let mut terminal = Terminal::open("urgent");
    terminal.asked("First question");
    terminal.go();
    terminal.asked("Urgent question");
    // Meant for the first one: nothing was typed yet when it was put aside.
    terminal.types("yes\r");
    terminal.sees("only just appeared");
    std::thread::sleep(READ_IT);
    terminal.types("no\r");
    terminal.sees("First question");
    std::thread::sleep(READ_IT);
    terminal.types("note\r");
    terminal.noted("answered first#1 note by li.na");
    assert_eq!(
        terminal.notes(),
        [
            "delivered first#1",
            "delivered urgent#1",
            "answered urgent#1 Bool(false) by li.na",
            "answered first#1 note by li.na"
        ]
    );
}

#[test]
fn lines_go_above_what_is_being_typed() {
    let mut terminal = Terminal::open("lines");
    terminal.asked("Question");
    terminal.types("half");
    terminal.sees("half");
    terminal.go();
    for number in [0, 7, 199] {
        terminal.sees(&format!("line {number} of many"));
    }
    terminal.sees("half");
    terminal.types(" done\r");
    terminal.noted("answered ok#1 half done by li.na");
}

#[test]
fn a_question_that_was_answered_elsewhere_goes_away() {
    let mut terminal = Terminal::open("withdraw");
    terminal.asked("Question");
    terminal.go();
    terminal.sees("withdrawn it is");
    // After a while commands can be typed, though nothing is asked.
    terminal.sees("❯");
    terminal.types("suspend\r");
    terminal.noted("command Suspend by li.na");
    assert_eq!(terminal.notes(), ["delivered ok#1", "command Suspend by li.na"]);
}

#[test]
fn commands_can_be_typed_while_nothing_is_asked() {
    let mut terminal = Terminal::open("idle");
    terminal.sees("idle now");
    terminal.sees("❯");
    terminal.types("statsu\r");
    terminal.sees("did you mean `status`?");
    terminal.sees("❯");
    terminal.types("status\r");
    terminal.noted("view Status");
    terminal.sees("❯");
    terminal.types("note seen s3cr3t-value\r");
    terminal.noted("command Note { text: \"seen s3cr3t-value\" } by li.na");
    assert_eq!(fs::read_to_string(terminal.folder.path().join("history")).unwrap(), "statsu\nstatus\n");
}

#[test]
fn ctrl_c_is_told_at_a_question_and_elsewhere() {
    let mut terminal = Terminal::open("open");
    terminal.asked("Question");
    terminal.types("ye\u{3}");
    terminal.noted("interrupt");
    assert_eq!(terminal.notes(), ["delivered ok#1", "interrupt", "end"]);
    let mut terminal = Terminal::open("idle");
    terminal.sees("idle now");
    terminal.types("\u{3}");
    terminal.noted("interrupt");
}

#[test]
fn a_signal_to_end_is_told() {
    let mut terminal = Terminal::open("open");
    terminal.asked("Question");
    let pid = nix::unistd::Pid::from_raw(terminal.session.get_process().pid().as_raw());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    terminal.noted("terminate");
}

#[test]
fn end_of_input_is_asked_once_more_and_is_never_a_yes() {
    let mut terminal = Terminal::open("open");
    terminal.asked("Question");
    terminal.types("\u{4}");
    terminal.sees("once more leaves the terminal");
    terminal.asked("Question");
    terminal.types("\u{4}");
    terminal.noted("end");
    assert_eq!(terminal.notes(), ["delivered ok#1", "nobody ok#1", "end"]);
    terminal.go();
}

#[test]
fn a_terminal_that_can_only_do_lines_serves_as_well() {
    let dumb = |scene| {
        Terminal::open_with(scene, |command| {
            command.env("TERM", "dumb");
        })
    };
    let mut terminal = dumb("urgent");
    terminal.asked("First question");
    terminal.go();
    terminal.asked("Urgent question");
    std::thread::sleep(READ_IT);
    terminal.types("no\n");
    terminal.asked("First question");
    terminal.types("note\n");
    terminal.noted("answered first#1 note by li.na");
    let mut terminal = dumb("hidden");
    terminal.sees("token: ");
    terminal.types("s3cr3t\n");
    terminal.noted("typed Some(\"s3cr3t\")");
}

#[test]
fn a_secret_is_not_shown_while_it_is_typed() {
    let mut terminal = Terminal::open("hidden");
    terminal.sees("token: ");
    terminal.types("s3cr3t");
    let shown = terminal.sees("******");
    assert!(!shown.contains("s3c"), "{shown}");
    terminal.types("\r");
    terminal.noted("typed Some(\"s3cr3t\")");
}

#[test]
fn a_terminal_that_hangs_up_leaves_the_run_going() {
    let folder = TempDir::new().unwrap();
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let master = posix_openpt(flags).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname_r(&master).unwrap();
    let slave = fs::OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOCTTY).open(name).unwrap();
    let other_side = other_side_of("open", folder.path());
    let mut command = Command::new("setsid");
    command.arg("-c").arg(other_side.get_program()).args(other_side.get_args());
    command.envs(other_side.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
    let mut child = command.spawn().unwrap();
    drop(command);
    eventually("the question is there", || notes(folder.path()) == ["delivered ok#1"]);
    drop(master);
    eventually("it goes on", || notes(folder.path()) == ["delivered ok#1", "nobody ok#1", "end"]);
    fs::write(folder.path().join("go"), "").unwrap();
    eventually("it does what comes next", || notes(folder.path()).last().is_some_and(|last| last == "went on"));
    child.wait().unwrap();
}

#[test]
fn without_a_person_nobody_is_there() {
    let folder = TempDir::new().unwrap();
    let mut command = other_side_of("open", folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // The scene waits for what never is delivered; the first thing that it notes is that nobody is there.
    let mut child = command.spawn().unwrap();
    eventually("nobody is there", || notes(folder.path()).first().is_some_and(|first| first == "nobody ok#1"));
    child.kill().unwrap();
    child.wait().unwrap();
}
