//! What `cluster.NAME` is in expressions: what the definition says, what is already known, and the rest unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv6Net;

use super::cluster::ClusterDraft;
use super::mention::Parts;
use crate::catalogue::{Framework, OpenPort};
use crate::expression::{Kind, Type, Value};
use crate::model::{ClusterSpec, GroupSpec, KnownCluster, KnownNode, Members, NetworkSpec, ipv6_address, node_name};

/// What expressions may call by a name, in the order of the language reference.
pub const CLUSTER_VALUES: &[(&str, &str)] = &[
    ("var.NAME", "a variable's value"),
    ("local.NAME", "a value of `locals`"),
    ("cluster.NAME.name", "the cluster's name"),
    ("cluster.NAME.id", "the id of its stack; known after apply"),
    ("cluster.NAME.network", "its network: `cidr`, `ipv6_cidr`, `external_network`, `existing`, `subnet`, `addresses`"),
    ("cluster.NAME.GROUP[INDEX].name", "a node's name"),
    ("cluster.NAME.GROUP[INDEX].index", "its number in the group, which stays the same when other nodes are removed"),
    ("cluster.NAME.GROUP[INDEX].address", "its private address"),
    ("cluster.NAME.GROUP[INDEX].ipv6_address", "its IPv6 address, or `null` where the network has no `ipv6_cidr`"),
    ("cluster.NAME.GROUP[INDEX].floating_ip", "its address from outside, or `null`; known after apply"),
    ("cluster.NAME.GROUP[INDEX].id", "the id of its server; known after apply"),
    ("cluster.NAME.ui.PORT", "the address of a framework's web page"),
    ("cluster.NAME.endpoint.PORT", "the address of a framework's service, for programs elsewhere"),
    ("cluster.NAME.ssh", "the command that logs in to the master"),
    ("cluster.NAME[\"KEY\"]", "one of the clusters of a block with `for_each`; `[INDEX]` with `count`"),
    ("module.NAME.OUTPUT", "an output of a module; `module.NAME[\"KEY\"].OUTPUT` where its block has `for_each`"),
    ("each.key, each.value", "in a block with `for_each`: what it is there for this time"),
    ("count.index", "in a `cluster` or `module` with `count`: which one it is, from 0"),
    ("path.project", "the project's folder: `.`"),
    ("path.module", "the folder of the file, relative to the project, for `file(…)` in a module"),
    ("disco.version", "the version of DISCO"),
    ("workspace.name", "the workspace, `default` unless another one is selected"),
];

/// Accounts that images of these systems let people log in with; other images are not guessed.
const LOGINS: [(&str, &str); 5] =
    [("debian", "debian"), ("ubuntu", "ubuntu"), ("rocky", "rocky"), ("alma", "almalinux"), ("fedora", "fedora")];

/// The account that an image lets people log in with, where its name tells.
pub fn login_account(image: &str) -> Option<&'static str> {
    let image = image.to_lowercase();
    LOGINS.iter().find(|(system, _)| image.contains(system)).map(|(_, login)| *login)
}

fn login(image: &str) -> String {
    login_account(image).map_or_else(String::new, |login| format!("{login}@"))
}

/// A text that may be known only after apply.
pub(crate) fn text_or_unknown(text: Option<impl ToString>) -> Value {
    text.map_or_else(|| Value::unknown(Type::String), |text| Value::string(text.to_string()))
}

/// What every cluster has besides its groups.
const OWN: [&str; 6] = ["name", "id", "network", "ui", "endpoint", "ssh"];

fn no_text() -> Value {
    Kind::Null(Type::String).into()
}

/// One node.
pub(crate) struct Node<'k> {
    /// Its private address.
    pub(crate) address: Option<Ipv4Addr>,
    /// The network that it has an IPv6 address of.
    pub(crate) ipv6: Option<Ipv6Net>,
    /// Whether it has a floating IP.
    pub(crate) floating: bool,
    /// What is known of it.
    pub(crate) known: Option<&'k KnownNode>,
}

impl Node<'_> {
    fn floating_ip(&self) -> Option<Ipv4Addr> {
        self.known.and_then(|known| known.floating_ip)
    }

    /// Where it is reached from outside.
    fn reached_at(&self) -> Option<Ipv4Addr> {
        if self.floating { self.floating_ip() } else { self.address }
    }

    /// `cluster.NAME.GROUP[INDEX]`
    pub(crate) fn value(&self, name: String, index: u32) -> Value {
        let floating_ip = if self.floating { text_or_unknown(self.floating_ip()) } else { no_text() };
        let ipv6_address = self
            .ipv6
            .map_or_else(no_text, |net| text_or_unknown(self.address.map(|address| ipv6_address(net, address))));
        Value::object([
            ("name", Value::string(name)),
            ("index", Value::integer(i64::from(index))),
            ("address", text_or_unknown(self.address)),
            ("ipv6_address", ipv6_address),
            ("floating_ip", floating_ip),
            ("id", text_or_unknown(self.known.and_then(|known| known.id.as_ref()))),
        ])
    }
}

/// `cluster.NAME` once it is decided which nodes there are. Nodes of groups that nobody names are left out: each is a value.
pub(crate) fn cluster(
    spec: &ClusterSpec,
    members: Option<&Members>,
    ports: &[OpenPort],
    known: Option<&KnownCluster>,
    named: &Parts,
) -> Value {
    let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    entries.insert("name".into(), Value::string(spec.name.as_str()));
    entries.insert("id".into(), text_or_unknown(known.and_then(|known| known.id.as_ref())));
    entries.insert("network".into(), network(&spec.network));
    let node = |group: &str, index: u32| Node {
        address: members.and_then(|members| members.node(group, index)).and_then(|member| member.address),
        ipv6: spec.network.ipv6_cidr().map(|net| net.value),
        floating: spec.group(group).is_some_and(|group| group.floating_ip.value),
        known: known.and_then(|known| known.nodes.get(group)?.get(&index)),
    };
    let first = |group: &str| {
        let index = members
            .and_then(|members| members.groups.get(group)?.nodes.first_key_value())
            .map_or(0, |(index, _)| *index);
        node(group, index).reached_at()
    };
    let label = |group: &GroupSpec| spec.called.group(&group.name).to_owned();
    let is_part = |part: &str| OWN.contains(&part) || spec.groups.iter().any(|group| label(group) == part);
    for group in spec.groups.iter().filter(|group| named.have(&label(group), is_part)) {
        let indices: Vec<u32> = match members.and_then(|members| members.groups.get(&group.name)) {
            Some(members) => members.nodes.keys().copied().collect(),
            None => (0..group.count.value).collect(),
        };
        let nodes = indices
            .into_iter()
            .map(|index| (index, node(&group.name, index).value(spec.node_name(&group.name, index), index)))
            .collect();
        entries.insert(label(group).into(), Value::members(nodes));
    }
    let page = |port: &OpenPort| {
        let web = port.web_ui.as_ref()?;
        Some((format!("{}://", web.scheme), web.path.clone()))
    };
    let endpoint = |port: &OpenPort| Some((port.endpoint.clone()?, String::new()));
    entries.insert("ui".into(), addresses(ports, first, page));
    entries.insert("endpoint".into(), addresses(ports, first, endpoint));
    let login = spec.group("master").map_or_else(String::new, |master| login(&master.image.value));
    let command = first("master").map(|host| format!("ssh {login}{host}"));
    entries.insert("ssh".into(), text_or_unknown(command));
    Value::object(entries)
}

/// Addresses of ports, by name, with what `around` says comes before the host and after the number. Ports that several groups
/// listen on are shown where people can most likely get: on the master.
fn addresses(
    ports: &[OpenPort],
    host: impl Fn(&str) -> Option<Ipv4Addr>,
    around: impl Fn(&OpenPort) -> Option<(String, String)>,
) -> Value {
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    for port in ports {
        let Some((before, after)) = around(port) else { continue };
        if port.group != "master" && all.contains_key(&port.name) {
            continue;
        }
        let number = port.ports.first;
        let url = host(&port.group).map(|host| format!("{before}{host}:{number}{after}"));
        all.insert(port.name.clone(), text_or_unknown(url));
    }
    Value::object(all)
}

/// `cluster.NAME` before it is decided which nodes there are, from what could be read of its block.
pub(crate) fn foreseen(
    draft: &ClusterDraft,
    frameworks: &[&Framework],
    known: Option<&KnownCluster>,
    members: Option<&Members>,
) -> Value {
    let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    entries.insert("name".into(), Value::string(draft.name.as_str()));
    entries.insert("id".into(), text_or_unknown(known.and_then(|known| known.id.as_ref())));
    entries.insert("network".into(), draft.network.as_ref().map_or_else(|_| Value::unknown(Type::Any), network));
    let ipv6 = draft.network.as_ref().ok().and_then(|network| network.ipv6_cidr()).map(|net| net.value);
    for group in &draft.groups {
        let nodes = known.and_then(|known| known.nodes.get(&group.name));
        let value = match &group.count {
            Some(count) => {
                let indices = foreseen_indices(nodes, count.value);
                let node = |index: u32| {
                    let known = nodes.and_then(|nodes| nodes.get(&index));
                    let member = members.and_then(|members| members.node(&group.name, index));
                    let address = member.and_then(|member| member.address).or(known.and_then(|known| known.address));
                    let floating = group.floating_ip.as_ref().is_none_or(|floating_ip| floating_ip.value);
                    Node { address, ipv6, floating, known }.value(node_name(&draft.name, &group.name, index), index)
                };
                Value::members(indices.into_iter().map(|index| (index, node(index))).collect())
            }
            None => Value::unknown(Type::Any),
        };
        entries.insert(group.label.as_str().into(), value);
    }
    let unknown = |name| (name, Value::unknown(Type::String));
    let pages = frameworks.iter().flat_map(|framework| framework.web_ui_names());
    entries.insert("ui".into(), Value::object(pages.map(unknown)));
    let services = frameworks.iter().flat_map(|framework| framework.endpoint_names());
    entries.insert("endpoint".into(), Value::object(services.map(unknown)));
    entries.insert("ssh".into(), Value::unknown(Type::String));
    Value::object(entries)
}

/// Growing takes the lowest free indices, shrinking gives up the highest ones.
fn foreseen_indices(nodes: Option<&BTreeMap<u32, KnownNode>>, count: u32) -> BTreeSet<u32> {
    let count = count as usize;
    let mut indices: BTreeSet<u32> = nodes.into_iter().flat_map(BTreeMap::keys).copied().take(count).collect();
    let mut next = 0;
    while indices.len() < count {
        indices.insert(next);
        next += 1;
    }
    indices
}

fn network(network: &NetworkSpec) -> Value {
    let text = |text: Option<String>| text.map_or_else(no_text, Value::string);
    let external = network.external_network().map(|external| external.value.clone());
    let (cidr, existing, subnet, addresses) = match network {
        NetworkSpec::New { cidr, .. } => (Some(cidr.value.to_string()), None, None, None),
        NetworkSpec::Existing { network, subnet, addresses, .. } => (
            None,
            Some(network.value.clone()),
            Some(subnet.value.clone()),
            addresses.as_ref().map(|addresses| addresses.value.to_string()),
        ),
    };
    Value::object([
        ("cidr", text(cidr)),
        ("ipv6_cidr", text(network.ipv6_cidr().map(|net| net.value.to_string()))),
        ("external_network", text(external)),
        ("existing", text(existing)),
        ("subnet", text(subnet)),
        ("addresses", text(addresses)),
    ])
}
