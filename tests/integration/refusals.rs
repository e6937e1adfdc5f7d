//! What is wrong with the input of `exec` is said before anything runs: with its code, its place and a way out, with 2 at the
//! end, and without a trace in the state folder. `plan` says the same.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::program::{Place, ended, json, stderr};

/// Needs an environment, two variables and a secret; its first statement leaves a file.
const DEPLOY: &str = r##"runbook deploy, "Deploy" do
  environments production, rehearsal
  param replicas, int, env: "REPLICAS", min: 1, max: 9
  param target,   url, env: "TARGET_URL", not_host: { production: ["localhost"] }
  param pause,    duration, per_env: { production: 5.min, rehearsal: 1.s }
  secret token,   env: "DEPLOY_TOKEN"
  step touch, "Touch" do
    sh "touch -- ran", env: { TOKEN: token }
    undo none, because: "it is empty"
  end
  ask size, int, "Size?", min: 1, max: 5
  confirm "Good?", key: good
  note "#{replicas} #{target} #{size} #{pause}"
end
"##;

/// All that `DEPLOY` needs on the command line.
const RIGHT: &[&str] = &["--env", "production", "--param", "replicas=3", "--param", "target=https://web.example"];

/// A folder with the runbook and its secret.
fn deploy() -> Place {
    let mut place = Place::new();
    place.env("DEPLOY_TOKEN", "a-token-that-is-long-enough");
    place.write("deploy.rb", DEPLOY);
    place
}

/// Runs it: refused, and nothing was done or left. What was said.
#[track_caller]
fn refused(place: &Place, args: &[&str]) -> String {
    let output = place.run(args);
    ended(&output, 2);
    assert!(output.stdout.is_empty(), "{output:?}");
    let runs = fs::read_dir(place.path("state/runs")).map_or(0, Iterator::count);
    assert!(runs == 0 && !place.path("ran").exists(), "something ran: {args:?}");
    let said = stderr(&output);
    assert!(!said.contains("\nrun "), "{said}");
    said
}

/// Each of the parts stands in what was said.
#[track_caller]
fn says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "`{part}` is not said:\n{said}");
    }
}

#[test]
fn a_file_that_is_no_runbook_is_never_begun() {
    let place = Place::new();
    place.write("empty.rb", "");
    fs::write(place.path("binary.rb"), b"\x7fELF\x00\x01\x02").unwrap();
    fs::write(place.path("gbk.rb"), b"runbook a, \"\xb2\xe2\xca\xd4\" do\nend\n").unwrap();
    // 100 MB, without writing them.
    fs::File::create(place.path("large.rb")).unwrap().set_len(100_000_000).unwrap();
    place.write(
        "gem.rb",
        "Runbook.book \"Restart\" do\n  section \"Stop\" do\n    step { command \"stop\" }\n  end\nend\n",
    );
    place.write("deploy.rb", DEPLOY);
    fs::create_dir(place.path("folder.rb")).unwrap();
    for (file, parts) in [
        ("nowhere.rb", ["RB0868", "cannot read nowhere.rb: it is not there", "help: it is looked for in /"]),
        ("deplyo.rb", ["RB0868", "cannot read deplyo.rb", "help: did you mean `deploy.rb`?"]),
        ("deploy.rb/x.rb", ["RB0868", "a part of the path is no folder", "help: `ls -ld"]),
        ("folder.rb", ["RB0868", "it is a folder", "help: name a file in it"]),
        ("empty.rb", ["RB0005", "empty.rb:1:1", "help: the smallest one"]),
        ("binary.rb", ["RB0003", "binary.rb:1:5", "help: is it the right file?"]),
        ("gbk.rb", ["RB0002", "gbk.rb:1:13", "help: save it as UTF-8"]),
        ("large.rb", ["RB0004", "large.rb has more than", "help: is it the right file?"]),
        ("gem.rb", ["RB0038", "gem.rb:1:1", "help: `runbook KEY"]),
    ] {
        says(&refused(&place, &["exec", file]), &parts);
        says(&refused(&place, &["plan", file]), &parts);
    }
}

#[test]
fn a_file_that_may_not_be_read_is_never_begun() {
    let place = deploy();
    fs::set_permissions(place.path("deploy.rb"), fs::Permissions::from_mode(0o000)).unwrap();
    let refused = place.run_without_privilege(&["exec", "deploy.rb"]);
    ended(&refused, 2);
    says(&stderr(&refused), &["RB0868", "it may not be read", "help: `ls -ld deploy.rb`"]);
}

#[test]
fn a_state_folder_that_may_not_be_written_is_told_before_anything_runs() {
    let place = Place::new();
    place.write("a.rb", "runbook a, \"A\" do\n  sh \"echo ran > trace\", timeout: 9.s\nend\n");
    fs::create_dir(place.path("state")).unwrap();
    fs::set_permissions(place.path("state"), fs::Permissions::from_mode(0o555)).unwrap();
    let refused = place.run_without_privilege(&["exec", "a.rb"]);
    ended(&refused, 2);
    says(&stderr(&refused), &["RB0908", "--state-dir"]);
    assert!(!place.path("trace").exists());
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows_run() {
    let text =
        "runbook a, \"A\" do\n  sh read: \"printf '%s' a\", timeout: 9.s, as: x\n  assert x.out == \"a\", \"a\"\nend\n";
    let place = Place::new();
    place.write("bom.rb", &format!("\u{feff}{text}"));
    place.write("crlf.rb", &text.replace('\n', "\r\n"));
    ended(&place.run(&["exec", "bom.rb"]), 0);
    ended(&place.run(&["exec", "crlf.rb"]), 0);
    place.write("wrong.rb", &format!("\u{feff}{}", text.replace("9.s", "9.s, sa: x").replace('\n', "\r\n")));
    let wrong = place.run(&["exec", "wrong.rb"]);
    ended(&wrong, 2);
    says(&stderr(&wrong), &["RB0305", "wrong.rb:2:43", "did you mean `as:`?"]);
}

#[test]
fn all_that_is_missing_is_named_at_once() {
    let mut place = deploy();
    place.env("DEPLOY_TOKEN", "");
    place.write("answers.toml", "[answers]\nsize = 9\n");
    let said = refused(&place, &["exec", "deploy.rb", "--answers", "answers.toml", "--from", "goood"]);
    says(&said, &["RB0867", "--from goood: no statement has this key", "did you mean `good`?"]);
    says(&said, &["RB0864", "this runbook needs --env", "help: --env is one of production, rehearsal"]);
    says(&said, &["RB0863", "deploy.rb:3:3", "help: set $REPLICAS, or give --param replicas=VALUE"]);
    says(&said, &["deploy.rb:4:3", "help: set $TARGET_URL, or give --param target=VALUE"]);
    says(&said, &["RB0865", "deploy.rb:6:3", "help: set $DEPLOY_TOKEN"]);
    says(&said, &["RB0842", "answers.toml:2:8", "at most 5"]);
    assert!(!said.contains("`pause`"), "an environment gives it: {said}");
    says(&said, &["deploy.rb: 5 errors", "answers.toml: 1 error"]);

    let mut place = deploy();
    place.env("REPLICAS", "3");
    let said = refused(&place, &["exec", "deploy.rb", "--env", "rehearsal"]);
    says(&said, &["RB0863", "$TARGET_URL", "deploy.rb: 1 error"]);
}

#[test]
fn nobody_is_asked_for_a_secret_and_no_command_prints_one_while_something_is_missing() {
    let place = Place::new();
    let text = "runbook a, \"A\" do\n  param x, int\n  secret s, command: \"touch ran; echo a-secret-text\"\n  sh \"y\", env: { S: s }, stdin: \"#{x}\"\nend\n";
    place.write("a.rb", text);
    says(&refused(&place, &["exec", "a.rb"]), &["RB0863", "a.rb:2:3", "a.rb: 1 error"]);
}

#[test]
fn a_wrong_parameter_says_what_it_takes() {
    let place = deploy();
    let with = |more: &[&str]| refused(&place, &[&["exec", "deploy.rb", "--env", "production"], more].concat());
    let target = ["--param", "target=https://web.example"];
    let both = |value: &str| with(&[&target[..], &["--param", value]].concat());
    let takes = "help: `replicas` takes int, at least 1, at most 9";
    says(&both("replicas=many"), &["RB0862", "deploy.rb:3:3", "--param replicas: \"many\" is no whole number", takes]);
    says(&both("replicas=12"), &["RB0862", "deploy.rb:3:3", "12 does not fit: at most 9", takes]);
    says(&both("replicas=0"), &["RB0862", "at least 1", takes]);
    says(&both("replcas=3"), &["RB0860", "there is no parameter `replcas`", "help: did you mean `replicas`?"]);
    says(&both("replicas"), &["RB0867", "--param replicas has no `=`", "help: it is written --param replicas=VALUE"]);
    let twice = with(&[&target[..], &["--param", "replicas=1", "--param", "replicas=2"]].concat());
    says(&twice, &["RB0861", "--param replicas is given twice", "help: a parameter has one value"]);
    let local = with(&["--param", "replicas=3", "--param", "target=http://localhost:4000"]);
    says(&local, &["RB0862", "deploy.rb:4:3", "its host is localhost", "help: `target` takes url"]);

    place.write("params.toml", "replicas = 12\ntargte = \"x\"\n");
    let file = with(&["--params", "params.toml"]);
    says(&file, &["`replicas` of the parameters file: 12 does not fit", "there is no parameter `targte`", "RB0863"]);
    place.write("params.toml", "replicas = \n");
    says(&with(&["--params", "params.toml"]), &["RB0866", "params.toml:1:", "help: one parameter a line"]);
    says(&with(&["--params", "parms.toml"]), &["RB0868", "help: did you mean `params.toml`?"]);

    let mut place = deploy();
    place.env("REPLICAS", "some");
    let said = refused(&place, &[&["exec", "deploy.rb", "--env", "production"], &target[..]].concat());
    says(&said, &["RB0862", "$REPLICAS: \"some\" is no whole number", takes]);
}

#[test]
fn an_environment_is_one_that_the_runbook_has() {
    let place = deploy();
    let near = refused(
        &place,
        &["exec", "deploy.rb", "--env", "prodction", "--param", "replicas=3", "--param", "target=https://w.example"],
    );
    says(
        &near,
        &["RB0864", "there is no environment `prodction`", "help: did you mean `production`?", "deploy.rb: 1 error"],
    );
    let both = refused(&place, &["plan", "deploy.rb", "--env", "prodction", "--param", "replicas=12"]);
    says(&both, &["RB0864", "RB0862", "deploy.rb: 2 errors"]);
    place.write("plain.rb", "runbook a, \"A\" do\n  sh read: \"touch ran\", timeout: 9.s\nend\n");
    let none = refused(&place, &["exec", "plain.rb", "--env", "production"]);
    says(&none, &["RB0864", "the runbook has no environments", "help: leave it out"]);
}

#[test]
fn answers_that_no_prompt_takes_are_all_told() {
    let place = deploy();
    let with = |text: &str| {
        place.write("answers.toml", text);
        refused(&place, &[&["exec", "deploy.rb", "--answers", "answers.toml"], RIGHT].concat())
    };
    let said = with("[answers]\nsize = 9\ngod = true\n\"good\" = \"perhaps\"\n");
    says(
        &said,
        &["RB0842", "answers.toml:2:8", "the answer to `size`: 9 does not fit: at most 5", "help: `runbook plan"],
    );
    says(&said, &["RB0841", "answers.toml:3:1", "no prompt has the key `god`", "help: did you mean `good`?"]);
    says(&said, &["answers.toml:4:10", "neither yes nor no", "answers.toml: 3 errors"]);
    says(&with("[answers]\nsize = \n"), &["RB0840", "answers.toml:2:7", "help: answers stand below `[answers]`"]);
    says(&with("size = 3\n"), &["RB0840", "answers.toml:1:1", "help:"]);
    let missing = refused(&place, &[&["exec", "deploy.rb", "--answers", "answer.toml"], RIGHT].concat());
    says(&missing, &["RB0868", "cannot read answer.toml", "help: did you mean `answers.toml`?"]);
}

#[test]
fn a_template_that_cannot_be_filled_is_told_before_the_run() {
    let place = Place::new();
    let text = "runbook a, \"A\" do\n  sh read: \"touch ran\", timeout: 9.s\n  report template: \"page.md.j2\", to: \"page.md\"\nend\n";
    place.write("a.rb", text);
    says(&refused(&place, &["exec", "a.rb"]), &["RB0801", "a.rb:3:20", "page.md.j2", "help:"]);
    place.write("page.md.j2", "one\n{% if %}\n");
    says(&refused(&place, &["exec", "a.rb"]), &["RB0802", "a.rb:3:20", "page.md.j2, line 2", "help:"]);
    place.write("page.md.j2", "one\n{{ run.idd }} {{ nothing }}\n");
    let said = refused(&place, &["exec", "a.rb"]);
    says(&said, &["RB0803", "a.rb:3:3", "page.md.j2, line 2: unknown name `idd` in `run`", "did you mean `id`?"]);
    says(&said, &["unknown name `nothing`", "`runbook explain RB0803`", "a.rb: 2 errors"]);
    place.write("pgae.md.j2", "x");
    fs::write(place.path("page.md.j2"), b"\xff\xfe\x00").unwrap();
    says(&refused(&place, &["exec", "a.rb"]), &["RB0801", "a.rb:3:20", "help:"]);
}

#[test]
fn a_run_takes_what_it_is_about_from_its_alert() {
    let place = Place::new();
    place.write(
        "drain.rb",
        "runbook drain, \"Drain\" do\n  param node, string, from_label: \"instance\", matches: /^web-/\n  sh read: \"echo #{node}\", \
         timeout: 5.s\nend\n",
    );
    let alert = |instances: &[&str]| {
        let alerts: Vec<String> =
            instances.iter().map(|instance| format!(r#"{{"labels": {{"instance": "{instance}"}}}}"#)).collect();
        place.write("alert.json", &format!(r#"{{"version": "4", "alerts": [{}]}}"#, alerts.join(", ")));
        place.run(&["exec", "drain.rb", "--params", "alert.json"])
    };
    ended(&alert(&["web-7"]), 0);
    let report = json(&place.run(&["report", "last", "--format", "json"]));
    assert!(report.to_string().contains("echo web-7"), "{report}");
    for (instances, words) in [
        (&["db-1"][..], "the label `instance` of the alert"),
        (&["web-1", "web-2"], "the alerts differ in the label `instance`"),
        (&[], "there is no alert in it"),
    ] {
        let refused = alert(instances);
        ended(&refused, 2);
        assert!(stderr(&refused).contains(words), "{}", stderr(&refused));
    }
}
