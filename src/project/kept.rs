//! The embedded Heat in a process of its own, for projects whose nodes call it: whichever command needs it first starts it,
//! and it goes on until it is stopped, or for a while has had nothing to do.

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Project;
use super::cloud::{Reached, heat_failure};
use super::embedded;
use super::failure::{Failure, FailureKind};
use super::files;
use crate::heat::ServerCount;
use crate::local::{self, EngineStatus, Holder, Serving};
use crate::model::{NodeDriver, Provider};

/// How long an engine may take to read its store and to listen.
const START: Duration = Duration::from_mins(1);
/// How long an engine may take to write its last words.
const END: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);
/// How often an engine may be gone before it was asked anything.
const ATTEMPTS: u32 = 5;
/// Bytes of the log beyond which it begins again.
const LOG: u64 = 1 << 20;
/// What is shown of the log of an engine that did not start.
const LAST_LINES: usize = 5;
const LOG_NAME: &str = "serve.log";

impl Project {
    /// Whether an engine with such nodes is one that outlives commands.
    pub(super) fn keeps_engine(&self, nodes: NodeDriver) -> bool {
        nodes == NodeDriver::Container || embedded::is_kept(&self.request)
    }

    /// The embedded Heat with the nodes that the definition names, or, where it names none, with those that it has.
    pub(super) fn own_engine(&self) -> Provider {
        let defined = self.load_to_check().ok().filter(|(loaded, _)| loaded.is_defined());
        match defined.map(|(loaded, _)| loaded.settings.provider) {
            Some(provider @ Provider::Local { .. }) => provider,
            _ => self.engine_that_is(),
        }
    }

    /// The embedded Heat with such nodes as it has.
    pub(super) fn engine_that_is(&self) -> Provider {
        let mut provider = Provider::embedded();
        if let (Provider::Local { nodes, .. }, Ok(Some(local::NodeDriver::Container))) =
            (&mut provider, local::nodes_in(&self.engine_folder()))
        {
            *nodes = NodeDriver::Container;
        }
        provider
    }

    /// Connects to the engine in a process of its own, which is started where there is none. One that is being killed still
    /// seems to hold its folder, and a moment later does not: then there is another one to start, and never one in this
    /// process, where no node would find it.
    pub(super) async fn reach_kept(&self, folder: &Path, nodes: NodeDriver) -> Result<Reached, Failure> {
        let mut attempts = 0;
        loop {
            self.keep_engine(folder, nodes).await?;
            attempts += 1;
            match self.served(folder, embedded::retry(&self.request, false)?).await {
                Ok(Some(reached)) => return Ok(reached),
                Err(failure) if attempts == ATTEMPTS || local::held_by(folder).is_some() => return Err(failure),
                Ok(None) if attempts == ATTEMPTS => return Err(not_started().help("look for what ends it at once")),
                Ok(None) | Err(_) => {}
            }
        }
    }

    /// Makes sure that an engine of this version, with such nodes, is served from that folder.
    ///
    /// # Errors
    /// An engine that does not start, or that another command has for itself.
    async fn keep_engine(&self, folder: &Path, nodes: NodeDriver) -> Result<(), Failure> {
        let mut child: Option<Started> = None;
        let mut waited = Duration::ZERO;
        loop {
            match local::held_by(folder) {
                Some(Holder { url: Some(url), pid, kept, version, nodes: own, .. }) => {
                    if !kept || (version == env!("CARGO_PKG_VERSION") && own == embedded::driver(nodes)) {
                        if child.is_some_and(|started| started.child.id() == pid) {
                            self.notice(&format!(
                                "Started the embedded Heat of this project at {url} (process {pid}). It keeps running; `disco local stop` ends it."
                            ));
                        }
                        return Ok(());
                    }
                    self.end_engine(folder, pid).await?;
                }
                Some(holder) if waited >= START.max(self.request.lock_timeout) => return Err(in_use(&holder)),
                Some(_) => {}
                None => match &mut child {
                    None => child = Some(self.start_engine(folder, nodes)?),
                    Some(started) => {
                        if started.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                            return Err(started.failure(folder));
                        }
                    }
                },
            }
            if let Some(started) = &child
                && waited >= START
            {
                return Err(started.failure(folder));
            }
            tokio::time::sleep(PAUSE).await;
            waited += PAUSE;
        }
    }

    fn start_engine(&self, folder: &Path, nodes: NodeDriver) -> Result<Started, Failure> {
        let failed = |fault: &dyn std::error::Error| not_started().because(fault);
        let program = self
            .request
            .program
            .as_deref()
            .ok_or_else(|| not_started().help("start it in another terminal: disco local serve"))?;
        files::make_own_folder(&self.folder()).map_err(|fault| failed(&fault))?;
        files::make_folder(folder).map_err(|fault| failed(&fault))?;
        local::forget_dead(folder);
        let log = folder.join(LOG_NAME);
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = options.open(&log).map_err(|fault| failed(&fault))?;
        let mut before = file.metadata().map_or(0, |about| about.len());
        if before > LOG {
            file.set_len(0).map_err(|fault| failed(&fault))?;
            before = 0;
        }
        let errors = file.try_clone().map_err(|fault| failed(&fault))?;
        let directory = self.directory();
        let secrets = self.request.environment.iter().map(|(name, _)| name).filter(|name| is_of_a_command(name));
        let child = secrets
            .fold(&mut Command::new(program), |command, name| command.env_remove(name))
            .args(["local", "serve", "--kept", "--nodes", nodes.word()])
            // What the environment names relative to here is still found.
            .arg("--directory")
            .arg(directory)
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .spawn()
            .map_err(|fault| failed(&fault))?;
        Ok(Started { child, before })
    }

    /// Ends a served engine, and waits until it has ended.
    async fn end_engine(&self, folder: &Path, pid: u32) -> Result<(), Failure> {
        let kill = || format!("end it: kill -9 {pid}");
        let failed =
            || Failure::new(FailureKind::Cloud, format!("the embedded Heat, process {pid}, cannot be stopped"));
        ask_to_end(pid).map_err(|fault| failed().because(&fault).help(kill()))?;
        let mut waited = Duration::ZERO;
        while local::held_by(folder).is_some_and(|holder| holder.pid == pid) {
            if waited >= END.max(self.request.lock_timeout) {
                let message = format!("the embedded Heat, process {pid}, did not end within {} s", waited.as_secs());
                return Err(Failure::new(FailureKind::Cloud, message).help(kill()));
            }
            tokio::time::sleep(PAUSE).await;
            waited += PAUSE;
        }
        local::forget_dead(folder);
        Ok(())
    }

    /// Whether this project's embedded Heat runs, and where. What a killed one has left is cleaned away.
    ///
    /// # Errors
    /// One that does not answer.
    pub async fn engine_status(&self) -> Result<Option<EngineStatus>, Failure> {
        let folder = self.engine_folder();
        let Some(Holder { pid, since, url, kept, version, nodes, .. }) = local::held_by(&folder) else {
            local::forget_dead(&folder);
            return Ok(None);
        };
        let Some(url) = url else { return Ok(Some(EngineStatus { pid, since, serving: None })) };
        let Some(reached) = self.served(&folder, embedded::retry(&self.request, false)?).await? else {
            return Ok(None);
        };
        let counted = reached.cloud.count_servers().await;
        let ServerCount { all, running } = counted.map_err(|fault| heat_failure(&fault))?;
        Ok(Some(EngineStatus { pid, since, serving: Some(Serving { url, kept, version, nodes, all, running }) }))
    }

    /// Stops this project's served engine; gives its process, if there was one.
    ///
    /// # Errors
    /// One that does not end, or that a command has for itself.
    pub async fn stop_engine(&self) -> Result<Option<u32>, Failure> {
        let folder = self.engine_folder();
        match local::held_by(&folder) {
            None => {
                local::forget_dead(&folder);
                Ok(None)
            }
            Some(holder) if holder.url.is_none() => Err(in_use(&holder)),
            Some(Holder { pid, .. }) => self.end_engine(&folder, pid).await.map(|()| Some(pid)),
        }
    }
}

/// Whether a variable of the environment is about what one command does, and may be a secret, which must not stay with a
/// process that goes on.
fn is_of_a_command(name: &str) -> bool {
    ["DISCO_VAR_", "DISCO_HTTP_", "OS_", "AWS_", "PG"].iter().any(|prefix| name.starts_with(prefix))
}

/// A process that is to become the engine.
struct Started {
    child: Child,
    /// How long the log was before.
    before: u64,
}

impl Started {
    /// Why it is none.
    fn failure(&self, folder: &Path) -> Failure {
        let path = folder.join(LOG_NAME);
        let log = files::read(&path).ok().flatten().unwrap_or_default();
        let from = usize::try_from(self.before).unwrap_or_default().min(log.len());
        let text = String::from_utf8_lossy(&log[from..]);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n");
        let failure = not_started().help(format!("read {}, where it says why", files::shown(&path)));
        if last.is_empty() { failure } else { failure.because(&std::io::Error::other(last)) }
    }
}

fn not_started() -> Failure {
    Failure::new(FailureKind::Cloud, "the embedded Heat of this project could not be started")
}

fn in_use(holder: &Holder) -> Failure {
    let message = format!("the embedded Heat is in use by process {}", holder.pid);
    Failure::new(FailureKind::Locked, message)
        .help("wait for it to end, or add --lock-timeout=1m to wait in this command")
}

/// Whether a process of this host runs; `None` where that cannot be told.
#[cfg(unix)]
pub(super) fn is_running(pid: u32) -> Option<bool> {
    use rustix::process::{Pid, test_kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw)?;
    // One of somebody else's may not be asked, and is there.
    Some(test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
pub(super) fn is_running(_pid: u32) -> Option<bool> {
    None
}

#[cfg(unix)]
fn ask_to_end(pid: u32) -> std::io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| std::io::Error::other("it does not say which process it is"))?;
    match kill_process(pid, Signal::TERM) {
        // It has ended meanwhile.
        Err(rustix::io::Errno::SRCH) | Ok(()) => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}

#[cfg(not(unix))]
fn ask_to_end(_pid: u32) -> std::io::Result<()> {
    Err(std::io::Error::other("processes cannot be asked to end on this system"))
}
