//! The files that a machine's container mounts: cloud-init's seed, Heat's credentials, rules and disks.

use std::fmt::Write as _;

use ipnet::{IpNet, Ipv4Net};
use serde_json::json;

use super::super::{Direction, Interface, Machine, Remote, Rule};
use super::argv::host_name;

const BOOT: &str = include_str!("boot.sh");

/// The table of a node's rules; the node's agent has one of its own.
const TABLE: &str = "disco_host";

/// Addresses that never leave a link; a cloud's metadata address is one.
const LINK_LOCAL: &str = "169.254.0.0/16";

/// The folders of a machine's files; only root may look into the second.
pub(crate) const FOLDERS: [(&str, u32); 3] = [("seed", 0o700), ("heat", 0o700), ("host", 0o755)];

/// A disk of a machine as its container sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Disk {
    /// Cinder's id of the volume.
    pub volume: String,
    /// Number of the loop device.
    pub device: u32,
}

/// A file of a machine, relative to its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MachineFile {
    pub path: &'static str,
    pub mode: u32,
    pub text: String,
}

/// All files of a machine; `disks` are those of its volumes.
pub(crate) fn files(machine: &Machine, disks: &[Disk]) -> Vec<MachineFile> {
    let file = |path, mode, text| MachineFile { path, mode, text };
    let mut files = vec![
        file("seed/meta-data", 0o600, meta_data(machine)),
        file("seed/user-data", 0o600, machine.user_data.clone()),
        file("host/boot.sh", 0o755, BOOT.to_owned()),
        file("host/firewall", 0o600, firewall(&machine.interfaces)),
        file("host/disks", 0o644, disk_lines(disks)),
    ];
    files.extend(machine.credentials.clone().map(|credentials| file("heat/cfn-init-data", 0o600, credentials)));
    files
}

fn meta_data(machine: &Machine) -> String {
    let meta_data = json!({
        "instance-id": format!("{}-{}", machine.id, machine.rebuilds),
        "local-hostname": host_name(&machine.name),
        "public-keys": machine.public_key.iter().map(|key| key.trim()).collect::<Vec<_>>(),
    });
    format!("{meta_data}\n")
}

/// What a volume's disk is called after: as much of its id as a hypervisor takes.
pub(crate) fn disk_name(volume: &str) -> &str {
    volume.get(..20).unwrap_or(volume)
}

/// A line a disk: by which name it is found, and its device.
fn disk_lines(disks: &[Disk]) -> String {
    disks.iter().fold(String::new(), |mut lines, disk| {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{} 7 {}", disk_name(&disk.volume), disk.device);
        lines
    })
}

/// The rules of a machine's security groups for nftables: what no rule allows is dropped, in both directions.
/// What belongs to a connection that was allowed is allowed. A floating address is the fixed one that it leads to.
pub(crate) fn firewall(interfaces: &[Interface]) -> String {
    let chain = |direction: Direction, device: &str| {
        let mut rules: Vec<String> = interfaces.iter().flat_map(|interface| accepted(interface, direction)).collect();
        rules.sort();
        rules.dedup();
        let before = ["ct state established,related accept".to_owned(), format!("{device} \"lo\" accept")];
        // Nodes have no metadata address, and that of the host is not theirs.
        let metadata = (direction == Direction::Egress).then(|| format!("ip daddr {LINK_LOCAL} reject"));
        indented(before.into_iter().chain(metadata).chain(rules))
    };
    let translated = interfaces.iter().filter_map(|interface| {
        let floating = interface.floating?;
        Some(format!("ip daddr {floating} dnat ip to {}", interface.address))
    });
    format!(
        "table inet {TABLE}\ndelete table inet {TABLE}\ntable inet {TABLE} {{\n    chain ingress {{\n        type filter hook input priority filter; policy drop;\n{}    }}\n    chain egress {{\n        type filter hook output priority filter; policy drop;\n{}    }}\n    chain translation {{\n        type nat hook prerouting priority dstnat; policy accept;\n{}    }}\n}}\n",
        chain(Direction::Ingress, "iifname"),
        chain(Direction::Egress, "oifname"),
        indented(translated),
    )
}

/// Lines of a chain.
fn indented(rules: impl Iterator<Item = String>) -> String {
    rules.flat_map(|rule| ["        ".to_owned(), rule, "\n".to_owned()]).collect()
}

/// What may pass at an interface in one direction, in the words of nftables.
fn accepted(interface: &Interface, direction: Direction) -> Vec<String> {
    let (own, other) = match direction {
        Direction::Ingress => ("daddr", "saddr"),
        Direction::Egress => ("saddr", "daddr"),
    };
    let own = format!("ip {own} {}", interface.address);
    let Some(rules) = &interface.rules else { return vec![format!("{own} accept")] };
    let rules = rules.iter().filter(|rule| rule.direction == direction && !rule.is_ipv6);
    rules.filter_map(|rule| Some(format!("{own} {}accept", condition(rule, other)?))).collect()
}

/// When a rule holds; `None` where nobody can be at the other end.
fn condition(rule: &Rule, side: &str) -> Option<String> {
    let mut words = String::new();
    let remote = match &rule.remote {
        Remote::Anywhere => None,
        Remote::Network(network) => Some(vec![*network]),
        Remote::Members(members) => Some(members.iter().map(|member| IpNet::from(*member)).collect()),
    };
    if let Some(remote) = remote {
        let remote = remote.into_iter().filter_map(|net| match net {
            IpNet::V4(net) => Some(net),
            IpNet::V6(_) => None,
        });
        let remote = Ipv4Net::aggregate(&remote.collect());
        if remote.is_empty() {
            return None;
        }
        if remote.iter().all(|net| net.prefix_len() > 0) {
            let remote: Vec<String> = remote.iter().map(ToString::to_string).collect();
            // Writing to a String cannot fail.
            let _ = write!(words, "ip {side} {{ {} }} ", remote.join(", "));
        }
    }
    let _ = match (rule.protocol.as_deref(), rule.ports) {
        (Some(protocol @ ("tcp" | "udp" | "sctp")), Some((first, last))) if first == last => {
            write!(words, "{protocol} dport {first} ")
        }
        (Some(protocol @ ("tcp" | "udp" | "sctp")), Some((first, last))) => {
            write!(words, "{protocol} dport {first}-{last} ")
        }
        (Some("icmp"), Some((kind, _))) => write!(words, "icmp type {kind} "),
        (Some(protocol), _) => write!(words, "meta l4proto {protocol} "),
        (None, _) => Ok(()),
    };
    Some(words)
}
