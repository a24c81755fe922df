//! Network, subnet, router: made for the cluster, or there already.
//!
//! A network with `ipv6_cidr` has a second subnet, and every port an address in each. The nodes learn both from the
//! metadata that cloud-init reads: the one of IPv4 by DHCP, the one of IPv6 as it is. A subnet without DHCP and without
//! `ipv6_address_mode` is what does that: Nova then writes address, prefix and gateway into `network_data.json`
//! (`_get_nets` in `nova/virt/netutils.py`), and cloud-init sets them as `static6`. That needs no router that advertises
//! itself, which not every cloud has, and no DHCP of IPv6, for which an image may have no client; nothing waits at boot
//! for an answer that does not come. With SLAAC an address would come from the MAC and be known only after apply (Neutron
//! refuses to be given one: `AllocationOnAutoAddressSubnet`), and `dhcpv6-stateful` would need the other two. A router
//! takes such a subnet: Neutron refuses only one that has an `ipv6_address_mode` and no `ipv6_ra_mode`
//! (`_validate_subnet_address_mode` in `neutron/db/l3_db.py`). Whether anything leaves the network by IPv6 is up to the
//! external network.

use ipnet::Ipv6Net;

use super::Property;
use super::draft::Draft;
use super::layout::{own_addresses, own_ipv6_addresses};
use crate::model::{NetworkSpec, ResourceName, Sourced};
use crate::source::Span;

/// How ports name the network and the subnet.
pub(super) struct Place {
    pub(super) network: Property,
    pub(super) subnet: Property,
    /// The subnet of IPv6, where there is one.
    pub(super) ipv6_subnet: Option<Property>,
    /// Whether the router is of this stack, so that servers and floating IPs have to wait for its interface.
    pub(super) own_router: bool,
}

/// Adds the network's resources where the cluster has a network of its own; a further stack is told its ids.
pub(super) fn add(draft: &mut Draft<'_>) -> Place {
    let spec = draft.spec;
    let NetworkSpec::New { cidr, ipv6_cidr, name, external_network, dns_nameservers, origin } = &spec.network else {
        return existing(&spec.network);
    };
    if !draft.is_base() {
        return Place {
            network: draft.shared(ResourceName::Network),
            subnet: draft.shared(ResourceName::Subnet),
            ipv6_subnet: ipv6_cidr.as_ref().map(|_| draft.shared(ResourceName::Ipv6Subnet)),
            own_router: false,
        };
    }
    let net = draft.resource(ResourceName::Network, Some(*origin));
    draft.add(net.with("name", name.as_ref().map_or(spec.name.as_str(), |name| name.value.as_str())));

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
    if let Some(cidr) = ipv6_cidr {
        add_ipv6(draft, cidr, *origin);
    }
    Place {
        network: Property::resource(ResourceName::Network),
        subnet: Property::resource(ResourceName::Subnet),
        ipv6_subnet: ipv6_cidr.as_ref().map(|_| Property::resource(ResourceName::Ipv6Subnet)),
        own_router: true,
    }
}

/// Adds the subnet of IPv6, and the router's port in it.
fn add_ipv6(draft: &mut Draft<'_>, cidr: &Sourced<Ipv6Net>, block: Span) {
    let own = own_ipv6_addresses(cidr.value);
    let pool = Property::map([("start", own.pool.0.to_string().into()), ("end", own.pool.1.to_string().into())]);
    let origin = cidr.origin.or(Some(block));
    let subnet = draft
        .resource(ResourceName::Ipv6Subnet, origin)
        .with("name", format!("{}-ipv6", draft.spec.name))
        .with("network", Property::resource(ResourceName::Network))
        .with("ip_version", 6)
        .with("cidr", cidr.value.trunc().to_string())
        .with("gateway_ip", own.gateway.to_string())
        .with("enable_dhcp", false)
        .with("allocation_pools", vec![pool]);
    draft.add(subnet);
    let interface = draft
        .resource(ResourceName::Ipv6RouterInterface, origin)
        .with("router", Property::resource(ResourceName::Router))
        .with("subnet", Property::resource(ResourceName::Ipv6Subnet));
    draft.add(interface);
}

fn existing(network: &NetworkSpec) -> Place {
    let (network, subnet) = match network {
        NetworkSpec::Existing { network, subnet, .. } => (network.value.as_str(), subnet.value.as_str()),
        NetworkSpec::New { .. } => ("network", "subnet"),
    };
    Place { network: network.into(), subnet: subnet.into(), ipv6_subnet: None, own_router: false }
}
