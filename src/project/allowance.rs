//! Whether the cloud lets a plan be carried out: its services, zones and types, and the project's quota.

use std::collections::{BTreeMap, BTreeSet};

use super::cloud::heat_failure;
use super::compile::Made;
use super::doubt::Doubt;
use super::failure::Failure;
use super::session::Session;
use crate::catalogue::{OfferKind, offered_to};
use crate::heat::{self, Service};
use crate::model::{
    Address, CloudFacts, CloudIdentity, ClusterSpec, Found, GroupSpec, NetworkSpec, Offered, Provider, QuotaKind,
    Sourced,
};
use crate::plan::{ChangeKind, Demand, Observation, Plan, StepAction};
use crate::source::{Diagnostic, Diagnostics, did_you_mean};
use crate::state::State;

impl Session<'_> {
    /// Refuses to make stacks with an application credential that Heat cannot use later.
    pub(super) async fn check_credential(&self, plan: &mut Plan) {
        let makes =
            plan.steps.iter().any(|step| matches!(step.action, StepAction::Create(..) | StepAction::Update(..)));
        let Some(name) = self.client().restricted_credential().await.filter(|_| makes) else { return };
        let message =
            format!("application credential `{name}` is restricted, so Heat cannot create the trust that it needs");
        let (Provider::Local { origin, .. } | Provider::OpenStack { origin, .. }) = self.provider();
        plan.diagnostics.push(
            Diagnostic::error("disco::restricted_credential", message).at_maybe(*origin, "signs in with it").help(
                "sign in with user and password, or create another one with `openstack application credential create --unrestricted NAME`",
            ),
        );
    }

    /// Adds the images that definitions name by an id and listings leave out. Returns whether there are any.
    pub(super) async fn add_images(&self, made: &Made, facts: &mut CloudFacts) -> Result<bool, Failure> {
        let clusters = made.spec().clusters.values().flat_map(|cluster| &cluster.groups);
        let words = clusters.chain(&made.spec().unfinished).map(|group| &group.image.value);
        let missing = words.filter(|word| facts.images.find(word) == Found::Nothing && is_id(word));
        let missing: BTreeSet<String> = missing.cloned().collect();
        if missing.is_empty() {
            return Ok(false);
        }
        heat::add_images(self.client(), facts, &missing).await.map_err(|fault| heat_failure(&fault))
    }

    /// Checks services, availability zones and volume types of all clusters, and notes those in use. What no cluster
    /// refers to is not asked for; what a standing cluster has and the cloud no longer shows is a doubt.
    pub(super) async fn check_choices(
        &self,
        made: &mut Made,
        state: &State,
        doubts: &mut Vec<Doubt>,
    ) -> Result<Diagnostics, Failure> {
        let mut diagnostics = Diagnostics::new();
        let cloud = self.client();
        let groups = || made.spec().clusters.values().flat_map(|cluster| &cluster.groups);
        let volumes = groups().any(|group| !group.volumes.is_empty());
        if volumes && !cloud.has(Service::BlockStorage).await {
            diagnostics.extend(made.spec().clusters.values().flat_map(without_volumes));
            return Ok(diagnostics);
        }
        let types = groups().any(|group| group.volumes.iter().any(|volume| volume.volume_type.is_some()));
        let zones = groups().any(|group| group.availability_zone.is_some());
        let (zones, types) =
            tokio::try_join!(async { if zones { heat::zones(cloud).await } else { Ok(Offered::default()) } }, async {
                if types { heat::volume_types(cloud).await } else { Ok(Offered::default()) }
            },)
            .map_err(|fault| heat_failure(&fault))?;
        let clusters = made.spec().clusters.clone();
        for (name, cluster) in &clusters {
            let mut used = (Offered::default(), Offered::default());
            let known = state.clusters.get(name).map(|known| &known.facts);
            let (known_zones, known_types) =
                known.map(|known| (known.zones.clone(), known.volume_types.clone())).unwrap_or_default();
            for group in &cluster.groups {
                let mut found = |kind, word, offered, known, used: &mut Offered<String>| {
                    let Some(error) = check(kind, word, group, offered, used) else { return };
                    let known: &Offered<String> = known;
                    match known.get(&word.value) {
                        Some(id) => {
                            used.add(word.value.as_str(), id.clone());
                            doubts.push(Doubt::new(name, Some(&group.name), error));
                        }
                        None => diagnostics.push(error),
                    }
                };
                if let Some(zone) = &group.availability_zone {
                    found(ZONE, zone, &zones, &known_zones, &mut used.0);
                }
                for word in group.volumes.iter().filter_map(|volume| volume.volume_type.as_ref()) {
                    found(VOLUME_TYPE, word, &types, &known_types, &mut used.1);
                }
            }
            if let Some(wanted) = made.clusters.get_mut(name) {
                (wanted.facts.zones, wanted.facts.volume_types) = used;
                if let Some(key_pair) = &cluster.ssh.key_pair {
                    wanted.facts.key_pairs.add(key_pair.value.as_str(), key_pair.value.clone());
                }
            }
        }
        Ok(diagnostics)
    }

    /// Refuses a plan that the project's quota does not allow, or that makes servers which the cloud would refuse. Where
    /// nothing is added, nothing is asked.
    pub(super) async fn check_allowance(
        &self,
        plan: &mut Plan,
        made: &Made,
        seen: &Observation,
        facts: &CloudFacts,
    ) -> Result<(), Failure> {
        let clusters = &made.spec().clusters;
        self.check_credential(plan).await;
        plan.diagnostics.extend(unusable(plan, clusters, facts));
        let demand = Demand::of(plan, seen, facts, clusters);
        let kinds: BTreeSet<QuotaKind> = demand.kinds().collect();
        let networks = kinds.iter().any(|kind| kind.is_network());
        let volumes = kinds.iter().any(|kind| kind.is_storage());
        let mut quotas = facts.quotas.clone();
        if networks || volumes {
            let allowance =
                heat::quotas(self.client(), networks, volumes).await.map_err(|fault| heat_failure(&fault))?;
            quotas.of.extend(allowance.quotas);
            if let Some(extensions) = allowance.extensions {
                plan.diagnostics.extend(missing_extensions(&kinds, &extensions, clusters));
            }
        }
        let project = match self.identity() {
            CloudIdentity::OpenStack { project, .. } => Some(project.name.as_str()),
            CloudIdentity::Embedded => None,
        };
        plan.diagnostics.extend(demand.check(&quotas, project));
        Ok(())
    }
}

/// Whether a word looks like an id of OpenStack's: a UUID, with or without hyphens.
fn is_id(word: &str) -> bool {
    uuid::Uuid::try_parse(word).is_ok()
}

const ZONE: OfferKind = OfferKind { name: "availability zone", unknown: "disco::unknown_availability_zone" };
const VOLUME_TYPE: OfferKind = OfferKind { name: "volume type", unknown: "disco::unknown_volume_type" };

/// Looks a word up, and notes what it refers to.
fn check(
    kind: OfferKind,
    word: &Sourced<String>,
    group: &GroupSpec,
    offered: &Offered<String>,
    used: &mut Offered<String>,
) -> Option<Diagnostic> {
    match offered_to(kind, word, group, offered, true) {
        Ok(id) => {
            used.extend(id.map(|id| (word.value.as_str(), id.clone())).into_iter().collect());
            None
        }
        Err(diagnostic) => Some(*diagnostic),
    }
}

/// The refusal of volumes where nothing makes them, at each group's first.
fn without_volumes(cluster: &ClusterSpec) -> impl Iterator<Item = Diagnostic> {
    let groups = cluster.groups.iter().filter_map(|group| Some((group, group.volumes.first()?)));
    groups.map(|(group, volume)| {
        let message =
            format!("`cluster.{}.{}` has volumes, and the cloud has no block storage", cluster.name, group.name);
        Diagnostic::error("disco::missing_service", message)
            .at(volume.origin, "needs a service of type `block-storage` (Cinder)")
            .help("remove the `volume` block: data then lies on the root disk, whose size the flavor says")
    })
}

/// What Neutron's plugins have to bring for a plan.
fn missing_extensions(
    kinds: &BTreeSet<QuotaKind>,
    extensions: &BTreeSet<String>,
    clusters: &BTreeMap<String, ClusterSpec>,
) -> Diagnostics {
    let networks = || clusters.values().map(|cluster| &cluster.network);
    let new = networks().find(|network| matches!(network, NetworkSpec::New { .. })).map(NetworkSpec::origin);
    let mut groups = clusters.values().flat_map(|cluster| &cluster.groups);
    let floating = groups.find(|group| group.floating_ip.value);
    let needed = [
        (
            QuotaKind::Routers,
            "router",
            "routers",
            new,
            "use a network that exists (`existing` in `network`), and no floating IPs",
        ),
        (
            QuotaKind::FloatingIps,
            "router",
            "floating IPs",
            floating.map(|group| group.floating_ip.origin.unwrap_or(group.origin)),
            "remove `floating_ip`",
        ),
        (
            QuotaKind::SecurityGroups,
            "security-group",
            "security groups",
            networks().next().map(NetworkSpec::origin),
            "use another cloud: nothing would protect the nodes",
        ),
    ];
    let mut diagnostics = Diagnostics::new();
    for (kind, alias, what, place, help) in needed {
        if kinds.contains(&kind) && !extensions.contains(alias) {
            let message = format!("the cloud has no {what}: Neutron has no extension `{alias}`");
            diagnostics
                .push(Diagnostic::error("disco::missing_service", message).at_maybe(place, "needs it").help(help));
        }
    }
    diagnostics
}

/// Flavors that no new server may have, and images that none boots from, where the plan needs such a server.
fn unusable(plan: &Plan, clusters: &BTreeMap<String, ClusterSpec>, facts: &CloudFacts) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for cluster in clusters.values() {
        for group in &cluster.groups {
            let kinds: BTreeSet<ChangeKind> = plan
                .changes
                .iter()
                .filter(|change| {
                    matches!(&change.address, Address::Node(of, name, _) if *of == cluster.name && *name == group.name)
                })
                .map(|change| change.kind)
                .collect();
            let needs = |more: ChangeKind| {
                [ChangeKind::Create, ChangeKind::Replace, ChangeKind::Heal, more]
                    .iter()
                    .any(|kind| kinds.contains(kind))
            };
            let flavor = facts.flavors.get(&group.flavor.value).filter(|flavor| flavor.disabled);
            if flavor.is_some() && needs(ChangeKind::Resize) {
                let message = format!("flavor `{}` is disabled", group.flavor.value);
                let diagnostic = Diagnostic::error("disco::unusable_flavor", message);
                let usable = facts.flavors.iter().filter(|(_, flavor)| !flavor.disabled).map(|(name, _)| name);
                diagnostics.push(
                    diagnostic
                        .at(group.flavor.origin.unwrap_or(group.origin), "no new server may have it")
                        .help_maybe(did_you_mean(&group.flavor.value, usable)),
                );
            }
            let status = facts.images.get(&group.image.value).and_then(|image| image.unusable.as_deref());
            if let Some(status) = status.filter(|_| needs(ChangeKind::Rebuild)) {
                let message = format!("image `{}` is {status}", group.image.value);
                let help = match status {
                    "queued" | "saving" | "uploading" | "importing" => "wait until the image is uploaded".to_owned(),
                    "deactivated" => "ask an administrator to reactivate it, or use another image".to_owned(),
                    _ => "use another image".to_owned(),
                };
                diagnostics.push(
                    Diagnostic::error("disco::unusable_image", message)
                        .at(group.image.origin.unwrap_or(group.origin), "no server can boot from it")
                        .help(help),
                );
            }
        }
    }
    diagnostics
}
