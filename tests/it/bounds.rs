//! The table of bounds: each has a test, and each flag in it is one.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::program::output;
use crate::support::rust_files;

const BOUNDS: &str = include_str!("../../docs/bounds.md");

/// The cells of each row.
fn rows() -> Vec<Vec<&'static str>> {
    let rows = BOUNDS.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| resource"));
    rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn each_bound_is_shown_by_a_test() {
    let folders = ["tests", "src"].map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let mut functions = BTreeSet::new();
    for file in folders.iter().flat_map(|folder| rust_files(folder)) {
        let text = std::fs::read_to_string(file).unwrap();
        let names = text.lines().filter_map(|line| line.trim().split_once("fn ")?.1.split('(').next());
        functions.extend(names.map(str::to_owned));
    }
    let rows = rows();
    assert!(rows.len() > 10, "{rows:?}");
    for row in rows {
        assert_eq!(row.len(), 5, "{row:?}");
        let missing: Vec<&str> = quoted(row[4]).filter(|test| !functions.contains(*test)).collect();
        assert!(quoted(row[4]).next().is_some() && missing.is_empty(), "{}: {missing:?}", row[0]);
    }
}

#[test]
fn each_flag_of_a_bound_is_one_of_the_servers() {
    let (_, help, _) = output(&["serve", "--help"]);
    for row in rows() {
        for flag in quoted(row[2]).filter(|word| word.starts_with("--")) {
            let flag = flag.split(' ').next().unwrap();
            assert!(help.contains(&format!("{flag} ")), "{flag}");
        }
    }
}
