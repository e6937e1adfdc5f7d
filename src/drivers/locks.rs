//! Locks on targets, kept by the store of journals and owned by the run: the same for real and simulated runs, but that a
//! simulated one never takes the lock of a real target.

use std::sync::Arc;

use super::Locks;
use super::reply::failure;
use crate::engine::input::{Failure, FailureKind};
use crate::journal::store::{Holder, Locked, StoreError, Targets};
use crate::text;

/// Locks of one run.
pub struct StoreLocks {
    targets: Arc<dyn Targets>,
    holder: Holder,
    simulated: bool,
}

impl StoreLocks {
    /// Locks that `holder` takes in `targets`.
    pub fn new(targets: Arc<dyn Targets>, holder: Holder, simulated: bool) -> Self {
        Self { targets, holder, simulated }
    }

    /// A simulated run has targets of its own, so that it neither waits for a real one nor keeps one waiting.
    fn target(&self, name: &str) -> String {
        if self.simulated { format!("simulated/{}/{name}", self.holder.run) } else { name.to_owned() }
    }
}

impl Locks for StoreLocks {
    fn lock(&mut self, target: &str) -> Result<(), Failure> {
        match self.targets.lock(&self.target(target), &self.holder).map_err(|error| not_possible(&error))? {
            Locked::Yes => Ok(()),
            Locked::Busy(holder) => {
                let Holder { run, user, hostname, since } = holder;
                // A person reads it: parts of a second tell nothing.
                let since = since.round(jiff::Unit::Second).unwrap_or(since);
                let message = text!(
                    "{target} is locked by run {run} ({user} on {hostname}, since {since}): `runbook status {run}` shows where \
                     it stands, `runbook resume {run}` goes on with it",
                    "{target} 已被运行 {run} 锁定（{hostname} 上的 {user}，始于 {since}）：`runbook status {run}` 显示其进展，\
                     `runbook resume {run}` 继续执行它"
                );
                Err(failure(FailureKind::Denied, message))
            }
        }
    }

    fn unlock(&mut self, target: &str) -> Result<(), Failure> {
        self.targets.unlock(&self.target(target), &self.holder.run).map_err(|error| not_possible(&error))
    }
}

fn not_possible(error: &StoreError) -> Failure {
    failure(FailureKind::NotStarted, error.problem().message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::memory_store::MemoryStore;
    use crate::journal::store::Store;

    fn locks(store: &MemoryStore, run: &str, simulated: bool) -> StoreLocks {
        let holder = Holder {
            run: run.into(),
            user: "alice".into(),
            hostname: "ops1".into(),
            since: jiff::Timestamp::from_millisecond(1_700).unwrap(),
        };
        StoreLocks::new(store.targets(), holder, simulated)
    }

    #[test]
    fn a_busy_lock_names_who_holds_it() {
        let store = MemoryStore::default();
        let (mut one, mut two) = (locks(&store, "one", false), locks(&store, "two", false));
        assert_eq!(one.lock("cluster"), Ok(()));
        let refused = two.lock("cluster").unwrap_err();
        assert_eq!(
            refused.message.en,
            "cluster is locked by run one (alice on ops1, since 1970-01-01T00:00:02Z): `runbook status one` shows where it \
             stands, `runbook resume one` goes on with it"
        );
        assert!(refused.message.zh.contains("`runbook resume one` 继续执行它"), "{refused:?}");
        assert_eq!(one.unlock("cluster"), Ok(()));
        assert_eq!(two.lock("cluster"), Ok(()));
    }

    #[test]
    fn a_simulated_run_takes_no_real_target() {
        let store = MemoryStore::default();
        assert_eq!(locks(&store, "sim", true).lock("cluster"), Ok(()));
        assert_eq!(locks(&store, "real", false).lock("cluster"), Ok(()));
        assert_eq!(locks(&store, "sim2", true).lock("cluster"), Ok(()));
    }
}
