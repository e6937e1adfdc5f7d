//! Diagnostics as people read them: the place drawn under its line, what is wrong, the way out.

use std::fmt;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceSpan};

use super::{Diagnostic, Label, Severity, Span};
use crate::text::Lang;

/// Longest line of source that is drawn, in characters: a terminal's width a few times over. Of a longer one a window
/// around the place is shown.
const MAX_LINE_CHARS: usize = 300;

/// Characters of a long line that are shown before the place.
const BEFORE_PLACE_CHARS: usize = 60;

/// How diagnostics are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Colours are wanted.
    pub colour: bool,
    /// Lines are drawn with box characters, else with ASCII.
    pub unicode: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Of the words.
    pub lang: Lang,
}

impl Default for Look {
    fn default() -> Self {
        Self { colour: false, unicode: true, width: 100, lang: Lang::En }
    }
}

/// Draws diagnostics about one source text, in the order given. `name` is what the text is called: its path.
pub fn render(name: &str, source: &str, diagnostics: &[Diagnostic], look: Look) -> String {
    let theme = match (look.unicode, look.colour) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme { characters: miette::ThemeCharacters::ascii(), ..GraphicalTheme::unicode() },
        (false, false) => GraphicalTheme::none(),
    };
    // Links are escape sequences that the theme without colours would print all the same.
    let handler =
        GraphicalReportHandler::new_themed(theme).with_width(look.width).with_links(false).with_context_lines(1);
    let whole = Arc::new(NamedSource::new(name, source.to_owned()));
    let mut out = String::new();
    for diagnostic in diagnostics {
        let (shown, spans) = cut(name, source, &whole, diagnostic);
        let drawn = Drawn { diagnostic, source: shown, spans, lang: look.lang };
        let before = out.len();
        // Writing to a String fails only where the handler itself does; the words are then given bare.
        if handler.render_report(&mut out, &drawn).is_err() {
            out.extend([diagnostic.code.as_str(), ": ", diagnostic.message.get(look.lang), "\n"]);
        } else if diagnostic.help.is_some() {
            // The one word that the handler adds; it is as wide in both languages.
            let [en, zh] = ["  help: ", "  提示："];
            if let (Lang::Zh, Some(at)) = (look.lang, out.rfind(en).filter(|at| *at >= before)) {
                out.replace_range(at..at + en.len(), zh);
            }
        }
    }
    out
}

type Shown = Arc<NamedSource<String>>;

/// The source as it is shown for one diagnostic, and its labels in it: lines that are too long are cut.
fn cut(name: &str, source: &str, whole: &Shown, diagnostic: &Diagnostic) -> (Shown, Vec<SourceSpan>) {
    let spans: Vec<(usize, usize)> = diagnostic.labels.iter().map(|label| visible(source, label.span)).collect();
    let from = spans.iter().map(|span| span.0).min().unwrap_or(0);
    let to = spans.iter().map(|span| span.1).max().unwrap_or(0);
    let is_long = |line: &str| line.chars().nth(MAX_LINE_CHARS).is_some();
    let near = source.get(..from).map_or(0, |before| line_start(before, 2));
    let end = source.get(to..).map_or(source.len(), |after| to + line_end(after, 2));
    if !source.get(near..end).is_some_and(|lines| lines.lines().any(is_long)) {
        return (Arc::clone(whole), spans.into_iter().map(|(from, to)| (from, to - from).into()).collect());
    }
    let mut text = source.get(..near).unwrap_or_default().to_owned();
    let mut moved: Vec<(usize, usize)> = spans.clone();
    for (line, at) in lines_of(source, near, end) {
        let here = |place: usize| place >= at && place <= at + line.len();
        let place = spans.iter().map(|span| span.0).find(|place| here(*place)).map_or(0, |place| place - at);
        let (kept, skipped) = window(line, place);
        let new_at = text.len();
        let mark = if skipped > 0 { "…" } else { "" };
        for (span, new) in spans.iter().zip(&mut moved) {
            let shift = |place: usize| {
                new_at + (mark.len() + (place - at).saturating_sub(skipped)).min(mark.len() + kept.len())
            };
            if here(span.0) {
                new.0 = shift(span.0);
            }
            if here(span.1) {
                new.1 = shift(span.1);
            }
        }
        text.push_str(mark);
        text.push_str(kept);
        if kept.len() + skipped < line.len() {
            text.push('…');
        }
        text.push('\n');
    }
    let spans = moved.into_iter().map(|(from, to)| (from, to.saturating_sub(from)).into()).collect();
    (Arc::new(NamedSource::new(name, text)), spans)
}

/// A part of a long line around `place`, and the bytes before it.
fn window(line: &str, place: usize) -> (&str, usize) {
    if line.chars().nth(MAX_LINE_CHARS).is_none() {
        return (line, 0);
    }
    let before = line.get(..place).unwrap_or_default();
    let skipped = before.char_indices().rev().nth(BEFORE_PLACE_CHARS).map_or(0, |(at, _)| at);
    let rest = line.get(skipped..).unwrap_or_default();
    let end = rest.char_indices().nth(MAX_LINE_CHARS).map_or(rest.len(), |(at, _)| at);
    (rest.get(..end).unwrap_or_default(), skipped)
}

fn lines_of(source: &str, from: usize, to: usize) -> impl Iterator<Item = (&str, usize)> {
    let mut at = from;
    source.get(from..to).unwrap_or_default().split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (line.trim_end_matches(['\n', '\r']), start)
    })
}

/// Where the line begins that is `lines` above the end of `before`.
fn line_start(before: &str, lines: usize) -> usize {
    before.rmatch_indices('\n').nth(lines).map_or(0, |(at, _)| at + 1)
}

/// Where the line ends that is `lines` below the beginning of `after`.
fn line_end(after: &str, lines: usize) -> usize {
    after.match_indices('\n').nth(lines).map_or(after.len(), |(at, _)| at + 1)
}

/// A place within the text that can be drawn: on character boundaries, and one character wide at least, where there is one
/// on its line.
fn visible(source: &str, span: Span) -> (usize, usize) {
    let floor = |at: usize| (0..=at.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let (from, to) = (floor(span.start as usize), floor(span.end as usize));
    if to > from {
        return (from, to);
    }
    let rest = source.get(from..).unwrap_or_default();
    match rest.chars().next() {
        Some(next) if next != '\n' && next != '\r' => (from, from + next.len_utf8()),
        Some(_) | None => match source.get(..from).and_then(|before| before.char_indices().next_back()) {
            Some((at, last)) if last != '\n' => (at, from),
            Some(_) | None => (from, from),
        },
    }
}

struct Drawn<'a> {
    diagnostic: &'a Diagnostic,
    source: Shown,
    spans: Vec<SourceSpan>,
    lang: Lang,
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic.fmt(f)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.diagnostic.message.get(self.lang))
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.diagnostic.help.as_ref().map(|help| Box::new(help.get(self.lang)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        (!self.diagnostic.labels.is_empty()).then_some(&*self.source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labelled = || self.diagnostic.labels.iter().zip(&self.spans);
        // A place that only holds others is not drawn beside them: its line would run through theirs.
        let holds_others = |label: &Label, span: &SourceSpan| {
            let end = |span: &SourceSpan| span.offset() + span.len();
            let inside =
                |other: &SourceSpan| other != span && other.offset() >= span.offset() && end(other) <= end(span);
            label.text.is_empty() && self.spans.iter().any(inside)
        };
        let drawn = labelled().filter(move |(label, span)| !holds_others(label, span));
        let labels = drawn.map(|(label, span)| {
            let words = (!label.text.is_empty()).then(|| label.text.get(self.lang).to_owned());
            LabeledSpan::new_with_span(words, *span)
        });
        Some(Box::new(labels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::text;
    use crate::text::Text;

    fn drawn(source: &str, diagnostic: Diagnostic) -> String {
        render("phase5.rb", source, &[diagnostic], Look { unicode: false, ..Look::default() })
    }

    fn at(source: &str, part: &str) -> Span {
        let from = source.find(part).unwrap();
        Span::new(from, from + part.len())
    }

    #[test]
    fn the_sides_of_an_operator_are_labelled_where_they_stand() {
        let source = "if name < 5\nend\n";
        let wrong = Diagnostic::error(Code::RB0203, at(source, "name < 5"), Text::verbatim("`<` cannot compare"))
            .label(at(source, "name"), Text::verbatim("a string"))
            .label(at(source, "5"), Text::verbatim("an int"));
        let out = drawn(source, wrong);
        let column = |text: &str, part: &str| text.lines().find_map(|line| line.find(part)).unwrap();
        let begin = column(&out, "name < 5");
        // The line of a label goes up to the middle of what it is about.
        assert!((begin..begin + 4).contains(&column(&out, "`-- a string")), "{out}");
        assert_eq!(column(&out, "`-- an int"), begin + 7, "{out}");
        assert!(out.contains("phase5.rb:1:4"), "{out}");
    }

    #[test]
    fn the_place_is_under_its_line_also_after_chinese_text() {
        let source = "step a, \"回滚\" do\n  sh \"目录\", tmeout: 1.s\nend\n";
        let out = drawn(
            source,
            Diagnostic::error(Code::RB0001, at(source, "tmeout"), Text::verbatim("`sh` has no option `tmeout`"))
                .help(Text::verbatim("did you mean `timeout`?")),
        );
        let lines: Vec<&str> = out.lines().collect();
        let line = lines.iter().position(|line| line.contains("tmeout: 1.s")).unwrap();
        assert!(lines[line].trim_start().starts_with("2 |"), "{out}");
        let width = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
        let column = width(lines[line].split("tmeout").next().unwrap());
        assert_eq!(lines[line + 1].find('^'), Some(column), "{out}");
        assert!(out.contains("RB0001") && out.contains("help: did you mean"), "{out}");
        assert!(!out.contains('\u{1b}'), "no escape sequence without colours: {out:?}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let long = format!("sh \"{}\", tmeout: 1.s, as: x{}\n", "文".repeat(2000), " ".repeat(2000));
        let source = format!("step a do\n{long}end\n");
        let out =
            drawn(&source, Diagnostic::error(Code::RB0001, at(&source, "tmeout"), Text::verbatim("no such option")));
        assert!(out.contains("tmeout: 1.s") && out.contains('^'), "{out}");
        assert!(out.lines().all(|line| line.chars().count() < 400), "{out}");
    }

    #[test]
    fn an_end_of_file_and_a_place_beyond_it_are_drawn() {
        let source = "step a do";
        let out = drawn(source, Diagnostic::error(Code::RB0018, Span::new(9, 9), Text::verbatim("no end")));
        assert!(out.contains('^'), "{out}");
        for source in ["", "\n", "\u{feff}"] {
            let out = drawn(source, Diagnostic::error(Code::RB0005, Span::new(7, 9), Text::verbatim("nothing here")));
            assert!(out.contains("nothing here"), "{out}");
        }
    }

    #[test]
    fn one_without_a_place_shows_no_source() {
        let diagnostic = Diagnostic::placeless(Code::RB0864, text!("no --env", "缺少 --env"));
        let out = render("x.rb", "secret text", &[diagnostic], Look { lang: Lang::Zh, ..Look::default() });
        assert!(out.contains("缺少 --env") && !out.contains("no --env"), "{out}");
        assert!(!out.contains("secret text"), "{out}");
    }
}
