//! Output of commands is data. Before it reaches a terminal, everything that could move the cursor, change a title, answer
//! for the operator or draw over a prompt is taken out; colours stay. Works on pieces as they come, sequences and characters
//! split between two pieces included.

/// Longest control sequence that is waited for, in bytes. Real ones end within some dozens; a text that opens one and never
/// closes it must not swallow what follows for ever.
const MAX_SEQUENCE_BYTES: usize = 256;

/// Cleans a stream of output.
#[derive(Clone, Debug, Default)]
pub struct Sanitiser {
    state: State,
    /// Bytes of a character or sequence that is not complete yet.
    pending: Vec<u8>,
    /// Bytes of the string sequence that is being dropped.
    dropped: usize,
    /// The last byte was a carriage return.
    after_return: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Text; `pending` holds the beginning of a character.
    #[default]
    Text,
    /// Behind an escape.
    Escape,
    /// Behind `ESC [`; `pending` holds its parameters.
    Csi,
    /// In a string that ends with `ESC \` or BEL: titles, links, clipboards.
    String,
    /// In such a string, behind an escape.
    StringEscape,
}

impl Sanitiser {
    /// Cleans one piece. `\r\n` and a `\r` alone become a newline, a tab stays; bytes that are not UTF-8 become `�`.
    pub fn feed(&mut self, bytes: &[u8]) -> String {
        let mut out = String::new();
        for &byte in bytes {
            self.byte(byte, &mut out);
        }
        out
    }

    /// What is still open at the end: half a character.
    pub fn finish(&mut self) -> String {
        let mut out = String::new();
        if self.state == State::Text && !self.pending.is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
        *self = Self::default();
        out
    }

    fn byte(&mut self, byte: u8, out: &mut String) {
        match self.state {
            State::Text => self.text(byte, out),
            State::Escape => {
                self.state = match byte {
                    b'[' => State::Csi,
                    b']' | b'P' | b'X' | b'^' | b'_' => State::String,
                    // `ESC ( B` and the like have bytes in between; the last one ends it.
                    0x1b | 0x20..=0x2f => State::Escape,
                    _ => State::Text,
                };
                self.dropped = 0;
            }
            State::Csi => match byte {
                0x40..=0x7e => {
                    if byte == b'm' && colour(&self.pending) {
                        out.push_str("\u{1b}[");
                        out.extend(self.pending.iter().copied().map(char::from));
                        out.push('m');
                    }
                    self.leave();
                }
                0x20..=0x3f if self.pending.len() < MAX_SEQUENCE_BYTES => self.pending.push(byte),
                _ => {
                    // No sequence: it is broken off, and the byte counts again.
                    self.leave();
                    self.text(byte, out);
                }
            },
            State::String => {
                self.dropped += 1;
                match byte {
                    0x1b => self.state = State::StringEscape,
                    0x07 => self.leave(),
                    // No such string goes over a line; an unclosed one ends with it.
                    b'\n' => {
                        self.leave();
                        out.push('\n');
                    }
                    _ if self.dropped > MAX_SEQUENCE_BYTES => self.leave(),
                    _ => {}
                }
            }
            State::StringEscape => {
                self.leave();
                if byte != b'\\' {
                    self.state = State::Escape;
                    self.byte(byte, out);
                }
            }
        }
    }

    fn leave(&mut self) {
        self.state = State::Text;
        self.pending.clear();
    }

    fn text(&mut self, byte: u8, out: &mut String) {
        if !self.pending.is_empty() {
            if byte & 0xc0 == 0x80 {
                self.pending.push(byte);
                match std::str::from_utf8(&self.pending) {
                    Ok(text) => {
                        out.extend(text.chars().filter(|c| !hidden(*c)));
                        self.pending.clear();
                    }
                    Err(error) if error.error_len().is_some() => {
                        out.push(char::REPLACEMENT_CHARACTER);
                        self.pending.clear();
                    }
                    Err(_) => {}
                }
                return;
            }
            out.push(char::REPLACEMENT_CHARACTER);
            self.pending.clear();
        }
        let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
        match byte {
            0x1b => self.state = State::Escape,
            // A carriage return alone would let a line be drawn over.
            b'\r' => out.push('\n'),
            b'\n' if after_return => {}
            b'\n' | b'\t' | 0x20..=0x7e => out.push(char::from(byte)),
            0x00..=0x1f | 0x7f => {}
            0xc2..=0xf4 => self.pending.push(byte),
            0x80..=0xc1 | 0xf5..=0xff => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
}

/// Control characters beyond ASCII, and those that change the order in which text is shown.
fn hidden(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Parameters of a sequence that sets colours or weight. What hides text (8) or blinks (5, 6) is none.
fn colour(parameters: &[u8]) -> bool {
    let sound = |part: &[u8]| part.iter().all(u8::is_ascii_digit) && part.len() <= 3;
    let mut codes = parameters.split(|byte| *byte == b';');
    while let Some(code) = codes.next() {
        let number: u16 = std::str::from_utf8(code).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
        let fits = match number {
            // A colour of 256, or of red, green and blue: its own numbers follow.
            38 | 48 => match codes.next() {
                Some(b"5") => codes.next().is_some_and(sound),
                Some(b"2") => (0..3).all(|_| codes.next().is_some_and(sound)),
                Some(_) | None => false,
            },
            0..=4 | 7 | 21..=24 | 27 | 30..=37 | 39..=47 | 49 | 90..=97 | 100..=107 => sound(code),
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    true
}

/// Longest line of output that is shown, in characters: some screens wide. The whole is in its artifact.
pub const MAX_LINE_CHARS: usize = 1_000;

/// One whole text, cleaned, as lines without colours left open, each cut at [`MAX_LINE_CHARS`].
pub fn lines(text: &str) -> Vec<String> {
    let mut sanitiser = Sanitiser::default();
    let mut clean = sanitiser.feed(text.as_bytes());
    clean.push_str(&sanitiser.finish());
    clean.lines().map(closed).collect()
}

/// A cleaned line: cut, and its colours closed, so that none runs into the next line.
pub fn closed(line: &str) -> String {
    let mut out = match line.char_indices().nth(MAX_LINE_CHARS) {
        Some((end, _)) => {
            let head = line.get(..end).unwrap_or_default();
            // Not through the middle of a colour.
            let open = head.rfind('\u{1b}').filter(|at| !head.get(*at..).unwrap_or_default().contains('m'));
            format!("{}…", head.get(..open.unwrap_or(end)).unwrap_or_default())
        }
        None => line.to_owned(),
    };
    if out.contains('\u{1b}') {
        out.push_str("\u{1b}[0m");
    }
    out
}

/// Without any colours.
pub fn uncoloured(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    out
}

/// Text from outside, a line each, without colours.
pub fn plain(text: &str) -> Vec<String> {
    lines(text).iter().map(|line| uncoloured(line)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clean(bytes: &[u8]) -> String {
        let mut sanitiser = Sanitiser::default();
        let mut out = sanitiser.feed(bytes);
        out.push_str(&sanitiser.finish());
        out
    }

    #[test]
    fn colours_stay_and_everything_else_goes() {
        assert_eq!(clean(b"\x1b[31mred\x1b[0m"), "\u{1b}[31mred\u{1b}[0m");
        assert_eq!(clean(b"\x1b[38;5;196mx\x1b[48;2;1;2;3my"), "\u{1b}[38;5;196mx\u{1b}[48;2;1;2;3my");
        assert_eq!(clean(b"\x1b[2J\x1b[1;1Hroot# "), "root# ", "the cursor does not move");
        assert_eq!(clean(b"a\x1b]0;title\x07b\x1b]52;c;aGk=\x1b\\c"), "abc", "no title, no clipboard");
        assert_eq!(clean(b"\x1bPq#0\x1b\\x\x1b_ap\x1b\\y"), "xy");
        assert_eq!(clean(b"\x1b[8msecret\x1b[5mblink"), "secretblink", "text is not hidden and does not blink");
        assert_eq!(clean(b"\x1b[?25l\x1b[6n\x1b(B\x1bc."), ".", "no question is answered by the terminal");
        assert_eq!(clean("\u{9b}2J\u{202e}gnp\u{200b}".as_bytes()), "2Jgnp\u{200b}", "8-bit and reordering characters");
    }

    #[test]
    fn a_line_is_not_drawn_over() {
        assert_eq!(clean(b"10%\r20%\r\nok\x08\x08no\x07"), "10%\n20%\nokno");
        assert_eq!(clean(b"a\tb\x00\x7fc"), "a\tbc");
    }

    #[test]
    fn an_unclosed_sequence_does_not_swallow_what_follows() {
        assert_eq!(clean(b"\x1b]0;never closed\nnext"), "\nnext");
        assert_eq!(clean(b"\x1b[31\nx"), "\nx");
        let long = [b"\x1b]".as_slice(), &[b'x'; 400], b"end"].concat();
        assert!(clean(&long).ends_with("xend"));
    }

    #[test]
    fn bytes_that_are_no_text_are_marked() {
        assert_eq!(clean(b"a\xffb\xe4\xbd"), "a\u{fffd}b\u{fffd}");
        assert_eq!(clean(b"\xe4\xbdX"), "\u{fffd}X");
    }

    #[test]
    fn lines_are_cut_and_closed() {
        assert_eq!(lines("\u{1b}[31mred\nplain"), ["\u{1b}[31mred\u{1b}[0m", "plain"]);
        let long = lines(&"x".repeat(MAX_LINE_CHARS + 5));
        assert_eq!(long[0].chars().count(), MAX_LINE_CHARS + 1);
        assert_eq!(uncoloured("\u{1b}[31mred\u{1b}[0m x"), "red x");
    }

    proptest! {
        /// However the bytes are cut into pieces, the text is the same, and nothing but colours is left.
        #[test]
        fn pieces_do_not_matter(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(0x1b), Just(b'['), Just(b'm'), Just(b']')], 0..200), at in 0_usize..200) {
            let whole = clean(&bytes);
            let at = at.min(bytes.len());
            let mut sanitiser = Sanitiser::default();
            let mut split = sanitiser.feed(&bytes[..at]);
            split.push_str(&sanitiser.feed(&bytes[at..]));
            split.push_str(&sanitiser.finish());
            prop_assert_eq!(&split, &whole);
            let bare = uncoloured(&whole);
            prop_assert!(bare.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{bare:?}");
        }
    }
}
