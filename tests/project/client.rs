//! `disco client-config`: what programs elsewhere need to use a cluster.

use serde_json::Value as Json;

use crate::support::{TestProject, snapshot, valid_against};

#[test]
fn clients_get_what_they_need_and_no_more() {
    let project = TestProject::example("hadoop");
    project.disco("client-config there").ends_with(1).says(&["the project has no clusters", "disco apply"]);
    project.disco("apply -auto-approve").ends_with(0);
    let said = project.disco("client-config there").ends_with(0).stdout;
    let state = project.state();
    let floating = state["clusters"]["analytics"]["floating_ips"].to_string();
    let master = floating.split('"').find(|text| text.parse::<std::net::Ipv4Addr>().is_ok()).unwrap().to_owned();
    let files = ["core-site.xml", "hdfs-site.xml", "yarn-site.xml", "mapred-site.xml", "hosts"];
    let texts: Vec<String> =
        files.iter().map(|name| format!("=== {name}\n{}", project.read(&format!("there/{name}")))).collect();
    let there = project.file("there").display().to_string();
    let said = said.replace(&there, "/ABSOLUTE/there");
    snapshot!("client_config", format!("{said}\n{}", texts.join("\n")).replace(&master, "MASTER"));

    // Nothing changes where nothing has; what somebody has written is not replaced without a word.
    let again = project.disco("client-config there").ends_with(0).stdout;
    assert!(again.starts_with("Unchanged: core-site.xml"), "{again}");
    project.write("there/core-site.xml", "mine");
    std::fs::remove_file(project.file("there/hosts")).unwrap();
    project
        .disco("client-config there")
        .ends_with(1)
        .says(&["`core-site.xml` in `there` would be replaced", "--force"]);
    assert_eq!(project.read("there/core-site.xml"), "mine");
    assert!(!project.file("there/hosts").exists(), "all or nothing");
    let told: Json =
        serde_json::from_str(&project.disco("client-config there --force --json").ends_with(0).stdout).unwrap();
    valid_against("client-config", &told);
    let written: Vec<&Json> = told["files"].as_array().unwrap().iter().filter(|file| file["written"] == true).collect();
    assert_eq!(written.len(), 2, "{told}");
    project.disco("client-config other --cluster lab").ends_with(1).says(&["cluster `lab` does not exist"]);
}

#[test]
fn what_cannot_be_written_is_named() {
    let project = TestProject::example("spark-standalone");
    project.disco("apply -auto-approve").ends_with(0);
    project.write("file", "mine");
    project.disco("client-config file").ends_with(1).says(&["`file` cannot be written", "file is a file"]);
    assert_eq!(project.read("file"), "mine");
    std::fs::create_dir_all(project.file("there/spark-defaults.conf")).unwrap();
    project.disco("client-config there").ends_with(1).says(&["`there/spark-defaults.conf` cannot be written"]);
    assert!(!project.file("there/hosts").exists(), "all or nothing");
    let said = project.disco("client-config other").ends_with(0).stdout;
    assert!(said.contains("export SPARK_CONF_DIR='/") && !said.contains("HADOOP_CONF_DIR"), "{said}");
    assert!(said.contains("Left out because they are secret: `spark.authenticate.secret`"), "{said}");
    assert!(!project.read("other/spark-defaults.conf").contains("spark.authenticate.secret="));
}

#[test]
fn a_cluster_without_clients_says_so() {
    let project = TestProject::applied_lab();
    project.disco("client-config there").ends_with(1).says(&["no framework of cluster `lab` has files for clients"]);
    assert!(!project.file("there").exists());
}
