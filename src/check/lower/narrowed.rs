//! `effect:`, which says that a statement does more or less to the world than its form. Less is pointed at, until the author
//! says why: then the plan has it, with the reason.

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::program::{Class, Narrowed};
use crate::diagnostic::{Code, Diagnostic};
use crate::text;
use crate::text::Text;

impl Checker<'_> {
    /// The class of an effect: of its form, or as `effect:` says.
    pub(super) fn class_of(&mut self, args: &mut Args<'_>, formal: Class) -> (Class, Option<Narrowed>) {
        let span = |name| args.stmt.options.iter().find(|option| option.name.node == name).map(|option| option.span);
        let (effect, reason) = (span("effect"), span("because"));
        let because = self.const_text(args, "because").map(|(because, _)| because);
        let written = match self.word_option(args, "effect").as_deref() {
            Some("read") => Class::Read,
            Some("record") => Class::Record,
            Some("write") => Class::Write,
            Some("destroy") => Class::Destroy,
            _ => formal,
        };
        if written >= formal {
            if let Some(reason) = reason {
                let message = text!(
                    "`because:` says why an effect is weaker than its form, and this one is not",
                    "`because:` 说明影响为何比语句本身的弱，而这里并不弱"
                );
                self.say(
                    Diagnostic::error(Code::RB0313, reason, message)
                        .help(Text::verbatim("effect: read, because: \"…\"")),
                );
            }
            return (written, None);
        }
        if because.as_ref().is_none_or(|because| because.trim().is_empty()) {
            self.say(
                Diagnostic::warning(
                    Code::RB0415,
                    effect.unwrap_or(args.head()),
                    text!("this says that the effect is weaker than its form", "这里声明的影响比语句本身的弱"),
                )
                .help(narrowed_to(written)),
            );
        }
        (written, Some(Narrowed { form: formal, because }))
    }
}

/// What follows from a weaker class, and how it is said to be meant.
fn narrowed_to(class: Class) -> Text {
    if class == Class::Read {
        text!(
            "a plan may probe reads, and a crash repeats them unasked: if that is right, say why: `because: \"…\"`",
            "plan 可以试执行读操作，崩溃后也会不经询问重新执行：若确实如此，请写明原因：`because: \"…\"`"
        )
    } else if class == Class::Record {
        text!(
            "a record needs no undo, no guard is checked before it, and a crash repeats it unasked: if that is right, say \
             why: `because: \"…\"`",
            "记录类操作无需撤销，执行前不检查 guard，崩溃后会不经询问重新执行：若确实如此，请写明原因：`because: \"…\"`"
        )
    } else {
        text!(
            "a write is said to have an undo: if something brings it back, say why: `because: \"…\"`",
            "写操作可以撤销：若确实能恢复，请写明原因：`because: \"…\"`"
        )
    }
}
