//! Tables as the plug-in prints them.

use crate::console::Paint;
use crate::printable::printable;

/// A table under construction. Its first row is the header.
///
/// Every cell but the last of a row is padded to the widest cell of its column and followed by three blanks. The last
/// cell is not padded, but three blanks follow it too: that is what the published transcripts were made with. Newer
/// command line kits trim them; [`Table::render`] is the one place to change that.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column titles.
    pub(crate) fn new<const N: usize>(titles: [&str; N]) -> Self {
        Table { rows: vec![titles.map(str::to_owned).to_vec()] }
    }

    /// Adds a row. A record of several rows leaves its leading cells empty from the second row on.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| printable(&cell)).to_vec());
    }

    /// The lines of the table, each ended by a line feed.
    pub(crate) fn render(&self, paint: Paint) -> String {
        let widths = self.widths();
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let painted = match (number, column) {
                    (0, _) => paint.bold(cell),
                    (_, 0) => paint.bold_cyan(cell),
                    _ => cell.clone(),
                };
                let padding = if column + 1 == row.len() { 0 } else { width - cell.chars().count() };
                text.push_str(&painted);
                text.extend(std::iter::repeat_n(' ', padding + GAP));
            }
            text.push('\n');
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        (0..columns).map(|column| width(column).unwrap_or(0)).collect()
    }
}

/// Blanks after every cell.
const GAP: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(["KEYNUM", "DESCRIPTION", "SUBJECT KEY IDENTIFIER"]);
        table.row(["1".into(), "admin1".into(), "754a...".into()]);
        table.row([String::new(), "a longer description".into(), String::new()]);
        table
    }

    #[test]
    fn cells_are_padded_and_the_last_keeps_three_blanks() {
        assert_eq!(
            sample().render(Paint::Plain),
            "KEYNUM   DESCRIPTION            SUBJECT KEY IDENTIFIER   \n\
             1        admin1                 754a...   \n\
             \x20        a longer description      \n"
        );
    }

    #[test]
    fn colours_do_not_move_columns() {
        let painted = sample().render(Paint::Colours);
        assert!(painted.contains("\x1b["));
        let plain: String = strip(&painted);
        assert_eq!(plain, sample().render(Paint::Plain));
    }

    #[test]
    fn names_cannot_steer_the_terminal() {
        let mut table = Table::new(["ADMIN NAME"]);
        table.row(["eve\x1b[2J\n".into()]);
        assert_eq!(table.render(Paint::Plain), "ADMIN NAME   \neve\\u{1b}[2J\\u{a}   \n");
    }

    fn strip(text: &str) -> String {
        let mut parts = text.split("\x1b[");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
    }
}
