//! Questions about the work, and the frameworks that fit. The answers are in the address: a result can be kept and sent on.

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::layout::{Extras, page as whole};
use crate::project::{Failure, FailureKind, Project};
use crate::report;
use crate::server::Service;
use crate::server::api::work_on_none;
use crate::server::fault::Problem;
use crate::suggest::{Answers, Field, Question, Suggestions, Takes, suggest};

/// Columns of the whole result as text.
const WIDTH: usize = 78;

/// What was answered, and what is wrong with it.
struct Sheet {
    /// What was sent: the name of a field, and its value.
    sent: Vec<(String, String)>,
    answers: Answers,
    /// By the name of a field: what would be right.
    wrong: Vec<(String, String)>,
}

/// The name of a part of an answer.
fn name_of(question: Question, field: &Field) -> String {
    if field.name.is_empty() { question.name().to_owned() } else { format!("{}.{}", question.name(), field.name) }
}

impl Sheet {
    fn read(sent: Vec<(String, String)>) -> Self {
        let (mut answers, mut wrong) = (Answers::default(), Vec::new());
        for question in Question::ALL.iter().copied() {
            let before = answers.clone();
            for field in question.fields() {
                let name = name_of(question, field);
                let given = sent.iter().filter(|(known, value)| *known == name && !value.trim().is_empty());
                let typed = given.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ");
                if typed.is_empty() {
                    if field.required {
                        // Half an answer is none.
                        let others = question.fields().iter().map(|field| name_of(question, field));
                        if others
                            .into_iter()
                            .any(|other| sent.iter().any(|(known, value)| *known == other && !value.trim().is_empty()))
                        {
                            wrong.push((name, "needed with the rest of the answer".to_owned()));
                        }
                        answers = before.clone();
                        break;
                    }
                    continue;
                }
                if let Err(fault) = question.take(field, &typed, &mut answers) {
                    wrong.push((name, format!("expected {}", fault.expected)));
                    answers = before.clone();
                    break;
                }
            }
        }
        Self { sent, answers, wrong }
    }

    fn values(&self, name: &str) -> Vec<&str> {
        self.sent.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// What is suggested, and the definition of the first one.
struct Found {
    result: Suggestions,
    definition: Option<String>,
}

fn found(project: &Project, answers: &Answers, name: &str) -> Result<Found, Failure> {
    let place = project.usual_place();
    let place = Some(&place);
    let (on, _) = tokio::runtime::Handle::current().block_on(project.suggestible(place))?;
    let result = suggest(answers, &on.catalogue, &on.facts);
    let first = result.first().filter(|_| result.found);
    let definition = first.map(|first| project.suggested_definition(&result, first, &on, name, place)).transpose()?;
    Ok(Found { result, definition: definition.map(|(text, _)| text) })
}

/// The name of a cluster that nobody has named.
const UNNAMED: &str = "suggested";

pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Query(sent): Query<Vec<(String, String)>>,
) -> Result<Markup, Problem> {
    let sheet = Sheet::read(sent);
    if sheet.sent.is_empty() || !sheet.wrong.is_empty() {
        return Ok(whole("Which frameworks?", &[], &Extras::default(), &questions(&sheet)));
    }
    let answers = sheet.answers.clone();
    let found = work_on_none(&service, move |project| found(project, &answers, UNNAMED)).await;
    let found = found.map_err(Problem::for_people)?;
    let may_begin = service.projects.may_begin().map_err(|failure| Problem::from(failure).for_people())?;
    Ok(whole("What fits", &[], &Extras::default(), &result(&sheet, &found, may_begin)))
}

fn questions(sheet: &Sheet) -> Markup {
    html! {
        p { "Any question may be left open: that widens the result." }
        @if !sheet.wrong.is_empty() {
            p class="bad" role="alert" { "Some answers are not understood: they are marked below." }
        }
        form method="get" action="/suggest" class="definition" {
            @for question in Question::ALL.iter().copied() { (self::question(sheet, question)) }
            button { "Show what fits" }
        }
    }
}

fn question(sheet: &Sheet, question: Question) -> Markup {
    html! {
        fieldset {
            legend { (question.title()) }
            p class="help" { "Why: " (question.why()) "." }
            @for field in question.fields() {
                @let name = name_of(question, field);
                @let wrong = sheet.wrong.iter().find(|(known, _)| *known == name).map(|(_, says)| says);
                @let given = sheet.values(&name);
                @match field.takes {
                    Takes::Words(words) => {
                        @for (word, says) in words {
                            @let id = format!("{name}-{word}");
                            p {
                                input type="checkbox" id=(id) name=(name) value=(word) checked[given.contains(word)];
                                label for=(id) { " " (word) @if !says.is_empty() { ": " (says) } }
                            }
                        }
                    },
                    Takes::Word(words) => (choice(&name, field.title, &words.iter().map(|(word, says)| (*word, *says)).collect::<Vec<_>>(), &given)),
                    Takes::Bool => (choice(&name, field.title, &[("true", "yes"), ("false", "no")], &given)),
                    takes => {
                        div class="field" {
                            label for=(name) { (field.title) }
                            input id=(name) name=(name) value=(given.first().copied().unwrap_or_default()) autocomplete="off"
                                aria-invalid=[wrong.map(|_| "true")] aria-describedby={ "help-" (name) };
                            span class="help" id={ "help-" (name) } { (takes.form()) }
                        }
                    },
                }
                @if let Some(wrong) = wrong { p class="bad" { (wrong) } }
            }
        }
    }
}

fn choice(name: &str, title: &str, words: &[(&str, &str)], given: &[&str]) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (title) }
            select id=(name) name=(name) {
                option value="" { "left open" }
                @for (word, says) in words {
                    option value=(word) selected[given.contains(word)] { (word) @if !says.is_empty() { ": " (says) } }
                }
            }
        }
    }
}

fn result(sheet: &Sheet, found: &Found, may_begin: bool) -> Markup {
    let Found { result, definition } = found;
    html! {
        @for one in &result.suggestions {
            section {
                h2 { (one.title) " " span class="help" { (format!("{:.2}", one.score)) } }
                @if !one.explained.vetoes.is_empty() { ul class="bad" { @for reason in &one.explained.vetoes { li { (reason.sentence) } } } }
                ul {
                    @for reason in &one.explained.reasons {
                        li {
                            (reason.sentence)
                            @if let Some(source) = &reason.source { " " span class="help" { (source) } }
                        }
                    }
                }
                @if !one.explained.against.is_empty() {
                    p { "Against it:" }
                    ul { @for reason in &one.explained.against { li { (reason.sentence) } } }
                }
            }
        }
        details {
            summary { "Everything about this result" }
            pre { (report::suggestions(result, WIDTH)) }
        }
        @if let Some(definition) = definition {
            section aria-labelledby="definition" {
                h2 id="definition" { "The definition of the first one" }
                pre { code { (definition) } }
                @if !may_begin { p { (super::layout::prose(super::begin::ALONE)) } }
                @else { form method="post" action="/suggest" class="definition" {
                    @for (name, value) in sheet.sent.iter().filter(|(name, _)| name != NAME) { input type="hidden" name=(name) value=(value); }
                    div class="field" {
                        label for="project-name" { "Name of the project and of its cluster" }
                        input id="project-name" name=(NAME) required autocomplete="off" spellcheck="false";
                    }
                    button { "Keep it as a project" }
                } }
            }
        }
        details {
            summary { "Change the answers" }
            (questions(sheet))
        }
    }
}

/// The field with the name of a project that keeps a suggestion.
const NAME: &str = "project-name";

/// Keeps the first suggestion as a project.
pub(super) async fn keep(
    State(service): State<Arc<Service>>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let sheet = Sheet::read(sent);
    if !sheet.wrong.is_empty() {
        let page = whole("Which frameworks?", &[], &Extras::default(), &questions(&sheet));
        return Ok((http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let name = sheet.values(NAME).first().map(|name| name.trim().to_owned()).unwrap_or_default();
    let of = Arc::clone(&service);
    let kept = work_on_none(&service, move |project| {
        let found = found(project, &sheet.answers, &name)?;
        let Some(text) = found.definition else {
            return Err(
                Failure::new(FailureKind::Refused, "nothing fits these answers").help("change them, then ask again")
            );
        };
        of.projects.begin(&name, &text)
    });
    let (project, file) = kept.await.map_err(Problem::for_people)?;
    Ok(Redirect::to(&format!("/projects/{project}/files/{file}/form")).into_response())
}
