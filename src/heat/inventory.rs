//! What there is in the project, whoever made it: one listing a kind, paged, whatever their number.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::catalog::Service;
use super::cloud::Cloud;
use super::error::{Cause, HeatError};
use super::listing::Listing;
use crate::model::heat_type;

/// Something on the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Thing {
    /// Its id.
    pub id: String,
    /// Its name; empty where it has none.
    #[serde(default)]
    pub name: Option<String>,
}

/// A port, with what it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "Neutron's own names")]
pub struct NetworkPort {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub network_id: String,
    #[serde(default)]
    pub device_owner: String,
    #[serde(default)]
    pub device_id: String,
    #[serde(default)]
    pub security_groups: Vec<String>,
    #[serde(default)]
    pub fixed_ips: Vec<FixedIp>,
}

/// An address of a port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FixedIp {
    /// IPv4 or IPv6.
    pub ip_address: IpAddr,
}

/// A floating IP, with what it goes through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "Neutron's own names")]
pub struct FloatingAddress {
    pub id: String,
    #[serde(default)]
    pub floating_ip_address: String,
    #[serde(default)]
    pub router_id: Option<String>,
}

const PORTS: Listing<'static> = Listing {
    service: Service::Network,
    path: "/v2.0/ports?fields=id&fields=name&fields=network_id&fields=device_owner&fields=device_id&fields=security_groups&fields=fixed_ips",
    field: "ports",
    what: "ports",
};

const FLOATING_IPS: Listing<'static> = Listing {
    service: Service::Network,
    path: "/v2.0/floatingips?fields=id&fields=floating_ip_address&fields=router_id",
    field: "floatingips",
    what: "floating IPs",
};

/// How things of a type are listed; nothing for what goes with something else, or costs nothing.
fn listing(of: &str) -> Option<Listing<'static>> {
    let neutron = |path, field, what| Listing { service: Service::Network, path, field, what };
    let nova = |path, field, what| Listing { service: Service::Compute, path, field, what };
    Some(match of {
        heat_type::SERVER => nova("/servers/detail", "servers", "servers"),
        heat_type::SERVER_GROUP => nova("/os-server-groups", "server_groups", "server groups"),
        heat_type::PORT => PORTS,
        heat_type::FLOATING_IP => FLOATING_IPS,
        heat_type::NET => neutron("/v2.0/networks?fields=id&fields=name", "networks", "networks"),
        heat_type::SUBNET => neutron("/v2.0/subnets?fields=id&fields=name", "subnets", "subnets"),
        heat_type::ROUTER => neutron("/v2.0/routers?fields=id&fields=name", "routers", "routers"),
        heat_type::SECURITY_GROUP => {
            neutron("/v2.0/security-groups?fields=id&fields=name", "security_groups", "security groups")
        }
        heat_type::VOLUME => {
            Listing { service: Service::BlockStorage, path: "/volumes/detail", field: "volumes", what: "volumes" }
        }
        _ => return None,
    })
}

impl Cloud {
    /// Which of the things with these ids, by type of resource, still exist; each type is listed once. Types whose things
    /// go with others are not looked for.
    pub async fn left_of(&self, ids: &BTreeMap<String, Vec<String>>) -> Result<Vec<(String, Thing)>, HeatError> {
        let mut left = Vec::new();
        for (of, ids) in ids.iter().filter(|(_, ids)| !ids.is_empty()) {
            let Some(listing) = listing(of) else { continue };
            let there: Vec<Thing> = self.all(&listing, |thing: &Thing| &thing.id).await?;
            let known: BTreeSet<&String> = ids.iter().collect();
            let ours = there.into_iter().filter(|thing| known.contains(&thing.id));
            left.extend(ours.map(|thing| (of.clone(), thing)));
        }
        Ok(left)
    }

    /// All ports that the project sees.
    pub async fn ports(&self) -> Result<Vec<NetworkPort>, HeatError> {
        self.all(&PORTS, |port: &NetworkPort| &port.id).await
    }

    /// All floating IPs of the project.
    pub async fn floating_addresses(&self) -> Result<Vec<FloatingAddress>, HeatError> {
        self.all(&FLOATING_IPS, |address: &FloatingAddress| &address.id).await
    }

    /// All of a listing. A service that does not exist, or does not know such things, has none.
    async fn all<T: DeserializeOwned>(
        &self,
        listing: &Listing<'_>,
        id: impl Fn(&T) -> &str,
    ) -> Result<Vec<T>, HeatError> {
        match listing.all(self, id).await {
            Err(error) if error.is_not_found() || matches!(error.cause(), Some(Cause::NoService { .. })) => {
                Ok(Vec::new())
            }
            answer => answer,
        }
    }
}
