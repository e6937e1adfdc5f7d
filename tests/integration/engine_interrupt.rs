//! Ctrl-C where nothing runs just now: between attempts, between reads, in a wait.

use jiff::SignedDuration;
use runbook::engine::action::{Ending, PromptKind};
use runbook::engine::input::{Event, FailureKind};
use runbook::engine::telling::Telling;

use crate::support::play::Play;

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// Why the menu that alone is open was opened, in English.
fn asked(play: &Play, menu: &str) -> String {
    assert_eq!(play.waits(), [menu], "{:?}", play.waits());
    let PromptKind::Failed { message, .. } = play.prompt(menu).kind else { panic!("{menu} is no menu of a failure") };
    message.en
}

#[test]
fn a_pause_between_attempts_of_a_command_ends_in_its_menu() {
    let mut play = Play::of("sh read: \"look\", timeout: 5.s, retry: 3, every: 10.min, severity: warn, key: look");
    play.fails("look#1", FailureKind::Failed, "exit 1");
    assert!(play.waits().is_empty());
    play.tell(Event::Interrupt);
    assert_eq!(asked(&play, "look!failed#1"), "stopped before attempt 2 of 4");
    play.choose("look!failed#1", "retry");
    assert_eq!(play.waits(), ["look#1~2"], "at once, not after the pause");
    play.done("look#1~2", "");
    assert_eq!(play.ending(), Some(Ending::Passed));
    play.replays();
}

#[test]
fn a_pause_between_attempts_of_a_try_ends_in_its_menu() {
    // The `try` around it would begin once more: a person is asked first.
    let mut play = Play::of(
        "try 2, key: outer do\n try 3, every: 10.min, key: inner do\n sh read: \"look\", timeout: 5.s\n end\nend",
    );
    let first = play.waits();
    play.fails(&first[0], FailureKind::Failed, "exit 1");
    assert!(play.waits().is_empty());
    play.tell(Event::Interrupt);
    assert_eq!(asked(&play, "inner!failed#1"), "stopped before attempt 2 of 3");
    play.choose("inner!failed#1", "retry");
    let again = play.waits();
    assert_eq!(again.len(), 1, "{again:?}");
    play.done(&again[0], "");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    play.replays();
}

#[test]
fn a_command_that_is_stopped_inside_a_try_asks_instead_of_being_tried_again() {
    let mut play = Play::of("try 3 do\n sh read: \"look\", timeout: 5.s, key: look\nend");
    let first = play.waits();
    play.tell(Event::Interrupt);
    play.fails(&first[0], FailureKind::Interrupted, "stopped");
    let menu = play.waits();
    assert!(menu.len() == 1 && menu[0].ends_with("look!failed#1"), "{menu:?}");
    play.choose(&menu[0], "skip");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    play.replays();
}

#[test]
fn a_poll_is_stopped_between_its_reads_and_in_one() {
    let body = "poll every: 5.min, for: 1.h, key: up do\n sh read: \"look\", timeout: 5.s, as: seen\n \
                done_when seen.out == \"up\"\nend";
    let mut play = Play::of(body);
    let first = play.waits();
    play.done(&first[0], "down");
    play.tell(Event::Interrupt);
    assert_eq!(asked(&play, "up!failed#1"), "stopped after 1 read: the condition was not true");
    play.choose("up!failed#1", "retry");
    let second = play.waits();
    assert!(second.len() == 1 && second != first, "reads again at once: {second:?}");
    play.tell(Event::Interrupt);
    play.fails(&second[0], FailureKind::Interrupted, "stopped");
    assert_eq!(asked(&play, "up!failed#2"), "stopped in read 1: stopped");
    play.choose("up!failed#2", "skip");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    play.replays();
}

#[test]
fn a_wait_that_is_stopped_asks_and_its_retry_waits_for_the_same_time() {
    let mut play = Play::of("wait 10.min, key: rest\nsh read: \"look\", timeout: 5.s, key: look");
    play.pass(seconds(60));
    play.tell(Event::Interrupt);
    assert_eq!(asked(&play, "rest!failed#1"), "the wait was stopped");
    play.pass(seconds(60));
    play.choose("rest!failed#1", "retry");
    assert!(play.waits().is_empty());
    let told = |play: &Play| {
        play.tellings()
            .iter()
            .filter_map(|told| match told {
                Telling::Warning { text } => Some(text.en.clone()),
                Telling::Waiting { until, .. } => Some(format!("until {until}")),
                _other => None,
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(&play),
        ["until 2025-11-18T01:10:00Z", "wait rest: the wait was stopped", "until 2025-11-18T01:10:00Z"]
    );
    play.pass(seconds(8 * 60 - 1));
    assert!(play.waits().is_empty(), "{:?}", play.waits());
    play.pass(seconds(1));
    assert_eq!(play.waits(), ["look#1"]);
    play.replays();

    let mut play = Play::of("wait 10.min, key: rest\nsh read: \"look\", timeout: 5.s, key: look");
    play.tell(Event::Interrupt);
    play.choose("rest!failed#1", "skip");
    assert_eq!(play.waits(), ["look#1"]);
    play.done("look#1", "");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    play.replays();
}

#[test]
fn all_branches_stop_those_that_run_and_those_that_pause() {
    let mut play = Play::of(
        "parallel do\n\
         branch a, \"A\" do\n wait 10.min, key: rest\n end\n\
         branch b, \"B\" do\n sh read: \"b\", timeout: 5.s, retry: 2, every: 10.min, key: b\n end\n\
         branch c, \"C\" do\n sh read: \"c\", timeout: 5.s, key: c\n end\n\
         end",
    );
    let of = |play: &Play, key: &str| play.waits().into_iter().find(|id| id.contains(key)).unwrap();
    let b = of(&play, "/b/b#");
    play.fails(&b, FailureKind::Failed, "exit 1");
    play.tell(Event::Interrupt);
    let c = of(&play, "/c/c#");
    play.fails(&c, FailureKind::Interrupted, "stopped");
    let menus = play.waits();
    assert_eq!(menus.len(), 3, "{menus:?}");
    for (menu, branch) in menus.iter().zip(["/a/rest!failed", "/b/b!failed", "/c/c!failed"]) {
        assert!(menu.contains(branch), "{menus:?}");
    }
    play.tell(Event::Interrupt);
    assert!(play.waits().contains(&"run!paused#1".to_owned()), "nothing is left to stop: {:?}", play.waits());
    play.replays();
}

#[test]
fn checks_are_stopped_as_a_whole_and_at_once() {
    for word in ["precheck", "verify"] {
        let body = format!(
            "{word} ready, \"Ready\" do\n sh read: \"first\", timeout: 5.s, key: first\n \
             sh read: \"second\", timeout: 5.s, key: second\nend"
        );
        let mut play = Play::of(&body);
        play.tell(Event::Interrupt);
        play.fails("ready/first#1", FailureKind::Interrupted, "stopped");
        assert_eq!(asked(&play, "ready!failed#1"), "stopped at first: stopped", "what comes after it does not begin");
        let rows = play.tellings().into_iter().find_map(|telling| match telling {
            Telling::CheckTable { rows, .. } => Some(rows.len()),
            _telling => None,
        });
        assert_eq!(rows, Some(1), "what ran until then is shown");
        play.choose("ready!failed#1", "retry");
        assert_eq!(play.waits(), ["ready/first#2"], "all of it again");
        play.done("ready/first#2", "").tell(Event::Interrupt);
        play.fails("ready/second#1", FailureKind::Interrupted, "stopped");
        play.choose("ready!failed#2", "retry");
        play.done("ready/first#3", "").done("ready/second#2", "");
        assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
        play.replays();
    }
}

#[test]
fn what_pauses_or_polls_in_checks_stops_them_too() {
    let body = "precheck ready, \"Ready\" do\n sh read: \"a\", timeout: 5.s, retry: 3, every: 1.min, key: a\n \
                each n, in: [1, 2], key: n do\n sh read: \"b\", timeout: 5.s, key: b\n end\nend";
    let mut play = Play::of(body);
    play.fails("ready/a#1", FailureKind::Failed, "exit 1").tell(Event::Interrupt);
    assert_eq!(asked(&play, "ready!failed#1"), "stopped at a: stopped before attempt 2 of 4");
    play.choose("ready!failed#1", "skip");
    assert_eq!(play.ending(), Some(Ending::NotPassed));
    play.replays();

    let mut play = Play::of(body);
    play.done("ready/a#1", "");
    let inside = play.waits();
    play.tell(Event::Interrupt).fails(&inside[0], FailureKind::Interrupted, "stopped");
    assert_eq!(play.waits(), ["ready!failed#1"], "out of a loop too");
}

#[test]
fn branches_in_checks_stop_with_them() {
    let body = "precheck ready, \"Ready\" do\n parallel do\n branch l, \"L\" do\n sh read: \"a\", timeout: 5.s, key: a\n end\n \
                branch r, \"R\" do\n sh read: \"b\", timeout: 5.s, key: b\n end\n end\nend";
    let mut play = Play::of(body);
    assert_eq!(play.waits().len(), 2);
    let inside = play.waits();
    play.tell(Event::Interrupt).fails(&inside[0], FailureKind::Interrupted, "stopped");
    play.fails(&inside[1], FailureKind::Interrupted, "stopped");
    assert_eq!(asked(&play, "ready!failed#1"), "stopped at a: stopped");
    play.choose("ready!failed#1", "retry");
    let again = play.waits();
    assert_eq!(again.len(), 2, "{again:?}");
    play.done(&again[0], "").done(&again[1], "");
    assert_eq!(play.ending(), Some(Ending::Passed), "{:?}", play.view().reasons);
    play.replays();
}
