//! Parameters: what they take, where their values come from, and the limits that they share with questions.

use std::collections::BTreeMap;

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::lower::values::in_order;
use crate::check::program::{Param, Pattern};
use crate::check::{signature, types};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast;
use crate::text;
use crate::text::{Both, Text};
use crate::value::types::Type;
use crate::value::unit;
use crate::value::{Value, ops};

impl Checker<'_> {
    /// `param NAME, TYPE, …`
    pub(super) fn param(&mut self, args: &mut Args<'_>) {
        let head = args.head();
        let title = self.title(args, "title");
        let ty = match args.arg("type").map(types::read) {
            Some(Ok(ty)) => ty,
            Some(Err(wrong)) => {
                self.say(wrong);
                Type::Unknown
            }
            None => Type::Unknown,
        };
        let env = self.variable(args);
        let from_label = self.label_name(args);
        let default =
            args.take("default").and_then(|option| self.const_of(&option.value, &ty, &Both("the default", "默认值")));
        let per_env = self.per_env(args, &ty);
        let optional = self.flag(args, "optional").unwrap_or(false);
        let min = args.take("min").and_then(|option| self.const_of(&option.value, &ty, &"`min:`"));
        let max = args.take("max").and_then(|option| self.const_of(&option.value, &ty, &"`max:`"));
        self.limits(head, &ty, min.as_ref(), max.as_ref(), default.as_ref());
        let matches = self.matches_option(args, &ty);
        self.default_matches(head, matches.as_ref(), default.as_ref());
        let not_host = self.not_host(args, &ty);
        let unit = self.bare_unit(args, &ty);
        let name = args.arg("name").and_then(|name| self.bare_name(name, &Both("a parameter", "参数")));
        let (Some(name), Some(var)) = (name, self.own_var(args, "name")) else { return };
        let span = head;
        self.parts.params.push(Param {
            name,
            var,
            title,
            ty,
            env,
            from_label,
            default,
            per_env,
            optional,
            min,
            max,
            matches,
            not_host,
            unit,
            span,
        });
    }

    /// `env: "VARIABLE"`
    pub(super) fn variable(&mut self, args: &mut Args<'_>) -> Option<String> {
        let (name, span) = self.const_text(args, "env")?;
        self.variable_name(&name, span);
        Some(name)
    }

    /// `from_label: "instance"`
    fn label_name(&mut self, args: &mut Args<'_>) -> Option<String> {
        let (name, span) = self.const_text(args, "from_label")?;
        if name.is_empty() {
            self.say(Diagnostic::error(Code::RB0312, span, text!("a label has a name", "标签必须有名称")));
            return None;
        }
        Some(name)
    }

    /// A name that the environment can hold and the shell can read.
    pub(super) fn variable_name(&mut self, name: &str, span: Span) {
        let sound = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !sound || name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit()) {
            self.say(
                Diagnostic::error(
                    Code::RB0312,
                    span,
                    text!("`{name}` is no name of a variable", "`{name}` 不是环境变量的名称"),
                )
                .help(text!("letters, digits and `_`: METRICS_URL", "字母、数字和 `_`：METRICS_URL")),
            );
        }
    }

    fn per_env(&mut self, args: &mut Args<'_>, ty: &Type) -> BTreeMap<String, Value> {
        let Some(option) = args.take("per_env") else { return BTreeMap::new() };
        let ast::ExprKind::Map(entries) = &*option.value.kind else {
            self.say(
                Diagnostic::error(
                    Code::RB0201,
                    option.value.span,
                    text!("`per_env:` is a map from environments to values", "`per_env:` 是从环境到值的映射"),
                )
                .help(Text::verbatim("per_env: { production: 3, rehearsal: 1 }")),
            );
            return BTreeMap::new();
        };
        let mut values = BTreeMap::new();
        for (name, value) in entries {
            self.known_environment(name);
            if let Some(value) = self.const_of(value, ty, &Both("the value", "值")) {
                values.insert(name.node.clone(), value);
            }
        }
        values
    }

    fn known_environment(&mut self, name: &ast::Ident) {
        if !self.names.environments.contains(&name.node) {
            let message = text!("there is no environment `{}`", "没有环境 `{}`", name.node);
            let known = self.names.environments.join(", ");
            self.say(
                Diagnostic::error(Code::RB0110, name.span, message)
                    .help(Text::verbatim(format!("environments {known}"))),
            );
        }
    }

    /// Limits and the default must agree.
    pub(super) fn limits(
        &mut self,
        head: Span,
        ty: &Type,
        min: Option<&Value>,
        max: Option<&Value>,
        default: Option<&Value>,
    ) {
        let ordered = matches!(
            ty,
            Type::Int | Type::Float | Type::Percent | Type::Duration | Type::Bytes | Type::Time | Type::Unknown
        );
        if !ordered && (min.is_some() || max.is_some()) {
            self.say(Diagnostic::error(
                Code::RB0313,
                head,
                text!("{ty} has no smallest and no largest value", "`{ty}` 没有最小值和最大值"),
            ));
            return;
        }
        if let (Some(min), Some(max)) = (min, max)
            && !in_order(min, max)
        {
            self.say(Diagnostic::error(
                Code::RB0212,
                head,
                text!("`min:` is larger than `max:`: nothing fits", "`min:` 大于 `max:`：没有值能符合"),
            ));
        }
        if let Some(default) = default {
            let low = min.is_some_and(|min| ops::compare(ops::Comparison::Lt, default, min).unwrap_or(false));
            let high = max.is_some_and(|max| ops::compare(ops::Comparison::Gt, default, max).unwrap_or(false));
            if low || high {
                self.say(Diagnostic::error(
                    Code::RB0212,
                    head,
                    text!("the default is outside of `min:` and `max:`", "默认值不在 `min:` 与 `max:` 之间"),
                ));
            }
        }
    }

    /// `matches:` of a text.
    pub(super) fn matches_option(&mut self, args: &mut Args<'_>, ty: &Type) -> Option<Pattern> {
        let option = args.take("matches")?;
        if !signature::is_text(ty) && *ty != Type::Unknown {
            self.say(Diagnostic::error(
                Code::RB0313,
                option.span,
                text!("`matches:` is for text, not for {ty}", "`matches:` 用于文本，不能用于 `{ty}`"),
            ));
        }
        self.pattern(&option.value, &"`matches:`")
    }

    /// A default must be an answer that would be taken.
    pub(super) fn default_matches(&mut self, head: Span, matches: Option<&Pattern>, default: Option<&Value>) {
        let (Some(pattern), Some(Value::Text(text))) = (matches, default) else { return };
        let built = regex::RegexBuilder::new(&pattern.source).case_insensitive(pattern.ignore_case).build();
        if built.is_ok_and(|built| !built.is_match(text)) {
            let message = text!("the default does not match /{}/", "默认值与 /{}/ 不匹配", pattern.source);
            self.say(Diagnostic::error(Code::RB0212, head, message));
        }
    }

    fn not_host(&mut self, args: &mut Args<'_>, ty: &Type) -> BTreeMap<String, Vec<String>> {
        let Some(option) = args.take("not_host") else { return BTreeMap::new() };
        if !matches!(ty, Type::Url | Type::Unknown) {
            self.say(Diagnostic::error(
                Code::RB0313,
                option.span,
                text!("`not_host:` is for a url, not for {ty}", "`not_host:` 用于 url，不能用于 `{ty}`"),
            ));
        }
        let mut hosts = BTreeMap::new();
        if let ast::ExprKind::Map(entries) = &*option.value.kind {
            for (name, list) in entries {
                self.known_environment(name);
                let list = self.texts(list, &Both("the hosts", "主机列表"));
                hosts.insert(name.node.clone(), list);
            }
        } else {
            hosts.insert("*".to_owned(), self.texts(&option.value, &"`not_host:`"));
        }
        hosts
    }

    fn bare_unit(&mut self, args: &mut Args<'_>, ty: &Type) -> Option<String> {
        let option = args.take("unit")?;
        let name = types::word(&option.value)?;
        let fits = match (unit::with_unit("1", &name), ty) {
            (Ok(Value::Duration(_)), Type::Duration)
            | (Ok(Value::Bytes(_)), Type::Bytes)
            | (Ok(Value::Percent(_)), Type::Percent)
            | (_, Type::Unknown) => true,
            (Ok(_), _) => {
                let message = text!("`{name}` is no unit of {ty}", "`{name}` 不是 `{ty}` 的单位");
                self.say(Diagnostic::error(Code::RB0202, option.value.span, message));
                false
            }
            (Err(error), _) => {
                self.say(Diagnostic::error(Code::RB0204, option.value.span, error.message));
                false
            }
        };
        fits.then_some(name)
    }
}
