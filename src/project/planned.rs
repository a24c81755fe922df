//! A plan, and what it was made from: with the cloud as a session sees it, or without one.

use std::collections::BTreeMap;

use super::addresses::{Before, chosen, lacking};
use super::cloud::heat_failure;
use super::compile::{Made, wrong};
use super::definition::Loaded;
use super::doubt::{self, Doubt};
use super::drift;
use super::failure::{Failure, FailureKind};
use super::others;
use super::outputs::ProjectOutput;
use super::provisional;
use super::scope::{ScopeRequest, not_alone, require_replaced};
use super::session::Session;
use super::victims::{Victims, forget_departed};
use super::{Operation, Project};
use crate::apply;
use crate::heat;
use crate::model::CloudFacts;
use crate::plan::{self, DriftKind, Observation, Plan, PlanOptions, Wanted};
use crate::source::{Diagnostics, Severity};
use crate::state::{State, salted_digest};

/// A plan, and what it was made from.
pub struct Planned {
    /// What would change.
    pub plan: Plan,
    /// What else there is to say.
    pub warnings: Diagnostics,
    /// Whether stored data may be lost.
    pub(super) accept_data_loss: bool,
    /// Who leaves where a group becomes smaller.
    pub(super) victims: Victims,
    /// What it is about, and what it replaces.
    pub(super) scope: ScopeRequest,
    pub(super) state: State,
    /// When Heat began with what it did last, by stack, as seen then.
    pub(super) moved: BTreeMap<String, Option<String>>,
    /// Whether the state has taken in what somebody else changed.
    pub(super) taken_over: bool,
    /// What was carried out before this was planned.
    pub(super) before: Before,
    pub(super) made: Option<Made>,
}

impl Planned {
    /// Fails where the plan itself says that it must not be carried out.
    ///
    /// # Errors
    /// The plan's own errors.
    pub fn refuse(&self) -> Result<(), Failure> {
        if !self.plan.diagnostics.has_errors() {
            return Ok(());
        }
        let mut errors = Diagnostics::new();
        errors.extend(self.plan.diagnostics.iter().filter(|found| found.severity == Severity::Error).cloned());
        Err(Failure::of(FailureKind::Refused, errors))
    }

    /// A plan that was made from that state, and from what was `seen`.
    pub(super) fn of(plan: Plan, accept_data_loss: bool, state: State, seen: &Observation) -> Self {
        Self {
            plan,
            warnings: Diagnostics::new(),
            accept_data_loss,
            victims: Victims::default(),
            scope: ScopeRequest::default(),
            state,
            moved: others::moved(seen),
            taken_over: false,
            before: Before::default(),
            made: None,
        }
    }
}

impl Project {
    /// What would be destroyed.
    ///
    /// # Errors
    /// A part that cannot be destroyed alone.
    pub(super) fn plan_destroy(
        &self,
        loaded: &Loaded,
        scope: &ScopeRequest,
        state: State,
        seen: &Observation,
        accept: bool,
    ) -> Result<Planned, Failure> {
        let targets = scope.part(None, &state)?;
        let mut plan = plan::destroy_part(&state, seen, &targets).map_err(not_alone)?;
        // What the definition can still tell; without one the rules have no names.
        plan.name_services(&self.compile_offline(loaded, Some(&state)).0.open_ports());
        Ok(Planned { scope: scope.clone(), ..Planned::of(plan, accept, state, seen) })
    }

    /// Says where a plan's changes come from, and what of them is not known yet.
    pub(super) fn explain_plan(&self, plan: &mut Plan, made: &Made, facts: &CloudFacts) {
        self.trace(plan, made, facts);
        provisional::hide_in_plan(plan, &made.clusters);
        provisional::tell_in_plan(plan, made.spec());
    }
}

/// What the definitions come to, as it is planned.
pub(super) fn wanted(loaded: &Loaded, made: &Made, outputs: Vec<ProjectOutput>, state: &State) -> Wanted {
    Wanted {
        clusters: made.clusters.clone(),
        outputs: outputs.into_iter().map(|output| (output.name, (output.json, output.secret))).collect(),
        // Whoever sees a plan may try values of secrets, which are part of it.
        definition_digest: salted_digest(state.salt(), "definition", &loaded.digest),
    }
}

impl Session<'_> {
    /// What would change where that is the state, and this was seen of it.
    pub(super) async fn plan_from(
        &self,
        mut state: State,
        seen: Observation,
        accept_data_loss: bool,
    ) -> Result<Planned, Failure> {
        if self.operation.destroys() {
            return self.project.plan_destroy(&self.loaded, &self.scope, state, &seen, accept_data_loss);
        }
        forget_departed(&mut state, &seen);
        let mut facts = Box::pin(heat::facts(self.client())).await.map_err(|fault| heat_failure(&fault))?;
        let lacking = lacking(&state);
        self.take_addresses(&mut state, &seen, &lacking).await?;
        let mut known = apply::known(&state, &seen);
        let (mut made, mut diagnostics) = self.compile(&known, &facts, &state);
        if diagnostics.has_errors() && self.add_images(&made, &mut facts).await? {
            (made, diagnostics) = self.compile(&known, &facts, &state);
        }
        let mut doubts = Vec::new();
        if diagnostics.has_errors() && doubt::remember(&mut facts, &state) {
            let (again, left) = self.compile(&known, &facts, &state);
            doubts = Doubt::of(&again, &diagnostics, &left);
            (made, diagnostics) = (again, left);
        }
        if !diagnostics.has_errors() && self.take_addresses(&mut state, &seen, &(&chosen(&made) - &lacking)).await? {
            known = apply::known(&state, &seen);
            (made, diagnostics) = self.compile(&known, &facts, &state);
        }
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        self.victims.check(&made, &state)?;
        // What is defined again is taken in again.
        state.released.retain(|name, _| !made.clusters.contains_key(name));
        let (outputs, found) = self.project.outputs(&self.loaded, &made, &made.members(), &known);
        diagnostics.extend(found);
        diagnostics.extend(self.check_choices(&mut made, &state, &mut doubts).await?);
        diagnostics.extend(self.check_existing(&made, &state, &mut doubts).await?);
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        let whole_drift = matches!(self.operation, Operation::Apply | Operation::Drift);
        let replace = self.scope.replaced(&state)?;
        let targets = self.scope.part(Some(&made), &state)?;
        let options = PlanOptions { accept_data_loss, replace, whole_drift };
        let whole = wanted(&self.loaded, &made, outputs, &state);
        let mut plan = plan::plan_part(&whole, &state, &seen, &options, &targets).map_err(not_alone)?;
        require_replaced(&plan, &options.replace)?;
        self.project.settle_outputs(&self.loaded, &made, &known, &state, &mut plan)?;
        doubt::settle(&mut plan, doubts);
        self.check_allowance(&mut plan, &made, &seen, &facts).await?;
        if self.operation != Operation::Drift {
            plan.drift.retain(|one| match one.kind {
                // That an apply of ours has failed is told by what it left.
                DriftKind::Failed => one.resource.is_some(),
                // That one is under way is told by the plan's own warnings.
                DriftKind::Unfinished => false,
                _ => true,
            });
        }
        self.project.explain_plan(&mut plan, &made, &facts);
        let diagnostics = self.project.heard(&self.loaded, &mut plan, diagnostics);
        let taken_over = self.operation == Operation::Apply && drift::take_over(&mut state, &plan, &seen);
        let planned = Planned::of(plan, accept_data_loss, state, &seen);
        let (victims, scope) = (self.victims.clone(), self.scope.clone());
        Ok(Planned { warnings: diagnostics, victims, scope, taken_over, made: Some(made), ..planned })
    }
}
