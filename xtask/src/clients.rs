//! The packages for other languages: they carry the binary, and are checked as their users install them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::gate::Gate;
use crate::manifest;
use crate::process::{command, program, run};
use crate::release;

/// How Cargo, Python and Node.js name the platforms of a release.
struct Platform {
    target: &'static str,
    /// The tags of a wheel. A static binary runs with every C library of Linux.
    wheel: &'static str,
    npm: &'static str,
}

const PLATFORMS: [Platform; 5] = [
    Platform {
        target: "x86_64-unknown-linux-musl",
        wheel: "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
        npm: "linux-x64",
    },
    Platform {
        target: "aarch64-unknown-linux-musl",
        wheel: "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        npm: "linux-arm64",
    },
    Platform { target: "x86_64-apple-darwin", wheel: "macosx_10_12_x86_64", npm: "darwin-x64" },
    Platform { target: "aarch64-apple-darwin", wheel: "macosx_11_0_arm64", npm: "darwin-arm64" },
    Platform { target: "x86_64-pc-windows-msvc", wheel: "win_amd64", npm: "win32-x64" },
];

/// Builds the binary, and checks what carries it or starts it: each package is built, installed, and tried with a real SDK.
pub fn check(gate: &mut Gate) -> Result<(), String> {
    gate.run("cargo build --quiet --package putevents-mock --bin putevents-mock --features cli,json-schema")?;
    let binary = target(gate).join("debug/putevents-mock");
    for (check, flag) in [
        ("clients/python/check", "--binary"),
        ("clients/node/check", "--binary"),
        ("tests/clients/java_and_go/run", "--server"),
    ] {
        gate.run_and_note_skips(program(gate.root().join(check)).arg(flag).arg(&binary))?;
    }
    Ok(())
}

/// Builds a static binary, and checks the image of the Dockerfile with it.
pub fn check_image(gate: &mut Gate) -> Result<(), String> {
    let binary = release::dist(gate, "x86_64-unknown-linux-musl", "dev")?;
    gate.run_and_note_skips(program(gate.root().join("tests/image/check")).arg("--binary").arg(binary))
}

/// Packs each binary that `dist` has packed into `target/dist` into a wheel and an npm package, in `target/dist/packages`. Also packs
/// the wheel and the npm package that have no binary. The tools are those that [`check`] has installed.
pub fn pack(gate: &Gate) -> Result<(), String> {
    let manifest = gate.read("Cargo.toml")?;
    let version = manifest::text(&manifest, "package", "version")?;
    let dist = gate.root().join("target/dist");
    let archives = PLATFORMS.iter().map(|platform| (platform, release::archive_name(platform.target, version)));
    let there: Vec<_> = archives.filter(|(_, name)| dist.join(format!("{name}.tgz")).is_file()).collect();
    if there.is_empty() {
        return Err("there is no archive in target/dist: `cargo xtask dist TARGET` makes one".to_owned());
    }
    let packages = dist.join("packages");
    run(&mut wheel(gate, &packages)?)?;
    run(npm(gate, &packages).arg("--dist").arg(installed(gate, "node/dist")?))?;
    for (platform, name) in there {
        run(command("tar -xzf").arg(format!("{name}.tgz")).current_dir(&dist))?;
        let binary = dist.join(name).join(release::binary_name(platform.target));
        let mut wheel = wheel(gate, &packages)?;
        run(wheel.env("PUTEVENTS_MOCK_BUNDLE", &binary).env("PUTEVENTS_MOCK_PLATFORM", platform.wheel))?;
        run(npm(gate, &packages).arg("--binary").arg(&binary).args(["--platform", platform.npm]))?;
    }
    Ok(())
}

fn wheel(gate: &Gate, to: &Path) -> Result<Command, String> {
    let mut build = program(installed(gate, "python-package/venv/bin/hatchling")?);
    build.args(["build", "-t", "wheel", "-d"]).arg(to).current_dir(gate.root().join("clients/python"));
    Ok(build)
}

fn npm(gate: &Gate, to: &Path) -> Command {
    let mut pack = program(gate.root().join("clients/node/pack"));
    pack.arg("--out").arg(to);
    pack
}

/// What `check` has made below `target/clients`.
fn installed(gate: &Gate, what: &str) -> Result<PathBuf, String> {
    let path = target(gate).join("clients").join(what);
    let missing = || format!("{} is not there: `cargo xtask ci client-packages` makes it", path.display());
    path.exists().then(|| path.clone()).ok_or_else(missing)
}

fn target(gate: &Gate) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| gate.root().join("target"), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_of_a_release_has_a_wheel_and_an_npm_package() {
        let workflow = include_str!("../../.github/workflows/release.yml");
        let targets: Vec<&str> =
            workflow.lines().filter_map(|line| line.split_once("{ target: ")?.1.split(',').next()).collect();
        assert_eq!(targets, PLATFORMS.map(|platform| platform.target));
        let pack = include_str!("../../clients/node/pack");
        for platform in PLATFORMS {
            assert!(pack.contains(&format!("\"{}\"", platform.npm)), "{}", platform.npm);
        }
    }
}
