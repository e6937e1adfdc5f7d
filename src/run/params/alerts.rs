//! What an alert says of itself: the labels that parameters with `from_label:` take.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use crate::text;
use crate::text::Text;

/// The labels of the alerts that a run is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alerts {
    /// Each label, with all values that it has: one, unless the alerts differ in it. A label that some of them lack has an
    /// empty value there, as Alertmanager reads it.
    labels: BTreeMap<String, BTreeSet<String>>,
}

impl Alerts {
    /// Reads what Alertmanager posts to a webhook (`{"alerts": […], …}`), or what its API lists (`[{"labels": …}]`, or one
    /// of them). Where some of them fire, the others are left out.
    ///
    /// # Errors
    ///
    /// What is missing: an alert, or the labels of one.
    pub fn read(json: &Json) -> Result<Alerts, Text> {
        let alerts: Vec<&Json> = match json {
            Json::Array(alerts) => alerts.iter().collect(),
            Json::Object(fields) => match fields.get("alerts") {
                Some(Json::Array(alerts)) => alerts.iter().collect(),
                Some(_) => return Err(text!("`alerts` is no list", "`alerts` 不是列表")),
                None => vec![json],
            },
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
                return Err(text!("this is no alert", "这不是告警"));
            }
        };
        // A group that is posted again also has those that are over.
        let fires = |alert: &&Json| alert.get("status").and_then(Json::as_str) == Some("firing");
        let some_fire = alerts.iter().any(fires);
        let about = alerts.into_iter().filter(|alert| !some_fire || fires(alert));
        let each = about.map(labels_of).collect::<Result<Vec<_>, _>>()?;
        if each.is_empty() {
            return Err(text!("there is no alert in it", "其中没有告警"));
        }
        let names: BTreeSet<&String> = each.iter().flat_map(BTreeMap::keys).collect();
        let values = |name: &String| each.iter().map(|labels| labels.get(name).cloned().unwrap_or_default()).collect();
        Ok(Alerts { labels: names.into_iter().map(|name| (name.clone(), values(name))).collect() })
    }

    /// The value of a label; none: no alert has it.
    ///
    /// # Errors
    ///
    /// The values, where the alerts differ in it; an empty one where some lack it.
    pub fn label(&self, name: &str) -> Result<Option<&str>, Vec<&str>> {
        let Some(values) = self.labels.get(name) else { return Ok(None) };
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        match values.as_slice() {
            [one] => Ok(Some(one)),
            _ => Err(values),
        }
    }
}

fn labels_of(alert: &Json) -> Result<BTreeMap<String, String>, Text> {
    let labels = alert.get("labels").and_then(Json::as_object);
    let labels: &Map<String, Json> = labels.ok_or_else(|| text!("an alert has no `labels`", "有告警没有 `labels`"))?;
    let text = |(name, value): (&String, &Json)| match value.as_str() {
        Some(value) => Ok((name.clone(), value.to_owned())),
        None => Err(text!("the label `{name}` is no text", "标签 `{name}` 不是文本")),
    };
    labels.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Alerts, String> {
        Alerts::read(&serde_json::from_str(json).unwrap()).map_err(|wrong| wrong.en)
    }

    #[test]
    fn labels_are_those_of_all_alerts() {
        let webhook = r#"{"version": "4", "status": "firing", "commonLabels": {"alertname": "Down"}, "alerts": [
            {"labels": {"alertname": "Down", "instance": "a", "zone": "z1"}, "status": "firing"},
            {"labels": {"alertname": "Down", "instance": "b"}, "status": "firing"}]}"#;
        let alerts = read(webhook).unwrap();
        assert_eq!(alerts.label("alertname"), Ok(Some("Down")));
        assert_eq!(alerts.label("instance"), Err(vec!["a", "b"]));
        assert_eq!(alerts.label("zone"), Err(vec!["", "z1"]), "one of them does not have it");
        assert_eq!(alerts.label("team"), Ok(None));
        let group = r#"{"alerts": [{"labels": {"instance": "a"}, "status": "resolved"},
            {"labels": {"instance": "b"}, "status": "firing"}]}"#;
        assert_eq!(read(group).unwrap().label("instance"), Ok(Some("b")), "what is over is not what a run is about");
        for one in [r#"[{"labels": {"instance": "a"}}]"#, r#"{"labels": {"instance": "a"}}"#] {
            assert_eq!(read(one).unwrap().label("instance"), Ok(Some("a")), "{one}");
        }
    }

    #[test]
    fn what_is_no_alert_is_said() {
        for (json, words) in [
            ("3", "this is no alert"),
            ("[]", "there is no alert in it"),
            (r#"{"alerts": 1}"#, "`alerts` is no list"),
            (r#"{"node": "a"}"#, "an alert has no `labels`"),
            (r#"{"labels": {"n": 1}}"#, "the label `n` is no text"),
        ] {
            assert_eq!(read(json).unwrap_err(), words, "{json}");
        }
    }
}
