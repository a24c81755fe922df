//! A Heat that fits on a page: every action is done at once, and it can be told to misbehave. It knows only what the
//! client asks, so that `apply` can be tried against losses and refusals that a sound Heat never shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::response::Response;
use disco::heat::Cloud;
use serde_json::{Value as Json, json};

use crate::heat::scripted::{Asked, Scripted, fault, json_answer, lost};

#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) tags: Vec<String>,
    pub(crate) template: Json,
    pub(crate) parameters: Json,
    /// Status and reason by logical name.
    pub(crate) resources: BTreeMap<String, (String, String)>,
    pub(crate) events: Vec<Json>,
}

/// What it does wrong, and what it has.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) stacks: BTreeMap<String, Stack>,
    /// Actions stay `IN_PROGRESS` until [`World::end`] is called.
    pub(crate) slow: bool,
    /// The answers of the next so many calls that change something are lost after they took effect.
    pub(crate) lose_answers: u32,
    /// The next so many calls that change something are lost before they take effect.
    pub(crate) lose_requests: u32,
    /// Resources that fail.
    pub(crate) failing: BTreeSet<String>,
    /// Resources that an update makes anew.
    pub(crate) replacing: BTreeSet<String>,
    /// So many deletions fail.
    pub(crate) stuck_deletions: u32,
    /// How often a deleted stack is still told about under its name.
    pub(crate) unburied: u32,
    /// The next call that changes something is refused.
    pub(crate) refuse: bool,
    /// Servers that Nova's listing leaves out, because their part of the cloud does not answer.
    pub(crate) unlisted: BTreeSet<String>,
    /// Servers that somebody has deleted.
    pub(crate) gone: BTreeSet<String>,
    /// Neutron's ports.
    pub(crate) ports: Vec<Json>,
    /// What is left on the cloud although nobody should have it any more, by collection.
    pub(crate) left: BTreeMap<String, Vec<Json>>,
    /// The oldest events were thrown away: a marker among them is not known.
    pub(crate) forgotten: usize,
    ids: u32,
    time: u32,
}

#[derive(Clone, Default)]
pub(crate) struct LittleHeat {
    pub(crate) world: Arc<Mutex<World>>,
}

impl LittleHeat {
    pub(crate) async fn cloud(&self) -> (Cloud, Scripted) {
        let world = Arc::clone(&self.world);
        let scripted = Scripted::new(move |asked| world.lock().unwrap().answer(asked));
        (scripted.cloud().await, scripted)
    }
}

impl World {
    fn id(&mut self) -> String {
        self.ids += 1;
        format!("id-{}", self.ids)
    }

    fn answer(&mut self, asked: &Asked) -> Response {
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let changes = asked.method != "GET";
        if changes && self.lose_requests > 0 {
            self.lose_requests -= 1;
            return lost();
        }
        if changes && std::mem::take(&mut self.refuse) {
            return fault(400, "StackValidationFailed", "Property error: flavor not found");
        }
        let answer = self.serve(asked, &parts, query);
        if changes && self.lose_answers > 0 {
            self.lose_answers -= 1;
            return lost();
        }
        answer
    }

    fn serve(&mut self, asked: &Asked, parts: &[&str], query: &str) -> Response {
        let missing = || fault(404, "EntityNotFound", "The Stack could not be found.");
        match (asked.method.as_str(), parts) {
            // Nova: everything that has an id stands for a server.
            ("GET", ["servers", "detail"]) => {
                let ids = self
                    .stacks
                    .iter()
                    .flat_map(|(name, stack)| stack.resources.keys().map(move |resource| format!("{name}-{resource}")));
                let listed = ids.filter(|id| !self.unlisted.contains(id) && !self.gone.contains(id));
                json_answer(200, &json!({ "servers": listed.map(|id| json!({ "id": id })).collect::<Vec<_>>() }))
            }
            ("GET", ["servers", id]) if self.gone.contains(*id) => fault(404, "itemNotFound", "Instance not found."),
            ("GET", ["servers", id]) => json_answer(200, &json!({ "server": { "id": id } })),
            ("GET", [.., "ports"]) => json_answer(200, &json!({ "ports": self.ports })),
            ("GET", [.., kind @ ("networks" | "floatingips" | "routers" | "security-groups" | "os-server-groups")]) => {
                json_answer(200, &json!({ kind.replace('-', "_"): self.left.get(*kind).cloned().unwrap_or_default() }))
            }
            ("POST", ["stacks"]) => self.create(&asked.body),
            ("GET", ["stacks"]) => {
                let tag = query.strip_prefix("tags=").unwrap().split('&').next().unwrap().to_owned();
                let stacks = self.stacks.iter().filter(|(_, stack)| stack.tags.contains(&tag));
                let first = !query.contains("marker=");
                let all: Vec<Json> = stacks.filter(|_| first).map(|(name, stack)| whole(name, stack)).collect();
                json_answer(200, &json!({ "stacks": all }))
            }
            ("GET", ["software_deployments", id]) => json_answer(
                200,
                &json!({ "software_deployment": { "id": id, "server_id": "s", "config_id": "c", "status": "FAILED",
                    "output_values": { "deploy_stderr": "unpacking\nno space left on device\n" } } }),
            ),
            (_, ["stacks", name, ..]) if !self.stacks.contains_key(*name) => missing(),
            ("GET", ["stacks", name]) if self.stacks[*name].status == "DELETE_COMPLETE" && self.unburied == 0 => {
                self.stacks.remove(*name);
                missing()
            }
            ("GET", ["stacks", name]) => {
                self.unburied = self.unburied.saturating_sub(1);
                let mut answer = json_answer(302, &json!({}));
                let place = format!("http://cloud.test/heat/v1/p1/stacks/{name}/{}", self.stacks[*name].id);
                answer.headers_mut().insert("location", place.parse().unwrap());
                answer
            }
            ("GET", ["stacks", name, _]) => json_answer(200, &json!({ "stack": whole(name, &self.stacks[*name]) })),
            ("GET", ["stacks", name, _, "template"]) => json_answer(200, &self.stacks[*name].template),
            ("GET", ["stacks", name, _, "resources"]) => json_answer(200, &self.resources(name)),
            ("GET", ["stacks", name, _, "events"]) => self.events(name, query),
            ("PATCH", ["stacks", name, _, "resources", resource]) => {
                let stack = self.stacks.get_mut(*name).unwrap();
                stack.resources.insert((*resource).to_owned(), ("CHECK_FAILED".to_owned(), String::new()));
                json_answer(200, &Json::Null)
            }
            ("PUT", ["stacks", name, _]) => {
                if self.stacks[*name].status.ends_with("IN_PROGRESS") {
                    return fault(409, "ActionInProgress", "Stack already has an action in progress.");
                }
                let stack = self.stacks.get_mut(*name).unwrap();
                stack.template = asked.body["template"].clone();
                stack.parameters = asked.body["parameters"].clone();
                stack.tags = tags(&asked.body);
                self.begin(name, "UPDATE");
                json_answer(202, &json!({}))
            }
            ("DELETE", ["stacks", name, _]) => {
                self.begin(name, "DELETE");
                json_answer(204, &Json::Null)
            }
            _ => panic!("not asked before: {} {}", asked.method, asked.path),
        }
    }

    fn create(&mut self, body: &Json) -> Response {
        let name = body["stack_name"].as_str().unwrap().to_owned();
        if self.stacks.contains_key(&name) {
            return fault(409, "StackExists", &format!("The Stack ({name}) already exists."));
        }
        let stack = Stack {
            id: self.id(),
            status: String::new(),
            tags: tags(body),
            template: body["template"].clone(),
            parameters: body["parameters"].clone(),
            resources: BTreeMap::new(),
            events: Vec::new(),
        };
        let id = stack.id.clone();
        self.stacks.insert(name.clone(), stack);
        self.begin(&name, "CREATE");
        json_answer(201, &json!({ "stack": { "id": id, "links": [] } }))
    }

    fn begin(&mut self, name: &str, action: &str) {
        self.status(name, name, &format!("{action}_IN_PROGRESS"), "started");
        if !self.slow {
            self.end(name);
        }
    }

    /// Ends the action under way.
    pub(crate) fn end(&mut self, name: &str) {
        let action = self.stacks[name].status.split('_').next().unwrap().to_owned();
        if action == "DELETE" {
            if self.stuck_deletions > 0 {
                self.stuck_deletions -= 1;
                self.status(name, "network", "DELETE_FAILED", "Conflict: resources.network: one port still in use");
                self.status(name, name, "DELETE_FAILED", "Resource DELETE failed");
            } else if self.unburied > 0 {
                self.stacks.get_mut(name).unwrap().resources.clear();
                self.status(name, name, "DELETE_COMPLETE", "Stack DELETE completed successfully");
            } else {
                self.stacks.remove(name);
            }
            return;
        }
        let wanted = self.stacks[name].template["resources"].as_object().cloned().unwrap_or_default();
        let present: Vec<String> = self.stacks[name].resources.keys().cloned().collect();
        let mut well = true;
        // Configuration comes after the machines.
        let mut order: Vec<&String> = wanted.keys().collect();
        order.sort_by_key(|resource| resource.ends_with("-deployment"));
        for resource in order {
            self.status(name, resource, &format!("{action}_IN_PROGRESS"), "state changed");
            let action = if action == "UPDATE" && self.replacing.contains(resource) {
                let words = format!("The Resource {resource} requires replacement.");
                self.status(name, resource, "UPDATE_COMPLETE", &words);
                self.status(name, resource, "CREATE_IN_PROGRESS", "state changed");
                "CREATE"
            } else {
                &action
            };
            let fails = self.failing.contains(resource);
            let end = if fails { "FAILED" } else { "COMPLETE" };
            well &= !fails;
            let reason = format!("Error: resources.{resource}: it went wrong");
            self.status(name, resource, &format!("{action}_{end}"), if fails { &reason } else { "state changed" });
        }
        for resource in present.iter().filter(|resource| well && !wanted.contains_key(*resource)) {
            self.status(name, resource, "DELETE_IN_PROGRESS", "state changed");
            self.status(name, resource, "DELETE_COMPLETE", "state changed");
            self.stacks.get_mut(name).unwrap().resources.remove(resource);
        }
        let end = if well { "COMPLETE" } else { "FAILED" };
        self.status(name, name, &format!("{action}_{end}"), "so it ended");
    }

    pub(crate) fn status(&mut self, name: &str, resource: &str, status: &str, reason: &str) {
        self.time += 1;
        let number = self.time;
        let stack = self.stacks.get_mut(name).unwrap();
        let physical = if resource == name { stack.id.clone() } else { format!("{name}-{resource}") };
        if resource == name {
            status.clone_into(&mut stack.status);
        } else {
            stack.resources.insert(resource.to_owned(), (status.to_owned(), reason.to_owned()));
        }
        stack.events.push(json!({ "id": format!("event-{number}"), "event_time": "2026-11-22T08:14:18Z",
            "resource_name": resource, "physical_resource_id": physical, "resource_status": status,
            "resource_status_reason": reason }));
    }

    fn resources(&self, name: &str) -> Json {
        let stack = &self.stacks[name];
        let all: Vec<Json> = stack
            .resources
            .iter()
            .map(|(resource, (status, reason))| {
                let heat_type = &stack.template["resources"][resource]["type"];
                json!({ "resource_name": resource, "physical_resource_id": format!("{name}-{resource}"),
                    "resource_type": heat_type.as_str().unwrap_or("OS::Heat::None"), "resource_status": status,
                    "resource_status_reason": reason })
            })
            .collect();
        json!({ "resources": all })
    }

    fn events(&self, name: &str, query: &str) -> Response {
        let events = &self.stacks[name].events;
        if query.starts_with("sort_dir=desc") {
            return json_answer(200, &json!({ "events": events.iter().rev().take(1).collect::<Vec<_>>() }));
        }
        let after = query.split_once("marker=").map_or(Some(0), |(_, marker)| {
            let at = events.iter().position(|event| event["id"] == *marker).expect("a marker that was handed out");
            (at >= self.forgotten).then_some(1 + at)
        });
        let Some(after) = after.map(|after| after.max(self.forgotten)) else {
            return fault(404, "EntityNotFound", "The Event could not be found.");
        };
        json_answer(200, &json!({ "events": &events[after..] }))
    }
}

fn tags(body: &Json) -> Vec<String> {
    body["tags"].as_str().unwrap_or_default().split(',').map(str::to_owned).collect()
}

fn whole(name: &str, stack: &Stack) -> Json {
    json!({ "id": stack.id, "stack_name": name, "stack_status": stack.status, "stack_status_reason": "so it is",
        "tags": stack.tags, "outputs": [
            { "output_key": "master-0-floating-ip", "description": "", "output_value": "172.24.4.17" },
        ] })
}
