//! What tenants see of each other, what roles let people do, and what a stranger's definition cannot do in a service.

use serde_json::{Value as Json, json};

use super::team::Team;
use crate::project::openstack::Cloud;

/// The routes of the document, with the names of a project and its things in the braces.
fn routes(project: &str) -> Vec<(String, String)> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/openapi.json");
    let document: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let filled = path
            .replace("{project}", project)
            .replace("{file}", &format!("{project}.disco.hcl"))
            .replace("{plan}", "20260101t000000z-0123456789ab")
            .replace("{number}", "1")
            .replace("{cluster}", "lab")
            .replace("{framework}", "spark");
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            all.push((method.to_uppercase(), filled.clone()));
        }
    }
    all
}

#[test]
fn tenants_see_nothing_of_each_other_on_any_route() {
    let (north, south) = (Cloud::serve(), Cloud::serve());
    let team = Team::of(&[("north", &north), ("south", &south)]);
    let (a, b) = (north.token(), south.token());
    team.makes_lab(0, &a, "theirs");
    let address = team.begins(0, &a, "theirs", &json!({}));
    assert_eq!(team.ended(0, &a, &address)["state"], "succeeded");
    let before = team.asks(0, &a, "GET /v1/projects/theirs/files", &[], "").body;

    assert_eq!(team.asks(1, &b, "GET /v1/projects", &[], "").json()["items"], json!([]));
    let mut tried = 0;
    for (method, path) in routes("theirs").into_iter().filter(|(_, path)| path.contains("/theirs")) {
        let headers = [("If-Match", "*"), ("Idempotency-Key", "k")];
        for body in ["{}", "{\"plan\": \"20260101t000000z-0123456789ab\"}"] {
            let answer = team.asks(1, &b, &format!("{method} {path}"), &headers, body);
            // Not there and not theirs are told alike; a body that fits nothing is told first.
            assert!(
                [404, 422, 400, 415].contains(&answer.status),
                "{method} {path}: {} {}",
                answer.status,
                answer.body
            );
            assert!(!answer.body.contains("slaves {"), "{method} {path}: {}", answer.body);
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
    let events = team.asks(1, &b, "GET /v1/events?project=theirs&operation=1", &[], "");
    assert_eq!(events.status, 404);
    for page in ["/projects/theirs", "/projects/theirs/files/theirs.disco.hcl", "/projects/theirs/operations/1"] {
        assert_eq!(team.asks(1, &b, &format!("GET {page}"), &[], "").status, 404, "{page}");
    }
    // The same name is another project there; nothing of the first has changed.
    team.makes_lab(1, &b, "theirs");
    assert_eq!(team.asks(0, &a, "GET /v1/projects/theirs/files", &[], "").body, before);
    assert_eq!(team.asks(1, &b, "GET /v1/projects/theirs/operations", &[], "").json()["items"], json!([]));
    // A token of one cloud opens nothing at the other, and a request that names none is told which there are.
    assert_eq!(team.asks(1, &a, "GET /v1", &[], "").status, 401);
    let unnamed = team.service.send("GET /v1", &[("X-Auth-Token", &a)], "");
    assert_eq!(unnamed.status, 400);
    assert!(unnamed.body.contains("north, south"), "{}", unnamed.body);
}

#[test]
fn roles_say_who_may_do_what() {
    let cloud = Cloud::serve();
    let sees = Team::with(&[("lab", &cloud)], "", "  see = [\"member\"]\n  work = [\"operator\"]\n", "");
    let token = cloud.token();
    assert_eq!(sees.asks(0, &token, "GET /v1", &[], "").json()["may"], "see");
    let refused = sees.asks(0, &token, "POST /v1/projects", &[], "{\"name\": \"one\"}");
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (403, Some("service::not_allowed")),
        "{}",
        refused.body
    );
    for (method, path) in routes("one") {
        let asks = ["/check", "/suggestions", "/drift"];
        let looks = method == "GET" || asks.iter().any(|end| path.ends_with(end));
        let answer = sees.asks(0, &token, &format!("{method} {path}"), &[], "{}");
        let allowed = looks && !path.starts_with("/v1/audit");
        assert_eq!(answer.status == 403, !allowed, "{method} {path}: {} {}", answer.status, answer.body);
    }
    let page = sees.asks(0, &token, "POST /new", &[("Content-Type", "application/x-www-form-urlencoded")], "name=x");
    assert_eq!(page.status, 403, "{}", page.body);

    let nobody = Team::with(&[("lab", &cloud)], "", "  see = [\"auditor\"]\n  work = []\n  manage = []\n", "");
    let refused = nobody.asks(0, &token, "GET /v1", &[], "");
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("auditor"), "{}", refused.body);

    let manages = Team::with(&[("lab", &cloud)], "", "  manage = [\"member\"]\n", "");
    manages.makes_lab(0, &token, "one");
    let audit = manages.asks(0, &token, "GET /v1/audit", &[], "").json();
    let told: Vec<(&str, u64)> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| (record["what"].as_str().unwrap(), record["outcome"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, [("PUT /v1/projects/one/files/one.disco.hcl", 204), ("POST /v1/projects", 201)]);
    let first = &audit["items"][0];
    assert_eq!(
        (&first["user"], &first["cloud"], &first["from"]),
        (&json!("disco"), &json!("lab"), &json!("127.0.0.1"))
    );
    let page = manages.asks(0, &token, "GET /v1/audit?limit=1", &[], "").json();
    let next = page["next"].as_str().unwrap();
    assert_eq!(manages.asks(0, &token, &format!("GET {next}"), &[], "").json()["items"][0], audit["items"][1]);
}

#[test]
fn a_definition_uses_nothing_of_the_services_machine() {
    let cloud = Cloud::serve();
    let team = Team::of(&[("lab", &cloud)]);
    let token = cloud.token();
    team.makes_lab(0, &token, "one");
    let checked = |text: &str| {
        let body = json!({"files": {"one.disco.hcl": text}}).to_string();
        let answer = team.asks(0, &token, "POST /v1/projects/one/check", &[], &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let refused = [
        ("provider \"local\" {}", "this service has no embedded Heat"),
        ("", "this service has no embedded Heat"),
        ("provider \"openstack\" { cloud = \"other\" }", "knows no cloud `other`"),
        (
            "provider \"openstack\" {}\ndisco {\n  state \"http\" { address = \"http://10.0.0.1/\" }\n}",
            "keeps states itself",
        ),
        (
            "provider \"openstack\" {}\ndisco {\n  state \"local\" { path = \"../../x.json\" }\n}",
            "outside of the project",
        ),
    ];
    for (text, message) in refused {
        let found = checked(text);
        assert!(found.contains(message) && found.contains("disco::not_in_a_service"), "{text}: {found}");
        let put = "PUT /v1/projects/one/files/one.disco.hcl";
        assert_eq!(team.asks(0, &token, put, &[("If-Match", "*")], text).status, 204);
        let plan = team.asks(0, &token, "POST /v1/projects/one/plans", &[], "{}");
        assert_eq!(plan.status, 422, "{text}: {}", plan.body);
    }
    assert!(!checked("provider \"openstack\" { cloud = \"lab\" }").contains("not_in_a_service"));
    // Neither by a path nor by a link; what is in the project is read.
    let tenants = team.folder.file("tenants/lab");
    let tenant = std::fs::read_dir(&tenants).unwrap().next().unwrap().unwrap().path();
    std::fs::write(team.folder.file("outside"), "hunter2").unwrap();
    std::fs::write(tenant.join("one/inside"), "inner").unwrap();
    std::os::unix::fs::symlink(team.folder.file("outside"), tenant.join("one/link")).unwrap();
    let secret = team.folder.file("outside").display().to_string();
    let outside = [
        format!("file(\"{secret}\")"),
        "file(\"../../../../outside\")".to_owned(),
        "file(\"link\")".to_owned(),
        "file(\"~/outside\")".to_owned(),
        "templatefile(\"../../../../outside\", {})".to_owned(),
        "join(\",\", fileset(\"../../..\", \"*\"))".to_owned(),
        "filesha256(\"/etc/passwd\")".to_owned(),
        "fileexists(\"/etc/passwd\") ? \"a\" : \"b\"".to_owned(),
    ];
    for read in outside {
        let found = checked(&format!("provider \"openstack\" {{}}\noutput \"x\" {{\n  value = {read}\n}}\n"));
        assert!(found.contains("outside of the project") || found.contains("HOME is not set"), "{read}: {found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
    let inside = checked("provider \"openstack\" {}\noutput \"x\" {\n  value = file(\"inside\")\n}\n");
    assert!(!inside.contains("outside of the project"), "{inside}");
    for block in ["disco {\n  catalogues = [\"../..\"]\n}", "module \"m\" {\n  source = \"../../..\"\n}"] {
        let found = checked(&format!("provider \"openstack\" {{}}\n{block}\n"));
        assert!(found.contains("outside of the project"), "{block}: {found}");
    }
    let embedded = Team::with(&[("lab", &cloud)], "  embedded = true", "", "");
    embedded.makes_lab(0, &token, "one");
    let body = json!({"files": {"one.disco.hcl": "provider \"local\" {}"}}).to_string();
    let answer = embedded.asks(0, &token, "POST /v1/projects/one/check", &[], &body);
    assert!(!answer.body.contains("not_in_a_service"), "{}", answer.body);
}

/// The old clients come by another door: the same roles, limits and audit hold behind it.
#[test]
fn the_service_manager_lets_nobody_do_more() {
    let cloud = Cloud::serve();
    let token = cloud.token();
    let send = |team: &Team<'_>, request: &str, more: &[(&'static str, &'static str)]| {
        let mut headers = super::team::headers(&token);
        headers.extend(more);
        team.service.send(request, &headers, "")
    };
    let creating = [
        ("Category", super::occi_exchanges::CATEGORY),
        ("Content-type", "text/occi"),
        ("X-OCCI-Attribute", "icclab.disco.deployer.type=\"FileDeployer\""),
    ];
    let occi = "occi {\n  image = \"debian-12\"\n  master_flavor = \"m1.large\"\n  slave_flavor = \"m1.large\"\n}\n";
    let sees = Team::with(&[("lab", &cloud)], "", "  see = [\"member\"]\n  work = [\"operator\"]\n", occi);
    assert_eq!(send(&sees, "GET /disco/", &[]).status, 200);
    for (request, more) in [("POST /disco/", &creating[..]), ("DELETE /disco/nothing", &[])] {
        let refused = send(&sees, request, more);
        assert_eq!(refused.status, 403, "{request}: {}", refused.body);
    }
    assert_eq!(send(&sees, "GET /disco/", &[]).header("x-occi-location"), None, "nothing was made");

    let manages = Team::with(&[("lab", &cloud)], "", "  manage = [\"member\"]\n", occi);
    assert_eq!(send(&manages, "POST /disco/", &creating).status, 201);
    let audit = manages.asks(0, &token, "GET /v1/audit", &[], "").json();
    let first = &audit["items"][0];
    assert_eq!((&first["what"], &first["outcome"]), (&json!("POST /disco/"), &json!(201)), "{audit}");
    // What only looks is no change, however it is asked.
    manages.asks(0, &token, "POST /v1/suggestions", &[], "{}");
    let again = manages.asks(0, &token, "GET /v1/audit", &[], "").json();
    assert_eq!(again["items"].as_array().unwrap().len(), audit["items"].as_array().unwrap().len());

    let few = Team::with(&[("lab", &cloud)], "", "", "limits {\n  requests = 1\n  burst = 2\n}\n");
    let statuses: Vec<u16> = (0..8).map(|_| send(&few, "GET /disco/", &[]).status).collect();
    assert!(statuses[0] == 200 && statuses.contains(&503), "{statuses:?}");
}
