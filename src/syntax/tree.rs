//! Lines, each read by itself, put together to a tree as the pairing of the blocks says.

use super::ast::{Arm, Block, File, Stmt};
use super::blocks::{Act, MAX_BLOCK_DEPTH, Step};
use super::lines::{Line, Shape};
use super::statement::{Read, read};
use crate::diagnostic::{Diagnostic, Span, Spanned};

/// A block that is still open.
struct Frame {
    stmt: Stmt,
    /// Where its current arm begins (after `do`, after `else`).
    start: usize,
    /// What stands in the current arm.
    stmts: Vec<Stmt>,
}

/// Builds the tree; adds what the lines have wrong to `problems`, until there are `most`.
pub(super) fn build(text: &str, lines: &[Line], steps: &[Step], problems: &mut Vec<Diagnostic>, most: usize) -> File {
    let mut tree = Tree { top: Vec::new(), frames: Vec::new(), too_deep: 0, end: 0 };
    let mut file = File::default();
    for (line, step) in lines.iter().zip(steps) {
        if problems.len() >= most {
            break;
        }
        for _ in 0..step.closes_before {
            tree.pop(line.start);
        }
        if step.act == Act::Skip {
            // It has its diagnostic.
            continue;
        }
        if let Act::Close(count) = step.act
            && line.is_bare_end()
        {
            // Every fourth line is one: there is nothing to read in it.
            tree.close(count, line);
            continue;
        }
        let Read { stmt, problems: found } = read(text, line);
        problems.extend(found);
        if stmt.broken {
            // With the rest of its row: a stray `#` may have made a comment of what was meant.
            let rest = text.get(line.end..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim_end();
            let end = line.end + rest.len();
            let source = text.get(line.start..end).unwrap_or_default();
            file.unread.push(Spanned::new(source.to_owned(), Span::new(line.start, end)));
        }
        match step.act {
            Act::Statement { opens, closes } => tree.statement(stmt, line, opens, closes),
            Act::Arm => tree.arm(stmt, line),
            Act::Close(count) => tree.close(count, line),
            Act::Skip => {}
        }
        tree.end = line.end;
    }
    while !tree.frames.is_empty() {
        tree.too_deep = 0;
        tree.pop(tree.end);
    }
    file.body = tree.top;
    file
}

struct Tree {
    top: Vec<Stmt>,
    frames: Vec<Frame>,
    /// How many open blocks are nested more deeply than the tree may be; what stands in them is left out.
    too_deep: usize,
    /// The end of the last line.
    end: usize,
}

impl Tree {
    fn statement(&mut self, stmt: Stmt, line: &Line, opens: usize, closes: usize) {
        if opens == 0 {
            self.put(stmt);
        } else if self.frames.len() < MAX_BLOCK_DEPTH && self.too_deep == 0 {
            self.frames.push(Frame { stmt, start: line.end, stmts: Vec::new() });
            // A second `do` on the line was refused; its `end` is counted all the same.
            self.too_deep += opens - 1;
        } else {
            self.too_deep += opens;
        }
        for _ in 0..closes {
            self.pop(line.end);
        }
    }

    fn put(&mut self, stmt: Stmt) {
        match self.frames.last_mut() {
            Some(frame) => frame.stmts.push(stmt),
            None => self.top.push(stmt),
        }
    }

    /// A further arm of the `if` on top.
    fn arm(&mut self, head: Stmt, line: &Line) {
        if self.too_deep > 0 {
            return;
        }
        let Some(frame) = self.frames.last_mut() else { return };
        frame.finish(line.start);
        let cond = if line.shape == Shape::Elsif { head.args.into_iter().next() } else { None };
        let span = Span::new(line.start, line.end);
        frame.stmt.arms.push(Arm { cond, body: Block::default(), span });
        frame.start = line.end;
    }

    /// Closes `count` blocks by the `end` of `line`.
    fn close(&mut self, count: usize, line: &Line) {
        for _ in 0..count {
            if let Some(stmt) = self.pop(line.start) {
                stmt.span.end = Span::new(line.start, line.end).end;
            }
        }
        self.end = line.end;
    }

    /// Closes the innermost block; its text ends at `end`.
    fn pop(&mut self, end: usize) -> Option<&mut Stmt> {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return None;
        }
        let mut frame = self.frames.pop()?;
        frame.finish(end);
        self.put(frame.stmt);
        match self.frames.last_mut() {
            Some(outer) => outer.stmts.last_mut(),
            None => self.top.last_mut(),
        }
    }
}

impl Frame {
    /// Ends the current arm at `end`.
    fn finish(&mut self, end: usize) {
        let block = Block { stmts: std::mem::take(&mut self.stmts), span: Span::new(self.start, end) };
        self.stmt.span.end = self.stmt.span.end.max(block.span.end);
        match self.stmt.arms.last_mut() {
            Some(arm) => {
                arm.span.end = block.span.end;
                arm.body = block;
            }
            None => self.stmt.body = Some(block),
        }
    }
}
