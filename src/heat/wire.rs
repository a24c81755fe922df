//! Bodies of Heat's and Keystone's APIs as they cross the wire: shared by the client and the embedded engine.
//!
//! Shapes are those of Heat 19 (Zed), taken from recorded exchanges. Unknown fields are ignored when reading.

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

/// `POST /stacks`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct CreateStack {
    pub stack_name: String,
    pub template: Json,
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

/// `PUT /stacks/NAME/ID` (whole) and `PATCH` (with `existing`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct UpdateStack {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Json>,
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
    #[serde(default)]
    pub links: Vec<Link>,
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
    pub description: String,
    #[serde(default)]
    pub creation_time: Option<String>,
    #[serde(default)]
    pub updated_time: Option<String>,
    #[serde(default)]
    pub deletion_time: Option<String>,
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    #[serde(default)]
    pub parameters: BTreeMap<String, Json>,
    #[serde(default)]
    pub outputs: Vec<Output>,
    #[serde(default)]
    pub disable_rollback: bool,
    #[serde(default)]
    pub timeout_mins: Option<u32>,
    #[serde(default)]
    pub links: Vec<Link>,
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
    pub logical_resource_id: String,
    #[serde(default)]
    pub physical_resource_id: Option<String>,
    pub resource_type: String,
    /// `CREATE_COMPLETE`, …
    pub resource_status: String,
    #[serde(default)]
    pub resource_status_reason: String,
    #[serde(default)]
    pub creation_time: Option<String>,
    #[serde(default)]
    pub updated_time: Option<String>,
    #[serde(default)]
    pub required_by: Vec<String>,
    /// Only where one resource is asked for, or a listing with `with_detail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Json>,
    #[serde(default)]
    pub links: Vec<Link>,
}

/// An event of a stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Heat's own names")]
pub struct Event {
    pub id: String,
    pub event_time: String,
    pub resource_name: String,
    #[serde(default)]
    pub logical_resource_id: String,
    #[serde(default)]
    pub physical_resource_id: Option<String>,
    pub resource_status: String,
    #[serde(default)]
    pub resource_status_reason: Option<String>,
    #[serde(default)]
    pub links: Vec<Link>,
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
