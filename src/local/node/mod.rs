//! The machines behind the engine's servers: what they should be, and who makes them so.
//!
//! The world is data. A resource that needs something of a machine writes down what the machine should be and leaves an
//! [`Order`]; what carries orders out is a driver. Each of them ends with a report, on which the waiting resource goes on.
//!
//! - `simulated`: nothing runs; timers of the world take the place of machines and of the agents on them.
//! - `container`: each machine is a container. It works beside the engine, outside its lock: what it gets is the whole
//!   list of [`Machine`]s as they should be, again whenever that changes and when the engine starts; what it gives are
//!   [`Report`]s. It keeps nothing that it could not find out again.
//! - `outside`: whoever has the [`Engine`](super::Engine) reads the list and reports. For tests.
//!
//! Agents on machines that are real speak with the engine over its port, as with any Heat.

pub mod container;
mod machine;
mod report;
mod simulated;

use std::collections::BTreeSet;
use std::path::PathBuf;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::entity::{Order, Work};
use super::world::World;

pub use super::entity::{NodeDriver, Wanted};
pub use machine::{Direction, Interface, Machine, Remote, Rule, Volume};
pub use report::{Became, Report};

pub(crate) use machine::{heat_credentials, machines};
pub(crate) use report::take as take_report;
pub(crate) use simulated::due;

/// What a driver beside the engine works with.
#[derive(Debug)]
pub(crate) struct Desk {
    /// A name that no other engine on this host has: what belongs to this one is marked with it.
    pub engine: String,
    /// The engine's folder, as an absolute path, for what machines keep: volumes, seeds of first boots.
    pub folder: PathBuf,
    /// What shall be there.
    pub wanted: watch::Receiver<AllWanted>,
    /// The container engine that the environment asks for.
    pub container_engine: Option<String>,
    /// What has become of them; see [`Report`].
    pub reports: mpsc::UnboundedSender<Report>,
}

/// What shall be there: what is not in it shall not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AllWanted {
    /// All machines as they should be.
    pub machines: Vec<Machine>,
    /// Ids of all volumes, attached or not.
    pub volumes: BTreeSet<String>,
}

impl AllWanted {
    fn of(world: &World) -> Self {
        let volumes = world.things.values().filter(|thing| thing.kind == "volume").map(|thing| thing.id.clone());
        Self { machines: machines(world), volumes: volumes.collect() }
    }
}

/// The driver of a running engine.
#[derive(Debug)]
pub(crate) enum Driver {
    Simulated,
    Container { wanted: watch::Sender<AllWanted>, task: JoinHandle<()> },
    Outside,
}

impl Driver {
    /// Starts it in an engine's folder; reports of one that works beside the engine come out of the other end.
    pub(crate) fn start(
        kind: NodeDriver,
        world: &World,
        folder: PathBuf,
        container_engine: Option<String>,
        runtime: &tokio::runtime::Handle,
    ) -> (Self, mpsc::UnboundedReceiver<Report>) {
        let (reports, incoming) = mpsc::unbounded_channel();
        let driver = match kind {
            NodeDriver::Simulated => Self::Simulated,
            NodeDriver::Outside => Self::Outside,
            NodeDriver::Container => {
                let (sender, wanted) = watch::channel(AllWanted::of(world));
                let engine = world.identity.project.clone();
                let desk = Desk { engine, folder, wanted, container_engine, reports };
                Self::Container { wanted: sender, task: runtime.spawn(container::run(desk)) }
            }
        };
        (driver, incoming)
    }

    /// Whether there are machines behind the servers.
    pub(crate) fn is_real(&self) -> bool {
        !matches!(self, Self::Simulated)
    }

    /// Takes up what has been ordered in the transaction that ends now.
    pub(crate) fn take_up(&self, world: &mut World) {
        while !world.orders.is_empty() {
            for Order { server, row, work } in std::mem::take(&mut world.orders) {
                match self {
                    Self::Simulated => simulated::take_up(world, &server, row, &work),
                    Self::Container { .. } | Self::Outside if work == Work::Deployment => world.agent_expected(&server),
                    Self::Container { .. } | Self::Outside => {}
                }
            }
        }
    }

    /// Tells a driver beside the engine what machines should be, once that is written down.
    pub(crate) fn publish(&self, world: &World) {
        if let Self::Container { wanted, .. } = self {
            let now = AllWanted::of(world);
            wanted.send_if_modified(|known| {
                let changed = *known != now;
                if changed {
                    *known = now;
                }
                changed
            });
        }
    }

    /// What there is to do after a restart that nobody orders.
    pub(crate) fn begin(&self, world: &mut World) {
        if matches!(self, Self::Simulated) {
            simulated::look_again(world);
        }
    }

    /// Ends what works beside the engine; the machines stay as they are.
    pub(crate) fn stop(&self) {
        if let Self::Container { task, .. } = self {
            task.abort();
        }
    }
}
