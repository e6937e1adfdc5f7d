//! Locks of a simulation: those of the store, apart from real targets, and those that the scenario says another run holds.

use std::sync::Arc;

use super::scenario::Scenario;
use crate::drivers::Locks;
use crate::drivers::reply::failure;
use crate::engine::input::{Failure, FailureKind};
use crate::text;

/// The locks.
pub struct SimLocks {
    /// Those of the store.
    pub own: Box<dyn Locks>,
    /// Says which are held by another run.
    pub scenario: Arc<Scenario>,
}

impl Locks for SimLocks {
    fn lock(&mut self, target: &str) -> Result<(), Failure> {
        match self.scenario.locks.get(target) {
            Some(run) => Err(failure(
                FailureKind::Denied,
                text!("{target} is locked by run {run}", "{target} 已被运行 {run} 锁定"),
            )),
            None => self.own.lock(target),
        }
    }

    fn unlock(&mut self, target: &str) -> Result<(), Failure> {
        self.own.unlock(target)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::drivers::locks::StoreLocks;
    use crate::journal::memory_store::MemoryStore;
    use crate::journal::store::{Holder, Store};

    #[test]
    fn a_lock_of_another_run_is_busy_and_all_others_are_free() {
        let holder = Holder {
            run: "1".to_owned(),
            user: "li.na".to_owned(),
            hostname: "ops1".to_owned(),
            since: Timestamp::UNIX_EPOCH,
        };
        let store = MemoryStore::default();
        let scenario = Scenario::parse("[locks]\n\"cluster/a\" = \"20251118-0815-deploy-x2k9\"\n").unwrap();
        let own = Box::new(StoreLocks::new(store.targets(), holder, true));
        let mut locks = SimLocks { own, scenario: Arc::new(scenario) };
        let busy = locks.lock("cluster/a").unwrap_err();
        assert_eq!((busy.kind, busy.message.en.contains("deploy-x2k9")), (FailureKind::Denied, true));
        assert_eq!(locks.lock("cluster/b"), Ok(()));
        assert_eq!(locks.unlock("cluster/b"), Ok(()));
    }
}
