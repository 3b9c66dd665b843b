//! A headless Chromium, driven through chromedriver: the little of WebDriver that the tests of the page need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Long enough for a browser on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// One browser at a time is enough work for a small machine.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A browser with a profile of its own. It ends with this value, also where the test panics.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    directory: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

/// How often a driver is started. It looks for a port that is free for IPv4 and takes it for IPv6 as well, where another test may
/// have it by then; then it ends.
const ATTEMPTS: usize = 10;

/// A driver that listens, and where; `None` where it ended before it did.
fn drive(chromedriver: &Path, directory: &Path) -> Option<(Child, u16)> {
    let mut driver = Command::new(chromedriver)
        .arg("--port=0")
        .env("TMPDIR", directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.map_while(Result::ok).find_map(|line| port_in(&line));
    if port.is_none() {
        let _ = driver.wait();
    }
    Some((driver, port?))
}

impl Browser {
    /// Starts one; where the machine has none, says so and returns `None`.
    pub fn start() -> Option<Self> {
        let (chromium, chromedriver) =
            match (found(&["chromium", "chromium-browser", "google-chrome"]), found(&["chromedriver"])) {
                (Some(chromium), Some(chromedriver)) => (chromium, chromedriver),
                _ => {
                    println!("SKIPPED: the page was not tried in a browser: apt-get install chromium chromium-driver");
                    return None;
                }
            };
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let directory = super::directory("browser");
        let (driver, port) =
            (0..ATTEMPTS).find_map(|_| drive(&chromedriver, &directory)).expect("chromedriver says its port");
        // From here on the driver is killed with the browser, whatever happens.
        let mut browser = Self { driver, port, session: String::new(), directory, _turn: turn };
        let profile = format!("--user-data-dir={}", browser.directory.join("profile").display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1400,1000",
            // A name that leads to this machine.
            "--host-resolver-rules=MAP attacker.example 127.0.0.1",
            &profile,
        ];
        let wanted = json!({
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "binary": chromium, "args": arguments },
        });
        let session = browser.call("POST", "/session", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        browser.session = session["sessionId"].as_str().unwrap().to_owned();
        Some(browser)
    }

    pub fn open(&self, url: &str) {
        self.command("POST", "/url", json!({ "url": url }));
    }

    pub fn open_file(&self, path: &Path) {
        self.open(&format!("file://{}", path.display()));
    }

    /// Loads the page again, and returns when the new one is there. A script that calls `location.reload()` returns before
    /// that, and what follows may still ask the old page.
    pub fn reload(&self) {
        self.command("POST", "/refresh", json!({}));
    }

    /// What a script returns: the body of a function.
    pub fn script(&self, script: &str) -> Value {
        self.command("POST", "/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// The text of the first element that a selector names, as a reader sees it.
    pub fn text(&self, selector: &str) -> String {
        let element = self.element(selector);
        self.command("GET", &format!("/element/{element}/text"), Value::Null).as_str().unwrap().to_owned()
    }

    pub fn click(&self, selector: &str) {
        // The driver would scroll it just into sight, which may be below something that sticks there.
        self.script(&format!("document.querySelector({})?.scrollIntoView({{ block: 'center' }})", json!(selector)));
        let element = self.element(selector);
        self.command("POST", &format!("/element/{element}/click"), json!({}));
    }

    /// Presses these keys one after the other, wherever the focus is.
    pub fn press(&self, keys: &[&str]) {
        let strokes =
            keys.iter().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })));
        let actions = json!([{ "type": "key", "id": "keyboard", "actions": strokes.collect::<Vec<_>>() }]);
        self.command("POST", "/actions", json!({ "actions": actions }));
    }

    /// `light` or `dark`, as the system of a reader would have it.
    pub fn prefer_color_scheme(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size);
    }

    /// Waits until a script returns something true, and returns it.
    pub fn until(&self, script: &str) -> Value {
        let began = Instant::now();
        loop {
            let value = self.script(script);
            if ![Value::Null, Value::Bool(false)].contains(&value) {
                return value;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "this never came true: {script}\n\n{}",
                self.script("return document.body.innerText")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the browser had to say since the last look: errors of scripts, and what it refused to load.
    pub fn console(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", json!({ "type": "browser" }));
        log.as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    fn element(&self, selector: &str) -> String {
        let found = self.command("POST", "/element", json!({ "using": "css selector", "value": selector }));
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    fn devtools(&self, command: &str, parameters: Value) {
        self.command("POST", "/goog/cdp/execute", json!({ "cmd": command, "params": parameters }));
    }

    fn command(&self, method: &str, path: &str, body: Value) -> Value {
        self.call(method, &format!("/session/{}{path}", self.session), &body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        assert_eq!(status, 200, "{method} {path} {body}\n{}", answer["value"]["message"].as_str().unwrap_or_default());
        answer["value"].clone()
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> std::io::Result<(u16, Value)> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(2 * PATIENCE))?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes())?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut length = 0;
        while line.trim() != "" {
            line.clear();
            reader.read_line(&mut line)?;
            if let Some((name, value)) = line.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer)?;
        Ok((status, serde_json::from_slice(&answer).unwrap_or(Value::Null)))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.ask("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        kill_users_of(&self.directory);
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// `ChromeDriver was started successfully on port 39021.`
fn port_in(line: &str) -> Option<u16> {
    line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

/// The first of these programs that is on the path.
fn found(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names
        .iter()
        .find_map(|name| std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file()))
}

/// Where a browser did not end when it was told to: kills whatever was started with this directory among its arguments.
fn kill_users_of(directory: &Path) {
    let directory = directory.to_string_lossy().into_owned();
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let arguments = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&arguments).contains(&directory) {
            let _ = Command::new("kill").arg("-9").arg(process.file_name()).stderr(Stdio::null()).status();
        }
    }
}
