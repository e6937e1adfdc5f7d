//! The values that a scenario file is written with: spans, shares, counts, latencies, manners of answering.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

use crate::value::Value;
use crate::value::read::Reader;
use crate::value::types::Type;

/// A span of time, written as `"90s"`, `"1h30m"` or `"40ms"`; never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub SignedDuration);

impl Span {
    /// So many milliseconds.
    pub const fn millis(ms: i64) -> Self {
        Self(SignedDuration::from_millis(ms))
    }

    /// In seconds.
    pub fn seconds(self) -> f64 {
        self.0.as_secs_f64()
    }

    /// From the written form.
    pub fn read(text: &str) -> Result<Self, String> {
        match Reader::new(TimeZone::UTC).read(text, &Type::Duration) {
            Ok(Value::Duration(span)) if span.is_negative() => Err(format!("`{text}` is negative")),
            Ok(Value::Duration(span)) => Ok(Self(span)),
            _ => Err(format!("`{text}` is not a span of time; write it like \"90s\", \"10m\", \"1h30m\" or \"40ms\"")),
        }
    }
}

/// A share of a whole, 0 to 1; written as `"2.5%"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(pub f64);

impl Share {
    /// From the written form.
    pub fn read(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').map(str::trim_end).and_then(|number| number.parse::<f64>().ok());
        match number {
            Some(percent) if (0.0..=100.0).contains(&percent) => Ok(Self(percent / 100.0)),
            Some(_) => Err(format!("`{text}` is not between 0% and 100%")),
            None => Err(format!("`{text}` is not a share; write it with its unit, like \"2.5%\"")),
        }
    }
}

/// How often something happens, in a unit that its key names; never negative, never infinite.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(pub f64);

/// How long requests take.
#[derive(Clone, Debug, PartialEq)]
pub enum Latency {
    /// A smooth distribution through its median and its 99th percentile (log-logistic: a long tail, as latencies have).
    Smooth {
        /// Half of all requests are faster.
        p50: Span,
        /// 99 of 100 requests are faster.
        p99: Span,
    },
    /// Exactly these times, each with its share; the shares make 100 %.
    Exact(Vec<(Span, Share)>),
}

impl Latency {
    /// The share of requests that take at most `seconds`.
    pub fn share_within(&self, seconds: f64) -> f64 {
        match self {
            Self::Smooth { p50, p99 } => {
                // Log-logistic: F(x) = 1 / (1 + (x / p50)^-steepness), and F(p99) = 0.99 gives the steepness.
                let steepness = 99.0_f64.ln() / (p99.seconds() / p50.seconds()).ln();
                1.0 / (1.0 + (seconds / p50.seconds()).powf(-steepness))
            }
            Self::Exact(points) => {
                points.iter().filter(|(takes, _)| takes.seconds() <= seconds).map(|(_, share)| share.0).sum()
            }
        }
    }

    /// The time within which this share of requests is answered, in seconds.
    pub fn quantile(&self, share: f64) -> f64 {
        match self {
            Self::Smooth { p50, p99 } => {
                let steepness = 99.0_f64.ln() / (p99.seconds() / p50.seconds()).ln();
                p50.seconds() * (share / (1.0 - share)).powf(1.0 / steepness)
            }
            Self::Exact(points) => {
                let mut sorted: Vec<_> = points.iter().map(|(takes, part)| (takes.seconds(), part.0)).collect();
                sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
                let mut sum = 0.0;
                let reached = sorted.iter().find(|(_, part)| {
                    sum += part;
                    // A share such as 0.7 + 0.29 is a hair below 0.99 in binary.
                    sum + 1e-9 >= share
                });
                reached.or(sorted.last()).map_or(0.0, |(takes, _)| *takes)
            }
        }
    }
}

/// How a simulated host answers a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// As it should.
    #[default]
    Ok,
    /// The connection is refused: no process listens.
    Refused,
    /// The connection is taken and no answer ever comes.
    Hang,
    /// The answer comes one byte a second: no time limit is long enough.
    Slow,
    /// The connection is closed before the answer's first byte.
    Reset,
    /// The connection is closed in the middle of the answer.
    Cut,
    /// A proxy's page, with status 200.
    Html,
    /// A JSON document, with status 200.
    Json,
    /// 401 with a JSON body, whatever the credentials.
    Denied,
    /// This status, with its reason as the body.
    Status(u16),
}

/// Names of the manners that are written as a word.
const MANNERS: &[(&str, Manner)] = &[
    ("ok", Manner::Ok),
    ("refused", Manner::Refused),
    ("hang", Manner::Hang),
    ("slow", Manner::Slow),
    ("reset", Manner::Reset),
    ("cut", Manner::Cut),
    ("html", Manner::Html),
    ("json", Manner::Json),
    ("denied", Manner::Denied),
];

/// A visitor for a value that is written as text.
struct Written<T>(&'static str, fn(&str) -> Result<T, String>);

impl<T> Visitor<'_> for Written<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.1)(text).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written("a span of time like \"90s\" or \"10m\"", Span::read))
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written("a share like \"2.5%\"", Share::read))
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Rate;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number that is not negative")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Rate, E> {
                // Beyond it, counts of a year would not be exact in a double any more.
                const MOST: f64 = 1e9;
                if (0.0..=MOST).contains(&number) {
                    Ok(Rate(number))
                } else {
                    Err(E::custom(format!("{number} is not between 0 and {MOST}")))
                }
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Rate, E> {
                self.visit_f64(number as f64)
            }
        }
        deserializer.deserialize_any(Number)
    }
}

impl<'de> Deserialize<'de> for Manner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrStatus;
        impl Visitor<'_> for WordOrStatus {
            type Value = Manner;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a status such as 503, or one of ")?;
                for (n, (word, _)) in MANNERS.iter().enumerate() {
                    write!(f, "{}\"{word}\"", if n == 0 { "" } else { ", " })?;
                }
                Ok(())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Manner, E> {
                let known = MANNERS.iter().find(|(word, _)| *word == text).map(|(_, manner)| *manner);
                known.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Manner, E> {
                match u16::try_from(number) {
                    Ok(status @ 200..=599) => Ok(Manner::Status(status)),
                    _ => Err(E::custom(format!("{number} is not an HTTP status between 200 and 599"))),
                }
            }
        }
        deserializer.deserialize_any(WordOrStatus)
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Point {
            takes: Span,
            share: Share,
        }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Smooth {
            p50: Span,
            p99: Span,
        }

        impl<'de> Visitor<'de> for Forms {
            type Value = Latency;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(
                    "{ p50 = \"80ms\", p99 = \"600ms\" }, one span, or a list of { takes = \"80ms\", share = \"99%\" }",
                )
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Latency, E> {
                let span = Span::read(text).map_err(E::custom)?;
                Ok(Latency::Exact(vec![(span, Share(1.0))]))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Latency, A::Error> {
                let Smooth { p50, p99 } = Smooth::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                if p50.0.is_zero() || p99 <= p50 {
                    return Err(A::Error::custom("`p99` must be longer than `p50`, and `p50` longer than nothing"));
                }
                Ok(Latency::Smooth { p50, p99 })
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Latency, A::Error> {
                let mut points = Vec::new();
                while let Some(Point { takes, share }) = seq.next_element()? {
                    points.push((takes, share));
                }
                let sum: f64 = points.iter().map(|(_, share)| share.0).sum();
                if (sum - 1.0).abs() > 1e-9 {
                    return Err(A::Error::custom(format!("the shares make {}%, not 100%", sum * 100.0)));
                }
                Ok(Latency::Exact(points))
            }
        }
        deserializer.deserialize_any(Forms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_shares_need_their_unit() {
        assert_eq!(Span::read("1h30m").unwrap().0, SignedDuration::from_mins(90));
        assert_eq!(Span::read("40ms").unwrap(), Span::millis(40));
        assert!(Span::read("10").unwrap_err().contains("10m"));
        assert!(Span::read("-3s").unwrap_err().contains("negative"));
        assert!((Share::read("2.5%").unwrap().0 - 0.025).abs() < 1e-12);
        assert!(Share::read("0.02").unwrap_err().contains("unit"));
        assert!(Share::read("101%").unwrap_err().contains("between"));
    }

    #[test]
    fn a_smooth_latency_goes_through_its_two_points() {
        let latency = Latency::Smooth { p50: Span::millis(80), p99: Span::millis(600) };
        assert!((latency.share_within(0.08) - 0.5).abs() < 1e-12);
        assert!((latency.share_within(0.6) - 0.99).abs() < 1e-12);
        assert!((latency.quantile(0.99) - 0.6).abs() < 1e-9);
        assert!(latency.share_within(0.0).abs() < 1e-12);
        assert!((latency.share_within(f64::INFINITY) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_exact_latency_is_nothing_else() {
        let latency = Latency::Exact(vec![(Span::millis(3000), Share(0.01)), (Span::millis(80), Share(0.99))]);
        assert!((latency.share_within(2.0) - 0.99).abs() < 1e-12);
        assert!((latency.quantile(0.99) - 0.08).abs() < 1e-12);
        assert!((latency.quantile(0.995) - 3.0).abs() < 1e-12);
    }
}
