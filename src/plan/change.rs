//! What would change, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::reference::named;
use super::{ChangedPart, Drift, Lost, PartCause, RuleChange, Scope, ServiceChanges, StateChange, Step};
use crate::catalogue::{OpenPort, Protection};
use crate::model::{Address, Called, CloudFacts, CloudIdentity, Members, OnFailure, heat_type};
use crate::source::{Diagnostics, Span};
use crate::template::Template;

/// What the definition asks for, compiled: the input of planning.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Clusters by name.
    pub clusters: BTreeMap<String, WantedCluster>,
    /// Outputs: name, value as JSON (`None`: known after apply), secret.
    pub outputs: BTreeMap<String, (Option<Json>, bool)>,
    /// SHA-256 over the definition's files and variables.
    pub definition_digest: String,
}

/// One cluster, compiled.
#[derive(Clone, Debug)]
pub struct WantedCluster {
    /// Templates by stack name.
    pub templates: BTreeMap<String, Template>,
    /// Which nodes there shall be.
    pub members: Members,
    /// What the words in use mean.
    pub facts: CloudFacts,
    /// Groups whose nodes store data, with the framework that stores it (`slaves` → `hadoop`).
    pub storage_groups: BTreeMap<String, Vec<String>>,
    /// Ports that users may be let in on, by which rules are named.
    pub open_ports: Vec<OpenPort>,
    /// What its frameworks protect, as far as they say so.
    pub protections: Vec<Protection>,
    /// `lifecycle`
    pub prevent_destroy: bool,
    /// `lifecycle`
    pub on_failure: OnFailure,
    /// `lifecycle`
    pub timeout_minutes: u32,
    /// How many nodes of a group may be without their services at a time, by group.
    pub batch_sizes: BTreeMap<String, u32>,
    /// Clusters that it refers to: they come before it, and go after it.
    pub refers_to: BTreeSet<String>,
    /// What the definition calls it and its groups.
    pub called: Called,
    /// Whether its templates name addresses that only stand for others, which Neutron has still to choose: it is only to be
    /// looked at, and planned again once ports tell them.
    pub provisional: bool,
    /// The block's head.
    pub origin: Option<Span>,
}

/// Everything `apply` needs; it leaves no choice to it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it was made from; another state or definition makes it stale.
    pub base: PlanBase,
    /// What changes in the state alone.
    pub state_changes: Vec<StateChange>,
    /// Changes by address, in the order of addresses; nothing that stays as it is.
    pub changes: Vec<Change>,
    /// What is sent to Heat, those of a cluster in order. Empty where nothing changes.
    pub steps: Vec<Step>,
    /// Clusters whose steps have to be done before those of a cluster begin; of all others they may run side by side.
    pub after: ClusterOrder,
    /// Clusters of which the steps are only the beginning.
    pub unfinished: BTreeSet<String>,
    /// What the state shall remember of each cluster beside its stacks, once the steps are done.
    pub clusters: BTreeMap<String, PlannedCluster>,
    /// Stacks on which Heat is still working, by name: apply waits for them first, and plans again.
    pub in_progress: Vec<String>,
    /// What was found to have changed outside of DISCO since the last apply.
    pub drift: Vec<Drift>,
    /// Clusters that are suspended, wholly or in part: Heat refuses to change them until they are resumed.
    pub suspended: BTreeSet<String>,
    /// Outputs that change.
    pub outputs: Vec<OutputChange>,
    /// The lines of the definition that parts of configurations differ by, as far as they are known.
    pub causes: BTreeMap<ChangedPart, PartCause>,
    /// Why it will not be applied (data loss, protection, a stranger's stack), and warnings.
    pub diagnostics: Diagnostics,
    /// What it is about, where that is not everything.
    pub scope: Scope,
    /// Which cloud it is for, as far as that is known.
    pub cloud: Option<CloudIdentity>,
    /// Whether the cloud was asked.
    pub observed: bool,
}

/// Which clusters come before a cluster, by its name.
pub type ClusterOrder = BTreeMap<String, BTreeSet<String>>;

/// What the state shall remember of a cluster beside its stacks.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedCluster {
    /// Which nodes there shall be.
    pub members: Members,
    /// What the words in use mean.
    pub facts: CloudFacts,
    /// Groups whose nodes store data, with the frameworks that store it.
    pub storage_groups: BTreeMap<String, Vec<String>>,
    /// Frameworks, with their versions where they are said.
    pub frameworks: BTreeMap<String, Option<String>>,
    /// `lifecycle`
    pub prevent_destroy: bool,
    /// Clusters that it refers to.
    pub refers_to: BTreeSet<String>,
    /// What the definition calls it and its groups.
    pub called: Called,
}

/// What a plan was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanBase {
    /// Of the state.
    pub lineage: String,
    /// Of the state.
    pub serial: u64,
    /// Of the definition and its variables.
    pub definition_digest: String,
    /// The workspace; `None` is the default one.
    pub workspace: Option<String>,
}

/// What happens to one of the user's objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which.
    pub address: Address,
    /// The gravest of its resources' kinds.
    pub kind: ChangeKind,
    /// Why, one sentence each, naming attribute, line or drift.
    pub reasons: Vec<String>,
    /// What becomes of a node's services.
    pub services: ServiceChanges,
    /// Rules of the firewall that come or go.
    pub rules: Vec<RuleChange>,
    /// What the frameworks protect whose ports are opened.
    pub protections: Vec<Protection>,
    /// Heat's resources behind it that change.
    pub resources: Vec<ResourceChange>,
    /// Stored data that is lost.
    pub lost: Vec<Lost>,
    /// Whether the frameworks of a node that goes move its work and its data to those that stay first.
    pub drained: bool,
    /// Why the frameworks of a node that goes do not move away what it has, although they know how.
    pub undrained: Option<String>,
    /// The line that asks for it.
    pub origin: Option<Span>,
}

/// What happens, from harmless to grave. The order is that of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// Stays as it is.
    NoChange,
    /// A check is made again; nothing is changed by it. Not counted in the summary.
    Verify,
    /// Only forgotten by DISCO.
    Forget,
    /// New.
    Create,
    /// Changed where it is.
    Update,
    /// A dead or damaged thing is replaced.
    Heal,
    /// Another flavor: the server restarts.
    Resize,
    /// Another image: the server's disk is wiped.
    Rebuild,
    /// Destroyed, then created.
    Replace,
    /// Data is moved away first.
    Drain,
    /// Destroyed.
    Delete,
}

/// What happens to one Heat resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceChange {
    /// Stack.
    pub stack: String,
    /// Logical name.
    pub name: String,
    /// The one it takes over from: configurations have their digest in their name and are never changed, only replaced.
    pub replaces: Option<String>,
    /// `OS::Nova::Server`
    pub heat_type: String,
    /// What.
    pub kind: ChangeKind,
    /// Which properties differ.
    pub properties: Vec<PropertyChange>,
}

/// A property that differs. Texts of configuration are compared file by file and key by key.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyChange {
    /// `flavor`; for a node's configuration `hdfs-site.xml`.
    pub name: String,
    /// Before; `None`: absent, or known only by digest.
    pub before: Option<Json>,
    /// After; `None`: absent, or known only after apply.
    pub after: Option<Json>,
    /// Both are secret and never shown.
    pub secret: bool,
    /// Whether this property forces the resource's kind of change.
    pub forces: bool,
}

impl ResourceChange {
    /// Of a deployment: that it takes another configuration.
    pub(super) fn configuration(&self) -> Option<&PropertyChange> {
        let properties = (self.heat_type == heat_type::SOFTWARE_DEPLOYMENT).then_some(&self.properties)?;
        properties.iter().find(|property| property.name == "config")
    }

    /// From which configuration to which a deployment moves, by the names of their resources.
    pub(crate) fn moves(&self) -> Option<(&str, &str)> {
        self.configuration()?.moved()
    }
}

impl PropertyChange {
    /// The resources that the property was and will be, where it names one before and after.
    pub(super) fn moved(&self) -> Option<(&str, &str)> {
        named(self.before.as_ref()?).zip(named(self.after.as_ref()?))
    }
}

/// An output that changes.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputChange {
    /// Name.
    pub name: String,
    /// Before.
    pub before: Option<Json>,
    /// After; `None` with `removed` false: known after apply.
    pub after: Option<Json>,
    /// Whether it goes away.
    pub removed: bool,
    /// Never shown.
    pub secret: bool,
}

/// The last line of a plan: DISCO's objects, never Heat's plumbing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Summary {
    pub add: usize,
    pub change: usize,
    pub destroy: usize,
}

/// What the owner has said about planning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanOptions {
    /// Stored data may be lost.
    pub accept_data_loss: bool,
    /// Nodes that get another server although nothing differs.
    pub replace: BTreeSet<Address>,
    /// Whether stacks that are as the definition wants them are compared with what the state remembers all the same.
    pub whole_drift: bool,
}
