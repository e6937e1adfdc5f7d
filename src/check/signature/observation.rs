//! Observation: timed samples, and what happens beside them.

use super::{
    Body, EN, Effect, Group, IF, KEY, Kind, Named, Opt, Place, TITLE, Takes, Word, arg, many, must, opt, opt_or,
};

const OBSERVATION: Word = Word {
    name: "",
    group: Group::Observation,
    form: "",
    args: &[],
    options: &[],
    body: Body::Must(Place::Flow),
    stands: &[Place::Sample],
    effect: Effect::Inside,
    en: "",
    zh: "",
};

/// What `sample` and `watch` have in common.
const OBSERVED: &[Opt] = &[
    must("every", Takes::Value(Kind::Duration), "The time between samples.", "采样间隔"),
    must("as", Takes::NewName, "The name of its series, and its key.", "序列的名字，也是键"),
    opt(
        "since",
        Takes::Name(Named::Scrape),
        "The `query` from which the first sample is measured; without it one is made at the start.",
        "首个样本的起点 query；不写则开始时抓取一次",
    ),
    opt_or("slos", Takes::Form("all, or a list of objectives"), "all", "Its objectives.", "评估的目标"),
    opt("log", Takes::Value(Kind::Text), "A file with one line a sample.", "每个样本写一行的文件"),
    TITLE,
    EN,
    IF,
];

pub(super) const WORDS: &[Word] = &[
    Word {
        name: "sample",
        form: "sample SOURCE, every: 10.min, count: 12, as: NAME do … end",
        args: &[arg("source", Takes::Name(Named::Source))],
        options: &[&[must("count", Takes::Value(Kind::Int), "How many samples.", "样本数")], OBSERVED],
        body: Body::Maybe(Place::Sample),
        stands: &[Place::Runbook, Place::Flow],
        en: "Takes samples on a fixed grid and judges the objectives; what is inside happens beside it.",
        zh: "按固定时刻采样并评估目标；其中的语句同时进行",
        ..OBSERVATION
    },
    Word {
        name: "watch",
        form: "watch SOURCE, every: 30.s, as: NAME do … end",
        args: &[arg("source", Takes::Name(Named::Source))],
        options: &[OBSERVED],
        body: Body::Must(Place::Flow),
        stands: &[Place::Runbook, Place::Flow],
        en: "Takes samples as long as the steps inside run; its `at` and `on` happen beside them.",
        zh: "在其中的步骤运行期间持续采样；其中的 at 与 on 同时进行",
        ..OBSERVATION
    },
    Word {
        name: "at",
        form: "at 4, 7, 10 do … end",
        args: &[many("sample", Takes::Const(Kind::Int))],
        options: &[&[KEY]],
        en: "Runs when those samples are taken.",
        zh: "取得这些样本时执行",
        ..OBSERVATION
    },
    Word {
        name: "on",
        form: "on EVENT, for: 2, of: 3 do … end",
        args: &[arg(
            "event",
            Takes::Form(
                "breach(any), alert_level(slo), recovered(slo), no_data(slo), unreachable(source), alert(source), reset(source) or missed",
            ),
        )],
        options: &[&[
            opt_or("for", Takes::Const(Kind::Int), "1", "Samples that must show it.", "需要出现的样本数"),
            opt_or("of", Takes::Const(Kind::Int), "the same as `for:`", "Of the last so many.", "在最近这么多个样本中"),
            KEY,
        ]],
        en: "Runs when the event fires: once a crossing, again after it was good.",
        zh: "事件触发时执行：每次越界一次，恢复后可再次触发",
        ..OBSERVATION
    },
];
