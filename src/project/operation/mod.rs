//! What nobody has to be asked about: a plan that is kept in a file, and a kept plan carried out to its last word, with all that it
//! says in the history. The service works so; the command line asks between planning and doing.

mod cut_off;
mod order;

pub use cut_off::CutOff;
pub use order::Order;

use std::path::{Path, PathBuf};

use super::definition::Loaded;
use super::files::FileKind;
use super::session::now;
use super::store::is_sealed;
use super::{Failure, FailureKind, Operation, OperationLog, Planned, Project, SavedPlan, Session, files, saved};
use crate::apply::{Interrupt, NoObserver};
use crate::report::{Message, StreamEnd};

/// Folder of the plans that a service keeps, in DISCO's own.
pub(super) const PLANS: &str = "plans";

/// So many of them are kept.
const KEPT: usize = 50;

/// Exit code of an operation that did not succeed.
const FAILED: u8 = 1;

/// What a plan is to be made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanWish {
    /// Whether everything is to go.
    pub destroys: bool,
    /// Whether stored data may be lost.
    pub accept_data_loss: bool,
}

impl Project {
    /// Makes a plan and keeps it. Returns the name under which it is kept; the oldest of too many goes.
    ///
    /// # Errors
    /// Mistakes in the definition, another operation under way, a cloud that does not answer; a plan that itself says that it must
    /// not be carried out: stored data would be lost and nobody has said that it may.
    pub async fn make_plan(&self, wish: PlanWish) -> Result<String, Failure> {
        let name = name();
        let path = Self::plan_path(&name);
        let operation = if wish.destroys { Operation::PlanDestroy } else { Operation::Plan };
        let session = self.open(operation).await?;
        let accept = wish.accept_data_loss || wish.destroys;
        let made = Box::pin(async {
            let planned = session.plan(accept, Interrupt::never(), &mut NoObserver).await?;
            planned.refuse()?;
            let folder = self.folder().join(PLANS);
            make_room(&self.folder(), &folder).map_err(|fault| {
                Failure::new(FailureKind::State, format!("cannot keep plans in `{}`", files::shown(&folder)))
                    .because(&fault)
                    .help("make room or allow writing, then plan again")
            })?;
            session.save(&planned, &path).await
        })
        .await;
        session.close();
        made?;
        Ok(name)
    }

    /// The plan that was kept under that name, if one was.
    ///
    /// # Errors
    /// A file that cannot be read, or is no plan.
    pub fn kept_plan(&self, name: &str) -> Result<Option<SavedPlan>, Failure> {
        let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        let path = Self::plan_path(name);
        let is_there =
            is_name && files::kind(&self.directory().join(&path)).is_ok_and(|kind| kind != FileKind::Nothing);
        is_there.then(|| self.saved_plan(&path)).transpose()
    }

    /// Removes the plans that are kept in the open. Returns how many they were.
    pub(super) fn forget_open_plans(&self) -> Result<usize, Failure> {
        let folder = self.folder().join(PLANS);
        let removed = || {
            let mut count = 0;
            for path in plans(&folder)? {
                if files::read(&path)?.is_some_and(|bytes| !is_sealed(&bytes)) {
                    files::remove(&path)?;
                    count += 1;
                }
            }
            Ok(count)
        };
        removed().map_err(|fault: std::io::Error| {
            Failure::new(FailureKind::State, format!("cannot remove the plans in `{}`", files::shown(&folder)))
                .because(&fault)
                .help("allow it, then run again")
        })
    }

    fn plan_path(name: &str) -> PathBuf {
        Path::new(super::FOLDER).join(PLANS).join(format!("{name}.plan"))
    }

    /// Begins the record of an operation that carries out a kept plan, before anything of it is done: it is durable when this
    /// returns. `key` is the one by which whoever asks knows it again; `waits` says that it comes after another one of this
    /// process, which has the lock.
    ///
    /// # Errors
    /// A plan of another workspace, or of a state that was changed since; a project that somebody else has locked; a state that
    /// is encrypted; what the disk says.
    pub fn begin_operation(
        &self,
        plan: &SavedPlan,
        name: &str,
        key: Option<&str>,
        waits: bool,
    ) -> Result<OperationLog, Failure> {
        plan.require_workspace(self.workspace()?)?;
        let (loaded, _) = self.load_or_remember()?;
        if !waits {
            self.require_current(&loaded, plan)?;
        }
        let operation = if plan.destroys() { Operation::Destroy } else { Operation::Apply };
        self.begin_record(&loaded, operation.verb(), Some(name), key, waits)
    }

    /// Fails where the state was changed since a plan was made. Of one that cannot be read, the operation itself tells.
    fn require_current(&self, loaded: &Loaded, plan: &SavedPlan) -> Result<(), Failure> {
        match self.store(loaded)?.load_now() {
            Ok(Some(state)) => saved::check_state(plan, &state),
            _ => Ok(()),
        }
    }

    /// Carries out a kept plan, exactly, and says all of it to the project's log, the last word too. Returns whether it came to
    /// its end.
    pub async fn carry_out(&self, plan: &SavedPlan, interrupt: Interrupt) -> bool {
        let mut log = self.log.clone().unwrap_or_default();
        log.tell(&Message::version());
        let done = Box::pin(self.carried_out(plan, interrupt, &mut log)).await;
        self.tell_last_word(done, &log)
    }

    /// Says how an operation ended, as the last word. Returns whether it came to its end.
    fn tell_last_word(&self, done: Result<bool, Failure>, log: &OperationLog) -> bool {
        match done {
            Ok(true) => {
                log.tell_end(StreamEnd::Done, 0);
                true
            }
            Ok(false) => {
                log.tell_end(FailureKind::Interrupted.stream_end(), FAILED);
                false
            }
            Err(failure) => {
                log.tell_failure(&failure, self.sources());
                log.tell_end(failure.kind.stream_end(), FAILED);
                false
            }
        }
    }

    async fn carried_out(
        &self,
        plan: &SavedPlan,
        interrupt: Interrupt,
        log: &mut OperationLog,
    ) -> Result<bool, Failure> {
        let mut session = self.open_plan(plan).await?;
        let done = Box::pin(async {
            let planned = session.plan_again(plan, interrupt.clone(), log).await?;
            self.do_planned(&session, planned, plan.destroys(), interrupt, log).await
        })
        .await;
        session.close();
        done
    }

    /// Tells what is planned, does it where it may be done, and tells what became of it. Returns whether it came to its end.
    async fn do_planned(
        &self,
        session: &Session<'_>,
        planned: Planned,
        destroys: bool,
        interrupt: Interrupt,
        log: &mut OperationLog,
    ) -> Result<bool, Failure> {
        log.tell_diagnostics(&planned.warnings, self.sources());
        log.tell_plan(&planned.plan, self.sources(), session.expected(&planned));
        planned.refuse()?;
        let summary = planned.plan.summary();
        let applied = session.apply(planned, interrupt, log).await?;
        if applied.finished {
            log.tell_diagnostics(&applied.warnings, self.sources());
            log.tell_applied(destroys, &applied, summary);
        }
        Ok(applied.finished)
    }
}

/// A name for a plan: those of later ones come after it.
#[expect(clippy::disallowed_methods, reason = "names of plans are new ones")]
fn name() -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    let since: String = now().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{}-{}", since.to_lowercase(), random.get(..12).unwrap_or_default())
}

/// Makes the folder of the plans, with room for one more.
fn make_room(own: &Path, folder: &Path) -> std::io::Result<()> {
    files::make_own_folder(own)?;
    files::make_folder(folder)?;
    plans(folder)?.iter().rev().skip(KEPT - 1).try_for_each(|old| files::remove(old))
}

/// The plans that are kept, the oldest first.
fn plans(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let names = files::list(folder)?;
    let paths = names.iter().map(|name| folder.join(name));
    Ok(paths.filter(|path| path.extension().is_some_and(|end| end == "plan")).collect())
}
