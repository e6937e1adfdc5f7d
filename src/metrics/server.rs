//! Answers of a Prometheus server's HTTP API, and what of them is kept as evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::labels::{Labels, METRIC_NAME};
use super::objective::Fault;
use super::promql::{Metric, Point, Sample, Series, Value};
use crate::text;
use crate::text::Text;

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
    Foreign(Text),
    /// The server could not do it now.
    Failed(String),
}

impl Unusable {
    /// For people.
    pub fn text(&self) -> Text {
        match self {
            Self::Foreign(what) => {
                text!("not an answer of Prometheus: {what}", "不是 Prometheus 的回答：{what}", what = what)
            }
            Self::Failed(words) => Text::verbatim(words),
        }
    }
}

/// In English; see [`Unusable::text`].
impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text().en)
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
        let foreign = Unusable::Foreign;
        let known = document
            .get("known")
            .and_then(Json::as_array)
            .ok_or_else(|| foreign(text!("no list of metrics", "没有指标列表")))?;
        let answers = document
            .get("answers")
            .and_then(Json::as_array)
            .ok_or_else(|| foreign(text!("no list of answers", "没有回答列表")))?;
        let mut all = Self {
            at_ms: document.get("at_ms").and_then(Json::as_i64).ok_or_else(|| foreign(text!("no time", "没有时间")))?,
            known: known.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            results: BTreeMap::new(),
        };
        for one in answers {
            let query = one
                .get("query")
                .and_then(Json::as_str)
                .ok_or_else(|| foreign(text!("an answer without its query", "回答没有对应的查询")))?;
            let answer =
                one.get("answer").ok_or_else(|| foreign(text!("a query without its answer", "查询没有对应的回答")))?;
            all.results.insert(query.to_owned(), result(answer)?);
        }
        Ok(all)
    }

    /// The result of a query, by its text.
    pub(super) fn value(&self, query: &str) -> Result<&Value, Fault> {
        match self.results.get(query) {
            Some(Ok(value)) => Ok(value),
            Some(Err(words)) => Err(Fault::Failed(Text::verbatim(words))),
            None => Err(Fault::Failed(text!("the server was not asked", "没有向服务器查询"))),
        }
    }
}

/// The data of an answer, or its error: what a query may be at fault for stands in the answer, anything else is unusable.
pub fn data(answer: &Json) -> Result<Result<&Json, String>, Unusable> {
    let text = |name: &str| answer.get(name).and_then(Json::as_str);
    match text("status") {
        Some("success") => answer
            .get("data")
            .map(Ok)
            .ok_or_else(|| Unusable::Foreign(text!("a success without its data", "成功但没有数据"))),
        Some("error") => {
            let words = text("error").unwrap_or("an error without words").to_owned();
            match text("errorType") {
                Some("bad_data" | "execution") => Ok(Err(words)),
                Some(kind) => Err(Unusable::Failed(format!("{kind}: {words}"))),
                None => Err(Unusable::Failed(words)),
            }
        }
        Some(_) | None => Err(Unusable::Foreign(text!("it has no status", "没有状态"))),
    }
}

fn result(answer: &Json) -> Result<Result<Value, String>, Unusable> {
    match data(answer)? {
        Ok(data) => value(data).map(Ok).map_err(Unusable::Foreign),
        Err(words) => Ok(Err(words)),
    }
}

fn value(data: &Json) -> Result<Value, Text> {
    let kind = data.get("resultType").and_then(Json::as_str).unwrap_or_default();
    let result = data.get("result").ok_or_else(|| text!("no result", "没有结果"))?;
    let list = || result.as_array().ok_or_else(|| text!("a {kind} that is no list", "{kind} 不是列表"));
    match kind {
        "scalar" => Ok(Value::Scalar(point(result)?)),
        "vector" => {
            let mut at_ms = 0;
            let samples = list()?.iter().map(|one| {
                let sample = one.get("value").ok_or_else(|| {
                    text!("a series without a value: native histograms are not read", "序列没有值：不读取原生直方图")
                })?;
                let sample = point(sample)?;
                at_ms = sample.t_ms;
                Ok(Sample { metric: metric(one)?, value: sample.value })
            });
            let samples = samples.collect::<Result<_, Text>>()?;
            Ok(Value::Vector { at_ms, samples })
        }
        "matrix" => {
            let series = list()?.iter().map(|one| {
                let points = one
                    .get("values")
                    .and_then(Json::as_array)
                    .ok_or_else(|| text!("a series without values", "序列没有值"))?;
                let points = points.iter().map(point).collect::<Result<_, Text>>()?;
                Ok(Series { metric: metric(one)?, points })
            });
            Ok(Value::Matrix(series.collect::<Result<_, Text>>()?))
        }
        "string" => {
            let text = result
                .get(1)
                .and_then(Json::as_str)
                .ok_or_else(|| text!("a string without its text", "字符串没有文本"))?;
            Ok(Value::Text { at_ms: 0, text: text.to_owned() })
        }
        other => Err(text!("a result of type {other:?}", "结果类型为 {other:?}")),
    }
}

fn metric(one: &Json) -> Result<Metric, Text> {
    let labels =
        one.get("metric").and_then(Json::as_object).ok_or_else(|| text!("a series without labels", "序列没有标签"))?;
    let text = |value: &Json| {
        value.as_str().map(str::to_owned).ok_or_else(|| text!("a label that is no text", "标签不是文本"))
    };
    let name = labels.get(METRIC_NAME).map(text).transpose()?.map(Arc::from);
    let own = labels.iter().filter(|(label, _)| *label != METRIC_NAME);
    let own: Vec<(String, String)> =
        own.map(|(label, value)| Ok((label.clone(), text(value)?))).collect::<Result<_, Text>>()?;
    Ok(Metric { name, labels: Labels::new(own) })
}

/// `[seconds, "value"]`
fn point(pair: &Json) -> Result<Point, Text> {
    let seconds = pair.get(0).and_then(Json::as_f64).ok_or_else(|| text!("a value without its time", "值没有时间"))?;
    let value = pair
        .get(1)
        .and_then(Json::as_str)
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| text!("a value that is none", "值不是数"))?;
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
        let foreign = |what: &str| format!("not an answer of Prometheus: {what}");
        assert_eq!(answers(json!({})).unwrap_err().to_string(), foreign("it has no status"));
        assert_eq!(
            answers(json!({ "status": "success" })).unwrap_err().to_string(),
            foreign("a success without its data")
        );
        let histogram = json!({ "status": "success", "data": { "resultType": "vector",
            "result": [{ "metric": {}, "histogram": [1, {}] }] } });
        assert_eq!(
            answers(histogram).unwrap_err().to_string(),
            foreign("a series without a value: native histograms are not read")
        );
        let late = json!({ "status": "error", "errorType": "timeout", "error": "query timed out" });
        assert_eq!(answers(late).unwrap_err().to_string(), "timeout: query timed out");
    }
}
