//! What a plan adds to what the project uses, against its quota.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;

use super::{ChangeKind, Plan, StepAction};
use crate::model::{Address, CloudFacts, ClusterSpec, QuotaKind, Quotas, heat_type};
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::state::{Found, Observation};
use crate::template::{Folded, TemplateResource};

/// What a plan needs of the project's quota at its height, beside what is used already. Steps that delete give back
/// before those that follow them; what is replaced exists twice for a while, as Heat does it.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    kinds: BTreeMap<QuotaKind, Height>,
}

/// One kind's need along the steps.
#[derive(Clone, Debug, Default)]
struct Height {
    now: i64,
    most: i64,
    /// Who asks for how much, by the line that asks.
    askers: BTreeMap<Option<Span>, (String, i64)>,
}

/// What resources take of quotas.
type Weight = Vec<(QuotaKind, i64)>;

/// The properties that a resource's weight depends on.
#[derive(Default, Deserialize)]
struct Size {
    flavor: Option<Json>,
    size: Option<Json>,
}

/// A template as Heat returns it, as far as weights go.
#[derive(Default, Deserialize)]
struct Returned {
    resources: Option<BTreeMap<String, ReturnedResource>>,
}

#[derive(Deserialize)]
struct ReturnedResource {
    properties: Option<Size>,
}

fn weight(of: &str, size: &Size, facts: &CloudFacts) -> Weight {
    let flavor = || facts.flavors.get(size.flavor.as_ref()?.as_str()?);
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    match of {
        heat_type::SERVER => {
            let flavor = flavor().map(|flavor| (i64::from(flavor.vcpus), number(flavor.memory_mib)));
            let (cores, memory) = flavor.unwrap_or_default();
            vec![(QuotaKind::Instances, 1), (QuotaKind::Cores, cores), (QuotaKind::Memory, memory)]
        }
        heat_type::SERVER_GROUP => vec![(QuotaKind::ServerGroups, 1)],
        heat_type::NET => vec![(QuotaKind::Networks, 1)],
        heat_type::SUBNET => vec![(QuotaKind::Subnets, 1)],
        heat_type::ROUTER => vec![(QuotaKind::Routers, 1)],
        // A router has a port in each of its subnets.
        heat_type::PORT | heat_type::ROUTER_INTERFACE => vec![(QuotaKind::Ports, 1)],
        // Neutron gives each two rules that let everything out.
        heat_type::SECURITY_GROUP => vec![(QuotaKind::SecurityGroups, 1), (QuotaKind::SecurityGroupRules, 2)],
        heat_type::SECURITY_GROUP_RULE => vec![(QuotaKind::SecurityGroupRules, 1)],
        heat_type::FLOATING_IP => vec![(QuotaKind::FloatingIps, 1)],
        heat_type::VOLUME => {
            let gigabytes = size.size.as_ref().and_then(Json::as_u64).map_or(0, number);
            vec![(QuotaKind::Volumes, 1), (QuotaKind::Gigabytes, gigabytes)]
        }
        _ => Vec::new(),
    }
}

/// The walk along a plan's steps.
struct Walk<'a> {
    plan: &'a Plan,
    facts: &'a CloudFacts,
    clusters: &'a BTreeMap<String, ClusterSpec>,
    demand: Demand,
    /// What is made anew: stack, logical name and whose it is.
    replaced: BTreeSet<(&'a str, &'a str, &'a Address)>,
    /// What each stack holds, by logical name.
    held: BTreeMap<&'a str, BTreeMap<String, Held<'a>>>,
}

/// What a stack holds.
struct Held<'a> {
    /// As it stands in a template, where one was sent: from step to step most of a template is the same.
    resource: Option<&'a Arc<TemplateResource>>,
    weight: Weight,
}

impl Demand {
    /// What a plan needs, where this was seen.
    pub fn of(plan: &Plan, seen: &Observation, facts: &CloudFacts, clusters: &BTreeMap<String, ClusterSpec>) -> Self {
        let stacks: BTreeSet<&str> = plan.steps.iter().map(|step| step.stack.as_str()).collect();
        let held = stacks.into_iter().map(|stack| (stack, held(seen, stack, facts))).collect();
        let mut walk = Walk { plan, facts, clusters, demand: Self::default(), replaced: replaced(plan), held };
        for number in 0..plan.steps.len() {
            walk.step(number);
        }
        walk.demand.kinds.retain(|_, height| height.most > 0);
        walk.demand
    }

    /// The kinds that it needs more of.
    pub fn kinds(&self) -> impl Iterator<Item = QuotaKind> {
        self.kinds.keys().copied()
    }

    /// Refuses what does not fit, with the numbers, at the line that asks for most of it. `project` names the project of
    /// an OpenStack, whose quota its administrator sets.
    pub fn check(&self, quotas: &Quotas, project: Option<&str>) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let of = &quotas.of;
        // Neutron makes the project's default group, with four rules, when it makes the first other one.
        let no_group_yet = of.get(&QuotaKind::SecurityGroups).is_some_and(|quota| quota.used == Some(0))
            && self.kinds.contains_key(&QuotaKind::SecurityGroups);
        for (kind, height) in &self.kinds {
            let Some((Some(limit), Some(used))) = of.get(kind).map(|quota| (quota.limit, quota.used)) else { continue };
            let extra = match kind {
                QuotaKind::SecurityGroups if no_group_yet => 1,
                QuotaKind::SecurityGroupRules if no_group_yet => 4,
                _ => 0,
            };
            let wanted = u64::try_from(height.most).unwrap_or_default().saturating_add(extra);
            let total = used.saturating_add(wanted);
            if total <= limit {
                continue;
            }
            let name = kind.name();
            let message = format!("quota for `{name}` is exceeded: {wanted} wanted, {used} used, limit {limit}");
            let mut diagnostic = Diagnostic::error("disco::quota_exceeded", message);
            let most = height.askers.iter().max_by_key(|(_, (_, amount))| *amount);
            if let Some((place, (who, amount))) = most {
                diagnostic = diagnostic.at_maybe(*place, format!("{amount} of {wanted} are for `{who}`"));
            }
            let smaller = match kind {
                QuotaKind::Instances | QuotaKind::Ports => "use fewer nodes",
                QuotaKind::Cores | QuotaKind::Memory => "use fewer nodes or a smaller flavor",
                QuotaKind::ServerGroups => "remove `anti_affinity` from a group",
                QuotaKind::SecurityGroups | QuotaKind::SecurityGroupRules => "remove `allow` blocks",
                QuotaKind::FloatingIps => "remove `floating_ip` from a group",
                QuotaKind::Volumes | QuotaKind::Gigabytes => "use fewer or smaller volumes",
                QuotaKind::Networks | QuotaKind::Subnets | QuotaKind::Routers => {
                    "use a network that exists (`existing` in `network`)"
                }
            };
            let raise = match project {
                Some(project) => format!("`openstack quota set {} {total} {project}`", kind.option()),
                None => format!("a limit of {total}"),
            };
            diagnostics.push(
                diagnostic.help(format!("{smaller}, delete what the project no longer needs, or ask for {raise}")),
            );
        }
        diagnostics
    }
}

impl Walk<'_> {
    fn step(&mut self, number: usize) {
        let plan = self.plan;
        let step = &plan.steps[number];
        let mut held = self.held.remove(step.stack.as_str()).unwrap_or_default();
        let mut given_back: Weight = Vec::new();
        match &step.action {
            StepAction::Create(template, _) | StepAction::Update(template, _) => {
                for (name, resource) in &template.resources {
                    let same = |held: &&Held<'_>| held.resource.is_some_and(|held| Arc::ptr_eq(held, resource));
                    let known = held.get(name).filter(same).map(|held| held.weight.clone());
                    let wanted = known.unwrap_or_else(|| self.weight(resource));
                    if wanted.is_empty() {
                        continue;
                    }
                    let now = Held { resource: Some(resource), weight: wanted.clone() };
                    let before = held.insert(name.clone(), now).map(|held| held.weight);
                    let twice = before.is_some() && self.is_replaced(number, name, resource);
                    for (kind, amount) in wanted {
                        let had = before.iter().flatten().find(|(known, _)| *known == kind).map_or(0, |(_, had)| *had);
                        if twice {
                            self.add(kind, amount, resource);
                            given_back.push((kind, had));
                        } else if amount > had {
                            self.add(kind, amount - had, resource);
                        } else {
                            given_back.push((kind, had - amount));
                        }
                    }
                }
                held.retain(|name, held| {
                    let stays = template.resources.contains_key(name);
                    if !stays {
                        given_back.extend(held.weight.iter().copied());
                    }
                    stays
                });
            }
            StepAction::Delete => {
                given_back.extend(std::mem::take(&mut held).into_values().flat_map(|held| held.weight));
            }
            StepAction::Restore(_) => {}
        }
        for (kind, amount) in given_back {
            self.demand.kinds.entry(kind).or_default().now -= amount;
        }
        self.held.insert(step.stack.as_str(), held);
    }

    fn weight(&self, resource: &TemplateResource) -> Weight {
        let size = match resource.heat_type.as_str() {
            heat_type::SERVER | heat_type::VOLUME => resource.properties.read().unwrap_or_default(),
            _ => Size::default(),
        };
        weight(&resource.heat_type, &size, self.facts)
    }

    /// Whether a step makes a resource anew: that of all the stack's steps that is about it.
    fn is_replaced(&self, number: usize, name: &str, resource: &TemplateResource) -> bool {
        let step = &self.plan.steps[number];
        let is_about = || {
            step.addresses.contains(&resource.address)
                || !self.plan.steps[number + 1..].iter().any(|later| later.stack == step.stack)
        };
        self.replaced.contains(&(step.stack.as_str(), name, &resource.address)) && is_about()
    }

    fn add(&mut self, kind: QuotaKind, amount: i64, resource: &TemplateResource) {
        if amount == 0 {
            return;
        }
        let (place, who) = self.asker(resource);
        let height = self.demand.kinds.entry(kind).or_default();
        height.now += amount;
        height.most = height.most.max(height.now);
        let asked = height.askers.entry(place).or_insert_with(|| (who, 0));
        asked.1 += amount;
    }

    /// The line that asks for a resource, and for whom.
    fn asker(&self, resource: &TemplateResource) -> (Option<Span>, String) {
        match &resource.address {
            Address::Node(cluster, group, _) => {
                let who = format!("cluster.{cluster}.{group}");
                let spec = self.clusters.get(cluster).and_then(|cluster| cluster.group(group));
                let counted = matches!(resource.heat_type.as_str(), heat_type::SERVER | heat_type::PORT);
                let place = spec.filter(|_| counted).map(|group| group.count.origin.unwrap_or(group.origin));
                (place.or(resource.origin), who)
            }
            other => (resource.origin, other.to_string()),
        }
    }
}

/// Everything that a plan makes anew.
fn replaced(plan: &Plan) -> BTreeSet<(&str, &str, &Address)> {
    let resources = plan.changes.iter().flat_map(|change| change.resources.iter().map(|part| (&change.address, part)));
    let replaced = resources.filter(|(_, part)| matches!(part.kind, ChangeKind::Replace | ChangeKind::Heal));
    replaced.map(|(address, part)| (part.stack.as_str(), part.name.as_str(), address)).collect()
}

/// What stands behind a stack, by logical name. A server that somebody deleted is not counted by anybody.
fn held<'a>(seen: &Observation, stack: &str, facts: &CloudFacts) -> BTreeMap<String, Held<'a>> {
    let Some(seen) = seen.stacks.get(stack) else { return BTreeMap::new() };
    let returned: Returned = seen.template.as_ref().and_then(Folded::read).unwrap_or_default();
    let mut sizes = returned.resources.unwrap_or_default();
    let resources = seen.resources.iter().filter(|(_, resource)| resource.exists() && resource.found != Found::Deleted);
    resources
        .map(|(name, resource)| {
            let size = sizes.remove(name).and_then(|resource| resource.properties).unwrap_or_default();
            (name.clone(), weight(&resource.heat_type, &size, facts))
        })
        .filter(|(_, weight)| !weight.is_empty())
        .map(|(name, weight)| (name, Held { resource: None, weight }))
        .collect()
}
