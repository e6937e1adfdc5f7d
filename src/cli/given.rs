//! What a runbook is given from outside: `--env`, `--param`, `--params`, the environment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use jiff::tz::TimeZone;

use super::inputs;
use super::load::Loaded;
use super::refusal::Refusal;
use crate::check::program::SecretFrom;
use crate::diagnostic::{Code, Diagnostic};
use crate::journal::problem::Problem;
use crate::run::params::{self, Alerts};
use crate::text;

/// What the command line gives a runbook.
#[derive(Debug, Args)]
pub(super) struct Parameters {
    /// The environment, one of those that the runbook declares
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// A parameter, as it would be typed; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) param: Vec<String>,
    /// A TOML file with one parameter a line, or the JSON of the alerts that the run is about
    #[arg(long, value_name = "FILE")]
    pub(super) params: Option<PathBuf>,
}

/// The command line's parameters, read; none of them judged yet.
pub(super) struct Outside {
    pub(super) flags: Vec<(String, String)>,
    pub(super) file: BTreeMap<String, String>,
    pub(super) alerts: Option<Alerts>,
}

impl Parameters {
    /// Reads the flags and the file.
    pub(super) fn read(&self) -> Result<Outside, Refusal> {
        let mut flags = Vec::new();
        for flag in &self.param {
            let Some((name, value)) = flag.split_once('=') else {
                let problem = Problem::new(Code::RB0867, text!("--param {flag} has no `=`", "--param {flag} 缺少 `=`"));
                let help = text!("it is written --param {flag}=VALUE", "应写成 --param {flag}=VALUE");
                return Err(problem.help(help).into());
            };
            flags.push((name.trim().to_owned(), value.to_owned()));
        }
        let (mut file, mut alerts) = (BTreeMap::new(), None);
        if let Some(path) = &self.params {
            let text = inputs::read_text(path)?;
            let refuse = |found| Refusal::about(&path.display().to_string(), &text, vec![found]);
            match params::file(&text).map_err(refuse)? {
                params::File::Values(values) => file = values,
                params::File::Alerts(about) => alerts = Some(about),
            }
        }
        Ok(Outside { flags, file, alerts })
    }
}

impl Outside {
    /// What the checks of parameters take.
    pub(super) fn given<'a>(&'a self, environment: Option<&'a str>, zone: &'a TimeZone) -> params::Given<'a> {
        let Outside { flags, file, alerts } = self;
        params::Given { flags, file, alerts: alerts.as_ref(), env: &|name| inputs::variable(name), environment, zone }
    }
}

/// Findings about what is given: in the runbook where they have a place there.
pub(super) fn refused(loaded: &Loaded, found: Vec<Diagnostic>) -> Refusal {
    Refusal::about(&loaded.name, &loaded.source, found)
}

/// Names of the secrets whose variable or file is there.
pub(super) fn secrets_there(loaded: &Loaded) -> BTreeSet<String> {
    let there = |from: &SecretFrom| match from {
        SecretFrom::Env(name) => inputs::variable(name).is_some_and(|value| !value.is_empty()),
        SecretFrom::File(path) => inputs::is_file(path.as_ref()),
        SecretFrom::Command(_) | SecretFrom::Ask | SecretFrom::Generate(_) => true,
    };
    loaded.program.secrets.iter().filter(|secret| there(&secret.from)).map(|secret| secret.name.clone()).collect()
}
