//! Prints scrapes and samples: exposition text that parses to the same scrape, and the lines of `runbook metrics show`.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde_json::{Map, Value, json};

use super::exposition::Sample;
use super::labels::{write_name, write_quoted};
use super::scrape::{Family, FamilyKind, Format, Scrape, Series};

/// The scrape in its own format. `parse` of it gives an equal scrape.
pub fn text(scrape: &Scrape) -> String {
    let mut out = String::new();
    for (name, family) in &scrape.families {
        // Writing to a string does not fail.
        let _ = write_family(&mut out, scrape.format, name, family);
    }
    if scrape.format == Format::OpenMetrics {
        out.push_str("# EOF\n");
    }
    out
}

fn write_family(out: &mut String, format: Format, name: &str, family: &Family) -> fmt::Result {
    if let Some(help) = &family.help {
        out.push_str("# HELP ");
        write_metric_name(out, name)?;
        out.push(' ');
        for letter in help.chars() {
            match letter {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '"' if format == Format::OpenMetrics => out.push_str("\\\""),
                other => out.push(other),
            }
        }
        out.push('\n');
    }
    // Without help, it takes the type's line to say that the family is declared.
    if family.kind != FamilyKind::Unknown || (family.declared && family.help.is_none() && family.unit.is_none()) {
        out.push_str("# TYPE ");
        write_metric_name(out, name)?;
        writeln!(out, " {}", family.kind.word(format))?;
    }
    if let Some(unit) = family.unit.as_ref().filter(|_| format == Format::OpenMetrics) {
        out.push_str("# UNIT ");
        write_metric_name(out, name)?;
        writeln!(out, " {unit}")?;
    }
    for series in &family.series {
        write_series(out, format, series)?;
    }
    Ok(())
}

fn write_series(out: &mut String, format: Format, series: &Series) -> fmt::Result {
    let labels = series.labels.iter().map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value)));
    write_sample(out, &series.name, labels, series.value)?;
    match (series.timestamp_ms, format) {
        (None, _) => {}
        (Some(time), Format::Text) => write!(out, " {time}")?,
        (Some(time), Format::OpenMetrics) => {
            let sign = if time < 0 { "-" } else { "" };
            write!(out, " {sign}{}.{:03}", time.unsigned_abs() / 1000, time.unsigned_abs() % 1000)?;
        }
    }
    out.push('\n');
    Ok(())
}

/// `name{labels} value`
fn write_sample<'a>(
    out: &mut String,
    name: &str,
    labels: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
    value: f64,
) -> fmt::Result {
    let bare = is_bare(name);
    if bare {
        out.push_str(name);
    } else {
        out.push('{');
        write_quoted(out, name)?;
    }
    let mut open = !bare;
    for (label, value) in labels {
        out.push(if open { ',' } else { '{' });
        open = true;
        write_name(out, &label)?;
        out.push('=');
        write_quoted(out, &value)?;
    }
    if open {
        out.push('}');
    }
    write!(out, " {}", number(value))
}

fn write_metric_name(out: &mut String, name: &str) -> fmt::Result {
    if is_bare(name) { out.write_str(name) } else { write_quoted(out, name) }
}

/// May the metric's name stand without quotes?
fn is_bare(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().enumerate().all(|(at, byte)| {
            matches!(byte, b'_' | b':') || byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit())
        })
}

/// A number as Prometheus' HTTP API prints it: the shortest decimal digits that read back as the same number, an exponent
/// below 1e-6 and from 1e21 on; `NaN`, `+Inf`, `-Inf`.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if value == 0.0 || (1e-6..1e21).contains(&value.abs()) {
        return value.to_string();
    }
    with_exponent(value)
}

/// `1.5e-07`, `1e+21`: Go gives the exponent a sign and at least two digits.
pub(super) fn with_exponent(value: f64) -> String {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// One line of `runbook metrics show`: the sample as text, its time in milliseconds behind it.
pub fn sample_line(sample: &Sample<'_>) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_sample(&mut out, sample.name, sample.labels(), sample.value);
    if let Some(time) = sample.timestamp_ms {
        let _ = write!(out, " {time}");
    }
    out
}

/// One line of `runbook metrics show --format json`: `{"name","labels","value","timestamp_ms","type"}`. The value is a
/// string, so that NaN and infinities survive.
pub fn sample_json(sample: &Sample<'_>, format: Format) -> String {
    let labels: Map<String, Value> =
        sample.labels().map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect();
    json!({
        "name": sample.name,
        "labels": labels,
        "value": number(sample.value),
        "timestamp_ms": sample.timestamp_ms,
        "type": sample.kind.word(format),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::exposition::{Limits, parse};

    #[test]
    fn numbers_are_printed_as_the_api_of_prometheus_does() {
        for (value, printed) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (1.5, "1.5"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.25e-7, "1.25e-07"),
            (0.000_001, "0.000001"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(number(value), printed);
        }
    }

    #[test]
    fn the_lines_of_show() {
        let text = "# TYPE a counter\na{x=\"1\",y=\"\\\"\"} NaN 5\nb 2.50\n{\"c.d\",e=\"f\"} +Inf\n";
        let parsed = parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap();
        let json: Vec<String> = parsed.samples().map(|sample| sample_json(&sample, parsed.format())).collect();
        assert_eq!(
            json,
            [
                r#"{"name":"a","labels":{"x":"1","y":"\""},"value":"NaN","timestamp_ms":5,"type":"counter"}"#,
                r#"{"name":"b","labels":{},"value":"2.5","timestamp_ms":null,"type":"untyped"}"#,
                r#"{"name":"c.d","labels":{"e":"f"},"value":"+Inf","timestamp_ms":null,"type":"untyped"}"#,
            ]
        );
        let lines: Vec<String> = parsed.samples().map(|sample| sample_line(&sample)).collect();
        assert_eq!(lines, ["a{x=\"1\",y=\"\\\"\"} NaN 5", "b 2.5", "{\"c.d\",e=\"f\"} +Inf"]);
    }

    #[test]
    fn what_is_printed_reads_back_the_same() {
        let text = "# HELP a Some \\\\ help\\nin two lines\n# TYPE a histogram\na_bucket{le=\"1.0\"} 1 1700000000123\n\
                    a_bucket{le=\"+Inf\"} 2\n# TYPE only_declared untyped\n# HELP \"q.r\" quoted\n{\"q.r\"} -1.5e-300\n";
        let limits = Limits::default();
        let scrape = parse(text.as_bytes(), Format::Text, &limits).unwrap().scrape();
        let printed = super::text(&scrape);
        assert_eq!(parse(printed.as_bytes(), Format::Text, &limits).unwrap().scrape(), scrape);
        let open = "# HELP a.b x\n";
        assert!(parse(open.as_bytes(), Format::OpenMetrics, &limits).is_err());
        let open = "# TYPE s_seconds counter\n# UNIT s_seconds seconds\n# HELP s_seconds a \\\"quote\\\"\n\
                    s_seconds_total{a=\"b\"} 5 1700000000.001 # {t=\"x\"} 1\n# EOF\n";
        let scrape = parse(open.as_bytes(), Format::OpenMetrics, &limits).unwrap().scrape();
        let printed = super::text(&scrape);
        assert!(printed.contains(" 1700000000.001\n"), "{printed}");
        assert_eq!(parse(printed.as_bytes(), Format::OpenMetrics, &limits).unwrap().scrape(), scrape);
    }
}
