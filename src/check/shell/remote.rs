//! Commands behind `ssh HOST`: the local shell puts their words together, and the remote one takes them apart again.
//!
//! Words that mean the same to both may stand there, and so may values outside quotes, which are quoted for both. Quotes of
//! the author and what either shell would expand mean something else the second time: the check refuses them.

use super::lint::Run;
use super::scan::{VALUE, Word};

/// Options of ssh with a value of their own: the next word.
const VALUED: &str = "bcDEeFIiJLlmOopQRSWw";

/// What a word of an ssh is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The program, an option, the host, a redirection: for the local shell alone.
    Local,
    /// Of the command at the other end.
    Remote,
}

/// Does a word after these ones belong to the command at the other end? `begun` is what there is of it already.
pub(super) fn goes_on(words: &[Word], begun: Option<&Word>) -> bool {
    let run = Run::of(words);
    let next = begun.cloned().unwrap_or_default();
    run.is("ssh") && parts(run.words.iter().chain([&next])).last() == Some(&Part::Remote)
}

/// Are there words of the command at the other end that mean something else there?
pub(super) fn is_taken_apart(run: &Run<'_>) -> bool {
    run.is("ssh")
        && run
            .words
            .iter()
            .zip(parts(run.words.iter()))
            .any(|(word, part)| part == Part::Remote && !same_for_both(word))
}

fn parts<'a>(words: impl Iterator<Item = &'a Word>) -> Vec<Part> {
    let mut host = false;
    let mut command = false;
    // The word before takes this one: the program itself, the value of an option, a file.
    let mut taken = true;
    let mut parts = Vec::new();
    for word in words {
        let text = word.text.as_str();
        let part = if std::mem::take(&mut taken) {
            Part::Local
        } else if let Some(file) = redirection(word) {
            taken = file.is_empty();
            Part::Local
        } else if command {
            Part::Remote
        } else if let Some(letters) = text.strip_prefix('-').filter(|_| text != "--") {
            taken = letters.len() == 1 && letters.chars().all(|letter| VALUED.contains(letter));
            Part::Local
        } else if text == "--" || !host {
            host |= text != "--";
            Part::Local
        } else {
            command = true;
            Part::Remote
        };
        parts.push(part);
    }
    parts
}

/// The file of a redirection (`2>&1`, `<FILE`), empty where it is the next word.
fn redirection(word: &Word) -> Option<&str> {
    let text = word.text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '&');
    let file = text.trim_start_matches(['<', '>', '|']);
    (!word.quoted && file.len() < text.len()).then_some(file)
}

fn same_for_both(word: &Word) -> bool {
    let harmless = |letter: char| letter.is_ascii_alphanumeric() || letter == VALUE || "-_./:=@%+,".contains(letter);
    !word.quoted && !word.text.is_empty() && word.text.chars().all(harmless)
}
