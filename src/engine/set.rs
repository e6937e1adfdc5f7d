//! `set`: a person gives a name another value. It keeps to the limits of what declares the name, and is bound where the name
//! lives, so that the statement which is tried again sees it.
//!
//! | name | limits | bound |
//! |---|---|---|
//! | parameter | the parameter's | for the run |
//! | `let` | its type | for the run |
//! | answer of an `ask` | the question's | where it lives |
//! | any other plain value | its type | where it lives |
//! | `x.out`, a field that was lost with the outcome of a write | its type | in the record, where that lives |

use std::collections::BTreeSet;

use super::action::Effect;
use super::limits;
use super::machine::{Kind, Machine};
use super::state::{FiberId, Frame, Owner, ROOT, ScopeId};
use crate::check::program::{NodeId, NodeKind, VarId, VarKind};
use crate::text::Text;
use crate::value::answer::AnswerSpec;
use crate::value::types::Type;
use crate::value::{Value, text};

/// Most names that a refusal lists; `vars` has them all.
const MAX_LISTED: usize = 20;

impl Machine<'_> {
    /// `set x = …`
    pub(crate) fn set(&mut self, by: &str, name: &str, typed: &str) {
        let done = match name.split_once('.') {
            Some((record, field)) => self.set_field(by, record, field, typed),
            None => self.set_name(by, name, typed),
        };
        if let Err(why) = done {
            self.warn(crate::text!("`{}` was not changed: {}", "`{}` 未修改：{}", name, why));
        }
    }

    /// Names that can be changed now, for whoever named another one.
    fn can_be_set(&self) -> Text {
        let vars = self.program.vars.iter().enumerate().filter_map(|(index, var)| {
            let id = VarId(u32::try_from(index).ok()?);
            let here = match var.kind {
                VarKind::Fixed => true,
                VarKind::Bound => self.home(id).is_some(),
                _other => false,
            };
            (here && settable(&var.ty)).then_some(var.name.as_str())
        });
        let names: BTreeSet<&str> = vars.collect();
        let listed: Vec<&str> = names.iter().copied().take(MAX_LISTED).collect();
        let more = if names.len() > listed.len() { " …" } else { "" };
        let listed = listed.join(", ");
        if listed.is_empty() {
            crate::text!("nothing can be set now", "现在没有可以修改的变量")
        } else {
            crate::text!("what can be set: {listed}{more}", "可以修改：{listed}{more}")
        }
    }

    fn set_name(&mut self, by: &str, name: &str, typed: &str) -> Result<(), Text> {
        let known = self.named_so(name, settable);
        let fixed = known.iter().copied().find(|id| self.program.var(*id).kind == VarKind::Fixed);
        if let Some(id) = fixed {
            let value = self.read_fixed(id, typed)?;
            self.note_set(by, name, self.env(ROOT).peek(id), &value);
            self.state.fixed.insert(id, value);
            return Ok(());
        }
        if known.is_empty() {
            let known = self.named_so(name, |_| true);
            let (what, can) = (known.first().map(|id| self.program.var(*id).ty.to_string()), self.can_be_set());
            return Err(match what {
                Some(ty) => crate::text!(
                    "it is a {ty}, which the run itself makes; {}",
                    "它的类型是 {ty}，由运行本身产生；{}",
                    can
                ),
                None => crate::text!("there is no such name; {}", "没有这个变量；{}", can),
            });
        }
        let Some((id, scope)) = known.into_iter().find_map(|id| Some((id, self.home(id)?))) else {
            return Err(crate::text!("what it belongs to is not under way now", "使用该变量的语句现在没有在执行"));
        };
        let value = self.read_bound(id, scope, typed)?;
        self.note_set(by, name, self.env(scope).peek(id), &value);
        self.state.bind(scope, id, value);
        Ok(())
    }

    /// A field of a record that has no output, because the outcome of its write was lost.
    fn set_field(&mut self, by: &str, record: &str, field: &str, typed: &str) -> Result<(), Text> {
        let lost = self.named_so(record, |ty| matches!(ty, Type::Record(_)));
        let lost = lost.into_iter().filter(|id| self.state.lost.contains_key(id));
        let Some((id, scope)) = lost.into_iter().find_map(|id| Some((id, self.home(id)?))) else {
            return Err(crate::text!(
                "a field is what an effect gave, and only one that was lost with its outcome can be given; {}",
                "字段是操作得到的结果，只有随结果一起丢失的字段才能补充；{}",
                self.can_be_set()
            ));
        };
        let mut fields = match self.env(scope).peek(id) {
            Some(Value::Map(fields)) => fields,
            _other => std::collections::BTreeMap::new(),
        };
        let ty = match &self.program.var(id).ty {
            Type::Record(types) => types.get(field).filter(|ty| settable(ty) || **ty == Type::Json).cloned(),
            _other => None,
        };
        let Some(ty) = ty else {
            return Err(crate::text!("there is no such field that can be given", "没有可以补充的同名字段"));
        };
        let value = self.read_typed(&ty, typed)?;
        let before = fields.insert(field.to_owned(), value.clone());
        self.note_set(by, &format!("{record}.{field}"), before, &value);
        self.state.bind(scope, id, Value::Map(fields));
        Ok(())
    }

    fn note_set(&mut self, by: &str, name: &str, before: Option<Value>, value: &Value) {
        let before = before.map_or_else(|| "—".to_owned(), |value| text::text(&value));
        let now = text::text(value);
        self.deviate(
            by,
            crate::text!("set {name} = {now} (before: {before})", "将 {name} 设为 {now}（原值：{before}）"),
        );
    }

    fn named_so(&self, name: &str, fits: impl Fn(&Type) -> bool) -> Vec<VarId> {
        let vars = self.program.vars.iter().enumerate();
        let vars = vars.filter(|(_, var)| {
            var.name == name && matches!(var.kind, VarKind::Fixed | VarKind::Bound) && fits(&var.ty)
        });
        vars.map(|(index, _)| VarId(u32::try_from(index).unwrap_or(u32::MAX))).collect()
    }

    fn read_fixed(&self, id: VarId, typed: &str) -> Result<Value, Text> {
        let Some(param) = self.program.params.iter().find(|param| param.var == id) else {
            return self.read_typed(&self.program.var(id).ty, typed);
        };
        let environment = self.state.begin.environment.as_deref();
        limits::read(param, typed, environment, &super::eval::zone(self.program))
    }

    fn read_bound(&self, id: VarId, scope: ScopeId, typed: &str) -> Result<Value, Text> {
        let asked = self.program.nodes.iter().filter(|node| node.bind == Some(id)).find_map(|node| match &node.kind {
            NodeKind::Ask { answer, .. } => Some(answer),
            _other => None,
        });
        let Some(answer) = asked else { return self.read_typed(&self.program.var(id).ty, typed) };
        let spec = self.env(scope).answer_spec(answer).map_err(|error| error.0)?;
        spec.read(typed, &super::eval::zone(self.program)).map_err(|error| limits::words(&error))
    }

    fn read_typed(&self, ty: &Type, typed: &str) -> Result<Value, Text> {
        let (ty, optional) = match ty {
            Type::Optional(inner) => ((**inner).clone(), true),
            other => (other.clone(), false),
        };
        let spec = AnswerSpec { optional, ..AnswerSpec::of(ty) };
        spec.read(typed, &super::eval::zone(self.program)).map_err(|error| limits::words(&error))
    }

    /// The scope in which a name lives: seen from what a person is asked about, then from everything else under way. A pass
    /// that runs beside others has names of its own, also those that it has not bound yet.
    fn home(&self, var: VarId) -> Option<ScopeId> {
        let seen = self.in_front().into_iter().find_map(|fiber| self.home_in(fiber, var));
        seen.or_else(|| self.state.binding(ROOT, var)).or_else(|| {
            let mut binds = self.binds(var);
            binds.any(|id| self.program.around(id).all(|block| !self.has_scope(block.id))).then_some(ROOT)
        })
    }

    /// The same, as a fiber sees it: where the name is bound, else where the statement that binds it would.
    fn home_in(&self, fiber: FiberId, var: VarId) -> Option<ScopeId> {
        let bound = self.frames_of(fiber).find_map(|frame| self.state.binding(frame.scope, var));
        bound.or_else(|| {
            self.binds(var).find_map(|id| {
                let around = self.program.around(id).map(|block| block.id).take_while(|block| !self.has_scope(*block));
                let around: Vec<NodeId> = std::iter::once(id).chain(around).collect();
                let inside = self.frames_of(fiber).find(|frame| match &frame.kind {
                    Kind::Seq { ids, .. } => ids.iter().any(|id| around.contains(id)),
                    _other => false,
                });
                inside.map(|frame| frame.scope)
            })
        })
    }

    /// The statements that bind a name.
    fn binds(&self, var: VarId) -> impl Iterator<Item = NodeId> {
        self.program.nodes.iter().filter(move |node| node.bind == Some(var)).map(|node| node.id)
    }

    /// What stands in such a block is bound anew each time that it runs; in all others in the scope of the run.
    fn has_scope(&self, block: NodeId) -> bool {
        match &self.program.node(block).kind {
            NodeKind::Scenario { .. } | NodeKind::Each(_) | NodeKind::At { .. } | NodeKind::On { .. } => true,
            _other => false,
        }
    }

    /// The fibers, first those whose questions wait, the most urgent one first.
    fn in_front(&self) -> Vec<FiberId> {
        let mut asked: Vec<_> = self
            .state
            .open
            .values()
            .filter_map(|open| match (&open.start.effect, open.owner) {
                (Effect::Ask(prompt), Owner::Fiber(id)) => Some((prompt.urgency, open.arrival, id)),
                _other => None,
            })
            .collect();
        asked.sort_unstable();
        let mut ids: Vec<FiberId> = asked.into_iter().map(|(_, _, id)| id).collect();
        ids.extend(self.state.fibers.keys().copied());
        ids
    }

    /// The frames of a fiber, the innermost first.
    fn frames_of(&self, fiber: FiberId) -> impl Iterator<Item = &Frame> {
        self.state.fibers.get(&fiber).into_iter().flat_map(|fiber| fiber.frames.iter().rev())
    }
}

/// Names of plain values can be changed, records and handles cannot.
fn settable(ty: &Type) -> bool {
    match ty {
        Type::Optional(inner) => settable(inner),
        Type::Bool
        | Type::Int
        | Type::Float
        | Type::Percent
        | Type::Duration
        | Type::Bytes
        | Type::Time
        | Type::String
        | Type::Text
        | Type::Url
        | Type::Path
        | Type::OneOf(_)
        | Type::ManyOf(_)
        | Type::List(_) => true,
        Type::Null | Type::Secret | Type::Verdict | Type::Map(_) | Type::Json | Type::Record(_) | Type::Unknown => {
            false
        }
    }
}
