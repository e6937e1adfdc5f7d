//! `runbook explain`

use runbook::diagnostic::Code;

use crate::support::program::{Place, ended, stderr, stdout};

#[test]
fn a_code_is_found_however_it_is_written() {
    let place = Place::new();
    let page = place.run(&["explain", "RB0863"]);
    ended(&page, 0);
    let text = stdout(&page);
    assert!(text.starts_with("RB0863  a parameter has no value\n"), "{text}");
    assert!(text.contains("The parameter is required") && !text.contains("```"), "{text}");
    for written in ["rb0863", "863", "0863", "error[RB0863]"] {
        assert_eq!(stdout(&place.run(&["explain", written])), text, "{written}");
    }
}

#[test]
fn an_unknown_code_gets_the_nearest() {
    let place = Place::new();
    let unknown = place.run(&["explain", "RB0110x"]);
    ended(&unknown, 2);
    let said = stderr(&unknown);
    assert!(said.contains("RB0852") && said.contains("did you mean RB0110?"), "{said}");
    assert!(stdout(&unknown).is_empty());
    let far = place.run(&["explain", "whatever"]);
    ended(&far, 2);
    assert!(stderr(&far).contains("lists all of them"), "{}", stderr(&far));
}

#[test]
fn without_a_code_all_are_listed() {
    let mut place = Place::new();
    let list = stdout(&place.run(&["explain"]));
    assert_eq!(list.lines().count(), Code::ALL.len());
    assert!(list.contains("RB0101  unknown name\n"), "{list}");
    place.env("LC_ALL", "zh_CN.UTF-8");
    assert!(stdout(&place.run(&["explain"])).contains("RB0101  未知的名字\n"));
    assert!(stdout(&place.run(&["explain", "RB0101"])).starts_with("RB0101  未知的名字\n"));
}

#[test]
fn a_page_is_in_the_language_of_the_reader() {
    let mut place = Place::new();
    place.env("LC_ALL", "zh_CN.UTF-8");
    let page = stdout(&place.run(&["explain", "RB0860"]));
    assert!(
        page.contains("参数文件中有 runbook 没有声明的参数") && page.contains("提示：是否想写 `metrics_url`？"),
        "{page}"
    );
    assert!(!page.contains("names a parameter") && !page.contains("did you mean"), "{page}");
    place.env("LC_ALL", "en_US.UTF-8");
    let page = stdout(&place.run(&["explain", "RB0860"]));
    assert!(page.contains("names a parameter") && page.contains("did you mean"), "{page}");
    assert!(!page.contains("参数文件") && !page.contains("是否想写"), "{page}");
}
