//! How the embedded Heat of a project runs, and how its client asks: what the environment says for those who build and
//! test DISCO.
//!
//! `DISCO_LOCAL_TIME_SCALE` is a factor on the times of simulated nodes, `DISCO_LOCAL_FAULTS` a file with a fault script
//! (its words are told in the room `local`), `DISCO_LOCAL_PATIENCE` how many seconds one answer is waited for,
//! `DISCO_LOCAL_LIMITS` what the project may have at most, as `instances=2,cores=4`. With `DISCO_LOCAL_SERVE=1` commands start
//! and keep a served engine also where nodes are simulated;
//! `DISCO_CONTAINER_ENGINE` says which container engine is used, `podman` or `docker`;
//! `DISCO_LOCAL_IDLE` is how many seconds one without nodes goes on when nobody asks.

use std::path::Path;
use std::time::Duration;

use super::failure::{Failure, FailureKind};
use super::{Request, files};
use crate::apply::Pace;
use crate::heat::Retry;
use crate::local::{self, EngineOptions, Fault, Limits};
use crate::model::NodeDriver;

/// A Heat on this host that is started again answers within seconds; one in this process never is.
const ATTEMPTS: u32 = 8;
const ATTEMPTS_INSIDE: u32 = 4;
/// Longer than somebody reads between two commands.
const IDLE: Duration = Duration::from_mins(10);
const FIRST_WAIT: Duration = Duration::from_millis(20);
/// However fast simulated time passes, a second of the host's own is needed to start a process.
const SHORTEST_LONGEST_WAIT: Duration = Duration::from_millis(250);

/// How often a Heat on this host is asked for news, in this process or not.
pub(super) const PACE: Pace = Pace::IN_PROCESS;

/// How the engine of this project runs.
pub(super) fn engine_options(request: &Request, nodes: NodeDriver) -> Result<EngineOptions, Failure> {
    let driver = driver(nodes);
    let (time_scale, faults, limits) = (time_scale(request)?, faults(request)?, limits(request)?);
    let container_engine = container_engine(request).map(str::to_owned);
    Ok(EngineOptions { time_scale, driver, container_engine, limits, faults, ..EngineOptions::default() })
}

/// The engine's own word for what its nodes are.
pub(super) fn driver(nodes: NodeDriver) -> local::NodeDriver {
    match nodes {
        NodeDriver::Simulated => local::NodeDriver::Simulated,
        NodeDriver::Container => local::NodeDriver::Container,
    }
}

/// The container engine that somebody wants, where both are there.
pub(super) fn container_engine(request: &Request) -> Option<&str> {
    request.variable("DISCO_CONTAINER_ENGINE").filter(|engine| !engine.is_empty())
}

/// Whether somebody wants every embedded Heat in a process of its own, as those with real nodes are.
pub(super) fn is_kept(request: &Request) -> bool {
    request.variable("DISCO_LOCAL_SERVE").is_some_and(|value| !["", "0"].contains(&value))
}

/// How its client repeats what failed, `inside` this process or not: the cloud's long waits are simulated time too.
pub(super) fn retry(request: &Request, inside: bool) -> Result<Retry, Failure> {
    let usual = Retry::default();
    let factor = (time_scale(request)? / EngineOptions::default().time_scale).min(1.0);
    let longest_wait = usual.longest_wait.mul_f64(factor).max(SHORTEST_LONGEST_WAIT);
    let help = "it is how many seconds one answer of the embedded Heat is waited for";
    let patience = number(request, "DISCO_LOCAL_PATIENCE", help)?;
    let patience = patience.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(usual.patience);
    let attempts = if inside { ATTEMPTS_INSIDE } else { ATTEMPTS };
    Ok(Retry { attempts, first_wait: FIRST_WAIT, longest_wait, patience })
}

/// How long a served engine that a command has started may have nothing to do before it ends.
pub(super) fn idle(request: &Request) -> Result<Duration, Failure> {
    let help = "it is how many seconds a served engine without nodes waits for the next command";
    let seconds = number(request, "DISCO_LOCAL_IDLE", help)?;
    Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(IDLE))
}

fn time_scale(request: &Request) -> Result<f64, Failure> {
    let default = EngineOptions::default().time_scale;
    let help = format!("it is a factor on the times of simulated nodes: 1 is life-like, {default} the default");
    Ok(number(request, "DISCO_LOCAL_TIME_SCALE", &help)?.unwrap_or(default))
}

fn number(request: &Request, name: &str, help: &str) -> Result<Option<f64>, Failure> {
    let Some(value) = request.variable(name) else { return Ok(None) };
    let number = value.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(Failure::new(FailureKind::Definition, format!("{name} is `{value}`")).help(help)),
    }
}

fn limits(request: &Request) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    for assignment in request.variable("DISCO_LOCAL_LIMITS").into_iter().flat_map(|text| text.split(',')) {
        let set = assignment.split_once('=').and_then(|(name, value)| {
            let field = match name {
                "instances" => &mut limits.instances,
                "cores" => &mut limits.cores,
                "ram" => &mut limits.ram,
                "server_groups" => &mut limits.server_groups,
                "server_group_members" => &mut limits.server_group_members,
                "networks" => &mut limits.networks,
                "ports" => &mut limits.ports,
                "floating_ips" => &mut limits.floating_ips,
                "security_groups" => &mut limits.security_groups,
                "security_group_rules" => &mut limits.security_group_rules,
                "volumes" => &mut limits.volumes,
                "gigabytes" => &mut limits.gigabytes,
                _ => return None,
            };
            *field = value.parse().ok()?;
            Some(())
        });
        if set.is_none() {
            let message = format!("DISCO_LOCAL_LIMITS has `{assignment}`, expected a limit such as `instances=2`");
            return Err(Failure::new(FailureKind::Definition, message));
        }
    }
    Ok(limits)
}

fn faults(request: &Request) -> Result<Vec<Fault>, Failure> {
    let Some(path) = request.variable("DISCO_LOCAL_FAULTS") else { return Ok(Vec::new()) };
    let failed = |fault: &dyn std::error::Error| {
        Failure::new(FailureKind::Definition, format!("the fault script {path} cannot be used")).because(fault)
    };
    let bytes = files::read_existing(Path::new(path)).map_err(|fault| failed(&fault))?;
    local::read_faults(&String::from_utf8_lossy(&bytes)).map_err(|fault| failed(&fault))
}
