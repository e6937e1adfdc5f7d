//! Answers files for the passes of a loop: each item gets its own answer, in whatever order they ask, and after a resume.

use jiff::tz::TimeZone;
use runbook::drivers::answers::{Answers, fitting};

use crate::support::play::program;
use crate::support::program::{Place, ended, stderr};

const SIZES: &str = r##"runbook sizes, "Sizes" do
  each n, in: ["a", "b", "c"], key: put do
    ask size, int, "Size of #{n}"
    note "#{n} has #{size}"
    confirm "go on after #{n}?", key: go
  end
end
"##;

#[test]
fn after_a_resume_the_next_item_gets_the_next_answer() {
    let place = Place::new();
    place.write("sizes.rb", SIZES);
    place.write("answers.toml", "[answers]\n\"put/size\" = [1, 2, 3]\n");
    let args = ["--answers", "answers.toml"];
    ended(&place.run(&[&["exec", "sizes.rb"], args.as_slice()].concat()), 4);
    ended(&place.run(&["answer", "last", "put/go", "yes"]), 0);
    let resumed = place.run(&[&["resume", "last"], args.as_slice()].concat());
    ended(&resumed, 4);
    assert!(stderr(&resumed).contains("b has 2"), "{}", stderr(&resumed));
}

#[test]
fn an_item_is_named_in_its_answer() {
    let place = Place::new();
    place.write("sizes.rb", &SIZES.replace("key: put do", "key: put, at_once: all do"));
    let answers =
        "[answers]\n\"put[c]/size\" = 3\n\"put[a]/size\" = 1\n\"put/size\" = 2\n\"put/go\" = [true, true, true]\n";
    place.write("answers.toml", answers);
    let run = place.run(&["exec", "sizes.rb", "--answers", "answers.toml"]);
    ended(&run, 0);
    for note in ["a has 1", "b has 2", "c has 3"] {
        assert!(stderr(&run).contains(note), "{note}: {}", stderr(&run));
    }
}

#[test]
fn which_pass_gets_which_answer_is_not_left_to_which_of_them_is_first() {
    let one_by_one = program(SIZES);
    let at_once = program(&SIZES.replace("key: put do", "key: put, at_once: 2 do"));
    let codes = |program, answers: &str| {
        let answers = Answers::parse(&format!("[answers]\n{answers}\n")).unwrap();
        fitting(&answers, program, &TimeZone::UTC).iter().map(|wrong| wrong.code.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&at_once, "\"put/size\" = [1, 2, 3]"), ["RB0842"]);
    for answers in ["\"put/size\" = [2, 2]", "\"put/size\" = 2", "\"put[b]/size\" = [2, 3]", "\"put[x/]y]/size\" = 1"] {
        assert!(codes(&at_once, answers).is_empty(), "{answers}");
    }
    let scenario = program(
        r#"runbook t, "T" do
          scenario look, "Look" do
            ask size, int, "Size"
          end
          each n, in: ["a", "b"], key: put, at_once: all do
            run look
          end
        end"#,
    );
    assert_eq!(codes(&scenario, "\"look/size\" = [1, 2]"), ["RB0842"]);
    assert!(codes(&one_by_one, "\"put/size\" = [1, 2, 3]\n\"put[b]/go!failed\" = \"abort\"").is_empty());
    assert_eq!(codes(&one_by_one, "\"put[b]/sizes\" = 1\n\"other[b]/size\" = 1"), ["RB0841", "RB0841"]);
}
