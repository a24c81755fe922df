//! Makes the image of a node, and removes everything again.

#![expect(clippy::disallowed_methods, reason = "the nodes' files are the driver's own")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::argv::{ENGINE_LABEL, FOLDER_LABEL, Tool, image_name};
use super::command::Command;
use super::containers::tool;
use super::disk::{self, make_folder, names, remove_folder};
use super::doctor::HostAnswers;
use super::fault::ContainerFault;
use super::host::{HostFacts, own_limits};
use super::image::{self, Base, ImageRequest};
use super::run::{run, run_for};

/// Programs that are looked for, each with a word that has it tell its version and change nothing.
const PROGRAMS: [(&str, &str); 10] = [
    ("podman", "--version"),
    ("docker", "--version"),
    ("crun", "--version"),
    ("runc", "--version"),
    ("iptables", "--version"),
    ("nft", "--version"),
    ("losetup", "--version"),
    ("ip", "-V"),
    ("debootstrap", "--version"),
    ("tar", "--version"),
];

/// Where distributions put Podman's network program.
const NETAVARK: [&str; 3] =
    ["/usr/lib/podman/netavark", "/usr/libexec/podman/netavark", "/usr/local/libexec/podman/netavark"];

/// Packages come from far away: seconds that an image may take.
const IMAGE_PATIENCE: u64 = 3_600;

/// What became of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageMade {
    /// Its name for the container engine.
    pub image: String,
    /// Packages that it has because they were asked for.
    pub packages: BTreeSet<String>,
    /// Whether it was made now; else it was there.
    pub made: bool,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Containers.
    pub containers: usize,
    /// Networks.
    pub networks: usize,
    /// Volumes.
    pub volumes: usize,
    /// Images.
    pub images: usize,
}

/// What this host has. `asked` is the container engine that the environment names.
pub async fn host_facts(asked: Option<&str>) -> (HostFacts, BTreeMap<String, String>) {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let [status, limits, mounts, memory, pid_max] =
        ["self/status", "self/limits", "mounts", "meminfo", "sys/kernel/pid_max"]
            .map(|name| read(&format!("/proc/{name}")));
    let mut versions = BTreeMap::new();
    for (program, word) in PROGRAMS {
        if let Ok(text) = run_for(&Command::new(program, [word]), 20).await {
            versions.insert(program.to_owned(), text.lines().next().unwrap_or_default().to_owned());
        }
    }
    let facts = HostFacts {
        programs: versions.keys().cloned().collect(),
        asked: asked.map(str::to_owned),
        processors: std::thread::available_parallelism().map_or(1, |number| number.get() as u64),
        has_loop_devices: Path::new("/dev/loop-control").exists(),
        ..HostFacts::read(&status, &limits, &mounts, &memory, &pid_max)
    };
    (facts, versions)
}

/// What the container engine says, of itself and of the images that nodes need.
pub async fn host_answers(
    facts: &HostFacts,
    versions: BTreeMap<String, String>,
    images: &BTreeSet<String>,
) -> HostAnswers {
    let mut answers = HostAnswers {
        versions,
        has_netavark: NETAVARK.iter().any(|path| Path::new(path).exists()),
        ..HostAnswers::default()
    };
    let tool = facts.engine().map(|engine| Tool { engine, settings: None });
    if let Some(tool) = &tool {
        answers.engine_fault = run_for(&tool.run(["info"]), 30).await.err().map(|fault| match fault {
            ContainerFault::Failed { message, .. } => message,
            other => other.to_string(),
        });
    }
    for image in images {
        let made = match &tool {
            Some(tool) => run(&image::packages_of(tool, &image_name(image))).await.is_ok(),
            None => false,
        };
        answers.images.insert(image.clone(), made);
    }
    answers
}

/// Has the image that was asked for; `told` hears what is done.
pub async fn set_up(
    folder: &Path,
    facts: &HostFacts,
    request: &ImageRequest,
    told: &(dyn Fn(&str) + Sync),
) -> Result<ImageMade, ContainerFault> {
    let (tool, folder) = tool(folder, facts)?;
    let image = image_name(&request.name);
    let there = run(&image::packages_of(&tool, &image)).await.ok();
    let has: BTreeSet<String> =
        there.iter().flat_map(|packages| packages.split_whitespace().map(str::to_owned)).collect();
    if request.from.is_none() && there.is_some() && request.all_packages().is_subset(&has) {
        return Ok(ImageMade { image, packages: has, made: false });
    }
    let mut request = request.clone();
    request.packages.extend(has);
    let base = request.base(there.is_some(), facts.has("debootstrap"));
    let base = base.ok_or_else(|| ContainerFault::UnknownImage { image: request.name.clone() })?;
    let work = folder.join("image");
    remove_folder(&work)?;
    make_folder(&work.join("context"), 0o700)?;
    let base = match base {
        Base::Image(name) => name,
        Base::Bootstrapped(suite) if run(&image::id_of(&tool, &image::base_name(suite))).await.is_ok() => {
            image::base_name(suite)
        }
        Base::Bootstrapped(suite) => {
            told(&format!("Fetching Debian {suite} from {}", request.mirror));
            let (root, archive) = (work.join("root"), work.join("root.tar"));
            run_for(&image::debootstrap(suite, &root, &request.mirror), IMAGE_PATIENCE).await?;
            run_for(&image::pack(&root, &archive), IMAGE_PATIENCE).await?;
            run_for(&image::import(&tool, &archive, suite), IMAGE_PATIENCE).await?;
            image::base_name(suite)
        }
    };
    told(&format!("Making {image} from {base}"));
    let context = work.join("context");
    disk::write(&context.join("Dockerfile"), 0o644, &image::dockerfile(&request, &base))?;
    run_for(&image::build(&tool, &request, &context, &own_limits(facts)), IMAGE_PATIENCE).await?;
    remove_folder(&work)?;
    Ok(ImageMade { image, packages: request.all_packages(), made: true })
}

/// Whose containers are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The engine whose nodes are in this folder.
    Folder(PathBuf),
    /// Everybody on this host.
    Everybody,
}

/// How many containers there are.
pub async fn count(facts: &HostFacts, owner: &Owner) -> Result<usize, ContainerFault> {
    let owner = &whole(owner);
    let Some(tool) = bare(facts) else { return Ok(0) };
    Ok(list(&tool, owner, Tool::containers).await?.len())
}

/// Removes containers, networks, volumes and the files of nodes, and the images too where `images`.
pub async fn clean(facts: &HostFacts, owner: &Owner, images: bool) -> Result<Removed, ContainerFault> {
    let owner = &whole(owner);
    let mut removed = Removed::default();
    let mut folders: BTreeSet<PathBuf> = match owner {
        Owner::Folder(folder) => BTreeSet::from([folder.clone()]),
        Owner::Everybody => BTreeSet::new(),
    };
    if let Some(tool) = bare(facts) {
        let containers = list(&tool, owner, Tool::containers).await?;
        for id in &containers {
            folders.extend(folder_of_container(&tool, id).await);
            run(&tool.remove(id)).await?;
            removed.containers += 1;
        }
        for name in list(&tool, owner, Tool::networks).await? {
            run(&tool.remove_network(&name)).await?;
            removed.networks += 1;
        }
        if images {
            let format = ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"];
            let known = run(&tool.run(format)).await?;
            // What is made of others goes first.
            let ours =
                |prefix: &str| known.lines().filter(|name| name.starts_with(prefix)).map(str::to_owned).collect();
            let nodes: Vec<String> = ours("localhost/disco-node:");
            let bases: Vec<String> = ours("localhost/disco-base:");
            for image in nodes.into_iter().chain(bases) {
                match run(&tool.run(["image", "rm", &image])).await {
                    Ok(_) => removed.images += 1,
                    // Nodes of another project use it.
                    Err(_) if *owner != Owner::Everybody => {}
                    Err(fault) => return Err(fault),
                }
            }
        }
    }
    for folder in folders {
        removed.volumes += remove_files(&folder, facts).await?;
    }
    Ok(removed)
}

/// The owner with the path that is on its containers, also where the folder is gone.
fn whole(owner: &Owner) -> Owner {
    let Owner::Folder(folder) = owner else { return Owner::Everybody };
    let project = folder.parent().and_then(Path::parent).filter(|project| !project.as_os_str().is_empty());
    let whole = fs::canonicalize(folder)
        .or_else(|_| Ok::<_, std::io::Error>(fs::canonicalize(project.unwrap_or(Path::new(".")))?.join(super::FOLDER)));
    Owner::Folder(whole.unwrap_or_else(|_| folder.clone()))
}

/// The container engine with the settings of the host: what is there is listed and removed with any.
fn bare(facts: &HostFacts) -> Option<Tool> {
    facts.engine().map(|engine| Tool { engine, settings: None })
}

type Listing = fn(&Tool, &str) -> Command;

/// Containers or networks of an owner. A folder that was moved is known by the engine's id in it, one whose id was lost by
/// its path.
async fn list(tool: &Tool, owner: &Owner, listing: Listing) -> Result<BTreeSet<String>, ContainerFault> {
    let labels = match owner {
        Owner::Everybody => vec![ENGINE_LABEL.to_owned()],
        Owner::Folder(folder) => {
            let engine = fs::read_to_string(folder.join("engine")).ok();
            let engine = engine.map(|engine| format!("{ENGINE_LABEL}={engine}"));
            engine.into_iter().chain([format!("{FOLDER_LABEL}={}", folder.display())]).collect()
        }
    };
    let mut found = BTreeSet::new();
    for label in labels {
        found.extend(run(&listing(tool, &label)).await?.lines().map(str::to_owned));
    }
    Ok(found)
}

async fn folder_of_container(tool: &Tool, id: &str) -> Option<PathBuf> {
    let format = format!("{{{{index .Config.Labels \"{FOLDER_LABEL}\"}}}}");
    let folder = run(&tool.run(["container", "inspect", "--format", &format, id])).await.ok()?;
    Some(PathBuf::from(folder.trim()))
        .filter(|folder| folder.ends_with(super::FOLDER) && folder.join("engine").is_file())
}

/// Removes the files of nodes; how many volumes were among them.
async fn remove_files(folder: &Path, facts: &HostFacts) -> Result<usize, ContainerFault> {
    let volumes = names(&folder.join("volumes"));
    for volume in &volumes {
        if facts.has("losetup") {
            disk::release(&folder.join("volumes").join(volume)).await?;
        }
    }
    remove_folder(folder)?;
    Ok(volumes.len())
}
