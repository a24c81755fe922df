//! Small plans by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use disco::apply::Clock;
use disco::graph::ParameterValue;
use disco::model::{Address, CloudFacts, GroupMembers, Member, Members, Text};
use disco::plan::{Plan, PlanBase, PlannedCluster, Step, StepAction};
use disco::source::Diagnostics;
use disco::state::{State, stack_tags};
use disco::template::{Parameter, Template, TemplateResource};
use serde_json::json;

pub(crate) const LINEAGE: &str = "11111111-2222-3333-4444-555555555555";

pub(crate) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> jiff::Timestamp {
        #[expect(clippy::disallowed_methods, reason = "tests own their time")]
        jiff::Timestamp::now()
    }
}

pub(crate) fn state() -> State {
    State::new(LINEAGE)
}

pub(crate) fn node(group: &str, index: u32) -> Address {
    Address::Node("analytics".to_owned(), group.to_owned(), index)
}

/// One master and so many slaves; `word` stands in every node's configuration.
pub(crate) fn template(slaves: u32, word: &str) -> Template {
    let mut template = Template { description: "a test".to_owned(), ..Template::default() };
    let mut add = |name: String, heat_type: &str, address: &Address, value: &str| {
        let properties = json!({ "value": value }).as_object().unwrap().clone();
        let resource = TemplateResource {
            heat_type: heat_type.to_owned(),
            properties: properties.into(),
            depends_on: Vec::new(),
            address: address.clone(),
            origin: None,
        };
        template.resources.insert(name, std::sync::Arc::new(resource));
    };
    add("network".to_owned(), "OS::Neutron::Net", &Address::Network("analytics".to_owned()), "n");
    for (group, index) in nodes(slaves) {
        let address = node(group, index);
        add(format!("{group}-{index}-server"), "OS::Nova::Server", &address, "s");
        add(format!("{group}-{index}-deployment"), "OS::Heat::SoftwareDeployment", &address, word);
    }
    template.parameters.insert(
        "key".to_owned(),
        Parameter {
            kind: "string".to_owned(),
            description: String::new(),
            value: ParameterValue::Given(Text::plain("v")),
            hidden: false,
        },
    );
    template
}

fn nodes(slaves: u32) -> Vec<(&'static str, u32)> {
    std::iter::once(("master", 0)).chain((0..slaves).map(|index| ("slaves", index))).collect()
}

fn planned(slaves: u32) -> PlannedCluster {
    let mut members = Members::default();
    for (number, (group, index)) in nodes(slaves).into_iter().enumerate() {
        let address = Ipv4Addr::new(10, 20, 0, 10 + u8::try_from(number).unwrap());
        let group: &mut GroupMembers = members.groups.entry(group.to_owned()).or_default();
        group.nodes.insert(index, Member { address: Some(address), shard: 0 });
    }
    PlannedCluster {
        called: disco::model::Called::default(),
        refers_to: std::collections::BTreeSet::new(),
        members,
        facts: CloudFacts::default(),
        storage_groups: BTreeMap::new(),
        frameworks: BTreeMap::new(),
        prevent_destroy: false,
    }
}

fn plan(state: &State, steps: Vec<Step>) -> Plan {
    Plan {
        state_changes: Vec::new(),
        base: PlanBase {
            lineage: state.lineage.clone(),
            serial: state.serial,
            definition_digest: String::new(),
            workspace: None,
        },
        changes: Vec::new(),
        steps,
        after: BTreeMap::new(),
        unfinished: BTreeSet::new(),
        clusters: BTreeMap::new(),
        in_progress: Vec::new(),
        drift: Vec::new(),
        suspended: BTreeSet::new(),
        scope: disco::plan::Scope::default(),
        causes: BTreeMap::new(),
        outputs: Vec::new(),
        diagnostics: Diagnostics::new(),
        cloud: None,
        observed: true,
    }
}

fn step(title: &str, action: StepAction) -> Step {
    Step {
        title: title.to_owned(),
        cluster: "analytics".to_owned(),
        stack: "analytics".to_owned(),
        action,
        addresses: Vec::new(),
        timeout_minutes: 60,
        rollback: false,
        stage: 0,
        batch: None,
        unmounts: false,
        deadline_minutes: None,
        lacks_addresses: false,
        heal: Vec::new(),
    }
}

pub(crate) fn create(state: &State, slaves: u32) -> Plan {
    let action = StepAction::Create(template(slaves, "one"), stack_tags(LINEAGE));
    let mut plan = plan(state, vec![step("create analytics", action)]);
    plan.clusters.insert("analytics".to_owned(), planned(slaves));
    plan
}

pub(crate) fn update(state: &State, slaves: u32, word: &str) -> Plan {
    let action = StepAction::Update(template(slaves, word), stack_tags(LINEAGE));
    let mut plan = plan(state, vec![step("update analytics", action)]);
    plan.clusters.insert("analytics".to_owned(), planned(slaves));
    plan
}

pub(crate) fn destroy(state: &State) -> Plan {
    plan(state, vec![step("destroy analytics", StepAction::Delete)])
}
