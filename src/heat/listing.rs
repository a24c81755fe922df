//! Whole listings of Nova's, Neutron's, Cinder's and Glance's, page by page.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::catalog::Service;
use super::cloud::{Cloud, escaped};
use super::error::{Cause, HeatError};
use super::facts::{has_next, read};
use super::wire::Link;

/// How many things are asked for at a time.
const PAGE: usize = 1000;

/// Where things are listed.
#[derive(Clone, Copy)]
pub(super) struct Listing<'l> {
    pub(super) service: Service,
    /// Its path, with a query or without.
    pub(super) path: &'l str,
    /// The answer's field.
    pub(super) field: &'static str,
    /// For messages.
    pub(super) what: &'static str,
}

impl Listing<'_> {
    /// Everything that is listed; `id` is what a page is named by that begins after one of the things. The listing is
    /// whole, so its pages are not counted.
    pub(super) async fn all<T: DeserializeOwned>(
        &self,
        cloud: &Cloud,
        id: impl Fn(&T) -> &str,
    ) -> Result<Vec<T>, HeatError> {
        let Self { service, path, field, what } = *self;
        let sign = if path.contains('?') { '&' } else { '?' };
        let mut all: Vec<T> = Vec::new();
        loop {
            // Server groups count what has been seen, all others name the last of it.
            let after = match all.last() {
                None => String::new(),
                Some(_) if field == "server_groups" => format!("&offset={}", all.len()),
                Some(last) => format!("&marker={}", escaped(id(last))),
            };
            let path = format!("{path}{sign}limit={PAGE}{after}");
            let page: BTreeMap<String, Box<RawValue>> = read(cloud, service, path.clone(), what).await?;
            let garbled = |source| HeatError::ReadFacts { what, source: Cause::Garbled { url: path.clone(), source } };
            let things = page.get(field).map(|things| serde_json::from_str(things.get()));
            let things: Vec<T> = things.transpose().map_err(garbled)?.unwrap_or_default();
            let links = page.get(&format!("{field}_links")).map(|links| serde_json::from_str::<Vec<Link>>(links.get()));
            let links = links.transpose().map_err(garbled)?;
            // Where nothing is said of further pages, a full one may have some after it; Glance says what is next.
            let more =
                links.map_or_else(|| things.len() >= PAGE || page.contains_key("next"), |links| has_next(&links));
            // A cloud that gives the same page again would be asked for ever.
            let new = things.last().is_some_and(|last| all.last().is_none_or(|known| id(known) != id(last)));
            if new {
                all.extend(things);
            }
            if !new || !more {
                return Ok(all);
            }
        }
    }
}
