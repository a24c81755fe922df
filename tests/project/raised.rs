//! A cluster that began with few slaves keeps more copies of what it stores once it has more, and says so before.

use crate::support::TestProject;

const HADOOP: &str = r#"
variable "slaves" { default = 1 }
cluster "lab" {
  image = "debian-12"
  network { cidr = "10.77.0.0/24" }
  master { flavor = "m1.medium" }
  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }
  framework "hadoop" { SETTINGS }
}
"#;

fn of_one(settings: &str) -> TestProject {
    let project = TestProject::with(&HADOOP.replace("SETTINGS", settings));
    project.disco("apply -auto-approve").ends_with(0);
    project
}

fn kept(project: &TestProject) -> Option<String> {
    let state: serde_json::Value = serde_json::from_str(&project.read("disco.state.json")).unwrap();
    let kept = state["clusters"]["lab"]["fixed"]["hadoop.replication"].as_str();
    kept.map(str::to_owned)
}

#[test]
fn copies_go_up_with_the_slaves_and_never_down() {
    let project = of_one("");
    assert_eq!(kept(&project).as_deref(), Some("1"));
    let plan = project.disco("plan -v --var slaves=3").ends_with(0);
    for word in ["disco::setting_raised", "`replication` of hadoop goes up from 1 to 3", "the cluster has grown here"] {
        assert!(plan.stderr.contains(word), "nothing of `{word}` in {}", plan.stderr);
    }
    assert!(plan.stdout.contains("dfs.replication"), "{}", plan.stdout);
    assert!(!plan.stdout.contains("SecondaryNameNode"), "what does not read it goes on: {}", plan.stdout);
    assert_eq!(kept(&project).as_deref(), Some("1"), "a plan changes nothing");

    project.disco("apply -auto-approve --var slaves=3").ends_with(0);
    assert_eq!(kept(&project).as_deref(), Some("3"));
    let plan = project.disco("plan --detailed-exitcode --var slaves=3").ends_with(0);
    assert!(!plan.stderr.contains("disco::setting_raised"), "{}", plan.stderr);

    // Two cannot hold three copies, but what was is not forgotten.
    project.disco("apply -auto-approve --var slaves=4").ends_with(0);
    project.disco("apply -auto-approve --var slaves=3").ends_with(0);
    assert_eq!(kept(&project).as_deref(), Some("3"));
    project.disco("plan --detailed-exitcode --var slaves=3").ends_with(0);
}

#[test]
fn who_says_how_many_copies_or_keeps_an_earlier_edition_is_not_overruled() {
    for settings in ["replication = 1", "edition = 2"] {
        let project = of_one(settings);
        let plan = project.disco("plan -v --var slaves=3").ends_with(0);
        assert!(!plan.stderr.contains("disco::setting_raised"), "{}", plan.stderr);
        assert!(!plan.stdout.contains("dfs.replication"), "{}", plan.stdout);
        project.disco("apply -auto-approve --var slaves=3").ends_with(0);
        assert_ne!(kept(&project).as_deref(), Some("3"), "{settings}");
    }
}
