//! What a project of a cloud has, and whether that is what a state believes.

use std::collections::{BTreeMap, BTreeSet};

use disco::heat::Service;
use serde_json::Value as Json;

use super::eyes::{Eyes, text};

/// What a project has at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inventory {
    /// Names by kind and id.
    pub(crate) things: BTreeMap<(&'static str, String), String>,
    /// Heat's resources: stack, logical name, physical id.
    pub(crate) resources: Vec<(String, String, String)>,
    /// Stacks whose last action is not over, or did not go well.
    pub(crate) unsettled: Vec<String>,
}

/// Kinds of things that a cluster is made of, and where they are listed.
const KINDS: [(&str, Service, &str, &str); 6] = [
    ("server", Service::Compute, "/servers/detail", "servers"),
    ("port", Service::Network, "/ports", "ports"),
    ("network", Service::Network, "/networks", "networks"),
    ("router", Service::Network, "/routers", "routers"),
    ("security group", Service::Network, "/security-groups", "security_groups"),
    ("floating IP", Service::Network, "/floatingips", "floatingips"),
];

impl Inventory {
    /// Looks at what has a cluster's name, or at all of it where no cluster is named.
    pub(crate) fn take(eyes: &Eyes, cluster: &str) -> Self {
        let mut inventory = Self::default();
        let ours = |name: &str| is_of(name, cluster);
        for (kind, service, path, key) in KINDS {
            for thing in eyes.list(service, path, key) {
                // Networks that others share are seen, too.
                let owners = ["project_id", "tenant_id"].map(|key| text(&thing, key));
                let is_own = owners.iter().all(|owner| owner.is_empty() || *owner == eyes.project);
                if is_own && ours(text(&thing, "name")) {
                    inventory.things.insert((kind, text(&thing, "id").to_owned()), text(&thing, "name").to_owned());
                }
            }
        }
        for stack in eyes.list(Service::Orchestration, "/stacks?limit=100", "stacks") {
            let (name, id) = (text(&stack, "stack_name").to_owned(), text(&stack, "id").to_owned());
            if !ours(&name) {
                continue;
            }
            if !text(&stack, "stack_status").ends_with("_COMPLETE") {
                inventory.unsettled.push(format!("{name}: {}", text(&stack, "stack_status")));
            }
            let path = format!("/stacks/{name}/{id}/resources");
            for resource in eyes.get(Service::Orchestration, &path)["resources"].as_array().into_iter().flatten() {
                let physical = text(resource, "physical_resource_id").to_owned();
                inventory.resources.push((name.clone(), text(resource, "resource_name").to_owned(), physical));
            }
            inventory.things.insert(("stack", id), name);
        }
        inventory
    }

    /// What has come since `before`.
    pub(crate) fn beyond(&self, before: &Self) -> Vec<String> {
        let new = self.things.iter().filter(|(thing, _)| !before.things.contains_key(*thing));
        new.map(|((kind, id), name)| format!("{kind} {id} ({name})")).collect()
    }

    /// What is not as it has to be when nothing is under way: things that exist twice, that no stack has, that the state
    /// does not know of or believes to exist. Empty where all is well.
    pub(crate) fn faults(&self, before: &Self, state: &Json) -> Vec<String> {
        let mut faults = self.unsettled.clone();
        let mut names = BTreeSet::new();
        for ((kind, _), name) in self.things.iter().filter(|(_, name)| !name.is_empty()) {
            if !names.insert((kind, name)) {
                faults.push(format!("{kind} {name} exists twice"));
            }
        }
        let there: BTreeSet<&str> = self.resources.iter().map(|(_, _, id)| id.as_str()).collect();
        for ((kind, id), name) in self.things.iter().filter(|(thing, _)| !before.things.contains_key(*thing)) {
            // A router's ports belong to it, and DHCP's to its network; stacks are nobody's resources.
            let belongs = *kind == "stack" || (*kind == "port" && name.is_empty());
            if !belongs && !there.contains(id.as_str()) {
                faults.push(format!("{kind} {id} ({name}) is orphaned"));
            }
        }
        let mut known = BTreeMap::new();
        for (_, cluster) in state["clusters"].as_object().into_iter().flatten() {
            for (_, stack) in cluster["stacks"].as_object().into_iter().flatten() {
                if !stack["intent"].is_null() {
                    faults.push("an intent is still open".to_owned());
                }
                for (name, resource) in stack["resources"].as_object().into_iter().flatten() {
                    known.extend(resource["id"].as_str().map(|id| (id, name)));
                }
            }
        }
        let lost = self.resources.iter().filter(|(_, _, id)| !id.is_empty() && !known.contains_key(id.as_str()));
        faults.extend(lost.map(|(stack, name, id)| format!("the state does not know of {stack} {name} {id}")));
        let believed = known.iter().filter(|(id, _)| !there.contains(**id));
        faults.extend(believed.map(|(id, name)| format!("the state believes that {name} {id} exists")));
        faults
    }
}

/// Whether a name is a cluster's: every name is where no cluster is named.
pub(super) fn is_of(name: &str, cluster: &str) -> bool {
    cluster.is_empty() || name == cluster || name.strip_prefix(cluster).is_some_and(|rest| rest.starts_with('-'))
}
