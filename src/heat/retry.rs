//! How often and how soon a request is repeated.

use std::time::Duration;

use super::error::Cause;

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
    pub fn wait(&self, attempt: u32, repeatable: bool, cause: &Cause) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let backoff = self.first_wait.saturating_mul(1 << (attempt - 1).min(16)).min(self.longest_wait);
        match cause {
            Cause::Unreachable { .. } => Some(backoff),
            // Half an answer is one that got lost on its way.
            Cause::Unanswered { .. } | Cause::Garbled { .. } => repeatable.then_some(backoff),
            Cause::Fault(fault) => {
                let again = match fault.status.as_u16() {
                    429 => true,
                    502..=504 => repeatable,
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
        assert_eq!(retry.wait(1, true, &lost), Some(Duration::from_millis(200)));
        assert_eq!(retry.wait(3, true, &lost), Some(Duration::from_millis(800)));
        assert_eq!(retry.wait(1, false, &lost), None);
        let half = || Cause::Garbled { url: String::new(), source: serde_json::from_str::<()>("{").unwrap_err() };
        assert_eq!(retry.wait(1, true, &half()), Some(Duration::from_millis(200)));
        assert_eq!(retry.wait(1, false, &half()), None);
        assert_eq!(retry.wait(1, false, &refused), Some(Duration::from_millis(200)));
        assert_eq!(retry.wait(6, true, &refused), None);
        assert_eq!(retry.wait(1, true, &fault(503, Some(7))), Some(Duration::from_secs(7)));
        assert_eq!(retry.wait(1, true, &fault(503, Some(700))), Some(Duration::from_secs(30)));
        assert_eq!(retry.wait(1, false, &fault(503, None)), None);
        assert_eq!(retry.wait(1, false, &fault(429, None)), Some(Duration::from_millis(200)));
        assert_eq!(retry.wait(1, true, &fault(404, None)), None);
    }
}
