//! What can be wrong with a journal, a run or a store, as it is said to people.

use std::fmt;

use crate::diagnostic::Code;
use crate::text;
use crate::text::Text;

/// One thing that is wrong, outside any runbook file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its number in the public catalogue.
    pub code: Code,
    /// One sentence with the facts: position, expected, found.
    pub message: Text,
    /// What to do about it.
    pub help: Option<Text>,
}

impl Problem {
    /// A problem with its facts.
    pub fn new(code: Code, message: impl Into<Text>) -> Self {
        Self { code, message: message.into(), help: None }
    }

    /// A run that is not in a store.
    pub fn no_run(run: &str) -> Self {
        Self::new(Code::RB0905, text!("there is no run {run}", "没有运行 {run}"))
    }

    /// A run that is in a store already.
    pub fn has_run(run: &str) -> Self {
        Self::new(Code::RB0905, text!("a run {run} is there already", "运行 {run} 已经存在"))
    }

    /// A run whose journal does not say with what it began.
    pub fn no_header(run: &str) -> Self {
        Self::new(Code::RB0902, text!("{run}: the journal has no header", "{run}：日志没有头记录"))
    }

    /// Says how to see which runs there are.
    #[must_use]
    pub fn help_to_find(self) -> Self {
        self.help(text!(
            "`runbook runs` lists the runs of this state folder",
            "`runbook runs` 会列出该状态文件夹中的运行"
        ))
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<Text>) -> Self {
        self.help = Some(text.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message.en)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {}", help.en),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}
