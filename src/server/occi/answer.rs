//! From a request to its answer.

use http::{Method, StatusCode};
use uuid::Uuid;

use super::change::Update;
use super::cluster_request::{ClusterRequest, deployer_credentials};
use super::clusters::Clusters;
use super::credentials::credentials;
use super::kind::{CORE, Kind};
use super::message::{OcciRequest, OcciResponse};
use super::refusal::{Refusal, RefusalKind};
use super::rendering::{self, Content, Format};
use super::view::ClusterView;

/// Where a request goes.
enum Target<'p> {
    /// What kinds there are.
    Query,
    /// All clusters.
    Collection(Kind),
    /// One cluster, by its id.
    Entity(Kind, &'p str),
}

impl<'p> Target<'p> {
    fn of(path: &'p str) -> Option<Self> {
        if matches!(path, "/-/" | "/.well-known/org/ogf/occi/-/") {
            return Some(Self::Query);
        }
        let (kind, rest) = Kind::ALL.iter().find_map(|kind| Some((*kind, path.strip_prefix(kind.location())?)))?;
        match rest {
            "" => Some(Self::Collection(kind)),
            id if !id.contains('/') => Some(Self::Entity(kind, id)),
            _ => None,
        }
    }
}

/// The answer to a request. Nothing is an error: what goes wrong is an answer too.
pub async fn answer<C: Clusters>(request: OcciRequest, clusters: &C) -> OcciResponse {
    match carried_out(&request, clusters).await {
        Ok(response) => response,
        Err(refusal) => refusal.response(),
    }
}

async fn carried_out<C: Clusters>(request: &OcciRequest, clusters: &C) -> Result<OcciResponse, Refusal> {
    let creates = request.method == Method::POST;
    // A creation may bring its credentials as attributes.
    let content = if creates { rendering::read(request)? } else { Content::default() };
    let credentials = credentials(request, || deployer_credentials(&content.attributes))?;
    let caller = clusters.authenticate(&credentials).await?;
    drop(credentials);
    let region = Region(clusters.region(&caller));
    region.allows("X-Region-Name", request.single("X-Region-Name")?.as_deref())?;
    let format = Format::accepted(request.list("Accept")?.as_deref())?;
    let base = request.base.as_str();
    let target = Target::of(&request.path)
        .ok_or_else(|| Refusal::new(RefusalKind::Unknown, format!("path `{}` does not exist", request.path)))?;
    match (target, &request.method) {
        (Target::Query, &Method::GET | &Method::HEAD) => rendering::categories(format, base),
        (Target::Query, _) => Err(not_allowed("GET, HEAD")),
        (Target::Collection(kind), &Method::GET | &Method::HEAD) => {
            let filter = Filter::of(&rendering::read(request)?)?;
            let views = clusters.list(&caller).await?;
            let views: Vec<ClusterView> = views.into_iter().filter(|view| filter.lets_through(view)).collect();
            Ok(rendering::entities(format, kind, &views, base))
        }
        (Target::Collection(kind), &Method::POST) => {
            without_query(request)?;
            kind_of(&content)?.ok_or_else(|| {
                Refusal::invalid("header `Category` is missing: it says what to create; `GET /-/` lists the kinds")
            })?;
            let asked = ClusterRequest::read(kind, &content.attributes, clusters.catalogue())?;
            region.allows("icclab.disco.deployer.region", asked.region.as_deref())?;
            let id = clusters.create(&caller, &asked).await?;
            let mut response = rendering::done(StatusCode::CREATED, format);
            response.headers.push(("Location", format!("{base}{}", kind.identifier(&id))));
            Ok(response)
        }
        (Target::Collection(_), _) => Err(not_allowed("GET, HEAD, POST")),
        (Target::Entity(kind, id), &Method::GET | &Method::HEAD) => {
            // Asked first, because a list of addresses cannot show one cluster anyway.
            let view = clusters.get(&caller, is_id(id)?).await?;
            rendering::entity(format, kind, &view, base)
        }
        (Target::Entity(kind, id), &Method::POST) => {
            without_query(request)?;
            let id = is_id(id)?;
            kind_of(&content)?;
            if format == Format::UriList {
                // Before anything is changed.
                return rendering::entity(format, kind, &clusters.get(&caller, id).await?, base);
            }
            let view = match Update::read(&content.attributes, clusters.catalogue())? {
                Update::Suspend => clusters.suspend(&caller, id).await?,
                Update::Resume => clusters.resume(&caller, id).await?,
                Update::Change(change) => {
                    region.allows("icclab.disco.deployer.region", change.region.as_deref())?;
                    clusters.update(&caller, id, &change).await?
                }
            };
            rendering::entity(format, kind, &view, base)
        }
        (Target::Entity(_, id), &Method::DELETE) => {
            let deleted = match is_id(id) {
                Ok(id) => clusters.delete(&caller, id).await,
                Err(unknown) => Err(unknown),
            };
            match deleted {
                Ok(()) => Ok(rendering::done(StatusCode::OK, format)),
                // The dashboard takes its row away on this status and on no other.
                Err(Refusal { kind: RefusalKind::Unknown, message }) => Err(Refusal::invalid(message)),
                Err(other) => Err(other),
            }
        }
        (Target::Entity(..), _) => Err(not_allowed("GET, HEAD, POST, DELETE")),
    }
}

fn not_allowed(allowed: &'static str) -> Refusal {
    let message = format!("the method is not allowed here; use {allowed}");
    Refusal::new(RefusalKind::Method(allowed), message)
}

/// `?action=…` is how OCCI has actions of kinds; this kind has none.
fn without_query(request: &OcciRequest) -> Result<(), Refusal> {
    match request.query.as_deref().filter(|query| !query.is_empty()) {
        None => Ok(()),
        Some(_) => Err(Refusal::invalid(
            "the kind has no actions in addresses; send `X-OCCI-Attribute: action=\"suspend\"` or `action=\"resume\"`",
        )),
    }
}

/// Only what can be an id of ours is asked for.
fn is_id(text: &str) -> Result<&str, Refusal> {
    let known = Uuid::try_parse(text).is_ok_and(|id| id.as_hyphenated().to_string() == text);
    if known { Ok(text) } else { Err(Refusal::unknown(&rendering::escaped(text))) }
}

/// The kind that a request is about, where it says so.
fn kind_of(content: &Content) -> Result<Option<Kind>, Refusal> {
    let mut found = None;
    for category in &content.categories {
        match Kind::of(&category.term, &category.scheme) {
            Some(kind) => found = found.or(Some(kind)),
            None => {
                return Err(Refusal::invalid(format!(
                    "category `{}{}` does not exist; `GET /-/` lists the kinds",
                    rendering::escaped(&category.scheme),
                    rendering::escaped(&category.term)
                )));
            }
        }
    }
    Ok(found)
}

/// The region of the caller's cloud.
struct Region(Option<String>);

impl Region {
    fn allows(&self, what: &str, wanted: Option<&str>) -> Result<(), Refusal> {
        match (&self.0, wanted.filter(|wanted| !wanted.is_empty())) {
            (Some(own), Some(wanted)) if own != wanted => Err(Refusal::invalid(format!(
                "`{what}` is `{}`, expected `{}`, the region of this service's cloud",
                rendering::escaped(wanted),
                rendering::escaped(own)
            ))),
            _ => Ok(()),
        }
    }
}

/// Which clusters of a list are asked for.
struct Filter {
    /// Whether clusters are asked for at all.
    clusters: bool,
    /// Attributes that they must have.
    attributes: Vec<(String, String)>,
}

impl Filter {
    fn of(content: &Content) -> Result<Self, Refusal> {
        let links = |category: &rendering::Category| category.term == "link" && category.scheme == CORE;
        let (links, others): (Vec<_>, Vec<_>) = content.categories.iter().cloned().partition(links);
        let clusters = kind_of(&Content { categories: others, attributes: Vec::new() })?.is_some();
        Ok(Self { clusters: clusters || links.is_empty(), attributes: content.attributes.clone() })
    }

    fn lets_through(&self, view: &ClusterView) -> bool {
        if self.attributes.is_empty() {
            return self.clusters;
        }
        let own = view.attributes();
        self.clusters && self.attributes.iter().all(|(name, value)| own.get(name) == Some(value))
    }
}
