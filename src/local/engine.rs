//! The running engine: opened in a folder, asked over its router or its port, and told to stop.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::api;
use super::clock::Clock;
use super::cloud::{self, Limits};
use super::entity::Status;
use super::error::LocalError;
use super::fault::{Fault, Script};
use super::grant::Tokens;
use super::holder::Lock;
use super::kept::{Kept, SOON, commit, tidy};
use super::node::{self, Driver, Machine, NodeDriver, Report};
use super::port::{Line, Port};
use super::shared::{Shared, guard, put_fault};
use super::status::Credentials;
use super::store::Store;
use super::world::World;

/// How the engine is to behave.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Real seconds for each second of the simulated cloud; 0 lets nothing take time.
    pub time_scale: f64,
    /// Where time comes from.
    pub clock: Clock,
    /// What makes machines.
    pub driver: NodeDriver,
    /// The container engine that is asked for, `podman` or `docker`; without one the first that is there.
    pub container_engine: Option<String>,
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
            container_engine: None,
            limits: Limits::default(),
            log_bound: 16 << 20,
            faults: Vec::new(),
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
        let lock = Lock::take(directory, options.driver)?;
        let mut world = World::new(options.clock.now(), options.time_scale.max(0.0), options.limits);
        let store = Store::open(directory, options.log_bound, &mut world)?;
        world.take_up();
        world.keep_time(options.clock.now());
        world.use_nodes(options.driver).map_err(|nodes| LocalError::OtherNodes { nodes })?;
        let folder =
            std::path::absolute(directory).map_err(|source| LocalError::Open { path: directory.to_owned(), source })?;
        let (driver, reports) = Driver::start(options.driver, &world, folder, options.container_engine, &runtime);
        let mut script = Script::default();
        for fault in options.faults {
            put_fault(fault, &mut world, &mut script);
        }
        let running: Vec<String> = world
            .stacks
            .values()
            .filter(|stack| stack.status == Status::InProgress)
            .map(|stack| stack.id.clone())
            .collect();
        for id in running {
            world.traverse(&id);
        }
        driver.begin(&mut world);
        driver.take_up(&mut world);
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
            tokens: Tokens::default(),
            clock: options.clock,
            wake: Notify::new(),
            script: Mutex::new(script),
            requests: AtomicU64::new(0),
            dead: AtomicBool::new(false),
            died: Notify::new(),
            closing: Notify::new(),
            served: AtomicBool::new(false),
            driver,
        });
        let task = runtime.spawn(run(Arc::clone(&shared), reports));
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
            region: cloud::REGION.to_owned(),
            auth_path: "/identity/v3".to_owned(),
        }
    }

    /// Says in the folder where the engine is served, and with what to log in there; or that it no longer is.
    /// `kept` is said by one that a command has started for those that come after.
    pub fn announce(&self, url: Option<&str>, kept: bool) -> Result<(), LocalError> {
        let credentials = url.map(|_| self.credentials());
        self.shared.served.store(url.is_some(), Ordering::Relaxed);
        self.shared.wake.notify_one();
        match guard(&self.shared.lock).as_mut() {
            Some(lock) => {
                let announced = lock.announce(url.map(str::to_owned), kept, credentials);
                announced.map_err(|source| LocalError::Serve { source })
            }
            None => Ok(()),
        }
    }

    /// Has something go wrong from now on.
    pub fn inject(&self, fault: Fault) {
        self.shared.inject(fault);
    }

    /// Whether there are servers, or anything is under way.
    pub fn is_needed(&self) -> bool {
        let inner = guard(&self.shared.inner);
        !inner.world.servers.is_empty() || !inner.world.is_at_rest()
    }

    /// Whether its folder is still where it was.
    pub fn is_in_place(&self) -> bool {
        guard(&self.shared.lock).as_ref().is_some_and(Lock::is_in_place)
    }

    /// How many requests have come.
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// The port that machines know the engine by, if there may be any that do.
    pub fn known_port(&self) -> Option<u16> {
        guard(&self.shared.inner).world.identity.port
    }

    /// All machines as they should be.
    pub fn machines(&self) -> Vec<Machine> {
        node::machines(&guard(&self.shared.inner).world)
    }

    /// Says what has become of a machine.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub fn report(&self, report: Report) -> Result<(), LocalError> {
        self.shared.take(report).map_err(|refusal| LocalError::Report { message: refusal.message })
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
        self.shared.driver.stop();
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

async fn run(shared: Arc<Shared>, mut reports: mpsc::UnboundedReceiver<Report>) {
    loop {
        let next = shared.turn();
        let wait = match (&shared.clock, next) {
            (Clock::Wall, Some(due)) => Duration::from_millis(due.saturating_sub(shared.clock.now()).clamp(10, 60_000)),
            _ => Duration::from_mins(1),
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shared.wake.notified() => tokio::time::sleep(Duration::from_millis(2)).await,
            Some(report) = reports.recv() => {
                // A store that cannot be written is said to whoever asks next.
                let _ = shared.take(report);
            }
        }
    }
}

/// Serves the engine to other processes until the future is dropped.
pub async fn serve(engine: &Engine, listener: tokio::net::TcpListener) -> Result<(), LocalError> {
    let failed = |source| LocalError::Serve { source };
    engine.shared.known_by(listener.local_addr().map_err(failed)?.port())?;
    let port = Port::new(listener, Arc::clone(&engine.shared)).map_err(failed)?;
    let service = engine.router().into_make_service_with_connect_info::<Line>();
    let served = tokio::select! {
        served = axum::serve(port, service) => served,
        () = engine.shared.died.notified() => return Err(LocalError::Crashed),
    };
    engine.announce(None, false)?;
    served.map_err(failed)
}
