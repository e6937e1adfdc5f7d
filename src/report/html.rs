//! The report as one HTML file that needs no other: charts stand in it, nothing is loaded, nothing in it runs. It prints in
//! light colours and follows the reader's dark mode.

use super::chart::{self, Chart};
use super::document::{Block, Document, Section, Text};
use super::markup::escape;
use super::model::Beside;
use super::page::Page;
use super::sections::document;
use crate::engine::view::RunView;

const STYLE: &str = include_str!("html.css");

/// Should a text ever get out of its place, it still cannot load or run anything.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// All of it.
pub fn html(run: &RunView, beside: &Beside, page: &Page) -> String {
    let Document { title, warning, facts, sections } = document(run, beside, page);
    let lang = page.pick("en", "zh-CN");
    let warning = warning.map(|warning| format!("<p class=\"warning\"><b>SIMULATED</b>{}</p>\n", escape(&warning)));
    let sections: Vec<String> = sections.iter().map(|section| one_section(section, run, page)).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>\n{STYLE}{}</style>\n</head>\n<body>\n<h1>{}</h1>\n{}{}{}</body>\n</html>\n",
        text(&title).replace("<br>", " "),
        chart::STYLE,
        text(&title),
        warning.unwrap_or_default(),
        block(&facts),
        sections.concat(),
    )
}

fn one_section(section: &Section, run: &RunView, page: &Page) -> String {
    let drawn = section.observation.and_then(|index| Some((index, run.observations.get(index)?)));
    let chart = drawn.map(|(index, observation)| {
        let chart = Chart { run, observation, objectives: None, title: None };
        format!("<figure>\n{}</figure>\n", chart::inline(&chart, page, &format!("chart-{}", index + 1)))
    });
    let blocks: Vec<String> = section.blocks.iter().map(block).collect();
    format!(
        "<section>\n<h2>{}</h2>\n{}{}</section>\n",
        text(&section.heading),
        chart.unwrap_or_default(),
        blocks.concat()
    )
}

fn block(part: &Block) -> String {
    let item = |line: &Text| format!("<li>{}</li>\n", text(line));
    let items = |lines: &[Text]| lines.iter().map(item).collect::<Vec<_>>().concat();
    match part {
        Block::Table { head, rows } => {
            let cells = |tag: &str, row: &[Text]| {
                let all: Vec<String> = row.iter().map(|cell| format!("<{tag}>{}</{tag}>", text(cell))).collect();
                format!("<tr>{}</tr>\n", all.concat())
            };
            let body: Vec<String> = rows.iter().map(|row| cells("td", row)).collect();
            let (head, body) = (cells("th", head), body.concat());
            format!("<div class=\"wide\"><table>\n<thead>{head}</thead>\n<tbody>\n{body}</tbody>\n</table></div>\n")
        }
        Block::Says(says) => format!("<p>{}</p>\n", text(says)),
        Block::List(lines) if lines.is_empty() => String::new(),
        Block::List(lines) => format!("<ul>\n{}</ul>\n", items(lines)),
        Block::Numbered(lines) => {
            let one = |(head, below): &(Text, Vec<Text>)| {
                let below = if below.is_empty() { String::new() } else { format!("\n<ul>\n{}</ul>", items(below)) };
                format!("<li>{}{below}</li>\n", text(head))
            };
            format!("<ol class=\"numbered\">\n{}</ol>\n", lines.iter().map(one).collect::<Vec<_>>().concat())
        }
        Block::Commands { heading, all } => {
            let one = |(key, what): &(String, String)| {
                format!("<p><code>{}</code></p>\n<pre>{}</pre>\n", escape(key), escape(what))
            };
            let all: Vec<String> = all.iter().map(one).collect();
            let heading = escape(heading);
            format!("<h3>{heading}</h3>\n<details open><summary>{heading}</summary>\n{}</details>\n", all.concat())
        }
    }
}

fn text(part: &Text) -> String {
    match part {
        Text::Outside(text) => escape(text).replace('\n', "<br>"),
        Text::Ours(text) => in_plain_signs(text),
        Text::Code(text) => format!("<code>{}</code>", escape(text)),
        Text::Spaced(parts) => parts.iter().map(self::text).collect::<Vec<_>>().join(" "),
        Text::Indented(depth, inner) => format!("<span style=\"padding-left:{}em\">{}</span>", depth * 2, text(inner)),
    }
}

/// The signs of verdicts in Markdown, and what stands for them here: a page is read, and printed, where no font has emoji.
const SIGNS: [(&str, &str); 9] = [
    ("✅", "<b class=\"good\">✓</b>"),
    ("❌", "<b class=\"bad\">✗</b>"),
    ("🛑", "<b class=\"bad\">■</b>"),
    ("⚠️", "<b class=\"bad\">!</b>"),
    ("⏹️", "■"),
    ("⏭️", "»"),
    ("↩️", "↺"),
    ("⏳", "…"),
    ("➖", "–"),
];

/// Our own words.
fn in_plain_signs(text: &str) -> String {
    SIGNS.iter().fold(escape(text), |text, (sign, plain)| text.replace(sign, plain))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::engine::input::Artifact;
    use crate::engine::view::sample::{run, words};
    use crate::text::Lang;
    use crate::value::Value;

    fn page(lang: Lang) -> Page {
        Page { lang, zone: TimeZone::get("Asia/Shanghai").unwrap() }
    }

    #[test]
    fn it_says_what_the_markdown_says_with_a_chart_of_each_observation() {
        let artifacts = vec![Artifact { path: "artifacts/sh.1".to_owned(), sha256: "ab12".to_owned(), bytes: 70_000 }];
        let beside = Beside { exit_code: Some(1), interrupted: false, artifacts };
        let text = html(&run(), &beside, &page(Lang::Zh));
        for said in [
            "<html lang=\"zh-CN\">",
            "<p class=\"warning\"><b>SIMULATED</b>本报告来自模拟运行",
            "<td>执行者</td><td>li</td>",
            "<h2>SLO 指标：持续监控</h2>\n<figure>\n<svg ",
            "<td>HTTP 成功率</td><td>≥ 98%</td>",
            "<td><b class=\"bad\">✗</b> 97.996%</td>",
            "<td><code>artifacts/sh.1</code></td><td>70000</td>",
        ] {
            assert!(text.contains(said), "{said} is missing:\n{text}");
        }
        let mut real = run();
        real.simulated = false;
        assert!(!html(&real, &beside, &page(Lang::En)).contains("SIMULATED"));
    }

    #[test]
    fn each_sign_of_a_verdict_is_one_that_every_font_has() {
        for verdict in crate::value::Verdict::ALL {
            let shown = in_plain_signs(&crate::report::words::verdict(*verdict, Lang::En));
            let emoji = |sign: char| ('\u{1f000}'..).contains(&sign) || "✅❌⚠⏭➖⏳↩⏹\u{fe0f}".contains(sign);
            assert!(!shown.contains(emoji), "{shown}");
        }
    }

    #[test]
    fn nothing_from_outside_is_markup_and_nothing_is_loaded() {
        const HOSTILE: &str = "</title></style><script>alert(1)</script><img src=x onerror=alert(2)>\u{202e}\"'&\n";
        let mut run = run();
        run.title = words(HOSTILE, "");
        run.environment = Some(HOSTILE.to_owned());
        run.executor = HOSTILE.to_owned();
        run.notes[0].1 = words(HOSTILE, "");
        run.problems[0].1 = Value::Map([(HOSTILE.to_owned(), Value::Text(HOSTILE.to_owned()))].into());
        run.steps[0].title = words(HOSTILE, "");
        run.steps[0].what.text = HOSTILE.to_owned();
        run.steps[0].detail = crate::text::Text::verbatim(HOSTILE);
        run.answers[0].value = Value::Text(HOSTILE.to_owned());
        run.answers[0].note = Some(HOSTILE.to_owned());
        run.observations[0].title = words(HOSTILE, "");
        run.observations[0].objectives[0].shown.title = words(HOSTILE, "");
        run.observations[0].samples[1].state = "error".to_owned();
        run.observations[0].samples[1].why = crate::text::Text::verbatim(HOSTILE);
        let artifacts = vec![Artifact { path: HOSTILE.to_owned(), sha256: HOSTILE.to_owned(), bytes: 1 }];
        let text = html(&run, &Beside { artifacts, ..Beside::default() }, &page(Lang::En));
        assert!(!text.contains("<script") && !text.contains("<img") && !text.contains('\u{202e}'), "{text}");
        assert!(text.matches("&lt;script&gt;").count() > 10);
        // Namespaces of SVG are names, no addresses that anything is loaded from.
        let addresses = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!addresses.contains("src=") || addresses.contains("img src=x"), "only as text");
        assert!(!addresses.contains("href=") && !addresses.contains("@import") && !addresses.contains("url("));
        assert_eq!(text.matches("</title>").count(), text.matches("<title").count());
    }
}
