//! Statements that are done at once: `assert note undo settles extend suspend abort finish`.

use crate::check::program::{NodeId, NodeKind};
use crate::engine::action::{Ending, Words};
use crate::engine::machine::{Flow, Machine};
use crate::text;

use crate::engine::state::{FiberId, Frame, Undo};
use crate::engine::telling::Telling;
use crate::text::Text;
use crate::value::Verdict;

impl Machine<'_> {
    /// Does it.
    pub(crate) fn simple(&mut self, fiber: FiberId, frame: &mut Frame) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let node = self.node(id);
        match &node.kind {
            NodeKind::Assert { cond } => {
                if frame.record.is_none() {
                    self.open_record(frame, String::new());
                }
                let (depth, title) = (frame.depth, self.title_of(frame));
                match self.env(frame.scope).bool(cond) {
                    Ok(true) => {
                        self.tell(Telling::Checked { depth, title, verdict: Verdict::Pass, detail: Text::default() });
                        self.close_record(frame, Verdict::Pass, Text::default());
                        Flow::done(Verdict::Pass)
                    }
                    Ok(false) => {
                        let detail = self.values_behind(frame.scope, cond);
                        let verdict = Verdict::Fail;
                        self.tell(Telling::Checked { depth, title, verdict, detail: detail.clone() });
                        let message = if detail.is_empty() {
                            text!("it is not so", "条件不成立")
                        } else {
                            text!("it is not so: {}", "条件不成立：{}", detail)
                        };
                        self.fail(fiber, frame, message, String::new())
                    }
                    Err(error) => {
                        let detail = text!("not evaluated: {}", "无法求值：{}", error.0);
                        let verdict = Verdict::Error;
                        self.tell(Telling::Checked { depth, title, verdict, detail: detail.clone() });
                        self.fail(fiber, frame, detail, String::new())
                    }
                }
            }
            NodeKind::Note { text } => match self.env(frame.scope).words(text) {
                Ok(text) => {
                    self.state.notes.push((self.state.now, text.clone()));
                    self.tell(Telling::Noted { depth: frame.depth, text });
                    Flow::done(Verdict::Pass)
                }
                Err(error) => self.fail(fiber, frame, error.0, String::new()),
            },
            NodeKind::Undo { .. } => {
                let undo = Undo { half: true, ..self.undo_at(id, frame) };
                self.state.undos.push(undo);
                Flow::done(Verdict::Pass)
            }
            NodeKind::Settles { block } => {
                let block = *block;
                self.state.undos.retain(|undo| !undo.blocks.contains(&block));
                Flow::done(Verdict::Pass)
            }
            NodeKind::Extend { sample, by } => match self.env(frame.scope).count(by) {
                Ok(by) => match crate::engine::observe::extend(self, *sample, by) {
                    Ok(()) => Flow::done(Verdict::Pass),
                    Err(message) => self.fail(fiber, frame, message, String::new()),
                },
                Err(error) => self.fail(fiber, frame, error.0, String::new()),
            },
            NodeKind::Stop { watch, because } => {
                let because = self.because(frame, because.as_ref());
                let because =
                    if because.is_empty() { text!("stopped by a rule", "被规则停止") } else { because.told() };
                match crate::engine::observe::stop(self, *watch, because) {
                    Ok(()) => Flow::done(Verdict::Pass),
                    Err(message) => self.fail(fiber, frame, message, String::new()),
                }
            }
            NodeKind::Suspend { because } => {
                let words = self.because(frame, because.as_ref());
                self.warn(words.told());
                // Taken up again, the flow goes on behind this statement.
                self.park_or_suspend(fiber, frame, words);
                Flow::done(Verdict::Pass)
            }
            NodeKind::Abort { because } => {
                let words = self.because(frame, because.as_ref());
                self.abort(words);
                Flow::Gone
            }
            NodeKind::Finish { because } => {
                let words = self.because(frame, because.as_ref());
                self.finish(words);
                Flow::Gone
            }
            _other => Flow::done(Verdict::Pass),
        }
    }

    /// What is armed at a statement, bare: neither half nor with a way of its own.
    pub(crate) fn undo_at(&self, node: NodeId, frame: &Frame) -> Undo {
        Undo {
            node,
            step: self.step_around(node, frame),
            blocks: self.program.around(node).map(|block| block.id).collect(),
            scope: frame.scope,
            half: false,
            restores: None,
            by_hand: None,
        }
    }

    fn because(&self, frame: &Frame, because: Option<&crate::check::program::Title>) -> Words {
        because.map(|because| self.env(frame.scope).words_lossy(because)).unwrap_or_default()
    }

    /// Key of the step around a statement, with its pass, as its undo remembers it.
    pub(crate) fn step_around(&self, id: NodeId, frame: &Frame) -> String {
        let step = self.program.around(id).find(|block| matches!(block.kind, NodeKind::Step { .. }));
        let record = step.and_then(|step| self.state.step_seen(frame.scope, step.id));
        record.map_or_else(|| frame.key.clone(), |record| record.key.clone())
    }

    /// The names in a condition with their values, for people: `errors.value = 3`.
    fn values_behind(&self, scope: crate::engine::state::ScopeId, cond: &crate::check::program::Expr) -> Text {
        Text::join(&crate::engine::explain::values(&self.env(scope), cond), &text!(", ", "，"))
    }

    /// The rest of the run is not needed.
    fn finish(&mut self, because: Words) {
        self.tell(Telling::Noted { depth: 0, text: because });
        // What failed elsewhere and waits for a decision gets none any more.
        let fibers = self.state.fibers.values();
        let undecided: Vec<Frame> =
            fibers.flat_map(|fiber| &fiber.frames).filter(|frame| frame.trouble.is_some()).cloned().collect();
        for frame in undecided {
            let why = frame.trouble.as_ref().map(|trouble| trouble.message.clone()).unwrap_or_default();
            self.mark(&frame, Verdict::Fail, why);
        }
        let passed = crate::engine::ending::main_verdict(self.program, self.state) == Verdict::Pass;
        let ending = if passed { Ending::Passed } else { Ending::NotPassed };
        self.begin_finally(ending);
    }
}
