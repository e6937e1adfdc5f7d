//! Ends: how a run leaves its path.

use super::{Body, EN, Effect, Group, IF, KEY, Kind, Named, Opt, Place, Takes, Word, arg, maybe, must, opt, opt_or};

const FLOW: &[Place] = &[Place::Runbook, Place::Flow];

const END: Word = Word {
    name: "",
    group: Group::Ends,
    form: "",
    args: &[],
    options: &[],
    body: Body::None,
    stands: FLOW,
    effect: Effect::Pure,
    en: "",
    zh: "",
};

/// What the words take that leave the path.
const LEAVING: &[Opt] = &[opt("because", Takes::Title, "Why.", "原因"), EN, KEY, IF];

pub(super) const WORDS: &[Word] = &[
    Word {
        name: "undo",
        form: "undo sh: \"COMMAND\"",
        args: &[maybe("none", Takes::Words(&["none"]))],
        options: &[&[
            opt("sh", Takes::Command, "A command that takes the step back.", "撤销该步骤的命令"),
            opt("manual", Takes::Title, "A person takes it back.", "由人撤销"),
            opt("because", Takes::Title, "Why nothing has to be undone.", "为何无需撤销"),
            opt("timeout", Takes::Value(Kind::Duration), "The whole time of its command.", "命令的总时限"),
            opt_or(
                "half",
                Takes::Words(&["run", "skip", "ask"]),
                "ask",
                "What happens to it when its step failed half-way.",
                "步骤中途失败时如何处理",
            ),
            EN,
            KEY,
        ]],
        body: Body::Maybe(Place::Flow),
        stands: &[Place::Flow],
        effect: Effect::Inside,
        en: "How its step is taken back; armed where it is written.",
        zh: "如何撤销该步骤；写在哪里就从哪里起生效",
        ..END
    },
    Word {
        name: "finally",
        form: "finally do … end",
        body: Body::Must(Place::Flow),
        stands: &[Place::Runbook],
        effect: Effect::Inside,
        en: "Runs at the end of every run: passed, failed, rolled back, aborted.",
        zh: "每次运行结束时执行：通过、失败、回滚、中止",
        ..END
    },
    Word {
        name: "rollback",
        form: "rollback do … end",
        body: Body::Must(Place::Flow),
        stands: &[Place::Runbook],
        effect: Effect::Inside,
        en: "What the rollback does after the undos.",
        zh: "撤销之后回滚做什么",
        ..END
    },
    Word {
        name: "rollback",
        form: "rollback because: \"…\"",
        options: &[LEAVING],
        en: "Takes everything back and ends the run; never returns.",
        zh: "全部撤回并结束运行；不再返回",
        ..END
    },
    Word {
        name: "no_return",
        form: "no_return \"title\", type: \"…\"",
        args: &[arg("title", Takes::Title)],
        options: &[&[
            opt("type", Takes::Value(Kind::Text), "Text that must be typed.", "必须键入的文字"),
            EN,
            KEY,
            IF,
            opt("by", Takes::Name(Named::Role), "Who answers.", "由谁答复"),
            opt("not", Takes::Words(&["executor"]), "Whoever executes the run does not count.", "执行者本人不算"),
            opt_or("quorum", Takes::Const(Kind::Int), "1", "How many different people must agree.", "需要多少人同意"),
            opt(
                "show",
                Takes::Form("a value, or a list of values"),
                "What is shown with the question.",
                "随问题显示的内容",
            ),
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
        ]],
        en: "From here on nothing is rolled back.",
        zh: "此后不再回滚",
        ..END
    },
    Word {
        name: "extend",
        form: "extend SERIES, by: COUNT",
        args: &[arg("series", Takes::Name(Named::Series))],
        options: &[&[must("by", Takes::Value(Kind::Int), "How many more samples.", "再采多少个样本"), KEY, IF]],
        en: "Takes more samples.",
        zh: "延长采样",
        ..END
    },
    Word {
        name: "stop",
        form: "stop SERIES, because: \"…\"",
        args: &[arg("series", Takes::Name(Named::Series))],
        options: &[LEAVING],
        en: "Stops the steps of a `watch`, the command that runs included: the `watch` has failed.",
        zh: "停止 watch 中的步骤，包括正在运行的命令：该 watch 记为失败",
        ..END
    },
    Word {
        name: "suspend",
        form: "suspend because: \"…\"",
        options: &[LEAVING],
        en: "Suspends the run; it can be resumed.",
        zh: "挂起运行；可恢复",
        ..END
    },
    Word {
        name: "abort",
        form: "abort because: \"…\"",
        options: &[LEAVING],
        en: "Ends the run where it stands.",
        zh: "就地中止运行",
        ..END
    },
    Word {
        name: "finish",
        form: "finish because: \"…\"",
        options: &[LEAVING],
        en: "The rest is not needed: the run ends as if it had come to its end.",
        zh: "其余不再需要：运行正常结束",
        ..END
    },
];
