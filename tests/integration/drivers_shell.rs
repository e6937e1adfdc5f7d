//! Real commands: what they give, and that nothing of them is left.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;
use runbook::check::program::Class;
use runbook::drivers::Shell as _;
use runbook::drivers::real::shell::{Bash, Grace, Setting};
use runbook::engine::action::{self, ActionId, Effect, Input};
use runbook::engine::input::{Data, FailureKind, MAX_INLINE_BYTES, Outcome, Output};
use runbook::engine::world::Process;
use runbook::value::Value;
use runbook::value::parse::Parse;

use crate::drivers_bench::{Bench, Seen, eventually, failed, is_alive, start};

/// For commands that have to be forced: short, so that the test is not slow.
const SHORT: Grace = Grace {
    after_int: Duration::from_millis(300),
    after_term: Duration::from_millis(300),
    linger: Duration::from_millis(300),
};

/// For commands that end by themselves, however slow the machine.
const LONG: Grace =
    Grace { after_int: Duration::from_mins(1), after_term: Duration::from_mins(1), linger: Duration::from_mins(1) };

fn bash(bench: &Bench) -> Bash {
    bash_with(bench, SHORT)
}

fn bash_with(bench: &Bench, grace: Grace) -> Bash {
    let setting = Setting {
        run: bench.run.clone(),
        dir: bench.dir(),
        clock: Arc::clone(&bench.clock),
        secrets: bench.secrets.clone(),
        artifacts: Arc::clone(&bench.artifacts),
        grace,
    };
    Bash::new(setting).unwrap()
}

fn command(text: &str) -> action::Shell {
    action::Shell {
        command: text.to_owned(),
        ok: Some(vec![0]),
        parse: None,
        env: BTreeMap::new(),
        stdin: None,
        dir: None,
        tty: false,
        save: None,
        max_bytes: None,
    }
}

fn begin(bench: &Bench, bash: &mut Bash, shell: &action::Shell, timeout: Option<Duration>) {
    let start = start("sh.1#1", Class::Write, timeout, Effect::Shell(shell.clone()));
    bash.run(&start, shell, bench.reply("sh.1#1"));
}

/// Runs a command to its end.
#[expect(clippy::needless_pass_by_value, reason = "most tests make a command only to run it")]
fn run(bench: &Bench, shell: action::Shell) -> Seen {
    let mut bash = bash(bench);
    begin(bench, &mut bash, &shell, None);
    bench.until_done("sh.1#1")
}

fn outputs(outcome: &Outcome) -> (Option<i32>, &Output, &Output, Option<&Value>) {
    let Data::Shell { code, out, err, value } = &outcome.data else { panic!("{:?}", outcome.data) };
    (*code, out, err, value.as_ref())
}

fn number(text: &str) -> i32 {
    text.trim().parse().unwrap_or_else(|_| panic!("{text:?} is no process id"))
}

#[test]
fn a_command_gives_its_outputs_and_exit_code() {
    let bench = Bench::new("t-plain");
    let seen = run(&bench, command("echo out; echo err >&2; pwd -P"));
    assert_eq!(seen.outcome.failure, None);
    let (code, out, err, value) = outputs(&seen.outcome);
    let pwd = bench.dir().canonicalize().unwrap();
    assert_eq!(code, Some(0));
    assert_eq!((out.text.as_str(), err.text.as_str()), (format!("out\n{}\n", pwd.display()).as_str(), "err\n"));
    assert_eq!((out.bytes, &out.artifact, value), (out.text.len() as u64, &None, None));
    assert!(seen.shown.contains("out\n") && seen.shown.contains("err\n"), "{}", seen.shown);
    assert!(seen.process.is_some_and(|process| process.start_ticks > 0));
}

#[test]
fn every_stage_of_a_pipeline_counts_and_unset_names_are_errors() {
    let bench = Bench::new("t-strict");
    let seen = run(&bench, command("false | true; echo not reached"));
    assert_eq!(failed(&seen.outcome), (FailureKind::Failed, "exit 1"));
    let seen = run(&bench, command("echo $NO_SUCH_NAME_HERE"));
    let (kind, message) = failed(&seen.outcome);
    assert_eq!(kind, FailureKind::Failed);
    assert!(message.contains("NO_SUCH_NAME_HERE: unbound variable"), "{message}");
}

#[test]
fn a_failure_says_its_code_and_last_words() {
    let bench = Bench::new("t-fails");
    let seen = run(&bench, command("echo 'error: deployment not found' >&2; exit 3"));
    assert_eq!(failed(&seen.outcome), (FailureKind::Failed, "exit 3: error: deployment not found"));
    assert_eq!(outputs(&seen.outcome).0, Some(3));
    let seen = run(&bench, command("kill -SEGV $$"));
    assert_eq!(failed(&seen.outcome), (FailureKind::Failed, "ended by SIGSEGV"));
    assert_eq!(outputs(&seen.outcome).0, None);
    let seen = run(&bench, action::Shell { ok: Some(vec![0, 3]), ..command("exit 3") });
    assert_eq!(seen.outcome.failure, None);
    let seen = run(&bench, action::Shell { ok: None, ..command("exit 77") });
    assert_eq!(seen.outcome.failure, None);
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let bench = Bench::new("t-absent");
    let seen = run(&bench, command("kubectl-that-is-not-there get pods"));
    let (kind, message) = failed(&seen.outcome);
    assert_eq!(kind, FailureKind::Failed);
    assert!(message.starts_with("exit 127, a command was not found: "), "{message}");
    assert!(message.contains("kubectl-that-is-not-there"), "{message}");
    bench.write("plain", "no program");
    let seen = run(&bench, command("./plain"));
    assert!(failed(&seen.outcome).1.starts_with("exit 126, a command could not be executed: "));
}

#[test]
fn what_cannot_be_started_says_why() {
    let bench = Bench::new("t-not-started");
    let seen = run(&bench, action::Shell { dir: Some("no/such/folder".into()), ..command("true") });
    let (kind, message) = failed(&seen.outcome);
    assert_eq!(kind, FailureKind::NotStarted);
    assert!(message.contains("no/such/folder is not there"), "{message}");
    let seen = run(&bench, command(&format!(": {}", "x".repeat(300_000))));
    assert_eq!(failed(&seen.outcome).0, FailureKind::NotStarted);
    assert!(failed(&seen.outcome).1.contains("too long"));
    let env = BTreeMap::from([("TOKEN".to_owned(), Input::Secret("token".into()))]);
    let seen = run(&bench, action::Shell { env, ..command("true") });
    assert_eq!(failed(&seen.outcome), (FailureKind::NotStarted, "the secret token is not set"));
}

#[test]
fn output_becomes_a_value_or_the_command_failed() {
    let bench = Bench::new("t-parse");
    let seen = run(&bench, action::Shell { parse: Some(Parse::Int), ..command("echo 42") });
    assert_eq!(outputs(&seen.outcome).3, Some(&Value::Int(42)));
    let seen = run(&bench, action::Shell { parse: Some(Parse::Int), ..command("echo many") });
    assert_eq!(failed(&seen.outcome).0, FailureKind::BadAnswer);
    assert_eq!(outputs(&seen.outcome).1.text, "many\n", "what it gave is there also where it failed");
    let seen = run(&bench, action::Shell { parse: Some(Parse::Json), ..command(r"printf '\xff\xfe'") });
    assert_eq!(failed(&seen.outcome), (FailureKind::BadAnswer, "its output is not text: byte 1 is not UTF-8"));
    // More than stands in an outcome is parsed all the same.
    let json = "printf '['; for ((i = 0; i < 20000; i++)); do printf '%d,' $i; done; printf '7]'";
    let seen = run(&bench, action::Shell { parse: Some(Parse::Json), ..command(json) });
    assert!(matches!(outputs(&seen.outcome).3, Some(Value::List(items)) if items.len() == 20_001));
    let seen = run(&bench, action::Shell { parse: Some(Parse::Text), ..command("head -c 20000000 /dev/zero") });
    assert_eq!(failed(&seen.outcome).0, FailureKind::TooLarge);
}

#[test]
fn bytes_that_are_not_text_are_replaced_in_the_outcome_and_kept_in_the_artifact() {
    let bench = Bench::new("t-bytes");
    let seen = run(&bench, command(r"printf 'a\xffb\n'"));
    assert_eq!(outputs(&seen.outcome).1.text, "a\u{fffd}b\n");
    let seen = run(&bench, command("head -c 100000 /dev/urandom | tee random"));
    let (_, out, _, _) = outputs(&seen.outcome);
    assert_eq!(out.bytes, 100_000);
    assert_eq!(bench.artifact(out.artifact.as_ref().unwrap()), std::fs::read(bench.dir().join("random")).unwrap());
}

#[test]
fn a_large_output_is_whole_in_its_artifact() {
    let bench = Bench::new("t-large");
    let seen = run(&bench, command("seq 1 200000"));
    let (_, out, _, _) = outputs(&seen.outcome);
    let all = (1..=200_000).fold(String::new(), |mut text, number| {
        writeln!(text, "{number}").unwrap();
        text
    });
    assert_eq!(out.text, all[..MAX_INLINE_BYTES]);
    assert_eq!(out.bytes, all.len() as u64);
    let artifact = out.artifact.as_ref().unwrap();
    assert_eq!(artifact.bytes, out.bytes);
    assert_eq!(bench.artifact(artifact), all.as_bytes());
    // A letter that the limit of an outcome cuts is left out.
    let seen = run(&bench, command("printf 'xy'; for ((i = 0; i < 30000; i++)); do printf '中'; done"));
    let (_, out, _, _) = outputs(&seen.outcome);
    assert!(out.text.ends_with('中') && out.text.len() < MAX_INLINE_BYTES && out.bytes == 90_002);
}

#[test]
fn too_much_output_ends_the_command() {
    let bench = Bench::new("t-max");
    let seen = run(&bench, action::Shell { max_bytes: Some(1000), ..command("yes") });
    let (kind, message) = failed(&seen.outcome);
    assert_eq!(kind, FailureKind::TooLarge);
    assert!(message.starts_with("more than 1000 bytes of output"), "{message}");
    assert_eq!(outputs(&seen.outcome).1.bytes, 1000);
    // Also where it is over before anybody could end it, and never by cutting.
    let seen = run(&bench, action::Shell { max_bytes: Some(3), ..command("echo 1234") });
    assert_eq!(failed(&seen.outcome).0, FailureKind::TooLarge);
    let seen = run(&bench, action::Shell { max_bytes: Some(5), ..command("echo 1234") });
    assert_eq!(seen.outcome.failure, None);
}

#[test]
fn it_has_no_terminal_and_nothing_to_read() {
    let bench = Bench::new("t-stdin");
    let seen = run(&bench, command("cat; if : < /dev/tty; then echo a terminal; else echo none; fi"));
    assert_eq!(outputs(&seen.outcome).1.text, "none\n");
    let text = "two\nlines without an end";
    let seen = run(&bench, action::Shell { stdin: Some(Input::Text(text.into())), ..command("cat") });
    assert_eq!(outputs(&seen.outcome).1.text, text);
}

#[test]
fn it_begins_as_a_program_expects_to() {
    let bench = Bench::new("t-begin");
    // What the kernel says of signals, as bits in hex: those that are blocked, those that are ignored; and the files that are
    // open, of which there are no more than any program has that this one begins.
    let seen = run(&bench, command(r"grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -f 2; ls /proc/self/fd"));
    let text = &outputs(&seen.outcome).1.text;
    let lines: Vec<&str> = text.lines().collect();
    let [blocked, ignored] = [lines[0], lines[1]].map(|bits| u64::from_str_radix(bits, 16).unwrap());
    let bits: u64 =
        [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGPIPE].map(|signal| 1 << (signal as u64 - 1)).iter().sum();
    assert_eq!((blocked, ignored & bits), (0, 0), "this program ignores SIGPIPE, and who began it perhaps the others");
    let other = std::process::Command::new("ls").arg("/proc/self/fd").output().unwrap();
    assert_eq!(lines[2..].join("\n"), String::from_utf8(other.stdout).unwrap().trim_end());
}

#[test]
fn it_gets_its_environment_but_none_that_changes_bash() {
    let bench = Bench::new("t-env");
    let env = BTreeMap::from([
        ("GREETING".to_owned(), Input::Text("你好 'x' $HOME".into())),
        ("BASH_ENV_SEEN".to_owned(), Input::Text("no".into())),
    ]);
    let seen = run(&bench, action::Shell { env, ..command("echo \"$GREETING\"; echo \"${BASH_ENV:-unset}\"") });
    assert_eq!(outputs(&seen.outcome).1.text, "你好 'x' $HOME\nunset\n");
}

#[test]
fn no_path_of_a_statement_brings_another_bash() {
    let bench = Bench::new("t-path");
    bench.write("bash", "#!/bin/sh\necho another\n");
    std::fs::set_permissions(bench.dir().join("bash"), Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bench.dir().display(), std::env::var("PATH").unwrap());
    let env = [("PATH".to_owned(), Input::Text(path))].into();
    let seen = run(&bench, action::Shell { env, ..command("echo ours $0; bash") });
    assert_eq!(outputs(&seen.outcome).1.text, "ours bash\nanother\n");
}

#[test]
fn a_terminal_of_its_own_where_asked_for() {
    let bench = Bench::new("t-tty");
    let shell = "test -t 0 && test -t 1 && test -t 2 && : < /dev/tty && echo three; cat";
    let stdin = Some(Input::Text("typed\nwithout end".into()));
    let seen = run(&bench, action::Shell { tty: true, stdin, ..command(shell) });
    assert_eq!(seen.outcome.failure, None);
    assert_eq!(outputs(&seen.outcome).1.text.replace('\r', ""), "three\ntyped\nwithout end");
    // More than a terminal takes before somebody reads it.
    let line = format!("{}\n", "x".repeat(90));
    let stdin = Some(Input::Text(line.repeat(500)));
    let seen = run(&bench, action::Shell { tty: true, stdin, ..command("sleep 0.1; wc -l") });
    assert_eq!(outputs(&seen.outcome).1.text.trim(), "500");
    let seen = run(&bench, action::Shell { tty: true, ..command("read -r line || echo end of input") });
    assert_eq!(outputs(&seen.outcome).1.text.replace('\r', ""), "end of input\n");
}

#[test]
fn secrets_are_given_and_masked() {
    let bench = Bench::new("t-secret");
    assert!(bench.secrets.insert("token", "s3cr3t-value".into()));
    let env = BTreeMap::from([("TOKEN".to_owned(), Input::Secret("token".into()))]);
    let stdin = Some(Input::Secret("token".into()));
    let text = "test \"$TOKEN\" = \"$(cat)\"; printf 's3cr'; sleep 0.1; echo '3t-value'; printf %s \"$TOKEN\" | base64; \
                echo \"bad $TOKEN\" >&2; exit 4";
    let seen = run(&bench, action::Shell { env, stdin, ..command(text) });
    let (_, out, err, _) = outputs(&seen.outcome);
    assert_eq!(out.text.lines().next(), Some("(secret token)"));
    assert!(out.text.lines().nth(1).unwrap().starts_with("(secret token)"), "{}", out.text);
    assert_eq!(err.text, "bad (secret token)\n");
    assert_eq!(failed(&seen.outcome), (FailureKind::Failed, "exit 4: bad (secret token)"));
    assert!(!seen.shown.contains("3t-value"), "{}", seen.shown);
}

#[test]
fn a_saved_output_takes_the_place_of_the_old_one_only_when_the_command_succeeds() {
    let bench = Bench::new("t-save");
    let save = |text: &str| action::Shell { save: Some("backup/dump.sql".into()), ..command(text) };
    assert_eq!(run(&bench, save("echo one")).outcome.failure, None);
    assert_eq!(bench.read("backup/dump.sql"), "one\n");
    assert_eq!(failed(&run(&bench, save("echo half; exit 1")).outcome).0, FailureKind::Failed);
    assert_eq!(bench.read("backup/dump.sql"), "one\n");
    assert_eq!(run(&bench, save("echo two")).outcome.failure, None);
    assert_eq!(bench.read("backup/dump.sql"), "two\n");
    let left: Vec<_> = std::fs::read_dir(bench.dir().join("backup")).unwrap().collect();
    assert_eq!(left.len(), 1, "no file in between is left");
}

#[test]
fn a_command_that_hangs_is_ended_and_says_so() {
    let bench = Bench::new("t-hangs");
    // It ends by the first signal, however long that takes on a busy machine.
    let mut own = bash_with(&bench, LONG);
    begin(&bench, &mut own, &command("sleep 1000"), Some(Duration::from_millis(100)));
    let seen = bench.until_done("sh.1#1");
    assert_eq!(failed(&seen.outcome), (FailureKind::TimedOut, "not finished within 100ms, ended with SIGINT"));
    // One that minds no polite signal.
    let text = "trap '' INT TERM; echo $$; while :; do sleep 0.01; done";
    let mut own = bash(&bench);
    // Time enough to set its trap, also on a busy machine.
    begin(&bench, &mut own, &command(text), Some(Duration::from_secs(3)));
    let seen = bench.until_done("sh.1#1");
    assert_eq!(failed(&seen.outcome), (FailureKind::TimedOut, "not finished within 3s, ended with SIGKILL"));
    assert!(!is_alive(number(&outputs(&seen.outcome).1.text)));
}

#[test]
fn a_command_is_stopped_when_asked() {
    let bench = Bench::new("t-stop");
    let mut bash = bash_with(&bench, LONG);
    begin(
        &bench,
        &mut bash,
        &command("trap 'echo tidied; exit 5' INT; echo ready; while :; do sleep 0.01; done"),
        None,
    );
    bench.until_shown("ready");
    bash.cancel(&ActionId("another#1".into()));
    bash.cancel(&ActionId("sh.1#1".into()));
    bash.cancel(&ActionId("sh.1#1".into()));
    let seen = bench.until_done("sh.1#1");
    assert_eq!(failed(&seen.outcome), (FailureKind::Interrupted, "stopped, ended with SIGINT"));
    let (code, out, _, _) = outputs(&seen.outcome);
    assert_eq!((code, out.text.as_str()), (Some(5), "ready\ntidied\n"));
    bash.cancel(&ActionId("sh.1#1".into()));
}

#[test]
fn background_children_that_ignore_interrupts_end_with_their_command() {
    let bench = Bench::new("t-background");
    let mut bash = bash(&bench);
    begin(&bench, &mut bash, &command("sleep 1000 & echo $!; wait"), None);
    bench.until_shown("\n");
    bash.cancel(&ActionId("sh.1#1".into()));
    let seen = bench.until_done("sh.1#1");
    assert_eq!(failed(&seen.outcome).0, FailureKind::Interrupted);
    assert!(!is_alive(number(&outputs(&seen.outcome).1.text)));
}

#[test]
fn a_grandchild_that_holds_the_pipe_does_not_hold_the_run() {
    let bench = Bench::new("t-pipe");
    let seen = run(&bench, command("(sleep 1000; echo never) & echo $!"));
    assert_eq!(seen.outcome.failure, None);
    let (_, out, err, _) = outputs(&seen.outcome);
    assert!(!is_alive(number(&out.text)));
    assert!(err.text.contains("that the command left behind"), "{}", err.text);
}

#[test]
fn a_child_in_a_session_of_its_own_ends_with_its_command() {
    let bench = Bench::new("t-setsid");
    // Twice removed, ignoring what it can, and without the pipes.
    let text = "setsid bash -c 'trap \"\" INT TERM HUP; echo $$ > daemon; while :; do sleep 0.01; done' \
                < /dev/null > /dev/null 2>&1 & \
                while ! test -s daemon; do sleep 0.01; done";
    let seen = run(&bench, command(text));
    assert_eq!(seen.outcome.failure, None);
    assert!(!is_alive(number(&bench.read("daemon"))));
    // Also when it was started by something that is gone, while another command runs.
    let mut bash = bash(&bench);
    begin(&bench, &mut bash, &command(&format!("echo begun; {text}; sleep 1000")), None);
    std::fs::remove_file(bench.dir().join("daemon")).unwrap();
    eventually("the daemon starts", || {
        std::fs::read_to_string(bench.dir().join("daemon")).is_ok_and(|text| text.ends_with('\n'))
    });
    let daemon = number(&bench.read("daemon"));
    let other = start("sh.2#1", Class::Read, None, Effect::Shell(command("true")));
    bash.run(&other, &command("true"), bench.reply("sh.2#1"));
    bench.until_done("sh.2#1");
    assert!(is_alive(daemon), "the end of one command is not the end of another's processes");
    bash.cancel(&ActionId("sh.1#1".into()));
    assert_eq!(failed(&bench.until_done("sh.1#1").outcome).0, FailureKind::Interrupted);
    assert!(!is_alive(daemon));
}

#[test]
fn what_runs_ends_with_its_world() {
    let bench = Bench::new("t-dropped");
    let mut bash = bash(&bench);
    begin(&bench, &mut bash, &command("trap '' INT; echo $$ > pid; while :; do sleep 0.01; done"), None);
    eventually("it runs", || std::fs::read_to_string(bench.dir().join("pid")).is_ok_and(|text| text.ends_with('\n')));
    let pid = number(&bench.read("pid"));
    drop(bash);
    assert!(!is_alive(pid));
}

#[test]
fn a_daemon_that_hides_where_it_comes_from_ends_as_well() {
    let bench = Bench::new("t-hidden");
    let text = "env -i setsid bash -c 'echo $$ > daemon; exec sleep 1000' < /dev/null > /dev/null 2>&1 & \
                while ! test -s daemon; do sleep 0.01; done";
    run(&bench, command(text));
    let daemon = number(&bench.read("daemon"));
    // It can be told whose it is only while no other command runs, and other tests run theirs.
    eventually("the daemon ends", || {
        run(&bench, command("true"));
        !is_alive(daemon)
    });
}

#[test]
fn what_writes_on_after_its_command_is_waited_for() {
    let bench = Bench::new("t-tee");
    let text = "echo begin; (sleep 0.1; echo late) & exit 0";
    let mut own = bash_with(&bench, LONG);
    begin(&bench, &mut own, &command(text), None);
    let seen = bench.until_done("sh.1#1");
    assert_eq!(outputs(&seen.outcome).1.text, "begin\nlate\n");
    assert_eq!(outputs(&seen.outcome).2.text, "");
}

#[test]
fn a_later_stage_of_a_pipeline_does_not_survive() {
    let bench = Bench::new("t-stage");
    let mut bash = bash(&bench);
    let text = "sleep 1000 | bash -c 'trap \"\" INT; echo $$ > stage; while :; do sleep 0.01; done'";
    begin(&bench, &mut bash, &command(text), Some(Duration::from_millis(500)));
    assert_eq!(failed(&bench.until_done("sh.1#1").outcome).0, FailureKind::TimedOut);
    if bench.dir().join("stage").exists() {
        assert!(!is_alive(number(&bench.read("stage"))));
    }
}

#[test]
fn a_process_of_an_earlier_executor_is_found_waited_for_and_ended() {
    let bench = Bench::new("t-earlier");
    // Like a command whose executor was killed: in its own session, with its mark, no child of ours.
    let earlier = |id: &str, text: &str| -> Process {
        let line = format!("setsid bash -c 'echo $$ > pid; {text}' > /dev/null 2>&1 < /dev/null &");
        let status = std::process::Command::new("bash")
            .args(["-c", &line])
            .current_dir(bench.dir())
            .env("RUNBOOK_EFFECT", format!("t-earlier/{id}"))
            .status();
        assert!(status.unwrap().success());
        eventually("it starts", || {
            std::fs::read_to_string(bench.dir().join("pid")).is_ok_and(|text| text.ends_with('\n'))
        });
        let pid = number(&bench.read("pid"));
        std::fs::remove_file(bench.dir().join("pid")).unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let ticks = stat.rsplit_once(") ").unwrap().1.split(' ').nth(19).unwrap().parse().unwrap();
        Process { pid, start_ticks: ticks }
    };
    let mut bash = bash(&bench);
    let id = ActionId("sh.9#1".into());
    let process = earlier("sh.9#1", "exec sleep 1000");
    let survivors = bash.survivors(&id, process);
    assert_eq!(survivors.iter().map(|survivor| survivor.pid).collect::<Vec<_>>(), [process.pid]);
    assert!(survivors[0].command.contains("sleep 1000"), "{survivors:?}");
    let another = Process { start_ticks: process.start_ticks + 1, ..process };
    assert_eq!(bash.survivors(&ActionId("sh.8#1".into()), another), [], "an id may be another's by now");
    bash.adopt(process, None, bench.reply("sh.9#1"));
    bash.cancel(&id);
    assert_eq!(failed(&bench.until_done("sh.9#1").outcome).0, FailureKind::Interrupted);
    assert!(!is_alive(process.pid));
    assert_eq!(bash.survivors(&id, process), []);

    let process = earlier("sh.9#1", "while ! test -e go; do sleep 0.01; done");
    bash.adopt(process, None, bench.reply("sh.9#1"));
    bench.write("go", "");
    let seen = bench.until_done("sh.9#1");
    assert_eq!(failed(&seen.outcome).0, FailureKind::InDoubt);
    assert!(!is_alive(process.pid));

    let process = earlier("sh.9#1", "exec sleep 1000");
    bash.adopt(process, Some(jiff::SignedDuration::from_millis(10)), bench.reply("sh.9#1"));
    assert_eq!(failed(&bench.until_done("sh.9#1").outcome).0, FailureKind::TimedOut);
    assert!(!is_alive(process.pid));

    // One whose executor was gone before it could write its process down is known by its mark.
    let process = earlier("sh.9#1", "exec sleep 1000");
    assert_eq!(bash.survivors(&id, Process::UNKNOWN).len(), 1);
    bash.adopt(Process::UNKNOWN, None, bench.reply("sh.9#1"));
    bash.cancel(&id);
    assert_eq!(failed(&bench.until_done("sh.9#1").outcome).0, FailureKind::Interrupted);
    assert!(!is_alive(process.pid));
}
