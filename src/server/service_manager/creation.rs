//! A new cluster: its definition is checked before anything is written, and its folder is there whole or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::ending::begin;
use super::entity::{Entity, RECORD};
use super::refusal::{mistakes, refused};
use crate::project::{Order, PlanWish, StagedProject};
use crate::server::Service;
use crate::server::occi::{ClusterRequest, KeptCluster, Refusal, RefusalKind, Secret, written};

/// The definition of a cluster.
pub(super) const DEFINITION: &str = "main.disco.hcl";

/// The values of its secret variables, which only the owner of the service reads.
const SECRETS: &str = "secrets.auto.vars.hcl";

/// So much of an id is in the name of the project.
const SHORT: usize = 8;

/// Makes a cluster for a tenant, and begins to create it. Returns its id. For threads that may wait.
///
/// # Errors
/// Mistakes in what is asked for, of which nothing is left then.
pub(super) fn create(service: &Arc<Service>, tenant: &str, request: &ClusterRequest) -> Result<String, Refusal> {
    let definition = written(request, &service.manager.defaults)?;
    let secrets = definition.variables();
    check(service, &definition.text, secrets.as_ref())?;
    let id = new_id();
    let name = format!("{}-{}", definition.name, id.get(..SHORT).unwrap_or_default());
    let mut kept = KeptCluster::new(&id, tenant, request);
    kept.under_way = (!request.plan_only).then_some(Order::Apply);
    let record = (format!(".disco/{RECORD}"), kept.encode());
    let mut files = vec![(DEFINITION, definition.text.as_bytes()), (&*record.0, &*record.1)];
    files.extend(secrets.iter().map(|secrets| (SECRETS, secrets.expose().as_bytes())));
    let none = service.projects.without_definitions();
    let place = service.projects.folder();
    let settled = StagedProject::new(place, &files).and_then(|staged| staged.settle(&place.join(&name)));
    settled.map_err(|failure| refused(&failure, &none))?;
    let begun = if request.plan_only {
        plan_only(service, tenant, &id)
    } else {
        begin(service, &name, Order::Apply, true).map(drop)
    };
    if begun.is_err() {
        let entity = Entity::find(service, tenant, &id)?;
        // Nothing exists of it in any cloud.
        let removed = Handle::current().block_on(entity.project.remove_from(service.projects.folder()));
        removed.map_err(|failure| entity.refused(&failure))?;
    }
    begun.map(|()| id)
}

/// Checks a definition that is not written yet.
fn check(service: &Service, text: &str, secrets: Option<&Secret>) -> Result<(), Refusal> {
    let none = service.projects.without_definitions();
    let mut texts = BTreeMap::from([(DEFINITION.to_owned(), text.to_owned())]);
    texts.extend(secrets.map(|secrets| (SECRETS.to_owned(), secrets.expose().to_owned())));
    let project = none.edited(none.directory().to_path_buf(), texts);
    let (_, found) = project.validate().map_err(|failure| refused(&failure, &project))?;
    if found.has_errors() {
        return Err(Refusal::new(RefusalKind::Invalid, mistakes(&found, project.sources()).join("\n")));
    }
    Ok(())
}

/// Plans it, and keeps the plan under its name.
fn plan_only(service: &Service, tenant: &str, id: &str) -> Result<(), Refusal> {
    let mut entity = Entity::find(service, tenant, id)?;
    let plan = Handle::current().block_on(entity.project.make_plan(PlanWish::default()));
    let plan = plan.map_err(|failure| entity.refused(&failure))?;
    entity.record(service, |kept| kept.plan = Some(plan))
}

#[expect(clippy::disallowed_methods, reason = "ids of clusters are new ones")]
fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
