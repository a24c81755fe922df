//! The difference between wanted, known and seen: every change with its reason, every step with its template.

mod change;
mod observation;
mod step;

pub use change::{
    Change, ChangeKind, OutputChange, Plan, PlanBase, PropertyChange, ResourceChange, Summary, Wanted, WantedCluster,
};
pub use observation::{Observation, ObservedResource, ObservedStack};
pub use step::{Step, StepAction};
