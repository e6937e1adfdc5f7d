//! Texts of reports and updates: from the templates as they were when the run began, and the run as it stands.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::check::program::Column;
use crate::drivers::real::files::Texts;
use crate::engine::view::RunView;
use crate::journal::store::Store;
use crate::report::page::Page;
use crate::report::{table, template};
use crate::value::lang::Lang;

/// Templates that were kept in a run's folder.
pub(super) struct KeptTexts {
    templates: BTreeMap<String, String>,
    page: Page,
}

impl KeptTexts {
    /// Those of a run, by path as written in the runbook.
    pub(super) fn of(
        store: &dyn Store,
        run: &str,
        folder: &str,
        paths: &[String],
        lang: Lang,
        zone: &TimeZone,
    ) -> Self {
        let kept = |path: &String| {
            let bytes = store.source(run, folder, path).ok()?;
            Some((path.clone(), String::from_utf8(bytes).ok()?))
        };
        Self { templates: paths.iter().filter_map(kept).collect(), page: Page { lang, zone: zone.clone() } }
    }
}

impl Texts for KeptTexts {
    fn template(&self, path: &str, view: &RunView) -> Result<String, String> {
        let source = self.templates.get(path).ok_or_else(|| format!("the template {path} is not there"))?;
        template::render(path, source, view, &self.page).map_err(|error| {
            let line = error.line.map(|line| format!(":{line}")).unwrap_or_default();
            let help = error.help.map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{path}{line}: {}{help}", error.message)
        })
    }

    fn table(&self, observation: &str, columns: &[Column], view: &RunView) -> Result<String, String> {
        let found = view.observations.iter().find(|found| found.key == observation);
        let found = found.ok_or_else(|| format!("there is no observation {observation}"))?;
        Ok(table::objectives(found, columns, &self.page))
    }
}
