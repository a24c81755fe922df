//! A plan, the state and outputs, as they are read.

use disco::model::{ActionStatus, Status};
use disco::plan::{Wanted, destroy};
use disco::report::{self, PlanDrawing};
use disco::source::Sources;

use crate::plan::little_cluster::LittleCluster;
use crate::plan::little_heat::LittleHeat;
use crate::support::snapshot;

fn draw(plan: &disco::plan::Plan) -> String {
    report::plan(plan, &Sources::new(), PlanDrawing { colour: false, width: Some(100) })
}

fn changed(change: impl FnOnce(&mut LittleCluster)) -> String {
    let mut cluster = LittleCluster::default();
    let heat = LittleHeat::with(&cluster.wanted());
    change(&mut cluster);
    draw(&heat.plan(&cluster.wanted()))
}

#[test]
fn plans_read_well() {
    snapshot!("plan-create", draw(&LittleHeat::new().plan(&LittleCluster::default().wanted())));
    snapshot!("plan-nothing", changed(|_| {}));
    snapshot!("plan-grow", changed(|cluster| cluster.slaves.extend([3, 4])));
    snapshot!("plan-configuration", changed(|cluster| cluster.replication = 3));
    snapshot!("plan-flavor", changed(|cluster| cluster.flavor = "m1.large".to_owned()));
    snapshot!("plan-image", changed(|cluster| cluster.image = "debian-13".to_owned()));
    snapshot!("plan-secret", changed(|cluster| cluster.secret = "other".to_owned()));
    snapshot!("plan-network", changed(|cluster| cluster.cidr = "10.30.0.0/24".to_owned()));
    snapshot!("plan-server-group", changed(|cluster| cluster.server_group = true));
    snapshot!(
        "plan-steps",
        changed(|cluster| {
            cluster.slaves = [0, 2, 3].into();
            cluster.replication = 3;
            cluster.rules = [9870, 8088].into();
            cluster.volume = None;
        })
    );
    snapshot!("plan-first-boot", changed(|cluster| cluster.user_data = "#cloud-config\n#2".to_owned()));
}

#[test]
fn troubles_read_well() {
    let wanted = LittleCluster::default().wanted();
    let mut heat = LittleHeat::with(&wanted);
    let plan = destroy(&heat.state, &heat.seen);
    snapshot!("plan-destroy", draw(&plan));
    snapshot!("plan-offline", draw(&heat.plan_offline(&LittleCluster::with_slaves(0..4).wanted())));
    heat.stack().status.status = Status::parse("FAILED");
    heat.stack().reason = "Resource CREATE failed".to_owned();
    let server = heat.resource("slaves-1-server");
    server.status = ActionStatus::parse("CREATE_FAILED");
    server.reason = "No valid host was found".to_owned();
    snapshot!("plan-heal", draw(&heat.plan(&wanted)));
    heat.seen.stacks.clear();
    snapshot!("plan-gone", draw(&heat.plan(&wanted)));
}

#[test]
fn three_hundred_nodes_take_a_few_lines() {
    let mut cluster = LittleCluster::with_slaves(0..300);
    let heat = LittleHeat::with(&cluster.wanted());
    cluster.replication = 3;
    let text = draw(&heat.plan(&cluster.wanted()));
    assert!(text.lines().count() < 25, "{text}");
    assert!(text.contains("slaves[0..299]") && text.contains("(same diff)"), "{text}");
    assert!(text.ends_with("Plan: 0 to add, 301 to change, 0 to destroy."));
}

#[test]
fn plans_for_programs_hold_no_secret() {
    let mut cluster = LittleCluster::default();
    let heat = LittleHeat::with(&cluster.wanted());
    cluster.secret = "0ther".to_owned();
    cluster.replication = 3;
    let plan = heat.plan(&cluster.wanted());
    let json = report::plan_json(&plan, &Sources::new());
    assert_eq!(json["format_version"], "1.0");
    assert_eq!(json["summary"]["change"], 4);
    assert_eq!(json["steps"][0]["action"], "update");
    assert!(!json.to_string().contains("0ther") && !json.to_string().contains("s3cret"));
    assert_eq!(json["applyable"], true);
}

#[test]
fn colour_adds_nothing_but_colour() {
    let heat = LittleHeat::with(&LittleCluster::default().wanted());
    let plan = heat.plan(&LittleCluster::with_slaves([0]).wanted());
    let bright = report::plan(&plan, &Sources::new(), PlanDrawing { colour: true, width: Some(100) });
    let mut text = String::new();
    let mut escaped = false;
    for letter in bright.chars() {
        match letter {
            '\u{1b}' => escaped = true,
            'm' if escaped => escaped = false,
            _ if escaped => {}
            letter => text.push(letter),
        }
    }
    assert_eq!(text, draw(&plan));
}

#[test]
fn the_state_reads_well() {
    let heat = LittleHeat::with(&LittleCluster::default().wanted());
    snapshot!("show", report::show(Some(&heat.state)));
    assert_eq!(report::show(None), "The state is empty: this project has no clusters.");
    let json = report::show_json(Some(&heat.state));
    assert_eq!(json["clusters"]["analytics"]["nodes"].as_array().unwrap().len(), 4);
    assert_eq!(json["outputs"]["namenode"]["value"], "10.20.0.4");
    let nothing = heat.plan(&Wanted::default());
    assert!(draw(&nothing).ends_with("Plan: 0 to add, 0 to change, 8 to destroy."));
}
