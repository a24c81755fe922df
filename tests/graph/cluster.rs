//! A small Hadoop-like cluster, built by hand.

use std::collections::{BTreeMap, BTreeSet};

use disco::catalogue::{
    Archive, ClusterConfiguration, ClusterStep, ConfiguredFile, Content, Directory, GroupConfiguration, OpenPort,
    Probe, ProbeKind, StepMoment, SystemUser, Unit, WebUi,
};
use disco::graph::{ResourceGraph, allocate, compile};
use disco::model::{
    AllowRule, AntiAffinity, CloudFacts, ClusterSpec, Flavor, FrameworkSpec, GroupSpec, Image, Lifecycle, Members,
    NetworkSpec, OnFailure, PortRange, Protocol, Role, RuleTarget, Service, Sourced, SshAccess, Text, VolumeSpec,
};
use disco::source::{Diagnostics, SourceId, Sources, Span};
use disco::template::Template;

pub(crate) const LINEAGE: &str = "6f1c7f5e-0000-4000-8000-000000000001";

/// The text that all places point into: one line a thing, so that a place is a word.
pub(crate) const TEXT: &str =
    "cluster cidr network master slaves count flavor image allow volume external anti floating";

/// Places are the words of [`TEXT`].
pub(crate) struct Places {
    pub sources: Sources,
    id: SourceId,
}

impl Places {
    pub(crate) fn new() -> Self {
        let sources = Sources::new();
        let id = sources.add("main.disco.hcl", TEXT);
        Self { sources, id }
    }

    pub(crate) fn at(&self, word: &str) -> Span {
        let start = TEXT.find(word).unwrap();
        Span::new(self.id, start, start + word.len())
    }

    pub(crate) fn sourced<T>(&self, value: T, word: &str) -> Sourced<T> {
        Sourced::new(value, Some(self.at(word)))
    }

    /// The words under the first place of each complaint.
    pub(crate) fn words(&self, diagnostics: &Diagnostics) -> Vec<(&'static str, String)> {
        diagnostics
            .iter()
            .map(|one| (one.code, one.span().map(|span| self.sources.snippet(span)).unwrap_or_default()))
            .collect()
    }
}

pub(crate) fn group(places: &Places, name: &str, role: Role, count: u32) -> GroupSpec {
    GroupSpec {
        name: name.to_owned(),
        role,
        origin: places.at(if role == Role::Master { "master" } else { "slaves" }),
        count: places.sourced(count, "count"),
        flavor: places.sourced(if role == Role::Master { "m1.medium" } else { "m1.small" }.to_owned(), "flavor"),
        image: places.sourced("debian-12".to_owned(), "image"),
        storage: true,
        frameworks: None,
        floating_ip: places.sourced(role == Role::Master, "floating"),
        volumes: Vec::new(),
        anti_affinity: places.sourced(AntiAffinity::None, "anti"),
        availability_zone: None,
    }
}

pub(crate) fn spec(places: &Places, slaves: u32) -> ClusterSpec {
    let allow = |label: &str, service: Service, to: RuleTarget| AllowRule {
        label: label.to_owned(),
        service,
        from: vec![places.sourced("203.0.113.0/24".parse().unwrap(), "allow")],
        to,
        origin: places.at("allow"),
    };
    ClusterSpec {
        called: disco::model::Called::default(),
        name: "analytics".to_owned(),
        origin: places.at("cluster"),
        ssh: SshAccess {
            keys: vec![places.sourced("ssh-ed25519 AAAAC3Nza person@desk".to_owned(), "cluster")],
            key_pair: None,
        },
        network: NetworkSpec::New {
            ipv6_cidr: None,
            name: None,
            cidr: places.sourced("10.20.0.0/24".parse().unwrap(), "cidr"),
            external_network: Some(places.sourced("public".to_owned(), "external")),
            dns_nameservers: vec![places.sourced("9.9.9.9".parse().unwrap(), "network")],
            origin: places.at("network"),
        },
        security: vec![
            allow("ssh", Service::Ssh, RuleTarget::All),
            allow("web-ui", Service::WebUi, RuleTarget::All),
            allow(
                "custom",
                Service::Custom { protocol: Protocol::Tcp, ports: vec![PortRange { first: 9000, last: 9010 }] },
                RuleTarget::Group("master".to_owned()),
            ),
        ],
        groups: vec![group(places, "master", Role::Master, 1), group(places, "slaves", Role::Slave, slaves)],
        frameworks: vec![FrameworkSpec {
            name: "hadoop".to_owned(),
            origin: places.at("cluster"),
            needed_by: None,
            version: Sourced::default_of("3.5.0".to_owned()),
            settings: BTreeMap::new(),
            files: BTreeMap::new(),
            later: BTreeSet::new(),
        }],
        lifecycle: Lifecycle {
            prevent_destroy: Sourced::default_of(false),
            on_failure: Sourced::default_of(OnFailure::Keep),
            timeout_minutes: Sourced::default_of(60),
            batch_size: None,
            smoke_test: Sourced::default_of(true),
        },
    }
}

pub(crate) fn volume(places: &Places, name: &str) -> VolumeSpec {
    VolumeSpec {
        name: name.to_owned(),
        size_gib: places.sourced(100, "volume"),
        volume_type: None,
        mount: format!("/data/{name}"),
        origin: places.at("volume"),
    }
}

#[expect(clippy::too_many_lines, reason = "it is one value, written out")]
pub(crate) fn configuration(block_size: &str, password: Option<&str>) -> ClusterConfiguration {
    let node = |service: &str, port: u16| {
        let pieces = vec![Text::plain(format!("<value>{block_size}</value>\n")).into()];
        let mut content = Content { pieces };
        if let Some(password) = password {
            content.pieces.push(Text { value: password.to_owned(), secret: true }.into());
        }
        GroupConfiguration {
            packages: vec!["openjdk-17-jre-headless".to_owned()],
            archives: vec![Archive {
                name: "hadoop".to_owned(),
                version: "3.5.0".to_owned(),
                urls: vec!["https://mirror.example/hadoop-3.5.0.tar.gz".to_owned()],
                sha512: None,
                sha512_url: Some("https://origin.example/hadoop-3.5.0.tar.gz.sha512".to_owned()),
                directory: "/opt/hadoop".to_owned(),
                ..Archive::default()
            }],
            users: vec![SystemUser {
                name: "hdfs".to_owned(),
                group: "hadoop".to_owned(),
                home: "/var/lib/hdfs".to_owned(),
                ..SystemUser::default()
            }],
            directories: vec![Directory {
                path: "/var/lib/hdfs".to_owned(),
                owner: "hdfs:hadoop".to_owned(),
                mode: "0750".to_owned(),
                holds_data: false,
                only: None,
            }],
            files: vec![ConfiguredFile {
                framework: "hadoop".to_owned(),
                name: "hdfs-site.xml".to_owned(),
                path: "/etc/hadoop/hdfs-site.xml".to_owned(),
                owner: "root:hadoop".to_owned(),
                mode: "0640".to_owned(),
                content,
                restarts: vec![format!("hadoop-{service}.service")],
                ..ConfiguredFile::default()
            }],
            units: vec![Unit {
                name: format!("hadoop-{service}.service"),
                framework: "hadoop".to_owned(),
                service: service.to_owned(),
                description: format!("HDFS {service}"),
                user: "hdfs".to_owned(),
                group: "hadoop".to_owned(),
                exec: vec!["/opt/hadoop/bin/hdfs".to_owned(), service.to_owned()],
                environment_file: None,
                environment: BTreeMap::from([("HADOOP_HEAPSIZE_MAX".to_owned(), "512m".to_owned())]),
                after: Vec::new(),
                memory_mib: 512,
                kill_mode: None,
                success_exit_status: None,
                packaged: false,
                options: BTreeMap::new(),
                only: None,
                needs_step: (service == "namenode").then(|| "format".to_owned()),
            }],
            probes: vec![Probe {
                name: service.to_owned(),
                kind: ProbeKind::Tcp { port },
                timeout_seconds: 60,
                only: None,
            }],
            ..GroupConfiguration::default()
        }
    };
    let step = |name: &str, moment, action, members_of: &[&str]| ClusterStep {
        framework: "hadoop".to_owned(),
        name: name.to_owned(),
        moment,
        action,
        members_of: members_of.iter().map(|&group| group.to_owned()).collect(),
        timeout_seconds: 300,
        only: None,
    };
    let ui = |group: &str, name: &str, port: u16| OpenPort {
        framework: "hadoop".to_owned(),
        name: name.to_owned(),
        group: group.to_owned(),
        protocol: Protocol::Tcp,
        ports: PortRange { first: port, last: port },
        web_ui: Some(WebUi { scheme: "http".to_owned(), path: "/".to_owned() }),
        endpoint: None,
        anybody: None,
    };
    ClusterConfiguration {
        protections: Vec::new(),
        generated: BTreeMap::new(),
        groups: BTreeMap::from([
            ("master".to_owned(), node("namenode", 9870)),
            ("slaves".to_owned(), node("datanode", 9864)),
        ]),
        open_ports: vec![ui("master", "hdfs", 9870), ui("master", "yarn", 8088)],
        steps: vec![
            step(
                "format",
                StepMoment::BeforeStart,
                serde_json::json!({
                    "kind": "command", "user": "hdfs", "environment": {},
                    "commands": [["/opt/hadoop/bin/hdfs", "namenode", "-format", "-nonInteractive"]],
                    "unless_exists": "/var/lib/hdfs/name/current/VERSION",
                }),
                &[],
            ),
            step(
                "datanodes",
                StepMoment::Verify,
                serde_json::json!({
                    "kind": "members", "title": "DataNodes live", "url": "http://127.0.0.1:9870/jmx",
                    "path": ["beans", 0, "LiveNodes"], "names": "keys",
                }),
                &["slaves"],
            ),
            step(
                "smoke-test",
                StepMoment::SmokeTest,
                serde_json::json!({"kind": "command", "user": "hdfs", "commands": [["/opt/hadoop/bin/yarn", "jar"]]}),
                &[],
            ),
        ],
        fixed: BTreeMap::new(),
        ..ClusterConfiguration::default()
    }
}

pub(crate) fn facts() -> CloudFacts {
    let flavor =
        |id: &str, vcpus, memory_mib| Flavor { id: id.to_owned(), vcpus, memory_mib, disk_gib: 20, disabled: false };
    CloudFacts {
        complete: true,
        flavors: [("m1.small", flavor("2", 1, 2048)), ("m1.medium", flavor("3", 2, 4096))].into_iter().collect(),
        images: [("debian-12", Image { id: "d12".to_owned(), min_disk_gib: 2, min_memory_mib: 512, unusable: None })]
            .into_iter()
            .collect(),
        external_networks: [("public", "p1".to_owned())].into_iter().collect(),
        ..CloudFacts::default()
    }
}

/// Members without complaints.
pub(crate) fn members(spec: &ClusterSpec, previous: Option<&Members>) -> Members {
    let (members, diagnostics) = allocate(spec, previous, 1000);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    members
}

/// The base stack's graph without complaints.
pub(crate) fn graph(spec: &ClusterSpec, configuration: &ClusterConfiguration, members: &Members) -> ResourceGraph {
    let (mut graphs, diagnostics) = compile(spec, configuration, &facts(), members, LINEAGE);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    graphs.remove(&spec.name).unwrap()
}

/// The template of a fresh cluster with that many slaves.
pub(crate) fn template(slaves: u32) -> Template {
    let spec = spec(&Places::new(), slaves);
    Template::from_graph(&graph(&spec, &configuration("128m", None), &members(&spec, None)))
}

/// Text whose digests in names of configurations are masked: they cover the agent, so they change with it.
pub(crate) fn without_digests(text: &str) -> String {
    let hex = |part: &str| part.len() >= 10 && part.as_bytes()[..10].iter().all(u8::is_ascii_hexdigit);
    let mut masked = String::new();
    for part in text.split_inclusive('-') {
        if hex(part)
            && (masked.ends_with("verify-") || masked.rsplit_once("config-").is_some_and(|(_, group)| group.len() < 20))
        {
            masked.push_str("DIGEST");
            masked.push_str(&part[10..]);
        } else {
            masked.push_str(part);
        }
    }
    masked
}
