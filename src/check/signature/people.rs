//! People: questions, and who answers them.

use super::{Body, EN, Effect, Group, IF, KEY, Kind, Named, Opt, Place, Takes, Word, arg, must, opt, opt_or};

const FLOW: &[Place] = &[Place::Runbook, Place::Flow];

/// What every prompt takes.
const PEOPLE: &[Opt] = &[
    EN,
    IF,
    opt(
        "by",
        Takes::Name(Named::Role),
        "Who answers: a role, `owner` or `executor`; without it anyone.",
        "由谁答复：角色、owner 或 executor；不写则任何人",
    ),
    opt("not", Takes::Words(&["executor"]), "Whoever executes the run does not count.", "执行者本人不算"),
    opt_or("quorum", Takes::Const(Kind::Int), "1", "How many different people must agree.", "需要多少人同意"),
    opt("show", Takes::Form("a value, or a list of values"), "What is shown with the question.", "随问题显示的内容"),
    opt("evidence", Takes::Title, "A path or link is asked for with the answer.", "答复时要求给出路径或链接"),
    opt(
        "within",
        Takes::Value(Kind::Duration),
        "Time to answer, from delivery; needs `else:`.",
        "答复时限，自送达起算；需要 else:",
    ),
    opt("remind", Takes::Value(Kind::Duration), "A reminder after this time.", "过这段时间后提醒"),
    opt_or(
        "else",
        Takes::Form("run(SCENARIO), suspend, abort or fail"),
        "fail",
        "What a \"no\" or a passed deadline leads to.",
        "答复“否”或超时之后做什么",
    ),
    opt_or(
        "auto",
        Takes::Const(Kind::Bool),
        "true",
        "false: an answers file never covers it.",
        "false：答复文件不能代答",
    ),
];

const PROMPT: Word = Word {
    name: "",
    group: Group::People,
    form: "",
    args: &[],
    options: &[PEOPLE],
    body: Body::None,
    stands: FLOW,
    effect: Effect::Pure,
    en: "",
    zh: "",
};

const OPTIONAL: Opt = opt_or(
    "optional",
    Takes::Const(Kind::Bool),
    "false",
    "It may be left empty; it is then null.",
    "可以留空；此时为 null",
);

pub(super) const WORDS: &[Word] = &[
    Word {
        name: "ask",
        form: "ask NAME, TYPE, \"title\"",
        args: &[arg("name", Takes::NewName), arg("type", Takes::Type), arg("title", Takes::Title)],
        options: &[
            &[
                opt("default", Takes::Form("a value of its type"), "Taken for an empty line.", "空行时取此值"),
                opt("min", Takes::Form("a value of its type"), "The smallest value.", "最小值"),
                opt("max", Takes::Form("a value of its type"), "The largest value.", "最大值"),
                opt("matches", Takes::Const(Kind::Regex), "A pattern that it must match.", "必须匹配的模式"),
                opt_or("must", Takes::Const(Kind::Bool), "false", "`false` is a \"no\".", "答复 false 即为“否”"),
                OPTIONAL,
            ],
            PEOPLE,
        ],
        stands: &[Place::Runbook, Place::Flow, Place::Collect],
        en: "A question; its answer is the name's value.",
        zh: "提问；答复即该名称的值",
        ..PROMPT
    },
    Word {
        name: "confirm",
        form: "confirm \"title\"",
        args: &[arg("title", Takes::Title)],
        options: &[
            &[
                opt("type", Takes::Value(Kind::Text), "Text that must be typed.", "必须键入的文字"),
                opt(
                    "after",
                    Takes::Words(&["clean"]),
                    "Refused while anything before it failed or was skipped.",
                    "之前有失败或跳过时拒绝",
                ),
                KEY,
            ],
            PEOPLE,
        ],
        en: "Yes or no; a no goes where `else:` says.",
        zh: "是或否；否则按 else: 处理",
        ..PROMPT
    },
    Word {
        name: "manual",
        form: "manual \"title\"",
        args: &[arg("title", Takes::Title)],
        options: &[
            &[
                opt("links", Takes::Value(Kind::Texts), "Links that are shown.", "显示的链接"),
                opt_or(
                    "later",
                    Takes::Const(Kind::Bool),
                    "false",
                    "It may be done after the run: it stays listed as open.",
                    "可在运行后完成：列为未完成",
                ),
                KEY,
            ],
            PEOPLE,
        ],
        en: "A person does something: done, failed or not applicable.",
        zh: "由人完成：完成、失败或不适用",
        ..PROMPT
    },
    Word {
        name: "checklist",
        form: "checklist KEY, \"title\" do item … end",
        args: &[arg("key", Takes::Key), arg("title", Takes::Title)],
        options: &[&[EN, IF]],
        body: Body::Must(Place::Checklist),
        en: "Items that are ticked.",
        zh: "逐项勾选的清单",
        ..PROMPT
    },
    Word {
        name: "item",
        form: "item KEY, \"title\"",
        args: &[arg("key", Takes::Key), arg("title", Takes::Title)],
        options: &[
            &[opt(
                "is",
                Takes::Value(Kind::Bool),
                "Decides it; without it a person does. False never fails by itself.",
                "由条件判定；不写则由人判定。为假本身不算失败",
            )],
            PEOPLE,
        ],
        stands: &[Place::Checklist],
        en: "An item of a checklist.",
        zh: "清单中的一项",
        ..PROMPT
    },
    Word {
        name: "add",
        form: "add COLLECT, \"title\"",
        args: &[arg("collect", Takes::Name(Named::Collect)), arg("title", Takes::Title)],
        options: &[&[KEY], PEOPLE],
        en: "Opens the form of a `collect`: an entry is added.",
        zh: "打开 collect 的表单：添加一条",
        ..PROMPT
    },
    Word {
        name: "decide",
        form: "decide KEY, \"title\" do option … end",
        args: &[arg("key", Takes::Key), arg("title", Takes::Title)],
        options: &[&[opt("as", Takes::NewName, "The name of the choice.", "所选项的名字")], PEOPLE],
        body: Body::Must(Place::Decide),
        effect: Effect::Inside,
        en: "A choice; what is chosen runs.",
        zh: "选择；执行所选项",
        ..PROMPT
    },
    Word {
        name: "option",
        form: "option KEY, \"title\" do … end",
        args: &[arg("key", Takes::Key), arg("title", Takes::Title)],
        options: &[&[EN]],
        body: Body::Maybe(Place::Flow),
        stands: &[Place::Decide],
        effect: Effect::Inside,
        en: "A choice of a `decide`.",
        zh: "decide 的一个选项",
        ..PROMPT
    },
    Word {
        name: "signoff",
        form: "signoff KEY, \"title\", options: { pass: \"…\", fail: \"…\" }",
        args: &[arg("key", Takes::Key), arg("title", Takes::Title)],
        options: &[
            &[
                must(
                    "options",
                    Takes::Form("{ key: \"title\" }"),
                    "The choices; only the first counts as passed.",
                    "选项；只有第一项算通过",
                ),
                opt("requires", Takes::Form("{ key: COND }"), "What must be true for a choice.", "选择某项所需的条件"),
                opt("as", Takes::NewName, "The name of the choice.", "所选项的名字"),
            ],
            PEOPLE,
        ],
        en: "The last word of a person on the whole run.",
        zh: "人对整个运行的最终签字",
        ..PROMPT
    },
];
