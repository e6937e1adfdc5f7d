//! `runbook verify RUN|BUNDLE`: the chain of the journal, and every file that it names.

use std::path::Path;

use serde_json::json;

use super::args::{Format, Verify};
use super::exit_code::ExitCode;
use super::refusal::Refusal;
use super::session::Session;
use super::{inputs, output};
use crate::diagnostic::Code;
use crate::journal::file_store::evidence;
use crate::journal::problem::Problem;
use crate::journal::store::Store as _;
use crate::journal::verify::{Finding, JOURNAL, Said, against_manifest, findings};
use crate::report::model::SCHEMA;
use crate::run::find::find;
use crate::text;
use crate::text::Lang;

/// What was looked at.
pub(super) struct Looked {
    said: Said,
    /// Files of the evidence that are there, the journal among them.
    names: Vec<String>,
    /// What is not as it was written.
    pub(super) findings: Vec<Finding>,
}

pub(super) fn run(session: &Session, args: &Verify) -> Result<ExitCode, Refusal> {
    let path = Path::new(&args.what);
    let looked = if inputs::is_file(path) {
        bundle(path)?
    } else {
        let store = session.store()?;
        let run = find(&store, &args.what)?;
        let mut looked = folder(&store.folder(&run))?;
        if store.executor(&run)?.is_some() {
            // Its executor may be writing the next record at this moment.
            looked.unfinished_is_fine();
        }
        looked
    };
    match args.format {
        Format::Human => output::lines(&human(&looked, session.lang)),
        Format::Json => output::result(&format!("{:#}\n", told(&looked))),
    }
    Ok(if looked.findings.is_empty() { ExitCode::Passed } else { ExitCode::Refused })
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Refusal {
    let path = path.to_path_buf();
    move |error| {
        let message = text!("cannot read {}: {}", "无法读取 {}：{}", path.display(), error);
        Refusal::from(Problem::new(Code::RB0908, message))
    }
}

/// The evidence in the folder of a run.
pub(super) fn folder(folder: &Path) -> Result<Looked, Refusal> {
    let cannot = unreadable(folder);
    let said = evidence::journal(folder).map_err(&cannot)?;
    let findings = findings(&said, &mut |name| evidence::digest(folder, name)).map_err(&cannot)?;
    let names = evidence::names(folder).map_err(&cannot)?;
    Ok(Looked { said, names, findings })
}

fn bundle(path: &Path) -> Result<Looked, Refusal> {
    let cannot = unreadable(path);
    let evidence::Unpacked { said, manifest, files, damage } = evidence::unpack(path).map_err(&cannot)?;
    let whole = |message| Finding { code: Code::RB0909, file: path.display().to_string(), message };
    let mut all: Vec<Finding> = Vec::new();
    all.extend(damage.map(|damage| whole(text!("byte {}: {}", "第 {} 字节：{}", damage.at, damage.message))));
    if files.contains_key(JOURNAL) {
        // The journal says which record it is, the list of files only that something is wrong.
        all.extend(findings(&said, &mut |name| Ok(files.get(name).cloned())).map_err(&cannot)?);
        for one in against_manifest(&manifest, &files) {
            if !all.iter().any(|other| other.file == one.file) {
                all.push(one);
            }
        }
    } else {
        all.push(whole(text!(
            "there is no {JOURNAL} in it: it is no bundle of a run",
            "其中没有 {JOURNAL}：不是运行的证据包"
        )));
    }
    Ok(Looked { said, names: files.into_keys().collect(), findings: all })
}

impl Looked {
    /// Bytes behind the last whole record are no finding.
    fn unfinished_is_fine(&mut self) {
        let torn = self.said.torn_bytes > 0 && self.said.damage.is_none();
        self.findings.retain(|one| !(torn && one.file == JOURNAL && one.code == Code::RB0901));
    }

    /// Files beside the journal that no record names: an effect that a crash cut off leaves such ones.
    fn unnamed(&self) -> Vec<&str> {
        let names = self.names.iter().map(String::as_str);
        let evidence = |name: &&str| name.starts_with("scrapes/") || name.starts_with("artifacts/");
        let known = |name: &&str| self.said.damage.is_some() || self.said.files.contains_key(*name);
        names.filter(evidence).filter(|name| !known(name)).collect()
    }
}

fn told(looked: &Looked) -> serde_json::Value {
    let Looked { said, findings, .. } = looked;
    json!({
        "schema": SCHEMA,
        "run": said.run,
        "verified": findings.is_empty(),
        "ended": said.ended,
        "records": said.records,
        "hash": said.hash,
        "files": said.files.len(),
        "unnamed": looked.unnamed(),
        "problems": findings.iter()
            .map(|one| json!({ "code": one.code.to_string(), "file": one.file, "message": one.message.en }))
            .collect::<Vec<_>>(),
    })
}

fn human(looked: &Looked, lang: Lang) -> Vec<String> {
    let Looked { said, findings, .. } = looked;
    let (run, records, files) = (said.run.as_deref().unwrap_or("?"), said.records, said.files.len());
    let mut lines: Vec<String> = findings
        .iter()
        .map(|one| format!("error[{}]: {}{}{}", one.code, one.file, lang.pick(": ", "："), one.message.get(lang)))
        .collect();
    lines.push(if findings.is_empty() {
        lang.pick(
            format!("{run}: {records} records and {files} files are as they were written"),
            format!("{run}：{records} 条记录与 {files} 个文件均与写入时一致"),
        )
    } else {
        let wrong = findings.len();
        lang.pick(format!("{run}: {wrong} findings"), format!("{run}：发现 {wrong} 处问题"))
    });
    if findings.is_empty() {
        let hash = &said.hash;
        lines.push(lang.pick(format!("hash of the last record: {hash}"), format!("最后一条记录的哈希：{hash}")));
    }
    if !said.ended && said.damage.is_none() {
        lines.push(lang.pick("the run has not ended", "运行尚未结束").to_owned());
    }
    let unnamed = looked.unnamed();
    if !unnamed.is_empty() {
        let listed = unnamed.join(", ");
        lines.push(lang.pick(format!("no record names: {listed}"), format!("没有记录提到的文件：{listed}")));
    }
    lines
}
