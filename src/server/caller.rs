//! Who asks, and what they may.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::model::{ServiceLimits, ServiceRoles};

/// What somebody may do. Who may do more may do less, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum May {
    /// Look.
    See,
    /// Write definitions, plan and apply, too.
    Work,
    /// See the audit, too.
    Manage,
}

impl May {
    /// The word.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Work => "work",
            Self::Manage => "manage",
        }
    }

    /// What Keystone's roles come to here; `None` where that is nothing.
    pub(super) fn of(roles: &[String], wanted: &ServiceRoles) -> Option<Self> {
        let has = |names: &[String]| names.iter().any(|name| roles.contains(name));
        if has(&wanted.manage) {
            Some(Self::Manage)
        } else if has(&wanted.work) {
            Some(Self::Work)
        } else {
            has(&wanted.see).then_some(Self::See)
        }
    }
}

/// A tenant, which is what Keystone calls a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TenantName {
    /// The name of the cloud.
    pub(super) cloud: String,
    /// Its id there.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Keystone's id of the user; empty for the owner of a service of one's own.
    pub(super) user_id: String,
    /// The user's name.
    pub(super) user: String,
    /// Absent for the owner of a service of one's own.
    pub(super) tenant: Option<TenantName>,
    pub(super) may: May,
    pub(super) allowance: Arc<Allowance>,
}

impl Caller {
    /// Whose own the service is.
    pub(super) fn owner(user: &str) -> Self {
        let limits = ServiceLimits { requests: u32::MAX, burst: u32::MAX, ..ServiceLimits::default() };
        let allowance = Arc::new(Allowance::new(&limits));
        Self { user_id: String::new(), user: user.to_owned(), tenant: None, may: May::Manage, allowance }
    }
}

/// What one user of a tenant may ask for.
#[derive(Debug)]
pub(super) struct Allowance {
    bucket: Bucket,
    /// Streams of events that may still be opened.
    pub(super) streams: Arc<Semaphore>,
}

impl Allowance {
    pub(super) fn new(limits: &ServiceLimits) -> Self {
        let streams = usize::try_from(limits.streams).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Self { bucket: Bucket::new(limits.requests, limits.burst), streams: Arc::new(Semaphore::new(streams)) }
    }

    /// Takes a request off it; `false` where it is used up.
    pub(super) fn take(&self, now: Instant) -> bool {
        self.bucket.take(now)
    }
}

/// A bucket into which tokens drip.
#[derive(Debug)]
struct Bucket {
    a_second: f64,
    most: f64,
    level: Mutex<(f64, Option<Instant>)>,
}

impl Bucket {
    fn new(a_second: u32, most: u32) -> Self {
        let most = f64::from(most.max(1));
        Self { a_second: f64::from(a_second), most, level: Mutex::new((most, None)) }
    }

    fn take(&self, now: Instant) -> bool {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let dripped = level.1.map_or(0.0, |since| now.saturating_duration_since(since).as_secs_f64() * self.a_second);
        *level = ((level.0 + dripped).min(self.most), Some(now));
        let has = level.0 >= 1.0;
        if has {
            level.0 -= 1.0;
        }
        has
    }
}

/// Who failed to sign in of late: addresses, and names of users.
#[derive(Debug)]
pub(super) struct Failures {
    most: usize,
    of: Mutex<BTreeMap<String, Vec<Instant>>>,
}

/// How long a failure counts.
const MINUTE: std::time::Duration = std::time::Duration::from_mins(1);

/// So many are remembered at most.
const REMEMBERED: usize = 10_000;

impl Failures {
    pub(super) fn new(most: u32) -> Self {
        Self { most: usize::try_from(most).unwrap_or(usize::MAX), of: Mutex::default() }
    }

    /// Whether somebody has failed too often in the last minute.
    pub(super) fn are_too_many(&self, who: &str, now: Instant) -> bool {
        let of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |at: &&Instant| now.saturating_duration_since(**at) < MINUTE;
        of.get(who).is_some_and(|all| all.iter().filter(recent).count() >= self.most)
    }

    /// Notes a failure.
    pub(super) fn note(&self, who: &str, now: Instant) {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |at: &Instant| now.saturating_duration_since(*at) < MINUTE;
        if of.len() >= REMEMBERED {
            of.retain(|_, all| all.iter().any(recent));
        }
        if of.len() < REMEMBERED || of.contains_key(who) {
            let all = of.entry(who.to_owned()).or_default();
            all.retain(recent);
            all.push(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn roles_come_to_the_most_that_they_allow() {
        let wanted = ServiceRoles::default();
        let of = |roles: &[&str]| May::of(&roles.iter().map(|role| (*role).to_owned()).collect::<Vec<_>>(), &wanted);
        assert_eq!(of(&["reader"]), Some(May::See));
        assert_eq!(of(&["reader", "member"]), Some(May::Work));
        assert_eq!(of(&["admin", "reader"]), Some(May::Manage));
        assert_eq!(of(&["heat_stack_user"]), None);
    }

    #[test]
    fn a_bucket_holds_a_burst_and_fills_again() {
        let (bucket, start) = (Bucket::new(2, 3), Instant::now());
        let taken = |at: Duration| (0..10).filter(|_| bucket.take(start + at)).count();
        assert_eq!(taken(Duration::ZERO), 3);
        assert_eq!(taken(Duration::from_secs(1)), 2);
        assert_eq!(taken(Duration::from_mins(1)), 3);
    }

    #[test]
    fn failures_count_for_a_minute() {
        let (failures, start) = (Failures::new(2), Instant::now());
        failures.note("a", start);
        assert!(!failures.are_too_many("a", start));
        failures.note("a", start);
        assert!(failures.are_too_many("a", start) && !failures.are_too_many("b", start));
        assert!(!failures.are_too_many("a", start + MINUTE));
    }
}
