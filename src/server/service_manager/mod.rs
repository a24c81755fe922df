//! The Service Manager's interface on the projects of this service: its door, and each cluster as a project of its own.
//!
//! It has a door of its own: callers show `X-Auth-Token` and name a tenant. As long as the service knows no Keystone, the
//! token is the service's own and the tenant any word; clusters are listed by it.

mod creation;
mod ending;
mod entity;
mod refusal;
mod served;

pub(super) use ending::{KEY, take_up};

use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use http::{StatusCode, header};

use super::caller::May;
use super::entrance::{self, AnyDoors, Entrance, Visit};
use super::listen::BODY;
use super::occi::{Defaults, OcciRequest, answer};
use crate::catalogue::Catalogue;
use crate::model::OcciDefaults;
use crate::source::Sources;
use crate::suggest::Place;
use served::ServedClusters;

/// What the interface's addresses begin with.
pub(super) const PLACES: [&str; 4] = ["/-/", "/.well-known", "/disco", "/haas"];

/// What is said where there are no clusters to have.
const ONE_PROJECT: &str = "this service serves one project, and a cluster of this interface is a project of its own: \
                           serve a folder of projects, as in `disco serve --projects FOLDER`\n";

/// What the interface has besides the projects.
#[derive(Debug)]
pub(super) struct ServiceManager {
    /// What holds where a request says nothing.
    defaults: Defaults,
    /// Who changes the record of a cluster does so alone.
    recording: Mutex<()>,
}

impl ServiceManager {
    /// That of a service whose clusters are there and have this where nothing else is said.
    pub(super) fn new(place: Place, given: OcciDefaults) -> Self {
        let defaults = Defaults {
            place,
            image: given.image,
            master_flavor: given.master_flavor,
            slave_flavor: given.slave_flavor,
            slaves: given.slaves.unwrap_or(2),
            external_network: given.external_network,
        };
        Self { defaults, recording: Mutex::default() }
    }

    /// That of a service on the embedded Heat, on which everything has these names.
    pub(super) fn embedded() -> Self {
        let usual = |name: &str| Some(name.to_owned());
        let flavor = || usual("m1.large");
        let given = OcciDefaults {
            image: usual("debian-12"),
            master_flavor: flavor(),
            slave_flavor: flavor(),
            slaves: None,
            external_network: usual("public"),
        };
        Self::new(Place::Simulated, given)
    }
}

/// The frameworks in the program.
fn catalogue() -> Arc<Catalogue> {
    static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| Arc::new(Catalogue::embedded(&Sources::new())));
    Arc::clone(&CATALOGUE)
}

/// The interface's addresses. What is below them and does not exist is its own to refuse.
pub(super) fn router(entrance: &Arc<Entrance>) -> Router {
    ["/-/", "/.well-known/org/ogf/occi/-/", "/disco/", "/disco/{*rest}", "/haas/", "/haas/{*rest}"]
        .into_iter()
        .fold(Router::new(), |router, path| router.route(path, any(face)))
        .with_state(Arc::clone(entrance))
}

async fn face(State(entrance): State<Arc<Entrance>>, request: Request) -> Response {
    let from = entrance.from(&request);
    // The table of routes has none of these: whoever changes nothing only looks.
    let needed = entrance::needed(request.method(), request.uri().path());
    let visit = (needed > May::See).then(|| Visit::new(&request, from.clone()));
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if let AnyDoors::Own(_, admitted) = &entrance.doors
        && !admitted.service.projects.are_many()
    {
        let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        return (StatusCode::NOT_FOUND, kind, ONE_PROJECT).into_response();
    }
    let clusters = ServedClusters::new(&entrance, from, needed);
    let request = OcciRequest::new(http::Request::from_parts(parts, body), clusters.base());
    let answer = http::Response::<Bytes>::from(answer(request, &clusters).await).map(Body::from);
    if let Some((visit, service)) = visit.zip(clusters.admitted()) {
        visit.keep(service, answer.status()).await;
    }
    answer
}
