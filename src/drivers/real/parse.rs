//! From bytes that came from outside to a value, or the failure of the effect that brought them.

use super::capture::MAX_PARSED_BYTES;
use crate::drivers::reply::failure;
use crate::engine::input::{Failure, FailureKind};
use crate::value::Value;
use crate::value::parse::Parse;

/// Parses an output of which `bytes` came and `kept` are there.
pub(super) fn parse(how: Parse, kept: &[u8], bytes: u64) -> Result<Value, Failure> {
    if bytes > kept.len() as u64 {
        let message = format!("{bytes} bytes of output: more than {MAX_PARSED_BYTES} cannot be parsed");
        return Err(failure(FailureKind::TooLarge, message));
    }
    let text = std::str::from_utf8(kept).map_err(|error| {
        let message = format!("its output is not text: byte {} is not UTF-8", error.valid_up_to() + 1);
        failure(FailureKind::BadAnswer, message)
    })?;
    how.parse(text).map_err(|error| failure(FailureKind::BadAnswer, format!("parse: {}: {error}", how.as_str())))
}
