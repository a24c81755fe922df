//! The application credential of a project: what carries out its operations when the token of whoever asked has run out.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::access::{CloudAccess, TeamAccess};
use crate::heat::auth::{ApplicationCredential, Secret, SignIn};
use crate::heat::{Cloud, HeatError};
use crate::model::Provider;
use crate::project::cloud::heat_failure;
use crate::project::session::now;
use crate::project::{Failure, Project, Request};

/// The note of it, which is encrypted with the service's key.
const NOTE: &str = "credential.json";

/// How long one lasts.
const LIFETIME: Duration = Duration::from_hours(24 * 90);

/// So long before its end a new one takes its place.
const MARGIN: Duration = Duration::from_hours(24 * 30);

/// A credential as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    secret: String,
    /// When it ends, RFC 3339.
    until: String,
}

impl Kept {
    fn sign_in(&self) -> SignIn {
        let credential = ApplicationCredential::Id(self.id.clone());
        SignIn::ApplicationCredential { credential, secret: Secret::new(&*self.secret) }
    }

    /// Whether it is good for a while yet.
    fn lasts(&self) -> bool {
        let until: Option<Timestamp> = self.until.parse().ok();
        let wanted = now().parse::<Timestamp>().ok().and_then(|now| now.checked_add(MARGIN).ok());
        until.zip(wanted).is_some_and(|(until, wanted)| until > wanted)
    }
}

impl Project {
    /// The same project, asked for with a credential that outlives the token of whoever asks: the one that is kept, or a new one.
    /// Where the clouds of this machine are used, or none, that is the project as it is.
    ///
    /// # Errors
    /// A cloud that makes no credential, such as for somebody who is signed in with a restricted one; a note that cannot be read
    /// or kept.
    pub async fn lasting(&self) -> Result<Self, Failure> {
        let same = |clouds: CloudAccess| Self::new(Request { clouds, ..self.request.clone() });
        let CloudAccess::Team(access) = &self.request.clouds else { return Ok(same(CloudAccess::OwnMachine)) };
        let (loaded, _) = self.load_or_remember()?;
        if matches!(loaded.settings.provider, Provider::Local { .. }) && access.embedded {
            return Ok(same(self.request.clouds.clone()));
        }
        let known = self.kept(access)?;
        let with = |kept: &Kept| {
            same(CloudAccess::Team(Box::new(TeamAccess { lasting: Some(kept.sign_in()), ..(**access).clone() })))
        };
        let mut old = None;
        if let Some(known) = known {
            match access.cloud.connect(known.sign_in(), None).await {
                Ok(_) if known.lasts() => return Ok(with(&known)),
                Ok(cloud) => old = Some((cloud, known)),
                // Its owner has left, or somebody has deleted it: whoever asks now makes another one.
                Err(fault) if fault.is_nobody() && access.sign_in.is_some() => {}
                Err(fault) => return Err(heat_failure(&fault)),
            }
        }
        let cloud = match (&access.sign_in, &old) {
            (Some(sign_in), _) => {
                access.cloud.connect(sign_in.clone(), None).await.map_err(|fault| heat_failure(&fault))?
            }
            (None, Some((cloud, _))) => cloud.clone(),
            // That nobody asks is told where the cloud is turned to.
            (None, None) => return Ok(same(self.request.clouds.clone())),
        };
        let kept = self.make(&cloud).await.map_err(|fault| {
            let restricted = fault.fault().is_some_and(|fault| fault.status == http::StatusCode::FORBIDDEN);
            let failure = heat_failure(&fault);
            if !restricted {
                return failure;
            }
            failure.help(
                "sign in with a password, or with an application credential that was made with --unrestricted: what the service \
                 does for you goes on when your token has run out",
            )
        })?;
        let sealed = serde_json::to_vec(&kept).map_err(|fault| super::key::unusable("kept").because(&fault))?;
        let sealed = access.key.seal(&sealed, &self.belongs())?;
        if let Err(failure) = self.keep_note(NOTE, &sealed) {
            let _ = cloud.delete_application_credential(&kept.id).await;
            return Err(failure);
        }
        if let Some((cloud, old)) = old {
            // It ends by itself where this comes to nothing.
            let _ = cloud.delete_application_credential(&old.id).await;
        }
        Ok(with(&kept))
    }

    async fn make(&self, cloud: &Cloud) -> Result<Kept, HeatError> {
        let until = now().parse::<Timestamp>().and_then(|now| now.checked_add(LIFETIME));
        let until = until.map(|until| until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default();
        let random = uuid_of_credential();
        let project = self.belongs();
        let name = format!("disco-{project}-{}", random.get(..8).unwrap_or_default());
        let description = format!("made by DISCO's service for its project {project}");
        let made = cloud.make_application_credential(&name, &description, &until).await?;
        Ok(Kept { id: made.id, secret: made.secret.expose().to_owned(), until })
    }

    fn kept(&self, access: &TeamAccess) -> Result<Option<Kept>, Failure> {
        let Some(bytes) = self.note(NOTE)? else { return Ok(None) };
        let plain = access.key.open_sealed(bytes, &self.belongs())?;
        serde_json::from_slice(&plain).map(Some).map_err(|fault| super::key::unusable("read").because(&fault))
    }

    /// Whose a credential is: the project's.
    fn belongs(&self) -> String {
        self.directory().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Deletes the project's credential at its cloud, where it has one. What cannot be deleted ends by itself.
    pub(in crate::project) async fn forget_credential(&self) {
        let Some(access) = self.request.clouds.team() else { return };
        let Ok(Some(kept)) = self.kept(access) else { return };
        if let Ok(cloud) = access.cloud.connect(kept.sign_in(), None).await {
            let _ = cloud.delete_application_credential(&kept.id).await;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "names of credentials are new ones")]
fn uuid_of_credential() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
