//! What holds for any bytes, a module for each reader of bytes from outside. Each function panics where it does not hold.
//! The fuzzer and the tests of the main crate share them.

pub(crate) mod check;
pub(crate) mod exposition;
pub(crate) mod journal;
pub(crate) mod lint;
pub(crate) mod promql;

/// Panics where what holds for any bytes does not.
pub(crate) type Holds = fn(&[u8]);

/// Each target with the folder of its corpus.
pub(crate) const TARGETS: [(&str, Holds); 5] = [
    ("check", check::holds),
    ("exposition", exposition::holds),
    ("journal", journal::holds),
    ("lint", lint::holds),
    ("promql", promql::holds),
];
