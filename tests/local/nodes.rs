//! Machines that are real to the engine: what they should be, what is reported of them, and what agents on them may do.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use disco::local::{
    Became, Direction, Engine, EngineOptions, LocalError, Machine, NodeDriver, Remote, Report, Wanted, serve,
};
use http::Method;
use serde_json::{Value as Json, json};

use super::driver::{Cloud, cluster, manual};
use super::volumes::template;

fn outside() -> EngineOptions {
    EngineOptions { driver: NodeDriver::Outside, ..manual() }
}

fn machine(cloud: &Cloud, name: &str) -> Machine {
    cloud.engine.machines().into_iter().find(|machine| machine.name == name).unwrap()
}

fn report(cloud: &Cloud, name: &str, became: Became) {
    let Machine { id, generation, .. } = machine(cloud, name);
    cloud.engine.report(Report { machine: id, generation, became }).unwrap();
}

async fn resource(cloud: &Cloud, stack: &str, name: &str) -> (String, String) {
    let found = cloud.get(&format!("{stack}/resources/{name}")).await;
    let text = |field: &str| found["resource"][field].as_str().unwrap().to_owned();
    (text("resource_status"), text("resource_status_reason"))
}

#[tokio::test]
async fn a_server_is_complete_when_its_machine_runs() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), outside()).await;
    let stack = cloud.create("c", &cluster(1)).await;
    cloud.pass(600);
    assert_eq!(resource(&cloud, &stack, "slaves-0-server").await.0, "CREATE_IN_PROGRESS", "nobody has built it");

    let slave = machine(&cloud, "c-slaves-0");
    assert_eq!((slave.wanted, slave.image.as_str()), (Wanted::Running, "debian-12"));
    assert_eq!((slave.memory_mib, slave.vcpus, slave.disk_gib), (4_096, 2, 40));
    assert_eq!(slave.user_data, "#cloud-config\n");
    let [interface] = slave.interfaces.as_slice() else { panic!("{:?}", slave.interfaces) };
    assert_eq!(interface.address.to_string(), "10.20.0.20");
    assert_eq!(interface.cidr.to_string(), "10.20.0.0/16");
    assert_eq!(interface.gateway.map(|gateway| gateway.to_string()).as_deref(), Some("10.20.0.1"));
    assert!(interface.is_routed && interface.floating.is_none());
    let rules = interface.rules.as_deref().unwrap();
    let ssh = rules.iter().find(|rule| rule.direction == Direction::Ingress).unwrap();
    assert_eq!((ssh.ports, &ssh.remote), (Some((22, 22)), &Remote::Anywhere));
    assert!(rules.iter().any(|rule| rule.direction == Direction::Egress && rule.protocol.is_none()));
    // Where a project's own addresses begin is its own affair.
    let floating = machine(&cloud, "c-master-0").interfaces[0].floating.unwrap().to_string();
    assert!(floating.starts_with("198.18.") && floating.ends_with(".10"), "{floating}");

    let old = Report { machine: slave.id.clone(), generation: "another".to_owned(), became: Became::Running };
    cloud.engine.report(old).unwrap();
    assert_eq!(resource(&cloud, &stack, "slaves-0-server").await.0, "CREATE_IN_PROGRESS", "that was about another one");
    report(&cloud, "c-slaves-0", Became::Stopped);
    assert_eq!(resource(&cloud, &stack, "slaves-0-server").await.0, "CREATE_IN_PROGRESS", "it is on its way");
    report(&cloud, "c-slaves-0", Became::Running);
    assert_eq!(resource(&cloud, &stack, "slaves-0-server").await.0, "CREATE_COMPLETE");
    assert_eq!(resource(&cloud, &stack, "slaves-0-deployment").await.0, "CREATE_IN_PROGRESS");
    cloud.pass(600);
    assert_eq!(resource(&cloud, &stack, "slaves-0-deployment").await.0, "CREATE_IN_PROGRESS", "no agent has signalled");
}

#[tokio::test]
async fn a_machine_that_cannot_be_built_says_why_and_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), outside()).await;
    let stack = cloud.create("c", &cluster(1)).await;
    cloud.pass(60);
    let first = machine(&cloud, "c-slaves-0").id;
    report(&cloud, "c-slaves-0", Became::Said(vec!["podman: no space left".to_owned()]));
    report(&cloud, "c-slaves-0", Became::Failed("image debian-12 does not exist".to_owned()));
    let (status, reason) = resource(&cloud, &stack, "slaves-0-server").await;
    assert_eq!(status, "CREATE_FAILED");
    let expected = "ResourceInError: resources.slaves-0-server: Went to status ERROR due to \
                    \"Message: image debian-12 does not exist, Code: 500\"";
    assert_eq!(reason, expected);
    let asked = json!({"os-getConsoleOutput": {"length": 10}});
    let path = format!("/compute/v2.1/servers/{first}/action");
    let console = cloud.call(Method::POST, &path, Some(&asked)).await.body["output"].to_string();
    assert!(console.contains("podman: no space left") && console.contains("does not exist"), "{console}");

    report(&cloud, "c-master-0", Became::Running);
    cloud.update(&stack, &cluster(1)).await;
    cloud.pass(60);
    let failed = cloud.engine.machines().into_iter().find(|it| it.id == first).unwrap();
    assert_eq!(failed.wanted, Wanted::Gone, "nothing of what could not be built stays");
    assert!(failed.interfaces.is_empty(), "its address is its successor's");
    let second = cloud.engine.machines().into_iter().find(|it| it.name == "c-slaves-0" && it.id != first).unwrap();
    assert_eq!((second.wanted, second.interfaces.len()), (Wanted::Running, 1));
    let Machine { id, generation, .. } = second;
    cloud.engine.report(Report { machine: id, generation, became: Became::Running }).unwrap();
    assert_eq!(resource(&cloud, &stack, "slaves-0-server").await.0, "CREATE_COMPLETE");
}

#[tokio::test]
async fn what_was_wanted_of_machines_is_wanted_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), outside()).await;
    let stack = cloud.create("c", &cluster(2)).await;
    cloud.pass(60);
    report(&cloud, "c-slaves-0", Became::Running);
    cloud.pass(60);
    let before = cloud.engine.machines();
    drop(cloud);

    let cloud = Cloud::open(folder.path(), outside()).await;
    assert_eq!(cloud.engine.machines(), before, "every generation is the same");
    // As a driver does that finds all of them there.
    for name in ["c-slaves-0", "c-slaves-1", "c-master-0"] {
        report(&cloud, name, Became::Running);
        report(&cloud, name, Became::Running);
        assert_eq!(resource(&cloud, &stack, &format!("{}-server", &name[2..])).await.0, "CREATE_COMPLETE");
    }
    let lines = cloud.events(&stack).await;
    assert_eq!(lines.iter().filter(|line| *line == "slaves-0-server CREATE_COMPLETE").count(), 1);
}

#[tokio::test]
async fn a_life_of_a_machine() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), outside()).await;
    let mut template = cluster(0);
    let resources = template["resources"].as_object_mut().unwrap();
    resources.retain(|name, _| !name.contains("deployment"));
    let stack = cloud.create("c", &template).await;
    cloud.pass(60);
    report(&cloud, "c-master-0", Became::Running);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE");
    let id = machine(&cloud, "c-master-0").id;
    let actions = format!("{stack}/actions");
    let act = |action: &'static str| cloud.heat(Method::POST, &actions, Some(&ACTIONS[action]));

    let before = machine(&cloud, "c-master-0");
    assert_eq!(act("suspend").await.status, 200);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "SUSPEND_IN_PROGRESS");
    let suspended = machine(&cloud, "c-master-0");
    assert_eq!(suspended.wanted, Wanted::Paused);
    assert_ne!(suspended.generation, before.generation);
    report(&cloud, "c-master-0", Became::Paused);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "SUSPEND_COMPLETE");
    assert_eq!(act("resume").await.status, 200);
    cloud.pass(60);
    report(&cloud, "c-master-0", Became::Running);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "RESUME_COMPLETE");

    template["resources"]["master-0-server"]["properties"]["flavor"] = "m1.large".into();
    cloud.update(&stack, &template).await;
    cloud.pass(60);
    let resized = machine(&cloud, "c-master-0");
    assert_eq!((resized.id.as_str(), resized.memory_mib, resized.rebuilds), (id.as_str(), 8_192, 0));
    report(&cloud, "c-master-0", Became::Running);
    template["resources"]["master-0-server"]["properties"]["image"] = "ubuntu-24.04".into();
    cloud.pass(60);
    cloud.update(&stack, &template).await;
    cloud.pass(60);
    let rebuilt = machine(&cloud, "c-master-0");
    assert_eq!((rebuilt.id.as_str(), rebuilt.image.as_str(), rebuilt.rebuilds), (id.as_str(), "ubuntu-24.04", 1));
    report(&cloud, "c-master-0", Became::Running);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE");

    let nova = format!("/compute/v2.1/servers/{id}/action");
    assert_eq!(cloud.call(Method::POST, &nova, Some(&json!({"reboot": {"type": "HARD"}}))).await.status, 202);
    assert_eq!(machine(&cloud, "c-master-0").reboots, 1);
    assert_eq!(cloud.call(Method::POST, &nova, Some(&json!({"os-stop": null}))).await.status, 202);
    assert_eq!(machine(&cloud, "c-master-0").wanted, Wanted::Stopped);

    assert_eq!(cloud.heat(Method::DELETE, &stack, None).await.status, 204);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "DELETE_IN_PROGRESS");
    assert_eq!(machine(&cloud, "c-master-0").wanted, Wanted::Gone);
    report(&cloud, "c-master-0", Became::Gone);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "DELETE_COMPLETE");
    assert!(cloud.engine.machines().is_empty());
}

#[tokio::test]
async fn a_volume_is_attached_and_grown_when_its_machine_has_it_so() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), outside()).await;
    let stack = cloud.create("a", &template(&json!(10), "nova")).await;
    cloud.pass(60);
    report(&cloud, "s", Became::Running);
    cloud.pass(600);
    assert_eq!(resource(&cloud, &stack, "attachment").await.0, "CREATE_IN_PROGRESS", "the machine has no disk yet");
    assert_eq!(machine(&cloud, "s").volumes[0].size_gib, 10);
    report(&cloud, "s", Became::Running);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE");

    cloud.update(&stack, &template(&json!(20), "nova")).await;
    cloud.pass(600);
    assert_eq!(resource(&cloud, &stack, "volume").await.0, "UPDATE_IN_PROGRESS", "the disk is as small as it was");
    report(&cloud, "s", Became::Failed("no space left".to_owned()));
    let (status, reason) = resource(&cloud, &stack, "volume").await;
    assert_eq!(status, "UPDATE_FAILED");
    assert!(reason.contains("no space left"), "{reason}");
}

#[tokio::test]
async fn what_somebody_else_does_to_a_machine_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), outside()).await;
    let stack = cloud.create("a", &template(&json!(1), "nova")).await;
    cloud.pass(60);
    report(&cloud, "s", Became::Running);
    cloud.pass(60);
    report(&cloud, "s", Became::Running);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE");
    let id = machine(&cloud, "s").id;
    for (became, status, wanted) in [
        (Became::Stopped, "SHUTOFF", Wanted::Stopped),
        (Became::Running, "ACTIVE", Wanted::Running),
        (Became::Paused, "PAUSED", Wanted::Paused),
        (Became::Running, "ACTIVE", Wanted::Running),
        (Became::Failed("it is gone".to_owned()), "ERROR", Wanted::Running),
    ] {
        report(&cloud, "s", became);
        let shown = cloud.call(Method::GET, &format!("/compute/v2.1/servers/{id}"), None).await.body;
        assert_eq!((shown["server"]["status"].as_str(), machine(&cloud, "s").wanted), (Some(status), wanted));
    }
}

#[tokio::test]
async fn a_machine_that_somebody_else_removes_is_a_server_that_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), outside()).await;
    let stack = cloud.create("c", &cluster(1)).await;
    cloud.pass(60);
    report(&cloud, "c-slaves-0", Became::Running);
    report(&cloud, "c-master-0", Became::Running);
    assert_eq!(resource(&cloud, &stack, "slaves-0-deployment").await.0, "CREATE_IN_PROGRESS");

    let first = machine(&cloud, "c-slaves-0").id;
    report(&cloud, "c-slaves-0", Became::Removed);
    let shown = cloud.call(Method::GET, &format!("/compute/v2.1/servers/{first}"), None).await;
    assert_eq!(shown.status, 404, "{}", shown.body);
    assert!(cloud.engine.machines().iter().all(|machine| machine.id != first), "nothing is to be done for it any more");
    let (status, reason) = resource(&cloud, &stack, "slaves-0-deployment").await;
    let expected =
        "Error: resources.slaves-0-deployment: Deployment to server failed: its machine was removed outside of DISCO";
    assert_eq!((status.as_str(), reason.as_str()), ("CREATE_FAILED", expected), "nobody waits for its agent");

    cloud.pass(60);
    let unhealthy = json!({"mark_unhealthy": true, "resource_status_reason": "it is gone"});
    let marked = cloud.heat(Method::PATCH, &format!("{stack}/resources/slaves-0-server"), Some(&unhealthy)).await;
    assert_eq!(marked.status, 200, "{}", marked.body);
    cloud.update(&stack, &cluster(1)).await;
    cloud.pass(60);
    assert_ne!(machine(&cloud, "c-slaves-0").id, first);
    report(&cloud, "c-slaves-0", Became::Removed);
    let (status, reason) = resource(&cloud, &stack, "slaves-0-server").await;
    assert_eq!(status, "CREATE_FAILED", "one that is being made");
    assert!(reason.contains("its machine was removed outside of DISCO"), "{reason}");
}

#[tokio::test]
async fn nobody_waits_for_the_agent_of_a_machine_that_does_not_run() {
    for (became, why, status) in [
        (Became::Failed("it has ended".to_owned()), "it has ended", "ERROR"),
        (Became::Stopped, "its machine was stopped outside of DISCO", "SHUTOFF"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let cloud = Cloud::open(folder.path(), outside()).await;
        let stack = cloud.create("c", &cluster(1)).await;
        cloud.pass(60);
        for name in ["c-slaves-0", "c-master-0"] {
            report(&cloud, name, Became::Running);
        }
        cloud.pass(60);
        report(&cloud, "c-slaves-0", became);
        let (found, reason) = resource(&cloud, &stack, "slaves-0-deployment").await;
        assert_eq!(found, "CREATE_FAILED");
        assert!(reason.ends_with(&format!("Deployment to server failed: {why}")), "{reason}");
        cloud.pass(60);

        // Where it is known before, nothing is begun.
        cloud.update(&stack, &cluster(1)).await;
        cloud.pass(60);
        let (found, reason) = resource(&cloud, &stack, "slaves-0-deployment").await;
        assert_eq!(found, "CREATE_FAILED");
        assert!(reason.contains(&format!("the server is {status}, so nobody carries it out")), "{reason}");
    }
}

static ACTIONS: std::sync::LazyLock<Json> =
    std::sync::LazyLock::new(|| json!({"suspend": {"suspend": null}, "resume": {"resume": null}}));

#[tokio::test]
async fn nodes_of_one_kind_are_not_taken_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    assert_eq!(disco::local::nodes_in(folder.path()).unwrap(), Some(NodeDriver::Simulated));
    cloud.create("c", &cluster(0)).await;
    cloud.pass(600);
    drop(cloud);
    // What it was about to write down when it was dropped it writes down first.
    let refused = loop {
        match Engine::open(folder.path(), outside()).unwrap_err() {
            LocalError::Busy { .. } => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            other => break other,
        }
    };
    assert!(matches!(refused, LocalError::OtherNodes { nodes: NodeDriver::Simulated }), "{refused}");
    assert_eq!(Cloud::open(folder.path(), manual()).await.engine.machines().len(), 1);
}

/// A node of which an agent takes care, and its bundle.
fn one_node(bundle: &Json) -> Json {
    let mut template = cluster(0);
    let resources = template["resources"].as_object_mut().unwrap();
    resources["config-slaves-0"]["properties"]["config"] = bundle.to_string().into();
    resources.remove("verify-deployment");
    template
}

/// The agent as it runs on a machine, but for the machine, which is a folder.
struct Node<'f> {
    folder: &'f Path,
}

impl Node<'_> {
    async fn run_agent(&self, credentials: &Json) -> String {
        let path = self.folder.join("cfn-init-data");
        std::fs::File::create(&path).unwrap().write_all(credentials.to_string().as_bytes()).unwrap();
        let (root, home) = (self.folder.join("root"), self.folder.join("home"));
        std::fs::create_dir_all(&root).unwrap();
        std::fs::create_dir_all(&home).unwrap();
        let agent = self.folder.join("agent.py");
        let joined = "import sys; sys.path.insert(0, sys.argv[1]); import joined; joined.write(sys.argv[2])";
        let parts = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/node");
        assert!(Command::new("python3").args(["-B", "-c", joined, parts]).arg(&agent).status().unwrap().success());
        let mut command = Command::new("python3");
        command.arg("-B").arg(&agent).args(["--once", "--rehearse"]).arg(&root);
        command.env("DISCO_CREDENTIALS", &path).env("DISCO_HOME", &home);
        let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{said}");
        said
    }
}

async fn logged_in(cloud: &Cloud, heat: &Json) -> (u16, String) {
    let login = json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {"id": heat["user_id"], "password": heat["password"]}}},
        "scope": {"project": {"id": heat["project_id"]}},
    }});
    let answer = super::driver::ask(&cloud.engine, Method::POST, "/identity/v3/auth/tokens", "", Some(&login)).await;
    let token = answer.headers.get("x-subject-token").map(|token| token.to_str().unwrap().to_owned());
    (answer.status, token.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_of_a_machine_carries_out_its_deployments_as_a_user_that_may_do_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("engine");
    std::fs::create_dir(&store).unwrap();
    let cloud = Cloud::open(&store, outside()).await;
    let bundle = json!({
        "format": 1, "kind": "node", "cluster": "c", "group": "master", "role": "master", "agent_gzip": "", "hosts": [],
        "ssh_keys": [], "packages": [], "archives": [], "users": [], "directories": [], "disks": [], "units": [],
        "steps": [], "probes": [],
        "files": [{"path": "/etc/motto", "content": ["patience\n"], "mode": "0644", "owner": "", "keep": false, "restarts": []}],
    });
    let stack = cloud.create("c", &one_node(&bundle)).await;
    cloud.pass(60);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let work = async {
        while cloud.engine.known_port() != Some(port) {
            tokio::task::yield_now().await;
        }
        report(&cloud, "c-master-0", Became::Running);
        let credentials = machine(&cloud, "c-master-0").credentials.unwrap();
        assert!(credentials.contains(&format!("http://10.20.0.1:{port}/identity/v3")), "{credentials}");
        // The machine is this host, so its way out is here.
        let credentials: Json = serde_json::from_str(&credentials.replace("10.20.0.1", "127.0.0.1")).unwrap();
        let heat = credentials["os-collect-config"]["heat"].clone();
        assert_eq!(heat["stack_id"], stack.trim_start_matches("/stacks/"));

        let node = Node { folder: folder.path() };
        node.run_agent(&credentials).await;
        assert_eq!(std::fs::read_to_string(folder.path().join("root/etc/motto")).unwrap(), "patience\n");
        cloud.pass(60);
        assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE");
        let said = cloud.get(&format!("{stack}/resources/master-0-deployment")).await;
        assert!(
            said["resource"]["attributes"]["deploy_stdout"].as_str().unwrap().contains("wrote /etc/motto"),
            "{said}"
        );

        may_do_nothing_else(&cloud, &stack, &heat).await;

        // An update in place comes to the same machine; what it signals comes from a user of the deployment's own.
        let mut changed = bundle.clone();
        changed["files"][0]["content"] = json!(["haste\n"]);
        cloud.update(&stack, &one_node(&changed)).await;
        cloud.pass(60);
        assert_eq!(cloud.status(&stack).await, "UPDATE_IN_PROGRESS");
        node.run_agent(&credentials).await;
        assert_eq!(std::fs::read_to_string(folder.path().join("root/etc/motto")).unwrap(), "haste\n");
        cloud.pass(60);
        assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE");

        // A bundle that cannot be carried out fails the stack with the node's own words.
        changed["format"] = 7.into();
        cloud.update(&stack, &one_node(&changed)).await;
        cloud.pass(60);
        node.run_agent(&credentials).await;
        cloud.pass(60);
        assert_eq!(cloud.status(&stack).await, "UPDATE_FAILED");
        let said = cloud.get(&format!("{stack}/resources/master-0-deployment")).await;
        let stderr = said["resource"]["attributes"]["deploy_stderr"].as_str().unwrap();
        assert!(stderr.contains("does not know bundles of format 7"), "{stderr}");
        heat
    };
    let heat = tokio::select! {
        heat = work => heat,
        served = serve(&cloud.engine, listener) => panic!("{served:?}"),
    };
    // With the machine goes its user.
    let (_, token) = logged_in(&cloud, &heat).await;
    cloud.heat(Method::DELETE, &stack, None).await;
    cloud.pass(60);
    report(&cloud, "c-master-0", Became::Gone);
    cloud.pass(60);
    assert_eq!(logged_in(&cloud, &heat).await.0, 401);
    let path = format!("/heat/v1/{}{stack}/resources/master-0-server/metadata", heat["project_id"].as_str().unwrap());
    assert_eq!(super::driver::ask(&cloud.engine, Method::GET, &path, &token, None).await.status, 401);
}

/// Whoever has the credentials of a machine reads that machine's metadata, and nothing else.
async fn may_do_nothing_else(cloud: &Cloud, stack: &str, heat: &Json) {
    let wrong = json!({"user_id": heat["user_id"], "password": "guessed", "project_id": heat["project_id"]});
    assert_eq!(logged_in(cloud, &wrong).await.0, 401);
    let owner = cloud.engine.credentials();
    assert_ne!(heat["password"], owner.password.as_str());
    let (status, token) = logged_in(cloud, heat).await;
    assert_eq!(status, 201);
    let project = heat["project_id"].as_str().unwrap();
    let own = format!("/heat/v1/{project}");
    let metadata = format!("{own}{stack}/resources/master-0-server/metadata");
    let ask = |method: Method, path: String| {
        let token = token.clone();
        async move { super::driver::ask(&cloud.engine, method, &path, &token, Some(&json!({}))).await.status }
    };
    assert_eq!(ask(Method::GET, metadata).await, 200);
    let others = [
        (Method::GET, format!("{own}{stack}/resources/master-0-port/metadata")),
        (Method::GET, format!("{own}{stack}/resources/master-0-server")),
        (Method::PATCH, format!("{own}{stack}/resources/master-0-server")),
        (Method::GET, format!("{own}{stack}/resources")),
        (Method::GET, format!("{own}{stack}")),
        (Method::DELETE, format!("{own}{stack}")),
        (Method::GET, format!("{own}{stack}/template")),
        (Method::GET, format!("{own}/stacks")),
        (Method::POST, format!("{own}/stacks")),
        (Method::GET, format!("{own}/software_deployments")),
        (Method::GET, format!("{own}/software_configs")),
        (Method::GET, "/compute/v2.1/servers/detail".to_owned()),
        (Method::POST, "/compute/v2.1/os-keypairs".to_owned()),
        (Method::GET, "/network/v2.0/ports".to_owned()),
        (Method::POST, "/network/v2.0/networks".to_owned()),
        (Method::GET, "/volume/v3/x/volumes/detail".to_owned()),
        (Method::GET, "/identity/v3/projects".to_owned()),
    ];
    for (method, path) in others {
        assert_eq!(ask(method.clone(), path.clone()).await, 403, "{method} {path}");
    }
    // Another project's address, which is the owner's, is none of its own.
    let foreign = cloud.get(stack).await["stack"]["links"][0]["href"].as_str().unwrap().to_owned();
    let foreign = foreign.trim_start_matches("http://cloud.test").to_owned();
    assert_eq!(ask(Method::GET, format!("{foreign}/resources/master-0-server/metadata")).await, 403);
    let nowhere = format!("{own}/stacks/d/1/resources/master-0-server/metadata");
    assert_eq!(ask(Method::GET, nowhere).await, 404);
}
