//! The little that all tests share.

mod disk;
mod project;
mod served;
mod store;

use disco::model::{ClusterSpec, Members};

pub(crate) use disk::OwnDisk;
pub(crate) use project::{Run, TestProject};
pub(crate) use served::Served;
pub(crate) use store::Store;

/// The nodes of a cluster that was never there before, in stacks of the usual size.
pub(crate) fn placed(spec: &ClusterSpec) -> Members {
    disco::graph::allocate(spec, None, 1000).0
}

/// Asserts a snapshot kept under the top-level `snapshots/`, in the same folder as the test's room.
///
/// `snapshot!("name", value)`; `value` is anything that implements `Display`.
macro_rules! snapshot {
    ($name:expr, $value:expr) => {{
        let room = module_path!().split("::").nth(1).unwrap_or_default();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots").to_owned() + "/" + room);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!($name, $value));
    }};
}
pub(crate) use snapshot;
