//! Columns, aligned whatever the script.

use super::width::{pad, pad_left, width, wrap};

/// Where the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells; the cells may hold our own colours.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

/// Columns between two cells.
const GAP: usize = 2;

/// Columns with which a cell can be read that goes on in its own column: a few words.
const LEAST_ROOM: usize = 16;

impl Table {
    /// Without rows.
    pub fn new(columns: &[Align]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// One row more; missing cells are empty.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Its lines; what does not fit into `columns` goes on below: in its own column where that has room.
    pub fn lines(&self, columns: usize) -> Vec<String> {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
            .collect();
        let line = |row: &Vec<String>| {
            let mut out = String::new();
            for (index, (align, columns)) in self.columns.iter().zip(&widths).enumerate() {
                if *columns == 0 {
                    continue;
                }
                let cell = row.get(index).map_or("", String::as_str);
                if !out.is_empty() {
                    out.push_str(&" ".repeat(GAP));
                }
                out.push_str(&match align {
                    Align::Left => pad(cell, *columns),
                    Align::Right => pad_left(cell, *columns),
                });
            }
            out.trim_end().to_owned()
        };
        let last = widths.iter().rposition(|columns| *columns > 0).unwrap_or(0);
        let before: usize = widths.iter().take(last).filter(|columns| **columns > 0).map(|columns| columns + GAP).sum();
        let room = columns.saturating_sub(before);
        let own_column = self.columns.get(last) == Some(&Align::Left) && room >= LEAST_ROOM;
        let fitting = |row: &Vec<String>| {
            let whole = line(row);
            if width(&whole) <= columns {
                return vec![whole];
            }
            if !own_column {
                return hanging(&whole, columns);
            }
            let cell = wrap(row.get(last).map_or("", String::as_str), room);
            let mut first: Vec<String> = row.iter().take(last).cloned().collect();
            first.extend(cell.first().cloned());
            let rest = cell.iter().skip(1).map(|cell| format!("{}{cell}", " ".repeat(before)));
            std::iter::once(line(&first)).chain(rest).collect()
        };
        self.rows.iter().flat_map(fitting).collect()
    }
}

/// A line that goes on below, indented.
fn hanging(line: &str, columns: usize) -> Vec<String> {
    let mut lines = wrap(line, columns.saturating_sub(GAP));
    for line in lines.iter_mut().skip(1) {
        *line = format!("{}{}", " ".repeat(GAP), line.trim_start());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_across_scripts() {
        let mut table = Table::new(&[Align::Left, Align::Right, Align::Left]);
        table.row(vec!["HTTP 成功率".to_owned(), "99.20%".to_owned(), "✓".to_owned()]);
        table.row(vec!["P99 延迟".to_owned(), "0.4 s".to_owned()]);
        assert_eq!(table.lines(80), ["HTTP 成功率  99.20%  ✓", "P99 延迟      0.4 s"]);
        assert_eq!(table.lines(14), ["HTTP 成功率", "  99.20%  ✓", "P99 延迟", "  0.4 s"], "nothing is cut");
    }

    #[test]
    fn a_long_cell_goes_on_in_its_own_column() {
        let mut table = Table::new(&[Align::Left, Align::Left]);
        table.row(vec!["reason".to_owned(), "\u{1b}[2mthe service was not reachable for long\u{1b}[0m".to_owned()]);
        table.row(vec!["by".to_owned(), "li.na".to_owned()]);
        assert_eq!(
            table.lines(26),
            [
                "reason  \u{1b}[2mthe service was\u{1b}[0m",
                "        \u{1b}[2mnot reachable for\u{1b}[0m",
                "        \u{1b}[2mlong\u{1b}[0m",
                "by      li.na",
            ]
        );
    }
}
