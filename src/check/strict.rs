//! What only `check --strict` asks for: it is good to have, and its lack is no mistake.

use crate::check::program::{NodeKind, Program};
use crate::diagnostic::{Code, Diagnostic};
use crate::text;

/// Looks at a program.
pub(super) fn check(program: &Program) -> Vec<Diagnostic> {
    let prompts = program.nodes.iter().filter(|node| {
        matches!(
            node.kind,
            NodeKind::Confirm { .. } | NodeKind::Manual { .. } | NodeKind::Add { .. } | NodeKind::NoReturn { .. }
        )
    });
    // The ordinal of a keyless statement is the only part of a key with a point and its word.
    let keyless = prompts.filter(|node| {
        let own = node.key.rsplit('/').next().unwrap_or_default();
        own.strip_prefix(node.word).is_some_and(|rest| rest.starts_with('.'))
    });
    keyless
        .map(|node| {
            let message = text!(
                "this prompt has no key of its own: it is answered as `{}`",
                "此问题没有自己的键：它以 `{}` 答复",
                node.key
            );
            Diagnostic::warning(Code::RB0502, node.span, message).help(text!(
                "a prompt that is put before it changes that; write `key:`",
                "在它之前加入问题就会改变这个键；请写 `key:`"
            ))
        })
        .collect()
}
