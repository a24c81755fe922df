//! The steps of a cluster as a whole, as the node agent reads them.

use serde_json::{Map, Value as Json};

use super::action_kind::KINDS;
use super::chosen::Chosen;
use super::paths::is_path;
use super::usage::Usage;
use super::view::{self, FrameworkContext, View};
use super::words::text_of;
use super::{ClusterConfiguration, ClusterStep, GroupConfiguration, StepDeclaration};
use crate::expression::{Kind, Number, Value};
use crate::source::Diagnostics;

/// Adds the steps of a framework; they run on the first master.
pub(super) fn steps(
    context: &FrameworkContext<'_>,
    views: &[View<'_>],
    to: &mut ClusterConfiguration,
    diagnostics: &mut Diagnostics,
) {
    let Chosen { framework, .. } = context.chosen;
    let Some(master) = view::of_master(views) else { return };
    let of_cluster = framework.steps.iter().filter(|step| step.on.is_empty());
    for step in of_cluster.filter(|step| master.has(&[], step.when.as_ref())) {
        let members_of = view::members_of(views, step.members_of);
        if step.members_of.is_some() && members_of.is_empty() {
            continue;
        }
        let Some(action) = action(context, master, step, diagnostics) else { continue };
        to.steps.push(ClusterStep {
            framework: framework.name.clone(),
            name: step.name.clone(),
            moment: step.moment,
            action,
            members_of,
            timeout_seconds: step.timeout_seconds,
            only: None,
        });
    }
}

/// Adds the steps that each node of a group runs.
pub(super) fn of_nodes(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    to: &mut GroupConfiguration,
    diagnostics: &mut Diagnostics,
) {
    let framework = context.chosen.framework;
    for step in framework.steps.iter().filter(|step| !step.on.is_empty()) {
        if !view.hosts(&step.on, step.ensemble.as_ref(), step.when.as_ref()) {
            continue;
        }
        let Some(action) = action(context, view, step, diagnostics) else { continue };
        to.steps.push(ClusterStep {
            framework: framework.name.clone(),
            name: step.name.clone(),
            moment: step.moment,
            action,
            members_of: Vec::new(),
            timeout_seconds: step.timeout_seconds,
            only: view.only(context, step.ensemble.as_ref()),
        });
    }
}

fn action(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    step: &StepDeclaration,
    diagnostics: &mut Diagnostics,
) -> Option<Json> {
    let usage = Usage { context, view, what: format!("`action` of step `{}`", step.name), expression: &step.action };
    let value = usage.open_value(diagnostics)?;
    if let Some(wrong) = mistake(&value) {
        diagnostics
            .push(usage.wrong(&wrong, "correct the action: templates/README.md lists what it holds under `action`"));
        return None;
    }
    let mut action = json(&value);
    for name in ["commands", "otherwise", "each", "back", "command"] {
        action.get_mut(name).into_iter().for_each(as_words);
    }
    Some(action)
}

/// Numbers and bools of a command as the words that they are in it.
fn as_words(command: &mut Json) {
    match command {
        Json::Array(words) => words.iter_mut().for_each(as_words),
        Json::Number(_) | Json::Bool(_) => *command = Json::String(command.to_string()),
        Json::Null | Json::String(_) | Json::Object(_) => {}
    }
}

/// What the agent could not carry out of an action.
fn mistake(action: &Value) -> Option<String> {
    let Some(entries) = action.entries() else { return Some("must be an object".to_owned()) };
    let kind = entries.get("kind").and_then(Value::as_str);
    let Some(kind) = KINDS.iter().find(|known| kind == Some(known.name)) else {
        let names = KINDS.map(|kind| kind.name).join("`, `");
        return Some(format!("has a `kind` that is none of `{names}`"));
    };
    let there = |name: &&&str| entries.get(**name).is_some_and(|value| !value.is_null());
    if let Some(name) = kind.required.iter().find(|name| !there(name)) {
        return Some(format!("has no value for `{name}`"));
    }
    if let Some(missing) = kind.lacks(|name| entries.get(name).is_some_and(|value| !value.is_null())) {
        return Some(format!("has no value for {missing}"));
    }
    let known = |name: &str| name == "kind" || kind.required.contains(&name) || kind.optional.contains(&name);
    entries.iter().find_map(|(name, value)| {
        if known(name) {
            unsuitable(name, value)
        } else {
            Some(format!("has a field `{name}`, which the kind `{}` does not have", kind.name))
        }
    })
}

/// What is wrong with a field of an action. A field that is `null` is left out.
fn unsuitable(name: &str, value: &Value) -> Option<String> {
    if value.is_null() {
        return None;
    }
    let expected = match name {
        "commands" | "otherwise" | "each" | "back" => {
            let command = |command: &&Value| {
                command.elements().is_some_and(|words| !words.is_empty() && words.into_iter().all(is_text))
            };
            let fine = value.elements().is_some_and(|commands| commands.iter().all(command));
            (!fine).then_some("a list of commands, each a list of strings")
        }
        "requests" => {
            let fine = value.elements().is_some_and(|requests| requests.iter().all(|request| is_request(request)));
            (!fine).then_some("a list of requests, each with a `method` in capitals and a `url`")
        }
        "environment" | "where" => {
            let fine = value.entries().is_some_and(|entries| entries.values().all(|one| one.is_null() || is_text(one)));
            (!fine).then_some("an object of strings")
        }
        "path" => {
            let fine = value.elements().is_some_and(|steps| steps.into_iter().all(is_text));
            (!fine).then_some("a list of names and positions")
        }
        "done" => {
            let fine = value.elements().is_some_and(|states| states.into_iter().all(is_text));
            (!fine).then_some("a list of strings")
        }
        "expected" => {
            let fine = value.elements().is_some_and(|names| names.into_iter().all(is_text));
            (!fine).then_some("a list of names")
        }
        "command" => {
            let fine = value.elements().is_some_and(|words| !words.is_empty() && words.into_iter().all(is_text));
            (!fine).then_some("a list of strings")
        }
        "exit_statuses" => {
            let status = |value: &Value| value.as_number().and_then(Number::to_u64).is_some_and(|status| status < 256);
            let fine = value.elements().is_some_and(|all| all.into_iter().all(status));
            (!fine).then_some("a list of exit statuses")
        }
        "unless" => (!is_question(value)).then_some("an object of a `url`, `path` and `equals`"),
        "active" => (!is_active(value)).then_some("an object of `hosts`, a `url` with `{host}`, `path` and `equals`"),
        "retry" | "once" | "lenient" => value.as_bool().is_none().then_some("a bool"),
        "unless_exists" | "file" => (!value.as_str().is_some_and(is_path)).then_some("an absolute path"),
        _ => (!is_text(value)).then_some("a string"),
    };
    if let Some(expected) = expected {
        return Some(format!("has a `{name}` that is not {expected}"));
    }
    None
}

/// `{ url = "http://…", path = […], equals = "…" }`
fn is_question(question: &Value) -> bool {
    let Some(entries) = question.entries() else { return false };
    let path = entries.get("path").and_then(Value::elements);
    let text = |name: &str| entries.get(name).is_some_and(is_text);
    entries.len() == 3
        && path.is_some_and(|path| path.into_iter().all(is_text))
        && text("url")
        && entries.get("equals").is_some_and(|equals| equals.as_str() == Some("") || is_text(equals))
}

/// `{ hosts = […], url = "http://{host}:…", path = […], equals = "active" }`
fn is_active(active: &Value) -> bool {
    let Some(entries) = active.entries() else { return false };
    let texts = |name: &str| {
        let elements = entries.get(name).and_then(Value::elements);
        elements.is_some_and(|all| !all.is_empty() && all.into_iter().all(is_text))
    };
    let text = |name: &str| entries.get(name).is_some_and(is_text);
    entries.len() == 4 && texts("hosts") && texts("path") && text("url") && text("equals")
}

/// `{ method = "PUT", url = "http://…" }`
fn is_request(request: &Value) -> bool {
    let Some(entries) = request.entries() else { return false };
    let text = |name: &str| entries.get(name).filter(|value| is_text(value)).and_then(Value::as_str);
    entries.len() == 2
        && text("method")
            .is_some_and(|method| !method.is_empty() && method.chars().all(|sign| sign.is_ascii_uppercase()))
        && text("url").is_some_and(|url| url.starts_with("http://") || url.starts_with("https://"))
}

/// A single text without control characters: they are syntax where commands and addresses are read.
fn is_text(value: &Value) -> bool {
    text_of(value).is_some_and(|text| !text.value.chars().any(char::is_control))
}

/// A value of a manifest as JSON; fields that are `null` are left out.
pub(super) fn json(value: &Value) -> Json {
    if let Some(entries) = value.entries() {
        let entries = entries.iter().filter(|(_, value)| !value.is_null());
        return Json::Object(entries.map(|(key, value)| (key.to_string(), json(value))).collect::<Map<_, _>>());
    }
    if let Some(elements) = value.elements() {
        return Json::Array(elements.into_iter().map(json).collect());
    }
    match value.kind() {
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(number) => number.to_i64().map_or_else(
            || serde_json::from_str(&number.to_string()).unwrap_or_else(|_| Json::String(number.to_string())),
            Json::from,
        ),
        _ => text_of(value).map_or(Json::Null, |text| Json::String(text.value)),
    }
}
