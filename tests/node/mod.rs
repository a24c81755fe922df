//! What a machine gets, and what it does with it.

#![expect(clippy::unwrap_used, reason = "what a test takes for granted may end it")]

mod recipe;

use std::io::Write as _;
use std::process::{Command, Stdio};

use disco::model::{AddressBlock, Role};
use disco::node::{self, Hosts, bundle};
use serde_json::Value as Json;

use crate::graph::cluster::{LINEAGE, Places, configuration, members, spec};
use crate::support::snapshot;

/// A bundle for people, without the agent's text.
fn readable(text: &str) -> String {
    let mut value: Json = serde_json::from_str(text).unwrap();
    if let Some(agent) = value.get_mut("agent_gzip") {
        *agent = Json::String("…".to_owned());
    }
    serde_json::to_string_pretty(&serde_json::from_str::<Json>(&node::canonical(&value)).unwrap()).unwrap()
}

#[test]
fn a_slave_gets_this() {
    let spec = spec(&Places::new(), 3);
    let hosts = Hosts::of(&spec, &members(&spec, None));
    let bundle = bundle(&spec, &spec.groups[1], &configuration("128m", Some("hunter2")), &hosts, LINEAGE);
    assert!(!bundle.to_json().contains("hunter2"));
    assert_eq!(bundle.secrets().iter().count(), 1);
    snapshot!("bundle-slaves", readable(bundle.to_json()));
}

#[test]
fn the_last_step_is_this() {
    let spec = spec(&Places::new(), 3);
    let verification = node::verification(&spec, &configuration("128m", None));
    snapshot!("bundle-verify", readable(verification.to_json()));
    let mut quiet = spec;
    quiet.lifecycle.smoke_test.value = false;
    let verification = node::verification(&quiet, &configuration("128m", None));
    assert!(!verification.to_json().contains("smoke-test") && verification.to_json().contains("DataNodes live"));
}

#[test]
fn user_data_is_frozen() {
    snapshot!("user-data-master", node::user_data(Role::Master));
    assert_eq!(
        node::user_data(Role::Master).replace("      master\n", "      slave\n"),
        node::user_data(Role::Slave),
        "roles differ by their name only"
    );
}

#[test]
fn growing_changes_no_bundle() {
    let places = Places::new();
    let three = spec(&places, 3);
    let first = members(&three, None);
    let hundred = spec(&places, 100);
    let grown = members(&hundred, Some(&first));
    let configuration = configuration("128m", None);
    for group in 0..2 {
        let before = bundle(&three, &three.groups[group], &configuration, &Hosts::of(&three, &first), LINEAGE);
        let after = bundle(&hundred, &hundred.groups[group], &configuration, &Hosts::of(&hundred, &grown), LINEAGE);
        assert_eq!(before, after);
    }
    assert_eq!(node::verification(&three, &configuration), node::verification(&hundred, &configuration));
}

#[test]
fn a_block_in_two_stacks_is_one_rule() {
    let spec = spec(&Places::new(), 3);
    let mut members = members(&spec, None);
    let whole = Hosts::of(&spec, &members);
    let slaves = members.groups.get_mut("slaves").unwrap();
    let block = slaves.blocks[0];
    slaves.blocks = vec![
        AddressBlock { count: 2, ..block },
        AddressBlock {
            first_index: 2,
            first_address: (u32::from(block.first_address) + 2).into(),
            count: block.count - 2,
            shard: 1,
        },
    ];
    assert_eq!(Hosts::of(&spec, &members), whole);
}

/// Runs one of the agent's own test files, which need only python3, as on every node.
fn python(file: &str) {
    let script = format!("{}/tests/node/{file}", env!("CARGO_MANIFEST_DIR"));
    let done =
        Command::new("python3").args(["-B", "-W", "ignore", &script]).output().expect("python3, as on every node");
    let (out, errors) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}{errors}");
    // Tests that this machine does not allow say why: seen by whoever runs the tests, as nothing else of one that passes is.
    for line in out.lines().chain(errors.lines()).filter(|line| line.contains("skipped") || line.contains("not tested"))
    {
        std::io::stdout().write_all(format!("{file}: {line}\n").as_bytes()).unwrap();
    }
}

#[test]
fn the_agent_polls_applies_and_signals() {
    python("agent_test.py");
}

#[test]
fn the_agent_polls_politely_and_loses_nothing() {
    python("polling_test.py");
}

#[test]
fn the_agent_fetches_archives() {
    python("archives_test.py");
}

#[test]
fn the_agent_waits_for_services_that_run() {
    python("services_test.py");
}

#[test]
fn the_agent_keeps_accounts_from_the_metadata_address() {
    python("guard_test.py");
}

#[test]
fn a_node_answers_what_status_asks() {
    python("ask_test.py");
}

#[test]
fn a_node_makes_a_group_s_configuration_its_own() {
    python("own_test.py");
}

#[test]
fn the_agent_makes_a_machine_what_it_must_be() {
    python("kernel_test.py");
}

/// On loop devices with file systems.
#[test]
fn the_agent_unmounts_mounts_and_grows_disks() {
    python("disks_test.py");
}

/// The agent that is built in is the one that these tests run.
#[test]
fn the_agent_is_its_parts_in_order() {
    let spec = spec(&Places::new(), 1);
    let hosts = Hosts::of(&spec, &members(&spec, None));
    let bundle = bundle(&spec, &spec.groups[1], &configuration("128m", None), &hosts, LINEAGE);
    let value: Json = serde_json::from_str(bundle.to_json()).unwrap();
    let script = "import base64,gzip,sys; sys.path.insert(0, sys.argv[1]); import joined; \
                  text = gzip.decompress(base64.b64decode(sys.stdin.read())).decode(); sys.exit(text != joined.text())";
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/node");
    let mut python = Command::new("python3").args(["-B", "-c", script, folder]).stdin(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(value["agent_gzip"].as_str().unwrap().as_bytes()).unwrap();
    assert!(python.wait().unwrap().success());
}
