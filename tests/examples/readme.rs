//! Every command of the README and of the examples' READMEs is run.

use std::fs;
use std::path::Path;

use crate::support::{Inventory, Run, TestCloud, TestProject, in_its_words};

/// The lines after `$ ` in the `console` blocks of a text.
fn commands(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        match line.trim() {
            "```console" => inside = true,
            "```" => inside = false,
            line if inside => found.extend(line.strip_prefix("$ ").map(str::to_owned)),
            _ => {}
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs one command in a copy of the example; `cargo run` and the building commands stand for the program that cargo
/// has built for this test.
fn run(command: &str, project: &TestProject) {
    let words = command
        .strip_prefix("cargo run --release --locked -- -C examples/hadoop ")
        .or_else(|| command.strip_prefix("disco "));
    if words == Some("serve") {
        return serves(project);
    }
    if let Some(words) = words {
        // No shell takes the quotes off.
        let run = project.disco(&words.replace('\'', ""));
        let tells = ["lint", "diff"].iter().any(|word| words.split(' ').next() == Some(word));
        let waiting = (tells || words.contains("-detailed-exitcode")) && run.code == 2;
        assert!(run.code == 0 || waiting, "$ {command}\n{}{}", run.stdout, run.stderr);
        return;
    }
    if let Some((text, file)) = command.strip_prefix("echo '").and_then(|rest| rest.split_once("' ")) {
        let (before, name) = match (file.strip_prefix(">> "), file.strip_prefix("> ")) {
            (Some(name), _) => (project.read(name), name),
            (None, Some(name)) => (String::new(), name),
            (None, None) => panic!("neither > nor >>: {command}"),
        };
        project.write(name, &format!("{before}{text}\n"));
        return;
    }
    match command {
        // This very test is part of what it runs.
        ".ci/test" => {
            let script = fs::read_to_string(root().join(".ci/test")).unwrap();
            assert!(script.contains("cargo test") && script.contains("cargo clippy") && script.contains("cargo fmt"));
            let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
            assert!(ci.lines().any(|line| line == ".ci/test"), ".ci/run calls the README's test command");
        }
        "cargo build --release --locked" | "export PATH=\"$PWD/target/release:$PATH\"" => {
            assert!(root().join("Cargo.lock").exists(), "--locked needs the lock file");
        }
        other => panic!("the README has a command that no test runs: {other}"),
    }
}

/// `disco serve` goes on until somebody ends it: once it says where it is, it answers.
fn serves(project: &TestProject) {
    let mut command = project.command("serve --listen 127.0.0.1:0");
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let address = lines.map(Result::unwrap).find(|line| line.contains("/sign-in?code=")).unwrap();
    let host = address.trim().trim_start_matches("http://").split('/').next().unwrap();
    let mut line = std::net::TcpStream::connect(host).unwrap();
    std::io::Write::write_all(&mut line, format!("GET /healthz HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut line, &mut answer).unwrap();
    assert!(answer.contains(" 200 OK"), "{answer}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn every_command_of_the_readme_runs() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let (before, rest) = text.split_once(OPENSTACK).unwrap();
    let (_, after) = rest.split_once("\n## ").unwrap();
    let commands = commands(&format!("{before}\n{after}"));
    assert!(commands.len() > 10, "{commands:?}");
    let project = TestProject::example("hadoop");
    for words in ["init --quiet --initial-branch main", "add .", "commit --quiet -m first"] {
        project.git(words);
    }
    for command in &commands {
        run(command, &project);
    }
}

/// The section for people who have a cloud.
const OPENSTACK: &str = "\n## On an OpenStack\n";

/// From a `clouds.yaml` and nothing else to a cluster and back, in a shell, as it is written there.
#[test]
fn every_command_for_an_openstack_runs() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let section = text.split_once(OPENSTACK).unwrap().1.split("\n## ").next().unwrap().to_owned();
    let commands = commands(&section);
    assert_eq!(commands.iter().position(|command| command == "disco apply"), Some(4), "five commands: {commands:?}");
    let cloud = TestCloud::chosen("analytics");
    let before = Inventory::take(&cloud.eyes, "analytics");
    let home = TestProject::with("");
    home.write(".config/openstack/clouds.yaml", &cloud.settings().replace("\"north\"", "\"lab\""));
    let definition = fs::read_to_string(root().join("examples/hadoop/hadoop.disco.hcl")).unwrap();
    home.write("examples/hadoop/hadoop.disco.hcl", &in_its_words(&definition));
    let program = Path::new(env!("CARGO_BIN_EXE_disco")).parent().unwrap();
    let script = format!("set -e\n{}\n", commands.join("\n"));
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let known = home.command("");
    let mut child = std::process::Command::new("bash")
        .args(["-c", &script])
        .current_dir(home.path())
        .env_clear()
        .envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("PATH", path)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"yes\n").unwrap();
    let run = Run::of(&child.wait_with_output().unwrap()).ends_with(0);
    for said in
        ["Apply complete! Resources: 13 added", "No changes.", "1 added, 0 changed, 0 destroyed", "Destroy complete!"]
    {
        assert!(run.stdout.contains(said), "nothing of `{said}` in:\n{}", run.stdout);
    }
    let left = Inventory::take(&cloud.eyes, "analytics").beyond(&before);
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn every_command_of_the_examples_runs() {
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let folder = entry.unwrap();
        let text = fs::read_to_string(folder.path().join("README.md")).unwrap();
        let project = TestProject::example(folder.file_name().to_str().unwrap());
        for command in commands(&text) {
            run(&command, &project);
        }
    }
}

#[test]
fn the_cluster_in_ten_lines_is_valid() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let start = text.find("```hcl\n").unwrap() + "```hcl\n".len();
    let definition = text[start..].split("```").next().unwrap();
    TestProject::with(definition).disco("validate").ends_with(0);
}
