//! The clusters of the interface as this service has them.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, OnceLock, PoisonError};

use http::StatusCode;
use tokio::runtime::Handle;

use super::creation::{self, DEFINITION};
use super::ending::{begin, begin_kept};
use super::entity::Entity;
use crate::catalogue::Catalogue;
use crate::project::{Expected, Order, PlanWish};
use crate::server::Service;
use crate::server::caller::May;
use crate::server::entrance::{AnyDoors, Entrance, require_allowance, require_role};
use crate::server::fault::Problem;
use crate::server::occi::{
    ClusterChange, ClusterRequest, ClusterView, Clusters, Credentials, Proof, Refusal, RefusalKind, updated,
};

/// The projects of a service, as clusters of tenants.
pub(super) struct ServedClusters {
    entrance: Arc<Entrance>,
    /// Where the request comes from.
    from: String,
    /// What it needs.
    needed: May,
    /// Whose it is, once that is known.
    admitted: OnceLock<Arc<Service>>,
    /// The frameworks in the program.
    catalogue: Arc<Catalogue>,
}

/// Who asks.
pub(super) struct Caller {
    service: Arc<Service>,
    /// Whose clusters are told: a tenant by id, or, where there is no Keystone that knows one, any word.
    tenant: String,
}

impl Caller {
    /// Does what reads, writes and plans away from the threads that answer. It goes on where nobody waits for the answer.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Service>, &str) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (service, tenant) = (Arc::clone(&self.service), self.tenant.clone());
        let done = tokio::task::spawn_blocking(move || work(&service, &tenant));
        let broken = |_| Refusal::new(RefusalKind::Failed, "the service could not end this work; ask again");
        done.await.unwrap_or_else(|fault| Err(broken(fault)))
    }
}

impl ServedClusters {
    /// For one request, which comes from there and needs that.
    pub(super) fn new(entrance: &Arc<Entrance>, from: String, needed: May) -> Self {
        let (entrance, admitted) = (Arc::clone(entrance), OnceLock::new());
        Self { entrance, from, needed, admitted, catalogue: super::catalogue() }
    }

    /// Whose service it was, where they were let in.
    pub(super) fn admitted(&self) -> Option<&Arc<Service>> {
        self.admitted.get()
    }

    /// Lets somebody pass whose service this is, if they may ask that.
    fn allowed(&self, service: Arc<Service>, tenant: String) -> Result<Caller, Refusal> {
        let _ = self.admitted.set(Arc::clone(&service));
        let allowed = require_allowance(&service).and_then(|()| require_role(&service, self.needed));
        allowed.map(|()| Caller { service, tenant }).map_err(|problem| closed(&problem))
    }

    /// How the service is called in addresses.
    pub(super) fn base(&self) -> &str {
        &self.entrance.url
    }
}

/// A refusal of the doors, as this interface says it.
fn closed(problem: &Problem) -> Refusal {
    let kind = match problem.status() {
        StatusCode::UNAUTHORIZED => RefusalKind::Unauthenticated,
        StatusCode::BAD_REQUEST => RefusalKind::Invalid,
        StatusCode::FORBIDDEN => RefusalKind::Forbidden,
        StatusCode::BAD_GATEWAY => RefusalKind::Cloud,
        _ => RefusalKind::Unavailable,
    };
    Refusal::new(kind, problem.sentences())
}

impl Clusters for ServedClusters {
    type Caller = Caller;

    async fn authenticate(&self, credentials: &Credentials) -> Result<Caller, Refusal> {
        let unknown = |message: &str| Refusal::new(RefusalKind::Unauthenticated, message);
        let keystone = match (&self.entrance.doors, &credentials.proof) {
            (AnyDoors::Own(doors, admitted), Proof::Token(token)) if doors.is_token(token.expose()) => {
                return self.allowed(Arc::clone(&admitted.service), credentials.tenant.clone());
            }
            (AnyDoors::Own(..), Proof::Token(_)) => {
                return Err(unknown(
                    "the token is not valid; send the one in .disco/service/token of the folder that is served as `X-Auth-Token`",
                ));
            }
            (AnyDoors::Own(..), Proof::Password { .. }) => {
                return Err(unknown(
                    "this service has no Keystone that would exchange a password for a token; send the one in \
                     .disco/service/token of the folder that is served as `X-Auth-Token`",
                ));
            }
            (AnyDoors::Keystone(keystone), _) => keystone,
        };
        let admitted = match &credentials.proof {
            Proof::Token(token) => keystone.by_program(token.expose(), &self.from).await,
            Proof::Password { user, password } => {
                keystone.by_password(user, password.expose(), &credentials.tenant, &self.from).await
            }
        };
        let service = admitted.map_err(|problem| closed(&problem))?.service;
        let tenant = service.caller.tenant.clone();
        let theirs = tenant.filter(|tenant| tenant.name == credentials.tenant || tenant.id == credentials.tenant);
        let tenant = theirs.ok_or_else(|| unknown("the token is for another tenant than `X-Tenant-Name` says"))?;
        self.allowed(service, tenant.id)
    }

    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The region of the cloud; the embedded Heat is in none.
    fn region(&self, caller: &Caller) -> Option<String> {
        caller.service.projects.region()
    }

    async fn create(&self, caller: &Caller, request: &ClusterRequest) -> Result<String, Refusal> {
        let request = request.clone();
        caller.work(move |service, tenant| creation::create(service, tenant, &request)).await
    }

    async fn list(&self, caller: &Caller) -> Result<Vec<ClusterView>, Refusal> {
        let views = |service: &Arc<Service>, tenant: &str| {
            let all = Entity::all_of(service, tenant)?;
            Ok(all.iter().map(|entity| entity.view(service)).collect())
        };
        caller.work(views).await
    }

    async fn get(&self, caller: &Caller, id: &str) -> Result<ClusterView, Refusal> {
        let id = id.to_owned();
        caller.work(move |service, tenant| Ok(Entity::find(service, tenant, &id)?.view(service))).await
    }

    async fn suspend(&self, caller: &Caller, id: &str) -> Result<ClusterView, Refusal> {
        let id = id.to_owned();
        caller.work(move |service, tenant| switch(service, tenant, &id, Order::Suspend)).await
    }

    async fn resume(&self, caller: &Caller, id: &str) -> Result<ClusterView, Refusal> {
        let id = id.to_owned();
        caller.work(move |service, tenant| switch(service, tenant, &id, Order::Resume)).await
    }

    async fn update(&self, caller: &Caller, id: &str, change: &ClusterChange) -> Result<ClusterView, Refusal> {
        let (id, change) = (id.to_owned(), change.clone());
        caller.work(move |service, tenant| update(service, tenant, &id, &change)).await
    }

    async fn delete(&self, caller: &Caller, id: &str) -> Result<(), Refusal> {
        let id = id.to_owned();
        caller.work(move |service, tenant| delete(service, tenant, &id)).await
    }
}

fn conflict(message: &str) -> Refusal {
    Refusal::new(RefusalKind::Conflict, message)
}

/// Whoever begins an operation does so alone.
fn alone(service: &Service) -> MutexGuard<'_, ()> {
    service.beginning.lock().unwrap_or_else(PoisonError::into_inner)
}

fn switch(service: &Arc<Service>, tenant: &str, id: &str, order: Order) -> Result<ClusterView, Refusal> {
    let _alone = alone(service);
    let mut entity = Entity::find(service, tenant, id)?;
    entity.require_rest(service)?;
    if entity.is_nothing()? {
        return Err(conflict("nothing of the cluster exists yet; `mcn.service.state` says how far it is"));
    }
    let before = entity.kept.clone();
    entity.record(service, |kept| {
        kept.under_way = Some(order);
        kept.was_suspended = true;
    })?;
    if let Err(refusal) = begin(service, &entity.name, order, false) {
        entity.record(service, |kept| *kept = before)?;
        return Err(refusal);
    }
    Ok(entity.view(service))
}

/// Plans the definition with the change in it, and writes it only where that plan is one to carry out.
fn update(service: &Arc<Service>, tenant: &str, id: &str, change: &ClusterChange) -> Result<ClusterView, Refusal> {
    let mut entity = Entity::find(service, tenant, id)?;
    entity.require_rest(service)?;
    let read = entity.project.definition_text(DEFINITION).map_err(|failure| entity.refused(&failure))?;
    let (revision, before) = read;
    let before = before.ok_or_else(|| {
        conflict(&format!("the project has no `{DEFINITION}` any more; change its definitions through the service"))
    })?;
    let text = updated(&before, change)?;
    let texts = BTreeMap::from([(DEFINITION.to_owned(), text.clone())]);
    let edited = entity.project.edited(entity.project.directory().to_path_buf(), texts);
    let plan = Handle::current().block_on(edited.make_plan(PlanWish::default()));
    let plan = plan.map_err(|failure| super::refusal::refused(&failure, &edited))?;
    let _alone = alone(service);
    entity.require_rest(service)?;
    let writing = service.writing.lock().unwrap_or_else(PoisonError::into_inner);
    let saved = entity.project.save_definition(DEFINITION, Some(&text), &Expected::Revisions(vec![revision]));
    drop(writing);
    if saved.map_err(|failure| entity.refused(&failure))?.is_err() {
        return Err(conflict("somebody has changed the definition meanwhile; ask again"));
    }
    let (kept_before, plans_only) = (entity.kept.clone(), entity.kept.plan_only);
    entity.record(service, |kept| {
        kept.change(change);
        if plans_only {
            kept.plan = Some(plan.clone());
        } else {
            kept.under_way = Some(Order::Apply);
        }
    })?;
    if !plans_only && let Err(refusal) = begin_kept(service, &entity.name, &entity.project, &plan) {
        // Nothing of it is done, so nothing of it stays.
        let written = entity.project.save_definition(DEFINITION, Some(&before), &Expected::There);
        entity.record(service, |kept| *kept = kept_before)?;
        return written.map_err(|failure| entity.refused(&failure)).and(Err(refusal));
    }
    Ok(entity.view(service))
}

/// Destroys it, whatever is under way: that is not watched any longer. Where nothing of it is in the cloud its folder goes at
/// once, otherwise when all is gone.
fn delete(service: &Arc<Service>, tenant: &str, id: &str) -> Result<(), Refusal> {
    let _alone = alone(service);
    let mut entity = Entity::find(service, tenant, id)?;
    let busy = service.workers.is_busy(&entity.name);
    if busy && entity.kept.under_way == Some(Order::Destroy) {
        return Ok(());
    }
    if !busy && entity.is_nothing()? {
        let removed = Handle::current().block_on(entity.project.remove_from(service.projects.folder()));
        return removed.map_err(|failure| entity.refused(&failure));
    }
    entity.record(service, |kept| kept.under_way = Some(Order::Destroy))?;
    let number = begin(service, &entity.name, Order::Destroy, true)?;
    service.workers.detach_before(&entity.name, number);
    Ok(())
}
