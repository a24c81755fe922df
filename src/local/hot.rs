//! Reading a Heat Orchestration Template, and what is wrong with one in Heat's words.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::function;
use super::refusal::Refusal;
use super::schema::resource_type;

const VERSIONS: [&str; 17] = [
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
    "newton",
    "ocata",
    "pike",
    "queens",
    "rocky",
    "wallaby",
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

/// Heat's limit of the size of a template.
pub(crate) const MAX_TEMPLATE: usize = 524_288;
/// Heat's limit of resources in a stack.
pub(crate) const MAX_RESOURCES: usize = 1_000;

/// A template that has been read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hot {
    pub description: Option<String>,
    pub parameters: BTreeMap<String, Parameter>,
    pub resources: BTreeMap<String, Definition>,
    pub outputs: BTreeMap<String, OutputDefinition>,
}

/// A declared parameter.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub kind: String,
    pub default: Option<Json>,
    pub hidden: bool,
    pub description: String,
    pub label: Option<String>,
    pub constraints: Vec<Json>,
}

/// A declared resource.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub kind: String,
    pub properties: Map<String, Json>,
    /// Resources it can only be made after.
    pub requires: BTreeSet<String>,
}

/// A declared output.
#[derive(Clone, Debug)]
pub(crate) struct OutputDefinition {
    pub description: String,
    pub value: Json,
}

/// A template as it came over the wire: an object, or text in YAML or JSON.
pub(crate) fn document(template: &Json) -> Result<Json, Refusal> {
    let document = match template {
        Json::String(text) => {
            if text.len() > MAX_TEMPLATE {
                return Err(too_large(text.len()));
            }
            serde_saphyr::from_str::<Json>(text).map_err(|error| {
                Refusal::bad_request(format!("Template format error: Error parsing template {error}"))
            })?
        }
        other => {
            let size = other.to_string().len();
            if size > MAX_TEMPLATE {
                return Err(too_large(size));
            }
            other.clone()
        }
    };
    if document.is_object() {
        Ok(document)
    } else {
        Err(Refusal::bad_request("The template is not a JSON object or YAML mapping."))
    }
}

fn too_large(size: usize) -> Refusal {
    Refusal::limit(format_args!("Template size ({size} bytes) exceeds maximum allowed size ({MAX_TEMPLATE} bytes)."))
}

/// Reads a template.
pub(crate) fn read(document: &Json) -> Result<Hot, Refusal> {
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
    if !VERSIONS.contains(&version.as_str()) {
        let message = format!(
            "The template version is invalid: \"heat_template_version: {version}\". \"heat_template_version\" should be one of: {}",
            VERSIONS.join(", ")
        );
        return Err(Refusal::new(400, "InvalidTemplateVersion", message));
    }
    if let Some(section) = document.keys().find(|section| !SECTIONS.contains(&section.as_str())) {
        return Err(Refusal::invalid(format!("The template section is invalid: {section}")));
    }
    if document.get("conditions").is_some_and(|conditions| conditions.as_object().is_some_and(|map| !map.is_empty())) {
        return Err(Refusal::invalid("The embedded engine does not know the template section: conditions"));
    }
    let mut hot = Hot { description: document.get("description").map(text_of), ..Hot::default() };
    for (name, parameter) in section(document, "parameters")? {
        hot.parameters.insert(name.clone(), read_parameter(name, parameter)?);
    }
    let resources = section(document, "resources")?;
    if resources.len() > MAX_RESOURCES {
        return Err(Refusal::limit("Maximum resources per stack exceeded."));
    }
    for (name, resource) in &resources {
        hot.resources.insert((*name).clone(), read_resource(name, resource)?);
    }
    for (name, output) in section(document, "outputs")? {
        let value = output.get("value").cloned().unwrap_or(Json::Null);
        let description = output.get("description").map_or_else(|| "No description given".to_owned(), text_of);
        hot.outputs.insert(name.clone(), OutputDefinition { description, value });
    }
    check_references(&hot)?;
    check_cycles(&hot)?;
    Ok(hot)
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

fn read_resource(name: &str, declared: &Json) -> Result<Definition, Refusal> {
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
        if facts.required && properties.get(property).is_none_or(Json::is_null) {
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
    match declared.get("depends_on") {
        Some(Json::String(one)) => {
            requires.insert(one.clone());
        }
        Some(Json::Array(many)) => requires.extend(many.iter().filter_map(Json::as_str).map(str::to_owned)),
        _ => {}
    }
    Ok(Definition { kind: kind.to_owned(), properties, requires })
}

fn check_references(hot: &Hot) -> Result<(), Refusal> {
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
        for (property, value) in &resource.properties {
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
fn check_cycles(hot: &Hot) -> Result<(), Refusal> {
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

/// The values of all parameters, after Heat's checks.
pub(crate) fn parameter_values(hot: &Hot, given: &BTreeMap<String, Json>) -> Result<BTreeMap<String, Json>, Refusal> {
    if let Some(unknown) = given.keys().find(|name| !hot.parameters.contains_key(*name)) {
        let message = format!("The Parameter ({unknown}) was not defined in template.");
        return Err(Refusal::new(400, "UnknownUserParameter", message));
    }
    let mut values = BTreeMap::new();
    for (name, parameter) in &hot.parameters {
        let Some(value) = given.get(name).or(parameter.default.as_ref()) else {
            return Err(Refusal::new(400, "UserParameterMissing", format!("The Parameter ({name}) was not provided.")));
        };
        let value = read_value(parameter, value)
            .and_then(|value| constrained(parameter, &value).map(|()| value))
            .map_err(|message| Refusal::invalid(format!("Parameter '{name}' is invalid: {message}")))?;
        values.insert(name.clone(), value);
    }
    Ok(values)
}

fn read_value(parameter: &Parameter, value: &Json) -> Result<Json, String> {
    Ok(match (parameter.kind.as_str(), value) {
        ("string", Json::String(_)) | ("number", Json::Number(_)) | ("boolean", Json::Bool(_)) => value.clone(),
        ("string", Json::Object(_) | Json::Array(_)) => return Err("Value must be a string".to_owned()),
        ("string", other) => Json::String(text_of(other)),
        ("number", other) => {
            let text = text_of(other);
            serde_json::from_str::<serde_json::Number>(text.trim())
                .map(Json::Number)
                .map_err(|_| format!("could not convert string to float: '{text}'"))?
        }
        ("boolean", other) => {
            let text = text_of(other);
            match text.to_ascii_lowercase().as_str() {
                "t" | "true" | "on" | "y" | "yes" | "1" => Json::Bool(true),
                "f" | "false" | "off" | "n" | "no" | "0" => Json::Bool(false),
                _ => {
                    return Err(format!(
                        "Unrecognized value '{text}', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'"
                    ));
                }
            }
        }
        ("comma_delimited_list", Json::String(text)) => {
            let items = if text.is_empty() {
                Vec::new()
            } else {
                text.split(',').map(|item| Json::from(item.trim())).collect()
            };
            Json::Array(items)
        }
        ("json", Json::String(text)) => {
            serde_json::from_str(text).map_err(|error| format!("Value must be valid JSON: {error}"))?
        }
        (_, other) => other.clone(),
    })
}

fn constrained(parameter: &Parameter, value: &Json) -> Result<(), String> {
    for constraint in &parameter.constraints {
        let said = constraint.get("description").and_then(Json::as_str);
        let fail = |message: String| Err(said.map_or(message, str::to_owned));
        if let Some(range) = constraint.get("range") {
            let (min, max) = (range.get("min").and_then(Json::as_f64), range.get("max").and_then(Json::as_f64));
            let number = value.as_f64().unwrap_or_default();
            if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                let bound = |name: &str| range.get(name).map_or_else(|| "None".to_owned(), text_of);
                return fail(format!(
                    "{} is out of range (min: {}, max: {})",
                    text_of(value),
                    bound("min"),
                    bound("max")
                ));
            }
        }
        if let Some(length) = constraint.get("length") {
            let count =
                value.as_str().map_or_else(|| value.as_array().map_or(0, Vec::len), |text| text.chars().count());
            let bound = |name: &str| length.get(name).and_then(Json::as_u64).and_then(|it| usize::try_from(it).ok());
            if bound("min").is_some_and(|min| count < min) || bound("max").is_some_and(|max| count > max) {
                let bound = |name: &str| length.get(name).map_or_else(|| "None".to_owned(), text_of);
                return fail(format!(
                    "length ({count}) is out of range (min: {}, max: {})",
                    bound("min"),
                    bound("max")
                ));
            }
        }
        if let Some(allowed) = constraint.get("allowed_values").and_then(Json::as_array)
            && !allowed.iter().any(|allowed| text_of(allowed) == text_of(value))
        {
            let words: Vec<String> = allowed.iter().map(text_of).collect();
            return fail(format!("\"{}\" is not an allowed value [{}]", text_of(value), words.join(", ")));
        }
    }
    Ok(())
}

/// A value as Heat prints it in an answer.
pub(crate) fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// Whether a value means yes.
pub(crate) fn truthy(value: &Json) -> bool {
    match value {
        Json::Bool(truth) => *truth,
        Json::String(text) => ["true", "yes", "on", "1", "y", "t"].contains(&text.to_ascii_lowercase().as_str()),
        Json::Number(number) => number.as_f64() != Some(0.0),
        _ => false,
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
        assert!(
            refused(&json!({
                "a": {"type": "OS::Heat::Value", "depends_on": "b", "properties": {"value": 1}},
                "b": {"type": "OS::Heat::Value", "depends_on": "a", "properties": {"value": 1}}
            }))
            .starts_with("Circular Dependency Found")
        );
    }

    #[test]
    fn parameters_are_checked() {
        let hot = read(&json!({
            "heat_template_version": "2018-08-31",
            "parameters": {"count": {"type": "number", "default": 3, "constraints": [{"range": {"min": 0, "max": 50}}]}}
        }))
        .unwrap();
        let with = |value: Json| parameter_values(&hot, &BTreeMap::from([("count".to_owned(), value)]));
        assert_eq!(with(json!("4")).unwrap()["count"], json!(4));
        assert_eq!(
            with(json!(99)).unwrap_err().message,
            "Parameter 'count' is invalid: 99 is out of range (min: 0, max: 50)"
        );
        assert_eq!(
            with(json!("many")).unwrap_err().message,
            "Parameter 'count' is invalid: could not convert string to float: 'many'"
        );
    }
}
