//! An OpenStack: where its settings stand on this machine, and signing in with them.

use std::io;
use std::path::{Path, PathBuf};

use super::cloud::{Reached, heat_failure};
use super::compile::wrong;
use super::failure::{Failure, FailureKind};
use super::{Project, files};
use crate::heat::auth::{CloudName, Tls};
use crate::heat::clouds::{self, CloudChoice, CloudInputs, ConfigFile};
use crate::heat::{Certificates, Cloud, Transport};

/// Endings of the files, in the order tried.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

impl Project {
    /// Signs in at the OpenStack that a `provider` block means.
    ///
    /// # Errors
    /// Files that cannot be read, settings that are missing or wrong, a cloud that does not answer or refuses.
    pub(super) async fn reach_openstack(&self, choice: &CloudChoice) -> Result<Reached, Failure> {
        let (config, diagnostics) = clouds::configure(&self.cloud_inputs()?, choice);
        let Some(config) = config else { return Err(wrong(diagnostics)) };
        let transport = Transport::network(&self.certificates(&config.tls)?).map_err(|fault| {
            Failure::new(FailureKind::Cloud, "the HTTP client cannot be created")
                .because(&fault)
                .help("check `cacert`, `cert` and `key`: they name files with PEM certificates and a PEM key")
        })?;
        let transport = transport.told_to(self.calls.clone());
        let cloud = Cloud::connect(transport, config.clone()).await.map_err(|fault| heat_failure(&fault))?;
        let identity = cloud.identity().await;
        let place = match &config.name {
            CloudName::Entry(name) => format!("`{name}`, {identity}"),
            CloudName::Environment => identity.to_string(),
        };
        Ok(Reached::elsewhere(cloud, identity, place))
    }

    /// What this machine has to say of clouds: the first of each kind of file, and the environment.
    fn cloud_inputs(&self) -> Result<CloudInputs, Failure> {
        let (clouds, searched) = self.config_file("clouds", Some("OS_CLIENT_CONFIG_FILE"))?;
        let (secure, _) = self.config_file("secure", Some("OS_CLIENT_SECURE_FILE"))?;
        let (profiles, _) = self.config_file("clouds-public", None)?;
        Ok(CloudInputs { clouds, secure, profiles, searched, environment: self.request.environment.clone() })
    }

    /// Names of the clouds that `clouds.yaml` has; none where it cannot be read.
    pub fn cloud_names(&self) -> Vec<String> {
        self.cloud_inputs().map(|inputs| clouds::names(&inputs)).unwrap_or_default()
    }

    /// The first file of this name, and where it is looked for, folder by folder. The environment's counts before all
    /// others.
    fn config_file(&self, stem: &str, variable: Option<&str>) -> Result<(Option<ConfigFile>, Vec<String>), Failure> {
        let folders = self.config_folders();
        let searched = folders.iter().map(|folder| files::shown(&folder.join(format!("{stem}.yaml"))).to_string());
        let searched: Vec<String> = searched.collect();
        if let Some((variable, path)) = variable.and_then(|name| Some((name, self.variable(name)?))) {
            let path = self.path(path)?;
            // Whoever names a file does not mean the next one that is found.
            let bytes = files::read_existing(&path)
                .map_err(|fault| unreadable(&path, &fault).help(format!("{variable} names it: correct or unset it")))?;
            return Ok((Some(ConfigFile { path: files::shown(&path).to_string(), bytes }), searched));
        }
        let below = folders.iter().flat_map(|folder| ENDINGS.map(|ending| folder.join(format!("{stem}.{ending}"))));
        let mut found = None;
        for path in below {
            let bytes = files::read(&path).map_err(|fault| unreadable(&path, &fault))?;
            if let Some(bytes) = bytes {
                found = Some(ConfigFile { path: files::shown(&path).to_string(), bytes });
                break;
            }
        }
        Ok((found, searched))
    }

    /// Folders with the files of clouds, the first one first: those of every OpenStack tool.
    fn config_folders(&self) -> Vec<PathBuf> {
        let own = self.request.home.as_ref().map(|home| home.join(".config"));
        let desktop = self.variable("XDG_CONFIG_HOME").map(PathBuf::from).or(own);
        let system = Some(PathBuf::from("/etc"));
        let below = [desktop, system].into_iter().flatten().map(|folder| folder.join("openstack"));
        std::iter::once(self.directory().to_owned()).chain(below).collect()
    }

    /// A path that a setting names.
    fn path(&self, path: &str) -> Result<PathBuf, Failure> {
        self.reader()
            .resolve(path)
            .map_err(|fault| Failure::new(FailureKind::Cloud, format!("cannot read `{path}`: {fault}")))
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.request.variable(name).filter(|value| !value.is_empty())
    }

    /// Reads the certificates that a configuration names.
    fn certificates(&self, tls: &Tls) -> Result<Certificates, Failure> {
        let read = |path: &str| {
            let path = self.path(path)?;
            files::read_existing(&path).map_err(|fault| {
                unreadable(&path, &fault)
                    .help("`cacert`, `cert` and `key` name PEM files: correct the path, or allow reading it")
            })
        };
        let mut certificates = Certificates { unverified: !tls.verify, ..Certificates::default() };
        if let Some(path) = &tls.authorities {
            certificates.authorities = read(path)?;
        }
        if let Some(client) = &tls.client {
            certificates.client = read(&client.certificate)?;
            if let Some(key) = &client.key {
                certificates.client.push(b'\n');
                certificates.client.extend(read(key)?);
            }
        }
        Ok(certificates)
    }
}

fn unreadable(path: &Path, fault: &io::Error) -> Failure {
    Failure::new(FailureKind::Cloud, format!("cannot read `{}`", files::shown(path)))
        .because(fault)
        .help("allow reading it, or remove it: it contains the cloud's credentials")
}
