//! Nodes that are containers of this host: what they need, their images, and what is left of them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::Project;
use super::embedded;
use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind};
use crate::local;
use crate::local::container::{
    self, Check, ContainerFault, ImageMade, ImageRequest, Owner, Removed, checks, host_answers, host_facts,
};
use crate::model::CloudFacts;

/// The image that is meant where no definition names one.
const DEFAULT_IMAGE: &str = "debian-12";

impl Project {
    /// Where the files of nodes are that are containers.
    pub(super) fn nodes_folder(&self) -> PathBuf {
        self.engine_folder().join("nodes")
    }

    /// What this host has of all that nodes as containers need.
    ///
    /// # Errors
    /// Definitions that cannot be read.
    pub async fn examine_host(&self) -> Result<Vec<Check>, Failure> {
        let (facts, versions) = host_facts(embedded::container_engine(&self.request)).await;
        let answers = host_answers(&facts, versions, &self.images_and_packages()?.0).await;
        Ok(checks(&facts, &answers))
    }

    /// Makes the images of nodes that are asked for, or all those that the project's clusters name, with the packages of
    /// their frameworks.
    ///
    /// # Errors
    /// Definitions with mistakes, a host that lacks something, packages that cannot be fetched.
    pub async fn set_up(
        &self,
        name: Option<&str>,
        from: Option<&str>,
        mirror: &str,
        more: &[String],
        told: &(dyn Fn(&str) + Sync),
    ) -> Result<Vec<ImageMade>, Failure> {
        let (facts, _) = host_facts(embedded::container_engine(&self.request)).await;
        if facts.engine().is_none() {
            return Err(container_failure(&ContainerFault::NoEngine));
        }
        let (images, mut packages) = self.images_and_packages()?;
        packages.extend(more.iter().cloned());
        let images = name.map_or(images, |name| BTreeSet::from([name.to_owned()]));
        files::make_own_folder(&self.folder()).map_err(|fault| super::cloud::folder_failure(&fault))?;
        let mut made = Vec::new();
        for name in images {
            let request = ImageRequest {
                name,
                from: from.map(str::to_owned),
                mirror: mirror.to_owned(),
                packages: packages.clone(),
            };
            let image = container::set_up(&self.nodes_folder(), &facts, &request, told).await;
            made.push(image.map_err(|fault| container_failure(&fault))?);
        }
        Ok(made)
    }

    /// Removes everything that nodes of this project, or of all projects, are and were.
    ///
    /// # Errors
    /// An embedded Heat that runs, nodes that are there and were not given up, a container engine that refuses.
    pub async fn clean_up(&self, all: bool, images: bool, approved: bool) -> Result<Removed, Failure> {
        if let Some(holder) = local::held_by(&self.engine_folder()) {
            let message = format!("the embedded Heat of this project runs in process {}", holder.pid);
            return Err(Failure::new(FailureKind::Locked, message).help("end it first: `disco local stop`"));
        }
        let (facts, _) = host_facts(embedded::container_engine(&self.request)).await;
        let folder = self.nodes_folder();
        let owner = if all { Owner::Everybody } else { Owner::Folder(folder.clone()) };
        let failed = |fault: ContainerFault| container_failure(&fault);
        let nodes = container::count(&facts, &owner).await.map_err(failed)?;
        // A project that never had container nodes has no part in the images.
        let had_nodes = files::kind(&self.nodes_folder()).is_ok_and(|kind| kind == FileKind::Folder);
        let images = images && (all || nodes > 0 || had_nodes);
        if nodes > 0 && !approved {
            let whose = if all { "of all projects" } else { "of this project" };
            let message = format!("{nodes} nodes {whose} are there");
            return Err(Failure::new(FailureKind::Refused, message).help(
                "run `disco destroy` first, or add --auto-approve to remove them with all that is stored on them",
            ));
        }
        let mut removed = container::clean(&facts, &owner, images).await.map_err(failed)?;
        if all {
            // Volumes may be left of nodes that are gone.
            let own = Owner::Folder(folder);
            removed.volumes += container::clean(&facts, &own, false).await.map_err(failed)?.volumes;
        }
        Ok(removed)
    }

    /// Images that the project's clusters name, and packages that their frameworks need.
    fn images_and_packages(&self) -> Result<(BTreeSet<String>, BTreeSet<String>), Failure> {
        let mut images = BTreeSet::new();
        let mut packages = BTreeSet::new();
        if self.is_there()? {
            let (loaded, mistakes) = self.load()?;
            let (evaluated, _, found) =
                self.evaluate(&loaded, &std::collections::BTreeMap::new(), &CloudFacts::default(), None);
            let mut diagnostics = mistakes;
            diagnostics.extend(found);
            if diagnostics.has_errors() {
                return Err(super::compile::wrong(diagnostics));
            }
            for (name, cluster) in &evaluated.spec.clusters {
                images.extend(cluster.groups.iter().map(|group| group.image.value.clone()));
                let groups = evaluated.clusters.get(name).into_iter().flat_map(|it| it.configuration.groups.values());
                packages.extend(groups.flat_map(|group| group.packages.iter().cloned()));
            }
        }
        if images.is_empty() {
            images.insert(DEFAULT_IMAGE.to_owned());
        }
        Ok((images, packages))
    }
}

/// What a container engine refuses, for a person.
pub(super) fn container_failure(fault: &ContainerFault) -> Failure {
    Failure::new(FailureKind::Cloud, "containers cannot be used").because(fault).help_maybe(fault.way_out())
}
