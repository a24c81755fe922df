//! `disco status`: what Heat says and what the frameworks answer. A small program stands for `ssh`: it hands on what a node
//! would answer, or asks this host.

use serde_json::{Value as Json, json};

use super::access::{program, run};
use super::openstack::Cloud;
use crate::support::{TestProject, snapshot, valid_against};

const DEFINITION: &str = r#"
cluster "lab" {
  image    = "debian-12"
  ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDIhz2GK/XCUj4i6Q5yQJNL1MKMY0RxzPV2QrBqfHrDq guest"]
  network {
    cidr             = "10.1.0.0/24"
    external_network = "public"
  }
  security {
    allow "ssh" { from = ["203.0.113.0/24"] }
  }
  master {
    flavor      = "m1.medium"
    floating_ip = true
  }
  slaves {
    count  = 3
    flavor = "m1.medium"
  }
  framework "hadoop" {}
}
"#;

/// Hands on the file of the node that is asked; without one this host is asked.
const SSH: &str = "#!/bin/sh\nfor word; do case $word in lab-*) node=$word;; esac; done\n\
                   if [ -f \"../$node.json\" ]; then cat >/dev/null; cat \"../$node.json\"; else exec python3 -I -; fi\n";

fn data_node(silent: u32) -> Json {
    json!({"lastContact": silent, "adminState": "In Service", "usedSpace": 1_048_576, "capacity": 10_737_418_240_u64})
}

fn node_manager(name: &str, state: &str) -> Json {
    json!({"nodeHostName": name, "state": state, "healthReport": "",
           "numContainers": 1, "usedMemoryMB": 512, "totalResource": {"memory": 2_048}})
}

fn unit(name: &str, active: &str) -> Json {
    let result = if active == "failed" { "exit-code" } else { "success" };
    json!({"Id": format!("hadoop-{name}.service"), "ActiveState": active, "SubState": "running", "Result": result,
           "ExecMainStatus": "137", "NRestarts": "0", "StateChangeTimestamp": "Mon 2026-11-30 02:00:00 UTC"})
}

/// What the master answers, with these members of HDFS and of YARN and this safe mode.
fn master(data_nodes: &Json, node_managers: &Json, safe_mode: &str) -> Json {
    let hdfs = |name: &str| format!("http://127.0.0.1:9870/jmx?qry=Hadoop:service=NameNode,name={name}");
    let yarn = |path: &str| format!("http://127.0.0.1:8088/ws/v1/cluster/{path}");
    let states = "NEW,RUNNING,UNHEALTHY,DECOMMISSIONING,DECOMMISSIONED,LOST,REBOOTED,SHUTDOWN";
    let metrics = json!({"allocatedMB": 1_024, "totalMB": 6_144, "allocatedVirtualCores": 2, "totalVirtualCores": 12,
                         "appsRunning": 1, "appsPending": 0});
    let value = |value: Json| json!({ "value": value });
    json!({
        "pages": {
            hdfs("NameNodeInfo"): value(json!({"beans": [{
                "SoftwareVersion": "3.5.0", "Used": 3_145_728, "Total": 32_212_254_720_u64, "Free": 21_474_836_480_u64,
                "Safemode": safe_mode, "NumberOfMissingBlocks": 0, "LiveNodes": data_nodes.to_string(),
            }]})),
            hdfs("FSNamesystem"): value(json!({"beans": [{
                "LastCheckpointTime": 1_790_000_000_000_u64, "TransactionsSinceLastCheckpoint": 12,
            }]})),
            hdfs("FSNamesystemState"): value(json!({"beans": [{"UnderReplicatedBlocks": 0, "VolumeFailuresTotal": 0}]})),
            yarn("info"): value(json!({"clusterInfo": {"resourceManagerVersion": "3.5.0", "state": "STARTED"}})),
            yarn("metrics"): value(json!({ "clusterMetrics": metrics })),
            yarn(&format!("nodes?states={states}")): value(json!({"nodes": {"node": node_managers}})),
            "http://127.0.0.1:19888/ws/v1/history/info": value(json!({"historyInfo": {"hadoopVersion": "3.5.0"}})),
        },
        "units": [unit("hdfs-namenode", "active"), unit("yarn-resourcemanager", "active")],
    })
}

fn well() -> Json {
    let all = [0, 1, 2].map(|index| node_manager(&format!("lab-slaves-{index}"), "RUNNING"));
    let data = json!({"lab-slaves-0:9866": data_node(1), "lab-slaves-1:9866": data_node(2), "lab-slaves-2:9866": data_node(0)});
    master(&data, &json!(all), "")
}

fn applied() -> Cloud {
    let cloud = Cloud::serve();
    cloud.project.write("main.disco.hcl", DEFINITION);
    cloud.disco("apply -auto-approve").ends_with(0);
    program(&cloud.project, "ssh", SSH);
    cloud
}

fn answers(project: &TestProject, node: &str, answer: &Json) {
    project.write(&format!("{node}.json"), &answer.to_string());
}

#[test]
fn frameworks_say_how_they_are() {
    let cloud = applied();
    let project = &cloud.project;
    answers(project, "lab-master-0", &well());
    for node in ["lab-slaves-0", "lab-slaves-1", "lab-slaves-2"] {
        answers(project, node, &json!({"pages": {}, "units": [unit("hdfs-datanode", "active")]}));
    }
    let said = run(project, &["status"]).ends_with(0);
    snapshot!("status_well", said.stdout);

    // At two in the morning: a node is missing, one is silent, one is lost, and somebody has entered safe mode.
    let data = json!({"lab-slaves-0.local:9866": data_node(1), "lab-slaves-1:9866": data_node(95)});
    let nodes = json!([
        node_manager("lab-slaves-0", "RUNNING"),
        // Before it came back under another port.
        node_manager("lab-slaves-1", "LOST"),
        node_manager("lab-slaves-1", "RUNNING"),
        node_manager("lab-slaves-2", "LOST"),
        // One that left long ago is nobody's trouble.
        node_manager("lab-slaves-9", "DECOMMISSIONED"),
    ]);
    answers(project, "lab-master-0", &master(&data, &nodes, "Safe mode is ON. It was turned on manually."));
    answers(
        project,
        "lab-slaves-2",
        &json!({"pages": {}, "units": [unit("hdfs-datanode", "failed"), unit("yarn-nodemanager", "inactive")]}),
    );
    let said = run(project, &["status", "lab"]).ends_with(2);
    snapshot!("status_troubles", said.stdout);

    let told: Json = serde_json::from_str(&run(project, &["status", "--json"]).ends_with(2).stdout).unwrap();
    valid_against("status", &told);
    assert_eq!(told["well"], false);
    let members = &told["clusters"][0]["frameworks"][1]["members"];
    assert_eq!((&members[1]["state"], &members[1]["trouble"]), (&json!("RUNNING"), &Json::Null));
    assert_eq!((&members[2]["state"], members.as_array().unwrap().len()), (&json!("LOST"), 3));
    run(project, &["status", "lob"]).ends_with(1).says(&["cluster `lob` does not exist", "did you mean `lab`?"]);
}

#[test]
fn a_framework_that_does_not_answer_is_not_waited_for() {
    let cloud = applied();
    // This host is asked, where no Hadoop is.
    let said = run(&cloud.project, &["status"]).ends_with(2).stdout;
    for words in [
        "HDFS: no answer from http://127.0.0.1:9870/jmx?qry=Hadoop:service=NameNode,name=FSNamesystem: ",
        "YARN: no answer from http://127.0.0.1:8088/ws/v1/cluster/",
        "does not answer",
    ] {
        assert!(said.contains(words), "nothing of `{words}` in:\n{said}");
    }

    // There is no way in.
    program(&cloud.project, "ssh", "#!/bin/sh\necho 'ssh: connect to host: Connection timed out' >&2\nexit 255\n");
    let said = run(&cloud.project, &["status"]).ends_with(2).stdout;
    let words = "! master[0]: the frameworks cannot be asked: ssh: connect to host: Connection timed out";
    assert!(said.contains(words), "{said}");
    assert!(said.contains("stack `lab` is CREATE_COMPLETE") && said.contains("4 of 4 running"), "{said}");

    // Nobody can tell what to ask.
    std::fs::remove_file(cloud.project.file("main.disco.hcl")).unwrap();
    let said = run(&cloud.project, &["status"]).ends_with(2).stdout;
    assert!(said.contains("the definitions, which say what to ask, are missing"), "{said}");
}

#[test]
fn what_heat_and_nova_say_is_told_too() {
    let cloud = applied();
    answers(&cloud.project, "lab-master-0", &well());
    cloud.delete_server(&cloud.id("slaves-2-server"));
    let said = run(&cloud.project, &["status"]).ends_with(2).stdout;
    assert!(said.contains("3 of 4 running"), "{said}");
    assert!(
        said.contains("! slaves[2]: its server was deleted outside of DISCO\n    help: run `disco apply`"),
        "{said}"
    );
    cloud.delete_server(&cloud.id("master-0-server"));
    let said = run(&cloud.project, &["status"]).ends_with(2).stdout;
    assert!(said.contains("the frameworks cannot be asked: `cluster.lab.master[0]` is deleted"), "{said}");
}

#[test]
fn of_simulated_nodes_only_heat_is_asked() {
    let project = TestProject::example("hadoop");
    project.disco("status").ends_with(1).says(&["the project has no clusters", "disco apply"]);
    project.disco("apply -auto-approve").ends_with(0);
    let said = project.disco("status").ends_with(0).stdout;
    assert!(
        said.starts_with("cluster.analytics: all is well as far as Heat knows; the frameworks were not asked\n"),
        "{said}"
    );
    assert!(said.contains("not asked: the nodes are simulated"), "{said}");
    let said = project.disco("status --json").ends_with(0).stdout;
    assert!(serde_json::from_str::<Json>(&said).unwrap()["clusters"][0]["not_asked"].is_string(), "{said}");
}
