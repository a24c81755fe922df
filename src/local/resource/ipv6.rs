//! What Neutron asks of subnets and rules of IPv6, and the addresses that it makes of cards.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};
use serde_json::Value as Json;

use super::super::world::World;
use super::{Failure, Properties, text};

fn invalid(message: &str) -> Failure {
    Failure::neutron("BadRequest", format_args!("Invalid input for operation: {message}."))
}

/// What is wrong with a new subnet: all that it says has to be of its version, and who has no DHCP gives no addresses.
pub(super) fn check_subnet(properties: &Properties, net: IpNet) -> Result<(), Failure> {
    let number = |name: &str| {
        let value = properties.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let version = number("ip_version").unwrap_or(4);
    let of = |address: IpAddr| if address.is_ipv4() { 4 } else { 6 };
    let mismatch = |name: &str, shown: &str, address: IpAddr| {
        let message = format!("{name} '{shown}' does not match the ip_version '{version}'");
        if of(address) == version { Ok(()) } else { Err(invalid(&message)) }
    };
    mismatch("cidr", &net.to_string(), net.addr())?;
    if let Some((shown, Ok(gateway))) = text(properties, "gateway_ip").map(|shown| (shown, shown.parse())) {
        mismatch("gateway_ip", shown, gateway)?;
    }
    let servers = properties.get("dns_nameservers").and_then(Json::as_array).into_iter().flatten();
    for shown in servers.filter_map(Json::as_str) {
        if let Ok(server) = shown.parse() {
            mismatch("dns_nameserver", shown, server)?;
        }
    }
    let IpNet::V6(net) = net else { return Ok(()) };
    if net.network().is_unspecified() {
        return Err(invalid("IPv6 subnet '::' is not supported"));
    }
    let dhcp = properties.get("enable_dhcp").is_none_or(|dhcp| !matches!(dhcp, Json::Bool(false)));
    let (advertised, addressed) = (text(properties, "ipv6_ra_mode"), text(properties, "ipv6_address_mode"));
    if !dhcp && advertised.or(addressed).is_some() {
        return Err(invalid("ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False"));
    }
    if dhcp && net.prefix_len() > 126 {
        return Err(invalid("Subnet has a prefix length that is incompatible with DHCP service enabled"));
    }
    let automatic = advertised.or(addressed).is_some_and(is_automatic);
    if automatic && net.prefix_len() != 64 {
        let message = format!(
            "Invalid CIDR {net} for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires the \
             prefix to be /64"
        );
        return Err(invalid(&message));
    }
    Ok(())
}

/// What is wrong with a router's port in a subnet: its addresses may come from a router that is not Neutron's.
pub(super) fn check_interface(world: &World, subnet: &str) -> Result<(), Failure> {
    let Some(body) = world.things.get(subnet).map(|subnet| &subnet.body) else { return Ok(()) };
    if body.text("ipv6_address_mode").is_some() && body.text("ipv6_ra_mode").is_none() {
        let message = format!(
            "Bad router request: IPv6 subnet {subnet} configured to receive RAs from an external router cannot be added \
             to Neutron Router."
        );
        return Err(Failure::neutron("BadRequest", message));
    }
    Ok(())
}

/// The protocol of a rule as Neutron keeps it, or what is wrong with the rule: whom it lets in, and what, has to be of its
/// kind of addresses.
pub(crate) fn check_rule(
    ethertype: &str,
    protocol: Option<&str>,
    remote: Option<&str>,
) -> Result<Option<String>, String> {
    let of = |net: &str| {
        let address = net.parse::<IpNet>().map(|net| net.addr()).or_else(|_| net.parse::<IpAddr>());
        Some(if address.ok()?.is_ipv4() { "IPv4" } else { "IPv6" })
    };
    if let Some(remote) = remote.filter(|remote| of(remote).is_some_and(|of| of != ethertype)) {
        return Err(format!("Conflicting value ethertype {ethertype} for CIDR {remote}"));
    }
    let of_ipv6 = ["ipv6-icmp", "icmpv6", "ipv6-encap", "ipv6-frag", "ipv6-nonxt", "ipv6-opts", "ipv6-route"];
    match (ethertype, protocol) {
        ("IPv4", Some(protocol)) if of_ipv6.contains(&protocol) => {
            Err(format!("Invalid ethertype {ethertype} for protocol {protocol}."))
        }
        ("IPv6", Some("icmp" | "icmpv6")) => Ok(Some("ipv6-icmp".to_owned())),
        _ => Ok(protocol.map(str::to_owned)),
    }
}

fn is_automatic(mode: &str) -> bool {
    ["slaac", "dhcpv6-stateless"].contains(&mode)
}

/// The network of a subnet whose addresses come from the ports' cards.
pub(super) fn automatic(world: &World, subnet: &str) -> Option<Ipv6Net> {
    let body = &world.things.get(subnet)?.body;
    let mode = body.text("ipv6_address_mode").or_else(|| body.text("ipv6_ra_mode"))?;
    body.text("cidr")?.parse().ok().filter(|_| is_automatic(&mode))
}

/// The address of a card in a network: EUI-64 of `fa:16:3e:00:00:01`.
pub(super) fn of_card(net: Ipv6Net, mac: &str) -> Option<Ipv6Addr> {
    let bytes: Vec<u8> = mac.split(':').map(|byte| u8::from_str_radix(byte, 16)).collect::<Result<_, _>>().ok()?;
    let [first, second, third, fourth, fifth, sixth] = bytes.try_into().ok()?;
    let interface = u64::from_be_bytes([first ^ 2, second, third, 0xff, 0xfe, fourth, fifth, sixth]);
    Some(Ipv6Addr::from(u128::from(net.network()) | u128::from(interface)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_made_of_a_card() {
        let net = "2001:db8::/64".parse().unwrap();
        assert_eq!(of_card(net, "fa:16:3e:33:44:55"), "2001:db8::f816:3eff:fe33:4455".parse().ok());
        assert_eq!(of_card(net, "fa:16:3e"), None);
    }

    #[test]
    fn a_rule_is_of_one_kind_of_addresses() {
        let kept = |ethertype, protocol, remote| check_rule(ethertype, Some(protocol), remote);
        assert_eq!(kept("IPv6", "icmp", Some("2001:db8::/32")), Ok(Some("ipv6-icmp".to_owned())));
        assert_eq!(kept("IPv4", "icmp", None), Ok(Some("icmp".to_owned())));
        assert_eq!(kept("IPv4", "tcp", Some("::/0")), Err("Conflicting value ethertype IPv4 for CIDR ::/0".to_owned()));
        assert_eq!(
            kept("IPv6", "tcp", Some("10.0.0.0/8")),
            Err("Conflicting value ethertype IPv6 for CIDR 10.0.0.0/8".to_owned())
        );
        assert_eq!(kept("IPv4", "ipv6-icmp", None), Err("Invalid ethertype IPv4 for protocol ipv6-icmp.".to_owned()));
    }

    #[test]
    fn a_subnet_is_of_one_version() {
        let said = |text: &str| {
            let properties: Properties = serde_json::from_str(text).unwrap();
            let cidr = properties["cidr"].as_str().unwrap().parse().unwrap();
            check_subnet(&properties, cidr).map_err(|failure| failure.message)
        };
        assert_eq!(said(r#"{"cidr": "10.1.0.0/24", "gateway_ip": "10.1.0.1"}"#), Ok(()));
        assert_eq!(said(r#"{"cidr": "fd00::/64", "ip_version": 6, "gateway_ip": "fd00::1"}"#), Ok(()));
        for (text, part) in [
            (r#"{"cidr": "fd00::/64"}"#, "cidr 'fd00::/64' does not match the ip_version '4'"),
            (r#"{"cidr": "10.1.0.0/24", "ip_version": 6}"#, "cidr '10.1.0.0/24' does not match the ip_version '6'"),
            (
                r#"{"cidr": "fd00::/64", "ip_version": "6", "gateway_ip": "10.1.0.1"}"#,
                "gateway_ip '10.1.0.1' does not match the ip_version '6'",
            ),
            (
                r#"{"cidr": "fd00::/64", "ip_version": 6, "dns_nameservers": ["9.9.9.9"]}"#,
                "dns_nameserver '9.9.9.9' does not match the ip_version '6'",
            ),
            (r#"{"cidr": "::/64", "ip_version": 6}"#, "IPv6 subnet '::' is not supported"),
            (
                r#"{"cidr": "fd00::/64", "ip_version": 6, "enable_dhcp": false, "ipv6_ra_mode": "slaac"}"#,
                "cannot be set when enable_dhcp is set to False",
            ),
            (
                r#"{"cidr": "fd00::/72", "ip_version": 6, "ipv6_address_mode": "slaac"}"#,
                "which requires the prefix to be /64",
            ),
        ] {
            let message = said(text).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
    }
}
