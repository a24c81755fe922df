//! Network, subnet, router: made for the cluster, or there already.

use super::draft::Draft;
use super::layout::own_addresses;
use super::{Property, Resource};
use crate::model::{Address, NetworkSpec};

pub(super) const ROUTER_INTERFACE: &str = "router-interface";

/// How ports name the network and the subnet.
pub(super) struct Place {
    pub(super) network: Property,
    pub(super) subnet: Property,
    /// Whether the router is of this stack, so that machines and floating IPs have to wait for its interface.
    pub(super) own_router: bool,
}

/// Adds the network's resources where the cluster has a network of its own; a further stack is told its ids.
pub(super) fn add(draft: &mut Draft<'_>) -> Place {
    let spec = draft.spec;
    let NetworkSpec::New { cidr, external_network, dns_nameservers, origin } = &spec.network else {
        return existing(&spec.network);
    };
    if !draft.is_base() {
        return Place { network: draft.shared("network"), subnet: draft.shared("subnet"), own_router: false };
    }
    let address = || Address::Network(spec.name.clone());
    let resource = |name: &str, heat_type| Resource::new(name, heat_type, address(), Some(*origin));
    draft.add(resource("network", "OS::Neutron::Net").with("name", spec.name.as_str()));

    let own = own_addresses(cidr.value);
    let mut subnet = Resource::new("subnet", "OS::Neutron::Subnet", address(), cidr.origin.or(Some(*origin)))
        .with("name", spec.name.as_str())
        .with("network", Property::resource("network"))
        .with("ip_version", 4)
        .with("cidr", cidr.value.trunc().to_string())
        .with("gateway_ip", own.gateway.to_string());
    if let Some((start, end)) = own.pool {
        let pool = Property::map([("start", start.to_string().into()), ("end", end.to_string().into())]);
        subnet = subnet.with("allocation_pools", vec![pool]);
    }
    if !dns_nameservers.is_empty() {
        let servers: Vec<Property> = dns_nameservers.iter().map(|server| server.value.to_string().into()).collect();
        subnet = subnet.with("dns_nameservers", servers);
    }
    draft.add(subnet);

    let mut router = resource("router", "OS::Neutron::Router").with("name", spec.name.as_str());
    if let Some(external) = external_network {
        router.origin = external.origin.or(router.origin);
        let gateway = Property::map([("network", external.value.as_str().into())]);
        router = router.with("external_gateway_info", gateway);
    }
    draft.add(router);
    draft.add(
        resource(ROUTER_INTERFACE, "OS::Neutron::RouterInterface")
            .with("router", Property::resource("router"))
            .with("subnet", Property::resource("subnet")),
    );
    Place { network: Property::resource("network"), subnet: Property::resource("subnet"), own_router: true }
}

fn existing(network: &NetworkSpec) -> Place {
    let (network, subnet) = match network {
        NetworkSpec::Existing { network, subnet, .. } => (network.value.as_str(), subnet.value.as_str()),
        NetworkSpec::New { .. } => ("network", "subnet"),
    };
    Place { network: network.into(), subnet: subnet.into(), own_router: false }
}
