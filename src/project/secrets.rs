//! Secrets that Heat made up for the clusters: asked for when somebody wants to see them, and never kept.

use std::collections::BTreeMap;

use super::Project;
use super::cloud::heat_failure;
use super::failure::{Failure, FailureKind};
use crate::heat::StackRef;
use crate::model::ResourceName;
use crate::state::State;

/// Generated secrets by what they are called, `CLUSTER.FRAMEWORK.SETTING`; values where Heat was asked for them.
pub type GeneratedSecrets = BTreeMap<String, Option<String>>;

/// What the state knows of them: which there are.
pub fn generated_secrets(state: &State) -> GeneratedSecrets {
    all(state).map(|(name, ..)| (name, None)).collect()
}

/// Name, stack and logical name of each.
fn all(state: &State) -> impl Iterator<Item = (String, StackRef, &str)> {
    let stacks = state.clusters.iter().filter_map(|(cluster, known)| {
        // Those that all nodes share are in the base stack.
        let name = known.members.stack_name(cluster, 0);
        let base = known.stacks.get(&name)?;
        Some((cluster, base, StackRef::new(name, base.id.as_deref()?)))
    });
    stacks.flat_map(|(cluster, base, stack)| {
        base.resources.keys().filter_map(move |resource| match ResourceName::parse(resource)? {
            ResourceName::Secret(framework, setting) => {
                Some((format!("{cluster}.{framework}.{setting}"), stack.clone(), resource.as_str()))
            }
            _ => None,
        })
    })
}

impl Project {
    /// The generated secrets of the clusters in the state, read from Heat.
    ///
    /// # Errors
    /// Definitions that do not say which cloud is meant, a cloud that does not answer, a secret that is not there.
    pub async fn read_generated_secrets(&self, state: &State) -> Result<GeneratedSecrets, Failure> {
        if all(state).next().is_none() {
            return Ok(GeneratedSecrets::new());
        }
        let (loaded, _) = self.load_or_remember()?;
        let provider = self.provider(&loaded, Some(state))?;
        let mut reached = self.reach(&provider).await?;
        let read = async {
            Self::recognise(&reached.identity, &provider, Some(state))?;
            let mut secrets = GeneratedSecrets::new();
            for (name, stack, resource) in all(state) {
                let secret = reached.cloud.random_string(&stack, resource).await;
                let secret = secret.map_err(|fault| heat_failure(&fault))?.ok_or_else(|| missing(&name, &stack))?;
                secrets.insert(name, Some(secret));
            }
            Ok(secrets)
        };
        let secrets = read.await;
        reached.close();
        secrets
    }
}

fn missing(name: &str, stack: &StackRef) -> Failure {
    Failure::new(FailureKind::Cloud, format!("secret `{name}` does not exist in stack `{}`", stack.name))
        .help("run `disco plan`: it shows what is missing")
}
