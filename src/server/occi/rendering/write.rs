//! What an answer says.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http::StatusCode;
use serde_json::{Value as Json, json};

use super::quoting::{escaped, push_escape};
use super::{ATTRIBUTE, CATEGORY, Format, LOCATION};
use crate::server::occi::kind::{Kind, link_category, link_json};
use crate::server::occi::message::OcciResponse;
use crate::server::occi::refusal::Refusal;
use crate::server::occi::view::ClusterView;

/// What all of them say that say nothing.
const DONE: &str = "OK";
/// The attribute of the identifier, which comes last.
const ID: &str = "occi.core.id";

/// `OK`
pub(in super::super) fn done(status: StatusCode, format: Format) -> OcciResponse {
    OcciResponse::new(status, format, DONE)
}

/// The kinds that there are.
pub(in super::super) fn categories(format: Format, base: &str) -> Result<OcciResponse, Refusal> {
    let lines = || [Kind::Disco.category(base), link_category(base)];
    Ok(match format {
        Format::Occi => in_headers(&[(CATEGORY, &lines())]),
        Format::Plain => in_lines(&[(CATEGORY, &lines())]),
        Format::UriList => return Err(lists_only()),
        Format::Json => in_json(&json!([Kind::Disco.json(), link_json()])),
    })
}

/// One cluster.
pub(in super::super) fn entity(
    format: Format,
    kind: Kind,
    view: &ClusterView,
    base: &str,
) -> Result<OcciResponse, Refusal> {
    let attributes = || {
        let mut all: Vec<String> = view.attributes().iter().map(|(name, value)| pair(name, value)).collect();
        all.push(pair(ID, &kind.identifier(&view.id)));
        all
    };
    Ok(match format {
        Format::Occi => in_headers(&[(CATEGORY, &[kind.category(base)]), (ATTRIBUTE, &attributes())]),
        Format::Plain => in_lines(&[(CATEGORY, &[kind.category(base)]), (ATTRIBUTE, &attributes())]),
        Format::UriList => return Err(lists_only()),
        Format::Json => in_json(&entity_json(kind, view)),
    })
}

/// All clusters of a caller.
pub(in super::super) fn entities(format: Format, kind: Kind, views: &[ClusterView], base: &str) -> OcciResponse {
    let addresses: Vec<String> = views.iter().map(|view| format!("{base}{}", kind.identifier(&view.id))).collect();
    match format {
        Format::Occi => in_headers(&[(LOCATION, &addresses)]),
        Format::Plain => in_lines(&[(LOCATION, &addresses)]),
        Format::UriList => {
            let mut body = format!("# uri:{}", kind.location());
            for address in &addresses {
                body.push('\n');
                body.push_str(address);
            }
            OcciResponse::new(StatusCode::OK, format, body)
        }
        Format::Json => in_json(&views.iter().map(|view| entity_json(kind, view)).collect()),
    }
}

fn lists_only() -> Refusal {
    Refusal::invalid(format!("`{}` is for lists of clusters only", Format::UriList.mime_type()))
}

/// `NAME="VALUE"`
fn pair(name: &str, value: &str) -> String {
    // What a name would have to be quoted for, the original could not read; nobody needs it.
    let name: String =
        name.chars().filter(|sign| sign.is_ascii_graphic() && !matches!(sign, '"' | ',' | '=')).collect();
    format!("{name}=\"{}\"", escaped(value))
}

/// `text/occi`: a header for each that has values.
fn in_headers(all: &[(&'static str, &[String])]) -> OcciResponse {
    let mut response = OcciResponse::new(StatusCode::OK, Format::Occi, DONE);
    let filled = all.iter().filter(|(_, values)| !values.is_empty());
    response.headers.extend(filled.map(|(name, values)| (*name, values.join(", "))));
    response
}

/// `text/plain`: a line for each value, with its end before it.
fn in_lines(all: &[(&'static str, &[String])]) -> OcciResponse {
    let mut body = String::new();
    for (name, value) in all.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value))) {
        // Writing to a String cannot fail.
        let _ = write!(body, "\n{name}: {value}");
    }
    OcciResponse::new(StatusCode::OK, Format::Plain, body)
}

/// JSON of two spaces and ASCII, as Python writes it.
fn in_json(value: &Json) -> OcciResponse {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut body = String::with_capacity(text.len());
    for sign in text.chars() {
        if sign.is_ascii() { body.push(sign) } else { push_escape(sign, &mut body) }
    }
    OcciResponse::new(StatusCode::OK, Format::Json, body)
}

fn entity_json(kind: Kind, view: &ClusterView) -> Json {
    let mut attributes: BTreeMap<String, String> = view.attributes();
    attributes.insert(ID.to_owned(), kind.identifier(&view.id));
    json!({
        "actions": [],
        "attributes": attributes,
        "kind": kind.json(),
        "links": [],
        "mixins": [],
    })
}
