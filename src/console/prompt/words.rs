//! The commands that people may type at any prompt, in English and Chinese.

use crate::text::Lang;

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the commands; what they do stands in `usage`")]
pub enum Word {
    Status,
    Vars,
    Metrics,
    Log,
    Source,
    Why,
    Note,
    Sh,
    Set,
    Retry,
    Skip,
    Jump,
    Add,
    Rollback,
    Suspend,
    Abort,
    Answer,
    Help,
}

impl Word {
    /// All of them, in the order of the help.
    pub const ALL: &[Word] = &[
        Word::Status,
        Word::Vars,
        Word::Metrics,
        Word::Log,
        Word::Source,
        Word::Why,
        Word::Note,
        Word::Sh,
        Word::Set,
        Word::Retry,
        Word::Skip,
        Word::Jump,
        Word::Add,
        Word::Rollback,
        Word::Suspend,
        Word::Abort,
        Word::Answer,
        Word::Help,
    ];

    /// English and Chinese.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Word::Status => ("status", "状态"),
            Word::Vars => ("vars", "变量"),
            Word::Metrics => ("metrics", "指标"),
            Word::Log => ("log", "日志"),
            Word::Source => ("source", "源码"),
            Word::Why => ("why", "为何"),
            Word::Note => ("note", "备注"),
            Word::Sh => ("sh", "执行"),
            Word::Set => ("set", "设置"),
            Word::Retry => ("retry", "重试"),
            Word::Skip => ("skip", "跳过"),
            Word::Jump => ("jump", "跳转"),
            Word::Add => ("add", "记录"),
            Word::Rollback => ("rollback", "回滚"),
            Word::Suspend => ("suspend", "挂起"),
            Word::Abort => ("abort", "中止"),
            Word::Answer => ("answer", "回答"),
            Word::Help => ("help", "帮助"),
        }
    }

    /// The command that a line begins with, and what follows it.
    pub fn first_of(line: &str) -> Option<(Word, &str)> {
        let line = line.trim();
        if line == "?" || line == "？" {
            return Some((Word::Help, ""));
        }
        let (first, rest) = match line.find(char::is_whitespace).into_iter().chain(line.find("因为")).min() {
            Some(end) => line.split_at(end),
            None => (line, ""),
        };
        let known = |word: &&Word| {
            let (en, zh) = word.names();
            first.eq_ignore_ascii_case(en) || first == zh
        };
        Word::ALL.iter().find(known).map(|word| (*word, rest.trim()))
    }

    /// Is the whole line this command beyond doubt, also where any text would be an answer? The word alone, or one of the ends
    /// with its reason.
    pub(super) fn stands_alone(self, rest: &str) -> bool {
        let with_reason = rest.starts_with("because ") || rest.starts_with("因为");
        match self {
            Word::Abort | Word::Rollback | Word::Suspend => rest.is_empty() || with_reason,
            Word::Status | Word::Vars | Word::Metrics | Word::Log | Word::Source | Word::Why | Word::Help => {
                rest.is_empty()
            }
            Word::Note | Word::Sh | Word::Set | Word::Retry | Word::Skip | Word::Jump | Word::Add | Word::Answer => {
                false
            }
        }
    }

    /// How it is written and what it does.
    pub fn usage(self, lang: Lang) -> String {
        let (form, en, zh) = match self {
            Word::Status => ("status", "where the run stands", "运行状态"),
            Word::Vars => ("vars", "names and values", "变量及其值"),
            Word::Metrics => ("metrics", "objectives and samples", "指标与样本"),
            Word::Log => ("log", "what ran last", "最近的执行记录"),
            Word::Source => ("source [KEY]", "the statement as written", "对应的 runbook 源码"),
            Word::Why => ("why [KEY]", "what led here", "为何走到这里"),
            Word::Note => ("note TEXT", "notes something in the journal", "在日志中写一条备注"),
            Word::Sh => ("sh COMMAND", "runs a command; recorded as a deviation", "执行命令（记为偏离）"),
            Word::Set => (
                "set NAME = VALUE",
                "changes a parameter, a `let` or an answer; recorded as a deviation",
                "修改参数、let 或答复（记为偏离）",
            ),
            Word::Retry => ("retry", "tries again what failed", "重试失败的操作"),
            Word::Skip => (
                "skip [KEY] because WHY",
                "skips what failed; `skip wait [KEY]` ends a wait",
                "跳过失败的操作；skip wait [KEY] 结束等待",
            ),
            Word::Jump => ("jump KEY", "goes on elsewhere; recorded as a deviation", "跳转到其他步骤（记为偏离）"),
            Word::Add => ("add NAME", "records an entry, for example a problem", "添加一条记录，例如问题清单"),
            Word::Rollback => ("rollback because REASON", "undoes what was done", "回滚已执行的操作"),
            Word::Suspend => ("suspend", "stops here; `resume` goes on", "挂起，之后用 resume 继续"),
            Word::Abort => ("abort because REASON", "ends the run without rollback", "中止运行，不回滚"),
            Word::Answer => ("answer TEXT", "answers with a text that would be a command", "以命令同名的文字作答"),
            Word::Help => ("help", "this list", "本帮助"),
        };
        format!("{form:<24} {}", lang.pick(en, zh))
    }
}

/// The help. At a prompt it begins with how to answer.
pub fn help(lang: Lang, asked: bool) -> Vec<String> {
    let mut out = Vec::new();
    if asked {
        out.push(
            lang.pick(
                "Type the answer, or a command (`:` before it where any text would be an answer):",
                "直接输入答复，或输入以下命令（若问题接受任意文字，请在命令前加“:”）：",
            )
            .to_owned(),
        );
    }
    out.extend(Word::ALL.iter().map(|word| format!("  {}", word.usage(lang))));
    out
}

/// A reason behind a command: `because REASON`, `因为…`, or the bare words.
pub(super) fn reason(rest: &str) -> String {
    let rest = rest.trim();
    let bare = ["because", "因为", ":", "："].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    bare.trim().trim_start_matches([':', '：']).trim().to_owned()
}

/// What stands before the reason, and the reason; both may be empty.
pub(super) fn before_because(rest: &str) -> (&str, String) {
    let rest = rest.trim();
    let at = ["because", "因为", "，因为", ",因为"].iter().filter_map(|word| rest.find(word)).min();
    let (before, because) = rest.split_at(at.unwrap_or(rest.len()));
    (before.trim(), reason(because.trim_start_matches(['，', ','])))
}

/// An answer and the reason behind it: `terminate because P99 is 3 s`.
pub(super) fn split_because(line: &str) -> (&str, Option<String>) {
    for word in [" because ", " 因为", "，因为", ",因为"] {
        if let Some((before, after)) = line.split_once(word) {
            let because = after.trim();
            if !because.is_empty() {
                return (before.trim(), Some(because.to_owned()));
            }
        }
    }
    (line, None)
}

/// May it be a name of the language, or a field of one?
pub(super) fn is_path(path: &str) -> bool {
    path.split('.').all(is_name)
}

/// May it be a name of the language?
pub(super) fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_') && word.chars().all(|c| c.is_alphanumeric() || c == '_')
}
