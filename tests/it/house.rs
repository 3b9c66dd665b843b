//! The architecture: who may use whom stands in DESIGN.md, and the sources keep to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::rust_files;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
const DESIGN: &str = include_str!("../../DESIGN.md");

/// The layer of each module, from the table in DESIGN.md.
fn layers_of_modules() -> BTreeMap<String, usize> {
    let rows = DESIGN.lines().filter_map(|row| {
        let mut cells = row.strip_prefix("| ")?.split(" | ");
        let line = cells.next()?.parse().ok()?;
        Some((cells.next()?.trim_matches('`').to_owned(), line))
    });
    let modules: BTreeMap<String, usize> = rows.collect();
    assert!(modules.len() > 15, "{modules:?}");
    modules
}

/// Every source file by its path below `src/`, without comments and without its tests.
fn sources() -> Vec<(String, String)> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let name = path.strip_prefix(SOURCES).unwrap().to_string_lossy().replace('\\', "/");
        (name, code.join("\n"))
    };
    rust_files(Path::new(SOURCES)).into_iter().map(read).collect()
}

/// The module of a file: its folder, or the file itself.
fn module_of(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The names that come right after a path, such as `crate::`, also those in braces.
fn names_after(code: &str, path: &str) -> Vec<String> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut names = Vec::new();
    for (at, _) in code.match_indices(path) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| is_name(c) || c == '$' || c == ':') {
            continue;
        }
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            None => names.push(rest.chars().take_while(|c| is_name(*c)).collect()),
            Some(list) => {
                let (mut depth, mut item) = (0, String::new());
                for c in list.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => names.push(std::mem::take(&mut item)),
                        _ => {}
                    }
                    if depth == 0 && !matches!(c, ',' | '}') {
                        item.push(c);
                    }
                }
                names.push(item);
            }
        }
    }
    let first = |name: String| name.trim().split([' ', ':']).next().unwrap_or_default().to_owned();
    names.into_iter().map(first).filter(|name| !name.is_empty()).collect()
}

#[test]
fn the_names_after_a_path_are_found_also_in_braces() {
    let code = "use crate::fault::{A, b::C};\nuse crate::{page, wire::{self, D as E}};\nlet x = crate::json::parse; $crate::no";
    assert_eq!(names_after(code, "crate::"), ["fault", "page", "wire", "json"]);
    assert_eq!(names_after("use super::{A, b::{C, D}, e};", "super::"), ["A", "b", "e"]);
}

#[test]
fn every_module_uses_only_modules_of_lower_layers() {
    let modules = layers_of_modules();
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        let module = module_of(&file);
        if ["lib", "bin"].contains(&module) {
            continue;
        }
        let Some(layer) = modules.get(module) else {
            wrong.push(format!("{file}: the module {module:?} does not stand in the table of DESIGN.md"));
            continue;
        };
        for used in names_after(&code, "crate::").into_iter().filter(|used| used != module) {
            match modules.get(&used) {
                None => wrong.push(format!("{file} uses crate::{used}, which is no module in the table of DESIGN.md")),
                Some(of_used) if of_used <= layer => {
                    wrong.push(format!("{file} (layer {layer}) uses {used} (layer {of_used}), which is not below it"));
                }
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let there: BTreeSet<String> = sources().iter().map(|(file, _)| module_of(file).to_owned()).collect();
    for module in modules.keys() {
        assert!(there.contains(module), "DESIGN.md tells of {module:?}, which is not there");
    }
}

#[test]
fn no_files_of_a_module_use_each_other_in_a_circle() {
    let sources = sources();
    let folders: BTreeSet<&str> = sources.iter().filter_map(|(file, _)| Some(file.rsplit_once('/')?.0)).collect();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in folders {
        let siblings: BTreeMap<&str, &str> = sources
            .iter()
            .filter_map(|(file, code)| Some((file.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".rs")?, code)))
            .filter(|(name, _)| !name.contains('/'))
            .map(|(name, code)| (name, code.as_str()))
            .collect();
        // Where the names come from that the folder hands on.
        let handed_on: BTreeMap<String, &str> = siblings
            .keys()
            .flat_map(|name| {
                let names = names_after(siblings.get("mod").copied().unwrap_or_default(), &format!("self::{name}::"));
                names.into_iter().map(|handed| (handed, *name)).collect::<Vec<_>>()
            })
            .collect();
        for (name, code) in siblings.iter().filter(|(name, _)| **name != "mod") {
            let used = names_after(code, "super::").into_iter().filter_map(|used| {
                let of = handed_on.get(&used).map(|of| (*of).to_owned());
                of.or_else(|| siblings.contains_key(used.as_str()).then_some(used))
            });
            let used = used.filter(|used| used != name).map(|used| format!("{folder}/{used}"));
            arrows.entry(format!("{folder}/{name}")).or_default().extend(used);
        }
    }
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 60, "{arrows:?}");
    // Files that use nothing that is left are taken away until nothing changes; what stays is a circle.
    loop {
        let done: Vec<String> = arrows
            .iter()
            .filter(|(_, used)| !used.iter().any(|used| arrows.contains_key(used)))
            .map(|(file, _)| file.clone())
            .collect();
        if done.is_empty() {
            break;
        }
        done.iter().for_each(|file| drop(arrows.remove(file)));
    }
    assert!(arrows.is_empty(), "these use each other in a circle: {arrows:#?}");
}

#[test]
fn only_the_modules_of_the_runtime_name_tokio_and_only_two_files_name_features() {
    for (file, code) in sources() {
        let may_know_tokio =
            ["cli", "adapters", "admin", "publisher_check", "mock", "transport", "live"].contains(&module_of(&file));
        assert!(may_know_tokio || !code.contains("tokio::"), "{file} names tokio");
        let may_know_features = ["lib.rs", "adapters/mod.rs"].contains(&file.as_str());
        assert!(may_know_features || !code.contains("feature = "), "{file} names a feature");
    }
}

#[test]
fn every_file_says_in_its_first_line_what_stands_in_it() {
    for file in rust_files(Path::new(SOURCES)) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{}", file.display());
    }
}

/// A feature of uuid's that only the tests of a project switch on lets cargo build the AWS SDK twice.
#[test]
fn uuid_is_used_without_its_randomness() {
    let uuid = include_str!("../../Cargo.toml").lines().find(|line| line.starts_with("uuid = ")).unwrap();
    assert!(!uuid.contains("features"), "{uuid}");
}
