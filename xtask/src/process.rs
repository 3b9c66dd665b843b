//! Commands that are run: their environment, their output, and what their failure says.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A command whose words stand between spaces.
pub fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = program(words.next().unwrap_or_default());
    command.args(words);
    if line.starts_with("cargo +") {
        command.env_remove("RUSTUP_TOOLCHAIN");
    }
    command
}

/// A command without arguments yet. Cargo tells its children which package it runs; this command is not told.
pub fn program(path: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os() {
        if is_about_this_package(&name) {
            command.env_remove(name);
        }
    }
    command
}

fn is_about_this_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name == "CARGO" || ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.starts_with(prefix))
}

/// Runs a command to its end.
///
/// # Errors
///
/// Where it cannot be started or fails. The text has the whole command.
pub fn run(command: &mut Command) -> Result<(), String> {
    println!("$ {}", shown(command));
    let mut child = start(command)?;
    finish(command, &mut child)
}

/// Runs a command to its end and returns what it wrote to standard output.
///
/// # Errors
///
/// As those of [`run`], and where the output is no UTF-8.
pub fn output(command: &mut Command) -> Result<String, String> {
    let ran = command.stderr(Stdio::inherit()).output().map_err(|error| cannot_start(command, &error))?;
    if !ran.status.success() {
        return Err(format!("`{}` failed: {}", shown(command), ran.status));
    }
    String::from_utf8(ran.stdout).map_err(|_| format!("`{}` wrote something that is no UTF-8", shown(command)))
}

/// Runs a command to its end and returns the reasons of its lines that begin with `SKIPPED`.
///
/// # Errors
///
/// As those of [`run`].
pub fn run_and_note_skips(command: &mut Command) -> Result<Vec<String>, String> {
    println!("$ {}", shown(command));
    let mut child = start(command.stdout(Stdio::piped()))?;
    let mut skips = Vec::new();
    each_line(child.stdout.take(), |line| {
        println!("{line}");
        skips.extend(skip_in(line));
    });
    finish(command, &mut child)?;
    Ok(skips)
}

/// Runs a command to its end and takes a warning for a failure.
///
/// # Errors
///
/// As those of [`run`], and where a line of standard error begins with `warning`.
pub fn run_without_warnings(command: &mut Command) -> Result<(), String> {
    println!("$ {}", shown(command));
    let mut child = start(command.stderr(Stdio::piped()))?;
    let mut warned = false;
    each_line(child.stderr.take(), |line| {
        eprintln!("{line}");
        warned |= line.starts_with("warning");
    });
    finish(command, &mut child)?;
    if warned { Err(format!("`{}` has warnings", shown(command))) } else { Ok(()) }
}

/// Whether a command succeeds within a time. Its output is thrown away.
pub fn succeeds_within(limit: Duration, command: &mut Command) -> bool {
    let Ok(mut child) = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
        return false;
    };
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if begun.elapsed() < limit => sleep(Duration::from_millis(50)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

/// The first of these programs that is in `PATH`.
pub fn found(names: &[&str]) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    let files: Vec<String> = names.iter().map(|name| format!("{name}{}", std::env::consts::EXE_SUFFIX)).collect();
    let mut places = std::env::split_paths(&paths).flat_map(|folder| files.iter().map(move |file| folder.join(file)));
    places.find(|place| place.is_file())
}

/// Sees each line of a pipe as it comes, to its end.
fn each_line(pipe: Option<impl Read>, mut see: impl FnMut(&str)) {
    let lines = pipe.into_iter().flat_map(|pipe| BufReader::new(pipe).lines().map_while(Result::ok));
    lines.for_each(|line| see(&line));
}

fn skip_in(line: &str) -> Option<String> {
    Some(line.strip_prefix("SKIPPED")?.trim_start_matches(':').trim().to_owned())
}

fn start(command: &mut Command) -> Result<Child, String> {
    command.spawn().map_err(|error| cannot_start(command, &error))
}

fn finish(command: &Command, child: &mut Child) -> Result<(), String> {
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` failed: {status}", shown(command))),
        Err(error) => Err(format!("`{}` cannot be waited for: {error}", shown(command))),
    }
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` cannot be started: {error}", shown(command))
}

/// The command as one would type it, with the variables that are set for it.
fn shown(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), quoted(&value?.to_string_lossy()))));
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    variables.chain(words.map(|word| quoted(&word.to_string_lossy()))).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains(' ') { format!("\"{word}\"") } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut doc = command("cargo doc --features");
        doc.arg("").env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(shown(&doc), "RUSTDOCFLAGS=\"-D warnings\" cargo doc --features \"\"");
    }

    #[test]
    fn a_command_is_not_told_which_package_runs_it() {
        let removed: Vec<_> = command("cargo").get_envs().map(|(name, _)| name.to_owned()).collect();
        assert!(removed.contains(&"CARGO_MANIFEST_DIR".into()), "{removed:?}");
        assert!(removed.contains(&"CARGO_PKG_NAME".into()), "{removed:?}");
        assert!(!removed.contains(&"CARGO_HOME".into()), "{removed:?}");
        assert!(!removed.contains(&"RUSTUP_TOOLCHAIN".into()), "{removed:?}");
    }

    #[test]
    fn a_command_with_a_toolchain_of_its_own_does_not_inherit_one() {
        let removed: Vec<_> = command("cargo +1.85 check").get_envs().map(|(name, _)| name.to_owned()).collect();
        assert!(removed.contains(&"RUSTUP_TOOLCHAIN".into()), "{removed:?}");
    }

    #[test]
    fn a_line_that_begins_with_skipped_is_a_skip() {
        assert_eq!(skip_in("SKIPPED: there is no node here").as_deref(), Some("there is no node here"));
        assert_eq!(skip_in("test python::passes ... ok"), None);
    }

    #[test]
    fn a_program_that_is_missing_is_named_with_its_command() {
        let error = run(&mut command("no-such-program --flag")).unwrap_err();
        assert!(error.starts_with("`no-such-program --flag` cannot be started: "), "{error}");
    }

    #[test]
    fn a_warning_is_a_failure_where_none_may_be() {
        let folder = std::env::temp_dir().join(format!("xtask-warns-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let check = |source: &str| {
            std::fs::write(folder.join("lib.rs"), source).unwrap();
            run_without_warnings(command("rustc --crate-type lib --emit metadata lib.rs").current_dir(&folder))
        };
        let (clean, warned) = (check("pub fn used() {}"), check("fn unused() {}"));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(clean, Ok(()));
        assert_eq!(warned.unwrap_err(), "`rustc --crate-type lib --emit metadata lib.rs` has warnings");
    }

    #[test]
    fn a_command_that_takes_too_long_does_not_succeed() {
        let mut waits = command("cargo metadata --format-version 1 --no-deps");
        assert!(!succeeds_within(Duration::ZERO, &mut waits));
    }
}
