//! The little that all tests share.

mod cloud;
mod counted;
mod disk;
pub(crate) mod postgres;
mod project;
mod rewriting;
pub(crate) mod s3;
mod schema;
mod served;
mod state_server;
mod store;

use std::collections::BTreeMap;

use disco::catalogue::Catalogue;
use disco::expression::FileReader;
use disco::language::{Definition, Evaluated, EvaluationContext};
use disco::model::{CloudFacts, ClusterSpec, KnownCluster, Members};
use disco::source::{Diagnostics, Sources};

pub(crate) use cloud::{Delivered, Eyes, Inventory, TestCloud, cloud_of, in_its_words, real_cloud, text};
pub(crate) use counted::CountingProxy;
pub(crate) use disk::OwnDisk;
pub(crate) use project::{LAB, Run, TestProject};
pub(crate) use rewriting::RewritingProxy;
pub(crate) use schema::{schema, valid_against};
pub(crate) use served::Served;
pub(crate) use state_server::{StateServer, Trouble};
pub(crate) use store::Store;

/// The nodes of a cluster that was never there before, in stacks of the usual size.
pub(crate) fn placed(spec: &ClusterSpec) -> Members {
    disco::graph::allocate(spec, None, 1000).0
}

/// What a definition comes to where nothing was ever applied but what is `known`, and nothing is known of the cloud.
pub(crate) fn evaluated(
    definition: &Definition,
    catalogue: &Catalogue,
    known: &BTreeMap<String, KnownCluster>,
    sources: &Sources,
    reader: &dyn FileReader,
) -> (Evaluated, Diagnostics) {
    let (facts, fixed) = (CloudFacts::default(), BTreeMap::new());
    let context = EvaluationContext {
        catalogue,
        facts: &facts,
        known,
        fixed: &fixed,
        called: &BTreeMap::new(),
        standing: &BTreeMap::new(),
        place: &placed,
    };
    definition.evaluate(context, sources, reader)
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
