//! The exact forms of objectives: `ratio` and `quantile` over the increases of an interval.

use std::collections::{BTreeMap, BTreeSet};

use super::increase::Increases;
use super::labels::Labels;
use super::objective::{Fault, Form, NoData, Reading};
use super::scrape::FamilyKind;
use super::selector::Selector;

/// The form's value over an interval, or why there is none.
pub fn evaluate(form: &Form, increases: &Increases) -> Reading {
    read(form, increases).unwrap_or_else(|reading| reading)
}

/// The selectors of the form that match no series at all in `increases` although their metric is known: over the
/// observation so far, each deserves a loud warning, for a label value may be misspelt.
pub fn unmatched(form: &Form, increases: &Increases) -> Vec<Selector> {
    let silent =
        |selector: &Selector| increases.known(&selector.name).is_ok() && increases.matching(selector).next().is_none();
    form.selectors().into_iter().filter(silent).collect()
}

/// The cumulative buckets that a quantile is taken from, all matching histograms summed: upper bound and count. None for
/// another form, or where there is no value.
pub fn histogram(form: &Form, increases: &Increases) -> Vec<(f64, f64)> {
    match form {
        Form::Quantile { of, .. } => buckets(&of.with_suffix("_bucket"), increases).unwrap_or_default(),
        Form::Ratio { .. } | Form::RatioBad { .. } => Vec::new(),
    }
}

fn read(form: &Form, increases: &Increases) -> Result<Reading, Reading> {
    for selector in form.selectors() {
        admit(&selector, increases)?;
    }
    match form {
        Form::Ratio { part, total } => {
            let (part, total) = (sum(part, increases)?, sum(total, increases)?);
            ratio(part, part, total)
        }
        Form::RatioBad { bad, total } => {
            let (bad, total) = (sum(bad, increases)?, sum(total, increases)?);
            ratio(total - bad, bad, total)
        }
        Form::Quantile { q, of } => quantile(*q, &of.with_suffix("_bucket"), increases),
    }
}

/// Is the selector's metric known, of a kind that counts, and unambiguous?
fn admit(selector: &Selector, increases: &Increases) -> Result<(), Reading> {
    match increases.known(&selector.name).map_err(Reading::NoData)? {
        FamilyKind::Counter | FamilyKind::Histogram | FamilyKind::Unknown => {}
        // The quantiles of a summary are gauges, its sum and count are counters.
        FamilyKind::Summary if selector.name.ends_with("_sum") || selector.name.ends_with("_count") => {}
        kind @ (FamilyKind::Summary
        | FamilyKind::Gauge
        | FamilyKind::GaugeHistogram
        | FamilyKind::Info
        | FamilyKind::StateSet) => {
            return Err(Reading::Error(Fault::NotACounter { name: selector.name.clone(), kind }));
        }
    }
    match increases.ambiguous(selector) {
        Some(series) => Err(Reading::Error(Fault::Ambiguous { series })),
        None => Ok(()),
    }
}

/// A family that is declared and has no matching series is 0.
fn sum(selectors: &[Selector], increases: &Increases) -> Result<f64, Reading> {
    let mut total = 0.0;
    for selector in selectors {
        let part: f64 = increases.matching(selector).map(|(_, growth)| growth).sum();
        if !part.is_finite() {
            return Err(Reading::NoData(NoData::NotANumber { name: selector.name.clone() }));
        }
        total += part;
    }
    Ok(total)
}

/// One division, so that exactly 98 of 100 is the `f64` that `98.pct` is. `part` is what the messages speak of.
fn ratio(over: f64, part: f64, total: f64) -> Result<Reading, Reading> {
    if total != 0.0 {
        Ok(Reading::Value(over / total))
    } else if part == 0.0 {
        Err(Reading::NoData(NoData::NothingHappened))
    } else {
        Err(Reading::NoData(NoData::ZeroTotal { part }))
    }
}

/// A bound of a bucket; ordered as a number.
#[derive(Clone, Copy, PartialEq)]
struct Bound(f64);

impl Eq for Bound {}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The buckets of all matching histograms summed. Cumulative counts may be summed only at bounds that every histogram
/// has: where they differ (two versions, two libraries) the common bounds are taken, which is coarser and still true.
fn buckets(selector: &Selector, increases: &Increases) -> Result<Vec<(f64, f64)>, Reading> {
    let mut histograms: BTreeMap<Labels, BTreeMap<Bound, f64>> = BTreeMap::new();
    for (labels, growth) in increases.matching(selector) {
        // A bucket without a bound that is a number is none, as for Prometheus.
        let Some(bound) = labels.get("le").and_then(|le| le.parse::<f64>().ok()).filter(|bound| !bound.is_nan()) else {
            continue;
        };
        if !growth.is_finite() {
            return Err(Reading::NoData(NoData::NotANumber { name: selector.name.clone() }));
        }
        let histogram = histograms.entry(labels.without(|label| label == "le")).or_default();
        *histogram.entry(Bound(bound)).or_insert(0.0) += growth;
    }
    // One that did not grow says nothing, whatever its bounds are.
    let grown: Vec<_> = histograms.values().filter(|own| own.values().any(|growth| *growth > 0.0)).collect();
    let Some((first, others)) = grown.split_first() else {
        // Nothing grew: then the question is whether there could have been something to divide.
        return Err(Reading::NoData(NoData::NothingHappened));
    };
    let mut common: BTreeSet<Bound> = first.keys().copied().collect();
    common.retain(|bound| others.iter().all(|other| other.contains_key(bound)));
    let at = |bound: &Bound| grown.iter().filter_map(|own| own.get(bound)).sum::<f64>();
    Ok(common.iter().map(|bound| (bound.0, at(bound))).collect())
}

/// Prometheus' `histogram_quantile` on classic buckets: linear within a bucket, the lowest begins at 0 (or is its upper
/// bound where that is not above 0), beyond the highest finite bound the answer is that bound.
fn quantile(q: f64, selector: &Selector, increases: &Increases) -> Result<Reading, Reading> {
    let mut buckets = buckets(selector, increases)?;
    let unusable = || Reading::NoData(NoData::NoBuckets { name: selector.name.clone() });
    if buckets.len() < 2 || buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
        return Err(unusable());
    }
    // Cumulative counts read while the target counted may step back a little; they never do for long.
    let mut highest = 0.0_f64;
    for (_, count) in &mut buckets {
        highest = highest.max(*count);
        *count = highest;
    }
    let total = highest;
    if total == 0.0 {
        return Err(Reading::NoData(NoData::NothingHappened));
    }
    let rank = snap(q * total);
    let at = buckets.iter().position(|(_, count)| *count >= rank).unwrap_or(buckets.len() - 1);
    let bound = |at: usize| buckets.get(at).map(|(bound, _)| *bound);
    let count = |at: usize| buckets.get(at).map_or(0.0, |(_, count)| *count);
    if at == buckets.len() - 1 {
        return bound(at - 1).map(Reading::Value).ok_or_else(unusable);
    }
    let upper = bound(at).ok_or_else(unusable)?;
    let (lower, below) = match at.checked_sub(1) {
        Some(before) => (bound(before).ok_or_else(unusable)?, count(before)),
        None if upper <= 0.0 => return Ok(Reading::Value(upper)),
        None => (0.0, 0.0),
    };
    Ok(Reading::Value(lower + (upper - lower) * ((rank - below) / (count(at) - below))))
}

/// A rank that misses a whole number only by the rounding of `q` is that number. Without this, 0.99 of 1,100 is a hair
/// above 1,089, falls into the next bucket, and a service that keeps exactly 2 s is told to miss it.
fn snap(rank: f64) -> f64 {
    let whole = rank.round();
    if (rank - whole).abs() <= rank.abs() * (4.0 * f64::EPSILON) { whole } else { rank }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::objective::{Bound as Limit, Compare, Verdict, judge};
    use crate::metrics::scrape::{Family, Scrape, Series};

    fn select(text: &str) -> Vec<Selector> {
        vec![Selector::parse(text).unwrap()]
    }

    fn part(part: &str, total: &str) -> Form {
        Form::Ratio { part: select(part), total: select(total) }
    }

    fn bad(bad: &str, total: &str) -> Form {
        Form::RatioBad { bad: select(bad), total: select(total) }
    }

    fn put(scrape: &mut Scrape, kind: FamilyKind, family: &str, suffix: &str, labels: &[(&str, &str)], value: f64) {
        let family_entry = scrape.families.entry(family.to_owned()).or_default();
        family_entry.kind = kind;
        family_entry.declared = true;
        family_entry.series.push(Series {
            name: format!("{family}{suffix}").into(),
            labels: Labels::new(labels.iter().copied()),
            value,
            timestamp_ms: None,
        });
    }

    /// Counters by status, all beginning at 0.
    fn requests(by_status: &[(&str, f64)]) -> Increases {
        let mut after = Scrape::default();
        after
            .families
            .insert("errors".to_owned(), Family { kind: FamilyKind::Counter, declared: true, ..Family::default() });
        after.families.insert("up".to_owned(), Family { kind: FamilyKind::Gauge, declared: true, ..Family::default() });
        after
            .families
            .insert("requests".to_owned(), Family { kind: FamilyKind::Counter, declared: true, ..Family::default() });
        for (status, value) in by_status {
            put(&mut after, FamilyKind::Counter, "requests", "", &[("status", status)], *value);
        }
        Increases::between(&Scrape::default(), &after).unwrap()
    }

    /// A histogram `t` for each of `routes`: bounds with cumulative counts.
    fn histogram(routes: &[&[(&str, f64)]]) -> Increases {
        let mut after = Scrape::default();
        for (number, buckets) in routes.iter().enumerate() {
            let route = format!("/{number}");
            for (le, count) in *buckets {
                put(&mut after, FamilyKind::Histogram, "t", "_bucket", &[("route", &route), ("le", le)], *count);
            }
        }
        Increases::between(&Scrape::default(), &after).unwrap()
    }

    fn p(q: f64, routes: &[&[(&str, f64)]]) -> Reading {
        evaluate(&Form::Quantile { q, of: Selector::parse("t").unwrap() }, &histogram(routes))
    }

    #[test]
    fn exactly_98_of_100_is_98_percent() {
        let target = Limit { compare: Compare::AtLeast, limit: 0.98 };
        let increases = requests(&[("200", 98.0), ("500", 2.0)]);
        for form in [part(r#"requests{status="200"}"#, "requests"), bad(r#"requests{status=~"5.."}"#, "requests")] {
            let reading = evaluate(&form, &increases);
            assert_eq!(reading, Reading::Value(0.98));
            assert_eq!(judge(&reading, &target), Verdict::Pass);
        }
        let increases = requests(&[("200", 9_799_999.0), ("500", 200_001.0)]);
        let reading = evaluate(&bad(r#"requests{status=~"5.."}"#, "requests"), &increases);
        assert_eq!(judge(&reading, &target), Verdict::Breach);
    }

    #[test]
    fn every_exact_percentage_is_reached_in_both_forms() {
        for total in [3_u32, 100, 1000, 7_777, 1_000_000] {
            for good in (0..=total).step_by(total as usize / 97 + 1) {
                let increases = requests(&[("200", f64::from(good)), ("500", f64::from(total - good))]);
                let exact = Reading::Value(f64::from(good) / f64::from(total));
                assert_eq!(evaluate(&part(r#"requests{status="200"}"#, "requests"), &increases), exact);
                assert_eq!(evaluate(&bad(r#"requests{status="500"}"#, "requests"), &increases), exact);
            }
        }
    }

    #[test]
    fn no_errors_yet_is_a_perfect_service_and_a_wrong_name_is_none() {
        let healthy = requests(&[("200", 50.0)]);
        assert_eq!(evaluate(&bad(r#"requests{status=~"5.."}"#, "requests"), &healthy), Reading::Value(1.0));
        assert_eq!(evaluate(&part("errors", "requests"), &healthy), Reading::Value(0.0), "declared by HELP and TYPE");
        let never = Reading::NoData(NoData::NeverSeen { name: "erorrs".to_owned() });
        assert_eq!(evaluate(&bad("erorrs", "requests"), &healthy), never);
        assert_eq!(evaluate(&part("errors", "erorrs"), &healthy), never);
        let lists = Form::RatioBad { bad: [select("errors"), select("erorrs")].concat(), total: select("requests") };
        assert_eq!(evaluate(&lists, &healthy), never, "each family of a list on its own");
    }

    #[test]
    fn only_failures_are_0_percent_and_nothing_is_no_data() {
        let success = part(r#"requests{status="200"}"#, "requests");
        assert_eq!(evaluate(&success, &requests(&[("500", 3.0)])), Reading::Value(0.0));
        assert_eq!(evaluate(&success, &requests(&[])), Reading::NoData(NoData::NothingHappened));
        assert_eq!(evaluate(&success, &requests(&[("200", 0.0)])), Reading::NoData(NoData::NothingHappened));
        let backwards = part("requests", "errors");
        assert_eq!(evaluate(&backwards, &requests(&[("200", 5.0)])), Reading::NoData(NoData::ZeroTotal { part: 5.0 }));
    }

    #[test]
    fn nan_and_gauges_are_never_numbers() {
        let form = part(r#"requests{status="200"}"#, "requests");
        let nan = requests(&[("200", f64::NAN)]);
        assert_eq!(evaluate(&form, &nan), Reading::NoData(NoData::NotANumber { name: "requests".to_owned() }));
        let gauge = evaluate(&part("up", "requests"), &requests(&[("200", 1.0)]));
        assert_eq!(gauge, Reading::Error(Fault::NotACounter { name: "up".to_owned(), kind: FamilyKind::Gauge }));
    }

    #[test]
    fn a_selector_that_never_matched_is_told() {
        let increases = requests(&[("200", 5.0)]);
        let form = part(r#"requests{status="2OO"}"#, "requests");
        assert_eq!(unmatched(&form, &increases), select(r#"requests{status="2OO"}"#));
    }

    #[test]
    fn exactly_2_seconds_is_reached() {
        // service.md 3: what is at the limit must read as the limit, for any number of requests.
        for total in 1..=2000_u32 {
            let below = f64::from(total * 99);
            let all = f64::from(total * 100);
            let reading = p(0.99, &[&[("1", below / 2.0), ("2", below), ("5", all), ("+Inf", all)]]);
            assert_eq!(reading, Reading::Value(2.0), "{total}00 requests");
        }
    }

    #[test]
    fn quantiles_are_interpolated_like_prometheus() {
        let buckets: &[(&str, f64)] = &[("0.1", 50.0), ("0.5", 90.0), ("1", 100.0), ("+Inf", 100.0)];
        assert_eq!(p(0.5, &[buckets]), Reading::Value(0.1));
        assert_eq!(p(0.25, &[buckets]), Reading::Value(0.05));
        assert_eq!(p(0.7, &[buckets]), Reading::Value(0.1 + 0.4 * (20.0 / 40.0)));
        assert_eq!(p(1.0, &[buckets]), Reading::Value(1.0));
        assert_eq!(p(0.99, &[&[("0.1", 0.0), ("1", 1.0), ("+Inf", 100.0)]]), Reading::Value(1.0), "beyond all bounds");
        assert_eq!(p(0.5, &[&[("-1", 100.0), ("1", 100.0), ("+Inf", 100.0)]]), Reading::Value(-1.0));
    }

    #[test]
    fn all_label_sets_are_summed_and_only_at_bounds_that_all_have() {
        let one: &[(&str, f64)] = &[("1", 99.0), ("2", 99.0), ("+Inf", 100.0)];
        let slow: &[(&str, f64)] = &[("1", 0.0), ("2", 100.0), ("+Inf", 100.0)];
        // service.md 7: the first series alone would say at most 1 s.
        assert_eq!(p(0.5, &[one, slow]), Reading::Value(1.0 + 1.0 / 100.0));
        let coarse: &[(&str, f64)] = &[("2", 100.0), ("+Inf", 100.0)];
        assert_eq!(p(0.5, &[one, coarse]), Reading::Value(2.0 * (100.0 / 199.0)), "1 is no bound of the second");
        let idle: &[(&str, f64)] = &[("7", 0.0), ("+Inf", 0.0)];
        assert_eq!(p(0.5, &[one, slow, idle]), Reading::Value(1.0 + 1.0 / 100.0), "an idle one says nothing");
    }

    #[test]
    fn a_histogram_that_says_nothing_is_no_data() {
        assert_eq!(p(0.99, &[&[("1", 0.0), ("+Inf", 0.0)]]), Reading::NoData(NoData::NothingHappened));
        let unusable = Reading::NoData(NoData::NoBuckets { name: "t_bucket".to_owned() });
        assert_eq!(p(0.99, &[&[("1", 5.0), ("2", 5.0)]]), unusable, "without +Inf the total is not known");
        assert_eq!(p(0.99, &[&[("+Inf", 5.0)]]), unusable);
        assert_eq!(p(0.99, &[]), Reading::NoData(NoData::NeverSeen { name: "t_bucket".to_owned() }));
    }

    #[test]
    fn an_untyped_counter_counts_when_it_is_named() {
        let mut after = Scrape::default();
        put(&mut after, FamilyKind::Unknown, "hits", "", &[("ok", "y")], 3.0);
        put(&mut after, FamilyKind::Unknown, "hits", "", &[("ok", "n")], 1.0);
        let increases = Increases::between(&Scrape::default(), &after).unwrap();
        assert_eq!(evaluate(&part(r#"hits{ok="y"}"#, "hits"), &increases), Reading::Value(0.75));
    }
}
