//! What a service keeps of a cluster beside its definition: whose it is, what was asked for, and nothing secret. With what is
//! seen of it, that is what the interface shows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::change::ClusterChange;
use super::cluster_request::ClusterRequest;
use super::kind::Kind;
use super::seen::{Progress, Seen, SeenOperation, Verb};
use super::view::{ClusterView, RunState, ServiceState};
use crate::project::Order;

/// A cluster of the interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCluster {
    /// A UUID.
    pub id: String,
    /// Whose it is: Keystone's project, by its id, because names are not unique across domains.
    pub tenant: String,
    /// By which name of the kind it was asked for.
    pub kind: Kind,
    /// Whether it is planned only.
    pub plan_only: bool,
    /// The key pair that may log in.
    pub key_pair: Option<String>,
    /// Attributes that were accepted and have no effect.
    pub ignored: Vec<String>,
    /// What was asked for, by attribute.
    pub given: BTreeMap<String, String>,
    /// The plan that was made of it, where it is planned only.
    pub plan: Option<String>,
    /// What was begun and has not come to its end: a service that was killed goes on from there when it runs again.
    pub under_way: Option<Order>,
    /// The number of the operation that created it, once it has.
    pub created_by: Option<u64>,
    /// Whether it was ever suspended.
    pub was_suspended: bool,
}

/// The record as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptFile {
    format: String,
    id: String,
    tenant: String,
    kind: String,
    plan_only: bool,
    key_pair: Option<String>,
    ignored: Vec<String>,
    given: BTreeMap<String, String>,
    plan: Option<String>,
    under_way: Option<String>,
    created_by: Option<u64>,
    was_suspended: bool,
}

/// The only format there is.
const FORMAT: &str = "disco-occi/1";

impl KeptCluster {
    /// A new one of that tenant.
    pub fn new(id: impl Into<String>, tenant: impl Into<String>, request: &ClusterRequest) -> Self {
        Self {
            id: id.into(),
            tenant: tenant.into(),
            kind: request.kind,
            plan_only: request.plan_only,
            key_pair: request.key_pair.clone(),
            ignored: request.ignored.clone(),
            given: request.given.clone(),
            plan: None,
            under_way: None,
            created_by: None,
            was_suspended: false,
        }
    }

    /// Notes a change of it.
    pub fn change(&mut self, change: &ClusterChange) {
        self.given.extend(change.given.clone());
        for name in &change.ignored {
            if !self.ignored.contains(name) {
                self.ignored.push(name.clone());
            }
        }
    }

    /// The record: JSON, the same bytes for the same cluster.
    pub fn encode(&self) -> Vec<u8> {
        let file = KeptFile {
            format: FORMAT.to_owned(),
            id: self.id.clone(),
            tenant: self.tenant.clone(),
            kind: self.kind.term().to_owned(),
            plan_only: self.plan_only,
            key_pair: self.key_pair.clone(),
            ignored: self.ignored.clone(),
            given: self.given.clone(),
            plan: self.plan.clone(),
            under_way: self.under_way.map(|order| order.verb().to_owned()),
            created_by: self.created_by,
            was_suspended: self.was_suspended,
        };
        // Strings, lists and maps of strings can always be written.
        let mut bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads a record.
    ///
    /// # Errors
    /// What is not one; the sentence says why.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let file: KeptFile = serde_json::from_slice(bytes).map_err(|fault| fault.to_string())?;
        if file.format != FORMAT {
            return Err(format!("its format is `{}`, expected `{FORMAT}`", file.format));
        }
        let kind = Kind::ALL.into_iter().find(|kind| kind.term() == file.kind);
        let order = |verb: String| {
            let known = Order::ALL.into_iter().find(|order| order.verb() == verb);
            known.ok_or_else(|| format!("`{verb}` is not an operation"))
        };
        Ok(Self {
            id: file.id,
            tenant: file.tenant,
            kind: kind.ok_or_else(|| format!("`{}` is not a kind of this interface", file.kind))?,
            plan_only: file.plan_only,
            key_pair: file.key_pair,
            ignored: file.ignored,
            given: file.given,
            plan: file.plan,
            under_way: file.under_way.map(order).transpose()?,
            created_by: file.created_by,
            was_suspended: file.was_suspended,
        })
    }

    /// What the interface shows of it.
    pub fn view(&self, project: impl Into<String>, seen: Seen) -> ClusterView {
        let failed = seen.operation.as_ref().and_then(|last| match &last.progress {
            Progress::Failed(why) => Some(why.clone()),
            _ => None,
        });
        ClusterView {
            id: self.id.clone(),
            project: project.into(),
            state: self.state(seen.operation.as_ref()),
            stack: seen.stack,
            external_ip: seen.external_ip,
            key_pair: self.key_pair.clone(),
            run_state: seen.run_state.or(self.was_suspended.then_some(RunState::Running)),
            failure: failed,
            operation: seen.operation.map(|last| last.id),
            plan: self.plan.clone(),
            ignored: self.ignored.clone(),
            given: self.given.clone(),
        }
    }

    /// How far it is, by its last operation.
    fn state(&self, last: Option<&SeenOperation>) -> ServiceState {
        match last {
            None if self.plan_only => ServiceState::Activate,
            None => ServiceState::Initialise,
            Some(last) => match (&last.progress, last.verb) {
                (Progress::Failed(_), _) => ServiceState::Fail,
                (_, Verb::Destroy) => ServiceState::Destroy,
                (Progress::Queued, Verb::Create) => ServiceState::Activate,
                (Progress::Running, Verb::Create) => ServiceState::Deploy,
                (Progress::Queued | Progress::Running, _) => ServiceState::Update,
                (Progress::Done, _) => ServiceState::Provision,
            },
        }
    }
}
