//! A cluster: how it is, its nodes and services, how large it is, what has drifted, and where each value comes from.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::layout::{self, Extras, page as whole};
use crate::model::CloudFacts;
use crate::project::Project;
use crate::report;
use crate::server::Service;
use crate::server::api::{known, waiting, work};
use crate::server::fault::Problem;
use crate::state::State as KnownState;

/// So many nodes are shown one by one.
const NODES: usize = 100;

/// MiB of a GiB.
const GIB: u64 = 1024;

/// What all nodes of a cluster are together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    cores: u64,
    memory_mib: u64,
    disk_gib: u64,
    /// Nodes whose flavor is not known here.
    unknown: usize,
}

impl Size {
    /// The sum over the flavors of all nodes.
    fn of<'n>(flavors: impl Iterator<Item = &'n str>, facts: &CloudFacts) -> Self {
        flavors.fold(Self::default(), |sum, name| match facts.flavors.get(name) {
            Some(flavor) => Self {
                cores: sum.cores + u64::from(flavor.vcpus),
                memory_mib: sum.memory_mib + flavor.memory_mib,
                disk_gib: sum.disk_gib + flavor.disk_gib,
                ..sum
            },
            None => Self { unknown: sum.unknown + 1, ..sum },
        })
    }
}

/// What is known of a cluster without asking its cloud.
fn of<'s>(state: &'s Value, cluster: &str) -> Option<&'s Value> {
    state.get("clusters")?.get(cluster)
}

fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(of: &'v Value, name: &str) -> &'v str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Path((name, cluster)): Path<(String, String)>,
) -> Result<Markup, Problem> {
    let kept = work(&service, name.clone(), known).await.map_err(Problem::for_people)?;
    let shown = report::show_json(kept.as_ref());
    let Some(known) = of(&shown, &cluster) else {
        let title = format!("cluster `{cluster}` does not exist");
        let problem = Problem::new(http::StatusCode::NOT_FOUND, "not_found", title);
        return Err(problem.help("the project's page lists those there are").for_people());
    };
    let asked = cluster.clone();
    let status = waiting(&service, name.clone(), async |project: Project| {
        let status = project.status(&[asked]).await.map_err(|failure| Problem::of(&failure, project.sources()))?;
        Ok(report::status_json(None, &status))
    });
    // A cloud that does not answer is no reason not to show what is known.
    let (status, trouble) = match status.await {
        Ok(status) => (list(&status, "clusters").first().cloned().unwrap_or_default(), None),
        Err(problem) => (Value::Null, Some(problem.sentences())),
    };
    let body = html! {
        section aria-labelledby="health" {
            h2 id="health" { "Health" }
            @if let Some(trouble) = trouble { p class="bad" role="alert" { (layout::prose(&trouble)) } }
            (health(&status))
        }
        (nodes(known, &status))
        (frameworks(&status))
        (size(&cluster, known, kept.as_ref()))
        section aria-labelledby="drift" {
            h2 id="drift" { "Drift" }
            p { "What has changed outside of DISCO is found by asking the cloud for everything." }
            form method="post" action={ "/projects/" (name) "/drift" } { button { "Look for drift" } }
        }
        section aria-labelledby="values" {
            h2 id="values" { "Where values come from" }
            p { a href={ "/projects/" (name) "/explain?address=" (cluster) } { "Files and settings of all nodes" } }
            p { a href={ "/projects/" (name) "/configuration" } { "Files of nodes, to change them byte by byte" } }
            (question(&name, &cluster))
        }
    };
    let trail = [(name.clone(), format!("/projects/{name}"))];
    Ok(whole(&format!("Cluster {cluster}"), &trail, &Extras::default(), &body))
}

fn health(status: &Value) -> Markup {
    let troubles = list(status, "troubles");
    html! {
        @if status.get("well") == Some(&Value::Bool(true)) { p class="good" { "✓ All is well." } }
        @if !troubles.is_empty() {
            ul {
                @for trouble in troubles {
                    li class="bad" {
                        code { (text(trouble, "address")) } ": " (layout::prose(text(trouble, "what")))
                        @if !text(trouble, "help").is_empty() { p class="help" { (layout::prose(text(trouble, "help"))) } }
                    }
                }
            }
        }
        ul {
            @for stack in list(status, "stacks") {
                li {
                    "Stack " code { (text(stack, "name")) } ": " (text(stack, "status"))
                    @if !text(stack, "under_way").is_empty() { ", under way: " (text(stack, "under_way")) }
                }
            }
        }
        @if !text(status, "not_asked").is_empty() {
            p class="help" { "The frameworks were not asked: " (text(status, "not_asked")) "." }
        }
    }
}

fn nodes(known: &Value, status: &Value) -> Markup {
    let nodes = list(known, "nodes");
    let seen = |node: &Value| list(status, "nodes").iter().find(|seen| text(seen, "address") == text(node, "address"));
    let rows = html! {
        @for node in nodes.iter().take(NODES) {
            @let seen = seen(node);
            tr {
                th scope="row" { (text(node, "name")) }
                td { (text(node, "group")) }
                td { (text(node, "flavor")) }
                td { (text(node, "private_ip")) @if !text(node, "floating_ip").is_empty() { ", " (text(node, "floating_ip")) } }
                td { (seen.map_or("not asked", |seen| text(seen, "server"))) }
                td {
                    @for unit in seen.map(|seen| list(seen, "units")).unwrap_or_default() {
                        span class="bad" { code { (text(unit, "name")) } " " (text(unit, "active")) " (" (text(unit, "result")) ") " }
                    }
                }
            }
        }
    };
    html! {
        section aria-labelledby="nodes" {
            h2 id="nodes" { "Nodes" }
            (layout::table("Nodes", &["Node", "Group", "Flavor", "Addresses", "Server", "Services that do not run"], &rows))
            @if nodes.len() > NODES { p { "and " (nodes.len() - NODES) " more" } }
        }
    }
}

fn frameworks(status: &Value) -> Markup {
    html! {
        @for part in list(status, "frameworks") {
            @let id = format!("part-{}-{}", text(part, "framework"), text(part, "part"));
            section aria-labelledby=(id) {
                h2 id=(id) { (text(part, "title")) }
                @if !text(part, "no_answer").is_empty() { p class="bad" { "No answer: " (text(part, "no_answer")) } }
                (facts(part))
                @let members = list(part, "members");
                @if !members.is_empty() {
                    @let rows = html! {
                        @for member in members {
                            tr {
                                th scope="row" { (text(member, "name")) }
                                td { (text(member, "state")) }
                                td { span class="bad" { (text(member, "trouble")) } }
                                td { (facts(member)) }
                            }
                        }
                    };
                    (layout::table("Members", &["Member", "State", "Trouble", "Facts"], &rows))
                }
            }
        }
    }
}

/// Facts that a framework tells of itself, or of a member.
fn facts(of: &Value) -> Markup {
    let value = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    html! {
        ul class="facts" {
            @for fact in list(of, "facts") {
                li class=[(fact.get("well") == Some(&Value::Bool(false))).then_some("bad")] {
                    (text(fact, "name")) ": " (fact.get("value").map(value).unwrap_or_default())
                    @if let Some(total) = fact.get("total").filter(|total| !total.is_null()) { " of " (value(total)) }
                    @if !text(fact, "unit").is_empty() && text(fact, "unit") != "moment" { " " (text(fact, "unit")) }
                }
            }
        }
    }
}

fn size(cluster: &str, known: &Value, state: Option<&KnownState>) -> Markup {
    let none = CloudFacts::default();
    let facts = state.and_then(|state| state.clusters.get(cluster)).map_or(&none, |cluster| &cluster.facts);
    let size = Size::of(list(known, "nodes").iter().map(|node| text(node, "flavor")), facts);
    html! {
        section aria-labelledby="size" {
            h2 id="size" { "Size" }
            dl {
                dt { "Cores" } dd { (size.cores) }
                dt { "Memory" } dd { (size.memory_mib / GIB) " GiB" }
                dt { "Root disks" } dd { (size.disk_gib) " GiB" }
            }
            @if size.unknown > 0 { p class="help" { "Without " (size.unknown) " nodes whose flavors are not known here." } }
        }
    }
}

/// What has drifted.
pub(super) async fn drift(State(service): State<Arc<Service>>, Path(name): Path<String>) -> Result<Markup, Problem> {
    let found = waiting(&service, name.clone(), async |project: Project| {
        project.look_for_drift(&[]).await.map_err(|failure| Problem::of(&failure, project.sources()))
    });
    let (serial, found) = found.await.map_err(Problem::for_people)?;
    let body = html! {
        pre { (report::drift(serial, &found)) }
        @if !found.is_empty() {
            p { "A plan says what an apply would do about it." }
            form method="post" action={ "/projects/" (name) "/plans" } { button { "Plan" } }
        }
    };
    let trail = [(name.clone(), format!("/projects/{name}"))];
    Ok(whole("Drift", &trail, &Extras::default(), &body))
}

/// What is to be explained.
#[derive(Deserialize)]
pub(super) struct Question {
    #[serde(default)]
    address: String,
}

fn question(name: &str, address: &str) -> Markup {
    html! {
        form method="get" action={ "/projects/" (name) "/explain" } {
            label for="address" { "A value: " code { "CLUSTER.GROUP/FILE:KEY" } ", or a part of that" }
            input id="address" name="address" value=(address) autocomplete="off" spellcheck="false";
            button { "Explain" }
        }
    }
}

/// Where a value comes from: `disco explain`.
pub(super) async fn explain(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    Query(asked): Query<Question>,
) -> Result<Markup, Problem> {
    let address = asked.address.clone();
    let explained = work(&service, name.clone(), move |project| {
        let (explained, _) = project.explain(&address)?;
        Ok(report::explanation(&explained.cluster, &explained.members, &explained.answer, project.sources(), true))
    });
    let (told, trouble) = match explained.await {
        Ok(told) => (told, None),
        Err(problem) => (String::new(), Some(problem.sentences())),
    };
    let body = html! {
        (question(&name, &asked.address))
        @if let Some(trouble) = trouble { p class="bad" role="alert" { (layout::prose(&trouble)) } }
        @else { pre { (told) } }
    };
    let trail = [(name.clone(), format!("/projects/{name}"))];
    Ok(whole("Where values come from", &trail, &Extras::default(), &body))
}
