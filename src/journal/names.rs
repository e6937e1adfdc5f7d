//! Names of effects and prompts as names of files.

use std::fmt::Write as _;

use super::canonical::sha256_hex;

/// Longest part of a file's name that is made from a text: file systems allow 255 bytes, and endings are added.
const MAX_NAME_BYTES: usize = 160;

/// `text` as the name of one file: letters, digits and `. _ - # ~ [ ] !` stand for themselves, other bytes are `%XX`. It
/// never begins with a dot, and a long one is cut and ends with a part of its digest, so that two texts never share a name.
pub fn file_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for (index, byte) in text.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"._-#~[]!".contains(&byte);
        if plain && !(index == 0 && byte == b'.') {
            name.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(name, "%{byte:02X}");
        }
    }
    if name.len() > MAX_NAME_BYTES {
        name.truncate(MAX_NAME_BYTES);
        name.push('-');
        name.extend(sha256_hex(text.as_bytes()).chars().take(16));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_and_differ() {
        assert_eq!(file_name("observe/at/checkpoint#2"), "observe%2Fat%2Fcheckpoint#2");
        assert_eq!(file_name("drain[node-7]/sh.1#1~2"), "drain[node-7]%2Fsh.1#1~2");
        assert_eq!(file_name("../x"), "%2E.%2Fx");
        assert_eq!(file_name("节#1"), "%E8%8A%82#1");
        let (a, b) = ("x".repeat(300) + "a", "x".repeat(300) + "b");
        assert!(file_name(&a).len() < 200 && file_name(&a) != file_name(&b));
    }
}
