//! The interface as a document, `OpenAPI` 3.1: made from the table of routes and from the types and schemas that answers have.
#![expect(clippy::disallowed_methods, reason = "the document is a file of this project")]

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

use super::routes::{Route, table};
use super::{audit, files, operations, plans, projects};

/// What a route takes and gives.
struct Told {
    /// Its status where all is well.
    good: &'static str,
    /// What it takes: the type of the body, and the name of its schema.
    takes: Option<(&'static str, &'static str)>,
    /// What it gives, the same.
    gives: Option<(&'static str, &'static str)>,
    /// Headers, and whether each must be there.
    headers: &'static [(&'static str, bool)],
    /// Parts of the query, and whether each must be there.
    query: &'static [(&'static str, bool)],
}

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";
/// What whoever may ask again sends.
const KEY: &[(&str, bool)] = &[("Idempotency-Key", false)];
/// Whatever may be there, or not.
const CONDITIONS: &[(&str, bool)] = &[("If-Match", false), ("If-None-Match", false)];

fn told(id: &str) -> Told {
    let gives =
        |schema: &'static str| Told { good: "200", takes: None, gives: Some((JSON, schema)), headers: &[], query: &[] };
    match id {
        "service" => gives("Service"),
        "listProjects" => Told { query: &[("limit", false), ("after", false)], ..gives("Projects") },
        "makeProject" => Told { good: "201", takes: Some((JSON, "NewProject")), headers: KEY, ..gives("MadeProject") },
        "deleteProject" => Told { good: "204", gives: None, ..gives("Text") },
        "lookForDrift" => gives("Drift"),
        "getProject" => gives("Project"),
        "listClusters" => gives("Show"),
        "getStatus" => gives("Status"),
        "getOutputs" => gives("Outputs"),
        "listFiles" => gives("Files"),
        "getFile" => Told { gives: Some((TEXT, "Text")), ..gives("Text") },
        "putFile" => {
            Told { good: "204", takes: Some((TEXT, "Text")), gives: None, headers: CONDITIONS, ..gives("Text") }
        }
        "deleteFile" => Told { good: "204", gives: None, headers: &[("If-Match", true)], ..gives("Text") },
        "checkFiles" => Told { takes: Some((JSON, "Check")), ..gives("Validation") },
        "makePlan" => Told { good: "201", takes: Some((JSON, "PlanWish")), headers: KEY, ..gives("KeptPlan") },
        "getPlan" => gives("SavedPlan"),
        "listOperations" => Told { query: &[("limit", false), ("before", false)], ..gives("Operations") },
        "beginOperation" => Told {
            good: "202",
            takes: Some((JSON, "OperationOrder")),
            headers: &[("Idempotency-Key", true)],
            ..gives("BegunOperation")
        },
        "getOperation" => gives("Operation"),
        "listMessages" => Told { query: &[("limit", false), ("after", false)], ..gives("Messages") },
        "cancelOperation" => Told { good: "202", ..gives("Cancelled") },
        "listen" => Told {
            gives: Some(("text/event-stream", "Text")),
            headers: &[("Last-Event-ID", false)],
            query: &[("project", true), ("operation", true)],
            ..gives("Text")
        },
        "listFrameworks" => gives("Frameworks"),
        "getFramework" => gives("Framework"),
        "listAudit" => Told { query: &[("limit", false), ("before", false)], ..gives("Audit") },
        "suggest" => Told { takes: Some((JSON, "Answers")), ..gives("Suggestions") },
        "getDocument" => gives("Anything"),
        other => panic!("say in this file what `{other}` takes and gives"),
    }
}

fn reference(schema: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn content(of: Option<(&str, &str)>) -> Json {
    of.map_or_else(|| json!({}), |(kind, schema)| json!({kind: {"schema": reference(schema)}}))
}

fn operation(route: &Route) -> Json {
    let told = told(route.id);
    let parameter = |name: &str, place: &str, required: bool| {
        let number = matches!(name, "number" | "operation" | "limit" | "before");
        let of = if number { json!({"type": "integer", "minimum": 0}) } else { json!({"type": "string"}) };
        json!({"name": name, "in": place, "required": required, "schema": of})
    };
    let path = route.path.split('{').skip(1).filter_map(|part| part.split('}').next());
    let parameters: Vec<Json> = path
        .map(|name| parameter(name, "path", true))
        .chain(told.query.iter().map(|(name, required)| parameter(name, "query", *required)))
        .chain(told.headers.iter().map(|(name, required)| parameter(name, "header", *required)))
        .collect();
    let problem =
        json!({"description": "A problem", "content": {"application/problem+json": {"schema": reference("Problem")}}});
    let mut good = json!({"description": "As asked"});
    if told.gives.is_some() {
        good["content"] = content(told.gives);
    }
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "parameters": parameters,
        "responses": {told.good: good, "default": problem},
        "security": [{"token": []}, {"keystone": []}],
    });
    if told.takes.is_some() {
        operation["requestBody"] = json!({"required": true, "content": content(told.takes)});
    }
    operation
}

/// The schema of a type, on its own.
fn schema<T: JsonSchema>() -> Json {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

/// The schema of a document that the command line prints, too.
fn printed(name: &str) -> Json {
    serde_json::from_str(&std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()).unwrap()
}

/// A schema whose parts are schemas of the document: `Show.NodeFile` of `Show`.
fn hoisted(name: &str, mut schema: Json) -> Vec<(String, Json)> {
    fn refer(of: &mut Json, name: &str) {
        match of {
            Json::Object(fields) => {
                if let Some(Json::String(to)) = fields.get_mut("$ref")
                    && let Some(part) = to.strip_prefix("#/$defs/")
                {
                    *to = format!("#/components/schemas/{name}.{part}");
                }
                fields.values_mut().for_each(|field| refer(field, name));
            }
            Json::Array(items) => items.iter_mut().for_each(|item| refer(item, name)),
            _ => {}
        }
    }
    let parts = schema.as_object_mut().and_then(|fields| {
        fields.remove("$schema");
        fields.remove("$defs")
    });
    let parts = parts.as_ref().and_then(Json::as_object).into_iter().flatten();
    let mut all: Vec<(String, Json)> = parts.map(|(part, schema)| (format!("{name}.{part}"), schema.clone())).collect();
    all.push((name.to_owned(), schema));
    for (_, schema) in &mut all {
        refer(schema, name);
    }
    all
}

/// All schemas.
fn schemas() -> Map<String, Json> {
    let list = |of: &str| {
        json!({"type": "object", "required": ["items", "next"], "additionalProperties": false, "properties": {
            "items": {"type": "array", "items": reference(of)},
            "next": {"type": ["string", "null"], "description": "Where the next items are; null at the end."},
        }})
    };
    let object = |members: Json| {
        let required: Vec<String> = members.as_object().unwrap().keys().cloned().collect();
        json!({"type": "object", "required": required, "properties": members})
    };
    let text = json!({"type": "string"});
    let problem = json!({
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": text, "title": text, "status": {"type": "integer"}, "detail": text, "code": text, "help": text, "instance": text,
            "diagnostics": {"type": "array"},
        },
    });
    let documents = [
        ("Show", printed("show")),
        ("Status", printed("status")),
        ("Drift", printed("drift")),
        ("Outputs", printed("outputs")),
        ("Validation", printed("validation")),
        ("SavedPlan", printed("saved-plan")),
        ("Message", printed("message")),
        ("Frameworks", printed("frameworks")),
        ("Framework", printed("framework")),
        ("Suggestions", printed("suggestions")),
        ("Project", schema::<projects::ProjectFile>()),
        ("NewProject", schema::<projects::Wanted>()),
        ("Files", schema::<files::FilesFile>()),
        ("Check", schema::<files::Typed>()),
        ("PlanWish", schema::<plans::Wanted>()),
        ("AuditRecord", schema::<audit::AuditFile>()),
        ("Operation", schema::<operations::OperationFile>()),
        ("OperationOrder", schema::<operations::Wanted>()),
    ];
    let mut all: Map<String, Json> = documents.into_iter().flat_map(|(name, schema)| hoisted(name, schema)).collect();
    let more = [
        ("Problem", problem),
        ("Text", text.clone()),
        ("Anything", json!({})),
        ("Answers", json!({"type": "object", "description": "As `disco suggest --answers` takes them."})),
        (
            "Service",
            object(json!({
                "disco": text, "document": text, "answers": {"type": "array"}, "user": text,
                "tenant": {"type": ["object", "null"], "properties": {"cloud": text, "id": text, "name": text}},
                "may": {"enum": ["see", "work", "manage"]},
            })),
        ),
        ("Projects", list("Project")),
        ("MadeProject", object(json!({"project": text}))),
        ("KeptPlan", object(json!({"plan": text, "document": reference("SavedPlan")}))),
        ("Operations", list("Operation")),
        ("BegunOperation", object(json!({"number": {"type": "integer"}, "operation": text}))),
        ("Cancelled", object(json!({"does": {"enum": ["detach"]}}))),
        ("Messages", list("Message")),
        ("Audit", list("AuditRecord")),
    ];
    all.extend(more.map(|(name, schema)| (name.to_owned(), schema)));
    all
}

/// The document that the table comes to.
fn openapi() -> Json {
    let mut paths: Map<String, Json> = Map::new();
    for route in table() {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = operation(&route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "DISCO", "version": "1", "description": "What `disco serve` answers programs."},
        "paths": paths,
        "components": {"securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "keystone": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
        }, "schemas": schemas()},
    })
}

#[test]
fn the_document_is_that_of_the_table() {
    let path = folder().join("openapi.json");
    let text = format!("{:#}\n", openapi());
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text, "INSTA_UPDATE=always cargo test --lib writes it anew");
    let table = table();
    let ids: std::collections::BTreeSet<_> = table.iter().map(|route| route.id).collect();
    assert_eq!(ids.len(), table.len());
}
