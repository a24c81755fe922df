//! What others can reach or read.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::Reviewed;
use crate::catalogue::OpenPort;
use crate::model::{AllowRule, RuleTarget, Service};
use crate::source::{Diagnostic, Diagnostics, listed};

/// Networks from which nobody of the internet comes: private ones (RFC 1918), loopback, link-local, those of carriers' address
/// translation (RFC 6598), and those of examples (RFC 5737), which no host has.
const CLOSED: [(Ipv4Addr, u8); 9] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
];

/// The same of IPv6: unique local (RFC 4193), loopback, link-local, examples (RFC 3849 and 9637).
const CLOSED_IPV6: [(Ipv6Addr, u8); 5] = [
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::LOCALHOST, 128),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

pub(super) fn review(of: Reviewed<'_>, found: &mut Diagnostics) {
    for (name, cluster) in &of.spec.clusters {
        let ports = of.open_ports.get(name).map_or(&[][..], Vec::as_slice);
        found.extend(cluster.security.iter().filter_map(|rule| opening(rule, ports, &cluster.name)));
    }
    for output in of.outputs.iter().filter(|output| output.secret && output.value.contains_secret()) {
        let message = format!("output `{}` has a sensitive value, which is kept nowhere", output.name);
        found.push(
            Diagnostic::warning("disco::sensitive_output", message)
                .at(output.origin, "`disco output` cannot print it")
                .help("remove it; give the value to those who need it from where it comes from"),
        );
    }
}

/// What one `allow` block opens and should not.
fn opening(rule: &AllowRule, ports: &[OpenPort], cluster: &str) -> Option<Diagnostic> {
    let to = match &rule.to {
        RuleTarget::All => "all nodes".to_owned(),
        RuleTarget::Group(group) => format!("`{group}`"),
    };
    let opened = ports.iter().filter(|port| rule.to.covers(&port.group) && opens(&rule.service, port));
    let can: Vec<String> = opened.filter_map(|port| Some(can(port.anybody.as_ref()?, &port.name))).collect();
    if let Some(everybody) = rule.from.iter().find(|from| from.value.prefix_len() == 0) {
        let what = format!("`{}` on {to}", rule.label);
        let warning = open_to_everybody(&[what], cluster, &can);
        return Some(warning.at(everybody.origin.unwrap_or(rule.origin), "open to everybody"));
    }
    let public: Vec<_> = rule.from.iter().filter(|from| !is_closed(&from.value)).collect();
    let first = public.first().filter(|_| !can.is_empty())?;
    let networks: Vec<String> = public.iter().map(|from| from.value.to_string()).collect();
    Some(open_to_a_public_network(&networks, cluster, &can).at(first.origin.unwrap_or(rule.origin), "a public network"))
}

/// Whether an `allow` block of that kind opens a port of a framework.
fn opens(service: &Service, port: &OpenPort) -> bool {
    match service {
        Service::WebUi => port.web_ui.is_some(),
        Service::Named(name) => port.name == *name,
        Service::Custom { protocol, ports } => {
            *protocol == port.protocol && ports.iter().any(|range| range.overlaps(port.ports))
        }
        Service::Ssh => false,
    }
}

/// What anybody can do through a port, with its name.
pub(crate) fn can(anybody: &str, port: &str) -> String {
    format!("{anybody} (`{port}`)")
}

/// The warning about what everybody can reach, and what anybody `can` do there, without its place.
pub(crate) fn open_to_everybody(what: &[String], cluster: &str, can: &[String]) -> Diagnostic {
    let are = if what.len() > 1 { "are" } else { "is" };
    let mut message = format!("{} of cluster `{cluster}` {are} open to every address on the internet", listed(what));
    if !can.is_empty() {
        message.push_str(": anybody can ");
        message.push_str(&listed(can));
    }
    Diagnostic::warning("disco::open_to_the_world", message)
        .help("list the networks that need it, for example `from = [\"203.0.113.0/24\"]`")
}

/// The warning about what anybody in a public network can do, without its place.
pub(crate) fn open_to_a_public_network(networks: &[String], cluster: &str, can: &[String]) -> Diagnostic {
    let message = format!("in cluster `{cluster}` anybody in {} can {}", listed(networks), listed(can));
    Diagnostic::warning("disco::unprotected_port", message)
        .help("let in a private network only, such as that of a VPN, or come in through SSH (`ssh -L`)")
}

/// Whether nobody of the internet comes from there.
pub(crate) fn is_closed(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => CLOSED.iter().any(|&(first, bits)| {
            let differ = u32::from(first) ^ u32::from(network.addr());
            network.prefix_len() >= bits && differ.checked_shr(32 - u32::from(bits)).unwrap_or_default() == 0
        }),
        IpNet::V6(network) => CLOSED_IPV6.iter().any(|&(first, bits)| {
            let differ = u128::from(first) ^ u128::from(network.addr());
            network.prefix_len() >= bits && differ.checked_shr(128 - u32::from(bits)).unwrap_or_default() == 0
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_of_the_internet_comes_from_closed_networks() {
        let closed = |network: &str| is_closed(&network.parse().unwrap());
        for network in [
            "10.1.0.0/16",
            "172.31.0.0/16",
            "192.168.0.0/16",
            "100.127.0.0/16",
            "203.0.113.7/32",
            "fd12::/48",
            "::1/128",
        ] {
            assert!(closed(network), "{network}");
        }
        for network in [
            "8.8.8.0/24",
            "172.32.0.0/16",
            "10.0.0.0/7",
            "192.0.0.0/16",
            "0.0.0.0/0",
            "2001:4860::/32",
            "fc00::/6",
            "::/0",
        ] {
            assert!(!closed(network), "{network}");
        }
    }
}
