//! What one machine gets: first-boot user-data, its configuration bundle, the node agent.
//!
//! [`user_data()`] installs a small frozen loader (`loader.py`). The loader polls Heat for the machine's deployments,
//! takes the agent (the parts in `agent/`, joined) out of the first bundle that it sees and hands over to it. The agent carries out a
//! [`Bundle`]'s items and signals the result to Heat.

mod ask;
mod bundle;
mod bundle_file;
mod canonical;
mod hosts;
mod names;
mod recipe;
mod secret;
mod user_data;

pub use ask::question;
pub use bundle::{Bundle, bundle, verification};
pub(crate) use bundle::{
    DECOMMISSION, LEAVING_INPUT, RELEASE_INPUT, agent_words, has_current_agent, is_volume_input, volume_input,
    with_current_agent, with_first_agent,
};
pub(crate) use bundle_file::{BundleFile, FileFile, NodeFile, PieceFile, ProbeFile, StepFile, UnitFile};
pub use canonical::{canonical, digest};
pub use hosts::Hosts;
pub(crate) use names::is_member;
pub use names::{all_names, brief_names};
pub use recipe::Recipe;
pub use secret::Secrets;
pub use user_data::{USER_DATA_LIMIT, user_data};
