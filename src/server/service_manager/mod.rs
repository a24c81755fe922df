//! The Service Manager's interface on the projects of this service: its door, and each cluster as a project of its own.
//!
//! It has a door of its own: callers show `X-Auth-Token` and name a tenant. As long as the service knows no Keystone, the
//! token is the service's own and the tenant any word; clusters are listed by it.

mod creation;
mod ending;
mod entity;
mod refusal;
mod served;

pub(super) use ending::take_up;

use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use http::request::Parts;
use http::{StatusCode, header};

use super::Service;
use super::occi::{OcciRequest, answer};
use crate::catalogue::Catalogue;
use crate::source::Sources;
use served::ServedClusters;

/// What the interface's addresses begin with.
pub(super) const PLACES: [&str; 4] = ["/-/", "/.well-known", "/disco", "/haas"];

/// What is said where there are no clusters to have.
const ONE_PROJECT: &str = "this service serves one project, and a cluster of this interface is a project of its own: \
                           serve a folder of projects, as in `disco serve --projects FOLDER`\n";

/// What the interface has besides the projects.
#[derive(Debug)]
pub(super) struct ServiceManager {
    /// How the service is called in addresses, whatever the `Host` of a request says.
    base: String,
    catalogue: OnceLock<Catalogue>,
    /// Who changes the record of a cluster does so alone.
    recording: Mutex<()>,
}

impl ServiceManager {
    /// That of a service which is called so.
    pub(super) fn new(base: &str) -> Self {
        Self { base: base.to_owned(), catalogue: OnceLock::new(), recording: Mutex::default() }
    }

    /// The frameworks in the program.
    fn catalogue(&self) -> &Catalogue {
        self.catalogue.get_or_init(|| Catalogue::embedded(&Sources::new()))
    }
}

/// The interface's addresses. What is below them and does not exist is its own to refuse.
pub(super) fn router(service: &Arc<Service>) -> Router {
    ["/-/", "/.well-known/org/ogf/occi/-/", "/disco/", "/disco/{*rest}", "/haas/", "/haas/{*rest}"]
        .into_iter()
        .fold(Router::new(), |router, path| router.route(path, any(face)))
        .with_state(Arc::clone(service))
}

async fn face(State(service): State<Arc<Service>>, parts: Parts, body: Bytes) -> Response {
    if !service.projects.are_many() {
        let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        return (StatusCode::NOT_FOUND, kind, ONE_PROJECT).into_response();
    }
    let request = OcciRequest::new(http::Request::from_parts(parts, body), &*service.manager.base);
    let answer = answer(request, &ServedClusters(service)).await;
    http::Response::<Bytes>::from(answer).map(Body::from)
}
