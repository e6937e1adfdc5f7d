//! How a question is put: the one place where a prompt is made and posted.

use jiff::SignedDuration;

use crate::check::program::{Class, Expr, ExprKind, NodeId, People, VarKind, Who};
use crate::engine::action::{
    ActionId, Choice, Effect, ObjectiveShown, Prompt, PromptKind, Role, Shown, Start, Urgency, Words,
};
use crate::engine::eval::EvalError;
use crate::engine::machine::Machine;
use crate::engine::record::plain;
use crate::engine::state::{FiberId, Owner, ScopeId};
use crate::value::answer::AnswerSpec;
use crate::value::types::Type;
use crate::value::{Value, text};

/// A question before it is put.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) kind: PromptKind,
    pub(crate) choices: Vec<Choice>,
    /// What fits; none: the key of a choice, or yes and no.
    pub(crate) answer: Option<AnswerSpec>,
    pub(crate) default: Option<Value>,
    pub(crate) people: Asked,
}

/// Who is asked, resolved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) show: Vec<Shown>,
    pub(crate) by: Option<Role>,
    pub(crate) not_executor: bool,
    pub(crate) evidence: Option<Words>,
    pub(crate) within: Option<SignedDuration>,
    pub(crate) remind: Option<SignedDuration>,
    pub(crate) never_auto: bool,
}

impl Default for Question {
    fn default() -> Self {
        Self { kind: PromptKind::Ask, choices: Vec::new(), answer: None, default: None, people: Asked::default() }
    }
}

impl Machine<'_> {
    /// Posts a question for the top frame of a fiber.
    pub(crate) fn ask(
        &mut self,
        fiber: FiberId,
        node: Option<NodeId>,
        id: ActionId,
        key: String,
        title: Words,
        question: Question,
    ) {
        let Question { kind, choices, answer, default, people } = question;
        let answer = answer.unwrap_or_else(|| fitting(&kind, &choices));
        let prompt = Prompt {
            kind,
            answer,
            default,
            choices,
            show: people.show,
            by: people.by,
            not_executor: people.not_executor,
            evidence: people.evidence,
            within: people.within,
            remind: people.remind,
            never_auto: people.never_auto,
            urgency: self.urgency(fiber),
            can_rollback: self.can_rollback(),
        };
        let effect = Effect::Ask(Box::new(prompt));
        self.open(Owner::Fiber(fiber), node, Start { id, key, title, class: Class::Pure, timeout: None, effect });
    }

    /// Who is asked, what they see.
    pub(crate) fn asked(&self, scope: ScopeId, people: &People) -> Result<Asked, EvalError> {
        let env = self.env(scope);
        let mut show = Vec::new();
        for expr in &people.show {
            self.shown(scope, expr, &mut show)?;
        }
        let role = people.by.map(|who| self.role(scope, who)).transpose()?;
        let (by, role_excludes) = match role {
            Some((role, excludes)) => (Some(role), excludes),
            None => (None, false),
        };
        Ok(Asked {
            show,
            by,
            not_executor: people.not_executor || role_excludes,
            evidence: people.evidence.as_ref().map(|title| env.words(title)).transpose()?,
            within: people.within.as_ref().map(|within| env.duration(within)).transpose()?,
            remind: people.remind.as_ref().map(|remind| env.duration(remind)).transpose()?,
            never_auto: people.never_auto,
        })
    }

    fn role(&self, scope: ScopeId, who: Who) -> Result<(Role, bool), EvalError> {
        Ok(match who {
            Who::Owner => {
                let title = self.program.owner.as_ref().map(|owner| self.env(scope).words_lossy(&owner.title));
                let people = self.state.owner.iter().cloned().collect();
                (Role { key: "owner".to_owned(), title: title.unwrap_or_else(|| plain("owner")), people }, false)
            }
            Who::Executor => {
                let people = vec![self.state.begin.executor.clone()];
                (Role { key: "executor".to_owned(), title: plain("executor"), people }, false)
            }
            Who::Role(index) => {
                let Some(role) = self.program.roles.get(index) else {
                    return Err(EvalError(crate::text!("the role is not declared", "未声明该角色")));
                };
                let people = match &role.people {
                    None => Vec::new(),
                    Some(people) => match self.env(scope).eval(people)? {
                        Value::Null => Vec::new(),
                        Value::List(people) => people.iter().map(text::text).collect(),
                        one => vec![text::text(&one)],
                    },
                };
                let title = self.env(scope).words_lossy(&role.title);
                (Role { key: role.key.clone(), title, people }, role.not_executor)
            }
        })
    }

    /// What `show:` shows: tables stay tables, everything else is its canonical text.
    fn shown(&self, scope: ScopeId, expr: &Expr, out: &mut Vec<Shown>) -> Result<(), EvalError> {
        let env = self.env(scope);
        match &*expr.kind {
            ExprKind::List(items) => {
                for item in items {
                    self.shown(scope, item, out)?;
                }
                return Ok(());
            }
            ExprKind::Var(var) if self.program.var(*var).kind == VarKind::AllObjectives => {
                out.push(Shown::Objectives(self.program.objectives.iter().map(|o| self.objective_shown(o)).collect()));
                return Ok(());
            }
            ExprKind::Field(of, name) => {
                if let ExprKind::Var(var) = &*of.kind {
                    let kind = self.program.var(*var).kind;
                    if let (VarKind::Series(node), "table") = (kind, name.as_str()) {
                        out.push(Shown::Series(self.program.node(node).key.clone()));
                        return Ok(());
                    }
                    if let (VarKind::Source(source), "firing") = (kind, name.as_str()) {
                        out.push(Shown::Alerts(self.state.firing.get(&source).cloned().unwrap_or_default()));
                        return Ok(());
                    }
                }
            }
            _other => {}
        }
        out.push(match env.eval(expr)? {
            Value::Text(text) => Shown::Text(text),
            other => Shown::Value(other),
        });
        Ok(())
    }

    /// An objective as it is shown before it has values.
    pub(crate) fn objective_shown(&self, objective: &crate::check::program::Objective) -> ObjectiveShown {
        crate::engine::observe::series::shown(&self.env(crate::engine::state::ROOT), objective)
    }
}

/// What fits where the author says nothing: a choice, else yes or no.
fn fitting(kind: &PromptKind, choices: &[Choice]) -> AnswerSpec {
    let typed = match kind {
        PromptKind::Confirm { typed, .. } | PromptKind::NoReturn { typed } => typed.clone(),
        PromptKind::Ask
        | PromptKind::Manual { .. }
        | PromptKind::Item
        | PromptKind::Collect { .. }
        | PromptKind::Decide
        | PromptKind::Signoff
        | PromptKind::Accept { .. }
        | PromptKind::Failed { .. }
        | PromptKind::Paused
        | PromptKind::Step { .. }
        | PromptKind::InDoubt { .. }
        | PromptKind::Window { .. }
        | PromptKind::NoData { .. }
        | PromptKind::Rollback { .. }
        | PromptKind::HalfUndo { .. }
        | PromptKind::NextPass { .. } => None,
    };
    let ty = if choices.is_empty() {
        Type::Bool
    } else {
        Type::OneOf(choices.iter().map(|choice| choice.key.clone()).collect())
    };
    AnswerSpec { ty, optional: false, min: None, max: None, matches: None, typed }
}

/// The order in which a fiber's questions are asked.
pub(crate) fn urgency_of(trigger: &crate::check::program::Trigger) -> Urgency {
    use crate::check::program::Trigger;
    match trigger {
        Trigger::Unreachable(_) => Urgency::Unreachable,
        Trigger::Alert(_) => Urgency::Alert,
        Trigger::AlertLevel(_) => Urgency::AlertLevel,
        Trigger::Breach(_) => Urgency::Breach,
        Trigger::Recovered(_) | Trigger::NoData(_) | Trigger::Reset(_) | Trigger::Missed => Urgency::Other,
    }
}
