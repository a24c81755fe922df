//! A definition: its text, what is wrong with it, and saving it where nobody else has changed it meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::assets;
use super::layout::{self, Extras, page as whole};
use crate::project::Expected;
use crate::server::Service;
use crate::server::api::{checked, no_definition, work};
use crate::server::fault::Problem;

/// The text in the form, and what it is about.
struct Shown {
    text: String,
    revision: String,
    found: Value,
}

pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Path((name, file)): Path<(String, String)>,
) -> Result<Markup, Problem> {
    let asked = file.clone();
    let shown = work(&service, name.clone(), move |project| {
        let (revision, Some(text)) = project.definition_text(&asked)? else { return Ok(None) };
        let found = checked(project, BTreeMap::new())?;
        Ok(Some(Shown { text, revision, found }))
    });
    let shown = shown.await.map_err(Problem::for_people)?.ok_or_else(|| no_definition(&file).for_people())?;
    Ok(form(&name, &file, &shown, None))
}

fn form(name: &str, file: &str, shown: &Shown, refusal: Option<&str>) -> Markup {
    let found = shown.found.get("diagnostics").cloned().unwrap_or_default();
    let sound = found.as_array().is_none_or(Vec::is_empty);
    let body = html! {
        @if let Some(refusal) = refusal { p class="bad" role="alert" { (refusal) } }
        p { a href={ "/projects/" (name) "/files/" (file) "/form" } { "Edit it as a form" } }
        form method="post" action={ "/projects/" (name) "/files/" (file) } {
            input type="hidden" name="revision" value=(shown.revision);
            label for="text" { "Text of " (file) }
            textarea id="text" name="text" rows="28" spellcheck="false" autocapitalize="off" autocomplete="off"
                aria-describedby="found" data-project=(name) data-file=(file) { "\n" (shown.text) }
            p { button name="then" value="check" { "Check" } " " button name="then" value="save" { "Save" } }
        }
        div id="found" aria-live="polite" {
            @if sound { p class="good" { "Nothing is wrong with it." } } @else { (layout::diagnostics(&found)) }
        }
    };
    let trail = [(name.to_owned(), format!("/projects/{name}"))];
    whole(file, &trail, &Extras { script: Some(assets::edit()), refresh: None }, &body)
}

/// A typed text with the line ends that the saved one has; what was not changed stays as it is to the last byte.
fn as_saved(saved: &str, typed: String) -> String {
    if saved.replace("\r\n", "\n") == typed {
        return saved.to_owned();
    }
    let (all, windows) = (saved.matches('\n').count(), saved.matches("\r\n").count());
    if all > 0 && all == windows { typed.replace('\n', "\r\n") } else { typed }
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    revision: String,
    text: String,
    then: Option<String>,
}

pub(super) async fn save(
    State(service): State<Arc<Service>>,
    Path((name, file)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    // Browsers end each line of a form with both letters, whatever the file had.
    let text = sent.text.replace("\r\n", "\n");
    let saves = sent.then.as_deref() == Some("save");
    let (asked, typed, revision, of) = (file.clone(), text.clone(), sent.revision.clone(), Arc::clone(&service));
    let done = work(&service, name.clone(), move |project| {
        let found = checked(project, BTreeMap::from([(asked.clone(), typed.clone())]))?;
        if !saves {
            return Ok((found, None));
        }
        let _alone = of.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let typed = as_saved(project.definition_text(&asked)?.1.as_deref().unwrap_or_default(), typed);
        Ok((found, Some(project.save_definition(&asked, Some(&typed), &Expected::Revisions(vec![revision]))?)))
    });
    let (found, written) = done.await.map_err(Problem::for_people)?;
    match written {
        Some(Ok(_)) => Ok(Redirect::to(&format!("/projects/{name}/files/{file}")).into_response()),
        None => Ok(form(&name, &file, &Shown { text, revision: sent.revision, found }, None).into_response()),
        Some(Err(_)) => {
            let refusal = "Somebody has changed the definitions since you opened this page. Your text is below and was not saved: \
                           open the page again in another window to see theirs.";
            let shown = Shown { text, revision: sent.revision, found };
            Ok((StatusCode::CONFLICT, form(&name, &file, &shown, Some(refusal))).into_response())
        }
    }
}
