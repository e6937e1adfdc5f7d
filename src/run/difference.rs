//! What is different between a runbook as it was executed and its file as it is now: shown before a run goes on with it,
//! and recorded as a deviation.

/// Most lines of a difference that are kept: more than that is not read in the middle of a procedure.
const MAX_LINES: usize = 60;

/// Most lines on either side that are compared one by one; the table that finds the longest common part has as many cells
/// as the product. Larger changes are shown as one.
const MAX_COMPARED: usize = 2_000;

/// The lines that went (`-`) and came (`+`), each with its number in its own text; none: the texts are the same.
pub fn difference(before: &str, now: &str) -> Option<String> {
    if before == now {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let same_head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = |lines: &[&str]| lines.len() - same_head;
    let same_tail =
        old.iter().rev().zip(new.iter().rev()).take(rest(&old).min(rest(&new))).take_while(|(a, b)| a == b).count();
    let middle = |lines: &[&'_ str]| -> Vec<(usize, String)> {
        let end = lines.len() - same_tail;
        lines.iter().enumerate().take(end).skip(same_head).map(|(n, line)| (n + 1, (*line).to_owned())).collect()
    };
    let (gone, come) = changes(middle(&old), middle(&new));
    let mut lines: Vec<(usize, String)> = gone.into_iter().map(|(n, line)| (n, format!("- {n}: {line}"))).collect();
    lines.extend(come.into_iter().map(|(n, line)| (n, format!("+ {n}: {line}"))));
    lines.sort_by_key(|(n, _)| *n);
    let all = lines.len();
    let mut text: Vec<String> = lines.into_iter().take(MAX_LINES).map(|(_, line)| line).collect();
    if all > MAX_LINES {
        text.push(format!("… {} more lines", all - MAX_LINES));
    }
    if text.is_empty() {
        text.push("the ends of lines are different".to_owned());
    }
    Some(text.join("\n"))
}

type Lines = Vec<(usize, String)>;

/// Without the lines of a longest common part.
fn changes(old: Lines, new: Lines) -> (Lines, Lines) {
    if old.len() > MAX_COMPARED || new.len() > MAX_COMPARED {
        return (old, new);
    }
    // Row by row from the end: the length of the longest common part of the rests.
    let width = new.len() + 1;
    let mut table = vec![0_u16; (old.len() + 1) * width];
    let cell = |table: &[u16], row: usize, column: usize| table.get(row * width + column).copied().unwrap_or(0);
    for (row, (_, a)) in old.iter().enumerate().rev() {
        for (column, (_, b)) in new.iter().enumerate().rev() {
            let longest = if a == b {
                cell(&table, row + 1, column + 1) + 1
            } else {
                cell(&table, row + 1, column).max(cell(&table, row, column + 1))
            };
            if let Some(slot) = table.get_mut(row * width + column) {
                *slot = longest;
            }
        }
    }
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let (mut row, mut column) = (0, 0);
    while let (Some(a), Some(b)) = (old.get(row), new.get(column)) {
        if a.1 == b.1 {
            (row, column) = (row + 1, column + 1);
        } else if cell(&table, row + 1, column) >= cell(&table, row, column + 1) {
            gone.push(a.clone());
            row += 1;
        } else {
            come.push(b.clone());
            column += 1;
        }
    }
    gone.extend(old.into_iter().skip(row));
    come.extend(new.into_iter().skip(column));
    (gone, come)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_shown() {
        assert_eq!(difference("a\nb\nc\n", "a\nb\nc\n"), None);
        assert_eq!(difference("a\nb\nc\nd\n", "a\nx\nc\nd\n").unwrap(), "- 2: b\n+ 2: x");
        assert_eq!(difference("a\nb\n", "a\nnew\nb\n").unwrap(), "+ 2: new");
        assert_eq!(difference("a\nb\nc\nd\ne\n", "a\nc\nd\nx\ne\n").unwrap(), "- 2: b\n+ 4: x");
        assert_eq!(difference("", "a\n").unwrap(), "+ 1: a");
        assert_eq!(difference("a", "a\n").unwrap(), "the ends of lines are different");
    }

    #[test]
    fn a_large_difference_is_cut_and_counted() {
        let new = (0..5_000).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
        let text = difference("x\n", &new).unwrap();
        assert_eq!(text.lines().count(), MAX_LINES + 1);
        assert!(text.ends_with("… 4941 more lines"), "{text}");
    }
}
