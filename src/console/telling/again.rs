//! What is done again until it succeeds, `try` and `poll`: which attempt it is, and that something is not there yet is no
//! failure.

use jiff::{SignedDuration, Timestamp};

use super::{Page, before, with_detail};
use crate::console::style::Paint;
use crate::engine::action::Words;
use crate::engine::telling::Attempt;
use crate::text;
use crate::text::Text;
use crate::value::{Verdict, human};

/// An attempt of a `try` begins, now or at a time.
pub(super) fn attempt(
    page: Page<'_>,
    depth: u32,
    title: &Words,
    Attempt { n, of }: Attempt,
    at: Option<Timestamp>,
) -> Vec<String> {
    let style = page.style;
    let said = match at.map(|at| style.clock(at)) {
        Some(clock) => text!("attempt {n} of {of} at {clock}", "{clock} 开始第 {n} 次尝试，共 {of} 次"),
        None => text!("attempt {n} of {of}", "第 {n} 次尝试，共 {of} 次"),
    };
    let line = style.paint(Paint::Care, &format!("{}{}", before(title, style), said.get(style.lang)));
    page.line(depth, &page.care(style.sign("↻", "~")), &line)
}

/// A `poll` began.
pub(super) fn polling(
    page: Page<'_>,
    depth: u32,
    title: &Words,
    every: SignedDuration,
    until: Timestamp,
) -> Vec<String> {
    let style = page.style;
    let (every, clock) = (human::span(every, style.lang), style.clock(until));
    let said = text!("looks every {every}, until {clock} at the latest", "每 {every}读取一次，最迟到 {clock}");
    page.line(depth, style.sign("…", ".."), &format!("{}{}", before(title, style), said.get(style.lang)))
}

/// What a `poll` waits for is not there yet.
pub(super) fn not_yet(page: Page<'_>, depth: u32, why: &Text) -> Vec<String> {
    let style = page.style;
    let line = with_detail(style.pick("not yet", "尚未达成"), why.get(style.lang), style);
    page.line(depth + 1, style.sign("·", "."), &line)
}

/// A `poll` ended.
pub(super) fn polled(
    page: Page<'_>,
    depth: u32,
    title: &Words,
    verdict: Verdict,
    (reads, took): (u32, SignedDuration),
) -> Vec<String> {
    let style = page.style;
    let took = human::span(took, style.lang);
    let said = match (verdict, reads) {
        (Verdict::Pass, 1) => text!("there at the first read", "首次读取即达成"),
        (Verdict::Pass, _) => text!("there after {reads} reads, {took}", "读取 {reads} 次后达成，用时 {took}"),
        (_, 1) => text!("not there after 1 read, {took}", "读取 1 次仍未达成，用时 {took}"),
        (_, _) => text!("not there after {reads} reads, {took}", "读取 {reads} 次仍未达成，用时 {took}"),
    };
    page.line(depth, &style.mark(verdict), &format!("{}{}", before(title, style), said.get(style.lang)))
}
