//! The engine's own little cloud: flavors, images, the external network, limits.

use std::net::Ipv4Addr;

/// A machine size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flavor {
    /// Nova's id.
    pub id: String,
    /// `m1.medium`
    pub name: String,
    /// Virtual processors.
    pub vcpus: u64,
    /// Memory in MiB.
    pub ram: u64,
    /// Disk in GiB.
    pub disk: u64,
}

/// An image to boot from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Glance's id.
    pub id: String,
    /// `debian-12`
    pub name: String,
    /// Disk it needs, in GiB.
    pub min_disk: u64,
    /// Memory it needs, in MiB.
    pub min_ram: u64,
}

/// No limit at all, which OpenStack calls -1.
const UNLIMITED: u64 = u64::MAX;

/// What a project may have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of OpenStack's quotas")]
pub struct Limits {
    pub instances: u64,
    pub cores: u64,
    pub ram: u64,
    pub server_groups: u64,
    pub server_group_members: u64,
    pub networks: u64,
    pub ports: u64,
    pub floating_ips: u64,
    pub security_groups: u64,
    pub security_group_rules: u64,
    pub volumes: u64,
    pub gigabytes: u64,
}

impl Default for Limits {
    /// As many as one likes: simulated machines cost nobody anything. A server group has members for hosts that there
    /// are, so that anti-affinity has its limit here too.
    fn default() -> Self {
        Self {
            instances: UNLIMITED,
            cores: UNLIMITED,
            ram: UNLIMITED,
            server_groups: UNLIMITED,
            server_group_members: 1_000,
            networks: UNLIMITED,
            ports: UNLIMITED,
            floating_ips: UNLIMITED,
            security_groups: UNLIMITED,
            security_group_rules: UNLIMITED,
            volumes: UNLIMITED,
            gigabytes: UNLIMITED,
        }
    }
}

/// A limit as OpenStack tells it.
pub(crate) fn told(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(-1)
}

/// The region's name.
pub(crate) const REGION: &str = "local";
/// The external network's name.
pub(crate) const PUBLIC_NAME: &str = "public";
/// The external network's id.
pub(crate) const PUBLIC_ID: &str = "4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2a01";
/// The id of its subnet.
pub(crate) const PUBLIC_SUBNET_ID: &str = "4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2a02";
/// Its addresses: a block reserved for benchmarks, so that nobody's real network is shadowed.
pub(crate) const PUBLIC_CIDR: &str = "198.18.0.0/16";
/// The first floating address.
pub(crate) const PUBLIC_FIRST: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 10);
/// The last floating address.
pub(crate) const PUBLIC_LAST: Ipv4Addr = Ipv4Addr::new(198, 18, 63, 254);

/// Types of volumes, by name and id; the first is the one that a volume without a type gets.
pub(crate) const VOLUME_TYPES: [(&str, &str); 2] =
    [("__DEFAULT__", "4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2c01"), ("ssd", "4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2c02")];

/// A network, its subnet and its router that were there before, by name and id.
pub(crate) const PREPARED: [(&str, &str); 3] = [
    ("lab-net", "4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2b01"),
    ("lab-subnet", "4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2b02"),
    ("lab-router", "4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2b03"),
];
/// Its addresses: a block reserved for documentation.
pub(crate) const PREPARED_CIDR: &str = "192.0.2.0/24";
/// Its way out.
pub(crate) const PREPARED_GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// What its DHCP gives out.
pub(crate) const PREPARED_POOL: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(192, 0, 2, 10), Ipv4Addr::new(192, 0, 2, 63));

/// Name, virtual processors, memory and disk of the machine sizes of the engine's cloud; their ids count from 1.
const SIZES: [(&str, u64, u64, u64); 15] = [
    ("m1.tiny", 1, 512, 1),
    ("m1.small", 1, 2_048, 20),
    ("m1.medium", 2, 4_096, 40),
    ("m1.large", 4, 8_192, 80),
    ("m1.xlarge", 8, 16_384, 160),
    ("m1.2xlarge", 16, 32_768, 320),
    ("m1.4xlarge", 32, 65_536, 640),
    ("c1.medium", 4, 4_096, 40),
    ("c1.large", 8, 8_192, 80),
    ("c1.xlarge", 16, 16_384, 160),
    ("c1.2xlarge", 32, 32_768, 320),
    ("r1.medium", 2, 16_384, 40),
    ("r1.large", 4, 32_768, 80),
    ("r1.xlarge", 8, 65_536, 160),
    ("r1.2xlarge", 16, 131_072, 320),
];

/// Name, disk and memory that they need, of the images of the engine's cloud; their ids count from 1.
const IMAGES: [(&str, u64, u64); 8] = [
    ("debian-12", 2, 256),
    ("debian-13", 2, 256),
    ("ubuntu-22.04", 4, 512),
    ("ubuntu-24.04", 4, 512),
    ("rocky-9", 10, 1_024),
    ("almalinux-9", 10, 1_024),
    ("fedora-42", 5, 1_024),
    ("cirros", 1, 64),
];

/// What the ids of images have before their numbers.
const IMAGE: &str = "7c1c7d52-31b0-4f6e-9a55-";

/// Machine sizes of the engine's cloud.
pub fn flavors() -> Vec<Flavor> {
    (0..SIZES.len()).map(flavor_at).collect()
}

fn flavor_at(place: usize) -> Flavor {
    let (name, vcpus, ram, disk) = SIZES[place];
    Flavor { id: (place + 1).to_string(), name: name.to_owned(), vcpus, ram, disk }
}

/// Images of the engine's cloud.
pub fn images() -> Vec<Image> {
    (0..IMAGES.len()).map(image_at).collect()
}

fn image_at(place: usize) -> Image {
    let (name, min_disk, min_ram) = IMAGES[place];
    Image { id: image_id(place), name: name.to_owned(), min_disk, min_ram }
}

fn image_id(place: usize) -> String {
    format!("{IMAGE}{:012x}", place + 1)
}

/// Names and ids of the external networks of the engine's cloud.
pub fn external_networks() -> Vec<(String, String)> {
    vec![(PUBLIC_NAME.to_owned(), PUBLIC_ID.to_owned())]
}

/// The size of that name or id. Every server is looked up here: what is not it is not made.
pub(crate) fn flavor(name: &str) -> Option<Flavor> {
    let is_number = |place: &usize| name == (place + 1).to_string();
    let named = SIZES.iter().position(|(known, ..)| *known == name);
    named.or_else(|| (0..SIZES.len()).find(is_number)).map(flavor_at)
}

/// The image of that name or id.
pub(crate) fn image(name: &str) -> Option<Image> {
    let named = IMAGES.iter().position(|(known, ..)| *known == name);
    let by_id = || (0..IMAGES.len()).find(|place| name == image_id(*place));
    named.or_else(by_id).map(image_at)
}
