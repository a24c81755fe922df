//! Software deployments: what a node said about its configuration.

use crate::model::Status;
use http::Method;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::catalog::Service;
use super::cloud::{Ask, Cloud, escaped};
use super::error::{Cause, HeatError};
use super::wire;

#[derive(Deserialize)]
struct One {
    software_deployment: wire::SoftwareDeployment,
}

#[derive(Deserialize)]
struct Many {
    software_deployments: Vec<wire::SoftwareDeployment>,
}

impl Cloud {
    /// The deployment of that id, if it exists.
    pub async fn deployment(&self, id: &str) -> Result<Option<wire::SoftwareDeployment>, HeatError> {
        match self.read::<One>(Ask::heat(format!("/software_deployments/{}", escaped(id)))).await {
            Ok(one) => Ok(Some(one.software_deployment)),
            Err(Cause::Fault(fault)) if fault.status == http::StatusCode::NOT_FOUND => Ok(None),
            Err(source) => Err(HeatError::ReadDeployments { of: id.to_owned(), source }),
        }
    }

    /// Says that a deployment has failed whose node does not answer, so that Heat waits no longer.
    pub async fn fail_deployment(&self, id: &str, reason: &str) -> Result<(), HeatError> {
        let attempt = async {
            let path = format!("/software_deployments/{}", escaped(id));
            let body = json!({ "status": Status::Failed.name(), "status_reason": reason });
            self.ask(Ask::new(Service::Orchestration, Method::PUT, path).with(&body)?).await
        };
        match attempt.await {
            Ok(_) => Ok(()),
            Err(source) => Err(HeatError::FailDeployment { deployment: id.to_owned(), source }),
        }
    }

    /// All deployments of a server.
    pub async fn deployments_of(&self, server: &str) -> Result<Vec<wire::SoftwareDeployment>, HeatError> {
        let path = format!("/software_deployments?server_id={}", escaped(server));
        match self.read::<Many>(Ask::heat(path)).await {
            Ok(many) => Ok(many.software_deployments),
            Err(source) => Err(HeatError::ReadDeployments { of: server.to_owned(), source }),
        }
    }
}

impl wire::SoftwareDeployment {
    /// The last lines of what the node wrote to its error output, or to its output where there is none.
    pub fn log_tail(&self, lines: usize) -> Vec<String> {
        let text = |name: &str| {
            let text = self.output_values.get(name).and_then(Json::as_str).unwrap_or_default();
            Some(text).filter(|text| !text.trim().is_empty())
        };
        let Some(log) = text("deploy_stderr").or_else(|| text("deploy_stdout")) else { return Vec::new() };
        let all: Vec<&str> = log.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        all[all.len().saturating_sub(lines)..].iter().map(|line| (*line).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_before_output() {
        let mut deployment = wire::SoftwareDeployment {
            output_values: serde_json::json!({ "deploy_stdout": "a\nb\n", "deploy_stderr": "1\n\n2\n3\n" }),
            ..Default::default()
        };
        assert_eq!(deployment.log_tail(2), ["2", "3"]);
        deployment.output_values = serde_json::json!({ "deploy_stdout": "a\nb\n", "deploy_stderr": " " });
        assert_eq!(deployment.log_tail(9), ["a", "b"]);
        deployment.output_values = Json::Null;
        assert!(deployment.log_tail(9).is_empty());
    }
}
