//! `parse:` — the output of a command or a body becomes a value.

/// Into what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the language's")]
pub enum Parse {
    Text,
    Lines,
    Int,
    Float,
    Json,
    Csv,
    Duration,
    Bytes,
    Time,
}
