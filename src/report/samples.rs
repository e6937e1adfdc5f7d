//! The samples of an observation for programs: CSV for spreadsheets and scripts, JSON with the objectives beside them.
//!
//! Numbers are in base units (a ratio 0..1, seconds, bytes) with all their digits; there is nothing where there is no number.
//! Times are RFC 3339 in UTC.

use serde_json::json;

use super::model::{self, SCHEMA};
use crate::engine::view::{ObservationView, RunView, SampleView};

/// The columns before those of the objectives.
const COLUMNS: [&str; 10] = ["run", "simulated", "observation", "n", "due", "at", "state", "intervals", "reset", "why"];

/// One sample a row, as RFC 4180 has it: a heading, lines that end with CR LF, quotes where a field needs them. Each objective
/// has three columns: `KEY` its value, `KEY_verdict`, and `KEY_alert` (is the alert level crossed?); all are empty where the
/// sample has no such objective, since it was missed or failed.
pub fn csv(run: &RunView, observation: &ObservationView) -> String {
    let mut out = String::new();
    let keys: Vec<&str> = observation.objectives.iter().map(|objective| objective.shown.key.as_str()).collect();
    let heading = COLUMNS.iter().map(|&name| name.to_owned());
    let of_objectives =
        keys.iter().flat_map(|key| [(*key).to_owned(), format!("{key}_verdict"), format!("{key}_alert")]);
    row(&mut out, heading.chain(of_objectives));
    for sample in &observation.samples {
        let SampleView { n, due, at, state, why, reset, spans, values } = sample;
        let fields = [
            run.run.clone(),
            run.simulated.to_string(),
            observation.key.clone(),
            n.to_string(),
            due.to_string(),
            at.map(|time| time.to_string()).unwrap_or_default(),
            state.clone(),
            spans.to_string(),
            reset.to_string(),
            why.en.clone(),
        ];
        let of_objectives = keys.iter().flat_map(|key| match values.iter().find(|value| value.objective == *key) {
            // The shortest digits that give the same number again.
            Some(found) => [
                found.value.map(|value| value.to_string()).unwrap_or_default(),
                found.verdict.as_str().to_owned(),
                found.alert.to_string(),
            ],
            None => [const { String::new() }; 3],
        });
        row(&mut out, fields.into_iter().chain(of_objectives));
    }
    out
}

fn row(out: &mut String, fields: impl Iterator<Item = String>) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.push(',');
        }
        if field.contains(['"', ',', '\r', '\n']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&field);
        }
    }
    out.push_str("\r\n");
}

/// The observation with its objectives and samples, each as it stands in `report --format json`.
pub fn json(run: &RunView, observation: &ObservationView) -> String {
    let key = Some(observation.key.as_str());
    let document = json!({
        "schema": SCHEMA,
        "run": run.run,
        "runbook": run.runbook,
        "environment": run.environment,
        "simulated": run.simulated,
        "digest": run.digest,
        "timezone": run.timezone,
        "observation": model::observation(observation),
        "slos": observation.objectives.iter().map(|one| model::objective(one, key)).collect::<Vec<_>>(),
        "samples": model::samples(observation).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::engine::view::sample;
    use crate::value::parse::Parse;
    use crate::value::{Value, text};

    /// As `parse: csv` of the language reads it.
    fn parsed(text: &str) -> Vec<BTreeMap<String, Value>> {
        let Value::List(rows) = Parse::Csv.parse(text).unwrap() else { panic!("a list") };
        let map = |row| if let Value::Map(fields) = row { fields } else { panic!("a map") };
        rows.into_iter().map(map).collect()
    }

    #[test]
    fn a_csv_has_every_sample_also_the_missed_ones() {
        let run = sample::run();
        let text = csv(&run, &run.observations[0]);
        let rows = parsed(&text);
        assert_eq!(rows.len(), 3);
        let cell = |n: usize, name: &str| text::text(&rows[n - 1][name]);
        assert_eq!([cell(1, "n"), cell(1, "state"), cell(1, "due")], ["1", "taken", "2025-11-18T01:10:00Z"]);
        assert_eq!([cell(1, "http_success"), cell(1, "http_success_verdict")], ["0.992", "pass"]);
        assert_eq!([cell(1, "plugin_reload"), cell(1, "plugin_reload_verdict")], ["", "no_data"]);
        assert_eq!([cell(2, "state"), cell(2, "at"), cell(2, "p99")], ["missed", "", ""]);
        assert_eq!([cell(3, "http_success"), cell(3, "http_success_verdict")], ["0.97996", "breach"]);
        assert_eq!([cell(3, "reset"), cell(3, "intervals"), cell(3, "simulated")], ["true", "2", "true"]);
        assert!(text.ends_with("\r\n") && text.matches("\r\n").count() == 4);
    }

    #[test]
    fn text_from_outside_stays_in_its_field_and_numbers_keep_their_digits() {
        let mut run = sample::run();
        let hostile = "line 1: \"x\", then\r\n,,=1+1";
        run.observations[0].samples[1].why = crate::text::Text::verbatim(hostile);
        run.observations[0].samples[0].values[0].value = Some(0.1 + 0.2);
        let rows = parsed(&csv(&run, &run.observations[0]));
        assert_eq!(text::text(&rows[1]["why"]), hostile);
        assert_eq!(text::text(&rows[0]["http_success"]), "0.30000000000000004");
    }

    #[test]
    fn json_has_the_objectives_too() {
        let run = sample::run();
        let document: serde_json::Value = serde_json::from_str(&json(&run, &run.observations[0])).unwrap();
        assert_eq!(document["schema"], 1);
        assert_eq!(document["observation"]["name"], "baseline");
        assert_eq!(document["slos"][0]["target"], 0.98);
        assert_eq!(document["samples"][1]["state"], "missed");
        assert_eq!(document["samples"][2]["values"]["http_success"]["value"], 0.97996);
    }
}
