//! A cluster in a few words, and the template that would be compiled for it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use disco::graph::ParameterValue;
use disco::model::{Address, GroupMembers, Member, Members, OnFailure, Text};
use disco::plan::{Wanted, WantedCluster};
use disco::template::{Parameter, Template, TemplateOutput, TemplateResource};
use serde_json::{Value as Json, json};

/// What the tests vary.
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a test varies")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LittleCluster {
    pub(crate) slaves: BTreeSet<u32>,
    pub(crate) flavor: String,
    pub(crate) image: String,
    pub(crate) replication: u32,
    pub(crate) secret: String,
    pub(crate) cidr: String,
    pub(crate) rules: BTreeSet<u16>,
    pub(crate) volume: Option<u64>,
    /// The volume has scratch on it, and the data lies on the machine's own disk.
    pub(crate) scratch: bool,
    pub(crate) mount: String,
    pub(crate) framework: bool,
    pub(crate) user_data: String,
    pub(crate) server_group: bool,
    pub(crate) prevent_destroy: bool,
    pub(crate) on_failure: OnFailure,
    pub(crate) batch_size: u32,
    /// Something that services are started again for.
    pub(crate) heap: Option<u32>,
}

impl Default for LittleCluster {
    fn default() -> Self {
        Self {
            slaves: (0..3).collect(),
            flavor: "m1.small".to_owned(),
            image: "debian-12".to_owned(),
            replication: 2,
            secret: "s3cret".to_owned(),
            cidr: "10.20.0.0/24".to_owned(),
            rules: BTreeSet::from([22, 9870]),
            volume: None,
            scratch: false,
            mount: "/data/data".to_owned(),
            framework: true,
            user_data: "#cloud-config".to_owned(),
            server_group: false,
            prevent_destroy: false,
            on_failure: OnFailure::Keep,
            batch_size: 1,
            heap: None,
        }
    }
}

fn site(replication: u32) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<configuration>\n  <property>\n    <name>dfs.replication</name>\n    \
         <value>{replication}</value>\n  </property>\n  <property>\n    <name>dfs.blocksize</name>\n    \
         <value>128m</value>\n  </property>\n</configuration>\n"
    )
}

impl LittleCluster {
    pub(crate) fn with_slaves(slaves: impl IntoIterator<Item = u32>) -> Self {
        Self { slaves: slaves.into_iter().collect(), ..Self::default() }
    }

    fn bundle(&self, group: &str) -> (String, String) {
        let secret = format!("secret-{}", &disco::state::digest(&json!(self.secret))[..6]);
        let mount = self.volume.filter(|_| group == "slaves").map(|_| self.mount.as_str());
        let disks = mount.map(|mount| json!({"volume": "data", "mount": mount}));
        let disks: Vec<Json> = disks.into_iter().collect();
        let blocks = format!("{}/hdfs", mount.filter(|_| !self.scratch).unwrap_or("/var/lib"));
        let work = format!("{}/work", mount.unwrap_or("/var/lib"));
        let mut directories = vec![json!({"path": "/etc/hadoop"})];
        let mut units = Vec::new();
        if self.framework {
            directories.push(json!({"path": blocks, "owner": "hdfs:hadoop", "holds_data": true}));
            directories.push(json!({"path": work, "owner": "hdfs:hadoop"}));
            let mut unit = json!({"name": "hdfs.service", "user": "hdfs", "framework": "hadoop"});
            if let Some(heap) = self.heap {
                unit["environment"] = json!({"HEAP": heap.to_string()});
            }
            units.push(unit);
        }
        let text = json!({
            "format": 1, "kind": "node", "group": group, "packages": ["openjdk-17-jre-headless"],
            "archives": [{"name": "hadoop", "version": "3.5.0"}],
            "files": [
                {"framework": "hadoop", "name": "hdfs-site.xml", "path": "/etc/hadoop/hdfs-site.xml",
                 "content": [site(self.replication)], "mode": "0644", "restarts": ["hdfs"]},
                {"framework": "hadoop", "name": "secret.properties", "path": "/etc/hadoop/secret.properties",
                 "content": ["password=", {"secret": secret}], "mode": "0600", "restarts": []},
            ],
            "disks": disks, "directories": directories, "units": units,
        })
        .to_string();
        let digest = disco::state::digest(&Json::String(text.clone()));
        (format!("config-{group}-{}", &digest[..10]), text)
    }

    pub(crate) fn template(&self) -> Template {
        let mut draft = Draft::default();
        let cluster = || "analytics".to_owned();
        let network = Address::Network(cluster());
        draft.add("network", "OS::Neutron::Net", &network, &[], json!({"name": "analytics"}));
        let subnet = json!({"network": {"get_resource": "network"}, "cidr": self.cidr});
        draft.add("subnet", "OS::Neutron::Subnet", &network, &[], subnet);
        draft.add(
            "router",
            "OS::Neutron::Router",
            &network,
            &[],
            json!({"external_gateway_info": {"network": "public"}}),
        );
        let interface = json!({"router": {"get_resource": "router"}, "subnet": {"get_resource": "subnet"}});
        draft.add("router-interface", "OS::Neutron::RouterInterface", &network, &[], interface);
        let security = Address::Security(cluster());
        draft.add("security-group", "OS::Neutron::SecurityGroup", &security, &[], json!({"name": "analytics"}));
        for port in &self.rules {
            let rule = json!({"security_group": {"get_resource": "security-group"}, "protocol": "tcp",
                "port_range_min": port, "port_range_max": port, "remote_ip_prefix": "0.0.0.0/0"});
            draft.add(&format!("rule-port-{port}"), "OS::Neutron::SecurityGroupRule", &security, &[], rule);
        }
        let whole = Address::Cluster(cluster());
        for role in ["master", "slave"] {
            let data = json!({"group": "ungrouped", "config": self.user_data});
            draft.add(&format!("user-data-{role}"), "OS::Heat::SoftwareConfig", &whole, &[], data);
        }
        let mut deployments = Vec::new();
        let mut members = Vec::new();
        for (group, indices) in [("master", BTreeSet::from([0])), ("slaves", self.slaves.clone())] {
            let shared = Address::Group(cluster(), group.to_owned());
            let (config, text) = self.bundle(group);
            draft.add(&config, "OS::Heat::SoftwareConfig", &shared, &[], json!({"group": "disco", "config": text}));
            if self.server_group && group == "slaves" {
                let policies = json!({"policies": ["anti-affinity"]});
                draft.add("slaves-server-group", "OS::Nova::ServerGroup", &shared, &[], policies);
            }
            for index in indices {
                self.node(&mut draft, group, index, &config);
                deployments.push(format!("{group}-{index}-deployment"));
                members.push(format!("analytics-{group}-{index}"));
            }
        }
        draft.add(
            "verify-0123456789",
            "OS::Heat::SoftwareConfig",
            &whole,
            &[],
            json!({"group": "disco", "config": "v"}),
        );
        let verify = json!({"config": {"get_resource": "verify-0123456789"}, "server": {"get_resource": "master-0-server"},
            "input_values": {"members": disco::node::brief_names(members)}});
        let deployments: Vec<&str> = deployments.iter().map(String::as_str).collect();
        draft.add("verify-deployment", "OS::Heat::SoftwareDeployment", &whole, &deployments, verify);
        let parameter = Parameter {
            kind: "string".to_owned(),
            description: String::new(),
            value: ParameterValue::Given(Text { value: self.secret.clone(), secret: true }),
            hidden: true,
        };
        let name = format!("secret-{}", &disco::state::digest(&json!(self.secret))[..6]);
        draft.template.parameters.insert(name, parameter);
        draft.template
    }

    fn node(&self, draft: &mut Draft, group: &str, index: u32, config: &str) {
        let address = Address::Node("analytics".to_owned(), group.to_owned(), index);
        let part = |part: &str| format!("{group}-{index}-{part}");
        let host = format!("analytics-{group}-{index}");
        let interface = json!({"name": host, "network": {"get_resource": "network"},
            "fixed_ips": [{"subnet": {"get_resource": "subnet"}, "ip_address": private(group, index).to_string()}],
            "security_groups": [{"get_resource": "security-group"}]});
        draft.add(&part("port"), "OS::Neutron::Port", &address, &[], interface);
        let flavor = if group == "master" { "m1.medium" } else { &self.flavor };
        let image = if group == "master" { "debian-12" } else { &self.image };
        let role = if group == "master" { "user-data-master" } else { "user-data-slave" };
        let mut server = json!({"name": host, "flavor": flavor, "image": image,
            "flavor_update_policy": "RESIZE", "image_update_policy": "REBUILD", "user_data_update_policy": "IGNORE",
            "user_data": {"get_resource": role}, "user_data_format": "SOFTWARE_CONFIG",
            "software_config_transport": "POLL_SERVER_HEAT", "networks": [{"port": {"get_resource": part("port")}}]});
        if self.server_group && group == "slaves" {
            server["scheduler_hints"] = json!({"group": {"get_resource": "slaves-server-group"}});
        }
        draft.add(&part("server"), "OS::Nova::Server", &address, &["router-interface"], server);
        let secret = format!("secret-{}", &disco::state::digest(&json!(self.secret))[..6]);
        let mut inputs = json!({"generation": format!("{image}/{flavor}")});
        inputs[&secret] = json!({"get_param": secret});
        if let Some(size) = self.volume.filter(|_| group == "slaves") {
            draft.add(&part("volume-data"), "OS::Cinder::Volume", &address, &[], json!({"size": size}));
            let attachment = json!({"instance_uuid": {"get_resource": part("server")},
                "volume_id": {"get_resource": part("volume-data")}});
            draft.add(&part("attachment-data"), "OS::Cinder::VolumeAttachment", &address, &[], attachment);
            inputs["volume-data"] = json!({"get_resource": part("volume-data")});
        }
        let deployment = json!({"config": {"get_resource": config}, "server": {"get_resource": part("server")},
            "signal_transport": "HEAT_SIGNAL", "actions": ["CREATE", "UPDATE"], "input_values": inputs});
        draft.add(&part("deployment"), "OS::Heat::SoftwareDeployment", &address, &[], deployment);
        if group == "master" {
            let floating = json!({"floating_network": "public"});
            draft.add(&part("floating-ip"), "OS::Neutron::FloatingIP", &address, &[], floating);
            let association = json!({"floatingip_id": {"get_resource": part("floating-ip")},
                "port_id": {"get_resource": part("port")}});
            draft.add(
                &part("floating-ip-association"),
                "OS::Neutron::FloatingIPAssociation",
                &address,
                &["router-interface"],
                association,
            );
            let value = json!({"get_attr": [part("floating-ip"), "floating_ip_address"]});
            draft.template.outputs.insert(part("floating-ip"), TemplateOutput { description: String::new(), value });
        }
    }

    pub(crate) fn wanted(&self) -> Wanted {
        let group = |indices: &BTreeSet<u32>, name: &str| {
            let nodes = indices.iter().map(|index| (*index, Member { address: Some(private(name, *index)), shard: 0 }));
            GroupMembers { nodes: nodes.collect(), blocks: Vec::new() }
        };
        let members = Members {
            groups: BTreeMap::from([
                ("master".to_owned(), group(&BTreeSet::from([0]), "master")),
                ("slaves".to_owned(), group(&self.slaves, "slaves")),
            ]),
            fixed: BTreeMap::new(),
            workspace: None,
        };
        let cluster = WantedCluster {
            called: disco::model::Called::default(),
            refers_to: std::collections::BTreeSet::new(),
            provisional: false,
            templates: BTreeMap::from([("analytics".to_owned(), self.template())]),
            members,
            facts: disco::model::CloudFacts::default(),
            storage_groups: BTreeMap::from([("slaves".to_owned(), vec!["hadoop".to_owned()])]),
            open_ports: Vec::new(),
            protections: Vec::new(),
            prevent_destroy: self.prevent_destroy,
            on_failure: self.on_failure,
            timeout_minutes: 60,
            batch_sizes: BTreeMap::from([("slaves".to_owned(), self.batch_size)]),
            origin: None,
        };
        Wanted {
            clusters: BTreeMap::from([("analytics".to_owned(), cluster)]),
            outputs: BTreeMap::from([("namenode".to_owned(), (Some(json!("10.20.0.4")), false))]),
            definition_digest: "d".to_owned(),
        }
    }
}

pub(crate) fn private(group: &str, index: u32) -> Ipv4Addr {
    let base = if group == "master" { 0x0a14_0004 } else { 0x0a14_000a };
    Ipv4Addr::from(base + index)
}

#[derive(Default)]
struct Draft {
    template: Template,
}

impl Draft {
    fn add(&mut self, name: &str, heat_type: &str, address: &Address, after: &[&str], properties: Json) {
        let Json::Object(properties) = properties else { unreachable!("properties are an object") };
        let mut depends_on: Vec<String> = after.iter().map(|name| (*name).to_owned()).collect();
        depends_on.sort();
        let resource = TemplateResource {
            heat_type: heat_type.to_owned(),
            properties: properties.into(),
            depends_on,
            address: address.clone(),
            origin: None,
        };
        assert!(self.template.resources.insert(name.to_owned(), Arc::new(resource)).is_none(), "{name} twice");
    }
}
