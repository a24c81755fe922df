//! From fields to a configuration: which way to sign in, and whether all that it needs is there.

use std::collections::BTreeMap;

use super::Reader;
use super::fields::Fields;
use crate::heat::auth::{
    ApplicationCredential, ClientCertificate, CloudConfig, CloudName, DEFAULT_DOMAIN, InDomain, Named, Secret, SignIn,
    Tls,
};
use crate::heat::catalog::{Interface, Service};
use crate::source::did_you_mean;

/// The names that `auth_type` may have, and what each means.
const AUTH_TYPES: [(&str, AuthType); 7] = [
    ("password", AuthType::Password),
    ("v3password", AuthType::Password),
    ("token", AuthType::Token),
    ("v3token", AuthType::Token),
    ("v3applicationcredential", AuthType::ApplicationCredential),
    ("v3_application_credential", AuthType::ApplicationCredential),
    ("application_credential", AuthType::ApplicationCredential),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum AuthType {
    Password,
    Token,
    ApplicationCredential,
}

/// The configuration that the fields come to.
pub(super) fn config(reader: &mut Reader<'_>, name: CloudName, fields: &Fields) -> Option<CloudConfig> {
    let auth_url = auth_url(reader, fields);
    let sign_in = sign_in(reader, fields);
    let region = region(reader, fields);
    let interface = interface(reader, fields);
    let tls = tls(reader, fields);
    let endpoints = endpoints(reader, fields);
    Some(CloudConfig { name, auth_url: auth_url?, sign_in: sign_in?, renewal: None, region, interface, tls, endpoints })
}

/// Says that a field is missing, and every place where it may stand.
fn missing(reader: &mut Reader<'_>, fields: &Fields, key: &str) {
    let variable = format!("OS_{}", key.to_uppercase());
    let (message, help) = match &fields.cloud {
        CloudName::Entry(name) => (
            format!("`{key}` of cloud `{name}` is missing"),
            format!("add it under `auth` of `{name}` in clouds.yaml or secure.yaml, or set {variable}"),
        ),
        CloudName::Environment => (
            format!("`{key}` is missing: neither {variable} nor a cloud of clouds.yaml sets it"),
            format!("set {variable}, or name a cloud of clouds.yaml in OS_CLOUD"),
        ),
    };
    reader.error("disco::incomplete_credentials", message, "needed to sign in", Some(help));
}

/// Says that a field is not what it has to be, without quoting it.
fn invalid(reader: &mut Reader<'_>, fields: &Fields, key: &str, wanted: &str) {
    let message = format!("`{key}` in {} is not valid", fields.from(key));
    reader.error("disco::invalid_credentials", message, "needed for the cloud", Some(format!("set it to {wanted}")));
}

fn needed(reader: &mut Reader<'_>, fields: &Fields, key: &str) -> Option<String> {
    let found = fields.text(key);
    if found.is_none() {
        missing(reader, fields, key);
    }
    found
}

fn needed_secret(reader: &mut Reader<'_>, fields: &Fields, key: &str) -> Option<Secret> {
    needed(reader, fields, key).map(Secret::new)
}

fn auth_url(reader: &mut Reader<'_>, fields: &Fields) -> Option<String> {
    let url = needed(reader, fields, "auth_url")?;
    let is_url = url
        .parse::<http::Uri>()
        .is_ok_and(|uri| uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https")));
    if !is_url {
        invalid(reader, fields, "auth_url", "a URL such as https://cloud.example.org:5000/v3");
        return None;
    }
    if url.trim_end_matches('/').ends_with("/v2.0") {
        invalid(reader, fields, "auth_url", "the URL of Keystone version 3: without /v2.0, or with /v3");
        return None;
    }
    Some(url)
}

fn sign_in(reader: &mut Reader<'_>, fields: &Fields) -> Option<SignIn> {
    match auth_type(reader, fields)? {
        AuthType::Password => {
            let user = user(reader, fields);
            let password = needed_secret(reader, fields, "password");
            let project = project(fields);
            if project.is_none() {
                missing(reader, fields, "project_name");
            }
            Some(SignIn::Password { user: user?, password: password?, project: project? })
        }
        AuthType::Token => {
            Some(SignIn::Token { token: needed_secret(reader, fields, "token")?, project: project(fields) })
        }
        AuthType::ApplicationCredential => {
            let credential = application_credential(reader, fields);
            let secret = needed_secret(reader, fields, "application_credential_secret");
            Some(SignIn::ApplicationCredential { credential: credential?, secret: secret? })
        }
    }
}

/// The way that is named, or that what is there is made for.
fn auth_type(reader: &mut Reader<'_>, fields: &Fields) -> Option<AuthType> {
    let Some(named) = fields.text("auth_type") else {
        return Some(if fields.has("application_credential_secret") {
            AuthType::ApplicationCredential
        } else if fields.has("token") && !fields.has("password") {
            AuthType::Token
        } else {
            AuthType::Password
        });
    };
    let found = AUTH_TYPES.iter().find(|(name, _)| *name == named);
    if found.is_none() {
        let message = format!("`auth_type` \"{named}\" in {} is not supported", fields.from("auth_type"));
        let known = ["password", "token", "v3applicationcredential"];
        let help = did_you_mean(&named, known).map(|help| {
            format!("{help}; an application credential works where people sign in through a web page (OpenID, SAML)")
        });
        reader.error("disco::unsupported_sign_in", message, "", help);
    }
    found.map(|(_, way)| *way)
}

fn user(reader: &mut Reader<'_>, fields: &Fields) -> Option<InDomain> {
    let user = in_domain(fields, "user_id", "username", "user_domain");
    if user.is_none() {
        missing(reader, fields, "username");
    }
    user
}

fn project(fields: &Fields) -> Option<InDomain> {
    in_domain(fields, "project_id", "project_name", "project_domain")
}

fn application_credential(reader: &mut Reader<'_>, fields: &Fields) -> Option<ApplicationCredential> {
    if let Some(id) = fields.text("application_credential_id") {
        return Some(ApplicationCredential::Id(id));
    }
    let Some(name) = fields.text("application_credential_name") else {
        missing(reader, fields, "application_credential_id");
        return None;
    };
    Some(ApplicationCredential::Name { name, user: user(reader, fields)? })
}

fn in_domain(fields: &Fields, id: &str, name: &str, domain: &str) -> Option<InDomain> {
    if let Some(id) = fields.text(id) {
        return Some(InDomain::Id(id));
    }
    Some(InDomain::Name { name: fields.text(name)?, domain: self::domain(fields, domain) })
}

/// The domain of a name: its own, the one for both, the default.
fn domain(fields: &Fields, key: &str) -> Named {
    let id = |key: &str| fields.text(&format!("{key}_id")).map(Named::Id);
    let name = |key: &str| fields.text(&format!("{key}_name")).map(Named::Name);
    id(key)
        .or_else(|| name(key))
        .or_else(|| id("domain"))
        .or_else(|| name("domain"))
        .or_else(|| fields.text("default_domain").map(Named::Id))
        .unwrap_or_else(|| Named::Id(DEFAULT_DOMAIN.to_owned()))
}

fn region(reader: &mut Reader<'_>, fields: &Fields) -> Option<String> {
    let known = fields.regions();
    let wanted = reader.choice.region.clone().or_else(|| fields.text("region_name"));
    match wanted {
        Some(wanted) if !known.is_empty() && !known.contains(&wanted) => {
            let message = format!("region `{wanted}` does not exist in cloud `{}`", fields.cloud);
            let help = did_you_mean(&wanted, known.iter().map(String::as_str));
            reader.error("disco::unknown_region", message, "", help);
            None
        }
        Some(wanted) => Some(wanted),
        None => known.into_iter().next(),
    }
}

fn interface(reader: &mut Reader<'_>, fields: &Fields) -> Interface {
    let Some(text) = fields.text("interface") else { return Interface::default() };
    Interface::parse(&text).unwrap_or_else(|| {
        invalid(reader, fields, "interface", "`public`, `internal` or `admin`");
        Interface::default()
    })
}

fn tls(reader: &mut Reader<'_>, fields: &Fields) -> Tls {
    let mut truth = |key: &str| {
        fields.truth(key).unwrap_or_else(|()| {
            invalid(reader, fields, key, "`true` or `false`");
            None
        })
    };
    let verify = truth("verify").unwrap_or(true) && !truth("insecure").unwrap_or(false);
    let client = fields.text("cert").map(|certificate| ClientCertificate { certificate, key: fields.text("key") });
    Tls { verify, authorities: fields.text("cacert"), client }
}

/// Addresses that count instead of the catalog's: `orchestration_endpoint_override`, `compute_endpoint`, …
fn endpoints(reader: &mut Reader<'_>, fields: &Fields) -> BTreeMap<Service, String> {
    let mut found = BTreeMap::new();
    for end in ["_endpoint", "_endpoint_override"] {
        for (word, url) in fields.ending(end) {
            let kind = word.replace('_', "-");
            let service = Service::ALL.into_iter().find(|service| service.types().contains(&kind.as_str()));
            let Some(service) = service else { continue };
            if url.parse::<http::Uri>().is_ok_and(|uri| uri.host().is_some()) || url.contains(")s") {
                found.insert(service, url);
            } else {
                invalid(reader, fields, &format!("{word}{end}"), "a URL such as https://cloud.example.org:8004/v1");
            }
        }
    }
    found
}
