//! The raw bodies of scrapes, kept beside the journal: they are evidence, and a replay reads the series from them again.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::problem::Problem;
use super::store::{Artifacts, SCRAPES};
use crate::diagnostic::Code;
use crate::engine::input::Artifact;
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
