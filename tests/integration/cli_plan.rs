//! `runbook plan`

use jiff::tz::TimeZone;
use runbook::check::{NoTemplates, Templates, check};
use runbook::drivers::answers::{Answers, fitting};

use crate::support::program::{Place, ended, json, repository, stderr, stdout};

const DEPLOY: &str = r#"runbook deploy, "Deploy", en: "Deploy it" do
  environments production, rehearsal
  param image, string, env: "IMAGE", matches: /^app:/
  param retries, int, default: 3, max: 5
  secret token, env: "TOKEN"
  step roll, "Roll out" do
    sh "deploy #{image}", env: { TOKEN: token }
    undo sh: "deploy --back"
  end
  ask note, text, "Anything to note?", optional: true
  confirm "All fine?", key: fine, type: "fine"
  decide next_one, "What next?" do
    option more, "More"
    option stop, "Stop"
  end
  assert 1 == 1, "It was quick", key: quick, severity: ask
  checklist done, "Done" do
    item looked, "Looked at it"
  end
  signoff state, "State", options: { pass: "Passed", fail: "Failed" }
end
"#;

#[test]
fn a_plan_runs_nothing_and_leaves_nothing() {
    let mut place = Place::new();
    place.write("deploy.rb", DEPLOY);
    place.env("TOKEN", "hidden-text");
    let plan = place.run(&["plan", "deploy.rb", "--env", "production", "--param", "image=app:v2"]);
    ended(&plan, 0);
    let shown = stdout(&plan);
    assert!(shown.contains("PLAN: nothing was run") && shown.contains("deploy app:v2"), "{shown}");
    assert!(shown.contains("deploy --back") && shown.contains("roll"), "{shown}");
    assert!(!shown.contains("hidden-text"), "a secret is never shown: {shown}");
    assert!(!shown.contains('\u{1b}'), "no colours into a pipe");
    assert!(!place.path("state").exists(), "a plan is no run");
}

#[test]
fn what_is_missing_is_named_and_what_is_wrong_is_refused() {
    let place = Place::new();
    place.write("deploy.rb", DEPLOY);
    let plan = place.run(&["plan", "deploy.rb"]);
    ended(&plan, 0);
    let shown = stdout(&plan);
    assert!(shown.contains("missing: $IMAGE, --param image=…"), "{shown}");
    assert!(shown.contains("deploy #{image}"), "{shown}");
    assert!(shown.contains("--env is one of production, rehearsal"), "{shown}");

    let wrong =
        place.run(&["plan", "deploy.rb", "--param", "image=other", "--param", "retries=9", "--param", "imag=x"]);
    ended(&wrong, 2);
    let said = stderr(&wrong);
    assert!(said.contains("RB0862") && said.contains("RB0860") && said.contains("did you mean `image`?"), "{said}");
    assert!(stdout(&wrong).is_empty());

    let env = place.run(&["plan", "deploy.rb", "--env", "prodction"]);
    ended(&env, 2);
    assert!(stderr(&env).contains("did you mean `production`?"), "{}", stderr(&env));

    let flag = place.run(&["plan", "deploy.rb", "--param", "image"]);
    ended(&flag, 2);
    assert!(stderr(&flag).contains("RB0867"), "{}", stderr(&flag));

    place.write("params.toml", "image = \"app:v3\"\nretries = 4\n");
    let file = place.run(&["plan", "deploy.rb", "--params", "params.toml"]);
    ended(&file, 0);
    assert!(stdout(&file).contains("deploy app:v3"), "{}", stdout(&file));

    place.write("params.toml", "image = \n");
    let broken = place.run(&["plan", "deploy.rb", "--params", "params.toml"]);
    ended(&broken, 2);
    assert!(stderr(&broken).contains("RB0866") && stderr(&broken).contains("params.toml"), "{}", stderr(&broken));
}

#[test]
fn a_server_is_asked_and_not_scraped() {
    let place = Place::new();
    place.write(
        "server.rb",
        r#"runbook server, "Server" do
  source prom, prometheus: "http://prom.example:9090"
  slo traffic, "Traffic", from: prom do
    value promql 'sum(up)'
    unit none
    target >= 1
  end
  precheck ready, "Ready" do
    query prom, promql: 'sum(up)', as: up
  end
  sample prom, every: 1.min, count: 3, as: baseline
end
"#,
    );
    let plan = place.run(&["plan", "server.rb"]);
    ended(&plan, 0);
    let shown = stdout(&plan);
    assert!(shown.contains("ask http://prom.example:9090: sum(up)"), "{shown}");
    assert!(!shown.contains("scrape") && !shown.contains("process"), "{shown}");
}

#[test]
fn a_runbook_with_errors_has_no_plan() {
    let place = Place::new();
    place.write("deploy.rb", "runbook deploy, \"Deploy\" do\n  sh \"x\", tmeout: 1.s\nend\n");
    let plan = place.run(&["plan", "deploy.rb"]);
    ended(&plan, 2);
    assert!(stderr(&plan).contains("RB0305") && stdout(&plan).is_empty(), "{}", stderr(&plan));
}

#[test]
fn the_template_is_an_answers_file_that_covers_every_prompt() {
    let place = Place::new();
    place.write("deploy.rb", DEPLOY);
    let template = place.run(&["plan", "deploy.rb", "--answers-template"]);
    ended(&template, 0);
    let text = stdout(&template);
    let program = check(DEPLOY, &NoTemplates).program.unwrap();
    let judge = |text: &str| {
        let answers = Answers::parse(text).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
        (answers.is_empty(), fitting(&answers, &program, &TimeZone::UTC))
    };
    assert_eq!(judge(&text), (true, Vec::new()), "as it is printed it answers nothing");
    let filled = text.replace("\n#\"", "\n\"");
    let (empty, found) = judge(&filled);
    assert!(!empty && found.is_empty(), "{found:#?}\n{filled}");
    for key in ["note", "fine", "next_one", "done/looked", "state", "run!rollback", "quick!accept"] {
        assert!(filled.contains(&format!("\n\"{key}\" = ")), "{key}: {filled}");
    }
}

#[test]
fn the_template_of_the_go_live_fits_it() {
    struct AnyTemplate;
    impl Templates for AnyTemplate {
        fn text(&self, _: &str) -> Option<String> {
            Some(String::new())
        }
    }
    let source = std::fs::read_to_string(repository().join("runbooks/phase5.rb")).unwrap();
    let program = check(&source, &AnyTemplate).program.unwrap();
    let place = Place::new();
    place.write("phase5.rb", &source);
    for template in &program.templates {
        place.write(template, "");
    }
    let template = place.run(&["plan", "phase5.rb", "--answers-template"]);
    ended(&template, 0);
    // What only a person can make up is filled in by one.
    let filled = stdout(&template)
        .replace("stable_version\" = \"\"", "stable_version\" = \"v2.4.1\"")
        .replace("rollback_contact\" = \"\"", "rollback_contact\" = \"li.na\"")
        .replace("\"owner\" = \"\"", "\"owner\" = \"li.na\"")
        .replace("effect\" = \"\"", "effect\" = \"none\"")
        .replace("\n#\"", "\n\"");
    let answers = Answers::parse(&filled).unwrap();
    let found = fitting(&answers, &program, &TimeZone::UTC);
    assert!(found.is_empty(), "{found:#?}\n{filled}");
}

#[test]
fn programs_get_it_as_json() {
    let place = Place::new();
    place.write("deploy.rb", DEPLOY);
    let plan = place.run(&["plan", "deploy.rb", "--format", "json", "--param", "image=app:v2", "--env", "rehearsal"]);
    ended(&plan, 0);
    let plan = json(&plan);
    assert_eq!(plan["schema"], 1);
    assert_eq!(plan["environment"], "rehearsal");
    assert_eq!(plan["steps"][0]["rows"][0]["what"], "deploy app:v2");
    assert_eq!(plan["rollback"]["undos"][0]["what"][0], "deploy --back");
    assert_eq!(plan["secrets"][0]["there"], false);
    assert_eq!(plan["effects"]["write"], 1);
}

#[test]
fn people_get_it_in_their_language() {
    let mut place = Place::new();
    place.write("deploy.rb", DEPLOY);
    place.env("LANG", "zh_CN.UTF-8");
    let plan = place.run(&["plan", "deploy.rb"]);
    ended(&plan, 0);
    assert!(
        stdout(&plan).contains("计划：未执行任何操作") && stdout(&plan).contains("\nDeploy\n"),
        "{}",
        stdout(&plan)
    );
}
