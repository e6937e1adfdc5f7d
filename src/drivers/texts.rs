//! Texts that a run makes of itself: the author's templates, and tables of objectives.

use std::collections::BTreeMap;

use crate::check::program::SamplesFormat;
use crate::drivers::real::files::Texts;
use crate::engine::action::ReportContent;
use crate::engine::view::{ObservationView, RunView};
use crate::report::chart::{self, Chart};
use crate::report::page::Page;
use crate::report::{samples, table, template};
use crate::text;
use crate::text::Text;

/// The templates of a runbook, as they were when the run began.
pub struct Templates {
    /// Text by path as written in the runbook.
    pub sources: BTreeMap<String, String>,
    /// Language and zone.
    pub page: Page,
}

impl Texts for Templates {
    fn template(&self, path: &str, view: &RunView) -> Result<String, Text> {
        let source =
            self.sources.get(path).ok_or_else(|| text!("the template {path} is not there", "模板 {path} 不存在"))?;
        template::render(path, source, view, &self.page).map_err(|error| match error.line {
            Some(line) => text!("{}, line {}: {}", "{} 第 {} 行：{}", path, line, error.message),
            None => text!("{}: {}", "{}：{}", path, error.message),
        })
    }

    fn report(&self, content: &ReportContent, view: &RunView) -> Result<String, Text> {
        match content {
            ReportContent::Template { path } => self.template(path, view),
            ReportContent::Table { observation, columns } => {
                Ok(table::objectives(begun(view, observation)?, columns, &self.page))
            }
            ReportContent::Chart { observation, objectives, title } => {
                let observation = begun(view, observation)?;
                Ok(chart::file(
                    &Chart { run: view, observation, objectives: objectives.as_deref(), title: title.as_ref() },
                    &self.page,
                ))
            }
            ReportContent::Samples { observation, format } => {
                let observation = begun(view, observation)?;
                Ok(match format {
                    SamplesFormat::Csv => samples::csv(view, observation),
                    SamplesFormat::Json => samples::json(view, observation),
                })
            }
        }
    }
}

fn begun<'a>(view: &'a RunView, observation: &str) -> Result<&'a ObservationView, Text> {
    let found = view.observations.iter().find(|one| one.key == observation);
    found.ok_or_else(|| text!("the observation {observation} has not begun", "观察 {observation} 尚未开始"))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::text::Lang;

    #[test]
    fn a_template_is_filled_in_and_its_errors_have_a_place() {
        let sources = [("report.j2", "# {{ run.id }}\n"), ("broken.j2", "one\n{{ no_such_name }}\n")];
        let templates = Templates {
            sources: sources.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect(),
            page: Page { lang: Lang::En, zone: TimeZone::UTC },
        };
        let table = ReportContent::Table { observation: "baseline".to_owned(), columns: Vec::new() };
        let view = RunView { run: "20251118-0900-phase5-k3f9".into(), ..RunView::default() };
        assert_eq!(templates.template("report.j2", &view).unwrap().trim_end(), "# 20251118-0900-phase5-k3f9");
        assert!(templates.template("broken.j2", &view).unwrap_err().en.starts_with("broken.j2, line 2: "));
        assert_eq!(templates.template("other.j2", &view).unwrap_err().en, "the template other.j2 is not there");
        assert_eq!(templates.report(&table, &view).unwrap_err().en, "the observation baseline has not begun");
    }
}
