//! The image of a node: Debian with what the agent and systemd need, made by debootstrap or from an image that is there.

use std::collections::BTreeSet;
use std::path::Path;

use super::argv::{ContainerEngine, PACKAGES_LABEL, Tool, image_name};
use super::command::Command;

/// What a node needs whatever it is for.
const PACKAGES: [&str; 16] = [
    "ca-certificates",
    "cloud-init",
    "dbus",
    "e2fsprogs",
    "iproute2",
    "iputils-ping",
    "mount",
    "netbase",
    "nftables",
    "openssh-server",
    "procps",
    "python3",
    "sudo",
    "systemd",
    "systemd-sysv",
    "util-linux",
];

/// Where Debian is fetched from if nobody says.
pub const MIRROR: &str = "http://deb.debian.org/debian";

/// Images of the embedded engine that can be made, with Debian's names of them.
const SUITES: [(&str, &str); 2] = [("debian-12", "bookworm"), ("debian-13", "trixie")];

/// What an image of nodes shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRequest {
    /// Name of the embedded engine's image that it stands for.
    pub name: String,
    /// An image of the container engine to begin with.
    pub from: Option<String>,
    /// Where Debian is fetched from.
    pub mirror: String,
    /// Packages beside those that every node needs.
    pub packages: BTreeSet<String>,
}

/// How an image begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// A Debian of that name, made by debootstrap.
    Bootstrapped(&'static str),
    /// An image that the container engine has or can fetch.
    Image(String),
}

impl ImageRequest {
    /// Everything that has to be installed.
    pub(crate) fn all_packages(&self) -> BTreeSet<String> {
        PACKAGES.iter().map(|name| (*name).to_owned()).chain(self.packages.iter().cloned()).collect()
    }

    /// How the image begins: with what was asked for, with itself as it was made before, with debootstrap where that is
    /// installed, or with Debian's own image. `None` where nobody knows how such an image is made.
    pub(crate) fn base(&self, is_there: bool, has_debootstrap: bool) -> Option<Base> {
        if let Some(image) = &self.from {
            return Some(Base::Image(image.clone()));
        }
        if is_there {
            return Some(Base::Image(image_name(&self.name)));
        }
        let (_, suite) = SUITES.into_iter().find(|(name, _)| *name == self.name)?;
        let version = self.name.rsplit('-').next().unwrap_or_default();
        Some(if has_debootstrap {
            Base::Bootstrapped(suite)
        } else {
            Base::Image(format!("docker.io/library/debian:{version}"))
        })
    }
}

/// The name of a bare Debian that images of nodes begin with.
pub(crate) fn base_name(suite: &str) -> String {
    format!("localhost/disco-base:{suite}")
}

/// Names of the images that can be made.
pub fn known_images() -> impl Iterator<Item = &'static str> {
    SUITES.into_iter().map(|(name, _)| name)
}

/// Makes a bare Debian in a folder.
pub(crate) fn debootstrap(suite: &str, root: &Path, mirror: &str) -> Command {
    Command::new("debootstrap", ["--variant=minbase", suite, &root.display().to_string(), mirror])
}

/// Packs a folder.
pub(crate) fn pack(root: &Path, archive: &Path) -> Command {
    Command::new("tar", ["-C", &root.display().to_string(), "-cf", &archive.display().to_string(), "."])
}

/// Has the container engine take a packed folder for an image.
pub(crate) fn import(tool: &Tool, archive: &Path, suite: &str) -> Command {
    tool.run(["import", &archive.display().to_string(), &base_name(suite)])
}

/// The id of an image; fails where there is none.
pub(crate) fn id_of(tool: &Tool, image: &str) -> Command {
    tool.run(["image", "inspect", "--format", "{{.Id}}", image])
}

/// The packages that an image was asked for; fails where there is no such image.
pub(crate) fn packages_of(tool: &Tool, image: &str) -> Command {
    let format = format!("{{{{index .Config.Labels \"{PACKAGES_LABEL}\"}}}}");
    tool.run(["image", "inspect", "--format", &format, image])
}

/// Makes the image of a node; what is installed already is not fetched. `folder` has the Dockerfile, `limits` are those of
/// what runs meanwhile.
pub(crate) fn build(tool: &Tool, request: &ImageRequest, folder: &Path, limits: &[String]) -> Command {
    let mut command = tool.run(["build", "--network", "host", "--tag", &image_name(&request.name)]);
    if tool.engine == ContainerEngine::Podman {
        // Nothing is left of what lies between.
        command = command.and(["--layers=false"]);
    }
    for limit in limits {
        command = command.option("--ulimit", limit);
    }
    command.option("--file", folder.join("Dockerfile").display()).and([folder.display().to_string().as_str()])
}

/// How the image is made, in the words of a Dockerfile.
pub(crate) fn dockerfile(request: &ImageRequest, base: &str) -> String {
    let packages: Vec<String> = request.all_packages().into_iter().collect();
    let packages = packages.join(" ");
    format!(
        r#"FROM {base}
ENV container=oci
RUN set -eu; \
    for package in {packages}; do \
        dpkg-query -W -f '${{Status}}\n' "$package" 2>/dev/null | grep -q 'ok installed' || missing="${{missing-}} $package"; \
    done; \
    if [ -n "${{missing-}}" ]; then \
        apt-get -q update; \
        DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing; \
        apt-get clean; \
        rm -rf /var/lib/apt/lists/*; \
    fi; \
    : >/etc/machine-id; \
    rm -f /etc/ssh/ssh_host_*
LABEL {PACKAGES_LABEL}="{packages}"
"#
    )
}
