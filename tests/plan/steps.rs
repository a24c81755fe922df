//! The templates on the way.

use disco::graph::ParameterValue;
use disco::model::OnFailure;
use disco::plan::{Plan, StepAction};
use disco::template::Template;

use super::little_cluster::LittleCluster;
use super::little_heat::LittleHeat;

fn titles(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.title.as_str()).collect()
}

fn template(plan: &Plan, step: usize) -> &Template {
    match &plan.steps[step].action {
        StepAction::Create(template, _) | StepAction::Update(template, _) => template,
        StepAction::Delete => unreachable!("a deletion has no template"),
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
fn only_creation_and_growth_roll_back() {
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
    assert_eq!(both.steps.iter().map(|step| step.rollback).collect::<Vec<_>>(), [false, true, false]);
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
