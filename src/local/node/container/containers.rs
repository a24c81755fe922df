//! Makes containers what machines should be, and says what has become of them.
//!
//! Everything is found again by labels and by the files of the folder, so that whatever was done when DISCO was killed is
//! gone on with: nothing is made twice.

#![expect(clippy::disallowed_methods, reason = "the nodes' files are the driver's own")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::Mutex;

use super::super::{Interface, Machine, Volume, Wanted};
use super::argv::{ContainerEngine, Site, Tool, container_name, folder_of, image_name, network_name};
use super::command::Command;
use super::disk::{self, make_folder, names, write};
use super::fault::ContainerFault;
use super::files::{self, Disk};
use super::host::{HostFacts, settings};
use super::image::id_of;
use super::run::run;
use super::seen::{self, Container, ContainerStatus};
use super::steps::{Carried, Step, its, steps};

/// Marks routes of the host that are ours, as a protocol number that nobody else uses.
const ROUTE_PROTOCOL: &str = "222";

/// After so long a container that could not set its rules has ended.
const FIRST_BREATH: Duration = Duration::from_millis(300);

/// What a machine's container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It runs.
    Running,
    /// It is held where it was.
    Paused,
    /// It is off.
    Stopped,
    /// There is none.
    Absent,
}

/// A machine's container at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// What it does.
    pub condition: Condition,
    /// When it last started, as the container engine writes it.
    pub started: String,
}

/// Machines of one embedded engine as containers of this host.
#[derive(Debug)]
pub struct Containers {
    site: Site,
    folder: PathBuf,
    /// Networks are made, and disks attached, one at a time.
    shared: Mutex<()>,
}

impl Containers {
    /// Has a folder for the nodes of the engine of that id.
    ///
    /// # Errors
    /// A host without a container engine, a folder that cannot be written.
    pub fn open(folder: &Path, engine: &str, facts: &HostFacts) -> Result<Self, ContainerFault> {
        let (tool, folder) = tool(folder, facts)?;
        write(&folder.join("engine"), 0o600, engine)?;
        let site = Site {
            tool,
            engine: engine.to_owned(),
            folder: folder.display().to_string(),
            processors: facts.processors,
            may_raise_limits: facts.may_raise_limits(),
        };
        Ok(Self { site, folder, shared: Mutex::default() })
    }

    /// Makes a machine what it should be; nothing is done where it is. Says what its container does then.
    ///
    /// # Errors
    /// What the container engine refuses, a container that does not stay up.
    pub async fn carry_out(&self, machine: &Machine) -> Result<Condition, ContainerFault> {
        let addresses = |interface: &Interface| [&[interface.address][..], &interface.further].concat();
        if let Some(address) = machine.interfaces.iter().flat_map(addresses).find(IpAddr::is_ipv6) {
            return Err(ContainerFault::OnlyIpv4 { address });
        }
        let containers = self.inspect(&self.site.containers_of(&machine.id)).await?;
        let carried = self.carried(&machine.id);
        let name = its(machine, &containers, carried.as_ref()).map(|container| container.name.clone());
        let name = name.unwrap_or_else(|| container_name(machine));
        for step in steps(machine, &containers, carried.as_ref()) {
            self.take(&step, machine, &name).await?;
        }
        if machine.wanted == Wanted::Gone {
            return Ok(Condition::Absent);
        }
        let containers = self.inspect(&self.site.containers_of(&machine.id)).await?;
        let condition = containers.first().map_or(Condition::Absent, condition);
        if condition != Condition::Absent {
            self.remember(&machine.id, &Carried::of(machine))?;
        }
        Ok(condition)
    }

    /// Starts a machine that has ended in order to boot anew. Says what its container does then.
    ///
    /// # Errors
    /// What the container engine refuses, a container that does not stay up.
    pub(super) async fn boot_again(&self, machine: &Machine) -> Result<Condition, ContainerFault> {
        run(&self.site.start(&container_name(machine))).await?;
        self.lives(machine).await?;
        self.routes(machine).await?;
        Ok(Condition::Running)
    }

    /// What the containers of all machines do; those that have none are not in it.
    ///
    /// # Errors
    /// A container engine that does not answer.
    pub async fn look(&self) -> Result<BTreeMap<String, Sight>, ContainerFault> {
        let containers = self.inspect(&self.site.containers()).await?;
        let sight = |container: Container| {
            (container.server.clone(), Sight { condition: condition(&container), started: container.started })
        };
        Ok(containers.into_iter().map(sight).collect())
    }

    /// What a machine's console said since `*read` bytes of it.
    pub(super) async fn console(&self, machine: &Machine, read: &mut u64) -> Vec<String> {
        if self.site.tool.engine == ContainerEngine::Podman {
            return disk::more_lines(&self.machine_folder(&machine.id).join("console.log"), read);
        }
        let now = super::super::super::clock::Clock::Wall.now() / 1_000;
        let since = std::mem::replace(read, now);
        let said = run(&self.site.console(&container_name(machine), since)).await.unwrap_or_default();
        said.lines().map(str::to_owned).collect()
    }

    /// Removes what belongs to none of these machines and volumes: what was left when a process was killed.
    ///
    /// # Errors
    /// What the container engine refuses.
    pub async fn sweep(&self, machines: &[Machine], volumes: &BTreeSet<String>) -> Result<(), ContainerFault> {
        let known: BTreeSet<&str> = machines.iter().map(|machine| machine.id.as_str()).collect();
        for container in self.inspect(&self.site.containers()).await? {
            if !known.contains(container.server.as_str()) {
                run(&self.site.tool.remove(&container.name)).await?;
            }
        }
        for server in names(&self.folder.join("servers")) {
            if !known.contains(server.as_str()) {
                self.forget(&server).await?;
            }
        }
        self.release_disks().await?;
        for file in names(&self.folder.join("volumes")) {
            if file.strip_suffix(".img").is_some_and(|volume| !volumes.contains(volume)) {
                let path = self.folder.join("volumes").join(&file);
                disk::release(&path).await?;
                fs::remove_file(&path).map_err(|source| ContainerFault::File { path, source })?;
            }
        }
        let interfaces = machines.iter().flat_map(|machine| &machine.interfaces);
        let used: BTreeSet<String> =
            interfaces.map(|interface| network_name(&self.site.engine, &interface.network)).collect();
        let listing = self.site.tool.networks(&self.site.label());
        for name in run(&listing).await?.lines().filter(|name| !used.contains(*name)) {
            run(&self.site.tool.remove_network(name)).await?;
        }
        Ok(())
    }

    async fn inspect(&self, listing: &Command) -> Result<Vec<Container>, ContainerFault> {
        inspect(&self.site.tool, listing).await
    }

    async fn take(&self, step: &Step, machine: &Machine, name: &str) -> Result<(), ContainerFault> {
        match step {
            Step::Networks => self.networks(machine).await,
            Step::Files => self.files(machine).await,
            Step::Create => self.create(machine).await,
            Step::Start => {
                run(&self.site.start(name)).await?;
                self.lives(machine).await
            }
            Step::Restart => {
                run(&self.site.restart(name)).await?;
                self.lives(machine).await
            }
            Step::Pause => run(&self.site.pause(name)).await.map(drop),
            Step::Unpause => run(&self.site.unpause(name)).await.map(drop),
            Step::Stop => run(&self.site.stop(name)).await.map(drop),
            Step::Resize => run(&self.site.resize(name, machine)).await.map(drop),
            Step::Refresh => run(&self.site.refresh(name)).await.map(drop),
            Step::Routes => self.routes(machine).await,
            Step::ReleaseDisks => self.release_disks().await,
            Step::Remove(name) => run(&self.site.tool.remove(name)).await.map(drop),
            Step::Forget => {
                self.forget(&machine.id).await?;
                self.release_disks().await?;
                for interface in &machine.interfaces {
                    // Others may be on it; the last one that goes takes it away.
                    let name = network_name(&self.site.engine, &interface.network);
                    let _ = run(&self.site.tool.remove_network(&name)).await;
                }
                Ok(())
            }
        }
    }

    async fn networks(&self, machine: &Machine) -> Result<(), ContainerFault> {
        let _turn = self.shared.lock().await;
        let known = run(&self.site.tool.networks(&self.site.label())).await?;
        let mut known: BTreeSet<String> = known.lines().map(str::to_owned).collect();
        for interface in &machine.interfaces {
            if known.insert(network_name(&self.site.engine, &interface.network)) {
                self.create_network(interface).await?;
            }
        }
        Ok(())
    }

    async fn create_network(&self, interface: &Interface) -> Result<(), ContainerFault> {
        run(&self.site.create_network(interface)).await.map(drop).map_err(|fault| match fault {
            ContainerFault::Failed { message, .. }
                if ["subnet", "overlap", "already used"].iter().any(|word| message.contains(word)) =>
            {
                ContainerFault::AddressesTaken { cidr: interface.cidr, message }
            }
            other => other,
        })
    }

    /// Whether the image is there that a machine was made of.
    pub(super) async fn has_image(&self, machine: &Machine) -> bool {
        run(&id_of(&self.site.tool, &image_name(&machine.image))).await.is_ok()
    }

    async fn create(&self, machine: &Machine) -> Result<(), ContainerFault> {
        if !self.has_image(machine).await {
            return Err(ContainerFault::NoImage { image: machine.image.clone() });
        }
        run(&self.site.create(machine)).await?;
        for interface in machine.interfaces.iter().skip(1) {
            run(&self.site.connect(&container_name(machine), interface)).await?;
        }
        Ok(())
    }

    /// Makes sure that a container that was started does not end at once, because its rules could not be set.
    async fn lives(&self, machine: &Machine) -> Result<(), ContainerFault> {
        tokio::time::sleep(FIRST_BREATH).await;
        let containers = self.inspect(&self.site.containers_of(&machine.id)).await?;
        match containers.into_iter().find(|container| container.status == ContainerStatus::Stopped) {
            Some(container) => {
                let said = run(&self.site.console(&container.name, 0)).await.unwrap_or_default();
                let message = said.lines().last().unwrap_or("it said nothing").trim().to_owned();
                Err(ContainerFault::Ended { name: container.name, message })
            }
            None => Ok(()),
        }
    }

    async fn files(&self, machine: &Machine) -> Result<(), ContainerFault> {
        let folder = self.machine_folder(&machine.id);
        make_folder(&folder, 0o700)?;
        for (name, mode) in files::FOLDERS {
            make_folder(&folder.join(name), mode)?;
        }
        let disks = self.disks(&machine.volumes).await?;
        for file in files::files(machine, &disks) {
            write(&folder.join(file.path), file.mode, &file.text)?;
        }
        Ok(())
    }

    /// Has a loop device for each volume, as large as the volume.
    async fn disks(&self, volumes: &[Volume]) -> Result<Vec<Disk>, ContainerFault> {
        if volumes.is_empty() {
            return Ok(Vec::new());
        }
        let _turn = self.shared.lock().await;
        make_folder(&self.folder.join("volumes"), 0o700)?;
        let mut disks = Vec::new();
        for volume in volumes {
            let path = self.folder.join("volumes").join(format!("{}.img", volume.id));
            let device = disk::attach(&path, volume.size_gib << 30, self.site.may_raise_limits).await?;
            disks.push(Disk { volume: volume.id.clone(), device });
        }
        Ok(disks)
    }

    /// Lets go of the devices of this engine's volumes that no machine has any more.
    async fn release_disks(&self) -> Result<(), ContainerFault> {
        let _turn = self.shared.lock().await;
        let mut used = BTreeSet::new();
        for server in names(&self.folder.join("servers")) {
            let lines = fs::read_to_string(self.machine_folder(&server).join("host/disks")).unwrap_or_default();
            used.extend(lines.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)));
        }
        for file in names(&self.folder.join("volumes")) {
            if !used.contains(files::disk_name(&file)) {
                disk::release(&self.folder.join("volumes").join(file)).await?;
            }
        }
        Ok(())
    }

    /// The host reaches floating addresses through the network of the fixed one.
    async fn routes(&self, machine: &Machine) -> Result<(), ContainerFault> {
        let before = self.carried(&machine.id).unwrap_or_default().floating;
        let mut wanted = BTreeSet::new();
        for interface in &machine.interfaces {
            let Some(floating) = interface.floating else { continue };
            let (to, via) = (format!("{floating}/32"), interface.address.to_string());
            run(&Command::new("ip", ["route", "replace", &to, "via", &via, "proto", ROUTE_PROTOCOL])).await?;
            wanted.insert(floating);
        }
        for address in before.into_iter().filter(|address| !wanted.contains(address)) {
            unroute(&address.to_string()).await;
        }
        Ok(())
    }

    async fn forget(&self, server: &str) -> Result<(), ContainerFault> {
        for address in self.carried(server).unwrap_or_default().floating {
            unroute(&address.to_string()).await;
        }
        disk::remove_folder(&self.machine_folder(server))
    }

    fn machine_folder(&self, server: &str) -> PathBuf {
        PathBuf::from(folder_of(&self.site.folder, server))
    }

    fn carried(&self, server: &str) -> Option<Carried> {
        serde_json::from_slice(&fs::read(self.machine_folder(server).join("carried.json")).ok()?).ok()
    }

    fn remember(&self, server: &str, carried: &Carried) -> Result<(), ContainerFault> {
        let text = serde_json::to_string(carried).unwrap_or_default();
        write(&self.machine_folder(server).join("carried.json"), 0o600, &text)
    }
}

/// The containers that a listing names.
pub(super) async fn inspect(tool: &Tool, listing: &Command) -> Result<Vec<Container>, ContainerFault> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let ids: Vec<String> = run(listing).await?.lines().map(str::to_owned).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        match run(&tool.inspect(&ids)).await {
            Ok(answer) => {
                let unreadable =
                    |source| ContainerFault::Unreadable { command: "container inspect".to_owned(), source };
                return seen::containers(&answer).map_err(unreadable);
            }
            // One of them was removed meanwhile.
            Err(ContainerFault::Failed { message, .. })
                if attempts < 5 && message.to_lowercase().contains("no such container") => {}
            Err(fault) => return Err(fault),
        }
    }
}

/// The container engine of this host, with settings of ours in the folder of the nodes, which is made.
pub(super) fn tool(folder: &Path, facts: &HostFacts) -> Result<(Tool, PathBuf), ContainerFault> {
    let engine = facts.engine().ok_or(ContainerFault::NoEngine)?;
    make_folder(folder, 0o700)?;
    let folder = fs::canonicalize(folder).map_err(|source| ContainerFault::File { path: folder.to_owned(), source })?;
    if engine == ContainerEngine::Docker {
        return Ok((Tool { engine, settings: None }, folder));
    }
    let path = folder.join("containers.conf");
    write(&path, 0o644, &settings(facts))?;
    Ok((Tool { engine, settings: Some(path.display().to_string()) }, folder))
}

pub(super) fn condition(container: &Container) -> Condition {
    match container.status {
        ContainerStatus::Running => Condition::Running,
        ContainerStatus::Paused => Condition::Paused,
        ContainerStatus::Created | ContainerStatus::Stopped => Condition::Stopped,
    }
}

/// The host no longer knows an address. The route may have gone with its network.
async fn unroute(address: &str) {
    let _ = run(&Command::new("ip", ["route", "del", &format!("{address}/32"), "proto", ROUTE_PROTOCOL])).await;
}
