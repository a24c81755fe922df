//! What the state says of a project beside its definitions, or after them: which cloud its clusters are on.

use super::Project;
use super::definition::Loaded;
use super::failure::{Failure, FailureKind};
use super::{FOLDER, files};
use crate::language::STATE_PATH;
use crate::model::{CloudIdentity, Provider};
use crate::source::{Diagnostic, listed};
use crate::state::State;

impl Project {
    /// The failure of a command that needs a definition where there is none. `destroy`, `show` and `output` need none
    /// where there is a state: what they need is in it.
    ///
    /// # Errors
    /// Always, but where `may_lack` says that a state is enough and there is one.
    pub(super) fn require_definition(&self, may_lack: bool) -> Result<(), Failure> {
        let directory = self.directory();
        let usual = self.workspace()?.state_path(STATE_PATH);
        let state = matches!(files::identity(&directory.join(&usual)), Ok(Some(_)));
        if state && may_lack {
            return Ok(());
        }
        let failure =
            Failure::new(FailureKind::Definition, format!("no `*.disco.hcl` file in `{}`", directory.display()));
        let copies = self.workspace_folder()?.join("states");
        let applied = || files::list(&copies).is_ok_and(|copies| !copies.is_empty());
        Err(if state {
            failure.help(format!(
                "put the definitions back; `disco show` prints what {usual} knows of the clusters, `disco destroy` \
                 destroys them"
            ))
        } else if applied() {
            failure.help(format!(
                "put the definitions back: clusters were applied here, and {usual}, where their state is kept by \
                 default, does not exist. If only the state is left, say where it is in a file NAME.disco.hcl: \
                 disco {{ state \"local\" {{ path = \"…\" }} }}"
            ))
        } else {
            failure.help("go to a project's folder, name it with -C, or write a definition there")
        })
    }

    /// The cloud to work on: the one that the definition names, which must be that of the clusters that live; without a
    /// definition that of the clusters.
    ///
    /// # Errors
    /// A definition that names another cloud than the state, which would forget its clusters or make them twice; a
    /// state that does not say which cloud it is of.
    pub(super) fn provider(&self, loaded: &Loaded, state: Option<&State>) -> Result<Provider, Failure> {
        let state = state.filter(|state| !state.clusters.is_empty());
        let known = state.and_then(|state| self.cloud_of(state));
        let provider = &loaded.settings.provider;
        let Some(state) = state else { return Ok(provider.clone()) };
        let shown = loaded.state_shown(self.directory());
        match (known, provider) {
            (None, _) if !loaded.is_defined() => {
                let message = format!("`{shown}` does not say which cloud its clusters are on");
                Err(Failure::new(FailureKind::State, message).help(format!(
                    "bring back {FOLDER}/engine if they are on the embedded Heat, or name their cloud in a file \
                     NAME.disco.hcl: provider \"local\" {{}}"
                )))
            }
            // A state that does not say it is of a version of DISCO that knew the embedded Heat only.
            (None, Provider::OpenStack { .. }) => Err(another_cloud(
                &CloudIdentity::Embedded,
                "`provider \"openstack\"` is another cloud",
                provider,
                state,
            )),
            // What its nodes are is known by the embedded Heat alone.
            (Some(CloudIdentity::Embedded), Provider::Local { .. }) if !loaded.is_defined() => {
                Ok(self.engine_that_is())
            }
            // Which OpenStack it is cannot be told before it is reached.
            (None, Provider::Local { .. })
            | (Some(CloudIdentity::Embedded), Provider::Local { .. })
            | (Some(CloudIdentity::OpenStack { .. }), Provider::OpenStack { .. }) => Ok(provider.clone()),
            (Some(CloudIdentity::OpenStack { region, .. }), Provider::Local { max_resources_per_stack, .. })
                if !loaded.is_defined() =>
            {
                // Who signs in and how is the environment's to say.
                Ok(Provider::OpenStack {
                    cloud: None,
                    region,
                    max_resources_per_stack: *max_resources_per_stack,
                    origin: None,
                })
            }
            (Some(known), _) => {
                let there = match provider {
                    Provider::Local { origin: None, .. } => "without a `provider` block the embedded Heat is used",
                    Provider::Local { .. } => "`provider \"local\"` is the embedded Heat",
                    Provider::OpenStack { .. } => "`provider \"openstack\"` is another cloud",
                };
                Err(another_cloud(&known, there, provider, state))
            }
        }
    }

    /// Makes sure that the cloud that was reached is that of the clusters that live.
    ///
    /// # Errors
    /// Another cloud, or another project of it.
    pub(super) fn recognise(
        reached: &CloudIdentity,
        provider: &Provider,
        state: Option<&State>,
    ) -> Result<(), Failure> {
        let Some(state) = state.filter(|state| !state.clusters.is_empty()) else { return Ok(()) };
        match &state.cloud {
            Some(known) if !known.is_same(reached) => {
                Err(another_cloud(known, &format!("the provider is {reached}"), provider, state))
            }
            _ => Ok(()),
        }
    }

    /// Which cloud the clusters of a state are on, if that can be told: a state that does not say it is of a version of
    /// DISCO that knew the embedded Heat only, whose store is then here.
    fn cloud_of(&self, state: &State) -> Option<CloudIdentity> {
        let embedded = || files::require_folder(&self.engine_folder()).is_ok().then_some(CloudIdentity::Embedded);
        state.cloud.clone().or_else(embedded)
    }
}

/// The refusal of a definition that names another cloud than the one that the clusters are on.
fn another_cloud(known: &CloudIdentity, there: &str, provider: &Provider, state: &State) -> Failure {
    let names: Vec<String> = state.clusters.keys().map(|name| format!("`{name}`")).collect();
    let (clusters, are) = if names.len() == 1 { ("cluster", "is") } else { ("clusters", "are") };
    let (Provider::Local { origin, .. } | Provider::OpenStack { origin, .. }) = provider;
    let before = match (known, provider) {
        (CloudIdentity::Embedded, _) => "write `provider \"local\" {}` again",
        (CloudIdentity::OpenStack { .. }, Provider::Local { .. }) => "write `provider \"openstack\" { … }` again",
        (CloudIdentity::OpenStack { .. }, Provider::OpenStack { .. }) => {
            "set `cloud` and `region` here, or OS_CLOUD, to that cloud"
        }
    };
    let message = format!("{clusters} {} {are} on {known}, {there}", listed(&names));
    let refusal = Diagnostic::error("disco::another_cloud", message).at_maybe(*origin, "another cloud").help(format!(
        "{before}. To move to another cloud, run `disco destroy` before the provider changes; to have \
         clusters on both, keep the others in a folder of their own"
    ));
    Failure::of(FailureKind::Refused, refusal.into())
}
