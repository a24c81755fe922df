//! The configuration that programs elsewhere need to use a cluster.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;

use super::failure::{Failure, FailureKind};
use super::{Project, files, nodes};
use crate::catalogue::{ClientFile, ClusterConfiguration, OpenPort};
use crate::model::{ClusterSpec, NodeId, Service, node_name};
use crate::report::ClientConfig;
use crate::source::listed;
use crate::state::ClusterState;

/// The file with the names of the nodes.
const HOSTS: &str = "hosts";

impl Project {
    /// Writes the files that clients of a cluster need into a folder, which is relative to the project.
    ///
    /// # Errors
    /// A project without clusters or with several, frameworks that have no clients, files that are there with other
    /// content and may not be replaced, a folder that cannot be written.
    pub fn client_config(&self, cluster: Option<&str>, folder: &Path, force: bool) -> Result<ClientConfig, Failure> {
        let (loaded, state) = self.remembered()?;
        let wrong = |message: String| Failure::new(FailureKind::Definition, message);
        let Some(state) = state.filter(|state| !state.clusters.is_empty()) else {
            return Err(nodes::no_clusters());
        };
        let names: Vec<String> = state.clusters.keys().map(|name| format!("`{name}`")).collect();
        let name = match (cluster.map(|cluster| state.name_of(cluster)), state.clusters.first_key_value()) {
            (Some(name), _) => name,
            (None, Some((name, _))) if names.len() == 1 => name.clone(),
            (None, _) => {
                let message = format!("the project has the clusters {}", listed(&names));
                return Err(wrong(message).help("name one with --cluster"));
            }
        };
        let Some(known) = state.clusters.get(&name) else {
            return Err(
                wrong(format!("cluster `{name}` does not exist")).help(format!("name one of {}", listed(&names)))
            );
        };
        let entry = self.entry(&loaded, Some(&state))?;
        let (Some(configuration), Some(spec)) = (entry.configurations.get(&name), entry.spec(&name)) else {
            let message = format!("the definition of cluster `{name}` is missing or has mistakes");
            return Err(wrong(message).help("run `disco validate`"));
        };
        if configuration.client_files.is_empty() {
            let message = format!("no framework of cluster `{name}` has files for clients");
            let help =
                "where the manifest is your own, name the keys of clients with `client_keys` in its `file` blocks";
            return Err(wrong(message).help(help));
        }
        let mut texts = texts(&name, known, configuration);
        texts.push((HOSTS.to_owned(), hosts(&name, known)));
        let folder = self.directory().join(folder);
        let written = write(&folder, &texts, force)?;
        let secrets = configuration.client_files.iter();
        let left_out = secrets.flat_map(|file| file.secrets().map(|key| (file.name.clone(), key.to_owned())));
        Ok(ClientConfig {
            left_out: left_out.collect(),
            closed: closed(configuration, spec),
            only_inside: known.floating_ips.is_empty(),
            files: written,
            absolute: std::path::absolute(&folder).unwrap_or_else(|_| folder.clone()).display().to_string(),
            folder: files::shown(&folder).to_string(),
            cluster: name,
        })
    }
}

/// Where a node is reached from elsewhere.
fn outside(known: &ClusterState, id: &NodeId) -> Option<Ipv4Addr> {
    let floating = known.floating_ips.get(id).copied();
    floating.or_else(|| known.members.node(&id.group, id.index).and_then(|member| member.address))
}

fn texts(name: &str, known: &ClusterState, configuration: &ClusterConfiguration) -> Vec<(String, String)> {
    // Masters are named by their address, so that nothing has to be known of names to begin with.
    let masters = known.members.groups.get("master").into_iter().flat_map(|master| master.nodes.keys());
    let masters: Vec<(String, String)> = masters
        .filter_map(|index| {
            let address = outside(known, &NodeId::new("master", *index))?;
            Some((node_name(name, "master", *index), address.to_string()))
        })
        .collect();
    let elsewhere =
        |value: &str| masters.iter().fold(value.to_owned(), |value, (name, address)| replaced(&value, name, address));
    let beginning = format!("Written by `disco client-config` for clients of cluster.{name}.");
    let known = configuration.client_files.iter().filter(|file| !file.is_given);
    known.map(|file: &ClientFile| (file.name.clone(), file.text(&beginning, elsewhere))).collect()
}

/// A text with an address in the place of a host's name, where that stands alone.
fn replaced(text: &str, name: &str, address: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    let part = |sign: char| sign.is_ascii_alphanumeric() || sign == '-';
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let alone = !before.ends_with(part) && !after.starts_with(part);
        whole.push_str(before);
        whole.push_str(if alone { address } else { name });
        rest = after;
    }
    whole + rest
}

/// Lines for `/etc/hosts`: frameworks name their nodes to clients.
fn hosts(name: &str, known: &ClusterState) -> String {
    let mut text =
        format!("# Nodes of cluster.{name}: clients need these lines in /etc/hosts where frameworks name nodes.\n");
    let groups = known.members.groups.iter();
    for (group, index) in groups.flat_map(|(group, members)| members.nodes.keys().map(move |index| (group, *index))) {
        if let Some(address) = outside(known, &NodeId::new(group.as_str(), index)) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{address} {}", node_name(name, group, index));
        }
    }
    text
}

/// Writes all files, or none where one would replace another that somebody may want to keep.
fn write(folder: &Path, texts: &[(String, String)], force: bool) -> Result<Vec<(String, bool)>, Failure> {
    let cannot = |path: &Path, fault: &std::io::Error| {
        Failure::new(FailureKind::State, format!("`{}` cannot be written", files::shown(path))).because(fault)
    };
    files::make_folder(folder).map_err(|fault| cannot(folder, &fault))?;
    let mut all = Vec::new();
    let mut others: Vec<String> = Vec::new();
    for (name, text) in texts {
        let path = folder.join(name);
        let there = files::read(&path).map_err(|fault| cannot(&path, &fault))?;
        let same = there.as_ref().is_some_and(|bytes| bytes == text.as_bytes());
        if there.is_some() && !same && !force {
            others.push(format!("`{name}`"));
        }
        all.push((name.clone(), !same));
    }
    if !others.is_empty() {
        let message = format!("{} in `{}` would be replaced", listed(&others), files::shown(folder));
        return Err(
            Failure::new(FailureKind::Refused, message).help("name another folder, or add --force to replace them")
        );
    }
    for ((name, text), (_, new)) in texts.iter().zip(&all) {
        if *new {
            let path = folder.join(name);
            files::write(&path, text.as_bytes()).map_err(|fault| cannot(&path, &fault))?;
        }
    }
    Ok(all)
}

/// Ports of services, but not web pages, that no rule opens to anybody.
fn closed(configuration: &ClusterConfiguration, spec: &ClusterSpec) -> Vec<(String, u16)> {
    let open = |port: &OpenPort| {
        spec.security.iter().any(|rule| {
            let is_named = matches!(&rule.service, Service::Named(name) if *name == port.name);
            rule.to.covers(&port.group) && (is_named || rule.service.has_own_port(port.ports.first))
        })
    };
    let mut closed: Vec<(String, u16)> = Vec::new();
    for port in configuration.open_ports.iter().filter(|port| port.web_ui.is_none() && !open(port)) {
        let found = (port.name.clone(), port.ports.first);
        if !closed.contains(&found) {
            closed.push(found);
        }
    }
    closed
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn a_host_is_replaced_where_its_name_stands_alone() {
        let told = |text| replaced(text, "a-master-0", "198.18.0.1");
        assert_eq!(told("hdfs://a-master-0:8020/x"), "hdfs://198.18.0.1:8020/x");
        assert_eq!(told("a-master-0"), "198.18.0.1");
        assert_eq!(told("http://a-master-0:1,a-master-0:2"), "http://198.18.0.1:1,198.18.0.1:2");
        assert_eq!(told("aa-master-0 a-master-01 a-master-0-b"), "aa-master-0 a-master-01 a-master-0-b");
    }
}
