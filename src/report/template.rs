//! Templates of the author: reports and texts for `update`, rendered from a run's view. What a template may name stands in
//! `docs/templates.md`.
//!
//! A name that the runbook does not have is an error, found by [`check()`] before anything runs. A value that the runbook
//! has and this run does not (an objective that was never measured, an answer that was not given) is printed as "no data" and
//! never as a blank; it is neither true nor a pass.

mod check;
mod context;
mod filters;
mod missing;

pub use check::{check, diagnostics};

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior};

use super::page::Page;
use crate::engine::view::RunView;
use crate::text;
use crate::text::Text;

/// Largest template, in bytes: a report of some hundred pages.
pub const MAX_TEMPLATE_BYTES: usize = 1024 * 1024;

/// Why a template gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// 1-based line, where it is known.
    pub line: Option<u32>,
    /// One sentence, with the names in it.
    pub message: Text,
    /// What was probably meant.
    pub help: Option<Text>,
}

/// The text that a template gives for a run. `name` is the template's path, for messages of the template engine.
pub fn render(name: &str, source: &str, run: &RunView, page: &Page) -> Result<String, TemplateError> {
    let mut environment = environment(page);
    context::functions(&mut environment, run, page);
    let template = compile(&mut environment, name, source)?;
    let missed = missing::Missed::default();
    let names = context::of(run, page, context::Unknown::IsMissing, &missed);
    template.render(names).map_err(|error| {
        let told = problem(&error);
        match missed
            .path()
            .filter(|path| error.kind() == minijinja::ErrorKind::UndefinedError && on_line(&told, path, source))
        {
            Some(path) => {
                let help = text!(
                    "where it may be missing, say what stands for it: `{{{{ {path} | default(\"…\") }}}}`",
                    "若它可能缺失，请写明以什么代替：`{{{{ {path} | default(\"…\") }}}}`"
                );
                TemplateError {
                    message: text!("this run has no `{path}`", "本次运行没有 `{path}`"),
                    help: Some(help),
                    ..told
                }
            }
            None => told,
        }
    })
}

/// Does the line of the error name the last part of a path?
fn on_line(error: &TemplateError, path: &str, source: &str) -> bool {
    let last = path.rsplit(['.', '[']).next().unwrap_or_default().trim_end_matches(']');
    let line = error.line.and_then(|line| source.lines().nth(line.saturating_sub(1) as usize));
    line.is_none_or(|line| line.contains(last))
}

fn environment(page: &Page) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    // Only markers could be wrong, and these are the usual ones.
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).trim_blocks(true).lstrip_blocks(true).build();
    if let Ok(syntax) = syntax {
        environment.set_syntax(syntax);
    }
    filters::add(&mut environment, page);
    environment
}

fn compile<'a>(
    environment: &'a mut Environment<'static>,
    name: &str,
    source: &str,
) -> Result<minijinja::Template<'a, 'a>, TemplateError> {
    if source.len() > MAX_TEMPLATE_BYTES {
        let bytes = source.len();
        let message = text!(
            "a template of {bytes} bytes; at most {MAX_TEMPLATE_BYTES} are read",
            "模板有 {bytes} 字节；最多读取 {MAX_TEMPLATE_BYTES} 字节"
        );
        return Err(TemplateError { line: None, message, help: None });
    }
    environment.add_template_owned(name.to_owned(), source.to_owned()).map_err(|error| problem(&error))?;
    environment.get_template(name).map_err(|error| problem(&error))
}

/// What we say ourselves where the template engine says its own errors.
#[derive(Debug)]
struct Ours(Text);

impl std::fmt::Display for Ours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for Ours {}

/// A value that a filter or function of ours cannot take.
fn invalid(why: Text) -> minijinja::Error {
    let kind = minijinja::ErrorKind::InvalidOperation;
    minijinja::Error::new(kind, why.en.clone()).with_source(Ours(why))
}

fn problem(error: &minijinja::Error) -> TemplateError {
    let mut message = match error.detail() {
        Some(detail) => Text::verbatim(format!("{}: {detail}", error.kind())),
        None => Text::verbatim(error.kind().to_string()),
    };
    if let Some(cause) = std::error::Error::source(error) {
        message = match cause.downcast_ref::<Ours>() {
            Some(Ours(told)) => text!("{}: {}", "{}：{}", error.kind(), told),
            None => text!("{} ({})", "{}（{}）", message, cause),
        };
    }
    TemplateError { line: error.line().and_then(|line| u32::try_from(line).ok()), message, help: None }
}

#[cfg(test)]
mod tests;
