//! Prometheus' own test files for PromQL, run against our evaluation: `load`, `clear` and `eval` with what they expect.

use std::collections::BTreeMap;
use std::path::Path;

use runbook::metrics::labels::Labels;
use runbook::metrics::promql::{self, History, Metric, Point, Sample, Value, Vars};

use super::server;

/// The bits of Prometheus' marker of staleness, as a test file's `stale` loads it.
const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// Relative difference that the files themselves allow.
const TOLERANCE: f64 = 1e-6;

/// Files about what is not supported here: native histograms, arithmetic on durations, limitk, labels of type and unit.
const OTHER_LANGUAGE: &[&str] =
    &["native_histograms.test", "duration_expression.test", "limit.test", "type_and_unit.test"];

/// Words in an expression that are not supported here.
const OTHER_WORDS: &[&str] = &[
    "histogram_avg",
    "histogram_count",
    "histogram_sum",
    "histogram_stddev",
    "histogram_stdvar",
    "mad_over_time",
    "double_exponential_smoothing",
    "sort_by_label",
    "limitk",
    "limit_ratio",
    "ts_of_",
    "info(",
];

/// How many evaluations of the files are compared at least; fewer would mean that they are not read any more.
const LEAST: usize = 700;

/// Evaluations of one file that are meant to differ, by the beginning of the expression. The files are run with names
/// dropped at the very end, an experimental feature that servers have switched off: there these are errors.
const NAMES_DROPPED_LATE: &[&str] =
    &["label_replace(rate({env=", "label_join(rate({env=", r#"sum(rate({env="1"}[10m])) by (env)"#];

#[test]
fn published_tests_of_prometheus_pass() {
    let Some(programs) = server::programs() else { return };
    let folder = programs.parent().unwrap().parent().unwrap().join("testdata");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut run = Run::default();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !OTHER_LANGUAGE.contains(&name.as_str()) {
            run.file(&name, &path);
        }
    }
    assert!(run.wrong.is_empty(), "{} of {} differ:\n{}", run.wrong.len(), run.compared, run.wrong.join("\n"));
    assert!(run.compared >= LEAST, "only {} were compared, {} were left out", run.compared, run.skipped);
}

#[derive(Default)]
struct Run {
    compared: usize,
    skipped: usize,
    wrong: Vec<String>,
}

impl Run {
    fn file(&mut self, name: &str, path: &Path) {
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text.lines().map(|line| line.split(" #").next().unwrap_or("")).collect();
        let mut history = History::default();
        // Names of metrics with native histograms: what is asked about them cannot be answered here.
        let mut native: Vec<String> = Vec::new();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let first = at;
            at += 1;
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let mut body = Vec::new();
            while let Some(next) = lines.get(at).filter(|next| !next.trim().is_empty() && !is_command(next)) {
                at += 1;
                if !next.trim_start().starts_with('#') {
                    body.push(next.trim());
                }
            }
            if *line == "clear" {
                history = History::default();
                native.clear();
            } else if let Some((_, step)) = line.split_once(' ').filter(|(word, _)| word.starts_with("load")) {
                let (histograms, floats): (Vec<&str>, Vec<&str>) = body.iter().partition(|line| line.contains("{{"));
                let name = |line: &str| line[..line.find(['{', ' ', '\t']).unwrap()].to_owned();
                native.extend(histograms.iter().map(|line| name(line)));
                if line.starts_with("load_with_nhcb") {
                    native
                        .extend(floats.iter().filter_map(|line| Some(name(line).strip_suffix("_bucket")?.to_owned())));
                }
                // Of two lines for one series the last is meant.
                let series: BTreeMap<Metric, Vec<Option<f64>>> = floats.iter().map(|line| series(line)).collect();
                for (metric, values) in series {
                    load(&mut history, step, &metric, &values);
                }
            } else if line.starts_with("eval") {
                let eval = Eval::read(line, &body);
                let late = NAMES_DROPPED_LATE.iter().any(|begin| eval.expression.starts_with(begin));
                if eval.skips(&native) || (name == "name_label_dropping.test" && late) {
                    self.skipped += 1;
                    continue;
                }
                self.compared += 1;
                if let Err(difference) = eval.compare(&history) {
                    self.wrong.push(format!("{name}:{}: {}: {difference}", first + 1, eval.expression));
                }
            } else {
                panic!("{name}:{}: {line}", first + 1);
            }
        }
    }
}

fn is_command(line: &str) -> bool {
    ["load ", "load_with_nhcb", "eval", "clear"].iter().any(|word| line.starts_with(word))
}

fn duration_ms(text: &str) -> i64 {
    match promql::parse(text, &Vars::of_interval(1)).unwrap().eval(&History::default(), 0, 1) {
        Ok(Value::Scalar(point)) => format!("{:.0}", point.value * 1000.0).parse().unwrap(),
        other => panic!("{text}: {other:?}"),
    }
}

fn load(history: &mut History, step: &str, metric: &Metric, values: &[Option<f64>]) {
    let step_ms = duration_ms(step.trim());
    for (number, value) in values.iter().enumerate() {
        if let Some(value) = *value {
            let t_ms = step_ms * i64::try_from(number).unwrap();
            history.push(metric.name.as_deref().unwrap_or_default(), &metric.labels, Point { t_ms, value });
        }
    }
}

/// `name{labels} values…`
fn series(line: &str) -> (Metric, Vec<Option<f64>>) {
    let name_end = line.find(|c: char| c == '{' || c.is_whitespace()).unwrap_or(line.len());
    let (name, mut rest) = line.split_at(name_end);
    let mut name = (!name.is_empty()).then(|| name.to_owned());
    let mut pairs = Vec::new();
    if let Some(mut inner) = rest.strip_prefix('{') {
        loop {
            inner = inner.trim_start_matches([' ', ',']);
            if let Some(after) = inner.strip_prefix('}') {
                rest = after;
                break;
            }
            let (label, after) = if let Some(quoted) = inner.strip_prefix('"') {
                let end = quoted.find('"').unwrap();
                (&quoted[..end], quoted[end + 1..].trim_start())
            } else {
                let end = inner.find('=').unwrap();
                (inner[..end].trim(), &inner[end..])
            };
            let Some(value) = after.strip_prefix('=') else {
                name = Some(label.to_owned());
                inner = after;
                continue;
            };
            let value = value.trim_start();
            let quote = value.chars().next().unwrap();
            let (text, length) = unquote(&value[1..], quote);
            inner = &value[1 + length..];
            if label == "__name__" {
                name = Some(text);
            } else {
                pairs.push((label.to_owned(), text));
            }
        }
    }
    let values = rest.split_whitespace().flat_map(values).collect();
    (Metric { name: name.map(Into::into), labels: Labels::new(pairs) }, values)
}

/// The text up to `quote`, and how many bytes it took with the quote.
fn unquote(text: &str, quote: char) -> (String, usize) {
    let mut out = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if quote != '`' => match letters.next().unwrap().1 {
                'n' => out.push('\n'),
                other => out.push(other),
            },
            end if end == quote => return (out, at + 1),
            other => out.push(other),
        }
    }
    panic!("{text}")
}

/// `5`, `_`, `_x3`, `stale`, `1x3`, `1+2x3`, `1-2x3`
fn values(word: &str) -> Vec<Option<f64>> {
    if word == "stale" {
        return vec![Some(STALE)];
    }
    let (base, times) = match word.rsplit_once('x') {
        Some((base, times)) => (base, Some(times.parse::<usize>().unwrap())),
        None => (word, None),
    };
    if base == "_" {
        return vec![None; times.unwrap_or(1)];
    }
    if let Ok(value) = base.parse::<f64>() {
        return vec![Some(value); times.map_or(1, |times| times + 1)];
    }
    // The sign between two numbers, not that of the first or of an exponent.
    let bytes = base.as_bytes();
    let sign = (1..base.len()).find(|at| matches!(bytes[*at], b'+' | b'-') && !matches!(bytes[at - 1], b'e' | b'E'));
    let (start, step) = base.split_at(sign.unwrap_or_else(|| panic!("{word}")));
    let (start, step): (f64, f64) = (start.parse().unwrap(), step.parse().unwrap());
    let mut value = start;
    let mut all = vec![Some(value)];
    for _ in 0..times.unwrap() {
        value += step;
        all.push(Some(value));
    }
    all
}

/// One `eval` with what it expects.
struct Eval {
    expression: String,
    /// Start, end and step of a range; a single time has no step.
    start_ms: i64,
    end_ms: i64,
    step_ms: i64,
    is_range: bool,
    fails: bool,
    ordered: bool,
    expected: Vec<String>,
}

impl Eval {
    fn read(line: &str, body: &[&str]) -> Self {
        let (command, rest) = line.split_once(char::is_whitespace).unwrap();
        let rest = rest.trim_start();
        let (fails, ordered) = (command == "eval_fail", command == "eval_ordered");
        let fails = fails || body.iter().any(|line| line.starts_with("expect fail"));
        let ordered = ordered || body.iter().any(|line| line.starts_with("expect ordered"));
        let notes = ["expect ", "expected_fail"];
        let expected = body.iter().filter(|line| !notes.iter().any(|note| line.starts_with(note)));
        let expected = expected.map(ToString::to_string).collect();
        if let Some(rest) = rest.strip_prefix("range from ") {
            let (from, rest) = rest.split_once(" to ").unwrap();
            let (to, rest) = rest.split_once(" step ").unwrap();
            let (step, expression) = rest.split_once(' ').unwrap();
            let (start_ms, end_ms, step_ms) = (duration_ms(from), duration_ms(to), duration_ms(step));
            let expression = expression.to_owned();
            return Self { expression, start_ms, end_ms, step_ms, is_range: true, fails, ordered, expected };
        }
        let rest = rest.strip_prefix("instant").unwrap().trim_start();
        let (time, expression) = match rest.strip_prefix("at ") {
            Some(rest) => rest.trim_start().split_once(char::is_whitespace).unwrap(),
            None => ("0s", rest),
        };
        let at_ms = duration_ms(time);
        let expression = expression.trim().to_owned();
        Self { expression, start_ms: at_ms, end_ms: at_ms, step_ms: 1, is_range: false, fails, ordered, expected }
    }

    fn skips(&self, native: &[String]) -> bool {
        let words = || self.expression.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':')));
        let asks = |name: &String| words().any(|word| word == name || word == "__name__");
        OTHER_WORDS.iter().any(|word| self.expression.contains(word))
            || native.iter().any(asks)
            || self.expected.iter().any(|line| line.contains("{{"))
    }

    fn compare(&self, history: &History) -> Result<(), String> {
        let query = match promql::parse(&self.expression, &Vars::of_interval(60_000)) {
            Ok(query) => query,
            Err(_) if self.fails => return Ok(()),
            Err(errors) => return Err(format!("{errors:?}")),
        };
        let mut steps = Vec::new();
        let mut at_ms = self.start_ms;
        while at_ms <= self.end_ms {
            match query.eval(history, at_ms, 300_000) {
                Ok(value) => steps.push(value),
                Err(_) if self.fails => return Ok(()),
                Err(error) => return Err(error.to_string()),
            }
            at_ms += self.step_ms;
        }
        if self.fails {
            return Err(format!("it should fail, and gives {steps:?}"));
        }
        let expected: Vec<(Metric, Vec<Option<f64>>)> = self.expected.iter().map(|line| expectation(line)).collect();
        for (number, value) in steps.iter().enumerate() {
            let mut wanted = BTreeMap::new();
            for (metric, values) in &expected {
                if let Some(Some(value)) = values.get(number) {
                    wanted.insert(metric.clone(), *value);
                }
            }
            self.step(value, &wanted, &expected).map_err(|difference| {
                if self.is_range { format!("step {number}: {difference}") } else { difference }
            })?;
        }
        Ok(())
    }

    fn step(
        &self,
        value: &Value,
        wanted: &BTreeMap<Metric, f64>,
        expected: &[(Metric, Vec<Option<f64>>)],
    ) -> Result<(), String> {
        let samples = match value {
            Value::Vector { samples, .. } => samples.clone(),
            Value::Scalar(point) => vec![Sample { metric: Metric::default(), value: point.value }],
            other @ (Value::Matrix(_) | Value::Text { .. }) => return Err(format!("it gives {other:?}")),
        };
        if self.ordered && !samples.iter().map(|sample| &sample.metric).eq(expected.iter().map(|(metric, _)| metric)) {
            return Err(format!("the order is {samples:?}"));
        }
        let got: BTreeMap<Metric, f64> = samples.into_iter().map(|sample| (sample.metric, sample.value)).collect();
        let same = got.len() == wanted.len()
            && got
                .iter()
                .zip(wanted)
                .all(|((metric, value), (wanted, number))| metric == wanted && near(*value, *number));
        if same { Ok(()) } else { Err(format!("\n  we give  {got:?}\n  expected {wanted:?}")) }
    }
}

/// A line of what is expected: a series with values, or a number alone.
fn expectation(line: &str) -> (Metric, Vec<Option<f64>>) {
    if line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        || ["NaN", "Inf"].iter().any(|word| line.starts_with(word))
    {
        return (Metric::default(), line.split_whitespace().flat_map(values).collect());
    }
    series(line)
}

#[expect(clippy::float_cmp, reason = "infinities are equal, and have no distance")]
fn near(one: f64, other: f64) -> bool {
    (one.is_nan() && other.is_nan()) || one == other || (one - other).abs() <= TOLERANCE * (one.abs() + other.abs())
}
