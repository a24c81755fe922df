//! What a service of several people needs of projects: clouds that it is configured for instead of those of its own machine, who
//! its callers are, credentials that outlive their tokens, and a record of what they did.

mod access;
mod audit;
mod cloud;
mod credential;
mod key;
mod settings;

pub use access::{CloudAccess, TeamAccess};
pub use audit::{AuditLog, AuditRecord};
pub use cloud::{SignInFault, TeamCloud};
pub use key::CredentialKey;
pub use settings::read_service_settings;
