//! Rules about what a command does: each was a real accident.

use super::scan::{Pipeline, VALUE, Word};
use super::{Body, remote};
use crate::check::context::Checker;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;

/// What the rules must know about the statement.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::check) struct Setting {
    /// It has a `timeout:`.
    pub limited: bool,
    /// Exit codes other than 0 count as success.
    pub other_codes: bool,
    /// It changes something.
    pub writes: bool,
}

/// Programs before a command that leave it the command that it is.
const BEFORE: &[&str] = &["sudo", "env", "nice", "nohup", "exec", "command", "time", "stdbuf", "!"];

/// Shells that take a script behind `-c`.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "zsh", "ksh"];

impl Checker<'_> {
    /// Looks at the commands of a body.
    pub(in crate::check) fn command_rules(&mut self, body: &Body, setting: Setting) {
        let mut piped = false;
        for pipeline in &body.commands.pipelines {
            piped |= pipeline.commands.len() > 1;
            for (number, command) in pipeline.commands.iter().enumerate() {
                let run = Run::of(command);
                let last = number + 1 == pipeline.commands.len();
                self.follows(body, &run, setting);
                self.remote(body, &run);
                self.inner_shell(body, command);
                if number > 0 {
                    self.leaves_early(body, &run);
                }
                if last {
                    self.counts(body, &run, pipeline, setting);
                }
                if setting.writes && pipeline.substituted && run.is("date") {
                    self.say(
                        Diagnostic::warning(
                            Code::RB0414,
                            self.within(body, "date"),
                            text!("each run of this write has another date", "此写操作每次执行的日期都不同"),
                        )
                        .help(text!(
                            "after midnight, or when it is done again, it means another place; write \
                            #{{date(run.started_at, \"%Y%m%d\")}}",
                            "过了午夜或重新执行时，它会指向另一个位置；请写 #{{date(run.started_at, \"%Y%m%d\")}}"
                        )),
                    );
                }
            }
        }
        if piped && setting.other_codes {
            self.say(
                Diagnostic::error(
                    Code::RB0408,
                    body.span,
                    text!(
                        "`ok:` on a pipeline hides that an earlier stage failed",
                        "管道上的 `ok:` 会掩盖前面某一级的失败"
                    ),
                )
                .help(text!(
                    "count with awk, which exits with 0: … | awk '/ERROR/ {{ n++ }} END {{ print n + 0 }}'",
                    "请用 awk 计数，它以 0 退出：… | awk '/ERROR/ {{ n++ }} END {{ print n + 0 }}'"
                )),
            );
        }
    }

    fn follows(&mut self, body: &Body, run: &Run<'_>, setting: Setting) {
        if setting.limited || run.limited {
            return;
        }
        let follow = run.flag('f', "--follow");
        let word = match run.name {
            "kubectl" | "docker" | "oc" | "podman" if follow && run.has("logs") => "-f",
            "kubectl" | "oc" if run.flag('w', "--watch") && run.has("get") => "-w",
            "tail" if follow || run.flag('F', "--retry") => "tail",
            "journalctl" | "dmesg" if follow => "-f",
            "watch" => "watch",
            "ping" if !run.flag('c', "--count") => "ping",
            _ => return,
        };
        self.say(
            Diagnostic::error(
                Code::RB0405,
                self.within(body, word),
                text!("this follows forever, and nothing ends it", "此命令会一直跟随，永远不会结束"),
            )
            .help(text!(
                "give the statement a `timeout:`, or leave the following out (`--since=10m --tail=2000`)",
                "请为语句写 `timeout:`，或去掉跟随（`--since=10m --tail=2000`）"
            )),
        );
    }

    fn leaves_early(&mut self, body: &Body, run: &Run<'_>) {
        if run.is("head") {
            self.say(
                Diagnostic::error(
                    Code::RB0406,
                    self.within(body, "head"),
                    text!("`| head` ends the pipeline with a failure", "`| head` 会使管道以失败结束"),
                )
                .help(text!(
                    "head leaves early and the writer dies of SIGPIPE, which pipefail reports; write \
                    `| sed -n 1,20p`, or ask the writer for less",
                    "head 提前退出，写入方因 SIGPIPE 终止，pipefail 会报告失败；请写 `| sed -n 1,20p`，或让写入方少输\
                    出"
                )),
            );
        } else if run.is("grep") && run.flag('q', "--quiet") {
            self.say(
                Diagnostic::warning(
                    Code::RB0406,
                    self.within(body, "grep"),
                    text!("`| grep -q` leaves at the first match", "`| grep -q` 在第一次匹配时就退出"),
                )
                .help(text!(
                    "the writer then dies of SIGPIPE, which pipefail reports; write `| grep … >/dev/null`",
                    "写入方随后因 SIGPIPE 终止，pipefail 会报告失败；请写 `| grep … >/dev/null`"
                )),
            );
        }
    }

    fn remote(&mut self, body: &Body, run: &Run<'_>) {
        if remote::is_taken_apart(run) {
            self.say(
                Diagnostic::error(
                    Code::RB0407,
                    self.within(body, "ssh"),
                    text!("a command within ssh is evaluated twice", "ssh 内的命令会被解释两次"),
                )
                .help(text!(
                    "words without quotes may stand there, and #{{…}} is quoted for both shells; send more by stdin: \
                    `sh \"ssh HOST bash -euo pipefail -s\", stdin: script`",
                    "那里可以写不带引号的词，#{{…}} 会为两层 shell 加好引号；更复杂的请用标准输入发送：\
                    `sh \"ssh HOST bash -euo pipefail -s\", stdin: script`"
                )),
            );
        }
    }

    /// `sh -c "… #{x}"`, also behind `kubectl exec … --`: the value is quoted for this shell, and the inner one reads it again.
    fn inner_shell(&mut self, body: &Body, command: &[Word]) {
        let inner = command.windows(3).find(|words| {
            let [shell, flag, script] = words else { return false };
            let shell = shell.text.rsplit('/').next().unwrap_or_default();
            let flags =
                flag.text.strip_prefix('-').is_some_and(|flags| !flags.starts_with('-') && flags.ends_with('c'));
            SHELLS.contains(&shell) && flags && script.text.contains(VALUE)
        });
        if inner.is_some() {
            self.say(
                Diagnostic::warning(
                    Code::RB0413,
                    body.span,
                    text!(
                        "the inner shell takes the value apart once more, unquoted",
                        "内层 shell 会再次解释这个值，而它在那里没有加引号"
                    ),
                )
                .help(text!(
                    "give it behind the script: sh -c 'echo \"$1\"' sh #{{x}}",
                    "请把值写在脚本之后：sh -c 'echo \"$1\"' sh #{{x}}"
                )),
            );
        }
    }

    fn counts(&mut self, body: &Body, run: &Run<'_>, pipeline: &Pipeline, setting: Setting) {
        let counting = run.flag('c', "--count");
        let piped = pipeline.commands.len() > 1;
        if !(run.is("grep") || run.is("egrep"))
            || run.flag('q', "--quiet")
            || !(piped || counting)
            || setting.other_codes
        {
            return;
        }
        // Tolerated, the good case does not fail any more, and nothing else does.
        let message = if pipeline.tolerated {
            text!(
                "`||` tolerates every failure here, not only that grep finds nothing",
                "这里的 `||` 容忍一切失败，而不只是 grep 找不到内容"
            )
        } else {
            text!(
                "grep exits with 1 where it finds nothing: here the good case fails",
                "grep 找不到内容时以 1 退出：这里正常情况反而失败"
            )
        };
        self.say(Diagnostic::warning(Code::RB0409, self.within(body, "grep"), message).help(text!(
            "count with awk, which exits with 0: awk '/ERROR/ {{ n++ }} END {{ print n + 0 }}'",
            "请用 awk 计数，它以 0 退出：awk '/ERROR/ {{ n++ }} END {{ print n + 0 }}'"
        )));
    }

    /// The place of a word in a body.
    fn within(&self, body: &Body, word: &str) -> Span {
        let text = self.source_of(body.span);
        let start = body.span.start as usize;
        let bounded = |at: usize| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
            let inside = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
            !inside(before) && !inside(after)
        };
        match text.match_indices(word).map(|(at, _)| at).find(|at| bounded(*at)) {
            Some(at) => Span::new(start + at, start + at + word.len()),
            None => body.span,
        }
    }
}

/// A command without what stands before it.
pub(super) struct Run<'a> {
    name: &'a str,
    /// Its words, the program first.
    pub(super) words: &'a [Word],
    /// `timeout 10 …`
    limited: bool,
}

impl<'a> Run<'a> {
    /// Of the words of a command.
    pub(super) fn of(command: &'a [Word]) -> Self {
        let mut words = command;
        let mut limited = false;
        while let Some((first, rest)) = words.split_first() {
            let assignment =
                !first.quoted && first.text.split('=').next().is_some_and(is_variable) && first.text.contains('=');
            if assignment || BEFORE.contains(&first.text.as_str()) {
                words = rest;
            } else if first.text == "timeout" {
                limited = true;
                let options = rest.iter().take_while(|word| word.text.starts_with('-')).count();
                words = rest.get(options + 1..).unwrap_or_default();
            } else {
                break;
            }
        }
        let name = words.first().map(|word| word.text.as_str()).unwrap_or_default();
        Self { name: name.rsplit('/').next().unwrap_or(name), words, limited }
    }

    /// Is it this program?
    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|known| known.text == word)
    }

    /// `-f`, also among others (`-xvf`), or `--follow`, `--follow=…`.
    fn flag(&self, short: char, long: &str) -> bool {
        self.words.iter().skip(1).any(|word| {
            let text = word.text.as_str();
            if let Some(rest) = text.strip_prefix(long) {
                return rest.is_empty() || (rest.starts_with('=') && rest != "=false");
            }
            match text.strip_prefix('-') {
                Some(letters) if !letters.starts_with('-') && !letters.contains(VALUE) => {
                    letters.chars().take_while(char::is_ascii_alphabetic).any(|letter| letter == short)
                }
                _ => false,
            }
        })
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
