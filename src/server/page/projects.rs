//! The list of projects, the frameworks there are, and what a code means.

use std::sync::Arc;

use axum::extract::{Path, State};
use maud::{Markup, html};

use super::layout::{self, Extras, page as whole};
use crate::report;
use crate::server::Service;
use crate::server::api::{all, work_on_none};
use crate::server::fault::Problem;
use crate::source::CODE_PREFIX;

pub(super) async fn page(State(service): State<Arc<Service>>) -> Result<Markup, Problem> {
    let all = all(&service).await.map_err(Problem::for_people)?;
    let rows = html! {
        @for project in &all {
            tr {
                th scope="row" { a href={ "/projects/" (project.name) } { (project.name) } @if let Some(workspace) = &project.workspace { " (workspace " (workspace) ")" } }
                td { (project.clusters.join(", ")) }
                td class="number" { (project.nodes) }
                td {
                    @if let Some(last) = &project.last {
                        (layout::state(last.state)) " "
                        a href={ "/projects/" (project.name) "/operations/" (last.number) } { (last.operation) " " (last.number) }
                    } @else { "nothing was applied yet" }
                }
                td { @if let Some(last) = &project.last { (last.since) " by " (last.user) } }
                td {
                    @if let Some(trouble) = &project.trouble { span class="bad" { (trouble) } }
                    @else if let Some(last) = &project.last { (last.message) }
                }
            }
        }
    };
    let body = html! {
        @if all.is_empty() {
            p { "There are no projects here yet. A project is a folder with a file that is called " code { "NAME.disco.hcl" } "." }
        } @else {
            (layout::table("Projects", &["Project", "Clusters", "Nodes", "Last operation", "Since", "What became of it"], &rows))
        }
    };
    let body = html! {
        (body)
        p { a href="/new" { "New project" } " · " a href="/suggest" { "Which frameworks fit?" } }
    };
    Ok(whole("Projects", &[], &Extras::default(), &body))
}

pub(super) async fn frameworks(State(service): State<Arc<Service>>) -> Result<Markup, Problem> {
    let all = work_on_none(&service, |project| {
        let (catalogue, _) = project.frameworks()?;
        let line = |framework: &crate::catalogue::Framework| {
            let versions: Vec<String> = framework.versions.iter().map(|version| version.name.clone()).collect();
            (framework.name.clone(), framework.description.clone(), versions.join(", "))
        };
        Ok(catalogue.frameworks().map(line).collect::<Vec<_>>())
    });
    let rows = html! {
        @for (name, description, versions) in all.await.map_err(Problem::for_people)? {
            tr { th scope="row" { a href={ "/frameworks/" (name) } { (name) } } td { (description) } td { (versions) } }
        }
    };
    let table = layout::table("Frameworks", &["Framework", "What it is", "Versions"], &rows);
    Ok(whole("Frameworks", &[], &Extras::default(), &table))
}

pub(super) async fn framework(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Markup, Problem> {
    let asked = name.clone();
    let text = work_on_none(&service, move |project| {
        let (catalogue, _) = project.frameworks()?;
        Ok(catalogue.framework(&asked).map(|framework| report::framework(framework, project.sources())))
    });
    let Some(text) = text.await.map_err(Problem::for_people)? else {
        let problem =
            Problem::new(http::StatusCode::NOT_FOUND, "not_found", format!("framework `{name}` does not exist"));
        return Err(problem.help("/frameworks lists those there are").for_people());
    };
    let trail = [("Frameworks".to_owned(), "/frameworks".to_owned())];
    Ok(whole(&name, &trail, &Extras::default(), &html! { pre class="plain" tabindex="0" { (text) } }))
}

pub(super) async fn code(Path(code): Path<String>) -> Result<Markup, Problem> {
    let code = format!("{CODE_PREFIX}{code}");
    let Some(text) = report::page_of_code(&code) else {
        let problem =
            Problem::new(http::StatusCode::NOT_FOUND, "not_found", format!("there is no page about `{code}`"));
        return Err(problem.for_people());
    };
    Ok(whole(&code, &[], &Extras::default(), &html! { pre class="plain" tabindex="0" { (text) } }))
}
