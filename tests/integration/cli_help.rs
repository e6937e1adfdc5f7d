//! Help, version, completions, manual page, and what a wrong command line gets.

use crate::support::program::{Place, ended, stderr, stdout};

#[test]
fn help_and_version_are_results() {
    let place = Place::new();
    for args in [&["--help"][..], &["help"], &["help", "plan"], &["metrics", "query", "--help"]] {
        let help = place.run(args);
        ended(&help, 0);
        assert!(stdout(&help).contains("Usage: runbook") && stderr(&help).is_empty(), "{args:?}: {}", stderr(&help));
    }
    let version = place.run(&["--version"]);
    ended(&version, 0);
    assert_eq!(stdout(&version), format!("runbook {}\n", env!("CARGO_PKG_VERSION")));
    let help = stdout(&place.run(&["--help"]));
    for command in ["check", "plan", "explain", "metrics", "sim", "completions", "man", "status", "answer"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command}: {help}");
    }
    assert!(help.contains("4 suspended"), "the exit codes are part of the help: {help}");
}

#[test]
fn a_wrong_command_line_is_2_and_says_what_would_be_right() {
    let place = Place::new();
    for (args, words) in [
        (&["chekc", "a.rb"][..], "check"),
        (&["check"], "FILE"),
        (&["check", "--frmat", "json", "a.rb"], "--format"),
        (&["plan", "a.rb", "--format", "yaml"], "human, json"),
        (&[], "Usage"),
    ] {
        let wrong = place.run(args);
        ended(&wrong, 2);
        assert!(stderr(&wrong).contains(words) && stdout(&wrong).is_empty(), "{args:?}: {}", stderr(&wrong));
    }
}

#[test]
fn completions_and_manual_page_are_whole() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = place.run(&["completions", shell]);
        ended(&script, 0);
        assert!(stdout(&script).contains("answers-template"), "{shell}");
    }
    let script = place.write("runbook.bash", &stdout(&place.run(&["completions", "bash"])));
    let bash = std::process::Command::new("bash").arg("-n").arg(script).output().unwrap();
    assert!(bash.status.success(), "{}", String::from_utf8_lossy(&bash.stderr));
    let page = place.run(&["man"]);
    ended(&page, 0);
    assert!(stdout(&page).contains(".TH runbook 1") && stdout(&page).contains("suspended"), "{}", stdout(&page));
    let page = place.run(&["man", "plan"]);
    ended(&page, 0);
    assert!(
        stdout(&page).contains("runbook\\-plan") && stdout(&page).contains("answers\\-template"),
        "{}",
        stdout(&page)
    );
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    let command = format!("{} explain | head -1; exit ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_runbook"));
    let run = std::process::Command::new("bash").arg("-c").arg(command).current_dir(place.dir.path()).output().unwrap();
    ended(&run, 0);
    assert!(stdout(&run).starts_with("RB0001") && stderr(&run).is_empty(), "{}", stderr(&run));
}
