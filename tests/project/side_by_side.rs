//! Clusters that need nothing of each other, created, failed and destroyed at the same time.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::support::{Run, TestProject};

/// So many clusters of a master and one slave, the one called `odd` with a group of that name.
fn clusters(names: &[&str]) -> String {
    let cluster = |name: &&str| {
        let network = name.bytes().map(u32::from).sum::<u32>() % 200;
        let group = if *name == "odd" { "\"odd\"" } else { "" };
        format!(
            "cluster \"{name}\" {{\n  image = \"debian-12\"\n  network {{ cidr = \"10.{network}.0.0/24\" }}\n  master {{ flavor = \"m1.small\" }}\n  slaves {group} {{\n    count = 1\n    flavor = \"m1.small\"\n  }}\n}}\n"
        )
    };
    names.iter().map(cluster).collect()
}

/// Beginnings and ends of steps, `+lab` and `-lab`, as they were told.
pub(super) fn steps(run: &Run) -> Vec<String> {
    let messages = run.stdout.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let told = messages.filter_map(|message| {
        let sign = match message["type"].as_str()? {
            "step_start" => "+",
            "step_complete" => "-",
            _ => return None,
        };
        Some(format!("{sign}{}", message["stack"].as_str()?))
    });
    told.collect()
}

/// How many steps were under way at a time, at most.
fn most(steps: &[String]) -> usize {
    let mut under_way = BTreeSet::new();
    let mut most = 0;
    for step in steps {
        let (sign, stack) = step.split_at(1);
        if sign == "+" {
            under_way.insert(stack)
        } else {
            under_way.remove(stack)
        };
        most = most.max(under_way.len());
    }
    most
}

#[test]
fn clusters_are_created_and_destroyed_at_the_same_time() {
    let project = TestProject::with(&clusters(&["a", "b", "c", "d", "e"]));
    let created = steps(&project.disco("apply --auto-approve --json").ends_with(0));
    assert_eq!((created.len(), most(&created)), (10, 5), "{created:?}");
    project.disco("plan --detailed-exitcode").ends_with(0);
    let destroyed = steps(&project.disco("destroy --auto-approve --json").ends_with(0));
    assert_eq!((destroyed.len(), most(&destroyed)), (10, 5), "{destroyed:?}");
    assert_eq!(project.state()["clusters"], serde_json::json!({}));
}

#[test]
fn no_more_than_asked_for_are_under_way() {
    for (most_at_once, names) in [(1, vec!["a", "b", "c"]), (2, vec!["a", "b", "c", "d", "e"])] {
        let project = TestProject::with(&clusters(&names));
        let words = format!("--auto-approve --json --parallelism={most_at_once}");
        let created = steps(&project.disco(&format!("apply {words}")).ends_with(0));
        assert_eq!((created.len(), most(&created)), (2 * names.len(), most_at_once), "{created:?}");
        let destroyed = steps(&project.disco(&format!("destroy {words}")).ends_with(0));
        assert_eq!((destroyed.len(), most(&destroyed)), (2 * names.len(), most_at_once), "{destroyed:?}");
    }
    let project = TestProject::lab();
    project.disco("apply --auto-approve --parallelism=0").ends_with(1).says(&["--parallelism"]);
}

#[test]
fn the_failure_of_one_leaves_those_alone_that_are_under_way() {
    let project = TestProject::with(&clusters(&["a", "b", "odd", "x", "y", "z"]));
    project.write("faults", "resource odd-0-server, CREATE: ResourceInError: no valid host\n");
    let apply = |words: &str| {
        let mut command = project.command(&format!("apply --auto-approve {words}"));
        Run::of(&command.env("DISCO_LOCAL_FAULTS", project.file("faults")).output().unwrap())
    };
    // `a` and `b` are done before, `x`, `y` and `z` would come after.
    let run = apply("--parallelism=1").ends_with(1);
    let run = run.says(&["cluster.odd.odd[0] failed: no valid host"]);
    assert!(!run.stderr.contains("cluster.x"), "{}", run.stderr);
    let state = project.state();
    let known: Vec<&String> = state["clusters"].as_object().unwrap().keys().collect();
    assert_eq!(known, ["a", "b", "odd"]);
    // What is done is done: only the failed one and those that have not begun are left.
    let plan = project.disco("plan --detailed-exitcode").ends_with(2).stdout;
    assert!(!plan.contains("cluster.a") && !plan.contains("cluster.b"), "{plan}");

    // All are under way when it fails again, and come to their end.
    let run = apply("").ends_with(1);
    let run = run.says(&["cluster.odd.odd[0] failed: no valid host"]);
    assert!(run.stderr.contains("step") && run.stderr.contains("create z"), "{}", run.stderr);
    let plan = project.disco("plan --detailed-exitcode").ends_with(2).stdout;
    for name in ["a", "b", "x", "y", "z"] {
        assert!(!plan.contains(&format!("cluster.{name}")), "{plan}");
    }
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
}

#[test]
fn clusters_that_go_leave_room_before_others_come() {
    let project = TestProject::with(&clusters(&["a", "b"]));
    project.disco("apply --auto-approve").ends_with(0);
    project.write("main.disco.hcl", &clusters(&["c", "d"]));
    let plan = project.disco("plan").ends_with(0).stdout;
    assert!(plan.contains("Steps in order for each cluster, clusters side by side:\n"), "{plan}");
    assert!(plan.contains("  3. c: create c, after a and b\n"), "{plan}");
    let told = steps(&project.disco("apply --auto-approve --json").ends_with(0));
    let at = |step: &str| told.iter().position(|told| told == step).unwrap();
    assert!(at("-a").max(at("-b")) < at("+c").min(at("+d")), "{told:?}");
    assert!(at("+b") < at("-a") && at("+d") < at("-c"), "{told:?}");
}

#[test]
fn many_clusters_share_a_line_of_the_steps() {
    let project = TestProject::with(&clusters(&["a", "b", "c", "d", "e", "f", "g"]));
    let plan = project.disco("plan").ends_with(0).stdout;
    assert!(plan.contains("  1-7. create a, b, c and 4 more\n"), "{plan}");
}
