//! What a driver reports of machines, and what it means for the resources that wait.

use super::super::entity::{Action, Status, Wanted};
use super::super::failure::Failure;
use super::super::resource;
use super::super::world::World;
use super::machine::machines;

/// What has become of a machine. A driver reports each generation of each machine once it is as it should be, or cannot
/// be made so, and all of them when the engine starts; a report that is given twice, or of a generation that is over,
/// changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The server's id.
    pub machine: String,
    /// The generation that it is about.
    pub generation: String,
    /// What it has become.
    pub became: Became,
}

/// What a machine has become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// It runs, with all that it should have.
    Running,
    /// It stands still and keeps its memory.
    Paused,
    /// It is shut down.
    Stopped,
    /// Nothing is left of it.
    Gone,
    /// Somebody else has removed it, with its own disk.
    Removed,
    /// It cannot be made what it should be, and why.
    Failed(String),
    /// It goes on; these lines are for its console.
    Said(Vec<String>),
}

/// Takes a report in.
pub(crate) fn take(world: &mut World, report: Report) {
    let Report { machine: id, generation, became } = report;
    if let Became::Said(lines) = became {
        for line in lines {
            world.say(&id, &line);
        }
        return;
    }
    let Some(wanted) = machines(world).into_iter().find(|machine| machine.id == id) else { return };
    if wanted.generation != generation {
        return;
    }
    let failure = match (became, wanted.wanted) {
        (Became::Failed(reason), _) => Some(reason),
        (Became::Running, Wanted::Running)
        | (Became::Paused, Wanted::Paused)
        | (Became::Stopped, Wanted::Stopped)
        | (Became::Gone | Became::Removed, Wanted::Gone) => None,
        (Became::Removed, _) => return removed(world, &id),
        // What somebody else has done to it, Nova notices.
        (became, before) if waiting(world, &id).is_empty() => return noticed(world, &id, &became, before),
        // On its way.
        _ => return,
    };
    if let Some(reason) = &failure {
        world.say(&id, &format!("nova: {reason}"));
    }
    let waiting = waiting(world, &id);
    if waiting.is_empty()
        && let Some(reason) = &failure
    {
        resource::server_failed(world, &id);
        resource::give_up(world, &id, reason);
    }
    complete(world, waiting, failure.as_deref());
}

/// Ends what waits for a machine.
fn complete(world: &mut World, waiting: Vec<(u64, Action)>, failure: Option<&str>) {
    for (row, action) in waiting {
        let failure = failure.map(|reason| failed(action, reason));
        world.complete_row(row, failure.as_ref());
    }
}

/// A machine was removed by somebody else than the cloud, and what was on its disk with it: its server is deleted, as by
/// a person behind Heat's back. Whoever waits for the machine or its agent would do so for ever.
fn removed(world: &mut World, id: &str) {
    let reason = "its machine was removed outside of DISCO";
    let waiting = waiting(world, id);
    resource::remove_server(world, id);
    complete(world, waiting, Some(reason));
    resource::give_up(world, id, reason);
}

/// A machine was stopped, held or started by somebody else than the cloud: so it is from now on, until the cloud is asked
/// for something else.
fn noticed(world: &mut World, id: &str, became: &Became, before: Wanted) {
    let (status, wanted) = match became {
        Became::Stopped if before == Wanted::Running => ("SHUTOFF", Wanted::Stopped),
        Became::Paused if before == Wanted::Running => ("PAUSED", Wanted::Paused),
        Became::Running if matches!(before, Wanted::Stopped | Wanted::Paused) => ("ACTIVE", Wanted::Running),
        _ => return,
    };
    let now = world.now;
    if let Some(server) = world.server_mut(id) {
        status.clone_into(&mut server.status);
        server.wanted = wanted;
        server.updated = now;
    }
    world.say(id, &format!("nova: the machine is {status}, which the cloud was not asked for"));
    if became == &Became::Running && before == Wanted::Stopped {
        world.started(id);
    }
    if became == &Became::Stopped {
        // The next apply starts it, and has its agent do the same again.
        resource::give_up(world, id, "its machine was stopped outside of DISCO");
    }
}

/// The resources that wait for a machine, and in which action: its server, and volumes that it is to have.
fn waiting(world: &World, id: &str) -> Vec<(u64, Action)> {
    let rows = world.servers.get(id).and_then(|server| world.rows_of.get(&server.stack)).into_iter().flatten();
    let rows = rows.filter_map(|row| world.rows.get(row));
    let waits = rows.filter(|row| row.status == Status::InProgress && row.due.is_none());
    let of_it = waits.filter(|row| {
        let is_its = row.is_server() && row.physical.as_deref() == Some(id);
        is_its || resource::disk_server(world, row).as_deref() == Some(id)
    });
    of_it.map(|row| (row.id, row.action)).collect()
}

/// What Heat says of a machine that Nova could not make or change.
fn failed(action: Action, reason: &str) -> Failure {
    match action {
        Action::Delete => Failure::new("Error", format!("Server could not be deleted: {reason}")),
        Action::Suspend => Failure::new("Error", format!("Suspend of server failed: {reason}")),
        Action::Resume => Failure::new("Error", format!("Resume of server failed: {reason}")),
        _ => {
            let message = format!("Went to status ERROR due to \"Message: {reason}, Code: 500\"");
            Failure::new("ResourceInError", message)
        }
    }
}
