//! The configuration of a team's service: `service`, `cloud`, `limits` and `occi`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::blocks::{
    CLOUD, CloudAttributes, LIMITS, LimitsAttributes, OCCI, OcciAttributes, SERVICE, SERVICE_FILE, ServiceAttributes,
};
use super::decode::Decoder;
use super::definition::in_order;
use super::reported::Decoded;
use super::schema::{Attribute, block, blocks};
use crate::expression::{NoFiles, Scope};
use crate::model::{OcciDefaults, ServiceCloud, ServiceLimits, ServiceRoles, ServiceSettings, Sourced};
use crate::source::{Diagnostic, Diagnostics, SourceId, Sources};
use crate::syntax::parse;
use crate::syntax::tree::{Block, Body};

/// Where a service listens if nothing is said.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

const CODE: &str = "disco::invalid_service";

/// Reads the configuration of a service; `None` where it is wrong.
pub fn read_service(sources: &Sources, id: SourceId) -> (Option<ServiceSettings>, Diagnostics) {
    let (body, mut diagnostics) = parse(sources, id);
    let scope = Scope::new(sources, &NoFiles);
    let mut decoder = Decoder::new(&scope);
    SERVICE_FILE.check(&body, &mut decoder.diagnostics);
    let settings = settings(&body, &mut decoder);
    diagnostics.extend(decoder.diagnostics);
    let settings = settings.ok().filter(|_| !diagnostics.has_errors());
    (settings, in_order(diagnostics))
}

fn settings(body: &Body, decoder: &mut Decoder<'_, '_>) -> Decoded<ServiceSettings> {
    let clouds: BTreeMap<_, _> = blocks(body, "cloud").filter_map(|block| cloud(block, decoder)).collect();
    if block(body, "cloud").is_none() {
        decoder.report(
            Diagnostic::error(CODE, "nobody could sign in: the configuration has no `cloud` block")
                .help("write `cloud \"lab\" { auth_url = \"https://keystone.example.org:5000/v3\" }`"),
        );
    }
    let limits = block(body, "limits").map(|block| limits(block, decoder)).transpose();
    let occi = block(body, "occi").map(|block| occi(block, decoder)).transpose();
    let Some(service) = block(body, "service") else {
        return Err(decoder.report(
            Diagnostic::error(CODE, "the configuration has no `service` block")
                .help("write `service { projects = \"projects\" }`"),
        ));
    };
    let _ = SERVICE.open(service, &mut decoder.diagnostics);
    let at = ServiceAttributes::ALL;
    let projects = decoder.required(service, &at.projects);
    let public_url = public_url(service, decoder);
    let listen = listen(service, decoder);
    let key_file = text(service, &at.key_file, decoder);
    let embedded = decoder.read(service, &at.embedded);
    let (listen, public_url) = (listen?, public_url?);
    if let Some(listen) = &listen
        && !listen.value.ip().is_loopback()
        // It is one of HTTPS.
        && public_url.is_none()
    {
        decoder.report(
            Diagnostic::error(CODE, "tokens would cross the network in the clear")
                .at_maybe(listen.origin, "others reach this address")
                .help("put a proxy before it that speaks TLS, and write its address: public_url = \"https://disco.example.org\""),
        );
    }
    Ok(ServiceSettings {
        listen: listen.map_or(LISTEN, |listen| listen.value),
        public_url,
        projects: projects?.value,
        key_file: key_file?,
        embedded: embedded?.is_some_and(|embedded| embedded.value),
        clouds,
        limits: limits?.unwrap_or_default(),
        occi: occi?.unwrap_or_default(),
    })
}

fn text(block: &Block, attribute: &Attribute<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<Option<String>> {
    Ok(decoder.read(block, attribute)?.map(|text| text.value))
}

fn listen(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Option<Sourced<SocketAddr>>> {
    let Some(Sourced { value, origin }) = decoder.read(block, &ServiceAttributes::ALL.listen)? else { return Ok(None) };
    match value.parse() {
        Ok(value) => Ok(Some(Sourced { value, origin })),
        Err(_) => Err(decoder.report(
            Diagnostic::error(CODE, format!("\"{value}\" is not an address and a port"))
                .at_maybe(origin, "cannot be listened at")
                .help("write for instance \"127.0.0.1:8080\", or \"[::1]:8080\""),
        )),
    }
}

/// An address that browsers keep cookies for: with a host, and nothing after it.
fn public_url(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Option<String>> {
    let Some(Sourced { value, origin }) = decoder.read(block, &ServiceAttributes::ALL.public_url)? else {
        return Ok(None);
    };
    let url = value.trim_end_matches('/');
    let host = url.strip_prefix("https://").unwrap_or_default();
    if !host.is_empty() && host.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.:[]".contains(letter)) {
        return Ok(Some(url.to_owned()));
    }
    Err(decoder.report(
        Diagnostic::error(CODE, format!("people cannot reach the service at \"{value}\""))
            .at_maybe(origin, "not `https://` and a host")
            .help("write for instance \"https://disco.example.org\"; a service cannot be below a path"),
    ))
}

fn cloud(block: &Block, decoder: &mut Decoder<'_, '_>) -> Option<(String, ServiceCloud)> {
    let name = CLOUD.open_named(block, &mut decoder.diagnostics).ok()?.text.to_string();
    let at = CloudAttributes::ALL;
    let roles = |attribute: &Attribute<Vec<Sourced<String>>>, usual: Vec<String>, decoder: &mut Decoder<'_, '_>| {
        let given = decoder.read(block, attribute)?;
        Ok(given.map_or(usual, |given| given.value.into_iter().map(|role| role.value).collect()))
    };
    let auth_url = auth_url(block, decoder);
    let region = text(block, &at.region, decoder);
    let interface = decoder.read(block, &at.interface);
    let cacert = text(block, &at.cacert, decoder);
    let usual = ServiceRoles::default();
    let see = roles(&at.see, usual.see, decoder);
    let work = roles(&at.work, usual.work, decoder);
    let manage = roles(&at.manage, usual.manage, decoder);
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(fits) {
        let label = block.labels.first()?;
        decoder.report(
            Diagnostic::error(CODE, format!("a cloud cannot have the name \"{name}\""))
                .at(label.span, "is the name of a folder, too")
                .help("use letters, digits, `-`, `_` and `.`"),
        );
    }
    let read = || -> Decoded<ServiceCloud> {
        Ok(ServiceCloud {
            auth_url: auth_url?,
            region: region?,
            interface: interface?.map(|interface| interface.value).unwrap_or_default(),
            cacert: cacert?,
            roles: ServiceRoles { see: see?, work: work?, manage: manage? },
        })
    };
    read().ok().map(|cloud| (name, cloud))
}

fn auth_url(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<String> {
    let Sourced { value, origin } = decoder.required(block, &CloudAttributes::ALL.auth_url)?;
    let host = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://")).unwrap_or_default();
    let host = host.split('/').next().unwrap_or_default();
    if !host.is_empty() && !host.contains('@') && !value.contains(|one: char| one.is_whitespace() || one == '?') {
        return Ok(value);
    }
    let help = "write for instance \"https://keystone.example.org:5000/v3\"";
    Err(decoder.report(
        Diagnostic::error(CODE, "this is not the address of a Keystone").at_maybe(origin, "cannot be asked").help(help),
    ))
}

fn limits(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<ServiceLimits> {
    let _ = LIMITS.open(block, &mut decoder.diagnostics);
    let at = LimitsAttributes::ALL;
    let usual = ServiceLimits::default();
    let mut number = |attribute: &Attribute<i64>, usual: u32| {
        let given = decoder.read(block, attribute)?;
        Ok(given.and_then(|given| u32::try_from(given.value).ok()).unwrap_or(usual))
    };
    Ok(ServiceLimits {
        requests: number(&at.requests, usual.requests)?,
        burst: number(&at.burst, usual.burst)?,
        failed_sign_ins: number(&at.failed_sign_ins, usual.failed_sign_ins)?,
        streams: number(&at.streams, usual.streams)?,
    })
}

fn occi(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<OcciDefaults> {
    let _ = OCCI.open(block, &mut decoder.diagnostics);
    let at = OcciAttributes::ALL;
    let slaves = decoder.read(block, &at.slaves)?;
    Ok(OcciDefaults {
        image: text(block, &at.image, decoder)?,
        master_flavor: text(block, &at.master_flavor, decoder)?,
        slave_flavor: text(block, &at.slave_flavor, decoder)?,
        slaves: slaves.and_then(|slaves| u32::try_from(slaves.value).ok()),
        external_network: text(block, &at.external_network, decoder)?,
    })
}
