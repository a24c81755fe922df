//! What is sent to Heat, in order.

use crate::model::{Address, ServerAction};
use crate::template::Template;

/// One call that changes the cloud and the wait for its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// For people: `grow slaves[3], slaves[4]`.
    pub title: String,
    /// Cluster.
    pub cluster: String,
    /// Stack, by name.
    pub stack: String,
    /// What is asked.
    pub action: StepAction,
    /// Steps of one stage have nothing to wait for from each other and run side by side, those of later stages of the same
    /// cluster after them. Grows along the steps of a cluster, and is larger than that of every step of clusters that come
    /// before it.
    pub stage: u32,
    /// Which of how many batches of nodes this is, from 1; `None` where it is not one of several.
    pub batch: Option<(usize, usize)>,
    /// Whether its nodes only unmount volumes, which the next step changes.
    pub unmounts: bool,
    /// Objects that this step is about, for progress.
    pub addresses: Vec<Address>,
    /// Heat's `timeout_mins`.
    pub timeout_minutes: u32,
    /// How long its nodes may take to answer; what has not answered then is given up. Heat's `timeout_mins` does not do for
    /// it: it sticks to the stack, and what it cuts off stays locked.
    pub deadline_minutes: Option<u32>,
    /// Whether Heat rolls back if it fails.
    pub rollback: bool,
    /// Whether its template is only to be looked at: it lacks addresses that ports do not have yet, or values that another
    /// cluster will have. Once these are there it is planned again.
    pub lacks_addresses: bool,
    /// Resources to mark unhealthy first, by logical name, so that Heat makes them anew.
    pub heal: Vec<String>,
}

impl Step {
    /// How long its nodes may take to answer, minutes.
    pub fn minutes(&self) -> u32 {
        self.deadline_minutes.unwrap_or(self.timeout_minutes)
    }
}

/// What is asked of Heat.
#[derive(Clone, Debug, PartialEq)]
pub enum StepAction {
    /// A stack that is not there yet, with its tags.
    Create(Template, Vec<String>),
    /// A stack that is there, with all parameters and tags: what an update leaves out is lost.
    Update(Template, Vec<String>),
    /// All of it goes.
    Delete,
    /// Nova and Neutron are asked to put back what was taken away behind Heat's back. Nothing is sent to Heat.
    Restore(Vec<Restore>),
}

/// Something that is there and does not do what it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Restore {
    /// Whose it is.
    pub address: Address,
    /// Its logical name.
    pub resource: String,
    /// What is asked.
    pub action: RestoreAction,
}

/// What is asked of Nova or Neutron, with their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreAction {
    /// A server runs again.
    Start {
        /// The server.
        server: String,
        /// What brings it back.
        action: ServerAction,
    },
    /// A floating IP is associated with its port again.
    Associate {
        /// The floating IP.
        floating_ip: String,
        /// The port.
        port: String,
    },
    /// A router is connected to its subnet again.
    Connect {
        /// The router.
        router: String,
        /// The subnet.
        subnet: String,
    },
}
