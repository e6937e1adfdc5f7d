//! Reports: what is made of the run itself.

use std::collections::BTreeSet;

use crate::check::args::Args;
use crate::check::context::{Checker, NOWHERE};
use crate::check::lower::Made;
use crate::check::program::{
    Class, Column, Expr, ExprKind, NodeId, NodeKind, ReportFrom, SamplesFormat, TextPart, VarId, VarKind,
};
use crate::check::signature::Named;
use crate::check::types;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast;
use crate::text;
use crate::text::Text;
use crate::value::Value;
use crate::value::types::Type;

impl Checker<'_> {
    pub(super) fn report(&mut self, args: &mut Args<'_>) -> Made {
        let to = self.required(args, "to");
        let template = self.const_text(args, "template");
        let table = args.take("table");
        let columns = args.take("columns");
        let samples = args.take("samples");
        if let (Some(columns), None) = (&columns, &table) {
            self.say(Diagnostic::error(
                Code::RB0313,
                columns.span,
                text!("`columns:` belongs to `table:`", "`columns:` 属于 `table:`"),
            ));
        }
        let from = match (template, table, samples) {
            (Some((path, span)), None, None) => {
                self.template(&path, span);
                ReportFrom::Template(path)
            }
            (None, None, Some(samples)) => {
                let sample = self.series_of(&samples.value);
                ReportFrom::Samples { sample: sample.unwrap_or(NOWHERE), format: self.samples_format(&to) }
            }
            (None, Some(table), None) => {
                let sample = self.series_table(&table.value);
                let columns = columns.map_or_else(
                    || vec![Column::Target, Column::Min, Column::Max, Column::Mean, Column::Verdict],
                    |columns| self.columns(&columns.value),
                );
                ReportFrom::Table { sample: sample.unwrap_or(NOWHERE), columns }
            }
            (Some(_), _, Some(_)) | (Some(_), Some(_), _) | (_, Some(_), Some(_)) | (None, None, None) => {
                let message = text!(
                    "a report is made from one of `template:`, `table:`, `samples:`",
                    "报告由 `template:`、`table:`、`samples:` 之一生成"
                );
                self.say(Diagnostic::error(Code::RB0308, args.head(), message).help(Text::verbatim(args.word.form)));
                ReportFrom::Template(String::new())
            }
        };
        Made::of(NodeKind::Report { from, to }, Class::Record)
    }

    pub(super) fn chart(&mut self, args: &mut Args<'_>) -> Made {
        let to = self.required(args, "to");
        if written_ending(&to) != Some("svg") && !matches!(to.ty, Type::Unknown) {
            let message = text!("a chart is written as `.svg`", "图表写为 `.svg`");
            self.say(
                Diagnostic::error(Code::RB0311, to.span, message).help(Text::verbatim("to: \"results/trend.svg\"")),
            );
        }
        let series = args.arg("series").and_then(|series| self.named_var(series, Named::Series));
        let slos = args.take("slos");
        let from = match series {
            Some((var, VarKind::Series(sample))) => {
                ReportFrom::Chart { sample, objectives: slos.and_then(|slos| self.drawn(&slos.value, var)) }
            }
            Some(_) | None => ReportFrom::Chart { sample: NOWHERE, objectives: None },
        };
        Made::of(NodeKind::Report { from, to }, Class::Record)
    }

    /// `slos: all`, or objectives that are in the series.
    fn drawn(&mut self, e: &ast::Expr, series: VarId) -> Option<Vec<usize>> {
        if types::word(e).as_deref() == Some("all") {
            return None;
        }
        let items: Vec<&ast::Expr> = match &*e.kind {
            ast::ExprKind::List(items) => items.iter().collect(),
            _ => vec![e],
        };
        if items.is_empty() {
            self.say(
                Diagnostic::error(Code::RB0308, e.span, text!("a chart without objectives", "图表没有目标"))
                    .help(Text::verbatim("slos: all")),
            );
        }
        let in_series = match self.names.var(series).map(|var| &var.ty) {
            Some(Type::Record(fields)) => fields.keys().cloned().collect(),
            Some(_) | None => BTreeSet::new(),
        };
        let mut drawn = Vec::new();
        for item in items {
            let Some(index) = self.named(item, Named::Objective) else { continue };
            if types::word(item).is_some_and(|key| !in_series.contains(&key)) {
                let message = text!(
                    "this objective is not in this observation: there is nothing to draw",
                    "此目标不在本观察中：没有可画的内容"
                );
                self.say(
                    Diagnostic::error(Code::RB0653, item.span, message)
                        .help(text!("`slos:` of the `sample` names them", "`sample` 的 `slos:` 列出目标")),
                );
            }
            drawn.push(index);
        }
        Some(drawn)
    }

    /// `baseline`
    fn series_of(&mut self, e: &ast::Expr) -> Option<NodeId> {
        match self.named_var(e, Named::Series)?.1 {
            VarKind::Series(node) => Some(node),
            _ => None,
        }
    }

    /// The form of samples is said by the ending of their file, which is written out for that.
    fn samples_format(&mut self, to: &Expr) -> SamplesFormat {
        match written_ending(to) {
            Some("csv") => return SamplesFormat::Csv,
            Some("json") => {}
            _ if matches!(to.ty, Type::Unknown) => {}
            _ => self.say(
                Diagnostic::error(
                    Code::RB0311,
                    to.span,
                    text!("samples are written as `.csv` or as `.json`", "样本写为 `.csv` 或 `.json`"),
                )
                .help(Text::verbatim("to: \"results/samples.csv\"")),
            ),
        }
        SamplesFormat::Json
    }

    /// `baseline.slos`
    fn series_table(&mut self, e: &ast::Expr) -> Option<NodeId> {
        let expr = self.expr(e);
        if let ExprKind::Field(of, field) = &*expr.kind
            && field == "slos"
            && let ExprKind::Var(var) = &*of.kind
            && let Some(VarKind::Series(node)) = self.names.var(*var).map(|var| var.kind)
        {
            return Some(node);
        }
        if !matches!(expr.ty, Type::Unknown) {
            self.say(
                Diagnostic::error(
                    Code::RB0201,
                    e.span,
                    text!("a table is made from the objectives of a series", "表格由序列的目标生成"),
                )
                .help(Text::verbatim("table: baseline.slos")),
            );
        }
        None
    }

    fn columns(&mut self, e: &ast::Expr) -> Vec<Column> {
        const COLUMNS: &[(&str, Column)] = &[
            ("target", Column::Target),
            ("min", Column::Min),
            ("max", Column::Max),
            ("mean", Column::Mean),
            ("last", Column::Last),
            ("whole", Column::Whole),
            ("verdict", Column::Verdict),
        ];
        let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        let items: Vec<&ast::Expr> = match &*e.kind {
            ast::ExprKind::List(items) => items.iter().collect(),
            _ => vec![e],
        };
        let mut columns = Vec::new();
        for item in items {
            let Some(word) = self.one_of(item, &names, &"`columns:`") else { continue };
            columns.extend(COLUMNS.iter().find(|(name, _)| *name == word).map(|(_, column)| *column));
        }
        columns
    }

    /// A template must be there and be readable.
    pub(super) fn template(&mut self, path: &str, span: Span) {
        if self.parts.templates.iter().any(|known| known == path) {
            // It was looked at.
            return;
        }
        self.parts.templates.push(path.to_owned());
        let Some(text) = self.files.text(path) else {
            self.say(
                Diagnostic::error(Code::RB0801, span, text!("there is no template `{path}`", "没有模板 `{path}`"))
                    .help(text!(
                        "a template is a file of UTF-8 text, and its path is relative to the runbook file",
                        "模板是 UTF-8 文本文件，路径相对于 runbook 文件"
                    )),
            );
            return;
        };
        let mut environment = minijinja::Environment::new();
        if let Err(error) = environment.add_template_owned("template", text) {
            let place = error.line().map(|line| text!(", line {line}", " 第 {line} 行")).unwrap_or_default();
            let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            self.say(Diagnostic::error(Code::RB0802, span, text!("{}{}: {}", "{}{}：{}", path, place, reason)).help(
                text!("a template is Jinja: `{{{{ value }}}}`, `{{% if … %}} … {{% endif %}}`, `{{% for x in … %}} … {{% endfor %}}`", "模板使用 Jinja：`{{{{ value }}}}`、`{{% if … %}} … {{% endif %}}`、`{{% for x in … %}} … {{% endfor %}}`"),
            ));
        }
    }
}

/// What stands behind the last dot of a path, where it is written out.
fn written_ending(path: &Expr) -> Option<&str> {
    let last = match &*path.kind {
        ExprKind::Const(Value::Text(text)) => text,
        ExprKind::Text(parts) => match parts.last()? {
            TextPart::Text(text) => text,
            TextPart::Value(_) => return None,
        },
        _ => return None,
    };
    Some(last.rsplit_once('.')?.1)
}
