//! The check as a whole; its messages are in `tests/corpus/check`.

use super::*;
use crate::diagnostic::Code;

struct AnyTemplate;

impl Templates for AnyTemplate {
    fn text(&self, _: &str) -> Option<String> {
        Some(String::new())
    }
}

#[test]
fn the_go_live_checks_clean() {
    let checked = check(include_str!("../../runbooks/phase5.rb"), &AnyTemplate);
    assert_eq!(checked.diagnostics, []);
    let program = checked.program.unwrap();
    let keys: Vec<&str> = program.nodes.iter().map(|node| node.key.as_str()).collect();
    for key in ["prechecks/environment", "observe/baseline/at.4/checkpoint", "metrics_bad/slo_decision/prolong/extra"] {
        assert!(keys.contains(&key), "{key} is not among {keys:#?}");
    }
}

/// One template, whatever its path.
struct One(Option<&'static str>);

impl Templates for One {
    fn text(&self, _: &str) -> Option<String> {
        self.0.map(str::to_owned)
    }
}

#[test]
fn a_template_must_be_there_and_be_readable() {
    let source = "runbook x, \"X\" do\n  report template: \"a.j2\", to: \"a\"\nend\n";
    let codes = |template| check(source, &One(template)).diagnostics.iter().map(|d| d.code).collect::<Vec<_>>();
    assert_eq!(codes(None), [Code::RB0801]);
    assert_eq!(codes(Some("{% if x %}")), [Code::RB0802]);
    assert_eq!(codes(Some("{{ run.id }}")), []);
}

#[test]
fn digests_do_not_see_layout_and_see_what_is_named() {
    let digest = |source: &str| {
        let checked = check(source, &NoTemplates);
        assert_eq!(checked.diagnostics, []);
        let nodes = checked.program.unwrap().nodes;
        nodes.into_iter().map(|node| (node.key, node.digest)).collect::<std::collections::BTreeMap<_, _>>()
    };
    let one = digest("runbook x, \"X\" do\n  sh read: \"a\", timeout: 1.s, key: a\n  sh read: \"b\", key: b\nend\n");
    let two = digest(
        "runbook x, \"X\" do # moved\n\n  sh key: a,\n    timeout: 1.s, read: \"a\"\n  sh read: \"c\", key: b\nend\n",
    );
    assert_eq!(one["a"], two["a"]);
    assert_ne!(one["b"], two["b"]);
    let with = |target: &str| {
        digest(&format!(
            "runbook x, \"X\" do\n  param u, url\n  source p, scrape: u\n  slo s, \"S\", from: p do\n    \
             value ratio part: 'a', total: 'b'\n    unit percent\n    target >= {target}\n  end\n  \
             sample p, every: 1.min, count: 3, as: series_of\nend\n"
        ))["series_of"]
            .clone()
    };
    assert_ne!(with("98.pct"), with("97.pct"), "another target is another observation");
}
#[test]
fn one_damaged_line_brings_one_message() {
    let whole = include_str!("../../runbooks/phase5.rb");
    let mut several = Vec::new();
    for (number, at) in (0..whole.len()).step_by(71).enumerate() {
        let Some((before, after)) = whole.split_at_checked(at) else { continue };
        let put = ["", ",", "'", "#", "{", ")", "x", " "][number % 8];
        let mut rest = after.chars();
        if put.is_empty() {
            rest.next();
        }
        let checked = check(&format!("{before}{put}{}", rest.as_str()), &AnyTemplate);
        let errors = checked.diagnostics.iter().filter(|one| one.severity == Severity::Error);
        let said: Vec<String> = errors.map(|one| format!("{} {}", one.code, one.message.en)).collect();
        // A bracket over several lines is said at both of its ends.
        let both_ends = matches!(said.as_slice(), [one, two] if one.starts_with("RB0007") && two.starts_with("RB0008"));
        if said.len() > 1 && !both_ends {
            let line = before.lines().count();
            several.push(format!("line {line}, `{put}`: {said:#?}"));
        }
    }
    assert_eq!(several, Vec::<String>::new());
}

/// The edits of [`every_damage_is_answered`].
const DAMAGE: &[&str] = &["", "\n", ",", "'", "#", "{", ")", "end\n", "do ", "\u{0}", "é"];

#[test]
fn every_damage_is_answered() {
    let whole = include_str!("../../runbooks/phase5.rb");
    // Each check takes some milliseconds: a stride that is no multiple of anything in the file.
    for (number, at) in (0..whole.len()).step_by(61).enumerate() {
        let Some((before, after)) = whole.split_at_checked(at) else { continue };
        let put = DAMAGE[number % DAMAGE.len()];
        let mut rest = after.chars();
        if put.is_empty() {
            rest.next();
        }
        let damaged = format!("{before}{put}{}", rest.as_str());
        let checked = check(&damaged, &AnyTemplate);
        assert_eq!(checked.program.is_none(), checked.has_errors(), "at {at}");
        // Without its last newline the file is still whole.
        let cut = check(before, &AnyTemplate);
        assert!(cut.has_errors() || after.trim().is_empty(), "cut at {at}");
    }
}
