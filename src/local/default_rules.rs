//! Security groups and rules that nobody made: Neutron makes two rules with each group, by which everything may go out, and
//! for the project a group of its own, in which members may reach each other.

use super::entity::Thing;

/// Where a group keeps the ids of the rules that came with it, and for which kind of addresses each is.
pub(crate) const COMES_WITH: &str = "default_rules";

/// The id of the project's own group.
pub(crate) const OWN_ID: &str = "4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2b04";
/// Its name.
pub(crate) const OWN_NAME: &str = "default";
/// Its rules: id, direction, kind of addresses.
pub(crate) const OWN_RULES: [(&str, &str, &str); 4] = [
    ("4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2b05", "egress", "IPv4"),
    ("4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2b06", "egress", "IPv6"),
    ("4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2b07", "ingress", "IPv4"),
    ("4d2ae7c6-6f0b-4f6c-8a60-0b1f7d3f2b08", "ingress", "IPv6"),
];

/// How many rules came with a thing, which may be a group.
pub(crate) fn came_with(thing: &Thing) -> usize {
    if thing.kind != "security_group" {
        return 0;
    }
    thing.body.field(COMES_WITH).and_then(|rules| rules.as_array().map(Vec::len)).unwrap_or_default()
}

/// How many groups, or rules, the project has besides those that somebody made, where somebody made a group.
pub(crate) fn own(kind: &str) -> u64 {
    match kind {
        "security_group" => 1,
        "security_group_rule" => OWN_RULES.len() as u64,
        _ => 0,
    }
}
