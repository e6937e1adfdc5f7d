//! `query src, promql: '…'`: what was scraped in this run is remembered for the questions about it, and asked.

use std::collections::BTreeMap;

use crate::check::program::{Asks, NodeKind, Program, SourceKind, Unit};
use crate::engine::action::Scrape;
use crate::engine::evidence::host_and_port;
use crate::engine::input::{Data, FailureKind, Outcome, ScrapeData};
use crate::engine::machine::Machine;
use crate::engine::observe::series;
use crate::engine::state::State;
use crate::metrics::objective::Reading;
use crate::metrics::question::{Given, Question, Scraped};
use crate::text;
use crate::text::Text;
use crate::value::Value;

/// What must be remembered of the scrapes of each source, by index.
pub(crate) fn to_be_asked(program: &Program) -> BTreeMap<usize, Scraped> {
    let scraped = program.sources.iter().enumerate().filter_map(|(index, source)| match source.kind {
        SourceKind::Scrape { .. } => Some((index, Scraped::new(questions(program, index))?)),
        // A server remembers by itself.
        SourceKind::Prometheus { .. } | SourceKind::Alertmanager { .. } => None,
    });
    scraped.collect()
}

/// What the queries of a program ask of a source.
pub(crate) fn questions(program: &Program, source: usize) -> impl Iterator<Item = &Question> {
    program.nodes.iter().filter_map(move |node| match &node.kind {
        NodeKind::Query(query) if query.source == source => query.asks.as_ref().map(|asks| &asks.question),
        _other => None,
    })
}

/// A scrape ended: whoever wanted it, its source is known by it.
pub(crate) fn scraped(machine: &mut Machine<'_>, scrape: &Scrape, outcome: &Outcome) {
    // One that only asks whether the source is there is not kept, and no number comes from it.
    if !scrape.keep {
        return;
    }
    let source = machine.program.sources.iter().position(|source| source.name == scrape.source);
    let Some(known) = source.and_then(|source| machine.state.scraped.get_mut(&source)) else { return };
    let at_ms = outcome.started_at.as_millisecond();
    match (&outcome.failure, &outcome.data) {
        (None, Data::Scrape(data)) => {
            let names: Vec<String> = scrape.urls.iter().map(|url| host_and_port(url)).collect();
            let scrapes: Vec<_> =
                names.iter().map(String::as_str).zip(data.scrapes.iter().map(|scrape| &**scrape)).collect();
            known.scraped(at_ms, &scrapes);
        }
        // That a person stopped it says nothing of the source.
        (Some(failure), _) if matches!(failure.kind, FailureKind::Interrupted | FailureKind::InDoubt) => {}
        (_, _) => known.failed(at_ms),
    }
}

/// The value of a question whose scrape is there, or why there is none.
pub(crate) fn answer(state: &State, source: usize, asks: &Asks, data: &ScrapeData) -> Result<Value, Text> {
    let begun_ms = state.begun_at.map_or(0, jiff::Timestamp::as_millisecond);
    let given = match &data.answers {
        Some(answers) => asks.question.answered(answers.at_ms.saturating_sub(begun_ms), answers),
        None => match state.scraped.get(&source) {
            Some(scraped) => scraped.ask(&asks.question, begun_ms),
            None => return Err(text!("the source is not scraped", "该来源不是抓取的来源")),
        },
    };
    match given {
        Ok(Given::Number(number)) => with_unit(number, asks.unit),
        Ok(Given::Rows(rows)) => {
            let by = asks.question.by.as_deref().unwrap_or_default();
            let rows = rows.into_iter().map(|row| {
                let labels = by.iter().cloned().zip(row.labels.into_iter().map(Value::Text));
                let value = ("value".to_owned(), with_unit(row.value, asks.unit)?);
                Ok(Value::Map(labels.chain([value]).collect()))
            });
            Ok(Value::List(rows.collect::<Result<_, Text>>()?))
        }
        Err(Reading::NoData(reason)) => Err(text!("no data: {}", "没有数据：{}", reason.text())),
        Err(Reading::Error(fault)) => Err(fault.text()),
        Err(Reading::Value(_)) => Err(text!("no data", "没有数据")),
    }
}

/// A number as a value of the unit that its author gave it; what that cannot hold is no number of it.
fn with_unit(number: f64, unit: Unit) -> Result<Value, Text> {
    match unit {
        Unit::None | Unit::Percent if number.is_finite() => Ok(series::with_unit(number, unit)),
        Unit::None => Ok(Value::Float(number)),
        Unit::Bytes if number.abs() < BYTES => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within the bounds of a number of bytes")]
            let bytes = number.round() as i64;
            Ok(Value::Bytes(bytes))
        }
        Unit::Seconds => match series::with_unit(number, unit) {
            value @ Value::Duration(_) => Ok(value),
            _beyond => Err(text!("{number} s is longer than any duration", "{number} s 超出时长的范围")),
        },
        Unit::Percent | Unit::Bytes => Err(text!("{number} is no number of its unit", "{number} 不是该单位的数值")),
    }
}

/// Every whole number below has its own `f64`, and more bytes are stored nowhere.
const BYTES: f64 = 9_007_199_254_740_992.0;
