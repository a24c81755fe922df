//! A project: its clusters and nodes, its definitions, and what was done.

use std::sync::Arc;

use axum::extract::{Path, State};
use maud::{Markup, html};
use serde_json::Value;

use super::layout::{self, Extras, page as whole};
use crate::report;
use crate::server::Service;
use crate::server::api::{OperationFile, known, work};
use crate::server::fault::Problem;

/// So many operations are shown.
const SHOWN: usize = 20;

/// So many nodes of a cluster are shown one by one.
const NODES: usize = 100;

struct Shown {
    workspace: Option<String>,
    known: Value,
    files: Vec<String>,
    operations: Vec<OperationFile>,
}

pub(super) async fn page(State(service): State<Arc<Service>>, Path(name): Path<String>) -> Result<Markup, Problem> {
    let (of, project) = (Arc::clone(&service), name.clone());
    let shown = work(&service, name.clone(), move |found| {
        let files: Vec<String> = found.definition_files()?.1.into_keys().collect();
        // Where nothing is defined yet, nothing is known.
        let known = if files.is_empty() { Value::Null } else { report::show_json(known(found)?.as_ref()) };
        let all = found.history(SHOWN)?;
        let operations = all.iter().map(|past| OperationFile::of(&of, &project, past)).collect();
        Ok(Shown { workspace: found.workspace_name()?.map(str::to_owned), known, files, operations })
    });
    let shown = shown.await.map_err(Problem::for_people)?;
    let body = html! {
        @if let Some(workspace) = &shown.workspace { p { "Workspace " strong { (workspace) } } }
        (clusters(&name, &shown.known))
        section aria-labelledby="files" {
            h2 id="files" { "Definition" }
            @if shown.files.is_empty() {
                p { "There is none yet. " a href="/new" { "Write one with a form" } ", or " a href="/suggest" { "have one suggested" } "." }
            }
            @if !shown.files.is_empty() { p { a href={ "/projects/" (name) "/configuration" } { "Files of nodes" } } }
            ul { @for file in &shown.files { li {
                @let address = format!("/projects/{name}/files/{file}");
                a href=(address) { (file) } " (" a href={ (address) "/form" } { "as a form" } ")"
            } } }
        }
        section aria-labelledby="plan" {
            h2 id="plan" { "Plan" }
            p { "A plan shows what would change. Nothing is done before it is applied." }
            form method="post" action={ "/projects/" (name) "/plans" } {
                p {
                    input type="checkbox" id="loss" name="accept_data_loss" value="true";
                    label for="loss" { " Stored data may be lost" }
                    br;
                    span class="help" { "Otherwise a plan that loses data is refused. Applying it asks for each place." }
                }
                button { "Plan" }
            }
            @if shown.known.get("clusters").and_then(Value::as_object).is_some_and(|all| !all.is_empty()) {
                details {
                    summary { "Suspend or resume" }
                    p { "Suspended servers run nothing and keep all they have." }
                    form method="post" action={ "/projects/" (name) "/operations" } {
                        // One key for each time the page is shown: a button that is pressed twice does nothing twice.
                        input type="hidden" name="key" value=(crate::server::auth::secret().unwrap_or_default());
                        button name="kind" value="suspend" { "Suspend all clusters" } " "
                        button name="kind" value="resume" { "Resume all clusters" }
                    }
                }
            }
            details {
                summary { "Destroy" }
                p { "The plan shows first what would go." }
                form method="post" action={ "/projects/" (name) "/plans" } {
                    input type="hidden" name="destroy" value="true";
                    button class="danger" { "Plan to destroy everything" }
                }
            }
        }
        (outputs(&shown.known))
        (operations(&name, &shown.operations))
    };
    Ok(whole(&name, &[], &Extras::default(), &body))
}

fn clusters(project: &str, known: &Value) -> Markup {
    let all = known.get("clusters").and_then(Value::as_object);
    html! {
        @for (name, cluster) in all.into_iter().flatten() {
            @let nodes = cluster.get("nodes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            section aria-labelledby={ "cluster-" (name) } {
                h2 id={ "cluster-" (name) } { "Cluster " a href={ "/projects/" (project) "/clusters/" (name) } { (name) } }
                p {
                    @let frameworks = cluster.get("frameworks").and_then(Value::as_object);
                    @for (at, (framework, version)) in frameworks.into_iter().flatten().enumerate() {
                        @if at > 0 { ", " }
                        a href={ "/frameworks/" (framework) } { (framework) } " " (version.as_str().unwrap_or_default())
                    }
                }
                @let rows = html! {
                    @for node in nodes.iter().take(NODES) {
                        @let text = |name: &str| node.get(name).and_then(Value::as_str).unwrap_or_default();
                        tr {
                            th scope="row" { (text("name")) }
                            td { (text("role")) }
                            td { (text("private_ip")) }
                            td { (text("floating_ip")) }
                        }
                    }
                };
                (layout::table("Nodes", &["Node", "Role", "Private address", "Floating address"], &rows))
                @if nodes.len() > NODES { p { "and " (nodes.len() - NODES) " more" } }
            }
        }
        @if all.is_none_or(serde_json::Map::is_empty) { p { "Nothing of this project exists yet." } }
    }
}

fn outputs(known: &Value) -> Markup {
    let all = known.get("outputs").and_then(Value::as_object).filter(|all| !all.is_empty());
    html! {
        @if let Some(all) = all {
            section aria-labelledby="outputs" {
                h2 id="outputs" { "Outputs" }
                dl {
                    @for (name, output) in all {
                        dt { (name) }
                        dd {
                            @match output.get("value") {
                                _ if output.get("sensitive") == Some(&Value::Bool(true)) => "secret",
                                Some(Value::String(text)) => (text),
                                Some(value) => code { (value) },
                                None => "not known",
                            }
                        }
                    }
                }
            }
        }
    }
}

fn operations(name: &str, all: &[OperationFile]) -> Markup {
    let rows = html! {
        @for one in all {
            tr {
                th scope="row" { a href={ "/projects/" (name) "/operations/" (one.number) } { (one.operation) " " (one.number) } }
                td { (layout::state(one.state)) }
                td { (one.since) }
                td { (one.user) "@" (one.host) }
                td { (one.message) }
            }
        }
    };
    html! {
        section aria-labelledby="operations" {
            h2 id="operations" { "Operations" }
            @if all.is_empty() { p { "Nothing was applied here yet." } }
            @else { (layout::table("Operations", &["Operation", "State", "Began", "By", "What became of it"], &rows)) }
        }
    }
}
