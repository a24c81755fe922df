//! What is sent to Heat, in order.

use crate::model::Address;
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
    /// Steps of one stage have nothing to wait for from each other and run side by side, those of later stages after them.
    /// Grows along the steps.
    pub stage: u32,
    /// Objects that this step is about, for progress.
    pub addresses: Vec<Address>,
    /// Heat's `timeout_mins`.
    pub timeout_minutes: u32,
    /// Whether Heat rolls back if it fails.
    pub rollback: bool,
    /// Resources to mark unhealthy first, by logical name, so that Heat makes them anew.
    pub heal: Vec<String>,
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
}
