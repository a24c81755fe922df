//! Neutron's things with all the fields that Neutron shows of them: what the engine does not keep has the value that it
//! has on a cloud where nobody set it.

use serde_json::{Map, Value as Json, json};

use super::super::world::World;

/// What every thing has.
fn common(world: &World) -> Json {
    // Nobody keeps when a thing was made.
    let since = "2026-01-01T00:00:00Z";
    let project = &world.identity.project;
    json!({
        "description": "", "tags": [], "revision_number": 1, "created_at": since, "updated_at": since,
        "project_id": project, "tenant_id": project,
    })
}

/// What things of a kind have besides.
fn own(kind: &str) -> Json {
    match kind {
        "network" => json!({
            "admin_state_up": true, "availability_zone_hints": [], "availability_zones": [], "dns_domain": "",
            "ipv4_address_scope": null, "ipv6_address_scope": null, "port_security_enabled": true,
        }),
        "subnet" => json!({
            "ipv6_address_mode": null, "ipv6_ra_mode": null, "service_types": [], "subnetpool_id": null,
        }),
        "port" => json!({
            "admin_state_up": true, "allowed_address_pairs": [], "binding:vnic_type": "normal", "dns_name": "",
            "extra_dhcp_opts": [], "port_security_enabled": true,
        }),
        "router" => json!({
            "admin_state_up": true, "availability_zone_hints": [], "availability_zones": [],
            "external_gateway_info": null, "flavor_id": null, "routes": [],
        }),
        "floatingip" => json!({"dns_domain": "", "dns_name": "", "port_details": null, "router_id": null}),
        "security_group" => json!({"stateful": true, "shared": false}),
        "security_group_rule" => json!({
            "remote_address_group_id": null, "normalized_cidr": null, "protocol": null, "port_range_min": null,
            "port_range_max": null, "remote_group_id": null, "remote_ip_prefix": null,
        }),
        _ => json!({}),
    }
}

/// Names that properties of Heat's have, and Neutron's attributes do not.
fn foreign(kind: &str) -> &'static [&'static str] {
    match kind {
        "network" => &["cidr"],
        "subnet" | "port" => &["network"],
        // What has no name in Neutron: clients take one for the address of a floating IP.
        "floatingip" => &["floating_network", "name"],
        "security_group_rule" => &["name", "security_group", "remote_group", "remote_mode"],
        _ => &[],
    }
}

/// A thing of that kind as Neutron shows it.
pub(super) fn whole(world: &World, kind: &str, body: Json) -> Json {
    let Json::Object(mut body) = body else { return body };
    for name in foreign(kind) {
        body.remove(*name);
    }
    for filling in [own(kind), common(world)] {
        for (name, value) in filling.as_object().cloned().unwrap_or_default() {
            let is_rule_without_tags = kind == "security_group_rule" && name == "tags";
            if !is_rule_without_tags {
                body.entry(name).or_insert(value);
            }
        }
    }
    match kind {
        "port" => add_names(&mut body),
        "security_group_rule" => {
            let cidr = body.get("remote_ip_prefix").cloned().unwrap_or_default();
            body.insert("normalized_cidr".to_owned(), cidr);
        }
        "security_group" => {
            let rules = body.get_mut("security_group_rules").and_then(Json::as_array_mut).map(std::mem::take);
            let rules = rules.into_iter().flatten().map(|rule| {
                let mut rule = whole(world, "security_group_rule", rule);
                if let Some(rule) = rule.as_object_mut() {
                    rule.insert("tags".to_owned(), json!([]));
                    rule.insert("standard_attr_id".to_owned(), json!(1));
                }
                rule
            });
            body.insert("security_group_rules".to_owned(), rules.collect());
        }
        _ => {}
    }
    Json::Object(body)
}

/// The names by which Neutron's own resolver knows a port's addresses.
fn add_names(body: &mut Map<String, Json>) {
    let fixed = body.get("fixed_ips").and_then(Json::as_array).into_iter().flatten();
    let names = fixed.filter_map(|fixed| fixed["ip_address"].as_str()).map(|address| {
        let hostname = format!("host-{}", address.replace(['.', ':'], "-"));
        json!({"hostname": hostname, "ip_address": address, "fqdn": format!("{hostname}.openstacklocal.")})
    });
    let names: Json = names.collect();
    body.insert("dns_assignment".to_owned(), names);
}
