//! A file for answers, with a line for each question and nothing answered in it: there is no blanket yes.

use super::Plan;
use super::asked::{Asked, quoted};
use crate::engine::action::Words;
use crate::text::Lang;

/// The text of the file: TOML whose answers are all commented out.
pub fn template(plan: &Plan, lang: Lang) -> String {
    let name = one_line(plan.title.said(lang));
    let mut out = lang.pick(
        format!(
            "# Answers for {}: {name}\n\
             # Take the # from the line of a prompt to answer it. What is not answered here suspends the run.\n\
             # An answer can also be {{ value = …, by = \"name\", note = \"…\" }}; a list gives one answer a pass.\n",
            plan.runbook
        ),
        format!(
            "# {} 的答复：{name}\n\
             # 去掉某一行开头的 # 即答复该问题；这里没有答复的问题会使运行挂起。\n\
             # 答复也可以写成 {{ value = …, by = \"姓名\", note = \"…\" }}；列表表示逐次给出的答复。\n",
            plan.runbook
        ),
    );
    let mut lines = vec![String::new(), "[answers]".to_owned()];
    for asked in &plan.prompts {
        prompt(&mut lines, asked, lang);
    }
    for (key, about, example) in built_in(plan, lang) {
        lines.extend([String::new(), format!("# {about}"), format!("#{} = {example}", quoted(&key))]);
    }
    out.push_str(&lines.join("\n"));
    out.push('\n');
    out
}

fn prompt(lines: &mut Vec<String>, asked: &Asked, lang: Lang) {
    let title = one_line(asked.title.said(lang));
    let repeats = if asked.repeats { lang.pick(", may be asked several times", "，可能多次询问") } else { "" };
    lines.push(String::new());
    lines.push(format!("# {}", if title.is_empty() { asked.key.as_str() } else { &title }));
    lines.push(format!("#   {}{repeats}", describe(asked, lang)));
    for option in &asked.options {
        let title = option.title.as_ref().map(|title| one_line(title.said(lang))).unwrap_or_default();
        lines.push(format!("#   {}  {title}", quoted(&option.key)).trim_end().to_owned());
        lines.extend(option.requires.iter().map(|requires| format!("#     requires: {}", one_line(requires))));
    }
    for field in &asked.fields {
        let optional = if field.optional { "?" } else { "" };
        let title = one_line(field.title.said(lang));
        lines.push(format!("#   {}: {}{optional}  {title}", field.name, field.ty));
    }
    if asked.auto {
        let example = asked.example.as_deref().unwrap_or("\"\"");
        if asked.of_item.is_some() {
            let each =
                lang.pick("#   a line for each item, written in place of ITEM", "#   每个条目一行，ITEM 改为该条目");
            lines.push(each.to_owned());
        }
        lines.push(format!("#{} = {example}", quoted(asked.of_item.as_ref().unwrap_or(&asked.key))));
    } else {
        lines.push(lang.pick("#   only a person answers this", "#   只能由人答复").to_owned());
    }
}

/// What fits and who answers, in one line.
pub(super) fn describe(asked: &Asked, lang: Lang) -> String {
    let mut parts = vec![format!("{} {}{}", asked.kind, asked.ty, if asked.optional { "?" } else { "" })];
    let fact = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name}: {value}"));
    let facts = [
        fact("type", &asked.typed.as_ref().map(|typed| quoted(typed))),
        fact("default", &asked.default),
        fact("min", &asked.min),
        fact("max", &asked.max),
        fact("matches", &asked.matches),
        fact("by", &asked.by),
        asked.not_executor.then(|| "not: executor".to_owned()),
        (asked.quorum > 1).then(|| format!("quorum: {}", asked.quorum)),
        fact("within", &asked.within),
        fact("remind", &asked.remind),
        fact("show", &asked.show),
        asked.evidence.as_ref().map(|title| format!("evidence: {}", quoted(title.said(lang)))),
        asked.must.then(|| "must: true".to_owned()),
        asked.after_clean.then(|| "after: clean".to_owned()),
        (!asked.auto).then(|| "auto: false".to_owned()),
        (asked.otherwise != "fail").then(|| format!("else: {}", asked.otherwise)),
    ];
    parts.extend(facts.into_iter().flatten());
    parts.join(lang.pick(", ", "，"))
}

/// Built-in prompts that a run of this runbook can come to without anything failing.
fn built_in(plan: &Plan, lang: Lang) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    let mut add = |key: String, en: &str, zh: &str, example: &str| {
        out.push((key, lang.pick(en, zh).to_owned(), example.to_owned()));
    };
    if plan.window.is_some() {
        let (en, zh) = ("outside the window: \"go_on\" or \"abort\"", "不在窗口内：\"go_on\" 或 \"abort\"");
        add("run!window".to_owned(), en, zh, "{ value = \"go_on\", note = \"\" }");
    }
    for (key, title) in &plan.accepts {
        let title = if is_empty(title) { key.clone() } else { one_line(title.said(lang)) };
        let (en, zh) = (
            format!("{title}, where it fails: true accepts that, false does not"),
            format!("{title}，失败时：true 为接受，false 为不接受"),
        );
        add(format!("{key}!accept"), &en, &zh, "true");
    }
    for series in &plan.observations {
        for objective in plan.objectives.iter().filter(|objective| objective.no_data == "ask") {
            let title = one_line(objective.title.said(lang));
            let (en, zh) = (
                format!("{title}, no data over the whole observation: \"not_applicable\" or \"fail\""),
                format!("{title}，整个观察期没有数据：\"not_applicable\" 或 \"fail\""),
            );
            add(format!("{series}!no_data.{}", objective.key), &en, &zh, "{ value = \"not_applicable\", note = \"\" }");
        }
    }
    if !plan.rollback.undos.is_empty() || !plan.rollback.then.is_empty() {
        add("run!rollback".to_owned(), "the rollback, as it is about to run", "即将执行的回滚", "true");
    }
    out
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Is there a title at all?
pub(super) fn is_empty(words: &Words) -> bool {
    words.text.is_empty() && words.en.is_none()
}
