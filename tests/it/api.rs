//! The public API: what it is, and which types of other crates are part of it.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;

/// Every public item, as `cargo xtask api` writes it.
const API: &str = include_str!("../../fixtures/public-api.txt");

/// The crates whose types are part of the API. A new major version of one of them is a new major version of this crate, so a crate
/// is added here on purpose or not at all.
const CRATES: [&str; 9] = [
    "aws_types",
    "bytes",
    "futures_core",
    "http",
    "http_body",
    "serde_core",
    "serde_json",
    "tower_service",
    "wiremock",
];

/// The first segments of all paths in a line of the API.
fn crates_of(line: &str) -> impl Iterator<Item = &str> {
    let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let paths = line.split(move |c| !is_of_path(c)).filter(|word| word.contains("::"));
    paths.filter_map(|path| path.split("::").next()).filter(|first| !first.is_empty())
}

#[test]
fn the_api_names_types_of_the_standard_library_and_of_the_listed_crates() {
    let own = ["putevents_mock", "core", "alloc", "std", "Self"];
    let is_type_parameter = |name: &str| name.len() <= 2 && name.chars().all(char::is_uppercase);
    let named: BTreeSet<&str> = API.lines().flat_map(crates_of).filter(|first| !own.contains(first)).collect();
    let foreign: Vec<&str> = named.into_iter().filter(|name| !is_type_parameter(name)).collect();
    assert_eq!(foreign, CRATES);
}

#[test]
fn the_crate_root_has_the_everyday_names_alone() {
    let at_root = API.lines().filter_map(|line| {
        let (kind, path) = line.strip_prefix("pub ")?.split_once(" putevents_mock::")?;
        let name: String = path.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
        let is_item = ["fn", "macro", "struct", "use", "trait", "type", "const"].contains(&kind);
        (is_item && !name.trim_end_matches(':').contains("::")).then_some(name)
    });
    let methods = API.lines().filter(|line| line.contains("__private")).count();
    assert_eq!(methods, 0, "what is hidden is no API");
    let at_root: BTreeSet<String> = at_root.collect();
    let expected = [
        "Engine",
        "EntryError",
        "EntryMatcher",
        "EventPattern",
        "Fault",
        "Journal",
        "Ledger",
        "Limits",
        "Mismatch",
        "MockEventBridge",
        "Plan",
        "PublisherCheck",
        "RequestError",
        "bytes",
        "entry",
        "entry_of",
        "http",
        "serde_json",
    ];
    assert_eq!(at_root.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}
