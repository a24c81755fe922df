//! `State -> bytes`: canonical, one thing a line, so that a difference between two states reads as what happened.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::format::{
    AuthorFile, BlockFile, CloudFile, FactsFile, FlavorFile, ImageFile, IntentFile, LimitsFile, NodeFile,
    OperationFile, OutputFile, PropertyFile, ReleasedFile, ResourceFile, ShapeFile, Unique, VERSION,
};
use super::record::{Author, ClusterState, Intent, Operation, OutputState, Recorded, ResourceState, StackState, State};
use crate::model::{
    Address, Called, CloudFacts, CloudIdentity, GroupMembers, NodeId, NodePart, Offered, QuotaKind, ResourceName,
};

/// The bytes of the state's file. The same state gives the same bytes.
pub fn encode(state: &State) -> Vec<u8> {
    let mut encoder = Encoder::default();
    encoder.encode(state);
    encoder.text.into_bytes()
}

/// Encodes one state after the other, and remembers how it has put the resources of each stack: from one write to the
/// next only one stack's change.
#[derive(Debug, Default)]
pub struct Encoder {
    known: BTreeMap<String, Known>,
    text: String,
}

/// Resources, and their text.
#[derive(Debug)]
struct Known {
    resources: Arc<BTreeMap<String, ResourceState>>,
    text: String,
}

impl Encoder {
    /// What [`encode`] gives.
    pub fn encode(&mut self, state: &State) -> &[u8] {
        let stacks: BTreeSet<&str> = state.stacks().map(|(_, name, _)| name).collect();
        self.known.retain(|stack, _| stacks.contains(stack.as_str()));
        self.text.clear();
        let lines = Lines { text: std::mem::take(&mut self.text), ..Lines::default() };
        self.text = encode_with(state, self, lines);
        self.last()
    }

    /// What came out last.
    pub fn last(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Shapes and resources of a stack as text.
    fn resources(&mut self, name: &str, stack: &StackState, depth: usize) -> &str {
        let fresh = || {
            let mut out = Lines { depth, ..Lines::default() };
            resources(&mut out, stack);
            Known { resources: Arc::clone(&stack.resources), text: out.text }
        };
        let known = match self.known.entry(name.to_owned()) {
            Entry::Occupied(mut known) => {
                if !Arc::ptr_eq(&known.get().resources, &stack.resources) {
                    known.insert(fresh());
                }
                known.into_mut()
            }
            Entry::Vacant(place) => place.insert(fresh()),
        };
        &known.text
    }
}

fn encode_with(state: &State, encoder: &mut Encoder, mut out: Lines) -> String {
    out.open("");
    out.field("version", &VERSION);
    out.field("disco", env!("CARGO_PKG_VERSION"));
    out.field("lineage", &state.lineage);
    out.field("salt", &state.salt);
    out.field("cloud", &state.cloud.as_ref().map(cloud));
    if let Some(workspace) = &state.workspace {
        out.field("workspace", workspace);
    }
    out.field("serial", &state.serial);
    out.field("last", &state.last.as_ref().map(author));
    out.map("outputs", &state.outputs, |out, name, output| {
        out.field(
            name,
            &match output {
                OutputState::Value(value) => OutputFile::Value(value.clone()),
                OutputState::Secret(digest) => OutputFile::SecretDigest(digest.clone()),
            },
        );
    });
    out.map("clusters", &state.clusters, |out, name, known| cluster(out, name, known, encoder));
    out.map("released", &state.released, |out, name, called| {
        let Called { address, groups } = called.clone();
        out.field(name, &ReleasedFile { address, labels: groups });
    });
    out.close();
    out.text.push('\n');
    out.text
}

fn cloud(cloud: &CloudIdentity) -> CloudFile {
    match cloud.clone() {
        CloudIdentity::Embedded => CloudFile::Local {},
        CloudIdentity::OpenStack { auth_url, region, project } => {
            CloudFile::OpenStack { auth_url, region, project_id: project.id, project_name: project.name }
        }
    }
}

fn author(author: &Author) -> AuthorFile {
    let Author { operation, user, host, since } = author.clone();
    AuthorFile { operation, user, host, since }
}

fn cluster(out: &mut Lines, name: &str, cluster: &ClusterState, encoder: &mut Encoder) {
    out.open(name);
    out.field("prevent_destroy", &cluster.prevent_destroy);
    out.field("storage_groups", &cluster.storage_groups);
    out.field("frameworks", &cluster.frameworks);
    let by_name = cluster.floating_ips.iter().map(|(node, address)| {
        let NodeId { group, index } = node;
        (ResourceName::Node(group, *index, NodePart::FloatingIp).to_string(), *address)
    });
    out.field("floating_ips", &by_name.collect::<BTreeMap<_, _>>());
    out.field("refers_to", &cluster.refers_to);
    out.field("address", &cluster.called.address);
    out.field("labels", &cluster.called.groups);
    out.field("facts", &facts(&cluster.facts));
    out.field("fixed", &cluster.members.fixed);
    out.map("groups", &cluster.members.groups, group);
    out.map("stacks", &cluster.stacks, |out, name, known| stack(out, name, known, encoder));
    out.close();
}

fn intent(intent: &Intent) -> IntentFile {
    IntentFile {
        operation: match intent.operation {
            Operation::Create => OperationFile::Create,
            Operation::Update => OperationFile::Update,
            Operation::Delete => OperationFile::Delete,
            Operation::Suspend => OperationFile::Suspend,
            Operation::Resume => OperationFile::Resume,
        },
        template_digest: intent.template_digest.clone(),
        step: intent.step.clone(),
        since: intent.since.clone(),
        deadline_minutes: intent.deadline_minutes,
    }
}

fn facts(facts: &CloudFacts) -> FactsFile {
    let flavors = facts.flavors.iter().map(|(name, flavor)| {
        let (id, vcpus) = (flavor.id.clone(), flavor.vcpus);
        (name.to_owned(), FlavorFile { id, vcpus, memory_mib: flavor.memory_mib, disk_gib: flavor.disk_gib })
    });
    let images = facts.images.iter().map(|(name, image)| {
        let (id, min_disk_gib) = (image.id.clone(), image.min_disk_gib);
        (name.to_owned(), ImageFile { id, min_disk_gib, min_memory_mib: image.min_memory_mib })
    });
    let ids = |of: &Offered<String>| -> BTreeMap<String, String> {
        of.iter().filter(|(_, id)| !id.is_empty()).map(|(name, id)| (name.to_owned(), id.clone())).collect()
    };
    let names = |of: &Offered<String>| of.names().map(str::to_owned).collect();
    let mut networks = ids(&facts.external_networks);
    networks.extend(ids(&facts.networks));
    FactsFile {
        complete: facts.complete,
        flavors: Unique(flavors.collect()),
        images: Unique(images.collect()),
        external_networks: names(&facts.external_networks),
        networks: Unique(networks),
        key_pairs: names(&facts.key_pairs),
        zones: names(&facts.zones),
        volume_types: Unique(ids(&facts.volume_types)),
        limits: LimitsFile {
            instances: facts.quotas.limit(QuotaKind::Instances),
            vcpus: facts.quotas.limit(QuotaKind::Cores),
            memory_mib: facts.quotas.limit(QuotaKind::Memory),
            floating_ips: facts.quotas.limit(QuotaKind::FloatingIps),
            server_group_members: facts.quotas.server_group_members,
        },
    }
}

fn group(out: &mut Lines, name: &str, group: &GroupMembers) {
    out.open(name);
    let blocks = group.blocks.iter().map(|block| BlockFile {
        first_index: block.first_index,
        first_address: block.first_address,
        count: block.count,
        shard: block.shard,
    });
    out.field("blocks", &blocks.collect::<Vec<_>>());
    out.map("nodes", &group.nodes, |out, index, node| {
        out.field(index, &NodeFile { address: node.address, shard: node.shard });
    });
    out.close();
}

fn stack(out: &mut Lines, name: &str, stack: &StackState, encoder: &mut Encoder) {
    out.open(name);
    out.field("id", &stack.id);
    out.field("intent", &stack.intent.as_ref().map(intent));
    out.field("suspended", &stack.suspended);
    out.field("failed", &stack.failed);
    out.field("template_digest", &stack.template_digest);
    out.map("parameters", &stack.parameters, Lines::field);
    out.text.push_str(encoder.resources(name, stack, out.depth));
    out.close();
}

fn resources(out: &mut Lines, stack: &StackState) {
    let shapes = Shapes::of(stack);
    out.map("shapes", &shapes.0, |out, name, shape| {
        let properties = shape.properties.iter().map(|(name, recorded)| ((*name).to_owned(), property(recorded)));
        out.field(name, &ShapeFile { heat_type: shape.heat_type.to_owned(), properties: properties.collect() });
    });
    out.map("resources", &stack.resources, |out, name, resource| out.field(name, &shapes.entry(name, resource)));
}

/// `slaves-*-server`: the kind of resource it is in its group; `None` for what is not a node's.
fn shape_name(name: &str, address: &Address) -> Option<String> {
    let Address::Node(_, group, index) = address else { return None };
    NodePart::of(name, group, *index).map(|part| format!("{group}-*-{part}"))
}

fn property(recorded: &Recorded) -> PropertyFile {
    match recorded {
        // What is remembered is JSON.
        Recorded::Value(text) => {
            PropertyFile::Value(RawValue::from_string(text.to_string()).unwrap_or_else(|_| RawValue::NULL.to_owned()))
        }
        Recorded::Digest(digest) => PropertyFile::Digest(digest.to_string()),
    }
}

/// What many resources have in common, by name.
struct Shapes<'a>(BTreeMap<String, Shape<'a>>);

/// Type and properties that resources have in common.
struct Shape<'a> {
    heat_type: &'a str,
    properties: BTreeMap<&'a str, &'a Recorded>,
}

impl<'a> Shapes<'a> {
    /// For each kind of resource with at least two members: the properties that more than half of them share.
    fn of(stack: &'a StackState) -> Self {
        let mut kinds: BTreeMap<String, Vec<&ResourceState>> = BTreeMap::new();
        for (name, resource) in stack.resources.iter() {
            if let Some(shape) = shape_name(name, &resource.address) {
                kinds.entry(shape).or_default().push(resource);
            }
        }
        kinds.retain(|_, members| members.len() > 1);
        let shapes = kinds.into_iter().map(|(name, members)| {
            let mut counts: BTreeMap<&str, HashMap<&Recorded, usize>> = BTreeMap::new();
            for (property, recorded) in members.iter().flat_map(|member| &member.properties) {
                *counts.entry(property).or_default().entry(recorded).or_default() += 1;
            }
            let properties = counts.into_iter().filter_map(|(name, values)| {
                let (recorded, _) = values.into_iter().find(|(_, count)| count * 2 > members.len())?;
                Some((name, recorded))
            });
            let heat_type = members.first().map(|member| member.heat_type.as_str()).unwrap_or_default();
            (name, Shape { heat_type, properties: properties.collect() })
        });
        Self(shapes.collect())
    }

    fn entry(&self, name: &str, resource: &ResourceState) -> ResourceFile {
        let like = shape_name(name, &resource.address).and_then(|name| self.0.get_key_value(&name));
        let in_shape = |name: &str| like.and_then(|(_, shape)| shape.properties.get(name));
        let differs = |name: &str, recorded: &Recorded| in_shape(name).is_none_or(|shared| *shared != recorded);
        let set = resource.properties.iter().filter(|(name, recorded)| differs(name, recorded));
        let unset = like.into_iter().flat_map(|(_, shape)| shape.properties.keys());
        ResourceFile {
            of: resource.address.to_string(),
            heat_type: like
                .is_none_or(|(_, shape)| shape.heat_type != resource.heat_type)
                .then(|| resource.heat_type.clone()),
            id: resource.physical_id.clone(),
            set: set.map(|(name, recorded)| ((**name).to_owned(), property(recorded))).collect(),
            unset: unset
                .filter(|name| !resource.properties.contains_key(**name))
                .map(|name| (*name).to_owned())
                .collect(),
            like: like.map(|(name, _)| name.clone()),
        }
    }
}

/// JSON with a line for each entry of the maps that are opened here, and the rest of each on its line.
#[derive(Default)]
struct Lines {
    text: String,
    depth: usize,
    first: bool,
}

impl Lines {
    fn name(&mut self, name: &str) {
        if self.depth > 0 {
            if !self.first {
                self.text.push(',');
            }
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n(' ', self.depth));
            self.text.push_str(&json!(name).to_string());
            self.text.push(':');
        }
        self.first = false;
    }

    fn open(&mut self, name: &str) {
        self.name(name);
        self.text.push('{');
        self.depth += 1;
        self.first = true;
    }

    fn close(&mut self) {
        self.depth -= 1;
        if !self.first {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n(' ', self.depth));
        }
        self.text.push('}');
        self.first = false;
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.name(name);
        // Serialising to memory fails only for maps whose keys are not texts; there are none here.
        self.text.push_str(&serde_json::to_string(value).unwrap_or_default());
    }

    fn map<K: ToString, V>(&mut self, name: &str, map: &BTreeMap<K, V>, mut entry: impl FnMut(&mut Self, &str, &V)) {
        self.open(name);
        for (name, value) in map {
            entry(self, &name.to_string(), value);
        }
        self.close();
    }
}
