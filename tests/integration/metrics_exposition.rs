//! Exposition text from outside: many valid and invalid texts, the crate `prometheus-parse` as a second opinion where it
//! is right, print ∘ parse, and bytes of any kind.

use std::collections::BTreeMap;

use proptest::prelude::*;
use runbook::metrics::exposition::{Limits, ParseError, parse};
use runbook::metrics::labels::Labels;
use runbook::metrics::render;
use runbook::metrics::scrape::{Family, FamilyKind, Format, Scrape, Series};

use crate::fuzz_corpus::invariants::exposition;

/// The samples of `text`, each as one line.
fn lines(text: &str, format: Format) -> Result<Vec<String>, ParseError> {
    let parsed = parse(text.as_bytes(), format, &Limits::default())?;
    Ok(parsed.samples().map(|sample| render::sample_line(&sample)).collect())
}

#[track_caller]
fn reads(format: Format, text: &str, expected: &[&str]) {
    match lines(text, format) {
        Ok(found) => assert_eq!(found, expected, "{text:?}"),
        Err(error) => panic!("{text:?}: {error}"),
    }
}

#[track_caller]
fn refuses(format: Format, text: &str, expected: &str) {
    match lines(text, format) {
        Ok(found) => panic!("{text:?} was read as {found:?}"),
        Err(error) => assert_eq!(error.to_string(), expected, "{text:?}"),
    }
}

#[test]
fn text_that_the_server_reads() {
    for (text, expected) in [
        ("", &[][..]),
        ("\n\n  \n\t\n", &[]),
        ("x 1\n", &["x 1"]),
        ("x 1", &["x 1"]),
        ("  x\t 1 \t\n", &["x 1"]),
        ("x{} 1\n", &["x 1"]),
        ("x { } 1\n", &["x 1"]),
        ("x{a=\"b\"}1\n", &["x{a=\"b\"} 1"]),
        ("x{a=\"b\",} 1\n", &["x{a=\"b\"} 1"]),
        ("x { a = \"b\" , c = \"d\" } 1\n", &["x{a=\"b\",c=\"d\"} 1"]),
        ("x{a=\"b\"c=\"d\"} 1\n", &["x{a=\"b\",c=\"d\"} 1"]),
        ("x{a=\"},\"} 2\n", &["x{a=\"},\"} 2"]),
        ("x{a=\"# not a comment\"} 2\n", &["x{a=\"# not a comment\"} 2"]),
        ("x{a=\"\"} 2\n", &["x{a=\"\"} 2"]),
        (r#"x{a="\\ \" \n \x"} 2"#, &[r#"x{a="\\ \" \n \\x"} 2"#]),
        ("x{a=\"two\nlines\"} 2\ny 3\n", &["x{a=\"two\\nlines\"} 2", "y 3"]),
        ("x{a=\"中文 \u{1f600}\"} 2\n", &["x{a=\"中文 \u{1f600}\"} 2"]),
        ("x{a=\"nul\0\"} 2\n", &["x{a=\"nul\0\"} 2"]),
        ("a:b_C9{_l=\"1\"} 2\n", &["a:b_C9{_l=\"1\"} 2"]),
        ("x 1 1700000000123\n", &["x 1 1700000000123"]),
        ("x 1\t0\n", &["x 1 0"]),
        (
            "x NaN\nx +Inf\nx -Inf\nx inf\nx INFINITY\nx nan\n",
            &["x NaN", "x +Inf", "x -Inf", "x +Inf", "x +Inf", "x NaN"],
        ),
        ("x +1\nx -1.5e-3\nx .5\nx 5.\nx 1E3\nx 0012\n", &["x 1", "x -0.0015", "x 0.5", "x 5", "x 1000", "x 12"]),
        ("x 9007199254740993\n", &["x 9007199254740992"]),
        ("x 123456789012345\nx 1234567890123456789\n", &["x 123456789012345", "x 1234567890123456800"]),
        ("x 1e-999\n", &["x 0"]),
        ("{\"a.b\"} 1\n", &["{\"a.b\"} 1"]),
        ("{\"a.b\", x=\"1\"} 1\n", &["{\"a.b\",x=\"1\"} 1"]),
        ("{x=\"1\",\"a.b\"} 1\n", &["{\"a.b\",x=\"1\"} 1"]),
        ("{\"plain\",\"k.8\"=\"1\"} 1\nplain 2\n", &["plain{\"k.8\"=\"1\"} 1", "plain 2"]),
        ("{\"指标\"} 1\n", &["{\"指标\"} 1"]),
        ("# HELP x text\n# TYPE x counter\nx 1\n", &["x 1"]),
        ("# HELP x\n#TYPE x nonsense\n# TYPES x y\n#\n#  \n# EOF\n# HELP\n# any thing\nx 1\n", &["x 1"]),
        ("#\tTYPE\t x\tgauge\nx 1\n", &["x 1"]),
        ("# TYPE \"a.b\" gauge\n{\"a.b\"} 1\n", &["{\"a.b\"} 1"]),
        ("x 1\n# TYPE x counter\n", &["x 1"]),
        ("x 1\ny 2\nx 3\n", &["x 1", "y 2", "x 3"]),
        ("ab 1\nabc 2\nab{x=\"1\"} 3\n", &["ab 1", "abc 2", "ab{x=\"1\"} 3"]),
    ] {
        reads(Format::Text, text, expected);
    }
    let binary = b"# \xff\xfe any bytes in a comment \x80\nx 1\n# \xff";
    assert_eq!(parse(binary, Format::Text, &Limits::default()).unwrap().len(), 1);
}

#[test]
fn text_that_the_server_refuses() {
    for (text, expected) in [
        ("x\n", "line 1, column 2: the sample has no value"),
        ("x{}\n", "line 1, column 4: the sample has no value"),
        ("y 1\nx \n", "line 2, column 3: the sample has no value"),
        ("1x 2\n", "line 1, column 1: a metric's name is expected, not 1x 2"),
        ("x-y 2\n", "line 1, column 2: a metric's name is expected, not -y 2"),
        ("x.y 2\n", "line 1, column 2: a metric's name is expected, not .y 2"),
        ("指标 2\n", "line 1, column 1: a metric's name is expected, not 指标 2"),
        ("x one\n", "line 1, column 3: \"one\" is not a number"),
        ("x 0x10\n", "line 1, column 3: \"0x10\" is not a number"),
        ("x 1_000\n", "line 1, column 3: \"1_000\" is not a number"),
        ("x 1,5\n", "line 1, column 3: \"1,5\" is not a number"),
        ("x 1e999\n", "line 1, column 3: \"1e999\" is not a number"),
        ("x -nan\n", "line 1, column 3: \"-nan\" is not a number"),
        ("x --1\n", "line 1, column 3: \"--1\" is not a number"),
        ("x 1{\n", "line 1, column 4: \"{\" is not a timestamp"),
        ("x 1 -5\n", "line 1, column 5: \"-5\" is not a timestamp"),
        ("x 1 1.5\n", "line 1, column 5: \"1.5\" is not a timestamp"),
        ("x 1 99999999999999999999\n", "line 1, column 5: \"99999999999999999999\" is not a timestamp"),
        ("x 1 2 3\n", "line 1, column 7: the sample ends here, what follows is not part of it: 3"),
        ("x 1 # note\n", "line 1, column 5: the sample ends here, what follows is not part of it: #"),
        ("x{a=\"b\" 1\n", "line 1, column 9: a label's name is expected, not 1"),
        ("x{a=\"b\"\ny 1\n", "line 1, column 8: the line ends before }"),
        ("x{\n", "line 1, column 3: the line ends before }"),
        ("x{a} 1\n", "line 1, column 4: = is expected after the label's name"),
        ("x{a=} 1\n", "line 1, column 5: a value in quotes is expected after ="),
        ("x{a=b} 1\n", "line 1, column 5: a value in quotes is expected after ="),
        ("x{a='b'} 1\n", "line 1, column 5: a value in quotes is expected after ="),
        ("x{a=\"b} 1\ny 2\n", "line 1, column 5: this quote is never closed"),
        ("x{,} 1\n", "line 1, column 3: a label's name is expected, not ,} 1"),
        ("x{a=\"b\",,c=\"d\"} 1\n", "line 1, column 9: a label's name is expected, not ,c=\"d\"} 1"),
        ("x{1a=\"b\"} 1\n", "line 1, column 3: a label's name is expected, not 1a=\"b\"} 1"),
        ("x{a:b=\"b\"} 1\n", "line 1, column 4: = is expected after the label's name"),
        ("x{a=\"1\",b=\"2\",a=\"3\"} 1\n", "line 1, column 15: the label a stands twice"),
        ("x{\"a\"=\"1\",a=\"3\"} 1\n", "line 1, column 11: the label a stands twice"),
        ("x{__name__=\"y\"} 1\n", "line 1, column 3: the label __name__ stands twice"),
        ("{a=\"b\"} 1\n", "line 1, column 1: the sample has no metric name"),
        ("{} 1\n", "line 1, column 1: the sample has no metric name"),
        ("{\"\"} 1\n", "line 1, column 2: a name is empty"),
        ("x{\"\"=\"1\"} 1\n", "line 1, column 3: a name is empty"),
        ("{\"a\",\"b\"} 1\n", "line 1, column 6: the metric's name stands twice"),
        ("x{\"b\"} 1\n", "line 1, column 4: the metric's name stands twice"),
        ("{\"a.b\"} 1\na.b 2\n", "line 2, column 2: a metric's name is expected, not .b 2"),
        ("{\"5x\"} 1\n5x 2\n", "line 2, column 1: a metric's name is expected, not 5x 2"),
        ("# TYPE x cuonter\n", "line 1, column 10: \"cuonter\" is not a metric type"),
        ("# TYPE x info\n", "line 1, column 10: \"info\" is not a metric type"),
        ("# TYPE x\n", "line 1, column 9: \"\" is not a metric type"),
        ("# TYPE x  counter\n", "line 1, column 10: \" counter\" is not a metric type"),
        ("# HELP 1x text\n", "line 1, column 8: # HELP needs a metric's name"),
        ("# TYPE \n", "line 1, column 8: # TYPE needs a metric's name"),
        ("# TYPE x counter\r\nx 1\r\n", "line 1, column 17: the line ends with CRLF, it must be LF"),
        ("x 1\r\n", "line 1, column 4: the line ends with CRLF, it must be LF"),
        ("x 1 5\r\n", "line 1, column 6: the line ends with CRLF, it must be LF"),
        ("\r\nx 1\n", "line 1, column 1: the line ends with CRLF, it must be LF"),
        ("\u{feff}x 1\n", "line 1, column 1: a metric's name is expected, not \u{feff}x 1"),
        ("\0\n", "line 1, column 1: a metric's name is expected, not \\0"),
        ("y 1\n中{a=\"b\"} 1\n", "line 2, column 1: a metric's name is expected, not 中{a=\"b\"} 1"),
        ("x{a=\"中文\",b} 1\n", "line 1, column 11: = is expected after the label's name"),
        ("<html>\n", "line 1, column 1: a metric's name is expected, not <html>"),
    ] {
        refuses(Format::Text, text, expected);
    }
    let invalid = parse(b"x{a=\"\xff\"} 1\n", Format::Text, &Limits::default()).unwrap_err();
    assert_eq!(invalid.to_string(), "line 1, column 6: this is not UTF-8");
    let invalid = parse(b"# \xff\n# HELP x \xff\n", Format::Text, &Limits::default()).unwrap_err();
    assert_eq!(invalid.to_string(), "line 2, column 10: this is not UTF-8");
}

#[test]
fn open_metrics_that_the_server_reads() {
    for (text, expected) in [
        ("# EOF\n", &[][..]),
        ("# EOF", &[]),
        ("x 1\n# EOF\n", &["x 1"]),
        (
            "# TYPE x counter\n# HELP x Some \\\"text\\\"\nx_total 1\nx_created 5\n# EOF\n",
            &["x_total 1", "x_created 5"],
        ),
        ("# TYPE x_seconds gauge\n# UNIT x_seconds seconds\nx_seconds 1\n# EOF\n", &["x_seconds 1"]),
        ("x{a=\"b\",c=\"d\",} 1\n# EOF\n", &["x{a=\"b\",c=\"d\"} 1"]),
        ("x{} 1\n# EOF\n", &["x 1"]),
        ("x 1 1700000000.123\n# EOF\n", &["x 1 1700000000123"]),
        ("x 1 -1\nx 2 1e3\n# EOF\n", &["x 1 -1000", "x 2 1000000"]),
        ("# HELP x text\r\nx 1\n# EOF\n", &["x 1"]),
        ("x_bucket{le=\"1\"} 1 # {trace_id=\"a\"} 0.5\n# EOF\n", &["x_bucket{le=\"1\"} 1"]),
        ("x_bucket{le=\"1\"} 1 5 # {} 0.5 1700000000.5\n# EOF\n", &["x_bucket{le=\"1\"} 1 5000"]),
        ("x{a=\"# {\"} 1\n# EOF\n", &["x{a=\"# {\"} 1"]),
        ("{\"a.b\",x=\"1\"} NaN\n# EOF\n", &["{\"a.b\",x=\"1\"} NaN"]),
        (
            "# TYPE a info\n# TYPE b stateset\n# TYPE c gaugehistogram\n# TYPE d unknown\na_info{v=\"1\"} 1\n# EOF\n",
            &["a_info{v=\"1\"} 1"],
        ),
    ] {
        reads(Format::OpenMetrics, text, expected);
    }
}

#[test]
fn open_metrics_that_the_server_refuses() {
    for (text, expected) in [
        ("", "line 1, column 1: # EOF is missing at the end: the response may have been cut"),
        ("x 1\n", "line 2, column 1: # EOF is missing at the end: the response may have been cut"),
        ("x 1", "line 1, column 4: the last line does not end: the response may have been cut"),
        ("x 1\n# EO", "line 2, column 1: OpenMetrics has no comments other than HELP, TYPE, UNIT and EOF"),
        ("# EOF\nx 1\n", "line 2, column 1: nothing may follow # EOF"),
        ("# EOF\n\n", "line 2, column 1: nothing may follow # EOF"),
        ("\n# EOF\n", "line 1, column 1: OpenMetrics has no empty lines"),
        ("# note\n# EOF\n", "line 1, column 1: OpenMetrics has no comments other than HELP, TYPE, UNIT and EOF"),
        ("x  1\n# EOF\n", "line 1, column 3: exactly one blank is expected here"),
        ("x\t1\n# EOF\n", "line 1, column 2: a metric's name is expected, not \\t1"),
        ("x 1 \n# EOF\n", "line 1, column 5: the sample has no value"),
        ("x\n# EOF\n", "line 1, column 2: the sample has no value"),
        ("x{a=\"b\"}1\n# EOF\n", "line 1, column 9: exactly one blank is expected here"),
        ("x{a=\"b\", c=\"d\"} 1\n# EOF\n", "line 1, column 9: a label's name is expected, not  c=\"d\"} 1"),
        ("x{a=\"b\"c=\"d\"} 1\n# EOF\n", "line 1, column 8: a comma is expected between labels"),
        ("x{a=\"two\nlines\"} 1\n# EOF\n", "line 1, column 5: this quote is never closed"),
        ("x 1\r\n# EOF\r\n", "line 1, column 4: the line ends with CRLF, it must be LF"),
        ("x 1 NaN\n# EOF\n", "line 1, column 5: \"NaN\" is not a timestamp"),
        ("x 1 2 3\n# EOF\n", "line 1, column 6: the sample ends here, what follows is not part of it:  3"),
        ("x 1 # {a=\"b\"}\n# EOF\n", "line 1, column 14: the sample has no value"),
        ("x 1 # a 1\n# EOF\n", "line 1, column 7: this is not an exemplar"),
        ("x 1 # {\"a\"} 1\n# EOF\n", "line 1, column 7: this is not an exemplar"),
        ("# TYPE x untyped\n# EOF\n", "line 1, column 10: \"untyped\" is not a metric type"),
        ("# TYPE x\n# EOF\n", "line 1, column 9: exactly one blank is expected here"),
        (
            "# UNIT x_bytes seconds\n# EOF\n",
            "line 1, column 16: the unit \"seconds\" is not the end of the metric's name",
        ),
        ("# HELP  x text\n# EOF\n", "line 1, column 8: # HELP needs a metric's name"),
    ] {
        refuses(Format::OpenMetrics, text, expected);
    }
}

#[test]
fn the_limits_are_errors_and_nothing_is_cut_off() {
    let limits = Limits { bytes: 200, line_bytes: 50, samples: 3, labels: 2 };
    let refused = |text: &str| parse(text.as_bytes(), Format::Text, &limits).unwrap_err().to_string();
    assert_eq!(refused(&"x 1\n".repeat(51)), "line 1, column 1: larger than the limit of 200 bytes");
    assert_eq!(
        refused(&format!("x 1\nx{{a=\"{}\"}} 1\n", "b".repeat(50))),
        "line 2, column 1: the line is longer than the limit of 50 bytes"
    );
    assert_eq!(
        refused(&format!("x{{a=\"{}\"}} 1\n", "b\n".repeat(50))),
        "line 1, column 5: this quote is never closed"
    );
    assert_eq!(refused(&"x 1\n".repeat(4)), "line 4, column 1: more than the limit of 3 samples");
    assert_eq!(
        refused("x{a=\"1\",b=\"2\",c=\"3\"} 1\n"),
        "line 1, column 15: more than the limit of 2 labels on one sample"
    );
    let long = format!("x{{a=\"{}\"}} 1\n", "字".repeat(64 * 1024 / 3));
    assert_eq!(parse(long.as_bytes(), Format::Text, &Limits::default()).unwrap().len(), 1, "a label of 64 KiB");
}

#[test]
fn families_gather_their_samples_wherever_the_comments_stand() {
    let text = "h_sum 1\nh_count 2\nh_bucket{le=\"1\"} 2\nother_count 3\n# TYPE h histogram\n# HELP s only declared\n\
                s{quantile=\"0.5\"} 1\ns_count 1\n# TYPE s summary\n# TYPE h_max gauge\nh_max 4\n";
    let scrape = parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap().scrape();
    let families: Vec<(&str, usize)> =
        scrape.families.iter().map(|(name, family)| (name.as_str(), family.series.len())).collect();
    assert_eq!(families, [("h", 3), ("h_max", 1), ("other_count", 1), ("s", 2)]);
    assert_eq!(
        scrape.families["h"].series[2].labels,
        Labels::new([("le", "1.0")]),
        "bounds as Prometheus 3 stores them"
    );
    assert!(!scrape.families["other_count"].declared);
    assert_eq!(scrape.families["s"].help.as_deref(), Some("only declared"));
}

#[test]
fn only_what_has_a_sample_is_reported() {
    let text = "# TYPE errors_total counter\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nup 1\n";
    let parsed = parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap();
    assert_eq!(parsed.reported().into_iter().collect::<Vec<_>>(), ["h", "h_bucket", "up"]);
}

#[test]
fn a_text_without_its_last_newline_is_taken_and_marked() {
    let ends = |text: &str| parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap().ends_without_newline();
    assert!(ends("x 1"));
    assert!(!ends("x 1\n"));
    assert!(!ends(""));
}

/// A text of the subset on which `prometheus-parse` is right: no escapes, no `}` `,` `=` or blanks in values, no colons
/// in names, no empty braces, no samples whose type it regroups.
fn simple_text() -> impl Strategy<Value = String> {
    let name = "[a-z_][a-z0-9_]{0,8}";
    let labels = proptest::collection::btree_map("[a-z_][a-z0-9_]{0,5}", "[ -!#-+.-<>-\\[\\]-z|~é字]{0,8}", 1..4);
    let value = prop_oneof![
        any::<f64>().prop_map(|value| if value.is_infinite() { "+Inf".to_owned() } else { value.to_string() }),
        any::<u32>().prop_map(|value| value.to_string()),
        any::<f32>().prop_map(|value| if value.is_nan() {
            "NaN".to_owned()
        } else {
            format!("{value:e}").replace("inf", "Inf")
        }),
    ];
    let time = proptest::option::of(0_i64..4_000_000_000_000);
    let sample = (name, proptest::option::of(labels), value, time).prop_map(|(name, labels, value, time)| {
        let labels = labels.map(|labels| {
            let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
            format!("{{{}}}", labels.join(","))
        });
        let time = time.map(|time| format!(" {time}"));
        format!("{name}{} {value}{}", labels.unwrap_or_default(), time.unwrap_or_default())
    });
    let comment = (name, prop_oneof![Just("counter"), Just("gauge"), Just("untyped")])
        .prop_map(|(name, kind)| format!("# HELP {name} Some text.\n# TYPE {name} {kind}"));
    let line = prop_oneof![5 => sample, 1 => comment, 1 => Just("# a comment".to_owned()), 1 => Just(String::new())];
    proptest::collection::vec(line, 0..20).prop_map(|lines| lines.join("\n"))
}

/// Name, labels, value and time of a sample in a form that both parsers can be brought to.
type Plain = (String, BTreeMap<String, String>, String, Option<i64>);

#[expect(clippy::default_trait_access, reason = "the type of the time is of a crate that is not ours to name")]
fn by_the_other_parser(text: &str) -> Vec<Plain> {
    let lines = text.lines().map(|line| Ok(line.to_owned()));
    // Where a sample has no time, this one is put in its place: the beginning of all times.
    let scrape = prometheus_parse::Scrape::parse_at(lines, Default::default()).unwrap();
    scrape
        .samples
        .iter()
        .map(|sample| {
            let value = match &sample.value {
                prometheus_parse::Value::Counter(value)
                | prometheus_parse::Value::Gauge(value)
                | prometheus_parse::Value::Untyped(value) => *value,
                regrouped @ (prometheus_parse::Value::Histogram(_) | prometheus_parse::Value::Summary(_)) => {
                    panic!("not in the subset: {regrouped:?}")
                }
            };
            let labels = sample.labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            let time = Some(sample.timestamp.timestamp_millis()).filter(|time| *time != 0);
            (sample.metric.clone(), labels, render::number(value), time)
        })
        .collect()
}

fn by_us(text: &str) -> Vec<Plain> {
    let parsed = parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap();
    parsed
        .samples()
        .map(|sample| {
            let labels = sample.labels().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
            (
                sample.name.to_owned(),
                labels,
                render::number(sample.value),
                sample.timestamp_ms.filter(|time| *time != 0),
            )
        })
        .collect()
}

/// Escapes that are valid, one after the other, to put into labels.
fn any_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof![4 => any::<char>(), 1 => Just('\\'), 1 => Just('"'), 1 => Just('\n')], 0..8)
        .prop_map(|letters| letters.into_iter().collect())
}

fn any_scrape() -> impl Strategy<Value = Scrape> {
    let value = prop_oneof![
        any::<f64>().prop_map(|value| if value.is_nan() { f64::NAN } else { value }),
        Just(f64::NAN),
        Just(f64::INFINITY),
        any::<u32>().prop_map(f64::from)
    ];
    let label = prop_oneof![
        "[a-z_]{1,4}",
        any_text().prop_filter("a name", |name| !name.is_empty() && name != "__name__" && !name.contains('\\'))
    ];
    let labels = proptest::collection::btree_map(label, any_text(), 0..4);
    // A value of a label that is a bound would be rewritten.
    let labels = labels
        .prop_map(|labels| Labels::new(labels.into_iter().filter(|(name, _)| name != "le" && name != "quantile")));
    let series = (labels, value, proptest::option::of(0..4_000_000_000_000_i64));
    let kinds = prop_oneof![
        Just(FamilyKind::Unknown),
        Just(FamilyKind::Counter),
        Just(FamilyKind::Gauge),
        Just(FamilyKind::Histogram),
        Just(FamilyKind::Summary),
    ];
    let family = (kinds, proptest::option::of(any_text()), proptest::collection::vec(series, 0..5));
    // Names that end in no suffix, so that no family is taken for another one's samples.
    let name = prop_oneof!["[a-c]{1,3}x", "[a-c]{1,3}[.é字]x"];
    let families = proptest::collection::btree_map(name, family, 0..5);
    (any::<bool>(), families).prop_map(|(open, families)| {
        let format = if open { Format::OpenMetrics } else { Format::Text };
        let families = families.into_iter().map(|(name, (kind, help, series))| {
            let suffix = kind.suffixes(format).last().copied().unwrap_or_default();
            let sample: std::sync::Arc<str> = format!("{name}{suffix}").into();
            let series: Vec<Series> = series
                .into_iter()
                .map(|(labels, value, timestamp_ms)| Series { name: sample.clone(), labels, value, timestamp_ms })
                .collect();
            // A family of which nothing is said and nothing is there is not there.
            let declared = kind != FamilyKind::Unknown || help.is_some() || series.is_empty();
            (name, Family { kind, declared, help, unit: None, series })
        });
        Scrape { format, families: families.collect() }
    })
}

proptest! {
    #[test]
    fn both_parsers_read_simple_text_alike(text in simple_text()) {
        prop_assert_eq!(by_us(&text), by_the_other_parser(&text));
    }

    #[test]
    fn what_is_printed_is_read_back(scrape in any_scrape()) {
        let text = render::text(&scrape);
        let read = parse(text.as_bytes(), scrape.format, &Limits::default()).map(|parsed| parsed.scrape());
        prop_assert_eq!(read.map_err(|error| format!("{error}\n{text}")), Ok(scrape));
    }

    #[test]
    fn any_bytes_are_read_or_refused_with_a_place(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        exposition::holds(&bytes);
    }

    #[test]
    fn broken_text_is_read_or_refused_with_a_place(
        scrape in any_scrape(),
        at in any::<prop::sample::Index>(),
        put in proptest::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"\n\"\\{}=, #\t\r\0x1".as_slice())], 0..3),
        cut in 0_usize..3,
    ) {
        let mut bytes = render::text(&scrape).into_bytes();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, put);
        }
        exposition::holds(&bytes);
    }
}
