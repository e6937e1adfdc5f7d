//! Declarations: what a runbook is, what it is given, what it names.

use super::{Body, EN, Effect, Group, Kind, Named, Opt, Place, Takes, Word, arg, many, maybe, must, opt, opt_or};
use crate::value::human::Unit;

const TOP: &[Place] = &[Place::Runbook];

const DECLARATION: Word = Word {
    name: "",
    group: Group::Declarations,
    form: "",
    args: &[],
    options: &[],
    body: Body::None,
    stands: TOP,
    effect: Effect::Pure,
    en: "",
    zh: "",
};

pub(super) const WORDS: &[Word] = &[
    Word {
        name: "runbook",
        form: "runbook KEY, \"title\" do … end",
        args: &[arg("key", Takes::Key), arg("title", Takes::Title)],
        options: &[&[EN]],
        body: Body::Must(Place::Runbook),
        stands: &[Place::File],
        en: "The whole procedure; one a file.",
        zh: "整个流程；一个文件一个",
        ..DECLARATION
    },
    Word {
        name: "language",
        form: "language 1",
        args: &[arg("version", Takes::Const(Kind::Int))],
        en: "The version of the language.",
        zh: "语言版本",
        ..DECLARATION
    },
    Word {
        name: "timezone",
        form: "timezone \"Asia/Shanghai\"",
        args: &[arg("zone", Takes::Const(Kind::Text))],
        en: "The zone in which times of day are meant (an IANA name); without it UTC.",
        zh: "时刻所用的时区（IANA 名称）；不写为 UTC",
        ..DECLARATION
    },
    Word {
        name: "window",
        form: "window from: \"2025-11-18 09:00\", to: \"2025-11-18 12:00\"",
        options: &[&[
            must("from", Takes::Const(Kind::Text), "Its begin: `YYYY-MM-DD HH:MM`.", "开始：YYYY-MM-DD HH:MM"),
            must("to", Takes::Const(Kind::Text), "Its end: `YYYY-MM-DD HH:MM`.", "结束：YYYY-MM-DD HH:MM"),
            opt("opens", Takes::Const(Kind::Text), "When preparations may begin: `HH:MM`.", "何时可以开始准备：HH:MM"),
            opt(
                "weekday",
                Takes::Words(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
                "The weekday that the plan says; it must be that of `from:`.",
                "计划所写的星期；必须与 from: 一致",
            ),
        ]],
        en: "When the runbook may run.",
        zh: "允许执行的时间窗口",
        ..DECLARATION
    },
    Word {
        name: "owner",
        form: "owner \"title\", ask: true",
        args: &[maybe("title", Takes::Title)],
        options: &[&[
            EN,
            opt("ask", Takes::Const(Kind::Bool), "The name is asked when the run begins.", "开始时询问姓名"),
            opt("name", Takes::Value(Kind::Text), "The name.", "姓名"),
        ]],
        en: "Who answers for the run; `owner` is then a name and a role.",
        zh: "负责人；owner 随后既是名字也是角色",
        ..DECLARATION
    },
    Word {
        name: "environments",
        form: "environments production, rehearsal",
        args: &[many("name", Takes::NewName)],
        en: "The values of `--env`, which is then required.",
        zh: "--env 的取值；声明后必须给出",
        ..DECLARATION
    },
    Word {
        name: "param",
        form: "param NAME, TYPE, env: \"VARIABLE\", default: VALUE",
        args: &[arg("name", Takes::NewName), arg("type", Takes::Type), maybe("title", Takes::Title)],
        options: &[&[
            EN,
            opt(
                "env",
                Takes::Const(Kind::Text),
                "The variable of the environment that gives it.",
                "给出该值的环境变量",
            ),
            opt(
                "from_label",
                Takes::Const(Kind::Text),
                "The label of the alert that gives it, where `--params` names a file of alerts.",
                "`--params` 为告警文件时，给出该值的告警标签",
            ),
            opt(
                "per_env",
                Takes::Form("{ production: VALUE }"),
                "Its value by environment, before `default:`.",
                "按环境取值，先于 default:",
            ),
            opt("default", Takes::Form("a value of its type"), "Its value where none is given.", "未给出时的值"),
            opt("optional", Takes::Const(Kind::Bool), "It may be missing; it is then null.", "可以没有；此时为 null"),
            opt("min", Takes::Form("a value of its type"), "The smallest value.", "最小值"),
            opt("max", Takes::Form("a value of its type"), "The largest value.", "最大值"),
            opt("matches", Takes::Const(Kind::Regex), "A pattern that it must match.", "必须匹配的模式"),
            opt(
                "not_host",
                Takes::Form("{ production: [\"localhost\"] } or [\"localhost\"]"),
                "Hosts that a url must not name, by environment.",
                "url 不得指向的主机，可按环境",
            ),
            opt(
                "unit",
                Takes::Form("a unit: s, min, MB, pct"),
                "The unit of a bare number that comes from outside.",
                "外部裸数字的单位",
            ),
        ]],
        en: "A value from outside: `--param`, a file, an alert, the environment.",
        zh: "来自外部的值：--param、文件、告警、环境变量",
        ..DECLARATION
    },
    Word {
        name: "secret",
        form: "secret NAME, env: \"VARIABLE\"",
        args: &[arg("name", Takes::NewName)],
        options: &[&[
            opt(
                "env",
                Takes::Const(Kind::Text),
                "The variable of the environment that gives it.",
                "给出该值的环境变量",
            ),
            opt("file", Takes::Const(Kind::Text), "The file that holds it.", "存放它的文件"),
            opt("command", Takes::Const(Kind::Text), "A command (a read) that prints it.", "输出它的命令（只读）"),
            opt(
                "ask",
                Takes::Const(Kind::Bool),
                "It is typed when the run begins, and not shown.",
                "开始时输入，不显示",
            ),
            opt(
                "generate",
                Takes::Const(Kind::Int),
                "The tool makes it, of this many characters.",
                "由工具生成，共这么多字符",
            ),
            opt("optional", Takes::Const(Kind::Bool), "It may be missing.", "可以没有"),
        ]],
        en: "A value that is never shown: it reaches commands by environment or standard input only.",
        zh: "绝不显示的值：只经环境变量或标准输入到达命令",
        ..DECLARATION
    },
    Word {
        name: "let",
        form: "let NAME = EXPRESSION",
        args: &[arg("name", Takes::NewName), arg("value", Takes::Value(Kind::Any))],
        en: "A name, evaluated once, when the run begins.",
        zh: "一个名字，运行开始时求值一次",
        ..DECLARATION
    },
    Word {
        name: "role",
        form: "role KEY, \"title\", people: LIST",
        args: &[arg("key", Takes::Key), arg("title", Takes::Title)],
        options: &[&[
            EN,
            opt(
                "people",
                Takes::Value(Kind::Texts),
                "Its users; without them, or from an optional that is not set, anyone.",
                "拥有该角色的用户；没有则任何人",
            ),
            opt("not", Takes::Words(&["executor"]), "Whoever executes the run does not count.", "执行者本人不算"),
        ]],
        en: "Who may answer a prompt.",
        zh: "谁可以答复问题",
        ..DECLARATION
    },
    Word {
        name: "source",
        form: "source NAME, scrape: URL",
        args: &[arg("name", Takes::NewName)],
        options: &[SOURCE],
        en: "Where metrics or alerts come from.",
        zh: "指标或告警的来源",
        ..DECLARATION
    },
    Word {
        name: "channel",
        form: "channel NAME, slack: SECRET",
        args: &[arg("name", Takes::NewName)],
        options: &[&[must(
            "slack",
            Takes::Value(Kind::Credential),
            "A Slack-compatible incoming webhook.",
            "兼容 Slack 的 incoming webhook",
        )]],
        en: "Where `notify` goes.",
        zh: "notify 的去处",
        ..DECLARATION
    },
    Word {
        name: "guard",
        form: "guard KEY, sh: \"COMMAND\", is: VALUE",
        args: &[arg("key", Takes::Key), maybe("title", Takes::Title)],
        options: &[&[
            EN,
            must("sh", Takes::Command, "A command that only looks.", "只读命令"),
            must("is", Takes::Value(Kind::Text), "What it must print.", "它必须输出的内容"),
            opt_or("timeout", Takes::Value(Kind::Duration), "20.s", "Its whole time.", "总时限"),
        ]],
        effect: Effect::Read,
        en: "Must hold before each write and after each wait.",
        zh: "每次写操作之前、每次等待之后都必须成立",
        ..DECLARATION
    },
    Word {
        name: "lock",
        form: "lock \"TARGET\"",
        args: &[arg("target", Takes::Value(Kind::Text))],
        options: &[&[opt_or(
            "suspended",
            Takes::Words(&["hold", "release"]),
            "hold",
            "While the run is suspended it keeps the lock, or gives it back and takes it again at the resume.",
            "挂起期间保留锁，或交还、继续执行时重新取得",
        )]],
        en: "One run at a time on this target.",
        zh: "同一目标同时只允许一次运行",
        ..DECLARATION
    },
    Word {
        name: "slo",
        form: "slo KEY, \"title\", from: SOURCE do value … target … end",
        args: &[arg("key", Takes::NewName), arg("title", Takes::Title)],
        options: &[&[EN, must("from", Takes::Name(Named::Source), "The source of its metrics.", "指标来源")]],
        body: Body::Must(Place::Slo),
        en: "An objective: how its value is read and what it must reach.",
        zh: "一个目标：如何取值、必须达到什么",
        ..DECLARATION
    },
    Word {
        name: "value",
        form: "value ratio part: '…', total: '…'",
        args: &[
            arg("form", Takes::Form("ratio, quantile or promql")),
            maybe("argument", Takes::Form("the quantile, or the expression")),
        ],
        options: &[&[
            opt("part", Takes::Form(SELECTORS), "What counts as good.", "算作好的部分"),
            opt(
                "bad",
                Takes::Form(SELECTORS),
                "What counts as bad: the value is 1 − bad/total.",
                "算作坏的部分：值为 1 − bad/total",
            ),
            opt("total", Takes::Form(SELECTORS), "All of it.", "全部"),
            opt("of", Takes::Form("a selector of a histogram"), "The histogram.", "直方图"),
            opt(
                "series",
                Takes::Words(&["all", "any", "worst"]),
                "With `promql`: what is made of several series; without it there must be exactly one.",
                "用于 promql：多个序列如何取值；不写则必须恰好一个",
            ),
        ]],
        stands: &[Place::Slo],
        en: "How the value is read: exactly over the interval (`ratio`, `quantile`), or as Prometheus does (`promql`).",
        zh: "如何取值：按区间精确计算（ratio、quantile），或与 Prometheus 相同（promql）",
        ..DECLARATION
    },
    Word {
        name: "unit",
        form: "unit percent",
        args: &[arg("unit", Takes::Words(Unit::WORDS))],
        stands: &[Place::Slo],
        en: "The unit of the value.",
        zh: "值的单位",
        ..DECLARATION
    },
    Word {
        name: "target",
        form: "target >= 98.pct",
        args: &[arg("bound", Takes::Form(BOUND))],
        stands: &[Place::Slo],
        en: "What the value must reach.",
        zh: "必须达到的值",
        ..DECLARATION
    },
    Word {
        name: "alert",
        form: "alert < 95.pct",
        args: &[arg("bound", Takes::Form(BOUND))],
        stands: &[Place::Slo],
        en: "The level whose crossing is an event of its own (`on alert_level`).",
        zh: "越过即为独立事件的水平（on alert_level）",
        ..DECLARATION
    },
    Word {
        name: "no_data",
        form: "no_data ask, \"title\"",
        args: &[arg("policy", Takes::Words(POLICIES)), maybe("title", Takes::Title)],
        options: &[&[
            EN,
            opt(
                "min_samples",
                Takes::Const(Kind::Int),
                "Fewer samples with a value than so many are no data.",
                "有值的样本少于此数即为无数据",
            ),
        ]],
        stands: &[Place::Slo],
        en: "What it means that the whole observation had no data.",
        zh: "整个观察期没有数据意味着什么",
        ..DECLARATION
    },
    Word {
        name: "on_error",
        form: "on_error fail",
        args: &[arg("policy", Takes::Words(POLICIES)), maybe("title", Takes::Title)],
        options: &[&[EN]],
        stands: &[Place::Slo],
        en: "What it means that the value could not be read.",
        zh: "无法取值意味着什么",
        ..DECLARATION
    },
    Word {
        name: "fails",
        form: "fails 2, of: 3, recovers: 2",
        args: &[arg("samples", Takes::Const(Kind::Int))],
        options: &[&[
            opt_or(
                "of",
                Takes::Const(Kind::Int),
                "as many as `fails`: in a row",
                "Among the last so many samples.",
                "在最近这么多个样本中",
            ),
            opt_or(
                "recovers",
                Takes::Const(Kind::Int),
                "1",
                "So many samples in a row must be good before it is over.",
                "连续这么多个样本良好才算恢复",
            ),
        ]],
        stands: &[Place::Slo],
        en: "How many samples must miss the target before it is a breach, and how many end it.",
        zh: "多少个样本未达标才算违约，多少个样本良好才算恢复",
        ..DECLARATION
    },
    Word {
        name: "delay",
        form: "delay 5.min",
        args: &[arg("time", Takes::Value(Kind::Duration))],
        stands: &[Place::Slo],
        en: "Samples taken earlier in the observation fire no event.",
        zh: "观察开始后这段时间内的样本不触发事件",
        ..DECLARATION
    },
    Word {
        name: "collect",
        form: "collect NAME, \"title\" do ask … end",
        args: &[arg("name", Takes::NewName), arg("title", Takes::Title)],
        options: &[&[EN]],
        body: Body::Must(Place::Collect),
        en: "A list of records that people fill with `add`; it begins empty.",
        zh: "由人用 add 填写的记录列表；初始为空",
        ..DECLARATION
    },
    Word {
        name: "link",
        form: "link \"title\", to: URL",
        args: &[arg("title", Takes::Title)],
        options: &[&[EN, must("to", Takes::Value(Kind::Text), "Where it leads.", "链接地址")]],
        en: "A link, shown in plan and report.",
        zh: "链接，显示在计划和报告中",
        ..DECLARATION
    },
    Word {
        name: "note",
        form: "note \"text\"",
        args: &[arg("text", Takes::Title)],
        options: &[&[EN, super::KEY, super::IF]],
        stands: &[Place::Runbook, Place::Flow, Place::Checks],
        effect: Effect::Record,
        en: "At the top: shown in plan and report. In the flow: noted with its time.",
        zh: "在顶层：显示在计划和报告中；在流程中：带时间记录",
        ..DECLARATION
    },
];

const SELECTORS: &str = "a selector, or a list of them";
const BOUND: &str = "a comparison and a value: >= 98.pct";
const POLICIES: &[&str] = &["fail", "ask", "ignore", "inconclusive"];

const SOURCE: &[Opt] = &[
    opt(
        "scrape",
        Takes::Value(Kind::Urls),
        "Exposition text at a url, or at several: one an instance, summed.",
        "一个或多个 url 的指标文本：每个实例一个，相加",
    ),
    opt(
        "prometheus",
        Takes::Value(Kind::Urls),
        "The base url of a Prometheus server, which is asked the `promql` of the objectives.",
        "Prometheus 服务器的基础 url；向它查询目标的 promql",
    ),
    opt("alertmanager", Takes::Value(Kind::Urls), "The base url of an Alertmanager.", "Alertmanager 的基础 url"),
    opt(
        "bearer",
        Takes::Value(Kind::Credential),
        "The token of `Authorization: Bearer`.",
        "Authorization: Bearer 的令牌",
    ),
    opt("user", Takes::Value(Kind::Text), "The name of `Authorization: Basic`.", "Authorization: Basic 的用户名"),
    opt("password", Takes::Value(Kind::Credential), "The password with it.", "对应的密码"),
    opt(
        "ca",
        Takes::Value(Kind::Text),
        "A file of PEM certificates that are trusted instead of the system's.",
        "受信任的 PEM 证书文件，取代系统证书",
    ),
    opt_or("timeout", Takes::Value(Kind::Duration), "10.s", "The whole time of one request.", "单次请求的总时限"),
    opt_or(
        "max_size",
        Takes::Value(Kind::Bytes),
        "20.MB",
        "The largest body; beyond is an error.",
        "最大响应体；超出为错误",
    ),
    opt(
        "alive",
        Takes::Value(Kind::Duration),
        "How often it is asked whether it is there, also between samples.",
        "采样之间也按此间隔检查它是否存在",
    ),
    opt("match", Takes::Value(Kind::TextMap), "Labels that an alert must have.", "告警必须具有的标签"),
    opt_or("every", Takes::Value(Kind::Duration), "30.s", "How often alerts are asked for.", "查询告警的间隔"),
];
