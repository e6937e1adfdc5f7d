//! Columns, aligned whatever the script.

use super::width::{cut, pad, pad_left, width};

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

impl Table {
    /// Without rows.
    pub fn new(columns: &[Align]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// One row more; missing cells are empty.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Its lines, each cut at `columns`.
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
            cut(out.trim_end(), columns)
        };
        self.rows.iter().map(line).collect()
    }
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
        assert_eq!(table.lines(12), ["HTTP 成功率…", "P99 延迟   …"]);
    }
}
