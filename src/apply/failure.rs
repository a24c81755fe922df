//! Why a plan was not carried out to its end.

use super::journal::JournalFault;
use crate::heat::HeatError;
use crate::model::{Action, ActionStatus, Address, GIVEN_UP, LATE};
use crate::source::{Diagnostic, Span, causes, listed};

/// Why a plan was not carried out to its end.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The plan says itself that it must not be applied.
    #[error("the plan has errors and was not applied")]
    RefusedPlan,
    /// Somebody else was faster.
    #[error(
        "the plan is stale: it was made from serial {planned} of lineage {planned_lineage}, the state has serial {found} of lineage {found_lineage}"
    )]
    Stale {
        /// Serial the plan was made from.
        planned: u64,
        /// Serial of the state.
        found: u64,
        /// Lineage the plan was made from.
        planned_lineage: String,
        /// Lineage of the state.
        found_lineage: String,
    },
    /// An earlier operation has to be resolved first.
    #[error("an earlier operation on stack `{stack}` has not been resolved")]
    OpenIntent {
        /// Which stack.
        stack: String,
    },
    /// A stack of that name was not made by this project.
    #[error("a stack named `{stack}` exists and does not belong to this project")]
    ForeignStack {
        /// Which.
        stack: String,
        /// Its id.
        id: String,
        /// The definition's line that asks for it.
        origin: Option<Span>,
    },
    /// Somebody else has begun something since the plan was made.
    #[error("{under_way}")]
    InUse {
        /// What is under way, as a sentence.
        under_way: String,
    },
    /// The cloud refused, or could not be reached.
    #[error("step `{step}` could not be carried out")]
    Cloud {
        /// For people.
        step: String,
        /// The definition's line that asks for it.
        origin: Option<Span>,
        /// Why.
        source: Box<HeatError>,
    },
    /// The state could not be kept: nothing more was asked of the cloud.
    #[error("the state could not be written")]
    Journal {
        /// Why.
        source: JournalFault,
    },
    /// Heat says FAILED.
    #[error("{0}")]
    Step(Box<StepFailure>),
    /// Heat says COMPLETE, yet something is not there.
    #[error("after apply something is missing: {}", list(missing))]
    Missing {
        /// What, and how it is instead.
        missing: Vec<(Address, String)>,
    },
    /// A further stack needs something of the base stack that is not there.
    #[error("`{resource}` of stack `{stack}` does not exist, and other stacks need it")]
    NotMade {
        /// Which stack.
        stack: String,
        /// The resource's logical name.
        resource: String,
    },
    /// Nova could not let a server run again.
    #[error("the server of `{address}` could not be started: it is {status}")]
    NotStarted {
        /// Whose server.
        address: Address,
        /// Nova's id.
        server: String,
        /// Nova's status.
        status: String,
    },
    /// A stack that the plan builds on has vanished.
    #[error("stack `{stack}` does not exist any more")]
    Gone {
        /// Which.
        stack: String,
    },
    /// Something that came first has failed.
    #[error("{}", not_begun(clusters, after))]
    NotBegun {
        /// Clusters, in the order of their names.
        clusters: Vec<String>,
        /// What has failed, which they come after; none where they refer to nothing that has.
        after: Vec<String>,
    },
    /// A person has cancelled the update, and Heat has rolled it back.
    #[error("the update of stack `{stack}` was cancelled, and Heat has rolled it back")]
    Cancelled {
        /// Which.
        stack: String,
    },
    /// A person wanted to cancel the update, which had come to its end.
    #[error("the update of stack `{stack}` was complete before it could be cancelled")]
    TooLate {
        /// Which.
        stack: String,
    },
    /// A person wanted to cancel what Heat cannot cancel.
    #[error("stack `{stack}` is being created, and Heat cancels updates only")]
    NotCancellable {
        /// Which.
        stack: String,
    },
    /// Heat says that the stack is gone, yet something is left of it.
    #[error("stack `{stack}` was deleted, but something of it is left: {left}")]
    LeftOver {
        /// Which.
        stack: String,
        /// What.
        left: String,
    },
}

fn not_begun(clusters: &[String], after: &[String]) -> String {
    let quoted = |names: &[String]| listed(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>());
    let (one, many) = (clusters.len() == 1, quoted(clusters));
    let head = if one { format!("cluster {many} was not begun") } else { format!("clusters {many} were not begun") };
    match (after.is_empty(), one) {
        (true, _) => head,
        (false, true) => format!("{head}: it comes after {}", quoted(after)),
        (false, false) => format!("{head}: they come after {}", quoted(after)),
    }
}

fn list(missing: &[(Address, String)]) -> String {
    let shown: Vec<String> = missing.iter().take(10).map(|(address, how)| format!("{address} ({how})")).collect();
    let more = missing.len().saturating_sub(shown.len());
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// A stack's action that Heat ended with FAILED.
#[derive(Clone, Debug, PartialEq)]
pub struct StepFailure {
    /// For people.
    pub step: String,
    /// Cluster.
    pub cluster: String,
    /// Stack.
    pub stack: String,
    /// `CREATE_FAILED`, …
    pub status: ActionStatus,
    /// Heat's words about the stack.
    pub reason: String,
    /// Whether it was one of several batches of nodes.
    pub batch: bool,
    /// The first resource that failed.
    pub culprit: Option<Culprit>,
    /// What else failed.
    pub others: Vec<Address>,
    /// What Heat had not begun with when it stopped.
    pub not_begun: Vec<Address>,
    /// For a deletion: everything that could not be deleted.
    pub blockers: Vec<Culprit>,
    /// What holds them, a sentence each, as far as the cloud says.
    pub holders: Vec<String>,
}

/// A resource that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Culprit {
    /// Whose it is.
    pub address: Address,
    /// Logical name.
    pub resource: String,
    /// `OS::Nova::Server`
    pub heat_type: String,
    /// Heat's words.
    pub reason: String,
    /// Whether some service did not take Heat's token any more.
    pub token_refused: bool,
    /// What Nova says of a server, where Heat does not say it.
    pub fault: Option<String>,
    /// What the node's own log says: what failed, and the last lines.
    pub log: Vec<String>,
    /// The definition's line that asked for it.
    pub origin: Option<Span>,
}

/// A few by name, the others by number.
fn some(addresses: &[Address]) -> String {
    let shown: Vec<String> = addresses.iter().take(10).map(Address::to_string).collect();
    let more = addresses.len().saturating_sub(shown.len());
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// What Heat says of a deployment whose node has told that it failed.
const NODE_FAILED: &str = "exited with non-zero status code";

impl Culprit {
    fn is_late(&self) -> bool {
        self.reason == LATE || self.reason.starts_with(GIVEN_UP)
    }

    /// What failed, and what else the node's log says. Of a node that has told that it failed Heat knows no more than that:
    /// the node's own first line is the reason.
    fn words(&self) -> (&str, &[String]) {
        match self.log.split_first() {
            Some((said, rest)) if self.reason.contains(NODE_FAILED) => (said, rest),
            _ => (&self.reason, &self.log),
        }
    }
}

impl std::fmt::Display for StepFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.culprit {
            Some(culprit) => write!(f, "{}: {}", culprit.address, culprit.words().0),
            None => write!(f, "stack `{}` is {}: {}", self.stack, self.status, self.reason),
        }
    }
}

impl ApplyError {
    /// What the cloud said to a step that no line of the definition is to blame for.
    pub(super) fn cloud(step: &str, source: HeatError) -> Self {
        Self::Cloud { step: step.to_owned(), origin: None, source: Box::new(source) }
    }

    /// As a complaint with place and way out.
    pub fn diagnostic(&self) -> Diagnostic {
        let whole = || causes(self).join(": ");
        match self {
            Self::RefusedPlan => {
                Diagnostic::error("disco::refused_plan", self.to_string()).help("resolve the plan's errors first")
            }
            Self::Stale { .. } => {
                Diagnostic::error("disco::stale_plan", self.to_string()).help("run `disco plan` again and look at what has changed")
            }
            Self::OpenIntent { .. } => Diagnostic::error("disco::open_intent", self.to_string())
                .help("run `disco plan`: it asks Heat how the operation ended"),
            Self::ForeignStack { id, origin, .. } => Diagnostic::error("disco::foreign_stack", self.to_string())
                .at_maybe(*origin, "this cluster needs a stack of that name")
                .help(format!(
                    "give the cluster another name, or ask its owner, whom `openstack stack show {id} -c stack_owner` names"
                )),
            Self::InUse { .. } => Diagnostic::error("disco::stack_in_use", self.to_string())
                .help("wait for it to end, then run the same command again: it plans anew"),
            Self::Cloud { origin, source, .. } => Diagnostic::error("disco::cloud_refused", whole())
                .at_maybe(*origin, "needed here")
                .help_maybe(source.way_out()),
            Self::Journal { .. } => Diagnostic::error("disco::state_not_written", whole()).help(
                "fix that (the state file from before is unchanged), then run the same command again: it asks Heat for the current state",
            ),
            Self::Step(failure) => failure.diagnostic(),
            Self::NotStarted { server, .. } => Diagnostic::error("disco::not_started", self.to_string()).help(format!(
                "look at it with `openstack server show {server}`; where it cannot be repaired, delete it and run `disco apply`, which creates it again"
            )),
            Self::Gone { .. } => Diagnostic::error("disco::stack_gone", self.to_string())
                .help("run `disco plan` to see what must be created again: the stack was deleted outside of DISCO"),
            Self::NotMade { .. } => Diagnostic::error("disco::not_made", self.to_string())
                .help("run `disco plan`: it shows what must be created again"),
            Self::Missing { .. } => Diagnostic::error("disco::missing_after_apply", self.to_string())
                .help("run `disco plan`: it shows what is missing"),
            Self::NotBegun { .. } => Diagnostic::warning("disco::not_begun", self.to_string())
                .help("fix the cause and run the same command again: it continues with what has not begun"),
            Self::Cancelled { .. } | Self::TooLate { .. } => Diagnostic::error("disco::cancelled", self.to_string())
                .help("run `disco plan` to see what is left to do"),
            Self::NotCancellable { .. } => Diagnostic::error("disco::cancelled", self.to_string())
                .help("run `disco apply` to watch it again and continue, or `disco destroy` to delete it"),
            Self::LeftOver { .. } => Diagnostic::error("disco::left_over", self.to_string())
                .help("delete that by hand, then run the same command again: what is left is still in the state"),
        }
    }
}

impl StepFailure {
    fn diagnostic(&self) -> Diagnostic {
        let mut help = Vec::new();
        if !self.blockers.is_empty() {
            let names: Vec<String> =
                self.blockers.iter().map(|blocker| format!("{}: {}", blocker.resource, blocker.reason)).collect();
            help.push(format!("could not be deleted: {}", names.join("; ")));
        }
        if !self.holders.is_empty() {
            help.push(format!("delete or detach what holds them first: {}", self.holders.join("; ")));
        }
        let code = if self.status.action == Action::Delete { "disco::destroy_failed" } else { "disco::step_failed" };
        let again = match &self.status.action {
            Action::Delete => "run `disco destroy` again: it continues with what is left".to_owned(),
            Action::Rollback if self.status.is_complete() => {
                "fix the cause and run `disco apply` again: Heat has rolled this change back".to_owned()
            }
            Action::Rollback => {
                "fix the cause and run `disco apply` again: Heat's rollback has failed too, it continues from here"
                    .to_owned()
            }
            Action::Suspend => format!("fix the cause and run `disco suspend {}` again: it continues", self.cluster),
            Action::Resume => format!("fix the cause and run `disco resume {}` again: it continues", self.cluster),
            _ => "fix the cause and run `disco apply` again: it continues from here".to_owned(),
        };
        let Some(culprit) = &self.culprit else {
            help.push(again);
            let message = format!("stack `{}` is {}: {}", self.stack, self.status, self.reason);
            return Diagnostic::error(code, message).help(help.join("\n"));
        };
        let (said, log) = culprit.words();
        if !log.is_empty() {
            help.push(format!("last lines of its log:\n  {}", log.join("\n  ")));
        }
        if let Some(fault) = &culprit.fault {
            help.push(format!("Nova says of its server: {fault}"));
        }
        if !self.others.is_empty() {
            help.push(format!("also failed: {}", some(&self.others)));
        }
        if !self.not_begun.is_empty() {
            help.push(format!("not begun, as Heat stops at the first failure: {}", some(&self.not_begun)));
        }
        if culprit.is_late() {
            // A batch has less than the cluster's timeout, whatever that is.
            let raise = if self.batch { "" } else { ", or raise `timeout` in `lifecycle`" };
            help.push(format!("check that the node runs and reaches Heat{raise}"));
        }
        if culprit.token_refused {
            // Heat goes on with the token of the request; DISCO renews its own.
            help.push(
                "the token that Heat worked with has ended: `reauthentication_auth_method = trusts` in heat.conf has Heat \
                 sign in by itself"
                    .to_owned(),
            );
        }
        help.push(again);
        Diagnostic::error(code, format!("{} failed: {said}", culprit.address))
            .at_maybe(culprit.origin, format!("{} `{}` of stack `{}`", culprit.heat_type, culprit.resource, self.stack))
            .help(help.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_node_that_failed_is_its_own() {
        let culprit = |reason: &str, log: &[&str]| Culprit {
            address: Address::Cluster("c".to_owned()),
            resource: "slaves-0-deployment".to_owned(),
            heat_type: "OS::Heat::SoftwareDeployment".to_owned(),
            reason: reason.to_owned(),
            fault: None,
            token_refused: false,
            log: log.iter().map(|line| (*line).to_owned()).collect(),
            origin: None,
        };
        let heat = "Deployment to server failed: deploy_status_code : Deployment exited with non-zero status code: 1";
        let told = culprit(heat, &["probes: n.service does not run", "line 1", "line 2"]);
        assert_eq!(told.words().0, "probes: n.service does not run");
        assert_eq!(told.words().1, ["line 1", "line 2"]);
        assert_eq!(culprit(heat, &[]).words().0, heat);
        let late = culprit("no answer", &["line 1"]);
        assert_eq!((late.words().0, late.words().1.len()), ("no answer", 1));
    }
}
