//! The Service Manager of the original DISCO: OCCI 1.1's HTTP rendering (GFD-P-R.185) as the Python library `pyssf` spoke
//! it, with one kind.
//!
//! Everything here is values but for [`answer()`], which asks a [`Clusters`]: who calls, what clusters they have, and to
//! create, change and delete one. A request's attributes become a [`ClusterRequest`], that becomes the text of a definition
//! ([`written()`]), and a later request changes that text ([`updated()`]) without touching the rest of it.
//!
//! What the original did and must not come back: the value of `inject` is read by a grammar and never evaluated
//! ([`inject`]); no path of a request is written to; no password is kept, logged or given back ([`Secret`]); `PUT` is
//! refused; addresses are made from the service's own name, never from another request's `Host`.

mod answer;
mod attributes;
mod change;
mod cluster_request;
mod clusters;
mod credentials;
mod definition;
pub mod inject;
mod kept;
mod kind;
mod message;
mod refusal;
pub mod rendering;
mod seen;
mod update;
mod view;

pub use answer::answer;
pub use attributes::attribute_names;
pub use change::{ClusterChange, Update};
pub use cluster_request::{ClusterRequest, NodesRequest};
pub use clusters::Clusters;
pub use credentials::{Credentials, Proof, Secret};
pub use definition::{Defaults, WrittenDefinition, written};
pub use kept::KeptCluster;
pub use kind::Kind;
pub use message::{OcciRequest, OcciResponse};
pub use refusal::{Refusal, RefusalKind};
pub use seen::{Progress, Seen, SeenOperation, Verb};
pub use update::updated;
pub use view::{ClusterView, RunState, ServiceState, StackView};
