//! Reading a template's sections, and what is wrong with one in Heat's words.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::super::function;
use super::super::packed::Packed;
use super::super::refusal::Refusal;
use super::super::schema::resource_type;
use super::reference::{check_cycles, check_references};
use super::{Definition, Hot, MAX_RESOURCES, OutputDefinition, Parameter, text_of, truthy};

/// Versions of templates.
pub(crate) const VERSIONS: [&str; 11] = [
    "2013-05-23",
    "2014-10-16",
    "2015-04-30",
    "2015-10-15",
    "2016-04-08",
    "2016-10-14",
    "2017-02-24",
    "2017-09-01",
    "2018-03-02",
    "2018-08-31",
    "2021-04-16",
];
/// Other names of versions.
pub(crate) const ALIASES: [(&str, &str); 6] = [
    ("2016-10-14", "newton"),
    ("2017-02-24", "ocata"),
    ("2017-09-01", "pike"),
    ("2018-03-02", "queens"),
    ("2018-08-31", "rocky"),
    ("2021-04-16", "wallaby"),
];
const SECTIONS: [&str; 7] =
    ["heat_template_version", "description", "parameter_groups", "parameters", "resources", "outputs", "conditions"];
const KEYWORDS: [&str; 9] = [
    "type",
    "properties",
    "metadata",
    "depends_on",
    "deletion_policy",
    "update_policy",
    "description",
    "external_id",
    "condition",
];

/// Reads the template of a stack.
pub(crate) fn read(document: &Json) -> Result<Hot, Refusal> {
    read_as(document, true)
}

/// Reads a template as Heat's validation does, which does not look whether all is there that a stack needs: required
/// properties, and the parameters that are mentioned.
pub(crate) fn glance(document: &Json) -> Result<Hot, Refusal> {
    read_as(document, false)
}

fn read_as(document: &Json, whole: bool) -> Result<Hot, Refusal> {
    let Some(document) = document.as_object() else {
        return Err(Refusal::bad_request("The template is not a JSON object or YAML mapping."));
    };
    let version = document.get("heat_template_version").map(text_of).ok_or_else(|| {
        Refusal::new(
            400,
            "InvalidTemplateVersion",
            "The template version is invalid: Template version was not provided",
        )
    })?;
    let aliases = ALIASES.map(|(_, alias)| alias);
    if !VERSIONS.contains(&version.as_str()) && !aliases.contains(&version.as_str()) {
        let message = format!(
            "The template version is invalid: \"heat_template_version: {version}\". \"heat_template_version\" should be one of: {}",
            [VERSIONS.as_slice(), aliases.as_slice()].concat().join(", ")
        );
        return Err(Refusal::new(400, "InvalidTemplateVersion", message));
    }
    if let Some(section) = document.keys().find(|section| !SECTIONS.contains(&section.as_str())) {
        return Err(Refusal::invalid(format!("The template section is invalid: {section}")));
    }
    if document.get("conditions").is_some_and(|conditions| conditions.as_object().is_some_and(|map| !map.is_empty())) {
        return Err(Refusal::invalid("The embedded engine does not know the template section: conditions"));
    }
    let mut hot = outlined(document)?;
    let resources = section(document, "resources")?;
    if resources.len() > MAX_RESOURCES {
        return Err(Refusal::limit("Maximum resources per stack exceeded."));
    }
    for (name, resource) in &resources {
        hot.resources.insert((*name).clone(), read_resource(name, resource, whole)?);
    }
    check_references(&hot, whole)?;
    check_cycles(&hot)?;
    Ok(hot)
}

fn outlined(document: &Map<String, Json>) -> Result<Hot, Refusal> {
    let mut hot = Hot { description: document.get("description").map(text_of), ..Hot::default() };
    for (name, parameter) in section(document, "parameters")? {
        hot.parameters.insert(name.clone(), read_parameter(name, parameter)?);
    }
    for (name, output) in section(document, "outputs")? {
        let value = output.get("value").cloned().unwrap_or(Json::Null);
        let description = output.get("description").map_or_else(|| "No description given".to_owned(), text_of);
        hot.outputs.insert(name.clone(), OutputDefinition { description, value });
    }
    Ok(hot)
}

/// Reads what is shown of a template that was taken: all of it but its resources.
pub(crate) fn outline(template: &Packed<Json>) -> Result<Hot, Refusal> {
    #[derive(Deserialize)]
    struct Shown {
        description: Option<Json>,
        parameters: Option<Json>,
        outputs: Option<Json>,
    }
    let shown: Shown = serde_json::from_str(template.raw().get())
        .map_err(|_| Refusal::bad_request("The template is not a JSON object or YAML mapping."))?;
    let sections = [("description", shown.description), ("parameters", shown.parameters), ("outputs", shown.outputs)];
    outlined(&sections.into_iter().filter_map(|(name, section)| Some((name.to_owned(), section?))).collect())
}

/// Names of the resources whose real thing stays when they are deleted.
pub(crate) fn retained(template: &Packed<Json>) -> HashSet<String> {
    #[derive(Default, Deserialize)]
    struct Policies {
        resources: Option<HashMap<String, Policy>>,
    }
    #[derive(Deserialize)]
    struct Policy {
        deletion_policy: Option<Json>,
    }
    let policies: Policies = serde_json::from_str(template.raw().get()).unwrap_or_default();
    let stays = |policy: &Policy| {
        policy.deletion_policy.as_ref().and_then(Json::as_str).is_some_and(|it| it.eq_ignore_ascii_case("retain"))
    };
    policies.resources.unwrap_or_default().into_iter().filter(|(_, it)| stays(it)).map(|(name, _)| name).collect()
}

fn section<'a>(document: &'a Map<String, Json>, name: &str) -> Result<Vec<(&'a String, &'a Json)>, Refusal> {
    match document.get(name) {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Object(entries)) => Ok(entries.iter().collect()),
        Some(_) => Err(Refusal::invalid(format!("\"{name}\" must contain a map of {name}"))),
    }
}

fn read_parameter(name: &str, declared: &Json) -> Result<Parameter, Refusal> {
    let kind = declared.get("type").and_then(Json::as_str).unwrap_or_default();
    if !["string", "number", "json", "comma_delimited_list", "boolean"].contains(&kind) {
        return Err(Refusal::invalid(format!("Parameter '{name}' has an invalid type: {kind}")));
    }
    let mut constraints = Vec::new();
    for constraint in declared.get("constraints").and_then(Json::as_array).into_iter().flatten() {
        let known = ["range", "length", "allowed_values", "custom_constraint", "description"];
        if let Some(unknown) =
            constraint.as_object().and_then(|map| map.keys().find(|key| !known.contains(&key.as_str())))
        {
            return Err(Refusal::invalid(format!(
                "The embedded engine does not know the parameter constraint: {unknown}"
            )));
        }
        constraints.push(constraint.clone());
    }
    Ok(Parameter {
        kind: kind.to_owned(),
        default: declared.get("default").cloned(),
        hidden: declared.get("hidden").is_some_and(truthy),
        description: declared.get("description").map(text_of).unwrap_or_default(),
        label: declared.get("label").map(text_of),
        constraints,
    })
}

fn read_resource(name: &str, declared: &Json, whole: bool) -> Result<Definition, Refusal> {
    let Some(declared) = declared.as_object() else {
        return Err(Refusal::invalid(format!("Resource {name} must be a map")));
    };
    if let Some(keyword) = declared.keys().find(|keyword| !KEYWORDS.contains(&keyword.as_str())) {
        return Err(Refusal::invalid(format!("\"{keyword}\" is not a valid keyword inside a resource definition")));
    }
    let kind = declared
        .get("type")
        .and_then(Json::as_str)
        .ok_or_else(|| Refusal::invalid("Each resource must contain a type key."))?;
    let Some(facts) = resource_type(kind) else {
        return Err(Refusal::invalid(format!("The Resource Type ({kind}) could not be found.")));
    };
    for unknown in ["condition", "external_id"] {
        if declared.contains_key(unknown) {
            return Err(Refusal::invalid(format!("The embedded engine does not know the resource keyword: {unknown}")));
        }
    }
    check_policies(declared)?;
    let properties = match declared.get("properties") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(properties)) => properties.clone(),
        Some(_) => return Err(Refusal::invalid(format!("Resource {name} properties must be a map"))),
    };
    for property in properties.keys() {
        if !facts.properties.contains_key(property) {
            return Err(Refusal::property(name, "", format_args!("Unknown Property {property}")));
        }
    }
    for (property, facts) in &facts.properties {
        if whole && facts.required && properties.get(property).is_none_or(Json::is_null) {
            return Err(Refusal::property(name, "", format_args!("Property {property} not assigned")));
        }
    }
    let mut requires = BTreeSet::new();
    for (property, value) in &properties {
        function::check(value).map_err(|message| Refusal::property(name, property, message))?;
        function::references(value, &mut |reference| {
            requires.insert(reference.to_owned());
        });
    }
    let depends_on: BTreeSet<String> = match declared.get("depends_on") {
        Some(Json::String(one)) => BTreeSet::from([one.clone()]),
        Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    };
    requires.extend(depends_on.iter().cloned());
    let description = declared.get("description").map(text_of).unwrap_or_default();
    Ok(Definition { kind: kind.to_owned(), description, properties, requires, depends_on })
}

/// `deletion_policy` may be one that the engine carries out; `update_policy` means nothing for the types it knows.
fn check_policies(declared: &Map<String, Json>) -> Result<(), Refusal> {
    if let Some(policy) = declared.get("deletion_policy").filter(|policy| !policy.is_null()) {
        let text = text_of(policy);
        match text.to_ascii_lowercase().as_str() {
            "delete" | "retain" => {}
            "snapshot" => {
                let message = format!("The embedded engine does not know the deletion policy: {text}");
                return Err(Refusal::invalid(message));
            }
            _ => return Err(Refusal::invalid(format!("Invalid deletion policy \"{text}\""))),
        }
    }
    match declared.get("update_policy") {
        None | Some(Json::Null) => Ok(()),
        Some(Json::Object(policy)) if policy.is_empty() => Ok(()),
        Some(_) => Err(Refusal::invalid("The embedded engine does not know the resource keyword: update_policy")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(resources: &Json) -> String {
        read(&json!({"heat_template_version": "2021-04-16", "resources": resources})).unwrap_err().message
    }

    #[test]
    fn mistakes_are_told_in_heats_words() {
        assert_eq!(refused(&json!({"a": {}})), "Each resource must contain a type key.");
        assert_eq!(
            refused(&json!({"a": {"type": "OS::Nope::Nope"}})),
            "The Resource Type (OS::Nope::Nope) could not be found."
        );
        assert_eq!(
            refused(&json!({"a": {"type": "OS::Neutron::Net", "properties": {"nmae": "x"}}})),
            "Property error: : resources.a.properties: : Unknown Property nmae"
        );
        assert_eq!(
            refused(&json!({"a": {"type": "OS::Neutron::Subnet", "properties": {}}})),
            "Property error: : resources.a.properties: : Property network not assigned"
        );
        assert_eq!(
            refused(&json!({"a": {"type": "OS::Neutron::Subnet", "properties": {"network": {"get_resource": "zz"}}}})),
            "The specified reference \"zz\" (in a.Properties.network) is incorrect."
        );
        assert_eq!(
            refused(&json!({"a": {"type": "OS::Neutron::Net", "properties": {"name": {"get_param": "zz"}}}})),
            "Property error: : resources.a.properties.name: : The Parameter (zz) was not provided."
        );
        let policy = |policy: &str| {
            refused(&json!({"a": {"type": "OS::Heat::Value", "deletion_policy": policy, "properties": {"value": 1}}}))
        };
        assert_eq!(policy("snapshot"), "The embedded engine does not know the deletion policy: snapshot");
        assert_eq!(policy("keep"), "Invalid deletion policy \"keep\"");
        assert!(
            refused(&json!({
                "a": {"type": "OS::Heat::Value", "depends_on": "b", "properties": {"value": 1}},
                "b": {"type": "OS::Heat::Value", "depends_on": "a", "properties": {"value": 1}}
            }))
            .starts_with("Circular Dependency Found")
        );
    }
}
