//! `jump KEY`: the main flow goes on at another statement. A deviation, and never a way around a check or past an undo.

use super::machine::{Kind, Machine};
use super::state::{FiberId, Frame, Phase, ROOT, Role, State};
use crate::check::program::{Node, NodeId, NodeKind, Program};
use crate::text;
use crate::text::Text;
use crate::value::Verdict;

/// The way to a statement: the blocks around it from the top, then itself.
pub(crate) fn target(program: &Program, state: &State, key: &str) -> Result<Vec<NodeId>, Text> {
    let Some(node) = program.nodes.iter().find(|node| node.key == key) else {
        return Err(text!("there is no statement with the key {key}", "没有键为 {key} 的语句"));
    };
    if state.phase != Phase::Main {
        return Err(text!("the run cannot jump now", "现在不能跳转"));
    }
    let mut path = vec![node.id];
    for block in program.around(node.id) {
        path.push(block.id);
        if !matches!(block.kind, NodeKind::Section { .. } | NodeKind::Step { .. }) {
            let word = block.word;
            return Err(text!(
                "{key} stands inside a `{word}`: only statements of the main flow can be jumped to",
                "{key} 在 `{word}` 之内，只能跳到主流程的语句"
            ));
        }
    }
    path.reverse();
    if !path.first().is_some_and(|top| program.main.contains(top)) {
        return Err(text!("{key} is not in the main flow", "{key} 不在主流程中"));
    }
    let env = super::eval::Env { program, state, scope: ROOT };
    if let Some(var) = node.needs.iter().find(|var| env.peek(**var).is_none()) {
        let name = &program.var(*var).name;
        return Err(text!("`{name}`, which it needs, has no value yet", "它需要的 `{name}` 还没有值"));
    }
    // The order of the file is the order of the flow: what lies between is what would be passed over.
    let here = here(program, state);
    for between in program.nodes.iter().filter(|other| other.span.start >= here && other.span.start < node.span.start) {
        let barrier = matches!(
            between.kind,
            NodeKind::Checks { .. }
                | NodeKind::Step { required: true, .. }
                | NodeKind::Undo { .. }
                | NodeKind::NoReturn { .. }
        );
        // What was done in one pass of a loop is done only when the loop is.
        let loops = program.around(between.id).filter(|block| matches!(block.kind, NodeKind::Each(_)));
        let passed = |node: &Node| state.last_step(node.id).is_some_and(|step| step.state == Verdict::Pass);
        if barrier && in_main(program, between.id) && !loops.chain([between]).all(passed) {
            let (word, key) = (between.word, &between.key);
            return Err(text!("`{word}` {key} cannot be jumped over", "不能越过 `{word}` {key}"));
        }
    }
    Ok(path)
}

fn in_main(program: &Program, id: NodeId) -> bool {
    program.main.contains(&program.around(id).last().map_or(id, |outermost| outermost.id))
}

/// Where the main flow stands in the file: at the outermost statement under way that is no section.
fn here(program: &Program, state: &State) -> u32 {
    let main = state.fibers.values().find(|fiber| fiber.role == Role::Main);
    let frames = main.map(|fiber| fiber.frames.as_slice()).unwrap_or_default();
    let nodes = frames.iter().filter_map(|frame| frame.node).map(|id| program.node(id));
    nodes.filter(|node| !matches!(node.kind, NodeKind::Section { .. })).map(|node| node.span.start).min().unwrap_or(0)
}

/// Rebuilds the main flow so that it goes on at the end of `path`.
pub(crate) fn go(machine: &mut Machine<'_>, path: &[NodeId]) {
    let Some(fiber) = machine.state.fibers.iter().find(|(_, fiber)| fiber.role == Role::Main).map(|(id, _)| *id) else {
        return;
    };
    let because = text!("left by a jump", "因跳转而离开");
    machine.call_off(fiber, &because);
    machine.call_off_observations(fiber, &because);
    let frames = frames(machine, path);
    if let Some(fiber) = machine.state.fibers.get_mut(&fiber) {
        fiber.frames = frames;
        fiber.returned = None;
        fiber.ready = true;
        fiber.until = None;
    }
}

/// The frames of a main flow whose next statement is the end of `path`.
pub(crate) fn frames(machine: &mut Machine<'_>, path: &[NodeId]) -> Vec<Frame> {
    let mut frames = vec![machine.bare(Kind::Opening(super::begin::Opening::Main), ROOT, 0)];
    let mut list = machine.program.main.clone();
    for (position, id) in path.iter().enumerate() {
        let depth = u32::try_from(position).unwrap_or(u32::MAX);
        let at = list.iter().position(|other| other == id).unwrap_or(0);
        let last = position + 1 == path.len();
        // The last statement is still to be entered; the blocks around it are entered already.
        let next = if last { at } else { at + 1 };
        frames.push(machine.bare(Kind::Seq { ids: list.clone(), at: next }, ROOT, depth));
        if last {
            break;
        }
        // No loop is around a statement of the main flow that can be jumped to, so its key needs no fiber's frames.
        let mut block = machine.frame_of(FiberId::MAX, *id, ROOT, depth);
        machine.open_record(&mut block, String::new());
        frames.push(block);
        list = match &machine.node(*id).kind {
            NodeKind::Section { body, .. } | NodeKind::Step { body, .. } => body.clone(),
            _other => Vec::new(),
        };
    }
    frames
}
