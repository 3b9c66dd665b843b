//! The table of examples/README.md has a row for each recipe.

use std::fs;
use std::path::Path;

const TABLE: &str = include_str!("../README.md");
const RECIPES: &str = include_str!("main.rs");

/// The modules of the tests that are recipes.
fn recipes() -> Vec<&'static str> {
    let modules = RECIPES.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    modules.filter(|name| *name != "table").collect()
}

/// What a file shows: the first line of its documentation.
fn shows(folder: &str, file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().next().and_then(|line| line.strip_prefix("//! ")).unwrap_or_default().to_owned()
}

fn assert_row(folder: &str, name: &str, command: &str) {
    let file = format!("{name}.rs");
    let end = format!(" | [`{file}`]({folder}/{file}) | {} | `{command}` |", shows(folder, &file));
    assert!(TABLE.lines().any(|row| row.ends_with(&end)), "examples/README.md has no row that ends with\n{end}");
}

#[test]
fn every_recipe_has_a_row_with_its_first_sentence_and_its_command() {
    assert!(recipes().len() > 9);
    for name in recipes() {
        assert_row("recipes", name, &format!("cargo test --all-features --test recipes {name}::"));
    }
    assert_row("outbox", "outbox", "cargo test --package outbox");
}

#[test]
fn every_file_of_this_folder_is_part_of_the_tests() {
    let files = fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap().map(|file| file.unwrap().path());
    let sources = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let mut names: Vec<String> = sources.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.retain(|name| !["main", "order_publisher", "table"].contains(&name.as_str()));
    names.sort();
    assert_eq!(names, recipes());
}

#[test]
fn every_link_of_the_table_leads_to_a_file() {
    let links = TABLE.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dead: Vec<&str> = links.filter(|link| !examples.join(link).exists()).collect();
    assert!(dead.is_empty(), "{dead:?}");
}
