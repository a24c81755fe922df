//! What our client makes of a recorded answer.

use std::collections::BTreeSet;

use axum::response::Response;
use disco::heat::{self, Cloud, CloudConfig, HeatError, Retry, StackRef, StackVerb, Transport, wire};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::super::scripted::{Asked, Scripted, json_answer};
use super::tape::{Answer, Exchange, Tape};

/// What is read of an answer, as one text; nothing where our client never asks for such.
pub(super) async fn read(tape: &Tape, exchange: &Exchange) -> Option<String> {
    if exchange.service == "identity" {
        return sign_in(exchange).await;
    }
    let all: Vec<(String, Answer)> =
        tape.exchanges.iter().map(|other| (line(other, other.place()), other.recorded().clone())).collect();
    let (wanted, answer) = (line(exchange, exchange.place()), exchange.recorded().clone());
    let scripted = Scripted::new(move |asked| answered(asked, &wanted, &answer, &all));
    ask(&scripted.cloud().await, exchange).await
}

/// The request's line as [`Scripted`] sees it.
fn line(exchange: &Exchange, path: &str) -> String {
    let prefix = match exchange.service.as_str() {
        "network" => "/network/v2.0",
        "image" => "/image",
        _ => "",
    };
    format!("{} {prefix}{}", exchange.method, named(path))
}

/// A text in which ids that have a name are these names.
fn named(text: &str) -> String {
    text.replace('{', "the-").replace('}', "-id")
}

/// The exchange's own answer, or that of another of its tape.
fn answered(asked: &Asked, wanted: &str, answer: &Answer, all: &[(String, Answer)]) -> Response {
    let mut words = asked.path.split('?');
    let line = format!("{} {}", asked.method, words.next().unwrap_or_default());
    let other = || all.iter().find(|(of, _)| *of == line).map(|(_, answer)| answer);
    let found = if line == wanted { Some(answer) } else { other() };
    let Some(answer) = found else { return json_answer(404, &json!({})) };
    let mut body = answer.body.clone();
    if words.next().is_some_and(|query| query.contains("marker=") || query.contains("offset=")) {
        // There is one page.
        let lists = body.as_object_mut().into_iter().flat_map(|fields| fields.values_mut());
        lists.filter_map(Json::as_array_mut).for_each(Vec::clear);
    }
    respond(answer, &body)
}

fn respond(answer: &Answer, body: &Json) -> Response {
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let body: Json = serde_json::from_str(&json_names(&body.to_string())).unwrap_or_else(|_| body.clone());
    let mut response = json_answer(answer.status, &body);
    if body.is_string() || body.is_null() {
        *response.body_mut() = axum::body::Body::from(if body.is_null() { String::new() } else { text(&body) });
    }
    for (name, value) in &answer.headers {
        let name: http::HeaderName = name.parse().unwrap();
        response.headers_mut().insert(name, named(value).parse().unwrap());
    }
    response
}

/// Names of ids within a JSON text, whose own braces stay.
fn json_names(text: &str) -> String {
    let mut told = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        told.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let name = after.split_once('}').map(|(name, _)| name).filter(|name| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte))
        });
        if let Some(name) = name {
            told.extend(["the-", name, "-id"]);
            rest = &after[name.len() + 1..];
        } else {
            told.push('{');
            rest = after;
        }
    }
    told + rest
}

async fn sign_in(exchange: &Exchange) -> Option<String> {
    if exchange.method != "POST" {
        return None;
    }
    let answer = exchange.recorded().clone();
    let router = axum::Router::new().fallback(move || {
        let response = respond(&answer, &answer.body);
        async move { response }
    });
    let config = CloudConfig::password("http://cloud.test/identity/v3", "demo", "secret", "demo");
    let retry = Retry { attempts: 1, ..Retry::default() };
    let signed = Cloud::connect_with(Transport::in_process(router), config, retry).await;
    Some(match signed {
        Ok(cloud) => format!("{:?}", cloud.identity().await),
        Err(error) => failed(&error),
    })
}

async fn ask(cloud: &Cloud, exchange: &Exchange) -> Option<String> {
    let place = named(exchange.place());
    let parts: Vec<&str> = place.split('/').skip(1).collect();
    let stack = |name: &str, id: &str| StackRef::new(name, id);
    let empty = wire::UpdateStack::<Json>::default;
    let created = wire::CreateStack { stack_name: "rec".to_owned(), template: json!({}), ..Default::default() };
    Some(match (exchange.service.as_str(), exchange.method.as_str(), parts.as_slice()) {
        ("orchestration", "POST", ["stacks"]) => {
            told(cloud.create_stack(&created).await.map(|stack| json!({ "name": stack.name, "id": stack.id })))
        }
        ("orchestration", "POST", ["stacks", "preview"]) => seen(cloud.preview_create(&created).await),
        ("orchestration", "GET", ["stacks"]) => told(cloud.stacks_tagged("disco").await),
        ("orchestration", "GET", ["stacks", name]) => told(cloud.find_stack(name).await),
        // DISCO asks for parts of a stack by its id.
        ("orchestration", "GET", ["stacks", _, "resources"]) => return None,
        ("orchestration", "GET", ["stacks", name, id]) => told(cloud.stack(&stack(name, id)).await),
        ("orchestration", "PUT", ["stacks", name, id]) => {
            told(cloud.update_stack(&stack(name, id), &empty(), false).await)
        }
        ("orchestration", "PATCH", ["stacks", name, id]) => {
            told(cloud.update_stack(&stack(name, id), &empty(), true).await)
        }
        ("orchestration", "DELETE", ["stacks", name, id]) => told(cloud.delete_stack(&stack(name, id)).await),
        ("orchestration", "PUT", ["stacks", name, id, "preview"]) => {
            seen(cloud.preview_update(&stack(name, id), &empty()).await)
        }
        ("orchestration", "POST", ["stacks", name, id, "actions"]) => {
            told(cloud.act(&stack(name, id), StackVerb::Check).await)
        }
        ("orchestration", "GET", ["stacks", name, id, "events"]) => {
            told(cloud.events_after(&stack(name, id), None).await)
        }
        ("orchestration", "GET", ["stacks", name, id, "resources"]) => told(cloud.resources(&stack(name, id)).await),
        ("orchestration", "GET", ["stacks", name, id, "resources", resource]) => {
            told(cloud.resource(&stack(name, id), resource).await)
        }
        ("orchestration", "PATCH", ["stacks", name, id, "resources", resource]) => {
            told(cloud.mark_unhealthy(&stack(name, id), resource, "seen").await)
        }
        ("orchestration", "GET", ["stacks", name, id, "template"]) => {
            told(cloud.template(&stack(name, id)).await.map(|template| template.to_map()))
        }
        ("orchestration", "GET", ["software_deployments"]) => told(cloud.deployments_of("the-server-id").await),
        ("orchestration", "GET", ["software_deployments", id]) => told(cloud.deployment(id).await),
        ("compute", "GET", ["flavors", "detail"]) => seen(heat::facts(cloud).await),
        ("compute", "GET", ["servers", id]) => {
            let fault = cloud.server_fault(id).await;
            format!("{}, fault {}", seen(cloud.server_status(id).await), seen(fault))
        }
        ("compute", "GET", ["os-keypairs"]) => seen(heat::existing(cloud, true, &BTreeSet::new()).await),
        ("compute", "POST", ["os-keypairs"]) => told(heat::add_key_pair(cloud, "rec-key", None).await),
        ("compute", "GET", ["os-availability-zone"]) => seen(heat::zones(cloud).await),
        ("network", "GET", ["networks"]) => {
            let wanted = BTreeSet::from(["rec-net"]);
            seen(heat::existing(cloud, false, &wanted).await)
        }
        ("network", "GET", ["ports"]) => seen(cloud.ports().await),
        ("network", "GET", ["quotas", ..] | ["extensions"]) => seen(heat::quotas(cloud, true, false).await),
        ("network", "PUT", ["routers", _, "add_router_interface"]) => {
            told(cloud.connect_router("the-router-id", "the-subnet-id").await)
        }
        _ => return None,
    })
}

fn told(answer: Result<impl Serialize, HeatError>) -> String {
    match answer {
        Ok(value) => serde_json::to_string(&value).unwrap(),
        Err(error) => failed(&error),
    }
}

fn seen(answer: Result<impl std::fmt::Debug, HeatError>) -> String {
    match answer {
        Ok(value) => format!("{value:?}"),
        Err(error) => failed(&error),
    }
}

/// What a person is told, and what the program makes of it.
fn failed(error: &HeatError) -> String {
    let kind = error.fault().and_then(|fault| fault.kind.clone());
    let mut marks = vec![kind.unwrap_or_else(|| "no kind".to_owned())];
    for (mark, is) in [
        ("not found", error.is_not_found()),
        ("bad request", error.is_bad_request()),
        ("conflict", error.is_conflict()),
        ("may have arrived", error.may_have_arrived()),
    ] {
        marks.extend(is.then(|| mark.to_owned()));
    }
    let help = error.way_out().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    format!("error ({}): {}{help}", marks.join(", "), error.sentence())
}
