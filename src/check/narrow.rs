//! What a condition tells about names: after `assigned(x)` it is there.

use crate::check::program::{Expr, ExprKind, VarId};

/// Names that are assigned where a condition came out so.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// It was true.
    pub when_true: Vec<VarId>,
    /// It was false.
    pub when_false: Vec<VarId>,
}

/// What a condition tells.
pub(super) fn facts(cond: &Expr) -> Facts {
    match &*cond.kind {
        ExprKind::Assigned(var) => Facts { when_true: vec![*var], when_false: Vec::new() },
        ExprKind::Not(inner) => {
            let facts = facts(inner);
            Facts { when_true: facts.when_false, when_false: facts.when_true }
        }
        ExprKind::And(left, right) => {
            let (left, right) = (facts(left), facts(right));
            Facts {
                when_true: both(left.when_true, right.when_true),
                when_false: shared(&left.when_false, &right.when_false),
            }
        }
        ExprKind::Or(left, right) => {
            let (left, right) = (facts(left), facts(right));
            Facts {
                when_true: shared(&left.when_true, &right.when_true),
                when_false: both(left.when_false, right.when_false),
            }
        }
        _ => Facts::default(),
    }
}

fn both(mut left: Vec<VarId>, right: Vec<VarId>) -> Vec<VarId> {
    left.extend(right);
    left
}

fn shared(left: &[VarId], right: &[VarId]) -> Vec<VarId> {
    left.iter().filter(|var| right.contains(var)).copied().collect()
}
