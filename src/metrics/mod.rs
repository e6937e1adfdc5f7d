//! Exposition text, series, PromQL, verdicts and gates: pure functions of bytes and time.
