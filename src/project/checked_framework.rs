//! What a framework of one's own puts on machines of some sizes, without a project and without a cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;

use super::Project;
use super::cloud::embedded_facts;
use super::compile::wrong;
use super::definition::unreadable;
use super::failure::{Failure, FailureKind};
use super::files;
use crate::catalogue::{self, Catalogue, ClusterConfiguration, ClusterContext};
use crate::language::Configured;
use crate::model::{CloudFacts, ClusterSpec, Flavor};
use crate::source::{Diagnostics, Sources};

/// Name of the cluster that the framework is looked at in, and of its flavor.
const CLUSTER: &str = "check";

/// Numbers of slaves from which a cluster grows: what depends on how many there are mostly differs between few of them.
const SMALL: [u32; 3] = [1, 2, 3];

/// The size of a machine, as in `2048x1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineSize {
    /// MiB.
    pub memory_mib: u64,
    /// How many cores.
    pub vcpus: u32,
}

impl FromStr for MachineSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (memory, vcpus) = text.split_once('x')?;
            let size = Self { memory_mib: memory.parse().ok()?, vcpus: vcpus.parse().ok()? };
            (size.memory_mib > 0 && size.vcpus > 0).then_some(size)
        };
        read().ok_or_else(|| "expected memory in MiB and cores, as in `4096x2`".to_owned())
    }
}

/// What a framework puts on a cluster of machines of one size.
#[derive(Debug)]
pub struct CheckedFramework {
    /// The machines.
    pub size: MachineSize,
    /// What its nodes get, with what the framework cannot be without.
    pub configuration: ClusterConfiguration,
}

/// A framework on a cluster of machines of one size.
pub(super) struct CheckedCluster {
    /// The cluster.
    pub(super) spec: ClusterSpec,
    /// How its frameworks go together, and what they put on the nodes.
    pub(super) configured: Configured,
    /// The machines.
    facts: CloudFacts,
}

impl CheckedCluster {
    /// The cluster with all that its values depend on. `fixed` is nothing: it is created now.
    fn context<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        fixed: &'a BTreeMap<String, String>,
        sources: &'a Sources,
    ) -> ClusterContext<'a> {
        let (spec, facts, composition) = (&self.spec, &self.facts, &self.configured.composition);
        ClusterContext { spec, catalogue, composition, facts, fixed, sources }
    }
}

impl Project {
    /// Reads the manifest in a folder, and says what the framework puts on a master and some slaves of each size, if a
    /// cluster that grows keeps all that its nodes have.
    ///
    /// # Errors
    /// A folder that cannot be read; mistakes in the manifest; machines that are too small.
    pub fn check_framework(
        &self,
        folder: &Path,
        sizes: &[MachineSize],
        slaves: u32,
    ) -> Result<(Vec<CheckedFramework>, Diagnostics), Failure> {
        let (name, catalogue, mut diagnostics) = self.with_folder(folder)?;
        let mut checked = Vec::new();
        for size in sizes {
            let (cluster, found) = self.checked_cluster(&catalogue, &name, *size, slaves)?;
            diagnostics.extend(found);
            let created = BTreeMap::new();
            let of = cluster.context(&catalogue, &created, &self.sources);
            let counts: BTreeSet<u32> = SMALL.into_iter().chain([slaves]).filter(|count| *count > 0).collect();
            let counts: Vec<u32> = counts.into_iter().collect();
            diagnostics.extend(catalogue::growth_from(of, &counts, &[name.as_str()]));
            if diagnostics.has_errors() {
                return Err(wrong(diagnostics));
            }
            checked.push(CheckedFramework { size: *size, configuration: cluster.configured.configuration });
        }
        Ok((checked, diagnostics))
    }

    /// A master and some slaves of a size with a framework and what that cannot be without.
    pub(super) fn checked_cluster(
        &self,
        catalogue: &Catalogue,
        name: &str,
        size: MachineSize,
        slaves: u32,
    ) -> Result<(CheckedCluster, Diagnostics), Failure> {
        let frameworks = Self::with_what_they_need(catalogue, &[name.to_owned()]);
        let image = Self::image_of(catalogue, &frameworks, "debian-12");
        let blocks: Vec<String> = frameworks.iter().map(|name| format!("  framework \"{name}\" {{}}\n")).collect();
        let text = format!(
            "cluster \"{CLUSTER}\" {{\n  image = \"{image}\"\n  network {{ cidr = \"10.0.0.0/16\" }}\n  \
             master {{ flavor = \"{CLUSTER}\" }}\n  slaves {{\n    count = {slaves}\n    flavor = \"{CLUSTER}\"\n  }}\n{}}}\n",
            blocks.concat()
        );
        let id = self.sources.add(format!("a cluster of {} MiB and {} cores", size.memory_mib, size.vcpus), &text);
        let (loaded, mut diagnostics) = self.load_texts(vec![id])?;
        let facts = facts(size);
        let (mut evaluated, found) = self.evaluate_with(catalogue, &loaded, &BTreeMap::new(), &facts, None);
        diagnostics.extend(found);
        let cluster = evaluated.spec.clusters.remove(CLUSTER).zip(evaluated.clusters.remove(CLUSTER));
        match cluster {
            Some((spec, configured)) if !diagnostics.has_errors() => {
                Ok((CheckedCluster { spec, configured, facts }, diagnostics))
            }
            _ => Err(wrong(diagnostics)),
        }
    }

    /// The frameworks inside the program and the one of a folder, with its name.
    pub(super) fn with_folder(&self, folder: &Path) -> Result<(String, Catalogue, Diagnostics), Failure> {
        let path = self.directory().join(folder);
        let whole = std::path::absolute(&path).map_err(|fault| unreadable(&path, &fault))?;
        let name = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut texts = BTreeMap::new();
        for file in files::tree(&path).map_err(|fault| unreadable(&path, &fault))? {
            let bytes =
                files::read_existing(&path.join(&file)).map_err(|fault| unreadable(&path.join(&file), &fault))?;
            texts.extend(String::from_utf8(bytes).ok().map(|text| (file, text)));
        }
        let mut catalogue = self.embedded_catalogue().clone();
        let shown = folder.display().to_string();
        let diagnostics = catalogue.add_folder(&name, shown.trim_end_matches('/'), &texts, &self.sources);
        if diagnostics.has_errors() {
            return Err(Failure::of(FailureKind::Definition, diagnostics));
        }
        Ok((name, catalogue, diagnostics))
    }
}

/// What the embedded Heat offers, and a flavor of that size.
fn facts(size: MachineSize) -> CloudFacts {
    let mut facts = embedded_facts();
    let MachineSize { memory_mib, vcpus } = size;
    let flavor = Flavor { id: CLUSTER.to_owned(), vcpus, memory_mib, disk_gib: 40, disabled: false };
    facts.flavors.add(CLUSTER, flavor);
    facts
}
