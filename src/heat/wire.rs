//! Bodies of Heat's and Keystone's APIs as they cross the wire: shared by the client and the embedded engine.
//!
//! Shapes are those of Heat 19 (Zed), taken from recorded exchanges. Of answers only what is used is read.

use crate::model::{ActionStatus, Status};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A link to itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct Link {
    pub href: String,
    pub rel: String,
}

/// `POST /stacks`, with the template in any form that serialises as one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct CreateStack<T = Json> {
    pub stack_name: String,
    pub template: T,
    #[serde(default)]
    pub parameters: BTreeMap<String, Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_mins: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_rollback: Option<bool>,
    /// Comma-separated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
}

/// Values of parameters as a request has them.
pub fn parameters(values: &BTreeMap<String, String>) -> BTreeMap<String, Json> {
    values.iter().map(|(name, value)| (name.clone(), Json::String(value.clone()))).collect()
}

/// `PUT /stacks/NAME/ID` (whole) and `PATCH` (with `existing`), with the template in any form that serialises as one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct UpdateStack<T = Json> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<T>,
    #[serde(default)]
    pub parameters: BTreeMap<String, Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_mins: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_rollback: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
}

/// The answer to `POST /stacks`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct Created {
    pub id: String,
}

/// A stack, in a listing or whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct Stack {
    pub id: String,
    pub stack_name: String,
    /// `CREATE_IN_PROGRESS`, …
    pub stack_status: String,
    #[serde(default)]
    pub stack_status_reason: String,
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    #[serde(default)]
    pub parameters: BTreeMap<String, Json>,
    #[serde(default)]
    pub outputs: Vec<Output>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_mins: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_time: Option<String>,
}

impl Stack {
    /// The status, read.
    pub fn status(&self) -> ActionStatus {
        ActionStatus::parse(&self.stack_status)
    }
}

/// An output of a stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct Output {
    pub output_key: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub output_value: Json,
}

/// A resource, in a listing or whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct Resource {
    pub resource_name: String,
    #[serde(default)]
    pub physical_resource_id: Option<String>,
    pub resource_type: String,
    /// `CREATE_COMPLETE`, …
    pub resource_status: String,
    #[serde(default)]
    pub resource_status_reason: String,
}

impl Resource {
    /// The status, read.
    pub fn status(&self) -> ActionStatus {
        ActionStatus::parse(&self.resource_status)
    }
}

/// An event of a stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct Event {
    pub id: String,
    pub event_time: String,
    pub resource_name: String,
    #[serde(default)]
    pub physical_resource_id: Option<String>,
    pub resource_status: String,
    #[serde(default)]
    pub resource_status_reason: Option<String>,
}

impl Event {
    /// The status, read.
    pub fn status(&self) -> ActionStatus {
        ActionStatus::parse(&self.resource_status)
    }
}

/// A software deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct SoftwareDeployment {
    pub id: String,
    pub server_id: String,
    pub config_id: String,
    /// `IN_PROGRESS`, `COMPLETE`, `FAILED`
    pub status: String,
    #[serde(default)]
    pub status_reason: Option<String>,
    #[serde(default)]
    pub action: String,
    #[serde(default)]
    pub input_values: Json,
    #[serde(default)]
    pub output_values: Json,
}

impl SoftwareDeployment {
    /// The status, read.
    pub fn status(&self) -> Status {
        Status::parse(&self.status)
    }
}

/// Heat's error body.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct Fault {
    pub code: u16,
    pub title: String,
    pub explanation: String,
    pub error: FaultError,
}

/// The inner part of [`Fault`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct FaultError {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
    #[serde(default)]
    pub traceback: Option<String>,
}

/// Keystone's answer to `POST /v3/auth/tokens`; the token itself is in the header `X-Subject-Token`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Keystone's own names")]
pub struct TokenAnswer {
    pub token: Token,
}

/// What a token is good for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Keystone's own names")]
pub struct Token {
    #[serde(default)]
    pub expires_at: Option<String>,
    #[serde(default)]
    pub user: TokenUser,
    #[serde(default)]
    pub project: Option<TokenProject>,
    #[serde(default)]
    pub catalog: Vec<CatalogEntry>,
    #[serde(default)]
    pub application_credential: Option<TokenCredential>,
    #[serde(default)]
    pub roles: Vec<TokenRole>,
}

/// Whose a token is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Keystone's own names")]
pub struct TokenUser {
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub name: String,
}

/// What a token's user may be in its project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Keystone's own names")]
pub struct TokenRole {
    #[serde(default)]
    pub name: String,
}

/// The application credential that a token was made with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Keystone's own names")]
pub struct TokenCredential {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub restricted: bool,
}

/// The project a token is scoped to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Keystone's own names")]
pub struct TokenProject {
    pub id: String,
    #[serde(default)]
    pub name: String,
}

/// One service of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Keystone's own names")]
pub struct CatalogEntry {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub endpoints: Vec<Endpoint>,
}

/// One address of a service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Keystone's own names")]
pub struct Endpoint {
    pub interface: String,
    pub url: String,
    #[serde(default)]
    pub region_id: Option<String>,
    #[serde(default)]
    pub region: Option<String>,
}

/// What a service says at its root: which versions it has. Keystone has its own shape, which is not needed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Versions {
    /// All of them, those that are deprecated, too.
    pub versions: Vec<Version>,
}

/// One version of an API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// `v2.1`, …
    pub id: String,
}

/// A flavor: memory in MiB, disk in GiB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Nova's own names")]
pub struct Flavor {
    pub id: String,
    pub name: String,
    pub ram: u64,
    pub vcpus: u32,
    pub disk: u64,
    #[serde(default, rename = "OS-FLV-DISABLED:disabled")]
    pub disabled: bool,
}

/// An image: memory in MiB, disk in GiB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Glance's own names")]
pub struct Image {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub min_ram: u64,
    #[serde(default)]
    pub min_disk: u64,
}

/// A network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Neutron's own names")]
pub struct Network {
    pub id: String,
    pub name: String,
    #[serde(default, rename = "router:external")]
    pub external: bool,
}

/// Nova's `GET /limits`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Nova's own names")]
pub struct LimitsAnswer {
    pub limits: ComputeLimits,
}

/// The part of it that DISCO reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Nova's own names")]
pub struct ComputeLimits {
    pub absolute: AbsoluteLimits,
}

/// Quota of a project, and what it uses; -1 is unlimited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(missing_docs, reason = "Nova's own names")]
pub struct AbsoluteLimits {
    pub max_total_instances: Option<i64>,
    pub max_total_cores: Option<i64>,
    #[serde(rename = "maxTotalRAMSize")]
    pub max_total_ram_size: Option<i64>,
    pub max_server_groups: Option<i64>,
    pub max_server_group_members: Option<i64>,
    pub total_instances_used: Option<i64>,
    pub total_cores_used: Option<i64>,
    #[serde(rename = "totalRAMUsed")]
    pub total_ram_used: Option<i64>,
    pub total_server_groups_used: Option<i64>,
}

/// Neutron's `GET /v2.0/quotas/PROJECT/details`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Neutron's own names")]
pub struct QuotaAnswer {
    pub quota: NetworkQuota,
}

/// The part of it that DISCO reads; what an extension brings may be missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "Neutron's own names")]
pub struct NetworkQuota {
    pub network: Option<Usage>,
    pub subnet: Option<Usage>,
    pub port: Option<Usage>,
    pub router: Option<Usage>,
    pub security_group: Option<Usage>,
    pub security_group_rule: Option<Usage>,
    pub floatingip: Option<Usage>,
}

/// How much there may be of something (-1 is unlimited), and how much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Neutron's own names")]
pub struct Usage {
    pub limit: i64,
    #[serde(default)]
    pub used: i64,
    #[serde(default)]
    pub reserved: i64,
}
