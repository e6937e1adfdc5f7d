//! The program at a real terminal: what is shown is complete, signals and typed keys do what they promise.

use nix::sys::signal::Signal;

use crate::support::program::{Place, ended, json};
use crate::support::terminal::Terminal;

const QUESTION: &str = r#"
runbook asks, "Asks" do
  step look, "Look" do
    sh read: "echo seen", timeout: 10.s
  end
  confirm "Go on?", key: go
  confirm "Really?", key: really
end
"#;

fn status(place: &Place) -> serde_json::Value {
    json(&place.run(&["status", "last", "--format", "json"]))
}

#[test]
fn a_signal_to_end_at_a_question_suspends_and_says_all_of_how_to_go_on() {
    let place = Place::new();
    place.write("asks.rb", QUESTION);
    let mut terminal = Terminal::open(&place, &["exec", "asks.rb"]);
    terminal.asked("Go on?");
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.ends(), 4);
    let (screen, status) = (terminal.screen(), status(&place));
    assert_eq!(status["status"], "suspended");
    let run = status["run"].as_str().unwrap();
    assert!(screen.contains(&format!("runbook resume {run}\n")), "{screen}");
    assert!(screen.ends_with(&format!("runbook answer {run} go yes   # or no")), "{screen}");
}

#[test]
fn no_line_is_lost_where_a_question_comes_and_goes() {
    let place = Place::new();
    place.write("asks.rb", QUESTION);
    let mut terminal = Terminal::open(&place, &["exec", "asks.rb"]);
    terminal.asked("Go on?");
    ended(&place.run(&["answer", "last", "go", "yes"]), 0);
    terminal.asked("Really?");
    ended(&place.run(&["answer", "last", "really", "yes"]), 0);
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    for line in ["Look", "echo seen", "step Look: passed", "Go on? yes", "Really? yes", "Asks: completed and passed"] {
        assert!(screen.contains(line), "{line:?} is missing:\n{screen}");
    }
    assert!(!screen.lines().any(|line| line.trim() == "❯"), "a prompt that nobody typed at is left:\n{screen}");
}

#[test]
fn ctrl_c_at_a_question_pauses_the_run_and_a_choice_is_typed() {
    let place = Place::new();
    place.write("asks.rb", QUESTION);
    let mut terminal = Terminal::open(&place, &["exec", "asks.rb"]);
    terminal.asked("Go on?");
    terminal.types("\u{3}");
    terminal.asked("Paused by Ctrl-C");
    terminal.types("go_on\r");
    terminal.asked("Go on?");
    terminal.types("yes\r");
    terminal.asked("Really?");
    terminal.types("suspend\r");
    assert_eq!(terminal.ends(), 4);
    assert_eq!(status(&place)["waiting"][0]["key"], "really");
}
