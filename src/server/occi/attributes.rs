//! The attributes that requests may have, and what each becomes: one table.

use super::kind::Kind;
use crate::source::did_you_mean;

/// What an attribute becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// `image` of `master`.
    MasterImage,
    /// `image` of `slaves`.
    SlaveImage,
    /// `flavor` of `master`.
    MasterFlavor,
    /// `flavor` of `slaves`.
    SlaveFlavor,
    /// `count` of `master`.
    MasterCount,
    /// `count` of `slaves`.
    SlaveCount,
    /// `floating_ip` of `master`.
    FloatingIp,
    /// `external_network` of `network`.
    ExternalNetwork,
    /// `name` of `network`.
    NetworkName,
    /// `cidr` of `network`.
    Cidr,
    /// `dns_nameservers` of `network`.
    NameServers,
    /// The cluster's name.
    ClusterName,
    /// All `framework` blocks.
    Frameworks,
    /// One more `framework` block.
    Framework,
    /// A secret setting of `jupyter`.
    JupyterPassword,
    /// `key_pair`
    KeyPair,
    /// One more of `ssh_keys`.
    PublicKey,
    /// Must be the cloud's.
    Region,
    /// Only for a token, where there is none.
    UserName,
    /// The same.
    Password,
    /// `FileDeployer`: planned only.
    Deployer,
    /// Planned only.
    PlanOnly,
    /// Accepted, without effect.
    Ignored,
    /// Not accepted; what is done instead.
    Refused(&'static str),
}

impl Meaning {
    /// Whether the cluster of a later request can have another value.
    pub(super) fn is_changeable(self) -> bool {
        matches!(self, Self::SlaveCount | Self::MasterFlavor | Self::SlaveFlavor | Self::Frameworks)
    }

    /// Whether nobody is shown the value again.
    pub(super) fn is_secret(self) -> bool {
        matches!(self, Self::JupyterPassword | Self::UserName | Self::Password)
    }
}

/// A file on the service's host, which nobody gets.
const NO_PATH: Meaning = Meaning::Refused("no path of the service is written to; read the template through `/v1`");
/// A floating address that exists already.
const OWN_ADDRESS: Meaning =
    Meaning::Refused("a cluster gets a floating address of its own; use `icclab.haas.master.withfloatingip`");

/// Every attribute, in the order in which the kind has them.
pub(super) static TABLE: [(&str, Meaning); 48] = [
    ("icclab.disco.components.heat.masterimage", Meaning::MasterImage),
    ("icclab.disco.components.heat.slaveimage", Meaning::SlaveImage),
    ("icclab.disco.components.heat.masterflavor", Meaning::MasterFlavor),
    ("icclab.disco.components.heat.slaveflavor", Meaning::SlaveFlavor),
    ("icclab.disco.components.heat.slavecount", Meaning::SlaveCount),
    ("icclab.disco.components.heat.externalnetworkname", Meaning::ExternalNetwork),
    ("icclab.disco.components.heat.networkname", Meaning::NetworkName),
    ("icclab.disco.components.heat.sshkeypairname", Meaning::KeyPair),
    ("icclab.disco.components.heat.mastername", Meaning::Ignored),
    ("icclab.disco.components.heat.slavename", Meaning::Ignored),
    ("icclab.disco.components.jupyter.password", Meaning::JupyterPassword),
    ("icclab.disco.dependencies.inject", Meaning::Frameworks),
    ("icclab.disco.deployer.region", Meaning::Region),
    ("icclab.disco.deployer.username", Meaning::UserName),
    ("icclab.disco.deployer.password", Meaning::Password),
    ("icclab.disco.deployer.type", Meaning::Deployer),
    ("icclab.disco.deployer.path", NO_PATH),
    // Names that the original had no use for any more, and listed.
    ("icclab.disco.hurtle.region", Meaning::Region),
    ("icclab.disco.hurtle.username", Meaning::UserName),
    ("icclab.disco.hurtle.password", Meaning::Password),
    // Release 0.1.
    ("icclab.haas.cluster.name", Meaning::ClusterName),
    ("icclab.haas.cluster.procframework", Meaning::Framework),
    ("icclab.haas.cluster.username", Meaning::Ignored),
    ("icclab.haas.cluster.usergroup", Meaning::Ignored),
    ("icclab.haas.cluster.homedir", Meaning::Ignored),
    ("icclab.haas.master.number", Meaning::MasterCount),
    ("icclab.haas.master.image", Meaning::MasterImage),
    ("icclab.haas.master.imageid", Meaning::MasterImage),
    ("icclab.haas.master.flavor", Meaning::MasterFlavor),
    ("icclab.haas.master.name", Meaning::Ignored),
    ("icclab.haas.master.sshkeyname", Meaning::KeyPair),
    ("icclab.haas.master.publickey", Meaning::PublicKey),
    ("icclab.haas.master.slaveonmaster", Meaning::Ignored),
    ("icclab.haas.master.transfermethod", Meaning::Ignored),
    ("icclab.haas.master.withfloatingip", Meaning::FloatingIp),
    ("icclab.haas.master.attachfloatingipwithid", OWN_ADDRESS),
    ("icclab.haas.slave.number", Meaning::SlaveCount),
    ("icclab.haas.slave.image", Meaning::SlaveImage),
    ("icclab.haas.slave.flavor", Meaning::SlaveFlavor),
    ("icclab.haas.slave.name", Meaning::Ignored),
    ("icclab.haas.network.external", Meaning::ExternalNetwork),
    ("icclab.haas.network.subnet.cidr", Meaning::Cidr),
    ("icclab.haas.network.subnet.allocpool.start", Meaning::Ignored),
    ("icclab.haas.network.subnet.allocpool.end", Meaning::Ignored),
    ("icclab.haas.network.gw.ip", Meaning::Ignored),
    ("icclab.haas.network.dnsservers", Meaning::NameServers),
    ("icclab.haas.debug.donotdeploy", Meaning::PlanOnly),
    ("icclab.haas.debug.savetemplatetolocalpath", NO_PATH),
];

/// What begins all names of DISCO's own.
const OWN: &str = "icclab.";

/// The attributes that a kind lists: those that requests may have.
pub fn attribute_names(kind: Kind) -> impl Iterator<Item = &'static str> {
    let own = match kind {
        Kind::Disco => "icclab.disco.",
        Kind::Haas => "icclab.haas.",
    };
    let listed =
        TABLE.iter().filter(move |(name, meaning)| name.starts_with(own) && !matches!(meaning, Meaning::Refused(_)));
    listed.map(|(name, _)| *name)
}

/// What an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known<'n> {
    /// One of the table.
    Listed(Meaning),
    /// `icclab.disco.frameworks.NAME.included`, as the dashboard of release 0.1 sends one for each framework.
    Included(&'n str),
    /// Nobody's.
    Foreign,
}

/// Looks a name up. The sentence says what is wrong.
pub(super) fn known(name: &str) -> Result<Known<'_>, String> {
    if let Some((_, meaning)) = TABLE.iter().find(|(own, _)| *own == name) {
        return match meaning {
            Meaning::Refused(instead) => Err(format!("`{name}` is not accepted: {instead}")),
            meaning => Ok(Known::Listed(*meaning)),
        };
    }
    let framework = name.strip_prefix("icclab.disco.frameworks.").and_then(|rest| rest.strip_suffix(".included"));
    if let Some(framework) = framework.filter(|word| is_word(word)) {
        return Ok(Known::Included(framework));
    }
    if !name.starts_with(OWN) {
        return Ok(Known::Foreign);
    }
    let listed = TABLE.iter().filter(|(_, meaning)| !matches!(meaning, Meaning::Refused(_)));
    let help = did_you_mean(name, listed.map(|(name, _)| *name));
    let help = help.unwrap_or_else(|| "`GET /-/` lists the attributes".to_owned());
    Err(format!("attribute `{}` does not exist; {help}", super::rendering::escaped(name)))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_'))
}
