//! An engine in a folder, asked over its router.

#![expect(clippy::unwrap_used, reason = "what a test leans on may end it")]

use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use disco::local::{Clock, Engine, EngineOptions};
use http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value as Json, json};
use tower::ServiceExt as _;

pub(crate) struct Cloud {
    pub engine: Engine,
    token: String,
    heat: String,
}

pub(crate) struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Json,
}

pub(crate) async fn ask(engine: &Engine, method: Method, path: &str, token: &str, body: Option<&Json>) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("host", "cloud.test");
    if !token.is_empty() {
        request = request.header("x-auth-token", token);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = engine.router().oneshot(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = serde_json::from_slice(&bytes).unwrap_or(Json::Null);
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

pub(crate) fn manual() -> EngineOptions {
    EngineOptions { time_scale: 1.0, clock: Clock::manual(1_790_000_000_000), ..EngineOptions::default() }
}

impl Cloud {
    pub(crate) async fn open(directory: &Path, options: EngineOptions) -> Self {
        let engine = Engine::open(directory, options).unwrap();
        let own = engine.credentials();
        let login = json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": own.username, "domain": {"name": own.user_domain_name}, "password": own.password,
            }}},
            "scope": {"project": {"name": own.project_name, "domain": {"name": own.project_domain_name}}},
        }});
        let answer = ask(&engine, Method::POST, "/identity/v3/auth/tokens", "", Some(&login)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let token = answer.headers["x-subject-token"].to_str().unwrap().to_owned();
        let catalog = answer.body["token"]["catalog"].as_array().unwrap().clone();
        let heat = catalog.iter().find(|entry| entry["type"] == "orchestration").unwrap();
        let heat = heat["endpoints"][0]["url"].as_str().unwrap().strip_prefix("http://cloud.test").unwrap().to_owned();
        Self { engine, token, heat }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Json>) -> Answer {
        ask(&self.engine, method, path, &self.token, body).await
    }

    /// What a service lists.
    pub(crate) async fn listed(&self, path: &str, key: &str) -> Vec<Json> {
        let answer = self.call(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body[key].as_array().unwrap().clone()
    }

    /// Below Heat's endpoint.
    pub(crate) async fn heat(&self, method: Method, path: &str, body: Option<&Json>) -> Answer {
        self.call(method, &format!("{}{path}", self.heat), body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Json {
        let answer = self.heat(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub(crate) async fn create(&self, name: &str, template: &Json) -> String {
        let body = json!({"stack_name": name, "template": template, "tags": "disco,disco-lineage-1"});
        let answer = self.heat(Method::POST, "/stacks", Some(&body)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        format!("/stacks/{name}/{}", answer.body["stack"]["id"].as_str().unwrap())
    }

    pub(crate) async fn update(&self, stack: &str, template: &Json) {
        let body = json!({"template": template, "tags": "disco"});
        let answer = self.heat(Method::PUT, stack, Some(&body)).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
    }

    pub(crate) async fn status(&self, stack: &str) -> String {
        self.get(stack).await["stack"]["stack_status"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn reason(&self, stack: &str) -> String {
        self.get(stack).await["stack"]["stack_status_reason"].as_str().unwrap().to_owned()
    }

    /// Physical ids by logical name.
    pub(crate) async fn ids(&self, stack: &str) -> Map<String, Json> {
        let listed = self.get(&format!("{stack}/resources")).await;
        let listed = listed["resources"].as_array().unwrap().clone();
        listed
            .into_iter()
            .map(|it| (it["resource_name"].as_str().unwrap().to_owned(), it["physical_resource_id"].clone()))
            .collect()
    }

    /// Events, the oldest first, as `name STATUS`.
    pub(crate) async fn events(&self, stack: &str) -> Vec<String> {
        let listed = self.get(&format!("{stack}/events?sort_dir=asc")).await;
        let line = |it: &Json| {
            format!("{} {}", it["resource_name"].as_str().unwrap(), it["resource_status"].as_str().unwrap())
        };
        listed["events"].as_array().unwrap().iter().map(line).collect()
    }

    /// Has something go wrong, in the words of the fault script.
    pub(crate) fn inject(&self, fault: &str) {
        self.engine.inject(fault.parse().unwrap());
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.engine.advance(Duration::from_secs(seconds));
    }
}

/// A cluster as DISCO describes one: network, security, a master with a floating address, slaves, verification.
pub(crate) fn cluster(slaves: u32) -> Json {
    let mut resources = Map::new();
    let mut add = |name: &str, body: Json| resources.insert(name.to_owned(), body);
    add("network", json!({"type": "OS::Neutron::Net", "properties": {"name": "c-net"}}));
    add(
        "subnet",
        json!({"type": "OS::Neutron::Subnet", "properties": {
            "network": {"get_resource": "network"}, "cidr": "10.20.0.0/16", "gateway_ip": "10.20.0.1",
            "allocation_pools": [{"start": "10.20.255.1", "end": "10.20.255.200"}],
        }}),
    );
    add(
        "router",
        json!({"type": "OS::Neutron::Router", "properties": {"external_gateway_info": {"network": "public"}}}),
    );
    add(
        "router-interface",
        json!({"type": "OS::Neutron::RouterInterface", "properties": {
            "router": {"get_resource": "router"}, "subnet": {"get_resource": "subnet"},
        }}),
    );
    add("security-group", json!({"type": "OS::Neutron::SecurityGroup", "properties": {"name": "c-sg"}}));
    add(
        "rule-ssh",
        json!({"type": "OS::Neutron::SecurityGroupRule", "properties": {
            "security_group": {"get_resource": "security-group"}, "port_range_min": 22, "port_range_max": 22,
        }}),
    );
    add("user-data-slave", json!({"type": "OS::Heat::SoftwareConfig", "properties": {"config": "#cloud-config\n"}}));
    add(
        "config-slaves-0",
        json!({"type": "OS::Heat::SoftwareConfig", "properties": {
            "group": "disco", "config": "x".repeat(8_192),
        }}),
    );
    let mut after = Vec::new();
    let mut members = Vec::new();
    let nodes =
        std::iter::once(("master-0".to_owned(), 10)).chain((0..slaves).map(|it| (format!("slaves-{it}"), 20 + it)));
    for (node, address) in nodes {
        let address = format!("10.20.{}.{}", address / 250, address % 250);
        add(
            &format!("{node}-port"),
            json!({"type": "OS::Neutron::Port", "properties": {
                "network": {"get_resource": "network"},
                "fixed_ips": [{"subnet": {"get_resource": "subnet"}, "ip_address": address}],
                "security_groups": [{"get_resource": "security-group"}],
            }}),
        );
        add(
            &format!("{node}-server"),
            json!({"type": "OS::Nova::Server", "depends_on": ["router-interface"], "properties": {
                "name": format!("c-{node}"), "flavor": "m1.medium", "image": "debian-12",
                "flavor_update_policy": "RESIZE", "image_update_policy": "REBUILD", "user_data_update_policy": "IGNORE",
                "user_data_format": "SOFTWARE_CONFIG", "software_config_transport": "POLL_SERVER_HEAT",
                "user_data": {"get_resource": "user-data-slave"},
                "networks": [{"port": {"get_resource": format!("{node}-port")}}],
            }}),
        );
        add(
            &format!("{node}-deployment"),
            json!({"type": "OS::Heat::SoftwareDeployment", "properties": {
                "server": {"get_resource": format!("{node}-server")}, "config": {"get_resource": "config-slaves-0"},
                "signal_transport": "HEAT_SIGNAL", "actions": ["CREATE", "UPDATE"],
                "input_values": {"generation": "debian-12/m1.medium"},
            }}),
        );
        after.push(format!("{node}-deployment"));
        members.push(format!("c-{node}"));
    }
    add(
        "master-0-floating-ip",
        json!({"type": "OS::Neutron::FloatingIP", "properties": {"floating_network": "public"}}),
    );
    add(
        "master-0-floating-ip-association",
        json!({
            "type": "OS::Neutron::FloatingIPAssociation", "depends_on": ["router-interface"],
            "properties": {
                "floatingip_id": {"get_resource": "master-0-floating-ip"}, "port_id": {"get_resource": "master-0-port"},
            },
        }),
    );
    add("verify-0", json!({"type": "OS::Heat::SoftwareConfig", "properties": {"group": "disco", "config": "{}"}}));
    add(
        "verify-deployment",
        json!({"type": "OS::Heat::SoftwareDeployment", "depends_on": after, "properties": {
            "server": {"get_resource": "master-0-server"}, "config": {"get_resource": "verify-0"},
            "signal_transport": "HEAT_SIGNAL", "input_values": {"members": members},
        }}),
    );
    json!({
        "heat_template_version": "2021-04-16",
        "resources": resources,
        "outputs": {"master-0-floating-ip": {"value": {"get_attr": ["master-0-floating-ip", "floating_ip_address"]}}},
    })
}
