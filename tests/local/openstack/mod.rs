//! OpenStack's own command-line client against the engine: a table of commands with the exit codes that they had on a real
//! cloud.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use disco::local::{Engine, EngineOptions, serve};
use serde_json::Value as Json;

/// A Python that has the client; without one the test is skipped, aloud.
pub(crate) fn python_or_skip() -> Option<PathBuf> {
    let found = python();
    if found.is_none() {
        let told = "this test needs python-openstackclient and python-heatclient; .ci/test brings them";
        assert!(std::env::var_os("CI").is_none(), "{told}");
        // Past the harness, which would keep it to itself.
        std::io::stderr().write_all(format!("SKIPPED: {told}\n").as_bytes()).unwrap();
    }
    found
}

fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python3");
    [own, PathBuf::from("python3"), PathBuf::from("/usr/bin/python3")].into_iter().find(|python| {
        let asked = ["-c", "import openstackclient.shell, heatclient"];
        let known = Command::new(python).args(asked).stdout(Stdio::null()).stderr(Stdio::null()).status();
        known.is_ok_and(|status| status.success())
    })
}

/// Runs the commands one after another; gives what each answered, by its words.
pub(crate) fn run(python: &Path, commands: &str, variables: &[(&str, String)]) -> BTreeMap<String, Json> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/local/openstack/commands.py");
    let mut client = Command::new(python);
    client.arg("-B").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["OS_CLOUD", "OS_CLIENT_CONFIG_FILE"] {
        client.env_remove(name);
    }
    client.envs(variables.iter().map(|(name, value)| (*name, value.as_str())));
    let mut client = client.spawn().unwrap();
    client.stdin.take().unwrap().write_all(commands.as_bytes()).unwrap();
    let done = client.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let lines = String::from_utf8(done.stdout).unwrap();
    let answers = lines.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    answers.map(|answer| (answer["command"].as_str().unwrap().to_owned(), answer)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_commands_of_openstack_do_on_a_real_cloud_they_do_here() {
    let Some(python) = python_or_skip() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path(), EngineOptions { time_scale: 0.004, ..EngineOptions::default() }).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let own = engine.credentials();
    let variables = vec![
        ("OS_AUTH_URL", format!("http://{address}{}", own.auth_path)),
        ("OS_USERNAME", own.username),
        ("OS_PASSWORD", own.password),
        ("OS_PROJECT_NAME", own.project_name),
        ("OS_USER_DOMAIN_NAME", own.user_domain_name),
        ("OS_PROJECT_DOMAIN_NAME", own.project_domain_name),
        ("OS_REGION_NAME", own.region),
        ("OS_IDENTITY_API_VERSION", "3".to_owned()),
        ("HOME", folder.path().display().to_string()),
    ];
    let key = folder.path().join("key.pub");
    std::fs::write(&key, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOJ8wnYovhgowU/RsbT3t7GY8C9l6kgiVX+GsYWab6fv words\n")
        .unwrap();
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/local/openstack/template.yaml");
    let table = include_str!("commands.txt")
        .replace("{template}", &template.display().to_string())
        .replace("{key}", &key.display().to_string());
    let expected = table.lines().filter_map(|line| line.split_once(' '));
    let expected: Vec<(i64, &str)> = expected.map(|(code, command)| (code.parse().unwrap(), command)).collect();
    let commands = expected.iter().map(|(_, command)| *command).collect::<Vec<_>>().join("\n");
    let asking = tokio::task::spawn_blocking(move || run(&python, &commands, &variables));
    let answers = tokio::select! {
        answers = asking => answers.unwrap(),
        ended = serve(&engine, listener) => panic!("the engine ended: {ended:?}"),
    };
    let mut wrong = Vec::new();
    for (code, command) in &expected {
        let answer = &answers[*command];
        if answer["code"] != *code {
            wrong.push(format!("{command}: {}, not {code}: {}", answer["code"], answer["err"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // Not only without complaint: some of it read.
    let out = |command: &str| -> Json { serde_json::from_str(answers[command]["out"].as_str().unwrap()).unwrap() };
    let said = |command: &str| answers[command]["err"].as_str().unwrap().to_owned();
    assert_eq!(out("stack output show words answer -f json")["output_value"], "3");
    assert_eq!(out("server list --long -f json")[0]["Flavor Name"], "m1.small");
    assert_eq!(out("server list --long -f json")[0]["Image Name"], "debian-12");
    assert_eq!(out("subnet list --network words-net -f json")[0]["Subnet"], "10.99.0.0/24");
    assert_eq!(out("floating ip list -f json")[0]["Floating IP Address"], "198.18.0.10");
    assert_eq!(out("project list -f json")[0]["Name"], "disco");
    assert!(said("stack show nosuch").contains("Stack not found: nosuch"));
    assert!(said("flavor show nosuch").contains("nosuch"));
    assert!(said("stack export words").contains("Stack Abandon is not supported."));
    engine.shutdown();
}
