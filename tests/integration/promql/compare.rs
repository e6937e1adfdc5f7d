//! Are two answers the same? Values to one part in 10⁹, series by their labels, order where an order is defined.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// How far two values may be apart, as a part of the larger.
const TOLERANCE: f64 = 1e-9;

/// The outermost functions whose result has an order.
const ORDERED: &[&str] = &["sort(", "sort_desc(", "topk", "bottomk"];

/// Is the order of the result defined? That of groups is not.
pub(crate) fn is_ordered(expression: &str) -> bool {
    ORDERED.iter().any(|name| expression.starts_with(name))
        && !expression.contains(" by ")
        && !expression.contains(" without ")
}

/// Compares two answers `{"data": …}` or `{"error": …}`; of errors only that they are some.
pub(crate) fn answers(ours: &Json, theirs: &Json, ordered: bool) -> Result<(), String> {
    match (ours.get("data"), theirs.get("data")) {
        (None, None) => Ok(()),
        (Some(ours), Some(theirs)) => {
            if ours["resultType"] != theirs["resultType"] {
                return Err(format!("we give {}, Prometheus {}", ours["resultType"], theirs["resultType"]));
            }
            results(&ours["result"], &theirs["result"], ordered)
        }
        _ => Err(format!("\n  we give    {ours}\n  Prometheus {theirs}")),
    }
}

fn results(ours: &Json, theirs: &Json, ordered: bool) -> Result<(), String> {
    let lists = ours.as_array().unwrap().iter().all(Json::is_object);
    if !lists {
        return points(ours, theirs);
    }
    if ordered {
        let order = |result: &Json| -> Vec<String> {
            result.as_array().unwrap().iter().map(|series| labels(&series["metric"])).collect()
        };
        let (ours, theirs) = (order(ours), order(theirs));
        if ours != theirs {
            return Err(format!("\n  our order {ours:?}\n  theirs    {theirs:?}"));
        }
    }
    let (ours, theirs) = (by_labels(ours)?, by_labels(theirs)?);
    if ours.keys().ne(theirs.keys()) {
        return Err(format!("\n  our series {:?}\n  theirs     {:?}", ours.keys(), theirs.keys()));
    }
    for ((labels, ours), theirs) in ours.iter().zip(theirs.values()) {
        let one = ours.get("values").or_else(|| ours.get("value")).unwrap();
        let other = theirs.get("values").or_else(|| theirs.get("value")).unwrap();
        points(one, other).map_err(|difference| format!("{labels}: {difference}"))?;
    }
    Ok(())
}

fn labels(metric: &Json) -> String {
    let sorted: BTreeMap<&String, &Json> = metric.as_object().unwrap().iter().collect();
    format!("{sorted:?}")
}

fn by_labels(result: &Json) -> Result<BTreeMap<String, &Json>, String> {
    let mut series = BTreeMap::new();
    for one in result.as_array().unwrap() {
        let labels = labels(&one["metric"]);
        if series.insert(labels.clone(), one).is_some() {
            return Err(format!("the labels {labels} stand twice"));
        }
    }
    Ok(series)
}

/// `[time, "value"]`, or a list of such.
fn points(ours: &Json, theirs: &Json) -> Result<(), String> {
    let (one, other) = (ours.as_array().unwrap(), theirs.as_array().unwrap());
    let nested = one.iter().chain(other).any(Json::is_array);
    if nested && one.len() == other.len() {
        return one.iter().zip(other).try_for_each(|(ours, theirs)| points(ours, theirs));
    }
    let same = !nested && one[0].as_f64() == other[0].as_f64() && value(&one[1], &other[1]);
    if same { Ok(()) } else { Err(format!("we give {ours}, Prometheus {theirs}")) }
}

fn value(ours: &Json, theirs: &Json) -> bool {
    let (ours, theirs) = (ours.as_str().unwrap(), theirs.as_str().unwrap());
    if ours == theirs {
        return true;
    }
    let (Ok(ours), Ok(theirs)) = (ours.parse::<f64>(), theirs.parse::<f64>()) else { return false };
    (ours.is_nan() && theirs.is_nan()) || (ours - theirs).abs() <= TOLERANCE * ours.abs().max(theirs.abs())
}
