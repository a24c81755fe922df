//! `disco state` and `disco force-unlock`: what is done with the state by hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::failure::{Failure, FailureKind};
use super::handover::hand_over;
use super::kept::is_running;
use super::lock::{self, Holder};
use super::nodes::no_such_cluster;
use super::session::{new_id, now};
use super::store::{LockInfo, RemoteLock, StateStore};
use super::{Project, files};
use crate::language::{Handover, typed_move};
use crate::model::Address;
use crate::plan::StateChange;
use crate::report::Generation;
use crate::state::{self, ResourceState, State};

/// What stands behind an address.
pub type Behind<'s> = BTreeMap<(&'s str, &'s str), &'s ResourceState>;

/// Somebody who holds the project's lock, and what is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// Who, as far as it is known.
    pub holder: Option<Holder>,
    /// Whether that process lives; `None` where it is one of another host.
    pub lives: Option<bool>,
    /// Where it is the lock of the state's server: who has it.
    pub server: Option<ServerHolder>,
    /// What was asked of Heat last, and may not have ended: stack, step, since when.
    pub open: Vec<(String, String, String)>,
}

/// Who has the lock of a server for states, as the server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHolder {
    info: Option<LockInfo>,
}

impl std::fmt::Display for ServerHolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.info {
            Some(info) => info.fmt(f),
            None => f.write_str("somebody whom the server does not name"),
        }
    }
}

/// Every address that a state has something at, in order.
pub fn addresses(state: &State) -> Vec<Address> {
    let resources = state.stacks().flat_map(|(_, _, stack)| stack.resources.values());
    let mut all: Vec<Address> = resources.map(|resource| resource.address.clone()).collect();
    all.extend(state.clusters.keys().map(|name| Address::Cluster(name.clone())));
    for (name, cluster) in &state.clusters {
        all.extend(cluster.frameworks.keys().map(|framework| Address::Framework(name.clone(), framework.clone())));
    }
    all.sort();
    all.dedup();
    all
}

/// Heat's resources behind an address: by stack and logical name.
pub fn behind<'s>(state: &'s State, address: &Address) -> Behind<'s> {
    let resources = state
        .stacks()
        .flat_map(|(_, name, stack)| stack.resources.iter().map(move |(of, resource)| ((name, of.as_str()), resource)));
    resources.filter(|(_, resource)| resource.address == *address).collect()
}

impl Project {
    /// The bytes of the state's file; what they were before they were encrypted, if they are.
    ///
    /// # Errors
    /// A project that was never applied; a state that is refused.
    pub async fn pull_state(&self) -> Result<Vec<u8>, Failure> {
        let (store, state) = self.stored().await?;
        if state.is_none() {
            return Err(never_applied());
        }
        store.pull().await?.ok_or_else(never_applied)
    }

    /// Puts a state in the place of the one there is, which is kept as a generation.
    ///
    /// # Errors
    /// One that cannot be read, of another project, or older than what there is unless `forced`; where there is one that is
    /// refused, it goes only if it is `forced`.
    pub async fn push_state(&self, bytes: &[u8], forced: bool) -> Result<u64, Failure> {
        let store = self.store_in_place()?;
        let _lease = self.acquire(&store, "state push", now()).await?;
        let before = match store.load().await {
            Err(_) if forced => None,
            loaded => loaded?,
        };
        let mut pushed = state::decode(&store.opened(bytes.to_vec())?).map_err(|fault| {
            Failure::new(FailureKind::State, "what is pushed cannot be used as a state")
                .because(&fault)
                .help(fault.help())
        })?;
        store.require_own(&pushed, "the pushed state")?;
        if let Some(before) = before.as_ref().filter(|_| !forced) {
            if before.lineage != pushed.lineage {
                return Err(refused("the pushed state is of another project")
                    .help("add --force if it shall take the place of this project's state all the same"));
            }
            if pushed.serial < before.serial {
                let message = format!("the pushed state is older: serial {}, not {}", pushed.serial, before.serial);
                return Err(
                    refused(message).help("add --force if it shall take the place of the newer one all the same")
                );
            }
        }
        put(&store, before.as_ref(), &mut pushed).await
    }

    /// Forgets clusters: their stacks stay as they are, and nobody manages them.
    ///
    /// # Errors
    /// Clusters that the state does not know.
    pub async fn forget_clusters(&self, words: &[String]) -> Result<(), Failure> {
        let store = self.store_in_place()?;
        let _lease = self.acquire(&store, "state rm", now()).await?;
        let before = store.load().await?;
        let before = before.ok_or_else(never_applied)?;
        let mut after = before.clone();
        for word in words {
            let name = before.name_of(word);
            let Some(forgotten) = after.clusters.remove(&name) else {
                return Err(no_such_cluster(&name, before.clusters.keys().map(String::as_str)));
            };
            after.released.insert(name, forgotten.called);
        }
        put(&store, Some(&before), &mut after).await.map(drop)
    }

    /// Has a cluster, a group or all clusters of a module another address, as a `moved` block does.
    ///
    /// # Errors
    /// What is no address, what the state does not know, an address that something has already.
    pub async fn move_in_state(&self, from: &str, to: &str) -> Result<Vec<StateChange>, Failure> {
        let known = self.stored().await?.1.unwrap_or_default();
        let from = &known.address_of(from);
        let Some(one) = typed_move(from, to, self.sources()) else {
            return Err(Failure::new(FailureKind::Definition, format!("`{from}` cannot be moved to `{to}`")).help(
                "name two clusters, two modules, or two groups of a cluster: `cluster.lab cluster.site[\"bonn\"]`",
            ));
        };
        let store = self.store_in_place()?;
        let _lease = self.acquire(&store, "state mv", now()).await?;
        let before = store.load().await?;
        let before = before.ok_or_else(never_applied)?;
        let mut after = before.clone();
        let handover = Handover { moves: vec![one], ..Handover::default() };
        let (changes, found) = hand_over(&handover, &mut after);
        if found.iter().next().is_some() {
            return Err(refused(format!("there is a `{to}` in the state already")));
        }
        if changes.is_empty() {
            return Err(no_such_cluster(from, before.clusters.keys().map(String::as_str)));
        }
        put(&store, Some(&before), &mut after).await.map(|_| changes)
    }

    /// The states before the last operations, the newest first. The one there is need not be sound.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn state_history(&self) -> Result<Vec<Generation>, Failure> {
        let shown = |(path, state): (PathBuf, State)| Generation {
            serial: state.serial,
            clusters: state.clusters.len(),
            file: files::shown(&path).to_string(),
            by: state.last.as_ref().map(|last| format!("{} on {}", last.user, last.host)),
            since: state.last.as_ref().map(|last| last.since.clone()),
            operation: state.last.map(|last| last.operation),
        };
        Ok(generations(&self.store_in_place()?)?.into_iter().map(shown).collect())
    }

    /// Puts an earlier state back: the newest one, or that with this serial. The one there is, sound or not, is kept as a
    /// generation.
    ///
    /// # Errors
    /// No such generation.
    pub async fn roll_state_back(&self, serial: Option<u64>) -> Result<u64, Failure> {
        let store = self.store_in_place()?;
        let _lease = self.acquire(&store, "state rollback", now()).await?;
        // It is what shall go: that it cannot be used is a reason to go back.
        let before = store.load().await.ok().flatten();
        let chosen = |state: &State| serial.is_none_or(|serial| state.serial == serial);
        let Some((_, mut state)) = generations(&store)?.into_iter().find(|(_, state)| chosen(state)) else {
            let message = match serial {
                Some(serial) => format!("there is no state with serial {serial} to go back to"),
                None => "there is no earlier state to go back to".to_owned(),
            };
            return Err(refused(message).help("`disco state history` lists what there is"));
        };
        let serial = state.serial;
        put(&store, before.as_ref(), &mut state).await?;
        Ok(serial)
    }

    /// Who has the workspace's lock, or its state's; `None` where nobody has.
    ///
    /// # Errors
    /// It cannot be told which workspace is meant; a server that does not answer.
    pub async fn locked(&self) -> Result<Option<Locked>, Failure> {
        let folder = self.workspace_folder()?;
        let server = if lock::is_held(&folder) {
            None
        } else {
            match self.server_lock().await? {
                None | Some(RemoteLock::Free) => return Ok(None),
                Some(RemoteLock::Held(info)) => Some(ServerHolder { info }),
            }
        };
        let holder = lock::holder(&folder).filter(|_| server.is_none());
        let here = holder.as_ref().filter(|holder| holder.host == self.request.host);
        let lives = here.and_then(|holder| is_running(holder.pid));
        // Where the state is refused, who has the lock is still worth telling.
        let state = self.stored().await.ok().and_then(|(_, state)| state).unwrap_or_default();
        let intents = state.open_intents();
        let open = intents.map(|(_, stack, intent)| (stack.to_owned(), intent.step.clone(), intent.since.clone()));
        Ok(Some(Locked { holder, lives, server, open: open.collect() }))
    }

    /// Who has the lock of the state's server, where it is on one.
    async fn server_lock(&self) -> Result<Option<RemoteLock>, Failure> {
        // What is wrong with the definitions is no reason not to take the folder's lock away.
        let Ok(store) = self.store_in_place() else { return Ok(None) };
        let Some(remote) = store.elsewhere() else { return Ok(None) };
        let locked = remote.locked(new_id(), &self.holder("force-unlock", now())).await;
        locked.map(Some).map_err(|fault| {
            Failure::new(FailureKind::Locked, "it cannot be told who has the lock")
                .because(&fault)
                .help(remote.help(&fault))
        })
    }

    /// Takes the lock away from whoever has it: a process that still runs notices when it next writes, if the lock is a
    /// server's, and never otherwise. `id` is that of a server's lock, if a person has named it.
    ///
    /// # Errors
    /// A lock file that cannot be removed; a server that does not give the lock back; another lock than the one named.
    pub async fn force_unlock(&self, locked: &Locked, id: Option<&str>) -> Result<(), Failure> {
        let Some(holder) = &locked.server else {
            if id.is_some() {
                return Err(refused("it is this folder that is locked, and its lock has no ID")
                    .help("run `disco force-unlock`"));
            }
            return lock::break_open(&self.workspace_folder()?).map_err(|fault| {
                Failure::new(FailureKind::Locked, "the lock cannot be removed")
                    .because(&fault)
                    .help("allow writing in the project's .disco folder, where DISCO keeps its lock")
            });
        };
        let info = match (&holder.info, id) {
            (Some(info), Some(id)) if info.id != id => {
                return Err(refused(format!("the state has another lock than `{id}`"))
                    .help("run `disco force-unlock` to see which, and who has it"));
            }
            (Some(info), _) => info.clone(),
            (None, Some(id)) => LockInfo::of_id(id),
            (None, None) => {
                return Err(refused("the server does not say which lock it is").help("name it: disco force-unlock ID"));
            }
        };
        let store = self.store_in_place()?;
        let Some(remote) = store.elsewhere() else { return Ok(()) };
        remote.unlock(&info).await.map_err(|fault| {
            Failure::new(FailureKind::Locked, "the lock cannot be removed").because(&fault).help(remote.help(&fault))
        })
    }

    async fn stored(&self) -> Result<(StateStore, Option<State>), Failure> {
        let store = self.store_in_place()?;
        let state = store.load().await?;
        Ok((store, state))
    }

    /// Where the state is kept, whatever is there.
    pub(super) fn store_in_place(&self) -> Result<StateStore, Failure> {
        let (loaded, diagnostics) = self.load_or_remember()?;
        if loaded.placed { self.store(&loaded) } else { Err(Failure::of(FailureKind::Definition, diagnostics)) }
    }
}

/// The generations of a state with their files, the newest first; what cannot be used is left out.
fn generations(store: &StateStore) -> Result<Vec<(PathBuf, State)>, Failure> {
    let mut all = Vec::new();
    for path in store.generations().map_err(|fault| unreadable(Path::new(&store.named()), &fault))? {
        let bytes = files::read(&path).map_err(|fault| unreadable(&path, &fault))?;
        let bytes = bytes.and_then(|bytes| store.opened(bytes).ok());
        if let Some(Ok(state)) = bytes.map(|bytes| state::decode(&bytes)) {
            all.push((path, state));
        }
    }
    all.reverse();
    Ok(all)
}

pub(super) fn never_applied() -> Failure {
    Failure::new(FailureKind::State, "this project has no state yet").help("run `disco apply` first")
}

pub(super) fn refused(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Refused, message)
}

fn unreadable(path: &Path, fault: &std::io::Error) -> Failure {
    Failure::new(FailureKind::State, format!("cannot read `{}`", files::shown(path))).because(fault)
}

/// Writes a state as the next one. Returns its serial.
pub(super) async fn put(store: &StateStore, before: Option<&State>, state: &mut State) -> Result<u64, Failure> {
    // One that cannot be used has a number of its own among the generations: it takes no place of a sound one.
    let serial = before.map_or_else(|| store.last_serial() + 1, |before| before.serial);
    store.begin(serial, &now()).await?;
    state.serial = state.serial.max(serial) + 1;
    store.save(state).await.map_err(|fault| store.unwritable(&fault))?;
    Ok(state.serial)
}
