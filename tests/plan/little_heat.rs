//! A Heat that believes everything: it takes a plan's steps, checks that each template stands on its own, and shows the
//! result. Enough to hold plans to their law; real update rules are the embedded engine's.

use disco::model::ActionStatus;
use std::collections::BTreeMap;

use disco::plan::{Found, Observation, ObservedResource, ObservedStack, Plan, PlanOptions, StepAction, Wanted, plan};
use disco::state::{ClusterState, OutputState, State};
use disco::template::{Folded, Template};
use serde_json::{Map, Value as Json, json};

pub(crate) struct LittleHeat {
    pub(crate) state: State,
    pub(crate) seen: Observation,
    made: usize,
}

impl LittleHeat {
    pub(crate) fn new() -> Self {
        let seen = Observation { asked: true, ..Observation::default() };
        Self { state: State::new("lineage"), seen, made: 0 }
    }

    /// With a cluster that lives.
    pub(crate) fn with(wanted: &Wanted) -> Self {
        let mut heat = Self::new();
        let plan = heat.plan(wanted);
        heat.apply(&plan, wanted);
        heat
    }

    pub(crate) fn plan(&self, wanted: &Wanted) -> Plan {
        plan(wanted, &self.state, &self.seen, &PlanOptions::default())
    }

    /// The same, from what the state remembers alone.
    pub(crate) fn plan_offline(&self, wanted: &Wanted) -> Plan {
        plan(wanted, &self.state, &Observation::default(), &PlanOptions::default())
    }

    pub(crate) fn stack(&mut self) -> &mut ObservedStack {
        self.seen.stacks.get_mut("analytics").expect("the cluster lives")
    }

    pub(crate) fn resource(&mut self, name: &str) -> &mut ObservedResource {
        self.stack().resources.get_mut(name).expect("the resource exists")
    }

    /// Carries out steps; the next one fails with one resource before anything else is reached.
    pub(crate) fn break_off(&mut self, mut plan: Plan, wanted: &Wanted, at: usize, resource: &str) {
        let StepAction::Update(template, _) = plan.steps[at].action.clone() else { panic!("an update") };
        plan.steps.truncate(at);
        self.apply(&plan, wanted);
        let stack = self.stack();
        stack.status = ActionStatus::parse("UPDATE_FAILED");
        stack.template = Some(hot(&template));
        if let Some(failed) = stack.resources.get_mut(resource) {
            failed.status = ActionStatus::parse("UPDATE_FAILED");
        }
    }

    pub(crate) fn apply(&mut self, plan: &Plan, wanted: &Wanted) {
        for step in &plan.steps {
            let (template, tags, action) = match &step.action {
                StepAction::Create(template, tags) => {
                    assert!(!self.seen.stacks.contains_key(&step.stack), "{} exists", step.stack);
                    (template, tags, "CREATE")
                }
                StepAction::Update(template, tags) => (template, tags, "UPDATE"),
                StepAction::Delete => {
                    self.seen.stacks.remove(&step.stack);
                    let cluster = self.state.clusters.get_mut(&step.cluster).expect("known");
                    cluster.stacks.remove(&step.stack);
                    if cluster.stacks.is_empty() {
                        self.state.clusters.remove(&step.cluster);
                    }
                    continue;
                }
                StepAction::Restore(restores) => {
                    let resources = &mut self.seen.stacks.get_mut(&step.stack).expect("known").resources;
                    for restore in restores {
                        resources.get_mut(&restore.resource).expect("known").found = Found::AsHeatSays;
                    }
                    continue;
                }
            };
            assert_stands(template, &step.title);
            let before = self.seen.stacks.get(&step.stack).map(|stack| stack.resources.clone()).unwrap_or_default();
            let resources: BTreeMap<String, ObservedResource> = template
                .resources
                .iter()
                .map(|(name, resource)| {
                    self.made += 1;
                    let id = before.get(name).and_then(|known| known.physical_id.clone());
                    let seen = ObservedResource {
                        heat_type: resource.heat_type.clone(),
                        physical_id: Some(id.unwrap_or_else(|| format!("id-{}", self.made))),
                        status: ActionStatus::parse(&format!("{action}_COMPLETE")),
                        reason: String::new(),
                        found: Found::default(),
                    };
                    (name.clone(), seen)
                })
                .collect();
            let stack = ObservedStack {
                id: format!("stack-{}", step.stack),
                status: ActionStatus::parse(&format!("{action}_COMPLETE")),
                reason: String::new(),
                tags: tags.clone(),
                template: Some(hot(template)),
                resources,
                outputs: BTreeMap::new(),
                timeout_minutes: None,
                created: None,
                updated: None,
                parameters: BTreeMap::new(),
                foreign_rules: Vec::new(),
            };
            let cluster = self.state.clusters.entry(step.cluster.clone()).or_default();
            let record = cluster.stacks.entry(step.stack.clone()).or_default();
            record.id = Some(stack.id.clone());
            let values = template.parameter_values(|_, resource| Some(format!("id-{resource}")), |_, _| None).unwrap();
            record.record("lineage", template, &values, &stack.resources);
            self.seen.stacks.insert(step.stack.clone(), stack);
        }
        for (name, planned) in &plan.clusters {
            let known: &mut ClusterState = self.state.clusters.entry(name.clone()).or_default();
            known.members = planned.members.clone();
            known.storage_groups = planned.storage_groups.clone();
            known.frameworks = planned.frameworks.clone();
            known.prevent_destroy = planned.prevent_destroy;
        }
        self.state.clusters.retain(|_, known| !known.stacks.is_empty());
        let outputs = wanted
            .outputs
            .iter()
            .filter_map(|(name, (value, _))| Some((name.clone(), OutputState::Value(value.clone()?))));
        self.state.outputs = outputs.collect();
        self.state.serial += 1;
    }
}

/// A template as Heat gives it back.
pub(crate) fn hot(template: &Template) -> Folded {
    let resources: Map<String, Json> = template
        .resources
        .iter()
        .map(|(name, resource)| {
            let mut entry = json!({"type": resource.heat_type, "properties": resource.properties});
            if !resource.depends_on.is_empty() {
                entry["depends_on"] = json!(resource.depends_on);
            }
            (name.clone(), entry)
        })
        .collect();
    let outputs: Map<String, Json> =
        template.outputs.iter().map(|(name, output)| (name.clone(), json!({"value": output.value}))).collect();
    let parameters: Map<String, Json> = template
        .parameters
        .iter()
        .map(|(name, parameter)| (name.clone(), json!({"type": "string", "hidden": parameter.hidden})))
        .collect();
    Folded::of(
        &json!({"heat_template_version": "2021-04-16", "resources": resources, "outputs": outputs, "parameters": parameters}),
    )
}

/// Whatever a template refers to is in it.
fn assert_stands(template: &Template, title: &str) {
    fn walk(value: &Json, template: &Template, title: &str) {
        match value {
            Json::Array(items) => items.iter().for_each(|item| walk(item, template, title)),
            Json::Object(entries) => {
                for (key, value) in entries {
                    let target = value.as_str().or_else(|| value.get(0)?.as_str()).unwrap_or_default();
                    match key.as_str() {
                        "get_resource" | "get_attr" => {
                            assert!(template.resources.contains_key(target), "{title}: no resource {target}");
                        }
                        "get_param" => {
                            assert!(template.parameters.contains_key(target), "{title}: no parameter {target}");
                        }
                        _ => walk(value, template, title),
                    }
                }
            }
            _ => {}
        }
    }
    for (name, resource) in &template.resources {
        resource.properties.values().for_each(|value| walk(value, template, title));
        for other in &resource.depends_on {
            assert!(template.resources.contains_key(other), "{title}: {name} depends on {other}, which is not there");
        }
    }
    template.outputs.values().for_each(|output| walk(&output.value, template, title));
}
