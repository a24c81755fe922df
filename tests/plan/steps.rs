//! The templates on the way.

use std::sync::Arc;

use disco::graph::ParameterValue;
use disco::model::{ActionStatus, Address, OnFailure};
use disco::plan::{ChangeKind, Plan, StepAction};
use disco::template::{Folded, Template, TemplateResource};
use serde_json::json;

use super::little_cluster::LittleCluster;
use super::little_heat::LittleHeat;

fn titles(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.title.as_str()).collect()
}

fn template(plan: &Plan, step: usize) -> &Template {
    match &plan.steps[step].action {
        StepAction::Create(template, _) | StepAction::Update(template, _) => template,
        StepAction::Delete | StepAction::Restore(_) => unreachable!("it has no template"),
    }
}

fn node(template: &Template, prefix: &str) -> Vec<(String, String)> {
    template
        .resources
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, resource)| (name.clone(), format!("{:?} {:?}", resource.properties, resource.depends_on)))
        .collect()
}

#[test]
fn growing_alone_is_one_step_that_sends_old_nodes_as_they_are() {
    let before = LittleCluster::default();
    let heat = LittleHeat::with(&before.wanted());
    let plan = heat.plan(&LittleCluster::with_slaves(0..5).wanted());
    assert_eq!(titles(&plan), ["grow: slaves[3..4]"]);
    for prefix in ["slaves-0-", "slaves-1-", "slaves-2-", "master-0-"] {
        assert_eq!(node(template(&plan, 0), prefix), node(&before.template(), prefix));
    }
}

#[test]
fn shrinking_growing_and_changing_are_three_updates() {
    let before = LittleCluster::default();
    let heat = LittleHeat::with(&before.wanted());
    let after = LittleCluster { replication: 3, ..LittleCluster::with_slaves([0, 2, 3]) };
    let wanted = after.wanted();
    let plan = heat.plan(&wanted);
    assert_eq!(titles(&plan), ["shrink: slaves[1]", "grow: slaves[3]", "reconfigure: master[0], slaves[0, 2]"]);
    let (shrunk, grown) = (template(&plan, 0), template(&plan, 1));
    assert!(node(shrunk, "slaves-1-").is_empty());
    let verification = &shrunk.resources["verify-deployment"];
    assert!(!verification.depends_on.iter().any(|name| name.starts_with("slaves-1-")));
    let asked_for = &verification.properties["input_values"]["members"];
    assert_eq!(asked_for, "analytics-master-0 analytics-slaves-[0,2]", "who leaves may be dead already");
    for prefix in ["slaves-0-", "slaves-2-", "master-0-", "config-"] {
        assert_eq!(node(shrunk, prefix), node(&before.template(), prefix), "{prefix} is not touched by shrinking");
    }
    for prefix in ["slaves-0-", "slaves-2-", "master-0-"] {
        assert_eq!(node(grown, prefix), node(&before.template(), prefix), "{prefix} is not touched by growing");
    }
    assert_eq!(node(grown, "slaves-3-"), node(&after.template(), "slaves-3-"), "a new node is new at once");
    assert_eq!(node(grown, "config-slaves").len(), 2, "old and new configuration stand side by side");
    assert_eq!(node(template(&plan, 2), ""), node(&after.template(), ""));
    let mut heat = heat;
    heat.apply(&plan, &wanted);
    assert!(heat.plan(&wanted).is_empty());
}

#[test]
fn every_step_sends_all_parameters_and_tags() {
    let heat = LittleHeat::with(&LittleCluster::default().wanted());
    let after = LittleCluster { replication: 3, ..LittleCluster::with_slaves([0, 2, 3]) };
    let plan = heat.plan(&after.wanted());
    for step in &plan.steps {
        let StepAction::Update(template, tags) = &step.action else { panic!("{step:?}") };
        assert_eq!(template.parameters, after.template().parameters);
        assert_eq!(*tags, ["disco", "disco-lineage-lineage"]);
    }
}

#[test]
fn a_secret_that_is_not_at_hand_is_kept_by_heat_until_nobody_needs_it() {
    let heat = LittleHeat::with(&LittleCluster::default().wanted());
    let after = LittleCluster { secret: "new".to_owned(), ..LittleCluster::with_slaves([0, 2, 3]) };
    let plan = heat.plan(&after.wanted());
    assert_eq!(titles(&plan), ["shrink: slaves[1]", "grow: slaves[3]", "reconfigure: master[0], slaves[0, 2]"]);
    let old = LittleCluster::default().template().parameters.into_keys().next().unwrap();
    let kept =
        |step: usize| template(&plan, step).parameters.get(&old).map(|parameter| (&parameter.value, parameter.hidden));
    assert_eq!(
        [kept(0), kept(1), kept(2)],
        [Some((&ParameterValue::Kept, true)), Some((&ParameterValue::Kept, true)), None]
    );
    assert_eq!(template(&plan, 1).parameters.len(), 2, "the new node has the new secret");
}

#[test]
fn whatever_takes_no_nodes_away_follows_on_failure() {
    let rolling =
        |slaves: Vec<u32>| LittleCluster { on_failure: OnFailure::Rollback, ..LittleCluster::with_slaves(slaves) };
    let mut heat = LittleHeat::new();
    let wanted = rolling(vec![0, 1]).wanted();
    let plan = heat.plan(&wanted);
    assert!(plan.steps[0].rollback);
    heat.apply(&plan, &wanted);
    assert!(heat.plan(&rolling(vec![0, 1, 2]).wanted()).steps[0].rollback);
    assert!(!heat.plan(&rolling(vec![0]).wanted()).steps[0].rollback);
    let both = heat.plan(&LittleCluster { replication: 1, ..rolling(vec![0, 2]) }.wanted());
    assert_eq!(both.steps.iter().map(|step| step.rollback).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn what_is_no_longer_wanted_is_deleted_first() {
    let heat = LittleHeat::with(&LittleCluster::default().wanted());
    let plan = heat.plan(&disco::plan::Wanted::default());
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(plan.steps[0].action, StepAction::Delete);
    let summary = plan.summary();
    assert_eq!((summary.add, summary.change, summary.destroy), (0, 0, 8));
}

fn with_volumes(size: u64) -> LittleCluster {
    LittleCluster { volume: Some(size), ..LittleCluster::default() }
}

/// What a node is asked to unmount, if that is all that it is asked.
fn released(template: &Template, node: &str) -> Option<String> {
    let deployment = &template.resources[&format!("{node}-deployment")];
    deployment.properties["input_values"].get("release")?.as_str().map(str::to_owned)
}

#[test]
fn a_volume_grows_when_its_node_has_unmounted_it() {
    let heat = LittleHeat::with(&with_volumes(100).wanted());
    let after = with_volumes(200);
    let plan = heat.plan(&after.wanted());
    assert_eq!(
        titles(&plan),
        [
            "unmount volumes: slaves[0], batch 1 of 3",
            "reconfigure: slaves[0], batch 1 of 3",
            "unmount volumes: slaves[1], batch 2 of 3",
            "reconfigure: slaves[1], batch 2 of 3",
            "unmount volumes: slaves[2], batch 3 of 3",
            "reconfigure: slaves[2], batch 3 of 3"
        ]
    );
    let before = with_volumes(100).template();
    let (unmounted, grown) = (template(&plan, 0), template(&plan, 1));
    assert_eq!((released(unmounted, "slaves-0").as_deref(), released(grown, "slaves-0")), (Some("data"), None));
    assert_eq!(unmounted.resources["slaves-0-volume-data"], before.resources["slaves-0-volume-data"]);
    assert_eq!(grown.resources["slaves-0-volume-data"], after.template().resources["slaves-0-volume-data"]);
    for step in [unmounted, grown] {
        for prefix in ["slaves-1-", "slaves-2-", "master-0-", "verify-"] {
            assert_eq!(node(step, prefix), node(&before, prefix), "{prefix} is not touched by this batch");
        }
    }
    let restarted: Vec<_> = plan.changes.iter().flat_map(|change| &change.services.restarted).collect();
    assert_eq!(restarted, ["hdfs", "hdfs", "hdfs"]);
}

#[test]
fn a_volume_that_moves_or_goes_needs_no_update_before() {
    let heat = LittleHeat::with(&with_volumes(100).wanted());
    let elsewhere = LittleCluster { mount: "/srv/data".to_owned(), ..with_volumes(100) };
    for after in [elsewhere, LittleCluster::default()] {
        let plan = heat.plan(&after.wanted());
        assert_eq!(plan.steps.len(), 3, "a batch a node");
        assert!(plan.steps.iter().enumerate().all(|(at, _)| released(template(&plan, at), "slaves-0").is_none()));
        assert!(plan.changes.iter().any(|change| change.services.restarted == ["hdfs"]));
    }
}

/// What is planned when only so many steps of a growth were done.
fn broken_off(steps: usize, wanted: &LittleCluster) -> (LittleHeat, Plan) {
    let mut heat = LittleHeat::with(&with_volumes(100).wanted());
    let grown = with_volumes(200).wanted();
    let mut plan = heat.plan(&grown);
    plan.steps.truncate(steps);
    heat.apply(&plan, &grown);
    let again = heat.plan(&wanted.wanted());
    (heat, again)
}

#[test]
fn a_growth_that_is_broken_off_goes_on_where_it_was() {
    for done in 0..=6 {
        let wanted = LittleCluster { replication: 3, ..with_volumes(200) };
        for wanted in [with_volumes(200), wanted] {
            let (mut heat, again) = broken_off(done, &wanted);
            let (slave, unmounted) = (done / 2, done % 2 == 1);
            if unmounted {
                let node = format!("cluster.analytics.slaves[{slave}]");
                let first = again.steps[0].addresses.iter().map(ToString::to_string);
                let title = titles(&again)[0];
                assert!(first.clone().any(|address| address == node), "{title}: {first:?}");
                assert!(title.starts_with("reconfigure: "), "{title}");
                let change = again.changes.iter().find(|change| change.address.to_string() == node).unwrap();
                let said = "volume data was unmounted by an apply that did not finish; it is mounted again";
                assert!(change.reasons.iter().any(|reason| reason == said), "{:?}", change.reasons);
                assert_eq!(change.services.started, ["hdfs"]);
            }
            let unmounting = again.steps.iter().filter(|step| step.unmounts).count();
            assert_eq!(unmounting, 3 - slave - usize::from(unmounted));
            heat.apply(&again, &wanted.wanted());
            assert!(heat.plan(&wanted.wanted()).is_empty(), "after {done} steps");
        }
    }
}

#[test]
fn a_volume_that_is_unmounted_and_shall_not_grow_after_all_is_mounted_again() {
    let (mut heat, again) = broken_off(1, &with_volumes(100));
    assert!(again.steps.iter().all(|step| !step.unmounts));
    let first = again.changes.iter().find(|change| change.address.to_string().ends_with("slaves[0]")).unwrap();
    assert_eq!(first.services.started, ["hdfs"]);
    heat.apply(&again, &with_volumes(100).wanted());
    assert!(heat.plan(&with_volumes(100).wanted()).is_empty());
}

#[test]
fn a_disk_that_could_not_be_unmounted_is_tried_again() {
    let grown = with_volumes(200).wanted();
    let (mut heat, _) = broken_off(1, &with_volumes(200));
    heat.resource("slaves-0-deployment").status = ActionStatus::parse("UPDATE_FAILED");
    let again = heat.plan(&grown);
    assert_eq!(
        titles(&again)[..2],
        ["unmount volumes: slaves[0], batch 1 of 3", "reconfigure: slaves[0], batch 1 of 3"]
    );
}

#[test]
fn where_nothing_can_be_unmounted_before_volumes_do_not_change() {
    // So large that the configuration that unmounts has no room beside the others.
    let codes = |length: usize| {
        let cluster = |size| LittleCluster { user_data: "x".repeat(length), ..with_volumes(size) };
        let plan = LittleHeat::with(&cluster(100).wanted()).plan(&cluster(200).wanted());
        let errors = plan.diagnostics.has_errors();
        (errors, plan.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>())
    };
    assert_eq!(codes(1_000), (false, Vec::new()));
    assert_eq!(codes(240_000), (true, vec!["disco::mounted_volumes"]));
}

#[test]
fn after_a_last_batch_that_failed_nodes_go_in_batches_and_volumes_are_unmounted() {
    // Who failed comes first, and alone.
    for (batch_size, slaves, batches, failed) in
        [(1, 0..3, 3, "slaves-2"), (2, 0..4, 3, "slaves-2"), (2, 0..4, 3, "slaves-3")]
    {
        for size in [100, 200] {
            let cluster = |replication, size| LittleCluster {
                replication,
                batch_size,
                slaves: slaves.clone().collect(),
                ..with_volumes(size)
            };
            let mut heat = LittleHeat::with(&cluster(1, 100).wanted());
            let second = cluster(2, 100).wanted();
            let plan = heat.plan(&second);
            let last = plan.steps.len() - 1;
            heat.break_off(plan, &second, last, &format!("{failed}-deployment"));
            let third = cluster(3, size).wanted();
            let plan = heat.plan(&third);
            assert!(plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
            let unmounting = plan.steps.iter().filter(|step| step.unmounts).count();
            assert_eq!(unmounting, if size == 100 { 0 } else { batches }, "{:?}", titles(&plan));
            assert_eq!(plan.steps.len() - unmounting, batches + 1, "{:?}", titles(&plan));
            heat.apply(&plan, &third);
            assert!(heat.plan(&third).is_empty());
        }
    }
}

#[test]
fn where_no_batches_can_be_made_it_is_said() {
    // An update that fails leaves a text of which only the digest is known: nothing can be left as it is.
    let cluster = |text: &str, flavor: &str, size| {
        LittleCluster { user_data: text.repeat(300), flavor: flavor.to_owned(), ..with_volumes(size) }.wanted()
    };
    let mut heat = LittleHeat::with(&cluster("x", "m1.small", 100));
    let second = cluster("y", "m1.small", 100);
    let plan = heat.plan(&second);
    heat.break_off(plan, &second, 0, "user-data-slave");
    let codes = |flavor, size| {
        let plan = heat.plan(&cluster("y", flavor, size));
        assert!(plan.steps.iter().all(|step| step.batch.is_none()), "{:?}", titles(&plan));
        plan.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("m1.medium", 100), ["disco::not_in_batches"]);
    assert_eq!(codes("m1.medium", 200), ["disco::mounted_volumes"]);
    assert_eq!(codes("m1.small", 200), ["disco::mounted_volumes"]);
}

#[test]
fn a_volume_that_failed_on_a_living_machine_is_unmounted_before_it_is_mended() {
    let wanted = with_volumes(100).wanted();
    let mut heat = LittleHeat::with(&wanted);
    heat.stack().status = ActionStatus::parse("UPDATE_FAILED");
    heat.resource("slaves-1-volume-data").status = ActionStatus::parse("UPDATE_FAILED");
    let plan = heat.plan(&wanted);
    let change = plan.changes.iter().find(|change| change.address.to_string().ends_with("slaves[1]")).unwrap();
    assert_eq!(change.kind, ChangeKind::Update, "its machine lives");
    assert_eq!(titles(&plan)[..2], ["unmount volumes: slaves[1]", "reconfigure: slaves[1]"]);
}

#[test]
fn a_failed_base_stack_goes_on_batch_by_batch_before_other_stacks_get_nodes() {
    let mut heat = LittleHeat::with(&with_volumes(100).wanted());
    let second = with_volumes(200).wanted();
    let plan = heat.plan(&second);
    heat.break_off(plan, &second, 0, "slaves-0-deployment");
    let mut third = with_volumes(300).wanted();
    let server = TemplateResource {
        heat_type: "OS::Nova::Server".to_owned(),
        properties: Folded::of(&json!({"name": "analytics-slaves-7"})),
        depends_on: Vec::new(),
        address: Address::Node("analytics".to_owned(), "slaves".to_owned(), 7),
        origin: None,
    };
    let mut shard = Template::default();
    shard.resources.insert("slaves-7-server".to_owned(), Arc::new(server));
    third.clusters.get_mut("analytics").unwrap().templates.insert("analytics.shard-2".to_owned(), shard);
    let plan = heat.plan(&third);
    assert!(!plan.diagnostics.has_errors(), "{:?}", plan.diagnostics);
    let said = titles(&plan);
    let at = |title: &str| said.iter().position(|found| found.starts_with(title)).unwrap();
    assert_eq!(at("unmount volumes: slaves[2]") + 1, at("reconfigure: slaves[2]"), "{said:?}");
    assert!(at("reconfigure: slaves[2]") < at("create analytics.shard-2"), "{said:?}");
    for (number, step) in plan.steps[..at("create")].iter().enumerate().filter(|(_, step)| step.batch.is_none()) {
        let sent = &template(&plan, number).resources["slaves-2-volume-data"].properties["size"];
        assert_eq!(*sent, json!(100), "{}", step.title);
    }
    heat.apply(&plan, &third);
    assert!(heat.plan(&third).is_empty());
}
