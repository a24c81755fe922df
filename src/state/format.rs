//! The state as it stands in its file, format version 7.
//!
//! Fields that this format does not have are refused: dropping them in silence would lose what somebody noted. Whatever
//! later versions add comes with a new version number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::net::Ipv4Addr;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

/// The format written here, and the newest one read. In version 1 a cluster, not a stack, had
/// the open intent, and nobody was named as the last to write; up to version 2 the lineage
/// was the salt of secrets' names; up to version 3 no cloud was named; up to version 4
/// neither ids of networks nor key pairs, zones and volume types were kept, and no stack was suspended; up to version 5
/// every node had an address, and an intent had no deadline, and a stack did not say that it has failed; up to version 6
/// everything was called by its name on the cloud, and no cluster was released.
pub(super) const VERSION: u64 = 7;

/// The oldest format read.
pub(super) const OLDEST: u64 = 1;

/// Just enough to tell what a file is.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) version: Option<Json>,
    pub(super) disco: Option<String>,
    pub(super) terraform_version: Option<String>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct StateFile {
    #[cfg_attr(test, schemars(extend("const" = VERSION)))]
    pub(super) version: u64,
    #[serde(rename = "disco")]
    pub(super) _disco: String,
    /// Made once, when the state is.
    pub(super) lineage: String,
    /// Salts the names of secret parameters. Absent up to version 2, and null in a state that was begun then, where the
    /// lineage does.
    #[serde(default)]
    pub(super) salt: Option<String>,
    /// Which cloud the clusters are on, never with a credential. Absent up to version 3.
    #[serde(default)]
    pub(super) cloud: Option<CloudFile>,
    /// The workspace it is of. Absent in the default one, whose states a DISCO can read that knows no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) workspace: Option<String>,
    /// Grows by one with each operation that changes something.
    pub(super) serial: u64,
    /// Which operation wrote it last; absent in version 1.
    #[serde(default)]
    pub(super) last: Option<AuthorFile>,
    /// Outputs by name.
    pub(super) outputs: Unique<OutputFile>,
    /// Clusters by name.
    pub(super) clusters: Unique<ClusterFile>,
    /// Clusters that were forgotten while their stacks stay, by name. Absent up to version 6.
    #[serde(default)]
    pub(super) released: Unique<ReleasedFile>,
}

/// A cluster that was forgotten while its stacks stay.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ReleasedFile {
    /// What its definition called it.
    pub(super) address: Option<String>,
    /// What its definition called groups that have other names on the cloud.
    pub(super) labels: BTreeMap<String, String>,
}

/// By the names that a definition has for its providers.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "provider", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum CloudFile {
    Local {},
    OpenStack {
        /// Keystone's address, without a version or a user.
        auth_url: String,
        region: Option<String>,
        project_id: String,
        /// For people.
        project_name: String,
    },
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct AuthorFile {
    pub(super) operation: String,
    pub(super) user: String,
    pub(super) host: String,
    pub(super) since: String,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) enum OutputFile {
    Value(Json),
    SecretDigest(String),
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterFile {
    pub(super) prevent_destroy: bool,
    /// Version 1 only.
    #[serde(default)]
    #[cfg_attr(test, schemars(skip))]
    pub(super) intent: Option<ClusterIntentFile>,
    /// Groups whose nodes store data, with the frameworks that store it.
    pub(super) storage_groups: Unique<Vec<String>>,
    /// Frameworks with their versions; absent in version 1.
    #[serde(default)]
    pub(super) frameworks: Unique<Option<String>>,
    /// Floating IPs by the logical name of their resource; absent in version 1.
    #[serde(default)]
    pub(super) floating_ips: Unique<Ipv4Addr>,
    /// Clusters that its definition refers to, which go after it. Absent up to version 5.
    #[serde(default)]
    pub(super) refers_to: BTreeSet<String>,
    /// What its definition calls it. Absent up to version 6.
    #[serde(default)]
    pub(super) address: Option<String>,
    /// What its definition calls groups that have other names on the cloud. Absent up to version 6.
    #[serde(default)]
    pub(super) labels: Unique<String>,
    pub(super) facts: FactsFile,
    /// Settings that were computed when the cluster was created, and kept.
    pub(super) fixed: Unique<String>,
    /// Nodes by group.
    pub(super) groups: Unique<GroupFile>,
    /// Heat's stacks by name.
    pub(super) stacks: Unique<StackFile>,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct IntentFile {
    pub(super) operation: OperationFile,
    pub(super) template_digest: String,
    pub(super) step: String,
    pub(super) since: String,
    /// How long its nodes may take to answer, from `since` on. Absent up to version 5.
    #[serde(default)]
    pub(super) deadline_minutes: Option<u32>,
}

/// An open intent as version 1 has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterIntentFile {
    pub(super) operation: OperationFile,
    pub(super) stack: String,
    pub(super) template_digest: String,
    pub(super) step: String,
    pub(super) since: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum OperationFile {
    Create,
    Update,
    Delete,
    Suspend,
    Resume,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct FactsFile {
    pub(super) complete: bool,
    /// Flavors in use, by the name or id that refers to them.
    pub(super) flavors: Unique<FlavorFile>,
    /// Images in use, by the name or id that refers to them.
    pub(super) images: Unique<ImageFile>,
    pub(super) external_networks: Vec<String>,
    /// Ids of networks in use, as far as they are known; absent up to version 4, as what follows.
    #[serde(default)]
    pub(super) networks: Unique<String>,
    #[serde(default)]
    pub(super) key_pairs: Vec<String>,
    /// Availability zones.
    #[serde(default)]
    pub(super) zones: Vec<String>,
    /// Ids of types of volumes in use.
    #[serde(default)]
    pub(super) volume_types: Unique<String>,
    pub(super) limits: LimitsFile,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct FlavorFile {
    pub(super) id: String,
    pub(super) vcpus: u32,
    pub(super) memory_mib: u64,
    pub(super) disk_gib: u64,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ImageFile {
    pub(super) id: String,
    pub(super) min_disk_gib: u64,
    pub(super) min_memory_mib: u64,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) instances: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) vcpus: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) memory_mib: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) floating_ips: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) server_group_members: Option<u64>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct GroupFile {
    /// Addresses that are kept for the group.
    pub(super) blocks: Vec<BlockFile>,
    /// Nodes by index.
    pub(super) nodes: Unique<NodeFile>,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct BlockFile {
    pub(super) first_index: u32,
    pub(super) first_address: Ipv4Addr,
    pub(super) count: u32,
    pub(super) shard: u32,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct NodeFile {
    /// Null where Neutron chooses it and the node's port is still to be made; never up to version 5.
    pub(super) address: Option<Ipv4Addr>,
    pub(super) shard: u32,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct StackFile {
    pub(super) id: Option<String>,
    /// What was about to be asked of Heat when this was written.
    #[serde(default)]
    pub(super) intent: Option<IntentFile>,
    /// Whether it is suspended, or half-way. Absent up to version 4.
    #[serde(default)]
    pub(super) suspended: bool,
    /// How the last operation on it failed. Absent up to version 5.
    #[serde(default)]
    pub(super) failed: Option<String>,
    /// SHA-256 of the template last accepted.
    pub(super) template_digest: String,
    /// Salted digests of the parameters' values.
    pub(super) parameters: Unique<String>,
    /// What resources of one kind have in common, by name.
    pub(super) shapes: Unique<ShapeFile>,
    /// Resources by logical name.
    pub(super) resources: Unique<ResourceFile>,
}

/// What the resources of one kind in one group have in common, so that a node takes few bytes.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ShapeFile {
    #[serde(rename = "type")]
    pub(super) heat_type: String,
    pub(super) properties: BTreeMap<String, PropertyFile>,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceFile {
    pub(super) of: String,
    /// A shape: its type and properties hold, but for `set` and `unset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) like: Option<String>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) heat_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) set: BTreeMap<String, PropertyFile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unset: Vec<String>,
}

/// A short value, or the digest of a long one.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) enum PropertyFile {
    #[serde(rename = "is")]
    Value(#[cfg_attr(test, schemars(with = "Json"))] Box<RawValue>),
    #[serde(rename = "sha256")]
    Digest(String),
}

impl<V> Default for Unique<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

/// A map in which no name may stand twice: of two entries one would be dropped in silence.
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
pub(super) struct Unique<V>(pub(super) BTreeMap<String, V>);

impl<V: Serialize> Serialize for Unique<V> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Unique<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Unique<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Unique<V>, A::Error> {
                let mut map = BTreeMap::new();
                while let Some(name) = entries.next_key::<String>()? {
                    let value = entries.next_value()?;
                    if map.insert(name.clone(), value).is_some() {
                        return Err(A::Error::custom(format_args!("`{name}` is there twice")));
                    }
                }
                Ok(Unique(map))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}
