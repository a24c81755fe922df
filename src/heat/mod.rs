//! Speaking with an OpenStack: requests and responses as values, Keystone, Heat, retries, waiting.
//!
//! One client, two ways: over the network, or to a router in this process. [`Cloud::connect`] signs in; [`facts()`]
//! reads what the cloud offers, [`observe()`] what is there; the rest are Heat's own calls, as methods of [`Cloud`].

mod application_credentials;
pub mod auth;
mod calls;
mod catalog;
mod choices;
mod cloud;
pub mod clouds;
mod deployments;
mod error;
mod events;
mod existing;
mod facts;
mod inventory;
mod keystone;
mod listing;
mod networking;
mod observe;
mod outside;
mod preview;
mod quotas;
mod restore;
mod retry;
mod servers;
mod stacks;
mod transport;
pub mod wire;

pub use application_credentials::NewCredential;
pub use auth::CloudConfig;
pub use calls::{Call, CallLog, Contents};
pub use catalog::{Interface, Service};
pub use choices::{add_images, volume_types, zones};
pub use cloud::Cloud;
pub use error::{Cause, Fault, HeatError};
pub use events::EVENTS_PAGE;
pub use existing::{add_key_pair, existing};
pub use facts::{CloudLists, facts};
pub use inventory::{FloatingAddress, NetworkPort, Thing};
pub use keystone::SignedIn;
pub use observe::{observe, observe_outputs, observe_stack};
pub use quotas::{Allowance, quotas};
pub use retry::Retry;
pub use servers::ServerCount;
pub use stacks::{StackRef, StackVerb};
pub use transport::{Certificates, Transport};
