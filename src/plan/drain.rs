//! Nodes that leave hand over work and data first, where their frameworks know how: the verification on the first master does
//! it, which is told their names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::compare::is_verification;
use super::known::{KnownStack, KnownValue, Standing};
use super::loss::Lost;
use super::reference::named;
use super::{Change, ChangeKind};
use crate::model::{Address, Members, heat_type, node_name};
use crate::node::{BundleFile, DECOMMISSION, is_member};

/// What the cluster's verification, as it stands on the cloud, can take nodes out of.
#[derive(Debug, Default)]
pub(super) struct Drainage {
    steps: Vec<DrainStep>,
    /// Whether the cloud was not asked, and the state does not keep what the verification does.
    is_blind: bool,
}

#[derive(Debug)]
struct DrainStep {
    framework: String,
    /// Of the names of nodes that it is about.
    prefixes: Vec<String>,
    /// How many nodes have to stay, and how many do.
    minimum: u64,
    stay: u64,
    /// What can be done where too few do.
    advice: Option<String>,
    /// How long it may take, seconds.
    timeout: u32,
}

impl Drainage {
    /// Reads it from what is known of the base stack. Where too few nodes of a kind stay nobody could take over from those
    /// that leave.
    pub(super) fn of(cluster: &str, base: Option<&KnownStack<'_>>, staying: &Members, observed: bool) -> Self {
        let bundle = base.and_then(verification).and_then(|text| BundleFile::read(&text).ok());
        let Some(BundleFile::Verify(verify)) = bundle else {
            return Self { steps: Vec::new(), is_blind: !observed && base.is_some() };
        };
        let groups = staying.groups.iter().filter(|(_, members)| !members.nodes.is_empty());
        let staying: Vec<(String, u64)> =
            groups.map(|(group, members)| (node_name(cluster, group, 0), members.nodes.len() as u64)).collect();
        let steps = verify.steps.into_iter().filter_map(|step| {
            if step.action.get("kind")?.as_str() != Some(DECOMMISSION) {
                return None;
            }
            let minimum = step.action.get("minimum").and_then(Json::as_u64).unwrap_or(1);
            let prefixes = step.member_prefixes;
            let is_about = |name: &str| prefixes.iter().any(|prefix| is_member(name, prefix));
            let stay: u64 = staying.iter().filter(|(name, _)| is_about(name)).map(|(_, count)| count).sum();
            let advice = step.action.get("advice").and_then(Json::as_str).filter(|_| stay > 0);
            let advice = advice.map(|advice| advice.replace("{stay}", &stay.to_string()));
            Some(DrainStep {
                framework: step.framework,
                minimum,
                stay,
                advice,
                prefixes,
                timeout: step.timeout_seconds,
            })
        });
        Self { steps: steps.collect(), is_blind: false }
    }

    /// Whether a node can hand over all that it has.
    fn drains(&self, name: &str) -> bool {
        let mut about = self.about(name).peekable();
        about.peek().is_some() && about.all(|step| step.stay >= step.minimum)
    }

    fn about<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s DrainStep> {
        self.steps.iter().filter(move |step| step.prefixes.iter().any(|prefix| is_member(name, prefix)))
    }

    /// The nodes that leave and have something to hand over, by name.
    pub(super) fn leaving<'c>(&self, changes: impl Iterator<Item = &'c Change>) -> BTreeMap<String, Address> {
        let leavers = changes.filter_map(|change| Some((leaver(change)?, change.address.clone())));
        leavers.filter(|(name, _)| self.drains(name)).collect()
    }

    /// Notes why a node that goes hands over nothing, where its frameworks know how.
    pub(super) fn explain(&self, change: &mut Change) {
        let Some(name) = leaver(change).filter(|_| !change.lost.is_empty()) else { return };
        let lacks = |step: &&DrainStep| step.stay < step.minimum;
        if let Some(step) = self.about(&name).find(lacks) {
            let DrainStep { framework, minimum, stay, advice, .. } = step;
            let advice = advice.as_ref().map(|advice| format!("; {advice}")).unwrap_or_default();
            change.undrained = Some(format!(
                "{framework} moves data away only where at least {minimum} of these nodes stay, and {stay} would{advice}"
            ));
        } else if self.is_blind {
            change.undrained = Some(
                "whether its frameworks can move it away first is not known offline: without `--offline` the plan tells"
                    .to_owned(),
            );
        }
    }

    /// How long handing over may take, minutes.
    pub(super) fn minutes(&self) -> u32 {
        self.steps.iter().fold(0_u32, |sum, step| sum.saturating_add(step.timeout)).div_ceil(60)
    }

    /// Notes that a node hands over, and takes what it does from what is lost with it.
    pub(super) fn spare(&self, change: &mut Change) {
        let Some(name) = leaver(change).filter(|name| self.drains(name)) else { return };
        let frameworks: BTreeSet<&str> = self.about(&name).map(|step| step.framework.as_str()).collect();
        let moved = |lost: &Lost| match lost {
            Lost::Folder { frameworks: of, .. } => {
                !of.is_empty() && of.iter().all(|framework| frameworks.contains(framework.as_str()))
            }
            _ => false,
        };
        change.lost.retain(|lost| !moved(lost));
        change.drained = true;
    }
}

/// The name of the machine that a change removes.
fn leaver(change: &Change) -> Option<String> {
    let Address::Node(cluster, group, index) = &change.address else { return None };
    let has_machine = change.resources.iter().any(|resource| resource.heat_type == heat_type::SERVER);
    (change.kind == ChangeKind::Delete && has_machine).then(|| node_name(cluster, group, *index))
}

/// The text of the verification's configuration, as Heat has it; nothing where its machine is gone or broken, and nobody
/// would carry it out.
fn verification(base: &KnownStack<'_>) -> Option<String> {
    let (_, deployment) = base.resources.iter().find(|(name, resource)| {
        is_verification(name) && resource.heat_type == heat_type::SOFTWARE_DEPLOYMENT && resource.exists()
    })?;
    let server = deployment.properties.get("server").and_then(KnownValue::whole)?;
    let server = base.resources.get(named(&server)?)?;
    if !matches!(server.standing, Standing::There | Standing::Unwanted | Standing::Idle(_)) {
        return None;
    }
    let config = deployment.properties.get("config").and_then(KnownValue::whole)?;
    let config = base.resources.get(named(&config)?)?;
    let text = config.properties.get("config").and_then(KnownValue::whole)?;
    text.as_str().map(str::to_owned)
}
