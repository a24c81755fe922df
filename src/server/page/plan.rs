//! A plan: what would change, data loss first, and the button that makes it so.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::layout::{Extras, page as whole};
use crate::project::PlanWish;
use crate::server::Service;
use crate::server::api::{Wish, begin, plan, saved};
use crate::server::fault::Problem;

/// What a plan is asked for with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    destroy: bool,
    accept_data_loss: bool,
}

pub(super) async fn make(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Redirect, Problem> {
    let wish = PlanWish { destroys: wanted.destroy, accept_data_loss: wanted.accept_data_loss };
    let id = plan(&service, &name, wish).await.map_err(Problem::for_people)?;
    Ok(Redirect::to(&format!("/projects/{name}/plans/{id}")))
}

/// What is confirmed by hand: each place that loses data, and a cluster's name where all goes.
struct Consent {
    lost: Vec<(String, Vec<String>)>,
    typed: Option<String>,
}

impl Consent {
    fn of(project: &str, document: &Value, destroys: bool) -> Self {
        let changes = document.get("changes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let lost = changes.iter().filter(|change| change.get("data_loss") == Some(&Value::Bool(true)));
        let lost = lost.map(|change| {
            let address = change.get("address").and_then(Value::as_str).unwrap_or_default().to_owned();
            let places = change.get("lost").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            (address, places.iter().filter_map(|place| place.as_str().map(str::to_owned)).collect())
        });
        Self { lost: lost.collect(), typed: destroys.then(|| project.to_owned()) }
    }
}

pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Markup, Problem> {
    shown(&service, name, id, None).await
}

async fn shown(service: &Arc<Service>, name: String, id: String, refusal: Option<&str>) -> Result<Markup, Problem> {
    let saved = saved(service, name.clone(), id.clone()).await.map_err(Problem::for_people)?;
    let document = saved.document();
    let changes = document.get("applyable") == Some(&Value::Bool(true));
    let consent = Consent::of(&name, document, saved.destroys());
    let count =
        |word: &str| document.get("summary").and_then(|summary| summary.get(word)).and_then(Value::as_u64).unwrap_or(0);
    let body = html! {
        @if let Some(refusal) = refusal { p class="bad" role="alert" { (refusal) } }
        p class="summary" {
            span class="good" { "+ " (count("add")) " to add" } ", "
            span class="warn" { "~ " (count("change")) " to change" } ", "
            span class="bad" { "− " (count("destroy")) " to destroy" }
        }
        @if changes {
            form method="post" action={ "/projects/" (name) "/plans/" (id) } {
                // One key for each time the page is shown: a button that is pressed twice does nothing twice.
                input type="hidden" name="key" value=(crate::server::auth::secret().unwrap_or_default());
                @if !consent.lost.is_empty() {
                    fieldset class="loss" {
                        legend { "Stored data is lost" }
                        @for (at, (address, places)) in consent.lost.iter().enumerate() {
                            div {
                                input type="checkbox" id={ "lost-" (at) } name="lost" value=(address) required;
                                label for={ "lost-" (at) } { (address) @if !places.is_empty() { ": " (places.join(", ")) } }
                            }
                        }
                    }
                }
                @if let Some(typed) = &consent.typed {
                    label for="typed" { "Everything goes. Type the project's name, " strong { (typed) } ", to say so" }
                    input id="typed" name="typed" autocomplete="off" required;
                }
                button class=(if consent.typed.is_some() { "danger" } else { "" }) {
                    @if saved.destroys() { "Destroy" } @else { "Apply this plan" }
                }
            }
        } @else { p { "There is nothing to do." } }
        h2 { "What would change" }
        (drawing(saved.drawing()))
    };
    let trail = [(name.clone(), format!("/projects/{name}"))];
    let title = if saved.destroys() { "Plan to destroy" } else { "Plan" };
    Ok(whole(title, &trail, &Extras::default(), &body))
}

/// The plan as the command line draws it, a line by what it does.
fn drawing(text: &str) -> Markup {
    html! {
        pre class="plan" tabindex="0" {
            @for line in text.lines() {
                @let class = match line.trim_start().chars().next() {
                    Some('+') => "good",
                    Some('-') => "bad",
                    Some('~') => "warn",
                    _ => "",
                };
                span class=(class) { (line) "\n" }
            }
        }
    }
}

pub(super) async fn apply(
    State(service): State<Arc<Service>>,
    Path((name, id)): Path<(String, String)>,
    Form(given): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let of = |wanted: &str| {
        given.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let saved = saved(&service, name.clone(), id.clone()).await.map_err(Problem::for_people)?;
    let consent = Consent::of(&name, saved.document(), saved.destroys());
    let consented = of("lost");
    let missing = consent.lost.iter().find(|(address, _)| !consented.contains(address));
    let refusal = match (missing, &consent.typed) {
        (Some((address, _)), _) => Some(format!("Say that the data of {address} may be lost, or plan something else.")),
        (None, Some(typed)) if of("typed").first() != Some(typed) => {
            Some(format!("The name typed is not {typed}. Nothing was destroyed."))
        }
        _ => None,
    };
    if let Some(refusal) = refusal {
        let page = shown(&service, name, id, Some(&refusal)).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let key = of("key").into_iter().next().filter(|key| !key.is_empty());
    let key = key.map_or_else(|| crate::server::auth::secret().map_err(|_| crate::server::api::broken()), Ok)?;
    let number = begin(&service, &name, Wish::Plan(id), key).await.map_err(Problem::for_people)?;
    Ok(Redirect::to(&format!("/projects/{name}/operations/{number}")).into_response())
}
