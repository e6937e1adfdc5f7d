//! Commands of a simulation: none really runs. A command has the answer of its script, or fails and says that it has none.
#![expect(clippy::disallowed_methods, reason = "what a command saves is a file of the simulation")]

use std::fs;
use std::io::Write;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::faults::strikes;
use super::scenario::{Scenario, ScriptAnswer};
use super::script::Scripts;
use super::tree::Tree;
use crate::drivers::real::parse::parse;
use crate::drivers::reply::{Reply, Stopwatch, failure};
use crate::drivers::secrets::Secrets;
use crate::drivers::{Clock, Shell, Survivor};
use crate::engine::action::{self, ActionId, Start};
use crate::engine::input::{Data, Failure, FailureKind, MAX_INLINE_BYTES, Outcome, Output};
use crate::engine::world::Process;
use crate::journal::store::{ARTIFACTS, Artifacts};
use crate::text;
use crate::text::Text;

/// A command that hangs and has no time limit is ended after so much virtual time, and says so: nobody waits for ever.
pub const FOR_EVER: SignedDuration = SignedDuration::from_hours(24);

/// Most characters of a command that are repeated in a message.
const MAX_QUOTED_CHARS: usize = 300;

/// What commands of a simulation need to know.
pub struct SimShell {
    /// The scripts.
    pub scripts: Scripts,
    /// For its faults and seed.
    pub scenario: Arc<Scenario>,
    /// The scenario's file, as it is named in messages.
    pub file: String,
    /// When the run began.
    pub start: Timestamp,
    /// The virtual clock.
    pub clock: Arc<dyn Clock>,
    /// What is masked.
    pub secrets: Secrets,
    /// Where large outputs go.
    pub artifacts: Arc<dyn Artifacts>,
    /// Where `save:` goes.
    pub tree: Tree,
}

impl SimShell {
    fn answer(&mut self, start: &Start, shell: &action::Shell) -> Result<ScriptAnswer, Failure> {
        let after = self.clock.now().duration_since(self.start);
        let answer = self.scripts.call(&start.key, &shell.command, after).ok_or_else(|| self.unknown(start, shell))?;
        let Scenario { seed, faults, .. } = *self.scenario;
        if strikes(seed, "hangs", &start.id.0, faults.hangs) {
            return Ok(ScriptAnswer { hang: true, ..answer });
        }
        if strikes(seed, "commands", &start.id.0, faults.commands) {
            let err = "a fault of the simulation\n".to_owned();
            return Ok(ScriptAnswer { exit: 1, out: String::new(), err, ..answer });
        }
        Ok(answer)
    }

    fn unknown(&self, start: &Start, shell: &action::Shell) -> Failure {
        let command: String = shell.command.trim().chars().take(MAX_QUOTED_CHARS).collect();
        let message = text!(
            "no `[[command]]` of {} stands for this command (key `{}`), and none really runs in a simulation: {}",
            "{} 中没有代表该命令的 `[[command]]`（键 `{}`），模拟运行不会真正执行命令：{}",
            self.file,
            start.key,
            command
        );
        failure(FailureKind::NotStarted, message)
    }

    /// How the command ends, and after how long.
    fn outcome(
        &self,
        start: &Start,
        shell: &action::Shell,
        answer: ScriptAnswer,
    ) -> (SignedDuration, Option<Failure>, Data) {
        let ScriptAnswer { exit, out, err, takes, hang } = answer;
        let limit = start.timeout.unwrap_or(FOR_EVER);
        if hang || takes.0 > limit {
            let message = match start.timeout {
                Some(limit) => text!("not finished within {limit:#}", "未在 {limit:#} 内结束"),
                None => {
                    text!(
                        "it hangs, and the statement has no `timeout:`; ended after {FOR_EVER:#} of virtual time",
                        "它一直挂起，且语句没有 `timeout:`；已在虚拟时间 {FOR_EVER:#} 后终止"
                    )
                }
            };
            return (limit, Some(failure(FailureKind::TimedOut, message)), Data::None);
        }
        let mut failed = match &shell.ok {
            Some(ok) if !ok.contains(&exit) => {
                let said = err.lines().last().or(out.lines().last()).unwrap_or_default().trim();
                let said = if said.is_empty() { Text::default() } else { text!(": {said}", "：{said}") };
                Some(failure(FailureKind::Failed, text!("exit {}{}", "退出码 {}{}", exit, said)))
            }
            Some(_) | None => None,
        };
        let too_large = shell.max_bytes.is_some_and(|max| i64::try_from(out.len()).is_ok_and(|bytes| bytes > max));
        if failed.is_none() && too_large {
            failed = Some(failure(FailureKind::TooLarge, text!("{} bytes of output", "输出有 {} 字节", out.len())));
        }
        let mut value = None;
        if let (None, Some(how)) = (&failed, shell.parse) {
            match parse(how, out.as_bytes(), out.len() as u64) {
                Ok(parsed) => value = Some(parsed),
                Err(failure) => failed = Some(failure),
            }
        }
        if let (None, Some(path)) = (&failed, &shell.save) {
            failed = self.save(path, &out).err();
        }
        let kept = self.output(&start.id, &out).and_then(|out| Ok((out, self.output(&start.id, &err)?)));
        match kept {
            Ok((out, err)) => (takes.0, failed, Data::Shell { code: Some(exit), out, err, value }),
            Err(error) => {
                let message = text!("its output could not be kept: {error}", "无法保存其输出：{error}");
                (takes.0, Some(failure(FailureKind::Failed, message)), Data::None)
            }
        }
    }

    fn save(&self, path: &str, out: &str) -> Result<(), Failure> {
        let to = self.tree.written(path);
        let folder = to.parent().map_or(Ok(()), fs::create_dir_all);
        folder.and_then(|()| fs::write(&to, out)).map_err(|error| {
            let message = text!("its output could not be saved to {path}: {error}", "无法将输出保存到 {path}：{error}");
            failure(FailureKind::Failed, message)
        })
    }

    fn output(&self, id: &ActionId, text: &str) -> std::io::Result<Output> {
        let text = self.secrets.redactor().text(text);
        let bytes = text.len() as u64;
        if text.len() <= MAX_INLINE_BYTES {
            return Ok(Output { text, bytes, artifact: None });
        }
        let mut writer = self.artifacts.create(ARTIFACTS, &id.0)?;
        writer.write_all(text.as_bytes())?;
        let artifact = Some(writer.finish()?);
        let end = text.floor_char_boundary(MAX_INLINE_BYTES);
        Ok(Output { text: text.get(..end).unwrap_or_default().to_owned(), bytes, artifact })
    }
}

impl Shell for SimShell {
    fn run(&mut self, start: &Start, shell: &action::Shell, reply: Reply) {
        let watch = Stopwatch::start(&*self.clock);
        let (takes, failure, data) = match self.answer(start, shell) {
            Ok(answer) => self.outcome(start, shell, answer),
            Err(failure) => (SignedDuration::ZERO, Some(failure), Data::None),
        };
        if let Data::Shell { out, err, .. } = &data {
            for text in [&out.text, &err.text].into_iter().filter(|text| !text.is_empty()) {
                reply.output(text.clone());
            }
        }
        let started_at = watch.started_at();
        let at = started_at.saturating_add(takes).unwrap_or(started_at);
        reply.done_at(at, Outcome { started_at, took: takes, failure, data });
    }

    /// Nothing runs; the end that was foretold is the world's to take back.
    fn cancel(&mut self, _: &ActionId) {}

    /// A simulated command has no process: cancelled, it is over at once.
    fn wait_for_cancelled(&mut self) {}

    fn survivors(&mut self, _: &ActionId, _: Process) -> Vec<Survivor> {
        Vec::new()
    }

    fn adopt(&mut self, _: Process, _: Option<SignedDuration>, reply: Reply) {
        let watch = Stopwatch::start(&*self.clock);
        reply.done(watch.failed(
            &*self.clock,
            FailureKind::InDoubt,
            text!("no process of a simulation outlives its executor", "模拟中的进程不会比其执行者存活更久"),
        ));
    }
}

#[cfg(test)]
mod tests;
