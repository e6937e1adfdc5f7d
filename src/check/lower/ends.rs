//! Ends: undos, the endings, and the words that leave the path.

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::lower::{Head, Made};
use crate::check::program::{Again, Class, Half, Node, NodeKind, Retry, Severity, Title, UndoHow};
use crate::check::shell::Setting;
use crate::check::signature::Place;
use crate::diagnostic::{Code, Diagnostic};
use crate::text;
use crate::text::Text;

impl Checker<'_> {
    /// A word of the group.
    pub(super) fn end(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        match args.word.name {
            "undo" => self.undo(head, args),
            "finally" => {
                let made = self.ending(head, args);
                self.parts.finally.get_or_insert(head.id);
                made
            }
            "rollback" if args.stmt.body.is_some() => {
                let made = self.ending(head, args);
                self.parts.rollback.get_or_insert(head.id);
                made
            }
            "rollback" => {
                if self.in_ending {
                    self.say(Diagnostic::error(
                        Code::RB0302,
                        args.head(),
                        text!(
                            "a rollback cannot begin in an undo, a rollback or `finally`",
                            "在 undo、rollback 或 `finally` 中不能再开始回滚"
                        ),
                    ));
                }
                Made::pure(NodeKind::Rollback { because: self.because(args) })
            }
            "no_return" => {
                let typed = self.option_of(args, "type");
                let people = Box::new(self.people(args));
                Made::pure(NodeKind::NoReturn { typed, people })
            }
            "extend" => self.extend(args),
            "stop" => {
                let because = self.because(args);
                self.stop(args, because)
            }
            "suspend" => Made::pure(NodeKind::Suspend { because: self.because(args) }),
            "abort" => Made::pure(NodeKind::Abort { because: self.because(args) }),
            _ => {
                if self.in_ending || self.in_handler {
                    self.say(Diagnostic::error(
                        Code::RB0302,
                        args.head(),
                        text!(
                            "`finish` ends the main flow, and stands only there",
                            "`finish` 结束主流程，只能写在主流程中"
                        ),
                    ));
                }
                Made::pure(NodeKind::Finish { because: self.because(args) })
            }
        }
    }

    fn because(&mut self, args: &mut Args<'_>) -> Option<Title> {
        self.title_option(args, "because")
    }

    fn ending(&mut self, head: &Head, args: &Args<'_>) -> Made {
        let outer = (self.scope, self.in_ending);
        self.scope = self.names.scope_of(args.stmt.span.start).unwrap_or(outer.0);
        self.in_ending = true;
        let body = self.inside(head, args);
        (self.scope, self.in_ending) = outer;
        self.made(NodeKind::Ending { body: body.clone() }, &body)
    }

    fn undo(&mut self, head: &Head, args: &mut Args<'_>) -> Made {
        if self.steps == 0 {
            self.say(
                Diagnostic::error(
                    Code::RB0504,
                    args.head(),
                    text!("an undo stands in the step that it takes back", "undo 写在它所撤销的步骤中"),
                )
                .help(Text::verbatim("step deploy, \"Deploy\" do … undo … end")),
            );
        }
        if self.in_ending {
            self.say(Diagnostic::error(
                Code::RB0302,
                args.head(),
                text!("what takes back is not itself taken back", "撤销操作本身不再被撤销"),
            ));
        }
        let half = match self.word_option(args, "half").as_deref() {
            Some("run") => Half::Run,
            Some("skip") => Half::Skip,
            _ => Half::Ask,
        };
        let nothing = args.arg("none");
        if let Some(word) = nothing {
            self.one_of(word, &["none"], &"`undo`");
        }
        let command = args.take("sh");
        let manual = self.title_option(args, "manual");
        let because = self.title_option(args, "because");
        let timeout = self.option_of(args, "timeout");
        let forms = usize::from(nothing.is_some())
            + usize::from(command.is_some())
            + usize::from(manual.is_some())
            + usize::from(args.stmt.body.is_some());
        if forms != 1 {
            self.say(
                Diagnostic::error(Code::RB0308, args.head(), text!("an undo has one form", "undo 只有一种形式")).help(
                    Text::verbatim("undo sh: \"…\"   undo do … end   undo manual: \"…\"   undo none, because: \"…\""),
                ),
            );
        }
        if let (Some(timeout), None) = (&timeout, &command) {
            self.say(Diagnostic::error(
                Code::RB0313,
                timeout.span,
                text!("`timeout:` belongs to `sh:`", "`timeout:` 属于 `sh:`"),
            ));
        }
        match (&because, nothing) {
            (None, Some(word)) => self.say(
                Diagnostic::error(
                    Code::RB0307,
                    word.span,
                    text!("`undo none` says why: `because:`", "`undo none` 须用 `because:` 说明原因"),
                )
                .help(text!("whoever rolls back reads it", "执行回滚的人会读到它")),
            ),
            (Some(because), None) => {
                self.say(Diagnostic::error(
                    Code::RB0313,
                    because.text.span,
                    text!("`because:` belongs to `undo none`", "`because:` 属于 `undo none`"),
                ));
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
        let how = if let Some(option) = command {
            let outer = std::mem::replace(&mut self.in_ending, true);
            let body = self.shell_body(&option.value);
            let setting = Setting { limited: timeout.is_some(), other_codes: false, writes: true };
            self.command_rules(&body, setting);
            let id = self.new_id();
            self.keys.enter(&head.key);
            let key = self.keys.keyless("sh");
            self.keys.leave();
            let node = Node {
                id,
                word: "sh",
                parent: Some(head.id),
                key,
                title: None,
                span: args.head(),
                line: self.line(args.head().start),
                cond: None,
                class: Class::Write,
                narrowed: None,
                again: Again::Ask,
                severity: Severity::Fail,
                timeout,
                retry: Retry { times: 0, every: None, backoff: 1.0 },
                bind: None,
                digest: self.digest_of(args.stmt, None),
                needs: Vec::new(),
                kind: NodeKind::Shell(Box::new(crate::check::shell::plain(body.parts))),
            };
            if let Some(slot) = self.nodes.get_mut(id.0 as usize) {
                *slot = Some(node);
            }
            self.in_ending = outer;
            UndoHow::Body(vec![id])
        } else if let Some(manual) = manual {
            UndoHow::Manual(manual)
        } else if let Some(because) = because {
            UndoHow::None(because)
        } else {
            let outer = (self.scope, self.in_ending, self.place);
            self.scope = self.names.scope_of(args.stmt.span.start).unwrap_or(outer.0);
            self.in_ending = true;
            self.place = Place::Flow;
            self.keys.enter(&head.key);
            let body = self.body_of(args);
            self.keys.leave();
            (self.scope, self.in_ending, self.place) = outer;
            UndoHow::Body(body)
        };
        let class = match &how {
            UndoHow::Body(body) => self.strongest(body),
            UndoHow::Manual(_) | UndoHow::None(_) => Class::Pure,
        };
        Made::of(NodeKind::Undo { how, half }, class).again(Some(Again::Safe))
    }
}
