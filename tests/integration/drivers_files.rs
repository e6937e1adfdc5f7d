//! Real files: what is written, what is refused, what is kept of before.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::Arc;

use runbook::check::program::Column;
use runbook::drivers::Files as _;
use runbook::drivers::real::files::{FilesHere, Texts, WorkingDir};
use runbook::engine::action::{Content, Report, ReportContent, Update};
use runbook::engine::input::{Failure, FailureKind, FileData};
use runbook::engine::view::RunView;

use crate::drivers_bench::Bench;

/// Fills in `{run}`; a template named `broken` fails.
struct Fill;

impl Texts for Fill {
    fn template(&self, path: &str, view: &RunView) -> Result<String, runbook::text::Text> {
        match path {
            "broken" => Err(runbook::text::Text::verbatim("broken, line 3: unknown name `runn`")),
            text => Ok(text.replace("{run}", &view.run)),
        }
    }

    fn report(&self, content: &ReportContent, view: &RunView) -> Result<String, runbook::text::Text> {
        match content {
            ReportContent::Template { path } => self.template(path, view),
            ReportContent::Table { observation, columns } => {
                Ok(format!("{} {observation} {}\n", view.run, columns.len()))
            }
            ReportContent::Samples { observation, .. } | ReportContent::Chart { observation, .. } => {
                Ok(format!("{} {observation}\n", view.run))
            }
        }
    }
}

fn files(bench: &Bench) -> FilesHere {
    FilesHere::new(Box::new(WorkingDir(bench.dir())), Box::new(Fill), Arc::clone(&bench.artifacts))
}

fn view() -> RunView {
    RunView { run: "r-1".into(), ..RunView::default() }
}

fn report(content: ReportContent) -> Report {
    Report { to: "results/report.md".into(), content, view: Box::new(view()) }
}

fn update(file: &str, under: Option<&str>, text: &str) -> Update {
    Update {
        file: file.into(),
        under: under.map(str::to_owned),
        replace: None,
        text: Content::Text(text.into()),
        once: None,
    }
}

fn refused<T>(result: Result<T, Failure>) -> String {
    let failure = result.err().expect("it is refused");
    assert_eq!(failure.kind, FailureKind::Failed);
    failure.message.en
}

fn before(bench: &Bench, data: &FileData) -> String {
    String::from_utf8(bench.artifact(data.before.as_ref().unwrap())).unwrap()
}

#[test]
fn a_copy_is_whole_and_keeps_what_it_replaces() {
    let bench = Bench::new("t-copy");
    bench.write("report.md", "new");
    let data = files(&bench).copy("report.md", "docs/deep/REPORT.md").unwrap();
    assert_eq!((bench.read("docs/deep/REPORT.md").as_str(), data.bytes, data.changed), ("new", 3, true));
    assert_eq!((data.path.as_str(), data.before), ("docs/deep/REPORT.md", None));
    assert!(!files(&bench).copy("report.md", "docs/deep/REPORT.md").unwrap().changed);
    bench.write("report.md", "newer");
    let data = files(&bench).copy("report.md", "docs/deep/REPORT.md").unwrap();
    assert_eq!((bench.read("docs/deep/REPORT.md").as_str(), before(&bench, &data).as_str()), ("newer", "new"));
    assert!(refused(files(&bench).copy("absent.md", "x")).starts_with("absent.md: No such file"));
    assert_eq!(refused(files(&bench).copy("docs", "x")), "docs: it is not a file");
    assert_eq!(refused(files(&bench).copy("report.md", "docs")), "docs: it is a folder");
}

#[test]
fn a_document_is_changed_in_one_place_and_can_be_restored() {
    let bench = Bench::new("t-update");
    let old = "# A\n\ntext\n\n# B\n";
    bench.write("doc.md", old);
    let path = bench.dir().join("doc.md");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let mut files = files(&bench);
    let template = Content::Template { path: "by {run}".into(), view: Box::new(view()) };
    let written = files.update(&Update { text: template, ..update("doc.md", Some("A"), "") }).unwrap();
    assert_eq!(bench.read("doc.md"), "# A\n\ntext\n\nby r-1\n\n# B\n");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(written.changed);
    assert_eq!(before(&bench, &written), old);

    let restored = files.restore("doc.md", &written).unwrap();
    assert_eq!((bench.read("doc.md").as_str(), restored.changed), (old, true));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(!files.restore("doc.md", &written).unwrap().changed, "a second time there is nothing to do");

    let written = files.update(&update("doc.md", Some("A"), "once more")).unwrap();
    bench.write("doc.md", "edited by somebody");
    assert_eq!(refused(files.restore("doc.md", &written)), "doc.md: it was changed since: it is left as it is");
    assert_eq!(bench.read("doc.md"), "edited by somebody");
}

#[test]
fn a_document_that_was_changed_before_is_left_alone() {
    let bench = Bench::new("t-once");
    bench.write("doc.md", "# A\n\n### Result\n");
    let once = Update { once: Some("### Result".into()), ..update("doc.md", Some("A"), "### Result\nagain") };
    let written = files(&bench).update(&once).unwrap();
    assert_eq!((written.changed, written.before.as_ref()), (false, None));
    assert!(!files(&bench).restore("doc.md", &written).unwrap().changed);
    assert_eq!(bench.read("doc.md"), "# A\n\n### Result\n");
}

#[test]
fn what_cannot_be_changed_is_refused_and_left_as_it_is() {
    let bench = Bench::new("t-refused");
    bench.write("doc.md", "# A\n# A\n");
    bench.write("binary", b"# A\n\xff\n");
    bench.write("nul", "# A\n\0\n");
    bench.write("readonly.md", "# A\n");
    let readonly = bench.dir().join("readonly.md");
    std::fs::set_permissions(&readonly, std::fs::Permissions::from_mode(0o444)).unwrap();
    let mut files = files(&bench);
    for (path, words) in [
        ("doc.md", "doc.md: the heading “A” is there 2 times"),
        ("absent.md", "absent.md: No such file"),
        ("binary", "binary: it is not a text in UTF-8"),
        ("nul", "nul: it is not a text in UTF-8"),
        ("readonly.md", "readonly.md: it may only be read"),
    ] {
        let message = refused(files.update(&update(path, Some("A"), "x")));
        assert!(message.starts_with(words), "{message}");
    }
    let broken = Content::Template { path: "broken".into(), view: Box::new(view()) };
    let message = refused(files.update(&Update { text: broken, ..update("doc.md", Some("A"), "") }));
    assert_eq!(message, "doc.md: broken, line 3: unknown name `runn`");
    let pattern = Update { replace: Some(("status: .*".into(), false)), ..update("doc.md", None, "x") };
    assert_eq!(refused(files.update(&pattern)), "doc.md: nothing matches /status: .*/ there");
    assert_eq!(bench.read("doc.md"), "# A\n# A\n");
    let left: Vec<_> = std::fs::read_dir(bench.dir()).unwrap().collect();
    assert_eq!(left.len(), 4, "no file in between is left");
}

#[test]
fn a_link_stays_a_link() {
    let bench = Bench::new("t-link");
    bench.write("real.md", "# A\n");
    symlink("real.md", bench.dir().join("link.md")).unwrap();
    files(&bench).update(&update("link.md", Some("A"), "x")).unwrap();
    assert!(std::fs::symlink_metadata(bench.dir().join("link.md")).unwrap().is_symlink());
    assert_eq!(bench.read("real.md"), "# A\n\nx\n");
}

#[test]
fn reports_are_written_as_any_program_would_write_them() {
    let bench = Bench::new("t-report");
    bench.write("as usual", "");
    let mut files = files(&bench);
    let template = report(ReportContent::Template { path: "run {run}\n".into() });
    let data = files.report(&template).unwrap();
    assert_eq!((bench.read("results/report.md").as_str(), data.changed), ("run r-1\n", true));
    let mode = |path: &str| std::fs::metadata(bench.dir().join(path)).unwrap().permissions().mode();
    assert_eq!(mode("results/report.md"), mode("as usual"));
    assert_eq!(String::from_utf8(bench.artifact(data.kept.as_ref().unwrap())).unwrap(), "run r-1\n", "it is evidence");
    let table = report(ReportContent::Table { observation: "baseline".into(), columns: vec![Column::Min] });
    let data = files.report(&table).unwrap();
    assert_eq!(bench.read("results/report.md"), "r-1 baseline 1\n");
    assert_eq!(before(&bench, &data), "run r-1\n");
    let broken = report(ReportContent::Template { path: "broken".into() });
    assert!(refused(files.report(&broken)).ends_with("unknown name `runn`"));
    assert_eq!(bench.read("results/report.md"), "r-1 baseline 1\n");
}

#[test]
fn lines_are_added_each_on_its_own() {
    let bench = Bench::new("t-append");
    let mut files = files(&bench);
    files.append("results/log.txt", "one").unwrap();
    files.append("results/log.txt", "二").unwrap();
    assert_eq!(bench.read("results/log.txt"), "one\n二\n");
    bench.write("results/log.txt", "one\ncut off");
    let data = files.append("results/log.txt", "three").unwrap();
    assert_eq!(bench.read("results/log.txt"), "one\ncut off\nthree\n");
    assert_eq!((data.bytes, data.changed), (18, true));
}

#[test]
fn a_line_that_a_crash_left_unconfirmed_is_there_once() {
    let bench = Bench::new("t-append-again");
    let mut files = files(&bench);
    let line = "09:10 sample=1";
    for before in ["", "09:00 begun\n", "19:10 sample=1\n", "x09:10 sample=1\n"] {
        bench.write("log.txt", before);
        assert!(files.append("log.txt", line).unwrap().changed);
        assert!(!files.append("log.txt", line).unwrap().changed, "it was there");
        assert_eq!(bench.read("log.txt"), format!("{before}{line}\n"));
    }
    // Cut off in the middle of the write.
    for cut in ["09:1", "09:10 sample=1"] {
        bench.write("log.txt", format!("09:00 begun\n{cut}"));
        assert!(files.append("log.txt", line).unwrap().changed);
        assert_eq!(bench.read("log.txt"), format!("09:00 begun\n{line}\n"));
    }
}

#[test]
fn a_file_is_not_copied_onto_itself() {
    let bench = Bench::new("t-onto-itself");
    std::fs::write(bench.dir().join("a.md"), "text").unwrap();
    symlink("a.md", bench.dir().join("link.md")).unwrap();
    for to in ["a.md", "./a.md", "link.md", "b/../a.md"] {
        std::fs::create_dir_all(bench.dir().join("b")).unwrap();
        let wrong = files(&bench).copy("a.md", to).unwrap_err();
        assert!(wrong.message.en.contains("the same file"), "{to}: {}", wrong.message.en);
    }
    assert!(bench.dir().join("link.md").is_symlink());
    assert!(files(&bench).copy("a.md", "c.md").is_ok());
}
