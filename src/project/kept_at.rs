//! Where a project's state is kept, as its definition says.

use super::Project;
use super::definition::Loaded;
use super::failure::{Failure, FailureKind};
use super::store::{Cipher, Remote, StateStore};
use super::workspace::Workspace;
use crate::model::{StatePlace, WORKSPACE_MARK};
use crate::source::{Diagnostic, Span};

impl Project {
    /// Where the state is kept.
    ///
    /// # Errors
    /// A server of which each workspace would have the same state.
    pub(super) fn store(&self, loaded: &Loaded) -> Result<StateStore, Failure> {
        let (directory, folder, workspace) = (self.directory(), self.folder(), &loaded.workspace);
        let store = match &loaded.settings.state {
            StatePlace::Local { path } => StateStore::local(directory, path, &folder, workspace),
            StatePlace::Http(place) => {
                let is_default = workspace.name().is_none();
                let Some(place) = place.in_workspace(workspace.word(), is_default) else {
                    return Err(without_workspace(workspace, place.origin));
                };
                let remote = Remote::http(&place, |name| self.request.variable(name))?;
                StateStore::remote(remote, directory, &folder, workspace)
            }
            StatePlace::S3(place) => {
                let Some(place) = place.in_workspace(workspace.word(), workspace.name().is_none()) else {
                    return Err(without_workspace(workspace, place.origin));
                };
                let remote = Remote::s3(&place, |name| self.request.variable(name))?;
                StateStore::remote(remote, directory, &folder, workspace)
            }
            StatePlace::Postgres(place) => {
                let remote = Remote::postgres(place, workspace.word(), |name| self.request.variable(name))?;
                StateStore::remote(remote, directory, &folder, workspace)
            }
        };
        Ok(store.sealed_with(self.cipher(loaded), self.notices.clone()))
    }

    /// What encrypts states and saved plans, where the definition says so.
    pub(super) fn cipher(&self, loaded: &Loaded) -> Option<Cipher> {
        loaded.settings.encryption.as_ref().map(|encryption| Cipher::new(encryption, &self.derived))
    }
}

/// The refusal of a server on which each workspace would have the same state.
fn without_workspace(workspace: &Workspace, origin: Option<Span>) -> Failure {
    let message = format!("the state of workspace `{}` would be that of all others", workspace.word());
    let refusal = Diagnostic::error("disco::state_without_workspace", message)
        .at_maybe(origin, format!("an address without `{WORKSPACE_MARK}`"))
        .help(format!(
            "write `{WORKSPACE_MARK}` in `address`, and in `lock_address` and `unlock_address` if they are there, or in `key` of \
             `state \"s3\"`: it stands for the workspace's name"
        ));
    Failure::of(FailureKind::Refused, refusal.into())
}
