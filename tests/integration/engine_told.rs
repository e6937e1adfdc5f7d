//! What is said of a run as it stands: questions by their names, answers as answered, a terminal that is gone.

use runbook::engine::action::Ending;
use runbook::engine::input::{Begin, Data, Event, Failure, FailureKind, Output};
use runbook::engine::telling::Telling;
use runbook::text::Text;
use runbook::value::{Value, Verdict};

use crate::support::play::{Play, program};

#[test]
fn a_decision_is_answered_also_where_its_choice_ends_the_run() {
    let mut play = Play::of(
        "decide go, \"Go on?\" do\n option on, \"On\" do\n note \"on\"\n end\n option stop, \"Stop\" do\n abort\n end\nend",
    );
    play.answer("go#1", Value::Text("stop".to_owned()));
    assert_eq!(play.ending(), Some(Ending::Aborted));
    let step = play.view().steps.into_iter().find(|step| step.static_key == "go").unwrap();
    assert_eq!((step.state, step.detail.en.as_str()), (Verdict::Pass, "stop"));
    play.replays();
}

#[test]
fn a_question_without_a_title_is_called_by_what_it_is_about() {
    let mut play = Play::of(
        "guard cluster, sh: \"which\", is: \"prod\"\nstep a, \"A\" do\n sh \"w\", timeout: 5.s\n undo none, because: \"x\"\nend",
    );
    play.done("guard/cluster#1", "staging");
    let waiting = &play.view().waiting[0];
    assert_eq!(
        (waiting.title.told().en.as_str(), waiting.title.told().zh.as_str()),
        ("guard cluster", "目标核对 cluster")
    );

    let body = "runbook t, \"T\" do\nstep a, \"A\" do\n sh \"mkdir a\\nmkdir b\", timeout: 5.s\n undo none, because: \"x\"\nend\nend\n";
    let play = Play::begin(program(body), Begin { step: true, ..Begin::default() });
    assert_eq!(play.view().waiting[0].title.text, "mkdir a …");
    // The question itself is the one that was journaled before.
    assert!(play.open()[0].title.is_empty());
}

#[test]
fn a_terminal_that_is_gone_is_said_until_somebody_takes_the_run_up() {
    let mut play = Play::of("wait 10.min");
    play.tell(Event::Detached);
    let since = play.at;
    assert_eq!(play.view().detached, Some(since));
    play.at += jiff::SignedDuration::from_secs(5);
    play.tell(Event::Detached);
    assert_eq!(play.view().detached, Some(since));
    assert_eq!(play.tellings().iter().filter(|telling| matches!(telling, Telling::Detached)).count(), 1);
    play.tell(Event::Terminate);
    assert_eq!(play.view().detached, None, "nobody executes it, wherever they are");
    play.tell(Event::Resumed { executor: "op".to_owned(), running: [].into(), changed: None });
    assert_eq!(play.view().detached, None);
    play.replays();
}

#[test]
fn a_guard_that_holds_is_one_line_and_one_that_cannot_be_looked_at_shows_what_it_printed() {
    let body = "guard cluster, sh: \"which\", is: \"prod\"\nstep a, \"A\" do\n sh \"w\", timeout: 5.s\n undo none, because: \"x\"\nend";
    let mut play = Play::of(body);
    play.done("guard/cluster#1", "prod");
    let held = play
        .tellings()
        .into_iter()
        .any(|telling| matches!(telling, Telling::GuardHeld { key, found, .. } if key == "cluster" && found == "prod"));
    assert!(held);
    let mut play = Play::of(body);
    play.outcome(
        "guard/cluster#1",
        Some(Failure { kind: FailureKind::Failed, message: Text::verbatim("exit code 1") }),
        Data::Shell {
            code: Some(1),
            out: Output::default(),
            err: Output { text: "no such context".to_owned(), bytes: 15, artifact: None },
            value: None,
        },
    );
    let shown = play.tellings().into_iter().find_map(|telling| match telling {
        Telling::EffectEnded { output, .. } => Some(output.text),
        _telling => None,
    });
    assert_eq!(shown.as_deref(), Some("no such context"));
    play.replays();
}
