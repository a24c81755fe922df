//! The engine's time: the wall's, or one that a test moves.

#![expect(clippy::disallowed_methods, reason = "the engine owns its clock")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::entity::Millis;

/// Where the engine's time comes from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The wall.
    #[default]
    Wall,
    /// Stands until [`Engine::advance`](super::Engine::advance) moves it; milliseconds since 1970.
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// A clock that stands at that time.
    pub fn manual(millis: u64) -> Self {
        Self::Manual(Arc::new(AtomicU64::new(millis)))
    }

    pub(crate) fn now(&self) -> Millis {
        match self {
            Self::Wall => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }
            Self::Manual(time) => time.load(Ordering::SeqCst),
        }
    }

    pub(crate) fn set(&self, millis: Millis) {
        if let Self::Manual(time) = self {
            time.store(millis, Ordering::SeqCst);
        }
    }
}

/// A time as OpenStack writes it, to the second.
pub(crate) fn timestamp(millis: Millis) -> String {
    let millis = i64::try_from(millis).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
