//! What is there now: a constant number of calls a stack, whatever the number of nodes.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value as Json;

use super::cloud::Cloud;
use super::error::HeatError;
use super::outside;
use super::stacks::StackRef;
use super::wire;
use crate::plan::{Found, Observation, ObservedResource, ObservedStack};

/// How many stacks are looked at at a time.
const SIDE_BY_SIDE: usize = 8;

/// Looks at all stacks that bear a tag, which one listing finds, and at those of the given names, tag or not: each costs a
/// look, its template and one listing of its resources. Nova and Neutron are asked what stands behind them, because Heat
/// does not notice what happens behind its back.
pub async fn observe(cloud: &Cloud, tag: &str, names: &[String]) -> Result<Observation, HeatError> {
    let mut known: BTreeMap<String, Option<StackRef>> = names.iter().map(|name| (name.clone(), None)).collect();
    for stack in cloud.stacks_tagged(tag).await? {
        let at = StackRef::new(&stack.stack_name, &stack.id);
        known.insert(stack.stack_name, Some(at));
    }
    let mut looks: Vec<BoxFuture<'_, Result<Option<ObservedStack>, HeatError>>> = Vec::new();
    let names: Vec<String> = known.keys().cloned().collect();
    for (name, at) in known {
        looks.push(look(cloud, name, at).boxed());
    }
    let seen: Vec<_> = stream::iter(looks).buffered(SIDE_BY_SIDE).try_collect().await?;
    let seen = names.into_iter().zip(seen).filter_map(|(name, seen)| Some((name, seen?)));
    let mut observation = Observation { stacks: seen.collect(), asked: true };
    outside::look(cloud, &mut observation).await?;
    Ok(observation)
}

/// Stacks with what they put out, but without template and resources, for those that exist.
pub async fn observe_outputs(cloud: &Cloud, stacks: &[StackRef]) -> Result<Observation, HeatError> {
    let looks = stacks.iter().map(|stack| cloud.stack(stack).boxed());
    let looks: Vec<BoxFuture<'_, Result<Option<wire::Stack>, HeatError>>> = looks.collect();
    let seen: Vec<_> = stream::iter(looks).buffered(SIDE_BY_SIDE).try_collect().await?;
    let seen = seen.into_iter().flatten().map(|stack| (stack.stack_name.clone(), ObservedStack::from(stack)));
    Ok(Observation { stacks: seen.collect(), asked: true })
}

/// One stack, where it is if that is known, or by its name.
async fn look(cloud: &Cloud, name: String, at: Option<StackRef>) -> Result<Option<ObservedStack>, HeatError> {
    let stack = match at {
        Some(at) => cloud.stack(&at).await?.filter(|stack| !stack.status().is_deleted()),
        None => cloud.find_stack(&name).await?,
    };
    match stack {
        Some(stack) => observe_stack(cloud, stack).await,
        None => Ok(None),
    }
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

/// A parameter's value as a text, as it was sent.
fn plain(value: Json) -> String {
    match value {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

impl From<wire::Stack> for ObservedStack {
    /// Without template and resources.
    fn from(stack: wire::Stack) -> Self {
        Self {
            status: stack.status(),
            id: stack.id,
            reason: stack.stack_status_reason,
            tags: stack.tags.unwrap_or_default(),
            template: None,
            resources: BTreeMap::new(),
            outputs: stack.outputs.into_iter().map(|output| (output.output_key, output.output_value)).collect(),
            timeout_minutes: stack.timeout_mins,
            created: stack.creation_time,
            updated: stack.updated_time,
            parameters: stack.parameters.into_iter().map(|(name, value)| (name, plain(value))).collect(),
            foreign_rules: Vec::new(),
        }
    }
}

impl From<wire::Resource> for ObservedResource {
    fn from(resource: wire::Resource) -> Self {
        Self {
            status: resource.status(),
            heat_type: resource.resource_type,
            physical_id: resource.physical_resource_id.filter(|id| !id.is_empty()),
            reason: resource.resource_status_reason,
            found: Found::default(),
        }
    }
}
