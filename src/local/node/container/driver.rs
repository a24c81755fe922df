//! The driver: has all machines carried out, several at a time, and looks after them from then on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::{Became, Desk, Machine, Report, Wanted};
use super::containers::{Condition, Containers, Sight};
use super::fault::ContainerFault;
use super::setup::host_facts;
use crate::source::causes;

/// So many machines are worked on at a time: a container engine has locks of its own.
const SIDE_BY_SIDE: usize = 4;
/// How often containers are looked at that somebody else may have stopped.
const LOOK: Duration = Duration::from_secs(3);
/// How often what failed is tried again, for a container that somebody else restarts at the same moment.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(2);

/// What systemd says on the console of a machine, in a line of its own, before it boots anew. A container ends instead, just
/// as one that is switched off.
const BOOTS_ANEW: &str = "Rebooting.";

/// Makes containers what the machines should be, until the engine stops.
pub(crate) async fn run(mut desk: Desk) {
    let (facts, _) = host_facts(desk.container_engine.as_deref()).await;
    let containers = match Containers::open(&desk.folder.join("nodes"), &desk.engine, &facts) {
        Ok(containers) => Arc::new(containers),
        Err(fault) => return refuse(&mut desk, &sentence(&fault)).await,
    };
    let mut rounds = Rounds { desk, containers, work: JoinSet::new(), known: BTreeMap::new() };
    rounds.go().await;
}

/// What is known of a machine.
#[derive(Default)]
struct Known {
    /// Whether it is being worked on.
    busy: bool,
    /// The generation that was carried out, or could not be.
    generation: Option<String>,
    became: Option<Became>,
    started: String,
    /// How far its console was read.
    console: u64,
    /// Whether it has said that it boots anew.
    boots_anew: bool,
}

type Done = (Machine, Result<Condition, ContainerFault>);

struct Rounds {
    desk: Desk,
    containers: Arc<Containers>,
    work: JoinSet<Done>,
    known: BTreeMap<String, Known>,
}

impl Rounds {
    async fn go(&mut self) {
        let mut swept = None;
        loop {
            let wanted = self.desk.wanted.borrow_and_update().clone();
            for machine in &wanted.machines {
                self.begin(machine);
            }
            let ids: BTreeSet<String> = wanted.machines.iter().map(|machine| machine.id.clone()).collect();
            let all = Some((ids, wanted.volumes.clone()));
            if self.work.is_empty() && swept != all {
                // What cannot be removed now is removed the next time.
                let _ = self.containers.sweep(&wanted.machines, &wanted.volumes).await;
                self.known.retain(|id, _| wanted.machines.iter().any(|machine| machine.id == *id));
                swept = all;
            }
            tokio::select! {
                changed = self.desk.wanted.changed() => if changed.is_err() { return },
                Some(done) = self.work.join_next() => if let Ok(done) = done { self.done(done).await },
                () = tokio::time::sleep(LOOK) => self.look(&wanted.machines).await,
            }
        }
    }

    /// Begins with a machine, if it is not what it should be and nobody is at it.
    fn begin(&mut self, machine: &Machine) {
        let known = self.known.entry(machine.id.clone()).or_default();
        if known.busy || known.generation.as_ref() == Some(&machine.generation) || self.work.len() >= SIDE_BY_SIDE {
            return;
        }
        known.busy = true;
        let (containers, machine) = (Arc::clone(&self.containers), machine.clone());
        self.work.spawn(async move {
            let mut attempts = 1;
            loop {
                match containers.carry_out(&machine).await {
                    Err(fault) if attempts < ATTEMPTS && fault.may_pass() => {}
                    result => return (machine, result),
                }
                attempts += 1;
                tokio::time::sleep(PAUSE).await;
            }
        });
    }

    async fn done(&mut self, (machine, result): Done) {
        let became = match result {
            Ok(condition) => became(&self.containers, &machine, condition).await,
            Err(fault) => Became::Failed(sentence(&fault)),
        };
        let known = self.known.entry(machine.id.clone()).or_default();
        known.busy = false;
        known.generation = Some(machine.generation.clone());
        known.became = Some(became.clone());
        known.started = String::new();
        self.report(&machine, became);
    }

    /// Looks at all containers: what they say, and whether somebody else has stopped or started one.
    async fn look(&mut self, machines: &[Machine]) {
        let Ok(seen) = self.containers.look().await else { return };
        for machine in machines {
            let Some(known) = self.known.get_mut(&machine.id) else { continue };
            let said = self.containers.console(machine, &mut known.console).await;
            let absent = Sight { condition: Condition::Absent, started: String::new() };
            let sight = seen.get(&machine.id).unwrap_or(&absent);
            // Of one that runs, only what it says last is no story of old.
            let boots_anew = said.iter().rev().take(3).any(|line| line.trim() == BOOTS_ANEW);
            let goes_on = sight.condition == Condition::Running && !said.is_empty();
            known.boots_anew = boots_anew || (known.boots_anew && !goes_on);
            let settled = !known.busy && known.generation.as_ref() == Some(&machine.generation);
            let failed = matches!(known.became, Some(Became::Failed(_)));
            let mut news = None;
            let ended = sight.condition == Condition::Stopped && machine.wanted == Wanted::Running;
            if settled && !failed && ended && known.boots_anew {
                (known.busy, known.boots_anew) = (true, false);
                let (containers, machine) = (Arc::clone(&self.containers), machine.clone());
                self.work.spawn(async move {
                    let result = containers.boot_again(&machine).await;
                    (machine, result)
                });
            } else if settled && !failed && machine.wanted != Wanted::Gone {
                let now = became(&self.containers, machine, sight.condition).await;
                if known.became.as_ref() != Some(&now) {
                    known.became = Some(now.clone());
                    news = Some(now);
                }
                let restarted = !known.started.is_empty() && known.started != sight.started;
                known.started.clone_from(&sight.started);
                if restarted && sight.condition == Condition::Running {
                    // Its network was another one for a moment: the host has no routes to it any more.
                    known.generation = None;
                }
            }
            if !said.is_empty() {
                self.report(machine, Became::Said(said));
            }
            if let Some(news) = news {
                self.report(machine, news);
            }
        }
    }

    fn report(&self, machine: &Machine, became: Became) {
        let has_ended = became == Became::Stopped && machine.wanted == Wanted::Running;
        // What somebody waits for does not come by itself any more. Where nobody does, the first report has made this one's
        // generation an old one.
        let failed = has_ended.then(|| Became::Failed("its container has stopped".to_owned()));
        for became in [became].into_iter().chain(failed) {
            let report = Report { machine: machine.id.clone(), generation: machine.generation.clone(), became };
            // An engine that has stopped wants to hear nothing.
            let _ = self.desk.reports.send(report);
        }
    }
}

/// What a machine has become whose container does this. Where a container engine knows nothing of it, and not its image
/// either, another one has it, or another disk: that it was removed is said of none that may be there again.
async fn became(containers: &Containers, machine: &Machine, condition: Condition) -> Became {
    match condition {
        Condition::Running => Became::Running,
        Condition::Paused => Became::Paused,
        Condition::Stopped => Became::Stopped,
        Condition::Absent if machine.wanted == Wanted::Gone => Became::Gone,
        Condition::Absent if containers.has_image(machine).await => Became::Removed,
        Condition::Absent => Became::Failed("its container does not exist, and neither does its image".to_owned()),
    }
}

/// The fault with its causes and the way out, in a line.
fn sentence(fault: &ContainerFault) -> String {
    let text = causes(fault).join(": ");
    fault.way_out().map_or(text.clone(), |way_out| format!("{text}; {way_out}"))
}

/// Says of every machine that it cannot be made.
async fn refuse(desk: &mut Desk, reason: &str) {
    loop {
        let wanted = desk.wanted.borrow_and_update().clone();
        for machine in wanted.machines {
            let became = match machine.wanted {
                Wanted::Gone => Became::Gone,
                _ => Became::Failed(reason.to_owned()),
            };
            let report = Report { machine: machine.id, generation: machine.generation, became };
            if desk.reports.send(report).is_err() {
                return;
            }
        }
        if desk.wanted.changed().await.is_err() {
            return;
        }
    }
}
