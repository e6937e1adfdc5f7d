use super::*;
use crate::engine::action::ActionId;
use crate::engine::input::{Answer, Command, Via};
use crate::journal::convert;
use crate::journal::record::{self, End, Ending, FORMAT, Input, Started};
use crate::journal::store::{Holder, Locked, Post};
use crate::value::Value;

const RUN: &str = "20251118-0900-phase5-k3f9";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_763_427_600 + second).unwrap()
}

fn who(user: &str) -> Claimant {
    Claimant { user: user.into(), hostname: "ops1".into(), pid: 7, since: at(0) }
}

fn header() -> Stamped {
    let header = record::Header {
        format: FORMAT,
        tool: "0.1.0".into(),
        run: RUN.into(),
        digest: "d".into(),
        runbook: "phase5".into(),
        title: "生产基线".into(),
        file: "/srv/phase5.rb".into(),
        sources: vec![],
        params: [].into(),
        secrets: [].into(),
        environment: None,
        zone: "UTC".into(),
        language: "en".into(),
        working_dir: "/srv".into(),
        simulation: None,
        started_at: at(0),
        executor: "alice".into(),
        hostname: "ops1".into(),
        from: None,
        step: false,
    };
    Stamped { at: at(0), record: Record::Header(Box::new(header)) }
}

fn due(second: i64) -> Stamped {
    Stamped { at: at(second), record: Record::Input(Box::new(Input::Due)) }
}

fn begun() -> (tempfile::TempDir, FileStore, Head) {
    let dir = tempfile::tempdir().unwrap();
    let mut store = FileStore::open(&dir.path().join("state")).unwrap();
    store.create(RUN).unwrap();
    store.claim(RUN, &who("alice")).unwrap();
    let head = store.append(RUN, Head::default(), &[header(), due(1)]).unwrap();
    (dir, store, head)
}

fn records(store: &FileStore) -> Vec<Stamped> {
    let mut records = Vec::new();
    store
        .read(RUN, &mut |entry| {
            records.push(Stamped { at: entry.at, record: entry.record });
            Ok(())
        })
        .unwrap();
    records
}

fn code<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Code {
    result.unwrap_err().problem().code
}

#[test]
fn what_was_appended_is_read_by_anybody() {
    let (dir, mut store, head) = begun();
    store.append(RUN, head, &[due(2)]).unwrap();
    let other = FileStore::open(&dir.path().join("state")).unwrap();
    assert_eq!(records(&other), [header(), due(1), due(2)]);
    assert_eq!(other.runs().unwrap(), [RUN]);
}

#[test]
fn folders_and_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, store, _) = begun();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for folder in ["", "source", "scrapes", "artifacts", "inbox"] {
        assert_eq!(mode(store.folder(RUN).join(folder)), 0o700, "{folder}");
    }
    for file in [JOURNAL, EXECUTOR, CREATED] {
        assert_eq!(mode(store.folder(RUN).join(file)), 0o600, "{file}");
    }
}

#[test]
fn a_shared_run_is_its_groups_to_read_and_its_inbox_to_post_into() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, mut store, _) = begun();
    let text = |path: &str| SourceText { path: path.into(), bytes: b"x".to_vec() };
    store.keep_source(RUN, "source", &[text("phase5.rb")]).unwrap();
    let group = nix::unistd::Group::from_gid(nix::unistd::getegid()).unwrap().unwrap();
    store.share(RUN, SharedWith::named(&group.name).unwrap()).unwrap();
    store.keep_source(RUN, "source.2", &[text("templates/phase5.md.j2")]).unwrap();
    store.keep_source(RUN, SECRETS, &[text("token")]).unwrap();
    store.artifacts(RUN).create(ARTIFACTS, "sh.1#1").unwrap().finish().unwrap();
    store.post(RUN, &answer("go_on", "alice")).unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let state = dir.path().join("state");
    for (path, expected) in [(state.clone(), 0o710), (state.join("runs"), 0o750), (state.join("locks"), 0o700)] {
        assert_eq!(mode(path.clone()), expected, "{}", path.display());
    }
    for (path, expected) in [
        ("", 0o750),
        (JOURNAL, 0o640),
        (EXECUTOR, 0o640),
        ("source", 0o750),
        ("source/phase5.rb", 0o640),
        ("source.2/templates/phase5.md.j2", 0o640),
        ("secrets", 0o700),
        ("secrets/token", 0o600),
        ("artifacts/sh.1#1", 0o640),
        ("inbox", 0o3770),
        ("inbox/a%2Fdecide#1", 0o640),
        ("inbox/taken", 0o750),
    ] {
        assert_eq!(mode(store.folder(RUN).join(path)), expected, "{path}");
    }
    let none = SharedWith::named("no-such-group").unwrap_err();
    assert!(none.to_string().contains("there is no group no-such-group"), "{none}");
}

#[test]
fn a_run_that_was_prepared_and_never_begun_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = FileStore::open(&dir.path().join("state")).unwrap();
    store.create("20251118-0859-phase5-aaaa").unwrap();
    assert_eq!(store.runs().unwrap(), Vec::<String>::new(), "its journal is empty: nothing was done");
    store.create(RUN).unwrap();
    store.claim(RUN, &who("alice")).unwrap();
    store.append(RUN, Head::default(), &[header()]).unwrap();
    assert_eq!(store.runs().unwrap(), [RUN]);
}

#[test]
fn what_is_no_post_does_not_hold_up_those_that_are() {
    let (dir, store, _) = begun();
    let inbox = store.folder(RUN).join("inbox");
    store.post(RUN, &answer("go_on", "alice")).unwrap();
    let elsewhere = dir.path().join("elsewhere");
    fs::copy(inbox.join("a%2Fdecide#1"), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, inbox.join("b#1")).unwrap();
    nix::unistd::mkfifo(&inbox.join("c#1"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    fs::write(inbox.join("d#1"), "{").unwrap();
    let large = File::create(inbox.join("e#1")).unwrap();
    large.set_len(1 << 40).unwrap();
    assert_eq!(store.inbox(RUN).take().unwrap().len(), 1);
}

#[test]
fn a_run_has_one_executor_and_it_is_named() {
    let (dir, mut store, _) = begun();
    let mut other = FileStore::open(&dir.path().join("state")).unwrap();
    assert_eq!(other.executor(RUN).unwrap(), Some(who("alice")));
    let error = other.claim(RUN, &who("bob")).unwrap_err();
    assert_eq!(error.problem().code, Code::RB0906);
    assert!(error.problem().message.en.contains("alice on ops1 (process 7"), "{error}");
    assert_eq!(code(other.append(RUN, Head::default(), &[due(1)])), Code::RB0906, "no append without a claim");
    store.release(RUN).unwrap();
    assert_eq!(other.executor(RUN).unwrap(), None);
    other.claim(RUN, &who("bob")).unwrap();
    assert_eq!(store.executor(RUN).unwrap(), Some(who("bob")));
}

#[test]
fn an_append_that_does_not_follow_the_end_is_refused() {
    let (_dir, mut store, head) = begun();
    let next = store.append(RUN, head, &[due(2)]).unwrap();
    assert!(matches!(store.append(RUN, head, &[due(3)]), Err(StoreError::Fenced(_))));
    store.append(RUN, next, &[due(3)]).unwrap();
    assert_eq!(records(&store).len(), 4);
}

#[test]
fn a_claim_cuts_what_an_interrupted_write_left() {
    let (dir, mut store, head) = begun();
    let path = store.folder(RUN).join(JOURNAL);
    store.release(RUN).unwrap();
    let whole = fs::read(&path).unwrap();
    let (more, _) = codec::encode(head, &[due(2), due(3)]).unwrap();
    let first_line = more.iter().position(|b| *b == b'\n').unwrap();
    for torn in [1, first_line, first_line + 1, more.len() - 1] {
        fs::write(&path, [whole.as_slice(), &more[..torn]].concat()).unwrap();
        assert_eq!(records(&store).len(), 2, "reading looks past it");
        let mut other = FileStore::open(&dir.path().join("state")).unwrap();
        other.claim(RUN, &who("bob")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole, "torn after {torn} bytes");
        other.append(RUN, head, &[due(4)]).unwrap();
    }
}

#[test]
fn a_damaged_journal_is_refused_and_left_alone() {
    let (_dir, mut store, _) = begun();
    let path = store.folder(RUN).join(JOURNAL);
    store.release(RUN).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert_eq!(code(store.claim(RUN, &who("alice"))), Code::RB0901);
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(store.executor(RUN).unwrap(), None, "and nobody executes it");
}

#[test]
fn a_run_that_is_not_there_is_said_to_be_so() {
    let (_dir, mut store, _) = begun();
    assert_eq!(code(store.claim("20251118", &who("alice"))), Code::RB0905);
    assert_eq!(code(store.glance("nothing")), Code::RB0905);
    assert_eq!(code(store.create(RUN)), Code::RB0905, "nor is one made twice");
}

#[test]
fn a_state_folder_that_cannot_be_made_is_an_error_with_a_way_out() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let error = FileStore::open(&dir.path().join("file/state")).unwrap_err();
    assert_eq!(error.problem().code, Code::RB0908);
    assert!(error.problem().help.as_ref().unwrap().en.contains("--state-dir"), "{error}");
}

#[test]
fn a_failed_write_leaves_the_journal_as_it_was() {
    let (_dir, mut store, head) = begun();
    // A journal opened for reading only fails like a disk that is full.
    let path = store.folder(RUN).join(JOURNAL);
    let before = fs::read(&path).unwrap();
    store.claimed.get_mut(RUN).unwrap().journal = File::open(&path).unwrap();
    let error = store.append(RUN, head, &[due(2)]).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_) | StoreError::Unknown(_)), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn started_records_are_read_back_like_others() {
    let (_dir, mut store, head) = begun();
    let started =
        Stamped { at: at(2), record: Record::Started(Started { id: "a/sh.1#1".into(), pid: 12, start_ticks: 3 }) };
    let head = store.append(RUN, head, std::slice::from_ref(&started)).unwrap();
    store.append(RUN, head, &[due(3)]).unwrap();
    assert_eq!(records(&store), [header(), due(1), started, due(3)]);
}

#[test]
fn a_glance_shows_beginning_end_and_executor() {
    let (_dir, mut store, head) = begun();
    let glance = store.glance(RUN).unwrap();
    assert_eq!((glance.header.run.as_str(), glance.last_at, glance.ending), (RUN, at(1), None));
    assert_eq!(glance.executor, Some(who("alice")));
    // The last line is longer than what is read of the end at first.
    let long = Input::Command { by: "alice".into(), command: record::Command::Note { text: "x".repeat(200_000) } };
    let head = store.append(RUN, head, &[Stamped { at: at(5), record: Record::Input(Box::new(long)) }]).unwrap();
    assert_eq!(store.glance(RUN).unwrap().last_at, at(5));
    let end = Stamped { at: at(6), record: Record::End(End { ending: Ending::RolledBack }) };
    store.append(RUN, head, &[due(6), end]).unwrap();
    store.release(RUN).unwrap();
    let glance = store.glance(RUN).unwrap();
    assert_eq!((glance.last_at, glance.ending, glance.executor), (at(6), Some(Ending::RolledBack), None));
}

#[test]
fn a_target_is_one_runs_until_that_run_gives_it_back() {
    let (dir, store, _) = begun();
    let (targets, other) = (store.targets(), FileStore::open(&dir.path().join("state")).unwrap().targets());
    let holder = |run: &str| Holder { run: run.into(), user: "alice".into(), hostname: "ops1".into(), since: at(0) };
    assert_eq!(targets.lock("cluster/a", &holder("one")).unwrap(), Locked::Yes);
    assert_eq!(targets.lock("cluster/a", &holder("one")).unwrap(), Locked::Yes, "a run may ask again after a crash");
    assert_eq!(other.lock("cluster/a", &holder("two")).unwrap(), Locked::Busy(holder("one")));
    assert_eq!(other.lock("cluster/b", &holder("two")).unwrap(), Locked::Yes);
    other.unlock("cluster/a", "two").unwrap();
    assert_eq!(other.lock("cluster/a", &holder("two")).unwrap(), Locked::Busy(holder("one")), "not its own to give");
    other.unlock("cluster/a", "one").unwrap();
    assert_eq!(other.lock("cluster/a", &holder("two")).unwrap(), Locked::Yes);
}

fn answer(value: &str, by: &str) -> Posted {
    let answer = Answer {
        value: Value::Text(value.into()),
        by: by.into(),
        told_by: None,
        via: Via::Inbox,
        note: None,
        evidence: None,
    };
    Posted { at: at(3), post: Post::Answer { prompt: ActionId("a/decide#1".into()), question: "q".into(), answer } }
}

#[test]
fn the_first_answer_wins_also_after_it_was_taken() {
    let (_dir, store, _) = begun();
    assert_eq!(store.post(RUN, &answer("go_on", "alice")).unwrap(), Delivery::Done);
    let already = Delivery::Already(answer("go_on", "alice"));
    assert_eq!(store.post(RUN, &answer("abort", "bob")).unwrap(), already);
    let mut inbox = store.inbox(RUN);
    let [(name, found)] = inbox.take().unwrap().try_into().unwrap();
    assert_eq!(found, answer("go_on", "alice"));
    assert!(inbox.take().unwrap().is_empty(), "it is given once");
    assert_eq!(store.inbox(RUN).take().unwrap().len(), 1, "until it is settled, the next executor finds it");
    inbox.settle(&name).unwrap();
    assert!(store.inbox(RUN).take().unwrap().is_empty());
    assert_eq!(store.post(RUN, &answer("abort", "bob")).unwrap(), already);
}

#[test]
fn an_answer_to_an_earlier_question_of_the_key_does_not_stand_in_the_way() {
    let (_dir, store, _) = begun();
    store.post(RUN, &answer("go_on", "alice")).unwrap();
    let mut inbox = store.inbox(RUN);
    assert_eq!(inbox.take().unwrap().len(), 1);
    let Posted { at, post: Post::Answer { prompt, answer: given, .. } } = answer("abort", "bob") else { panic!() };
    let later = Posted { at, post: Post::Answer { prompt, question: "another".into(), answer: given } };
    assert_eq!(store.post(RUN, &later).unwrap(), Delivery::Done);
    let [(name, found)] = inbox.take().unwrap().try_into().unwrap();
    assert_eq!(found, later, "under the same name, and new all the same");
    inbox.settle(&name).unwrap();
    assert_eq!(store.post(RUN, &answer("go_on", "alice")).unwrap(), Delivery::Done, "nor one that was taken");
}

#[test]
fn a_command_may_come_again_after_it_was_taken() {
    let (_dir, store, _) = begun();
    let command = |because: &str| Posted {
        at: at(4),
        post: Post::Command { by: "bob".into(), command: Command::Abort { because: because.into() } },
    };
    assert_eq!(store.post(RUN, &command("one")).unwrap(), Delivery::Done);
    assert_eq!(store.post(RUN, &command("two")).unwrap(), Delivery::Already(command("one")));
    let mut inbox = store.inbox(RUN);
    let name = inbox.take().unwrap()[0].0.clone();
    inbox.settle(&name).unwrap();
    assert_eq!(store.post(RUN, &command("two")).unwrap(), Delivery::Done);
    assert_eq!(inbox.take().unwrap()[0].1, command("two"));
}

#[test]
fn an_artifact_is_hashed_named_and_verified() {
    let (_dir, store, _) = begun();
    let artifacts = store.artifacts(RUN);
    let mut writer = artifacts.create(ARTIFACTS, "step/sh.1#1.out").unwrap();
    writer.write_all(b"hello ").unwrap();
    writer.write_all(b"world").unwrap();
    let artifact = writer.finish().unwrap();
    assert_eq!(artifact.path, "artifacts/step%2Fsh.1#1.out");
    assert_eq!(artifact.sha256, "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
    assert_eq!(artifact.bytes, 11);
    assert_eq!(artifacts.read(&artifact).unwrap(), b"hello world");

    let again = artifacts.create(ARTIFACTS, "step/sh.1#1.out").unwrap().finish().unwrap();
    assert_eq!(again.path, "artifacts/2.step%2Fsh.1#1.out", "evidence is never written over");

    fs::write(store.folder(RUN).join(&artifact.path), "hello World").unwrap();
    let error = artifacts.read(&artifact).unwrap_err();
    assert!(error.to_string().starts_with("RB0909") && error.to_string().contains("b94d27b9"), "{error}");
    fs::remove_file(store.folder(RUN).join(&artifact.path)).unwrap();
    assert!(artifacts.read(&artifact).unwrap_err().to_string().starts_with("RB0909"));
}

#[test]
fn an_unfinished_artifact_is_gone() {
    let (_dir, store, _) = begun();
    let mut writer = store.artifacts(RUN).create(ARTIFACTS, "x").unwrap();
    writer.write_all(b"half").unwrap();
    drop(writer);
    assert_eq!(fs::read_dir(store.folder(RUN).join("artifacts")).unwrap().count(), 0);
}

#[test]
fn a_kept_scrape_comes_back_and_is_bounded() {
    use crate::journal::kept;
    let (_dir, store, _) = begun();
    let artifacts = store.artifacts(RUN);
    let kept = kept::keep(&*artifacts, "observe/baseline#1.0", b"up 1\n").unwrap();
    assert_eq!(kept.path, "scrapes/observe%2Fbaseline#1.0.gz");
    assert_eq!(kept::body(&*artifacts, &kept, 5).unwrap(), b"up 1\n");
    assert_eq!(kept::body(&*artifacts, &kept, 4).unwrap_err().code, Code::RB0909);
}

#[test]
fn sources_are_kept_below_their_folder() {
    let (_dir, mut store, _) = begun();
    let file = |path: &str| SourceText { path: path.into(), bytes: b"text".to_vec() };
    store.keep_source(RUN, "source", &[file("phase5.rb"), file("templates/report.md.j2")]).unwrap();
    assert_eq!(store.source(RUN, "source", "templates/report.md.j2").unwrap(), b"text");
    for outside in ["../x", "/etc/passwd", "a/../../x"] {
        assert_eq!(code(store.keep_source(RUN, "source", &[file(outside)])), Code::RB0908, "{outside}");
    }
}

#[test]
fn answers_keep_their_meaning_in_the_inbox() {
    let Post::Answer { answer: given, .. } = answer("go_on", "alice").post else { panic!() };
    assert_eq!(convert::answer_back(&convert::answer(&given)), given);
}
