//! `plan --offline` asks no cloud; `plan --verify` asks Heat for its own preview.

use crate::support::TestProject;

/// A cloud that nobody can reach.
const NOWHERE: &str =
    "clouds:\n  nowhere: {auth: {auth_url: 'http://127.0.0.1:1/v3', username: u, password: p, project_name: x}}\n";

#[test]
fn a_plan_is_made_without_the_cloud_and_says_so() {
    let project = TestProject::applied_lab();
    let planned = project.disco("plan --offline --detailed-exitcode").ends_with(0);
    for words in
        ["Planned against the state alone (serial 1): the embedded Heat was not asked,", "drift, failures, quota"]
    {
        assert!(planned.stdout.contains(words), "{}", planned.stdout);
    }
    let grown = project.disco("plan --offline --detailed-exitcode --var slaves=2 --out grow.plan").ends_with(2);
    assert!(grown.stdout.contains("cluster.lab.slaves[1]"), "{}", grown.stdout);
    let told: serde_json::Value = serde_json::from_str(&project.read("grow.plan")).unwrap();
    assert_eq!((&told["observed"], &told["cloud"]["provider"]), (&false.into(), &"local".into()));
    // What was planned offline is looked at again before it is carried out.
    project.disco("apply grow.plan").ends_with(0);
    project.disco("plan --detailed-exitcode --var slaves=2").ends_with(0);
    project.disco("apply grow.plan").ends_with(1).says(&["the saved plan is stale"]);
    project.disco("plan --offline --destroy --detailed-exitcode").ends_with(2);
}

#[test]
fn offline_no_cloud_is_asked_and_what_is_not_known_is_named() {
    let project = TestProject::lab();
    project.write("cloud.disco.hcl", "provider \"openstack\" {}\n");
    project.write("clouds.yaml", NOWHERE);
    // Nobody is there: that is one line and what to do.
    let refused = project.disco("plan").ends_with(1);
    let lines: Vec<&str> = refused.stderr.lines().filter(|line| !line.is_empty()).collect();
    let said = "cannot be reached: Connection refused (os error 111)";
    assert!(matches!(lines.as_slice(), [why, help] if why.ends_with(said) && help.contains("help: ")), "{lines:?}");
    let planned = project.disco("plan --offline").ends_with(0);
    assert!(planned.stdout.contains("+ cluster.lab.slaves[0]"), "{}", planned.stdout);
    let planned = planned.says(&[
        "disco::not_known_offline",
        "flavor `m1.small` and image `debian-12` are not known offline",
        "what depends on its size is not known either",
    ]);
    assert_eq!(planned.stderr.matches("disco::not_known_offline").count(), 1, "{}", planned.stderr);
    project.disco("plan --offline --out a.plan").ends_with(1).says(&["it does not say which cloud it is for"]);
    assert!(!project.file("a.plan").exists());
}

#[test]
fn heats_preview_is_compared_with_the_plan() {
    let project = TestProject::lab();
    project.disco("plan --verify").ends_with(0).says(&["Heat's preview agrees with this plan: "]);
    project.disco("apply -auto-approve").ends_with(0);
    let nothing = project.disco("plan --verify").ends_with(0);
    nothing.says(&["Heat's preview agrees with this plan: ", "that refer to others it cannot tell"]);
    project.disco("plan --verify --var slaves=3").ends_with(0).says(&["Heat's preview agrees with this plan: "]);
    project.disco("plan --verify --offline").ends_with(1);
}

#[test]
fn a_cloud_of_the_environment_that_is_not_used_is_hinted_at() {
    let project = TestProject::lab();
    let with = |words: &str| crate::support::Run::of(&project.command(words).env("OS_CLOUD", "lab").output().unwrap());
    let planned = with("plan").ends_with(0).says(&[
        "OS_CLOUD is `lab`, but without a `provider` block the embedded Heat is used.",
        "provider \"openstack\" { cloud = \"lab\" }",
    ]);
    assert!(planned.stdout.starts_with("Planned against the embedded Heat as it is now"), "{}", planned.stdout);
    let json = with("plan --json").ends_with(0);
    assert!(!format!("{}{}", json.stdout, json.stderr).contains("OS_CLOUD"), "{}", json.stderr);
    project.write("cloud.disco.hcl", "provider \"local\" {}\n");
    assert!(!with("plan").ends_with(0).stderr.contains("OS_CLOUD"));
}
