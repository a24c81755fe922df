//! Onto a server of a cloud: by the system's `ssh`, through the master where the node has no address of its own outside.
//!
//! What `ssh` has to know stands in `.disco/ssh_config`, which is written anew each time and which `scp` and `rsync` can
//! read too: `scp -F .disco/ssh_config FILE hdp-slaves-1:`. One's own settings count after it. Keys of hosts are kept in
//! `.disco/known_hosts` by the id of the server, so that a new server behind an old address is a new host, and another
//! key of the same server is refused.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;

use super::super::failure::{Failure, FailureKind};
use super::super::nodes::{KnownNode, of_cluster};
use super::super::{Project, files};
use super::{Program, Streams};
use crate::language::login_account;
use crate::model::{AllowRule, ClusterSpec, NodeId, Service};
use crate::source::shell_word;

/// The file for `ssh`, in the folder that DISCO keeps.
const CONFIG: &str = "ssh_config";

/// The file with the keys of hosts, beside it.
const KNOWN_HOSTS: &str = "known_hosts";

/// The port of SSH.
const PORT: u16 = 22;

/// Seconds that a server has to answer.
const PATIENCE: u32 = 10;

/// A server as `ssh` knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// `hdp-slaves-1`
    pub(super) name: String,
    pub(super) address: Ipv4Addr,
    /// The account to log in with; `None` where only the user knows.
    pub(super) login: Option<String>,
    /// The name of its key.
    pub(super) key: String,
    /// The host that leads there.
    pub(super) through: Option<String>,
}

/// The program that runs `words` on the node.
pub(super) fn program(
    project: &Project,
    spec: Option<&ClusterSpec>,
    node: &KnownNode<'_>,
    words: &[String],
    login: Option<&str>,
    identity: Option<&Path>,
    streams: Streams,
) -> Result<Program, Failure> {
    let hosts = all_hosts(spec, node, hosts(spec, node, login)?);
    let cannot = |fault: &std::io::Error| {
        Failure::new(FailureKind::State, "the settings for `ssh` cannot be written").because(fault)
    };
    let workspace = project.workspace()?;
    workspace.make_folder(&project.folder()).map_err(|fault| cannot(&fault))?;
    let folder = std::path::absolute(workspace.folder(&project.folder())).map_err(|fault| cannot(&fault))?;
    let identity = identity.map(std::path::absolute).transpose().map_err(|fault| cannot(&fault))?;
    let text = config(&hosts, &folder.join(KNOWN_HOSTS), identity.as_deref());
    files::write(&folder.join(CONFIG), text.as_bytes()).map_err(|fault| cannot(&fault))?;
    let mut arguments = vec!["-F".to_owned(), CONFIG.to_owned()];
    arguments.push(if streams == Streams::Terminal { "-t" } else { "-T" }.to_owned());
    if streams == Streams::Unattended {
        arguments.extend(["-o", "BatchMode=yes"].map(str::to_owned));
    }
    arguments.extend(["--".to_owned(), node.name(), remote(words)]);
    // A host on the way is reached by a program that SSH starts with the name of the file as it is: without a folder in
    // it, no blank can be in it.
    Ok(Program { program: "ssh".to_owned(), arguments, folder: Some(folder), ..Program::default() })
}

/// The hosts of a node and those of the other nodes of its cluster that can be reached, by name: several nodes are asked at
/// the same time, and what is written for one must do for the others.
fn all_hosts(spec: Option<&ClusterSpec>, node: &KnownNode<'_>, own: Vec<Host>) -> Vec<Host> {
    let others = of_cluster(node.cluster, node.state).filter_map(|other| hosts(spec, &other, None).ok()).flatten();
    let named: BTreeMap<String, Host> = others.chain(own).map(|host| (host.name.clone(), host)).collect();
    named.into_values().collect()
}

/// The node and who leads there, the node last.
fn hosts(spec: Option<&ClusterSpec>, node: &KnownNode<'_>, login: Option<&str>) -> Result<Vec<Host>, Failure> {
    if let Some(spec) = spec
        && spec.ssh.keys.is_empty()
        && spec.ssh.key_pair.is_none()
    {
        let message = format!("no way in to `{}`: its cluster has neither `ssh_keys` nor `key_pair`", node.address());
        return Err(Failure::new(FailureKind::Refused, message).help(format!(
            "write `ssh_keys = [file(\"~/.ssh/id_ed25519.pub\")]` in `cluster \"{}\"`, then run `disco apply`",
            node.cluster
        )));
    }
    let floating = |id: &NodeId| node.state.floating_ips.get(id).copied();
    let host = |node: &KnownNode<'_>, address: Ipv4Addr, login: Option<&str>, through: Option<String>| {
        let image = node.image().unwrap_or_default();
        let login = login.or_else(|| login_account(&image)).map(str::to_owned);
        let key = format!("{}.{}", node.name(), node.server_id().unwrap_or_default());
        Host { name: node.name(), address, login, key, through }
    };
    if let Some(address) = floating(&node.id) {
        let_in(spec, node, &node.id.group)?;
        return Ok(vec![host(node, address, login, None)]);
    }
    let Some(private) = node.member.address else {
        let message = format!("no way in to `{}`: it has no address yet", node.address());
        return Err(Failure::new(FailureKind::Refused, message).help("run `disco apply`"));
    };
    // The master leads to the others; else whoever can be reached.
    let known = node.state.floating_ips.iter();
    let first = known.min_by_key(|(id, _)| (id.group != "master", (*id).clone()));
    if let Some((id, address)) = first
        && let Some(gate) = KnownNode::of(node.cluster, node.state, id.clone())
    {
        let_in(spec, node, &id.group)?;
        let gate = host(&gate, *address, None, None);
        let through = Some(gate.name.clone());
        return Ok(vec![gate, host(node, private, login, through)]);
    }
    if spec.is_none_or(|spec| matches!(spec.network, crate::model::NetworkSpec::New { .. })) {
        let message = format!("no way in to `{}`: no node of its cluster has a floating IP", node.address());
        return Err(Failure::new(FailureKind::Refused, message)
            .help("write `floating_ip = true` in `master`, then run `disco apply`"));
    }
    let_in(spec, node, &node.id.group)?;
    // Whoever uses a network that exists may well be in it.
    Ok(vec![host(node, private, login, None)])
}

/// Makes sure that a rule lets somebody in by SSH on the nodes of a group.
fn let_in(spec: Option<&ClusterSpec>, node: &KnownNode<'_>, group: &str) -> Result<(), Failure> {
    let Some(spec) = spec else { return Ok(()) };
    let opens =
        |rule: &AllowRule| rule.to.covers(group) && (rule.service == Service::Ssh || rule.service.has_own_port(PORT));
    if spec.security.iter().any(opens) {
        return Ok(());
    }
    let message = format!("no way in to `{}`: no rule allows SSH to `{group}`", node.address());
    Err(Failure::new(FailureKind::Refused, message).help(format!(
        "write `allow \"ssh\" {{ from = [\"203.0.113.0/24\"] }}`, with your own addresses, in `security` of `cluster \"{}\"`, \
         then run `disco apply`",
        node.cluster
    )))
}

/// Settings for `ssh`, with which every host is reached by its name.
pub(super) fn config(hosts: &[Host], known_hosts: &Path, identity: Option<&Path>) -> String {
    let mut text = "# Written by DISCO; scp and rsync can use it too: scp -F .disco/ssh_config FILE NODE:\n".to_owned();
    for host in hosts {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\nHost {}", host.name);
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(text, "    {name} {value}");
        };
        line("HostName", &host.address.to_string());
        if let Some(login) = &host.login {
            line("User", login);
        }
        if let Some(through) = &host.through {
            line("ProxyJump", through);
        }
        line("HostKeyAlias", &host.key);
        line("CheckHostIP", "no");
        line("StrictHostKeyChecking", "accept-new");
        line("UserKnownHostsFile", &quoted(known_hosts));
        if let Some(identity) = identity {
            line("IdentityFile", &quoted(identity));
            line("IdentitiesOnly", "yes");
        }
        line("ConnectTimeout", &PATIENCE.to_string());
        line("ServerAliveInterval", "15");
        line("ServerAliveCountMax", "3");
        line("LogLevel", "ERROR");
    }
    text.push_str("\nMatch all\nInclude ~/.ssh/config\nInclude /etc/ssh/ssh_config\n");
    text
}

/// A path as settings of SSH have it: `%` begins a token there.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('%', "%%"))
}

/// The words as one for the shell at the other end, which SSH always speaks with: each stays what it is.
fn remote(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
    quoted.join(" ")
}
