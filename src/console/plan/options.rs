//! Options of a statement that decide what happens and are seen neither in its command nor in its question.

use super::rows::list;
use crate::check::program::{BodyFormat, Expr, Half, Http, Node, NodeKind, Program, Sample, Shell};
use crate::engine::preview::Preview;
use crate::value::Value;

type Facts = Vec<(&'static str, String)>;

/// What they say, each as it is written.
pub(super) fn of(preview: &Preview<'_>, node: &Node) -> Facts {
    let mut facts = Facts::new();
    if let NodeKind::Shell(shell) = &node.kind {
        command(preview, shell, &mut facts);
    } else if let NodeKind::Http(http) = &node.kind {
        request(preview, http, &mut facts);
    } else if let NodeKind::Update(update) = &node.kind {
        facts.extend(update.once.iter().map(|once| ("once", preview.text(once))));
    } else if let NodeKind::Manual { links, .. } = &node.kind {
        let links: Vec<String> = links.iter().map(|link| preview.text(link)).collect();
        facts.extend((!links.is_empty()).then(|| ("links", links.join(" "))));
    } else if let NodeKind::Each(each) = &node.kind {
        facts.extend(each.key_by.iter().map(|key| ("key_by", preview.written(key).to_owned())));
    } else if let NodeKind::Try { backoff: factor, .. } = &node.kind {
        facts.extend(backoff(*factor));
    } else if let NodeKind::Sample(sample) = &node.kind {
        observation(preview.program(), sample, &mut facts);
    } else if let NodeKind::Undo { half, .. } = &node.kind {
        facts.extend(half_way(*half).map(|half| ("half", half.to_owned())));
    }
    facts
}

fn command(preview: &Preview<'_>, shell: &Shell, facts: &mut Facts) {
    facts.extend(shell.parse.map(|parse| ("parse", parse.as_str().to_owned())));
    facts.extend(shell.max_bytes.iter().map(|max| ("max", preview.text(max))));
    facts.extend(shell.tty.then(|| ("tty", "true".to_owned())));
}

fn request(preview: &Preview<'_>, http: &Http, facts: &mut Facts) {
    let header = |(name, value): &(String, Expr)| format!("{name}: {}", preview.text(value));
    if !http.headers.is_empty() {
        facts.push(("headers", http.headers.iter().map(header).collect::<Vec<_>>().join(", ")));
    }
    let bearer = http.bearer.iter().filter(|bearer| preview.value(bearer) != Some(Value::Null));
    facts.extend(bearer.map(|bearer| ("bearer", preview.text(bearer))));
    facts.extend(http.body.iter().map(|body| ("body", preview.text(body))));
    facts.extend(http.expect_format.map(|format| {
        let format = match format {
            BodyFormat::Prometheus => "prometheus",
            BodyFormat::Json => "json",
        };
        ("format", format.to_owned())
    }));
    facts.extend(http.parse.map(|parse| ("parse", parse.as_str().to_owned())));
}

fn observation(program: &Program, sample: &Sample, facts: &mut Facts) {
    facts.extend(sample.since.map(|since| ("since", program.var(since).name.clone())));
    if sample.objectives.len() != program.objectives.len() {
        facts.push(("slos", keys(program, &sample.objectives)));
    }
}

fn keys(program: &Program, objectives: &[usize]) -> String {
    let keys: Vec<&str> =
        objectives.iter().filter_map(|index| program.objectives.get(*index)).map(|slo| slo.key.as_str()).collect();
    list(&keys)
}

/// A factor of pauses that is not 1.
pub(super) fn backoff(factor: f64) -> Option<(&'static str, String)> {
    factor.total_cmp(&1.0).is_ne().then(|| ("backoff", factor.to_string()))
}

/// What happens to an undo whose step failed half-way, where it is not asked.
fn half_way(half: Half) -> Option<&'static str> {
    match half {
        Half::Run => Some("run"),
        Half::Skip => Some("skip"),
        Half::Ask => None,
    }
}
