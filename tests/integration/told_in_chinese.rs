//! A failure is told in the language of whoever looks at it, also by a process that has only the journal.

use crate::support::background::status;
use crate::support::program::{Place, ended, json, stderr, stdout};

const FAILS: &str = r#"
runbook fails, "会失败" do
  step write, "写入" do
    sh "false", timeout: 5.s, again: ask
    undo none, because: "nothing was written"
  end
end
"#;

#[test]
fn a_failure_is_told_in_the_language_of_the_reader_also_from_the_journal() {
    let mut place = Place::new();
    place.write("fails.rb", FAILS);
    place.env("LANG", "zh_CN.UTF-8");
    let chinese = place.run(&["exec", "fails.rb"]);
    ended(&chinese, 4);
    assert!(stderr(&chinese).contains("退出码 1") && !stderr(&chinese).contains("exit 1"), "{}", stderr(&chinese));
    assert!(stdout(&place.run(&["status", "last"])).contains("退出码 1"));
    assert!(stdout(&place.run(&["log", "last"])).contains("退出码 1"));
    assert!(stdout(&place.run(&["report", "last"])).contains("退出码 1"));
    let resumed = place.run(&["resume", "last"]);
    ended(&resumed, 4);
    assert!(stderr(&resumed).contains("退出码 1"), "{}", stderr(&resumed));

    place.env("LANG", "en_US.UTF-8");
    let shown = stdout(&place.run(&["status", "last"]));
    assert!(shown.contains("exit 1") && !shown.contains("退出码"), "{shown}");
    let page = stdout(&place.run(&["report", "last"]));
    assert!(page.contains("exit 1") && !page.contains("退出码"), "{page}");
    let resumed = place.run(&["resume", "last"]);
    ended(&resumed, 4);
    assert!(stderr(&resumed).contains("exit 1") && !stderr(&resumed).contains("退出码"), "{}", stderr(&resumed));
    place.env("LANG", "zh_CN.UTF-8");
    let report = json(&place.run(&["report", "last", "--format", "json"]));
    let steps = report["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["detail"] == "exit 1"), "programs read English: {report}");
    assert_eq!(status(&place)["status"], "suspended");
}

const UNTITLED: &str = r#"
runbook untitled, "无标题" do
  sh "bash -s", stdin: "echo one\necho two\n", timeout: 5.s, again: ask
  copy "untitled.rb", to: "results/untitled.rb"
end
"#;

#[test]
fn effects_without_a_title_are_told_in_both_languages_and_with_the_script_they_are_given() {
    let mut place = Place::new();
    place.write("untitled.rb", UNTITLED);
    place.env("LANG", "zh_CN.UTF-8");
    let run = place.run(&["exec", "untitled.rb"]);
    ended(&run, 0);
    let told = stderr(&run);
    assert!(told.contains("复制 untitled.rb 到 results/untitled.rb") && !told.contains("copy "), "{told}");
    assert!(told.contains("由标准输入给出的脚本") && told.contains("echo two"), "{told}");
    let report = stdout(&place.run(&["report", "last"]));
    assert!(report.contains("bash -s\n由标准输入给出的脚本：\necho one\necho two\n"), "{report}");
    assert!(report.contains("复制 untitled.rb 到"), "{report}");
    place.env("LANG", "en_US.UTF-8");
    let report = stdout(&place.run(&["report", "last"]));
    assert!(report.contains("bash -s\nwith the script, by stdin:\necho one"), "{report}");
    assert!(report.contains("copy untitled.rb to"), "{report}");
    assert!(json(&place.run(&["report", "last", "--format", "json"])).to_string().contains("copy untitled.rb to"));
}
