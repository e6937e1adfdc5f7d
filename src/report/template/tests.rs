use jiff::tz::TimeZone;

use super::*;
use crate::check::program::{
    Again, AnswerType, Objective, OnMissing, Sample, Severity, Title, Until, Var, VarId, VarKind,
};
use crate::check::program::{Class, Collect, CollectField, Expr, ExprKind, Node, NodeId, NodeKind, Program, Retry};
use crate::diagnostic::Span;
use crate::engine::action::Words;
use crate::engine::view::sample::{run, words};
use crate::engine::view::{AnswerView, StepView};
use crate::metrics::indicator::Indicator;
use crate::metrics::objective::{Bound, Compare, Form};
use crate::text::Lang;
use crate::value::human::Unit;
use crate::value::types::Type;
use crate::value::{Value, Verdict};

fn page(lang: Lang) -> Page {
    Page { lang, zone: TimeZone::get("Asia/Shanghai").unwrap() }
}

fn rendered(source: &str) -> String {
    render("t.md.j2", source, &run(), &page(Lang::Zh)).unwrap()
}

fn failure(source: &str) -> TemplateError {
    render("t.md.j2", source, &run(), &page(Lang::Zh)).unwrap_err()
}

#[test]
fn numbers_come_raw_and_as_text_for_people() {
    assert_eq!(
        rendered(
            "{{ slo.http_success.shown.min }} {{ slo.http_success.min | percent }} {{ slo.p99.last }} {{ slo.p99.target }}"
        ),
        "97.996% 98.00% 0.6 ≤ 2 s"
    );
    assert_eq!(
        rendered("{{ 412 | seconds }} {{ 90.5 | duration }} {{ 78000000 | bytes }}"),
        "412.000 s 1 分 31 秒 78.0 MB"
    );
    assert_eq!(rendered("{{ run.started_at | date }} {{ run.started_at | time }}"), "2025-11-18 08:30:02");
}

#[test]
fn what_is_not_there_is_said_to_be_not_there() {
    assert_eq!(rendered("{{ slo.plugin_reload.mean }}"), "无数据");
    assert_eq!(rendered("{{ slo.plugin_reload.mean | percent }}"), "无数据");
    assert_eq!(
        rendered("{{ slo.snapshot.shown.whole }} {{ slo.snapshot.met }} {{ slo.snapshot.whole | percent }}"),
        "无数据 无数据 无数据"
    );
    assert_eq!(rendered("{{ answer.conclusion.shown }} {{ step.new_metrics.mark }}"), "无数据 无数据");
    assert_eq!(rendered("{{ step.new_metrics.verdict | mark }} {{ run.finished_at }}"), "⚠️ 无数据");
    assert_eq!(rendered("{% if step.new_metrics.passed %}ok{% else %}not{% endif %}"), "not", "missing is not passed");
    assert_eq!(rendered("{{ step.new_metrics.verdict == 'pass' }}"), "否");
    assert_eq!(rendered("{% for one in collects.nothing %}x{% else %}none{% endfor %}"), "none");
    assert_eq!(
        rendered("{{ 'stable' in answer.conclusion.value }} {{ 'snapshot' in slo }} {{ 'p99' in slo }}"),
        "否 否 是"
    );
    assert_eq!(rendered("{{ signoff }}|{{ collects.findings[0].advice }}"), "无数据|无数据");
}

#[test]
fn a_breach_never_reads_as_met() {
    assert_eq!(
        rendered("{{ slo.http_success.met }} {{ slo.p99.met }} {{ slo.plugin_reload.met }}"),
        "❌ 未达标 ✅ 达标 ⚠️ 无数据"
    );
    assert_eq!(
        rendered("{{ slo.http_success.passed }} {{ slo.p99.passed }} {{ slo.plugin_reload.passed }}"),
        "否 是 否"
    );
    assert_eq!(rendered("{{ slo.plugin_reload.passed | box }} {{ slo.p99.passed | box }}"), "[ ] [x]");
}

#[test]
fn what_was_met_until_its_observation_was_stopped_does_not_read_as_met() {
    let mut run = run();
    run.observations[0].objectives[1].why = words("采集 4/12 个样本后停止", "stopped after 4 of 12 samples");
    let text = render("t.md.j2", "{{ slo.p99.met }}", &run, &page(Lang::Zh)).unwrap();
    assert_eq!(text, "✅ 达标（采集 4/12 个样本后停止）");
}

#[test]
fn steps_and_answers_are_found_by_the_end_of_their_key() {
    assert_eq!(
        rendered("{{ answer.stable_version.shown }} {{ answer.stable_version.by }}"),
        "v2.4.1 王伟（由 li 代为输入）"
    );
    assert_eq!(rendered("{{ step['prechecks/alerting/mail'].word }} {{ step.mail.mark }}"), "已跳过 ⏭️");
    assert_eq!(rendered("{{ vars.interval }} {{ vars.scrape_token }}"), "10 分 (secret)");
    assert_eq!(
        rendered("{{ series.baseline.observed }} {{ series.baseline.taken }}/{{ series.baseline.count }}"),
        "30 分 2/3"
    );
}

#[test]
fn the_standard_tables_are_functions() {
    assert_eq!(
        rendered("{{ slo_table(['target', 'mean', 'verdict']) }}\n"),
        "\
| 指标 | 目标 | 平均值 | 达标 |
|---|---|---|---|
| HTTP 成功率 | ≥ 98% | 98.60% | ❌ 未达标 |
| P99 延迟 | ≤ 2 s | 0.506 s | ✅ 达标 |
| 插件重载成功率 | ≥ 95% | 无数据 | ⚠️ 无数据 |

已采集 2/3 个样本，遗漏 1 个，出错 0 个

- 3 项指标：1 ❌ 未达标 · 1 ⚠️ 无数据 · 1 ✅ 达标
- 插件重载成功率：区间内没有发生任何事件（0 ÷ 0）
- HTTP 成功率：3 个样本中有 1 个未达标
"
    );
    assert!(rendered("{{ sample_table() }}").contains("| 2 | 09:20:00 | 无数据 |"));
    assert!(failure("{{ slo_table(['targets']) }}").message.en.contains("did you mean `target`?"));
}

#[test]
fn text_from_outside_can_be_kept_in_a_cell() {
    let mut run = run();
    run.deviations[0].what = crate::text::Text::verbatim("a|b\n# forged");
    let source = "| {{ deviations[0].what | cell }} | {{ deviations[0].what | code }} |";
    let text = render("t", source, &run, &page(Lang::En)).unwrap();
    assert_eq!(text, r"| a\|b<br>\# forged | `a\|b # forged` |");
}

#[test]
fn errors_name_their_line() {
    let unknown = failure("a\n{{ runn.id }}\n");
    assert_eq!(unknown.line, Some(2));
    assert!(unknown.message.en.starts_with("undefined value"), "{unknown:?}");
    let syntax = failure("a\n{% if x %}\n");
    assert!(syntax.message.en.starts_with("syntax error"), "{syntax:?}");
    assert!(failure("{{ 'x' | percent }}").message.en.contains("is no number"));
    assert!(failure(&"x".repeat(MAX_TEMPLATE_BYTES + 1)).message.en.contains("at most"));
}

fn title() -> Title {
    let kind = Box::new(ExprKind::Const(Value::Text("t".to_owned())));
    Title { text: Expr { kind, ty: Type::Text, span: Span::default() }, en: None }
}

fn number(n: i64) -> Expr {
    Expr { kind: Box::new(ExprKind::Const(Value::Int(n))), ty: Type::Int, span: Span::default() }
}

fn node(id: u32, word: &'static str, key: &str, bind: Option<u32>, kind: NodeKind) -> Node {
    Node {
        id: NodeId(id),
        word,
        parent: None,
        key: key.to_owned(),
        title: Some(title()),
        span: Span::default(),
        line: 1,
        cond: None,
        class: Class::Pure,
        narrowed: None,
        again: Again::Safe,
        severity: Severity::Fail,
        timeout: None,
        retry: Retry::default(),
        bind: bind.map(VarId),
        digest: String::new(),
        needs: Vec::new(),
        kind,
    }
}

fn program() -> Program {
    let var = |name: &str, kind| Var { name: name.to_owned(), ty: Type::Text, kind, span: Span::default() };
    let fits =
        AnswerType { ty: Type::Text, optional: false, default: None, min: None, max: None, matches: None, must: false };
    let sample = Sample {
        source: 0,
        since: None,
        every: number(1),
        until: Until::Count(number(1)),
        objectives: vec![0],
        log: None,
        handlers: Vec::new(),
        alert_sources: Vec::new(),
    };
    let objective = Objective {
        key: "http_success".to_owned(),
        title: title(),
        source: 0,
        indicator: Indicator::Exact(Form::Ratio { part: Vec::new(), total: Vec::new() }),
        unit: Unit::Percent,
        target: Bound { compare: Compare::AtLeast, limit: 0.98 },
        alert: None,
        no_data: OnMissing::Fail,
        on_error: OnMissing::Fail,
        min_samples: 0,
        gate: crate::metrics::gate::Rule::default(),
        delay: None,
        span: Span::default(),
    };
    let field = CollectField { name: "problem".to_owned(), title: title(), ty: Type::Text, optional: false };
    Program {
        name: "p".to_owned(),
        title: title(),
        digest: String::new(),
        timezone: "UTC".to_owned(),
        window: None,
        owner: None,
        environments: Vec::new(),
        params: Vec::new(),
        secrets: Vec::new(),
        lets: Vec::new(),
        roles: Vec::new(),
        sources: Vec::new(),
        channels: Vec::new(),
        guards: Vec::new(),
        locks: Vec::new(),
        objectives: vec![objective],
        collects: vec![Collect { name: "findings".to_owned(), var: VarId(2), title: title(), fields: vec![field] }],
        notes: Vec::new(),
        vars: vec![
            var("baseline", VarKind::Series(NodeId(0))),
            var("interval", VarKind::Fixed),
            var("findings", VarKind::Collect(0)),
        ],
        nodes: vec![
            node(0, "sample", "observe/baseline", Some(0), NodeKind::Sample(Box::new(sample))),
            node(1, "ask", "write/conclusion", None, NodeKind::Ask { answer: Box::new(fits), people: Box::default() }),
        ],
        main: Vec::new(),
        rollback: None,
        finally: None,
        scenarios: Vec::new(),
        templates: Vec::new(),
    }
}

fn found(source: &str) -> Vec<(Option<u32>, String)> {
    check("t", source, &program())
        .into_iter()
        .map(|error| {
            (error.line, format!("{} {}", error.message.en, error.help.unwrap_or_default().en).trim().to_owned())
        })
        .collect()
}

#[test]
fn the_check_finds_every_unknown_name_at_once() {
    let source = "\
{{ slo.http_succes.met }}
{{ run.idd }} {{ answer.conclusion.shown }} {{ answer.conclusio.shown }}
{% for one in slos %}{{ one.key }}{% endfor %}
{{ nothing }} {{ vars.interval }} {{ series.baseline.observed }} {{ slo_table() }}
{% for n in range(3) %}{{ n }}{{ loop.index }}{% endfor %}
";
    assert_eq!(
        found(source),
        [
            (Some(1), "unknown name `http_succes` in `slo` did you mean `http_success`?".to_owned()),
            (Some(2), "unknown name `conclusio` in `answer` did you mean `conclusion`?".to_owned()),
            (Some(2), "unknown name `idd` in `run` did you mean `id`?".to_owned()),
            (Some(4), "unknown name `nothing`".to_owned()),
        ]
    );
}

#[test]
fn the_check_looks_into_loops_and_at_filters() {
    assert_eq!(found("{% for one in collects.findings %}{{ one.problem }}{% endfor %}"), []);
    let inside = found("x\n{% for one in collects.findings %}\n{{ one.problme }}{% endfor %}");
    assert_eq!(inside.len(), 1);
    assert_eq!(inside[0].0, Some(3));
    assert!(found("{{ slos | percnt }}")[0].1.contains("percnt"));
    assert!(found("{% include 'other.j2' %}")[0].1.contains("template not found"));
    assert!(found("{% if %}")[0].1.contains("syntax error"));
    assert_eq!(
        found("{{ slo.http_success.whole | percent }}: {{ slo.http_success.whole * 2 }}"),
        [],
        "values come with the run"
    );
}

/// The reference tells every name that a template may use.
#[test]
fn the_reference_names_all_there_is() {
    let reference = include_str!("../../../docs/templates.md");
    let page = page(Lang::En);
    let mut waiting =
        vec![(String::new(), context::of(&run(), &page, context::Unknown::IsUndefined, &missing::Missed::default()))];
    while let Some((path, value)) = waiting.pop() {
        let dynamic = ["slo", "series", "step", "answer", "vars", "collects", "values", "entry"];
        let named_by_the_author =
            dynamic.contains(&path.rsplit('.').next().unwrap_or_default()) || path.starts_with(".collects.");
        if matches!(value.kind(), minijinja::value::ValueKind::Map | minijinja::value::ValueKind::Iterable) {
            for key in value.try_iter().unwrap() {
                let key = key.to_string();
                let child = value.get_item(&minijinja::Value::from(key.as_str())).unwrap();
                if !named_by_the_author {
                    assert!(
                        reference.contains(&format!("`{key}`")),
                        "docs/templates.md does not name `{key}` of {path}"
                    );
                }
                waiting.push((format!("{path}.{key}"), child));
            }
        } else if value.kind() == minijinja::value::ValueKind::Seq {
            waiting.extend(value.try_iter().unwrap().map(|item| (path.clone(), item)));
        }
    }
    let mut environment = environment(&page);
    context::functions(&mut environment, &run(), &page);
    for filter in
        ["percent", "seconds", "bytes", "number", "duration", "date", "time", "word", "mark", "box", "cell", "code"]
    {
        assert!(reference.contains(&format!("`{filter}`")), "docs/templates.md does not name the filter {filter}");
    }
}

const REPORT: &str = include_str!("../../../runbooks/templates/phase5-report.md.j2");

const ROADMAP: &str = include_str!("../../../runbooks/templates/roadmap.md.j2");

/// The run at its end, in the plan's good case but for one metric that is not reported.
fn finished() -> RunView {
    let mut run = run();
    run.simulated = false;
    run.reasons.clear();
    run.observations[0].ended = Some("complete".to_owned());
    run.observations[0].verdict = Verdict::Pass;
    run.observations[0].missed = 0;
    for objective in &mut run.observations[0].objectives {
        objective.verdict = Verdict::Pass;
        objective.whole = Some(0.995);
        objective.why = Words::default();
    }
    let assert = |metric: &str, state| StepView {
        key: format!("collection/new_metrics/each.1[{metric}]/assert.1#1"),
        static_key: "collection/new_metrics/each.1/assert.1".to_owned(),
        word: "assert".to_owned(),
        title: words(&format!("{metric} 正常上报"), ""),
        state,
        ..run.steps[0].clone()
    };
    let verify = StepView {
        static_key: "collection/new_metrics".to_owned(),
        word: "verify".to_owned(),
        state: Verdict::Fail,
        ..run.steps[0].clone()
    };
    let new = [
        verify,
        assert("metasheet_plugin_reload_total", Verdict::Pass),
        assert("metasheet_snapshot_create_total", Verdict::Fail),
    ];
    run.steps.extend(new);
    let answered = |key: &str, value: Value, choice: Option<Words>| AnswerView {
        static_key: key.to_owned(),
        value,
        choice,
        told_by: None,
        ..run.answers[0].clone()
    };
    let stable = Value::List(vec![Value::Text("stable".to_owned())]);
    let conclusion = answered("reporting/write_report/conclusion", stable, None);
    run.signoff = Some(answered("reporting/phase5_status", Value::Text("pass".to_owned()), Some(words("通过", ""))));
    run.answers.push(conclusion);
    run
}

#[test]
fn the_completion_report_has_every_blank_of_the_plan_filled() {
    assert_eq!(
        render("report", REPORT, &finished(), &page(Lang::Zh)).unwrap(),
        "\
# Phase 5 生产基线观察报告

**观察日期**: 2025-11-18
**观察时长**: 30 分（2/3 样本，每 10 分）
**观察环境**: production
**运行编号**: `20251118-0900-phase5-k3f9`
**负责人**: 王伟　**执行者**: li
**实际执行**: 2025-11-18 08:30:02 起，至本报告 1 小时 1 分

---

## 执行摘要

Phase 5 生产基线观察已**部分成功**完成：有样本遗漏、出错，或有指标没有数据、没有正常上报。

**关键发现**:
- HTTP 成功率: 99.50% (目标 ≥ 98%) ✅ 达标
- P99 延迟: 0.995 s (目标 ≤ 2 s) ✅ 达标
- Fallback 率: 无数据 (目标 无数据) 无数据
- 插件重载成功率: 99.50% (目标 ≥ 95%) ✅ 达标
- Snapshot 成功率: 无数据 (目标 无数据) 无数据

---

## SLO 基线数据

| 指标 | 目标 | 最小值 | 最大值 | 平均值 | 达标 |
|---|---|---|---|---|---|
| HTTP 成功率 | ≥ 98% | 97.996% | 99.20% | 98.60% | ✅ 达标 |
| P99 延迟 | ≤ 2 s | 0.412 s | 0.600 s | 0.506 s | ✅ 达标 |
| 插件重载成功率 | ≥ 95% | 无数据 | 无数据 | 无数据 | ✅ 达标 |

已采集 2/3 个样本，遗漏 0 个，出错 0 个

- HTTP 成功率：3 个样本中有 1 个未达标

### 各样本

| # | 时间 | HTTP 成功率 | P99 延迟 | 插件重载成功率 | 说明 |
|---|---|---|---|---|---|
| 1 | 09:10:00 | 99.20% | 0.412 s | 无数据 |  |
| 2 | 09:20:00 | 无数据 | 无数据 | 无数据 | 遗漏：到期时没有执行者 |
| 3 | 09:30:00 | ❌ 97.996% | 0.600 s | 无数据 | 此前计数器已归零；覆盖 2 个区间 |

---

## 新增指标验证

Phase 8-9 新增指标**部分异常**:
- 插件重载指标: ✅ 正常
- Snapshot 指标: ❌ 1 项异常
  - ✅ metasheet\\_plugin\\_reload\\_total 正常上报
  - ❌ metasheet\\_snapshot\\_create\\_total 正常上报：未通过

---

## 发现的问题

1. 邮件中继不可用
   - 影响: 低
   - 建议: 未填写

**与计划不同之处**:
- 2025-11-18 08:31:10 li：跳过 prechecks/alerting/mail：relay is down

---

## 结论与建议

基于本次观察结果，建议:
- [x] Phase 6-9 能力稳定，可进入 Sprint 1 其他工作
- [ ] 需要优化某些指标后再进行下一步
- [ ] 需要延长观察时间

（王伟，2025-11-18 08:40:00）

---

**下一步行动**:
1. 将 SLO 基线数据更新到正式文档（⏳ 未完成）
2. 设置基于基线的告警阈值（⏳ 未完成）
3. 开始 Sprint 1 开发工作（⏳ 未完成）

**Phase 5 状态**: 通过
**签字**: 王伟
**日期**: 2025-11-18
"
    );
}

#[test]
fn the_completion_report_of_a_run_that_got_nowhere_says_so() {
    let mut run = run();
    run.observations.clear();
    run.status = "aborted".to_owned();
    let text = render("report", REPORT, &run, &page(Lang::Zh)).unwrap();
    for line in [
        "# Phase 5 生产基线观察报告（模拟运行 SIMULATED）",
        "**观察时长**: 无数据（无数据/无数据 样本，每 无数据）",
        "Phase 5 生产基线观察**未开始**。",
        "- HTTP 成功率: 无数据 (目标 ≥ 98%) ⏳ 未完成",
        "- Snapshot 成功率: 无数据 (目标 无数据) 无数据",
        "尚未验证新增指标。",
        "尚未给出结论。",
        "**Phase 5 状态**: 报告生成时尚未签字",
    ] {
        assert!(text.lines().any(|have| have == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains('✅'), "nothing of it reads as passed:\n{text}");
}

#[test]
fn the_road_map_gets_the_plans_block() {
    assert_eq!(
        render("roadmap", ROADMAP, &finished(), &page(Lang::Zh)).unwrap(),
        "\
### 实测结果 (2025-11-18)

**状态**: ✅ 已验证通过

- 观察时长: 30 分 (2/3 样本)
- HTTP 成功率: 99.50% (✅ 达标)
- P99 延迟: 0.995 s (✅ 达标)
- Fallback 率: 无数据 (无数据)
- 插件重载成功率: 99.50% (✅ 达标)
- Snapshot 成功率: 无数据 (无数据)

**报告**: [Phase 5 完成报告](claudedocs/PHASE5_COMPLETION_REPORT.md)
"
    );
}

/// The templates of the go-live name only what its runbook has.
#[test]
fn the_go_lives_templates_check_clean() {
    struct Empty;
    impl crate::check::Templates for Empty {
        fn text(&self, _: &str) -> Option<String> {
            Some(String::new())
        }
    }
    let checked = crate::check::check(include_str!("../../../runbooks/phase5.rb"), &Empty);
    let program = checked.program.unwrap();
    assert_eq!(program.templates, ["templates/phase5-report.md.j2", "templates/roadmap.md.j2"]);
    assert_eq!(check("report", REPORT, &program), []);
    assert_eq!(check("roadmap", ROADMAP, &program), []);
}

/// A run with a command's result, as `parse: json` gives it.
fn measured() -> crate::engine::view::RunView {
    let json = crate::value::json::read_json(r#"{"p99": 0.412, "rows": [{"name": "a"}], "none": null}"#).unwrap();
    let mut run = run();
    run.vars.push(("bench".to_owned(), Value::Map([("value".to_owned(), json)].into())));
    run
}

#[test]
fn values_of_parsed_output_can_be_named_and_a_missing_path_is_an_error() {
    let of = |source: &str| render("t", source, &measured(), &page(Lang::En));
    let good = "{{ vars.bench.value.p99 }} {% for row in vars.bench.value.rows %}{{ row.name }}{% endfor %} \
                {{ vars.bench.value.none }} {{ vars.bench.value.p50 | default('-') }} {{ 'p50' in vars.bench.value }}";
    assert_eq!(of(good).unwrap(), "0.412 a no data - no");
    for (source, path) in [
        ("\n{{ vars.bench.value.p50 }}", "vars.bench.value.p50"),
        ("\n{{ vars.bench.value.p50.deep }}", "vars.bench.value.p50"),
        ("\n{{ vars.bench.value.rows[0].size }}", "vars.bench.value.rows[0].size"),
        ("\n{{ vars.bench.value.rows[3].size }}", "vars.bench.value.rows[3]"),
        ("\n{% if vars.bench.value.p50 > 3 %}x{% endif %}", "vars.bench.value.p50"),
    ] {
        let error = of(source).unwrap_err();
        assert_eq!(error.line, Some(2), "{error:?}");
        assert_eq!(error.message.en, format!("this run has no `{path}`"));
    }
}

#[test]
fn the_check_knows_the_fields_of_a_result_and_takes_any_path_in_parsed_output() {
    let checked = crate::check::check(
        r#"
runbook bench, "Bench" do
  sh read: "bench", timeout: 1.s, parse: json, as: bench
  sh read: "date", timeout: 1.s, as: today
end
"#,
        &crate::check::NoTemplates,
    );
    let program = checked.program.unwrap();
    let wrong = |source: &str| -> Vec<String> {
        check("t", source, &program).into_iter().map(|error| error.message.en).collect()
    };
    assert_eq!(
        wrong("{{ vars.bench.value.p99 | number }} {{ vars.bench.value.rows[0].x }} {{ vars.today.out }}"),
        [""; 0]
    );
    assert_eq!(wrong("{{ vars.bench.valu.p99 }}"), ["unknown name `valu` in `vars.bench`"]);
    assert_eq!(wrong("{{ vars.bnch.value }}"), ["unknown name `bnch` in `vars`"]);
}
