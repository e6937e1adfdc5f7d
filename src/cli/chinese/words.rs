//! What the commands and their arguments are for, in Chinese. Beside the declarations it would be longer than they are;
//! that each has its entry, and each entry something that it is for, holds a test.

use std::fmt;

/// The words behind `runbook` that name a command: none for the program itself.
#[derive(Clone, Default)]
pub(super) struct Path(Vec<String>);

impl Path {
    /// The command of this name below this one. `help exec` shows the same as `exec` has, so `help` is no part of it.
    pub(super) fn to(&self, name: &str) -> Self {
        let mut words = self.0.clone();
        words.retain(|word| word != HELP);
        words.push(name.to_owned());
        Self(words)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// The command that clap has of its own.
const HELP: &str = "help";

/// Heading of the commands.
pub(super) const COMMANDS: &str = "命令";

/// What stands for a command in a usage line.
pub(super) const COMMAND: &str = "命令";

/// Heading of what is given by its place.
pub(super) const ARGUMENTS_HEADING: &str = "参数";

/// Heading of the options.
pub(super) const OPTIONS: &str = "选项";

/// Heading of the options that every command has.
pub(super) const EVERYWHERE: &str = "所有命令通用的选项";

/// Below the help of the program.
pub(super) const EXIT_CODES: &str = "退出码：0 已完成且通过，1 已完成但未通过，2 没有执行任何操作（runbook 或命令行有误），\
                                     3 已回滚，4 已挂起（可以继续），5 已中止，70 内部错误";

/// Headings of a page of the manual.
pub(super) const MANUAL: [(&str, &str); 7] = [
    ("NAME", "名称"),
    ("SYNOPSIS", "概要"),
    ("DESCRIPTION", "说明"),
    ("OPTIONS", OPTIONS),
    ("SUBCOMMANDS", COMMANDS),
    ("EXTRA", "其他"),
    ("VERSION", "版本"),
];

/// The commands.
const ABOUT: [(&str, &str); 26] = [
    ("", "执行生产环境的 runbook，日志在崩溃后仍然完整"),
    ("exec", "开始一次运行"),
    ("resume", "在崩溃、挂起或重启之后继续一次运行"),
    ("runs", "列出各次运行"),
    ("status", "显示一次运行进行到哪里、在等待什么"),
    ("log", "显示一次运行中发生了什么"),
    ("answer", "从另一终端答复等待中的问题"),
    ("attach", "加入由其他进程执行的运行：查看并答复"),
    ("suspend", "从另一终端挂起一次运行"),
    ("abort", "从另一终端中止一次运行"),
    ("report", "由日志生成一次运行的报告"),
    ("verify", "检查一次运行的证据是否与写入时一致"),
    ("bundle", "把一次运行的证据打包成一个文件"),
    ("check", "找出 runbook 中的所有错误"),
    ("plan", "显示 runbook 会做什么：每条路径、每个命令、问题、时间和回滚。不执行任何操作"),
    ("metrics", "查看指标：显示、检查、查询、解释"),
    ("metrics show", "显示文件或 URL 中的样本，每行一个"),
    ("metrics lint", "列出严格的读取程序会拒绝的内容；如有，则以 1 退出"),
    ("metrics query", "对文件或 URL 计算 PromQL 表达式"),
    ("metrics explain", "解释一个目标的数值，直至它所来自的抓取中的各行"),
    ("sim", "查看 runbook 的模拟"),
    ("sim list", "列出某个 runbook 旁的场景，或本文件夹中所有 runbook 旁的场景"),
    ("explain", "解释编号，例如 RB0101"),
    ("completions", "输出 shell 的补全脚本"),
    ("man", "输出程序或某个命令的手册页"),
    (HELP, "显示本帮助，或某个命令的帮助"),
];

/// In every command that has no entry of its own for it.
const ANY: &str = "*";

const RUN: &str = "运行的编号、唯一的编号开头，或 `last`";
const FORMAT: &str = "供人阅读，或供程序使用";
const SOURCE: &str = "文件，或以 http:// 或 https:// 开头的 URL";
const PACE: &str = "在模拟中，等待按时钟的 N 倍速度进行，而不是立即跳过";

/// What is given to them: the command, what it is called in its declaration, and what it is for.
const ARGUMENTS: [(&str, &str, &str); 48] = [
    (ANY, "help", "显示帮助"),
    ("", "version", "显示版本"),
    (
        ANY,
        "state_dir",
        "日志所在的文件夹 [默认：$RUNBOOK_STATE_DIR，否则 $XDG_STATE_HOME/runbook，否则 ~/.local/state/runbook]",
    ),
    (ANY, "color", "颜色；`auto` 表示只在终端上使用，且未设置 `NO_COLOR`"),
    (ANY, "run", RUN),
    (ANY, "format", FORMAT),
    (ANY, "env", "环境，须是 runbook 所声明的环境之一"),
    (ANY, "param", "一个参数，按平时输入的写法；可以多次给出"),
    (ANY, "params", "TOML 文件，每行一个参数；或本次运行所针对的告警的 JSON"),
    (ANY, "speed", PACE),
    (ANY, "bearer_env", "环境变量，其值为访问 URL 时 `Authorization: Bearer` 所用的令牌"),
    (ANY, "file", "runbook 文件"),
    ("exec", "answers", "TOML 文件，按问题的键给出答复；其中没有答复的问题会使运行挂起"),
    ("exec", "sim", "模拟：runbook 旁的场景的名称，或场景文件的路径"),
    ("exec", "from", "从这个键的语句开始：属于偏离，且只有它所需的一切都已赋值时才可以"),
    ("exec", "step", "每个会留下痕迹的操作执行之前都先询问"),
    ("exec", "share_group", "允许此用户组的用户查看并答复这次运行"),
    ("resume", "answers", "TOML 文件，按问题的键给出答复"),
    ("resume", "as_executed", "按此前所执行的 runbook 继续，即使文件已经改动"),
    ("log", "follow", "持续显示新发生的事，直到运行结束"),
    ("answer", "key", "问题的键，如 `status` 所示，或其唯一的结尾"),
    ("answer", "value", "答复，按平时输入的写法"),
    ("answer", "note", "附言：原因或备注"),
    ("answer", "evidence", "作为证据的路径或链接"),
    ("abort", "because", "原因"),
    ("report", "format", "报告的格式"),
    ("report", "out", "写入此文件，而不是标准输出"),
    ("verify", "what", "运行的编号、唯一的编号开头，或 `last`；也可以是 `bundle` 写出的文件"),
    ("bundle", "out", "新文件"),
    ("check", "files", "runbook 文件"),
    ("check", "strict", "有警告时以 1 退出"),
    ("check", "format", "供人阅读，供程序使用，或供代码托管平台和编辑器使用（SARIF 2.1.0）"),
    ("plan", "answers_template", "输出一个答复文件，注释中有每个问题的文本、类型和选项"),
    ("metrics show", "source", SOURCE),
    ("metrics show", "format", "供人阅读：指标文本，时间以毫秒计；或供程序使用：每行一个对象"),
    ("metrics lint", "source", SOURCE),
    ("metrics query", "expression", "表达式；可以使用 `$__range`、`$__interval` 和 `$__rate_interval`"),
    ("metrics query", "sources", "文件或 URL，每个是一次抓取，按时间先后排列"),
    ("metrics query", "at", "各次抓取的时间，按同样的次序：Unix 秒数或 RFC 3339 [默认：文件的时间]"),
    ("metrics query", "eval", "表达式的求值时间 [默认：最后一次抓取的时间]"),
    ("metrics query", "lookback", "序列的最后一个样本在多长时间内有效"),
    ("metrics query", "format", "供人阅读，或供程序使用：与 Prometheus HTTP API 的数据相同"),
    ("metrics explain", "slo", "目标的键"),
    ("metrics explain", "sample", "只看一个样本，而不是整个观察"),
    ("metrics explain", "series", "序列的名称，用于多个观察都有该目标时"),
    ("explain", "code", "编号；不写则列出全部"),
    ("completions", "shell", "shell 的名称"),
    ("man", "command", "命令，例如 `plan`、`metrics query`"),
];

/// Values that are explained.
const VALUES: [(&str, &str, &str, &str); 3] = [
    ("report", "format", "md", "Markdown"),
    ("report", "format", "html", "单个文件，图表在内"),
    ("report", "format", "json", "供程序使用"),
];

/// What a command is for.
pub(super) fn about(path: &Path) -> Option<&'static str> {
    let path = path.to_string();
    ABOUT
        .iter()
        .find(|(command, _)| *command == path || (*command == HELP && path.ends_with(HELP)))
        .map(|(_, text)| *text)
}

/// What an argument is for.
pub(super) fn argument(path: &Path, id: &str) -> Option<&'static str> {
    entry(path, id).map(|(_, _, text)| *text)
}

/// The entry of an argument: that of its command, else the one for all of them.
pub(super) fn entry(path: &Path, id: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    let path = path.to_string();
    let of = |command: &str| ARGUMENTS.iter().find(|entry| entry.0 == command && entry.1 == id);
    of(&path).or_else(|| of(ANY))
}

/// What a value of an argument stands for.
pub(super) fn value(path: &Path, id: &str, value: &str) -> Option<&'static str> {
    let path = path.to_string();
    VALUES.iter().find(|entry| entry.0 == path && entry.1 == id && entry.2 == value).map(|entry| entry.3)
}

/// What the entries are for.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = String> {
    texts().map(|(key, _)| key)
}

/// The entries: what they are for, and what they say.
#[cfg(test)]
pub(super) fn texts() -> impl Iterator<Item = (String, &'static str)> {
    let commands = ABOUT.iter().map(|(command, text)| (format!("about {command}"), *text));
    let arguments = ARGUMENTS.iter().map(|(command, id, text)| (format!("{command} {id}"), *text));
    let values = VALUES.iter().map(|(command, id, value, text)| (format!("{command} {id}={value}"), *text));
    commands.chain(arguments).chain(values)
}
