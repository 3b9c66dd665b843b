//! The binary `putevents-mock`, started as its users start it, and a client for its API that holds every answer against the
//! description of the API.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::socket::{Answer, Socket};
use super::{entries, order, put_events};

const PLAN_SCHEMA: &str = include_str!("../../../fixtures/fault-plan.schema.json");
pub const OPENAPI: &str = include_str!("../../../fixtures/admin-api.openapi.json");

/// The binary with these arguments and an environment without flags of its own.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_putevents-mock"));
    let flags = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PUTEVENTS_MOCK_"));
    for (name, _) in flags {
        command.env_remove(name);
    }
    for name in ["RUST_LOG", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"] {
        command.env_remove(name);
    }
    // On a machine that is busy with other tests, quick work can take long.
    command.env("PUTEVENTS_MOCK_QUESTION_TIMEOUT", "120").env("PUTEVENTS_MOCK_STOP_TIMEOUT", "60");
    command.args(arguments).stdin(Stdio::null());
    command
}

/// The same in a shell that does something before, such as `ulimit -f 0;`.
pub fn command_after(script: &str, arguments: &[&str]) -> Command {
    let program = command(arguments);
    let mut shell = Command::new("sh");
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.args(["-c", &format!("{script} exec \"$0\" \"$@\"")]).arg(program.get_program()).args(program.get_args());
    shell.stdin(Stdio::null());
    shell
}

/// A value of `/proc` for a process, by its number or `self`, such as `VmRSS`; `None` if there is none.
pub fn status_of(process: &str, name: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim().to_owned()))
}

/// Whether this process and its children ignore SIGHUP, as under `nohup`. If so, prints that.
#[cfg(unix)]
pub fn ignores_hangup() -> bool {
    let mask = status_of("self", "SigIgn");
    let ignores = mask.is_some_and(|mask| u64::from_str_radix(&mask, 16).unwrap() & 1 == 1);
    if ignores {
        println!("SKIPPED: SIGHUP is ignored here, as under nohup");
    }
    ignores
}

/// Runs the binary to its end.
pub fn output(arguments: &[&str]) -> (i32, String, String) {
    told(command(arguments).output().unwrap())
}

/// Its exit status, and what it printed on standard output and standard error.
pub fn told(Output { status, stdout, stderr }: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// A server that runs until this is dropped or stopped.
pub struct Program {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    stderr: Option<JoinHandle<String>>,
    pub address: SocketAddr,
    pub ready: String,
}

impl Program {
    /// `serve` on a free port, ready.
    pub fn serve(arguments: &[&str]) -> Self {
        Self::start(command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat()))
    }

    /// Any command that serves, ready.
    pub fn start(mut command: Command) -> Self {
        Self::with_log(command.stderr(Stdio::piped()))
    }

    /// The same with its log wherever the command has it.
    pub fn with_log(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take();
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.map(|mut stderr| stderr.read_to_string(&mut text).unwrap());
            text
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        let address = ready.trim().rsplit_once("http://").and_then(|(_, address)| address.parse().ok());
        let Some(address) = address else { panic!("it is not ready: {ready:?}\n{}", stderr.join().unwrap()) };
        Self { child, stdout, stderr: Some(stderr), address, ready }
    }

    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.id()]).status().unwrap();
        assert!(status.success());
    }

    /// Ends it with SIGTERM: its exit status, whatever else it printed, and its log.
    pub fn stop(self) -> (i32, String, String) {
        self.signal("-TERM");
        self.end()
    }

    /// Waits for its end.
    pub fn end(mut self) -> (i32, String, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        let status = self.child.wait().unwrap().code().unwrap_or(-1);
        (status, rest, self.stderr.take().unwrap().join().unwrap())
    }

    /// The most memory that it has had so far, in bytes, as the system counts it.
    #[cfg(target_os = "linux")]
    pub fn peak(&self) -> usize {
        let peak = status_of(&self.id(), "VmHWM").unwrap();
        1024 * peak.strip_suffix(" kB").unwrap().parse::<usize>().unwrap()
    }

    /// The number of its process.
    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    pub fn api(&self) -> Api {
        Api { address: self.address, description: serde_json::from_str(OPENAPI).unwrap(), seen: BTreeSet::new() }
    }

    /// Publishes these orders with an access key id; the status of the answer, 0 where there is none.
    pub async fn publish(&self, key: &str, orders: &[u64]) -> u16 {
        self.publish_entries(key, orders.iter().map(|id| order(*id))).await
    }

    pub async fn publish_entries(&self, key: &str, items: impl IntoIterator<Item = Value>) -> u16 {
        let mut request = put_events(entries(items));
        let signed = super::AUTHORIZATION.replace("AKIDEXAMPLE", key);
        request.headers_mut().insert("authorization", signed.parse().unwrap());
        let Ok(stream) = tokio::net::TcpStream::connect(self.address).await else { return 0 };
        Socket::over(stream).exchange(&request).await.map_or(0, |answer| answer.status)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client of the API.
pub struct Api {
    address: SocketAddr,
    description: Value,
    /// Which answers of which operations have been seen.
    pub seen: BTreeSet<(String, String, String)>,
}

impl Api {
    pub async fn get(&mut self, path: &str) -> (u16, Value) {
        self.call("GET", path, Value::Null).await
    }

    pub async fn call(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.exchange(method, path, &[], &body).await;
        (answer.status, answer.json())
    }

    /// Any request below `/_mock/`. Its answer is as it is described.
    pub async fn exchange(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = http::Request::builder().method(method).uri(format!("/_mock/{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_owned().into()).unwrap();
        let answer = Socket::connect(self.address).await.exchange(&request).await.expect("an answer");
        self.check(method, path, &answer);
        answer
    }

    fn check(&mut self, method: &str, path: &str, answer: &Answer) {
        let path = format!("/_mock/{}", path.split('?').next().unwrap_or_default());
        let Some(template) = self.template(&path) else {
            assert_eq!(answer.status, 404, "{path} is not described");
            return;
        };
        let operation = &self.description["paths"][&template][method.to_lowercase()];
        if operation.is_null() {
            assert_eq!(answer.status, 405, "{method} {path} is not described");
            return;
        }
        let status = answer.status.to_string();
        let described = &operation["responses"][&status];
        assert!(!described.is_null(), "{method} {path} is not described to answer {status}: {}", answer.json());
        let content_type = answer.header("content-type").unwrap_or("none");
        let content_type = content_type.split(';').next().unwrap();
        match described["content"].as_object() {
            None => assert_eq!((content_type, &answer.body[..]), ("none", &b""[..]), "{method} {path}"),
            Some(content) => {
                let schema =
                    &content.get(content_type).unwrap_or_else(|| panic!("{method} {path}: {content_type}"))["schema"];
                let plan = PLAN_SCHEMA.replace("\"#/$defs/", "\"#/plan/$defs/");
                let plan: Value = serde_json::from_str(&plan).unwrap();
                let schema = json!({ "components": self.description["components"], "allOf": [schema], "plan": plan })
                    .to_string();
                let schema: Value =
                    serde_json::from_str(&schema.replace("\"fault-plan.schema.json#/", "\"#/plan/")).unwrap();
                let errors: Vec<String> = jsonschema::validator_for(&schema)
                    .unwrap()
                    .iter_errors(&answer.json())
                    .map(|e| e.to_string())
                    .collect();
                assert!(errors.is_empty(), "{method} {path} {status}: {errors:?}");
            }
        }
        self.seen.insert((template, method.to_lowercase(), status));
    }

    /// All operations whose description has a reply with this status.
    pub fn described_with(&self, status: &str) -> BTreeSet<(String, String, String)> {
        let paths = self.description["paths"].as_object().unwrap();
        let operations =
            paths.iter().flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |one| (path, one)));
        let with_status = operations.filter(|(_, (_, operation))| !operation["responses"][status].is_null());
        with_status.map(|(path, (method, _))| (path.clone(), method.clone(), status.to_owned())).collect()
    }

    /// The path of the description that matches this one.
    fn template(&self, path: &str) -> Option<String> {
        let paths = self.description["paths"].as_object().unwrap();
        let fits = |template: &&String| {
            let (mut one, mut other) = (template.split('/'), path.split('/'));
            loop {
                match (one.next(), other.next()) {
                    (None, None) => return true,
                    (Some(one), Some(other)) if one == other || (one.starts_with('{') && !other.is_empty()) => {}
                    _ => return false,
                }
            }
        };
        let mut fitting: Vec<&String> = paths.keys().filter(fits).collect();
        fitting.sort_by_key(|template| template.matches('{').count());
        fitting.first().map(|template| (*template).clone())
    }
}
