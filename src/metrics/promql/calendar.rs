//! Parts of a time in UTC. Plain arithmetic: a value may be any number, far outside of what calendars of libraries take.

use super::numeric;

const SECONDS_PER_DAY: i64 = 86_400;

/// The value as whole unix seconds, towards zero. What does not fit becomes the smallest number, as on the machines that
/// Prometheus runs on.
pub(super) fn seconds(value: f64) -> i64 {
    numeric::whole(value).unwrap_or(i64::MIN)
}

struct Date {
    year: i64,
    /// 1 to 12.
    month: i64,
    /// 1 to 31.
    day: i64,
}

/// Days since 1970-01-01.
fn days(seconds: i64) -> i64 {
    if seconds == i64::MIN {
        // Go counts on from the year -292277022399 without a sign, and this number passes its end.
        return 106_751_991_167_300;
    }
    seconds.div_euclid(SECONDS_PER_DAY)
}

/// The date by the Gregorian calendar, by counting eras of 400 years that begin in March, so that the leap day is last.
fn date(seconds: i64) -> Date {
    const DAYS_PER_ERA: i64 = 146_097;
    // From 0000-03-01 to 1970-01-01.
    let since = days(seconds) + 719_468;
    let era = since.div_euclid(DAYS_PER_ERA);
    let day_of_era = since.rem_euclid(DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March have 153 days in five.
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    Date { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn length(month: i64, year: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// 0 to 59.
pub(super) fn minute(seconds: i64) -> i64 {
    if seconds == i64::MIN { 30 } else { seconds.rem_euclid(3_600) / 60 }
}

/// 0 to 23.
pub(super) fn hour(seconds: i64) -> i64 {
    if seconds == i64::MIN { 15 } else { seconds.rem_euclid(SECONDS_PER_DAY) / 3_600 }
}

/// 0 is Sunday.
pub(super) fn day_of_week(seconds: i64) -> i64 {
    // 1970-01-01 was a Thursday.
    (days(seconds) + 4).rem_euclid(7)
}

/// 1 to 31.
pub(super) fn day_of_month(seconds: i64) -> i64 {
    date(seconds).day
}

/// 1 to 366.
pub(super) fn day_of_year(seconds: i64) -> i64 {
    let date = date(seconds);
    (1..date.month).map(|month| length(month, date.year)).sum::<i64>() + date.day
}

/// 28 to 31.
pub(super) fn days_in_month(seconds: i64) -> i64 {
    let date = date(seconds);
    length(date.month, date.year)
}

/// 1 to 12.
pub(super) fn month(seconds: i64) -> i64 {
    date(seconds).month
}

/// The year.
pub(super) fn year(seconds: i64) -> i64 {
    date(seconds).year
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_gregorian_calendar() {
        // 2000-02-29T23:59:59Z
        let leap = 951_868_799;
        assert_eq!((year(leap), month(leap), day_of_month(leap)), (2000, 2, 29));
        assert_eq!((day_of_year(leap), days_in_month(leap), day_of_week(leap)), (60, 29, 2));
        assert_eq!((hour(leap), minute(leap)), (23, 59));
        // 1969-12-31T23:59:59Z
        assert_eq!((year(-1), month(-1), day_of_month(-1), day_of_week(-1)), (1969, 12, 31, 3));
        // 2100-12-31, a year without a leap day
        assert_eq!(day_of_year(4_133_894_400), 365);
    }

    #[test]
    fn what_is_no_time_is_what_prometheus_makes_of_it() {
        let none = seconds(f64::NAN);
        assert_eq!((year(none), month(none), day_of_year(none)), (292_277_026_596, 12, 339));
        assert_eq!(seconds(f64::INFINITY), none);
        assert_eq!(seconds(-1.9), -1);
    }
}
