//! Tables in Markdown whose columns stand below each other.

use std::fmt;

use crate::statistics::median;

/// A table. All but its first columns are numbers.
pub struct Table {
    rows: Vec<Vec<String>>,
    texts: usize,
}

impl Table {
    /// A table with these columns, of which the first ones hold texts.
    pub fn new(texts: usize, head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|cell| (*cell).to_owned()).collect()], texts }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: Vec<usize> = (0..self.rows[0].len()).map(|column| width(column).max(2)).collect();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                match column < self.texts {
                    true => write!(f, "| {cell:width$} ")?,
                    false => write!(f, "| {cell:>width$} ")?,
                }
            }
            writeln!(f, "|")?;
            if number == 0 {
                for (column, width) in widths.iter().enumerate() {
                    let end = if column < self.texts { '-' } else { ':' };
                    write!(f, "|-{}{end}", "-".repeat(*width))?;
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

/// A number with three digits that count, and with commas.
pub fn number(value: f64) -> String {
    match value {
        value if !value.is_finite() => "-".to_owned(),
        value if value >= 100.0 => with_commas(value.round() as u64),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

fn with_commas(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The median of the ratios of values that were measured in the same runs.
pub fn ratio(ours: &[f64], theirs: &[f64]) -> String {
    number(median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_its_columns_below_each_other() {
        let mut table = Table::new(1, &["server", "a second"]);
        table.row(["ours".to_owned(), number(12_345.6)]);
        let expected = "| server | a second |\n|--------|---------:|\n| ours   |   12,346 |\n";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn numbers_have_three_digits_that_count() {
        let texts = [0.123, 1.239, 12.34, 123.4, 1_234_567.8, f64::NAN].map(number);
        assert_eq!(texts, ["0.12", "1.24", "12.3", "123", "1,234,568", "-"]);
    }

    #[test]
    fn a_ratio_is_that_of_values_of_the_same_run() {
        assert_eq!(ratio(&[1.0, 20.0, 3.0], &[2.0, 10.0, 3.0]), "1.00");
        assert_eq!(ratio(&[1.0], &[]), "-");
    }
}
