//! The results in `benches/README.md`, between marks.

use std::fs;
use std::io;
use std::process::Command;
use std::time::SystemTime;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");

/// Puts a section of results in the place of the one before.
pub fn write(name: &str, section: &str) -> io::Result<()> {
    let text = fs::read_to_string(README)?;
    let text = replaced(&text, name, section)
        .ok_or_else(|| io::Error::other(format!("there is no place for the results of {name} in {README}")))?;
    fs::write(README, text)
}

fn replaced(text: &str, name: &str, section: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- results of {name} -->"), format!("<!-- end of {name} -->"));
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{}\n{end}{after}", section.trim_end()))
}

/// When, on what and how the results are measured.
pub fn origin() -> String {
    let date = httpdate::fmt_http_date(SystemTime::now());
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let models = processors.lines().filter_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let models: Vec<&str> = models.map(|(_, model)| model).collect();
    let machine = format!("{} × {}", models.len(), models.first().copied().unwrap_or("unknown"));
    let system = read("/proc/sys/kernel/osrelease");
    let busy = read("/proc/loadavg");
    let busy = busy.split(' ').next().unwrap_or_default();
    let arguments: Vec<String> = std::env::args().skip(1).map(|argument| format!(" {argument}")).collect();
    let separator = if arguments.is_empty() { "" } else { " --" };
    let command = format!("cargo run --release -p server-bench{separator}{}", arguments.concat());
    format!(
        "{date}; {machine}, Linux {}, load average {busy} before; {}; `{command}`",
        system.split('-').next().unwrap_or_default().trim(),
        compiler()
    )
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or_else(|_| "rustc".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_the_place_of_the_one_before() {
        let text = "a\n<!-- results of x -->\nold\n<!-- end of x -->\nb\n";
        let expected = "a\n<!-- results of x -->\nnew\n<!-- end of x -->\nb\n";
        assert_eq!(replaced(text, "x", "new\n").as_deref(), Some(expected));
        assert_eq!(replaced(expected, "x", "new").as_deref(), Some(expected));
        assert_eq!(replaced(text, "y", "new"), None);
    }

    #[test]
    fn every_measure_has_its_place_in_the_readme() {
        let text = fs::read_to_string(README).unwrap();
        for measure in crate::measures::Measure::ALL {
            assert!(replaced(&text, &measure.name(), "").is_some(), "{}", measure.name());
        }
    }
}
