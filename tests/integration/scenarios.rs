//! The scenarios beside the go-live: each fits its runbook, runs from end to end with its answers, and comes to what it
//! says.

use std::fs;

use jiff::tz::TimeZone;
use runbook::drivers::answers::fitting;
use runbook::engine::action::Ending;

use crate::support::left;
use crate::support::simulated::{Book, Played, RUN};
use crate::support::tree::files;

#[test]
fn every_scenario_has_answers_that_fit_the_runbook_and_an_expectation() {
    let book = Book::open("phase5");
    for name in book.scenarios() {
        assert!(book.scenario(&name).expect.is_some(), "{name} does not say what it comes to");
        let wrong = fitting(&book.answers(&name), &book.program, &TimeZone::UTC);
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
}

/// One test for each scenario: they run side by side.
macro_rules! scenarios {
    ($($test:ident $name:literal)*) => {
        $(#[test]
        fn $test() {
            comes_to_what_it_says($name);
        })*

        #[test]
        fn every_scenario_is_a_test() {
            let tested = [$($name),*];
            assert_eq!(Book::open("phase5").scenarios(), tested);
        }
    };
}

scenarios! {
    alert "alert"
    blip "blip"
    breach "breach"
    breach_fallback "breach-fallback"
    breach_http_success "breach-http_success"
    breach_p99 "breach-p99"
    breach_plugin_reload "breach-plugin_reload"
    breach_snapshot "breach-snapshot"
    extend "extend"
    healthy "healthy"
    idle "idle"
    proxy "proxy"
    restart "restart"
    terminate "terminate"
    token "token"
    unreachable "unreachable"
}

pub(crate) fn exit_code(ending: Ending) -> u8 {
    match ending {
        Ending::Passed => 0,
        Ending::NotPassed => 1,
        Ending::Refused => 2,
        Ending::RolledBack => 3,
        Ending::Suspended => 4,
        Ending::Aborted => 5,
    }
}

fn comes_to_what_it_says(name: &str) {
    let book = Book::open("phase5");
    let expect = book.scenario(name).expect.unwrap();
    let played = book.play(name);
    let waiting: Vec<&str> = played.view.waiting.iter().map(|waiting| waiting.id.as_str()).collect();
    assert_eq!(exit_code(played.ending), expect.exit, "it waits for {waiting:?}, {:?}", played.view.reasons);
    assert_eq!(Some(&played.view.status), expect.status.as_ref());
    let observation = played.view.observations.first();
    for (key, verdict) in &expect.slos {
        let objective = observation.unwrap().objectives.iter().find(|objective| objective.shown.key == *key).unwrap();
        assert_eq!(objective.verdict.as_str(), verdict, "{key}: {:?} {}", objective.whole, objective.why.text);
    }
    follows(&played, &expect.path);
    for key in &expect.never {
        let inside = format!("{key}/");
        let ran = |began: &&str| *began == key || began.starts_with(&inside);
        assert_eq!(began(&played).iter().find(|began| ran(began)), None, "{key} must not run");
    }
    let messages = played.hosts.messages();
    let last = messages.last().unwrap();
    assert!(last.text.contains("Phase 5 结束"), "the channel hears how it ended: {}", last.text);
    writes_below_its_own_folder(&played);
    let report = played.written("results/phase5-20251118/report.md").unwrap();
    for text in &expect.report {
        assert!(report.contains(text), "the report does not say {text:?}:\n{report}");
    }
    has_no_blank(&report);
    if expect.exit != 0 {
        assert!(!report.contains("已**成功**完成"), "what did not pass never reads as passed:\n{report}");
    }
    left::for_people(&played, name);
}

/// Nothing of a form is left, and nothing of a template.
fn has_no_blank(report: &str) {
    for blank in ["____", "xxx", "{{", "{%", "undefined", "[问题描述]", ": \n", "| |", "None"] {
        assert!(!report.contains(blank), "{blank:?} is left in the report:\n{report}");
    }
}

/// Nothing but the folder of the simulation was written, and each of its files says what it is.
fn writes_below_its_own_folder(played: &Played) {
    let beside: Vec<_> = fs::read_dir(played.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside, ["sim"]);
    for path in files(&played.folder.path().join("sim")).into_keys() {
        assert!(path.rsplit('/').next().unwrap().starts_with("SIMULATED-"), "{path}");
    }
}

#[test]
fn the_same_scenario_gives_the_same_journal_to_the_byte() {
    let book = Book::open("phase5");
    let journal = || book.play("terminate").store.journal(RUN).unwrap();
    assert_eq!(String::from_utf8(journal()).unwrap(), String::from_utf8(journal()).unwrap());
}

/// Static keys in the order in which they began.
pub(crate) fn began(played: &Played) -> Vec<&str> {
    played.view.steps.iter().map(|step| step.static_key.as_str()).collect()
}

pub(crate) fn follows(played: &Played, path: &[String]) {
    let began = began(played);
    let mut from = 0;
    for key in path {
        let place = began.iter().skip(from).position(|began| began == key);
        let place = place.unwrap_or_else(|| panic!("{key} does not follow: {:#?}", &began[from..]));
        from += place;
    }
}

#[test]
fn documents_are_updated_after_a_pass_and_never_after_a_breach() {
    let book = Book::open("phase5");
    let passed = book.play("healthy");
    let roadmap = passed.written("ROADMAP_V2.md").unwrap();
    assert!(roadmap.contains("### 实测结果 (2025-11-18)") && roadmap.contains("✅ 已验证通过"), "{roadmap}");
    let map = passed.written("MAP_FEATURE_TO_CODE.md").unwrap();
    assert!(map.contains("**状态**: 🚀 **Verified** - 生产实测通过 (2025-11-18)"), "{map}");
    assert_eq!(map.matches("Verified").count(), 1, "{map}");
    let report = passed.written("claudedocs/PHASE5_COMPLETION_REPORT.md").unwrap();
    assert_eq!(Some(&report), passed.written("results/phase5-20251118/report.md").as_ref());
    assert!(report.contains("**签字**: chen.jie"), "{report}");

    let missed = book.play("breach");
    assert!(!missed.written("ROADMAP_V2.md").unwrap().contains("实测结果"));
    assert!(!missed.written("MAP_FEATURE_TO_CODE.md").unwrap().contains("Verified"));
}
