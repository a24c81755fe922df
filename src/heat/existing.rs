//! What a cloud has before a cluster is created: its key pairs, and the networks that definitions refer to.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::catalog::Service;
use super::cloud::{Ask, Cloud, escaped};
use super::error::HeatError;
use super::facts::{MOST_PAGES, has_next, read};
use super::wire::Link;
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
    id: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Networks {
    networks: Vec<Named>,
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
}

#[derive(Deserialize)]
struct Ports {
    ports: Vec<Port>,
    #[serde(default)]
    ports_links: Vec<Link>,
}

#[derive(Deserialize)]
struct Port {
    id: String,
    #[serde(default)]
    fixed_ips: Vec<FixedAddress>,
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
    for word in networks {
        let mut found = Vec::new();
        for field in ["name", "id"] {
            let path = format!("/v2.0/networks?{field}={}", escaped(word));
            let all: Networks = read(cloud, Service::Network, path, "networks").await?;
            for network in all.networks {
                found.push(ExistingNetwork { subnets: subnets(cloud, &network.id).await?, id: network.id });
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

async fn subnets(cloud: &Cloud, network: &str) -> Result<Vec<ExistingSubnet>, HeatError> {
    let path = format!("/v2.0/subnets?network_id={}", escaped(network));
    let all: Subnets = read(cloud, Service::Network, path, "subnets").await?;
    let mut taken = taken(cloud, network).await?;
    let subnets = all.subnets.into_iter().filter_map(|subnet| {
        Some(ExistingSubnet {
            // A network of IPv6 is nothing that nodes have addresses of.
            cidr: subnet.cidr.parse().ok()?,
            gateway: subnet.gateway_ip.and_then(four),
            taken: taken.remove(&subnet.id).unwrap_or_default(),
            name: subnet.name,
            id: subnet.id,
        })
    });
    Ok(subnets.collect())
}

/// Addresses that ports of a network have, by subnet, with the port's id.
async fn taken(cloud: &Cloud, network: &str) -> Result<BTreeMap<String, BTreeMap<Ipv4Addr, String>>, HeatError> {
    let mut taken: BTreeMap<String, BTreeMap<Ipv4Addr, String>> = BTreeMap::new();
    let mut last: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let marker = last.as_deref().map(|last| format!("&marker={}", escaped(last))).unwrap_or_default();
        let path = format!("/v2.0/ports?limit=1000&network_id={}{marker}", escaped(network));
        let page: Ports = read(cloud, Service::Network, path, "ports").await?;
        last = page.ports.last().map(|port| port.id.clone());
        for port in page.ports {
            for fixed in port.fixed_ips {
                if let Some(address) = four(fixed.ip_address) {
                    taken.entry(fixed.subnet_id).or_default().insert(address, port.id.clone());
                }
            }
        }
        if last.is_none() || !has_next(&page.ports_links) {
            break;
        }
    }
    Ok(taken)
}

fn four(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}
