//! The façade over HTTP, and the web page: one process, one listener, for people and for programs.
//!
//! No face computes anything that the command line could not: handlers read a request, call one function of `project`, and write
//! its result. There is no mode without authentication.

mod api;
mod auth;
mod fault;
mod listen;
pub mod occi;
mod page;
mod projects;
mod service_manager;
mod worker;

pub use listen::{Listening, ServiceOptions};

use std::sync::Arc;

use axum::Router;

use crate::project::ServiceSeat;
use auth::Doors;
use projects::Projects;
use service_manager::ServiceManager;
use worker::Workers;

/// What all requests share.
#[derive(Debug)]
struct Service {
    projects: Projects,
    doors: Doors,
    workers: Arc<Workers>,
    /// Nobody else serves this folder.
    _seat: ServiceSeat,
    /// Who begins an operation does so alone.
    beginning: std::sync::Mutex<()>,
    manager: ServiceManager,
    /// Who writes definitions does so alone.
    writing: std::sync::Mutex<()>,
    /// How many requests there were.
    requests: std::sync::atomic::AtomicU64,
}

/// Everything that the service answers, behind its doors.
fn router(service: &Arc<Service>) -> Router {
    let open = Router::new().merge(page::assets::router()).merge(listen::probes());
    let doors = auth::sign_in(service);
    let closed = api::router()
        .merge(page::router())
        .layer(axum::middleware::from_fn_with_state(Arc::clone(service), auth::known_only));
    let all = open.merge(doors).merge(service_manager::router(service)).merge(closed.with_state(Arc::clone(service)));
    listen::bounded(all.fallback(fault::nothing_here), service)
}
