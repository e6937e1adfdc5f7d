//! Functions that change labels.

use super::super::pattern::Pattern;
use super::finding::EvalError;
use super::value::Sample;

/// `label_replace(v, destination, replacement, source, pattern)`: where the pattern matches the whole of the source label,
/// the destination gets the replacement, in which `$1` stands for what the first group matched.
pub(super) fn replace(samples: Vec<Sample>, texts: &[&str]) -> Result<Vec<Sample>, EvalError> {
    let [destination, replacement, source, pattern] = texts else { return Err(EvalError::Mistyped) };
    // The check pass has compiled it once.
    let pattern = Pattern::new(pattern).map_err(|_| EvalError::Mistyped)?;
    let samples = samples.into_iter().map(|mut sample| {
        if let Some(value) = pattern.expand(sample.metric.get(source), replacement) {
            sample.metric = sample.metric.with(destination, &value);
        }
        sample
    });
    Ok(samples.collect())
}

/// `label_join(v, destination, separator, sources…)`.
pub(super) fn join(samples: Vec<Sample>, texts: &[&str]) -> Vec<Sample> {
    let [destination, separator, sources @ ..] = texts else { return samples };
    let samples = samples.into_iter().map(|mut sample| {
        let values: Vec<&str> = sources.iter().map(|source| sample.metric.get(source)).collect();
        let joined = values.join(separator);
        sample.metric = sample.metric.with(destination, &joined);
        sample
    });
    samples.collect()
}
