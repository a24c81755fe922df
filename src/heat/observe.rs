//! What is there now: a constant number of calls a stack, whatever the number of nodes.

use std::collections::BTreeMap;

use super::cloud::Cloud;
use super::error::HeatError;
use super::stacks::StackRef;
use super::wire;
use crate::plan::{Observation, ObservedResource, ObservedStack};

/// Looks at the stacks of those names: each costs a look by name, its template and one listing of its resources.
pub async fn observe(cloud: &Cloud, names: &[String]) -> Result<Observation, HeatError> {
    let mut observation = Observation { stacks: BTreeMap::new(), asked: true };
    for name in names {
        if observation.stacks.contains_key(name) {
            continue;
        }
        let Some(stack) = cloud.find_stack(name).await? else { continue };
        if let Some(seen) = observe_stack(cloud, stack).await? {
            observation.stacks.insert(name.clone(), seen);
        }
    }
    Ok(observation)
}

/// Template and resources of a stack just read; `None` where it has vanished meanwhile.
pub async fn observe_stack(cloud: &Cloud, stack: wire::Stack) -> Result<Option<ObservedStack>, HeatError> {
    let at = StackRef::new(&stack.stack_name, &stack.id);
    let parts = tokio::try_join!(cloud.template(&at), cloud.resources(&at));
    match parts {
        Ok((template, resources)) => {
            let mut seen = ObservedStack::from(stack);
            seen.template = Some(template);
            seen.resources = resources
                .into_iter()
                .map(|resource| (resource.resource_name.clone(), ObservedResource::from(resource)))
                .collect();
            Ok(Some(seen))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl From<wire::Stack> for ObservedStack {
    /// Without template and resources.
    fn from(stack: wire::Stack) -> Self {
        let (action, status) = split_status(&stack.stack_status);
        Self {
            action: action.to_owned(),
            status: status.to_owned(),
            id: stack.id,
            reason: stack.stack_status_reason,
            tags: stack.tags.unwrap_or_default(),
            template: None,
            resources: BTreeMap::new(),
            outputs: stack.outputs.into_iter().map(|output| (output.output_key, output.output_value)).collect(),
        }
    }
}

impl From<wire::Resource> for ObservedResource {
    fn from(resource: wire::Resource) -> Self {
        Self {
            heat_type: resource.resource_type,
            physical_id: resource.physical_resource_id.filter(|id| !id.is_empty()),
            status: resource.resource_status,
            reason: resource.resource_status_reason,
        }
    }
}

/// `CREATE_IN_PROGRESS` → `CREATE`, `IN_PROGRESS`.
pub fn split_status(status: &str) -> (&str, &str) {
    status.split_once('_').unwrap_or((status, ""))
}
