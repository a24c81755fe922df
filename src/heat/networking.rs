//! Whether ports, floating IPs, rules and what they hang on exist as Heat holds them, and what was added to them by hand.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::catalog::Service;
use super::cloud::{Cloud, escaped};
use super::error::HeatError;
use super::listing::Listing;
use super::outside::{Expected, complete, deleted, gone};
use crate::model::heat_type;
use crate::plan::{ForeignRule, Found};

/// How many groups' rules are asked for at a time: their ids stand in the address.
const GROUPS: usize = 50;

/// What Neutron says, where it differs from what Heat holds.
#[derive(Default)]
pub(super) struct Networking {
    /// By physical id.
    pub(super) found: BTreeMap<String, Found>,
    /// Of resources that have no id of Neutron's, by stack id and logical name.
    pub(super) connections: BTreeMap<(String, String), Found>,
    /// By stack id.
    pub(super) foreign_rules: BTreeMap<String, Vec<ForeignRule>>,
}

#[derive(Clone, Deserialize)]
struct Port {
    id: String,
    #[serde(default)]
    device_id: String,
    #[serde(default)]
    fixed_ips: Vec<FixedIp>,
}

#[derive(Clone, Deserialize)]
struct FixedIp {
    subnet_id: String,
}

#[derive(Deserialize)]
struct FloatingIp {
    id: String,
    #[serde(default)]
    port_id: Option<String>,
}

#[derive(Deserialize)]
struct Rule {
    id: String,
    security_group_id: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    protocol: Option<Json>,
    #[serde(default)]
    port_range_min: Option<i32>,
    #[serde(default)]
    port_range_max: Option<i32>,
    #[serde(default)]
    remote_ip_prefix: Option<String>,
    #[serde(default)]
    remote_group_id: Option<String>,
}

/// Asks Neutron.
pub(super) async fn look(cloud: &Cloud, expected: &Expected<'_>) -> Result<Networking, HeatError> {
    let (mut all, floating, rules) =
        tokio::try_join!(ports(cloud, expected), floating_ips(cloud, expected), rules(cloud, expected))?;
    all.found.extend(floating.found);
    all.connections.extend(floating.connections);
    all.found.extend(rules.found);
    all.foreign_rules = rules.foreign_rules;
    // What hangs on something that is gone goes with it, and is not merely disconnected.
    let cut: BTreeSet<String> = all.connections.keys().map(|(stack, _)| stack.clone()).collect();
    for stack in expected.stacks.iter().filter(|stack| cut.contains(&stack.id)) {
        for (name, (one, other)) in stack.connections() {
            if [one, other].iter().any(|id| all.found.contains_key(*id)) {
                all.connections.remove(&(stack.id.clone(), name));
            }
        }
    }
    Ok(all)
}

/// Ports, and what they hang on where some are missing.
async fn ports(cloud: &Cloud, expected: &Expected<'_>) -> Result<Networking, HeatError> {
    let wanted = expected.ids(heat_type::PORT);
    let interfaces = expected.ids(heat_type::ROUTER_INTERFACE);
    let mut all = Networking::default();
    if wanted.is_empty() && interfaces.is_empty() {
        return Ok(all);
    }
    let mine = escaped(&cloud.project_id().await);
    let path = format!("/v2.0/ports?project_id={mine}&fields=id&fields=device_id&fields=fixed_ips");
    let listed: Vec<Port> = pages(cloud, &path, "ports", |port: &Port| &port.id).await?;
    let there: BTreeSet<&str> = listed.iter().map(|port| port.id.as_str()).collect();
    let missing: BTreeSet<&str> = wanted.iter().copied().filter(|id| !there.contains(*id)).collect();
    let ports_gone = gone(cloud, Service::Network, "/v2.0/ports", "a port", &missing).await?;
    let routers: BTreeSet<&str> =
        interfaces.iter().filter_map(|interface| Some(interface.split_once(':')?.0)).collect();
    let mut of_routers: BTreeMap<&str, Vec<&Port>> = BTreeMap::new();
    for port in listed.iter().filter(|port| routers.contains(port.device_id.as_str())) {
        of_routers.entry(&port.device_id).or_default().push(port);
    }
    let mut cut: BTreeSet<&str> = BTreeSet::new();
    for interface in interfaces.iter().copied() {
        let Some((router, _)) = interface.split_once(':') else { continue };
        if of_routers.get(router).is_some_and(|ports| is_connected(interface, ports.iter().copied())) {
            continue;
        }
        let path = format!("/v2.0/ports?device_id={}", escaped(router));
        let others: Vec<Port> = pages(cloud, &path, "ports", |port: &Port| &port.id).await?;
        if !is_connected(interface, others.iter()) {
            cut.insert(interface);
        }
    }
    for stack in &expected.stacks {
        let has = |heat_type: &str, ids: &dyn Fn(&str) -> bool| complete(stack, heat_type).any(|(_, id)| ids(id));
        let ports: Vec<_> = complete(stack, heat_type::PORT).collect();
        let broken = ports.iter().any(|(_, id)| ports_gone.contains(*id))
            || has(heat_type::ROUTER_INTERFACE, &|id| cut.contains(id))
            || ports.is_empty();
        if !broken {
            continue;
        }
        for (kind, collection, what) in [
            (heat_type::NET, "/v2.0/networks", "a network"),
            (heat_type::SUBNET, "/v2.0/subnets", "a subnet"),
            (heat_type::ROUTER, "/v2.0/routers", "a router"),
            (heat_type::SECURITY_GROUP, "/v2.0/security-groups", "a security group"),
        ] {
            let ids: BTreeSet<&str> = complete(stack, kind).map(|(_, id)| id).collect();
            all.found.extend(deleted(gone(cloud, Service::Network, collection, what, &ids).await?));
        }
    }
    all.found.extend(deleted(ports_gone));
    for stack in &expected.stacks {
        for (name, _) in complete(stack, heat_type::ROUTER_INTERFACE).filter(|(_, id)| cut.contains(id)) {
            all.connections.insert((stack.id.clone(), name.to_owned()), Found::Disconnected);
        }
    }
    Ok(all)
}

/// Whether one of the ports is the one that `ROUTER:subnet_id=SUBNET` names.
fn is_connected<'p>(interface: &str, mut ports: impl Iterator<Item = &'p Port>) -> bool {
    let Some((router, end)) = interface.split_once(':') else { return true };
    ports.any(|port| match end.split_once('=') {
        Some(("subnet_id", subnet)) => {
            port.device_id == router && port.fixed_ips.iter().any(|fixed| fixed.subnet_id == subnet)
        }
        Some(("port_id", id)) => port.id == id && port.device_id == router,
        _ => true,
    })
}

async fn floating_ips(cloud: &Cloud, expected: &Expected<'_>) -> Result<Networking, HeatError> {
    let wanted = expected.ids(heat_type::FLOATING_IP);
    let mut all = Networking::default();
    if wanted.is_empty() {
        return Ok(all);
    }
    let mine = escaped(&cloud.project_id().await);
    let path = format!("/v2.0/floatingips?project_id={mine}");
    let listed: Vec<FloatingIp> = pages(cloud, &path, "floatingips", |floating: &FloatingIp| &floating.id).await?;
    let at: BTreeMap<&str, Option<&str>> =
        listed.iter().map(|floating| (floating.id.as_str(), floating.port_id.as_deref())).collect();
    let missing = wanted.iter().copied().filter(|id| !at.contains_key(*id)).collect();
    all.found.extend(deleted(gone(cloud, Service::Network, "/v2.0/floatingips", "a floating IP", &missing).await?));
    for stack in &expected.stacks {
        let associations: BTreeSet<&str> =
            complete(stack, heat_type::FLOATING_IP_ASSOCIATION).map(|(name, _)| name).collect();
        if associations.is_empty() {
            continue;
        }
        for (name, (floating, port)) in stack.connections() {
            if associations.contains(name.as_str()) && at.get(floating).is_some_and(|now| *now != Some(port)) {
                all.connections.insert((stack.id.clone(), name), Found::Disconnected);
            }
        }
    }
    Ok(all)
}

async fn rules(cloud: &Cloud, expected: &Expected<'_>) -> Result<Networking, HeatError> {
    let groups: Vec<&str> = expected.ids(heat_type::SECURITY_GROUP).into_iter().collect();
    let mut listed: Vec<Rule> = Vec::new();
    for some in groups.chunks(GROUPS) {
        let ids: Vec<String> = some.iter().map(|id| format!("security_group_id={}", escaped(id))).collect();
        let path = format!("/v2.0/security-group-rules?{}", ids.join("&"));
        listed.extend(pages(cloud, &path, "security_group_rules", |rule: &Rule| &rule.id).await?);
    }
    let mut all = Networking::default();
    let there: BTreeSet<&str> = listed.iter().map(|rule| rule.id.as_str()).collect();
    let mut by_group: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in &listed {
        by_group.entry(&rule.security_group_id).or_default().push(rule);
    }
    let mut missing: BTreeSet<&str> = BTreeSet::new();
    for stack in &expected.stacks {
        let owned: BTreeSet<&str> = complete(stack, heat_type::SECURITY_GROUP_RULE).map(|(_, id)| id).collect();
        for (group, id) in complete(stack, heat_type::SECURITY_GROUP) {
            let rules = by_group.get(id).into_iter().flatten();
            let foreign = rules.filter(|rule| !owned.contains(rule.id.as_str()) && !rule.is_default());
            let foreign: Vec<ForeignRule> = foreign.map(|rule| rule.shown(group)).collect();
            all.foreign_rules.entry(stack.id.clone()).or_default().extend(foreign);
            if !by_group.contains_key(id) {
                // It has lost them all: perhaps with itself.
                let ids = BTreeSet::from([id]);
                let what = "a security group";
                all.found.extend(deleted(gone(cloud, Service::Network, "/v2.0/security-groups", what, &ids).await?));
            }
        }
        missing.extend(owned.into_iter().filter(|id| !there.contains(id)));
    }
    all.found.extend(deleted(gone(cloud, Service::Network, "/v2.0/security-group-rules", "a rule", &missing).await?));
    Ok(all)
}

impl Rule {
    /// Whether Neutron makes it with every group: everything may go out.
    fn is_default(&self) -> bool {
        self.direction == "egress"
            && self.protocol.as_ref().is_none_or(Json::is_null)
            && self.port_range_min.is_none()
            && self.remote_ip_prefix.is_none()
            && self.remote_group_id.is_none()
    }

    fn shown(&self, group: &str) -> ForeignRule {
        let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
        ForeignRule {
            id: self.id.clone(),
            group: group.to_owned(),
            direction: self.direction.clone(),
            protocol: self.protocol.as_ref().filter(|protocol| !protocol.is_null()).map(|protocol| match protocol {
                Json::String(name) => name.clone(),
                number => number.to_string(),
            }),
            ports: port(self.port_range_min).zip(port(self.port_range_max)),
            remote: self.remote_ip_prefix.clone().or_else(|| self.remote_group_id.clone()),
        }
    }
}

/// A whole listing of Neutron's; `name` is the collection's in the answer.
async fn pages<T: DeserializeOwned>(
    cloud: &Cloud,
    path: &str,
    name: &'static str,
    id: impl Fn(&T) -> &str,
) -> Result<Vec<T>, HeatError> {
    Listing { service: Service::Network, path, field: name, what: name }.all(cloud, id).await
}
