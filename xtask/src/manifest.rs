//! What Cargo.toml says, read line by line: enough for the manifest of this repository, and no reader of TOML.

/// The text of a table: the lines between its header and the next one.
fn table<'a>(manifest: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let header = format!("[{name}]");
    manifest.lines().skip_while(move |line| *line != header).skip(1).take_while(|line| !line.starts_with('['))
}

/// A text member of a table.
///
/// # Errors
///
/// Where the table has no such member.
pub fn text<'a>(manifest: &'a str, of: &str, key: &str) -> Result<&'a str, String> {
    table(manifest, of)
        .find_map(|line| {
            line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim().strip_prefix('"')?.strip_suffix('"')
        })
        .ok_or_else(|| format!("Cargo.toml has no line `{key} = \"...\"` in [{of}]"))
}

/// The features, without `default`, in the order in which they stand.
pub fn features(manifest: &str) -> Vec<&str> {
    let names = table(manifest, "features").filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    names.filter(is_name).filter(|name| *name != "default").collect()
}

/// No feature, each alone, every two together, and all, as arguments of `--features`.
pub fn feature_sets(features: &[&str]) -> Vec<String> {
    let mut sets = vec![String::new()];
    for (index, one) in features.iter().enumerate() {
        sets.push((*one).to_owned());
        sets.extend(features[index + 1..].iter().map(|other| format!("{one},{other}")));
    }
    if features.len() > 2 {
        sets.push(features.join(","));
    }
    sets
}

/// The manifest without the tables whose header begins with one of these, as `dev-dependencies` for `[dev-dependencies.tower]`.
pub fn without_tables(manifest: &str, beginnings: &[&str]) -> String {
    let mut kept = true;
    let mut rest = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            let name = line.trim_start_matches('[');
            kept = !beginnings.iter().any(|beginning| name.starts_with(beginning));
        }
        if kept {
            rest.push_str(line);
            rest.push('\n');
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = include_str!("../../Cargo.toml");

    #[test]
    fn members_are_those_of_their_own_table() {
        let manifest = "[package]\nname = \"a\"\n\n[bin]\nname = \"b\"\n";
        assert_eq!(text(manifest, "bin", "name").unwrap(), "b");
        assert_eq!(text(manifest, "package", "name").unwrap(), "a");
        assert_eq!(text(MANIFEST, "package", "name").unwrap(), "putevents-mock");
    }

    #[test]
    fn a_missing_member_is_named_with_its_table() {
        let error = text("[package]\nversion.workspace = true\n", "package", "version").unwrap_err();
        assert_eq!(error, "Cargo.toml has no line `version = \"...\"` in [package]");
    }

    #[test]
    fn features_with_long_lists_are_one_feature_each() {
        let manifest =
            "[features]\ndefault = [\"a\"]\n# A = b.\na = []\nb = [\n    \"a\",\n]\n\n[dependencies]\nc = \"1\"\n";
        assert_eq!(features(manifest), ["a", "b"]);
        assert!(features(MANIFEST).contains(&"json-schema"));
        assert!(!features(MANIFEST).contains(&"bytes"));
    }

    #[test]
    fn every_two_features_are_together_once() {
        assert_eq!(feature_sets(&["a", "b", "c"]), ["", "a", "a,b", "a,c", "b", "b,c", "c", "a,b,c"]);
        assert_eq!(feature_sets(&["a", "b"]), ["", "a", "a,b", "b"]);
    }

    #[test]
    fn tables_are_left_out_with_their_lines() {
        let manifest = "[a]\nx = 1\n[dev-dependencies.b]\ny = 2\n[[test]]\nz = 3\n[c]\nw = 4\n";
        assert_eq!(without_tables(manifest, &["dev-dependencies", "test"]), "[a]\nx = 1\n[c]\nw = 4\n");
    }
}
