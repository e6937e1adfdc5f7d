use super::*;
use proptest::prelude::*;

const ROADMAP: &str = "# Roadmap

Text.

```bash
# not a heading
## Milestone
```

## Milestone

Old text.

### Details

More.

---

## Later

End.
";

fn under<'a>(heading: &'a str, text: &'a str) -> Edit<'a> {
    Edit { under: Some(heading), replace: None, text, once: None }
}

fn done(document: &str, edit: &Edit<'_>) -> String {
    super::edit(document, edit).unwrap().expect("it changes")
}

#[test]
fn text_is_added_at_the_end_of_its_section() {
    for heading in ["## Milestone", "Milestone"] {
        let changed = done(ROADMAP, &under(heading, "### Result\n\nGood.\n"));
        assert_eq!(changed, ROADMAP.replace("More.\n\n---", "More.\n\n### Result\n\nGood.\n\n---"));
    }
    let changed = done(ROADMAP, &under("Later", "New."));
    assert_eq!(changed, format!("{ROADMAP}\nNew.\n"));
    let changed = done(ROADMAP, &under("### Details", "New."));
    assert_eq!(changed, ROADMAP.replace("More.\n\n---", "More.\n\nNew.\n\n---"));
    assert_eq!(done("# A\n# B\n", &under("A", "x")), "# A\n\nx\n\n# B\n");
    assert_eq!(done("# A\ntext\n# B\n", &under("A", "x")), "# A\ntext\n\nx\n\n# B\n");
    assert_eq!(done("# A\ntext\n---\n", &under("A", "x")), "# A\ntext\n---\n\nx\n", "an underlined heading, no rule");
    assert_eq!(done("# A", &under("A", "x")), "# A\n\nx\n");
    assert_eq!(done("# A\n\n\n\n", &under("A", "x")), "# A\n\nx\n");
}

#[test]
fn a_heading_must_be_there_once() {
    let wrong = |document: &str, heading: &str| super::edit(document, &under(heading, "x")).unwrap_err().en;
    assert_eq!(wrong(ROADMAP, "## Phase 9"), "the heading “## Phase 9” is not there");
    assert_eq!(
        wrong(ROADMAP, "# Milestone"),
        "the heading “# Milestone” is not there; there is “## Milestone” on line 10"
    );
    assert_eq!(wrong("# A (old)\n", "A"), "the heading “A” is not there; there is “# A (old)” on line 1");
    assert_eq!(
        wrong("# A\n## A\n# B\n## A #\n", "## A"),
        "the heading “## A” is there 3 times: “# A” on line 1, “## A” on line 2, “## A” on line 4"
    );
    assert!(super::edit("# A\n## A\n", &under("## A", "x")).is_ok(), "the level tells them apart");
}

#[test]
fn what_only_looks_like_a_heading_is_none() {
    let document = "---\ntitle: x\n# A\n---\n\n    # A\n\n~~~\n# A\n```\n~~~\n\n<!--\n# A\n-->\n#A\n\n````\n```\n# A\n````\n\\# A\n";
    assert_eq!(headings(document), []);
    let underlined = "Phase 5\n=======\n\ntext\nmore text\n---\n\n- item\n---\n| a |\n---\n";
    let found: Vec<_> =
        headings(underlined).into_iter().map(|heading| (heading.level, heading.text, heading.line)).collect();
    assert_eq!(found, [(1, "Phase 5".to_owned(), 1), (2, "more text".to_owned(), 5)]);
    let marked = headings("\u{feff}# A ##\n   ### B\n## C#\n#\n");
    let found: Vec<_> = marked.iter().map(|heading| (heading.level, heading.text.as_str())).collect();
    assert_eq!(found, [(1, "A"), (3, "B"), (2, "C#"), (1, "")]);
}

#[test]
fn a_pattern_is_replaced_once() {
    let document = "## Phase 3\n**状态**: 🚀 a\n## Phase 4 Observability\n**状态**: 🚀 In progress\n\nx\n";
    let edit = |pattern, under| Edit { under, replace: Some((pattern, false)), text: "**状态**: ok $1", once: None };
    let changed = done(document, &edit(r"\*\*状态\*\*: 🚀.*", Some("Phase 4 Observability")));
    assert_eq!(changed, document.replace("**状态**: 🚀 In progress", "**状态**: ok $1"));
    let wrong = |edit: &Edit<'_>| super::edit(document, edit).unwrap_err().en;
    assert!(wrong(&edit(r"\*\*状态\*\*: 🚀.*", None)).contains("matches 2 times there"));
    assert!(wrong(&edit("nothing", None)).contains("nothing matches /nothing/ there"));
    let insensitive = Edit { under: None, replace: Some(("IN PROGRESS", true)), text: "done", once: None };
    assert_eq!(done(document, &insensitive), document.replace("In progress", "done"));
}

#[test]
fn what_was_done_before_is_not_done_again() {
    let edit = Edit { once: Some("### Result"), ..under("## Milestone", "### Result\n\nGood.") };
    let changed = done(ROADMAP, &edit);
    assert_eq!(super::edit(&changed, &edit), Ok(None));
    let elsewhere = format!("{ROADMAP}\n### Result\n");
    assert!(super::edit(&elsewhere, &edit).unwrap().is_some(), "it stands in another section");
    let same = Edit { under: None, replace: Some(("Old text", false)), text: "Old text", once: None };
    assert_eq!(super::edit(ROADMAP, &same), Ok(None));
}

#[test]
fn line_ends_stay_as_they_are() {
    let document = "# A\r\ntext\r\n\r\n# B\r\nstate: x\r\n";
    assert_eq!(done(document, &under("A", "one\ntwo\n")), "# A\r\ntext\r\n\r\none\r\ntwo\r\n\r\n# B\r\nstate: x\r\n");
    let replace = Edit { under: None, replace: Some(("state: .*", false)), text: "state: y", once: None };
    assert_eq!(done(document, &replace), "# A\r\ntext\r\n\r\n# B\r\nstate: y\r\n");
}

proptest! {
    #[test]
    fn only_the_section_changes(lines in prop::collection::vec("(#{1,4} [ab]|```|---|text|)", 0..20), text in "[xy]{1,3}") {
        let document = format!("{}\n# Here\nbody\n", lines.join("\n"));
        let edit = under("Here", &text);
        if let Ok(Some(changed)) = super::edit(&document, &edit) {
            let added = format!("\n{text}\n");
            prop_assert_eq!(changed, format!("{document}{added}"));
        }
    }

    #[test]
    fn no_document_breaks_it(document in "[#`~ \n\r=<>!ab-]{0,80}", heading in "[#ab ]{0,4}") {
        if let Ok(Some(changed)) = super::edit(&document, &under(&heading, "new")) {
            prop_assert!(changed.contains("new"));
            prop_assert!(changed.len() > document.trim_end().len());
        }
    }
}
