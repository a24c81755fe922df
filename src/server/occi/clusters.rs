//! What the interface is a face of.

use std::future::Future;

use super::change::ClusterChange;
use super::cluster_request::ClusterRequest;
use super::credentials::Credentials;
use super::refusal::Refusal;
use super::view::ClusterView;
use crate::catalogue::Catalogue;

/// Clusters of callers. One cluster of this interface is one project of the service.
pub trait Clusters: Sync {
    /// A caller that is known: user and tenant, by id.
    type Caller: Send + Sync;

    /// Who that is. A password is exchanged for a token at once and forgotten.
    ///
    /// # Errors
    /// [`RefusalKind::Unauthenticated`](super::RefusalKind::Unauthenticated) for a token that is unknown or another
    /// tenant's.
    fn authenticate(&self, credentials: &Credentials) -> impl Future<Output = Result<Self::Caller, Refusal>> + Send;

    /// The frameworks that clusters can have.
    fn catalogue(&self) -> &Catalogue;

    /// The region of the cloud that the caller's clusters are on; `None` where it has no name.
    fn region(&self, caller: &Self::Caller) -> Option<String>;

    /// Writes the definition, checks and plans it, starts to apply it unless it is to be planned only, and returns the
    /// cluster's id: a UUID.
    ///
    /// # Errors
    /// Mistakes of the definition, with their text.
    fn create(
        &self,
        caller: &Self::Caller,
        request: &ClusterRequest,
    ) -> impl Future<Output = Result<String, Refusal>> + Send;

    /// The caller's own clusters, in a stable order.
    ///
    /// # Errors
    /// Where they cannot be listed.
    fn list(&self, caller: &Self::Caller) -> impl Future<Output = Result<Vec<ClusterView>, Refusal>> + Send;

    /// One of them. Says what is known; it never fails because the cluster is not ready yet.
    ///
    /// # Errors
    /// [`Refusal::unknown`].
    fn get(&self, caller: &Self::Caller, id: &str) -> impl Future<Output = Result<ClusterView, Refusal>> + Send;

    /// Starts to suspend it, and returns it with that run state.
    ///
    /// # Errors
    /// [`Refusal::unknown`], another operation under way.
    fn suspend(&self, caller: &Self::Caller, id: &str) -> impl Future<Output = Result<ClusterView, Refusal>> + Send;

    /// Starts to resume it, and returns it with that run state.
    ///
    /// # Errors
    /// [`Refusal::unknown`], another operation under way.
    fn resume(&self, caller: &Self::Caller, id: &str) -> impl Future<Output = Result<ClusterView, Refusal>> + Send;

    /// Changes the definition ([`updated()`](super::updated)), plans it and starts to apply it.
    ///
    /// # Errors
    /// [`Refusal::unknown`]; mistakes of the definition; a plan that would lose data, which is
    /// [`RefusalKind::Conflict`](super::RefusalKind::Conflict) with the plan's sentence.
    fn update(
        &self,
        caller: &Self::Caller,
        id: &str,
        change: &ClusterChange,
    ) -> impl Future<Output = Result<ClusterView, Refusal>> + Send;

    /// Starts to destroy it.
    ///
    /// # Errors
    /// [`Refusal::unknown`], another operation under way.
    fn delete(&self, caller: &Self::Caller, id: &str) -> impl Future<Output = Result<(), Refusal>> + Send;
}
