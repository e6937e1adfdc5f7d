//! Runs of an earlier version, whose runbook today's check refuses.

use runbook::journal::canonical::sha256_hex;
use runbook::journal::codec::{Head, Stamped};
use runbook::journal::file_store::FileStore;
use runbook::journal::record::Record;
use runbook::journal::store::{Claimant, SourceText, Store};

use crate::support::program::{Place, ended, stderr, stdout};

const NOW: &str =
    "runbook old, \"Old\" do\n  sh read: \"echo hi\", key: look, timeout: 5.s\n  confirm \"Go on?\", key: go\nend\n";

/// A run as another version would have left it: its journal, over a runbook with a word that is none any more.
fn old() -> (Place, String) {
    let place = Place::new();
    place.write("old.rb", NOW);
    ended(&place.run(&["exec", "old.rb"]), 4);
    let made = FileStore::open(&place.path("state")).unwrap();
    let run = made.runs().unwrap()[0].clone();
    let mut old = FileStore::open(&place.path("old")).unwrap();
    old.create(&run).unwrap();
    let bytes = NOW.replace("sh read:", "shell read:").into_bytes();
    let digest = sha256_hex(&bytes);
    old.keep_source(&run, "source", &[SourceText { path: "old.rb".to_owned(), bytes }]).unwrap();
    let mut batch = Vec::new();
    made.read(&run, &mut |entry| {
        let mut record = entry.record;
        if let Record::Header(header) = &mut record {
            "0.0.9".clone_into(&mut header.tool);
            header.digest.clone_from(&digest);
            header.sources[0].sha256.clone_from(&digest);
        }
        batch.push(Stamped { at: entry.at, record });
        Ok(())
    })
    .unwrap();
    let who = Claimant {
        user: "op".to_owned(),
        hostname: "vm".to_owned(),
        pid: std::process::id(),
        since: jiff::Timestamp::UNIX_EPOCH,
    };
    old.claim(&run, &who).unwrap();
    old.append(&run, Head::default(), &batch).unwrap();
    old.release(&run).unwrap();
    (place, run)
}

#[test]
fn what_needs_no_program_works_and_all_else_says_which_version_made_the_run() {
    let (mut place, run) = old();
    let state = place.path("old");
    let state = state.to_str().unwrap();
    for command in ["report", "status", "resume"] {
        let output = place.run(&[command, "last", "--state-dir", state]);
        ended(&output, 2);
        let said = stderr(&output);
        assert!(said.contains("RB0914") && said.contains("made by runbook 0.0.9"), "{said}");
        assert!(said.contains("`runbook log`") && !said.contains("│"), "as nobody's mistake: {said}");
    }
    let log = place.run(&["log", "last", "--state-dir", state]);
    ended(&log, 0);
    for what in ["look#1", "go#1: Go on?", "suspended"] {
        assert!(stdout(&log).contains(what), "{}", stdout(&log));
    }
    assert!(stderr(&log).contains("0.0.9"));
    ended(&place.run(&["verify", "last", "--state-dir", state]), 0);
    let runs = place.run(&["runs", "--state-dir", state]);
    assert!(stdout(&runs).contains(&run));
    let bundle = place.run(&["bundle", "last", "--out", "old.tar", "--state-dir", state]);
    ended(&bundle, 0);
    assert!(stderr(&bundle).contains("without its reports"), "{}", stderr(&bundle));
    ended(&place.run(&["verify", "old.tar"]), 0);
    place.env("LANG", "zh_CN.UTF-8");
    let output = place.run(&["status", "last", "--state-dir", state]);
    assert!(stderr(&output).contains("由 runbook 0.0.9 执行"), "{}", stderr(&output));
}
