//! Nodes whose configuration failed: Heat configures each of them again with whatever update comes next.

use disco::model::ActionStatus;
use disco::plan::{Plan, StepAction};
use disco::template::Template;
use serde_json::json;

use super::little_cluster::LittleCluster;
use super::little_heat::LittleHeat;

fn heap(slaves: impl IntoIterator<Item = u32>, heap: u32) -> LittleCluster {
    LittleCluster { heap: Some(heap), ..LittleCluster::with_slaves(slaves) }
}

/// A cluster of five slaves of which some could not be configured.
fn failed(slaves: &[u32]) -> LittleHeat {
    let mut heat = LittleHeat::with(&heap(0..5, 1).wanted());
    heat.stack().status = ActionStatus::parse("UPDATE_FAILED");
    for slave in slaves {
        heat.resource(&format!("slaves-{slave}-deployment")).status = ActionStatus::parse("UPDATE_FAILED");
    }
    heat
}

fn titles(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.title.as_str()).collect()
}

fn sent(plan: &Plan, step: usize) -> &Template {
    let StepAction::Update(template, _) = &plan.steps[step].action else { panic!("an update") };
    template
}

/// Whether a step's template has a slave's deployment, and as it is wanted.
fn is_mended(plan: &Plan, step: usize, slave: u32, wanted: &LittleCluster) -> Option<bool> {
    let name = format!("slaves-{slave}-deployment");
    let sent = sent(plan, step).resources.get(&name)?;
    Some(sent.properties.get("config") == wanted.template().resources[&name].properties.get("config"))
}

/// Nobody who failed is configured once more as it failed; in the end all is as wanted.
fn mends(mut heat: LittleHeat, wanted: &LittleCluster, slaves: &[u32]) -> Vec<String> {
    let plan = heat.plan(&wanted.wanted());
    assert!(plan.diagnostics.iter().all(|found| found.code == "disco::data_loss"), "{:?}", plan.diagnostics);
    for step in 0..plan.steps.len() {
        for slave in slaves {
            assert_ne!(is_mended(&plan, step, *slave, wanted), Some(false), "{}: slaves[{slave}]", titles(&plan)[step]);
        }
    }
    heat.apply(&plan, &wanted.wanted());
    assert!(heat.plan(&wanted.wanted()).is_empty());
    titles(&plan).into_iter().map(str::to_owned).collect()
}

#[test]
fn the_first_batch_brings_the_fix_to_all_that_failed() {
    let said = mends(failed(&[2, 4]), &heap(0..5, 2), &[2, 4]);
    let expected = [
        "reconfigure: slaves[2, 4], batch 1 of 5",
        "reconfigure: master[0], batch 2 of 5",
        "reconfigure: slaves[0], batch 3 of 5",
        "reconfigure: slaves[1], batch 4 of 5",
        "reconfigure: slaves[3], batch 5 of 5",
    ];
    assert_eq!(said, expected);
}

#[test]
fn the_fix_comes_before_nodes_go() {
    let said = mends(failed(&[1]), &heap(0..4, 2), &[1]);
    assert_eq!(said[..2], ["reconfigure: slaves[1], batch 1 of 5", "shrink: slaves[4]"]);
    // Where nobody's services stop it is one update more, and nothing that comes before it can fail again.
    let wanted = LittleCluster { replication: 3, ..heap(0..4, 1) };
    let said = mends(failed(&[1]), &wanted, &[1]);
    assert_eq!(said, ["reconfigure: slaves[1]", "shrink: slaves[4]", "reconfigure: master[0], slaves[0, 2..3]"]);
}

#[test]
fn the_fix_comes_with_nodes_that_come() {
    let wanted = LittleCluster { replication: 3, ..heap(0..6, 1) };
    let said = mends(failed(&[1]), &wanted, &[1]);
    assert_eq!(said, ["grow: slaves[5]; reconfigure: slaves[1]", "reconfigure: master[0], slaves[0, 2..4]"]);
}

#[test]
fn who_failed_and_goes_is_not_configured_any_more() {
    let wanted = heap([0, 2, 3, 4], 2);
    let heat = failed(&[1, 3]);
    let plan = heat.plan(&wanted.wanted());
    assert_eq!(titles(&plan)[..2], ["reconfigure: slaves[3], batch 1 of 5", "shrink: slaves[1]"]);
    assert_eq!(is_mended(&plan, 0, 1, &wanted_with_one(1)), None, "its deployment is left out");
    assert!(sent(&plan, 0).resources.contains_key("slaves-1-server"), "it is still there");
    let asked = &sent(&plan, 0).resources["verify-deployment"].properties["input_values"]["members"];
    assert_eq!(*asked, json!("analytics-master-0 analytics-slaves-[0,2..4]"));
    mends(heat, &wanted, &[3]);
}

fn wanted_with_one(heap_of_all: u32) -> LittleCluster {
    heap(0..5, heap_of_all)
}

#[test]
fn who_failed_and_is_resized_waits_without_its_configuration() {
    let wanted = LittleCluster { flavor: "m1.large".to_owned(), ..heap(0..5, 1) };
    let said = mends(failed(&[3]), &wanted, &[3]);
    assert_eq!(said[0], "resize: slaves[3], batch 1 of 5");
    let wanted = LittleCluster { flavor: "m1.large".to_owned(), ..heap(0..4, 1) };
    let said = mends(failed(&[3]), &wanted, &[3]);
    assert_eq!(said[..2], ["shrink: slaves[4]", "resize: slaves[3], batch 1 of 4"]);
}

#[test]
fn a_failure_that_only_needs_another_try_gets_no_step_of_its_own() {
    let said = mends(failed(&[1]), &heap(0..6, 1), &[1]);
    assert_eq!(said, ["grow: slaves[5]; reconfigure: slaves[1]"]);
}

#[test]
fn those_whose_volumes_are_unmounted_first_have_the_others_not_wait() {
    let volume = |size, heap| LittleCluster { volume: Some(size), heap: Some(heap), ..LittleCluster::default() };
    let mut heat = LittleHeat::with(&volume(100, 1).wanted());
    heat.stack().status = ActionStatus::parse("UPDATE_FAILED");
    for slave in [0, 2] {
        heat.resource(&format!("slaves-{slave}-deployment")).status = ActionStatus::parse("UPDATE_FAILED");
    }
    let wanted = volume(200, 2);
    let plan = heat.plan(&wanted.wanted());
    assert_eq!(
        titles(&plan)[..2],
        ["unmount volumes: slaves[0, 2], batch 1 of 3", "reconfigure: slaves[0, 2], batch 1 of 3"]
    );
    heat.apply(&plan, &wanted.wanted());
    assert!(heat.plan(&wanted.wanted()).is_empty());
}
