//! Whatever stands in the environment, the AWS SDK of a command finds the mock.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pretty_assertions::assert_eq;
use putevents_mock::__private::environment_rows;
use putevents_mock::{Journal, MockEventBridge};

use crate::support::directory;
use crate::support::program::{command, output, told};

const SERVER: &str = include_str!("../../docs/stand-alone-server.md");

/// Nobody listens there: it is the port for throwing away.
const NOWHERE: &str = "http://127.0.0.1:9";

#[test]
fn the_table_of_the_environment_has_all_that_is_changed() {
    let (head, rows) = SERVER.split_once("| variable | what becomes of it | why |\n|---|---|---|\n").unwrap();
    assert!(head.ends_with("\n\n"));
    let rows: Vec<&str> = rows.split("\n\n").next().unwrap().lines().collect();
    let expected =
        environment_rows().into_iter().map(|[name, becomes, why]| format!("| `{name}` | {becomes} | {why} |"));
    assert_eq!(rows, expected.collect::<Vec<_>>());
}

/// A file with a profile that leads everybody astray.
fn config() -> PathBuf {
    let path = directory("environment").join("config");
    let profile = format!(
        "[default]\nendpoint_url = {NOWHERE}\nuse_fips_endpoint = true\nuse_dualstack_endpoint = \
         true\nignore_configured_endpoint_urls = true\nregion = xx-nowhere-1\nrole_arn = \
         arn:aws:iam::123456789012:role/none\nsource_profile = default\naws_access_key_id = \
         AKIAOFTHEPROFILE\naws_secret_access_key = x\naws_session_token = TOKENOFTHEPROFILE\n"
    );
    std::fs::write(&path, profile).unwrap();
    path
}

/// A wrong value for each variable that is changed, and for those that stay and must do no harm.
fn all_wrong() -> BTreeMap<String, String> {
    let of_table = environment_rows().into_iter().map(|[name, ..]| {
        let wrong = match name.as_str() {
            "AWS_REGION" | "AWS_DEFAULT_REGION" => "eu-north-1",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" | "AWS_USE_FIPS_ENDPOINT" | "AWS_USE_DUALSTACK_ENDPOINT" => "true",
            "AWS_CREDENTIAL_EXPIRATION" => "2020-01-01T00:00:00Z",
            "AWS_EC2_METADATA_DISABLED" => "false",
            "NO_PROXY" | "no_proxy" => "intranet.example",
            name if name.contains("URL") || name.ends_with("FULL_URI") => NOWHERE,
            _ => "wrong",
        };
        (name, wrong.to_owned())
    });
    let config = config().to_str().unwrap().to_owned();
    let proxies = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let stay = proxies.map(|name| (name, NOWHERE.to_owned())).into_iter().chain([
        ("AWS_ENDPOINT_URL", NOWHERE.to_owned()),
        ("AWS_CONFIG_FILE", config.clone()),
        ("AWS_SHARED_CREDENTIALS_FILE", config),
        ("AWS_SDK_LOAD_CONFIG", "1".to_owned()),
        ("AWS_CA_BUNDLE", "/nowhere".to_owned()),
        ("AWS_ACCOUNT_ID_ENDPOINT_MODE", "required".to_owned()),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", NOWHERE.to_owned()),
    ]);
    of_table.chain(stay.map(|(name, value)| (name.to_owned(), value))).collect()
}

/// What a command printed as its environment.
fn printed(command: &mut Command) -> BTreeMap<String, String> {
    let (status, out, log) = told(command.output().unwrap());
    assert_eq!((status, log.as_str()), (0, ""));
    out.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Each variable is as the table says.
fn assert_is_led(found: &BTreeMap<String, String>, url: &str, region: &str) {
    let wrong = all_wrong();
    for [name, becomes, _] in environment_rows() {
        let expected = match becomes.as_str() {
            "removed" => None,
            "set to the URL of the mock" => Some(url.to_owned()),
            "stays, or is set to the region of the mock" => Some(region.to_owned()),
            "extended with `127.0.0.1,localhost,[::1]`" => {
                Some("intranet.example,127.0.0.1,localhost,[::1]".to_owned())
            }
            set => set.strip_prefix("set to `").and_then(|set| set.strip_suffix('`')).map(str::to_owned),
        };
        assert_eq!(found.get(&name), expected.as_ref(), "{name}");
    }
    for name in ["AWS_ENDPOINT_URL", "HTTP_PROXY", "AWS_CA_BUNDLE"] {
        assert_eq!(found[name], wrong[name]);
    }
}

#[test]
fn run_changes_what_the_table_says_and_nothing_else() {
    let found = printed(command(&["run", "--", "env"]).envs(all_wrong()));
    assert_is_led(&found, &found["PUTEVENTS_MOCK_URL"], "eu-north-1");
}

#[test]
fn env_prints_the_same_changes_as_data() {
    let url = "http://127.0.0.1:4010";
    let env = |arguments: &[&str]| {
        let mut env = command(&[&["env"], arguments].concat());
        let (status, out, log) = told(env.envs(all_wrong()).output().unwrap());
        assert_eq!((status, log.as_str()), (0, ""));
        serde_json::from_str::<BTreeMap<String, Option<String>>>(&out).unwrap()
    };
    let mut found = all_wrong();
    for (name, value) in env(&["--url", &format!("{url}/")]) {
        match value {
            Some(value) => found.insert(name, value),
            None => found.remove(&name),
        };
    }
    assert_is_led(&found, url, "eu-north-1");
    assert_eq!(found["PUTEVENTS_MOCK_URL"], url);
    let found = env(&["--url", url, "--access-key-id", "test-17"]);
    assert_eq!(found["AWS_ACCESS_KEY_ID"].as_deref(), Some("test-17"));
}

#[test]
fn env_without_a_url_says_what_to_write() {
    for (url, told) in [
        (None, "error: the following required arguments were not provided:\n  --url <URL>\n"),
        (
            Some("127.0.0.1:4010"),
            "error: invalid value '127.0.0.1:4010' for '--url <URL>': write the URL of a server, such as http://127.0.0.1:4010\n",
        ),
    ] {
        let url = url.map_or(vec![], |url| vec!["--url", url]);
        let (status, out, log) = output(&[vec!["env"], url].concat());
        assert_eq!((status, out.as_str()), (2, ""));
        assert!(log.starts_with(told), "{log}");
    }
}

#[test]
fn apply_env_changes_the_same() {
    let eventbridge = MockEventBridge::builder().region("eu-west-3").start_blocking();
    let mut env = Command::new("env");
    eventbridge.apply_env(env.envs(all_wrong()));
    assert_is_led(&printed(&mut env), eventbridge.endpoint_url(), "eu-west-3");
    // What is taken away from the command does not come back.
    let mut env = Command::new("env");
    eventbridge.apply_env(env.env("NO_PROXY", "corp").env_remove("NO_PROXY").env("no_proxy", "*"));
    assert_eq!(printed(&mut env)["NO_PROXY"], "*");
}

/// Real SDKs, as far as they are there: what starts a program that publishes one event, and where.
fn sdks() -> Vec<(&'static str, Command)> {
    const PYTHON: &str = "import boto3\nentry = {'Source': 's', 'DetailType': 't', 'Detail': '{}'}\n\
                          assert boto3.client('events').put_events(Entries=[entry])['FailedEntryCount'] == 0";
    const JAVASCRIPT: &str = "import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';\n\
                              const entry = { Source: 's', DetailType: 't', Detail: '{}' };\n\
                              const { FailedEntryCount } = await new EventBridgeClient().send(new PutEventsCommand({ Entries: \
                              [entry] }));\nif (FailedEntryCount !== 0) process.exit(1);";
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients");
    let has_boto3 = |python: &PathBuf| {
        let mut import = Command::new(python);
        import.args(["-c", "import boto3"]).stderr(Stdio::null());
        import.status().is_ok_and(|status| status.success())
    };
    let python = [clients.join("python/bin/python"), "python3".into()].into_iter().find(has_boto3).map(|python| {
        let mut boto3 = Command::new(python);
        boto3.args(["-c", PYTHON]);
        ("boto3", boto3)
    });
    let javascript = clients.join("js/installed").exists().then(|| {
        let mut node = Command::new("node");
        node.args(["--input-type=module", "-e", JAVASCRIPT]).current_dir(clients.join("js"));
        ("the AWS SDK for JavaScript", node)
    });
    if python.is_none() {
        println!("SKIPPED: there is no Python with boto3 here");
    }
    if javascript.is_none() {
        println!("SKIPPED: the AWS SDK for JavaScript is not here; tests/clients/run js installs it");
    }
    python.into_iter().chain(javascript).collect()
}

#[test]
fn real_sdks_reach_the_mock_with_everything_set_wrongly() {
    for (name, sdk) in sdks() {
        // Under `run`.
        let journal = directory("environment").join("journal.json");
        let mut run =
            command(&["run", "--strict-auth", "--fail-on-problems", "--journal-file", journal.to_str().unwrap(), "--"]);
        run.arg(sdk.get_program()).args(sdk.get_args()).envs(all_wrong());
        if let Some(folder) = sdk.get_current_dir() {
            run.current_dir(folder);
        }
        let (status, out, log) = told(run.output().unwrap());
        assert_eq!(status, 0, "{name}\n{out}\n{log}");
        let in_file = Journal::from_file(&journal).unwrap();

        // With what the library sets and takes away.
        let eventbridge = MockEventBridge::builder().strict_auth().start_blocking();
        let mut sdk = sdk;
        eventbridge.apply_env(sdk.envs(all_wrong()));
        let (status, out, log) = told(sdk.output().unwrap());
        assert_eq!(status, 0, "{name}\n{out}\n{log}");

        for journal in [in_file, eventbridge.journal()] {
            journal.published().assert_count(1);
            let attempt = &journal.attempts()[0];
            assert_eq!(attempt.credential_scope().unwrap().access_key(), "AKIDEXAMPLE", "{name}");
            assert_eq!(attempt.header("x-amz-security-token"), None, "{name}");
        }
    }
}
