//! What a definition takes for granted is looked for when it is planned.

use std::fs;

use crate::support::TestProject;

const DEFINITION: &str = r#"
variable "net" { default = "lab-net" }
variable "subnet" { default = "lab-subnet" }
variable "addresses" { default = "192.0.2.64/26" }
cluster "lab" {
  image = "debian-12"
  network {
    existing  = var.net
    subnet    = var.subnet
    addresses = var.addresses
  }
  master { flavor = "m1.medium" }
}
"#;

#[test]
fn networks_and_addresses_are_those_of_the_cloud() {
    let project = TestProject::with(DEFINITION);
    let rows: [(&str, &[&str]); 5] = [
        ("net=nope", &["disco::unknown_network", "network `nope` does not exist in the cloud", "`lab-net`"]),
        ("net=lab-nte", &["did you mean `lab-net`?"]),
        ("subnet=lab", &["disco::unknown_subnet", "network `lab-net` has no subnet `lab`", "`lab-subnet`"]),
        ("addresses=10.0.0.0/24", &["disco::addresses_outside_subnet", "is not within the subnet's 192.0.2.0/24"]),
        (
            "addresses=192.0.2.0/26",
            &["disco::addresses_hold_gateway", "contains the gateway 192.0.2.1", "addresses = \"192.0.2.32/27\""],
        ),
    ];
    for (variable, words) in rows {
        for command in ["plan", "apply -auto-approve"] {
            project.disco(&format!("{command} --var {variable}")).ends_with(1).says(words).says(&["main.disco.hcl:"]);
        }
    }
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);

    // Somebody else's ports: those of a cluster that this project no longer knows.
    fs::remove_file(project.file("disco.state.json")).unwrap();
    let _ = fs::remove_dir_all(project.file(".disco/states"));
    project.write("main.disco.hcl", &DEFINITION.replace("cluster \"lab\"", "cluster \"other\""));
    let taken = project.disco("plan").ends_with(1);
    taken.says(&["disco::address_taken", "192.0.2.65 of `cluster.other.master[0]` is in use by port", "help: "]);
    project.disco("apply -auto-approve --var addresses=192.0.2.128/26").ends_with(0);
}

#[test]
fn key_pairs_are_those_of_the_cloud_and_can_be_added() {
    let definition = "cluster \"lab\" {\n  image = \"debian-12\"\n  key_pair = \"me\"\n  network {\n    cidr = \
                      \"10.61.0.0/24\"\n  }\n  master { flavor = \"m1.medium\" }\n}\n";
    let project = TestProject::with(definition);
    let unknown = project.disco("plan").ends_with(1);
    unknown.says(&[
        "disco::unknown_key_pair",
        "key pair `me` does not exist in the cloud",
        "main.disco.hcl:3:14",
        "disco local key-pair me",
    ]);
    project.write("key.pub", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    project.disco("local key-pair me key.pub").ends_with(1).says(&["`key.pub` is not a public key", "help: "]);
    project.disco("local key-pair me nowhere.pub").ends_with(1).says(&["cannot read `nowhere.pub`", "does not exist"]);
    project.write("key.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHhQ me@here\n");
    project.disco("local key-pair me key.pub").ends_with(0).says(&["key_pair = \"me\""]);
    let taken = project.disco("local key-pair me key.pub").ends_with(1);
    let taken = taken.says(&["adding key pair `me` failed", "Key pair 'me' already exists", "help: use another name"]);
    assert!(!taken.stderr.contains("reading") && !taken.stderr.contains("under way"), "{}", taken.stderr);
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);
    project.write("main.disco.hcl", &definition.replace("\"me\"", "\"mee\""));
    project.disco("plan").ends_with(1).says(&["did you mean `me`?"]);
    project.disco("destroy -auto-approve").ends_with(0);
    // What a person has added is theirs.
    project.write("main.disco.hcl", definition);
    project.disco("plan -detailed-exitcode").ends_with(2);
}

#[test]
fn what_is_deleted_is_gone_from_the_disk() {
    let project = TestProject::with(&DEFINITION.replace("cluster \"lab\" {", "variable \"word\" {\n  default = \"Gr33n-Light\"\n  sensitive = true\n}\ncluster \"lab\" {").replace(
        "  master { flavor = \"m1.medium\" }\n",
        "  master { flavor = \"m1.medium\" }\n  slaves {\n    count = 1\n    flavor = \"m1.medium\"\n  }\n  framework \"hadoop\" {\n    \
         config \"core-site.xml\" {\n      set = { \"lab.word\" = var.word }\n    }\n  }\n",
    ));
    let kept = |word: &str| {
        let mut grep = std::process::Command::new("grep");
        found_in(grep.args(["-rl", word, ".disco", "disco.state.json"]), &project)
    };
    project.disco("apply -auto-approve").ends_with(0);
    assert_eq!(kept("Gr33n-Light"), [".disco/engine/log.jsonl"]);
    project.disco("apply -auto-approve --var word=R3d-Light").ends_with(0);
    assert_eq!(kept("Gr33n-Light"), [] as [String; 0], "what was replaced is gone");
    {
        let _server = project.serve();
        project.disco("apply -auto-approve --var word=Blu3-Light").ends_with(0);
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !kept("R3d-Light").is_empty() {
            assert!(std::time::Instant::now() < until, "what was replaced is gone soon, while the engine still runs");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        project.disco("plan -detailed-exitcode --var word=Blu3-Light").ends_with(0);
        project.disco("destroy -auto-approve --var word=Blu3-Light").ends_with(0);
        assert_eq!(kept("Blu3-Light"), [] as [String; 0], "what was destroyed is gone at once");
    }
    assert_eq!(kept("Light"), [] as [String; 0]);
}

fn found_in(command: &mut std::process::Command, project: &TestProject) -> Vec<String> {
    let output = command.current_dir(project.path()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
