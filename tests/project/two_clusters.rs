//! A project as a lab has it: two clusters, five groups, three frameworks (one of its own), from the first plan to the
//! last destroy.

use super::catalogues::told;
use crate::support::{TestProject, snapshot};

const DEFINITION: &str = r#"
disco { catalogues = ["./frameworks"] }

cluster "lake" {
  image = "debian-12"
  network {
    cidr             = "10.70.0.0/24"
    external_network = "public"
  }
  security {
    allow "web-ui" { from = ["203.0.113.0/24"] }
  }
  master {
    flavor      = "m1.large"
    floating_ip = true
  }
  slaves "storage" {
    count  = 3
    flavor = "m1.medium"
    volume "data" { size = 100 }
  }
  slaves "burst" {
    count   = 2
    flavor  = "c1.large"
    storage = false
  }
  framework "hadoop" { replication = 2 }
  framework "spark" { run_on = "yarn" }
}

cluster "lab" {
  image = "debian-12"
  network {
    cidr             = "10.71.0.0/24"
    external_network = "public"
  }
  master { flavor = "m1.medium" }
  slaves {
    count  = 2
    flavor = "m1.large"
  }
  framework "hadoop" { yarn = false }
  framework "mine" { heap = 256 }
}

output "lake" { value = cluster.lake.ui }
output "lab" { value = cluster.lab.ui.mine }
"#;

/// What is changed, one after the other: why, a piece of the definition, what stands there instead.
const CHANGES: [(&str, &str, &str); 6] = [
    (
        "more nodes for a busy week",
        "    count   = 2\n    flavor  = \"c1.large\"",
        "    count   = 3\n    flavor  = \"c1.large\"",
    ),
    ("another setting", "heap = 256", "heap = 320"),
    (
        "a key of a file",
        "framework \"spark\" { run_on = \"yarn\" }",
        "framework \"spark\" {\n    run_on = \"yarn\"\n    config \"spark-defaults.conf\" { set = { \"spark.ui.retainedJobs\" = \"200\" } }\n  }",
    ),
    ("who may look", "[\"203.0.113.0/24\"]", "[\"203.0.113.0/24\", \"198.51.100.0/24\"]"),
    ("larger machines", "  master { flavor = \"m1.medium\" }", "  master { flavor = \"m1.large\" }"),
    ("the week is over", "    count   = 3\n    flavor  = \"c1.large\"", "    count   = 1\n    flavor  = \"c1.large\""),
];

/// The lines of a plan that name an object, and its last one.
fn essence(plan: &str) -> String {
    let named = plan.lines().filter(|line| {
        let line = line.trim_start();
        line.starts_with(['+', '~', '-', '!', '>']) && line.contains("cluster.") || line.starts_with("Plan: ")
    });
    named.map(|line| ["  ", line.trim(), "\n"].concat()).collect()
}

#[test]
fn a_project_with_two_clusters_lives_and_changes_and_ends() {
    let project = TestProject::with(DEFINITION);
    project.write("frameworks/mine/framework.hcl", &told()[0]);
    let mut definition = DEFINITION.to_owned();
    let mut story = String::new();
    let mut tell = |title: &str, plan: &str| story.push_str(&[title, "\n", &essence(plan), "\n"].concat());

    let plan = project.disco("plan").ends_with(0);
    tell("the beginning", &plan.stdout);
    let applied = project.disco("apply -auto-approve").ends_with(0);
    assert!(applied.stdout.contains("Apply complete!"), "{}", applied.stdout);
    project.disco("plan -detailed-exitcode").ends_with(0);

    for (why, old, new) in CHANGES {
        assert_eq!(definition.matches(old).count(), 1, "{why}");
        definition = definition.replacen(old, new, 1);
        project.write("main.disco.hcl", &definition);
        let plan = project.disco("plan -detailed-exitcode").ends_with(2);
        tell(why, &plan.stdout);
        let promised = plan.last_line().to_owned();
        // `Plan: 1 to add, …` becomes `Apply complete! Resources: 1 added, …`.
        let applied = project.disco("apply -auto-approve").ends_with(0);
        let numbers = |text: &str| -> Vec<String> {
            text.split(|letter: char| !letter.is_ascii_digit())
                .filter(|word| !word.is_empty())
                .take(3)
                .map(str::to_owned)
                .collect()
        };
        let done = applied.stdout.lines().find(|line| line.starts_with("Apply complete!")).unwrap();
        assert_eq!(numbers(done), numbers(&promised), "{why}: {promised}\n{done}");
        project.disco("plan -detailed-exitcode").ends_with(0);
    }

    let shown = project.disco("show").ends_with(0).stdout;
    assert!(shown.contains("lake") && shown.contains("lab"), "{shown}");
    let plan = project.disco("plan --destroy").ends_with(0);
    tell("the end", &plan.stdout);
    project.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(project.state()["clusters"], serde_json::json!({}));
    project.disco("destroy -auto-approve").ends_with(0);
    snapshot!("two-clusters", story);
}
