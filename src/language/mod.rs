//! DISCO's blocks: `SyntaxTree -> Definition -> ClusterSpec`, one file a block.
//!
//! [`read`] sorts the blocks of all files and gives variables their values, [`Definition::settings`] says where state
//! and catalogues are, [`Definition::evaluate`] makes the [`ProjectSpec`](crate::model::ProjectSpec) and finds every
//! mistake in one go, [`Definition::outputs`] evaluates what the project tells the world.

mod address;
mod blocks;
mod check;
mod cluster;
mod clusters;
mod collisions;
mod condition;
mod contents;
mod decode;
mod definition;
mod depends_on;
mod dynamic;
mod encryption;
mod evaluated;
mod evaluation;
mod folder;
mod framework;
mod group;
mod ignored;
mod inputs;
mod instances;
mod ipv6;
mod later;
mod lifecycle;
mod living;
mod mention;
mod module_variable;
mod moved;
mod mount;
mod names;
mod network;
mod order;
mod outline;
mod output;
mod reported;
mod schema;
mod secrets;
mod security;
mod service;
mod settings;
mod space;
mod ssh;
mod state_place;
mod told;
mod usage;
mod variable;

pub(crate) use blocks::STATE_PATH;
pub use blocks::{FILE, SERVICE_FILE};
pub use definition::{Definition, read};
pub use evaluated::{Configured, Evaluated, EvaluationContext};
pub use folder::{Folder, ModuleFolder, ModuleSource, module_sources};
pub use inputs::{CommandLineVariable, VariableInputs};
pub use living::{CLUSTER_VALUES, login_account};
pub use moved::{Handover, Import, Move, Moved, Removal, typed_move};
pub use order::ClusterReferences;
pub use outline::ClusterOutline;
pub use output::OutputValue;
pub use schema::{AttributeSchema, BlockSchema, InnerBlock, Kind, Label, Often, Presence};
pub use service::read_service;
pub use settings::{LintSettings, Settings};
pub use told::GivenVariable;
pub use usage::{NameKind, UnusedName};
