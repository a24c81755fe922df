//! `bytes -> State`, or why not.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::fault::StateFault;
use super::format::{
    AuthorFile, CloudFile, ClusterFile, FactsFile, GroupFile, Head, IntentFile, LimitsFile, OLDEST, OperationFile,
    OutputFile, PropertyFile, ResourceFile, StackFile, StateFile, VERSION,
};
use super::record::{Author, ClusterState, Intent, Operation, OutputState, Recorded, ResourceState, StackState, State};
use crate::model::{
    Address, AddressBlock, Called, CloudFacts, CloudIdentity, Flavor, GroupMembers, Image, Member, Members, NodeId,
    NodePart, ProjectIdentity, Quota, QuotaKind, Quotas,
};

/// Reads a state file.
///
/// # Errors
/// What is empty, torn, foreign, of a newer format or inconsistent is refused; see [`StateFault::help`] for the way out.
pub fn decode(bytes: &[u8]) -> Result<State, StateFault> {
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(StateFault::Empty);
    }
    // A state that is as it should be is read once.
    if let Ok(file) = serde_json::from_slice::<StateFile>(bytes)
        && (OLDEST..=VERSION).contains(&file.version)
    {
        return state(file);
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|error| unreadable(bytes, &error))?;
    match (head.version, head.disco) {
        (_, None) => {
            let what =
                if head.terraform_version.is_some() { "it is a state of Terraform" } else { "it does not name DISCO" };
            return Err(StateFault::Foreign { what: what.to_owned() });
        }
        (Some(version), Some(product)) => match version.as_u64() {
            Some(version) if version > VERSION => {
                return Err(StateFault::Newer { version, product, known: VERSION });
            }
            Some(OLDEST..=VERSION) => {}
            _ => return Err(StateFault::Inconsistent { what: format!("format version {version} does not exist") }),
        },
        (None, Some(_)) => return Err(StateFault::Inconsistent { what: "it has no format version".to_owned() }),
    }
    let file: StateFile = serde_json::from_slice(bytes).map_err(|error| StateFault::Misfit {
        line: error.line(),
        column: error.column(),
        reason: words(&error),
    })?;
    state(file)
}

fn unreadable(bytes: &[u8], error: &serde_json::Error) -> StateFault {
    let begins_as_ours = bytes.trim_ascii_start().starts_with(b"{");
    if !begins_as_ours {
        return StateFault::Foreign { what: "it is not a JSON object".to_owned() };
    }
    let reason = if error.is_eof() { "it is cut off".to_owned() } else { words(error) };
    StateFault::Torn { line: error.line(), column: error.column(), reason }
}

/// The parser's words without its own place, which is told apart.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(words, _)| words.to_owned())
}

fn inconsistent<T>(what: impl Into<String>) -> Result<T, StateFault> {
    Err(StateFault::Inconsistent { what: what.into() })
}

fn state(file: StateFile) -> Result<State, StateFault> {
    if file.lineage.is_empty() {
        return inconsistent("its lineage is empty");
    }
    let outputs = file.outputs.0.into_iter().map(|(name, output)| {
        let output = match output {
            OutputFile::Value(value) => OutputState::Value(value),
            OutputFile::SecretDigest(digest) => OutputState::Secret(digest),
        };
        (name, output)
    });
    let outputs = outputs.collect();
    let mut clusters = BTreeMap::new();
    let mut stack_names = BTreeSet::new();
    let workspace = file.workspace;
    for (name, file) in file.clusters.0 {
        if let Some(stack) = file.stacks.0.keys().find(|stack| !stack_names.insert((*stack).clone())) {
            return inconsistent(format!("stack `{stack}` belongs to two clusters"));
        }
        let mut cluster = cluster(&name, file)?;
        cluster.members.workspace.clone_from(&workspace);
        clusters.insert(name, cluster);
    }
    let last = file.last.map(|AuthorFile { operation, user, host, since }| Author { operation, user, host, since });
    if file.salt.as_deref() == Some("") {
        return inconsistent("its salt is empty");
    }
    let cloud = file.cloud.map(|cloud| match cloud {
        CloudFile::Local {} => CloudIdentity::Embedded,
        CloudFile::OpenStack { auth_url, region, project_id, project_name } => {
            let project = ProjectIdentity { id: project_id, name: project_name };
            CloudIdentity::OpenStack { auth_url, region, project }
        }
    });
    let StateFile { lineage, salt, serial, released, .. } = file;
    let released = released.0.into_iter();
    let released = released.map(|(name, file)| (name, Called { address: file.address, groups: file.labels })).collect();
    Ok(State { lineage, salt, cloud, workspace, serial, clusters, released, outputs, last })
}

fn cluster(name: &str, file: ClusterFile) -> Result<ClusterState, StateFault> {
    let mut groups = BTreeMap::new();
    let mut addresses = BTreeSet::new();
    for (group, file) in file.groups.0 {
        let members = members(name, &group, file)?;
        let known = members.nodes.iter().filter_map(|(index, node)| Some((index, node.address?)));
        if let Some((index, address)) = known.into_iter().find(|(_, address)| !addresses.insert(*address)) {
            return inconsistent(format!("cluster.{name}.{group}[{index}] has the address {address} of another node"));
        }
        groups.insert(group, members);
    }
    let mut floating_ips = BTreeMap::new();
    for (resource, address) in file.floating_ips.0 {
        let Some((group, index)) = NodePart::FloatingIp.owner(&resource) else {
            return inconsistent(format!("cluster.{name} has a floating IP `{resource}`, which belongs to no node"));
        };
        floating_ips.insert(NodeId::new(group, index), address);
    }
    let mut stacks = BTreeMap::new();
    for (stack_name, file) in file.stacks.0 {
        let stack = stack(name, &stack_name, file)?;
        stacks.insert(stack_name, stack);
    }
    if let Some(file) = file.intent {
        let stack: &mut StackState = stacks.entry(file.stack).or_default();
        let (operation, template_digest) = (file.operation, file.template_digest);
        stack.intent = Some(intent(IntentFile {
            operation,
            template_digest,
            step: file.step,
            since: file.since,
            deadline_minutes: None,
        }));
    }
    Ok(ClusterState {
        stacks,
        members: Members { groups, fixed: file.fixed.0, workspace: None },
        facts: facts(file.facts),
        prevent_destroy: file.prevent_destroy,
        storage_groups: file.storage_groups.0,
        frameworks: file.frameworks.0,
        floating_ips,
        refers_to: file.refers_to,
        called: Called { address: file.address, groups: file.labels.0 },
    })
}

fn intent(file: IntentFile) -> Intent {
    Intent {
        operation: match file.operation {
            OperationFile::Create => Operation::Create,
            OperationFile::Update => Operation::Update,
            OperationFile::Delete => Operation::Delete,
            OperationFile::Suspend => Operation::Suspend,
            OperationFile::Resume => Operation::Resume,
        },
        template_digest: file.template_digest,
        step: file.step,
        since: file.since,
        deadline_minutes: file.deadline_minutes,
    }
}

fn members(cluster: &str, group: &str, file: GroupFile) -> Result<GroupMembers, StateFault> {
    let mut nodes = BTreeMap::new();
    for (index, node) in file.nodes.0 {
        let Some(number) = index.parse::<u32>().ok().filter(|number| number.to_string() == index) else {
            return inconsistent(format!("cluster.{cluster}.{group} has a node `{index}`, which is not an index"));
        };
        nodes.insert(number, Member { address: node.address, shard: node.shard });
    }
    let blocks = file.blocks.into_iter().map(|block| AddressBlock {
        first_index: block.first_index,
        first_address: block.first_address,
        count: block.count,
        shard: block.shard,
    });
    Ok(GroupMembers { nodes, blocks: blocks.collect() })
}

fn facts(file: FactsFile) -> CloudFacts {
    let flavors = file.flavors.0.into_iter().map(|(name, flavor)| {
        let (memory_mib, disk_gib) = (flavor.memory_mib, flavor.disk_gib);
        (name, Flavor { id: flavor.id, vcpus: flavor.vcpus, memory_mib, disk_gib, disabled: false })
    });
    let images = file.images.0.into_iter().map(|(name, image)| {
        let (min_disk_gib, min_memory_mib) = (image.min_disk_gib, image.min_memory_mib);
        (name, Image { id: image.id, min_disk_gib, min_memory_mib, unusable: None })
    });
    let mut networks = file.networks.0;
    let external = file.external_networks.into_iter().map(|name| {
        let id = networks.remove(&name).unwrap_or_default();
        (name, id)
    });
    let external_networks = external.collect();
    let themselves = |names: Vec<String>| names.into_iter().map(|name| (name.clone(), name)).collect();
    let LimitsFile { instances, vcpus, memory_mib, floating_ips, server_group_members } = file.limits;
    let limits = [
        (QuotaKind::Instances, instances),
        (QuotaKind::Cores, vcpus),
        (QuotaKind::Memory, memory_mib),
        (QuotaKind::FloatingIps, floating_ips),
    ];
    let limits = limits.into_iter().filter(|(_, limit)| limit.is_some());
    let of = limits.map(|(kind, limit)| (kind, Quota { limit, used: None })).collect();
    CloudFacts {
        complete: file.complete,
        flavors: flavors.collect(),
        images: images.collect(),
        external_networks,
        networks: networks.into_iter().collect(),
        key_pairs: themselves(file.key_pairs),
        zones: themselves(file.zones),
        volume_types: file.volume_types.0.into_iter().collect(),
        quotas: Quotas { of, server_group_members },
    }
}

fn stack(cluster: &str, name: &str, file: StackFile) -> Result<StackState, StateFault> {
    let shapes = file.shapes.0.into_iter().map(|(name, file)| {
        let properties = file.properties.into_iter().map(|(name, property)| (name.into(), recorded(property)));
        (name, Shape { heat_type: file.heat_type, properties: properties.collect() })
    });
    let shapes: BTreeMap<String, Shape> = shapes.collect();
    let resources = file.resources.0.into_iter().map(|(resource_name, file)| {
        let resource = resource(cluster, &shapes, file)
            .or_else(|what| inconsistent(format!("resource `{resource_name}` of stack `{name}` {what}")))?;
        Ok((resource_name, resource))
    });
    // What is collected lies close together.
    let resources: BTreeMap<String, ResourceState> = resources.collect::<Result<_, StateFault>>()?;
    Ok(StackState {
        id: file.id,
        template_digest: file.template_digest,
        parameters: file.parameters.0,
        resources: Arc::new(resources),
        intent: file.intent.map(intent),
        suspended: file.suspended,
        failed: file.failed,
    })
}

/// What resources have in common.
struct Shape {
    heat_type: String,
    properties: BTreeMap<Arc<str>, Recorded>,
}

fn resource(cluster: &str, shapes: &BTreeMap<String, Shape>, file: ResourceFile) -> Result<ResourceState, String> {
    let address = Address::parse(&file.of).ok_or_else(|| format!("is of `{}`, which is not an address", file.of))?;
    if address.cluster() != cluster {
        return Err(format!("is of {address}, another cluster"));
    }
    let shape = match &file.like {
        Some(like) => Some(shapes.get(like).ok_or_else(|| format!("is like `{like}`, which is not among the shapes"))?),
        None => None,
    };
    let mut properties = shape.map(|shape| shape.properties.clone()).unwrap_or_default();
    properties.retain(|name, _| !file.unset.iter().any(|unset| **unset == **name));
    for (name, property) in file.set {
        match properties.get_mut(name.as_str()) {
            Some(known) => *known = recorded(property),
            None => {
                properties.insert(name.into(), recorded(property));
            }
        }
    }
    let heat_type = file.heat_type.or_else(|| shape.map(|shape| shape.heat_type.clone()));
    let heat_type = heat_type.ok_or("has no type")?;
    Ok(ResourceState { address, heat_type, physical_id: file.id, properties })
}

fn recorded(property: PropertyFile) -> Recorded {
    match property {
        PropertyFile::Value(value) => Recorded::Value(canonical(value.get()).into()),
        PropertyFile::Digest(digest) => Recorded::Digest(digest.into()),
    }
}

/// A value's text as we write it; somebody may have edited it.
fn canonical(text: &str) -> Cow<'_, str> {
    if !text.starts_with(['{', '[']) && !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    serde_json::from_str::<Json>(text).map_or(Cow::Borrowed(text), |value| Cow::Owned(value.to_string()))
}
