//! The machine that follows bash's quotes through a body, and cuts it into commands on the way.

use crate::text::Both;

/// Where the machine stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// Outside quotes.
    Command {
        /// Right after a `$`: a quote here would begin a `$'…'`.
        after_dollar: bool,
        /// At the begin of a word.
        word_start: bool,
    },
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `$'…'`
    AnsiC,
    /// `` `…` ``
    Backticks,
    /// `${…}`
    Parameter,
    /// `$((…))`, `((…))`
    Arithmetic,
    /// `# …`
    Comment,
    /// The text of a heredoc.
    Heredoc,
}

impl Context {
    /// For messages: "in a heredoc".
    pub(super) fn describe(self) -> Both {
        match self {
            Context::Command { .. } => Both("right after a `$`", "紧跟在 `$` 之后"),
            Context::Single => Both("in '…'", "在 '…' 中"),
            Context::Double => Both("in \"…\"", "在 \"…\" 中"),
            Context::AnsiC => Both("in $'…'", "在 $'…' 中"),
            Context::Backticks => Both("in `…`", "在 `…` 中"),
            Context::Parameter => Both("in ${…}", "在 ${…} 中"),
            Context::Arithmetic => Both("in ((…)), where only whole numbers stand", "在只能写整数的 ((…)) 中"),
            Context::Comment => Both("in a comment, which a line end would close", "在遇换行即结束的注释中"),
            Context::Heredoc => Both("in a heredoc", "在 heredoc 中"),
        }
    }
}

/// What a body runs.
#[derive(Debug, Default)]
pub(in crate::check) struct Commands {
    /// Pipelines, those inside `$(…)` too.
    pub pipelines: Vec<Pipeline>,
}

/// Commands with `|` between them.
#[derive(Debug, Default)]
pub(in crate::check) struct Pipeline {
    /// In order.
    pub commands: Vec<Vec<Word>>,
    /// It stands in `$(…)`: its output becomes a part of another command.
    pub substituted: bool,
    /// `||` follows it: its failure fails nothing.
    pub tolerated: bool,
}

/// A word of a command, its quotes taken off.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Word {
    /// Its text; values are [`VALUE`].
    pub text: String,
    /// A part of it stands in quotes.
    pub quoted: bool,
}

/// Stands for a value in a word.
pub(in crate::check) const VALUE: char = '\u{1}';

#[derive(Debug)]
enum Mode {
    Command(Frame),
    Single,
    Double,
    AnsiC,
    Backticks,
    /// Inside double quotes or not: there `'` is no quote.
    Parameter {
        quoted: bool,
    },
    /// Open parentheses.
    Arithmetic {
        depth: u32,
    },
    Comment,
    Heredoc {
        tag: String,
        tabs: bool,
        line: String,
    },
}

/// Commands between `$(` and `)`, or the body itself.
#[derive(Debug, Default)]
struct Frame {
    substituted: bool,
    /// Open `(`.
    depth: u32,
    /// Open `case`: their patterns end with `)`.
    cases: u32,
    pipeline: Pipeline,
    command: Vec<Word>,
    word: Option<Word>,
    /// The character before, where it is a bare `$`.
    dollar: bool,
    heredocs: Vec<(String, bool)>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Scanner {
    stack: Vec<Mode>,
    escaped: bool,
    done: Vec<Pipeline>,
}

impl Default for Scanner {
    fn default() -> Self {
        Self { stack: vec![Mode::Command(Frame::default())], escaped: false, done: Vec::new() }
    }
}

impl Scanner {
    /// Where it stands.
    pub(super) fn context(&self) -> Context {
        match self.stack.last() {
            Some(Mode::Command(frame)) => {
                Context::Command { after_dollar: frame.dollar, word_start: frame.word.is_none() }
            }
            Some(Mode::Single) => Context::Single,
            Some(Mode::Double) => Context::Double,
            Some(Mode::AnsiC) => Context::AnsiC,
            Some(Mode::Backticks) => Context::Backticks,
            Some(Mode::Parameter { .. }) => Context::Parameter,
            Some(Mode::Arithmetic { .. }) => Context::Arithmetic,
            Some(Mode::Comment) => Context::Comment,
            Some(Mode::Heredoc { .. }) => Context::Heredoc,
            None => Context::Command { after_dollar: false, word_start: true },
        }
    }

    /// The words of the command so far, and the one that is begun.
    pub(super) fn command(&self) -> (&[Word], Option<&Word>) {
        match self.stack.last() {
            Some(Mode::Command(frame)) => (&frame.command, frame.word.as_ref()),
            _ => (&[], None),
        }
    }

    /// A value stands here.
    pub(super) fn value(&mut self) {
        self.escaped = false;
        self.push_char(VALUE);
        if let Some(Mode::Heredoc { line, .. }) = self.stack.last_mut() {
            line.push(VALUE);
        }
    }

    /// Text of the author.
    pub(super) fn text(&mut self, text: &str) {
        let mut rest = text.chars().peekable();
        while let Some(letter) = rest.next() {
            if std::mem::take(&mut self.escaped) {
                if letter != '\n' {
                    self.push_char(letter);
                }
                continue;
            }
            let ahead: [Option<char>; 2] = {
                let mut look = rest.clone();
                [look.next(), look.next()]
            };
            let used = self.letter(letter, ahead);
            for _ in 0..used {
                rest.next();
            }
        }
    }

    /// The commands, and what is open at the end.
    pub(super) fn finish(mut self) -> (Commands, Option<Both>) {
        let mut open = None;
        while let Some(mode) = self.stack.pop() {
            let found = match mode {
                Mode::Command(mut frame) => {
                    frame.end_pipeline(&mut self.done);
                    frame.substituted.then_some(Both::verbatim("$(…)"))
                }
                Mode::Single => Some(Both::verbatim("'…'")),
                Mode::Double => Some(Both::verbatim("\"…\"")),
                Mode::AnsiC => Some(Both::verbatim("$'…'")),
                Mode::Backticks => Some(Both::verbatim("`…`")),
                Mode::Parameter { .. } => Some(Both::verbatim("${…}")),
                Mode::Arithmetic { .. } => Some(Both::verbatim("((…))")),
                Mode::Heredoc { tag, tabs, line } => {
                    let line = if tabs { line.trim_start_matches('\t') } else { &line };
                    (line != tag).then_some(Both("a heredoc", "heredoc"))
                }
                Mode::Comment => None,
            };
            open = open.or(found);
        }
        (Commands { pipelines: self.done }, open)
    }

    /// One letter; how many of the ones ahead were used with it.
    fn letter(&mut self, letter: char, ahead: [Option<char>; 2]) -> usize {
        match self.stack.last_mut() {
            Some(Mode::Command(_)) => self.in_command(letter, ahead),
            Some(Mode::Single) => {
                if letter == '\'' {
                    self.stack.pop();
                } else {
                    self.push_char(letter);
                }
                0
            }
            Some(Mode::Double) => match letter {
                '"' => {
                    self.stack.pop();
                    0
                }
                '\\' => {
                    self.escaped = true;
                    0
                }
                '$' => self.dollar(ahead, true),
                '`' => {
                    self.stack.push(Mode::Backticks);
                    0
                }
                other => {
                    self.push_char(other);
                    0
                }
            },
            Some(Mode::AnsiC) => {
                match letter {
                    '\\' => self.escaped = true,
                    '\'' => {
                        self.stack.pop();
                    }
                    other => self.push_char(other),
                }
                0
            }
            Some(Mode::Backticks) => {
                match letter {
                    '\\' => self.escaped = true,
                    '`' => {
                        self.stack.pop();
                    }
                    _ => {}
                }
                0
            }
            Some(Mode::Parameter { quoted }) => {
                let quoted = *quoted;
                match letter {
                    '}' => {
                        self.stack.pop();
                    }
                    '\\' => self.escaped = true,
                    '"' => self.stack.push(Mode::Double),
                    '\'' if !quoted => self.stack.push(Mode::Single),
                    '$' => return self.dollar(ahead, quoted),
                    _ => {}
                }
                0
            }
            Some(Mode::Arithmetic { depth }) => {
                match (letter, ahead.first().copied().flatten()) {
                    ('(', _) => *depth += 1,
                    (')', _) if *depth > 0 => *depth -= 1,
                    (')', Some(')')) => {
                        self.stack.pop();
                        return 1;
                    }
                    ('$', _) => return self.dollar(ahead, true),
                    _ => {}
                }
                0
            }
            Some(Mode::Comment) => {
                if letter == '\n' {
                    self.stack.pop();
                    return self.letter(letter, ahead);
                }
                0
            }
            Some(Mode::Heredoc { tag, tabs, line }) => {
                if letter == '\n' {
                    let whole = if *tabs { line.trim_start_matches('\t') } else { line.as_str() };
                    if whole == tag {
                        self.stack.pop();
                        self.next_heredoc();
                    } else {
                        line.clear();
                    }
                } else {
                    line.push(letter);
                }
                0
            }
            None => 0,
        }
    }

    fn in_command(&mut self, letter: char, ahead: [Option<char>; 2]) -> usize {
        let [next, after] = ahead;
        let Some(Mode::Command(frame)) = self.stack.last_mut() else { return 0 };
        let after_dollar = std::mem::take(&mut frame.dollar);
        match letter {
            '\\' => self.escaped = true,
            '\'' | '"' => {
                frame.word.get_or_insert_default().quoted = true;
                self.stack.push(match (letter, after_dollar) {
                    ('\'', true) => Mode::AnsiC,
                    ('\'', false) => Mode::Single,
                    _ => Mode::Double,
                });
            }
            '$' => return self.dollar(ahead, false),
            '`' => {
                frame.word.get_or_insert_default().quoted = true;
                self.stack.push(Mode::Backticks);
            }
            '#' if frame.word.is_none() => self.stack.push(Mode::Comment),
            '\n' => {
                frame.end_pipeline(&mut self.done);
                self.next_heredoc();
            }
            blank if blank.is_whitespace() => frame.end_word(),
            '|' => {
                if next == Some('|') {
                    frame.end_command();
                    frame.pipeline.tolerated = true;
                    frame.end_pipeline(&mut self.done);
                    return 1;
                }
                frame.end_command();
                return usize::from(next == Some('&'));
            }
            '&' => {
                let redirects = frame.word.as_ref().is_some_and(|word| word.text.ends_with(['>', '<']));
                if redirects || next == Some('>') {
                    self.push_char('&');
                    return 0;
                }
                frame.end_pipeline(&mut self.done);
                return usize::from(next == Some('&'));
            }
            ';' => frame.end_pipeline(&mut self.done),
            '(' if next == Some('(') && frame.word.is_none() => {
                self.stack.push(Mode::Arithmetic { depth: 0 });
                return 1;
            }
            '(' => {
                frame.end_pipeline(&mut self.done);
                frame.depth += 1;
            }
            ')' => {
                frame.end_pipeline(&mut self.done);
                if frame.depth > 0 {
                    frame.depth -= 1;
                } else if frame.substituted && frame.cases == 0 {
                    self.stack.pop();
                }
            }
            '<' if next == Some('<') && after == Some('<') => {
                self.push_str("<<<");
                return 2;
            }
            '<' if next == Some('<') => {
                frame.end_word();
                // The tag is read as a word; it is taken off when that word ends.
                frame.word = Some(Word { text: "<<".to_owned(), quoted: false });
                return 1;
            }
            other => self.push_char(other),
        }
        0
    }

    /// After a `$`.
    fn dollar(&mut self, [next, after]: [Option<char>; 2], quoted: bool) -> usize {
        self.push_char('$');
        match (next, after) {
            (Some('('), Some('(')) => {
                self.stack.push(Mode::Arithmetic { depth: 0 });
                2
            }
            (Some('('), _) => {
                self.stack.push(Mode::Command(Frame { substituted: true, ..Frame::default() }));
                1
            }
            (Some('{'), _) => {
                self.stack.push(Mode::Parameter { quoted });
                1
            }
            _ => {
                if let Some(Mode::Command(frame)) = self.stack.last_mut() {
                    frame.dollar = true;
                }
                0
            }
        }
    }

    /// Into the word of the innermost command.
    fn push_char(&mut self, letter: char) {
        let quoted = !matches!(self.stack.last(), Some(Mode::Command(_)));
        for mode in self.stack.iter_mut().rev() {
            if let Mode::Command(frame) = mode {
                let word = frame.word.get_or_insert_default();
                word.text.push(letter);
                word.quoted |= quoted;
                return;
            }
        }
    }

    fn push_str(&mut self, text: &str) {
        for letter in text.chars() {
            self.push_char(letter);
        }
    }

    /// The text of the next heredoc begins.
    fn next_heredoc(&mut self) {
        if let Some(Mode::Command(frame)) = self.stack.last_mut()
            && !frame.heredocs.is_empty()
        {
            let (tag, tabs) = frame.heredocs.remove(0);
            self.stack.push(Mode::Heredoc { tag, tabs, line: String::new() });
        }
    }
}

impl Frame {
    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if let Some(tag) = word.text.strip_prefix("<<").filter(|tag| !tag.starts_with('<')) {
            if matches!(tag, "" | "-") {
                // `<< TAG`: the tag is the next word.
                self.word = Some(word);
                return;
            }
            let (tabs, tag) = tag.strip_prefix('-').map_or((false, tag), |tag| (true, tag));
            self.heredocs.push((tag.to_owned(), tabs));
            return;
        }
        match word.text.as_str() {
            "case" if self.command.is_empty() && !word.quoted => self.cases += 1,
            "esac" if self.command.is_empty() && !word.quoted => self.cases = self.cases.saturating_sub(1),
            _ => {}
        }
        self.command.push(word);
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.command.is_empty() {
            self.pipeline.commands.push(std::mem::take(&mut self.command));
        }
    }

    fn end_pipeline(&mut self, done: &mut Vec<Pipeline>) {
        self.end_command();
        let mut pipeline = std::mem::take(&mut self.pipeline);
        if !pipeline.commands.is_empty() {
            pipeline.substituted = self.substituted;
            done.push(pipeline);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_end(text: &str) -> Context {
        let mut scanner = Scanner::default();
        scanner.text(text);
        scanner.context()
    }

    fn open(text: &str) -> Option<&'static str> {
        let mut scanner = Scanner::default();
        scanner.text(text);
        scanner.finish().1.map(|open| open.0)
    }

    fn commands(text: &str) -> Vec<Vec<String>> {
        let mut scanner = Scanner::default();
        scanner.text(text);
        let (commands, _) = scanner.finish();
        let first = |command: &Vec<Word>| command.iter().map(|word| word.text.clone()).collect::<Vec<_>>().join(" ");
        commands.pipelines.iter().map(|pipeline| pipeline.commands.iter().map(first).collect()).collect()
    }

    #[test]
    fn quotes_are_followed() {
        let plain = Context::Command { after_dollar: false, word_start: true };
        assert_eq!(at_end("echo "), plain);
        assert_eq!(at_end("echo '"), Context::Single);
        assert_eq!(at_end("echo \"a"), Context::Double);
        assert_eq!(at_end("echo \"a\\\""), Context::Double);
        assert_eq!(at_end("echo 'it'\\''s' "), plain);
        assert_eq!(at_end("echo \"$(ls "), plain);
        assert_eq!(at_end("echo \"$(ls \"x\") "), Context::Double);
        assert_eq!(at_end("echo $'"), Context::AnsiC);
        assert_eq!(at_end("echo $"), Context::Command { after_dollar: true, word_start: false });
        assert_eq!(at_end("echo `ls "), Context::Backticks);
        assert_eq!(at_end("echo ${X:-"), Context::Parameter);
        assert_eq!(at_end("echo $((1 + "), Context::Arithmetic);
        assert_eq!(at_end("echo a#b "), plain);
        assert_eq!(at_end("echo # it's "), Context::Comment);
        assert_eq!(at_end("cat <<EOF\n"), Context::Heredoc);
        assert_eq!(at_end("cat <<-'EOF' | sort\n\tx\n\tEOF\n"), plain);
        assert_eq!(at_end("cat <<<'x' "), plain);
        assert_eq!(at_end("x=$(case $a in b) echo 1;; esac) "), plain);
    }

    #[test]
    fn what_stays_open_is_named() {
        assert_eq!(open("echo 'a"), Some("'…'"));
        assert_eq!(open("echo $(ls"), Some("$(…)"));
        assert_eq!(open("cat <<EOF\nx"), Some("a heredoc"));
        assert_eq!(open("cat <<EOF\nx\nEOF"), None);
        assert_eq!(open("echo # it's"), None);
        assert_eq!(open("awk '/ERROR/ { n++ } END { print n + 0 }'"), None);
    }

    #[test]
    fn a_body_is_cut_into_pipelines() {
        assert_eq!(commands("a b | c 2>&1 && d; e"), [vec!["a b", "c 2>&1"], vec!["d"], vec!["e"]]);
        assert_eq!(commands("echo \"$(date +%F | x)\" y"), [vec!["date +%F", "x"], vec!["echo $ y"]]);
        assert_eq!(commands("( a | b )\nc"), [vec!["a", "b"], vec!["c"]]);
    }
}
