//! Objectives in `PromQL` over the whole way: `runbook exec --sim`, and a real service that is scraped.

use crate::support::program::{Place, ended, json, repository};
use crate::support::simulated::Book;

#[test]
fn an_expression_and_the_exact_form_of_the_same_agree() {
    let mut place = Place::new();
    place.env("LANG", "C.UTF-8");
    let runbook = repository().join("tests/runbooks/expressions.rb");
    for (scenario, code) in [("steady", 0), ("broken", 1)] {
        ended(&place.run(&["exec", runbook.to_str().unwrap(), "--sim", scenario]), code);
        let report = place.run(&["report", "last", "--format", "json"]);
        ended(&report, 0);
        let report = json(&report);
        let book = Book::of("tests/runbooks", "expressions");
        let expected = book.scenario(scenario).expect.unwrap().slos;
        let found = report["slos"].as_array().unwrap();
        assert_eq!(found.len(), expected.len());
        for slo in found {
            assert_eq!(
                slo["verdict"].as_str(),
                expected.get(slo["key"].as_str().unwrap()).map(String::as_str),
                "{slo}"
            );
        }
    }
}
