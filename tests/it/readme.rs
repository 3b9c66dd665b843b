//! The README keeps what it says. Its code is tested as documentation.

const README: &str = include_str!("../../README.md");
const CI: &str = include_str!("../../.ci/run");

/// The fenced blocks of one language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fenced = README.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.strip_prefix(language)?.split_once('\n')).map(|(_, text)| text).collect()
}

#[test]
fn the_first_test_has_at_most_25_lines() {
    let first = blocks("rust")[0];
    assert!(first.contains("#[tokio::test]"));
    assert!(first.lines().count() <= 25, "{first}");
}

#[test]
fn ci_runs_the_readmes_test_command() {
    let test = blocks("sh").iter().flat_map(|block| block.lines()).find(|line| line.starts_with("cargo test")).unwrap();
    assert!(CI.lines().any(|line| line == test), "{test}");
}
