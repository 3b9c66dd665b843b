//! Tests that run in a separate process, because they fail on purpose, hang, or write on standard error. They are
//! `#[ignore]`d, and do nothing unless another test starts them.

use std::process::{Child, Command, Stdio};

/// The variable that tells such a test that another test started it.
const VARIABLE: &str = "PUTEVENTS_MOCK_TEST_IN_CHILD";

/// Whether another test started this process. Otherwise the test says so and ends.
pub fn is_child() -> bool {
    let is_child = std::env::var_os(VARIABLE).is_some();
    if !is_child {
        println!("SKIPPED: this is for another test, which runs it in a process of its own");
    }
    is_child
}

/// The case for which this process was started.
pub fn case() -> Option<String> {
    if is_child() { std::env::var(VARIABLE).ok() } else { None }
}

/// How to run an ignored test in a process of its own.
pub fn command(test: &str, case: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture"]).env(VARIABLE, case);
    command
}

/// What an ignored test, such as `blocking::it_fails`, wrote on standard error until its end.
pub fn standard_error_of(test: &str) -> String {
    standard_error_of_case(test, "only")
}

/// The same for a test with several cases.
pub fn standard_error_of_case(test: &str, case: &str) -> String {
    let output = command(test, case).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("running 1 test"), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Starts it, with standard input and standard error in the hands of the caller.
pub fn start(test: &str) -> Child {
    let mut command = command(test, "only");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}
