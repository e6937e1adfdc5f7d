//! Reads a scenario file together with the one it is like.

use std::path::Path;

use toml::{Table, Value};

use super::scenario::Scenario;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::text;
use crate::text::Text;

/// Longest chain of `like`: variants of a variant; more is a circle.
const MAX_CHAIN: usize = 8;

/// What is wrong, in which file.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// The file, as it was asked for.
    pub file: String,
    /// Its text; empty where it could not be read.
    pub text: String,
    /// What is wrong.
    pub diagnostic: Box<Diagnostic>,
}

/// Lists of which the variant's own members come first, because the first that fits is taken. Of all others they come
/// last, because the last one wins.
const FIRST_FITS: &[&str] = &["command", "http"];

/// Reads `file`; `read` gives the text of a file, or why there is none. With `like = "healthy"` the scenario is that of
/// `healthy.toml` in the same folder, with what this one says put over it: tables key by key, lists joined. What a run must
/// come to (`expect`), title and `en` are each file's own.
pub fn load(file: &str, read: &mut dyn FnMut(&str) -> Result<String, Text>) -> Result<Scenario, Wrong> {
    let (table, text) = table(file, read, 0)?;
    // Each file was read as a scenario by itself; only their sum can still be wrong, as a whole.
    Scenario::parse(&table.to_string()).map_err(|error| {
        let diagnostic = Box::new(Diagnostic::error(error.code, Span::default(), error.message));
        Wrong { file: file.to_owned(), text, diagnostic }
    })
}

fn table(
    file: &str,
    read: &mut dyn FnMut(&str) -> Result<String, Text>,
    depth: usize,
) -> Result<(Table, String), Wrong> {
    let wrong = |text: &str, message: Text| Wrong {
        file: file.to_owned(),
        text: text.to_owned(),
        diagnostic: Box::new(Diagnostic::error(Code::RB0850, Span::default(), message)),
    };
    let text = read(file).map_err(|why| wrong("", text!("{}: {}", "{}：{}", file, why)))?;
    let scenario = Scenario::parse(&text).map_err(|error| Wrong {
        file: file.to_owned(),
        text: text.clone(),
        diagnostic: Box::new(error),
    })?;
    let own: Table = text.parse().map_err(|error: toml::de::Error| wrong(&text, Text::verbatim(error.message())))?;
    let Some(like) = scenario.like else { return Ok((own, text)) };
    if depth == MAX_CHAIN {
        let message = text!(
            "`like = \"{like}\"`: more than {MAX_CHAIN} files, one like the other",
            "`like = \"{like}\"`：相互引用的文件超过 {MAX_CHAIN} 个"
        );
        return Err(wrong(&text, message));
    }
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let (mut base, _) = table(&folder.join(format!("{like}.toml")).to_string_lossy(), read, depth + 1)?;
    for own_alone in ["expect", "title", "en", "like"] {
        base.remove(own_alone);
    }
    merge(&mut base, own);
    Ok((base, text))
}

/// Puts `over` over `base`.
fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (Some(Value::Array(below)), Value::Array(mut above)) if of_tables(below) || of_tables(&above) => {
                if FIRST_FITS.contains(&key.as_str()) {
                    std::mem::swap(below, &mut above);
                }
                below.append(&mut above);
            }
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn of_tables(list: &[Value]) -> bool {
    list.first().is_some_and(Value::is_table)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::fields::{Rate, Share};
    use super::*;

    const BASE: &str = "title = \"base\"\nseed = 3\n[expect]\nexit = 0\n[params]\na = 1\nb = 2\n\
        [service]\nerrors = \"1%\"\n[[service.at]]\nafter = \"1m\"\n[[command]]\nkey = \"x\"\nout = \"base\"\n";

    fn files(files: &[(&str, &str)]) -> Result<Scenario, Wrong> {
        let files: BTreeMap<&str, &str> = files.iter().copied().collect();
        let mut read = |file: &str| files.get(file).map(|text| (*text).to_owned()).ok_or(text!("not there", "不存在"));
        load("sim/this.toml", &mut read)
    }

    #[test]
    fn a_variant_says_only_what_is_different() {
        let own = "like = \"base\"\ntitle = \"own\"\n[params]\nb = 3\n[service]\nrequests_per_min = 5\n\
            [[service.at]]\nafter = \"2m\"\n[[command]]\nkey = \"x\"\nout = \"own\"\n";
        let scenario = files(&[("sim/this.toml", own), ("sim/base.toml", BASE)]).unwrap();
        assert_eq!((scenario.title.as_str(), scenario.seed, scenario.expect), ("own", 3, None));
        let params: Vec<_> = scenario.params.iter().map(|(name, text)| format!("{name}={text}")).collect();
        assert_eq!(params, ["a=1", "b=3"]);
        let service = scenario.service.unwrap();
        assert_eq!((service.errors, service.requests_per_min), (Share(0.01), Rate(5.0)));
        assert_eq!(service.at.iter().map(|at| at.after.0.as_secs()).collect::<Vec<_>>(), [60, 120]);
        let outs: Vec<_> = scenario.command.iter().map(|script| script.get_ref().out.clone()).collect();
        assert_eq!(outs, ["own", "base"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_file() {
        let wrong = files(&[("sim/this.toml", "like = \"base\"\n"), ("sim/base.toml", "sed = 1\n")]).unwrap_err();
        assert_eq!((wrong.file.as_str(), wrong.text.as_str()), ("sim/base.toml", "sed = 1\n"));
        assert_eq!(wrong.diagnostic.message.en, "unknown key `sed`");
        let wrong = files(&[("sim/this.toml", "like = \"nobody\"\n")]).unwrap_err();
        assert_eq!(
            (wrong.file.as_str(), wrong.diagnostic.message.en.as_str()),
            ("sim/nobody.toml", "sim/nobody.toml: not there")
        );
        let wrong = files(&[("sim/this.toml", "like = \"this\"\n")]).unwrap_err();
        assert!(wrong.diagnostic.message.en.contains("one like the other"), "{}", wrong.diagnostic.message.en);
    }
}
