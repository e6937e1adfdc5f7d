//! What the times in a scrape say about the clocks: those beside the samples, and the start of the process. They are no
//! reason to refuse a number, and never go unsaid: a number of yesterday looks like one of today.

use jiff::SignedDuration;

use super::scrape::Scrape;
use crate::text;
use crate::text::{Lang, Text};
use crate::value::human::span;

/// How far the time beside a sample may be from that of the scrape: as long as Prometheus lets a sample speak for the
/// present. Exporters that pass on what others measured are seconds behind.
const FAR_MS: i64 = 5 * 60 * 1000;

/// How far a clock may be ahead before a start in the future is told: clocks that are kept differ by far less.
const SKEW_MS: i64 = 60 * 1000;

/// A time that does not fit the clock of this machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Odd {
    /// A sample carries a time of its own that is far from now.
    Stamped {
        /// Name and labels of the one that is farthest.
        series: String,
        /// By how much it is ahead; negative: behind.
        ahead_ms: i64,
        /// How many others are far from now, too.
        others: usize,
    },
    /// The process says that it will have been started.
    Starts {
        /// By how much that is ahead.
        ahead_ms: i64,
    },
}

/// What is odd about the times in a scrape that was taken at `at_ms`, in unix milliseconds.
pub fn odd_times(scrape: &Scrape, at_ms: i64) -> Vec<Odd> {
    let mut odd = Vec::new();
    let far = scrape.series().filter_map(|series| Some((stamped_ahead_ms(series.timestamp_ms?, at_ms)?, series)));
    let (mut farthest, mut count) = (None, 0_usize);
    for (ahead_ms, series) in far {
        count += 1;
        if farthest.is_none_or(|(most, _): (i64, _)| ahead_ms.saturating_abs() > most.saturating_abs()) {
            farthest = Some((ahead_ms, series));
        }
    }
    if let Some((ahead_ms, series)) = farthest {
        let series = format!("{}{}", series.name, series.labels);
        odd.push(Odd::Stamped { series, ahead_ms, others: count - 1 });
    }
    odd.extend(
        scrape.start_time().and_then(|start| starts_ahead_ms(start, at_ms)).map(|ahead_ms| Odd::Starts { ahead_ms }),
    );
    odd
}

/// By how much the time beside a sample is ahead of that of its scrape, where it is far from it; negative: behind.
pub(super) fn stamped_ahead_ms(timestamp_ms: i64, at_ms: i64) -> Option<i64> {
    let ahead_ms = timestamp_ms.saturating_sub(at_ms);
    (ahead_ms.saturating_abs() > FAR_MS).then_some(ahead_ms)
}

/// By how much the start of a process, in unix seconds, is ahead of the scrape.
pub(super) fn starts_ahead_ms(start: f64, at_ms: i64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a cast of a float holds at the ends of the range")]
    let start_ms = (start * 1000.0) as i64;
    Some(start_ms.saturating_sub(at_ms)).filter(|ahead_ms| *ahead_ms > SKEW_MS)
}

impl Odd {
    /// In one sentence.
    pub fn text(&self) -> Text {
        match self {
            Self::Stamped { series, ahead_ms, others } => {
                let far = far(ahead_ms.saturating_abs());
                let and = match others {
                    0 => Text::default(),
                    others => text!(" (and {others} more series)", "（另有 {others} 个序列）"),
                };
                if *ahead_ms > 0 {
                    text!(
                        "{series} carries a time {far} ahead of the clock of this machine{and}",
                        "{series} 自带的时间戳比本机时钟超前 {far}{and}",
                        series = series,
                        far = far,
                        and = and
                    )
                } else {
                    text!(
                        "{series} carries a time {far} behind the clock of this machine{and}: it may be an old value",
                        "{series} 自带的时间戳比本机时钟落后 {far}{and}：可能是旧值",
                        series = series,
                        far = far,
                        and = and
                    )
                }
            }
            Self::Starts { ahead_ms } => {
                text!(
                    "the process says that it starts {far} from now: the clock of the target or of this machine is wrong",
                    "进程自称将在 {far} 之后启动：目标或本机的时钟有误",
                    far = far(*ahead_ms)
                )
            }
        }
    }
}

fn far(ms: i64) -> Text {
    let far = SignedDuration::from_millis(ms);
    Text { en: span(far, Lang::En), zh: span(far, Lang::Zh) }
}

#[cfg(test)]
mod tests {
    use super::super::exposition::{Limits, parse};
    use super::super::scrape::Format;
    use super::*;

    const NOW_MS: i64 = 1_763_427_600_000;
    const HOUR_MS: i64 = 3_600_000;

    fn told(text: &str) -> Vec<(String, String)> {
        let parsed = parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap();
        odd_times(&parsed.scrape(), NOW_MS).iter().map(|odd| (odd.text().en, odd.text().zh)).collect()
    }

    #[test]
    fn times_near_now_and_none_are_not_odd() {
        let start = "process_start_time_seconds 1763427600.5\n";
        assert_eq!(told(&format!("{start}a 1\nb 2 {}\nc 3 {}\n", NOW_MS - 299_000, NOW_MS + 299_000)), []);
        assert_eq!(told("process_start_time_seconds NaN\n"), []);
    }

    #[test]
    fn the_farthest_time_is_told_with_how_many_there_are() {
        let text = format!("a 1 {}\nb{{x=\"1\"}} 2 {}\n", NOW_MS - 2 * HOUR_MS, NOW_MS - 24 * HOUR_MS);
        assert_eq!(
            told(&text),
            [(
                "b{x=\"1\"} carries a time 1 d behind the clock of this machine (and 1 more series): it may be an old value"
                    .to_owned(),
                "b{x=\"1\"} 自带的时间戳比本机时钟落后 1 天（另有 1 个序列）：可能是旧值".to_owned()
            )]
        );
        let (en, zh) = told(&format!("a 1 {}\n", NOW_MS + 2 * HOUR_MS)).remove(0);
        assert_eq!(en, "a carries a time 2 h ahead of the clock of this machine");
        assert_eq!(zh, "a 自带的时间戳比本机时钟超前 2 小时");
        assert_eq!(told(&format!("a 1 0\nb 1 {}\n", 9_000_000_000_000_000_i64)).len(), 1);
    }

    #[test]
    fn a_process_of_the_future_is_told() {
        let (en, _) = told("process_start_time_seconds 1763431200\n").remove(0);
        assert!(en.starts_with("the process says that it starts 1 h from now"), "{en}");
        assert_eq!(told("process_start_time_seconds 1e300\n").len(), 1);
    }
}
