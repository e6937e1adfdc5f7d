//! `status --format json`, as other programs read it.

use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use crate::console::about;
use crate::console::lang::kind;
use crate::console::style::Style;
use crate::engine::view::{ParkedView, RunView, WaitingView};
use crate::journal::store::{Post, Posted};
use crate::text::Lang;

/// Version of the form; grows with a change that an old reader would misread.
pub const SCHEMA: u32 = 1;

/// The model. `interrupted`: the journal says that it runs, and no executor is alive. `posted`: what lies in its inbox.
pub fn model(run: &RunView, interrupted: bool, posted: &[Posted]) -> Json {
    let open = matches!(run.status.as_str(), "running" | "waiting");
    let refused = run.status == "refused";
    let status = match run.status.as_str() {
        _ if interrupted && open => "interrupted",
        // The list of states is fixed; that nothing ran is said beside it.
        "refused" => "aborted",
        other => other,
    };
    let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string());
    json!({
        "schema": SCHEMA,
        "run": run.run,
        "runbook": run.runbook,
        "title": run.title.text,
        "environment": run.environment,
        "simulated": run.simulated,
        "status": status,
        "refused": refused,
        "verdict": run.verdict.map(crate::value::Verdict::as_str),
        "executor": run.executor,
        "owner": run.owner,
        "started_at": time(run.started_at),
        "finished_at": time(run.finished_at),
        "next_due": time(run.next_due),
        "detached_since": time(run.detached.filter(|_| !interrupted)),
        "reasons": run.reasons.iter().map(|reason| &reason.text).collect::<Vec<_>>(),
        "waiting": run.waiting.iter().map(waiting).collect::<Vec<_>>(),
        "parked": run.parked.iter().map(parked).collect::<Vec<_>>(),
        "posted": posted.iter().map(in_inbox).collect::<Vec<_>>(),
    })
}

/// What was posted from another terminal and no executor has taken yet.
fn in_inbox(posted: &Posted) -> Json {
    let at = posted.at.to_string();
    match &posted.post {
        Post::Answer { prompt, answer, .. } => {
            json!({ "what": "answer", "id": prompt.0, "by": answer.by, "because": answer.note, "at": at })
        }
        Post::Command { by, command } => {
            let (what, because) = super::commanded(command);
            json!({ "what": what, "by": by, "because": because, "at": at })
        }
    }
}

fn parked(one: &ParkedView) -> Json {
    json!({
        "key": one.key,
        "title": one.title.text,
        "title_en": one.title.en,
        "because": one.because.text,
        "since": one.since.to_string(),
    })
}

fn waiting(one: &WaitingView) -> Json {
    json!({
        "key": one.key,
        "id": one.id,
        "kind": kind(&one.prompt.kind),
        "title": one.title.text,
        "title_en": one.title.en,
        "about": about::lines(&one.prompt.kind, &Style::plain(Lang::En, TimeZone::UTC)),
        "type": one.prompt.answer.ty.to_string(),
        "options": super::options(&one.prompt),
        "by": one.prompt.by.as_ref().map(|by| &by.key),
        "people": one.prompt.by.as_ref().map(|by| by.people.clone()).unwrap_or_default(),
        "since": one.since.to_string(),
        "branch": one.branch,
        "deadline": one.deadline.map(|deadline| deadline.to_string()),
    })
}
