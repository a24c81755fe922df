//! How configuration reaches the nodes: user-data per role, one configuration per group, one deployment per node,
//! and the verification at the end.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::{ParameterValue, Property, Resource, StackParameter};
use crate::model::{Action, DIGEST_DIGITS, GroupSpec, NodePart, ResourceName, Role};
use crate::node::{self, Bundle, Secrets};

/// Adds the first-boot user-data of every role that has nodes in this stack.
pub(super) fn add_user_data(draft: &mut Draft<'_>) {
    for role in Role::ALL {
        let mut groups = draft.spec.groups.iter().filter(|group| group.role == role);
        if groups.any(|group| draft.nodes(&group.name).next().is_some()) {
            let resource = draft
                .resource(ResourceName::UserData(role), Some(draft.spec.origin))
                .with("group", "Heat::Ungrouped")
                .with("config", node::user_data(role));
            draft.add(resource);
        }
    }
}

/// Adds the secrets that Heat makes up to the base stack, which nodes of all stacks get them from.
pub(super) fn add_secrets(draft: &mut Draft<'_>) {
    if !draft.is_base() {
        return;
    }
    for (secret, length) in &draft.configuration.generated {
        let name = ResourceName::Secret(&secret.framework, &secret.setting);
        let resource = draft.resource(name, Some(draft.spec.origin)).with("length", *length);
        draft.add(resource);
    }
}

/// Adds a group's configuration and the deployment of each of its nodes in this stack; returns the deployments' names.
pub(super) fn add_group(draft: &mut Draft<'_>, group: &GroupSpec) -> Vec<String> {
    let nodes: Vec<u32> = draft.nodes(&group.name).map(|(index, _)| index).collect();
    if nodes.is_empty() {
        return Vec::new();
    }
    let Some(bundle) = draft.bundles.get(&group.name) else { return Vec::new() };
    let config = ResourceName::Configuration(&group.name, digest(bundle));
    add_config(draft, config, bundle);
    let secrets = add_parameters(draft, bundle.secrets());
    let mut names = Vec::new();
    for index in nodes {
        let mut inputs: BTreeMap<String, Property> = secrets.clone();
        let generation = format!("{}/{}", group.image.value, group.flavor.value);
        inputs.insert("generation".to_owned(), generation.into());
        let name = |part| ResourceName::Node(&group.name, index, part);
        let mut deployment = draft.resource(name(NodePart::Deployment), Some(group.origin));
        for volume in &group.volumes {
            let id = Property::resource(name(NodePart::Volume(&volume.name)));
            inputs.insert(node::volume_input(&volume.name), id);
            deployment = deployment.after(name(NodePart::Attachment(&volume.name)));
        }
        draft.add(delivered(deployment, config, name(NodePart::Server), inputs));
        names.push(name(NodePart::Deployment).to_string());
    }
    names
}

/// Adds the last step: on the first master, after every node of this stack. It waits for the nodes of all stacks.
pub(super) fn add_verification(draft: &mut Draft<'_>, deployments: Vec<String>) {
    let spec = draft.spec;
    let masters = spec.groups.iter().filter(|group| group.role == Role::Master);
    let Some(server) = masters
        .flat_map(|group| {
            draft.nodes(&group.name).map(move |(index, _)| ResourceName::Node(&group.name, index, NodePart::Server))
        })
        .next()
    else {
        return;
    };
    let bundle = node::verification(spec, draft.configuration);
    let config = ResourceName::VerificationConfiguration(digest(&bundle));
    add_config(draft, config, &bundle);
    let nodes = spec.groups.iter().filter_map(|group| Some((group, draft.members.groups.get(&group.name)?)));
    let names =
        nodes.flat_map(|(group, members)| members.nodes.keys().map(|index| spec.node_name(&group.name, *index)));
    let inputs = BTreeMap::from([("members".to_owned(), Property::Text(node::brief_names(names)))]);
    let mut deployment = draft.resource(ResourceName::Verification, Some(spec.origin));
    deployment.depends_on = deployments;
    draft.add(delivered(deployment, config, server, inputs));
}

/// Adds a configuration whose name carries its digest, so that old and new can stand side by side.
fn add_config(draft: &mut Draft<'_>, name: ResourceName<'_>, bundle: &Bundle) {
    let resource =
        draft.resource(name, Some(draft.spec.origin)).with("group", "disco").with("config", bundle.to_json());
    draft.add(resource);
}

/// The beginning of a configuration's digest.
fn digest(bundle: &Bundle) -> &str {
    bundle.digest().get(..DIGEST_DIGITS).unwrap_or_default()
}

/// Makes secrets hidden parameters; returns the inputs that carry them.
fn add_parameters(draft: &mut Draft<'_>, secrets: &Secrets) -> BTreeMap<String, Property> {
    let mut inputs = BTreeMap::new();
    for (name, value, purpose) in secrets.iter() {
        let value = ParameterValue::Given(value.clone());
        let parameter = StackParameter { description: format!("Secret: {purpose}"), value };
        draft.parameters.entry(name.clone()).or_insert(parameter);
        inputs.insert(name.clone(), Property::GetParam(name.clone()));
    }
    for name in secrets.generated() {
        inputs.insert(name.clone(), draft.generated(name));
    }
    inputs
}

fn delivered(
    deployment: Resource,
    config: ResourceName<'_>,
    server: ResourceName<'_>,
    inputs: BTreeMap<String, Property>,
) -> Resource {
    deployment
        .with("config", Property::resource(config))
        .with("server", Property::resource(server))
        .with("signal_transport", "HEAT_SIGNAL")
        .with("actions", vec![Action::Create.name().into(), Action::Update.name().into()])
        .with("input_values", Property::Map(inputs))
}
