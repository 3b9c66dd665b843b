//! Benchmarks by their names.

use crate::gate::Gate;
use crate::process::{command, run};

/// Each benchmark and its command, as benches/README.md has them.
const BENCHES: &[(&str, &str)] = &[
    ("handle", "cargo bench --bench handle"),
    ("journal", "cargo bench --bench journal"),
    ("judgements", "cargo bench --bench judgements"),
    ("pattern", "cargo bench --bench pattern"),
    ("search", "cargo bench --bench search --features aws-sdk,check"),
    ("cli", "cargo bench --bench cli --features cli"),
    ("server", "cargo run --release -p server-bench"),
];

/// Runs a benchmark with further arguments, or lists all of them.
pub fn bench(gate: &Gate, words: &[&str]) -> Result<(), String> {
    let Some((name, arguments)) = words.split_first() else {
        for (name, line) in BENCHES {
            println!("{name:<10}  {line}");
        }
        println!(
            "benches/README.md says what each of them measures. `bench server --write` writes the results into it."
        );
        return Ok(());
    };
    let line = line_of(name)?;
    let arguments = if arguments.is_empty() { arguments.to_vec() } else { [&["--"], arguments].concat() };
    run(command(line).args(arguments).current_dir(gate.root()))
}

fn line_of(name: &str) -> Result<&'static str, String> {
    BENCHES.iter().find(|(known, _)| *known == name).map(|(_, line)| *line).ok_or_else(|| {
        let names: Vec<_> = BENCHES.iter().map(|(known, _)| *known).collect();
        format!("`{name}` is no benchmark. The benchmarks are: {}.", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_on_benchmarks_has_every_command() {
        let page = include_str!("../../benches/README.md");
        for (_, line) in BENCHES {
            assert!(page.contains(&format!("\n| `{line}` | ")), "{line}");
        }
    }

    #[test]
    fn every_benchmark_of_the_crate_has_a_name() {
        let manifest = include_str!("../../Cargo.toml");
        let tables = manifest.split("[[bench]]\nname = \"").skip(1);
        let names: Vec<_> = tables.filter_map(|table| table.split('"').next()).collect();
        assert!(names.len() > 3, "{names:?}");
        assert!(names.iter().all(|name| line_of(name).is_ok()), "{names:?}");
    }

    #[test]
    fn an_unknown_name_is_answered_with_all_names() {
        let error = line_of("handles").unwrap_err();
        assert!(error.starts_with("`handles` is no benchmark. The benchmarks are: handle, "), "{error}");
    }
}
