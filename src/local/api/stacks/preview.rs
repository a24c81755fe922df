//! What creating or updating a stack would do, as Heat tells it beforehand.
//!
//! Heat previews an update by comparing the properties that a resource has with those that the new template gives where
//! *nothing of it is made yet*: there `get_attr` is nothing, and `get_resource` is nothing (Neutron's resources, key pairs)
//! or the resource's name. So whatever refers to another resource is said to change, though the update then leaves it
//! alone. The engine is as pessimistic, or who compares with a preview would learn nothing here.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use serde_json::{Map, Value as Json, json};

use super::super::{Engine, answer, body, heat};
use super::request::{Asked, asked, check_name, named};
use super::show::{parameters, shown};
use super::{One, find_live};
use crate::local::clock::timestamp;
use crate::local::entity::{Action, Row, Stack, Status};
use crate::local::function::{self, Context};
use crate::local::hot::Parsed;
use crate::local::hot::{self, Definition};
use crate::local::refusal::Refusal;
use crate::local::resource;
use crate::local::schema::resource_type;
use crate::local::traversal::Scope;
use crate::local::update_rule::{Rule, rule};
use crate::local::validate::properties as check_properties;
use crate::local::world::World;

type Properties = BTreeMap<String, Json>;

/// What functions see of a stack of which nothing is made.
struct Unmade<'a> {
    world: &'a World,
    name: &'a str,
    id: &'a str,
    parsed: &'a Parsed,
}

impl Context for Unmade<'_> {
    fn parameter(&self, name: &str) -> Option<Json> {
        match name {
            "OS::stack_name" => Some(self.name.into()),
            "OS::stack_id" => Some(self.id.into()),
            "OS::project_id" => Some(self.world.identity.project.clone().into()),
            _ => self.parsed.values.get(name).cloned(),
        }
    }

    fn reference(&self, resource: &str) -> Option<Json> {
        let kind = &self.parsed.hot.resources.get(resource)?.kind;
        let is_id = kind.starts_with("OS::Neutron::") || kind == "OS::Nova::KeyPair";
        (!is_id).then(|| resource.into())
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Option<Json> {
        let definition = self.parsed.hot.resources.get(resource)?;
        // A value is what it says, made or not.
        (definition.kind == "OS::Heat::Value" && attribute == "value")
            .then(|| function::resolve(definition.properties.get("value")?, self).ok())?
    }
}

/// A resource's properties with all functions carried out; what comes to nothing is left out.
fn resolved(definition: &Definition, context: &dyn Context) -> Properties {
    let values = definition.properties.iter().filter_map(|(name, value)| {
        let value = function::resolve(value, context).ok()?;
        (!value.is_null()).then(|| (name.clone(), value))
    });
    values.collect()
}

impl Unmade<'_> {
    /// A resource that is not made, as an answer shows it.
    fn resource(&self, name: &str, definition: &Definition) -> Map<String, Json> {
        let facts = resource_type(&definition.kind);
        let names = facts.into_iter().flat_map(|facts| &facts.attributes).filter(|attribute| *attribute != "show");
        let attributes: Map<String, Json> =
            names.map(|attribute| (attribute.clone(), self.attribute(name, attribute).unwrap_or(Json::Null))).collect();
        let mut shown = self.identified(name, &definition.kind);
        shown.extend([
            ("updated_time".to_owned(), Json::Null),
            ("creation_time".to_owned(), Json::Null),
            ("physical_resource_id".to_owned(), "".into()),
            ("resource_action".to_owned(), Action::Init.to_string().into()),
            ("resource_status".to_owned(), Status::Complete.to_string().into()),
            ("resource_status_reason".to_owned(), "".into()),
            ("attributes".to_owned(), attributes.into()),
        ]);
        shown
    }

    /// A resource that is there.
    fn made(&self, row: &Row) -> Map<String, Json> {
        let mut shown = self.identified(&row.name, &row.kind);
        shown.extend([
            ("updated_time".to_owned(), timestamp(row.updated).into()),
            ("creation_time".to_owned(), timestamp(row.created).into()),
            ("physical_resource_id".to_owned(), row.physical.clone().unwrap_or_default().into()),
            ("resource_action".to_owned(), row.action.to_string().into()),
            ("resource_status".to_owned(), row.status.to_string().into()),
            ("resource_status_reason".to_owned(), row.reason.clone().into()),
            ("attributes".to_owned(), resource::attributes(self.world, row)),
        ]);
        shown
    }

    fn identified(&self, name: &str, kind: &str) -> Map<String, Json> {
        let resources = &self.parsed.hot.resources;
        let by: Vec<&String> =
            resources.iter().filter(|(_, it)| it.requires.contains(name)).map(|(name, _)| name).collect();
        let identity = |path: String| json!({"tenant": self.world.identity.project, "stack_name": self.name, "stack_id": self.id, "path": path});
        let description = resources.get(name).map(|it| it.description.as_str()).unwrap_or_default();
        let shown = json!({
            "resource_name": name,
            "resource_type": kind,
            "resource_identity": identity(format!("/resources/{name}")),
            "stack_identity": identity(String::new()),
            "stack_name": self.name,
            "required_by": by,
            "description": description,
            "metadata": {},
        });
        match shown {
            Json::Object(shown) => shown,
            _ => Map::new(),
        }
    }
}

/// What an update would do to a resource that both templates have.
fn change(
    world: &World,
    row: Option<&Row>,
    before: &Definition,
    scope: &Scope<'_>,
    after: (&Definition, &Properties),
) -> Rule {
    let (definition, after) = after;
    if before.kind != definition.kind {
        return Rule::Replace;
    }
    let Some(kind) = resource_type(&definition.kind) else { return Rule::Replace };
    let made = row.filter(|row| row.action != Action::Init);
    if let Some(row) = made {
        let failed =
            row.status == Status::Failed && (row.action == Action::Check || resource::replace_failed(world, row));
        if failed || row.action == Action::Delete {
            return Rule::Replace;
        }
    }
    let was = made.map_or_else(|| resolved(before, scope), |row| row.properties.read());
    match rule(kind, &was, after) {
        Rule::Unchanged if before.depends_on != definition.depends_on => Rule::InPlace,
        rule => rule,
    }
}

fn changes(world: &World, stack: &Stack, current: &Parsed, wanted: &Parsed) -> Json {
    let scope = Scope { world, stack: &stack.id, parsed: current };
    let within = |parsed| Unmade { world, name: &stack.name, id: &stack.id, parsed };
    let (old, new) = (within(current), within(wanted));
    let there = |name: &str, definition: &Definition| match world.row_named(&stack.id, name) {
        Some(row) => old.made(row),
        None => old.resource(name, definition),
    };
    let mut by_change: BTreeMap<&str, Vec<Json>> =
        ["unchanged", "updated", "replaced", "added", "deleted"].map(|name| (name, Vec::new())).into();
    let mut put = |change: &'static str, resource: Map<String, Json>| {
        by_change.entry(change).or_default().push(resource.into());
    };
    for (name, definition) in &wanted.hot.resources {
        let Some(before) = current.hot.resources.get(name) else {
            put("added", new.resource(name, definition));
            continue;
        };
        let after = resolved(definition, &new);
        match change(world, world.row_named(&stack.id, name), before, &scope, (definition, &after)) {
            Rule::Unchanged => put("unchanged", new.resource(name, definition)),
            Rule::InPlace => put("updated", there(name, before)),
            Rule::Replace => put("replaced", new.resource(name, definition)),
        }
    }
    for (name, definition) in current.hot.resources.iter().filter(|(name, _)| !wanted.hot.resources.contains_key(*name))
    {
        put("deleted", there(name, definition));
    }
    json!({"resource_changes": by_change})
}

fn of_update(world: &World, name: &str, id: &str, bytes: &[u8], keep: bool) -> Result<Json, Refusal> {
    let stack = find_live(world, name, id)?;
    let request = body(bytes)?;
    if !keep && request.get("template").is_none_or(Json::is_null) {
        return Err(Refusal::bad_request("No template specified"));
    }
    let asked = asked(&request, keep.then_some(stack))?;
    check_properties(world, id, &asked.parsed)?;
    let hot = hot::read(&stack.version.template.read())?;
    let values = hot::parameter_values(&hot, &stack.version.parameters)?;
    Ok(changes(world, stack, &Parsed { hot, values }, &asked.parsed))
}

/// `PUT /stacks/NAME/ID/preview`
pub(in crate::local::api) async fn replacement(
    State(shared): Engine,
    Path((_, name, id)): One,
    bytes: Bytes,
) -> Response {
    answer(shared.look(|world| of_update(world, &name, &id, &bytes, false)))
}

/// `PATCH /stacks/NAME/ID/preview`, which takes from the stack what the request leaves out.
pub(in crate::local::api) async fn patched(State(shared): Engine, Path((_, name, id)): One, bytes: Bytes) -> Response {
    answer(shared.look(|world| of_update(world, &name, &id, &bytes, true)))
}

/// `POST /stacks/preview`
pub(in crate::local::api) async fn creation(
    State(shared): Engine,
    headers: HeaderMap,
    uri: Uri,
    bytes: Bytes,
) -> Response {
    answer(shared.look(|world| {
        let request = body(&bytes)?;
        let name = named(&request)?;
        check_name(&name)?;
        let Asked { version, parsed, tags, timeout_mins, disable_rollback } = asked(&request, None)?;
        if world.names.contains_key(&name) {
            return Err(Refusal::new(409, "StackExists", format!("The Stack ({name}) already exists.")));
        }
        check_properties(world, "", &parsed)?;
        let stack = Stack {
            id: "None".to_owned(),
            name,
            action: Action::Create,
            status: Status::InProgress,
            reason: String::new(),
            version,
            previous: None,
            tags: tags.unwrap_or_default(),
            timeout_mins,
            disable_rollback: disable_rollback.unwrap_or(true),
            created: world.now,
            updated: None,
            deleted: None,
            started: world.now,
            traversal: 0,
            user_project: None,
        };
        let unmade = Unmade { world, name: &stack.name, id: &stack.id, parsed: &parsed };
        let resources: Vec<Json> = parsed
            .hot
            .resources
            .iter()
            .map(|(name, definition)| {
                let mut shown = unmade.resource(name, definition);
                let given = resolved(definition, &unmade);
                let facts = resource_type(&definition.kind).map(|facts| &facts.properties);
                let properties: Map<String, Json> = facts
                    .into_iter()
                    .flatten()
                    .map(|(name, facts)| {
                        let value = given.get(name).or(facts.default.as_ref()).cloned().unwrap_or(Json::Null);
                        (name.clone(), value)
                    })
                    .collect();
                shown.insert("properties".to_owned(), properties.into());
                shown.into()
            })
            .collect();
        let outputs: Vec<Json> = parsed
            .hot
            .outputs
            .iter()
            .map(|(name, it)| json!({"output_key": name, "description": it.description, "output_value": null}))
            .collect();
        let mut it = shown(&stack, &heat(&headers, &uri, world));
        // There is no status yet.
        it.remove("stack_status");
        it.remove("stack_status_reason");
        let description = parsed.hot.description.clone().unwrap_or_else(|| "No description".to_owned());
        it.extend([
            ("description".to_owned(), description.clone().into()),
            ("template_description".to_owned(), description.into()),
            ("parameters".to_owned(), parameters(world, &stack, &parsed)),
            ("tags".to_owned(), json!(stack.tags)),
            ("capabilities".to_owned(), json!([])),
            ("notification_topics".to_owned(), json!([])),
            ("disable_rollback".to_owned(), stack.disable_rollback.into()),
            ("timeout_mins".to_owned(), json!(stack.timeout_mins)),
            ("outputs".to_owned(), outputs.into()),
            ("resources".to_owned(), resources.into()),
        ]);
        Ok(json!({"stack": it}))
    }))
}
