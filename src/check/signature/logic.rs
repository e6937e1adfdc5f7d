//! Logic: conditions, repetition, scenarios.

use super::{
    Body, EN, Effect, Group, IF, KEY, Kind, Named, Place, SEVERITY, TITLE, Takes, Word, arg, maybe, must, opt, opt_or,
};

const FLOW: &[Place] = &[Place::Runbook, Place::Flow];

const LOGIC: Word = Word {
    name: "",
    group: Group::Logic,
    form: "",
    args: &[],
    options: &[],
    body: Body::None,
    stands: FLOW,
    effect: Effect::Inside,
    en: "",
    zh: "",
};

pub(super) const WORDS: &[Word] = &[
    Word {
        name: "assert",
        form: "assert COND, \"title\"",
        args: &[arg("condition", Takes::Value(Kind::Bool)), maybe("title", Takes::Title)],
        options: &[&[EN, KEY, IF, SEVERITY]],
        stands: &[Place::Runbook, Place::Flow, Place::Checks],
        effect: Effect::Pure,
        en: "Must be true.",
        zh: "必须为真",
        ..LOGIC
    },
    Word {
        name: "if",
        form: "if COND … elsif COND … else … end",
        args: &[arg("condition", Takes::Value(Kind::Bool))],
        body: Body::Same,
        stands: &[Place::Runbook, Place::Flow, Place::Checks],
        en: "Runs the first arm whose condition holds.",
        zh: "执行第一个条件成立的分支",
        ..LOGIC
    },
    Word {
        name: "each",
        form: "each NAME, in: LIST do … end",
        args: &[arg("name", Takes::NewName)],
        options: &[&[
            must("in", Takes::Value(Kind::List), "The list.", "列表"),
            opt(
                "key_by",
                Takes::Value(Kind::Text),
                "The key of a pass, where items are records.",
                "条目为记录时每次循环的键",
            ),
            opt("max", Takes::Value(Kind::Int), "Most items; more is an error.", "条目上限；超出为错误"),
            opt_or(
                "stop_after",
                Takes::Form("a number, or none"),
                "1",
                "Failed passes after which no more begins; `none`: all run, then it fails if any did.",
                "失败多少次后不再开始；none：全部执行，有失败则最终失败",
            ),
            opt_or(
                "at_once",
                Takes::Form("a number, or all"),
                "1",
                "So many passes run at once; a person is asked how one that failed goes on before another begins.",
                "同时执行多少轮；一轮失败后，由人决定如何继续，之后才开始新的一轮",
            ),
            opt(
                "pause",
                Takes::Words(&["ask_between"]),
                "A person is asked between passes; with `at_once:`, when all that began together have ended.",
                "每次循环之间询问；有 at_once 时在一批全部结束之后询问",
            ),
            opt(
                "as",
                Takes::NewName,
                "A record for each item: `key`, `item`, `verdict`, and what its pass bound.",
                "每个条目一条记录：key、item、verdict 以及该轮绑定的名称",
            ),
            TITLE,
            EN,
            KEY,
            IF,
        ]],
        body: Body::Same,
        stands: &[Place::Runbook, Place::Flow, Place::Checks],
        en: "Runs its body for each item, one after the other or several at once.",
        zh: "对每个条目依次执行，或同时执行若干个",
        ..LOGIC
    },
    Word {
        name: "try",
        form: "try 3, every: 10.s do … repair do … end end",
        args: &[arg("times", Takes::Const(Kind::Int))],
        options: &[&[
            opt("every", Takes::Value(Kind::Duration), "The pause before the next attempt.", "下次尝试前的间隔"),
            opt_or(
                "backoff",
                Takes::Const(Kind::Number),
                "1",
                "The factor by which the pause grows.",
                "间隔的增长倍数",
            ),
            TITLE,
            EN,
            KEY,
            IF,
        ]],
        body: Body::Must(Place::Flow),
        en: "Runs its body until it succeeds, this often at most.",
        zh: "执行直到成功，至多这么多次",
        ..LOGIC
    },
    Word {
        name: "repair",
        form: "repair do … end",
        body: Body::Must(Place::Flow),
        stands: &[Place::Flow],
        en: "The last part of a `try`: runs before another attempt.",
        zh: "try 的最后部分：再次尝试前执行",
        ..LOGIC
    },
    Word {
        name: "parallel",
        form: "parallel do branch KEY, \"title\" do … end … end",
        options: &[&[TITLE, EN, KEY, IF]],
        body: Body::Must(Place::Parallel),
        stands: &[Place::Runbook, Place::Flow, Place::Checks],
        en: "Runs its branches at once, and goes on when all have ended.",
        zh: "同时执行各分支，全部结束后继续",
        ..LOGIC
    },
    Word {
        name: "branch",
        form: "branch KEY, \"title\" do … end",
        args: &[arg("key", Takes::Key), arg("title", Takes::Title)],
        options: &[&[EN, IF]],
        body: Body::Must(Place::Flow),
        stands: &[Place::Parallel],
        en: "A branch of a `parallel`; in a `precheck` or `verify` it holds reads and checks.",
        zh: "parallel 的一个分支；在 precheck 或 verify 中只含读取与检查",
        ..LOGIC
    },
    Word {
        name: "scenario",
        form: "scenario KEY, \"title\", params: { name: TYPE } do … end",
        args: &[arg("key", Takes::Key), arg("title", Takes::Title)],
        options: &[&[EN, opt("params", Takes::Form("{ name: TYPE }"), "Its parameters.", "参数")]],
        body: Body::Must(Place::Flow),
        stands: &[Place::Runbook],
        en: "A part that `run` runs; its names are its own.",
        zh: "由 run 执行的部分；其名字属于它自己",
        ..LOGIC
    },
    Word {
        name: "run",
        form: "run SCENARIO, name: VALUE, as: NAME",
        args: &[arg("scenario", Takes::Name(Named::Scenario))],
        options: &[&[
            opt("as", Takes::NewName, "The names bound inside are its fields.", "内部绑定的名字成为其字段"),
            TITLE,
            EN,
            KEY,
            IF,
        ]],
        en: "Runs a scenario.",
        zh: "执行一个场景",
        ..LOGIC
    },
];
