//! Two definitions beside each other: what a plan would say if the first were what runs.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value as Json;

use super::json::PlanFile;
use super::{Headline, LONGEST_COMMENT, Page, PlanDrawing, by_cluster, plan_markdown, state_changes};
use crate::plan::{Plan, Summary};
use crate::report::document::document;
use crate::report::table;
use crate::source::{Diagnostics, Sources};

/// What clusters take of a cloud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Size {
    /// Nodes.
    pub nodes: u64,
    /// Virtual processors.
    pub cores: u64,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Root disks and volumes in GiB.
    pub disk_gib: u64,
    /// Nodes whose flavor is not known without a cloud: their processors, memory and root disks are not counted.
    pub unknown: u64,
}

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// What the second asks for beyond the first.
    pub plan: &'a Plan,
    /// The name of the first.
    pub before: &'a str,
    /// The name of the second.
    pub after: &'a str,
    /// What the clusters of the first take.
    pub size_before: Size,
    /// What those of the second take.
    pub size_after: Size,
}

/// The document of `disco diff --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct ComparisonFile<'a> {
    /// The folder or revision that is compared.
    compared: &'a str,
    /// The one that it is compared with.
    with: &'a str,
    size_before: Size,
    size_after: Size,
    #[serde(flatten)]
    plan: PlanFile<'a>,
}

/// The comparison for programs: a plan, with the sizes before and after.
pub fn comparison_json(of: Comparison<'_>, sources: &Sources) -> Json {
    document(&ComparisonFile {
        compared: of.before,
        with: of.after,
        size_before: of.size_before,
        size_after: of.size_after,
        plan: PlanFile::of(of.plan, sources),
    })
}

impl Comparison<'_> {
    /// Whether there is a difference.
    pub fn differs(&self) -> bool {
        self.plan.has_changes() || self.size_before != self.size_after
    }

    fn from(&self) -> String {
        format!("Changes from {} to {}, if {} is what runs.", self.before, self.after, self.before)
    }

    fn last_line(&self) -> String {
        if !self.differs() {
            return "No differences.".to_owned();
        }
        let Summary { add, change, destroy } = self.plan.summary();
        format!("Difference: {add} to add, {change} to change, {destroy} to destroy.")
    }

    /// Rows of what the clusters take: what, before, after.
    fn sizes(&self) -> Vec<(String, String, String)> {
        let Self { size_before: before, size_after: after, .. } = self;
        let gib = |mib: u64| format!("{} GiB", mib.div_ceil(1024));
        let mut rows = vec![
            ("nodes".to_owned(), before.nodes.to_string(), after.nodes.to_string()),
            ("cores".to_owned(), before.cores.to_string(), after.cores.to_string()),
            ("memory".to_owned(), gib(before.memory_mib), gib(after.memory_mib)),
            ("disk".to_owned(), format!("{} GiB", before.disk_gib), format!("{} GiB", after.disk_gib)),
        ];
        if before.unknown + after.unknown > 0 {
            let unknown = "nodes of flavors not known here, not counted above".to_owned();
            rows.push((unknown, before.unknown.to_string(), after.unknown.to_string()));
        }
        rows
    }
}

/// The comparison as text, in the grammar of a plan.
pub fn comparison(of: Comparison<'_>, sources: &Sources, drawing: PlanDrawing) -> String {
    let mut page = Page { plan: of.plan, text: format!("{}\n", of.from()), drawing, sources };
    let clusters = by_cluster(of.plan);
    page.text.push_str(&state_changes::section(of.plan));
    if !clusters.is_empty() {
        page.text.push('\n');
        page.legend(
            "It comes to these actions:",
            clusters.iter().flat_map(|(_, entries)| entries).map(|entry| entry.kind),
        );
    }
    for (name, entries) in &clusters {
        page.text.push('\n');
        page.address(name);
        page.cluster(entries);
    }
    if !of.plan.outputs.is_empty() {
        page.text.push_str("\nChanges to Outputs:\n");
        page.outputs(&of.plan.outputs);
    }
    if of.differs() {
        let mut rows = vec![["", "BEFORE", "AFTER"].map(str::to_owned)];
        rows.extend(of.sizes().into_iter().map(<[String; 3]>::from));
        // Writing to a String cannot fail.
        let _ = write!(page.text, "\n{}", table(&rows, ""));
    }
    let _ = write!(page.text, "\n{}", of.last_line());
    page.text
}

/// The comparison as a comment of a pull request; `warnings` are those of the second.
pub fn comparison_markdown(of: Comparison<'_>, warnings: &Diagnostics, sources: &Sources) -> String {
    let (from, sizes) = (of.from(), of.sizes());
    let sizes = if of.differs() { sizes.as_slice() } else { &[] };
    let headline = Headline { what: "Difference", from: Some(&from), sizes };
    plan_markdown(of.plan, warnings, sources, headline, LONGEST_COMMENT)
}
