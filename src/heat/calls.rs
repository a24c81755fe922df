//! What is told of each exchange with a cloud, to those who want to see it: never a secret.
//!
//! What is hidden goes by the structure of what is sent: by the names of headers and fields, and by which parameters a
//! template calls hidden.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use serde_json::{Map, Value as Json};

use super::error::Cause;
use crate::model::heat_type;
use crate::source::causes;

/// Headers whose values are never told.
const SECRET_HEADERS: [&str; 7] = [
    "authorization",
    "proxy-authorization",
    "x-auth-token",
    "x-subject-token",
    "x-service-token",
    "cookie",
    "set-cookie",
];

/// Fields whose values are never told, whatever they are: names are compared without case, `_` and `-`.
const SECRET_FIELDS: [&str; 12] = [
    "password",
    "adminpass",
    "originalpassword",
    "secret",
    "token",
    "accesstoken",
    "authtoken",
    "privatekey",
    "userdata",
    "inputvalues",
    "credential",
    "passcode",
];

/// What stands for a value that is not told.
const HIDDEN: &str = "(hidden)";

/// The longest string of a body that is told whole, in characters.
const LONGEST: usize = 300;

/// One exchange.
#[derive(Clone, Debug)]
pub struct Call {
    /// `GET`, …
    pub method: Method,
    /// Where to, with its query.
    pub url: String,
    /// The answer's status, or why there is none.
    pub outcome: Result<u16, String>,
    /// Until the answer was whole.
    pub took: Duration,
    /// Headers and bodies, where somebody wants to see them.
    pub contents: Option<Contents>,
}

/// What was sent and answered, without secrets.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Headers of the request, and its body.
    pub request: (Vec<(String, String)>, String),
    /// The same of the answer.
    pub answer: (Vec<(String, String)>, String),
}

/// Somebody who is told of each exchange.
#[derive(Clone)]
pub struct CallLog {
    tell: Arc<dyn Fn(&Call) + Send + Sync>,
    /// Whether headers and bodies are told too.
    pub contents: bool,
}

impl fmt::Debug for CallLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallLog").field("contents", &self.contents).finish_non_exhaustive()
    }
}

/// What is kept of a request until its answer is there.
pub(super) struct Sent {
    method: Method,
    url: String,
    contents: Option<(Vec<(String, String)>, String)>,
}

impl CallLog {
    /// Tells `tell` of each exchange; with headers and bodies where `contents` says so.
    pub fn new(contents: bool, tell: impl Fn(&Call) + Send + Sync + 'static) -> Self {
        Self { tell: Arc::new(tell), contents }
    }

    pub(super) fn sent(&self, request: &Request<Bytes>) -> Sent {
        let contents = self.contents.then(|| (headers(request.headers()), body(request.body())));
        Sent { method: request.method().clone(), url: request.uri().to_string(), contents }
    }

    pub(super) fn answered(&self, sent: Sent, answer: &Result<Response<Bytes>, Cause>, took: Duration) {
        let Sent { method, url, contents } = sent;
        let outcome = match answer {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(cause) => Err(causes(cause).join(": ")),
        };
        let contents = contents.map(|request| {
            let answer = answer.as_ref().map(|answer| (headers(answer.headers()), body(answer.body())));
            Contents { request, answer: answer.unwrap_or_default() }
        });
        (self.tell)(&Call { method, url, outcome, took, contents });
    }
}

/// Headers as they are told.
fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let told = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let hidden = value.is_sensitive() || SECRET_HEADERS.contains(&name.as_str());
        let value = if hidden { HIDDEN.to_owned() } else { String::from_utf8_lossy(value.as_bytes()).into_owned() };
        (name.to_string(), value)
    };
    headers.iter().map(told).collect()
}

/// A body as it is told: JSON without secrets and without long strings, of anything else only the length.
fn body(bytes: &Bytes) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    match serde_json::from_slice::<Json>(bytes) {
        Ok(mut json) => {
            hide(&mut json);
            json.to_string()
        }
        Err(_) => format!("({} bytes)", bytes.len()),
    }
}

fn hide(json: &mut Json) {
    match json {
        Json::Object(fields) => {
            hide_parameters(fields);
            hide_random_string(fields);
            for (name, value) in fields {
                if is_secret(name, value) {
                    *value = Json::from(HIDDEN);
                } else {
                    hide(value);
                }
            }
        }
        Json::Array(all) => all.iter_mut().for_each(hide),
        Json::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(LONGEST) {
                let whole = text.chars().count();
                *text = format!("{}… ({whole} characters)", &text[..end]);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Whether a field is not told. Keystone's answer has a `token` with the catalog in it, which is none; the parts of
/// Nova's and Neutron's answers that are called so are strings.
fn is_secret(name: &str, value: &Json) -> bool {
    let plain: String = name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect();
    let named = SECRET_FIELDS.contains(&plain.as_str());
    // What signs in is a string, or an object with one in it: `{"token": {"id": …}}`.
    let describes = plain == "token" && value.get("expires_at").is_some();
    let way = plain == "password" && value.get("user").is_some();
    named && !describes && !way && !value.is_null()
}

/// The value of a random string, which Heat tells as an attribute.
fn hide_random_string(fields: &mut Map<String, Json>) {
    if fields.get("resource_type").is_some_and(|kind| kind == heat_type::RANDOM_STRING)
        && let Some(attributes) = fields.get_mut("attributes")
    {
        *attributes = Json::from(HIDDEN);
    }
}

/// Values of parameters, but for those that the template beside them declares without `hidden`.
fn hide_parameters(fields: &mut Map<String, Json>) {
    let declared = fields.get("template").and_then(|template| template.get("parameters")).and_then(Json::as_object);
    let open: BTreeSet<String> = declared
        .into_iter()
        .flatten()
        .filter(|(_, declaration)| !declaration.get("hidden").is_some_and(|hidden| *hidden != Json::Bool(false)))
        .map(|(name, _)| name.clone())
        .collect();
    let Some(Json::Object(parameters)) = fields.get_mut("parameters") else { return };
    // Of a template the declarations stand here, not values.
    for (name, value) in parameters.iter_mut().filter(|(_, value)| !value.is_object()) {
        if !open.contains(name) && !name.contains("::") {
            *value = Json::from(HIDDEN);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(value: &Json) -> Json {
        serde_json::from_str(&body(&Bytes::from(value.to_string()))).unwrap()
    }

    #[test]
    fn secrets_are_hidden_by_where_they_stand() {
        let sign_in = json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": { "name": "ann", "password": "s3cret" } } },
            "scope": { "project": { "name": "lab" } },
        } });
        let expected = json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": { "name": "ann", "password": HIDDEN } } },
            "scope": { "project": { "name": "lab" } },
        } });
        assert_eq!(told(&sign_in), expected);
        let renewal = json!({ "auth": { "identity": { "methods": ["token"], "token": { "id": "gAAAA" } } } });
        assert!(!told(&renewal).to_string().contains("gAAAA"));
        let application = json!({ "application_credential": { "id": "a", "secret": "s3cret" } });
        assert_eq!(told(&application), json!({ "application_credential": { "id": "a", "secret": HIDDEN } }));
        let answer = json!({ "token": { "expires_at": "2026", "project": { "id": "p" } } });
        assert_eq!(told(&answer), answer, "what a token is good for is no secret");
        let server =
            json!({ "server": { "adminPass": "x", "OS-EXT-SRV-ATTR:user_data": "eA==", "user_data": "eA==" } });
        assert_eq!(told(&server)["server"]["user_data"], HIDDEN);
        assert_eq!(told(&server)["server"]["adminPass"], HIDDEN);
    }

    #[test]
    fn parameters_are_told_only_where_the_template_says_that_they_are_open() {
        let create = json!({
            "stack_name": "lab",
            "parameters": { "secret-1": "hunter2", "network": "n1", "unknown": "hunter3" },
            "template": {
                "parameters": {
                    "secret-1": { "type": "string", "hidden": true },
                    "network": { "type": "string" },
                },
                "resources": { "d": { "properties": { "input_values": { "p": "hunter4" }, "config": "c".repeat(400) } } },
            },
        });
        let told = told(&create);
        let text = told.to_string();
        assert!(!text.contains("hunter"), "{text}");
        assert_eq!(told["parameters"], json!({ "secret-1": HIDDEN, "network": "n1", "unknown": HIDDEN }));
        assert_eq!(told["template"]["parameters"]["secret-1"]["hidden"], true, "declarations are told");
        assert!(text.contains("… (400 characters)"), "{text}");
    }

    #[test]
    fn what_heat_makes_up_is_not_told() {
        let resource =
            |kind: &str| json!({ "resource": { "resource_type": kind, "attributes": { "value": "hunter2" } } });
        let secret = resource("OS::Heat::RandomString");
        assert_eq!(told(&secret)["resource"]["attributes"], json!(HIDDEN));
        let open = resource("OS::Heat::Value");
        assert_eq!(told(&open), open);
    }

    #[test]
    fn headers_that_sign_in_are_hidden() {
        let mut given = HeaderMap::new();
        given.insert("x-auth-token", "gAAAA".parse().unwrap());
        given.insert("accept", "application/json".parse().unwrap());
        let mut marked = http::HeaderValue::from_static("gBBBB");
        marked.set_sensitive(true);
        given.insert("x-other", marked);
        let told = headers(&given);
        assert!(!format!("{told:?}").contains("gAAAA") && !format!("{told:?}").contains("gBBBB"));
        assert!(told.contains(&("accept".to_owned(), "application/json".to_owned())));
        assert_eq!(body(&Bytes::from_static(b"key=value")), "(9 bytes)");
    }
}
