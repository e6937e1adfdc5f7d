//! The runbooks beside the go-live: each is found clean by the strict check, and each of its scenarios fits it, runs from end
//! to end with its answers, and comes to what it says.

use jiff::tz::TimeZone;
use runbook::drivers::answers::fitting;
use runbook::report::markdown::markdown;
use runbook::report::model::Beside;
use runbook::report::page::Page;
use runbook::text::Lang;

use crate::scenarios::{began, exit_code, follows};
use crate::support::simulated::Book;

fn comes_to_what_it_says(runbook: &str, scenarios: &[&str]) {
    let book = Book::open(runbook);
    assert_eq!(book.scenarios(), scenarios);
    for name in scenarios {
        let expect = book.scenario(name).expect.unwrap();
        let wrong = fitting(&book.answers(name), &book.program, &TimeZone::UTC);
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
        let played = book.play(name);
        let reasons = &played.view.reasons;
        assert_eq!(exit_code(played.ending), expect.exit, "{name}: {reasons:?}");
        assert_eq!(Some(&played.view.status), expect.status.as_ref(), "{name}: {reasons:?}");
        let objectives = played.view.observations.first().map_or(&[][..], |observation| &observation.objectives);
        for (key, verdict) in &expect.slos {
            let objective = objectives.iter().find(|objective| objective.shown.key == *key).unwrap();
            assert_eq!(objective.verdict.as_str(), verdict, "{name}: {key}: {}", objective.why.text);
        }
        follows(&played, &expect.path);
        for key in &expect.never {
            let inside = format!("{key}/");
            let ran = |began: &&str| *began == key || began.starts_with(&inside);
            assert_eq!(began(&played).iter().find(|began| ran(began)), None, "{name}: {key} must not run");
        }
        let page = Page { lang: Lang::En, zone: TimeZone::UTC };
        let report = markdown(&played.view, &Beside { exit_code: Some(expect.exit), ..Beside::default() }, &page);
        for text in &expect.report {
            assert!(report.contains(text), "{name}: the report does not say {text:?}:\n{report}");
        }
    }
}

#[test]
fn a_deployment_with_a_canary() {
    comes_to_what_it_says("canary", &["breach", "healthy", "idle"]);
}

#[test]
fn a_rotation_of_credentials() {
    comes_to_what_it_says("rotate", &["healthy", "late", "unwell"]);
}
