//! Network, subnet, router: made for the cluster, or there already.

use super::Property;
use super::draft::Draft;
use super::layout::own_addresses;
use crate::model::{NetworkSpec, ResourceName};

/// How ports name the network and the subnet.
pub(super) struct Place {
    pub(super) network: Property,
    pub(super) subnet: Property,
    /// Whether the router is of this stack, so that servers and floating IPs have to wait for its interface.
    pub(super) own_router: bool,
}

/// Adds the network's resources where the cluster has a network of its own; a further stack is told its ids.
pub(super) fn add(draft: &mut Draft<'_>) -> Place {
    let spec = draft.spec;
    let NetworkSpec::New { cidr, external_network, dns_nameservers, origin } = &spec.network else {
        return existing(&spec.network);
    };
    if !draft.is_base() {
        return Place {
            network: draft.shared(ResourceName::Network),
            subnet: draft.shared(ResourceName::Subnet),
            own_router: false,
        };
    }
    let net = draft.resource(ResourceName::Network, Some(*origin));
    draft.add(net.with("name", spec.name.as_str()));

    let own = own_addresses(cidr.value);
    let mut subnet = draft
        .resource(ResourceName::Subnet, cidr.origin.or(Some(*origin)))
        .with("name", spec.name.as_str())
        .with("network", Property::resource(ResourceName::Network))
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

    let mut router = draft.resource(ResourceName::Router, Some(*origin)).with("name", spec.name.as_str());
    if let Some(external) = external_network {
        router.origin = external.origin.or(router.origin);
        let gateway = Property::map([("network", external.value.as_str().into())]);
        router = router.with("external_gateway_info", gateway);
    }
    draft.add(router);
    let interface = draft
        .resource(ResourceName::RouterInterface, Some(*origin))
        .with("router", Property::resource(ResourceName::Router))
        .with("subnet", Property::resource(ResourceName::Subnet));
    draft.add(interface);
    Place {
        network: Property::resource(ResourceName::Network),
        subnet: Property::resource(ResourceName::Subnet),
        own_router: true,
    }
}

fn existing(network: &NetworkSpec) -> Place {
    let (network, subnet) = match network {
        NetworkSpec::Existing { network, subnet, .. } => (network.value.as_str(), subnet.value.as_str()),
        NetworkSpec::New { .. } => ("network", "subnet"),
    };
    Place { network: network.into(), subnet: subnet.into(), own_router: false }
}
