//! `runbook check`

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::program::{Place, ended, json, stderr, stdout};

const CLEAN: &str = "runbook a, \"A\" do\n  sh read: \"true\", timeout: 1.s\nend\n";
const WRONG: &str = "runbook a, \"A\" do\n  sh \"true\", tmeout: 1.s\n  sh \"true\", as: 4\nend\n";

/// A runbook with nothing but a warning: `raw(…)` puts text into a command as it is.
const WARNED: &str =
    "runbook a, \"A\" do\n  param x, string, default: \"y\"\n  sh read: \"echo #{raw(x)}\", timeout: 1.s\nend\n";

#[test]
fn clean_warned_and_wrong_files_end_differently() {
    let place = Place::new();
    place.write("clean.rb", CLEAN);
    place.write("warned.rb", WARNED);
    place.write("wrong.rb", WRONG);
    let clean = place.run(&["check", "clean.rb"]);
    ended(&clean, 0);
    assert!(stdout(&clean).is_empty() && stderr(&clean).contains("clean.rb: nothing found"), "{}", stderr(&clean));
    ended(&place.run(&["check", "clean.rb", "--strict"]), 0);

    let warned = place.run(&["check", "warned.rb"]);
    ended(&warned, 0);
    assert!(
        stderr(&warned).contains("RB0413") && stderr(&warned).contains("0 errors, 1 warning"),
        "{}",
        stderr(&warned)
    );
    ended(&place.run(&["check", "warned.rb", "--strict"]), 1);

    let wrong = place.run(&["check", "wrong.rb"]);
    ended(&wrong, 2);
    let said = stderr(&wrong);
    assert!(said.contains("RB0305") && said.contains("did you mean `timeout:`?"), "{said}");
    assert!(said.contains("wrong.rb:2:") && said.contains("wrong.rb:3:"), "all errors come together: {said}");

    // Keys of prompts are asked for by `--strict` alone.
    place.write("keyless.rb", "runbook a, \"A\" do\n  confirm \"fine?\"\nend\n");
    let keyless = place.run(&["check", "keyless.rb"]);
    ended(&keyless, 0);
    assert!(!stderr(&keyless).contains("RB0502"));
    let keyless = place.run(&["check", "keyless.rb", "--strict"]);
    ended(&keyless, 1);
    assert!(stderr(&keyless).contains("RB0502") && stderr(&keyless).contains("confirm.1"), "{}", stderr(&keyless));

    let several = place.run(&["check", "clean.rb", "warned.rb", "wrong.rb", "--strict"]);
    ended(&several, 2);
}

#[test]
fn what_is_no_runbook_is_told_as_what_it_is() {
    let place = Place::new();
    place.write("empty.rb", "");
    fs::write(place.path("binary.rb"), b"\x7fELF\x00\x01\x02").unwrap();
    fs::write(place.path("gbk.rb"), b"runbook a, \"\xb2\xe2\xca\xd4\" do\nend\n").unwrap();
    fs::write(place.path("utf16.rb"), b"\xff\xfer\x00u\x00").unwrap();
    fs::write(place.path("large.rb"), vec![b'#'; 5 * 1024 * 1024]).unwrap();
    // 100 MB, without writing them.
    fs::File::create(place.path("larger.rb")).unwrap().set_len(100_000_000).unwrap();
    place.write(
        "gem.rb",
        "Runbook.book \"Restart\" do\n  section \"Stop\" do\n    step { command \"stop\" }\n  end\nend\n",
    );
    fs::create_dir(place.path("folder.rb")).unwrap();
    for (file, code, words) in [
        ("missing.rb", "RB0868", "it is not there"),
        ("folder.rb", "RB0868", "it is a folder"),
        ("empty.rb", "RB0005", "holds no runbook"),
        ("binary.rb", "RB0003", "NUL byte"),
        ("gbk.rb", "RB0002", "line 1 holds the byte 0xB2"),
        ("utf16.rb", "RB0002", "UTF-16"),
        ("large.rb", "RB0004", "5242880 bytes"),
        ("larger.rb", "RB0004", "more than is read"),
        ("gem.rb", "RB0038", "Ruby gem"),
        ("empty.rb/x.rb", "RB0868", "a part of the path is no folder"),
        ("/dev/zero", "RB0004", "more than is read"),
    ] {
        let check = place.run(&["check", file]);
        ended(&check, 2);
        assert!(stderr(&check).contains(code) && stderr(&check).contains(words), "{file}: {}", stderr(&check));
        let check = place.run(&["check", file, "--format", "json"]);
        ended(&check, 2);
        let found = &json(&check)["diagnostics"];
        assert_eq!((&found[0]["code"], &found[0]["file"]), (&code.into(), &file.into()), "{found}");
        assert_eq!(found[0]["severity"], "error");
    }
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows_change_nothing() {
    let place = Place::new();
    place.write("bom.rb", &format!("\u{feff}{CLEAN}"));
    place.write("crlf.rb", &CLEAN.replace('\n', "\r\n"));
    place.write("wrong.rb", &format!("\u{feff}{}", WRONG.replace('\n', "\r\n")));
    ended(&place.run(&["check", "bom.rb", "crlf.rb", "--strict"]), 0);
    let wrong = place.run(&["check", "wrong.rb", "--format", "json"]);
    ended(&wrong, 2);
    let first = &json(&wrong)["diagnostics"][0];
    assert_eq!((&first["line"], &first["column"]), (&2.into(), &14.into()), "{first}");
}

#[test]
fn a_file_that_may_not_be_read_says_so() {
    let place = Place::new();
    let path = place.write("closed.rb", CLEAN);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let check = place.run_without_privilege(&["check", "closed.rb"]);
    ended(&check, 2);
    assert!(stderr(&check).contains("it may not be read"), "{}", stderr(&check));
}

#[test]
fn one_unreadable_file_does_not_hide_the_others() {
    let place = Place::new();
    place.write("wrong.rb", WRONG);
    place.write("clean.rb", CLEAN);
    let check = place.run(&["check", "missing.rb", "wrong.rb", "clean.rb", "--format", "json"]);
    ended(&check, 2);
    let found = json(&check);
    assert_eq!(found["schema"], 1);
    let files: Vec<&str> =
        found["diagnostics"].as_array().unwrap().iter().map(|row| row["file"].as_str().unwrap()).collect();
    assert_eq!(files[0], "missing.rb");
    assert!(files[1..].iter().all(|file| *file == "wrong.rb") && files.len() >= 3, "{files:?}");
    let second = &found["diagnostics"][1];
    assert_eq!((&second["line"], &second["column"]), (&2.into(), &14.into()), "{second}");
    assert!(stdout(&check).ends_with("}\n") && stderr(&check).is_empty());
}

#[test]
fn forges_get_sarif() {
    let place = Place::new();
    place.write("wrong.rb", WRONG);
    let check = place.run(&["check", "wrong.rb", "missing.rb", "--format", "sarif"]);
    ended(&check, 2);
    let found = json(&check);
    assert_eq!(found["version"], "2.1.0");
    let results = found["runs"][0]["results"].as_array().unwrap();
    let rules: Vec<&str> = results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    assert_eq!(rules, ["RB0305", "RB0312", "RB0868"]);
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
}

#[test]
fn templates_stand_beside_the_runbook_wherever_the_program_is_called() {
    let place = Place::new();
    let runbook = "runbook a, \"A\" do\n  report template: \"page.md.j2\", to: \"page.md\"\nend\n";
    place.write("books/a.rb", runbook);
    place.write("page.md.j2", "in the wrong place");
    let missing = place.run(&["check", "books/a.rb"]);
    ended(&missing, 2);
    assert!(stderr(&missing).contains("RB0801"), "{}", stderr(&missing));
    place.write("books/page.md.j2", "{{ run.id }}\n");
    ended(&place.run(&["check", "books/a.rb"]), 0);
    place.write("books/page.md.j2", "{% if %}\n");
    let broken = place.run(&["check", "books/a.rb"]);
    ended(&broken, 2);
    assert!(stderr(&broken).contains("RB0802"), "{}", stderr(&broken));
    place.write("books/page.md.j2", "one\n{{ run.idd }} {{ nothing }}\n");
    let unknown = place.run(&["check", "books/a.rb"]);
    ended(&unknown, 2);
    let said = stderr(&unknown);
    assert!(said.contains("RB0803") && said.contains("page.md.j2, line 2: unknown name `idd` in `run`"), "{said}");
    assert!(said.contains("did you mean `id`?") && said.contains("unknown name `nothing`"), "{said}");
}

#[test]
fn findings_are_in_the_language_of_the_reader_and_plain_in_a_pipe() {
    let mut place = Place::new();
    place.write("wrong.rb", WRONG);
    let plain = place.run(&["check", "wrong.rb"]);
    assert!(!stderr(&plain).contains('\u{1b}'), "no colours into a pipe");
    let colours = place.run(&["check", "wrong.rb", "--color", "always"]);
    assert!(stderr(&colours).contains('\u{1b}'), "{}", stderr(&colours));
    place.env("LANG", "zh_CN.UTF-8");
    let chinese = place.run(&["check", "wrong.rb"]);
    assert!(
        stderr(&chinese).contains("`sh` 没有选项 `tmeout:`") && stderr(&chinese).contains("个错误"),
        "{}",
        stderr(&chinese)
    );
}
