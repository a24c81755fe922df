//! Puts a fault where its occasion will be: with the requests, or into the world.

use super::{Fault, Script};
use crate::local::agent;
use crate::local::resource::remove_server;
use crate::local::world::World;

impl Fault {
    pub(crate) fn put(self, world: &mut World, script: &mut Script) {
        match self {
            Self::Request { which, turn, action } => script.add(which, turn, action),
            Self::Resource { name, action, turn, reason } => world.troubles.add_resource(name, action, turn, reason),
            Self::Exits { server, turn, code, stderr } => world.troubles.add_node(server, turn, code, stderr),
            Self::Silent { server } => world.troubles.silence(server),
            Self::Speaks { server } => {
                world.troubles.unsilence(&server);
                for id in servers_named(world, &server) {
                    agent::arrived(world, &id);
                }
            }
            Self::Gone { server } => {
                for id in servers_named(world, &server) {
                    remove_server(world, &id);
                }
            }
            Self::Crash { after_events } => world.troubles.events_left = Some(after_events),
        }
    }
}

fn servers_named(world: &World, name: &str) -> Vec<String> {
    world.server_names.get(name).into_iter().flatten().cloned().collect()
}
