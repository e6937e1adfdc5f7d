//! Answers of a Prometheus server's HTTP API, and what of them is kept as evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::labels::{Labels, METRIC_NAME};
use super::promql::{Metric, Point, Sample, Series, Value};

/// What a server said at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// The time for which it was asked: unix milliseconds.
    pub at_ms: i64,
    /// The metrics that were asked for and that it has, or that one of its targets declares.
    pub known: BTreeSet<String>,
    /// The result of each query, or its words why there is none.
    pub results: BTreeMap<String, Result<Value, String>>,
}

/// Why the answer of a server cannot be used at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is not one of Prometheus' API.
    Foreign(String),
    /// The server could not do it now.
    Failed(String),
}

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Foreign(what) => write!(f, "not an answer of Prometheus: {what}"),
            Self::Failed(words) => f.write_str(words),
        }
    }
}

impl Answers {
    /// What is kept: `{"at_ms":…,"known":[…],"answers":[{"query","answer"}]}`, each answer as the server gave it.
    pub fn document(at_ms: i64, known: &BTreeSet<String>, answers: &[(String, Json)]) -> Json {
        let answers: Vec<Json> =
            answers.iter().map(|(query, answer)| json!({ "query": query, "answer": answer })).collect();
        json!({ "at_ms": at_ms, "known": known, "answers": answers })
    }

    /// Reads what was kept.
    pub fn read(document: &Json) -> Result<Self, Unusable> {
        let foreign = |what: &str| Unusable::Foreign(what.to_owned());
        let known = document.get("known").and_then(Json::as_array).ok_or_else(|| foreign("no list of metrics"))?;
        let answers = document.get("answers").and_then(Json::as_array).ok_or_else(|| foreign("no list of answers"))?;
        let mut all = Self {
            at_ms: document.get("at_ms").and_then(Json::as_i64).ok_or_else(|| foreign("no time"))?,
            known: known.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            results: BTreeMap::new(),
        };
        for one in answers {
            let query =
                one.get("query").and_then(Json::as_str).ok_or_else(|| foreign("an answer without its query"))?;
            let answer = one.get("answer").ok_or_else(|| foreign("a query without its answer"))?;
            all.results.insert(query.to_owned(), result(answer)?);
        }
        Ok(all)
    }
}

/// The data of an answer, or its error: what a query may be at fault for stands in the answer, anything else is unusable.
pub fn data(answer: &Json) -> Result<Result<&Json, String>, Unusable> {
    let text = |name: &str| answer.get(name).and_then(Json::as_str);
    match text("status") {
        Some("success") => {
            answer.get("data").map(Ok).ok_or_else(|| Unusable::Foreign("a success without its data".to_owned()))
        }
        Some("error") => {
            let words = text("error").unwrap_or("an error without words").to_owned();
            match text("errorType") {
                Some("bad_data" | "execution") => Ok(Err(words)),
                Some(kind) => Err(Unusable::Failed(format!("{kind}: {words}"))),
                None => Err(Unusable::Failed(words)),
            }
        }
        Some(_) | None => Err(Unusable::Foreign("it has no status".to_owned())),
    }
}

fn result(answer: &Json) -> Result<Result<Value, String>, Unusable> {
    match data(answer)? {
        Ok(data) => value(data).map(Ok).map_err(Unusable::Foreign),
        Err(words) => Ok(Err(words)),
    }
}

fn value(data: &Json) -> Result<Value, String> {
    let kind = data.get("resultType").and_then(Json::as_str).unwrap_or_default();
    let result = data.get("result").ok_or("no result")?;
    let list = || result.as_array().ok_or_else(|| format!("a {kind} that is no list"));
    match kind {
        "scalar" => Ok(Value::Scalar(point(result)?)),
        "vector" => {
            let mut at_ms = 0;
            let samples = list()?.iter().map(|one| {
                let sample = one.get("value").ok_or("a series without a value: native histograms are not read")?;
                let sample = point(sample)?;
                at_ms = sample.t_ms;
                Ok(Sample { metric: metric(one)?, value: sample.value })
            });
            let samples = samples.collect::<Result<_, String>>()?;
            Ok(Value::Vector { at_ms, samples })
        }
        "matrix" => {
            let series = list()?.iter().map(|one| {
                let points = one.get("values").and_then(Json::as_array).ok_or("a series without values")?;
                let points = points.iter().map(point).collect::<Result<_, String>>()?;
                Ok(Series { metric: metric(one)?, points })
            });
            Ok(Value::Matrix(series.collect::<Result<_, String>>()?))
        }
        "string" => {
            let text = result.get(1).and_then(Json::as_str).ok_or("a string without its text")?;
            Ok(Value::Text { at_ms: 0, text: text.to_owned() })
        }
        other => Err(format!("a result of type {other:?}")),
    }
}

fn metric(one: &Json) -> Result<Metric, String> {
    let labels = one.get("metric").and_then(Json::as_object).ok_or("a series without labels")?;
    let text = |value: &Json| value.as_str().map(str::to_owned).ok_or("a label that is no text");
    let name = labels.get(METRIC_NAME).map(text).transpose()?.map(Arc::from);
    let own = labels.iter().filter(|(label, _)| *label != METRIC_NAME);
    let own: Vec<(String, String)> =
        own.map(|(label, value)| Ok((label.clone(), text(value)?))).collect::<Result<_, &str>>()?;
    Ok(Metric { name, labels: Labels::new(own) })
}

/// `[seconds, "value"]`
fn point(pair: &Json) -> Result<Point, String> {
    let seconds = pair.get(0).and_then(Json::as_f64).ok_or("a value without its time")?;
    let value =
        pair.get(1).and_then(Json::as_str).and_then(|value| value.parse().ok()).ok_or("a value that is none")?;
    #[expect(clippy::cast_possible_truncation, reason = "times of a server are milliseconds in this century")]
    let t_ms = (seconds * 1000.0).round() as i64;
    Ok(Point { t_ms, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str) -> Result<Value, String> {
        let answer: Json = serde_json::from_str(answer).unwrap();
        let document = Answers::document(7, &BTreeSet::from(["m".to_owned()]), &[("q".to_owned(), answer)]);
        let answers = Answers::read(&document).unwrap();
        assert_eq!(answers.known, BTreeSet::from(["m".to_owned()]));
        answers.results["q"].clone()
    }

    #[test]
    fn a_value_is_what_the_server_printed() {
        let vector = r#"{"resultType":"vector","result":[{"metric":{"__name__":"m","a":"中"},"value":[1763429400.005,"+Inf"]}]}"#;
        let scalar = r#"{"resultType":"scalar","result":[1763429400,"0.98"]}"#;
        let matrix = r#"{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"],[2.500,"-Inf"]]}]}"#;
        for data in [vector, scalar, matrix] {
            let read = read(&format!(r#"{{"status":"success","data":{data},"warnings":["w"]}}"#)).unwrap();
            assert_eq!(read.to_json(), data);
        }
    }

    #[test]
    fn a_query_that_cannot_be_evaluated_says_why() {
        let words = "found duplicate series for the match group";
        let answer = format!(r#"{{"status":"error","errorType":"execution","error":"{words}"}}"#);
        assert_eq!(read(&answer), Err(words.to_owned()));
    }

    #[test]
    fn what_is_no_answer_is_none() {
        let answers =
            |answer: Json| Answers::read(&Answers::document(7, &BTreeSet::new(), &[("q".to_owned(), answer)]));
        let foreign = |what: &str| Err(Unusable::Foreign(what.to_owned()));
        assert_eq!(answers(json!({})), foreign("it has no status"));
        assert_eq!(answers(json!({ "status": "success" })), foreign("a success without its data"));
        let histogram = json!({ "status": "success", "data": { "resultType": "vector",
            "result": [{ "metric": {}, "histogram": [1, {}] }] } });
        assert_eq!(answers(histogram), foreign("a series without a value: native histograms are not read"));
        let late = json!({ "status": "error", "errorType": "timeout", "error": "query timed out" });
        assert_eq!(answers(late), Err(Unusable::Failed("timeout: query timed out".to_owned())));
    }
}
