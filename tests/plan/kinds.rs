//! What each wish means for the user's objects.

use disco::plan::{ChangeKind, Plan, Summary};

use super::little_cluster::LittleCluster;
use super::little_heat::LittleHeat;

fn kinds(plan: &Plan) -> Vec<(String, ChangeKind)> {
    plan.changes
        .iter()
        .map(|change| (change.address.to_string().replace("cluster.analytics", ""), change.kind))
        .filter(|(_, kind)| *kind != ChangeKind::Verify)
        .collect()
}

fn changed(change: impl FnOnce(&mut LittleCluster)) -> Plan {
    let mut cluster = LittleCluster::default();
    let heat = LittleHeat::with(&cluster.wanted());
    change(&mut cluster);
    let wanted = cluster.wanted();
    let (online, offline) = (heat.plan(&wanted), heat.plan_offline(&wanted));
    let nodes = |plan: &Plan| kinds(plan).into_iter().filter(|(name, _)| name.contains('[')).collect::<Vec<_>>();
    assert_eq!(nodes(&online), nodes(&offline), "the state knows as much as Heat");
    online
}

fn of(plan: &Plan, address: &str) -> ChangeKind {
    kinds(plan).iter().find(|(name, _)| name == address).map_or(ChangeKind::NoChange, |(_, kind)| *kind)
}

fn reasons(plan: &Plan, address: &str) -> Vec<String> {
    let change = plan.changes.iter().find(|change| change.address.to_string().ends_with(address));
    change.map(|change| change.reasons.clone()).unwrap_or_default()
}

#[test]
fn creation_counts_what_the_user_knows() {
    let plan = LittleHeat::new().plan(&LittleCluster::default().wanted());
    assert!(plan.changes.iter().all(|change| change.kind == ChangeKind::Create));
    // A network, two rules, four nodes, one framework.
    assert_eq!(plan.summary(), Summary { add: 8, change: 0, destroy: 0 });
    assert_eq!(plan.steps.len(), 1);
}

#[test]
fn nothing_changed_is_nothing_to_do() {
    let plan = changed(|_| {});
    assert!(plan.is_empty(), "{:?}", plan.changes);
    assert!(plan.steps.is_empty());
}

#[test]
fn another_flavor_restarts_the_machines() {
    let plan = changed(|cluster| cluster.flavor = "m1.large".to_owned());
    assert_eq!(of(&plan, ".slaves[1]"), ChangeKind::Resize);
    assert_eq!(of(&plan, ".master[0]"), ChangeKind::NoChange);
    assert_eq!(reasons(&plan, "slaves[1]"), ["flavor: m1.small → m1.large; the node restarts"]);
    assert_eq!(plan.summary(), Summary { add: 0, change: 3, destroy: 0 });
    assert!(!plan.diagnostics.has_errors());
}

#[test]
fn another_image_wipes_disks_and_is_refused() {
    let plan = changed(|cluster| cluster.image = "debian-13".to_owned());
    assert_eq!(of(&plan, ".slaves[0]"), ChangeKind::Rebuild);
    assert_eq!(reasons(&plan, "slaves[0]"), ["image: debian-12 → debian-13; the node's root disk is wiped"]);
    assert!(
        plan.changes.iter().filter(|change| change.kind == ChangeKind::Rebuild).all(|change| !change.lost.is_empty())
    );
    assert!(plan.diagnostics.iter().any(|found| found.code == "disco::data_loss"));
}

#[test]
fn another_configuration_is_an_update_in_place() {
    let plan = changed(|cluster| cluster.replication = 3);
    for node in [".master[0]", ".slaves[0]", ".slaves[2]"] {
        assert_eq!(of(&plan, node), ChangeKind::Update);
    }
    assert_eq!(plan.summary(), Summary { add: 0, change: 4, destroy: 0 });
    assert_eq!(reasons(&plan, ".slaves"), ["configuration: hdfs-site.xml"]);
}

#[test]
fn another_secret_never_shows() {
    let plan = changed(|cluster| cluster.secret = "0ther".to_owned());
    assert_eq!(of(&plan, ".slaves[0]"), ChangeKind::Update);
    let text = format!("{:?}", plan.changes);
    assert!(!text.contains("s3cret") && !text.contains("0ther"));
    assert!(!text.contains("get_param"), "{text}");
}

#[test]
fn first_boot_data_is_left_alone_on_living_machines() {
    let plan = changed(|cluster| cluster.user_data = "#cloud-config\n# new".to_owned());
    assert!(plan.changes.iter().all(|change| !change.address.to_string().contains('[')), "{:?}", kinds(&plan));
}

#[test]
fn a_new_rule_counts_as_one_and_a_moved_one_as_two() {
    let plan = changed(|cluster| {
        cluster.rules.insert(8088);
        cluster.rules.remove(&22);
    });
    assert_eq!(of(&plan, ".security"), ChangeKind::Update);
    assert_eq!(plan.summary(), Summary { add: 1, change: 0, destroy: 1 });
}

#[test]
fn another_network_pulls_everything_that_refers_to_it() {
    let plan = changed(|cluster| cluster.cidr = "10.30.0.0/24".to_owned());
    assert_eq!(of(&plan, ".network"), ChangeKind::Replace);
    let network = plan.changes.iter().find(|change| change.address.to_string().ends_with(".network")).unwrap();
    let names: Vec<&str> = network.resources.iter().map(|resource| resource.name.as_str()).collect();
    assert_eq!(names, ["router-interface", "subnet"]);
    // A port's addresses can be changed where it is.
    assert_eq!(of(&plan, ".slaves[0]"), ChangeKind::Update);
    assert_eq!(plan.steps.len(), 1);
}

#[test]
fn a_server_group_is_a_reason_to_make_machines_anew() {
    let plan = changed(|cluster| cluster.server_group = true);
    assert_eq!(of(&plan, ".slaves[0]"), ChangeKind::Replace);
    assert_eq!(of(&plan, ".master[0]"), ChangeKind::NoChange);
    let node = plan.changes.iter().find(|change| change.address.to_string().ends_with("slaves[0]")).unwrap();
    let deployment = node.resources.iter().find(|resource| resource.name == "slaves-0-deployment").unwrap();
    assert_eq!(deployment.kind, ChangeKind::Replace, "its server is another one");
    assert_eq!(plan.summary(), Summary { add: 3, change: 0, destroy: 3 });
    assert!(!node.lost.is_empty());
}

#[test]
fn volumes_come_grow_and_go() {
    let plan = changed(|cluster| cluster.volume = Some(100));
    assert_eq!(of(&plan, ".slaves[0]"), ChangeKind::Update);
    assert!(reasons(&plan, "slaves[0]").contains(&"volume data is created".to_owned()));
    let mut cluster = LittleCluster { volume: Some(100), ..LittleCluster::default() };
    let heat = LittleHeat::with(&cluster.wanted());
    cluster.volume = Some(200);
    let grown = heat.plan(&cluster.wanted());
    assert_eq!(of(&grown, ".slaves[0]"), ChangeKind::Update);
    assert_eq!(
        reasons(&grown, "slaves[0]"),
        ["volume data: 100 GiB → 200 GiB; it is unmounted and detached from the node meanwhile"]
    );
    cluster.volume = Some(50);
    assert!(heat.plan(&cluster.wanted()).diagnostics.iter().any(|found| found.code == "disco::volume_shrinks"));
    cluster.volume = None;
    let gone = heat.plan(&cluster.wanted());
    assert_eq!(of(&gone, ".slaves[0]"), ChangeKind::Update);
    assert!(gone.changes.iter().any(|change| !change.lost.is_empty()));
    assert!(gone.diagnostics.has_errors());
}

#[test]
fn growing_touches_nobody() {
    let plan = changed(|cluster| cluster.slaves.extend([3, 4]));
    assert_eq!(
        kinds(&plan),
        [(".slaves[3]".to_owned(), ChangeKind::Create), (".slaves[4]".to_owned(), ChangeKind::Create)]
    );
    assert_eq!(plan.summary(), Summary { add: 2, change: 0, destroy: 0 });
    assert!(!plan.diagnostics.has_errors());
}

#[test]
fn shrinking_without_a_drain_is_data_loss() {
    let plan = changed(|cluster| {
        cluster.slaves.remove(&1);
    });
    assert_eq!(kinds(&plan), [(".slaves[1]".to_owned(), ChangeKind::Delete)]);
    let refusal = plan.diagnostics.iter().find(|found| found.code == "disco::data_loss").unwrap();
    assert!(refusal.message.contains("slaves[1]"), "{}", refusal.message);
    assert!(refusal.help.as_deref().unwrap().contains("--accept-data-loss"));
}
