//! The clusters of the interface as this service has them.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use tokio::runtime::Handle;

use super::creation::{self, DEFINITION};
use super::ending::{begin, begin_kept};
use super::entity::Entity;
use crate::catalogue::Catalogue;
use crate::project::{Expected, Order, PlanWish};
use crate::server::Service;
use crate::server::occi::{
    ClusterChange, ClusterRequest, ClusterView, Clusters, Credentials, Proof, Refusal, RefusalKind, updated,
};

/// The projects of a service, as clusters of tenants.
pub(super) struct ServedClusters(pub(super) Arc<Service>);

impl ServedClusters {
    /// Does what reads, writes and plans away from the threads that answer. It goes on where nobody waits for the answer.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Service>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let service = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&service));
        let broken = |_| Refusal::new(RefusalKind::Failed, "the service could not end this work; ask again");
        done.await.unwrap_or_else(|fault| Err(broken(fault)))
    }
}

impl Clusters for ServedClusters {
    /// The tenant, by the name that the caller gives: there is no Keystone that knows an id.
    type Caller = String;

    async fn authenticate(&self, credentials: &Credentials) -> Result<String, Refusal> {
        match &credentials.proof {
            Proof::Token(token) if self.0.doors.is_token(token.expose()) => Ok(credentials.tenant.clone()),
            Proof::Token(_) => Err(Refusal::new(
                RefusalKind::Unauthenticated,
                "the token is not valid; send the one in .disco/service/token of the folder that is served as `X-Auth-Token`",
            )),
            Proof::Password { .. } => Err(Refusal::new(
                RefusalKind::Unauthenticated,
                "this service has no Keystone that would exchange a password for a token; send the one in \
                 .disco/service/token of the folder that is served as `X-Auth-Token`",
            )),
        }
    }

    fn catalogue(&self) -> &Catalogue {
        self.0.manager.catalogue()
    }

    /// The embedded Heat is in no region.
    fn region(&self, _: &String) -> Option<String> {
        None
    }

    async fn create(&self, tenant: &String, request: &ClusterRequest) -> Result<String, Refusal> {
        let (tenant, request) = (tenant.clone(), request.clone());
        self.work(move |service| creation::create(service, &tenant, &request)).await
    }

    async fn list(&self, tenant: &String) -> Result<Vec<ClusterView>, Refusal> {
        let tenant = tenant.clone();
        let views = move |service: &Arc<Service>| {
            let all = Entity::all_of(service, &tenant)?;
            Ok(all.iter().map(|entity| entity.view(service)).collect())
        };
        self.work(views).await
    }

    async fn get(&self, tenant: &String, id: &str) -> Result<ClusterView, Refusal> {
        let (tenant, id) = (tenant.clone(), id.to_owned());
        self.work(move |service| Ok(Entity::find(service, &tenant, &id)?.view(service))).await
    }

    async fn suspend(&self, tenant: &String, id: &str) -> Result<ClusterView, Refusal> {
        let (tenant, id) = (tenant.clone(), id.to_owned());
        self.work(move |service| switch(service, &tenant, &id, Order::Suspend)).await
    }

    async fn resume(&self, tenant: &String, id: &str) -> Result<ClusterView, Refusal> {
        let (tenant, id) = (tenant.clone(), id.to_owned());
        self.work(move |service| switch(service, &tenant, &id, Order::Resume)).await
    }

    async fn update(&self, tenant: &String, id: &str, change: &ClusterChange) -> Result<ClusterView, Refusal> {
        let (tenant, id, change) = (tenant.clone(), id.to_owned(), change.clone());
        self.work(move |service| update(service, &tenant, &id, &change)).await
    }

    async fn delete(&self, tenant: &String, id: &str) -> Result<(), Refusal> {
        let (tenant, id) = (tenant.clone(), id.to_owned());
        self.work(move |service| delete(service, &tenant, &id)).await
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
