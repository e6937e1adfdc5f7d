//! Structure: what the steps of a procedure stand in.

use super::{Body, EN, Effect, Group, IF, Kind, Named, Place, Takes, Word, arg, opt, opt_or};

pub(super) const WORDS: &[Word] = &[
    Word {
        name: "section",
        form: "section KEY, \"title\", at: \"09:10\", until: \"11:10\" do … end",
        options: &[&[
            EN,
            IF,
            opt("at", Takes::Const(Kind::Text), "Planned begin, `HH:MM`.", "计划开始，HH:MM"),
            opt("until", Takes::Const(Kind::Text), "Planned end, `HH:MM`.", "计划结束，HH:MM"),
            opt("budget", Takes::Value(Kind::Duration), "Planned length.", "计划时长"),
        ]],
        stands: &[Place::Runbook],
        en: "A part of the procedure, with its planned times.",
        zh: "流程的一部分，带计划时间",
        ..BLOCK
    },
    Word {
        name: "step",
        form: "step KEY, \"title\" do … end",
        options: &[&[
            EN,
            IF,
            opt_or("required", Takes::Const(Kind::Bool), "false", "It cannot be skipped.", "不能跳过"),
        ]],
        stands: &[Place::Runbook, Place::Flow],
        en: "A step; its `undo` belongs to it.",
        zh: "一个步骤；其 undo 属于它",
        ..BLOCK
    },
    Word {
        name: "precheck",
        form: "precheck KEY, \"title\" do … end",
        options: &[&[EN, IF]],
        body: Body::Must(Place::Checks),
        stands: &[Place::Runbook, Place::Flow],
        en: "Reads and checks, before any write: all run, then one table is shown.",
        zh: "写操作之前的读取与检查：全部执行后显示一张表",
        ..BLOCK
    },
    Word {
        name: "verify",
        form: "verify KEY, \"title\" do … end",
        options: &[&[EN, IF]],
        body: Body::Must(Place::Checks),
        stands: &[Place::Runbook, Place::Flow],
        en: "Reads and checks, anywhere: all run, then one table is shown.",
        zh: "任意位置的读取与检查：全部执行后显示一张表",
        ..BLOCK
    },
    Word {
        name: "settles",
        form: "settles KEY",
        args: &[arg("block", Takes::Name(Named::Block))],
        options: &[&[]],
        body: Body::None,
        stands: &[Place::Flow],
        effect: Effect::Pure,
        en: "The undos of that step have become pointless and are dropped.",
        zh: "该步骤的 undo 已无意义，予以取消",
        ..BLOCK
    },
];

const BLOCK: Word = Word {
    name: "",
    group: Group::Structure,
    form: "",
    args: &[arg("key", Takes::Key), arg("title", Takes::Title)],
    options: &[],
    body: Body::Must(Place::Flow),
    stands: &[],
    effect: Effect::Inside,
    en: "",
    zh: "",
};
