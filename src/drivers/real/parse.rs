//! From bytes that came from outside to a value, or the failure of the effect that brought them.

use super::capture::MAX_PARSED_BYTES;
use crate::drivers::reply::failure;
use crate::engine::input::{Failure, FailureKind};
use crate::text;
use crate::value::Value;
use crate::value::parse::Parse;

/// Parses an output of which `bytes` came and `kept` are there.
pub(in crate::drivers) fn parse(how: Parse, kept: &[u8], bytes: u64) -> Result<Value, Failure> {
    if bytes > kept.len() as u64 {
        let message = text!(
            "{bytes} bytes of output: more than {MAX_PARSED_BYTES} cannot be parsed",
            "输出有 {bytes} 字节：超过 {MAX_PARSED_BYTES} 字节无法解析"
        );
        return Err(failure(FailureKind::TooLarge, message));
    }
    let text = std::str::from_utf8(kept).map_err(|error| {
        let at = error.valid_up_to() + 1;
        let message = text!("its output is not text: byte {at} is not UTF-8", "输出不是文本：第 {at} 个字节不是 UTF-8");
        failure(FailureKind::BadAnswer, message)
    })?;
    how.parse(text).map_err(|error| {
        let message = text!("parse: {}: {}", "parse: {}：{}", how.as_str(), error.message);
        failure(FailureKind::BadAnswer, message)
    })
}
