//! The zone, the window, and the planned times of sections and waits.

use jiff::civil::{self, Weekday};
use jiff::tz::TimeZone;

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::program::{WaitFor, Window};
use crate::check::signature::Kind;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast;
use crate::text;
use crate::text::Both;
use crate::value::Value;
use crate::value::types::Type;

/// How the words call the days.
const DAYS: &[(&str, Weekday, Both)] = &[
    ("mon", Weekday::Monday, Both("Monday", "星期一")),
    ("tue", Weekday::Tuesday, Both("Tuesday", "星期二")),
    ("wed", Weekday::Wednesday, Both("Wednesday", "星期三")),
    ("thu", Weekday::Thursday, Both("Thursday", "星期四")),
    ("fri", Weekday::Friday, Both("Friday", "星期五")),
    ("sat", Weekday::Saturday, Both("Saturday", "星期六")),
    ("sun", Weekday::Sunday, Both("Sunday", "星期日")),
];

impl Checker<'_> {
    pub(super) fn timezone(&mut self, args: &Args<'_>) {
        let Some((name, span)) = args.arg("zone").and_then(|zone| self.text_of(zone, &"`timezone`")) else { return };
        match TimeZone::get(&name) {
            Ok(zone) => self.parts.timezone = Some((name, zone)),
            Err(_) => self.say(
                Diagnostic::error(Code::RB0601, span, text!("there is no zone `{name}`", "没有时区 `{name}`")).help(
                    text!(
                        "an IANA name: \"Asia/Shanghai\", \"Europe/Berlin\", \"UTC\"",
                        "IANA 名称：\"Asia/Shanghai\"、\"Europe/Berlin\"、\"UTC\""
                    ),
                ),
            ),
        }
    }

    fn zone(&self) -> TimeZone {
        self.parts.timezone.as_ref().map_or(TimeZone::UTC, |(_, zone)| zone.clone())
    }

    pub(super) fn window(&mut self, args: &mut Args<'_>) {
        let head = args.head();
        let from = self.const_text(args, "from");
        let to = self.const_text(args, "to");
        let opens = self.const_text(args, "opens");
        let day = self.word_option(args, "weekday");
        let from = from.and_then(|(text, span)| Some((self.date_time(&text, span)?, span)));
        let to = to.and_then(|(text, span)| Some((self.date_time(&text, span)?, span)));
        let (Some((from, from_span)), Some((to, to_span))) = (from, to) else { return };
        let opens = opens.and_then(|(text, span)| {
            let at = if text.len() > 5 {
                self.date_time(&text, span)?
            } else {
                from.date().to_datetime(self.time(&text, span)?)
            };
            Some((at, span))
        });
        if to <= from {
            self.say(
                Diagnostic::error(
                    Code::RB0603,
                    to_span,
                    text!("the window ends before it begins", "时间窗口的结束早于开始"),
                )
                .label(from_span, text!("its begin", "窗口的开始")),
            );
        }
        if let Some((opens, span)) = opens
            && opens > from
        {
            self.say(
                Diagnostic::error(
                    Code::RB0603,
                    span,
                    text!("`opens:` is after the begin of the window", "`opens:` 晚于时间窗口的开始"),
                )
                .label(from_span, text!("its begin", "窗口的开始")),
            );
        }
        if let Some(day) = day
            && let Some((_, weekday, _)) = DAYS.iter().find(|(name, _, _)| *name == day)
            && *weekday != from.date().weekday()
        {
            let real = DAYS.iter().find(|(_, weekday, _)| *weekday == from.date().weekday());
            let Some((short, _, long)) = real else { return };
            self.say(
                Diagnostic::error(Code::RB0602, head, text!("{} is a {}", "{} 是{}", from.date(), *long))
                    .label(from_span, *long)
                    .help(text!(
                        "write `weekday: {short}`, or take the date that the plan means",
                        "请写 `weekday: {short}`，或改为计划所指的日期"
                    )),
            );
        }
        let zone = self.zone();
        let mut at = |time: civil::DateTime, span: Span| match time.to_zoned_datetime(zone.clone()) {
            Ok(time) => Some(time.timestamp()),
            Err(error) => {
                self.say(Diagnostic::error(Code::RB0601, span, text!("{error}", "无法换算此时间：{error}")));
                None
            }
        };
        let (Some(begin), Some(end)) = (at(from, from_span), at(to, to_span)) else { return };
        let opens = opens.and_then(|(opens, span)| at(opens, span)).unwrap_or(begin);
        self.parts.window = Some(Window { from: begin, to: end, opens, date: from.date() });
    }

    fn date_time(&mut self, text: &str, span: Span) -> Option<civil::DateTime> {
        let found = civil::DateTime::strptime("%Y-%m-%d %H:%M", text).ok();
        if found.is_none() {
            self.say(
                Diagnostic::error(Code::RB0601, span, text!("`{text}` is no date and time", "`{text}` 不是日期和时间"))
                    .help(text!("write it as 2025-11-18 09:00", "请写成 2025-11-18 09:00")),
            );
        }
        found
    }

    fn time(&mut self, text: &str, span: Span) -> Option<civil::Time> {
        let found = civil::Time::strptime("%H:%M", text).ok().filter(|_| text.len() == 5);
        if found.is_none() {
            self.say(
                Diagnostic::error(Code::RB0601, span, text!("`{text}` is no time of day", "`{text}` 不是时刻"))
                    .help(text!("write it as 09:10", "请写成 09:10")),
            );
        }
        found
    }

    /// `at: "09:10"`
    pub(super) fn time_option(&mut self, args: &mut Args<'_>, name: &str) -> Option<(civil::Time, Span)> {
        let (text, span) = self.const_text(args, name)?;
        Some((self.time(&text, span)?, span))
    }

    /// `until:` of a `wait`.
    pub(super) fn until(&mut self, e: &ast::Expr) -> WaitFor {
        if let ast::ExprKind::Str(_) = &*e.kind {
            let Some((text, span)) = self.text_of(e, &"`until:`") else {
                return WaitFor::TimeOfDay(civil::Time::midnight());
            };
            let Some(time) = self.time(&text, span) else { return WaitFor::TimeOfDay(civil::Time::midnight()) };
            self.in_window(time, span);
            return WaitFor::TimeOfDay(time);
        }
        let expr = self.expr(e);
        if let Some(Value::Text(_)) = expr.known() {
            self.must_fit(&expr, Kind::Time, &"`until:`");
        } else if !matches!(expr.ty, Type::Time | Type::Json | Type::Unknown) {
            self.must_fit(&expr, Kind::Time, &"`until:`");
        }
        WaitFor::Time(expr)
    }

    /// A planned time outside the window is a slip in one of the two.
    fn in_window(&mut self, time: civil::Time, span: Span) {
        let Some(window) = &self.parts.window else { return };
        let zone = self.zone();
        let at = |stamp: jiff::Timestamp| stamp.to_zoned_datetime(zone.clone());
        // A window over midnight has times of day on both of its days.
        if at(window.from).date() != at(window.to).date() {
            return;
        }
        let (opens, to) = (at(window.opens), at(window.to));
        if opens.date() == window.date && !(opens.time() <= time && time <= to.time()) {
            let message = text!(
                "{} is outside of the window, {} to {}",
                "{} 在时间窗口 {} 至 {} 之外",
                short(time),
                short(opens.time()),
                short(to.time())
            );
            self.say(Diagnostic::warning(Code::RB0605, span, message));
        }
    }

    /// The planned times of the sections against each other and the window.
    pub(super) fn plan_times(&mut self) {
        let planned = std::mem::take(&mut self.parts.planned);
        let mut before: Option<(civil::Time, Span)> = None;
        for section in &planned {
            for (time, span) in section.at.iter().chain(&section.until) {
                self.in_window(*time, *span);
            }
            if let (Some((at, at_span)), Some((until, span))) = (section.at, section.until)
                && until <= at
            {
                self.say(
                    Diagnostic::warning(
                        Code::RB0604,
                        span,
                        text!("the section ends before it begins", "章节的结束早于开始"),
                    )
                    .label(at_span, text!("its begin", "章节的开始")),
                );
            }
            if let (Some((last, last_span)), Some((at, span))) = (before, section.at)
                && at < last
            {
                self.say(
                    Diagnostic::warning(
                        Code::RB0604,
                        span,
                        text!("this begins before {}", "此处的开始早于 {}", short(last)),
                    )
                    .label(last_span, text!("the section before ends here", "前一章节在此结束")),
                );
            }
            before = section.until.or(section.at).or(before);
        }
    }
}

fn short(time: civil::Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}
