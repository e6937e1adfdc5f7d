//! The raw bodies of scrapes, kept beside the journal: they are evidence, and a replay reads the series from them again.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::convert::artifact_back;
use super::problem::Problem;
use super::record;
use super::store::{Artifacts, SCRAPES};
use crate::diagnostic::Code;
use crate::engine::input::{Artifact, ScrapeData};
use crate::metrics::exposition::{Limits, parse};
use crate::metrics::scrape::Format;

/// Keeps a raw body; `name` is the name of its effect and the number of its instance.
pub fn keep(artifacts: &dyn Artifacts, name: &str, body: &[u8]) -> io::Result<Artifact> {
    let writer = artifacts.create(SCRAPES, &format!("{name}.gz"))?;
    // Level 6 of a gzip whose header holds no time: the same body gives the same bytes.
    let mut packed = GzEncoder::new(writer, Compression::default());
    packed.write_all(body)?;
    packed.finish()?.finish()
}

/// A body as it came.
pub fn body(artifacts: &dyn Artifacts, kept: &Artifact, max_bytes: u64) -> Result<Vec<u8>, Problem> {
    let wrong = |what: String| Problem::new(Code::RB0909, format!("{}: {what}", kept.path));
    let packed = artifacts.read(kept).map_err(|error| match error.downcast::<Problem>() {
        Ok(problem) => problem,
        Err(error) => wrong(error.to_string()),
    })?;
    let mut bytes = Vec::new();
    GzDecoder::new(packed.as_slice())
        .take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(format!("cannot be unpacked: {error}")))?;
    if bytes.len() as u64 > max_bytes {
        return Err(wrong(format!("is larger than the {max_bytes} bytes that its source allows")));
    }
    Ok(bytes)
}

/// The name of a format in a record.
pub(super) fn format_name(format: Format) -> &'static str {
    match format {
        Format::Text => "text",
        Format::OpenMetrics => "openmetrics",
    }
}

/// The series of a scrape, read from its kept bodies again: of the families that its effect asked for.
pub fn scrape(
    artifacts: &dyn Artifacts,
    kept: &[record::Kept],
    families: &BTreeSet<String>,
    max_bytes: u64,
) -> Result<ScrapeData, Problem> {
    let mut data = ScrapeData { scrapes: Vec::new(), kept: Vec::new() };
    for one in kept {
        let artifact = artifact_back(&one.artifact);
        let format = [Format::Text, Format::OpenMetrics].into_iter().find(|format| format_name(*format) == one.format);
        let Some(format) = format else {
            let message = format!("{}: {} is no format that this version knows", artifact.path, one.format);
            return Err(Problem::new(Code::RB0903, message));
        };
        let bytes = body(artifacts, &artifact, max_bytes)?;
        let parsed = parse(&bytes, format, &Limits::default())
            .map_err(|error| Problem::new(Code::RB0909, format!("{}: {error}", artifact.path)))?;
        data.scrapes.push(Arc::new(parsed.keep(families)));
        data.kept.push(artifact);
    }
    Ok(data)
}
