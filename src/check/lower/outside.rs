//! What a runbook has to do with outside of itself: sources, channels, guards.

use crate::check::args::Args;
use crate::check::context::Checker;
use crate::check::program::{Access, Channel, Expr, Guard, Source, SourceKind};
use crate::check::signature::{self, Kind};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::syntax::ast;
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
                        "a source is scraped, is a Prometheus server or is an Alertmanager: one of the three",
                    )
                    .help(
                        "source prod, scrape: metrics_url   or   prometheus: prom_url   or   alertmanager: alert_url",
                    ),
                );
                None
            }
        };
        for expr in [&timeout, &max_bytes].into_iter().chain(access.exprs()) {
            self.known_at_start(expr);
        }
        let name = args.arg("name").and_then(|name| self.bare_name(name, "a source"));
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
            (None, _, _) => Some("`user:` and `password:` belong together"),
            (Some(_), _, _) => Some("a source is shown a `bearer:`, or a `user:` and a `password:`"),
        };
        if let Some(wrong) = wrong {
            let help = "bearer: token   or   user: \"monitor\", password: secret_name";
            self.say(Diagnostic::error(Code::RB0308, args.head(), wrong).help(help));
        }
        Access { bearer, user, password, ca }
    }

    /// Only a service that is scraped has several instances.
    fn is_one_url(&mut self, url: &Expr) {
        if matches!(url.ty, Type::List(_)) {
            let message = "a Prometheus server or an Alertmanager has one url";
            self.say(Diagnostic::error(Code::RB0201, url.span, message).help("one source for each"));
        }
    }

    pub(super) fn channel(&mut self, args: &mut Args<'_>) {
        let webhook = self.required(args, "slack");
        self.known_at_start(&webhook);
        if let Some(name) = args.arg("name").and_then(|name| self.bare_name(name, "a channel")) {
            self.parts.channels.push(Channel { name, webhook });
        }
    }

    pub(super) fn guard(&mut self, args: &mut Args<'_>) {
        let head = args.head();
        let key = args.arg("key").and_then(|key| self.bare_name(key, "a guard"));
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
            let message = format!("`{name}:` is a map: {{ name: value }}");
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
