//! What is left of a run: numbers explained, the report as a page, evidence that is verified and packed. Each is asked of
//! simulated go-lives through the program.

use std::path::PathBuf;

use runbook::journal::file_store::evidence;

use crate::support::program::{Place, ended, json, stderr, stdout};

/// A place with a go-live behind it.
fn after(scenario: &str, exit_code: i32) -> Place {
    let place = Place::new();
    let runbooks = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks");
    let runbook = format!("{runbooks}/phase5.rb");
    let answers = format!("{runbooks}/phase5.sim/{scenario}.answers.toml");
    ended(&place.run(&["exec", &runbook, "--sim", scenario, "--answers", &answers]), exit_code);
    place
}

/// The folder of its one run.
fn folder(place: &Place) -> PathBuf {
    let mut runs = std::fs::read_dir(place.path("state/runs")).unwrap();
    runs.next().unwrap().unwrap().path()
}

#[test]
fn a_number_is_explained_down_to_its_lines() {
    let mut place = after("healthy", 0);
    let said = place.run(&["metrics", "explain", "last", "http_success"]);
    ended(&said, 0);
    let text = stdout(&said);
    for part in [
        "http_success  HTTP 成功率  the whole observation",
        "SIMULATED",
        "ratio bad: 'http_requests_total{status=~\"5..\"}', total: 'http_requests_total'",
        "(total − bad) ÷ total = (",
        "✅ target met",
        "target ≥ 98% · alert level < 95% · no_data fail",
        "#0    2025-11-18 09:00:00  sha256 ",
        "#0 line 5      http_requests_total{method=\"GET\",status=\"500\"} ",
        "#12 line 5     http_requests_total{method=\"GET\",status=\"500\"} ",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    assert!(!text.contains("WARNING"), "what is computed again is what was recorded:\n{text}");

    let found = place.json(&["metrics", "explain", "last", "p99", "--format", "json"]);
    assert_eq!((&found["schema"], &found["agrees"], &found["simulated"]), (&1.into(), &true.into(), &true.into()));
    assert_eq!(found["value"], place.report()["slos"][1]["whole"]);
    assert_eq!(found["scrapes"].as_array().unwrap().len(), 13);
    let buckets = found["buckets"].as_array().unwrap();
    assert_eq!(buckets.last().unwrap()["le"], "inf");
    let series = &found["inputs"][0]["series"][0];
    assert!(series["from"]["text"].as_str().unwrap().starts_with("http_server_requests_seconds_bucket{"));

    let one = place.json(&["metrics", "explain", "last", "http_success", "--sample", "4", "--format", "json"]);
    assert_eq!((&one["sample"], &one["agrees"]), (&4.into(), &true.into()));
    assert_eq!(one["scrapes"].as_array().unwrap().len(), 2, "from the scrape before to its own");

    place.env("LANG", "zh_CN.UTF-8");
    let text = stdout(&place.run(&["metrics", "explain", "last", "http_success"]));
    assert!(text.contains("整个观察期") && text.contains("✅ 达标") && text.contains("第 5 行"), "{text}");
}

#[test]
fn a_restart_is_part_of_the_explanation() {
    let place = after("restart", 0);
    let text = stdout(&place.run(&["metrics", "explain", "last", "http_success"]));
    assert!(text.contains("the process was started again: counts from 0"), "{text}");
    let found = place.json(&["metrics", "explain", "last", "http_success", "--format", "json"]);
    assert_eq!(found["agrees"], true);
    let all: Vec<&serde_json::Value> = found["inputs"].as_array().unwrap().iter().collect();
    for side in all {
        let series = side["series"].as_array().unwrap();
        let sum: f64 = series.iter().map(|one| one["growth"].as_f64().unwrap()).sum();
        assert_eq!(side["growth"].as_f64().unwrap().to_bits(), sum.to_bits());
        assert!(series.iter().all(|one| one["resets"].as_array().unwrap().len() == 1), "each began again once");
    }
}

#[test]
fn what_cannot_be_explained_says_why() {
    let place = after("healthy", 0);
    for (args, wanted) in [
        (["last", "http_sucess"].as_slice(), "did you mean `http_success`?"),
        (["last", "http_success", "--sample", "13"].as_slice(), "there is no sample 13"),
        (["last", "http_success", "--series", "other"].as_slice(), "nothing has observed `http_success`"),
        (["nope", "http_success"].as_slice(), "there is no run nope"),
    ] {
        let said = place.run(&[["metrics", "explain"].as_slice(), args].concat());
        ended(&said, 2);
        assert!(stderr(&said).contains(wanted), "{}", stderr(&said));
    }
    std::fs::remove_file(folder(&place).join("scrapes/observe%2Fbaseline#1%2Fsample.7.1.gz")).unwrap();
    let said = place.run(&["metrics", "explain", "last", "http_success"]);
    ended(&said, 2);
    assert!(stderr(&said).contains("RB0909") && stderr(&said).contains("sample.7.1.gz"), "{}", stderr(&said));
    assert!(json(&place.run(&["runs", "--format", "json"]))["runs"].is_array(), "nothing else is hurt");
}

/// Turns one bit of a file around while `look` looks.
fn flipped(path: &std::path::Path, at: usize, look: impl FnOnce()) {
    let bytes = std::fs::read(path).unwrap();
    let mut changed = bytes.clone();
    changed[at] ^= 0x04;
    std::fs::write(path, changed).unwrap();
    look();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_changed_byte_anywhere_in_the_evidence_is_found_and_named() {
    let place = after("breach", 1);
    let folder = folder(&place);
    let good = place.json(&["verify", "last", "--format", "json"]);
    assert_eq!(
        (&good["verified"], &good["ended"], &good["problems"]),
        (&true.into(), &true.into(), &serde_json::json!([]))
    );
    assert!(good["files"].as_u64().unwrap() > 20 && good["hash"].as_str().unwrap().len() == 64, "{good}");
    assert!(stdout(&place.run(&["verify", "last"])).contains("files are as they were written"));

    let wrong = |what: &str| {
        let said = place.run(&["verify", "last"]);
        ended(&said, 2);
        assert!(stdout(&said).contains(what), "{what}: {}", stdout(&said));
    };
    let journal = folder.join("journal.jsonl");
    let length = usize::try_from(std::fs::metadata(&journal).unwrap().len()).unwrap();
    let text = std::fs::read_to_string(&journal).unwrap();
    // Across the whole, and every byte of the last hash and its line feed.
    for at in (0..length).step_by(length / 40).chain(length - 70..length) {
        let record = text[..at].matches('\n').count() + 1;
        flipped(&journal, at, || {
            let said = place.run(&["verify", "last"]);
            ended(&said, 2);
            let out = stdout(&said);
            // A flipped line feed joins two records; then the later one is named.
            let named = [record, record + 1].iter().any(|n| out.contains(&format!("record {n} ")));
            assert!(out.contains("journal.jsonl: ") && named, "byte {at}, record {record}: {out}");
        });
    }
    for name in evidence::names(&folder)
        .unwrap()
        .iter()
        .filter(|name| !name.starts_with("scenario/") && *name != "journal.jsonl")
    {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).unwrap();
        if bytes.is_empty() {
            continue;
        }
        flipped(&path, bytes.len() / 2, || wrong(&format!("{name}: it is not as it was written")));
    }
    let artifact = folder.join("scrapes/observe%2Fbaseline#1%2Fsample.3.1.gz");
    std::fs::remove_file(artifact).unwrap();
    wrong("scrapes/observe%2Fbaseline#1%2Fsample.3.1.gz: it is missing");
    let refused = place.run(&["bundle", "last", "--out", "b.tar"]);
    ended(&refused, 2);
    assert!(stderr(&refused).contains("sample.3.1.gz: it is missing"), "{}", stderr(&refused));
}

#[test]
fn a_bundle_is_the_same_for_everybody_and_is_verified_anywhere() {
    let mut place = after("breach", 1);
    ended(&place.run(&["bundle", "last", "--out", "one.tar"]), 0);
    place.env("LANG", "zh_CN.UTF-8");
    ended(&place.run(&["bundle", "last", "--out", "two.tar"]), 0);
    let bundle = std::fs::read(place.path("one.tar")).unwrap();
    assert!(bundle == std::fs::read(place.path("two.tar")).unwrap(), "the same run gives the same bytes");
    let again = place.run(&["bundle", "last", "--out", "one.tar"]);
    ended(&again, 2);
    assert!(stderr(&again).contains("one.tar"), "a bundle takes the place of nothing: {}", stderr(&again));

    // Somebody else, who has nothing but the file.
    let other = Place::new();
    let path = other.path("evidence.tar");
    std::fs::write(&path, &bundle).unwrap();
    let good = other.json(&["verify", "evidence.tar", "--format", "json"]);
    assert_eq!(good["verified"], true, "{good}");
    let run = good["run"].as_str().unwrap().to_owned();
    let tar =
        std::process::Command::new("tar").args(["xf", "evidence.tar"]).current_dir(other.dir.path()).output().unwrap();
    assert!(tar.status.success(), "tar reads it: {tar:?}");
    let sums = std::process::Command::new("sha256sum")
        .args(["--quiet", "--strict", "-c", "MANIFEST.sha256"])
        .current_dir(other.path(&run))
        .output()
        .unwrap();
    assert!(sums.status.success(), "so does sha256sum: {sums:?}");
    for made in ["report.html", "report.md", "report.json", "journal.jsonl", "source/phase5.rb"] {
        assert!(other.path(&run).join(made).is_file(), "{made} is missing");
    }
    assert!(!other.path(&run).join("secrets").exists());

    for at in (0..bundle.len()).step_by(bundle.len() / 60).chain([0, 124, 148, 156, 257, bundle.len() - 1]) {
        flipped(&path, at, || {
            let said = other.run(&["verify", "evidence.tar"]);
            ended(&said, 2);
            assert!(stdout(&said).contains("error[RB09"), "byte {at}: {}", stdout(&said));
        });
    }
    std::fs::write(&path, &bundle[..bundle.len() / 2]).unwrap();
    let cut = other.run(&["verify", "evidence.tar"]);
    ended(&cut, 2);
    std::fs::write(&path, "no archive").unwrap();
    let none = other.run(&["verify", "evidence.tar"]);
    ended(&none, 2);
    assert!(stdout(&none).contains("it is no bundle of a run"), "{}", stdout(&none));
}

#[test]
fn the_report_is_one_page_that_needs_nothing_else() {
    let place = after("blip", 1);
    ended(&place.run(&["report", "last", "--format", "html", "--out", "report.html"]), 0);
    let text = std::fs::read_to_string(place.path("report.html")).unwrap();
    assert!(text.starts_with("<!DOCTYPE html>") && text.trim_end().ends_with("</html>"));
    assert!(text.contains("<b>SIMULATED</b>") && text.contains("<svg ") && text.contains("class=\"rb-error\""));
    assert!(!text.contains("<script") && !text.contains(" src=") && !text.contains("href="));
}
