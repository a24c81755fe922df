//! What Neutron lists, page by page: what an answer does not show is not read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};

use super::super::cloud;
use super::super::entity::Thing;
use super::super::resource::{groups, rules};
use super::super::world::World;
use super::services::{external, kind_of, unknown_collection};
use super::whole::whole;
use super::{Engine, answer, by_hand, limit, written};

/// Parameters that are no fields.
const OF_THE_LISTING: [&str; 5] = ["limit", "marker", "sort_key", "sort_dir", "fields"];

/// Something that is listed.
enum Member<'w> {
    Kept(&'w Thing),
    Made(Map<String, Json>),
}

impl Member<'_> {
    /// What is shown of it; of what is kept, only the fields of these names where some are named.
    fn shown(self, names: &[&str]) -> Map<String, Json> {
        match self {
            Self::Kept(thing) if names.is_empty() => thing.body.read(),
            Self::Kept(thing) => thing.body.fields(names),
            Self::Made(body) => body,
        }
    }
}

/// Everything of a kind whose id comes after that one, in the order of ids.
fn members<'w>(
    world: &'w World,
    kind: &'static str,
    after: Option<&str>,
) -> Box<dyn Iterator<Item = (Cow<'w, str>, Member<'w>)> + 'w> {
    let first = after.map_or(Bound::Unbounded, Bound::Excluded);
    let things = world.things.range::<str, _>((first, Bound::Unbounded)).map(|(id, thing)| (id.as_str(), thing));
    match kind {
        "network" => {
            let mut all: BTreeMap<&str, Member<'_>> =
                things.filter(|(_, thing)| thing.kind == kind).map(|(id, thing)| (id, Member::Kept(thing))).collect();
            if after.is_none_or(|after| after < cloud::PUBLIC_ID) {
                all.insert(cloud::PUBLIC_ID, Member::Made(object(external())));
            }
            Box::new(all.into_iter().map(|(id, member)| (Cow::Borrowed(id), member)))
        }
        "security_group" | "security_group_rule" => {
            let all = if kind == "security_group" { groups(world) } else { rules(world) };
            let id = |it: &Json| it["id"].as_str().unwrap_or_default().to_owned();
            let all: BTreeMap<String, Json> = all.into_iter().map(|it| (id(&it), it)).collect();
            let after = after.map(str::to_owned);
            let all = all.into_iter().filter(move |(id, _)| after.as_ref().is_none_or(|after| id > after));
            Box::new(all.map(|(id, body)| (Cow::Owned(id), Member::Made(object(body)))))
        }
        "port" => Box::new(things.filter_map(|(id, thing)| match thing.kind.as_str() {
            "port" => Some((Cow::Borrowed(id), Member::Kept(thing))),
            "router_interface" => Some((Cow::Borrowed(id), Member::Made(object(by_hand::interface_port(thing))))),
            _ => None,
        })),
        _ => {
            let things = things.filter(move |(_, thing)| thing.kind == kind);
            Box::new(things.map(|(id, thing)| (Cow::Borrowed(id), Member::Kept(thing))))
        }
    }
}

fn object(body: Json) -> Map<String, Json> {
    match body {
        Json::Object(body) => body,
        _ => Map::new(),
    }
}

/// Whether a value is one of those that are asked for.
fn fits(value: Option<&Json>, wanted: &[&str]) -> bool {
    match value {
        Some(Json::String(text)) => wanted.contains(&text.as_str()),
        Some(Json::Bool(truth)) => wanted.iter().any(|wanted| truth.to_string() == wanted.to_ascii_lowercase()),
        Some(Json::Number(number)) => wanted.iter().any(|wanted| number.to_string() == *wanted),
        _ => false,
    }
}

/// `GET` of one of Neutron's collections.
pub(super) async fn list(
    State(shared): Engine,
    Path(collection): Path<String>,
    Query(queries): super::Queries,
) -> Response {
    let of = |name: &str| queries.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
    answer(shared.look(|world| {
        let kind = kind_of(&collection).ok_or_else(|| unknown_collection(&collection))?;
        // Of values that are given more than once, any will do.
        let mut conditions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut fields: Vec<&str> = Vec::new();
        for (name, value) in &queries {
            if name == "fields" {
                fields.push(value);
            } else if !OF_THE_LISTING.contains(&name.as_str()) {
                conditions.entry(name).or_default().push(value);
            }
        }
        let mut names = fields.clone();
        if !names.is_empty() {
            names.extend(conditions.keys());
        }
        let most = limit(of("limit"));
        let (mut shown, mut last, mut more) = (Vec::new(), String::new(), false);
        for (id, member) in members(world, kind, of("marker")) {
            let body = member.shown(&names);
            if !conditions.iter().all(|(name, wanted)| fits(body.get(*name), wanted)) {
                continue;
            }
            if shown.len() == most {
                more = true;
                break;
            }
            let mut body = object(whole(world, kind, Json::Object(body)));
            if !fields.is_empty() {
                body.retain(|name, _| fields.contains(&name.as_str()));
            }
            shown.push(body);
            last = id.into_owned();
        }
        let name = collection.replace('-', "_");
        let mut answer = Map::new();
        if more {
            let href = format!("/network/v2.0/{collection}?limit={}&marker={last}", of("limit").unwrap_or_default());
            answer.insert(format!("{name}_links"), json!([{"rel": "next", "href": href}]));
        }
        answer.insert(name, Json::Array(shown.into_iter().map(Json::Object).collect()));
        written(&answer)
    }))
}
