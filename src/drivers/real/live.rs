//! Shows a command's output while it comes, bounded in size and rate: a command that floods its output must not make the
//! loop spend its time on showing it.

use std::time::{Duration, Instant};

use crate::drivers::reply::Reply;

/// Output shown in one [`PERIOD`]: two or three screenfuls, more than anybody can read in that time.
const PERIOD_BYTES: usize = 16 * 1024;

/// See [`PERIOD_BYTES`]: often enough that output seems to flow.
const PERIOD: Duration = Duration::from_millis(250);

/// The output of one command, of both its streams.
pub(super) struct Live {
    reply: Reply,
    since: Instant,
    shown: usize,
    left_out: u64,
}

impl Live {
    pub(super) fn new(reply: Reply) -> Live {
        Live { reply, since: Instant::now(), shown: 0, left_out: 0 }
    }

    /// Shows the next piece of a stream, or counts what it leaves out. `letter`: what the stream's last piece left of a
    /// letter whose other bytes had not come.
    pub(super) fn take(&mut self, letter: &mut Vec<u8>, piece: &[u8]) {
        if self.since.elapsed() >= PERIOD {
            self.since = Instant::now();
            self.shown = 0;
        }
        let room = PERIOD_BYTES.saturating_sub(self.shown);
        if room == 0 {
            self.left_out += piece.len() as u64;
            letter.clear();
            return;
        }
        self.say_what_was_left_out();
        let part = piece.get(..room.min(piece.len())).unwrap_or_default();
        self.left_out += (piece.len() - part.len()) as u64;
        self.shown += part.len();
        letter.extend_from_slice(part);
        let rest = letter.split_off(unfinished_from(letter));
        let text = std::mem::replace(letter, rest);
        if !text.is_empty() {
            self.reply.output(String::from_utf8_lossy(&text).into_owned());
        }
    }

    /// The command is over.
    pub(super) fn say_what_was_left_out(&mut self) {
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            self.reply.output(format!("\n… {left_out} bytes not shown\n"));
        }
    }
}

/// Where a letter begins at the end of `bytes` whose other bytes have not come; their length if there is none.
pub(super) fn unfinished_from(bytes: &[u8]) -> usize {
    let longest_beginning = 3;
    (bytes.len().saturating_sub(longest_beginning)..bytes.len())
        .find(|from| {
            let rest = bytes.get(*from..).unwrap_or_default();
            matches!(std::str::from_utf8(rest), Err(error) if error.valid_up_to() == 0 && error.error_len().is_none())
        })
        .unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drivers::reply::{News, channel_of_news};
    use crate::engine::action::ActionId;

    /// All that was shown of `pieces`.
    fn shown(pieces: &[&[u8]]) -> Vec<String> {
        let (sending, inbox) = channel_of_news();
        let mut live = Live::new(sending.reply(&ActionId("sh.1#1".into())));
        let mut letter = Vec::new();
        for piece in pieces {
            live.take(&mut letter, piece);
        }
        live.say_what_was_left_out();
        let text = |news| if let News::Output { text, .. } = news { text } else { panic!("only output is said") };
        inbox.try_iter().map(|message| text(message.news)).collect()
    }

    #[test]
    fn a_prompt_without_newline_is_shown_at_once() {
        assert_eq!(shown(&[b"Continue? "]), ["Continue? "]);
    }

    #[test]
    fn a_letter_in_pieces_is_shown_whole_and_other_bytes_are_replaced() {
        let letter = "中".as_bytes();
        assert_eq!(shown(&[&letter[..1], &letter[1..2], &letter[2..], b"x"]), ["中", "x"]);
        assert_eq!(shown(&[b"a\xffb", b"\x80\x80"]), ["a\u{fffd}b", "\u{fffd}\u{fffd}"]);
    }

    #[test]
    fn a_flood_is_counted_not_shown() {
        let piece = vec![b'x'; 10_000];
        let texts = shown(&[&piece, &piece, &piece]);
        assert_eq!(texts[0].len() + texts[1].len(), PERIOD_BYTES);
        assert_eq!(texts[2], format!("\n… {} bytes not shown\n", 30_000 - PERIOD_BYTES));
    }
}
