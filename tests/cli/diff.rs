//! `disco diff`: two folders, two revisions, and what a reviewer reads of them.

use std::process::Command;

use serde_json::Value as Json;

use crate::support::{TestProject, snapshot};

const HADOOP: &str = r#"cluster "analytics" {
  image = "debian-12"
  network {
    cidr             = "10.20.0.0/24"
    external_network = "public"
  }
  security {
    allow "ssh" { from = ["203.0.113.0/24"] }
  }
  master { flavor = "m1.large" }
  slaves {
    count  = 3
    flavor = "m1.medium"
    volume "hdfs" { size = 50 }
  }
  framework "hadoop" {
    config "hdfs-site.xml" {
      set = { "dfs.blocksize" = "128m" }
    }
  }
}
"#;

/// The same with an opened port, another image for the slaves, a setting and a key changed, and a slave more.
fn changed() -> String {
    HADOOP
        .replace("allow \"ssh\"", "allow \"web-ui\" { from = [\"0.0.0.0/0\"] }\n    allow \"ssh\"")
        .replace("count  = 3\n", "count  = 4\n    image  = \"ubuntu-24.04\"\n")
        .replace("\"128m\"", "\"256m\"")
        .replace("framework \"hadoop\" {", "framework \"hadoop\" {\n    replication = 2")
}

#[test]
fn two_folders_are_compared_as_a_plan_would_be() {
    let project = TestProject::with("");
    std::fs::create_dir_all(project.file("old")).unwrap();
    std::fs::create_dir_all(project.file("new")).unwrap();
    project.write("old/main.disco.hcl", HADOOP);
    project.write("new/main.disco.hcl", &changed());
    let run = project.disco("diff old new").ends_with(2);
    snapshot!("diff", run.stdout.clone() + &run.stderr);
    for words in ["rebuilt", "dfs.blocksize: 128m → 256m", "from 0.0.0.0/0", "new/main.disco.hcl:"] {
        assert!(run.stdout.contains(words), "nothing of {words}:\n{}", run.stdout);
    }
    let run = project.disco("diff old new --format markdown").ends_with(2);
    snapshot!("diff_markdown", run.stdout.clone());
    assert_eq!(run.stderr, "");
    let run = project.disco("diff old new --json").ends_with(2);
    let document: Json = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&document["compared"], &document["with"]), (&"old".into(), &"new".into()));
    assert_eq!((&document["size_before"]["nodes"], &document["size_after"]["nodes"]), (&4.into(), &5.into()));
    let run = project.disco("diff old old").ends_with(0);
    assert!(run.stdout.contains("No differences."), "{}", run.stdout);
    // Nothing is left behind, not even a state.
    assert!(!project.file(".disco").exists() && !project.file("new/.disco").exists());
}

#[test]
fn what_is_compared_is_what_a_plan_says_after_an_apply() {
    let project = TestProject::with(HADOOP);
    project.disco("apply --auto-approve").ends_with(0);
    std::fs::create_dir_all(project.file("old")).unwrap();
    project.write("old/main.disco.hcl", HADOOP);
    project.write("main.disco.hcl", &changed());
    let planned: Json = serde_json::from_str(
        project
            .disco("plan --json --accept-data-loss")
            .ends_with(0)
            .stdout
            .lines()
            .find(|line| line.contains("\"changes\":"))
            .unwrap(),
    )
    .unwrap();
    let compared: Json = serde_json::from_str(&project.disco("diff old --json").ends_with(2).stdout).unwrap();
    let kinds = |changes: &Json| -> Vec<String> {
        let each = |change: &Json| format!("{} {} {}", change["address"], change["kind"], change["data_loss"]);
        changes.as_array().unwrap().iter().map(each).collect()
    };
    assert_eq!(kinds(&compared["changes"]), kinds(&planned["plan"]["changes"]));
}

#[test]
fn revisions_are_those_of_git() {
    let project = TestProject::with(HADOOP);
    project.git("init --quiet --initial-branch main");
    project.git("add .");
    project.git("commit --quiet -m first");
    project.disco("diff").ends_with(0);
    project.write("main.disco.hcl", &changed());
    let run = project.disco("diff").ends_with(2);
    assert!(run.stdout.starts_with("Changes from HEAD to the working tree, if HEAD is what runs."), "{}", run.stdout);
    project.git("switch --quiet -c more");
    project.git("commit --quiet -a -m second");
    project.disco("diff main..HEAD").ends_with(2);
    project.disco("diff main more").ends_with(2);
    project.disco("diff main...more").ends_with(2);
    project.disco("diff HEAD").ends_with(0);
    project.disco("diff nothing").ends_with(1).says(&["`nothing` is neither a folder nor a revision of git", "help: "]);
    project.disco("diff nothing..HEAD").ends_with(1).says(&["git knows no revision `nothing`"]);
    let status = Command::new("git").args(["status", "--porcelain"]).current_dir(project.path()).output().unwrap();
    assert_eq!(String::from_utf8(status.stdout).unwrap(), "", "the repository is as it was");
    // A mistake in the older one is told with its revision.
    project.write("main.disco.hcl", "cluster \"lab\" {\n");
    project.git("commit --quiet -a -m broken");
    project.write("main.disco.hcl", HADOOP);
    project.disco("diff HEAD").ends_with(1).says(&["HEAD:main.disco.hcl:1:15", "never closed"]);
}

#[test]
fn a_project_without_git_says_what_to_do() {
    let project = TestProject::lab();
    project.disco("diff").ends_with(1).says(&["help: "]);
}

#[test]
fn a_plan_is_a_comment_of_a_pull_request() {
    let project = TestProject::with(HADOOP);
    let run = project.disco("plan --format markdown --out plan.json").ends_with(0);
    assert!(run.stdout.starts_with("<!-- disco -->\n### Plan: "), "{}", run.stdout);
    assert!(run.stdout.contains("<details><summary><code>cluster.analytics</code>: "), "{}", run.stdout);
    assert_eq!(project.disco("show plan.json --format markdown").ends_with(0).stdout, run.stdout);
    project.disco("apply plan.json").ends_with(0);
    project.disco("apply plan.json").ends_with(1).says(&["the saved plan is stale"]);
    let run = project.disco("plan --format markdown").ends_with(0);
    assert!(run.stdout.contains("### Plan: no changes"), "{}", run.stdout);
}

#[test]
fn what_nobody_wants_to_hear_of_is_not_said_of_a_difference() {
    let project = TestProject::with("");
    for folder in ["old", "new"] {
        std::fs::create_dir_all(project.file(folder)).unwrap();
    }
    project.write("old/main.disco.hcl", HADOOP);
    project.write("new/main.disco.hcl", &changed());
    assert!(project.disco("diff old new").ends_with(2).stderr.contains("open_to_the_world"));
    let reason = "# disco:ignore open_to_the_world because a lab\n";
    project.write("new/main.disco.hcl", &format!("{reason}{}", changed()));
    assert!(!project.disco("diff old new").ends_with(2).stderr.contains("open_to_the_world"));
}
