//! `disco state` and `disco force-unlock`.

use std::fs;

use serde_json::Value as Json;

use crate::support::TestProject;

#[test]
fn the_state_is_listed_and_shown_by_addresses() {
    let project = TestProject::applied_lab();
    let run = project.disco("state list").ends_with(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines.contains(&"cluster.lab") && lines.contains(&"cluster.lab.master[0]"), "{}", run.stdout);
    let run = project.disco("state list lab.slaves").ends_with(0);
    assert!(run.stdout.lines().all(|line| line.starts_with("cluster.lab.slaves")), "{}", run.stdout);
    let listed: Json = serde_json::from_str(&project.disco("state list --json").ends_with(0).stdout).unwrap();
    assert_eq!(listed["addresses"].as_array().unwrap().len(), lines.len());
    let run = project.disco("state show cluster.lab.master[0]").ends_with(0);
    assert!(run.stdout.contains("lab/master-0-server  OS::Nova::Server  "), "{}", run.stdout);
    assert!(run.stdout.contains("    flavor = \"m1.small\""), "{}", run.stdout);
    project
        .disco("state show lab.master[9]")
        .ends_with(1)
        .says(&["knows nothing at `lab.master[9]`", "cluster.lab.master[0]"]);
    let empty = TestProject::lab();
    assert_eq!(empty.disco("state list").ends_with(0).stdout, "");
    empty.disco("state pull").ends_with(1).says(&["has no state yet"]);
}

#[test]
fn a_state_is_pulled_pushed_and_put_back() {
    let project = TestProject::applied_lab();
    let pulled = project.disco("state pull").ends_with(0).stdout;
    assert_eq!(pulled, project.read("disco.state.json"));
    project.disco("apply --auto-approve --var slaves=2").ends_with(0);
    project.write("old.json", &pulled);
    project.disco("state push old.json").ends_with(1).says(&["the pushed state is older", "--force"]);
    let lineage = project.state()["lineage"].as_str().unwrap().to_owned();
    let foreign = pulled.replace(&lineage, "another");
    project.write("foreign.json", &foreign);
    project.disco("state push foreign.json").ends_with(1).says(&["of another project", "--force"]);
    project.write("torn.json", &pulled[..pulled.len() / 2]);
    project.disco("state push torn.json").ends_with(1).says(&["cannot be used as a state"]);
    project.disco("state push old.json --force").ends_with(0);
    let history: Json = serde_json::from_str(&project.disco("state history --json").ends_with(0).stdout).unwrap();
    let newest = &history["states"][0];
    assert_eq!((&newest["operation"], &newest["clusters"]), (&"apply".into(), &1.into()), "{history}");
    let run = project.disco("state history").ends_with(0);
    assert!(run.stdout.starts_with("SERIAL"), "{}", run.stdout);
    project.disco("state rollback").ends_with(0);
    project.disco("plan --detailed-exitcode --var slaves=2").ends_with(0);
    project.disco("state rollback 999").ends_with(1).says(&["no state with serial 999", "state history"]);
}

#[test]
fn a_forgotten_cluster_keeps_its_stack() {
    let project = TestProject::applied_lab();
    project.disco("state rm nothing").ends_with(1);
    project.disco("state rm cluster.lab").ends_with(0);
    assert_eq!(project.disco("state list").ends_with(0).stdout, "");
    let run = project.disco("plan").ends_with(0);
    assert!(run.stdout.contains("stack `lab` is not in the state"), "{}", run.stdout);
    project.disco("state rollback").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
}

#[test]
fn a_lock_is_shown_before_it_is_taken_away() {
    let project = TestProject::applied_lab();
    let run = project.disco("force-unlock").ends_with(0);
    assert_eq!(run.stdout, "The project is not locked.\n");
    fs::create_dir_all(project.file(".disco")).unwrap();
    let lock =
        fs::OpenOptions::new().create(true).truncate(false).write(true).open(project.file(".disco/lock")).unwrap();
    lock.lock().unwrap();
    project.write(
        ".disco/lock.json",
        "{\"operation\":\"apply\",\"pid\":999999999,\"user\":\"alice\",\"host\":\"elsewhere\",\"since\":\"2026-01-01T00:00:00Z\"}",
    );
    project.disco("plan").ends_with(1).says(&["in use by `disco apply` of alice on elsewhere"]);
    let run = project.disco_answering("force-unlock", "no\n").ends_with(1);
    assert!(run.stderr.contains("alice") && run.stderr.contains("cannot be told from this host"), "{}", run.stderr);
    project.disco("force-unlock --force").ends_with(0);
    project.disco("plan").ends_with(0);
}

/// What a state is needed for most: there is none, or none that can be used.
#[test]
fn an_earlier_state_takes_the_place_of_one_that_is_lost_or_torn() {
    let project = TestProject::applied_lab();
    project.disco("apply --auto-approve --var slaves=2").ends_with(0);
    let sound = project.read("disco.state.json");
    for bytes in [Some(&sound[..sound.len() / 2]), Some(""), None] {
        match bytes {
            Some(bytes) => project.write("disco.state.json", bytes),
            None => fs::remove_file(project.file("disco.state.json")).unwrap(),
        }
        project.disco("plan").ends_with(1);
        assert!(project.disco("state history").ends_with(0).stdout.contains("apply"));
        project.disco("state rollback").ends_with(0);
        project.disco("plan --detailed-exitcode --var slaves=2").ends_with(0);
    }
    project.write("disco.state.json", "{");
    project.write("sound.json", &sound);
    project.disco("state push sound.json").ends_with(1);
    project.disco("state push sound.json --force").ends_with(0);
    project.disco("plan --detailed-exitcode --var slaves=2").ends_with(0);
}
