//! The table of all that programs can ask.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{self, MethodRouter};
use http::Method;

use super::{audit, catalogue, events, files, operations, plans, projects};
use crate::server::Service;
use crate::server::caller::May;

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
    /// What whoever asks has to be allowed.
    pub(in crate::server) may: May,
    answer: MethodRouter<Arc<Service>>,
}

impl Route {
    /// The same for those who may that.
    fn for_who_may(self, may: May) -> Self {
        Self { may, ..self }
    }
}

fn get<H: Handler<T, Arc<Service>>, T: 'static>(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    handler: H,
) -> Route {
    Route { method: Method::GET, path, id, summary, may: May::See, answer: routing::get(handler) }
}

fn put<H: Handler<T, Arc<Service>>, T: 'static>(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    handler: H,
) -> Route {
    Route { method: Method::PUT, path, id, summary, may: May::Work, answer: routing::put(handler) }
}

fn post<H: Handler<T, Arc<Service>>, T: 'static>(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    handler: H,
) -> Route {
    Route { method: Method::POST, path, id, summary, may: May::Work, answer: routing::post(handler) }
}

fn delete<H: Handler<T, Arc<Service>>, T: 'static>(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    handler: H,
) -> Route {
    Route { method: Method::DELETE, path, id, summary, may: May::Work, answer: routing::delete(handler) }
}

/// All of it.
pub(in crate::server) fn table() -> Vec<Route> {
    vec![
        get("/v1", "service", "What this service is", projects::service),
        get("/v1/projects", "listProjects", "The projects", projects::list),
        post("/v1/projects", "makeProject", "Make a project with a first definition", projects::make),
        get("/v1/projects/{project}", "getProject", "One project", projects::one),
        delete(
            "/v1/projects/{project}",
            "deleteProject",
            "Remove a project of which nothing exists in its cloud",
            projects::delete,
        ),
        post(
            "/v1/projects/{project}/drift",
            "lookForDrift",
            "What has changed in the cloud outside of DISCO",
            projects::drift,
        )
        .for_who_may(May::See),
        get("/v1/projects/{project}/clusters", "listClusters", "What DISCO knows of the clusters", projects::clusters),
        get(
            "/v1/projects/{project}/status",
            "getStatus",
            "How the clusters are, asked of Heat and of what runs on them",
            projects::status,
        ),
        get(
            "/v1/projects/{project}/outputs",
            "getOutputs",
            "The outputs; secret ones without their values",
            projects::outputs,
        ),
        get("/v1/projects/{project}/files", "listFiles", "The definitions, with the revision of the set", files::list),
        get("/v1/projects/{project}/files/{file}", "getFile", "One definition", files::get),
        put(
            "/v1/projects/{project}/files/{file}",
            "putFile",
            "Write a definition; needs If-Match or If-None-Match",
            files::put,
        ),
        delete(
            "/v1/projects/{project}/files/{file}",
            "deleteFile",
            "Remove a definition; needs If-Match",
            files::delete,
        ),
        post("/v1/projects/{project}/check", "checkFiles", "Check definitions as typed, saved or not", files::check)
            .for_who_may(May::See),
        post("/v1/projects/{project}/plans", "makePlan", "Make a plan and keep it", plans::make),
        get("/v1/projects/{project}/plans/{plan}", "getPlan", "A plan that is kept", plans::get),
        get("/v1/projects/{project}/operations", "listOperations", "Operations, the newest first", operations::list),
        post(
            "/v1/projects/{project}/operations",
            "beginOperation",
            "Carry out a kept plan, suspend or resume; needs Idempotency-Key",
            operations::begin_one,
        ),
        get("/v1/projects/{project}/operations/{number}", "getOperation", "One operation", operations::one),
        get(
            "/v1/projects/{project}/operations/{number}/messages",
            "listMessages",
            "What an operation said so far",
            operations::messages,
        ),
        post(
            "/v1/projects/{project}/operations/{number}/cancel",
            "cancelOperation",
            "Stop watching an operation: Heat ends what it has begun",
            operations::cancel,
        ),
        get("/v1/events", "listen", "What an operation says, as it says it", events::listen),
        get("/v1/frameworks", "listFrameworks", "The frameworks there are", catalogue::list),
        get("/v1/frameworks/{framework}", "getFramework", "One framework", catalogue::one),
        post("/v1/suggestions", "suggest", "Answers to questions, and the frameworks that fit", catalogue::suggest)
            .for_who_may(May::See),
        get("/v1/audit", "listAudit", "Who has changed what, the newest first", audit::list).for_who_may(May::Manage),
        get("/v1/openapi.json", "getDocument", "This interface, described", document),
    ]
}

/// The router of that table.
pub(in crate::server) fn router() -> Router<Arc<Service>> {
    table().into_iter().fold(Router::new(), |router, route| router.route(route.path, route.answer))
}

/// What a request to that place needs; `None` where it is none of these.
pub(in crate::server) fn needed(method: &Method, path: &str) -> Option<May> {
    static TABLE: std::sync::LazyLock<Vec<(Method, &str, May)>> =
        std::sync::LazyLock::new(|| table().into_iter().map(|route| (route.method, route.path, route.may)).collect());
    TABLE.iter().find(|(known, place, _)| known == method && *place == path).map(|(.., may)| *may)
}

/// The interface as it is kept in `schemas/openapi.json`.
async fn document() -> ([(http::HeaderName, &'static str); 1], &'static str) {
    ([(http::header::CONTENT_TYPE, "application/json")], include_str!("../../../schemas/openapi.json"))
}
