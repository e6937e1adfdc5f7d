//! A plan as people read it.

use jiff::Timestamp;

use super::answers::{describe, is_empty};
use super::{Known, Plan, RoleRow, Row, Slot};
use crate::check::program::Class;
use crate::console::lang::{block, column};
use crate::console::sanitise;
use crate::console::style::{Paint, Style};
use crate::console::table::{Align, Table};
use crate::console::width::{pad, width, wrap};

/// Columns of what a line does, at its left.
const TAG_COLUMNS: usize = 9;

/// Columns that text gets at least, however narrow the terminal is.
const LEAST_ROOM: usize = 24;

/// The lines of the plan.
pub fn lines(plan: &Plan, style: &Style) -> Vec<String> {
    let mut page = Page { style, out: Vec::new() };
    page.head(plan);
    page.values(plan);
    page.world(plan);
    page.objectives(plan);
    page.timetable(plan);
    page.heading(style.pick("What runs", "执行内容"));
    page.rows(&plan.steps, 0);
    for scenario in &plan.scenarios {
        let title = scenario.title.as_ref().map(|title| title.said(style.lang)).unwrap_or_default();
        page.heading(&format!("{} {}{}{title}", block("scenario", style.lang), scenario.key, style.colon()));
        if let Some((_, by)) = scenario.facts.iter().find(|(name, _)| *name == "run_by") {
            let text = style.lang.pick(format!("run by {by}"), format!("由 {by} 执行"));
            page.put("", 0, &text, Some(Paint::Dim), "");
        }
        page.rows(&scenario.rows, 0);
    }
    page.rollback(plan);
    if !plan.finally.is_empty() {
        page.heading(style.pick(
            "Finally, at the end of every run: passed, failed, rolled back, aborted",
            "收尾：每次运行结束时都执行（通过、失败、回滚、中止）",
        ));
        page.rows(&plan.finally, 0);
    }
    page.foot(plan);
    page.out
}

struct Page<'a> {
    style: &'a Style,
    out: Vec<String>,
}

impl Page<'_> {
    fn heading(&mut self, text: &str) {
        self.out.push(String::new());
        self.out.extend(wrap(text, self.style.width).iter().map(|line| self.style.paint(Paint::Bold, line)));
    }

    /// A line that begins at a column and goes on there; `behind` stands on its end where it fits, else below it.
    fn put(&mut self, tag: &str, indent: usize, text: &str, paint: Option<Paint>, behind: &str) {
        let style = self.style;
        let room = style.width.saturating_sub(TAG_COLUMNS + indent).max(LEAST_ROOM);
        let mut lines = wrap(text, room);
        let fits = lines.len() == 1 && width(text) + 2 + width(behind) <= room;
        for line in &mut lines {
            *line = paint.map_or_else(|| line.clone(), |paint| style.paint(paint, line));
        }
        if !behind.is_empty() && fits {
            lines = vec![format!("{}  {}", lines.concat(), style.paint(Paint::Dim, behind))];
        } else if !behind.is_empty() {
            lines.extend(wrap(behind, room - 2).iter().map(|line| format!("  {}", style.paint(Paint::Dim, line))));
        }
        for (index, line) in lines.iter().enumerate() {
            let tag = if index == 0 { tag } else { "" };
            self.out.push(format!("{}{}{line}", pad(tag, TAG_COLUMNS), " ".repeat(indent)).trim_end().to_owned());
        }
    }

    fn table(&mut self, table: &Table) {
        self.out.extend(table.lines(self.style.width.saturating_sub(2)).into_iter().map(|line| format!("  {line}")));
    }

    /// A table whose last cells are long: they go on in their own column.
    fn long_table(&mut self, rows: Vec<(Vec<String>, String, Option<Paint>)>) {
        let columns = rows.iter().map(|(cells, ..)| cells.len()).max().unwrap_or(0);
        let wide = |column: usize| rows.iter().filter_map(|row| row.0.get(column)).map(|cell| width(cell)).max();
        let widths: Vec<usize> = (0..columns).map(|column| wide(column).unwrap_or(0)).collect();
        let before: usize = widths.iter().map(|width| width + 2).sum::<usize>() + 2;
        let room = self.style.width.saturating_sub(before);
        // Where no room is left beside the others, they stand below them.
        let below = room < LEAST_ROOM;
        let (before, room) = if below { (4, self.style.width.saturating_sub(4)) } else { (before, room) };
        for (cells, last, paint) in rows {
            let cells: String = cells.iter().zip(&widths).map(|(cell, width)| pad(cell, *width + 2)).collect();
            if below {
                self.out.extend(wrap(format!("  {cells}").trim_end(), self.style.width));
            }
            for (index, line) in wrap(&last, room).iter().enumerate() {
                let line = paint.map_or_else(|| line.clone(), |paint| self.style.paint(paint, line));
                let before = if index == 0 && !below { format!("  {cells}") } else { " ".repeat(before) };
                self.out.push(format!("{before}{line}").trim_end().to_owned());
            }
        }
    }

    fn head(&mut self, plan: &Plan) {
        let style = self.style;
        let nothing = style.pick("PLAN: nothing was run", "计划：未执行任何操作");
        self.out.push(style.paint(Paint::Care, nothing));
        let title = wrap(plan.title.said(style.lang), style.width);
        self.out.extend(title.iter().map(|line| style.paint(Paint::Bold, line)));
        let digest = plan.digest.get(..12).unwrap_or(&plan.digest);
        let facts = wrap(&format!("{}  sha256 {digest}…  {}", plan.runbook, plan.timezone), style.width);
        self.out.extend(facts.iter().map(|line| style.paint(Paint::Dim, line)));
        for note in &plan.notes {
            let lines = wrap(note.said(style.lang), style.width);
            self.out.extend(lines);
        }
        self.out.push(String::new());
        let mut table = Table::new(&[Align::Left, Align::Left]);
        let mut row = |name: &str, text: String| table.row(vec![style.paint(Paint::Dim, name), text]);
        if let Some(window) = &plan.window {
            let at =
                |time: Timestamp, form: &str| time.to_zoned_datetime(style.zone.clone()).strftime(form).to_string();
            let dash = style.sign("–", "-");
            let (from, to) = (at(window.from, "%Y-%m-%d %H:%M"), at(window.to, "%H:%M"));
            let mut text = format!("{from} {dash} {to}");
            if window.opens != window.from {
                let opens = at(window.opens, "%H:%M");
                text.push_str(
                    &style.lang.pick(format!(", preparations from {opens}"), format!("，{opens} 起可以准备")),
                );
            }
            row(style.pick("window", "窗口"), text);
        }
        match &plan.environment {
            Some(name) => row(style.pick("environment", "环境"), name.clone()),
            None if plan.environments.is_empty() => {}
            None => {
                let names = plan.environments.join(", ");
                let text = style
                    .lang
                    .pick(format!("not given: --env is one of {names}"), format!("未指定：--env 取值为 {names}"));
                row(style.pick("environment", "环境"), style.paint(Paint::Care, &text));
            }
        }
        if let Some(owner) = &plan.owner {
            let asked = style.pick("asked at the start", "开始时询问");
            let name = owner.name.clone().unwrap_or_else(|| if owner.asked { asked.to_owned() } else { String::new() });
            row(style.pick("owner", "负责人"), name);
        }
        let effects = plan.effects;
        row(
            style.pick("effects", "影响"),
            style.lang.pick(
                format!(
                    "{} read, {} record, {} write, {} destroy",
                    effects.read, effects.record, effects.write, effects.destroy
                ),
                format!("读 {}，记录 {}，写 {}，毁坏 {}", effects.read, effects.record, effects.write, effects.destroy),
            ),
        );
        let prompts = plan.prompts.len();
        row(
            style.pick("prompts", "问题"),
            style.lang.pick(
                format!("{prompts}; `--answers-template` prints a file for answers"),
                format!("{prompts} 个；--answers-template 输出答复文件模板"),
            ),
        );
        self.table(&table);
    }

    fn values(&mut self, plan: &Plan) {
        let style = self.style;
        if !plan.values.is_empty() {
            self.heading(style.pick("Values", "参数与取值"));
            let row = |known: &Known| {
                let (shown, paint) = match &known.value {
                    Some(value) => (sanitise::uncoloured(&value.replace('\n', " ")), None),
                    None if known.missing => {
                        let way = match (&known.env, &known.from_label) {
                            (Some(env), None) => format!("${env}, --param {}=…", known.name),
                            (None, None) => format!("--param {}=…", known.name),
                            (env, Some(label)) => {
                                let env = env.as_ref().map(|env| format!("${env}, ")).unwrap_or_default();
                                format!("{env}--params ALERT.json ({label}), --param {}=…", known.name)
                            }
                        };
                        (style.lang.pick(format!("missing: {way}"), format!("缺失：{way}")), Some(Paint::Bad))
                    }
                    None => (style.pick("not set", "未设置").to_owned(), Some(Paint::Dim)),
                };
                let limits = match facts(&known.limits) {
                    limits if limits.is_empty() => limits,
                    limits => format!("  {limits}"),
                };
                (vec![known.name.clone(), style.paint(Paint::Dim, &known.ty)], shown + &limits, paint)
            };
            let rows = plan.values.iter().map(row).collect();
            self.long_table(rows);
        }
        if !plan.secrets.is_empty() {
            self.heading(style.pick("Secrets", "密钥"));
            let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
            for secret in &plan.secrets {
                let there = match (secret.there, secret.optional) {
                    (Some(true), _) => style.pick("there", "已提供").to_owned(),
                    (Some(false), true) => {
                        style.paint(Paint::Dim, style.pick("not there (optional)", "未提供（可选）"))
                    }
                    (Some(false), false) => style.paint(Paint::Bad, style.pick("missing", "缺失")),
                    (None, _) => style.pick("when the run begins", "运行开始时取得").to_owned(),
                };
                table.row(vec![secret.name.clone(), style.paint(Paint::Dim, &secret.from), there]);
            }
            self.table(&table);
        }
    }

    fn world(&mut self, plan: &Plan) {
        let style = self.style;
        if !plan.absent.is_empty() {
            self.heading(style.pick("Not configured", "未配置"));
            for absent in &plan.absent {
                let what = match absent.split(' ').next() {
                    Some("source") => style.pick("nothing is asked of it, its rules are off", "不会查询，其规则不生效"),
                    Some("channel") => style.pick("nothing is sent", "不会发送任何消息"),
                    Some(_) | None => style.pick(
                        "no one is named: whoever else it admits may answer",
                        "没有指定人员：其他条件允许的人都可以答复",
                    ),
                };
                self.out.push(format!("  {}: {what}", style.paint(Paint::Care, absent)));
            }
        }
        if !plan.sources.is_empty() {
            self.heading(style.pick("Sources", "指标来源"));
            let mut table = Table::new(&[Align::Left; 5]);
            for source in &plan.sources {
                let every = source
                    .every
                    .as_ref()
                    .map(|every| style.lang.pick(format!("asked every {every}"), format!("每 {every} 检查一次")));
                table.row(vec![
                    source.name.clone(),
                    source.kind.to_owned(),
                    source
                        .url
                        .clone()
                        .unwrap_or_else(|| style.paint(Paint::Care, style.pick("not configured", "未配置"))),
                    every.unwrap_or_default(),
                    style.paint(Paint::Dim, &facts(&source.facts)),
                ]);
            }
            self.table(&table);
        }
        self.people(plan);
        if !plan.locks.is_empty() || !plan.guards.is_empty() {
            self.heading(style.pick(
                "Protected by: one run at a time on a lock's target, a guard before each write and after each wait",
                "保护：锁定的目标同时只允许一次运行；每次写之前、每次等待之后都核对目标",
            ));
            for lock in &plan.locks {
                let released = if plan.locks_released.contains(lock) { "suspended: release" } else { "" };
                self.put("lock", 0, lock, None, released);
            }
            for guard in &plan.guards {
                let about = format!("timeout: {}", guard.timeout);
                self.put("guard", 0, &format!("{}: {}", guard.key, guard.command), None, &about);
                let is = style.lang.pick(format!("must print {}", guard.is), format!("输出必须是 {}", guard.is));
                self.put("", 2, &is, Some(Paint::Dim), "");
            }
        }
    }

    fn people(&mut self, plan: &Plan) {
        let style = self.style;
        if plan.roles.is_empty() {
            return;
        }
        self.heading(style.pick("People", "人员"));
        let row = |role: &RoleRow| {
            let anyone = || style.pick("anyone", "任何人").to_owned();
            let who = role.people.clone().unwrap_or_else(anyone);
            let not = if role.not_executor { "  not: executor" } else { "" };
            let title = role.title.said(style.lang).to_owned();
            (vec![role.key.clone(), title], format!("{who}{not}"), None)
        };
        let rows = plan.roles.iter().map(row).collect();
        self.long_table(rows);
    }

    fn objectives(&mut self, plan: &Plan) {
        let style = self.style;
        if plan.objectives.is_empty() {
            return;
        }
        self.heading(style.pick("Objectives", "指标与目标"));
        let heading = |name: &str| style.paint(Paint::Dim, column(name, style.lang));
        let no_data = style.paint(Paint::Dim, style.pick("no data", "无数据时"));
        let heads = vec![heading("objective"), heading("target"), heading("alert"), no_data];
        let mut rows = vec![(heads, style.pick("value", "取值").to_owned(), Some(Paint::Dim))];
        for objective in &plan.objectives {
            let cells = vec![
                objective.title.said(style.lang).to_owned(),
                objective.target.clone(),
                objective.alert.clone().unwrap_or_default(),
                objective.no_data.to_owned(),
            ];
            let rules = objective
                .fails
                .iter()
                .cloned()
                .chain(objective.min_samples.map(|n| format!("min_samples: {n}")))
                .chain(objective.delay.iter().map(|delay| format!("delay: {delay}")))
                .chain((objective.on_error != "fail").then(|| format!("on_error: {}", objective.on_error)));
            let value = std::iter::once(objective.value.clone()).chain(rules).collect::<Vec<_>>().join(" · ");
            rows.push((cells, value, None));
        }
        self.long_table(rows);
    }

    fn timetable(&mut self, plan: &Plan) {
        let style = self.style;
        if plan.timetable.is_empty() {
            return;
        }
        self.heading(style.pick("Timetable", "时间表"));
        let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
        for slot in &plan.timetable {
            let indent = " ".repeat(slot.depth as usize * 2);
            let title = slot.title.said(style.lang);
            let own = slot.key.rsplit('/').next().unwrap_or(&slot.key);
            let title = match (title, slot.word) {
                ("", "wait") => style.pick("wait", "等待").to_owned(),
                ("", word) => format!("{word} {own}"),
                (title, _) => title.to_owned(),
            };
            table.row(vec![span(slot, style), format!("{indent}{title}"), slot.length.clone().unwrap_or_default()]);
        }
        self.table(&table);
    }

    fn rows(&mut self, rows: &[Row], depth: usize) {
        for row in rows {
            self.row(row, depth);
        }
    }

    fn row(&mut self, row: &Row, depth: usize) {
        // An `if` is its arms.
        if row.word == "if" && row.what.is_none() {
            self.rows(&row.rows, depth);
            return;
        }
        let style = self.style;
        let indent = depth.min(MAX_DEPTH) * 2;
        let block =
            matches!(row.word, "section" | "step" | "precheck" | "verify" | "checklist" | "branch" | "scenario");
        if row.word == "section" {
            self.out.push(String::new());
        }
        let (tag, paint) = self.tag(row);
        let tag = style.paint(paint, tag);
        let about = self.about(row);
        let title = row.title.as_ref().filter(|title| !is_empty(title)).map(|title| title.said(style.lang));
        let what = row.what.as_ref().map(|what| sanitise::lines(what.get(style.lang)).join("\n"));
        match (title, what) {
            // The text of a command is its title where the author gave it none.
            (Some(title), Some(what)) if row.effect && title != what => {
                self.put(&tag, indent, title, None, &about);
                self.put("", indent + 2, &what, None, "");
            }
            (Some(title), Some(what)) if matches!(row.word, "assert" | "item") => {
                self.put(&tag, indent, title, None, &about);
                self.put("", indent + 2, &what, Some(Paint::Dim), "");
            }
            (_, Some(what)) if row.effect || row.word == "wait" => self.put(&tag, indent, &what, None, &about),
            (Some(title), Some(what)) if row.word == "undo" => {
                self.put(&tag, indent, &format!("{what}: {title}"), None, &about);
            }
            (Some(title), Some(what)) => self.put(&tag, indent, &format!("{} {what}: {title}", row.word), None, &about),
            (None, Some(what)) => self.put(&tag, indent, &format!("{} {what}", row.word), None, &about),
            (Some(title), None) if row.word == "section" => {
                let title = format!("{} {title}", style.sign("━━", "=="));
                self.put(&tag, indent, &title, Some(Paint::Bold), &about);
            }
            (Some(title), None) => self.put(&tag, indent, title, block.then_some(Paint::Bold), &about),
            (None, None) => self.put(&tag, indent, row.word, None, &about),
        }
        for option in row.asks.iter().flat_map(|asked| &asked.options) {
            if let Some(requires) = &option.requires {
                let text = format!("{} requires: {}", option.key, sanitise::uncoloured(requires));
                self.put("", indent + 2, &text, Some(Paint::Dim), "");
            }
        }
        for field in row.asks.iter().flat_map(|asked| &asked.fields) {
            let text = format!("{}: {}", field.name, field.title.said(style.lang));
            self.put("", indent + 2, &text, Some(Paint::Dim), "");
        }
        self.rows(&row.rows, depth + 1);
    }

    /// Key and options, in one line. Questions and blocks are named by their whole key, the rest within its block.
    fn about(&self, row: &Row) -> String {
        let style = self.style;
        let mut parts = Vec::new();
        let whole = row.asks.is_some() || !row.rows.is_empty();
        match row.word {
            "if" | "elsif" | "else" | "option" | "repair" | "probe" => {}
            _ if whole => parts.push(row.key.clone()),
            _ => parts.push(row.key.rsplit('/').next().unwrap_or(&row.key).to_owned()),
        }
        match row.applies {
            Some(false) if row.word == "assert" => parts.push(style.pick("false as things are", "目前为假").to_owned()),
            Some(false) => parts.push(style.pick("does not apply", "不适用").to_owned()),
            Some(true) | None => {}
        }
        if let Some(asked) = &row.asks {
            parts.push(describe(asked, style.lang));
        }
        let facts = facts(&row.facts);
        parts.extend((!facts.is_empty()).then_some(facts));
        parts.join("  ")
    }

    fn tag(&self, row: &Row) -> (&'static str, Paint) {
        let style = self.style;
        let pick = |en: &'static str, zh: &'static str| style.lang.pick(en, zh);
        if row.asks.is_some() {
            return (pick("ask", "提问"), Paint::Ask);
        }
        if row.effect && !matches!(row.word, "sample" | "watch") {
            return match row.class {
                Class::Pure | Class::Read => (pick("read", "读"), Paint::Dim),
                Class::Record => (pick("record", "记录"), Paint::Dim),
                Class::Write => (pick("WRITE", "写"), Paint::Care),
                Class::Destroy => (pick("DESTROY", "毁坏"), Paint::Bad),
            };
        }
        match row.word {
            "assert" | "item" => (pick("check", "检查"), Paint::Dim),
            "sample" => (pick("sample", "采样"), Paint::Dim),
            "watch" => (pick("watch", "监视"), Paint::Dim),
            "parallel" => (pick("at once", "同时"), Paint::Bold),
            "branch" => (pick("branch", "分支"), Paint::Dim),
            "wait" | "poll" => (pick("wait", "等待"), Paint::Dim),
            "undo" => (pick("undo", "撤销"), Paint::Dim),
            "note" => (pick("note", "备注"), Paint::Dim),
            "manual" => (pick("later", "稍后"), Paint::Dim),
            "rollback" => (pick("ROLLBACK", "回滚"), Paint::Bad),
            "abort" => (pick("ABORT", "中止"), Paint::Bad),
            "suspend" => (pick("suspend", "挂起"), Paint::Care),
            "finish" => (pick("finish", "结束"), Paint::Care),
            _ => ("", Paint::Dim),
        }
    }

    fn rollback(&mut self, plan: &Plan) {
        let style = self.style;
        let rollback = &plan.rollback;
        if rollback.undos.is_empty() && rollback.then.is_empty() {
            return;
        }
        self.heading(style.pick(
            "Rollback, in this order; only what was armed by then, and never before the first write",
            "回滚顺序（只包括届时已生效的撤销；首次写操作之前不提供回滚）",
        ));
        for (index, undo) in rollback.undos.iter().enumerate() {
            let title = undo.title.said(style.lang);
            let (how, paint) = match undo.how {
                "by hand" => (style.pick("by hand", "人工"), Some(Paint::Ask)),
                "nothing" => (style.pick("nothing", "无需"), Some(Paint::Dim)),
                _ => (style.pick("run", "执行"), None),
            };
            self.put(&(index + 1).to_string(), 0, title, Some(Paint::Bold), &undo.step);
            for what in &undo.what {
                self.put(how, 2, &sanitise::lines(what.get(style.lang)).join("\n"), paint, "");
            }
            if !undo.when.is_empty() {
                let when = undo.when.join(style.pick(", ", "，"));
                let text = style.lang.pick(format!("only where it came to {when}"), format!("仅当执行过 {when}"));
                self.put("", 2, &text, Some(Paint::Dim), "");
            }
        }
        if !rollback.then.is_empty() {
            self.put(style.pick("then", "随后"), 0, style.pick("the rollback block", "回滚块"), Some(Paint::Bold), "");
            self.rows(&rollback.then, 1);
        }
        for key in &rollback.no_return {
            let text = style.lang.pick(format!("not any more after {key}"), format!("{key} 之后不再回滚"));
            self.put("", 0, &text, Some(Paint::Care), "");
        }
    }

    fn foot(&mut self, plan: &Plan) {
        let style = self.style;
        let missing: Vec<&str> =
            plan.values.iter().filter(|known| known.missing).map(|known| known.name.as_str()).collect();
        if missing.is_empty() {
            return;
        }
        let names = missing.join(", ");
        let text = style
            .lang
            .pick(format!("A run cannot begin yet: {names} missing."), format!("运行尚不能开始：缺少 {names}。"));
        self.out.push(String::new());
        self.out.push(style.paint(Paint::Bad, &text));
    }
}

/// `name: value`, each on one line.
fn facts(facts: &[(&'static str, String)]) -> String {
    let fact = |(name, value): &(&str, String)| format!("{name}: {}", sanitise::uncoloured(&value.replace('\n', "⏎")));
    facts.iter().map(fact).collect::<Vec<_>>().join("  ")
}

/// Deepest indent: beyond, a narrow terminal has no room for text.
const MAX_DEPTH: usize = 8;

fn span(slot: &Slot, style: &Style) -> String {
    let dash = style.sign("–", "-");
    match (&slot.at, &slot.until) {
        (Some(at), Some(until)) => format!("{at} {dash} {until}"),
        (Some(at), None) => at.clone(),
        // Under the ends of the others.
        (None, Some(until)) => format!("{}{dash} {until}", " ".repeat(width("00:00 "))),
        (None, None) => String::new(),
    }
}
