//! What a cluster is made of, and what a change of the definition changes.

use std::collections::BTreeMap;

use disco::catalogue::{GeneratedSecret, Piece};
use disco::graph::{ParameterValue, Property, Resource, ResourceGraph, allocate, compile};
use disco::model::{
    Address, AntiAffinity, ClusterSpec, Members, NetworkSpec, ResourceName, Role, RuleTarget, Service, Sourced, Text,
};
use disco::template::{self, Template};
use proptest::prelude::*;

use super::cluster::{LINEAGE, Places, configuration, facts, graph, members, spec, volume, without_digests};
use crate::support::snapshot;

/// Names of resources that are new, changed, gone.
fn difference(before: &ResourceGraph, after: &ResourceGraph) -> [Vec<String>; 3] {
    let by_name = |graph: &ResourceGraph| -> BTreeMap<String, String> {
        let template = Template::from_graph(graph);
        template.resources.iter().map(|(name, resource)| (name.clone(), resource.canonical())).collect()
    };
    let (before, after) = (by_name(before), by_name(after));
    let names = |all: &BTreeMap<String, String>, wanted: &dyn Fn(&String) -> bool| -> Vec<String> {
        all.keys().filter(|name| wanted(name)).cloned().collect()
    };
    [
        names(&after, &|name| !before.contains_key(name)),
        names(&after, &|name| before.get(name).is_some_and(|old| *old != after[name])),
        names(&before, &|name| !after.contains_key(name)),
    ]
}

#[test]
fn a_cluster_of_four() {
    let spec = spec(&Places::new(), 3);
    let graph = graph(&spec, &configuration("128m", None), &members(&spec, None));
    let waves: Vec<String> = graph
        .waves()
        .iter()
        .map(|wave| wave.iter().map(|resource| resource.name.as_str()).collect::<Vec<_>>().join("\n  "))
        .collect();
    snapshot!("waves", without_digests(&waves.join("\n\n")));
    let mut backwards = graph.destroy_order();
    backwards.reverse();
    assert_eq!(backwards, graph.waves());
}

#[test]
fn a_new_slave_touches_nothing_but_the_verification() {
    let places = Places::new();
    let three = spec(&places, 3);
    let five = spec(&places, 5);
    let configuration = configuration("128m", Some("hunter2"));
    let first = members(&three, None);
    let [new, changed, gone] = difference(
        &graph(&three, &configuration, &first),
        &graph(&five, &configuration, &members(&five, Some(&first))),
    );
    assert_eq!(
        new,
        [
            "slaves-3-deployment",
            "slaves-3-port",
            "slaves-3-server",
            "slaves-4-deployment",
            "slaves-4-port",
            "slaves-4-server"
        ]
    );
    assert_eq!(changed, ["verify-deployment"]);
    assert!(gone.is_empty());
}

#[test]
fn a_changed_setting_changes_the_configuration_and_its_deployments() {
    let spec = spec(&Places::new(), 2);
    let members = members(&spec, None);
    let mut changed_configuration = configuration("128m", None);
    let file = &mut changed_configuration.groups.get_mut("slaves").unwrap().files[0];
    file.content.pieces[0].text.value = "<value>256m</value>\n".to_owned();
    let [new, changed, gone] = difference(
        &graph(&spec, &configuration("128m", None), &members),
        &graph(&spec, &changed_configuration, &members),
    );
    assert_eq!(changed, ["slaves-0-deployment", "slaves-1-deployment"]);
    assert_eq!((new.len(), gone.len()), (1, 1));
    assert!(new[0].starts_with("config-slaves-") && gone[0].starts_with("config-slaves-"), "{new:?} {gone:?}");
}

#[test]
fn another_flavor_moves_the_generation_of_its_deployments() {
    let places = Places::new();
    let before = spec(&places, 1);
    let mut after = spec(&places, 1);
    after.groups[1].flavor.value = "m1.medium".to_owned();
    let (members, configuration) = (members(&before, None), configuration("128m", None));
    let [new, changed, gone] =
        difference(&graph(&before, &configuration, &members), &graph(&after, &configuration, &members));
    assert_eq!(changed, ["slaves-0-deployment", "slaves-0-server"]);
    assert!(new.is_empty() && gone.is_empty());
}

#[test]
fn another_rule_is_another_resource_and_their_order_is_free() {
    let places = Places::new();
    let before = spec(&places, 1);
    let mut after = spec(&places, 1);
    after.security.reverse();
    after.security[0].from.push(Sourced::default_of("198.51.100.7/24".parse().unwrap()));
    let (members, configuration) = (members(&before, None), configuration("128m", None));
    let [new, changed, gone] =
        difference(&graph(&before, &configuration, &members), &graph(&after, &configuration, &members));
    assert_eq!(new, ["rule-master-tcp-9000-9010-from-198-51-100-0-24"]);
    assert!(changed.is_empty() && gone.is_empty());
}

#[test]
fn secrets_are_parameters_with_salted_names() {
    let spec = spec(&Places::new(), 1);
    let members = members(&spec, None);
    let graph_of = |password: &str, lineage: &str| {
        let graphs = compile(&spec, &configuration("128m", Some(password)), &facts(), &members, lineage).0;
        graphs["analytics"].clone()
    };
    let graph = graph_of("hunter2", LINEAGE);
    assert_eq!(graph.parameters.len(), 1);
    let (name, parameter) = graph.parameters.iter().next().unwrap();
    assert!(name.starts_with("secret-") && parameter.value.is_secret());
    assert_ne!(graph_of("hunter3", LINEAGE).parameters.keys().next().unwrap(), name);
    assert_ne!(graph_of("hunter2", "another").parameters.keys().next().unwrap(), name);
    let template = Template::from_graph(&graph);
    let text = template.to_json().to_string() + &template.to_yaml();
    assert!(!text.contains("hunter2"));
    assert_eq!(template.to_json()["parameters"][name]["hidden"], serde_json::json!(true));
    assert_eq!(template.parameter_values(|_, _| None, |_, _| None).unwrap()[name], "hunter2");
    let deployment = &template.to_json()["resources"]["slaves-0-deployment"]["properties"];
    assert_eq!(deployment["input_values"][name], serde_json::json!({ "get_param": name }));
}

#[test]
fn what_heat_makes_up_is_in_the_base_stack_and_told_to_the_others() {
    let spec = spec(&Places::new(), 60);
    let mut of = configuration("128m", None);
    let secret = GeneratedSecret { framework: "hadoop".to_owned(), setting: "key".to_owned() };
    of.generated.insert(secret.clone(), 40);
    for group in of.groups.values_mut() {
        let piece =
            Piece { text: Text { value: String::new(), secret: true }, key: None, generated: Some(secret.clone()) };
        group.files[0].content.pieces.push(piece);
    }
    let graphs = compile(&spec, &of, &facts(), &members(&spec, None), LINEAGE).0;
    let name = "secret-hadoop.key";
    let (base, shard) =
        (Template::from_graph(&graphs["analytics"]), Template::from_graph(&graphs["analytics.shard-1"]));
    let resource = &base.to_json()["resources"][name];
    assert_eq!(resource["type"], "OS::Heat::RandomString");
    assert_eq!(resource["properties"], serde_json::json!({ "length": 40 }));
    let input = |template: &Template, node: &str| {
        template.to_json()["resources"][format!("{node}-deployment")]["properties"]["input_values"][name].clone()
    };
    assert_eq!(input(&base, "master-0"), serde_json::json!({ "get_attr": [name, "value"] }));
    assert!(base.parameters.is_empty());
    assert_eq!(input(&shard, "slaves-0"), serde_json::json!({ "get_param": name }));
    assert_eq!(shard.to_json()["parameters"][name]["hidden"], serde_json::json!(true));
    assert!(!shard.resources.contains_key(name));
    let told = shard.parameter_values(|_, _| Some("id".to_owned()), |stack, name| Some(format!("{stack}/{name}")));
    assert_eq!(told.unwrap()[name], format!("analytics/{name}"));
    let unknown = shard.parameter_values(|_, _| Some("id".to_owned()), |_, _| None).unwrap_err();
    assert_eq!(unknown, ("analytics".to_owned(), name.to_owned()));
}

#[test]
fn volumes_anti_affinity_and_an_existing_network() {
    let places = Places::new();
    let mut spec = spec(&places, 1);
    spec.network = NetworkSpec::Existing {
        network: Sourced::default_of("lab-net".to_owned()),
        subnet: Sourced::default_of("lab-subnet".to_owned()),
        addresses: Some(Sourced::default_of("192.0.2.64/26".parse().unwrap())),
        external_network: Some(Sourced::default_of("public".to_owned())),
        origin: places.at("network"),
    };
    spec.security[2].to = RuleTarget::Group("slaves".to_owned());
    spec.groups[1].volumes.push(volume(&places, "hdfs"));
    spec.groups[1].anti_affinity.value = AntiAffinity::Soft;
    let graph = graph(&spec, &configuration("128m", None), &members(&spec, None));
    let mut template = Template::from_graph(&graph);
    template.resources.retain(|_, resource| resource.heat_type != "OS::Heat::SoftwareConfig");
    snapshot!("existing-network", without_digests(&template.to_yaml()));
}

#[test]
fn what_the_cloud_does_not_have_is_said_at_its_place() {
    let places = Places::new();
    let mut spec = spec(&places, 12);
    spec.groups[1].anti_affinity.value = AntiAffinity::Hard;
    if let NetworkSpec::New { external_network, .. } = &mut spec.network {
        external_network.as_mut().unwrap().value = "publik".to_owned();
    }
    let mut facts = facts();
    facts.quotas.server_group_members = Some(10);
    let (members, _) = allocate(&spec, None, 1000);
    let (_, diagnostics) = compile(&spec, &configuration("128m", None), &facts, &members, LINEAGE);
    let place = |code, word: &str| (code, word.to_owned());
    assert_eq!(
        places.words(&diagnostics),
        [place("disco::server_group_too_large", "anti"), place("disco::unknown_external_network", "external"),]
    );
}

#[test]
fn a_network_has_the_name_that_it_was_given() {
    let places = Places::new();
    let mut spec = spec(&places, 2);
    if let NetworkSpec::New { name, .. } = &mut spec.network {
        *name = Some(Sourced::default_of("lab-net".to_owned()));
    }
    let (members, _) = allocate(&spec, None, 1000);
    let (graphs, diagnostics) = compile(&spec, &configuration("128m", None), &facts(), &members, LINEAGE);
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    let name = |resource: &str| graphs["analytics"].get(resource).unwrap().properties["name"].to_json();
    assert_eq!((name("network"), name("router")), ("lab-net".into(), "analytics".into()));
}

#[test]
fn beyond_a_stack_there_are_further_ones_that_are_told_what_they_share() {
    let places = Places::new();
    let mut spec = spec(&places, 60);
    spec.groups[1].anti_affinity.value = AntiAffinity::Soft;
    let (members, _) = allocate(&spec, None, 100);
    let (graphs, diagnostics) = compile(&spec, &configuration("128m", Some("hunter2")), &facts(), &members, LINEAGE);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    assert_eq!(
        graphs.keys().collect::<Vec<_>>(),
        ["analytics", "analytics.shard-1", "analytics.shard-2", "analytics.shard-3", "analytics.shard-4"]
    );
    for graph in graphs.values() {
        assert!(template::check(&Template::from_graph(graph), &spec, 100).is_empty());
    }
    let (base, shard) = (&graphs["analytics"], &graphs["analytics.shard-1"]);
    assert!(base.get("master-0-server").is_some() && base.get("slaves-0-server").is_none());
    assert!(shard.get("slaves-0-server").is_some() && shard.get("network").is_none());
    let asked_for = base.get("verify-deployment").unwrap().properties["input_values"].to_json();
    assert_eq!(asked_for["members"], "analytics-master-0 analytics-slaves-[0..59]");
    let told: Vec<_> = shard.parameters.iter().filter(|(_, parameter)| !parameter.value.is_secret()).collect();
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["network", "security-group", "slaves-server-group", "subnet"]);
    for (name, parameter) in told {
        let of = ParameterValue::IdOf { stack: "analytics".to_owned(), resource: name.clone() };
        assert_eq!(parameter.value, of);
        assert!(base.get(name).is_some(), "{name}");
    }
    let values =
        Template::from_graph(shard).parameter_values(|_, name| Some(format!("id-of-{name}")), |_, _| None).unwrap();
    assert_eq!(values["subnet"], "id-of-subnet");
    assert_eq!(values.values().filter(|value| *value == "hunter2").count(), 1);
    let unknown = Template::from_graph(shard).parameter_values(|_, _| None, |_, _| None).unwrap_err();
    assert_eq!(unknown, ("analytics".to_owned(), "network".to_owned()));
}

#[test]
fn services_that_are_not_there_are_reported() {
    let places = Places::new();
    let mut spec = spec(&places, 1);
    spec.security[0].service = Service::Named("hdsf".to_owned());
    spec.security[1].to = RuleTarget::Group("slaves".to_owned());
    let (_, diagnostics) = compile(&spec, &configuration("128m", None), &facts(), &members(&spec, None), LINEAGE);
    let all: Vec<_> = diagnostics.iter().map(|one| (one.code, one.message.as_str(), one.help.as_deref())).collect();
    assert_eq!(
        all,
        [
            ("disco::unknown_service", "port `hdsf` does not exist in this cluster", Some("did you mean `hdfs`?")),
            ("disco::nothing_to_allow", "group `slaves` has no web UI, so `web-ui` opens nothing", None),
        ]
    );
}

#[test]
fn names_that_are_too_long_for_nova_are_reported() {
    let places = Places::new();
    let mut spec = spec(&places, 1);
    spec.name = "a".repeat(45);
    let (_, diagnostics) = compile(&spec, &configuration("128m", None), &facts(), &members(&spec, None), LINEAGE);
    assert_eq!(
        places.words(&diagnostics),
        [("disco::name_too_long", "master".to_owned()), ("disco::name_too_long", "slaves".to_owned())]
    );
}

#[test]
fn the_name_of_a_resource_says_whose_it_is() {
    let mut spec = spec(&Places::new(), 3);
    spec.groups[1].volumes.push(volume(&Places::new(), "deployment"));
    let graph = graph(&spec, &configuration("128m", None), &members(&spec, None));
    for resource in graph.resources() {
        let name = ResourceName::parse(&resource.name).unwrap_or_else(|| panic!("{} is not read", resource.name));
        assert_eq!(name.to_string(), resource.name);
        assert_eq!(name.address(&spec.name), resource.address, "{}", resource.name);
    }
}

#[test]
fn cycles_are_reported_with_their_path() {
    let resource = |name: &str, needs: &str| {
        Resource::new(name, "OS::Heat::Value", Address::Cluster("a".to_owned()), None)
            .with("value", Property::resource(needs))
    };
    let (graph, diagnostics) =
        ResourceGraph::new("", vec![resource("a", "b"), resource("b", "c"), resource("c", "b"), resource("d", "d")]);
    assert_eq!(graph.cycles(), [vec!["b".to_owned(), "c".to_owned()], vec!["d".to_owned()]]);
    let messages: Vec<_> = diagnostics.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        messages,
        ["these resources depend on each other: b → c → b", "these resources depend on each other: d → d"]
    );
    assert!(graph.waves().is_empty());
    let (_, diagnostics) = ResourceGraph::new("", vec![resource("a", "x"), resource("a", "a")]);
    let codes: Vec<_> = diagnostics.iter().map(|one| one.code).collect();
    assert_eq!(codes, ["disco::name_collision", "disco::unresolved_reference"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a cluster looks like, what its nodes take of a template leaves room for configurations, old and new.
    #[test]
    fn every_stack_has_room_for_its_nodes(
        name in "[a-z]{1,8}",
        of_group in "[a-z]{1,20}",
        slaves in 200_u32..900,
        volumes in 0_usize..3,
        floating: bool,
        secret: bool,
    ) {
        let places = Places::new();
        let mut spec = spec(&places, slaves);
        spec.name = name;
        let group = &mut spec.groups[1];
        group.name = of_group;
        group.floating_ip.value = floating;
        group.volumes = (0..volumes).map(|at| volume(&places, &format!("v{at}"))).collect();
        if let NetworkSpec::New { cidr, .. } = &mut spec.network {
            cidr.value = "10.0.0.0/16".parse().unwrap();
        }
        let members = members(&spec, None);
        let configuration = configuration("128m", secret.then_some("hunter2"));
        let (graphs, diagnostics) = compile(&spec, &configuration, &facts(), &members, LINEAGE);
        prop_assert!(!diagnostics.has_errors(), "{:?}", diagnostics);
        prop_assert_eq!(graphs.len(), members.shards().len());
        for (stack, graph) in &graphs {
            let mut template = Template::from_graph(graph);
            prop_assert!(template::check(&template, &spec, 1000).is_empty());
            prop_assert!(template::surely_fits(graph, 1000), "{stack}: {}", template.size());
            prop_assert!(!template::surely_fits(graph, u32::try_from(graph.len()).unwrap() - 1));
            template.resources.retain(|_, resource| matches!(resource.address, Address::Node(..)));
            prop_assert!(template.size() < 301_000, "{stack}: {}", template.size());
        }
    }

    /// Whatever a cluster looks like: growing makes new nodes, and only the verification notices.
    #[test]
    fn growing_touches_nothing(
        counts in prop::collection::vec(0_u32..6, 1..4),
        more in prop::collection::vec(0_u32..20, 3),
        volumes in 0_usize..3,
        floating: bool,
        apart: bool,
    ) {
        let places = Places::new();
        let mut before = spec(&places, 1);
        for (at, count) in counts.into_iter().enumerate() {
            let mut burst = super::cluster::group(&places, &format!("burst-{at}"), Role::Slave, count);
            burst.floating_ip.value = floating;
            burst.anti_affinity.value = if apart { AntiAffinity::Soft } else { AntiAffinity::None };
            burst.volumes = (0..volumes).map(|at| volume(&places, &format!("v{at}"))).collect();
            before.groups.push(burst);
        }
        let mut after = before.clone();
        for (group, more) in after.groups.iter_mut().skip(1).zip(more) {
            group.count.value += more;
        }
        let configuration = configuration("128m", Some("hunter2"));
        let first = members(&before, None);
        let grown = members(&after, Some(&first));
        let compiled = |spec: &ClusterSpec, members: &Members| {
            let (graphs, diagnostics) = compile(spec, &configuration, &facts(), members, LINEAGE);
            assert!(!diagnostics.has_errors(), "{diagnostics:?}");
            graphs["analytics"].clone()
        };
        let (old, new) = (compiled(&before, &first), compiled(&after, &grown));
        let again = Template::from_graph(&compiled(&before, &first)).digest();
        prop_assert_eq!(Template::from_graph(&old).digest(), again);
        let [added, changed, gone] = difference(&old, &new);
        prop_assert!(gone.is_empty(), "{:?}", gone);
        prop_assert!(changed.is_empty() || changed == ["verify-deployment"], "{:?}", changed);
        for name in added {
            let address = &new.get(&name).unwrap().address;
            let fresh = match address {
                Address::Node(_, group, index) => first.node(group, *index).is_none(),
                // A group without nodes has no configuration.
                Address::Group(_, group) => first.groups[group].nodes.is_empty(),
                _ => false,
            };
            prop_assert!(fresh, "{name}");
        }
        let placed: usize = new.waves().iter().map(Vec::len).sum();
        prop_assert_eq!(placed, new.len());
    }
}
