//! Where a cloud is and how to sign in, and the `clouds.yaml` that says so to DISCO.

use std::fs;
use std::path::PathBuf;

use disco::heat::auth::{ApplicationCredential, InDomain, Named, SignIn};
use disco::heat::clouds::{CloudChoice, CloudInputs, ConfigFile, configure};
use disco::heat::{CloudConfig, Service};
use serde_json::{Value as Json, json};

use super::Proxy;
use crate::support::TestProject;

/// The embedded engine that a project serves.
pub(super) fn of_engine(project: &TestProject) -> CloudConfig {
    let holder: Json = serde_json::from_str(&project.read(".disco/engine/holder.json")).unwrap();
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let known = &holder["credentials"];
    let auth_url = text(&holder["url"]) + &text(&known["auth_path"]);
    CloudConfig::password(auth_url, text(&known["username"]), text(&known["password"]), text(&known["project_name"]))
}

/// A cloud by its name.
pub(crate) fn of_cloud(name: &str) -> CloudConfig {
    let inputs = CloudInputs {
        clouds: file("clouds", "OS_CLIENT_CONFIG_FILE"),
        secure: file("secure", "OS_CLIENT_SECURE_FILE"),
        searched: vec!["OS_CLIENT_CONFIG_FILE, ., ~/.config/openstack, /etc/openstack".to_owned()],
        ..CloudInputs::default()
    };
    let choice = CloudChoice { cloud: Some(name.to_owned()), region: None, origin: None };
    let (config, diagnostics) = configure(&inputs, &choice);
    config.unwrap_or_else(|| panic!("DISCO_TEST_CLOUD={name}: {diagnostics:#?}"))
}

fn file(stem: &str, variable: &str) -> Option<ConfigFile> {
    let home = std::env::var("HOME").unwrap_or_default();
    let folders = [".".to_owned(), format!("{home}/.config/openstack"), "/etc/openstack".to_owned()];
    let named = std::env::var(variable).ok().filter(|path| !path.is_empty()).map(PathBuf::from);
    let path = named.or_else(|| {
        folders.iter().map(|folder| PathBuf::from(format!("{folder}/{stem}.yaml"))).find(|path| path.exists())
    })?;
    Some(ConfigFile { path: path.display().to_string(), bytes: fs::read(&path).unwrap() })
}

/// A `clouds.yaml` with the entry `north`, whose addresses are all the proxy's. JSON is YAML.
pub(super) fn through(config: &CloudConfig, proxy: &Proxy) -> String {
    let mut auth = json!({ "auth_url": proxy.url(Service::Identity) });
    let mut entry = json!({ "interface": config.interface.name() });
    let put = |auth: &mut Json, key: &str, value: &str| auth[key] = value.into();
    match &config.sign_in {
        SignIn::Password { user, password, project } => {
            in_domain(&mut auth, "user", "username", user);
            in_domain(&mut auth, "project", "project_name", project);
            put(&mut auth, "password", password.expose());
        }
        SignIn::Token { token, project } => {
            entry["auth_type"] = "token".into();
            put(&mut auth, "token", token.expose());
            if let Some(project) = project {
                in_domain(&mut auth, "project", "project_name", project);
            }
        }
        SignIn::ApplicationCredential { credential, secret } => {
            entry["auth_type"] = "v3applicationcredential".into();
            put(&mut auth, "application_credential_secret", secret.expose());
            match credential {
                ApplicationCredential::Id(id) => put(&mut auth, "application_credential_id", id),
                ApplicationCredential::Name { name, user } => {
                    put(&mut auth, "application_credential_name", name);
                    in_domain(&mut auth, "user", "username", user);
                }
            }
        }
    }
    entry["auth"] = auth;
    if let Some(region) = &config.region {
        entry["region_name"] = region.as_str().into();
    }
    for service in Service::ALL.into_iter().filter(|service| *service != Service::Identity) {
        if let Some(url) = proxy.known(service) {
            entry[service.name().replace('-', "_") + "_endpoint_override"] = url.into();
        }
    }
    json!({ "clouds": { "north": entry } }).to_string()
}

/// A user or a project, and its domain.
fn in_domain(auth: &mut Json, what: &str, name_key: &str, of: &InDomain) {
    match of {
        InDomain::Id(id) => auth[format!("{what}_id")] = id.as_str().into(),
        InDomain::Name { name, domain } => {
            auth[name_key] = name.as_str().into();
            match domain {
                Named::Id(id) => auth[format!("{what}_domain_id")] = id.as_str().into(),
                Named::Name(name) => auth[format!("{what}_domain_name")] = name.as_str().into(),
            }
        }
    }
}
