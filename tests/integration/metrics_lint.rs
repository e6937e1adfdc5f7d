//! `metrics lint`: the examples of the code pages, and what each finding says.

use runbook::diagnostic::Code;
use runbook::metrics::exposition::{Limits, parse};
use runbook::metrics::lint::{MAX_FINDINGS, lint, lint_at};
use runbook::metrics::scrape::Format;
use runbook::text::Lang;

fn format(text: &str) -> Format {
    if text.ends_with("# EOF\n") { Format::OpenMetrics } else { Format::Text }
}

fn findings(text: &str) -> Vec<String> {
    let parsed =
        parse(text.as_bytes(), format(text), &Limits::default()).unwrap_or_else(|error| panic!("{text}: {error}"));
    lint(&parsed).found.iter().map(ToString::to_string).collect()
}

/// The same of a text that was scraped in November 2025.
fn findings_at(text: &str) -> Vec<String> {
    let parsed = parse(text.as_bytes(), format(text), &Limits::default()).unwrap();
    lint_at(&parsed, 1_763_427_600_000).found.iter().map(ToString::to_string).collect()
}

/// The codes of this command.
fn codes() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| ("RB0750".."RB0800").contains(&code.as_str()))
}

#[test]
fn each_page_shows_what_is_found_and_a_way_out_that_is_clean() {
    assert!(codes().count() >= 15);
    for code in codes() {
        let blocks: Vec<String> = code
            .written()
            .split("```text\n")
            .skip(1)
            .map(|block| block.split("```").next().unwrap_or_default().to_owned())
            .collect();
        if code == Code::RB0761 {
            assert!(blocks.is_empty(), "a page cannot show a newline that is not there");
            continue;
        }
        let [bad, good] = blocks.as_slice() else { panic!("{code}: a bad and a good example") };
        let found = if code == Code::RB0765 { findings_at(bad) } else { findings(bad) };
        assert!(found.len() == 1 && found[0].contains(code.as_str()), "{code}: {found:?}");
        assert_eq!(findings(good), [""; 0], "{code}");
    }
}

#[test]
fn each_finding_has_its_line_and_says_what_it_is_about() {
    for (text, expected) in [
        ("x 1", "line 1: RB0761 the last line does not end: \\n"),
        ("# HELP x a\n# HELP x b\nx 1\n", "line 2: RB0750 HELP, TYPE or UNIT of a metric stands twice: # HELP x"),
        ("x 1\n# HELP x a\n", "line 2: RB0751 HELP, TYPE or UNIT after the metric's first sample: # HELP x"),
        (
            "x{a=\"1\"} 1\n# TYPE y gauge\ny 1\nx{a=\"2\"} 1\ny{a=\"1\"} 1\nx{a=\"3\"} 1\n",
            "line 4: RB0752 the samples of a metric do not stand together: x\n\
             line 5: RB0752 the samples of a metric do not stand together: y",
        ),
        (
            "x{a=\"1\",b=\"2\"} 1\nx{b=\"2\",a=\"1\",c=\"\"} 1 5\n",
            "line 2: RB0753 one series stands twice: x{a=\"1\",b=\"2\"}",
        ),
        (
            "# TYPE h histogram\nh 1\n",
            "line 2: RB0754 a sample's name does not fit the type of its metric: h (histogram)",
        ),
        (
            "# TYPE c counter\nc 1\n# EOF\n",
            "line 2: RB0754 a sample's name does not fit the type of its metric: c (counter)",
        ),
        (
            "# TYPE h histogram\nh_bucket{le=\"x\"} 1\n",
            "line 2: RB0756 a bucket or a quantile without its bound: h: le=\"x\"",
        ),
        (
            "# TYPE s summary\ns{quantile=\"95\"} 1\n",
            "line 2: RB0756 a bucket or a quantile without its bound: s: quantile=\"95\"",
        ),
        (
            "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"0.5\"} 1\n",
            "line 2: RB0757 buckets or quantiles that contradict each other: h: le=\"+Inf\" ?\n\
             line 3: RB0757 buckets or quantiles that contradict each other: h: 1 → 0.5",
        ),
        (
            "# TYPE h histogram\nh_bucket{a=\"b\",le=\"1\"} 5\nh_bucket{a=\"b\",le=\"+Inf\"} 5\nh_count{a=\"b\"} 6\n",
            "line 3: RB0757 buckets or quantiles that contradict each other: h{a=\"b\"}: le=\"+Inf\" 5 ≠ 6",
        ),
        (
            "# TYPE s summary\ns{quantile=\"0.9\"} 1\ns{quantile=\"0.5\"} 9\n",
            "line 3: RB0757 buckets or quantiles that contradict each other: s: 0.9 → 0.5",
        ),
        ("y 1\nx{a=\"b\\c\"} 1\n", "line 2: RB0758 an escape that does not exist: \\c"),
        (
            "x{a=\"b\nc\nd\"} 1\n",
            "line 1: RB0759 a line break within a label: \\n\nline 2: RB0759 a line break within a label: \\n",
        ),
        ("x {a=\"b\" c=\"d\"} 1\n", "line 1: RB0760 no comma between labels: c=\"d\"} 1"),
        ("# TYPE c counter\nc NaN\n", "line 2: RB0762 a value that the metric's type cannot have: c = NaN"),
        ("# TYPE i info\ni_info 2\n# EOF\n", "line 2: RB0762 a value that the metric's type cannot have: i_info = 2"),
        (
            "# TYPE c counter\nc_total 1 # {a=\"b\"} 1\nc_created 1 # {a=\"b\"} 1\n# EOF\n",
            "line 3: RB0763 an exemplar that may not stand there: c_created",
        ),
        (
            "x 1 5\nx 2 6\nx 3 6\nx 4 5\n# EOF\n",
            "line 3: RB0753 one series stands twice: x\nline 4: RB0764 times that do not go forward: x: 6000 → 5000",
        ),
        ("x 1\nx 2 6\n# EOF\n", "line 2: RB0764 times that do not go forward: x: — → 6000"),
    ] {
        assert_eq!(findings(text).join("\n"), expected, "{text}");
    }
    let long = format!("# TYPE c counter\nc_total 1 # {{a=\"{}\"}} 1\n# EOF\n", "字".repeat(128));
    assert_eq!(findings(&long), ["line 2: RB0763 an exemplar that may not stand there: c_total: 129 > 128"]);
}

#[test]
fn times_are_compared_with_that_of_the_scrape() {
    let title = "RB0765 a time that does not fit the clock";
    for (text, expected) in [
        ("a{b=\"c\"} 1 1763434800000\n", format!("line 1: {title}: a{{b=\"c\"}}: +7200 s")),
        ("a 1\nb 1 1763341200000\n", format!("line 2: {title}: b: -86400 s")),
        ("process_start_time_seconds 1763431200\n", format!("line 1: {title}: process_start_time_seconds: +3600 s")),
        ("process_start_time_seconds 1763427601\na 1 1763427500000\n", String::new()),
        ("process_start_time_seconds NaN\n", String::new()),
    ] {
        assert_eq!(findings_at(text).join("\n"), expected, "{text}");
        assert_eq!(findings(text), [""; 0], "nothing is said without a time");
    }
}

#[test]
fn what_is_only_unusual_is_clean() {
    for text in [
        "",
        "# a comment\n\nx 1\n",
        "# HELP x a\n# TYPE x histogram\nx_bucket{le=\"0.5\"} 1\nx_bucket{le=\"+Inf\"} 2\nx_sum 3\nx_count 2\n",
        "# TYPE s summary\ns_sum 1\ns_count 2\ns{quantile=\"0.5\"} NaN\n",
        "x{a=\"\\\\ \\\" \\n\",} 1\n{\"a.b\",c=\"d\"} 2\n",
        "# TYPE c counter\nc_total{a=\"b\"} 1 5 # {t=\"x\"} 1\nc_created{a=\"b\"} 5 5\n# EOF\n",
        "# TYPE untouched counter\n# HELP untouched Declared without a series.\n",
    ] {
        assert_eq!(findings(text), [""; 0], "{text}");
    }
}

#[test]
fn findings_are_bounded_and_counted() {
    let text = "x 1\n".repeat(MAX_FINDINGS + 11);
    let findings = lint(&parse(text.as_bytes(), Format::Text, &Limits::default()).unwrap());
    assert_eq!((findings.found.len(), findings.beyond), (MAX_FINDINGS, 10));
    assert_eq!(findings.found[0].text(Lang::Zh), "第 2 行：RB0753 同一时间序列出现两次：x");
}
