//! The difference between wanted, known and seen: every change with its reason, every step with its template.
//!
//! [`plan`] compares a cluster's wanted templates with what Heat says is there (or, offline, with what the state
//! remembers), property by property; what a difference does to a resource is Heat's own rule (`schema`). The resources'
//! changes become changes of the user's objects (`object`). A stack is changed in steps (`stack_steps`), each with
//! its own template (`intermediate`), nodes whose services stop some at a time (`rolling`); `stages` puts the steps of all stacks in order.

mod batch_size;
mod cause;
mod change;
mod compare;
mod configuration;
mod creation_order;
mod data_loss;
mod destroy;
mod disks;
mod drain;
mod drawn;
mod drift;
mod frameworks;
mod guard;
mod intermediate;
mod keys;
mod known;
mod loss;
mod make;
mod narrow;
mod object;
mod order;
mod output;
mod ports;
mod preview;
mod quota;
mod reason;
mod reference;
mod renewal;
mod restore;
mod rolling;
mod rule;
mod schema;
mod scope;
mod stack_steps;
mod state_change;
mod stages;
mod status;
mod step;
mod step_batches;
mod summary;
mod suspension;
mod takeover;
mod wording;

pub use crate::state::{ForeignRule, Found, Observation, ObservedResource, ObservedStack};
pub use batch_size::batch_sizes;
pub use cause::{ChangedPart, PartCause};
pub use change::{
    Change, ChangeKind, ClusterOrder, OutputChange, Plan, PlanBase, PlanOptions, PlannedCluster, PropertyChange,
    ResourceChange, Summary, Wanted, WantedCluster,
};
pub(crate) use compare::is_verification;
pub(crate) use configuration::PLACE_AND_MODE;
pub use configuration::ServiceChanges;
pub use data_loss::{Loss, folders};
pub use destroy::destroy;
pub use drift::{Drift, DriftKind};
pub(crate) use keys::{KeyedText, keyed};
pub use loss::Lost;
pub use make::plan;
pub(crate) use object::{brief, ranges};
pub use output::changes as output_changes;
pub use preview::{Fate, Preview, Verified};
pub use quota::Demand;
pub use rule::{RuleChange, RuleSource};
pub use scope::{NotAlone, Scope, Targets, destroy_part, plan_part};
pub use state_change::StateChange;
pub use status::{
    Answers, ClusterStatus, Fact, FrameworkStatus, MemberStatus, MembersStatus, NodeStatus, ServerState, StackStatus,
    Trouble, UnitAnswer, seen_by_heat,
};
pub use step::{Restore, RestoreAction, Step, StepAction};
pub(crate) use suspension::is_suspended;
pub use suspension::{Suspension, Switch, SwitchStep, suspension};
