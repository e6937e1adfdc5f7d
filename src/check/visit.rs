//! Walks: the expressions of a statement, the statements inside it, the names in an expression.

use crate::check::program::{
    Again, AnswerType, Expr, ExprKind, Http, Node, NodeId, NodeKind, Passes, People, Shell, ShellPart, Title, UndoHow,
    Until, Update, UpdateText, VarId, WaitFor,
};

/// Each name that an expression reads, with the place. `assigned(x)` reads nothing.
pub(super) fn names(expr: &Expr, found: &mut dyn FnMut(VarId, &Expr, Option<&str>)) {
    match read(expr) {
        Some((var, place, field)) => found(var, place, field),
        None => expr.parts(&mut |part| names(part, found)),
    }
}

/// What an expression reads where it is a name or a field of one.
pub(super) fn read(expr: &Expr) -> Option<(VarId, &Expr, Option<&str>)> {
    match &*expr.kind {
        ExprKind::Var(var) => Some((*var, expr, None)),
        ExprKind::Field(of, field) => match &*of.kind {
            ExprKind::Var(var) => Some((*var, of, Some(field))),
            _ => None,
        },
        _ => None,
    }
}

/// The own expressions of a statement, in the order in which they are evaluated; those of the statements inside it are
/// theirs. `done_when`, which is evaluated after what is inside, is not among them: see [`after`].
pub(super) fn exprs<'a>(node: &'a Node, found: &mut dyn FnMut(&'a Expr)) {
    for expr in node.cond.iter().chain(&node.timeout).chain(&node.retry.every) {
        found(expr);
    }
    if let Some(text) = &node.title {
        title(text, found);
    }
    match &node.kind {
        NodeKind::Section { budget, .. } => budget.iter().for_each(found),
        NodeKind::Shell(shell) => self::shell(shell, found),
        NodeKind::Http(http) => self::http(http, found),
        NodeKind::Copy { from, to } => {
            found(from);
            found(to);
        }
        NodeKind::Update(update) => self::update(update, found),
        NodeKind::Wait { what, .. } => match what {
            WaitFor::Span(expr) | WaitFor::Time(expr) => found(expr),
            WaitFor::TimeOfDay(_) => {}
        },
        NodeKind::Poll { every, within, .. } => {
            found(every);
            found(within);
        }
        NodeKind::Notify { text, .. } | NodeKind::Note { text } => title(text, found),
        NodeKind::Report { to, .. } => found(to),
        NodeKind::Ask { answer, people } => {
            self::answer(answer, found);
            self::people(people, found);
        }
        NodeKind::Confirm { typed, people, .. } | NodeKind::NoReturn { typed, people } => {
            typed.iter().for_each(&mut *found);
            self::people(people, found);
        }
        NodeKind::Manual { links, people, .. } => {
            links.iter().for_each(&mut *found);
            self::people(people, found);
        }
        NodeKind::Item { is, people } => {
            is.iter().for_each(&mut *found);
            self::people(people, found);
        }
        NodeKind::Add { people, .. } => self::people(people, found),
        NodeKind::Decide { options, people } => {
            for option in options {
                title(&option.title, found);
            }
            self::people(people, found);
        }
        NodeKind::Signoff { options, people } => {
            for option in options {
                title(&option.title, found);
                option.requires.iter().for_each(&mut *found);
            }
            self::people(people, found);
        }
        NodeKind::Assert { cond } => found(cond),
        NodeKind::Each(each) => {
            found(&each.list);
            each.max.iter().for_each(&mut *found);
            for passes in [&each.stop_after, &each.at_once] {
                if let Passes::Count(count) = passes {
                    found(count);
                }
            }
            each.key_by.iter().for_each(&mut *found);
        }
        NodeKind::Try { every, .. } => every.iter().for_each(found),
        NodeKind::Run { args, .. } => args.iter().for_each(|(_, value)| found(value)),
        NodeKind::Sample(sample) => {
            found(&sample.every);
            if let Until::Count(count) = &sample.until {
                found(count);
            }
            sample.log.iter().for_each(&mut *found);
        }
        NodeKind::Undo { how, .. } => match how {
            UndoHow::Manual(text) | UndoHow::None(text) => title(text, found),
            UndoHow::Body(_) => {}
        },
        NodeKind::Extend { by, .. } => found(by),
        NodeKind::Stop { because, .. }
        | NodeKind::Rollback { because }
        | NodeKind::Suspend { because }
        | NodeKind::Abort { because }
        | NodeKind::Finish { because } => {
            if let Some(because) = because {
                title(because, found);
            }
        }
        // The conditions of an `if` are looked at one after the other, with what is known from the ones before.
        NodeKind::If { .. }
        | NodeKind::Step { .. }
        | NodeKind::Checks { .. }
        | NodeKind::Query(_)
        | NodeKind::Checklist { .. }
        | NodeKind::Parallel { .. }
        | NodeKind::Branch { .. }
        | NodeKind::Scenario { .. }
        | NodeKind::At { .. }
        | NodeKind::On { .. }
        | NodeKind::Settles { .. }
        | NodeKind::Ending { .. } => {}
    }
}

/// The condition that is evaluated after the reads of a `poll` or of a write's `probe`.
pub(super) fn after(node: &Node) -> Option<&Expr> {
    match (&node.kind, &node.again) {
        (NodeKind::Poll { done_when, .. }, _) | (_, Again::Probe { done_when, .. }) => Some(done_when),
        _ => None,
    }
}

/// All expressions of a statement, also those of its arms and its `done_when`.
pub(super) fn all_exprs<'a>(node: &'a Node, found: &mut dyn FnMut(&'a Expr)) {
    exprs(node, found);
    if let NodeKind::If { arms, .. } = &node.kind {
        for (cond, _) in arms {
            found(cond);
        }
    }
    after(node).into_iter().for_each(found);
}

/// The statements directly inside, in order.
pub(super) fn children(node: &Node) -> Vec<NodeId> {
    let mut ids: Vec<NodeId> = match &node.kind {
        NodeKind::Checklist { items: body }
        | NodeKind::Parallel { branches: body }
        | NodeKind::Branch { body }
        | NodeKind::Section { body, .. }
        | NodeKind::Step { body, .. }
        | NodeKind::Checks { body }
        | NodeKind::Poll { body, .. }
        | NodeKind::Scenario { body, .. }
        | NodeKind::At { body, .. }
        | NodeKind::On { body, .. }
        | NodeKind::Undo { how: UndoHow::Body(body), .. }
        | NodeKind::Ending { body } => body.clone(),
        NodeKind::Sample(sample) => sample.handlers.iter().chain(sample.steps()).copied().collect(),
        NodeKind::Each(each) => each.body.clone(),
        NodeKind::Decide { options, .. } => options.iter().flat_map(|option| option.body.iter().copied()).collect(),
        NodeKind::If { arms, otherwise } => arms.iter().flat_map(|(_, body)| body).chain(otherwise).copied().collect(),
        NodeKind::Try { body, repair, .. } => body.iter().chain(repair).copied().collect(),
        NodeKind::Undo { how: UndoHow::Manual(_) | UndoHow::None(_), .. }
        | NodeKind::Shell(_)
        | NodeKind::Http(_)
        | NodeKind::Query(_)
        | NodeKind::Copy { .. }
        | NodeKind::Update(_)
        | NodeKind::Wait { .. }
        | NodeKind::Notify { .. }
        | NodeKind::Report { .. }
        | NodeKind::Note { .. }
        | NodeKind::Ask { .. }
        | NodeKind::Confirm { .. }
        | NodeKind::Manual { .. }
        | NodeKind::Item { .. }
        | NodeKind::Add { .. }
        | NodeKind::Signoff { .. }
        | NodeKind::Assert { .. }
        | NodeKind::Run { .. }
        | NodeKind::Settles { .. }
        | NodeKind::Extend { .. }
        | NodeKind::Stop { .. }
        | NodeKind::Rollback { .. }
        | NodeKind::Suspend { .. }
        | NodeKind::Abort { .. }
        | NodeKind::Finish { .. }
        | NodeKind::NoReturn { .. } => Vec::new(),
    };
    if let Again::Probe { reads, .. } = &node.again {
        ids.extend(reads);
    }
    ids
}

fn title<'a>(title: &'a Title, found: &mut dyn FnMut(&'a Expr)) {
    found(&title.text);
    title.en.iter().for_each(found);
}

/// The expressions of a command.
pub(super) fn shell<'a>(shell: &'a Shell, found: &mut dyn FnMut(&'a Expr)) {
    for part in &shell.body {
        match part {
            ShellPart::Text(_) => {}
            ShellPart::Words(expr)
            | ShellPart::Remote(expr)
            | ShellPart::InSingle(expr)
            | ShellPart::InDouble(expr)
            | ShellPart::Raw(expr) => found(expr),
        }
    }
    shell.env.iter().for_each(|(_, value)| found(value));
    shell.stdin.iter().chain(&shell.dir).chain(&shell.save).chain(&shell.max_bytes).for_each(found);
}

fn http<'a>(http: &'a Http, found: &mut dyn FnMut(&'a Expr)) {
    found(&http.url);
    http.headers.iter().for_each(|(_, value)| found(value));
    http.bearer.iter().chain(&http.body).for_each(found);
}

fn update<'a>(update: &'a Update, found: &mut dyn FnMut(&'a Expr)) {
    found(&update.file);
    update.under.iter().chain(&update.once).for_each(&mut *found);
    if let UpdateText::Text(text) = &update.text {
        found(text);
    }
}

fn answer<'a>(answer: &'a AnswerType, found: &mut dyn FnMut(&'a Expr)) {
    answer.default.iter().chain(&answer.min).chain(&answer.max).for_each(found);
}

fn people<'a>(people: &'a People, found: &mut dyn FnMut(&'a Expr)) {
    people.show.iter().chain(&people.within).chain(&people.remind).for_each(&mut *found);
    if let Some(evidence) = &people.evidence {
        title(evidence, found);
    }
}
