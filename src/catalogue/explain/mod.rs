//! Where a value came from: its formula, what went into it, each with where that came from, and the line of the
//! definition that overrides it.

mod answer;
mod explanation;
mod question;
mod trace;

use super::ClusterContext;
use super::prepare::prepare;
use crate::source::Diagnostics;
pub use explanation::{Answer, Change, ExplainedFile, ExplainedValue, Explanation, Origin, Unanswered};

/// Explains a part of a cluster. `question` is what stands after the cluster's name in an address:
/// `slaves/hdfs-site.xml:dfs.replication`, `framework.hadoop.replication`, and whatever can be recognised as such.
///
/// Mistakes of the cluster that leave values unknown are among the diagnostics.
pub fn explain(of: ClusterContext<'_>, question: &str) -> (Result<Answer, Unanswered>, Diagnostics) {
    let (prepared, diagnostics) = prepare(of);
    let question = question::parse(question, of.spec, &prepared);
    (question.and_then(|question| answer::answer(&question, &prepared)), diagnostics)
}
