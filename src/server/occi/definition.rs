//! A request for a cluster as the definition of one: a text that people can read and edit.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::cluster_request::{ClusterRequest, NodesRequest};
use super::credentials::Secret;
use super::kind::Kind;
use super::refusal::Refusal;
use crate::source::Sources;
use crate::suggest::Place;
use crate::syntax::{self, quoted};

/// What holds where a request says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// Where clusters are.
    pub place: Place,
    /// Image of the nodes.
    pub image: Option<String>,
    /// Flavor of the master.
    pub master_flavor: Option<String>,
    /// Flavor of the slaves.
    pub slave_flavor: Option<String>,
    /// How many slaves.
    pub slaves: u32,
    /// The network that floating addresses come from.
    pub external_network: Option<String>,
}

/// A definition, and what must not be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenDefinition {
    /// Name of the cluster.
    pub name: String,
    /// The text of `main.disco.hcl`, in the layout of `disco fmt`.
    pub text: String,
    /// Values of its sensitive variables, by name.
    pub secrets: BTreeMap<String, Secret>,
}

impl WrittenDefinition {
    /// The values of its sensitive variables as a file of variables; nothing where it has none.
    pub fn variables(&self) -> Option<Secret> {
        let lines: Vec<String> =
            self.secrets.iter().map(|(name, secret)| format!("{name} = {}\n", quoted(secret.expose()))).collect();
        (!lines.is_empty()).then(|| Secret::new(lines.concat()))
    }
}

/// Name of a cluster that has none.
const NAME: &str = "disco";
/// The variable that opens the notebooks.
const JUPYTER: &str = "jupyter_password";
/// What release 0.1 set up where nothing was said.
const USUAL: &str = "hadoop";
/// The addresses that the original gave every cluster.
const CIDR: &str = "192.168.19.0/24";
/// How many nodes have room in them.
const ROOM: u64 = 200;

/// Writes the definition of what is asked for.
///
/// # Errors
/// What is missing and has no default, a line each.
pub fn written(request: &ClusterRequest, defaults: &Defaults) -> Result<WrittenDefinition, Refusal> {
    let mut mistakes = Vec::new();
    let mut needed = |value: Option<&String>, default: Option<&String>, what: &str| {
        value.or(default).cloned().unwrap_or_else(|| {
            mistakes.push(format!("{what} is missing, and the service has no default for it"));
            String::new()
        })
    };
    let (master, slaves) = (&request.master, &request.slaves);
    let default = defaults.image.as_ref();
    let master_image = needed(master.image.as_ref().or(slaves.image.as_ref()), default, "the image of the master");
    let slave_image = slaves.image.clone().unwrap_or_else(|| master_image.clone());
    let default = defaults.master_flavor.as_ref();
    let master_flavor = needed(master.flavor.as_ref().or(slaves.flavor.as_ref()), default, "the flavor of the master");
    let slave_flavor = slaves.flavor.as_ref().or(defaults.slave_flavor.as_ref());
    let slave_flavor = slave_flavor.cloned().unwrap_or_else(|| master_flavor.clone());
    let external = request.external_network.as_ref().or(defaults.external_network.as_ref());
    if external.is_none() && request.floating_ip == Some(true) {
        mistakes.push("a floating address needs an external network, and the service has no default for it".to_owned());
    }
    if !mistakes.is_empty() {
        return Err(Refusal::of_all(&mistakes));
    }
    let writer = Writer {
        request,
        defaults,
        name: request.name.clone().unwrap_or_else(|| NAME.to_owned()),
        images: (master_image, slave_image),
        flavors: (master_flavor, slave_flavor),
        external,
        frameworks: match &request.frameworks {
            Some(frameworks) => frameworks.clone(),
            None if request.kind == Kind::Haas => vec![USUAL.to_owned()],
            None => Vec::new(),
        },
    };
    let sources = Sources::new();
    let id = sources.add("main.disco.hcl", writer.write());
    let secrets = request.jupyter_password.iter().map(|password| (JUPYTER.to_owned(), password.clone()));
    Ok(WrittenDefinition { text: syntax::format(&sources, id), secrets: secrets.collect(), name: writer.name })
}

struct Writer<'r> {
    request: &'r ClusterRequest,
    defaults: &'r Defaults,
    name: String,
    /// Of the master, of the slaves.
    images: (String, String),
    /// The same.
    flavors: (String, String),
    external: Option<&'r String>,
    frameworks: Vec<String>,
}

impl Writer<'_> {
    fn write(&self) -> String {
        let provider = match &self.defaults.place {
            Place::Simulated => "provider \"local\" {\n  nodes = \"simulated\"\n}".to_owned(),
            Place::Containers => "provider \"local\" {\n  nodes = \"container\"\n}".to_owned(),
            Place::Cloud(Some(cloud)) => format!("provider \"openstack\" {{\n  cloud = {}\n}}", quoted(cloud)),
            Place::Cloud(None) => "provider \"openstack\" {}".to_owned(),
        };
        let mut text = format!(
            "# A cluster of the Service Manager's interface. This text is what holds: edit it, and apply. A later request\n\
             # to that interface changes the values that it names here, and nothing else.\n\n{provider}\n\n"
        );
        if self.request.jupyter_password.is_some() {
            let _ = writeln!(
                text,
                "# Opens the notebooks. The service keeps the value apart from this file.\n\
                 variable \"{JUPYTER}\" {{\n  type = string\n  sensitive = true\n}}\n"
            );
        }
        self.cluster(&mut text);
        let mut output = |name: &str| {
            // Writing to a String cannot fail.
            let _ = write!(text, "\noutput \"{name}\" {{\n  value = cluster.{}.{name}\n}}\n", self.name);
        };
        if !self.frameworks.is_empty() {
            output("ui");
        }
        output("ssh");
        text
    }

    fn cluster(&self, text: &mut String) {
        let _ = writeln!(text, "cluster {} {{\n  image = {}", quoted(&self.name), quoted(&self.images.0));
        if let Some(key_pair) = &self.request.key_pair {
            let _ = writeln!(text, "  key_pair = {}", quoted(key_pair));
        }
        if !self.request.ssh_keys.is_empty() {
            let keys: Vec<String> = self.request.ssh_keys.iter().map(|key| quoted(key)).collect();
            let _ = writeln!(text, "  ssh_keys = [{}]", keys.join(", "));
        }
        text.push('\n');
        self.network(text);
        self.security(text);
        let floating_ip = self.request.floating_ip.unwrap_or(self.external.is_some());
        let master = &self.request.master;
        let _ = writeln!(text, "  master {{");
        if let Some(count) = master.count.filter(|count| *count != 1) {
            let _ = writeln!(text, "    count = {count}");
        }
        let _ = writeln!(text, "    flavor = {}\n    floating_ip = {floating_ip}\n  }}\n", quoted(&self.flavors.0));
        let count = self.count(&self.request.slaves);
        let _ = writeln!(text, "  slaves {{\n    count = {count}\n    flavor = {}", quoted(&self.flavors.1));
        if self.images.0 != self.images.1 {
            let _ = writeln!(text, "    image = {}", quoted(&self.images.1));
        }
        text.push_str("  }\n");
        for framework in &self.frameworks {
            let inner = if framework == "jupyter" && self.request.jupyter_password.is_some() {
                format!("\n    token = var.{JUPYTER}\n  ")
            } else {
                String::new()
            };
            let _ = write!(text, "\n  framework {} {{{inner}}}\n", quoted(framework));
        }
        text.push_str("}\n");
    }

    fn count(&self, slaves: &NodesRequest) -> u32 {
        slaves.count.unwrap_or(self.defaults.slaves)
    }

    fn network(&self, text: &mut String) {
        let nodes = u64::from(self.count(&self.request.slaves)) + u64::from(self.request.master.count.unwrap_or(1));
        let cidr = match self.request.cidr {
            Some(cidr) => cidr.to_string(),
            None if nodes <= ROOM => CIDR.to_owned(),
            // Room to grow to twice as many.
            None => {
                format!("10.0.0.0/{}", 31_u32.saturating_sub(nodes.next_power_of_two().trailing_zeros()).clamp(8, 22))
            }
        };
        let _ = writeln!(text, "  network {{\n    cidr = {}", quoted(&cidr));
        if let Some(name) = &self.request.network_name {
            let _ = writeln!(text, "    name = {}", quoted(name));
        }
        if let Some(external) = self.external {
            let _ = writeln!(text, "    external_network = {}", quoted(external));
        }
        if !self.request.dns_nameservers.is_empty() {
            let servers: Vec<String> =
                self.request.dns_nameservers.iter().map(|server| quoted(&server.to_string())).collect();
            let _ = writeln!(text, "    dns_nameservers = [{}]", servers.join(", "));
        }
        text.push_str("  }\n\n");
    }

    /// Who holds a key may log in from anywhere, because no attribute says from where; nothing else is open.
    fn security(&self, text: &mut String) {
        let has_key = self.request.key_pair.is_some() || !self.request.ssh_keys.is_empty();
        text.push_str("  # Nothing else is reachable from outside. The web pages of the frameworks:\n");
        text.push_str("  #   allow \"web-ui\" { from = [\"203.0.113.0/24\"] }\n  security {");
        if has_key {
            text.push_str("\n    # Only keys are let in. Name the networks that you come from, if you know them.\n");
            text.push_str("    allow \"ssh\" {\n      from = [\"0.0.0.0/0\"]\n    }\n  ");
        }
        text.push_str("}\n\n");
    }
}
