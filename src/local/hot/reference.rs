//! What a template's resources and outputs refer to: it must be there, and lead nowhere back.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::function;
use super::super::refusal::Refusal;
use super::super::schema::resource_type;
use super::Hot;

pub(super) fn check_references(hot: &Hot, whole: bool) -> Result<(), Refusal> {
    for (name, resource) in &hot.resources {
        if let Some(unknown) = resource.requires.iter().find(|other| !hot.resources.contains_key(*other)) {
            let property = resource.properties.iter().find(|(_, value)| {
                let mut found = false;
                function::references(value, &mut |reference| found |= reference == unknown);
                found
            });
            let place =
                property.map_or_else(|| "depends_on".to_owned(), |(property, _)| format!("Properties.{property}"));
            let message = format!("The specified reference \"{unknown}\" (in {name}.{place}) is incorrect.");
            return Err(Refusal::new(400, "InvalidTemplateReference", message));
        }
        for (property, value) in resource.properties.iter().filter(|_| whole) {
            check_parameters(hot, value).map_err(|message| Refusal::property(name, property, message))?;
        }
    }
    for (name, output) in &hot.outputs {
        function::check(&output.value)
            .map_err(|message| Refusal::invalid(format!("outputs.{name}.value: : {message}")))?;
        let mut wrong = None;
        function::references(&output.value, &mut |reference| {
            if !hot.resources.contains_key(reference) {
                wrong = Some(reference.to_owned());
            }
        });
        if let Some(wrong) = wrong {
            let message = format!("The specified reference \"{wrong}\" (in outputs.{name}.value) is incorrect.");
            return Err(Refusal::new(400, "InvalidTemplateReference", message));
        }
        let mut refused = None;
        function::attributes(&output.value, &mut |resource, attribute| {
            let known = hot.resources.get(resource).and_then(|definition| resource_type(&definition.kind));
            if known.is_some_and(|kind| !kind.attributes.iter().any(|known| known == attribute)) {
                refused = Some(format!(
                    "outputs.{name}.value.get_attr: : The Referenced Attribute ({resource} {attribute}) is incorrect."
                ));
            }
        });
        if let Some(refused) = refused {
            return Err(Refusal::invalid(refused));
        }
    }
    Ok(())
}

fn check_parameters(hot: &Hot, value: &Json) -> Result<(), String> {
    let mut unknown = None;
    function::parameters(value, &mut |name| {
        if !hot.parameters.contains_key(name) && !name.starts_with("OS::") {
            unknown = Some(name.to_owned());
        }
    });
    unknown.map_or(Ok(()), |name| Err(format!("The Parameter ({name}) was not provided.")))
}

/// Kahn's algorithm; Heat answers a cycle with an internal error, we with the same words and a 400.
pub(super) fn check_cycles(hot: &Hot) -> Result<(), Refusal> {
    let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
    let mut dependents: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, resource) in &hot.resources {
        waiting.insert(name, resource.requires.len());
        for required in &resource.requires {
            dependents.entry(required).or_default().push(name);
        }
    }
    let mut ready: Vec<&str> = waiting.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    let mut done = 0;
    while let Some(name) = ready.pop() {
        done += 1;
        for dependent in dependents.get(name).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.push(dependent);
                }
            }
        }
    }
    if done == hot.resources.len() {
        return Ok(());
    }
    let ring: Vec<&str> = waiting.iter().filter(|(_, count)| **count > 0).map(|(name, _)| *name).collect();
    Err(Refusal::new(400, "CircularDependencyException", format!("Circular Dependency Found: {{{}}}", ring.join(", "))))
}
