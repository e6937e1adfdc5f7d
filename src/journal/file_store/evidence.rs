//! The evidence of a run as files: looked over where it lies, packed into one file, and looked over there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use crate::journal::tar::{self, Damage};
use crate::journal::verify::{Digest, Hashing, JOURNAL, MANIFEST, Said, manifest, said};

/// What belongs to the evidence, and what does not: secrets, locks, the inbox, and the tree that a simulation wrote.
const KEPT: [&str; 4] = ["source", "scenario", "scrapes", "artifacts"];

/// Longest list of files and longest name of a run that are read of a bundle: some hundred thousand files.
const MAX_MANIFEST_BYTES: u64 = 64 * 1024 * 1024;

/// Names of all files of the evidence in the folder of a run, in order.
pub fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = vec![JOURNAL.to_owned()];
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let base = name.split('.').next().unwrap_or_default();
        if KEPT.contains(&base) && entry.file_type()?.is_dir() {
            walk(&entry.path(), &name, &mut found)?;
        }
    }
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, name: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), &name, found)?;
        } else if kind.is_file() {
            found.push(name);
        }
    }
    Ok(())
}

/// What the journal in the folder of a run says.
pub fn journal(folder: &Path) -> io::Result<Said> {
    said(&mut BufReader::new(File::open(folder.join(JOURNAL))?))
}

/// The digest of a file in the folder of a run; none: it is not there.
pub fn digest(folder: &Path, name: &str) -> io::Result<Option<Digest>> {
    match File::open(folder.join(name)) {
        Ok(mut file) => Digest::of(&mut file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Packs the evidence of a run, and `beside` it what was made of it, into a new file. All names begin with that of the run.
pub fn pack(folder: &Path, run: &str, beside: &[(&str, String)], to: &Path) -> io::Result<u64> {
    let names = names(folder)?;
    let mut digests: BTreeMap<String, Digest> = BTreeMap::new();
    for name in &names {
        let digest = digest(folder, name)?.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, name.clone()))?;
        digests.insert(name.clone(), digest);
    }
    for (name, text) in beside {
        digests.insert((*name).to_owned(), Digest::of(&mut text.as_bytes())?);
    }
    let list = manifest(digests.iter().map(|(name, digest)| (name.as_str(), digest.sha256.as_str())));
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut staged = tempfile::NamedTempFile::new_in(parent)?;
    let mut writer = tar::Writer::new(io::BufWriter::new(staged.as_file_mut()));
    writer.add(&format!("{run}/{MANIFEST}"), list.len() as u64, &mut list.as_bytes())?;
    for (name, digest) in &digests {
        let inside = format!("{run}/{name}");
        match beside.iter().find(|(own, _)| own == name) {
            Some((_, text)) => writer.add(&inside, text.len() as u64, &mut text.as_bytes())?,
            None => writer.add(&inside, digest.bytes.unwrap_or(0), &mut File::open(folder.join(name))?)?,
        }
    }
    writer.finish()?.flush()?;
    staged.as_file().sync_all()?;
    let bytes = staged.as_file().metadata()?.len();
    staged.persist_noclobber(to).map_err(|error| error.error)?;
    Ok(bytes)
}

/// What was found in a bundle.
#[derive(Debug)]
pub struct Unpacked {
    /// What its journal says.
    pub said: Said,
    /// Its list of files.
    pub manifest: String,
    /// The digests of its files, without the name of the run before theirs.
    pub files: BTreeMap<String, Digest>,
    /// Where it is not as it was packed.
    pub damage: Option<Damage>,
}

/// Reads a bundle once, from its begin to its end.
pub fn unpack(bundle: &Path) -> io::Result<Unpacked> {
    let mut out = Unpacked { said: Said::default(), manifest: String::new(), files: BTreeMap::new(), damage: None };
    let mut archive = BufReader::new(File::open(bundle)?);
    let members = tar::read(&mut archive, &mut |member, content| {
        let name = member.name.split_once('/').map_or(member.name.as_str(), |(_, name)| name).to_owned();
        if name == MANIFEST {
            let mut bytes = Vec::new();
            content.take(MAX_MANIFEST_BYTES).read_to_end(&mut bytes)?;
            out.manifest = String::from_utf8_lossy(&bytes).into_owned();
        } else if name == JOURNAL {
            let mut hashing = Hashing::new(content);
            out.said = said(&mut BufReader::new(&mut hashing))?;
            out.files.insert(name, hashing.rest()?);
        } else {
            out.files.insert(name, Digest::of(content)?);
        }
        Ok(())
    })?;
    out.damage = members.err();
    Ok(out)
}
