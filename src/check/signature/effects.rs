//! Effects: what reaches out of the run.

use super::{
    Body, EN, Effect, Group, IF, KEY, Kind, Named, Opt, Place, SEVERITY, TITLE, Takes, Word, arg, maybe, must, opt,
    opt_or,
};
use crate::value::human::Unit;

const FLOW: &[Place] = &[Place::Runbook, Place::Flow];
const READS: &[Place] = &[Place::Runbook, Place::Flow, Place::Checks, Place::Reads];

const TIMEOUT: Opt = opt(
    "timeout",
    Takes::Value(Kind::Duration),
    "Its whole time; without it there is no limit.",
    "总时限；不写则无限制",
);
const AS: Opt = opt("as", Takes::NewName, "The name of its record.", "结果记录的名字");

/// What every effect takes.
const EFFECT: &[Opt] = &[
    TITLE,
    EN,
    KEY,
    IF,
    TIMEOUT,
    opt_or("retry", Takes::Const(Kind::Int), "0", "Attempts after the first.", "首次之后的重试次数"),
    opt("every", Takes::Value(Kind::Duration), "The pause before the next attempt.", "下次尝试前的间隔"),
    opt_or("backoff", Takes::Const(Kind::Number), "1", "The factor by which the pause grows.", "间隔的增长倍数"),
    SEVERITY,
];

/// What effects take that may change something.
const WRITING: &[Opt] = &[
    opt_or(
        "again",
        Takes::Words(&["safe", "ask", "never"]),
        "ask for writes, safe for reads",
        "What a crash in the middle of it means: it may run again, a person decides, it must not.",
        "中途崩溃意味着什么：可以重做、由人决定、不得重做",
    ),
    opt(
        "effect",
        Takes::Words(&["read", "record", "write", "destroy"]),
        "What it does to the world, where the form says something else.",
        "对外界的影响，与形式不同时写明",
    ),
    opt(
        "because",
        Takes::Const(Kind::Text),
        "Why it does less than its form says; the plan lists it, and check warns no more.",
        "为何影响比语句本身的弱；写明后列入 plan，check 不再警告",
    ),
];

const EFFECT_WORD: Word = Word {
    name: "",
    group: Group::Effects,
    form: "",
    args: &[],
    options: &[EFFECT],
    body: Body::None,
    stands: FLOW,
    effect: Effect::Record,
    en: "",
    zh: "",
};

const PARSE: Opt = opt(
    "parse",
    Takes::Words(&["text", "lines", "int", "float", "json", "csv", "duration", "bytes", "time"]),
    "How its output becomes `.value`; what does not parse fails.",
    "如何把输出变成 .value；解析不了即失败",
);

pub(super) const WORDS: &[Word] = &[
    Word {
        name: "sh",
        form: "sh \"COMMAND\"",
        args: &[maybe("command", Takes::Command)],
        options: &[
            &[
                opt("read", Takes::Command, "A command that only looks.", "只读命令"),
                opt("destroy", Takes::Command, "A command that nothing brings back.", "不可恢复的命令"),
                AS,
                PARSE,
                opt_or(
                    "ok",
                    Takes::Form("a list of exit codes, or any"),
                    "[0]",
                    "The exit codes that count as success.",
                    "算作成功的退出码",
                ),
                opt(
                    "env",
                    Takes::Value(Kind::SecretMap),
                    "Variables added to its environment; secrets belong here.",
                    "加入其环境的变量；密钥应放在这里",
                ),
                opt(
                    "stdin",
                    Takes::Value(Kind::Credential),
                    "Its standard input; a secret may stand here.",
                    "标准输入；可为密钥",
                ),
                opt("in", Takes::Value(Kind::Text), "The folder in which it runs.", "在哪个文件夹中执行"),
                opt_or("tty", Takes::Const(Kind::Bool), "false", "It gets a terminal.", "为它分配终端"),
                opt(
                    "save",
                    Takes::Value(Kind::Text),
                    "A file to which its output is also written.",
                    "同时写入输出的文件",
                ),
                opt(
                    "max",
                    Takes::Value(Kind::Bytes),
                    "Most bytes of output; beyond is an error.",
                    "输出上限；超出为错误",
                ),
            ],
            EFFECT,
            WRITING,
        ],
        stands: READS,
        effect: Effect::Form,
        en: "A command, under `bash -euo pipefail`.",
        zh: "在 bash -euo pipefail 下执行的命令",
        ..EFFECT_WORD
    },
    Word {
        name: "http",
        form: "http get: URL",
        options: &[
            &[
                opt("get", Takes::Value(Kind::Text), "GET, a read.", "GET，只读"),
                opt("head", Takes::Value(Kind::Text), "HEAD, a read.", "HEAD，只读"),
                opt("post", Takes::Value(Kind::Text), "POST, a write.", "POST，写"),
                opt("put", Takes::Value(Kind::Text), "PUT, a write.", "PUT，写"),
                opt("patch", Takes::Value(Kind::Text), "PATCH, a write.", "PATCH，写"),
                opt("delete", Takes::Value(Kind::Text), "DELETE, a write.", "DELETE，写"),
                AS,
                PARSE,
                opt(
                    "bearer",
                    Takes::Value(Kind::Credential),
                    "The token of `Authorization: Bearer`.",
                    "Authorization: Bearer 的令牌",
                ),
                opt(
                    "headers",
                    Takes::Value(Kind::SecretMap),
                    "Further headers; secrets may stand here.",
                    "其他请求头；可含密钥",
                ),
                opt(
                    "body",
                    Takes::Value(Kind::Payload),
                    "Text, or a map that is sent as JSON.",
                    "文本，或以 JSON 发送的映射",
                ),
                opt_or(
                    "expect",
                    Takes::Form("{ status: 200, format: prometheus }, or any"),
                    "a status from 200 to 299",
                    "What counts as success.",
                    "算作成功的结果",
                ),
            ],
            EFFECT,
            WRITING,
        ],
        stands: READS,
        effect: Effect::Form,
        en: "A request.",
        zh: "一次 HTTP 请求",
        ..EFFECT_WORD
    },
    Word {
        name: "query",
        form: "query SOURCE",
        args: &[arg("source", Takes::Name(Named::Source))],
        options: &[
            &[
                AS,
                opt(
                    "increase",
                    Takes::Form("a selector"),
                    "Asks how much these series grew since the scrape before.",
                    "询问这些序列自上次抓取以来的增量",
                ),
                opt(
                    "by",
                    Takes::Form("a list of label names"),
                    "The labels by which the increase, or the series of `promql:`, are told apart.",
                    "按这些标签区分增量，或 promql: 的各个序列",
                ),
                opt(
                    "promql",
                    Takes::Form("a PromQL expression"),
                    "Asks this of all that the run has scraped from the source, or of the server.",
                    "对本次运行从该来源抓取的全部样本（或服务器）提问",
                ),
                opt_or(
                    "unit",
                    Takes::Words(Unit::WORDS),
                    "none",
                    "The unit of what `promql:` gives.",
                    "promql: 结果的单位",
                ),
            ],
            EFFECT,
        ],
        stands: READS,
        effect: Effect::Read,
        en: "One scrape of a source.",
        zh: "对来源抓取一次",
        ..EFFECT_WORD
    },
    Word {
        name: "copy",
        form: "copy \"FILE\", to: \"FILE\"",
        args: &[arg("from", Takes::Value(Kind::Text))],
        options: &[&[must("to", Takes::Value(Kind::Text), "The new file.", "目标文件")], EFFECT],
        en: "A copy of a file into the results.",
        zh: "把文件复制到结果中",
        ..EFFECT_WORD
    },
    Word {
        name: "update",
        form: "update file: \"FILE\", under: \"HEADING\", with: \"TEMPLATE\"",
        options: &[
            &[
                must("file", Takes::Value(Kind::Text), "The document.", "文档"),
                opt(
                    "under",
                    Takes::Value(Kind::Text),
                    "The heading, which must be there once.",
                    "标题，必须恰好出现一次",
                ),
                opt("replace", Takes::Const(Kind::Regex), "What is replaced, once.", "被替换一次的内容"),
                opt("with", Takes::Const(Kind::Text), "The template of the new text.", "新内容的模板"),
                opt("text", Takes::Value(Kind::Text), "The new text.", "新内容"),
                opt(
                    "once",
                    Takes::Value(Kind::Text),
                    "Text whose presence means that it was done before.",
                    "出现即表示已做过的文字",
                ),
            ],
            EFFECT,
        ],
        effect: Effect::Write,
        en: "A change inside a document, with its own undo.",
        zh: "修改文档，自带撤销",
        ..EFFECT_WORD
    },
    Word {
        name: "wait",
        form: "wait 5.min",
        args: &[maybe("time", Takes::Value(Kind::Duration))],
        options: &[&[
            opt(
                "until",
                Takes::Form("\"HH:MM\", or a time"),
                "A time of day on the window's date, or a point in time.",
                "窗口日期的时刻，或某一时间点",
            ),
            opt_or("skip", Takes::Const(Kind::Bool), "false", "A person may go on earlier.", "人可以提前继续"),
            TITLE,
            EN,
            KEY,
            IF,
        ]],
        effect: Effect::Pure,
        en: "Time passes.",
        zh: "等待",
        ..EFFECT_WORD
    },
    Word {
        name: "poll",
        form: "poll every: 5.s, for: 2.min do READS… done_when COND end",
        options: &[&[
            must("every", Takes::Value(Kind::Duration), "The pause between rounds.", "两轮之间的间隔"),
            must("for", Takes::Value(Kind::Duration), "The whole time; its end is a time-out.", "总时限；到时为超时"),
            TITLE,
            EN,
            KEY,
            IF,
            SEVERITY,
        ]],
        body: Body::Must(Place::Reads),
        stands: &[Place::Runbook, Place::Flow, Place::Checks],
        effect: Effect::Read,
        en: "Repeats reads until a condition holds.",
        zh: "重复读取直到条件成立",
        ..EFFECT_WORD
    },
    Word {
        name: "probe",
        form: "probe do READS… done_when COND end",
        options: &[],
        body: Body::Must(Place::Reads),
        effect: Effect::Read,
        en: "Tells after a crash whether the write just before it happened.",
        zh: "崩溃后判断紧邻其前的写操作是否已发生",
        ..EFFECT_WORD
    },
    Word {
        name: "done_when",
        form: "done_when COND",
        args: &[arg("condition", Takes::Value(Kind::Bool))],
        options: &[],
        stands: &[Place::Reads],
        effect: Effect::Pure,
        en: "The end of a `poll` or `probe`: true means done.",
        zh: "poll 或 probe 的结尾：为真即完成",
        ..EFFECT_WORD
    },
    Word {
        name: "notify",
        form: "notify CHANNEL, \"text\"",
        args: &[arg("channel", Takes::Name(Named::Channel)), arg("text", Takes::Title)],
        options: &[&[
            EN,
            KEY,
            IF,
            TIMEOUT,
            SEVERITY,
            opt_or("retry", Takes::Const(Kind::Int), "0", "Attempts after the first.", "首次之后的重试次数"),
            opt("every", Takes::Value(Kind::Duration), "The pause before the next attempt.", "下次尝试前的间隔"),
            opt_or(
                "backoff",
                Takes::Const(Kind::Number),
                "1",
                "The factor by which the pause grows.",
                "间隔的增长倍数",
            ),
        ]],
        en: "A message to a channel.",
        zh: "向频道发送消息",
        ..EFFECT_WORD
    },
    Word {
        name: "report",
        form: "report template: \"FILE\", to: \"FILE\"",
        options: &[
            &[
                opt("template", Takes::Const(Kind::Text), "A template beside the runbook.", "与 runbook 同目录的模板"),
                opt(
                    "table",
                    Takes::Form("SERIES.slos"),
                    "The objectives of an observation as a table.",
                    "把观察的目标列成表",
                ),
                opt(
                    "columns",
                    Takes::Form("a list of target, min, max, mean, last, whole, verdict"),
                    "The columns of the table.",
                    "表的列",
                ),
                opt(
                    "samples",
                    Takes::Name(Named::Series),
                    "The samples of an observation for programs: `to:` ends with `.csv` or `.json`.",
                    "供程序读取的样本数据：to: 以 .csv 或 .json 结尾",
                ),
                must("to", Takes::Value(Kind::Text), "The file that is written.", "写入的文件"),
            ],
            EFFECT,
        ],
        en: "A report through a template, a table, or the samples for programs.",
        zh: "经模板生成的报告、一张表，或供程序读取的样本数据",
        ..EFFECT_WORD
    },
    Word {
        name: "chart",
        form: "chart SERIES, to: \"FILE.svg\"",
        args: &[arg("series", Takes::Name(Named::Series))],
        options: &[
            &[
                opt_or("slos", Takes::Form("all, or a list of objectives"), "all", "What is drawn.", "画哪些指标"),
                must("to", Takes::Value(Kind::Text), "The file that is written: an SVG.", "写入的文件：SVG"),
            ],
            EFFECT,
        ],
        en: "The samples of an observation as a picture, one panel an objective, with target and alert level.",
        zh: "把观察的样本画成趋势图：每个指标一格，标出目标与告警线",
        ..EFFECT_WORD
    },
];
