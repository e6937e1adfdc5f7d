use super::*;
use crate::engine::action::{Choice, Urgency, Words};

fn prompt(kind: PromptKind, answer: AnswerSpec) -> Prompt {
    Prompt {
        kind,
        answer,
        default: None,
        choices: Vec::<Choice>::new(),
        show: Vec::new(),
        by: None,
        not_executor: false,
        evidence: None,
        within: None,
        remind: None,
        never_auto: false,
        urgency: Urgency::Other,
        can_rollback: false,
    }
}

fn ask(ty: Type) -> Prompt {
    prompt(PromptKind::Ask, AnswerSpec::of(ty))
}

fn findings() -> Prompt {
    let field = |name: &str, optional| Field {
        name: name.to_owned(),
        title: Words::default(),
        answer: AnswerSpec { optional, ..AnswerSpec::of(Type::Text) },
    };
    let fields = vec![field("problem", false), field("advice", true)];
    prompt(PromptKind::Collect { fields }, AnswerSpec::of(Type::List(Box::new(Type::Map(Box::new(Type::Json))))))
}

fn take(answers: &mut Answers, key: &str, id: &str, prompt: &Prompt) -> Option<Result<Value, String>> {
    let id = ActionId(id.to_owned());
    answers
        .take(key, &id, prompt, &TimeZone::UTC)
        .map(|ready| ready.map(|ready| ready.value).map_err(|misfit| misfit.en))
}

#[expect(clippy::needless_pass_by_value, reason = "what was taken is looked at once")]
fn is_text(taken: Option<Result<Value, String>>, text: &str) {
    assert_eq!(taken, Some(Ok(Value::Text(text.to_owned()))));
}

#[test]
fn a_key_may_be_the_end_of_a_prompts_key() {
    let mut answers = Answers::parse("[answers]\n\"note\" = \"short\"\n\"b/note\" = \"long\"\n").unwrap();
    let prompt = ask(Type::Text);
    is_text(take(&mut answers, "a/note", "a/note#1", &prompt), "short");
    is_text(take(&mut answers, "a/b/note", "a/b/note#1", &prompt), "long");
    assert_eq!(take(&mut answers, "a/footnote", "a/footnote#1", &prompt), None);
}

#[test]
fn an_answer_is_used_once() {
    let mut answers = Answers::parse("[answers]\nnote = \"one\"\nothers = [\"a\", { value = \"b\" }]\n").unwrap();
    let prompt = ask(Type::Text);
    is_text(take(&mut answers, "note", "note#1", &prompt), "one");
    assert_eq!(take(&mut answers, "note", "note#2", &prompt), None, "exhausted");
    is_text(take(&mut answers, "others", "others#1", &prompt), "a");
    is_text(take(&mut answers, "others", "others#2", &prompt), "b");
    assert_eq!(take(&mut answers, "others", "others#3", &prompt), None);
    is_text(take(&mut answers, "note", "note#1", &prompt), "one");
}

#[test]
fn passes_of_an_earlier_executor_are_over() {
    let mut answers = Answers::parse("[answers]\nnote = [\"a\", \"b\"]\n").unwrap();
    answers.pass_over(&ActionId("at/note#1".to_owned()));
    is_text(take(&mut answers, "at/note", "at/note#2", &ask(Type::Text)), "b");
}

#[test]
fn a_list_is_one_answer_where_the_prompt_wants_a_list() {
    let mut answers = Answers::parse(
        "[answers]\nmany = [\"x\", \"y\"]\ntwice = [[\"x\"], { value = [\"y\"], note = \"why\" }]\nnone = []\n",
    )
    .unwrap();
    let many = ask(Type::ManyOf(vec!["x".to_owned(), "y".to_owned()]));
    let list =
        |words: &[&str]| Some(Ok(Value::List(words.iter().map(|word| Value::Text((*word).to_owned())).collect())));
    assert_eq!(take(&mut answers, "many", "many#1", &many), list(&["x", "y"]));
    assert_eq!(take(&mut answers, "twice", "twice#1", &many), list(&["x"]));
    assert_eq!(take(&mut answers, "twice", "twice#2", &many), list(&["y"]));
    assert_eq!(take(&mut answers, "none", "none#1", &many), list(&[]));
}

#[test]
fn a_collect_takes_its_entries() {
    let mut answers = Answers::parse(
        "[answers]\nnone = []\nfindings = [{ problem = \"slow\", advice = \"cache\" }, { problem = \"loud\" }]\n\
         twice = [[], { value = [{ problem = \"late\" }], after = \"3m\" }]\nwrong = [{ problm = \"x\" }]\n\
         missing = [{ advice = \"x\" }]\n",
    )
    .unwrap();
    let prompt = findings();
    let mut entries = |key: &str, id: &str| match take(&mut answers, key, id, &prompt) {
        Some(Ok(Value::List(entries))) => entries.len().to_string(),
        other => other.unwrap().unwrap_err(),
    };
    assert_eq!(entries("none", "none#1"), "0");
    assert_eq!(entries("findings", "findings#1"), "2");
    assert_eq!(entries("twice", "twice#1"), "0");
    assert_eq!(entries("twice", "twice#2"), "1");
    assert!(entries("wrong", "wrong#1").contains("problem, advice"));
    assert!(entries("missing", "missing#1").contains("problem"));
}

#[test]
fn all_that_an_answer_may_say_is_read() {
    let mut answers = Answers::parse(
        "[answers]\na = { value = true, by = \"li\", note = \"ok\", evidence = \"shot.png\", after = \"90s\" }\n\
         b = { value = true, afer = \"90s\" }\nc = { value = true, after = \"soon\" }\nd = \"maybe\"\n",
    )
    .unwrap();
    let yes_no = ask(Type::Bool);
    let mut take = |key: &str| answers.take(key, &ActionId(format!("{key}#1")), &yes_no, &TimeZone::UTC).unwrap();
    let ready = take("a").unwrap();
    assert_eq!(ready.value, Value::Bool(true));
    assert_eq!((ready.by.as_deref(), ready.note.as_deref()), (Some("li"), Some("ok")));
    assert_eq!((ready.evidence.as_deref(), ready.after), (Some("shot.png"), SignedDuration::from_secs(90)));
    assert!(take("b").unwrap_err().en.contains("afer"));
    assert!(take("c").unwrap_err().en.contains("10m"));
    assert!(take("d").unwrap_err().en.contains("maybe"));
}

#[test]
fn what_must_be_asked_of_a_person_is_not_covered() {
    let mut answers = Answers::parse("[answers]\na = true\n").unwrap();
    let prompt = Prompt { never_auto: true, ..ask(Type::Bool) };
    assert_eq!(take(&mut answers, "a", "a#1", &prompt), None);
}

#[test]
fn a_file_that_is_none_is_said_with_its_place() {
    let error = Answers::parse("[answer]\na = true\n").unwrap_err();
    assert_eq!((error.code, error.span()), (Code::RB0840, Span::new(1, 7)));
    assert!(Answers::parse("[answers]\na = \n").is_err());
    let twice = Answers::parse("[answers]\na = 1\na = 2\n").unwrap_err();
    assert!(twice.message.en.contains("duplicate"), "{}", twice.message.en);
}
