//! What is carried out at once, as the command line does it without a question, and kept in the history in the same words.

use super::super::definition::Loaded;
use super::super::session::now;
use super::super::{Failure, FailureKind, Operation, OperationLog, Project};
use crate::apply::Interrupt;
use crate::plan::{Summary, Switch};
use crate::project::history::Asked;
use crate::report::{self, Message};

/// What is to be done with all clusters of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// What the definition says, unless stored data would be lost.
    Apply,
    /// Everything goes.
    Destroy,
    /// Servers stop, and keep all else.
    Suspend,
    /// They go on.
    Resume,
}

impl Order {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Apply, Self::Destroy, Self::Suspend, Self::Resume];

    /// The verb as typed.
    pub fn verb(self) -> &'static str {
        self.operation().verb()
    }

    fn operation(self) -> Operation {
        match self {
            Self::Apply => Operation::Apply,
            Self::Destroy => Operation::Destroy,
            Self::Suspend => Operation::Suspend,
            Self::Resume => Operation::Resume,
        }
    }
}

impl Project {
    /// Begins the record of an order, before anything of it is done: it is durable when this returns. `key` is the one by which
    /// whoever asks knows it again; `waits` says that it may wait for another one to end.
    ///
    /// # Errors
    /// A project that somebody else has locked; a state that is encrypted; what the disk says.
    pub fn begin_order(&self, order: Order, key: Option<&str>, waits: bool) -> Result<OperationLog, Failure> {
        self.begin_record(&self.load_or_remember()?.0, order.verb(), None, key, waits)
    }

    /// The record of an operation of that name.
    pub(super) fn begin_record(
        &self,
        loaded: &Loaded,
        verb: &str,
        plan: Option<&str>,
        key: Option<&str>,
        waits: bool,
    ) -> Result<OperationLog, Failure> {
        if !waits {
            self.require_unlocked()?;
        }
        if loaded.settings.encryption.is_some() {
            let message = "a service keeps what operations say, and nothing of an encrypted state is readable anywhere";
            return Err(
                Failure::new(FailureKind::Refused, message).help(format!("do it with the command line: disco {verb}"))
            );
        }
        let mut asked = Asked::now(verb, &self.request.user, &self.request.host, &now());
        asked.plan = plan.map(str::to_owned);
        asked.key = key.map(str::to_owned);
        let log = OperationLog::default();
        self.open_log(&log, &asked)?;
        Ok(log)
    }

    /// Plans and does what is ordered, and says all of it to the project's log, the last word too. Returns whether it came to its
    /// end.
    pub async fn carry_out_order(&self, order: Order, interrupt: Interrupt) -> bool {
        let mut log = self.log.clone().unwrap_or_default();
        log.tell(&Message::version());
        let done = match order {
            Order::Apply | Order::Destroy => Box::pin(self.ordered(order, interrupt, &mut log)).await,
            Order::Suspend => Box::pin(self.switched(Switch::Suspend, order, interrupt, &mut log)).await,
            Order::Resume => Box::pin(self.switched(Switch::Resume, order, interrupt, &mut log)).await,
        };
        self.tell_last_word(done, &log)
    }

    async fn ordered(&self, order: Order, interrupt: Interrupt, log: &mut OperationLog) -> Result<bool, Failure> {
        let session = self.open(order.operation()).await?;
        let destroys = order == Order::Destroy;
        let done = Box::pin(async {
            let planned = session.plan(destroys, interrupt.clone(), log).await?;
            self.do_planned(&session, planned, destroys, interrupt, log).await
        })
        .await;
        session.close();
        done
    }

    async fn switched(
        &self,
        switch: Switch,
        order: Order,
        interrupt: Interrupt,
        log: &mut OperationLog,
    ) -> Result<bool, Failure> {
        let session = self.open(order.operation()).await?;
        let done = Box::pin(async {
            let planned = session.plan_switch(switch, &[], interrupt.clone(), log).await?;
            let switched = session.switch(planned, true, interrupt, log).await?;
            if switched.finished {
                let sentence = report::switched_line(switch, &switched.clusters, switched.steps > 0, switched.took);
                log.tell(&Message::summary(switch.verb(), Summary::default(), sentence));
            }
            Ok(switched.finished)
        })
        .await;
        session.close();
        done
    }
}
