//! `State -> bytes`: canonical, one thing a line, so that a difference between two states reads as what happened.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::format::{
    AuthorFile, BlockFile, FactsFile, FlavorFile, ImageFile, IntentFile, LimitsFile, NodeFile, OperationFile,
    OutputFile, PropertyFile, ResourceFile, ShapeFile, Unique, VERSION,
};
use super::record::{Author, ClusterState, Intent, Operation, OutputState, Recorded, ResourceState, StackState, State};
use crate::model::{Address, CloudFacts, GroupMembers};

/// The bytes of the state's file. The same state gives the same bytes.
pub fn encode(state: &State) -> Vec<u8> {
    let mut out = Lines::default();
    out.open("");
    out.field("version", &VERSION);
    out.field("disco", env!("CARGO_PKG_VERSION"));
    out.field("lineage", &state.lineage);
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
    out.map("clusters", &state.clusters, cluster);
    out.close();
    out.text.push('\n');
    out.text.into_bytes()
}

fn author(author: &Author) -> AuthorFile {
    let Author { operation, user, host, since } = author.clone();
    AuthorFile { operation, user, host, since }
}

fn cluster(out: &mut Lines, name: &str, cluster: &ClusterState) {
    out.open(name);
    out.field("prevent_destroy", &cluster.prevent_destroy);
    out.field("storage_groups", &cluster.storage_groups);
    out.field("frameworks", &cluster.frameworks);
    out.field("floating_ips", &cluster.floating_ips);
    out.field("facts", &facts(&cluster.facts));
    out.field("fixed", &cluster.members.fixed);
    out.map("groups", &cluster.members.groups, group);
    out.map("stacks", &cluster.stacks, stack);
    out.close();
}

fn intent(intent: &Intent) -> IntentFile {
    IntentFile {
        operation: match intent.operation {
            Operation::Create => OperationFile::Create,
            Operation::Update => OperationFile::Update,
            Operation::Delete => OperationFile::Delete,
        },
        template_digest: intent.template_digest.clone(),
        step: intent.step.clone(),
        since: intent.since.clone(),
    }
}

fn facts(facts: &CloudFacts) -> FactsFile {
    let flavors = facts.flavors.iter().map(|(name, flavor)| {
        let (id, vcpus) = (flavor.id.clone(), flavor.vcpus);
        (name.clone(), FlavorFile { id, vcpus, memory_mib: flavor.memory_mib, disk_gib: flavor.disk_gib })
    });
    let images = facts.images.iter().map(|(name, image)| {
        let (id, min_disk_gib) = (image.id.clone(), image.min_disk_gib);
        (name.clone(), ImageFile { id, min_disk_gib, min_memory_mib: image.min_memory_mib })
    });
    FactsFile {
        complete: facts.complete,
        flavors: Unique(flavors.collect()),
        images: Unique(images.collect()),
        external_networks: facts.external_networks.clone(),
        limits: LimitsFile {
            instances: facts.limits.instances,
            vcpus: facts.limits.vcpus,
            memory_mib: facts.limits.memory_mib,
            floating_ips: facts.limits.floating_ips,
            server_group_members: facts.limits.server_group_members,
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

fn stack(out: &mut Lines, name: &str, stack: &StackState) {
    out.open(name);
    out.field("id", &stack.id);
    out.field("intent", &stack.intent.as_ref().map(intent));
    out.field("template_digest", &stack.template_digest);
    out.map("parameters", &stack.parameters, Lines::field);
    let shapes = Shapes::of(stack);
    out.map("shapes", &shapes.0, Lines::field);
    out.map("resources", &stack.resources, |out, name, resource| out.field(name, &shapes.entry(name, resource)));
    out.close();
}

/// `slaves-*-server`: the kind of resource it is in its group; `None` for what is not a node's.
fn shape_name(name: &str, address: &Address) -> Option<String> {
    let Address::Node(_, group, index) = address else { return None };
    let part = name.strip_prefix(group.as_str())?.strip_prefix('-')?;
    let part = part.strip_prefix(&index.to_string())?.strip_prefix('-')?;
    Some(format!("{group}-*-{part}"))
}

fn property(recorded: &Recorded) -> PropertyFile {
    match recorded {
        Recorded::Value(value) => PropertyFile::Value(value.clone()),
        Recorded::Digest(digest) => PropertyFile::Digest(digest.clone()),
    }
}

/// A property as text, to count how often it occurs.
fn key(recorded: &Recorded) -> String {
    match recorded {
        Recorded::Value(value) => format!("={value}"),
        Recorded::Digest(digest) => digest.clone(),
    }
}

/// What many resources have in common, by name.
struct Shapes(BTreeMap<String, ShapeFile>);

impl Shapes {
    /// For each kind of resource with at least two members: the properties that more than half of them share.
    fn of(stack: &StackState) -> Self {
        let mut kinds: BTreeMap<String, Vec<&ResourceState>> = BTreeMap::new();
        for (name, resource) in &stack.resources {
            if let Some(shape) = shape_name(name, &resource.address) {
                kinds.entry(shape).or_default().push(resource);
            }
        }
        kinds.retain(|_, members| members.len() > 1);
        let shapes = kinds.into_iter().map(|(name, members)| {
            let mut counts: BTreeMap<&str, BTreeMap<String, (usize, &Recorded)>> = BTreeMap::new();
            for (property, recorded) in members.iter().flat_map(|member| &member.properties) {
                counts.entry(property).or_default().entry(key(recorded)).or_insert((0, recorded)).0 += 1;
            }
            let properties = counts.into_iter().filter_map(|(name, values)| {
                let (_, recorded) = values.into_values().find(|(count, _)| count * 2 > members.len())?;
                Some((name.to_owned(), property(recorded)))
            });
            let heat_type = members.first().map(|member| member.heat_type.clone()).unwrap_or_default();
            (name, ShapeFile { heat_type, properties: properties.collect() })
        });
        Self(shapes.collect())
    }

    fn entry(&self, name: &str, resource: &ResourceState) -> ResourceFile {
        let like = shape_name(name, &resource.address).and_then(|name| self.0.get_key_value(&name));
        let in_shape = |name: &str| like.and_then(|(_, shape)| shape.properties.get(name));
        let differs = |name: &str, recorded: &Recorded| match (in_shape(name), recorded) {
            (Some(PropertyFile::Value(shared)), Recorded::Value(own)) => shared != own,
            (Some(PropertyFile::Digest(shared)), Recorded::Digest(own)) => shared != own,
            _ => true,
        };
        let set = resource.properties.iter().filter(|(name, recorded)| differs(name, recorded));
        let unset = like.into_iter().flat_map(|(_, shape)| shape.properties.keys());
        ResourceFile {
            of: resource.address.to_string(),
            heat_type: like
                .is_none_or(|(_, shape)| shape.heat_type != resource.heat_type)
                .then(|| resource.heat_type.clone()),
            id: resource.physical_id.clone(),
            set: set.map(|(name, recorded)| (name.clone(), property(recorded))).collect(),
            unset: unset.filter(|name| !resource.properties.contains_key(*name)).cloned().collect(),
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
