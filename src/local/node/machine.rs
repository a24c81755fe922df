//! Machines as they should be: what the world says of a server, its ports, volumes, addresses and rules, as plain values.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use data_encoding::HEXLOWER;
use ipnet::IpNet;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::super::cloud;
use super::super::entity::{Server, Thing, Wanted};
use super::super::resource::rules;
use super::super::world::World;

/// A machine as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The server's id.
    pub id: String,
    /// Its name, which is the machine's host name.
    pub name: String,
    /// Changes whenever the machine is to be something else, and with every request to do something with it; reports
    /// name the one that they are about.
    pub generation: String,
    /// What is to become of it.
    pub wanted: Wanted,
    /// Name of its image.
    pub image: String,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Virtual processors.
    pub vcpus: u64,
    /// Size of its own disk in GiB.
    pub disk_gib: u64,
    /// How often its own disk was asked to be written anew: where that is another number than the machine was made with,
    /// its disk starts from the image again, and `user_data` runs again.
    pub rebuilds: u64,
    /// How often it was asked to boot again: where that is another number than the machine last booted with, it boots again.
    pub reboots: u64,
    /// What cloud-init carries out at the first boot; empty for nothing.
    pub user_data: String,
    /// The public key of its key pair, for the account that people log in with.
    pub public_key: Option<String>,
    /// What `/var/lib/heat-cfntools/cfn-init-data` holds (readable by root only): with what its agent logs in at Heat.
    pub credentials: Option<String>,
    /// Its networks, in order: the first has the default route.
    pub interfaces: Vec<Interface>,
    /// Its volumes, in the order of their ids.
    pub volumes: Vec<Volume>,
}

/// A machine's place on a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// The port's id.
    pub port: String,
    /// The network's id: machines with the same one are on the same network.
    pub network: String,
    /// The network's name.
    pub network_name: String,
    /// `10.20.0.0/24`
    #[serde(serialize_with = "shown")]
    pub cidr: IpNet,
    /// The way out, where the engine listens for machines; `None` where the subnet has none.
    pub gateway: Option<IpAddr>,
    /// Whether a router leads from the subnet to the outside.
    pub is_routed: bool,
    /// Servers for names; empty for those of the host.
    pub nameservers: Vec<IpAddr>,
    /// Its address.
    pub address: IpAddr,
    /// Further addresses of the same port, in other subnets of the network.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<IpAddr>,
    /// `fa:16:3e:00:00:01`
    pub mac: String,
    /// The floating address that leads to it.
    pub floating: Option<IpAddr>,
    /// What may pass; nothing else may, save answers to what did. `None`: everything may.
    pub rules: Option<Vec<Rule>>,
}

/// A volume of a machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Volume {
    /// Cinder's id; the machine finds its disk at `/dev/disk/by-id/*ID`, of which the agent compares 20 characters.
    pub id: String,
    /// Its size in GiB.
    pub size_gib: u64,
}

/// What may pass at an interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rule {
    /// Which way.
    pub direction: Direction,
    /// Whether it is about IPv6.
    pub is_ipv6: bool,
    /// `tcp`, `udp`, `icmp`, a number …; `None` for any.
    pub protocol: Option<String>,
    /// First and last port; of ICMP, type and code. `None` for any.
    pub ports: Option<(u64, u64)>,
    /// The other side.
    pub remote: Remote,
}

/// Who is at the other side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remote {
    /// Anybody.
    Anywhere,
    /// Those in a network: `10.20.0.0/24`.
    #[serde(serialize_with = "shown")]
    Network(IpNet),
    /// Members of a security group; nobody if there are none.
    Members(BTreeSet<IpAddr>),
}

/// Which way something passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the machine.
    Ingress,
    /// From the machine.
    Egress,
}

fn shown<S: Serializer>(net: &IpNet, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(net)
}

/// All machines as they should be, in the order of their ids.
pub(crate) fn machines(world: &World) -> Vec<Machine> {
    let network = Network::of(world);
    let mut servers: Vec<&Server> = world.servers.values().collect();
    servers.sort_unstable_by(|left, right| left.id.cmp(&right.id));
    servers.into_iter().map(|server| machine(world, &network, server)).collect()
}

fn machine(world: &World, network: &Network<'_>, server: &Server) -> Machine {
    let flavor = cloud::flavor(&server.flavor);
    let interfaces: Vec<Interface> =
        server.ports.iter().filter_map(|port| network.interface(world, world.thing(port, "port")?)).collect();
    let size = |id: &String| world.thing(id, "volume")?.body.field("size")?.as_u64();
    let volumes = world.attached.get(&server.id).into_iter().flatten();
    let volumes = volumes.filter_map(|id| Some(Volume { id: id.clone(), size_gib: size(id)? })).collect();
    let key = server.key_name.as_ref().and_then(|name| world.thing(name, "keypair"));
    let mut machine = Machine {
        id: server.id.clone(),
        name: server.name.clone(),
        generation: String::new(),
        wanted: server.wanted,
        image: server.image.clone(),
        memory_mib: flavor.as_ref().map_or(0, |flavor| flavor.ram),
        vcpus: flavor.as_ref().map_or(0, |flavor| flavor.vcpus),
        disk_gib: flavor.as_ref().map_or(0, |flavor| flavor.disk),
        rebuilds: server.rebuilds,
        reboots: server.reboots,
        user_data: server.user_data.clone().unwrap_or_default(),
        public_key: key.and_then(|key| key.body.text("public_key")).filter(|key| !key.is_empty()),
        credentials: credentials(world, server, &interfaces),
        interfaces,
        volumes,
    };
    let text = serde_json::to_string(&machine).unwrap_or_default();
    let digest = Sha256::digest(format!("{} {text}", server.ordered).as_bytes());
    machine.generation = HEXLOWER.encode(&digest[..8]);
    machine
}

/// What Heat puts on a machine that polls it: the collectors' configuration. `None` for one that does not, or as long as
/// no machine can reach the engine.
fn credentials(world: &World, server: &Server, interfaces: &[Interface]) -> Option<String> {
    let gateway = interfaces.iter().find_map(|interface| interface.gateway)?;
    let port = world.identity.port?;
    let heat = heat_credentials(world, server, &format!("http://{}", std::net::SocketAddr::new(gateway, port)))?;
    let all = json!({"os-collect-config": {"collectors": ["ec2", "heat", "local"], "heat": heat}});
    Some(all.to_string())
}

/// With what the agent of a server logs in at the engine that it reaches there.
pub(crate) fn heat_credentials(world: &World, server: &Server, base: &str) -> Option<Json> {
    let user = server.user.as_ref()?;
    let stack = world.stacks.get(&server.stack)?;
    Some(json!({
        "auth_url": format!("{base}/identity/v3"), "user_id": user.id, "password": user.password,
        "project_id": stack.user_project, "stack_id": format!("{}/{}", stack.name, stack.id),
        "resource_name": user.resource, "region_name": cloud::REGION,
    }))
}

/// What is looked up of the networks once for all machines.
struct Network<'w> {
    /// Rules of each security group.
    rules: BTreeMap<String, Vec<Map<String, Json>>>,
    /// Addresses of the members of each security group.
    members: BTreeMap<String, BTreeSet<IpAddr>>,
    /// Floating addresses by port and fixed address.
    floating: BTreeMap<(String, IpAddr), IpAddr>,
    /// Subnets with a router that leads outside.
    routed: BTreeSet<String>,
    subnets: BTreeMap<&'w str, Subnet>,
}

struct Subnet {
    cidr: IpNet,
    gateway: Option<IpAddr>,
    nameservers: Vec<IpAddr>,
}

fn address(value: Option<Json>) -> Option<IpAddr> {
    value?.as_str()?.parse().ok()
}

fn names(value: Option<Json>) -> Vec<String> {
    value.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
}

impl<'w> Network<'w> {
    fn of(world: &'w World) -> Self {
        let mut it = Self {
            rules: BTreeMap::new(),
            members: BTreeMap::new(),
            floating: BTreeMap::new(),
            routed: BTreeSet::new(),
            subnets: BTreeMap::new(),
        };
        for rule in rules(world) {
            let Json::Object(rule) = rule else { continue };
            let Some(group) = rule.get("security_group_id").and_then(Json::as_str) else { continue };
            it.rules.entry(group.to_owned()).or_default().push(rule);
        }
        for thing in world.things.values() {
            it.note(world, thing);
        }
        it
    }

    fn note(&mut self, world: &World, thing: &'w Thing) {
        match thing.kind.as_str() {
            "port" => {
                let addresses = thing.addresses.iter().map(|(_, address)| *address);
                for group in names(thing.body.field("security_groups")) {
                    self.members.entry(group).or_default().extend(addresses.clone());
                }
            }
            "floatingip" => {
                let own = address(thing.body.field("floating_ip_address"));
                let fixed = address(thing.body.field("fixed_ip_address"));
                if let (Some(own), Some(fixed), Some(port)) = (own, fixed, thing.body.text("port_id")) {
                    self.floating.insert((port, fixed), own);
                }
            }
            "router_interface" => {
                let router = thing.body.text("router_id").and_then(|id| world.thing(&id, "router"));
                let leads = |router: &Thing| {
                    router.body.field("external_gateway_info").is_some_and(|gateway| gateway.is_object())
                };
                if let Some(subnet) = thing.body.text("subnet_id").filter(|_| router.is_some_and(leads)) {
                    self.routed.insert(subnet);
                }
            }
            "subnet" => {
                let Some(cidr) = thing.body.text("cidr").and_then(|cidr| cidr.parse().ok()) else { return };
                let gateway = address(thing.body.field("gateway_ip"));
                let nameservers = names(thing.body.field("dns_nameservers"));
                let nameservers = nameservers.iter().filter_map(|server| server.parse().ok()).collect();
                self.subnets.insert(&thing.id, Subnet { cidr, gateway, nameservers });
            }
            _ => {}
        }
    }

    fn interface(&self, world: &World, port: &Thing) -> Option<Interface> {
        let (subnet, address) = port.addresses.first()?;
        let place = self.subnets.get(subnet.as_str())?;
        let network = port.body.text("network_id")?;
        let found = world.thing(&network, "network");
        let is_open = |thing: &Thing| thing.body.field("port_security_enabled") == Some(Json::Bool(false));
        let groups = names(port.body.field("security_groups"));
        let rules = || {
            let mut rules: Vec<Rule> =
                groups.iter().filter_map(|group| self.rules.get(group)).flatten().map(|rule| self.rule(rule)).collect();
            rules.sort();
            rules.dedup();
            rules
        };
        Some(Interface {
            port: port.id.clone(),
            network_name: found.map_or_else(String::new, |network| network.name.clone()),
            cidr: place.cidr,
            gateway: place.gateway,
            is_routed: self.routed.contains(subnet),
            nameservers: place.nameservers.clone(),
            address: *address,
            further: port.addresses.iter().skip(1).map(|(_, address)| *address).collect(),
            mac: port.body.text("mac_address").unwrap_or_default(),
            floating: self.floating.get(&(port.id.clone(), *address)).copied(),
            rules: (!is_open(port) && !found.is_some_and(is_open)).then(rules),
            network,
        })
    }

    fn rule(&self, rule: &Map<String, Json>) -> Rule {
        let text = |name: &str| rule.get(name).and_then(Json::as_str);
        let number =
            |name: &str| rule.get(name).and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
        let (first, last) = (number("port_range_min"), number("port_range_max"));
        let remote = match (text("remote_ip_prefix").and_then(|prefix| prefix.parse().ok()), text("remote_group_id")) {
            (Some(network), _) => Remote::Network(network),
            (None, Some(group)) => Remote::Members(self.members.get(group).cloned().unwrap_or_default()),
            (None, None) => Remote::Anywhere,
        };
        Rule {
            direction: if text("direction") == Some("egress") { Direction::Egress } else { Direction::Ingress },
            is_ipv6: text("ethertype") == Some("IPv6"),
            protocol: text("protocol").filter(|protocol| *protocol != "any").map(str::to_owned),
            ports: first.or(last).map(|only| (first.unwrap_or(only), last.unwrap_or(only))),
            remote,
        }
    }
}
