//! Ports and servers whose networks change while they live.

use http::Method;
use serde_json::{Value as Json, json};

use super::driver::{Cloud, cluster, manual};

fn template(port: &Json, networks: &Json) -> Json {
    json!({"heat_template_version": "2021-04-16", "resources": {
        "n": {"type": "OS::Neutron::Net", "properties": {"name": "inner"}},
        "s": {"type": "OS::Neutron::Subnet", "properties": {"network": {"get_resource": "n"}, "cidr": "10.0.0.0/24"}},
        "g": {"type": "OS::Neutron::SecurityGroup"},
        "h": {"type": "OS::Neutron::SecurityGroup"},
        "p": {"type": "OS::Neutron::Port", "depends_on": "s", "properties": port},
        "q": {"type": "OS::Neutron::Port", "depends_on": "s", "properties": {
            "network": {"get_resource": "n"}, "fixed_ips": [{"ip_address": "10.0.0.77"}],
        }},
        "server": {"type": "OS::Nova::Server", "depends_on": "s", "properties": {
            "name": "machine", "flavor": "m1.small", "image": "debian-12", "networks": networks,
        }},
    }})
}

fn port(address: &str, groups: &[&str]) -> Json {
    let groups: Vec<Json> = groups.iter().map(|group| json!({"get_resource": group})).collect();
    json!({
        "network": {"get_resource": "n"}, "fixed_ips": [{"subnet": {"get_resource": "s"}, "ip_address": address}],
        "security_groups": groups,
    })
}

/// Ports but those of routers.
async fn ports(cloud: &Cloud) -> Vec<Json> {
    let mut ports = cloud.listed("/network/v2.0/ports", "ports").await;
    ports.retain(|port| port["device_owner"] != "network:router_interface");
    ports
}

async fn shown(cloud: &Cloud, id: &Json) -> Json {
    ports(cloud).await.into_iter().find(|port| port["id"] == *id).unwrap_or_default()
}

/// The addresses of the stack's server, in the order of its ports.
async fn addresses(cloud: &Cloud, stack: &str) -> Vec<String> {
    let id = cloud.ids(stack).await["server"].as_str().unwrap().to_owned();
    let body = cloud.call(Method::GET, &format!("/compute/v2.1/servers/{id}"), None).await.body;
    let list = body["server"]["addresses"]["inner"].as_array().cloned().unwrap_or_default();
    list.iter().map(|it| it["addr"].as_str().unwrap().to_owned()).collect()
}

async fn updated(cloud: &Cloud, stack: &str, template: &Json) {
    cloud.update(stack, template).await;
    cloud.pass(120);
    assert_eq!(cloud.status(stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(stack).await);
}

#[tokio::test]
async fn a_port_keeps_its_id_when_its_address_and_groups_change() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let networks = json!([{"port": {"get_resource": "p"}}]);
    let stack = cloud.create("a", &template(&port("10.0.0.20", &["g"]), &networks)).await;
    cloud.pass(120);
    let before = cloud.ids(&stack).await;
    assert_eq!(addresses(&cloud, &stack).await, ["10.0.0.20"]);

    updated(&cloud, &stack, &template(&port("10.0.0.30", &["g", "h"]), &networks)).await;
    assert_eq!(cloud.ids(&stack).await, before);
    let after = shown(&cloud, &before["p"]).await;
    assert_eq!(after["fixed_ips"], json!([{"subnet_id": before["s"], "ip_address": "10.0.0.30"}]));
    assert_eq!(after["security_groups"], json!([before["g"], before["h"]]));
    assert_eq!((&after["device_id"], &after["status"]), (&before["server"], &json!("ACTIVE")));
    assert_eq!(addresses(&cloud, &stack).await, ["10.0.0.30"]);

    // An address that another port has is refused, and the port keeps its own.
    cloud.update(&stack, &template(&port("10.0.0.77", &["g", "h"]), &networks)).await;
    cloud.pass(60);
    let reason = cloud.reason(&stack).await;
    assert!(
        reason.starts_with("Resource UPDATE failed: IpAddressAlreadyAllocatedClient: resources.p: IP address 10.0.0.77 already allocated in subnet"),
        "{reason}"
    );
    assert_eq!(addresses(&cloud, &stack).await, ["10.0.0.30"]);

    // Without its groups the port no longer holds them.
    let mut bare = template(&port("10.0.0.30", &[]), &networks);
    for gone in ["g", "h"] {
        bare["resources"].as_object_mut().unwrap().remove(gone);
    }
    bare["resources"]["p"]["properties"].as_object_mut().unwrap().remove("security_groups");
    updated(&cloud, &stack, &bare).await;
    assert_eq!(shown(&cloud, &before["p"]).await["security_groups"], json!([]));
    let left = cloud.listed("/network/v2.0/security-groups", "security_groups").await;
    assert!(left.iter().all(|group| group["name"] == "default"), "{left:?}");
}

#[tokio::test]
async fn a_server_keeps_the_ports_it_still_wants() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let given = port("10.0.0.20", &[]);
    let (p, q) = (json!({"port": {"get_resource": "p"}}), json!({"port": {"get_resource": "q"}}));
    let own = json!({"network": {"get_resource": "n"}});
    let stack = cloud.create("a", &template(&given, &json!([p, own]))).await;
    cloud.pass(120);
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE", "{}", cloud.reason(&stack).await);
    let ids = cloud.ids(&stack).await;
    let first = addresses(&cloud, &stack).await;
    assert_eq!((first.len(), first[0].as_str()), (2, "10.0.0.20"));
    assert_eq!(ports(&cloud).await.len(), 3);

    // The port is exchanged; the one that Nova made stays with its address.
    updated(&cloud, &stack, &template(&given, &json!([q, own]))).await;
    assert_eq!(cloud.ids(&stack).await, ids);
    assert_eq!(addresses(&cloud, &stack).await, ["10.0.0.77".to_owned(), first[1].clone()]);
    let freed = shown(&cloud, &ids["p"]).await;
    assert_eq!((&freed["device_id"], &freed["status"]), (&json!(""), &json!("DOWN")));
    assert_eq!(shown(&cloud, &ids["q"]).await["device_id"], ids["server"]);

    // Without a wish for it, Nova's own port is gone.
    updated(&cloud, &stack, &template(&given, &json!([q, p]))).await;
    assert_eq!(addresses(&cloud, &stack).await, ["10.0.0.77", "10.0.0.20"]);
    assert_eq!(ports(&cloud).await.len(), 2);

    // An address of its choice.
    updated(&cloud, &stack, &template(&given, &json!([{"network": {"get_resource": "n"}, "fixed_ip": "10.0.0.99"}])))
        .await;
    assert_eq!(addresses(&cloud, &stack).await, ["10.0.0.99"]);
}

#[tokio::test]
async fn a_port_that_another_server_has_is_refused_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let given = port("10.0.0.20", &[]);
    let p = json!({"port": {"get_resource": "p"}});
    let mut wanted = template(&given, &json!([p]));
    wanted["resources"]["other"] = json!({"type": "OS::Nova::Server", "properties": {
        "name": "other", "flavor": "m1.small", "image": "debian-12", "networks": [{"port": {"get_resource": "q"}}],
    }});
    let stack = cloud.create("a", &wanted).await;
    cloud.pass(120);
    let ids = cloud.ids(&stack).await;
    wanted["resources"]["server"]["properties"]["networks"] = json!([{"port": ids["q"]}]);
    cloud.update(&stack, &wanted).await;
    cloud.pass(60);
    let reason = cloud.reason(&stack).await;
    let expected = format!(
        "Resource UPDATE failed: Conflict: resources.server: Port {} is still in use. (HTTP 409)",
        ids["q"].as_str().unwrap()
    );
    assert!(reason.starts_with(&expected), "{reason}");
    assert_eq!(addresses(&cloud, &stack).await, ["10.0.0.20"]);
    wanted["resources"]["server"]["properties"]["networks"] = json!([p]);
    updated(&cloud, &stack, &wanted).await;
    assert_eq!(cloud.ids(&stack).await, ids);
    assert_eq!(addresses(&cloud, &stack).await, ["10.0.0.20"]);
}

/// As seen on a Neutron: the floating address keeps the name of an address that is gone, and nobody is held by it.
#[tokio::test]
async fn a_floating_address_does_not_follow_its_port_into_another_subnet() {
    let template = |cidr: &str, address: &str, fixed: Option<&str>| {
        let mut association = json!({
            "floatingip_id": {"get_resource": "floating"}, "port_id": {"get_resource": "p"},
        });
        if let Some(fixed) = fixed {
            association["fixed_ip_address"] = json!(fixed);
        }
        json!({"heat_template_version": "2021-04-16", "resources": {
            "n": {"type": "OS::Neutron::Net"},
            "s": {"type": "OS::Neutron::Subnet", "properties": {"network": {"get_resource": "n"}, "cidr": cidr}},
            "r": {"type": "OS::Neutron::Router", "properties": {"external_gateway_info": {"network": "public"}}},
            "i": {"type": "OS::Neutron::RouterInterface", "properties": {
                "router": {"get_resource": "r"}, "subnet": {"get_resource": "s"},
            }},
            "p": {"type": "OS::Neutron::Port", "properties": {
                "network": {"get_resource": "n"},
                "fixed_ips": [{"subnet": {"get_resource": "s"}, "ip_address": address}],
            }},
            "floating": {"type": "OS::Neutron::FloatingIP", "properties": {"floating_network": "public"}},
            "a": {"type": "OS::Neutron::FloatingIPAssociation", "depends_on": "i", "properties": association},
        }})
    };
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("a", &template("10.0.0.0/24", "10.0.0.20", None)).await;
    cloud.pass(120);
    let fixed = async || cloud.listed("/network/v2.0/floatingips", "floatingips").await[0]["fixed_ip_address"].clone();
    assert_eq!(fixed().await, "10.0.0.20");

    updated(&cloud, &stack, &template("10.1.0.0/24", "10.1.0.20", None)).await;
    assert_eq!(fixed().await, "10.0.0.20");
    cloud.update(&stack, &template("10.1.0.0/24", "10.1.0.20", Some("10.1.0.99"))).await;
    cloud.pass(120);
    let reason = cloud.reason(&stack).await;
    assert!(reason.contains("does not have fixed ip 10.1.0.99"), "{reason}");
    updated(&cloud, &stack, &template("10.1.0.0/24", "10.1.0.20", Some("10.1.0.20"))).await;
    assert_eq!(fixed().await, "10.1.0.20");
}

/// A stack of one port, with what the stack says when it is done.
async fn port_alone(cloud: &Cloud, name: &str, network: &Json, address: Option<&str>, groups: bool) -> String {
    let mut fixed = json!({"subnet": network["subnet"]});
    if let Some(address) = address {
        fixed["ip_address"] = address.into();
    }
    let groups = if groups { json!([{"get_resource": "g"}]) } else { json!([]) };
    let template = json!({"heat_template_version": "2021-04-16", "resources": {
        "g": {"type": "OS::Neutron::SecurityGroup"},
        "p": {"type": "OS::Neutron::Port", "properties": {
            "network": network["id"], "fixed_ips": [fixed], "security_groups": groups,
        }},
    }});
    let stack = cloud.create(name, &template).await;
    cloud.pass(60);
    cloud.reason(&stack).await
}

/// Adds a network with a subnet 10.9.0.0/24 by hand.
async fn by_hand(cloud: &Cloud, network: &Json) -> Json {
    let asked = json!({"network": network});
    let id = cloud.call(Method::POST, "/network/v2.0/networks", Some(&asked)).await.body["network"]["id"].clone();
    let asked = json!({"subnet": {"network_id": id, "cidr": "10.9.0.0/24"}});
    let subnet = cloud.call(Method::POST, "/network/v2.0/subnets", Some(&asked)).await.body;
    assert_eq!(subnet["subnet"]["gateway_ip"], "10.9.0.1", "{subnet}");
    json!({"id": id, "subnet": subnet["subnet"]["id"]})
}

/// In the words of Neutron and its client.
#[tokio::test]
async fn ports_are_refused_what_networks_of_others_and_open_ones_do_not_take() {
    const DONE: &str = "Stack CREATE completed successfully";
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let shared = by_hand(&cloud, &json!({"name": "shared", "shared": true, "project_id": "d0b1"})).await;
    let chosen = port_alone(&cloud, "chosen", &shared, Some("10.9.0.70"), true).await;
    assert!(chosen.contains("Forbidden: resources.p: (rule:create_port and"), "{chosen}");
    assert!(chosen.contains("rule:create_port:fixed_ips:ip_address))) is disallowed by policy"), "{chosen}");
    assert_eq!(port_alone(&cloud, "given", &shared, None, true).await, DONE);
    let open = by_hand(&cloud, &json!({"name": "open", "port_security_enabled": false})).await;
    let guarded = port_alone(&cloud, "guarded", &open, Some("10.9.0.70"), true).await;
    assert!(guarded.contains("BadRequest: resources.p: Port security must be enabled"), "{guarded}");
    assert_eq!(port_alone(&cloud, "bare", &open, Some("10.9.0.70"), false).await, DONE);
}

#[tokio::test]
async fn a_page_shows_what_is_asked_for_and_says_whether_another_comes() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    cloud.create("a", &cluster(3)).await;
    cloud.pass(300);
    let all = cloud.listed("/network/v2.0/ports", "ports").await;
    let all: Vec<String> = all.iter().map(|port| port["id"].as_str().unwrap().to_owned()).collect();
    let (mut paged, mut marker) = (Vec::new(), String::new());
    loop {
        let path = format!("/network/v2.0/ports?limit=2&fields=id&fields=device_id{marker}");
        let page = cloud.call(http::Method::GET, &path, None).await.body;
        let shown = page["ports"].as_array().unwrap();
        assert!(shown.len() <= 2 && !shown.is_empty(), "{page}");
        for port in shown {
            let fields: Vec<&String> = port.as_object().unwrap().keys().collect();
            assert_eq!(fields, ["device_id", "id"]);
            paged.push(port["id"].as_str().unwrap().to_owned());
        }
        if page["ports_links"].is_null() {
            break;
        }
        marker = format!("&marker={}", paged.last().unwrap());
    }
    let mut sorted = all;
    sorted.sort();
    assert!(paged.len() > 4, "{paged:?}");
    assert_eq!(paged, sorted);
}

/// A network with a subnet of each kind, a port in both with a floating IP, and rules for both.
fn both(port: &Json, subnet: &Json) -> Json {
    let of_network = |more: &Json| {
        let mut all = json!({"network": {"get_resource": "n"}});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    json!({"heat_template_version": "2021-04-16", "resources": {
        "n": {"type": "OS::Neutron::Net", "properties": {"name": "inner"}},
        "s": {"type": "OS::Neutron::Subnet", "properties": of_network(&json!({"cidr": "10.0.0.0/24"}))},
        "six": {"type": "OS::Neutron::Subnet", "depends_on": "s", "properties": of_network(subnet)},
        "r": {"type": "OS::Neutron::Router", "properties": {"external_gateway_info": {"network": "public"}}},
        "i": {"type": "OS::Neutron::RouterInterface", "properties": {
            "router": {"get_resource": "r"}, "subnet": {"get_resource": "s"},
        }},
        "i6": {"type": "OS::Neutron::RouterInterface", "properties": {
            "router": {"get_resource": "r"}, "subnet": {"get_resource": "six"},
        }},
        "g": {"type": "OS::Neutron::SecurityGroup"},
        "ping": {"type": "OS::Neutron::SecurityGroupRule", "properties": {
            "security_group": {"get_resource": "g"}, "protocol": "icmp", "ethertype": "IPv6",
            "remote_ip_prefix": "2001:db8::/32",
        }},
        "p": {"type": "OS::Neutron::Port", "depends_on": ["s", "six"], "properties": of_network(port)},
        "f": {"type": "OS::Neutron::FloatingIP", "properties": {"floating_network": "public"}},
        "a": {"type": "OS::Neutron::FloatingIPAssociation", "depends_on": "i", "properties": {
            "floatingip_id": {"get_resource": "f"}, "port_id": {"get_resource": "p"},
        }},
    }})
}

fn six() -> Json {
    json!({
        "cidr": "fd00:20::/64", "ip_version": 6, "gateway_ip": "fd00:20::1", "enable_dhcp": false,
        "allocation_pools": [{"start": "fd00:20::2", "end": "fd00:20::ff"}],
    })
}

#[tokio::test]
async fn a_port_has_addresses_of_both_kinds() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    // IPv6 first: a floating IP leads to the address of IPv4 all the same.
    let fixed = json!({"fixed_ips": [
        {"subnet": {"get_resource": "six"}, "ip_address": "fd00:20::a14:10"},
        {"subnet": {"get_resource": "s"}, "ip_address": "10.0.0.20"},
    ]});
    let stack = cloud.create("a", &both(&fixed, &six())).await;
    cloud.pass(120);
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE", "{}", cloud.reason(&stack).await);
    let ids = cloud.ids(&stack).await;
    let has = json!([
        {"subnet_id": ids["six"], "ip_address": "fd00:20::a14:10"}, {"subnet_id": ids["s"], "ip_address": "10.0.0.20"},
    ]);
    assert_eq!(shown(&cloud, &ids["p"]).await["fixed_ips"], has);
    let floating = &cloud.listed("/network/v2.0/floatingips", "floatingips").await[0];
    assert_eq!(floating["fixed_ip_address"], "10.0.0.20");
    let rules = cloud.listed("/network/v2.0/security-group-rules", "security_group_rules").await;
    let ping = rules.iter().find(|rule| rule["id"] == ids["ping"]).unwrap();
    assert_eq!((&ping["protocol"], &ping["ethertype"]), (&json!("ipv6-icmp"), &json!("IPv6")));
    let subnets = cloud.listed("/network/v2.0/subnets", "subnets").await;
    let subnet = subnets.iter().find(|subnet| subnet["id"] == ids["six"]).unwrap();
    assert_eq!((&subnet["ip_version"], &subnet["enable_dhcp"]), (&json!(6), &json!(false)));

    // Without addresses of its own it gets one of each kind, out of the pools.
    updated(&cloud, &stack, &both(&json!({}), &six())).await;
    let chosen = shown(&cloud, &ids["p"]).await["fixed_ips"].clone();
    assert_eq!(chosen[1], json!({"subnet_id": ids["six"], "ip_address": "fd00:20::2"}), "{chosen}");
}

#[tokio::test]
async fn what_neutron_refuses_of_ipv6_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let with = |more: Json| {
        let mut subnet = six();
        subnet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        subnet
    };
    let fixed = |address: &str| json!({"fixed_ips": [{"subnet": {"get_resource": "six"}, "ip_address": address}]});
    let slaac = with(json!({"enable_dhcp": true, "ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}));
    let foreign_router = with(json!({"enable_dhcp": true, "ipv6_address_mode": "slaac"}));
    let mismatched = with(json!({"gateway_ip": "10.0.0.1"}));
    let modes = with(json!({"ipv6_ra_mode": "slaac"}));
    for (number, (port, subnet, said)) in [
        (fixed("fd00:21::5"), six(), "IP address fd00:21::5 is not a valid IP for the specified subnet."),
        (fixed("fd00:20::1"), six(), "IP address fd00:20::1 already allocated in subnet"),
        (fixed("fd00:20::5"), slaac, "IPv6 address fd00:20::5 cannot be directly assigned to a port on subnet"),
        (json!({}), foreign_router, "configured to receive RAs from an external router cannot be added"),
        (json!({}), mismatched, "gateway_ip '10.0.0.1' does not match the ip_version '6'"),
        (json!({}), modes, "ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut template = both(&port, &subnet);
        // The router has its address before the port asks for it.
        template["resources"]["p"]["depends_on"] = json!(["s", "six", "i6"]);
        let stack = cloud.create(&format!("a{number}"), &template).await;
        cloud.pass(120);
        let reason = cloud.reason(&stack).await;
        assert!(cloud.status(&stack).await == "CREATE_FAILED" && reason.contains(said), "{number}: {reason}");
    }
}
