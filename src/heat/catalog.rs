//! Keystone's service catalog: which address a service has in a region.
//!
//! Clouds write the same service under different types (`volumev3`, `block-storage`) and addresses with different ends
//! (`/v3`, `/v1/PROJECT`, nothing). What the address says about its version is read from it; where it says nothing, the
//! service is asked which versions it has ([`Address::Unversioned`]).

use super::wire;
pub use crate::model::Interface;

/// The services DISCO speaks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Keystone.
    Identity,
    /// Heat.
    Orchestration,
    /// Nova.
    Compute,
    /// Glance.
    Image,
    /// Neutron.
    Network,
    /// Cinder.
    BlockStorage,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Identity, Self::Orchestration, Self::Compute, Self::Image, Self::Network, Self::BlockStorage];

    /// The official type (the service types authority's), as `openstack catalog list` prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Orchestration => "orchestration",
            Self::Compute => "compute",
            Self::Image => "image",
            Self::Network => "network",
            Self::BlockStorage => "block-storage",
        }
    }

    /// Types under which a catalog may list it, the best first.
    pub(crate) fn types(self) -> &'static [&'static str] {
        match self {
            Self::Identity => &["identity"],
            Self::Orchestration => &["orchestration"],
            Self::Compute => &["compute"],
            Self::Image => &["image"],
            Self::Network => &["network"],
            Self::BlockStorage => &["block-storage", "volumev3", "block-store", "volume"],
        }
    }

    /// The major version whose API DISCO speaks.
    pub(crate) fn version(self) -> Major {
        match self {
            Self::Identity | Self::BlockStorage => Major(3),
            Self::Orchestration => Major(1),
            Self::Compute | Self::Image | Self::Network => Major(2),
        }
    }
}

/// A major version of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Major(pub(crate) u32);

impl Major {
    /// Reads `v2`, `v2.0`, `v2.1`, `V3`.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['v', 'V'])?;
        let (major, minor) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        (is_number(major) && is_number(minor)).then(|| major.parse().ok().map(Self)).flatten()
    }
}

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The version's root, without a slash at the end; requests add their path.
    Versioned(String),
    /// The service's root; which versions there are, the service itself says.
    Unversioned(String),
}

/// Why there is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The catalog has no such service.
    Service,
    /// It is there, but not in this region; these have it.
    Region(Vec<String>),
    /// It is there, but not with this interface; these are.
    Interface(Vec<String>),
}

/// A service's endpoint in a catalog: of the wanted interface and region, the first of the best type.
pub(crate) fn find<'c>(
    catalog: &'c [wire::CatalogEntry],
    service: Service,
    interface: Interface,
    region: Option<&str>,
) -> Result<&'c wire::Endpoint, Missing> {
    let mut missing = Missing::Service;
    for kind in service.types() {
        let endpoints: Vec<_> =
            catalog.iter().filter(|entry| entry.kind == *kind).flat_map(|entry| &entry.endpoints).collect();
        let here: Vec<_> = endpoints
            .iter()
            .filter(|endpoint| {
                region.is_none_or(|region| {
                    [&endpoint.region_id, &endpoint.region].into_iter().flatten().any(|at| at == region)
                })
            })
            .collect();
        if let Some(found) = here.iter().find(|endpoint| Interface::parse(&endpoint.interface) == Some(interface)) {
            return Ok(found);
        }
        if missing == Missing::Service && !endpoints.is_empty() {
            missing = if here.is_empty() {
                Missing::Region(sorted(endpoints.iter().filter_map(|at| at.region_id.clone().or(at.region.clone()))))
            } else {
                Missing::Interface(sorted(here.iter().map(|at| at.interface.clone())))
            };
        }
    }
    Err(missing)
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    names.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Reads an address of a catalog or an override: fills in the project and sees whether it names a version.
///
/// Older catalogs hold `%(tenant_id)s` and `$(project_id)s` as they were written by whoever set the cloud up. Glance and
/// Neutron are addressed by their root in DISCO's requests, so a version at the end is taken off theirs.
pub(crate) fn address(service: Service, url: &str, project: &str) -> Address {
    let mut url = url.trim().trim_end_matches('/').to_owned();
    for word in ["%(tenant_id)s", "%(project_id)s", "$(tenant_id)s", "$(project_id)s"] {
        url = url.replace(word, project);
    }
    let path_at = url.find("://").map_or(0, |at| at + 3);
    let path_at = url[path_at..].find('/').map_or(url.len(), |at| path_at + at);
    let (root, path) = url.split_at(path_at);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let version_at = parts.iter().rposition(|part| Major::parse(part).is_some());
    let below = |count: usize| parts[..count].iter().fold(root.to_owned(), |url, part| url + "/" + part);
    match (service, version_at) {
        // What follows the version is the project, which all but Heat and Cinder have given up.
        (Service::Identity, Some(at)) => Address::Versioned(below(at + 1)),
        (Service::Image | Service::Network, Some(at)) => Address::Versioned(below(at)),
        (Service::Orchestration | Service::BlockStorage, Some(at)) if at + 1 == parts.len() && !project.is_empty() => {
            Address::Versioned(format!("{url}/{project}"))
        }
        (Service::Image | Service::Network, None) | (_, Some(_)) => Address::Versioned(url),
        (_, None) => Address::Unversioned(url),
    }
}

/// The address of the version that DISCO speaks, of those that a service says it has (`v2.0`, `v2.1`): the newest one of
/// its major version. Where services say they are is not taken, since behind proxies it is often not where they can be
/// reached; the version is added to the address that is known.
pub(crate) fn versioned(service: Service, url: &str, versions: &[String], project: &str) -> Option<String> {
    let newest = versions.iter().filter(|version| Major::parse(version) == Some(service.version())).max()?;
    // Heat says `v1.0` and means `/v1`, Cinder `v3.0` and `/v3`; Nova's `/v2.1` is what it says.
    let part = newest.strip_suffix(".0").unwrap_or(newest);
    match address(service, &format!("{url}/{part}"), project) {
        Address::Versioned(url) | Address::Unversioned(url) => Some(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(interface: &str, region: &str, url: &str) -> wire::Endpoint {
        wire::Endpoint {
            interface: interface.to_owned(),
            region: Some(region.to_owned()),
            region_id: Some(region.to_owned()),
            url: url.to_owned(),
        }
    }

    fn entry(kind: &str, endpoints: Vec<wire::Endpoint>) -> wire::CatalogEntry {
        wire::CatalogEntry { kind: kind.to_owned(), endpoints, ..wire::CatalogEntry::default() }
    }

    #[test]
    fn the_best_type_in_the_region_with_the_interface() {
        let catalog = [
            entry("volume", vec![endpoint("public", "one", "http://old")]),
            entry(
                "volumev3",
                vec![endpoint("publicURL", "one", "http://v3"), endpoint("internal", "two", "http://in")],
            ),
        ];
        let find = |interface, region| {
            super::find(&catalog, Service::BlockStorage, interface, region).map(|endpoint| endpoint.url.clone())
        };
        assert_eq!(find(Interface::Public, None), Ok("http://v3".to_owned()));
        assert_eq!(find(Interface::Internal, Some("two")), Ok("http://in".to_owned()));
        assert_eq!(find(Interface::Admin, Some("two")), Err(Missing::Interface(vec!["internal".to_owned()])));
        assert_eq!(
            find(Interface::Public, Some("six")),
            Err(Missing::Region(vec!["one".to_owned(), "two".to_owned()]))
        );
        assert!(super::find(&catalog, Service::Compute, Interface::Public, None) == Err(Missing::Service));
    }

    #[test]
    fn addresses_end_as_each_cloud_likes() {
        let at = |url: &str| Address::Versioned(url.to_owned());
        let heat = |url| address(Service::Orchestration, url, "p1");
        assert_eq!(heat("http://h:8004/v1/%(tenant_id)s/"), at("http://h:8004/v1/p1"));
        assert_eq!(heat("http://h/heat-api/v1"), at("http://h/heat-api/v1/p1"));
        assert_eq!(heat("http://h/heat-api/v1/p1"), at("http://h/heat-api/v1/p1"));
        let discovered =
            |service, versions: [&str; 2]| versioned(service, "http://h/x", &versions.map(str::to_owned), "p1");
        assert_eq!(discovered(Service::Orchestration, ["v1.0", "v2.0"]).as_deref(), Some("http://h/x/v1/p1"));
        assert_eq!(discovered(Service::Compute, ["v2.0", "v2.1"]).as_deref(), Some("http://h/x/v2.1"));
        assert_eq!(discovered(Service::BlockStorage, ["v2.0", "v3.0"]).as_deref(), Some("http://h/x/v3/p1"));
        assert_eq!(discovered(Service::BlockStorage, ["v1.0", "v2.0"]), None);
        assert_eq!(heat("http://h/heat"), Address::Unversioned("http://h/heat".to_owned()));
        assert_eq!(address(Service::Network, "http://h:9696/v2.0", "p1"), at("http://h:9696"));
        assert_eq!(address(Service::Image, "http://h/image", "p1"), at("http://h/image"));
        assert_eq!(address(Service::Compute, "http://h/compute/v2.1", "p1"), at("http://h/compute/v2.1"));
        assert_eq!(address(Service::Compute, "http://h/", "p1"), Address::Unversioned("http://h".to_owned()));
        assert_eq!(address(Service::Identity, "http://h/identity/v3", ""), at("http://h/identity/v3"));
        assert_eq!(
            address(Service::Compute, "http://v2.example.org", ""),
            Address::Unversioned("http://v2.example.org".to_owned())
        );
    }
}
