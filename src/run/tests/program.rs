//! Small programs of commands, made by hand.

use crate::check::program::{
    Again, Class, Expr, ExprKind, Node, NodeId, NodeKind, Program, Retry, Severity, Shell, ShellPart, Title,
};
use crate::diagnostic::Span;
use crate::journal::canonical::sha256_hex;
use crate::value::Value;
use crate::value::types::Type;

fn text(text: &str) -> Expr {
    Expr { kind: Box::new(ExprKind::Const(Value::Text(text.to_owned()))), ty: Type::Text, span: Span::default() }
}

/// A runbook of writes, one after the other: each command's text is its key as well.
pub(in crate::run) fn program(commands: &[&str]) -> Program {
    let nodes: Vec<Node> = commands
        .iter()
        .zip(0..)
        .map(|(command, index)| Node {
            id: NodeId(index),
            word: "sh",
            parent: None,
            key: (*command).to_owned(),
            title: None,
            span: Span::default(),
            line: index + 1,
            cond: None,
            class: Class::Write,
            narrowed: None,
            again: Again::Ask,
            severity: Severity::Fail,
            timeout: None,
            retry: Retry::default(),
            bind: None,
            digest: sha256_hex(command.as_bytes()),
            needs: Vec::new(),
            kind: NodeKind::Shell(Box::new(Shell {
                body: vec![ShellPart::Text((*command).to_owned())],
                ok: Some(vec![0]),
                parse: None,
                env: Vec::new(),
                stdin: None,
                dir: None,
                tty: false,
                save: None,
                max_bytes: None,
            })),
        })
        .collect();
    Program {
        name: "phase5".to_owned(),
        title: Title { text: text("生产基线"), en: None },
        digest: "d".to_owned(),
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
        objectives: Vec::new(),
        collects: Vec::new(),
        notes: Vec::new(),
        vars: Vec::new(),
        main: nodes.iter().map(|node| node.id).collect(),
        nodes,
        rollback: None,
        finally: None,
        scenarios: Vec::new(),
        templates: Vec::new(),
    }
}

/// Another command under the same key.
pub(super) fn rewrite(program: &mut Program, key: &str, command: &str) {
    let node = program.nodes.iter_mut().find(|node| node.key == key).unwrap();
    node.digest = sha256_hex(command.as_bytes());
    if let NodeKind::Shell(shell) = &mut node.kind {
        shell.body = vec![ShellPart::Text(command.to_owned())];
    }
}
