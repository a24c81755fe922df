//! The difference between wanted, known and seen: every change with its reason, every step with its template.

mod change;
mod step;

pub use crate::state::{Observation, ObservedResource, ObservedStack};
pub use change::{
    Change, ChangeKind, OutputChange, Plan, PlanBase, PlannedCluster, PropertyChange, ResourceChange, Summary, Wanted,
    WantedCluster,
};
pub use step::{Step, StepAction};
