//! Help, version, completions, manual page, and what a wrong command line gets.

use crate::support::program::{Place, ended, stderr, stdout};

#[test]
fn help_and_version_are_results() {
    let place = Place::new();
    for args in [&["--help"][..], &["help"], &["help", "plan"], &["metrics", "query", "--help"]] {
        let help = place.run(args);
        ended(&help, 0);
        assert!(stdout(&help).contains("Usage: runbook") && stderr(&help).is_empty(), "{args:?}: {}", stderr(&help));
    }
    let version = place.run(&["--version"]);
    ended(&version, 0);
    assert_eq!(stdout(&version), format!("runbook {}\n", env!("CARGO_PKG_VERSION")));
    let help = stdout(&place.run(&["--help"]));
    for command in ["check", "plan", "explain", "metrics", "sim", "completions", "man", "status", "answer"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command}: {help}");
    }
    assert!(help.contains("4 suspended"), "the exit codes are part of the help: {help}");
}

#[test]
fn a_wrong_command_line_is_2_and_says_what_would_be_right() {
    let place = Place::new();
    for (args, words) in [
        (&["chekc", "a.rb"][..], "check"),
        (&["check"], "FILE"),
        (&["check", "--frmat", "json", "a.rb"], "--format"),
        (&["plan", "a.rb", "--format", "yaml"], "human, json"),
        (&[], "Usage"),
    ] {
        let wrong = place.run(args);
        ended(&wrong, 2);
        assert!(stderr(&wrong).contains(words) && stdout(&wrong).is_empty(), "{args:?}: {}", stderr(&wrong));
    }
}

#[test]
fn completions_and_manual_page_are_whole() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = place.run(&["completions", shell]);
        ended(&script, 0);
        assert!(stdout(&script).contains("answers-template"), "{shell}");
    }
    let script = place.write("runbook.bash", &stdout(&place.run(&["completions", "bash"])));
    let bash = std::process::Command::new("bash").arg("-n").arg(script).output().unwrap();
    assert!(bash.status.success(), "{}", String::from_utf8_lossy(&bash.stderr));
    let page = place.run(&["man"]);
    ended(&page, 0);
    assert!(stdout(&page).contains(".TH runbook 1") && stdout(&page).contains("suspended"), "{}", stdout(&page));
    let page = place.run(&["man", "plan"]);
    ended(&page, 0);
    assert!(
        stdout(&page).contains("runbook\\-plan") && stdout(&page).contains("answers\\-template"),
        "{}",
        stdout(&page)
    );
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    let command = format!("{} explain | head -1; exit ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_runbook"));
    let run = std::process::Command::new("bash").arg("-c").arg(command).current_dir(place.dir.path()).output().unwrap();
    ended(&run, 0);
    assert!(stdout(&run).starts_with("RB0001") && stderr(&run).is_empty(), "{}", stderr(&run));
}

#[test]
fn help_is_in_the_language_of_the_reader() {
    let mut place = Place::new();
    place.env("LC_ALL", "zh_CN.UTF-8");
    for (args, words) in [
        (
            &["--help"][..],
            &["用法：runbook [选项] <命令>", "命令：", "  exec ", "退出码：0", "所有命令通用的选项："][..],
        ),
        (&["-h"], &["用法：runbook [选项] <命令>"]),
        (&["help", "plan"], &["用法：runbook plan [选项] <FILE>", "--answers-template", "[可选值：human、json]"]),
        (&["report", "-h"], &["<RUN>", "[默认：md]", "json（供程序使用）"]),
        (&["metrics", "query", "--help"], &["用法：runbook metrics query [选项] <PROMQL> <FILE|URL>...", "参数："]),
        (&["help", "metrics", "lint"], &["用法：runbook metrics lint"]),
        (&["help", "help"], &["显示本帮助，或某个命令的帮助", "用法：runbook help [命令]", "开始一次运行"]),
        (&["metrics", "help", "help"], &["用法：runbook metrics help"]),
        (&["log", "--help"], &["  -f, --follow", "  -h, --help", "显示帮助"]),
    ] {
        let help = place.run(args);
        ended(&help, 0);
        let said = stdout(&help);
        assert!(words.iter().all(|word| said.contains(word)) && stderr(&help).is_empty(), "{args:?}: {said}");
        assert!(!said.contains("Usage") && !said.contains("Print"), "{args:?}: {said}");
    }
    for args in [&[][..], &["metrics"]] {
        let missing = place.run(args);
        ended(&missing, 2);
        assert!(stderr(&missing).contains("命令：") && stdout(&missing).is_empty(), "{args:?}: {}", stderr(&missing));
    }
    assert_eq!(stdout(&place.run(&["--version"])), format!("runbook {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_wrong_command_line_is_told_in_the_language_of_the_reader() {
    let mut place = Place::new();
    place.env("LC_ALL", "zh_CN.UTF-8");
    for (args, words) in [
        (
            &["chekc", "a.rb"][..],
            &["错误：没有命令 chekc", "提示：是否想写 check？", "用法：runbook [选项] <命令>"][..],
        ),
        (&["check"], &["错误：缺少必需的参数 <FILES>...", "用法：runbook check <FILES>..."]),
        (&["check", "--frmat", "json", "a.rb"], &["错误：没有选项 --frmat", "是否想写 --format？", "用法："]),
        (&["check", "--foo"], &["没有选项 --foo", "若要把 --foo 当作值，请写 `-- --foo`"]),
        (&["metrics", "--format", "json", "show", "a"], &["没有选项 --format", "可以写 `show --format`"]),
        (&["runs", "more"], &["多余的参数 more"]),
        (&["plan", "a.rb", "--format", "yaml"], &["--format <FORMAT> 不能是 yaml；可选值：human、json"]),
        (&["plan", "a.rb", "--format", "jsno"], &["是否想写 json？"]),
        (&["plan", "a.rb", "--format"], &["--format <FORMAT> 缺少值；可选值：human、json"]),
        (&["plan", "a.rb", "--params"], &["--params <FILE> 缺少值"]),
        (&["plan", "a.rb", "--env", "a", "--env", "b"], &["--env <NAME> 只能给出一次"]),
        (&["plan", "a.rb", "--answers-template", "--format", "json"], &["不能与", "同时使用"]),
        (&["exec", "a.rb", "--sim", "x", "--speed", "0"], &["--speed <N> 不能是 0：应为大于 0 的数"]),
        (&["exec", "a.rb", "--speed", "2"], &["缺少必需的参数 --sim <SCENARIO>"]),
        (&["metrics", "explain", "last", "x", "--sample", "z"], &["--sample <N> 不能是 z：应为不小于零的整数"]),
        (&["metrics", "explain", "last", "x", "--sample", "99999999999"], &["数值过大"]),
        (&["help", "exce"], &["没有命令 exce"]),
    ] {
        let wrong = place.run(args);
        ended(&wrong, 2);
        let said = stderr(&wrong);
        assert!(words.iter().all(|word| said.contains(word)) && stdout(&wrong).is_empty(), "{args:?}: {said}");
        assert!(!said.contains("error:") && !said.contains("tip:") && said.contains("`--help`"), "{args:?}: {said}");
    }
}

#[test]
fn the_manual_is_in_the_language_of_the_reader() {
    let mut place = Place::new();
    place.env("LC_ALL", "zh_CN.UTF-8");
    let page = stdout(&place.run(&["man"]));
    for words in
        [".TH runbook 1", ".SH 名称", ".SH 选项", ".SH 命令", ".SH 所有命令通用的选项", "退出码", "[默认：auto]"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let page = stdout(&place.run(&["man", "report"]));
    assert!(page.contains("由日志生成") && page.contains("可选值：") && page.contains("图表在内"), "{page}");
    assert!(!page.contains("Possible") && !page.contains(".SH NAME") && !page.contains("Print"), "{page}");
    let script = stdout(&place.run(&["completions", "fish"]));
    assert!(script.contains("answers-template") && script.contains("从另一终端中止一次运行"), "{script}");
}
