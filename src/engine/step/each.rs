//! `each n, in: LIST do … end`: one pass an item, keyed by the item's value.
//!
//! | state | goes on with | to |
//! |---|---|---|
//! | fresh | the list is evaluated once; more than `max:` fails | between |
//! | between | `pause: ask_between`, and no pass runs: a person is asked | asking |
//! | between | the next item, in a scope of its own | in a pass |
//! | in a pass | it ended, or failed fewer than `stop_after` times | between |
//! | in a pass | it failed for the last time allowed | trouble, when the last pass beside it has ended |
//! | between | no more items | done; failed if any pass did |
//! | trouble | `retry` in its menu | between, from the first item whose pass did not succeed |
//!
//! With `at_once:` passes run beside each other, each in a fiber of its own as a branch of a `parallel` does:
//! [`passes`](super::passes) begins them. Else the pass is the frame above.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::program::{self, NodeKind, Passes};
use crate::engine::action::PromptKind;
use crate::engine::eval::EvalError;
use crate::engine::machine::{Flow, Kind, Machine};
use crate::engine::record::worse;
use crate::engine::state::{FiberId, Frame, Return, ScopeId};
use crate::engine::step::question::Question;
use crate::text;
use crate::text::Text;
use crate::value::text::text as written;
use crate::value::{Value, Verdict};

/// Most items where the author sets no `max:`: a list from outside must not become an endless procedure.
const MAX_ITEMS: u32 = 10_000;

/// So many failed passes are told one by one in a sentence; all of them stand in the report.
const MAX_TOLD: usize = 5;

/// How far a loop is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Each {
    /// Items with their keys; none: not begun.
    items: Option<Vec<(String, Value)>>,
    /// The next item.
    pub(super) next: usize,
    /// Passes that succeeded, by index of their item, with how they ended: they are never repeated.
    pub(super) ended: BTreeMap<usize, Verdict>,
    /// Passes that failed, by index of their item, with why.
    pub(super) failed: BTreeMap<usize, Text>,
    /// The scopes of the passes that were begun, by index of their item.
    scopes: BTreeMap<usize, ScopeId>,
    /// What goes on now.
    pub(super) now: Now,
    /// Failures of a pass are the loop's own.
    catches: bool,
    /// So many failed passes end it; none: all are run.
    pub(super) stop_after: Option<u32>,
    /// So many passes may run at once; none: one after the other, without fibers of their own.
    pub(super) at_once: Option<usize>,
    /// The passes that run at once, by their fiber, with the index of their item.
    pub(super) running: BTreeMap<FiberId, usize>,
}

/// Between which passes a loop is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Now {
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
    /// Key of the item whose pass runs in the frame above.
    pub(crate) fn item_key(&self) -> Option<&str> {
        (self.now == Now::Inside).then(|| self.item(self.next.checked_sub(1)?)).flatten().map(|(key, _)| key.as_str())
    }

    pub(super) fn item(&self, index: usize) -> Option<&(String, Value)> {
        self.items.as_ref()?.get(index)
    }

    /// The loop once more: with the same items, without the passes that succeeded. A list that was not read is read.
    pub(crate) fn again(&self) -> Self {
        Self {
            items: self.items.clone(),
            ended: self.ended.clone(),
            scopes: self.scopes.clone(),
            catches: self.catches,
            stop_after: self.stop_after,
            at_once: self.at_once,
            ..Self::default()
        }
    }

    /// Keys of the items whose pass did not succeed.
    pub(crate) fn not_succeeded(&self) -> impl Iterator<Item = &str> {
        let items = self.items.iter().flatten().enumerate();
        items.filter(|(index, _)| !self.ended.contains_key(index)).map(|(_, (key, _))| key.as_str())
    }

    /// The worst of the passes that ended.
    fn worst(&self) -> Verdict {
        let worst = self.ended.values().copied().fold(Verdict::Pass, worse);
        if self.failed.is_empty() { worst } else { worse(worst, Verdict::Fail) }
    }

    /// Failures of a pass do not open the menu at once.
    pub(crate) fn catches(&self) -> bool {
        self.catches
    }

    /// A pass with a fiber of its own came to its end.
    pub(crate) fn pass_ended(&mut self, fiber: FiberId, how: Return) {
        if let Some(index) = self.running.remove(&fiber) {
            self.ends(index, how);
        }
    }

    fn ends(&mut self, index: usize, how: Return) {
        match how {
            Return::Done(verdict) => drop(self.ended.insert(index, verdict)),
            Return::Failed(message) => drop(self.failed.insert(index, message)),
            // Nothing else is given to a pass: its statements end as done or failed.
            Return::Outcome(_) | Return::Answer(_) | Return::TimedOut => {}
        }
    }

    /// The next item whose pass has not succeeded; none: there is no more.
    pub(super) fn skip_ended(&mut self) -> Option<usize> {
        while self.ended.contains_key(&self.next) {
            self.next += 1;
        }
        self.item(self.next).map(|_| self.next)
    }

    /// The keys of the items from the next one on whose passes have not succeeded.
    pub(super) fn ahead(&self) -> impl Iterator<Item = &str> {
        let items = self.items.iter().flatten().enumerate().skip(self.next);
        items.filter(|(index, _)| !self.ended.contains_key(index)).map(|(_, (key, _))| key.as_str())
    }

    /// How many passes failed, and why.
    fn failures(&self) -> Text {
        let of = self.items.as_ref().map_or(0, Vec::len);
        let each = self.failed.iter().filter_map(|(index, why)| Some((&self.item(*index)?.0, why)));
        let mut told: Vec<Text> = each.take(MAX_TOLD).map(|(key, why)| text!("{}: {}", "{}：{}", key, why)).collect();
        if self.failed.len() > MAX_TOLD {
            told.push(Text::verbatim("…"));
        }
        let told = Text::join(&told, &text!("; ", "；"));
        text!("{} of {} passes failed: {}", "{1} 轮中有 {0} 轮失败：{2}", self.failed.len(), of, told)
    }

    /// What `as:` binds: a record for each item, with the names that its pass bound.
    fn results(&self, machine: &Machine<'_>, node: &program::Each) -> Value {
        let items = self.items.iter().flatten().enumerate();
        let result = |(index, (key, value)): (usize, &(String, Value))| {
            let verdict = match self.ended.get(&index) {
                Some(verdict) => *verdict,
                None if self.failed.contains_key(&index) => Verdict::Fail,
                None => Verdict::Pending,
            };
            let scope = self.scopes.get(&index).and_then(|scope| machine.state.scopes.get(*scope as usize));
            let names = node.results.iter().map(|var| {
                let value = scope.and_then(|scope| scope.vars.get(var)).cloned().unwrap_or(Value::Null);
                (machine.program.var(*var).name.clone(), value)
            });
            let own = [
                ("key".to_owned(), Value::Text(key.clone())),
                ("item".to_owned(), value.clone()),
                ("verdict".to_owned(), Value::Verdict(verdict)),
            ];
            Value::Map(names.chain(own).collect())
        };
        Value::List(items.map(result).collect())
    }
}

impl Machine<'_> {
    /// Runs a loop.
    pub(crate) fn each(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Some(id) = frame.node else { return Flow::done(Verdict::Pass) };
        let NodeKind::Each(node) = &self.node(id).kind else { return Flow::done(Verdict::Pass) };
        let Kind::Each(own) = &mut frame.kind else { return Flow::Block };
        // It is put back at each way out: with a copy a pass would cost as much as there are items.
        let mut each = std::mem::take(own);
        if each.items.is_none() {
            if frame.record.is_none() {
                self.open_record(frame, String::new());
            }
            let begun = self
                .items(frame, node)
                .and_then(|items| Ok((self.at_once(frame, node, items.len())?, self.stop_after(frame, node)?, items)));
            return match begun {
                Ok((at_once, stop_after, items)) => {
                    each.stop_after = stop_after;
                    each.catches = stop_after != Some(1) || self.has_catcher(fiber);
                    each.items = Some(items);
                    each.at_once = at_once;
                    frame.kind = Kind::Each(each);
                    Flow::Again
                }
                Err(error) => self.fail(fiber, frame, error.0, String::new()),
            };
        }
        match returned {
            Some(how @ (Return::Failed(_) | Return::Done(_))) => {
                each.now = Now::Between;
                if let Some(index) = each.next.checked_sub(1) {
                    each.ends(index, how);
                }
            }
            Some(Return::Answer(answer)) => {
                each.now = Now::Agreed;
                if answer.value != Value::Bool(true) {
                    frame.kind = Kind::Each(each);
                    let why = text!("{} did not go on to the next item", "{} 未继续下一项", answer.by);
                    return self.fail(fiber, frame, why, String::new());
                }
            }
            Some(Return::Outcome(_) | Return::TimedOut) => {}
            None if each.now == Now::Inside => {
                frame.kind = Kind::Each(each);
                return Flow::Block;
            }
            // A suspension takes a question back; then it is asked again.
            None => {}
        }
        // All that a check asks is asked.
        let stops = each.stop_after.is_some_and(|most| each.failed.len() >= most as usize) && !self.in_checks(id);
        let next = if stops { None } else { each.skip_ended() };
        if let Some(next) = next
            && let Some(flow) = self.next_pass_of(fiber, frame, node, &mut each, next)
        {
            frame.kind = Kind::Each(each);
            return flow;
        }
        if !each.running.is_empty() {
            frame.kind = Kind::Each(each);
            return Flow::Block;
        }
        if let Some(var) = self.node(id).bind {
            let results = each.results(self, node);
            self.state.bind(frame.scope, var, results);
        }
        frame.worst = each.worst();
        let why = (!each.failed.is_empty()).then(|| each.failures());
        frame.kind = Kind::Each(each);
        if let Some(why) = why {
            return self.fail(fiber, frame, why, String::new());
        }
        self.close_record(frame, frame.worst, Text::default());
        Flow::done(frame.worst)
    }

    /// Begins the next pass, or as many as may run at once, or asks whether they shall; none: it is not their time.
    fn next_pass_of(
        &mut self,
        fiber: FiberId,
        frame: &Frame,
        node: &program::Each,
        each: &mut Each,
        next: usize,
    ) -> Option<Flow> {
        let id = frame.node?;
        if each.at_once.is_some() && !self.may_begin(node, each) {
            return None;
        }
        if node.ask_between && next > 0 && each.now != Now::Agreed {
            each.now = Now::Asking;
            let action = self.builtin_id(&format!("{}!next", frame.stem()));
            let title = self.between(frame, each, next);
            let question = Question { kind: PromptKind::NextPass { item: each.next_keys() }, ..Question::default() };
            let static_key = format!("{}!next", self.node(id).key);
            self.ask(fiber, Some(id), action, static_key, title, question);
            return Some(Flow::Block);
        }
        if each.at_once.is_some() {
            self.begin_passes(fiber, frame, node, each);
            return Some(Flow::Block);
        }
        let scope = self.pass_scope(frame, node, each, next)?;
        each.next = next + 1;
        each.now = Now::Inside;
        Some(Flow::Push(Box::new(self.list(&node.body, scope, frame.depth + 1))))
    }

    /// The scope of the pass of an item, which is bound in it.
    pub(super) fn pass_scope(
        &mut self,
        frame: &Frame,
        node: &program::Each,
        each: &mut Each,
        index: usize,
    ) -> Option<ScopeId> {
        let (_, value) = each.item(index)?.clone();
        let scope = self.state.new_scope(frame.scope);
        self.state.bind(scope, node.item, value);
        each.scopes.insert(index, scope);
        Some(scope)
    }

    /// How many passes run at once; none: one after the other.
    fn at_once(&mut self, frame: &Frame, node: &program::Each, items: usize) -> Result<Option<usize>, EvalError> {
        let most = match &node.at_once {
            Passes::One => return Ok(None),
            Passes::Count(most) => self.env(frame.scope).count(most)? as usize,
            Passes::All => items.max(1),
        };
        match most {
            0 => Err(EvalError(text!("`at_once:` is 0: no pass could begin", "`at_once:` 为 0：没有一轮能开始"))),
            1 => Ok(None),
            _ if most > program::MAX_AT_ONCE as usize => Err(EvalError(text!(
                "{most} passes at once are more than the {} allowed",
                "同时执行 {most} 轮，超过允许的 {} 轮",
                program::MAX_AT_ONCE
            ))),
            _ => Ok(Some(most)),
        }
    }

    /// After how many failed passes no other begins; none: all are run.
    fn stop_after(&self, frame: &Frame, node: &program::Each) -> Result<Option<u32>, EvalError> {
        match &node.stop_after {
            Passes::One => Ok(Some(1)),
            Passes::All => Ok(None),
            Passes::Count(count) => match self.env(frame.scope).count(count)? {
                0 => Err(EvalError(text!(
                    "`stop_after:` is 0: write `none` where all passes are to run",
                    "`stop_after:` 为 0：若各轮都要执行，请写 `none`"
                ))),
                count => Ok(Some(count)),
            },
        }
    }

    fn items(&mut self, frame: &Frame, node: &program::Each) -> Result<Vec<(String, Value)>, EvalError> {
        let list = match self.env(frame.scope).eval(&node.list)? {
            Value::List(list) => list,
            other => {
                return Err(EvalError(text!("expected a list, found `{}`", "应为列表，实际为 `{}`", written(&other))));
            }
        };
        let most = match &node.max {
            Some(max) => self.env(frame.scope).count(max)?,
            None => MAX_ITEMS,
        };
        if list.len() > most as usize {
            let found = list.len();
            return Err(EvalError(text!(
                "the list has {found} items, more than the {most} allowed",
                "列表有 {found} 项，超过允许的 {most} 项"
            )));
        }
        let mut items = Vec::with_capacity(list.len());
        let mut known = BTreeSet::new();
        for value in list {
            let key = match &node.key_by {
                None => written(&value),
                Some(key_by) => {
                    let scope = self.state.new_scope(frame.scope);
                    self.state.bind(scope, node.item, value.clone());
                    let key = self.env(scope).text(key_by);
                    self.state.scopes.pop();
                    key?
                }
            };
            if !known.insert(key.clone()) {
                return Err(EvalError(text!(
                    "two items have the key `{key}`: passes could not be told apart",
                    "有两项的键都是 `{key}`，无法区分各轮"
                )));
            }
            items.push((key, value));
        }
        Ok(items)
    }
}
