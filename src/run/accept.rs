//! May a run go on with a changed runbook? Only where every statement that has begun is still there, under the same key and
//! in the same words.
//!
//! A key of its own says which statement it is. One that is only counted (`sh.2`) says so as well, with its words; only where
//! another one counted with it reads the same, those before it must be the same too. In which order they ran, a replay tells.

use crate::check::program::Program;
use crate::diagnostic::Code;
use crate::journal::problem::Problem;
use crate::journal::store::{Store, StoreError};
use crate::run::find::Outline;
use crate::run::intent::Statements;
use crate::run::replay::{Instead, instead};
use crate::text;
use crate::text::Text;

/// Refuses a change of what has begun. `before` is the runbook that was in force.
pub fn accepts(store: &dyn Store, outline: &Outline, before: &Program, changed: &Program) -> Result<(), StoreError> {
    let run = &outline.header.run;
    in_words(outline, before, changed)?;
    // Nothing that ran reads differently; that it also came in this order, only the way itself can say.
    let as_it_was = text!(
        "or finish the run with the file as it was: `runbook resume {run} --as-executed`",
        "或按原文件完成该次运行：`runbook resume {run} --as-executed`"
    );
    let refused = |message: Text, help: Text| Err(StoreError::Fatal(Problem::new(Code::RB0910, message).help(help)));
    let back = text!("take the change back, {}", "请撤回修改，{}", as_it_was);
    let Instead { wanted, found } = match instead(store, run, changed) {
        Ok(None) => return Ok(()),
        Ok(Some(instead)) => instead,
        Err(StoreError::Fatal(problem)) if problem.code == Code::RB0904 => {
            let why = problem.message;
            return refused(
                text!("what ran would not have come about: {}", "按现在的文件，已执行的过程不会发生：{}", why),
                back,
            );
        }
        Err(other) => return Err(other),
    };
    let statement = wanted.split('!').next().unwrap_or(&wanted);
    if Statements::of(before).digest(statement).is_none() {
        let message = text!(
            "{statement} was put in before {found}, which ran already: the run would have had to begin with it",
            "{statement} 插在已经执行的 {found} 之前：那样该次运行本应先执行它"
        );
        return refused(message, text!("put it behind what ran, {}", "请把它移到已执行的语句之后，{}", as_it_was));
    }
    let message = if wanted == found {
        text!(
            "{found} ran already, and what it is made from was changed",
            "{found} 已经执行，而它所依据的内容之后被修改"
        )
    } else {
        text!(
            "{found} ran already, and {wanted} would have to run there now",
            "{found} 已经执行，而按现在的文件，此处应执行 {wanted}"
        )
    };
    refused(message, back)
}

/// Refuses a change of the words or the key of a statement that has begun.
fn in_words(outline: &Outline, before: &Program, changed: &Program) -> Result<(), StoreError> {
    let (before, now) = (Statements::of(before), Statements::of(changed));
    let wrong: Vec<Text> = outline.done.iter().filter_map(|(key, digest)| wrong(key, digest, &before, &now)).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let run = &outline.header.run;
    let help = text!(
        "take the change back for these statements (new ones go behind what ran), or \
         finish the run with the file as it was: `runbook resume {run} --as-executed`",
        "请撤回对这些语句的修改（新增的语句应放在已执行的语句之后），或按原文件完成该次运行：\
         `runbook resume {run} --as-executed`"
    );
    Err(StoreError::Fatal(Problem::new(Code::RB0910, Text::join(&wrong, &Text::verbatim("\n"))).help(help)))
}

/// What became of a statement that has begun, where it is not surely the same any more.
fn wrong(key: &str, digest: &str, before: &Statements<'_>, now: &Statements<'_>) -> Option<Text> {
    let counted = counted(key);
    let (was, is) = counted.map(|(stem, _)| (siblings(stem, before), siblings(stem, now))).unwrap_or_default();
    let places =
        |of: &[&str]| of.iter().zip(1_usize..).filter(|(one, _)| **one == digest).map(|(_, n)| n).collect::<Vec<_>>();
    match (now.digest(key), counted) {
        (Some(found), None) if found == digest => None,
        (Some(found), Some((stem, number))) if found == digest => {
            let twin = places(&was).into_iter().chain(places(&is)).find(|n| *n != number)?;
            let moved = (1..number).find(|n| was.get(n - 1) != is.get(n - 1))?;
            Some(text!(
                "{key} ran already and may be another one now: {stem}.{twin} reads the same, and {stem}.{moved} was changed",
                "{key} 已经执行，但现在可能是另一个语句：{stem}.{twin} 与它相同，而 {stem}.{moved} 有改动"
            ))
        }
        (found, counted) => Some(match (counted, places(&is).as_slice()) {
            (Some((stem, _)), [place]) => {
                text!("{key} ran already and is {stem}.{place} now", "{key} 已经执行，但现在是 {stem}.{place}")
            }
            (_, _) if found.is_none() || is.len() < was.len() => {
                text!("{key} ran already and is not there any more", "{key} 已经执行，但现在已不存在")
            }
            (_, _) => text!("{key} ran already and was changed", "{key} 已经执行，但之后被修改"),
        }),
    }
}

/// Digests of the statements that are counted with `stem`: `deploy/sh` has `deploy/sh.1`, `deploy/sh.2`, …
fn siblings<'a>(stem: &str, of: &Statements<'a>) -> Vec<&'a str> {
    (1_usize..).map_while(|n| of.digest(&format!("{stem}.{n}"))).collect()
}

/// A key that only counts, and its number: `deploy/sh.2`. That of an `at` is its first sample, and so its own.
fn counted(key: &str) -> Option<(&str, usize)> {
    let (stem, number) = key.rsplit_once('.')?;
    stem.rsplit('/').next().filter(|word| !word.is_empty() && *word != "at")?;
    Some((stem, number.parse().ok().filter(|number| *number > 0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_only_counts_is_told_from_one_of_its_own() {
        assert_eq!(counted("sh.2"), Some(("sh", 2)));
        assert_eq!(counted("a/sh.1/confirm.10"), Some(("a/sh.1/confirm", 10)));
        for own in ["a/sh.1/b", "step/v1.x", "step", "step/.1", "baseline/at.4", "sh.0"] {
            assert_eq!(counted(own), None, "{own}");
        }
    }
}
