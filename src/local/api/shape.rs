//! Errors in the shape of the service that is asked: each of OpenStack's has its own, and its clients read that one.

use axum::Json as Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

use super::super::refusal::Refusal;

/// A service that does not word its errors as Heat does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    /// Nova and Cinder.
    Nova,
    Neutron,
    Glance,
    Keystone,
}

fn service(path: &str) -> Option<Service> {
    Some(match path.split('/').nth(1)? {
        "compute" | "volume" => Service::Nova,
        "network" => Service::Neutron,
        "image" => Service::Glance,
        "identity" => Service::Keystone,
        _ => return None,
    })
}

/// Words a refusal as its service does.
pub(super) async fn shaped(request: Request, next: Next) -> Response {
    let service = service(request.uri().path());
    let accepted = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let as_json = accepted.is_some_and(|accept| accept.contains("application/json"));
    let response = next.run(request).await;
    let Some(service) = service else { return response };
    match response.extensions().get::<Refusal>() {
        Some(refusal) => told(service, refusal, as_json),
        None => response,
    }
}

fn told(service: Service, refusal: &Refusal, as_json: bool) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    let Refusal { status: code, kind, message } = refusal;
    let title = status.canonical_reason().unwrap_or_default();
    match service {
        Service::Nova => {
            let name = match code {
                403 => "forbidden",
                404 => "itemNotFound",
                409 => "conflictingRequest",
                500 => "computeFault",
                _ => "badRequest",
            };
            (status, Body(json!({name: {"code": code, "message": message}}))).into_response()
        }
        Service::Neutron => {
            let error = json!({"NeutronError": {"type": kind, "message": message, "detail": ""}});
            (status, Body(error)).into_response()
        }
        Service::Keystone => {
            (status, Body(json!({"error": {"code": code, "message": message, "title": title}}))).into_response()
        }
        Service::Glance if as_json => {
            let code = format!("{code} {title}");
            let message = format!("{message}<br /><br />\n\n\n");
            (status, Body(json!({"code": code, "message": message, "title": title}))).into_response()
        }
        Service::Glance => {
            let head = format!("<html>\n <head>\n  <title>{code} {title}</title>\n </head>\n");
            let page =
                format!("{head} <body>\n  <h1>{code} {title}</h1>\n  {message}<br /><br />\n\n\n\n </body>\n</html>");
            (status, Html(page)).into_response()
        }
    }
}
