//! What people want without being asked: notes, changed values, commands of their own.

use super::action::{ActionId, Effect, PromptKind, Shell, Start, Urgency};
use super::input::Command;
use super::machine::{Flow, Kind, Machine};
use super::record::plain;
use super::state::{FiberId, Frame, Owner, Phase, ROOT, Return, Role};
use super::step::question::Question;
use super::step::trouble::builtin;
use super::telling::{Attempt, Telling};
use super::view::DeviationView;
use crate::check::program::Class;
use crate::text::Text;
use crate::value::{Value, Verdict, text};

impl Machine<'_> {
    /// A person's command.
    pub(crate) fn command(&mut self, by: &str, command: Command) {
        match command {
            Command::Suspend => self.leave(),
            Command::Abort { because } => self.abort(plain(&because)),
            Command::Rollback { because } => {
                if self.can_rollback() {
                    let frame = self.bare(Kind::Rollback { because: plain(&because), asked: None }, ROOT, 0);
                    self.spawn(Role::Person, Urgency::Unreachable, vec![frame]);
                } else {
                    self.cannot_roll_back();
                }
            }
            Command::Note { text } => {
                let text = plain(&format!("{by}: {text}"));
                self.state.notes.push((self.state.now, text.clone()));
                self.tell(Telling::Noted { depth: 0, text });
            }
            Command::Set { name, value } => self.set(by, &name, &value),
            Command::Shell { command } => {
                self.deviate(by, crate::text!("ran a command: {command}", "执行了命令：{command}"));
                let frame = self.bare(Kind::Adhoc { command, running: None }, ROOT, 0);
                self.spawn(Role::Person, Urgency::Other, vec![frame]);
            }
            Command::Skip { key, because } => self.skip_wait(by, key.as_deref(), &because),
            Command::Add { collect } => {
                match self.program.collects.iter().position(|candidate| candidate.name == collect) {
                    Some(index) => {
                        let frame = self.bare(Kind::Entry { collect: index, asked: None }, ROOT, 0);
                        self.spawn(Role::Person, Urgency::Other, vec![frame]);
                    }
                    None => {
                        self.warn(crate::text!("there is no collect `{collect}`", "没有名为 `{collect}` 的 collect"));
                    }
                }
            }
            Command::Jump { key } => self.jump(by, &key),
        }
    }

    fn cannot_roll_back(&mut self) {
        if self.state.phase == Phase::RollingBack {
            self.warn(crate::text!("the run is rolling back already", "已在回滚中"));
        } else if let Phase::Finally(_) = self.state.phase {
            self.warn(crate::text!("the run is at its end: only `finally` is left", "运行即将结束，只剩收尾操作"));
        } else if let Some(point) = self.state.no_return.clone() {
            self.warn(crate::text!("there is no way back after: {}", "已过不可回退点：{}", point));
        } else if self.state.wrote {
            self.warn(crate::text!("a name that the rollback needs is not assigned yet", "回滚所需的名称尚未全部赋值"));
        } else {
            self.warn(crate::text!(
                "nothing was written yet: there is nothing to roll back; abort instead",
                "还没有任何写操作，无需回滚；可以中止（abort）"
            ));
        }
    }

    pub(crate) fn warn(&mut self, text: Text) {
        self.tell(Telling::Warning { text });
    }

    pub(crate) fn deviate(&mut self, by: &str, what: Text) {
        self.state.deviations.push(DeviationView { at: self.state.now, by: by.to_owned(), what: what.clone() });
        self.tell(Telling::Deviation { by: by.to_owned(), what });
    }

    /// Goes on at another statement of the main flow.
    fn jump(&mut self, by: &str, key: &str) {
        match super::jump::target(self.program, self.state, key) {
            Ok(path) => {
                self.deviate(by, crate::text!("jumped to {key}", "跳转到 {key}"));
                self.mark_jump(key, crate::text!("statements were left out by a jump", "因跳转而略过了部分语句"));
                super::jump::go(self, &path);
            }
            Err(why) => self.warn(why),
        }
    }

    /// A paused run asks how it goes on.
    pub(crate) fn paused(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Kind::Paused(asked) = frame.kind.clone() else { return Flow::done(Verdict::Pass) };
        match returned {
            Some(Return::Answer(answer)) => {
                let because = plain(&answer.note.clone().unwrap_or_default());
                match text::text(&answer.value).as_str() {
                    "rollback" => {
                        frame.kind = Kind::Rollback { because, asked: None };
                        Flow::Again
                    }
                    "suspend" => {
                        self.suspend();
                        Flow::done(Verdict::Pass)
                    }
                    "abort" => {
                        self.abort(because);
                        Flow::Gone
                    }
                    _go_on => {
                        self.let_writes_begin();
                        Flow::done(Verdict::Pass)
                    }
                }
            }
            Some(Return::Done(_) | Return::Failed(_) | Return::Outcome(_) | Return::TimedOut) => Flow::Block,
            None if asked.as_ref().is_some_and(|id| self.state.open.contains_key(id)) => Flow::Block,
            None => {
                let id = self.builtin_id("run!paused");
                frame.kind = Kind::Paused(Some(id.clone()));
                let mut choices = vec![builtin("go_on")];
                if self.can_rollback() {
                    choices.push(builtin("rollback"));
                }
                choices.extend([builtin("suspend"), builtin("abort")]);
                let question = Question { kind: PromptKind::Paused, choices, ..Question::default() };
                self.ask(fiber, None, id, "run!paused".to_owned(), super::record::both("已暂停", "paused"), question);
                Flow::Block
            }
        }
    }

    /// A command of a person that is not in the runbook.
    pub(crate) fn adhoc(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Kind::Adhoc { command, running } = frame.kind.clone() else { return Flow::done(Verdict::Pass) };
        match returned {
            Some(Return::Outcome(outcome)) => {
                let took_ms = i64::try_from(outcome.took.as_millis()).unwrap_or(i64::MAX);
                let output = match &outcome.data {
                    super::input::Data::Shell { out, .. } => out.clone(),
                    super::input::Data::None
                    | super::input::Data::Http { .. }
                    | super::input::Data::Scrape(_)
                    | super::input::Data::Alerts(_)
                    | super::input::Data::File(_) => super::input::Output::default(),
                };
                let id = running.unwrap_or_else(|| ActionId(String::new()));
                let (title, failure) = (plain(&command), outcome.failure.clone());
                self.tell(Telling::EffectEnded {
                    id,
                    depth: 0,
                    title,
                    failure,
                    output,
                    took_ms,
                    retry_at: None,
                    attempt: Attempt::ONLY,
                    polled: false,
                });
                // A person did it by hand and sees how it came out: it decides nothing by itself.
                Flow::done(Verdict::Pass)
            }
            Some(Return::Done(_) | Return::Failed(_) | Return::Answer(_) | Return::TimedOut) => Flow::Block,
            None if running.as_ref().is_some_and(|id| self.state.open.contains_key(id)) => Flow::Block,
            None if running.is_some() => Flow::done(Verdict::Pass),
            None => {
                let id = self.builtin_id("run!deviation");
                frame.kind = Kind::Adhoc { command: command.clone(), running: Some(id.clone()) };
                let shell = Shell {
                    command: command.clone(),
                    ok: None,
                    parse: None,
                    env: std::collections::BTreeMap::new(),
                    stdin: None,
                    dir: None,
                    tty: false,
                    save: None,
                    max_bytes: None,
                };
                let (key, title) = ("run!deviation".to_owned(), plain(&command));
                let effect = Effect::Shell(shell);
                let start = Start { id, key, title, class: Class::Write, timeout: None, effect };
                self.open(Owner::Fiber(fiber), None, start);
                Flow::Block
            }
        }
    }

    /// An entry of a `collect` that a person opened.
    pub(crate) fn entry(&mut self, fiber: FiberId, frame: &mut Frame, returned: Option<Return>) -> Flow {
        let Kind::Entry { collect, asked } = frame.kind.clone() else { return Flow::done(Verdict::Pass) };
        match returned {
            Some(Return::Answer(answer)) => {
                if let (Value::List(entries), Some(list)) = (&answer.value, self.state.collected.get_mut(collect)) {
                    list.extend(entries.iter().cloned());
                }
                Flow::done(Verdict::Pass)
            }
            Some(Return::Done(_) | Return::Failed(_) | Return::Outcome(_) | Return::TimedOut) => Flow::Block,
            None if asked.as_ref().is_some_and(|id| self.state.open.contains_key(id)) => Flow::Block,
            None => {
                let Some(spec) = self.program.collects.get(collect) else { return Flow::done(Verdict::Pass) };
                let title = self.env(ROOT).words_lossy(&spec.title);
                let key = format!("{}!add", spec.name);
                let id = self.builtin_id(&key);
                frame.kind = Kind::Entry { collect, asked: Some(id.clone()) };
                let question = self.entry_question(collect, ROOT);
                self.ask(fiber, None, id, key, title, question);
                Flow::Block
            }
        }
    }
}
