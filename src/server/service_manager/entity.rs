//! A cluster of the interface: a project of the service that has a record of whose it is.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::PoisonError;

use tokio::runtime::Handle;

use super::refusal::refused;
use crate::project::{Ending, Failure, Order, PastOperation, Project};
use crate::server::Service;
use crate::server::occi::{
    ClusterView, KeptCluster, Progress, Refusal, RefusalKind, Seen, SeenOperation, ServiceState, Verb,
};
use crate::server::worker::Standing;
use crate::state::State;

/// The record, in DISCO's own folder of the project, so that it goes with that.
pub(super) const RECORD: &str = "occi.json";

/// A cluster, as its project's folder has it.
pub(super) struct Entity {
    /// The project's name.
    pub(super) name: String,
    pub(super) project: Project,
    pub(super) kept: KeptCluster,
}

impl Entity {
    /// All of this interface, by the names of their projects.
    ///
    /// # Errors
    /// A folder that cannot be listed; a record that cannot be read, of which nobody knows whose it is.
    pub(super) fn all(service: &Service) -> Result<Vec<Self>, Refusal> {
        let none = service.projects.without_definitions();
        let found: BTreeMap<String, PathBuf> = service.projects.all().map_err(|failure| refused(&failure, &none))?;
        let each = found.into_keys().filter_map(|name| Self::open(service, name).transpose());
        each.collect()
    }

    /// The one that a project is, if it is one.
    ///
    /// # Errors
    /// A record that cannot be read.
    pub(super) fn open(service: &Service, name: String) -> Result<Option<Self>, Refusal> {
        let Ok(project) = service.projects.open(&name) else {
            // It was removed meanwhile.
            return Ok(None);
        };
        let Some(bytes) = project.note(RECORD).map_err(|failure| refused(&failure, &project))? else {
            return Ok(None);
        };
        let kept = KeptCluster::decode(&bytes).map_err(|why| {
            let message = format!("the record of project `{name}` in `.disco/{RECORD}` cannot be read: {why}");
            Refusal::new(RefusalKind::Failed, message)
        })?;
        Ok(Some(Self { name, project, kept }))
    }

    /// All of a tenant.
    ///
    /// # Errors
    /// The same as of [`Entity::all`].
    pub(super) fn all_of(service: &Service, tenant: &str) -> Result<Vec<Self>, Refusal> {
        let mut all = Self::all(service)?;
        all.retain(|entity| entity.kept.tenant == tenant);
        Ok(all)
    }

    /// One of a tenant.
    ///
    /// # Errors
    /// There is none with that id, or it is not theirs: nobody learns which.
    pub(super) fn find(service: &Service, tenant: &str, id: &str) -> Result<Self, Refusal> {
        let mut all = Self::all_of(service, tenant)?.into_iter();
        all.find(|entity| entity.kept.id == id).ok_or_else(|| Refusal::unknown(id))
    }

    /// Changes the record, nobody else meanwhile. What it holds is what was kept last.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn record(&mut self, service: &Service, change: impl FnOnce(&mut KeptCluster)) -> Result<(), Refusal> {
        let _alone = service.manager.recording.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = self.project.note(RECORD).map_err(|failure| self.refused(&failure))?;
        if let Some(Ok(kept)) = bytes.map(|bytes| KeptCluster::decode(&bytes)) {
            self.kept = kept;
        }
        change(&mut self.kept);
        self.project.keep_note(RECORD, &self.kept.encode()).map_err(|failure| self.refused(&failure))
    }

    /// Refuses what cannot be done beside an operation that this service carries out.
    ///
    /// # Errors
    /// There is one.
    pub(super) fn require_rest(&self, service: &Service) -> Result<(), Refusal> {
        if !service.workers.is_busy(&self.name) {
            return Ok(());
        }
        let last = self.last().map(|last| format!(" ({} {})", last.asked.operation, last.number)).unwrap_or_default();
        let message = format!("another operation of the cluster is under way{last}; ask again when it has ended");
        Err(Refusal::new(RefusalKind::Conflict, message))
    }

    /// What the state knows; for threads that may wait.
    ///
    /// # Errors
    /// A state that is refused.
    pub(super) fn state(&self) -> Result<Option<State>, Refusal> {
        Handle::current().block_on(self.project.state()).map_err(|failure| self.refused(&failure))
    }

    /// Whether nothing of it was ever begun in the cloud, or nothing is left.
    ///
    /// # Errors
    /// A state that is refused.
    pub(super) fn is_nothing(&self) -> Result<bool, Refusal> {
        // What is open is of a cluster that the state has.
        Ok(self.state()?.is_none_or(|state| state.clusters.is_empty()))
    }

    fn last(&self) -> Option<PastOperation> {
        self.project.history(1).ok()?.into_iter().next()
    }

    /// What is shown of it. It never fails, whatever is wrong with the project: then that is shown.
    pub(super) fn view(&self, service: &Service) -> ClusterView {
        let state = self.state();
        let operation = self.last().map(|last| self.seen(service, &last));
        let state_of =
            |state: &State| state.clusters.iter().next().map(|(name, cluster)| (name.clone(), cluster.clone()));
        let seen = match state.as_ref().map(|state| state.as_ref().and_then(state_of)) {
            Ok(Some((name, cluster))) => Seen::remembered(&name, Some(&cluster), operation),
            Ok(None) | Err(_) => Seen { operation, ..Seen::default() },
        };
        let mut view = self.kept.view(&*self.name, seen);
        if let Err(trouble) = state {
            view.state = ServiceState::Fail;
            view.failure = Some(trouble.message);
        }
        view
    }

    /// An operation as the interface has it.
    fn seen(&self, service: &Service, past: &PastOperation) -> SeenOperation {
        let standing = service.workers.standing(&self.name, past.number);
        let created = self.kept.created_by.is_some_and(|number| number != past.number);
        let of = |order: Order| past.asked.operation == order.verb();
        let verb = if of(Order::Destroy) {
            Verb::Destroy
        } else if of(Order::Suspend) {
            Verb::Suspend
        } else if of(Order::Resume) {
            Verb::Resume
        } else if created {
            Verb::Change
        } else {
            Verb::Create
        };
        let progress = match (&past.ending, standing) {
            // Its last word is said, and the record of the cluster does not say so yet.
            (Ending::Done | Ending::Failed(_), Some(_)) => Progress::Running,
            (Ending::Done, _) => Progress::Done,
            (Ending::Failed(_), _) => Progress::Failed(past.sentence.trim_start_matches("Error: ").to_owned()),
            (_, Some(Standing::Queued)) => Progress::Queued,
            // It has said nothing as long as it plans.
            (Ending::UnderWay, _) | (_, Some(Standing::Running)) if past.sentence.is_empty() => Progress::Queued,
            (Ending::UnderWay, _) | (_, Some(Standing::Running)) => Progress::Running,
            // The service goes on with it in a moment.
            (Ending::CutOff, None) if self.kept.under_way.is_some_and(of) => Progress::Queued,
            (Ending::CutOff, None) => {
                let verb = &past.asked.operation;
                Progress::Failed(format!("operation {} ({verb}) was cut off: its process ended before it", past.number))
            }
        };
        SeenOperation { id: past.number.to_string(), verb, progress }
    }

    /// A failure on this project.
    pub(super) fn refused(&self, failure: &Failure) -> Refusal {
        refused(failure, &self.project)
    }
}
