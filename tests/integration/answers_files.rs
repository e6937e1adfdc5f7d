//! Answers files as an operator writes them: a quorum, the passes of a loop, entries of a `collect`.

use crate::support::program::{Place, ended, stderr, stdout};

const QUORUM: &str = r#"runbook quorum, "Q" do
  role approver, "Approver", people: ["wang", "zhao", "li"]
  each volume, in: ["a", "b"] do
    confirm "Delete #{volume}?", key: go, by: approver, quorum: 2
  end
end
"#;

fn answered(place: &Place) -> Vec<String> {
    let report = place.report();
    let of = |answer: &serde_json::Value| format!("{} {}", answer["key"].as_str().unwrap(), answer["by"]);
    report["answers"].as_array().unwrap().iter().map(of).collect()
}

const BOTH: &str = r#"[answers]
go = [
  { value = true, by = "wang" }, { value = true, by = "li" },
  { value = true, by = "zhao" }, { value = true, by = "wang" },
]
"#;

#[test]
fn a_list_answers_a_quorum_person_by_person() {
    let place = Place::new();
    place.write("quorum.rb", QUORUM);
    place.write("both.toml", BOTH);
    ended(&place.run(&["exec", "quorum.rb", "--answers", "both.toml"]), 0);
    let answered = answered(&place);
    assert_eq!(answered.len(), 4, "{answered:?}");
    for (given, wanted) in answered.iter().zip(["\"wang\"", "\"li\"", "\"zhao\"", "\"wang\""]) {
        assert!(given.ends_with(wanted), "{answered:?}");
    }
}

#[test]
fn a_simulation_takes_the_same_file() {
    let place = Place::new();
    place.write("quorum.rb", QUORUM);
    place.write("quorum.sim/well.toml", "");
    place.write("both.toml", BOTH);
    ended(&place.run(&["exec", "quorum.rb", "--sim", "well", "--answers", "both.toml"]), 0);
    assert_eq!(answered(&place).len(), 4);
    place.write("one.toml", "[answers]\ngo = true\n");
    ended(&place.run(&["exec", "quorum.rb", "--sim", "well", "--answers", "one.toml"]), 4);
    assert_eq!(answered(&place).len(), 1, "nobody answers twice");
}

#[test]
fn one_person_is_no_quorum_in_a_file_either() {
    let place = Place::new();
    place.write("quorum.rb", QUORUM);
    let with = |text: &str| {
        place.write("answers.toml", text);
        let output = place.run(&["exec", "quorum.rb", "--answers", "answers.toml"]);
        ended(&output, 2);
        stderr(&output)
    };
    let twice = with("[answers]\ngo = [{ value = true, by = \"li\" }, { value = true, by = \"li\" }]\n");
    assert!(twice.contains("RB0842") && twice.contains("2 different people"), "{twice}");
    let unnamed = with("[answers]\ngo = [true, true]\n");
    assert!(unnamed.contains("RB0842") && unnamed.contains("by = "), "{unnamed}");
    place.write("quorum.rb", &QUORUM.replace("quorum: 2", "quorum: 3"));
    let by = ["li", "wang", "wang"].map(|by| format!("{{ value = true, by = \"{by}\" }}")).join(", ");
    let one_of_three = with(&format!("[answers]\ngo = [{by}]\n"));
    assert!(one_of_three.contains("`wang` answers"), "{one_of_three}");
}

#[test]
fn the_template_has_a_line_for_each_of_a_quorum_and_for_the_next_pass() {
    let place = Place::new();
    let source = QUORUM.replace("in: [\"a\", \"b\"] do", "in: [\"a\", \"b\"], pause: ask_between do");
    place.write("quorum.rb", &source);
    let template = stdout(&place.run(&["plan", "quorum.rb", "--answers-template"]));
    let filled = template.replace("\n#\"", "\n\"");
    assert!(filled.contains("!next\" = true"), "{template}");
    place.write("filled.toml", &filled);
    let run = place.run(&["exec", "quorum.rb", "--answers", "filled.toml"]);
    // One pass of each is there: the second volume is still asked about.
    ended(&run, 4);
    let answered = answered(&place);
    assert_eq!(answered.len(), 3, "{answered:?}");
}

#[test]
fn entries_are_answered_from_elsewhere_and_judged_like_those_of_a_file() {
    let place = Place::new();
    place.write(
        "note.rb",
        r#"runbook note, "N" do
  collect findings, "Findings" do
    ask problem, text, "Problem"
    ask impact, one_of("low", "high"), "Impact"
    ask advice, text, "Advice", optional: true
  end
  add findings, "Note it", key: note
end
"#,
    );
    ended(&place.run(&["exec", "note.rb"]), 4);
    let refused = |value: &str| {
        let output = place.run(&["answer", "last", "note", value]);
        ended(&output, 2);
        stderr(&output)
    };
    for value in ["slow", "\"slow\"", "[1]"] {
        let said = refused(value);
        assert!(said.contains(r#"'[{"problem": "…", "impact": "low"}]'; `[]` where there is none"#), "{said}");
    }
    let lacking = refused(r#"[{"problem": "slow"}]"#);
    assert!(lacking.contains("field `impact`: an answer is needed"), "{lacking}");
    let unknown = refused(r#"[{"problem": "slow", "impact": "low", "advise": "cache"}]"#);
    assert!(unknown.contains("there is no field `advise`"), "{unknown}");
    ended(&place.run(&["answer", "last", "note", r#"{"problem": "slow", "impact": "low"}"#]), 0);
    ended(&place.run(&["resume", "last"]), 0);
    let value = place.report()["answers"][0]["value"].to_string();
    assert!(value.contains("slow") && value.contains("advice"), "{value}");
}
