//! The running engine: its world, its store, and the task that lets time pass.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::clock::Clock;
use super::cloud::Limits;
use super::entity::Millis;
use super::error::LocalError;
use super::fault::{Fault, FaultAction, Script};
use super::holder::{Credentials, Lock};
use super::kept::{Kept, SOON, break_down, commit, tidy};
use super::port::{Line, Port};
use super::refusal::Refusal;
use super::store::Store;
use super::world::{Timer, World};
use super::{agent, api};

/// What carries out deployments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NodeDriver {
    /// Nothing runs; machines behave as real ones would, sooner.
    #[default]
    Simulated,
}

/// How the engine is to behave.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Real seconds for each second of the simulated cloud; 0 lets nothing take time.
    pub time_scale: f64,
    /// Where time comes from.
    pub clock: Clock,
    /// What carries out deployments.
    pub driver: NodeDriver,
    /// What the project may have.
    pub limits: Limits,
    /// Bytes up to which the log keeps its history; beyond, it is rewritten whenever most of it is history.
    pub log_bound: u64,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            time_scale: 0.04,
            clock: Clock::Wall,
            driver: NodeDriver::Simulated,
            limits: Limits::default(),
            log_bound: 16 << 20,
            faults: Vec::new(),
        }
    }
}

/// What handlers and the clock's task share.
#[derive(Debug)]
pub(crate) struct Shared {
    inner: Mutex<Kept>,
    lock: Mutex<Option<Lock>>,
    pub tokens: Mutex<HashMap<String, Millis>>,
    pub clock: Clock,
    wake: Notify,
    script: Mutex<Script>,
    dead: AtomicBool,
    died: Notify,
    closing: Notify,
    /// Whether others use it: it then goes on when they end, and tidies up while it runs.
    served: AtomicBool,
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Lets time pass up to now, does `work`, and writes down what changed, to the disk before it returns.
    pub(crate) fn transact<T>(&self, work: impl FnOnce(&mut World) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut inner = guard(&self.inner);
        let inner = &mut *inner;
        inner.check()?;
        pass(&mut inner.world, self.clock.now());
        let answer = work(&mut inner.world);
        commit(inner, true, self.clock.now())?;
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

    /// Lets time pass; says when the next thing happens.
    fn turn(&self) -> Option<Millis> {
        let mut inner = guard(&self.inner);
        let inner = &mut *inner;
        if inner.broken.is_some() {
            return None;
        }
        let now = self.clock.now();
        pass(&mut inner.world, now);
        // A process that is killed leaves its writes to the system: no need to wait for the disk here.
        let _ = commit(inner, false, now);
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

/// Faults.
impl Shared {
    /// What the fault script has for a request that has just come.
    pub(crate) fn meet(&self, method: &str, path: &str) -> Option<FaultAction> {
        guard(&self.script).meet(method, path)
    }

    /// Nobody who has logged in so far is known any longer.
    pub(crate) fn forget_tokens(&self) {
        guard(&self.tokens).clear();
    }

    /// Ends the engine as a kill would: nothing more is answered, nothing more is written.
    pub(crate) fn die(&self) {
        self.bury(&mut guard(&self.inner));
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
fn pass(world: &mut World, now: Millis) {
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
            Timer::Server(id) => agent::due(world, &id),
            Timer::Stack(id, traversal) => world.time_out(&id, traversal),
        }
    }
}

/// A Heat in this process.
#[derive(Debug)]
pub struct Engine {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Engine {
    /// Takes the folder's store, reads it, and goes on with whatever was being done.
    pub fn open(directory: &Path, options: EngineOptions) -> Result<Self, LocalError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| LocalError::NoRuntime)?;
        let lock = Lock::take(directory)?;
        let mut world = World::new(options.clock.now(), options.time_scale.max(0.0), options.limits);
        let store = Store::open(directory, options.log_bound, &mut world)?;
        world.take_up();
        world.keep_time(options.clock.now());
        let mut script = Script::default();
        for fault in options.faults {
            fault.put(&mut world, &mut script);
        }
        let running: Vec<String> = world
            .stacks
            .values()
            .filter(|stack| stack.status == super::entity::Status::InProgress)
            .map(|stack| stack.id.clone())
            .collect();
        for id in running {
            world.traverse(&id);
        }
        agent::look_again(&mut world);
        let now = options.clock.now();
        let tidy_at = (world.shed && world.is_at_rest()).then_some(now + SOON);
        let mut inner = Kept { world, store, tidy_at, broken: None };
        commit(&mut inner, true, now).map_err(|refusal| LocalError::Open {
            path: directory.to_owned(),
            source: std::io::Error::other(refusal.message),
        })?;
        let shared = Arc::new(Shared {
            inner: Mutex::new(inner),
            lock: Mutex::new(Some(lock)),
            tokens: Mutex::default(),
            clock: options.clock,
            wake: Notify::new(),
            script: Mutex::new(script),
            dead: AtomicBool::new(false),
            died: Notify::new(),
            closing: Notify::new(),
            served: AtomicBool::new(false),
        });
        let task = runtime.spawn(run(Arc::clone(&shared)));
        Ok(Self { shared, task })
    }

    /// Heat, Keystone, Nova, Glance and Neutron, as far as the engine knows them.
    pub fn router(&self) -> axum::Router {
        api::router(Arc::clone(&self.shared))
    }

    /// With what to log in.
    pub fn credentials(&self) -> Credentials {
        let password = guard(&self.shared.inner).world.identity.password.clone();
        Credentials {
            username: "disco".to_owned(),
            password,
            user_domain_name: "Default".to_owned(),
            project_name: "disco".to_owned(),
            project_domain_name: "Default".to_owned(),
            region: "local".to_owned(),
            auth_path: "/identity/v3".to_owned(),
        }
    }

    /// Says in the folder where the engine is served, and with what to log in there; or that it no longer is.
    pub fn announce(&self, url: Option<&str>) -> Result<(), LocalError> {
        let credentials = url.map(|_| self.credentials());
        self.shared.served.store(url.is_some(), Ordering::Relaxed);
        self.shared.wake.notify_one();
        match guard(&self.shared.lock).as_mut() {
            Some(lock) => {
                lock.announce(url.map(str::to_owned), credentials).map_err(|source| LocalError::Serve { source })
            }
            None => Ok(()),
        }
    }

    /// Has something go wrong from now on.
    pub fn inject(&self, fault: Fault) {
        let mut inner = guard(&self.shared.inner);
        fault.put(&mut inner.world, &mut guard(&self.shared.script));
        drop(inner);
        self.shared.wake.notify_one();
    }

    /// Moves a manual clock on, doing everything in between at its time.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let until = self.shared.clock.now().saturating_add(by);
        loop {
            let next = guard(&self.shared.inner).world.next_on_clock();
            match next {
                Some(due) if due <= until => {
                    self.shared.clock.set(due.max(self.shared.clock.now()));
                    self.shared.turn();
                }
                _ => break,
            }
        }
        self.shared.clock.set(until);
        self.shared.turn();
    }

    /// Stops; what was being done goes on with the next [`Engine::open`].
    pub fn shutdown(self) {
        self.stop();
    }

    fn stop(&self) {
        self.task.abort();
        self.shared.turn();
        if self.shared.is_dead()
            && let Some(lock) = guard(&self.shared.lock).as_mut()
        {
            lock.abandon();
        }
        let mut inner = guard(&self.shared.inner);
        if inner.broken.is_none() && (inner.store.is_untidy() || inner.world.shed) {
            // The log as it is has all that is in the new one.
            let _ = tidy(&mut inner);
        }
        // Nothing may be written once somebody else can have the store.
        inner.broken = Some("The embedded engine has been shut down".to_owned());
        drop(inner);
        guard(&self.shared.lock).take();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn run(shared: Arc<Shared>) {
    loop {
        let next = shared.turn();
        let wait = match (&shared.clock, next) {
            (Clock::Wall, Some(due)) => Duration::from_millis(due.saturating_sub(shared.clock.now()).clamp(10, 60_000)),
            _ => Duration::from_mins(1),
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shared.wake.notified() => tokio::time::sleep(Duration::from_millis(2)).await,
        }
    }
}

/// Serves the engine to other processes until the future is dropped.
pub async fn serve(engine: &Engine, listener: tokio::net::TcpListener) -> Result<(), LocalError> {
    let failed = |source| LocalError::Serve { source };
    let port = Port::new(listener, Arc::clone(&engine.shared)).map_err(failed)?;
    let service = engine.router().into_make_service_with_connect_info::<Line>();
    let served = tokio::select! {
        served = axum::serve(port, service) => served,
        () = engine.shared.died.notified() => return Err(LocalError::Crashed),
    };
    engine.announce(None)?;
    served.map_err(failed)
}
