//! What machines are told, and what is known of them.

use super::super::clock::timestamp;
use super::super::entity::{NodeDriver, Order, Phase, StackUser, Status, Work};
use super::super::ids::hex;
use super::World;

const LOG_LINES: usize = 40;

impl World {
    /// The machines are of that kind from now on, if there are none of another.
    ///
    /// # Errors
    /// What the servers that there are were made with.
    pub(crate) fn use_nodes(&mut self, nodes: NodeDriver) -> Result<(), NodeDriver> {
        if self.identity.nodes == nodes {
            return Ok(());
        }
        if !self.servers.is_empty() {
            return Err(self.identity.nodes);
        }
        self.change_identity(|identity| identity.nodes = nodes);
        Ok(())
    }

    /// Adds a line to a machine's console.
    pub(crate) fn say(&mut self, id: &str, line: &str) {
        let time = timestamp(self.now);
        if let Some(server) = self.server_mut(id) {
            server.log.change(|log| {
                log.push(format!("{time} {line}"));
                if log.len() > LOG_LINES {
                    log.remove(0);
                }
            });
        }
    }

    /// Has a machine's driver do something; a resource may wait for it.
    pub(crate) fn order(&mut self, server: &str, row: Option<u64>, work: Work) {
        self.orders.push(Order { server: server.to_owned(), row, work });
    }

    /// A machine is to be something else, or the same once more: what is reported from now on is about this.
    pub(crate) fn ordered(&mut self, id: &str) {
        if self.identity.nodes.is_real() {
            let number = self.number();
            if let Some(server) = self.server_mut(id) {
                server.ordered = number;
            }
        }
    }

    /// A machine boots from now on.
    pub(crate) fn started(&mut self, id: &str) {
        let now = self.now;
        if let Some(server) = self.server_mut(id) {
            "ACTIVE".clone_into(&mut server.status);
            server.phase = Phase::Booting;
            server.job = None;
            server.updated = now;
        }
        self.order(id, None, Work::Boot);
    }

    /// The agent of a machine has asked for its deployments: it has booted.
    pub(crate) fn agent_came(&mut self, server: &str) {
        if self.servers.get(server).is_some_and(|server| server.phase == Phase::Booting) {
            self.set_phase(server, Phase::Configuring);
        }
    }

    /// There is something for the agent of a machine that had done all there was.
    pub(crate) fn agent_expected(&mut self, server: &str) {
        if self.servers.get(server).is_some_and(|server| server.phase == Phase::Ready) {
            self.set_phase(server, Phase::Configuring);
        }
    }

    /// The agent of a machine that is real has done a deployment.
    pub(crate) fn agent_done(&mut self, server: &str) {
        let own = self.deployments_of.get(server).into_iter().flatten();
        let mut own = own.filter_map(|(_, id)| self.deployments.get(id));
        if self.identity.nodes.is_real() && own.all(|deployment| deployment.status != Status::InProgress) {
            self.set_phase(server, Phase::Ready);
        }
    }

    fn set_phase(&mut self, server: &str, phase: Phase) {
        if let Some(server) = self.server_mut(server) {
            server.phase = phase;
        }
    }

    /// A new user for an agent of a stack.
    pub(crate) fn stack_user(&mut self, stack: &str, resource: &str) -> StackUser {
        if self.stacks.get(stack).is_some_and(|stack| stack.user_project.is_none())
            && let Some(stack) = self.stack_mut(stack)
        {
            stack.user_project = Some(hex());
        }
        StackUser { id: hex(), password: hex(), resource: resource.to_owned() }
    }
}
