//! The example of embedding runs, and does what it says.

use runbook::engine::action::Ending;

#[expect(dead_code, unreachable_pub, reason = "it is a program of its own, and here a module")]
#[path = "../../examples/embed.rs"]
mod example;

#[test]
fn a_runbook_runs_with_drivers_of_ones_own() {
    assert_eq!(example::run(example::RUNBOOK), Ok(Ending::Passed));
    let rejected = example::RUNBOOK.replace("== 42", "== 43");
    assert_ne!(example::run(&rejected), Ok(Ending::Passed));
}
