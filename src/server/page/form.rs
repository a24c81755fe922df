//! A definition as a form: a field for whatever it may have, without a script. The text is what is saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Form as Sent, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde_json::Value;

use super::layout::{self, Extras, page as whole};
use crate::project::{
    Addable, AddableLabel, Expected, FieldKind, FieldValue, FormBlock, FormBody, FormEdit, FormFault, FormField,
};
use crate::server::Service;
use crate::server::api::{checked, no_definition, work};
use crate::server::fault::Problem;

/// So many choices are shown as a list to open; more are searched by typing.
const FEW: usize = 12;

/// What is shown, and what of it was not accepted.
struct Shown {
    form: FormBody,
    revision: String,
    found: Value,
    /// What was typed and could not be saved.
    typed: BTreeMap<(String, String), String>,
    fault: Option<FormFault>,
    refusal: Option<&'static str>,
}

pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Path((name, file)): Path<(String, String)>,
) -> Result<(StatusCode, Markup), Problem> {
    match read(&service, &name, &file).await {
        Ok(shown) => Ok((StatusCode::OK, drawn(&name, &file, &shown))),
        Err(problem) if problem.is_definition() => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, no_form(&name, &file, &problem)))
        }
        Err(problem) => Err(problem.for_people()),
    }
}

/// A text of which there is no form.
fn no_form(name: &str, file: &str, problem: &Problem) -> Markup {
    let text = format!("/projects/{name}/files/{file}");
    let body = html! {
        p class="bad" role="alert" { (layout::prose(&problem.sentences())) }
        p { a href=(text) { "Edit the text" } }
    };
    let trail = [(name.to_owned(), format!("/projects/{name}")), (file.to_owned(), text.clone())];
    whole(&format!("{file} as a form"), &trail, &Extras::default(), &body)
}

async fn read(service: &Arc<Service>, name: &str, file: &str) -> Result<Shown, Problem> {
    let asked = file.to_owned();
    let read = work(service, name.to_owned(), move |project| {
        let (revision, Some(text)) = project.definition_text(&asked)? else { return Ok(None) };
        let (form, found) = (project.form_of(&text)?, checked(project, BTreeMap::new())?);
        Ok(Some(Shown { form, revision, found, typed: BTreeMap::new(), fault: None, refusal: None }))
    });
    read.await?.ok_or_else(|| no_definition(file))
}

/// What came of a form that was sent.
enum Outcome {
    Saved,
    Wrong(FormFault),
    Moved,
}

pub(super) async fn save(
    State(service): State<Arc<Service>>,
    Path((name, file)): Path<(String, String)>,
    Sent(sent): Sent<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let of = |wanted: &str| sent.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let revision = of("revision").unwrap_or_default();
    let (asked, expected, edits) = (file.clone(), revision.clone(), edits(&sent));
    let writing = Arc::clone(&service);
    let done = work(&service, name.clone(), move |project| {
        let _alone = writing.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (current, Some(text)) = project.definition_text(&asked)? else { return Ok(None) };
        if current != expected {
            return Ok(Some(Outcome::Moved));
        }
        Ok(Some(match project.form_edited(&text, &edits)? {
            Err(fault) => Outcome::Wrong(fault),
            Ok(edited) if edited == text => Outcome::Saved,
            Ok(edited) => match project.save_definition(&asked, Some(&edited), &Expected::Revisions(vec![current]))? {
                Ok(_) => Outcome::Saved,
                Err(_) => Outcome::Moved,
            },
        }))
    });
    let done = done.await.map_err(Problem::for_people)?;
    let mut shown = match done {
        None => return Err(no_definition(&file).for_people()),
        Some(Outcome::Saved) => return Ok(Redirect::to(&format!("/projects/{name}/files/{file}/form")).into_response()),
        Some(Outcome::Wrong(fault)) => {
            Shown { fault: Some(fault), ..read(&service, &name, &file).await.map_err(Problem::for_people)? }
        }
        Some(Outcome::Moved) => {
            let refusal = "Somebody has changed the definitions since you opened this page, and nothing of yours was saved. \
                           This is how they are now.";
            Shown { refusal: Some(refusal), ..read(&service, &name, &file).await.map_err(Problem::for_people)? }
        }
    };
    let status = if shown.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::CONFLICT };
    // What was typed is not asked for twice; where the text has changed, it may be about something else.
    if shown.fault.is_some() {
        shown.typed =
            fields(&sent).map(|(path, name, value)| ((path.to_owned(), name.to_owned()), value.to_owned())).collect();
    }
    Ok((status, drawn(&name, &file, &shown)).into_response())
}

/// The fields that were sent: the block, the name and the value of each.
fn fields(sent: &[(String, String)]) -> impl Iterator<Item = (&str, &str, &str)> {
    sent.iter().filter_map(|(key, value)| {
        let (path, name) = key.strip_prefix("set:")?.split_once(':')?;
        Some((path, name, value.as_str()))
    })
}

/// What a form that was sent changes: all its fields, then what its button says.
fn edits(sent: &[(String, String)]) -> Vec<FormEdit> {
    let mut edits: Vec<FormEdit> = fields(sent)
        .map(|(path, name, value)| {
            let (path, name) = (path.to_owned(), name.to_owned());
            if value.trim().is_empty() {
                FormEdit::Unset { path, name }
            } else {
                FormEdit::Set { path, name, value: value.to_owned() }
            }
        })
        .collect();
    let button = sent.iter().find(|(key, _)| key == "then").map(|(_, value)| value.as_str()).unwrap_or_default();
    if let Some((path, word)) = button.strip_prefix("add:").and_then(|rest| rest.split_once(':')) {
        // Of a block whose label is one word, that word; else what was typed beside the button.
        let (word, fixed) = word.split_once('=').map_or((word, None), |(word, fixed)| (word, Some(fixed.to_owned())));
        let typed = sent.iter().find(|(key, _)| *key == format!("label:{path}:{word}")).map(|(_, value)| value.clone());
        edits.push(FormEdit::Add { path: path.to_owned(), word: word.to_owned(), label: fixed.or(typed) });
    } else if let Some(path) = button.strip_prefix("remove:") {
        edits.push(FormEdit::Remove { path: path.to_owned() });
    }
    edits
}

fn drawn(name: &str, file: &str, shown: &Shown) -> Markup {
    let found = shown.found.get("diagnostics").cloned().unwrap_or_default();
    let sound = found.as_array().is_none_or(Vec::is_empty);
    let text = format!("/projects/{name}/files/{file}");
    let body = html! {
        @if let Some(refusal) = shown.refusal { p class="bad" role="alert" { (refusal) } }
        @if let Some(fault) = &shown.fault {
            p class="bad" role="alert" {
                "Nothing was saved: " @if !fault.name.is_empty() { code { (fault.name) } ": " } (layout::prose(&fault.says)) "."
            }
        }
        p { "The form changes the text of " (file) ", and nothing of it that you do not change. " a href=(text) { "Edit the text" } }
        div id="found" { @if sound { p class="good" { "Nothing is wrong with it." } } @else { (layout::diagnostics(&found)) } }
        form method="post" action={ (text) "/form" } class="definition" {
            input type="hidden" name="revision" value=(shown.revision);
            // The first button is what the key Enter means.
            p { button name="then" value="save" { "Save" } }
            (contents(&text, shown, &shown.form))
            p { button name="then" value="save" { "Save" } }
        }
    };
    let trail = [(name.to_owned(), format!("/projects/{name}")), (file.to_owned(), text.clone())];
    whole(&format!("{file} as a form"), &trail, &Extras::default(), &body)
}

fn contents(text: &str, shown: &Shown, body: &FormBody) -> Markup {
    let is_shown = |field: &&FormField| {
        field.required
            || field.value != FieldValue::No
            || shown.fault.as_ref().is_some_and(|fault| fault.path == body.path && fault.name == field.name)
    };
    let (first, rest): (Vec<&FormField>, Vec<&FormField>) = body.fields.iter().partition(is_shown);
    html! {
        @for one in first { (field(text, shown, body, one)) }
        @if !rest.is_empty() {
            details class="more" {
                summary { "More that may be set (" (rest.len()) ")" }
                @for one in rest { (field(text, shown, body, one)) }
            }
        }
        @for block in &body.blocks { (self::block(text, shown, block)) }
        @if !body.addable.is_empty() {
            details class="more" {
                summary { "Add a block" @if !body.path.is_empty() { " here" } }
                @for one in &body.addable { (addable(&body.path, one)) }
            }
        }
    }
}

fn block(text: &str, shown: &Shown, block: &FormBlock) -> Markup {
    let path = &block.body.path;
    let title = std::iter::once(block.word.clone()).chain(block.labels.iter().map(|label| format!("\"{label}\"")));
    let title = title.collect::<Vec<_>>().join(" ");
    html! {
        fieldset {
            legend { code { (title) } }
            @if block.says.is_empty() {
                p class="help" { "The form does not know this block: " a href=(text) { "line " (block.line) " of the text" } "." }
            } @else {
                p class="help" { (layout::prose(&block.says)) }
                (contents(text, shown, &block.body))
                p { button class="danger" name="then" value={ "remove:" (path) } { "Remove " (title) } }
            }
        }
    }
}

fn addable(path: &str, one: &Addable) -> Markup {
    let word = &one.word;
    let id = format!("label:{path}:{word}");
    html! {
        p {
            @match &one.label {
                AddableLabel::None => {
                    button name="then" value={ "add:" (path) ":" (word) } { "Add " (word) }
                },
                AddableLabel::Fixed { word: label } => {
                    button name="then" value={ "add:" (path) ":" (word) "=" (label) } { "Add " (word) " \"" (label) "\"" }
                },
                AddableLabel::Name { required, choices } => {
                    label for=(id) { "Name of a new " code { (word) } @if !*required { " (may be left out)" } }
                    @if choices.is_empty() {
                        input id=(id) name=(id) autocomplete="off";
                    } @else {
                        select id=(id) name=(id) {
                            option value="" { "choose" }
                            @for choice in choices { option value=(choice) { (choice) } }
                        }
                    }
                    " "
                    button name="then" value={ "add:" (path) ":" (word) } { "Add " (word) }
                },
            }
            br;
            span class="help" { (layout::prose(&one.says)) }
        }
    }
}

fn field(text: &str, shown: &Shown, body: &FormBody, field: &FormField) -> Markup {
    let id = format!("set:{}:{}", body.path, field.name);
    let help = format!("help:{}:{}", body.path, field.name);
    let wrong = shown.fault.as_ref().filter(|fault| fault.path == body.path && fault.name == field.name);
    let typed = shown.typed.get(&(body.path.clone(), field.name.clone()));
    let value = match (&field.value, typed) {
        (FieldValue::Expression(text), _) => return expression(field, text, &help),
        (_, Some(typed)) => typed.clone(),
        (FieldValue::Plain(value), None) => value.clone(),
        (FieldValue::No, None) => String::new(),
    };
    let invalid = wrong.is_some().then_some("true");
    html! {
        div class="field" {
            label for=(id) { code { (field.name) } @if field.required { " (required)" } }
            @match &field.kind {
                FieldKind::Bool => {
                    select id=(id) name=(id) aria-describedby=(help) aria-invalid=[invalid] {
                        option value="" selected[value.is_empty()] { "not set" }
                        @for word in ["true", "false"] { option value=(word) selected[value == word] { (word) } }
                    }
                },
                FieldKind::OneOf { words } => {
                    select id=(id) name=(id) aria-describedby=(help) aria-invalid=[invalid] {
                        option value="" selected[value.is_empty()] { "not set" }
                        @if !value.is_empty() && !words.iter().any(|(word, _)| *word == value) {
                            option value=(value) selected { (value) }
                        }
                        @for (word, says) in words {
                            option value=(word) selected[*word == value] { (word) @if !says.is_empty() && words.len() <= FEW { ": " (says) } }
                        }
                    }
                },
                FieldKind::Texts { .. } => {
                    textarea id=(id) name=(id) rows=(value.lines().count().clamp(2, 8)) spellcheck="false"
                        aria-describedby=(help) aria-invalid=[invalid] { "\n" (value) }
                },
                FieldKind::Whole { .. } | FieldKind::Number { .. } => {
                    input id=(id) name=(id) value=(value) inputmode="numeric" autocomplete="off" aria-describedby=(help) aria-invalid=[invalid];
                },
                FieldKind::Text { .. } => {
                    input id=(id) name=(id) value=(value) autocomplete="off" spellcheck="false" aria-describedby=(help) aria-invalid=[invalid];
                },
                FieldKind::Expression { form } => {
                    span id=(id) { a href=(text) { "Set it in the text" } ": " (form) }
                },
            }
            @if let Some(wrong) = wrong { span class="bad" { " " (layout::prose(&wrong.says)) } }
            (helped(field, &help))
        }
    }
}

/// A field that is an expression.
fn expression(field: &FormField, text: &str, help: &str) -> Markup {
    html! {
        div class="field" {
            span class="label" { code { (field.name) } }
            pre { code { (text) } }
            (helped(field, help))
        }
    }
}

/// A default is a value, or words about one.
fn default(text: &str) -> Markup {
    if text.contains('`') || text.contains(' ') {
        layout::prose(text)
    } else {
        html! { code { (text) } }
    }
}

fn helped(field: &FormField, id: &str) -> Markup {
    let unit = match &field.kind {
        FieldKind::Whole { unit, .. } | FieldKind::Number { unit } => unit.as_str(),
        FieldKind::Texts { .. } => "one a line",
        _ => "",
    };
    html! {
        span class="help" id=(id) {
            (layout::prose(&field.says))
            @if !unit.is_empty() { " (" (unit) ")" }
            @if !field.default.is_empty() { " Default: " (default(&field.default)) "." }
        }
    }
}
