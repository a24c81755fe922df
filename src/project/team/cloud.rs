//! A cloud that a service is configured for.

use std::path::Path;

use crate::heat::auth::{CloudName, SignIn, Tls};
use crate::heat::{Certificates, Cloud, CloudConfig, HeatError, Retry, SignedIn, Transport};
use crate::model::ServiceCloud;
use crate::project::cloud::heat_failure;
use crate::project::{Failure, FailureKind, files};

/// How often signing in is tried: whoever waits for it is a person, or a program that asks again.
const ATTEMPTS: u32 = 2;

/// How long Keystone has for an answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// A cloud at which people sign in.
#[derive(Debug)]
pub struct TeamCloud {
    name: String,
    settings: ServiceCloud,
    transport: Transport,
}

/// Why nobody is signed in.
#[derive(Debug)]
pub enum SignInFault {
    /// Keystone does not know them, or not any more.
    Unknown,
    /// They have signed in without a project of Keystone.
    NoTenant,
    /// It could not be asked.
    Failed(Failure),
}

impl TeamCloud {
    /// That of a configuration, whose paths are relative to `folder`.
    ///
    /// # Errors
    /// Certificates that cannot be read.
    pub fn open(name: &str, settings: &ServiceCloud, folder: &Path) -> Result<Self, Failure> {
        let mut certificates = Certificates::default();
        if let Some(path) = &settings.cacert {
            let path = folder.join(path);
            certificates.authorities = files::read_existing(&path).map_err(|fault| {
                let message = format!("cannot read `cacert` of cloud `{name}`, `{}`", files::shown(&path));
                Failure::new(FailureKind::Definition, message).because(&fault).help("name a PEM file")
            })?;
        }
        let transport = Transport::network(&certificates).map_err(|fault| {
            Failure::new(FailureKind::Cloud, "the HTTP client cannot be created")
                .because(&fault)
                .help("check `cacert`: it names a file with PEM certificates")
        })?;
        Ok(Self { name: name.to_owned(), settings: settings.clone(), transport })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the configuration says of it.
    pub fn settings(&self) -> &ServiceCloud {
        &self.settings
    }

    /// Signs in: who that is, with a token.
    ///
    /// # Errors
    /// Nobody that Keystone knows; a Keystone that does not answer.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<SignedIn, SignInFault> {
        let retry = Retry { attempts: ATTEMPTS, patience: PATIENCE, ..Retry::default() };
        let config = self.config(sign_in, None, None);
        let connected = Cloud::connect_with(self.transport.clone(), config, retry).await;
        match connected {
            Ok(cloud) => Ok(cloud.signed_in().await),
            Err(fault) if fault.is_nobody() => Err(SignInFault::Unknown),
            Err(fault) if fault.is_without_project() => Err(SignInFault::NoTenant),
            Err(fault) => Err(SignInFault::Failed(heat_failure(&fault))),
        }
    }

    /// Its client, for whoever that is; in another region than the configured one, if that is wanted.
    pub(super) async fn connect(&self, sign_in: SignIn, region: Option<&str>) -> Result<Cloud, HeatError> {
        Cloud::connect(self.transport.clone(), self.config(sign_in, None, region)).await
    }

    /// The same for somebody whom a lasting credential stands in for, once their own token is refused.
    pub(super) async fn connect_lasting(
        &self,
        sign_in: SignIn,
        lasting: SignIn,
        region: Option<&str>,
    ) -> Result<Cloud, HeatError> {
        let config = self.config(sign_in, Some(lasting.clone()), region);
        match Cloud::connect(self.transport.clone(), config).await {
            Err(fault) if fault.is_nobody() => self.connect(lasting, region).await,
            connected => connected,
        }
    }

    fn config(&self, sign_in: SignIn, renewal: Option<SignIn>, region: Option<&str>) -> CloudConfig {
        CloudConfig {
            name: CloudName::Entry(self.name.clone()),
            auth_url: self.settings.auth_url.clone(),
            sign_in,
            renewal,
            region: region.map(str::to_owned).or_else(|| self.settings.region.clone()),
            interface: self.settings.interface,
            tls: Tls::default(),
            endpoints: std::collections::BTreeMap::new(),
        }
    }
}
