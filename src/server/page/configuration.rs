//! A file of a cluster's nodes: what DISCO writes, key by key, and what the definition is to say instead.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use axum::extract::{Form as Sent, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use super::layout::{self, Extras, page as whole};
use crate::project::{Expected, Failure, FileChange, FormEdit, GroupFiles, OwnValue, Project, WrittenFile, WrittenKey};
use crate::report;
use crate::server::Service;
use crate::server::api::{checked, work};
use crate::server::fault::Problem;

/// Which file.
#[derive(Clone, Deserialize)]
pub(super) struct Asked {
    group: String,
    file: String,
}

/// The file, where its values come from, and the revision of the definitions.
struct Shown {
    file: WrittenFile,
    origins: Vec<String>,
    revision: String,
}

/// Why nothing was saved.
struct Refusal {
    says: String,
    found: Value,
}

/// What a page says beside the file: what was typed and not saved, and why.
#[derive(Default)]
struct Told {
    refusal: Option<Refusal>,
    typed: Vec<(String, String)>,
}

impl Told {
    /// What was typed into a field.
    fn typed(&self, name: &str) -> Option<&str> {
        self.typed.iter().find(|(typed, _)| typed == name).map(|(_, value)| value.as_str())
    }
}

/// The address of a file's page.
pub(super) fn address(project: &str, cluster: &str, group: &str, file: &str) -> String {
    let word = |word: &str| utf8_percent_encode(word, NON_ALPHANUMERIC).to_string();
    format!("/projects/{project}/clusters/{cluster}/file?group={}&file={}", word(group), word(file))
}

/// All files of all clusters, to choose from.
pub(super) async fn list(State(service): State<Arc<Service>>, Path(name): Path<String>) -> Result<Markup, Problem> {
    let groups = work(&service, name.clone(), Project::written_files).await.map_err(Problem::for_people)?;
    let body = html! {
        p { "What DISCO writes to the nodes as the definitions are now, where each value comes from, and what you want otherwise." }
        @if groups.is_empty() { p { "There is no cluster in the definitions." } }
        @for GroupFiles { cluster, group, files } in &groups {
            section {
                h2 { (cluster) ", " (group) }
                ul {
                    @for file in files {
                        li { a href=(address(&name, cluster, group, &file.name)) { (file.name) } " of " (file.framework) }
                    }
                }
            }
        }
    };
    let trail = [(name.clone(), format!("/projects/{name}"))];
    Ok(whole("Files of nodes", &trail, &Extras::default(), &body))
}

fn look(project: &Project, cluster: &str, asked: &Asked) -> Result<Shown, Failure> {
    let file = project.written_file(cluster, &asked.group, &asked.file)?;
    let (revision, _) = project.definition_files()?;
    let origin = |key: &WrittenKey| key.value.as_ref().map(|value| report::origin(value, project.sources()));
    let origins = file.keys.iter().map(|key| origin(key).unwrap_or_default()).collect();
    Ok(Shown { file, origins, revision })
}

pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Path((name, cluster)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let of = cluster.clone();
    let shown = work(&service, name.clone(), move |project| look(project, &of, &asked));
    let shown = shown.await.map_err(Problem::for_people)?;
    Ok(drawn(&name, &shown, &Told::default()))
}

/// The changes that a form asks for.
fn changes(file: &WrittenFile, sent: &[(String, String)]) -> Vec<FileChange> {
    let of = |wanted: &str| sent.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    match of("then") {
        Some("content") => {
            // Browsers end each line of a form with both letters.
            vec![FileChange::Content(of("content").unwrap_or_default().replace("\r\n", "\n"))]
        }
        Some("discard") => vec![FileChange::Discarded],
        _ => {
            let mut all: Vec<FileChange> = file.keys.iter().filter_map(|key| change(key, &of)).collect();
            let new = of("new_key").map(str::trim).filter(|key| !key.is_empty());
            if let Some(key) = new {
                let value = of("new_value").unwrap_or_default().to_owned();
                all.push(FileChange::Set { key: key.to_owned(), value });
            }
            all
        }
    }
}

fn change<'s>(written: &WrittenKey, of: &impl Fn(&str) -> Option<&'s str>) -> Option<FileChange> {
    let key = written.key.clone();
    let typed = of(&format!("key:{key}"));
    let gone = of(&format!("gone:{key}")).is_some();
    match (&written.own, typed) {
        // It has no field.
        (OwnValue::Secret, _) | (OwnValue::Nothing | OwnValue::Set(_), None) => None,
        (OwnValue::Removed, _) if gone => None,
        (_, _) if gone => Some(FileChange::Remove { key }),
        (OwnValue::Nothing, Some("")) => None,
        (OwnValue::Set(own), Some(typed)) if own == typed => None,
        (_, None | Some("")) => Some(FileChange::AsWritten { key }),
        (_, Some(typed)) => Some(FileChange::Set { key, value: typed.to_owned() }),
    }
}

/// Saves what was sent, or says why not.
fn keep(
    service: &Service,
    project: &Project,
    cluster: &str,
    asked: &Asked,
    sent: &[(String, String)],
) -> Result<Option<Refusal>, Failure> {
    let refused = |says: &str| Ok(Some(Refusal { says: says.to_owned(), found: Value::Null }));
    let _alone = service.writing.lock().unwrap_or_else(PoisonError::into_inner);
    let shown = look(project, cluster, asked)?;
    let revision = sent.iter().find(|(name, _)| name == "revision").map(|(_, value)| value.as_str());
    if revision != Some(shown.revision.as_str()) {
        return refused(
            "Somebody has changed the definitions since you opened this page, and nothing of yours was saved. This is how \
                        they are now.",
        );
    }
    let Some((definition, path)) = shown.file.block.clone() else { return refused(NO_BLOCK) };
    let (_, Some(text)) = project.definition_text(&definition)? else { return refused(NO_BLOCK) };
    let file = &shown.file.file.name;
    let edit = |change| FormEdit::File { path: path.clone(), file: file.clone(), change };
    let edits: Vec<FormEdit> = changes(&shown.file, sent).into_iter().map(edit).collect();
    let edited = match project.form_edited(&text, &edits)? {
        Ok(edited) => edited,
        Err(fault) => return refused(&format!("Nothing was saved: {}.", fault.says)),
    };
    let found = checked(project, BTreeMap::from([(definition.clone(), edited.clone())]))?;
    let found = found.get("diagnostics").cloned().unwrap_or_default();
    let is_error = |one: &Value| one.get("severity").and_then(Value::as_str) == Some("error");
    if found.as_array().is_some_and(|all| all.iter().any(is_error)) {
        return Ok(Some(Refusal { says: "Nothing was saved: the definition would have mistakes.".to_owned(), found }));
    }
    let saved = project.save_definition(&definition, Some(&edited), &Expected::Revisions(vec![shown.revision]));
    match saved? {
        Ok(_) => Ok(None),
        Err(_) => refused("Somebody has changed the definitions at this moment, and nothing of yours was saved."),
    }
}

pub(super) async fn save(
    State(service): State<Arc<Service>>,
    Path((name, cluster)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    Sent(typed): Sent<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let sent = typed.clone();
    let (of, which, writing) = (cluster.clone(), asked.clone(), Arc::clone(&service));
    let done = work(&service, name.clone(), move |project| keep(&writing, project, &of, &which, &sent));
    let done = done.await.map_err(Problem::for_people)?;
    let Some(refusal) = done else {
        return Ok(Redirect::to(&address(&name, &cluster, &asked.group, &asked.file)).into_response());
    };
    let shown = work(&service, name.clone(), move |project| look(project, &cluster, &asked));
    let shown = shown.await.map_err(Problem::for_people)?;
    let told = Told { refusal: Some(refusal), typed };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, drawn(&name, &shown, &told)).into_response())
}

/// Why a file cannot be changed here.
const NO_BLOCK: &str = "The block of its framework is not in a definition of this project: it is in a module, or another framework brings \
                        it. Write a `framework` block to change its files.";

fn drawn(name: &str, shown: &Shown, told: &Told) -> Markup {
    let file = &shown.file;
    let action = address(name, &file.cluster, &file.group, &file.file.name);
    let body = html! {
        @if let Some(refusal) = &told.refusal {
            p class="bad" role="alert" { (layout::prose(&refusal.says)) }
            (layout::diagnostics(&refusal.found))
        }
        p {
            code { (file.file.path) } " of " (file.file.framework) " on the nodes of " code { (file.group) } "."
            @if !file.restarts.is_empty() { " When it changes, these services restart: " (file.restarts.join(", ")) "." }
        }
        section aria-labelledby="bytes" {
            h2 id="bytes" { "What is written" }
            @match &file.text {
                Some(text) => pre class="file" tabindex="0" { (text) },
                None => p class="help" { "It depends on flavors that only the cloud knows." },
            }
        }
        @if let Some((definition, _)) = &file.block {
            p { "What you change here is written into " a href={ "/projects/" (name) "/files/" (definition) } { (definition) } ", and \
                 nothing else of it changes. A plan says what an apply would do." }
            @if !file.is_whole && !file.keys.is_empty() { (keys(&action, shown, told)) }
            (content(&action, shown, told))
        } @else { p class="help" { (layout::prose(NO_BLOCK)) } }
    };
    let trail = [
        (name.to_owned(), format!("/projects/{name}")),
        ("Files of nodes".to_owned(), format!("/projects/{name}/configuration")),
    ];
    whole(&format!("{} on {}", file.file.name, file.group), &trail, &Extras::default(), &body)
}

fn keys(action: &str, shown: &Shown, told: &Told) -> Markup {
    let rows = html! {
        @for (at, (key, origin)) in shown.file.keys.iter().zip(&shown.origins).enumerate() {
            @let value = key.value.as_ref().and_then(|value| value.value.as_ref());
            tr class=[(key.own != OwnValue::Nothing).then_some("own")] {
                th scope="row" id={ "key" (at) } { (key.key) }
                td {
                    @match value {
                        _ if key.own == OwnValue::Removed => "not written",
                        Some(text) if text.secret => "(secret)",
                        Some(text) => (text.value),
                        None => "",
                    }
                }
                td { (origin) }
                td { (field(at, key, told)) }
            }
        }
    };
    html! {
        section aria-labelledby="keys" {
            h2 id="keys" { "Keys" }
            form method="post" action=(action) {
                input type="hidden" name="revision" value=(shown.revision);
                (layout::table("Keys", &["Key", "Value", "Where from", "Instead"], &rows))
                p {
                    label for="new_key" { "Another key" } input id="new_key" name="new_key" value=[told.typed("new_key")] autocomplete="off" spellcheck="false";
                    label for="new_value" { "Its value" } input id="new_value" name="new_value" value=[told.typed("new_value")] autocomplete="off" spellcheck="false";
                }
                p { button name="then" value="keys" { "Save keys" } }
            }
        }
    }
}

fn field(at: usize, key: &WrittenKey, told: &Told) -> Markup {
    if let Some(reason) = &key.protected {
        return html! { span class="help" { "It cannot be changed: " (layout::prose(reason)) "." } };
    }
    let own = match &key.own {
        OwnValue::Secret => return html! { span class="help" { "The definition sets it; it is secret." } },
        OwnValue::Set(value) => value.as_str(),
        OwnValue::Nothing | OwnValue::Removed => "",
    };
    let name = format!("key:{}", key.key);
    let gone = format!("gone:{}", key.key);
    // A box that is not ticked is not sent.
    let is_gone = if told.typed(&name).is_some() { told.typed(&gone).is_some() } else { key.own == OwnValue::Removed };
    html! {
        input name=(name) value=(told.typed(&name).unwrap_or(own)) aria-labelledby={ "key" (at) } autocomplete="off" spellcheck="false";
        label class="check" {
            input type="checkbox" name=(gone) checked[is_gone];
            " not written"
        }
    }
}

fn content(action: &str, shown: &Shown, told: &Told) -> Markup {
    let file = &shown.file;
    html! {
        section aria-labelledby="whole" {
            h2 id="whole" { "The whole file" }
            @if let (true, Some(text)) = (file.is_exact, &file.text) {
                form method="post" action=(action) {
                    input type="hidden" name="revision" value=(shown.revision);
                    @if file.is_whole {
                        p { "The definition gives it byte for byte." }
                    } @else {
                        p { "It can be given byte for byte instead. DISCO computes nothing in it then." }
                    }
                    label for="content" { "Text of " (file.file.name) }
                    textarea id="content" name="content" rows="20" spellcheck="false" autocapitalize="off" autocomplete="off" { "\n" (told.typed("content").unwrap_or(text)) }
                    p {
                        button name="then" value="content" { "Save these bytes" }
                        @if file.is_whole { " " button name="then" value="discard" { "Let DISCO write it again" } }
                    }
                }
            } @else {
                p class="help" {
                    "Its text here is not its bytes: something of it is secret, or each node fills it in. Give it whole in the definition: "
                    code { "content = …" }
                }
            }
        }
    }
}
