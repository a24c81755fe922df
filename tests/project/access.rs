//! How one gets onto nodes: `disco ssh` and `disco logs`. Small programs stand for `ssh` and `podman`: they write down
//! what they were given.

use std::os::unix::fs::PermissionsExt as _;

use super::openstack::Cloud;
use crate::support::{Run, TestProject};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDIhz2GK/XCUj4i6Q5yQJNL1MKMY0RxzPV2QrBqfHrDq guest";

/// A cluster with what a person needs to get in; each part can be left out.
fn definition(key: bool, rule: bool, floating: bool) -> String {
    let key = if key { format!("ssh_keys = [\"{KEY}\"]") } else { String::new() };
    let rule = if rule { "security {\n    allow \"ssh\" { from = [\"203.0.113.0/24\"] }\n  }" } else { "" };
    format!(
        "cluster \"lab\" {{\n  image = \"debian-12\"\n  {key}\n  network {{\n    cidr = \"10.1.0.0/24\"\n    \
         external_network = \"public\"\n  }}\n  {rule}\n  master {{\n    flavor = \"m1.small\"\n    \
         floating_ip = {floating}\n  }}\n  slaves {{\n    count = 2\n    flavor = \"m1.small\"\n  }}\n}}\n"
    )
}

/// Puts a program into a folder of the project that stands before others in `PATH`.
pub(super) fn program(project: &TestProject, name: &str, script: &str) {
    let file = format!("bin/{name}");
    project.write(&file, script);
    std::fs::set_permissions(project.file(&file), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs DISCO with these words, and with the project's own programs.
pub(super) fn run(project: &TestProject, words: &[&str]) -> Run {
    let path = format!("{}:{}", project.file("bin").display(), std::env::var("PATH").unwrap());
    let mut command = project.command("");
    Run::of(&command.args(words).env("PATH", path).env("DISCO_CONTAINER_ENGINE", "podman").output().unwrap())
}

/// What its arguments are, a line each, in brackets; then its last word's number as its exit code.
const SAYS: &str = "#!/bin/sh\nfor word; do echo \"[$word]\"; done\nexit 23\n";

#[test]
fn servers_of_a_cloud_are_reached_by_ssh_through_the_master() {
    let cloud = Cloud::serve();
    let project = &cloud.project;
    project.write("main.disco.hcl", &definition(true, true, true));
    project.disco("apply -auto-approve").ends_with(0);
    program(project, "ssh", SAYS);

    let said = run(project, &["ssh", "slaves[1]", "echo", "it's", "$HOME; ls", "-var"]).ends_with(23);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(lines[..5], ["[-F]", "[ssh_config]", "[-T]", "[--]", "[lab-slaves-1]"], "{}", said.stdout);
    let sent = lines[5..].join("\n");
    assert!(sent.ends_with(r"'echo' 'it'\''s' '$HOME; ls' '-var']"), "{sent}");

    // The shell at the other end reads each word as it was typed.
    let local = sent.trim_start_matches('[').trim_end_matches(']').replace("cd 2>/dev/null", "cd /");
    let heard = std::process::Command::new("/bin/sh").args(["-c", &local]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&heard.stdout), "it's $HOME; ls -var\n");

    let config = project.read(".disco/ssh_config");
    let state = project.state();
    let floating = state["clusters"]["lab"]["floating_ips"].to_string();
    let master = floating.split('"').find(|text| text.parse::<std::net::Ipv4Addr>().is_ok()).unwrap();
    let known = format!(
        "UserKnownHostsFile \"{}\"",
        project.path().canonicalize().unwrap().join(".disco/known_hosts").display()
    );
    for line in [
        "Host lab-master-0".to_owned(),
        format!("HostName {master}"),
        "User debian".to_owned(),
        "Host lab-slaves-1".to_owned(),
        "ProxyJump lab-master-0".to_owned(),
        format!("HostKeyAlias lab-slaves-1.{}", cloud.id("slaves-1-server")),
        "StrictHostKeyChecking accept-new".to_owned(),
        known,
    ] {
        assert!(config.lines().any(|known| known.trim() == line), "nothing of `{line}` in:\n{config}");
    }

    // The master is reached itself; another account and another key are the user's to choose.
    let said = run(project, &["ssh", "-l", "admin", "-i", "my key", "lab-master-0"]).ends_with(23);
    assert!(said.stdout.contains("[lab-master-0]"), "{}", said.stdout);
    let config = project.read(".disco/ssh_config");
    let master = config.split("\nHost ").find(|host| host.starts_with("lab-master-0\n")).unwrap();
    assert!(!master.contains("ProxyJump") && master.contains("User admin"), "{config}");
    // Several nodes are asked at the same time: whichever was written last, all of them are there.
    assert!(config.contains("Host lab-slaves-0\n") && config.contains("Host lab-slaves-1\n"), "{config}");
    assert!(config.contains("my key\"\n    IdentitiesOnly yes"), "{config}");

    let said = run(project, &["logs", "slaves[0]", "ssh", "-n", "5"]).ends_with(23);
    let sent = "['sudo' '-n' 'journalctl' '--no-pager' '--quiet' '--unit=ssh' '--lines=5']";
    assert!(said.stdout.contains(sent), "{}", said.stdout);

    // A suspended cluster answers nobody, and says so at once.
    project.disco("suspend").ends_with(0);
    run(project, &["ssh", "master"]).ends_with(1).says(&["`cluster.lab.master[0]` is suspended", "disco resume lab"]);
}

#[test]
fn where_there_is_no_way_in_what_is_missing_is_named() {
    let cloud = Cloud::serve();
    let project = &cloud.project;
    project.write("main.disco.hcl", &definition(false, false, false));
    project.disco("apply -auto-approve").ends_with(0);
    program(project, "ssh", SAYS);
    let login = || run(project, &["ssh", "slaves[0]"]).ends_with(1);
    login().says(&["no way in to `cluster.lab.slaves[0]`: its cluster has neither `ssh_keys` nor `key_pair`"]);
    project.write("main.disco.hcl", &definition(true, false, false));
    login().says(&["no node of its cluster has a floating IP", "write `floating_ip = true` in `master`"]);
    project.write("main.disco.hcl", &definition(true, false, true));
    project.disco("apply -auto-approve").ends_with(0);
    login().says(&["no rule allows SSH to `master`", "write `allow \"ssh\" { from = [\"203.0.113.0/24\"] }`"]);
    project.write("main.disco.hcl", &definition(true, true, true));
    run(project, &["ssh", "slaves[0]"]).ends_with(23);
}

#[test]
fn words_for_nodes_are_read_in_several_ways() {
    let project = TestProject::applied_lab();
    let simulated =
        |word: &str| run(&project, &["ssh", word]).ends_with(1).says(&["is simulated: nothing runs there"]).stderr;
    for word in ["slaves[0]", "slaves", "lab.slaves[0]", "cluster.lab.slaves[0]", "lab-slaves-0", "cluster.lab.slaves"]
    {
        assert!(simulated(word).contains("`cluster.lab.slaves[0]`"), "{word}");
    }
    assert!(simulated("master").contains("`cluster.lab.master[0]`"));
    run(&project, &["logs", "slaves[3]"])
        .ends_with(1)
        .says(&["node `slaves[3]` does not exist", "the nodes are `master[0]` and `slaves[0]`"]);
    run(&project, &["ssh", "lab-slave-0"]).ends_with(1).says(&["did you mean `lab-slaves-0`?"]);
    let empty = TestProject::lab();
    run(&empty, &["ssh", "master"]).ends_with(1).says(&["the project has no nodes", "disco apply"]);
}

/// Stands for Podman: one container, that of the master.
fn podman(id: &str, status: &str) -> String {
    let found = format!(
        r#"[{{"Name": "lab-master-0-x", "State": {{"Status": "{status}"}}, "Config": {{"Labels": {{"disco.server": "{id}"}}}}}}]"#
    );
    format!(
        "#!/bin/sh\ncase \"$1 $2\" in\n  'ps '*) case \"$*\" in *{id}*) echo abc;; esac;;\n  'container inspect') echo '{found}';;\n  \
         'exec '*) shift; for word; do echo \"[$word]\"; done; exit 7;;\nesac\n"
    )
}

#[test]
fn containers_are_entered_through_their_engine() {
    let project = TestProject::applied_lab();
    let id = project.state()["clusters"]["lab"]["stacks"]["lab"]["resources"]["master-0-server"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    project.write("cloud.disco.hcl", "provider \"local\" { nodes = \"container\" }\n");
    program(&project, "podman", &podman(&id, "running"));
    let said = run(&project, &["ssh", "master", "ls", "-la", "/a b"]).ends_with(7);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(lines[..4], ["[--interactive]", "[--user]", "[debian]", "[lab-master-0-x]"], "{}", said.stdout);
    assert!(said.stdout.ends_with("[sh]\n[ls]\n[-la]\n[/a b]\n"), "{}", said.stdout);

    let said = run(&project, &["ssh", "--as", "hdfs", "master", "hdfs", "dfsadmin"]).ends_with(7);
    assert!(said.stdout.ends_with("[sh]\n[hdfs]\n[hdfs]\n[dfsadmin]\n"), "{}", said.stdout);
    let said = run(&project, &["logs", "master", "--json", "--since", "-2h"]).ends_with(7);
    assert!(said.stdout.starts_with("[--interactive]\n[--user]\n[root]\n"), "{}", said.stdout);
    assert!(said.stdout.ends_with("[--since=-2h]\n[--output=json]\n"), "{}", said.stdout);

    // Another process may hold the project meanwhile.
    project.write(".disco/lock", "");
    let lock = std::fs::File::open(project.file(".disco/lock")).unwrap();
    lock.lock().unwrap();
    run(&project, &["ssh", "master", "ls"]).ends_with(7);

    for (status, told) in [("exited", "is stopped"), ("paused", "is paused")] {
        program(&project, "podman", &podman(&id, status));
        let said = run(&project, &["ssh", "master", "ls"]).ends_with(1);
        said.says(&["`cluster.lab.master[0]` is not running: its container `lab-master-0-x`", told, "disco apply"]);
    }
    run(&project, &["ssh", "slaves", "ls"]).ends_with(1).says(&["its container does not exist"]);
}
