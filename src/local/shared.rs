//! What the engine's handlers and its clock share: the world, its store, and what is told of both.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::clock::Clock;
use super::entity::{Millis, Work};
use super::error::LocalError;
use super::fault::{Fault, FaultAction, Script};
use super::grant::Tokens;
use super::holder::Lock;
use super::kept::{Kept, break_down, commit, tidy};
use super::node::{self, Driver, Report};
use super::refusal::Refusal;
use super::resource::remove_server;
use super::world::{Timer, World};

/// What handlers and the clock's task share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub inner: Mutex<Kept>,
    pub lock: Mutex<Option<Lock>>,
    pub tokens: Tokens,
    pub clock: Clock,
    pub wake: Notify,
    pub script: Mutex<Script>,
    pub requests: AtomicU64,
    pub dead: AtomicBool,
    pub died: Notify,
    pub closing: Notify,
    /// Whether others use it: it then goes on when they end, and tidies up while it runs.
    pub served: AtomicBool,
    pub driver: Driver,
}

/// What a mutex holds, whatever became of others who had it.
pub(crate) fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Lets time pass up to now, does `work`, and writes down what changed, to the disk before it returns.
    pub(crate) fn transact<T>(&self, work: impl FnOnce(&mut World) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut inner = guard(&self.inner);
        let inner = &mut *inner;
        inner.check()?;
        pass(&mut inner.world, &self.driver, self.clock.now());
        let answer = work(&mut inner.world);
        self.driver.take_up(&mut inner.world);
        commit(inner, true, self.clock.now())?;
        self.driver.publish(&inner.world);
        self.die_of_events(inner);
        self.wake.notify_one();
        answer
    }

    /// Looks without changing. What could not be written down is not told to anybody.
    pub(crate) fn look<T>(&self, work: impl FnOnce(&mut World) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut inner = guard(&self.inner);
        inner.check()?;
        work(&mut inner.world)
    }

    /// Takes in what has become of a machine.
    pub(crate) fn take(&self, report: Report) -> Result<(), Refusal> {
        self.transact(|world| {
            node::take_report(world, report);
            Ok(())
        })
    }

    /// Lets time pass; says when the next thing happens.
    pub(crate) fn turn(&self) -> Option<Millis> {
        let mut inner = guard(&self.inner);
        let inner = &mut *inner;
        if inner.broken.is_some() {
            return None;
        }
        let now = self.clock.now();
        pass(&mut inner.world, &self.driver, now);
        // A process that is killed leaves its writes to the system: no need to wait for the disk here.
        let _ = commit(inner, false, now);
        if inner.broken.is_none() {
            self.driver.publish(&inner.world);
        }
        self.die_of_events(inner);
        let next = inner.world.next_on_clock();
        let tidy_at = inner.tidy_at.filter(|_| self.served.load(Ordering::Relaxed));
        match tidy_at {
            Some(at) if at <= now && inner.broken.is_none() => {
                if let Err(error) = tidy(inner) {
                    let _ = break_down(inner, &error);
                }
                next
            }
            Some(at) => Some(next.map_or(at, |next| next.min(at))),
            None => next,
        }
    }
}

/// The port.
impl Shared {
    /// Whether only this host and machines of the engine's may come in.
    pub(crate) fn is_guarded(&self) -> bool {
        self.driver.is_real()
    }

    /// Machines that are real know the engine by that port from now on.
    pub(crate) fn known_by(&self, port: u16) -> Result<(), LocalError> {
        if !self.driver.is_real() {
            return Ok(());
        }
        let known = self.transact(|world| {
            if world.identity.port != Some(port) {
                world.change_identity(|identity| identity.port = Some(port));
            }
            Ok(())
        });
        known.map_err(|refusal| LocalError::Serve { source: std::io::Error::other(refusal.message) })
    }
}

/// Faults.
impl Shared {
    /// What the fault script has for a request that has just come.
    pub(crate) fn meet(&self, method: &str, path: &str) -> Option<FaultAction> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        guard(&self.script).meet(method, path)
    }

    /// Nobody who has logged in so far is known any longer.
    pub(crate) fn forget_tokens(&self) {
        self.tokens.clear();
    }

    /// Ends the engine as a kill would: nothing more is answered, nothing more is written.
    pub(crate) fn die(&self) {
        self.bury(&mut guard(&self.inner));
    }

    /// Has something go wrong from now on.
    pub(crate) fn inject(&self, fault: Fault) {
        let mut inner = guard(&self.inner);
        put_fault(fault, &mut inner.world, &mut guard(&self.script));
        self.driver.take_up(&mut inner.world);
        drop(inner);
        self.wake.notify_one();
    }

    fn die_of_events(&self, inner: &mut Kept) {
        if inner.world.troubles.is_fatal() {
            self.bury(inner);
        }
    }

    fn bury(&self, inner: &mut Kept) {
        inner.broken = Some("The embedded engine has died".to_owned());
        self.dead.store(true, Ordering::SeqCst);
        self.died.notify_one();
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// Has the port, if there is one, close for a moment.
    pub(crate) fn close_port(&self) {
        self.closing.notify_waiters();
    }

    /// Returns when the port is to close.
    pub(crate) async fn port_closes(&self) {
        self.closing.notified().await;
    }
}

/// Does everything that is due, in the order of its time.
fn pass(world: &mut World, driver: &Driver, now: Millis) {
    world.keep_time(now);
    while let Some((due, timer)) = world.timers.first().cloned() {
        if due > world.now {
            break;
        }
        world.timers.pop_first();
        match timer {
            Timer::Row(id) => {
                if world.rows.get(&id).is_some_and(|row| row.due.is_some_and(|due| due <= world.now)) {
                    world.complete_row(id, None);
                }
            }
            Timer::Server(id) => node::due(world, &id),
            Timer::Stack(id, traversal) => world.time_out(&id, traversal),
        }
        driver.take_up(world);
    }
}

/// Puts a fault where its occasion will be: with the requests, or into the world.
pub(crate) fn put_fault(fault: Fault, world: &mut World, script: &mut Script) {
    match fault {
        Fault::Request { which, turn, action } => script.add(which, turn, action),
        Fault::Resource { name, action, turn, reason } => world.troubles.add_resource(name, action, turn, reason),
        Fault::Exits { server, turn, code, stderr } => world.troubles.add_node(server, turn, code, stderr),
        Fault::Silent { server } => world.troubles.silence(server),
        Fault::Speaks { server } => {
            world.troubles.unsilence(&server);
            for id in servers_named(world, &server) {
                world.order(&id, None, Work::Deployment);
            }
        }
        Fault::Gone { server } => {
            for id in servers_named(world, &server) {
                remove_server(world, &id);
            }
        }
        Fault::Crash { after_events } => world.troubles.events_left = Some(after_events),
    }
}

fn servers_named(world: &World, name: &str) -> Vec<String> {
    world.server_names.get(name).into_iter().flatten().cloned().collect()
}
