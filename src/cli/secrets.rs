//! Texts of secrets: from the environment, a file, a command, the terminal, or made here. They go to the drivers alone;
//! the journal learns their names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::refusal::Refusal;
use super::session::Session;
use super::{inputs, output};
use crate::check::program::{Program, Secret, SecretFrom};
use crate::diagnostic::{Code, Diagnostic};
use crate::drivers::real::terminal::ask_hidden;
use crate::drivers::secrets::Secrets;
use crate::journal::store::{SECRETS, SourceText, Store};
use crate::text;
use crate::text::Text;

/// Letters of a secret that is made: those that no shell, URL or form changes.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/// Secrets of a run.
pub(super) struct Found {
    /// For the drivers.
    pub(super) texts: Secrets,
    /// Names of those that are there.
    pub(super) names: BTreeSet<String>,
    /// Those that were made, to be sealed in the run's folder.
    made: Vec<SourceText>,
    /// Those too short to be masked.
    unmaskable: Vec<String>,
}

/// Where secrets come from.
pub(super) enum From<'a> {
    /// The world, for a new run.
    World,
    /// The world, for a run that is taken up: what was made for it is sealed in its folder.
    Sealed(&'a dyn Store, &'a str),
    /// A scenario: its texts, and for one that it does not name a text that says so.
    Scenario(&'a BTreeMap<String, String>),
}

/// Finds the text of each secret of a runbook, or says of all that are missing.
pub(super) fn find(
    session: &Session,
    (program, name, source): (&Program, &str, &str),
    from: &From<'_>,
) -> Result<Found, Refusal> {
    let mut found =
        Found { texts: Secrets::default(), names: BTreeSet::new(), made: Vec::new(), unmaskable: Vec::new() };
    let mut wrong = Vec::new();
    for secret in &program.secrets {
        match text(session, secret, from, &mut found.made) {
            Ok(Some(text)) => {
                if !found.texts.insert(&secret.name, text) {
                    found.unmaskable.push(secret.name.clone());
                }
                found.names.insert(secret.name.clone());
            }
            Ok(None) if secret.optional => {}
            Ok(None) => wrong.push(missing(secret, &text!("it is not set", "未设置"))),
            Err(why) => wrong.push(missing(secret, &why)),
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(Refusal::about(name, source, wrong)) }
}

/// The secrets that are not there, as far as it can be said without asking anybody and without running a command.
pub(super) fn absent(session: &Session, program: &Program, from: &From<'_>) -> Vec<Diagnostic> {
    let looked_at = program.secrets.iter().filter(|secret| match secret.from {
        SecretFrom::Env(_) | SecretFrom::File(_) => !secret.optional,
        SecretFrom::Command(_) | SecretFrom::Ask | SecretFrom::Generate(_) => false,
    });
    let found = looked_at.filter_map(|secret| match text(session, secret, from, &mut Vec::new()) {
        Ok(Some(_)) => None,
        Ok(None) => Some(missing(secret, &text!("it is not set", "未设置"))),
        Err(why) => Some(missing(secret, &why)),
    });
    found.collect()
}

impl Found {
    /// Says which secrets cannot be masked in output.
    pub(super) fn warn(&self, session: &Session) {
        for name in &self.unmaskable {
            output::say(&session.lang.pick(
                format!("warning: the secret `{name}` is too short to be masked where a command prints it"),
                format!("警告：密钥 `{name}` 过短，命令输出中无法遮盖"),
            ));
        }
    }

    /// Seals what was made in the run's folder, so that it is there when the run is taken up.
    pub(super) fn seal(&self, store: &mut dyn Store, run: &str) -> Result<(), Refusal> {
        if self.made.is_empty() { Ok(()) } else { Ok(store.keep_source(run, SECRETS, &self.made)?) }
    }
}

fn missing(secret: &Secret, why: &Text) -> Diagnostic {
    let help = match &secret.from {
        SecretFrom::Env(variable) => text!("set ${variable}", "请设置 ${variable}"),
        SecretFrom::File(path) => text!("it is read from the file {path}", "它从文件 {path} 读取"),
        SecretFrom::Command(command) => {
            text!("it is what this command prints: {command}", "它是该命令的输出：{command}")
        }
        SecretFrom::Ask => {
            text!("it is typed at the start: call the program at a terminal", "它在开始时输入：请在终端中启动程序")
        }
        SecretFrom::Generate(_) => text!(
            "it was made at the start of the run and is kept in its folder",
            "它在运行开始时生成，并保存在该次运行的文件夹中"
        ),
    };
    let message = text!("the secret `{}` is not there: {}", "缺少密钥 `{}`：{}", secret.name, why);
    Diagnostic::error(Code::RB0865, secret.span, message).help(help)
}

fn text(
    session: &Session,
    secret: &Secret,
    from: &From<'_>,
    made: &mut Vec<SourceText>,
) -> Result<Option<String>, Text> {
    if let From::Scenario(texts) = from {
        let optional = || (!secret.optional).then(|| format!("simulated-secret-{}", secret.name));
        return Ok(texts.get(&secret.name).cloned().or_else(optional));
    }
    match &secret.from {
        SecretFrom::Env(variable) => Ok(inputs::variable(variable).filter(|text| !text.is_empty())),
        SecretFrom::File(path) if secret.optional && !inputs::is_file(Path::new(path)) => Ok(None),
        SecretFrom::File(path) => {
            let text = inputs::read_text(Path::new(path)).map_err(|problem| problem.message)?;
            Ok(Some(without_newline(&text)).filter(|text| !text.is_empty()))
        }
        SecretFrom::Command(command) => {
            let text = inputs::printed_by(command)?;
            Ok(Some(without_newline(&text)).filter(|text| !text.is_empty()))
        }
        SecretFrom::Ask => {
            let words = session.lang.pick("secret", "密钥");
            Ok(ask_hidden(&format!("{words} {}: ", secret.name)))
        }
        SecretFrom::Generate(letters) => match from {
            From::Sealed(store, run) => {
                let bytes =
                    store.source(run, SECRETS, &secret.name).map_err(|error| error.problem().message.clone())?;
                Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
            }
            From::World | From::Scenario(_) => {
                let text = made_text(*letters)?;
                made.push(SourceText { path: secret.name.clone(), bytes: text.clone().into_bytes() });
                Ok(Some(text))
            }
        },
    }
}

fn without_newline(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text).to_owned()
}

fn made_text(letters: u32) -> Result<String, Text> {
    let mut text = String::new();
    while text.len() < letters as usize {
        for byte in inputs::random_bytes()? {
            // Bytes beyond the last whole round are dropped, so that every letter is as likely as another.
            let whole = 256 - 256 % LETTERS.len();
            let letter = LETTERS.get(usize::from(byte) % LETTERS.len());
            if usize::from(byte) < whole
                && text.len() < letters as usize
                && let Some(letter) = letter
            {
                text.push(char::from(*letter));
            }
        }
    }
    Ok(text)
}
