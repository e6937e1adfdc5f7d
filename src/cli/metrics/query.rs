//! `runbook metrics query 'PROMQL' FILE|URL…`

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::text::{Access, Text, get, is_url};
use crate::cli::args::Format;
use crate::cli::exit_code::ExitCode;
use crate::cli::inputs;
use crate::cli::output;
use crate::cli::refusal::Refusal;
use crate::cli::session::Session;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::journal::problem::Problem;
use crate::metrics::promql::{self, History, PromqlError, Query, Series, Value, Vars, format_value};
use crate::value::read::Reader;
use crate::value::types::Type;

/// How long the last sample of a series speaks for it, as in Prometheus.
const LOOKBACK: &str = "5m";

/// What `$__interval` stands for where one scrape tells nothing about it: a minute, as Prometheus scrapes by itself.
const DEFAULT_INTERVAL_MS: i64 = 60_000;

/// `metrics query`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The expression; `$__range`, `$__interval` and `$__rate_interval` are known
    #[arg(value_name = "PROMQL")]
    expression: String,
    /// Files or URLs, each one scrape, in order of time
    #[arg(value_name = "FILE|URL", required = true)]
    sources: Vec<String>,
    /// When each of them was scraped, in their order: unix seconds or RFC 3339 [default: the time of the file]
    #[arg(long, value_name = "TIME", num_args = 1.., value_delimiter = ',', allow_negative_numbers = true)]
    at: Vec<String>,
    /// When the expression is evaluated [default: the time of the last scrape]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    eval: Option<String>,
    /// How long the last sample of a series speaks for it
    #[arg(long, value_name = "DURATION", default_value = LOOKBACK)]
    lookback: String,
    #[command(flatten)]
    access: Access,
    /// For people, or for programs: as the data of Prometheus' HTTP API
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<ExitCode, Refusal> {
    let texts = args.sources.iter().map(|name| get(name, &args.access)).collect::<Result<Vec<Text>, _>>()?;
    let times = times(args)?;
    let (first, last) = (times.first().copied().unwrap_or_default(), times.last().copied().unwrap_or_default());
    let eval = args.eval.as_deref().map(|time| time_ms("--eval", time)).transpose()?.unwrap_or(last);
    let lookback = lookback_ms(&args.lookback)?;
    let gap = times.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?)).next_back();
    let interval_ms = gap.filter(|gap| *gap > 0).unwrap_or(DEFAULT_INTERVAL_MS);
    let vars = Vars { range_ms: eval.saturating_sub(first), interval_ms };
    let query = promql::parse(&args.expression, &vars).map_err(|wrong| refused(&args.expression, &wrong))?;

    let mut history = History::new(query.needs(lookback));
    let mut known = BTreeSet::new();
    for (text, at) in texts.iter().zip(&times) {
        let parsed = text.parse().map_err(|wrong| text.refused(&wrong))?;
        known.extend(parsed.reported());
        history.append(*at, &parsed.scrape());
    }
    hints(session, args, &query, &known, (times.len() > 1).then_some(interval_ms));
    let value = query.eval(&history, eval, lookback).map_err(|error| {
        let told = error.text();
        Refusal::from(Problem::new(
            Code::RB0851,
            crate::text!("the expression cannot be evaluated: {}", "无法对表达式求值：{}", told),
        ))
    })?;
    match args.format {
        Format::Json => output::result(&value.to_json()),
        Format::Human => output::each(lines(&value).into_iter()),
    }
    Ok(ExitCode::Passed)
}

/// When each source was scraped, in unix milliseconds.
fn times(args: &Args) -> Result<Vec<i64>, Refusal> {
    let wrong = |message: crate::text::Text| Err(Problem::new(Code::RB0867, message).into());
    let times: Vec<i64> = if args.at.is_empty() {
        let time = |name: &String| {
            if is_url(name) { Ok(inputs::now()) } else { inputs::modified(name.as_ref()) }
        };
        args.sources.iter().map(|name| Ok(time(name)?.as_millisecond())).collect::<Result<_, Problem>>()?
    } else {
        args.at.iter().map(|time| time_ms("--at", time)).collect::<Result<_, _>>()?
    };
    if times.len() != args.sources.len() {
        return wrong(crate::text!(
            "--at has {} times, and there are {} scrapes",
            "--at 给出了 {} 个时间，而抓取有 {} 次",
            times.len(),
            args.sources.len()
        ));
    }
    // Prometheus takes no sample that is older than the one before.
    let back = times.windows(2).position(|pair| pair.first() >= pair.last());
    match back.and_then(|at| args.sources.get(at + 1)) {
        Some(_) if args.at.is_empty() && args.sources.len() > 1 => {
            let message = crate::text!("the times of the files do not go forward", "各文件的时间不是递增的");
            let help = crate::text!("give the times of the scrapes with --at", "请用 --at 给出各次抓取的时间");
            Err(Problem::new(Code::RB0867, message).help(help).into())
        }
        Some(name) => wrong(crate::text!(
            "--at: the time of {name} is not after the one before",
            "--at：{name} 的时间不晚于前一个"
        )),
        None => Ok(times),
    }
}

/// Unix seconds, or RFC 3339.
fn time_ms(flag: &str, written: &str) -> Result<i64, Refusal> {
    if let Ok(time) = written.parse::<Timestamp>() {
        return Ok(time.as_millisecond());
    }
    let seconds = written.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    let nanos = seconds.and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
    match nanos.and_then(|span| Timestamp::from_duration(span).ok()) {
        // To the nearest millisecond, for a fraction of a second is no exact binary number.
        Some(time) => Ok((time.as_nanosecond() + 500_000).div_euclid(1_000_000).try_into().unwrap_or(i64::MAX)),
        None => {
            Err(Problem::new(Code::RB0867, crate::text!("{flag} {written} is no time", "{flag} {written} 不是时间"))
                .help(crate::text!(
                    "unix seconds like 1763427600, or RFC 3339 like 2025-11-18T09:00:00Z",
                    "Unix 秒数，例如 1763427600；或 RFC 3339，例如 2025-11-18T09:00:00Z"
                ))
                .into())
        }
    }
}

fn lookback_ms(written: &str) -> Result<i64, Refusal> {
    let read = Reader::new(jiff::tz::TimeZone::UTC).read(written, &Type::Duration);
    match read {
        Ok(crate::value::Value::Duration(span)) if span.is_positive() => {
            Ok(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
        }
        Ok(_) | Err(_) => Err(Problem::new(
            Code::RB0867,
            crate::text!("--lookback {written} is no span of time", "--lookback {written} 不是时长"),
        )
        .help(crate::text!("it is written 5m, 90s, 1h", "写法如 5m、90s、1h"))
        .into()),
    }
}

/// What is wrong with the expression, drawn under it.
fn refused(expression: &str, wrong: &[PromqlError]) -> Refusal {
    Refusal::about("PROMQL", expression, wrong.iter().map(|error| diagnostic(error, Severity::Error)).collect())
}

fn diagnostic(error: &PromqlError, severity: Severity) -> Diagnostic {
    let said = Diagnostic::error(error.code, error.span, error.message.clone()).help_where(error.help.clone());
    Diagnostic { severity, ..said }
}

/// What is valid and gives nothing: metrics that no scrape has, ranges that are too short for the distance of the scrapes.
fn hints(session: &Session, args: &Args, query: &Query, known: &BTreeSet<String>, interval_ms: Option<i64>) {
    let lints: Vec<PromqlError> = interval_ms.map(|interval| query.lints(interval)).unwrap_or_default();
    let found: Vec<Diagnostic> = lints.iter().map(|lint| diagnostic(lint, Severity::Warning)).collect();
    output::diagnostics("PROMQL", &args.expression, &found, session.look());
    for name in query.families().into_iter().filter(|name| !known.contains(*name)) {
        output::say(
            &session
                .lang
                .pick(format!("warning: no scrape has a metric {name}"), format!("警告：所有抓取中都没有指标 {name}")),
        );
    }
}

/// One line a series, the points of a range below it.
fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Scalar(point) => vec![format_value(point.value)],
        Value::Text { text, .. } => vec![text.clone()],
        Value::Vector { samples, .. } => {
            samples.iter().map(|sample| format!("{} {}", sample.metric, format_value(sample.value))).collect()
        }
        Value::Matrix(series) => {
            let one = |series: &Series| {
                let points = series.points.iter().map(|point| {
                    let at = Timestamp::from_millisecond(point.t_ms)
                        .map_or_else(|_| point.t_ms.to_string(), |at| at.to_string());
                    format!("  {at} {}", format_value(point.value))
                });
                std::iter::once(series.metric.to_string()).chain(points).collect::<Vec<_>>()
            };
            series.iter().flat_map(one).collect()
        }
    }
}
