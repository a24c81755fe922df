//! Software configurations and deployments, and values without a machine.

use serde_json::{Map, Value as Json, json};

use super::super::cloud;
use super::super::entity::{Action, Deployment, Row, Status, Work};
use super::super::hot::text_of;
use super::super::ids::{hex, uuid};
use super::super::packed::Packed;
use super::super::world::World;
use super::{Begun, Failure, Properties, made_up, make, text, thing};

/// A deployment's result comes as a request to Heat.
const HEAT_SIGNAL: &str = "HEAT_SIGNAL";

pub(super) fn config(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Begun {
    if action == Action::Create {
        let mut config = thing(world, "config", made_up(world, row), properties);
        config.body.change(|body| {
            for (name, value) in [
                ("group", json!("Heat::Ungrouped")),
                ("inputs", json!([])),
                ("outputs", json!([])),
                ("options", json!({})),
            ] {
                body.entry(name).or_insert(value);
            }
            body.insert("creation_time".to_owned(), super::super::clock::timestamp(world.now).into());
            if row.kind == "OS::Heat::CloudConfig" {
                let text = properties.get("cloud_config").map(Json::to_string).unwrap_or_default();
                body.insert("config".to_owned(), format!("#cloud-config\n{text}").into());
            }
        });
        make(world, row, config);
    }
    Begun::Takes(0.1)
}

pub(super) fn deployment(
    world: &mut World,
    row: &Row,
    properties: &Properties,
    action: Action,
) -> Result<Begun, Failure> {
    let acts = match properties.get("actions").and_then(Json::as_array) {
        Some(actions) => actions.iter().any(|it| it.as_str() == Some(action.to_string().as_str())),
        None => matches!(action, Action::Create | Action::Update),
    };
    let server = text(properties, "server").unwrap_or_default().to_owned();
    let there = world.servers.contains_key(&server);
    let waits = acts && text(properties, "signal_transport") != Some("NO_SIGNAL");
    let stands = silent(world, &server);
    if action == Action::Delete && !(waits && there && stands.is_none()) {
        return Ok(Begun::Takes(0.1));
    }
    if !acts && action != Action::Create {
        return Ok(Begun::Takes(0.1));
    }
    if !there {
        let message = format!("Error validating value '{server}': The Server ({server}) could not be found.");
        let message = format!("Property error: resources.{}.properties.server: {message}", row.name);
        return Err(Failure::new("StackValidationFailed", message));
    }
    if let Some(status) = stands.filter(|_| waits) {
        return Err(Failure::new("Error", failed_with(&format!("the server is {status}, so nobody carries it out"))));
    }
    let config = text(properties, "config").unwrap_or_default().to_owned();
    if !config.is_empty() && world.thing(&config, "config").is_none() {
        return Err(Failure::new("NotFound", format!("Software config with id {config} not found")));
    }
    let (now, number) = (world.now, world.number());
    let inputs = properties.get("input_values").and_then(Json::as_object).cloned().unwrap_or_default();
    let name = text(properties, "name").unwrap_or(&row.name).to_owned();
    let old = row
        .physical
        .as_deref()
        .and_then(|id| world.deployments.get(id))
        .map(|old| (old.id.clone(), old.created, old.user.clone()));
    let (id, created, user) = old.unwrap_or_else(|| (uuid(), now, None));
    let signals = text(properties, "signal_transport") == Some(HEAT_SIGNAL);
    let user = user.or_else(|| signals.then(|| world.stack_user(&row.stack, &row.name)));
    world.put_deployment(Deployment {
        id: id.clone(),
        derived: uuid(),
        name,
        server: server.clone(),
        config,
        action,
        status: if waits { Status::InProgress } else { Status::Complete },
        reason: if waits { "Deploy data available" } else { "Not waiting for outputs signal" }.to_owned(),
        inputs: Packed::of(&inputs),
        outputs: Packed::default(),
        row: row.id,
        user,
        number,
        created,
        updated: now,
    });
    if let Some(row) = world.row_mut(row.id) {
        row.physical = Some(id);
    }
    if !waits {
        return Ok(Begun::Takes(0.1));
    }
    world.order(&server, None, Work::Deployment);
    Ok(Begun::Waits)
}

/// What came of a deployment.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub status: Status,
    pub reason: String,
    pub outputs: Map<String, Json>,
}

/// A signal as an agent sends it: standard output and error, status code, declared outputs.
pub(crate) fn signal(world: &mut World, id: &str, body: &Json) {
    let code = body.get("deploy_status_code").map_or_else(|| "0".to_owned(), text_of);
    let failed = !["", "0", "null"].contains(&code.as_str());
    let outputs = body.as_object().cloned().unwrap_or_default();
    let outcome = if failed {
        let reason = format!("deploy_status_code : Deployment exited with non-zero status code: {code}");
        Outcome { status: Status::Failed, reason, outputs }
    } else {
        Outcome { status: Status::Complete, reason: "Outputs received".to_owned(), outputs }
    };
    let row = world.deployments.get(id).map(|deployment| deployment.row);
    if let Some(row) = row.and_then(|row| world.rows.get(&row)) {
        let (stack, name, kind, physical) =
            (row.stack.clone(), row.name.clone(), row.kind.clone(), row.physical.clone());
        let text = format!("Signal: deployment {} {}", if failed { "failed" } else { "succeeded" }, outcome.reason);
        world.event(
            &stack,
            &name,
            &kind,
            physical,
            "SIGNAL_COMPLETE".to_owned(),
            if failed { &text } else { "Signal: deployment succeeded" },
        );
    }
    finish(world, id, outcome);
}

/// Ends a deployment that is in progress, and with it its resource's action.
pub(crate) fn finish(world: &mut World, id: &str, outcome: Outcome) {
    let Some(mut deployment) = world.deployments.get(id).cloned() else { return };
    if deployment.status != Status::InProgress {
        return;
    }
    deployment.status = outcome.status;
    deployment.reason.clone_from(&outcome.reason);
    deployment.outputs = Packed::of(&Json::Object(outcome.outputs));
    deployment.updated = world.now;
    let (row, server) = (deployment.row, deployment.server.clone());
    world.put_deployment(deployment);
    world.agent_done(&server);
    let failure = (outcome.status == Status::Failed).then(|| Failure::new("Error", failed_with(&outcome.reason)));
    world.complete_row(row, failure.as_ref());
}

/// Ends all deployments that are in progress on a server whose machine is no longer there to carry them out. Heat would
/// wait for it until the stack's time is up.
pub(crate) fn give_up(world: &mut World, server: &str, reason: &str) {
    let own = world.deployments_of.get(server).into_iter().flatten();
    let own: Vec<String> = own.map(|(_, id)| id.clone()).collect();
    for id in own {
        let reason = reason.to_owned();
        finish(world, &id, Outcome { status: Status::Failed, reason, outputs: Map::new() });
    }
}

/// The status of a server with a machine of this host that does not run: its agent carries out nothing.
fn silent(world: &World, server: &str) -> Option<String> {
    let server = world.servers.get(server).filter(|_| world.identity.nodes.is_real())?;
    ["ERROR", "SHUTOFF"].contains(&server.status.as_str()).then(|| server.status.clone())
}

/// What Heat says of a deployment that failed.
fn failed_with(reason: &str) -> String {
    format!("Deployment to server failed: {reason}")
}

/// A deployment as the node's agent reads it.
pub(crate) fn deployed(world: &World, deployment: &Deployment, base: &str) -> Json {
    let config = world.things.get(&deployment.config).map(|config| config.body.read()).unwrap_or_default();
    let body = |name: &str, default: Json| config.get(name).cloned().unwrap_or(default);
    let mut inputs: Vec<Json> = deployment
        .inputs
        .read()
        .iter()
        .map(|(name, value)| json!({"name": name, "type": "String", "value": value}))
        .collect();
    let row = world.rows.get(&deployment.row);
    let stack = row.and_then(|row| world.stacks.get(&row.stack));
    let stack_path = stack.map(|stack| format!("{}/{}", stack.name, stack.id)).unwrap_or_default();
    let name = row.map(|row| row.name.clone()).unwrap_or_default();
    let mut added = vec![
        ("deploy_server_id", deployment.server.clone()),
        ("deploy_action", deployment.action.to_string()),
        ("deploy_stack_id", stack_path),
        ("deploy_resource_name", name.clone()),
    ];
    if let Some(user) = &deployment.user {
        added.extend([
            ("deploy_signal_transport", HEAT_SIGNAL.to_owned()),
            ("deploy_auth_url", format!("{base}/identity/v3")),
            ("deploy_username", name),
            ("deploy_user_id", user.id.clone()),
            ("deploy_password", user.password.clone()),
            ("deploy_project_id", stack.and_then(|stack| stack.user_project.clone()).unwrap_or_default()),
            ("deploy_region_name", cloud::REGION.to_owned()),
        ]);
    } else {
        let properties = row.map(|row| row.properties.read()).unwrap_or_default();
        let transport = text(&properties, "signal_transport").unwrap_or("CFN_SIGNAL");
        added.push(("deploy_signal_transport", transport.to_owned()));
    }
    for (name, value) in added {
        inputs.push(json!({"name": name, "type": "String", "value": value}));
    }
    json!({
        "id": deployment.derived,
        "name": deployment.name,
        "group": body("group", json!("Heat::Ungrouped")),
        "config": body("config", json!("")),
        "inputs": inputs,
        "outputs": body("outputs", json!([])),
        "options": body("options", json!({})),
        "creation_time": super::super::clock::timestamp(deployment.created),
    })
}

pub(super) fn value(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Begun {
    if row.kind == "OS::Heat::TestResource"
        && properties.get("fail") == Some(&Json::Bool(true))
        && action != Action::Delete
    {
        if let Some(found) = world.row_mut(row.id) {
            found.doom =
                Some(Failure::new("ValueError", format!("Test Resource failed {}", row.name)).reason(&row.name));
        }
        return Begun::Takes(1.0);
    }
    if matches!(action, Action::Create | Action::Update) {
        let given = properties.get("value").cloned().unwrap_or(Json::Null);
        let value = if row.kind == "OS::Heat::RandomString" { random(properties).into() } else { given };
        let mut made = thing(world, "value", made_up(world, row), properties);
        made.id = row.physical.clone().unwrap_or_else(|| made.name.clone());
        made.body.change(|body| {
            body.insert("value".to_owned(), value.clone());
            body.insert("output".to_owned(), value);
        });
        make(world, row, made);
    }
    let wait = properties.get("wait_secs").and_then(Json::as_f64).unwrap_or(0.1);
    Begun::Takes(wait)
}

fn random(properties: &Properties) -> String {
    let length = properties.get("length").and_then(Json::as_u64).and_then(|it| usize::try_from(it).ok()).unwrap_or(32);
    let mut text = String::new();
    while text.len() < length {
        text.push_str(&hex());
    }
    text.truncate(length);
    text
}
