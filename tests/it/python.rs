//! The fixture for pytest that docs/stand-alone-server.md shows, as it stands there, with a real pytest and a real client.
//!
//! Python is that of tests/clients/run, else python3. Where it has no pytest or no boto3, the tests say that they were skipped.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use putevents_mock::Journal;

use crate::support::directory;
use crate::support::program::{Program, command, told};

const SERVER: &str = include_str!("../../docs/stand-alone-server.md");

/// How the tests' program publishes: it sends what failed again, or everything.
const GOOD: &str = "[entry for entry, result in zip(entries, results) if 'ErrorCode' in result]";
const BAD: &str = "entries if any('ErrorCode' in result for result in results) else []";

/// A Python that has what the document imports.
fn python() -> Option<PathBuf> {
    let of_clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients/python/bin/python");
    let has_both = |python: &PathBuf| {
        let mut import = Command::new(python);
        import.args(["-c", "import boto3, pytest"]).stderr(Stdio::null());
        import.status().is_ok_and(|status| status.success())
    };
    let found = [of_clients, "python3".into()].into_iter().find(has_both);
    if found.is_none() {
        println!("SKIPPED: there is no Python with pytest and boto3, so the fixture of the document was not tried");
    }
    found
}

/// A folder with the files of the document, and the program that they test. A text of the document may be another.
fn project(resend: &str, (shown, instead): (&str, &str)) -> PathBuf {
    let folder = directory("python");
    let blocks = SERVER.split("```python\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    for block in blocks {
        let name = block.lines().next().unwrap().strip_prefix("# ").unwrap();
        std::fs::write(folder.join(name), block.replace(shown, instead)).unwrap();
    }
    let shop = format!(
        "import json\n\ndef publish_orders(events, orders):\n    entries = [{{'Source': 'shop.orders', 'DetailType': \
         'OrderPlaced', 'Detail': json.dumps({{'orderId': order}})}} for order in orders]\n    while entries:\n        results \
         = events.put_events(Entries=entries)['Entries']\n        entries = {resend}\n"
    );
    std::fs::write(folder.join("shop.py"), shop).unwrap();
    folder
}

/// Ends with the status of pytest, and what it printed.
fn pytest(mut command: Command, folder: &Path, url: Option<&str>) -> (i32, String) {
    // The binary under test is found first, and nothing of the user's own configuration is.
    let binary = Path::new(env!("CARGO_BIN_EXE_putevents-mock")).parent().unwrap();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(binary.to_owned()).chain(std::env::split_paths(&paths));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["AWS_", "PYTEST_", "PUTEVENTS_MOCK_"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command.envs(url.map(|url| ("PUTEVENTS_MOCK_URL", url)));
    command.env("PATH", std::env::join_paths(paths).unwrap()).env("NO_PROXY", "127.0.0.1");
    command.env("PYTHONDONTWRITEBYTECODE", "1").current_dir(folder);
    let (status, out, log) = told(command.output().unwrap());
    (status, out + &log)
}

fn alone(python: &Path, folder: &Path, url: Option<&str>) -> (i32, String) {
    let mut alone = Command::new(python);
    alone.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
    pytest(alone, folder, url)
}

#[test]
fn a_good_publisher_passes_with_a_server_that_the_fixture_starts() {
    let Some(python) = python() else { return };
    let (status, printed) = alone(&python, &project(GOOD, ("", "")), None);
    assert_eq!(status, 0, "{printed}");
    assert!(printed.contains("1 passed"), "{printed}");
}

#[test]
fn an_expectation_that_is_not_met_shows_its_report_and_nothing_of_http() {
    let Some(python) = python() else { return };
    let (status, printed) = alone(&python, &project(BAD, ("", "")), None);
    assert_eq!(status, 1, "{printed}");
    let report = "1 expectation is not met\n\nexpect[1]: {\"exactlyOnce\":true,\"identifyBy\":\"/orderId\"}\n2 events were not \
                  accepted exactly once\n";
    assert!(printed.contains(report), "{printed}");
    assert!(printed.contains("\n2 attempts, 5 events published\n  #1  +"), "{printed}");
    assert!(!printed.contains("HTTP Error") && !printed.contains("Traceback"), "{printed}");
}

#[test]
fn what_the_mock_cannot_read_is_told_in_its_words() {
    let Some(python) = python() else { return };
    for (shown, instead, words) in [
        (
            "\"ThrottlingException\"",
            "\"Throttling\"",
            "[0].entry: \"Throttling\" is not a documented code: did you mean",
        ),
        (
            "everyFaultFired",
            "everyFaultFird",
            "[0]: \"everyFaultFird\" is not known here: did you mean \"everyFaultFired\"?",
        ),
        ("\"/orderId\"", "\"orderId\"", "[1].identifyBy: a JSON pointer begins with a slash: write \"/orderId\""),
    ] {
        let (status, printed) = alone(&python, &project(GOOD, (shown, instead)), None);
        assert_eq!(status, 1, "{printed}");
        assert!(printed.contains(words) && !printed.contains("HTTP Error"), "{printed}");
    }
}

#[test]
fn without_the_binary_one_sentence_says_how_to_install_it() {
    let Some(python) = python() else { return };
    let executable = Command::new(python).args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
    let folder = project(GOOD, ("", ""));
    let mut alone = Command::new(told(executable).1.trim());
    alone.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).current_dir(&folder);
    alone.env("PATH", &folder).env_remove("PUTEVENTS_MOCK_URL").env("PYTHONDONTWRITEBYTECODE", "1");
    let (status, out, log) = told(alone.output().unwrap());
    let printed = out + &log;
    assert_eq!(status, 2, "{printed}");
    let sentence = "putevents-mock is not in the PATH: install it with `cargo install putevents-mock --features cli`";
    assert_eq!(printed.matches(sentence).count(), 1, "{printed}");
    assert!(!printed.contains("FileNotFoundError"), "{printed}");
}

#[test]
fn under_run_the_tests_use_its_server_and_their_journals_are_kept() {
    let Some(python) = python() else { return };
    for (publisher, expected) in [(GOOD, 0), (BAD, 1)] {
        let folder = project(publisher, ("", ""));
        let journal = folder.join("journal.json");
        let (python, journal_file) = (python.to_str().unwrap(), journal.to_str().unwrap());
        let run = ["run", "--journal-file", journal_file, "--", python, "-m", "pytest", "-q", "-p", "no:cacheprovider"];
        let (status, printed) = pytest(command(&run), &folder, None);
        assert_eq!(status, expected, "{printed}");
        assert_eq!(printed.contains("2 events were not accepted exactly once"), expected == 1, "{printed}");
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let deleted = files.filter(|name| name.starts_with("journal.test-") && name.ends_with(".deleted.json"));
        let deleted: Vec<String> = deleted.collect();
        assert_eq!(deleted.len(), 1, "{deleted:?}");
        let journal = Journal::from_file(folder.join(&deleted[0])).unwrap();
        journal.published().assert_count(if expected == 0 { 3 } else { 5 });
    }
}

#[tokio::test]
async fn a_server_that_is_there_already_is_used() {
    let Some(python) = python() else { return };
    let server = Program::serve(&[]);
    let url = format!("http://{}", server.address);
    let (status, printed) = alone(&python, &project(GOOD, ("", "")), Some(&url));
    assert_eq!(status, 0, "{printed}");
    let (_, sessions) = server.api().get("sessions").await;
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1, "{sessions}");
    let (_, _, log) = server.stop();
    assert!(log.contains("session=\"test-"), "{log}");
}
