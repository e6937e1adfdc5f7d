//! What lies in an inbox: a form of its own, versioned by hand like a record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::convert;
use super::names::file_name;
use super::record;
use super::store::{Post, Posted};
use crate::engine::action::ActionId;
use crate::engine::input::Command;

#[derive(Serialize, Deserialize)]
struct PostFile {
    at: Timestamp,
    post: PostForm,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PostForm {
    Answer { prompt: String, question: String, answer: record::Answer },
    Command { by: String, command: record::Command },
}

/// The name under which a post lies in the inbox: one for each question, one for each kind of command. Names of prompts
/// hold a `#`, those of commands do not.
pub(super) fn name(post: &Post) -> String {
    match post {
        Post::Answer { prompt, .. } => file_name(&prompt.0),
        Post::Command { command, .. } => match command {
            Command::Suspend => "suspend",
            Command::Abort { .. } => "abort",
            Command::Rollback { .. } => "rollback",
            Command::Note { .. } => "note",
            Command::Set { .. } => "set",
            Command::Shell { .. } => "sh",
            Command::Jump { .. } => "jump",
            Command::Skip { .. } => "skip_wait",
            Command::Add { .. } => "add",
        }
        .to_owned(),
    }
}

/// Two answers to one and the same question.
pub(super) fn is_same_question(one: &Posted, other: &Posted) -> bool {
    questions(one, other).is_some_and(|(one, other)| one == other)
}

/// Two answers to different questions of one key.
pub(super) fn is_other_question(one: &Posted, other: &Posted) -> bool {
    questions(one, other).is_some_and(|(one, other)| one != other)
}

fn questions<'a>(one: &'a Posted, other: &'a Posted) -> Option<(&'a str, &'a str)> {
    match (&one.post, &other.post) {
        (Post::Answer { question: one, .. }, Post::Answer { question: other, .. }) => Some((one, other)),
        (Post::Answer { .. } | Post::Command { .. }, _) => None,
    }
}

pub(super) fn encode(posted: &Posted) -> Result<Vec<u8>, serde_json::Error> {
    let post = match &posted.post {
        Post::Answer { prompt, question, answer } => {
            PostForm::Answer { prompt: prompt.0.clone(), question: question.clone(), answer: convert::answer(answer) }
        }
        Post::Command { by, command } => PostForm::Command { by: by.clone(), command: convert::command(command) },
    };
    serde_json::to_vec(&PostFile { at: posted.at, post })
}

pub(super) fn decode(bytes: &[u8]) -> Result<Posted, serde_json::Error> {
    let file: PostFile = serde_json::from_slice(bytes)?;
    let post = match file.post {
        PostForm::Answer { prompt, question, answer } => {
            Post::Answer { prompt: ActionId(prompt), question, answer: convert::answer_back(&answer) }
        }
        PostForm::Command { by, command } => Post::Command { by, command: convert::command_back(&command) },
    };
    Ok(Posted { at: file.at, post })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skip_is_written_as_ever_where_it_names_nothing() {
        let at = Timestamp::UNIX_EPOCH;
        let posted = |key: Option<&str>, because: &str| {
            let command = Command::Skip { key: key.map(str::to_owned), because: because.to_owned() };
            Posted { at, post: Post::Command { by: "ann".to_owned(), command } }
        };
        let text = |posted: &Posted| String::from_utf8(encode(posted).unwrap()).unwrap();
        assert!(text(&posted(None, "")).contains(r#""command":"skip_wait""#));
        assert!(text(&posted(Some("eu/rest"), "calm")).contains(r#""skip":{"key":"eu/rest","because":"calm"}"#));
        for one in [posted(None, ""), posted(None, "calm"), posted(Some("eu/rest"), "calm")] {
            assert_eq!(decode(&encode(&one).unwrap()).unwrap(), one);
        }
    }
}
