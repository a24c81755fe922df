//! What an agent on a machine may do: read the metadata of its server, and signal how a deployment of its stack went.

use http::Method;

use super::super::grant::Agent;
use super::super::refusal::Refusal;
use super::super::world::World;

/// The agent whom Keystone knows by that id and password.
pub(super) fn agent(world: &World, user: &str, password: &str) -> Option<Agent> {
    let of_server = |server: &super::super::entity::Server| Some((server.user.clone()?, server.stack.clone()));
    let of_deployment = |deployment: &super::super::entity::Deployment| {
        Some((deployment.user.clone()?, world.rows.get(&deployment.row)?.stack.clone()))
    };
    let servers = world.servers.values().filter_map(of_server);
    let mut users = servers.chain(world.deployments.values().filter_map(of_deployment));
    let (found, stack) = users.find(|(found, _)| found.id == user && found.password == password)?;
    let project = world.stacks.get(&stack)?.user_project.clone()?;
    Some(Agent { user: found.id, project, stack, resource: found.resource })
}

/// Lets an agent do what its user is for. Heat asks nobody which resource of its own stack a user signals.
///
/// # Errors
/// Everything else, in the words of whoever is asked.
pub(super) fn admit(world: &World, agent: &Agent, method: &Method, path: &str) -> Result<(), Refusal> {
    let denied = || Refusal::new(403, "Forbidden", "You are not authorized to use this action.");
    if !is_known(world, agent) {
        return Err(Refusal::new(401, "Unauthorized", "The request you have made requires authentication."));
    }
    let parts: Vec<&str> = path.split('/').collect();
    let ["", "heat", "v1", project, rest @ ..] = parts.as_slice() else { return Err(denied()) };
    if *project != agent.project {
        return Err(Refusal::new(403, "HTTPForbidden", "Access was denied to this resource."));
    }
    let ["stacks", name, id, "resources", resource, action] = rest else { return Err(denied()) };
    if *id != agent.stack {
        return Err(Refusal::no_stack(name));
    }
    match (method, *action) {
        (&Method::GET, "metadata") if *resource == agent.resource => Ok(()),
        (&Method::POST, "signal") => Ok(()),
        _ => Err(denied()),
    }
}

/// Whether the user is still there: it goes with what it was made for.
fn is_known(world: &World, agent: &Agent) -> bool {
    let Some(row) = world.row_named(&agent.stack, &agent.resource) else { return false };
    let Some(id) = row.physical.as_deref() else { return false };
    let user = match world.servers.get(id) {
        Some(server) => server.user.as_ref(),
        None => world.deployments.get(id).and_then(|deployment| deployment.user.as_ref()),
    };
    user.is_some_and(|user| user.id == agent.user)
}
