//! All integration tests, in one binary: linking once keeps the suite fast.
#![expect(clippy::disallowed_methods, reason = "tests reach the world to check what the program did to it")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop where it stands"
)]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for one thing among many")]

mod answers_by_item;
mod answers_files;
mod bad_input;
mod cli_check;
mod cli_explain;
mod cli_help;
mod cli_metrics;
mod cli_plan;
mod cli_results;
mod cli_sim;
mod corpus;
mod crashes;
mod decisions;
mod docs;
mod drawn;
mod drivers_bench;
mod drivers_files;
mod drivers_http;
mod drivers_prometheus;
mod drivers_server;
mod drivers_shell;
mod drivers_terminal;
mod drivers_tls;
mod edges;
mod embed;
mod engine;
mod engine_ending;
mod engine_interrupt;
mod engine_told;
mod engine_tries;
mod engine_waits;
mod examples;
mod expressions;
mod fuzz_corpus;
mod gates;
mod golive;
mod journals;
mod journey;
mod journey_changes;
mod journey_commands;
mod journey_disk;
mod journey_inputs;
mod journey_terminal;

mod metrics_exposition;
mod metrics_lint;
mod metrics_observation;
mod missing;
mod observe;
mod old_runs;
mod pages;
mod parallel;
mod parallel_endings;
mod parallel_observations;
mod parallel_scenarios;
mod passes;

mod plan_items;
mod promql;
mod proxies;
mod queries;
mod real_openmetrics;
mod real_programs;
mod refusals;
mod ruby;
mod scenarios;
mod service_lessons;
mod set;
mod support;
mod syntax;
mod syntax_tree;
mod tidy;
mod told_in_chinese;
mod watch;
