//! What a release needs: one version everywhere, and archives of the binary.

use std::path::{Path, PathBuf};

use crate::changelog;
use crate::gate::Gate;
use crate::manifest;
use crate::process::{command, found, output, run};

/// The files that an archive has beside the binary.
const BESIDE: [&str; 4] = ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// Checks that a tag, Cargo.toml and CHANGELOG.md name one version, and that the crate has an address.
pub fn check(gate: &Gate, tag: &str) -> Result<(), String> {
    let manifest = gate.read("Cargo.toml")?;
    let version = manifest::text(&manifest, "package", "version")?;
    check_tag(tag, version)?;
    changelog::check_newest(&gate.read("CHANGELOG.md")?, version)?;
    manifest::text(&manifest, "package", "repository")?;
    println!("{tag}: Cargo.toml and CHANGELOG.md have version {version}.");
    Ok(())
}

fn check_tag(tag: &str, version: &str) -> Result<(), String> {
    if tag.strip_prefix('v') == Some(version) {
        return Ok(());
    }
    Err(format!(
        "the tag is `{tag}`, and Cargo.toml has version {version}; name the tag `v{version}`, or change the version"
    ))
}

/// Builds the binary for a target and packs it into `target/dist`, with a file of its SHA-256 checksum. Returns the path of the binary.
pub fn dist(gate: &Gate, target: &str, profile: &str) -> Result<PathBuf, String> {
    let manifest = gate.read("Cargo.toml")?;
    let name = archive_name(target, manifest::text(&manifest, "package", "version")?);
    let mut build =
        command("cargo build --locked --package putevents-mock --bin putevents-mock --features cli,json-schema");
    if target.contains("windows") {
        // Without it the binary wants a runtime library that a machine may not have. Those for musl are static anyway.
        build.env("RUSTFLAGS", "-C target-feature=+crt-static");
    }
    run(build.args(["--target", target, "--profile", profile]).current_dir(gate.root()))?;

    let dist = gate.root().join("target/dist");
    let folder = dist.join(&name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    // Cargo calls the folder of the profile `dev` by another name.
    let built = gate.root().join("target").join(target).join(if profile == "dev" { "debug" } else { profile });
    copy(&built, &folder, binary_name(target))?;
    for file in BESIDE {
        copy(gate.root(), &folder, file)?;
    }
    let archive = format!("{name}.tgz");
    run(command("tar -czf").args([&archive, &name]).current_dir(&dist))?;
    let sum = checksum(&dist, &archive)?;
    gate.write(dist.join(format!("{archive}.sha256")), &sum)?;
    print!("{sum}");
    Ok(folder.join(binary_name(target)))
}

pub fn binary_name(target: &str) -> &'static str {
    if target.contains("windows") { "putevents-mock.exe" } else { "putevents-mock" }
}

/// The name of an archive and of the folder in it.
pub fn archive_name(target: &str, version: &str) -> String {
    format!("putevents-mock-{target}-v{version}")
}

fn copy(from: &Path, to: &Path, file: &str) -> Result<(), String> {
    let told = |error| format!("{} cannot be copied: {error}", from.join(file).display());
    std::fs::copy(from.join(file), to.join(file)).map(|_| ()).map_err(told)
}

/// A line as `sha256sum --check` reads it.
fn checksum(folder: &Path, file: &str) -> Result<String, String> {
    let tool = if found(&["sha256sum"]).is_some() { "sha256sum" } else { "shasum -a 256" };
    let line = output(command(tool).arg(file).current_dir(folder))?;
    let sum = line.split_whitespace().next().filter(|sum| sum.len() == 64);
    Ok(format!("{}  {file}\n", sum.ok_or_else(|| format!("`{tool}` wrote no checksum: {line}"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_version_with_a_v() {
        assert_eq!(check_tag("v0.1.0", "0.1.0"), Ok(()));
        let error = check_tag("0.1.0", "0.1.0").unwrap_err();
        assert_eq!(
            error,
            "the tag is `0.1.0`, and Cargo.toml has version 0.1.0; name the tag `v0.1.0`, or change the version"
        );
        assert!(check_tag("v0.1.1", "0.1.0").is_err());
    }

    #[test]
    fn archives_are_where_binstall_looks_for_them() {
        let table = include_str!("../../Cargo.toml").split_once("[package.metadata.binstall]\n").unwrap().1;
        let filled = |text: &str| {
            let filled = text.replace("{ name }", "putevents-mock").replace("{ version }", "1.2.3");
            filled.replace("{ target }", "x86_64-apple-darwin").replace("{ bin }{ binary-ext }", "putevents-mock")
        };
        let name = archive_name("x86_64-apple-darwin", "1.2.3");
        assert!(filled(table).contains(&format!("/releases/download/v1.2.3/{name}.tgz\"\n")), "{}", filled(table));
        assert!(filled(table).contains(&format!("bin-dir = \"{name}/putevents-mock\"\n")), "{}", filled(table));
    }

    #[test]
    fn a_checksum_is_a_line_for_the_tool_that_checks_it() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let line = checksum(folder, "Cargo.toml").unwrap();
        assert!(line.ends_with("  Cargo.toml\n"), "{line}");
        assert_eq!(line.len(), 64 + "  Cargo.toml\n".len(), "{line}");
    }
}
