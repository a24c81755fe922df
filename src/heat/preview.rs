//! What Heat says beforehand that it would do.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use super::catalog::Service;
use super::cloud::{Ask, Cloud};
use super::error::HeatError;
use super::stacks::StackRef;
use super::wire;
use crate::plan::{Fate, Preview};

#[derive(Deserialize)]
struct Update {
    resource_changes: Changes,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Changes {
    unchanged: Vec<Named>,
    updated: Vec<Named>,
    replaced: Vec<Named>,
    added: Vec<Named>,
    deleted: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    resource_name: String,
}

#[derive(Deserialize)]
struct Create {
    stack: Previewed,
}

#[derive(Deserialize)]
struct Previewed {
    #[serde(default)]
    resources: Vec<Named>,
}

impl Cloud {
    /// What an update would do to a stack's resources. Nothing is changed by it.
    pub async fn preview_update<T: Serialize>(
        &self,
        stack: &StackRef,
        update: &wire::UpdateStack<T>,
    ) -> Result<Preview, HeatError> {
        let attempt = async {
            let path = format!("{}/preview", stack.path());
            self.read::<Update>(Ask::new(Service::Orchestration, Method::PUT, path).with(update)?).await
        };
        let failed = |source| HeatError::Preview { stack: stack.name.clone(), source };
        let Changes { unchanged, updated, replaced, added, deleted } = attempt.await.map_err(failed)?.resource_changes;
        let fates = [
            (Fate::Unchanged, unchanged),
            (Fate::Updated, updated),
            (Fate::Replaced, replaced),
            (Fate::Added, added),
            (Fate::Deleted, deleted),
        ];
        let fates = fates.into_iter().flat_map(|(fate, all)| all.into_iter().map(move |of| (of.resource_name, fate)));
        Ok(fates.collect())
    }

    /// Which resources a new stack would have. Nothing is made by it, and Heat validates all of them.
    pub async fn preview_create<T: Serialize>(&self, stack: &wire::CreateStack<T>) -> Result<Preview, HeatError> {
        let attempt = async {
            let ask = Ask::new(Service::Orchestration, Method::POST, "/stacks/preview".to_owned()).with(stack)?;
            self.read::<Create>(ask).await
        };
        let failed = |source| HeatError::Preview { stack: stack.stack_name.clone(), source };
        let resources = attempt.await.map_err(failed)?.stack.resources;
        Ok(resources.into_iter().map(|of| (of.resource_name, Fate::Added)).collect::<BTreeMap<_, _>>())
    }
}
