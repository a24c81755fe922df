//! What the node agent would do with a framework of one's own: it carries it out below a folder, where commands are written
//! down and not run. No cloud and no Heat has a part in it, only `python3`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Serialize;

use super::Project;
use super::checked_framework::MachineSize;
use super::failure::{Failure, FailureKind};
use super::files;
use crate::catalogue::ClusterConfiguration;
use crate::graph;
use crate::model::{ClusterSpec, Role};
use crate::node::{Bundle, Hosts, brief_names, bundle, verification};
use crate::report::RehearsedNode;
use crate::source::Diagnostics;

/// The program that has the agent carry out what nodes are given.
const PROGRAM: &str = include_str!("rehearse.py");

/// More resources than any of these clusters has.
const MOST: u32 = 100_000;

/// What stands for a secret that nobody has made up yet.
const SECRET: &str = "made-up-for-a-rehearsal";

/// What the program is asked.
#[derive(Serialize)]
struct Asked<'a> {
    into: Option<PathBuf>,
    nodes: Vec<AskedNode<'a>>,
}

#[derive(Serialize)]
struct AskedNode<'a> {
    node: &'a str,
    bundle: &'a str,
    inputs: BTreeMap<String, String>,
}

impl Project {
    /// Has the node agent of this DISCO carry out the framework in a folder for the first node of each group of a cluster, and
    /// then the steps of the cluster. Files go below `into`, or nowhere that lasts.
    ///
    /// # Errors
    /// What [`check_framework`](Self::check_framework) refuses; a folder with something in it; a machine without `python3`.
    pub fn rehearse_framework(
        &self,
        folder: &Path,
        size: MachineSize,
        slaves: u32,
        into: Option<&Path>,
    ) -> Result<(Vec<RehearsedNode>, Diagnostics), Failure> {
        let into = into.map(|into| self.directory().join(into));
        if let Some(into) = &into {
            let there = files::everything(into).map_err(|fault| super::unreadable(into, &fault))?;
            if !there.is_empty() {
                let message = format!("`{}` has something in it", files::shown(into));
                return Err(Failure::new(FailureKind::Refused, message).help("name a folder that is empty or new"));
            }
        }
        let (name, catalogue, mut diagnostics) = self.with_folder(folder)?;
        let (cluster, found) = self.checked_cluster(&catalogue, &name, size, slaves)?;
        diagnostics.extend(found);
        let (spec, configuration) = (&cluster.spec, &cluster.configured.configuration);
        let bundles = bundles(spec, configuration);
        let nodes: Vec<AskedNode<'_>> = bundles
            .iter()
            .map(|(node, bundle, inputs)| AskedNode { node, bundle: bundle.to_json(), inputs: inputs.clone() })
            .collect();
        let into = match into {
            Some(into) => Some(std::path::absolute(&into).map_err(|fault| super::unreadable(&into, &fault))?),
            None => None,
        };
        let last = bundles.len() - 1;
        let done = ask(&Asked { into, nodes })?;
        let nodes = bundles.into_iter().zip(done).enumerate();
        let told = nodes.map(|(at, ((node, ..), done))| RehearsedNode { node, of_cluster: at == last, ..done });
        Ok((told.collect(), diagnostics))
    }
}

/// What the first node of each group is given and then the first master for the whole cluster, with the inputs that Heat adds.
fn bundles(
    spec: &ClusterSpec,
    configuration: &ClusterConfiguration,
) -> Vec<(String, Bundle, BTreeMap<String, String>)> {
    let (members, _) = graph::allocate(spec, None, MOST);
    let hosts = Hosts::of(spec, &members);
    let mut all = Vec::new();
    for group in spec.groups.iter().filter(|group| group.count.value > 0) {
        let bundle = bundle(spec, group, configuration, &hosts, "rehearsal");
        let known = bundle.secrets().iter().map(|(name, value, _)| (name.clone(), value.value.clone()));
        let made_up = bundle.secrets().generated().map(|name| (name.clone(), SECRET.to_owned()));
        let inputs: BTreeMap<String, String> = known.chain(made_up).collect();
        all.push((spec.node_name(&group.name, 0), bundle, inputs));
    }
    let master = spec.groups.iter().find(|group| group.role == Role::Master);
    let master = master.map_or_else(String::new, |group| spec.node_name(&group.name, 0));
    let expected: BTreeSet<&String> = configuration.steps.iter().flat_map(|step| &step.members_of).collect();
    let groups = spec.groups.iter().filter(|group| expected.contains(&group.name));
    let names = groups.flat_map(|group| (0..group.count.value).map(|index| spec.node_name(&group.name, index)));
    let inputs = BTreeMap::from([("members".to_owned(), brief_names(names))]);
    all.push((master, verification(spec, configuration), inputs));
    all
}

fn ask(asked: &Asked<'_>) -> Result<Vec<RehearsedNode>, Failure> {
    let failed = || {
        Failure::new(FailureKind::Refused, "the node agent cannot be rehearsed here").help(
            "it is a program for `python3` (3.9 or newer): install that, or read what `disco frameworks check` shows",
        )
    };
    let mut python = Command::new("python3")
        .args(["-I", "-B", "-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|fault| failed().because(&fault))?;
    let text = serde_json::to_vec(asked).unwrap_or_default();
    let stdin = python.stdin.take();
    let done = std::thread::scope(|scope| {
        // What it does not read is told by how it ends.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(&text)));
        python.wait_with_output()
    });
    let done = done.map_err(|fault| failed().because(&fault))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let why = said.lines().last().unwrap_or_default().to_owned();
        return Err(Failure { causes: vec![why], ..failed() });
    }
    serde_json::from_slice(&done.stdout).map_err(|fault| failed().because(&fault))
}
