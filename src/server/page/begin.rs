//! A new project: the questions of `disco init` as a form.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};

use super::layout::{Extras, page as whole};
use crate::project::{Answers, Place};
use crate::server::Service;
use crate::server::api::work_on_none;
use crate::server::fault::Problem;

/// The question which frameworks, whose answers are several.
const FRAMEWORK: &str = "framework";

/// What is said where no project may begin.
pub(super) const ALONE: &str = "This service has one folder, which is a project already. To have several, end it and run `disco serve --projects FOLDER`.";

/// The questions that a text answers: the name of the field, what is asked, and what holds where nothing is said.
fn questions(usual: &Answers) -> [(&'static str, &'static str, String); 8] {
    [
        ("name", "Name of the cluster", usual.name.clone()),
        ("place", "Where it is: simulated, containers, or the name of a cloud of clouds.yaml", usual.place.to_string()),
        ("slaves", "Slaves", usual.slaves.clone()),
        ("image", "Image of the nodes", usual.image.clone()),
        ("master_flavor", "Flavor of the master", usual.master_flavor.clone()),
        ("slave_flavor", "Flavor of the slaves", usual.slave_flavor.clone()),
        ("cidr", "Addresses of its network", usual.cidr.clone()),
        ("external_network", "Network that its router leads to", usual.external_network.clone()),
    ]
}

/// What holds where nothing is said.
fn usual(service: &Service) -> Answers {
    Answers { place: service.projects.without_definitions().usual_place(), ..Answers::default() }
}

/// The answers that a form gives.
fn answers(sent: &[(String, String)], usual: Answers) -> Answers {
    let of = |wanted: &str, usual: String| {
        let given = sent.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.trim().to_owned());
        given.filter(|given| !given.is_empty()).unwrap_or(usual)
    };
    let frameworks = sent.iter().filter(|(name, _)| name == FRAMEWORK).map(|(_, value)| value.clone());
    Answers {
        name: of("name", usual.name),
        place: Place::from(of("place", usual.place.to_string()).as_str()),
        frameworks: frameworks.collect(),
        slaves: of("slaves", usual.slaves),
        image: of("image", usual.image),
        master_flavor: of("master_flavor", usual.master_flavor),
        slave_flavor: of("slave_flavor", usual.slave_flavor),
        cidr: of("cidr", usual.cidr),
        external_network: of("external_network", usual.external_network),
    }
}

pub(super) async fn page(State(service): State<Arc<Service>>) -> Result<Markup, Problem> {
    drawn(&service, &usual(&service), None).await
}

pub(super) async fn save(
    State(service): State<Arc<Service>>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let answers = answers(&sent, usual(&service));
    let (of, asked) = (Arc::clone(&service), answers.clone());
    let made = work_on_none(&service, move |project| {
        let text = project.sound_definition(&asked)?;
        of.projects.begin(&asked.name, &text)
    });
    match made.await {
        Ok((project, file)) => Ok(Redirect::to(&format!("/projects/{project}/files/{file}/form")).into_response()),
        // What was answered is not asked again.
        Err(problem) => {
            let page = drawn(&service, &answers, Some(problem.sentences())).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn drawn(service: &Arc<Service>, answers: &Answers, refusal: Option<String>) -> Result<Markup, Problem> {
    let all = work_on_none(service, |project| {
        let (catalogue, _) = project.frameworks()?;
        let line = |framework: &crate::catalogue::Framework| (framework.name.clone(), framework.description.clone());
        Ok(catalogue.frameworks().map(line).collect::<Vec<_>>())
    });
    let all = all.await.map_err(Problem::for_people)?;
    let may_begin = service.projects.may_begin().map_err(|failure| Problem::from(failure).for_people())?;
    let body = html! {
        @if !may_begin { p role="status" { (super::layout::prose(ALONE)) } }
        @if let Some(refusal) = refusal { p class="bad" role="alert" { (refusal) } }
        p { "What the cluster is, in a few words; all of it can be changed before anything is made. Not sure which frameworks? "
            a href="/suggest" { "Answer questions about the work instead." } }
        form method="post" action="/new" class="definition" {
            @for (name, title, value) in questions(answers) {
                div class="field" { label for=(name) { (title) } input id=(name) name=(name) value=(value) autocomplete="off" spellcheck="false"; }
            }
            fieldset {
                legend { "Frameworks" }
                @for (name, says) in &all {
                    p {
                        @let id = format!("framework-{name}");
                        input type="checkbox" id=(id) name=(FRAMEWORK) value=(name) checked[answers.frameworks.contains(name)];
                        label for=(id) { " " (name) }
                        br;
                        span class="help" { (says) }
                    }
                }
            }
            button { "Make the definition" }
        }
    };
    Ok(whole("New project", &[], &Extras::default(), &body))
}
