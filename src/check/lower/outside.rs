//! What a runbook has to do with outside of itself: sources, channels, guards.

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::program::{Access, Channel, Expr, Guard, Source, SourceKind};
use crate::check::signature::{self, Kind};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast;
use crate::text;
use crate::text::Both;
use crate::value::Value;
use crate::value::types::Type;
use jiff::SignedDuration;

impl Checker<'_> {
    pub(super) fn source(&mut self, args: &mut Args<'_>) {
        let head = args.head();
        let scrape = self.option_of(args, "scrape");
        let prometheus = self.option_of(args, "prometheus");
        let alertmanager = self.option_of(args, "alertmanager");
        let access = self.access(args);
        let timeout = self.option_of(args, "timeout").unwrap_or_else(|| seconds(10, head));
        let max_bytes = self
            .option_of(args, "max_size")
            .unwrap_or_else(|| Expr::constant(Value::Bytes(20_000_000), Type::Bytes, head));
        for url in scrape.iter().chain(&prometheus).chain(&alertmanager) {
            self.is_url(url);
        }
        for url in prometheus.iter().chain(&alertmanager) {
            self.is_one_url(url);
        }
        let kind = match (scrape, prometheus, alertmanager) {
            (Some(url), None, None) => Some(SourceKind::Scrape { url, alive: self.option_of(args, "alive") }),
            (None, Some(url), None) => Some(SourceKind::Prometheus { url, alive: self.option_of(args, "alive") }),
            (None, None, Some(url)) => {
                let matchers = self.text_map(args, "match");
                let every = self.option_of(args, "every").unwrap_or_else(|| seconds(30, head));
                Some(SourceKind::Alertmanager { url, matchers, every })
            }
            (None, None, None) if args.refused => None,
            _ => {
                self.say(
                    Diagnostic::error(
                        Code::RB0308,
                        head,
                        text!(
                            "a source is scraped, is a Prometheus server or is an Alertmanager: one of the three",
                            "来源要么被抓取，要么是 Prometheus 服务器，要么是 Alertmanager：三者选一"
                        ),
                    )
                    .help(text!(
                        "source prod, scrape: metrics_url   or   prometheus: prom_url   or   alertmanager: alert_url",
                        "source prod, scrape: metrics_url   或   prometheus: prom_url   或   alertmanager: alert_url"
                    )),
                );
                None
            }
        };
        for expr in [&timeout, &max_bytes].into_iter().chain(access.exprs()) {
            self.known_at_start(expr);
        }
        let name = args.arg("name").and_then(|name| self.bare_name(name, &Both("a source", "来源")));
        let (Some(name), Some(var), Some(kind)) = (name, self.own_var(args, "name"), kind) else { return };
        self.parts.sources.push(Source { name, var, kind, access, timeout, max_bytes });
    }

    /// `bearer:`, or `user:` and `password:`; `ca:`
    fn access(&mut self, args: &mut Args<'_>) -> Access {
        let bearer = self.option_of(args, "bearer");
        let user = self.option_of(args, "user");
        let password = self.option_of(args, "password");
        let ca = self.option_of(args, "ca");
        let wrong = match (&bearer, &user, &password) {
            (_, None, None) | (None, Some(_), Some(_)) => None,
            (None, _, _) => Some(text!("`user:` and `password:` belong together", "`user:` 与 `password:` 须同时给出")),
            (Some(_), _, _) => Some(text!(
                "a source is shown a `bearer:`, or a `user:` and a `password:`",
                "向来源出示 `bearer:`，或 `user:` 加 `password:`"
            )),
        };
        if let Some(wrong) = wrong {
            let help = text!(
                "bearer: token   or   user: \"monitor\", password: secret_name",
                "bearer: token   或   user: \"monitor\", password: secret_name"
            );
            self.say(Diagnostic::error(Code::RB0308, args.head(), wrong).help(help));
        }
        Access { bearer, user, password, ca }
    }

    /// Only a service that is scraped has several instances.
    fn is_one_url(&mut self, url: &Expr) {
        if matches!(url.ty, Type::List(_)) {
            let message = text!(
                "a Prometheus server or an Alertmanager has one url",
                "Prometheus 服务器或 Alertmanager 只有一个 url"
            );
            self.say(
                Diagnostic::error(Code::RB0201, url.span, message)
                    .help(text!("one source for each", "每个 url 声明一个来源")),
            );
        }
    }

    pub(super) fn channel(&mut self, args: &mut Args<'_>) {
        let webhook = self.required(args, "slack");
        self.known_at_start(&webhook);
        if let Some(name) = args.arg("name").and_then(|name| self.bare_name(name, &Both("a channel", "频道"))) {
            self.parts.channels.push(Channel { name, webhook });
        }
    }

    pub(super) fn guard(&mut self, args: &mut Args<'_>) {
        let head = args.head();
        let key = args.arg("key").and_then(|key| self.bare_name(key, &Both("a guard", "目标核对")));
        let title = self.title(args, "title");
        let shell = args.take("sh").map(|option| self.plain_shell(&option.value));
        let is = self.required(args, "is");
        self.known_at_start(&is);
        let timeout = self.option_of(args, "timeout").unwrap_or_else(|| seconds(20, head));
        if let (Some(key), Some(shell)) = (key, shell) {
            self.parts.guards.push(Guard { key, title, shell, is, timeout });
        }
    }

    /// A map of texts, in order as written.
    pub(super) fn text_map(&mut self, args: &mut Args<'_>, name: &str) -> Vec<(String, Expr)> {
        let kind = match args.word.option(name).map(|option| option.takes) {
            Some(signature::Takes::Value(kind)) => kind,
            _ => Kind::TextMap,
        };
        let Some(option) = args.take(name) else { return Vec::new() };
        let ast::ExprKind::Map(entries) = &*option.value.kind else {
            let message = text!("`{name}:` is a map: {{ name: value }}", "`{name}:` 是映射：{{ name: value }}");
            self.say(Diagnostic::error(Code::RB0201, option.value.span, message));
            return Vec::new();
        };
        let item = if kind == Kind::SecretMap { Kind::Credential } else { Kind::Text };
        if name == "env" {
            for (key, _) in entries {
                self.variable_name(&key.node, key.span);
            }
        }
        entries
            .iter()
            .map(|(key, value)| (key.node.clone(), self.expr_of(value, item, &format!("`{}:`", key.node))))
            .collect()
    }
}

/// So many seconds.
fn seconds(count: i64, span: Span) -> Expr {
    Expr::constant(Value::Duration(SignedDuration::from_secs(count)), Type::Duration, span)
}
