//! A cluster shrinks: those who leave hand over first, go then, and their names are free again at the end.

use serde_json::Value as Json;

use super::openstack::Cloud;
use crate::support::TestProject;

const HADOOP: &str = r#"
variable "slaves" { default = 3 }
variable "replication" { default = 2 }
cluster "lab" {
  image = "debian-12"
  network { cidr = "10.77.0.0/24" }
  master { flavor = "m1.medium" }
  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }
  framework "hadoop" { replication = var.replication }
}
"#;

fn hadoop(slaves: u32) -> TestProject {
    let project = TestProject::with(HADOOP);
    project.disco(&format!("apply -auto-approve --var slaves={slaves}")).ends_with(0);
    project
}

/// The steps of a plan, as it prints them.
fn steps(text: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| !line.starts_with("Steps")).skip(1);
    lines.take_while(|line| !line.is_empty()).map(|line| line.trim().to_owned()).collect()
}

/// What the verification is told in each step of a saved plan that has one: members, and who leaves.
fn told(project: &TestProject, out: &str) -> Vec<(String, Option<String>)> {
    let index: Json = serde_json::from_str(&project.read(&format!("{out}/stacks.json"))).unwrap();
    let files = index["steps"].as_array().unwrap().iter().filter_map(|step| step["file"].as_str());
    let inputs = files.filter_map(|file| {
        let text = project.read(&format!("{out}/{file}"));
        let (_, verification) = text.split_once("\n  verify-deployment:\n")?;
        let line = |name: &str| {
            let found = verification.lines().find_map(|line| line.trim().strip_prefix(&format!("{name}: ")));
            found.map(|value| value.trim_matches('"').to_owned())
        };
        Some((line("members").unwrap(), line("leaving")))
    });
    inputs.collect()
}

#[test]
fn who_leaves_hands_over_first() {
    let project = hadoop(5);
    let planned = project.disco("plan --var slaves=3 --out saved").ends_with(0);
    assert!(planned.stdout.contains("slaves[3..4]  2 nodes  m1.medium  debian-12  drained, then destroyed"));
    assert!(!planned.stderr.contains("lost"), "moved data is not lost: {}", planned.stderr);
    assert_eq!(
        steps(&planned.stdout),
        ["1. lab: drain: slaves[3..4]", "2. lab: shrink: slaves[3..4]", "3. lab: verify"]
    );
    project.disco("template --plan saved --out steps").ends_with(0);
    let staying = "lab-master-0 lab-slaves-[0..2]".to_owned();
    let leaving = Some("lab-slaves-[3..4]".to_owned());
    // As long as they are there nobody is told that they may come back.
    let expected = [(staying.clone(), leaving.clone()), (staying.clone(), leaving), (staying, None)];
    assert_eq!(told(&project, "steps"), expected);
    let json = project.disco("plan --var slaves=3 --json").ends_with(0).stdout;
    let mut messages = json.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let plan = messages.find(|message| message["type"] == "plan").unwrap();
    let changes = plan["plan"]["changes"].as_array().unwrap();
    let slave = changes.iter().find(|change| change["address"] == "cluster.lab.slaves[4]");
    assert_eq!((&slave.unwrap()["drained"], &slave.unwrap()["data_loss"]), (&true.into(), &false.into()));
    project.disco("apply saved").ends_with(0);
    project.disco("plan -detailed-exitcode --var slaves=3").ends_with(0);
    // The same names come again, and nobody is drained who comes.
    project.disco("apply -auto-approve --var slaves=5").ends_with(0);
    project.disco("plan -detailed-exitcode --var slaves=5").ends_with(0);
}

/// Where they live in a stack of their own, that goes as a whole, between the two.
#[test]
fn a_stack_of_its_own_goes_after_its_nodes_have_handed_over() {
    let project = hadoop(40);
    project.disco("apply -auto-approve --var slaves=42").ends_with(0);
    let planned = project.disco("plan --var slaves=39").ends_with(0);
    assert_eq!(
        steps(&planned.stdout),
        [
            "1. lab: drain: slaves[39..41]",
            "2. lab.shard-1: shrink: slaves[39]",
            "2. lab.shard-2: delete lab.shard-2",
            "3. lab: verify",
        ],
        "{}",
        planned.stdout
    );
    assert!(!planned.stderr.contains("lost"), "{}", planned.stderr);
    project.disco("apply -auto-approve --var slaves=39").ends_with(0);
    project.disco("plan -detailed-exitcode --var slaves=39").ends_with(0);
}

#[test]
fn who_could_not_hand_over_is_refused_or_loses_its_data() {
    let project = hadoop(3);
    let refused = project.disco("plan --var slaves=1").ends_with(1);
    refused.says(&["replication"]);
    // A cluster that goes hands over to nobody.
    let gone = project.disco("plan --destroy").ends_with(0);
    assert!(!steps(&gone.stdout).iter().any(|step| step.contains("drain")), "{}", gone.stdout);
    // What it does not know whole it does not promise: without the cloud nobody has seen how the verification does it.
    let offline = project.disco("plan --offline --var slaves=2").ends_with(1);
    offline.says(&["disco::data_loss", "/var/lib/hadoop/hdfs/data"]);
}

/// It is the master that has others hand over: where it is gone nobody would, and the apply would wait for it.
#[test]
fn without_its_master_nobody_hands_over() {
    let cloud = Cloud::serve();
    cloud.project.write("main.disco.hcl", HADOOP);
    cloud.disco("apply -auto-approve").ends_with(0);
    cloud.delete_server(&cloud.id("master-0-server"));
    let planned = cloud.disco("plan --var slaves=2").ends_with(1);
    assert!(!steps(&planned.stdout).iter().any(|step| step.contains("drain")), "{}", planned.stdout);
    planned.says(&["disco::data_loss", "`/var/lib/hadoop/hdfs/data`"]);
}

#[test]
fn who_leaves_may_be_named() {
    let project = hadoop(3);
    project.disco("plan --var slaves=2 --victims slaves[9]").ends_with(1).says(&["`slaves[9]`"]);
    project
        .disco("plan --victims slaves[0]")
        .ends_with(1)
        .says(&["`slaves` of cluster `lab` has 3 nodes and is to have 3, so 0 leave, but 1 are named", "to less"]);
    project
        .disco("plan --var slaves=2 --victims slaves[0],slaves[1]")
        .ends_with(1)
        .says(&["so 1 leave, but 2 are named"]);
    // Without a look at the cluster nobody knows whether it can be drained.
    for (blind, end) in [(" --offline --accept-data-loss", "destroyed"), ("", "drained, then destroyed")] {
        let planned =
            project.disco(&format!("plan --var slaves=2 --victims slaves[1]{blind} --out named")).ends_with(0);
        assert!(
            planned.stdout.contains(&format!("slaves[1]  1 node  m1.medium  debian-12  {end}")),
            "{}",
            planned.stdout
        );
        let saved: Json = serde_json::from_str(&project.read("named")).unwrap();
        assert_eq!(saved["made_from"]["victims"][0], "cluster.lab.slaves[1]");
    }
    project.disco("apply named").ends_with(0);
    let left = |project: &TestProject| {
        let nodes = project.state()["clusters"]["lab"]["groups"]["slaves"]["nodes"].clone();
        nodes.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(left(&project), ["0", "2"]);
    project.disco("plan --detailed-exitcode --var slaves=2").ends_with(0);
    // Who comes later takes the free place, and who leaves then without being named is the highest.
    project.disco("apply -auto-approve").ends_with(0);
    assert_eq!(left(&project), ["0", "1", "2"]);
    project.disco("apply -auto-approve --var slaves=2 --victims slaves[0]").ends_with(0);
    assert_eq!(left(&project), ["1", "2"]);
}

/// Who was named is gone for good once Heat has taken the step that removes it, whoever plans next.
#[test]
fn a_victim_stays_away_when_its_removal_is_interrupted() {
    let project = hadoop(4);
    let mut child = project
        .command("apply -auto-approve --var slaves=3 --victims slaves[1]")
        .env("DISCO_LOCAL_TIME_SCALE", "0.05")
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let told = std::io::BufReader::new(child.stderr.take().unwrap());
    for line in std::io::BufRead::lines(told) {
        if line.unwrap().contains("shrink: slaves[1]") {
            break;
        }
    }
    std::thread::sleep(std::time::Duration::from_millis(30));
    child.kill().unwrap();
    child.wait().unwrap();
    // Where Heat had not taken it yet, nobody remembers who was to leave; a node that has left never comes back.
    let run = project.disco("apply -auto-approve --var slaves=3").ends_with(0);
    assert!(run.stdout.contains("Resources: 0 added"), "{}", run.stdout);
    let listed = project.disco("state list lab.slaves").ends_with(0).stdout;
    assert_eq!(listed.lines().filter(|line| line.ends_with(']')).count(), 3, "{listed}");
}

#[test]
fn victims_are_as_many_as_leave_and_each_is_named_once() {
    let project = hadoop(4);
    let says = |words: &str, told: &[&str]| drop(project.disco(words).ends_with(1).says(told));
    says("plan --var slaves=2 --victims slaves[1]", &["so 2 leave, but 1 are named", "name all 2"]);
    says("plan --var slaves=3 --victims slaves[1],slaves[1]", &["names `cluster.lab.slaves[1]` twice"]);
    says("plan --var slaves=3 --victims=", &["has an empty name"]);
}

#[test]
fn a_saved_plan_whose_victim_has_gone_is_stale() {
    let project = hadoop(4);
    project.disco("plan --var slaves=3 --victims slaves[1] --out three.plan").ends_with(0);
    project.disco("apply -auto-approve --var slaves=3 --victims slaves[1]").ends_with(0);
    project.disco("apply three.plan").ends_with(1).says(&["the saved plan is stale", "does not exist"]);
}
