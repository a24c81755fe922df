//! The table of all that programs can ask.

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodRouter, delete, get, post, put};
use http::Method;

use super::{catalogue, events, files, operations, plans, projects};
use crate::server::Service;

/// Something that can be asked.
pub(in crate::server) struct Route {
    /// How.
    pub(in crate::server) method: Method,
    /// Where, with the names of its parts in braces.
    pub(in crate::server) path: &'static str,
    /// Its stable name in the document.
    pub(in crate::server) id: &'static str,
    /// What it does, in a line.
    pub(in crate::server) summary: &'static str,
    answer: MethodRouter<Arc<Service>>,
}

fn route(
    method: Method,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    answer: MethodRouter<Arc<Service>>,
) -> Route {
    Route { method, path, id, summary, answer }
}

/// All of it.
pub(in crate::server) fn table() -> Vec<Route> {
    vec![
        route(Method::GET, "/v1", "service", "What this service is", get(projects::service)),
        route(Method::GET, "/v1/projects", "listProjects", "The projects", get(projects::list)),
        route(Method::GET, "/v1/projects/{project}", "getProject", "One project", get(projects::one)),
        route(
            Method::GET,
            "/v1/projects/{project}/clusters",
            "listClusters",
            "What DISCO knows of the clusters",
            get(projects::clusters),
        ),
        route(
            Method::GET,
            "/v1/projects/{project}/status",
            "getStatus",
            "How the clusters are, asked of Heat and of what runs on them",
            get(projects::status),
        ),
        route(
            Method::GET,
            "/v1/projects/{project}/outputs",
            "getOutputs",
            "The outputs; secret ones without their values",
            get(projects::outputs),
        ),
        route(
            Method::GET,
            "/v1/projects/{project}/files",
            "listFiles",
            "The definitions, with the revision of the set",
            get(files::list),
        ),
        route(Method::GET, "/v1/projects/{project}/files/{file}", "getFile", "One definition", get(files::get)),
        route(
            Method::PUT,
            "/v1/projects/{project}/files/{file}",
            "putFile",
            "Write a definition; needs If-Match or If-None-Match",
            put(files::put),
        ),
        route(
            Method::DELETE,
            "/v1/projects/{project}/files/{file}",
            "deleteFile",
            "Remove a definition; needs If-Match",
            delete(files::delete),
        ),
        route(
            Method::POST,
            "/v1/projects/{project}/check",
            "checkFiles",
            "Check definitions as typed, saved or not",
            post(files::check),
        ),
        route(Method::POST, "/v1/projects/{project}/plans", "makePlan", "Make a plan and keep it", post(plans::make)),
        route(Method::GET, "/v1/projects/{project}/plans/{plan}", "getPlan", "A plan that is kept", get(plans::get)),
        route(
            Method::GET,
            "/v1/projects/{project}/operations",
            "listOperations",
            "Operations, the newest first",
            get(operations::list),
        ),
        route(
            Method::POST,
            "/v1/projects/{project}/operations",
            "beginOperation",
            "Carry out a kept plan; needs Idempotency-Key",
            post(operations::begin_one),
        ),
        route(
            Method::GET,
            "/v1/projects/{project}/operations/{number}",
            "getOperation",
            "One operation",
            get(operations::one),
        ),
        route(
            Method::GET,
            "/v1/projects/{project}/operations/{number}/messages",
            "listMessages",
            "What an operation said so far",
            get(operations::messages),
        ),
        route(
            Method::POST,
            "/v1/projects/{project}/operations/{number}/cancel",
            "cancelOperation",
            "Stop watching an operation: Heat ends what it has begun",
            post(operations::cancel),
        ),
        route(Method::GET, "/v1/events", "listen", "What an operation says, as it says it", get(events::listen)),
        route(Method::GET, "/v1/frameworks", "listFrameworks", "The frameworks there are", get(catalogue::list)),
        route(Method::GET, "/v1/frameworks/{framework}", "getFramework", "One framework", get(catalogue::one)),
        route(
            Method::POST,
            "/v1/suggestions",
            "suggest",
            "Answers to questions, and the frameworks that fit",
            post(catalogue::suggest),
        ),
        route(Method::GET, "/v1/openapi.json", "getDocument", "This interface, described", get(document)),
    ]
}

/// The router of that table.
pub(in crate::server) fn router() -> Router<Arc<Service>> {
    table().into_iter().fold(Router::new(), |router, route| router.route(route.path, route.answer))
}

/// The interface as it is kept in `schemas/openapi.json`.
async fn document() -> ([(http::HeaderName, &'static str); 1], &'static str) {
    ([(http::header::CONTENT_TYPE, "application/json")], include_str!("../../../schemas/openapi.json"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "the document is a file of this project")]

    use serde_json::{Map, Value as Json, json};

    use super::*;

    /// The document that the table comes to.
    fn openapi() -> Json {
        let mut paths: Map<String, Json> = Map::new();
        for route in table() {
            let names = route.path.split('{').skip(1).filter_map(|part| part.split('}').next());
            let mut parameters: Vec<Json> = names
                .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
                .collect();
            if route.id == "beginOperation" {
                parameters.push(json!({"name": "Idempotency-Key", "in": "header", "required": true,
                                       "schema": {"type": "string"}}));
            }
            let problem = json!({"description": "A problem", "content": {"application/problem+json":
                {"schema": {"$ref": "#/components/schemas/Problem"}}}});
            let good = match route.id {
                "makePlan" => "201",
                "beginOperation" | "cancelOperation" => "202",
                "putFile" | "deleteFile" => "204",
                _ => "200",
            };
            let mut operation = json!({
                "operationId": route.id,
                "summary": route.summary,
                "parameters": parameters,
                "responses": {good: {"description": "As asked"}, "default": problem},
                "security": [{"token": []}],
            });
            if matches!(route.method, Method::POST | Method::PUT) && route.id != "cancelOperation" {
                let kind = if route.id == "putFile" { "text/plain" } else { "application/json" };
                operation["requestBody"] = json!({"required": true, "content": {kind: {"schema": {}}}});
            }
            let path = paths.entry(route.path).or_insert_with(|| json!({}));
            path[route.method.as_str().to_lowercase()] = operation;
        }
        json!({
            "openapi": "3.1.0",
            "info": {"title": "DISCO", "version": "1", "description": "What `disco serve` answers programs."},
            "paths": paths,
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "schemas": {"Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "code"],
                    "properties": {
                        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                        "detail": {"type": "string"}, "code": {"type": "string"}, "help": {"type": "string"},
                        "diagnostics": {"type": "array"},
                    },
                }},
            },
        })
    }

    #[test]
    fn the_document_is_that_of_the_table() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/openapi.json");
        let text = format!("{:#}\n", openapi());
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), text, "INSTA_UPDATE=always cargo test --lib writes it anew");
        let table = table();
        let ids: std::collections::BTreeSet<_> = table.iter().map(|route| route.id).collect();
        assert_eq!(ids.len(), table.len());
    }
}
