//! `master` and `slaves`: groups of equal nodes, and their volumes.

use std::collections::BTreeMap;

use super::blocks::{GroupAttributes, MASTER, MasterAttributes, SLAVES, SlavesAttributes, VOLUME, VolumeAttributes};
use super::decode::Decoder;
use super::instances::{Instance, instances};
use super::mount::mount_path;
use super::names::{duplicate, plain_name};
use super::reported::{Decoded, Reported};
use super::schema::blocks;
use crate::catalogue::NodesOfGroup;
use crate::model::{AntiAffinity, Called, GroupFramework, GroupSpec, Role, Sourced, VolumeSpec};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::Block;

/// Words that a group cannot be called, because `cluster.NAME.WORD`, a rule's `to` or a resource's name means
/// something else.
const RESERVED: [&str; 26] = [
    "all",
    "cluster",
    "config",
    "each",
    "endpoint",
    "framework",
    "id",
    "image",
    "key-pair",
    "lifecycle",
    "master",
    "name",
    "network",
    "port",
    "router",
    "router-interface",
    "rule",
    "security",
    "security-group",
    "self",
    "ssh",
    "ssh-keys",
    "subnet",
    "ui",
    "user-data",
    "verify",
];

/// What is known of a group even where a part of it is wrong: enough for names and sizes.
#[derive(Clone, Debug)]
pub(crate) struct GroupDraft {
    /// Its name on the cloud.
    pub(crate) name: String,
    /// What the definition calls it.
    pub(crate) label: String,
    /// Where the name is written, or the block's head.
    pub(crate) name_span: Span,
    /// What for.
    pub(crate) role: Role,
    /// How many nodes, if that could be read.
    pub(crate) count: Option<Sourced<u32>>,
    /// Whether it wants floating IPs, if that could be read.
    pub(crate) floating_ip: Option<Sourced<bool>>,
    /// Whether it stores data, if that could be read.
    pub(crate) storage: Option<bool>,
    /// Whether it has no image of its own.
    pub(crate) needs_image: bool,
    /// The block's head.
    pub(crate) origin: Span,
    /// All of it, if nothing is wrong. Its image is the cluster's where it has none of its own.
    pub(crate) spec: Decoded<GroupSpec>,
}

impl GroupDraft {
    /// Its nodes as far as they are known, as frameworks look at them.
    pub(crate) fn nodes(&self) -> NodesOfGroup<'_> {
        let storage = self.storage.unwrap_or(true);
        let frameworks = self.spec.as_ref().ok().and_then(|spec| spec.frameworks.as_deref());
        NodesOfGroup { name: &self.name, role: self.role, storage, frameworks, count: self.count.as_ref() }
    }
}

/// Reads a `master` or `slaves` block as one of those that it stands for; `image` is the cluster's.
pub(crate) fn group(
    block: &Block,
    role: Role,
    one: &Instance,
    called: &Called,
    image: &Decoded<Option<Sourced<String>>>,
    decoder: &mut Decoder<'_, '_>,
) -> Decoded<GroupDraft> {
    let (label, name_span) = match role {
        Role::Master => {
            let _ = MASTER.open(block, &mut decoder.diagnostics);
            ("master".to_owned(), block.head)
        }
        Role::Slave => group_name(block, one, decoder)?,
    };
    let name = called.group_named(&label).to_owned();
    let at = GroupAttributes::ALL;
    let count = count(block, role, decoder);
    let flavor = decoder.required(block, &at.flavor);
    let own_image = decoder.read(block, &at.image);
    let needs_image = own_image == Ok(None) && block.body.is_whole();
    let image = match (own_image, image) {
        (Ok(Some(own)), _) => Ok(own),
        (Ok(None), Ok(Some(of_cluster))) => Ok(of_cluster.clone()),
        _ => Err(Reported),
    };
    let floating_ip = decoder.read(block, &at.floating_ip).map(|value| value.unwrap_or(Sourced::default_of(false)));
    let anti_affinity = decoder.read(block, &at.anti_affinity);
    let availability_zone = decoder.read(block, &at.availability_zone);
    let storage = match role {
        Role::Master => Ok(true),
        Role::Slave => decoder
            .read(block, &SlavesAttributes::ALL.storage)
            .map(|storage| storage.is_none_or(|storage| storage.value)),
    };
    let frameworks = match role {
        Role::Master => Ok(None),
        Role::Slave => decoder.read(block, &SlavesAttributes::ALL.frameworks),
    };
    let volumes = volumes(block, decoder);
    let mut draft = GroupDraft {
        label,
        name: name.clone(),
        name_span,
        role,
        count: count.clone().ok(),
        floating_ip: floating_ip.clone().ok(),
        storage: storage.ok(),
        needs_image,
        origin: block.head,
        spec: Err(Reported),
    };
    draft.spec = (|| {
        Ok(GroupSpec {
            name,
            role,
            origin: block.head,
            count: count?,
            flavor: flavor?,
            image: image?,
            storage: storage?,
            frameworks: frameworks?.map(|listed| listed.value.iter().map(listed_framework).collect()),
            floating_ip: floating_ip?,
            volumes: volumes?,
            anti_affinity: anti_affinity?.unwrap_or(Sourced::default_of(AntiAffinity::None)),
            availability_zone: availability_zone?,
        })
    })();
    Ok(draft)
}

/// A framework as a group lists it: `hadoop`, or `hadoop.client`.
fn listed_framework(listed: &Sourced<String>) -> GroupFramework {
    let name = listed.value.strip_suffix(".client");
    GroupFramework { is_client: name.is_some(), name: name.unwrap_or(&listed.value).to_owned(), origin: listed.origin }
}

fn group_name(block: &Block, one: &Instance, decoder: &mut Decoder<'_, '_>) -> Decoded<(String, Span)> {
    let label = SLAVES.open(block, &mut decoder.diagnostics)?;
    let Some(label) = label else { return Ok((one.named("slaves"), block.head)) };
    let name = one.named(&plain_name(label, "a group of nodes", &mut decoder.diagnostics)?);
    if RESERVED.contains(&name.as_str()) {
        return Err(decoder.report(
            Diagnostic::error("disco::reserved_name", format!("`{name}` cannot be the name of a group of slaves"))
                .at(label.span, "this word is reserved")
                .help(format!("use another name, for instance `{name}-nodes`")),
        ));
    }
    Ok((name, label.span))
}

fn count(block: &Block, role: Role, decoder: &mut Decoder<'_, '_>) -> Decoded<Sourced<u32>> {
    let count = match role {
        Role::Master => decoder.read(block, &MasterAttributes::ALL.count)?.unwrap_or(Sourced::default_of(1)),
        Role::Slave => decoder.required(block, &SlavesAttributes::ALL.count)?,
    };
    let value = u32::try_from(count.value).map_err(|_| Reported)?;
    Ok(Sourced::new(value, count.origin))
}

fn volumes(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Vec<VolumeSpec>> {
    let mut names: BTreeMap<String, Span> = BTreeMap::new();
    let mut mounts: BTreeMap<String, Span> = BTreeMap::new();
    let mut volumes = Vec::new();
    let mut failed = false;
    let mut all: Vec<(&Block, Instance)> = Vec::new();
    for block in blocks(&block.body, "volume") {
        match instances(block, None, decoder) {
            Ok(found) => all.extend(found.into_iter().map(|one| (block, one))),
            Err(Reported) => failed = true,
        }
    }
    for (block, one) in all {
        let Some(volume) = one.read(decoder, |decoder| volume(block, &one, decoder)) else {
            failed = true;
            continue;
        };
        let at = volume.mount_origin.unwrap_or(block.head);
        if let Some(first) = names.insert(volume.name.clone(), block.head) {
            decoder.report(duplicate("volume", &volume.name, block.head, first));
            failed = true;
        } else if let Ok(mount) = &volume.mount
            && let Some(first) = mounts.insert(mount.clone(), at)
        {
            decoder.report(
                Diagnostic::error("disco::duplicate_mount", format!("two volumes are mounted at `{mount}`"))
                    .at(at, "the second one")
                    .at(first, "the first one")
                    .help("give one of them another `mount`"),
            );
            failed = true;
        }
        match volume.spec(block) {
            Ok(volume) => volumes.push(volume),
            Err(Reported) => failed = true,
        }
    }
    if failed { Err(Reported) } else { Ok(volumes) }
}

/// What is known of a volume even where a part of it is wrong: enough to compare it with others.
struct VolumeDraft {
    name: String,
    size: Decoded<Sourced<i64>>,
    volume_type: Decoded<Option<Sourced<String>>>,
    mount: Decoded<String>,
    /// Where its mount is written.
    mount_origin: Option<Span>,
}

impl VolumeDraft {
    fn spec(self, block: &Block) -> Decoded<VolumeSpec> {
        let size = self.size?;
        Ok(VolumeSpec {
            size_gib: Sourced::new(u64::try_from(size.value).map_err(|_| Reported)?, size.origin),
            volume_type: self.volume_type?,
            mount: self.mount?,
            origin: block.head,
            name: self.name,
        })
    }
}

/// Reads a `volume` block as one of those that it stands for; `None` if its name is wrong.
fn volume(block: &Block, one: &Instance, decoder: &mut Decoder<'_, '_>) -> Option<VolumeDraft> {
    let at = VolumeAttributes::ALL;
    let name = VOLUME
        .open_named(block, &mut decoder.diagnostics)
        .and_then(|label| plain_name(label, "a volume", &mut decoder.diagnostics));
    let size = decoder.required(block, &at.size);
    let volume_type = decoder.read(block, &at.volume_type);
    let mount = mount(block, decoder);
    let name = one.named(&name.ok()?);
    Some(VolumeDraft {
        size,
        volume_type,
        mount: mount.map(|mount| mount.unwrap_or_else(|| format!("/data/{name}"))),
        mount_origin: at.mount.written(&block.body).map(|mount| mount.value.span),
        name,
    })
}

fn mount(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Option<String>> {
    let Some(mount) = decoder.read(block, &VolumeAttributes::ALL.mount)? else { return Ok(None) };
    mount_path(&mount).map(Some).map_err(|mistake| decoder.report(mistake))
}
