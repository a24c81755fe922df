//! Clusters that refer to each other: what is referred to comes first and goes last.

#![expect(clippy::disallowed_methods, reason = "the definition of a test is its own to remove")]

use super::side_by_side::steps;
use crate::support::{Run, TestProject, snapshot};

/// A cluster of a master and one slave, which lets in the masters of those that it refers to.
fn cluster(name: &str, refers_to: &[&str]) -> String {
    let network = name.bytes().map(u32::from).sum::<u32>() % 200;
    let from: Vec<String> =
        refers_to.iter().map(|other| format!("\"${{cluster.{other}.master[0].address}}/32\"")).collect();
    let security = if from.is_empty() {
        String::new()
    } else {
        format!("  security {{\n    allow \"ssh\" {{ from = [{}] }}\n  }}\n", from.join(", "))
    };
    format!(
        "cluster \"{name}\" {{\n  image = \"debian-12\"\n  network {{ cidr = \"10.{network}.0.0/24\" }}\n{security}  \
         master {{ flavor = \"m1.small\" }}\n  slaves \"{name}\" {{\n    count  = 1\n    flavor = \"m1.small\"\n  }}\n}}\n"
    )
}

fn clusters(all: &[(&str, &[&str])]) -> String {
    all.iter().map(|(name, refers_to)| cluster(name, refers_to)).collect()
}

/// `app` needs `store` and `web` needs `app`; `lab` needs nobody.
fn chain() -> String {
    clusters(&[("app", &["store"]), ("lab", &[]), ("store", &[]), ("web", &["app"])])
}

/// Whether all of these were told, one after the other.
fn told_in_order(steps: &[String], expected: &[&str]) {
    let places = expected.iter().map(|step| steps.iter().position(|told| told == step));
    let places: Option<Vec<usize>> = places.collect();
    assert!(places.is_some_and(|places| places.is_sorted()), "{expected:?}: {steps:?}");
}

#[test]
fn what_is_referred_to_comes_first_and_goes_last() {
    let project = TestProject::with(&chain());
    snapshot!("order-plan", project.disco("plan").ends_with(0).stdout);
    let created = steps(&project.disco("apply --auto-approve --json --parallelism=10").ends_with(0));
    told_in_order(&created, &["+store", "-store", "+app", "-app", "+web", "-web"]);
    // What nobody refers to waits for nobody.
    told_in_order(&created, &["+lab", "-store"]);
    project.disco("plan --detailed-exitcode").ends_with(0);

    let plan = project.disco("plan --destroy").ends_with(0).stdout;
    assert!(
        plan.contains("store: delete store, after app\n") && plan.contains("app: delete app, after web\n"),
        "{plan}"
    );
    let destroyed = steps(&project.disco("destroy --auto-approve --json --parallelism=10").ends_with(0));
    told_in_order(&destroyed, &["+web", "-web", "+app", "-app", "+store", "-store"]);
    told_in_order(&destroyed, &["+lab", "-web"]);
    assert_eq!(project.state()["clusters"], serde_json::json!({}));
}

#[test]
fn those_that_know_each_other_wait_for_none() {
    let project = TestProject::with(&clusters(&[("app", &["store"]), ("store", &["app"]), ("web", &["app"])]));
    let plan = project.disco("plan").ends_with(0);
    assert!(plan.stdout.contains("web: create web, after app\n"), "{}", plan.stdout);
    assert!(!plan.stdout.contains("after store") && plan.stderr.is_empty(), "{}{}", plan.stdout, plan.stderr);
    let created = steps(&project.disco("apply --auto-approve --json").ends_with(0));
    told_in_order(&created, &["+app", "-app", "+web"]);
    told_in_order(&created, &["+store", "-app"]);
    project.disco("plan --detailed-exitcode").ends_with(0);
    project.disco("destroy --auto-approve").ends_with(0);
}

/// Of two that know each other one is removed: it goes once the other one no longer refers to it.
#[test]
fn of_those_that_know_each_other_one_goes_last() {
    for gone in ["app", "store"] {
        let project = TestProject::with(&clusters(&[("app", &["store"]), ("store", &["app"])]));
        project.disco("apply --auto-approve").ends_with(0);
        let stays = if gone == "app" { "store" } else { "app" };
        project.write("main.disco.hcl", &clusters(&[(stays, &[])]));
        let plan = project.disco("plan").ends_with(0).stdout;
        assert!(plan.contains(&format!("{gone}: delete {gone}, after {stays}\n")), "{plan}");
        let told = steps(&project.disco("apply --auto-approve --json").ends_with(0));
        told_in_order(&told, &[&format!("-{stays}"), &format!("+{gone}"), &format!("-{gone}")]);
        project.disco("plan --detailed-exitcode").ends_with(0);
        // What still refers to it is a mistake that is said.
        project.write("main.disco.hcl", &clusters(&[(stays, &[gone])]));
        project.disco("plan").ends_with(1).says(&["disco::unknown_name"]);
    }
    let project = TestProject::with(&clusters(&[("app", &["store"]), ("store", &["app"])]));
    let graph = project.disco("graph").ends_with(0).stdout;
    assert_eq!(graph.matches("ltail = ").count(), 2, "{graph}");
}

#[test]
fn one_at_a_time_they_keep_the_same_order() {
    let project = TestProject::with(&chain());
    let created = steps(&project.disco("apply --auto-approve --json --parallelism=1").ends_with(0));
    told_in_order(&created, &["+store", "-store", "+app", "-app", "+web", "-web"]);
}

#[test]
fn what_goes_after_a_cluster_waits_for_its_last_change() {
    let project = TestProject::with(&chain());
    project.disco("apply --auto-approve").ends_with(0);
    // `app` no longer needs `store`, which goes; `new` comes in a place that nobody has to make room for.
    project.write("main.disco.hcl", &clusters(&[("app", &[]), ("lab", &[]), ("new", &[]), ("web", &["app"])]));
    let plan = project.disco("plan").ends_with(0).stdout;
    assert!(plan.contains("store: delete store, after app\n"), "{plan}");
    let told = steps(&project.disco("apply --auto-approve --json").ends_with(0));
    told_in_order(&told, &["-app", "+store", "-store"]);
    assert!(told.contains(&"+new".to_owned()) && !told.contains(&"+web".to_owned()), "{told:?}");
    project.disco("plan --detailed-exitcode").ends_with(0);
}

#[test]
fn the_order_outlives_the_definition() {
    let project = TestProject::with(&chain());
    project.disco("apply --auto-approve").ends_with(0);
    std::fs::remove_file(project.file("main.disco.hcl")).unwrap();
    let destroyed = steps(&project.disco("destroy --auto-approve --json").ends_with(0));
    told_in_order(&destroyed, &["+web", "-web", "+app", "-app", "+store", "-store"]);
}

#[test]
fn the_order_is_known_after_an_import() {
    let project = TestProject::with(&clusters(&[("app", &["store"]), ("store", &[])]));
    project.disco("apply --auto-approve").ends_with(0);
    std::fs::remove_file(project.file("disco.state.json")).unwrap();
    let _ = std::fs::remove_dir_all(project.file(".disco/states"));
    project.disco("import cluster.app app").ends_with(0);
    project.disco("import cluster.store store").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let destroyed = steps(&project.disco("destroy --auto-approve --json").ends_with(0));
    told_in_order(&destroyed, &["+app", "-app", "+store", "-store"]);
}

#[test]
fn what_refers_to_a_failed_cluster_is_not_begun() {
    let project = TestProject::with(&chain());
    project.write("faults", "resource store-0-server, CREATE: ResourceInError: no valid host\n");
    let mut command = project.command("apply --auto-approve");
    let run = Run::of(&command.env("DISCO_LOCAL_FAULTS", project.file("faults")).output().unwrap()).ends_with(1);
    let run = run.says(&[
        "cluster.store.store[0] failed: no valid host",
        "clusters `app` and `web` were not begun: they come after `store`",
    ]);
    assert!(!run.stderr.contains("create app"), "{}", run.stderr);
    let state = project.state();
    let known: Vec<&String> = state["clusters"].as_object().unwrap().keys().collect();
    assert_eq!(known, ["lab", "store"]);
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
}

#[test]
fn a_reference_through_locals_counts_and_one_to_any_comes_last() {
    let through_locals = cluster("app", &[])
        .replace("  master", "  security {\n    allow \"ssh\" { from = [\"${local.home}/32\"] }\n  }\n  master");
    let any = cluster("web", &[]).replace(
        "  master",
        "  security {\n    allow \"ssh\" { from = [\"${cluster[var.home].master[0].address}/32\"] }\n  }\n  master",
    );
    let rest = "locals { home = cluster.store.master[0].address }\nvariable \"home\" { default = \"store\" }\n";
    let project = TestProject::with(&[&through_locals, &any, &cluster("store", &[]), rest].concat());
    let plan = project.disco("plan").ends_with(0).stdout;
    assert!(plan.contains("app: create app, after store\n"), "{plan}");
    assert!(plan.contains("web: create web, after app and store\n"), "{plan}");
}
