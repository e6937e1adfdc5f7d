//! Where numbers and times stand on an axis, and which of them are written at it.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::value::human::Unit;

/// Share of an axis of values that stays free above and below: a line on the edge is not seen.
const MARGIN: f64 = 0.08;

/// Labels that an axis of values has at most.
const VALUE_LABELS: f64 = 4.0;

/// Labels that an axis of times has at most: `09:40` has room eight times.
const TIME_LABELS: i64 = 9;

/// Steps of an axis of times, in seconds.
const TIME_STEPS: [i64; 21] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    2_592_000,
];

/// From a number to a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    pub(super) fn new((from, to): (f64, f64), (start, end): (f64, f64)) -> Self {
        Self { from, to, start, end }
    }

    /// Where a number stands; one that is beyond the axis stands at its end.
    pub(super) fn place(&self, number: f64) -> f64 {
        let share = ((number - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        self.start + share * (self.end - self.start)
    }
}

/// From where to where an axis goes that shows all these numbers. Ratios stay between 0 and 1, and nothing goes below zero
/// that is not.
pub(super) fn domain(numbers: impl Iterator<Item = f64>, unit: Unit) -> (f64, f64) {
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    for number in numbers.filter(|number| number.is_finite()) {
        low = low.min(number);
        high = high.max(number);
    }
    if low > high {
        return (0.0, 1.0);
    }
    let alone = if high == 0.0 { 1.0 } else { high.abs() * 0.1 };
    let spread = if high > low { high - low } else { alone };
    let (mut from, mut to) = (low - spread * MARGIN, high + spread * MARGIN);
    if low >= 0.0 {
        from = from.max(0.0);
    }
    if unit == Unit::Percent && high <= 1.0 {
        to = to.min(1.0);
    }
    // A flat line at the edge of what is possible still needs an axis with a height.
    if from < to { (from, to) } else { (from - alone, to) }
}

/// Round numbers inside an axis.
pub(super) fn values((from, to): (f64, f64)) -> Vec<f64> {
    let rough = (to - from) / VALUE_LABELS;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    let first = (from / step).ceil();
    // At most five: the step is not smaller than a quarter of the axis.
    (0..=5_u8).map(|index| (first + f64::from(index)) * step).filter(|value| *value <= to).collect()
}

/// Round times inside an axis, as the clocks of its zone show them, and how they are written.
pub(super) fn times(from: Timestamp, to: Timestamp, zone: &TimeZone) -> (Vec<Timestamp>, &'static str) {
    let seconds = to.as_second().saturating_sub(from.as_second());
    let fits = |step: &&i64| seconds / **step < TIME_LABELS;
    let step = TIME_STEPS.iter().find(fits).copied().unwrap_or(seconds.max(1));
    let format = match step {
        ..60 => "%H:%M:%S",
        60..86_400 if seconds <= 86_400 => "%H:%M",
        60..86_400 => "%m-%d %H:%M",
        _ => "%Y-%m-%d",
    };
    let offset = i64::from(zone.to_offset(from).seconds());
    let first = (from.as_second() + offset).div_euclid(step) * step - offset;
    let at = |index: i64| Timestamp::from_second(first + index * step).ok();
    let all = (0..=TIME_LABELS + 1).filter_map(at);
    (all.filter(|time| *time >= from && *time <= to).collect(), format)
}

/// Seconds since the begin of an axis.
pub(super) fn since(from: Timestamp, time: Timestamp) -> f64 {
    let span: SignedDuration = time.duration_since(from);
    span.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_numbers() {
        let near = |found: Vec<f64>, wanted: &[f64]| {
            assert_eq!(found.len(), wanted.len(), "{found:?}");
            assert!(found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-9), "{found:?}");
        };
        near(values((0.95, 1.0)), &[0.96, 0.98, 1.0]);
        near(values((0.0, 5.4)), &[0.0, 2.0, 4.0]);
        near(values((0.0, 1.0)), &[0.0, 0.5, 1.0]);
        near(values((-3.0, 3.0)), &[-2.0, 0.0, 2.0]);
        near(values((1e9, 4e9)), &[1e9, 2e9, 3e9, 4e9]);
    }

    #[test]
    fn an_axis_holds_what_is_possible() {
        let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
        near(domain([0.99, 0.98].into_iter(), Unit::Percent).1, 0.9908);
        near(domain([0.95, 1.0].into_iter(), Unit::Percent).1, 1.0);
        near(domain([0.0, 2.0].into_iter(), Unit::Seconds).0, 0.0);
        for flat in [0.0, 1.0, 3.0, -3.0, f64::NAN, f64::INFINITY] {
            for unit in [Unit::Percent, Unit::Seconds] {
                let (from, to) = domain([flat, flat].into_iter(), unit);
                assert!(from < to, "{flat}: {from} {to}");
            }
        }
        let scale = Scale::new((0.0, 10.0), (100.0, 0.0));
        near(scale.place(5.0), 50.0);
        near(scale.place(f64::INFINITY), 0.0);
        near(scale.place(-1.0), 100.0);
    }

    #[test]
    fn times_are_round_where_the_clocks_hang() {
        let labels = |from: &str, to: &str, zone: &str| {
            let zone = TimeZone::get(zone).unwrap();
            let (times, format) = times(from.parse().unwrap(), to.parse().unwrap(), &zone);
            let local = |time: Timestamp| time.to_zoned_datetime(zone.clone()).strftime(format).to_string();
            times.into_iter().map(local).collect::<Vec<_>>()
        };
        let two_hours = labels("2025-11-18T01:03:00Z", "2025-11-18T03:10:00Z", "Asia/Shanghai");
        assert_eq!(two_hours, ["09:15", "09:30", "09:45", "10:00", "10:15", "10:30", "10:45", "11:00"]);
        let minute = labels("2025-11-18T01:00:00Z", "2025-11-18T01:00:30Z", "Asia/Kolkata");
        assert_eq!(minute.first().map(String::as_str), Some("06:30:00"));
        let week = labels("2025-11-18T00:00:00Z", "2025-11-25T00:00:00Z", "UTC");
        assert_eq!((week.len(), week[1].as_str()), (8, "2025-11-19"));
    }
}
