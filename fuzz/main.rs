//! The fuzzer: libFuzzer gives bytes, the target that `RUNBOOK_FUZZ_TARGET` names checks what must hold for any. Begun by
//! `fuzz/run`.

#![expect(
    clippy::disallowed_methods,
    reason = "the fuzzer names its target in the environment, and its macro writes files"
)]
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

mod invariants;

static CHECK: LazyLock<invariants::Holds> = LazyLock::new(|| {
    let wanted = std::env::var("RUNBOOK_FUZZ_TARGET").unwrap_or_default();
    let found = invariants::TARGETS.iter().find(|(name, _)| *name == wanted);
    let names = || invariants::TARGETS.map(|(name, _)| name).join(", ");
    found.unwrap_or_else(|| panic!("RUNBOOK_FUZZ_TARGET is {wanted:?}: expected one of {}", names())).1
});

fuzz_target!(|bytes: &[u8]| CHECK(bytes));
