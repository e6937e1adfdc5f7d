//! `each n, in: LIST do … end`: one pass an item, keyed by the item's value.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | the list is evaluated once; more than `max:` fails | between |
//! | between | `pause: ask_between`: a person is asked | asking |
//! | between | the next item, in a scope of its own | in a pass |
//! | in a pass | it ended, or failed fewer than `stop_after` times | between |
//! | in a pass | it failed for the last time allowed | trouble |
//! | between | no more items | done; failed if any pass did |
//! | trouble | `retry` in its menu | between, from the first item whose pass did not succeed |

use std::collections::BTreeMap;

use crate::check::program::NodeKind;
use crate::engine::action::PromptKind;
use crate::engine::eval::EvalError;
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::record::worse;
use crate::engine::state::{FiberId, Frame, Return};
use crate::engine::step::question::Question;
use crate::text::Text;
use crate::value::{Value, Verdict, text};

/// Most items where the author sets no `max:`: a list from outside must not become an endless procedure.
const MAX_ITEMS: u32 = 10_000;

/// How far a loop is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Each {
    /// Items with their keys; none: not begun.
    items: Option<Vec<(String, Value)>>,
    /// The next item.
    next: usize,
    /// Passes that succeeded, by index of their item, with how they ended: they are never repeated.
    ended: BTreeMap<usize, Verdict>,
    /// What goes on now.
    now: Now,
    failed: u32,
    /// Failures of a pass are the loop's own.
    catches: bool,
}

/// Between which passes a loop is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Now {
    /// Between two passes.
    #[default]
    Between,
    /// A person is asked whether the next pass begins.
    Asking,
    /// A person has agreed to it.
    Agreed,
    /// A pass runs.
    Inside,
}

impl Each {
    /// Key of the item whose pass runs.
    pub(crate) fn item_key(&self) -> Option<&str> {
        let items = self.items.as_ref()?;
        (self.now == Now::Inside).then(|| items.get(self.next.checked_sub(1)?)).flatten().map(|(key, _)| key.as_str())
    }

    /// The loop once more: with the same items, without the passes that succeeded. A list that was not read is read.
    pub(crate) fn again(&self) -> Self {
        Self { items: self.items.clone(), ended: self.ended.clone(), catches: self.catches, ..Self::default() }
    }

    /// Keys of the items whose pass did not succeed.
    pub(crate) fn not_succeeded(&self) -> impl Iterator<Item = &str> {
        let items = self.items.iter().flatten().enumerate();
        items.filter(|(index, _)| !self.ended.contains_key(index)).map(|(_, (key, _))| key.as_str())
    }

    /// The worst of the passes that succeeded.
    pub(crate) fn worst(&self) -> Verdict {
        self.ended.values().copied().fold(Verdict::Pass, worse)
    }

    /// Failures of a pass do not open the menu at once.
    pub(crate) fn catches(&self) -> bool {
        self.catches
    }
}

impl Machine<'_> {
    /// Runs a loop.
    pub(crate) fn each(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let NodeKind::Each(node) = &self.node(id).kind else { return Flow::done(Verdict::Pass) };
        let Kind::Each(mut each) = frame.kind.clone() else { return Flow::Block };
        let Some(items) = each.items.clone() else {
            if frame.record.is_none() {
                self.open_record(frame, String::new());
            }
            return match self.items(frame, node) {
                Ok(items) => {
                    each.catches = node.stop_after != Some(1) || self.has_catcher(fiber);
                    each.items = Some(items);
                    frame.kind = Kind::Each(each);
                    Flow::Again
                }
                Err(error) => self.fail(fiber, frame, error.0, String::new()),
            };
        };
        match returned {
            Some(Return::Failed(message)) => {
                each.failed += 1;
                each.now = Now::Between;
                frame.worst = Verdict::Fail;
                if node.stop_after.is_some_and(|most| each.failed >= most) && !self.has_catcher(fiber) {
                    frame.kind = Kind::Each(each);
                    return self.fail(fiber, frame, message, String::new());
                }
            }
            Some(Return::Done(verdict)) => {
                each.now = Now::Between;
                each.ended.extend(each.next.checked_sub(1).map(|index| (index, verdict)));
                frame.worst = worse(frame.worst, verdict);
            }
            Some(Return::Answer(answer)) => {
                each.now = Now::Agreed;
                if answer.value != Value::Bool(true) {
                    frame.kind = Kind::Each(each);
                    let why = crate::text!("{} did not go on to the next item", "{} 未继续下一项", answer.by);
                    return self.fail(fiber, frame, why, String::new());
                }
            }
            Some(Return::Outcome(_) | Return::TimedOut) => {}
            None if each.now == Now::Inside => return Flow::Block,
            // A suspension takes a question back; then it is asked again.
            None => {}
        }
        while each.ended.contains_key(&each.next) {
            each.next += 1;
        }
        let Some((key, value)) = items.get(each.next).cloned() else {
            frame.kind = Kind::Each(each.clone());
            if each.failed > 0 {
                let why = crate::text!("{} of {} passes failed", "{1} 轮中有 {0} 轮失败", each.failed, items.len());
                return self.fail(fiber, frame, why, String::new());
            }
            self.close_record(frame, frame.worst, Text::default());
            return Flow::done(frame.worst);
        };
        if node.ask_between && each.next > 0 && each.now != Now::Agreed {
            each.now = Now::Asking;
            frame.kind = Kind::Each(each);
            let action = self.builtin_id(&format!("{}!next", frame.stem()));
            let title = self.title_of(frame);
            let question = Question { kind: PromptKind::NextPass { item: key }, ..Question::default() };
            let static_key = format!("{}!next", self.node(id).key);
            self.ask(fiber, Some(id), action, static_key, title, question);
            return Flow::Block;
        }
        each.next += 1;
        each.now = Now::Inside;
        frame.kind = Kind::Each(each);
        let scope = self.state.new_scope(frame.scope);
        self.state.bind(scope, node.item, value);
        Flow::Push(Box::new(self.list(&node.body, scope, frame.depth + 1)))
    }

    fn items(&mut self, frame: &Frame, node: &crate::check::program::Each) -> Result<Vec<(String, Value)>, EvalError> {
        let list = match self.env(frame.scope).eval(&node.list)? {
            Value::List(list) => list,
            other => {
                return Err(EvalError(crate::text!(
                    "expected a list, found `{}`",
                    "应为列表，实际为 `{}`",
                    text::text(&other)
                )));
            }
        };
        let most = match &node.max {
            Some(max) => self.env(frame.scope).count(max)?,
            None => MAX_ITEMS,
        };
        if list.len() > most as usize {
            let found = list.len();
            return Err(EvalError(crate::text!(
                "the list has {found} items, more than the {most} allowed",
                "列表有 {found} 项，超过允许的 {most} 项"
            )));
        }
        let mut items = Vec::with_capacity(list.len());
        for value in list {
            let key = match &node.key_by {
                None => text::text(&value),
                Some(key_by) => {
                    let scope = self.state.new_scope(frame.scope);
                    self.state.bind(scope, node.item, value.clone());
                    let key = self.env(scope).text(key_by);
                    self.state.scopes.pop();
                    key?
                }
            };
            if items.iter().any(|(other, _)| *other == key) {
                return Err(EvalError(crate::text!(
                    "two items have the key `{key}`: passes could not be told apart",
                    "有两项的键都是 `{key}`，无法区分各轮"
                )));
            }
            items.push((key, value));
        }
        Ok(items)
    }
}
