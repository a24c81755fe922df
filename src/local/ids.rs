//! New ids.

#![expect(clippy::disallowed_methods, reason = "ids of the engine's own cloud are made here")]

/// A new id as OpenStack writes it.
pub(crate) fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A new id as Keystone writes it.
pub(crate) fn hex() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
