//! Which clouds a definition may use, and as whom they are asked.

use std::sync::Arc;

use super::cloud::TeamCloud;
use super::key::CredentialKey;
use crate::heat::auth::SignIn;
use crate::heat::clouds::CloudChoice;
use crate::language::Settings;
use crate::model::{Provider, StatePlace};
use crate::project::cloud::{Reached, heat_failure};
use crate::project::{Failure, FailureKind, Place, Project};
use crate::source::{Diagnostic, Span, did_you_mean};

/// Which clouds a definition may use, and as whom they are asked.
#[derive(Clone, Debug, Default)]
pub enum CloudAccess {
    /// Those that this machine's files and environment name, as whoever they say.
    #[default]
    OwnMachine,
    /// The one at which whoever asks a service has signed in.
    Team(Box<TeamAccess>),
}

/// What a caller of a service may use.
#[derive(Clone, Debug)]
pub struct TeamAccess {
    /// The cloud at which they have signed in.
    pub cloud: Arc<TeamCloud>,
    /// All clouds of the service, for what is said of others.
    pub clouds: Arc<Vec<String>>,
    /// How they are signed in; absent where nobody asks, and the service works on what it was asked before.
    pub sign_in: Option<SignIn>,
    /// What stands in for them when their token is refused, where something is begun that may outlive it.
    pub lasting: Option<SignIn>,
    /// Whether the embedded Heat may be used.
    pub embedded: bool,
    /// The service's key.
    pub key: CredentialKey,
}

impl CloudAccess {
    /// What a caller of a service may use, where it is one who asks.
    pub(in crate::project) fn team(&self) -> Option<&TeamAccess> {
        match self {
            Self::OwnMachine => None,
            Self::Team(access) => Some(access),
        }
    }
}

fn refusal(origin: Option<Span>, message: impl Into<String>, label: &str, help: impl Into<String>) -> Diagnostic {
    Diagnostic::error("disco::not_in_a_service", message).at_maybe(origin, label).help(help)
}

/// What is said of a state that is kept elsewhere.
const KEEPS: &str = "this service keeps states itself";

impl TeamAccess {
    /// The refusal of a provider that callers of the service may not use.
    fn provider_refusal(&self, provider: &Provider) -> Option<Diagnostic> {
        let own = self.cloud.name();
        let write = format!("write `provider \"openstack\" {{ cloud = \"{own}\" }}`");
        match provider {
            Provider::Local { origin, .. } => (!self.embedded).then(|| {
                refusal(*origin, "this service has no embedded Heat", "would run on the machine of the service", write)
            }),
            Provider::OpenStack { cloud: Some(cloud), origin, .. } if cloud != own => {
                if self.clouds.contains(cloud) {
                    let message = format!("you are signed in at cloud `{own}`, and this is of `{cloud}`");
                    let help = format!("sign in at `{cloud}` to work on it");
                    return Some(refusal(*origin, message, "another cloud", help));
                }
                let help = did_you_mean(cloud, self.clouds.iter().map(String::as_str));
                let help = help.filter(|help| help.starts_with("did you")).unwrap_or(write);
                Some(refusal(*origin, format!("this service knows no cloud `{cloud}`"), "named here", help))
            }
            Provider::OpenStack { .. } => None,
        }
    }

    /// Refuses a provider that callers of the service may not use.
    ///
    /// # Errors
    /// That.
    pub(in crate::project) fn require(&self, provider: &Provider) -> Result<(), Failure> {
        let refused = self.provider_refusal(provider);
        refused.map_or(Ok(()), |refusal| Err(Failure::of(FailureKind::Definition, refusal.into())))
    }

    /// What a definition says of cloud and state that callers of the service may not have. States are with the service, which
    /// would otherwise turn to whatever address a definition names.
    pub(in crate::project) fn refusals(&self, settings: &Settings) -> Vec<Diagnostic> {
        let state = match &settings.state {
            StatePlace::Local { path } if is_within(path) => None,
            StatePlace::Local { .. } => Some((None, "the state would be outside of the project")),
            StatePlace::Http(place) => Some((place.origin, KEEPS)),
            StatePlace::S3(place) => Some((place.origin, KEEPS)),
            StatePlace::Postgres(place) => Some((place.origin, KEEPS)),
        };
        let state = state.map(|(origin, message)| refusal(origin, message, "elsewhere", "remove the `state` block"));
        self.provider_refusal(&settings.provider).into_iter().chain(state).collect()
    }
}

fn nobody_asks() -> Failure {
    Failure::new(FailureKind::Cloud, "the service has no credentials for this project any more")
        .help("sign in and apply again: it continues from what Heat has")
}

/// Whether a path stays within the folder that it is relative to, as it is written.
fn is_within(path: &str) -> bool {
    use std::path::{Component, Path};
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

impl Project {
    /// Whether nothing outside of the project may be read: whose it is, is not whose machine this is.
    pub(in crate::project) fn is_confined(&self) -> bool {
        self.request.clouds.team().is_some()
    }

    /// Where a cluster is of which nobody has said it: on the embedded Heat, or in the cloud at which whoever asks has signed in.
    pub fn usual_place(&self) -> Place {
        self.request.clouds.team().map_or(Place::Simulated, |access| Place::Cloud(access.cloud.name().to_owned()))
    }

    /// Turns to the cloud at which whoever asks has signed in.
    ///
    /// # Errors
    /// Nobody asks; a cloud that does not answer or refuses.
    pub(in crate::project) async fn reach_as_caller(
        &self,
        access: &TeamAccess,
        choice: &CloudChoice,
    ) -> Result<Reached, Failure> {
        // A stack is created with the caller's own token: Heat makes a trust for it, which newer Keystones refuse to application
        // credentials.
        let region = choice.region.as_deref();
        let cloud = match (access.sign_in.clone(), access.lasting.clone()) {
            (Some(sign_in), Some(lasting)) => Box::pin(access.cloud.connect_lasting(sign_in, lasting, region)).await,
            (Some(only), None) | (None, Some(only)) => Box::pin(access.cloud.connect(only, region)).await,
            (None, None) => return Err(nobody_asks()),
        };
        let cloud = cloud.map_err(|fault| heat_failure(&fault))?;
        let identity = cloud.identity().await;
        let place = format!("`{}`, {identity}", access.cloud.name());
        Ok(Reached::elsewhere(cloud, identity, place))
    }
}
