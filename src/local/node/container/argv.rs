//! Every operation of a container engine as a command. Podman and Docker take the same words but where it says so.

use std::fmt;

use super::super::machine::{Interface, Machine};
use super::command::Command;

/// The label that says whose container or network it is: the engine's id.
pub(crate) const ENGINE_LABEL: &str = "disco.engine";
/// The label with the folder of the engine's nodes, for those who look from outside.
pub(crate) const FOLDER_LABEL: &str = "disco.folder";
/// The label with the server's id.
pub(crate) const SERVER_LABEL: &str = "disco.server";
/// The label that says how often the machine's disk had been written anew when it was made.
pub(crate) const REBUILDS_LABEL: &str = "disco.rebuilds";
/// The label of an image that has what a node needs; its value are the packages that it was asked for.
pub(crate) const PACKAGES_LABEL: &str = "disco.packages";

/// Where a machine's own files are inside its container.
pub(crate) const INSIDE: &str = "/var/lib/disco-host";

/// Seconds that services have to stop.
const STOP_SECONDS: u32 = 60;

/// What runs containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContainerEngine {
    /// Podman, by root.
    Podman,
    /// Docker with its daemon.
    Docker,
}

impl ContainerEngine {
    /// Both, the one that is taken where both are there first.
    pub const ALL: [Self; 2] = [Self::Podman, Self::Docker];

    /// Its command.
    pub fn program(self) -> &'static str {
        match self {
            Self::Podman => "podman",
            Self::Docker => "docker",
        }
    }
}

impl fmt::Display for ContainerEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

/// A container engine as it is called on this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tool {
    pub engine: ContainerEngine,
    /// The file that Podman reads its settings from, instead of those of the host.
    pub settings: Option<String>,
}

impl Tool {
    /// A command of the engine.
    pub(crate) fn run<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Command {
        let command = Command::new(self.engine.program(), words);
        match &self.settings {
            Some(settings) => command.environment("CONTAINERS_CONF", settings),
            None => command,
        }
    }

    /// Ids of all containers with a label, running or not.
    pub(crate) fn containers(&self, label: &str) -> Command {
        self.run(["ps", "--all", "--quiet", "--no-trunc"]).option("--filter", format!("label={label}"))
    }

    /// Everything about containers, as JSON.
    pub(crate) fn inspect(&self, ids: &[String]) -> Command {
        self.run(["container", "inspect"]).and(ids.iter().map(String::as_str))
    }

    /// Names of all networks with a label.
    pub(crate) fn networks(&self, label: &str) -> Command {
        self.run(["network", "ls", "--format", "{{.Name}}"]).option("--filter", format!("label={label}"))
    }

    pub(crate) fn remove_network(&self, name: &str) -> Command {
        self.run(["network", "rm", name])
    }

    /// Removes a container with its disk, whatever it does.
    pub(crate) fn remove(&self, name: &str) -> Command {
        match self.engine {
            ContainerEngine::Podman => self.run(["rm", "--force", "--time", "0", "--volumes", name]),
            ContainerEngine::Docker => self.run(["rm", "--force", "--volumes", name]),
        }
    }
}

/// What all containers of one embedded engine on one host have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    pub tool: Tool,
    /// The embedded engine's id.
    pub engine: String,
    /// Folder of its nodes.
    pub folder: String,
    /// Processors of this host.
    pub processors: u64,
    /// Whether limits may be raised, which growing a file system takes as well.
    pub may_raise_limits: bool,
}

impl Site {
    fn run<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Command {
        self.tool.run(words)
    }

    /// The label on all that is this engine's.
    pub(crate) fn label(&self) -> String {
        format!("{ENGINE_LABEL}={}", self.engine)
    }

    fn labelled(&self, command: Command) -> Command {
        command.option("--label", self.label()).option("--label", format!("{FOLDER_LABEL}={}", self.folder))
    }

    /// Ids of all containers of this engine, running or not.
    pub(crate) fn containers(&self) -> Command {
        self.tool.containers(&self.label())
    }

    /// Ids of the containers of one server.
    pub(crate) fn containers_of(&self, server: &str) -> Command {
        self.containers().option("--filter", format!("label={SERVER_LABEL}={server}"))
    }

    pub(crate) fn create_network(&self, interface: &Interface) -> Command {
        let mut command = self.labelled(self.run(["network", "create"]));
        if self.tool.engine == ContainerEngine::Podman {
            // Nodes have the names of their cluster in /etc/hosts; the host's servers know the others.
            command = command.and(["--disable-dns"]);
        }
        command = command.option("--subnet", interface.cidr);
        if let Some(gateway) = interface.gateway {
            command = command.option("--gateway", gateway);
        }
        command.and([network_name(&self.engine, &interface.network).as_str()])
    }

    /// Puts a second card into a container.
    pub(crate) fn connect(&self, name: &str, interface: &Interface) -> Command {
        let network = network_name(&self.engine, &interface.network);
        let mut command = self.run(["network", "connect"]).option("--ip", interface.address);
        if self.tool.engine == ContainerEngine::Podman {
            command = command.option("--mac-address", &interface.mac);
        }
        command.and([network.as_str(), name])
    }

    /// Makes a container, which does not run yet. Its PID 1 sets the machine's rules and becomes systemd.
    pub(crate) fn create(&self, machine: &Machine) -> Command {
        let folder = folder_of(&self.folder, &machine.id);
        let mut command = self
            .labelled(self.run(["create", "--pull", "never"]))
            .option("--name", container_name(machine))
            .option("--hostname", host_name(&machine.name))
            .option("--label", format!("{SERVER_LABEL}={}", machine.id))
            .option("--label", format!("{REBUILDS_LABEL}={}", machine.rebuilds));
        if let Some(interface) = machine.interfaces.first() {
            command = command
                .option("--network", network_name(&self.engine, &interface.network))
                .option("--ip", interface.address)
                .option("--mac-address", &interface.mac);
        }
        for server in machine.interfaces.iter().flat_map(|interface| &interface.nameservers) {
            command = command.option("--dns", server);
        }
        command = command
            .option("--memory", format!("{}m", machine.memory_mib))
            .option("--cpus", machine.vcpus.min(self.processors).max(1))
            .and(["--pids-limit", "-1", "--tty"]);
        command = match self.tool.engine {
            ContainerEngine::Podman => command
                .and(["--systemd", "always", "--log-driver", "k8s-file", "--log-opt", "max-size=4mb"])
                .option("--log-opt", format!("path={folder}/console.log")),
            ContainerEngine::Docker => command.and([
                "--cgroupns=private",
                "--tmpfs=/run:exec",
                "--tmpfs=/run/lock",
                "--tmpfs=/tmp:exec",
                "--env=container=docker",
                "--stop-signal=SIGRTMIN+3",
                "--log-driver=json-file",
                "--log-opt=max-size=4m",
            ]),
        };
        for capability in self.capabilities() {
            command = command.option("--cap-add", capability);
        }
        command
            .option("--device-cgroup-rule", "b 7:* rwm")
            .option("--security-opt", "label=disable")
            .option("--security-opt", "apparmor=unconfined")
            .option("--volume", format!("{folder}/seed:/var/lib/cloud/seed/nocloud:ro"))
            .option("--volume", format!("{folder}/heat:/var/lib/heat-cfntools:ro"))
            .option("--volume", format!("{folder}/host:{INSIDE}:ro"))
            .and([image_name(&machine.image).as_str(), "/bin/sh", &format!("{INSIDE}/boot.sh")])
    }

    /// What root has on a node beside a container's usual rights. `NET_ADMIN` and `MKNOD` are for what runs before
    /// systemd, which drops them; `SYS_ADMIN` mounts disks.
    fn capabilities(&self) -> Vec<&'static str> {
        let mut all = vec!["AUDIT_WRITE", "MKNOD", "NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_NICE", "SYS_PTRACE"];
        if self.may_raise_limits {
            all.push("SYS_RESOURCE");
        }
        all
    }

    pub(crate) fn start(&self, name: &str) -> Command {
        self.run(["start", name])
    }

    pub(crate) fn pause(&self, name: &str) -> Command {
        self.run(["pause", name])
    }

    pub(crate) fn unpause(&self, name: &str) -> Command {
        self.run(["unpause", name])
    }

    pub(crate) fn stop(&self, name: &str) -> Command {
        self.run(["stop"]).option("--time", STOP_SECONDS).and([name])
    }

    pub(crate) fn restart(&self, name: &str) -> Command {
        self.run(["restart"]).option("--time", STOP_SECONDS).and([name])
    }

    /// Changes how large a container is.
    pub(crate) fn resize(&self, name: &str, machine: &Machine) -> Command {
        self.run(["update"])
            .option("--memory", format!("{}m", machine.memory_mib))
            .option("--cpus", machine.vcpus.min(self.processors).max(1))
            .and([name])
    }

    /// Has a running container read the files of its machine again.
    pub(crate) fn refresh(&self, name: &str) -> Command {
        self.run(["exec", name, "/bin/sh", &format!("{INSIDE}/boot.sh"), "again"])
    }

    /// The last lines of a container's console, since a time in seconds since 1970.
    pub(crate) fn console(&self, name: &str, since: u64) -> Command {
        self.run(["logs", "--tail", "40"]).option("--since", since).and([name])
    }
}

/// The name of a machine's container: its own, and enough of its id to be the only one.
pub(crate) fn container_name(machine: &Machine) -> String {
    format!("{}-{}", host_name(&machine.name), short(&machine.id))
}

/// The name of a network's counterpart.
pub(crate) fn network_name(engine: &str, network: &str) -> String {
    format!("disco-{}-{}", short(engine), short(network))
}

/// The image that stands for one of the embedded engine's.
pub fn image_name(image: &str) -> String {
    format!("localhost/disco-node:{image}")
}

/// The folder with a machine's own files, below the folder of all nodes.
pub(crate) fn folder_of(folder: &str, server: &str) -> String {
    format!("{folder}/servers/{server}")
}

/// A server's name as a host name, as Nova makes one.
pub(crate) fn host_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let signs = name.chars().map(|sign| match sign {
        'a'..='z' | '0'..='9' | '-' => sign,
        _ => '-',
    });
    let name: String = signs.take(63).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "node".to_owned() } else { name.to_owned() }
}

fn short(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).take(8).collect()
}
