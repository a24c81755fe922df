//! What programs ask: a file a resource. One table says what there is; the router and the document are made from it.

mod audit;
mod body;
mod catalogue;
#[cfg(test)]
mod document;
mod events;
mod files;
mod operations;
mod plans;
mod projects;
mod repeated;
mod routes;

pub(super) use files::{checked, no_definition};
pub(super) use operations::{OperationFile, OperationState, Wish, begin, past, take_up};
pub(super) use plans::{plan, saved};
pub(super) use projects::all;
pub(super) use repeated::Repeated;
pub(super) use routes::{needed, router};

use std::sync::Arc;

use crate::project::{Failure, Project};
use crate::server::Service;
use crate::server::fault::Problem;
use crate::state::State;

/// Does work for a processor, or of the disk, away from the threads that answer.
///
/// # Errors
/// Those of the work, drawn from the project's own texts.
pub(super) async fn work<T: Send + 'static>(
    service: &Arc<Service>,
    project: String,
    work: impl FnOnce(&Project) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Problem> {
    let service = Arc::clone(service);
    let done = tokio::task::spawn_blocking(move || {
        let project = service.projects.open(&project).map_err(|failure| Problem::not_found(&failure))?;
        work(&project).map_err(|failure| Problem::of(&failure, project.sources()))
    });
    done.await.unwrap_or_else(|_| Err(broken()))
}

/// The same for what is of no project.
///
/// # Errors
/// Those of the work.
pub(super) async fn work_on_none<T: Send + 'static>(
    service: &Arc<Service>,
    work: impl FnOnce(&Project) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Problem> {
    let service = Arc::clone(service);
    let done = tokio::task::spawn_blocking(move || {
        let project = service.projects.without_definitions();
        work(&project).map_err(|failure| Problem::of(&failure, project.sources()))
    });
    done.await.unwrap_or_else(|_| Err(broken()))
}

/// What is known of a project's clusters; for threads that may wait.
///
/// # Errors
/// A state that is refused, or that its place does not give.
pub(super) fn known(project: &Project) -> Result<Option<State>, Failure> {
    tokio::runtime::Handle::current().block_on(project.state())
}

/// The same for work that waits, too.
///
/// # Errors
/// Those of the work.
pub(super) async fn waiting<T: Send + 'static, W>(
    service: &Arc<Service>,
    project: String,
    then: impl FnOnce(Project) -> W + Send + 'static,
) -> Result<T, Problem>
where
    W: Future<Output = Result<T, Problem>>,
{
    let service = Arc::clone(service);
    let handle = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || {
        let project = service.projects.open(&project).map_err(|failure| Problem::not_found(&failure))?;
        handle.block_on(Box::pin(then(project)))
    });
    done.await.unwrap_or_else(|_| Err(broken()))
}

/// Work that ended without an answer.
pub(super) fn broken() -> Problem {
    Problem::new(http::StatusCode::INTERNAL_SERVER_ERROR, "broken", "the service could not end this work")
        .help("ask again; if it happens again, it is a mistake in DISCO")
}
