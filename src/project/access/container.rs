//! Onto a node that is a container of this host.

use super::super::Project;
use super::super::containers::container_failure;
use super::super::embedded;
use super::super::failure::{Failure, FailureKind};
use super::super::nodes::KnownNode;
use super::{Program, Streams};
use crate::local::container::{Command, Condition, container_of, host_facts};

/// The program of the container engine that runs `words` in the node's container.
pub(super) async fn program(
    project: &Project,
    node: &KnownNode<'_>,
    server: &str,
    words: &[String],
    login: Option<&str>,
    streams: Streams,
) -> Result<Program, Failure> {
    let (facts, _) = host_facts(embedded::container_engine(&project.request)).await;
    let found = container_of(&project.nodes_folder(), &facts, server).await.map_err(|it| container_failure(&it))?;
    let address = node.address();
    let Some(container) = found else {
        let message = format!("`{address}` is not running: its container does not exist");
        return Err(Failure::new(FailureKind::Refused, message).help("run `disco apply` to heal it"));
    };
    match container.condition {
        Condition::Running => {
            let Command { program, arguments, environment } = container.exec(words, login, streams);
            Ok(Program { program, arguments, environment, ..Program::default() })
        }
        Condition::Paused => {
            let message = format!("`{address}` is not running: its container `{}` is paused", container.name);
            Err(Failure::new(FailureKind::Refused, message).help("run `disco apply` to have it go on"))
        }
        Condition::Stopped | Condition::Absent => {
            let message = format!("`{address}` is not running: its container `{}` is stopped", container.name);
            Err(Failure::new(FailureKind::Refused, message).help("run `disco apply` to start it"))
        }
    }
}
