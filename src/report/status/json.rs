//! The document of `disco status --json`.

use serde::Serialize;
use serde_json::Value as Json;

use crate::catalogue::FactUnit;
use crate::plan::{ClusterStatus, Fact, FrameworkStatus, MemberStatus, NodeStatus, StackStatus, Trouble, UnitAnswer};
use crate::report::document::{FormatVersion, document};

/// The document of `disco status --json`; with `--watch` one a line.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct StatusFile<'a> {
    format_version: FormatVersion,
    /// The workspace that the clusters are of; absent for the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<&'a str>,
    /// Whether all is well in all clusters.
    well: bool,
    /// The clusters, in the order of their names.
    clusters: Vec<ClusterFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ClusterFile<'a> {
    name: &'a str,
    /// Whether there are no troubles.
    well: bool,
    /// What is not as it should be.
    troubles: Vec<TroubleFile<'a>>,
    stacks: Vec<StackFile<'a>>,
    nodes: Vec<NodeFile<'a>>,
    /// What the frameworks say, part by part.
    frameworks: Vec<FrameworkFile<'a>>,
    /// Why the frameworks were not asked; `null` where they were.
    not_asked: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TroubleFile<'a> {
    /// Of which object: `cluster.NAME`, or a part of it.
    address: String,
    /// What it is, for people.
    what: &'a str,
    /// What to do about it, for people; `null` where that is not known.
    help: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StackFile<'a> {
    name: &'a str,
    /// Heat's status, such as `CREATE_COMPLETE`; `null` where the stack does not exist.
    status: Option<&'a str>,
    /// What is under way, for people; `null` where nothing is.
    under_way: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NodeFile<'a> {
    address: String,
    /// Its host name.
    name: &'a str,
    /// `running`, `deleted`, `missing`, or the status of Nova or Heat that says why it does not run.
    server: &'a str,
    /// Its services that do not run, as far as it was asked: the first master always, others where a framework misses them.
    units: Vec<UnitFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UnitFile<'a> {
    name: &'a str,
    /// systemd's `ActiveState`.
    active: &'a str,
    /// systemd's `SubState`.
    sub: &'a str,
    /// systemd's `Result`.
    result: &'a str,
    /// How often systemd has started it again.
    restarts: u32,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FrameworkFile<'a> {
    framework: &'a str,
    /// Its part, as its manifest calls it: `hdfs`.
    part: &'a str,
    /// For people.
    title: &'a str,
    /// Why it did not answer; `null` where it did.
    no_answer: Option<&'a str>,
    /// What its members are, for people; `null` where it has none, or they could not be asked for.
    member_title: Option<&'a str>,
    /// Every node that is expected.
    members: Vec<MemberFile<'a>>,
    facts: Vec<FactFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct MemberFile<'a> {
    /// Host name.
    name: &'a str,
    /// The framework's word for what it does; `null` where the framework does not know it.
    state: Option<&'a str>,
    /// What is wrong with it, for people; `null` where nothing is.
    trouble: Option<&'a str>,
    facts: Vec<FactFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FactFile<'a> {
    name: &'a str,
    /// The framework's value, whatever it is.
    value: &'a Json,
    /// The amount that it is a part of; `null` where it is none.
    total: Option<&'a Json>,
    /// What it counts; `null` for a plain number or a text.
    unit: Option<UnitOfFact>,
    /// Whether all is well with this value.
    well: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum UnitOfFact {
    #[serde(rename = "bytes")]
    Bytes,
    #[serde(rename = "MiB")]
    MiB,
    /// Milliseconds since 1970.
    #[serde(rename = "moment")]
    Moment,
}

/// How the clusters of a workspace are, for programs.
pub fn status_json(workspace: Option<&str>, all: &[ClusterStatus]) -> Json {
    let clusters: Vec<ClusterFile<'_>> = all.iter().map(cluster).collect();
    let well = clusters.iter().all(|cluster| cluster.well);
    document(&StatusFile { format_version: FormatVersion::Current, workspace, well, clusters })
}

fn cluster(status: &ClusterStatus) -> ClusterFile<'_> {
    ClusterFile {
        name: &status.name,
        well: status.troubles.is_empty(),
        troubles: status.troubles.iter().map(trouble).collect(),
        stacks: status.stacks.iter().map(stack).collect(),
        nodes: status.nodes.iter().map(node).collect(),
        frameworks: status.frameworks.iter().map(framework).collect(),
        not_asked: status.not_asked.as_deref(),
    }
}

fn trouble(trouble: &Trouble) -> TroubleFile<'_> {
    TroubleFile { address: trouble.address.to_string(), what: &trouble.what, help: trouble.help.as_deref() }
}

fn stack(stack: &StackStatus) -> StackFile<'_> {
    let StackStatus { name, status, under_way } = stack;
    StackFile { name, status: status.as_deref(), under_way: under_way.as_deref() }
}

fn node(node: &NodeStatus) -> NodeFile<'_> {
    let NodeStatus { address, name, server, units } = node;
    NodeFile { address: address.to_string(), name, server: server.word(), units: units.iter().map(unit).collect() }
}

fn unit(unit: &UnitAnswer) -> UnitFile<'_> {
    let UnitAnswer { name, active, sub, result, restarts, .. } = unit;
    UnitFile { name, active, sub, result, restarts: *restarts }
}

fn framework(part: &FrameworkStatus) -> FrameworkFile<'_> {
    let members = part.members.iter().flat_map(|members| &members.each).map(|member| {
        let MemberStatus { name, state, trouble, facts } = member;
        let facts = facts.iter().map(fact).collect();
        MemberFile { name, state: state.as_deref(), trouble: trouble.as_deref(), facts }
    });
    FrameworkFile {
        framework: &part.framework,
        part: &part.name,
        title: &part.title,
        no_answer: part.no_answer.as_deref(),
        member_title: part.members.as_ref().map(|members| members.title.as_str()),
        members: members.collect(),
        facts: part.facts.iter().map(fact).collect(),
    }
}

fn fact(fact: &Fact) -> FactFile<'_> {
    let unit = fact.unit.map(|unit| match unit {
        FactUnit::Bytes => UnitOfFact::Bytes,
        FactUnit::MiB => UnitOfFact::MiB,
        FactUnit::Moment => UnitOfFact::Moment,
    });
    FactFile { name: &fact.name, value: &fact.value, total: fact.total.as_ref(), unit, well: fact.trouble.is_none() }
}
