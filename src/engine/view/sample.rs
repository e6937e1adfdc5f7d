//! A run for the tests of console and report: three samples of the Phase 5 plan, one of them missed, one with a breach.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::engine::action::{Choice, PromptKind, Role, Urgency};
use crate::metrics::objective::{Bound, Compare};
use crate::text;
use crate::value::answer::AnswerSpec;
use crate::value::human::Unit;
use crate::value::types::Type;

/// `HH:MM:SS` in Shanghai on the day of the plan.
pub(crate) fn at(time: &str) -> Timestamp {
    format!("2025-11-18T{time}+08:00").parse().unwrap()
}

pub(crate) fn words(text: &str, en: &str) -> Words {
    Words::own(text, (!en.is_empty()).then(|| en.to_owned()))
}

/// A prompt of a kind, of a type.
pub(crate) fn prompt(kind: PromptKind, ty: Type) -> Prompt {
    Prompt {
        kind,
        answer: AnswerSpec::of(ty),
        default: None,
        choices: Vec::new(),
        show: Vec::new(),
        by: None,
        not_executor: false,
        evidence: None,
        within: None,
        remind: None,
        never_auto: false,
        urgency: Urgency::Other,
        can_rollback: true,
    }
}

/// A choice between these keys.
pub(crate) fn choosing(kind: PromptKind, keys: &[(&str, &str)]) -> Prompt {
    let members = keys.iter().map(|(key, _)| (*key).to_owned()).collect();
    let choice =
        |(key, title): &(&str, &str)| Choice { key: (*key).to_owned(), title: words(title, ""), refused: None };
    Prompt { choices: keys.iter().map(choice).collect(), ..prompt(kind, Type::OneOf(members)) }
}

pub(crate) fn role(key: &str, title: &str, people: &[&str]) -> Role {
    Role { key: key.to_owned(), title: words(title, ""), people: people.iter().map(|&name| name.to_owned()).collect() }
}

fn objective(key: &str, title: &str, unit: Unit, target: Bound, values: &[f64]) -> ObjectiveView {
    let sign = if target.compare == Compare::AtLeast { ">=" } else { "<=" };
    let held = values.iter().filter(|value| target.holds(**value)).count();
    ObjectiveView {
        shown: ObjectiveShown {
            key: key.to_owned(),
            title: words(title, ""),
            target: format!("{sign} {}", crate::value::human::limit(target.limit, unit)),
            target_bound: target,
            alert: None,
            alert_bound: None,
            unit,
        },
        verdict: Verdict::Pass,
        why: Words::default(),
        min: values.iter().copied().reduce(f64::min),
        max: values.iter().copied().reduce(f64::max),
        mean: (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64),
        last: values.last().copied(),
        whole: values.last().copied(),
        used: u32::try_from(values.len()).unwrap(),
        breaches: u32::try_from(values.len() - held).unwrap(),
        no_data: 0,
        errors: 0,
        missed: 1,
    }
}

fn value(objective: &str, value: Option<f64>, verdict: Verdict) -> SampleValue {
    SampleValue { objective: objective.to_owned(), value, verdict, alert: false, why: Words::default() }
}

fn taken(n: u32, time: &str, values: Vec<SampleValue>) -> SampleView {
    SampleView {
        n,
        due: at(time),
        at: Some(at(time)),
        state: "taken".to_owned(),
        why: Text::default(),
        reset: false,
        spans: 1,
        values,
    }
}

/// The observation: success rate, latency, and plugin reloads, of which there were none.
pub(crate) fn observation() -> ObservationView {
    let at_least = |limit| Bound { compare: Compare::AtLeast, limit };
    let reload = ObjectiveView {
        verdict: Verdict::NoData,
        why: words("区间内没有发生任何事件（0 ÷ 0）", "nothing happened in the interval (0 ÷ 0)"),
        no_data: 2,
        ..objective("plugin_reload", "插件重载成功率", Unit::Percent, at_least(0.95), &[])
    };
    let none = || value("plugin_reload", None, Verdict::NoData);
    let first =
        vec![value("http_success", Some(0.992), Verdict::Pass), value("p99", Some(0.412), Verdict::Pass), none()];
    let third =
        vec![value("http_success", Some(0.97996), Verdict::Breach), value("p99", Some(0.6), Verdict::Pass), none()];
    ObservationView {
        key: "observe/baseline".to_owned(),
        name: "baseline".to_owned(),
        title: words("持续监控", "Observation"),
        every: SignedDuration::from_mins(10),
        count: Some(3),
        ended: None,
        verdict: Verdict::Pending,
        started_at: Some(at("09:00:00")),
        next: None,
        taken: 2,
        missed: 1,
        errors: 0,
        objectives: vec![
            ObjectiveView {
                verdict: Verdict::Breach,
                ..objective("http_success", "HTTP 成功率", Unit::Percent, at_least(0.98), &[0.992, 0.97996])
            },
            objective("p99", "P99 延迟", Unit::Seconds, Bound { compare: Compare::AtMost, limit: 2.0 }, &[0.412, 0.6]),
            reload,
        ],
        samples: vec![
            taken(1, "09:10:00", first),
            SampleView { state: "missed".to_owned(), at: None, ..taken(2, "09:20:00", Vec::new()) },
            SampleView { reset: true, spans: 2, ..taken(3, "09:30:00", third) },
        ],
    }
}

fn step(key: &str, word: &str, depth: u32, title: &str, state: Verdict) -> StepView {
    StepView {
        key: format!("{key}#1"),
        static_key: key.to_owned(),
        word: word.to_owned(),
        depth,
        title: words(title, ""),
        what: Words::default(),
        stdin: None,
        state,
        started_at: at("08:31:00"),
        took: Some(SignedDuration::from_millis(1_200)),
        attempts: 1,
        detail: Text::default(),
    }
}

/// The run, in the middle of the observation, waiting for a decision.
pub(crate) fn run() -> RunView {
    let decide = choosing(PromptKind::Decide, &[("go_on", "继续观察"), ("terminate", "终止并回滚")]);
    let failed = StepView {
        detail: text!("exit code 1", "退出码 1"),
        ..step("prechecks/alerting/mail", "sh", 2, "邮件通知", Verdict::Skipped)
    };
    RunView {
        run: "20251118-0900-phase5-k3f9".to_owned(),
        runbook: "phase5".to_owned(),
        title: words("Phase 5 生产基线上线", "Phase 5 production baseline"),
        digest: "d1".to_owned(),
        environment: Some("production".to_owned()),
        simulated: true,
        timezone: "Asia/Shanghai".to_owned(),
        executor: "li".to_owned(),
        owner: Some("王伟".to_owned()),
        detached: None,
        status: "waiting".to_owned(),
        window: Some((at("09:00:00"), at("12:00:00"))),
        started_at: Some(at("08:30:02")),
        finished_at: None,
        at: Some(at("09:31:30")),
        verdict: Some(Verdict::Pending),
        reasons: vec![words("邮件通知：已跳过", "mail: skipped")],
        vars: vec![
            ("interval".to_owned(), Value::Duration(SignedDuration::from_mins(10))),
            ("scrape_token".to_owned(), Value::Text("(secret)".to_owned())),
        ],
        steps: vec![
            step("prechecks", "section", 0, "事前检查", Verdict::Pass),
            failed,
            step("observe", "section", 0, "持续监控", Verdict::Pending),
        ],
        objectives: observation().objectives.into_iter().map(|objective| objective.shown).collect(),
        observations: vec![observation()],
        waiting: vec![WaitingView {
            id: "metrics_bad/slo_decision#1".to_owned(),
            key: "metrics_bad/slo_decision".to_owned(),
            title: words("决策", "Decision"),
            since: at("09:30:01"),
            deadline: None,
            branch: None,
            prompt: Prompt { by: Some(role("oncall", "值班", &["wang", "zhao"])), ..decide },
        }],
        parked: Vec::new(),
        answers: vec![AnswerView {
            key: "prechecks/rollback_ready/stable_version#1".to_owned(),
            static_key: "prechecks/rollback_ready/stable_version".to_owned(),
            title: words("上一个稳定版本标识", ""),
            value: Value::Text("v2.4.1".to_owned()),
            choice: None,
            by: "王伟".to_owned(),
            told_by: Some("li".to_owned()),
            at: at("08:40:00"),
            note: None,
            evidence: None,
        }],
        deviations: vec![DeviationView {
            at: at("08:31:10"),
            by: "li".to_owned(),
            what: text!(
                "skipped prechecks/alerting/mail: relay is down",
                "跳过 prechecks/alerting/mail：relay is down"
            ),
        }],
        notes: vec![(at("09:12:00"), words("基线值：HTTP 99.2%", ""))],
        problems: vec![(
            "findings".to_owned(),
            Value::Map(std::collections::BTreeMap::from([
                ("impact".to_owned(), Value::Text("low".to_owned())),
                ("problem".to_owned(), Value::Text("邮件中继不可用".to_owned())),
                ("advice".to_owned(), Value::Null),
            ])),
        )],
        items: Vec::new(),
        alerts: Vec::new(),
        undos: vec![words("kubectl -n default rollout undo deployment/metasheet", "")],
        rollback: None,
        signoff: None,
        absent: vec!["prod_alerts".to_owned()],
        next_due: Some(at("09:40:00")),
    }
}
