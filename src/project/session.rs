//! One operation from the first look to the last word: the lock, the state and the cloud belong to it meanwhile.
#![expect(clippy::disallowed_methods, reason = "here the clock and the ids of an operation come from")]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::Timestamp;

use super::cloud::Reached;
use super::compile::{Made, wrong};
use super::definition::{InputKind, Loaded, MayLack};
use super::failure::{Failure, FailureKind, failed};
use super::journal::{StateJournal, SystemClock};
use super::lock::Lease;
use super::outputs::floating_ips;
use super::planned::Planned;
use super::resume;
use super::saved::{self, SavedPlan};
use super::scope::ScopeRequest;
use super::store::StateStore;
use super::victims::Victims;
use super::workspace::Workspace;
use super::{Operation, Project, Request};
use crate::apply::{self, End, Interrupt, Journal as _, Observer, OperationContext, Outcome, Timeline};
use crate::heat::Cloud;
use crate::model::{CloudFacts, CloudIdentity, KnownCluster, Provider};
use crate::plan::{Observation, Plan};
use crate::report::SavedPlanFormat;
use crate::source::{Diagnostic, Diagnostics};
use crate::state::{Author, OutputState, State};

/// The project's lock, its state and its cloud, held together.
pub struct Session<'a> {
    pub(super) project: &'a Project,
    pub(super) operation: Operation,
    pub(super) loaded: Loaded,
    store: StateStore,
    state: Option<State>,
    cloud: Reached,
    /// Lineage of the state that is begun where there is none yet.
    lineage: Option<String>,
    /// When the operation began.
    since: String,
    /// Whether this operation has written the state: taking up an earlier one and applying are one operation.
    began: AtomicBool,
    /// How many stacks Heat is asked to work on at a time.
    parallelism: NonZeroUsize,
    /// Who leaves where a group becomes smaller.
    pub(super) victims: Victims,
    /// What is planned, where that is not everything, and what is replaced.
    pub(super) scope: ScopeRequest,
    _lease: Lease,
}

/// What became of a plan.
#[derive(Debug)]
pub struct Applied {
    /// Outputs of the project now.
    pub outputs: BTreeMap<String, OutputState>,
    /// False where nobody watches any longer.
    pub finished: bool,
    /// Where nobody watches any longer: what goes on meanwhile.
    pub meanwhile: Meanwhile,
    /// How long it took.
    pub took: Duration,
    /// How long nodes took, phase by phase.
    pub timeline: Timeline,
    /// What can be told only now: checks of what was known only after apply.
    pub warnings: Diagnostics,
}

/// What goes on while nobody watches an operation that has not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meanwhile {
    /// Heat is at a step, and continues by itself.
    HeatContinues,
    /// An engine in this process was at a step, and goes on with the next command.
    EngineWaits,
    /// Nothing: the operation was between two steps.
    Nothing,
}

/// The state of a workspace that has none yet, with a lineage (a new one if none is given) and a salt of its own.
pub(super) fn new_state(workspace: &Workspace, lineage: Option<String>) -> State {
    let workspace = workspace.name().map(str::to_owned);
    State { salt: Some(new_id()), workspace, ..State::new(lineage.unwrap_or_else(new_id)) }
}

/// What nothing else is called.
pub(super) fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Now, in whole seconds.
pub(super) fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Project {
    /// Takes the lock, reads the state and reaches the cloud.
    ///
    /// # Errors
    /// Mistakes in the definitions (for destroying, only those in what tells the cloud and the state), a lock that
    /// somebody else holds, a state that is refused, a cloud that does not answer.
    pub async fn open(&self, operation: Operation) -> Result<Session<'_>, Failure> {
        let loaded = self.load_for(operation)?;
        self.begin(operation, loaded).await
    }

    /// The definitions, sound enough for the operation.
    pub(super) fn load_for(&self, operation: Operation) -> Result<Loaded, Failure> {
        let (loaded, mut diagnostics) =
            if operation.needs_state_only() { self.load_or_remember()? } else { self.load()? };
        self.require_workspace(&loaded)?;
        let sound = if operation.needs_state_only() { loaded.placed } else { !diagnostics.has_errors() };
        if sound {
            return Ok(loaded);
        }
        // The mistakes of later phases come out together with these.
        diagnostics.extend(self.compile_offline(&loaded, None).1);
        Err(wrong(diagnostics))
    }

    /// The same for a saved plan, with the variables that it was made with.
    ///
    /// # Errors
    /// The same; a secret variable whose value is not given again.
    pub async fn open_plan(&self, plan: &SavedPlan) -> Result<Session<'_>, Failure> {
        plan.require_workspace(self.workspace()?)?;
        let operation = if plan.destroys() { Operation::Destroy } else { Operation::Apply };
        let variables = plan.variables(&self.request.variables, &self.request.environment)?;
        let may_lack = MayLack { definitions: plan.destroys(), ..MayLack::default() };
        let (loaded, diagnostics) = self.load_with(&variables, may_lack)?;
        let sound = if operation.destroys() { loaded.placed } else { !diagnostics.has_errors() };
        if !sound {
            return Err(wrong(diagnostics));
        }
        let mut session = self.begin(operation, loaded).await?;
        session.set_victims(&plan.victims()).map_err(|gone| saved::stale(&gone.message))?;
        session.set_scope(&plan.scope());
        Ok(session)
    }

    async fn begin(&self, operation: Operation, loaded: Loaded) -> Result<Session<'_>, Failure> {
        let since = now();
        let store = self.store(&loaded)?;
        let lease = self.acquire(&store, operation.verb(), since.clone()).await?;
        // What is said of an operation has outputs in it, and nothing of an encrypted state is readable anywhere.
        if operation.is_kept() && store.cipher().is_none() {
            self.keep_history(operation.verb(), &since);
        }
        let state = if operation == Operation::Import { store.load_or_lost().await? } else { store.load().await? };
        let provider = self.provider(&loaded, state.as_ref())?;
        let cloud = self.reach(&provider).await?;
        Self::recognise(&cloud.identity, &provider, state.as_ref())?;
        Ok(Session {
            project: self,
            operation,
            loaded,
            store,
            state,
            cloud,
            lineage: None,
            since,
            began: AtomicBool::new(false),
            parallelism: apply::PARALLELISM,
            victims: Victims::default(),
            scope: ScopeRequest::default(),
            _lease: lease,
        })
    }
}

impl Session<'_> {
    /// So many stacks are worked on at a time.
    pub fn set_parallelism(&mut self, parallelism: NonZeroUsize) {
        self.parallelism = parallelism;
    }

    /// Who leaves where a group becomes smaller: words that name nodes.
    ///
    /// # Errors
    /// A word that names no node, or several.
    pub fn set_victims(&mut self, words: &[String]) -> Result<(), Failure> {
        self.victims = Victims::read(words, self.state.as_ref())?;
        Ok(())
    }

    /// What is planned, where that is not everything, and what is replaced: words that name clusters, groups and nodes.
    pub fn set_scope(&mut self, scope: &ScopeRequest) {
        self.scope.clone_from(scope);
    }

    pub(super) fn options(&self, interrupt: Interrupt) -> apply::Options {
        let (pace, parallelism) = (self.cloud.pace, self.parallelism);
        let times = self.project.times(&self.cloud.identity);
        apply::Options { interrupt, pace, parallelism, times, ..apply::Options::default() }
    }

    /// Where this operation works, for a person: the files that were read, the state, the cloud.
    pub fn details(&self) -> Vec<String> {
        let files = self.loaded.inputs.iter().filter(|input| input.kind != InputKind::Variable);
        let mut lines: Vec<String> = files.map(|input| format!("read {}", input.kind.shown(&input.name))).collect();
        lines.push(match &self.state {
            Some(state) => {
                format!("state {}, serial {}, lineage {}", self.store.shown(), state.serial, state.lineage)
            }
            None => format!("no state yet, it will be {}", self.store.shown()),
        });
        lines.push(format!("cloud: {}", self.cloud.place));
        lines
    }

    /// What to say where the environment names an OpenStack and no `provider` block does: it is not used.
    pub fn unused_cloud(&self) -> Option<String> {
        let Provider::Local { origin: None, .. } = &self.loaded.settings.provider else { return None };
        let named = ["OS_CLOUD", "OS_AUTH_URL"].into_iter().find_map(|name| {
            let value = self.project.request.variable(name).filter(|value| !value.is_empty())?;
            Some((name, value))
        });
        let (name, value) = named.filter(|_| self.loaded.is_defined())?;
        let block = if name == "OS_CLOUD" { format!("{{ cloud = \"{value}\" }}") } else { "{}".to_owned() };
        Some(format!(
            "{name} is `{value}`, but without a `provider` block the embedded Heat is used.\n\
             To work on that OpenStack, add: provider \"openstack\" {block}\n\
             To keep the embedded Heat and this hint away, add: provider \"local\" {{}}\n"
        ))
    }

    /// Looks at the cloud and says what would change. What an interrupted operation left open is resolved first, by
    /// asking Heat; an operation that changes things waits for what is still under way.
    pub async fn plan(
        &self,
        accept_data_loss: bool,
        interrupt: Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<Planned, Failure> {
        let (mut state, mut seen) = Box::pin(self.take_up(interrupt, observer)).await?;
        let pause = self.others_pause(&state, &seen).await?;
        let hands_over = matches!(self.operation, Operation::Plan | Operation::Apply);
        let (changes, found) =
            if hands_over { self.hand_over(&mut state, &mut seen).await? } else { Default::default() };
        let mut planned = Box::pin(self.plan_from(state, seen, accept_data_loss)).await?;
        planned.plan.diagnostics.extend(pause);
        planned.plan.diagnostics.extend(found);
        planned.taken_over |= !changes.is_empty();
        planned.plan.state_changes = changes;
        Ok(planned)
    }

    /// The state as this operation begins, and what is seen of it, once what an interrupted one left open is resolved.
    pub(super) async fn take_up(
        &self,
        interrupt: Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<(State, Observation), Failure> {
        let mut begun = self.state.clone().unwrap_or_else(|| self.new_state());
        begun.last = Some(self.author());
        begun.cloud = Some(self.cloud.identity.clone());
        let seen = self.look(&begun).await?;
        let seen = self.until_others_end(&begun, seen, observer).await?;
        self.resume(begun, seen, interrupt, observer).await
    }

    /// Has a state that is new be the one that a saved plan was made for.
    pub(super) fn begin_as(&mut self, plan: &SavedPlan) {
        self.lineage = Some(plan.lineage().to_owned());
    }

    /// What was read.
    pub(super) fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// What the definition says of the cloud.
    pub(super) fn provider(&self) -> &Provider {
        &self.loaded.settings.provider
    }

    /// Which cloud it is.
    pub(super) fn identity(&self) -> &CloudIdentity {
        &self.cloud.identity
    }

    /// The state as it was found.
    pub(super) fn known_state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// The clusters that the definition has.
    pub(super) fn cluster_names(&self) -> Vec<String> {
        self.loaded.definition.cluster_names(self.project.sources(), &self.project.reader())
    }

    /// What the definition comes to where that is the state.
    pub(super) fn compile(
        &self,
        known: &BTreeMap<String, KnownCluster>,
        facts: &CloudFacts,
        state: &State,
    ) -> (Made, Diagnostics) {
        self.project.compile_loaded(&self.loaded, known, facts, Some(&*self.victims.without(state)))
    }

    /// Keeps a state that this operation has made without applying anything.
    pub(super) async fn keep(&self, state: State) -> Result<(), Failure> {
        let serial = state.serial.max(self.store.last_serial()) + 1;
        let state = State { serial, last: Some(self.author()), cloud: Some(self.cloud.identity.clone()), ..state };
        let mut journal = self.journal();
        let saved = journal.save(&state).await;
        saved.map_err(|fault| {
            self.rescue(&state);
            Failure::new(FailureKind::State, "the state could not be saved").because(&fault)
        })
    }

    /// Keeps a state beside the project where it could not be kept on its server, and says so: none is lost.
    pub(super) fn rescue(&self, state: &State) {
        if let Some(told) = self.store.rescue(state) {
            self.project.notice(&told);
        }
    }

    /// Where this operation keeps the state.
    pub(super) fn journal(&self) -> StateJournal<'_> {
        StateJournal { store: &self.store, began: &self.began }
    }

    /// What goes on when this process ends.
    pub(super) fn meanwhile(&self, state: &State) -> Meanwhile {
        match (state.open_intents().next(), self.goes_on()) {
            (None, _) => Meanwhile::Nothing,
            (Some(_), true) => Meanwhile::HeatContinues,
            (Some(_), false) => Meanwhile::EngineWaits,
        }
    }

    /// Whether Heat goes on by itself when this process ends.
    pub(super) fn goes_on(&self) -> bool {
        self.cloud.is_elsewhere()
    }

    /// The cloud's client.
    pub(super) fn client(&self) -> &Cloud {
        &self.cloud.cloud
    }

    fn new_state(&self) -> State {
        new_state(&self.loaded.workspace, self.lineage.clone())
    }

    pub(super) fn author(&self) -> Author {
        let Request { user, host, .. } = &self.project.request;
        let operation = self.operation.verb().to_owned();
        Author { operation, user: user.clone(), host: host.clone(), since: self.since.clone() }
    }

    /// Keeps a plan in a file, for [`Session::plan_again`]. The path is relative to the project.
    ///
    /// # Errors
    /// A plan that is not the last word because something is under way, a file that cannot be written.
    pub async fn save(&self, planned: &Planned, path: &Path) -> Result<(), Failure> {
        saved::keep(self.project, &self.store, self.state.is_none(), planned, &self.loaded, self.operation, path).await
    }

    /// Plans what a saved plan says, from everything as it is now.
    ///
    /// # Errors
    /// A plan that is stale: with what has changed since, and by whom.
    pub async fn plan_again(
        &mut self,
        plan: &SavedPlan,
        interrupt: Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<Planned, Failure> {
        if self.state.is_none() && plan.format() == SavedPlanFormat::Salt {
            return Err(saved::without_state(&self.store.shown()));
        }
        self.begin_as(plan);
        let planned = Box::pin(self.plan(plan.accepts_data_loss(), interrupt, observer)).await?;
        let destroys = self.operation.destroys();
        let now = saved::document(&planned, &self.loaded, destroys, plan.format(), self.project.sources());
        let known = self.state.as_ref().unwrap_or(&planned.state);
        // What this operation itself has resolved, of one before that was cut off, is no change that anybody made.
        let now = resume::as_found(plan, now, known, &planned.state);
        saved::check(plan, &now, known)?;
        Ok(planned)
    }

    /// Carries a plan out. Interrupted, it stops watching; the state is right in every case.
    ///
    /// # Errors
    /// What Heat could not do, drawn under the line that asked for it.
    pub async fn apply(
        &self,
        planned: Planned,
        interrupt: Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<Applied, Failure> {
        let mut planned = planned;
        while let Some(first) = planned.plan.until_known() {
            match Box::pin(self.begin_with(&first, planned, interrupt.clone(), observer)).await? {
                ControlFlow::Continue(then) => planned = then,
                ControlFlow::Break(applied) => return Ok(applied),
            }
        }
        let Planned { plan, state, taken_over, made, before: already, warnings: said, .. } = planned;
        let mut warnings = Diagnostics::new();
        let mut observer = already.and_then(plan.steps.len(), observer);
        let outcome = self.carry_out(&plan, state, interrupt, &mut observer).await;
        let finished = match outcome.end {
            End::Done => true,
            End::Detached => false,
            End::Failed(errors) => return Err(failed(&errors)),
        };
        let timeline = outcome.timeline;
        let mut state = outcome.state;
        let meanwhile = self.meanwhile(&state);
        if finished {
            let before = (state.outputs.clone(), floating_ips(&state));
            match &made {
                Some(made) => {
                    let found = self.settle(made, &plan.scope, &mut state, outcome.seen).await?;
                    let is_new = |found: &Diagnostic| said.iter().all(|said| said != found);
                    warnings.extend(found.into_iter().filter(is_new));
                }
                None if plan.scope.is_all() => state.outputs.clear(),
                None => {}
            }
            if taken_over || before != (state.outputs.clone(), floating_ips(&state)) {
                let saved = self.journal().save(&state).await;
                saved.map_err(|fault| {
                    self.rescue(&state);
                    Failure::new(FailureKind::State, "the outputs could not be saved").because(&fault)
                })?;
            }
        }
        let took = already.took + outcome.took;
        Ok(Applied { outputs: state.outputs, finished, meanwhile, took, timeline, warnings })
    }

    /// Carries out the steps of a plan.
    pub(super) async fn carry_out(
        &self,
        plan: &Plan,
        state: State,
        interrupt: Interrupt,
        observer: &mut dyn Observer,
    ) -> Outcome {
        let (cloud, mut journal, options) = (&self.cloud.cloud, self.journal(), self.options(interrupt));
        let context = OperationContext { cloud, journal: &mut journal, clock: &SystemClock, observer, options };
        let mut outcome = apply::apply(plan, state, context).await;
        self.keep_times(std::mem::take(&mut outcome.times), &outcome.timeline);
        self.rescue(&outcome.state);
        outcome
    }

    /// Ends the session: the engine writes its last words, the lock is given back.
    pub fn close(mut self) {
        self.cloud.close();
    }

    /// The same where the process ends anyway: the system takes all memory back at once, while giving back each piece of a
    /// large cluster's takes as long as planning it.
    pub fn leave(mut self, planned: Option<Planned>) {
        self.cloud.close();
        let Self { cloud, state, loaded, .. } = self;
        std::mem::forget((cloud, state, loaded, planned));
    }
}
