//! `cluster`: all its parts, and what must hold between them.

use std::collections::BTreeMap;

use super::blocks::{CLUSTER, ClusterAttributes};
use super::decode::Decoder;
use super::depends_on::depends_on;
use super::framework::{chosen, framework};
use super::group::{GroupDraft, group};
use super::ignored::ignore_changes;
use super::instances::{Instance, instances};
use super::lifecycle::{default_lifecycle, lifecycle};
use super::names::duplicate;
use super::network::network;
use super::reported::{Decoded, Reported};
use super::schema::{block, blocks};
use super::security::{Surroundings, security};
use super::ssh::ssh;
use crate::catalogue::{Catalogue, Framework, Nodes, complete};
use crate::model::{Called, ClusterSpec, FrameworkSpec, GroupSpec, NetworkSpec, Role, Sourced, SshAccess, Standing};
use crate::source::{Diagnostic, Sources, Span};
use crate::syntax::tree::Block;

const AT: ClusterAttributes = ClusterAttributes::ALL;

/// What is known of a cluster even where a part of it is wrong: enough to compare it with others.
#[derive(Debug)]
pub(crate) struct ClusterDraft {
    /// Its name.
    pub(crate) name: String,
    /// Where the name stands.
    pub(crate) name_span: Span,
    /// Its network, if that could be read.
    pub(crate) network: Decoded<NetworkSpec>,
    /// Its groups, as far as their names could be read.
    pub(crate) groups: Vec<GroupDraft>,
    /// All of it, if nothing is wrong.
    pub(crate) spec: Decoded<ClusterSpec>,
    /// If something is wrong, the cluster without it, as far as what frameworks object to can be told from that.
    pub(crate) sketch: Option<ClusterSpec>,
}

impl ClusterDraft {
    /// Adds the frameworks that others bring.
    pub(crate) fn complete(&mut self, catalogue: &Catalogue, sources: &Sources) {
        for spec in self.spec.iter_mut().chain(&mut self.sketch) {
            complete(spec, catalogue, sources);
        }
    }

    /// The cluster with nothing but its network and its nodes, if these could be read: enough to give them addresses.
    pub(crate) fn nodes_only(&self) -> Option<ClusterSpec> {
        Some(ClusterSpec {
            name: self.name.clone(),
            called: Called::default(),
            origin: self.name_span,
            ssh: SshAccess::default(),
            network: self.network.clone().ok()?,
            security: Vec::new(),
            groups: self.groups.iter().map(|group| group.spec.clone().ok()).collect::<Option<_>>()?,
            frameworks: Vec::new(),
            lifecycle: default_lifecycle(),
        })
    }
}

/// What a cluster is called, and what it has where it lives.
#[derive(Clone, Copy)]
pub(crate) struct Naming<'n> {
    /// Its name on the cloud.
    pub(crate) name: &'n str,
    /// What the definition calls it and its groups.
    pub(crate) called: &'n Called,
    /// What its groups have; nothing where it does not live.
    pub(crate) standing: Option<&'n BTreeMap<String, Standing>>,
}

/// Reads the block as the cluster of this name.
pub(crate) fn cluster(
    of_cluster: &Block,
    named: Naming<'_>,
    catalogue: &Catalogue,
    decoder: &mut Decoder<'_, '_>,
) -> ClusterDraft {
    let Naming { name, called, standing } = named;
    let before = decoder.errors();
    let body = &of_cluster.body;
    CLUSTER.check(body, &mut decoder.diagnostics);
    let label = of_cluster.labels.first();
    let name = name.to_owned();
    let image = decoder.read(of_cluster, &AT.image);
    let ssh = ssh(of_cluster, decoder);
    let network = match block(body, "network") {
        Some(block) => network(block, decoder),
        None => Err(missing_block(of_cluster, "network", "network { cidr = \"10.20.0.0/24\" }", decoder)),
    };
    let mut groups = groups(of_cluster, called, &image, decoder);
    image_is_there(of_cluster, image == Ok(None) && body.is_whole(), &groups, decoder);
    let (frameworks, found, mut sound) = frameworks(of_cluster, catalogue, decoder);
    let around = Surroundings {
        groups: groups
            .all
            .as_ref()
            .ok()
            .map(|()| groups.drafts.iter().map(|group| (group.label.clone(), group.name.clone())).collect()),
        frameworks: found.clone().ok(),
        network: network.as_ref().ok(),
        catalogue,
    };
    let rules = security(block(body, "security"), &around, decoder);
    let lifecycle = lifecycle(block(body, "lifecycle"), &name, decoder);
    depends_on(of_cluster, &AT.depends_on, decoder);
    sound &= ignore_changes(block(body, "lifecycle"), standing, &mut groups.drafts, decoder).is_ok();
    let parts = decoder.errors();
    if let Ok(network) = &network {
        floating_ips_have_a_source(network, &groups.drafts, decoder);
        nodes_have_addresses(&name, network, &groups, decoder);
    }
    if let Ok(found) = &found {
        frameworks_have_their_nodes(of_cluster, found, &groups, decoder);
    }
    sound &= ssh.is_ok() && rules.is_ok() && decoder.errors() == before && body.is_sound();
    let sketch = (|| {
        groups.all?;
        let specs: Decoded<Vec<GroupSpec>> = groups.drafts.iter().map(|group| group.spec.clone()).collect();
        let is_there = |name: &String| groups.drafts.iter().any(|group| group.name == *name);
        let of_groups = called.groups.iter().filter(|(name, label)| name != label && is_there(name));
        let of_groups = of_groups.map(|(name, label)| (name.clone(), label.clone())).collect();
        Ok(ClusterSpec {
            name: name.clone(),
            called: Called { address: called.address.clone(), groups: of_groups },
            origin: of_cluster.head,
            ssh: ssh.unwrap_or_default(),
            network: network.clone()?,
            security: rules.unwrap_or_default(),
            groups: specs?,
            frameworks: frameworks?,
            lifecycle: lifecycle?,
        })
    })();
    // What does not fit together has been told; frameworks would only object to the same.
    let fits = decoder.errors() == parts;
    let (spec, sketch) = if sound { (sketch, None) } else { (Err(Reported), sketch.ok().filter(|_| fits)) };
    let name_span = label.map_or(of_cluster.head, |label| label.span);
    ClusterDraft { name, name_span, network, groups: groups.drafts, spec, sketch }
}

fn missing_block(of: &Block, kind: &str, example: &str, decoder: &mut Decoder<'_, '_>) -> Reported {
    if !of.body.is_whole() {
        return Reported;
    }
    decoder.report(
        Diagnostic::error("disco::missing_block", format!("`{}` needs a `{kind}` block", of.kind.text))
            .at(of.head, format!("`{kind}` is missing in this block"))
            .help(format!("add `{example}`")),
    )
}

struct Groups {
    drafts: Vec<GroupDraft>,
    /// `Err` if one is missing here.
    all: Decoded<()>,
}

fn groups(
    of: &Block,
    called: &Called,
    image: &Decoded<Option<Sourced<String>>>,
    decoder: &mut Decoder<'_, '_>,
) -> Groups {
    let all = if of.body.is_whole() { Ok(()) } else { Err(Reported) };
    let mut groups = Groups { drafts: Vec::new(), all };
    match block(&of.body, "master") {
        Some(block) => match group(block, Role::Master, &Instance::single(), called, image, decoder) {
            Ok(draft) => groups.drafts.push(draft),
            Err(Reported) => groups.all = Err(Reported),
        },
        None => groups.all = Err(missing_block(of, "master", "master { flavor = \"…\" }", decoder)),
    }
    for second in blocks(&of.body, "master").skip(1) {
        // That there are two is said; what is wrong in it, too.
        let _ = group(second, Role::Master, &Instance::single(), called, image, decoder);
    }
    for block in blocks(&of.body, "slaves") {
        let Ok(all) = instances(block, None, decoder) else {
            groups.all = Err(Reported);
            continue;
        };
        for one in all {
            match one.read(decoder, |decoder| group(block, Role::Slave, &one, called, image, decoder)) {
                Ok(draft) => match groups.drafts.iter().find(|other| other.name == draft.name) {
                    Some(first) => {
                        decoder.report(if draft.label == first.label {
                            duplicate("group", &draft.label, draft.name_span, first.name_span)
                        } else {
                            group_name_in_use(&draft, first)
                        });
                    }
                    None => groups.drafts.push(draft),
                },
                Err(Reported) => groups.all = Err(Reported),
            }
        }
    }
    groups
}

/// The message about a group's name that another group has kept.
fn group_name_in_use(one: &GroupDraft, other: &GroupDraft) -> Diagnostic {
    let (kept, by) = if one.name == one.label { (one, other) } else { (other, one) };
    Diagnostic::error("disco::name_in_use", format!("the nodes of group `{}` are called `{}`", by.label, by.name))
        .at(kept.name_span, "would get the same names")
        .at(by.name_span, "was called so before it was moved")
        .help("give this group another name: nodes keep their names as long as they live")
}

fn image_is_there(cluster: &Block, absent: bool, groups: &Groups, decoder: &mut Decoder<'_, '_>) {
    let without: Vec<&GroupDraft> = groups.drafts.iter().filter(|group| group.needs_image).collect();
    if !absent || without.is_empty() {
        return;
    }
    let mut diagnostic = Diagnostic::error("disco::missing_attribute", "no `image` is set for the nodes to boot from")
        .at(cluster.head, "`image` is missing in this block");
    for group in without {
        diagnostic = diagnostic.at(group.origin, "has no `image` of its own");
    }
    decoder.report(diagnostic.help("add `image = \"debian-12\"`, here or to each group"));
}

/// What is asked for, what was found in the catalogue, and whether nothing is wrong with it.
type Frameworks<'c> = (Decoded<Vec<FrameworkSpec>>, Decoded<Vec<&'c Framework>>, bool);

fn frameworks<'c>(of: &Block, catalogue: &'c Catalogue, decoder: &mut Decoder<'_, '_>) -> Frameworks<'c> {
    let mut specs = Ok(Vec::new());
    let mut sound = true;
    let mut found = if of.body.is_whole() { Ok(Vec::new()) } else { Err(Reported) };
    let mut firsts: BTreeMap<&str, Span> = BTreeMap::new();
    for block in blocks(&of.body, "framework") {
        let Ok(chosen) = chosen(block, catalogue, decoder) else {
            found = Err(Reported);
            specs = Err(Reported);
            continue;
        };
        if let Some(first) = firsts.insert(&chosen.name, block.head) {
            sound = false;
            decoder.report(
                Diagnostic::error(
                    "disco::duplicate_framework",
                    format!("framework `{}` is declared twice", chosen.name),
                )
                .at(block.head, "declared again here")
                .at(first, "first declared here")
                .help("merge both into one block"),
            );
            let _ = framework(block, chosen, decoder);
            continue;
        }
        if let Ok(found) = &mut found {
            found.push(chosen);
        }
        match (framework(block, chosen, decoder), &mut specs) {
            (Ok(draft), Ok(specs)) => {
                sound &= draft.sound;
                specs.push(draft.spec);
            }
            (Ok(_), Err(_)) => {}
            (Err(Reported), _) => specs = Err(Reported),
        }
    }
    (specs, found, sound)
}

fn floating_ips_have_a_source(network: &NetworkSpec, groups: &[GroupDraft], decoder: &mut Decoder<'_, '_>) {
    if network.external_network().is_some() {
        return;
    }
    for group in groups {
        if let Some(floating_ip) = group.floating_ip.as_ref().filter(|floating_ip| floating_ip.value) {
            decoder.report(
                Diagnostic::error(
                    "disco::no_external_network",
                    "`floating_ip` is set, but the network has no `external_network`",
                )
                .at_maybe(floating_ip.origin, "asks for floating IPs")
                .at(network.origin(), "has no `external_network`")
                .help("add `external_network = \"public\"` to `network`, or remove `floating_ip`"),
            );
        }
    }
}

fn nodes_have_addresses(name: &str, network: &NetworkSpec, groups: &Groups, decoder: &mut Decoder<'_, '_>) {
    let counts: Option<Vec<u64>> =
        groups.drafts.iter().map(|group| group.count.as_ref().map(|count| u64::from(count.value))).collect();
    let Some(counts) = counts else { return };
    let wanted: u64 = counts.iter().sum();
    let (Some(room), Some(addresses)) = (network.node_capacity(), network.addresses()) else { return };
    if wanted <= room {
        return;
    }
    let nodes = |count: u64| if count == 1 { "1 node".to_owned() } else { format!("{count} nodes") };
    let prefix = (0..addresses.value.prefix_len()).rev().find(|prefix| {
        let size = 1_u64 << (32 - prefix);
        size.saturating_sub((size / 16).clamp(4, 256)) > wanted
    });
    let help =
        prefix.map_or_else(|| "fewer nodes".to_owned(), |prefix| format!("fewer nodes, or a network of /{prefix}"));
    decoder.report(
        Diagnostic::error(
            "disco::subnet_too_small",
            format!("`{}` has room for {}, cluster `{name}` has {wanted}", addresses.value, nodes(room)),
        )
        .at(
            addresses.origin.unwrap_or(network.origin()),
            format!("room for {}, as the gateway and DHCP need addresses too", nodes(room)),
        )
        .help(help),
    );
}

fn frameworks_have_their_nodes(of: &Block, found: &[&Framework], groups: &Groups, decoder: &mut Decoder<'_, '_>) {
    let nodes = Nodes { groups: groups.drafts.iter().map(GroupDraft::nodes).collect(), whole: groups.all.is_ok() };
    for framework in found {
        let Some(block) = blocks(&of.body, "framework")
            .find(|block| block.labels.first().is_some_and(|label| *label.text == *framework.name))
        else {
            continue;
        };
        for mistake in framework.check_nodes(&nodes, block.head, of.head) {
            decoder.report(mistake);
        }
    }
}
