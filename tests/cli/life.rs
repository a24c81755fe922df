//! What a life leaves in the state, and what is said when somebody else has touched it.

use std::fs;
use std::process::Stdio;

use crate::support::{Run, TestProject};

/// One slave and no framework: small enough for many lives.
const SMALL: &str = r#"
variable "slaves" {
  default = 1
}

variable "keep" {
  default = false
}

cluster "lab" {
  image = "debian-12"
  network { cidr = "10.1.0.0/24" }
  master { flavor = "m1.small" }
  slaves {
    count  = var.slaves
    flavor = "m1.small"
  }
  lifecycle { prevent_destroy = var.keep }
}

output "name" { value = cluster.lab.slaves[0].name }
"#;

#[test]
fn ten_generations_are_kept() {
    let project = TestProject::with(SMALL);
    for round in 0..13 {
        project.disco(&format!("apply -auto-approve --var slaves={}", 1 + round % 2)).ends_with(0);
    }
    let kept = fs::read_dir(project.file(".disco/states")).unwrap().count();
    assert_eq!(kept, 10);
    let serial = project.state()["serial"].as_u64().unwrap();
    assert_eq!(serial, 13, "one operation is one step of the serial");
}

#[test]
fn a_state_that_cannot_be_trusted_is_refused_with_the_way_back() {
    let project = TestProject::with(SMALL);
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("apply -auto-approve --var slaves=2").ends_with(0);
    let whole = project.read("disco.state.json");
    for damaged in ["", &whole[..whole.len() / 2], "{\"version\":3,\"terraform_version\":\"1.11.4\"}", "[]"] {
        project.write("disco.state.json", damaged);
        for command in ["plan", "apply -auto-approve", "destroy -auto-approve", "show"] {
            let run = project.disco(command).ends_with(1);
            assert!(run.stderr.contains("cannot be used") && run.stderr.contains("help: "), "{}", run.stderr);
        }
        assert_eq!(project.read("disco.state.json"), damaged, "a refused state is left as it is");
    }
    fs::remove_file(project.file("disco.state.json")).unwrap();
    let gone = project.disco("plan").ends_with(1);
    let back = gone.stderr.lines().find(|line| line.trim().starts_with("cp ")).unwrap().trim().to_owned();
    let words: Vec<&str> = back.split(' ').collect();
    fs::copy(project.file(words[1]), project.file(words[2])).unwrap();
    project.disco("plan -detailed-exitcode --var slaves=2").ends_with(0);
    project.write("disco.state.json", &whole.replacen("\"version\":", "\"version\":9", 1));
    let newer = project.disco("plan").ends_with(1);
    assert!(newer.stderr.contains("upgrade"), "{}", newer.stderr);
}

#[test]
fn protection_outlives_its_block() {
    let project = TestProject::with(SMALL);
    project.disco("apply -auto-approve --var keep=true").ends_with(0);
    let refused = project.disco("destroy -auto-approve --var keep=true").ends_with(1);
    assert!(refused.stderr.contains("prevent_destroy"), "{}", refused.stderr);
    project.write("main.disco.hcl", "# nothing is left of the definition\n");
    project.disco("apply -auto-approve").ends_with(1);
    project.disco("destroy -auto-approve").ends_with(1);
    project.write("main.disco.hcl", SMALL);
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("destroy -auto-approve").ends_with(0);
}

#[test]
fn a_stack_of_somebody_else_is_never_adopted() {
    let project = TestProject::with(SMALL);
    project.disco("apply -auto-approve").ends_with(0);
    fs::remove_file(project.file("disco.state.json")).unwrap();
    fs::remove_dir_all(project.file(".disco/states")).ok();
    let run = project.disco("apply -auto-approve").ends_with(1);
    assert!(run.stderr.contains("disco::foreign_stack"), "{}", run.stderr);
}

#[test]
fn a_project_in_use_says_by_whom() {
    let project = TestProject::with(SMALL);
    let mut slow = project
        .command("apply -auto-approve")
        .env("DISCO_LOCAL_TIME_SCALE", "0.05")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lock = project.file(".disco/lock.json");
    while !lock.exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let run = project.disco("plan").ends_with(1);
    run.says(&["in use by `disco apply` of uid ", "--lock-timeout"]);
    project.disco("plan --lock-timeout=60s -detailed-exitcode").ends_with(0);
    assert!(slow.wait().unwrap().success());
}

#[test]
fn a_cluster_that_is_no_longer_wanted_goes() {
    let project = TestProject::with(SMALL);
    project.disco("apply -auto-approve").ends_with(0);
    project.write("main.disco.hcl", "# the cluster is not wanted any more\n");
    let plan = project.disco("plan").ends_with(0);
    assert!(plan.last_line().contains("0 to add, 0 to change"), "{}", plan.stdout);
    project.disco("apply -auto-approve").ends_with(0);
    assert!(project.state()["clusters"].as_object().unwrap().is_empty());
    project.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn nodes_keep_their_addresses() {
    let project = TestProject::with(SMALL);
    project.disco("apply -auto-approve").ends_with(0);
    project.write("main.disco.hcl", &SMALL.replace("10.1.0.0/24", "10.2.0.0/24"));
    for command in ["plan", "apply -auto-approve --accept-data-loss"] {
        let run = project.disco(command).ends_with(1);
        assert!(run.stderr.contains("disco::addresses_are_fixed") && run.stderr.contains("network"), "{}", run.stderr);
    }
    project.disco("destroy -auto-approve").ends_with(0);
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn data_that_a_new_configuration_leaves_behind_is_lost_data() {
    let project = TestProject::example("hadoop");
    project.disco("apply -auto-approve").ends_with(0);
    let text = project.read("hadoop.disco.hcl");
    project.write("hadoop.disco.hcl", &text.replace("slaves {\n", "slaves {\n    volume \"hdfs\" { size = 50 }\n"));
    let refused = project.disco("apply -auto-approve").ends_with(1);
    assert!(refused.stderr.contains("disco::data_loss"), "{}", refused.stderr);
    assert!(refused.stdout.contains("DATA LOSS: /var/lib/hadoop/hdfs/data\n"), "{}", refused.stdout);
    project.disco("apply -auto-approve --accept-data-loss").ends_with(0);
    let grown = project.read("hadoop.disco.hcl").replace("size = 50", "size = 80");
    project.write("hadoop.disco.hcl", &grown);
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn an_interrupted_apply_is_taken_up_again() {
    let project = TestProject::with(SMALL);
    let mut slow = project
        .command("apply -auto-approve")
        .env("DISCO_LOCAL_TIME_SCALE", "0.05")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !project.file("disco.state.json").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let interrupted = std::process::Command::new("kill").args(["-INT", &slow.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert_eq!(slow.wait().unwrap().code(), Some(130));
    let mut said = String::new();
    std::io::Read::read_to_string(&mut slow.stderr.take().unwrap(), &mut said).unwrap();
    assert!(said.contains("Run `disco apply` again"), "{said}");
    assert!(
        project.state()["clusters"]["lab"]["stacks"]["lab"]["intent"].is_object(),
        "what was begun is written down"
    );
    let generations = || fs::read_dir(project.file(".disco/states")).map_or(0, Iterator::count);
    let before = generations();
    project.disco("apply -auto-approve --var slaves=2").ends_with(0);
    assert_eq!(generations(), before + 1, "taking up and going on are one operation");
    project.disco("plan -detailed-exitcode --var slaves=2").ends_with(0);
}

/// Names of groups and volumes that are words of DISCO's own: a node is ready once it is configured, not before.
#[test]
fn a_node_is_ready_once_it_is_configured_whatever_its_parts_are_called() {
    let volume = "volume \"deployment\" { size = 1 }\n  volume \"server\" { size = 1 }";
    let groups = format!(
        "slaves {{\n  count = 1\n  flavor = \"m1.small\"\n  {volume}\n}}\n\
         slaves \"verify-it\" {{\n  count = 2\n  flavor = \"m1.small\"\n}}\n"
    );
    let project = TestProject::with(&format!(
        "cluster \"lab\" {{\n  image = \"debian-12\"\n  network {{ cidr = \"10.1.0.0/24\" }}\n  master {{ flavor = \"m1.small\" }}\n{groups}}}\n"
    ));
    let planned = project.disco("plan").ends_with(0);
    assert!(planned.stdout.contains("cluster.lab.verify-it[0..1]"), "{}", planned.stdout);
    let applied = project.disco("apply -auto-approve").ends_with(0);
    let told = format!("{}{}", applied.stdout, applied.stderr);
    for node in ["master[0]", "slaves[0]", "verify-it[0]", "verify-it[1]"] {
        let start = format!("cluster.lab.{node}: ");
        let phases: Vec<&str> =
            told.lines().filter_map(|line| line.split_once(&start)?.1.split_whitespace().next()).collect();
        assert_eq!(phases, ["building", "booting", "configuring", "ready"], "{node}: {told}");
    }
    let again = project.disco("plan --detailed-exitcode").ends_with(0);
    assert!(again.stdout.contains("No changes"), "{}", again.stdout);
    let nodes = format!("{groups}}}\n").replace("count = 2", "count = 1");
    project.write("main.disco.hcl", &project.read("main.disco.hcl").replace(&format!("{groups}}}\n"), &nodes));
    let fewer = project.disco("plan").ends_with(0);
    assert!(fewer.stdout.contains("- cluster.lab.verify-it[1]"), "{}", fewer.stdout);
}

#[test]
fn a_group_may_be_called_like_a_volume_of_another() {
    let cluster = |count: u32| {
        format!(
            "cluster \"lab\" {{\n  image = \"debian-12\"\n  network {{\n    cidr             = \"10.1.0.0/24\"\n    \
             external_network = \"public\"\n  }}\n  master {{ flavor = \"m1.medium\" }}\n  slaves \"a-0-volume-b\" {{\n    \
             count       = {count}\n    flavor      = \"m1.medium\"\n    floating_ip = true\n    \
             volume \"hdfs\" {{ size = 10 }}\n  }}\n  framework \"hadoop\" {{}}\n}}\n"
        )
    };
    let project = TestProject::with(&cluster(2));
    let applied = project.disco("apply -auto-approve").ends_with(0);
    assert!(applied.stderr.contains("cluster.lab.a-0-volume-b[1]: ready after"), "{}", applied.stderr);
    project.disco("plan -detailed-exitcode").ends_with(0);
    project.write("main.disco.hcl", &cluster(1));
    let refused = project.disco("plan").ends_with(1);
    assert!(refused.stdout.contains("! DATA LOSS: /data/hdfs"), "{}", refused.stdout);
    assert!(refused.stderr.contains("disco::data_loss"), "{}", refused.stderr);
    project.disco("destroy -auto-approve").ends_with(0);
}

/// What has failed does not look healthy, and does again once it is.
#[test]
fn what_is_shown_says_what_has_failed() {
    let project = TestProject::applied_lab();
    project.write("faults", "resource slaves-1-server: ResourceInError: no valid host\n");
    let mut apply = project.command("apply -auto-approve --var slaves=2");
    Run::of(&apply.env("DISCO_LOCAL_FAULTS", project.file("faults")).output().unwrap()).ends_with(1);
    let shown = project.disco("show").ends_with(0).stdout;
    assert!(shown.contains("\nfailed: UPDATE_FAILED: "), "{shown}");
    assert!(shown.contains("no valid host\n"), "{shown}");
    let json: serde_json::Value = serde_json::from_str(&project.disco("show --json").ends_with(0).stdout).unwrap();
    let failed = json["clusters"]["lab"]["stacks"]["lab"]["failed"].as_str().unwrap();
    assert!(failed.starts_with("UPDATE_FAILED: "), "{failed}");
    project.disco("apply -auto-approve --var slaves=2").ends_with(0);
    let shown = project.disco("show").ends_with(0).stdout;
    assert!(!shown.contains("failed"), "{shown}");
}
