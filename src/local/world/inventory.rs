//! What stands in the cloud: things, servers, deployments, and what is counted of them.

use std::cmp::Reverse;

use serde_json::Value as Json;

use super::super::cloud;
use super::super::default_rules::{came_with, own};
use super::super::entity::{Deployment, Millis, Server, Thing};
use super::super::prepared::was_there;
use super::journal::Key;
use super::{Timer, World};

/// What a volume takes of the project's limit, and the servers that have it.
fn volume(thing: &Thing) -> Option<(u64, Vec<String>)> {
    if thing.kind != "volume" {
        return None;
    }
    let body = thing.body.read();
    let servers = body.get("attachments_list").and_then(Json::as_array).into_iter().flatten();
    let servers = servers.filter_map(|it| it.get("server_id")?.as_str().map(str::to_owned));
    Some((body.get("size").and_then(Json::as_u64).unwrap_or_default(), servers.collect()))
}

impl World {
    pub(super) fn index_thing(&mut self, thing: &Thing) {
        for used in &thing.uses {
            *self.users.entry(used.clone()).or_default() += 1;
        }
        for (subnet, address) in &thing.addresses {
            self.addresses.entry(subnet.clone()).or_default().insert(*address, thing.id.clone());
        }
        if !was_there(thing) {
            *self.counts.entry(thing.kind.clone()).or_default() += 1;
        }
        self.default_rules += came_with(thing);
        if let Some((size, servers)) = volume(thing) {
            self.gigabytes += size;
            for server in servers {
                self.attached.entry(server).or_default().insert(thing.id.clone());
            }
        }
    }

    fn unindex_thing(&mut self, thing: &Thing) {
        for used in &thing.uses {
            if let Some(count) = self.users.get_mut(used) {
                *count = count.saturating_sub(1);
            }
        }
        for (subnet, address) in &thing.addresses {
            if let Some(taken) = self.addresses.get_mut(subnet)
                && taken.get(address) == Some(&thing.id)
            {
                taken.remove(address);
            }
        }
        if let Some(count) = self.counts.get_mut(&thing.kind).filter(|_| !was_there(thing)) {
            *count = count.saturating_sub(1);
        }
        self.default_rules = self.default_rules.saturating_sub(came_with(thing));
        if let Some((size, servers)) = volume(thing) {
            self.gigabytes = self.gigabytes.saturating_sub(size);
            for server in servers {
                if let Some(volumes) = self.attached.get_mut(&server) {
                    volumes.remove(&thing.id);
                }
            }
        }
    }

    /// Adds a thing or puts a changed one in its place.
    pub(crate) fn put(&mut self, thing: Thing) {
        if let Some(old) = self.things.remove(&thing.id) {
            self.unindex_thing(&old);
        }
        self.index_thing(&thing);
        if !was_there(&thing) {
            self.dirty.insert(Key::Thing(thing.id.clone()));
        }
        self.things.insert(thing.id.clone(), thing);
    }

    pub(crate) fn take(&mut self, id: &str) -> Option<Thing> {
        let thing = self.things.remove(id)?;
        self.unindex_thing(&thing);
        if !was_there(&thing) {
            self.dirty.insert(Key::Thing(id.to_owned()));
        }
        Some(thing)
    }

    pub(crate) fn thing(&self, id: &str, kind: &str) -> Option<&Thing> {
        self.things.get(id).filter(|thing| thing.kind == kind)
    }

    /// How many there are, as Neutron counts them: with the first group that is made comes the project's own.
    pub(crate) fn count(&self, kind: &str) -> u64 {
        let made = |kind: &str| self.counts.get(kind).map_or(0, |count| *count as u64);
        let own = if made("security_group") > 0 { own(kind) } else { 0 };
        let with_groups = if kind == "security_group_rule" { self.default_rules as u64 } else { 0 };
        made(kind) + with_groups + own
    }

    pub(crate) fn server_mut(&mut self, id: &str) -> Option<&mut Server> {
        let server = self.servers.get_mut(id)?;
        self.dirty.insert(Key::Server(id.to_owned()));
        Some(server)
    }

    pub(crate) fn add_server(&mut self, server: Server) {
        self.dirty.insert(Key::Server(server.id.clone()));
        self.index_server(&server);
        self.servers.insert(server.id.clone(), server);
    }

    pub(super) fn index_server(&mut self, server: &Server) {
        self.server_names.entry(server.name.clone()).or_default().push(server.id.clone());
        self.newest.insert((Reverse(server.created), server.id.clone()));
        for group in &server.groups {
            *self.members.entry(group.clone()).or_default() += 1;
        }
        if let Some(flavor) = cloud::flavor(&server.flavor) {
            self.used.0 += flavor.vcpus;
            self.used.1 += flavor.ram;
        }
    }

    pub(crate) fn drop_server(&mut self, id: &str) -> Option<Server> {
        let server = self.servers.remove(id)?;
        self.dirty.insert(Key::Server(id.to_owned()));
        if let Some(ids) = self.server_names.get_mut(&server.name) {
            ids.retain(|known| known != id);
        }
        self.newest.remove(&(Reverse(server.created), server.id.clone()));
        for group in &server.groups {
            if let Some(count) = self.members.get_mut(group) {
                *count = count.saturating_sub(1);
            }
        }
        if let Some(flavor) = cloud::flavor(&server.flavor) {
            self.used.0 = self.used.0.saturating_sub(flavor.vcpus);
            self.used.1 = self.used.1.saturating_sub(flavor.ram);
        }
        Some(server)
    }

    /// Sets when the server's phase ends.
    pub(crate) fn server_due(&mut self, id: &str, due: Option<Millis>) {
        if let Some(server) = self.server_mut(id) {
            server.due = due;
        }
        if let Some(due) = due {
            self.timers.insert((due, Timer::Server(id.to_owned())));
        }
    }

    pub(super) fn index_deployment(&mut self, deployment: &Deployment) {
        let entry = (deployment.number, deployment.id.clone());
        let known = self.deployments_of.entry(deployment.server.clone()).or_default();
        if let Err(place) = known.binary_search(&entry) {
            known.insert(place, entry);
        }
    }

    /// Adds a deployment or puts a changed one in its place.
    pub(crate) fn put_deployment(&mut self, deployment: Deployment) {
        self.drop_deployment(&deployment.id);
        self.index_deployment(&deployment);
        self.dirty.insert(Key::Deployment(deployment.id.clone()));
        self.deployments.insert(deployment.id.clone(), deployment);
    }

    pub(crate) fn drop_deployment(&mut self, id: &str) -> Option<Deployment> {
        let old = self.deployments.remove(id)?;
        self.dirty.insert(Key::Deployment(id.to_owned()));
        if let Some(known) = self.deployments_of.get_mut(&old.server) {
            known.retain(|(_, id)| *id != old.id);
        }
        Some(old)
    }
}
