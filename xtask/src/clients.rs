//! The packages for other languages: they carry the binary, and are checked as their users install them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::gate::Gate;
use crate::process::{command, found, output, program, run};

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

/// Builds the binary, and checks the packages with it: each is built, installed, and tried with a real SDK.
pub fn check(gate: &mut Gate) -> Result<(), String> {
    gate.run("cargo build --quiet --package putevents-mock --bin putevents-mock --features cli,json-schema")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| gate.root().join("target"), PathBuf::from);
    let binary = target.join("debug/putevents-mock");
    for language in ["python", "node"] {
        gate.run_and_note_skips(program(format!("clients/{language}/check")).arg("--binary").arg(&binary))?;
    }
    Ok(())
}

/// Packs the binary that `dist` has built for a target into a wheel and an npm package, in `target/dist`.
pub fn pack(gate: &Gate, target: &str, profile: &str) -> Result<(), String> {
    let platform = PLATFORMS.iter().find(|platform| platform.target == target).ok_or_else(|| {
        let known: Vec<&str> = PLATFORMS.iter().map(|platform| platform.target).collect();
        format!("there is no package for {target}: the targets are {}", known.join(", "))
    })?;
    let binary = built(gate, target, profile);
    if !binary.is_file() {
        return Err(format!("{} is not there: `cargo xtask dist {target}` builds it", binary.display()));
    }
    let mut wheel = wheel(gate)?;
    run(wheel.env("PUTEVENTS_MOCK_BUNDLE", &binary).env("PUTEVENTS_MOCK_PLATFORM", platform.wheel))?;
    run(npm(gate).arg("--binary").arg(&binary).args(["--platform", platform.npm]))
}

/// Packs what has no binary: the wheel for all other platforms, and the npm package to which those with a binary belong.
pub fn pack_without_binary(gate: &Gate) -> Result<(), String> {
    run(&mut wheel(gate)?)?;
    run(&mut npm(gate))
}

/// The binary of a target.
pub fn built(gate: &Gate, target: &str, profile: &str) -> PathBuf {
    // Cargo calls the folder of the profile `dev` by another name.
    let folder = gate.root().join("target").join(target).join(if profile == "dev" { "debug" } else { profile });
    folder.join(binary_name(target))
}

pub fn binary_name(target: &str) -> &'static str {
    if target.contains("windows") { "putevents-mock.exe" } else { "putevents-mock" }
}
