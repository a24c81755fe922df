//! What a cloud has before a cluster is created: its key pairs, and the networks that definitions refer to.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::catalog::Service;
use super::cloud::{Ask, Cloud, escaped};
use super::error::HeatError;
use super::facts::read;
use super::listing::Listing;
use crate::model::{ExistingNetwork, ExistingParts, ExistingSubnet};

#[derive(Deserialize)]
struct KeyPairs {
    keypairs: Vec<KeyPairEntry>,
}

#[derive(Deserialize)]
struct KeyPairEntry {
    keypair: Named,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Networks {
    networks: Vec<Network>,
}

#[derive(Deserialize)]
struct Network {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    tenant_id: Option<String>,
    #[serde(default)]
    port_security_enabled: Option<bool>,
}

#[derive(Deserialize)]
struct Subnets {
    subnets: Vec<Subnet>,
}

#[derive(Deserialize)]
struct Subnet {
    id: String,
    #[serde(default)]
    name: String,
    cidr: String,
    #[serde(default)]
    gateway_ip: Option<IpAddr>,
    #[serde(default)]
    enable_dhcp: Option<bool>,
}

#[derive(Deserialize)]
struct Port {
    id: String,
    #[serde(default)]
    fixed_ips: Vec<FixedAddress>,
    #[serde(default)]
    device_owner: String,
}

/// What ports say of a network's subnets, by their ids.
#[derive(Default)]
struct Used {
    /// Addresses that ports have, with the port's id.
    taken: BTreeMap<String, BTreeMap<Ipv4Addr, String>>,
    /// Subnets that a router has a port in.
    routed: BTreeSet<String>,
}

#[derive(Deserialize)]
struct FixedAddress {
    subnet_id: String,
    ip_address: IpAddr,
}

/// Reads what definitions refer to: the key pairs, if any, and the networks with these names or ids.
pub async fn existing(cloud: &Cloud, key_pairs: bool, networks: &BTreeSet<&str>) -> Result<ExistingParts, HeatError> {
    let mut parts = ExistingParts::default();
    if key_pairs {
        let all: KeyPairs = read(cloud, Service::Compute, "/os-keypairs".to_owned(), "key pairs").await?;
        parts.key_pairs = all.keypairs.into_iter().map(|entry| entry.keypair.name).collect();
    }
    let (project, is_admin) = (cloud.project_id().await, cloud.is_admin().await);
    for word in networks {
        let mut found = Vec::new();
        for field in ["name", "id"] {
            let path = format!("/v2.0/networks?{field}={}", escaped(word));
            let all: Networks = read(cloud, Service::Network, path, "networks").await?;
            for network in all.networks {
                let owner = network.project_id.or(network.tenant_id).filter(|owner| !owner.is_empty());
                let (subnets, ipv6_subnets) = subnets(cloud, &network.id).await?;
                found.push(ExistingNetwork {
                    is_foreign: !is_admin && owner.is_some_and(|owner| owner != project),
                    port_security: network.port_security_enabled.unwrap_or(true),
                    subnets,
                    ipv6_subnets,
                    id: network.id,
                });
            }
        }
        if found.is_empty() && parts.network_names.is_empty() {
            let all: Networks = read(cloud, Service::Network, "/v2.0/networks".to_owned(), "networks").await?;
            parts.network_names = all.networks.into_iter().map(|network| network.name).collect();
        }
        parts.networks.insert((*word).to_owned(), found);
    }
    Ok(parts)
}

/// Adds a key pair by its name, with a public key where one is given; without one the cloud makes a pair of its own.
pub async fn add_key_pair(cloud: &Cloud, name: &str, public_key: Option<&str>) -> Result<(), HeatError> {
    let mut pair = json!({ "name": name });
    if let (Some(key), Some(pair)) = (public_key, pair.as_object_mut()) {
        pair.insert("public_key".to_owned(), key.into());
    }
    let failed = |source| HeatError::AddKeyPair { name: name.to_owned(), source };
    let ask = Ask::new(Service::Compute, Method::POST, "/os-keypairs".to_owned()).once();
    let ask = ask.with(&json!({ "keypair": pair })).map_err(failed)?;
    cloud.ask(ask).await.map(drop).map_err(failed)
}

/// The subnets of a network that nodes can have addresses of, and names and ids of its others, which are IPv6's.
async fn subnets(cloud: &Cloud, network: &str) -> Result<(Vec<ExistingSubnet>, Vec<(String, String)>), HeatError> {
    let path = format!("/v2.0/subnets?network_id={}", escaped(network));
    let all: Subnets = read(cloud, Service::Network, path, "subnets").await?;
    let mut used = used(cloud, network).await?;
    let (mut four_subnets, mut six_subnets) = (Vec::new(), Vec::new());
    for subnet in all.subnets {
        let Ok(cidr) = subnet.cidr.parse() else {
            six_subnets.push((subnet.name, subnet.id));
            continue;
        };
        four_subnets.push(ExistingSubnet {
            cidr,
            gateway: subnet.gateway_ip.and_then(four),
            dhcp: subnet.enable_dhcp.unwrap_or(true),
            taken: used.taken.remove(&subnet.id).unwrap_or_default(),
            routed: used.routed.contains(&subnet.id),
            name: subnet.name,
            id: subnet.id,
        });
    }
    Ok((four_subnets, six_subnets))
}

/// What the ports of a network that one may see have of its subnets.
async fn used(cloud: &Cloud, network: &str) -> Result<Used, HeatError> {
    let path = format!("/v2.0/ports?network_id={}", escaped(network));
    let ports = Listing { service: Service::Network, path: &path, field: "ports", what: "ports" };
    let mut used = Used::default();
    for port in ports.all(cloud, |port: &Port| &port.id).await? {
        let is_router = port.device_owner.starts_with("network:") && port.device_owner.contains("router");
        for fixed in port.fixed_ips {
            if is_router {
                used.routed.insert(fixed.subnet_id.clone());
            }
            if let Some(address) = four(fixed.ip_address) {
                used.taken.entry(fixed.subnet_id).or_default().insert(address, port.id.clone());
            }
        }
    }
    Ok(used)
}

fn four(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}
