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
    /// What the node wrote to its output.
    pub fn output(&self) -> &str {
        self.output_values.get("deploy_stdout").and_then(Json::as_str).unwrap_or_default()
    }

    /// What the node wrote to its error output, where all of it is too long the first line, which says what failed, and
    /// the last ones; or the last lines of its output, where there is no error.
    pub fn log(&self, lines: usize) -> Vec<String> {
        let text = |name: &str| {
            let text = self.output_values.get(name).and_then(Json::as_str).unwrap_or_default();
            let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let mut log = text("deploy_stderr");
        let first = usize::from(!log.is_empty());
        if log.is_empty() {
            log = text("deploy_stdout");
        }
        if log.len() > lines {
            log.drain(first..log.len().saturating_sub(lines) + first);
        }
        log
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_before_output() {
        let mut deployment = wire::SoftwareDeployment {
            output_values: serde_json::json!({ "deploy_stdout": "a\nb\n", "deploy_stderr": "1\n\n2\n3\n4\n" }),
            ..Default::default()
        };
        assert_eq!(deployment.log(3), ["1", "3", "4"]);
        assert_eq!(deployment.log(4), ["1", "2", "3", "4"]);
        deployment.output_values = serde_json::json!({ "deploy_stdout": "a\nb\n", "deploy_stderr": " " });
        assert_eq!(deployment.log(1), ["b"]);
        assert_eq!(deployment.log(9), ["a", "b"]);
        deployment.output_values = Json::Null;
        assert!(deployment.log(9).is_empty());
    }
}
