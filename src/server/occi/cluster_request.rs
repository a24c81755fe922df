//! What a request for a cluster asks for.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::attributes::{Known, Meaning, known};
use super::credentials::Secret;
use super::inject;
use super::kind::Kind;
use super::refusal::Refusal;
use super::rendering::escaped;
use crate::catalogue::Catalogue;
use crate::source::nearest;

/// A cluster that is asked for. What is not said is up to the service's defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterRequest {
    /// By which name of the kind.
    pub kind: Kind,
    /// Name of the cluster, made to fit.
    pub name: Option<String>,
    /// The master nodes.
    pub master: NodesRequest,
    /// The slave nodes.
    pub slaves: NodesRequest,
    /// Whether the master gets an address that is reachable from outside.
    pub floating_ip: Option<bool>,
    /// The network that floating addresses come from.
    pub external_network: Option<String>,
    /// The name of the cluster's own network.
    pub network_name: Option<String>,
    /// Its addresses.
    pub cidr: Option<Ipv4Net>,
    /// Its name servers.
    pub dns_nameservers: Vec<Ipv4Addr>,
    /// The frameworks, where something is said about them.
    pub frameworks: Option<Vec<String>>,
    /// What opens the notebooks.
    pub jupyter_password: Option<Secret>,
    /// A key pair of the cloud that may log in.
    pub key_pair: Option<String>,
    /// Public keys that may log in.
    pub ssh_keys: Vec<String>,
    /// The region that it is asked for in.
    pub region: Option<String>,
    /// Whether it is to be planned and not created.
    pub plan_only: bool,
    /// Attributes that were accepted and have no effect, by name.
    pub ignored: Vec<String>,
    /// What was said, by attribute, without anything secret: for [`ClusterView::given`](super::ClusterView).
    pub given: BTreeMap<String, String>,
}

/// Nodes of one role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodesRequest {
    /// Name or id of an image.
    pub image: Option<String>,
    /// Name or id of a flavor.
    pub flavor: Option<String>,
    /// How many.
    pub count: Option<u32>,
}

impl ClusterRequest {
    /// A request that says nothing.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            name: None,
            master: NodesRequest::default(),
            slaves: NodesRequest::default(),
            floating_ip: None,
            external_network: None,
            network_name: None,
            cidr: None,
            dns_nameservers: Vec::new(),
            frameworks: None,
            jupyter_password: None,
            key_pair: None,
            ssh_keys: Vec::new(),
            region: None,
            plan_only: false,
            ignored: Vec::new(),
            given: BTreeMap::new(),
        }
    }

    /// Reads the attributes of a creation.
    ///
    /// # Errors
    /// Every mistake, a line each.
    pub fn read(kind: Kind, attributes: &[(String, String)], catalogue: &Catalogue) -> Result<Self, Refusal> {
        let mut request = Self::new(kind);
        let mut mistakes = Vec::new();
        for (name, value) in attributes {
            if let Err(mistake) = request.take(name, value, catalogue) {
                mistakes.push(mistake);
            }
        }
        if request.jupyter_password.is_some() && !request.has("jupyter") {
            request.jupyter_password = None;
            request.ignore("icclab.disco.components.jupyter.password");
        }
        if mistakes.is_empty() { Ok(request) } else { Err(Refusal::of_all(&mistakes)) }
    }

    /// Whether it asks for a framework.
    fn has(&self, name: &str) -> bool {
        self.frameworks.as_ref().is_some_and(|all| all.iter().any(|one| one == name))
    }

    fn ignore(&mut self, name: &str) {
        self.ignored.extend(shown_name(name).filter(|name| !self.ignored.contains(name)));
    }

    /// Reads one attribute. The sentence says what is wrong.
    fn take(&mut self, name: &str, value: &str, catalogue: &Catalogue) -> Result<(), String> {
        let meaning = match known(name)? {
            Known::Foreign if name == "action" => return Err("`action` is for a cluster that exists".to_owned()),
            Known::Foreign => {
                self.ignore(name);
                return Ok(());
            }
            Known::Included(framework) => {
                if boolean(name, value)? {
                    let known = inject::framework(framework, catalogue).map_err(|what| format!("`{name}`: {what}"))?;
                    self.add_framework(known);
                }
                self.given.insert(name.to_owned(), value.to_owned());
                return Ok(());
            }
            Known::Listed(meaning) => meaning,
        };
        if !meaning.is_secret() {
            self.given.insert(name.to_owned(), value.to_owned());
        }
        self.set(meaning, name, value.trim(), catalogue)
    }

    fn set(&mut self, meaning: Meaning, name: &str, value: &str, catalogue: &Catalogue) -> Result<(), String> {
        let text = || (!value.is_empty()).then(|| value.to_owned());
        match meaning {
            Meaning::MasterImage => put(&mut self.master.image, text(), name),
            Meaning::SlaveImage => put(&mut self.slaves.image, text(), name),
            Meaning::MasterFlavor => put(&mut self.master.flavor, text(), name),
            Meaning::SlaveFlavor => put(&mut self.slaves.flavor, text(), name),
            Meaning::MasterCount => put(&mut self.master.count, Some(count(name, value)?), name),
            Meaning::SlaveCount => put(&mut self.slaves.count, Some(count(name, value)?), name),
            Meaning::FloatingIp => put(&mut self.floating_ip, Some(boolean(name, value)?), name),
            Meaning::ExternalNetwork => put(&mut self.external_network, text(), name),
            Meaning::NetworkName => put(&mut self.network_name, text(), name),
            Meaning::Cidr => put(&mut self.cidr, cidr(name, value)?, name),
            Meaning::NameServers => {
                self.dns_nameservers = name_servers(name, value)?;
                Ok(())
            }
            Meaning::ClusterName => put(&mut self.name, fitting_name(value), name),
            Meaning::Frameworks => {
                let all = inject::frameworks(value, catalogue).map_err(|what| format!("`{name}`: {what}"))?;
                self.frameworks.get_or_insert_default();
                for framework in all {
                    self.add_framework(framework);
                }
                Ok(())
            }
            Meaning::Framework => {
                if value.is_empty() {
                    return Ok(());
                }
                let word = value.to_ascii_lowercase();
                let one = inject::framework(&word, catalogue).map_err(|what| format!("`{name}`: {what}"))?;
                self.add_framework(one);
                Ok(())
            }
            Meaning::JupyterPassword => put(&mut self.jupyter_password, text().map(Secret::new), name),
            Meaning::KeyPair => put(&mut self.key_pair, text(), name),
            Meaning::PublicKey => {
                self.ssh_keys.extend(text().filter(|key| !self.ssh_keys.contains(key)));
                Ok(())
            }
            Meaning::Region => put(&mut self.region, text(), name),
            Meaning::Deployer => {
                self.plan_only = deployer(name, value)?;
                Ok(())
            }
            Meaning::PlanOnly => {
                self.plan_only |= boolean(name, value)?;
                Ok(())
            }
            Meaning::Ignored => {
                self.ignore(name);
                Ok(())
            }
            // Only for a token, and that was before.
            Meaning::UserName | Meaning::Password => Ok(()),
            // `known` has refused it.
            Meaning::Refused(instead) => Err(instead.to_owned()),
        }
    }

    fn add_framework(&mut self, name: String) {
        let all = self.frameworks.get_or_insert_default();
        if !all.contains(&name) {
            all.push(name);
        }
    }
}

/// User name and password in the attributes of a creation, for a caller that sends no token.
pub(super) fn deployer_credentials(attributes: &[(String, String)]) -> Option<(String, Secret)> {
    let of = |wanted: Meaning| {
        let is = |name: &str| known(name) == Ok(Known::Listed(wanted));
        attributes.iter().find(|(name, value)| !value.is_empty() && is(name)).map(|(_, value)| value.clone())
    };
    Some((of(Meaning::UserName)?, Secret::new(of(Meaning::Password)?)))
}

/// A name of somebody else's as it is shown again: without what would split a list of names.
pub(super) fn shown_name(name: &str) -> Option<String> {
    let name: String = name.chars().filter(char::is_ascii_graphic).collect();
    (!name.is_empty()).then_some(name)
}

/// Keeps a value unless another one was said before.
fn put<T: PartialEq>(slot: &mut Option<T>, value: Option<T>, name: &str) -> Result<(), String> {
    match (slot.as_ref(), value) {
        (_, None) => Ok(()),
        (Some(before), Some(value)) if *before != value => {
            Err(format!("`{name}` says something else than an attribute before it"))
        }
        (_, value) => {
            *slot = value;
            Ok(())
        }
    }
}

/// A number of nodes.
pub(super) fn count(name: &str, value: &str) -> Result<u32, String> {
    let digits = !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit());
    digits
        .then(|| value.parse().ok())
        .flatten()
        .ok_or_else(|| format!("`{name}` is `{}`, expected a number of nodes", escaped(value)))
}

/// As Python and as the dashboards write it.
fn boolean(name: &str, value: &str) -> Result<bool, String> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" | "1" => Ok(true),
        "false" | "off" | "no" | "0" | "" => Ok(false),
        _ => Err(format!("`{name}` is `{}`, expected `true` or `false`", escaped(value))),
    }
}

fn cidr(name: &str, value: &str) -> Result<Option<Ipv4Net>, String> {
    if value.is_empty() {
        return Ok(None);
    }
    let wrong = || format!("`{name}` is `{}`, expected an IPv4 network such as `10.20.0.0/24`", escaped(value));
    value.parse().map(Some).map_err(|_| wrong())
}

/// `8.8.8.8,8.8.4.4`, in brackets or not.
fn name_servers(name: &str, value: &str) -> Result<Vec<Ipv4Addr>, String> {
    let inner = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(value);
    let words = inner.split([',', ' ']).map(|word| word.trim_matches(['"', '\''])).filter(|word| !word.is_empty());
    let mut all = Vec::new();
    for word in words {
        let wrong = |_| format!("`{name}` has `{}`, expected IPv4 addresses such as `9.9.9.9`", escaped(word));
        let server = word.parse().map_err(wrong)?;
        if !all.contains(&server) {
            all.push(server);
        }
    }
    Ok(all)
}

/// Whether it is planned only.
fn deployer(name: &str, value: &str) -> Result<bool, String> {
    const NAMES: [&str; 2] = ["FileDeployer", "OpenstackDeployer"];
    match value {
        "FileDeployer" => Ok(true),
        "OpenstackDeployer" | "" => Ok(false),
        other => {
            let help = nearest(other, NAMES).unwrap_or_else(|| format!("use `{}` or `{}`", NAMES[0], NAMES[1]));
            Err(format!("`{name}` is `{}`; {help}", escaped(other)))
        }
    }
}

/// Longest name of a cluster: what is left of a host name for the group and the number of a node.
const LONGEST_NAME: usize = 40;

/// A name that a cluster can have, as near to this one as it goes; nothing for a text without any letter.
fn fitting_name(text: &str) -> Option<String> {
    let mut name = String::new();
    for sign in text.to_lowercase().chars() {
        match sign {
            'a'..='z' => name.push(sign),
            '0'..='9' if !name.is_empty() => name.push(sign),
            _ if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    name.truncate(LONGEST_NAME);
    name.truncate(name.trim_end_matches('-').len());
    (!name.is_empty()).then_some(name)
}
