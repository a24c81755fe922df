//! What is begun for a cluster in the background, and what becomes of it: a service that was killed goes on from its record.

use std::sync::Arc;

use super::entity::Entity;
use super::refusal::refused;
use crate::apply::Interrupt;
use crate::project::{Order, Project, SavedPlan, clear_remains};
use crate::server::Service;
use crate::server::occi::{Refusal, RefusalKind};

/// By which operations know each other that this interface has asked for.
pub(in crate::server) const KEY: &str = "service-manager";

/// What is carried out.
enum Work {
    Order(Order),
    /// A plan that was looked at.
    Kept(SavedPlan),
}

impl Work {
    fn order(&self) -> Order {
        match self {
            Self::Order(order) => *order,
            Self::Kept(_) => Order::Apply,
        }
    }

    async fn carry_out(&self, project: &Project, interrupt: Interrupt) -> bool {
        match self {
            Self::Order(order) => project.carry_out_order(*order, interrupt).await,
            Self::Kept(plan) => project.carry_out(plan, interrupt).await,
        }
    }
}

/// Has an order carried out, of which the cluster's record says already that it is under way. Returns the operation's number.
/// Where it does not wait, nobody else may be at the project.
///
/// # Errors
/// A project that somebody else has locked; a history that cannot be kept.
pub(super) fn begin(service: &Arc<Service>, name: &str, order: Order, waits: bool) -> Result<u64, Refusal> {
    begin_work(service, name, Work::Order(order), None, waits)
}

/// The same for a kept plan.
///
/// # Errors
/// The same; a plan that does not exist.
pub(super) fn begin_kept(service: &Arc<Service>, name: &str, project: &Project, plan: &str) -> Result<u64, Refusal> {
    let saved = project.kept_plan(plan).map_err(|failure| refused(&failure, project))?;
    let gone = || Refusal::new(RefusalKind::Failed, "the plan that was just made does not exist any more; ask again");
    begin_work(service, name, Work::Kept(saved.ok_or_else(gone)?), Some(plan), true)
}

fn begin_work(service: &Arc<Service>, name: &str, work: Work, plan: Option<&str>, waits: bool) -> Result<u64, Refusal> {
    let none = service.projects.without_definitions();
    let project = service.projects.open_patiently(name).map_err(|failure| refused(&failure, &none))?;
    let project = tokio::runtime::Handle::current().block_on(project.lasting());
    let project = project.map_err(|failure| refused(&failure, &none))?;
    let log = match (&work, plan) {
        (Work::Kept(saved), Some(plan)) => project.begin_operation(saved, plan, Some(KEY), waits),
        _ => project.begin_order(work.order(), Some(KEY), waits),
    };
    let log = log.map_err(|failure| refused(&failure, &project))?;
    let (of, name_of, number) = (Arc::clone(service), name.to_owned(), log.number());
    let project = project.kept_in(log.clone());
    // Where the service is about to end nothing is begun: the record says what the next one has to do.
    service.workers.begin(name, &log, move |interrupt| async move {
        let done = work.carry_out(&project, interrupt).await;
        ended(&of, &name_of, &project, work.order(), number, done).await;
    });
    Ok(number.unwrap_or_default())
}

/// An operation has ended, or is not watched any longer.
async fn ended(service: &Arc<Service>, name: &str, project: &Project, order: Order, number: Option<u64>, done: bool) {
    // What a service leaves when it ends, the next one takes up.
    if !done && service.workers.is_leaving() {
        return;
    }
    if order == Order::Destroy && done {
        // Where that fails, the record goes on saying so, and whoever deletes it again is told why.
        let _ = project.remove_from(service.projects.folder()).await;
        return;
    }
    let Ok(Some(mut entity)) = Entity::open(service, name.to_owned()) else { return };
    let is_last = number.is_none_or(|number| service.workers.is_last(name, number));
    let _ = entity.record(service, |kept| {
        // Something else may have been begun meanwhile, such as its end.
        if is_last && kept.under_way == Some(order) {
            kept.under_way = None;
        }
        if order == Order::Apply && done && kept.created_by.is_none() {
            kept.created_by = number;
        }
    });
}

/// Goes on with what an earlier service has begun and not ended, and clears away what it has left half made.
pub(in crate::server) fn take_up(service: &Arc<Service>) {
    if !service.projects.are_many() {
        return;
    }
    clear_remains(service.projects.folder());
    // Records that cannot be read are told to whoever asks for them.
    let names = service.projects.all().unwrap_or_default().into_keys();
    for entity in names.filter_map(|name| Entity::open(service, name).ok().flatten()) {
        if let Some(order) = entity.kept.under_way {
            let _ = begin(service, &entity.name, order, true);
        }
    }
}
