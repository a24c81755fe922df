//! The façade over HTTP, and the web page: one process, one listener, for people and for programs.
//!
//! No face computes anything that the command line could not: handlers read a request, call one function of `project`, and write
//! its result. There is no mode without authentication.

mod api;
mod auth;
mod caller;
mod entrance;
mod fault;
mod keystone;
mod listen;
mod log;
pub mod occi;
mod page;
mod projects;
mod service_manager;
mod tenants;
mod worker;

pub use listen::{Listening, ServiceOptions, WayIn};

use std::sync::{Arc, Mutex};

use axum::Router;

use crate::project::AuditLog;
use caller::Caller;
use entrance::Entrance;
use projects::Projects;
use service_manager::ServiceManager;
use worker::Workers;

/// The service as somebody has it: their projects, and what works on them.
#[derive(Debug)]
struct Service {
    projects: Projects,
    workers: Arc<Workers>,
    /// Who begins an operation does so alone.
    beginning: Arc<Mutex<()>>,
    manager: Arc<ServiceManager>,
    /// Who writes definitions does so alone.
    writing: Arc<Mutex<()>>,
    /// Answers to requests that may be sent again.
    repeated: Arc<api::Repeated>,
    /// Who has changed what.
    audit: Arc<AuditLog>,
    /// Whose view it is.
    caller: Caller,
}

/// Everything that the service answers, behind its doors.
fn router(entrance: &Arc<Entrance>) -> Router {
    let open = Router::new().merge(page::assets::router()).merge(listen::probes());
    let all = open.merge(auth::sign_in(entrance)).merge(service_manager::router(entrance));
    let closed = axum::routing::any(entrance::closed).with_state(Arc::clone(entrance));
    listen::bounded(all.fallback_service(closed), entrance)
}

/// What is behind the doors, for one who was let in.
fn closed(service: &Arc<Service>) -> Router {
    let allowed = axum::middleware::from_fn_with_state(Arc::clone(service), entrance::allowed_only);
    let all = api::router().merge(page::router()).route_layer(allowed);
    all.fallback(fault::nothing_here).with_state(Arc::clone(service))
}
