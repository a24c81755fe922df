//! A plan compared with Heat's own preview of it.

use std::collections::BTreeMap;

use super::cloud::heat_failure;
use super::failure::Failure;
use super::planned::Planned;
use super::session::Session;
use crate::heat::{StackRef, wire};
use crate::plan::{StepAction, Verified};
use crate::state::stack_tags;
use crate::template::{Folded, Template};

impl Session<'_> {
    /// Asks Heat what it would do to each stack that a plan leaves, and compares. Stacks that need ids of others which are
    /// not made yet are left out.
    ///
    /// # Errors
    /// A preview that Heat refuses: it would refuse the plan, too.
    pub async fn verify(&self, planned: &Planned) -> Result<Verified, Failure> {
        let state = &planned.state;
        let mut last: BTreeMap<&str, (&str, &Template)> = BTreeMap::new();
        for (cluster, wanted) in planned.made.iter().flat_map(|made| &made.clusters) {
            last.extend(
                wanted.templates.iter().map(|(stack, template)| (stack.as_str(), (cluster.as_str(), template))),
            );
        }
        for step in &planned.plan.steps {
            match &step.action {
                StepAction::Create(template, _) | StepAction::Update(template, _) => {
                    last.insert(&step.stack, (&step.cluster, template));
                }
                StepAction::Delete => drop(last.remove(step.stack.as_str())),
                StepAction::Restore(_) => {}
            }
        }
        let mut verified = Verified::default();
        let tags = stack_tags(&state.lineage).join(",");
        for (stack, (cluster, template)) in last {
            let stacks = state.clusters.get(cluster).map(|known| &known.stacks);
            let id_of = |stack: &str, resource: &str| stacks?.get(stack)?.resources.get(resource)?.physical_id.clone();
            let mut secrets: BTreeMap<(&str, &str), String> = BTreeMap::new();
            for (other, resource) in template.needed_secrets() {
                let Some(id) = stacks.and_then(|stacks| stacks.get(other)?.id.clone()) else { continue };
                let found = self.client().random_string(&StackRef::new(other, &id), resource).await;
                let found = found.map_err(|fault| heat_failure(&fault))?;
                secrets.extend(found.map(|secret| ((other, resource), secret)));
            }
            let secret_of = |stack: &str, resource: &str| secrets.get(&(stack, resource)).cloned();
            let Ok(parameters) = template.parameter_values(id_of, secret_of) else { continue };
            let parameters = wire::parameters(&parameters);
            let (template_sent, tags) = (Folded::of(template), Some(tags.clone()));
            let id = stacks.and_then(|stacks| stacks.get(stack)?.id.clone());
            let creates = planned
                .plan
                .steps
                .iter()
                .any(|step| step.stack == stack && matches!(step.action, StepAction::Create(..)));
            let preview = if let Some(id) = id.filter(|_| !creates) {
                let body = wire::UpdateStack {
                    template: Some(&template_sent),
                    parameters,
                    tags,
                    timeout_mins: None,
                    disable_rollback: None,
                };
                self.client().preview_update(&StackRef::new(stack, &id), &body).await
            } else {
                let stack_name = stack.to_owned();
                let template = &template_sent;
                let (timeout_mins, disable_rollback) = (None, None);
                let body = wire::CreateStack { stack_name, template, parameters, timeout_mins, disable_rollback, tags };
                self.client().preview_create(&body).await
            };
            let preview = preview.map_err(|fault| heat_failure(&fault))?;
            verified.add(&planned.plan, stack, template, &preview);
        }
        Ok(verified)
    }
}
