//! Shapes, codes and words of recorded exchanges.

use http::Method;
use serde_json::{Value as Json, json};

use super::driver::{Cloud, ask, manual};

#[tokio::test]
async fn without_a_token_nothing_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    for token in ["", "wrong"] {
        let answer = ask(&cloud.engine, Method::GET, "/heat/v1/x/stacks", token, None).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.body["error"]["message"], "The request you have made requires authentication.");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    let answer = cloud.call(Method::GET, "/heat/v1/another/stacks", None).await;
    assert_eq!((answer.status, answer.body["error"]["type"].as_str()), (403, Some("HTTPForbidden")));
    let wrong = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "disco", "password": "no"}}}}});
    assert_eq!(ask(&cloud.engine, Method::POST, "/identity/v3/auth/tokens", "", Some(&wrong)).await.status, 401);
    assert_eq!(ask(&cloud.engine, Method::POST, "/identity/v3/auth/tokens", "", Some(&json!({}))).await.status, 400);
}

#[tokio::test]
async fn what_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let answer = cloud.heat(Method::GET, "/stacks/nosuch", None).await;
    assert_eq!(
        answer.body,
        json!({
            "code": 404, "title": "Not Found", "explanation": "The resource could not be found.",
            "error": {"type": "EntityNotFound", "traceback": null, "message": "The Stack (nosuch) could not be found."},
        })
    );
    let answer = cloud.heat(Method::GET, "/resource_types/OS::Nova::Nope", None).await;
    assert_eq!(answer.body["error"]["message"], "The Resource Type (OS::Nova::Nope) could not be found.");
    let answer = cloud.call(Method::GET, "/dns/v2/zones", None).await;
    assert_eq!(answer.body["error"]["message"], "The embedded engine does not know GET /dns/v2/zones");
}

#[tokio::test]
async fn a_stack_by_name_and_its_double() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let template = json!({"heat_template_version": "2021-04-16", "resources": {"n": {"type": "OS::Neutron::Net"}}});
    let stack = cloud.create("rec1", &template).await;
    let answer = cloud.heat(Method::GET, "/stacks/rec1", None).await;
    assert_eq!(answer.status, 302);
    assert!(answer.headers["location"].to_str().unwrap().ends_with(&stack));
    let body = json!({"stack_name": "rec1", "template": template});
    let answer = cloud.heat(Method::POST, "/stacks", Some(&body)).await;
    assert_eq!(
        (answer.status, answer.body["error"]["message"].as_str()),
        (409, Some("The Stack (rec1) already exists."))
    );
    cloud.pass(5);
    let missing = cloud.heat(Method::GET, &format!("{stack}/resources/none"), None).await;
    assert_eq!(missing.body["error"]["message"], "The Resource (none) could not be found in Stack rec1.");
    let missing = cloud.heat(Method::GET, &format!("{stack}/outputs/none"), None).await;
    assert_eq!(missing.body["error"]["message"], "Specified output key none not found.");
    assert_eq!(cloud.get("/stacks?tags=disco").await["stacks"].as_array().unwrap().len(), 1);
    assert_eq!(cloud.get("/stacks?tags=other").await["stacks"].as_array().unwrap().len(), 0);
    let page = cloud.get(&format!("{stack}/events?sort_dir=asc&limit=2")).await;
    let marker = page["events"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(page["events"][1]["resource_name"], "n");
    let page = cloud.get(&format!("{stack}/events?sort_dir=asc&limit=2&marker={marker}")).await;
    assert_eq!(page["events"][0]["resource_status"], "CREATE_COMPLETE");
}

#[tokio::test]
async fn mistakes_in_a_creation() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let server = |property: &str, value: &str| {
        let mut properties = json!({"flavor": "m1.small", "image": "debian-12", "networks": []});
        properties[property] = value.into();
        json!({"a": {"type": "OS::Nova::Server", "properties": properties}})
    };
    let many: Json = (0..1_001).map(|it| (format!("v{it}"), json!({"type": "OS::Neutron::Net"}))).collect();
    let table = [
        (
            server("flavor", "nope"),
            "StackValidationFailed",
            "Property error: : resources.a.properties.flavor: : Error validating value 'nope': No Flavor matching {'name': 'nope'}. (HTTP 404)",
        ),
        (
            server("image", "nope"),
            "StackValidationFailed",
            "Property error: : resources.a.properties.image: : Error validating value 'nope': No images matching {'name': 'nope'}.",
        ),
        (
            server("key_name", "nope"),
            "StackValidationFailed",
            "Property error: : resources.a.properties.key_name: : Error validating value 'nope': The Key (nope) could not be found.",
        ),
        (
            json!({"a": {"type": "OS::Neutron::Net", "properties": {"admin_state_up": "maybe"}}}),
            "StackValidationFailed",
            "Property error: : resources.a.properties.admin_state_up: : \"maybe\" is not a valid boolean",
        ),
        (many, "RequestLimitExceeded", "Request limit exceeded: Maximum resources per stack exceeded."),
    ];
    for (resources, kind, message) in table {
        let body =
            json!({"stack_name": "bad", "template": {"heat_template_version": "2021-04-16", "resources": resources}});
        let answer = cloud.heat(Method::POST, "/stacks", Some(&body)).await;
        assert_eq!(answer.status, 400);
        assert_eq!(
            (answer.body["error"]["type"].as_str(), answer.body["error"]["message"].as_str()),
            (Some(kind), Some(message))
        );
    }
    let body = json!({"stack_name": "1bad name!", "template": {"heat_template_version": "2021-04-16"}});
    let answer = cloud.heat(Method::POST, "/stacks", Some(&body)).await;
    assert!(
        answer.body["error"]["message"].as_str().unwrap().starts_with("Invalid stack name 1bad name! must contain")
    );
    let body = json!({"stack_name": "a", "template": {"heat_template_version": "2099-01-01"}});
    let answer = cloud.heat(Method::POST, "/stacks", Some(&body)).await;
    assert_eq!(answer.body["error"]["type"], "InvalidTemplateVersion");
    let body = json!({"stack_name": "a", "template": "x".repeat(1_100_000)});
    let answer = cloud.heat(Method::POST, "/stacks", Some(&body)).await;
    assert!(
        answer.body["error"]["message"].as_str().unwrap().contains("exceeds maximum allowed size (1048576 bytes).")
    );
}

#[tokio::test]
async fn hidden_parameters_are_covered_and_yaml_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let yaml = "heat_template_version: 2021-04-16\nparameters:\n  secret: {type: string, hidden: true}\n  count: {type: number, default: 3}\nresources:\n  v: {type: 'OS::Heat::Value', properties: {value: {get_param: count}}}\noutputs:\n  o: {value: {get_attr: [v, value]}}\n";
    let body = json!({"stack_name": "a", "template": yaml, "parameters": {"secret": "tell-nobody"}});
    let answer = cloud.heat(Method::POST, "/stacks", Some(&body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let stack = format!("/stacks/a/{}", answer.body["stack"]["id"].as_str().unwrap());
    cloud.pass(5);
    let whole = cloud.get(&stack).await;
    assert_eq!(whole["stack"]["parameters"]["secret"], "******");
    assert_eq!(whole["stack"]["parameters"]["count"], "3");
    assert_eq!(whole["stack"]["outputs"][0]["output_value"], 3);
    assert!(!cloud.get(&format!("{stack}/environment")).await.to_string().contains("tell-nobody"));
}

#[tokio::test]
async fn what_the_cloud_has() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let flavors = cloud.call(Method::GET, "/compute/v2.1/flavors/detail?limit=1000", None).await.body;
    assert!(flavors["flavors"].as_array().unwrap().iter().any(|it| it["name"] == "m1.medium" && it["ram"] == 4096));
    let networks = cloud.call(Method::GET, "/network/v2.0/networks?router%3Aexternal=true", None).await.body;
    assert_eq!(networks["networks"][0]["name"], "public");
    let images = cloud.call(Method::GET, "/image/v2/images", None).await.body;
    assert!(images["images"].as_array().unwrap().iter().any(|it| it["name"] == "debian-12"));
}

#[tokio::test]
async fn key_pairs_come_and_go_by_their_names() {
    const ALL: &str = "/compute/v2.1/os-keypairs";
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let body = json!({"keypair": {"name": "me"}});
    assert_eq!(cloud.call(Method::POST, ALL, Some(&body)).await.status, 200);
    assert_eq!(cloud.call(Method::POST, ALL, Some(&body)).await.status, 409);
    assert_eq!(cloud.listed(ALL, "keypairs").await[0]["keypair"]["name"], "me");
    let one = format!("{ALL}/me");
    let gone = cloud.call(Method::DELETE, &one, None).await;
    assert_eq!((gone.status, gone.body), (202, Json::Null));
    assert_eq!(cloud.listed(ALL, "keypairs").await, [] as [Json; 0]);
    let again = cloud.call(Method::DELETE, &one, None).await;
    assert_eq!(again.status, 404);
    assert!(again.body.to_string().contains("Keypair me not found for user"), "{}", again.body);
    // A network is none, though both are things with an id.
    let template = json!({"heat_template_version": "2021-04-16", "resources": {"n": {"type": "OS::Neutron::Net"}}});
    let stack = cloud.create("a", &template).await;
    cloud.pass(5);
    let network = cloud.ids(&stack).await["n"].as_str().unwrap().to_owned();
    assert_eq!(cloud.call(Method::DELETE, &format!("{ALL}/{network}"), None).await.status, 404);
    assert_eq!(cloud.ids(&stack).await["n"], network.as_str());
    assert_eq!(cloud.call(Method::POST, ALL, Some(&body)).await.status, 200, "the name is free again");
}
