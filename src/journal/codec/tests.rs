use proptest::prelude::*;

use super::*;
use crate::journal::record::{Data, End, Ending, Header, Input, Outcome, Output, Started};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_763_427_600 + second).unwrap()
}

fn header() -> Record {
    Record::Header(Box::new(Header {
        format: FORMAT,
        tool: "0.1.0".into(),
        run: "20251118-0900-phase5-k3f9".into(),
        digest: "d".repeat(64),
        runbook: "phase5".into(),
        title: "生产基线".into(),
        file: "/srv/phase5.rb".into(),
        sources: vec![],
        params: [].into(),
        secrets: [].into(),
        environment: Some("production".into()),
        zone: "Asia/Shanghai".into(),
        language: "zh".into(),
        working_dir: "/srv".into(),
        simulation: None,
        started_at: at(0),
        executor: "alice".into(),
        hostname: "ops1".into(),
        from: None,
        step: false,
    }))
}

fn outcome(text: &str) -> Record {
    Record::Outcome(Box::new(Outcome {
        id: "a/sh.1#1".into(),
        started_at: at(1),
        took_ns: 5,
        failure: None,
        data: Data::Shell {
            code: Some(0),
            out: Output { text: text.into(), bytes: text.len() as u64, artifact: None },
            err: Output::default(),
            value: None,
        },
    }))
}

/// Three batches: of one record, of three, of one.
fn batches() -> Vec<Vec<Stamped>> {
    let stamped = |second, record| Stamped { at: at(second), record };
    vec![
        vec![stamped(0, header())],
        vec![
            stamped(2, outcome("Fallback 率 \n\"98.3%\"")),
            stamped(2, Record::Started(Started { id: "b/sh.1#1".into(), pid: 12, start_ticks: 99 })),
            stamped(2, Record::Input(Box::new(Input::Due))),
        ],
        vec![stamped(3, Record::End(End { ending: Ending::Passed }))],
    ]
}

fn written(batches: &[Vec<Stamped>]) -> (Vec<u8>, Vec<Head>) {
    let (mut bytes, mut heads) = (Vec::new(), vec![Head::default()]);
    for batch in batches {
        let (mut more, head) = encode(*heads.last().unwrap(), batch).unwrap();
        bytes.append(&mut more);
        heads.push(head);
    }
    (bytes, heads)
}

fn read(mut bytes: &[u8]) -> Result<(Vec<Entry>, Tail), Problem> {
    let mut entries = Vec::new();
    let tail = decode(&mut bytes, &mut |entry| {
        entries.push(entry);
        Ok(())
    });
    match tail {
        Ok(tail) => Ok((entries, tail)),
        Err(DecodeError::Problem(problem)) => Err(problem),
        Err(DecodeError::Io(error)) => panic!("{error}"),
    }
}

#[test]
fn a_journal_comes_back_as_it_was_written() {
    let (bytes, heads) = written(&batches());
    let (entries, tail) = read(&bytes).unwrap();
    let records: Vec<Stamped> =
        entries.into_iter().map(|entry| Stamped { at: entry.at, record: entry.record }).collect();
    assert_eq!(records, batches().concat());
    assert_eq!(tail, Tail { head: *heads.last().unwrap(), torn_bytes: 0 });
    assert_eq!(tail.head.bytes, bytes.len() as u64);
}

#[test]
fn cut_anywhere_it_gives_the_batches_that_are_whole() {
    let (bytes, heads) = written(&batches());
    let ends = [0, 1, 4, 5];
    for length in 0..bytes.len() {
        let (entries, tail) = read(&bytes[..length]).unwrap();
        let whole = heads.iter().rposition(|head| head.bytes <= length as u64).unwrap();
        assert_eq!(tail.head, heads[whole], "cut at {length}");
        assert_eq!(entries.len(), ends[whole], "cut at {length}");
        assert_eq!(tail.head.bytes + tail.torn_bytes, length as u64);
    }
}

#[test]
fn every_changed_bit_is_found() {
    let (bytes, _) = written(&batches());
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            assert!(read(&changed).is_err(), "bit {bit} of byte {place}");
        }
    }
}

#[test]
fn zeros_at_the_end_are_an_interrupted_write() {
    let (mut bytes, heads) = written(&batches());
    bytes.pop();
    bytes.extend([0; 600]);
    assert_eq!(read(&bytes).unwrap().1.head, heads[2]);
}

#[test]
fn a_line_taken_out_put_twice_or_moved_is_found() {
    let (bytes, _) = written(&batches());
    let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    for gone in 0..lines.len() - 1 {
        let rest: Vec<u8> =
            lines.iter().enumerate().filter(|(n, _)| *n != gone).flat_map(|(_, l)| l.to_vec()).collect();
        let problem = read(&rest).unwrap_err();
        assert_eq!(problem.code, Code::RB0902, "without line {gone}: {problem}");
        let twice: Vec<u8> =
            lines.iter().enumerate().flat_map(|(n, l)| if n == gone { l.repeat(2) } else { l.to_vec() }).collect();
        assert_eq!(read(&twice).unwrap_err().code, Code::RB0902, "line {gone} twice");
    }
}

#[test]
fn the_error_names_place_expected_and_found() {
    let (bytes, heads) = written(&batches());
    let mut changed = bytes.clone();
    let place = usize::try_from(heads[1].bytes).unwrap() + 20;
    changed[place] ^= 1;
    let problem = read(&changed).unwrap_err();
    assert_eq!(problem.code, Code::RB0901);
    assert!(problem.message.en.starts_with(&format!("record 2 (byte {} of the journal)", heads[1].bytes)), "{problem}");
    assert!(problem.message.en.contains("expected hash") && problem.message.en.contains("found"), "{problem}");
}

#[test]
fn a_later_format_is_refused_with_the_version_that_knows_it() {
    let Record::Header(mut newer) = header() else { panic!() };
    newer.format = FORMAT + 1;
    newer.tool = "9.0.0".into();
    let (bytes, _) = written(&[vec![Stamped { at: at(0), record: Record::Header(newer) }]]);
    let problem = read(&bytes).unwrap_err();
    assert_eq!(problem.code, Code::RB0903);
    assert!(problem.to_string().contains("9.0.0"), "{problem}");
}

#[test]
fn a_journal_begins_with_its_header() {
    let (bytes, _) = written(&[vec![Stamped { at: at(0), record: Record::Input(Box::new(Input::Due)) }]]);
    assert_eq!(read(&bytes).unwrap_err().code, Code::RB0902);
}

proptest! {
    #[test]
    fn writing_goes_on_where_the_interrupted_write_was_cut(texts in prop::collection::vec(any::<String>(), 1..6), cut in any::<prop::sample::Index>()) {
        let mut all = vec![vec![Stamped { at: at(0), record: header() }]];
        all.extend(texts.iter().map(|text| vec![Stamped { at: at(1), record: outcome(text) }]));
        let (mut bytes, _) = written(&all);
        bytes.truncate(cut.index(bytes.len()));
        let (kept, tail) = read(&bytes).unwrap();
        bytes.truncate(usize::try_from(tail.head.bytes).unwrap());
        let record = if kept.is_empty() { header() } else { outcome("again") };
        let (more, head) = encode(tail.head, &[Stamped { at: at(9), record: record.clone() }]).unwrap();
        bytes.extend(more);
        let (entries, tail) = read(&bytes).unwrap();
        prop_assert_eq!(entries.len(), kept.len() + 1);
        prop_assert_eq!(&entries.last().unwrap().record, &record);
        prop_assert_eq!(tail, Tail { head, torn_bytes: 0 });
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read(&bytes);
    }
}
