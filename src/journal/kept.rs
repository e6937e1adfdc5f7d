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
use crate::metrics::exposition::{Exposition, Limits, parse};
use crate::metrics::scrape::Format;
use crate::metrics::server::Answers;
use crate::text;
use crate::text::Text;

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
    let wrong = |what: Text| Problem::new(Code::RB0909, text!("{}: {}", "{}：{}", kept.path, what));
    let packed = artifacts.read(kept).map_err(|error| match error.downcast::<Problem>() {
        Ok(problem) => problem,
        Err(error) => wrong(Text::verbatim(error.to_string())),
    })?;
    let mut bytes = Vec::new();
    GzDecoder::new(packed.as_slice())
        .take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(text!("cannot be unpacked: {error}", "无法解压：{error}")))?;
    if bytes.len() as u64 > max_bytes {
        return Err(wrong(text!(
            "is larger than the {max_bytes} bytes that its source allows",
            "超过其数据源允许的 {max_bytes} 字节"
        )));
    }
    Ok(bytes)
}

/// The name of a Prometheus server's answers in a record.
pub(super) const SERVER: &str = "prometheus";

/// The name of a format in a record.
pub(super) fn format_name(format: Format) -> &'static str {
    match format {
        Format::Text => "text",
        Format::OpenMetrics => "openmetrics",
    }
}

/// Where a body is kept, and how it is parsed.
pub fn named(kept: &record::Kept) -> Result<(Artifact, Format), Problem> {
    let artifact = artifact_back(&kept.artifact);
    let format = [Format::Text, Format::OpenMetrics].into_iter().find(|format| format_name(*format) == kept.format);
    match format {
        Some(format) => Ok((artifact, format)),
        None => {
            let message = text!(
                "{}: {} is no format that this version knows",
                "{}：本版本不认识格式 {}",
                artifact.path,
                kept.format
            );
            Err(Problem::new(Code::RB0903, message))
        }
    }
}

/// The series of a scrape, read from its kept bodies again: of the families that its effect asked for.
pub fn scrape(
    artifacts: &dyn Artifacts,
    kept: &[record::Kept],
    families: &BTreeSet<String>,
    max_bytes: u64,
) -> Result<ScrapeData, Problem> {
    let mut data = ScrapeData::default();
    for one in kept {
        if let Some((artifact, answers)) = answers(artifacts, one, max_bytes)? {
            add_answers(&mut data, answers);
            data.kept.push(artifact);
            continue;
        }
        let (artifact, format) = named(one)?;
        let bytes = body(artifacts, &artifact, max_bytes)?;
        let parsed = parse(&bytes, format, &Limits::default()).map_err(|error| {
            let told = error.text();
            Problem::new(Code::RB0909, text!("{}: {}", "{}：{}", artifact.path, told))
        })?;
        add_instance(&mut data, &parsed, families);
        data.kept.push(artifact);
    }
    Ok(data)
}

/// What a Prometheus server answered, read from where it is kept; nothing if the body is exposition text.
pub fn answers(
    artifacts: &dyn Artifacts,
    kept: &record::Kept,
    max_bytes: u64,
) -> Result<Option<(Artifact, Answers)>, Problem> {
    if kept.format != SERVER {
        return Ok(None);
    }
    let artifact = artifact_back(&kept.artifact);
    let wrong = |reason: Text| Problem::new(Code::RB0909, text!("{}: {}", "{}：{}", artifact.path, reason));
    let bytes = body(artifacts, &artifact, max_bytes)?;
    let document = serde_json::from_slice(&bytes).map_err(|error| wrong(Text::verbatim(error.to_string())))?;
    let answers = Answers::read(&document).map_err(|error| wrong(error.text()))?;
    Ok(Some((artifact, answers)))
}

/// Adds what a Prometheus server answered.
pub fn add_answers(data: &mut ScrapeData, answers: Answers) {
    data.reported.extend(answers.known.iter().cloned());
    data.answers = Some(answers);
}

/// Adds what one instance answered to a scrape: the families that its effect asked for, and the names of all that has a
/// sample. Live drivers and a replay both come here, so that they give the engine the same.
pub fn add_instance(data: &mut ScrapeData, parsed: &Exposition<'_>, families: &BTreeSet<String>) {
    data.scrapes.push(Arc::new(parsed.keep(families)));
    let samples: BTreeSet<&str> = parsed.samples().map(|sample| sample.name).collect();
    for family in parsed.families() {
        let suffixes = family.kind.suffixes(parsed.format());
        let has = |suffix: &&str| samples.contains(format!("{}{suffix}", family.name).as_str());
        if samples.contains(family.name) || suffixes.iter().any(has) {
            data.reported.insert(family.name.to_owned());
        }
    }
    data.reported.extend(samples.into_iter().map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::convert::artifact;
    use crate::journal::memory_store::MemoryStore;
    use crate::journal::store::Store;

    const BODY: &str = "# TYPE reloads counter\n# TYPE seen counter\nseen 3\n# TYPE lat histogram\nlat_bucket{le=\"+Inf\"} 1\n\
                        lat_sum 1\nlat_count 1\nother 4\n";

    #[test]
    fn a_scrape_is_read_again_as_it_was() {
        let mut store = MemoryStore::default();
        store.create("run").unwrap();
        let artifacts = store.artifacts("run");
        let written = keep(&*artifacts, "a/sample#1.0", BODY.as_bytes()).unwrap();
        let kept = [record::Kept { format: "text".to_owned(), artifact: artifact(&written) }];
        let families = BTreeSet::from(["lat".to_owned()]);
        let data = scrape(&*artifacts, &kept, &families, 1000).unwrap();

        let mut live = ScrapeData { kept: vec![written], ..ScrapeData::default() };
        let parsed = parse(BODY.as_bytes(), Format::Text, &Limits::default()).unwrap();
        add_instance(&mut live, &parsed, &families);
        assert_eq!(data, live);
        assert_eq!(data.scrapes[0].families.keys().collect::<Vec<_>>(), ["lat"]);
        let reported: Vec<&str> = data.reported.iter().map(String::as_str).collect();
        assert_eq!(reported, ["lat", "lat_bucket", "lat_count", "lat_sum", "other", "seen"], "help text is no report");
    }

    #[test]
    fn a_format_of_a_later_version_is_not_guessed() {
        let store = MemoryStore::default();
        let artifact = record::Artifact { path: "x".into(), sha256: String::new(), bytes: 0 };
        let kept = [record::Kept { format: "protobuf".into(), artifact }];
        let problem = scrape(&*store.artifacts("run"), &kept, &BTreeSet::new(), 10).unwrap_err();
        assert_eq!(problem.code, Code::RB0903);
    }
}
