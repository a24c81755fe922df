//! The page: what people see. Each has an address, works by links and forms alone, and says in its title what it is.

pub(super) mod assets;
mod begin;
mod cluster;
mod configuration;
mod edit;
mod form;
mod layout;
mod operation;
mod plan;
mod project;
mod projects;
mod suggest;

pub(super) use layout::{problem, sign_in, sign_in_at};

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::Service;

/// The pages of those who were let in.
pub(super) fn router() -> Router<Arc<Service>> {
    Router::new()
        .route("/", get(projects::page))
        .route("/new", get(begin::page).post(begin::save))
        .route("/suggest", get(suggest::page).post(suggest::keep))
        .route("/frameworks", get(projects::frameworks))
        .route("/frameworks/{framework}", get(projects::framework))
        .route("/problems/{code}", get(projects::code))
        .route("/projects/{project}", get(project::page))
        .route("/projects/{project}/files/{file}", get(edit::page).post(edit::save))
        .route("/projects/{project}/files/{file}/form", get(form::page).post(form::save))
        .route("/projects/{project}/clusters/{cluster}", get(cluster::page))
        .route("/projects/{project}/clusters/{cluster}/file", get(configuration::page).post(configuration::save))
        .route("/projects/{project}/configuration", get(configuration::list))
        .route("/projects/{project}/drift", post(cluster::drift))
        .route("/projects/{project}/explain", get(cluster::explain))
        .route("/projects/{project}/plans", post(plan::make))
        .route("/projects/{project}/plans/{plan}", get(plan::page).post(plan::apply))
        .route("/projects/{project}/operations", post(operation::order))
        .route("/projects/{project}/operations/{number}", get(operation::page))
        .route("/projects/{project}/operations/{number}/cancel", post(operation::cancel))
}
