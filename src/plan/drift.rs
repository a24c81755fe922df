//! What has changed outside of DISCO: what the cloud says against what the state remembers, each with what apply does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::known::Unchanged;
use super::object::words;
use super::reason::part;
use super::suspension::is_suspended;
use super::{
    ChangeKind, ForeignRule, Found, ObservedResource, ObservedStack, Plan, ResourceChange, StepAction, Wanted,
};
use crate::model::{Action, Address, ServerStatus, cluster_of, heat_type, to_the_second};
use crate::state::{Observation, Recorded, ResourceState, StackState, State, observed_template_digest, salted_digest};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Which of the user's objects is another one than DISCO left.
    pub address: Address,
    /// Its stack.
    pub stack: String,
    /// Logical name of the resource, where it is about one.
    pub resource: Option<String>,
    /// What has happened to it.
    pub kind: DriftKind,
    /// The same in words: `server was deleted`.
    pub what: String,
    /// What apply does about it: `creates it again`.
    pub remedy: String,
}

/// What has happened to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriftKind {
    /// Somebody deleted it.
    Deleted,
    /// It is there, and was not there before.
    Added,
    /// It is another one, or other properties of it are set.
    Changed,
    /// A server that does not run.
    NotRunning,
    /// A connection that was taken away.
    Disconnected,
    /// Heat calls it failed.
    Failed,
    /// A stack that somebody suspended.
    Suspended,
    /// Heat works on it at the moment, for somebody else.
    InProgress,
    /// Heat works on it at the moment, for an operation of ours that nobody watches any longer. That is no drift, but what
    /// is there cannot be compared before it has ended.
    Unfinished,
}

/// Properties whose values are no secret and tell a person something.
const TELLING: [&str; 8] =
    ["flavor", "image", "size", "cidr", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix"];

/// Everything that differs. Stacks that are as the definition wants them are compared with what the state remembers only
/// where the whole drift is asked for, and nothing is said of which are `unchanged`: it costs reading all of their
/// templates.
pub(super) fn drift(
    plan: &Plan,
    wanted: &Wanted,
    state: &State,
    observation: &Observation,
    unchanged: Option<&Unchanged<'_>>,
) -> Vec<Drift> {
    if !observation.asked {
        return Vec::new();
    }
    let mut all = Vec::new();
    let remedies = Remedies::of(plan, wanted);
    for (cluster, stack, known) in state.stacks().filter(|(_, _, known)| known.id.is_some() || known.intent.is_some()) {
        let seen = observation.stacks.get(stack).filter(|seen| !seen.status.is_deleted());
        let of = StackDrift { cluster, stack, known, remedies: &remedies, state };
        match seen {
            seen if known.intent.is_some() => {
                all.extend(seen.filter(|seen| seen.status.in_progress()).and_then(|seen| of.unfinished(seen)));
            }
            None => all.push(of.deleted()),
            Some(seen) if !seen.belongs_to(&state.lineage, known.id.as_deref()) => all.push(of.taken(seen)),
            Some(seen) => {
                let template = wanted.clusters.get(cluster).and_then(|cluster| cluster.templates.get(stack));
                let compares = unchanged.is_none_or(|unchanged| {
                    !template.is_some_and(|template| unchanged.compared(stack, template, Some(seen)).1)
                });
                of.look(seen, compares, &mut all);
            }
        }
    }
    let known: BTreeSet<&str> = state.stacks().map(|(_, stack, _)| stack).collect();
    for (stack, seen) in &observation.stacks {
        let ours = !seen.status.is_deleted() && seen.belongs_to(&state.lineage, None);
        let cluster = cluster_of(stack);
        let released = state.released.contains_key(cluster) && !wanted.clusters.contains_key(cluster);
        if ours && !released && !known.contains(stack.as_str()) {
            let is_wanted = wanted.clusters.get(cluster).is_some_and(|cluster| cluster.templates.contains_key(stack));
            all.push(Drift {
                address: Address::Cluster(cluster.to_owned()),
                stack: stack.clone(),
                resource: None,
                kind: DriftKind::Added,
                what: format!("stack `{stack}` is not in the state"),
                remedy: if is_wanted { "takes it into the state" } else { "deletes it" }.to_owned(),
            });
        }
    }
    all.sort_by(|one, other| (&one.address, &one.stack).cmp(&(&other.address, &other.stack)));
    all.dedup();
    all
}

/// What a plan does with stacks and resources.
struct Remedies<'a> {
    changes: BTreeMap<(&'a str, &'a str), (&'a ResourceChange, bool)>,
    restored: BTreeSet<(&'a str, &'a str)>,
    touched: BTreeSet<&'a str>,
    wanted: &'a Wanted,
}

impl<'a> Remedies<'a> {
    fn of(plan: &'a Plan, wanted: &'a Wanted) -> Self {
        let changes = plan.changes.iter().flat_map(|change| {
            let loses = !change.lost.is_empty();
            let resources = change.resources.iter();
            resources.map(move |resource| ((resource.stack.as_str(), resource.name.as_str()), (resource, loses)))
        });
        let restored = plan.steps.iter().flat_map(|step| match &step.action {
            StepAction::Restore(all) => {
                all.iter().map(|restore| (step.stack.as_str(), restore.resource.as_str())).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        });
        let updates = plan.steps.iter().filter(|step| !matches!(step.action, StepAction::Restore(_)));
        let touched = updates.map(|step| step.stack.as_str()).collect();
        Self { changes: changes.collect(), restored: restored.collect(), touched, wanted }
    }

    /// What becomes of a resource; `otherwise` where nothing is done with it.
    fn resource(&self, stack: &str, name: &str, otherwise: &str) -> String {
        let Some((change, loses)) = self.changes.get(&(stack, name)) else {
            return if self.restored.contains(&(stack, name)) { "connects it again" } else { otherwise }.to_owned();
        };
        let does = match change.kind {
            ChangeKind::Create | ChangeKind::Heal => "creates it again",
            ChangeKind::Replace => "replaces it",
            ChangeKind::Delete => "deletes it",
            ChangeKind::Forget => "forgets it",
            ChangeKind::NoChange | ChangeKind::Verify => otherwise,
            ChangeKind::Update | ChangeKind::Resize | ChangeKind::Rebuild | ChangeKind::Drain => {
                "changes it to what the definition says"
            }
        };
        if *loses { format!("{does}, if `--accept-data-loss` allows it") } else { does.to_owned() }
    }
}

/// The comparison of one stack.
struct StackDrift<'a> {
    cluster: &'a str,
    stack: &'a str,
    known: &'a StackState,
    remedies: &'a Remedies<'a>,
    state: &'a State,
}

impl StackDrift<'_> {
    fn whole(&self, kind: DriftKind, what: String, remedy: String) -> Drift {
        let address = Address::Cluster(self.cluster.to_owned());
        Drift { address, stack: self.stack.to_owned(), resource: None, kind, what, remedy }
    }

    fn part(&self, name: &str, kind: DriftKind, what: &str, remedy: String) -> Drift {
        let address = self.known.resources.get(name).map(|known| known.address.clone());
        let address = address.unwrap_or_else(|| Address::of_resource(self.cluster, name));
        let what = format!("{} {what}", part(&address, name));
        Drift { address, stack: self.stack.to_owned(), resource: Some(name.to_owned()), kind, what, remedy }
    }

    fn unfinished(&self, seen: &ObservedStack) -> Option<Drift> {
        let intent = self.known.intent.as_ref()?;
        let (stack, ongoing, step) = (self.stack, seen.status.action.ongoing(), &intent.step);
        let since = to_the_second(&intent.since);
        let what = format!("stack `{stack}` is {ongoing} by an operation that was interrupted ({step}, since {since})");
        Some(self.whole(DriftKind::Unfinished, what, "waits for it to end, then plans again".to_owned()))
    }

    fn deleted(&self) -> Drift {
        let clusters = &self.remedies.wanted.clusters;
        let is_wanted = clusters.get(self.cluster).is_some_and(|wanted| wanted.templates.contains_key(self.stack));
        let remedy = if is_wanted { "creates it again: what was stored in it is lost" } else { "forgets it" };
        self.whole(DriftKind::Deleted, format!("stack `{}` was deleted", self.stack), remedy.to_owned())
    }

    fn taken(&self, seen: &ObservedStack) -> Drift {
        let what = format!("stack `{}` was deleted, and another one has its name ({})", self.stack, seen.id);
        self.whole(DriftKind::Deleted, what, "is refused: DISCO never takes a stack that is not its own".to_owned())
    }

    fn look(&self, seen: &ObservedStack, compares: bool, all: &mut Vec<Drift>) {
        let stack = self.stack;
        if seen.status.in_progress() {
            let what = format!("stack `{stack}` is {}{}", seen.status, since(seen));
            all.push(self.whole(DriftKind::InProgress, what, "changes nothing before that has ended".to_owned()));
            return;
        }
        if is_suspended(&seen.status) && self.known.suspended {
            return;
        }
        if seen.status.action == Action::Suspend {
            let what = format!("stack `{stack}` is suspended ({})", seen.status);
            let remedy = format!("leaves it suspended: `disco resume {}` resumes it", self.cluster);
            all.push(self.whole(DriftKind::Suspended, what, remedy));
            return;
        }
        let again = self.known.id.as_ref().is_some_and(|id| *id != seen.id);
        if again {
            // Each of its resources is another one: that is said once.
            let touched = self.remedies.touched.contains(stack);
            let remedy = if touched { "updates it to what the definition says" } else { "takes it into the state" };
            let what = format!("stack `{stack}` was deleted and created again ({})", seen.id);
            all.push(self.whole(DriftKind::Changed, what, remedy.to_owned()));
        }
        let failed = seen.status.is_failed();
        if failed {
            let what = format!("stack `{stack}` is {}: {}", seen.status, seen.reason);
            all.push(self.whole(DriftKind::Failed, what, "continues where it failed".to_owned()));
        }
        if compares && !failed {
            self.compare(seen, all);
        }
        for (name, known) in self.known.resources.iter() {
            if let Some(now) = seen.resources.get(name) {
                all.extend(self.found(name, known, now, failed).filter(|one| {
                    // That it is another one goes without saying.
                    !again || one.kind != DriftKind::Changed
                }));
            }
        }
        all.extend(seen.foreign_rules.iter().map(|rule| self.foreign(rule)));
    }

    /// What stands behind a resource that the stack has.
    fn found(&self, name: &str, known: &ResourceState, now: &ObservedResource, failed: bool) -> Option<Drift> {
        let remedy = |otherwise: &str| self.remedies.resource(self.stack, name, otherwise);
        match now.found {
            Found::Deleted => {
                return Some(self.part(name, DriftKind::Deleted, "was deleted", remedy("leaves it")));
            }
            // Its servers rest with it.
            Found::NotRunning(_) if self.known.suspended => return None,
            Found::NotRunning(status) => {
                let id = now.physical_id.as_deref().unwrap_or_default();
                let what = format!("is {status}");
                return Some(self.part(name, DriftKind::NotRunning, &what, self.start(name, status, id)));
            }
            Found::Disconnected => {
                let what = match known.heat_type.as_str() {
                    heat_type::ROUTER_INTERFACE => "router was disconnected from the subnet",
                    _ => "floating IP was taken from its port",
                };
                let drift = self.part(name, DriftKind::Disconnected, "", remedy("leaves it"));
                return Some(Drift { what: what.to_owned(), ..drift });
            }
            Found::AsHeatSays => {}
        }
        if failed || !now.status.exists() {
            return None;
        }
        if now.status.is_failed() {
            let why = if now.reason.is_empty() { String::new() } else { format!(": {}", now.reason) };
            let what = format!("is {}{why}", now.status);
            return Some(self.part(name, DriftKind::Failed, &what, remedy("leaves it")));
        }
        let (before, after) = (known.physical_id.as_ref()?, now.physical_id.as_ref()?);
        let what = format!("is another one ({after})");
        (before != after).then(|| self.part(name, DriftKind::Changed, &what, remedy("takes it into the state")))
    }

    fn start(&self, name: &str, status: ServerStatus, id: &str) -> String {
        match status.way_back() {
            Some(action) if self.remedies.restored.contains(&(self.stack, name)) => format!("{}s it", action.verb()),
            _ => {
                let way_out = match status {
                    ServerStatus::Rescue => format!("leaves it: end the rescue with `openstack server unrescue {id}`"),
                    _ => format!(
                        "leaves it: `openstack server reboot --hard {id}` may repair it; once deleted, it is created again"
                    ),
                };
                self.remedies.resource(self.stack, name, &way_out)
            }
        }
    }

    fn foreign(&self, rule: &ForeignRule) -> Drift {
        let protocol = rule.protocol.as_deref().unwrap_or("any protocol");
        let ports = match rule.ports {
            None => String::new(),
            Some((first, last)) if first == last => format!(" {first}"),
            Some((first, last)) => format!(" {first}-{last}"),
        };
        let direction = if rule.direction == "egress" { "to" } else { "from" };
        let remote = rule.remote.as_deref().unwrap_or("anywhere");
        Drift {
            address: Address::Security(self.cluster.to_owned()),
            stack: self.stack.to_owned(),
            resource: Some(rule.group.clone()),
            kind: DriftKind::Added,
            what: format!("rule {protocol}{ports} {direction} {remote} was added"),
            remedy: format!("leaves it: `openstack security group rule delete {}` removes it", rule.id),
        }
    }

    /// The template that Heat has against the one that was sent last.
    fn compare(&self, seen: &ObservedStack, all: &mut Vec<Drift>) {
        let Some(template) = &seen.template else { return };
        let parameters = self.changed_parameters(seen);
        let same_template = observed_template_digest(template) == self.known.template_digest;
        if same_template && parameters.is_empty() {
            return;
        }
        let otherwise = "takes it into the state: it is what the definition says";
        let touched = self.remedies.touched.contains(self.stack);
        let remedy = if touched { "updates it to what the definition says" } else { otherwise };
        let what = format!("stack `{}` was updated{}", self.stack, since(seen));
        all.push(self.whole(DriftKind::Changed, what, remedy.to_owned()));
        for name in parameters {
            let what = format!("parameter `{name}` of stack `{}` has another value", self.stack);
            all.push(self.whole(DriftKind::Changed, what, remedy.to_owned()));
        }
        if same_template {
            return;
        }
        let none = Map::new();
        let now = template.get("resources").and_then(Json::as_object).unwrap_or(&none);
        let names: BTreeSet<&String> = now.keys().chain(self.known.resources.keys()).collect();
        for name in names {
            let remedy = self.remedies.resource(self.stack, name, otherwise);
            match (self.known.resources.get(name), now.get(name)) {
                (Some(_), None) => {
                    all.push(self.part(name, DriftKind::Deleted, "was removed from the stack", remedy));
                }
                (None, Some(_)) => all.push(self.part(name, DriftKind::Added, "was added to the stack", remedy)),
                (Some(known), Some(now)) => {
                    for difference in differences(known, now) {
                        all.push(self.part(name, DriftKind::Changed, &difference, remedy.clone()));
                    }
                }
                (None, None) => {}
            }
        }
    }

    /// Parameters that Heat shows with another value than the one that was sent.
    fn changed_parameters<'s>(&self, seen: &'s ObservedStack) -> Vec<&'s str> {
        let hidden = |value: &str| !value.is_empty() && value.chars().all(|letter| letter == '*');
        let changed = seen.parameters.iter().filter(|(name, value)| {
            let known = self.known.parameters.get(*name);
            !hidden(value) && known.is_some_and(|known| *known != salted_digest(&self.state.lineage, name, value))
        });
        changed.map(|(name, _)| name.as_str()).collect()
    }
}

/// When a stack was last updated, as the end of a sentence.
fn since(seen: &ObservedStack) -> String {
    seen.updated.as_ref().map(|at| format!(", last at {at}")).unwrap_or_default()
}

/// What differs between a resource as it was left and as Heat's template has it. Values are told only where they cannot
/// be secrets.
fn differences(known: &ResourceState, now: &Json) -> Vec<String> {
    let none = Map::new();
    let properties = now.get("properties").and_then(Json::as_object).unwrap_or(&none);
    let before = known.properties.keys().map(|name| &**name);
    let names: BTreeSet<&str> = before.chain(properties.keys().map(String::as_str)).collect();
    let differ = names.into_iter().filter_map(|name| {
        let (before, after) = (known.properties.get(name), properties.get(name));
        let same = match (before, after) {
            (Some(before), Some(after)) => before.is(after),
            (None, None) => true,
            _ => false,
        };
        if same {
            return None;
        }
        let told = TELLING.contains(&name);
        Some(match (before.and_then(Recorded::value).filter(|_| told), after.filter(|_| told)) {
            (Some(before), Some(after)) => format!("has {name} {} → {}", words(Some(&before)), words(Some(after))),
            _ => format!("has another {name}"),
        })
    });
    differ.collect()
}
