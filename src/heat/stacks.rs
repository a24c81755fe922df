//! Heat's stacks: create, update, delete, find, read.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::catalog::Service;
use super::cloud::{Ask, Cloud, escaped};
use super::error::{Cause, HeatError};
use super::wire;
use crate::template::Folded;

/// A stack that exists or existed: its name and its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackRef {
    /// Name.
    pub name: String,
    /// Id.
    pub id: String,
}

impl StackRef {
    /// Both.
    pub fn new(name: impl Into<String>, id: impl Into<String>) -> Self {
        Self { name: name.into(), id: id.into() }
    }

    pub(super) fn path(&self) -> String {
        format!("/stacks/{}/{}", escaped(&self.name), escaped(&self.id))
    }
}

/// What a stack can be asked to do besides updates and deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Heat's own names")]
pub enum StackVerb {
    Suspend,
    Resume,
    Check,
    CancelUpdate,
    CancelWithoutRollback,
}

impl StackVerb {
    /// As Heat says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Check => "check",
            Self::CancelUpdate => "cancel_update",
            Self::CancelWithoutRollback => "cancel_without_rollback",
        }
    }
}

#[derive(Deserialize)]
struct One {
    stack: wire::Stack,
}

#[derive(Deserialize)]
struct OneCreated {
    stack: wire::Created,
}

#[derive(Deserialize)]
struct Many {
    stacks: Vec<wire::Stack>,
}

#[derive(Deserialize)]
struct OneResource {
    resource: wire::Resource,
}

#[derive(Deserialize)]
struct OneRandomString {
    resource: RandomString,
}

#[derive(Deserialize)]
struct RandomString {
    attributes: RandomStringAttributes,
}

#[derive(Deserialize)]
struct RandomStringAttributes {
    #[serde(default)]
    value: Option<String>,
}

#[derive(Deserialize)]
struct ManyResources {
    resources: Vec<wire::Resource>,
}

/// How many stacks a page has.
const PAGE: usize = 200;

impl Cloud {
    /// Asks for a stack. Where this fails and [`HeatError::may_have_arrived`], look for it by name and tag before
    /// asking again.
    pub async fn create_stack<T: Serialize>(&self, stack: &wire::CreateStack<T>) -> Result<StackRef, HeatError> {
        let name = &stack.stack_name;
        let attempt = async {
            let ask = Ask::new(Service::Orchestration, Method::POST, "/stacks".to_owned()).once().with(stack)?;
            self.read::<OneCreated>(ask).await
        };
        match attempt.await {
            Ok(created) => Ok(StackRef::new(name, created.stack.id)),
            Err(source) if self.is_delegated().await => Err(HeatError::CreateDelegated { stack: name.clone(), source }),
            Err(source) => Err(HeatError::CreateStack { stack: name.clone(), source }),
        }
    }

    /// Sends a whole template, all parameters and tags: what an update leaves out is lost, but for parameters that the
    /// template still has where `keeps` says so. Never repeated where it may have arrived: it would start the update
    /// anew.
    pub async fn update_stack<T: Serialize>(
        &self,
        stack: &StackRef,
        update: &wire::UpdateStack<T>,
        keeps: bool,
    ) -> Result<(), HeatError> {
        let attempt = async {
            let method = if keeps { Method::PATCH } else { Method::PUT };
            let ask = Ask::new(Service::Orchestration, method, stack.path()).once().with(update)?;
            self.ask(ask).await
        };
        match attempt.await {
            Ok(_) => Ok(()),
            Err(source) => Err(HeatError::UpdateStack { stack: stack.name.clone(), source }),
        }
    }

    /// Asks for the stack's end. A stack that is gone already is fine.
    pub async fn delete_stack(&self, stack: &StackRef) -> Result<(), HeatError> {
        match self.ask(Ask::new(Service::Orchestration, Method::DELETE, stack.path())).await {
            Ok(_) => Ok(()),
            Err(Cause::Fault(fault)) if fault.status == http::StatusCode::NOT_FOUND => Ok(()),
            Err(source) => Err(HeatError::DeleteStack { stack: stack.name.clone(), source }),
        }
    }

    /// The stack of that name with its outputs, if it exists.
    pub async fn find_stack(&self, name: &str) -> Result<Option<wire::Stack>, HeatError> {
        let named = self.stack_named(name).await?;
        Ok(named.filter(|stack| !stack.status().is_deleted()))
    }

    /// The stack that has that name, with its outputs. A deleted one keeps its name until Heat has put its trust, its
    /// project and its record away, which takes a second or two after `DELETE_COMPLETE`.
    pub async fn stack_named(&self, name: &str) -> Result<Option<wire::Stack>, HeatError> {
        let failed = |source| HeatError::ReadStack { stack: name.to_owned(), source };
        let answer = match self.ask(Ask::heat(format!("/stacks/{}", escaped(name)))).await {
            Ok(answer) => answer,
            Err(Cause::Fault(fault)) if fault.status == http::StatusCode::NOT_FOUND => return Ok(None),
            Err(source) => return Err(failed(source)),
        };
        if answer.status().is_redirection() {
            // Only the id is taken from where Heat points to: its idea of its own address may not be ours.
            let location = answer.headers().get(http::header::LOCATION).and_then(|value| value.to_str().ok());
            let id = location.and_then(|location| location.split(['?', '#']).next()?.rsplit('/').next());
            let Some(id) = id.filter(|id| !id.is_empty()) else {
                let url = format!("/stacks/{name}");
                return Err(failed(Cause::Unanswered { url, source: "a redirect without an address".into() }));
            };
            self.stack(&StackRef::new(name, id)).await
        } else {
            let one: One = serde_json::from_slice(answer.body())
                .map_err(|source| failed(Cause::Garbled { url: format!("/stacks/{name}"), source }))?;
            Ok(Some(one.stack))
        }
    }

    /// The stack with its outputs; `None` where it does not exist. For some time a deleted one is still told about.
    pub async fn stack(&self, stack: &StackRef) -> Result<Option<wire::Stack>, HeatError> {
        self.stack_at(stack, stack.path()).await
    }

    /// The stack without its outputs, which cost Heat a lot.
    pub async fn stack_status(&self, stack: &StackRef) -> Result<Option<wire::Stack>, HeatError> {
        self.stack_at(stack, format!("{}?resolve_outputs=False", stack.path())).await
    }

    async fn stack_at(&self, stack: &StackRef, path: String) -> Result<Option<wire::Stack>, HeatError> {
        match self.read::<One>(Ask::heat(path)).await {
            Ok(one) => Ok(Some(one.stack)),
            Err(Cause::Fault(fault)) if fault.status == http::StatusCode::NOT_FOUND => Ok(None),
            Err(source) => Err(HeatError::ReadStack { stack: stack.name.clone(), source }),
        }
    }

    /// All living stacks that carry a tag.
    pub async fn stacks_tagged(&self, tag: &str) -> Result<Vec<wire::Stack>, HeatError> {
        let mut all: Vec<wire::Stack> = Vec::new();
        loop {
            let mut path = format!("/stacks?tags={}&limit={PAGE}", escaped(tag));
            if let Some(last) = all.last() {
                path.push_str("&marker=");
                path.push_str(&escaped(&last.id));
            }
            let page = match self.read::<Many>(Ask::heat(path)).await {
                Ok(page) => page.stacks,
                Err(source) => return Err(HeatError::ListStacks { source }),
            };
            // Some clouds give shorter pages than they are asked for: only an empty one, or one that brings nothing
            // new, is the end.
            let fresh: Vec<_> = page.into_iter().filter(|stack| all.iter().all(|old| old.id != stack.id)).collect();
            if fresh.is_empty() {
                return Ok(all);
            }
            all.extend(fresh);
        }
    }

    /// The template last accepted.
    pub async fn template(&self, stack: &StackRef) -> Result<Folded, HeatError> {
        self.read(Ask::heat(format!("{}/template", stack.path())))
            .await
            .map_err(|source| HeatError::ReadStack { stack: stack.name.clone(), source })
    }

    /// All resources of a stack in one listing.
    pub async fn resources(&self, stack: &StackRef) -> Result<Vec<wire::Resource>, HeatError> {
        match self.read::<ManyResources>(Ask::heat(format!("{}/resources", stack.path()))).await {
            Ok(many) => Ok(many.resources),
            Err(source) => Err(HeatError::ReadStack { stack: stack.name.clone(), source }),
        }
    }

    /// One resource with its attributes.
    pub async fn resource(&self, stack: &StackRef, name: &str) -> Result<Option<wire::Resource>, HeatError> {
        let path = format!("{}/resources/{}", stack.path(), escaped(name));
        match self.read::<OneResource>(Ask::heat(path)).await {
            Ok(one) => Ok(Some(one.resource)),
            Err(Cause::Fault(fault)) if fault.status == http::StatusCode::NOT_FOUND => Ok(None),
            Err(source) => Err(HeatError::ReadStack { stack: stack.name.clone(), source }),
        }
    }

    /// The secret that a random string of a stack is; `None` where there is none yet.
    pub async fn random_string(&self, stack: &StackRef, name: &str) -> Result<Option<String>, HeatError> {
        let path = format!("{}/resources/{}", stack.path(), escaped(name));
        match self.read::<OneRandomString>(Ask::heat(path)).await {
            Ok(one) => Ok(one.resource.attributes.value),
            Err(Cause::Fault(fault)) if fault.status == http::StatusCode::NOT_FOUND => Ok(None),
            Err(source) => Err(HeatError::ReadStack { stack: stack.name.clone(), source }),
        }
    }

    /// Says that a resource is dead or damaged, so that the next update makes it anew.
    pub async fn mark_unhealthy(&self, stack: &StackRef, resource: &str, reason: &str) -> Result<(), HeatError> {
        let attempt = async {
            let path = format!("{}/resources/{}", stack.path(), escaped(resource));
            let body = json!({ "mark_unhealthy": true, "resource_status_reason": reason });
            self.ask(Ask::new(Service::Orchestration, Method::PATCH, path).with(&body)?).await
        };
        match attempt.await {
            Ok(_) => Ok(()),
            Err(source) => {
                Err(HeatError::MarkUnhealthy { stack: stack.name.clone(), resource: resource.to_owned(), source })
            }
        }
    }

    /// Suspends, resumes, checks or cancels.
    pub async fn act(&self, stack: &StackRef, verb: StackVerb) -> Result<(), HeatError> {
        let attempt = async {
            let path = format!("{}/actions", stack.path());
            let ask = Ask::new(Service::Orchestration, Method::POST, path).once();
            self.ask(ask.with(&json!({ verb.name(): null }))?).await
        };
        match attempt.await {
            Ok(_) => Ok(()),
            Err(source) => Err(HeatError::Act { stack: stack.name.clone(), action: verb.name(), source }),
        }
    }
}
