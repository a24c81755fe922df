//! `disco explain`: ten values as an owner would ask for them, and what is asked wrongly.

use std::fmt::Write as _;

use crate::support::{TestProject, snapshot};
use serde_json::Value as Json;

const DEFINITION: &str = r#"variable "copies" {
  type    = number
  default = null
}

variable "password" {
  type      = string
  sensitive = true
  default   = "between-us"
}

cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves {
    count  = 3
    flavor = "m1.large"
    volume "data" { size = 100 }
  }
  slaves "burst" {
    count   = 2
    flavor  = "m1.medium"
    storage = false
  }
  framework "hadoop" {
    replication   = var.copies
    namenode_heap = 1000
    config "hdfs-site.xml" {
      set = {
        "dfs.blocksize"                     = "256m"
        "dfs.namenode.avoid.read.stale.datanode" = true
      }
    }
    config "core-site.xml" {
      set = { "hadoop.http.authentication.signature.secret" = var.password }
    }
    config "log4j.properties" { content = "log4j.rootLogger=WARN\n" }
  }
  framework "spark" { run_on = "standalone" }
}
"#;

fn asked(project: &TestProject, questions: &[&str]) -> String {
    let mut text = String::new();
    for question in questions {
        let run = project.disco(&format!("explain {question}")).ends_with(0);
        writeln!(text, "$ disco explain {question}\n{}", without_lines(&run.stdout)).unwrap();
    }
    text
}

/// Lines of manifests are where the next change moves them; those of the definition stay.
fn without_lines(text: &str) -> String {
    let mut pieces = text.split(".hcl:");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let of_manifest = plain.ends_with("framework") || plain.ends_with("platforms");
        plain.push_str(if of_manifest { ".hcl" } else { ".hcl:" });
        plain.push_str(if of_manifest { piece.trim_start_matches(|c: char| c.is_ascii_digit()) } else { piece });
    }
    plain
}

#[test]
fn ten_values_are_followed_to_where_they_came_from() {
    let project = TestProject::with(DEFINITION);
    let questions = [
        "cluster.analytics.slaves/yarn-site.xml:yarn.nodemanager.resource.memory-mb",
        "dfs.replication",
        "dfs.blocksize",
        "hdfs-site.xml:dfs.namenode.avoid.read.stale.datanode",
        "fs.defaultFS",
        "analytics.framework.hadoop.namenode_heap",
        "spark.executor.memory",
        "burst worker_memory",
        "spark.shuffle_partitions",
        "master/hadoop-env.sh:HDFS_NAMENODE_OPTS",
        "reserved_memory",
    ];
    snapshot!("explain-values", asked(&project, &questions));
}

#[test]
fn a_file_lists_its_keys_and_a_group_what_it_has() {
    let project = TestProject::with(DEFINITION);
    snapshot!(
        "explain-lists",
        asked(&project, &["slaves/hdfs-site.xml", "log4j.properties", "spark-profile.sh", "analytics.burst"])
    );
}

#[test]
fn what_was_fixed_at_creation_says_so() {
    // From edition 3 on it goes up with the cluster instead.
    let project =
        TestProject::with(&DEFINITION.replace("framework \"hadoop\" {", "framework \"hadoop\" {\n    edition = 2"));
    let before = project.disco("explain dfs.replication").stdout;
    assert!(before.contains("        = min(3, cluster.storage_nodes)"), "{before}");
    project.disco("apply -auto-approve").ends_with(0);
    let after = project.disco("explain dfs.replication").stdout;
    assert!(after.contains("fixed when the cluster was created, as min(3, cluster.storage_nodes)"), "{after}");
    let set = project.disco("explain dfs.replication --var copies=2").stdout;
    assert!(
        set.contains("dfs.replication = 2\n") && set.contains("setting.replication = 2\n        set by the definition"),
        "{set}"
    );
}

#[test]
fn an_address_can_be_written_in_many_ways() {
    let project = TestProject::with(DEFINITION);
    let one = project.disco("explain cluster.analytics.slaves/hdfs-site.xml:dfs.datanode.data.dir").ends_with(0).stdout;
    for other in [
        "analytics.slaves/hdfs-site.xml:dfs.datanode.data.dir",
        "slaves/hdfs-site.xml:dfs.datanode.data.dir",
        "cluster.analytics.slaves[2].hdfs-site.xml[\"dfs.datanode.data.dir\"]",
        "cluster.analytics.slaves.hadoop.hdfs-site.xml.dfs.datanode.data.dir",
        "slaves hdfs-site.xml dfs.datanode.data.dir",
        "dfs.datanode.data.dir",
    ] {
        assert_eq!(project.disco(&format!("explain {other}")).ends_with(0).stdout, one, "{other}");
    }
    let one = project.disco("explain cluster.analytics.framework.hadoop.replication").ends_with(0).stdout;
    for other in ["analytics.hadoop.replication", "hadoop.replication", "replication", "setting.replication"] {
        assert_eq!(project.disco(&format!("explain {other}")).ends_with(0).stdout, one, "{other}");
    }
}

#[test]
fn what_is_asked_wrongly_is_answered_with_a_suggestion() {
    let project = TestProject::with(DEFINITION);
    for (question, message, help) in [
        (
            "hdfs-site.xml:dfs.replicatoin",
            "DISCO does not write `dfs.replicatoin` in `hdfs-site.xml`",
            "did you mean `dfs.replication`?",
        ),
        (
            "hdfs-site.xml:dfs.nothing.alike",
            "the framework's own default counts",
            "set it with config \"hdfs-site.xml\"",
        ),
        ("slavs/hdfs-site.xml", "`slavs/hdfs-site.xml` does not exist in this cluster", "did you mean `slaves`?"),
        ("slaves/hdfs-sitexml", "does not exist in group `slaves`", "did you mean `hdfs-site.xml`?"),
        ("hadoop.replicaton", "does not exist in framework `hadoop`", "did you mean `replication`?"),
        ("cluster.analitics.slaves", "cluster `analitics` does not exist", "did you mean `analytics`?"),
        (
            "master/hdfs-site.xml:dfs.datanode.data.dir",
            "is not written in `hdfs-site.xml` on these nodes",
            "leave the group out",
        ),
        ("log4j.properties:log4j.rootLogger", "comes from the definition, which sets the whole file", ""),
        ("burst/dfs.exclude", "`dfs.exclude` is not written on these nodes", ""),
        (
            "completely-unlike-anything",
            "`completely-unlike-anything` does not exist in this cluster",
            "a group alone lists what it has",
        ),
    ] {
        let run = project.disco(&format!("explain {question}")).ends_with(1);
        assert!(run.stderr.contains(message) && run.stderr.contains(help), "{question}:\n{}", run.stderr);
    }
    let none = TestProject::with("").disco("explain x").ends_with(1);
    assert!(none.stderr.contains("the project has no clusters"), "{}", none.stderr);
}

#[test]
fn several_clusters_have_to_be_named() {
    let other =
        DEFINITION[DEFINITION.find("cluster").unwrap()..].replace("analytics", "other").replace("10.20.", "10.30.");
    let project = TestProject::with(&format!("{DEFINITION}{other}"));
    let run = project.disco("explain dfs.replication").ends_with(1);
    assert!(run.stderr.contains("the project has several clusters"), "{}", run.stderr);
    assert!(run.stderr.contains("as in `analytics.dfs.replication`: analytics, other"), "{}", run.stderr);
    project.disco("explain other.dfs.replication").ends_with(0);
}

#[test]
fn secrets_are_not_told() {
    let project = TestProject::with(DEFINITION);
    let key = "hadoop.http.authentication.signature.secret";
    for question in [key.to_owned(), "core-site.xml".to_owned(), format!("{key} --json"), format!("{key} -v")] {
        let run = project.disco(&format!("explain {question}")).ends_with(0);
        assert!(run.stdout.contains("<sensitive>") || run.stdout.contains("\"sensitive\":true"), "{}", run.stdout);
        assert!(!run.stdout.contains("between-us"), "{}", run.stdout);
    }
}

#[test]
fn programs_get_the_whole_way_back() {
    let project = TestProject::with(DEFINITION);
    let run = project.disco("explain slaves/yarn_memory --json").ends_with(0);
    let json: Json = serde_json::from_str(&run.stdout).unwrap();
    let value = &json["values"][0];
    assert_eq!((&value["name"], &value["unit"]), (&"setting.yarn_memory".into(), &"MiB".into()));
    assert_eq!(value["groups"], serde_json::json!(["slaves"]));
    assert_eq!(value["origin"]["kind"], "formula");
    assert_eq!(value["origin"]["place"]["file"], "templates/hadoop/framework.hcl");
    let share = &value["inputs"][0];
    assert_eq!((&share["name"], &share["origin"]["kind"]), (&"node.share".into(), &"fact".into()));
    let memory = &share["inputs"][0]["inputs"][0];
    assert_eq!((&memory["name"], &memory["value"]), (&"node.memory".into(), &"8192".into()));
    assert_eq!(memory["origin"]["place"]["line"], 18, "the line with the flavor: {memory}");
    assert_eq!(value["change"]["setting"], "yarn_memory");
}

#[test]
fn what_is_not_known_offline_and_what_is_wrong_are_said() {
    let elsewhere = format!("provider \"openstack\" {{}}\n{DEFINITION}");
    let project = TestProject::with(&elsewhere);
    let run = project.disco("explain slaves/yarn_memory").ends_with(0).stdout;
    assert!(run.starts_with("setting.yarn_memory = (not known offline)\n"), "{run}");
    assert!(run.contains("node.memory = (not known offline)"), "{run}");
    let run = project.disco("explain dfs.replication").ends_with(0).stdout;
    assert!(run.starts_with("dfs.replication = 3\n"), "{run}");
    let project = TestProject::with(&DEFINITION.replace("m1.medium", "m1.tiny"));
    let run = project.disco("explain slaves/yarn_memory").ends_with(1).stderr;
    assert!(run.contains("flavor `m1.tiny` has 512 MiB of memory"), "{run}");
}

/// A cluster that began with one slave: what was fixed then, what counts now, and what counts without a line.
#[test]
fn what_was_fixed_at_creation_is_told_from_what_is_set() {
    let definition = r#"variable "n" { default = 1 }
variable "copies" {
  type    = number
  default = null
}
cluster "lab" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.medium" }
  slaves {
    count  = var.n
    flavor = "m1.medium"
  }
  framework "hadoop" {
    edition     = 2
    replication = var.copies
  }
}
"#;
    let project = TestProject::with(definition);
    project.disco("apply --auto-approve").ends_with(0);
    let run = project.disco("explain framework.hadoop.replication --var n=5").ends_with(0);
    assert!(run.stdout.contains("slaves (5 nodes: lab-slaves-0 … lab-slaves-4)"), "{}", run.stdout);
    let fixed = "fixed when the cluster was created, as min(3, cluster.storage_nodes); computed now it would be 3";
    assert!(run.stdout.contains(fixed), "{}", run.stdout);
    let run = project.disco("explain slaves/dfs.replication --var n=5 --var copies=3").ends_with(0);
    assert!(run.stdout.starts_with("dfs.replication = 3\n"), "{}", run.stdout);
    let run = project.disco("explain framework.hadoop.replication --var n=5 --var copies=3").ends_with(0);
    let without = "without that line it would be 1, which was fixed when the cluster was created";
    assert!(run.stdout.contains(without), "{}", run.stdout);
    let told = |words: &str| {
        let plan = project.disco(words).ends_with(0);
        // However wide the terminal is.
        format!("{} {}", plan.stdout, plan.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let grown = told("plan --var n=5");
    assert!(grown.contains("write `replication = 3`, or `replication = 1` to keep it"), "{grown}");
    let lifted = told("plan --var n=5 --var copies=3");
    assert!(!lifted.contains("`replication` of hadoop is"), "{lifted}");
}

/// An empty group changes nobody: after apply the plan is empty whatever its machines would be.
#[test]
fn a_group_without_nodes_changes_nobody() {
    let definition = r#"variable "flavor" { default = "m1.large" }
cluster "lab" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.medium" }
  slaves {
    count  = 2
    flavor = "m1.large"
  }
  slaves "spot" {
    count   = 0
    flavor  = var.flavor
    storage = false
  }
  framework "hadoop" {}
  framework "spark" {}
}
"#;
    let project = TestProject::with(definition);
    project.disco("apply --auto-approve").ends_with(0);
    for flavor in ["m1.large", "m1.2xlarge"] {
        project.disco(&format!("plan --detailed-exitcode --var flavor={flavor}")).ends_with(0);
    }
}
