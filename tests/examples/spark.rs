//! What is special about the examples with Spark, with two groups and on an existing network.

use crate::support::TestProject;
use serde_json::Value as Json;

/// The configuration of a group's nodes as the template carries it.
fn bundle(project: &TestProject, words: &str, group: &str) -> Json {
    let run = project.disco(&format!("template --json {words}")).ends_with(0);
    let template: Json = serde_json::from_str(&run.stdout).unwrap();
    let resources = template["resources"].as_object().unwrap();
    let prefix = format!("config-{group}-");
    let (_, config) = resources.iter().find(|(name, _)| name.starts_with(&prefix)).unwrap();
    serde_json::from_str(config["properties"]["config"].as_str().unwrap()).unwrap()
}

/// A step's framework and its name.
fn step(step: &Json) -> String {
    format!("{} {}", step["framework"].as_str().unwrap(), step["name"].as_str().unwrap())
}

/// The text of a file, secret pieces as their names.
fn file(bundle: &Json, name: &str) -> String {
    let files = bundle["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["name"] == name).unwrap();
    let pieces = file["content"].as_array().unwrap().iter();
    pieces.map(|piece| piece.as_str().map_or_else(|| piece["secret"].to_string(), str::to_owned)).collect()
}

fn units(bundle: &Json) -> Vec<&str> {
    bundle["units"].as_array().unwrap().iter().map(|unit| unit["name"].as_str().unwrap()).collect()
}

#[test]
fn authentication_is_on_and_the_secret_is_never_seen() {
    let project = TestProject::example("spark-standalone");
    // Nobody has to invent one.
    let generated = file(&bundle(&project, "", "slaves"), "spark-defaults.conf");
    assert!(
        generated.contains("spark.authenticate=true\nspark.authenticate.secret=\"secret-spark.secret\"\n"),
        "{generated}"
    );
    let secret = "words-that-nobody-guesses";
    let words = format!("--var secret={secret}");
    let closed = file(&bundle(&project, &words, "slaves"), "spark-defaults.conf");
    assert!(!closed.contains("secret-spark.secret") && closed.contains("spark.network.crypto.enabled=true\n"));
    for command in ["plan", "apply -auto-approve", "show --json", "explain secret", "explain --json secret"] {
        let run = project.disco(&format!("{command} {words}")).ends_with(0);
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{command}");
    }
    assert!(!project.read("disco.state.json").contains(secret));
    let explained = project.disco(&format!("explain secret {words}"));
    assert!(explained.stdout.starts_with("setting.secret = <sensitive>\n"), "{}", explained.stdout);
    project.disco(&format!("plan --detailed-exitcode {words}")).ends_with(0);
    project.disco("plan --detailed-exitcode --var secret=another").ends_with(2);
}

#[test]
fn growing_a_standalone_cluster_touches_no_node() {
    let project = TestProject::example("spark-standalone");
    project.disco("apply -auto-approve").ends_with(0);
    let plan = project.disco("plan --var slaves=4").ends_with(0);
    assert_eq!(plan.last_line(), "Plan: 2 to add, 0 to change, 0 to destroy.", "{}", plan.stdout);
    project.disco("apply -auto-approve --var slaves=4").ends_with(0);
    project.disco("plan --detailed-exitcode --var slaves=4").ends_with(0);
}

#[test]
fn on_yarn_spark_has_no_service_on_slaves() {
    let project = TestProject::example("spark-on-yarn");
    let (master, slaves) = (bundle(&project, "", "master"), bundle(&project, "", "slaves"));
    assert_eq!(units(&slaves), ["hadoop-hdfs-datanode.service", "hadoop-yarn-nodemanager.service"]);
    let expected = [
        "hadoop-hdfs-namenode.service",
        "hadoop-hdfs-secondarynamenode.service",
        "hadoop-yarn-resourcemanager.service",
        "hadoop-mapreduce-historyserver.service",
        "spark-history.service",
    ];
    assert_eq!(units(&master), expected);
    let steps: Vec<String> = master["steps"].as_array().unwrap().iter().map(step).collect();
    let expected = ["hadoop format", "hadoop folders", "spark folders", "hadoop node-label"];
    assert_eq!(steps, expected, "folders in HDFS come after HDFS");
    let defaults = file(&slaves, "spark-defaults.conf");
    assert!(defaults.contains("spark.eventLog.dir=hdfs://analytics-master-0:8020/spark/history\n"), "{defaults}");
    assert!(defaults.contains("spark.serializer=org.apache.spark.serializer.KryoSerializer\n"), "{defaults}");
    let set = file(&bundle(&project, "--var executor_memory=1024", "slaves"), "spark-defaults.conf");
    assert!(set.contains("spark.executor.memory=1024m\n"), "{set}");
}

#[test]
fn slaves_that_only_compute_come_and_go() {
    let project = TestProject::example("two-groups");
    project.disco("apply -auto-approve").ends_with(0);
    let plan = project.disco("plan --var burst=6").ends_with(0);
    assert_eq!(plan.last_line(), "Plan: 4 to add, 0 to change, 0 to destroy.", "{}", plan.stdout);
    let plan = project.disco("plan --var burst=0").ends_with(0);
    assert!(plan.last_line().ends_with("2 to destroy."), "{}", plan.stdout);
    assert!(!plan.stdout.contains("data loss"), "{}", plan.stdout);
    project.disco("apply -auto-approve --var burst=0").ends_with(0);
    project.disco("plan --detailed-exitcode --var burst=0").ends_with(0);
    let explained = project.disco("explain yarn_memory").ends_with(0).stdout;
    assert!(explained.matches("setting.yarn_memory = ").count() >= 2, "each group is told:\n{explained}");
}

#[test]
fn an_existing_network_is_used_and_left_alone() {
    let project = TestProject::example("existing-network");
    let plan = project.disco("plan").ends_with(0);
    assert!(!plan.stdout.contains("OS::Neutron::Net") && !plan.stdout.contains("cluster.guests.network"));
    project.disco("apply -auto-approve").ends_with(0);
    let outputs: Json = serde_json::from_str(&project.disco("output --json").stdout).unwrap();
    assert!(outputs["master"]["value"].as_str().unwrap().starts_with("192.0.2."), "{outputs}");
    project.disco("destroy -auto-approve").ends_with(0);
    // The network outlives the cluster.
    project.disco("apply -auto-approve").ends_with(0);
    let wrong = TestProject::example("existing-network");
    let failed = wrong.disco("apply -auto-approve --var network=nobodys-net").ends_with(1);
    assert!(failed.stderr.contains("nobodys-net"), "{}", failed.stderr);
}

#[test]
fn pages_that_this_cluster_does_not_have_cannot_be_named() {
    let project = TestProject::example("spark-on-yarn");
    project.write("more.disco.hcl", "output \"x\" {\n  value = cluster.analytics.ui.spark\n}\n");
    let run = project.disco("validate").ends_with(1);
    assert!(run.stderr.contains("`spark`"), "Spark's master is not there on YARN:\n{}", run.stderr);
}
