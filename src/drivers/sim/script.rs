//! Which script of the scenario a command gets, and which of its answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;

use super::scenario::{Scenario, Script, ScriptAnswer};
use crate::drivers::answers::ends_with_key;

/// The scripts, with how often each was called.
#[derive(Clone, Debug)]
pub struct Scripts {
    scenario: Arc<Scenario>,
    calls: BTreeMap<usize, usize>,
}

impl Scripts {
    /// All of a scenario, none called yet.
    pub fn new(scenario: Arc<Scenario>) -> Self {
        Self { scenario, calls: BTreeMap::new() }
    }

    /// The next answer to `command`, that of the statement `key`, `after` the start of the run; none: the scenario has no
    /// script for it. The call counts: a run that is taken up again repeats the calls of its journal first.
    pub fn call(&mut self, key: &str, command: &str, after: SignedDuration) -> Option<ScriptAnswer> {
        let scripts = self.scenario.command.iter().map(toml::Spanned::get_ref);
        let (index, script) = scripts.enumerate().find(|(_, script)| fits(script, key, command, after))?;
        let calls = self.calls.entry(index).or_default();
        let before = *calls;
        *calls += 1;
        if let Some(last) = script.answers.last() {
            return Some(script.answers.get(before).unwrap_or(last).clone());
        }
        let fails = before < script.fails as usize;
        Some(ScriptAnswer {
            exit: if fails { 1 } else { script.exit },
            out: if fails { String::new() } else { script.out.clone() },
            err: script.err.clone(),
            takes: script.takes,
            hang: script.hang,
        })
    }
}

fn fits(script: &Script, key: &str, command: &str, after: SignedDuration) -> bool {
    let command = command.trim();
    script.run.as_ref().is_none_or(|run| run.trim() == command)
        && script.pattern.as_ref().is_none_or(|pattern| pattern.0.is_match(command))
        && script.key.as_ref().is_none_or(|end| ends_with_key(key, end))
        && script.after.is_none_or(|from| from.0 <= after)
        && script.until.is_none_or(|to| after < to.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts(text: &str) -> Scripts {
        Scripts::new(Arc::new(Scenario::parse(text).unwrap()))
    }

    fn outs(scripts: &mut Scripts, key: &str, command: &str, minutes: i64, calls: usize) -> Vec<(i32, String)> {
        let call = |_| {
            let answer = scripts.call(key, command, SignedDuration::from_mins(minutes)).unwrap();
            (answer.exit, answer.out)
        };
        (0..calls).map(call).collect()
    }

    #[test]
    fn the_first_that_fits_is_taken() {
        let mut scripts = scripts(
            "[[command]]\nrun = \"kubectl get pods\"\nout = \"whole\"\n\
             [[command]]\nmatch = \"^kubectl .*pods\"\nafter = \"10m\"\nuntil = \"20m\"\nout = \"crashed\"\n\
             [[command]]\nmatch = \"^kubectl .*pods\"\nout = \"pattern\"\n\
             [[command]]\nkey = \"ready/sh.1\"\nout = \"key\"\n",
        );
        let mut out = |key, command, minutes| outs(&mut scripts, key, command, minutes, 1)[0].1.clone();
        assert_eq!(out("a", "kubectl get pods\n", 0), "whole");
        assert_eq!(out("a", "kubectl -n x get pods", 0), "pattern");
        assert_eq!(out("a", "kubectl -n x get pods", 10), "crashed");
        assert_eq!(out("a", "kubectl -n x get pods", 20), "pattern");
        assert_eq!(out("prechecks/ready/sh.1", "true", 0), "key");
        assert!(scripts.call("prechecks/already/sh.1", "true", SignedDuration::ZERO).is_none());
    }

    #[test]
    fn answers_follow_one_another_and_the_last_stays() {
        let mut scripts =
            scripts("[[command]]\nkey = \"a\"\nanswers = [{ out = \"1\" }, { exit = 3 }, { out = \"2\" }]\n");
        let wanted = [(0, "1"), (3, ""), (0, "2"), (0, "2")].map(|(exit, out)| (exit, out.to_owned()));
        assert_eq!(outs(&mut scripts, "a", "x", 0, 4), wanted);
    }

    #[test]
    fn it_fails_so_many_times() {
        let mut scripts = scripts("[[command]]\nkey = \"a\"\nfails = 2\nout = \"there\"\n");
        let wanted = [(1, ""), (1, ""), (0, "there"), (0, "there")].map(|(exit, out)| (exit, out.to_owned()));
        assert_eq!(outs(&mut scripts, "a", "x", 0, 4), wanted);
    }
}
