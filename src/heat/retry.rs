//! How often and how soon a request is repeated.

use std::time::Duration;

use super::error::Cause;

/// What a request may do where it arrives twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twice {
    /// It only reads.
    Reads,
    /// The second time changes nothing more.
    Same,
    /// It must not arrive twice.
    Never,
}

/// How often a question is sent at most that is answered with 500: an engine that is behind with its work says so after
/// a minute, and so does one that will never be able to answer.
const BROKEN: u32 = 3;

/// Bounds of repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often a request is sent at most.
    pub attempts: u32,
    /// Wait after the first failure; doubled each time.
    pub first_wait: Duration,
    /// Longest wait, also where `Retry-After` asks for more.
    pub longest_wait: Duration,
    /// How long one answer is waited for.
    pub patience: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 6,
            first_wait: Duration::from_millis(200),
            longest_wait: Duration::from_secs(30),
            patience: Duration::from_mins(2),
        }
    }
}

impl Retry {
    /// How long to wait before sending again, or `None` where it is not sent again. `attempt` counts from 1.
    pub(super) fn wait(&self, attempt: u32, twice: Twice, cause: &Cause) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let backoff = self.first_wait.saturating_mul(1 << (attempt - 1).min(16)).min(self.longest_wait);
        match cause {
            Cause::Unreachable { .. } => Some(backoff),
            // Half an answer is one that got lost on its way.
            Cause::Unanswered { .. } | Cause::Garbled { .. } => (twice != Twice::Never).then_some(backoff),
            Cause::Fault(fault) => {
                let again = match fault.status.as_u16() {
                    429 => true,
                    500 => twice == Twice::Reads && attempt < BROKEN,
                    502..=504 => twice != Twice::Never,
                    _ => false,
                };
                again.then(|| fault.retry_after.unwrap_or(backoff).min(self.longest_wait))
            }
            Cause::NoService { .. } | Cause::NoInterface { .. } | Cause::NoVersion { .. } | Cause::NoProject => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::super::error::Fault;
    use super::*;

    fn fault(status: u16, retry_after: Option<u64>) -> Cause {
        Cause::Fault(Fault {
            status: StatusCode::from_u16(status).unwrap(),
            kind: None,
            message: String::new(),
            retry_after: retry_after.map(Duration::from_secs),
        })
    }

    #[test]
    fn only_what_is_safe_is_repeated() {
        let retry = Retry::default();
        let lost = Cause::Unanswered { url: String::new(), source: "gone".into() };
        let refused = Cause::Unreachable { url: String::new(), source: "refused".into() };
        assert_eq!(retry.wait(1, Twice::Same, &lost), Some(Duration::from_millis(200)));
        assert_eq!(retry.wait(3, Twice::Same, &lost), Some(Duration::from_millis(800)));
        assert_eq!(retry.wait(1, Twice::Never, &lost), None);
        let half = || Cause::Garbled { url: String::new(), source: serde_json::from_str::<()>("{").unwrap_err() };
        assert_eq!(retry.wait(1, Twice::Same, &half()), Some(Duration::from_millis(200)));
        assert_eq!(retry.wait(1, Twice::Never, &half()), None);
        assert_eq!(retry.wait(1, Twice::Never, &refused), Some(Duration::from_millis(200)));
        assert_eq!(retry.wait(6, Twice::Same, &refused), None);
        assert_eq!(retry.wait(1, Twice::Same, &fault(503, Some(7))), Some(Duration::from_secs(7)));
        assert_eq!(retry.wait(1, Twice::Same, &fault(503, Some(700))), Some(Duration::from_secs(30)));
        assert_eq!(retry.wait(1, Twice::Never, &fault(503, None)), None);
        assert_eq!(retry.wait(1, Twice::Never, &fault(429, None)), Some(Duration::from_millis(200)));
        assert_eq!(retry.wait(2, Twice::Reads, &fault(500, None)), Some(Duration::from_millis(400)));
        assert_eq!(retry.wait(3, Twice::Reads, &fault(500, None)), None);
        assert_eq!(retry.wait(1, Twice::Same, &fault(500, None)), None);
        assert_eq!(retry.wait(1, Twice::Reads, &fault(404, None)), None);
    }
}
