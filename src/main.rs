//! The `runbook` program: everything is in the library.

fn main() -> std::process::ExitCode {
    runbook::cli::main()
}
