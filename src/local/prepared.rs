//! A network that was there before: what a project on a real cloud often has. For clusters on existing networks.

use serde_json::{Map, Value as Json, json};

use super::cloud::{PREPARED, PREPARED_CIDR, PREPARED_GATEWAY, PREPARED_POOL};
use super::entity::Thing;
use super::packed::Packed;

/// The network, its subnet and its way out, of a project.
pub(crate) fn furnish(project: &str) -> Vec<Thing> {
    let [network, subnet, router] = PREPARED.map(|(name, id)| (name, id.to_owned()));
    let thing = |kind: &str, (label, id): &(&str, String), uses: Vec<String>, body: Json| {
        let mut body: Map<String, Json> = body.as_object().cloned().unwrap_or_default();
        body.insert("id".to_owned(), id.as_str().into());
        body.insert("name".to_owned(), (*label).into());
        for name in ["project_id", "tenant_id"] {
            body.insert(name.to_owned(), project.into());
        }
        let body = Packed::of(&body);
        Thing { id: id.clone(), kind: kind.to_owned(), name: (*label).to_owned(), uses, addresses: Vec::new(), body }
    };
    let (start, end) = PREPARED_POOL;
    let mut things = vec![
        thing(
            "network",
            &network,
            Vec::new(),
            json!({"status": "ACTIVE", "subnets": [subnet.1], "router:external": false, "mtu": 1450, "shared": false}),
        ),
        thing(
            "subnet",
            &subnet,
            Vec::new(),
            json!({
                "network_id": network.1, "cidr": PREPARED_CIDR, "gateway_ip": PREPARED_GATEWAY, "enable_dhcp": true,
                "ip_version": 4, "dns_nameservers": [], "host_routes": [],
                "allocation_pools": [{"start": start, "end": end}],
            }),
        ),
        thing("router", &router, Vec::new(), json!({"status": "ACTIVE", "admin_state_up": true})),
    ];
    let interface = (router.0, format!("{}:subnet_id={}", router.1, subnet.1));
    let uses = vec![router.1.clone(), subnet.1.clone()];
    let body = json!({"router_id": router.1, "subnet_id": subnet.1});
    let mut interface = thing("router_interface", &interface, uses, body);
    interface.addresses.push((subnet.1, PREPARED_GATEWAY.into()));
    things.push(interface);
    things
}

/// Whether a thing was there before: it is nobody's quota, and the store does not keep it.
pub(crate) fn was_there(thing: &Thing) -> bool {
    PREPARED.iter().any(|(_, id)| thing.id.starts_with(id))
}
