//! Sections, steps and blocks of checks.

use crate::check::args::Args;
use crate::check::context::{Checker, NOWHERE, Planned};
use crate::check::lower::{Head, Made};
use crate::check::program::{Class, NodeId, NodeKind};
use crate::check::signature::Named;
use crate::diagnostic::{Code, Diagnostic};
use crate::text;

impl Checker<'_> {
    /// A word of the group.
    pub(super) fn structure(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        match args.word.name {
            "section" => {
                let at = self.time_option(args, "at");
                let until = self.time_option(args, "until");
                let budget = self.option_of(args, "budget");
                self.parts.planned.push(Planned { at, until });
                let body = self.inside(head, args);
                let (at, until) = (at.map(|(time, _)| time), until.map(|(time, _)| time));
                self.made(NodeKind::Section { at, until, budget, body: body.clone() }, &body)
            }
            "step" => {
                let required = self.flag(args, "required").unwrap_or(false);
                self.steps += 1;
                let body = self.inside(head, args);
                self.steps -= 1;
                self.made(NodeKind::Step { required, body: body.clone() }, &body)
            }
            "settles" => {
                let block = args.arg("block").and_then(|block| self.named_node(block, Named::Block));
                Made::pure(NodeKind::Settles { block: block.unwrap_or(NOWHERE) })
            }
            // `precheck` and `verify`
            _ => {
                let body = self.inside(head, args);
                self.made(NodeKind::Checks { body: body.clone() }, &body)
            }
        }
    }

    /// The body of a keyed block.
    pub(super) fn inside(&mut self, head: &Head, args: &Args<'_>) -> Vec<NodeId> {
        self.keys.enter(&head.key);
        let body = self.body_of(args);
        self.keys.leave();
        if args.stmt.body.as_ref().is_some_and(|body| body.stmts.is_empty()) {
            self.say(Diagnostic::warning(
                Code::RB0316,
                args.head(),
                text!("nothing stands in this `{}`", "此 `{}` 中没有内容", args.word.name),
            ));
        }
        body
    }

    /// A block is as strong as what is inside.
    pub(super) fn made(&self, kind: NodeKind, body: &[NodeId]) -> Made {
        Made::of(kind, self.strongest(body)).again(Some(crate::check::program::Again::Safe))
    }

    /// The strongest class of some statements.
    pub(super) fn strongest(&self, body: &[NodeId]) -> Class {
        body.iter().filter_map(|id| self.node(*id)).map(|node| node.class).max().unwrap_or(Class::Pure)
    }
}
