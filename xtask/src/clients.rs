//! The packages for other languages: they carry the binary, and are checked as their users install them.

use std::path::PathBuf;
use std::process::Command;

use crate::gate::Gate;
use crate::manifest;
use crate::process::{command, found, program, run};
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
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| gate.root().join("target"), PathBuf::from);
    let binary = target.join("debug/putevents-mock");
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
    let target = PLATFORMS[0].target;
    let binary = release::dist(gate, target, "dev")?;
    gate.run_and_note_skips(program(gate.root().join("tests/image/check")).arg("--binary").arg(binary))
}

/// Packs each binary that `dist` has packed into `target/dist`: into a wheel and into an npm package, beside its archive. Also packs
/// the wheel and the npm package that have no binary.
pub fn pack(gate: &Gate) -> Result<(), String> {
    let manifest = gate.read("Cargo.toml")?;
    let version = manifest::text(&manifest, "package", "version")?;
    let dist = gate.root().join("target/dist");
    let archives = PLATFORMS.iter().map(|platform| (platform, release::archive_name(platform.target, version)));
    let there: Vec<_> = archives.filter(|(_, name)| dist.join(format!("{name}.tgz")).is_file()).collect();
    if there.is_empty() {
        return Err("there is no archive in target/dist: `cargo xtask dist TARGET` makes one".to_owned());
    }
    run(&mut wheel(gate)?)?;
    for (platform, name) in there {
        run(command("tar -xzf").arg(format!("{name}.tgz")).current_dir(&dist))?;
        let binary = dist.join(name).join(release::binary_name(platform.target));
        run(wheel(gate)?.env("PUTEVENTS_MOCK_BUNDLE", &binary).env("PUTEVENTS_MOCK_PLATFORM", platform.wheel))?;
        run(npm(gate).arg("--binary").arg(&binary).args(["--platform", platform.npm]))?;
    }
    Ok(())
}

fn wheel(gate: &Gate) -> Result<Command, String> {
    let hatchling = found(&["hatchling"]).ok_or("hatchling is not in the PATH: `pip install hatchling` brings it")?;
    let mut build = program(hatchling);
    build.args(["build", "-t", "wheel", "-d"]).arg(gate.root().join("target/dist"));
    build.current_dir(gate.root().join("clients/python"));
    Ok(build)
}
/// Packs the npm package, whose scripts `clients/node/check` compiles.
fn npm(gate: &Gate) -> Command {
    let mut pack = program("node");
    pack.arg(gate.root().join("clients/node/pack")).arg("--out").arg(gate.root().join("target/dist"));
    pack
}
