//! Values as people read them: rounded, in the runbook's zone, in their language. Never for commands, keys or journals:
//! those take the canonical text of [`super::text`].

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Value, Verdict};
use crate::text::Lang;

/// Unit in which an objective is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A ratio shown as percent.
    Percent,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A bare number.
    None,
}

impl Unit {
    /// The words of the language for them.
    pub const WORDS: &'static [&'static str] = &["percent", "s", "bytes", "none"];

    /// The unit of a word; where there is none, or another one, a number is bare.
    pub fn of_word(word: Option<&str>) -> Self {
        match word {
            Some("percent") => Unit::Percent,
            Some("s") => Unit::Seconds,
            Some("bytes") => Unit::Bytes,
            _ => Unit::None,
        }
    }
}

/// Most decimals that are ever shown: beyond, an `f64` has none.
const MAX_DECIMALS: usize = 15;

/// A measured number in base units: `99.20%`, `0.412 s`, `78.0 MB`, `3.5`. Where there is a limit, as many decimals as keep
/// the rounded number on its side of it: 97.996 % against 98 % is `97.996%`, not `98.00%`.
pub fn measured(number: f64, unit: Unit, limit: Option<f64>) -> String {
    match unit {
        Unit::Percent => format!("{}%", rounded(number, 100.0, 2, limit)),
        Unit::Seconds => format!("{} s", rounded(number, 1.0, 3, limit)),
        Unit::Bytes => {
            let (factor, name) = [(1e9, "GB"), (1e6, "MB"), (1e3, "KB")]
                .into_iter()
                .find(|(size, _)| number.abs() >= *size)
                .map_or((1.0, "B"), |(size, name)| (1.0 / size, name));
            format!("{} {name}", rounded(number, factor, usize::from(name != "B"), limit))
        }
        Unit::None => {
            let plain = rounded(number, 1.0, 3, limit);
            if plain.contains('.') { plain.trim_end_matches('0').trim_end_matches('.').to_owned() } else { plain }
        }
    }
}

/// A limit, as short as it is: `98%`, `2 s`.
pub fn limit(number: f64, unit: Unit) -> String {
    let shown = measured(number, unit, Some(number));
    let (digits, name) = shown.split_at(shown.find(['%', ' ']).unwrap_or(shown.len()));
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    format!("{digits}{name}")
}

fn rounded(number: f64, factor: f64, decimals: usize, limit: Option<f64>) -> String {
    let show = |places: usize| format!("{:.places$}", number * factor);
    let Some(limit) = limit else { return show(decimals) };
    let on_its_side = |text: &str| {
        let read: f64 = text.parse().unwrap_or(f64::NAN);
        read.partial_cmp(&(limit * factor)) == number.partial_cmp(&limit)
    };
    (decimals..=MAX_DECIMALS).map(show).find(|text| on_its_side(text)).unwrap_or_else(|| show(MAX_DECIMALS))
}

/// A span as people say it, in its two largest units: `412 ms`, `1.2 s`, `2 min 5 s`, `1 h 30 min`, `14 d`.
pub fn span(span: SignedDuration, lang: Lang) -> String {
    let sign = if span.is_negative() { "-" } else { "" };
    let millis = span.as_millis().unsigned_abs();
    if millis < 1_000 {
        return format!("{sign}{millis} ms");
    }
    let seconds = (millis + 500) / 1_000;
    if millis < 10_000 && !millis.is_multiple_of(1_000) {
        return format!("{sign}{:.1} {}", millis as f64 / 1_000.0, lang.pick("s", "秒"));
    }
    let parts = [
        (seconds / 86_400, lang.pick("d", "天")),
        (seconds / 3_600 % 24, lang.pick("h", "小时")),
        (seconds / 60 % 60, lang.pick("min", "分")),
        (seconds % 60, lang.pick("s", "秒")),
    ];
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(parts.len() - 1);
    let said: Vec<String> = parts
        .iter()
        .skip(first)
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    format!("{sign}{}", said.join(" "))
}

/// The time of day, `09:40:00`.
pub fn clock(time: Timestamp, zone: &TimeZone) -> String {
    local(time, zone, "%H:%M:%S")
}

/// Day and time, `2025-11-18 09:40:00`.
pub fn moment(time: Timestamp, zone: &TimeZone) -> String {
    local(time, zone, "%Y-%m-%d %H:%M:%S")
}

/// The day, `2025-11-18`.
pub fn day(time: Timestamp, zone: &TimeZone) -> String {
    local(time, zone, "%Y-%m-%d")
}

fn local(time: Timestamp, zone: &TimeZone, format: &str) -> String {
    // These forms are fixed and sound; should one ever not be, the exact time is still the truth.
    jiff::fmt::strtime::format(format, &time.to_zoned_datetime(zone.clone())).unwrap_or_else(|_| time.to_string())
}

/// Any value.
pub fn value(value: &Value, zone: &TimeZone, lang: Lang) -> String {
    let nested = |inner: &Value| {
        let said = self::value(inner, zone, lang);
        if matches!(inner, Value::List(_) | Value::Map(_)) { format!("[{said}]") } else { said }
    };
    match value {
        Value::Null => lang.pick("—", "—").to_owned(),
        Value::Bool(truth) => yes_or_no(*truth, lang).to_owned(),
        Value::Percent(ratio) => measured(*ratio, Unit::Percent, None),
        Value::Float(number) => measured(*number, Unit::None, None),
        Value::Duration(duration) => span(*duration, lang),
        Value::Time(time) => moment(*time, zone),
        Value::List(items) => items.iter().map(nested).collect::<Vec<_>>().join(lang.pick(", ", "、")),
        Value::Map(fields) => {
            let field = |(key, inner): (&String, &Value)| format!("{key}: {}", nested(inner));
            fields.iter().map(field).collect::<Vec<_>>().join(", ")
        }
        Value::Verdict(verdict) => verdict.word(lang).to_owned(),
        Value::Int(_) | Value::Bytes(_) | Value::Text(_) | Value::Secret(_) => super::text::text(value),
    }
}

/// `yes`, `是`.
pub fn yes_or_no(truth: bool, lang: Lang) -> &'static str {
    match (truth, lang) {
        (true, Lang::En) => "yes",
        (true, Lang::Zh) => "是",
        (false, Lang::En) => "no",
        (false, Lang::Zh) => "否",
    }
}

impl Verdict {
    /// The word for people. No two verdicts share one, and only `Pass` reads as passed.
    pub fn word(self, lang: Lang) -> &'static str {
        let (en, zh) = match self {
            Verdict::Pass => ("passed", "通过"),
            Verdict::Fail => ("failed", "未通过"),
            Verdict::Breach => ("target missed", "未达标"),
            Verdict::NoData => ("no data", "无数据"),
            Verdict::Error => ("not measured", "无法测量"),
            Verdict::Skipped => ("skipped", "已跳过"),
            Verdict::NotApplicable => ("not applicable", "不适用"),
            Verdict::Pending => ("open", "未完成"),
            Verdict::RolledBack => ("rolled back", "已回滚"),
            Verdict::Aborted => ("aborted", "已中止"),
            Verdict::CutOff => ("cut off", "中途停止"),
        };
        lang.pick(en, zh)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_rounded_for_people() {
        assert_eq!(measured(0.992, Unit::Percent, None), "99.20%");
        assert_eq!(measured(0.41234, Unit::Seconds, None), "0.412 s");
        assert_eq!(measured(78_000_000.0, Unit::Bytes, None), "78.0 MB");
        assert_eq!(measured(12.0, Unit::Bytes, None), "12 B");
        assert_eq!(measured(3.5, Unit::None, None), "3.5");
        assert_eq!(measured(1200.0, Unit::None, None), "1200");
        assert_eq!(limit(0.98, Unit::Percent), "98%");
        assert_eq!(limit(0.1, Unit::Percent), "10%");
        assert_eq!(limit(2.0, Unit::Seconds), "2 s");
        assert_eq!(limit(0.9995, Unit::Percent), "99.95%");
    }

    #[test]
    fn rounding_does_not_cross_the_limit() {
        assert_eq!(measured(0.97996, Unit::Percent, Some(0.98)), "97.996%");
        assert_eq!(measured(0.98, Unit::Percent, Some(0.98)), "98.00%");
        assert_eq!(measured(2.000_01, Unit::Seconds, Some(2.0)), "2.00001 s");
        assert_eq!(measured(0.099_999, Unit::Percent, Some(0.1)), "9.9999%");
    }

    #[test]
    fn spans_are_said_in_two_units() {
        let said = |ms| span(SignedDuration::from_millis(ms), Lang::En);
        assert_eq!(said(412), "412 ms");
        assert_eq!(said(1_234), "1.2 s");
        assert_eq!(said(2_000), "2 s");
        assert_eq!(said(125_000), "2 min 5 s");
        assert_eq!(said(7_200_000), "2 h");
        assert_eq!(said(5_400_000), "1 h 30 min");
        assert_eq!(said(14 * 86_400_000), "14 d");
        assert_eq!(said(-90_000), "-1 min 30 s");
        assert_eq!(span(SignedDuration::from_mins(90), Lang::Zh), "1 小时 30 分");
    }

    #[test]
    fn times_are_local() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let time = "2025-11-18T01:40:00Z".parse().unwrap();
        assert_eq!(clock(time, &zone), "09:40:00");
        assert_eq!(moment(time, &zone), "2025-11-18 09:40:00");
    }

    #[test]
    fn no_verdict_but_pass_reads_as_passed() {
        let all: Vec<Verdict> = Verdict::ALL.iter().copied().filter(|verdict| *verdict != Verdict::Pass).collect();
        for lang in [Lang::En, Lang::Zh] {
            let mut words: Vec<&str> = all.iter().map(|verdict| verdict.word(lang)).collect();
            assert!(!words.contains(&Verdict::Pass.word(lang)));
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), all.len(), "each has its own word");
        }
    }

    proptest! {
        #[test]
        fn a_shown_number_is_on_the_side_of_its_limit(number in 0.0..2.0_f64, steps in 0_u8..=100) {
            let limit = f64::from(steps) / 100.0;
            let shown = measured(number, Unit::Percent, Some(limit));
            let read: f64 = shown.trim_end_matches('%').parse().unwrap();
            prop_assert_eq!(read < limit * 100.0, number < limit);
        }
    }
}
