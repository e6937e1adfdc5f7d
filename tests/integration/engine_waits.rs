//! Waits that a person may end early.

use runbook::engine::input::Command;
use runbook::engine::telling::Telling;
use runbook::text::Lang;

use crate::support::play::Play;

const TWO: &str = "parallel do\n\
    branch eu, \"EU\" do\n wait 10.min, skip: true, key: rest, title: \"Let EU settle\"\n \
    sh read: \"eu\", timeout: 5.s, key: look\n end\n\
    branch us, \"US\" do\n wait 20.min, skip: true, key: rest\n sh read: \"us\", timeout: 5.s, key: look\n end\n\
    end";

fn skip(play: &mut Play, key: Option<&str>) {
    let (key, because) = (key.map(str::to_owned), "all is calm".to_owned());
    play.command_of_person(Command::Skip { key, because });
}

fn warned(play: &Play, lang: Lang) -> Option<String> {
    play.tellings().iter().rev().find_map(|telling| match telling {
        Telling::Warning { text } => Some(text.get(lang).to_owned()),
        _other => None,
    })
}

#[test]
fn of_two_waits_none_is_skipped_until_one_is_named() {
    let mut play = Play::of(TWO);
    skip(&mut play, None);
    assert!(play.waits().is_empty(), "{:?}", play.waits());
    let said = warned(&play, Lang::En).unwrap();
    for part in ["parallel.1/eu/rest (Let EU settle)", "parallel.1/us/rest", "`skip parallel.1/eu/rest because …`"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(warned(&play, Lang::Zh).unwrap().starts_with("现在有 2 处等待可以跳过"), "{:?}", warned(&play, Lang::Zh));
    assert!(play.view().deviations.is_empty());

    skip(&mut play, Some("rest"));
    assert!(play.waits().is_empty(), "the ending of two keys names none of them");
    skip(&mut play, Some("parallel.1/as/rest"));
    assert!(play.waits().is_empty());
    assert!(warned(&play, Lang::En).unwrap().starts_with("there is no wait `parallel.1/as/rest`"));

    skip(&mut play, Some("us/rest"));
    assert_eq!(play.waits(), ["parallel.1/us/look#1"]);
    let deviations = play.view().deviations;
    assert_eq!(deviations.len(), 1);
    assert_eq!(deviations[0].what.en, "ended the wait parallel.1/us/rest early: all is calm");
    skip(&mut play, None);
    assert_eq!(play.waits(), ["parallel.1/eu/look#1", "parallel.1/us/look#1"], "one alone needs no name");
    play.replays();
}

#[test]
fn what_may_not_be_skipped_is_no_candidate() {
    let mut play = Play::of("wait 10.min, key: rest\nsh read: \"x\", timeout: 5.s");
    skip(&mut play, None);
    skip(&mut play, Some("rest"));
    assert!(play.waits().is_empty());
    assert_eq!(warned(&play, Lang::En).unwrap(), "there is no wait that may be skipped now");
    play.replays();
}

#[test]
fn the_item_of_a_pass_may_have_any_letter_in_it() {
    let mut play = Play::of(
        "each volume, in: [\"a#1\"] do\n wait 10.min, skip: true, key: rest\nend\n\
         sh read: \"x\", timeout: 5.s, key: look",
    );
    skip(&mut play, Some("rest"));
    assert_eq!(play.waits(), ["look#1"], "{:?}", warned(&play, Lang::En));
    play.replays();
}
