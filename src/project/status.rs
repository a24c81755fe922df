//! How the clusters are: Heat is asked, and what runs on the nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};

use super::Project;
use super::access::{Entry, Streams, output};
use super::cloud::heat_failure;
use super::failure::Failure;
use super::nodes::{self, KnownNode};
use crate::catalogue::{Asked, ClusterConfiguration, StatusQuestion};
use crate::heat;
use crate::model::{Address, NodeDriver, NodeId, Provider, node_name};
use crate::node;
use crate::plan::{
    Answers, ClusterStatus, FrameworkStatus, NodeStatus, ServerState, Trouble, UnitAnswer, seen_by_heat,
};
use crate::state::{ClusterState, State, lineage_tag};

/// Seconds that one address has to answer.
const PATIENCE: u32 = 5;

/// Seconds that a command has, which may have to start a JVM.
const COMMAND_PATIENCE: u32 = 20;

/// How long a node has to answer all of it.
const NODE_PATIENCE: Duration = Duration::from_secs(30);

/// So many nodes are asked which of their services do not run: those that a framework misses first. It may be minutes
/// before a framework misses one.
const ASKED: usize = 16;

/// So many of them at a time.
const SIDE_BY_SIDE: usize = 8;

/// So many troubles of one kind are told one by one.
const TOLD: usize = 10;

impl Project {
    /// How some clusters are, or all where none is named. Nothing is changed, and no other operation is waited for.
    ///
    /// # Errors
    /// A project without clusters, a cluster that does not exist, a Heat that does not answer.
    pub async fn status(&self, clusters: &[String]) -> Result<Vec<ClusterStatus>, Failure> {
        let (loaded, state) = self.remembered()?;
        let Some(state) = state.filter(|state| !state.clusters.is_empty()) else {
            return Err(nodes::no_clusters());
        };
        let asked: BTreeSet<String> = clusters.iter().map(|name| state.name_of(name)).collect();
        if let Some(name) = asked.iter().find(|name| !state.clusters.contains_key(*name)) {
            return Err(nodes::no_such_cluster(name, state.clusters.keys().map(String::as_str)));
        }
        let entry = self.entry(&loaded, Some(&state))?;
        let mut reached = self.reach(entry.provider()).await?;
        Self::recognise(&reached.identity, entry.provider(), Some(&state))?;
        let wanted = || state.clusters.iter().filter(|(name, _)| asked.is_empty() || asked.contains(name.as_str()));
        let names: Vec<String> = wanted().flat_map(|(_, known)| known.stacks.keys().cloned()).collect();
        let seen = heat::observe(&reached.cloud, &lineage_tag(&state.lineage), &names).await;
        let seen = seen.map_err(|fault| heat_failure(&fault));
        reached.close();
        let seen = seen?;
        let mut all = Vec::new();
        for (name, known) in wanted() {
            let mut status = seen_by_heat(name, known, &seen);
            ask(&entry, &state, name, known, &mut status).await;
            all.push(status);
        }
        Ok(all)
    }
}

/// Asks the frameworks of a cluster.
async fn ask(entry: &Entry<'_>, state: &State, name: &str, known: &ClusterState, status: &mut ClusterStatus) {
    if known.frameworks.is_empty() {
        return;
    }
    if matches!(entry.provider(), Provider::Local { nodes: NodeDriver::Simulated, .. }) {
        status.not_asked = Some("the nodes are simulated, and nothing runs on them".to_owned());
        return;
    }
    let Some(configuration) = entry.configurations.get(name) else {
        let why = "the definitions, which say what to ask, are missing or have mistakes";
        let help = Some("run `disco validate`".to_owned());
        return unasked(status, Address::Cluster(name.to_owned()), why, help);
    };
    let questions: BTreeSet<Asked> = configuration.questions.iter().flat_map(StatusQuestion::asked).collect();
    let questions: Vec<&Asked> = questions.iter().collect();
    // Of several masters the first that answers.
    let mut silent = None;
    let mut found = None;
    for master in masters(name, known) {
        let address = master.address();
        let server = status.nodes.iter().find(|node| node.address == address).map(|node| &node.server);
        if let Some(server) = server.filter(|server| **server != ServerState::Running) {
            let why = format!("`{address}` is {}", server.word());
            silent.get_or_insert((address, why, None));
            continue;
        }
        let units = units_of(configuration, &master.id.group, &master.name());
        match question(entry, &master, &questions, &units).await {
            Ok(answers) => {
                found = Some((address, answers));
                break;
            }
            Err((why, help)) => {
                silent.get_or_insert((address, why, help));
            }
        }
    }
    let Some((address, answers)) = found else {
        if let Some((address, why, help)) = silent {
            unasked(status, address, &why, help);
        }
        return;
    };
    for asked in &configuration.questions {
        let expected: Vec<String> = asked
            .members_of
            .iter()
            .filter_map(|group| Some((group, known.members.groups.get(group)?)))
            .flat_map(|(group, members)| members.nodes.keys().map(move |index| node_name(name, group, *index)))
            .collect();
        status.frameworks.push(answers.of(asked, &expected));
    }
    note_units(status, &address, answers.units);
    let ill: BTreeSet<String> = status
        .frameworks
        .iter()
        .flat_map(|it| &it.members)
        .flat_map(|members| &members.each)
        .filter(|member| member.trouble.is_some())
        .map(|member| member.name.clone())
        .collect();
    for trouble in framework_troubles(status) {
        status.troubles.push(trouble);
    }
    let mut runs: Vec<&NodeStatus> =
        status.nodes.iter().filter(|node| node.server == ServerState::Running && node.address != address).collect();
    runs.sort_by_key(|node| !ill.contains(&node.name));
    let asked: BTreeSet<Address> = runs.into_iter().take(ASKED).map(|node| node.address.clone()).collect();
    let looks = nodes::nodes(state).filter(|node| asked.contains(&node.address())).map(|node| async move {
        let units = units_of(configuration, &node.id.group, &node.name());
        (node.address(), question(entry, &node, &[], &units).await)
    });
    let looks: Vec<_> = stream::iter(looks).buffered(SIDE_BY_SIDE).collect().await;
    for (address, found) in looks {
        match found {
            Ok(answers) => note_units(status, &address, answers.units),
            Err((why, help)) => {
                status.troubles.push(Trouble { address, what: format!("it does not answer: {why}"), help });
            }
        }
    }
}

/// The nodes that can be asked: questions are evaluated for masters.
fn masters<'s>(name: &'s str, known: &'s ClusterState) -> impl Iterator<Item = KnownNode<'s>> {
    let indices = known.members.groups.get("master").into_iter().flat_map(|members| members.nodes.keys());
    indices.filter_map(move |index| KnownNode::of(name, known, NodeId::new("master", *index)))
}

/// The units that a node runs.
fn units_of(configuration: &ClusterConfiguration, group: &str, node: &str) -> Vec<String> {
    let Some(group) = configuration.groups.get(group) else { return Vec::new() };
    let is_member =
        |ensemble: &String| group.ensembles.get(ensemble).is_some_and(|names| names.iter().any(|name| name == node));
    let units = group.units.iter().filter(|unit| unit.only.as_ref().is_none_or(is_member));
    units.map(|unit| unit.name.clone()).collect()
}

/// Asks what runs on a node; why it does not answer, and the way out.
async fn question(
    entry: &Entry<'_>,
    node: &KnownNode<'_>,
    asked: &[&Asked],
    units: &[String],
) -> Result<Answers, (String, Option<String>)> {
    let words: Vec<String> = ["python3", "-I", "-"].map(str::to_owned).to_vec();
    let program = entry.run(node, &words, None, None, Streams::Unattended).await;
    let program = program.map_err(|failure| {
        let why = if failure.causes.is_empty() {
            failure.message
        } else {
            format!("{}: {}", failure.message, failure.causes.join(": "))
        };
        (why, failure.help)
    })?;
    let text = node::question(asked, units, PATIENCE, COMMAND_PATIENCE);
    let said = output(&program, &text, NODE_PATIENCE).await.map_err(|why| (why, None))?;
    Answers::read(&said).map_err(|fault| (format!("its answer cannot be read: {fault}"), None))
}

fn unasked(status: &mut ClusterStatus, address: Address, why: &str, help: Option<String>) {
    status.not_asked = Some(why.to_owned());
    let what = format!("the frameworks cannot be asked: {why}");
    status.troubles.push(Trouble { address, what, help });
}

/// Notes the units of a node that do not run.
fn note_units(status: &mut ClusterStatus, address: &Address, units: Vec<UnitAnswer>) {
    let Some(node) = status.nodes.iter_mut().find(|node| node.address == *address) else { return };
    for unit in units {
        if let Some(what) = unit.trouble() {
            let Address::Node(_, group, index) = address else { continue };
            let name = unit.name.strip_suffix(".service").unwrap_or(&unit.name);
            let help = Some(format!("run `disco logs '{group}[{index}]' {name}`"));
            status.troubles.push(Trouble { address: address.clone(), what, help });
            node.units.push(unit);
        }
    }
}

/// What the frameworks' answers say is wrong.
fn framework_troubles(status: &ClusterStatus) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let addresses: BTreeMap<&str, &Address> =
        status.nodes.iter().map(|node| (node.name.as_str(), &node.address)).collect();
    for framework in &status.frameworks {
        let FrameworkStatus { title, no_answer, members, facts, .. } = framework;
        let address = Address::Framework(status.name.clone(), framework.framework.clone());
        let own = no_answer.iter().chain(facts.iter().filter_map(|fact| fact.trouble.as_ref()));
        troubles.extend(own.map(|what| Trouble {
            address: address.clone(),
            what: format!("{title}: {what}"),
            help: None,
        }));
        let ill = members.iter().flat_map(|members| &members.each);
        let ill: Vec<_> = ill.filter_map(|member| Some((member, member.trouble.as_ref()?))).collect();
        for (member, what) in ill.iter().take(TOLD) {
            let of = addresses.get(member.name.as_str()).map_or(&address, |address| *address);
            troubles.push(Trouble { address: of.clone(), what: format!("{title}: it {what}"), help: None });
        }
        if ill.len() > TOLD {
            let what = format!("{title}: {} more nodes are not well", ill.len() - TOLD);
            troubles.push(Trouble { address: address.clone(), what, help: None });
        }
    }
    troubles
}
