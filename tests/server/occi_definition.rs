//! Requests as definitions: readable, laid out, and good for a plan.

use std::collections::BTreeMap;
use std::path::Path;

use disco::project::{Operation, Project, Request, VariableArgument};
use disco::server::occi::{
    ClusterChange, ClusterRequest, Defaults, Kind, NodesRequest, Secret, WrittenDefinition, updated, written,
};
use disco::source::{Severity, Sources};
use disco::suggest::Place;
use disco::syntax;
use proptest::prelude::*;

use super::occi_memory::defaults;
use crate::support::snapshot;

fn project(folder: &Path, secrets: &[(&str, &str)]) -> Project {
    let variables = secrets.iter().map(|(name, value)| VariableArgument::Assignment(format!("{name}={value}")));
    Project::new(Request {
        directory: folder.to_owned(),
        home: None,
        user: "tester".to_owned(),
        host: "here".to_owned(),
        environment: Vec::new(),
        variables: variables.collect(),
        verbose: false,
        lock_timeout: std::time::Duration::from_secs(5),
        program: None,
        clouds: disco::project::CloudAccess::OwnMachine,
    })
}

fn secrets_of(definition: &WrittenDefinition) -> Vec<(&str, &str)> {
    definition.secrets.iter().map(|(name, value)| (name.as_str(), value.expose())).collect()
}

fn request(kind: Kind) -> ClusterRequest {
    ClusterRequest::new(kind)
}

#[test]
fn definitions_are_readable() {
    let all = ClusterRequest {
        name: Some("lab".to_owned()),
        master: NodesRequest {
            image: Some("debian-12".to_owned()),
            flavor: Some("m1.large".to_owned()),
            count: Some(3),
        },
        slaves: NodesRequest {
            image: Some("ubuntu".to_owned()),
            flavor: Some("m1.xlarge".to_owned()),
            count: Some(300),
        },
        network_name: Some("lab-net".to_owned()),
        dns_nameservers: vec!["9.9.9.9".parse().unwrap(), "1.1.1.1".parse().unwrap()],
        frameworks: Some(vec!["hadoop".to_owned(), "jupyter".to_owned()]),
        jupyter_password: Some(Secret::new("open sesame")),
        key_pair: Some("laptop".to_owned()),
        ssh_keys: vec!["ssh-ed25519 AAAA a \"b\" ${c}".to_owned()],
        ..request(Kind::Disco)
    };
    for (name, request) in [("whole", all), ("nothing", request(Kind::Disco)), ("haas", request(Kind::Haas))] {
        let definition = written(&request, &defaults()).unwrap();
        assert!(!definition.text.contains("sesame"));
        snapshot!(format!("occi-definition-{name}"), definition.text);
    }
    for (count, prefix) in [(201, 22), (300, 22), (2_000, 20), (100_000, 14), (u32::MAX, 8)] {
        let mut many = request(Kind::Disco);
        many.slaves.count = Some(count);
        let text = written(&many, &defaults()).unwrap().text;
        assert!(text.contains(&format!("\"10.0.0.0/{prefix}\"")), "{count}:\n{text}");
    }
    let none = Defaults {
        image: None,
        master_flavor: None,
        slave_flavor: None,
        external_network: None,
        place: Place::Cloud(None),
        slaves: 1,
    };
    let missing = written(&ClusterRequest { floating_ip: Some(true), ..request(Kind::Disco) }, &none).unwrap_err();
    assert_eq!(missing.message.lines().count(), 3, "{missing}");
}

/// Frameworks that go together.
const TOGETHER: [&[&str]; 8] = [
    &[],
    &["hadoop"],
    &["hadoop", "spark"],
    &["spark", "jupyter"],
    &["kafka", "zookeeper"],
    &["hadoop", "zookeeper", "hbase"],
    &["dask", "jupyter"],
    &["spark", "zeppelin"],
];

prop_compose! {
    /// Requests that have an answer.
    fn requests()(
        kind in prop::sample::select(vec![Kind::Disco, Kind::Haas]),
        name in prop::option::of("[a-z][a-z0-9]{0,10}(-[a-z0-9]{1,5})?"),
        texts in prop::collection::vec(prop::option::of("[ -~]{1,12}|\\PC{1,8}"), 2),
        images in prop::collection::vec(prop::option::of(prop::sample::select(vec!["debian-12", "ubuntu-24.04"])), 2),
        counts in (prop::option::of(Just(1_u32)), prop::option::of(3_u32..60)),
        frameworks in prop::option::of(prop::sample::select(TOGETHER.to_vec())),
        password in prop::bool::ANY,
        floating in prop::option::of(prop::bool::ANY),
        servers in prop::sample::subsequence(vec!["9.9.9.9", "1.1.1.1", "8.8.8.8"], 0..=3),
    ) -> ClusterRequest {
        let frameworks = frameworks.map(|all| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        // Requests are read without the spaces around their values.
        let texts = texts.into_iter().map(|text: Option<String>| text.map(|text| text.trim().to_owned()));
        let texts: Vec<Option<String>> = texts.map(|text| text.filter(|text| !text.is_empty())).collect();
        let notebooks = frameworks.as_ref().is_some_and(|all| all.contains(&"jupyter".to_owned()));
        ClusterRequest {
            name,
            master: NodesRequest { image: images[0].map(str::to_owned), flavor: None, count: counts.0 },
            slaves: NodesRequest { image: images[1].map(str::to_owned), flavor: None, count: counts.1 },
            floating_ip: floating,
            key_pair: texts[0].clone(),
            network_name: texts[1].clone(),
            dns_nameservers: servers.iter().map(|server| server.parse().unwrap()).collect(),
            jupyter_password: (password && notebooks).then(|| Secret::new("open sesame")),
            frameworks,
            ..ClusterRequest::new(kind)
        }
    }
}

fn at_home() -> Defaults {
    let flavor = Some("m1.2xlarge".to_owned());
    Defaults { place: Place::Simulated, master_flavor: flavor.clone(), slave_flavor: flavor, slaves: 3, ..defaults() }
}

fn laid_out(text: &str) -> String {
    let sources = Sources::new();
    let id = sources.add("main.disco.hcl", text);
    syntax::format(&sources, id)
}

/// The values that a change is about: slaves, flavors, frameworks; and the comments.
fn values(text: &str) -> (BTreeMap<String, String>, Vec<String>, Vec<String>) {
    let sources = Sources::new();
    let id = sources.add("main.disco.hcl", text);
    let (body, found) = syntax::parse(&sources, id);
    assert!(!found.has_errors(), "{found:?}\n{text}");
    let comments = syntax::comments(&sources, id).into_iter().map(|(_, span)| text[span.range()].to_owned()).collect();
    let cluster = body.blocks.iter().find(|block| &*block.kind.text == "cluster").unwrap();
    let (mut plain, mut frameworks) = (BTreeMap::new(), Vec::new());
    for block in &cluster.body.blocks {
        let kind = block.kind.text.to_string();
        if kind == "framework" {
            frameworks.push(block.labels[0].text.to_string());
        }
        for attribute in &block.body.attributes {
            let value = text[attribute.value.span.range()].to_owned();
            plain.insert(format!("{kind}.{}", attribute.name.text), value);
        }
    }
    frameworks.sort();
    (plain, frameworks, comments)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_request_validates(request in requests()) {
        let definition = written(&request, &at_home()).unwrap();
        prop_assert_eq!(laid_out(&definition.text), definition.text.clone(), "as `disco fmt` has it");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.disco.hcl"), &definition.text).unwrap();
        let (clusters, diagnostics) = project(folder.path(), &secrets_of(&definition))
            .validate()
            .unwrap_or_else(|failure| panic!("{failure:#?}\n{}", definition.text));
        prop_assert_eq!(clusters, 1);
        let errors: Vec<_> = diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
        prop_assert!(errors.is_empty(), "{:#?}\n{}", errors, definition.text);
    }

    #[test]
    fn a_change_changes_what_it_names(
        request in requests(),
        slaves in prop::option::of(1_u32..9_999),
        flavors in prop::collection::vec(prop::option::of("[ -~]{1,12}"), 2),
        frameworks in prop::option::of(prop::sample::select(TOGETHER.to_vec())),
    ) {
        let definition = written(&request, &defaults()).unwrap();
        let change = ClusterChange {
            slaves,
            master_flavor: flavors[0].clone(),
            slave_flavor: flavors[1].clone(),
            frameworks: frameworks.map(|all| all.iter().map(|name| (*name).to_owned()).collect()),
            ..ClusterChange::default()
        };
        let text = updated(&definition.text, &change).unwrap();
        let (mut expected, mut named, comments) = values(&definition.text);
        let (after, there, kept) = values(&text);
        if let Some(slaves) = slaves {
            expected.insert("slaves.count".to_owned(), slaves.to_string());
        }
        for (group, flavor) in [("master", &flavors[0]), ("slaves", &flavors[1])] {
            let name = format!("{group}.flavor");
            if flavor.is_some() {
                expected.insert(name.clone(), after[&name].clone());
            }
        }
        if let Some(wanted) = &change.frameworks {
            named = wanted.clone();
            named.sort();
            if !named.contains(&"jupyter".to_owned()) {
                expected.remove("framework.token");
            }
        }
        prop_assert_eq!(after, expected);
        prop_assert_eq!(there, named);
        prop_assert_eq!(kept, comments);
        prop_assert_eq!(laid_out(&text), text.clone(), "as `disco fmt` has it");
        prop_assert_eq!(updated(&text, &change).unwrap(), text, "twice is once");
    }
}

#[tokio::test]
async fn requests_plan_on_the_embedded_engine() {
    for (frameworks, kind) in [(Some(TOGETHER[2]), Kind::Disco), (None, Kind::Haas), (Some(TOGETHER[6]), Kind::Disco)] {
        let request = ClusterRequest {
            jupyter_password: frameworks.filter(|all| all.contains(&"jupyter")).map(|_| Secret::new("open sesame")),
            frameworks: frameworks.map(|all| all.iter().map(|name| (*name).to_owned()).collect()),
            network_name: Some("lab-net".to_owned()),
            ..request(kind)
        };
        let definition = written(&request, &at_home()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.disco.hcl"), &definition.text).unwrap();
        let project = project(folder.path(), &secrets_of(&definition));
        let session = project.open_offline(Operation::Plan).await.unwrap();
        let planned = session.plan(false).unwrap_or_else(|failure| panic!("{failure:#?}\n{}", definition.text));
        assert!(planned.plan.has_changes());
    }
}

#[test]
fn an_update_leaves_what_people_wrote() {
    let text = "# mine\ncluster \"lab\" {\n  slaves { # why\n    count=2 # two\n    flavor = \"a\"\n  }\n  framework \"hadoop\" {\n    version = \"3.4.1\"\n  }\n  # the other one\n  framework \"spark\" {} # stays\n}\n# end\n";
    let change = |frameworks: &[&str]| ClusterChange {
        slaves: Some(7),
        frameworks: Some(frameworks.iter().map(|name| (*name).to_owned()).collect()),
        ..ClusterChange::default()
    };
    assert_eq!(
        updated(text, &change(&["hadoop", "kafka"])).unwrap(),
        "# mine\ncluster \"lab\" {\n  slaves { # why\n    count=7 # two\n    flavor = \"a\"\n  }\n  framework \"hadoop\" {\n    version = \"3.4.1\"\n  }\n  # the other one\n   # stays\n\n  framework \"kafka\" {}\n}\n# end\n"
    );
    for (text, part) in [
        ("cluster \"a\" {}\ncluster \"b\" {}\n", "several clusters"),
        ("locals {}\n", "no cluster"),
        ("cluster \"a\" {}\n", "no `slaves` block"),
        (
            "cluster \"a\" {\n  slaves {\n    count = var.n\n  }\n}\n",
            "`count` in line 3 of the definition is an expression",
        ),
        (
            "cluster \"a\" {\n  slaves \"x\" {}\n  slaves \"y\" {}\n}\n",
            "line 3 of the definition has another `slaves` block",
        ),
        ("cluster \"a\" {\n", "cannot be read: line 1"),
    ] {
        let refused = updated(text, &change(&["hadoop"])).unwrap_err();
        assert_eq!(refused.kind.status(), 409);
        assert!(refused.message.contains(part), "{text}: {}", refused.message);
    }
}
