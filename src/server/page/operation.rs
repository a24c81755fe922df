//! An operation: what it said, as it says it.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::Redirect;
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::assets;
use super::layout::{self, Extras, page as whole};
use crate::project::Order;
use crate::server::Service;
use crate::server::api::{OperationFile, OperationState, Wish, begin, past};
use crate::server::fault::Problem;

/// Seconds after which a page without script asks again.
const REFRESH: u32 = 3;

pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Path((name, number)): Path<(String, u64)>,
) -> Result<Markup, Problem> {
    let (past, lines) = past(&service, name.clone(), number).await.map_err(Problem::for_people)?;
    let messages: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let one = OperationFile::of(&service, &name, &past);
    let open = one.state.is_open();
    let mut steps = steps(&messages);
    if !open {
        // Who would carry them out is gone.
        steps.iter_mut().filter(|step| step.state.is_open()).for_each(|step| step.state = OperationState::Interrupted);
    }
    let body = html! {
        p role="status" id="standing" { (layout::state(one.state)) " " span id="sentence" { (one.message) } }
        p { "Began " (one.since) ", asked for by " (one.user) "@" (one.host) @if let Some(until) = &one.until { ", ended " (until) } "." }
        @if open {
            form method="post" action={ "/projects/" (name) "/operations/" (number) "/cancel" } {
                button { "Stop watching" }
                span class="help" { " Heat ends what it has begun; nothing more is asked of it." }
            }
        }
        @if !steps.is_empty() {
            @let rows = html! {
                @for step in &steps {
                    tr { th scope="row" { (step.title) } td { (step.started) } td { (step.took) } td { (layout::state(step.state)) } }
                }
            };
            (layout::table("Steps", &["Step", "Started", "Took", "State"], &rows))
        }
        h2 { "What it said" }
        ol class="messages" id="messages"
            data-project=[open.then_some(name.as_str())] data-operation=[open.then_some(number)] data-sent=(messages.len()) {
            @for message in &messages { (line(message)) }
        }
    };
    let trail = [(name.clone(), format!("/projects/{name}"))];
    let extras =
        if open { Extras { script: Some(assets::events()), refresh: Some(REFRESH) } } else { Extras::default() };
    let title = format!("{} {number}", one.operation);
    Ok(whole(&title, &trail, &extras, &body))
}

/// A step of the plan, as the messages tell it.
struct Step {
    title: String,
    started: String,
    took: String,
    state: OperationState,
}

fn steps(messages: &[Value]) -> Vec<Step> {
    let mut all: Vec<(u64, Step)> = Vec::new();
    for message in messages {
        let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = message.get("step").and_then(Value::as_u64).unwrap_or_default();
        match text("type").as_str() {
            "step_start" => {
                let started = text("@timestamp").get(11..19).unwrap_or_default().to_owned();
                all.push((
                    number,
                    Step { title: text("title"), started, took: String::new(), state: OperationState::Running },
                ));
            }
            "step_complete" => {
                let seconds = message.get("step_seconds").and_then(Value::as_f64).unwrap_or_default();
                for (_, step) in all.iter_mut().filter(|(of, _)| *of == number) {
                    step.took = crate::report::progress::time(std::time::Duration::from_secs_f64(seconds.max(0.0)));
                    step.state = OperationState::Succeeded;
                }
            }
            "end" => {
                let failed = message.get("failure").is_some_and(|failure| !failure.is_null());
                for (_, step) in all.iter_mut().filter(|(_, step)| step.state == OperationState::Running) {
                    step.state = if failed { OperationState::Failed } else { OperationState::Interrupted };
                }
            }
            _ => {}
        }
    }
    all.into_iter().map(|(_, step)| step).collect()
}

fn line(message: &Value) -> Markup {
    let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
    let class = match text("@level") {
        "error" => "bad",
        "warn" => "warn",
        _ => "",
    };
    let help = message.get("diagnostic").and_then(|found| found.get("help")).and_then(Value::as_str);
    let log = message.get("log").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    html! {
        li class=(class) {
            time datetime=(text("@timestamp")) { (text("@timestamp").get(11..19).unwrap_or_default()) } " "
            span { (text("@message")) }
            @if let Some(help) = help { p class="help" { (help) } }
            @if !log.is_empty() { pre { @for line in log { (line.as_str().unwrap_or_default()) "\n" } } }
        }
    }
}

pub(super) async fn cancel(State(service): State<Arc<Service>>, Path((name, number)): Path<(String, u64)>) -> Redirect {
    service.workers.detach(&name, number);
    Redirect::to(&format!("/projects/{name}/operations/{number}"))
}

/// What a form asks for that needs no plan.
#[derive(Deserialize)]
pub(super) struct Ordered {
    kind: String,
    /// By which the form knows it again, sent twice.
    key: String,
}

/// Suspends or resumes all clusters.
pub(super) async fn order(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    Form(ordered): Form<Ordered>,
) -> Result<Redirect, Problem> {
    let known = [Order::Suspend, Order::Resume].into_iter().find(|order| order.verb() == ordered.kind);
    let unknown = || {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_request", "this is nothing to be done");
        problem.help("go back and take one of the buttons").for_people()
    };
    let order = known.ok_or_else(unknown)?;
    let number = begin(&service, &name, Wish::Order(order), ordered.key).await.map_err(Problem::for_people)?;
    Ok(Redirect::to(&format!("/projects/{name}/operations/{number}")))
}
