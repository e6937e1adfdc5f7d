use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::*;
use crate::check::{Templates, check};
use crate::console::style::Style;
use crate::engine::input::Begin;
use crate::text::Lang;

struct AnyTemplate;

impl Templates for AnyTemplate {
    fn text(&self, _: &str) -> Option<String> {
        Some(String::new())
    }
}

/// The plan of a runbook with these parameters.
fn plan(source: &str, params: &[(&str, Value)]) -> Plan {
    let checked = check(source, &AnyTemplate);
    let program = checked.program.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let params: BTreeMap<String, Value> =
        params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let begin = Begin { params, ..Begin::default() };
    Plan::of(&Preview::new(&program, source, begin), &Given::default())
}

fn human(plan: &Plan) -> String {
    let style = Style { width: 200, ..Style::plain(Lang::En, TimeZone::get(&plan.timezone).unwrap()) };
    human::lines(plan, &style).join("\n")
}

const DEPLOY: &str = r##"runbook deploy, "Deploy" do
  timezone "UTC"
  environments production, rehearsal
  param image,   string, env: "IMAGE"
  param targets, list,   default: ["a b", "c"]
  param hook,    url,    optional: true
  secret token, env: "TOKEN"
  channel ops, slack: hook
  role oncall, "On call"
  collect findings, "Findings" do
    ask what, text, "What"
  end
  let folder = "out/#{image}"
  step prepare, "Prepare" do
    sh "mkdir -p -- #{folder}", again: safe
    undo sh: "rmdir -- #{folder}"
  end
  section work, "Work", at: "23:50", until: "00:40" do
    step roll, "Roll out" do
      sh <<~SH, env: { TOKEN: token }, timeout: 2.min
        deploy --image '#{image}' #{targets}
      SH
      undo do
        sh "deploy --back"
        ask seen, bool, "Is it back?"
      end
    end
    if run.environment == "rehearsal"
      step extra, "Extra" do
        sh "touch extra"
        undo none, because: "harmless"
      end
    end
    each target, in: targets do
      confirm "#{target} is fine", else: run(trouble)
    end
    no_return "Drop the old one?", key: drop, type: "drop #{image}"
  end
  scenario trouble, "Trouble" do
    decide what_now, "What now?", by: oncall do
      option back, "Back" do rollback because: "trouble" end
      option on, "Go on"
    end
    add findings, "Note it"
  end
  rollback do
    notify ops, "rolled back #{image}"
  end
end
"##;

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

#[test]
fn commands_are_resolved_as_far_as_they_are_known() {
    let unknown = plan(DEPLOY, &[("targets", Value::List(vec![text("a b"), text("c")]))]);
    let shown = human(&unknown);
    assert!(shown.contains("mkdir -p -- out/#{image}"), "{shown}");
    assert!(shown.contains("deploy --image '#{image}' 'a b' c"), "{shown}");
    let known = plan(DEPLOY, &[("image", text("app:v2 x"))]);
    let shown = human(&known);
    assert!(shown.contains("mkdir -p -- 'out/app:v2 x'"), "{shown}");
    assert!(shown.contains("deploy --image '''app:v2 x''' #{targets}"), "{shown}");
    assert!(shown.contains("env: TOKEN=(secret token)"), "a secret is named and not shown: {shown}");
}

#[test]
fn the_rollback_is_in_the_order_in_which_it_would_run() {
    let plan = plan(DEPLOY, &[("image", text("v2"))]);
    let order: Vec<(&str, &str, Vec<&str>)> = plan
        .rollback
        .undos
        .iter()
        .map(|undo| (undo.step.as_str(), undo.how, undo.what.iter().map(|what| what.en.as_str()).collect()))
        .collect();
    assert_eq!(
        order,
        [
            ("work/extra", "nothing", vec!["harmless"]),
            ("work/roll", "run", vec!["deploy --back", "ask Is it back?"]),
            ("prepare", "run", vec!["rmdir -- out/v2"]),
        ]
    );
    assert_eq!(plan.rollback.undos[0].when, ["if run.environment == \"rehearsal\""]);
    assert_eq!(plan.rollback.then[0].what.as_ref().map(|what| what.en.as_str()), Some("notify ops: rolled back v2"));
    assert_eq!(plan.rollback.no_return, ["work/drop"]);
}

#[test]
fn every_way_is_shown_and_what_is_known_not_to_apply_is_marked() {
    let source = DEPLOY;
    let checked = check(source, &AnyTemplate);
    let program = checked.program.unwrap();
    let begin = Begin { environment: Some("production".to_owned()), ..Begin::default() };
    let given =
        Given { environment: Some("production".to_owned()), missing: vec!["image".to_owned()], ..Given::default() };
    let plan = Plan::of(&Preview::new(&program, source, begin), &given);
    let shown = human(&plan);
    assert!(shown.contains("if run.environment == \"rehearsal\"  does not apply"), "{shown}");
    assert!(shown.contains("run by work/target/confirm.1"), "{shown}");
    assert!(shown.contains("option back: Back"), "{shown}");
    assert!(shown.contains("missing: $IMAGE, --param image=…"), "{shown}");
    assert!(shown.contains("A run cannot begin yet: image missing."), "{shown}");
    assert!(shown.contains("23:50 – 00:40"), "{shown}");
    let words: Vec<&str> = plan.steps.iter().map(|row| row.word).collect();
    assert_eq!(words, ["step", "section"], "scenarios and endings have places of their own");
}

#[test]
fn what_is_not_configured_is_listed() {
    let mut params = BTreeMap::new();
    params.insert("hook".to_owned(), Value::Null);
    let checked = check(DEPLOY, &AnyTemplate);
    let program = checked.program.unwrap();
    let plan = Plan::of(&Preview::new(&program, DEPLOY, Begin { params, ..Begin::default() }), &Given::default());
    assert_eq!(plan.absent, ["channel ops"]);
    assert_eq!((plan.effects.read, plan.effects.record, plan.effects.write), (0, 0, 3));
}

#[test]
fn rules_of_a_source_that_is_not_configured_are_off() {
    let source = include_str!("../../../runbooks/phase5.rb");
    let plan = plan(source, &[("alert_url", Value::Null)]);
    let alerts = plan.sources.iter().find(|source| source.name == "prod_alerts").unwrap();
    assert_eq!(alerts.url, None);
    assert!(
        human(&plan).contains("on alert(prod_alerts)  observe/baseline/on.alert  does not apply"),
        "{}",
        human(&plan)
    );
}

#[test]
fn planned_samples_have_times_of_day() {
    let source = include_str!("../../../runbooks/phase5.rb");
    let every = Value::Duration(jiff::SignedDuration::from_mins(10));
    let plan = plan(source, &[("samples", Value::Int(12)), ("interval", every)]);
    let shown = human(&plan);
    assert!(shown.contains("planned: 09:40, 10:10, 10:40"), "the plan's own checkpoints: {shown}");
    assert!(plan.timetable.iter().any(|slot| slot.length.as_deref() == Some("2h")), "{:#?}", plan.timetable);
}

#[test]
fn a_narrow_terminal_gets_lines_that_fit() {
    let plan = plan(include_str!("../../../runbooks/phase5.rb"), &[]);
    for (width, lang) in [(60, Lang::En), (80, Lang::Zh), (100, Lang::En)] {
        let style = Style { width, ..Style::plain(lang, TimeZone::UTC) };
        for line in human::lines(&plan, &style).iter().filter(|line| !line.contains("  ━")) {
            let columns = crate::console::width::width(line);
            assert!(columns <= width, "{columns} columns: {line}");
        }
    }
}

#[test]
fn the_template_answers_nothing_and_names_every_prompt() {
    let plan = plan(DEPLOY, &[("image", text("v2"))]);
    let template = answers::template(&plan, Lang::En);
    let table: toml::Table = toml::from_str(&template).unwrap();
    assert_eq!(table["answers"], toml::Value::Table(toml::Table::new()), "there is no blanket yes");
    let filled: String = template
        .lines()
        .map(|line| line.strip_prefix("#\"").map_or(line.to_owned(), |rest| format!("\"{rest}")))
        .collect::<Vec<_>>()
        .join("\n");
    let table: toml::Table = toml::from_str(&filled).unwrap();
    let answers = table["answers"].as_table().unwrap();
    for asked in &plan.prompts {
        assert!(answers.contains_key(&asked.key), "{}", asked.key);
    }
    assert_eq!(answers["work/drop"].as_str(), Some("drop v2"), "what must be typed is known here");
    assert_eq!(answers["trouble/what_now"].as_str(), Some("back"));
    assert!(template.contains("#   \"on\"  Go on"), "{template}");
}

/// Every option here decides what happens.
const DECIDING: &str = r##"runbook deciding, "Deciding" do
  timezone "UTC"
  param count, int, default: 2, min: 1, max: 5
  param port, duration, default: 1.s, unit: "s"
  param target, url, default: "http://web.example", not_host: ["localhost", "127.0.0.1"]
  source prod, scrape: "http://prod:4000/metrics", bearer: "abc", timeout: 7.s
  source firing, alertmanager: "http://alerts:9093", every: 30.s, match: { team: "sre" }
  slo up, "Up", from: prod do
    value promql 'up'
    unit none
    target >= 1
    delay 15.s
    on_error ask
  end
  role approver, "Approver", people: ["wang", "zhao"], not: executor
  lock "cluster/a", suspended: release
  lock "cluster/b"
  step write, "Write" do
    sh "deploy", retry: 2, every: 1.s, backoff: 3, parse: json, max: 1.MB, as: deployed
    http post: "http://prod:4000/go", headers: { Accept: "text/plain" }, body: "now"
    undo sh: "back", half: skip
  end
  update file: "notes.md", under: "# Notes", text: "done", once: "done-mark"
  each node, in: [{ name: "a" }], key_by: node.name do
    confirm "Fine?", key: fine, show: count, evidence: "Screenshot", remind: 2.min, within: 5.min, else: run(trouble)
  end
  ask ready, bool, "Ready?", must: true
  confirm "Go?", key: go, after: clean, auto: false
  signoff state, "State", options: { pass: "Passed", fail: "Failed" }, requires: { pass: count > 1 }
  scenario trouble, "Trouble" do
    step repair, "Repair" do
      sh "repair"
      undo sh: "unrepair"
    end
  end
  rollback do
    sh read: "true"
  end
end
"##;

#[test]
fn nothing_that_decides_what_happens_is_missing() {
    let plan = plan(DECIDING, &[("count", Value::Int(2))]);
    let shown = human(&plan);
    for wanted in [
        "min: 1  max: 5",
        "unit: s",
        "not_host: localhost, 127.0.0.1",
        "bearer: abc  timeout: 7s",
        "match: team=\"sre\"",
        "delay: 15s",
        "on_error: ask",
        "wang, zhao  not: executor",
        "cluster/a  suspended: release",
        "retry: 2  every: 1s  backoff: 3",
        "parse: json  max: 1MB",
        "headers: Accept: text/plain  body: now",
        "half: skip",
        "once: done-mark",
        "key_by: node.name",
        "show: count",
        "evidence: \"Screenshot\"",
        "remind: 2m",
        "must: true",
        "after: clean",
        "auto: false",
        "pass requires: count > 1",
        "unrepair",
        "only where it came to each node, run trouble",
    ] {
        assert!(shown.replace("\n           ", "  ").contains(wanted), "{wanted}:\n{shown}");
    }
    assert!(!shown.contains("cluster/b  suspended"), "{shown}");
    let template = answers::template(&plan, Lang::En);
    assert!(template.contains("must: true") && template.contains("requires: count > 1"), "{template}");
}

#[test]
fn programs_get_the_same() {
    let plan = plan(DEPLOY, &[("image", text("v2"))]);
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["steps"][0]["key"], "prepare");
    assert_eq!(json["steps"][0]["rows"][0]["class"], "write");
    assert_eq!(json["steps"][0]["rows"][0]["facts"]["again"], "safe");
    let drop = json["prompts"].as_array().unwrap().iter().find(|asked| asked["key"] == "work/drop").unwrap();
    assert_eq!(
        (&drop["kind"], &drop["typed"], &drop["else"]),
        (&"no_return".into(), &"drop v2".into(), &"fail".into())
    );
}

#[test]
fn the_template_gives_each_pass_at_once_its_own_quorum() {
    let plan = plan(
        r#"runbook rolling, "Rolling" do
  timezone "UTC"
  section all, "All" do
    each host, in: ["a", "b"], at_once: 2 do
      each disk, in: ["x", "y"] do
        confirm "Both?", key: both, quorum: 2
        confirm "One?", key: one
      end
    end
    each zone, in: ["a", "b"] do
      confirm "In turn?", key: turn, quorum: 2
    end
  end
end
"#,
        &[],
    );
    let template = answers::template(&plan, Lang::En);
    for wanted in [
        "#   a line for each item, written in place of ITEM\n#\"all/host[ITEM]/disk[ITEM]/both\" = [{",
        "\n#\"all/host/disk/one\" = true",
        "\n#\"all/zone/turn\" = [{",
    ] {
        assert!(template.contains(wanted), "{wanted}:\n{template}");
    }
}
