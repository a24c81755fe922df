//! `disco init`: what is asked, what is written, and what is left alone.

use std::process::Command;

use crate::support::{Run, TestProject};

fn empty() -> TestProject {
    let project = TestProject::with("");
    std::fs::remove_file(project.file("main.disco.hcl")).unwrap();
    project
}

#[test]
fn the_first_definition_lives_a_whole_life() {
    let project = empty();
    let run = project.disco("init").ends_with(0);
    assert_eq!(run.stdout, "Written: analytics.disco.hcl\n");
    run.says(&["disco plan", "disco apply"]);
    project.disco("fmt --check").ends_with(0);
    project.disco("lint").ends_with(0);
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let text = project.read("analytics.disco.hcl");
    // Whoever knows Terraform types it again.
    let again = project.disco("init -input=false").ends_with(0);
    assert_eq!(
        again.stdout,
        "Nothing needs to be initialised: the folder has `analytics.disco.hcl`. Run `disco plan`.\n"
    );
    project.disco("init --name other").ends_with(1).says(&["is a project already"]);
    project.disco("init --from hadoop").ends_with(1).says(&["is a project already"]);
    assert_eq!(project.read("analytics.disco.hcl"), text);
    project.disco("destroy --auto-approve").ends_with(0);
}

#[test]
fn options_answer_questions() {
    let project = empty();
    let words = "init a/b --name lab --on containers --framework spark,hadoop --slaves 5 --flavor m1.large --cidr 10.9.0.0/24 --image ubuntu-24.04";
    project.disco(words).ends_with(0).says(&["disco -C a/b plan"]);
    project.disco("-C a/b fmt --check").ends_with(0);
    let text = project.read("a/b/lab.disco.hcl");
    for line in [
        "nodes = \"container\"",
        "default     = 5",
        "image = \"ubuntu-24.04\"",
        "cidr             = \"10.9.0.0/24\"",
        "flavor = \"m1.large\"",
        "framework \"spark\" {}",
        "framework \"hadoop\" {}",
    ] {
        assert!(text.contains(line), "{line} is missing in:\n{text}");
    }
    project.disco("init c --on lab --framework none --external-network ext").ends_with(0);
    project.disco("-C c validate").ends_with(0);
    assert!(project.read("c/analytics.disco.hcl").contains("external_network = \"ext\""));
    assert!(project.read("c/analytics.disco.hcl").contains("provider \"openstack\" {\n  cloud = \"lab\"\n}"));
    for (words, said) in [
        ("init d --slaves many", "expected number"),
        ("init d --cidr 10.9.0.1/24", "10.9.0.0/24"),
        ("init d --name Lab", "cannot be the name of a cluster"),
        ("init d --framework hadop", "did you mean `hadoop`"),
        ("init d --from hadoop --name x", "cannot be used together"),
    ] {
        let run = project.disco(words).ends_with(1).says(&[said]);
        assert_eq!(run.stderr.matches("  × ").count(), usize::from(!words.contains("--from")), "{}", run.stderr);
        assert!(!project.file("d").exists(), "{words}");
    }
}

#[test]
fn every_framework_can_be_the_first() {
    let project = empty();
    let listed: serde_json::Value =
        serde_json::from_str(&project.disco("frameworks --json").ends_with(0).stdout).unwrap();
    let names: Vec<&str> =
        listed["frameworks"].as_array().unwrap().iter().map(|framework| framework["name"].as_str().unwrap()).collect();
    assert!(names.len() >= 2, "{names:?}");
    for name in names {
        project.disco(&format!("init {name} --framework {name}")).ends_with(0);
        project.disco(&format!("-C {name} validate")).ends_with(0);
    }
}

#[test]
fn examples_are_copied_whole() {
    let project = empty();
    let listed = project.disco("init --list").ends_with(0).stdout;
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in std::fs::read_dir(&root).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(listed.lines().any(|line| line.starts_with(&format!("{name} "))), "{listed}");
        project.disco(&format!("init {name} --from {name}")).ends_with(0);
        for file in
            std::fs::read_dir(root.join(&name)).unwrap().map(|file| file.unwrap()).filter(|file| file.path().is_file())
        {
            let copied = std::fs::read(project.file(&name).join(file.file_name())).unwrap();
            assert_eq!(copied, std::fs::read(file.path()).unwrap(), "{name}/{:?}", file.file_name());
        }
        project.disco(&format!("-C {name} validate")).ends_with(0);
    }
    let run = project.disco("init x --from hadoob").ends_with(1);
    run.says(&["example `hadoob` does not exist", "did you mean `hadoop`"]);
    project.disco("init x --from terasort").ends_with(1).says(&["disco init --list"]);
    project.write("y/README.md", "mine");
    project.disco("init y --from hadoop").ends_with(1).says(&["`y/README.md` exists already"]);
    assert_eq!((project.read("y/README.md").as_str(), project.file("y/hadoop.disco.hcl").exists()), ("mine", false));
    project.write("z", "no folder");
    project.disco("init z/a").ends_with(1).says(&["cannot write"]);
}

#[test]
fn what_disco_writes_is_kept_out_of_git() {
    let project = empty();
    project.git("init --quiet --initial-branch main");
    let told: serde_json::Value = serde_json::from_str(&project.disco("init lab --json").ends_with(0).stdout).unwrap();
    assert_eq!(told["files"], serde_json::json!(["analytics.disco.hcl", ".gitignore"]));
    project.disco("-C lab apply --auto-approve").ends_with(0);
    project.git("add lab");
    project.git("commit --quiet -m first");
    let output = Command::new("git").args(["ls-files"]).current_dir(project.path()).output().unwrap();
    assert_eq!(Run::of(&output).stdout, "lab/.gitignore\nlab/analytics.disco.hcl\n");
    project.write("own/.gitignore", "mine\n");
    project.disco("init own").ends_with(0);
    assert_eq!(project.read("own/.gitignore"), "mine\n");
}

#[test]
fn questions_have_answers_and_wrong_ones_are_asked_again() {
    let project = empty();
    let command = project.command("init --no-color --image debian-12");
    let output = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/answers.py"))
        .arg("Lab,lab,,hadop,none,2,,,10.1.2.3/16,10.1.0.0/16,")
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(project.path())
        .output()
        .unwrap();
    let screen = String::from_utf8(output.stdout).unwrap();
    for said in [
        "Name of the cluster [analytics]: ",
        "`Lab` cannot be the name of a cluster",
        "did you mean `hadoop`",
        "Number of slaves [3]: ",
        "Addresses of the network [10.20.0.0/24]: ",
        "External network, which floating IPs are from [public]: ",
        "Written: lab.disco.hcl",
        "exit code 0",
    ] {
        assert!(screen.contains(said), "nothing of `{said}` in:\n{screen}");
    }
    assert!(!screen.contains("Image of the nodes"), "{screen}");
    let text = project.read("lab.disco.hcl");
    assert!(text.contains("default     = 2") && text.contains("10.1.0.0/16") && !text.contains("framework"), "{text}");
    project.disco("validate").ends_with(0);
}
