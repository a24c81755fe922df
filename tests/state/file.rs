//! The state's file: what is written is read back, and what is not ours is refused with the way out.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use disco::model::{
    Address, AddressBlock, CloudFacts, CloudIdentity, Flavor, GroupMembers, Image, Member, Members, NodeId, Offered,
    ProjectIdentity, Quota, QuotaKind, Quotas,
};
use disco::state::{
    Author, ClusterState, Encoder, Intent, Operation, OutputState, Recorded, ResourceState, StackState, State,
    StateFault, decode, digest, encode,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::support::snapshot;

fn values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        ".{0,12}".prop_map(Json::from),
        Just(json!("long ".repeat(60))),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::btree_map("is|sha256|[a-z]{1,4}", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

fn stacks() -> impl Strategy<Value = StackState> {
    let parts = prop_oneof![Just("server"), Just("port"), Just("volume-data"), Just("odd one")];
    let resource = (
        parts,
        0u32..4,
        proptest::option::of("[0-9a-f]{8}"),
        proptest::collection::btree_map("[a-z]{1,3}", values(), 0..5),
    );
    (proptest::option::of("[0-9a-f]{8}"), proptest::collection::vec(resource, 0..12)).prop_map(|(id, resources)| {
        let resources = resources.into_iter().map(|(part, index, physical_id, properties)| {
            let properties =
                properties.iter().map(|(name, value)| (name.as_str().into(), Recorded::of(value))).collect();
            let address = Address::Node("c".to_owned(), "slaves".to_owned(), index);
            let heat_type = format!("OS::{part}::{}", index % 2);
            (format!("slaves-{index}-{part}"), ResourceState { address, heat_type, physical_id, properties })
        });
        StackState {
            id,
            template_digest: "d".to_owned(),
            parameters: BTreeMap::from([("p".to_owned(), "q".to_owned())]),
            resources: std::sync::Arc::new(resources.collect()),
            intent: None,
            failed: None,
            suspended: false,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(stack in stacks(), output in values(), serial in any::<u64>()) {
        let mut state = little();
        state.serial = serial;
        state.outputs.insert("more".to_owned(), OutputState::Value(output));
        state.clusters.get_mut("c").unwrap().stacks.insert("c-1".to_owned(), stack);
        let bytes = encode(&state);
        prop_assert_eq!(&decode(&bytes).unwrap(), &state);
        prop_assert_eq!(encode(&decode(&bytes).unwrap()), bytes);
    }

    #[test]
    fn no_bytes_make_it_panic_and_no_torn_file_passes(cut in 0usize..4000, bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let whole = encode(&little());
        let cut = cut.min(whole.len() - 2);
        prop_assert!(decode(&whole[..cut]).is_err());
        let mut torn = whole[..cut].to_vec();
        torn.extend(bytes);
        let _ = decode(&torn);
    }
}

fn little() -> State {
    let node = |index: u32| {
        let address = Address::Node("c".to_owned(), "slaves".to_owned(), index);
        let set = |entries: Vec<(&str, Json)>| -> BTreeMap<Arc<str>, Recorded> {
            entries.into_iter().map(|(name, value)| (name.into(), Recorded::of(&value))).collect()
        };
        let resource = |part: &str, heat_type: &str, properties| {
            let state = ResourceState {
                address: address.clone(),
                heat_type: heat_type.to_owned(),
                physical_id: Some(format!("00000000-0000-4000-8000-{index:012}")),
                properties,
            };
            (format!("slaves-{index}-{part}"), state)
        };
        let server = set(vec![
            ("name", json!(format!("c-slaves-{index}"))),
            ("flavor", json!("m1.small")),
            ("image", json!("debian-12")),
            ("networks", json!([{"port": {"get_resource": format!("slaves-{index}-port")}}])),
        ]);
        let port =
            set(vec![("name", json!(format!("c-slaves-{index}"))), ("network", json!({"get_resource": "network"}))]);
        [resource("server", "OS::Nova::Server", server), resource("port", "OS::Neutron::Port", port)]
    };
    let config = ResourceState {
        address: Address::Group("c".to_owned(), "slaves".to_owned()),
        heat_type: "OS::Heat::SoftwareConfig".to_owned(),
        physical_id: None,
        properties: BTreeMap::from([("config".into(), Recorded::of(&json!("x".repeat(300))))]),
    };
    let mut resources: BTreeMap<String, ResourceState> = (0..3).flat_map(node).collect();
    resources.insert("config-slaves-0123456789".to_owned(), config);
    let stack = StackState {
        id: Some("11111111-0000-4000-8000-000000000000".to_owned()),
        template_digest: digest(&json!("template")),
        parameters: BTreeMap::from([("secret-a".to_owned(), "ab".repeat(32))]),
        resources: resources.into(),
        intent: Some(Intent {
            operation: Operation::Update,
            template_digest: digest(&json!("next")),
            step: "grow: slaves[3]".to_owned(),
            since: "2026-11-23T20:00:00Z".to_owned(),
            deadline_minutes: Some(20),
        }),
        suspended: true,
        failed: Some("UPDATE_FAILED: resources.slaves-1-server: no valid host".to_owned()),
    };
    let address = |index| std::net::Ipv4Addr::new(10, 20, 0, 10 + index);
    let nodes = (0..3u8).map(|index| (u32::from(index), Member { address: Some(address(index)), shard: 0 }));
    let block = AddressBlock { first_index: 0, first_address: address(0), count: 100, shard: 0 };
    let cluster = ClusterState {
        called: disco::model::Called::default(),
        refers_to: std::collections::BTreeSet::new(),
        stacks: BTreeMap::from([("c".to_owned(), stack)]),
        members: Members {
            groups: BTreeMap::from([(
                "slaves".to_owned(),
                GroupMembers { nodes: nodes.collect(), blocks: vec![block] },
            )]),
            fixed: BTreeMap::from([("hadoop.replication".to_owned(), "2".to_owned())]),
            workspace: None,
        },
        facts: CloudFacts {
            flavors: [(
                "m1.small",
                Flavor { id: "2".to_owned(), vcpus: 1, memory_mib: 2048, disk_gib: 20, disabled: false },
            )]
            .into_iter()
            .collect(),
            images: [("debian-12", Image { id: "i".to_owned(), min_disk_gib: 2, min_memory_mib: 0, unusable: None })]
                .into_iter()
                .collect(),
            external_networks: [("public", "e1".to_owned())].into_iter().collect(),
            networks: [("lab", "n1".to_owned())].into_iter().collect(),
            key_pairs: [("me", "me".to_owned())].into_iter().collect(),
            zones: [("nova", "nova".to_owned())].into_iter().collect(),
            volume_types: [("fast", "t1".to_owned())].into_iter().collect(),
            quotas: Quotas {
                of: BTreeMap::from([(QuotaKind::Instances, Quota { limit: Some(10), used: None })]),
                server_group_members: None,
            },
            ..CloudFacts::default()
        },
        prevent_destroy: true,
        storage_groups: BTreeMap::from([("slaves".to_owned(), vec!["hadoop".to_owned()])]),
        frameworks: BTreeMap::from([("hadoop".to_owned(), Some("3.5.0".to_owned()))]),
        floating_ips: BTreeMap::from([(NodeId::new("master", 0), Ipv4Addr::new(198, 18, 0, 10))]),
    };
    let mut state = State::new("22222222-0000-4000-8000-000000000000");
    state.serial = 4;
    let word = |word: &str| word.to_owned();
    state.cloud = Some(CloudIdentity::OpenStack {
        auth_url: word("https://keystone.example.org"),
        region: Some(word("north")),
        project: ProjectIdentity { id: word("p1"), name: word("lab") },
    });
    let (operation, user, host, since) = (word("apply"), word("anna"), word("lab-3"), word("2026-11-23T19:59:00Z"));
    state.last = Some(Author { operation, user, host, since });
    state.clusters.insert("c".to_owned(), cluster);
    state.outputs.insert("namenode".to_owned(), OutputState::Value(json!("10.20.0.4")));
    state.outputs.insert("password".to_owned(), OutputState::Secret("cd".repeat(32)));
    state
}

/// The little state as the last DISCO wrote it that knew version 1 only: the cluster has the open intent, the intent names
/// its stack, and nobody is named as the last to write.
const VERSION_1: &str = include_str!("version-1.json");

#[test]
fn version_1_is_read_and_written_anew() {
    let mut wanted = little();
    wanted.last = None;
    wanted.cloud = None;
    let cluster = wanted.clusters.get_mut("c").unwrap();
    cluster.frameworks.clear();
    cluster.floating_ips.clear();
    cluster.facts = without_ids(&cluster.facts);
    cluster.facts.external_networks = Offered::default();
    let stack = cluster.stacks.get_mut("c").unwrap();
    (stack.suspended, stack.failed) = (false, None);
    stack.intent.as_mut().unwrap().deadline_minutes = None;
    let read = decode(VERSION_1.as_bytes()).unwrap();
    assert_eq!(read, wanted);
    let anew = encode(&read);
    assert!(String::from_utf8_lossy(&anew).contains("\"version\":7"));
    assert_eq!(decode(&anew).unwrap(), wanted);
    let intent = VERSION_1.lines().find(|line| line.contains("\"intent\"")).unwrap();
    let none = VERSION_1.replacen(intent, "   \"intent\":null,", 1);
    assert!(decode(none.as_bytes()).unwrap().open_intents().next().is_none());
}

/// What up to version 4 is kept of a cloud.
fn without_ids(facts: &CloudFacts) -> CloudFacts {
    CloudFacts {
        external_networks: facts.external_networks.names().map(|name| (name, String::new())).collect(),
        networks: Offered::default(),
        key_pairs: Offered::default(),
        zones: Offered::default(),
        volume_types: Offered::default(),
        ..facts.clone()
    }
}

#[test]
fn up_to_version_4_networks_have_no_ids() {
    let whole = String::from_utf8(encode(&little())).unwrap();
    let fields =
        ["\"networks\":{\"lab\":\"n1\",\"public\":\"e1\"},", "\"key_pairs\":[\"me\"],", "\"zones\":[\"nova\"],"];
    let mut older = whole.replacen("\"version\":7", "\"version\":4", 1);
    for field in fields.into_iter().chain(["\"volume_types\":{\"fast\":\"t1\"},"]) {
        assert!(older.contains(field), "{field} in {older}");
        older = older.replacen(field, "", 1);
    }
    let mut wanted = little();
    let cluster = wanted.clusters.get_mut("c").unwrap();
    cluster.facts = without_ids(&cluster.facts);
    assert_eq!(decode(older.as_bytes()).unwrap(), wanted);
}

#[test]
fn a_node_may_have_no_address_yet() {
    let mut state = little();
    let group = state.clusters.get_mut("c").and_then(|cluster| cluster.members.groups.get_mut("slaves")).unwrap();
    for index in [1, 2] {
        group.nodes.get_mut(&index).unwrap().address = None;
    }
    let written = encode(&state);
    assert!(String::from_utf8_lossy(&written).contains("\"1\":{\"address\":null,\"shard\":0}"));
    assert_eq!(decode(&written).unwrap(), state);
}

#[test]
fn up_to_version_3_no_cloud_is_named() {
    let whole = String::from_utf8(encode(&little())).unwrap();
    let cloud = whole.lines().find(|line| line.starts_with(" \"cloud\"")).unwrap();
    let older = whole.replacen(&format!("{cloud}\n"), "", 1).replacen("\"version\":7", "\"version\":3", 1);
    assert_eq!(decode(older.as_bytes()).unwrap(), State { cloud: None, ..little() });
}

#[test]
fn the_file_reads_as_what_it_says() {
    let text = String::from_utf8(encode(&little())).unwrap();
    snapshot!("file", text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

fn edited(from: &str, to: &str) -> Result<State, StateFault> {
    let text = String::from_utf8(encode(&little())).unwrap();
    assert!(text.contains(from), "{from} is not in\n{text}");
    decode(text.replacen(from, to, 1).as_bytes())
}

#[test]
fn each_kind_of_wrong_file_has_its_own_refusal() {
    let whole = encode(&little());
    assert_eq!(decode(b""), Err(StateFault::Empty));
    assert_eq!(decode(b" \n"), Err(StateFault::Empty));
    assert_eq!(decode(&[0; 4096]), Err(StateFault::Empty));
    assert!(matches!(decode(&whole[..whole.len() / 2]), Err(StateFault::Torn { .. })));
    let mut zeroed = whole.clone();
    zeroed[200..260].fill(0);
    assert!(matches!(decode(&zeroed), Err(StateFault::Torn { .. })));
    assert!(matches!(decode(b"hello"), Err(StateFault::Foreign { .. })));
    assert!(matches!(decode(b"[1]"), Err(StateFault::Foreign { .. })));
    let terraform = decode(br#"{"version": 4, "terraform_version": "1.11.4", "serial": 1}"#);
    assert_eq!(terraform, Err(StateFault::Foreign { what: "it is a state of Terraform".to_owned() }));
    let newer = edited("\"version\":7", "\"version\":8").unwrap_err();
    assert!(matches!(newer, StateFault::Newer { version: 8, .. }));
    assert!(newer.help().contains("upgrade DISCO"));
    assert!(matches!(edited("\"version\":7", "\"version\":0"), Err(StateFault::Inconsistent { .. })));
    assert!(matches!(edited("\"serial\":4", "\"serial\":4,\"note\":1"), Err(StateFault::Misfit { line: 7, .. })));
    assert!(matches!(edited("\"openstack\"", "\"azure\""), Err(StateFault::Misfit { line: 6, .. })));
    assert!(matches!(edited("\"serial\":4", "\"serial\":\"four\""), Err(StateFault::Misfit { .. })));
}

#[test]
fn what_was_edited_by_hand_and_cannot_be_is_refused() {
    for (from, to, says) in [
        ("cluster.c.slaves[1]", "cluster.d.slaves[1]", "another cluster"),
        ("cluster.c.slaves[1]", "slaves one", "not an address"),
        ("10.20.0.11", "10.20.0.10", "of another node"),
        ("\"like\":\"slaves-*-server\"", "\"like\":\"slaves-*-nothing\"", "not among the shapes"),
        ("\"2\":{\"address\"", "\"two\":{\"address\"", "not an index"),
        ("\"22222222-0000-4000-8000-000000000000\"", "\"\"", "lineage"),
    ] {
        let fault = edited(from, to).unwrap_err();
        assert!(matches!(fault, StateFault::Inconsistent { .. }), "{fault}");
        assert!(fault.to_string().contains(says), "{fault}");
        assert!(fault.help().contains(".disco/states/"));
    }
    let twice = edited("\"slaves-1-port\":", "\"slaves-0-port\":").unwrap_err();
    assert!(twice.to_string().contains("is there twice"), "{twice}");
}

#[test]
fn short_values_are_remembered_whole_and_long_ones_by_digest() {
    assert_eq!(Recorded::of(&json!("x")), Recorded::Value("\"x\"".into()));
    let long = json!("x".repeat(201));
    assert_eq!(Recorded::of(&long), Recorded::Digest(digest(&long).into()));
    assert!(Recorded::of(&long).is(&long));
    assert!(!Recorded::of(&long).is(&json!("y".repeat(201))));
}

#[test]
fn ten_thousand_nodes_are_written_and_read_at_a_kilobyte_each() {
    let mut state = little();
    let stack = state.clusters.get_mut("c").unwrap().stacks.get_mut("c").unwrap();
    let pattern = ["server", "port"].map(|part| (part, stack.resources[&format!("slaves-0-{part}")].clone()));
    for index in 0..10_000 {
        for (part, resource) in &pattern {
            let mut resource = resource.clone();
            resource.address = Address::Node("c".to_owned(), "slaves".to_owned(), index);
            resource.properties.insert("name".into(), Recorded::of(&json!(format!("c-slaves-{index}"))));
            std::sync::Arc::make_mut(&mut stack.resources).insert(format!("slaves-{index}-{part}"), resource);
        }
    }
    let bytes = encode(&state);
    assert!(bytes.len() < 10_000 * 1024, "{} bytes", bytes.len());
    assert_eq!(decode(&bytes).unwrap(), state);
}

#[test]
fn one_state_after_the_other_is_written_as_if_it_were_the_first() {
    let mut encoder = Encoder::default();
    let mut state = little();
    assert_eq!(encoder.encode(&state), encode(&state));
    let stack = state.clusters.get_mut("c").unwrap().stacks.get_mut("c").unwrap();
    let resource = std::sync::Arc::make_mut(&mut stack.resources).get_mut("slaves-0-server").unwrap();
    resource.properties.insert("name".into(), Recorded::of(&json!("another")));
    assert_eq!(encoder.encode(&state), encode(&state));
    let copy = state.clusters["c"].stacks["c"].clone();
    state.clusters.get_mut("c").unwrap().stacks.insert("c.shard-1".to_owned(), copy);
    assert_eq!(encoder.encode(&state), encode(&state));
    state.clusters.get_mut("c").unwrap().stacks.remove("c");
    assert_eq!(encoder.encode(&state), encode(&state));
}
