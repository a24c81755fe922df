//! What a plan promised against what happened, without knowing what was changed: each difference is a lie.

use std::collections::{BTreeMap, BTreeSet};

use disco::model::Address;
use disco::plan::{Change, ChangeKind, Plan, ResourceChange, ServiceChanges, Step, StepAction};

use super::agent::{Done, Services, rehearse};
use super::life::Lived;
use super::record::{Event, Place, Record};

/// What a configuration that a machine carried out did to it.
pub(super) struct Brought {
    address: Address,
    /// Whether it was carried out after the mark.
    is_new: bool,
    moment: u64,
    done: Done,
}

/// All lies of a plan; `at_once` is how many nodes of a group may be without their services at a time.
pub(super) fn lies(lived: &Lived, at_once: usize) -> Vec<String> {
    let judge = Judge { plan: &lived.plan, record: &lived.record, brought: &lived.brought };
    let mut lies = judge.resources();
    lies.extend(judge.machines());
    lies.extend(judge.services());
    lies.extend(judge.steps(at_once));
    lies.extend(judge.disks());
    lies.extend(outputs(lived));
    if !lived.again.is_empty() {
        let again: Vec<String> = lived.again.changes.iter().map(|change| change.address.to_string()).collect();
        lies.push(format!("the plan afterwards is not empty: {}", again.join(", ")));
    }
    lies
}

/// Runs the agent on all that machines were given since.
pub(super) fn brought(record: &Record) -> Vec<Brought> {
    let disturbed: BTreeSet<Address> =
        record.events.iter().filter(|it| is_disk(it)).map(|it| address(&it.place)).collect();
    let moved: Vec<(&Place, _)> = record
        .deliveries
        .iter()
        .filter(|(place, (all, before))| all.len() > *before || disturbed.contains(&address(place)))
        .collect();
    let lives: Vec<_> = moved.iter().map(|(_, (all, _))| all.clone()).collect();
    let told = rehearse(&lives);
    let mut brought = Vec::new();
    for ((place, (all, before)), told) in moved.into_iter().zip(told) {
        for (number, (delivery, done)) in all.iter().zip(told).enumerate() {
            let is_new = number >= *before;
            brought.push(Brought { address: address(place), is_new, moment: delivery.moment, done });
        }
    }
    brought
}

fn address((stack, resource): &Place) -> Address {
    Address::of_resource(stack.split('.').next().unwrap(), resource)
}

/// Whether an event is about a volume or what attaches it.
fn is_disk(event: &Event) -> bool {
    ["-volume-", "-attachment-"].iter().any(|part| event.place.1.contains(part))
}

fn is_node(address: &Address) -> bool {
    matches!(address, Address::Node(..))
}

struct Judge<'a> {
    plan: &'a Plan,
    record: &'a Record,
    brought: &'a [Brought],
}

impl Judge<'_> {
    fn changes(&self) -> BTreeMap<Place, &ResourceChange> {
        let resources = self.plan.changes.iter().flat_map(|change| &change.resources);
        resources.map(|change| ((change.stack.clone(), change.name.clone()), change)).collect()
    }

    /// Every resource has the fate that is promised, and what is not named has none.
    fn resources(&self) -> Vec<String> {
        let changes = self.changes();
        let (before, after) = (&self.record.before, &self.record.after);
        let mut places: BTreeSet<&Place> = changes.keys().collect();
        places.extend(before.resources.keys().chain(after.resources.keys()));
        places.extend(self.record.events.iter().map(|event| &event.place).filter(|(stack, name)| stack != name));
        let mut lies = Vec::new();
        for place in places {
            let kind = changes.get(place).map_or(ChangeKind::NoChange, |change| match change.kind {
                // A configuration that takes over from another is a resource of its own.
                _ if change.replaces.is_some() => ChangeKind::Create,
                kind => kind,
            });
            let (old, new) = (before.resources.get(place), after.resources.get(place));
            let happened: BTreeSet<&str> =
                self.record.of(place).filter_map(|event| event.status.split('_').next()).collect();
            let gone = |id: &String| !after.ids.contains(id);
            // What attaches a volume to another machine is a new one to Nova, and the old one to Heat.
            let renamed = place.1.contains("-attachment-") && kind == ChangeKind::Update && new.is_some();
            let kept = old.is_some() && (old == new || renamed);
            // A configuration that only unmounts volumes comes and goes.
            let passing = place.1.starts_with("config-") && old.is_none() && new.is_none();
            let kept_promise = match kind {
                ChangeKind::NoChange => passing || kept && happened.is_empty(),
                ChangeKind::Create => old.is_none() && new.is_some() && happened.contains("CREATE"),
                ChangeKind::Delete => old.is_some_and(gone) && new.is_none() && happened.contains("DELETE"),
                ChangeKind::Replace | ChangeKind::Heal => {
                    old.is_some_and(gone) && new.is_some() && old != new && happened.contains("CREATE")
                }
                _ => kept && happened.contains("UPDATE") && !happened.contains("CREATE"),
            };
            if !kept_promise {
                let id = |id: Option<&String>| id.map_or("nothing", String::as_str).to_owned();
                lies.push(format!(
                    "{} {}: promised {kind:?}; it was {} and is {}, with events {happened:?}",
                    place.0,
                    place.1,
                    id(old),
                    id(new)
                ));
            }
        }
        lies
    }

    fn change(&self, address: &Address) -> Option<&Change> {
        self.plan.changes.iter().find(|change| change.address == *address)
    }

    /// What an owner reads of a node is what becomes of its machine.
    fn machines(&self) -> Vec<String> {
        let (before, after) = (&self.record.before, &self.record.after);
        let is_server = |place: &&Place| place.1.ends_with("-server") && is_node(&address(place));
        let servers: BTreeSet<&Place> =
            before.resources.keys().chain(after.resources.keys()).filter(is_server).collect();
        let mut lies = Vec::new();
        for place in servers {
            let promised = self.change(&address(place)).map_or(ChangeKind::NoChange, |change| change.kind);
            let machine = |picture: &super::record::Picture| {
                let id = picture.resources.get(place)?;
                Some((id.clone(), picture.machines.get(id)?.clone()))
            };
            let happened = match (machine(before), machine(after)) {
                (None, _) => ChangeKind::Create,
                (_, None) => ChangeKind::Delete,
                (Some((old, _)), Some((new, _))) if old != new => ChangeKind::Replace,
                (Some((_, (_, old))), Some((_, (_, new)))) if old != new => ChangeKind::Rebuild,
                (Some((_, (old, _))), Some((_, (new, _)))) if old != new => ChangeKind::Resize,
                _ => ChangeKind::NoChange,
            };
            let honest = match promised {
                ChangeKind::Update => happened == ChangeKind::NoChange,
                promised => promised == happened,
            };
            if !honest {
                lies.push(format!("{}: promised {promised:?}, and its machine had {happened:?}", address(place)));
            }
        }
        lies
    }

    /// What is said to restart, stop and start on machines that stay does so once, and nothing else does.
    fn services(&self) -> Vec<String> {
        let mut happened: BTreeMap<&Address, Vec<(&str, &str)>> = BTreeMap::new();
        for brought in self.brought.iter().filter(|brought| brought.is_new) {
            let Services { restarted, stopped, started, .. } = &brought.done.services;
            let all = [("restarts", restarted), ("stops", stopped), ("starts", started)];
            let told = happened.entry(&brought.address).or_default();
            told.extend(
                all.iter()
                    .flat_map(|(verb, units)| units.iter().map(|unit| (*verb, unit.trim_end_matches(".service")))),
            );
        }
        let fresh = |change: &&Change| {
            use ChangeKind::{Create, Delete, Heal, Rebuild, Replace};
            matches!(change.kind, Create | Delete | Heal | Rebuild | Replace)
        };
        let is_fresh = |address: &Address| self.change(address).as_ref().is_some_and(fresh);
        let mut promised: BTreeMap<&Address, Vec<(&str, &str)>> = BTreeMap::new();
        for change in self.plan.changes.iter().filter(|change| is_node(&change.address) && !fresh(change)) {
            let ServiceChanges { restarted, stopped, started } = &change.services;
            for (verb, units) in [("restarts", restarted), ("stops", stopped), ("starts", started)] {
                let told = units.iter().map(|unit| (verb, unit.as_str()));
                promised.entry(&change.address).or_default().extend(told);
            }
        }
        let addresses: BTreeSet<&Address> = promised.keys().chain(happened.keys()).copied().collect();
        let mut lies = Vec::new();
        for address in addresses.into_iter().filter(|address| !is_fresh(address)) {
            let sorted = |all: Option<&Vec<(&str, &str)>>| {
                let mut all: Vec<String> =
                    all.into_iter().flatten().map(|(verb, unit)| format!("{verb} {unit}")).collect();
                all.sort();
                all.join(", ")
            };
            let (promised, happened) = (sorted(promised.get(address)), sorted(happened.get(address)));
            if promised != happened {
                lies.push(format!("{address}: promised `{promised}`, and its agent says `{happened}`"));
            }
        }
        lies
    }

    /// No disk goes, or is away for a while, that the machine has mounted; nodes that go themselves may.
    fn disks(&self) -> Vec<String> {
        let (before, after) = (&self.record.before, &self.record.after);
        let goes = |event: &&Event| {
            let (stack, name) = &event.place;
            let volume = (stack.clone(), name.replacen("-attachment-", "-volume-", 1));
            let old = before.resources.get(&volume)?;
            let has_server = |picture: &super::record::Picture| {
                let node = name.split_once("-attachment-").or_else(|| name.split_once("-volume-"));
                let server = |(node, _)| (stack.clone(), format!("{node}-server"));
                node.is_some_and(|node| picture.resources.contains_key(&server(node)))
            };
            let detached = match event.status.as_str() {
                "DELETE_IN_PROGRESS" => true,
                // Where it is, a volume can change without leaving: by its type, say.
                "UPDATE_IN_PROGRESS" if name.contains("-attachment-") => true,
                "UPDATE_IN_PROGRESS" => {
                    after.resources.get(&volume) != Some(old) || before.sizes.get(old) != after.sizes.get(old)
                }
                _ => false,
            };
            (detached && has_server(before) && has_server(after)).then(|| old.clone())
        };
        let harmed = after.harmed.iter().filter(|id| before.machines.contains_key(*id));
        let mut lies: Vec<String> =
            harmed.map(|id| format!("machine {id} has lost a disk that it had mounted")).collect();
        for event in self.record.events.iter().filter(|event| is_disk(event)) {
            let Some(volume) = goes(&event) else { continue };
            let address = address(&event.place);
            let mut own = self.brought.iter().filter(|brought| brought.address == address).peekable();
            let first = own.peek().map(|brought| &brought.done.before).into_iter().flatten();
            let mut mounted: BTreeMap<_, _> = first.collect();
            for brought in own.filter(|brought| !brought.is_new || brought.moment < event.number) {
                mounted = brought.done.mounted.iter().collect();
            }
            for (mount, _) in mounted.into_iter().filter(|(_, mounted)| **mounted == volume) {
                lies.push(format!("{}: {} while it is mounted at {mount}", event.place.1, event.status));
            }
        }
        lies
    }

    /// Each step touches those it names, when it is its turn; nodes are interrupted in their own batch, never too many.
    fn steps(&self, at_once: usize) -> Vec<String> {
        let mut lies = Vec::new();
        let mut spans: Vec<(&Step, std::ops::Range<u64>)> = Vec::new();
        let stacks: BTreeSet<&str> = self.plan.steps.iter().map(|step| step.stack.as_str()).collect();
        for stack in stacks {
            let steps: Vec<&Step> = self.plan.steps.iter().filter(|step| step.stack == stack).collect();
            let actions = self.record.actions(stack);
            if steps.len() != actions.len() {
                lies.push(format!("{stack}: promised {} steps, and there were {}", steps.len(), actions.len()));
                return lies;
            }
            spans.extend(steps.into_iter().zip(actions));
        }
        for event in &self.record.events {
            if !spans.iter().any(|(step, span)| step.stack == event.place.0 && span.contains(&event.number)) {
                lies.push(format!("{} {}: in no step", event.place.1, event.status));
            }
        }
        for (one, span) in &spans {
            for (other, later) in spans.iter().filter(|(other, _)| other.stage > one.stage) {
                if later.start < span.end {
                    lies.push(format!("`{}` began before `{}` was over", other.title, one.title));
                }
            }
            lies.extend(self.step(one, span, at_once));
        }
        lies
    }

    fn step(&self, step: &Step, span: &std::ops::Range<u64>, at_once: usize) -> Vec<String> {
        let events =
            self.record.events.iter().filter(|event| event.place.0 == step.stack && span.contains(&event.number));
        let touched: BTreeSet<Address> = events.map(|event| address(&event.place)).filter(is_node).collect();
        let named: BTreeSet<Address> = step.addresses.iter().filter(|address| is_node(address)).cloned().collect();
        let mut lies = Vec::new();
        if touched != named {
            let list = |all: &BTreeSet<Address>| all.iter().map(Address::to_string).collect::<Vec<_>>().join(", ");
            lies.push(format!("`{}`: promised to touch {}, and touched {}", step.title, list(&named), list(&touched)));
        }
        if matches!(step.action, StepAction::Create(..)) {
            return lies;
        }
        let interrupted = self
            .brought
            .iter()
            .filter(|brought| brought.is_new && span.contains(&brought.moment) && brought.done.services.interrupted())
            .map(|brought| &brought.address);
        let changed = touched.iter().filter(|address| {
            let gravely =
                |change: &Change| matches!(change.kind, ChangeKind::Resize | ChangeKind::Rebuild | ChangeKind::Replace);
            self.change(address).is_some_and(gravely)
        });
        let interrupted: BTreeSet<&Address> = interrupted.chain(changed).collect();
        let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
        for address in &interrupted {
            if let Address::Node(_, group, _) = address {
                *groups.entry(group).or_default() += 1;
            }
        }
        for (group, count) in groups {
            if count > at_once {
                lies.push(format!("`{}`: {count} nodes of {group} were without services at once", step.title));
            }
        }
        lies
    }
}

/// Outputs are what was promised, and the others what they were.
fn outputs(lived: &Lived) -> Vec<String> {
    let (before, after) = (&lived.outputs_before, &lived.outputs_after);
    let names: BTreeSet<&String> =
        before.keys().chain(after.keys()).chain(lived.plan.outputs.iter().map(|output| &output.name)).collect();
    let mut lies = Vec::new();
    for name in names {
        let honest = match lived.plan.outputs.iter().find(|output| output.name == *name) {
            None => before.get(name) == after.get(name),
            Some(output) if output.removed => !after.contains_key(name),
            Some(output) => {
                output.before.as_ref() == before.get(name)
                    && after.get(name).is_some_and(|value| output.after.as_ref().is_none_or(|after| after == value))
            }
        };
        if !honest {
            lies.push(format!("output {name}: it was {:?} and is {:?}", before.get(name), after.get(name)));
        }
    }
    lies
}
